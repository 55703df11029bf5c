"""DiscreteConvolution in a browser: what it shows, by mouse, by finger and by keyboard; its size."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.widgets.discrete_convolution import MODES, OPERATIONS, DiscreteConvolution
from tests.site import harness
from tests.site.conftest import serving
from tests.site.harness import Fingers, Point, drag, middle, order, put, settled, trait

DEFAULT = DiscreteConvolution()
WHOLE = {"all_at_once": True}
X, W = ".grips.x .grip", ".grips.w .grip"


def calm(page: Page) -> None:
    """Without animations, so that parts stand where they belong in the next frame."""
    page.emulate_media(reduced_motion="reduce")


def pull(page: Page, place: Locator, by: Point, button: str = "left") -> None:
    """Drag the middle of ``place`` so far."""
    x, y = middle(place)
    drag(page, (x, y), (x + by[0], y + by[1]), button=button)


def shown(text: str) -> float:
    """A number as the page writes it."""
    return float(text.replace("−", "-"))


def minus(number: float) -> str:
    return f"{number:g}".replace("-", "−")


def test_shown_numbers_are_pythons(mounted):
    """The sum, the y bars, the vector y and the matrix show what Python computes, in every mode and operation."""
    given = {"x": [1, -2, 3, 0.5, 1], "w": [1, 2, -1], "n": 1}
    place = mounted(DiscreteConvolution(**given, **WHOLE))
    for mode, operation in itertools.product(MODES, OPERATIONS):
        put(place, mode=mode)
        put(place, operation=operation)
        put(place, n=1)
        widget = DiscreteConvolution(**given, mode=mode, operation=operation)
        expect(place.locator(".sum .result")).to_have_text(minus(widget.output[1]))
        expect(place.locator(".cells .line")).to_have_count(len(widget.output))
        expect(place.locator(".results span")).to_have_text([minus(y) for y in widget.output])
        assert [shown(t) for t in place.locator(".sums .number").all_text_contents()] == widget.output.tolist()
        cells = [shown(t or "0") for t in place.locator(".cell").all_inner_texts()]
        assert cells == widget.matrix.ravel().tolist()
        terms = place.locator(".terms").nth(1).locator("[data-k]").all_inner_texts()
        products = [np.prod([shown(f.strip("()")) for f in t.split("·")]) for t in terms]
        assert sum(products) == pytest.approx(widget.output[1])
        places = [str(widget.first + n) for n in range(len(widget.output))]
        assert place.locator(".results small").all_inner_texts() == places
        assert place.locator("[data-part=y] .ticks text").all_text_contents() == places
        expect(place.locator(".sum > b").first).to_have_text(f"y[{places[1]}]")
        slider = place.get_by_role("slider", name="n", exact=True)
        expect(slider).to_have_attribute("max", str(len(places) - 1))
        expect(slider).to_have_attribute(
            "aria-valuetext", f"n = {places[1]}, y[{places[1]}] = {minus(widget.output[1])}"
        )


def test_columns_stand_under_their_samples(mounted, page: Page):
    """One grid of columns: y[m] and the matrix's column m stand under x[m], and so does the tap that meets it."""
    calm(page)
    place = mounted(DiscreteConvolution(**WHOLE))
    names = place.locator(".tap-names text")

    def left_to_right() -> list[str]:
        return [name for _, name in sorted((middle(names.nth(k))[0], names.nth(k).text_content()) for k in range(3))]

    for width in (390, 1000):
        page.set_viewport_size({"width": width, "height": 844})
        settled(place)
        for m in range(8):
            x = middle(place.locator(X).nth(m))[0]
            assert middle(place.locator(".sums .bar").nth(m))[0] == pytest.approx(x, abs=1)
            assert middle(place.locator(".cell").nth(m))[0] == pytest.approx(x, abs=1.5)
        assert middle(place.locator(".taps .bar").first)[0] == pytest.approx(middle(place.locator(X).nth(3))[0], abs=1)
    assert left_to_right() == ["w[2]", "w[1]", "w[0]"]
    expect(place.locator(".sum")).to_contain_text("y[3]= w[0]·x[3] + w[1]·x[2] + w[2]·x[1]= 2·1 + 1·3 + (−1)·2 = 3")
    place.get_by_label("correlation").check()
    expect(place.locator(".sum")).to_contain_text("y[3]= w[0]·x[1] + w[1]·x[2] + w[2]·x[3]= 2·2 + 1·3 + (−1)·1 = 6")
    assert left_to_right() == ["w[0]", "w[1]", "w[2]"]
    place.locator(X).nth(4).hover()
    settled(place)
    assert left_to_right() == ["w[2]", "w[1]", "w[0]"], "what a correlation scatters is flipped"


def test_the_kernel_turns_over(mounted, page: Page):
    """Between the two operations it is foreshortened, and ends at full width; at once for who asked for less motion."""
    page.clock.install()
    place = mounted(DEFAULT)
    bar = place.locator(".taps .bar").first
    settled(place)
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)  # from here on time passes when it is told to

    def widths() -> list[float]:
        seen = []
        for _ in range(60):
            page.clock.run_for(25)
            seen.append(float(bar.get_attribute("width")))
        return seen

    place.evaluate("node => node.model.set('operation', 'correlation')")
    seen = widths()
    assert min(seen) < 0.8 * seen[-1]
    calm(page)
    place.evaluate("node => node.model.set('operation', 'convolution')")
    assert set(widths()) == {seen[-1]}


def test_quiet_at_rest(mounted, page: Page):
    """The sum in numbers; the names that they stand for come with a touch, under them: nothing moves.  Or on demand."""
    calm(page)
    place = mounted(DEFAULT)
    names, numbers = place.locator(".terms").nth(0), place.locator(".terms").nth(1)
    expect(names).to_be_hidden()
    expect(numbers).to_have_text("= 2·1 + 1·3 + (−1)·2 = 3")
    expect(place.locator(".system")).to_be_hidden()
    before, sum_before = numbers.bounding_box(), place.locator(".sum").bounding_box()
    numbers.locator("[data-k='1']").hover()
    expect(names).to_be_visible()
    assert numbers.bounding_box() == before
    assert place.locator(".sum").bounding_box() == sum_before
    assert names.bounding_box()["y"] >= before["y"] + before["height"] - 1
    page.mouse.move(5, 5)
    expect(names).to_be_hidden()
    place = mounted(DiscreteConvolution(show=["bars", "sum"]))
    expect(place.locator(".terms").nth(0)).to_be_visible()


@pytest.mark.parametrize("width", [358, 790])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_captions_stay_clear_of_the_window(mounted, page: Page, width, operation):
    """However far to the left the window stands, and however long a caption is."""
    calm(page)
    page.set_viewport_size({"width": width + 32, "height": 844})
    place = mounted(DiscreteConvolution(x=[1] * 10, w=[1] * 5, operation=operation))
    overlap = """node => {
        const shade = node.querySelector(".shade").getBoundingClientRect();
        const texts = [...node.querySelectorAll("svg .name:not(.tap-names .name, .sigma .name), svg .note")];
        return texts.filter((text) => text.textContent && text.getBoundingClientRect().right > shade.left + 1)
            .map((text) => [text.textContent, text.getBoundingClientRect().right - shade.left]);
    }"""
    for mode in MODES:
        put(place, mode=mode)
        for n in (0, 1, 13):
            put(place, n=min(n, len(DiscreteConvolution(x=[1] * 10, w=[1] * 5, mode=mode).output) - 1))
            assert place.evaluate(overlap) == [], (mode, n)


@pytest.mark.parametrize("given", [{}, WHOLE, {"mode": "circular", "n": 0}, {"w": [1, -1]}])
def test_no_holes(mounted, page: Page, given):
    """From one part to the next, and to the end of the widget, there are never more than 80 empty pixels."""
    calm(page)
    for width in (358, 790):
        page.set_viewport_size({"width": width + 32, "height": 844})
        place = mounted(DiscreteConvolution(**given))
        settled(place)
        gaps = place.evaluate(
            """node => {
                const root = node.querySelector(".cl-widget");
                const seen = [...root.querySelectorAll("*")].filter((part) =>
                    part.checkVisibility({ visibilityProperty: true }) && part.getBoundingClientRect().width > 1 &&
                    (part.matches(".bar, text, circle, input, button, select") || part.matches(".cell, .term")));
                const words = document.createRange();
                words.selectNodeContents(root.querySelector(".detail"));
                const boxes = [...seen, words].map((part) => part.getBoundingClientRect());
                boxes.sort((a, b) => a.top - b.top);
                const gaps = [];
                let foot = root.getBoundingClientRect().top;
                for (const { top, bottom } of boxes) {
                    gaps.push(top - foot);
                    foot = Math.max(foot, bottom);
                }
                return [...gaps, root.getBoundingClientRect().bottom - foot];
            }"""
        )
        assert max(gaps) <= 80, (width, max(gaps))


def test_guests_name_their_hosts(mounted, page: Page):
    """Around the ring each dashed guest has the index of the sample that it is, on a phone too, and its height."""
    calm(page)
    for width in (358, 790):
        page.set_viewport_size({"width": width + 32, "height": 844})
        place = mounted(DiscreteConvolution(mode="circular", n=0))
        settled(place)
        assert place.locator("[data-part=x] .ticks .away").all_text_contents() == ["6", "7"]
        assert place.locator(".beyond .ghost .number").all_text_contents() == ["1", "2"]
        dashes = place.locator(".beyond .ghost .bar").evaluate_all(
            "all => all.map((b) => getComputedStyle(b).strokeDasharray)"
        )
        assert all(dash != "none" for dash in dashes)
        for guest, host in enumerate((6, 7)):
            heights = [
                place.locator(bars).nth(i).bounding_box()["height"]
                for bars, i in ((".beyond .ghost .bar", guest), (".samples .bar", host))
            ]
            assert heights[0] == pytest.approx(heights[1], abs=2)  # the outline is drawn half outside


def test_keyboard(mounted, page: Page):
    """Everything can be reached and done by Tab and keys alone."""
    calm(page)
    place = mounted(DiscreteConvolution(**WHOLE))
    detail, focused = place.locator(".detail"), page.locator(":focus")
    for key in ("Tab", "End", "PageDown", "ArrowLeft", "ArrowDown"):
        page.keyboard.press(key)
    assert trait(place, "x") == [1, 2, 3, 1, -1, -2, 0.5, 1]
    expect(focused).to_have_attribute("aria-label", "x[6]")
    expect(focused).to_have_attribute("aria-valuetext", "0.5")
    expect(detail).to_contain_text("x[6] = 0.5 is scattered into y[6], y[7] and y[8]: it adds 1, 0.5 and −0.5.")
    for key in ("Tab", "ArrowLeft", "ArrowUp", "ArrowUp"):  # flipped: the next tap stands on the left
        page.keyboard.press(key)
        settled(place)
    assert trait(place, "w") == [2, 2, -1]
    expect(detail).to_contain_text("w[1] = 2 says how much of x[n − 1] goes into y[n]")
    page.keyboard.press("Tab")
    expect(focused).to_have_attribute("aria-valuetext", "3 taps")
    for key, taps in (("+", 4), ("ArrowLeft", 5), ("ArrowRight", 4), ("-", 3), ("Home", 1), ("End", 5), ("-", 4)):
        page.keyboard.press(key)
        expect(focused).to_have_attribute("aria-valuetext", f"{taps} taps" if taps > 1 else "1 tap")
    assert trait(place, "w") == [2, 2, -1, 0], "taps that come back have their values"
    page.keyboard.press("Tab")
    expect(place.get_by_label("x, ready-made")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(place.locator(".play")).to_be_focused()
    for key, n in (("Tab", 3), ("End", 10), ("Home", 0)):
        page.keyboard.press(key)
        assert trait(place, "n") == n
    for key in ("Tab", "ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    expect(focused).to_have_attribute("aria-label", "A[2, 1] = w[2−1] = w[1] = 2: how much of x[1] goes into y[2].")
    expect(place.locator(".sum")).to_contain_text("y[2]")
    page.keyboard.press("Enter")
    expect(place.locator(".chip")).to_have_text("✕ A[2, 1]")
    assert trait(place, "n") == 2
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert trait(place, "mode") == "same"


def test_dragging(mounted, page: Page):
    """Bars of x and w follow the mouse in steps of a half, and stop at 3; sideways the kernel slides."""
    calm(page)
    place = mounted(DEFAULT)
    half = 6  # pixels of half a unit, for x and w alike
    pull(page, place.locator(X).nth(4), (0, -3 * half))
    assert trait(place, "x") == [1, 2, 3, 1, 0.5, -2, 1, 2]
    pull(page, place.locator(X).nth(5), (0, 300))
    assert trait(place, "x")[5] == -3
    pull(page, place.locator(W).nth(2), (0, -300))
    assert trait(place, "w") == [2, 1, 3]
    expect(place.locator(".sum .result")).to_have_text("11")  # 2·1 + 1·3 + 3·2
    step = place.locator(X).first.bounding_box()["width"]
    pull(page, place.locator(W).nth(1), (2 * step, 4))
    assert (trait(place, "n"), trait(place, "w")) == (5, [2, 1, 3])
    pull(page, place.locator(".grab"), (-900, 0))
    assert trait(place, "n") == 0
    for part in (X, W, ".grab", ".pick", ".edge .reach"):
        pull(page, place.locator(part).first, (40, -40), button="right")
    assert (trait(place, "n"), trait(place, "w")) == (0, [2, 1, 3])


@pytest.mark.parametrize(("operation", "outward"), [("convolution", -1), ("correlation", 1)])
def test_pulling_the_kernels_edge(mounted, page: Page, operation, outward):
    """It becomes longer and shorter on that side; the other end stays over its sample, in any mode."""
    calm(page)
    for mode, n in (("full", 3), ("same", 3), ("valid", 2)):
        place = mounted(DiscreteConvolution(operation=operation, mode=mode, n=n))
        step = place.locator(X).first.bounding_box()["width"]
        under = place.locator(".term b.x").first.text_content
        before = under()
        pull(page, place.locator(".edge .reach"), (outward * 2 * step, 0))
        assert trait(place, "w") == [2, 1, -1, 0, 0]
        expect(place.locator(".taps .bar")).to_have_count(5)
        assert under() == before
        step = place.locator(X).first.bounding_box()["width"]
        pull(page, place.locator(".edge .reach"), (-outward * 3 * step, 0))
        assert trait(place, "w") == [2, 1]
        expect(place.locator(".taps .bar")).to_have_count(2)
        assert under() == before


def test_looking(mounted, page: Page):
    """A cell, a sample, a tap, an output and a term say what they are made of; a click keeps it."""
    calm(page)
    place = mounted(DiscreteConvolution(**WHOLE))
    detail = place.locator(".detail")
    cell = place.locator(".cell[data-row='6'][data-column='5']")
    cell.hover()
    expect(detail).to_have_text("A[6, 5] = w[6−5] = w[1] = 1: how much of x[5] goes into y[6].")
    assert trait(place, "n") == 3
    place.locator(".cell[data-row='6'][data-column='2']").hover()
    expect(detail).to_have_text("A[6, 2] = 0: w[6−2] is not a tap, so nothing of x[2] goes into y[6].")
    place.locator(X).nth(2).hover()
    expect(detail).to_contain_text("x[2] = 3 is scattered into y[2], y[3] and y[4]: it adds 6, 3 and −3.")
    expect(place.locator(".sum")).to_contain_text("x[2]·w[0] → y[2], ·w[1] → y[3], ·w[2] → y[4]3·2 = 6, 3·1 = 3")
    expect(place.locator(".results .lit")).to_have_count(3)
    taps = [middle(place.locator(".taps .bar").nth(k))[0] for k in range(3)]
    goes = [middle(place.locator(".sums .bar").nth(n))[0] for n in (2, 3, 4)]
    assert taps == pytest.approx(goes, abs=1), "scattering, the kernel stands as it is, over the outputs"
    page.mouse.move(5, 5)
    expect(detail).to_contain_text("Full: every place")
    place.locator(W).nth(1).hover()
    expect(detail).to_contain_text("One diagonal of A.")
    expect(place.locator(".cell.lit")).to_have_count(8)
    # Not straight from the tap: what it has lit goes out in the next frame, and with it the line of names.
    page.mouse.move(5, 5)
    expect(detail).to_contain_text("Full: every place")
    place.locator(".sum [data-k='2']:visible").first.hover()
    expect(detail).to_have_text("A[3, 1] = w[3−1] = w[2] = −1: how much of x[1] goes into y[3].")
    expect(place.locator(".sum .lit")).to_have_count(2)
    box = place.locator(".sums .bar").nth(7).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 3)
    expect(detail).to_have_text("y[7] gathers from x[5], x[6] and x[7]. One row of A.")
    cell.click()
    place.locator(X).nth(2).hover()
    expect(detail).to_contain_text("A[6, 5] = w[6−5] = w[1] = 1: how much of x[5] goes into y[6].")
    assert trait(place, "n") == 6
    put(place, n=7)
    expect(place.locator(".sum > b").first).to_have_text("y[7]")
    page.mouse.move(5, 5)
    expect(detail).to_contain_text("Full: every place")
    assert trait(place, "x") == list(DEFAULT.x), "looking changes nothing"


def test_prose_can_point(mounted):
    """Links play, and pin a sample, an output by its place in the full result, a tap."""
    place = mounted(DiscreteConvolution(mode="valid", n=0))
    for at, said in (("x2", "x[2] = 3 is scattered"), ("y5", "y[5] gathers"), ("w1", "w[1] = 1 says"), ("", "Valid")):
        order(place, "look", value=at)
        expect(place.locator(".detail")).to_contain_text(said)


@pytest.fixture
def phone(chromium):
    """A page of a telephone, with real touches."""
    context = chromium.new_context(viewport={"width": 390, "height": 664}, has_touch=True, is_mobile=True)
    yield context.new_page()
    context.close()


def test_by_finger(phone: Page, tmp_path):
    """A finger drags bars and does not scroll; it looks while it is down, taps pin, and anywhere else they let go."""
    calm(phone)
    harness.write_page(tmp_path, DEFAULT)
    with serving(tmp_path) as address:
        phone.goto(f"{address}/index.html")
        phone.wait_for_selector(".cl-mount.mounted")
        phone.evaluate("document.body.style.paddingBottom = '1500px'")
        place, send = phone.locator(".cl-live"), Fingers(phone).send
        detail = place.locator(".detail")
        for bars, name, i, value in ((X, "x", 4, 0), (W, "w", 1, 2)):
            x, y = middle(place.locator(bars).nth(i))
            send("touchStart", (x, y))
            expect(detail).to_contain_text("One column of A" if name == "x" else "One diagonal of A")
            for up in (5, 10):
                send("touchMove", (x, y - up))
            send("touchEnd")
            phone.wait_for_function(
                "([name, i, v]) => document.querySelector('.cl-live').model.get(name)[i] === v", arg=[name, i, value]
            )
            expect(detail).to_contain_text("Full")
        x, y = middle(place.locator(X).nth(0))
        send("touchStart", (x, y))
        send("touchMove", (x, y - 19))
        phone.wait_for_function("document.querySelector('.cl-live').model.get('x')[0] === 3")
        send("touchStart", (x, y - 19), middle(place.locator(X).nth(5)))
        send("touchCancel")
        phone.wait_for_function("document.querySelector('.cl-live').model.get('x')[0] === 1")
        assert phone.evaluate("scrollY") == 0
        phone.touchscreen.tap(*middle(place.locator(X).nth(2)))
        expect(place.locator(".chip")).to_have_text("✕ x[2]")
        expect(detail).to_contain_text("x[2] = 3 is scattered")
        phone.touchscreen.tap(*middle(phone.locator("h1")))
        expect(detail).to_contain_text("Full")
        phone.touchscreen.tap(*middle(place.locator(".sums .bar").nth(6)))
        expect(detail).to_contain_text("y[6] gathers")
        place.locator(".chip").tap()
        expect(detail).to_contain_text("Full")
        assert trait(place, "n") == 6


def test_cause_and_effect_share_a_screen(phone: Page, tmp_path):
    """On a phone the drawing, the sum and every control stand within 560 pixels."""
    harness.write_page(tmp_path, DEFAULT)
    with serving(tmp_path) as address:
        phone.goto(f"{address}/index.html")
        phone.wait_for_selector(".cl-mount.mounted")
        top = phone.locator(".stage").bounding_box()["y"]
        for part in (".sum", ".controls", ".axis"):
            box = phone.locator(part).bounding_box()
            assert box["y"] + box["height"] - top <= 560, part


def test_beyond_the_ends(mounted):
    """Zeros stand hollow where the window reaches; around the ring they are copies of the other end."""
    place = mounted(DiscreteConvolution(n=0, **WHOLE))
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


def test_ready_made_sequences(mounted):
    """Ready-made sequences by name; another one has none; Reset brings the author's back."""
    place = mounted(DiscreteConvolution(x=[1, 2, 3], w=[1, 3]))
    kernel, samples = place.get_by_label("w, ready-made"), place.get_by_label("x, ready-made")
    for name, w in (("moving average", [0.5, 0.5]), ("echo", [1, 0, 0, 0.5]), ("delay by one", [0, 1])):
        kernel.select_option(name)
        assert trait(place, "w") == w
    samples.select_option("alternating")
    assert trait(place, "x") == [1, -1, 1]
    put(place, x=[0, 0, 2])
    expect(samples).to_have_value("")
    place.get_by_role("button", name="Reset").click()
    assert [trait(place, "x"), trait(place, "w")] == [[1, 2, 3], [1, 3]]
    expect(kernel).to_have_value("")


def test_n_stays_within_the_outputs(mounted):
    """Fewer outputs move n to the last one, on the page as in Python."""
    place = mounted(DiscreteConvolution(n=9))
    place.get_by_label("valid").check()
    assert trait(place, "n") == 5
    expect(place.locator(".value")).to_have_text("7")
    put(place, x=[1, 2, 3, 1])
    assert trait(place, "n") == 1
    put(place, w=[1, 2, 3, 1])
    assert trait(place, "n") == 0
    expect(place.locator(".value")).to_have_text("3")


def test_focus_survives_fewer_bars_and_cells(mounted, page: Page):
    """Where bars or cells go away, one of those left takes part in Tab, and the focus if theirs had it."""
    place = mounted(DiscreteConvolution(**WHOLE))

    def tab_stops(what: str) -> list[str]:
        return place.locator(f"{what}[tabindex='0']").evaluate_all("all => all.map((one) => one.ariaLabel)")

    place.locator(X).first.focus()
    page.keyboard.press("End")
    put(place, x=[1, 1, 2])
    expect(place.locator(":focus")).to_have_attribute("aria-label", "x[2]")
    assert tab_stops(X) == ["x[2]"]
    put(place, x=[1, 1, 2, 3])
    expect(place.locator(X)).to_have_count(4)
    assert tab_stops(X) == ["x[2]"]
    place.locator(".cell").first.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "End"):
        page.keyboard.press(key)
    put(place, x=[1, 2])
    expect(place.locator(".line")).to_have_count(4)
    expect(place.locator(":focus")).to_have_attribute("data-row", "3")
    expect(place.locator(":focus")).to_have_attribute("data-column", "1")
    assert len(tab_stops(".cell")) == 1


def test_play(mounted, page: Page):
    """Playing starts at the first output, goes on one by one, pauses, and stops at the last."""
    place = mounted(DiscreteConvolution(x=[1, 2], w=[1, 1], n=1))
    page.clock.install(time=0)
    page.clock.pause_at(60_000)  # from here on time passes when it is told to
    play = place.locator(".play")
    play.click()
    expect(play).to_have_text("❚❚ Pause")
    assert trait(place, "n") == 0
    page.clock.run_for(1000)
    assert trait(place, "n") == 1
    play.click()
    page.clock.run_for(5000)
    assert trait(place, "n") == 1
    play.click()
    page.clock.run_for(1000)
    assert trait(place, "n") == 2
    expect(play).to_have_text("▶ Play")


OUT = """(node) => {
    const root = node.querySelector(".cl-discrete");
    const edge = root.getBoundingClientRect().right;
    const parts = [...root.querySelectorAll(".controls *, .stage *, .system *, .axis *, .sum *")];
    return parts.filter((part) => part.getBoundingClientRect().right > edge).map((part) => part.outerHTML.slice(0, 90));
}"""


def test_fits(mounted, page: Page):
    """Down to 320 pixels nothing sticks out; the page keeps the height that it has, whole or reduced."""
    calm(page)
    for given in (
        {},
        WHOLE,
        {"x": [-2.5] * 10, "w": [-0.5] * 5, "n": 6, **WHOLE},
        {"show": ["bars"], "controls": ["n"]},
        {"show": ["bars", "sum", "controls"], "controls": ["mode"]},
        {"show": ["matrix", "words"]},
    ):
        widget = DiscreteConvolution(**given)
        place = mounted(widget)
        for width, room in zip((358, 654, 790), widget.room(), strict=True):
            page.set_viewport_size({"width": width + 32, "height": 844})
            settled(place)
            assert harness.height_of(place, room) == pytest.approx(room, abs=6), (given, width)
            assert place.evaluate(OUT) == [], (given, width)
        page.set_viewport_size({"width": 320, "height": 844})
        settled(place)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert place.evaluate(OUT) == [], given
