"""Photographs to filter: the few that scikit-image carries in its package, so that nothing is ever downloaded."""

from __future__ import annotations

import numpy as np

from convlib._validate import integer, one_of

#: Grey pictures that lie inside the scikit-image package, and what they show.
PHOTOGRAPHS = {
    "brick": "a brick wall",
    "camera": "a man with a camera on a tripod",
    "cell": "a cell under the microscope",
    "clock": "a clock, blurred by motion",
    "coins": "coins on a table",
    "grass": "grass",
    "gravel": "gravel",
    "moon": "the surface of the moon",
    "page": "a printed page",
    "text": "lines of printed text",
}


def photograph(name: str = "camera", size: int = 128) -> np.ndarray:
    """A square grey photograph, from the ones that scikit-image carries.

    The largest square in the middle whose side is a multiple of ``size`` is cut out and reduced by the means of
    blocks, so that no detail is skipped over.

    Parameters
    ----------
    name : {"brick", "camera", "cell", "clock", "coins", "grass", "gravel", "moon", "page", "text"}
        Which photograph.
    size : int
        Rows and columns wanted.

    Returns
    -------
    numpy.ndarray, shape (size, size)
        Brightness from 0, black, to 1, white.

    Raises
    ------
    TypeError
        If ``name`` is not a string or ``size`` not a whole number.
    ValueError
        If there is no such photograph, or ``size`` is below 1 or above its rows or columns.

    Examples
    --------
    >>> photograph("moon", size=64).shape
    (64, 64)
    """
    one_of("name", name, PHOTOGRAPHS)
    size = integer("size", size, low=1)
    from skimage import data  # here, for `import convlib` must stay light

    pixels = getattr(data, name)()  # (rows, columns), 8 bits
    if size > min(pixels.shape):
        rows, columns = pixels.shape
        raise ValueError(
            f"size must be between 1 and {min(rows, columns)} for {name!r}, which has {rows} × {columns} pixels, "
            f"got {size}"
        )
    return block_means(centre_square(pixels, size), size) / 255


def centre_square(pixels: np.ndarray, multiple: int = 1) -> np.ndarray:
    """The largest square in the middle of ``pixels`` whose side is a multiple of ``multiple``.

    Examples
    --------
    >>> centre_square(np.arange(20).reshape(4, 5), 3)
    array([[ 1,  2,  3],
           [ 6,  7,  8],
           [11, 12, 13]])
    """
    side = min(pixels.shape) // multiple * multiple
    top, left = ((length - side) // 2 for length in pixels.shape)
    return pixels[top : top + side, left : left + side]


def block_means(pixels: np.ndarray, size: int) -> np.ndarray:
    """Reduce a square picture to ``size`` rows and columns, each pixel the mean of a block.

    Raises
    ------
    ValueError
        If the picture is not square or ``size`` does not divide its side.

    Examples
    --------
    >>> block_means(np.arange(16).reshape(4, 4), 2)
    array([[ 2.5,  4.5],
           [10.5, 12.5]])
    """
    rows, columns = pixels.shape
    if rows != columns or rows % size:
        raise ValueError(f"size must divide the side of a square picture, got {size} for {rows} × {columns} pixels")
    return pixels.reshape(size, rows // size, size, rows // size).mean(axis=(1, 3))
