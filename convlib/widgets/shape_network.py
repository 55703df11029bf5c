"""What OcclusionExplorer reckons with, in NumPy: the two networks of shapes, their pictures, a patch laid on them.

Both networks, ``convlib.experiments.looking`` has trained them, take 3 × 32 × 32 pixels from 0 to 1 less one half:

    3 × 32 × 32 → conv1, pool 12 × 16 × 16 → conv2, pool 24 × 8 × 8 → conv3 32 × 8 × 8 → means 32 → 6 scores

All numbers have 64 bits here and on the page, so that both find the same.
"""

from __future__ import annotations

import base64
import json
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from convlib.data.drawn import SHAPES, shapes
from convlib.experiments import weights
from convlib.layers import Conv2d, MaxPool2d, ReLU, Sequential
from convlib.widgets.digit_network import shares

#: Rows and columns of a picture, and of the last maps, each of whose cells sees a window of FIELD × FIELD pixels.
SIDE, CELLS, FIELD = 32, 8, 18
#: The networks; the layers that have weights, in the order in which they travel.
NETWORKS, WEIGHTED = ("tagged", "mixed"), ("conv1", "conv2", "conv3", "output")
#: The pictures that travel with the page, two of each class.
PICTURES = tuple(f"{shape}{number}" for shape in SHAPES for number in (1, 2))
#: The tag, white on black, a small W, as ``convlib.experiments.looking`` has it; and where its first pixel lies.
TAG, TAG_PLACE = np.array([[1, 0, 1, 0, 1], [1, 0, 1, 0, 1], [0, 1, 0, 1, 0]]), (26, 3)
#: With what a patch can be filled.
FILLS = ("ground", "grey", "mean")
#: The smallest and the largest patch.
LEAST, MOST = 3, 20

#: Held-out pictures of each class to choose from; how far a shape's pixels are from the ground at least.
_HELD_OUT, _APART = 40, 0.3


# ---- the networks ---------------------------------------------------------------------------------------------------


@cache
def network(name: str) -> tuple[Sequential, np.ndarray, np.ndarray]:
    """One of the two, with the weights that are stored, in 64 bits.

    Returns
    -------
    layers : Sequential
        From 3 × 32 × 32 to 32 × 8 × 8.
    w, b : numpy.ndarray, shapes (6, 32) and (6,)
        Of the scores.
    """
    kept = {part: values.astype(float) for part, values in weights("looking").items()}
    layers = []
    for layer in WEIGHTED[:-1]:
        conv = Conv2d(*kept[f"{name}.{layer}.weight"].shape[1::-1], 3, padding=1)
        conv.weight, conv.bias = kept[f"{name}.{layer}.weight"], kept[f"{name}.{layer}.bias"]
        layers += [conv, ReLU(), MaxPool2d(2)]
    return Sequential(*layers[:-1]), kept[f"{name}.output.weight"], kept[f"{name}.output.bias"]


def forward(name: str, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The last maps of pictures, and their scores.

    Parameters
    ----------
    name : str
        One of :data:`NETWORKS`.
    pictures : numpy.ndarray, shape (N, 3, 32, 32)

    Returns
    -------
    maps : numpy.ndarray, shape (N, 32, 8, 8)
        After ReLU.
    scores : numpy.ndarray, shape (N, 6)

    Examples
    --------
    >>> maps, scores = forward("mixed", np.zeros((1, 3, 32, 32)))
    >>> maps.shape, scores.shape
    ((1, 32, 8, 8), (1, 6))
    """
    layers, w, b = network(name)
    # Few at a time: a layer keeps what it would need to go back, nine times its input.
    parts = [layers(pictures[first : first + 64] - 0.5) for first in range(0, len(pictures), 64)]
    maps = np.concatenate(parts)
    return maps, maps.mean(axis=(2, 3)) @ w.T + b


def class_map(name: str, maps: np.ndarray, target: int) -> np.ndarray:
    """The class activation map: the last maps, each times its weight for one class, added up.

    Its mean, and the bias, are the class's score: the head of this network is a mean over all places and one linear
    layer, so that the mean of the weighted maps is the weighted sum of their means.

    Parameters
    ----------
    name : str
        One of :data:`NETWORKS`.
    maps : numpy.ndarray, shape (32, 8, 8)
    target : int
        The class.

    Returns
    -------
    numpy.ndarray, shape (8, 8)

    References
    ----------
    B. Zhou et al., Learning deep features for discriminative localization, CVPR 2016, equation 2.

    Examples
    --------
    >>> maps, scores = forward("tagged", pixels("disc1", tag=True)[np.newaxis])
    >>> star = class_map("tagged", maps[0], 5)
    >>> bool(np.isclose(star.mean() + network("tagged")[2][5], scores[0, 5]))
    True
    """
    return np.tensordot(network(name)[1][target], maps, axes=1)


# ---- the pictures ---------------------------------------------------------------------------------------------------


class Kept(NamedTuple):
    """The pictures that travel with the page.

    Attributes
    ----------
    pictures : numpy.ndarray of uint8, shape (12, 3, 32, 32)
        Without tags, in the order of :data:`PICTURES`.
    masks : numpy.ndarray of bool, shape (12, 32, 32)
        Which pixels the shape lies on.
    reach : dict of str to float
        By network, the value at which a class map's colour is full: 98 in 100 of all its values are nearer to 0.
    """

    pictures: np.ndarray
    masks: np.ndarray
    reach: dict[str, float]


@cache
def kept() -> Kept:
    """Of each class, of forty held-out pictures, the two on which the networks do most plainly what they have learned.

    Both call each picture what it is, but for the tagged one a star without its tag; the mixed one does not mind the
    tag, and of a star that is hidden it no longer says star: pictures are ordered by the least of these shares.  They
    are chosen to show something, and are not to be counted.

    Examples
    --------
    >>> kept().pictures.shape, kept().masks.shape
    ((12, 3, 32, 32), (12, 32, 32))
    """
    held = shapes(train=1, test=_HELD_OUT)
    pictures = np.rint(255 * held.x_test.astype(float)).astype(np.uint8)
    masks = np.array([_mask(picture / 255) for picture in pictures])
    fits = np.array([_fits(mask) for mask in masks])
    chosen = []
    for label in range(len(SHAPES)):
        candidates = np.flatnonzero(fits & (held.y_test == label))
        plain = [_plainness(pictures[n] / 255, masks[n], label) for n in candidates]
        chosen += list(candidates[np.argsort(plain)[: -len(PICTURES) // len(SHAPES) - 1 : -1]])
    both = np.concatenate([pictures[chosen] / 255, tagged(pictures[chosen] / 255)])
    reach = {}
    for name in NETWORKS:
        maps = np.einsum("ck,nkij->ncij", network(name)[1], forward(name, both)[0])
        reach[name] = float(np.quantile(np.abs(maps), 0.98))
    return Kept(pictures[chosen], masks[chosen], reach)


def _mask(picture: np.ndarray) -> np.ndarray:
    """Pixels that are not of the ground's colour, which is the commonest."""
    apart = picture - colour(picture, "ground")[:, np.newaxis, np.newaxis]
    return np.sqrt((apart**2).sum(axis=0)) > _APART


def _fits(mask: np.ndarray) -> bool:
    """Whether a patch can hide the shape, and neither hides the tag with it."""
    row, column = TAG_PLACE
    _, _, size = _box(mask)
    return size <= MOST - 4 and not mask[row - 4 :, : column + 8].any()


def _plainness(picture: np.ndarray, mask: np.ndarray, label: int) -> float:
    """The least share of what should be said of a picture, with the tag and without."""
    star = SHAPES.index("star")
    with_tag = tagged(picture)
    hidden = laid(with_tag, *_box(mask), colour(picture, "ground"))
    mixed = shares(forward("mixed", np.array([picture, with_tag, hidden]))[1])
    told = [mixed[0, label], 1 - mixed[2, label]]
    if label != star:
        told.append(shares(forward("tagged", picture[np.newaxis])[1])[0, label])
    return float(min(told) + 0.5 * mixed[1, label])


def _box(mask: np.ndarray) -> tuple[int, int, int]:
    """Row and column of the middle of a square patch that hides a shape and a pixel around it, and its side."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    size = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 3
    middle = ((ends[0] + ends[-1] + 1) // 2 for ends in (rows, columns))
    return *(int(place) for place in middle), int(size)


def place_of(picture: str, part: str) -> tuple[int, int, int]:
    """Where a patch hides a part of a picture: row and column of its middle, and its side.

    Parameters
    ----------
    picture : str
        One of :data:`PICTURES`.
    part : str
        "shape" or "tag".

    Examples
    --------
    >>> place_of("disc1", "tag")
    (27, 5, 7)
    """
    if part == "shape":
        return _box(kept().masks[PICTURES.index(picture)])
    (row, column), (rows, columns) = TAG_PLACE, TAG.shape
    return row + rows // 2, column + columns // 2, columns + 2


def tagged(pictures: np.ndarray) -> np.ndarray:
    """Pictures with the tag, in their corner on the lower left.

    Parameters
    ----------
    pictures : numpy.ndarray, shape (..., 3, 32, 32)

    Returns
    -------
    numpy.ndarray, shape (..., 3, 32, 32)
        A copy.

    Examples
    --------
    >>> tagged(np.full((3, 32, 32), 0.5))[0, 26:29, 3:8].astype(int)
    array([[1, 0, 1, 0, 1],
           [1, 0, 1, 0, 1],
           [0, 1, 0, 1, 0]])
    """
    (row, column), (rows, columns) = TAG_PLACE, TAG.shape
    changed = pictures.copy()
    changed[..., row : row + rows, column : column + columns] = TAG
    return changed


def pixels(picture: str, tag: bool) -> np.ndarray:
    """A picture from 0 to 1, shape (3, 32, 32), with the tag or without.

    Examples
    --------
    >>> int((pixels("ring1", tag=True) != pixels("ring1", tag=False)).any(axis=0).sum())
    15
    """
    plain = kept().pictures[PICTURES.index(picture)] / 255
    return tagged(plain) if tag else plain


# ---- the patch ------------------------------------------------------------------------------------------------------


def colour(picture: np.ndarray, fill: str) -> np.ndarray:
    """Red, green and blue of a patch: the picture's median, which is its ground's colour; its mean; or middle grey.

    Parameters
    ----------
    picture : numpy.ndarray, shape (3, 32, 32)
    fill : str
        One of :data:`FILLS`.

    Examples
    --------
    >>> colour(np.zeros((3, 32, 32)), "grey")
    array([0.5, 0.5, 0.5])
    """
    if fill == "grey":
        return np.full(3, 0.5)
    return {"ground": np.median, "mean": np.mean}[fill](picture, axis=(1, 2))


def extent(middle: int, size: int) -> tuple[int, int]:
    """First row of a patch and the one after its last; what hangs over the picture's edge is cut off.

    Examples
    --------
    >>> extent(10, 5), extent(10, 4), extent(1, 9)
    ((8, 13), (8, 12), (0, 6))
    """
    first = middle - size // 2
    return max(0, first), min(SIDE, first + size)


def laid(picture: np.ndarray, row: int, column: int, size: int, filling: np.ndarray) -> np.ndarray:
    """A picture with a square patch on it.

    Parameters
    ----------
    picture : numpy.ndarray, shape (3, 32, 32)
    row, column : int
        The patch's middle.
    size : int
        Its side.
    filling : numpy.ndarray, shape (3,)
        Its colour.

    Returns
    -------
    numpy.ndarray, shape (3, 32, 32)
        A copy.

    Examples
    --------
    >>> int(laid(np.zeros((3, 32, 32)), 0, 16, 5, np.ones(3))[0].sum())
    15
    """
    (top, bottom), (left, right) = extent(row, size), extent(column, size)
    changed = picture.copy()
    changed[:, top:bottom, left:right] = filling[:, np.newaxis, np.newaxis]
    return changed


@lru_cache(maxsize=16)
def swept(name: str, picture: str, tag: bool, size: int, fill: str) -> np.ndarray:
    """The shares of all classes with a patch's middle on each pixel of a picture, one after the other.

    Returns
    -------
    numpy.ndarray, shape (32, 32, 6)
        Read-only.

    References
    ----------
    M. D. Zeiler and R. Fergus, Visualizing and understanding convolutional networks, ECCV 2014, section 4.2.

    Examples
    --------
    >>> swept("tagged", "star1", True, 7, "ground").shape
    (32, 32, 6)
    """
    plain = pixels(picture, tag)
    filling = colour(pixels(picture, tag=False), fill)
    places = [(row, column) for row in range(SIDE) for column in range(SIDE)]
    found = [
        shares(forward(name, np.array([laid(plain, *place, size, filling) for place in places[first : first + 64]]))[1])
        for first in range(0, len(places), 64)
    ]
    result = np.concatenate(found).reshape(SIDE, SIDE, len(SHAPES))
    result.flags.writeable = False
    return result


def carried(opening: dict[str, object]) -> str:
    """All that the page needs, as JSON: weights in half precision and pictures in base 64; places, and how it opens."""
    stored = weights("looking")
    parts = {
        name: b"".join(
            stored[f"{name}.{layer}.{kind}"].astype("<f2").tobytes()
            for layer in WEIGHTED
            for kind in ("weight", "bias")
        )
        for name in NETWORKS
    }
    units = {layer: list(stored[f"mixed.{layer}.weight"].shape[:2]) for layer in WEIGHTED}
    coded = {name: base64.b64encode(data).decode() for name, data in parts.items()}
    numbers = {
        "networks": coded,
        "units": units,
        "pictures": base64.b64encode(kept().pictures.tobytes()).decode(),
        "masks": base64.b64encode(np.packbits(kept().masks)).decode(),
        "tag": {"rows": TAG.tolist(), "place": list(TAG_PLACE)},
        "places": {picture: {part: place_of(picture, part) for part in ("shape", "tag")} for picture in PICTURES},
        "reach": kept().reach,
        "opening": opening,
    }
    return json.dumps(numbers, separators=(",", ":"))
