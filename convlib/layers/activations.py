"""What makes a network more than one linear map: functions of one number, applied to every number alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from convlib.layers.base import Layer, batch


class ReLU(Layer):
    """What is positive passes, all else becomes 0; a gradient passes where x was positive, at 0 it does not.

    Examples
    --------
    >>> layer = ReLU()
    >>> layer([-2, 0, 3]), layer.backward([10, 10, 10])
    (array([0., 0., 3.]), array([ 0.,  0., 10.]))
    """

    def forward(self, x: ArrayLike) -> np.ndarray:
        """max(x, 0).

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
        self.y = np.maximum(batch("x", x), 0)
        return self.y

    def backward(self, dy: ArrayLike) -> np.ndarray:
        """The slope is 1 or 0.

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
        return self._gradient(dy) * (self.y > 0)


class Tanh(Layer):
    """The hyperbolic tangent: almost x near 0, almost ±1 far from it, where hardly any gradient passes.

    Examples
    --------
    >>> layer = Tanh()
    >>> layer([0, 20]).round(6), layer.backward([10, 10]).round(6)
    (array([0., 1.]), array([10.,  0.]))
    """

    def forward(self, x: ArrayLike) -> np.ndarray:
        """tanh x.

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
        self.y = np.tanh(batch("x", x))
        return self.y

    def backward(self, dy: ArrayLike) -> np.ndarray:
        """The slope is 1 - tanh² x.

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
        return self._gradient(dy) * (1 - self.y**2)
