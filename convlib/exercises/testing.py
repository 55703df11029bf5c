"""A test for every checker: feed it its wrong answers, and see each get its own hint."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np

from convlib.exercises.checker import Checker


def assert_mistakes_are_told_apart(checker: Checker, seeds: int = 3) -> None:
    """Assert that the reference passes, an empty answer is unwritten, and each mistake is called by its own name.

    Also that hints differ, and that answers of the wrong shape, of no number, that raise, or that work in place are
    told so; and that right answers pass that look unusual: as lists, in single precision, in an array used again.

    Parameters
    ----------
    checker : Checker
        The checker.
    seeds : int
        With how many sets of random problems.

    Raises
    ------
    AssertionError
        Naming the mistake that was taken for something else.
    """
    for seed in range(seeds):
        verdict = checker(checker.reference, seed=seed)
        assert verdict.passed, f"{checker.title}: the reference does not pass: {verdict.message}"
    assert_unusual_answers_pass(checker)
    assert checker(lambda *_: None).status == "not written yet"
    assert checker(lambda *_: ...).message == f"Hint: {checker.first_hint}"
    for mistake in checker.mistakes:
        for seed in range(seeds):
            verdict = checker(mistake.function, seed=seed)
            assert not verdict.passed, f"{checker.title}: {mistake.name!r} passes"
            assert verdict.name == mistake.name, f"{checker.title}: {mistake.name!r} is taken for {verdict.name!r}"
            assert verdict.message.endswith(f"(The same problems again: pass `seed={seed}` to the checker.)")
    hints = [told.hint for told in (*checker.mistakes, *checker.cases)]
    assert len(set(hints)) == len(hints), f"{checker.title}: two mistakes share a hint"

    def raises(*_: object) -> object:
        raise KeyError("spam")

    def in_place(*problem: object) -> object:
        right = checker.reference(*copy.deepcopy(problem))
        for argument in problem:
            for part in _arrays(argument):
                part += 1
        return right

    assert checker(raises).name == "error"
    assert checker(lambda *_: "words").name == "not numbers"
    assert (
        checker(lambda *problem: _each(lambda _: np.zeros((7, 7, 7)), checker.reference(*problem))).name
        == "wrong shape"
    )
    for change, name in ((lambda right: right * np.nan, "not finite"), (lambda right: right + 1e-3, "different")):
        assert checker(lambda *problem, change=change: _each(change, checker.reference(*problem))).name == name
    if not np.iscomplexobj(checker.reference(*checker.problem(np.random.default_rng(0)))):
        assert checker(lambda *problem: _each(lambda right: right + 0j, checker.reference(*problem))).name == "complex"
    if any(_arrays(argument) for argument in checker.problem(np.random.default_rng(0))):
        assert checker(in_place).name == "in place"


def assert_unusual_answers_pass(checker: Checker) -> None:
    """Assert that a right answer passes as a list, in single precision, as an array of one, in an array used again.

    Raises
    ------
    AssertionError
        Naming the form that does not.
    """
    buffers: dict[tuple, np.ndarray] = {}

    def reused(right: np.ndarray) -> np.ndarray:
        buffer = buffers.setdefault((right.shape, right.dtype), np.empty_like(right))
        buffer[...] = right
        return buffer

    def single(right: np.ndarray) -> np.ndarray:
        return right.astype(np.complex64 if np.iscomplexobj(right) else np.float32)

    forms = {
        "as a list": np.ndarray.tolist,
        "in single precision": single,
        "in an array that is used again": reused,
    }
    example = checker.reference(*checker.problem(np.random.default_rng(0)))
    if isinstance(example, dict):
        del forms["in an array that is used again"]  # arrays of one shape under several names would be the same
    elif np.ndim(example) == 0:
        forms["as an array of one"] = np.atleast_1d
    for form, change in forms.items():
        verdict = checker(lambda *problem, change=change: _each(change, checker.reference(*problem)))
        assert verdict.passed, f"{checker.title}: the right answer {form} is refused: {verdict.message}"


def _each(change: Callable[[np.ndarray], object], right: object) -> object:
    """The right answer, changed: each of its arrays, if it is a dict of several."""
    if isinstance(right, dict):
        return {name: change(np.asarray(part)) for name, part in right.items()}
    return change(np.asarray(right))


def _arrays(argument: object) -> list[np.ndarray]:
    """The arrays in an argument that is one, or a dict of several."""
    parts = argument.values() if isinstance(argument, dict) else (argument,)
    return [part for part in parts if isinstance(part, np.ndarray)]
