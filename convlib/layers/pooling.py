"""Pooling: of each window of a channel only one number goes on, its maximum or its mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from convlib.layers.base import Layer, images, pair
from convlib.layers.convolution import fold, padded, unpadded, windows
from convlib.shapes.sizes import pooled_size


class _Pool2d(Layer):
    """What both have in common: where the windows lie."""

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: int | Sequence[int] = 0,
    ) -> None:
        self.kernel_size = pair("kernel_size", kernel_size, low=1)
        self.stride = self.kernel_size if stride is None else pair("stride", stride, low=1)
        self.padding = pair("padding", padding, low=0)
        # Refuses a padding of more than half the kernel: a window might see nothing else.
        pooled_size(self.kernel_size, self.kernel_size, self.stride, self.padding)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.kernel_size}, stride={self.stride}, padding={self.padding})"

    def _windows(self, x: np.ndarray, outside: float) -> np.ndarray:
        """Pad, and look at each place of the window: (N, C, H, W) → (N, C, kh, kw, H', W')."""
        pooled_size(x.shape[2:], self.kernel_size, self.stride, self.padding)  # refuses what is too small
        self.padded = padded(x, self.padding, outside)  # (N, C, H + 2p, W + 2p)
        return windows(self.padded, self.kernel_size, self.stride)

    def _give_back(self, terms: np.ndarray) -> np.ndarray:
        """What each place of each window gets, added up: (N, C, kh, kw, H', W') → (N, C, H, W)."""
        return unpadded(fold(terms, self.padded.shape[2:], self.stride), self.padding)


class MaxPool2d(_Pool2d):
    """The largest number of each window; on the way back the whole gradient goes to the pixel that it came from.

    Where a window has its largest number more than once, the *first* gets all of it, row by row, as in PyTorch.

    Parameters
    ----------
    kernel_size : int or (int, int)
        Rows and columns of the window; a number stands for both, here and below.
    stride : int or (int, int), optional
        From one place of the window to the next; its own size if not given, so that windows lie side by side.
    padding : int or (int, int)
        What is added at each end, at most half the window; it is never the largest.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if a number is not whole or below 1 (padding: below 0), a pair has other than two, or the
        padding is too wide.

    Examples
    --------
    >>> pool = MaxPool2d(2)
    >>> pool([[[[1, 5, 2, 2], [3, 4, 2, 2]]]])
    array([[[[5., 2.]]]])
    >>> pool.backward([[[[10, 20]]]])
    array([[[[ 0., 10., 20.,  0.],
             [ 0.,  0.,  0.,  0.]]]])
    """

    def forward(self, x: ArrayLike) -> np.ndarray:
        """Take the maximum, and note which tap saw it.

        Parameters
        ----------
        x : array_like, shape (N, C, H, W)

        Returns
        -------
        numpy.ndarray, shape (N, C, H', W')
            As :func:`convlib.shapes.sizes.pooled_size` has it.

        Raises
        ------
        TypeError, ValueError
            If x has other axes, is empty or smaller than the window, or holds no real numbers.
        """
        seen = self._windows(images("x", x), outside=-np.inf)  # (N, C, kh, kw, H', W')
        seen = seen.reshape(*seen.shape[:2], -1, *seen.shape[4:])  # (N, C, kh kw, H', W')
        self.winner = seen.argmax(axis=2, keepdims=True)  # (N, C, 1, H', W'), the first of equals
        self.y = np.take_along_axis(seen, self.winner, axis=2)[:, :, 0]  # (N, C, H', W')
        return self.y

    def backward(self, dy: ArrayLike) -> np.ndarray:
        """To the winner all, to the others nothing.

        Parameters
        ----------
        dy : array_like, shape (N, C, H', W')
            dL/dy.

        Returns
        -------
        numpy.ndarray, shape (N, C, H, W)
            dL/dx.

        Raises
        ------
        RuntimeError, TypeError, ValueError
            As for :meth:`Conv2d.backward`.
        """
        dy = self._gradient(dy)[:, :, np.newaxis]  # (N, C, 1, H', W')
        rows, columns = self.kernel_size
        taps = np.arange(rows * columns).reshape(-1, 1, 1)  # (kh kw, 1, 1)
        terms = np.where(taps == self.winner, dy, 0)  # (N, C, kh kw, H', W')
        return self._give_back(terms.reshape(*dy.shape[:2], rows, columns, *dy.shape[3:]))  # (N, C, H, W)


class AvgPool2d(_Pool2d):
    """The mean of each window; on the way back each of its pixels gets an equal share of the gradient.

    Padding counts as zeros, which pull the mean down at the edge: PyTorch's ``count_include_pad``, its default.

    Parameters
    ----------
    kernel_size : int or (int, int)
        Rows and columns of the window; a number stands for both, here and below.
    stride : int or (int, int), optional
        From one place of the window to the next; its own size if not given, so that windows lie side by side.
    padding : int or (int, int)
        What is added at each end, at most half the window.

    Raises
    ------
    TypeError, ValueError
        As for :class:`MaxPool2d`.

    Examples
    --------
    >>> pool = AvgPool2d(2)
    >>> pool([[[[1, 5, 2, 2], [3, 3, 2, 2]]]])
    array([[[[3., 2.]]]])
    >>> pool.backward([[[[4, 8]]]])
    array([[[[1., 1., 2., 2.],
             [1., 1., 2., 2.]]]])
    """

    def forward(self, x: ArrayLike) -> np.ndarray:
        """Take the mean.

        Parameters
        ----------
        x : array_like, shape (N, C, H, W)

        Returns
        -------
        numpy.ndarray, shape (N, C, H', W')
            As :func:`convlib.shapes.sizes.pooled_size` has it.

        Raises
        ------
        TypeError, ValueError
            As for :meth:`MaxPool2d.forward`.
        """
        seen = self._windows(images("x", x), outside=0)  # (N, C, kh, kw, H', W')
        self.y = seen.mean(axis=(2, 3))  # (N, C, H', W')
        return self.y

    def backward(self, dy: ArrayLike) -> np.ndarray:
        """To each the same.

        Parameters
        ----------
        dy : array_like, shape (N, C, H', W')
            dL/dy.

        Returns
        -------
        numpy.ndarray, shape (N, C, H, W)
            dL/dx.

        Raises
        ------
        RuntimeError, TypeError, ValueError
            As for :meth:`Conv2d.backward`.
        """
        rows, columns = self.kernel_size
        share = self._gradient(dy) / (rows * columns)  # (N, C, H', W')
        share = share[:, :, np.newaxis, np.newaxis]  # (N, C, 1, 1, H', W')
        shape = (*share.shape[:2], rows, columns, *share.shape[4:])
        return self._give_back(np.broadcast_to(share, shape))  # (N, C, kh, kw, H', W') → (N, C, H, W)
