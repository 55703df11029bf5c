"""BlackBox in the page: bars to drag, experiments, the prediction and where it misses, the verdict, looks."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.widgets import BlackBox
from convlib.widgets.black_box import LENGTH, NEAR, SYSTEMS, Lanes
from tests.site import harness
from tests.site.harness import Fingers, drag, middle, order

FIRST = BlackBox().x


def put(place: Locator, **traits: object) -> BlackBox:
    """Set traits together, as a link does; gives the same widget in Python."""
    harness.put(place, **traits)
    names = ("system", "x", "recorded")
    return BlackBox(**{name: harness.trait(place, name) for name in names})


def numbers(nodes: Locator, name: str) -> np.ndarray:
    """An attribute of many parts."""
    return np.array(nodes.evaluate_all("(nodes, name) => nodes.map((n) => Number(n.getAttribute(name)))", name))


def seen(nodes: Locator) -> np.ndarray:
    """Which of many parts are visible."""
    return np.array(nodes.evaluate_all("(nodes) => nodes.map((n) => n.getAttribute('visibility') !== 'hidden')"))


def tips(place: Locator, kind: str, zero: float) -> np.ndarray:
    """The tips of a lane's bars, above its line of zero, in pixels."""
    rects = place.locator(f"g.{kind} rect.bar")
    top, height = numbers(rects, "y"), numbers(rects, "height")
    return np.where(np.abs(top - zero) < 0.06, -height, height)


def test_all_that_is_shown_is_numpys(mounted, page: Page):
    """Bars, marks and gaps of every box, at rest and with other inputs."""
    place = mounted(BlackBox())
    lanes = Lanes.of(narrow=False)
    inputs = (list(FIRST), [0.5, -1.5, 2, 2, 0, -2, 0.5, 1] * 2, [4, -4] * 8)
    for i, system in enumerate([*SYSTEMS, "C", "H"]):
        box = put(place, system=system, x=inputs[i % 3], recorded=True)
        unit, zero = box._scale(lanes)
        np.testing.assert_allclose(tips(place, "x", lanes.x_zero), unit * np.array(box.x), atol=0.11)
        np.testing.assert_allclose(tips(place, "y", zero), unit * box.output, atol=0.11)
        np.testing.assert_allclose(tips(place, "h", lanes.h_zero), lanes.unit * box.impulse_answer, atol=0.11)
        np.testing.assert_allclose(numbers(place.locator(".marks line"), "y1"), zero - unit * box.prediction, atol=0.06)
        gaps = place.locator(".gaps line")
        missed = np.abs(box.output - box.prediction) > NEAR
        assert np.array_equal(seen(gaps), missed)
        for end, values in {"y1": box.output, "y2": box.prediction}.items():
            np.testing.assert_allclose(numbers(gaps, end)[missed], (zero - unit * values)[missed], atol=0.06)
        expect(place.locator(".sentence")).to_have_text(box.sentence())
    put(place, recorded=False)
    expect(place.locator("[data-part=prediction]")).to_have_attribute("data-shown", "no")
    assert not tips(place, "h", lanes.h_zero).any()


def test_bars_are_dragged(mounted, page: Page):
    """Up and down in halves between -2 and 2; by keys too; what is twice as large comes down again."""
    place = mounted(BlackBox())
    grip = place.locator(".grip").nth(5)
    x, y = middle(grip)
    for down, value in ((-30, 1.5), (-300, 2), (300, -2)):
        drag(page, (x, y), (x, y + down))
        assert harness.trait(place, "x")[5] == value
        put(place, x=list(FIRST))
    grip = place.locator(".grip").nth(2)
    grip.focus()
    page.keyboard.press("ArrowUp")
    assert harness.trait(place, "x")[2] == 2
    page.keyboard.press("ArrowDown")
    assert harness.trait(place, "x")[2] == 1.5
    page.keyboard.press("ArrowUp")
    order(place, "twice")
    assert harness.trait(place, "x")[2] == 4
    page.keyboard.press("ArrowDown")
    assert harness.trait(place, "x")[2] == 3.5


def test_the_impulse(mounted, page: Page):
    """A press sends it and records the answer; the next input is judged by it."""
    place = mounted(BlackBox())
    expect(place.locator("[data-part=h] .caption")).to_contain_text("not recorded yet")
    page.get_by_role("button", name="Send an impulse").click()
    harness.settled(place)
    assert harness.trait(place, "x") == [1] + [0] * 15
    assert harness.trait(place, "recorded") is True
    expect(place.locator(".sentence")).to_contain_text("Recorded: h")
    put(place, x=list(FIRST))
    expect(place.locator(".sentence")).to_have_text("The impulse answer predicts all 16 samples.")
    harness.choose(page.get_by_role("radio", name="E"))
    harness.settled(place)
    assert harness.trait(place, "recorded") is False
    expect(place.locator(".sentence")).to_contain_text("Nothing is known of the box yet")
    harness.choose(page.get_by_role("radio", name="A"))
    harness.settled(place)
    assert harness.trait(place, "recorded") is True  # what is known of a box stays known
    harness.choose(page.get_by_role("radio", name="E"))
    order(place, "impulse")
    expect(place.locator("[data-part=h] .caption")).to_contain_text("all zeros")


def test_later_and_twice(mounted, page: Page):
    """The input moves or doubles, and a dashed ghost stands where a convolution's answer would."""
    place = mounted(BlackBox())
    lanes = Lanes.of(narrow=False)
    ghosts, sentence = place.locator(".ghosts rect"), place.locator(".sentence")
    for kind, name in (("later", "Later by one"), ("twice", "Twice")):
        for system, fits in (("A", True), ("C", kind == "twice"), ("B", kind == "later")):
            before = put(place, system=system, x=list(FIRST), recorded=False)
            assert not seen(ghosts).any()
            page.get_by_role("button", name=name, exact=True).click()
            harness.settled(place)
            after = put(place)
            moved = np.append(0, before.output[:-1]) if kind == "later" else 2 * before.output
            assert after.x == tuple(np.append(0, FIRST[:-1]) if kind == "later" else 2 * np.array(FIRST))
            assert np.array_equal(seen(ghosts), np.abs(moved) > NEAR)
            values = [*after.output, *moved]
            quiet = np.abs(values).max() <= 2.5
            unit = numbers(place.locator("g.x rect.bar"), "height")[2 + (kind == "later")] / (
                2 if kind == "later" else 4
            )
            heights = numbers(ghosts, "height")[seen(ghosts)]
            np.testing.assert_allclose(heights, unit * np.abs(moved[seen(ghosts)]), atol=0.2)
            assert quiet or unit <= lanes.unit
            expect(sentence).to_contain_text("(dashed)")
            assert ("differ" not in sentence.inner_text()) == fits, (kind, system)
    put(place, x=[0.5, *FIRST[1:]])
    assert not seen(ghosts).any()  # another input, another question


def test_what_cannot_be_moved_says_why(mounted, page: Page):
    """The button stays where it is, for keys, and tells the reason."""
    place = mounted(BlackBox(x=[0] * 15 + [4]))
    for name, why in (("Later by one", "leave the axis"), ("Twice", "beyond 4")):
        button = page.get_by_role("button", name=name, exact=True)
        expect(button).to_have_attribute("aria-disabled", "true")
        button.focus()
        page.keyboard.press("Enter")
        expect(place.locator(".sentence")).to_contain_text(why)
        assert harness.trait(place, "x") == [0] * 15 + [4]
    put(place, x=[1] + [0] * 15)
    for name in ("Later by one", "Twice"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-disabled", "false")


def test_the_game(mounted, page: Page):
    """Eight verdicts, each wrong and then right; ticks stay; the last one ends it; Reset clears."""
    place = mounted(BlackBox())
    sentence, reset = place.locator(".sentence"), place.locator(".reset")
    buttons = {True: "It is a convolution", False: "It isn’t"}
    for i, (letter, system) in enumerate(SYSTEMS.items()):
        put(place, system=letter)
        assert system.name not in place.inner_text()
        page.get_by_role("button", name=buttons[not system.convolution], exact=True).click()
        expect(sentence).to_contain_text("Not so")
        assert system.name not in place.inner_text()
        assert place.locator(".settled").count() == i
        page.get_by_role("button", name=buttons[system.convolution], exact=True).click()
        expect(sentence).to_contain_text("Right: ")
        assert place.locator(".settled").count() == i + 1
        expect(place.locator("[aria-live]")).to_contain_text("Right: ")
        expect(place.locator("g.y .caption")).to_have_text(f"y: {system.name}")
    expect(sentence).to_contain_text("All eight are settled.")
    expect(page.get_by_role("radio", name="C, settled")).to_have_count(1)
    put(place, x=[1, 2] + [0] * 14)
    expect(sentence).to_have_text("Nothing is known of the box yet: send it an impulse.")
    assert place.locator(".settled").count() == 8
    expect(reset).to_be_visible()
    reset.click()
    harness.settled(place)
    assert place.locator(".settled").count() == 0
    expect(reset).to_have_attribute("data-shown", "no")
    page.get_by_role("button", name=buttons[True]).click()  # nothing but a verdict: it can be taken back
    expect(reset).to_be_visible()
    reset.click()
    harness.settled(place)
    assert place.locator(".settled").count() == 0
    expect(reset).to_have_attribute("data-shown", "no")


def test_looks(mounted, page: Page):
    """An output is gathered, an input scattered; a click pins, a press elsewhere lets go; keys and links too."""
    place = mounted(BlackBox(recorded=True))
    sentence, chip, copy = place.locator(".sentence"), place.locator(".chip"), place.locator(".copy rect")
    pick = place.locator(".pick").bounding_box()
    page.mouse.click(pick["x"] + 5.5 / LENGTH * pick["width"], pick["y"] + 60)
    expect(sentence).to_have_text("y[5] = 1. The prediction gathers h[3]·x[2] = 0.5·2 = 1.")
    expect(chip).to_have_text("✕ y[5]")
    bars = {kind: [i for i, c in enumerate(classes(place, kind)) if "dim" not in c] for kind in "xyh"}
    assert bars == {"x": [2], "y": [5], "h": [3]}
    page.locator("h1").click()
    expect(chip).to_have_attribute("data-shown", "no")
    place.locator(".grip").nth(2).click()
    expect(sentence).to_contain_text("x[2] = 2 is scattered")
    harness.settled(place)
    assert np.flatnonzero(seen(copy)).tolist() == [2, 5]
    page.keyboard.press("Escape")
    place.locator(".pick").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    expect(chip).to_have_text("✕ y[1]")
    order(place, "look", value="x3")
    expect(chip).to_have_text("✕ x[3]")
    order(place, "look", value="x16")
    expect(chip).to_have_attribute("data-shown", "no")
    put(place, recorded=False)
    order(place, "look", value="y5")
    expect(sentence).to_contain_text("only the box knows")
    assert not seen(copy).any()


def classes(place: Locator, kind: str) -> list[str]:
    """The classes of a lane's bars."""
    return place.locator(f"g.{kind} g:has(> rect.bar)").evaluate_all("(all) => all.map((n) => n.getAttribute('class'))")


def test_a_finger(mounted, page: Page):
    """Drags a bar, and the page stays; taken away, it leaves no trace; a tap pins; along the lanes the page scrolls."""
    page.set_viewport_size({"width": 390, "height": 664})
    place = mounted(BlackBox())
    page.evaluate("document.body.style.height = '3000px'")
    fingers = Fingers(page)
    box = place.locator(".grip").nth(6).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    fingers.drag(x, y, 0, -26)
    harness.settled(place)
    assert harness.trait(place, "x")[6] == 1.5
    fingers.send("touchCancel")
    harness.settled(place)
    assert harness.trait(place, "x") == list(FIRST)
    fingers.drag(x, y, 0, 26)
    fingers.send("touchEnd")
    harness.settled(place)
    assert harness.trait(place, "x")[6] == -1.5
    assert page.evaluate("scrollY") == 0
    fingers.send("touchStart", (x, y))
    fingers.send("touchEnd")
    expect(place.locator(".chip")).to_have_text("✕ x[6]")
    pick = place.locator(".pick").bounding_box()
    fingers.drag(pick["x"] + 100, pick["y"] + 60, 0, -150)
    fingers.send("touchEnd")
    page.wait_for_function("scrollY > 0")


def test_the_slide(mounted, page: Page):
    """Moved later, the bars come from where they were; for calm readers they are there at once."""
    place = mounted(BlackBox())
    width = place.locator("svg").first.bounding_box()["width"]
    page.clock.install(time=0)
    page.clock.pause_at(60_000)
    for motion, least in (("no-preference", -width / LENGTH), ("reduce", 0)):
        page.emulate_media(reduced_motion=motion)
        place.evaluate("node => node.model.receive({ do: 'later' })")
        page.clock.run_for(100)
        moving = place.locator("g.x > g:has(rect.knob)").first
        across = float(moving.get_attribute("transform").split("(")[1].split()[0])
        assert least < across < 0 or across == least == 0
        page.clock.run_for(400)
        expect(moving).to_have_attribute("transform", "translate(0 0)")


@pytest.mark.parametrize("show", [[], ["words"], ["boxes", "verdict"], ["experiments", "words"]], ids=len)
def test_room(mounted, page: Page, show):
    """As high as Python says, whatever the words; on a phone lanes and buttons are on one screen."""
    widget = BlackBox(show=show)
    place = mounted(widget)
    for width, expected in harness.rooms(place, widget):
        for traits in ({}, {"system": "D", "recorded": True}, {"system": "E"}):
            put(place, **traits)
            for look in ("", "y3", "x2"):
                order(place, "look", value=look)
                assert abs(harness.height_of(place, expected) - expected) <= 6, (width, traits, look)
            if "verdict" in show or not show:
                for name in ("It is a convolution", "It isn’t"):
                    page.get_by_role("button", name=name, exact=True).click()
                    harness.settled(place)
                    assert abs(harness.height_of(place, expected) - expected) <= 6, (width, traits, name)
        if width == 358 and not show:
            top, last = place.locator(".stage").bounding_box(), place.locator(".actions").bounding_box()
            assert last["y"] + last["height"] - top["y"] <= 560
    parts = {"boxes": "label:has-text('B')", "experiments": ".row-of >> nth=0", "verdict": ".row-of >> nth=1"}
    for part, selector in {**parts, "words": ".sentence"}.items():
        assert place.locator(selector).first.is_visible() == (not show or part in show), part


def test_on_paper(mounted, page: Page):
    """What the reader has done is printed: lanes, the box's letter, the words; no buttons."""
    place = mounted(BlackBox())
    place.locator(".grip").nth(4).focus()
    page.keyboard.press("ArrowUp")
    put(place, system="C", recorded=True)
    letter = place.locator(".letter")
    expect(letter).to_be_hidden()
    page.emulate_media(media="print")
    expect(letter).to_have_text("C")
    for part in (letter, place.locator("g.y rect.bar").nth(2), place.locator(".sentence")):
        expect(part).to_be_visible()
    assert not [button for button in place.locator("button, label").all() if button.is_visible()]


def test_an_address_keeps_the_state(mounted, page: Page):
    """What Copy link would write comes back; a short input is filled up; what cannot be is said."""
    mounted(BlackBox())
    address = page.url.split("#")[0]
    page.goto(f"{address}#BlackBox-1?system=F&x=[0,2,1]&recorded=true")
    place = page.locator(".cl-live").first
    harness.wait_for_trait(place, "system", "value === 'F'")
    expect(place.locator(".sentence")).to_have_text("The impulse answer predicts all 16 samples.")
    page.goto(f"{address}#BlackBox-1?system=G&x=[5]")
    harness.wait_for_trait(place, "system", "value === 'G'")
    expect(page.locator(".cl-note")).to_have_text("Part of the link could not be read: x.")
