"""The pattern of every checker: run the reader's function on random problems, and know the usual mistakes by name.

A mistake is itself a function: the misconception, carried out.  If the reader's answers are those of a mistake on every
ordinary problem, the hint for that mistake is what the reader gets.  Beside the ordinary problems there are *cases*,
the corners that the exercise's text allows, each with a hint of its own.  The same functions are the checker's tests
(:func:`convlib.exercises.testing.assert_mistakes_are_told_apart`).

What is right is not only what looks as the reference does: single precision, lists, fractions, tensors that have
gradients, an array of one number where a number is asked for, and an array that is used again for the next answer are
all right.  An answer of several arrays is a dict, and is compared name by name.
"""

from __future__ import annotations

import copy
import html
import math
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from convlib._validate import integer

Problem = tuple[object, ...]
_CODE = re.compile(r"`([^`]+)`")
_SINGLE = 1e-4  # what is accepted from single precision, relative to the largest value
_WHOLE = 2.0**-24  # the same for counts: rounding to single precision, and no more


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
class Case:
    """A corner that the exercise's text allows, and a program easily forgets.

    Parameters
    ----------
    name : str
        Of the corner, in two or three words.
    problem : callable
        Draws one problem of the kind from a :class:`numpy.random.Generator`.
    hint : str
        What the reader is told whose answer is right but for this.
    """

    name: str
    problem: Callable[[np.random.Generator], Problem]
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
        Draws one ordinary random problem, a tuple of arguments, from a :class:`numpy.random.Generator`.
    first_hint : str
        What the reader is told before anything is written.
    mistakes : sequence of Mistake
        In the order in which they are looked for.
    cases : sequence of Case
        Corners, one problem each.
    tolerance : float
        Greatest absolute error of a right answer, relative to the largest value of the reference (or 1); for single
        precision it is 1e-4 at least, but where whole numbers are asked for.
    problems : int
        How many ordinary ones are drawn.
    draw : callable, optional
        Draws all ordinary problems at once, where each kind must be among them.
    """

    title: str
    reference: Callable[..., object]
    problem: Callable[[np.random.Generator], Problem]
    first_hint: str
    mistakes: Sequence[Mistake] = field(default_factory=tuple)
    cases: Sequence[Case] = field(default_factory=tuple)
    tolerance: float = 1e-8
    problems: int = 8
    draw: Callable[[np.random.Generator], list[Problem]] | None = None

    def __call__(self, answer: Callable[..., object], *, seed: int | None = None) -> Verdict:
        """Check the reader's function; never raises for what that function does.

        Parameters
        ----------
        answer : callable
            The reader's function.
        seed : int, optional
            Of the random problems, which are new ones every time without it; a verdict that finds fault names it.

        Raises
        ------
        TypeError
            If ``answer`` is not a function: the reader has called it, or passed its result; if ``seed`` is no integer.
        ValueError
            If ``seed`` is below 0.

        Examples
        --------
        >>> double = Checker("Twice", lambda x: 2 * x, lambda rng: (rng.normal(size=3),), "Multiply.")
        >>> double(lambda x: x + x)
        ✓ Right. Twice: 8 random problems agree.
        >>> wrong = double(lambda x: x, seed=3)
        >>> wrong.name
        'different'
        >>> wrong.message.partition("(")[2]
        'The same problems again: pass `seed=3` to the checker.)'
        """
        if not callable(answer):
            raise TypeError(f"answer must be the function itself, without brackets, got {type(answer).__name__}")
        seed = secrets.randbelow(10**6) if seed is None else integer("seed", seed, low=0)
        rng = np.random.default_rng(seed)
        ordinary = self.draw(rng) if self.draw else [self.problem(rng) for _ in range(self.problems)]
        tried = _tried(answer, ordinary)
        if isinstance(tried, Verdict):
            return _repeatable(tried, seed)
        if all(result is None for result in tried):
            return Verdict("not written yet", f"Hint: {self.first_hint}")
        if verdict := self._judge(ordinary, tried) or self._corners(answer, rng):
            return _repeatable(verdict, seed)
        return Verdict("right", f"{self.title}: {len(ordinary) + len(self.cases)} random problems agree.")

    def _judge(self, problems: list[Problem], answers: list[object]) -> Verdict | None:
        """What is wrong with the answers to ordinary problems."""
        if error := _first_error(answers):
            return error
        right = [self.reference(*copy.deepcopy(problem)) for problem in problems]
        if all(self._agree(a, r) for a, r in zip(answers, right, strict=True)):
            return None
        missing = sum(result is None for result in answers)
        if missing:
            return Verdict(
                "wrong",
                f"Your function returns nothing for {missing} of {len(answers)} problems. Does every path return?",
                "no answer",
            )
        for mistake in self.mistakes:
            wrong = [mistake.function(*copy.deepcopy(problem)) for problem in problems]
            if all(self._agree(a, w) for a, w in zip(answers, wrong, strict=True)):
                return Verdict("wrong", mistake.hint, mistake.name)
        different = ((a, r) for a, r in zip(answers, right, strict=True) if not self._agree(a, r))
        return self._difference(*next(different))

    def _corners(self, answer: Callable[..., object], rng: np.random.Generator) -> Verdict | None:
        """The first corner that an answer, right for ordinary problems, has forgotten."""
        for case in self.cases:
            problem = case.problem(rng)
            tried = _tried(answer, [problem])
            if isinstance(tried, Verdict):
                return tried
            error = _first_error(tried)
            if error or not self._agree(tried[0], self.reference(*copy.deepcopy(problem))):
                stopped = f" There your function stopped: {tried[0].described}." if error else ""
                return Verdict("wrong", f"Right for ordinary problems. {case.hint}{stopped}", case.name)
        return None

    def _difference(self, given: object, expected: object) -> Verdict:
        """How an unknown wrong answer differs; of several arrays, the first that does."""
        if not isinstance(expected, Mapping):
            return _describe_difference(given, expected)
        if wrong := _describe_names(given, expected):
            return wrong
        name = next(name for name, part in expected.items() if not self._agree(given[name], part))
        verdict = _describe_difference(given[name], expected[name])
        return replace(verdict, message=f"In `{name}`: {verdict.message}")

    def _agree(self, given: object, expected: object) -> bool:
        if given is None:
            return False
        if isinstance(expected, Mapping):
            same_names = isinstance(given, Mapping) and given.keys() == expected.keys()
            return same_names and all(self._agree(given[name], part) for name, part in expected.items())
        expected = np.asarray(expected)
        try:
            given = _as_asked(given, expected)
        except TypeError:
            return False
        if np.iscomplexobj(given) and not np.iscomplexobj(expected):
            return False
        scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
        accepted = scale * max(self.tolerance, _single_precision(given, expected))
        return given.shape == expected.shape and bool(np.all(np.abs(given - expected) <= accepted))


@dataclass(frozen=True)
class _Stopped:
    """In place of an answer: the error that the reader's function has ended with."""

    described: str


def _tried(answer: Callable[..., object], problems: list[Problem]) -> list[object] | Verdict:
    """What the function returns for each problem, None for nothing; or that it changes what it was given."""
    answers: list[object] = []
    for problem in problems:
        given = copy.deepcopy(problem)
        try:
            result = _kept(answer(*given))
        except NotImplementedError:
            result = None
        except Exception as error:
            answers.append(_Stopped(f"{type(error).__name__}: {error}"))
            continue
        if not all(_same(before, after) for before, after in zip(problem, given, strict=True)):
            return Verdict(
                "wrong",
                "Your function changes the array it was given. Work on a copy: the caller still needs the old one.",
                "in place",
            )
        answers.append(None if result is Ellipsis else result)
    return answers


def _kept(result: object) -> object:
    """A copy at once, since the function may use the same array again for its next answer; of tensors, as arrays."""
    if isinstance(result, Mapping):
        return {name: _kept(part) for name, part in result.items()}
    if isinstance(result, list | tuple):
        parts = [_kept(part) for part in result]
        return tuple(parts) if isinstance(result, tuple) else parts
    try:
        return np.asarray(_detached(result)).copy() if hasattr(result, "detach") else copy.deepcopy(result)
    except Exception:  # what cannot be copied, such as a generator, or a sparse tensor, is no answer either
        return result


def _detached(tensor: object) -> object:
    """The tensor without its gradients, in the computer's own memory, conjugated if that was put off."""
    for name in ("detach", "cpu", "resolve_conj", "resolve_neg"):
        tensor = getattr(tensor, name)() if hasattr(tensor, name) else tensor
    return tensor


def _repeatable(verdict: Verdict, seed: int) -> Verdict:
    """The verdict, and how to meet the same problems again."""
    again = f"(The same problems again: pass `seed={seed}` to the checker.)"
    return replace(verdict, message=f"{verdict.message} {again}")


def _single_precision(given: np.ndarray, expected: np.ndarray) -> float:
    """The relative error to be excused with single precision; 0 if the answer is not in it.

    Whether it is, the numbers tell where their type does not: `.item()` and `.tolist()` make 64 bits of them.
    """
    excused = _WHOLE if expected.dtype.kind in "biu" else _SINGLE
    if given.dtype in (np.float16, np.float32, np.complex64):
        return excused
    in_it = _rounded(given) and not np.array_equal(given, np.round(given))  # whole numbers do not tell
    return excused if in_it and not _rounded(expected) else 0.0


def _rounded(numbers: np.ndarray) -> bool:
    """Whether rounding to single precision changes nothing."""
    with np.errstate(over="ignore"):
        return np.array_equal(numbers.astype(np.complex64 if np.iscomplexobj(numbers) else np.float32), numbers)


def _first_error(answers: list[object]) -> Verdict | None:
    stopped = next((result for result in answers if isinstance(result, _Stopped)), None)
    return Verdict("wrong", f"Your function stopped with {stopped.described}", "error") if stopped else None


def _same(before: object, after: object) -> bool:
    if isinstance(before, np.ndarray):
        return np.array_equal(before, after)
    if isinstance(before, Mapping):
        return before.keys() == after.keys() and all(_same(part, after[name]) for name, part in before.items())
    return callable(before) or before == after


def as_numbers(given: object) -> np.ndarray:
    """The answer as an array of numbers that NumPy computes with; TypeError if it is none."""
    try:
        array = np.asarray(_kept(given))
        if array.dtype.kind == "O":  # fractions, decimals, whole numbers too long for 64 bits
            array = np.array([_number(item) for item in array.ravel().tolist()]).reshape(array.shape)
    except Exception as error:  # whatever the conversion of an object of the reader's raises
        raise TypeError(f"expected numbers, got {type(given).__name__}") from error
    if array.dtype.kind not in "biufc":  # text that looks like a number is no number
        raise TypeError(f"expected numbers, got dtype {array.dtype}")
    return array if array.dtype.kind in "fc" else array.astype(float)


def _number(item: object) -> float | complex:
    if isinstance(item, str | bytes):
        raise TypeError("expected a number, got text")
    try:
        return float(item)
    except OverflowError:  # beyond what 64 bits hold, and surely beyond the right answer
        return math.inf
    except TypeError:
        return complex(item)


def _as_asked(given: object, expected: np.ndarray) -> np.ndarray:
    """The answer as numbers; where a number is asked for, an array of one number is one. TypeError as above."""
    if expected.ndim == 1 and isinstance(given, list | tuple):
        given = [part.reshape(()) if isinstance(part, np.ndarray) and part.size == 1 else part for part in given]
    array = as_numbers(given)
    return array.reshape(()) if array.size == 1 and expected.ndim == 0 else array


def _describe_names(given: object, expected: Mapping) -> Verdict | None:
    """What is wrong with the names of an answer of several arrays."""
    if not isinstance(given, Mapping):
        return Verdict(
            "wrong", f"Your function must return a dict, but returned {type(given).__name__}.", "not numbers"
        )
    missing = [f"`{name}`" for name in expected if name not in given]
    if missing:
        return Verdict("wrong", f"Your dict lacks {', '.join(missing)}.", "wrong names")
    beyond = [f"`{name}`" for name in given if name not in expected]
    return Verdict("wrong", f"Your dict holds {', '.join(beyond)}, not asked for.", "wrong names") if beyond else None


def _kind(given: object) -> str:
    """Name of the type of an answer; of a sequence, of what is in it too."""
    name = type(given).__name__
    if not isinstance(given, (list, tuple)) or not given:
        return name
    return f"{name} of {' and '.join(sorted({type(item).__name__ for item in given}))}"


def _describe_difference(given: object, expected: object) -> Verdict:
    """Say how an unknown wrong answer differs, most basic difference first."""
    expected = as_numbers(expected)
    try:
        array = _as_asked(given, expected)
    except TypeError:
        return Verdict("wrong", f"Your function must return numbers, but returned {_kind(given)}.", "not numbers")
    if np.iscomplexobj(array) and not np.iscomplexobj(expected):
        return Verdict("wrong", "Your function returns complex numbers; the answer is real.", "complex")
    if array.shape != expected.shape:
        wanted = f"an array of shape {expected.shape}" if expected.ndim else "a single number"
        return Verdict("wrong", f"The shape is {array.shape}; this problem asks for {wanted}.", "wrong shape")
    if not np.isfinite(array).all():
        return Verdict("wrong", "The result holds NaN or infinity: look for a division by zero.", "not finite")
    place = np.unravel_index(np.argmax(np.abs(array - expected)), expected.shape)
    where = f" at index {', '.join(str(int(index)) for index in place)}" if expected.ndim else ""
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    near = abs(array[place] - expected[place]) <= 1e-6 * scale
    advice = " That is rounding: is something in single precision on the way?" if near else ""
    return Verdict(
        "wrong",
        f"The largest difference is{where}: {array[place]:.10g} where {expected[place]:.10g} is right.{advice}",
        "different",
    )
