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
            answer = block.locator(".choice").nth(index).locator(".answer:visible")
            expect(answer).to_contain_text("Right." if question["choices"][index]["correct"] else "Not quite.")
            shown.add(answer.inner_text())
            expect(block.locator(".answer:visible")).to_have_count(len(shown))
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
            block.locator("input").nth((right + 1) % 4).check()
        block.locator("input").nth(right).check()
    total = len(widget.questions)
    expect(place.get_by_role("status")).to_have_text(f"{total} of {total} solved, {total - 1} at the first try.")
    assert harness.trait(place, "right_first") == total - 1
    place.get_by_role("button", name="Start again").click()
    expect(place.locator(".answer:visible")).to_have_count(0)
    assert harness.trait(place, "right_first") == 0


def wrong(widget: Quiz, number: int = 0) -> int:
    """A wrong choice that is followed by another one, or by the right one."""
    return next(i for i, choice in enumerate(widget.questions[number]["choices"]) if not choice["correct"])


def test_keyboard(mounted, page: Page):
    """Tab goes from question to question, Space and arrows choose, and the answer is announced."""
    widget = Quiz(NAME)
    place = mounted(widget)
    first = place.locator("fieldset").first
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    right = widget.questions[0]["choices"][0]["correct"]
    expect(first.locator(".answer:visible")).to_contain_text("Right." if right else "Not quite.")
    page.keyboard.press("ArrowDown")
    expect(place.locator(".enter:visible")).to_have_text("Press Enter to answer.")
    expect(first.locator(".answer:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(first.locator(".answer:visible")).to_have_count(2)
    words = first.locator(".choice").nth(1).locator(".answer").inner_text()
    expect(first.locator("[aria-live=polite]")).to_have_text(words)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(place.locator("fieldset").nth(1).locator(".answer:visible")).to_have_count(1)


def test_the_whole_row_answers(mounted, page: Page):
    """Its padding, too; and answers that are open stay where they are."""
    place = mounted(Quiz(NAME))
    block = place.locator("fieldset").first
    box = block.locator(".choice").nth(2).bounding_box()
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + 3)
    expect(block.locator(".choice").nth(2).locator(".answer")).to_be_visible()
    before = block.locator(".choice").nth(1).bounding_box()["y"]
    block.locator(".choice").nth(1).locator("label").click()
    assert block.locator(".choice").nth(1).bounding_box()["y"] == before


def test_some_questions_and_the_chapters_sum(mounted, page: Page):
    """A single one has no number; the last on the page adds up what all have come to."""
    one, two = Quiz(NAME, questions=[2]), Quiz(NAME, questions=[1, 3])
    mounted(one, two)
    page.wait_for_function("document.querySelectorAll('.cl-mount.mounted').length === 2")
    first, last = page.locator(".cl-live").first, page.locator(".cl-live").last
    expect(first.locator(".number")).to_have_count(0)
    expect(last.locator(".number")).to_have_count(2)
    right = [choice["correct"] for choice in one.questions[0]["choices"]].index(True)
    first.locator("input").nth(right).check()
    expect(first.get_by_role("status")).to_have_text("Solved at the first try.")
    expect(first.locator(".all")).to_have_text("")
    expect(last.locator(".all")).to_have_text("The questions so far: 1 of 3 solved, 1 at the first try.")


def test_answers_are_kept(mounted, page: Page):
    """When the page is loaded again in the same tab; starting again forgets them."""
    widget = Quiz(NAME)
    place = mounted(widget)
    place.locator("input").nth(wrong(widget)).check()
    page.reload()
    page.wait_for_selector(".cl-mount.mounted")
    expect(place.locator(".answer:visible")).to_contain_text("Not quite.")
    assert harness.trait(place, "tries")[0] == [wrong(widget)]
    place.get_by_role("button", name="Start again").click()
    page.reload()
    page.wait_for_selector(".cl-mount.mounted")
    expect(place.locator(".answer:visible")).to_have_count(0)


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
