"""Checkers for chapter 5, convolution in two dimensions."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convlib.exercises._draw import sides
from convlib.exercises.checker import Case, Checker, Mistake

Rng = np.random.Generator


# --- stamps -------------------------------------------------------------------------------------------------------


def _images_problem(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=sides(rng, 5, 8)), rng.normal(size=sides(rng, 2, 4))


def _full(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    y = np.zeros((len(x) + len(w) - 1, x.shape[1] + w.shape[1] - 1))
    for (row, column), weight in np.ndenumerate(w):
        y[row : row + len(x), column : column + x.shape[1]] += float(weight) * x
    return y


def _same(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    above, left = (len(w) - 1) // 2, (w.shape[1] - 1) // 2
    return _full(x, w)[above : above + len(x), left : left + x.shape[1]]


def _stamps_overwritten(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    y = np.zeros((len(x) + len(w) - 1, x.shape[1] + w.shape[1] - 1))
    for (row, column), pixel in np.ndenumerate(x):
        y[row : row + len(w), column : column + w.shape[1]] = pixel * w
    return y


def _last_taps_forgotten(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return np.pad(_full(x, w[:-1, :-1]), ((0, 1), (0, 1)))


stamps = Checker(
    title="Stamps",
    reference=_full,
    problem=_images_problem,
    first_hint="Pixel [r, c] adds all of w, scaled by x[r, c], to a result of zeros. Where does that stamp begin?",
    cases=(
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-9, 10, (4, 6)), rng.normal(size=(3, 2))),
            "But x may hold whole numbers while w does not: the result must hold fractions.",
        ),
        Case(
            "bytes",
            lambda rng: (rng.integers(128, 256, (4, 6), dtype=np.uint8), rng.integers(3, 10, (3, 2))),
            "But x may hold bytes, and what you add up no longer fits into one.",
        ),
        Case("one weight", lambda rng: (rng.normal(size=(4, 6)), rng.normal(size=(1, 1))), "But w may be 1 × 1."),
        Case("equally large", lambda rng: tuple(rng.normal(size=(2, 4, 5))), "But w may be as large as x."),
        Case(
            "large kernel",
            lambda rng: (rng.normal(size=(2, 3)), rng.normal(size=(5, 4))),
            "But w may be larger than x.",
        ),
        Case(
            "one row",
            lambda rng: (rng.normal(size=(1, 7)), rng.normal(size=(1, 3))),
            "But x and w may have a single row.",
        ),
        Case(
            "a column and a row",
            lambda rng: (rng.normal(size=(6, 1)), rng.normal(size=(1, 4))),
            "But x may be a single column, and w a single row.",
        ),
    ),
    mistakes=(
        Mistake(
            "turned",
            lambda x, w: _full(x, w[::-1, ::-1]),
            "Your stamps are turned by 180°: that is the correlation. Try a single dot: what should one see?",
        ),
        Mistake(
            "upside down",
            lambda x, w: _full(x, w[::-1]),
            "The rows of your stamps come in reverse order, a mirror image. A dot shows the kernel as it is.",
        ),
        Mistake(
            "mirrored",
            lambda x, w: _full(x, w[:, ::-1]),
            "Each row of your stamps runs backwards, left for right. A dot shows the kernel as it is.",
        ),
        Mistake(
            "kernel transposed",
            lambda x, w: _full(x, w.T),
            "Your stamps have as many rows as w has columns. Which index of w counts rows?",
        ),
        Mistake(
            "result transposed",
            lambda x, w: _full(x, w).T,
            "The right numbers, lying on their side: rows and columns of the result have changed places.",
        ),
        Mistake(
            "same",
            _same,
            "The shape is that of x: 'same'. Stamps reach beyond the image, and the full result keeps all of them.",
        ),
        Mistake(
            "cut short",
            lambda x, w: _full(x, w)[: len(x), : x.shape[1]],
            "The result stops where x stops. How far do the stamps of the last row and column reach?",
        ),
        Mistake(
            "stamps overwritten",
            _stamps_overwritten,
            "Each stamp overwrites what the earlier ones have left there. Where stamps overlap, their sum is wanted.",
        ),
        Mistake(
            "images overwritten",
            lambda x, w: np.block(
                [[w[:-1, :-1] * x[0, 0], w[:-1, -1:] * x[:1]], [w[-1:, :-1] * x[:, :1], w[-1, -1] * x]]
            ),
            "Each shifted image overwrites what the earlier taps have left: of most products nothing remains.",
        ),
        Mistake(
            "last taps forgotten",
            _last_taps_forgotten,
            "The last row and column of w have no effect. range(n) already stops before n.",
        ),
    ),
)


# --- the matrix of windows ----------------------------------------------------------------------------------------


def _windows_problem(rng: Rng) -> tuple[np.ndarray, int, int]:
    return rng.normal(size=sides(rng, 6, 9)), *sides(rng, 2, 4)


def _padded_windows(x: np.ndarray, K: int, L: int) -> np.ndarray:
    border = [((side - 1) // 2, side // 2) for side in (K, L)]
    return sliding_window_view(np.pad(x, border), (K, L)).reshape(-1, K * L)


windows = Checker(
    title="The matrix of windows",
    reference=lambda x, K, L: sliding_window_view(x, (K, L)).reshape(-1, K * L),
    problem=_windows_problem,
    first_hint="How many windows fit below each other, how many side by side? So many rows, each of K L numbers.",
    cases=(
        Case("one pixel", lambda rng: (rng.normal(size=(3, 5)), 1, 1), "But a window may be a single pixel."),
        Case(
            "one window",
            lambda rng: (rng.normal(size=(3, 5)), 3, 5),
            "But the window may be as large as x: one row, and a matrix all the same.",
        ),
        Case("one row", lambda rng: (rng.normal(size=(1, 8)), 1, 3), "But x may have a single row."),
        Case("one column", lambda rng: (rng.normal(size=(7, 1)), 3, 1), "But x may have a single column."),
        Case("square", lambda rng: (rng.normal(size=(5, 5)), 3, 3), "But x and the window may be squares."),
    ),
    mistakes=(
        Mistake(
            "flipped",
            lambda x, K, L: sliding_window_view(x, (K, L)).reshape(-1, K * L)[:, ::-1],
            "Your windows are turned by 180°. Turning is for the kernel, and comes later.",
        ),
        Mistake(
            "transposed",
            lambda x, K, L: sliding_window_view(x, (K, L)).reshape(-1, K * L).T,
            "Your windows are the columns of the matrix. Which side of a product does the kernel stand on?",
        ),
        Mistake(
            "down the columns",
            lambda x, K, L: sliding_window_view(x, (K, L)).swapaxes(0, 1).reshape(-1, K * L),
            "The right windows in another order: yours go down first. In reading order, which index changes fastest?",
        ),
        Mistake(
            "written down the columns",
            lambda x, K, L: sliding_window_view(x, (K, L)).swapaxes(2, 3).reshape(-1, K * L),
            "Each window is written out column by column. How does one read a page?",
        ),
        Mistake(
            "sides exchanged",
            lambda x, K, L: sliding_window_view(x, (L, K)).reshape(-1, K * L),
            "Your windows have L rows and K columns.",
        ),
        Mistake(
            "side by side",
            lambda x, K, L: sliding_window_view(x, (K, L))[::K, ::L].reshape(-1, K * L),
            "Your windows lie beside each other like tiles. They slide, by one pixel at a time, and overlap.",
        ),
        Mistake(
            "last ones missing",
            lambda x, K, L: sliding_window_view(x, (K, L))[:-1, :-1].reshape(-1, K * L),
            "The last window of each row of windows is missing, and so is the last row. Count those of 3 pixels in 5.",
        ),
        Mistake(
            "over the edge",
            _padded_windows,
            "Some of your windows hang out over the edge and see zeros. Here only those inside count.",
        ),
        Mistake(
            "not written out",
            lambda x, K, L: sliding_window_view(x, (K, L)).reshape(-1, K, L),
            "The right windows, each still a table. A row of the matrix is flat.",
        ),
        Mistake(
            "four axes",
            lambda x, K, L: sliding_window_view(x, (K, L)),
            "That is the view with four axes. Two of them make the rows of the matrix, two its columns.",
        ),
    ),
)


# --- the nearest separable kernel ---------------------------------------------------------------------------------


def _kernel_problem(rng: Rng) -> tuple[np.ndarray]:
    rows, columns = sides(rng, 3, 6)
    # One term well above the others: whoever finds it by iterating shall not have to wait.
    outstanding = np.outer(1 + rng.random(rows), rng.choice([-1, 1], columns) * (1 + rng.random(columns)))
    return (outstanding + 0.3 * rng.normal(size=(rows, columns)),)


def _term(w: np.ndarray, number: int, power: float = 1.0) -> np.ndarray:
    u, weights, v = np.linalg.svd(w)
    return weights[number] ** power * np.outer(u[:, number], v[number])


def _column_of_v(w: np.ndarray) -> np.ndarray:
    u, weights, v = np.linalg.svd(w)
    return weights[0] * np.outer(u[:, 0], v[:, 0])


def _row_of_u(w: np.ndarray) -> np.ndarray:
    u, weights, v = np.linalg.svd(w)
    return weights[0] * np.outer(u[0], v[0])


nearest_separable = Checker(
    title="The nearest separable kernel",
    reference=lambda w: _term(w, 0),
    problem=_kernel_problem,
    first_hint="np.linalg.svd(w) returns columns, weights and rows. The weights come with the largest first.",
    cases=(
        Case(
            "separable already",
            lambda rng: (np.outer(rng.normal(size=3), rng.normal(size=4)),),
            "But w may be separable already: then it is its own nearest.",
        ),
        Case(
            "whole numbers",
            lambda rng: (np.array([[0, 1, 0], [1, -5, 1], [0, 1, 0]]),),
            "But w may hold whole numbers; the nearest separable kernel does not.",
        ),
        Case(
            "even sides",
            lambda rng: (np.outer([1.0, 2.0], [2.0, 1.0, 1.0, -2.0]) + 0.2 * rng.normal(size=(2, 4)),),
            "But the sides of w may be even: it has no middle.",
        ),
        Case("one row", lambda rng: (rng.normal(size=(1, 5)),), "But w may have a single row."),
        Case("one column", lambda rng: (rng.normal(size=(4, 1)),), "But w may have a single column."),
        Case("one weight", lambda rng: (-1 - rng.random((1, 1)),), "But w may be 1 × 1, and negative."),
    ),
    mistakes=(
        Mistake(
            "singular value forgotten",
            lambda w: _term(w, 0, 0.0),
            "The right pattern, too weak or too strong: columns and rows of the decomposition have length 1. "
            "Where has the size of w gone?",
        ),
        Mistake(
            "root of the singular value",
            lambda w: _term(w, 0, 0.5),
            "The factor is the root of what it should be. Whoever shares it between column and row must give to both.",
        ),
        Mistake(
            "singular value squared",
            lambda w: _term(w, 0, 2.0),
            "The factor comes in twice: it is the square of what it should be.",
        ),
        Mistake(
            "column of v",
            _column_of_v,
            "The third table that NumPy returns is transposed already. Do the terms' rows stand in its columns?",
        ),
        Mistake(
            "row of u",
            _row_of_u,
            "From the first table you take a row. Which of its axes counts the terms?",
        ),
        Mistake(
            "last term",
            lambda w: _term(w, min(w.shape) - 1),
            "That is the last term, the smallest of all. In which order do the weights come?",
        ),
        Mistake(
            "all terms",
            lambda w: w.copy(),
            "That is w as it was, the sum of all terms. Is each of its rows a multiple of one row?",
        ),
        Mistake(
            "sums",
            lambda w: np.outer(w.sum(axis=1), w.sum(axis=0)) / w.sum(),
            "Sums of rows times sums of columns: separable, and w itself if that was separable. Nearest it is not.",
        ),
        Mistake(
            "middle column and row",
            lambda w: np.outer(w[:, w.shape[1] // 2], w[len(w) // 2]) / w[len(w) // 2, w.shape[1] // 2],
            "Your kernel agrees with w in the middle column and row, at the cost of all the rest. All pixels count.",
        ),
    ),
)


# --- a box of any size at one price -------------------------------------------------------------------------------


def _box_problem(rng: Rng) -> tuple[np.ndarray, int]:
    return rng.normal(size=sides(rng, 6, 9)), int(rng.integers(2, 5))


def _box_sum(x: np.ndarray, size: int) -> np.ndarray:
    return sliding_window_view(x, (size, size)).sum(axis=(2, 3), dtype=float)


def _table(x: np.ndarray) -> np.ndarray:
    return np.pad(x.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))


def _same_means(x: np.ndarray, size: int) -> np.ndarray:
    border = ((size - 1) // 2, size // 2)
    return _box_sum(np.pad(x, (border, border)), size) / size**2


def _down_only(x: np.ndarray, size: int) -> np.ndarray:
    table = np.pad(x.cumsum(axis=0), ((1, 0), (1, 0)))
    below = table[size:] - table[:-size]
    return (below[:, size:] - below[:, :-size]) / size**2


box_mean = Checker(
    title="A box of any size at one price",
    reference=lambda x, size: _box_sum(x, size) / size**2,
    problem=_box_problem,
    first_hint="The table has a row and a column more than x. Draw a box: which corners does it take, with which sign?",
    cases=(
        Case("one pixel", lambda rng: (rng.normal(size=(3, 5)), 1), "But a box may be a single pixel."),
        Case("one box", lambda rng: (rng.normal(size=(5, 5)), 5), "But the box may be as large as x."),
        Case("one row of boxes", lambda rng: (rng.normal(size=(3, 8)), 3), "But the box may be as high as x."),
        Case("one row", lambda rng: (rng.normal(size=(1, 6)), 1), "But x may have a single row."),
        Case(
            "bytes",
            lambda rng: (rng.integers(128, 256, (9, 12), dtype=np.uint8), 4),
            "But x may hold bytes: neither a sum of bytes nor a mean is one.",
        ),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-9, 10, (5, 7)), 2),
            "But x may hold whole numbers; their mean is a fraction.",
        ),
    ),
    mistakes=(
        Mistake("sum", _box_sum, "Those are sums. Of how many pixels?"),
        Mistake(
            "divided once",
            lambda x, size: _box_sum(x, size) / size,
            "You divide by the side of the box. How many pixels does it hold?",
        ),
        Mistake(
            "no row of zeros",
            lambda x, size: (_box_sum(x, size) / size**2)[1:, 1:],
            "The boxes of the first row and column are missing: your table has nothing above and left of x. "
            "What is a sum of no pixels?",
        ),
        Mistake(
            "last ones missing",
            lambda x, size: (_box_sum(x, size) / size**2)[:-1, :-1],
            "The boxes that touch the last row and column are missing. Count those of 2 pixels in 5.",
        ),
        Mistake(
            "corner not added back",
            lambda x, size: (_box_sum(x, size) - _table(x)[:-size, :-size]) / size**2,
            "What lies above the box and left of it has been taken off twice.",
        ),
        Mistake(
            "corner subtracted",
            lambda x, size: (_box_sum(x, size) - 2 * _table(x)[:-size, :-size]) / size**2,
            "One of your four signs is wrong. How often has each pixel outside the box been taken off?",
        ),
        Mistake(
            "summed down only",
            _down_only,
            "Your table sums down the columns, but not along the rows: it must hold all that lies above *and* left.",
        ),
        Mistake(
            "same",
            _same_means,
            "Your result is as large as x: at the edge the boxes average zeros in. Only boxes inside are asked for.",
        ),
        Mistake(
            "rounded down",
            lambda x, size: _box_sum(x, size) // size**2,
            "You divide with //, which rounds down.",
        ),
    ),
)

#: Every checker of the chapter, for the tests.
CHECKERS = (stamps, windows, nearest_separable, box_mean)
