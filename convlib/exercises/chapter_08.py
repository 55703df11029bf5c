"""Checkers for chapter 8, from filters to layers."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convlib.exercises._draw import sides
from convlib.exercises.checker import Case, Checker, Mistake

Rng = np.random.Generator


def _windows(x: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """All windows of a table that lie wholly inside: two axes of places, then two of pixels."""
    return sliding_window_view(x, shape, axis=(-2, -1))


def _correlated(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Valid correlation of one table with one kernel."""
    return np.einsum("hwkl,kl->hw", _windows(np.asarray(x, dtype=float), w.shape), w)


def _turned(w: np.ndarray) -> np.ndarray:
    return w[..., ::-1, ::-1]


# --- the gradient of a kernel ----------------------------------------------------------------------------------------


def _gradient_problem(rng: Rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An image, what it shall become, and the kernel so far; image and kernel are no squares."""
    rows, columns = sides(rng, 6, 9)
    down, across = sides(rng, 2, 4)
    y = rng.normal(size=(rows - down + 1, columns - across + 1))
    return rng.normal(size=(rows, columns)), y, rng.normal(size=(down, across))


def _error(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    return _correlated(x, w) - y


def _of_correlation(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    error = _error(x, y, w)
    return 2 * _correlated(x, error) / error.size


def _kernel_gradient(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The output is made with the kernel turned, and the gradient is turned with it."""
    return _turned(_of_correlation(x, y, _turned(w)))


kernel_gradient = Checker(
    title="The gradient of a kernel",
    reference=_kernel_gradient,
    problem=_gradient_problem,
    first_hint="Which pixel of a window does the weight w[0, 0] meet, when the kernel is turned?",
    cases=(
        Case(
            "one tap",
            lambda rng: (rng.normal(size=(4, 5)), rng.normal(size=(4, 5)), rng.normal(size=(1, 1))),
            "But the kernel may be a single tap, and the gradient a single number in a table.",
        ),
        Case(
            "one output",
            lambda rng: (rng.normal(size=(3, 4)), rng.normal(size=(1, 1)), rng.normal(size=(3, 4))),
            "But the kernel may be as large as the image, with a single output.",
        ),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-9, 10, (5, 6)), rng.integers(-9, 10, (4, 4)), rng.integers(-9, 10, (2, 3))),
            "But all three may hold whole numbers, and the gradient fractions.",
        ),
    ),
    mistakes=(
        Mistake(
            "uphill",
            lambda x, y, w: -_kernel_gradient(x, y, w),
            "The sign is reversed: the error is the output minus y, and the gradient points uphill. The step takes the "
            "minus.",
        ),
        Mistake(
            "no two",
            lambda x, y, w: _kernel_gradient(x, y, w) / 2,
            "A factor is missing: what is the derivative of e²?",
        ),
        Mistake(
            "sum, not mean",
            lambda x, y, w: _kernel_gradient(x, y, w) * y.size,
            "The loss is the mean of the squares, not their sum: divide by the number of outputs.",
        ),
        Mistake(
            "mean over the image",
            lambda x, y, w: _kernel_gradient(x, y, w) * y.size / x.size,
            "You divide by the number of pixels of x. The mean is over the outputs, of which there are fewer.",
        ),
        Mistake(
            "sum without two",
            lambda x, y, w: _kernel_gradient(x, y, w) * y.size / 2,
            "The correlation is right. What is missing is what the mean of the squares brings with it: a 2, and the "
            "number of outputs.",
        ),
        Mistake(
            "turned",
            lambda x, y, w: _turned(_kernel_gradient(x, y, w)),
            "Your gradient is turned by 180°: w[0, 0] meets the *last* pixel of each window.",
        ),
        Mistake(
            "of a correlation",
            _of_correlation,
            "That is the gradient of a layer that correlates, as in the text. This one convolves.",
        ),
        Mistake(
            "correlated output",
            lambda x, y, w: _turned(_of_correlation(x, y, w)),
            "You have turned the gradient, but made the output by correlation. Turn the kernel there, too.",
        ),
        Mistake(
            "without the target",
            lambda x, y, w: _kernel_gradient(x, 0 * y, w),
            "You correlate x with the output itself. What has y to say?",
        ),
        Mistake(
            "with the target",
            lambda x, y, w: -_kernel_gradient(x, y, 0 * w),
            "You correlate x with y. What counts is by how much the output misses y.",
        ),
        Mistake(
            "one step on",
            lambda x, y, w: w - _kernel_gradient(x, y, w),
            "That is the kernel after a step of rate 1. Return the gradient alone.",
        ),
        Mistake(
            "the loss",
            lambda x, y, w: np.mean(_error(x, y, _turned(w)) ** 2),
            "That is the loss. How does it change as one weight changes, for each weight?",
        ),
    ),
)


# --- a layer ---------------------------------------------------------------------------------------------------------


def _layer_problem(rng: Rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Samples, kernels and biases of which no two lengths are equal by habit."""
    rows, columns = sides(rng, 5, 8)
    down, across = sides(rng, 2, 4)
    samples, channels, maps = (int(n) for n in rng.permutation([2, 3, 4]))
    x = rng.normal(size=(samples, channels, rows, columns))
    return x, rng.normal(size=(maps, channels, down, across)), rng.normal(size=maps)


def _layer(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    sums = np.einsum("nchwkl,fckl->nfhw", _windows(np.asarray(x, dtype=float), w.shape[2:]), w)
    return sums + np.asarray(b)[:, None, None]


layer = Checker(
    title="A layer",
    reference=_layer,
    problem=_layer_problem,
    first_hint="Windows of all channels at once, then one sum for each sample, map and place: np.einsum can write it.",
    cases=(
        Case(
            "one channel, one map",
            lambda rng: (rng.normal(size=(2, 1, 5, 6)), rng.normal(size=(1, 1, 3, 2)), rng.normal(size=1)),
            "But there may be a single channel and a single map, and their axes stay.",
        ),
        Case(
            "one place",
            lambda rng: (rng.normal(size=(1, 2, 3, 4)), rng.normal(size=(3, 2, 3, 4)), rng.normal(size=3)),
            "But the kernels may be as large as the image: there is one place for them.",
        ),
        Case(
            "one tap",
            lambda rng: (rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(4, 3, 1, 1)), rng.normal(size=4)),
            "But the kernels may have a single tap: a 1 × 1 convolution.",
        ),
        Case(
            "bytes",
            lambda rng: (
                rng.integers(0, 256, (1, 3, 5, 4), dtype=np.uint8),
                rng.normal(size=(2, 3, 2, 2)),
                rng.normal(size=2),
            ),
            "But x may hold bytes, as a photograph does.",
        ),
    ),
    mistakes=(
        Mistake(
            "convolved",
            lambda x, w, b: _layer(x, _turned(w), b),
            "Your kernels are turned by 180°. A layer correlates: they lie on the window as they stand.",
        ),
        Mistake(
            "no bias",
            lambda x, w, b: _layer(x, w, 0 * b),
            "The sums are right; each map has a bias as well.",
        ),
        Mistake(
            "a bias for each channel",
            lambda x, w, b: _layer(x, w, len(w[0]) * b),
            "You add the bias once for each channel. Each map has one, added once.",
        ),
        Mistake(
            "mean over channels",
            lambda x, w, b: _layer(x, w / len(w[0]), b),
            "Your channels are averaged. They are added up.",
        ),
        Mistake(
            "one channel",
            lambda x, w, b: _layer(x[:, :1], w[:, :1], b),
            "Only the first channel counts in your sums. Each map looks at all of them.",
        ),
        Mistake(
            "rectified",
            lambda x, w, b: np.maximum(_layer(x, w, b), 0),
            "You have added a ReLU. That is a layer of its own; return the sums.",
        ),
        Mistake(
            "same size",
            lambda x, w, b: _layer(
                np.pad(
                    x,
                    (
                        (0, 0),
                        (0, 0),
                        *[((side - 1) // 2, side // 2) for side in w.shape[2:]],
                    ),
                ),
                w,
                b,
            ),
            "Your maps are as large as the image: you have padded. Only windows that lie wholly inside are asked for.",
        ),
        Mistake(
            "maps before samples",
            lambda x, w, b: _layer(x, w, b).swapaxes(0, 1),
            "The first two axes have changed places: samples first, then maps.",
        ),
        Mistake(
            "channels last",
            lambda x, w, b: np.moveaxis(_layer(x, w, b), 1, -1),
            "Your maps stand on the last axis, as TensorFlow has them. Here it is samples, maps, rows, columns.",
        ),
    ),
)


# --- counts ----------------------------------------------------------------------------------------------------------


def _counts_problem(rng: Rng) -> tuple[int, int, int, int, int]:
    """Channels in and out, taps along a side, pixels along a side of the output, groups: more than one of them."""
    groups = int(rng.choice([2, 4]))
    first, second = (groups * int(n) for n in rng.permutation(np.arange(2, 9))[:2])
    return first, second, int(rng.integers(2, 8)), int(rng.integers(9, 30)), groups


def _counts(channels: int, maps: int, taps: int, side: int, groups: int) -> tuple[int, int]:
    weights = maps * (channels // groups) * taps * taps
    return weights + maps, weights * side * side


counts = Checker(
    title="What a layer costs",
    reference=_counts,
    problem=_counts_problem,
    first_hint="How many weights go into one output pixel? Each map has as many, and a bias.",
    tolerance=1e-12,  # of millions
    cases=(
        Case(
            "one group",
            lambda rng: (int(rng.integers(2, 9)), int(rng.integers(10, 20)), 3, int(rng.integers(5, 30)), 1),
            "But there may be a single group: an ordinary layer.",
        ),
        Case(
            "depthwise",
            lambda rng: (channels := int(rng.integers(5, 12)), channels, 3, int(rng.integers(5, 30)), channels),
            "But there may be as many groups as channels: depthwise.",
        ),
        Case(
            "one tap",
            lambda rng: (int(rng.integers(2, 9)), int(rng.integers(10, 20)), 1, int(rng.integers(5, 30)), 1),
            "But the kernel may be 1 × 1.",
        ),
    ),
    mistakes=(
        Mistake(
            "FLOPs",
            lambda c, f, k, s, g: (_counts(c, f, k, s, g)[0], 2 * _counts(c, f, k, s, g)[1]),
            "You count each product and each sum: that is twice the number of multiply-adds.",
        ),
        Mistake(
            "biases as products",
            lambda c, f, k, s, g: (_counts(c, f, k, s, g)[0], _counts(c, f, k, s, g)[1] + f * s * s),
            "Your second number has the biases in it: they are added, and multiply nothing.",
        ),
        Mistake(
            "no bias",
            lambda c, f, k, s, g: (_counts(c, f, k, s, g)[0] - f, _counts(c, f, k, s, g)[1]),
            "Your parameters are the weights alone. Each map has a bias.",
        ),
        Mistake(
            "one bias",
            lambda c, f, k, s, g: (_counts(c, f, k, s, g)[0] - f + 1, _counts(c, f, k, s, g)[1]),
            "You count a single bias. Each map has its own.",
        ),
        Mistake(
            "a bias for each channel",
            lambda c, f, k, s, g: (_counts(c, f, k, s, g)[0] - f + c, _counts(c, f, k, s, g)[1]),
            "You count a bias for each channel that comes in. The biases belong to the maps.",
        ),
        Mistake(
            "a bias for each kernel",
            lambda c, f, k, s, g: (_counts(c, f, k, s, g)[0] - f + f * c // g, _counts(c, f, k, s, g)[1]),
            "You count a bias for each kernel. A map is the sum of what its kernels give, and has one bias.",
        ),
        Mistake(
            "without groups",
            lambda c, f, k, s, g: _counts(c, f, k, s, 1),
            "You leave the groups out: a map sees the channels of its own group only.",
        ),
        Mistake(
            "groups twice",
            lambda c, f, k, s, g: (
                f // g * (c // g) * k * k + f,
                f // g * (c // g) * k * k * s * s,
            ),
            "That is one group's share. There are several groups, each with maps of its own.",
        ),
        Mistake(
            "one kernel a map",
            lambda c, f, k, s, g: (f * k * k + f, f * k * k * s * s),
            "You count one kernel for each map. A map has one for every channel that it sees.",
        ),
        Mistake(
            "taps along one side",
            lambda c, f, k, s, g: (f * (c // g) * k + f, f * (c // g) * k * s * s),
            "A kernel has so many taps along each side, and that number squared in all.",
        ),
        Mistake(
            "one row",
            lambda c, f, k, s, g: (_counts(c, f, k, s, g)[0], f * (c // g) * k * k * s),
            "Your second number is for one row of outputs. There are as many rows.",
        ),
        Mistake(
            "one place",
            lambda c, f, k, s, g: (_counts(c, f, k, s, g)[0], f * (c // g) * k * k),
            "Your second number is for one place of the window. It slides.",
        ),
        Mistake(
            "exchanged",
            lambda c, f, k, s, g: _counts(c, f, k, s, g)[::-1],
            "Parameters first, then multiply-adds.",
        ),
    ),
)


# --- a classifier that slides ----------------------------------------------------------------------------------------


def _slide_problem(rng: Rng) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """An image of some channels, and a classifier of its windows: one row of weights for each class."""
    channels, classes = (int(n) for n in rng.permutation([2, 3, 4])[:2])
    side = int(rng.integers(2, 4))
    rows, columns = sides(rng, side + 2, side + 5)
    w = rng.normal(size=(classes, channels * side * side))
    return rng.normal(size=(channels, rows, columns)), w, rng.normal(size=classes), side


def _slid(x: np.ndarray, w: np.ndarray, b: np.ndarray, side: int) -> np.ndarray:
    kernels = np.reshape(w, (len(w), len(x), side, side))
    return _layer(np.asarray(x)[None], kernels, b)[0]


def _channels_last(x: np.ndarray, w: np.ndarray, b: np.ndarray, side: int) -> np.ndarray:
    kernels = np.moveaxis(np.reshape(w, (len(w), side, side, len(x))), -1, 1)
    return _layer(x[None], kernels, b)[0]


slide = Checker(
    title="A classifier that slides",
    reference=_slid,
    problem=_slide_problem,
    first_hint="Each row of w, folded back into channels, rows and columns, is a kernel. Then it is a layer.",
    cases=(
        Case(
            "one window",
            lambda rng: (rng.normal(size=(2, 3, 3)), rng.normal(size=(4, 18)), rng.normal(size=4), 3),
            "But the image may be a single window; its scores are then a table of one place for each class.",
        ),
        Case(
            "one class",
            lambda rng: (rng.normal(size=(2, 5, 6)), rng.normal(size=(1, 8)), rng.normal(size=1), 2),
            "But there may be a single class, and its axis stays.",
        ),
        Case(
            "one pixel",
            lambda rng: (rng.normal(size=(3, 4, 5)), rng.normal(size=(2, 3)), rng.normal(size=2), 1),
            "But a window may be one pixel.",
        ),
        Case(
            "bytes",
            lambda rng: (
                rng.integers(0, 256, (2, 4, 5), dtype=np.uint8),
                rng.normal(size=(3, 8)),
                rng.normal(size=3),
                2,
            ),
            "But the image may be of bytes, and its scores are none.",
        ),
    ),
    mistakes=(
        Mistake(
            "turned",
            lambda x, w, b, side: _slid(x, w.reshape(len(w), len(x), -1)[..., ::-1].reshape(w.shape), b, side),
            "Your kernels are turned by 180°: the weights would meet the wrong pixels. Correlate.",
        ),
        Mistake(
            "transposed windows",
            lambda x, w, b, side: _slid(x, w.reshape(-1, side, side).swapaxes(1, 2).reshape(w.shape), b, side),
            "Rows and columns have changed places within each window.",
        ),
        Mistake(
            "channels last",
            _channels_last,
            "You unfold a row of w as rows, columns, channels. The windows were laid out channel by channel.",
        ),
        Mistake(
            "no bias",
            lambda x, w, b, side: _slid(x, w, 0 * b, side),
            "The bias of each class is missing.",
        ),
        Mistake(
            "side by side",
            lambda x, w, b, side: _slid(x, w, b, side)[:, ::side, ::side],
            "Your windows lie side by side. Slide by one pixel.",
        ),
        Mistake(
            "classes last",
            lambda x, w, b, side: np.moveaxis(_slid(x, w, b, side), 0, -1),
            "Classes first, then rows and columns: a map for each class.",
        ),
        Mistake(
            "the winner",
            lambda x, w, b, side: _slid(x, w, b, side).argmax(0),
            "That is which class wins. Return the scores of all of them.",
        ),
    ),
)


# --- depthwise, then pointwise ---------------------------------------------------------------------------------------


def _separable_problem(rng: Rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Channels, a kernel for each, and a table that mixes them: as many maps as channels, so that it is a square."""
    channels = int(rng.integers(2, 5))
    rows, columns = sides(rng, 5, 8)
    down, across = sides(rng, 2, 4)
    x = rng.normal(size=(channels, rows, columns))
    return x, rng.normal(size=(channels, down, across)), rng.normal(size=(channels, channels))


def _depthwise(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return np.einsum("chwkl,ckl->chw", _windows(np.asarray(x, dtype=float), w.shape[1:]), w)


def _separable(x: np.ndarray, w: np.ndarray, mix: np.ndarray) -> np.ndarray:
    return np.einsum("chw,fc->fhw", _depthwise(x, w), mix)


separable = Checker(
    title="Depthwise, then pointwise",
    reference=_separable,
    problem=_separable_problem,
    first_hint="First each channel with its own kernel: as many maps as channels. Then at each pixel a matrix product.",
    cases=(
        Case(
            "more maps than channels",
            lambda rng: (rng.normal(size=(2, 5, 6)), rng.normal(size=(2, 3, 3)), rng.normal(size=(5, 2))),
            "But there may be more maps than channels.",
        ),
        Case(
            "one map",
            lambda rng: (rng.normal(size=(3, 5, 6)), rng.normal(size=(3, 2, 2)), rng.normal(size=(1, 3))),
            "But there may be a single map, and its axis stays.",
        ),
        Case(
            "one channel",
            lambda rng: (rng.normal(size=(1, 5, 6)), rng.normal(size=(1, 2, 2)), rng.normal(size=(3, 1))),
            "But there may be a single channel.",
        ),
        Case(
            "bytes",
            lambda rng: (
                rng.integers(0, 256, (2, 5, 6), dtype=np.uint8),
                rng.normal(size=(2, 3, 2)),
                rng.normal(size=(3, 2)),
            ),
            "But x may hold bytes, as pictures do; neither the maps nor what they are mixed to are bytes.",
        ),
    ),
    mistakes=(
        Mistake(
            "turned",
            lambda x, w, mix: _separable(x, _turned(w), mix),
            "Your kernels are turned by 180°: that is convolution.",
        ),
        Mistake(
            "mixed the wrong way",
            lambda x, w, mix: _separable(x, w, mix.T),
            "Your table is used sideways: its rows belong to the maps, its columns to the channels.",
        ),
        Mistake(
            "depthwise alone",
            lambda x, w, mix: _depthwise(x, w),
            "So far each channel has met its own kernel. Now mix them.",
        ),
        Mistake(
            "kernels mixed up",
            lambda x, w, mix: _separable(x, w[::-1], mix),
            "The kernels are in reverse order: channel 0 belongs to kernel 0.",
        ),
        Mistake(
            "mixed, then filtered",
            lambda x, w, mix: _depthwise(np.einsum("chw,fc->fhw", x, mix), w),
            "You mix first and filter afterwards: then a kernel belongs to a map, not to a channel. The order matters.",
        ),
        Mistake(
            "all with all",
            lambda x, w, mix: np.einsum("chw,fc->fhw", _depthwise(x, np.broadcast_to(w.sum(0), w.shape)), mix),
            "Every channel meets the sum of all kernels. Depthwise means its own kernel only.",
        ),
    ),
)


# --- pooled over turns -----------------------------------------------------------------------------------------------


def _turns_problem(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    side = int(rng.integers(2, 4))
    return rng.normal(size=sides(rng, 5, 8)), rng.normal(size=(side, side))


def _answers(x: np.ndarray, w: np.ndarray, turns: range = range(4)) -> np.ndarray:
    """What the kernel answers in each of its turns, one after the other."""
    return np.stack([_correlated(x, np.rot90(w, turn)) for turn in turns])


def _turned_pictures(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The picture turned instead of the kernel, for half turns only: quarter turns have other shapes."""
    return np.maximum(_correlated(x, w), _correlated(x[::-1, ::-1], w))


turns = Checker(
    title="Whichever way it lies",
    reference=lambda x, w: _answers(x, w).max(0),
    problem=_turns_problem,
    first_hint="Four kernels, each a quarter turn on (np.rot90), four pictures of answers; then one answer a pixel.",
    cases=(
        Case(
            "one place",
            lambda rng: (rng.normal(size=(3, 3)), rng.normal(size=(3, 3))),
            "But the kernel may be as large as the image.",
        ),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-9, 10, (6, 5)), rng.integers(-9, 10, (2, 2))),
            "But both may hold whole numbers.",
        ),
    ),
    mistakes=(
        Mistake(
            "one turn",
            lambda x, w: _correlated(x, w),
            "That is the kernel as it stands. What do its three turns answer?",
        ),
        Mistake(
            "two turns",
            lambda x, w: _answers(x, w, range(0, 4, 2)).max(0),
            "Half turns only: the quarter turns are missing.",
        ),
        Mistake(
            "three turns",
            lambda x, w: _answers(x, w, range(3)).max(0),
            "One of the four turns is missing.",
        ),
        Mistake(
            "sum",
            lambda x, w: _answers(x, w).sum(0),
            "You add the four answers up. That is one kernel again, the sum of the four, and it forgets much of w. "
            "Take the largest.",
        ),
        Mistake(
            "mean",
            lambda x, w: _answers(x, w).mean(0),
            "You take the mean of the four answers: that is one kernel again. Take the largest.",
        ),
        Mistake(
            "from zero",
            lambda x, w: np.maximum(_answers(x, w).max(0), 0),
            "Where all four answers are below zero, yours is zero. The largest of them is the one nearest to it.",
        ),
        Mistake(
            "largest size",
            lambda x, w: np.abs(_answers(x, w)).max(0),
            "You take the largest without its sign: an answer of −5 says that the opposite lies there.",
        ),
        Mistake(
            "mirrored",
            lambda x, w: np.stack([_correlated(x, v) for v in (w, w[::-1], w[:, ::-1], w[::-1, ::-1])]).max(0),
            "Two of your four are mirror images. Quarter turns are meant.",
        ),
        Mistake(
            "the picture turned",
            _turned_pictures,
            "You turn the picture, and then compare places that are not the same. Turn the kernel.",
        ),
        Mistake(
            "one number",
            lambda x, w: _answers(x, w).max(),
            "That is the largest answer anywhere. Take the largest of the four at each place.",
        ),
        Mistake(
            "four pictures",
            _answers,
            "These are all four. Keep the largest at each place.",
        ),
    ),
)

#: Every checker of the chapter, for the tests.
CHECKERS = (kernel_gradient, layer, counts, slide, separable, turns)
