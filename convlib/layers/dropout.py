"""Dropout: a network that cannot rely on any one number."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from convlib._validate import finite_number, integer
from convlib.layers.base import Layer, batch


class Dropout(Layer):
    """While it learns, each number is dropped with probability p; the others grow by 1/(1 - p), so that the mean stays.

    After :meth:`eval` everything passes as it is.

    Parameters
    ----------
    p : float
        From 0, nothing is dropped, to below 1.
    seed : int
        Of ``numpy.random.default_rng``, from which the layer draws another mask at each :meth:`forward`.

    Raises
    ------
    TypeError, ValueError
        If p is not a number in [0, 1), or the seed not whole or below 0.

    References
    ----------
    N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever and R. Salakhutdinov, "Dropout: A Simple Way to Prevent Neural
    Networks from Overfitting", Journal of Machine Learning Research 15 (2014).

    Examples
    --------
    >>> layer = Dropout(0.5, seed=1)
    >>> layer([1, 2, 3, 4]), layer.backward([1, 1, 1, 1])
    (array([2., 4., 0., 8.]), array([2., 2., 0., 2.]))
    >>> layer.eval()
    >>> layer([1, 2, 3, 4])
    array([1., 2., 3., 4.])
    """

    def __init__(self, p: float = 0.5, *, seed: int = 0) -> None:
        self.p = finite_number("p", p, low=0, high=1)
        if self.p == 1:
            raise ValueError("p must be less than 1: if everything is dropped, nothing is left to learn from")
        self.rng = np.random.default_rng(integer("seed", seed, low=0))

    def __repr__(self) -> str:
        return f"Dropout({self.p:g})"

    def forward(self, x: ArrayLike) -> np.ndarray:
        """Draw a mask, unless :meth:`eval` was called, and multiply.

        Parameters
        ----------
        x : array_like, shape (N, …)

        Returns
        -------
        numpy.ndarray, of the same shape

        Raises
        ------
        TypeError, ValueError
            If x has no axis, is empty, or holds no real numbers.
        """
        x = batch("x", x)
        self.mask = self._drawn(x) if self.training else np.ones_like(x)
        self.y = x * self.mask
        return self.y

    def backward(self, dy: ArrayLike) -> np.ndarray:
        """The same mask: what was dropped had no part in the loss.

        Parameters
        ----------
        dy : array_like, of the shape of y
            dL/dy.

        Returns
        -------
        numpy.ndarray, of the same shape
            dL/dx.

        Raises
        ------
        RuntimeError, TypeError, ValueError
            As for :meth:`Conv2d.backward`.
        """
        return self._gradient(dy) * self.mask

    def _drawn(self, x: np.ndarray) -> np.ndarray:
        """For each number of x 0 with probability p, otherwise 1/(1 - p)."""
        kept = self.rng.random(x.shape) >= self.p
        return kept.astype(x.dtype) / (1 - self.p)
