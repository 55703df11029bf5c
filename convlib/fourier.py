r"""Convolution by Fourier transforms of blocks: the fast way where the kernel is long.

Spectra multiply where sequences convolve, and a transform of n samples takes of the order of :math:`n \log_2 n` steps.
Chapter 4 derives it; :mod:`convlib.cost` says when it pays.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from convlib._validate import integer, summable
from convlib.cost import BATCH, best_block


def overlap_add(x: ArrayLike, w: ArrayLike, block: int | None = None) -> np.ndarray:
    r"""Convolve block by block: transform each block, multiply the spectra, transform back, add the overlapping tails.

    A block takes ``block - K + 1`` samples of ``x``; padded with zeros to ``block``, its circular convolution with
    ``w`` is the linear one, whose last K - 1 samples reach into the next block.

    Parameters
    ----------
    x : array_like, shape (N,)
        The input; real and finite.
    w : array_like, shape (K,)
        The kernel; real and finite.
    block : int, optional
        Length of the transforms, at least 2 min(N, K) - 1, so that a tail ends within the next block; by default
        the one that :func:`convlib.cost.best_block` expects to be fastest.

    Returns
    -------
    numpy.ndarray, shape (N + K - 1,)
        As from ``convolve(x, w)``; for integers the exact integers.  The error of floats is of the order of the
        machine precision times the *largest* output, for small outputs too.

    Raises
    ------
    TypeError, ValueError, OverflowError
        As for :func:`convlib.convolve`; for a ``block`` too short for the kernel.

    Examples
    --------
    >>> overlap_add([1, 2, 3, 4, 5], [1, 1], block=4)
    array([1, 3, 5, 7, 9, 5])
    """
    x, w = summable(x, w)
    if block is not None:
        block = integer("block", block, low=2 * min(len(x), len(w)) - 1)
    return by_transform(x, w, block)


def by_transform(x: np.ndarray, w: np.ndarray, block: int | None = None) -> np.ndarray:
    """The full convolution of two arrays of one type, in blocks of the best length or of the one given."""
    if len(w) > len(x):
        x, w = w, x
    block = block or best_block(len(x), len(w))
    if x.dtype.kind == "i":
        if not comes_out_exact(x, w):
            raise ValueError(
                "x and w are integers too large to come out exact from a Fourier transform in floating point; "
                "convolve(x, w) sums them directly"
            )
        return np.rint(_add_blocks(x.astype(float), w.astype(float), block)).astype(x.dtype)
    # Near the limits of their type samples overflow or vanish in a spectrum: bring these to order 1.
    limit = np.finfo(x.dtype).maxexp // 8
    up, by = (exponent if abs(exponent) > limit else 0 for exponent in (_exponent(x), _exponent(w)))
    if up or by:
        return np.ldexp(_add_blocks(np.ldexp(x, -up), np.ldexp(w, -by), block), up + by)
    return _add_blocks(x, w, block)


def comes_out_exact(x: np.ndarray, w: np.ndarray) -> bool:
    """Whether rounding the transform's answer gives the exact integers; of floats nobody asks it.

    Its error is a small multiple of log2(n) machine precisions, relative to the product of the Euclidean norms, and
    has to stay safely below one half.
    """
    if x.dtype.kind == "f":
        return True
    norms = np.linalg.norm(x.astype(float)) * np.linalg.norm(w.astype(float))
    return norms * np.finfo(float).eps * 4 * math.log2(len(x) + len(w)) < 0.25


def _add_blocks(x: np.ndarray, w: np.ndarray, block: int) -> np.ndarray:
    fresh, tail = block - len(w) + 1, len(w) - 1
    spectrum = np.fft.rfft(w, block)
    if block >= len(x) + tail:
        return _filter_blocks(x, spectrum, block)[: len(x) + tail]
    whole = len(x) // fresh
    blocks = x[: whole * fresh].reshape(whole, fresh)
    y = np.zeros((whole + 2, fresh), dtype=x.dtype)  # two more: for what is left over, and for its tail
    together = max(1, BATCH // block)
    for first in range(0, whole, together):
        part = _filter_blocks(blocks[first : first + together], spectrum, block)  # (together, block)
        last = first + len(part)
        y[first:last] += part[:, :fresh]
        y[first + 1 : last + 1, :tail] += part[:, fresh:]
    y = y.reshape(-1)
    if whole * fresh < len(x):
        y[whole * fresh :][:block] += _filter_blocks(x[whole * fresh :], spectrum, block)
    return y[: len(x) + tail]


def _filter_blocks(blocks: np.ndarray, spectrum: np.ndarray, size: int) -> np.ndarray:
    products = np.fft.rfft(blocks, size)
    products *= spectrum
    return np.fft.irfft(products, size)


def _exponent(x: np.ndarray) -> int:
    """Of the power of two just above the largest sample."""
    return int(np.frexp(np.abs(x).max())[1])
