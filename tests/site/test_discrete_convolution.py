"""DiscreteConvolution in a browser: its maths against convlib, its controls by mouse and keyboard, its speed."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.widgets.discrete_convolution import MODES, OPERATIONS, DiscreteConvolution
from tests.site import harness
from tests.site.conftest import serving
from tests.site.harness import trait

DEFAULT = DiscreteConvolution()


def put(place: Locator, name: str, value: object) -> None:
    """Set a trait as Python would; lists as JSON."""
    place.evaluate("(node, [name, value]) => node.model.set(name, value)", [name, value])


def drag(page: Page, place: Locator, by: tuple[float, float], button: str = "left") -> None:
    """Press in the middle of ``place``, move, let go."""
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down(button=button)
    page.mouse.move(x + by[0], y + by[1], steps=4)
    page.mouse.up(button=button)


def shown(text: str) -> float:
    """A number as the page writes it."""
    return float(text.replace("−", "-"))


def call_all(page: Page, calls: list[tuple]) -> list:
    """What the module's functions return, each call a name and its arguments; the module is imported once."""
    return page.evaluate(
        """async ([source, calls]) => {
            const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
            return calls.map(([name, ...given]) => module[name](...given));
        }""",
        [DiscreteConvolution._esm, calls],
    )


def test_maths_is_convlibs(mounted, page):
    """Outputs and matrix of random sequences, of all lengths, in all modes, are Python's to rounding."""
    mounted(DEFAULT)
    rng = np.random.default_rng(5)
    for mode, operation in itertools.product(MODES, OPERATIONS):
        for samples, taps in ((1, 1), (1, 5), (3, 5), (8, 3), (10, 4)):
            x, w = rng.uniform(-3, 3, samples).tolist(), rng.uniform(-3, 3, taps).tolist()
            m = samples // 2
            widget = DiscreteConvolution(x=x, w=w, n=0, mode=mode, operation=operation)
            said = f"{mode} {operation} of {samples} by {taps}"
            y, rows, goes = call_all(
                page,
                [
                    ("outputs", x, w, mode, operation),
                    ("matrix", w, samples, mode, operation),
                    ("scattered", m, samples, taps, mode, operation),
                ],
            )
            np.testing.assert_allclose(y, widget.output, atol=1e-12, err_msg=said)
            np.testing.assert_allclose(rows, widget.matrix, atol=1e-12, err_msg=said)
            column = np.zeros(len(y))
            for to in goes:
                column[to["n"]] += w[to["k"]]
            np.testing.assert_allclose(column, widget.matrix[:, m], atol=1e-12, err_msg=said)


def test_shown_numbers_are_pythons(mounted):
    """The sum, the y bars, the vector y and the matrix show what Python computes, in every mode and operation."""
    place = mounted(DiscreteConvolution(x=[1, -2, 3, 0.5, 1], w=[1, 2, -1]))
    for mode, operation in itertools.product(MODES, OPERATIONS):
        put(place, "mode", mode)
        put(place, "operation", operation)
        put(place, "n", 1)
        widget = DiscreteConvolution(x=[1, -2, 3, 0.5, 1], w=[1, 2, -1], n=1, mode=mode, operation=operation)
        expect(place.locator(".sum .result")).to_have_text(f"{widget.output[1]:g}".replace("-", "−"))
        expect(place.locator(".cells .line")).to_have_count(len(widget.output))
        assert [shown(t) for t in place.locator(".vector.y span").all_inner_texts()] == widget.output.tolist()
        assert [shown(t) for t in place.locator(".sums .number").all_text_contents() if t] == widget.output.tolist()
        cells = [shown(t or "0") for t in place.locator(".cell").all_inner_texts()]
        assert cells == widget.matrix.ravel().tolist()
        terms = place.locator(".sum .equal").nth(1).locator("[data-k]").all_inner_texts()
        products = [np.prod([shown(f.strip("()")) for f in t.split("·")]) for t in terms]
        assert sum(products) == pytest.approx(widget.output[1])
        places = [str(widget.first + n) for n in range(len(widget.output))]
        assert place.locator(".vector.y small").all_inner_texts() == places
        assert place.locator(".stage .ticks").nth(1).locator("text").all_text_contents() == places
        expect(place.locator(".sum > .y").first).to_have_text(f"y[{places[1]}]")
        expect(place.locator(".value")).to_have_text(places[1])
        scrub = place.locator("input[type=range]")
        assert [scrub.get_attribute("min"), scrub.input_value(), scrub.get_attribute("max")] == [
            places[0],
            places[1],
            places[-1],
        ]
        assert trait(place, "n") == 1


def test_the_flip_is_seen(mounted):
    """Taps stand under the samples that they meet: flipped for a convolution, in order for a correlation."""
    place = mounted(DEFAULT)

    def names_left_to_right() -> list[str]:
        return place.locator(".stage .tap-names text").evaluate_all(
            "all => all.sort((a, b) => a.getAttribute('x') - b.getAttribute('x')).map(text => text.textContent)"
        )

    place.page.wait_for_function("!document.getAnimations().length")

    def middle(selector: str, i: int) -> float:
        box = place.locator(selector).nth(i).bounding_box()
        return box["x"] + box["width"] / 2

    assert names_left_to_right() == ["w[2]", "w[1]", "w[0]"]
    assert middle(".stage .taps .bar", 0) == pytest.approx(middle(".stage .samples .bar", 3), abs=1)
    assert middle(".stage .sums .bar", 3) == pytest.approx(middle(".stage .samples .bar", 3), abs=1)
    expect(place.locator(".sum")).to_contain_text("y[3]= w[0]·x[3] + w[1]·x[2] + w[2]·x[1]= 2·1 + 1·3 + (−1)·2")
    place.get_by_label("correlation").check()
    expect(place.locator(".sum")).to_contain_text("y[3]= w[0]·x[1] + w[1]·x[2] + w[2]·x[3]= 2·2 + 1·3 + (−1)·1")
    assert names_left_to_right() == ["w[0]", "w[1]", "w[2]"]
    expect(place.locator(".stage .head").nth(1)).to_contain_text("w[m − 1] the kernel, not flipped".replace("] ", "]"))


def test_keyboard(mounted, page: Page):
    """Everything can be reached and done by Tab and keys alone."""
    place = mounted(DEFAULT)
    detail = place.locator(".detail")
    page.keyboard.press("Tab")
    expect(place.get_by_label("x, the input")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert trait(place, "mode") == "same"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert trait(place, "operation") == "correlation"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    for key in ("ArrowRight", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    assert trait(place, "w") == [2, 2, -1]
    expect(detail).to_contain_text("w[1] = 2 says how much of x[n − 1] goes into y[n]")
    page.keyboard.press("Tab")
    expect(place.get_by_label("w, the kernel")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    assert trait(place, "w") == [2, 2, -1, 0]
    page.keyboard.press("Tab")
    for key in ("End", "PageDown", "ArrowLeft", "ArrowDown"):
        page.keyboard.press(key)
    assert trait(place, "x") == [1, 2, 3, 1, -1, -2, 0.5, 1]
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("aria-label", "x[6]")
    expect(focused).to_have_attribute("aria-valuetext", "0.5")
    expect(detail).to_contain_text("x[6] = 0.5 is scattered into y[6], y[7], y[8] and y[9]: it adds 1, 1, −0.5 and 0")
    page.keyboard.press("Tab")
    expect(place.locator(".play")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    assert trait(place, "n") == 10
    page.keyboard.press("Home")
    assert trait(place, "n") == 0
    page.keyboard.press("Tab")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator(":focus")).to_have_attribute(
        "aria-label", "A[2, 1] = w[2−1] = w[1] = 2: how much of x[1] goes into y[2]."
    )
    expect(place.locator(".sum")).to_contain_text("y[2]")
    page.keyboard.press("Enter")
    expect(detail).to_contain_text("Pinned")
    assert trait(place, "n") == 2
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Tab")
    expect(detail).to_contain_text("Full: every place where w touches x")


def test_dragging_bars(mounted, page: Page):
    """Bars of x and w follow the mouse in steps of a half, and stop at 3."""
    place = mounted(DEFAULT)
    half = 7  # pixels of half a unit, for x and w alike
    drag(page, place.locator(".grip.x").nth(4), (0, -3 * half))
    assert trait(place, "x") == [1, 2, 3, 1, 0.5, -2, 1, 2]
    drag(page, place.locator(".grip.x").nth(5), (0, 300))
    assert trait(place, "x")[5] == -3
    drag(page, place.locator(".grip.w").nth(2), (0, -300))
    assert trait(place, "w") == [2, 1, 3]
    expect(place.locator(".sum .result")).to_have_text("11")  # 2·1 + 1·3 + 3·2


def test_sliding_the_window_and_picking_outputs(mounted, page: Page):
    """Drag the window or pick a sum: n follows; hovering only looks."""
    place = mounted(DEFAULT)
    step = place.locator(".grip.x").first.bounding_box()["width"]
    drag(page, place.locator(".grab"), (2 * step, 0))
    assert trait(place, "n") == 5
    drag(page, place.locator(".grab"), (-900, 0))
    assert trait(place, "n") == 0
    drag(page, place.locator(".pick"), (0.5 * step, 0))  # pressed between y[4] and y[5]
    assert trait(place, "n") == 5
    box = place.locator(".sums .bar").nth(7).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 3)
    expect(place.locator(".value")).to_have_text("7")
    expect(place.locator(".detail")).to_have_text("y[7] gathers from x[5], x[6] and x[7]. One row of A.")
    assert trait(place, "n") == 5
    page.mouse.move(5, 5)
    expect(place.locator(".value")).to_have_text("5")


def test_hovering_and_pinning(mounted, page: Page):
    """A cell, a sample, a tap and a term say what they are made of; a click keeps it, another lets go."""
    place = mounted(DEFAULT)
    detail = place.locator(".detail")
    cell = place.locator(".cell[data-n='6'][data-m='5']")
    cell.hover()
    expect(detail).to_have_text("A[6, 5] = w[6−5] = w[1] = 1: how much of x[5] goes into y[6].")
    expect(place.locator(".value")).to_have_text("6")
    assert trait(place, "n") == 3
    place.locator(".cell[data-n='6'][data-m='2']").hover()
    expect(detail).to_have_text("A[6, 2] = 0: w[6−2] is not a tap, so nothing of x[2] goes into y[6].")
    place.locator(".grip.x").nth(2).hover()
    expect(detail).to_contain_text("x[2] = 3 is scattered into y[2], y[3] and y[4]: it adds 6, 3 and −3.")
    expect(place.locator(".vector.y .lit")).to_have_count(3)
    place.locator(".grip.w").nth(1).hover()
    expect(detail).to_contain_text("One diagonal of A.")
    expect(place.locator(".cell.lit")).to_have_count(8)
    place.locator(".sum [data-k='2']").first.hover()
    expect(detail).to_have_text("A[3, 1] = w[3−1] = w[2] = −1: how much of x[1] goes into y[3].")
    expect(place.locator(".sum [data-k='2'].lit")).to_have_count(3)
    cell.click()
    place.locator(".grip.x").nth(2).hover()
    expect(detail).to_contain_text("A[6, 5] = w[6−5] = w[1] = 1: how much of x[5] goes into y[6]. (Pinned")
    assert trait(place, "n") == 6
    cell.click()
    page.mouse.move(5, 5)
    expect(detail).to_contain_text("Full: every place")
    place.locator(".grip.x").nth(2).click()
    page.mouse.move(5, 5)
    expect(detail).to_contain_text("x[2] = 3 is scattered")
    assert trait(place, "x") == list(DEFAULT.x), "a click changes nothing"


def test_every_cell_tells_the_truth(mounted, page: Page):
    """A cell's sentence works out the tap whose value stands there, and names the output as the full result does."""
    mounted(DEFAULT)
    sizes = ((8, 3, "valid"), (8, 3, "same"), (2, 2, "valid"))
    said = call_all(page, [("modeSentence", *size) for size in sizes])
    assert said[0].endswith("y[2] to y[7] of the full result; the array that valid returns starts at y[2].")
    assert said[1].endswith("y[1] to y[8] of the full result; the array that same returns starts at y[1].")
    assert said[2].endswith("y[1] of the full result; the array that valid returns holds it alone.")
    w = [1, 2, 3]
    for mode, operation in itertools.product(MODES, OPERATIONS):
        widget = DiscreteConvolution(x=[1] * 4, w=w, n=0, mode=mode, operation=operation)
        matrix = widget.matrix
        calls = [("cellSentence", n, m, w, 4, mode, operation) for n, m in np.ndindex(matrix.shape)]
        for said, ((n, m), value) in zip(call_all(page, calls), np.ndenumerate(matrix), strict=True):
            assert said.startswith(f"A[{widget.first + n}, {m}] = "), said
            assert said.endswith(f" into y[{widget.first + n}]."), said
            formula = said.split("w[")[1].split("]")[0].replace("−", "-").replace("mod", "%")
            k = eval(formula, {"__builtins__": {}})
            assert value == (w[k] if 0 <= k < 3 else 0), f"{mode} {operation}: {said}"
            assert ("not a tap" in said) == (not 0 <= k < 3), said


def test_beyond_the_ends(mounted):
    """Zeros stand hollow where the window reaches; around the ring they are copies of the other end."""
    place = mounted(DiscreteConvolution(n=0))
    expect(place.locator(".beyond .nothing")).to_have_count(4)
    expect(place.locator(".beyond .nothing.met")).to_have_count(2)
    expect(place.locator(".sum")).to_contain_text("w[1]·x[−1] + w[2]·x[−2]= 2·1 + 1·0 + (−1)·0")
    place.get_by_label("valid").check()
    expect(place.locator(".beyond > *")).to_have_count(0)
    expect(place.locator(".left-out")).to_have_count(4)
    place.get_by_label("circular").check()
    expect(place.locator(".beyond .ghost")).to_have_count(2)
    expect(place.locator(".sum")).to_contain_text("w[1]·x[7] + w[2]·x[6]= 2·1 + 1·2 + (−1)·1")
    expect(place.locator(".cell.wraps")).to_have_count(3)
    assert sorted(place.locator(".beyond .number").all_text_contents()) == ["1", "2"]


def test_presets_and_taps(mounted):
    """Ready-made sequences, your own ones back again, more and fewer taps with their values kept."""
    place = mounted(DiscreteConvolution(x=[1, 2, 3], w=[1, 3]))
    kernel, samples, taps = (
        place.get_by_label(label, exact=True) for label in ("w, the kernel", "x, the input", "taps")
    )
    for name, w in (("moving average", [0.5, 0.5]), ("echo", [1, 0, 0, 0.5]), ("delay by one", [0, 1])):
        kernel.select_option(name)
        assert trait(place, "w") == w
        expect(taps).to_have_value(str(len(w)))
    kernel.select_option("your own")
    assert trait(place, "w") == [1, 3]
    samples.select_option("alternating")
    assert trait(place, "x") == [1, -1, 1]
    put(place, "x", [0, 0, 2])
    expect(samples).to_have_value("your own")
    taps.fill("1")
    assert trait(place, "w") == [1]
    taps.fill("9")
    taps.blur()
    assert trait(place, "w")[:2] == [1, 3]
    assert len(trait(place, "w")) == 5
    expect(taps).to_have_value("5")


def test_n_stays_within_the_outputs(mounted):
    """Fewer outputs move n to the last one, on the page as in Python."""
    place = mounted(DiscreteConvolution(n=9))
    place.get_by_label("valid").check()
    assert trait(place, "n") == 5
    expect(place.locator(".value")).to_have_text("7")
    put(place, "x", [1, 2, 3, 1])
    assert trait(place, "n") == 1
    put(place, "w", [1, 2, 3, 1])
    assert trait(place, "n") == 0
    expect(place.locator(".value")).to_have_text("3")


def test_focus_survives_fewer_bars_and_cells(mounted, page: Page):
    """Where bars or cells go away, one of those left takes part in Tab, and the focus if theirs had it."""
    place = mounted(DEFAULT)

    def tab_stops(what: str) -> list[str]:
        return place.locator(f"{what}[tabindex='0']").evaluate_all("all => all.map((one) => one.ariaLabel)")

    place.locator(".grip.w").first.focus()
    page.keyboard.press("End")
    place.get_by_label("taps", exact=True).fill("2")
    expect(place.locator(".grip.w")).to_have_count(2)
    assert tab_stops(".grip.w") == ["w[1]"]
    place.locator(".grip.x").first.focus()
    page.keyboard.press("End")
    put(place, "x", [1, 1, 2])
    expect(place.locator(":focus")).to_have_attribute("aria-label", "x[2]")
    assert tab_stops(".grip.x") == ["x[2]"]
    put(place, "x", [1, 1, 2, 3])
    expect(place.locator(".grip.x")).to_have_count(4)
    assert tab_stops(".grip.x") == ["x[2]"]
    place.locator(".cell").first.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "End"):
        page.keyboard.press(key)
    put(place, "x", [1, 2])
    expect(place.locator(".line")).to_have_count(3)
    expect(place.locator(":focus")).to_have_attribute("data-n", "2")
    expect(place.locator(":focus")).to_have_attribute("data-m", "1")
    assert tab_stops(".cell") == [place.locator(":focus").get_attribute("aria-label")]


def test_other_buttons_and_other_fingers_change_nothing(mounted, page: Page):
    """A right click is the browser's; while one finger drags a bar, a second one on another bar is left out."""
    place = mounted(DEFAULT)
    for part in (".grip.x", ".grip.w", ".grab", ".pick"):
        drag(page, place.locator(part).nth(0), (40, -40), button="right")
    page.mouse.move(5, 5)
    assert [trait(place, name) for name in ("x", "w", "n")] == [list(DEFAULT.x), list(DEFAULT.w), DEFAULT.n]
    expect(place.locator(".detail")).not_to_contain_text("Pinned")
    first, second = (place.locator(".grip.x").nth(m).bounding_box() for m in (0, 5))
    at = [{"x": box["x"] + box["width"] / 2, "y": box["y"] + 60, "id": i} for i, box in enumerate((first, second))]
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, *points: dict) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    fingers("touchStart", at[0])
    fingers("touchMove", at[0] | {"y": at[0]["y"] - 8})
    fingers("touchStart", at[0] | {"y": at[0]["y"] - 8}, at[1])
    fingers("touchMove", at[0] | {"y": at[0]["y"] - 14}, at[1] | {"y": at[1]["y"] - 30})
    fingers("touchEnd")
    page.wait_for_function("document.querySelector('.cl-live').model.get('x')[0] === 2")
    assert trait(place, "x") == [2, *DEFAULT.x[1:]]
    drag(page, place.locator(".grip.x").nth(5), (0, -14))
    assert trait(place, "x") == [2, 2, 3, 1, -1, -1, 1, 2], "afterwards the other bar can be dragged"


def test_n_set_elsewhere(mounted):
    """Python sets n: the live region has the sum in numbers; what is pinned lets go, and the picture follows."""
    place = mounted(DEFAULT)
    expect(place.locator("[aria-live]")).to_have_text("y[3] = 2·1 + 1·3 + (−1)·2 = 3")
    put(place, "n", 0)
    expect(place.locator("[aria-live]")).to_have_text("y[0] = 2·1 + 1·0 + (−1)·0 = 2")
    place.locator(".cell[data-n='2'][data-m='1']").click()
    place.page.mouse.move(5, 5)
    expect(place.locator(".detail")).to_contain_text("Pinned")
    put(place, "n", 7)
    expect(place.locator(".value")).to_have_text("7")
    expect(place.locator(".sum > .y").first).to_have_text("y[7]")
    expect(place.locator(".detail")).not_to_contain_text("Pinned")


def test_play(mounted, page: Page):
    """Playing starts at the first output, goes on one by one, pauses, and stops at the last."""
    page.emulate_media(reduced_motion="reduce")
    place = mounted(DiscreteConvolution(x=[1, 2], w=[1, 1], n=1))
    assert place.locator(".slide").first.evaluate("g => getComputedStyle(g).transitionDuration") in ("0s", "0.14s")
    assert place.locator(".slide").first.evaluate("g => getComputedStyle(g).transitionProperty") == "none"
    page.clock.install()
    play = place.locator(".play")
    play.click()
    expect(play).to_have_text("❚❚ Pause")
    assert trait(place, "n") == 0
    page.clock.run_for(1500)
    assert trait(place, "n") == 1
    play.click()
    page.clock.run_for(5000)
    assert trait(place, "n") == 1
    play.click()
    page.clock.run_for(1500)
    assert trait(place, "n") == 2
    expect(play).to_have_text("▶ Play")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessibility(mounted, page: Page, theme):
    """axe-core finds nothing serious, in either theme, at rest and with something pinned."""
    place = mounted(DiscreteConvolution(mode="circular", n=1), theme=theme)
    assert harness.serious_violations(page) == []
    place.locator(".cell[data-n='0'][data-m='7']").click()
    expect(place.locator(".detail")).to_contain_text("A[0, 7] = w[(0−7) mod 8] = w[1]")
    assert harness.serious_violations(page) == []


SETTLED = """async () => {
    for (let i = 0; i < 2; i += 1) await new Promise(requestAnimationFrame);
    const gliding = document.getAnimations().length;
    const root = document.querySelector(".cl-discrete");
    const edge = root.getBoundingClientRect().right - parseFloat(getComputedStyle(root).paddingRight) - 1;
    const out = [...root.querySelectorAll(".controls > *, .kernel *, .stage, .system *, .transport *, .words *")]
        .filter((part) => !part.closest(".frame.off") && part.getBoundingClientRect().right > edge + 0.5)
        .map((part) => `${part.tagName} ${part.getAttribute("class")} ${part.getBoundingClientRect().right - edge}`);
    return [gliding, document.documentElement.scrollWidth, out];
}"""


def test_phone(mounted, page: Page):
    """From the book's column to 320 pixels nothing sticks out or glides into place; below 600 the matrix is below."""
    page.set_viewport_size({"width": 1000, "height": 844})
    place = mounted(DiscreteConvolution(x=[-2.5] * 10, w=[-1.5] * 5, n=6))
    for x, w in (([-2.5] * 10, [-1.5] * 5), (DEFAULT.x, DEFAULT.w)):
        put(place, "x", list(x))
        put(place, "w", list(w))
        for width in (722, 390, 360, 320):
            page.set_viewport_size({"width": width, "height": 844})
            gliding, scroll, out = page.evaluate(SETTLED)
            assert gliding == 0, f"{width}: {gliding} parts glide"
            assert scroll <= width
            assert out == [], f"{width}: parts that stick out of the padding"
    assert place.locator(".equation").bounding_box()["y"] > place.locator(".stage").bounding_box()["y"] + 400
    assert place.locator(".grip.x").first.evaluate("g => getComputedStyle(g).touchAction") == "none"
    assert place.locator(".grab").evaluate("g => getComputedStyle(g).touchAction") == "pan-y"


def test_two_views_share_one_state(mounted, page: Page):
    """A second view of the same widget follows the first."""
    mounted(DEFAULT, views=2)
    first, second = page.locator(".cl-live").all()
    first.get_by_label("circular").check()
    expect(second.get_by_label("circular")).to_be_checked()
    expect(second.locator(".cells .line")).to_have_count(8)


DRAG = """async ([x, y, dx, dy, count]) => {
    const target = document.elementFromPoint(x, y);
    const times = [];
    let last = await new Promise(requestAnimationFrame);
    for (let i = 0; i < count; i += 1) {
        const there = Math.abs(((i + 4) % 16) - 8) - 4;
        const place = { clientX: x + there * dx, clientY: y + there * dy };
        target.dispatchEvent(new PointerEvent("pointermove", { ...place, pointerId: 1, buttons: 1, bubbles: true }));
        const now = await new Promise(requestAnimationFrame);
        times.push(now - last);
        last = now;
    }
    return times;
}"""


def frame_times(page: Page, place: Locator, by: tuple[float, float]) -> list[float]:
    """Milliseconds from frame to frame of a drag to and fro, one step of ``by`` a frame.

    harness.frame_times moves evenly, but here a drag snaps: in frames without a change this browser waits.
    """
    box = place.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    times = page.evaluate(DRAG, [x, y, *by, 80])
    page.mouse.up()
    return times


def test_frames_while_dragging(unlimited, tmp_path):
    """95 % of the frames of a drag take no longer than a sixtieth of a second: picking n, moving a bar of x, of w."""
    harness.write_page(tmp_path, DiscreteConvolution(x=[1, 2, 3, 1, -1, 0, 1, 2], w=[2, 1, 0]))
    context = unlimited.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    seen = "(node, name) => { window.seen = 0; node.model.on(`change:${name}`, () => { window.seen += 1; }); }"
    with serving(tmp_path) as address:
        page.goto(f"{address}/index.html")
        page.wait_for_selector(".cl-mount.mounted")
        place = page.locator(".cl-live")
        step = place.locator(".grip.x").first.bounding_box()["width"]
        for name, part, by in (
            ("n", place.locator(".pick"), (step, 0)),
            ("x", place.locator(".grip.x").nth(5), (0, 7)),
            ("w", place.locator(".grip.w").nth(2), (0, 7)),
        ):
            place.evaluate(seen, name)
            drags = [np.percentile(frame_times(page, part, by), 95) for _ in range(3)]
            assert page.evaluate("seen") > 200, f"every frame must have work to do: {name}"
            print(f"{name}: 95th percentiles {np.round(drags, 1)} ms")
            # Other programs can only make frames longer: the shortest of the three is nearest to what they cost.
            assert min(drags) <= 16.7, name
    context.close()
