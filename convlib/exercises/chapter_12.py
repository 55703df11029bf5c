"""Checkers for chapter 12, LeNet-5."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from convlib.exercises._draw import clear_winners, sides, told_apart
from convlib.exercises.checker import Case, Checker, Mistake

Rng = np.random.Generator
Table = tuple[tuple[int, ...], ...]


# --- in the middle ---------------------------------------------------------------------------------------------------

_FIELD = 28


def _inked(rng: Rng, rows: int, columns: int) -> np.ndarray:
    """Ink that is denser at one corner and heavier at one, reaches all four borders, fits, and is near no tie.

    The middle of the box, the centre of mass and the centre of what is inked are three places.  A whole number or a
    half between 14 and a centre would leave the rounding open, in the right answer or in a wrong one.
    """
    while True:
        dense, heavy = _slope(rng, rows, columns), _slope(rng, rows, columns)
        inked = rng.random((rows, columns)) < dense
        borders = (inked[0], inked[-1], inked[:, 0], inked[:, -1])
        if not all(border.any() for border in borders):
            continue
        ink = heavy * rng.uniform(0.1, 1, inked.shape) * inked
        ways = _ways(ink)
        if np.abs(2 * ways - np.rint(2 * ways)).min() > 0.04 and _fits(ways, ink.shape):
            return ink


def _slope(rng: Rng, rows: int, columns: int) -> np.ndarray:
    """A table that falls from 1 in one corner to about a tenth in the opposite one."""
    down, right = (np.linspace(0.3, 1, side)[:: int(rng.choice([-1, 1]))] for side in (rows, columns))
    return np.outer(down, right)


def _with_even_sides(rng: Rng) -> tuple[np.ndarray]:
    """Sides that are even, so that the box itself can be in the middle; that differ, and could be exchanged."""
    while True:
        rows, columns = rng.permutation(int(rng.integers(4, 10)) * 2 + np.array([0, 2])).tolist()
        ink = _inked(rng, rows, columns)
        if _fits(_ways(ink), (columns, rows)):
            return (ink,)


def _ways(ink: np.ndarray) -> np.ndarray:
    """How far the centre of mass, and the centre of what is inked, are from pixel 14, down and to the right."""
    return 14 - np.array([_centre(ink), _centre(ink > 0)])


def _fits(ways: np.ndarray, shape: tuple[int, ...]) -> bool:
    """Whether a box of the shape stays on the field, if it is moved so, or to 13.5 instead."""
    return bool((np.floor(ways - 0.5) >= 0).all() and (np.ceil(ways) + shape <= _FIELD).all())


def _centre(ink: np.ndarray) -> np.ndarray:
    """Row and column of the centre of mass."""
    return (np.indices(ink.shape) * ink).sum(axis=(1, 2)) / ink.sum()


def _moved(ink: np.ndarray, corner: np.ndarray) -> np.ndarray:
    """The ink on an empty field, its top left corner at the whole number nearest to ``corner``."""
    top, left = np.rint(corner).astype(int)
    rows, columns = ink.shape
    field = np.zeros((_FIELD, _FIELD))
    field[top : top + rows, left : left + columns] = ink
    return field


def _centred(ink: np.ndarray) -> np.ndarray:
    return _moved(ink, 14 - _centre(ink))


centred = Checker(
    title="In the middle",
    reference=_centred,
    problem=lambda rng: told_apart(rng, _with_even_sides, centred),
    first_hint="The mean of the row numbers, each weighted by its ink; how far is it from 14? The same for columns.",
    cases=(
        Case("odd sides", lambda rng: (_inked(rng, 13, 9),), "But the sides may be odd."),
        Case("the largest", lambda rng: (_inked(rng, 20, 20),), "But the ink may be 20 pixels high and wide."),
        Case("narrow", lambda rng: (_inked(rng, 18, 2),), "But the ink may be two pixels wide, as a 1 is."),
        Case(
            "empty border",
            lambda rng: (np.pad(_inked(rng, 8, 6), ((0, 2), (1, 0))),),
            "But there may be rows and columns without ink at the border.",
        ),
        Case(
            "bytes",
            lambda rng: (np.rint(_inked(rng, 12, 10) * 255).astype(np.uint8),),
            "But the ink may be bytes, and sums of bytes go beyond 255.",
        ),
    ),
    mistakes=(
        Mistake(
            "middle of the box",
            lambda ink: _moved(ink, 13.5 - (np.array(ink.shape) - 1) / 2),
            "You've put the middle of the box in the middle. It's the centre of mass that belongs there.",
        ),
        Mistake(
            "all ink alike",
            lambda ink: _moved(ink, 14 - _centre(ink > 0)),
            "Every pixel with ink counts the same in yours. One with more ink weighs more.",
        ),
        Mistake(
            "exchanged",
            lambda ink: _moved(ink, 14 - _centre(ink)[::-1]),
            "Rows and columns are exchanged: the mean row number says how far to move down, not how far to the right.",
        ),
        Mistake(
            "rounded down",
            lambda ink: _moved(ink, np.floor(14 - _centre(ink))),
            "You come up to a pixel short: by rounding down (`int` does it, too), or by aiming at 13.5 instead of 14.",
        ),
        Mistake(
            "sum 1",
            lambda ink: _centred(ink) / ink.sum(),
            "The right place, but the ink sums to 1 now. Divide by its sum for the centre only, and move it as it is.",
        ),
        Mistake(
            "largest 1",
            lambda ink: _centred(ink) / ink.max(),
            "The right place, but you have scaled the ink so that its largest is 1. It's to be moved, not changed.",
        ),
    ),
)


# --- a table of connections ------------------------------------------------------------------------------------------


def _connections(rng: Rng) -> tuple[Table, int]:
    """A table in which each input is seen, but not by all."""
    inputs = int(rng.integers(4, 8))
    seen = [rng.choice(inputs, int(rng.integers(2, inputs)), replace=False) for _ in range(int(rng.integers(5, 12)))]
    seen += [np.arange(inputs)]
    return tuple(tuple(sorted(row.tolist())) for row in seen), int(rng.integers(2, 8))


def _trainable(table: Table, kernel_size: int) -> int:
    return sum(len(row) for row in table) * kernel_size**2 + len(table)


trainable = Checker(
    title="A table of connections",
    reference=_trainable,
    problem=_connections,
    first_hint="How many kernels has map i? Count those of all maps; how many numbers has each? And then the biases.",
    cases=(
        Case(
            "full",
            lambda rng: ((tuple(range(int(rng.integers(3, 9)))),) * 4, 3),
            "But all maps may see all inputs, as in a layer of today.",
        ),
        Case("one map", lambda rng: (((0, 1, 2),), int(rng.integers(2, 6))), "But there may be a single map."),
        Case("one tap", lambda rng: (((0, 1), (1, 2), (0, 1, 2)), 1), "But a kernel may have a single weight."),
        Case(
            "an input unseen",
            lambda rng: (((1, 5), (5, 8), (1,)), int(rng.integers(2, 6))),
            "But there may be inputs that no map sees: their numbers are missing in the table.",
        ),
    ),
    mistakes=(
        Mistake(
            "no biases",
            lambda table, kernel_size: _trainable(table, kernel_size) - len(table),
            "Those are the weights. Each output map has a bias as well.",
        ),
        Mistake(
            "a bias for each kernel",
            lambda table, kernel_size: sum(len(row) for row in table) * (kernel_size**2 + 1),
            "You give every kernel a bias. A map adds up what its kernels find, and then adds one bias.",
        ),
        Mistake(
            "one kernel a map",
            lambda table, kernel_size: len(table) * (kernel_size**2 + 1),
            "You give each map a single kernel. It has one for each input map that it sees.",
        ),
        Mistake(
            "all see all",
            lambda table, kernel_size: len(table) * (len(set().union(*table)) * kernel_size**2 + 1),
            "You let every map see every input, as most layers do. Here map i sees those in table[i] only.",
        ),
        Mistake(
            "one row of weights",
            lambda table, kernel_size: _trainable(table, kernel_size) - _squared_less_plain(table, kernel_size),
            "A kernel has as many rows as columns: kernel_size is to be squared.",
        ),
    ),
)


def _squared_less_plain(table: Table, kernel_size: int) -> int:
    return sum(len(row) for row in table) * (kernel_size**2 - kernel_size)


# --- subsampling that learns -----------------------------------------------------------------------------------------


def _to_halve(rng: Rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """As many columns afterwards as maps, so that NumPy lets weights be laid along the wrong axis."""
    maps = int(rng.integers(3, 5))
    pictures, rows = rng.permutation([n for n in (2, 3, 4, 5) if n != maps])[:2].tolist()
    return rng.normal(size=(pictures, maps, 2 * rows, 2 * maps)), rng.uniform(0.3, 2, maps), rng.normal(size=maps)


def _fours(x: np.ndarray) -> np.ndarray:
    """The four numbers of each 2 × 2, along an axis of their own at the end."""
    x = np.asarray(x, dtype=float)
    return np.stack([x[..., 0::2, 0::2], x[..., 0::2, 1::2], x[..., 1::2, 0::2], x[..., 1::2, 1::2]], axis=-1)


def _by_map(weight: np.ndarray, values: np.ndarray, bias: np.ndarray) -> np.ndarray:
    return np.asarray(weight)[:, None, None] * values + np.asarray(bias)[:, None, None]


def _overlapping(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    sums = x[..., :-1, :-1] + x[..., :-1, 1:] + x[..., 1:, :-1] + x[..., 1:, 1:]
    return _by_map(weight, sums, bias)


subsampled = Checker(
    title="Subsampling that learns",
    reference=lambda x, weight, bias: _by_map(weight, _fours(x).sum(axis=-1), bias),
    problem=_to_halve,
    first_hint="Every second row and column from 0 on, and from 1 on: four arrays to add. Then weight and bias by map.",
    cases=(
        Case(
            "other sides",
            lambda rng: (rng.normal(size=(2, 3, 10, 4)), rng.normal(size=3), rng.normal(size=3)),
            "But there may be more or fewer columns than maps.",
        ),
        Case(
            "one square",
            lambda rng: (rng.normal(size=(3, 4, 2, 2)), rng.normal(size=4), rng.normal(size=4)),
            "But a map may have two rows and two columns only.",
        ),
        Case(
            "one map",
            lambda rng: (rng.normal(size=(1, 1, 4, 6)), rng.normal(size=1), rng.normal(size=1)),
            "But there may be one picture with one map: its axes stay.",
        ),
        Case(
            "bytes",
            lambda rng: (rng.integers(100, 256, (2, 3, 4, 6), dtype=np.uint8), rng.normal(size=3), rng.normal(size=3)),
            "But x may be bytes, and a sum of four goes beyond 255.",
        ),
    ),
    mistakes=(
        Mistake(
            "mean",
            lambda x, weight, bias: _by_map(weight, _fours(x).mean(axis=-1), bias),
            "You take the mean of the four. LeNet-5 takes their sum: the weight is there to make it smaller.",
        ),
        Mistake(
            "maximum",
            lambda x, weight, bias: _by_map(weight, _fours(x).max(axis=-1), bias),
            "You take the largest of the four. That came into use later; LeNet-5 adds them up.",
        ),
        Mistake(
            "bias four times",
            lambda x, weight, bias: _by_map(weight, _fours(x).sum(axis=-1), 4 * bias),
            "Each of the four gets the bias in yours, so that it counts four times. Add it once, at the end.",
        ),
        Mistake(
            "bias weighted",
            lambda x, weight, bias: _by_map(weight, _fours(x).sum(axis=-1), weight * bias),
            "The bias stands inside your bracket and is multiplied by the weight. Add it afterwards.",
        ),
        Mistake(
            "along the columns",
            lambda x, weight, bias: weight * _fours(x).sum(axis=-1) + bias,
            "Your weights run along the columns, the last axis. Each *map* has one weight: give them two axes more.",
        ),
        Mistake(
            "overlapping",
            _overlapping,
            "Your windows overlap. They lie side by side: the next begins two pixels further on.",
        ),
    ),
)


# --- the nearest picture ---------------------------------------------------------------------------------------------


def _points_and_pictures(rng: Rng, points: int, pictures: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures of unlike lengths, and no point that lies about as near to two of them."""
    while True:
        x = rng.normal(size=(points, 8))
        p = rng.normal(size=(pictures, 8)) * rng.uniform(0.3, 2.5, (pictures, 1))
        if clear_winners(-_distances(x, p), 0.05) and clear_winners(-_distances(x, p, power=1), 0.05):
            return x, p


def _pictures_themselves(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    pictures = rng.normal(size=(6, 8))
    return pictures[rng.permutation(6)], pictures


def _greys(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Bytes: one pattern in four greys 64 apart, and points near them, off by even numbers.

    The squares of e and of e + 64 are equal as bytes if e is even: what computes with bytes finds no difference.
    """
    pictures = np.array([20, 84, 148, 212])[:, None] + rng.integers(0, 11, 9)
    x = pictures[[2, 0, 3, 1]] + 2 * rng.integers(-4, 5, (4, 9))
    return x.astype(np.uint8), pictures.astype(np.uint8)


def _distances(x: np.ndarray, pictures: np.ndarray, *, power: int = 2) -> np.ndarray:
    """By point (rows) and picture (columns): the sum of the differences, to the power of 2 or 1."""
    apart = np.asarray(x, dtype=float)[:, None] - np.asarray(pictures, dtype=float)
    return (np.abs(apart) ** power).sum(axis=2)


named = Checker(
    title="The nearest picture",
    reference=lambda x, pictures: _distances(x, pictures).argmin(axis=1),
    problem=lambda rng: told_apart(rng, lambda rng: _points_and_pictures(rng, *sides(rng, 4, 8)), named),
    first_hint="`x[:, None] - pictures` has each difference. Square, add up, and ask which picture has the least.",
    cases=(
        Case("one point", lambda rng: _points_and_pictures(rng, 1, 5), "But x may have a single row."),
        Case(
            "one picture",
            lambda rng: (rng.normal(size=(3, 8)), rng.normal(size=(1, 8))),
            "But there may be a single picture: it's the nearest, whatever x is.",
        ),
        Case(
            "the picture itself",
            _pictures_themselves,
            "But x may be one of the pictures: then the distance is 0, and can't be less.",
        ),
        Case(
            "bytes",
            _greys,
            "But both may be bytes, which know no negative numbers and nothing beyond 255.",
        ),
    ),
    mistakes=(
        Mistake(
            "the furthest",
            lambda x, pictures: _distances(x, pictures).argmax(axis=1),
            "You name the picture that is furthest away. A distance is no score: the smallest wins.",
        ),
        Mistake(
            "largest inner product",
            lambda x, pictures: (x @ pictures.T).argmax(axis=1),
            "You name the picture with the largest inner product. A picture of large numbers wins that from far away.",
        ),
        Mistake(
            "differences not squared",
            lambda x, pictures: _distances(x, pictures, power=1).argmin(axis=1),
            "You add up the differences without their signs. Square them: then a large one counts for more.",
        ),
        Mistake(
            "the distance",
            lambda x, pictures: _distances(x, pictures).min(axis=1),
            "That is how near the nearest picture is. Asked is which one it is.",
        ),
        Mistake(
            "the nearest point",
            lambda x, pictures: _distances(x, pictures).argmin(axis=0),
            "For each picture you name the nearest row of x. It's the other way round: for each x a picture.",
        ),
    ),
)


# --- read a strip ----------------------------------------------------------------------------------------------------


def _strip(rng: Rng) -> tuple[np.ndarray, np.ndarray, float]:
    """Runs with gaps in and between them, some places exactly at the threshold, and a gap at the end.

    The thresholds are sums of few powers of two, which every kind of number holds exactly.
    """
    least = float(rng.choice([0.5, 0.625, 0.75]))
    names = np.repeat(rng.integers(1, 6, 9), rng.integers(1, 4, 9))
    seen = rng.random(len(names)) < 0.7
    seen[-1] = False
    sure = np.where(seen, rng.uniform(least + 0.01, 1, len(names)), rng.uniform(0.1, least - 0.01, len(names)))
    sure[rng.choice(np.flatnonzero(seen), 3)] = least
    return names, sure, least


def _runs(names: np.ndarray, kept: np.ndarray) -> list[int]:
    """One digit for each run; a place that is not kept ends it."""
    marked = zip(np.asarray(names).tolist(), np.asarray(kept).tolist(), strict=True)
    return [name for (name, sure), _ in groupby(marked, lambda place: place if place[1] else (None, False)) if sure]


def _read(names: np.ndarray, sure: np.ndarray, least: float) -> list[int]:
    return _runs(names, np.asarray(sure) >= least)


def _all_kept(names: np.ndarray) -> list[int]:
    return _runs(names, np.full(len(names), True))


read = Checker(
    title="Read a strip",
    reference=_read,
    problem=lambda rng: told_apart(rng, _strip, read),
    first_hint="Go from left to right, and remember what the place before was: a name, or a gap. When is a digit new?",
    cases=(
        Case(
            "no gap at the end",
            lambda rng: (np.array([4, 4, 7, 2, 2]), np.array([0.9, 0.8, 0.2, 0.9, 0.7]), 0.5),
            "But the strip may end within a digit, with no gap behind it.",
        ),
        Case(
            "no gap at all",
            lambda rng: (np.array([8, 8, 3, 5, 5, 3]), rng.uniform(0.8, 1, 6), 0.75),
            "But there may be no gap at all: where the name changes, a digit is new.",
        ),
        Case(
            "nought",
            lambda rng: (np.array([0, 0, 3, 0, 6, 0, 0]), np.array([0.9, 0.9, 0.9, 0.9, 0.1, 0.9, 0.2]), 0.5),
            "But 0 is a digit, too.",
        ),
        Case(
            "nothing sure",
            lambda rng: (rng.integers(1, 10, 6), rng.uniform(0.1, 0.4, 6), 0.5),
            "But all places may be gaps: then there is no digit.",
        ),
        Case("one place", lambda rng: (np.array([7]), np.array([0.9]), 0.5), "But the strip may have a single place."),
    ),
    mistakes=(
        Mistake(
            "not merged",
            lambda names, sure, least: names[sure >= least],
            "You read a digit at every place. Neighbours with the same name have seen the same digit.",
        ),
        Mistake(
            "across gaps",
            lambda names, sure, least: _all_kept(names[sure >= least]),
            "You leave out the gaps and merge afterwards. A gap keeps two places with the same name apart.",
        ),
        Mistake(
            "gaps read",
            lambda names, sure, least: _all_kept(names),
            "You read the unsure places as well. Something wins everywhere; below `least` it says nothing.",
        ),
        Mistake(
            "each once",
            lambda names, sure, least: list(dict.fromkeys(_read(names, sure, least))),
            "Each digit comes once in yours. A number may have the same digit again, further on.",
        ),
        Mistake(
            "a set",
            lambda names, sure, least: sorted(set(_read(names, sure, least))),
            "Yours is a set: each digit once, sorted by size. Keep the order from left to right, and the repetitions.",
        ),
        Mistake(
            "above only",
            lambda names, sure, least: _runs(names, sure > least),
            "A place that is exactly as sure as `least` is a gap in yours. Only what is below is one.",
        ),
    ),
)

#: Every checker of the chapter, for the tests.
CHECKERS = (centred, trainable, subsampled, named, read)
