r"""Kernels for images, each a small array of weights ("taps").

**Every kernel here is meant for convolution**, :func:`convlib.convolve`, which flips it.  In an image x grows to the
right and y *downwards*, with the rows.  Where a direction matters, the printed kernel is therefore the mirror image of
what it measures: ``sobel("x")`` has the rows ``[1, 0, -1]``, positive on the *left*, and

    ``convolve(image, sobel("x"))`` is *right minus left*: positive where the image gets brighter to the right.

Given to a cross-correlation, which does not flip, the same array answers left minus right.  (Whoever prints
``[-1, 0, 1]`` and computes a true convolution has the sign of every derivative wrong.)  Kernels that are their own
mirror image about the centre, such as averages and Laplacians, do not care.

Averages sum to 1, so that brightness stays; derivatives sum to 0, so that a flat image answers 0, and are scaled to
measure what they are named after: the first derivative of a ramp that rises by 1 a pixel is 1, the Laplacian of
:math:`(x^2+y^2)/4` is 1.  Angles are in degrees, counter-clockwise as seen on the screen: 0 points to the right, 90 up.
Sampled kernels reach out to ``truncate`` standard deviations, rounded to whole pixels, and have an odd number of rows
and columns, so that the centre is a pixel.
"""

from __future__ import annotations

import numpy as np

from convlib._validate import finite_number, integer, one_of, positive_number

AXES = ("x", "y")


# --- averages: the taps sum to 1 ----------------------------------------------------------------------------------


def box(size: int | tuple[int, int] = 3) -> np.ndarray:
    """Mean of all pixels in a rectangle.

    Parameters
    ----------
    size : int or (int, int)
        Rows and columns; one number for a square.

    Returns
    -------
    numpy.ndarray, shape (rows, columns)
        All taps equal; their sum is 1.

    Raises
    ------
    TypeError, ValueError
        If ``size`` is not one whole number, or two, of at least 1.

    Examples
    --------
    >>> box((1, 4))
    array([[0.25, 0.25, 0.25, 0.25]])
    """
    rows, columns = size if isinstance(size, tuple) and len(size) == 2 else (size, size)
    rows, columns = integer("size", rows, low=1), integer("size", columns, low=1)
    return np.full((rows, columns), 1 / (rows * columns))


def disc(radius: float) -> np.ndarray:
    r"""Mean of the pixels whose centres lie within a circle, :math:`x^2 + y^2 \le r^2`: a lens out of focus.

    Parameters
    ----------
    radius : float
        Radius r in pixels, greater than 0; ``disc(1)`` is a plus sign of five pixels.

    Returns
    -------
    numpy.ndarray, shape (2 ⌊radius⌋ + 1, 2 ⌊radius⌋ + 1)
        Equal taps inside, 0 outside; their sum is 1.

    Raises
    ------
    TypeError, ValueError
        If ``radius`` is not a finite number above 0.

    Examples
    --------
    >>> disc(1)
    array([[0. , 0.2, 0. ],
           [0.2, 0.2, 0.2],
           [0. , 0.2, 0. ]])
    """
    radius = positive_number("radius", radius)
    x, y = _grid(int(radius))
    inside = x**2 + y**2 <= radius**2
    return inside / inside.sum()


def gaussian_taps(sigma: float, truncate: float = 4.0) -> np.ndarray:
    r"""Gaussian in one dimension, :math:`w[k] \propto e^{-k^2 / 2\sigma^2}`.

    Parameters
    ----------
    sigma : float
        Standard deviation in pixels, greater than 0.
    truncate : float
        Where the kernel ends, in standard deviations, greater than 0.

    Returns
    -------
    numpy.ndarray, shape (2 R + 1,)
        With R = ⌊truncate · sigma + ½⌋, the radius that :func:`scipy.ndimage.gaussian_filter` takes.  The samples are
        divided by their sum, which makes it 1.

    Raises
    ------
    TypeError, ValueError
        If ``sigma`` or ``truncate`` is not a finite number above 0.

    Examples
    --------
    >>> gaussian_taps(1, truncate=2).round(3)
    array([0.054, 0.244, 0.403, 0.244, 0.054])
    """
    return _bell(positive_number("sigma", sigma), _radius(sigma, truncate))


def gaussian(sigma: float, truncate: float = 4.0) -> np.ndarray:
    r"""Gaussian, :math:`w \propto e^{-(x^2+y^2) / 2\sigma^2}`: a column of :func:`gaussian_taps` times a row of them.

    Being such a product it is separable: ``convolve(image, gaussian(sigma))`` is two convolutions in one dimension.

    Parameters
    ----------
    sigma, truncate : float
        As for :func:`gaussian_taps`.

    Returns
    -------
    numpy.ndarray, shape (2 R + 1, 2 R + 1)
        With R = ⌊truncate · sigma + ½⌋; the sum is 1.

    Raises
    ------
    TypeError, ValueError
        If ``sigma`` or ``truncate`` is not a finite number above 0.

    Examples
    --------
    >>> gaussian(0.6, truncate=2).round(3)
    array([[0.028, 0.111, 0.028],
           [0.111, 0.445, 0.111],
           [0.028, 0.111, 0.028]])
    """
    taps = gaussian_taps(sigma, truncate)
    return np.outer(taps, taps)


def motion(length: int, angle: float = 0.0) -> np.ndarray:
    """Motion blur: the mean of ``length`` copies of the image, one pixel apart along a straight line.

    A copy that falls between pixels is shared among the four around it, by linear interpolation.

    Parameters
    ----------
    length : int
        Number of copies, at least 1.
    angle : float
        Direction of the line in degrees, counter-clockwise from the right; 180 more is the same line.

    Returns
    -------
    numpy.ndarray, shape (2 ⌈(length - 1) / 2⌉ + 1, 2 ⌈(length - 1) / 2⌉ + 1)
        The sum is 1, and the kernel is its own mirror image about the centre.

    Raises
    ------
    TypeError, ValueError
        If ``length`` is not a whole number of at least 1, or ``angle`` not a finite number.

    Examples
    --------
    >>> motion(4)[2]
    array([0.125, 0.25 , 0.25 , 0.25 , 0.125])
    """
    length = integer("length", length, low=1)
    along = np.arange(length) - (length - 1) / 2  # (copies,), pixels from the centre
    right, up = _direction(angle)
    x, y = _grid(length // 2)  # (rows, columns)
    reach_x = np.clip(1 - abs(x[..., None] - along * right), 0, 1)  # (rows, columns, copies)
    reach_y = np.clip(1 - abs(y[..., None] + along * up), 0, 1)
    return (reach_x * reach_y).mean(axis=-1)


# --- first derivatives: the taps sum to 0, a ramp of slope 1 gives 1 ----------------------------------------------


def sobel(axis: str) -> np.ndarray:
    """Sobel's derivative: half of right minus left, averaged over three rows with weights 1, 2, 1.

    Parameters
    ----------
    axis : {"x", "y"}
        ``"x"``: brighter to the right is positive; ``"y"``: brighter downwards is positive; both **under convolution**.

    Returns
    -------
    numpy.ndarray, shape (3, 3)
        Whole numbers over 8, so that a ramp of slope 1 gives 1; the sum is 0.

    Raises
    ------
    TypeError, ValueError
        If ``axis`` is neither ``"x"`` nor ``"y"``.

    Notes
    -----
    I. Sobel and G. Feldman, in a talk at the Stanford Artificial Intelligence Project, 1968.

    Examples
    --------
    >>> sobel("x") * 8
    array([[ 1.,  0., -1.],
           [ 2.,  0., -2.],
           [ 1.,  0., -1.]])
    """
    return _derivative(axis, across=[1, 2, 1])


def prewitt(axis: str) -> np.ndarray:
    """Prewitt's derivative: as :func:`sobel`, with equal weights 1, 1, 1 for the three rows.

    Parameters
    ----------
    axis : {"x", "y"}
        As for :func:`sobel`.

    Returns
    -------
    numpy.ndarray, shape (3, 3)
        Whole numbers over 6, so that a ramp of slope 1 gives 1; the sum is 0.

    Raises
    ------
    TypeError, ValueError
        If ``axis`` is neither ``"x"`` nor ``"y"``.

    Notes
    -----
    J. M. S. Prewitt, *Object enhancement and extraction*, 1970.  The slope of the plane that fits the nine pixels best
    (in the sense of least squares) is this kernel's answer.

    Examples
    --------
    >>> prewitt("y") * 6
    array([[ 1.,  1.,  1.],
           [ 0.,  0.,  0.],
           [-1., -1., -1.]])
    """
    return _derivative(axis, across=[1, 1, 1])


def scharr(axis: str) -> np.ndarray:
    """Scharr's derivative: as :func:`sobel`, with weights 3, 10, 3, for the sake of the gradient's direction.

    Parameters
    ----------
    axis : {"x", "y"}
        As for :func:`sobel`.

    Returns
    -------
    numpy.ndarray, shape (3, 3)
        Whole numbers over 32, so that a ramp of slope 1 gives 1; the sum is 0.

    Raises
    ------
    TypeError, ValueError
        If ``axis`` is neither ``"x"`` nor ``"y"``.

    Notes
    -----
    H. Scharr, doctoral thesis, Heidelberg 2000; these are the weights rounded to whole numbers that everyone uses.  Of
    waves 4 pixels long it gives the direction to 0.3 degrees, however they are turned; Sobel's is off by up to 3.2,
    Prewitt's by up to 7.6.

    Examples
    --------
    >>> scharr("x") * 32
    array([[  3.,   0.,  -3.],
           [ 10.,   0., -10.],
           [  3.,   0.,  -3.]])
    """
    return _derivative(axis, across=[3, 10, 3])


# --- second derivatives: the taps sum to 0, (x² + y²)/4 gives 1 ---------------------------------------------------


def laplacian(neighbours: int = 4) -> np.ndarray:
    r"""Laplacian, :math:`\partial^2/\partial x^2 + \partial^2/\partial y^2`.

    It says how far the mean of the neighbours lies above the pixel, times a constant: 4, or 8/3 with eight neighbours.

    Parameters
    ----------
    neighbours : {4, 8}
        With 4, the second difference ``[1, -2, 1]`` along the row plus the one along the column.  With 8, the mean of
        such a sum over all three rows and columns: the well-known kernel of ones around -8, *divided by 3*, without
        which it would measure three times the Laplacian.

    Returns
    -------
    numpy.ndarray, shape (3, 3)
        The sum is 0; both kernels answer exactly 4 to x² + y².

    Raises
    ------
    ValueError
        If ``neighbours`` is neither 4 nor 8.

    Examples
    --------
    >>> laplacian()
    array([[ 0.,  1.,  0.],
           [ 1., -4.,  1.],
           [ 0.,  1.,  0.]])
    >>> laplacian(8) * 3
    array([[ 1.,  1.,  1.],
           [ 1., -8.,  1.],
           [ 1.,  1.,  1.]])
    """
    if neighbours not in (4, 8):
        raise ValueError(f"neighbours must be 4 or 8, got {neighbours!r}")
    if neighbours == 4:
        return np.array([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]])
    return np.array([[1.0, 1.0, 1.0], [1.0, -8.0, 1.0], [1.0, 1.0, 1.0]]) / 3


def log(sigma: float, truncate: float = 4.0) -> np.ndarray:
    r"""Laplacian of a Gaussian: blur, then :func:`laplacian`, in one kernel; dark in the middle of a bright ring.

    .. math:: w = \frac{x^2 + y^2 - 2\sigma^2}{\sigma^4}\, G_\sigma(x, y)

    Parameters
    ----------
    sigma, truncate : float
        As for :func:`gaussian_taps`; a ``sigma`` below 1 is too narrow to be sampled well.

    Returns
    -------
    numpy.ndarray, shape (2 R + 1, 2 R + 1)
        With R = ⌊truncate · sigma + ½⌋.  The formula's samples do not quite sum to 0; so much of the Gaussian is taken
        off them as makes the sum 0, up to rounding.

    Raises
    ------
    TypeError, ValueError
        If ``sigma`` or ``truncate`` is not a finite number above 0.

    Notes
    -----
    D. Marr and E. Hildreth, *Theory of edge detection*, 1980: edges are where its answer changes sign.

    Examples
    --------
    >>> w = log(2)
    >>> w.shape, bool(abs(w.sum()) < 1e-15)
    ((17, 17), True)
    """
    g = gaussian(sigma, truncate)
    x, y = _grid(len(g) // 2)
    w = (x**2 + y**2 - 2 * sigma**2) / sigma**4 * g
    return w - w.sum() * g


def dog(sigma: float, ratio: float = 1.6, truncate: float = 4.0) -> np.ndarray:
    r"""Difference of Gaussians: the wider minus the narrower, :math:`G_{r\sigma} - G_\sigma`.

    For a ratio r near 1 it is nearly :math:`(r - 1)\,\sigma^2` times :func:`log`, with the same sign, since
    :math:`\partial G/\partial\sigma = \sigma\,\nabla^2 G`.  (scikit-image subtracts the other way round.)

    Parameters
    ----------
    sigma : float
        Standard deviation of the narrower, in pixels.
    ratio : float
        How many times as wide the wider is; greater than 1.
    truncate : float
        Where both end, in standard deviations of the wider.

    Returns
    -------
    numpy.ndarray, shape (2 R + 1, 2 R + 1)
        With R = ⌊truncate · ratio · sigma + ½⌋.  Both Gaussians are made to sum to 1 on this grid, so that the sum of
        the difference is 0, up to rounding.

    Raises
    ------
    TypeError, ValueError
        If a number is not finite and above 0, or ``ratio`` not above 1.

    Notes
    -----
    D. Marr and E. Hildreth, 1980, who find 1.6 a good compromise; D. Lowe, *Distinctive image features from
    scale-invariant keypoints*, 2004, who searches for blobs with it.

    Examples
    --------
    >>> dog(1).shape
    (13, 13)
    """
    sigma, ratio = positive_number("sigma", sigma), finite_number("ratio", ratio)
    if ratio <= 1:
        raise ValueError(f"ratio must be greater than 1, got {ratio:g}")
    radius = _radius(ratio * sigma, truncate)
    wide, narrow = _bell(ratio * sigma, radius), _bell(sigma, radius)
    return np.outer(wide, wide) - np.outer(narrow, narrow)


# --- for the eye --------------------------------------------------------------------------------------------------


def sharpen(amount: float = 1.0) -> np.ndarray:
    """Sharpen: the image minus ``amount`` times its Laplacian.

    Parameters
    ----------
    amount : float
        0 changes nothing; 1 is the well-known 5 among four -1; below 0 it blurs.

    Returns
    -------
    numpy.ndarray, shape (3, 3)
        The sum is 1.

    Raises
    ------
    TypeError, ValueError
        If ``amount`` is not a finite number.

    Examples
    --------
    >>> sharpen()
    array([[ 0., -1.,  0.],
           [-1.,  5., -1.],
           [ 0., -1.,  0.]])
    """
    return _impulse() - finite_number("amount", amount) * laplacian(4)


def emboss(angle: float = 135.0) -> np.ndarray:
    r"""Emboss: the image plus its slope away from a lamp, as if brightness were height, lit from one side.

    Parameters
    ----------
    angle : float
        Where the light comes from, in degrees, counter-clockwise from the right; 135 is the upper left.

    Returns
    -------
    numpy.ndarray, shape (3, 3)
        1 at the centre plus :math:`6\sqrt2` times :func:`prewitt` along the direction, so that 135 gives the well-known
        whole numbers; the sum is 1.

    Raises
    ------
    TypeError, ValueError
        If ``angle`` is not a finite number.

    Examples
    --------
    >>> emboss()
    array([[ 2.,  1.,  0.],
           [ 1.,  1., -1.],
           [ 0., -1., -2.]])
    """
    right, up = _direction(angle)
    away = up * prewitt("y") - right * prewitt("x")  # y points down, so away from the light is (-right, +up)
    return _impulse() + 6 * np.sqrt(2) * away


# --- waves --------------------------------------------------------------------------------------------------------


def gabor(
    wavelength: float,
    angle: float = 0.0,
    sigma: float | None = None,
    phase: float = 0.0,
    aspect: float = 1.0,
    truncate: float = 3.0,
) -> np.ndarray:
    r"""Gabor filter: a wave under a Gaussian, which answers to stripes of one width and direction.

    .. math:: w = (\cos(2\pi x'/\lambda + \varphi) - c)\, g, \qquad g \propto e^{-(x'^2 + \gamma^2 y'^2) / 2\sigma^2}

    with x' measured along ``angle`` and y' at right angles to it.

    Parameters
    ----------
    wavelength : float
        Wavelength λ in pixels, of at least 2.
    angle : float
        Direction in which the wave runs, across the stripes, in degrees, counter-clockwise from the right: 0 for
        upright stripes.
    sigma : float, optional
        Standard deviation σ along x', in pixels; half a wavelength if not given.
    phase : float
        Phase φ in degrees: 0 for a bright line in the middle, 90 for an edge that gets brighter in the direction of
        ``angle`` (under convolution).
    aspect : float
        Aspect ratio γ: the Gaussian is 1/γ times as long along the stripes as across them.
    truncate : float
        Where the kernel ends, in standard deviations of its longer side.

    Returns
    -------
    numpy.ndarray, shape (2 R + 1, 2 R + 1)
        With R = ⌊truncate · sigma · max(1, 1 / aspect) + ½⌋.  The Gaussian g sums to 1, and c is the sum of the wave
        times g, so that the sum of the taps is 0, up to rounding.

    Raises
    ------
    TypeError, ValueError
        If a number is not finite, not above 0 (but angle and phase may be), or ``wavelength`` below 2.

    Notes
    -----
    D. Gabor, *Theory of communication*, 1946, in one dimension; J. G. Daugman, 1985, in two.

    Examples
    --------
    >>> gabor(4, phase=90)[6, 4:9].round(3) + 0
    array([ 0.   ,  0.035,  0.   , -0.035,  0.   ])
    """
    wavelength = finite_number("wavelength", wavelength, low=2)
    sigma = positive_number("sigma", wavelength / 2 if sigma is None else sigma)
    aspect, phase = positive_number("aspect", aspect), np.deg2rad(finite_number("phase", phase))
    right, up = _direction(angle)
    x, y = _grid(_radius(sigma * max(1, 1 / aspect), truncate))
    along, across = x * right - y * up, x * up + y * right
    g = np.exp(-(along**2 + (aspect * across) ** 2) / (2 * sigma**2))
    g /= g.sum()
    wave = np.cos(2 * np.pi * along / wavelength + phase)
    return (wave - (wave * g).sum()) * g


def _grid(radius: int) -> tuple[np.ndarray, np.ndarray]:
    """The x, to the right, and the y, downwards, of every tap, with 0 at the centre."""
    steps = np.arange(-radius, radius + 1.0)
    x, y = np.meshgrid(steps, steps)
    return x, y


def _radius(sigma: float, truncate: float) -> int:
    return int(positive_number("truncate", truncate) * sigma + 0.5)


def _bell(sigma: float, radius: int) -> np.ndarray:
    taps = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    return taps / taps.sum()


def _derivative(axis: str, across: list[int]) -> np.ndarray:
    """Half of right minus left, once flipped, times weights that average at right angles to it."""
    one_of("axis", axis, AXES)
    along, average = np.array([0.5, 0.0, -0.5]), np.array(across) / sum(across)
    return np.outer(average, along) if axis == "x" else np.outer(along, average)


def _direction(angle: float) -> tuple[float, float]:
    """How far to the right, and how far up, one step in the direction of ``angle`` goes."""
    radians = np.deg2rad(finite_number("angle", angle))
    right, up = np.round([np.cos(radians), np.sin(radians)], 15)  # so that a right angle is exact
    return float(right), float(up)


def _impulse() -> np.ndarray:
    w = np.zeros((3, 3))
    w[1, 1] = 1.0
    return w
