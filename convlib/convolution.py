r"""Convolution and cross-correlation of sequences, by four methods that give the same answer.

Every method computes :math:`y[n] = \sum_k w[k]\, x[n-k]` on a copy of ``x`` padded just enough for the samples that
``mode`` asks for.  Three differ in who runs the loops; the fourth multiplies Fourier transforms instead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from convlib._validate import one_of, real_sequence

MODES = ("full", "same", "valid")
METHODS = ("auto", "loops", "taps", "im2col", "fft")
BOUNDARIES = ("constant", "reflect", "symmetric", "edge", "wrap")


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
        the fast Fourier transform.  ``"auto"`` picks by the number of operations.
    boundary : {"constant", "reflect", "symmetric", "edge", "wrap"}
        What stands beyond the ends of ``x``, by the names of :func:`numpy.pad`; ``"constant"`` is zeros.
        It makes no difference in mode ``"valid"``.

    Returns
    -------
    numpy.ndarray, shape (N + K - 1,), (N,) or (abs(N - K) + 1,)
        64-bit integers for integers and booleans, otherwise the wider of the two float types.

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
    x, w = real_sequence("x", x), real_sequence("w", w)
    one_of("mode", mode, MODES)
    one_of("method", method, METHODS)
    one_of("boundary", boundary, BOUNDARIES)
    x, w = _common_type(x, w)
    n, k = len(x), len(w)
    if mode == "valid":
        if k > n:  # convolution commutes, and the longer sequence is the one that has windows
            x, w = w, x
        return _slide(x, w, method)
    # Sample n of the full result needs x[n - K + 1 .. n]: K - 1 further samples at either end.
    start = 0 if mode == "full" else (k - 1) // 2
    stop = n + k - 1 if mode == "full" else start + n
    padded = np.pad(x, (k - 1 - start, stop - n), mode=boundary)
    return _slide(padded, w, method)


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
    x, w = real_sequence("x", x), real_sequence("w", w)
    return convolve(x, w[::-1], mode, method, boundary)


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


def _slide(x: np.ndarray, w: np.ndarray, method: str) -> np.ndarray:
    """Slide flipped ``w`` over every window of ``x``: (M + K - 1,), (K,) -> (M,)."""
    if method == "auto":
        method = _cheapest(len(x), len(w)) if x.dtype.kind == "f" else "taps"
    return _SLIDES[method](x, w)


def _cheapest(length: int, taps: int) -> str:
    """Compare multiply-adds: one a tap and sample, against three transforms of n log2 n each."""
    direct = taps * (length - taps + 1)
    transforms = 3 * 2.5 * length * np.log2(length + 1)
    return "taps" if direct <= transforms else "fft"


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
    if x.dtype.kind == "i" and _largest_sum(x, w) >= 2**48:
        raise ValueError("method='fft' works in floating point and is not exact for integers x, w this large")
    size = _fast_length(len(x))  # the first K - 1 samples wrap around and are dropped, so len(x) is enough
    y = np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(w, size), size)[len(w) - 1 : len(x)]
    return np.rint(y).astype(x.dtype) if x.dtype.kind == "i" else y.astype(x.dtype, copy=False)


def _fast_length(length: int) -> int:
    """The least 2^a 3^b 5^c that is at least ``length``: the sizes at which the transform is fastest."""
    best = 1 << (length - 1).bit_length()
    fives = 1
    while fives < best:
        threes = fives
        while threes < best:
            twos = threes << max(0, (-(-length // threes) - 1).bit_length())
            best = min(best, twos)
            threes *= 3
        fives *= 5
    return best


_SLIDES = {"loops": _slide_loops, "taps": _slide_taps, "im2col": _slide_im2col, "fft": _slide_fft}
