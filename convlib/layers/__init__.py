"""The layers of a small network in NumPy, each with its way forward and its way back written out.

Names, shapes and numbers are PyTorch's, in whose place nobody should use them: they are here to be read.  A network is
a :class:`Sequential` of layers; :func:`softmax_cross_entropy` says how wrong its answers are, :class:`SGD` makes them
less so.

Examples
--------
>>> import numpy as np
>>> network = Sequential(Conv2d(1, 4, 3, padding=1, seed=1), ReLU(), MaxPool2d(2), Flatten(), Linear(16, 2, seed=2))
>>> sgd = SGD(network, rate=0.1, momentum=0.9)
>>> x, labels = np.zeros((2, 1, 4, 4)), [0, 1]
>>> x[0, 0, 1, :], x[1, 0, :, 1] = 1, 1  # a bar that lies, a bar that stands
>>> for _ in range(40):
...     loss, dscores = softmax_cross_entropy(network(x), labels)
...     dx = network.backward(dscores)
...     sgd.step()
>>> loss < 0.01, network(x).argmax(axis=1)
(True, array([0, 1]))
"""

from convlib.layers.activations import ReLU, Tanh
from convlib.layers.base import Layer
from convlib.layers.convolution import Conv2d
from convlib.layers.dense import Flatten, Linear
from convlib.layers.dropout import Dropout
from convlib.layers.loss import softmax_cross_entropy
from convlib.layers.network import Sequential
from convlib.layers.norm import BatchNorm2d
from convlib.layers.optim import SGD
from convlib.layers.pooling import AvgPool2d, MaxPool2d

__all__ = [
    "SGD",
    "AvgPool2d",
    "BatchNorm2d",
    "Conv2d",
    "Dropout",
    "Flatten",
    "Layer",
    "Linear",
    "MaxPool2d",
    "ReLU",
    "Sequential",
    "Tanh",
    "softmax_cross_entropy",
]
