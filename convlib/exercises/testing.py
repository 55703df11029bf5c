"""A test for every checker: feed it its wrong answers, and see each get its own hint."""

from __future__ import annotations

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
            assert verdict.message.endswith(f"(Seed of the problems: {seed}.)")
    hints = [told.hint for told in (*checker.mistakes, *checker.cases)]
    assert len(set(hints)) == len(hints), f"{checker.title}: two mistakes share a hint"

    def raises(*_: object) -> object:
        raise KeyError("spam")

    def in_place(*problem: object) -> object:
        for argument in problem:
            if isinstance(argument, np.ndarray):
                argument += 1
        return checker.reference(*problem)

    assert checker(raises).name == "error"
    assert checker(lambda *_: "words").name == "not numbers"
    assert checker(lambda *problem: np.zeros((7, 7, 7))).name == "wrong shape"
    assert checker(lambda *problem: np.asarray(checker.reference(*problem)) * np.nan).name == "not finite"
    assert checker(lambda *problem: np.asarray(checker.reference(*problem)) + 1e-3).name == "different"
    if not np.iscomplexobj(checker.reference(*checker.problem(np.random.default_rng(0)))):
        assert checker(lambda *problem: np.asarray(checker.reference(*problem)) + 0j).name == "complex"
    if any(isinstance(argument, np.ndarray) for argument in checker.problem(np.random.default_rng(0))):
        assert checker(in_place).name == "in place"


def assert_unusual_answers_pass(checker: Checker) -> None:
    """Assert that a right answer passes as a list, in single precision, as an array of one, in an array used again.

    Raises
    ------
    AssertionError
        Naming the form that does not.
    """
    buffers: dict[tuple, np.ndarray] = {}

    def reused(*problem: object) -> np.ndarray:
        right = np.asarray(checker.reference(*problem))
        buffer = buffers.setdefault((right.shape, right.dtype), np.empty_like(right))
        buffer[...] = right
        return buffer

    def single(*problem: object) -> np.ndarray:
        right = np.asarray(checker.reference(*problem))
        return right.astype(np.complex64 if np.iscomplexobj(right) else np.float32)

    forms = {
        "as a list": lambda *problem: np.asarray(checker.reference(*problem)).tolist(),
        "in single precision": single,
        "in an array that is used again": reused,
    }
    if np.ndim(checker.reference(*checker.problem(np.random.default_rng(0)))) == 0:
        forms["as an array of one"] = lambda *problem: np.atleast_1d(checker.reference(*problem))
    for form, answer in forms.items():
        verdict = checker(answer)
        assert verdict.passed, f"{checker.title}: the right answer {form} is refused: {verdict.message}"
