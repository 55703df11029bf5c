"""KernelLearner in the page: steps, the loss as a place to go to, the rate and its limit, weights, the cover."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.widgets import KernelLearner
from convlib.widgets.kernel_learner import HIGH, LOW, MOST, decimals, number
from tests.site import harness
from tests.site.harness import Fingers, order


def points(place: Locator, kind: str) -> np.ndarray:
    """The points of a line in the plot, in its pixels."""
    found = re.findall(r"(-?[\d.]+) (-?[\d.]+)", place.locator(f"path.{kind}").get_attribute("d"))
    return np.array(found, dtype=float)


def dot(place: Locator) -> tuple[float, float]:
    """Where the present step is drawn."""
    circle = place.locator("circle.dot")
    return float(circle.get_attribute("cx")), float(circle.get_attribute("cy"))


def alpha(place: Locator, part: str) -> np.ndarray:
    """How full each pixel's color is, negative where it is the input's."""
    return harness.signed(harness.pixels(place.locator(f".pane.of-{part} canvas")))


def filled(picture: np.ndarray, reach: float) -> np.ndarray:
    """The same by Python."""
    return 255 * np.clip(picture / reach, -1, 1)


def test_all_that_is_shown_is_numpys(mounted, page: Page):
    """Weights, next steps, pictures, the loss and its line, at rest and in quite other states."""
    widget = KernelLearner()
    place = mounted(widget)
    for traits in ({}, {"hidden": "blur", "centered": False, "rate": 0.2}, {"start": "random", "steps": 0, "rate": 9}):
        for name, value in traits.items():
            setattr(widget, name, value)
            harness.set_trait(place, name, value)
        assert place.locator(".cell .value").all_text_contents() == [decimals(w) for w in widget.weights.ravel()]
        moves = -widget.rate * widget.gradient.ravel()
        texts = ["" if abs(m) < 0.005 else f"{'+' if m > 0 else ''}{decimals(m)}" for m in moves]
        assert place.locator(".cell .move").all_text_contents() == texts
        expect(place.locator(".sentence")).to_have_text(widget.sentence())
        title = f"loss L = {number(widget.loss)} at step {widget.steps}"
        expect(place.locator(".of-loss .title")).to_have_text(title)
        reach = np.abs(widget.target).max() / 2
        for part in ("target", "prediction", "error"):
            np.testing.assert_allclose(alpha(place, part), filled(getattr(widget, part), reach), atol=1.01)
        past, future = points(place, "past"), points(place, "future")
        assert len(past) == widget.steps + 1
        assert len(future) == MOST + 1
        losses = KernelLearner(**{n: getattr(widget, n) for n in ("hidden", "start", "rate", "centered")}, steps=MOST)
        tall = float(place.locator(".plot clipPath rect").get_attribute("height"))
        height = 6 + (HIGH - np.log10(np.maximum(losses.losses, 1e-30))) / (HIGH - LOW) * (tall - 6)
        inside = (height > 0) & (height < tall)
        np.testing.assert_allclose(future[inside, 1], height[inside], atol=0.06)
        assert dot(place) == pytest.approx(past[-1], abs=0.06)
    arrows = place.locator(".arrows").get_attribute("d").count("M")
    assert arrows == np.count_nonzero(np.sqrt(np.minimum(1, np.abs(moves) / 0.25)) * 0.42 * 56 >= 1.5)


def test_going_through_the_steps(mounted, page: Page):
    """One step, the curve, the slider under it and its keys, Play: all are the same trait, and stand at one place."""
    place = mounted(KernelLearner(rate=20, steps=0))
    page.get_by_role("button", name="One step").click()
    assert harness.trait(place, "steps") == 1
    surface = place.locator(".surface").bounding_box()
    svg = place.locator(".plot svg").bounding_box()
    target = points(place, "future")[200][0]
    harness.drag(page, (svg["x"] + 100, surface["y"] + 40), (svg["x"] + target, surface["y"] + 40))
    assert harness.trait(place, "steps") == 200
    slider = place.get_by_role("slider", name="steps taken")
    box = slider.bounding_box()
    thumb = box["x"] + 11 + 200 / MOST * (box["width"] - 22)
    assert thumb == pytest.approx(svg["x"] + dot(place)[0], abs=1)
    expect(place.get_by_role("button", name="One step")).to_be_disabled()
    # The run was stopped at step 15: Play begins anew, and ends there.
    page.get_by_role("button", name="Play").click()
    harness.wait_for_trait(place, "steps", "value >= 15 && value < 25")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    stopped = harness.trait(place, "steps")
    assert stopped < MOST
    expect(place.locator(".sentence")).to_contain_text("at step 15, the run is stopped")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert harness.trait(place, "steps") == stopped - 1
    page.keyboard.press("Home")
    expect(place.locator("[aria-live]")).to_contain_text("Step 0: loss 0.167.")
    page.keyboard.press("ArrowRight")
    place.get_by_role("button", name="Reset").click()
    harness.settled(place)
    assert harness.trait(place, "steps") == 0
    place.evaluate("node => { node.model.receive({ do: 'step' }); node.model.receive({ do: 'step' }); }")
    assert harness.trait(place, "steps") == 2
    order(place, "play", **{"from": 3, "to": 5})
    harness.wait_for_trait(place, "steps", "value === 5")


def test_a_weight_is_touched(mounted, page: Page):
    """Its slope as a product of two pictures, its history as a line; the pin stays while the steps go on."""
    widget = KernelLearner()
    place = mounted(widget)
    place.locator(".cell").nth(5).click()
    slope = widget.gradient[1, 2]
    sentence = place.locator(".sentence")
    said = f"∂L/∂w[1, 2] = 2 · mean of error × input shifted by (1, 2) = {number(slope)}."
    expect(sentence).to_have_text(f"{said} Next step: −η times that, +{number(-4 * slope)}.")
    expect(place.locator(".of-prediction .title span:visible").first).to_have_text("product")
    shift = place.locator("rect.shift")
    assert [shift.get_attribute(name) for name in ("x", "y", "width")] == ["2", "1", "62"]
    product = widget.error * widget.input[1:63, 2:64]
    reach = np.abs(widget.target).max() / 2 * np.abs(widget.input).max() / 2
    np.testing.assert_allclose(alpha(place, "prediction"), filled(product, reach), atol=1.01)
    line = points(place, "past")
    history = widget.history[:, 5]
    zero, two = (np.polyfit(history, line[:, 1], 1) @ (value, 1) for value in (0, 2))
    rules = [float(y) for y in re.findall(r"M[\d.]+ ([\d.]+)H", place.locator(".rules").get_attribute("d"))]
    assert (two, zero) == pytest.approx((rules[2], rules[1]), abs=0.5)
    page.get_by_role("button", name="One step").click()
    surface = place.locator(".surface").bounding_box()
    page.mouse.click(surface["x"] + surface["width"] / 2, surface["y"] + 20)
    harness.settled(place)
    expect(place.locator(".chip")).to_have_text("✕ w[1, 2]")
    assert harness.trait(place, "steps") == pytest.approx(250, abs=2)
    expect(place.locator(".truth")).to_have_attribute("data-shown", "no")
    page.locator("h1").click()
    expect(place.locator(".chip")).to_have_attribute("data-shown", "no")
    expect(place.locator(".of-loss .title")).to_contain_text("loss L")
    place.locator(".cell[tabindex='0']").focus()
    for key in ("ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(place.locator(".chip")).to_contain_text("✕ w[")
    page.keyboard.press("Escape")
    order(place, "look", value="w0,2")
    expect(sentence).to_contain_text("shifted by (0, 2)")
    order(place, "look", value="")
    expect(sentence).to_contain_text("Look behind the cover")


def test_the_rate_and_its_limit(mounted, page: Page):
    """The mark stands where the thumb would; beyond it the sentence says so; the mean moves it."""
    place = mounted(KernelLearner())
    rate = place.get_by_role("slider", name="rate η")
    for centered in (True, False):
        harness.set_trait(place, "centered", centered)
        widget = KernelLearner(centered=centered)
        limit = widget.limit
        expect(place.locator(".track .limit")).to_have_text(f"2/λ = {limit:.3g}")
        box, notch = rate.bounding_box(), place.locator(".notch").bounding_box()
        share = (20 * np.log10(limit) + 40) / 66
        assert notch["x"] + 1 == pytest.approx(box["x"] + 11 + share * (box["width"] - 22), abs=0.6)
        harness.set_trait(place, "rate", round(0.75 * limit, 3))
        rate.focus()
        while harness.trait(place, "rate") < limit:
            expect(place.locator(".slide.beyond")).to_have_count(0)
            page.keyboard.press("ArrowRight")
            harness.settled(place)
        expect(place.locator(".slide.beyond")).to_have_count(1)
        expect(place.locator(".sentence")).to_contain_text(f"Beyond 2/λ = {limit:.3g}")
        widget.rate = harness.trait(place, "rate")
        expect(place.locator(".sentence")).to_have_text(widget.sentence())
    page.keyboard.press("Home")
    assert harness.trait(place, "rate") == 0.01
    page.keyboard.press("End")
    assert harness.trait(place, "rate") == 20
    harness.set_trait(place, "steps", MOST)
    assert "NaN" not in place.inner_html()
    assert "Infinity" not in place.inner_html()
    place.get_by_text("subtract the mean").click()
    assert harness.trait(place, "centered") is True


def test_the_cover(mounted, page: Page):
    """A press lifts it and lays it back; another kernel and Reset are covered; nothing tells before."""
    place = mounted(KernelLearner(steps=200))
    assert "Sobel" not in place.inner_text()
    tiles = place.locator(".tile")
    assert tiles.all_text_contents() == [""] * 9
    page.get_by_role("button", name="Look behind the cover").click()
    expect(tiles).to_have_text(["−1", "0", "1", "−2", "0", "2", "−1", "0", "1"])
    expect(place.locator(".of-hidden .title")).to_have_text("hidden: Sobel")
    expect(place.locator(".sentence")).to_contain_text("They are the hidden kernel")
    expect(place.locator("[aria-live]")).to_contain_text("The hidden kernel is Sobel: −1, 0, 1")
    place.locator(".cell").nth(2).click()
    expect(place.locator(".truth")).to_have_attribute("data-shown", "yes")
    assert points(place, "future")[-1][1] == pytest.approx(points(place, "truth")[0][1], abs=0.1)
    harness.choose(place.get_by_role("radio", name="C"))
    harness.settled(place)
    assert tiles.all_text_contents() == [""] * 9
    order(place, "reveal")
    expect(tiles.first).to_have_text("1/16")
    page.get_by_role("button", name="Cover the blur kernel again").click()
    expect(tiles.first).to_have_text("")
    order(place, "reveal")
    place.get_by_role("button", name="Reset").click()
    expect(tiles.first).to_have_text("")
    assert harness.trait(place, "hidden") == "sobel"


def test_a_finger(mounted, page: Page):
    """It goes along the curve and the page stays; taken away, it leaves no trace; upwards it scrolls."""
    page.set_viewport_size({"width": 390, "height": 664})
    place = mounted(KernelLearner())
    page.evaluate("document.body.style.height = '3000px'")
    fingers = Fingers(page)
    box = place.locator(".surface").bounding_box()
    x, y = box["x"] + 60, box["y"] + 40
    fingers.drag(x, y, 100, 0)
    harness.settled(place)
    there = harness.trait(place, "steps")
    assert 200 < there < 350
    fingers.send("touchCancel")
    harness.settled(place)
    assert harness.trait(place, "steps") == 6
    fingers.drag(x, y, 100, 0)
    fingers.send("touchEnd")
    assert harness.trait(place, "steps") == there
    assert page.evaluate("scrollY") == 0
    cell = place.locator(".cell").nth(4).bounding_box()
    fingers.send("touchStart", (cell["x"] + 20, cell["y"] + 20))
    fingers.send("touchEnd")
    expect(place.locator(".chip")).to_have_text("✕ w[1, 1]")
    fingers.drag(x, y, 0, -150)
    fingers.send("touchEnd")
    page.wait_for_function("scrollY > 0")


@pytest.mark.parametrize("show", [[], ["weights", "loss", "words"], ["pictures", "controls"]], ids=len)
def test_room(mounted, page: Page, show):
    """As high as Python says in every state; on a phone all down to Play is on one screen."""
    widget = KernelLearner(show=show)
    place = mounted(widget)
    for width, expected in harness.rooms(place, widget):
        states = (
            {"rate": 4, "centered": True, "steps": 0},
            {"steps": 200},
            {"rate": 9},
            {"rate": 20, "centered": False},
        )
        for traits in states if not show else states[::3]:
            for name, value in traits.items():
                harness.set_trait(place, name, value)
            for look in ("", "w0,2"):
                order(place, "look", value=look)
                height = harness.height_of(place, expected)
                assert abs(height - expected) <= 6, (width, traits, look)
        if width == 358 and not show:
            top, play = place.locator(".stage").bounding_box(), place.locator(".go").bounding_box()
            assert play["y"] + play["height"] - top["y"] <= 560
    for part, pane in {"pictures": ".of-input", "weights": ".of-hidden", "loss": ".of-loss", "controls": ".go"}.items():
        assert place.locator(f".pane{pane}, {pane}.go").first.is_visible() == (not show or part in show)


def test_an_address_keeps_the_state(mounted, page: Page):
    """What Copy link would write comes back; what cannot be is said; each part can be lit."""
    mounted(KernelLearner())
    address = page.url.split("#")[0]
    page.goto(f"{address}#KernelLearner-1?hidden=laplacian&start=random&rate=7.1&centered=false&steps=3")
    place = page.locator(".cl-live").first
    harness.wait_for_trait(place, "steps", "value === 3")
    there = KernelLearner(hidden="laplacian", start="random", rate=7.1, centered=False, steps=3)
    expect(place.locator(".of-loss .title")).to_have_text(f"loss L = {number(there.loss)} at step 3")
    page.goto(f"{address}#KernelLearner-1?steps=501&rate=0.5")
    harness.wait_for_trait(place, "rate", "value === 0.5")
    expect(page.locator(".cl-note")).to_have_text("Part of the link could not be read: steps.")
