"""ProductGrid's Python side: its traits, its sums against NumPy, its words and its still pictures."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convlib.widgets.product_grid import MOST, ProductGrid

NUMBERS = st.lists(st.floats(-9, 9), min_size=1, max_size=MOST)
WEIGHTS = st.lists(st.sampled_from([0, 1, 2, 0.5, 3.25]), min_size=1, max_size=MOST).filter(any)


@pytest.mark.parametrize(
    ("traits", "error", "message"),
    [
        ({"a": []}, ValueError, r"ProductGrid\.a is empty"),
        ({"a": [1] * 9}, ValueError, r"ProductGrid\.a must have 1 to 8 numbers, got 9"),
        ({"b": [10]}, ValueError, r"ProductGrid\.b must lie between -9 and 9, got values from 10 to 10"),
        ({"b": [np.nan]}, ValueError, r"ProductGrid\.b holds 1 value"),
        ({"a": [1, -1]}, ValueError, r"ProductGrid\.a must hold weights of at least 0, not all 0, in mode 'dice'"),
        ({"b": [0, 0]}, ValueError, r"ProductGrid\.b must hold weights of at least 0, not all 0"),
        ({"n": 13}, ValueError, r"ProductGrid\.n must be between 2 and 12, got 13"),
        ({"n": 2, "start": 3}, ValueError, r"ProductGrid\.n must be between 6 and 16, got 2"),
        ({"n": 2.0}, TypeError, r"ProductGrid\.n must be a whole number"),
        ({"start": 100}, ValueError, r"ProductGrid\.start must be at most 99, got 100"),
        ({"mode": "chance"}, ValueError, r"ProductGrid\.mode must be one of 'dice', 'numbers', got 'chance'"),
    ],
)
def test_impossible_traits_are_refused(traits, error, message):
    """The error names widget and trait."""
    with pytest.raises(error, match=message):
        ProductGrid(**traits)


def test_a_refused_change_leaves_all_as_it_was():
    """Neither numbers nor mode change where they don't go together."""
    widget = ProductGrid(a=[1, -1], mode="numbers")
    with pytest.raises(ValueError, match="weights of at least 0"):
        widget.mode = "dice"
    assert widget.mode == "numbers"
    with pytest.raises(ValueError, match="between 2 and 8"):
        widget.n = 9
    assert widget.n == 2


def test_n_is_the_first_by_default_and_stays_in_range():
    """It follows when sequences get shorter or indices move."""
    assert ProductGrid().n == 2
    assert ProductGrid(start=0).n == 0
    widget = ProductGrid(n=12)
    widget.b = [1, 1]
    assert widget.n == 8
    widget.start = 10
    assert widget.n == 20


@given(NUMBERS, NUMBERS)
def test_sums_are_numpys(a, b):
    """Diagonals of the table by hand, and NumPy's convolution."""
    widget = ProductGrid(a=a, b=b, mode="numbers", start=0)
    np.testing.assert_allclose(widget.output, np.convolve(a, b), atol=1e-12)
    for n in range(widget.first, widget.last + 1):
        widget.n = n
        assert sum(widget.products[i, j] for i, j in widget.pairs) == pytest.approx(widget.output[n], abs=1e-9)
        assert all(i + j == n for i, j in widget.pairs)


@given(WEIGHTS, WEIGHTS)
def test_chances_add_up_to_one(a, b):
    """Whatever the weights."""
    widget = ProductGrid(a=a, b=b)
    assert widget.output.sum() == pytest.approx(1)
    assert np.all(widget.output >= 0)


@pytest.mark.parametrize(
    ("traits", "sentence"),
    [
        ({"n": 5}, "Total 5: (1, 4), (2, 3), (3, 2), (4, 1): 4 of 36."),
        ({"n": 12}, "Total 12: (6, 6): 1 of 36."),
        ({"a": [1, 1], "b": [1, 1], "start": 0, "n": 1}, "Total 1: (0, 1), (1, 0): 2 of 4."),
        ({"a": [0.5, 1], "b": [1, 1], "n": 2}, "Total 2: (1, 1): 1 of 6."),
        ({"a": [0.3, 0.7], "b": [1, 1], "n": 2}, "Total 2: (1, 1): 15 %."),
        ({"a": [1, 2, 3], "b": [4, 5], "start": 0, "mode": "numbers", "n": 1}, "n = 1: 1 · 5 + 2 · 4 = 13."),
        ({"a": [1, -2], "b": [0.5, 5], "start": 0, "mode": "numbers", "n": 1}, "n = 1: 1 · 5 + (−2) · 0.5 = 4."),
    ],
)
def test_sentence(traits, sentence):
    """What the lit diagonal adds up to: a share of whole numbers where there is one."""
    assert ProductGrid(**traits).sentence() == sentence


@pytest.mark.parametrize(
    "traits",
    [
        {"n": 7},
        {"a": [1, 2, 3], "b": [4, 5], "start": 0, "mode": "numbers", "n": 1},
        {"a": [1, -2, 3], "b": [-1], "start": 0, "mode": "numbers"},
        {"a": [0, 0], "b": [0], "mode": "numbers"},
        {"a": [1] * 8, "b": [1] * 8},
    ],
)
def test_still_picture(traits):
    """A brick a cell, a label an output; and words for who cannot see them."""
    widget = ProductGrid(**traits)
    figure = widget.still()
    (ax,) = figure.axes
    cells = len(widget.a) * len(widget.b)
    bricks = len(widget.a) + len(widget.b) + 2 * cells + len(widget.output) - 1 + len(widget.pairs)
    assert len(ax.patches) == bricks
    shown = [text.get_text() for text in ax.texts]
    assert all(str(n) in shown for n in range(widget.first, widget.last + 1))
    plt.close(figure)
    alt, caption = widget.describe()
    assert f"diagonal of {widget.n} is lit" in alt
    assert widget.sentence() in caption
