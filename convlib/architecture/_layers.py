"""What single layers are called in a picture, and which of them are no more than a mark on the one before."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn
from torch.nn.modules import activation, batchnorm, conv, dropout, pooling

from convlib.shapes import Layer

_NORMS = {
    nn.LocalResponseNorm: "LRN",
    batchnorm._BatchNorm: "batch norm",
    nn.LayerNorm: "layer norm",
    nn.GroupNorm: "group norm",
    nn.RMSNorm: "RMS norm",
    nn.modules.instancenorm._InstanceNorm: "instance norm",
}
_WORDS = {**_NORMS, dropout._DropoutNd: "dropout"}
_POOLS = {pooling._MaxPoolNd: "pool", pooling._AvgPoolNd: "mean pool"}
_ADAPTIVE = {pooling._AdaptiveMaxPoolNd: "pool", pooling._AdaptiveAvgPoolNd: "mean pool"}
_NAMELESS = (nn.Flatten, nn.Unflatten, nn.Identity, nn.Sequential)


def leads(layer: Layer, module: nn.Module) -> bool:
    """Whether a layer is a stage of its own: it multiplies, or holds weights and does not only rescale."""
    if layer.macs:
        return True
    return bool(layer.parameters) and not isinstance(module, (*_NORMS, activation.PReLU))


def part(module: nn.Module) -> str:
    """What a leading layer does: its kernel, or in one word."""
    if isinstance(module, conv._ConvNd):
        taps = times(module.kernel_size) + (" taps" if len(module.kernel_size) == 1 else "")
        return f"{taps} transposed" if module.transposed else taps
    return "linear" if isinstance(module, nn.Linear) else type(module).__name__


def stride(module: nn.Module) -> tuple[int, ...]:
    """Of a convolution; nothing for another layer."""
    return module.stride if isinstance(module, conv._ConvNd) else ()


def mark(module: nn.Module) -> str:
    """What a layer is called beside the one before it, ``pool 3/2`` with window and stride; rearranging has no name."""
    if isinstance(module, _NAMELESS):
        return ""
    if word := _word(_WORDS, module):
        return word
    if word := _word(_POOLS, module):
        stride = module.kernel_size if module.stride is None else module.stride
        return f"{word} {_short(module.kernel_size)}/{_short(stride)}"
    if word := _word(_ADAPTIVE, module):
        size = _short(module.output_size)
        return f"global {word}" if size == "1" else f"{word} to {size}"
    return type(module).__name__


def _word(words: dict[type, str], module: nn.Module) -> str:
    return next((word for kind, word in words.items() if isinstance(module, kind)), "")


def _short(size: int | Sequence[int | None]) -> str:
    """One number if it holds along every axis."""
    sides = size if isinstance(size, tuple | list) else (size,)
    return str(sides[0]) if len(set(sides)) == 1 else times(sides)


def times(shape: Sequence[int | None]) -> str:
    """96 × 55 × 55"""
    return " × ".join("any" if length is None else str(length) for length in shape)
