"""Layers one after the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from convlib.layers.base import Layer


class Sequential(Layer):
    """A network: each layer takes what the one before it returns; back it goes in reverse order, the chain rule.

    Parameters
    ----------
    *layers : Layer
        From the first to the last, one at least; a network may be one of them.  Each stands there once: it keeps what
        its way back needs.

    Attributes
    ----------
    layers : tuple of Layer
        ``network[0]`` is the first of them.

    Raises
    ------
    TypeError
        If one is no :class:`Layer`.
    ValueError
        If there is none, or one stands there twice.

    Examples
    --------
    >>> from convlib.layers import Conv2d, Flatten, Linear, MaxPool2d, ReLU
    >>> network = Sequential(Conv2d(1, 4, 3), ReLU(), MaxPool2d(2), Flatten(), Linear(36, 10))
    >>> network
    Sequential(
      Conv2d(weight (4, 1, 3, 3), bias (4,)),
      ReLU(),
      MaxPool2d((2, 2), stride=(2, 2), padding=(0, 0)),
      Flatten(),
      Linear(weight (10, 36), bias (10,)),
    )
    >>> scores = network(np.ones((16, 1, 8, 8)))
    >>> scores.shape, network.backward(np.ones_like(scores)).shape
    ((16, 10), (16, 1, 8, 8))
    >>> sum(getattr(layer, name).size for layer, name in network.parameters())
    410
    """

    def __init__(self, *layers: Layer) -> None:
        for layer in layers:
            if not isinstance(layer, Layer):
                raise TypeError(f"layers must be layers of convlib.layers, got {type(layer).__name__}")
        if not layers:
            raise ValueError("layers must be given, one at least")
        if len(set(layers)) < len(layers):
            twice = next(layer for layer in layers if layers.count(layer) > 1)
            raise ValueError(f"layers must each stand there once, got {twice!r} twice: make a second one")
        self.layers = layers

    def __getitem__(self, index: int) -> Layer:
        return self.layers[index]

    def __len__(self) -> int:
        return len(self.layers)

    def __repr__(self) -> str:
        lines = "".join(f"{layer!r},\n" for layer in self.layers)
        return "Sequential(\n" + "".join(f"  {line}\n" for line in lines.splitlines()) + ")"

    def forward(self, x: ArrayLike) -> np.ndarray:
        """From the first layer to the last.

        Parameters
        ----------
        x : array_like
            What the first layer takes.

        Returns
        -------
        numpy.ndarray
            What the last one returns.

        Raises
        ------
        TypeError, ValueError
            As for the layers.
        """
        for layer in self.layers:
            x = layer.forward(x)
        self.y = x
        return self.y

    def backward(self, dy: ArrayLike) -> np.ndarray:
        """From the last layer to the first: each turns dL/d(its output) into dL/d(its input), the next one's output.

        Parameters
        ----------
        dy : array_like, of the shape of y
            dL/dy, for example from :func:`softmax_cross_entropy`.

        Returns
        -------
        numpy.ndarray, of the shape of x
            dL/dx; every layer's ``weight_grad`` and ``bias_grad`` are set.

        Raises
        ------
        RuntimeError, TypeError, ValueError
            As for :meth:`Conv2d.backward`.
        """
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy

    def parameters(self) -> list[tuple[Layer, str]]:
        """Those of all layers, from the first to the last."""
        return [pair for layer in self.layers for pair in layer.parameters()]

    def train(self) -> None:
        """Every layer learns from now on."""
        super().train()
        for layer in self.layers:
            layer.train()

    def eval(self) -> None:
        """Every layer only answers from now on."""
        super().eval()
        for layer in self.layers:
            layer.eval()
