"""Follow a receptive field through the operations of PyTorch that a model runs."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from convlib.shapes._run import run, sample_for
from convlib.shapes.receptive import Field

_OPS = torch.ops.aten
_POOLS = {
    _OPS.max_pool2d_with_indices: True,  # whether the fifth argument is a dilation
    _OPS.max_pool3d_with_indices: True,
    _OPS.avg_pool1d: False,
    _OPS.avg_pool2d: False,
    _OPS.avg_pool3d: False,
}
_PADS = {
    _OPS.constant_pad_nd,
    *(getattr(_OPS, f"{kind}_pad{axes}d") for kind in ("reflection", "replication") for axes in (1, 2, 3)),
}
_SAMPLE_BY_SAMPLE = {  # besides those that PyTorch itself calls pointwise
    _OPS.native_batch_norm,
    _OPS._native_batch_norm_legit,
    _OPS._native_batch_norm_legit_no_training,
    _OPS.cat,
    _OPS.clone,
    _OPS.detach,
    _OPS.native_dropout,
    _OPS.channel_shuffle,
}
_VIEWS = {_OPS.view, _OPS._unsafe_view, _OPS.unsqueeze, _OPS.squeeze, _OPS.alias}


def followed(model: nn.Module, input_size: Sequence[int], axis: int) -> dict[str, Field]:
    """As :func:`convlib.shapes.fields`."""
    sample = sample_for(model, input_size)
    if axis not in range(1 - len(input_size), 0):
        raise ValueError(f"axis must be -1, the columns, or another one after the channels, got {axis!r}")
    follower = _Follower(sample, axis)
    found = {}

    def after(name: str, module: nn.Module, output: object) -> None:
        leaves = [leaf for leaf in tree_leaves(output) if isinstance(leaf, torch.Tensor)]
        if leaves and id(leaves[0]) in follower.known and not any(module.children()):
            found[name] = follower.field(leaves[0])

    run(model, sample, follower, lambda *_: None, after)
    return found


class _Follower(TorchDispatchMode):
    """Sees every operation on tensors, and keeps the field of a unit of each tensor."""

    def __init__(self, sample: torch.Tensor, axis: int) -> None:
        super().__init__()
        self.axis = axis
        length = sample.shape[axis]
        self.everything = Field(0, length - 1, length)
        self.known = {id(sample): (sample, Field())}  # the tensor, too, lest its id be given to another

    def field(self, tensor: torch.Tensor) -> Field:
        """The field of a tensor's unit 0."""
        return self.known[id(tensor)][1]

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        output = func(*args, **(kwargs or {}))
        inputs = [leaf for leaf in tree_leaves([args, kwargs]) if id(leaf) in self.known]
        if inputs:  # else weights among themselves
            field = self._behind(func, args, inputs, output)
            for leaf in tree_leaves(output):
                if isinstance(leaf, torch.Tensor):
                    self.known[id(leaf)] = (leaf, field)
        return output

    def _behind(self, func, args: tuple, inputs: list[torch.Tensor], output: object) -> Field:
        before = [self.field(tensor) for tensor in inputs]
        if self.everything in before:
            return self.everything
        packet = func.overloadpacket
        if len(inputs) == 1 and (window := self._window(packet, args)):
            return before[0].through(*window)
        if packet in _PADS:
            return before[0].through(1, padding=self._of_pad(args[1]))
        if packet is _OPS.slice:
            return before[0].through(*self._of_slice(*args))
        apart = torch.Tag.pointwise in func.tags or packet in _SAMPLE_BY_SAMPLE
        if (apart or packet in _VIEWS) and self._lies_as(inputs[0], tree_leaves(output)[0]):
            field = before[0]
            for other in before[1:]:
                field = field.joined(other)
            return field
        return self.everything

    def _window(self, packet, args: tuple) -> tuple[int, int, int, int] | None:
        """Kernel size, stride, dilation and padding along the axis, of an operation that has windows."""
        if packet is _OPS.convolution:
            weight, stride, padding, dilation, transposed = args[1], *args[3:7]
            return None if transposed else (weight.shape[self.axis], *map(self._along, (stride, dilation, padding)))
        if packet not in _POOLS:
            return None
        kernel_size, stride, padding, dilation = [*args[1:5], *([], 0, 1)[len(args) - 2 :]][:4]
        dilation = dilation if _POOLS[packet] else 1
        return tuple(map(self._along, (kernel_size, stride or kernel_size, dilation, padding)))

    def _along(self, setting: int | Sequence[int]) -> int:
        """One number may stand for every axis."""
        if isinstance(setting, int):
            return setting
        return setting[0] if len(setting) == 1 else setting[self.axis]

    def _of_pad(self, pad: Sequence[int]) -> int:
        """Padding at the axis' left end; the list goes from the last axis to the first."""
        place = 2 * (-1 - self.axis)
        return pad[place] if place < len(pad) else 0

    def _of_slice(self, x: torch.Tensor, dim: int = 0, start: int | None = 0, end: int | None = None, step: int = 1):
        """Every ``step``-th unit from ``start`` on, as a window of one: kernel size, stride, dilation, padding."""
        if dim % x.dim() != self.axis % x.dim():
            return 1, 1, 1, 0
        first = slice(start, end).indices(x.shape[dim])[0]
        return 1, step, 1, -first

    def _lies_as(self, before: torch.Tensor, output: torch.Tensor) -> bool:
        """Whether the axis, and those after it, are as long as before: then a view has not moved them."""
        return output.dim() >= -self.axis and before.shape[self.axis :] == output.shape[self.axis :]
