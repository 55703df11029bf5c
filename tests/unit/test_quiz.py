"""Quizzes: some of a chapter's questions, and where the right choices stand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from convlib.widgets import Quiz, quiz

NAME = "01_convolution_integral"


def test_some_of_a_chapters_questions():
    """In the order that was asked for; the text says how many."""
    every, some = Quiz(NAME), Quiz(NAME, questions=[4, 2])
    assert every.numbers == [1, 2, 3, 4, 5]
    assert some.questions == [every.questions[3], every.questions[1]]
    assert repr(some) == "Quiz('01_convolution_integral': 2 questions)"
    assert repr(Quiz(NAME, questions=[1])) == "Quiz('01_convolution_integral': 1 question)"
    assert some.fallback()["text/html"].count("<ol type='a'>") == 2


@pytest.mark.parametrize(
    ("numbers", "error", "message"),
    [
        ([0], ValueError, "questions must be at least 1, got 0"),
        ([6], ValueError, r"questions must be different numbers from 1 to 5, got \[6\]"),
        ([1, 1], ValueError, "questions must be different numbers from 1 to 5"),
        ([], TypeError, r"questions must be a list of numbers from 1 to 5, got \[\]"),
        (2, TypeError, "questions must be a list of numbers from 1 to 5, got 2"),
        ("12", TypeError, "questions must be a list of numbers from 1 to 5, got '12'"),
        ([1.0], TypeError, "questions must be a whole number"),
    ],
)
def test_impossible_numbers(numbers, error, message):
    """The error says what is allowed."""
    with pytest.raises(error, match=message):
        Quiz(NAME, questions=numbers)


def test_right_choices_stand_anywhere():
    """No position holds more than two in five of them, nor less than one in ten."""
    places = Counter()
    for name in quiz.names():
        for question in quiz.load(name):
            places[[choice["correct"] for choice in question["choices"]].index(True)] += 1
    total = sum(places.values())
    most = max(len(question["choices"]) for name in quiz.names() for question in quiz.load(name))
    shares = [places[place] / total for place in range(most)]
    assert max(shares) <= 0.4
    assert min(shares) >= 0.1


def wrong_by_transforms(samples: int, taps: int, size: int) -> np.ndarray:
    """Which samples of the circular convolution of length ``size`` aren't those of the linear one."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=samples), rng.normal(size=taps)
    around = np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(w, size), size)
    return np.flatnonzero(~np.isclose(around, np.convolve(x, w)[:size]))


def test_figures_in_the_quizzes_of_chapters_2_to_4():
    """Each stands in the text as it is computed here."""
    said = {n: str(quiz.load(name)) for n, name in enumerate(quiz.names(), start=1)}
    assert f"1 and 10 make {np.hypot(1, 10):.2f}" in said[2]
    full, valid = (np.convolve(np.ones(100), np.ones(5), mode).size for mode in ("full", "valid"))
    assert f"'{full}'" in said[3]
    assert f"'{valid}'" in said[3]
    assert f"samples 0 to {valid - 1}" in said[3]
    wrong = wrong_by_transforms(50, 20, 64)
    assert wrong.tolist() == list(range(5))
    assert f"the last {len(wrong)} of {50 + 20 - 1} samples" in said[3]
    assert f"The other {64 - len(wrong)} are right" in said[3]
    wrong = wrong_by_transforms(1000, 101, 1000)
    assert wrong.tolist() == list(range(100))
    assert f"The first {len(wrong)}" in said[4]
    assert f"The other {1000 - len(wrong)} are right" in said[4]
    tone = np.cos(2 * np.pi * 5000 * np.arange(8000) / 8000)
    assert f"a tone of {np.abs(np.fft.rfft(tone)).argmax():,} hertz" in said[4]
