"""BlockExplorer in the page: towers and curves, pulses, blocks that are deleted, the depth's dial, paths, fingers."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.widgets import BlockExplorer
from convlib.widgets.block_explorer import Places, axis_of, percent, polynomial, times
from tests.site import harness
from tests.site.harness import Fingers, order, put


def points(place: Locator, name: str) -> np.ndarray:
    """The points of one tower's curve, in pixels."""
    found = re.findall(r"(-?[\d.]+) (-?[\d.]+)", place.locator(f"g.{name} path.curve").get_attribute("d"))
    return np.array(found, dtype=float)


def classes(place: Locator, name: str, kind: str) -> list[set[str]]:
    """The classes of the boxes or arcs of one tower."""
    return [set(part.get_attribute("class").split()) for part in place.locator(f"g.{name} .{kind}").all()]


def marked(place: Locator, name: str, kind: str, mark: str) -> list[int]:
    """Which boxes or arcs, counted from 1, have a class."""
    return [i for i, found in enumerate(classes(place, name, kind), 1) if mark in found]


def cell(place: Locator, i: int) -> Locator:
    """What is touched for block i."""
    return place.locator("[aria-label^='Blocks of both'] .cell").nth(i - 1)


STATES = (
    {},
    {"deleted": [7, 12], "cut": [20]},
    {"blocks": 9, "direction": "forward", "norm": False, "deleted": [], "cut": []},
    {"gamma": 0.35, "seed": 8, "passed": 4.5, "cut": [2]},
)


def test_all_that_is_shown_is_numpys(mounted, page: Page):
    """Words, boxes, arcs, curves with their numbers, bars, at rest and in quite other states."""
    widget = BlockExplorer()
    place = mounted(widget)
    for traits in STATES:
        for name, value in traits.items():
            setattr(widget, name, value)
            put(place, **{name: value})
        expect(place.locator(".sentence").first).to_have_text(widget.sentence())
        expect(place.locator(".of-paths .sentence")).to_have_text(widget.words_of_paths())
        expect(place.locator(".formula")).to_have_text(polynomial(widget.counts))
        assert marked(place, "residual", "box", "deleted") == list(widget.deleted)
        assert marked(place, "plain", "box", "deleted") == list(widget.deleted)
        assert marked(place, "residual", "arc", "cut") == list(widget.cut)
        assert len(classes(place, "plain", "box")) == widget.blocks
        lost = place.locator(".lost:not([data-shown=no])").all_text_contents()
        expected = [percent(part) for part in reversed(widget.changes)] if widget.deleted else []
        expected = [percent(widget.changes[1])] if widget.cut and not widget.deleted else expected
        assert lost == [f"answer changed by {text}" for text in expected]
        check_curves(place, widget)
        for kind, values in (("many", widget.counts), ("carried", widget.carried)):
            heights = [float(bar.get_attribute("height")) for bar in place.locator(f"g.{kind} .bar").all()]
            np.testing.assert_allclose(heights, values / values.max() * 92, atol=0.06)
    assert "NaN" not in place.inner_html()


def check_curves(place: Locator, widget: BlockExplorer) -> None:
    """As far as the pulse has come, and what they are at its last whole block."""
    g = Places(int(place.locator(".stage").first.bounding_box()["width"]), ["towers", "sizes"])
    ahead, n = widget.direction == "forward", widget.blocks
    done = min(widget.passed, n)
    ends = axis_of(widget.curves)
    for name, curve in zip(("plain", "residual"), widget.curves, strict=True):
        seen = list(range(math.floor(done) + 1)) if ahead else list(range(n, n - math.floor(done) - 1, -1))
        found = points(place, name)
        expected = [(g.x(k), g.y(curve[k], *ends)) for k in seen]
        np.testing.assert_allclose(found[: len(seen)], expected, atol=0.06)
        assert found[-1][0] == pytest.approx(g.x(done if ahead else n - done), abs=0.06)
        assert place.locator(f"g.{name} text.label").text_content() == f"{name} {times(curve[seen[-1]])}"


def test_pulses(mounted, page: Page):
    """Each button sends one, the curve is drawn as it goes, and a second press stops it; its time is a slider."""
    place = mounted(BlockExplorer(blocks=18))
    ahead, back = place.locator(".play.forward"), place.locator(".play.back")
    expect(place.locator(".pulse:not([data-shown=no])")).to_have_count(0)
    ahead.click()
    assert harness.trait(place, "direction") == "forward"
    expect(ahead).to_have_accessible_name("Pause")
    harness.wait_for_trait(place, "passed", "value > 1 && value < 27")
    ahead.click()
    expect(ahead).to_have_accessible_name("Send a pulse forward")
    harness.settled(place)
    stopped = harness.trait(place, "passed")
    assert 1 < stopped < 27
    assert marked(place, "plain", "box", "passed") == list(range(1, math.floor(stopped) + 1))
    back.click()
    harness.wait_for_trait(place, "passed", "value === 27")
    assert harness.trait(place, "direction") == "back"
    slider = place.locator(".scrub input")
    slider.focus()
    page.keyboard.press("ArrowRight")  # towards the end that it was sent from
    assert harness.trait(place, "passed") == 17
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    harness.settled(place)
    assert harness.trait(place, "passed") == 17
    assert marked(place, "residual", "box", "passed") == list(range(2, 19))
    thumb, head = slider.bounding_box(), place.locator("g.plain .head").bounding_box()
    middle = head["x"] + head["width"] / 2
    share = (middle - thumb["x"] - 11) / (thumb["width"] - 22)
    assert share == pytest.approx(1 / 18, abs=0.01)
    order(place, "play", value="forward")
    harness.wait_for_trait(place, "passed", "value === 27")
    assert harness.trait(place, "direction") == "forward"
    order(place, "play", value="back", **{"from": 2, "to": 4})
    harness.wait_for_trait(place, "passed", "value === 4")
    expect(place.locator(".sentence").first).to_contain_text("Back through 4 of 18 blocks")


def test_a_pulse_forks(mounted, page: Page):
    """Over the arc and through the box; not through a box that is gone, not over an arc that is cut."""
    place = mounted(BlockExplorer(passed=13.5, direction="forward"))
    pulses = place.locator(".pulse:not([data-shown=no])")
    expect(pulses).to_have_count(3)
    for trait in ("deleted", "cut"):
        put(place, **{trait: [14]})
        expect(pulses).to_have_count(2)
        put(place, **{trait: []})
        expect(pulses).to_have_count(3)


def test_blocks_are_deleted_and_cut(mounted, page: Page):
    """By buttons once one is pinned, by keys where it has the focus; in both towers at once."""
    widget = BlockExplorer()
    place = mounted(widget)
    remove, sever, restore = (place.locator(f".{kind}") for kind in ("remove", "sever", "restore"))
    for button in (remove, sever, restore):
        expect(button).to_be_disabled()
    cell(place, 7).click()
    expect(place.locator(".chip")).to_have_text("✕ block 7")
    widget.chosen = harness.trait(place, "chosen")
    expect(place.locator(".sentence").first).to_have_text(widget.words())
    expect(remove).to_have_text("Delete block 7")
    remove.click()
    assert harness.trait(place, "deleted") == [7]
    expect(remove).to_have_text("Put back 7")
    widget.deleted = [7]
    expect(place.locator(".lost b").last).to_have_text(f"changed by {percent(widget.changes[0])}")
    expect(place.locator(".sentence").first).to_have_text(widget.words())
    sever.click()
    assert (harness.trait(place, "deleted"), harness.trait(place, "cut")) == ([], [7])
    expect(sever).to_have_text("Mend shortcut 7")
    page.locator("h1").click()
    expect(place.locator(".chip")).to_have_attribute("data-shown", "no")
    assert harness.trait(place, "chosen") == 0
    cell(place, 1).focus()
    for key in ("ArrowRight", "ArrowRight", "Delete", "ArrowRight", "x", "End", "Enter"):
        page.keyboard.press(key)
        harness.settled(place)
    assert (harness.trait(place, "deleted"), harness.trait(place, "cut")) == ([3], [4, 7])
    assert harness.trait(place, "chosen") == 27
    page.keyboard.press("Escape")
    expect(place.locator(".sentence").first).to_have_text(BlockExplorer(deleted=[3], cut=[4, 7]).sentence())
    restore.click()
    assert (harness.trait(place, "deleted"), harness.trait(place, "cut")) == ([], [])


def test_what_is_chosen_is_pinned(mounted, page: Page):
    """By the trait, by an order, by a hand: all are one."""
    place = mounted(BlockExplorer(chosen=5))
    chip = place.locator(".chip")
    expect(chip).to_have_text("✕ block 5")
    harness.set_trait(place, "chosen", 9)
    expect(chip).to_have_text("✕ block 9")
    order(place, "look", value="block12")
    assert harness.trait(place, "chosen") == 12
    order(place, "look", value="length5")
    expect(chip).to_have_text("✕ paths of 5")
    assert harness.trait(place, "chosen") == 0
    expect(place.locator(".sentence").first).to_contain_text("Through 5 blocks: 80,730 paths of 134,217,728, 0.1")
    order(place, "look", value="")
    expect(chip).to_have_attribute("data-shown", "no")
    place.get_by_role("button", name="Reset").click()
    expect(chip).to_have_text("✕ block 5")
    assert harness.trait(place, "chosen") == 5


def test_the_depth_is_the_towers_end(mounted, page: Page):
    """The thumb stands where the tower ends; what is above a lower tower's end is forgotten."""
    place = mounted(BlockExplorer(deleted=[3, 26], cut=[27]))
    depth = place.locator(".depth input")
    depth.focus()
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    harness.settled(place)
    assert [harness.trait(place, name) for name in ("blocks", "deleted", "cut")] == [25, [3], []]
    expect(place.locator(".tag")).to_have_text("depth 52: 25 blocks")
    box, last = depth.bounding_box(), place.locator("g.plain .box").last.bounding_box()
    thumb = box["x"] + 11 + (box["width"] - 22) * 24 / 26
    assert last["x"] + last["width"] < thumb < last["x"] + 1.5 * last["width"]
    page.keyboard.press("Home")
    harness.settled(place)
    assert [harness.trait(place, name) for name in ("blocks", "deleted")] == [1, []]
    expect(place.locator(".tag")).to_have_text("depth 4: 1 block")
    expect(place.locator(".of-paths .sentence")).to_have_text(BlockExplorer(blocks=1).words_of_paths())


def test_another_draw(mounted, page: Page):
    """The next seed, after the last the first; without normalisation, with another γ."""
    place = mounted(BlockExplorer(seed=98))
    for seed in (99, 1):
        place.locator(".another").click()
        assert harness.trait(place, "seed") == seed
    order(place, "draw")
    place.get_by_text("batch norm").click()
    place.get_by_role("slider", name="last γ").focus()
    page.keyboard.press("Home")
    harness.settled(place)
    expect(place.locator(".sentence").first).to_have_text(BlockExplorer(seed=2, norm=False, gamma=0).sentence())
    page.keyboard.press("ArrowRight")
    assert harness.trait(place, "gamma") == 0.05
    expect(place.locator(".sentence").first).to_have_text(BlockExplorer(seed=2, norm=False, gamma=0.05).sentence())


def test_a_finger(mounted, page: Page):
    """On a phone it finds the nearest block, looks while it lies, pins by a tap; upwards it scrolls."""
    page.set_viewport_size({"width": 390, "height": 664})
    place = mounted(BlockExplorer())
    page.evaluate("document.body.style.height = '3000px'")
    fingers = Fingers(page)
    boxes = [cell(place, i).bounding_box() for i in (7, 15)]
    (x, y), (to, _) = ((box["x"] + box["width"] / 2, box["y"] + 20) for box in boxes)
    fingers.drag(x, y, to - x, 0)
    expect(place.locator(".sentence").first).to_contain_text("Block 15:")
    assert page.evaluate("scrollY") == 0
    fingers.send("touchEnd")
    harness.settled(place)
    assert harness.trait(place, "chosen") == 0
    fingers.send("touchStart", (x, y))
    fingers.send("touchEnd")
    expect(place.locator(".chip")).to_have_text("✕ block 7")
    place.locator(".remove").click()
    assert harness.trait(place, "deleted") == [7]
    fingers.drag(x, y, 0, -150)
    fingers.send("touchEnd")
    page.wait_for_function("scrollY > 0")


@pytest.mark.parametrize("show", [[], ["towers", "words"], ["sizes", "controls"], ["paths"]], ids=len)
def test_room(mounted, page: Page, show):
    """As high as Python says in every state; on a phone towers, chart and controls are on one screen."""
    widget = BlockExplorer(show=show)
    place = mounted(widget)
    for width, expected in harness.rooms(place, widget):
        for traits in ({"deleted": [3, 9, 12], "cut": [20, 21, 22]}, {"norm": False, "deleted": [], "cut": []}):
            place.evaluate("(node, traits) => node.model.set(traits)", {"norm": True, **traits})
            for look in ("", "block7"):
                order(place, "look", value=look)
                height = harness.height_of(place, expected)
                assert abs(height - expected) <= 6, (width, traits, look)
        if width == 358 and not show:
            top, last = place.locator(".stage").first.bounding_box(), place.locator(".another").bounding_box()
            assert last["y"] + last["height"] - top["y"] <= 560
    parts = {"towers": ".depth", "sizes": ".scrub", "paths": ".of-paths", "controls": ".controls"}
    for part, kind in parts.items():
        assert place.locator(kind).is_visible() == (not show or part in show)


def test_an_address_keeps_the_state(mounted, page: Page):
    """What Copy link would write comes back; what cannot be is said; each part can be lit."""
    mounted(BlockExplorer())
    address = page.url.split("#")[0]
    page.goto(f"{address}#BlockExplorer-1?blocks=9&seed=4&norm=false&deleted=[2,5]&cut=[7]&direction=forward&passed=5")
    place = page.locator(".cl-live").first
    harness.wait_for_trait(place, "passed", "value === 5")
    there = BlockExplorer(blocks=9, seed=4, norm=False, deleted=[2, 5], cut=[7], direction="forward", passed=5)
    expect(place.locator(".sentence").first).to_have_text(there.sentence())
    page.goto(f"{address}#BlockExplorer-1?deleted=[28]&gamma=0.5")
    harness.wait_for_trait(place, "gamma", "value === 0.5")
    expect(page.locator(".cl-note")).to_have_text("Part of the link could not be read: deleted.")
