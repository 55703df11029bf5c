"""DrawADigit in the page: drawing by mouse, finger and keys, units looked at, hints, muted maps, what its links do."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.widgets import DrawADigit
from convlib.widgets.digit_drawings import drawings
from convlib.widgets.digit_network import SIZES, learnt
from convlib.widgets.draw_a_digit import ACROSS, REACH, corners, flat, lifted, percent
from tests.site import harness
from tests.site.harness import Fingers, drag, order, put


def painted(place: Locator, name: str) -> np.ndarray:
    """How opaque each pixel of a pane is, from 0 to 255."""
    return harness.pixels(place.locator(f".pane.of-{name} canvas"))[..., 3]


def draw_line(page: Page, place: Locator, *points: tuple[float, float]) -> None:
    """With the mouse, through points in the unit square."""
    box = place.locator(".pad").bounding_box()
    where = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    drag(page, *where, steps=6)


def python_of(place: Locator) -> DrawADigit:
    """A widget in Python with the page's traits."""
    names = ("strokes", "digit", "thickness", "dx", "dy", "turn", "hint", "muted")
    return DrawADigit(**{name: harness.trait(place, name) for name in names})


def test_all_that_is_shown_is_pythons(mounted, page: Page):
    """The picture, every map, shares and the sentence, in quite different states."""
    place = mounted(DrawADigit())
    changes = (
        {},
        {"strokes": flat(drawings()["scribble"])},
        {"strokes": flat(drawings()["seven"]), "dx": 3, "dy": -1, "turn": 12},
        {"digit": 4, "dx": 0, "dy": 0, "turn": 0},
        {"muted": ["c1.2", "c3.7"]},
        {"muted": [], "hint": 3},
    )
    for change in changes:
        put(place, **change)
        widget = python_of(place)
        np.testing.assert_allclose(painted(place, "seen"), 255 * widget.picture**0.8, atol=1.01)
        for name in ("c1", "s2", "c3", "s4"):
            sheet, side = painted(place, name), SIZES[name][1]
            for number, (row, column) in enumerate(corners(name)):
                shown = sheet[row : row + side, column : column + side]
                full = np.minimum(1, widget.maps[name][number] / learnt().reach[name])
                np.testing.assert_allclose(shown, 255 * full**0.8, atol=1.01)
        expect(place.locator(".sentence")).to_have_text(widget.sentence())
        texts = [str(int(np.floor(100 * share + 0.5))) if share >= 0.005 else "" for share in widget.shares]
        assert place.locator(".score .share").all_text_contents() == texts
        expect(place.locator(".score.winner .class")).to_have_text(str(widget.answer))


def test_drawing_with_the_mouse(mounted, page: Page):
    """Clear, draw, undo, Reset: each line is a stroke, live while the button is down, and read as Python reads it."""
    place = mounted(DrawADigit())
    opening = harness.trait(place, "strokes")
    place.get_by_role("button", name="Clear").click()
    assert harness.trait(place, "strokes") == [-1, -1]
    expect(place.locator(".sentence")).to_contain_text("An empty page has no box to fit")
    expect(place.get_by_role("button", name="Undo")).to_be_disabled()
    draw_line(page, place, (0.3, 0.2), (0.7, 0.2), (0.45, 0.85))
    draw_line(page, place, (0.35, 0.5), (0.65, 0.5))
    strokes = lifted(harness.trait(place, "strokes"))
    assert len(strokes) == 2
    np.testing.assert_allclose(
        [strokes[0][0], strokes[0][-1], strokes[1][-1]], [(0.3, 0.2), (0.45, 0.85), (0.65, 0.5)], atol=0.02
    )
    widget = python_of(place)
    expect(place.locator(".score.winner .class")).to_have_text(str(widget.answer))
    expect(place.locator(".sentence")).to_have_text(widget.sentence())
    expect(place.locator("[aria-live]")).to_have_text(widget.sentence())
    place.get_by_role("button", name="Undo").click()
    assert len(lifted(harness.trait(place, "strokes"))) == 1
    place.get_by_role("button", name="Reset").click()
    harness.settled(place)
    assert harness.trait(place, "strokes") == opening


def test_maps_are_live_while_the_ink_is_wet(mounted, page: Page):
    """With the button still down, the maps have changed already."""
    place = mounted(DrawADigit())
    before = painted(place, "c1")
    box = place.locator(".pad").bounding_box()
    with harness.held(page, (box["x"] + 30, box["y"] + 30), (box["x"] + 60, box["y"] + 150)):
        assert np.abs(painted(place, "c1") - before).max() > 50


def test_drawing_with_keys(mounted, page: Page):
    """Space puts the pen down, arrows draw, Space lifts it; each is read aloud."""
    place = mounted(DrawADigit(strokes="blank"))
    place.locator(".pad").focus()
    live = place.locator("[aria-live]")
    for _ in range(8):
        page.keyboard.press("ArrowUp")
    expect(live).to_contain_text("Pen up, 50 right, 30 down of 100.")
    page.keyboard.press("Space")
    for _ in range(14):
        page.keyboard.press("ArrowDown")
    expect(live).to_contain_text("Pen down, 50 right, 65 down of 100. ")
    expect(live).to_contain_text(python_of(place).sentence())
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    harness.settled(place)
    strokes = lifted(harness.trait(place, "strokes"))
    assert len(strokes) == 1
    assert (strokes[0][0], strokes[0][-1]) == ((0.5, 0.3), (0.5, 0.65))
    page.keyboard.press("Space")
    harness.settled(place)
    assert len(lifted(harness.trait(place, "strokes"))) == 2


def test_no_drawing_is_too_long(mounted, page: Page):
    """Where there is no room for more points the pen leaves none, and Python still takes all."""
    place = mounted(DrawADigit(strokes=[[(0.2, 0.2), (0.3, 0.3)] * 398]))
    for y in (0.4, 0.6, 0.8):
        draw_line(page, place, (0.3, y), (0.8, y), (0.3, y + 0.1))
    assert 1590 <= len(harness.trait(place, "strokes")) <= 1600
    python_of(place)


def test_a_finger_draws_and_a_cancelled_stroke_leaves_no_trace(mounted, page: Page):
    """On a phone pad and scores are on one screen, the page stays, and what is taken away is taken back."""
    page.set_viewport_size({"width": 390, "height": 664})
    place = mounted(DrawADigit())
    page.evaluate("document.body.style.height = '3000px'")
    pad, scores, words = (place.locator(part).bounding_box() for part in (".pad", ".of-scores", ".sentence"))
    assert words["y"] + words["height"] - pad["y"] <= 620
    assert 0 <= scores["y"] + scores["height"] - pad["y"] - pad["height"] < 20  # ten targets of 24 pixels
    before, fingers = harness.trait(place, "strokes"), Fingers(page)
    fingers.drag(pad["x"] + 40, pad["y"] + 40, 60, 120)
    harness.settled(place)
    assert len(lifted(harness.trait(place, "strokes"))) == 3
    fingers.send("touchCancel")
    harness.settled(place)
    assert harness.trait(place, "strokes") == before
    fingers.drag(pad["x"] + 40, pad["y"] + 40, 60, 120)
    fingers.send("touchEnd")
    harness.settled(place)
    assert len(lifted(harness.trait(place, "strokes"))) == 3
    assert page.evaluate("scrollY") == 0
    c1 = place.locator(".of-c1 .surface").bounding_box()
    fingers.send("touchStart", (c1["x"] + 30, c1["y"] + 40))
    fingers.send("touchEnd")
    expect(place.locator(".chip")).to_have_text("✕ C1·0")


def test_a_unit_is_gathered_and_used(mounted, page: Page):
    """Hovered, pinned, let go: its window, what that sees on the picture and on the pad, who uses it, its sum."""
    widget = DrawADigit()
    place = mounted(widget)
    order(place, "look", value="c3.5,4,3")
    value = widget.maps["c3"][5, 4, 3]
    sentence = place.locator(".sentence")
    expect(sentence).to_contain_text("C3·5 at (4, 3): 150 products")
    expect(sentence).to_contain_text(f"{value:.2f}, ReLU keeps it" if value > 0 else "ReLU makes it 0")
    paths = {
        name: place.locator(f".of-{name} path.{kind}")
        for name, kind in (("s2", "from"), ("c1", "far"), ("seen", "far"), ("s4", "to"))
    }
    drawn = {name: path.get_attribute("d") for name, path in paths.items()}
    assert drawn["s2"].count("h5v5") == 6
    assert drawn["c1"].count("h10v10") == 6
    assert drawn["seen"] == "M6 8h14v14h-14z"
    row, column = corners("s4")[5]
    assert drawn["s4"] == f"M{column + 1} {row + 2}h1v1h-1z"
    assert place.locator(".pad path.far").get_attribute("d").startswith("M")
    expect(place.locator(".of-detail .title")).to_have_text("6 kernels")
    page.locator("h1").click()
    expect(place.locator(".chip")).to_have_attribute("data-shown", "no")
    expect(sentence).to_have_text(widget.sentence())
    surface = place.locator(".of-s2 .surface")
    surface.hover(position={"x": 5, "y": 5})
    expect(sentence).to_contain_text("keeps the largest of four in C1·0")
    surface.click(position={"x": 5, "y": 5})
    expect(place.locator(".chip")).to_have_text("✕ S2·0")
    page.keyboard.press("Escape")
    order(place, "look", value="c1.2")
    row, column = np.unravel_index(widget.maps["c1"][2].argmax(), (28, 28))
    expect(sentence).to_contain_text(f"C1·2 at ({row}, {column}): 25 products")
    order(place, "look", value="seen.16,12")
    expect(sentence).to_contain_text(f"Ink at (16, 12): {widget.picture[16, 12]:.2f}. It goes into 25 places")
    assert place.locator(".of-c1 path.to").get_attribute("d").count("h5v5") == 6
    for nonsense in ("c3.16", "c1.0,28,3", "x.1", "score.10", ""):
        order(place, "look", value=nonsense)
        expect(place.locator(".chip")).to_have_attribute("data-shown", "no")


def test_units_by_keys(mounted, page: Page):
    """Arrows go from unit to unit and over a map's edge, Page keys from map to map; Enter pins, M mutes."""
    place = mounted(DrawADigit())
    surface, sentence = place.locator(".of-s4 .surface"), place.locator(".sentence")
    order(place, "look", value="s4.0,2,4")
    surface.click(position={"x": 1.5 * 3, "y": 1.5 * 3})  # another unit: pinned instead
    expect(sentence).to_contain_text("S4·0 at (1, 1)")
    page.keyboard.press("Escape")
    surface.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowUp")
    expect(sentence).to_contain_text("S4·0 at (0, 0)")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(sentence).to_contain_text("S4·1 at (0, 0)")
    page.keyboard.press("PageDown")
    expect(sentence).to_contain_text("S4·2 at (0, 0)")
    page.keyboard.press("Enter")
    expect(place.locator(".chip")).to_have_text("✕ S4·2")
    page.keyboard.press("ArrowDown")
    expect(sentence).to_contain_text("S4·2 at (1, 0)")
    expect(place.locator("[aria-live]")).to_contain_text("S4·2 at (1, 0)")
    page.keyboard.press("Escape")
    place.locator(".of-c1 .surface").focus()
    page.keyboard.press("m")
    harness.settled(place)
    assert harness.trait(place, "muted") == ["c1.0"]
    page.keyboard.press("Delete")
    harness.settled(place)
    assert harness.trait(place, "muted") == []


def test_a_map_is_muted(mounted, page: Page):
    """By the button beside its kernel; it is hatched and empty, and the scores respond."""
    loudest = int(DrawADigit().maps["c1"].sum(axis=(1, 2)).argmax())
    place = mounted(DrawADigit())
    order(place, "look", value=f"c1.{loudest}")
    place.get_by_role("button", name=f"Mute C1·{loudest}").click()
    harness.settled(place)
    assert harness.trait(place, "muted") == [f"c1.{loudest}"]
    expect(place.locator(".chip")).to_have_text(f"✕ C1·{loudest}")
    row, column = corners("c1")[loudest]
    assert not painted(place, "c1")[row : row + 28, column : column + 28].any()
    assert place.locator(".of-c1 path.hatch").get_attribute("d").startswith("M")
    page.keyboard.press("Escape")
    expect(place.locator(".sentence")).to_have_text(DrawADigit(muted=[f"c1.{loudest}"]).sentence())
    order(place, "look", value=f"c1.{loudest}")
    place.get_by_role("button", name=f"Unmute C1·{loudest}").click()
    assert harness.trait(place, "muted") == []


def test_what_would_make_it_another(mounted, page: Page):
    """A score pressed puts marks on pad and picture; pressed again, takes them away; the winner has nothing to ask."""
    widget = DrawADigit()
    place = mounted(widget)
    second = int(np.argsort(-widget.shares)[1])
    place.locator(".score").nth(second).click()
    page.mouse.move(2, 2)
    harness.settled(place)
    assert harness.trait(place, "hint") == second
    hinted = DrawADigit(hint=second)
    expect(place.locator(".sentence")).to_have_text(hinted.sentence())
    plus = place.locator(".pad path.plus").get_attribute("d")
    minus = place.locator(".pad path.minus").get_attribute("d")
    assert plus.count("v") + minus.count("h") > 4
    expect(place.locator(".score").nth(second)).to_have_attribute("aria-pressed", "true")
    draw_line(page, place, (0.5, 0.2), (0.6, 0.2))
    assert harness.trait(place, "hint") == second
    place.get_by_role("button", name="Undo").click()
    place.locator(".score").nth(second).click()
    harness.settled(place)
    assert harness.trait(place, "hint") == -1
    assert not place.locator(".pad path.plus").get_attribute("d")
    place.locator(".score").nth(widget.answer).click()
    expect(place.locator(".chip")).to_have_text(f"✕ score of {widget.answer}")
    share = percent(widget.shares[widget.answer])
    expect(place.locator(".sentence")).to_contain_text(f"a share of {share}. Orange units of F6 speak for it")


def test_moved_turned_thickened(mounted, page: Page):
    """Sliders and the picture itself: maps go along; the drawing on the pad stays, a real digit has no pen."""
    place = mounted(DrawADigit())
    seen = place.locator(".of-seen .surface").bounding_box()
    x, y = seen["x"] + 48, seen["y"] + 48
    drag(page, (x, y), (x + 9, y - 6), steps=3)
    assert (harness.trait(place, "dx"), harness.trait(place, "dy")) == (3, -2)
    expect(place.locator(".sentence")).to_have_text(DrawADigit(dx=3, dy=-2).sentence())
    place.locator("summary").click()
    for name, trait, key, value in (
        ("right", "dx", "End", REACH),
        ("down", "dy", "Home", -REACH),
        ("turn", "turn", "End", 90),
    ):
        place.get_by_role("slider", name=name).focus()
        page.keyboard.press(key)
        assert harness.trait(place, trait) == value
    thick = place.get_by_role("slider", name="thickness")
    thick.focus()
    page.keyboard.press("ArrowRight")
    assert harness.trait(place, "thickness") == 0.095
    place.get_by_role("button", name="Next real digit").click()
    harness.settled(place)
    expect(thick).to_be_disabled()
    np.testing.assert_allclose(painted(place, "seen"), 255 * python_of(place).picture ** 0.8, atol=1.01)


def test_examples_and_real_digits(mounted, page: Page):
    """The list, the orders of links, the twenty digits round and round; drawing on one begins a new drawing."""
    place = mounted(DrawADigit())
    examples = place.get_by_label("examples")
    examples.select_option("seven")
    harness.settled(place)
    assert lifted(harness.trait(place, "strokes")) == drawings()["seven"]
    for name in drawings():
        order(place, "preset", value=name)
        assert lifted(harness.trait(place, "strokes")) == drawings()[name]
    expect(examples).to_have_value("")
    order(place, "preset", value="nothing of that name")
    order(place, "next")
    assert harness.trait(place, "digit") == 1
    expect(place.locator(".of-pad .title")).to_have_text("a real digit, 1 of 20")
    for _ in range(20):
        order(place, "next")
    assert harness.trait(place, "digit") == 1
    order(place, "undo")
    assert harness.trait(place, "digit") == 0
    order(place, "next")
    draw_line(page, place, (0.5, 0.2), (0.5, 0.8))
    assert harness.trait(place, "digit") == 0
    assert len(lifted(harness.trait(place, "strokes"))) == 1
    order(place, "clear")
    assert harness.trait(place, "strokes") == [-1, -1]


@pytest.mark.parametrize("show", [[], ["pad", "scores"], ["pad", "c1", "words"], ["pad", "seen", "controls"]], ids=len)
def test_room(mounted, page: Page, show):
    """As high as Python says in every state; only the parts that are asked for."""
    widget = DrawADigit(show=show)
    place = mounted(widget)
    for width, expected in harness.rooms(place, widget):
        for traits in ({}, {"hint": 4}, {"digit": 2}, {"strokes": [-1, -1], "digit": 0, "hint": -1}):
            put(place, **traits)
            for look in ("", "c3.5,4,4", "c1.3", "score.9", "f6.3", "seen.16,16"):
                order(place, "look", value=look)
                height = harness.height_of(place, expected)
                assert abs(height - expected) <= 6, (width, traits, look)
    for part in ("pad", "scores", "seen", *ACROSS, "detail"):
        assert place.locator(f".pane.of-{part}").is_visible() == (not show or part in show)


def test_an_address_keeps_the_drawing(mounted, page: Page):
    """What Copy link would write comes back, strokes too; what cannot be is said; each part can be lit."""
    mounted(DrawADigit())
    address = page.url.split("#")[0]
    page.goto(f"{address}#DrawADigit-1?strokes=[0.3,0.2,0.7,0.2,-1,-1,0.5,0.9]&dx=2&muted=[%22c1.3%22]&hint=4")
    place = page.locator(".cl-live").first
    harness.wait_for_trait(place, "dx", "value === 2")
    there = DrawADigit(strokes=[[(0.3, 0.2), (0.7, 0.2)], [(0.5, 0.9)]], dx=2, muted=["c1.3"], hint=4)
    expect(place.locator(".sentence")).to_have_text(there.sentence())
    page.goto(f"{address}#DrawADigit-1?turn=91&dy=-1")
    harness.wait_for_trait(place, "dy", "value === -1")
    expect(page.locator(".cl-note")).to_have_text("Part of the link could not be read: turn.")
