"""ProductGrid in the page: touching diagonals, loading dice, playing, by mouse, finger and keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.widgets import ProductGrid
from tests.site import harness
from tests.site.harness import Fingers, Point


def cell(place: Locator, i: int, j: int, columns: int = 6) -> Point:
    """Middle of a cell of the table, counted from 0."""
    box = place.locator(".cells rect.cell").nth(i * columns + j).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.fixture
def phone(page: Page) -> Page:
    """A page of a phone's width."""
    page.set_viewport_size({"width": 390, "height": 664})
    return page


def test_touching_lights_a_diagonal(mounted, page: Page):
    """A cell, or a bar; and a drag sweeps."""
    place = mounted(ProductGrid())
    at = cell(place, 1, 2)
    page.mouse.click(*at)
    assert harness.trait(place, "n") == 5
    expect(place.locator(".sentence")).to_have_text("Total 5: (1, 4), (2, 3), (3, 2), (4, 1): 4 of 36.")
    expect(place.locator(".cells .lit")).to_have_count(4)
    bar = place.locator(".outputs g").nth(9).locator("rect")
    with harness.held(page, harness.middle(bar)):
        assert harness.trait(place, "n") == 11
        box = bar.bounding_box()
        page.mouse.move(box["x"] - box["width"] * 2.5, box["y"])
    assert harness.trait(place, "n") == 8
    page.mouse.click(*at, button="right")
    assert harness.trait(place, "n") == 8


def test_a_diagonals_cells_are_the_bars_bricks(mounted, page: Page):
    """As wide, as high, in the same colour; together as high as the bar: when they have landed."""
    page.emulate_media(reduced_motion="reduce")
    place = mounted(ProductGrid(a=[1, 2, 1], b=[3, 1], n=3))
    size = "nodes => nodes.map(n => [n.getAttribute('width'), n.getAttribute('height'), getComputedStyle(n).fill])"
    lit = place.locator(".cells .lit rect:not(.cell)").evaluate_all(size)
    bricks = place.locator(".stack rect").evaluate_all(size)
    assert [(brick[0], brick[2]) for brick in bricks] == [(fill[0], fill[2]) for fill in lit]
    heights = [[float(part[1]) for part in parts] for parts in (lit, bricks)]
    assert heights[1] == pytest.approx([heights[0][0], heights[0][1] - 1], abs=0.11)
    bar = float(place.locator(".outputs .lit rect").get_attribute("height"))
    assert sum(heights[0]) == pytest.approx(bar, abs=0.15)


def test_bricks_fly(mounted, page: Page):
    """They start in their cells and end in the bar."""
    place = mounted(ProductGrid(n=3))
    page.evaluate("() => { window.seen = new Set(); }")
    page.evaluate(
        """() => {
            const note = () => {
                const brick = document.querySelector(".stack rect");
                if (brick) window.seen.add(brick.getAttribute("y"));
                requestAnimationFrame(note);
            };
            note();
        }"""
    )
    harness.set_trait(place, "n", 7)
    page.wait_for_function("window.seen.size > 3")
    foot = place.locator(".outputs .lit rect")
    expect(place.locator(".stack rect").first).to_have_attribute(
        "y", f"{float(foot.get_attribute('y')) + float(foot.get_attribute('height')) * 5 / 6:.1f}"
    )


def test_loading_a_die_with_a_finger(mounted, phone: Page):
    """The page stays where it is, the chances follow, and Reset brings all back; a cancelled drag restores."""
    place = mounted(ProductGrid(n=7))
    phone.evaluate("document.body.style.height = '3000px'")
    box = place.locator(".grip.b").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    up = [(x, y - step) for step in (0, 8, 16, 24)]
    Fingers(phone).stroke(*up, end="touchCancel")
    assert harness.trait(place, "b") == [1.0] * 6
    Fingers(phone).stroke(*up)
    chances = harness.trait(place, "b")
    assert chances[0] == pytest.approx(0.47, abs=0.011)
    assert chances[1] == pytest.approx((1 - chances[0]) / 5)
    assert phone.evaluate("scrollY") == 0
    expect(place.locator(".sentence")).to_contain_text("%")
    place.get_by_role("button", name="Reset").click()
    assert harness.trait(place, "b") == [1.0] * 6
    Fingers(phone).stroke(cell(place, 0, 0), cell(place, 0, 3), cell(place, 0, 5))
    assert harness.trait(place, "n") == 7


def test_keyboard(mounted, page: Page):
    """The slider moves n; one bar of each side takes part in Tab, arrows change it, Page keys go to the others."""
    place = mounted(ProductGrid(a=[1, 2, 3], b=[4, 5], start=0, mode="numbers"))
    page.keyboard.press("Tab")
    page.keyboard.press("PageDown")
    for key, then in [("ArrowLeft", 1.5), ("ArrowDown", 1), ("ArrowUp", 1.5), ("ArrowRight", 2), ("ArrowRight", 2.5)]:
        page.keyboard.press(key)
        assert harness.trait(place, "a") == [1, then, 3]
    page.keyboard.press("Tab")
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowLeft")
    assert harness.trait(place, "b") == [4, 4.5]
    expected = "b[1]; right: more, left: less, Page Up and Page Down: the others"
    expect(page.locator(":focus")).to_have_attribute("aria-label", expected)
    expect(page.locator(":focus")).to_have_attribute("aria-valuetext", "4.5")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert harness.trait(place, "n") == 1
    expect(place.locator("[aria-live]")).to_have_text("n = 1: 1 · 4.5 + 2.5 · 4 = 14.5.")


def test_fingers_hit_the_grips(mounted, phone: Page):
    """At a phone's width each is at least 24 pixels wide and high."""
    place = mounted(ProductGrid())
    boxes = [grip.bounding_box() for grip in place.locator(".grip").all()]
    assert len(boxes) == 12
    assert min(min(box["width"], box["height"]) for box in boxes) >= 24


def test_play(mounted, page: Page):
    """Play sweeps the diagonals; those to come are only outlined until it ends."""
    place = mounted(ProductGrid(a=[1], b=[1, 1, 1], n=4))
    place.evaluate("node => { node.seen = []; node.model.on('change:n', (_, n) => node.seen.push(n)); }")
    place.get_by_role("button", name="Play").click()
    page.wait_for_selector(".outputs .awaited")
    expect(place.get_by_role("button", name="Play")).to_be_visible()
    assert place.evaluate("node => node.seen") == [2, 3, 4]
    expect(place.locator(".outputs .awaited")).to_have_count(0)


def test_python_changes_everything(mounted):
    """Lengths, start and mode may change while it is shown."""
    place = mounted(ProductGrid())
    for name, value in {"a": "[1, 1]", "b": "[2]", "start": "4"}.items():
        place.evaluate("(node, [name, value]) => node.model.set(name, JSON.parse(value))", [name, value])
    harness.set_trait(place, "n", 9)
    expect(place.locator(".sentence")).to_have_text("Total 9: (5, 4): 1 of 2.")
    expect(place.locator("input[type=range]")).to_have_attribute("max", "9")
    expect(place.locator(".grip")).to_have_count(3)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessibility(mounted, page: Page, theme):
    """axe-core finds nothing serious."""
    mounted(ProductGrid(n=7), theme=theme)
    assert harness.serious_violations(page) == []


@pytest.mark.parametrize("traits", [{"n": 7}, {"a": [1, 2, 3], "b": [4, 5], "start": 0, "mode": "numbers"}], ids=str)
def test_room(mounted, page: Page, traits):
    """As high as Python says; on a phone the slider is within 560 pixels of the picture's top; nothing sticks out."""
    widget = ProductGrid(**traits)
    place = mounted(widget)
    for width, expected in harness.rooms(place, widget):
        assert harness.height_of(place, expected) == pytest.approx(expected, abs=6)
        top, slider = place.locator("svg").bounding_box(), place.get_by_role("button", name="Play").bounding_box()
        assert width > 358 or slider["y"] + slider["height"] - top["y"] <= 560
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
