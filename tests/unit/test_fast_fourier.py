"""FastFourier's Python side: its traits, its tree against NumPy's and PyTorch's transforms, its words and pictures."""

from __future__ import annotations

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.patches import Circle, Polygon

from convlib import plot
from convlib.widgets import FastFourier
from convlib.widgets.fast_fourier import (
    FACTORS,
    MULTIPLICATIONS,
    ROWS,
    SIGNALS,
    SURPRISES,
    TWIDDLES,
    N,
    arrow_of,
    complex_text,
    filled,
    head_of,
    layout,
    members,
    name_of,
    product,
    product_at,
    product_words,
    role,
    scale_of,
    stages,
)

samples = st.lists(st.floats(-1, 1), min_size=N, max_size=N)
slots = [(row, column) for row in range(ROWS - 1) for column in range(N)]
groups = [(row, group) for row in range(ROWS) for group in range(2**row)]


@pytest.mark.parametrize(
    ("traits", "error", "message"),
    [
        ({"signal": "noise"}, ValueError, r"FastFourier\.signal must be one of 'wave and step', .*, got 'noise'"),
        ({"done": 13}, ValueError, r"FastFourier\.done must be at most 12, got 13"),
        ({"done": -1}, ValueError, r"FastFourier\.done must be at least 0, got -1"),
        ({"done": 1.5}, TypeError, r"FastFourier\.done must be a whole number, got 1\.5"),
        ({"x": [1] * 7}, ValueError, r"FastFourier\.x must have 8 numbers, got 7"),
        ({"x": [0] * 9}, ValueError, r"FastFourier\.x must have 8 numbers, got 9"),
        ({"x": [1.5] + [0] * 7}, ValueError, r"FastFourier\.x must lie between -1 and 1"),
        ({"x": [1j] * 8}, TypeError, r"FastFourier\.x must be real"),
        ({"x": [np.nan] * 8}, ValueError, r"FastFourier\.x holds 8"),
    ],
)
def test_impossible_traits_are_refused(traits, error, message):
    """The error names widget and trait, and the widget keeps what it had."""
    with pytest.raises(error, match=message):
        FastFourier(**traits)
    widget = FastFourier()
    name, value = next(iter(traits.items()))
    before = getattr(widget, name)
    with pytest.raises(error, match=message):
        setattr(widget, name, value)
    assert getattr(widget, name) == before


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: members(4, 0), ValueError, "row must be between 0 and 3, got 4"),
        (lambda: members(1, 2), ValueError, "group must be between 0 and 1, got 2"),
        (lambda: product(12), ValueError, "index must be between 0 and 11, got 12"),
        (lambda: product_at(3, 0), ValueError, "row must be between 0 and 2, got 3"),
        (lambda: product_at(0, 8), ValueError, "column must be between 0 and 7, got 8"),
        (lambda: filled(13), ValueError, "done must be between 0 and 12, got 13"),
        (lambda: filled(1.0), TypeError, "done must be a whole number"),
        (lambda: stages([1, 2, 3]), ValueError, "x must have 8 numbers, got 3"),
        (lambda: stages([1j] * 8), TypeError, "x must be real"),
    ],
)
def test_impossible_arguments_are_refused(call, error, message):
    """By name, with what is allowed."""
    with pytest.raises(error, match=message):
        call()


# ---- the tree -------------------------------------------------------------------------------------------------------


def test_every_group_halves_into_even_and_odd():
    """Down to single samples in the order 0 4 2 6 1 5 3 7; each row has all samples."""
    for row, group in groups[: 2 ** (ROWS - 1) - 1]:
        numbers = members(row, group)
        assert members(row + 1, 2 * group) == numbers[::2]
        assert members(row + 1, 2 * group + 1) == numbers[1::2]
    assert FastFourier().sample_order == (0, 4, 2, 6, 1, 5, 3, 7)
    for n in range(N):
        assert FastFourier().sample_order[n] == int(f"{n:03b}"[::-1], 2)


@settings(max_examples=40, deadline=None)
@given(samples)
def test_each_group_is_the_transform_of_its_samples(x):
    """NumPy's and PyTorch's, in every row; the whole in natural order."""
    widget = FastFourier(signal="drawn", x=x)
    values = widget.stages
    assert values.shape == (ROWS, N)
    for row, group in groups:
        size = N >> row
        found = values[row, group * size : (group + 1) * size]
        expected = np.fft.fft(np.array(x)[list(members(row, group))])
        np.testing.assert_allclose(found, expected, atol=1e-12)
    np.testing.assert_allclose(values[0], torch.fft.fft(torch.tensor(x, dtype=torch.float64)).numpy(), atol=1e-12)
    np.testing.assert_array_equal(values[ROWS - 1], np.array(x)[list(widget.sample_order)])


def test_each_multiplication_fills_two_slots_and_uses_filled_ones():
    """Twelve of them fill everything; no slot twice."""
    for index in range(MULTIPLICATIONS):
        before, after = filled(index), filled(index + 1)
        made = product(index)
        new = {tuple(slot) for slot in np.argwhere(after & ~before).tolist()}
        assert new == {(made.row, made.column), (made.row, made.partner)}
        assert not (before & ~after).any()
        assert before[made.row + 1, [made.even, made.odd]].all()
    assert filled(MULTIPLICATIONS).all()
    assert filled(0).sum() == N


@settings(max_examples=20, deadline=None)
@given(samples)
def test_what_a_multiplication_says_holds(x):
    """The even value, plus and minus the turned odd one; the factor is the root of the group's own length."""
    values = stages(x)
    for index in range(MULTIPLICATIONS):
        row, column, partner, even, odd, eighths = product(index)
        size = N >> row
        assert TWIDDLES[eighths] == pytest.approx(np.exp(-2j * np.pi * (column % size) / size), abs=1e-15)
        turned = TWIDDLES[eighths] * values[row + 1, odd]
        assert values[row, column] == pytest.approx(values[row + 1, even] + turned, abs=1e-12)
        assert values[row, partner] == pytest.approx(values[row + 1, even] - turned, abs=1e-12)


@pytest.mark.parametrize(("row", "column"), slots)
def test_the_product_of_a_slot(row, column):
    """It is the one that fills it."""
    index = product_at(row, column)
    assert column in product(index)[1:3]
    assert not filled(index)[row, column]
    assert filled(index + 1)[row, column]


# ---- signals, scales, words -----------------------------------------------------------------------------------------


def spectrum(signal: str) -> np.ndarray:
    return FastFourier(signal=signal).stages[0]


def test_the_surprises_are_true():
    """What is said of each signal's spectrum."""
    assert set(SURPRISES) == set(SIGNALS)
    wave = 0.5 * np.cos(2 * np.pi * 2 * np.arange(N) / N)
    found = spectrum("wave and step")
    np.testing.assert_allclose(FastFourier().samples, wave + 0.5 * (np.arange(N) < 4), atol=1e-12)
    assert np.flatnonzero(np.abs(np.fft.fft(wave)) > 1e-9).tolist() == [2, 6]
    step = np.flatnonzero(np.abs(found - np.fft.fft(wave)) > 1e-9)
    assert step.tolist() == [0, 1, 3, 5, 7]
    cosine = np.cos(2 * np.pi * np.arange(N) / N)
    np.testing.assert_allclose(FastFourier(signal="one wave").samples, cosine, atol=1e-12)
    assert np.flatnonzero(np.abs(spectrum("one wave")) > 1e-9).tolist() == [1, 7]
    np.testing.assert_allclose(spectrum("impulse"), 1)
    np.testing.assert_allclose(spectrum("late impulse"), np.exp(-2j * np.pi * np.arange(N) / N), atol=1e-12)
    np.testing.assert_allclose(spectrum("alternating"), 8 * (np.arange(N) == 4), atol=1e-12)
    np.testing.assert_allclose(spectrum("drawn")[:4:-1], np.conj(spectrum("drawn")[1:4]), atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(samples)
def test_no_arrow_leaves_its_circle(x):
    """And of two arrows the longer one is that of the larger value; both point as their values do."""
    values = stages(x)
    scale = scale_of(values)
    arrows = np.array([arrow_of(value, scale) for value in values.ravel()])
    lengths = np.abs(values.ravel())
    assert np.abs(arrows).max() <= 1 + 1e-9
    assert (np.diff(np.abs(arrows)[np.argsort(lengths)]) >= -1e-12).all()
    some = lengths > 1e-6
    np.testing.assert_allclose(arrows[some] / np.abs(arrows[some]), values.ravel()[some] / lengths[some], atol=1e-9)
    assert abs(arrow_of(4 * scale / 5, scale)) == pytest.approx(2 * abs(arrow_of(scale / 5, scale)))


def test_scales():
    """The least of 1, 2, 4, 8 for which all have room; 1 where there is nothing."""
    found = {name: FastFourier(signal=name).scale for name in SIGNALS}
    expected = {"impulse": 1, "late impulse": 1, "wave and step": 2, "one wave": 4, "drawn": 4, "alternating": 8}
    assert found == expected
    assert FastFourier(signal="drawn", x=[0] * 8).scale == 1


@pytest.mark.parametrize(
    ("traits", "words"),
    [
        (
            {"done": 0},
            "No multiplication yet: single samples, in the order 0 4 2 6 1 5 3 7, are their own transforms.",
        ),
        (
            {"done": 1},
            "Multiplication 1 of 12: 1·x[4] = 0.5; added to x[0], it gives EE[0]; subtracted from it, EE[1].",
        ),
        (
            {"done": 6},
            "Multiplication 6 of 12: ω²·EO[1] = −0.5i; added to EE[1], it gives E[1]; subtracted from it, E[3].",
        ),
        (
            {"done": 11, "signal": "late impulse"},
            "Multiplication 11 of 12: ω²·O[2] = −i; added to E[2], it gives x̂[2]; subtracted from it, x̂[6].",
        ),
        ({}, f"12 multiplications, three levels of four, instead of 64. {SURPRISES['wave and step']}"),
        (
            {"signal": "impulse"},
            "12 multiplications, three levels of four, instead of 64. "
            "All eight arrows are equal: an impulse holds every wave.",
        ),
    ],
)
def test_words(traits, words):
    """What the last multiplication did, and what it all comes to."""
    assert FastFourier(**traits).sentence() == words


@settings(max_examples=30, deadline=None)
@given(samples, st.integers(0, MULTIPLICATIONS - 1))
def test_the_number_of_a_multiplication_is_numpys(x, index):
    """The product that the sentence names, from NumPy's transform of the samples below it."""
    row, _, _, _, odd, eighths = product(index)
    size = N >> (row + 1)
    group, j = divmod(odd, size)
    value = np.fft.fft(np.array(x)[list(members(row + 1, group))])[j] * np.exp(-2j * np.pi * eighths / 8)
    said = product_words(index, stages(x))
    assert f"{FACTORS[eighths]}·{name_of(row + 1, odd)} = " in said
    assert number(said.split(" = ")[1].split(";")[0]) == pytest.approx(value, abs=0.0075)


def number(text: str) -> complex:
    """The number that a text for readers stands for."""
    plain = text.replace("−", "-").replace(" ", "").replace("i", "j")
    return complex(re.sub(r"(?<!\d)j", "1j", plain))


@given(st.complex_numbers(max_magnitude=8))
def test_complex_numbers_in_words(value):
    """They are what they say, to two decimals, without zeros at the end, minus zero or one before i."""
    text = complex_text(value)
    assert number(text) == pytest.approx(value, abs=0.0075)
    assert not re.search(r"\.\d*0\b|\.$|−0\b(?!\.)|(?<![\d.])1i|-", text), text


def test_names():
    """As the recursion names them: OE is the even half of O."""
    assert [name_of(row, 5) for row in range(ROWS)] == ["x̂[5]", "O[1]", "OE[1]", "x[5]"]
    assert [role(row, 6) for row in range(ROWS)] == ["output", "kernel", "kernel", "input"]
    for row, group in groups:
        full, tight = head_of(row, group, 400), head_of(row, group, 30)
        assert all(str(n) in full for n in members(row, group)) or row == 0
        assert len(tight) <= len(full)


def test_nothing_overlaps():
    """Tiles, circles and the detail stand apart at every width; hits are wide enough for a finger on a phone."""
    for width in (254, 267, 299, 300, 337, 479, 480, 620, 756, 788):
        place = layout(width)
        boxes = [place.tile(row, group) for row, group in groups]
        left, top, wide, high = place.detail
        boxes.append((left, top, wide, high))
        for i, (x, y, w, h) in enumerate(boxes):
            assert x >= 0
            assert x + w <= width
            assert y + h <= place.height
            assert all(x + w <= a or a + c <= x or y + h <= b or b + d <= y for a, b, c, d in boxes[i + 1 :])
        for row, column in slots:
            x, y = place.middle(row, column)
            assert place.left(column) + 3 <= x - place.radius
            assert x + place.radius <= place.left(column + 1) - 3
            assert place.top(row) + 16 <= y - place.radius
            assert y + place.radius <= place.top(row) + 16 + place.slot
        assert place.pitch - place.slot >= 24, "a head with the air above it"
        assert place.tree / N >= 24


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("done", [0, 5, 12])
def test_still_picture(signal, done):
    """As many arrows as are computed, legible on a phone; described by its numbers."""
    widget = FastFourier(signal=signal, done=done)
    with plot.style():
        figure = widget.still()
        assert plot.smallest_lettering(figure)[1] >= 11
    patches = figure.axes[0].patches
    heads = [patch for patch in patches if isinstance(patch, Polygon)]
    shown = widget.filled[:-1] & (np.abs(widget.stages[:-1]) > 1e-9)
    assert len(heads) == shown.sum()
    assert sum(isinstance(patch, Circle) for patch in patches) == 24
    plt.close(figure)
    alt, caption = widget.describe()
    assert f"{done} of 12 multiplications" in alt
    assert widget.sentence() in caption


def test_it_is_small_enough():
    """For a phone's screen, and beside text."""
    narrow, middle, wide = FastFourier().room()
    assert narrow <= 560
    assert max(middle, wide) <= 430
