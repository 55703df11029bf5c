"""FourierWinding in a browser: the thumb, the samples, the points, by mouse, by finger and by keyboard; its size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.widgets import FourierWinding
from tests.site import harness
from tests.site.conftest import serving
from tests.site.harness import Fingers, Point, drag, middle, order, put, trait

DEFAULT = FourierWinding()


def number(part: Locator, name: str) -> float:
    return float(part.get_attribute(name))


PLANE, UPRIGHT = "[data-part=arrow]", "[data-part='spectrum arrow']"


@pytest.mark.parametrize("width", [390, 1280])
def test_what_is_drawn_is_pythons(mounted, page: Page, width):
    """The points, the arrow, and the arrow upright, in units of the circle; equal lengths are equally long."""
    page.set_viewport_size({"width": width, "height": 800})
    for widget in (
        DEFAULT,
        FourierWinding(signal="average", turns=1.3),
        FourierWinding(signal="alternating", turns=12),
    ):
        place = mounted(widget)
        unit = place.locator(".unit")
        radius = number(unit, "r")
        centre = complex(number(unit, "cx"), number(unit, "cy"))
        points = [complex(number(p, "cx"), number(p, "cy")) - centre for p in place.locator(".point").all()]
        np.testing.assert_allclose(np.conj(points), radius * widget.winding(), atol=0.08)
        arrow = widget.arrow * radius / widget.scale
        assert harness.arrow(place.locator(PLANE)) == pytest.approx(arrow, abs=0.02)
        assert harness.arrow(place.locator(UPRIGHT)) == pytest.approx(complex(0, abs(arrow)), abs=0.02)
        assert abs(arrow) <= radius + 0.01
        expect(place.locator(".sentence")).to_have_text(widget.sentence())
        dots = place.locator(".dot")
        zero = number(place.locator(f"{UPRIGHT} .shaft"), "y1")
        heights = [zero - number(dots.nth(k), "cy") for k in range(13)]
        np.testing.assert_allclose(heights, np.abs(widget.spectrum(range(13))) * radius / widget.scale, atol=0.06)


def test_the_thumb_stands_on_the_axis(mounted, page: Page):
    """Under its arrow; dragged by the mouse it finds the wave that is in the signal."""
    place = mounted(DEFAULT)
    thumb = place.get_by_role("slider", name="turns")
    box = thumb.bounding_box()

    def at(turns: float) -> Point:
        dots = place.locator(".dot")
        (low, _), (high, _) = middle(dots.first), middle(dots.last)
        return low + (high - low) * turns / 12, box["y"] + box["height"] / 2

    start, goal = at(4.5), at(7)
    assert middle(place.locator(f"{UPRIGHT} .head"))[0] == pytest.approx(start[0], abs=1)
    drag(page, start, goal)
    assert trait(place, "turns") == pytest.approx(7, abs=0.03)
    expect(place.locator(".sentence")).to_contain_text("it leans to one side; the sum of its 24 arrows is 4.8 long")
    expect(place.locator(".value")).to_have_text("4.8")


def test_a_press_on_the_spectrum(mounted, page: Page):
    """Goes there; at a dot, to the whole number."""
    place = mounted(DEFAULT)
    dots = place.locator(".dot")
    x, y = middle(dots.nth(2))
    page.mouse.click(x + 3, y + 2)
    assert trait(place, "turns") == 2
    expect(place.locator(".sentence")).to_have_text(FourierWinding(turns=2).sentence())
    step = middle(dots.nth(3))[0] - x
    page.mouse.click(x + 1.5 * step, y)
    assert trait(place, "turns") == pytest.approx(3.5, abs=0.03)
    drag(page, (x, y), (x + step * 3.25, y))
    assert trait(place, "turns") == pytest.approx(5.25, abs=0.03)


def test_keyboard(mounted, page: Page):
    """Everything is done by keys alone: samples, turns, the list, Play, Reset."""
    place = mounted(DEFAULT)
    thumb = place.get_by_role("slider", name="turns")
    thumb.focus()
    keys = {
        "ArrowRight": 4.55, "ArrowLeft": 4.5, "PageUp": 5, "Shift+ArrowLeft": 4, "Control+ArrowRight": 5,
        "ArrowDown": 4.95, "PageDown": 4, "End": 12, "PageUp ": 12, "Home": 0, "Shift+ArrowRight": 1,
    }  # fmt: skip
    for key, value in keys.items():
        page.keyboard.press(key.strip())
        assert trait(place, "turns") == value, key
    expect(thumb).to_have_attribute("aria-valuetext", "1 turn: the sum is 0.0 long")
    place.get_by_role("slider", name="x[0]", exact=True).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(place.locator(".sentence")).to_have_text("x[1] = 0.42: an arrow turned clockwise by 1 × 1/24 = 0.04 turns.")
    expect(place.locator(".stems .lit")).to_have_count(1)
    assert trait(place, "signal") == "drawn"
    assert trait(place, "x") == pytest.approx([0.9, *DEFAULT.samples[1:]], abs=1e-12)
    page.keyboard.press("Enter")
    expect(place.locator(".chip")).to_have_text("✕ x[1]")
    page.keyboard.press("Escape")
    place.get_by_label("signal", exact=True).select_option("one wave")
    put(place, turns=3)
    expect(place.locator(".sentence")).to_have_text(FourierWinding(signal="one wave", turns=3).sentence())
    place.get_by_role("button", name="Reset").click()
    assert [trait(place, name) for name in ("signal", "turns")] == ["two waves", 4.5]
    assert trait(place, "x") == list(DEFAULT.x)


def test_dragging_a_sample(mounted, page: Page):
    """It follows the mouse in tenths, up to 1; the other samples stay what they were."""
    place = mounted(FourierWinding(signal="pulse", turns=0))
    x, y = middle(place.locator(".knob").nth(10))
    drag(page, (x, y), (x, y - 92 * 0.5))
    assert trait(place, "signal") == "drawn"
    assert [(n, v) for n, v in enumerate(trait(place, "x")) if v] == [(6, 1), (10, 0.5)]
    page.mouse.move(5, 5)
    expect(place.locator(".sentence")).to_contain_text("the sum of its 24 arrows is 1.5 long")
    drag(page, (x, y - 92 * 0.5), (x, y + 400))
    assert trait(place, "x")[10] == -1


def test_a_sample_and_its_arrow(mounted, page: Page):
    """Touch one, see the other; a click pins it, and it stays lit while the turns change."""
    place = mounted(FourierWinding(turns=2))
    sentence, ray = place.locator(".sentence"), place.locator(".ray")
    expect(ray).to_be_hidden()
    place.locator(".grip").nth(5).hover()
    expect(ray).to_be_visible()
    expect(sentence).to_contain_text("x[5] = −0.91: an arrow turned clockwise by 5 × 2/24 = 0.42 turns, and reversed.")
    page.mouse.move(5, 5)
    expect(sentence).to_have_text(FourierWinding(turns=2).sentence())
    at = middle(place.locator(".point").nth(10))
    page.mouse.move(*at)
    expect(sentence).to_contain_text("x[10] = 0.65")
    expect(place.locator(".stems > g").nth(10)).to_have_class("lit")
    page.mouse.click(*at)
    page.mouse.move(5, 5)
    expect(place.locator(".chip")).to_have_text("✕ x[10]")
    place.get_by_role("slider", name="turns").focus()
    page.keyboard.press("PageUp")
    expect(sentence).to_contain_text("10 × 3/24 = 1.25 turns")
    page.locator("h1").click()
    expect(sentence).to_have_text(FourierWinding(turns=3).sentence())


def test_play_sweeps(mounted, page: Page):
    """From 0 to 12; prose may ask for less, and it pauses nowhere."""
    page.clock.install()
    place = mounted(DEFAULT)
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    place.evaluate("node => { node.seen = []; node.model.on('change:turns', (_, k) => node.seen.push(k)); }")
    place.get_by_role("button", name="Play").click()
    page.clock.run_for(17_000)
    seen = place.evaluate("node => node.seen")
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, 12)
    assert max(np.diff(seen)) < 0.05
    place.evaluate("node => { node.seen = []; node.model.receive({ do: 'play', from: 1, to: 3 }); }")
    page.clock.run_for(4000)
    seen = place.evaluate("node => node.seen")
    assert (seen[0], seen[-1]) == (1, 3)


def test_prose_can_point(mounted):
    """Links pin a sample, and light each part; what is no sample lets go."""
    place = mounted(DEFAULT)
    chip = place.locator(".chip")
    for value, name in (("n5", "✕ x[5]"), ("n23", "✕ x[23]")):
        order(place, "look", value=value)
        expect(chip).to_have_text(name)
    for value in ("", "n24"):
        order(place, "look", value="n5")
        order(place, "look", value=value)
        expect(chip).to_be_hidden()


@pytest.fixture
def phone(chromium, tmp_path) -> Callable[..., tuple[Page, Locator]]:
    """A widget on a telephone, with real touches and a page to scroll."""
    context = chromium.new_context(viewport={"width": 390, "height": 664}, has_touch=True, is_mobile=True)
    page = context.new_page()
    harness.write_page(tmp_path, DEFAULT)
    with serving(tmp_path) as address:
        page.goto(f"{address}/index.html")
        page.wait_for_selector(".cl-mount.mounted")
        page.evaluate("document.body.style.paddingBottom = '1500px'")
        yield page, page.locator(".cl-live")
    context.close()


def test_by_finger(phone):
    """A finger drags the thumb and a sample, and a tap shows an arrow; the page stays."""
    page, place = phone
    fingers = Fingers(page)
    dots = [middle(place.locator(".dot").nth(k))[0] for k in (0, 12)]
    y = middle(place.get_by_role("slider", name="turns"))[1]
    x = dots[0] + (dots[1] - dots[0]) * 4.5 / 12
    fingers.drag(x, y, (dots[1] - dots[0]) * 2.5 / 12, 0)
    fingers.send("touchEnd")
    harness.wait_for_trait(place, "turns", "Math.abs(value - 7) < 0.1")
    x, y = middle(place.locator(".knob").nth(0))
    fingers.drag(x, y, 0, 32)
    expect(place.locator(".sentence")).to_contain_text("x[0] = 0.00: its arrow has no length.")
    fingers.send("touchCancel")
    harness.wait_for_trait(place, "signal", "value === 'two waves'")
    fingers.drag(x, y, 0, 16)
    fingers.send("touchEnd")
    harness.wait_for_trait(place, "x", "value[0] === 0.5")
    assert trait(place, "signal") == "drawn"
    page.touchscreen.tap(*middle(place.locator(".dot").nth(2)))
    harness.wait_for_trait(place, "turns", "value === 2")
    page.touchscreen.tap(*middle(place.locator(".point").nth(5)))
    expect(place.locator(".chip")).to_have_text("✕ x[5]")
    place.locator(".chip").tap()
    expect(place.locator(".ray")).to_be_hidden()
    assert page.evaluate("scrollY") == 0


def test_cause_and_effect_share_a_screen(phone):
    """On a phone signal, winding, spectrum, thumb and sentence stand within 560 pixels."""
    _, place = phone
    top = place.locator(".cl-widget").bounding_box()["y"]
    for part in (".unit", ".dots", "input[type=range]", ".sentence"):
        box = place.locator(part).bounding_box()
        assert box["y"] + box["height"] - top <= 560, part


@pytest.mark.parametrize("show", [[], ["winding", "spectrum"], ["signal", "words"], ["spectrum", "controls"]])
def test_room(mounted, page: Page, show):
    """As high as Python says at each width, in reduced views too; nothing sticks out."""
    widget = FourierWinding(show=show)
    place = mounted(widget)
    for _, expected in harness.rooms(place, widget):
        assert harness.height_of(place, expected) == pytest.approx(expected, abs=6)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [390, 654, 1280])
def test_nothing_moves_while_the_thumb_does(mounted, page: Page, width):
    """The sentence keeps its room, however long it is; lettering is never small."""
    page.set_viewport_size({"width": width, "height": 800})
    place = mounted(DEFAULT)
    widget, heights = place.locator(".cl-widget"), set()
    for turns in (0, 1, 2, 4.5, 7, 10.55, 11.95, 12):
        put(place, turns=turns)
        heights.add(widget.evaluate("node => node.offsetHeight"))
    order(place, "look", value="n19")
    heights.add(widget.evaluate("node => node.offsetHeight"))
    assert len(heights) == 1
    sizes = place.locator("text, p, label, button, select").evaluate_all(
        "nodes => nodes.map((node) => parseFloat(getComputedStyle(node).fontSize))"
    )
    assert min(sizes) >= 11


@pytest.mark.parametrize(
    ("controls", "play", "choice"), [([], True, True), (["turns"], True, False), (["signal"], False, True)]
)
def test_controls(mounted, controls, play, choice):
    """Only those that are asked for."""
    place = mounted(FourierWinding(controls=controls))
    expect(place.get_by_role("button", name="Play")).to_be_visible(visible=play)
    expect(place.get_by_role("slider", name="turns")).to_be_visible(visible=play)
    expect(place.locator("select")).to_be_visible(visible=choice)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessibility(mounted, page: Page, theme):
    """axe-core finds nothing serious while a sample is looked at."""
    place = mounted(FourierWinding(turns=7), theme=theme)
    order(place, "look", value="n5")
    assert harness.serious_violations(page) == []
