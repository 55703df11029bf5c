"""How weights follow their gradients."""

from __future__ import annotations

import numpy as np

from convlib._validate import finite_number, positive_number
from convlib.layers.base import Layer


class SGD:
    r"""Stochastic gradient descent: after each batch, every parameter w takes a step against its gradient g.

    .. math:: v \leftarrow \mu v + (g + \lambda w), \qquad w \leftarrow w - \eta v

    With :math:`\mu = \lambda = 0` that is :math:`w - \eta g`; v starts at 0.  The numbers are PyTorch's.

    Gradients are those of the last :meth:`Layer.backward`, which overwrites the ones before: there is no ``zero_grad``.

    Parameters
    ----------
    network : Layer
        Whose parameters are learned; a new array takes the place of each, none is changed in place.
    rate : float
        η, the learning rate.
    momentum : float
        μ, how much of the last step goes on.
    weight_decay : float
        λ, how strongly weights, and biases, are pulled to 0.

    Attributes
    ----------
    rate : float
        May be changed while learning.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if the network is no :class:`Layer`, the rate not above 0, momentum or weight decay
        below 0.

    Examples
    --------
    >>> from convlib.layers import Linear, softmax_cross_entropy
    >>> network = Linear(2, 2)
    >>> sgd = SGD(network, rate=1.0)
    >>> x, labels = [[0, 1], [1, 0]], [0, 1]
    >>> losses = []
    >>> for _ in range(20):
    ...     loss, dscores = softmax_cross_entropy(network(x), labels)
    ...     _ = network.backward(dscores)
    ...     sgd.step()
    ...     losses.append(loss)
    >>> round(losses[0], 2), round(losses[-1], 2)
    (0.85, 0.05)
    """

    def __init__(self, network: Layer, rate: float, momentum: float = 0.0, weight_decay: float = 0.0) -> None:
        if not isinstance(network, Layer):
            raise TypeError(f"network must be a layer of convlib.layers, got {type(network).__name__}")
        self.network = network
        self.rate = positive_number("rate", rate)
        self.momentum = finite_number("momentum", momentum, low=0)
        self.weight_decay = finite_number("weight_decay", weight_decay, low=0)
        self.velocities = [0.0 for _ in network.parameters()]  # arrays after the first step

    def step(self) -> None:
        """Move every parameter, once.

        Raises
        ------
        RuntimeError
            If a parameter has no gradient yet.
        """
        for i, (layer, name) in enumerate(self.network.parameters()):
            value, gradient = np.asarray(getattr(layer, name)), getattr(layer, f"{name}_grad")
            if gradient is None:
                raise RuntimeError(f"{type(layer).__name__} has no gradient for its {name}: call backward before step")
            pull = gradient + self.weight_decay * value
            self.velocities[i] = self.momentum * self.velocities[i] + pull
            setattr(layer, name, value - self.rate * self.velocities[i])
