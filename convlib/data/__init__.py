"""Photographs to filter, a series to smooth, and pictures to learn from.

Almost all of it lies in well-kept packages or is drawn on the spot, and needs no network.  Three whole sets,
:func:`~convlib.data.whole.whole_mnist`, :func:`~convlib.data.whole.fashion_mnist` and
:func:`~convlib.data.whole.cifar10`, are downloaded when they are first asked for.
"""

from convlib.data.downloads import DownloadError
from convlib.data.drawn import SHAPES, shape_masks, shapes
from convlib.data.photographs import (
    COLOR_PHOTOGRAPHS,
    LUMINANCE,
    PHOTOGRAPHS,
    block_means,
    centre_square,
    color_photograph,
    photograph,
)
from convlib.data.series import carbon_dioxide
from convlib.data.small import digits, faces, mnist, textures
from convlib.data.split import Split
from convlib.data.whole import CIFAR10_CLASSES, FASHION_CLASSES, cifar10, fashion_mnist, whole_mnist

__all__ = [
    "CIFAR10_CLASSES",
    "COLOR_PHOTOGRAPHS",
    "FASHION_CLASSES",
    "LUMINANCE",
    "PHOTOGRAPHS",
    "SHAPES",
    "DownloadError",
    "Split",
    "block_means",
    "carbon_dioxide",
    "centre_square",
    "cifar10",
    "color_photograph",
    "digits",
    "faces",
    "fashion_mnist",
    "mnist",
    "photograph",
    "shape_masks",
    "shapes",
    "textures",
    "whole_mnist",
]
