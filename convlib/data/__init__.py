"""Photographs to filter, and pictures to learn from.

All of it lies in well-kept packages or is drawn on the spot: nothing is downloaded.
"""

from convlib.data.drawn import SHAPES, shapes
from convlib.data.photographs import (
    COLOR_PHOTOGRAPHS,
    LUMINANCE,
    PHOTOGRAPHS,
    block_means,
    centre_square,
    color_photograph,
    photograph,
)
from convlib.data.small import digits, faces, mnist, textures
from convlib.data.split import Split

__all__ = [
    "COLOR_PHOTOGRAPHS",
    "LUMINANCE",
    "PHOTOGRAPHS",
    "SHAPES",
    "Split",
    "block_means",
    "centre_square",
    "color_photograph",
    "digits",
    "faces",
    "mnist",
    "photograph",
    "shapes",
    "textures",
]
