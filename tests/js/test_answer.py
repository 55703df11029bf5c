"""What people type, and how it is judged: the Answer widget's functions in the page."""

from __future__ import annotations

import math

import numpy as np
import pytest

from convlib.widgets import answer
from convlib.widgets.answer import Answer
from tests.js.node import node_calls


def read(*calls: tuple) -> list:
    return node_calls(Answer, [("read", *call) for call in calls])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3), ("+3", 3), ("−3", -3), ("–3", -3), (".5", 0.5),
        ("5.", 5), ("0,5", 0.5), ("-2,25", -2.25), ("1/6", 1 / 6),
        (" 1 / 6 ", 1 / 6), ("1:6", 1 / 6), ("2·3", 6),
        ("2×3", 6), ("2(3+1)", 8), ("½", 0.5), ("1½", 1.5), ("−½", -0.5),
        ("1-1/e", 1 - 1 / math.e), ("1−e^−1", 1 - 1 / math.e),
        ("1 - e^(-1,5)", 1 - math.exp(-1.5)), ("e^-3/2", math.exp(-3) / 2),
        ("1 - exp(-3/2)", 1 - math.exp(-1.5)), ("e**2", math.e**2),
        ("2e", 2 * math.e), ("2pi", 2 * math.pi), ("π/2", math.pi / 2),
        ("3²", 9), ("-3^2", -9), ("2^3^2", 512), ("2^-1", 0.5),
        ("√2", math.sqrt(2)), ("sqrt(2)/2", math.sqrt(2) / 2), ("11.1 %", 0.111),
        ("1e-3", 0.001), ("1.5E2", 150), ("(4)", 4), ("--4", 4), ("1/3+1/3", 2 / 3), ("0,125", 0.125), ("1000", 1000),
    ],
)  # fmt: skip
def test_numbers_are_read(text, value):
    """As people write them."""
    assert read((text, "number"))[0]["value"] == pytest.approx([value])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Write a number."), ("   ", "Write a number."), ("two", "could not be read"), ("1/", "could not be read"),
        ("(1", "could not be read"), ("1)", "could not be read"),
        ("1 2", "could not be read"), ("1/0", "could not be read"),
        ("alert(1)", "could not be read"), ("2^", "could not be read"),
        ("1,000", "write 1000 or 1.000"), ("1,2,3", "could not be read"),
        ("e^9999", "could not be read"), ("constructor", "could not be read"), ("1..2", "could not be read"),
    ],
)  # fmt: skip
def test_unreadable_numbers(text, words):
    """A sentence says what is expected; it is not called wrong."""
    assert words in read((text, "number"))[0]["problem"]


def test_evaluation_against_python():
    """Random sums, products, quotients and powers."""
    rng = np.random.default_rng(8)
    texts = []
    for _ in range(200):
        terms = [f"{rng.choice(['', '-'])}{rng.integers(1, 9)}" for _ in range(4)]
        one, two, three = rng.choice(["+", "-", "*", "/"], 3)
        texts.append(f"({terms[0]}{one}{terms[1]}){two}{terms[2]}{three}{abs(int(terms[3]))}^2")
    values = node_calls(Answer, [("valueOf", text) for text in texts])
    assert values == pytest.approx([eval(text.replace("^", "**")) for text in texts])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1, 3, 5, 3", [1, 3, 5, 3]), ("1 3 5 3", [1, 3, 5, 3]),
        ("1,3,5,3", [1, 3, 5, 3]), ("(1, 3, 5, 3)", [1, 3, 5, 3]),
        ("[1 3 5 3]", [1, 3, 5, 3]), ("np.array([1, 3])", [1, 3]),
        ("1; 3; 5", [1, 3, 5]), ("0,5; 2; 3,5", [0.5, 2, 3.5]),
        ("1 -2 3", [1, -2, 3]), ("1, −2", [1, -2]),
        ("1/2 3/4", [0.5, 0.75]), ("1 - 2, 3", [-1, 3]), ("1 2, 3 4", [1, 2, 3, 4]),
        ("7", [7]), ("1½, 2", [1.5, 2]), ("(1+1), (2)", [2, 2]),
        ("1, 2,", [1, 2]), ("{1, 2}", [1, 2]), ("1\n2", [1, 2]),
    ],
)  # fmt: skip
def test_sequences_are_read(text, value):
    """With blanks, commas or semicolons, in brackets or not; commas are decimal only beside semicolons."""
    assert read((text, "sequence"))[0]["value"] == pytest.approx(value)


@pytest.mark.parametrize("text", ["1, two", "1 - 2", "1, 2)", "a b"])
def test_unreadable_sequences(text):
    """The part that could not be read is quoted."""
    assert "could not be read as a number. Write numbers" in read((text, "sequence"))[0]["problem"]


@pytest.mark.parametrize(
    "text", ["1 2\n3 4", "1, 2; 3, 4", "[[1, 2], [3, 4]]", "[[1 2]\n [3 4]]", "((1,2),(3,4))", "1 2 ; 3 4\n"]
)
def test_matrices_are_read(text):
    """Row by row, on lines or with semicolons or brackets."""
    assert read((text, "matrix"))[0]["value"] == [[1, 2], [3, 4]]


def test_matrix_problems():
    """Rows of different lengths, and what is no number."""
    ragged, word = read(("1 2\n3", "matrix"), ("1 x\n3 4", "matrix"))
    assert ragged["problem"] == "The rows have different lengths: 2, 1."
    assert "“x” could not be read" in word["problem"]


def test_units_are_taken_off():
    """With a blank or without."""
    assert [found["value"] for found in read(("0.78 V", "number", "V"), ("0,78V", "number", "V"))] == [[0.78], [0.78]]


def test_rounded_answers_and_mistakes():
    """Two decimals suffice; a mistake is called by its name unless it may be another one, rounded."""
    question = answer.load("01_convolution_integral/loaded-dice")
    says = {slip["value"][0]: slip["says"] for slip in question["wrong"]}
    results = node_calls(Answer, [("judge", question, [x]) for x in (0.17, 0.1667, 0.14, 8 / 42, 0.1944, 0.19)])
    assert [result["right"] for result in results] == [True, True, False, False, False, False]
    assert [result["says"] for result in results[2:5]] == [says[1 / 7], says[8 / 42], says[7 / 36]]
    assert results[5]["says"].startswith("It could come from more than one mistake")


def test_a_rounded_slip_is_known():
    """√128 is known as 11.3, too, to half a per cent; a number near the answer, or far from both, is not."""
    question = answer.load("02_algebraic_properties/width-of-sum")
    slip = next(slip["says"] for slip in question["wrong"] if round(slip["value"][0], 2) == 11.31)
    found = node_calls(Answer, [("judge", question, [x]) for x in (11.3, 11.31, 11.4, 4.01, 10)])
    assert [one.get("says") == slip for one in found] == [True, True, False, False, False]
    assert not any(one["right"] for one in found)


def test_judging():
    """Right within the tolerance, known mistakes by name, lengths, near misses."""
    question = {
        "kind": "sequence",
        "answer": [1, 3, 5, 3],
        "tolerance": 0.01,
        "wrong": [{"value": [3, 5], "says": "the valid part"}, {"value": [3, 5, 3, 1], "says": "backwards"}],
    }
    cases = {
        (1, 3.005, 5, 3): (True, ""),
        (3, 5): (False, "the valid part"),
        (3, 5, 3, 1): (False, "backwards"),
        (1, 3, 5): (False, "You gave 3 numbers; the answer has 4."),
        (1, 3, 4, 3): (False, "The third number is the first that is not right."),
        (1, 3, 5, 3.03): (False, "Close, but not close enough: keep more digits."),
        (9, 9, 9, 9): (False, "That is not it, nor one of the mistakes that this page knows."),
    }
    results = node_calls(Answer, [("judge", question, list(given)) for given in cases])
    assert [(result["right"], result["says"]) for result in results] == list(cases.values())
    grid = {
        "kind": "matrix",
        "answer": [[1, 2], [3, 4]],
        "tolerance": 1e-9,
        "wrong": [{"value": [[1, 3], [2, 4]], "says": "transposed"}],
    }
    right, turned, flat = node_calls(
        Answer, [("judge", grid, m) for m in ([[1, 2], [3, 4]], [[1, 3], [2, 4]], [[1, 2, 3, 4]])]
    )
    assert right["right"]
    assert turned["says"] == "transposed"
    assert flat["says"] == "You gave 1 × 4 numbers (rows × columns); the answer has 2 × 2."


def test_every_exercise_in_the_book():
    """Its answer is right, to three digits as well where it may be; each known mistake gets its own sentence."""
    for name in answer.names():
        question = Answer(name).question
        exact = question["kind"] == "matrix" or all(value == int(value) for value in question["answer"])
        rounded = [] if exact else [float(f"{value:.3g}") for value in question["answer"]]
        calls = [("judge", question, question["answer"])]
        calls += [("judge", question, rounded)] if rounded else []
        calls += [("judge", question, slip["value"]) for slip in question["wrong"]]
        results = node_calls(Answer, calls)
        count = len(calls) - len(question["wrong"])
        assert all(result["right"] for result in results[:count]), name
        assert [result["says"] for result in results[count:]] == [slip["says"] for slip in question["wrong"]]
