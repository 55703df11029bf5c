"""What the problems of several chapters are drawn with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convlib.exercises.checker import Checker, Problem


def sides(rng: np.random.Generator, least: int, greatest: int) -> tuple[int, int]:
    """Rows and columns of a table that is no square, so that exchanging the two shows."""
    rows, columns = rng.permutation(np.arange(least, greatest + 1))[:2].tolist()
    return rows, columns


def told_apart(rng: np.random.Generator, draw: Callable[[np.random.Generator], Problem], checker: Checker) -> Problem:
    """One problem on which the right answer and the mistakes of ``checker`` are all different."""
    ways = (checker.reference, *(mistake.function for mistake in checker.mistakes))
    while True:
        problem = draw(rng)
        answers = [np.asarray(way(*problem), dtype=float) for way in ways]
        if all(_differ(one, other) for n, one in enumerate(answers) for other in answers[:n]):
            return problem


def clear_winners(scores: np.ndarray, gap: float) -> bool:
    """Whether the largest number of each row is ahead of the second by more than ``gap``, safe from rounding."""
    first, second = np.sort(scores, axis=1)[:, :-3:-1].T
    return bool((first - second > gap).all())


def _differ(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape != other.shape or bool(np.abs(one - other).max(initial=0.0) > 1e-3)
