r"""Convolution of images: the same operation with two indices, by methods that give the same answer.

Every method computes :math:`y[r, c] = \sum_k \sum_l w[k, l]\, x[r-k, c-l]`.  As in one dimension they take an ``x``
that has been extended on all sides, and give the outputs for which the flipped kernel lies wholly inside it: from
(R + K - 1, C + L - 1) pixels and (K, L) weights, (R, C) outputs.  They expect two arrays of one floating type, which
:func:`convlib.convolve` makes.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from convlib._validate import kernel
from convlib.cost import fast_length, plan_plane, strip_rows


def by_loops(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The definition: two loops over the outputs, two over the weights."""
    rows, columns = size_of_output(x, w)
    bottom, right = w.shape[0] - 1, w.shape[1] - 1
    y = np.zeros((rows, columns), dtype=x.dtype)
    for r in range(rows):
        for c in range(columns):
            for k in range(w.shape[0]):
                for l in range(w.shape[1]):
                    y[r, c] += w[k, l] * x[bottom + r - k, right + c - l]
    return y


def by_taps(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The loops swapped: each weight adds a shifted, scaled copy of the image to all outputs at once."""
    rows, columns = size_of_output(x, w)
    y = np.zeros((rows, columns), dtype=x.dtype)
    for (k, l), weight in np.ndenumerate(w[::-1, ::-1]):
        y += weight * x[k : k + rows, l : l + columns]
    return y


def by_windows(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """No loop: every window of the image becomes a row of a matrix (*im2col*), which multiplies the flipped kernel."""
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape)  # (R, C, K, L), a view: nothing is copied
    matrix = windows.reshape(-1, w.size)  # (R C, K L), a copy: each pixel up to K L times
    y = matrix @ w[::-1, ::-1].reshape(-1)  # (R C,)
    return y.reshape(size_of_output(x, w))


def by_fft(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Spectra multiply where images convolve; kept is what has not come round from the opposite side."""
    size = [fast_length(n) for n in x.shape]
    spectrum = np.fft.rfft2(x, size) * np.fft.rfft2(w, size)
    y = np.fft.irfft2(spectrum, size)
    return y[w.shape[0] - 1 : x.shape[0], w.shape[1] - 1 : x.shape[1]]


def by_rows_and_columns(x: np.ndarray, column: np.ndarray, row: np.ndarray) -> np.ndarray:
    """For the kernel ``np.outer(column, row)``: K + L taps in place of K times L."""
    return by_taps(by_taps(x, column[:, np.newaxis]), row[np.newaxis, :])


def separate(w: ArrayLike) -> tuple[np.ndarray, np.ndarray] | None:
    """The column and the row whose outer product is the kernel ``w``, or None where there are none.

    In a matrix of rank 1 every row is a multiple of every other, so it is any of its columns times any of its rows,
    divided by the entry in which they cross.  Taken are those through the entry of largest magnitude.

    Parameters
    ----------
    w : array_like, shape (K, L)
        The kernel; real and finite.

    Returns
    -------
    (column, row) : numpy.ndarray, shapes (K,) and (L,)
        Floating point; the largest magnitude in ``row`` is 1.  None if ``w`` differs from their product by more than
        rounding: anywhere by more than 4 (K + L) machine precisions times its largest magnitude.

    Raises
    ------
    TypeError, ValueError
        If ``w`` is not real and numeric; not two-dimensional, empty, or with NaN or infinity.

    Examples
    --------
    >>> separate([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
    (array([1., 2., 1.]), array([ 1.,  0., -1.]))
    >>> separate([[0, 1, 0], [1, -4, 1], [0, 1, 0]]) is None
    True
    """
    w = kernel("w", w)
    k, l = np.unravel_index(np.abs(w).argmax(), w.shape)
    largest = w[k, l]
    column, row = w[:, l].copy(), w[k, :] / (largest or 1)  # of zeros only: zeros
    rounding = 4 * sum(w.shape) * np.finfo(w.dtype).eps * abs(largest)
    return (column, row) if np.abs(column[:, np.newaxis] * row - w).max() <= rounding else None


# --- what method="auto" does: the same, in pieces that fit the processor's cache, in memory reserved once -----------


def by_cheapest(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Taps, rows and columns, or transforms, whichever :func:`convlib.cost.plan_plane` expects to be fastest."""
    choice = plan_plane(x.shape, w.shape, separable=True)
    if choice.method == "separable":
        pair = separate(w)  # not asked for where it would not pay
        if pair is not None:
            column, row = pair
            return in_strips(x, column[:, np.newaxis], row[np.newaxis, :])
        choice = plan_plane(x.shape, w.shape)
    return in_tiles(x, w, choice.tile) if choice.method == "fft" else in_strips(x, w)


METHODS = {"auto": by_cheapest, "loops": by_loops, "taps": by_taps, "im2col": by_windows, "fft": by_fft}


def in_strips(x: np.ndarray, *kernels: np.ndarray) -> np.ndarray:
    """By taps, with one kernel after the other, strip by strip: a few rows go through all taps before the next do.

    A strip is taken as one long sequence, row after row: tap (k, l) is then a single shift by k rows and l pixels, and
    NumPy has one loop to run where it would have one for each row.  What a row lends its neighbour is cut at the end.
    """
    above, width = sum(len(w) - 1 for w in kernels), x.shape[1]
    rows, columns = len(x) - above, width - sum(w.shape[1] - 1 for w in kernels)
    height = min(rows, strip_rows(width))
    product, *sums = np.empty((1 + len(kernels), (height + above) * width), dtype=x.dtype)
    y = np.empty((rows, columns), dtype=x.dtype)
    for top in range(0, rows, height):
        strip = x[top : top + height + above].reshape(-1)
        for w, room in zip(kernels, sums, strict=True):
            strip = _add_shifted(strip, w, width, room, product)
        kept = y[top : top + height]
        kept[:] = sums[-1][: len(kept) * width].reshape(-1, width)[:, :columns]
    return y


def _add_shifted(x: np.ndarray, w: np.ndarray, width: int, y: np.ndarray, product: np.ndarray) -> np.ndarray:
    """:func:`by_taps` for rows that follow each other; the sum goes into ``y``, each product into ``product``."""
    length = len(x) - (w.shape[0] - 1) * width - (w.shape[1] - 1)
    y, product = y[:length], product[:length]
    y[:] = 0
    for (k, l), weight in np.ndenumerate(w[::-1, ::-1]):
        y += np.multiply(x[k * width + l :][:length], weight, out=product)
    return y


def in_tiles(x: np.ndarray, w: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """By transforms of tiles, which overlap by the kernel's size less one (*overlap-save*): what came round is cut."""
    rows, columns = size_of_output(x, w)
    above, before = w.shape[0] - 1, w.shape[1] - 1
    # Orthonormal, to and fro: with its usual norm NumPy takes one of them in double precision, at twice the time.
    spectrum = np.fft.rfft2(w * w.dtype.type(math.sqrt(math.prod(size))), size, norm="ortho")
    tile, product = np.empty(size, dtype=x.dtype), np.empty_like(spectrum)
    y = np.empty((rows, columns), dtype=x.dtype)
    for top in range(0, rows, size[0] - above):
        for left in range(0, columns, size[1] - before):
            part = x[top : top + size[0], left : left + size[1]]
            bottom, right = part.shape
            tile[:bottom, :right], tile[bottom:], tile[:, right:] = part, 0, 0
            np.multiply(np.fft.rfft2(tile, norm="ortho", out=product), spectrum, out=product)
            np.fft.ifft(product, axis=0, norm="ortho", out=product)
            np.fft.irfft(product, size[1], norm="ortho", out=tile)
            y[top : top + bottom - above, left : left + right - before] = tile[above:bottom, before:right]
    return y


def size_of_output(x: np.ndarray, w: np.ndarray) -> tuple[int, int]:
    """How many rows and columns of outputs lie wholly inside."""
    return x.shape[0] - w.shape[0] + 1, x.shape[1] - w.shape[1] + 1
