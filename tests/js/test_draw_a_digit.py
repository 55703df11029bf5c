"""DrawADigit's maths in the page, against Python's and PyTorch's."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from convlib.data.small import mnist
from convlib.experiments import weights
from convlib.models.lenet import LeNet5
from convlib.widgets import DrawADigit, digit_network
from convlib.widgets.digit_drawings import PEN, drawings
from convlib.widgets.digit_network import SIDE, boxed, forward, learnt, moved, placed, rasterized, slopes, unexplained
from convlib.widgets.draw_a_digit import (
    ACROSS,
    GRAIN,
    MOST,
    MUTABLE,
    REACH,
    SHOWN,
    TURN,
    flat,
    layout,
    lifted,
    listed_maps,
    marks,
    moved_words,
    percent,
)
from tests.js.node import node_call, node_calls

RNG = np.random.default_rng(12)


def scribbles(count=12):
    """Random drawings: long lines, short ones, single points."""
    for k in range(count):
        lengths = RNG.integers(1, 12, size=1 + k % 4)
        yield [[tuple(point) for point in RNG.uniform(0, 1, (n, 2)).round(3).tolist()] for n in lengths]


def fields(count=4):
    """Pictures of digits, of scribbles, and of noise."""
    drawn = [placed(rasterized(strokes, PEN)) for strokes in scribbles(count)]
    real = [placed(boxed(picture / 255)) for picture in learnt().pictures[:count]]
    return [*drawn, *real, RNG.uniform(0, 1, (SIDE, SIDE)), np.zeros((SIDE, SIDE))]


@pytest.fixture(scope="module")
def lenet():
    """PyTorch's network with the same weights."""
    torch.set_num_threads(1)
    net = LeNet5()
    net.load_state_dict({name: torch.tensor(values.astype(np.float32)) for name, values in weights("lenet5").items()})
    return net.eval()


def test_constants():
    """Sizes and bounds stand on both sides."""
    names = ("SIDE", "PAGE", "BOX", "TAPS", "CLASSES", "SIZES", "MOST", "GRAIN", "REACH", "TURN", "DIGITS")
    *numbers, sizes, most, grain, reach, turn, digits = node_calls(DrawADigit, [(name,) for name in names])
    own = [getattr(digit_network, name) for name in names[:5]]
    assert numbers == own
    assert {name: tuple(size) for name, size in sizes.items()} == digit_network.SIZES
    assert (most, grain, reach, turn, digits) == (MOST, GRAIN, REACH, TURN, digit_network.DIGITS)


def test_half_precision():
    """Numbers of 16 bits are NumPy's, each of them."""
    bits = RNG.choice(65536, 400, replace=False)
    numbers = node_calls(DrawADigit, [("half", int(b)) for b in bits])
    np.testing.assert_array_equal(numbers, bits.astype(np.uint16).view(np.float16).astype(float))


def test_what_travels():
    """Weights, digits and patterns arrive as they are in Python."""
    there = node_call(DrawADigit, "learnt")
    for name in digit_network.WEIGHTED:
        np.testing.assert_array_equal(there["layers"][name]["w"], weights("lenet5")[f"{name}.weight"].ravel())
        np.testing.assert_array_equal(there["layers"][name]["b"], weights("lenet5")[f"{name}.bias"])
    np.testing.assert_allclose(there["digits"], learnt().pictures.reshape(20, -1) / 255)
    np.testing.assert_array_equal(there["patterns"], learnt().patterns.ravel())
    carried = node_call(DrawADigit, "CARRIED")
    assert carried["labels"] == learnt().labels
    assert carried["reach"] == learnt().reach
    assert {name: lifted(numbers) for name, numbers in carried["drawings"].items()} == drawings()


@pytest.mark.parametrize("thickness", [0.03, 0.09, 0.2])
def test_drawings_become_pictures(thickness):
    """Box, ink, place in the field, moves: the same in both languages."""
    given = [*scribbles(), *drawings().values()]
    lists = [[list(map(list, stroke)) for stroke in strokes] for strokes in given]
    made = node_calls(DrawADigit, [("rasterized", strokes, thickness) for strokes in lists])
    there = node_calls(DrawADigit, [("placed", each) for each in made])
    for strokes, each, field in zip(given, made, there, strict=True):
        ink = rasterized(strokes, thickness)
        assert (each["rows"], each["columns"]) == ink.shape
        np.testing.assert_allclose(each["ink"], ink.ravel(), atol=1e-12)
        np.testing.assert_array_equal(field, placed(np.reshape(each["ink"], ink.shape)).ravel())
    moves = [(int(RNG.integers(-6, 7)), int(RNG.integers(-6, 7)), int(RNG.integers(-90, 91))) for _ in given]
    turned = node_calls(DrawADigit, [("moved", f, *m) for f, m in zip(there, moves, strict=True)])
    for field, move, out in zip(there, moves, turned, strict=True):
        np.testing.assert_allclose(out, moved(field.reshape(SIDE, SIDE), *move).ravel(), atol=1e-12)


def test_strokes_as_numbers():
    """There and back; what a link may say and no stroke has does no harm."""
    for strokes in [*scribbles(), []]:
        numbers = flat(strokes)
        back, again = node_calls(DrawADigit, [("lifted", numbers), ("flat", [list(map(list, s)) for s in strokes])])
        assert [[tuple(point) for point in stroke] for stroke in back] == strokes
        assert again == numbers
    assert node_call(DrawADigit, "lifted", [-0.5, 0.2, 0.1, -0.3, 0.9]) == [[[0.1, 0]]]


def test_forward_is_pytorchs(lenet):
    """Every map of every layer, to 1e-5; and NumPy's to 1e-9, with maps muted too."""
    pictures = fields()
    there = node_calls(DrawADigit, [("forward", field.ravel()) for field in pictures])
    x = torch.tensor(np.array(pictures)[:, None], dtype=torch.float32)
    found = {}
    for name in ("c1", "s2", "c3", "s4", "c5", "f6"):
        getattr(lenet, name).register_forward_hook(lambda _m, _x, y, name=name: found.__setitem__(name, y.relu()))
    with torch.no_grad():
        found["scores"] = lenet(x)
    for n, maps in enumerate(there):
        for name, values in maps.items():
            np.testing.assert_allclose(values, found[name][n].ravel(), atol=1e-5 * (1 + found[name][n].abs().max()))
    muted = [list(RNG.choice(MUTABLE, size=n, replace=False)) for n in range(1, len(pictures) + 1)]
    calls = [("forward", field.ravel(), names) for field, names in zip(pictures, muted, strict=True)]
    for maps, field, names in zip(node_calls(DrawADigit, calls), pictures, muted, strict=True):
        for name, values in forward(field[None], names).items():
            np.testing.assert_allclose(maps[name], values.ravel(), atol=1e-9)


def test_slopes_are_autograds(lenet):
    """The gradient of one score over another with respect to the picture, by hand as by autograd."""
    pictures, pairs = fields(3), [tuple(map(int, RNG.choice(10, 2, replace=False))) for _ in range(8)]
    there = node_calls(DrawADigit, [("slopesOf", f.ravel(), *p, []) for f, p in zip(pictures, pairs, strict=True)])
    for field, (more, less), slope in zip(pictures, pairs, there, strict=True):
        x = torch.tensor(field[None, None], dtype=torch.float64, requires_grad=True)
        scores = lenet.double()(x)[0]
        (scores[more] - scores[less]).backward()
        np.testing.assert_allclose(slope, x.grad.ravel(), atol=1e-9)
        np.testing.assert_allclose(slope, slopes(field, more, less).ravel(), atol=1e-9)
    muted = ["c1.0", "c3.5"]
    slope = node_call(DrawADigit, "slopesOf", pictures[0].ravel(), 3, 8, muted)
    np.testing.assert_allclose(slope, slopes(pictures[0], 3, 8, muted).ravel(), atol=1e-9)
    lenet.float()


def test_held_out_digits_go_the_drawings_way():
    """A hundred and fifty of MNIST's held-out digits through box, place and network: the same answers as in Python."""
    split = mnist()
    pictures = np.asarray(split.x_test, dtype=float)[:150, 0]
    made = node_calls(DrawADigit, [("boxed", picture.ravel()) for picture in pictures])
    there = node_calls(DrawADigit, [("placed", each) for each in made])
    python = np.array([placed(boxed(picture)) for picture in pictures])
    np.testing.assert_allclose(np.reshape(there, python.shape), python, atol=1e-9)
    maps = node_calls(DrawADigit, [("forward", field) for field in there])
    answers = np.array([each["scores"] for each in maps]).argmax(axis=1)
    np.testing.assert_array_equal(answers, forward(python)["scores"].argmax(axis=1))
    assert (answers == np.asarray(split.y_test)[:150]).mean() >= 0.95
    left = node_calls(DrawADigit, [("unexplained", field) for field in there])
    np.testing.assert_allclose(left, [unexplained(field) for field in python], atol=1e-9)


def states():
    """Widgets in every kind of state that has a sentence of its own."""
    yield from (DrawADigit(strokes=name) for name in drawings())
    yield from (DrawADigit(digit=n) for n in (1, 2, 4, 20))
    yield from (DrawADigit(hint=k) for k in range(10))
    yield DrawADigit(muted=["c1.0", "c3.2"], dx=2)
    yield DrawADigit(muted=list(MUTABLE))
    yield DrawADigit(dx=3, dy=-2)
    yield DrawADigit(digit=7, turn=-20, dx=-1, thickness=0.15)
    yield from (DrawADigit(strokes=strokes, thickness=0.05) for strokes in scribbles(4))


def test_words_and_all_that_they_say():
    """The same sentence, shares, slope and marks as Python's, from the same traits."""
    widgets = list(states())
    traits = [
        {name: getattr(w, name) for name in ("digit", "thickness", "dx", "dy", "turn", "hint", "muted")}
        | {"strokes": flat(w.strokes)}
        for w in widgets
    ]
    assert node_calls(DrawADigit, [("sentenceOf", each) for each in traits]) == [w.sentence() for w in widgets]
    for widget, state in zip(widgets, node_calls(DrawADigit, [("stateOf", t) for t in traits]), strict=True):
        np.testing.assert_allclose(state["field"], widget.picture.ravel(), atol=1e-12)
        np.testing.assert_allclose(state["given"], widget.shares, atol=1e-9)
        assert sum(state["given"]) == pytest.approx(1)
        assert state["unlike"] == pytest.approx(widget.unlike)
        assert (state["slope"] is None) == (widget.slope is None)
        if widget.slope is not None:
            found = node_call(DrawADigit, "marks", state["slope"], state["field"])
            assert [tuple(mark[:3]) for mark in found] == [m[:3] for m in marks(widget.slope, widget.picture)]
    lists = [["c1.0"], ["c1.0", "c3.11", "c3.12"], list(MUTABLE)]
    assert node_calls(DrawADigit, [("listedMaps", names) for names in lists]) == [listed_maps(n) for n in lists]
    ways = [(1, -2, 3), (0, 0, 0), (0, 4, -90), (-6, 0, 0)]
    assert node_calls(DrawADigit, [("movedWords", *way) for way in ways]) == [moved_words(*way) for way in ways]
    given = [0, 0.004, 0.125, 0.995, 0.9951, 1]
    assert node_calls(DrawADigit, [("percent", share) for share in given]) == [percent(share) for share in given]


def units():
    """A unit of each kind, some at an edge."""
    for layer, (count, side) in digit_network.SIZES.items():
        for row, column in ((0, 0), (side - 1, side // 2), (side // 2, side - 1)):
            yield {"layer": layer, "map": int(RNG.integers(count)), "row": row, "column": column}
    yield from ({"layer": "score", "map": k, "row": 0, "column": 0} for k in (0, 9))


def test_sums_are_the_units():
    """Bias and products add up to what ReLU is given; each source map's part is what it adds."""
    field = placed(rasterized(drawings()["opening"], PEN))
    maps = forward(field[None])
    summed = [unit for unit in units() if unit["layer"] not in ("s2", "s4")]
    totals = node_calls(DrawADigit, [("sumAt", unit, field.ravel(), []) for unit in summed])
    for unit, total in zip(summed, totals, strict=True):
        scored = unit["layer"] == "score"
        value = maps["scores" if scored else unit["layer"]][0, unit["map"]]
        value = value if np.ndim(value) == 0 else value[unit["row"], unit["column"]]
        assert total["total"] * (scored or total["total"] > 0) == pytest.approx(value, abs=1e-9)
        assert sum(total["parts"]) + total["bias"] == pytest.approx(total["total"])
        largest = total["largest"]
        assert abs(largest["product"]) <= sum(map(abs, total["parts"])) + 25


def test_frames_are_what_a_unit_depends_on():
    """A unit's frame on the picture is the ink that reaches it, as autograd finds, and as wide as the book says."""
    given = [*units()]
    for unit, frames in zip(given, node_calls(DrawADigit, [("framesOf", unit) for unit in given]), strict=True):
        rows, columns = frames["seen"]["rows"], frames["seen"]["columns"]
        size = {"c1": 5, "s2": 6, "c3": 14, "s4": 16}.get(unit["layer"], SIDE)
        assert (rows[1] - rows[0] + 1, columns[1] - columns[0] + 1) == (size, size)
        if unit["layer"] not in ("f6", "score"):
            reached = reached_by(unit)
            assert [reached[0].min(), reached[0].max()] == rows
            assert [reached[1].min(), reached[1].max()] == columns


def reached_by(unit):
    """Rows and columns of the ink that a unit depends on: autograd through kernels of ones, with sums for maxima."""
    x = torch.zeros(1, 1, SIDE, SIDE, dtype=torch.float64, requires_grad=True)
    y, layers = x, ("c1", "s2", "c3", "s4", "c5")
    for layer in layers[: layers.index(unit["layer"]) + 1]:
        size = 2 if layer in ("s2", "s4") else 5
        ones = torch.ones(1, 1, size, size, dtype=torch.float64)
        y = torch.nn.functional.conv2d(y, ones, stride=1 if size == 5 else 2)
    y[0, 0, unit["row"], unit["column"]].backward()
    return np.nonzero(x.grad[0, 0].numpy())


@pytest.mark.parametrize("layer", ["seen", "c1", "s2", "c3"])
def test_who_uses_a_unit_next(layer):
    """A unit lies in the window of exactly those of the next layer that its frame there holds."""
    following = {"seen": "c1", "c1": "s2", "s2": "c3", "c3": "s4"}[layer]
    window, step = (5, 1) if following in ("c1", "c3") else (2, 2)
    side, there = (SIDE if layer == "seen" else digit_network.SIZES[layer][1]), digit_network.SIZES[following][1]
    calls = [("framesOf", {"layer": layer, "map": 0, "row": row, "column": 0}) for row in range(side)]
    for row, frames in enumerate(node_calls(DrawADigit, calls)):
        users = [i for i in range(there) if step * i <= row < step * i + window]
        assert frames[following]["rows"] == [users[0], users[-1]]


@pytest.mark.parametrize("width", [267, 337, 358, 620, 756, 786])
def test_layout(width):
    """Panels stand where Python reckons with them, in every reduced view."""
    parts = SHOWN[:-2]
    views = [parts, *([p for p in parts if RNG.random() < 0.5] for _ in range(12)), []]
    for shown, given in zip(views, node_calls(DrawADigit, [("layout", width, list(v)) for v in views]), strict=True):
        there = layout(width, shown)
        assert given["height"] == pytest.approx(there["height"])
        assert (given["unit"], given["narrow"]) == (there["unit"], there["narrow"])
        assert given["boxes"].keys() == there["boxes"].keys()
        for name, box in there["boxes"].items():
            assert given["boxes"][name] == pytest.approx(box), (shown, name)
    assert math.isclose(node_call(DrawADigit, "sheetSize", "c3")[0], ACROSS["c3"] * 11 - 1)
