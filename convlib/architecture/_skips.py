"""Find a model's residual blocks by what it does: the modules that add two of its tensors."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from convlib.shapes._run import run, sample_for

_ADDITIONS = {torch.ops.aten.add, torch.ops.aten.add_}


def skips(model: nn.Module, input_size: Sequence[int]) -> dict[str, frozenset[str]]:
    """For each module inside the model that adds two of its tensors, the names of the modules on the shorter way."""
    sample = sample_for(model, input_size)
    adder = _Adder(sample)
    run(model, sample, adder, adder.before, adder.after)
    return adder.skips


class _Adder(TorchDispatchMode):
    """Sees every operation on tensors, and keeps which modules each tensor has come through."""

    def __init__(self, sample: torch.Tensor) -> None:
        super().__init__()
        self.running, self.skips = [], {}
        self.known = {id(sample): (sample, frozenset())}  # the tensor, too, lest its id be given to another

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        output = func(*args, **(kwargs or {}))
        pasts = [self.known[id(leaf)][1] for leaf in tree_leaves([args, kwargs]) if id(leaf) in self.known]
        if pasts:  # else weights among themselves
            if func.overloadpacket in _ADDITIONS and len(set(pasts)) == 2:
                self._note(*sorted(pasts, key=len))
            past = frozenset().union(*pasts, self.running[-1:])
            for leaf in tree_leaves(output):
                if isinstance(leaf, torch.Tensor):
                    self.known[id(leaf)] = (leaf, past)
        return output

    def before(self, name: str, module: nn.Module) -> None:
        self.running.append(name)

    def after(self, *_: object) -> None:  # gives nothing back: that would take the place of the module's output
        self.running.pop()

    def _note(self, shorter: frozenset[str], longer: frozenset[str]) -> None:
        """The model itself is no block: it would be all of the picture."""
        block = self.running[-1]
        if block:
            self.skips[block] = self.skips.get(block, frozenset()) | (shorter - longer)
