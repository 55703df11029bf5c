"""Run a model of PyTorch once, on one sample of zeros, and leave it as it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from convlib._validate import integer


def run(model: nn.Module, sample: torch.Tensor, mode: TorchDispatchMode, before: Callable, after: Callable) -> None:
    """Run it under ``mode``, without gradients; ``before`` and ``after`` every call get a module's name and itself."""
    handles = []
    for name, module in model.named_modules():
        handles.append(module.register_forward_pre_hook(lambda m, _, name=name: before(name, m)))
        handles.append(module.register_forward_hook(lambda m, _, y, name=name: after(name, m, y)))
    try:
        with _evaluating(model), torch.no_grad(), mode:
            model(sample)
    finally:
        for handle in handles:
            handle.remove()


def sample_for(model: object, input_size: Sequence[int]) -> torch.Tensor:
    """A batch of one sample, all zeros, of the model's type and where the model is."""
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch.nn.Module, got {type(model).__name__}")
    if not isinstance(input_size, tuple | list) or not input_size:
        raise TypeError(f"input_size must be the shape of one sample, (channels, rows, columns), got {input_size!r}")
    shape = [integer("input_size", length, low=1) for length in input_size]
    weights = [weight for weight in model.parameters() if weight.is_floating_point()]
    like = {"dtype": weights[0].dtype, "device": weights[0].device} if weights else {}
    return torch.zeros(1, *shape, **like)


@contextmanager
def _evaluating(model: nn.Module):
    """Dropout off, and batch normalisation learns nothing from a sample of zeros."""
    training = [module for module in model.modules() if module.training]
    model.eval()
    try:
        yield
    finally:
        for module in training:
            module.training = True
