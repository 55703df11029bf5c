"""Checks on arguments, each with a message that says which argument, what was given and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np


def one_of(name: str, value: object, allowed: Collection[str]) -> str:
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
    if isinstance(value, str) and value in allowed:
        return value
    choices = ", ".join(repr(choice) for choice in allowed)
    if not isinstance(value, str):
        raise TypeError(f"{name} must be one of {choices}, got {value!r} of type {type(value).__name__}")
    raise ValueError(f"{name} must be one of {choices}, got {value!r}")


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
    array = sequence(name, value)
    _largest(name, array)
    return array


def summable(x: object, w: object) -> tuple[np.ndarray, np.ndarray]:
    """Return both sequences as arrays of one type that holds every sum of products of their samples.

    Raises
    ------
    TypeError, ValueError
        As for :func:`real_sequence`.
    OverflowError
        If a sum might not fit.

    Examples
    --------
    >>> summable([True, False], np.array([100], dtype=np.int8))
    (array([1, 0]), array([100]))
    """
    return summable_sequences(sequence("x", x), sequence("w", w))


def summable_sequences(x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same for what is known to be sequences."""
    bound = _largest("x", x) * _largest("w", w) * min(len(x), len(w))
    kind = _type_for_sums("products of x and w", bound, x, w)
    return x.astype(kind, copy=False), w.astype(kind, copy=False)


def summable_weights(w: np.ndarray, terms: int) -> np.ndarray:
    """Return ``w``, of any shape, in a type that holds every sum of ``terms`` of its samples; errors as above."""
    return w.astype(_type_for_sums("samples of w", _largest("w", w) * terms, w), copy=False)


def sequence(name: str, value: object) -> np.ndarray:
    """As :func:`real_sequence`, but NaN and infinity pass."""
    array = real_array(name, value)
    if array.ndim != 1:
        raise ValueError(f"{name} must have 1 dimension, got {array.ndim} with shape {array.shape}")
    return _not_empty(name, array, "sample")


def sequence_or_image(name: str, value: object) -> np.ndarray:
    """Return ``value`` as an array of real numbers with one or two dimensions; NaN and infinity pass."""
    array = real_array(name, value)
    if array.ndim not in (1, 2):
        advice = "; convolve_channels takes an image with channels" if array.ndim == 3 else ""
        raise ValueError(f"{name} must have 1 or 2 dimensions, got {array.ndim} with shape {array.shape}{advice}")
    return _not_empty(name, array, "sample")


def same_dimensions(x: np.ndarray, w: np.ndarray) -> None:
    """Raise a ValueError unless both are sequences, or both images."""
    if x.ndim != w.ndim:
        raise ValueError(
            f"x and w must have the same number of dimensions, got {x.ndim} and {w.ndim} "
            f"with shapes {x.shape} and {w.shape}"
        )


def image_with_channels(name: str, value: object) -> np.ndarray:
    """Return ``value`` as an array (rows, columns, channels) of finite real numbers."""
    array = real_array(name, value)
    if array.ndim != 3:
        advice = "; convolve takes one without channels" if array.ndim == 2 else ""
        raise ValueError(
            f"{name} must have 3 dimensions (rows, columns, channels), "
            f"got {array.ndim} with shape {array.shape}{advice}"
        )
    _largest(name, _not_empty(name, array, "pixel"))
    return array


def kernel(name: str, value: object) -> np.ndarray:
    """Return ``value`` as a two-dimensional array of finite floating-point numbers."""
    array = real_array(name, value)
    if array.ndim != 2:
        raise ValueError(f"{name} must have 2 dimensions, got {array.ndim} with shape {array.shape}")
    _largest(name, _not_empty(name, array, "weight"))
    return array.astype(_float_type(array), copy=False)


def summable_planes(x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple[float, float]]:
    """Return both images in one floating type that holds every sum of products, and their largest magnitudes.

    Raises
    ------
    ValueError
        If one of them holds NaN or infinity.
    OverflowError
        If a sum might not fit.
    """
    largest = _largest("x", x), _largest("w", w)
    kind = np.result_type(_float_type(x), _float_type(w))
    x, w = x.astype(kind, copy=False), w.astype(kind, copy=False)
    _type_for_sums("products of x and w", largest[0] * largest[1] * min(x.size, w.size), x, w)
    return x, w, largest


def real_array(name: str, value: object) -> np.ndarray:
    """Return ``value`` as an array of real numbers, with any number of dimensions; a TypeError if it is none."""
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; fill it, or leave the masked samples out, before it is convolved")
    try:
        array = np.asarray(value)
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"{name} must be a one-dimensional sequence of numbers, or an image: {error}") from error
    except (TypeError, RuntimeError) as error:  # a tensor that requires gradients, or lies on another device
        raise TypeError(f"{name} cannot be read as an array: {error}") from error
    if array.dtype.kind == "c":
        raise TypeError(f"{name} must be real, got complex values; convolve the real and imaginary parts one by one")
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    return array


def _not_empty(name: str, array: np.ndarray, item: str) -> np.ndarray:
    if array.size == 0:
        raise ValueError(f"{name} is empty; give at least one {item}")
    return array


def _float_type(array: np.ndarray) -> np.dtype:
    """Its own type, but of 32 bits at least; for integers and booleans, 64-bit floats."""
    return np.result_type(array.dtype, np.float32) if array.dtype.kind == "f" else np.dtype(np.float64)


def _largest(name: str, array: np.ndarray) -> float:
    """The largest magnitude, for integers a Python integer, which does not overflow; NaN and infinity are refused."""
    low, high = array.min().item(), array.max().item()
    if not (-math.inf < low and high < math.inf):  # false for NaN, too
        bad = np.argwhere(~np.isfinite(array))
        first = bad[0, 0] if array.ndim == 1 else tuple(bad[0].tolist())
        raise ValueError(f"{name} holds {len(bad)} value(s) that are NaN or infinite, the first at index {first}")
    return max(abs(low), abs(high))


def _type_for_sums(terms: str, bound: float, *arrays: np.ndarray) -> np.dtype:
    """64-bit integers for integers and booleans, the wider float otherwise; an error if ``bound`` is beyond it."""
    if all(array.dtype.kind != "f" for array in arrays):
        if bound > np.iinfo(np.int64).max:
            raise OverflowError(f"sums of {terms} may not fit into 64-bit integers; convert to float first")
        return np.dtype(np.int64)
    kind = np.result_type(*arrays, np.float32)
    if bound > np.finfo(kind).max / 2:  # half, to leave room for rounding
        raise OverflowError(f"sums of {terms} may not fit into {kind}; scale the samples down first")
    return kind


def real_image(name: str, value: object, *, channels: bool = False) -> np.ndarray:
    """Return ``value`` as floats of shape (rows, columns), or with a third axis where ``channels`` are allowed.

    Raises
    ------
    TypeError
        If the elements are complex or not numbers, or some of them masked.
    ValueError
        If the array is empty, has other axes, or holds NaN or infinity.

    Examples
    --------
    >>> real_image("image", np.zeros((4, 4, 3)))
    Traceback (most recent call last):
    ...
    ValueError: image must have 2 dimensions, rows and columns, got shape (4, 4, 3); take one channel at a time
    """
    array = real_array(name, value)
    if array.ndim != 2 and not (channels and array.ndim == 3):
        advice = "; take one channel at a time" if array.ndim == 3 else ""
        raise ValueError(f"{name} must have 2 dimensions, rows and columns, got shape {array.shape}{advice}")
    _largest(name, _not_empty(name, array, "pixel"))
    return array.astype(float)


def real_images(**images: object) -> list[np.ndarray]:
    """Return images of one shape, each as from :func:`real_image`.

    Raises
    ------
    TypeError, ValueError
        As for :func:`real_image`; if the shapes differ.

    Examples
    --------
    >>> real_images(gx=[[1, 2]], gy=[[1], [2]])
    Traceback (most recent call last):
    ...
    ValueError: gx and gy must have the same shape, got (1, 2) and (2, 1)
    """
    arrays = [real_image(name, value) for name, value in images.items()]
    if len({array.shape for array in arrays}) > 1:
        shapes = " and ".join(str(array.shape) for array in arrays)
        raise ValueError(f"{' and '.join(images)} must have the same shape, got {shapes}")
    return arrays
