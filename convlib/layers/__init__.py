"""The layers of a small network in NumPy, each with its way forward and its way back written out.

Names, shapes and numbers are those of ``torch.nn``; to read them is the point, PyTorch is for work.
"""

from convlib.layers.base import Layer
from convlib.layers.convolution import Conv2d

__all__ = ["Conv2d", "Layer"]
