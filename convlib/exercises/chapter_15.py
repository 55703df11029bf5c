"""Checkers for chapter 15, residual networks."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from convlib.exercises._draw import told_apart
from convlib.exercises.checker import Case, Checker, Mistake, Verdict

Rng = np.random.Generator
Branch = Callable[[np.ndarray], np.ndarray]
Pull = Callable[[np.ndarray, np.ndarray], np.ndarray]


# --- a shortcut without weights --------------------------------------------------------------------------------------


def _to_shorten(rng: Rng) -> tuple[np.ndarray, int]:
    """Even sides, and twice as many maps afterwards, an even number of them new: every variant has a shape."""
    maps = int(rng.choice([2, 4]))
    rows, columns = rng.permutation([4, 6, 8])[:2].tolist()
    return rng.normal(size=(int(rng.integers(1, 4)), maps, rows, columns)), 2 * maps


def _every_second(x: np.ndarray, first: int = 0) -> np.ndarray:
    return np.asarray(x)[:, :, first::2, first::2]


def _with_zeros(x: np.ndarray, channels: int, before: int = 0) -> np.ndarray:
    """Maps of zeros around the maps of x, ``before`` of them in front."""
    return np.pad(x, ((0, 0), (before, channels - x.shape[1] - before), (0, 0), (0, 0)))


def _mean_of_fours(x: np.ndarray) -> np.ndarray:
    return sum(x[:, :, row::2, column::2] for row in (0, 1) for column in (0, 1)) / 4


shortcut = Checker(
    title="A shortcut without weights",
    reference=lambda x, channels: _with_zeros(_every_second(x), channels),
    problem=_to_shorten,
    first_hint="`x[:, :, ::2, ::2]` has every second row and column. Lay it into zeros of the shape that's asked for.",
    cases=(
        Case(
            "odd sides",
            lambda rng: (rng.normal(size=(2, 3, 5, 7)), 6),
            "But a side may be odd: the last row is one of every second then, and the half is rounded up.",
        ),
        Case(
            "not twice as many",
            lambda rng: (rng.normal(size=(2, 3, 4, 6)), int(rng.choice([4, 5, 7, 8]))),
            "But there may be any number of maps afterwards, not only twice as many.",
        ),
        Case(
            "as many",
            lambda rng: (rng.normal(size=(2, 3, 6, 4)), 3),
            "But there may be as many maps as before: then no zeros are needed.",
        ),
        Case("one pixel", lambda rng: (rng.normal(size=(1, 1, 1, 1)), 2), "But a map may be a single pixel."),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-9, 10, (1, 2, 4, 6)), 4),
            "But x may hold whole numbers: they stay as they are.",
        ),
    ),
    mistakes=(
        Mistake(
            "zeros before",
            lambda x, channels: _with_zeros(_every_second(x), channels, channels - x.shape[1]),
            "Your zeros come before the maps of x. They belong behind them, so that map 0 stays map 0.",
        ),
        Mistake(
            "zeros on both sides",
            lambda x, channels: _with_zeros(_every_second(x), channels, (channels - x.shape[1]) // 2),
            "You put half of the zeros before the maps and half behind. Some programs do so, and it's as good; asked "
            "are all of them behind.",
        ),
        Mistake(
            "mean of four",
            lambda x, channels: _with_zeros(_mean_of_fours(x), channels),
            "You take the mean of each 2 × 2, as a later variant does. Here every second pixel is kept, and the "
            "others go unread.",
        ),
        Mistake(
            "from the second on",
            lambda x, channels: _with_zeros(_every_second(x, 1), channels),
            "You keep every second row and column, but from the second on. Begin with the first, number 0.",
        ),
        Mistake(
            "maps repeated",
            lambda x, channels: _every_second(x)[:, np.arange(channels) % x.shape[1]],
            "Your new maps are the old ones once more. They should be zeros: the shortcut has nothing to say there.",
        ),
        Mistake(
            "not smaller",
            lambda x, channels: _with_zeros(x, channels),
            "The maps are right in number, but have kept their size. The branch halves it, so the shortcut must, too.",
        ),
        Mistake(
            "rows only",
            lambda x, channels: _with_zeros(x[:, :, ::2], channels),
            "You leave out every second row, but keep all columns.",
        ),
        Mistake(
            "no zeros",
            lambda x, channels: _every_second(x),
            "The rows and columns are right, but the maps are too few for the sum. Put maps of zeros behind them.",
        ),
    ),
)


# --- back through a block --------------------------------------------------------------------------------------------


def _block(rng: Rng) -> tuple[np.ndarray, Branch, Pull, np.ndarray]:
    """A branch that bends, and mixes the numbers of a row, so that it matters where it is asked for its gradient."""
    a = rng.normal(size=(5, 5))
    x, dy = rng.normal(size=(2, 4, 5))
    return x, lambda x: np.sin(x) @ a, lambda x, g: (g @ a.T) * np.cos(x), dy


def _on_maps(rng: Rng) -> tuple[np.ndarray, Branch, Pull, np.ndarray]:
    """A branch that blurs round the clock along the columns."""

    def branch(x: np.ndarray) -> np.ndarray:
        return np.roll(x, 1, axis=3) - 2 * x

    x, dy = rng.normal(size=(2, 2, 3, 4, 5))
    return x, branch, lambda x, g: np.roll(g, -1, axis=3) - 2 * g, dy


def _exactly_zero(rng: Rng) -> tuple[np.ndarray, Branch, Pull, np.ndarray]:
    """x − x·|x| is 0 where x is 1 or −1, and in quarters without rounding."""
    x, dy = rng.integers(-12, 13, (3, 6)) / 4, rng.normal(size=(3, 6))
    x[:, :2] = 1, -1
    return x, lambda x: -x * np.abs(x), lambda x, g: -2 * np.abs(x) * g, dy


def _masked(dy: np.ndarray, before: np.ndarray) -> np.ndarray:
    """What the ReLU lets back through, if ``before`` came into it."""
    return np.asarray(dy) * (np.asarray(before) > 0)


def _back(x: np.ndarray, branch: Branch, pull: Pull, dy: np.ndarray) -> np.ndarray:
    g = _masked(dy, x + branch(x))
    return g + pull(x, g)


def _with_mask(before: Callable[[np.ndarray, Branch], np.ndarray]) -> Callable[..., np.ndarray]:
    """Right but for the mask, which is where ``before(x, branch)`` is above 0."""

    def mistaken(x: np.ndarray, branch: Branch, pull: Pull, dy: np.ndarray) -> np.ndarray:
        g = _masked(dy, before(x, branch))
        return g + pull(x, g)

    return mistaken


def _mistaken(combine: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """What ``combine`` makes of x, the pull, dy and g, the gradient at the sum."""
    return lambda x, branch, pull, dy: combine(x, pull, dy, _masked(dy, x + branch(x)))


back = Checker(
    title="Back through a block",
    reference=_back,
    problem=lambda rng: told_apart(rng, _block, back),
    first_hint="First through the ReLU: which sums were above 0? A sum then hands its gradient to both of its terms.",
    cases=(
        Case("maps", _on_maps, "But x may be maps, with four axes."),
        Case(
            "exactly zero",
            _exactly_zero,
            "But a sum may be exactly 0: there the ReLU lets nothing back, as PyTorch does it.",
        ),
        Case(
            "a silent branch",
            lambda rng: (rng.normal(size=(3, 4)), np.zeros_like, lambda x, g: 0.0 * g, rng.normal(size=(3, 4))),
            "But the branch may say nothing: then all comes back by the shortcut.",
        ),
        Case(
            "one number",
            lambda rng: (rng.uniform(1, 2, 1), lambda x: x**2, lambda x, g: 2 * x * g, rng.normal(size=1)),
            "But x may be an array of one number.",
        ),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-5, 6, (3, 4)), lambda x: 0.3 * x, lambda x, g: 0.3 * g, rng.normal(size=(3, 4))),
            "But x may hold whole numbers; what comes back has fractions.",
        ),
    ),
    mistakes=(
        Mistake(
            "no shortcut",
            _mistaken(lambda x, pull, dy, g: pull(x, g)),
            "You come back through the branch alone. The shortcut brings the gradient back as well, unchanged.",
        ),
        Mistake(
            "no branch",
            _mistaken(lambda x, pull, dy, g: g),
            "You come back by the shortcut alone. x went into the branch as well: ask `pull`, and add.",
        ),
        Mistake(
            "shortcut past the ReLU",
            _mistaken(lambda x, pull, dy, g: dy + pull(x, g)),
            "Your shortcut leads past the ReLU. It ends before it, at the sum, so its part is masked, too.",
        ),
        Mistake(
            "branch past the ReLU",
            _mistaken(lambda x, pull, dy, g: g + pull(x, dy)),
            "You give `pull` the gradient at y. The branch ends before the ReLU: give it what the ReLU lets through.",
        ),
        Mistake(
            "no ReLU",
            _mistaken(lambda x, pull, dy, g: dy + pull(x, dy)),
            "You forget the ReLU at the end of the block. Where the sum was below 0, nothing comes back.",
        ),
        Mistake(
            "mask of x",
            _with_mask(lambda x, branch: x),
            "Your mask is where x is above 0. The ReLU has seen the sum, x + branch(x).",
        ),
        Mistake(
            "mask of the branch",
            _with_mask(lambda x, branch: branch(x)),
            "Your mask is where the branch is above 0. The ReLU has seen the sum, x + branch(x).",
        ),
        Mistake(
            "product",
            _mistaken(lambda x, pull, dy, g: g * pull(x, g)),
            "You multiply what comes back on the two ways. One after the other multiplies; side by side adds.",
        ),
        Mistake(
            "pulled elsewhere",
            lambda x, branch, pull, dy: (g := _masked(dy, x + branch(x))) + pull(x + branch(x), g),
            "You ask `pull` at x + branch(x). The branch was given x, so that's where its slopes count.",
        ),
    ),
)


# --- paths by length -------------------------------------------------------------------------------------------------


def _blocks(rng: Rng) -> tuple[list[str]]:
    """Some of each kind, and another number deleted than cut, so that exchanging the two shows."""
    deleted, cut = rng.permutation([1, 2, 3])[:2].tolist()
    kinds = ["whole"] * int(rng.integers(2, 6)) + ["deleted"] * deleted + ["cut"] * cut
    return (rng.permutation(kinds).tolist(),)


def _lengths(blocks: list[str]) -> np.ndarray:
    """The coefficients of (1 + z) for a whole block, times z for one that is cut; the rest are zeros."""
    whole, cut = blocks.count("whole"), blocks.count("cut")
    counts = np.zeros(len(blocks) + 1, dtype=np.int64)
    counts[cut : cut + whole + 1] = [math.comb(whole, taken) for taken in range(whole + 1)]
    return counts


lengths = Checker(
    title="Paths by length",
    reference=_lengths,
    problem=_blocks,
    first_hint="Begin with one path of length 0, and go block by block: which paths stay, which become longer by one? "
    "(Don't list them: 40 blocks may have more than a million million.)",
    tolerance=1e-12,
    cases=(
        Case(
            "nothing broken",
            lambda rng: (["whole"] * int(rng.integers(4, 9)),),
            "But all blocks may be whole.",
        ),
        Case(
            "all deleted", lambda rng: (["deleted"] * 5,), "But all may be deleted: then one path is left, of length 0."
        ),
        Case("all cut", lambda rng: (["cut"] * 5,), "But all may be cut: then one path is left, through every branch."),
        Case(
            "no blocks",
            lambda rng: ([],),
            "But there may be no block at all: then there's one path, of length 0.",
        ),
        Case(
            "forty",
            lambda rng: (["whole"] * 40,),
            "But there may be forty blocks, and numbers beyond what 32 bits hold.",
        ),
    ),
    mistakes=(
        Mistake(
            "exchanged",
            lambda blocks: _lengths(blocks)[::-1],
            "Either you've exchanged the two kinds, or you count shortcuts. A deleted block leaves its shortcut, a "
            "cut one its branch, and only a branch makes a path longer.",
        ),
        Mistake(
            "all whole",
            lambda blocks: [math.comb(len(blocks), taken) for taken in range(len(blocks) + 1)],
            "You count as if every block were whole. One that's deleted or cut leaves a single way through.",
        ),
        Mistake(
            "all together",
            lambda blocks: 2 ** blocks.count("whole"),
            "That's how many paths there are in all. Asked is how many of each length.",
        ),
        Mistake(
            "end left out",
            lambda blocks: np.trim_zeros(_lengths(blocks), "b"),
            "You stop at the longest path. Say also that there are none of the lengths beyond, up to all blocks.",
        ),
        Mistake(
            "zeros left out",
            lambda blocks: np.trim_zeros(_lengths(blocks)),
            "You leave out the lengths that no path has, so that the first number isn't that of length 0.",
        ),
        Mistake(
            "cut as deleted",
            lambda blocks: _lengths(["deleted" if block == "cut" else block for block in blocks]),
            "A block that's cut makes no path longer in yours. All paths must go through its branch.",
        ),
        Mistake(
            "deleted as cut",
            lambda blocks: _lengths(["cut" if block == "deleted" else block for block in blocks]),
            "A deleted block makes all paths longer in yours. Its branch is gone, and they go past it.",
        ),
        Mistake(
            "shares",
            lambda blocks: _lengths(blocks) / 2 ** blocks.count("whole"),
            "Those are shares, with the sum 1. Asked are the numbers of paths.",
        ),
    ),
)


# --- batch normalisation folded in -----------------------------------------------------------------------------------

Layer = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, float]


def _normalised_layer(rng: Rng, maps: int, inputs: int, side: int) -> Layer:
    """A kernel, and what its maps are normalised with; eps is large, so that it shows where it's forgotten."""
    gamma = rng.uniform(0.4, 2, maps) * rng.choice([-1, 1], maps)
    statistics = rng.normal(size=maps), rng.uniform(0.2, 3, maps)
    kernels = rng.normal(size=(maps, inputs, side, side))
    return kernels, gamma, rng.normal(size=maps), *statistics, float(rng.uniform(0.1, 0.5))


def _of_one_length(rng: Rng) -> Layer:
    """All four axes of the kernel of one length, so that NumPy lets the scale be laid along any of them."""
    return _normalised_layer(rng, *[int(rng.integers(2, 5))] * 3)


def _on_axis(scale: np.ndarray, axis: int = 0) -> np.ndarray:
    return np.expand_dims(scale, [other for other in range(4) if other != axis])


def _with_scale(scaled: Callable[..., np.ndarray]) -> Callable[..., dict[str, np.ndarray]]:
    """Folded in with what ``scaled`` makes of gamma, variance and eps."""

    def folded_in(weight: np.ndarray, gamma: np.ndarray, beta: np.ndarray, mean: np.ndarray, *spread) -> dict:
        scale = scaled(np.asarray(gamma), *spread)
        return {"weight": weight * _on_axis(scale), "bias": beta - mean * scale}

    return folded_in


def _scale(gamma: np.ndarray, variance: np.ndarray, eps: float) -> np.ndarray:
    return np.asarray(gamma) / np.sqrt(np.asarray(variance) + eps)


_folded_in = _with_scale(_scale)


def _along(axis: int) -> Callable[..., dict[str, np.ndarray]]:
    """The right scale, along another axis of the weight."""

    def mistaken(weight, gamma, beta, mean, variance, eps) -> dict[str, np.ndarray]:
        scale = _scale(gamma, variance, eps)
        return {"weight": weight * _on_axis(scale, axis), "bias": beta - mean * scale}

    return mistaken


def _with_bias(bias: Callable[..., np.ndarray]) -> Callable[..., dict[str, np.ndarray]]:
    """The right weight, and what ``bias`` makes of beta, mean and the scale."""

    def mistaken(weight, gamma, beta, mean, variance, eps) -> dict[str, np.ndarray]:
        scale = _scale(gamma, variance, eps)
        return {"weight": weight * _on_axis(scale), "bias": bias(beta, mean, scale)}

    return mistaken


_folded = Checker(
    title="Batch normalisation folded in",
    reference=_folded_in,
    problem=_of_one_length,
    first_hint="Write the normalisation of one map as a·y + b. What do a and b do to the kernel that has made y?",
    cases=(
        Case(
            "more maps",
            lambda rng: _normalised_layer(rng, 5, 2, 3),
            "But there may be more maps than input maps.",
        ),
        Case(
            "fewer maps",
            lambda rng: _normalised_layer(rng, 2, 4, 3),
            "But there may be fewer maps than input maps.",
        ),
        Case("one tap", lambda rng: _normalised_layer(rng, 3, 4, 1), "But a kernel may be 1 × 1."),
        Case(
            "one map",
            lambda rng: _normalised_layer(rng, 1, 1, 3),
            "But there may be a single map: the weight keeps its four axes, and the bias its one.",
        ),
        Case(
            "no variance",
            lambda rng: (*_normalised_layer(rng, 3, 2, 3)[:4], np.array([0.0, 1.0, 0.0]), 0.01),
            "But a variance may be 0: that's what eps is for.",
        ),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-9, 10, (3, 2, 3, 3)), *_normalised_layer(rng, 3, 2, 3)[1:]),
            "But the weight may hold whole numbers, and the folded one holds fractions.",
        ),
    ),
    mistakes=(
        Mistake(
            "variance",
            _with_scale(lambda gamma, variance, eps: gamma / (variance + eps)),
            "You divide by the variance. Batch normalisation divides by its root, the standard deviation.",
        ),
        Mistake(
            "eps outside",
            _with_scale(lambda gamma, variance, eps: gamma / (np.sqrt(variance) + eps)),
            "You add eps to the root. It's added to the variance, and the root is taken afterwards.",
        ),
        Mistake(
            "no eps",
            _with_scale(lambda gamma, variance, eps: gamma / np.sqrt(variance)),
            "Where is eps? It's small, as a rule, but the normalisation has divided with it.",
        ),
        Mistake(
            "no gamma",
            _with_scale(lambda gamma, variance, eps: 1 / np.sqrt(variance + eps)),
            "Where is gamma? The normalisation multiplies by it in the end, the mean as well as the map.",
        ),
        Mistake(
            "along the inputs",
            _along(1),
            "Your scale runs along the input maps. What's normalised are the maps that come out, the first axis.",
        ),
        Mistake(
            "along the columns",
            _along(3),
            "Your scale runs along the columns of the kernels, the last axis. Each kernel has one scale: give it "
            "three axes more.",
        ),
        Mistake(
            "mean forgotten",
            _with_bias(lambda beta, mean, scale: beta),
            "Your bias is beta alone. The normalisation subtracts the mean first, and that's a constant as well.",
        ),
        Mistake(
            "mean added",
            _with_bias(lambda beta, mean, scale: beta + mean * scale),
            "You add the mean. The normalisation subtracts it.",
        ),
        Mistake(
            "mean not scaled",
            _with_bias(lambda beta, mean, scale: beta - mean),
            "You subtract the mean as it is. It's subtracted before the division, and so is scaled like the map.",
        ),
        Mistake(
            "beta scaled",
            _with_bias(lambda beta, mean, scale: (beta - mean) * scale),
            "You scale beta, too. It's added at the very end, when everything has been scaled.",
        ),
    ),
)


def _by_name(answer: Callable[..., object]) -> Callable[..., object]:
    """Turn a pair of arrays into a dict of the two; what is none yet stays."""

    def named(*problem: object) -> object:
        pair = answer(*problem)
        if pair is None or pair is Ellipsis:
            return pair
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            given = f"{len(pair)} things" if isinstance(pair, tuple | list) else type(pair).__name__
            raise TypeError(f"two arrays should come back, the weight and the bias, but it was {given}")
        return {"weight": pair[0], "bias": pair[1]}

    return named


def folded(answer: Callable[..., object], *, seed: int | None = None) -> Verdict:
    """Check a weight and a bias, two arrays of unlike shapes, each for itself."""
    return _folded(_by_name(answer) if callable(answer) else answer, seed=seed)


#: Every checker of the chapter, for the tests.
CHECKERS = (shortcut, back, lengths, _folded)
