"""Checks on arguments, each with a message that says which argument, what was given and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np


def one_of(name: str, value: object, allowed: Iterable[str]) -> str:
    """Return ``value`` if it is one of the ``allowed`` names.

    Raises
    ------
    TypeError
        If ``value`` is not a string.
    ValueError
        If it is a string that is not allowed.

    Examples
    --------
    >>> one_of("mode", "ful", ["full", "same", "valid"])
    Traceback (most recent call last):
    ...
    ValueError: mode must be one of 'full', 'same', 'valid', got 'ful'
    """
    choices = ", ".join(repr(choice) for choice in allowed)
    if not isinstance(value, str):
        raise TypeError(f"{name} must be one of {choices}, got {value!r} of type {type(value).__name__}")
    if value not in allowed:
        raise ValueError(f"{name} must be one of {choices}, got {value!r}")
    return value


def finite_number(name: str, value: object, *, low: float = -np.inf, high: float = np.inf) -> float:
    """Return ``value`` as a float between ``low`` and ``high``, both included.

    Raises
    ------
    TypeError
        If ``value`` is not a real number.
    ValueError
        If it is NaN, infinite or out of range.
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"{name} must be a real number, got {value!r} of type {type(value).__name__}")
    number = float(value)
    if not np.isfinite(number):
        raise ValueError(f"{name} must be finite, got {number}")
    if not low <= number <= high:
        raise ValueError(f"{name} must be between {low:g} and {high:g}, got {number:g}")
    return number


def integer(name: str, value: object, *, low: int) -> int:
    """Return ``value`` as a Python int of at least ``low``.

    Raises
    ------
    TypeError
        If ``value`` is not a whole number by type; ``3.0`` is not.
    ValueError
        If it is below ``low``.
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number, got {value!r} of type {type(value).__name__}")
    if value < low:
        raise ValueError(f"{name} must be at least {low}, got {value}")
    return int(value)


def positive_number(name: str, value: object) -> float:
    """Return ``value`` as a float above zero; errors as in :func:`finite_number`."""
    number = finite_number(name, value)
    if number <= 0:
        raise ValueError(f"{name} must be greater than 0, got {number:g}")
    return number


def real_sequence(name: str, value: object) -> np.ndarray:
    """Return ``value`` as a one-dimensional array of finite real numbers, not a copy where none is needed.

    Raises
    ------
    TypeError
        If the elements are complex or not numbers, or some of them masked.
    ValueError
        If the array is empty, not one-dimensional, or holds NaN or infinity.
    """
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; fill it, or leave the masked samples out, before it is convolved")
    try:
        array = np.asarray(value)
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"{name} must be a one-dimensional sequence of numbers: {error}") from error
    if array.dtype.kind == "c":
        raise TypeError(f"{name} must be real, got complex values; convolve the real and imaginary parts one by one")
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    if array.ndim != 1:
        raise ValueError(f"{name} must have 1 dimension, got {array.ndim} with shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} is empty; give at least one sample")
    if array.dtype.kind == "f" and not all_finite(array):
        bad = np.flatnonzero(~np.isfinite(array))
        raise ValueError(f"{name} holds {bad.size} value(s) that are NaN or infinite, the first at index {bad[0]}")
    return array


def all_finite(array: np.ndarray) -> bool:
    """Whether every sample is finite."""
    return (array.dtype.char == "d" and surely_finite(array)) or bool(np.isfinite(array).all())


def surely_finite(array: np.ndarray) -> bool:
    """Whether one look proves that every sample is finite; False proves nothing, for sums of huge samples overflow.

    NaN and infinity survive every sum of products, so it is enough that one of the array's halves times the other is
    finite: several times quicker than ``isfinite``, whose answers have to be written and read again.

    Parameters
    ----------
    array : numpy.ndarray of float64, shape (N,)
        At least one sample.
    """
    half = len(array) + 1 >> 1
    if half <= LOOK:
        return math.isfinite(np.vdot(array[:half], array[-half:]))
    if half <= 3 * LOOK:
        return surely_finite(array[: 2 * LOOK]) and surely_finite(array[2 * LOOK :])
    rows = -(-half // LOOK)
    size = rows * -(-half // rows)  # at least half: the two pieces may overlap in the middle
    with np.errstate(all="ignore"):
        sums = np.vecdot(array[:size].reshape(rows, -1), array[-size:].reshape(rows, -1))
    return all(map(math.isfinite, sums.tolist()))


#: A product of longer rows would be shared among threads, which costs more than it gains when other cores are busy.
LOOK = 10_000
