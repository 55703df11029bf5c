"""What one does to images: smooth them, find edges, corners and blobs in them, warp them.

All of it takes and gives arrays of rows and columns, x to the right and y downwards; angles are in degrees,
counter-clockwise as seen on the screen.  Beyond its border an image is continued by its mirror image, the outermost
pixel repeated (``boundary="symmetric"``), unless another boundary is asked for.
"""

from convlib.filters.edges import (
    canny,
    gradient,
    hysteresis,
    magnitude_and_angle,
    non_maximum_suppression,
)
from convlib.filters.fields import differences, integrate
from convlib.filters.points import blobs, harris, match_template, peaks, structure_tensor
from convlib.filters.smoothing import bilateral, blur, median
from convlib.filters.warping import interpolate, middle, rotation, scaling, shear, translation, warp

__all__ = [
    "bilateral",
    "blobs",
    "blur",
    "canny",
    "differences",
    "gradient",
    "harris",
    "hysteresis",
    "integrate",
    "interpolate",
    "magnitude_and_angle",
    "match_template",
    "median",
    "middle",
    "non_maximum_suppression",
    "peaks",
    "rotation",
    "scaling",
    "shear",
    "structure_tensor",
    "translation",
    "warp",
]
