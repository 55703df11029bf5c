"""SumOfCopies in the page: strips that are touched, copies that are added, by mouse, finger and keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.widgets import SumOfCopies
from tests.site import harness
from tests.site.harness import Fingers, Point


def middle(place: Locator, strip: int) -> Point:
    """Middle of a strip."""
    box = place.locator(".strips rect").nth(strip).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_strip_and_its_copy(mounted, page: Page):
    """Hovering shows it, a click pins it, the chip and a click elsewhere let go."""
    widget = SumOfCopies()
    place = mounted(widget)
    sentence = place.locator(".sentence")
    at = middle(place, 5)
    page.mouse.move(*at)
    expect(sentence).to_have_text("The strip at τ = 0.19 has area 0.125: it adds 0.125 · g(t − 0.19).")
    expect(place.locator(".copy.shown")).to_have_count(1)
    expect(place.get_by_text("g, unscaled")).to_be_visible()
    page.mouse.click(*at)
    page.mouse.move(5, 5)
    expect(place.locator(".strips .shown")).to_have_count(1)
    place.get_by_role("button", name="strip 6").click()
    expect(sentence).to_have_text(widget.sentence())
    expect(place.get_by_text("g, unscaled")).to_be_hidden()
    page.mouse.click(*at)
    page.locator("h1").click()
    expect(sentence).to_have_text(widget.sentence())


def test_a_finger_sweeps(mounted, page: Page):
    """While it is down it shows the strip under it; a tap pins; the page scrolls up and down only."""
    page.set_viewport_size({"width": 390, "height": 664})
    place = mounted(SumOfCopies(strips=4))
    fingers = Fingers(page)
    for k, kind in enumerate(("touchStart", "touchMove", "touchMove")):
        fingers.send(kind, middle(place, k))
    expect(place.locator(".sentence")).to_contain_text("The strip at τ = 0.13")
    fingers.send("touchEnd")
    expect(place.locator(".sentence")).to_contain_text("Largest gap")


def test_play_adds_copy_by_copy(mounted, page: Page):
    """From none to all, one after the other; all stays all when there are more strips."""
    place = mounted(SumOfCopies(strips=3))
    place.evaluate("node => { node.seen = []; node.model.on('change:upto', (_, upto) => node.seen.push(upto)); }")
    place.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('.cl-live').seen.includes(-1)")
    assert sorted(place.evaluate("node => [...new Set(node.seen)]")) == [-1, 0, 1, 2, 3]
    assert harness.trait(place, "upto") == -1
    expect(place.get_by_role("button", name="Play")).to_be_visible()
    harness.set_trait(place, "strips", 32)
    expect(place.locator(".transport .value").first).to_have_text("32 of 32")
    expect(place.locator(".sentence")).to_have_text(SumOfCopies(strips=32).sentence())


def test_keyboard(mounted, page: Page):
    """Arrows go from strip to strip, and are spoken; Escape lets go; both sliders and lists; Reset."""
    place = mounted(SumOfCopies())
    surface = place.get_by_role("slider", name="strip", exact=True)
    surface.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(surface).to_have_attribute(
        "aria-valuetext", "The strip at τ = −0.31 has area 0.125: it adds 0.125 · g(t + 0.31)."
    )
    page.keyboard.press("Escape")
    expect(surface).to_have_attribute("aria-valuetext", "none")
    place.get_by_role("slider", name="copies", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    assert harness.trait(place, "upto") == 7
    place.get_by_role("slider", name="strips", exact=True).focus()
    page.keyboard.press("End")
    assert harness.trait(place, "strips") == 64
    place.get_by_label("g", exact=True).select_option("gaussian")
    harness.set_trait(place, "upto", -1)
    expect(place.locator(".sentence")).to_have_text(SumOfCopies(strips=64, g="gaussian").sentence())
    place.get_by_role("button", name="Reset").click()
    assert [harness.trait(place, name) for name in ("g", "strips", "upto")] == ["exponential", 8, -1]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessibility(mounted, page: Page, theme):
    """axe-core finds nothing serious."""
    mounted(SumOfCopies(upto=5), theme=theme)
    assert harness.serious_violations(page) == []


def test_room(mounted, page: Page):
    """As high as Python says; on a phone all within 560 pixels; nothing sticks out."""
    widget = SumOfCopies(f="burst", g="triangle", strips=64)
    place = mounted(widget)
    for _, expected in harness.rooms(place, widget):
        assert harness.height_of(place, expected) == pytest.approx(expected, abs=6)
        assert expected <= 560
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
