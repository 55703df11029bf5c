"""Receptive fields: which samples of the input a unit can see, along one axis.

A unit of some layer sees an interval of the input; its neighbour sees one that is as long, ``jump`` samples further on.
Two things are enough for any layer of windows: a window of k taps, d units apart, widens the interval by the ground
between its first and its last tap, (k - 1)d jumps; a stride s multiplies the jump, not the field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from convlib._validate import integer

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Field:
    """What unit 0 of a layer sees; unit i sees the same, ``i * jump`` samples further on.

    Parameters
    ----------
    start, end : int
        Its first and its last sample of the input, both included; below 0 lies the padding.
    jump : int
        From what a unit sees to what the next one sees.

    Examples
    --------
    >>> field = Field(-1, 1, 1)
    >>> field.size, field.centre
    (3, 0.0)
    """

    start: int = 0
    end: int = 0
    jump: int = 1

    @property
    def size(self) -> int:
        """The samples from the first to the last; with dilation a unit may see only some of them."""
        return self.end - self.start + 1

    @property
    def centre(self) -> float:
        """The middle, in samples."""
        return (self.start + self.end) / 2

    def through(self, kernel_size: int, stride: int = 1, dilation: int = 1, padding: int = 0) -> Field:
        """The field behind one more layer of windows: the recurrence.

        Examples
        --------
        >>> Field().through(3, padding=1).through(3, stride=2, padding=1)
        Field(start=-2, end=2, jump=2)
        """
        start = self.start - padding * self.jump
        end = self.end + ((kernel_size - 1) * dilation - padding) * self.jump
        return Field(start, end, self.jump * stride)

    def joined(self, other: Field) -> Field:
        """The field of a unit to which both branches lead: from the first sample that either sees to the last.

        Raises
        ------
        ValueError
            If the branches jump by different strides: then their outputs do not lie on one another.
        """
        if self.jump != other.jump:
            raise ValueError(f"branches must have equal strides to join, got jumps of {self.jump} and {other.jump}")
        return Field(min(self.start, other.start), max(self.end, other.end), self.jump)


class Branches:
    """Paths that part and join again, by a sum or side by side; each a sequence of layers, an empty one a shortcut.

    Examples
    --------
    A residual block:

    >>> receptive_field([Branches([(3, 1, 1, 1), (3, 1, 1, 1)], [])])
    Field(start=-2, end=2, jump=1)
    """

    def __init__(self, *paths: Sequence) -> None:
        if not paths:
            raise ValueError("paths must be at least one; an empty path is a shortcut")
        self.paths = paths

    def __repr__(self) -> str:
        return f"Branches({', '.join(map(repr, self.paths))})"


def receptive_field(layers: Sequence, before: Field | None = None) -> Field:
    """The field of a unit behind the last of some layers, by the recurrence: layer by layer, branch by branch.

    Parameters
    ----------
    layers : sequence
        Of (kernel_size, stride, dilation) or (kernel_size, stride, dilation, padding), and of :class:`Branches`.
    before : Field, optional
        That of the layer before them; a single sample, the input itself, if not given.

    Returns
    -------
    Field

    Raises
    ------
    TypeError, ValueError
        If a layer is neither, one of its numbers is out of range, or branches with different strides join.

    References
    ----------
    A. Araujo, W. Norris and J. Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill (2019),
    doi:10.23915/distill.00021.

    Examples
    --------
    Two 3×3 see as far as one 5×5; a stack dilated by 1, 2 and 4 sees 15:

    >>> receptive_field([(3, 1, 1), (3, 1, 1)]).size
    5
    >>> receptive_field([(3, 1, 1), (3, 1, 2), (3, 1, 4)]).size
    15
    """
    field = Field() if before is None else before
    for layer in layers:
        if isinstance(layer, Branches):
            field = _join([receptive_field(path, field) for path in layer.paths])
        else:
            field = field.through(*_settings(layer))
    return field


def closed_form(layers: Sequence) -> Field:
    r"""The same field as a sum, for layers in a row.

    With :math:`j_l = s_1 s_2 \cdots s_{l-1}`, the jump in front of layer l, the field starts at
    :math:`-\sum_l p_l j_l` and its size is

    .. math:: 1 + \sum_l (k_l - 1)\, d_l\, j_l .

    Parameters
    ----------
    layers : sequence
        As for :func:`receptive_field`, but without branches: for these, join the fields of all paths.

    Returns
    -------
    Field

    Raises
    ------
    TypeError, ValueError
        As for :func:`receptive_field`; if there are branches.

    Examples
    --------
    >>> closed_form([(7, 2, 1, 3), (3, 2, 1, 1)])
    Field(start=-5, end=5, jump=4)
    """
    size, start, jump = 1, 0, 1
    for layer in layers:
        if isinstance(layer, Branches):
            raise ValueError("layers must stand in a row for the closed form, got branches: sum each path by itself")
        kernel_size, stride, dilation, padding = _settings(layer)
        size += (kernel_size - 1) * dilation * jump
        start -= padding * jump
        jump *= stride
    return Field(start, start + size - 1, jump)


def fields(model: nn.Module, input_size: Sequence[int], axis: int = -1) -> dict[str, Field]:
    """The field of every layer of a model, found by running it once and following what each operation does.

    Branches, dilation, layers used twice and operations inside ``forward`` are followed, too.  From an operation on
    that is no window (flattening, a linear layer, a mean over the image, a transposed convolution), every unit counts
    as one that sees all of the input.

    Parameters
    ----------
    model : torch.nn.Module
        It is left as it was.
    input_size : sequence of int
        Shape of one sample, as for :func:`convlib.shapes.counts.summary`: (channels, rows, columns).
    axis : int
        Along the columns, -1, or the rows, -2.

    Returns
    -------
    dict of str to Field
        By the layer's name, in the order of their first calls; of a layer that is called more than once, the last call.

    Raises
    ------
    TypeError, ValueError
        As for :func:`convlib.shapes.counts.summary`; if ``axis`` is none of a sample's but the first.

    Examples
    --------
    >>> from torch import nn
    >>> net = nn.Sequential(nn.Conv2d(1, 6, 5), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5))
    >>> [(name, field.size, field.jump) for name, field in fields(net, (1, 28, 28)).items()]
    [('0', 5, 1), ('1', 6, 2), ('2', 14, 2)]
    """
    from convlib.shapes._follow import followed

    return followed(model, input_size, axis)


def _join(branches: list[Field]) -> Field:
    field, *others = branches
    for other in others:
        field = field.joined(other)
    return field


def _settings(layer: object) -> list[int]:
    """Kernel size, stride, dilation and padding of a layer."""
    if not isinstance(layer, tuple | list):
        raise TypeError(f"layers must be tuples of numbers, or Branches, got {layer!r} of type {type(layer).__name__}")
    if len(layer) not in (3, 4):
        raise ValueError(f"a layer is (kernel_size, stride, dilation) or that and padding, got {layer!r}")
    names = ("kernel_size", "stride", "dilation", "padding")
    settings = [
        integer(name, value, low=0 if name == "padding" else 1) for name, value in zip(names, layer, strict=False)
    ]
    return [*settings, 0][:4]
