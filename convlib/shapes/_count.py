"""Count the multiply-adds and the memory of every module while a model runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

from convlib.shapes._run import run, sample_for
from convlib.shapes.counts import Layer, Summary


def counted(model: nn.Module, input_size: Sequence[int]) -> Summary:
    """As :func:`convlib.shapes.summary`."""
    sample = sample_for(model, input_size)
    counter = _Counter(sample)
    run(model, sample, counter, counter.before, counter.after)
    called = {call.module for call in counter.calls}
    calls = sorted(counter.calls, key=lambda call: call.order)
    silent = [_Call(name, module, 0) for name, module in model.named_modules() if module not in called]
    layers, seen = [], set()
    for call in [*calls, *silent]:
        own = [weight for weight in call.module.parameters(recurse=False) if id(weight) not in seen]
        seen |= {id(weight) for weight in own}
        if own or call.macs or (call.order and not any(call.module.children())):
            layers.append(call.layer(sum(weight.numel() for weight in own)))
    return Summary(tuple(sample.shape[1:]), _bytes(sample), tuple(layers))


@dataclass
class _Call:
    """One call of a module, as far as it has gone; its order is 0 if it was never called."""

    name: str
    module: nn.Module
    order: int
    macs: int = 0
    output_shape: tuple[int, ...] | None = None
    activation_bytes: int = 0

    def layer(self, parameters: int) -> Layer:
        kind = type(self.module).__name__
        return Layer(self.name, kind, self.output_shape, parameters, self.macs, self.activation_bytes)


class _Counter(TorchDispatchMode):
    """Sees every operation on tensors, and every call of a module."""

    def __init__(self, sample: torch.Tensor) -> None:
        super().__init__()
        self.running, self.calls = [], []
        self.kept = {_memory(sample): sample}  # the tensor, too, lest its memory be given to another

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        output = func(*args, **(kwargs or {}))
        if count := flop_registry.get(func.overloadpacket):
            flops = count(*args, **(kwargs or {}), out_val=output)
            self.running[-1].macs += flops // 2  # the registry counts a product and a sum
        return output

    def before(self, name: str, module: nn.Module) -> None:
        self.calls.append(_Call(name, module, len(self.calls) + 1))
        self.running.append(self.calls[-1])

    def after(self, name: str, module: nn.Module, output: object) -> None:
        call = self.running.pop()
        tensors = [leaf for leaf in tree_leaves(output) if isinstance(leaf, torch.Tensor)]
        if tensors:
            call.output_shape = tuple(tensors[0].shape[1:])
        for tensor in tensors:
            if _memory(tensor) not in self.kept:
                self.kept[_memory(tensor)] = tensor
                call.activation_bytes += _bytes(tensor)


def _memory(tensor: torch.Tensor) -> int:
    """What tells one stretch of memory from another, for tensors without numbers, too."""
    return tensor.untyped_storage()._cdata


def _bytes(tensor: torch.Tensor) -> int:
    return tensor.numel() * tensor.element_size()
