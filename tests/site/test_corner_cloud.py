"""CornerCloud in the page: the window dragged by mouse, finger and keys, what it shows, and that it is NumPy's."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.widgets import CornerCloud
from convlib.widgets.corner_cloud import CLOUD, PLACES, PLANE, scientific
from tests.site import harness
from tests.site.harness import Fingers


def numbers(place: Locator) -> list[str]:
    """What the panel of numbers says: the verdict, the four moments, both roots, R."""
    return place.locator(".numbers :is(.verdict, .bracket span, b)").all_text_contents()


def expected(widget: CornerCloud) -> list[str]:
    """The same by Python."""
    moments = [f"{value:.0f}" for value in widget.tensor.ravel()]
    roots = [f"{math.sqrt(value):.1f}" for value in widget.eigenvalues]
    texts = [widget.verdict, *moments, *roots, scientific(widget.response)]
    return ["0" if text == "-0" else text.replace("-", "−") for text in texts]


def middle(place: Locator) -> tuple[float, float]:
    """Where on the screen the window's middle is."""
    box = place.locator(".grip").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def centre(place: Locator) -> tuple[int, int]:
    """The window's middle in pixels of the photograph, from what is drawn."""
    names = ("x", "y", "width")
    x, y, side = (float(place.locator("rect.edge").get_attribute(name)) for name in names)
    return int(y + (side - 1) / 2), int(x + (side - 1) / 2)


def test_all_that_is_shown_is_numpys(mounted, page: Page):
    """Numbers, points, ellipse, the plane's point and arrows, at each named place and elsewhere."""
    place = mounted(CornerCloud())
    widget = CornerCloud()
    settings = [{"where": name} for name in PLACES] + [{"where": "own", "row": 0, "column": 95, "reach": 11, "k": 0.12}]
    for traits in settings:
        for name, value in traits.items():
            setattr(widget, name, value)
            harness.set_trait(place, name, value)
        assert numbers(place) == expected(widget)
        assert centre(place) == widget.centre
        expect(place.locator(".sentence")).to_have_text(widget.sentence())
        size = float(place.locator(".cloud svg").get_attribute("viewBox").split()[2])
        unit = size / 2 / CLOUD
        drawn = re.findall(r"M([\d.]+) ([\d.]+)h0", place.locator(".points").get_attribute("d"))
        points = size / 2 + np.clip(widget.points, -CLOUD, CLOUD) * unit
        np.testing.assert_allclose(np.array(drawn, dtype=float), points, atol=0.051)
        ellipse = place.locator("ellipse")
        axes = [float(ellipse.get_attribute(name)) / unit for name in ("rx", "ry")]
        np.testing.assert_allclose(axes, 2 * np.sqrt(widget.eigenvalues), atol=0.02)
        point = place.locator("circle.point")
        at = float(point.get_attribute("cx")), size - float(point.get_attribute("cy"))
        np.testing.assert_allclose(at, np.sqrt(widget.eigenvalues) * size / PLANE, atol=0.051)
        arrows = place.locator(".arrows").get_attribute("d").count("L")
        assert arrows == np.count_nonzero(np.hypot(*widget.points.T) >= 5)


def test_dragging_the_window(mounted, page: Page):
    """It goes with the mouse; a press elsewhere calls it; the photograph's rim stops it; Reset brings it back."""
    place = mounted(CornerCloud())
    frame = place.locator(".photograph .frame").bounding_box()
    unit = frame["width"] / 170
    x, y = middle(place)
    with harness.held(page, (x, y), (x + 20 * unit, y - 30 * unit)):
        assert centre(place) == (70, 89)
        page.mouse.move(x + 900, y - 900)
    assert centre(place) == (7, 162)
    assert [harness.trait(place, name) for name in ("row", "column", "where")] == [7, 162, "own"]
    expect(place.locator(".segments input:checked")).to_have_count(0)
    page.mouse.click(frame["x"] + 30.5 * unit, frame["y"] + 50.5 * unit)
    harness.settled(place)
    assert centre(place) == (50, 30)
    assert numbers(place) == expected(CornerCloud(where="own", row=50, column=30))
    place.locator(".segments").get_by_text("edge").click()
    harness.settled(place)
    assert centre(place) == PLACES["edge"]
    place.get_by_role("button", name="Reset").click()
    harness.settled(place)
    assert centre(place) == PLACES["corner"]


def test_a_finger(mounted, page: Page):
    """It drags the window without moving the page, a drag that is taken away leaves no trace, a tap calls it."""
    page.set_viewport_size({"width": 390, "height": 664})
    place = mounted(CornerCloud())
    page.evaluate("document.body.style.height = '3000px'")
    fingers = Fingers(page)
    unit = place.locator(".photograph .frame").bounding_box()["width"] / 170
    x, y = middle(place)
    fingers.drag(x, y, 20 * unit, -30 * unit)
    harness.settled(place)
    assert centre(place) == (70, 89)
    fingers.send("touchCancel")
    harness.settled(place)
    assert (centre(place), harness.trait(place, "where")) == (PLACES["corner"], "corner")
    fingers.drag(x, y, 20 * unit, -30 * unit)
    fingers.send("touchEnd")
    harness.settled(place)
    assert centre(place) == (70, 89)
    assert page.evaluate("scrollY") == 0
    box = place.locator(".photograph .frame").bounding_box()
    fingers.send("touchStart", (box["x"] + 40.5 * unit, box["y"] + 140.5 * unit))
    fingers.send("touchEnd")
    harness.settled(place)
    assert centre(place) == (140, 40)
    fingers.drag(box["x"] + 100 * unit, box["y"] + 150 * unit, 0, -120)  # beside the window: that is for the page
    fingers.send("touchEnd")
    page.wait_for_function("scrollY > 0")
    harness.settled(place)
    assert centre(place) == (140, 40)


def test_keyboard(mounted, page: Page):
    """Arrows move the window, with Shift by 8, and say what it is; in the enlarged window, from pixel to pixel."""
    place = mounted(CornerCloud())
    place.locator(".grip").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "Shift+ArrowDown", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    harness.settled(place)
    assert centre(place) == (107, 63)
    there = CornerCloud(where="own", row=107, column=63)
    _, _, _, _, _, *roots, response = expected(there)
    found = f"{there.verdict}: √λ₁ = {roots[0]}, √λ₂ = {roots[1]}, R = {response}"
    expect(place.locator("[aria-live]")).to_have_text(found)
    expect(place.locator(".grip")).to_have_attribute("aria-label", re.compile(f"row 107, column 63: {there.verdict}"))
    page.keyboard.press("Tab")
    for key in ("ArrowLeft", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    right, down = np.floor(10 * there.points[5 * 13 + 5] + 0.5) / 10  # slopes are eighths: ties go up, as on the page
    said = f"slope {right:.1f} to the right, {down:.1f} downwards".replace("-", "−")
    expect(place.locator(".sentence")).to_contain_text(said)
    expect(place.locator(".chip")).to_contain_text("✕ pixel")
    page.keyboard.press("Escape")
    expect(place.locator(".sentence")).to_have_text(there.sentence())


def test_a_pixel_and_its_point(mounted, page: Page):
    """Touch one of the window's pixels, and its point of the cloud is ringed; touch the point, and so is the pixel."""
    place = mounted(CornerCloud(where="edge"))
    box = place.locator(".window svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 6.5 / 13, box["y"] + box["height"] * 6.5 / 13)
    harness.settled(place)
    ring = place.locator("circle.chosen")
    size = float(place.locator(".cloud svg").get_attribute("viewBox").split()[2])
    point = size / 2 * (1 + CornerCloud(where="edge").points[6 * 13 + 6] / CLOUD)
    at = [float(ring.get_attribute(name)) for name in ("cx", "cy")]
    np.testing.assert_allclose(at, point, atol=0.051)
    cloud = place.locator(".cloud svg").bounding_box()
    page.mouse.click(cloud["x"] + point[0], cloud["y"] + point[1])
    chosen = place.locator("rect.chosen")
    expect(chosen).to_have_attribute("data-shown", "yes")
    assert [chosen.get_attribute(name) for name in ("x", "y")] == ["6", "6"]
    place.locator(".segments").get_by_text("flat").click()
    expect(chosen).to_have_attribute("data-shown", "no")


def test_map_of_r(mounted, page: Page):
    """Coloured where R is beyond its threshold and nowhere else; drawn anew for another window or another k."""
    place = mounted(CornerCloud())
    place.get_by_text("map of R").click()
    for traits in ({}, {"reach": 3}, {"k": 0.15}):
        for name, value in traits.items():
            harness.set_trait(place, name, value)
        harness.settled(place)
        coloured = harness.pixels(place.locator(".heat"))[..., 3] > 0
        widget = CornerCloud(**{"reach": 6, **{name: harness.trait(place, name) for name in ("reach", "k")}})
        beyond = np.abs(widget.response_map) > 3000
        assert np.count_nonzero(beyond != coloured) <= 3  # rounding at the very border


@pytest.mark.parametrize("show", [[], ["photograph", "cloud", "words"], ["window", "plane"]], ids=len)
def test_room(mounted, page: Page, show):
    """As high as Python says at every place; on a phone, photograph, cloud and all controls are on one screen."""
    widget = CornerCloud(show=show)
    place = mounted(widget)
    for width, expected_height in harness.rooms(place, widget):
        for where in PLACES:
            harness.set_trait(place, "where", where)
            height = harness.height_of(place, expected_height)
            assert abs(height - expected_height) <= 6, (width, where)
        if width == 358 and not show:
            top, last = place.locator(".stage").bounding_box(), place.locator(".controls").bounding_box()
            assert last["y"] + last["height"] - top["y"] <= 560


def test_an_address_keeps_the_state(mounted, page: Page):
    """What Copy link would write comes back; what cannot be is said, and the rest is drawn."""
    mounted(CornerCloud())
    address = page.url.split("#")[0]
    page.goto(f"{address}#CornerCloud-1?where=own&row=20&column=169&reach=15&k=0.1&heat=true")
    place = page.locator(".cl-live").first
    harness.wait_for_trait(place, "row", "value === 20")
    assert centre(place) == CornerCloud(where="own", row=20, column=169, reach=15).centre
    expect(place.get_by_label("map of R")).to_be_checked()
    page.goto(f"{address}#CornerCloud-1?row=500&where=edge")
    harness.wait_for_trait(place, "where", "value === 'edge'")
    expect(page.locator(".cl-note")).to_have_text("Part of the link could not be read: row.")
