"""Smoothing: one filter that is a convolution, and two that are not."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from convlib._validate import integer, one_of, positive_number, real_image
from convlib.convolution import BOUNDARIES, convolve
from convlib.kernels import gaussian


def blur(image: ArrayLike, sigma: float, boundary: str = "symmetric") -> np.ndarray:
    """Convolve with :func:`convlib.kernels.gaussian`.

    Parameters
    ----------
    image : array_like, shape (R, C)
        Real and finite.
    sigma : float
        Standard deviation of the Gaussian, in pixels, greater than 0.
    boundary : {"constant", "reflect", "symmetric", "edge", "wrap"}
        What stands beyond the border, by the names of :func:`numpy.pad`.

    Returns
    -------
    numpy.ndarray, shape (R, C)

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if the image is not a real, finite image without channels, ``sigma`` not above 0, or
        there is no such boundary.

    Examples
    --------
    >>> blur([[0, 0, 0], [0, 1, 0], [0, 0, 0]], 0.5, boundary="constant").round(3)
    array([[0.011, 0.084, 0.011],
           [0.084, 0.619, 0.084],
           [0.011, 0.084, 0.011]])
    """
    return convolve(real_image("image", image), gaussian(sigma), mode="same", boundary=boundary)


def median(image: ArrayLike, size: int = 3, boundary: str = "symmetric") -> np.ndarray:
    """Median of the ``size`` × ``size`` pixels around each pixel: it removes specks, and keeps edges.

    Not a convolution: the median of a sum is not the sum of the medians.

    Parameters
    ----------
    image : array_like, shape (R, C)
        Real and finite.
    size : int
        Rows and columns of the window; odd, so that there is a middle one.  All the numbers of all windows are held in
        memory.
    boundary : {"constant", "reflect", "symmetric", "edge", "wrap"}
        As for :func:`blur`.

    Returns
    -------
    numpy.ndarray, shape (R, C)

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if the image is not a real, finite image without channels, ``size`` not odd and at least 1,
        or there is no such boundary.

    Examples
    --------
    >>> median([[0, 0, 0, 1], [0, 9, 0, 1], [0, 0, 0, 1]])
    array([[0., 0., 0., 1.],
           [0., 0., 0., 1.],
           [0., 0., 0., 1.]])
    """
    image, size = real_image("image", image), integer("size", size, low=1)
    if size % 2 == 0:
        raise ValueError(f"size must be odd, so that a window has a middle, got {size}")
    padded = np.pad(image, size // 2, mode=one_of("boundary", boundary, BOUNDARIES))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size))  # (R, C, size, size), a view
    return np.median(windows, axis=(-2, -1))


def bilateral(
    image: ArrayLike, sigma_space: float, sigma_range: float, radius: int | None = None, boundary: str = "symmetric"
) -> np.ndarray:
    r"""Mean of the neighbours, weighted by how near they are *and* by how alike: it smooths, and keeps edges.

    .. math:: y[p] = \frac{\sum_q G_s(p - q)\, G_r(x[p] - x[q])\, x[q]}{\sum_q G_s(p - q)\, G_r(x[p] - x[q])}

    Not a convolution: the weights depend on the image.  With a very large ``sigma_range`` it becomes :func:`blur`.

    Parameters
    ----------
    image : array_like, shape (R, C)
        Real and finite.
    sigma_space : float
        Standard deviation of the weights of distance, in pixels, greater than 0.
    sigma_range : float
        Standard deviation of the weights of likeness, in units of brightness, greater than 0.
    radius : int, optional
        The window has (2 radius + 1)² pixels; 3 ``sigma_space``, rounded up, if not given.
    boundary : {"constant", "reflect", "symmetric", "edge", "wrap"}
        As for :func:`blur`.

    Returns
    -------
    numpy.ndarray, shape (R, C)

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if the image is not a real, finite image without channels, a number is out of range, or
        there is no such boundary.

    Notes
    -----
    C. Tomasi and R. Manduchi, *Bilateral filtering for gray and color images*, 1998.  Held against the sum written
    out, not against ``skimage.restoration.denoise_bilateral``: that one (0.26) reads its table of distances, which is
    one column wider than the window, with the window's width, so that each row of weights is moved by one more.

    Examples
    --------
    >>> bilateral([[0.0, 0.1, 0.0, 5.0, 5.1, 5.0]], sigma_space=1, sigma_range=0.5).round(2)
    array([[0.03, 0.04, 0.03, 5.03, 5.04, 5.03]])
    """
    image = real_image("image", image)
    sigma_space, sigma_range = positive_number("sigma_space", sigma_space), positive_number("sigma_range", sigma_range)
    radius = math.ceil(3 * sigma_space) if radius is None else integer("radius", radius, low=0)
    padded = np.pad(image, radius, mode=one_of("boundary", boundary, BOUNDARIES))
    rows, columns = image.shape
    total, weights = np.zeros_like(image), np.zeros_like(image)
    for down in range(2 * radius + 1):  # over the window's pixels, all of the image's at once
        for right in range(2 * radius + 1):
            neighbour = padded[down : down + rows, right : right + columns]
            distance2 = (down - radius) ** 2 + (right - radius) ** 2
            weight = np.exp(-distance2 / (2 * sigma_space**2) - (image - neighbour) ** 2 / (2 * sigma_range**2))
            total += weight * neighbour
            weights += weight
    return total / weights
