"""Warping: the same brightness at other places.

A matrix says where each point (x, y) of the picture *goes*: ``rotation(30)`` turns the picture by 30 degrees,
``translation(5, 0) @ rotation(30)`` turns it first and then moves it 5 pixels to the right.  :func:`warp` uses it the
other way round (inverse mapping): it asks, for each pixel of the output, where it came from, so that none is left out.
Points lie on the centres of pixels: (0, 0) is the centre of the upper left one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from convlib._validate import finite_number, integer, real_array, real_image


def warp(
    image: ArrayLike, matrix: ArrayLike, shape: tuple[int, int] | None = None, order: int = 1, fill: float = 0.0
) -> np.ndarray:
    """Move every point of an image by an affine map.

    Parameters
    ----------
    image : array_like, shape (R, C) or (R, C, channels)
        Real and finite.
    matrix : array_like, shape (3, 3) or (2, 3)
        Takes (x, y, 1) of a point in the image to that of the same point in the output; its third row, if there, is
        (0, 0, 1).
    shape : (int, int), optional
        Rows and columns of the output; those of the image if not given.
    order : {0, 1}
        As for :func:`interpolate`.
    fill : float
        What stands where nothing came from.

    Returns
    -------
    numpy.ndarray, shape ``shape`` or (\\*shape, channels)

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if the image is not real and finite, or the matrix not an affine map that can be undone.

    Notes
    -----
    ``skimage.transform.warp(image, np.linalg.inv(matrix))``, which asks for the inverse.  When an image is made
    smaller, details finer than two of the new pixels must be blurred away before, as before any sampling.

    Examples
    --------
    >>> warp([[1, 2, 3]], translation(0.5, 0), fill=0)
    array([[0.5, 1.5, 2.5]])
    """
    image, inverse = real_image("image", image, channels=True), np.linalg.inv(_affine(matrix))
    rows, columns = image.shape[:2] if shape is None else _pair("shape", shape)
    y, x = np.indices((integer("shape", rows, low=1), integer("shape", columns, low=1)))
    from_x = inverse[0, 0] * x + inverse[0, 1] * y + inverse[0, 2]
    from_y = inverse[1, 0] * x + inverse[1, 1] * y + inverse[1, 2]
    return interpolate(image, from_x, from_y, order, fill)


def interpolate(image: ArrayLike, x: ArrayLike, y: ArrayLike, order: int = 1, fill: float = 0.0) -> np.ndarray:
    """Brightness between the pixels.

    Parameters
    ----------
    image : array_like, shape (R, C) or (R, C, channels)
        Real and finite.
    x, y : array_like of one shape
        Where: x counts columns, y counts rows.
    order : {0, 1}
        0: the nearest pixel; 1: linear in x and in y between the four around.
    fill : float
        What stands beyond the outermost pixels; order 1 goes over to it within one pixel.

    Returns
    -------
    numpy.ndarray, shape of ``x``, or that with the channels behind it

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if the image is not real and finite, or the shapes of ``x`` and ``y`` differ.

    Examples
    --------
    >>> interpolate([[0, 1], [2, 3]], [0.5, 0.5], [0.5, 1])
    array([1.5, 2.5])
    """
    image = real_image("image", image, channels=True)
    if order not in (0, 1):
        raise ValueError(f"order must be 0 (nearest pixel) or 1 (linear), got {order!r}")
    x, y = real_array("x", x).astype(float), real_array("y", y).astype(float)
    if x.shape != y.shape or not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError(f"x and y must be finite and of one shape, got shapes {x.shape} and {y.shape}")
    frame = ((2, 2), (2, 2)) + ((0, 0),) * (image.ndim - 2)
    padded = np.pad(image, frame, constant_values=finite_number("fill", fill))
    rows, columns = image.shape[:2]
    x, y = np.clip(x, -1, columns) + 2, np.clip(y, -1, rows) + 2  # from here on, places in the padded image
    if order == 0:
        return padded[np.floor(y + 0.5).astype(int), np.floor(x + 0.5).astype(int)]
    left, top = x.astype(int), y.astype(int)
    right, down = (part.reshape(x.shape + (1,) * (image.ndim - 2)) for part in (x - left, y - top))  # 0 … 1
    above = (1 - right) * padded[top, left] + right * padded[top, left + 1]
    below = (1 - right) * padded[top + 1, left] + right * padded[top + 1, left + 1]
    return (1 - down) * above + down * below


def rotation(angle: float, centre: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """The 3 × 3 matrix that turns by ``angle`` degrees, counter-clockwise as seen, about the point ``centre`` = (x, y).

    Examples
    --------
    >>> rotation(90) @ [1, 0, 1]  # from the right of the centre to above it, where y is negative
    array([ 0., -1.,  1.])
    """
    radians = np.deg2rad(finite_number("angle", angle))
    cosine, sine = np.round([np.cos(radians), np.sin(radians)], 15)  # so that a right angle is exact
    return _about(centre, np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]]))


def scaling(x: float, y: float | None = None, centre: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """The matrix that stretches ``x`` times in width, ``y`` times in height (or ``x``, too); ``centre`` stays.

    Examples
    --------
    >>> scaling(2, centre=(1, 1)) @ [3, 1, 1]
    array([5., 1., 1.])
    """
    x = finite_number("x", x)
    return _about(centre, np.diag([x, x if y is None else finite_number("y", y), 1.0]))


def translation(x: float, y: float) -> np.ndarray:
    """The matrix that moves ``x`` pixels to the right and ``y`` pixels down.

    Examples
    --------
    >>> translation(3, -1) @ [0, 0, 1]
    array([ 3., -1.,  1.])
    """
    return np.array([[1.0, 0.0, finite_number("x", x)], [0.0, 1.0, finite_number("y", y)], [0.0, 0.0, 1.0]])


def shear(x: float, y: float = 0.0, centre: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """The matrix that moves rows right by ``x`` per pixel below ``centre``, columns down by ``y`` per pixel right.

    Examples
    --------
    >>> shear(0.5) @ [0, 2, 1]
    array([1., 2., 1.])
    """
    return _about(centre, np.array([[1.0, finite_number("x", x), 0.0], [finite_number("y", y), 1.0, 0.0], [0, 0, 1]]))


def middle(image: ArrayLike) -> tuple[float, float]:
    """The point (x, y) in the middle of an image, to turn it about.

    Examples
    --------
    >>> middle(np.zeros((3, 6)))
    (2.5, 1.0)
    """
    rows, columns = real_image("image", image, channels=True).shape[:2]
    return (columns - 1) / 2, (rows - 1) / 2


def _about(centre: tuple[float, float], matrix: np.ndarray) -> np.ndarray:
    """The map that does about ``centre`` what ``matrix`` does about (0, 0)."""
    x, y = _pair("centre", centre)
    return translation(x, y) @ matrix @ translation(-x, -y)


def _affine(matrix: ArrayLike) -> np.ndarray:
    """Check that ``matrix`` is an affine map that can be undone, and complete it to 3 rows."""
    matrix = real_image("matrix", matrix)
    if matrix.shape == (2, 3):
        matrix = np.vstack([matrix, [0, 0, 1]])
    if matrix.shape != (3, 3):
        raise ValueError(f"matrix must have shape (3, 3) or (2, 3), got {matrix.shape}")
    if (matrix[2] != (0, 0, 1)).any():
        raise ValueError(f"matrix must be affine, with a third row of 0, 0, 1, got {matrix[2].tolist()}")
    linear = matrix[:2, :2]
    if abs(np.linalg.det(linear)) <= 1e-12 * (linear**2).sum():
        raise ValueError(f"matrix is singular: it flattens the image onto a line, got {linear.tolist()}")
    return matrix


def _pair(name: str, value: object) -> tuple:
    try:
        first, second = value
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a pair of numbers, got {value!r}") from None
    return first, second
