"""Checkers for chapter 2, algebraic properties."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convlib.exercises.checker import Case, Checker, Mistake

Rng = np.random.Generator
System = Callable[[np.ndarray], np.ndarray]
Moments = tuple[float, float, float]


# --- two filters in one -------------------------------------------------------------------------------------------


def _kernels_problem(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    sizes = rng.permutation(np.arange(3, 8))[:2]
    return rng.normal(size=sizes[0]), rng.normal(size=sizes[1])


def _padded_sum(v: np.ndarray, w: np.ndarray) -> np.ndarray:
    size = max(len(v), len(w))
    return np.pad(v, (0, size - len(v))) + np.pad(w, (0, size - len(w)))


merged = Checker(
    title="Two filters in one",
    reference=np.convolve,
    problem=_kernels_problem,
    first_hint="(x * v) * w = x * (…).",
    cases=(
        Case("one tap", lambda rng: (rng.normal(size=5), rng.normal(size=1)), "But a filter may have a single tap."),
        Case("equally long", lambda rng: tuple(rng.normal(size=(2, 4))), "But the kernels may be equally long."),
        Case(
            "whole numbers",
            lambda rng: (np.array([1, -1]), rng.normal(size=3)),
            "But v may hold whole numbers while w does not: the merged kernel must hold fractions.",
        ),
    ),
    mistakes=(
        Mistake(
            "side by side",
            _padded_sum,
            "The sum v + w is for two filters side by side, whose outputs are added. These follow each other.",
        ),
        Mistake(
            "pointwise product",
            lambda v, w: v[: min(len(v), len(w))] * w[: min(len(v), len(w))],
            "You multiply weight by weight. The product that associativity speaks of is convolution itself.",
        ),
        Mistake(
            "not flipped",
            lambda v, w: np.convolve(v, w[::-1]),
            "That is the cross-correlation of v and w, which is neither commutative nor associative.",
        ),
        Mistake(
            "same length",
            lambda v, w: np.convolve(v, w, mode="same"),
            "Cut too short: the merged kernel has len(v) + len(w) - 1 taps, and the outer ones count too.",
        ),
        Mistake(
            "one after the other",
            lambda v, w: np.concatenate([v, w]),
            "You have put one kernel behind the other: that adds the output of v to a delayed output of w.",
        ),
    ),
)


# --- how much more blur -------------------------------------------------------------------------------------------


def _blur_problem(rng: Rng) -> tuple[float, float]:
    done = float(rng.uniform(1, 4))
    return done, done * float(rng.uniform(1.2, 2.5))


further_blur = Checker(
    title="How much more blur?",
    reference=lambda done, wanted: np.sqrt(wanted**2 - done**2),
    problem=_blur_problem,
    first_hint="What adds when Gaussians are convolved: widths, or variances?",
    mistakes=(
        Mistake(
            "widths subtracted",
            lambda done, wanted: wanted - done,
            "Widths do not add under convolution, so they cannot be subtracted. Their squares do.",
        ),
        Mistake(
            "variances added",
            lambda done, wanted: np.sqrt(wanted**2 + done**2),
            "That is the width after blurring with both. Solve for the second: what must be added to get wanted?",
        ),
        Mistake(
            "still a variance",
            lambda done, wanted: wanted**2 - done**2,
            "That is the variance of the further blur. Its width is the square root.",
        ),
        Mistake(
            "ratio",
            lambda done, wanted: wanted / done,
            "Widths do not multiply either: blurring with 2 and then with 3 is not blurring with 6.",
        ),
        Mistake(
            "the whole again",
            lambda done, wanted: wanted,
            "The picture is blurred already. Blurring with all of wanted on top gives more than wanted.",
        ),
    ),
)


# --- moments without convolving -----------------------------------------------------------------------------------


def _moments_problem(rng: Rng) -> tuple[Moments, Moments]:
    def draw() -> Moments:
        return float(rng.uniform(0.5, 3)), float(rng.uniform(-4, 4)), float(rng.uniform(0.5, 5))

    return draw(), draw()


def _added(f: Moments, g: Moments) -> Moments:
    return f[0] * g[0], f[1] + g[1], f[2] + g[2]


moments_of_convolution = Checker(
    title="Moments without convolving",
    reference=_added,
    problem=_moments_problem,
    first_hint="One of the three multiplies, two add.",
    mistakes=(
        Mistake(
            "areas added",
            lambda f, g: (f[0] + g[0], f[1] + g[1], f[2] + g[2]),
            "Areas multiply. (Take two boxes of height 1: the area of the triangle is not 2.)",
        ),
        Mistake(
            "everything multiplied",
            lambda f, g: (f[0] * g[0], f[1] * g[1], f[2] * g[2]),
            "Only areas multiply. Means and variances add.",
        ),
        Mistake(
            "weighted mean",
            lambda f, g: (f[0] * g[0], (f[0] * f[1] + g[0] * g[1]) / (f[0] + g[0]), f[2] + g[2]),
            "A mean weighted by areas belongs to the sum f + g. Here times add up: so do their means.",
        ),
        Mistake(
            "widths added",
            lambda f, g: (f[0] * g[0], f[1] + g[1], (np.sqrt(f[2]) + np.sqrt(g[2])) ** 2),
            "You have added the widths. The third number is the variance, and variances add as they are.",
        ),
        Mistake(
            "squares added",
            lambda f, g: (f[0] * g[0], f[1] + g[1], f[2] ** 2 + g[2] ** 2),
            "The third number is already a square, the variance. Do not square it again.",
        ),
    ),
)


# --- the slope of a moving average --------------------------------------------------------------------------------


def _average_problem(rng: Rng) -> tuple[np.ndarray, int]:
    length = int(rng.integers(2, 6))
    return rng.normal(size=int(rng.integers(12, 20))), length


def _earlier(x: np.ndarray, by: int) -> np.ndarray:
    return np.concatenate([np.zeros(by), x])[: len(x)]


average_slope = Checker(
    title="The slope of a moving average",
    reference=lambda x, length: (x - _earlier(x, length)) / length,
    problem=_average_problem,
    first_hint="Merge the kernels: the difference (1, -1) with the average (1/L, …, 1/L). What is left of it?",
    cases=(
        Case("length one", lambda rng: (rng.normal(size=9), 1), "But the length may be 1: then y is x."),
        Case(
            "longer than x",
            lambda rng: (rng.normal(size=5), int(rng.integers(6, 9))),
            "But the window may be longer than x: then nothing has left it yet.",
        ),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-9, 10, 12), 4),
            "But x may hold whole numbers, and a quarter of a difference is none.",
        ),
    ),
    mistakes=(
        Mistake(
            "not divided",
            lambda x, length: x - _earlier(x, length),
            "The right two samples, but the weights of the average are 1/length, not 1.",
        ),
        Mistake(
            "one too near",
            lambda x, length: (x - _earlier(x, length - 1)) / length,
            "Off by one: y[n] holds x[n] to x[n - length + 1]. The sample that leaves is the one before those.",
        ),
        Mistake(
            "one too far",
            lambda x, length: (x - _earlier(x, length + 1)) / length,
            "Off by one: x[n - length - 1] left the window a step earlier.",
        ),
        Mistake(
            "wraps around",
            lambda x, length: (x - np.roll(x, length)) / length,
            "At the start you subtract samples from the end: np.roll and negative indices go round. Use 0 there.",
        ),
        Mistake(
            "the average itself",
            lambda x, length: np.convolve(x, np.full(length, 1 / length))[: len(x)],
            "That is the moving average y. Its differences are asked for.",
        ),
        Mistake(
            "average of no slope",
            lambda x, length: x - _earlier(x, 1),
            "Those are the differences of x. Average them, or better: see what of the sum cancels.",
        ),
        Mistake(
            "wrong sign",
            lambda x, length: (_earlier(x, length) - x) / length,
            "The sign is turned round: y[n] - y[n - 1] gains the new sample and loses the old one.",
        ),
    ),
)


# --- what is in the box -------------------------------------------------------------------------------------------


def _convolution_with(h: np.ndarray) -> System:
    return lambda x: np.convolve(np.asarray(x, dtype=float), h)[: len(x)]


def _box_problem(rng: Rng) -> tuple[System, int]:
    return _convolution_with(rng.normal(size=4)), int(rng.integers(6, 10))


class _Once:
    """A system that answers one call only."""

    def __init__(self, system: System) -> None:
        self.system, self.called = system, False

    def __call__(self, x: np.ndarray) -> np.ndarray:
        if self.called:
            raise RuntimeError("the system was called a second time")
        self.called = True
        return self.system(x)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Once)  # being called is no change of an argument

    __hash__ = None


def _answer_to(signal: Callable[[int], np.ndarray]) -> Callable[[System, int], np.ndarray]:
    return lambda system, length: system(signal(length))


identify = Checker(
    title="What is in the box?",
    reference=_answer_to(lambda length: np.eye(1, length)[0]),
    problem=_box_problem,
    first_hint="Which input makes x * h equal to h?",
    cases=(
        Case(
            "long response",
            lambda rng: (_convolution_with(rng.normal(size=30)), int(rng.integers(12, 16))),
            "But the response may go on to the last of the samples that are asked for, and beyond.",
        ),
        Case(
            "called once",
            lambda rng: (_Once(_convolution_with(rng.normal(size=4))), 8),
            "But you may call the system once, and one call is enough.",
        ),
    ),
    mistakes=(
        Mistake(
            "step response",
            _answer_to(np.ones),
            "You have sent in a step, all ones: the answer is the running sum of the impulse response.",
        ),
        Mistake(
            "late impulse",
            _answer_to(lambda length: np.eye(1, length, 1)[0]),
            "The impulse stands at index 1, and so does the start of its answer. Put it at index 0.",
        ),
        Mistake(
            "a ramp",
            _answer_to(lambda length: np.arange(length, dtype=float)),
            "You have sent in a ramp. Send in the sequence that convolution leaves everything alone with.",
        ),
        Mistake(
            "backwards",
            lambda system, length: system(np.eye(1, length)[0])[::-1],
            "The right samples in reverse order. An impulse response is not flipped; only sliding flips it.",
        ),
        Mistake(
            "normalised",
            lambda system, length: (h := system(np.eye(1, length)[0])) / np.abs(h).sum(),
            "You have divided by its sum. The impulse response is what it is, gain included.",
        ),
    ),
)


# --- convolution or not -------------------------------------------------------------------------------------------


def _median(x: np.ndarray) -> np.ndarray:
    padded = np.concatenate([np.zeros(2), x])
    return np.median([padded[2:], padded[1:-1], padded[:-2]], axis=0)


def _soft_clip(x: np.ndarray) -> np.ndarray:
    return np.clip(x, -20, 20)


def _dead_zone(x: np.ndarray) -> np.ndarray:
    return np.where(np.abs(x) < 0.02, 0.0, x)


def _late_gain(x: np.ndarray) -> np.ndarray:
    return x * np.where(np.arange(len(x)) < len(x) // 2, 1.0, 1.5)


def _systems(rng: Rng) -> list[System]:
    """One system of each kind; the first is a convolution."""
    linear = _convolution_with(np.append(1.0, rng.normal(size=int(rng.integers(0, 4)))))  # loud enough to be clipped
    return [
        linear,
        lambda x: _soft_clip(linear(x)),
        lambda x: linear(_dead_zone(np.asarray(x, dtype=float))),
        lambda x: _late_gain(linear(x)),
        lambda x: np.abs(linear(x)),
        lambda x: linear(x) + 0.5,
        lambda x: _median(np.asarray(x, dtype=float)),
        lambda x: linear(x) * np.cos(0.7 * np.arange(len(x))),
    ]


def _all_systems(rng: Rng) -> list[tuple[System, int]]:
    """Three of each kind, and twice as many convolutions, in random order."""
    systems = [system for _ in range(3) for system in (*_systems(rng), _systems(rng)[0])]
    return [(systems[i], 24) for i in rng.permutation(len(systems))]


def _noise(scale: float, size: int, seed: int = 5) -> np.ndarray:
    return scale * np.random.default_rng(seed).normal(size=size)


def _predicts(system: System, size: int, scale: float) -> bool:
    h, x = system(np.eye(1, size)[0]), _noise(scale, size)
    return bool(np.allclose(system(x), np.convolve(x, h)[:size]))


def _is_linear(system: System, size: int) -> bool:
    return all(
        np.allclose(system(2 * u + v), 2 * system(u) + system(v))
        for u, v in ((_noise(scale, size), _noise(scale, size, seed=6)) for scale in (0.01, 1.0, 100.0))
    )


def _is_equivariant(system: System, size: int) -> bool:
    return all(
        np.allclose(system(_earlier(x, by)), _earlier(system(x), by))
        for x in (_noise(scale, size) for scale in (0.01, 1.0, 100.0))
        for by in (1, 5, 14)
    )


is_convolution = Checker(
    title="Convolution or not?",
    reference=lambda system, size: all(_predicts(system, size, scale) for scale in (0.01, 1.0, 100.0)),
    problem=lambda rng: (_systems(rng)[0], 24),
    draw=_all_systems,
    first_hint="There is only one candidate for h. Find it, and see whether it predicts.",
    mistakes=(
        Mistake(
            "linear only",
            _is_linear,
            "You test linearity alone: a gain that changes with time is linear, and no convolution.",
        ),
        Mistake(
            "shift only",
            _is_equivariant,
            "You test the shift alone: clipping and absolute values treat all times alike, and are no convolutions.",
        ),
        Mistake(
            "one loudness",
            lambda system, size: _predicts(system, size, 1.0),
            "You listen at one loudness: some systems clip only what is loud, or drop only what is faint.",
        ),
        Mistake(
            "quiet inputs only",
            lambda system, size: _predicts(system, size, 0.01),
            "All your inputs are small. Some systems clip only what is loud.",
        ),
        Mistake(
            "loud inputs only",
            lambda system, size: _predicts(system, size, 100.0),
            "All your inputs are large. Some systems drop only what is faint.",
        ),
        Mistake(
            "impulses only",
            lambda system, size: bool(
                np.allclose(system(np.eye(1, size, 9)[0]), _earlier(system(np.eye(1, size)[0]), 9))
            ),
            "You compare answers to impulses. A system may answer those as a convolution would, and sums of them not.",
        ),
        Mistake("always yes", lambda system, size: True, "You say yes to every system. Some of these clip."),
        Mistake("always no", lambda system, size: False, "You say no to every system. Some of these are convolutions."),
    ),
)

#: Every checker of the chapter, for the tests.
CHECKERS = (merged, further_blur, moments_of_convolution, average_slope, identify, is_convolution)
