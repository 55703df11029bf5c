"""Checkers for chapter 10, backpropagation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convlib.exercises.checker import Case, Checker, Mistake

Rng = np.random.Generator


# --- the bias --------------------------------------------------------------------------------------------------------


def _maps(rng: Rng) -> tuple[np.ndarray]:
    """No two lengths alike, so that the axes can't be mistaken."""
    return (rng.normal(size=rng.permutation([2, 3, 4, 5])),)


bias_gradient = Checker(
    title="The bias",
    reference=lambda dy: np.asarray(dy).sum(axis=(0, 2, 3)),
    problem=_maps,
    first_hint="In which outputs does the bias of a map stand? It hears from all of them.",
    cases=(
        Case(
            "one sample",
            lambda rng: (rng.normal(size=(1, 3, 4, 5)),),
            "But the batch may have a single sample.",
        ),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-9, 10, (2, 3, 4, 5)),),
            "But the messages may be whole numbers.",
        ),
    ),
    mistakes=(
        Mistake(
            "mean",
            lambda dy: dy.mean(axis=(0, 2, 3)),
            "You take means. Messages add up; if the loss is a mean, that is in them already.",
        ),
        Mistake(
            "by sample",
            lambda dy: dy.sum(axis=(2, 3)),
            "Yours has a row for each sample. All of them go through the same bias.",
        ),
        Mistake(
            "batch alone",
            lambda dy: dy.sum(axis=0),
            "You add up the batch alone. The bias stands in every row and column of its map, too.",
        ),
        Mistake("all of it", lambda dy: dy.sum(), "That is one number. Each map has a bias of its own."),
        Mistake(
            "by sample of the batch",
            lambda dy: dy.sum(axis=(1, 2, 3)),
            "You have a number for each sample of the batch. The maps are the second axis.",
        ),
        Mistake(
            "mean over the batch", lambda dy: dy.mean(axis=0).sum(axis=(1, 2)), "Over the batch you take the mean."
        ),
    ),
)


# --- there and back --------------------------------------------------------------------------------------------------


def _with_remainder(rng: Rng) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Windows that overlap, a stride that doesn't divide the taps, and samples left over."""
    s = int(rng.integers(2, 4))
    k, m, left = s + 1, int(rng.integers(3, 6)), int(rng.integers(1, s))
    return rng.normal(size=m), rng.normal(size=k), (m - 1) * s + k + left, s


def _scattered(dy: np.ndarray, w: np.ndarray, n: int, s: int) -> np.ndarray:
    dx = np.zeros(n)
    for q, message in enumerate(np.asarray(dy)):
        dx[q * s : q * s + len(w)] += message * np.asarray(w)
    return dx


def _overwritten(dy: np.ndarray, w: np.ndarray, n: int, s: int) -> np.ndarray:
    dx = np.zeros(n)
    for q, message in enumerate(dy):
        dx[q * s : q * s + len(w)] = message * w
    return dx


def _reach(dy: np.ndarray, w: np.ndarray, s: int) -> int:
    return (len(dy) - 1) * s + len(w)


def _stretched(dy: np.ndarray, w: np.ndarray, n: int, s: int) -> np.ndarray:
    """Resized to the right length, as "mended" code does."""
    short = _scattered(dy, w, _reach(dy, w, s), s)
    return np.interp(np.linspace(0, len(short) - 1, n), np.arange(len(short)), short)


def _side_by_side(dy: np.ndarray, w: np.ndarray, n: int, s: int) -> np.ndarray:
    """A full convolution, filled up or cut to n."""
    return np.append(np.convolve(dy, w), np.zeros(n))[:n]


input_gradient = Checker(
    title="There and back",
    reference=_scattered,
    problem=_with_remainder,
    first_hint="n zeros. Output q has seen the samples from q · s on: that is where its message, times w, goes.",
    cases=(
        Case(
            "nothing left over",
            lambda rng: (rng.normal(size=4), rng.normal(size=3), 9, 2),
            "But the windows may come out even, with no sample left over.",
        ),
        Case(
            "gaps",
            lambda rng: (rng.normal(size=3), rng.normal(size=2), 11, 4),
            "But the stride may be larger than the kernel: some samples are in no window.",
        ),
        Case(
            "stride 1",
            lambda rng: (rng.normal(size=4), rng.normal(size=3), 6, 1),
            "But the stride may be 1.",
        ),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-9, 10, 3), rng.normal(size=3), 8, 2),
            "But the messages may be whole numbers and the kernel fractions.",
        ),
    ),
    mistakes=(
        Mistake(
            "not flipped",
            lambda dy, w, n, s: _scattered(dy, w[::-1], n, s),
            "Your kernel is the wrong way round. Tap 0 of output q lies on sample q · s: what does that sample hear?",
        ),
        Mistake("overwritten", _overwritten, "Where windows overlap, yours keeps the last message. They add up."),
        Mistake(
            "remainder forgotten",
            lambda dy, w, n, s: _scattered(dy, w, _reach(dy, w, s), s),
            "Too short: samples at the end are in no window. They hear nothing, but they are there.",
        ),
        Mistake(
            "zeros in front",
            lambda dy, w, n, s: np.append(np.zeros(n - _reach(dy, w, s)), _scattered(dy, w, _reach(dy, w, s), s)),
            "The right length, but your zeros stand in front. What is left over is at the end.",
        ),
        Mistake("stretched", _stretched, "You have stretched it to the right length. Nobody may move: put zeros on."),
        Mistake(
            "no stride",
            _side_by_side,
            "Your windows are one sample apart. In the layer they were s apart.",
        ),
        Mistake(
            "as a layer",
            lambda dy, w, n, s: np.convolve(dy, w)[::s],
            "You step over the messages with the stride. It spreads them: s from one to the next.",
        ),
    ),
)


# --- the weights' share ----------------------------------------------------------------------------------------------


def _samples_and_messages(rng: Rng) -> tuple[np.ndarray, np.ndarray, int, int]:
    dy, w, n, s = _with_remainder(rng)
    return rng.normal(size=n), dy, len(w), s


def _weights(x: np.ndarray, dy: np.ndarray, k: int, s: int) -> np.ndarray:
    x, dy = np.asarray(x), np.asarray(dy)
    span = (len(dy) - 1) * s + 1
    return np.array([x[u : u + span : s] @ dy for u in range(k)])


def _all_shifts(x: np.ndarray, dy: np.ndarray, k: int, s: int) -> np.ndarray:
    """The correlation with the spread messages, not cut to k."""
    return _weights(x, dy, len(x) - (len(dy) - 1) * s, s)


weight_gradient = Checker(
    title="The weights' share",
    reference=_weights,
    problem=_samples_and_messages,
    first_hint="Which samples has tap u seen, for outputs 0, 1, 2, …? Each times its output's message; then add.",
    cases=(
        Case(
            "nothing left over",
            lambda rng: (rng.normal(size=9), rng.normal(size=4), 3, 2),
            "But the windows may come out even, with no sample left over.",
        ),
        Case(
            "one output",
            lambda rng: (rng.normal(size=5), rng.normal(size=1), 4, 3),
            "But there may be a single output.",
        ),
        Case(
            "stride 1",
            lambda rng: (rng.normal(size=7), rng.normal(size=5), 3, 1),
            "But the stride may be 1.",
        ),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-9, 10, 8), rng.normal(size=3), 4, 2),
            "But x may hold whole numbers; the weights' share has fractions.",
        ),
    ),
    mistakes=(
        Mistake(
            "too many",
            _all_shifts,
            "You have more numbers than weights. What is left over at the end is met by no window; cut there.",
        ),
        Mistake(
            "the last ones",
            lambda x, dy, k, s: _all_shifts(x, dy, k, s)[-k:],
            "You have cut at the wrong end: tap 0 begins at sample 0.",
        ),
        Mistake(
            "flipped",
            lambda x, dy, k, s: _weights(x, dy, k, s)[::-1],
            "In reverse order. Here output and sample run the same way: nothing is flipped.",
        ),
        Mistake(
            "messages flipped",
            lambda x, dy, k, s: _weights(x, dy[::-1], k, s),
            "Your messages run backwards over the samples.",
        ),
        Mistake(
            "no stride",
            lambda x, dy, k, s: _weights(x, dy, k, 1),
            "You let neighbouring outputs meet neighbouring samples. From window to window it is s samples.",
        ),
        Mistake(
            "mean",
            lambda x, dy, k, s: _weights(x, dy, k, s) / len(dy),
            "You take the mean over the outputs. Messages add up.",
        ),
    ),
)


# --- winners ---------------------------------------------------------------------------------------------------------


def _with_ties(rng: Rng) -> tuple[np.ndarray, np.ndarray, int, int]:
    """A row in which one sample wins two windows, and one window has two winners."""
    k, s = 4, 2
    while True:
        x = rng.integers(0, 5, int(rng.integers(10, 15))).astype(float)
        dy = rng.normal(size=(len(x) - k) // s + 1)
        answers = [ways(x, dy, k, s) for ways in (_paid, *(mistake.function for mistake in _PAID_MISTAKEN))]
        apart = all(np.abs(a - b).max() > 1e-3 for i, a in enumerate(answers) for b in answers[:i])
        if apart:
            return x, dy, k, s


def _paid(x: np.ndarray, dy: np.ndarray, k: int, s: int) -> np.ndarray:
    dx = np.zeros(len(x))
    for q, message in enumerate(dy):
        dx[q * s + np.argmax(x[q * s : q * s + k])] += message
    return dx


def _shares(of_window: Callable[[np.ndarray], np.ndarray]) -> Callable[..., np.ndarray]:
    """Each window's message, in the shares that ``of_window`` gives its samples."""

    def shared(x: np.ndarray, dy: np.ndarray, k: int, s: int) -> np.ndarray:
        dx = np.zeros(len(x))
        for q, message in enumerate(dy):
            dx[q * s : q * s + k] += message * of_window(x[q * s : q * s + k])
        return dx

    return shared


def _winner_overwritten(x: np.ndarray, dy: np.ndarray, k: int, s: int) -> np.ndarray:
    dx = np.zeros(len(x))
    for q, message in enumerate(dy):
        dx[q * s + np.argmax(x[q * s : q * s + k])] = message
    return dx


_PAID_MISTAKEN = (
    Mistake("overwritten", _winner_overwritten, "A sample that wins twice hears twice: add, don't overwrite."),
    Mistake(
        "all winners",
        _shares(lambda window: (window == window.max()).astype(float)),
        "Of several winners each gets it all in yours. The first gets it, the others nothing.",
    ),
    Mistake(
        "shared among winners",
        _shares(lambda window: (window == window.max()) / (window == window.max()).sum()),
        "You share among the winners. That could be defended, but here the first gets it all.",
    ),
    Mistake(
        "last winner",
        _shares(lambda window: np.eye(len(window))[len(window) - 1 - np.argmax(window[::-1])]),
        "Of several winners yours pays the last.",
    ),
    Mistake(
        "average",
        _shares(lambda window: np.full(len(window), 1 / len(window))),
        "You give everybody the same share. That is average pooling.",
    ),
    Mistake(
        "times the winner",
        lambda x, dy, k, s: _paid(x, dy, k, s) * x,
        "You multiply by the winner's value. It stood in the output with the factor 1.",
    ),
    Mistake(
        "side by side",
        lambda x, dy, k, s: _paid(np.append(x, np.zeros(len(dy) * k)), dy, k, k)[: len(x)],
        "Your windows lie side by side. From one to the next it is s samples.",
    ),
)


max_backward = Checker(
    title="Winners",
    reference=_paid,
    problem=_with_ties,
    first_hint="Zeros; for each window find its first largest sample, and add the window's message there.",
    cases=(
        Case(
            "negative",
            lambda rng: (-1.0 - rng.integers(0, 5, 9), rng.normal(size=4), 3, 2),
            "But all samples may be negative.",
        ),
        Case(
            "gaps",
            lambda rng: (rng.normal(size=11), rng.normal(size=3), 2, 4),
            "But the stride may be larger than the window.",
        ),
        Case(
            "one each",
            lambda rng: (rng.normal(size=5), rng.normal(size=5), 1, 1),
            "But a window may hold a single sample.",
        ),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-4, 5, 9), rng.normal(size=4), 3, 2),
            "But x may hold whole numbers while the messages are fractions.",
        ),
    ),
    mistakes=_PAID_MISTAKEN,
)


# --- a mirror, backwards ---------------------------------------------------------------------------------------------


def _mirrored(dpadded: np.ndarray, p: int) -> np.ndarray:
    n = len(dpadded) - 2 * p
    dx = np.zeros(n)
    np.add.at(dx, np.pad(np.arange(n), p, mode="reflect"), dpadded)
    return dx


def _cut(dpadded: np.ndarray, p: int) -> np.ndarray:
    return dpadded[p : len(dpadded) - p]


def _folded(dpadded: np.ndarray, p: int, start: int, *, turned: bool = True, weight: float = 1) -> np.ndarray:
    """The inside, and the margins laid on from ``start`` samples inside on."""
    dx = np.array(_cut(dpadded, p), dtype=float)
    left, right = dpadded[:p], dpadded[len(dpadded) - p :]
    if turned:
        left, right = left[::-1], right[::-1]
    dx[start : start + p] += weight * left
    dx[len(dx) - p - start : len(dx) - start] += weight * right
    return dx


reflect_backward = Checker(
    title="A mirror, backwards",
    reference=_mirrored,
    problem=lambda rng: (rng.normal(size=int(rng.integers(14, 18))), int(rng.integers(2, 4))),
    first_hint="Pad np.arange(n) in the same way: then you see from which sample each one was copied.",
    cases=(
        Case("no padding", lambda rng: (rng.normal(size=5), 0), "But p may be 0. (A slice that ends at −0 is empty.)"),
        Case(
            "both mirrors",
            lambda rng: (rng.normal(size=10), 3),
            "But the row may be short: a sample may stand in both mirrors, and hear from both.",
        ),
        Case("one", lambda rng: (rng.normal(size=8), 1), "But p may be 1."),
    ),
    mistakes=(
        Mistake(
            "thrown away",
            _cut,
            "You throw the margins away. Those were no zeros, but copies of your samples, and what they hear counts.",
        ),
        Mistake(
            "edge repeated",
            lambda dpadded, p: _folded(dpadded, p, 0),
            "Your mirror stands beside the outermost sample. It stands *on* it, which is not repeated.",
        ),
        Mistake(
            "not mirrored",
            lambda dpadded, p: _folded(dpadded, p, 1, turned=False),
            "You lay the margins on as they are. They were mirrored, and must be mirrored back.",
        ),
        Mistake(
            "half",
            lambda dpadded, p: _folded(dpadded, p, 1, weight=0.5),
            "The copies count half in yours. A copy is as good as the sample: messages add up.",
        ),
        Mistake(
            "subtracted",
            lambda dpadded, p: _folded(dpadded, p, 1, weight=-1),
            "You subtract what the copies hear. Messages add up.",
        ),
        Mistake(
            "around",
            lambda dpadded, p: _folded_around(dpadded, p),
            "You add the margins at the opposite ends: that is the way back from *wrap*, not from a mirror.",
        ),
    ),
)


def _folded_around(dpadded: np.ndarray, p: int) -> np.ndarray:
    dx = np.array(_cut(dpadded, p), dtype=float)
    dx[len(dx) - p :] += dpadded[:p]
    dx[:p] += dpadded[len(dpadded) - p :]
    return dx


# --- measure ---------------------------------------------------------------------------------------------------------


def _function(rng: Rng) -> tuple[Callable[[np.ndarray], float], np.ndarray]:
    """A smooth function of a table, none of whose slopes is like another."""
    shape = tuple(int(side) for side in rng.integers(2, 4, 2))
    a, b = rng.normal(size=shape), rng.normal(size=shape)
    return (lambda x: float(np.sum(a * np.exp(0.3 * x) + b * np.sin(x)) + np.prod(np.cos(x)))), rng.normal(size=shape)


def _sloped(f: Callable, x: np.ndarray, h: float = 1e-5, *, ahead: float = 1, behind: float = 1) -> np.ndarray:
    x = np.asarray(x, dtype=float)
    gradient = np.zeros(x.shape)
    for place in np.ndindex(*x.shape):
        step = np.zeros(x.shape)
        step[place] = h
        gradient[place] = (f(x + ahead * step) - f(x - behind * step)) / ((ahead + behind) * h)
    return gradient


def _all_at_once(f: Callable, x: np.ndarray) -> np.ndarray:
    return np.full(x.shape, (f(x + 1e-5) - f(x - 1e-5)) / 2e-5)


measured = Checker(
    title="Measure",
    reference=_sloped,
    problem=_function,
    first_hint="For each place of x: a copy with a little more there, a copy with a little less, and the quotient.",
    tolerance=2e-6,
    cases=(
        Case(
            "a row",
            lambda rng: ((lambda x: float(np.sum(np.sin(x)))), rng.normal(size=4)),
            "But x may be a row.",
        ),
        Case(
            "a batch",
            lambda rng: ((lambda x: float(np.sum(np.cos(x) * x))), rng.normal(size=(2, 1, 2, 2))),
            "But x may have four axes, as a batch of pictures has.",
        ),
        Case(
            "one number",
            lambda rng: ((lambda x: float(np.exp(x).sum())), rng.normal(size=(1,))),
            "But x may be an array of one number.",
        ),
    ),
    mistakes=(
        Mistake(
            "divided by h",
            lambda f, x: 2 * _sloped(f, x),
            "Twice too large: from x − h to x + h it is 2h.",
        ),
        Mistake(
            "one-sided",
            lambda f, x: _sloped(f, x, 1e-4, behind=0),
            "You measure on one side, so that the curve's bend shows in your digits. Go a step either way.",
        ),
        Mistake(
            "step too large",
            lambda f, x: _sloped(f, x, 0.1),
            "Your step of 0.1 is large: the curve bends within it. Its error falls with the square of the step.",
        ),
        Mistake(
            "step of a hundredth",
            lambda f, x: _sloped(f, x, 0.01),
            "A step of 0.01 is good for four digits. Take a smaller one.",
        ),
        Mistake(
            "all at once",
            _all_at_once,
            "You move all numbers at once, and get the sum of all slopes. Move one at a time.",
        ),
        Mistake(
            "uphill from behind",
            lambda f, x: -_sloped(f, x),
            "The sign is wrong: where f grows with x the slope is positive.",
        ),
    ),
)

#: Every checker of the chapter, for the tests.
CHECKERS = (bias_gradient, input_gradient, weight_gradient, max_backward, reflect_backward, measured)
