"""ImageKernel's maths in the page, against NumPy, SciPy and Python's side of the widget."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from convlib.widgets.image_kernel import BOUNDARIES, PRESETS, ImageKernel, _tones, preset
from tests.js.node import node_call, node_calls

RNG = np.random.default_rng(21)
MODES = {"constant": "constant", "edge": "nearest", "symmetric": "reflect", "reflect": "mirror", "wrap": "grid-wrap"}
#: Rows and columns: small ones, too, beyond whose ends a window reaches more than once.
SHAPES = [(1, 1), (1, 5), (2, 3), (9, 4), (24, 17)]


def flat(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array, dtype=np.float64).ravel()


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_correlation_is_scipys(boundary):
    """Every boundary and size of kernel, random weights; turned by half a turn, it is the convolution."""
    cases = [(RNG.integers(0, 256, shape), RNG.normal(size=(side, side))) for shape in SHAPES for side in (3, 5, 7)]
    calls = [("correlate", x.ravel().astype(np.uint8), *x.shape[::-1], flat(w), boundary) for x, w in cases]
    turned = [(*call[:4], flat(w[::-1, ::-1]), boundary) for call, (_, w) in zip(calls, cases, strict=True)]
    results = node_calls(ImageKernel, calls + turned)
    for (x, w), one, two in zip(cases, results, results[len(cases) :], strict=False):
        given = {"mode": MODES[boundary], "output": float}
        np.testing.assert_allclose(one.reshape(x.shape), ndimage.correlate(x, w, **given), atol=2e-3)
        np.testing.assert_allclose(two.reshape(x.shape), ndimage.convolve(x, w, **given), atol=2e-3)


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_the_margin_is_numpys(boundary):
    """As numpy.pad fills it."""
    cases = [(RNG.integers(1, 256, shape), reach) for shape in SHAPES[2:] for reach in (1, 2, 3)]
    calls = [("padded", x.ravel().astype(np.uint8), *x.shape[::-1], reach, boundary) for x, reach in cases]
    for (x, reach), given in zip(cases, node_calls(ImageKernel, calls), strict=True):
        np.testing.assert_array_equal(given, np.pad(x, reach, mode=boundary).ravel())


def test_separable_kernels_are_found_and_give_the_same():
    """Outer products are found, with a zero in the middle too; sums of two are not; two passes equal one."""
    column, row = np.array([1.0, -2, 0, 3, 1]), np.array([0.0, 0, 0, 0.5, -1])
    rank_one = [np.outer(column, row), np.ones((7, 7)), preset("Gaussian", 7)[0], np.outer(row, row)]
    others = [np.eye(5), preset("Laplacian", 7)[0], np.outer(column, row) + 1e-6 * np.eye(5), np.zeros((3, 3))]
    results = node_calls(ImageKernel, [("factors", flat(w)) for w in rank_one + others])
    for w, pair in zip(rank_one, results, strict=False):
        np.testing.assert_allclose(np.outer(pair["column"], pair["row"]), w, atol=1e-12)
    assert results[len(rank_one) :] == [None] * len(others)
    x = RNG.integers(0, 256, (30, 40))
    for w in rank_one:
        calls = [
            ("correlate", flat(x), 40, 30, flat(w), "wrap", {"separable": separable}) for separable in (True, False)
        ]
        np.testing.assert_allclose(*node_calls(ImageKernel, calls), atol=5e-3)


@pytest.mark.parametrize("side", [3, 5, 7])
def test_turning_is_numpys(side):
    """Clockwise by quarters, any number of them."""
    w = RNG.normal(size=(side, side))
    quarters = [-3, -1, 0, 1, 2, 3, 4, 6]
    for q, given in zip(quarters, node_calls(ImageKernel, [("turned", flat(w), q) for q in quarters]), strict=True):
        np.testing.assert_array_equal(given, np.rot90(w, -q).ravel())


def test_presets_are_pythons():
    """The same weights and divisors, of every size; and each is recognised by its name."""
    cases = [(name, side) for name in PRESETS for side in (3, 5, 7)]
    given = node_calls(ImageKernel, [("preset", *case) for case in cases])
    for (name, side), one in zip(cases, given, strict=True):
        w, divisor = preset(name, side) if len(one["w"]) == side**2 else preset(name, 3)
        np.testing.assert_allclose(one["w"], w.ravel(), atol=1e-9, err_msg=f"{name} {side}")
        assert one["divisor"] == divisor
    named = node_calls(ImageKernel, [("presetOf", one["w"], one["divisor"]) for one in given])
    assert named == [name for name, _ in cases]
    assert node_call(ImageKernel, "presetOf", [1] * 9, 8) == "your own"
    assert tuple(node_call(ImageKernel, "PRESETS")) == PRESETS


@pytest.mark.parametrize(("lock", "goal"), [("one", 1), ("zero", 0)])
def test_a_lock_keeps_the_sum(lock, goal):
    """Whichever weight is set: the centre makes up for the others, they for the centre; never out of range."""
    for side in (3, 5, 7):
        w = RNG.integers(-3, 4, side**2).astype(float)
        w[side**2 // 2] += goal * 8 - w.sum()
        places = [0, side**2 // 2, side**2 - 1]
        calls = [("edited", w.tolist(), k, value, lock, 8) for k in places for value in (2.5, -99, 400)]
        for (_, _, k, value, *_), given in zip(calls, node_calls(ImageKernel, calls), strict=True):
            assert sum(given) == pytest.approx(8 * goal, abs=1e-6)
            assert max(map(abs, given)) <= 99
            assert given[k] == pytest.approx(np.clip(value, -99, 99)) or given == w.tolist()
    free = node_call(ImageKernel, "edited", [0] * 9, 3, 7, "none", 1)
    assert free == [0, 0, 0, 7, 0, 0, 0, 0, 0]
    assert node_call(ImageKernel, "settled", [0, 1, 0, 1, -4, 1, 0, 1, 0], "one", 1)[4] == -3
    assert node_call(ImageKernel, "settled", [99] * 9, "zero", 1) is None


def test_other_sizes():
    """Zeros around, or cut; a list of any length becomes a kernel of a size that there is."""
    w = np.arange(9.0).reshape(3, 3)
    larger, back, odd = node_calls(
        ImageKernel,
        [("resized", flat(w).tolist(), 7), ("resized", np.pad(w, 1).ravel().tolist(), 3), ("kernelOf", [1] * 11)],
    )
    np.testing.assert_array_equal(larger, np.pad(w, 2).ravel())
    np.testing.assert_array_equal(back, w.ravel())
    assert odd == [1] * 11 + [0] * 14


@pytest.mark.parametrize("negatives", ["clip", "color", "absolute"])
def test_tones(negatives):
    """Colours of outputs as Python's still picture has them: blue below zero and orange above, or grey."""
    colors = {"kernel": [0xBB, 0x4A, 0x06], "input": [0x00, 0x67, 0xB1], "paper": [255, 255, 255]}
    given = node_call(ImageKernel, "tones", negatives, 64, colors)
    values = np.array([-300, -64, -20, 0, 20, 64, 200.0, 300])
    at = np.clip(np.floor(values * given["scale"] + 0.5), -255, 255).astype(int) + 255
    packed = given["shades"][at]
    rgb = np.stack([packed & 255, packed >> 8 & 255, packed >> 16 & 255], axis=1)
    np.testing.assert_allclose(rgb, 255 * _tones(values[np.newaxis], negatives, 64)[0], atol=1.6)
    assert (packed >> 24 == 255).all()


def test_words_and_code_are_pythons():
    """The same sentence and the same lines of Python, gathered and scattered, turned, offset, beyond the border."""
    for traits in (
        {},
        {"kernel": "Gaussian 5", "row": 3, "column": 509, "boundary": "constant", "photo": "chelsea"},
        {"kernel": "emboss", "turn": 0, "offset": -40, "halvings": 3},
        {"kernel": "sharpen", "turn": 90, "divider": 1},
        {"kernel": "box 7", "turn": 0, "divider": 1, "divisor": 2.5, "offset": 12},
        {"kernel": "box 3", "turn": 270, "divisor": 0.5, "photo": "page"},
    ):
        widget = ImageKernel(**traits)
        x, (row, column) = widget.pixels, widget.place
        parts = node_call(
            ImageKernel, "terms", x.ravel(), *x.shape[::-1], widget.laid.ravel().tolist(), row, column, widget.boundary
        )
        window = np.array([part["pixel"] for part in parts]).reshape(widget.laid.shape)
        np.testing.assert_array_equal(window, widget.window)
        names = ("divisor", "offset", "negatives", "turn", "boundary")
        state = {name: getattr(widget, name) for name in names} | {"side": len(widget.laid)}
        state |= {"scatters": widget.scatters, "row": row, "column": column, "pixel": int(x[row, column])}
        state |= {"sum": float((window * widget.laid).sum()), "w": widget.kernel.ravel().tolist()}
        said, code = node_calls(ImageKernel, [("words", state), ("pythonFor", state)])
        assert said == widget.sentence()
        assert code == widget.code


def test_what_is_developed():
    """Tiles in reading order, and those about the brush; bits as Python packs them."""
    painted = RNG.random((24, 32)) < 0.2
    bits = np.packbits(painted)
    given = node_call(ImageKernel, "developed", 70, bits)
    np.testing.assert_array_equal(given, painted.ravel() | (np.arange(768) < 70))
    row, column, radius = 200, 100, 25.6
    y, x = np.mgrid[8:384:16, 8:512:16]
    near = (y - row) ** 2 + (x - column) ** 2 <= radius**2
    brushed = node_call(ImageKernel, "brushed", bits, row, column, radius)
    np.testing.assert_array_equal(brushed, np.packbits(painted | near))


def test_halving():
    """Means of blocks, halves up, as Python takes them."""
    widget = ImageKernel(halvings=2)
    full = ImageKernel(halvings=0).pixels
    given = node_call(ImageKernel, "blockMeans", full.ravel(), 512, 384, 4)
    np.testing.assert_array_equal(given, widget.pixels.ravel())
