"""CornerCloud's Python side: its traits, its numbers against SciPy and scikit-image, its words and still pictures."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage.feature import structure_tensor, structure_tensor_eigenvalues

from convlib.widgets import CornerCloud
from convlib.widgets.corner_cloud import PANELS, PLACES, PLANE, SIZE, THRESHOLD, border, gradients, layout, scientific

RNG = np.random.default_rng(5)
NOISE = RNG.integers(0, 256, (SIZE, SIZE)).astype(np.uint8)


@pytest.mark.parametrize(
    ("traits", "error", "message"),
    [
        ({"where": "line"}, ValueError, r"CornerCloud\.where must be one of 'flat', .*, got 'line'"),
        ({"row": 170}, ValueError, r"CornerCloud\.row must be at most 169, got 170"),
        ({"column": -1}, ValueError, r"CornerCloud\.column must be at least 0, got -1"),
        ({"column": 3.5}, TypeError, r"CornerCloud\.column must be a whole number"),
        ({"reach": 16}, ValueError, r"CornerCloud\.reach must be at most 15, got 16"),
        ({"k": 0.25}, ValueError, r"CornerCloud\.k must be between 0\.01 and 0\.2, got 0\.25"),
        ({"image": np.zeros((128, 128))}, ValueError, r"CornerCloud\.image must have shape \(170, 170\)"),
        ({"show": ["map"]}, ValueError, r"CornerCloud\.show must be one of"),
    ],
)
def test_impossible_traits_are_refused(traits, error, message):
    """The error names widget and trait."""
    with pytest.raises(error, match=message):
        CornerCloud(**traits)


def test_gradients_are_sobels():
    """SciPy's Sobel over 8, right and down; nothing at the rim."""
    right, down = gradients(NOISE)
    inside = np.s_[1:-1, 1:-1]
    np.testing.assert_allclose(right[inside], ndimage.sobel(NOISE.astype(float), axis=1)[inside] / 8)
    np.testing.assert_allclose(down[inside], ndimage.sobel(NOISE.astype(float), axis=0)[inside] / 8)
    for slopes in (right, down):
        slopes[inside] = 0
        assert not slopes.any()
    ramp = np.add.outer(3.0 * np.arange(6), 2.0 * np.arange(7))
    assert np.all(gradients(ramp)[0][inside] == 2)
    assert np.all(gradients(ramp)[1][inside] == 3)


@settings(max_examples=30)
@given(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1), st.integers(2, 15), st.floats(0.01, 0.2))
def test_tensor_eigenvalues_and_response(row, column, reach, k):
    """Against scikit-image's structure tensor with a square window, its eigenvalues, and R by its definition."""
    widget = CornerCloud(image=NOISE, where="own", row=row, column=column, reach=reach, k=k)
    i, j = widget.centre
    assert reach < i < SIZE - 1 - reach
    assert reach < j < SIZE - 1 - reach
    right, down = gradients(NOISE)
    side = 2 * reach + 1
    means = [ndimage.uniform_filter(p, side)[i, j] for p in (right * right, right * down, down * down)]
    xx, xy, yy = means
    np.testing.assert_allclose(widget.tensor, [[xx, xy], [xy, yy]], rtol=1e-9, atol=1e-9)
    large, small = structure_tensor_eigenvalues([np.array([[v]]) for v in (yy, xy, xx)])[:, 0, 0]
    np.testing.assert_allclose(widget.eigenvalues, (large, small), rtol=1e-9)
    assert widget.response == pytest.approx(np.linalg.det(widget.tensor) - widget.k * np.trace(widget.tensor) ** 2)
    assert widget.response_map[i, j] == pytest.approx(widget.response)
    assert len(widget.points) == side**2


def test_the_structure_tensor_is_about_zero():
    """On a ramp all slopes are alike: their covariance about the mean is zero, the structure tensor isn't."""
    ramp = np.add.outer(np.zeros(SIZE), np.arange(SIZE)).astype(np.uint8)
    widget = CornerCloud(image=ramp, where="own")
    assert np.allclose(np.cov(widget.points.T), 0)
    assert np.allclose(widget.tensor, [[1, 0], [0, 0]])
    # scikit-image agrees; its Sobel is not divided by 8.
    tensor = structure_tensor(ramp.astype(float), sigma=2, order="rc")
    assert [part[85, 85] for part in tensor] == pytest.approx([0, 0, 8**2])


def test_the_places_are_what_they_are_called():
    """In the photograph of the man with the camera; a texture is taken for a corner."""
    verdicts = {name: CornerCloud(where=name).verdict for name in PLACES}
    assert verdicts == {"flat": "flat", "edge": "edge", "corner": "corner", "texture": "corner"}
    assert CornerCloud(where="edge").response < -THRESHOLD < 0
    assert CornerCloud(where="flat").eigenvalues[0] < 1


@pytest.mark.parametrize("k", [0.01, 0.05, 0.2])
def test_regions(k):
    """Their borders are where R is at its threshold; inside, it is beyond it."""
    for region, sign in (("corner", 1), ("edge", -1)):
        corners = border(region, k)
        assert np.all(corners[:, 1] <= corners[:, 0] + 1e-9)
        assert np.all(corners <= PLANE)
        line = corners[: len(corners) // 2] ** 2
        response = line.prod(axis=1) - k * line.sum(axis=1) ** 2
        np.testing.assert_allclose(response, sign * THRESHOLD, rtol=1e-6)
        large, small = np.mean([corners[len(line) - 1], corners[len(line)]], axis=0) ** 2  # midway at the right side
        assert sign * (large * small - k * (large + small) ** 2) > THRESHOLD


def test_map_is_empty_where_a_window_has_no_room():
    """And nowhere else, on noise."""
    widget = CornerCloud(image=NOISE, reach=4)
    inside = np.zeros((SIZE, SIZE), bool)
    inside[5:-5, 5:-5] = True
    assert np.array_equal(widget.response_map != 0, inside)


@pytest.mark.parametrize("width", [280, 337, 620, 756])
@pytest.mark.parametrize(
    "left_out", [(), ("photograph",), ("window", "numbers"), ("plane",), ("cloud", "plane", "window")]
)
def test_panels_fit(width, left_out):
    """Nothing sticks out, and no two overlap."""
    shown = [panel for panel in PANELS if panel not in left_out]
    boxes, height = layout(width, shown)
    assert set(boxes) == set(shown)
    for name, (left, top, side) in boxes.items():
        assert left >= 0
        assert left + side <= width + 1e-9
        high = side + 19 if name != "numbers" else 79
        assert top + high <= height + 1e-9
        for other, (x, y, size) in boxes.items():
            apart = left + side <= x or x + size <= left or top + high <= y or y + size + 19 <= top
            assert other == name or apart or "numbers" in (name, other), (name, other)


def test_numbers_for_reading():
    """Powers of ten, true minus signs, no minus zero."""
    values = (120941.8, -39661, 999.6, -0.3, 999960, -1e7)
    assert [scientific(value) for value in values] == ["1.2·10⁵", "−4.0·10⁴", "1000", "0", "1.0·10⁶", "−1.0·10⁷"]


@pytest.mark.parametrize("where", PLACES)
def test_still_picture(where):
    """Photograph, window, cloud and plane, with the numbers; and words for who cannot see them."""
    widget = CornerCloud(where=where, reach=4)
    figure = widget.still()
    whole, part, cloud, _ = figure.axes
    assert whole.images[0].get_array().shape == (SIZE, SIZE)
    assert part.images[0].get_array().shape == (9, 9)
    assert len(cloud.lines[-1].get_xdata()) == 81
    assert widget.verdict in [text.get_text() for text in figure.texts]
    plt.close(figure)
    alt, caption = widget.describe()
    assert f"the region called {widget.verdict}" in alt
    assert scientific(widget.response) in alt
    assert widget.sentence() in caption
