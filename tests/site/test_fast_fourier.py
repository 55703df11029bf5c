"""FastFourier in a browser: slots, heads of groups and samples, by mouse, by finger and by keyboard; its size."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.widgets import FastFourier
from convlib.widgets.fast_fourier import ROWS, SIGNALS, N, arrow_of, product, product_at
from tests.site import harness
from tests.site.harness import book_links, drag, middle, order, put, settled, trait

DEFAULT = FastFourier()
#: Samples whose values are long to write.
LONG = (-0.9, 0.8, -0.7, 0.9, 0.3, -0.8, -0.6, -0.9)


def number(part: Locator, name: str) -> float:
    return float(part.get_attribute(name))


def slot(place: Locator, row: int, column: int) -> Locator:
    """What is drawn in a slot of the upper three rows: row 0 stands in a group of its own."""
    part = "spectrum" if row == 0 else "tree"
    return place.locator(f"[data-part={part}]").first.locator("> .slot").nth(column + N * max(row - 1, 0))


def cell(place: Locator, row: int, column: int) -> Locator:
    return place.locator(f".cell[data-row='{row}'][data-column='{column}']")


def at(place: Locator, row: int, column: int) -> harness.Point:
    """Middle of a slot's circle."""
    return middle(slot(place, row, column).locator(".dial"))


def words(place: Locator) -> Locator:
    return place.locator(".sentence")


@pytest.mark.parametrize("width", [390, 1280])
def test_what_is_drawn_is_pythons(mounted, page: Page, width):
    """Every arrow and every sample; what is not computed is empty."""
    page.set_viewport_size({"width": width, "height": 800})
    for widget in (DEFAULT, FastFourier(signal="drawn", x=LONG, done=9), FastFourier(signal="alternating", done=0)):
        place = mounted(widget)
        for row in range(ROWS - 1):
            for column in range(N):
                here = slot(place, row, column)
                known = widget.filled[row, column]
                expect(here.locator(".head")).to_be_visible(visible=bool(known and abs(harness.arrow(here)) > 1))
                radius = number(here.locator(".dial"), "r")
                expected = radius * arrow_of(widget.stages[row, column], widget.scale)
                assert harness.arrow(here) == pytest.approx(expected, abs=0.02)
        for column, n in enumerate(widget.sample_order):
            stem = place.locator(".stem").nth(column)
            rise = number(stem, "y1") - number(stem, "y2")
            unit = number(place.locator(".grip").first, "height") / 2 - 16
            assert rise == pytest.approx(widget.samples[n] * unit, abs=0.06)
        expect(words(place)).to_have_text(widget.sentence())


def test_a_slot_is_gathered(mounted, page: Page):
    """Touch one: the two that it is made of, its partner, their sum; a click pins it, elsewhere lets go."""
    place = mounted(DEFAULT)
    page.mouse.move(*at(place, 0, 5))
    expect(words(place)).to_have_text(
        "x̂[5] = E[1] − ω·O[1] = 0.5 + 0.21i: O[1], 1/8 turn clockwise, then reversed; "
        "the same product, added, gives x̂[1]."
    )
    expected = {(0, 5): "chosen", (0, 1): "partner", (1, 1): "even", (1, 5): "odd"}
    for row, column in itertools.product(range(ROWS - 1), range(N)):
        kind = expected.get((row, column), "dim")
        assert kind in slot(place, row, column).get_attribute("class").split()
    expect(place.locator(".way[visibility=visible]")).to_have_count(4)
    expect(place.locator(".way.faint")).to_have_count(2)
    expect(place.locator("text.term:visible")).to_have_text(
        ["E[1] = 0.5 − 0.5i", "−ω·O[1] = 0.71i", "x̂[5] = 0.5 + 0.21i"]
    )
    page.mouse.click(*at(place, 0, 5))
    page.mouse.move(5, 5)
    expect(place.locator(".chip")).to_have_text("✕ x̂[5]")
    page.locator("h1").click()
    expect(words(place)).to_have_text(DEFAULT.sentence())
    expect(place.locator(".way[visibility=visible]")).to_have_count(0)


@pytest.mark.parametrize(("row", "column"), [(0, 3), (0, 7), (1, 1), (1, 7), (2, 5)])
def test_the_detail_adds_up(mounted, row, column):
    """The even value, the turned odd one from its tip, and their sum, on one scale; the other sum is faint."""
    widget = FastFourier(signal="drawn", x=LONG)
    place = mounted(widget)
    order(place, "look", value=f"r{row},{column}")
    arrows = {kind: place.locator(f".sum .of-{kind}:not(.faint)") for kind in ("input", "kernel", "output")}
    made, values = product(product_at(row, column)), widget.stages
    even = values[row + 1, made.even]
    turned = values[row, column] - even
    unit = abs(harness.arrow(arrows["output"])) / abs(values[row, column])
    for kind, value in (("input", even), ("kernel", turned), ("output", values[row, column])):
        assert harness.arrow(arrows[kind]) == pytest.approx(unit * value, abs=0.05)
    foot = arrows["kernel"].locator(".shaft")
    start = arrows["input"].locator(".shaft")
    joined = complex(number(foot, "x1") - number(start, "x1"), number(start, "y1") - number(foot, "y1"))
    assert joined == pytest.approx(unit * even, abs=0.05)
    other = place.locator(".sum .of-output.faint")
    assert harness.arrow(other) == pytest.approx(unit * (even - turned), abs=0.05)


def test_a_sample_is_scattered(mounted, page: Page):
    """Touch one: 2, 4 and 8 values, and its way up."""
    place = mounted(DEFAULT)
    column = DEFAULT.sample_order.index(6)
    place.locator(".grip").nth(column).hover()
    expect(words(place)).to_have_text(
        "x[6] = −0.5 reaches 2, then 4, then all 8 values. Its way up, odd, odd, even, spells 6 in binary: 110."
    )
    for row in range(ROWS - 1):
        reached = [c for c in range(N) if "reached" in slot(place, row, c).get_attribute("class").split()]
        size = N >> row
        assert reached == list(range(column - column % size, column - column % size + size))
    expect(place.locator(".fork.strong")).to_have_count(3)
    page.mouse.move(*middle(place.locator("[data-part=samples] .title").first))
    expect(words(place)).to_contain_text("x[0] = 1 reaches 2")
    page.mouse.move(5, 5)
    expect(place.locator(".fork.strong")).to_have_count(0)


def test_a_group_tells_what_it_is(mounted, page: Page):
    """Touch its head: its samples; by keys the heads are a tree."""
    place = mounted(DEFAULT)
    heads = place.locator(".group")
    expect(heads).to_have_count(7)
    heads.nth(5).hover()
    expect(words(place)).to_have_text(
        "OE is the DFT of x[1], x[5]: 2 values for 1 multiplication, 4 by the definition."
    )
    expect(place.locator(".tile.held .title")).to_have_text(["OE, even: x[1] x[5]"])
    page.mouse.move(5, 5)
    heads.first.focus()
    for key, said in (
        ("ArrowDown", "E is the DFT"), ("ArrowRight", "O is the DFT"), ("ArrowDown", "OE is"), ("End", "OO is"),
        ("ArrowDown", "OO is"), ("ArrowUp", "O is"), ("ArrowUp", "x̂ is"), ("ArrowUp", "x̂ is"),
    ):  # fmt: skip
        page.keyboard.press(key)
        expect(words(place)).to_contain_text(said)
    page.keyboard.press("Enter")
    expect(place.locator(".chip")).to_have_text("✕ x̂")


def test_keyboard(mounted, page: Page):
    """Slots, samples, the slider, the buttons, the list, Reset."""
    place = mounted(DEFAULT)
    cell(place, 0, 0).focus()
    page.keyboard.press("ArrowRight")
    expect(words(place)).to_contain_text("x̂[1] = E[1] + ω·O[1]")
    page.keyboard.press("ArrowDown")
    expect(words(place)).to_contain_text("E[1] = EE[1] + ω²·EO[1]")
    expect(cell(place, 1, 1)).to_have_attribute("aria-label", "E[1] = 0.5 − 0.5i")
    page.keyboard.press("Enter")
    expect(place.locator(".chip")).to_have_text("✕ E[1]")
    page.keyboard.press("Escape")
    place.get_by_role("slider", name="x[0]", exact=True).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(words(place)).to_contain_text("x[4] = 0.5 reaches 2, then 4, then all 8 values.")
    page.keyboard.press("ArrowUp")
    settled(place)
    assert trait(place, "signal") == "drawn"
    assert trait(place, "x") == [0.9, 0.5, 0, 0.5, 0.6, 0, -0.5, 0]
    thumb = place.get_by_role("slider", name="multiplications")
    thumb.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert trait(place, "done") == 1
    expect(thumb).to_have_attribute("aria-valuetext", "1 of 12")
    place.get_by_label("signal", exact=True).select_option("late impulse")
    expect(words(place)).to_have_text(FastFourier(signal="late impulse", done=1).sentence())
    place.get_by_role("button", name="Reset").click()
    assert [trait(place, name) for name in ("signal", "done")] == ["wave and step", 12]
    assert trait(place, "x") == list(DEFAULT.x)


@pytest.mark.parametrize("width", [390, 1280])
def test_dragging_a_sample(mounted, page: Page, width):
    """It follows the mouse in tenths, down to -1; the other samples stay what they were."""
    page.set_viewport_size({"width": width, "height": 800})
    place = mounted(FastFourier(signal="impulse"))
    column = DEFAULT.sample_order.index(3)
    x, y = middle(place.locator(".knob").nth(column))
    unit = number(place.locator(".grip").first, "height") / 2 - 16
    drag(page, (x, y), (x, y - 0.5 * unit))
    assert trait(place, "signal") == "drawn"
    assert trait(place, "x") == [1, 0, 0, 0.5, 0, 0, 0, 0]
    assert middle(place.locator(".knob").nth(column)) == pytest.approx((x, y - 0.5 * unit), abs=1)
    drag(page, (x, y - 0.5 * unit), (x, y + 300))
    assert trait(place, "x") == [1, 0, 0, -1, 0, 0, 0, 0]
    page.mouse.move(5, 5)
    expect(words(place)).to_contain_text("mirror")


def test_one_more(mounted, page: Page):
    """Each press one multiplication, two slots; at the end back to none. What is pinned stays."""
    place = mounted(FastFourier(done=10))
    more = place.locator(".more")
    expect(more).to_have_text("One more")
    for done in (11, 12):
        more.click()
        page.mouse.move(5, 5)
        expect(place.locator(".slot.open")).to_have_count(2 * (12 - done))
        expect(words(place)).to_have_text(FastFourier(done=done).sentence())
    expect(more).to_have_text("Back to 0")
    more.click()
    expect(place.locator(".slot.open")).to_have_count(24)
    order(place, "step")
    assert trait(place, "done") == 1
    order(place, "look", value="r0,5")
    more.click()
    expect(place.locator(".chip")).to_have_text("✕ x̂[5]")
    put(place, done=12)
    order(place, "step")
    assert trait(place, "done") == 12


def test_play_goes_step_by_step(mounted, page: Page):
    """From none to twelve, in order; prose may ask for some of them."""
    page.clock.install()
    place = mounted(DEFAULT)
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    place.evaluate("node => { node.seen = []; node.model.on('change:done', (_, k) => node.seen.push(k)); }")
    place.get_by_role("button", name="Play").click()
    page.clock.run_for(15_000)
    assert place.evaluate("node => node.seen") == list(range(13))
    place.evaluate("node => { node.seen = []; node.model.receive({ do: 'play', from: 4, to: 8 }); }")
    page.clock.run_for(6000)
    assert place.evaluate("node => node.seen") == [4, 5, 6, 7, 8]


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_product_turns(mounted, page: Page, motion):
    """The odd value begins as it is and ends turned; for readers who want less motion it is turned at once."""
    page.emulate_media(reduced_motion=motion)
    page.clock.install()
    place = mounted(FastFourier(done=5))
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    place.evaluate("node => node.model.receive({ do: 'step' })")
    page.clock.run_for(40)
    odd = place.locator(".sum .of-kernel:not(.faint)")
    first = harness.arrow(odd)
    page.clock.run_for(1000)
    last = harness.arrow(odd)
    assert abs(last) > 5
    np.testing.assert_allclose(last / abs(last), -1j, atol=0.01)  # 0.5 turned clockwise by 2/8
    if motion == "reduce":
        assert first == last
    else:
        assert (first / abs(first)).real > 0.9


LINKS = {
    "widget:FastFourier?done=0&look=r0,5": "x̂[5] = E[1] − ω·O[1]: O[1], 1/8 turn",
    "widget:FastFourier?done=12&signal=late%20impulse": "Eight arrows, each 1/8 turn further",
    "widget:FastFourier?done=0&play": "Multiplication 1 of 12",
    "widget:FastFourier?look=x6": "x[6] = −0.5 reaches 2, then 4, then all 8 values.",
    "widget:FastFourier?look=g1,1": "O is the DFT of x[1], x[3], x[5], x[7]: 4 values for 4",
    "widget:FastFourier?signal=drawn&x=1,1,1,1,0,0,0,0&done=12": "mirror",
    "widget:FastFourier?done=5&step": "Multiplication 6 of 12: ω²·EO[1]",
    "widget:FastFourier?light=spectrum": "12 multiplications",
}


def test_prose_can_drive(mounted, page: Page):
    """Links as a chapter writes them, read as the build reads them, clicked as a reader clicks them."""
    prose = "".join(
        f"<p>{book_links.start_tag(**book_links.read(address, ['FastFourier']))}{i}</a></p>"
        for i, address in enumerate(LINKS)
    )
    place = mounted(DEFAULT, prose=prose)
    for i, said in enumerate(LINKS.values()):
        page.get_by_role("button", name=str(i), exact=True).click()
        expect(words(place)).to_contain_text(said)
        order(place, "pause")
        order(place, "reset")


def test_what_is_no_part_lets_go(mounted):
    """A link that looks at nothing, or at what there isn't."""
    place = mounted(DEFAULT)
    chip = place.locator(".chip")
    for value, name in (("r1,4", "✕ O[0]"), ("x7", "✕ x[7]"), ("g2,3", "✕ OO")):
        order(place, "look", value=value)
        expect(chip).to_have_text(name)
    for value in ("", "r0,8", "r3,0", "g0,1", "x8"):
        order(place, "look", value="x5")
        order(place, "look", value=value)
        expect(chip).to_be_hidden()


def test_by_finger(phone):
    """A tap gathers, a head tells, a finger drags a sample; a drag taken away leaves no trace."""
    page, place, fingers = phone(DEFAULT)
    page.touchscreen.tap(*at(place, 0, 2))
    expect(place.locator(".chip")).to_have_text("✕ x̂[2]")
    place.locator(".chip").tap()
    expect(place.locator(".chip")).to_be_hidden()
    page.touchscreen.tap(*middle(place.locator(".group").nth(2)))
    expect(place.locator(".chip")).to_have_text("✕ O")
    page.touchscreen.tap(*middle(page.locator("h1")))
    expect(words(place)).to_have_text(DEFAULT.sentence())
    x, y = middle(place.locator(".knob").nth(0))
    fingers.drag(x, y, 0, 31)
    expect(words(place)).to_contain_text("x[0] = 0 reaches 2")
    fingers.send("touchCancel")
    harness.wait_for_trait(place, "signal", "value === 'wave and step'")
    fingers.drag(x, y, 0, 15.5)
    fingers.send("touchEnd")
    harness.wait_for_trait(place, "x", "value[0] === 0.5")
    place.locator(".more").tap()
    harness.wait_for_trait(place, "done", "value === 0")
    assert page.evaluate("scrollY") == 0


def test_a_finger_that_stays_looks(phone):
    """It gathers what it is on while it moves sideways; nothing is pinned when it leaves."""
    _page, place, fingers = phone(DEFAULT)
    (x, y), (to, _) = at(place, 0, 1), at(place, 0, 3)
    fingers.drag(x, y, to - x, 0)
    expect(words(place)).to_contain_text("x̂[3] = E[3] + ω³·O[3]")
    fingers.send("touchEnd")
    expect(words(place)).to_have_text(DEFAULT.sentence())


def test_cause_and_effect_share_a_screen(phone):
    """On a phone all of it, controls included, is no higher than 560 pixels; what a finger needs is wide enough."""
    _, place, _ = phone(DEFAULT)
    assert place.locator(".cl-widget").bounding_box()["height"] <= 560
    for part in (*place.locator(".cell, .group, .grip").all(), place.locator(".more"), place.locator("select")):
        box = part.bounding_box()
        assert min(box["width"], box["height"]) >= 24


def test_room(mounted, page: Page):
    """As high as Python says at each width, and no higher than beside text on a wide screen; nothing sticks out."""
    place = mounted(DEFAULT)
    for width, expected in harness.rooms(place, DEFAULT):
        found = harness.height_of(place, expected)
        assert found == pytest.approx(expected, abs=6)
        assert found <= (560 if width == 358 else 430)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


LOOKS = [*(f"r{row},{column}" for row in range(3) for column in range(N)), *(f"x{n}" for n in range(N)), "g0,0", "g1,0"]


#: JavaScript: how far the term that ends farthest to the right sticks out of the picture.
BEYOND = """(picture) => {
  const right = (node) => node.getBoundingClientRect().right;
  const seen = (node) => node.checkVisibility({ visibilityProperty: true });
  return Math.max(...[...picture.querySelectorAll("text.term")].filter(seen).map(right)) - right(picture);
}"""


@pytest.mark.parametrize("width", [320, 360, 390, 654, 1280])
def test_nothing_moves(mounted, page: Page, width):
    """Whatever is said has room, in the sentence and in the detail; lettering is never small."""
    page.set_viewport_size({"width": 686 if width == 654 else width, "height": 800})
    place = mounted(FastFourier(signal="drawn", x=LONG))
    widget, heights = place.locator(".cl-widget"), set()
    for done, look in [*((done, "") for done in range(13)), *((12, look) for look in LOOKS), (0, "r0,7")]:
        put(place, done=done)
        order(place, "look", value=look)
        heights.add(widget.evaluate("node => node.offsetHeight"))
        assert words(place).evaluate("node => node.scrollHeight <= node.clientHeight"), (done, look)
        assert place.locator(".picture").evaluate(BEYOND) <= 4, (done, look)
    assert len(heights) == 1
    sizes = place.locator("text, p, label, button, select, output").evaluate_all(
        "nodes => nodes.map((node) => parseFloat(getComputedStyle(node).fontSize))"
    )
    assert min(sizes) >= 11


@pytest.mark.parametrize("width", [390, 790])
def test_the_circles_value(mounted, page: Page, width):
    """Stands over the tree, from the first look on, and follows the signal."""
    page.set_viewport_size({"width": width, "height": 700})
    place = mounted(DEFAULT)
    top = place.locator("[data-part=spectrum] .title")
    for signal in SIGNALS:
        put(place, signal=signal)
        expect(top).to_have_text(re.compile(rf"; circle: {FastFourier(signal=signal).scale}$"))


@pytest.mark.parametrize("width", [320, 358, 654, 790])
def test_heads_have_room(mounted, page: Page, width):
    """No name is wider than its tile, and no control lies over another."""
    page.set_viewport_size({"width": max(width + 32, 320) if width != 320 else 320, "height": 800})
    place = mounted(DEFAULT)
    put(place, done=3)
    for tile in place.locator(".tile").all():
        inner, outer = tile.locator(".title").bounding_box(), tile.locator(".box").bounding_box()
        assert inner["x"] >= outer["x"]
        assert inner["x"] + inner["width"] <= outer["x"] + outer["width"]
    controls = place.locator("button, select, input, output").all()
    boxes = [part.bounding_box() for part in controls if part.is_visible()]
    for one, two in itertools.combinations(boxes, 2):
        apart_across = one["x"] + one["width"] <= two["x"] + 0.5 or two["x"] + two["width"] <= one["x"] + 0.5
        apart_down = one["y"] + one["height"] <= two["y"] + 0.5 or two["y"] + two["height"] <= one["y"] + 0.5
        assert apart_across or apart_down


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessibility(mounted, page: Page, theme):
    """axe-core finds nothing serious while a slot, a sample or a group is looked at, and half way."""
    place = mounted(FastFourier(done=7), theme=theme)
    assert harness.serious_violations(page) == []
    put(place, done=12)
    for value in ("r0,5", "x6", "g1,1"):
        order(place, "look", value=value)
        assert harness.serious_violations(page) == []
