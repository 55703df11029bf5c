"""BlackBox's Python side: which boxes are convolutions, what they answer, their words and their still pictures."""

from __future__ import annotations

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import find, given
from hypothesis import strategies as st
from scipy import ndimage, signal

from convlib.widgets import BlackBox
from convlib.widgets.black_box import LENGTH, NEAR, REACH, SYSTEMS, Lanes

CONVOLUTIONS = [letter for letter, system in SYSTEMS.items() if system.convolution]
OTHERS = [letter for letter in SYSTEMS if letter not in CONVOLUTIONS]
inputs = st.lists(st.floats(-REACH, REACH), min_size=LENGTH, max_size=LENGTH)
IMPULSE = np.eye(LENGTH)[0]


@pytest.mark.parametrize(
    ("traits", "error", "message"),
    [
        ({"system": "I"}, ValueError, r"BlackBox\.system must be one of 'A', .*, got 'I'"),
        ({"system": 1}, TypeError, r"BlackBox\.system must be one of"),
        ({"x": []}, ValueError, r"BlackBox\.x is empty"),
        ({"x": [0] * 17}, ValueError, r"BlackBox\.x must have 1 to 16 numbers, got 17"),
        ({"x": [0, 4.5]}, ValueError, r"BlackBox\.x must lie between -4 and 4, got values from 0 to 4\.5"),
        ({"x": [float("nan")]}, ValueError, r"BlackBox\.x holds 1 value\(s\) that are NaN"),
        ({"x": [1j]}, TypeError, r"BlackBox\.x must be real"),
        ({"show": ["lanes"]}, ValueError, r"BlackBox\.show must be one of 'boxes', .*, got 'lanes'"),
        ({"verdict": True}, TypeError, r"BlackBox has no argument 'verdict'"),
    ],
)
def test_impossible_traits_are_refused(traits, error, message):
    """The error names widget and trait."""
    with pytest.raises(error, match=message):
        BlackBox(**traits)


def test_a_short_input_is_filled_up():
    """With zeros, to 16 samples; also when it is set later."""
    box = BlackBox(x=[1, 2])
    assert box.x == (1, 2) + (0,) * 14
    box.x = [3]
    assert box.x == (3,) + (0,) * 15


@given(inputs, st.sampled_from(list(SYSTEMS)))
def test_answers_are_scipys(x, system):
    """Filters, an order filter, and what NumPy says of the rest."""
    n = np.arange(LENGTH)
    x = np.array(x)
    expected = {
        "A": signal.lfilter([1, 0, 0, 0.5], 1, x),
        "B": np.minimum(np.maximum(x, -1), 1),
        "C": x + 0.8 * np.sin(0.9 * n) * x,
        "D": signal.lfilter([0.3], [1, -0.7], x),
        "E": ndimage.median_filter(x, 3, mode="constant"),
        "F": np.diff(x, prepend=0),
        "G": np.flip(x),
        "H": x * x,
    }
    np.testing.assert_allclose(BlackBox(system=system, x=x).output, expected[system], atol=1e-12)


@given(inputs, st.sampled_from(CONVOLUTIONS))
def test_convolutions_are_predicted(x, system):
    """Every output is x * h, whatever x is."""
    box = BlackBox(system=system, x=x)
    assert box.is_convolution
    np.testing.assert_allclose(box.output, np.convolve(x, box.impulse_answer)[:LENGTH], atol=1e-12)
    np.testing.assert_allclose(box.prediction, box.output, atol=1e-12)


@pytest.mark.parametrize("system", OTHERS)
def test_the_others_are_not(system):
    """Some input is missed, and the default is one."""

    def missed(x):
        box = BlackBox(system=system, x=x)
        return np.abs(box.output - box.prediction).max() > NEAR

    assert find(inputs, missed)
    assert missed(BlackBox().x)
    assert not BlackBox(system=system).is_convolution


@given(inputs, inputs, st.floats(-1, 1))
def test_each_box_is_what_its_kind_says(x, v, a):
    """Tremolo and time backwards are linear; clipper, median and square move their answer along; convolutions both."""
    x, v = np.array(x) / 2, np.array(v) / 2
    x[-1] = 0
    later = np.concatenate([[0], x[:-1]])
    for letter, system in SYSTEMS.items():
        if letter not in "BEH":
            mixed = a * system.answer(x) + system.answer(v)
            np.testing.assert_allclose(system.answer(a * x + v), mixed, atol=1e-12)
        if letter not in "CG":
            np.testing.assert_allclose(system.answer(later)[1:], system.answer(x)[:-1], atol=1e-12)


def test_neighbours_are_of_different_kinds():
    """Convolution, not linear, not equivariant: a reader finds no two of one kind beside each other."""
    kinds = ["convolution" if s.convolution else "BEH".count(letter) for letter, s in SYSTEMS.items()]
    assert all(a != b for a, b in itertools.pairwise(kinds))
    assert len(CONVOLUTIONS) == 3


def test_sentences():
    """What each state shows, with its numbers."""
    said = {
        "Nothing is known of the box yet: send it an impulse.": {},
        "The impulse answer predicts all 16 samples.": {"recorded": True},
        "The impulse answer misses 4 of 16 samples, by up to 1.56.": {"system": "C", "recorded": True},
        "The impulse answer misses 1 of 16 samples, by 1.00.": {"system": "B", "recorded": True, "x": [2]},
        "The impulse answer misses 1 of 16 samples, by 0.13.": {"system": "B", "recorded": True, "x": [1.125]},
        "The impulse answer is all zeros, and predicts nothing: the output is not zero.": {
            "system": "E",
            "recorded": True,
        },
        "The impulse answer is all zeros, and so is this output.": {"system": "E", "recorded": True, "x": [2, 0, -1]},
    }
    for words, traits in said.items():
        assert BlackBox(**traits).sentence() == words
    assert BlackBox(x=[1], recorded=True).sentence().startswith("Recorded: h, the answer to an impulse at 0.")


def test_the_truth_is_hidden():
    """Neither the picture's words nor the widget's text tell what is in the box."""
    for letter, system in SYSTEMS.items():
        box = BlackBox(system=letter, recorded=True)
        assert system.name.split()[-1] not in " ".join(box.describe()) + repr(box)


@pytest.mark.parametrize(
    "traits", [{}, {"system": "C", "recorded": True}, {"system": "H", "x": [4, -4], "recorded": True}], ids=len
)
def test_still_picture(traits):
    """Bars, marks where the prediction is, a line where it misses; and words for who cannot see them."""
    box = BlackBox(**traits)
    figure = box.still()
    (ax,) = figure.axes
    written = [text.get_text() for text in ax.texts]
    assert written[:8] == list(SYSTEMS)
    marks = [line for line in ax.lines if line.get_linewidth() == 2.2]
    gaps = [line for line in ax.lines if line.get_linewidth() == 1.6]
    assert len(marks) == (LENGTH if box.recorded else 0)
    missed = np.abs(box.output - box.prediction) > NEAR
    assert len(gaps) == (missed.sum() if box.recorded else 0)
    unit, zero = box._scale(Lanes.of(narrow=False))
    for mark, value in zip(marks, box.prediction, strict=False):
        assert mark.get_ydata()[0] == pytest.approx(zero - unit * value)
    plt.close(figure)
    alt, caption = box.describe()
    assert caption == box.sentence()
    assert f"box {box.system}" in alt
    assert ("h = 1, 0" in alt) == box.recorded


def test_answers_to_the_impulse():
    """The candidates for h: those of the convolutions are their kernels."""
    assert BlackBox(system="A").impulse_answer[:5].tolist() == [1, 0, 0, 0.5, 0]
    assert BlackBox(system="F").impulse_answer[:3].tolist() == [1, -1, 0]
    np.testing.assert_allclose(BlackBox(system="D").impulse_answer, 0.3 * 0.7 ** np.arange(LENGTH))
    for system in "BH":  # they pass an impulse of 1 as it is
        assert np.array_equal(BlackBox(system=system).impulse_answer, IMPULSE)
    assert not BlackBox(system="E").impulse_answer.any()
