"""The gradient of an image, and the edges that Canny's detector finds in it, step by step."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from convlib import kernels
from convlib._validate import finite_number, one_of, positive_number, real_image, real_images
from convlib.convolution import convolve
from convlib.filters.smoothing import blur
from convlib.filters.warping import interpolate

DERIVATIVES = {"sobel": kernels.sobel, "prewitt": kernels.prewitt, "scharr": kernels.scharr}


def gradient(image: ArrayLike, kernel: str = "sobel", boundary: str = "symmetric") -> tuple[np.ndarray, np.ndarray]:
    """Derivatives to the right and downwards, in brightness per pixel.

    Parameters
    ----------
    image : array_like, shape (R, C)
        Real and finite.
    kernel : {"sobel", "prewitt", "scharr"}
        Which of the derivatives in :mod:`convlib.kernels`.
    boundary : {"constant", "reflect", "symmetric", "edge", "wrap"}
        What stands beyond the border, by the names of :func:`numpy.pad`.

    Returns
    -------
    gx, gy : numpy.ndarray, shape (R, C)
        Positive where the image gets brighter to the right; where it gets brighter downwards.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if the image is not a real, finite image without channels, or for an unknown name.

    Examples
    --------
    >>> gx, gy = gradient([[0, 1, 2, 3]] * 3)
    >>> gx[1], gy[1]
    (array([0.5, 1. , 1. , 0.5]), array([0., 0., 0., 0.]))
    """
    image = real_image("image", image)
    derivative = DERIVATIVES[one_of("kernel", kernel, DERIVATIVES)]
    gx = convolve(image, derivative("x"), mode="same", boundary=boundary)
    gy = convolve(image, derivative("y"), mode="same", boundary=boundary)
    return gx, gy


def magnitude_and_angle(gx: ArrayLike, gy: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Length of the gradient, and its direction in degrees, counter-clockwise from the right as seen on the screen.

    Parameters
    ----------
    gx, gy : array_like, shape (R, C)
        As from :func:`gradient`.

    Returns
    -------
    magnitude, angle : numpy.ndarray, shape (R, C)
        The angle lies between -180 and 180; at 90 the image gets brighter *upwards*, where ``gy`` is negative.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if it is not a real, finite image without channels, or the shapes differ.

    Examples
    --------
    >>> magnitude_and_angle([[3.0]], [[-3.0]])[1]
    array([[45.]])
    """
    gx, gy = real_images(gx=gx, gy=gy)
    return np.hypot(gx, gy), np.rad2deg(np.arctan2(-gy, gx))


def non_maximum_suppression(gx: ArrayLike, gy: ArrayLike) -> np.ndarray:
    """Keep the length of the gradient where it is largest across the edge; 0 elsewhere.

    The variant that interpolates: a pixel's length is compared with the lengths one step ahead, in the direction of the
    gradient, and one step behind.  A step ends on the ring of the eight neighbours, in general between two of
    them, and takes the value between.  Where two lengths are equal both stay.  Pixels of the frame have no neighbours
    beyond, and are set to 0.

    Parameters
    ----------
    gx, gy : array_like, shape (R, C)
        As from :func:`gradient`.

    Returns
    -------
    numpy.ndarray, shape (R, C)

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if it is not a real, finite image without channels, or the shapes differ.

    Examples
    --------
    >>> non_maximum_suppression([[1, 2, 4, 3, 1]] * 3, np.zeros((3, 5)))[1]
    array([0., 0., 4., 0., 0.])
    """
    gx, gy = real_images(gx=gx, gy=gy)
    strength = np.hypot(gx, gy)
    longer = np.maximum(np.abs(gx), np.abs(gy))
    longer[longer == 0] = 1  # no direction, but no strength to keep either
    y, x = np.indices(strength.shape)
    step_x, step_y = gx / longer, gy / longer  # one of them is 1 or -1: on the ring of neighbours
    ahead = interpolate(strength, x + step_x, y + step_y)
    behind = interpolate(strength, x - step_x, y - step_y)
    kept = (strength >= ahead) & (strength >= behind)
    kept[[0, -1], :] = kept[:, [0, -1]] = False
    return np.where(kept, strength, 0.0)


def hysteresis(strength: ArrayLike, low: float, high: float) -> np.ndarray:
    """Pixels of at least ``high``, and those of at least ``low`` that are connected to one through others.

    Parameters
    ----------
    strength : array_like, shape (R, C)
        Real and finite.
    low, high : float
        The two thresholds; ``low`` is not above ``high``.  Connected are pixels that touch, at corners, too.

    Returns
    -------
    numpy.ndarray of bool, shape (R, C)

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if ``strength`` is not a real, finite image without channels, or ``low`` above ``high``.

    Examples
    --------
    >>> hysteresis([[9, 5, 5, 0, 5, 5]], low=5, high=9)
    array([[ True,  True,  True, False, False, False]])
    """
    strength = real_image("strength", strength)
    low, high = finite_number("low", low), finite_number("high", high)
    if low > high:
        raise ValueError(f"low must not be above high = {high:g}, got {low:g}")
    weak, edge = np.pad(strength >= low, 1), np.pad(strength >= high, 1)  # a frame of False: no neighbour is outside
    row = weak.shape[1]
    around = np.array(
        [-row - 1, -row, -row + 1, -1, 1, row - 1, row, row + 1]
    )  # the neighbours, as steps of a flat index
    newest = np.flatnonzero(edge)
    while newest.size:
        touched = np.unique(newest[:, None] + around)
        newest = touched[weak.flat[touched] & ~edge.flat[touched]]
        edge.flat[newest] = True
    return edge[1:-1, 1:-1]


def canny(image: ArrayLike, sigma: float = 1.0, low: float = 0.04, high: float = 0.1) -> np.ndarray:
    """Canny's edges: blur, differentiate, thin, and keep what is strong or connected to something strong.

    Parameters
    ----------
    image : array_like, shape (R, C)
        Real and finite; the thresholds are meant for brightness from 0 to 1.
    sigma : float
        Standard deviation of the blur, in pixels, greater than 0.
    low, high : float
        Thresholds of the length of the gradient, in brightness per pixel, above 0, for :func:`hysteresis`.

    Returns
    -------
    numpy.ndarray of bool, shape (R, C)
        True on edges; the frame of outermost pixels is always False.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if the image is not a real, finite image without channels, or a number out of range.

    Notes
    -----
    J. Canny, *A computational approach to edge detection*, 1986.  The same as ``skimage.feature.canny`` with
    ``mode="reflect"`` and thresholds 8 times as large, since its Sobel kernels are not divided by 8.

    Examples
    --------
    >>> image = np.zeros((5, 6))
    >>> image[:, 3:] = 1
    >>> canny(image).astype(int)
    array([[0, 0, 0, 0, 0, 0],
           [0, 0, 1, 1, 0, 0],
           [0, 0, 1, 1, 0, 0],
           [0, 0, 1, 1, 0, 0],
           [0, 0, 0, 0, 0, 0]])
    """
    low, high = positive_number("low", low), positive_number("high", high)
    gx, gy = gradient(blur(image, sigma))
    return hysteresis(non_maximum_suppression(gx, gy), low, high)
