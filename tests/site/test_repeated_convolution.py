"""RepeatedConvolution in a browser: its maths against convlib and SciPy, its controls, what it shows, its speed."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from scipy import stats

from convlib.widgets.repeated_convolution import SHAPES, RepeatedConvolution
from tests.site import harness
from tests.site.conftest import serving
from tests.site.harness import call, set_trait, trait

LABELS = {
    "fair": "a fair die",
    "coin": "a coin: 1 or 6",
    "sixes": "mostly sixes",
    "jackpot": "one rare jackpot",
    "even": "even faces only",
    "certain": "certainty: always 4",
}


def shares(weights: object) -> np.ndarray:
    """Weights as probabilities."""
    return np.asarray(weights, dtype=float) / np.sum(weights)


def percent(value: float) -> str:
    """As the widget writes a probability that is not tiny."""
    digits = 0 if value == 0 else 1 if value >= 0.01 else 2 if value >= 0.001 else 3
    return f"{100 * value:.{digits}f} %"


def remark(name: str, n: int) -> str:
    """What the words under the picture must say of a shape, as one sees it."""
    if name in ("coin", "even"):
        return "The empty numbers never fill."
    if n == 1 and name == "fair":
        return "nothing added yet"
    seen = {
        ("fair", 2): "A bell begins to show",
        ("fair", 4): "By eye it is a bell already",
        ("fair", 17): "can hardly be told apart",
        ("fair", 24): "can hardly be told apart",
        ("sixes", 24): "By eye a bell, leaning a little: the skewness is −0.33",
    }
    return seen.get((name, n), "Lopsided still" if n > 1 else "nothing added yet")


def tracks(place: Locator) -> Locator:
    """The six bars of one die."""
    return place.locator(".track")


def number(place: Locator, selector: str, attribute: str) -> float:
    """A number that is an attribute of an element."""
    return float(place.locator(selector).get_attribute(attribute))


def path_numbers(place: Locator) -> np.ndarray:
    """Coordinates of the drawn normal curve, in order."""
    return np.array(re.findall(r"[\d.]+", place.locator(".curve").get_attribute("d")), dtype=float)


def bar_height(place: Locator, k: int, least: int) -> float:
    """Height in pixels of the drawn bar of sum k."""
    heights = re.findall(r"v-([\d.]+)h", place.locator(".bars").get_attribute("d"))
    return float(heights[k - least])


def at_sum(place: Locator, k: int) -> tuple[float, float]:
    """A point of the stage above sum k, by the ticks of the axis."""
    xs = place.locator("svg.stage > text[y='274']").evaluate_all(
        "nodes => nodes.filter((n) => n.textContent).map((n) => [+n.textContent, +n.getAttribute('x')])"
    )
    (k0, x0), (k1, x1) = xs[0], xs[-1]
    box = place.locator("svg.stage").bounding_box()
    return box["x"] + x0 + (k - k0) / (k1 - k0) * (x1 - x0), box["y"] + 150


def test_maths_is_convlibs(mounted, page):
    """Powers, moments, span and gap of random distributions, with gaps and without, are Python's."""
    mounted(RepeatedConvolution())
    rng = np.random.default_rng(11)
    for nothing in ([0.0] * 6, [np.nan] * 6):
        assert call(page, RepeatedConvolution, "normalise", nothing) == pytest.approx([1 / 6] * 6)
    dust = RepeatedConvolution(weights=[1, 1e-30, 0, 0, 0, 0], n=4)
    p = call(page, RepeatedConvolution, "normalise", dust.weights.tolist())
    assert p == dust.probabilities.tolist() == [1, 0, 0, 0, 0, 0]
    assert call(page, RepeatedConvolution, "moments", p)["skewness"] == 0
    for trial in range(12):
        weights = (rng.uniform(0.05, 1, 6) * (rng.uniform(size=6) < (1 if trial < 3 else 0.5))).astype(np.float32)
        weights[trial % 6] = 0.5
        n = int(rng.integers(1, 31))
        python = RepeatedConvolution(weights=weights, n=n)
        p = call(page, RepeatedConvolution, "normalise", weights.tolist())
        np.testing.assert_allclose(p, python.probabilities, rtol=1e-14)
        np.testing.assert_allclose(
            call(page, RepeatedConvolution, "convolvePower", p, n), python.distribution, atol=1e-15
        )
        moments = call(page, RepeatedConvolution, "moments", p)
        assert n * moments["mean"] == pytest.approx(python.mean)
        assert n * moments["variance"] == pytest.approx(python.variance, abs=1e-12)
        sums = np.arange(n, 6 * n + 1)
        if python.span:
            third = python.distribution @ (sums - python.mean) ** 3 / python.variance**1.5
            assert moments["skewness"] / np.sqrt(n) == pytest.approx(third, abs=1e-9)
            assert call(page, RepeatedConvolution, "gap", p, n) == pytest.approx(python.gap, abs=1e-13)
        assert call(page, RepeatedConvolution, "span", p) == python.span


def test_normal_law_is_scipys(mounted, page):
    """Twelve digits and more, in the tails too."""
    mounted(RepeatedConvolution())
    for z in (-30, -9, -6.3, -5, -4.99, -2, -0.3, 0, 0.01, 1.96, 4.7, 5.2, 8):
        assert call(page, RepeatedConvolution, "normalCdf", z) == pytest.approx(stats.norm.cdf(z), rel=1e-9, abs=1e-15)
        assert call(page, RepeatedConvolution, "normalDensity", z) == pytest.approx(stats.norm.pdf(z), rel=1e-12)


def test_sharing(mounted, page):
    """One face gets what is asked; the others keep their proportions, or share evenly if they had nothing."""
    mounted(RepeatedConvolution())
    p = shares([1, 2, 3, 0, 5, 6])
    given = np.array(call(page, RepeatedConvolution, "share", p.tolist(), 2, 0.5))
    assert given[2] == 0.5
    others = [0, 1, 3, 4, 5]
    np.testing.assert_allclose(given[others], p[others] / p[others].sum() / 2)
    alone = call(page, RepeatedConvolution, "share", [0.0, 0, 1, 0, 0, 0], 2, 0.6)
    np.testing.assert_allclose(alone, [0.08, 0.08, 0.6, 0.08, 0.08, 0.08])


def test_shown_numbers_are_pythons(mounted):
    """Mean, variance, gap and the probability of the bar shown, for every shape but the certain one."""
    place = mounted(RepeatedConvolution())
    for name in set(SHAPES) - {"certain"}:
        place.get_by_label("p: one die").select_option(LABELS[name])
        np.testing.assert_allclose(trait(place, "weights"), shares(SHAPES[name]), atol=1e-7)
        for n in (1, 2, 4, 17, 24) if name in ("fair", "sixes") else (1, 17):
            set_trait(place, "n", n)
            python = RepeatedConvolution(weights=trait(place, "weights"), n=n)
            one = RepeatedConvolution(weights=trait(place, "weights"), n=1)
            expect(place.locator(".value.mean")).to_have_text(f"{n} × {one.mean:.2f} = {python.mean:.2f}")
            expect(place.locator(".value.variance")).to_have_text(f"{n} × {one.variance:.2f} = {python.variance:.2f}")
            expect(place.locator(".value.gap")).to_have_text(percent(python.gap))
            k = int(place.locator(".pick").get_attribute("aria-valuenow"))
            assert python.distribution[k - n] == pytest.approx(python.distribution.max()), "at rest: the highest bar"
            bell = python.span * stats.norm.pdf(k, python.mean, np.sqrt(python.variance))
            says = f"P({k}) = {percent(python.distribution[k - n])}, the normal curve says {percent(bell)}."
            expect(place.locator(".readout")).to_contain_text(says)
            expect(place.locator(".notice")).to_contain_text(remark(name, n))


# Another finger on the same bar and on the next.
SECOND = """(node, [kind, clientY]) => {
    const given = { pointerId: 77, pointerType: "touch", clientY, buttons: 1, bubbles: true };
    const tracks = [...node.querySelectorAll(".track")].slice(4);
    for (const track of tracks) track.dispatchEvent(new PointerEvent(kind, given));
}"""


def test_bars_by_mouse(mounted, page: Page):
    """A bar follows the pointer; pulled to 100 % and back, the others have what they had."""
    place = mounted(RepeatedConvolution(weights=[0.1, 0.2, 0.3, 0.1, 0.1, 0.2]))
    for button in ("right", "middle"):
        tracks(place).nth(1).click(button=button)
    np.testing.assert_allclose(trait(place, "weights"), [0.1, 0.2, 0.3, 0.1, 0.1, 0.2], atol=1e-7)
    expect(place.get_by_label("p: one die")).to_have_value("own")
    box = tracks(place).nth(5).bounding_box()
    x, foot, full = box["x"] + box["width"] / 2, box["y"] + box["height"], box["height"] - 20
    page.mouse.move(x, foot - 0.2 * full)
    page.mouse.down()
    for kind in ("pointerdown", "pointermove", "pointerup"):
        place.evaluate(SECOND, [kind, foot - 5])
    page.mouse.move(x, box["y"] - 30, steps=4)
    expect(place.locator(".value.gap")).to_have_text("no bell")
    assert trait(place, "weights") == [0, 0, 0, 0, 0, 1]
    page.mouse.move(x, foot - 0.6 * full, steps=4)
    page.mouse.up()
    np.testing.assert_allclose(trait(place, "weights"), [0.05, 0.1, 0.15, 0.05, 0.05, 0.6], atol=0.01)
    expect(tracks(place).nth(5)).to_have_attribute("aria-valuenow", "60")
    place.get_by_label("p: one die").select_option("a fair die")
    assert trait(place, "weights") == pytest.approx([1 / 6] * 6)
    place.get_by_label("p: one die").select_option("your own")
    np.testing.assert_allclose(trait(place, "weights")[5], 0.6, atol=0.01)


def test_keyboard(mounted, page: Page):
    """Everything can be reached and done by Tab and keys alone; "your own" is offered once there is such a die."""
    place = mounted(RepeatedConvolution())
    options = place.get_by_label("p: one die").locator("option")
    assert options.all_text_contents() == list(LABELS.values())
    page.keyboard.press("Tab")
    expect(place.get_by_label("p: one die")).to_be_focused()
    page.keyboard.press("m")
    assert trait(place, "weights")[5] == pytest.approx(0.6)
    page.keyboard.press("Tab")
    for key in ("ArrowLeft", "ArrowUp", "PageUp", "ArrowDown"):
        page.keyboard.press(key)
    expect(tracks(place).nth(5)).to_be_focused()
    assert trait(place, "weights")[5] == pytest.approx(0.7)
    expect(options.last).to_have_text("your own")
    expect(place.get_by_label("p: one die")).to_have_value("own")
    expect(tracks(place).nth(5)).to_have_attribute("aria-valuetext", "70.0\u00a0%")
    page.keyboard.press("End")
    assert trait(place, "weights") == [0, 0, 0, 0, 0, 1]
    page.keyboard.press("Home")
    assert trait(place, "weights")[5] == 0
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert trait(place, "n") == 4
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert trait(place, "n") == 5
    for name in ("▶ Play", "Start again"):
        page.keyboard.press("Tab")
        expect(place.get_by_role("button", name=name)).to_be_focused()
    page.keyboard.press("Space")
    assert trait(place, "n") == 1
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert trait(place, "view") == "standardised"
    page.keyboard.press("Tab")
    expect(place.locator(".pick")).to_be_focused()
    page.keyboard.press("Home")
    expect(place.locator(".readout")).to_contain_text("P(1) =")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(place.locator(".readout")).to_contain_text("P(2) =")
    expect(place.locator(".readout")).to_contain_text("Pinned")
    expect(place.locator(".quiet")).to_contain_text("Sum of 1 die: P(2)")
    page.keyboard.press("Escape")
    expect(place.locator(".readout")).not_to_contain_text("Pinned")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowLeft")
    expect(place.locator(".quiet")).to_contain_text("1 die: mean")


def test_arrow_keys_skip_what_cannot_be_a_sum(mounted, page: Page):
    """With a coin of 1 and 6 they move by five, and stay within the sums."""
    place = mounted(RepeatedConvolution(weights=SHAPES["coin"], n=3))
    place.locator(".pick").focus()
    for key, k in (("End", 18), ("ArrowRight", 18), ("ArrowLeft", 13), ("PageDown", 3)):
        page.keyboard.press(key)
        expect(place.locator(".readout")).to_contain_text(f"P({k}) =")


def test_looking_at_a_bar(mounted, page: Page):
    """Hovering shows the products, their bars and slices; a click pins them, another lets go; none of it changes p."""
    page.emulate_media(reduced_motion="reduce")
    place = mounted(RepeatedConvolution(n=3))
    page.mouse.click(*at_sum(place, 9), button="right")
    expect(place.locator(".readout")).not_to_contain_text("Pinned")
    page.mouse.move(*at_sum(place, 13))
    readout = place.locator(".readout")
    expect(readout).to_contain_text("P(13) = 9.7 %")
    expect(place.locator(".ways")).to_contain_text("Six ways to 13 by one more die.")
    expect(place.locator(".ways")).to_contain_text("P₃(13) = Σ P₂(13 − face) · p(face)")
    two = RepeatedConvolution(n=2).distribution
    for face, term in enumerate(place.locator(".terms li").all(), start=1):
        expect(term).to_have_text(
            f"{13 - face} + {face}{percent(two[11 - face])} × 16.7 %{percent(two[11 - face] / 6)}"
        )
    slices = [float(node.get_attribute("height")) for node in place.locator(".slice").all()]
    assert sum(slices) + len(slices) == pytest.approx(bar_height(place, 13, 3), abs=1), "the slices fill the bar"
    assert 242 - number(place, ".slice >> nth=5", "y") == pytest.approx(bar_height(place, 13, 3), abs=0.2)
    parts = [float(node.get_attribute("height")) for node in place.locator(".from").all()]
    wholes = [float(node.get_attribute("height")) for node in place.locator(".whole").all()]
    np.testing.assert_allclose(parts, np.array(wholes) / 6, atol=0.11)
    assert place.locator(".add").all_text_contents() == ["+1", "+2", "+3", "+4", "+5", "+6"]
    page.mouse.down()
    page.mouse.up()
    page.mouse.move(5, 5)
    expect(readout).to_contain_text("P(13) = 9.7 %")
    place.get_by_role("button", name="convolve once more").click()
    expect(readout).to_contain_text("Sum of 4 dice: P(13)")
    page.mouse.move(*at_sum(place, 13))
    page.mouse.down()
    page.mouse.up()
    page.mouse.move(5, 5)
    expect(readout).to_contain_text("P(14)")
    expect(readout).not_to_contain_text("Pinned")


def test_buttons(mounted, page: Page):
    """Once more, until 30; playing adds dice on its own, pauses, and starts over at the end."""
    place = mounted(RepeatedConvolution(n=28))
    more, play = place.locator(".more"), place.locator(".play")
    more.click()
    assert trait(place, "n") == 29
    play.click()
    assert trait(place, "n") == 30
    expect(play).to_have_text("▶ Play")
    expect(more).to_have_attribute("aria-disabled", "true")
    more.click(force=True)
    assert trait(place, "n") == 30
    play.click()
    assert trait(place, "n") == 1
    expect(play).to_have_text("❚❚ Pause")
    page.wait_for_function("Number(document.querySelector('.count').textContent) >= 3")
    play.click()
    expect(play).to_have_text("▶ Play")
    n = trait(place, "n")
    expect(place.locator(".key.before")).to_have_text(f"before: {n - 1} dice")
    page.wait_for_timeout(700)
    assert trait(place, "n") == n, "paused"
    place.get_by_role("button", name="Start again").click()
    assert trait(place, "n") == 1
    expect(place.locator(".ways")).to_contain_text("from 0, the sum before the first die")


def test_standardised_bell_stands_still(mounted, page: Page):
    """There the curve is the same for all n, and its bars stand one standard deviation where they should."""
    page.emulate_media(reduced_motion="reduce")
    place = mounted(RepeatedConvolution(n=4, view="standardised"))
    first = path_numbers(place)
    spread = number(place, ".spread", "x1"), number(place, ".spread", "x2")
    set_trait(place, "n", 25)
    expect(place.locator(".count")).to_have_text("25")
    np.testing.assert_allclose(path_numbers(place), first, atol=0.11)
    assert (number(place, ".spread", "x1"), number(place, ".spread", "x2")) == pytest.approx(spread)
    expect(place.locator(".spread-name")).to_have_text("0 ± 1")
    expect(place.locator(".height-name")).to_have_text("density")
    set_trait(place, "view", "sum")
    expect(place.locator(".spread-name")).to_have_text("nμ ± σ√n")
    expect(place.locator(".height-name")).to_have_text("probability")
    expect(place.locator(".axis-name")).to_have_text("sum of 25 dice")
    assert np.abs(path_numbers(place) - first).max() > 20
    x0, x1 = at_sum(place, 0)[0], at_sum(place, 100)[0]
    sigma = np.sqrt(RepeatedConvolution(n=25).variance)
    width = number(place, ".spread", "x2") - number(place, ".spread", "x1")
    assert width == pytest.approx(2 * sigma * (x1 - x0) / 100, abs=0.3)


STEPS = """node => {
    const bars = node.querySelector('.bars');
    const seen = new Set();
    new MutationObserver(() => seen.add(bars.getAttribute('d'))).observe(bars, { attributes: true });
    node.model.set('view', 'standardised');
    return new Promise((done) => setTimeout(() => done(seen.size), 700));
}"""


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_motion(mounted, page: Page, motion):
    """A change of axis glides; for readers who asked for less motion it is one step."""
    page.emulate_media(reduced_motion=motion)
    place = mounted(RepeatedConvolution())
    steps = place.evaluate(STEPS)
    assert steps == 1 if motion == "reduce" else steps > 5


def test_honest_exceptions(mounted, page: Page):
    """A coin has gaps, and the curve is drawn to match; a die of one face has no bell, in either view."""
    page.emulate_media(reduced_motion="reduce")
    place = mounted(RepeatedConvolution(weights=SHAPES["coin"], n=4))
    expect(place.locator(".curve-name")).to_have_text("normal curve × 5")
    expect(place.locator(".notice")).to_contain_text("Only every 5th number can be a sum")
    set_trait(place, "view", "standardised")
    expect(place.locator(".curve-name")).to_have_text("normal curve")
    expect(place.locator(".notice")).to_contain_text("its height is divided by 5")
    place.get_by_label("p: one die").select_option("one rare jackpot")
    expect(place.locator(".notice")).to_contain_text("Lopsided still")
    place.get_by_label("p: one die").select_option("certainty: always 4")
    expect(place.locator(".curve-name")).to_have_text("σ = 0: nothing to divide by")
    expect(place.locator(".curve")).to_have_attribute("d", "")
    expect(place.locator(".notice")).to_contain_text("A die that always shows 4 has variance 0")
    expect(place.locator(".readout")).to_have_text("Sum of 4 dice: P(16) = 100.0 %.")
    place.locator(".pick").focus()
    page.keyboard.press("ArrowRight")
    expect(place.locator(".readout")).to_contain_text("P(16)")
    drawn = place.locator(".stage").evaluate("node => node.innerHTML")
    assert "NaN" not in drawn
    assert "Infinity" not in drawn


def test_unmounting(mounted, page: Page):
    """Taken off the page while it plays, it leaves nothing running, and sends what it had not sent yet."""
    place = mounted(RepeatedConvolution(n=2))
    place.locator(".play").click()
    saved = "node => { node.model.save_changes = () => (window.saved = node.model.get('n')); node.unmount(); }"
    place.evaluate(saved)
    n = trait(place, "n")
    assert n >= 3, "it played"
    assert page.evaluate("saved") == n
    page.wait_for_timeout(800)
    assert trait(place, "n") == n
    assert place.inner_html() == ""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["fair", "coin"])
def test_accessibility(mounted, page: Page, theme, name):
    """axe-core finds nothing serious, in either theme, with all six ways and with some that are not."""
    mounted(RepeatedConvolution(weights=SHAPES[name], n=30 if name == "coin" else 3), theme=theme)
    assert harness.serious_violations(page) == []


# In each of the states: words that stick out of the card or lie over each other, labels that wrap, and its height.
MEASURE = """async (node, states) => {
    const boxOf = (part) => {
        const range = document.createRange(); // words may be wider than the box they are in
        range.selectNodeContents(part);
        return part.matches("text") ? part.getBoundingClientRect() : range.getBoundingClientRect();
    };
    const find = (which) => [...node.querySelectorAll(which)].map((part) => [part, boxOf(part)]);
    const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    await new Promise(requestAnimationFrame); // in which the change of width is heard of
    const wrong = [];
    const heights = new Set();
    for (const [weights, n, view] of states) {
        node.model.set("weights", new DataView(Float32Array.from(weights).buffer));
        node.model.set("n", n);
        node.model.set("view", view);
        await new Promise(requestAnimationFrame);
        const card = node.querySelector(".cl-widget").getBoundingClientRect();
        heights.add(card.height);
        const parts = find(".cl-widget :not(.quiet, .stage, .stage :not(text))");
        const out = parts.filter(([, box]) => box.width && (box.left < card.left || box.right > card.right));
        const words = find(".number, .what, .value");
        const over = words.filter(([, a], i) => words.some(([, b], j) => i < j && meet(a, b)));
        const wrapped = find(".segments label").filter(([label]) => label.offsetHeight > 36);
        wrong.push(...[...out, ...over, ...wrapped].map(([part]) => `${n}: ${part.outerHTML}`));
    }
    return [wrong, [...heights]];
}"""


def test_widths(mounted, page: Page):
    """In the book's column and on phones nothing sticks out or overlaps, and the card keeps its height."""
    page.emulate_media(reduced_motion="reduce")
    place = mounted(RepeatedConvolution(n=30))
    odd = [0.1234, 0.2345, 0.111, 0.1711, 0.2, 0.16]
    lopsided = [0.94, 0, 0, 0, 0, 0.06]  # the longest remark
    dice = [shares(weights).tolist() for weights in (*SHAPES.values(), odd, lopsided)]
    states = [(weights, n, view) for weights in dice for n, view in ((1, "sum"), (30, "standardised"), (30, "sum"))]
    for width in (722, 390, 375, 360):  # the first makes the card 690 wide, as in the book
        page.set_viewport_size({"width": width, "height": 844})
        wrong, heights = place.evaluate(MEASURE, states)
        assert wrong == []
        assert len(heights) == 1
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(place.locator(".notice")).to_contain_text("The empty numbers never fill. Lopsided still")
    touch = "node => getComputedStyle(node).touchAction"
    assert tracks(place).first.evaluate(touch) == "none"
    assert place.locator(".stage").evaluate(touch) == "pan-y"


# Frames in which nothing changes wait for the screen even in a browser without a limit: a pointer that rests within
# one bar would be taken for a slow one.  A dot that changes in every frame leaves only what a frame costs.
DOT = """() => {
    const dot = document.createElement("div");
    dot.style = "position: fixed; top: 0; left: 0; width: 1px; height: 1px";
    document.body.append(dot);
    const change = (now) => {
        dot.style.background = `rgb(${Math.floor(now) % 256}, ${Math.floor(now * 997) % 256}, 0)`;
        requestAnimationFrame(change);
    };
    requestAnimationFrame(change);
}"""
PULL = """async ([x, y, across, up, count]) => {
    const target = document.elementFromPoint(x, y);
    const times = [];
    let last = await new Promise(requestAnimationFrame);
    for (let i = 0; i < count; i += 1) {
        const at = { clientX: x + across * Math.sin(i / 12), clientY: y + up * Math.sin(i / 12) };
        target.dispatchEvent(new PointerEvent("pointermove", { ...at, pointerId: 1, buttons: 1, bubbles: true }));
        const now = await new Promise(requestAnimationFrame);
        times.push(now - last);
        last = now;
    }
    return times;
}"""


def pull(page: Page, box: dict[str, float], *, across: float = 0, up: float = 0) -> list[float]:
    """Milliseconds from frame to frame while the mouse, which has the pointerId 1, is dragged to and fro."""
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    times = page.evaluate(PULL, [x, y, box["width"] * across, box["height"] * up, 100])
    page.mouse.up()
    return times


def test_frames_while_dragging(unlimited, tmp_path):
    """95 % of the frames take no longer than a sixtieth of a second: pulling a bar of p, running along the sums."""
    harness.write_page(tmp_path, RepeatedConvolution(n=30))
    context = unlimited.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    with serving(tmp_path) as address:
        page.goto(f"{address}/index.html")
        page.wait_for_selector(".cl-mount.mounted")
        page.evaluate(DOT)
        pulls = [pull(page, page.locator(".track").nth(2).bounding_box(), up=0.35) for _ in range(3)]
        assert page.locator(".track").nth(2).get_attribute("aria-valuenow") != "17", "the bar was pulled"
        looks = [pull(page, page.locator(".pick").bounding_box(), across=0.35) for _ in range(3)]
    context.close()
    # Other programs can only make frames longer: the shortest of the three is nearest to what they cost.
    best = [min(np.percentile(times, 95) for times in runs) for runs in (pulls, looks)]
    assert max(best) <= 16.7
