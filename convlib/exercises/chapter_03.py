"""Checkers for chapter 3, discrete convolution."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convlib.convolution import convolution_matrix
from convlib.exercises.checker import Case, Checker, Mistake

Rng = np.random.Generator


# --- one loop over the taps ---------------------------------------------------------------------------------------


def _sequences_problem(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=int(rng.integers(8, 14))), rng.normal(size=int(rng.integers(3, 7)))


def _last_tap_forgotten(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return np.append(np.convolve(x, w[:-1]), 0.0)


def _one_late(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return np.append(0.0, np.convolve(x, w))[:-1]


by_taps = Checker(
    title="One loop over the taps",
    reference=np.convolve,
    problem=_sequences_problem,
    first_hint="Tap k adds all of x, delayed by k and scaled by w[k], to a result of N + K - 1 zeros.",
    cases=(
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-9, 10, 8), rng.normal(size=3)),
            "But x may hold whole numbers while w does not: the result must hold fractions.",
        ),
        Case("one tap", lambda rng: (rng.normal(size=8), rng.normal(size=1)), "But w may have a single tap."),
        Case("long kernel", lambda rng: (rng.normal(size=3), rng.normal(size=8)), "But w may be longer than x."),
    ),
    mistakes=(
        Mistake(
            "not flipped",
            lambda x, w: np.convolve(x, w[::-1]),
            "Your taps come in reverse order: that is the cross-correlation. Tap 0 does not delay at all.",
        ),
        Mistake(
            "cut short",
            lambda x, w: np.convolve(x, w)[: len(x)],
            "The result stops where x stops, but the delayed copies reach further: N + K - 1 samples.",
        ),
        Mistake(
            "last tap forgotten",
            _last_tap_forgotten,
            "The last tap is missing. range(len(w)) already stops before len(w).",
        ),
        Mistake(
            "one late",
            _one_late,
            "Everything comes one sample late: taps are counted from 0, and tap 0 does not delay.",
        ),
        Mistake(
            "overwritten",
            lambda x, w: np.concatenate([w[:-1] * x[0], w[-1] * x]),
            "Each tap overwrites what the earlier ones have left. Add to it: +=, not =.",
        ),
        Mistake(
            "delays forgotten",
            lambda x, w: np.append(w.sum() * x, np.zeros(len(w) - 1)),
            "All copies of x start at 0, so you scale x by the sum of the taps. Tap k delays by k.",
        ),
    ),
)


# --- the middle ---------------------------------------------------------------------------------------------------


def _middle_problem(rng: Rng, taps: int) -> tuple[np.ndarray, int, int]:
    size = int(rng.integers(6, 12))
    return rng.normal(size=size + taps - 1), size, taps


def _from(first: Callable[[int], int]) -> Callable[[np.ndarray, int, int], np.ndarray]:
    return lambda full, size, taps: full[first(taps) : first(taps) + size]


middle = Checker(
    title="The middle",
    reference=_from(lambda taps: (taps - 1) // 2),
    problem=lambda rng: _middle_problem(rng, 4),
    draw=lambda rng: [_middle_problem(rng, taps) for taps in (2, 3, 4, 5) for _ in range(2)],  # even and odd
    first_hint="Of the taps - 1 samples that are dropped, how many are dropped at the start?",
    cases=(
        Case("one tap", lambda rng: (rng.normal(size=7), 7, 1), "But the kernel may have one tap: nothing is dropped."),
        Case(
            "long kernel",
            lambda rng: (rng.normal(size=12), 4, 9),
            "But the kernel may be longer than the sequence, which has `size` samples all the same.",
        ),
    ),
    mistakes=(
        Mistake(
            "half a kernel",
            _from(lambda taps: taps // 2),
            "Right for odd kernels. An even one has no middle, and there SciPy starts at (taps - 1) // 2.",
        ),
        Mistake("from the start", _from(lambda taps: 0), "You keep the first samples. 'same' drops some at both ends."),
        Mistake(
            "to the end",
            _from(lambda taps: taps - 1),
            "You keep the last samples, from the first full overlap on. 'same' drops some at both ends.",
        ),
        Mistake(
            "valid",
            lambda full, size, taps: full[taps - 1 : size],
            "That is 'valid': only full overlaps. 'same' has as many samples as the input.",
        ),
        Mistake(
            "one too many",
            lambda full, size, taps: full[(taps - 1) // 2 : (taps - 1) // 2 + size + 1],
            "The right start, but one sample too many: count again from first to first + size.",
        ),
    ),
)


# --- multiply numbers ---------------------------------------------------------------------------------------------


def _digits_problem(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    a, b = rng.integers(0, 10, int(rng.integers(5, 9))), rng.integers(0, 10, int(rng.integers(5, 9)))
    a[-1], b[-1] = rng.integers(7, 10, 2)
    return a, b


def _product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """By Python's own whole numbers, which have no end."""
    number = int("".join(map(str, a[::-1]))) * int("".join(map(str, b[::-1])))
    return np.array([int(digit) for digit in reversed(str(number).zfill(len(a) + len(b)))])


def _carried(columns: np.ndarray) -> np.ndarray:
    digits = np.append(columns, 0)
    for n in range(len(digits) - 1):
        digits[n + 1] += digits[n] // 10
        digits[n] %= 10
    return digits


def _carried_once(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    columns = np.append(np.convolve(a, b), 0)
    return columns % 10 + np.append(0, columns[:-1] // 10)


multiply = Checker(
    title="Multiply numbers",
    reference=_product,
    problem=_digits_problem,
    first_hint="Convolve, then carry from the units upwards: a column keeps its remainder by 10 and hands on the rest.",
    cases=(
        Case(
            "short product",
            lambda rng: (np.array([2, 1]), np.array([3])),
            "But a product may have a digit less: 12 times 3 is 36, and as three digits 6, 3, 0.",
        ),
        Case(
            "zero",
            lambda rng: (np.zeros(3, int), rng.integers(1, 10, 2)),
            "But a number may be 0; its product has len(a) + len(b) digits all the same.",
        ),
        Case(
            "a long carry",
            lambda rng: (np.full(12, 9), np.full(12, 9)),
            "But a carry may run through many columns, and a column may hold more than 255.",
        ),
        Case(
            "many digits",
            lambda rng: (rng.integers(1, 10, 60), rng.integers(1, 10, 50)),
            "But the numbers may be longer than 64 bits hold; the columns are not.",
        ),
    ),
    mistakes=(
        Mistake(
            "nothing carried",
            lambda a, b: np.append(np.convolve(a, b), 0),
            "Those are the columns before carrying. A digit is between 0 and 9.",
        ),
        Mistake(
            "carried once",
            _carried_once,
            "You carry every column at once, but what is handed on may make the next column overflow too. Go upwards.",
        ),
        Mistake(
            "carries lost",
            lambda a, b: np.append(np.convolve(a, b) % 10, 0),
            "You keep the remainders and lose the carries: they belong to the next column.",
        ),
        Mistake(
            "largest first",
            lambda a, b: _carried(np.convolve(a, b))[::-1],
            "The right digits, largest first. The exercise wants the units first.",
        ),
        Mistake(
            "carried downwards",
            lambda a, b: _carried(np.convolve(a, b)[::-1])[::-1],
            "You carry towards the units. Index 0 holds the units; the carry goes to index 1.",
        ),
        Mistake(
            "digit by digit",
            lambda a, b: _carried(np.append(a[: min(len(a), len(b))] * b[: min(len(a), len(b))], 0))[:-1],
            "You multiply units with units, tens with tens. At school every digit meets every other.",
        ),
        Mistake(
            "last digit missing",
            lambda a, b: _carried(np.convolve(a, b))[:-1],
            "The last carry needs a place: len(a) + len(b) digits.",
        ),
    ),
)


# --- the matrix ---------------------------------------------------------------------------------------------------


def _matrix_problem(rng: Rng) -> tuple[np.ndarray, int]:
    return rng.normal(size=int(rng.integers(2, 5))), int(rng.integers(5, 8))


matrix = Checker(
    title="The matrix",
    reference=convolution_matrix,
    problem=_matrix_problem,
    first_hint="Column m is what an impulse at m turns into: w, starting at row m.",
    cases=(
        Case("one tap", lambda rng: (rng.normal(size=1), 4), "But w may have a single tap."),
        Case("long kernel", lambda rng: (rng.normal(size=6), 3), "But w may be longer than x."),
        Case("one sample", lambda rng: (rng.normal(size=3), 1), "But x may have a single sample: one column."),
    ),
    mistakes=(
        Mistake(
            "transposed",
            lambda w, size: convolution_matrix(w, size).T,
            "That is the transpose: rows and columns have changed places. It has one column for each sample of x.",
        ),
        Mistake(
            "not flipped",
            lambda w, size: convolution_matrix(w[::-1], size),
            "Your columns hold w backwards: this matrix correlates. It is the *rows* that show w flipped.",
        ),
        Mistake(
            "square",
            lambda w, size: convolution_matrix(w, size)[:size],
            "The last rows are missing: the full result has size + len(w) - 1 samples.",
        ),
        Mistake(
            "same",
            lambda w, size: convolution_matrix(w, size, "same"),
            "That is the matrix for 'same', with rows missing at both ends.",
        ),
        Mistake(
            "circular",
            lambda w, size: convolution_matrix(w, size, "circular"),
            "The weights come in again at the other side: that is circular convolution.",
        ),
        Mistake(
            "one row too low",
            lambda w, size: np.roll(np.pad(convolution_matrix(w, size), ((0, 1), (0, 0))), 1, axis=0)[:-1],
            "Every column starts one row too low: column m starts at row m.",
        ),
    ),
)


# --- round the clock ----------------------------------------------------------------------------------------------


def _clock_problem(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=int(rng.integers(8, 12))), rng.normal(size=int(rng.integers(3, 7)))


def _circular(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return convolution_matrix(w, len(x), "circular") @ x


def _folded_to_the_end(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    full = np.convolve(x, w)
    y = full[: len(x)].copy()
    y[-(len(w) - 1) :] += full[len(x) :]
    return y


def _folded_late(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    full = np.convolve(x, w)
    y = full[: len(x)].copy()
    y[1 : len(w)] += full[len(x) :]
    return y


round_the_clock = Checker(
    title="Round the clock",
    reference=_circular,
    problem=_clock_problem,
    first_hint="Take the full result. What stands at index N belongs to index 0, what stands at N + 1 to index 1.",
    cases=(
        Case("one tap", lambda rng: (rng.normal(size=8), rng.normal(size=1)), "But w may have a single tap."),
        Case("equally long", lambda rng: tuple(rng.normal(size=(2, 7))), "But w may be as long as x."),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-9, 10, 8), rng.normal(size=3)),
            "But x may hold whole numbers while w does not: the result must hold fractions.",
        ),
    ),
    mistakes=(
        Mistake(
            "tail cut off",
            lambda x, w: np.convolve(x, w)[: len(x)],
            "You cut the tail off. On a clock it comes round and is added at the start.",
        ),
        Mistake("linear", lambda x, w: np.convolve(x, w), "That is the linear convolution, longer than the clock."),
        Mistake(
            "not flipped",
            lambda x, w: convolution_matrix(w, len(x), "circular").T @ x,
            "The window goes round unflipped: circular correlation. In x[(n - k) % N] the index falls as k rises.",
        ),
        Mistake(
            "folded to the end",
            _folded_to_the_end,
            "The tail is added to the last samples. It runs over the end, and so comes in at the start.",
        ),
        Mistake("one too late", _folded_late, "Off by one: the first sample beyond the end belongs to index 0."),
        Mistake(
            "centred",
            lambda x, w: np.roll(_circular(x, w), -((len(w) - 1) // 2)),
            "The right samples, moved round by half a kernel, as mode='same' has it. Here y[0] holds w[0] x[0].",
        ),
    ),
)


# --- undo a convolution -------------------------------------------------------------------------------------------


def _undo(y: np.ndarray, w: np.ndarray) -> np.ndarray:
    size = len(y) - len(w) + 1
    return np.linalg.lstsq(convolution_matrix(w, size), y, rcond=None)[0]


def _undo_problem(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    w = np.append(rng.choice([-1.5, 1.3, 2.0]), 0.5 * rng.normal(size=int(rng.integers(1, 4))))
    return np.convolve(rng.normal(size=int(rng.integers(5, 9))), w), w


def _halves(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """All is whole but x, which are halves."""
    doubled = np.append(3, rng.integers(-9, 10, 5))
    return np.convolve(doubled, [2, 1]), np.array([4, 2])


def _feedback_forgotten(y: np.ndarray, w: np.ndarray) -> np.ndarray:
    return y[: len(y) - len(w) + 1] / w[0]


def _not_divided(y: np.ndarray, w: np.ndarray) -> np.ndarray:
    return _undo(y, w) * w[0]


def _fed_with_y(y: np.ndarray, w: np.ndarray) -> np.ndarray:
    size = len(y) - len(w) + 1
    sums = [sum(w[k] * y[n - k] for k in range(1, min(len(w), n + 1))) for n in range(size)]
    return (y[:size] - np.array(sums)) / w[0]


undo = Checker(
    title="Undo a convolution",
    reference=_undo,
    problem=_undo_problem,
    first_hint="y[0] = w[0] x[0] gives x[0]. Then y[1] = w[0] x[1] + w[1] x[0] has one unknown left, and so on.",
    tolerance=1e-6,
    cases=(
        Case(
            "last tap zero",
            lambda rng: (np.convolve(rng.normal(size=6), [1.5, 0.4, 0.0]), np.array([1.5, 0.4, 0.0])),
            "But the last tap may be 0: only w[0] is promised not to be.",
        ),
        Case(
            "one tap",
            lambda rng: (rng.normal(size=5), np.array([2.0])),
            "But w may have a single tap.",
        ),
        Case(
            "long kernel",
            lambda rng: ((w := np.append(2.0, rng.uniform(-0.2, 0.2, 7))), np.convolve(rng.normal(size=3), w))[::-1],
            "But w may be longer than x.",
        ),
        Case("whole numbers", _halves, "But y and w may hold whole numbers, and x fractions."),
    ),
    mistakes=(
        Mistake(
            "divided only",
            _feedback_forgotten,
            "Dividing by w[0] is the last step. First subtract what the samples found so far contribute to y[n].",
        ),
        Mistake("not divided", _not_divided, "Every sample still carries the factor w[0]: divide by it."),
        Mistake(
            "fed with y",
            _fed_with_y,
            "You subtract w[k] y[n - k]. What reaches y[n] from earlier are samples of x, those you have recovered.",
        ),
        Mistake(
            "convolved again",
            lambda y, w: np.convolve(y, w),
            "That convolves a second time. The task goes the other way.",
        ),
        Mistake(
            "reciprocal taps",
            lambda y, w: np.convolve(y, 1 / w)[: len(y) - len(w) + 1],
            "Convolving with 1 / w does not undo anything: the inverse of a kernel is not taken tap by tap.",
        ),
        Mistake(
            "too long",
            lambda y, w: np.append(_undo(y, w), np.zeros(len(w) - 1)),
            "The right samples, with zeros behind. x has len(y) - len(w) + 1 of them.",
        ),
    ),
)

#: Every checker of the chapter, for the tests.
CHECKERS = (by_taps, middle, multiply, matrix, round_the_clock, undo)
