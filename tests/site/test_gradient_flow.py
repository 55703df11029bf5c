"""GradientFlow in the page: scattering and gathering, numbers changed by hand, gradients sent, settings, sliding."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.widgets import GradientFlow
from tests.site import harness
from tests.site.harness import order
from tests.site.test_contract import Fingers

MANY = [[1, -2, 0], [2, 1, -1], [0, -1, 3]]


def cell(place: Locator, table: str, row: int, column: int) -> Locator:
    """One cell of a table."""
    return place.locator(f".block.{table} .cell[data-row='{row}'][data-column='{column}']")


def table(place: Locator, kind: str) -> list[str]:
    """What the cells of a table say, row after row."""
    return place.locator(f".block.{kind} .number").all_text_contents()


def having(place: Locator, kind: str, mark: str = "lit") -> list[tuple[int, int]]:
    """Which cells of a table have a mark, by row and column."""
    places = place.locator(f".block.{kind} .cell.{mark}").evaluate_all(
        "cells => cells.map((cell) => [Number(cell.dataset.row), Number(cell.dataset.column)])"
    )
    return [tuple(each) for each in places]


def orders(place: Locator, kind: str) -> dict[tuple[int, int], str]:
    """The numbers that tell in which order products are added up."""
    places = place.locator(f".block.{kind} .cell.lit").evaluate_all(
        "cells => cells.map((cell) => [Number(cell.dataset.row), Number(cell.dataset.column), cell.dataset.order])"
    )
    return {(row, column): order for row, column, order in places}


def shown(values: object) -> list[str]:
    """Numbers as the page writes them."""
    return [str(value).replace("-", "−") for value in np.ravel(values)]


def look(place: Locator, value: str) -> None:
    """What a link in the prose asks for."""
    order(place, "look", value=value)


def put(place: Locator, **traits: object) -> None:
    """Set traits as a link does, tables as they travel."""
    flat = {
        name: np.ravel(value).tolist() if isinstance(value, list | tuple) else value for name, value in traits.items()
    }
    harness.put(place, **flat)


def test_all_that_is_shown_is_numpys(mounted, page: Page):
    """Every number of every table and the sentence: at first, with other settings, numbers, views and times."""
    for traits in (
        {},
        {"dy": MANY, "done": 3.0},
        {"size": 6, "stride": 2, "dy": [[1, -2], [3, 1]]},
        {"padding": 1, "stride": 2, "dy": MANY, "w": [[3, -1, 0], [2, 9, 1], [-9, 4, 5]]},
        {"size": 7, "kernel_size": 2, "dilation": 2, "stride": 2},
        {"size": 7, "stride": 2, "dilation": 2, "view": "convolution", "dy": [[4, -5], [-6, 7]]},
    ):
        widget = GradientFlow(**traits)
        place = mounted(widget)
        sent = widget.sent
        assert table(place, "dy") == shown(widget.dy)
        assert table(place, "dw") == shown(widget._dw(sent))
        expect(place.locator(".sentence")).to_have_text(widget.sentence())
        expect(place.locator(".under")).to_have_text(f"db = {shown(widget.db)[0]}")
        inside = np.pad(np.ones_like(widget.x), widget.padding)
        if widget.view == "convolution":
            assert table(place, "turned") == shown(np.array(widget.w)[::-1, ::-1])
            assert table(place, "dx") == shown(widget._dx(sent))
            continue
        assert table(place, "x") == shown(np.pad(widget.x, widget.padding))
        assert table(place, "w") == shown(widget.w)
        assert table(place, "y") == shown(widget.y)
        assert table(place, "dx") == shown(widget._dx(sent))
        assert having(place, "dx", "rim") == [tuple(each) for each in np.argwhere(inside == 0).tolist()]
        thrown = np.where(inside == 0, widget._dx(sent), 0)
        assert having(place, "dx", "lost") == [tuple(each) for each in np.argwhere(thrown).tolist()]
        unseen = (np.multiply.outer(widget._visits, widget._visits) == 0) & (inside == 1)
        assert having(place, "x", "bare") == having(place, "dx", "bare")
        assert having(place, "x", "bare") == [tuple(each) for each in np.argwhere(unseen).tolist()]


def test_a_gradient_is_scattered(mounted, page: Page):
    """Its terms stand in dx and dw, the kernel and the window as they are; a click pins, a tap elsewhere lets go."""
    widget = GradientFlow(dy=MANY)
    place = mounted(widget)
    cell(place, "dy", 2, 1).hover()
    sentence = place.locator(".sentence")
    expect(sentence).to_have_text("dy[2, 1] = −1 sends −1·w to nine places of dx, and −1·x to the nine of dw.")
    window = [(i, j) for i in range(2, 5) for j in range(1, 4)]
    assert having(place, "dx", "term") == having(place, "x") == window
    terms = [text.replace("+", "") for text in place.locator(".dx .term").all_text_contents()]
    assert terms == shown(-np.array(widget.w))
    terms = [text.replace("+", "") for text in place.locator(".dw .term").all_text_contents()]
    assert terms == shown(-np.array(widget.x)[2:5, 1:4])
    cell(place, "dy", 0, 0).click()
    cell(place, "dy", 2, 1).hover()
    expect(sentence).to_contain_text("dy[0, 0] = 1 sends")
    expect(place.locator(".chip")).to_have_text("✕ dy[0, 0]")
    page.locator("h1").click()
    expect(place.locator(".chip")).to_have_attribute("data-shown", "no")
    harness.settled(place)
    assert table(place, "dx") == shown(widget.dx)
    assert having(place, "dx", "term") == []


def test_gradients_are_gathered(mounted, page: Page):
    """dx by the kernel backwards, dw by x in its own order: the numbers in the cells say so."""
    widget = GradientFlow(dy=MANY)
    place = mounted(widget)
    look(place, "dx2,2")
    expect(place.locator(".sentence")).to_contain_text(f"= {shown(widget.dx[2, 2])[0]}.")
    there = orders(place, "dy")
    assert [there[i, j] for i in range(3) for j in range(3)] == list("123456789")
    there = orders(place, "w")
    assert [there[i, j] for i in range(3) for j in range(3)] == list("987654321")
    look(place, "dx0,1")
    assert orders(place, "dy") == {(0, 0): "1", (0, 1): "2"}
    assert orders(place, "w") == {(0, 1): "1", (0, 0): "2"}
    look(place, "dw0,2")
    there = orders(place, "x")
    assert [there[i, j] for i in range(3) for j in range(2, 5)] == list("123456789")
    assert list(orders(place, "dy").values()) == list("123456789")
    expect(place.locator(".sentence")).to_contain_text("nothing flipped")
    look(place, "y1,0")
    assert list(orders(place, "x")) == [(i, j) for i in range(1, 4) for j in range(3)]
    expect(place.locator(".sentence")).to_contain_text(f"= {widget.y[1, 0]}.")
    look(place, "x4,4")
    assert having(place, "y") == [(2, 2)]
    look(place, "w1,1")
    assert having(place, "x") == [(i, j) for i in range(1, 4) for j in range(1, 4)]
    look(place, "")
    expect(place.locator(".cell.dim")).to_have_count(0)


def test_the_kernel_slides_flipped(mounted, page: Page):
    """The other view: dy with zeros between, the window over it in the order of the flipped kernel; the same number."""
    widget = GradientFlow(padding=1, stride=2, dy=MANY)
    place = mounted(widget)
    look(place, "dx1,2")
    before = place.locator(".sentence").inner_text()
    harness.choose(place.get_by_role("radio", name="sliding"))
    look(place, "dx1,2")
    assert place.locator(".sentence").inner_text() == before
    assert f"= {shown(widget.dx[1, 2])[0]}." in before
    spread = np.reshape([int(text.replace("−", "-")) for text in table(place, "spread")], (7, 7))
    assert np.array_equal(spread[1::2, 1::2], MANY)
    assert np.abs(spread).sum() == np.abs(MANY).sum()
    window = orders(place, "spread")
    assert list(window) == [(i, j) for i in range(1, 4) for j in range(2, 5)]
    assert list(window.values()) == list(orders(place, "turned").values()) == list("123456789")
    turned = np.array(widget.w)[::-1, ::-1]
    assert np.sum(spread[1:4, 2:5] * turned) == widget.dx[1, 2]
    cell(place, "turned", 0, 0).click()
    expect(place.locator(".chip")).to_have_text("✕ w[2, 2]")
    cell(place, "spread", 3, 1).hover()  # what is pinned stays
    expect(place.locator(".chip")).to_have_text("✕ w[2, 2]")
    cell(place, "spread", 3, 1).click()
    expect(place.locator(".chip")).to_have_text("✕ dy[1, 0]")
    cell(place, "spread", 2, 1).click()
    expect(place.locator(".sentence")).to_have_text("A zero between two dy: they are spread out by the stride of 2.")
    cell(place, "spread", 0, 0).click()
    expect(place.locator(".sentence")).to_contain_text("A zero around dy")
    expect(place.locator(".block.x")).to_be_hidden()


def test_numbers_are_changed_by_keys(mounted, page: Page):
    """Arrow keys move, digits and a sign are typed, page keys count; never beyond nine; the padding is not changed."""
    place = mounted(GradientFlow(padding=1, stride=2))
    cell(place, "dy", 0, 0).focus()
    page.keyboard.press("ArrowRight")
    expect(place.locator(".sentence")).to_contain_text("dy[0, 1] = 0 sends")
    for key in ("-", "7", "Enter"):
        page.keyboard.press(key)
    assert harness.trait(place, "dy") == [0, -7, 0, 0, 1, 0, 0, 0, 0]
    expect(place.locator(".sentence")).to_contain_text("dy[0, 1] = −7 sends −7·w to nine places")
    for _ in range(4):
        page.keyboard.press("PageDown")
    assert harness.trait(place, "dy")[1] == -9
    for key in ("4", "Escape"):
        page.keyboard.press(key)
    assert harness.trait(place, "dy")[1] == -9
    for key in ("9", "9", "Enter"):
        page.keyboard.press(key)
    assert harness.trait(place, "dy")[1] == 9
    page.keyboard.press("Enter")
    expect(place.locator(".chip")).to_have_text("✕ dy[0, 1]")
    page.keyboard.press("Escape")
    cell(place, "x", 0, 0).focus()
    page.keyboard.press("5")
    expect(place.locator("input.typed")).to_have_count(0)
    for key in ("ArrowDown", "ArrowRight", "5", "Enter"):
        page.keyboard.press(key)
    assert harness.trait(place, "x")[0] == 5
    cell(place, "w", 2, 2).focus()
    for key in ("PageUp", "+"):
        page.keyboard.press(key)
    assert harness.trait(place, "w")[8] == 4
    expect(place.locator("[aria-live]")).to_contain_text("w[2, 2] = 4 meets nine places of x")
    place.get_by_role("button", name="Reset").click()
    harness.settled(place)
    assert harness.trait(place, "w") == list(np.ravel(GradientFlow().w))


def test_numbers_are_changed_by_hand(mounted, page: Page):
    """dy by dragging up and down while what it sends changes; x and w by the buttons beside a pin."""
    place = mounted(GradientFlow())
    x, y = (cell(place, "dy", 1, 1).bounding_box()[side] + 13 for side in ("x", "y"))
    with harness.held(page, (x, y), (x, y + 21)):
        expect(place.locator(".sentence")).to_contain_text("dy[1, 1] = −2 sends")
    assert harness.trait(place, "dy")[4] == -2
    expect(place.locator(".chip")).to_have_attribute("data-shown", "no")
    cell(place, "w", 0, 0).click()
    more, less = (page.get_by_role("button", name=sign, exact=True) for sign in "+−")
    for _ in range(9):
        more.click()
    assert harness.trait(place, "w")[0] == 9
    less.click()
    assert harness.trait(place, "w")[0] == 8
    expect(page.get_by_role("group", name="Change w[0, 0]")).to_be_visible()
    cell(place, "dx", 1, 1).click()
    expect(place.locator(".change")).to_have_attribute("data-shown", "no")
    page.get_by_role("button", name="Fill dy").click()
    assert np.count_nonzero(harness.trait(place, "dy")) > 5
    page.get_by_role("button", name="One dy").click()
    assert harness.trait(place, "dy") == [0, 0, 0, 0, 1, 0, 0, 0, 0]


def test_a_finger(mounted, page: Page):
    """It drags a dy and the page stays; taken away, it leaves no trace; on x it scrolls the page; a tap pins."""
    page.set_viewport_size({"width": 390, "height": 664})
    place = mounted(GradientFlow())
    page.evaluate("document.body.style.height = '3000px'")
    fingers = Fingers(page)
    box = cell(place, "dy", 0, 1).bounding_box()
    x, y = box["x"] + 13, box["y"] + 13
    fingers.drag(x, y, 0, -35)
    harness.settled(place)
    assert harness.trait(place, "dy")[1] == 5
    expect(place.locator(".sentence")).to_contain_text("dy[0, 1] = 5 sends")
    fingers.send("touchCancel")
    harness.settled(place)
    assert harness.trait(place, "dy")[1] == 0
    fingers.drag(x, y, 0, 21)  # over the next one, which it does not take over
    expect(place.locator(".sentence")).to_contain_text("dy[0, 1] = −3 sends")
    fingers.send("touchEnd")
    assert harness.trait(place, "dy")[1] == -3
    assert page.evaluate("scrollY") == 0
    fingers.send("touchStart", (x, y + box["height"]))
    fingers.send("touchEnd")
    expect(place.locator(".chip")).to_have_text("✕ dy[1, 1]")
    box = cell(place, "x", 3, 3).bounding_box()
    fingers.drag(box["x"] + 10, box["y"] + 10, 0, -120)
    fingers.send("touchEnd")
    page.wait_for_function("scrollY > 0")


def test_gradients_are_sent(mounted, page: Page):
    """One after the other by Play and by keys, zeros left out; on its way a gradient flies; what is pinned lets go."""
    widget = GradientFlow(dy=MANY)
    place = mounted(widget)
    slider = place.get_by_role("slider", name="sent")
    assert slider.evaluate("node => [node.max, node.value]") == ["7", "7"]
    slider.focus()
    for done in (6, 5):
        page.keyboard.press("ArrowLeft")
        assert harness.trait(place, "done") == done
    harness.settled(place)
    widget.done = 5
    assert table(place, "dw") == shown(widget._dw(widget.sent))
    expect(place.locator(".transport .value")).to_have_text("5 of 7")
    put(place, done=5.5)
    flying = place.locator(".air .cell")
    expect(flying).to_have_count(18)
    i, j = widget._places[5]
    terms = np.stack([np.array(widget.w), np.array(widget.x)[i : i + 3, j : j + 3]], axis=-1) * MANY[i][j]
    assert [text.replace("+", "") for text in flying.all_text_contents()] == shown(terms)
    put(place, done=6.0)
    expect(flying).to_have_count(0)
    cell(place, "dx", 0, 0).click()
    page.keyboard.press("Tab")
    slider.focus()
    page.keyboard.press("End")
    assert harness.trait(place, "done") == 49, "all of them, and of more when there are more"
    expect(place.locator(".chip")).to_have_attribute("data-shown", "no")
    order(place, "play", **{"from": 6})
    harness.wait_for_trait(place, "done", "value === 49")
    assert table(place, "dx") == shown(widget.dx)
    page.get_by_role("button", name="Play").click()
    harness.wait_for_trait(place, "done", "value < 7")
    page.get_by_role("button", name="Pause").click()
    put(place, dy=np.zeros((3, 3), dtype=int).tolist())
    expect(place.locator(".sentence")).to_contain_text("All of dy is 0")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_settings_stop_where_they_must(mounted, page: Page):
    """A button that leads nowhere says why; numbers stay where there is room; Python takes every state."""
    place = mounted(GradientFlow())
    sentence = place.locator(".sentence")

    def step(name: str, way: str) -> None:
        place.get_by_role("button", name=f"{name} {way}", exact=True).click(force=True)
        harness.settled(place)
        names = ("size", "kernel_size", "stride", "padding", "dilation", "x", "w", "dy")
        now = GradientFlow(**{trait: harness.trait(place, trait) for trait in names})
        assert table(place, "dw") == shown(now.dw)

    step("padding", "more")
    step("padding", "more")
    expect(sentence).to_have_text(
        "Not here: x with its padding, w and y must have at most 17 columns together, got 19."
    )
    assert harness.trait(place, "padding") == 1
    expect(place.get_by_role("button", name="padding more")).to_have_attribute("aria-disabled", "true")
    step("kernel_size", "less")
    step("kernel_size", "less")
    expect(sentence).to_contain_text("padding must be at most d(k − 1) = 0, got 1")
    step("padding", "less")
    step("kernel_size", "less")
    assert harness.trait(place, "w") == [1]
    step("kernel_size", "more")
    step("kernel_size", "more")
    assert harness.trait(place, "w") == [1, 2, 0, 0, 1, -1, -1, 0, 2]
    step("size", "more")
    step("stride", "more")
    expect(sentence).to_contain_text("No window reaches the last row and column of x")
    step("stride", "more")
    step("stride", "more")
    expect(sentence).to_have_text("Not here: stride is 1 to 3.")
    page.locator("h1").click()
    cell(place, "dx", 0, 0).hover()
    expect(sentence).to_contain_text("gathers dy·w")
    place.get_by_role("button", name="Reset").click()
    harness.settled(place)
    assert len(harness.trait(place, "x")) == 25


@pytest.mark.parametrize("show", [[], ["dx", "words", "play"], ["forward", "dw", "words"]], ids=len)
def test_room(mounted, page: Page, show):
    """As high as Python says, whatever is touched; on a phone the picture, its sentence and Play fit one screen."""
    for traits in ({"dy": MANY}, {"size": 6, "padding": 1}, {"size": 7, "stride": 2, "view": "convolution"}):
        widget = GradientFlow(show=show, **traits)
        place = mounted(widget)
        for width, expected in harness.rooms(place, widget):
            for value in ("", "dx2,2", "dw0,0", "dy0,0", "x1,1"):
                look(place, value)
                height = harness.height_of(place, expected)
                assert abs(height - expected) <= 6, (width, traits, value)
            if width == 358 and not show:
                top, play = place.locator(".stage").bounding_box(), place.locator(".transport").bounding_box()
                assert play["y"] + play["height"] - top["y"] <= 560
    for part, kind in {"forward": "w", "dx": "dx", "dw": "dw", "words": "", "play": "", "settings": ""}.items():
        where = {"words": ".sentence", "play": ".transport", "settings": ".steppers"}.get(part, f".block.{kind}")
        where = where.replace(".block.w", ".title.turned")
        assert place.locator(where).is_visible() == (not show or part in show)
    assert place.locator(".block.dy").is_visible()


def test_lettering_is_legible_on_a_phone(mounted, page: Page):
    """11 pixels or more; and unless the weights are large, no number is wider than its cell."""
    page.set_viewport_size({"width": 390, "height": 664})
    large = {"size": 6, "padding": 1, "w": [[9, -9, 9]] * 3}
    for traits in ({"dy": MANY}, {"size": 6, "padding": 1}, {"size": 7, "dilation": 2, "view": "convolution"}, large):
        place = mounted(GradientFlow(**traits))
        look(place, "dx2,2")
        sizes = place.locator(".stage, .stage *").evaluate_all(
            "nodes => nodes.filter((n) => n.innerText?.trim()).map((n) => parseFloat(getComputedStyle(n).fontSize))"
        )
        assert min(sizes) >= 11
        if "w" in traits:
            continue
        wide = place.locator(".number").evaluate_all(
            """numbers => numbers.filter((number) => number.checkVisibility()).map((number) => {
                const range = document.createRange();
                range.selectNodeContents(number);
                return range.getBoundingClientRect().width - number.parentElement.getBoundingClientRect().width;
            })"""
        )
        assert max(wide) <= 1


def test_an_address_keeps_the_state(mounted, page: Page):
    """What Copy link would write comes back; what cannot be is made possible or said; each part can be lit."""
    mounted(GradientFlow())
    address = page.url.split("#")[0]
    page.goto(f"{address}#GradientFlow-1?size=6&stride=2&dy=[1,-2,3,1]&view=convolution&done=2")
    place = page.locator(".cl-live").first
    harness.wait_for_trait(place, "view", "value === 'convolution'")
    there = GradientFlow(size=6, stride=2, dy=[[1, -2], [3, 1]], view="convolution", done=2)
    expect(place.locator(".sentence")).to_have_text(there.sentence())
    assert table(place, "dw") == shown(there._dw(there.sent))
    page.goto(f"{address}#GradientFlow-1?size=9&padding=2&dilation=2")
    harness.wait_for_trait(place, "padding", "value === 2")
    expect(page.locator(".cl-note")).to_have_text("Part of the link could not be read: size.")
    assert "NaN" not in place.inner_html()
    assert re.fullmatch(r"A single gradient of 1 .*", place.locator(".sentence").inner_text())
    page.goto(f"{address}#GradientFlow-1?padding=2&kernel_size=1&size=7&x=[1,2]")
    harness.wait_for_trait(place, "kernel_size", "value === 1")
    assert len(table(place, "x")) == 49


def test_links_that_change_settings_and_look(mounted):
    """In one go: where the padding was another, the place looked at is the one named; dy is filled as it now is."""
    place = mounted(GradientFlow())

    def follow(orders: list[dict], **traits: object) -> None:
        """As ``widget-links.js`` does: the traits, then the orders, before anything is drawn."""
        place.evaluate(
            "(node, [traits, orders]) => { node.model.set(traits); orders.forEach((o) => node.model.receive(o)); }",
            [traits, orders],
        )
        harness.settled(place)

    follow([{"do": "fill"}, {"do": "look", "value": "dy0,0"}], padding=1, size=5)
    expect(place.locator(".sentence")).to_contain_text("dy[0, 0] = 1")
    assert len(harness.trait(place, "dy")) == 25
    follow([{"do": "fill"}, {"do": "look", "value": "dx2,2"}], padding=0, dilation=2, kernel_size=2)
    expect(place.locator(".chip")).to_have_text("✕ dx[2, 2]")
    expect(place.locator(".sentence")).to_contain_text("dx[2, 2] gathers")
    follow([{"do": "fill"}], kernel_size=3, dilation=1, stride=2)
    assert harness.trait(place, "dy") == [1, -2, 2, 1]
    expect(place.locator(".chip")).to_be_hidden()
