"""Checkers for chapter 9, shape arithmetic."""

from __future__ import annotations

import math

import numpy as np

from convlib.exercises.checker import Case, Checker, Mistake

Rng = np.random.Generator
Layers = list[tuple[int, int, int]]


# --- how many places -------------------------------------------------------------------------------------------------


def _places(n: int, k: int, s: int, p: int, d: int) -> int:
    return max((n + 2 * p - d * (k - 1) - 1) // s + 1, 0)


_PLACES_MISTAKEN = tuple(
    Mistake(name, function, hint)
    for name, (function, hint) in {
        "rounded up": (
            lambda n, k, s, p, d: math.ceil((n + 2 * p - d * (k - 1) - 1) / s) + 1,
            "You round up: the last of your windows hangs over the end.",
        ),
        "a fraction": (
            lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) / s + 1,
            "Yours is a fraction. Windows that don't fit whole are not there.",
        ),
        "posts and gaps": (
            lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s,
            "One too few: the place at the left end counts, too.",
        ),
        "padded once": (
            lambda n, k, s, p, d: (n + p - d * (k - 1) - 1) // s + 1,
            "You add the padding once. It is put at each end.",
        ),
        "no padding": (
            lambda n, k, s, p, d: (n - d * (k - 1) - 1) // s + 1,
            "The padding is missing: it makes the row longer.",
        ),
        "no dilation": (
            lambda n, k, s, p, d: (n + 2 * p - k) // s + 1,
            "Your kernel reaches over k samples. Its taps lie d apart.",
        ),
        "k times d": (
            lambda n, k, s, p, d: (n + 2 * p - d * k) // s + 1,
            "Your kernel reaches over d · k samples. Between k taps there are k − 1 gaps.",
        ),
        "dilation from 0": (
            lambda n, k, s, p, d: (n + 2 * p - (d + 1) * (k - 1) - 1) // s + 1,
            "You count the samples between two taps. Here d is from one tap to the next: 1 means side by side.",
        ),
        "no stride": (
            lambda n, k, s, p, d: n + 2 * p - d * (k - 1),
            "You count all places. Only every s-th is taken.",
        ),
        "divided too soon": (
            lambda n, k, s, p, d: (n + 2 * p) // s - d * (k - 1),
            "You divide the row by the stride before you lay the kernel on it.",
        ),
    }.items()
)


def _settings(rng: Rng) -> tuple[int, int, int, int, int]:
    """Samples, taps, stride, padding, dilation, such that each mistake gives a number of its own."""
    while True:
        n, k, s, p, d = (int(rng.integers(low, high)) for low, high in ((40, 90), (4, 10), (2, 4), (2, 12), (3, 9)))
        found = [ways(n, k, s, p, d) for ways in (_places, *(mistake.function for mistake in _PLACES_MISTAKEN))]
        fits = n + 2 * p - d * (k - 1) > s
        if fits and len(set(found)) == len(found):
            return n, k, s, p, d


places = Checker(
    title="How many places",
    reference=_places,
    problem=_settings,
    first_hint="Where does the last window begin? Count from there back to 0 in steps of s.",
    cases=(
        Case(
            "no remainder",
            lambda rng: (3 + 4 * int(rng.integers(2, 6)), 3, 2, 0, 1),
            "But the windows may come out even, with nothing dropped.",
        ),
        Case(
            "too large",
            lambda rng: (int(rng.integers(2, 5)), 5, 2, 0, 2),
            "But the kernel may not fit at all: then there are 0 places, not fewer.",
        ),
        Case(
            "a little too large",
            lambda rng: (8, 5, int(rng.integers(2, 5)), 0, 2),
            "But the kernel may be too large by a single sample: rounding toward zero would find a place for it.",
        ),
        Case(
            "exactly as large",
            lambda rng: (7, 4, int(rng.integers(1, 4)), 0, 2),
            "But the kernel may be just as large as the row: there is one place.",
        ),
        Case(
            "one tap",
            lambda rng: (int(rng.integers(5, 12)), 1, 3, 1, 2),
            "But there may be a single tap, whatever the dilation.",
        ),
        Case(
            "plain",
            lambda rng: (int(rng.integers(6, 12)), 3, 1, 0, 1),
            "But there may be no stride, no padding and no dilation.",
        ),
    ),
    mistakes=_PLACES_MISTAKEN,
)


# --- who is seen -----------------------------------------------------------------------------------------------------


def _seen(n: int, k: int, s: int, p: int, d: int) -> np.ndarray:
    return _all_visits(n, k, s, p, d)[p : p + n]


def _all_visits(n: int, k: int, s: int, p: int, d: int, count: int | None = None) -> np.ndarray:
    """For each sample of the padded row."""
    visits = np.zeros(n + 2 * p, dtype=int)
    for place in range(_places(n, k, s, p, d) if count is None else count):
        visits[place * s : place * s + d * (k - 1) + 1 : d] += 1
    return visits


def _as_a_block(n: int, k: int, s: int, p: int, d: int) -> np.ndarray:
    """Where the samples between the taps count as seen."""
    visits = np.zeros(n + 2 * p, dtype=int)
    for place in range(_places(n, k, s, p, d)):
        visits[place * s : place * s + d * (k - 1) + 1] += 1
    return visits[p : p + n]


seen = Checker(
    title="Who is seen",
    reference=_seen,
    problem=_settings,
    first_hint="Zeros for the padded row; for each window add 1 where its taps lie; cut the padding off.",
    cases=(
        Case(
            "no padding",
            lambda rng: (int(rng.integers(8, 15)), 3, 2, 0, 1),
            "But there may be no padding. (A slice that ends at −0 is empty.)",
        ),
        Case(
            "gaps",
            lambda rng: (int(rng.integers(9, 15)), 2, 4, 0, 1),
            "But the stride may be larger than the kernel: some samples are in no window.",
        ),
        Case(
            "one window",
            lambda rng: (5, 3, int(rng.integers(1, 4)), 0, 2),
            "But there may be one window only.",
        ),
    ),
    mistakes=(
        Mistake("with the padding", _all_visits, "You count the padding's zeros, too. There are n samples."),
        Mistake(
            "other end",
            lambda n, k, s, p, d: _all_visits(n, k, s, p, d)[2 * p :],
            "You cut the padding off at one end only. It is at both.",
        ),
        Mistake(
            "the first n",
            lambda n, k, s, p, d: _all_visits(n, k, s, p, d)[:n],
            "You keep the first n of the padded row. The samples begin behind the padding.",
        ),
        Mistake(
            "between the taps",
            _as_a_block,
            "You count what lies between the taps as seen. A dilated kernel looks through holes.",
        ),
        Mistake(
            "one window less",
            lambda n, k, s, p, d: _all_visits(n, k, s, p, d, _places(n, k, s, p, d) - 1)[p : p + n],
            "Your last window is missing.",
        ),
        Mistake(
            "no stride",
            lambda n, k, s, p, d: _seen(n, k, 1, p, d),
            "Your windows are one step apart. Take every s-th.",
        ),
        Mistake(
            "no dilation",
            lambda n, k, s, p, d: _seen(n, k, s, p, 1),
            "Your taps lie side by side. They are d apart.",
        ),
        Mistake(
            "whether",
            lambda n, k, s, p, d: np.minimum(_seen(n, k, s, p, d), 1),
            "Yours says whether a sample is seen. In how many windows?",
        ),
    ),
)


# --- TensorFlow's rule -----------------------------------------------------------------------------------------------


def _same_problem(rng: Rng) -> tuple[int, int, int]:
    """With an odd number of zeros, so that the sides differ, and a row that the stride doesn't divide."""
    while True:
        n, k, s = (int(rng.integers(low, high)) for low, high in ((9, 60), (5, 12), (3, 6)))
        total = _total(n, k, s)
        others = {k - 1, k - s, (n // s - 1) * s + k - n, (n - 1) * s + k - n, total - 1, total}
        if n % s and total % 2 and total > 2 and len(others) == 6:
            return n, k, s


def _total(n: int, k: int, s: int) -> int:
    return max((-(-n // s) - 1) * s + k - n, 0)


def _split(total: float) -> tuple[float, float]:
    return total // 2, total - total // 2


same = Checker(
    title="TensorFlow's rule",
    reference=lambda n, k, s: _split(_total(n, k, s)),
    problem=_same_problem,
    first_hint="How many outputs shall there be? Where does the last window end, and how much is missing there?",
    cases=(
        Case(
            "nothing missing",
            lambda rng: (3 * int(rng.integers(3, 6)), 2, 3),
            "But nothing may be missing, or less than nothing: never pad by a negative number.",
        ),
        Case(
            "stride 1",
            lambda rng: (int(rng.integers(5, 12)), 4, 1),
            "But the stride may be 1.",
        ),
        Case(
            "an even row",
            lambda rng: (2 * int(rng.integers(4, 12)), 3, 2),
            "But the stride may divide the row: with 3 taps and stride 2 that leaves a single zero, on the right.",
        ),
    ),
    mistakes=(
        Mistake(
            "more on the left",
            lambda n, k, s: _split(_total(n, k, s))[::-1],
            "The odd one is on the left. TensorFlow, like PyTorch, puts it on the right.",
        ),
        Mistake(
            "halves",
            lambda n, k, s: (_total(n, k, s) / 2,) * 2,
            "Half a zero on each side? One side gets one more.",
        ),
        Mistake(
            "equal sides",
            lambda n, k, s: (_total(n, k, s) // 2,) * 2,
            "Both sides get the same, and one zero is missing.",
        ),
        Mistake(
            "one number",
            lambda n, k, s: _total(n, k, s),
            "That is how many in all. How many on each side?",
        ),
        Mistake(
            "as with stride 1",
            lambda n, k, s: _split(k - 1),
            "That keeps the size with stride 1. With a stride fewer windows are needed, and fewer zeros.",
        ),
        Mistake(
            "whatever the row",
            lambda n, k, s: _split(max(k - s, 0)),
            "That is right where the stride divides the row. What if it leaves a remainder?",
        ),
        Mistake(
            "rounded down",
            lambda n, k, s: _split(max((n // s - 1) * s + k - n, 0)),
            "You make ⌊n/s⌋ outputs. The rule rounds up.",
        ),
        Mistake(
            "the size kept",
            lambda n, k, s: _split((n - 1) * s + k - n),
            "You pad until there are n outputs. With a stride, *same* means ⌈n/s⌉.",
        ),
    ),
)


# --- stamps ----------------------------------------------------------------------------------------------------------


def _stamps_problem(rng: Rng) -> tuple[np.ndarray, np.ndarray, int]:
    """More taps than the stride, so that stamps overlap, and no multiple of it."""
    s = int(rng.integers(2, 4))
    return rng.normal(size=int(rng.integers(3, 6))), rng.normal(size=s + int(rng.integers(1, s))), s


def _stamped(y: np.ndarray, w: np.ndarray, s: int) -> np.ndarray:
    x = np.zeros((len(y) - 1) * s + len(w))
    for m, value in enumerate(np.asarray(y, dtype=float)):
        x[m * s : m * s + len(w)] += value * np.asarray(w)
    return x


def _overwritten(y: np.ndarray, w: np.ndarray, s: int) -> np.ndarray:
    x = np.zeros((len(y) - 1) * s + len(w))
    for m, value in enumerate(y):
        x[m * s : m * s + len(w)] = value * w
    return x


def _repeated(y: np.ndarray, w: np.ndarray, s: int) -> np.ndarray:
    """Where each sample is copied s times, and then convolved."""
    return np.convolve(np.repeat(y, s), w)[: (len(y) - 1) * s + len(w)]


def _averaged(y: np.ndarray, w: np.ndarray, s: int) -> np.ndarray:
    return _stamped(y, w, s) / np.maximum(_stamped(np.ones(len(y)), np.ones(len(w)), s), 1)


stamps = Checker(
    title="Stamps",
    reference=_stamped,
    problem=_stamps_problem,
    first_hint="The last stamp begins at (len(y) − 1) · s and is as long as the kernel: so long is the output.",
    cases=(
        Case(
            "one stamp",
            lambda rng: (rng.normal(size=1), rng.normal(size=4), 3),
            "But y may be a single number: one stamp.",
        ),
        Case(
            "gaps",
            lambda rng: (rng.normal(size=3), rng.normal(size=2), 4),
            "But the stride may be larger than the kernel: zeros stay between the stamps.",
        ),
        Case(
            "stride 1",
            lambda rng: (rng.normal(size=4), rng.normal(size=3), 1),
            "But the stride may be 1: that is a convolution.",
        ),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-9, 10, 3), rng.normal(size=3), 2),
            "But y may hold whole numbers and the kernel fractions.",
        ),
    ),
    mistakes=(
        Mistake(
            "turned",
            lambda y, w, s: _stamped(y, w[::-1], s),
            "Your stamps are turned round. A stamp is the kernel as it stands.",
        ),
        Mistake("overwritten", _overwritten, "Where stamps overlap, yours keeps the last one. They add up."),
        Mistake("averaged", _averaged, "Where stamps overlap, you take their mean. They add up."),
        Mistake(
            "no stride",
            lambda y, w, s: np.convolve(y, w),
            "Your stamps are one sample apart. Put them s apart.",
        ),
        Mistake(
            "copied",
            _repeated,
            "You copy each sample s times. Between the samples there is nothing: zeros.",
        ),
        Mistake(
            "downwards",
            lambda y, w, s: np.convolve(y, w)[::s],
            "That makes it shorter: it is the convolution with a stride. The transposed one makes it longer.",
        ),
        Mistake(
            "too long",
            lambda y, w, s: np.append(_stamped(y, w, s), np.zeros(s - 1)),
            "There are zeros too many at the right end: behind the last sample nothing is put in.",
        ),
        Mistake(
            "cut off",
            lambda y, w, s: _stamped(y, w, s)[: len(y) * s],
            "Your output is s times as long as y. The last stamp may hang out further; nothing is cut off.",
        ),
    ),
)


# --- how far ---------------------------------------------------------------------------------------------------------


def _layers(rng: Rng) -> Layers:
    """Strides and dilations somewhere in the middle, so that their order matters."""
    count = int(rng.integers(3, 6))
    layers = [[int(rng.integers(2, 5)), 1, 1] for _ in range(count)]
    for axis, place in ((1, int(rng.integers(0, count - 1))), (2, int(rng.integers(1, count)))):
        layers[place][axis] = int(rng.integers(2, 4))
    layers[-1][1] = 2
    return [(k, s, d) for k, s, d in layers]


def _far(layers: Layers) -> tuple[int, int]:
    size = jump = 1
    for k, s, d in layers:
        size += (k - 1) * d * jump
        jump *= s
    return size, jump


def _stride_first(layers: Layers) -> tuple[int, int]:
    size = jump = 1
    for k, s, d in layers:
        jump *= s
        size += (k - 1) * d * jump
    return size, jump


def _times_stride(layers: Layers) -> tuple[int, int]:
    size = jump = 1
    for k, s, d in layers:
        size = (size + (k - 1) * d) * s
        jump *= s
    return size, jump


def _without(axis: int) -> object:
    def changed(layers: Layers) -> tuple[int, int]:
        return _far([tuple(1 if at == axis else value for at, value in enumerate(layer)) for layer in layers])

    return changed


far = Checker(
    title="How far",
    reference=_far,
    problem=lambda rng: (_layers(rng),),
    first_hint="Start with size 1 and jump 1. What does one more layer do to the two?",
    cases=(
        Case("no layers", lambda rng: ([],), "But there may be no layer: a pixel sees itself."),
        Case("one layer", lambda rng: ([(int(rng.integers(2, 6)), 2, 2)],), "But there may be a single layer."),
        Case("one tap", lambda rng: ([(3, 2, 1), (1, 3, 2), (3, 1, 1)],), "But a layer may have a single tap."),
    ),
    mistakes=(
        Mistake(
            "stride on the field",
            _times_stride,
            "You multiply the field by the stride. A stride changes how far neighbours lie apart, not what one sees.",
        ),
        Mistake(
            "stride too soon",
            _stride_first,
            "A layer's own stride acts on the layers above it. You apply it to the layer itself.",
        ),
        Mistake(
            "no dilation",
            _without(2),
            "The dilation is missing: k taps reach over (k − 1) · d units.",
        ),
        Mistake(
            "no stride",
            _without(1),
            "The strides are missing: above a stride of 2 each unit counts for two pixels.",
        ),
        Mistake(
            "k instead of k − 1",
            lambda layers: (_far([(k + 1, s, d) for k, s, d in layers])[0], _far(layers)[1]),
            "Each layer of yours adds k jumps. Between k taps there are k − 1 gaps.",
        ),
        Mistake(
            "from 0",
            lambda layers: (_far(layers)[0] - 1, _far(layers)[1]),
            "One too few: begin with the pixel itself.",
        ),
        Mistake(
            "from above",
            lambda layers: _far(layers[::-1]),
            "You go through the layers from the top. The strides below a layer count for it, not those above.",
        ),
        Mistake(
            "exchanged",
            lambda layers: _far(layers)[::-1],
            "The size first, then the jump.",
        ),
        Mistake(
            "last stride",
            lambda layers: (_far(layers)[0], layers[-1][1]),
            "The jump is the product of all strides, not the last one.",
        ),
        Mistake("size alone", lambda layers: _far(layers)[0], "That is the size. Return the jump as well."),
    ),
)


# --- paths -----------------------------------------------------------------------------------------------------------


def _few_layers(rng: Rng) -> tuple[Layers]:
    """As above, but never with the order of the two lowest layers hidden by their being alike."""
    return (_layers(rng)[:4],)


def _spread(values: np.ndarray, step: int) -> np.ndarray:
    spread = np.zeros((len(values) - 1) * step + 1, dtype=int)
    spread[::step] = values
    return spread


def _paths(layers: Layers) -> np.ndarray:
    ways = np.ones(1, dtype=int)
    for k, s, d in reversed(layers):
        ways = np.convolve(_spread(ways, s), _spread(np.ones(k, dtype=int), d))
    return ways


paths = Checker(
    title="Paths",
    reference=_paths,
    problem=_few_layers,
    first_hint="From the top: one unit, one path. A layer of three taps makes 1, 1, 1 of it.",
    cases=(
        Case("no layers", lambda rng: ([],), "But there may be no layer: one path, to the pixel itself."),
        Case("one layer", lambda rng: ([(3, 2, 2)],), "But there may be a single layer, with holes between its taps."),
        Case(
            "holes",
            lambda rng: ([(3, 1, 2), (3, 1, 2)],),
            "But there may be samples that no path reaches: zeros inside.",
        ),
    ),
    mistakes=(
        Mistake(
            "from below",
            lambda layers: _paths(layers[::-1]),
            "You begin with the lowest layer. Begin at the unit and go down: a stride spreads what lies above it.",
        ),
        Mistake(
            "no stride",
            lambda layers: _paths([(k, 1, d) for k, _, d in layers]),
            "The strides are missing: they spread what comes from above.",
        ),
        Mistake(
            "no dilation",
            lambda layers: _paths([(k, s, 1) for k, s, _ in layers]),
            "The dilations are missing: they spread a layer's own taps.",
        ),
        Mistake(
            "whether",
            lambda layers: np.minimum(_paths(layers), 1),
            "Yours says whether a path leads there. By how many?",
        ),
        Mistake(
            "shares",
            lambda layers: _paths(layers) / _paths(layers).sum(),
            "You divide by the number of all paths. Return the numbers themselves.",
        ),
        Mistake(
            "the length",
            lambda layers: _far(layers)[0],
            "That is how many samples there are. By how many paths is each reached?",
        ),
    ),
)

#: Every checker of the chapter, for the tests.
CHECKERS = (places, seen, same, stamps, far, paths)
