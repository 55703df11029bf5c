"""Places in an image that one can find again: corners, blobs, and copies of a template."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from convlib import kernels
from convlib._validate import finite_number, integer, real_image, real_sequence
from convlib.convolution import convolve, correlate
from convlib.filters.edges import gradient
from convlib.filters.smoothing import blur


def structure_tensor(image: ArrayLike, sigma: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Products of the derivatives, each averaged around every pixel with a Gaussian.

    Parameters
    ----------
    image : array_like, shape (R, C)
        Real and finite.
    sigma : float
        Standard deviation of the Gaussian, in pixels, greater than 0.

    Returns
    -------
    xx, xy, yy : numpy.ndarray, shape (R, C)
        The means of gx², gx·gy and gy² with Sobel's derivatives: at each pixel the symmetric matrix
        ``[[xx, xy], [xy, yy]]``.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if the image is not a real, finite image without channels, or ``sigma`` not above 0.

    Notes
    -----
    ``skimage.feature.structure_tensor(image, sigma, mode="reflect", order="xy")`` over 64, since its Sobel kernels
    are not divided by 8.

    Examples
    --------
    >>> xx, xy, yy = structure_tensor(np.eye(9) + np.eye(9, k=1))
    >>> bool(xy[4, 4] < 0)  # it gets brighter to the upper right, where x grows and y falls
    True
    """
    gx, gy = gradient(image)
    return blur(gx * gx, sigma), blur(gx * gy, sigma), blur(gy * gy, sigma)


def harris(image: ArrayLike, sigma: float = 1.0, k: float = 0.05) -> np.ndarray:
    r"""Response of Harris and Stephens: the :func:`structure_tensor`'s determinant minus k times its trace squared.

    With the eigenvalues λ₁ and λ₂ it is :math:`\lambda_1\lambda_2 - k(\lambda_1+\lambda_2)^2`: positive where both are
    large (a corner), negative where one is (an edge), nearly 0 where none is.

    Parameters
    ----------
    image : array_like, shape (R, C)
        Real and finite.
    sigma : float
        Standard deviation of the Gaussian, in pixels, greater than 0.
    k : float
        Between 0 and 1/4, at which no response is positive.

    Returns
    -------
    numpy.ndarray, shape (R, C)
        In brightness per pixel to the fourth power.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if the image is not a real, finite image without channels, or a number is out of range.

    Notes
    -----
    C. Harris and M. Stephens, *A combined corner and edge detector*, 1988.

    Examples
    --------
    >>> image = np.zeros((16, 16))
    >>> image[8:, 8:] = 1
    >>> rows, columns = peaks(harris(image), distance=3)
    >>> rows, columns
    (array([8]), array([8]))
    """
    xx, xy, yy = structure_tensor(image, sigma)
    return xx * yy - xy**2 - finite_number("k", k, low=0, high=0.25) * (xx + yy) ** 2


def peaks(response: ArrayLike, distance: int = 1, threshold: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Pixels above ``threshold`` that are the largest of all within ``distance``, the highest first.

    Parameters
    ----------
    response : array_like, shape (R, C)
        Real and finite.
    distance : int
        How far a peak reigns, to the left and right, up and down, and in the square between; at least 1.  Of equal
        pixels the last, in the order of reading, is the peak.
    threshold : float
        A peak is larger than this.

    Returns
    -------
    rows, columns : numpy.ndarray of int, shape (number of peaks,)

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if ``response`` is not a real, finite image without channels, or a number is out of range.

    Examples
    --------
    >>> peaks([[0, 3, 0, 0, 5, 4]])
    (array([0, 0]), array([4, 1]))
    """
    response, distance = real_image("response", response), integer("distance", distance, low=1)
    return _peaks(response, distance, finite_number("threshold", threshold))


def blobs(image: ArrayLike, sigmas: ArrayLike, threshold: float = 0.1) -> np.ndarray:
    r"""Bright blobs and their sizes: peaks, over place and size, of :math:`-\sigma^2` times the Laplacian of Gaussian.

    The factor σ² makes responses to the same shape equal at every size.  For dark blobs give the negative image.

    Parameters
    ----------
    image : array_like, shape (R, C)
        Real and finite.
    sigmas : array_like, shape (S,)
        Sizes to try, increasing and above 0, in pixels; a disc of radius r answers most at σ = r/√2.
    threshold : float
        A blob's response is larger than this, in units of brightness.  A disc of brightness 1 answers about
        0.74.

    Returns
    -------
    numpy.ndarray, shape (n, 3)
        Row, column and sigma of each blob, the strongest first.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if the image is not a real, finite image without channels, or ``sigmas`` not increasing and
        above 0.

    Notes
    -----
    T. Lindeberg, *Feature detection with automatic scale selection*, 1998.  ``skimage.feature.blob_log`` with
    ``overlap=1``; unless told so, it drops the smaller of two blobs that overlap by half.

    Examples
    --------
    >>> y, x = np.indices((40, 40))
    >>> disc = (x - 14) ** 2 + (y - 22) ** 2 <= 6**2
    >>> blobs(disc, [2, 3, 4.3, 6])
    array([[22. , 14. ,  4.3]])
    """
    image, sigmas = real_image("image", image), real_sequence("sigmas", sigmas)
    if sigmas[0] <= 0 or (np.diff(sigmas) <= 0).any():
        raise ValueError(f"sigmas must be increasing and greater than 0, got {sigmas.tolist()}")
    responses = [
        -(sigma**2) * convolve(image, kernels.log(sigma), mode="same", boundary="symmetric") for sigma in sigmas
    ]
    scales, rows, columns = _peaks(np.stack(responses), 1, finite_number("threshold", threshold))  # from (S, R, C)
    return np.column_stack([rows, columns, sigmas[scales]])


def match_template(image: ArrayLike, template: ArrayLike) -> np.ndarray:
    """Normalised cross-correlation: at each place, the correlation coefficient of the template and the window there.

    Parameters
    ----------
    image : array_like, shape (R, C)
        Real and finite.
    template : array_like, shape (r, c)
        Real and finite, not larger than the image, and not constant.

    Returns
    -------
    numpy.ndarray, shape (R - r + 1, C - c + 1)
        Between -1 and 1; 1 where the window is the template but for brightness and contrast, 0 where the window is
        constant.  The index is that of the window's upper left pixel.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if it is not a real, finite image without channels; if the template is too large
        or constant.

    Notes
    -----
    As ``skimage.feature.match_template``; J. P. Lewis, *Fast normalized cross-correlation*, 1995.  Where a window
    hardly varies, its variance is the small difference of two sums, and the coefficient good to five digits only.

    Examples
    --------
    >>> match_template([[0, 1, 0, 2, 4, 2]], [[1, 2, 1]]).round(3) + 0
    array([[ 1.   , -0.866,  0.   ,  1.   ]])
    """
    image, template = real_image("image", image), real_image("template", template)
    if any(t > i for t, i in zip(template.shape, image.shape, strict=True)):
        raise ValueError(f"template must not be larger than image, got {template.shape} for {image.shape}")
    template = template - template.mean()
    energy = (template**2).sum()
    if energy <= template.size * (1e-12 * np.abs(template).max(initial=1)) ** 2:
        raise ValueError("template is constant: it is as much like one window as like another")
    image = image - image.mean()  # or the two terms of the variance would be large and nearly equal
    ones = np.ones(template.shape)
    sums = correlate(image, ones, mode="valid")
    variance = correlate(image**2, ones, mode="valid") - sums**2 / template.size  # times the number of pixels
    covariance = correlate(image, template, mode="valid")
    flat = variance <= 1e-12 * template.size * (image**2).max()
    coefficient = covariance / np.sqrt(np.where(flat, 1, variance) * energy)
    return np.where(flat, 0.0, np.clip(coefficient, -1, 1))


def _peaks(response: np.ndarray, distance: int, threshold: float) -> tuple[np.ndarray, ...]:
    """Indices of the peaks of an array of any number of dimensions, the highest first."""
    order = np.argsort(response, axis=None, kind="stable")
    rank = np.empty(response.size, dtype=int)
    rank[order] = np.arange(response.size)  # as the response, but no two are equal
    rank = rank.reshape(response.shape)
    highest = rank
    for axis in range(rank.ndim):  # the largest in a square is the largest of its columns' largest
        width = [(distance, distance) if a == axis else (0, 0) for a in range(rank.ndim)]
        padded = np.pad(highest, width, constant_values=-1)
        highest = np.lib.stride_tricks.sliding_window_view(padded, 2 * distance + 1, axis=axis).max(axis=-1)
    found = np.flatnonzero((rank == highest) & (response > threshold))
    found = found[np.argsort(-rank.flat[found])]
    return np.unravel_index(found, response.shape)
