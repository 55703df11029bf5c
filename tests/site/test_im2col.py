"""Im2col in the page: gathering, scattering, a tap's column, writing the rows, by mouse, finger, keys and links."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.widgets import Im2col
from tests.site import harness
from tests.site.harness import Fingers, order, put


def texts(place: Locator, table: str) -> list[str]:
    """What the cells of a table say, row after row."""
    return place.locator(f".block.{table} .cell").all_text_contents()


def lit(place: Locator, table: str) -> list[int]:
    """Which cells of a table stand out, counted row after row."""
    return place.locator(f".block.{table} .cell").evaluate_all(
        "cells => cells.flatMap((cell, i) => (cell.classList.contains('lit') ? [i] : []))"
    )


def shown(values: object) -> list[str]:
    """Numbers as the page writes them."""
    return [str(value).replace("-", "−") for value in np.ravel(values)]


def cell(place: Locator, table: str, index: int) -> Locator:
    """One cell of a table."""
    return place.locator(f".block.{table} .cell").nth(index)


def corner(place: Locator, frame: str, table: str) -> tuple[int, int, int, int]:
    """Row, column, rows and columns of a table's frame, in cells, once it has stopped gliding."""
    place.page.wait_for_function("document.getAnimations().length === 0")
    return tuple(
        place.evaluate(
            """(place, [frame, table]) => {
                const box = place.querySelector(frame).getBoundingClientRect();
                const cell = place.querySelector(`.block.${table} .cell`).getBoundingClientRect();
                const whole = (by, size) => Math.round(by / size);
                return [whole(box.top - cell.top, cell.height), whole(box.left - cell.left, cell.width),
                        whole(box.height, cell.height), whole(box.width, cell.width)];
            }""",
            [frame, table],
        )
    )


def test_all_that_is_shown_is_numpys(mounted, page: Page):
    """Every number of every table, at first, after the switch, and after other images, kernels and sizes."""
    widget = Im2col()
    place = mounted(widget)
    for traits in (
        {},
        {"operation": "correlation"},
        {"w": [[1, 2, 3], [4, 5, 6], [7, 8, 9]]},
        {"w": [[-3, 2], [1, 0]], "operation": "convolution", "t": 16.0},
    ):
        for name, value in traits.items():
            setattr(widget, name, value)
            sent = np.ravel(value).tolist() if name in "xw" else value
            put(place, **{name: sent})
        assert texts(place, "x") == shown(widget.x)
        assert texts(place, "w") == shown(widget.w)
        assert texts(place, "rows") == shown(widget.matrix)
        assert texts(place, "y") == texts(place, "result") == shown(widget.output)
        # The column's cells are kept by tap; where they stand is what is read.
        page.wait_for_function("document.getAnimations().length === 0")
        column = place.locator(".column .cell").evaluate_all(
            "cells => cells.map((c) => [c.getBoundingClientRect().top, c.textContent]).sort((a, b) => a[0] - b[0])"
        )
        assert [text for _, text in column] == shown(widget.weights)
        expect(place.locator(".sum")).to_have_text(widget.sentence())
        expect(place.locator(".sign").first).to_have_text("∗" if widget.operation == "convolution" else "⋆")


def test_touching(mounted, page: Page):
    """An output is gathered, a pixel scattered, a tap's column is a shifted copy of the image; a click pins."""
    place = mounted(Im2col())
    sentence = place.locator(".sentence")
    assert corner(place, ".x .frame", "x") == (2, 2, 3, 3)
    cell(place, "y", 3).hover()
    expect(sentence).to_contain_text("y[1, 0] gathers row 3")
    assert corner(place, ".rows .frame", "rows") == (3, 0, 1, 9)
    assert corner(place, ".x .frame", "x") == (1, 0, 3, 3)
    assert lit(place, "result") == lit(place, "y") == [3]
    cell(place, "x", 12).click()
    expect(sentence).to_contain_text("x[2, 2] = 6 stands in the matrix 9 times")
    assert lit(place, "rows") == list(range(8, 73, 8))  # the pixel in the middle: the other diagonal
    assert lit(place, "y") == list(range(9))
    cell(place, "x", 4).hover()
    expect(sentence).to_contain_text("x[2, 2]")
    page.get_by_role("button", name="✕ pixel").click()
    cell(place, "x", 4).click()
    expect(sentence).to_contain_text("x[0, 4] = 8 stands in the matrix once, of at most 9")
    assert lit(place, "rows") == [20]
    cell(place, "w", 2).click()
    expect(sentence).to_contain_text("x[2…4, 0…2]")
    assert corner(place, ".rows .frame", "rows") == (0, 6, 9, 1)
    assert corner(place, ".x .frame", "x") == (2, 0, 3, 3)
    assert lit(place, "column") == [2]
    place.get_by_text("⋆ correlation").click()
    cell(place, "w", 2).click()
    expect(sentence).to_contain_text("x[0…2, 2…4]")
    cell(place, "rows", 31).click()
    expect(sentence).to_contain_text("y[1, 0] gathers row 3")
    expect(place.locator(".sum .own")).to_have_text(" + 2·0")
    assert (lit(place, "x"), lit(place, "w"), lit(place, "rows")) == ([11], [4], [31])
    page.locator("h1").click()
    expect(sentence).to_contain_text("25 pixels, 81 numbers")


def test_changing_numbers(mounted, page: Page):
    """By the buttons beside a pin, and by typing; never beyond what Python takes."""
    place = mounted(Im2col())
    cell(place, "w", 0).click()
    for _ in range(9):
        page.get_by_role("button", name="+", exact=True).click()
    assert harness.trait(place, "w")[0] == 9
    page.get_by_role("button", name="−", exact=True).click()
    assert harness.trait(place, "w")[0] == 8
    expect(page.get_by_role("group", name="Change w[0, 0]")).to_be_visible()
    page.keyboard.press("Escape")
    cell(place, "x", 6).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("7")
    page.keyboard.press("-")
    assert harness.trait(place, "x")[7] == -7
    expect(place.locator("[aria-live]")).to_contain_text("x[1, 2] = −7 stands in the matrix 6 times")
    page.keyboard.press("Enter")
    expect(place.locator(".chip")).to_be_visible()
    place.get_by_role("button", name="Reset").click()
    assert harness.trait(place, "x") == list(np.ravel(Im2col().x))


def test_writing_the_rows(mounted, page: Page):
    """What is not yet written is empty; half-way, numbers are in the air; arrows go by rows; Play goes to the end."""
    place = mounted(Im2col(t=2.5))
    done = 2
    assert [bool(text) for text in texts(place, "result")] == [n < done for n in range(9)]
    assert [bool(text) for text in texts(place, "rows")] == [n < done for n in range(9) for _ in range(9)]
    flying = place.locator(".air .cell")
    expect(flying).to_have_count(9)
    assert flying.all_text_contents() == shown(Im2col().matrix[2])
    assert place.locator(".air .away").count() > 0
    slider = place.get_by_role("slider")
    slider.focus()
    for key, then in (("ArrowRight", 3), ("ArrowUp", 4), ("ArrowLeft", 3), ("ArrowDown", 2)):
        page.keyboard.press(key)
        assert harness.trait(place, "t") == then
    cell(place, "x", 0).click()
    expect(place.locator(".sentence")).to_contain_text("x[0, 0]")
    harness.set_trait(place, "t", 8.6)
    expect(place.locator(".chip")).not_to_be_visible()  # the one who moves the rows wants to see them
    place.get_by_role("button", name="Play").click()
    harness.wait_for_trait(place, "t", "value === 9")
    expect(place.get_by_role("button", name="Play")).to_be_visible()
    assert texts(place, "result") == shown(Im2col().output)


def test_orders_and_parts(mounted, page: Page):
    """Prose can look at a pixel, a tap, an output; and a reduced view shows what it names."""
    place = mounted(Im2col(show=["matrix", "words"]))
    for part, there in {".block.x": 0, ".block.rows": 1, ".sentence": 1, ".controls": 0}.items():
        assert place.locator(part).is_visible() == bool(there), part
    for look, words in {"x2,2": "x[2, 2]", "w0,1": "w[0, 1]", "y1,2": "y[1, 2] gathers", "": "Each window"}.items():
        order(place, "look", value=look)
        expect(place.locator(".sentence")).to_contain_text(words)


@pytest.mark.parametrize(
    "traits", [{}, {"x": np.ones((6, 6), int)}, {"show": ["image", "words"]}], ids=["rest", "16", "part"]
)
def test_room(mounted, page: Page, traits):
    """As high as Python says, whatever is looked at; on a phone the picture and Play are on one screen."""
    widget = Im2col(**traits)
    place = mounted(widget)
    for width, expected in harness.rooms(place, widget):
        for look in ("", "x0,1", "w1,1", "y1,1"):
            order(place, "look", value=look)
            assert abs(harness.height_of(place, expected) - expected) <= 6, (width, look)
        if width == 358 and not traits:
            top, play = place.locator(".stage").bounding_box(), place.locator(".controls").bounding_box()
            assert play["y"] + play["height"] - top["y"] <= 560


def test_an_address_keeps_the_state(mounted, page: Page):
    """What Copy link would write comes back; a list that is no square is still drawn, filled with zeros."""
    mounted(Im2col())
    address = page.url.split("#")[0]
    page.goto(f"{address}#Im2col-1?w=[1,2,3,4]&operation=correlation&t=2.5")
    place = page.locator(".cl-live").first
    harness.wait_for_trait(place, "t", "value === 2.5")
    assert texts(place, "w") == ["1", "2", "3", "4"]
    assert [text for text in texts(place, "rows") if text] == shown(Im2col(w=[[1, 2], [3, 4]]).matrix[:2])
    page.goto(f'{address}#Im2col-1?x=[1,2,3,4,5,6,7]&w=[10,0,0,0]&show=["rows"]')
    harness.wait_for_trait(place, "x", "value.length === 7")
    expect(page.locator(".cl-note")).to_have_text("Part of the link could not be read: w, show.")
    assert texts(place, "x") == ["1", "2", "3", "4", "5", "6", "7", *["0"] * 9]


def test_a_finger(mounted, page: Page):
    """It looks along the rows; up and down it scrolls the page, and what it looked at is let go."""
    page.set_viewport_size({"width": 390, "height": 664})
    place = mounted(Im2col())
    page.evaluate("document.body.style.height = '3000px'")
    fingers = Fingers(page)
    box = cell(place, "rows", 40).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    fingers.drag(x, y, 3 * box["width"], 0)
    expect(place.locator(".sum .own")).to_have_text(" + 2·0")
    fingers.send("touchEnd")
    expect(place.locator(".sentence")).to_contain_text("Touch one.")
    fingers.drag(x, y, 0, -150)
    fingers.send("touchEnd")
    page.wait_for_function("scrollY > 0")
    expect(place.locator(".sentence")).to_contain_text("Touch one.")
