"""The quiz's score and words, and what it makes of tries that were kept."""

from __future__ import annotations

from convlib.widgets import Quiz
from tests.js.node import node_calls

QUESTIONS = [{"choices": [{"correct": i == right} for i in range(4)]} for right in (1, 3, 0)]


def test_score():
    """Solved if the right one was tried at all; first if it was the first try."""
    cases = {
        ((), (), ()): (0, 0),
        ((1,), (), ()): (1, 1),
        ((0, 1), (3,), (2,)): (2, 1),
        ((1, 2), (0, 3), (0, 1, 0)): (3, 2),
    }
    calls = [("score", [list(made) for made in tries], QUESTIONS) for tries in cases]
    scores = [(score["solved"], score["first"]) for score in node_calls(Quiz, calls)]
    assert scores == list(cases.values())


def test_words():
    """One question has no score of its own."""
    states = [(0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 0, 5), (3, 2, 5)]
    told = node_calls(
        Quiz, [("words", dict(zip(("solved", "first", "total"), state, strict=True))) for state in states]
    )
    assert told[0] == "Pick what you believe; then read why the others are wrong."
    assert told[1:3] == ["Solved.", "Solved at the first try."]
    assert told[3] == f"5 questions. {told[0]}"
    assert told[4] == "3 of 5 solved, 2 at the first try."


def test_only_fitting_tries_are_taken_back():
    """What was kept may be of an older version of the page, or anything."""
    kept = [[[1], [], [0, 3]], [[4], [], []], [[1], []], None, "x", [[1], "y", []], [[-1], [], []], [[0.5], [], []]]
    assert node_calls(Quiz, [("fits", tries, QUESTIONS) for tries in kept]) == [True] + [False] * 7
