r"""Convolution and cross-correlation of sequences, by several methods that give the same answer.

Every method computes :math:`y[n] = \sum_k w[k]\, x[n-k]`.  The first three are the sum as it stands, and differ in who
runs its loops.  They take an ``x`` that has been extended at both ends, and give the outputs for which the flipped
kernel lies wholly inside it: from M + K - 1 samples and K weights, M outputs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from convlib._validate import integer, one_of, sequence, summable, summable_weights
from convlib.cost import plan
from convlib.fourier import by_transform, comes_out_exact

MODES = ("full", "same", "valid")
BOUNDARIES = ("constant", "reflect", "symmetric", "edge", "wrap")
MATRIX_MODES = (*MODES, "circular")


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
        the fast Fourier transform, by :func:`convlib.overlap_add`.  ``"auto"`` takes NumPy's compiled loop or the
        transform, whichever :func:`convlib.cost.plan` expects to be faster.
        The rounding error of a sum is relative to the terms of *that* sum, that of a transform to the *largest*
        output: where outputs of very different size matter, as in the tails of a density, take a sum.
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
        If a result might not fit into its type: if min(N, K) times the largest sample of each, which no sum exceeds,
        is more than 64-bit integers hold, or half of what floats do.  Every method answers alike.

    Examples
    --------
    >>> convolve([1, 2, 3], [1, 1])
    array([1, 3, 5, 3])
    >>> convolve([1, 2, 3], [1, 1], mode="valid")
    array([3, 5])
    """
    one_of("mode", mode, MODES)
    one_of("method", method, METHODS)
    one_of("boundary", boundary, BOUNDARIES)
    x, w = summable(x, w)
    if mode == "valid" and len(w) > len(x):
        x, w = w, x  # convolution commutes, and the longer sequence is the one that has windows
    kept = _kept(len(x), len(w), mode)
    if mode != "valid" and boundary == "constant" and method in ("auto", "fft"):
        return METHODS[method](x, w, "full")[kept]  # these two need no zeros at the ends
    if mode != "valid":
        # Output n is made of x[n - K + 1 .. n], which reaches beyond the ends for the first and the last of those kept.
        x = np.pad(x, (len(w) - 1 - kept.start, kept.stop - len(x)), mode=boundary)
    return METHODS[method](x, w)


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
    return convolve(x, sequence("w", w)[::-1], mode, method, boundary)


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
    w, size = sequence("w", w), integer("size", size, low=1)
    one_of("mode", mode, MATRIX_MODES)
    period = size if mode == "circular" else size + len(w) - 1  # so long that nothing meets what comes round
    w = summable_weights(w, terms=-(-len(w) // period))
    wrapped = np.zeros(period, dtype=w.dtype)
    np.add.at(wrapped, np.arange(len(w)) % period, w)
    n, m = np.arange(period)[:, None], np.arange(size)
    matrix = wrapped[(n - m) % period]  # (period, N)
    return matrix if mode == "circular" else matrix[_kept(size, len(w), mode)]


def _kept(n: int, k: int, mode: str) -> slice:
    """Which of the N + K - 1 samples of the full result ``mode`` keeps."""
    if mode == "same":
        return slice((k - 1) // 2, (k - 1) // 2 + n)
    return slice(min(n, k) - 1, max(n, k)) if mode == "valid" else slice(0, n + k - 1)
