"""The quiz in a browser: every choice answers, by mouse and keyboard, in both themes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from convlib.widgets import Quiz, quiz
from tests.site import harness

NAME = "01_convolution_integral"


@pytest.mark.parametrize("name", quiz.names())
def test_every_choice_has_its_answer(mounted, name):
    """Each choice of each question shows its own answer, marked right or wrong; the last state is all right."""
    widget = Quiz(name)
    place = mounted(widget)
    for number, question in enumerate(widget.questions):
        block = place.locator("fieldset").nth(number)
        shown = set()
        order = sorted(range(len(question["choices"])), key=lambda i: question["choices"][i]["correct"])
        for index in order:
            block.locator("input").nth(index).check()
            answer = block.locator(".answer:visible")
            expect(answer).to_have_count(1)
            expect(answer).to_contain_text("Right." if question["choices"][index]["correct"] else "Not quite.")
            shown.add(answer.inner_text())
        assert len(shown) == len(question["choices"])
    total = len(widget.questions)
    expect(place.get_by_role("status")).to_have_text(f"{total} of {total} solved, 0 at the first try.")
    assert harness.trait(place, "right_first") == 0


def test_first_tries_are_counted(mounted):
    """Right at once counts; right in the end does not; starting again forgets."""
    widget = Quiz(NAME)
    place = mounted(widget)
    for number, question in enumerate(widget.questions):
        right = [choice["correct"] for choice in question["choices"]].index(True)
        block = place.locator("fieldset").nth(number)
        if number == 0:
            block.locator("input").nth(right - 1).check()
        block.locator("input").nth(right).check()
    total = len(widget.questions)
    expect(place.get_by_role("status")).to_have_text(f"{total} of {total} solved, {total - 1} at the first try.")
    assert harness.trait(place, "right_first") == total - 1
    place.get_by_role("button", name="Start again").click()
    expect(place.locator(".answer:visible")).to_have_count(0)
    assert harness.trait(place, "right_first") == 0


def test_keyboard(mounted, page: Page):
    """Tab goes from question to question, Space and arrows choose, and the answer is announced."""
    place = mounted(Quiz(NAME))
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(place.locator(".answer:visible")).to_contain_text("Not quite.")
    page.keyboard.press("ArrowDown")
    expect(place.locator(".enter:visible")).to_have_text("Press Enter to answer.")
    expect(place.locator(".answer:visible")).to_contain_text("Not quite.")
    page.keyboard.press("Enter")
    expect(place.locator(".answer:visible")).to_contain_text("Right.")
    expect(place.locator("[aria-live=polite]").first).to_contain_text("Right.")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(place.locator("fieldset").nth(1).locator(".answer:visible")).to_have_count(1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessibility(mounted, page: Page, theme):
    """axe-core finds nothing serious, with answers shown."""
    place = mounted(Quiz(NAME), theme=theme)
    place.locator("input").first.check()
    place.locator("fieldset").nth(1).locator("input").nth(2).check()
    assert harness.serious_violations(page) == []


def test_phone(mounted, page: Page):
    """At 390 pixels nothing sticks out."""
    page.set_viewport_size({"width": 390, "height": 844})
    mounted(Quiz(NAME))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
