"""Im2col's Python side: its traits, its matrix against NumPy and SciPy, its words and its still pictures."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import signal

from convlib.widgets import Im2col
from convlib.widgets.im2col import MOST, Places
from convlib.widgets.traits import REACH

SIZES = [(taps, taps + more) for taps in (2, 3) for more in range(1, MOST)]


@st.composite
def problems(draw):
    """An image and a kernel that go together, and an operation."""
    taps, pixels = draw(st.sampled_from(SIZES))
    x, w = (draw(arrays(int, (side, side), elements=st.integers(-REACH, REACH))) for side in (pixels, taps))
    return x, w, draw(st.sampled_from(["convolution", "correlation"]))


@pytest.mark.parametrize(
    ("traits", "error", "message"),
    [
        ({"x": [[1, 2], [3]]}, ValueError, r"Im2col\.x must be 3 to 6 rows, each with as many numbers"),
        ({"x": np.ones((3, 4))}, ValueError, r"Im2col\.x must have shape \(3, 3\) to \(6, 6\), got \(3, 4\)"),
        ({"w": [[1]]}, ValueError, r"Im2col\.w must have shape \(2, 2\) to \(3, 3\), got \(1, 1\)"),
        ({"w": [[1, 0.5], [0, 0]]}, ValueError, r"Im2col\.w must hold whole numbers from -9 to 9, got .*0\.5"),
        ({"w": [[1, 10], [0, 0]]}, ValueError, r"Im2col\.w must hold whole numbers from -9 to 9"),
        ({"w": [[1, np.nan], [0, 0]]}, ValueError, r"Im2col\.w must hold whole numbers from -9 to 9"),
        ({"x": "abc"}, TypeError, r"Im2col\.x must hold whole numbers, got str"),
        ({"x": np.ones((6, 6)), "w": np.ones((2, 2))}, ValueError, r"x must have 3 to 5 rows for .* 2 × 2, got 6"),
        ({"x": np.ones((3, 3))}, ValueError, r"Im2col\.x must have 4 to 6 rows for a kernel of 3 × 3, got 3"),
        ({"t": 9.5}, ValueError, r"Im2col\.t must be between 0 and 9, got 9\.5"),
        ({"t": -1}, ValueError, r"Im2col\.t must be between 0 and 16, got -1"),
        ({"operation": "product"}, ValueError, r"Im2col\.operation must be one of"),
        ({"show": ["rows"]}, ValueError, r"Im2col\.show must be one of"),
    ],
)  # fmt: skip
def test_impossible_traits_are_refused(traits, error, message):
    """The error names widget and trait."""
    with pytest.raises(error, match=message):
        Im2col(**traits)


def test_a_refused_change_leaves_all_as_it_was():
    """A smaller kernel alone would leave too many windows."""
    widget = Im2col(x=np.ones((6, 6)))
    with pytest.raises(ValueError, match="must have 3 to 5 rows"):
        widget.w = [[1, 1], [1, 1]]
    assert len(widget.w) == 3
    with pytest.raises(ValueError, match="between 0 and 16"):
        widget.t = 17
    assert widget.t == 16


def test_t_is_the_number_of_rows_by_default_and_stays_in_range():
    """It follows when the image gets smaller."""
    assert Im2col().t == 9
    assert Im2col(x=np.ones((6, 6))).t == 16
    widget = Im2col(t=6.32)
    assert (widget.t, widget.row) == (6.3, 6)
    widget.x = np.ones((4, 4))
    assert (widget.t, widget.row) == (4, 3)
    assert Im2col(t=0).row == 0


@given(problems())
def test_the_product_is_the_operation(problem):
    """Matrix times column, by SciPy's two names; each row is a window, each column a shifted copy of the image."""
    x, w, operation = problem
    widget = Im2col(x=x, w=w, operation=operation)
    reference = signal.convolve2d if operation == "convolution" else signal.correlate2d
    assert np.array_equal(widget.output, reference(x, w, mode="valid"))
    side, taps = len(widget.output), len(w)
    assert widget.matrix.shape == (widget.count, taps * taps)
    for n in range(widget.count):
        i, j = divmod(n, side)
        assert np.array_equal(widget.matrix[n], x[i : i + taps, j : j + taps].ravel())
    for k in range(taps * taps):
        a, b = divmod(k, taps)
        assert np.array_equal(widget.matrix[:, k], x[a : a + side, b : b + side].ravel())


def test_numbers_travel_in_one_list():
    """Row after row, both ways: an address has no nested lists."""
    widget = Im2col()
    assert widget.get_state()["w"] == [1, 0, -1, 2, 0, -2, 1, 0, -1]
    widget.set_state({"w": [1, 2, 3, 4, 5, 6, 7, 8, 9]})
    assert widget.w == ((1, 2, 3), (4, 5, 6), (7, 8, 9))
    assert Im2col.limits()["x"] == {"low": -9, "high": 9, "step": 1, "most": 36}


def test_sentence():
    """The present row, with its numbers."""
    widget = Im2col(x=[[1, 2, 3], [4, 5, 6], [7, 8, -9]], w=[[1, 0], [0, -2]], t=4)
    assert widget.sentence() == "y[1, 1] = 5·(−2) + 6·0 + 8·0 + (−9)·1 = −19"
    widget.operation = "correlation"
    assert widget.sentence().endswith("= 23")


@pytest.mark.parametrize("width", [280, 337, 620, 756])
@pytest.mark.parametrize(("taps", "pixels"), SIZES)
def test_all_tables_fit(width, taps, pixels):
    """Nothing sticks out, and no two tables overlap."""
    places = Places(width, pixels, taps)
    boxes, (wide, high) = places.boxes, places.entry
    cell, rows = places.cell, places.side**2
    size = {
        "x": (pixels * cell, pixels * cell), "w": (taps * cell, taps * cell),
        "y": (places.side * cell, places.side * cell), "rows": (taps**2 * wide, rows * high),
        "column": (places.weight, taps**2 * high), "result": (places.result, rows * high),
    }  # fmt: skip
    spans = {name: (*boxes[name], boxes[name][0] + size[name][0], boxes[name][1] + size[name][1]) for name in boxes}
    for name, (left, top, right, bottom) in spans.items():
        assert left >= 0, name
        assert right <= width, name
        assert top >= places.TITLE, name
        assert bottom <= places.height, name
        for other, box in spans.items():
            apart = right < box[0] or box[2] < left or bottom < box[1] or box[3] < top
            assert name == other or apart, (name, other)


@pytest.mark.parametrize(
    "traits", [{}, {"t": 3.5, "operation": "correlation"}, {"show": ["matrix"]}, {"show": ["words"]}]
)
def test_still_picture(traits):
    """Every number that is there is written, those to come are not; and words for who cannot see them."""
    widget = Im2col(**traits)
    figure = widget.still()
    written = [text.get_text().replace("−", "-") for text in figure.axes[0].texts]
    numbers = sorted(int(text) for text in written if text.lstrip("-").isdigit())
    done = int(widget.t)
    image = [*np.ravel(widget.x), *np.ravel(widget.w), *widget.output.ravel()[:done]]
    product = [*widget.matrix[:done].ravel(), *widget.weights, *widget.output.ravel()[:done]]
    shown = (image if widget._shows("image") else []) + (product if widget._shows("matrix") else [])
    assert numbers == sorted(shown)
    plt.close(figure)
    alt, caption = widget.describe()
    assert (f"{done} rows written" in alt) == widget._shows("matrix")
    assert ("written out as a row" in caption) == widget._shows("matrix")
    assert widget.sentence() in caption
