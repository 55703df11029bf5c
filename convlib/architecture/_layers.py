"""What single layers are called in a picture, and which of them are no more than a mark on the one before."""

from __future__ import annotations

import math

from torch import nn
from torch.nn.modules import activation, batchnorm, conv, dropout, pooling

from convlib.shapes import Layer

_NORMS = {
    nn.LocalResponseNorm: "LRN",
    batchnorm._BatchNorm: "batch norm",
    nn.LayerNorm: "layer norm",
    nn.GroupNorm: "group norm",
    nn.modules.instancenorm._InstanceNorm: "instance norm",
}
_NAMELESS = (nn.Flatten, nn.Unflatten, nn.Identity)
_DROPOUTS = (dropout._DropoutNd,)
_POOLS = {
    pooling._MaxPoolNd: "pool",
    pooling._AvgPoolNd: "mean pool",
}
_ADAPTIVE = {
    pooling._AdaptiveMaxPoolNd: "pool",
    pooling._AdaptiveAvgPoolNd: "mean pool",
}


def leads(layer: Layer, module: nn.Module) -> bool:
    """Whether a layer is a stage of its own: it multiplies, or holds weights and does not only rescale."""
    if layer.macs:
        return True
    return bool(layer.parameters) and not isinstance(module, (*_NORMS, activation.PReLU))


def part(module: nn.Module) -> str:
    """What a leading layer does: its kernel, or in one word."""
    if isinstance(module, conv._ConvNd):
        return f"{times(module.kernel_size)} transposed" if module.transposed else times(module.kernel_size)
    return "linear" if isinstance(module, nn.Linear) else type(module).__name__


def stride(module: nn.Module) -> tuple[int, ...]:
    """Of a convolution; nothing for another layer."""
    return module.stride if isinstance(module, conv._ConvNd) else ()


def mark(module: nn.Module) -> str:
    """What a layer adds to the one before it; nothing if it only arranges numbers otherwise."""
    if isinstance(module, _NAMELESS):
        return ""
    if isinstance(module, _DROPOUTS):
        return "dropout"
    for kinds, written in ((_NORMS, str), (_POOLS, lambda word: _pool(word, module))):
        for kind, word in kinds.items():
            if isinstance(module, kind):
                return written(word)
    for kind, word in _ADAPTIVE.items():
        if isinstance(module, kind):
            return _adaptive(word, module.output_size)
    return type(module).__name__


def _pool(word: str, module: nn.Module) -> str:
    """Window and stride: pool 3/2."""
    stride = module.kernel_size if module.stride is None else module.stride
    return f"{word} {_short(module.kernel_size)}/{_short(stride)}"


def _adaptive(word: str, size: int | tuple[int | None, ...]) -> str:
    lengths = [length for length in (size if isinstance(size, tuple) else (size,)) if length is not None]
    if lengths and math.prod(lengths) == 1:
        return f"global {word}"
    return f"{word} to {_short(size)}"


def _short(size: int | tuple[int | None, ...]) -> str:
    """One number if it holds along every axis."""
    sides = size if isinstance(size, tuple) else (size,)
    return str(sides[0]) if len(set(sides)) == 1 else times(sides)


def times(shape: tuple[int | None, ...]) -> str:
    """96 × 55 × 55"""
    return " × ".join("any" if length is None else str(length) for length in shape)
