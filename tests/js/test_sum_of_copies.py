"""SumOfCopies' maths in the page, against Python's."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from convlib.widgets.convolution_explorer import shape_values
from convlib.widgets.sum_of_copies import SHAPES, SumOfCopies, gap_text
from tests.js.node import node_calls

PAIRS = list(itertools.product(SHAPES, SHAPES))


def test_shapes():
    """The same values, at jumps and beyond ends too."""
    times = np.concatenate([np.linspace(-6, 6, 241), np.random.default_rng(2).uniform(-6, 6, 50)])
    for name, values in zip(
        SHAPES, node_calls(SumOfCopies, [("valuesOf", name, times) for name in SHAPES]), strict=True
    ):
        np.testing.assert_allclose(values, shape_values(name, times, None), atol=1e-12)


@pytest.mark.parametrize("strips", [1, 7, 64])
def test_sums(strips):
    """Strips, times, sums of some copies, and the exact curve."""
    widgets = [SumOfCopies(f=f, g=g, strips=strips, upto=strips // 2) for f, g in PAIRS]
    calls = []
    for widget in widgets:
        cut = {"places": widget.places, "areas": widget.areas}
        calls += [
            ("timesOf", widget.f, widget.g),
            ("sumOf", widget.g, cut, widget.times, widget.added),
            ("exactOf", widget.f, widget.g),
        ]
    results = iter(node_calls(SumOfCopies, calls))
    for widget in widgets:
        np.testing.assert_allclose(next(results), widget.times, atol=1e-12)
        np.testing.assert_allclose(next(results), widget.output.values, atol=1e-9)
        np.testing.assert_allclose(next(results), widget.exact.values, atol=1e-9)


def test_strips_and_gap():
    """Middles and areas; the largest gap is what Python finds, in the same words."""
    widgets = [SumOfCopies(f=f, g=g, strips=strips) for f, g in PAIRS for strips in (3, 8)]
    cuts = node_calls(SumOfCopies, [("stripsOf", widget.f, widget.strips) for widget in widgets])
    calls = []
    for widget, cut in zip(widgets, cuts, strict=True):
        np.testing.assert_allclose(cut["places"], widget.places, atol=1e-12)
        np.testing.assert_allclose(cut["areas"], widget.areas, atol=1e-12)
        calls.append(("gapOf", widget.copies.sum(axis=0), widget.exact.values))
    gaps = node_calls(SumOfCopies, calls)
    assert gaps == pytest.approx([widget.gap for widget in widgets])
    states = [{"strips": widget.strips, "added": widget.strips, "gap": widget.gap} for widget in widgets]
    told = node_calls(SumOfCopies, [("sentence", state) for state in states])
    assert told == [widget.sentence() for widget in widgets]
    some = [0.0312, 0.5, 0.000123, 1e-9, 1.04]
    assert node_calls(SumOfCopies, [("gapText", gap) for gap in some]) == [gap_text(gap) for gap in some]


def test_one_strip_in_words():
    """Signs, shifts and areas as one would write them."""
    one = [
        {"place": 0.1875, "area": 0.125},
        {"place": -0.4375, "area": -0.0312},
        {"place": 0, "area": 1},
        {"place": 1, "area": 0},
    ]
    assert node_calls(SumOfCopies, [("sentence", {"strips": 8, "added": 8, "gap": 0, **state}) for state in one]) == [
        "The strip at τ = 0.19 has area 0.125: it adds 0.125 · g(t − 0.19).",
        "The strip at τ = −0.44 has area −0.031: it adds −0.031 · g(t + 0.44).",
        "The strip at τ = 0 has area 1: it adds 1 · g(t).",
        "The strip at τ = 1 has area 0: it adds nothing.",
    ]


def test_jumps_are_drawn_upright():
    """A sum of boxes is known on both sides of every jump."""
    cut = {"places": np.array([0.0, 0.3])}
    points = node_calls(SumOfCopies, [("pointsOf", "box", cut, np.array([-1.0, 0.0, 1.0]), 2)])[0]
    np.testing.assert_allclose(points, [-1, -0.5, -0.5, -0.2, -0.2, 0, 0.5, 0.5, 0.8, 0.8, 1], atol=1e-6)
    assert np.all(np.diff(points) > 0)
