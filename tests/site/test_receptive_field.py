"""ReceptiveField in the page: the box, the handle on the stack, changed layers, by mouse, finger, keys and links."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.widgets import ReceptiveField
from convlib.widgets.receptive_field import PRESETS, SIZE, Layer, blob, fields, view
from tests.site import harness
from tests.site.harness import Fingers, order


def resting(place: Locator, widget: ReceptiveField) -> float:
    """Wait until as much is seen as this widget's box asks for; pixels of the screen a pixel."""
    seen = 2 * view(*widget.box)
    expect(place.locator(".frame")).to_have_attribute("data-seen", f"{seen:.1f}")
    harness.settled(place)
    return place.locator(".frame").bounding_box()["width"] / seen


def box(place: Locator) -> list[float]:
    """The drawn box: left, top, width, height in pixels of the screen, from the frame's corner."""
    return [float(place.locator("rect.edge").get_attribute(name)) for name in ("x", "y", "width", "height")]


def expected(widget: ReceptiveField, scale: float) -> list[float]:
    """The same by Python."""
    rows, columns = widget.box
    half = view(rows, columns)
    corner = [(start - SIZE / 2 + half) * scale for start in (columns.start, rows.start)]
    return [*corner, widget.field.size * scale, widget.field.size * scale]


def python(place: Locator) -> ReceptiveField:
    """A widget with the traits of the one in the page."""
    names = ("depth", "row", "column", "effective")
    layers = [str(Layer.of_code(code)) for code in harness.trait(place, "layers")]
    return ReceptiveField(layers=layers, **{name: harness.trait(place, name) for name in names})


def agrees(place: Locator) -> ReceptiveField:
    """Box, title, numbers, words and handle are Python's."""
    harness.settled(place)
    widget = python(place)
    scale = resting(place, widget)
    np.testing.assert_allclose(box(place), expected(widget, scale), atol=0.02)
    assert harness.trait(place, "stack") == widget.stack
    expect(place.locator(".sentence")).to_have_text(widget.sentence())
    lines = place.locator(".line")
    found = fields([Layer.read(text) for text in widget.layers])
    assert lines.locator(".r").all_text_contents() == [str(field.size) for field in found]
    assert lines.locator(".j").all_text_contents() == [str(field.jump) for field in found]
    depth = len(widget.looked_through)
    expect(place.locator(".rail")).to_have_attribute("aria-valuenow", str(depth))
    expect(place.locator(".line.now .r")).to_have_text(str(widget.field.size))
    row, column = widget.unit
    units = f"{row}, {column} of {widget.units} × {widget.units}"
    expect(place.locator(".title")).to_have_text(f"unit {units} behind layer {depth}" if depth else f"pixel {units}")
    return widget


def alpha(place: Locator, part: str) -> np.ndarray:
    """Opacity of a canvas, from 0 to 255."""
    return harness.pixels(place.locator(part))[..., 3]


def test_all_that_is_shown_is_pythons(mounted, page: Page):
    """Box, blob, bars, numbers and words, in every stack that has a name, chosen in the page; and behind no layer."""
    place = mounted(ReceptiveField(row=70))
    assert agrees(place).stack == "VGG-16"
    for name in (*PRESETS, "LeNet-5"):
        place.get_by_label("stack", exact=True).select_option(name)
        widget = agrees(place)
        assert (widget.stack, widget.layers) == (name, PRESETS[name])
        drawn, size = alpha(place, ".blob") / 255, widget.field.size
        block = -(-size // len(drawn))
        assert block == (2 if name == "ResNet-18" else 1), "pixels that are too small for the screen go together"
        exact = np.pad(blob(widget.counts)[..., 3], (0, block * len(drawn) - size))
        means = exact.reshape(len(drawn), block, len(drawn), block).mean(axis=(1, 3))
        np.testing.assert_allclose(drawn, means, atol=0.006)
        expect(place.locator(".recurrence .r, .recurrence .j")).to_have_text(widget.recurrence().split(", "))
        points = place.locator(".bars .now").get_attribute("points")
        across = [float(point.split(",")[0]) for point in points.split()]
        room = float(place.locator(".bars").get_attribute("viewBox").split()[2]) - 200
        assert max(across) - min(across) == pytest.approx(room, abs=0.1)  # the whole stack: as wide as there is room
        shown = place.locator(".lens").get_attribute("data-shown")
        assert shown == ("yes" if widget.field.size * resting(place, widget) < 64 else "no")
        if shown == "yes":  # under the lens, each pixel that no path reaches is as pale as the photograph alone
            pale = np.isclose(alpha(place, ".lens"), 153, atol=2)
            assert np.count_nonzero(~pale) == widget.reached**2
    harness.set_trait(place, "depth", 0)
    assert agrees(place).sentence() == "A pixel sees itself."
    place.get_by_label("effective field").uncheck()
    expect(place.locator(".blob")).to_be_hidden()
    expect(place.locator(".profile")).to_be_hidden()


def test_dragging_the_box(mounted, page: Page):
    """It goes from unit to unit; what reaches over the border is seen when it is let go; keys, a press, Reset."""
    place = mounted(ReceptiveField(stack="ResNet-18", depth=10))
    widget = agrees(place)
    scale = resting(place, widget)
    frame = place.locator(".frame").bounding_box()
    before = box(place)
    x, y = frame["x"] + before[0] + before[2] / 2, frame["y"] + before[1] + before[3] / 2
    assert widget.field.jump == 8
    with harness.held(page, (x, y), (x + 40 * scale, y), steps=40):
        assert box(place)[0] - before[0] == pytest.approx(40 * scale, abs=0.02)
        page.mouse.move(x + 42 * scale, y)
        harness.settled(place)
        assert box(place)[0] - before[0] == pytest.approx(40 * scale, abs=0.02)
        assert place.locator(".dots").get_attribute("d").count("h0") == 32**2
        page.mouse.move(frame["x"] + frame["width"] + 90, y - 900)
        harness.settled(place)
        expect(place.locator(".frame")).to_have_attribute("data-seen", "256.0")
    corner = agrees(place)
    assert corner.unit == (0, 31)
    assert view(*corner.box) > 128
    place.locator(".grip").focus()
    for key in ("ArrowDown", "ArrowDown", "Shift+ArrowLeft", "ArrowUp", "ArrowRight"):
        page.keyboard.press(key)
    assert agrees(place).unit == (1, 24)
    expect(place.locator(".grip")).to_have_attribute("aria-label", re.compile("unit 1, 24 of 32 × 32 .* sees 99 by 99"))
    scale = resting(place, python(place))
    page.mouse.click(frame["x"] + frame["width"] / 2 + 3 * scale, frame["y"] + frame["height"] / 2 + 90 * scale)
    assert agrees(place).unit == (27, 16)
    place.get_by_role("button", name="Reset").click()
    assert agrees(place).unit == (16, 16)


def test_the_handle_on_the_stack(mounted, page: Page):
    """By mouse, by keys, by Play and by the prose's orders; the box grows with it."""
    place = mounted(ReceptiveField())
    rail = place.locator(".rail")
    at = rail.bounding_box()
    step = at["height"] / 19
    x, bottom = at["x"] + at["width"] / 2, at["y"] + at["height"]
    with harness.held(page, (x, bottom - 18.5 * step)):
        for depth in (12, 7):
            page.mouse.move(x, bottom - (depth + 0.5) * step)
            assert len(agrees(place).looked_through) == depth
            thumb = place.locator(".thumb").bounding_box()
            line = place.locator(".line.now").bounding_box()
            assert thumb["y"] + thumb["height"] / 2 == pytest.approx(line["y"] + line["height"] / 2, abs=1)
    rail.focus()
    for key, depth in {"ArrowUp": 8, "ArrowLeft": 7, "PageUp": 11, "End": 18, "Home": 0, "ArrowRight": 1}.items():
        page.keyboard.press(key)
        assert harness.trait(place, "depth") == depth
    expect(place.locator("[aria-live]")).to_have_text(f"1 of 18 layers. {agrees(place).sentence()}")
    order(place, "play", **{"from": 2, "to": 6})
    harness.wait_for_trait(place, "depth", "value === 6")
    expect(place.get_by_role("button", name="Play")).to_be_visible()
    place.get_by_role("button", name="Play").click()
    harness.wait_for_trait(place, "depth", "value === 9")
    order(place, "pause")
    stopped = harness.trait(place, "depth")
    assert agrees(place).depth == stopped < 18


def test_changing_layers(mounted, page: Page):
    """Kernel, stride, dilation, kind, one more, one less; nothing that is refused; by mouse and by keys."""
    place = mounted(ReceptiveField(stack="LeNet-5", depth=2))
    lines = place.locator("button.line")
    expect(place.locator(".tools")).to_be_hidden()
    lines.nth(3).hover()
    expect(place.locator(".recurrence .r")).to_have_text("r = 14 + (2 − 1)·2 = 16")
    lines.nth(2).click()
    assert harness.trait(place, "depth") == 3, "what is changed is looked through"
    expect(place.locator(".chip")).to_have_text("✕ layer 3")

    def press(name: str, times: int = 1) -> None:
        for _ in range(times):
            place.get_by_role("button", name=name, exact=True).click()

    press("kernel down", 2)
    press("stride up")
    press("dilation up", 2)
    assert agrees(place).layers == ("conv 5", "pool 2 /2", "conv 3 /2 d3", "pool 2 /2", "conv 5")
    assert harness.trait(place, "stack") == "own"
    expect(place.locator(".recurrence")).to_contain_text("r = 6 + (3 − 1)·3·2 = 18j = 2·2 = 4")
    place.locator(".tools select").select_option("pool")
    press("add after")
    expect(place.locator(".chip")).to_have_text("✕ layer 4")
    assert agrees(place).layers == ("conv 5", "pool 2 /2", "pool 3 /2 d3", "conv 3", "pool 2 /2", "conv 5")
    assert harness.trait(place, "depth") == 4
    press("stride up", 3)
    expect(place.get_by_role("button", name="stride up")).to_have_attribute("aria-disabled", "true")
    place.get_by_role("button", name="stride up").click(force=True)
    assert agrees(place).layers[3] == "conv 3 /4"
    press("kernel up", 8)
    press("dilation up", 7)
    lines.nth(5).click()
    for name in ("stride up", "dilation up", "kernel up"):
        for _ in range(11):
            place.get_by_role("button", name=name).click(force=True)
    largest = agrees(place)
    assert largest.field.size <= 1023
    expect(place.get_by_role("button", name="dilation up")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Escape")
    expect(place.locator(".tools")).to_be_hidden()
    lines.nth(3).focus()
    page.keyboard.press("Delete")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Delete")
    assert agrees(place).layers[:3] == ("conv 5", "pool 2 /2", "pool 2 /2")
    assert page.evaluate("document.activeElement.matches('button.line')")
    page.keyboard.press("Enter")
    expect(place.locator(".chip")).to_be_visible()
    page.locator("h1").click()
    place.get_by_role("button", name="Reset").click()
    assert (agrees(place).layers, harness.trait(place, "depth")) == (PRESETS["LeNet-5"], 2)


def test_a_finger(mounted, page: Page):
    """On a phone: the handle, the box and a layer; the page stays, and what is taken away leaves no trace."""
    page.set_viewport_size({"width": 390, "height": 664})
    place = mounted(ReceptiveField())
    page.evaluate("document.body.style.height = '3000px'")
    fingers = Fingers(page)
    first, last = place.locator(".title").bounding_box(), place.locator(".rail").bounding_box()
    assert last["y"] + last["height"] - first["y"] <= 560, "cause and effect are on one screen"
    rail, step = last, last["width"] / 19
    x, y = rail["x"] + 18.5 * step, rail["y"] + rail["height"] / 2
    fingers.drag(x, y, -8 * step, 3)
    assert len(agrees(place).looked_through) == 10
    fingers.send("touchCancel")
    assert harness.trait(place, "depth") == 24
    fingers.drag(x, y, -6 * step, 3)
    fingers.send("touchEnd")
    widget = agrees(place)
    assert harness.trait(place, "depth") == 12
    grip = place.locator(".grip").bounding_box()
    scale = resting(place, widget)
    fingers.drag(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2, -32 * scale, 24 * scale)
    fingers.send("touchEnd")
    moved = agrees(place)
    assert np.subtract(moved.unit, widget.unit).tolist() == [3, -4]
    assert page.evaluate("scrollY") == 0
    frame = place.locator(".frame").bounding_box()
    fingers.send("touchStart", (frame["x"] + 30, frame["y"] + 40))
    fingers.send("touchEnd")
    assert agrees(place).unit != moved.unit
    column = place.locator("button.line").nth(6).bounding_box()
    fingers.send("touchStart", (column["x"] + column["width"] / 2, column["y"] + 30))
    fingers.send("touchEnd")
    expect(place.locator(".chip")).to_have_text("✕ layer 7")
    cut = place.locator(".line .name").evaluate_all(
        "names => names.filter((n) => n.scrollHeight > n.clientHeight + 1 || n.scrollWidth > n.clientWidth + 1).length"
    )
    assert cut == 0


@pytest.mark.parametrize("show", [[], ["picture", "words"], ["stack", "controls"]], ids=len)
def test_room(mounted, page: Page, show):
    """As high as Python says, whatever is shown and said, with a layer in the hand too."""
    widget = ReceptiveField(show=show)
    place = mounted(widget)
    for width, expected_height in harness.rooms(place, widget):
        for name in ("VGG-16", "two 3×3", "dilated 2 2 2"):
            harness.set_trait(place, "stack", name)
            for _ in range(2 if "stack" in (show or ["stack"]) else 1):
                height = harness.height_of(place, expected_height)
                assert abs(height - expected_height) <= 6, (width, name)
                if show != ["picture", "words"]:
                    place.locator("button.line").first.click()
                    harness.settled(place)


def test_prose_sets_the_stack(mounted, page: Page):
    """Links as they stand in a chapter: a stack by its name, layers in words, and orders."""
    links = ("stack=dilated 2 2 2&depth=24", "layers=conv 3,conv 3 /2,pool 2&depth=2", "stack=two 3×3&play=0..2")
    tags = [
        harness.book_links.start_tag(**harness.book_links.read(f"widget:ReceptiveField?{link}", ["ReceptiveField"]))
        for link in links
    ]
    place = mounted(ReceptiveField(depth=5), prose="".join(f"<p>{tag}link {i}</a></p>" for i, tag in enumerate(tags)))
    page.get_by_text("link 0").click()
    assert agrees(place).sentence() == ReceptiveField(stack="dilated 2 2 2").sentence()
    page.get_by_text("link 1").click()
    widget = agrees(place)
    assert (widget.layers, widget.depth) == (("conv 3", "conv 3 /2", "pool 2"), 2)
    page.get_by_text("link 2").click()
    harness.wait_for_trait(place, "depth", "value === 2")
    assert agrees(place).stack == "two 3×3"


def test_an_address_keeps_the_state(mounted, page: Page):
    """What Copy link would write comes back; what cannot be is said, and the rest is drawn."""
    mounted(ReceptiveField())
    address = page.url.split("#")[0]
    layers = ["conv 3 d2", "pool 2 /2", "conv 11 d8"]
    codes = [Layer.read(text).code for text in layers]
    page.goto(f"{address}#ReceptiveField-1?layers={codes}&stack=own&depth=3&row=9&column=255&effective=false")
    place = page.locator(".cl-live").first
    harness.wait_for_trait(place, "row", "value === 9")
    assert list(agrees(place).layers) == layers
    expect(place.get_by_label("effective field")).not_to_be_checked()
    page.goto(f"{address}#ReceptiveField-1?stack=LeNet-5&depth=3&layers=[704]")
    harness.wait_for_trait(place, "stack", "value === 'LeNet-5'")
    assert agrees(place).layers == PRESETS["LeNet-5"]
    expect(page.locator(".cl-note")).to_have_text("Part of the link could not be read: layers.")
    page.goto(f"{address}#ReceptiveField-1?layers={[703] * 24}")  # more than can be drawn: what fits is left
    harness.wait_for_trait(place, "stack", "value === 'own'")
    expect(place.locator(".line")).to_have_count(3)
