"""Im2col's maths in the page, against Python's."""

from __future__ import annotations

import numpy as np
import pytest

from convlib.widgets import Im2col
from convlib.widgets.im2col import MOST, Places
from tests.js.node import node_call, node_calls

RNG = np.random.default_rng(7)
SIZES = [(taps, taps + more) for taps in (2, 3) for more in range(1, MOST)]


def problem(taps: int, pixels: int, operation: str) -> tuple[Im2col, dict]:
    """A random widget, and what the page knows of it."""
    x, w = (RNG.integers(-9, 10, (side, side)) for side in (pixels, taps))
    widget = Im2col(x=x, w=w, operation=operation)
    sides = {"pixels": pixels, "taps": taps, "side": pixels - taps + 1}
    return widget, {"x": x.ravel().tolist(), "w": w.ravel().tolist(), "operation": operation, "sides": sides}


@pytest.mark.parametrize("operation", ["convolution", "correlation"])
def test_matrix_weights_outputs(operation):
    """The same numbers as Python's, for random images and kernels of every size."""
    for taps, pixels in SIZES:
        widget, state = problem(taps, pixels, operation)
        sides, matrix, weights, outputs = node_calls(
            Im2col,
            [
                ("sidesOf", state["x"], state["w"]),
                ("windowsOf", state["x"], state["sides"]),
                ("weightsOf", state["w"], operation, state["sides"]),
                ("outputsOf", widget.matrix.tolist(), widget.weights.tolist()),
            ],
        )
        assert sides == state["sides"]
        assert np.array_equal(matrix, widget.matrix)
        assert np.array_equal(weights, widget.weights)
        assert np.array_equal(outputs, widget.output.ravel())


@pytest.mark.parametrize(("taps", "pixels"), SIZES)
def test_copies(taps, pixels):
    """A pixel stands where a matrix of windows over the image of its own indices has it: once in a row at most."""
    _, state = problem(taps, pixels, "convolution")
    index = np.arange(pixels * pixels).reshape(pixels, pixels)
    places = np.lib.stride_tricks.sliding_window_view(index, (taps, taps)).reshape(-1, taps * taps)
    for pixel, copies in enumerate(
        node_calls(Im2col, [("copiesOf", p, state["sides"]) for p in index.ravel().tolist()])
    ):
        assert np.array_equal(np.reshape(copies, (-1, 2)), np.argwhere(places == pixel))
        assert len({n for n, _ in copies}) == len(copies) <= min(taps, pixels - taps + 1) ** 2


def test_sums_and_sentences():
    """The sum of each row reads as Python's; a pixel's and a tap's sentences have their numbers."""
    for operation in ("convolution", "correlation"):
        widget, _ = problem(3, 5, operation)
        calls = [("sumOf", line.tolist(), widget.weights.tolist()) for line in widget.matrix]
        for n, given in enumerate(node_calls(Im2col, calls)):
            widget.t = n + 1
            assert widget.sentence().endswith(f"] = {' + '.join(given['terms'])} = {given['value']}")
    state = {"x": list(range(25)), "w": list(range(9)), "sides": {"pixels": 5, "taps": 3, "side": 3}}
    both = [{**state, "operation": operation} for operation in ("convolution", "correlation")]
    middle, corner, flipped, straight, window = node_calls(
        Im2col,
        [
            ("sentence", {"kind": "pixel", "index": 12}, both[0]),
            ("sentence", {"kind": "pixel", "index": 4}, both[0]),
            ("sentence", {"kind": "tap", "index": 2}, both[0]),
            ("sentence", {"kind": "tap", "index": 2}, both[1]),
            ("sentence", {"kind": "window", "n": 5}, both[0]),
        ],
    )
    assert middle.startswith("x[2, 2] = 12 stands in the matrix 9 times, and so is scattered into 9 outputs. 25 pixels")
    assert "9 × 9 = 81 numbers" in middle
    assert "x[0, 4] = 4 stands in the matrix once, of at most 9, and so is scattered into one output." in corner
    assert "w[0, 2] = 2 multiplies one column: a shifted copy of the image, x[2…4, 0…2]." in flipped
    assert "x[0…2, 2…4]" in straight
    assert window.startswith("y[1, 2] gathers row 5")
    looks = [{"kind": "pixel", "index": 1}, {"kind": "tap", "index": 2}, {"kind": "window", "n": 5}]
    pixel, tap, window = node_calls(Im2col, [("sentenceOfImage", look, both[0]) for look in looks])
    assert pixel == "x[0, 1] = 1 is scattered into 2 outputs, each time with another tap."
    assert "w[0, 2] = 2 multiplies a shifted copy of the image, x[2…4, 0…2]." in tap
    assert window == "y[1, 2] gathers one window of the image, under the kernel turned by 180°:"
    assert node_calls(Im2col, [("sentenceOfImage", looks[2], both[1])])[0].endswith("as it stands:")


@pytest.mark.parametrize("width", [280, 337, 620, 756])
@pytest.mark.parametrize("shows", [(True, True), (True, False), (False, True)])
def test_places(width, shows):
    """Everything stands where Python's still picture has it."""
    sides = [{"pixels": pixels, "taps": taps, "side": pixels - taps + 1} for taps, pixels in SIZES]
    shown = dict(zip(("image", "matrix"), shows, strict=True))
    results = node_calls(Im2col, [("geometry", width, side, shown) for side in sides])
    for (taps, pixels), given in zip(SIZES, results, strict=True):
        places = Places(width, pixels, taps, *shows)
        assert {name: tuple(corner) for name, corner in given["boxes"].items()} == places.boxes
        assert (given["wide"], given["high"]) == places.entry
        assert [given[key] for key in ("cell", "sign", "weight", "result", "height")] == [
            places.cell, places.sign, places.weight, places.result, places.height
        ]  # fmt: skip


def test_flight():
    """Each number leaves after the one before it; all are there in the end, none at the start."""
    at = np.reshape(node_calls(Im2col, [("flight", s, k, 9) for s in np.linspace(0, 1, 21) for k in range(9)]), (21, 9))
    assert np.all(at[0] == 0)
    assert np.all(at[-1] == 1)
    assert np.all(np.diff(at, axis=0) >= 0)
    assert np.all(np.diff(at, axis=1) <= 0)
    assert node_call(Im2col, "flight", 0.5, 0, 1) == 1


def test_impossible_lists_draw_something():
    """A link may say anything: what is missing is zero, what is too much is left out."""
    sides = node_calls(
        Im2col, [("sidesOf", [1] * 7, [1, 2]), ("sidesOf", [1] * 36, [1] * 4), ("sidesOf", [1], [1] * 9)]
    )
    assert sides == [
        {"pixels": 3, "taps": 2, "side": 2},
        {"pixels": 5, "taps": 2, "side": 4},
        {"pixels": 4, "taps": 3, "side": 2},
    ]
    matrix, weights = node_calls(
        Im2col, [("windowsOf", [1] * 7, sides[0]), ("weightsOf", [1, 2], "convolution", sides[0])]
    )
    assert matrix == [[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0]]
    assert weights == [0, 0, 2, 1]
