"""SumOfCopies' Python side: its traits, its sums against closed forms, its words and its still pictures."""

from __future__ import annotations

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest

from convlib import signals
from convlib.widgets import ConvolutionExplorer
from convlib.widgets.convolution_explorer import shape_values
from convlib.widgets.sum_of_copies import SHAPES, SUPPORT, SumOfCopies, gap_text


@pytest.mark.parametrize(
    ("traits", "error", "message"),
    [
        ({"f": "impulse"}, ValueError, r"SumOfCopies\.f must be one of 'box', 'triangle', .*, got 'impulse'"),
        ({"g": "drawn"}, ValueError, r"SumOfCopies\.g must be one of"),
        ({"strips": 0}, ValueError, r"SumOfCopies\.strips must be at least 1, got 0"),
        ({"strips": 65}, ValueError, r"SumOfCopies\.strips must be at most 64, got 65"),
        ({"strips": 2.0}, TypeError, r"SumOfCopies\.strips must be a whole number"),
        ({"upto": 9}, ValueError, r"SumOfCopies\.upto must be at most strips = 8, or -1 for all, got 9"),
        ({"upto": -2}, ValueError, r"SumOfCopies\.upto must be at least -1, got -2"),
    ],
)
def test_impossible_traits_are_refused(traits, error, message):
    """The error names widget and trait."""
    with pytest.raises(error, match=message):
        SumOfCopies(**traits)


def test_upto_stays_within_the_strips():
    """All stays all; a number that there is no more becomes the greatest there is."""
    assert SumOfCopies(strips=3).added == 3
    widget = SumOfCopies(strips=12, upto=10)
    widget.strips = 4
    assert widget.added == 4
    assert SumOfCopies(strips=64, upto=64).added == 64


@pytest.mark.parametrize("f", SHAPES)
def test_shapes_are_zero_beyond_their_ends(f):
    """Or below 0.7 % where their tails are cut off."""
    start, stop = SUPPORT[f]
    assert np.abs(shape_values(f, np.array([start - 0.01, stop + 0.01]), None)).max() < 0.007


@pytest.mark.parametrize(("f", "g"), list(itertools.product(SHAPES, SHAPES)))
def test_exact_is_the_explorers(f, g):
    """Up to the tails that are cut off."""
    exact = SumOfCopies(f=f, g=g).exact
    explorer = ConvolutionExplorer(f=f, g=g).output()
    inside = exact.times <= 4
    np.testing.assert_allclose(exact.values[inside], explorer.at(exact.times[inside]), atol=2e-3)


def test_exact_is_the_closed_form():
    """A triangle for two boxes, and the charging capacitor."""
    boxes = SumOfCopies(f="box", g="box").exact
    np.testing.assert_allclose(boxes.values, signals.triangle(boxes.times), atol=1e-9)
    charge = SumOfCopies(f="box", g="exponential").exact
    np.testing.assert_allclose(charge.values, signals.box_with_exponential(charge.times, -0.5, 0.5), atol=2e-5)


@pytest.mark.parametrize(("f", "g"), list(itertools.product(SHAPES, SHAPES)))
def test_thinner_strips_come_closer(f, g):
    """With 64 strips the sum is closer than with 4, and all copies have the strips' area."""
    few, many = SumOfCopies(f=f, g=g, strips=4), SumOfCopies(f=f, g=g, strips=64)
    assert many.gap < few.gap / 4 or (f == "gaussian" and g == "gaussian")
    area = signals.sample(lambda t: shape_values(f, t, None), *SUPPORT[f], 0.02).area()
    assert many.areas.sum() == pytest.approx(area, abs=2e-3)


def test_copies_are_added_one_after_the_other():
    """Each is an area times g at the time since its strip."""
    widget = SumOfCopies(f="triangle", g="exponential", strips=4, upto=2)
    np.testing.assert_allclose(widget.places, [-0.75, -0.25, 0.25, 0.75])
    np.testing.assert_allclose(widget.areas, [0.125, 0.375, 0.375, 0.125])
    expected = 0.125 * signals.exponential(widget.times + 0.75) + 0.375 * signals.exponential(widget.times + 0.25)
    np.testing.assert_allclose(widget.output.values, expected)
    assert widget.sentence() == "2 of 4 copies are added."


@pytest.mark.parametrize(
    ("gap", "text"),
    [(0.0312, "0.031"), (0.5, "0.50"), (0.000123, "0.00012"), (1e-9, "less than 0.000001"), (1.04, "1.0")],
)
def test_gap_in_words(gap, text):
    """Two digits that count."""
    assert gap_text(gap) == text


@pytest.mark.parametrize("traits", [{}, {"f": "burst", "strips": 64}, {"g": "gaussian", "strips": 1}, {"upto": 0}])
def test_still_picture(traits):
    """A bar a strip, a line a copy that is added, f, the sum and the exact curve; and words."""
    widget = SumOfCopies(**traits)
    figure = widget.still()
    above, below = figure.axes
    assert len(above.patches) == widget.strips
    assert len(below.lines) == widget.added + 3  # the zero line, too
    plt.close(figure)
    alt, caption = widget.describe()
    assert f"cut into {widget.strips} strips" in alt
    assert "<i>g</i>" in caption
