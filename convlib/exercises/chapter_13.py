"""Checkers for chapter 13, AlexNet."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convlib.exercises._draw import clear_winners, sides, told_apart
from convlib.exercises.checker import Case, Checker, Mistake

Rng = np.random.Generator


# --- local response normalisation ------------------------------------------------------------------------------------


def _activations(rng: Rng) -> tuple[np.ndarray, int, float, float, float]:
    """More maps than a window has; positive numbers, so that what forgets the squares has a power, too."""
    rows, columns = sides(rng, 3, 6)
    a = rng.uniform(0.1, 2, (2, int(rng.integers(8, 11)), rows, columns))
    constants = (rng.uniform(low, high) for low, high in ((1.2, 2.5), (0.1, 0.5), (0.4, 0.9)))
    return a, int(rng.choice([5, 7])), *map(float, constants)


def _windows(values: np.ndarray, before: int, behind: int, combine: Callable = np.sum) -> np.ndarray:
    """For each map: what ``combine`` makes of the maps around it, as far as there are any."""
    places = range(values.shape[1])
    return np.stack([combine(values[:, max(0, c - before) : c + behind + 1], axis=1) for c in places], axis=1)


def _divided(a: np.ndarray, sums: np.ndarray, k: float, alpha: float, beta: float) -> np.ndarray:
    return np.asarray(a) / (k + alpha * sums) ** beta


def _normalised(a: np.ndarray, n: int, k: float, alpha: float, beta: float) -> np.ndarray:
    return _divided(a, _windows(np.asarray(a, dtype=float) ** 2, n // 2, n // 2), k, alpha, beta)


def _in_space(a: np.ndarray, n: int) -> np.ndarray:
    """The sums of the squares in n × n places of the same map."""
    margin = ((0, 0), (0, 0), (n // 2, n // 2), (n // 2, n // 2))
    return sliding_window_view(np.pad(a**2, margin), (n, n), axis=(2, 3)).sum(axis=(4, 5))


def _wrapped(a: np.ndarray, n: int) -> np.ndarray:
    return sum(np.roll(a**2, shift, axis=1) for shift in range(-(n // 2), n // 2 + 1))


def _negative_start(a: np.ndarray, n: int) -> np.ndarray:
    """A slice that begins at a negative number begins at the end, and is empty."""
    return np.stack([(a[:, c - n // 2 : c + n // 2 + 1] ** 2).sum(axis=1) for c in range(a.shape[1])], axis=1)


normalised = Checker(
    title="Local response normalisation",
    reference=_normalised,
    problem=_activations,
    first_hint="For map c: the squares of the maps c − n//2 to c + n//2, as far as there are any, summed over axis 1.",
    cases=(
        Case(
            "few maps",
            lambda rng: (rng.uniform(0, 2, (2, 3, 4, 5)), 9, 2.0, 0.3, 0.75),
            "But the window may hold more maps than there are.",
        ),
        Case(
            "itself alone",
            lambda rng: (rng.uniform(0, 2, (2, 4, 3, 5)), 1, 2.0, 0.3, 0.75),
            "But n may be 1: then a map has no neighbours, and is divided by what it holds itself.",
        ),
        Case(
            "negative",
            lambda rng: (rng.normal(size=(1, 7, 4, 3)) - 1, 5, 2.0, 0.2, 0.5),
            "But numbers may be negative: their squares count the same, and their signs stay.",
        ),
        Case(
            "bytes",
            lambda rng: (rng.integers(16, 256, (1, 6, 3, 4), dtype=np.uint8), 5, 2.0, 1e-4, 0.75),
            "But a may be bytes, and their squares go beyond 255.",
        ),
    ),
    mistakes=(
        Mistake(
            "divided by n",
            lambda a, n, k, alpha, beta: _normalised(a, n, k, alpha / n, beta),
            "You divide the sum by n, as PyTorch's `nn.LocalResponseNorm` does. In the paper alpha multiplies the sum.",
        ),
        Mistake(
            "mean",
            lambda a, n, k, alpha, beta: _divided(a, _windows(a**2, n // 2, n // 2, np.mean), k, alpha, beta),
            "You take the mean of the squares in the window. The paper has their sum, of fewer maps at both ends.",
        ),
        Mistake(
            "neighbours in space",
            lambda a, n, k, alpha, beta: _divided(a, _in_space(a, n), k, alpha, beta),
            "Your neighbours are places of the same map. Here they're the other maps, at the same place.",
        ),
        Mistake(
            "no squares",
            lambda a, n, k, alpha, beta: _divided(a, _windows(a, n // 2, n // 2), k, alpha, beta),
            "You add up the numbers themselves. Square them first.",
        ),
        Mistake(
            "no k",
            lambda a, n, k, alpha, beta: _normalised(a, n, 0.0, alpha, beta),
            "Where is k? It keeps a map from a division by nearly zero where all neighbours are quiet.",
        ),
        Mistake(
            "one-sided",
            lambda a, n, k, alpha, beta: _divided(a, _windows(a**2, n // 2, 0), k, alpha, beta),
            "Your window ends at the map itself. It reaches as far to the maps behind it as to those before.",
        ),
        Mistake(
            "one too few",
            lambda a, n, k, alpha, beta: _divided(a, _windows(a**2, n // 2, n // 2 - 1), k, alpha, beta),
            "Your window lacks its last map. A slice ends one before the number that you give it.",
        ),
        Mistake(
            "around",
            lambda a, n, k, alpha, beta: _divided(a, _wrapped(a, n), k, alpha, beta),
            "Your window goes round: the last map is a neighbour of the first. At the ends it's just shorter.",
        ),
        Mistake(
            "negative start",
            lambda a, n, k, alpha, beta: _divided(a, _negative_start(a, n), k, alpha, beta),
            "The first maps find no neighbours in yours: a slice that begins at −1 begins at the end. Begin at 0.",
        ),
        Mistake(
            "times beta",
            lambda a, n, k, alpha, beta: a / (beta * (k + alpha * _windows(a**2, n // 2, n // 2))),
            "You multiply by beta. It's the power to which the bracket is raised.",
        ),
    ),
)


# --- dropout as in 2012 ----------------------------------------------------------------------------------------------


def _of_either_kind(rng: Rng, *, learning: bool) -> tuple[np.ndarray, np.ndarray, float, bool]:
    """Something kept and something not, and a rate that isn't the rate of what is kept."""
    kept = rng.permutation(np.repeat([0.0, 1.0], [6, 9])).reshape(3, 5)
    return rng.normal(size=kept.shape), kept, float(rng.choice([0.1, 0.2, 0.3, 0.4, 0.6, 0.7])), learning


def _dropped(x: np.ndarray, kept: np.ndarray, p: float, learning: bool) -> np.ndarray:
    return np.where(kept, x, 0.0) if learning else np.asarray(x) * (1 - p)


def _instead(learns: Callable | None = None, asked: Callable | None = None) -> Callable[..., np.ndarray]:
    """Another answer while learning, when asked, or both; each from x, kept and p."""

    def mistaken(x: np.ndarray, kept: np.ndarray, p: float, learning: bool) -> np.ndarray:
        other = learns if learning else asked
        return other(x, kept, p) if other else _dropped(x, kept, p, learning)

    return mistaken


dropped = Checker(
    title="Dropout as in 2012",
    reference=_dropped,
    problem=lambda rng: _of_either_kind(rng, learning=True),
    draw=lambda rng: [_of_either_kind(rng, learning=n % 2 == 0) for n in range(8)],
    first_hint="While learning: x where it's kept, else 0. When asked: everything takes part, each the smaller for it.",
    cases=(
        Case(
            "nothing dropped, learning",
            lambda rng: (rng.normal(size=4), np.ones(4), 0.0, True),
            "But p may be 0, and all may be kept.",
        ),
        Case(
            "nothing dropped, asked",
            lambda rng: (rng.normal(size=4), np.ones(4), 0.0, False),
            "But p may be 0 when asked: then x stays as it is.",
        ),
        Case(
            "true or false",
            lambda rng: (rng.normal(size=(2, 4)), np.array([[True, False, True, True]] * 2), 0.3, True),
            "But the mask may hold True and False in place of 1 and 0.",
        ),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(1, 9, (2, 4)), rng.integers(0, 2, (2, 4)), 0.4, False),
            "But x may hold whole numbers, and 1 − p of one is a fraction.",
        ),
        Case(
            "maps",
            lambda rng: (rng.normal(size=(2, 3, 4, 5)), rng.integers(0, 2, (2, 3, 4, 5)), 0.5, True),
            "But x may have four axes, as a batch of maps has.",
        ),
    ),
    mistakes=(
        Mistake(
            "divided while learning",
            _instead(lambda x, kept, p: x * kept / (1 - p)),
            "While learning you divide by 1 − p, which is today's way. In 2012 what was kept stayed as it was.",
        ),
        Mistake(
            "as today",
            _instead(lambda x, kept, p: x * kept / (1 - p), lambda x, kept, p: x),
            "That's dropout as it's done today. In 2012 it was the other way: left while learning, smaller when asked.",
        ),
        Mistake(
            "unchanged when asked",
            _instead(asked=lambda x, kept, p: x),
            "When asked you leave x as it is. That's today's way, and goes with a division while learning.",
        ),
        Mistake(
            "times p",
            _instead(asked=lambda x, kept, p: x * p),
            "When asked you multiply by p, the share that's dropped. The next layer is used to the share that's kept.",
        ),
        Mistake(
            "divided when asked",
            _instead(asked=lambda x, kept, p: x / (1 - p)),
            "When asked you make x larger. All take part now, so each must be smaller for the sum to stay.",
        ),
        Mistake(
            "mask when asked",
            _instead(asked=lambda x, kept, p: x * kept),
            "You drop when asked, too. Chance is for learning; when asked all units take part.",
        ),
        Mistake(
            "kept for dropped",
            _instead(lambda x, kept, p: x * (1 - kept)),
            "You keep what should be dropped: where `kept` is 1, x stays.",
        ),
    ),
)


# --- ten crops -------------------------------------------------------------------------------------------------------


def _to_crop(rng: Rng) -> tuple[np.ndarray, int]:
    """No square, and an odd number of rows and columns left over, two numbers of them."""
    size = int(rng.integers(2, 6))
    left = rng.permutation([1, 3, 5])[:2]
    return rng.normal(size=(int(rng.integers(1, 4)), *(size + left))), size


def _five(picture: np.ndarray, size: int, *, extra: int = 0) -> list[np.ndarray]:
    """The four corners and the middle; ``extra`` is added before the middle's halves are taken."""
    bottom, right = picture.shape[1] - size, picture.shape[2] - size
    corners = [(0, 0), (0, right), (bottom, 0), (bottom, right), ((bottom + extra) // 2, (right + extra) // 2)]
    return [picture[:, row : row + size, column : column + size] for row, column in corners]


def _and_mirrored(crops: Sequence[np.ndarray], axes: tuple[int, ...] = (2,)) -> np.ndarray:
    return np.stack([*crops, *(np.flip(crop, axes) for crop in crops)])


def _ten(picture: np.ndarray, size: int) -> np.ndarray:
    return _and_mirrored(_five(np.asarray(picture), size))


ten = Checker(
    title="Ten crops",
    reference=_ten,
    problem=_to_crop,
    first_hint="Where does a crop begin that ends with the last row? Write down five beginnings, then cut and mirror.",
    cases=(
        Case(
            "even",
            lambda rng: (rng.normal(size=(2, 7, 9)), 3),
            "But the rows and columns left over may be even in number.",
        ),
        Case(
            "nothing left over",
            lambda rng: (rng.normal(size=(3, 4, 4)), 4),
            "But the crop may be as large as the picture: then all five are the same.",
        ),
        Case(
            "as high",
            lambda rng: (rng.normal(size=(3, 4, 7)), 4),
            "But the crop may be as high as the picture, and less wide.",
        ),
        Case("one pixel", lambda rng: (rng.normal(size=(3, 4, 5)), 1), "But a crop may be a single pixel."),
    ),
    mistakes=(
        Mistake(
            "upside down",
            lambda picture, size: _and_mirrored(_five(picture, size), (1,)),
            "You turn them upside down. A dog in a mirror has left and right exchanged, and still stands on its feet.",
        ),
        Mistake(
            "turned",
            lambda picture, size: _and_mirrored(_five(picture, size), (1, 2)),
            "You turn them by 180°: rows and columns are both reversed. A mirror reverses the columns only.",
        ),
        Mistake(
            "taken in turns",
            lambda picture, size: _ten(picture, size)[[0, 5, 1, 6, 2, 7, 3, 8, 4, 9]],
            "Each crop is followed by its mirror image in yours. Asked are first the five, then the five mirrored.",
        ),
        Mistake(
            "picture mirrored first",
            lambda picture, size: np.stack([*_five(picture, size), *_five(picture[:, :, ::-1], size)]),
            "You mirror the picture and crop it again (torchvision does so), and left and right change places. "
            "Mirror the five crops.",
        ),
        Mistake(
            "middle rounded up",
            lambda picture, size: _and_mirrored(_five(picture, size, extra=1)),
            "Your middle begins one pixel too late. Half of what is left over is rounded down.",
        ),
        Mistake(
            "exchanged",
            lambda picture, size: _ten(picture, size)[[0, 2, 1, 3, 4, 5, 7, 6, 8, 9]],
            "Top right and bottom left are exchanged: rows come first, columns second.",
        ),
        Mistake(
            "not mirrored",
            lambda picture, size: _and_mirrored(_five(picture, size), ()),
            "Your second five are the first five again. Mirror them.",
        ),
    ),
)


# --- another light ---------------------------------------------------------------------------------------------------


def _lit(rng: Rng, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A picture, and the axes of the colours of a made-up data set, the longest first."""
    variances, axes = np.linalg.eigh(np.cov(rng.normal(size=(3, 3)) @ rng.normal(size=(3, 12))))
    return rng.random((3, rows, columns)), variances[::-1].copy(), axes[:, ::-1].copy(), rng.normal(size=3)


def _added(picture: np.ndarray, vector: np.ndarray) -> np.ndarray:
    return np.asarray(picture) + vector[:, None, None]


def _light(variances: np.ndarray, axes: np.ndarray, draws: np.ndarray) -> np.ndarray:
    return np.asarray(axes) @ (np.asarray(draws) * np.asarray(variances))


shifted = Checker(
    title="Another light",
    reference=lambda picture, variances, axes, draws: _added(picture, _light(variances, axes, draws)),
    problem=lambda rng: told_apart(rng, lambda rng: _lit(rng, *sides(rng, 4, 8)), shifted),
    first_hint="One vector for all pixels: the sum of the columns of axes, each times its variance and its draw.",
    cases=(
        Case(
            "bytes",
            lambda rng: ((colors := _lit(rng, 4, 5))[0].round().astype(np.uint8) * 200, *colors[1:]),
            "But the picture may be bytes, and what is added are fractions.",
        ),
        Case(
            "three columns",
            lambda rng: _lit(rng, 4, 3),
            "But the picture may be three pixels wide: the three numbers still belong to the colours.",
        ),
        Case("one pixel", lambda rng: _lit(rng, 1, 1), "But the picture may be a single pixel."),
        Case(
            "grey",
            lambda rng: (rng.random((3, 4, 5)), np.array([0.6, 0.0, 0.0]), _lit(rng, 1, 1)[2], rng.normal(size=3)),
            "But a variance may be 0: the pictures may be all grey.",
        ),
        Case(
            "nothing drawn",
            lambda rng: (*_lit(rng, 4, 5)[:3], np.zeros(3)),
            "But the draws may be 0: then the picture stays as it is.",
        ),
    ),
    mistakes=(
        Mistake(
            "rows",
            lambda picture, variances, axes, draws: _added(picture, _light(variances, np.transpose(axes), draws)),
            "You take the rows of axes. The eigenvectors are its columns, as `numpy.linalg.eigh` returns them.",
        ),
        Mistake(
            "standard deviations",
            lambda picture, variances, axes, draws: _added(picture, _light(np.sqrt(variances), axes, draws)),
            "You multiply by the roots, the standard deviations. The spread of the colours suggests that, but the "
            "paper multiplies by the eigenvalues themselves.",
        ),
        Mistake(
            "no variances",
            lambda picture, variances, axes, draws: _added(picture, _light(np.ones(3), axes, draws)),
            "Where are the variances? Colours change much along one axis, and little along another.",
        ),
        Mistake(
            "multiplied",
            lambda picture, variances, axes, draws: picture * _light(variances, axes, draws)[:, None, None],
            "You multiply by the vector. It's added, to all pixels alike.",
        ),
        Mistake(
            "multiplied by one more",
            lambda picture, variances, axes, draws: picture * (1 + _light(variances, axes, draws)[:, None, None]),
            "In yours a bright pixel changes more than a dark one. The vector is added, to all pixels alike.",
        ),
        Mistake(
            "first axis",
            lambda picture, variances, axes, draws: _added(picture, _light(variances * [1, 0, 0], axes, draws)),
            "You move along the first axis only. There are three, and each has its own draw.",
        ),
        Mistake(
            "no axes",
            lambda picture, variances, axes, draws: _added(picture, draws * variances),
            "Each channel has a draw of its own in yours. A draw belongs to an axis, and moves all three channels.",
        ),
        Mistake(
            "subtracted",
            lambda picture, variances, axes, draws: _added(picture, -_light(variances, axes, draws)),
            "You subtract the vector. It's added.",
        ),
    ),
)


# --- a new last layer ------------------------------------------------------------------------------------------------


def _groups(rng: Rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Classes that overlap, of unlike size and away from zero, so that the ways to tell them disagree."""
    classes, length = int(rng.integers(3, 5)), int(rng.integers(2, 4))
    sizes = rng.permutation([4, 6, 9, 13])[:classes]
    names = rng.permutation(np.repeat(np.arange(classes), sizes))
    means = rng.normal(size=(classes, length)) * 1.5 + 1
    new = means[rng.integers(0, classes, 10)] + rng.normal(size=(10, length))
    return means[names] + rng.normal(size=(len(names), length)), names, new


def _clear_groups(rng: Rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """No tie is near in any way to tell the classes, and no class number is rounded to one that isn't there."""
    while True:
        features, names, new = problem = _groups(rng)
        number = _number(features, names, new)
        inside = number.min() > -0.49 and number.max() < names.max() + 0.49
        ways = (_scores(features, names, new), _scores(features, names, new, bias=False), _closeness(*problem))
        if inside and np.abs(number % 1 - 0.5).min() > 0.01 and all(clear_winners(way, 0.01) for way in ways):
            return problem


def _more_features(rng: Rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    while True:
        problem = rng.normal(size=(8, 12)), rng.permutation([0, 1, 2, 0, 1, 2, 1, 1]), rng.normal(size=(15, 12))
        if clear_winners(_scores(*problem), 0.01):
            return problem


def _silent(rng: Rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The last feature is 0 in all that is learnt from, and is not in the new rows."""
    features, names, new = _clear_groups(rng)
    return np.pad(features, ((0, 0), (0, 1))), names, np.hstack([new, rng.normal(size=(len(new), 1))])


def _with_ones(features: np.ndarray) -> np.ndarray:
    return np.hstack([features, np.ones((len(features), 1))])


def _scores(features: np.ndarray, names: np.ndarray, new: np.ndarray, *, bias: bool = True) -> np.ndarray:
    """Of the new rows, by class."""
    learnt, asked = (_with_ones(features), _with_ones(new)) if bias else (features, new)
    targets = np.eye(np.max(names) + 1)[names]
    return asked @ np.linalg.lstsq(learnt, targets, rcond=None)[0]


def _bias_left_out(features: np.ndarray, names: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Scores of a layer that has learnt with a bias, and is used without."""
    return _scores(features, names, new) - _scores(features, names, np.zeros_like(new))


def _number(features: np.ndarray, names: np.ndarray, new: np.ndarray) -> np.ndarray:
    """The class as if it were a quantity."""
    return _with_ones(new) @ np.linalg.lstsq(_with_ones(features), names, rcond=None)[0]


def _closeness(features: np.ndarray, names: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Of the new rows to the mean of each class: larger is nearer."""
    means = np.stack([features[names == name].mean(axis=0) for name in range(np.max(names) + 1)])
    return -((new[:, None] - means) ** 2).sum(axis=2)


probe = Checker(
    title="A new last layer",
    reference=lambda features, names, new: _scores(features, names, new).argmax(axis=1),
    problem=lambda rng: told_apart(rng, _clear_groups, probe),
    first_hint="A column of ones beside the features, a row of `np.eye(K)` for each name, `np.linalg.lstsq`, argmax.",
    cases=(
        Case(
            "more features than pictures",
            _more_features,
            "But there may be more features than pictures: of the many solutions take the one of smallest norm.",
        ),
        Case(
            "a silent feature",
            _silent,
            "But a feature may be 0 in all rows: then its weight is free, and of smallest norm is the solution with 0.",
        ),
        Case(
            "one new row",
            lambda rng: ((problem := _clear_groups(rng))[0], problem[1], problem[2][:1]),
            "But there may be a single new row.",
        ),
    ),
    mistakes=(
        Mistake(
            "no bias",
            lambda features, names, new: _scores(features, names, new, bias=False).argmax(axis=1),
            "Your layer has no bias, so all scores are 0 where all features are. Append a 1 to each row.",
        ),
        Mistake(
            "bias left out when asked",
            lambda features, names, new: _bias_left_out(features, names, new).argmax(axis=1),
            "You learn with a bias and ask without it. The new rows need their 1, too.",
        ),
        Mistake(
            "numbers of the classes",
            lambda features, names, new: np.rint(_number(features, names, new)),
            "You fit the classes' numbers and round. Class 1 isn't halfway from 0 to 2: give each its own score.",
        ),
        Mistake(
            "nearest mean",
            lambda features, names, new: _closeness(features, names, new).argmax(axis=1),
            "You name the class whose mean is nearest. That's a sensible way, too, but asked is a linear layer, "
            "fitted by least squares.",
        ),
        Mistake(
            "along the wrong axis",
            lambda features, names, new: _scores(features, names, new).argmax(axis=0),
            "For each class you say which row has its largest score. It's the other way round: for each row a class.",
        ),
        Mistake(
            "scores",
            _scores,
            "Those are the scores. The name is the place of the largest one in each row.",
        ),
    ),
)

#: Every checker of the chapter, for the tests.
CHECKERS = (normalised, dropped, ten, shifted, probe)
