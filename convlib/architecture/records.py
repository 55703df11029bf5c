"""A model's stages: its convolutions, linear layers and residual blocks, each with all that belongs to it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import nn

from convlib.architecture._layers import leads, mark, part, stride, times
from convlib.architecture._skips import skips
from convlib.shapes import Layer, Summary, summary


@dataclass(frozen=True)
class Stage:
    """One box of the picture: a layer with weights, or a residual block, and the small layers that follow it.

    Parameters
    ----------
    name : str
        Where it stands in the model, as in ``model.named_modules()``; of the first, if there are several.
    kind : str
        The class of the layer or the block; ``"input"`` for the sample, ``"not called"`` for weights that the model
        holds and whose modules it does not call.
    output_shape : tuple of int
        Of one sample, after the layer or the block itself; empty for what is not called.
    passed_on : tuple of int
        The shape that the next stage gets, after pooling and flattening.
    parts : tuple of str
        What is done one after the other: the kernel of a convolution, as in ``"3 × 3"``, ``"linear"``, or the class of
        another layer.  A single layer has one part, a block several; what lies on its shortcut is not among them.
    stride : tuple of int
        Along each axis, through all parts; of the first, if there are several.  Empty without convolutions.
    groups : int
        Of the convolution, or the most that a block has.
    shortcut : str or None
        None where nothing is added; empty where the block's own input is; else the layer that it is sent through,
        in the first, if there are several.
    marks : tuple of str
        The small layers: ``"ReLU"``, ``"pool 3/2"`` for windows of 3 with stride 2.
    parameters, macs : int
        Of all that belongs here, every repeat included.
    repeats : int
        How many equal ones are taken together.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    passed_on: tuple[int, ...]
    parts: tuple[str, ...] = ()
    stride: tuple[int, ...] = ()
    groups: int = 1
    shortcut: str | None = None
    marks: tuple[str, ...] = ()
    parameters: int = 0
    macs: int = 0
    repeats: int = 1

    @property
    def operation(self) -> str:
        """What is done, in a line: ``"11 × 11, stride 4"``."""
        if not self.parts:
            return self.kind
        said, first = [*self.parts], "first " if self.repeats > 1 else ""
        if max(self.stride, default=1) > 1:
            step = times(self.stride) if len(set(self.stride)) > 1 else str(self.stride[0])
            said.append(f"{first}stride {step}")
        if self.groups > 1:
            said.append(f"{self.groups} groups")
        if self.shortcut:
            said.append(f"{first}shortcut {self.shortcut}")
        return ", ".join(said)


def stages(model: nn.Module, input_size: Sequence[int], *, collapse: bool = True) -> list[Stage]:
    """What a picture of a model shows, counted by :func:`convlib.shapes.counts.summary`.

    A stage begins at each layer that multiplies or holds weights.  Activations, pooling, normalisation and dropout
    belong to the stage before them, with whatever parameters they have, so that the sums over all stages are the
    model's.  A module inside the model that adds two of its tensors, one of which has come a shorter way, is a
    residual block, and one stage; this is seen as the model runs, whatever its classes are called.

    Parameters
    ----------
    model : torch.nn.Module
        As for :func:`convlib.shapes.counts.summary`: left as it was, and without numbers on ``torch.device("meta")``.
    input_size : sequence of int
        Shape of one sample, without the batch: (channels, rows, columns).
    collapse : bool
        Whether neighbours that do the same become one stage: convolutions and blocks with the same kernels and the
        same output shape, though the first may have another number of input channels, a stride or a layer on its
        shortcut; other layers only if they have as many parameters, too.

    Returns
    -------
    list of Stage
        The input, then the stages in the order of their calls; weights whose modules are not called come last.

    Raises
    ------
    TypeError
        If ``model`` is not a module, ``input_size`` not a shape, or ``collapse`` neither True nor False.
    ValueError
        If ``input_size`` has a length below 1, or the model does not take samples of this shape.

    Notes
    -----
    What a ``forward`` does by functions, without modules, leaves no mark; its MACs and the shapes are right
    nevertheless.  Branches that are joined otherwise than by a sum stand one after the other.

    Examples
    --------
    >>> net = nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(864, 10))
    >>> for stage in stages(net, (1, 28, 28)):
    ...     print(stage.operation, stage.output_shape, stage.marks, stage.parameters, stage.macs)
    input (1, 28, 28) () 0 0
    5 × 5 (6, 24, 24) ('ReLU', 'pool 2/2') 156 86400
    linear (10,) () 8650 8640
    """
    if not isinstance(collapse, bool):
        raise TypeError(f"collapse must be True or False, got {collapse!r}")
    table = _counted(model, input_size)
    modules, ways = dict(model.named_modules()), skips(model, input_size)
    column = [Stage("", "input", table.input_size, table.input_size)]
    called = [layer for layer in table.layers if layer.output_shape is not None]
    for block, layers in itertools.groupby(called, lambda layer: _block_of(layer.name, ways)):
        if block is None:
            for layer in layers:
                _put(column, layer, modules[layer.name])
        else:
            column.append(_block(block, list(layers), ways[block], modules))
    silent = sum(layer.parameters for layer in table.layers if layer.output_shape is None)
    rest = [Stage("", "not called", (), (), parameters=silent)] if silent else []
    return [*(_collapsed(column) if collapse else column), *rest]


def _counted(model: nn.Module, input_size: Sequence[int]) -> Summary:
    try:
        return summary(model, input_size)
    except RuntimeError as error:  # PyTorch names neither the model nor the sample
        raise ValueError(
            f"input_size must be a shape that the model takes; with {times(tuple(input_size))} it stops: {error}"
        ) from error


def _block_of(name: str, blocks: dict[str, frozenset[str]]) -> str | None:
    """The innermost block that a layer lies in."""
    path = name.split(".")
    outward = (".".join(path[:depth]) for depth in range(len(path), 0, -1))
    return next((place for place in outward if place in blocks), None)


def _put(column: list[Stage], layer: Layer, module: nn.Module) -> None:
    """Begin a stage with a layer, or add it to the last one."""
    if leads(layer, module):
        shape = layer.output_shape
        does = {"parts": (part(module),), "stride": stride(module), "groups": getattr(module, "groups", 1)}
        counts = {"parameters": layer.parameters, "macs": layer.macs}
        column.append(Stage(layer.name, layer.kind, shape, shape, **does, **counts))
    else:
        last = column[-1]
        marks = (*last.marks, mark(module)) if mark(module) else last.marks
        counts = {"parameters": last.parameters + layer.parameters}
        column[-1] = replace(last, marks=marks, passed_on=layer.output_shape, **counts)


def _block(name: str, layers: list[Layer], skipped: frozenset[str], modules: dict[str, nn.Module]) -> Stage:
    """A residual block as one stage."""
    way = [layer for layer in layers if layer.name not in skipped] or layers
    on_way = [modules[layer.name] for layer in way if leads(layer, modules[layer.name])]
    beside = [modules[layer.name] for layer in layers if layer.name in skipped and leads(layer, modules[layer.name])]
    marks = [mark(modules[layer.name]) for layer in way if not leads(layer, modules[layer.name])]
    return Stage(
        name,
        type(modules[name]).__name__,
        way[-1].output_shape,
        way[-1].output_shape,
        parts=tuple(map(part, on_way)),
        stride=_through(on_way),
        groups=max((getattr(module, "groups", 1) for module in on_way), default=1),
        shortcut=" and ".join(map(part, beside)),
        marks=tuple(dict.fromkeys(filter(None, marks))),
        parameters=sum(layer.parameters for layer in layers),
        macs=sum(layer.macs for layer in layers),
    )


def _through(modules: list[nn.Module]) -> tuple[int, ...]:
    """The stride of convolutions one after the other."""
    strides = [stride(module) for module in modules if stride(module)]
    return tuple(map(math.prod, zip(*strides, strict=False)))


# ---- equal neighbours -----------------------------------------------------------------------------------------------


def _collapsed(column: list[Stage]) -> list[Stage]:
    taken = column[:1]
    for stage in column[1:]:
        if _alike(taken[-1], stage):
            taken[-1] = _together(taken[-1], stage)
        else:
            taken.append(stage)
    return taken


def _alike(first: Stage, second: Stage) -> bool:
    """Whether the second does once more what the first does; it may end with a pooling layer that the first lacks."""
    same = all(getattr(first, of) == getattr(second, of) for of in ("kind", "parts", "groups", "output_shape"))
    on = first.passed_on == first.output_shape and max(second.stride, default=1) == 1
    ends = second.passed_on != second.output_shape
    marks = first.marks == (second.marks[: len(first.marks)] if ends else second.marks)
    added = second.shortcut == (None if first.shortcut is None else "")
    counts = first.parameters == first.repeats * second.parameters and first.macs == first.repeats * second.macs
    return bool(same and on and marks and added and (first.stride or counts))


def _together(first: Stage, second: Stage) -> Stage:
    return replace(
        first,
        marks=second.marks,
        passed_on=second.passed_on,
        parameters=first.parameters + second.parameters,
        macs=first.macs + second.macs,
        repeats=first.repeats + 1,
    )


# ---- in words -------------------------------------------------------------------------------------------------------


def words(model: nn.Module, input_size: Sequence[int], *, collapse: bool = True) -> str:
    """Say what :func:`diagram` shows, a sentence for each stage: its alternative text.

    Parameters
    ----------
    model, input_size, collapse
        As for :func:`stages`.

    Returns
    -------
    str

    Raises
    ------
    TypeError, ValueError
        As for :func:`stages`.

    Examples
    --------
    >>> for sentence in words(nn.Sequential(nn.Conv2d(3, 96, 11, stride=4), nn.ReLU()), (3, 227, 227)).split(". "):
    ...     print(sentence)
    Layers from top to bottom, with 34.9 k parameters and 105 M MACs in all
    Input: 3 × 227 × 227
    Convolution 11 × 11, stride 4, to 96 × 55 × 55, then ReLU: 34.9 k parameters, 105 M MACs.
    """
    column = stages(model, input_size, collapse=collapse)
    counts = _counts(sum(stage.parameters for stage in column), sum(stage.macs for stage in column), " and ")
    return " ".join([f"Layers from top to bottom, with {counts} in all.", *(f"{_said(stage)}." for stage in column)])


def _said(stage: Stage) -> str:
    counts = _counts(stage.parameters, stage.macs, ", ")
    if stage.kind == "not called":
        return f"Not called: {counts}"
    then = f", then {', '.join(stage.marks)}" if stage.marks else ""
    if stage.kind == "input":
        more = f": {counts}" if stage.parameters else ""
        return f"Input: {times(stage.output_shape)}{then}{more}"
    return f"{_named(stage)}, to {times(stage.output_shape)}{then}: {counts}"


def _named(stage: Stage) -> str:
    """The operation with a noun before it, as a sentence begins."""
    if stage.shortcut is not None:
        one, many = f"Residual block of {stage.operation}", f"residual blocks of {stage.operation}"
    elif stage.stride:
        one, many = f"Convolution {stage.operation}", f"convolutions {stage.operation}"
    else:
        one, many = stage.operation[0].upper() + stage.operation[1:], f"layers {stage.operation}"
    return one if stage.repeats == 1 else f"{stage.repeats} {many}"


def _counts(parameters: int, macs: int, between: str) -> str:
    return f"{short(parameters)} parameters{between}{short(macs)} MACs"


def short(count: int) -> str:
    """Three digits and a unit: 34.9 k, 61.1 M, 1.82 G."""
    if count < 1000:
        return str(count)
    size, units = count / 1000, list("kMGTPE")
    while float(f"{size:.3g}") >= 1000 and len(units) > 1:
        size /= 1000
        units.pop(0)
    return f"{size:#.3g}".rstrip(".") + f" {units[0]}"
