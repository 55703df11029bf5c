"""Photographs to filter: scikit-image carries them, nothing is downloaded."""

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

#: Colour pictures that lie inside the scikit-image package, and what they show.
COLOR_PHOTOGRAPHS = {
    "astronaut": "Eileen Collins in an orange space suit",
    "chelsea": "a cat, close",
    "coffee": "a cup of coffee on a wooden table",
    "hubble_deep_field": "distant galaxies",
    "immunohistochemistry": "stained tissue under the microscope",
    "retina": "the back of an eye",
    "rocket": "a rocket on its launch pad at dusk",
}

#: What red, green and blue add to brightness (the weights of ``skimage.color.rgb2gray``); they sum to 1.
LUMINANCE = np.array([0.2125, 0.7154, 0.0721])


def photograph(name: str = "camera", size: int = 128) -> np.ndarray:
    """A square grey photograph, from the ones that scikit-image carries.

    The largest square in the middle whose side is a multiple of ``size`` is cut out and reduced by the means of
    blocks, so that no detail is skipped over.  Of a colour photograph it is the brightness, :data:`LUMINANCE` times
    red, green and blue.

    Parameters
    ----------
    name : {"brick", "camera", "cell", "clock", "coins", "grass", "gravel", "moon", "page", "text"}
        Which photograph; or one of the colour photographs that :func:`color_photograph` knows.
    size : int
        Rows and columns wanted.  Where what lies beyond the border must be known, take a larger one, 512 of most, and
        cut out of it.

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
    if one_of("name", name, PHOTOGRAPHS | COLOR_PHOTOGRAPHS) in COLOR_PHOTOGRAPHS:
        return color_photograph(name, size) @ LUMINANCE
    return _square(name, size)


def color_photograph(name: str = "astronaut", size: int = 128) -> np.ndarray:
    """A square colour photograph, from the ones that scikit-image carries, cut and reduced as by :func:`photograph`.

    Parameters
    ----------
    name : {"astronaut", "chelsea", "coffee", "hubble_deep_field", "immunohistochemistry", "retina", "rocket"}
        Which photograph.
    size : int
        Rows and columns wanted.

    Returns
    -------
    numpy.ndarray, shape (size, size, 3)
        Red, green and blue, each from 0 to 1, as a screen takes them.

    Raises
    ------
    TypeError, ValueError
        As for :func:`photograph`.

    Examples
    --------
    >>> color_photograph("chelsea", size=100).shape
    (100, 100, 3)
    """
    return _square(one_of("name", name, COLOR_PHOTOGRAPHS), size)


def _square(name: str, size: int) -> np.ndarray:
    """The middle of a photograph, ``size`` × ``size``, with its channels if it has any, from 0 to 1."""
    size = integer("size", size, low=1)
    from skimage import data  # here, for `import convlib` must stay light

    pixels = getattr(data, name)()  # (rows, columns) or (rows, columns, 3), 8 bits
    rows, columns = pixels.shape[:2]
    if size > min(rows, columns):
        raise ValueError(
            f"size must be between 1 and {min(rows, columns)} for {name!r}, which has {rows} × {columns} pixels, "
            f"got {size}"
        )
    return block_means(centre_square(pixels, size), size) / 255


def centre_square(pixels: np.ndarray, multiple: int = 1) -> np.ndarray:
    """The largest square in the middle of ``pixels`` whose side is a multiple of ``multiple``; channels stay.

    Examples
    --------
    >>> centre_square(np.arange(20).reshape(4, 5), 3)
    array([[ 1,  2,  3],
           [ 6,  7,  8],
           [11, 12, 13]])
    """
    side = min(pixels.shape[:2]) // multiple * multiple
    top, left = ((length - side) // 2 for length in pixels.shape[:2])
    return pixels[top : top + side, left : left + side]


def block_means(pixels: np.ndarray, size: int) -> np.ndarray:
    """Reduce a square picture to ``size`` rows and columns, each pixel the mean of a block; channels stay.

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
    rows, columns, *channels = pixels.shape
    if rows != columns or rows % size:
        raise ValueError(f"size must divide the side of a square picture, got {size} for {rows} × {columns} pixels")
    return pixels.reshape(size, rows // size, size, rows // size, *channels).mean(axis=(1, 3))
