"""Checkers for chapter 11, training."""

from __future__ import annotations

import numpy as np

from convlib.exercises._draw import sides
from convlib.exercises.checker import Case, Checker, Mistake

Rng = np.random.Generator


# --- probabilities ---------------------------------------------------------------------------------------------------


def _softmax(scores: np.ndarray) -> np.ndarray:
    scores = np.asarray(scores, dtype=float)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _scores(rng: Rng) -> tuple[np.ndarray]:
    return (rng.normal(size=sides(rng, 3, 6)),)


probabilities = Checker(
    title="Probabilities",
    reference=_softmax,
    problem=_scores,
    first_hint="A row is a picture. Powers of e, divided by the sum of their own row.",
    cases=(
        Case(
            "large scores",
            lambda rng: (rng.normal(size=(3, 4)) + np.array([[800.0], [0.0], [-800.0]]),),
            "But scores may be 800, whose power of e no computer holds, or −800. Only differences within a row matter.",
        ),
        Case("one picture", lambda rng: (rng.normal(size=(1, 5)),), "But there may be a single picture."),
        Case("whole numbers", lambda rng: (rng.integers(-4, 5, (3, 4)),), "But the scores may be whole numbers."),
    ),
    mistakes=(
        Mistake(
            "columns",
            lambda scores: np.exp(scores) / np.exp(scores).sum(axis=0),
            "Your columns sum to 1. A picture is a row: it is the rows that must.",
        ),
        Mistake(
            "all of it",
            lambda scores: np.exp(scores) / np.exp(scores).sum(),
            "Your whole table sums to 1. Each row is to.",
        ),
        Mistake("not divided", lambda scores: np.exp(scores), "Those are the powers. Divide by the sum of each row."),
        Mistake(
            "one against none",
            lambda scores: 1 / (1 + np.exp(-scores)),
            "That is the logistic function, each class for itself. The classes of a picture compete.",
        ),
        Mistake(
            "no powers",
            lambda scores: scores / scores.sum(axis=1, keepdims=True),
            "You divide the scores themselves, which may be negative. Powers of e are not.",
        ),
        Mistake(
            "powers of 2",
            lambda scores: 2.0**scores / (2.0**scores).sum(axis=1, keepdims=True),
            "The powers are of e, not of 2.",
        ),
        Mistake("logarithms", lambda scores: np.log(_softmax(scores)), "Those are logarithms of probabilities."),
    ),
)


# --- what the scores hear --------------------------------------------------------------------------------------------


def _scores_and_names(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    pictures, classes = sides(rng, 3, 6)
    return rng.normal(size=(pictures, classes)), rng.integers(0, classes, pictures)


def _score_gradient(scores: np.ndarray, names: np.ndarray) -> np.ndarray:
    scores = np.asarray(scores, dtype=float)
    return (_softmax(scores) - np.eye(scores.shape[1])[names]) / len(scores)


score_gradient = Checker(
    title="What the scores hear",
    reference=_score_gradient,
    problem=_scores_and_names,
    first_hint="The probabilities, less 1 at the right name of each row; and the loss is a mean over the pictures.",
    cases=(
        Case(
            "one picture",
            lambda rng: (rng.normal(size=(1, 4)), rng.integers(0, 4, 1)),
            "But there may be a single picture.",
        ),
        Case(
            "large scores",
            lambda rng: (rng.normal(size=(2, 3)) + 900, rng.integers(0, 3, 2)),
            "But scores may be 900, whose power of e no computer holds.",
        ),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-4, 5, (3, 4)), rng.integers(0, 4, 3)),
            "But the scores may be whole numbers; their slopes are none.",
        ),
    ),
    mistakes=(
        Mistake(
            "sum",
            lambda scores, names: len(scores) * _score_gradient(scores, names),
            "That is of the *sum* of the losses. The loss is their mean over the pictures.",
        ),
        Mistake(
            "uphill",
            lambda scores, names: -_score_gradient(scores, names),
            "The sign is wrong: a higher score for the right name makes the loss smaller, so its slope is negative.",
        ),
        Mistake(
            "probabilities",
            lambda scores, names: _softmax(scores) / len(scores),
            "Where do the right names come in? Take 1 off there.",
        ),
        Mistake(
            "right name alone",
            lambda scores, names: _score_gradient(scores, names) * np.eye(scores.shape[1])[names],
            "You tell the right name only. The others hear, too: their scores should fall.",
        ),
        Mistake(
            "all numbers",
            lambda scores, names: _score_gradient(scores, names) / scores.shape[1],
            "You divide by the number of classes as well. The mean is over the pictures.",
        ),
        Mistake(
            "times the slope of softmax",
            lambda scores, names: _score_gradient(scores, names) * _softmax(scores) * (1 - _softmax(scores)),
            "You have multiplied by p(1 − p). Softmax and logarithm together leave p less 1: the slope is in there.",
        ),
    ),
)


# --- steps -----------------------------------------------------------------------------------------------------------


def _run(rng: Rng) -> tuple[np.ndarray, np.ndarray, float, float]:
    count = int(rng.integers(3, 7))
    return rng.normal(size=4), rng.normal(size=(count, 4)), float(rng.uniform(0.05, 0.2)), float(rng.uniform(0.5, 0.9))


def _descended(w: np.ndarray, gradients: np.ndarray, rate: float, momentum: float) -> np.ndarray:
    w, velocity = np.array(w, dtype=float), np.zeros(len(w))
    for gradient in gradients:
        velocity = momentum * velocity + gradient
        w = w - rate * velocity
    return w


def _looking_ahead(w: np.ndarray, gradients: np.ndarray, rate: float, momentum: float) -> np.ndarray:
    w, velocity = np.array(w, dtype=float), np.zeros(len(w))
    for gradient in gradients:
        velocity = momentum * velocity + gradient
        w = w - rate * (gradient + momentum * velocity)
    return w


def _old_velocity(w: np.ndarray, gradients: np.ndarray, rate: float, momentum: float) -> np.ndarray:
    w, velocity = np.array(w, dtype=float), np.zeros(len(w))
    for gradient in gradients:
        w = w - rate * velocity
        velocity = momentum * velocity + gradient
    return w


steps = Checker(
    title="With momentum",
    reference=_descended,
    problem=_run,
    first_hint="A velocity, 0 at first. At each step: momentum · velocity + gradient; then w less rate · velocity.",
    cases=(
        Case(
            "no momentum",
            lambda rng: (rng.normal(size=3), rng.normal(size=(4, 3)), 0.1, 0.0),
            "But the momentum may be 0.",
        ),
        Case(
            "no step",
            lambda rng: (rng.normal(size=3), np.zeros((0, 3)), 0.1, 0.9),
            "But there may be no gradients at all: then nothing moves.",
        ),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(-5, 6, 3), rng.normal(size=(2, 3)), 0.1, 0.9),
            "But the weights may begin as whole numbers.",
        ),
    ),
    mistakes=(
        Mistake(
            "no memory",
            lambda w, gradients, rate, momentum: w - rate * gradients.sum(axis=0),
            "Those are steps without momentum.",
        ),
        Mistake(
            "uphill",
            lambda w, gradients, rate, momentum: 2 * w - _descended(w, gradients, rate, momentum),
            "You go uphill. A step goes against the gradient.",
        ),
        Mistake(
            "mixed",
            lambda w, gradients, rate, momentum: w + (1 - momentum) * (_descended(w, gradients, rate, momentum) - w),
            "Your velocity is a mean: the new gradient counts 1 − momentum. Here it counts in full.",
        ),
        Mistake("looking ahead", _looking_ahead, "Yours looks ahead, as Nesterov's does. Here a step is the velocity."),
        Mistake("one step late", _old_velocity, "You step with the velocity of the step before. Update it first."),
        Mistake(
            "velocity forgotten",
            lambda w, gradients, rate, momentum: (
                w - rate * (gradients.sum(axis=0) + momentum * gradients[:-1].sum(axis=0))
            ),
            "You add only the gradient before. The velocity remembers all of them, ever more faintly.",
        ),
        Mistake(
            "path",
            lambda w, gradients, rate, momentum: np.array(
                [_descended(w, gradients[: n + 1], rate, momentum) for n in range(len(gradients))]
            ),
            "That is where the weights are after each step. Return where they are at the end.",
        ),
    ),
)


# --- batch normalisation ---------------------------------------------------------------------------------------------


def _batch(rng: Rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """No two lengths alike; means far from 0, and a small spread, so that what is left out shows."""
    shape = rng.permutation([2, 3, 4, 5])
    channels = int(shape[1])
    x = rng.normal(size=shape) * rng.uniform(0.05, 2, (channels, 1, 1)) + rng.normal(size=(channels, 1, 1)) * 2
    return x, rng.uniform(0.5, 2, channels), rng.normal(size=channels)


_EPS = 1e-5


def _normalised(
    x: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    axis: tuple[int, ...] = (0, 2, 3),
    *,
    ddof: int = 0,
    squared: bool = False,
) -> np.ndarray:
    x = np.asarray(x, dtype=float)
    variance = x.var(axis=axis, keepdims=True, ddof=ddof) + _EPS
    scaled = (x - x.mean(axis=axis, keepdims=True)) / (variance if squared else np.sqrt(variance))
    return np.asarray(gamma)[:, None, None] * scaled + np.asarray(beta)[:, None, None]


normalised = Checker(
    title="Batch normalisation",
    reference=_normalised,
    problem=_batch,
    first_hint="Mean and variance of each channel, over batch, rows and columns: axis=(0, 2, 3), keepdims=True.",
    cases=(
        Case(
            "constant channel",
            lambda rng: (np.full((2, 1, 3, 3), 0.25) * rng.integers(1, 9), np.array([2.0]), np.array([0.5])),
            "But a channel may be constant: the small number under the root keeps it from a division by zero.",
        ),
        Case(
            "one picture",
            lambda rng: (rng.normal(size=(1, 2, 4, 3)), np.array([1.0, 2.0]), np.array([0.0, 1.0])),
            "But the batch may have a single picture.",
        ),
        Case(
            "bytes",
            lambda rng: (
                rng.integers(0, 256, (2, 2, 3, 4), dtype=np.uint8),
                np.array([1.0, 2.0]),
                np.array([0.0, 1.0]),
            ),
            "But x may hold bytes, as pictures do. Neither their squares nor the result are bytes.",
        ),
    ),
    mistakes=(
        Mistake(
            "batch alone",
            lambda x, gamma, beta: _normalised(x, gamma, beta, (0,)),
            "You normalise each place for itself. All places of a channel count together.",
        ),
        Mistake(
            "each picture",
            lambda x, gamma, beta: _normalised(x, gamma, beta, (2, 3)),
            "You normalise each picture for itself. The batch counts together.",
        ),
        Mistake(
            "layer",
            lambda x, gamma, beta: _normalised(x, gamma, beta, (1, 2, 3)),
            "You mix the channels of a picture. Each channel has a mean of its own, over the whole batch.",
        ),
        Mistake(
            "everything",
            lambda x, gamma, beta: _normalised(x, gamma, beta, (0, 1, 2, 3)),
            "You take one mean for all channels. Each has its own.",
        ),
        Mistake(
            "variance",
            lambda x, gamma, beta: _normalised(x, gamma, beta, squared=True),
            "You divide by the variance. Take its root.",
        ),
        Mistake(
            "n minus 1",
            lambda x, gamma, beta: _normalised(x, gamma, beta, ddof=1),
            "You divide the squares by one less than their number. For the batch itself it is their number.",
        ),
        Mistake(
            "no scale",
            lambda x, gamma, beta: _normalised(x, np.ones_like(gamma), np.zeros_like(beta)),
            "Mean 0 and spread 1: now times gamma, plus beta, of each channel.",
        ),
        Mistake(
            "exchanged",
            lambda x, gamma, beta: _normalised(x, beta, gamma),
            "Gamma multiplies, beta is added. Yours are exchanged.",
        ),
        Mistake(
            "no small number",
            lambda x, gamma, beta: _without_eps(x, gamma, beta),
            "Add the small number, 1e-5, to the variance, under the root.",
        ),
    ),
    tolerance=1e-9,
)


def _without_eps(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> np.ndarray:
    scaled = (x - x.mean(axis=(0, 2, 3), keepdims=True)) / x.std(axis=(0, 2, 3), keepdims=True)
    return gamma[:, None, None] * scaled + beta[:, None, None]


# --- where to begin --------------------------------------------------------------------------------------------------


def _layer(rng: Rng) -> tuple[int, int, int]:
    channels, maps = sides(rng, 3, 40)
    return channels, maps, int(rng.integers(2, 8))


start = Checker(
    title="Where to begin",
    reference=lambda channels, maps, taps: np.sqrt(2 / (channels * taps * taps)),
    problem=_layer,
    first_hint="How many numbers does one output add up? Their number times the variance shall be 2.",
    cases=(
        Case("one tap", lambda rng: (int(rng.integers(2, 20)), 5, 1), "But a kernel may have a single tap."),
        Case("one channel", lambda rng: (1, int(rng.integers(2, 20)), 3), "But there may be a single channel."),
    ),
    mistakes=(
        Mistake(
            "variance",
            lambda channels, maps, taps: 2 / (channels * taps**2),
            "That is the variance. The standard deviation is its root.",
        ),
        Mistake(
            "fan out",
            lambda channels, maps, taps: np.sqrt(2 / (maps * taps**2)),
            "You count what an input goes out to. Going forwards it is what an output adds up.",
        ),
        Mistake(
            "taps left out",
            lambda channels, maps, taps: np.sqrt(2 / channels),
            "An output adds up all taps of all channels.",
        ),
        Mistake(
            "one row of taps",
            lambda channels, maps, taps: np.sqrt(2 / (channels * taps)),
            "A kernel has as many rows as columns: taps squared.",
        ),
        Mistake(
            "one channel only",
            lambda channels, maps, taps: np.sqrt(2) / taps,
            "An output adds up all channels, not one.",
        ),
        Mistake(
            "no ReLU",
            lambda channels, maps, taps: np.sqrt(1 / (channels * taps**2)),
            "That is right without a ReLU. A ReLU lets half of the squares through.",
        ),
        Mistake(
            "Xavier",
            lambda channels, maps, taps: np.sqrt(2 / ((channels + maps) * taps**2)),
            "That is Glorot's mean of both directions. Asked is He's rule, for the way forwards.",
        ),
    ),
)


# --- dropout ---------------------------------------------------------------------------------------------------------


def _kept(rng: Rng) -> tuple[np.ndarray, np.ndarray, float]:
    """A rate that is neither half nor its own complement's rate; something kept and something not."""
    while True:
        p = float(rng.choice([0.1, 0.2, 0.3, 0.4, 0.6, 0.7]))
        draws = rng.random((3, 5))
        if 0 < (draws < p).sum() < draws.size and (draws < p).sum() not in ((draws >= p).sum(), (draws > 1 - p).sum()):
            return rng.normal(size=(3, 5)), draws, p


def _dropped(x: np.ndarray, draws: np.ndarray, p: float) -> np.ndarray:
    return np.where(np.asarray(draws) >= p, np.asarray(x) / (1 - p), 0.0)


dropped = Checker(
    title="Dropout",
    reference=_dropped,
    problem=_kept,
    first_hint="A number is dropped where its draw lies below p. What is left is made larger, so that the mean stays.",
    cases=(
        Case(
            "nothing dropped",
            lambda rng: (rng.normal(size=4), rng.random(4), 0.0),
            "But p may be 0.",
        ),
        Case(
            "whole numbers",
            lambda rng: (rng.integers(1, 9, (2, 4)), rng.random((2, 4)), 0.4),
            "But x may hold whole numbers.",
        ),
    ),
    mistakes=(
        Mistake(
            "not made larger",
            lambda x, draws, p: np.where(draws >= p, x, 0.0),
            "The rest stays as it was in yours, so that the mean shrinks. Divide by the share that is kept.",
        ),
        Mistake(
            "kept for dropped",
            lambda x, draws, p: np.where(draws < p, x / p, 0.0),
            "You keep what should be dropped: p is the chance to be dropped.",
        ),
        Mistake(
            "kept and divided by the rest",
            lambda x, draws, p: np.where(draws < p, x / (1 - p), 0.0),
            "The right factor, but the wrong ones are dropped.",
        ),
        Mistake(
            "made smaller",
            lambda x, draws, p: np.where(draws >= p, x * (1 - p), 0.0),
            "You multiply by the share that is kept. Divide by it.",
        ),
        Mistake(
            "divided by p",
            lambda x, draws, p: np.where(draws >= p, x / p, 0.0),
            "You divide by p. What share is kept?",
        ),
        Mistake(
            "share of this draw",
            lambda x, draws, p: np.where(draws >= p, x / (draws >= p).mean(), 0.0),
            "You divide by the share that happened to be kept. Divide by the one that is kept on average.",
        ),
    ),
)

#: Every checker of the chapter, for the tests.
CHECKERS = (probabilities, score_gradient, steps, normalised, start, dropped)
