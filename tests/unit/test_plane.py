"""Convolution of images against SciPy, NumPy and PyTorch, on random input; bad input by its message."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
from hypothesis import assume, given
from hypothesis import strategies as st

import convlib
from convlib import cost, plane
from convlib.convolution import BOUNDARIES, MODES

METHODS = list(plane.METHODS)
modes, methods, boundaries = st.sampled_from(MODES), st.sampled_from(METHODS), st.sampled_from(BOUNDARIES)


@st.composite
def images(draw, largest=9):
    """Random values from a drawn seed: pixels drawn one by one would take most of the time."""
    shape = draw(st.tuples(st.integers(1, largest), st.integers(1, largest)))
    return np.random.default_rng(draw(st.integers(0, 2**32 - 1))).uniform(-10, 10, shape)


@st.composite
def kernels(draw):
    """Half of them separable."""
    w = draw(images(6))
    return np.outer(w[:, 0], w[0]) if draw(st.booleans()) else w


def contains(x, w):
    return np.all(np.array(x.shape) >= w.shape) or np.all(np.array(x.shape) <= w.shape)


@given(images(), kernels(), modes, methods)
def test_convolve_and_correlate_are_scipys(x, w, mode, method):
    """Values, sizes and centring; kernels of even and odd size, smaller and larger than the image."""
    assume(mode != "valid" or contains(x, w))
    for ours, theirs in (
        (convlib.convolve, scipy.signal.convolve),
        (convlib.correlate, scipy.signal.correlate),
    ):
        expected = theirs(x, w, mode, method="direct")
        y = ours(x, w, mode, method)
        assert y.shape == expected.shape
        np.testing.assert_allclose(y, expected, atol=1e-10)


NDIMAGE = {"constant": "constant", "reflect": "mirror", "symmetric": "reflect", "edge": "nearest", "wrap": "wrap"}


@given(images(), kernels(), methods, boundaries)
def test_boundaries_are_ndimages_and_numpys(x, w, method, boundary):
    """Other names for the same borders; ndimage centres kernels of even size one to the other side."""
    y = convlib.convolve(x, w, "same", method, boundary)
    origin = tuple(-1 if k % 2 == 0 else 0 for k in w.shape)
    expected = scipy.ndimage.convolve(x, w, mode=NDIMAGE[boundary], origin=origin)
    if boundary != "wrap" or np.all(np.array(x.shape) >= w.shape):
        np.testing.assert_allclose(y, expected, atol=1e-10)
    padded = np.pad(x, [(k - 1, k - 1) for k in w.shape], mode=boundary)
    full = scipy.signal.convolve(padded, w, "valid", method="direct")
    np.testing.assert_allclose(convlib.convolve(x, w, "full", method, boundary), full, atol=1e-10)


def test_correlation_is_pytorchs_convolution():
    """What deep learning calls so does not flip."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(9, 12)), rng.normal(size=(3, 5))
    theirs = torch.nn.functional.conv2d(*(torch.from_numpy(a)[None, None] for a in (x, w)), padding="same")[0, 0]
    for method in METHODS:
        np.testing.assert_allclose(convlib.correlate(x, w, "same", method), theirs.numpy(), atol=1e-12)


@pytest.mark.parametrize("separable", [False, True])
@pytest.mark.parametrize("taps", [(3, 3), (1, 9), (9, 1), (8, 13), (40, 33)])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_large_images(taps, separable, kind):
    """Several strips, several tiles, the last of them cut: by whichever way auto takes, and by each of the three."""
    rng = np.random.default_rng(sum(taps))
    x, w = rng.normal(size=(331, 419)).astype(kind), rng.normal(size=taps).astype(kind)
    if separable:
        w = np.outer(w[:, 0], w[0])
    expected = scipy.signal.fftconvolve(x.astype(float), w.astype(float), "valid")
    column, row = plane.separate(w) or (w, np.ones(1, kind))
    ways = [convlib.convolve(x, w, "valid"), plane.in_tiles(x, w, (90, 120)), plane.in_tiles(x, w, (512, 512))]
    if len(w) < 40:
        ways.append(plane.in_strips(x, w))
        ways.append(plane.by_rows_and_columns(x, column, row) if separable else ways[0])
        ways.append(plane.in_strips(x, column[:, None], row[None]) if separable else ways[0])
    for y in ways:
        assert y.dtype == kind
        np.testing.assert_allclose(y, expected, atol=40 * np.finfo(kind).eps * np.abs(expected).max())


@pytest.mark.parametrize("method", METHODS)
def test_types(method):
    """Bytes and booleans do not overflow, float32 stays, 16 bits are counted in 32, inputs are left alone."""
    white = np.full((4, 5), 255, dtype=np.uint8)
    y = convlib.convolve(white, np.ones((3, 3), dtype=np.uint8), "valid", method)
    assert y.dtype == np.float64
    np.testing.assert_allclose(y, 9 * 255)
    assert convlib.convolve(white > 0, [[True, True]], method=method).max() == pytest.approx(2)
    for image, kernel, result in (("f4", "f4", "f4"), ("f2", "f4", "f4"), ("f2", "f2", "f4"), ("f4", "f8", "f8")):
        kinds = np.ones((3, 3), dtype=image), np.ones((2, 2), dtype=kernel)
        assert convlib.convolve(*kinds, method=method).dtype == result
    x = np.arange(12.0).reshape(3, 4)
    convlib.convolve(x, np.ones((2, 2)), "valid", method)
    assert x.tolist() == np.arange(12.0).reshape(3, 4).tolist()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("large", "small"), [(1e307, 1e-307), (1e-307, 1e307), (1e-200, 1e200)])
def test_extreme_values_are_no_error(method, large, small):
    """Sums that fit come out, though a spectrum would overflow."""
    y = convlib.convolve(np.full((9, 9), large), np.full((2, 3), small), "valid", method)
    np.testing.assert_allclose(y, 6)


def test_views_and_lists():
    """Any memory order, and what can be read as an array."""
    x, w = np.random.default_rng(1).normal(size=(2, 60, 70))[:, ::2, ::-3]
    expected = scipy.signal.convolve(x, w[:3, :4], "valid")
    for image in (x, np.asfortranarray(x), x.tolist()):
        for method in METHODS:
            np.testing.assert_allclose(convlib.convolve(image, w[:3, :4], "valid", method), expected, atol=1e-12)


# --- separable kernels -----------------------------------------------------------------------------------------------


@given(images(12))
def test_separable_kernels_are_found(w):
    """In either precision; the others are not."""
    product = np.outer(w[:, 0], w[0])
    for kind in (np.float32, np.float64):
        column, row = convlib.separate(product.astype(kind))
        assert (column.shape, row.shape) == ((len(w),), (w.shape[1],))
        assert column.dtype == row.dtype == kind
        np.testing.assert_allclose(np.outer(column, row), product, atol=1e-4 if kind == np.float32 else 1e-11)
    if min(w.shape) > 1:
        assert (convlib.separate(w) is None) == (np.linalg.matrix_rank(w) > 1)


def test_rank_is_counted_to_rounding():
    """A Gaussian as computed pixel by pixel is found; one weight changed by more than rounding is not overlooked."""
    r = np.arange(-10, 11)
    gaussian = np.exp(-(r[:, None] ** 2 + r**2) / 18)
    for kind in (np.float32, np.float64):
        w = gaussian.astype(kind)
        assert convlib.separate(w) is not None
        w[3, 4] += 500 * np.finfo(kind).eps
        assert convlib.separate(w) is None
    assert convlib.separate([[0, 1, 0], [1, 1, 1], [0, 1, 0]]) is None
    column, row = convlib.separate(np.zeros((2, 3)))
    assert not np.outer(column, row).any()
    column, row = convlib.separate([[1, 2, 1], [0, 0, 0], [-1, -2, -1]])
    assert (column.tolist(), row.tolist()) == ([2, 0, -2], [0.5, 1, 0.5])
    assert convlib.separate([[0, 0], [0, -3]])[1].tolist() == [0, 1]


def test_auto_separates(monkeypatch):
    """A separable kernel of moderate size is taken apart, one of rank 2 is not."""
    taken = []
    original = plane.in_strips
    monkeypatch.setattr(plane, "in_strips", lambda x, *kernels: taken.append(kernels) or original(x, *kernels))
    x = np.random.default_rng(0).normal(size=(300, 300))
    r = np.arange(-3, 4)
    convlib.convolve(x, np.exp(-(r[:, None] ** 2 + r**2) / 8))
    assert [w.shape for w in taken.pop()] == [(7, 1), (1, 7)]
    convlib.convolve(x, [[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    assert [w.shape for w in taken.pop()] == [(3, 3)]


# --- channels, matrices ----------------------------------------------------------------------------------------------


@given(st.integers(1, 4), modes, boundaries)
def test_channels_are_convolved_one_by_one(channels, mode, boundary):
    """Each as an image of its own; bytes too."""
    image = np.random.default_rng(channels).integers(0, 256, (7, 6, channels), dtype=np.uint8)
    w = np.arange(6).reshape(2, 3)
    y = convlib.convolve_channels(image, w, mode, boundary=boundary)
    assert y.dtype == np.float64
    for c in range(channels):
        np.testing.assert_allclose(y[..., c], convlib.convolve(image[..., c], w, mode, boundary=boundary))
    assert convlib.convolve_channels(image, w).shape == image.shape
    assert convlib.convolve_channels(image.astype("f4"), w.astype("f4")).dtype == np.float32


@given(kernels(), images(5), st.sampled_from([*MODES, "circular"]), st.booleans())
def test_the_matrix_is_the_convolution(w, x, mode, whole):
    """Its product with the pixels in reading order; whole numbers stay so."""
    assume(mode != "valid" or contains(x, w))
    if whole:
        w, x = w.astype(int), x.astype(int)
    matrix = convlib.convolution_matrix(w, x.shape, mode)
    assert matrix.dtype == (np.int64 if whole else np.float64)
    if mode == "circular":
        y = sum(weight * np.roll(x, shift, axis=(0, 1)) for shift, weight in np.ndenumerate(w))
    else:
        y = scipy.signal.convolve(x, w, mode, method="direct")
    assert matrix.shape == (y.size, x.size)
    np.testing.assert_allclose(matrix @ x.ravel(), y.ravel(), atol=1e-10)


def test_the_matrix_is_doubly_blocked():
    """The blocks of one diagonal are equal, and each is the Toeplitz matrix of a row of the kernel."""
    w = np.arange(1, 7).reshape(2, 3)
    blocks = convlib.convolution_matrix(w, (4, 5)).reshape(5, 7, 4, 5)
    for r in range(5):
        for n in range(4):
            row = w[r - n] if 0 <= r - n < 2 else np.zeros(3, dtype=int)
            np.testing.assert_array_equal(blocks[r, :, n], convlib.convolution_matrix(row, 5))


# --- the model -------------------------------------------------------------------------------------------------------


def test_the_plan_is_the_least_of_what_was_considered():
    """Few taps are summed, many transformed, and a separable kernel is summed for longer."""
    choices = [cost.plan_plane((1000 + k, 1000 + k), (k, k)).method for k in (1, 3, 9, 15, 31, 63)]
    assert choices == sorted(choices, reverse=True)
    assert {choices[1], choices[-1]} == {"taps", "fft"}
    assert cost.plan_plane((1007, 1007), (7, 7), separable=True).method == "separable"
    plan = cost.plan_plane((1030, 1230), (31, 31))
    times = [cost.tiles_seconds((1000, 1200), (31, 31), t) for t in cost.candidate_tiles((1000, 1200), (31, 31))]
    assert plan.seconds == min(times) < cost.taps_seconds((1030, 1230), 31 * 31)


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(1, 200), st.integers(1, 200))
def test_candidate_tiles_can_be_used(rows, columns, down, across):
    """Each has room for the kernel and one output more; one holds everything."""
    tiles = cost.candidate_tiles((rows, columns), (down, across))
    assert all(tile[0] >= down and tile[1] >= across for tile in tiles)
    assert tiles[0][0] >= rows + down - 1
    assert tiles[0][1] >= columns + across - 1


# --- errors ----------------------------------------------------------------------------------------------------------

IMAGE, KERNEL = np.ones((4, 5)), np.ones((2, 2))
BAD = np.array([[1.0, 2.0], [np.nan, np.inf]])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: convlib.convolve(IMAGE, [1.0]), ValueError, "same number of dimensions, got 2 and 1 with shapes"),
        (lambda: convlib.correlate([1.0], KERNEL), ValueError, "same number of dimensions, got 1 and 2"),
        (lambda: convlib.convolve(np.ones((4, 5, 3)), KERNEL), ValueError, "x must have 1 or 2 .* convolve_channels"),
        (lambda: convlib.convolve(BAD, KERNEL), ValueError, r"x holds 2 value\(s\) .* first at index \(1, 0\)$"),
        (lambda: convlib.correlate(IMAGE, -BAD), ValueError, r"w holds 2 value\(s\)"),
        (lambda: convlib.convolve(np.ones((3, 0)), KERNEL), ValueError, "x is empty"),
        (lambda: convlib.convolve(IMAGE, np.ones((0, 2))), ValueError, "w is empty"),
        (lambda: convlib.convolve(IMAGE * 1j, KERNEL), TypeError, "x must be real, got complex"),
        (
            lambda: convlib.convolve(IMAGE, np.ones((2, 9)), "valid"),
            ValueError,
            r"at least as large as the other both ways, got shapes \(4, 5\) and \(2, 9\)",
        ),
        (lambda: convlib.convolve(IMAGE * 1e308, KERNEL), OverflowError, "may not fit into float64; scale"),
        (lambda: convlib.convolve(IMAGE, KERNEL, "middle"), ValueError, "mode must be one of"),
        (lambda: convlib.convolve(IMAGE, KERNEL, "same", "taps", "mirror"), ValueError, "boundary must be one of"),
        (lambda: convlib.convolve_channels(IMAGE, KERNEL), ValueError, r"image must have 3 .*got 2 .*; convolve takes"),
        (lambda: convlib.convolve_channels(np.ones(3), KERNEL), ValueError, r"got 1 with shape \(3,\)$"),
        (lambda: convlib.convolve_channels(np.ones((2, 2, 3)), [1]), ValueError, "w must have 2 dimensions, got 1"),
        (lambda: convlib.convolve_channels(np.ones((2, 2, 0)), KERNEL), ValueError, "image is empty"),
        (lambda: convlib.convolve_channels(BAD[..., None], KERNEL), ValueError, r"image holds 2 .*index \(1, 0, 0\)"),
        (lambda: convlib.separate([1, 2]), ValueError, "w must have 2 dimensions, got 1"),
        (lambda: convlib.separate(BAD), ValueError, r"w holds 2 value\(s\)"),
        (lambda: convlib.separate(np.ones((0, 3))), ValueError, "w is empty; give at least one weight"),
        (lambda: convlib.convolution_matrix(KERNEL, 3), TypeError, r"size must be two whole numbers .*, got 3"),
        (lambda: convlib.convolution_matrix(KERNEL, (3, 0)), ValueError, "size must be at least 1, got 0"),
        (lambda: convlib.convolution_matrix(KERNEL, (3, 4.0)), TypeError, "size must be a whole number, got 4.0"),
        (lambda: convlib.convolution_matrix([1.0], (3, 4)), TypeError, "size must be a whole number"),
        (lambda: convlib.convolution_matrix(np.ones((2, 9)), (4, 5), "valid"), ValueError, "size or the shape of w"),
        (
            lambda: convlib.convolution_matrix(KERNEL, (100, 200)),
            ValueError,
            "size gives a matrix of 20,301 × 20,000 entries, more than the 100,000,000 that are allowed; convolve",
        ),
        (lambda: cost.plan_plane((3, 3), (4, 1)), ValueError, "shape must be at least 4, got 3"),
        (lambda: cost.plan_plane((3, 3), (1, 0)), ValueError, "kernel must be at least 1, got 0"),
        (lambda: cost.plan_plane((3.0, 3), (1, 1)), TypeError, "shape must be a whole number"),
    ],
)
def test_bad_input_is_named(call, error, message):
    """Every error says which argument, what was given and what is allowed."""
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    "function", [plane.by_loops, plane.by_taps, plane.by_windows, plane.by_fft, plane.by_rows_and_columns]
)
def test_the_methods_can_be_shown(function):
    """Chapter 5 prints them: twelve lines each, at the most."""
    assert len(inspect.getsource(function).splitlines()) <= 12
