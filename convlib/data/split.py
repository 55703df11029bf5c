"""How every set of pictures is given: some to learn from, others to be tested with."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Split(NamedTuple):
    """Pictures with their classes, some to learn from and others to be tested with.

    ``x_train, y_train, x_test, y_test = data.mnist()`` takes it apart; :func:`torch.from_numpy` takes each part as it
    is.
    """

    x_train: np.ndarray  #: (N, channels, rows, columns), 32-bit floats
    y_train: np.ndarray  #: (N,), class numbers from 0, 64-bit integers
    x_test: np.ndarray
    y_test: np.ndarray
