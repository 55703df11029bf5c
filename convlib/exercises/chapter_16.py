"""Checkers for chapter 16, looking inside."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convlib.exercises._draw import sides, told_apart
from convlib.exercises.checker import Case, Checker, Mistake

Rng = np.random.Generator
Score = Callable[[np.ndarray], float]


# --- hide and ask ----------------------------------------------------------------------------------------------------


def _asked(rng: Rng, shape: tuple[int, int, int], size: int) -> tuple[Score, np.ndarray, int, float]:
    """A score that bends, and in which no place counts as much as another; hidden by a grey that is in no picture."""
    a, b = rng.normal(size=(2, *shape))

    def score(picture: np.ndarray) -> float:
        return float(np.sum(a * picture + b * picture**2))

    return score, rng.random(shape), size, float(rng.uniform(1.2, 2))


def _ordinary(rng: Rng) -> tuple[Score, np.ndarray, int, float]:
    """A square of odd side, which has a middle."""
    return _asked(rng, (int(rng.integers(2, 4)), *sides(rng, 5, 8)), 3)


def _places(picture: np.ndarray, size: int) -> np.ndarray:
    return np.zeros((picture.shape[1] - size + 1, picture.shape[2] - size + 1))


def _hidden(score: Score, picture: np.ndarray, size: int, fill: float, channels: slice = slice(None)) -> np.ndarray:
    """The score of the picture with a square hidden, by the square's first row and column."""
    made = _places(picture, size)
    for row, column in np.ndindex(*made.shape):
        changed = np.array(picture, dtype=float)
        changed[channels, row : row + size, column : column + size] = fill
        made[row, column] = score(changed)
    return made


def _left_in_place(score: Score, picture: np.ndarray, size: int, fill: float) -> np.ndarray:
    made, changed = _places(picture, size), np.array(picture, dtype=float)
    for row, column in np.ndindex(*made.shape):
        changed[:, row : row + size, column : column + size] = fill
        made[row, column] = score(picture) - score(changed)
    return made


def _centred(score: Score, picture: np.ndarray, size: int, fill: float) -> np.ndarray:
    """A number for each pixel, in the middle of what is hidden; at the border a part of the square."""
    half, made = size // 2, np.zeros(picture.shape[1:])
    for row, column in np.ndindex(*made.shape):
        changed = picture.copy()
        changed[:, max(0, row - half) : row + half + 1, max(0, column - half) : column + half + 1] = fill
        made[row, column] = score(picture) - score(changed)
    return made


def _multiplied(score: Score, picture: np.ndarray, size: int, fill: float) -> np.ndarray:
    return score(picture) - _hidden(score, picture, size, 0.0)


occluded = Checker(
    title="Hide and ask",
    reference=lambda score, picture, size, fill: score(picture) - _hidden(score, picture, size, fill),
    problem=lambda rng: told_apart(rng, _ordinary, occluded),
    first_hint="For each place: a fresh copy of the picture, a square of it set to fill, and how much the score falls.",
    cases=(
        Case(
            "even",
            lambda rng: _asked(rng, (2, 6, 5), 2),
            "But a square may have an even side.",
        ),
        Case("one pixel", lambda rng: _asked(rng, (3, 3, 4), 1), "But a square may be a single pixel."),
        Case(
            "all of it",
            lambda rng: _asked(rng, (2, 4, 4), 4),
            "But the square may be as large as the picture: then there's one place.",
        ),
        Case(
            "as high",
            lambda rng: _asked(rng, (2, 3, 6), 3),
            "But the square may be as high as the picture: then there's one row of places.",
        ),
        Case("grey", lambda rng: _asked(rng, (1, 5, 4), 3), "But the picture may have a single channel."),
        Case(
            "black",
            lambda rng: (*_asked(rng, (2, 5, 4), 2)[:3], 0.0),
            "But fill may be 0.",
        ),
        Case(
            "whole numbers",
            lambda rng: (_asked(rng, (2, 5, 4), 2)[0], rng.integers(0, 5, (2, 5, 4)), 2, 0.5),
            "But the picture may hold whole numbers, and fill a fraction: the copy must hold it.",
        ),
    ),
    mistakes=(
        Mistake(
            "sign",
            lambda score, picture, size, fill: _hidden(score, picture, size, fill) - score(picture),
            "The sign is the other way round: what matters makes the score fall, and is to be above 0.",
        ),
        Mistake(
            "the score itself",
            _hidden,
            "Those are the scores with a square hidden. Asked is by how much they have fallen.",
        ),
        Mistake(
            "squares left in place",
            _left_in_place,
            "Your squares stay where they were, so that more and more is hidden. Begin with a fresh copy each time.",
        ),
        Mistake(
            "centred",
            _centred,
            "Your square lies around the pixel. It begins there, and is never cut off at the border.",
        ),
        Mistake(
            "one channel",
            lambda score, picture, size, fill: score(picture) - _hidden(score, picture, size, fill, slice(1)),
            "You hide the first channel only, and the others still show what's there. Hide all of them.",
        ),
        Mistake(
            "side by side",
            lambda score, picture, size, fill: (score(picture) - _hidden(score, picture, size, fill))[::size, ::size],
            "Your squares lie side by side. The next begins one pixel further on.",
        ),
        Mistake(
            "filled with 0",
            _multiplied,
            "You set the square to 0. Set it to `fill`: black may be a sign of something, too.",
        ),
        Mistake(
            "last place left out",
            lambda score, picture, size, fill: (score(picture) - _hidden(score, picture, size, fill))[:-1, :-1],
            "Your last row and column of places are missing. A square may end with the last pixel.",
        ),
    ),
)


# --- Grad-CAM --------------------------------------------------------------------------------------------------------


def _maps_and_gradients(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Places for the class and places against it, so that the ReLU shows."""
    shape = (int(rng.integers(4, 7)), *sides(rng, 3, 6))
    while True:
        maps, gradients = rng.normal(size=shape), rng.normal(size=shape) + rng.normal(size=(shape[0], 1, 1))
        seen = _weighted(maps, gradients)
        if seen.max() > 0.2 and seen.min() < -0.2:
            return maps, gradients


def _relu(values: np.ndarray) -> np.ndarray:
    return np.maximum(values, 0)


def _weights(gradients: np.ndarray) -> np.ndarray:
    """One for each map, with two axes more."""
    return np.mean(gradients, axis=(1, 2), keepdims=True)


def _weighted(maps: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    return (_weights(gradients) * maps).sum(axis=0)


def _cam(maps: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    return _relu(_weighted(maps, gradients))


def _largest_one(maps: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    seen = _cam(maps, gradients)
    return seen / seen.max()


cam = Checker(
    title="Grad-CAM",
    reference=_cam,
    problem=lambda rng: told_apart(rng, _maps_and_gradients, cam),
    first_hint="One weight for each map, the mean of its gradient. Add up weight times map; nothing stays below 0.",
    cases=(
        Case(
            "nothing for it",
            lambda rng: (rng.uniform(0.1, 1, (3, 4, 5)), -rng.uniform(0.1, 1, (3, 4, 5))),
            "But there may be no place that speaks for the class: then all is 0.",
        ),
        Case(
            "one map",
            lambda rng: (rng.uniform(0.1, 1, (1, 4, 3)), rng.uniform(0.1, 1, (1, 4, 3))),
            "But there may be a single map.",
        ),
        Case(
            "one place",
            lambda rng: (rng.uniform(0.1, 1, (4, 1, 1)), rng.uniform(0.1, 1, (4, 1, 1))),
            "But the maps may be 1 × 1, and the answer keeps both axes.",
        ),
        Case(
            "as many maps as columns",
            lambda rng: (rng.normal(size=(4, 4, 4)), rng.normal(size=(4, 4, 4))),
            "But there may be as many maps as rows and columns: the weights still belong to the maps.",
        ),
        Case(
            "bytes",
            lambda rng: (rng.integers(100, 256, (3, 4, 5), dtype=np.uint8), rng.uniform(0.1, 1, (3, 4, 5))),
            "But the maps may be bytes.",
        ),
    ),
    mistakes=(
        Mistake(
            "ReLU on the gradients",
            lambda maps, gradients: _relu((_weights(_relu(gradients)) * maps).sum(axis=0)),
            "You set negative gradients to 0 before the mean. Programs have been published that do so; the paper "
            "takes the mean of all, and the ReLU comes at the end.",
        ),
        Mistake(
            "ReLU on the weights",
            lambda maps, gradients: _relu((_relu(_weights(gradients)) * maps).sum(axis=0)),
            "You leave out maps with a negative weight. They speak against the class, and are to be subtracted.",
        ),
        Mistake(
            "no ReLU",
            _weighted,
            "Some of your numbers are negative: places that speak against the class. Set them to 0.",
        ),
        Mistake(
            "ReLU on each map",
            lambda maps, gradients: _relu(_weights(gradients) * maps).sum(axis=0),
            "You set negative numbers to 0 in each map before you add. Add first, so that for and against can meet.",
        ),
        Mistake(
            "place by place",
            lambda maps, gradients: _relu((gradients * maps).sum(axis=0)),
            "You multiply each place by its own gradient. That's another method (HiResCAM); Grad-CAM has one weight "
            "for a map.",
        ),
        Mistake(
            "sum of the gradients",
            lambda maps, gradients: _cam(maps, gradients * gradients[0].size),
            "Your weights are sums of the gradients. They're means: you're off by a factor of rows times columns.",
        ),
        Mistake(
            "mean over the maps",
            lambda maps, gradients: _relu(np.mean(gradients, axis=0) * maps).sum(axis=0),
            "You take the mean over the maps, and get a weight for each place. Each map should have one: take the "
            "mean over its rows and columns.",
        ),
        Mistake(
            "mean over the maps, added",
            lambda maps, gradients: _relu(np.mean(gradients, axis=0) * maps.sum(axis=0)),
            "Your weights belong to the places, not to the maps. The mean is over rows and columns, axes 1 and 2.",
        ),
        Mistake(
            "mean of the maps",
            lambda maps, gradients: _cam(maps, gradients) / len(maps),
            "You divide by the number of maps. Grad-CAM adds them up.",
        ),
        Mistake(
            "largest is 1",
            _largest_one,
            "You've divided by the largest. That's for drawing, and hides how much there is. Leave it as it is.",
        ),
        Mistake(
            "without signs",
            lambda maps, gradients: np.abs(_weighted(maps, gradients)),
            "You drop the signs, so that what speaks against the class looks like what speaks for it.",
        ),
    ),
)


# --- the smallest push -----------------------------------------------------------------------------------------------


def _to_push(rng: Rng) -> tuple[np.ndarray, np.ndarray, float]:
    """Pixels near both ends, gradients below and above 1, and some exactly 0."""
    shape = (3, *sides(rng, 4, 7))
    picture, gradient = rng.uniform(0.2, 0.8, shape), rng.normal(size=shape)
    picture[0], gradient[1, :, 0] = rng.choice([0.0, 0.01, 0.99, 1.0], shape[1:]), 0.0
    return picture, gradient, float(rng.uniform(0.05, 0.15))


def _pushed(picture: np.ndarray, push: np.ndarray) -> np.ndarray:
    return np.clip(np.asarray(picture, dtype=float) + push, 0, 1)


def _nudged(picture: np.ndarray, gradient: np.ndarray, step: float) -> np.ndarray:
    return _pushed(picture, step * np.sign(gradient))


nudged = Checker(
    title="The smallest push",
    reference=_nudged,
    problem=lambda rng: told_apart(rng, _to_push, nudged),
    first_hint="Only the sign of the gradient counts: `np.sign` has three values. Which way does the loss grow?",
    cases=(
        Case(
            "no step",
            lambda rng: (*_to_push(rng)[:2], 0.0),
            "But the step may be 0: then the picture stays as it is.",
        ),
        Case(
            "flat",
            lambda rng: (rng.random((3, 4, 5)), np.zeros((3, 4, 5)), 0.1),
            "But the gradient may be 0 everywhere: then the picture stays as it is.",
        ),
        Case(
            "tiny",
            lambda rng: (rng.uniform(0.2, 0.8, (1, 4, 3)), rng.choice([-1e-12, 1e-12], (1, 4, 3)), 0.1),
            "But a gradient may be tiny, and it still has a sign.",
        ),
        Case(
            "a large step",
            lambda rng: (*_to_push(rng)[:2], 3.0),
            "But the step may be larger than 1: then most pixels end at 0 or 1.",
        ),
        Case(
            "black and white",
            lambda rng: (rng.integers(0, 2, (3, 4, 5)), rng.normal(size=(3, 4, 5)), 0.1),
            "But the picture may hold whole numbers, 0 and 1, and a push is a fraction.",
        ),
        Case(
            "a batch",
            lambda rng: (rng.random((2, 3, 4, 5)), rng.normal(size=(2, 3, 4, 5)), 0.1),
            "But there may be several pictures, with an axis more.",
        ),
    ),
    mistakes=(
        Mistake(
            "downhill",
            lambda picture, gradient, step: _nudged(picture, -gradient, step),
            "You go downhill, as in training, and the network becomes surer. The loss should grow: go uphill.",
        ),
        Mistake(
            "no sign",
            lambda picture, gradient, step: _pushed(picture, step * gradient),
            "You add the gradient itself. Take its sign only, so that each pixel moves by the same amount.",
        ),
        Mistake(
            "length 1",
            lambda picture, gradient, step: _pushed(picture, step * gradient / np.linalg.norm(gradient)),
            "You divide the gradient by its length. That's the smallest push if you measure along the straight line; "
            "here each pixel may move by step, so take the sign.",
        ),
        Mistake(
            "largest 1",
            lambda picture, gradient, step: _pushed(picture, step * gradient / np.abs(gradient).max()),
            "You divide the gradient by its largest number, and only one pixel moves by the whole step. All may: take "
            "the sign.",
        ),
        Mistake(
            "gradient clipped",
            lambda picture, gradient, step: _pushed(picture, step * np.clip(gradient, -1, 1)),
            "You clip the gradient, so that small ones push less. Take the sign, and clip the picture.",
        ),
        Mistake(
            "not clipped",
            lambda picture, gradient, step: picture + step * np.sign(gradient),
            "Some of your pixels are below 0 or above 1, which is no picture. Clip what you've got.",
        ),
        Mistake(
            "push clipped",
            lambda picture, gradient, step: picture + np.clip(step * np.sign(gradient), 0, 1),
            "You clip the push. It's the picture, after the push, that must stay from 0 to 1.",
        ),
        Mistake(
            "zero pushed up",
            lambda picture, gradient, step: _pushed(picture, np.where(gradient >= 0, step, -step)),
            "Where the gradient is 0 you go up. There the loss doesn't change, and the pixel stays.",
        ),
        Mistake(
            "zero pushed down",
            lambda picture, gradient, step: _pushed(picture, np.where(gradient > 0, step, -step)),
            "Where the gradient is 0 you go down. A sign is one of three: up, down, or neither.",
        ),
        Mistake(
            "the push alone",
            lambda picture, gradient, step: step * np.sign(gradient),
            "That's the push. Add it to the picture.",
        ),
    ),
)


# --- what the filters hear -------------------------------------------------------------------------------------------


def _filters(rng: Rng) -> tuple[np.ndarray, int]:
    """A side that is a multiple of the kernel's, so that blowing the filters up to it is possible."""
    size = int(rng.integers(2, 5))
    return rng.normal(size=(int(rng.integers(3, 6)), size, size)), size * int(rng.integers(2, 4))


def _heard(filters: np.ndarray, side: int) -> np.ndarray:
    """The transform of each filter, with zeros behind it."""
    return np.fft.fft2(filters, s=(side, side), axes=(1, 2))


def _powers(filters: np.ndarray, side: int) -> np.ndarray:
    return (np.abs(_heard(filters, side)) ** 2).sum(axis=0)


def _blown_up(filters: np.ndarray, side: int) -> np.ndarray:
    times = side // filters.shape[1]
    return _powers(filters.repeat(times, axis=1).repeat(times, axis=2), side)


gain = Checker(
    title="What the filters hear",
    reference=_powers,
    problem=lambda rng: told_apart(rng, _filters, gain),
    first_hint="`np.fft.fft2` takes the side as `s`, and pads with zeros itself. Then square, and add up over filters.",
    cases=(
        Case("one filter", lambda rng: (rng.normal(size=(1, 3, 3)), 9), "But there may be a single filter."),
        Case(
            "no multiple",
            lambda rng: (rng.normal(size=(3, 3, 3)), int(rng.choice([7, 8, 10, 11]))),
            "But the side may be any number, not only a multiple of the filter's.",
        ),
        Case(
            "no zeros",
            lambda rng: (rng.normal(size=(3, 5, 5)), 5),
            "But the side may be that of the filters: then no zeros are needed.",
        ),
        Case(
            "one tap",
            lambda rng: (rng.normal(size=(4, 1, 1)), 6),
            "But a filter may be a single weight, which lets all frequencies through alike.",
        ),
        Case(
            "whole numbers",
            lambda rng: (np.array([[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], [[0, 1, 0], [1, -4, 1], [0, 1, 0]]]), 8),
            "But the filters may hold whole numbers, as Sobel's do.",
        ),
    ),
    mistakes=(
        Mistake(
            "no squares",
            lambda filters, side: np.abs(_heard(filters, side)).sum(axis=0),
            "You add up the gains themselves. Square each of them first: what adds up is power.",
        ),
        Mistake(
            "square of the sum",
            lambda filters, side: np.abs(_heard(filters, side).sum(axis=0)) ** 2,
            "You add before you square, and one filter can silence another. Each has a map of its own: square first.",
        ),
        Mistake(
            "shifted",
            lambda filters, side: np.fft.fftshift(_powers(filters, side)),
            "You've moved the frequency (0, 0) to the middle. That's how it's drawn; asked is the order of the DFT, "
            "with (0, 0) first.",
        ),
        Mistake(
            "divided",
            lambda filters, side: _powers(filters, side) / side**2,
            "You divide by the number of frequencies. The transform of a filter is its gain as it stands.",
        ),
        Mistake(
            "real part",
            lambda filters, side: (_heard(filters, side).real ** 2).sum(axis=0),
            "You square the real part only. A gain is the length of the complex number: its imaginary part counts.",
        ),
        Mistake(
            "blown up",
            _blown_up,
            "You blow the filters up to the side, and then they hear lower frequencies. Put zeros around them instead.",
        ),
        Mistake(
            "not padded",
            lambda filters, side: _powers(filters, filters.shape[1]),
            "Your filters aren't padded: there are as many frequencies as weights. Put zeros around them, up to side.",
        ),
        Mistake(
            "mean",
            lambda filters, side: _powers(filters, side) / len(filters),
            "You take the mean over the filters. Asked is the sum.",
        ),
        Mistake(
            "root",
            lambda filters, side: np.sqrt(_powers(filters, side)),
            "You take the root of the sum. Leave it: it's the sum of the squares that's asked for.",
        ),
        Mistake(
            "each filter",
            lambda filters, side: np.abs(_heard(filters, side)) ** 2,
            "That's what each filter hears. Add them up.",
        ),
    ),
)


# --- blur, then subsample --------------------------------------------------------------------------------------------

_BINOMIAL = np.array([1, 2, 1]) / 4


def _to_blur(rng: Rng) -> tuple[np.ndarray]:
    """Rows and columns of unlike, even number, at least six, so that what's left can be blurred again."""
    rows, columns = (2 * half for half in sides(rng, 3, 5))
    return (rng.normal(size=(2, 3, rows, columns)),)


def _blurred(
    x: np.ndarray, axes: tuple[int, ...] = (2, 3), mode: str = "wrap", w: np.ndarray = _BINOMIAL
) -> np.ndarray:
    """Along each of the axes: before it once, itself twice, behind it once."""
    for axis in axes:
        margin = [(1, 1) if other == axis else (0, 0) for other in range(4)]
        padded = np.moveaxis(np.pad(np.asarray(x, dtype=float), margin, mode=mode), axis, -1)
        x = np.moveaxis(w[0] * padded[..., :-2] + w[1] * padded[..., 1:-1] + w[2] * padded[..., 2:], -1, axis)
    return x


def _subsampled(x: np.ndarray, first: int = 0) -> np.ndarray:
    return np.asarray(x)[:, :, first::2, first::2]


halved = Checker(
    title="Blur, then subsample",
    reference=lambda x: _subsampled(_blurred(x)),
    problem=_to_blur,
    first_hint="`np.roll` brings a neighbour to each place. Blur along rows, then along columns, then leave out.",
    cases=(
        Case(
            "two rows",
            lambda rng: (rng.normal(size=(2, 3, 2, 6)),),
            "But there may be two rows: then the one before and the one behind are the same.",
        ),
        Case("two by two", lambda rng: (rng.normal(size=(1, 2, 2, 2)),), "But a map may be 2 × 2."),
        Case(
            "one map",
            lambda rng: (rng.normal(size=(1, 1, 4, 6)),),
            "But there may be one picture with one map: its axes stay.",
        ),
        Case(
            "bytes",
            lambda rng: (rng.integers(100, 256, (2, 2, 4, 6), dtype=np.uint8),),
            "But x may be bytes, and what's added up goes beyond 255.",
        ),
    ),
    mistakes=(
        Mistake(
            "subsampled first",
            lambda x: _blurred(_subsampled(x)),
            "You leave out first, and blur what is left. By then the fine stripes have already become coarse ones.",
        ),
        Mistake(
            "no blur",
            _subsampled,
            "Where's the blur? Without it, fine stripes come back as coarse ones.",
        ),
        Mistake(
            "sum 16",
            lambda x: 16 * _subsampled(_blurred(x)),
            "Your weights have the sum 16, so that everything becomes brighter. Divide by 4 along each axis.",
        ),
        Mistake(
            "sum 4",
            lambda x: 4 * _subsampled(_blurred(x)),
            "Your weights have the sum 4. Divide by 4 along each of the two axes, by 16 in all.",
        ),
        Mistake(
            "box of two",
            lambda x: _subsampled(_blurred(x, w=np.array([0, 1, 1]) / 2)),
            "That's the mean of each 2 × 2. Its middle lies half a pixel off, and it lets more of the fine stripes by.",
        ),
        Mistake(
            "box of three",
            lambda x: _subsampled(_blurred(x, w=np.ones(3) / 3)),
            "Your three weights are equal, and let a third of the finest stripes pass. The middle should count twice.",
        ),
        Mistake(
            "zeros around",
            lambda x: _subsampled(_blurred(x, mode="constant")),
            "You take zeros beyond the border. Here the picture goes round: the last row is beside the first.",
        ),
        Mistake(
            "border repeated",
            lambda x: _subsampled(_blurred(x, mode="edge")),
            "You repeat the border. Here the picture goes round: the last row is beside the first.",
        ),
        Mistake(
            "mirrored",
            lambda x: _subsampled(_blurred(x, mode="reflect")),
            "The picture is mirrored at your borders. Here it goes round: beyond the first row comes the last.",
        ),
        Mistake(
            "down only",
            lambda x: _subsampled(_blurred(x, (2,))),
            "You mix neighbouring rows only. Neighbouring columns are mixed in the same way.",
        ),
        Mistake(
            "across only",
            lambda x: _subsampled(_blurred(x, (3,))),
            "You mix neighbouring columns only. Neighbouring rows are mixed in the same way.",
        ),
        Mistake(
            "from the second on",
            lambda x: _subsampled(_blurred(x), 1),
            "You keep every second row and column, but from the second on. Begin with the first, number 0.",
        ),
        Mistake(
            "not smaller",
            _blurred,
            "That's the blur. Now keep every second row and column.",
        ),
    ),
)

#: Every checker of the chapter, for the tests.
CHECKERS = (occluded, cam, nudged, gain, halved)
