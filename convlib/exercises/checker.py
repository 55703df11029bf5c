"""The pattern of every checker: run the reader's function on random problems, and know the usual mistakes by name.

A mistake is itself a function: the misconception, carried out.  If the reader's answers are those of a mistake on every
problem, the hint for that mistake is what the reader gets.  The same functions are the checker's tests
(:func:`convlib.exercises.testing.assert_mistakes_are_told_apart`).
"""

from __future__ import annotations

import copy
import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

Problem = tuple[object, ...]
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that people do give.

    Parameters
    ----------
    name : str
        Of the misconception, in two or three words.
    function : callable
        Computes the wrong answer.
    hint : str
        What to think about; never the solution.
    """

    name: str
    function: Callable[..., object]
    hint: str


@dataclass(frozen=True)
class Verdict:
    """What a checker says.

    Parameters
    ----------
    status : {"not written yet", "right", "wrong"}
    name : str
        Of the mistake recognised; empty if none.
    message : str
        For the reader.
    """

    status: str
    message: str
    name: str = ""

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.status == "right"

    def __repr__(self) -> str:
        mark = {"right": "✓ Right", "wrong": "✗ Not yet", "not written yet": "… Your answer is not written yet"}[
            self.status
        ]
        return f"{mark}. {self.message}"

    def _repr_html_(self) -> str:
        color = {"right": "right", "wrong": "wrong"}.get(self.status, "muted")
        head, _, rest = repr(self).partition(". ")
        rest = _CODE.sub(r"<code>\1</code>", html.escape(rest))
        if self.status == "not written yet":  # a hint is for those who ask; on the book's page nobody can write
            rest = f'<details class="fold fold-hint"><summary>Hint</summary>{rest.removeprefix("Hint: ")}</details>'
        return (
            f'<div class="cl-verdict {self.status.replace(" ", "-")}" '
            f'style="border-left:4px solid var(--cl-{color}, gray);padding:.4rem .8rem">'
            f"<b>{html.escape(head)}.</b> {rest}</div>"
        )


@dataclass(frozen=True)
class Checker:
    """Checks one exercise.

    Parameters
    ----------
    title : str
        Of the exercise.
    reference : callable
        The right answer; the reader's function takes the same arguments.
    problem : callable
        Draws one random problem, a tuple of arguments, from a :class:`numpy.random.Generator`.
    first_hint : str
        What the reader is told before anything is written.
    mistakes : sequence of Mistake
        In the order in which they are looked for.
    tolerance : float
        Greatest absolute error of a right answer, relative to the largest value of the reference (or 1).
    problems : int
        How many are drawn.
    """

    title: str
    reference: Callable[..., object]
    problem: Callable[[np.random.Generator], Problem]
    first_hint: str
    mistakes: Sequence[Mistake] = field(default_factory=tuple)
    tolerance: float = 1e-8
    problems: int = 8

    def __call__(self, answer: Callable[..., object]) -> Verdict:
        """Check the reader's function; never raises for what that function does.

        Raises
        ------
        TypeError
            If ``answer`` is not a function: the reader has called it, or passed its result.
        """
        if not callable(answer):
            raise TypeError(f"answer must be the function itself, without brackets, got {type(answer).__name__}")
        rng = np.random.default_rng(20240601)
        problems = [self.problem(rng) for _ in range(self.problems)]
        answers = []
        for problem in problems:
            given = copy.deepcopy(problem)
            try:
                result = answer(*given)
            except NotImplementedError:
                result = None
            except Exception as error:
                return Verdict("wrong", f"Your function stopped with {type(error).__name__}: {error}", "error")
            if not all(_same(before, after) for before, after in zip(problem, given, strict=True)):
                return Verdict(
                    "wrong",
                    "Your function changes the array it was given. Work on a copy: the caller still needs the old one.",
                    "in place",
                )
            answers.append(result)
        missing = sum(result is None or result is Ellipsis for result in answers)
        if missing == len(answers):
            return self._unwritten()
        if missing:
            return Verdict(
                "wrong",
                f"Your function returns nothing for {missing} of {len(answers)} problems. Does every path return?",
                "no answer",
            )
        return self._judge(problems, answers)

    def _unwritten(self) -> Verdict:
        return Verdict("not written yet", f"Hint: {self.first_hint}")

    def _judge(self, problems: list[Problem], answers: list[object]) -> Verdict:
        right = [self.reference(*problem) for problem in problems]
        if all(self._agree(a, r) for a, r in zip(answers, right, strict=True)):
            return Verdict("right", f"{self.title}: {len(problems)} random problems agree.")
        for mistake in self.mistakes:
            wrong = [mistake.function(*problem) for problem in problems]
            if all(self._agree(a, w) for a, w in zip(answers, wrong, strict=True)):
                return Verdict("wrong", mistake.hint, mistake.name)
        for given, expected in zip(answers, right, strict=True):
            if not self._agree(given, expected):
                return _describe_difference(given, expected)
        raise AssertionError("unreachable: some answer differs")

    def _agree(self, given: object, expected: object) -> bool:
        expected = np.asarray(expected)
        try:
            given = _as_numbers(given)
        except (TypeError, ValueError):
            return False
        if np.iscomplexobj(given) and not np.iscomplexobj(expected):
            return False
        scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
        return given.shape == expected.shape and bool(np.all(np.abs(given - expected) <= self.tolerance * scale))


def _same(before: object, after: object) -> bool:
    if isinstance(before, np.ndarray):
        return np.array_equal(before, after)
    return callable(before) or before == after


def _as_numbers(given: object) -> np.ndarray:
    """The answer as an array of floats or complex numbers; TypeError or ValueError if it is neither."""
    array = np.asarray(given)
    if array.dtype.kind not in "biufc":  # text that looks like a number is no number
        raise TypeError(f"expected numbers, got dtype {array.dtype}")
    return array if array.dtype.kind == "c" else array.astype(float)


def _describe_difference(given: object, expected: object) -> Verdict:
    """Say how an unknown wrong answer differs, most basic difference first."""
    try:
        array = _as_numbers(given)
    except (TypeError, ValueError):
        return Verdict(
            "wrong", f"Your function must return numbers, but returned {type(given).__name__}.", "not numbers"
        )
    expected = _as_numbers(expected)
    if np.iscomplexobj(array) and not np.iscomplexobj(expected):
        return Verdict("wrong", "Your function returns complex numbers; the answer is real.", "complex")
    if array.shape != expected.shape:
        return Verdict(
            "wrong", f"The shape is {array.shape}, but should be {expected.shape} for this problem.", "wrong shape"
        )
    if not np.isfinite(array).all():
        return Verdict("wrong", "The result holds NaN or infinity: look for a division by zero.", "not finite")
    place = np.unravel_index(np.argmax(np.abs(array - expected)), expected.shape)
    where = f" at index {int(place[0])}" if expected.ndim == 1 else ""
    return Verdict(
        "wrong",
        f"The largest difference is{where}: {array[place]:.6g} where {expected[place]:.6g} is right.",
        "different",
    )
