"""ConvArithmetic in the page: gather, scatter, weights; handles and steppers; turned round; mouse, finger, keys."""

from __future__ import annotations

import re

import numpy as np
from playwright.sync_api import Locator, Page, expect

from convlib.widgets import ConvArithmetic
from tests.site import harness
from tests.site.harness import Fingers, drag, middle, order, put


def texts(place: Locator, table: str) -> list[str]:
    """What the cells of a table say, row after row."""
    return place.locator(f".block.{table} .cell").all_text_contents()


def marked(place: Locator, table: str, kind: str) -> list[int]:
    """Which cells of a table are of a kind, counted row after row."""
    return place.locator(f".block.{table} .cell").evaluate_all(
        "(cells, kind) => cells.flatMap((cell, i) => (cell.classList.contains(kind) ? [i] : []))", kind
    )


def cell(place: Locator, table: str, index: int) -> Locator:
    """One cell of a table."""
    return place.locator(f".block.{table} .cell").nth(index)


def step(place: Locator, name: str, way: str) -> None:
    """Press − or + of a setting."""
    place.get_by_role("button", name=f"{name} {'more' if way == '+' else 'less'}", exact=True).click(force=True)


def traits(place: Locator, *names: str) -> list:
    """Values of traits."""
    return [harness.trait(place, name) for name in names]


def lines(place: Locator) -> int:
    """How many lines are strong."""
    drawn = place.locator(".wires .lit:not(.heads) path").evaluate_all(
        "all => all.map((path) => path.getAttribute('d')).join('')"
    )
    return drawn.count("M")


def padded(widget: ConvArithmetic, plane: bool) -> list[str]:
    """The fine table with its rim, as the page writes it."""
    sizes, values = widget.sizes, widget.outputs if widget.transposed else widget.inputs
    after = sizes.length - sizes.low - sizes.fine
    rim = ((sizes.low, after) if plane else (0, 0), (sizes.low, after))
    filler = "" if widget.transposed else "0"
    return np.pad(values.astype(str).astype(object), rim, constant_values=filler).ravel().tolist()


STATES = [
    {"axes": "line"},
    {"axes": "plane"},
    {"axes": "plane", "taps": 2, "stride": 1, "operation": "convolution", "padding": 0},
    {"axes": "line", "pad": "causal", "stride": 1, "dilation": 2},
    {"axes": "line", "channels": 4, "groups": 2, "stride": 1, "size": 5},
    {"axes": "line", "transposed": True, "size": 4, "output_padding": 1},
    {"axes": "plane", "transposed": True, "size": 3, "taps": 4},
    {"axes": "line", "size": 8, "padding": 0},
]


def test_all_that_is_shown_is_pythons(mounted, page: Page):
    """Every number, the formula, the code and the words, in many states; what no window reaches is hatched."""
    place = mounted(ConvArithmetic(axes="line"))
    plain = {name: getattr(ConvArithmetic(), name) for name in ConvArithmetic.own_traits()}
    for given in STATES:
        widget = ConvArithmetic(**given)
        sent = {**plain, **given, "t": widget.t}
        put(place, **sent)
        coarse = widget.inputs if widget.transposed else widget.outputs
        assert texts(place, "fine") == padded(widget, widget._plane), given
        assert texts(place, "coarse") == coarse.astype(str).ravel().tolist(), given
        kernel = widget.weights if widget._plane else widget.weights[0]
        if widget.operation == "convolution":
            kernel = kernel[..., ::-1, ::-1] if widget._plane else kernel[..., ::-1]
        assert texts(place, "strip") == kernel.astype(str).ravel().tolist(), given
        expect(place.locator(".sentence")).to_have_text(
            f"{'' if widget.channels > 1 else widget.lead() + ' '}{widget.sentence()}"
        )
        expect(place.locator(".formula")).to_have_text(widget.formula)
        expect(place.locator("code")).to_have_text(widget.code)
    assert marked(place, "fine", "unseen") == [7]
    place.get_by_label("heat map").check()
    harness.settled(place)
    assert texts(place, "fine") == widget.visits.astype(str).tolist()
    expect(place.locator(".sentence")).to_contain_text("counts the windows that a sample enters: from 0 to 2")


def test_touching(mounted, page: Page):
    """An output is gathered, an input scattered, a weight links parallel pairs; a click pins, keys do the same."""
    place = mounted(ConvArithmetic(axes="line", size=8))
    sentence = place.locator(".sentence")
    cell(place, "coarse", 2).hover()
    expect(sentence).to_have_text("y[2] = 2·1 + 3·2 + 1·3 = 11")
    assert marked(place, "fine", "hued") == [4, 5, 6]
    assert lines(place) == 3
    cell(place, "fine", 4).click()
    expect(sentence).to_have_text("x[3] = 2 enters 2 windows: y[1] by c, y[2] by a.")
    assert (marked(place, "fine", "lit"), marked(place, "coarse", "hued"), lines(place)) == ([4], [1, 2], 2)
    assert cell(place, "coarse", 1).get_attribute("data-letter") == "c"
    cell(place, "coarse", 0).hover()
    expect(sentence).to_contain_text("x[3]")  # pinned
    page.get_by_role("button", name="✕ input").click()
    cell(place, "strip", 1).click()
    expect(sentence).to_have_text(
        "b = 2 links 4 pairs, one for each output. The same weight everywhere: its lines are parallel."
    )
    assert (marked(place, "fine", "hued"), marked(place, "coarse", "hued"), lines(place)) == (
        [1, 3, 5, 7],
        [0, 1, 2, 3],
        4,
    )
    page.keyboard.press("Escape")
    cell(place, "fine", 9).hover()
    expect(sentence).to_have_text("A zero of the padding enters no window: the floor drops it.")
    page.mouse.move(2, 2)
    cell(place, "fine", 0).focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(sentence).to_have_text("x[7] = 4 enters 1 window: y[3] by c.")
    page.keyboard.press("Enter")
    expect(place.locator(".chip")).to_have_text("✕ input")
    place.get_by_text("2-D").click()
    page.keyboard.press("Escape")
    cell(place, "coarse", 5).click()
    expect(sentence).to_have_text(ConvArithmetic(axes="plane", size=8, t=5.0).sentence())
    assert marked(place, "fine", "hued") == [10 * r + q for r in (2, 3, 4) for q in (2, 3, 4)]
    cell(place, "fine", 44).click()
    expect(sentence).to_contain_text(
        "x[3, 3] = 4 enters 4 windows: y[1, 1] by i, y[1, 2] by g, y[2, 1] by c, y[2, 2] by a."
    )


def test_controls_stop_at_what_cannot_be(mounted, page: Page):
    """The last valid value stays, and the sentence says why, in the words of the refusal; Reset brings all back."""
    place = mounted(ConvArithmetic(axes="line", padding=0))
    sentence = place.locator(".sentence")
    for _ in range(3):
        step(place, "dilation", "+")
    assert harness.trait(place, "dilation") == 3
    expect(sentence).to_have_text(
        "PyTorch refuses this: 3 taps with dilation 4 reach over 9 samples, but there are 7 + 2 · 0 = 7."
    )
    expect(place.locator("[aria-live]")).to_contain_text("PyTorch refuses this")
    step(place, "size", "+")
    step(place, "size", "+")
    step(place, "dilation", "+")
    assert traits(place, "size", "dilation") == [9, 4]
    step(place, "dilation", "+")
    expect(sentence).to_have_text("Not here: dilation is 1 to 4.")
    pad = place.get_by_label("pad by")
    pad.select_option("same")
    expect(sentence).to_have_text("PyTorch refuses this: stride must be 1 with same padding, as PyTorch has it, got 2.")
    assert (pad.input_value(), harness.trait(place, "pad")) == ("number", "number")
    step(place, "stride", "−")
    pad.select_option("causal")
    expect(place.locator("code")).to_have_text("nn.Conv1d(1, 1, 3, dilation=4)(F.pad(x, (8, 0)))")
    place.get_by_text("2-D").click()
    expect(sentence).to_contain_text("pad must not be 'causal' in the plane")
    expect(place.get_by_label("1-D")).to_be_checked()
    step(place, "padding", "+")  # a step of the number asks for a number
    assert traits(place, "pad", "padding") == ["number", 1]
    place.get_by_label("kernel", exact=True).select_option("convolution")
    assert texts(place, "strip") == ["3", "2", "1"]
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    place.get_by_role("button", name="Copy", exact=True).click()
    expect(place.locator(".take")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == place.locator("code").text_content()
    place.get_by_role("button", name="Reset").click()
    assert traits(place, "padding", "dilation", "size", "operation", "pad") == [0, 1, 7, "correlation", "number"]


def test_handles(mounted, page: Page):
    """Edges, a tap, the next window and the rim are dragged, in both layouts; a finger's drag can be taken away."""
    place = mounted(ConvArithmetic(axes="line", t=0.0))
    for axes in ("line", "plane"):
        for name, by, then in [
            ("size", 2, 9), ("size", -30, 1), ("taps", 1, 4), ("taps", -9, 1), ("padding", -2, 3), ("padding", 9, 0),
            ("dilation", 1, 2), ("dilation", 9, 4), ("stride", 1, 3), ("stride", -5, 1),
        ]:  # fmt: skip
            place.evaluate("(node, axes) => node.model.receive({ do: 'reset' }) ?? node.model.set('axes', axes)", axes)
            harness.settled(place)
            unit = cell(place, "fine", 0).bounding_box()["width"]
            x, y = middle(place.locator(f".grip.{name}"))
            drag(page, (x, y), (x + by * unit, y), steps=2)
            assert harness.trait(place, name) == then, (axes, name, by)
    assert traits(place, "stride", "t") == [1, 0]
    page.set_viewport_size({"width": 390, "height": 664})
    order(place, "reset")
    fingers = Fingers(page)
    box = place.locator(".grip.size").bounding_box()
    x, y = box["x"] + 11, box["y"] + 11
    fingers.drag(x, y, -60, 0)
    harness.wait_for_trait(place, "size", "value === 5")
    fingers.send("touchCancel")
    harness.wait_for_trait(place, "size", "value === 7")
    fingers.drag(x, y, -60, 0)
    fingers.send("touchEnd")
    harness.wait_for_trait(place, "size", "value === 5")


def heads(place: Locator) -> int:
    """Whether the first arrow points down, 1, or up, −1: its point, against its back."""
    path = place.locator(".wires .heads path").first.get_attribute("d")
    tip, back = (float(number) for number in re.findall(r"[ML][\d.]+ ([\d.]+)", path)[:2])
    return 1 if tip > back else -1


def test_turned_round(mounted, page: Page):
    """The same lines, the arrows the other way; the size comes back, with what the floor had dropped."""
    place = mounted(ConvArithmetic(axes="line", size=8))
    faint = "all => all.map((path) => path.getAttribute('d'))"
    before = place.locator(".wires .faint:not(.heads) path").evaluate_all(faint)
    assert heads(place) == 1
    place.get_by_role("button", name="Turn it round").click()
    assert traits(place, "transposed", "size", "output_padding", "padding") == [True, 4, 1, 1]
    expect(place.locator(".formula")).to_have_text("(4 − 1)·2 − 2·1 + 1·(3 − 1) + 1 + 1 = 8")
    page.wait_for_function(
        """() => {
            const path = document.querySelector(".wires .heads path").getAttribute("d");
            const [tip, back] = [...path.matchAll(/[ML][\\d.]+ ([\\d.]+)/g)];
            return Number(back[1]) - Number(tip[1]) > 7;
        }"""
    )
    assert heads(place) == -1
    assert place.locator(".wires .faint:not(.heads) path").evaluate_all(faint) == before
    cell(place, "coarse", 1).click()
    expect(place.locator(".sentence")).to_have_text("x[1] = 3 stamps 3·1, 3·2, 3·3 onto 3 outputs.")
    cell(place, "fine", 4).click()
    expect(place.locator(".sentence")).to_have_text("y[3] gathers 2 stamps: 3·3 + 2·1 = 11.")
    page.keyboard.press("Escape")
    place.get_by_label("heat map").check()
    harness.settled(place)
    assert texts(place, "fine")[1:9] == ["1", "2", "1", "2", "1", "2", "1", "1"]
    expect(place.locator(".sentence")).to_contain_text("1 and 2 by turns away from the ends: a checkerboard")
    order(place, "turn")
    assert traits(place, "transposed", "size") == [False, 8]
    for setting in (
        {"pad": "causal", "stride": 1},
        {"size": 12, "padding": 4, "taps": 1, "stride": 1, "pad": "number"},
    ):
        put(place, **setting)
        order(place, "turn")
        assert harness.trait(place, "transposed") is False
    expect(place.locator(".sentence")).to_have_text("Not here: size is 1 to 12, and turned round it would be 20.")


def test_orders_player_and_parts(mounted, page: Page):
    """Prose pins what it names, in both layouts; Play and keys move the window; a reduced view shows its parts."""
    place = mounted(ConvArithmetic(axes="line", show=["picture", "words"]))
    sentence = place.locator(".sentence")
    for part, there in {".stage": 1, ".sentence": 1, ".formula": 0, ".settings": 0, ".line-of-code": 0}.items():
        assert place.locator(part).is_visible() == bool(there), part
    for look, said in {"y2": "y[2] = ", "x3": "x[3] = 2 enters", "w1": "b = 2 links", "": "7 samples give"}.items():
        order(place, "look", value=look)
        expect(sentence).to_contain_text(said)
    harness.set_trait(place, "axes", "plane")
    for look, said in {
        "y1,2": "y[1, 2] = ",
        "x1,2": "x[1, 2] = 2 enters",
        "w0,1": "b = 2 links",
        "y9,9": "7 rows",
    }.items():
        order(place, "look", value=look)
        expect(sentence).to_contain_text(said)
    place.evaluate("node => node.model.set({ axes: 'line', channels: 4, groups: 2, show: [] })")
    for look, said in {
        "y3,1": "y[3, 1] from rows 2 and 3",
        "x0,3": "is scattered into 4 outputs",
        "w2": "c₀ links",
    }.items():
        order(place, "look", value=look)
        expect(sentence).to_contain_text(said)
    for entry, said in {
        16: "w[1, 1, 1] = 2 links 4 pairs of rows x[1] and y[1].",
        15: "w[1, 1, 0]",
        19: "y[1, 1] from rows 0 and 1",  # nothing stands there: let go
    }.items():
        cell(place, "all", entry).click()
        expect(sentence).to_contain_text(said)
    order(place, "look", value="y3,1")
    assert marked(place, "fine", "hued") == [9 * r + q for r in (2, 3) for q in (2, 3, 4)]
    order(place, "reset")
    put(place, show=[])
    for part, kind in {
        "input": "fine",
        "kernel": "strip",
        "output": "coarse",
        "formula": "formula",
        "code": "line-of-code",
    }.items():
        order(place, "light", part=part)
        assert place.locator(f".lit.{kind}").count() == 1, part
    order(place, "light", part=None)
    slider = place.get_by_role("slider")
    slider.focus()
    for key, then in (("ArrowRight", 2), ("ArrowUp", 3), ("ArrowUp", 3), ("ArrowLeft", 2)):
        page.keyboard.press(key)
        assert harness.trait(place, "t") == then
    harness.set_trait(place, "t", 1.5)
    frame, first = place.locator(".frame").last.bounding_box(), cell(place, "fine", 0).bounding_box()
    assert abs(frame["x"] - first["x"] - 3 * first["width"]) < 1.5  # half-way between two windows
    place.get_by_role("button", name="Play").click()
    harness.wait_for_trait(place, "t", "value === 3")


ROOMS = [
    {},
    {"transposed": True, "size": 4, "output_padding": 1},
    {"channels": 2, "stride": 1},
    {"show": ["picture", "words"]},
    {"axes": "plane", "size": 5},
]


def test_room(mounted, page: Page):
    """As high as Python says, whatever is looked at; on a phone all that moves the picture is on its screen."""
    for given in ROOMS:
        widget = ConvArithmetic(**given)
        place = mounted(widget)
        for width, expected in harness.rooms(place, widget):
            for look in ("", "x1,1", "w1,1", "y1,1"):
                order(place, "look", value=look)
                height = harness.height_of(place, expected)
                assert abs(height - expected) <= 8, (given, width, look, height, expected)
            if width == 358 and not given:
                top, last = place.locator(".stage").bounding_box(), place.locator(".steppers").bounding_box()
                assert last["y"] + last["height"] - top["y"] <= 560
                assert marked(place, "coarse", "cell") == [0, 1, 2, 3]  # a line, where it is narrow


def test_an_address_keeps_the_state(mounted, page: Page):
    """What Copy link would write comes back; what no Python would take is still drawn, as something possible."""
    mounted(ConvArithmetic())
    address = page.url.split("#")[0]
    page.goto(f"{address}#ConvArithmetic-1?axes=line&size=9&dilation=2&t=2&heat=true")
    place = page.locator(".cl-live").first
    harness.wait_for_trait(place, "dilation", "value === 2")
    widget = ConvArithmetic(axes="line", size=9, dilation=2, t=2)
    assert texts(place, "coarse") == widget.outputs.astype(str).ravel().tolist()
    assert texts(place, "fine")[1:-1] == widget.visits.astype(str).tolist()
    page.goto(f"{address}#ConvArithmetic-1?axes=plane&pad=causal&channels=3&groups=2&dilation=4&taps=5&t=9&size=20")
    harness.wait_for_trait(place, "taps", "value === 5")
    expect(page.locator(".cl-note")).to_have_text("Part of the link could not be read: size.")
    expect(place.locator("code")).to_have_text("nn.Conv1d(3, 3, 5, stride=2, dilation=4)(F.pad(x, (16, 0)))")
    step(place, "dilation", "−")  # and from there on Python can follow
    assert traits(place, "axes", "groups", "dilation") == ["line", 1, 3]
