"""What a network costs: its parameters, its multiply-adds, the memory of its activations.

A *MAC*, multiply-accumulate, is one product added to a sum; it is two FLOPs, floating-point operations.  Papers often
call MACs FLOPs; here nothing does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from convlib._validate import integer

if TYPE_CHECKING:
    from torch import nn


def parameters(
    in_channels: int, out_channels: int, kernel_size: int | Sequence[int], groups: int = 1, bias: bool = True
) -> int:
    """Parameters of a convolution layer: each output channel has a kernel for each input channel of its group, a bias.

    Parameters
    ----------
    in_channels, out_channels : int
        Channels, at least 1.
    kernel_size : int or sequence of int
        Taps; a whole number k stands for k × k.
    groups : int
        Must divide both numbers of channels; ``groups=in_channels`` makes the layer depthwise.
    bias : bool
        Whether there is a bias for each output channel.

    Returns
    -------
    int

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if a number is below 1 or the groups do not divide the channels.

    Examples
    --------
    >>> parameters(3, 64, 7), parameters(64, 64, 3, groups=64), parameters(64, 128, 1)
    (9472, 640, 8320)
    """
    weights = _weights_of_one(in_channels, out_channels, kernel_size, groups)
    return out_channels * (weights + bool(bias))


def macs(
    in_channels: int,
    out_channels: int,
    kernel_size: int | Sequence[int],
    output_size: int | Sequence[int],
    groups: int = 1,
) -> int:
    """MACs of a convolution layer on one sample: every weight once for every place of the kernel; biases not counted.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, groups
        As for :func:`parameters`.
    output_size : int or sequence of int
        Rows and columns of the output; a whole number stands for both.

    Returns
    -------
    int

    Raises
    ------
    TypeError, ValueError
        As for :func:`parameters`.

    Examples
    --------
    >>> macs(3, 64, 7, 112)
    118013952
    """
    weights = _weights_of_one(in_channels, out_channels, kernel_size, groups)
    return math.prod(_square("output_size", output_size)) * out_channels * weights


def _weights_of_one(in_channels: int, out_channels: int, kernel_size: int | Sequence[int], groups: int) -> int:
    """Weights that one output sample is made with."""
    integer("groups", groups, low=1)
    for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
        if integer(name, channels, low=1) % groups:
            raise ValueError(f"{name} must be a multiple of groups, got {channels} for {groups} groups")
    return in_channels // groups * math.prod(_square("kernel_size", kernel_size))


def _square(name: str, size: int | Sequence[int]) -> list[int]:
    sides = list(size) if isinstance(size, tuple | list) else [size, size]
    return [integer(name, side, low=1) for side in sides]


@dataclass(frozen=True)
class Layer:
    """One call of a module, without what its children do.

    Parameters
    ----------
    name : str
        Where it stands in the model, as in ``model.named_modules()``; empty for the model itself.
    kind : str
        Its class.
    output_shape : tuple of int, or None
        Of one sample; None if it is never called, or gives no tensor.
    parameters : int
        Its own; 0 for those counted in a line above.
    macs : int
        Of its own convolutions and matrix products.
    activation_bytes : int
        Of its output; 0 if that lies in the memory of another, as after an in-place ReLU or a reshaping.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...] | None
    parameters: int
    macs: int
    activation_bytes: int


@dataclass(frozen=True)
class Summary:
    """A table of layers, in the order of their calls; it prints itself.

    Parameters
    ----------
    input_size : tuple of int
        Shape of the sample.
    input_bytes : int
        Its memory, which :attr:`activation_bytes` includes.
    layers : tuple of Layer
    """

    input_size: tuple[int, ...]
    input_bytes: int
    layers: tuple[Layer, ...]

    @property
    def parameters(self) -> int:
        """All of them, each once."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def macs(self) -> int:
        """Multiply-adds for one sample."""
        return sum(layer.macs for layer in self.layers)

    @property
    def flops(self) -> int:
        """Floating-point operations of these MACs: a product and a sum each."""
        return 2 * self.macs

    @property
    def activation_bytes(self) -> int:
        """The memory of the input and of all outputs kept, for one sample, as a backward pass needs them."""
        return self.input_bytes + sum(layer.activation_bytes for layer in self.layers)

    def __str__(self) -> str:
        head = ("layer", "output", "parameters", "MACs", "bytes")
        rows = [("input", _times(self.input_size), "", "", f"{self.input_bytes:,}")]
        for layer in self.layers:
            numbers = (layer.parameters, layer.macs, layer.activation_bytes)
            name = f"{layer.name} {layer.kind}".strip()
            rows.append((name, _times(layer.output_shape), *(f"{number:,}" for number in numbers)))
        totals = (self.parameters, self.macs, self.activation_bytes)
        rows.append(("total", "", *(f"{number:,}" for number in totals)))
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        return "\n".join(_line(row, widths) for row in (head, *rows))


def summary(model: nn.Module, input_size: Sequence[int]) -> Summary:
    """Count what every layer of a model holds and does, by running it once on a sample of zeros.

    Each operation counts for the innermost module in whose ``forward`` it runs, so that no container is counted twice
    and nothing that a ``forward`` does without a module is missed.  A module that is called twice has two lines: its
    parameters count once, its MACs each time.

    Parameters
    ----------
    model : torch.nn.Module
        It is left as it was; it runs in evaluation mode, without gradients, on its own device.  A large one that is
        built ``with torch.device("meta")`` has no numbers, and takes no time.
    input_size : sequence of int
        Shape of one sample, without the batch: (channels, rows, columns).

    Returns
    -------
    Summary
        A line for each module without children, and for each other that has parameters or MACs of its own.

    Raises
    ------
    TypeError
        If ``model`` is not a module, or ``input_size`` not a shape.
    ValueError
        If ``input_size`` has a length below 1.

    Notes
    -----
    MACs are those of convolutions, matrix products and attention; a bias, normalisation, activation or pooling counts
    nothing, as in the papers' figures.

    Examples
    --------
    >>> from torch import nn
    >>> print(summary(nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(inplace=True), nn.MaxPool2d(2)), (1, 28, 28)))
    layer       output       parameters    MACs   bytes
    input       1 × 28 × 28                       3,136
    0 Conv2d    6 × 24 × 24         156  86,400  13,824
    1 ReLU      6 × 24 × 24           0       0       0
    2 MaxPool2d 6 × 12 × 12           0       0   3,456
    total                           156  86,400  20,416
    """
    from convlib.shapes._count import counted

    return counted(model, input_size)


def _times(shape: tuple[int, ...] | None) -> str:
    return "" if shape is None else " × ".join(map(str, shape))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Words to the left, numbers to the right."""
    padded = [cell.ljust(width) for cell, width in zip(cells[:2], widths[:2], strict=True)]
    padded += [cell.rjust(width) for cell, width in zip(cells[2:], widths[2:], strict=True)]
    return " ".join(padded[:2]) + "  " + "  ".join(padded[2:])
