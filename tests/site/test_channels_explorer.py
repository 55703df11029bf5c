"""ChannelsExplorer in the page: gathering, scattering, muting, zooming into a cell, its weights, counts, challenges."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.widgets import ChannelsExplorer
from convlib.widgets.channels_explorer import CHANNELS, SIZE, brief, preset_weights
from tests.site import harness
from tests.site.harness import Fingers, drag

SEND = "(node, message) => node.model.receive(message)"


def drawn(place: Locator, kind: str) -> np.ndarray:
    """What the pictures of a kind show, as shares of the full color, blue below zero; or as gray values."""
    data = np.array([harness.pixels(canvas) for canvas in place.locator(f".desk .{kind} canvas").all()])
    return data[..., 0] if kind == "plane" else harness.signed(data) / 255


def picture(place: Locator, kind: str, index: int) -> Locator:
    """One of the desk's pictures: planes and maps by number, partial maps three to a row."""
    return place.locator(f".desk .picture.{kind}").nth(index)


def spot(node: Locator, row: int, column: int) -> dict[str, float]:
    """Where a pixel is, within its picture."""
    side = node.bounding_box()["width"]
    return {"x": (column + 0.5) * side / SIZE, "y": (row + 0.5) * side / SIZE}


def marks(place: Locator, kind: str) -> list[str]:
    """What is marked on each picture of a kind: "dot 12,7", "box 11,6", "" for nothing."""
    return place.locator(f".desk .picture.{kind}").evaluate_all(
        """(all) => all.map((node) => {
            const [ring, frame] = [node.querySelector(".ring"), node.querySelector(".window")];
            const of = (shape, name) => Number(shape.getAttribute(name));
            if (ring.dataset.shown === "yes") return `dot ${of(ring, "cy") - 0.5},${of(ring, "cx") - 0.5}`;
            if (frame.dataset.shown === "yes") return `box ${of(frame, "y") + 0.75},${of(frame, "x") + 0.75}`;
            return "";
        })"""
    )


def set_state(place: Locator, layer: ChannelsExplorer, **traits: object) -> None:
    """Set traits here and on the page."""
    for name, value in traits.items():
        setattr(layer, name, value)
    sent = layer.get_state(key=list(traits))
    place.evaluate("(node, all) => Object.entries(all).forEach(([name, value]) => node.model.set(name, value))", sent)
    harness.settled(place)


def test_all_that_is_shown_is_numpys(mounted, page: Page):
    """Every picture, the scale of their colors, the sum, the sentence, the counts: in every kind of layer."""
    layer = ChannelsExplorer()
    place = mounted(layer)
    rng = np.random.default_rng(3)
    for traits in (
        {},
        {"preset": "colors", "kernel": "1x1", "relu": False},
        {"preset": "edges", "kernel": "3x3", "bias": [50, -20.5, 0], "muted": ["G"]},
        {"groups": 3, "muted": [], "map": 2},
        {"preset": "own", "weights": rng.uniform(-1, 1, 81), "solo": "B", "relu": True, "groups": 1},
    ):
        set_state(place, layer, **traits)
        here = np.array([[layer.groups == 1 or f == c for c in range(3)] for f in range(3)])
        shown = drawn(place, "partial").reshape(3, 3, SIZE, SIZE)
        np.testing.assert_allclose(shown[here], (layer.partial / layer.reach)[here], atol=0.006)
        np.testing.assert_allclose(drawn(place, "map"), np.clip(layer.maps / layer.reach, -1, 1), atol=0.006)
        np.testing.assert_array_equal(drawn(place, "plane"), layer.image)
        expect(place.locator(".scale")).to_have_text(f"−{brief(layer.reach)}{brief(layer.reach)}")
        expect(place.locator(".sentence > span").first).to_have_text(layer.sentence())
        expect(place.locator(".sum")).to_have_text(layer.sum_of(layer.map, layer.row, layer.column))
        factors = " · ".join(map(str, layer.w.shape))
        counts = [f"{factors} + 3 = {layer.parameters}", f"{factors} · 32 · 32 = {layer.multiply_adds:,}"]
        for line, text in enumerate(counts):
            expect(place.locator(".counts p").nth(line)).to_contain_text(text)
        page.wait_for_function("document.getAnimations().length === 0")
        gone = place.locator(".crossing").evaluate_all("all => all.map((n) => getComputedStyle(n).visibility)")
        assert gone == ["visible" if there else "hidden" for there in here.ravel()]
    expect(place.locator(".badge-corr")).to_have_text("correlation: not flipped")


def test_gathering_scattering_muting(mounted, page: Page):
    """Any picture of a row gathers three windows; a channel's pixel is scattered; headers mute and make solo."""
    layer = ChannelsExplorer()
    place = mounted(layer)
    assert marks(place, "plane") == ["box 15,22"] * 3
    assert marks(place, "map") == ["dot 16,23", "", ""]
    node = picture(place, "partial", 4)
    node.hover(position=spot(node, 12, 7))
    expect(place.locator(".sum")).to_have_text(layer.sum_of(1, 12, 7))
    assert marks(place, "plane") == ["box 11,6"] * 3
    assert marks(place, "partial") == ["", "", "", *["dot 12,7"] * 3, "", "", ""]
    assert harness.trait(place, "row") == 16, "looked at, not chosen"
    node = picture(place, "map", 2)
    node.click(position=spot(node, 3, 30))
    page.locator("h1").hover()
    expect(place.locator(".sum")).to_have_text(layer.sum_of(2, 3, 30))
    assert [harness.trait(place, name) for name in ("map", "row", "column")] == [2, 3, 30]
    expect(place.locator(".chip")).to_have_text("✕ pixel")
    node = picture(place, "plane", 1)
    node.click(position=spot(node, 5, 9))
    expect(place.locator(".sentence")).to_contain_text(f"x[G, 5, 9] = {layer.image[1, 5, 9]} is scattered into 9")
    assert marks(place, "plane") == ["", "dot 5,9", ""]
    assert marks(place, "partial") == ["", "box 4,8", ""] * 3
    assert marks(place, "map") == ["box 4,8"] * 3
    page.locator("h1").click()
    expect(place.locator(".sum")).to_have_text(layer.sum_of(2, 3, 30))
    page.get_by_role("button", name="mute red").click()
    set_state(place, layer, muted=["R"])
    expect(place.locator(".sentence > span").first).to_have_text(layer.sentence())
    assert not drawn(place, "partial")[[0, 3, 6]].any()
    np.testing.assert_allclose(drawn(place, "map"), layer.maps / layer.reach, atol=0.006)
    page.get_by_role("button", name="red alone").click()
    assert (harness.trait(place, "solo"), harness.trait(place, "muted")) == ("R", ["R"])
    harness.settled(place)
    assert not drawn(place, "partial")[[1, 2, 4, 5, 7, 8]].any()
    page.get_by_role("button", name="red alone").click()
    place.get_by_role("button", name="Reset").click()
    harness.settled(place)
    assert marks(place, "map") == ["dot 16,23", "", ""]


def close_up(place: Locator) -> tuple[list[str], list[str], list[str], str]:
    """What the cell says: pixels, weights, products, sum."""
    lists = [
        place.locator(f".strip .box.{kind} .squares > *").all_text_contents()
        for kind in ("window", "kernel", "products")
    ]
    return (*lists, place.locator(".total").text_content())


def test_zooming(mounted, page: Page):
    """The cell grows from its own place and goes back there; it shows window × kernel = products = one number."""
    layer = ChannelsExplorer()
    place = mounted(layer)
    page.clock.install(time=0)
    page.clock.pause_at(60_000)
    small = picture(place, "partial", 5).bounding_box()
    inner = place.locator(".close-up .picture.partial")
    place.locator(".mini").nth(5).click()
    page.clock.run_for(60)
    first = inner.bounding_box()
    assert all(abs(first[key] - small[key]) < 4 for key in small), "it begins where it was"
    page.clock.run_for(180)
    middle = inner.bounding_box()
    assert small["width"] * 1.15 < middle["width"] < 184
    page.clock.run_for(600)
    assert inner.bounding_box()["width"] == pytest.approx(184)
    expect(place.locator(".desk")).to_have_css("visibility", "hidden")
    assert [harness.trait(place, name) for name in ("zoom", "map", "channel")] == ["cell", 1, 2]
    at = np.s_[1, 2, 16, 23]
    window, weights, products, total = close_up(place)
    pixels = layer.image[2, 15:18, 22:25].ravel()
    assert window == [str(pixel) for pixel in pixels]
    assert weights == [brief(w) if w == round(w, 1) else f"{w:g}".replace("-", "−") for w in layer.w[1, 2].ravel()]
    assert products == [brief(p) for p in layer.w[1, 2].ravel() * pixels]
    assert total == f"sum {brief(layer.partial[at])}"
    page.keyboard.press("Escape")
    page.clock.run_for(200)
    assert 64 < inner.bounding_box()["width"] < 184
    page.clock.run_for(600)
    expect(place.locator(".close-up")).to_be_hidden()
    expect(place.locator(".desk")).to_have_css("visibility", "visible")
    page.clock.resume()
    page.emulate_media(reduced_motion="reduce")
    for back in ("✕", "h1", ".sentence"):
        place.evaluate(SEND, {"do": "open", "value": "0,1"})
        expect(place.locator(".close-up .name")).to_have_text("channel G into map 0")
        expect(place.locator(".desk")).to_have_css("visibility", "hidden")
        if back == "✕":
            place.get_by_role("button", name="back to the desk").click()
        else:
            page.locator(back).first.click()
        expect(place.locator(".close-up")).to_be_hidden()
        assert harness.trait(place, "zoom") == "desk"
    place.evaluate(SEND, {"do": "open", "value": "2,0"})
    node = place.locator(".close-up .picture.plane")
    expect(node).to_be_visible()
    node.click(position=spot(node, 0, 31))
    assert [harness.trait(place, name) for name in ("row", "column")] == [0, 31]
    assert close_up(place)[3] == f"sum {brief(layer.partial[2, 0, 0, 31])}"
    assert place.locator(".square.outside").count() == 5, "beyond the border are zeros"


def test_weights_and_biases(mounted, page: Page):
    """Tiles are dragged, typed into and changed by keys; then the kernels are the reader's own; all follows."""
    layer = ChannelsExplorer(zoom="cell", preset="edges")
    place = mounted(layer)
    tile = place.locator(".strip .tile")
    expected = preset_weights("edges")
    box = tile.nth(4).bounding_box()
    drag(page, (box["x"] + 20, box["y"] + 20), (box["x"] + 20, box["y"] - 1))  # 21 pixels: three steps
    tile.nth(0).click()
    page.keyboard.type("-1.255")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("5")
    page.keyboard.press("Escape")
    expected[0, 0, 1, 1], expected[0, 0, 0, 0], expected[0, 0, 0, 1] = 0.3, -1.25, -0.1
    harness.settled(place)
    np.testing.assert_allclose(harness.trait(place, "weights"), expected.ravel(), atol=1e-9)
    assert harness.trait(place, "preset") == "own"
    set_state(place, layer, preset="own", weights=expected)
    np.testing.assert_allclose(drawn(place, "map"), layer.maps / layer.reach, atol=0.006)
    expect(place.locator(".sum")).to_have_text(layer.sum_of(0, 16, 23))
    place.locator("label", has_text="1 × 1").click()
    harness.settled(place)
    assert tile.all_text_contents() == ["0.3"]
    place.get_by_role("button", name="back to the desk").click()
    expect(place.locator(".close-up")).to_be_hidden()
    bias = page.get_by_role("spinbutton", name="bias of map 1")
    bias.focus()
    for key in ("ArrowDown", "ArrowDown", "PageUp"):
        page.keyboard.press(key)
    assert harness.trait(place, "bias") == [0, 40, 0]
    page.keyboard.type("999")
    page.keyboard.press("Enter")
    assert harness.trait(place, "bias") == [0, 200, 0]
    place.get_by_role("button", name="Reset").click()
    harness.settled(place)
    assert [harness.trait(place, name) for name in ("preset", "zoom", "bias", "kernel")] == [
        "edges",
        "cell",
        [0, 0, 0],
        "3x3",
    ]


def test_keyboard(mounted, page: Page):
    """Arrows go from pixel to pixel and from kernel to kernel; what is there is read aloud; focus comes back."""
    layer = ChannelsExplorer()
    place = mounted(layer)
    picture(place, "map", 1).focus()
    for key in ("ArrowRight", "ArrowUp", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    expect(place.locator(".sum")).to_have_text(layer.sum_of(1, 15, 20))
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    expect(place.locator("[aria-live]")).to_have_text(layer.sum_of(1, 16, 20))
    assert [harness.trait(place, name) for name in ("map", "row", "column")] == [1, 16, 20]
    page.keyboard.press("Escape")
    picture(place, "plane", 2).focus()
    page.keyboard.press("ArrowRight")
    expect(place.locator("[aria-live]")).to_contain_text("x[B, 16, 21]")
    page.emulate_media(reduced_motion="reduce")
    place.locator(".mini").first.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(place.locator(".close-up .name")).to_have_text("channel B into map 1")
    expect(place.get_by_role("button", name="back to the desk")).to_be_focused()
    page.keyboard.press("Enter")
    expect(place.locator(".mini").nth(5)).to_be_focused()
    harness.choose(place.get_by_role("radio", name="3", exact=True))
    place.locator(".mini").first.focus()
    page.keyboard.press("ArrowDown")
    expect(place.locator(".mini").nth(4)).to_be_focused()


def test_a_finger(mounted, page: Page):
    """Along the rows it looks, up and down it scrolls the page; a weight follows it; a drag taken away leaves none."""
    page.set_viewport_size({"width": 390, "height": 664})
    layer = ChannelsExplorer()
    place = mounted(layer)
    page.evaluate("document.body.style.height = '3000px'")
    fingers = Fingers(page)
    box = picture(place, "map", 1).bounding_box()
    unit = box["width"] / SIZE
    x, y = box["x"] + 10.5 * unit, box["y"] + 20.5 * unit
    fingers.drag(x, y, 12 * unit, 0)
    expect(place.locator(".sum")).to_have_text(layer.sum_of(1, 20, 22))
    fingers.send("touchEnd")
    expect(place.locator(".sum")).to_have_text(layer.sum_of(0, 16, 23))
    fingers.send("touchStart", (x, y))
    fingers.send("touchEnd")
    expect(place.locator(".sum")).to_have_text(layer.sum_of(1, 20, 10))
    expect(place.locator(".chip")).to_be_visible()
    fingers.drag(x, y, 0, -150)
    fingers.send("touchEnd")
    page.wait_for_function("scrollY > 0")
    page.evaluate("scrollTo(0, 0)")
    place.evaluate(SEND, {"do": "open", "value": "1,0"})
    expect(place.locator(".desk")).to_have_css("visibility", "hidden")
    box = place.locator(".strip .tile").nth(4).bounding_box()
    at = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before, top = harness.trait(place, "weights"), page.evaluate("scrollY")
    fingers.drag(*at, 0, -35)
    harness.wait_for_trait(place, "weights", "Math.abs(value[31] - 0.6) < 1e-9")
    fingers.send("touchCancel")
    harness.wait_for_trait(place, "preset", "value === 'mixed'")
    assert harness.trait(place, "weights") == before
    assert page.evaluate("scrollY") == top


def test_orders_challenges_and_links(mounted, page: Page):
    """Prose looks, opens, mutes and sets a challenge, which is judged as the layer changes; an address keeps all."""
    layer = ChannelsExplorer(preset="colors")
    place = mounted(layer)
    for look, words in {
        "y1,12,7": layer.sum_of(1, 12, 7),
        "x0,0,0": "scattered into 4 places",
        "": "One weight",
    }.items():
        place.evaluate(SEND, {"do": "look", "value": look})
        expect(place.locator(".sentence")).to_contain_text(words)
    place.evaluate(SEND, {"do": "mute", "value": "RB"})
    expect(place.locator(".sentence")).to_contain_text("R and B are muted")
    place.evaluate(SEND, {"do": "mute", "value": ""})
    place.evaluate(SEND, {"do": "light"})
    place.evaluate(SEND, {"do": "challenge", "value": "red"})
    expect(place.locator(".sentence")).to_contain_text("Make a map of red things alone")
    set_state(place, layer, bias=[-40, 0, 0])
    expect(place.locator(".sentence")).to_have_text(re.compile("Map 0: 66.8 and 1.8 ✓"))
    place.get_by_role("button", name="challenge 1 ✓").click()
    expect(place.locator(".sentence")).to_contain_text("Now they add up to 1.")
    place.get_by_role("button", name="challenge 2").click()
    expect(place.locator(".sentence")).to_contain_text("One weight")
    address = page.url.split("#")[0]
    page.goto(f'{address}#ChannelsExplorer-1?groups=3&kernel=1x1&muted=["G"]&bias=[1,2,3]&row=4&zoom=cell&map=2')
    harness.wait_for_trait(place, "row", "value === 4")
    expect(place.locator(".close-up .name")).to_have_text("channel B into map 2")
    expect(place.locator(".total")).to_be_visible()
    page.goto(f"{address}#ChannelsExplorer-1?weights=[1,-1,0,1,0,0,0,1,0]&preset=own&groups=2&bias=[1]&solo=Y")
    harness.wait_for_trait(place, "preset", "value === 'own'")
    expect(page.locator(".cl-note")).to_contain_text("could not be read: solo")
    harness.settled(place)
    own = ChannelsExplorer(
        weights=np.arange(9)[::-1].reshape(3, 3) * 0 + [[1, -1, 0], [1, 0, 0], [0, 1, 0]], bias=[1, 0, 0]
    )
    np.testing.assert_allclose(drawn(place, "map"), own.maps / own.reach, atol=0.006)


@pytest.mark.parametrize("show", [[], ["desk", "words"], ["counts", "controls"]], ids=["all", "desk", "counts"])
def test_room(mounted, page: Page, show):
    """As high as Python says in every state; on a phone desk, sentence and controls are on one screen."""
    widget = ChannelsExplorer(show=show)
    place = mounted(widget)
    looks = [
        ("mute", ""),
        ("challenge", ""),
        ("look", "x0,0,0"),
        ("look", "y2,31,31"),
        ("open", "1,1"),
        ("open", ""),
        ("challenge", "blind"),
        ("mute", "RG"),
    ]
    for width, expected in harness.rooms(place, widget):
        for order, value in looks:
            place.evaluate(SEND, {"do": order, "value": value})
            harness.settled(place)
            assert abs(harness.height_of(place, expected) - expected) <= 6, (width, order, value)
        if width == 358 and not show:
            top, words, last = (place.locator(part).bounding_box() for part in (".stage", ".sentence", ".controls"))
            assert words["y"] + words["height"] - top["y"] <= 480
            assert last["y"] + last["height"] - top["y"] <= 560
    assert place.locator(".stage").is_visible() == ("desk" in (show or ["desk"]))
    assert len(CHANNELS) == 3
