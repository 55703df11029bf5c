r"""Convolution and cross-correlation of sequences, by several methods that give the same answer.

Every method computes :math:`y[n] = \sum_k w[k]\, x[n-k]`.  Three differ in who runs the loops; the fourth multiplies
Fourier transforms of blocks instead; ``"auto"`` takes what :mod:`convlib.cost` expects to be fastest.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from convlib._validate import LOOK, all_finite, integer, one_of, real_sequence, surely_finite
from convlib.cost import BATCH, FEW_PRODUCTS, UNROLLED, best_block, plan

MODES = ("full", "same", "valid")
METHODS = ("auto", "loops", "taps", "im2col", "fft")
BOUNDARIES = ("constant", "reflect", "symmetric", "edge", "wrap")
MATRIX_MODES = (*MODES, "circular")
# Names of this module are found sooner than attributes of another, which tells in calls of a few microseconds.
_FLOAT, _slide_in_c, _vdot, _isfinite = np.dtype(float), np.correlate, np.vdot, math.isfinite


def convolve(
    x: ArrayLike, w: ArrayLike, mode: str = "full", method: str = "auto", boundary: str = "constant"
) -> np.ndarray:
    r"""Convolve two sequences: :math:`y[n] = \sum_k w[k]\, x[n-k]`.

    Parameters
    ----------
    x : array_like, shape (N,)
        The input; real and finite.
    w : array_like, shape (K,)
        The kernel; real and finite.
    mode : {"full", "same", "valid"}
        Which samples to return, with the sizes and centring of :func:`scipy.signal.convolve`:
        all N + K - 1 of them; the middle N; or the abs(N - K) + 1 in which the shorter sequence lies wholly
        inside the longer.
    method : {"auto", "loops", "taps", "im2col", "fft"}
        Who runs the loops: Python twice; Python over the kernel's taps; one matrix product over all windows;
        the fast Fourier transform, by :func:`overlap_add`.  ``"auto"`` takes NumPy's compiled loop or the
        transform, whichever :func:`convlib.cost.plan` expects to be faster.
    boundary : {"constant", "reflect", "symmetric", "edge", "wrap"}
        What stands beyond the ends of ``x``, by the names of :func:`numpy.pad`; ``"constant"`` is zeros.
        It makes no difference in mode ``"valid"``.

    Returns
    -------
    numpy.ndarray, shape (N + K - 1,), (N,) or (abs(N - K) + 1,)
        64-bit integers for integers and booleans, otherwise NumPy's common type of the two, of 32 bits at least.

    Raises
    ------
    TypeError
        If ``x`` or ``w`` is complex or not numeric.
    ValueError
        If ``x`` or ``w`` is empty, not one-dimensional, or holds NaN or infinity; for an unknown name; for
        ``method="fft"`` on integers too large to be exact in floating point.
    OverflowError
        If the result of an integer convolution might not fit into 64 bits.

    Examples
    --------
    >>> convolve([1, 2, 3], [1, 1])
    array([1, 3, 5, 3])
    >>> convolve([1, 2, 3], [1, 1], mode="valid")
    array([3, 5])
    """
    try:
        if method == "auto" and mode == "full" and boundary == "constant":
            y = _few_products(x, w)
            if y is not None:
                return y
    except (AttributeError, TypeError, ValueError):
        pass  # whatever it is, the checks below say it in words
    x, w = real_sequence("x", x), real_sequence("w", w)
    one_of("mode", mode, MODES)
    one_of("method", method, METHODS)
    one_of("boundary", boundary, BOUNDARIES)
    x, w = _common_type(x, w)
    n, k = len(x), len(w)
    if mode == "valid":
        # Convolution commutes, and the longer sequence is the one that has windows.
        return _SLIDES[method](x, w) if k <= n else _SLIDES[method](w, x)
    # Sample n of the full result needs x[n - K + 1 .. n]: K - 1 further samples at either end.
    start = 0 if mode == "full" else (k - 1) // 2
    stop = n + k - 1 if mode == "full" else start + n
    if boundary == "constant" and method in _FULLS:
        return _FULLS[method](x, w)[start:stop]
    padded = np.pad(x, (k - 1 - start, stop - n), mode=boundary)
    return _SLIDES[method](padded, w)


def correlate(
    x: ArrayLike, w: ArrayLike, mode: str = "full", method: str = "auto", boundary: str = "constant"
) -> np.ndarray:
    r"""Cross-correlate two sequences: slide ``w`` along ``x`` *without* the flip.

    This is :func:`convolve` with ``w`` reversed, so :math:`y[n] = \sum_k w[k]\, x[n + k - (K-1)]` in mode ``"full"``.
    Parameters, sizes and errors are those of :func:`convolve`; the values are those of
    :func:`scipy.signal.correlate` for real input.

    Examples
    --------
    >>> correlate([1, 2, 3], [0, 1], mode="full")
    array([1, 2, 3, 0])
    >>> convolve([1, 2, 3], [0, 1], mode="full")
    array([0, 1, 2, 3])
    """
    return convolve(x, real_sequence("w", w)[::-1], mode, method, boundary)


def convolution_matrix(w: ArrayLike, size: int, mode: str = "full") -> np.ndarray:
    r"""The matrix ``A`` for which ``A @ x`` is the convolution of ``x`` with ``w``: entry (n, m) is :math:`w[n-m]`.

    Every diagonal holds one weight (a *Toeplitz* matrix); with ``mode="circular"`` the diagonals wrap round (a
    *circulant* one).  The rows are those of the full matrix that ``mode`` keeps.

    Parameters
    ----------
    w : array_like, shape (K,)
        The kernel; real and finite.
    size : int
        N, the number of samples of ``x``; at least 1.
    mode : {"full", "same", "valid", "circular"}
        As in :func:`convolve`; ``"circular"`` is :math:`y[n] = \sum_k w[k]\, x[(n-k) \bmod N]`.

    Returns
    -------
    numpy.ndarray, shape (M, N)
        M is N + K - 1, N, abs(N - K) + 1 or N; 64-bit integers for an integer kernel.

    Raises
    ------
    TypeError, ValueError, OverflowError
        As for :func:`convolve`; for a ``size`` that is not a whole number of at least 1.

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
    """
    w = real_sequence("w", w)
    size = integer("size", size, low=1)
    one_of("mode", mode, MATRIX_MODES)
    terms = -(-len(w) // size) if mode == "circular" else 1  # weights that add up in one entry
    if w.dtype.kind == "f":
        w = w.astype(np.result_type(w, np.float32), copy=False)
    elif _largest_sum(w, np.ones(terms, dtype=np.int64)) > np.iinfo(np.int64).max:
        raise OverflowError("w holds integers that, added up, may not fit into 64 bits; convert w to float first")
    else:
        w = w.astype(np.int64, copy=False)
    n, m = np.arange(size + len(w) - 1)[:, None], np.arange(size)
    lag = n - m  # (N + K - 1, N)
    full = np.where((lag >= 0) & (lag < len(w)), w[np.clip(lag, 0, len(w) - 1)], np.zeros(1, dtype=w.dtype))
    if mode == "circular":
        turns = -(-len(full) // size)  # what lies beyond row N - 1 is folded back on top
        folded = np.zeros((turns * size, size), dtype=full.dtype)
        folded[: len(full)] = full
        return folded.reshape(turns, size, size).sum(axis=0)
    return full[_rows_kept(size, len(w), mode)]


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
        As from ``convolve(x, w)``; for integers the exact integers.

    Raises
    ------
    TypeError, ValueError, OverflowError
        As for :func:`convolve`; for a ``block`` too short for the kernel.

    Examples
    --------
    >>> overlap_add([1, 2, 3, 4, 5], [1, 1], block=4)
    array([1, 3, 5, 7, 9, 5])
    """
    x, w = _common_type(real_sequence("x", x), real_sequence("w", w))
    if block is not None:
        block = integer("block", block, low=2 * min(len(x), len(w)) - 1)
    return _full_fft(x, w, block)


def _common_type(x: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bring both to one type in which the sum cannot overflow unseen."""
    if x.dtype.kind == "f" or w.dtype.kind == "f":
        kind = np.result_type(x, w, np.float32)
        return x.astype(kind, copy=False), w.astype(kind, copy=False)
    if _largest_sum(x, w) > np.iinfo(np.int64).max:
        raise OverflowError(
            "x and w are integers whose convolution may not fit into 64 bits; convert x or w to float first"
        )
    return x.astype(np.int64, copy=False), w.astype(np.int64, copy=False)


def _largest_sum(x: np.ndarray, w: np.ndarray) -> int:
    """No output sample is larger than this: Python integers, which do not overflow."""
    largest_x = max(abs(int(x.min())), abs(int(x.max())))
    largest_w = max(abs(int(w.min())), abs(int(w.max())))
    return largest_x * largest_w * min(len(x), len(w))


def _rows_kept(n: int, k: int, mode: str) -> slice:
    """Which samples of the full result ``mode`` keeps."""
    if mode == "same":
        return slice((k - 1) // 2, (k - 1) // 2 + n)
    return slice(min(n, k) - 1, max(n, k)) if mode == "valid" else slice(None)


# --- full convolutions, zeros beyond the ends ---------------------------------------------------------------------


def _few_products(x: ArrayLike, w: ArrayLike) -> np.ndarray | None:
    """The full result for float arrays and few products a sample or in all; None if it takes more than that.

    Here the usual checks would cost as much as the sum.  NaN and infinity survive every sum, so if the result is
    finite, so were both inputs: one look at the result replaces two.  Whatever else is wrong is left to those checks,
    AttributeError, TypeError and ValueError included.
    """
    if x.dtype is not _FLOAT or w.dtype is not _FLOAT:
        return None
    if len(w) > UNROLLED and len(x) * len(w) > FEW_PRODUCTS:
        return None
    y = _slide_in_c(x, w[::-1], "full")
    if type(y) is not np.ndarray:  # of a subclass, which the usual checks turn into an array, or refuse
        return None
    half = len(y) + 1 >> 1
    if half <= LOOK:
        return y if _isfinite(_vdot(y[:half], y[-half:])) else None
    if len(w) <= UNROLLED:
        weights = w.tolist()
        if -math.inf < min(weights) < 0 < max(weights) < math.inf:
            # Weights of both signs turn an infinite sample into +infinity at one of its outputs, or into NaN; and the
            # maximum is quicker to find than anything else that would tell.
            return y if y.max() < math.inf else None
    return y if surely_finite(y) else None


def _full_direct(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return np.convolve(x, w)


def _full_fft(x: np.ndarray, w: np.ndarray, block: int | None = None) -> np.ndarray:
    if len(w) > len(x):
        x, w = w, x
    if x.dtype.kind == "i":
        if not _rounds_to_integers(x, w):
            raise ValueError(
                "x and w are integers too large to come out exact from a Fourier transform in floating point; "
                "convolve(x, w) sums them directly"
            )
        return np.rint(_full_fft(x.astype(float), w.astype(float), block)).astype(x.dtype)
    block = block or best_block(len(x), len(w))
    with np.errstate(over="ignore", invalid="ignore"):
        y = _overlap_add(x, w, block)
        if not all_finite(y):  # a spectrum may overflow where the result does not: try again with samples of order 1
            up, by = _exponent(x), _exponent(w)
            y = np.ldexp(_overlap_add(np.ldexp(x, -up), np.ldexp(w, -by), block), up + by)
    return y


def _exponent(x: np.ndarray) -> int:
    """Of the power of two just above the largest sample."""
    return int(np.frexp(np.abs(x).max())[1])


def _full_auto(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    choice = plan(len(x), len(w))
    if choice.method == "direct" or (x.dtype.kind == "i" and not _rounds_to_integers(x, w)):
        return _full_direct(x, w)
    return _full_fft(x, w, choice.block)


def _rounds_to_integers(x: np.ndarray, w: np.ndarray) -> bool:
    """Whether the transform's rounding error stays safely below one half.

    It is a small multiple of log2(n) machine precisions, relative to the product of the Euclidean norms.
    """
    norms = np.linalg.norm(x.astype(float)) * np.linalg.norm(w.astype(float))
    return norms * np.finfo(float).eps * 4 * math.log2(len(x) + len(w)) < 0.25


def _overlap_add(x: np.ndarray, w: np.ndarray, block: int) -> np.ndarray:
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


# --- windows of a padded input ------------------------------------------------------------------------------------
# Each slides flipped w over every window of x: (M + K - 1,), (K,) -> (M,).


def _slide_loops(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    y = np.zeros(len(x) - len(w) + 1, dtype=x.dtype)  # (M,)
    for n in range(len(y)):
        for k in range(len(w)):
            y[n] += w[k] * x[n + len(w) - 1 - k]
    return y


def _slide_taps(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    size = len(x) - len(w) + 1
    y = np.zeros(size, dtype=x.dtype)  # (M,)
    for k in range(len(w)):
        first = len(w) - 1 - k
        y += w[k] * x[first : first + size]
    return y


def _slide_im2col(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(x, len(w))  # (M, K)
    return windows @ w[::-1]


def _slide_fft(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return _full_fft(x, w)[len(w) - 1 : len(x)]


def _slide_auto(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    if plan(len(x), len(w), outputs=len(x) - len(w) + 1).method == "direct":
        return np.convolve(x, w, mode="valid")
    return _full_auto(x, w)[len(w) - 1 : len(x)]


_SLIDES = {
    "auto": _slide_auto,
    "loops": _slide_loops,
    "taps": _slide_taps,
    "im2col": _slide_im2col,
    "fft": _slide_fft,
}
_FULLS = {"auto": _full_auto, "fft": _full_fft}
