"""Checkers for chapter 1, the convolution integral."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convlib.exercises.checker import Case, Checker, Mistake, Verdict, as_numbers

Rng = np.random.Generator
_FLIP = (
    "You have slid w along x without flipping it: that is cross-correlation. In y[n] the index of x falls as k rises."
)


# --- one point of the output --------------------------------------------------------------------------------------


def _one_point(x: np.ndarray, w: np.ndarray, n: int) -> float:
    return float(sum(w[k] * x[n - k] for k in range(len(w)) if 0 <= n - k < len(x)))


def _one_point_unflipped(x: np.ndarray, w: np.ndarray, n: int) -> float:
    return float(sum(w[k] * x[n + k] for k in range(len(w)) if 0 <= n + k < len(x)))


def _one_point_wrapped(x: np.ndarray, w: np.ndarray, n: int) -> float:
    # Python's x[-1] is the last sample, not a zero before the first.
    return float(sum(w[k] * x[n - k] for k in range(len(w)) if -len(x) <= n - k < len(x)))


def _one_point_problem(rng: Rng) -> tuple[np.ndarray, np.ndarray, int]:
    size, taps = int(rng.integers(6, 12)), int(rng.integers(3, 6))
    return rng.normal(size=size), rng.normal(size=taps), int(rng.integers(0, taps - 1))


def _point_at(least: int, most: int) -> Callable[[Rng], tuple[np.ndarray, np.ndarray, int]]:
    """Problems of 8 samples and 4 taps with n in a range."""
    return lambda rng: (rng.normal(size=8), rng.normal(size=4), int(rng.integers(least, most + 1)))


one_point = Checker(
    title="One point of the output",
    reference=_one_point,
    problem=_one_point_problem,
    first_hint="Loop over k; x[n - k] counts only if n - k is an index of x.",
    cases=(
        Case("inside", _point_at(4, 7), "But here n is beyond the last tap: all of w meets samples of x."),
        Case("beyond x", _point_at(8, 10), "But n may lie beyond the end of x: samples that are not there count as 0."),
        Case("beyond all", _point_at(11, 14), "But n may lie beyond everything; the answer is then 0."),
        Case(
            "long kernel",
            lambda rng: (rng.normal(size=3), rng.normal(size=7), int(rng.integers(0, 9))),
            "But w may be longer than x.",
        ),
    ),
    mistakes=(
        Mistake("not flipped", _one_point_unflipped, _FLIP),
        Mistake(
            "wraps around",
            _one_point_wrapped,
            "Near the start n - k is negative, and Python reads x[-1] as the last sample. There it must be 0.",
        ),
        Mistake(
            "off by one",
            lambda x, w, n: _one_point(x, w, n - 1),
            "Off by one: this is y[n - 1]. w[0] meets x[n], not x[n - 1].",
        ),
        Mistake(
            "off by one, late",
            lambda x, w, n: _one_point(x, w, n + 1),
            "Off by one: this is y[n + 1]. Does k start at 0?",
        ),
        Mistake(
            "all of them",
            lambda x, w, n: np.convolve(x, w),
            "That is every output sample. Return the one at n, a single number.",
        ),
    ),
)


# --- the whole integral -------------------------------------------------------------------------------------------


def _signals_problem(rng: Rng) -> tuple[np.ndarray, np.ndarray, float]:
    sizes = rng.permutation(np.arange(5, 14))[:2]
    return rng.normal(size=sizes[0]), rng.normal(size=sizes[1]), float(rng.uniform(0.05, 0.5))


def _pointwise(f: np.ndarray, g: np.ndarray, step: float) -> np.ndarray:
    size = min(len(f), len(g))
    return f[:size] * g[:size]


convolution_integral = Checker(
    title="The whole integral",
    reference=lambda f, g, step: step * np.convolve(f, g),
    problem=_signals_problem,
    first_hint="Start from zeros, N + K - 1 of them. Every f[m] adds one scaled copy of g, starting at m.",
    cases=(
        Case(
            "one sample",
            lambda rng: (rng.normal(size=6), rng.normal(size=1), 0.25),
            "But g may have a single sample.",
        ),
        Case(
            "one sample of f",
            lambda rng: (rng.normal(size=1), rng.normal(size=6), 0.25),
            "But f may have a single sample.",
        ),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(1, 10, 6), rng.integers(1, 10, 4), 0.3),
            "But f and g may hold whole numbers, and the step is none: the result must hold fractions.",
        ),
    ),
    mistakes=(
        Mistake(
            "step forgotten",
            lambda f, g, step: np.convolve(f, g),
            "A sum, but not yet an area: every strip has a width. Where does step come in?",
        ),
        Mistake(
            "step twice",
            lambda f, g, step: step**2 * np.convolve(f, g),
            "The width of a strip has come in twice. One integral, one factor of step.",
        ),
        Mistake(
            "not flipped",
            lambda f, g, step: step * np.convolve(f, g[::-1]),
            "That is the cross-correlation of f and g: one flip too many, or one too few.",
        ),
        Mistake(
            "same length",
            lambda f, g, step: step * np.convolve(f, g)[: len(f)],
            "You stop where f stops, but the last copies of g reach further: N + K - 1 samples.",
        ),
        Mistake(
            "only the middle",
            lambda f, g, step: step * np.convolve(f, g, mode="same"),
            "That is the middle part (mode='same'). The integral has both ends too: N + K - 1 samples.",
        ),
        Mistake(
            "only full overlap",
            lambda f, g, step: step * np.convolve(f, g, mode="valid"),
            "That is only where the shorter lies wholly inside the longer (mode='valid'). Partial overlaps count.",
        ),
        Mistake(
            "pointwise product",
            _pointwise,
            "That is the product f(t) g(t). Convolution at t sees all of f, not only its value at t.",
        ),
    ),
)


# --- two boxes of different widths --------------------------------------------------------------------------------


def _boxes_problem(rng: Rng) -> tuple[np.ndarray, float, float]:
    a, b = rng.uniform(0.5, 1.5), rng.uniform(2.0, 4.0)
    widths = (a, b) if rng.random() < 0.5 else (b, a)
    return np.linspace(-3, 3, 61), float(widths[0]), float(widths[1])


def _trapezoid(t: np.ndarray, a: float, b: float) -> np.ndarray:
    return np.clip((a + b) / 2 - np.abs(t), 0, min(a, b))


trapezoid = Checker(
    title="Two boxes of different widths",
    reference=_trapezoid,
    problem=_boxes_problem,
    first_hint="How long is the overlap of [-a/2, a/2] and [t - b/2, t + b/2]? It cannot exceed the shorter box.",
    cases=(
        Case(
            "equal widths",
            lambda rng: (np.linspace(-3, 3, 61), *(float(rng.uniform(0.5, 2)),) * 2),
            "But the boxes may be equally wide: then the flat top shrinks to a point.",
        ),
        Case(
            "other times",
            lambda rng: (rng.permutation(np.arange(-3, 4)), *_boxes_problem(rng)[1:]),
            "But the times may be others, in any order, and whole numbers: the overlap is none.",
        ),
    ),
    mistakes=(
        Mistake(
            "no flat top",
            lambda t, a, b: np.maximum(0, (a + b) / 2 - np.abs(t)),
            "The slopes are right, but the peak is too high: while the shorter box lies inside the longer, the overlap "
            "stays the same.",
        ),
        Mistake(
            "twice as wide",
            lambda t, a, b: np.clip(a + b - np.abs(t), 0, min(a, b)),
            "Too wide: the boxes part at |t| = (a + b)/2. The result is a + b long in all, half of it on either side.",
        ),
        Mistake(
            "height one",
            lambda t, a, b: np.clip(((a + b) / 2 - np.abs(t)) / min(a, b), 0, 1),
            "The right shape with height 1. The output is an area: at its highest, the length of the shorter box.",
        ),
        Mistake(
            "area one",
            lambda t, a, b: _trapezoid(t, a, b) / (a * b),
            "You have divided by the area a·b. The boxes have height 1, not area 1: nothing is normalised here.",
        ),
        Mistake(
            "triangle",
            lambda t, a, b: np.maximum(0, min(a, b) - np.abs(t)),
            "That is the shorter box with itself, a triangle. The longer one makes a flat top between the slopes.",
        ),
        Mistake(
            "overlap at no shift",
            lambda t, a, b: np.minimum(np.abs(t) <= a / 2, np.abs(t) <= b / 2).astype(float),
            "That is where both boxes are 1 before either is moved. Slide one by t, then measure the overlap.",
        ),
    ),
)


# --- a moving average ---------------------------------------------------------------------------------------------


def _window(x: np.ndarray, length: int, first: int) -> np.ndarray:
    """Averages over x[n + first], …, ``length`` samples, zeros outside."""
    padded = np.pad(x, len(x) + length)
    start = len(x) + length + first
    return np.array([padded[start + n : start + n + length].sum() / length for n in range(len(x))])


def _available(x: np.ndarray, length: int) -> np.ndarray:
    return np.array([x[max(0, n - length + 1) : n + 1].mean() for n in range(len(x))])


def _average_problem(rng: Rng) -> tuple[np.ndarray, int]:
    return rng.normal(size=int(rng.integers(20, 30))), int(rng.choice([3, 4, 5, 6, 7]))


moving_average = Checker(
    title="A moving average",
    reference=lambda x, length: _window(x, length, 1 - length),
    problem=_average_problem,
    first_hint="Which kernel gives each of the last `length` samples the same weight, with weights that add up to 1?",
    cases=(
        Case("length one", lambda rng: (rng.normal(size=9), 1), "But the length may be 1: then nothing changes."),
        Case(
            "longer than x",
            lambda rng: (rng.normal(size=5), int(rng.integers(6, 9))),
            "But the window may be longer than x; the result is as long as x all the same.",
        ),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-9, 10, 12), 4),
            "But x may hold whole numbers, and an average is none.",
        ),
    ),
    mistakes=(
        Mistake(
            "not normalised",
            lambda x, length: length * _window(x, length, 1 - length),
            "These are sums, not averages: the kernel's weights add up to `length`, not to 1.",
        ),
        Mistake(
            "centred",
            lambda x, length: _window(x, length, -(length // 2)),
            "Your window is centred, so it looks ahead. The last `length` samples end at n itself.",
        ),
        Mistake(
            "looks ahead",
            lambda x, length: _window(x, length, 0),
            "Your window starts at n and looks into the future: the kernel has not been flipped.",
        ),
        Mistake(
            "off by one",
            lambda x, length: _window(x, length, -length),
            "Off by one: your window ends at n - 1. The current sample counts too.",
        ),
        Mistake(
            "shrinking window",
            _available,
            "At the start you divide by the number of samples so far. Reasonable, but then the kernel changes with "
            "time, and it is no longer a convolution.",
        ),
        Mistake(
            "too long",
            lambda x, length: np.convolve(x, np.full(length, 1 / length)),
            "That is the full convolution, N + K - 1 samples. Keep as many as x has: which ones?",
        ),
        Mistake(
            "too short",
            lambda x, length: np.convolve(x, np.full(length, 1 / length), mode="valid"),
            "That is only where the whole window lies inside x. The samples before the first count as zero.",
        ),
    ),
)


# --- a kernel that differentiates ---------------------------------------------------------------------------------


def _slopes(answer: Callable[[float], object]) -> Callable[[float], object]:
    """Turn a kernel into what it makes of a constant and of a line of slope 1, wherever those come out constant."""

    def measured(step: float) -> object:
        kernel = answer(step)
        if kernel is None or kernel is Ellipsis:
            return kernel
        kernel = as_numbers(kernel)
        if kernel.ndim != 1 or not 2 <= len(kernel) <= 25:
            raise ValueError(f"the kernel should be a short sequence of 2 to 25 numbers, but has shape {kernel.shape}")
        time = step * np.arange(30)
        return [np.convolve(x, kernel, mode="valid").mean() for x in (np.ones(30), time)]

    return measured


_derivative = Checker(
    title="A kernel that differentiates",
    reference=lambda step: [0.0, 1.0],
    problem=lambda rng: (float(rng.uniform(0.05, 0.5)),),
    first_hint="A difference of neighbours, newer minus older, over the time between. Which weight meets which sample?",
    mistakes=(
        Mistake(
            "wrong sign",
            lambda step: [0.0, -1.0],
            "You get minus the derivative. Convolution flips the kernel: its first tap meets the newest sample.",
        ),
        Mistake(
            "step forgotten",
            lambda step: [0.0, step],
            "A difference, not yet a slope: divide by the time between the samples.",
        ),
        Mistake(
            "step and sign",
            lambda step: [0.0, -step],
            "Two things at once: the sign is reversed, since convolution flips the kernel, and the difference is not "
            "yet divided by the time between the samples.",
        ),
        Mistake(
            "two steps",
            lambda step: [0.0, 2.0],
            "Twice the slope: the two samples that you compare are two steps apart.",
        ),
        Mistake(
            "two steps and sign",
            lambda step: [0.0, -2.0],
            "Minus twice the slope: the kernel is flipped, and the two samples that you compare are two steps apart.",
        ),
        Mistake(
            "an average",
            lambda step: [1.0, step * _MEAN_TIME],
            "Your taps add up to 1, so a constant stays what it is: an average. For a derivative they add up to 0.",
        ),
    ),
    tolerance=1e-5,  # weights in single precision, times 30 samples
)
_MEAN_TIME = 14.5  # of 30 samples, in steps; what a symmetric average makes of a line, on average


def derivative_kernel(answer: Callable[[float], object], *, seed: int | None = None) -> Verdict:
    """Check a kernel by what it does to a constant and to a line: there is more than one right answer."""
    return _derivative(_slopes(answer) if callable(answer) else answer, seed=seed)


# --- take the echo away -------------------------------------------------------------------------------------------


def _clean(y: np.ndarray, delay: int, gain: float) -> np.ndarray:
    x = np.array(y, dtype=float)
    for n in range(delay, len(x)):
        x[n] -= gain * x[n - delay]
    return x


def _subtract_once(y: np.ndarray, delay: int, gain: float) -> np.ndarray:
    x = y.copy()
    x[delay:] -= gain * y[:-delay]
    return x


def _echo_problem(rng: Rng) -> tuple[np.ndarray, int, float]:
    return rng.normal(size=60), int(rng.integers(3, 9)), float(rng.uniform(0.3, 0.8))


remove_echo = Checker(
    title="Take the echo away",
    reference=_clean,
    problem=_echo_problem,
    first_hint="The first `delay` samples have no echo. Once you know x up to n - 1, which part of y[n] is echo?",
    cases=(
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-1000, 1000, 40), 5, 0.5),
            "But a recording may hold whole numbers: what you write your result into must hold fractions.",
        ),
        Case(
            "late echo",
            lambda rng: (rng.normal(size=12), int(rng.integers(12, 16)), 0.5),
            "But the echo may come after the recording has ended: then y is clean.",
        ),
        Case(
            "shortest delay",
            lambda rng: (rng.normal(size=12), 1, 0.5),
            "But the delay may be a single sample.",
        ),
    ),
    mistakes=(
        Mistake(
            "subtracted once",
            _subtract_once,
            "You subtract a delayed copy of y, which has an echo itself: a fainter one, twice as late, is left. "
            "Subtract a copy of what is clean already.",
        ),
        Mistake(
            "added",
            lambda y, delay, gain: _clean(y, delay, -gain),
            "You add the echo instead of taking it away.",
        ),
        Mistake(
            "echo twice",
            lambda y, delay, gain: 2 * y - _subtract_once(y, delay, gain),
            "That puts a second echo on y. The task goes the other way.",
        ),
        Mistake(
            "off by one",
            lambda y, delay, gain: _clean(y, delay + 1, gain),
            "Off by one: the echo in y[n] comes from x[n - delay].",
        ),
        Mistake(
            "gain forgotten",
            lambda y, delay, gain: _clean(y, delay, 1.0),
            "You subtract the echo as if it were as loud as the sound. Scale it by gain.",
        ),
        Mistake(
            "unchanged",
            lambda y, delay, gain: y,
            "That is y as it was. If your loop subtracts something, does it write into what you return?",
        ),
    ),
)

#: Every checker of the chapter, for the tests.
CHECKERS = (one_point, convolution_integral, trapezoid, moving_average, _derivative, remove_echo)
