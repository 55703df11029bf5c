"""Answer in the page: typing, checking, hints, solutions; kept while the tab is open."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.widgets import Answer, answer
from tests.site import harness

DICE, RC, FLIP = (Answer(f"01_convolution_integral/{name}") for name in ("two-dice", "rc-pulse", "flip-or-not"))


def give(place: Locator, text: str) -> Locator:
    """Type an answer, press Enter; gives the verdict."""
    place.get_by_role("textbox").fill(text)
    place.get_by_role("textbox").press("Enter")
    return place.locator(".verdict")


def test_wrong_answers_by_name_then_right(mounted):
    """A known mistake gets its sentence; after two tries the way is shown on demand; right counts."""
    place = mounted(DICE)
    field, how = place.get_by_role("textbox"), place.get_by_role("button", name="Show how")
    expect(field).to_have_attribute("aria-invalid", "false")
    expect(give(place, "2/36")).to_contain_text("Not quite. You counted {1, 4} and {2, 3} once each.")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(how).to_be_hidden()
    expect(give(place, "0.5")).to_contain_text("Not yet.")
    expect(how).to_be_visible()
    expect(place.locator(".more:visible")).to_have_count(0)
    expect(give(place, "0,111")).to_have_text("✓ Right.")
    assert [harness.trait(place, name) for name in ("tries", "solved")] == [3, True]
    how.click()
    expect(place.locator(".more:visible")).to_contain_text("four of 36")
    place.get_by_role("button", name="Start again").click()
    expect(place.locator(".verdict")).to_have_text("")
    expect(field).to_have_value("")
    assert [harness.trait(place, name) for name in ("text", "tries", "solved")] == ["", 0, False]


def test_first_try_and_what_cannot_be_read(mounted):
    """What cannot be read is no try."""
    place = mounted(RC)
    expect(give(place, "three quarters")).to_contain_text("could not be read as a number")
    assert harness.trait(place, "tries") == 0
    expect(give(place, "1 − e^−1.5 V")).to_have_text("✓ Right, at the first try.")
    expect(place.get_by_role("button", name="Hint")).to_be_hidden()


def test_a_solved_exercise_judges_what_is_typed(mounted):
    """A later wrong answer is called wrong, and stays in the field; then the right one is no first try."""
    place = mounted(DICE)
    field = place.get_by_role("textbox")
    expect(give(place, "1/9")).to_have_text("✓ Right, at the first try.")
    expect(give(place, "2/36")).to_contain_text("✗ Not quite.")
    expect(field).to_have_value("2/36")
    assert [harness.trait(place, name) for name in ("text", "tries", "solved")] == ["2/36", 2, False]
    expect(give(place, "4/36")).to_have_text("✓ Right.")
    expect(give(place, "dunno")).to_contain_text("could not be read")
    expect(field).to_have_value("dunno")


def test_enter_once_more_is_no_first_try(mounted):
    """Wrong, right, and the right one again."""
    place = mounted(DICE)
    expect(give(place, "5")).to_contain_text("✗")
    for _ in range(3):
        expect(give(place, "1/9")).to_have_text("✓ Right.")
    field = place.get_by_role("textbox")
    for _ in range(2):
        field.press("Enter")
        expect(place.locator(".verdict")).to_have_text("✓ Right.")
    assert harness.trait(place, "tries") == 2


def test_the_verdict_goes_when_the_text_changes(mounted):
    """It is about what stands there."""
    place = mounted(FLIP)
    expect(give(place, "1 2 3")).to_have_text("✗ Not yet. You gave 3 numbers; the answer has 5.")
    place.get_by_role("textbox").fill("1 2 3 4")
    expect(place.locator(".verdict")).to_have_text("")
    expect(place.get_by_role("textbox")).to_have_attribute("aria-invalid", "false")


def test_hint(mounted, page: Page):
    """Unasked it is not shown; by keyboard."""
    place = mounted(FLIP)
    hint = place.get_by_role("button", name="Hint")
    expect(place.locator(".more:visible")).to_have_count(0)
    hint.focus()
    page.keyboard.press("Enter")
    expect(place.locator(".more:visible")).to_contain_text("Launch one copy")
    expect(hint).to_have_attribute("aria-expanded", "true")


def test_kept_on_reload(mounted, page: Page):
    """On the static page, while the tab is open."""
    place = mounted(DICE)
    give(place, "4/36")
    page.reload()
    page.wait_for_selector(".cl-mount.mounted")
    expect(place.locator(".verdict")).to_contain_text("Right")
    assert harness.trait(place, "solved") is True


def test_no_storage_no_harm(mounted, page: Page):
    """A browser that keeps nothing."""
    page.add_init_script("Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('forbidden'); } })")
    place = mounted(DICE)
    expect(give(place, "1/9")).to_contain_text("Right")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessibility(mounted, page: Page, theme):
    """axe-core finds nothing serious, with a verdict shown."""
    place = mounted(DICE, theme=theme)
    expect(give(place, "5/36")).to_contain_text("One too many")
    place.get_by_role("button", name="Hint").click()
    assert harness.serious_violations(page) == []


def test_narrow(mounted, page: Page):
    """At 320 pixels nothing sticks out; a field for fractions has no keyboard of digits alone."""
    page.set_viewport_size({"width": 320, "height": 664})
    place = mounted(FLIP)
    give(place, "x" * 60)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    expect(place.get_by_role("textbox")).to_have_attribute("inputmode", "text")


@pytest.mark.parametrize("width", [358, 654, 790])
def test_room(mounted, page: Page, width):
    """Never lower than Python says, and at most a line higher or lower: letters differ."""
    page.set_viewport_size({"width": 390 if width == 358 else 1280, "height": 664})
    widgets = [Answer(name) for name in answer.names()]
    mounted(*widgets)
    page.add_style_tag(content=f".cl-live {{ width: {width}px; }} .cl-mount {{ min-height: 1px; }}")
    for place, widget in zip(page.locator(".cl-live").all(), widgets, strict=True):
        place.scroll_into_view_if_needed()
        place.locator(".cl-answer").wait_for()
        height = place.locator(".cl-answer").bounding_box()["height"]
        assert height == pytest.approx(widget.room()[[358, 654, 790].index(width)], abs=24), widget
