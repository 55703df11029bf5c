"""What DrawADigit reckons with, in NumPy: the drawing as MNIST would have it, LeNet-5 on it, its slopes, its doubts.

A drawing becomes the picture that the network sees as MNIST's own digits became theirs: the box around the ink is
scaled so that its longer side is 20 pixels, its centre of mass is put in the middle of 28 × 28, and two empty pixels
are laid around.  The network is :class:`convlib.models.lenet.LeNet5` with the weights that the book has trained:

    1 × 32 × 32 → C1 6 × 28 × 28 → S2 6 × 14 × 14 → C3 16 × 10 × 10 → S4 16 × 5 × 5 → C5 120 → F6 84 → 10 scores

All numbers have 64 bits here and on the page, so that both find the same.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from convlib.experiments import weights

#: Rows and columns of the field, of MNIST's pictures, and the longer side of a digit's box.
SIDE, PAGE, BOX = 32, 28, 20
#: Each layer's maps, and the rows and columns of each.
SIZES = {"c1": (6, 28), "s2": (6, 14), "c3": (16, 10), "s4": (16, 5), "c5": (120, 1), "f6": (84, 1)}
TAPS, CLASSES = 5, 10
#: Real digits that travel with the page; which share of the held-out ones counts as like the digits learnt.
DIGITS, USUAL = 20, 0.99

Strokes = Sequence[Sequence[tuple[float, float]]]


# ---- from a drawing to the picture that the network sees ------------------------------------------------------------


def rasterized(strokes: Strokes, thickness: float) -> np.ndarray:
    """Ink of a drawing, in pixels so small that the longer side of its box is 20 of them.

    A pixel has full ink where its middle lies half a pixel or more inside the pen's way, and none half a pixel outside.

    Parameters
    ----------
    strokes : sequence of strokes, each a sequence of points (x, y)
        Anywhere; x to the right, y downwards.
    thickness : float
        Of the pen, in the same unit.

    Returns
    -------
    numpy.ndarray, shape (rows, columns)
        From 0 to 1; of shape (0, 0) if there is no point at all.

    Examples
    --------
    >>> rasterized([[(0.5, 0.2), (0.5, 0.8)]], 0.1).shape  # an upright line is 0.7 high and 0.1 wide
    (20, 3)
    """
    if not any(strokes):
        return np.zeros((0, 0))
    segments = _segments(strokes)
    (left, top), (right, bottom) = segments.min(axis=(0, 1)), segments.max(axis=(0, 1))
    wide, high = right - left + thickness, bottom - top + thickness
    scale = BOX / max(wide, high)
    columns, rows = (max(1, math.ceil(length * scale - 1e-9)) for length in (wide, high))
    middle = np.array([(left + right) / 2, (top + bottom) / 2])
    start, end = np.moveaxis((segments - middle) * scale + (columns / 2, rows / 2), 1, 0)  # (segments, 2) each
    i, j = np.mgrid[:rows, :columns] + 0.5
    points = np.stack([j, i], axis=-1)[:, :, None]  # (rows, columns, 1, 2)
    way = end - start
    length = np.maximum((way**2).sum(-1), 1e-12)
    along = np.clip(((points - start) * way).sum(-1) / length, 0, 1)  # (rows, columns, segments)
    apart = np.sqrt(((points - start - along[..., None] * way) ** 2).sum(-1))
    return np.clip(0.5 + thickness / 2 * scale - apart.min(-1), 0, 1)


def _segments(strokes: Strokes) -> np.ndarray:
    """From each point to the next, shape (segments, 2, 2); a single point is one to itself."""
    pairs = []
    for stroke in filter(None, strokes):
        points = [*stroke, stroke[0]] if len(stroke) == 1 else list(stroke)
        pairs += list(pairwise(points))
    return np.array(pairs, dtype=float)


def boxed(ink: np.ndarray) -> np.ndarray:
    """The box around a picture's ink, scaled so that its longer side is 20 pixels: each the mean of what it covers.

    Parameters
    ----------
    ink : numpy.ndarray, shape (rows, columns)

    Returns
    -------
    numpy.ndarray
        Of shape (0, 0) if there is no ink.

    Examples
    --------
    >>> boxed(np.pad(np.ones((10, 4)), 3)).shape
    (20, 8)
    """
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return np.zeros((0, 0))
    inside = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = BOX / max(inside.shape)
    down, across = (max(1, math.floor(length * scale + 0.5)) for length in inside.shape)
    return _means(inside.shape[0], down) @ inside @ _means(inside.shape[1], across).T


def _means(old: int, new: int) -> np.ndarray:
    """What each of ``new`` equal parts of a length takes of each of its ``old`` ones; shape (new, old)."""
    ends, edges = np.arange(new + 1) * old / new, np.arange(old + 1)
    covered = np.minimum(ends[1:, None], edges[1:]) - np.maximum(ends[:-1, None], edges[:-1])
    return np.maximum(covered, 0) * new / old


def placed(ink: np.ndarray) -> np.ndarray:
    """A digit of at most 20 × 20 pixels in the field of 32 × 32, its centre of mass in the middle, to a whole pixel.

    Parameters
    ----------
    ink : numpy.ndarray, shape (rows, columns)

    Returns
    -------
    numpy.ndarray, shape (32, 32)

    Examples
    --------
    >>> field = placed(np.ones((20, 2)))
    >>> np.flatnonzero(field.any(axis=0)), np.flatnonzero(field.any(axis=1))[[0, -1]]
    (array([15, 16]), array([ 6, 25]))
    """
    field = np.zeros((SIDE, SIDE))
    if ink.size:
        top, left = corner(ink)
        field[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return field


def corner(ink: np.ndarray) -> tuple[int, int]:
    """Row and column of the field where a digit's upper left pixel is put; it stays within the inner 28 × 28."""
    mass, rim = ink.sum(), (SIDE - PAGE) // 2

    def start(along: int) -> int:
        length = ink.shape[along]
        middle = (ink.sum(axis=1 - along) * (np.arange(length) + 0.5)).sum() / mass
        # What lies just between two pixels must fall the same way on the page, which adds in another order.
        return rim + min(max(math.floor(PAGE / 2 - middle + 0.5 + 1e-9), 0), PAGE - length)

    return start(0), start(1)


def moved(field: np.ndarray, dx: int, dy: int, turn: float) -> np.ndarray:
    """A field turned about its middle, clockwise, and shifted; between pixels, the mean of four.  What leaves is lost.

    Parameters
    ----------
    field : numpy.ndarray, shape (32, 32)
    dx, dy : int
        Pixels to the right and down.
    turn : float
        Degrees.

    Returns
    -------
    numpy.ndarray, shape (32, 32)

    Examples
    --------
    >>> field = np.zeros((32, 32))
    >>> field[10, 16] = 1
    >>> np.argwhere(moved(field, 3, 0, 90) > 0.5)
    array([[16, 24]])
    """
    cos, sin, half = math.cos(math.radians(turn)), math.sin(math.radians(turn)), SIDE / 2
    i, j = np.mgrid[:SIDE, :SIDE] + 0.5 - half
    x, y = j - dx, i - dy
    from_j, from_i = x * cos + y * sin + half - 0.5, y * cos - x * sin + half - 0.5
    low_i, low_j = np.floor(from_i).astype(int), np.floor(from_j).astype(int)
    out, rim = np.zeros((SIDE, SIDE)), np.pad(field, 1)
    for down in (0, 1):
        for across in (0, 1):
            at = np.clip(low_i + down, -1, SIDE) + 1, np.clip(low_j + across, -1, SIDE) + 1
            share = (1 - abs(from_i - low_i - down)) * (1 - abs(from_j - low_j - across))
            out += share * rim[at]
    return out


# ---- the network ----------------------------------------------------------------------------------------------------


@cache
def network() -> dict[str, np.ndarray]:
    """The weights, as the page has them too: those stored, in 64 bits."""
    return {name: values.astype(float) for name, values in weights("lenet5").items()}


def forward(pictures: np.ndarray, muted: Sequence[str] = ()) -> dict[str, np.ndarray]:
    """All maps of each picture, after ReLU, and the scores.

    Parameters
    ----------
    pictures : numpy.ndarray, shape (N, 32, 32)
    muted : sequence of str
        Maps of C1 and C3 that are made zero: ``"c1.0"``, ``"c3.12"``.

    Returns
    -------
    dict of str to numpy.ndarray
        "c1" of shape (N, 6, 28, 28) and so on; "c5" (N, 120), "f6" (N, 84), "scores" (N, 10).

    Examples
    --------
    >>> maps = forward(np.zeros((1, 32, 32)))
    >>> maps["c3"].shape, maps["scores"].shape
    ((1, 16, 10, 10), (1, 10))
    """
    p, maps = network(), {}
    maps["c1"] = _convolved(pictures[:, None], "c1", muted)
    maps["s2"] = _pooled(maps["c1"])
    maps["c3"] = _convolved(maps["s2"], "c3", muted)
    maps["s4"] = _pooled(maps["c3"])
    maps["c5"] = _convolved(maps["s4"], "c5", ())[:, :, 0, 0]
    maps["f6"] = np.maximum(maps["c5"] @ p["f6.weight"].T + p["f6.bias"], 0)
    maps["scores"] = maps["f6"] @ p["output.weight"].T + p["output.bias"]
    return maps


def _convolved(x: np.ndarray, layer: str, muted: Sequence[str]) -> np.ndarray:
    w, b = network()[f"{layer}.weight"], network()[f"{layer}.bias"]
    windows = np.lib.stride_tricks.sliding_window_view(x, (TAPS, TAPS), axis=(2, 3))  # (N, C, H, W, 5, 5)
    y = np.tensordot(windows, w, axes=([1, 4, 5], [1, 2, 3])) + b  # → (N, H, W, maps)
    y = np.maximum(np.moveaxis(y, -1, 1), 0)
    for name in muted:
        of, _, number = name.partition(".")
        if of == layer:
            y[:, int(number)] = 0
    return y


def _pooled(x: np.ndarray) -> np.ndarray:
    count, maps, side, _ = x.shape
    return x.reshape(count, maps, side // 2, 2, side // 2, 2).max(axis=(3, 5))


def shares(scores: np.ndarray) -> np.ndarray:
    """Softmax along the last axis: positive numbers that add up to 1.

    Examples
    --------
    >>> shares(np.array([0.0, np.log(3)]))
    array([0.25, 0.75])
    """
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def percent(share: float) -> str:
    """A share in whole per cent; one that is nearly all is not called all.

    Examples
    --------
    >>> percent(0.125).replace("\u00a0", " "), percent(0.9999).replace("\u00a0", " ")
    ('13 %', 'over 99 %')
    """
    return "over 99\u00a0%" if share > 0.995 else f"{math.floor(100 * share + 0.5)}\u00a0%"


def slopes(picture: np.ndarray, more: int, less: int, muted: Sequence[str] = ()) -> np.ndarray:
    """How fast one score gains on another with the ink of each pixel: the gradient of their difference.

    Of equal pixels under a pooling window, the first hands the slope back, as in PyTorch.

    Parameters
    ----------
    picture : numpy.ndarray, shape (32, 32)
    more, less : int
        The classes.
    muted : sequence of str
        As for :func:`forward`.

    Returns
    -------
    numpy.ndarray, shape (32, 32)

    Examples
    --------
    >>> slope = slopes(np.zeros((32, 32)), 1, 8)
    >>> np.allclose(slope, -slopes(np.zeros((32, 32)), 8, 1))
    True
    """
    p = network()
    maps = {name: values[0] for name, values in forward(picture[None], muted).items()}
    back = (p["output.weight"][more] - p["output.weight"][less]) * (maps["f6"] > 0)
    back = (back @ p["f6.weight"]) * (maps["c5"] > 0)
    back = np.tensordot(back, p["c5.weight"], axes=1)  # (16, 5, 5)
    back = _spread(_unpooled(back, maps["c3"]), p["c3.weight"])
    return _spread(_unpooled(back, maps["c1"]), p["c1.weight"])[0]


def _unpooled(back: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Slopes behind a pooling, handed to the largest of each 2 × 2; none where ReLU has made that zero."""
    maps, side = x.shape[:2]
    windows = x.reshape(maps, side // 2, 2, side // 2, 2).swapaxes(2, 3).reshape(maps, side // 2, side // 2, 4)
    first = (np.arange(4) == windows.argmax(-1)[..., None]) & (windows > 0)
    spread = (first * back[..., None]).reshape(maps, side // 2, side // 2, 2, 2)
    return spread.swapaxes(2, 3).reshape(x.shape)


def _spread(back: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Slopes behind a convolution, scattered to its inputs."""
    side = back.shape[1]
    out = np.zeros((w.shape[1], side + TAPS - 1, side + TAPS - 1))
    for i in range(TAPS):
        for j in range(TAPS):
            out[:, i : i + side, j : j + side] += np.tensordot(w[:, :, i, j], back, axes=(0, 0))
    return out


# ---- what is like the digits learnt, and what travels with the page --------------------------------------------------


class Learnt(NamedTuple):
    """What the digits that the network learnt from have in common, and some that it has never seen.

    Attributes
    ----------
    patterns : numpy.ndarray of float16, shape (9, 784)
        The mean digit, and the eight patterns in which digits differ from it most: their principal components.
    limit : float
        What these leave unexplained of 99 in 100 held-out digits, at most.
    reach : dict of str to float
        For each layer the value at which its colour is full: 99.5 in 100 of the values above zero are below it.
    pictures : numpy.ndarray of uint8, shape (20, 28, 28)
        Held-out digits, in turn an ordinary one of each class and one of the hardest.
    labels : list of int
        What they are.
    """

    patterns: np.ndarray
    limit: float
    reach: dict[str, float]
    pictures: np.ndarray
    labels: list[int]


@cache
def learnt() -> Learnt:
    """Found from the 4,000 digits to learn from, the 1,000 held out, and the weights as they are; about a second.

    Examples
    --------
    >>> learnt().labels[::2]
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    from convlib.data.small import mnist  # here, for a class that is only defined reads no pictures

    split = mnist()
    patterns = _patterns(np.asarray(split.x_train, dtype=float).reshape(-1, PAGE**2))
    held, labels = np.asarray(split.x_test, dtype=float)[:, 0], np.asarray(split.y_test)
    fields = np.array([placed(boxed(picture)) for picture in held])
    maps = forward(fields)
    limit = np.quantile([unexplained(field, patterns) for field in fields], USUAL)
    reach = {name: float(np.quantile(values[values > 0], 0.995)) for name, values in maps.items() if name != "scores"}
    own = shares(maps["scores"])[np.arange(len(labels)), labels]
    ordinary = [int(np.flatnonzero((labels == digit) & (own > 0.9))[0]) for digit in range(CLASSES)]
    hard = [int(n) for n in own.argsort() if n not in ordinary][: DIGITS - CLASSES]
    chosen = [n for pair in zip(ordinary, hard, strict=True) for n in pair]
    pictures = np.rint(255 * held[chosen]).astype(np.uint8)
    return Learnt(patterns, float(limit), reach, pictures, [int(label) for label in labels[chosen]])


def _patterns(rows: np.ndarray, count: int = 8) -> np.ndarray:
    mean = rows.mean(axis=0)
    _, vectors = np.linalg.eigh(np.cov(rows.T))  # the largest last
    return np.vstack([mean, vectors[:, : -count - 1 : -1].T]).astype(np.float16)


def unexplained(field: np.ndarray, patterns: np.ndarray | None = None) -> float:
    """How much of a picture the mean digit and eight patterns leave over: the length of what remains.

    The network itself is a poor judge of what it has never seen: what a scribble makes of F6 lies no farther from the
    digits' own than a digit's does.  So the picture is judged.

    Parameters
    ----------
    field : numpy.ndarray, shape (32, 32)
    patterns : numpy.ndarray, shape (9, 784), optional
        Those of :func:`learnt`, if none are given.

    References
    ----------
    I. T. Jolliffe, Principal Component Analysis, 2nd ed., Springer 2002, section 10.1: residuals that tell outliers.

    Examples
    --------
    >>> noise = np.random.default_rng(0).uniform(size=(32, 32))
    >>> unexplained(noise) > learnt().limit
    True
    """
    mean, *commonest = (learnt().patterns if patterns is None else patterns).astype(float)
    rim = (SIDE - PAGE) // 2
    rest = field[rim:-rim, rim:-rim].ravel() - mean
    outside = (field**2).sum() - (field[rim:-rim, rim:-rim] ** 2).sum()
    along = np.array(commonest) @ rest
    return math.sqrt(max((rest**2).sum() - (along**2).sum() + outside, 0))


#: The layers that have weights, in the order in which they travel.
WEIGHTED = ("c1", "c3", "c5", "f6", "output")


def carried(drawings: dict[str, list]) -> str:
    """All that the page needs, as JSON: weights in half precision, digits and patterns in base 64; and drawings."""
    kept, half = learnt(), weights("lenet5")
    parts = [half[f"{layer}.{kind}"].astype("<f2").tobytes() for layer in WEIGHTED for kind in ("weight", "bias")]
    texts = {"weights": b"".join(parts), "digits": kept.pictures.tobytes(), "patterns": kept.patterns.tobytes()}
    coded = {name: base64.b64encode(data).decode() for name, data in texts.items()}
    numbers = {"limit": kept.limit, "reach": kept.reach, "labels": kept.labels, "drawings": drawings}
    return json.dumps(coded | numbers, separators=(",", ":"))
