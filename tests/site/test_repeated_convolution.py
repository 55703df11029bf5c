"""RepeatedConvolution in the page: falling copies, what a bar is made of, the die, by mouse and keyboard."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from scipy import stats

from convlib.widgets.repeated_convolution import SHAPES, RepeatedConvolution
from tests.site.harness import drag, height_of, held, rooms, set_trait, settled, trait, wait_for_trait

LABELS = {
    "fair": "a fair die",
    "coin": "a coin: 1 or 6",
    "sixes": "mostly sixes",
    "jackpot": "one rare jackpot",
    "even": "even faces only",
    "certain": "certainty: always 4",
}
#: What the sentence must say of a die, as one sees it.
REMARKS = {
    ("fair", 1): "nothing added yet",
    ("fair", 2): "Not a bell yet",
    ("fair", 4): "By eye it is a bell already",
    ("fair", 24): "bars and the curve can hardly be told apart",
    ("sixes", 4): "Lopsided still",
    ("sixes", 24): "By eye a bell, leaning a little: the skewness is −0.33",
    ("jackpot", 17): "Lopsided still",
    ("coin", 4): "Only every 5th number can be a sum: bars and curve are 5 times as high",
    ("even", 1): "The empty numbers never fill.",
    ("certain", 4): "A die that always shows 4: the sum is certain",
}


def tracks(place: Locator) -> Locator:
    """The six bars of one die."""
    return place.locator(".track")


def heights(place: Locator, path: str = ".bars") -> np.ndarray:
    """Heights of the bars that a path draws, from left to right, in pixels."""
    return np.array(re.findall(r"v-([\d.]+)h", place.locator(path).get_attribute("d")), dtype=float)


def at_sum(place: Locator, k: float) -> tuple[float, float]:
    """A point of the picture above sum k, by the ticks of the axis."""
    ticks = place.locator(".stage > text[y='233'], .stage > text[y='193']").evaluate_all(
        "nodes => nodes.filter((n) => n.textContent).map((n) => [+n.textContent, +n.getAttribute('x')])"
    )
    (k0, x0), (k1, x1) = ticks[0], ticks[-1]
    box = place.locator(".stage").bounding_box()
    return box["x"] + x0 + (k - k0) / (k1 - k0) * (x1 - x0), box["y"] + 100


@pytest.fixture
def calm(page: Page) -> Page:
    """A page of a reader who has asked for less motion."""
    page.emulate_media(reduced_motion="reduce")
    return page


def test_words_are_pythons(mounted, calm):
    """Mean, variance, the highest bar, and what there is to notice, for every die."""
    place = mounted(RepeatedConvolution(bell=True))
    for (name, n), remark in REMARKS.items():
        place.get_by_label("p: one die").select_option(LABELS[name])
        set_trait(place, "n", n)
        one, python = (RepeatedConvolution(weights=trait(place, "weights"), n=m) for m in (1, n))
        gap = f"within {100 * python.gap:.2g}" if python.span and python.gap >= 0.001 else "curve"
        figures = place.locator(".figures")
        expect(figures).to_contain_text(f"mean {n} × {one.mean:.2f} = {python.mean:.2f}")
        expect(figures).to_contain_text(f"variance {n} × {one.variance:.2f} = {python.variance:.2f}")
        expect(figures).to_contain_text(gap)
        expect(place.locator(".notice")).to_contain_text(remark)
        k = int(place.locator(".pick").get_attribute("aria-valuenow"))
        assert python.distribution[k - n] == pytest.approx(python.distribution.max())
        if name != "certain":
            bell = python.span * stats.norm.pdf(k, python.mean, np.sqrt(python.variance))
            chance, bell = (f"{100 * share:.1f}\u00a0%" for share in (python.distribution[k - n], bell))
            assert f"P({k}) = {chance}, the normal curve says {bell}." in place.locator(".pick").get_attribute(
                "aria-valuetext"
            )
    drawn = place.locator(".stage").evaluate("node => node.innerHTML")
    assert "NaN" not in drawn
    assert "Infinity" not in drawn


def test_quiet_at_rest(mounted):
    """Bars, die, one sentence, nothing else; nor is a bar drawn for a face that never comes.  The bell is asked for."""
    place = mounted(RepeatedConvolution(weights=SHAPES["coin"], n=3))
    expect(place.locator(".terms")).to_be_hidden()
    for quiet in (".stage .bell", ".figures", ".segments"):
        expect(place.locator(quiet)).to_be_hidden()
    expect(place.locator(".notice")).to_have_text("Only every 5th number can be a sum. The empty numbers never fill.")
    said = place.locator(".pick").get_attribute("aria-valuetext")
    assert "normal" not in said
    assert [place.locator(kind).get_attribute("d") for kind in (".curve", ".spread")] == ["", ""]
    assert place.locator(".slice").evaluate_all("nodes => nodes.every((n) => +n.getAttribute('height') === 0)")
    assert [place.locator(kind).get_attribute("d") for kind in (".old", ".copy >> nth=0")] == ["", ""]
    fill, track = place.locator(".fill").nth(1).bounding_box(), tracks(place).nth(1).bounding_box()
    assert fill["y"] >= track["y"] + track["height"] - 0.01
    np.testing.assert_allclose(heights(place) / heights(place).sum(), [1 / 8, 3 / 8, 3 / 8, 1 / 8], atol=0.001)


def test_the_bell_comes_on_demand(mounted, calm):
    """One tick brings the curve, mean and variance, how far they are apart, and the axis on which it stands still."""
    place = mounted(RepeatedConvolution())
    place.get_by_label("normal curve").check()
    assert trait(place, "bell") is True
    for part in (".stage .bell", ".figures", ".segments"):
        expect(place.locator(part)).to_be_visible()
    expect(place.locator(".figures")).to_contain_text("Added up, bars and curve stay within 0.98\u00a0%.")
    place.get_by_label("standardised").check()
    place.get_by_label("normal curve").uncheck()
    expect(place.locator(".segments")).to_be_visible()  # the way back


VIEWS = {  # what a view shows, by its show and controls
    ".stage": {"bars"},
    ".faces": {"die"},
    ".notice": {"words"},
    ".figures": {"moments"},
    ".transport": {"n"},
    ".fall": {"step"},
    ".shape": {"weights"},
    ".check": {"bell"},
}


@pytest.mark.parametrize(
    ("show", "controls"),
    [
        (["bars"], ["n", "step"]),
        (["bars", "moments"], ["n", "weights"]),
        (["bars", "die", "moments"], ["bell"]),
        (["bars", "words"], ["n"]),
        (["bars", "controls"], ["n", "bell"]),
        (["die"], []),
        (["bars"], []),
    ],
)
def test_reduced_views(mounted, page: Page, calm, show, controls):
    """What is named is there and nothing else, as high as Python says; a bar can still be touched."""
    widget = RepeatedConvolution(show=show, controls=controls, bell="bell" in controls)
    place = mounted(widget)
    for part, names in VIEWS.items():
        if names & {*show, *controls}:
            expect(place.locator(part)).to_be_visible()
        else:
            expect(place.locator(part)).to_be_hidden()
    for width, room in zip((358, 654, 790), widget.room(), strict=True):
        page.set_viewport_size({"width": width + 32, "height": 800})
        settled(place)
        assert height_of(place, room, within=2) == pytest.approx(room, abs=2)
    if "bars" in show:
        page.mouse.move(*at_sum(place, 10))
        expect(place.locator(".title")).to_contain_text("P₃(10) = 12.5")
        assert place.locator(".terms").is_visible() == ("words" in show)
        settled(place)
        assert height_of(place, room, within=2) == pytest.approx(room, abs=2)


def test_the_mark_is_the_mean(mounted, calm):
    """The diamond stands at the mean, the bar ends a standard deviation to either side; "moments" alone brings them."""
    widget = RepeatedConvolution(n=5, show=["bars", "moments"])
    place = mounted(widget)
    box = place.locator(".spread").bounding_box()
    spread = np.sqrt(widget.variance)
    ends = [at_sum(place, widget.mean + side * spread)[0] for side in (-1, 1)]
    np.testing.assert_allclose([box["x"], box["x"] + box["width"]], ends, atol=1)
    expect(place.locator(".figures")).to_have_text("◆ mean 5 × 3.50 = 17.50 ▬ variance 5 × 2.92 = 14.58")


def test_a_bar_of_no_height_has_its_knob(mounted, page: Page):
    """A face that never comes can be seen to be pulled: half of the knob is over the foot, to be pulled."""
    place = mounted(RepeatedConvolution(weights=SHAPES["coin"]))
    box = tracks(place).nth(2).bounding_box()
    x, foot = box["x"] + box["width"] / 2, box["y"] + box["height"]
    knob = tracks(place).nth(2).locator(".fill").evaluate("node => getComputedStyle(node, '::after').top")
    assert float(knob.removesuffix("px")) <= -4
    drag(page, (x, foot - 2), (x, foot - 0.4 * (box["height"] - 20)))
    assert trait(place, "weights")[2] == pytest.approx(0.4, abs=0.02)


def test_copies_fall(mounted, page: Page, calm):
    """The step can be scrubbed: old bars, six copies one after the other, the new bars, which are their pile."""
    place = mounted(RepeatedConvolution(n=3))
    final = heights(place)
    step = place.get_by_label("2 → 3 dice")
    set_trait(place, "step", 0)
    old = heights(place, ".old")
    assert len(old) == 11
    assert place.locator(".copy").evaluate_all("nodes => nodes.every((n) => !n.getAttribute('d'))")
    set_trait(place, "step", 0.99)
    copies = [heights(place, f".copy >> nth={i}") for i in range(6)]
    pile = np.zeros(16)
    for face, copy in enumerate(copies):
        pile[face : face + 11] += copy
    np.testing.assert_allclose(pile, final, atol=0.8)
    step.press("ArrowRight")
    settled(place)
    assert trait(place, "step") == 1
    np.testing.assert_allclose(heights(place), final)
    # Less motion: the next die is there at once.
    place.get_by_role("button", name="one die more").click()
    assert (trait(place, "n"), trait(place, "step")) == (4, 1)
    page.emulate_media(reduced_motion="no-preference")
    place.get_by_role("button", name="one die more").click()
    wait_for_trait(place, "step", "value > 0.3 && value < 1")
    wait_for_trait(place, "step", "value === 1")
    assert len(heights(place)) == 26


def test_looking_at_a_bar(mounted, page: Page, calm):
    """Hovering shows the products, and cuts the bar into them; a click pins it; one anywhere else lets go."""
    place = mounted(RepeatedConvolution(n=3))
    page.mouse.move(*at_sum(place, 13))
    expect(place.locator(".notice")).to_contain_text("P(13) = 9.7\u00a0%")
    expect(place.locator(".ways")).to_have_text("Six ways to 13 by one more die:")
    two = RepeatedConvolution(n=2).distribution
    for face, term in enumerate(place.locator(".terms li").all(), start=1):
        shown = term.inner_text().replace("\u202f", " ").split("\n")
        share = two[11 - face]
        product = f"= {100 * share / 6:.{1 if share / 6 >= 0.01 else 2}f} %"
        assert shown == [f"{13 - face} + {face}", f"{100 * share:.1f} % × 16.7 %", product]
    slices = place.locator(".slice:not(.foot)").evaluate_all("nodes => nodes.map((n) => +n.getAttribute('height'))")
    assert sum(slices) + 6 == pytest.approx(heights(place)[13 - 3], abs=1.5)
    page.mouse.click(*at_sum(place, 13))
    page.mouse.move(5, 5)
    expect(place.locator(".chip")).to_have_text("✕ P(13)")
    place.get_by_role("button", name="one die more").click()
    expect(place.locator(".terms")).to_be_hidden()


def test_die_by_mouse(mounted, page: Page):
    """A bar follows the pointer; pulled to 100 % and back, the others have what they had; "your own" is offered."""
    place = mounted(RepeatedConvolution(weights=[0.1, 0.2, 0.3, 0.1, 0.1, 0.2]))
    box = tracks(place).nth(5).bounding_box()
    x, foot, full = box["x"] + box["width"] / 2, box["y"] + box["height"], box["height"] - 20
    with held(page, (x, foot - 0.2 * full), (x, box["y"] - 30)):
        assert trait(place, "weights") == [0, 0, 0, 0, 0, 1]
        page.mouse.move(x, foot - 0.6 * full, steps=4)
    np.testing.assert_allclose(trait(place, "weights"), [0.05, 0.1, 0.15, 0.05, 0.05, 0.6], atol=0.01)
    expect(tracks(place).nth(5)).to_have_attribute("aria-valuenow", "60")
    place.get_by_label("p: one die").select_option("a fair die")
    assert trait(place, "weights") == pytest.approx([1 / 6] * 6)
    place.get_by_label("p: one die").select_option("your own")
    np.testing.assert_allclose(trait(place, "weights")[5], 0.6, atol=0.01)


def test_a_key_before_the_next_frame(mounted):
    """The die has changed, and nothing is drawn yet: the key goes to a sum of the new die."""
    place = mounted(RepeatedConvolution(n=2))
    place.evaluate(
        """(node) => {
            const surface = node.querySelector('.pick');
            surface.focus();
            node.model.set("weights", new DataView(Float32Array.of(0, 0, 0, 0, 0, 1).buffer));
            surface.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
        }"""
    )
    settled(place)
    expect(place.locator(".notice")).to_contain_text("P(12) = 100")


def test_keyboard(mounted, page: Page, calm):
    """Faces, number of dice and sums by arrow keys; sums that cannot be are skipped."""
    place = mounted(RepeatedConvolution(weights=SHAPES["sixes"], n=3))
    tracks(place).first.focus()
    for key in ("ArrowLeft", "ArrowUp", "PageUp", "ArrowDown"):
        page.keyboard.press(key)
    expect(tracks(place).nth(5)).to_be_focused()
    expect(tracks(place).nth(5)).to_have_attribute("aria-valuetext", "70.0\u00a0%")
    page.keyboard.press("End")
    assert trait(place, "weights") == [0, 0, 0, 0, 0, 1]
    place.get_by_label("n", exact=True).press("ArrowRight")
    assert trait(place, "n") == 4
    expect(place.locator("[aria-live]")).to_contain_text("4 dice.")
    place.get_by_label("p: one die").select_option(LABELS["coin"])
    set_trait(place, "n", 3)
    place.locator(".pick").focus()
    for key, k in (("End", 18), ("ArrowRight", 18), ("ArrowLeft", 13), ("PageDown", 3)):
        page.keyboard.press(key)
        expect(place.locator(".notice")).to_contain_text(f"P({k}) =")
    page.keyboard.press("Enter")
    expect(place.locator(".chip")).to_have_text("✕ P(3)")
    page.keyboard.press("Escape")
    expect(place.locator(".terms")).to_be_hidden()


def test_standardised_bell_stands_still(mounted, calm):
    """There the curve is the same for all n; and it needs no factor where sums are missing."""
    place = mounted(RepeatedConvolution(n=4, view="standardised", bell=True))
    first = place.locator(".curve").get_attribute("d")
    set_trait(place, "n", 25)
    numbers = [np.array(re.findall(r"[\d.]+", d), float) for d in (first, place.locator(".curve").get_attribute("d"))]
    np.testing.assert_allclose(numbers[1], numbers[0], atol=0.11)
    place.get_by_label("p: one die").select_option(LABELS["coin"])
    expect(place.locator(".bell")).to_have_text("- - normal curve")
    set_trait(place, "view", "sum")
    expect(place.locator(".bell")).to_have_text("- - normal curve × 5")
    place.get_by_label("p: one die").select_option(LABELS["certain"])
    expect(place.locator(".bell")).to_have_text("σ = 0: no bell")


def test_room(mounted, page: Page, calm):
    """As high as Python says, whatever it says; picture, slider and die on one screen; terms stay in their boxes."""
    #: The longest remark, and small chances.
    widget = RepeatedConvolution(weights=[0.94, 0, 0.001, 0, 0, 0.06], n=30, bell=True)
    place = mounted(widget)
    cut = """nodes => nodes.filter((n) => n.scrollWidth > n.clientWidth || n.scrollHeight > n.clientHeight + 1)
        .map((n) => n.textContent)"""
    for _, room in rooms(place, widget):
        assert height_of(place, room) == pytest.approx(room, abs=6)
        top, die = (place.locator(part).bounding_box() for part in (".stage", ".faces"))
        assert die["y"] + die["height"] - top["y"] <= 560
        place.locator(".pick").focus()
        for key in ("ArrowRight", "End"):
            page.keyboard.press(key)
            settled(place)
            assert place.locator(".words, .terms li, .options, .transport").evaluate_all(cut) == []
        page.keyboard.press("Escape")
