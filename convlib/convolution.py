r"""Convolution and cross-correlation of sequences and of images, by several methods that give the same answer.

For sequences they stand here, for images in :mod:`convlib.plane`.

Every method computes :math:`y[n] = \sum_k w[k]\, x[n-k]`.  The first three are the sum as it stands, and differ in who
runs its loops.  They take an ``x`` that has been extended at both ends, and give the outputs for which the flipped
kernel lies wholly inside it: from M + K - 1 samples and K weights, M outputs.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from convlib import plane
from convlib._validate import (
    image_with_channels,
    integer,
    kernel,
    one_of,
    same_dimensions,
    sequence_or_image,
    summable_planes,
    summable_sequences,
    summable_weights,
)
from convlib.cost import plan
from convlib.fourier import by_transform, comes_out_exact

MODES = ("full", "same", "valid")
BOUNDARIES = ("constant", "reflect", "symmetric", "edge", "wrap")
MATRIX_MODES = (*MODES, "circular")

#: The matrix of an image's convolution is refused beyond so many entries: 800 megabytes.
MOST_ENTRIES = 10**8


def by_loops(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The definition: an outer loop over the outputs, an inner one over the weights."""
    outputs, last = len(x) - len(w) + 1, len(w) - 1
    y = np.zeros(outputs, dtype=x.dtype)  # (M,)
    for n in range(outputs):
        for k in range(len(w)):
            y[n] += w[k] * x[last + n - k]
    return y


def by_taps(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The loops swapped: each weight adds a shifted, scaled copy of the input to all outputs at once."""
    outputs, last = len(x) - len(w) + 1, len(w) - 1
    y = np.zeros(outputs, dtype=x.dtype)  # (M,)
    for k in range(len(w)):
        y += w[k] * x[last - k : last - k + outputs]
    return y


def by_windows(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """No loop: the windows of the input are the rows of a matrix (*im2col*), which multiplies the flipped kernel."""
    windows = np.lib.stride_tricks.sliding_window_view(x, len(w))  # (M, K), a view: nothing is copied
    return windows @ w[::-1]


def by_fft(x: np.ndarray, w: np.ndarray, mode: str = "valid") -> np.ndarray:
    """Fourier transforms of blocks, which compute every output; those that ``mode`` keeps."""
    return by_transform(x, w)[_kept(len(x), len(w), mode)]


def by_cheapest(x: np.ndarray, w: np.ndarray, mode: str = "valid") -> np.ndarray:
    """NumPy's compiled loop or transforms, whichever :func:`convlib.cost.plan` expects to be faster."""
    kept = _kept(len(x), len(w), mode)
    choice = plan(len(x), len(w), outputs=kept.stop - kept.start)
    if choice.method == "fft" and comes_out_exact(x, w):
        return by_transform(x, w, choice.block)[kept]
    return np.convolve(x, w, mode)


METHODS = {"auto": by_cheapest, "loops": by_loops, "taps": by_taps, "im2col": by_windows, "fft": by_fft}


def convolve(
    x: ArrayLike, w: ArrayLike, mode: str = "full", method: str = "auto", boundary: str = "constant"
) -> np.ndarray:
    r"""Convolve two sequences, :math:`y[n] = \sum_k w[k]\, x[n-k]`, or an image with a kernel.

    Of images it is :math:`y[r, c] = \sum_k \sum_l w[k, l]\, x[r-k, c-l]`, and what is said of a length below holds
    of the rows and of the columns.

    Parameters
    ----------
    x : array_like, shape (N,) or (rows, columns)
        The input; real and finite.
    w : array_like, shape (K,) or (rows, columns)
        The kernel; real and finite, with as many dimensions as ``x``.
    mode : {"full", "same", "valid"}
        Which samples to return, with the sizes and centring of :func:`scipy.signal.convolve`:
        all N + K - 1 of them; the middle N; or the abs(N - K) + 1 in which the shorter sequence lies wholly
        inside the longer.  Of two images one must then be at least as large as the other both ways.
    method : {"auto", "loops", "taps", "im2col", "fft"}
        Who runs the loops: Python over everything; Python over the kernel's taps; one matrix product over all windows,
        which for images are copied, each pixel once for every tap; the fast Fourier transform, for sequences by
        :func:`convlib.overlap_add`.  ``"auto"`` takes what the model in :mod:`convlib.cost` expects to be fastest, by
        :func:`convlib.cost.plan` NumPy's compiled loop or the transform, for images by
        :func:`convlib.cost.plan_plane` taps or the transform, or rows and columns where :func:`convlib.plane.separate`
        finds them.
        The rounding error of a sum is relative to the terms of *that* sum, that of a transform to the *largest*
        output: where outputs of very different size matter, as in the tails of a density, take a sum.
    boundary : {"constant", "reflect", "symmetric", "edge", "wrap"}
        What stands beyond the ends of ``x``, by the names of :func:`numpy.pad`; ``"constant"`` is zeros.  A kernel
        that reaches further than ``x`` is long meets it reflected, or wrapped round, again and again; a reflection of a
        single sample is that sample.  It makes no difference in mode ``"valid"``.

    Returns
    -------
    numpy.ndarray, shape (N + K - 1,), (N,) or (abs(N - K) + 1,)
        Of sequences, 64-bit integers for integers and booleans, otherwise NumPy's common type of the two, of 32 bits
        at least.  Of images always floating point, integers and booleans counted as float64: an image of bytes does
        not overflow, and float32 stays float32.

    Raises
    ------
    TypeError
        If ``x`` or ``w`` is complex or not numeric.
    ValueError
        If ``x`` or ``w`` is empty, has more than two dimensions or other than the other, or holds NaN or infinity; for
        an unknown name; for ``method="fft"`` on integers too large to be exact in floating point; in mode ``"valid"``
        for two images of which neither contains the other.
    OverflowError
        If a result might not fit into its type: if the number of samples of ``x`` or of ``w``, whichever is less, times
        the largest sample of each, which no sum exceeds, is more than 64-bit integers hold, or half of what floats do.
        Every method answers alike.

    Examples
    --------
    >>> convolve([1, 2, 3], [1, 1])
    array([1, 3, 5, 3])
    >>> convolve([1, 2, 3], [1, 1], mode="valid")
    array([3, 5])
    >>> convolve([[1, 2], [3, 4]], [[1, 1], [1, 1]], mode="same", method="taps")
    array([[ 1.,  3.],
           [ 4., 10.]])
    """
    one_of("mode", mode, MODES)
    one_of("method", method, METHODS)
    one_of("boundary", boundary, BOUNDARIES)
    x, w = sequence_or_image("x", x), sequence_or_image("w", w)
    same_dimensions(x, w)
    if x.ndim == 2:
        return _convolve_planes(x, w, mode, method, boundary)
    x, w = summable_sequences(x, w)
    if mode == "valid" and len(w) > len(x):
        x, w = w, x  # convolution commutes, and the longer sequence is the one that has windows
    kept = _kept(len(x), len(w), mode)
    if mode != "valid" and boundary == "constant" and method in ("auto", "fft"):
        return METHODS[method](x, w, "full")[kept]  # these two need no zeros at the ends
    if mode != "valid":
        # Output n is made of x[n - K + 1 .. n], which reaches beyond the ends for the first and the last of those kept.
        x = np.pad(x, (len(w) - 1 - kept.start, kept.stop - len(x)), mode=boundary)
    return METHODS[method](x, w)


def _convolve_planes(x: np.ndarray, w: np.ndarray, mode: str, method: str, boundary: str) -> np.ndarray:
    x, w, largest = summable_planes(x, w)
    # Squares of samples near the limits of their type overflow or vanish in a spectrum: bring these to order 1.
    limit = np.finfo(x.dtype).maxexp // 8
    up, by = (exponent if abs(exponent := math.frexp(value)[1]) > limit else 0 for value in largest)
    if up or by:
        return np.ldexp(_convolve_planes(np.ldexp(x, -up), np.ldexp(w, -by), mode, method, boundary), up + by)
    if mode == "valid":
        x, w = _larger_first(x, w)
    else:
        kept = [_kept(n, k, mode) for n, k in zip(x.shape, w.shape, strict=True)]
        reach = [(k - 1 - s.start, s.stop - n) for n, k, s in zip(x.shape, w.shape, kept, strict=True)]
        x = _with_zeros(x, reach) if boundary == "constant" else np.pad(x, reach, mode=boundary)
    return plane.METHODS[method](x, w)


def _with_zeros(x: np.ndarray, reach: list[tuple[int, int]]) -> np.ndarray:
    """What np.pad does, whose own overhead is a tenth of the time that a small image takes."""
    (above, below), (before, after) = reach
    padded = np.zeros((above + x.shape[0] + below, before + x.shape[1] + after), dtype=x.dtype)
    padded[above : above + x.shape[0], before : before + x.shape[1]] = x
    return padded


def _larger_first(x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Convolution commutes, and the larger image is the one that has windows."""
    if all(n >= k for n, k in zip(x.shape, w.shape, strict=True)):
        return x, w
    if all(n <= k for n, k in zip(x.shape, w.shape, strict=True)):
        return w, x
    raise ValueError(
        f"mode 'valid' needs x or w to be at least as large as the other both ways, got shapes {x.shape} and {w.shape}"
    )


def convolve_channels(
    image: ArrayLike, w: ArrayLike, mode: str = "same", method: str = "auto", boundary: str = "constant"
) -> np.ndarray:
    """Convolve every channel of an image, red, green and blue, with the same kernel.

    Parameters
    ----------
    image : array_like, shape (rows, columns, channels)
        Real and finite.
    w : array_like, shape (K, L)
        The kernel; real and finite.
    mode, method, boundary : str
        As for :func:`convolve`; but ``mode`` is ``"same"`` unless another one is named.

    Returns
    -------
    numpy.ndarray, shape (rows, columns, channels)
        In floating point, as of :func:`convolve`; rows and columns are those that ``mode`` keeps.

    Raises
    ------
    TypeError, ValueError, OverflowError
        As for :func:`convolve`; for an ``image`` with other than three dimensions, a ``w`` with other than two.

    Examples
    --------
    >>> image = np.full((4, 5, 3), 200, dtype=np.uint8)
    >>> convolve_channels(image, [[1, 1], [1, 1]], boundary="edge")[0, 0]
    array([800., 800., 800.])
    """
    image, w = image_with_channels("image", image), kernel("w", w)
    channels = np.moveaxis(image, -1, 0)
    return np.stack([convolve(channel, w, mode, method, boundary) for channel in channels], axis=-1)


def correlate(
    x: ArrayLike, w: ArrayLike, mode: str = "full", method: str = "auto", boundary: str = "constant"
) -> np.ndarray:
    r"""Cross-correlate two sequences, or an image with a kernel: slide ``w`` along ``x`` *without* the flip.

    This is :func:`convolve` with ``w`` reversed, so :math:`y[n] = \sum_k w[k]\, x[n + k - (K-1)]` in mode ``"full"``;
    a kernel of two dimensions is reversed both ways, that is, turned by half a turn.
    Parameters, sizes and errors are those of :func:`convolve`; the values are those of
    :func:`scipy.signal.correlate` for real input.

    Examples
    --------
    >>> correlate([1, 2, 3], [0, 1], mode="full")
    array([1, 2, 3, 0])
    >>> convolve([1, 2, 3], [0, 1], mode="full")
    array([0, 1, 2, 3])
    """
    return convolve(x, np.flip(sequence_or_image("w", w)), mode, method, boundary)


def convolution_matrix(w: ArrayLike, size: int | tuple[int, int], mode: str = "full") -> np.ndarray:
    r"""The matrix ``A`` for which ``A @ x`` is the convolution of ``x`` with ``w``: entry (n, m) is :math:`w[n-m]`.

    Every diagonal holds one weight (a *Toeplitz* matrix); with ``mode="circular"`` the diagonals wrap round (a
    *circulant* one).  The rows are those of the full matrix that ``mode`` keeps.

    For images ``A @ x.ravel()`` holds the outputs in reading order, row after row.  ``A`` is then made of blocks, one
    for each row of outputs and each row of inputs: every diagonal of blocks holds one block, and every block is the
    Toeplitz matrix of one row of the kernel (*doubly blocked*).

    Parameters
    ----------
    w : array_like, shape (K,) or (K, L)
        The kernel; real and finite.
    size : int or (int, int)
        N, the number of samples of ``x``; for a kernel of two dimensions the rows and columns of ``x``.  At least 1.
    mode : {"full", "same", "valid", "circular"}
        As in :func:`convolve`; ``"circular"`` is :math:`y[n] = \sum_k w[k]\, x[(n-k) \bmod N]`.

    Returns
    -------
    numpy.ndarray, shape (M, N)
        M is N + K - 1, N, abs(N - K) + 1 or N; for images the products of these both ways.  64-bit integers for an
        integer kernel.

    Raises
    ------
    TypeError, ValueError, OverflowError
        As for :func:`convolve`; for a ``size`` that is not a whole number of at least 1, or two for an image; for an
        image whose matrix would have more than 10\ :sup:`8` entries.

    Examples
    --------
    >>> convolution_matrix([1, 2], 3)
    array([[1, 0, 0],
           [2, 1, 0],
           [0, 2, 1],
           [0, 0, 2]])
    >>> convolution_matrix([1, 2], 3, mode="circular")
    array([[1, 0, 2],
           [2, 1, 0],
           [0, 2, 1]])
    >>> convolution_matrix([[1, 2], [3, 4]], (2, 2), mode="same")
    array([[1, 0, 0, 0],
           [2, 1, 0, 0],
           [3, 0, 1, 0],
           [4, 3, 2, 1]])
    """
    w = sequence_or_image("w", w)
    sizes = _sizes(size, w.ndim)
    one_of("mode", mode, MATRIX_MODES)
    # Unless it is circular, a period so long that nothing meets what comes round.
    periods = [n if mode == "circular" else n + k - 1 for n, k in zip(sizes, w.shape, strict=True)]
    outputs = _rows_of_matrix(sizes, w.shape, mode)
    if w.ndim == 2:
        _check_entries(math.prod(map(len, outputs)), math.prod(sizes))
    w = summable_weights(w, terms=math.prod(-(-k // period) for k, period in zip(w.shape, periods, strict=True)))
    wrapped = np.zeros(periods, dtype=w.dtype)
    np.add.at(wrapped, np.ix_(*(np.arange(k) % period for k, period in zip(w.shape, periods, strict=True))), w)
    shifts = [(n[:, np.newaxis] - np.arange(m)) % p for n, m, p in zip(outputs, sizes, periods, strict=True)]
    if w.ndim == 1:
        return wrapped[shifts[0]]
    down, across = shifts
    matrix = wrapped[down[:, np.newaxis, :, np.newaxis], across[np.newaxis, :, np.newaxis, :]]  # (R, C, rows, columns)
    return matrix.reshape(math.prod(map(len, outputs)), math.prod(sizes))


def _sizes(size: object, dimensions: int) -> tuple[int, ...]:
    if dimensions == 1:
        return (integer("size", size, low=1),)
    if not isinstance(size, tuple | list) or len(size) != 2:
        raise TypeError(f"size must be two whole numbers (rows, columns) for a kernel of two dimensions, got {size!r}")
    return tuple(integer("size", n, low=1) for n in size)


def _rows_of_matrix(sizes: tuple[int, ...], shape: tuple[int, ...], mode: str) -> list[np.ndarray]:
    """Which outputs of the full result, or of the circular one, are kept in each dimension."""
    if mode == "circular":
        return [np.arange(n) for n in sizes]
    contained = all(n >= k for n, k in zip(sizes, shape, strict=True))
    if mode == "valid" and not contained and not all(n <= k for n, k in zip(sizes, shape, strict=True)):
        raise ValueError(
            f"mode 'valid' needs size or the shape of w to be at least as large as the other both ways, "
            f"got {sizes} and {shape}"
        )
    return [np.arange(n + k - 1)[_kept(n, k, mode)] for n, k in zip(sizes, shape, strict=True)]


def _check_entries(rows: int, columns: int) -> None:
    if rows * columns > MOST_ENTRIES:
        raise ValueError(
            f"size gives a matrix of {rows:,} × {columns:,} entries, more than the {MOST_ENTRIES:,} that are allowed; "
            "convolve(x, w) needs no matrix"
        )


def _kept(n: int, k: int, mode: str) -> slice:
    """Which of the N + K - 1 samples of the full result ``mode`` keeps."""
    if mode == "same":
        return slice((k - 1) // 2, (k - 1) // 2 + n)
    return slice(min(n, k) - 1, max(n, k)) if mode == "valid" else slice(0, n + k - 1)
