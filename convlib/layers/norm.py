"""Batch normalisation: every channel with mean 0 and variance 1, then as wide and as high as it learns to be."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from convlib._validate import finite_number, integer, positive_number
from convlib.layers.base import Layer, images

#: All but the channels: what a channel's mean is taken over.
PIXELS = (0, 2, 3)


class BatchNorm2d(Layer):
    r"""Each channel less its mean, over its standard deviation, times a weight, plus a bias.

    .. math:: \hat x = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}, \qquad y = w \hat x + b

    While it learns, :math:`\mu` and :math:`\sigma^2` are those of the batch, over samples, rows and columns, and
    *running* ones move a little towards them; after :meth:`eval` the running ones are used.  PyTorch's rule: σ² divides
    by the number n of values, but what the running variance moves to, by n - 1.

    Parameters
    ----------
    channels : int
        C.
    eps : float
        ε, which keeps a channel that is the same everywhere from a division by 0.
    momentum : float
        How far the running mean and variance move: running ← (1 - momentum) · running + momentum · the batch's.

    Attributes
    ----------
    weight, bias, weight_grad, bias_grad : numpy.ndarray, shape (C,)
        1 and 0 at first.
    running_mean, running_var : numpy.ndarray, shape (C,)
        0 and 1 at first; not parameters, for no gradient moves them.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if ``channels`` is not whole or below 1, ``eps`` not above 0, ``momentum`` not in [0, 1].

    References
    ----------
    S. Ioffe and C. Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate
    Shift", ICML (2015), algorithm 1 and the derivatives after it.

    Examples
    --------
    >>> norm = BatchNorm2d(1)
    >>> x = np.array([2, 4, 4, 6]).reshape(1, 1, 2, 2)
    >>> norm(x).round(3)
    array([[[[-1.414,  0.   ],
             [ 0.   ,  1.414]]]])
    >>> norm.running_mean, norm.running_var.round(3)
    (array([0.4]), array([1.167]))
    """

    def __init__(self, channels: int, eps: float = 1e-5, momentum: float = 0.1) -> None:
        self.channels = integer("channels", channels, low=1)
        self.eps = positive_number("eps", eps)
        self.momentum = finite_number("momentum", momentum, low=0, high=1)
        self.weight, self.bias = np.ones(channels), np.zeros(channels)
        self.running_mean, self.running_var = np.zeros(channels), np.ones(channels)

    def forward(self, x: ArrayLike) -> np.ndarray:
        """Normalise, by the batch's own mean and variance while learning, by the running ones after :meth:`eval`.

        Parameters
        ----------
        x : array_like, shape (N, C, H, W)

        Returns
        -------
        numpy.ndarray, shape (N, C, H, W)

        Raises
        ------
        TypeError, ValueError
            If x has other axes or channels, is empty, or holds no real numbers; while learning, if there is only one
            value in each channel.
        """
        x = images("x", x, self.channels)
        self.by_batch = self.training  # what backward must undo, even if eval() is called in between
        if self.by_batch:
            mean, variance = x.mean(axis=PIXELS), x.var(axis=PIXELS)  # (C,)
            self._follow(mean, variance, x[:, 0].size)
        else:
            mean, variance = self._values("running_mean", x.dtype), self._values("running_var", x.dtype)
        self.deviation = _over_pixels(np.sqrt(variance + self.eps))  # (1, C, 1, 1)
        self.normal = (x - _over_pixels(mean)) / self.deviation  # (N, C, H, W)
        weight, bias = self._values("weight", x.dtype), self._values("bias", x.dtype)
        self.y = _over_pixels(weight) * self.normal + _over_pixels(bias)  # (N, C, H, W)
        return self.y

    def backward(self, dy: ArrayLike) -> np.ndarray:
        r"""Every pixel moved the mean and the variance that all others were normalised by.

        What would shift a whole channel, or stretch it, is therefore taken out of the gradient: with
        :math:`g = w\, dL/dy`, dL/dx is :math:`(g - \bar g - \hat x\, \overline{g \hat x}) / \sqrt{\sigma^2 + ε}`, bars
        being means over the channel.  The running mean and variance do not depend on x: then nothing is taken out.

        Parameters
        ----------
        dy : array_like, shape (N, C, H, W)
            dL/dy.

        Returns
        -------
        numpy.ndarray, shape (N, C, H, W)
            dL/dx; ``weight_grad`` and ``bias_grad`` are set.

        Raises
        ------
        RuntimeError, TypeError, ValueError
            As for :meth:`Conv2d.backward`.
        """
        dy = self._gradient(dy)
        self.weight_grad = (dy * self.normal).sum(axis=PIXELS)  # (C,)
        self.bias_grad = dy.sum(axis=PIXELS)  # (C,)
        dnormal = dy * _over_pixels(self._values("weight", dy.dtype))  # (N, C, H, W)
        if self.by_batch:
            shift = dnormal.mean(axis=PIXELS, keepdims=True)  # (1, C, 1, 1)
            stretch = (dnormal * self.normal).mean(axis=PIXELS, keepdims=True)  # (1, C, 1, 1)
            dnormal = dnormal - shift - stretch * self.normal  # (N, C, H, W)
        return dnormal / self.deviation

    def _follow(self, mean: np.ndarray, variance: np.ndarray, count: int) -> None:
        """Move the running mean and variance towards a batch's, from ``count`` values a channel."""
        if count < 2:
            raise ValueError("x must have more than one value in each channel to learn from: one alone has no variance")
        unbiased = variance * count / (count - 1)
        self.running_mean = (1 - self.momentum) * np.asarray(self.running_mean) + self.momentum * mean
        self.running_var = (1 - self.momentum) * np.asarray(self.running_var) + self.momentum * unbiased

    def _values(self, name: str, dtype: np.dtype) -> np.ndarray:
        """One number for each channel, (C,)."""
        return self._parameter(name, (self.channels,), dtype)


def _over_pixels(values: np.ndarray) -> np.ndarray:
    """The same number at every pixel of a channel: (C,) → (1, C, 1, 1), which NumPy repeats where needed."""
    return values[np.newaxis, :, np.newaxis, np.newaxis]
