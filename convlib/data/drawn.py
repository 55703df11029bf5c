"""Pictures to learn from that are drawn, as many as one likes: coloured shapes, of which only the outline tells."""

from __future__ import annotations

import colorsys
from collections.abc import Callable

import numpy as np

from convlib._validate import integer
from convlib.data.split import Split

#: Names of the classes of :func:`shapes`; a class's number is its place here.
SHAPES = ("disc", "square", "triangle", "cross", "ring", "star")

#: Samples along each side of a pixel; it takes their mean.
_SAMPLES = 4
#: Radius of a disc, in sides of the picture: the smallest and the largest.
_RADII = 0.12, 0.22
#: How far the shape that reaches farthest, the triangle, reaches from its centre, in radii of a disc of the same area.
_REACH = 1.56
#: Least distance between the colours of shape and background, of at most √3.
_CONTRAST = 0.6
_NOISE = 0.04


def shapes(train: int = 300, test: int = 100, size: int = 32, seed: int = 0) -> Split:
    """Coloured shapes on a noisy ground of another colour; the question is which shape each is.

    A shape has any colour, place, size and direction.  All shapes of one size have the same area, however far they
    reach, so that neither the colours nor how much there is of each tells anything; the outline alone does.

    Parameters
    ----------
    train, test : int
        Pictures of each class, :data:`SHAPES`.  Those for testing are the same however many there are for learning.
    size : int
        Rows and columns, at least 16.
    seed : int
        Of the draw; leave it where results are to be compared.

    Returns
    -------
    Split
        Pictures of 3 × ``size`` × ``size``, red, green and blue from 0 to 1, shuffled.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if it is not a whole number of at least 1, ``size`` of 16, ``seed`` of 0.

    Examples
    --------
    >>> drawn = shapes(train=50, test=10)
    >>> drawn.x_train.shape, drawn.x_test.shape
    ((300, 3, 32, 32), (60, 3, 32, 32))
    >>> SHAPES[drawn.y_test[0]]
    'disc'
    """
    counts = integer("train", train, low=1), integer("test", test, low=1)
    size, seed = integer("size", size, low=16), integer("seed", seed, low=0)
    parts = []
    for part, count in enumerate(counts):
        labels, drawn = _draw(part, count, size, seed)
        parts += [np.stack([picture for picture, _ in drawn]), labels]
    return Split(*parts)


def shape_masks(test: int = 100, size: int = 32, seed: int = 0) -> np.ndarray:
    """Where the shapes lie in the pictures that :func:`shapes` draws for testing.

    Parameters
    ----------
    test, size, seed : int
        As for :func:`shapes`.

    Returns
    -------
    numpy.ndarray, shape (6 · ``test``, ``size``, ``size``)
        Which share of each pixel the shape covers, from 0 to 1.

    Raises
    ------
    TypeError, ValueError
        As from :func:`shapes`.

    Examples
    --------
    >>> masks = shape_masks(test=10)
    >>> masks.shape, masks[0].max()
    ((60, 32, 32), np.float32(1.0))
    """
    count = integer("test", test, low=1)
    size, seed = integer("size", size, low=16), integer("seed", seed, low=0)
    return np.stack([share for _, share in _draw(1, count, size, seed)[1]])


def _draw(part: int, count: int, size: int, seed: int) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """The labels of part 0, for learning, or 1, for testing; for each its picture, and the share of each pixel."""
    rng = np.random.default_rng([seed, part])  # each part's own
    labels = rng.permutation(np.repeat(np.arange(len(SHAPES)), count))
    return labels, [_picture(SHAPES[label], size, rng) for label in labels]


def _picture(name: str, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """One shape of random colour, place, size and direction, (3, size, size), and what it covers, (size, size)."""
    ground, colour = _two_colours(rng)
    share = _share(name, size, rng)
    picture = ground + share * (colour - ground)
    noisy = picture + rng.normal(0, _NOISE, picture.shape)
    return np.clip(noisy, 0, 1).astype(np.float32), share.astype(np.float32)


def _two_colours(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two colours, each (3, 1, 1), neither of them grey, and not too near to each other."""
    while True:
        drawn = rng.uniform((0, 0.35, 0.3), (1, 0.95, 1), (2, 3))  # hue, saturation, value
        first, second = (np.reshape(colorsys.hsv_to_rgb(*hsv), (3, 1, 1)) for hsv in drawn)
        if np.linalg.norm(first - second) >= _CONTRAST:
            return first, second


def _share(name: str, size: int, rng: np.random.Generator) -> np.ndarray:
    """Which share of each pixel the shape covers, (size, size)."""
    radius = size * rng.uniform(*_RADII)
    column, row = rng.uniform(_REACH * radius, size - _REACH * radius, 2)
    turn = np.exp(-1j * rng.uniform(0, 2 * np.pi))
    middles = (np.arange(_SAMPLES * size) + 0.5) / _SAMPLES
    places = (middles - column) + 1j * (middles[:, None] - row)
    inside = _INSIDE[name](places * turn / radius)
    return inside.reshape(size, _SAMPLES, size, _SAMPLES).mean(axis=(1, 3))


# ---- which points of the complex plane lie inside; each shape has a disc's area, π -----------------------------------


def _disc(z: np.ndarray) -> np.ndarray:
    return np.abs(z) <= 1


def _square(z: np.ndarray) -> np.ndarray:
    return _larger(z) <= np.sqrt(np.pi) / 2


def _triangle(z: np.ndarray) -> np.ndarray:
    """Where the farthest of its three sides is not farther than the radius of the circle inside it."""
    sides = np.exp(2j * np.pi * np.arange(3) / 3)
    return np.max([(z * side).real for side in sides], axis=0) <= np.sqrt(np.pi / np.sqrt(27))


def _cross(z: np.ndarray) -> np.ndarray:
    """Two bars, three times as long as wide: five squares."""
    half = np.sqrt(np.pi / 5) / 2
    return (_larger(z) <= 3 * half) & (np.minimum(np.abs(z.real), np.abs(z.imag)) <= half)


def _ring(z: np.ndarray) -> np.ndarray:
    """Half as wide inside as outside."""
    outer = np.sqrt(4 / 3)
    return (np.abs(z) <= outer) & (np.abs(z) >= outer / 2)


def _star(z: np.ndarray) -> np.ndarray:
    """Five points, and notches half as far from the middle; all of it is folded onto the wedge between two of them."""
    tip = np.sqrt(2 * np.pi / (5 * np.sin(np.pi / 5)))  # ten triangles of area tip · tip/2 · sin 36° / 2
    notch = tip / 2 * np.exp(1j * np.pi / 5)
    folded = np.abs((np.angle(z) + np.pi / 5) % (2 * np.pi / 5) - np.pi / 5)  # 0 at a point, 36° at a notch
    from_tip = np.abs(z) * np.exp(1j * folded) - tip
    return (np.conj(notch - tip) * from_tip).imag >= 0  # to the left of the edge from tip to notch


def _larger(z: np.ndarray) -> np.ndarray:
    """Distance from the origin to the side of a square."""
    return np.maximum(np.abs(z.real), np.abs(z.imag))


_INSIDE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "disc": _disc,
    "square": _square,
    "triangle": _triangle,
    "cross": _cross,
    "ring": _ring,
    "star": _star,
}
