"""Fully connected layers, and what turns images into the vectors that they take."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from convlib._validate import integer
from convlib.layers.base import Layer, batch, uniform


class Linear(Layer):
    r"""A fully connected layer: each output is a bias and all inputs, weighted, :math:`y = x w^\top + b`.

    Parameters
    ----------
    in_features, out_features : int
        I and O, numbers that come in and go out.
    bias : bool
        Whether each output has a bias.
    seed : int
        Of ``numpy.random.default_rng``, from which weights, then biases are drawn, evenly between ±1/√I, as PyTorch
        does.  Give each layer of a network another.

    Attributes
    ----------
    weight, weight_grad : numpy.ndarray, shape (O, I)
    bias, bias_grad : numpy.ndarray, shape (O,)
        None without bias.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if a number is not whole or below 1 (seed: below 0).

    Examples
    --------
    >>> layer = Linear(2, 3)
    >>> layer.weight, layer.bias = np.array([[1, 0], [0, 1], [1, 1]]), np.array([0, 0, 5])
    >>> layer([[2, 3]])
    array([[ 2.,  3., 10.]])
    >>> layer.backward([[1, 0, 10]])
    array([[11., 10.]])
    >>> layer.weight_grad
    array([[ 2.,  3.],
           [ 0.,  0.],
           [20., 30.]])
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, *, seed: int = 0) -> None:
        out_features, in_features = (
            integer("out_features", out_features, low=1),
            integer("in_features", in_features, low=1),
        )
        self.shape = (out_features, in_features)
        rng = np.random.default_rng(integer("seed", seed, low=0))
        self.weight = uniform(rng, in_features, self.shape)
        self.bias = uniform(rng, in_features, self.shape[:1]) if bias else None

    def forward(self, x: ArrayLike) -> np.ndarray:
        """One product of matrices for the whole batch.

        Parameters
        ----------
        x : array_like, shape (N, I)

        Returns
        -------
        numpy.ndarray, shape (N, O)

        Raises
        ------
        TypeError, ValueError
            If x has other axes, is empty, or holds no real numbers; if a parameter was replaced by one of another
            shape.
        """
        self.x = batch("x", x)  # (N, I)
        if self.x.ndim != 2 or self.x.shape[1] != self.shape[1]:
            raise ValueError(f"x must have shape (N, {self.shape[1]}), got {self.x.shape}")
        self.y = self.x @ self._parameter("weight", self.shape, self.x.dtype).T  # (N, O)
        if self.bias is not None:
            self.y += self._parameter("bias", self.shape[:1], self.x.dtype)
        return self.y

    def backward(self, dy: ArrayLike) -> np.ndarray:
        """The matrix transposed; a weight's gradient is the sum over the batch of what it met on both sides.

        Parameters
        ----------
        dy : array_like, shape (N, O)
            dL/dy.

        Returns
        -------
        numpy.ndarray, shape (N, I)
            dL/dx; ``weight_grad`` and ``bias_grad`` are set.

        Raises
        ------
        RuntimeError, TypeError, ValueError
            As for :meth:`Conv2d.backward`.
        """
        dy = self._gradient(dy)
        self.weight_grad = dy.T @ self.x  # (O, N) · (N, I) → (O, I)
        self.bias_grad = None if self.bias is None else dy.sum(axis=0)  # (O,)
        return dy @ self._parameter("weight", self.shape, dy.dtype)  # (N, I)


class Flatten(Layer):
    """All numbers of a sample in one row: (N, C, H, W) → (N, CHW), and back again.

    Examples
    --------
    >>> layer = Flatten()
    >>> layer(np.ones((10, 16, 5, 5))).shape, layer.backward(np.ones((10, 400))).shape
    ((10, 400), (10, 16, 5, 5))
    """

    def forward(self, x: ArrayLike) -> np.ndarray:
        """Reshape.

        Parameters
        ----------
        x : array_like, shape (N, …)

        Returns
        -------
        numpy.ndarray, shape (N, D)

        Raises
        ------
        TypeError, ValueError
            If x has no axis, is empty, or holds no real numbers.
        """
        x = batch("x", x)  # (N, …)
        self.x_shape = x.shape
        self.y = x.reshape(len(x), -1)  # (N, D)
        return self.y

    def backward(self, dy: ArrayLike) -> np.ndarray:
        """Reshape back.

        Parameters
        ----------
        dy : array_like, shape (N, D)
            dL/dy.

        Returns
        -------
        numpy.ndarray, shape (N, …)
            dL/dx.

        Raises
        ------
        RuntimeError, TypeError, ValueError
            As for :meth:`Conv2d.backward`.
        """
        return self._gradient(dy).reshape(self.x_shape)  # (N, …)
