"""OcclusionExplorer in the page: the patch by mouse, finger and keys, both maps, places looked at, links' orders."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.data.drawn import SHAPES
from convlib.widgets import OcclusionExplorer
from convlib.widgets.occlusion_explorer import short
from convlib.widgets.shape_network import PICTURES, SIDE, kept, place_of
from tests.site import harness
from tests.site.harness import drag, order, pixels, put

NAMES = ("network", "picture", "tag", "covered", "row", "column", "size", "fill", "map", "target")


def python_of(place: Locator) -> OcclusionExplorer:
    """A widget in Python with the page's traits."""
    return OcclusionExplorer(**{name: harness.trait(place, name) for name in NAMES})


def patch(place: Locator) -> tuple[int, int]:
    return harness.trait(place, "row"), harness.trait(place, "column")


def at(place: Locator, pane: str, row: float, column: float, count: int = SIDE) -> tuple[float, float]:
    """Where the middle of a cell is on the screen."""
    box = place.locator(f".of-{pane} .surface").bounding_box()
    return box["x"] + (column + 0.5) / count * box["width"], box["y"] + (row + 0.5) / count * box["height"]


def whole_sweep(place: Locator, expected: np.ndarray) -> None:
    """Wait until the occlusion map is as fine as it gets, and compare it."""
    wanted = np.rint(255 * np.minimum(1, np.abs(expected))).astype(int).ravel().tolist()
    place.page.wait_for_function(
        """([node, wanted]) => {
            const canvas = node.querySelector("canvas.heat");
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return wanted.every((alpha, i) => Math.abs(data[4 * i + 3] - alpha) <= 1);
        }""",
        arg=[place.element_handle(), wanted],
    )


def test_all_that_is_shown_is_pythons(mounted):
    """The picture, its map, the bars and the sentence, in quite different states."""
    place = mounted(OcclusionExplorer())
    row, column, size = place_of("star1", "tag")
    changes = (
        {},
        {"row": row, "column": column, "size": size},
        {"map": "cam"},
        {"network": "mixed", "picture": "ring2", "tag": False, "target": "square"},
        {"covered": False, "picture": "disc1", "tag": True},
        {"covered": True, "fill": "grey", "row": 0, "column": 31, "size": 20},
    )
    for change in changes:
        put(place, **change)
        widget = python_of(place)
        shown = pixels(place.locator("canvas.pixels"))[..., :3]
        np.testing.assert_allclose(shown, np.moveaxis(255 * widget.pixels, 0, -1), atol=0.51)
        expect(place.locator(".sentence")).to_have_text(widget.sentence())
        assert place.locator(".score .share").all_text_contents() == [short(share) for share in widget.shares]
        expect(place.locator(".score.winner .class")).to_have_text(widget.answer)
        expect(place.locator(".score.asked .class")).to_have_text(widget.asked)
        if widget.map == "cam":
            full = np.minimum(1, np.abs(widget.heat) / kept().reach[widget.network])
            np.testing.assert_allclose(
                pixels(place.locator("canvas.heat:nth-of-type(3)"))[..., 3], 255 * full, atol=1.01
            )
        else:
            whole_sweep(place, widget.heat)


def test_the_number_on_the_map_is_the_number_on_the_bar(mounted):
    """What the patch takes is written at its place, and at the bar that has lost it; the hatching is as long."""
    place = mounted(OcclusionExplorer(network="mixed"))
    whole_sweep(place, python_of(place).heat)
    for row, column in ((9, 23), (10, 16), (12, 17), (13, 29)):
        put(place, row=row, column=column)
        widget = python_of(place)
        number = place.locator(".of-map .lost").text_content()
        assert number == {True: "0"}.get(abs(widget.drop) < 0.005, f"−{np.floor(100 * widget.drop + 0.5):.0f}")
        expect(place.locator(".score.asked .lost")).to_have_text("" if number == "0" else number)
        gone = float(place.locator(".score.asked .bar").evaluate("node => node.style.getPropertyValue('--gone')"))
        assert gone == pytest.approx(widget.drop if number != "0" else 0, abs=1e-4)
        assert widget.heat[row, column] == pytest.approx(widget.drop)


def test_the_mouse_moves_the_patch(mounted, page: Page):
    """Taken where it is held, it keeps its place under the hand; a press elsewhere brings it there."""
    place = mounted(OcclusionExplorer(row=10, column=20, size=9))
    row, column = patch(place)
    drag(page, at(place, "picture", row + 3, column - 2), at(place, "picture", row + 7, column - 10))
    assert patch(place) == (row + 4, column - 8)
    page.mouse.click(*at(place, "picture", 27, 5))
    harness.settled(place)
    assert patch(place) == (27, 5)
    expect(place.locator(".sentence")).to_contain_text("on the tag")
    drag(page, at(place, "picture", 27, 5), (0, 0))
    assert patch(place) == (0, 0), "it stays on the picture"


def test_a_press_lays_the_patch(mounted, page: Page):
    """Where it has been lifted."""
    place = mounted(OcclusionExplorer(covered=False))
    expect(place.locator(".of-picture .patch")).to_be_hidden()
    page.mouse.click(*at(place, "picture", 20, 11))
    harness.settled(place)
    assert harness.trait(place, "covered")
    assert patch(place) == (20, 11)
    expect(place.locator(".of-picture .patch")).to_be_visible()


def test_a_finger_moves_the_patch(phone):
    """On a phone, and all of it is on one screen: picture, map, bars; a finger on the map looks, and scrolls."""
    page, place, fingers = phone(OcclusionExplorer())
    put(place, row=10, column=20, size=9)
    lower = place.locator(".of-scores").bounding_box()
    upper = place.locator(".of-picture").bounding_box()
    assert lower["y"] + lower["height"] - upper["y"] < 560
    row, column = patch(place)
    x, y = at(place, "picture", row, column)
    unit = place.locator(".of-picture .surface").bounding_box()["width"] / SIDE
    fingers.drag(x, y, -8 * unit, 5 * unit)
    fingers.send("touchEnd")
    harness.settled(place)
    assert patch(place) == (row + 5, column - 8)
    page.touchscreen.tap(*at(place, "map", 27, 5))
    harness.settled(place)
    expect(place.locator(".sentence")).to_contain_text("With the patch’s middle at row 27, column 5")
    assert patch(place) == (row + 5, column - 8), "looking moves nothing"
    page.touchscreen.tap(*at(place, "picture", 27, 5))
    harness.settled(place)
    expect(place.locator(".sentence")).to_contain_text("on the tag")


def test_keys(mounted, page: Page):
    """Arrows move the patch, plus and minus change its size, Space lifts it; what follows is read aloud."""
    place = mounted(OcclusionExplorer())
    row, column = patch(place)
    size = harness.trait(place, "size")
    place.locator(".of-picture .surface").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowLeft", "+", "-", "-"):
        page.keyboard.press(key)
    harness.settled(place)
    assert (*patch(place), harness.trait(place, "size")) == (row + 2, column - 1, size - 1)
    expect(place.locator("[aria-live]")).to_contain_text(f"Row {row + 2}, column {column - 1}. With the patch on")
    page.keyboard.press(" ")
    harness.settled(place)
    assert not harness.trait(place, "covered")
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    harness.settled(place)
    assert patch(place)[1] == SIDE - 1


def test_looking_at_a_place_of_the_map(mounted, page: Page):
    """Its value, and what is hidden for it; of the class map, the window that the cell sees; Escape lets go."""
    place = mounted(OcclusionExplorer())
    whole_sweep(place, python_of(place).heat)
    page.mouse.move(*at(place, "map", 27, 5))
    harness.settled(place)
    expect(place.locator(".sentence")).to_contain_text("−100 points")
    picture = place.locator(".of-picture .frame").bounding_box()
    seen = place.locator(".of-picture .seen").bounding_box()
    unit = picture["width"] / SIDE
    assert seen["height"] == pytest.approx(12 * unit, abs=1), "14 pixels, of which two hang over the edge"
    page.mouse.click(*at(place, "map", 10, 10))
    page.mouse.move(0, 0)
    harness.settled(place)
    expect(place.locator(".chip")).to_contain_text("row 10, column 10")
    page.keyboard.press("Escape")
    place.locator(".of-map .surface").press("Escape")
    expect(place.locator(".chip")).to_have_attribute("data-shown", "no")
    put(place, map="cam")
    order(place, "look", value="4,3")
    seen = place.locator(".of-picture .seen").bounding_box()
    assert (seen["y"] - picture["y"]) / unit == pytest.approx(9, abs=0.1)
    assert (seen["x"] - picture["x"]) / unit == pytest.approx(5, abs=0.1)
    assert seen["width"] / unit == pytest.approx(18, abs=0.1)
    expect(place.locator(".sentence")).to_contain_text("This cell sees the framed 18 × 18 pixels")
    order(place, "look", value="")
    expect(place.locator(".sentence")).to_have_text(python_of(place).sentence())
    for nothing in ("8,0", "-1,2", "a,b", "3"):
        order(place, "look", value=nothing)
        expect(place.locator(".chip")).to_have_attribute("data-shown", "no")


def test_looking_by_keys(mounted, page: Page):
    """Arrow keys go from place to place, Enter pins."""
    place = mounted(OcclusionExplorer(map="cam"))
    place.locator("h1, .of-picture .surface").first.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.of-map') !== null")
    for key in ("ArrowUp", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    harness.settled(place)
    expect(place.locator(".chip")).to_contain_text("row 3, column 5")
    page.keyboard.press("ArrowDown")
    harness.settled(place)
    expect(place.locator(".chip")).to_contain_text("row 4, column 5")


def test_cells_outside_the_frame_do_not_change(mounted):
    """On the class map a frame goes around all that the patch can change; the other cells stay, wherever it moves."""
    place = mounted(OcclusionExplorer(map="cam", size=4))
    put(place, covered=False)
    bare = pixels(place.locator("canvas.heat:nth-of-type(3)"))
    put(place, covered=True)
    for row, column in ((3, 4), (16, 15), (31, 0)):
        put(place, row=row, column=column)
        frame, box = (place.locator(f".of-map {kind}").bounding_box() for kind in (".patch", ".frame"))
        cell = box["width"] / 8
        top, left = round((frame["y"] - box["y"]) / cell), round((frame["x"] - box["x"]) / cell)
        bottom, right = top + round(frame["height"] / cell), left + round(frame["width"] / cell)
        inside = np.zeros((8, 8), bool)
        inside[top:bottom, left:right] = True
        changed = (pixels(place.locator("canvas.heat:nth-of-type(3)")) != bare).any(axis=2)
        assert changed.any()
        assert not changed[~inside].any()


def test_links(mounted):
    """The patch goes to a part, or where it takes most; pictures follow one another, and begin anew."""
    place = mounted(OcclusionExplorer())
    order(place, "hide", value="tag")
    assert (*patch(place), harness.trait(place, "size")) == place_of("star1", "tag")
    expect(place.locator(".sentence")).to_contain_text("With the patch on the tag, star falls from over")
    order(place, "hide", value="nothing")
    assert patch(place) == place_of("star1", "tag")[:2]
    for picture in (*PICTURES[-1:], *PICTURES[:3]):
        order(place, "next")
        assert harness.trait(place, "picture") == picture
    put(place, network="mixed", covered=False)
    order(place, "hide", value="shape")
    assert (*patch(place), harness.trait(place, "size")) == place_of("square1", "shape")
    assert harness.trait(place, "covered")
    put(place, row=2, column=2, size=6, tag=False)
    order(place, "hide", value="hottest")
    widget = OcclusionExplorer(**{name: harness.trait(place, name) for name in NAMES})
    best = np.unravel_index(widget.heat.argmax(), widget.heat.shape)
    harness.wait_for_trait(place, "row", f"value === {best[0]}")
    assert patch(place) == tuple(best)


def test_bars_ask_for_their_map(mounted):
    """A tap chooses the class, another one lets the winner be it again."""
    place = mounted(OcclusionExplorer())
    cross = place.locator(".score").nth(SHAPES.index("cross"))
    cross.click()
    assert harness.trait(place, "target") == "cross"
    expect(cross).to_have_attribute("aria-pressed", "true")
    expect(place.locator(".of-map .title")).to_contain_text("cross")
    cross.click()
    assert harness.trait(place, "target") == "winner"


def test_the_game(mounted):
    """The smallest patch that has changed the answer is kept, for each picture; Reset forgets it."""
    place = mounted(OcclusionExplorer())
    game = place.locator(".game")
    expect(game).to_have_text("How small a patch can change the answer?")
    order(place, "hide", value="tag")
    expect(game).to_have_text("Smallest that has changed the answer: 7 × 7.")
    put(place, size=12)
    expect(game).to_contain_text("7 × 7")
    put(place, size=5)
    expect(game).to_contain_text("5 × 5")
    put(place, picture="disc1", covered=False)
    expect(game).not_to_contain_text("5 × 5")
    put(place, picture="star1")
    expect(game).to_contain_text("5 × 5")
    place.locator(".reset").click()
    expect(game).to_have_text("How small a patch can change the answer?")


def test_sliding_over(mounted, page: Page):
    """Play lays the patch on every second place and paints the map behind it; in the end it is where it was."""
    place = mounted(OcclusionExplorer(map="cam", covered=False))
    whole = OcclusionExplorer().heat
    page.clock.install(time=0)
    page.clock.pause_at(60_000)
    before = patch(place)
    tell_now = "(node) => node.model.receive({ do: 'play' })"
    place.evaluate(tell_now)
    page.clock.run_for(2000)
    assert harness.trait(place, "map") == "occlusion"
    assert harness.trait(place, "covered")
    row, _ = patch(place)
    assert 0 < row < SIDE - 1
    below = pixels(place.locator("canvas.heat:nth-of-type(2)"))[row + 3 :, :, 3]
    assert not below.any(), "painted only where the patch has been"
    expect(place.locator(".play")).to_contain_text("Pause")
    page.clock.run_for(8000)
    expect(place.locator(".play")).to_contain_text("Slide")
    assert patch(place) == before
    page.clock.resume()
    whole_sweep(place, whole)


def test_any_touch_stops_the_sliding(mounted, page: Page):
    """The hand takes over; Pause stops it where it is."""
    place = mounted(OcclusionExplorer())
    play = place.locator(".play")
    play.click()
    expect(play).to_contain_text("Pause")
    page.mouse.click(*at(place, "picture", 20, 20))
    expect(play).to_contain_text("Slide")
    play.click()
    harness.wait_for_trait(place, "row", "value > 2")
    play.click()
    expect(play).to_contain_text("Slide")


def test_the_map_is_faint_until_something_is_done(mounted):
    """So that readers guess first."""
    place = mounted(OcclusionExplorer())
    expect(place.locator(".of-map")).to_have_class("pane of-map faint")
    order(place, "hide", value="tag")
    expect(place.locator(".of-map")).to_have_class("pane of-map")
    order(place, "reset")
    expect(place.locator(".of-map")).to_have_class("pane of-map faint")


@pytest.mark.parametrize("shown", [[], ["picture", "scores"], ["map"], ["picture", "map", "words"], ["controls"]])
def test_reduced_views_and_their_room(mounted, page: Page, shown):
    """Only what is listed is there, and as high as the page has kept room for, at three widths."""
    for width, room in zip((390, 720, 1280), OcclusionExplorer(show=shown).room(), strict=True):
        page.set_viewport_size({"width": width, "height": 900})
        place = mounted(OcclusionExplorer(show=shown))
        assert harness.height_of(place, room) == pytest.approx(room, abs=6)
        for part, kind in {
            "picture": ".of-picture",
            "map": ".of-map",
            "scores": ".of-scores",
            "words": ".sentence",
        }.items():
            assert place.locator(kind).is_visible() == (not shown or part in shown)
        assert place.locator(".controls").is_visible() == (not shown or "controls" in shown)
