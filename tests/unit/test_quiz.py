"""Quizzes: some of a chapter's questions, and where the right choices stand."""

from __future__ import annotations

from collections import Counter

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
