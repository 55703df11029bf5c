"""What the problems of several chapters are drawn with."""

from __future__ import annotations

import numpy as np


def sides(rng: np.random.Generator, least: int, greatest: int) -> tuple[int, int]:
    """Rows and columns of a table that is no square, so that exchanging the two shows."""
    rows, columns = rng.permutation(np.arange(least, greatest + 1))[:2].tolist()
    return rows, columns
