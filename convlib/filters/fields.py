"""Derivatives undone: from an image to the differences of neighbours, and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from convlib._validate import finite_number, real_image, real_images


def differences(image: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Differences of neighbours: the pixel to the right minus this one, the pixel below minus this one.

    Parameters
    ----------
    image : array_like, shape (R, C)
        Real and finite.

    Returns
    -------
    dx, dy : numpy.ndarray, shape (R, C)
        The last column of ``dx`` and the last row of ``dy`` are 0: there is no neighbour.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if it is not a real, finite image without channels.

    Examples
    --------
    >>> dx, dy = differences([[1, 2, 4], [1, 3, 9]])
    >>> dx
    array([[1., 2., 0.],
           [2., 6., 0.]])
    """
    image = real_image("image", image)
    dx = np.diff(image, axis=1, append=image[:, -1:])
    dy = np.diff(image, axis=0, append=image[-1:, :])
    return dx, dy


def integrate(dx: ArrayLike, dy: ArrayLike, mean: float = 0.0) -> np.ndarray:
    r"""The image whose :func:`differences` come closest to the ones given, in the sense of least squares.

    Its Laplacian is the divergence of the field (Poisson's equation, with nothing flowing across the border: Neumann's
    condition).  Mirrored at its border the image is periodic; a Fourier transform then turns the Laplacian into a
    product with :math:`2\cos(2\pi\nu_x) + 2\cos(2\pi\nu_y) - 4`, and the equation into a division.

    Parameters
    ----------
    dx, dy : array_like, shape (R, C)
        Differences to the right and downwards.  The last column of ``dx`` and the last row of ``dy`` are ignored.
    mean : float
        Mean of the image, which no difference knows.

    Returns
    -------
    numpy.ndarray, shape (R, C)
        ``integrate(*differences(image), image.mean())`` is the image, up to rounding.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if it is not a real, finite image without channels, the shapes differ, or ``mean`` is not a
        finite number.

    Examples
    --------
    >>> dx, dy = differences([[1, 2, 4], [1, 3, 9]])
    >>> integrate(dx, dy, mean=20 / 6).round(9)
    array([[1., 2., 4.],
           [1., 3., 9.]])
    """
    dx, dy = real_images(dx=dx, dy=dy)
    rows, columns = dx.shape
    across = np.diff(dx[:, :-1], axis=1, prepend=0, append=0)
    down = np.diff(dy[:-1, :], axis=0, prepend=0, append=0)
    mirrored = np.pad(across + down, ((0, rows), (0, columns)), mode="symmetric")  # (2 R, 2 C)
    nu_y, nu_x = np.fft.fftfreq(2 * rows)[:, None], np.fft.rfftfreq(2 * columns)[None, :]
    laplacian = 2 * np.cos(2 * np.pi * nu_x) + 2 * np.cos(2 * np.pi * nu_y) - 4
    laplacian[0, 0] = 1  # of the mean nothing is left to divide
    image = np.fft.irfft2(np.fft.rfft2(mirrored) / laplacian, mirrored.shape)[:rows, :columns]
    return image - image.mean() + finite_number("mean", mean)
