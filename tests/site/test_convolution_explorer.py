"""ConvolutionExplorer in a browser: flip, slide, multiply, add up, guess; by mouse, by finger, by keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.widgets import ConvolutionExplorer
from tests.site import harness
from tests.site.conftest import serving
from tests.site.harness import (
    Fingers,
    Point,
    choose,
    drag,
    held,
    middle,
    order,
    set_trait,
    settled,
    trait,
    wait_for_trait,
)


@dataclass
class Axes:
    """Where times and heights of a mounted explorer are on the screen."""

    place: Locator

    def at(self, t: float, panel: str = "curves", share: float = 0.5) -> Point:
        """The point at time ``t``, a share of the height of a panel's surface down."""
        x = self.place.locator(".cl-explorer .stage").bounding_box()
        box = self.place.locator({"curves": ".look", "product": ".read", "output": ".pick"}[panel]).bounding_box()
        scale = (x["width"] - 28) / 6
        return x["x"] + 20 + (t + 3) * scale, box["y"] + share * box["height"]


@pytest.fixture
def phone(chromium, tmp_path) -> Callable[..., tuple[Locator, Page, Fingers]]:
    """Mount a widget on a phone with touch: gives its place, the page, a finger."""
    context = chromium.new_context(viewport={"width": 390, "height": 664}, has_touch=True, is_mobile=True)
    page = context.new_page()
    with serving(tmp_path) as address:

        def mount(widget: ConvolutionExplorer) -> tuple[Locator, Page, Fingers]:
            harness.write_page(tmp_path, widget)
            page.goto(f"{address}/index.html")
            page.wait_for_selector(".cl-mount.mounted")
            page.evaluate("document.body.style.height = '2500px'")
            return page.locator(".cl-live").first, page, Fingers(page)

        yield mount
    context.close()


def turned(place: Locator) -> None:
    """Wait until g has come to rest on one side of its hinge."""
    settled(place)
    expect(place.locator(".cl-explorer")).not_to_have_class("turning")
    place.page.wait_for_function("node => !node.querySelector('.turning')", arg=place.element_handle())


def test_shown_numbers_are_pythons(mounted):
    """The area in every text is the one that Python computes, at several shifts, also of the correlation."""
    for operation, sign in (("convolution", "∗"), ("correlation", "⋆")):
        place = mounted(ConvolutionExplorer(f="triangle", g="exponential", operation=operation))
        for t in (-1.3, -0.2, 0.0, 0.64, 2.5):
            set_trait(place, "t", t)
            area = ConvolutionExplorer(f="triangle", g="exponential", operation=operation, t=t).area
            expect(place.locator(".readout")).to_contain_text(f"= {area:.3f}.")
            expect(place.locator(".value")).to_contain_text(f"(f\xa0{sign}\xa0g)")
            expect(place.locator(".amount")).to_have_text(f"area {area:.3f}")


def test_flip_by_mouse(mounted, page: Page):
    """Dragged across its hinge g turns over, and falls back where it is let go too early; a click turns it, too."""
    place = mounted(ConvolutionExplorer(t=0.0))
    grip, name, axes = place.locator(".grip"), place.locator(".lane .name.g"), Axes(place)
    x, y = middle(grip)
    unit = axes.at(1)[0] - axes.at(0)[0]
    with held(page, (x, y), (x + 0.55 * unit, y)):
        expect(place.locator(".cl-explorer.turning")).to_be_visible()
        scale = place.locator(".stage path.curve.g").get_attribute("transform")
        assert -0.6 < float(scale.split("scale(")[1].split()[0]) < -0.4, "foreshortened under the finger"
    turned(place)
    assert trait(place, "operation") == "convolution"
    drag(page, (x, y), (x + 1.4 * unit, y))
    wait_for_trait(place, "operation", "value === 'correlation'")
    turned(place)
    expect(name).to_have_text("g(τ − t)")
    expect(place.locator(".note")).to_contain_text("Here the flip matters: flipped, g gives the convolution")
    grip.click()
    turned(place)
    assert trait(place, "operation") == "convolution"
    expect(name).to_have_text("g(t − τ)")
    choose(place.get_by_role("radio", name="Gaussian").nth(1))
    expect(place.locator(".note")).to_contain_text("no difference: g is its own mirror image")


def test_slide_pick_and_pin_by_mouse(mounted, page: Page):
    """g's own curve slides; a press on the output picks t; hovering there only reads; three dots stand in a strip."""
    place = mounted(ConvolutionExplorer(f="box", g="exponential", t=0.0))
    axes = Axes(place)
    drag(page, axes.at(-0.3, share=0.8), axes.at(0.7, share=0.8))
    assert trait(place, "t") == pytest.approx(1.0, abs=0.03)
    drag(page, axes.at(-2, share=0.2), axes.at(-1, share=0.2))
    assert trait(place, "t") == pytest.approx(1.0, abs=0.03), "empty paper does not slide"
    page.mouse.move(*axes.at(-1.5, "output"))
    expect(place.locator(".reading")).to_have_text("(f\xa0∗\xa0g)(−1.50) = 0.000")
    expect(place.locator(".value")).to_contain_text("(1.00)")
    page.mouse.click(*axes.at(0.5, "output"))
    assert trait(place, "t") == pytest.approx(0.5, abs=0.011)
    set_trait(place, "t", 0.5)
    page.mouse.click(*axes.at(0.1))
    page.mouse.move(3, 3)
    f, g = place.locator(".lane .name.f"), place.locator(".lane .name.g")
    expect(f).to_have_text("f(0.10) = 1.00")
    expect(g).to_have_text(f"g(0.40) = {np.exp(-0.4):.2f}")
    expect(place.locator(".lane .name.product")).to_have_text(f"1.00 × {np.exp(-0.4):.2f} = {np.exp(-0.4):.2f}")
    expect(place.locator(".bead >> visible=true")).to_have_count(3)
    page.mouse.click(3, 3)
    expect(f).to_have_text("f(τ)")
    expect(place.locator(".bead >> visible=true")).to_have_count(0)


def test_equal_quantities_are_equally_large(mounted):
    """The cup is one unit wide, and its level is the dot's height; the filled area has as many square pixels."""
    place = mounted(ConvolutionExplorer(f="box", g="box", t=0.3))
    numbers = place.evaluate(
        """node => {
            const box = (name) => node.querySelector(name).getBBox();
            const [area, liquid, dot] = [box("path.area"), box("rect.area"), node.querySelector(".dot")];
            return [area.width * area.height, liquid.width * liquid.height, liquid.y, Number(dot.getAttribute("cy"))];
        }"""
    )
    assert numbers[0] == pytest.approx(numbers[1], rel=0.02)
    assert numbers[2] == pytest.approx(numbers[3], abs=0.2)


def test_add_up(mounted, page: Page):
    """The area pours into the cup: at once for readers who asked for less motion; the end says what was seen."""
    for motion in ("no-preference", "reduce"):
        page.emulate_media(reduced_motion=motion)
        place = mounted(ConvolutionExplorer(t=0.5))
        page.mouse.click(*Axes(place).at(0.2, "product", 0.9))
        expect(place.locator(".note")).to_contain_text("The area 0.632 fills a cup one unit wide to the height 0.632")
        expect(place.locator(".drop >> visible=true")).to_have_count(0)
        set_trait(place, "t", 0.7)
        place.get_by_role("button", name="Add up").click()
        expect(place.locator(".note")).to_contain_text("The area 0.518")


def test_guess_first(mounted, page: Page):
    """The output hides; what is drawn stays under the truth, and the number that says how close it is is right."""
    place = mounted(ConvolutionExplorer(f="box", g="box"))
    axes = Axes(place)
    place.get_by_role("button", name="Guess first").click()
    expect(place.locator("path.curve.output")).to_be_hidden()
    expect(place.locator(".value")).to_contain_text("?")
    drag(page, axes.at(-1, "output", 0.99), axes.at(0.2, "output", 0.06), axes.at(1.2, "output", 0.99))
    place.locator(".play").click()
    expect(place.locator(".note")).to_contain_text(
        "of the peak on average; your peak is at t = 0.2, the true one at 0.0"
    )
    expect(place.locator("path.curve.output")).to_be_visible()
    percent = int(place.locator(".note").inner_text().split("off by ")[1].split()[0])
    assert 3 < percent < 40
    place.get_by_role("button", name="Clear").click()
    assert place.locator("path.curve.guess").get_attribute("d") == ""
    page.emulate_media(reduced_motion="reduce")
    place.get_by_role("button", name="Guess first").click()
    page.keyboard.press("Home")
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    for _ in range(10):
        page.keyboard.press("ArrowUp")
    expect(place.locator(".pad:focus")).to_have_attribute("aria-valuetext", "your guess at t = 0.0: 1.00")
    place.locator(".play").click()
    expect(place.locator(".note")).to_contain_text("you put its peak right, at t = 0.0")


def test_keyboard(mounted, page: Page):
    """Everything can be reached and done by Tab and keys alone."""
    place = mounted(ConvolutionExplorer())
    page.keyboard.press("Tab")
    expect(place.get_by_role("slider", name="t", exact=True)).to_be_focused()
    page.keyboard.press("Home")
    assert trait(place, "t") == -3
    page.keyboard.press("ArrowRight")
    assert trait(place, "t") == -2.98
    set_trait(place, "t", 0.5)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait_for_trait(place, "operation", "value === 'correlation'")
    page.keyboard.press("Enter")
    wait_for_trait(place, "operation", "value === 'convolution'")
    page.keyboard.press("Tab")
    read = place.get_by_role("slider", name="Read the values")
    expect(read).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(read).to_have_attribute("aria-valuetext", "At τ = 0.40: f is 1.00, the sliding g is 0.90, the product 0.90.")
    page.keyboard.press("Enter")
    expect(place.locator(".chip")).to_have_text("✕ τ = 0.40")
    page.keyboard.press("Escape")
    expect(place.locator(".chip")).to_be_hidden()
    page.keyboard.press("Tab")
    expect(place.get_by_role("button", name="Add up")).to_be_focused()
    for name in ("▶ Play", "Guess first"):
        page.keyboard.press("Tab")
        expect(place.get_by_role("button", name=name)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert trait(place, "f") == "triangle"


@pytest.mark.parametrize("which", ["f", "g"])
def test_drawing_in_place(mounted, page: Page, which):
    """A function is drawn where it stands, g where it slides and as it is turned; by keys, too; the output follows."""
    other = "g" if which == "f" else "f"
    place = mounted(ConvolutionExplorer(**{which: "box", other: "impulse"}, t=0.5))
    axes = Axes(place)
    set_trait(place, f"{which}_samples", [0.0] * 41)
    choose(place.locator(f".thumbnails.{which} input").last)
    drag(page, axes.at(-1), axes.at(0.2, share=0.05), axes.at(1, share=0.5))
    drawn = trait(place, f"{which}_samples")
    u = 0.2 if which == "f" else 0.5 - 0.2
    assert np.argmax(drawn) == pytest.approx(20 + 10 * u, abs=1.01)
    assert 0.5 < max(drawn) <= 1
    page.keyboard.press("Tab")
    pad = place.locator(".pad >> visible=true")
    pad.focus()
    for key in ("Home", "ArrowRight", "ArrowUp", "PageUp"):
        page.keyboard.press(key)
    expect(pad).to_have_attribute("aria-valuetext", f"{which}(−1.9) = 0.60")
    place.get_by_role("button", name="Clear").click()
    assert trait(place, f"{which}_samples") == [0.0] * 41
    place.get_by_role("button", name="Done").click()
    expect(pad).to_have_count(0)
    place.get_by_role("button", name=f"Draw {which} by hand").click()
    expect(place.locator(".pad >> visible=true")).to_have_count(1)


def test_fingers(phone):
    """Slide, flip, pick, guess by touch: the page does not scroll, and what the browser cancels is undone."""
    place, page, finger = phone(ConvolutionExplorer(t=0.0))
    axes = Axes(place)
    thumb = middle(place.locator(".hand"))
    finger.stroke(thumb, (axes.at(1)[0], thumb[1]))
    assert trait(place, "t") == pytest.approx(1.0, abs=0.06)
    finger.stroke(axes.at(0.8, share=0.8), axes.at(-0.2, share=0.8))
    assert trait(place, "t") == pytest.approx(0.0, abs=0.15)
    set_trait(place, "t", 0.0)
    finger.stroke(axes.at(-0.3, share=0.8), axes.at(0.9, share=0.8), end="touchCancel")
    wait_for_trait(place, "t", "value === 0")
    x, y = middle(place.locator(".grip"))
    finger.stroke((x, y), (x + 110, y), end="touchCancel")
    turned(place)
    assert trait(place, "operation") == "convolution"
    finger.stroke((x, y), (x + 110, y))
    wait_for_trait(place, "operation", "value === 'correlation'")
    finger.stroke(axes.at(-1, "output"), axes.at(-0.5, "output"))
    assert trait(place, "t") == pytest.approx(-0.5, abs=0.06)
    place.get_by_role("button", name="Guess first").tap()
    expect(place.locator(".pad >> visible=true")).to_have_count(1)  # the click comes some time after the tap
    finger.stroke(axes.at(-1, "output", 0.95), axes.at(0, "output", 0.1))
    expect(place.locator("path.curve.guess")).to_have_attribute("d", re.compile("L"))
    settled(place)
    guess = place.locator("path.curve.guess").get_attribute("d")
    finger.stroke(axes.at(0, "output", 0.1), axes.at(1, "output", 0.9), end="touchCancel")
    settled(place)
    assert place.locator("path.curve.guess").get_attribute("d") == guess
    assert page.evaluate("scrollY") == 0


def test_a_finger_reads_and_a_second_one_is_ignored(phone):
    """A finger that stays down shows the three values; a tap pins them; a tap elsewhere lets go."""
    place, page, finger = phone(ConvolutionExplorer(f="box", g="box", t=0.0))
    axes, f = Axes(place), place.locator(".lane .name.f")
    finger.send("touchStart", axes.at(0.3, "product"))
    expect(f).to_contain_text("f(0.3")
    finger.send("touchEnd")
    expect(f).to_have_text("f(τ)")
    page.touchscreen.tap(*axes.at(2.0))
    expect(f).to_contain_text("= 0.00")
    page.touchscreen.tap(200, 40)
    expect(f).to_have_text("f(τ)")
    one, two = axes.at(-1, "output"), axes.at(2, "output")
    finger.send("touchStart", one)
    finger.send("touchStart", one, two)
    finger.send("touchMove", one, (two[0] - 40, two[1]))
    finger.send("touchEnd")
    assert trait(place, "t") == pytest.approx(-1.0, abs=0.06)


def test_pad_by_finger(phone):
    """Drawing by hand does not scroll, and a cancelled stroke leaves nothing."""
    place, page, finger = phone(ConvolutionExplorer(f="drawn", g="box", t=0.0))
    axes, before = Axes(place), trait(place, "f_samples")
    place.get_by_role("button", name="Draw f by hand").tap()
    expect(place.locator(".pad >> visible=true")).to_have_count(1)
    finger.stroke(axes.at(-1), axes.at(1, share=0.05), end="touchCancel")
    assert trait(place, "f_samples") == before
    finger.stroke(axes.at(-1), axes.at(1, share=0.05))
    assert trait(place, "f_samples")[30] > 0.8
    assert page.evaluate("scrollY") == 0


def test_cause_and_effect_on_one_phone_screen(phone):
    """From the top of the panels to the bottom of Play, and to the last thumbnail, it is at most 560 px."""
    place, page, _ = phone(ConvolutionExplorer())
    top = place.locator(".stage").bounding_box()["y"]
    for control in (place.locator(".play"), place.locator(".thumbnails").last):
        box = control.bounding_box()
        assert box["y"] + box["height"] - top <= 560
    place.get_by_role("button", name="Guess first").tap()
    expect(place.get_by_role("button", name="Never mind")).to_be_visible()
    box = place.locator(".play").bounding_box()
    assert box["y"] + box["height"] - top <= 560
    page.set_viewport_size({"width": 320, "height": 664})
    settled(place)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


REDUCED = {
    "all": {},
    "negative": {"f": "burst", "g": "drawn"},
    "curves and product": {"show": ["curves", "product"]},
    "no controls": {"show": ["curves", "product"], "controls": ["none"]},
    "output": {"show": ["output"], "controls": ["slide", "guess"]},
    "no shapes": {"controls": ["flip", "slide"], "f": "drawn", "g": "drawn"},
}


@pytest.mark.parametrize("traits", REDUCED.values(), ids=REDUCED)
def test_room_is_the_live_height(mounted, page: Page, traits):
    """At the three widths that room() speaks of, the live widget is as tall as it says."""
    widget = ConvolutionExplorer(**traits)
    place = mounted(widget)
    for width, room in zip((358, 654, 790), widget.room(), strict=True):
        page.set_viewport_size({"width": width + 32, "height": 900})
        settled(place)
        assert place.bounding_box()["width"] == width
        assert place.bounding_box()["height"] == pytest.approx(room, abs=6)


@pytest.mark.parametrize("width", [390, 822])
def test_reduced_view_and_reward(mounted, page: Page, width):
    """A view for the front page: two panels, one handle; what the reader has done is said once it is done."""
    page.set_viewport_size({"width": width, "height": 700})
    reward = "You have just computed a convolution."
    place = mounted(ConvolutionExplorer(show=["curves", "product"], controls=["slide"], reward=reward))
    for hidden in (".pick", ".grip", ".thumbnails", ".guess-first", ".value"):
        expect(place.locator(f"{hidden} >> visible=true")).to_have_count(0)
    expect(place.locator(".note")).not_to_have_text(reward)
    height = place.bounding_box()["height"]
    thumb = middle(place.locator(".hand"))
    drag(page, thumb, (thumb[0] - 60, thumb[1]))
    expect(place.locator(".note")).to_have_text(reward)
    assert place.bounding_box()["height"] == height
    place.get_by_role("button", name="Reset").click()
    expect(place.locator(".note")).not_to_have_text(reward)


LISTENING = """async (node, source) => {
    const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
    const el = document.createElement("div");
    document.querySelector("main").append(el);
    const off = node.model.off.bind(node.model);
    const on = (event, act) => (event === "msg:custom" ? (window.order = act) : node.model.on(event, act));
    const [get, set] = [(name) => node.model.get(name), (name, value) => node.model.set(name, value)];
    module.default.render({ model: { get, set, on, off, save_changes() {} }, el });
}"""


def test_orders_from_prose(mounted, page: Page):
    """What a link or Python can ask of it: play a stretch, turn over, pour, begin a guess, light each part, reset."""
    place = mounted(ConvolutionExplorer(t=0.5))
    place.evaluate(LISTENING, ConvolutionExplorer._esm)
    view = page.locator(".cl-explorer").last
    page.evaluate("order({ do: 'play', from: -1, to: -0.5 })")
    wait_for_trait(place, "t", "value === -0.5")
    page.evaluate("order({ do: 'flip' })")
    assert trait(place, "operation") == "correlation"
    page.evaluate("order({ do: 'flip', to: 'convolution' })")
    assert trait(place, "operation") == "convolution"
    page.evaluate("order({ do: 'pour' })")
    expect(view.locator(".note")).to_contain_text("fills a cup")
    page.evaluate("order({ do: 'guess' })")
    expect(view.locator(".pad >> visible=true")).to_have_count(1)
    page.evaluate("order({ do: 'reset' })")
    expect(view.locator(".pad >> visible=true")).to_have_count(0)
    assert trait(place, "t") == 0.5
    assert set(ConvolutionExplorer.orders) == {"light", "reset", "play", "flip", "pour", "guess", "look", "draw"}


def test_two_impulses(mounted):
    """They meet at one shift only, and make an impulse."""
    place = mounted(ConvolutionExplorer(f="impulse", g="impulse", t=0.0))
    expect(place.locator(".readout")).to_contain_text("no number: an impulse.")
    expect(place.locator(".guess-first")).to_be_disabled()
    set_trait(place, "t", 0.5)
    expect(place.locator(".readout")).to_contain_text("= 0.000.")


def test_low_jumps_are_upright(mounted):
    """The sides of a product of boxes stand upright at any height, and nothing reaches below the zero line."""
    place = mounted(ConvolutionExplorer(f="box", g="drawn", g_samples=np.full(41, 0.1), t=0.0))
    d = place.locator("path.curve.product").get_attribute("d")
    points = [tuple(map(float, part.split())) for part in d[1:].split("L")]
    assert points[0][0] == points[1][0]
    assert points[-1][0] == points[-2][0]
    assert len({y for _, y in points[1:-1]}) == 1
    assert max(y for _, y in points) == points[0][1] == points[-1][1]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessibility(mounted, page: Page, theme):
    """axe-core finds nothing serious, in either theme, at rest, drawing, guessing."""
    place = mounted(ConvolutionExplorer(f="drawn"), theme=theme)
    assert harness.serious_violations(page) == []
    place.get_by_role("button", name="Draw f by hand").click()
    assert harness.serious_violations(page) == []
    place.get_by_role("button", name="Guess first").click()
    assert harness.serious_violations(page) == []


def test_prose_speaks_of_tau(mounted):
    """The strip stands where the product says most, with its dots and values, as long as it is lit."""
    place = mounted(ConvolutionExplorer(f="box", g="box", t=0.5))
    strip, beads = place.locator(".strip"), place.locator(".bead")
    expect(strip).to_be_hidden()
    order(place, "light", part="tau")
    expect(strip).to_be_visible()
    assert [bead.is_visible() for bead in beads.all()] == [True] * 3
    product = place.locator(".lane .name.product")
    assert [place.locator(f".lane .name.{kind}").inner_text() for kind in "fg"] == ["f(0.26) = 1.00", "g(0.24) = 1.00"]
    assert product.inner_text() == "1.00 × 1.00 = 1.00"
    for node in (product, strip):
        expect(node).to_have_css("opacity", "1")
    set_trait(place, "t", 2.5)
    expect(strip).to_be_visible()
    order(place, "light", part=None)
    expect(strip).to_be_hidden()


def test_prose_looks_at_one_tau(mounted):
    """It stays on show, asked twice too; what is no such time is ignored."""
    place = mounted(ConvolutionExplorer(f="box", g="box", t=0.5))
    for garbage in ("0.2", None, 4.1, [0], {"a": 1}):
        order(place, "look", value=garbage)
        expect(place.locator(".strip")).to_be_hidden()
    for tau in (0.2, 0.2, -3.5):
        order(place, "look", value=tau)
        expect(place.locator(".strip")).to_be_visible()
        expect(place.locator(".chip")).to_have_text(f"✕ τ = {tau:.2f}".replace("-", "−"))


def test_prose_asks_to_draw(mounted):
    """The shape becomes a drawn one, and drawing begins."""
    place = mounted(ConvolutionExplorer())
    order(place, "draw", value="output")
    assert trait(place, "f") == "box"
    for which in "fg":
        order(place, "draw", value=which)
        assert trait(place, which) == "drawn"
        expect(place.get_by_role("button", name="Done")).to_be_visible()
        expect(place.get_by_label(f"Draw {which}: left")).to_be_visible()
