"""Checkers for chapter 6, filtering and warping."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convlib.exercises._draw import sides
from convlib.exercises.checker import Case, Checker, Mistake

Rng = np.random.Generator


def _nines(x: np.ndarray) -> np.ndarray:
    """The nine pixels of every 3 × 3 window inside x, along the last axis."""
    inside = len(x) - 2, x.shape[1] - 2
    return sliding_window_view(x, (3, 3)).reshape(*inside, 9).astype(float)


# --- two halves ---------------------------------------------------------------------------------------------------


def _square_kernel(rng: Rng) -> tuple[np.ndarray]:
    side = int(rng.integers(3, 6))
    return (rng.normal(size=(side, side)),)


def _parts(turned: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """Half of the sum and of the difference with the kernel, moved somehow."""
    return lambda w: np.array([w + turned(w), w - turned(w)]) / 2


_halves = _parts(lambda w: w[::-1, ::-1])


halves = Checker(
    title="Two halves",
    reference=_halves,
    problem=_square_kernel,
    first_hint="Turn w by 180° about its middle. One part is half of a sum, the other half of a difference.",
    cases=(
        Case("no square", lambda rng: (rng.normal(size=sides(rng, 2, 5)),), "But w need not be a square."),
        Case("one row", lambda rng: (rng.normal(size=(1, 5)),), "But w may have a single row."),
        Case("one column", lambda rng: (rng.normal(size=(4, 1)),), "But w may have a single column."),
        Case("one weight", lambda rng: (rng.normal(size=(1, 1)),), "But w may be 1 × 1: what is half of it against?"),
        Case(
            "whole numbers",
            lambda rng: (np.array([[1, 2, 4], [-3, 0, 5], [2, -1, 7]]),),
            "But w may hold whole numbers; half of one may be a fraction.",
        ),
    ),
    mistakes=(
        Mistake(
            "not halved",
            lambda w: 2 * _halves(w),
            "The two parts add up to twice the kernel.",
        ),
        Mistake(
            "exchanged",
            lambda w: _halves(w)[::-1],
            "The right parts, the antisymmetric one first. Which one is wanted first?",
        ),
        Mistake(
            "sign reversed",
            lambda w: np.array([1, -1])[:, None, None] * _halves(w),
            "The sign of the antisymmetric part is reversed. Do your two parts add up to w?",
        ),
        Mistake(
            "upside down",
            _parts(lambda w: w[::-1]),
            "You turn the rows' order only: a reflection. A turn by 180° moves the left to the right as well.",
        ),
        Mistake(
            "mirrored",
            _parts(lambda w: w[:, ::-1]),
            "You reverse each row only: a reflection. A turn by 180° moves the top to the bottom as well.",
        ),
        Mistake(
            "transposed",
            _parts(lambda w: w.T),
            "Those are the parts of a *matrix*, which is compared with its transpose. Which weight lies opposite?",
        ),
        Mistake(
            "about the corner",
            _parts(lambda w: np.roll(w[::-1, ::-1], 1, axis=(0, 1))),
            "For NumPy w[-k, -l] counts from the corner, and w[-0] is w[0]. The formula counts from the middle.",
        ),
        Mistake(
            "a quarter turn",
            _parts(np.rot90),
            "You turn by 90°. The weight opposite is half a turn away.",
        ),
        Mistake(
            "parts last",
            lambda w: np.stack(_halves(w), axis=-1),
            "The right numbers, but the last axis tells the parts apart. The shape asked for begins with 2.",
        ),
    ),
)


# --- unsharp masking ----------------------------------------------------------------------------------------------


def _unsharp_problem(rng: Rng) -> tuple[np.ndarray, float]:
    return rng.random(sides(rng, 5, 8)), float(rng.uniform(1.2, 2.5))


def _inner(x: np.ndarray) -> np.ndarray:
    return x[1:-1, 1:-1].astype(float)


def _mean(x: np.ndarray) -> np.ndarray:
    return _nines(x).mean(axis=2)


def _sharpened(x: np.ndarray, amount: float) -> np.ndarray:
    return _inner(x) + amount * (_inner(x) - _mean(x))


def _against_the_eight(x: np.ndarray, amount: float) -> np.ndarray:
    others = (9 * _mean(x) - _inner(x)) / 8
    return _inner(x) + amount * (_inner(x) - others)


unsharp = Checker(
    title="Unsharp masking",
    reference=_sharpened,
    problem=_unsharp_problem,
    first_hint="First the 3 × 3 mean of the valid part, then the pixels of x that lie under the windows' middles.",
    cases=(
        Case("no amount", lambda rng: (rng.random((4, 6)), 0.0), "But the amount may be 0: what is left of x then?"),
        Case("below zero", lambda rng: (rng.random((4, 6)), -1.0), "But the amount may be negative, which blurs."),
        Case("one window", lambda rng: (rng.random((3, 3)), 1.5), "But x may be 3 × 3, with a single window."),
        Case("one row of windows", lambda rng: (rng.random((3, 7)), 1.5), "But x may have only three rows."),
        Case(
            "bytes",
            lambda rng: (rng.integers(0, 256, (6, 8), dtype=np.uint8), 1.5),
            "But x may hold bytes, and neither their sum nor a negative detail fits into one.",
        ),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-9, 10, (5, 6)), 0.7),
            "But x may hold whole numbers: the result must hold fractions.",
        ),
    ),
    mistakes=(
        Mistake(
            "sign reversed",
            lambda x, amount: _inner(x) - amount * (_inner(x) - _mean(x)),
            "Yours goes towards the mean, and beyond it. Which of the two is to be taken from the other?",
        ),
        Mistake(
            "detail only",
            lambda x, amount: amount * (_inner(x) - _mean(x)),
            "That is the detail alone. To what is it added?",
        ),
        Mistake(
            "blurred only",
            lambda x, amount: _mean(x),
            "That is the blurred image. It is a step on the way.",
        ),
        Mistake(
            "amount forgotten",
            lambda x, amount: 2 * _inner(x) - _mean(x),
            "The detail comes in once, whatever the amount.",
        ),
        Mistake(
            "not normalised",
            lambda x, amount: _inner(x) + amount * (_inner(x) - 9 * _mean(x)),
            "You take the sum of the nine pixels off, not their mean. What does a flat patch turn into?",
        ),
        Mistake(
            "added to the mean",
            lambda x, amount: _mean(x) + amount * (_inner(x) - _mean(x)),
            "You add the detail to the blurred image; with the amount 1 that gives x back. What should be sharpened?",
        ),
        Mistake(
            "x amplified alone",
            lambda x, amount: (1 + amount) * _inner(x) - _mean(x),
            "A flat patch gets brighter. The amount belongs to the *difference*, to both of its terms.",
        ),
        Mistake(
            "middle left out",
            _against_the_eight,
            "Your mean is that of the eight neighbours. The pixel itself is one of the nine.",
        ),
        Mistake(
            "clipped",
            lambda x, amount: np.clip(_sharpened(x, amount), 0, 1),
            "You cut off what lies beyond black and white. For showing, perhaps; here the numbers are asked for.",
        ),
        Mistake(
            "border repeated",
            lambda x, amount: _sharpened(np.pad(x, 1, mode="edge"), amount),
            "The image kept its size: near the edge you have made pixels up by repeating the last. See 'valid'.",
        ),
        Mistake(
            "border of zeros",
            lambda x, amount: _sharpened(np.pad(x, 1), amount),
            "The image kept its size: near the edge your means have zeros in them. See 'valid'.",
        ),
    ),
)


# --- the median ---------------------------------------------------------------------------------------------------


def _image_problem(rng: Rng) -> tuple[np.ndarray]:
    return (rng.normal(size=sides(rng, 5, 8)),)


def _median(x: np.ndarray) -> np.ndarray:
    return np.median(_nines(x), axis=2)


def _ordered(number: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda x: np.sort(_nines(x), axis=2)[:, :, number]


def _median_of_medians(x: np.ndarray) -> np.ndarray:
    return np.median(np.median(sliding_window_view(x, (3, 3)), axis=3), axis=2)


def _recursive(x: np.ndarray) -> np.ndarray:
    y = x.copy()
    for row in range(1, len(x) - 1):
        for column in range(1, x.shape[1] - 1):
            y[row, column] = np.median(y[row - 1 : row + 2, column - 1 : column + 2])
    return y[1:-1, 1:-1]


median3 = Checker(
    title="The median",
    reference=_median,
    problem=_image_problem,
    first_hint="Put the nine numbers of a window in order. Which of them has as many below as above?",
    cases=(
        Case(
            "specks",
            lambda rng: ((rng.random((6, 7)) < 0.4).astype(float),),
            "But pixels may be equal: each of them counts, also the third of the same brightness.",
        ),
        Case("one window", lambda rng: (rng.normal(size=(3, 3)),), "But x may be 3 × 3, with a single window."),
        Case("one row of windows", lambda rng: (rng.normal(size=(3, 7)),), "But x may have only three rows."),
        Case("one column of windows", lambda rng: (rng.normal(size=(6, 3)),), "But x may have only three columns."),
        Case("bytes", lambda rng: (rng.integers(0, 256, (5, 7), dtype=np.uint8),), "But x may hold bytes."),
    ),
    mistakes=(
        Mistake(
            "mean",
            _mean,
            "That is the mean, to which a single wrong pixel adds its ninth. Does the *order* matter in yours?",
        ),
        Mistake(
            "not put in order",
            lambda x: _inner(x),
            "That is the image as it was: the fifth of nine in the order in which they stand.",
        ),
        Mistake(
            "one too high",
            _ordered(5),
            "Yours is the sixth in order: five are below and three above. From which number does Python count?",
        ),
        Mistake(
            "one too low",
            _ordered(3),
            "Yours is the fourth in order: three are below and five above.",
        ),
        Mistake(
            "median of medians",
            _median_of_medians,
            "A median of three medians: near, but not the fifth of nine. Unlike a box, a median is not separable.",
        ),
        Mistake(
            "middle left out",
            lambda x: np.median(np.delete(_nines(x), 4, axis=2), axis=2),
            "Yours is the median of the eight neighbours. The pixel itself has a vote too.",
        ),
        Mistake(
            "cross",
            lambda x: np.median(_nines(x)[:, :, [1, 3, 4, 5, 7]], axis=2),
            "Only the pixel and the four beside it vote. The window has corners.",
        ),
        Mistake(
            "written over",
            _recursive,
            "Your windows see results of earlier windows. All of them are to look at x as it was.",
        ),
        Mistake(
            "border repeated",
            lambda x: _median(np.pad(x, 1, mode="edge")),
            "The image kept its size, for you have repeated its border. Only windows inside are asked for.",
        ),
        Mistake(
            "border of zeros",
            lambda x: _median(np.pad(x, 1)),
            "The image kept its size: at its border zeros vote. Only windows inside are asked for.",
        ),
    ),
)


# --- between the pixels -------------------------------------------------------------------------------------------


def _between_problem(rng: Rng) -> tuple[np.ndarray, float, float]:
    """In the part where row and column may be exchanged, so that this shows in the value and not in an error."""
    x = rng.normal(size=sides(rng, 4, 7))
    row, column = rng.uniform(0, min(x.shape) - 1, 2).tolist()
    return x, row, column


def _bilinear(x: np.ndarray, row: float, column: float) -> float:
    # A triangle of width 2 on every pixel.
    down = np.clip(1 - np.abs(np.arange(len(x)) - row), 0, None)
    right = np.clip(1 - np.abs(np.arange(x.shape[1]) - column), 0, None)
    return float(down @ x @ right)


def _at(place: Callable[[float, float], tuple[float, float]]) -> Callable[[np.ndarray, float, float], float]:
    return lambda x, row, column: _bilinear(x, *place(row, column))


def _opposite(row: float, column: float) -> tuple[float, float]:
    return int(row) + 1 - row % 1, int(column) + 1 - column % 1


def _diagonal(x: np.ndarray, row: float, column: float) -> float:
    r, c, weights = int(row), int(column), (1 - row % 1) * (1 - column % 1)
    return float(weights * x[r, c] + (1 - weights) * x[r + 1, c + 1])


between = Checker(
    title="Between the pixels",
    reference=_bilinear,
    problem=_between_problem,
    first_hint="Go along the upper row first, then along the lower, then from one value down to the other.",
    cases=(
        Case(
            "far corner",
            lambda rng: (rng.normal(size=(3, 8)), 1.3, 6.4),
            "But x may be wider than it is high: is the row the first index?",
        ),
        Case("low corner", lambda rng: (rng.normal(size=(8, 3)), 6.4, 1.3), "But x may be higher than it is wide."),
        Case("on a pixel", lambda rng: (rng.normal(size=(4, 5)), 2.0, 1.0), "But the position may be a pixel's own."),
        Case("first pixel", lambda rng: (rng.normal(size=(4, 5)), 0.0, 0.0), "But the position may be [0, 0]."),
        Case(
            "last row",
            lambda rng: (rng.normal(size=(4, 5)), 3.0, 1.6),
            "But the position may lie exactly on the last row, and there is none below.",
        ),
        Case(
            "last column",
            lambda rng: (rng.normal(size=(4, 5)), 1.6, 4.0),
            "But the position may lie exactly on the last column, with nothing further right.",
        ),
        Case(
            "last pixel",
            lambda rng: (rng.normal(size=(4, 5)), 3.0, 4.0),
            "But the position may be the last pixel's own.",
        ),
        Case("four pixels", lambda rng: (rng.normal(size=(2, 2)), 0.2, 0.7), "But x may be 2 × 2."),
        Case(
            "bytes",
            lambda rng: (np.array([[250, 3], [20, 180]], dtype=np.uint8), 0.3, 0.6),
            "But x may hold bytes, and the difference of two bytes may be negative.",
        ),
    ),
    mistakes=(
        Mistake(
            "nearest",
            _at(lambda row, column: (round(row), round(column))),
            "That is the nearest pixel's value. Four pixels are to share.",
        ),
        Mistake(
            "rounded down",
            _at(lambda row, column: (int(row), int(column))),
            "That is the pixel above and to the left. What do the fractions do in your function?",
        ),
        Mistake(
            "row and column exchanged",
            _at(lambda row, column: (column, row)),
            "You have exchanged row and column: yours looks up the mirror image's pixel.",
        ),
        Mistake(
            "weights reversed",
            _at(_opposite),
            "The farther a pixel, the more it counts in yours. What is the value at a fraction of 0?",
        ),
        Mistake(
            "fractions exchanged",
            _at(lambda row, column: (int(row) + column % 1, int(column) + row % 1)),
            "The right four pixels, but the fraction of the row does the column's work, and the reverse.",
        ),
        Mistake(
            "mean of the four",
            _at(lambda row, column: (int(row) + 0.5, int(column) + 0.5)),
            "All four count alike in yours. The nearer a pixel, the more it should.",
        ),
        Mistake(
            "along the row only",
            _at(lambda row, column: (int(row), column)),
            "You interpolate to the right, but not downwards.",
        ),
        Mistake(
            "down the column only",
            _at(lambda row, column: (row, int(column))),
            "You interpolate downwards, but not to the right.",
        ),
        Mistake(
            "two on a diagonal",
            _diagonal,
            "Only two pixels on a diagonal count in yours. There are four around.",
        ),
    ),
)


# --- one pixel of the bilateral filter ----------------------------------------------------------------------------


def _bilateral_problem(rng: Rng) -> tuple[np.ndarray, float, float]:
    side = int(rng.choice([3, 5, 7]))
    return rng.random((side, side)), float(rng.uniform(0.7, 2)), float(rng.uniform(0.1, 0.5))


def _gauss(distance: np.ndarray, sigma: float) -> np.ndarray:
    return np.exp(-(distance**2) / (2 * sigma**2))


def _weights(window: np.ndarray, sigma_space: float, sigma_range: float) -> tuple[np.ndarray, np.ndarray]:
    """By how near, and by how alike."""
    middle = len(window) // 2
    window = window.astype(float)
    near = _gauss(np.hypot(*(np.indices(window.shape) - middle)), sigma_space)
    return near, _gauss(window - window[middle, middle], sigma_range)


def _weighted(weights: np.ndarray, window: np.ndarray) -> float:
    return float((weights * window).sum() / weights.sum())


def _bilateral(window: np.ndarray, sigma_space: float, sigma_range: float) -> float:
    near, alike = _weights(window, sigma_space, sigma_range)
    return _weighted(near * alike, window)


def _not_normalised(window: np.ndarray, sigma_space: float, sigma_range: float) -> float:
    near, alike = _weights(window, sigma_space, sigma_range)
    return float((near * alike * window).sum())


def _normalised_in_space(window: np.ndarray, sigma_space: float, sigma_range: float) -> float:
    near, alike = _weights(window, sigma_space, sigma_range)
    return float((near * alike * window).sum() / near.sum())


def _weights_added(window: np.ndarray, sigma_space: float, sigma_range: float) -> float:
    near, alike = _weights(window, sigma_space, sigma_range)
    return _weighted(near + alike, window)


def _from_the_corner(window: np.ndarray, sigma_space: float, sigma_range: float) -> float:
    _, alike = _weights(window, sigma_space, sigma_range)
    return _weighted(_gauss(np.hypot(*np.indices(window.shape)), sigma_space) * alike, window)


def _from_the_mean(window: np.ndarray, sigma_space: float, sigma_range: float) -> float:
    near, _ = _weights(window, sigma_space, sigma_range)
    return _weighted(near * _gauss(window - window.mean(), sigma_range), window)


def _middle_left_out(window: np.ndarray, sigma_space: float, sigma_range: float) -> float:
    near, alike = _weights(window, sigma_space, sigma_range)
    near[len(window) // 2, len(window) // 2] = 0
    return _weighted(near * alike, window)


bilateral_pixel = Checker(
    title="One pixel of the bilateral filter",
    reference=_bilateral,
    problem=_bilateral_problem,
    first_hint="One weight for each pixel: how near it is, times how alike. Then a mean with these weights.",
    cases=(
        Case("one pixel", lambda rng: (rng.random((1, 1)), 1.0, 0.2), "But the window may be a single pixel."),
        Case("flat", lambda rng: (np.full((3, 3), 0.4), 1.0, 0.2), "But the window may be flat."),
        Case(
            "a speck",
            lambda rng: (np.pad([[1.0]], 2), 1.0, 0.01),
            "But the middle may be unlike all others: then it keeps its own company.",
        ),
        Case(
            "bytes",
            lambda rng: (rng.integers(0, 256, (5, 5), dtype=np.uint8), 1.5, 40.0),
            "But the window may hold bytes, and the difference of two bytes may be negative.",
        ),
        Case("large window", lambda rng: (rng.random((11, 11)), 2.5, 0.3), "But the window may be 11 × 11."),
    ),
    mistakes=(
        Mistake(
            "not normalised",
            _not_normalised,
            "That is the numerator. On a flat window the filter must give back its brightness.",
        ),
        Mistake(
            "normalised in space only",
            _normalised_in_space,
            "You divide by the sum of the distances' weights. By which weights have you multiplied?",
        ),
        Mistake(
            "space only",
            lambda window, sigma_space, sigma_range: _weighted(_weights(window, sigma_space, 1.0)[0], window),
            "That is the Gaussian blur, which asks only how near a pixel is. It averages across edges.",
        ),
        Mistake(
            "range only",
            lambda window, sigma_space, sigma_range: _weighted(_weights(window, 1.0, sigma_range)[1], window),
            "You ask only how alike a pixel is, not how near.",
        ),
        Mistake(
            "widths exchanged",
            lambda window, sigma_space, sigma_range: _bilateral(window, sigma_range, sigma_space),
            "The two widths have changed places.",
        ),
        Mistake(
            "two forgotten",
            lambda window, sigma_space, sigma_range: _bilateral(
                window, sigma_space / np.sqrt(2), sigma_range / np.sqrt(2)
            ),
            "Your Gaussians are narrower than they should be, by the root of 2. Look at the exponent again.",
        ),
        Mistake(
            "widths not squared",
            lambda window, sigma_space, sigma_range: _bilateral(window, np.sqrt(sigma_space), np.sqrt(sigma_range)),
            "In your exponents σ is not squared. Both distance and width carry a unit; the exponent has none.",
        ),
        Mistake(
            "weights added",
            _weights_added,
            "You add the two Gaussians: a pixel counts if it is near *or* alike. Both are asked for.",
        ),
        Mistake(
            "distance from the corner",
            _from_the_corner,
            "Your distances count from the corner of the window. Where is the pixel that is being filtered?",
        ),
        Mistake(
            "compared with the mean",
            _from_the_mean,
            "You compare brightness with the window's mean. Alike to what?",
        ),
        Mistake(
            "middle left out",
            _middle_left_out,
            "The pixel itself does not count in yours. How near and how alike is it to itself?",
        ),
    ),
)

#: Every checker of the chapter, for the tests.
CHECKERS = (halves, unsharp, median3, between, bilateral_pixel)
