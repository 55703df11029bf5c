"""A test for every checker: feed it its wrong answers, and see each get its own hint."""

from __future__ import annotations

import numpy as np

from convlib.exercises.checker import Checker


def assert_mistakes_are_told_apart(checker: Checker) -> None:
    """Assert that the reference passes, an empty answer is unwritten, and each mistake is called by its own name.

    Also that hints differ, and that answers of the wrong shape, of no number, that raise, or that work in place are
    told so.

    Raises
    ------
    AssertionError
        Naming the mistake that was taken for something else.
    """
    assert checker(checker.reference).passed, f"{checker.title}: the reference does not pass"
    assert checker(lambda *_: None).status == "not written yet"
    assert checker(lambda *_: ...).message == f"Hint: {checker.first_hint}"
    for mistake in checker.mistakes:
        verdict = checker(mistake.function)
        assert not verdict.passed, f"{checker.title}: {mistake.name!r} passes"
        assert verdict.name == mistake.name, f"{checker.title}: {mistake.name!r} is taken for {verdict.name!r}"
    hints = [mistake.hint for mistake in checker.mistakes]
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
