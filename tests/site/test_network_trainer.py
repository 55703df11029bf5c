"""NetworkTrainer in the page: training, the loss as a place to go to, what is touched, the run before, a finger."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.widgets import NetworkTrainer
from convlib.widgets.network_trainer import MOST, TOP, loss_words, percent
from convlib.widgets.small_network import CLASSES, FILTERS, LEARN, SIDE, forward, task, task_windows
from tests.site import harness
from tests.site.harness import order
from tests.site.test_contract import Fingers


def trained(place: Locator) -> None:
    """Wait until the training has got to the step that is asked for: it takes some frames."""
    place.page.wait_for_function(
        """(place) => {
            const steps = place.model.get("steps");
            const made = place.querySelector(".stage").dataset.made ?? "busy";
            const known = ["data", "examples", "rate", "momentum"].map((name) => place.model.get(name)).join(" ");
            return made === `${known} ${steps}`;
        }""",
        arg=place.element_handle(),
    )


def put(place: Locator, **traits: object) -> None:
    """Set traits, as Python would, and wait until that is trained and drawn."""
    for name, value in traits.items():
        harness.set_trait(place, name, value)
    trained(place)
    harness.settled(place)


def look(place: Locator, at: str) -> None:
    """What a link in the prose does."""
    order(place, "look", value=at)


def points(place: Locator, kind: str) -> np.ndarray:
    """The points of a line in the plot, in its pixels."""
    found = re.findall(r"(-?[\d.]+) (-?[\d.]+)", place.locator(f"path.{kind}").get_attribute("d"))
    return np.array(found, dtype=float)


def fullness(canvas: Locator) -> np.ndarray:
    """How full each pixel's color is, from 0 to 1; negative where blue outweighs red."""
    return harness.signed(harness.pixels(canvas)) / 255


def maps_of(widget: NetworkTrainer, n: int) -> np.ndarray:
    """The eight feature maps after ReLU on one of the ten pictures, by Python."""
    maps = forward(widget.network, task_windows(widget.data)[LEARN + n : LEARN + n + 1])[0]
    return np.maximum(maps[0].reshape(4, 4, 2, 2, FILTERS).transpose(4, 0, 2, 1, 3).reshape(FILTERS, SIDE, SIDE), 0)


def test_all_that_is_shown_is_numpys(mounted, page: Page):
    """Filters, curves, accuracies, answers and words, at rest and in quite other states."""
    widget = NetworkTrainer()
    place = mounted(widget)
    states = (
        {},
        {"data": "strokes", "steps": 333},
        {"data": "digits", "rate": 1.0, "steps": 204, "momentum": False},
        {"data": "shuffled", "rate": 0.1, "examples": 50, "momentum": True},
    )
    for traits in states:
        for name, value in traits.items():
            setattr(widget, name, value)
        put(place, **traits)
        largest = max(0.3, np.abs(widget.filters).max())
        for f in range(FILTERS):
            drawn = fullness(place.locator(".filters .taps").nth(f))
            np.testing.assert_allclose(np.abs(drawn), np.abs(widget.filters[f]) / largest, atol=0.006)
            seen = np.abs(drawn) > 0.05
            assert np.array_equal(np.sign(drawn[seen]), np.sign(widget.filters[f][seen]))
        dead = [f for f in range(FILTERS) if "dead" in place.locator(".filters .note").nth(f).inner_text()]
        assert dead == widget.dead
        known, held = (percent(share) for share in widget.accuracy)
        expect(place.locator(".legend.known")).to_have_text(f"training {known} right")
        expect(place.locator(".legend.held")).to_have_text(f"held out {held}")
        tall = float(place.locator(".plot clipPath rect").get_attribute("height"))
        for kind, column in (("known", 1), ("held", 3)):
            line = points(place, kind)
            assert len(line) == len(widget.curve)
            height = 6 + (1 - np.minimum(widget.curve[:, column], 2 * TOP) / TOP) * (tall - 8)
            np.testing.assert_allclose(line[:, 1], height, atol=0.06)
        labels, answers = task(widget.data).labels[LEARN:], widget.answers.argmax(axis=1)
        shown = [
            f"{'✓' if a == label else '✗'}\u2009{CLASSES[widget.data][a]}"
            for a, label in zip(answers, labels, strict=False)
        ]
        assert place.locator(".answer").all_text_contents() == shown
        expect(place.locator(".sentence")).to_have_text(widget.sentence())


def test_going_through_the_steps(mounted, page: Page):
    """One step, the curve, the slider under it and its keys, Play, orders: all are the same trait."""
    place = mounted(NetworkTrainer(steps=0, examples=10))
    page.get_by_role("button", name="One step").click()
    trained(place)
    expect(place.locator(".sentence")).to_contain_text("After 1 step ")
    surface, svg = place.locator(".surface").bounding_box(), place.locator(".plot svg").bounding_box()
    harness.drag(page, (svg["x"] + 60, surface["y"] + 40), (svg["x"] + 150, surface["y"] + 40))
    trained(place)
    there = harness.trait(place, "steps")
    assert points(place, "held")[-1][0] == pytest.approx(150, abs=0.4)
    slider = place.get_by_role("slider", name="steps taken")
    box = slider.bounding_box()
    thumb = box["x"] + 11 + there / MOST * (box["width"] - 22)
    assert thumb == pytest.approx(svg["x"] + 150, abs=1)
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert harness.trait(place, "steps") == there - 1
    put(place, steps=there - 25)
    assert len(points(place, "later-held")) >= 2  # what has been trained already stays, in grey
    page.keyboard.press("Home")
    trained(place)
    now = NetworkTrainer(steps=0, examples=10)
    losses = f"training loss {loss_words(now.curve[-1][1])}, held-out loss {loss_words(now.curve[-1][3])}"
    expect(place.locator("[aria-live]")).to_contain_text(f"Step 0: {losses}.")
    page.get_by_role("button", name="Play").click()
    harness.wait_for_trait(place, "steps", "value >= 5")
    page.get_by_role("button", name="Pause").click()
    trained(place)
    order(place, "play", **{"from": 20, "to": 25})
    harness.wait_for_trait(place, "steps", "value === 25")
    place.evaluate("node => { node.model.receive({ do: 'step' }); node.model.receive({ do: 'step' }); }")
    assert harness.trait(place, "steps") == 27
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="One step")).to_be_enabled()
    put(place, steps=MOST)
    expect(page.get_by_role("button", name="One step")).to_be_disabled()
    place.get_by_role("button", name="Reset").click()
    trained(place)
    assert harness.trait(place, "steps") == 0


def test_a_picture_is_touched(mounted, page: Page):
    """Its classes' shares as bars, the eight filters' maps on it; the pin stays while the training goes on."""
    widget = NetworkTrainer(data="shuffled", examples=50, steps=200)
    place = mounted(widget)
    trained(place)
    wrong = int(np.flatnonzero(widget.answers.argmax(axis=1) != task("shuffled").labels[LEARN : LEARN + 10])[0])
    place.locator(".pictures .cell").nth(wrong).click()
    for steps in (200, 240):
        widget.steps = steps
        put(place, steps=steps)
        given = widget.answers[wrong]
        expect(place.locator(".chip")).to_have_text(f"✕ picture {wrong}")
        heights = [float(bar.get_attribute("height")) for bar in place.locator("rect.bar").all()]
        tall = float(place.locator(".plot clipPath rect").get_attribute("height"))
        np.testing.assert_allclose(heights, np.maximum(given * (tall - 50), 0.5), atol=0.06)
        own = task("shuffled").labels[LEARN + wrong]
        expect(place.locator("text.class.own")).to_have_text(str(own))
        answer = int(given.argmax())
        verdict = "right." if answer == own else f"wrong. The {own} that it is gets {percent(given[own])}."
        expect(place.locator(".sentence")).to_contain_text(
            f"The answer is {answer} with {percent(given.max())}: {verdict}"
        )
        maps = maps_of(widget, wrong)
        for f in range(FILTERS):
            drawn = np.abs(fullness(place.locator(".filters .map").nth(f)))
            np.testing.assert_allclose(drawn, maps[f] / maps.max(), atol=0.006)
    page.locator("h1").click()
    expect(place.locator(".chip")).to_have_attribute("data-shown", "no")
    expect(place.locator("rect.bar").first).not_to_be_visible()
    expect(place.locator(".sentence")).to_have_text(widget.sentence())


def test_a_filter_is_touched(mounted, page: Page):
    """Its maps on the ten pictures, with a ring where it fires hardest; a dead one fires nowhere; by keys, too."""
    widget = NetworkTrainer(rate=1.0, steps=200)
    place = mounted(widget)
    trained(place)
    every = np.stack([maps_of(widget, n) for n in range(10)])  # (10, 8, 8, 8)
    alive = int(every.max(axis=(0, 2, 3)).argmax())
    place.locator(".filters .cell").nth(alive).click()
    harness.settled(place)
    maps = every[:, alive]
    for n in range(10):
        drawn = np.abs(fullness(place.locator(".pictures .map").nth(n)))
        np.testing.assert_allclose(drawn, maps[n] / maps.max(), atol=0.006)
    n, row, column = np.unravel_index(maps.argmax(), maps.shape)
    words = f"hardest in picture {n}, the {n}, at row {row}, column {column}: {maps.max():.2f}."
    expect(place.locator(".sentence")).to_contain_text(words)
    ring = place.locator(".ring:visible")
    expect(ring).to_have_count(1)
    box, tile = ring.bounding_box(), place.locator(".pictures .tile").nth(n).bounding_box()
    assert box["x"] - tile["x"] == pytest.approx(column * tile["width"] / 8, abs=1)
    assert box["y"] - tile["y"] == pytest.approx(row * tile["height"] / 8, abs=1)
    look(place, f"filter{widget.dead[0]}")
    expect(place.locator(".sentence")).to_contain_text(f"Filter {widget.dead[0]} is dead")
    expect(place.locator(".ring:visible")).to_have_count(0)
    page.keyboard.press("Escape")
    look(place, "")
    place.locator(".filters .cell[tabindex='0']").focus()
    for key in ("Home", "ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(place.locator(".chip")).to_have_text("✕ filter 5")
    page.keyboard.press("Escape")
    expect(place.locator(".chip")).to_have_attribute("data-shown", "no")
    for at, name in (("digit3", "✕ picture 3"), ("filter7", "✕ filter 7")):
        look(place, at)
        expect(place.locator(".chip")).to_have_text(name)
    look(place, "filter8")  # there is none
    expect(place.locator(".chip")).to_have_attribute("data-shown", "no")


def test_the_run_before_stays_in_grey(mounted, page: Page):
    """Another rate trains anew up to the same step; what it was before can be compared, and said; Reset forgets it."""
    place = mounted(NetworkTrainer(steps=100))
    trained(place)
    first = points(place, "held")
    rate = place.get_by_role("slider", name="rate η")
    rate.focus()
    page.keyboard.press("ArrowRight")
    trained(place)
    assert harness.trait(place, "rate") == 0.22
    assert harness.trait(place, "steps") == 100
    expect(place.locator("text.grey")).to_have_text("grey: rate 0.2")
    np.testing.assert_allclose(points(place, "before-held"), first, atol=0.06)
    assert not np.allclose(points(place, "held"), first, atol=0.5)
    # Back again: the two runs have changed places.
    page.keyboard.press("ArrowLeft")
    trained(place)
    expect(place.locator("text.grey")).to_have_text("grey: rate 0.22")
    np.testing.assert_allclose(points(place, "held"), first, atol=0.06)
    place.get_by_label("momentum 0.9").check()
    examples = place.get_by_role("slider", name="examples")
    trained(place)
    expect(place.locator("text.grey")).to_have_text("grey: no momentum")
    examples.focus()
    page.keyboard.press("Home")
    assert harness.trait(place, "examples") == 10
    trained(place)
    expect(place.locator("text.grey")).to_have_text("grey: 1000 examples")
    harness.choose(place.get_by_role("radio", name="strokes"))
    trained(place)
    expect(place.locator("text.grey")).to_have_text("grey: digits")
    place.get_by_role("button", name="Reset").click()
    trained(place)
    expect(place.locator("text.grey")).to_have_text("")
    assert place.locator("path.before-held").get_attribute("d") == ""
    np.testing.assert_allclose(points(place, "held"), first, atol=0.06)


def test_a_loss_beyond_the_axis(mounted, page: Page):
    """Labels learned by heart make the held-out loss leave the picture: its number stands where it left."""
    widget = NetworkTrainer(data="shuffled", examples=50, steps=600)
    place = mounted(widget)
    trained(place)
    loss = widget.curve[-1][3]
    assert loss > TOP
    expect(place.locator("text.over")).to_have_text(f"↑ {loss:.1f}")
    assert "NaN" not in place.inner_html()
    put(place, steps=0)
    expect(place.locator("text.over")).to_have_text("")


def test_a_finger(mounted, page: Page):
    """It goes along the curve and the page stays; taken away, it leaves no trace; a tap pins; upwards it scrolls."""
    page.set_viewport_size({"width": 390, "height": 664})
    place = mounted(NetworkTrainer(examples=10))
    trained(place)
    page.evaluate("document.body.style.height = '3000px'")
    fingers = Fingers(page)
    box = place.locator(".surface").bounding_box()
    x, y = box["x"] + 60, box["y"] + 40
    fingers.drag(x, y, 60, 0)
    trained(place)
    there = harness.trait(place, "steps")
    assert 250 < there < 500
    fingers.send("touchCancel")
    trained(place)
    assert harness.trait(place, "steps") == 120
    fingers.drag(x, y, 60, 0)
    fingers.send("touchEnd")
    assert harness.trait(place, "steps") == there
    assert page.evaluate("scrollY") == 0
    for cell, name in (
        (place.locator(".filters .cell").nth(6), "✕ filter 6"),
        (place.locator(".pictures .cell").nth(4), "✕ picture 4"),
    ):
        spot = cell.bounding_box()
        fingers.send("touchStart", (spot["x"] + 12, spot["y"] + 12))
        fingers.send("touchEnd")
        expect(place.locator(".chip")).to_have_text(name)
    fingers.drag(x, y, 0, -150)
    fingers.send("touchEnd")
    page.wait_for_function("scrollY > 0")


@pytest.mark.parametrize("show", [[], ["filters", "loss", "words"], ["pictures", "controls"]], ids=len)
def test_room(mounted, page: Page, show):
    """As high as Python says in every state; on a phone all down to Play is on one screen; letters can be read."""
    widget = NetworkTrainer(show=show, examples=10)
    place = mounted(widget)
    for width, expected in harness.rooms(place, widget):
        for traits in (
            {"rate": 0.2, "steps": 0},
            {"steps": 150},
            {"rate": 10},
            {"data": "shuffled"},
            {"data": "digits"},
        ):
            put(place, **traits)
            for at in ("", "filter2", "digit3"):
                look(place, at)
                height = harness.height_of(place, expected)
                assert abs(height - expected) <= 6, (width, traits, at)
        if width == 358 and not show:
            top, play = place.locator(".stage").bounding_box(), place.locator(".go").bounding_box()
            assert play["y"] + play["height"] - top["y"] <= 560
        small = place.evaluate(
            """(place) => [...place.querySelectorAll("p, text, span, label, .note, .answer")]
                .filter((node) => node.textContent.trim() && node.checkVisibility() && !node.closest(".quiet"))
                .map((node) => parseFloat(getComputedStyle(node).fontSize))"""
        )
        assert min(small) >= 11
    for part, pane in {
        "filters": ".pane.filters",
        "loss": ".pane.loss",
        "pictures": ".pane.pictures",
        "controls": ".go",
    }.items():
        assert place.locator(pane).is_visible() == (not show or part in show)


def test_an_address_keeps_the_state(mounted, page: Page):
    """What Copy link would write comes back; what cannot be is said; each part can be lit."""
    mounted(NetworkTrainer())
    address = page.url.split("#")[0]
    page.goto(f"{address}#NetworkTrainer-1?data=strokes&examples=200&rate=0.35&momentum=true&steps=40")
    place = page.locator(".cl-live").first
    harness.wait_for_trait(place, "steps", "value === 40")
    trained(place)
    there = NetworkTrainer(data="strokes", examples=200, rate=0.35, momentum=True, steps=40)
    expect(place.locator(".sentence")).to_have_text(there.sentence())
    page.goto(f"{address}#NetworkTrainer-1?steps=1001&rate=0.5")
    harness.wait_for_trait(place, "rate", "value === 0.5")
    expect(page.locator(".cl-note")).to_have_text("Part of the link could not be read: steps.")
