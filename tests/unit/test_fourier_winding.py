"""FourierWinding's Python side: its traits, its sums against NumPy's and PyTorch's, its words and still pictures."""

from __future__ import annotations

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.patches import Polygon

from convlib import plot
from convlib.widgets import FourierWinding
from convlib.widgets.fourier_winding import (
    GRID,
    MOST,
    SCALES,
    SIGNALS,
    N,
    angle_text,
    fixed,
    layout,
    scale_of,
    turns_text,
)

samples = st.lists(st.floats(-1, 1), min_size=N, max_size=N)
turns = st.integers(0, 100 * MOST).map(lambda hundredths: hundredths / 100)


@pytest.mark.parametrize(
    ("traits", "error", "message"),
    [
        ({"signal": "noise"}, ValueError, r"FourierWinding\.signal must be one of 'one wave', .*, got 'noise'"),
        ({"turns": 12.1}, ValueError, r"FourierWinding\.turns must be between 0 and 12, got 12\.1"),
        ({"turns": -0.1}, ValueError, r"FourierWinding\.turns must be between 0 and 12, got -0\.1"),
        ({"turns": "3"}, TypeError, r"FourierWinding\.turns must be a real number"),
        ({"x": [1] * 23}, ValueError, r"FourierWinding\.x must have 24 numbers, got 23"),
        ({"x": [0] * 25}, ValueError, r"FourierWinding\.x must have 24 numbers, got 25"),
        ({"x": [1.5] + [0] * 23}, ValueError, r"FourierWinding\.x must lie between -1 and 1"),
        ({"x": [1j] * 24}, TypeError, r"FourierWinding\.x must be real"),
        ({"show": ["wave"]}, ValueError, r"FourierWinding\.show must be one of"),
        ({"controls": ["x"]}, ValueError, r"FourierWinding\.controls must be one of 'signal', 'turns', got 'x'"),
    ],
)
def test_impossible_traits_are_refused(traits, error, message):
    """The error names widget and trait, and the widget keeps what it had."""
    with pytest.raises(error, match=message):
        FourierWinding(**traits)
    widget = FourierWinding()
    name, value = next(iter(traits.items()))
    before = getattr(widget, name)
    with pytest.raises(error, match=message):
        setattr(widget, name, value)
    assert getattr(widget, name) == before


def test_turns_are_rounded():
    """To hundredths, halves up."""
    assert [FourierWinding(turns=value).turns for value in (4.504, 0.005, 12)] == [4.5, 0.01, 12]


@settings(max_examples=30, deadline=None)
@given(samples)
def test_whole_turns_are_the_discrete_transform(x):
    """NumPy's and PyTorch's, beyond half of N too."""
    widget = FourierWinding(signal="drawn", x=x)
    found = widget.spectrum(np.arange(N))
    np.testing.assert_allclose(found, np.fft.fft(x), atol=1e-12)
    np.testing.assert_allclose(found, torch.fft.fft(torch.tensor(x, dtype=torch.float64)).numpy(), atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(samples, turns)
def test_the_arrow_is_the_sum_of_all(x, k):
    """Of the wound samples; and no longer than the frame."""
    widget = FourierWinding(signal="drawn", x=x, turns=k)
    assert widget.arrow == pytest.approx(complex(widget.winding().sum()), abs=1e-12)
    np.testing.assert_allclose(np.abs(widget.winding()), np.abs(x), atol=1e-12)
    assert abs(widget.arrow) <= 1.1 * widget.scale
    np.testing.assert_allclose(widget.winding(16)[::16], widget.winding(), atol=1e-12)


@pytest.mark.parametrize("shape", [(), (3,), (2, 5)])
def test_a_spectrum_has_the_shape_of_its_turns(shape):
    """One number, many, a table of them."""
    k = np.random.default_rng(3).uniform(0, MOST, shape)
    assert FourierWinding().spectrum(k).shape == shape


@pytest.mark.parametrize(
    ("turns", "error", "message"),
    [
        (1j, TypeError, r"turns must be real, got complex values"),
        ([1, np.nan], ValueError, r"turns must be finite, got \[1, nan\]"),
        ("two", TypeError, r"turns must hold real numbers"),
    ],
)
def test_turns_must_be_finite_numbers(turns, error, message):
    """The error says so."""
    with pytest.raises(error, match=message):
        FourierWinding().spectrum(turns)


def test_each_signal_answers_at_its_own_waves():
    """The sum is N/2 times the amplitude of a wave, N for a wave of half of N turns, and 0 at all other whole turns."""
    found = {}
    for name in SIGNALS[:-1]:
        lengths = np.abs(FourierWinding(signal=name).spectrum(np.arange(MOST + 1)))
        found[name] = {k: round(float(v), 9) for k, v in enumerate(lengths) if v > 1e-9}
    assert found["one wave"] == {3: 12}
    assert found["two waves"] == {2: 7.2, 7: 4.8}
    assert found["alternating"] == {12: 24}
    assert set(found["pulse"].values()) == {1}
    assert len(found["pulse"]) == MOST + 1
    # A box of 9 in 24: the geometric series, |sin(9 pi k / 24) / sin(pi k / 24)|.
    k = np.arange(1, MOST + 1)
    closed = np.abs(np.sin(9 * np.pi * k / N) / np.sin(np.pi * k / N))
    np.testing.assert_allclose(np.abs(FourierWinding(signal="average").spectrum(k)), closed, atol=1e-12)


def test_scales():
    """What reaches the circle: 12 for cosines, 24 for what is all on one side, 1 for a pulse."""
    scales = {name: FourierWinding(signal=name).scale for name in SIGNALS}
    assert scales == {"one wave": 12, "two waves": 12, "pulse": 1, "average": 12, "alternating": 24, "drawn": 6}
    assert FourierWinding(signal="drawn", x=[1] * N).scale == 24
    assert FourierWinding(signal="drawn", x=[0] * N).scale == 1
    assert [scale_of(scale) for scale in SCALES] == list(SCALES)
    assert len(GRID) == 241


@pytest.mark.parametrize(
    ("traits", "words"),
    [
        ({}, "4.50 turns: it winds nearly evenly round; the sum of its 24 arrows is 1.2 long, at −30°."),
        ({"turns": 2}, "2 turns: it leans all to one side; the sum of its 24 arrows is 7.2 long, at 0°."),
        ({"turns": 7}, "7 turns: it leans to one side; the sum of its 24 arrows is 4.8 long, at 0°."),
        ({"turns": 1}, "1 turn: it cancels; the sum of its 24 arrows is 0.0 long."),
        (
            {"signal": "pulse", "turns": 1},
            "1 turn: one arrow alone, wherever it points; the sum is 1.0 long, at −90°.",
        ),
        ({"signal": "drawn", "x": [0] * 24}, "4.50 turns: there is nothing to wind; the sum is 0.0 long."),
    ],
)
def test_words(traits, words):
    """What the arrows add up to, and how they lie."""
    assert FourierWinding(**traits).sentence() == words


def test_numbers_in_words():
    """Halves away from zero, no minus zero, and 180° rather than -180°."""
    assert [fixed(value, 1) for value in (0.25, -0.25, -0.04, 12)] == ["0.3", "−0.3", "0.0", "12.0"]
    assert [angle_text(arrow) for arrow in (1, -1, -1 - 1e-12j, 1j, 1 - 1e-12j)] == ["0°", "180°", "180°", "90°", "0°"]
    assert [turns_text(k) for k in (0, 1, 1.05, 12)] == ["0 turns", "1 turn", "1.05 turns", "12 turns"]


@pytest.mark.parametrize("show", [["signal"], ["winding"], ["spectrum"], ["winding", "spectrum"], []])
def test_lanes_do_not_overlap(show):
    """Below each other on a phone, in any reduced view; within the width everywhere."""
    shown = show or ["signal", "winding", "spectrum"]
    for width in (254, 337, 479, 480, 620, 756):
        boxes, height = layout(width, shown)
        assert set(boxes) == set(shown)
        for left, top, wide, high in boxes.values():
            assert left >= 0
            assert left + wide <= width + 1e-9
            assert top + high <= height
        ends = sorted((top, left, top + high, left + wide) for left, top, wide, high in boxes.values())
        for (_, _, bottom, right), (top, left, _, _) in itertools.pairwise(ends):
            assert top >= bottom or left >= right


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("turns", [0, 4.5, 12])
def test_still_picture(signal, turns):
    """It is drawn within its frame, legible on a phone, and described by its numbers."""
    widget = FourierWinding(signal=signal, turns=turns)
    with plot.style():
        figure = widget.still()
        assert plot.smallest_lettering(figure)[1] >= 11
    heads = [patch for patch in figure.axes[0].patches if isinstance(patch, Polygon)]
    assert len(heads) == 2
    lengths = [abs(np.ptp(head.get_xy(), axis=0)).max() for head in heads]
    assert max(lengths) <= 14, "an arrow's head"
    plt.close(figure)
    alt, caption = widget.describe()
    assert f"a wave of {turns_text(turns)}" in alt
    assert widget.sentence() in caption


def test_reduced_views():
    """Less is shown, less high; the whole is highest."""
    whole = FourierWinding().room()
    for show in (["signal"], ["winding", "spectrum"], ["spectrum", "words", "controls"]):
        widget = FourierWinding(show=show)
        assert all(part < room for part, room in zip(widget.room(), whole, strict=True))
        plt.close(widget.still())
