"""The network that NetworkTrainer trains in the page, in NumPy: its pictures, its weights, its slopes, its steps.

One layer of eight 3 × 3 filters on pictures of 8 × 8 pixels, ReLU, max pooling over 2 × 2, and a linear layer:

    1 × 8 × 8 → conv 3, padding 1 → 8 × 8 × 8 → ReLU, max pool 2 → 8 × 4 × 4 → linear → one score for each class

Nothing is left to chance: random numbers come from a generator of ten lines that the page has, too, and the k-th batch
is the k-th slice of the training pictures, round and round.  So the state after n steps is a function of the settings.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from convlib._validate import one_of

#: Rows and columns of a picture, of a feature map after pooling; taps of a filter along one axis; filters.
SIDE, POOLED, TAPS, FILTERS = 8, 4, 3, 8
#: Pictures to learn from and held out; the largest ink; pictures in a batch.
LEARN, HELD_OUT, INK, BATCH = 1000, 300, 15, 32
#: Of how many training pictures, at most, the loss is taken, and after how many steps each time.
PROBE, EVERY = 300, 10
#: The loss beyond which a run is stopped; what is kept of the last step's velocity.
ENOUGH, MOMENTUM = 1e6, 0.9
#: Where the generator starts for each purpose.
SEEDS = {"weights": 1, "labels": 2, "strokes": 3}
#: What there is to learn, and how each class is written.
CLASSES = {"digits": "0123456789", "strokes": "─│╱╲", "shuffled": "0123456789"}


def mulberry32(seed: int, count: int) -> np.ndarray:
    """Random numbers from 0 to below 1: Tommy Ettinger's generator of 32 bits, the same on every machine.

    Its state is a counter, so that all numbers can be made at once.

    Parameters
    ----------
    seed : int
    count : int

    Returns
    -------
    numpy.ndarray, shape (count,)

    References
    ----------
    T. Ettinger, "mulberry32.c" (2017), in the public domain.

    Examples
    --------
    >>> mulberry32(1, 3).round(6)
    array([0.627074, 0.002736, 0.527447])
    """
    a = np.uint32(seed) + np.arange(1, count + 1, dtype=np.uint32) * np.uint32(0x6D2B79F5)
    t = (a ^ (a >> np.uint32(15))) * (a | np.uint32(1))
    t ^= t + (t ^ (t >> np.uint32(7))) * (t | np.uint32(61))
    return (t ^ (t >> np.uint32(14))) / 2.0**32


class Task(NamedTuple):
    """Pictures with their labels: the first 1,000 to learn from, the last 300 held out.

    Attributes
    ----------
    pictures : numpy.ndarray of int, shape (1300, 8, 8)
        Ink from 0, none, to 15.
    labels : numpy.ndarray of int, shape (1300,)
    """

    pictures: np.ndarray
    labels: np.ndarray


@cache
def packed_digits() -> bytes:
    """1,300 of scikit-learn's digits as the page gets them: 32 bytes a picture, two pixels a byte, then the labels.

    Every ten pictures that follow each other hold each digit once.  Ink of 16 sixteenths is written as 15.

    Returns
    -------
    bytes
        Of 42,250; see :func:`unpacked` for the way back.

    Examples
    --------
    >>> len(packed_digits())
    42250
    """
    from convlib.data import digits

    split = digits()
    parts = [(split.x_train, split.y_train, LEARN), (split.x_test, split.y_test, HELD_OUT)]
    chosen = [(x[order], y[order]) for x, y, count in parts for order in [_in_turn(y, count)]]
    ink = np.concatenate([np.minimum(np.rint(16 * x), INK).astype(np.uint8).ravel() for x, _ in chosen])
    values = np.concatenate([ink, *[y.astype(np.uint8) for _, y in chosen]])
    return (16 * values[::2] + values[1::2]).tobytes()


def _in_turn(labels: np.ndarray, count: int) -> np.ndarray:
    """Indices of ``count`` pictures, one of each class after the other."""
    return np.stack([np.flatnonzero(labels == digit)[: count // 10] for digit in range(10)], axis=1).ravel()


def unpacked(data: bytes) -> Task:
    """Pictures and labels from four bits each.

    Examples
    --------
    >>> unpacked(packed_digits()).labels[:12]
    array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1])
    """
    pairs = np.frombuffer(data, dtype=np.uint8)
    values = np.stack([pairs >> 4, pairs & 15], axis=1).ravel().astype(int)
    pictures = values[: (LEARN + HELD_OUT) * SIDE**2].reshape(-1, SIDE, SIDE)
    return Task(pictures, values[pictures.size :])


def strokes() -> Task:
    """Noisy bars of four or five pixels, wherever they fit: lying, upright, rising and falling, in turn.

    Where a bar lies says little about its class: what tells is its direction.

    Examples
    --------
    >>> ink = strokes().pictures[0]  # a lying one
    >>> print(*("".join("█" if value > 7 else "·" for value in row) for row in ink), sep="\\n")
    ········
    ········
    ········
    ········
    ····████
    ········
    ········
    ········
    """
    count, pixels = LEARN + HELD_OUT, SIDE**2
    random = mulberry32(SEEDS["strokes"], count * (pixels + 3)).reshape(count, pixels + 3)
    labels = np.arange(count) % 4
    long = 4 + (2 * random[:, pixels]).astype(int)
    tall, wide = np.where(labels == 0, 1, long), np.where(labels == 1, 1, long)
    row = (random[:, pixels + 1] * (SIDE + 1 - tall)).astype(int)
    column = (random[:, pixels + 2] * (SIDE + 1 - wide)).astype(int)
    noise = random[:, :pixels].reshape(count, SIDE, SIDE)
    pictures = (6 * noise).astype(int)
    for t in range(5):
        at = np.flatnonzero(t < long)
        down = np.choose(labels, [0, t, long - 1 - t, t])
        across = np.choose(labels, [t, 0, t, t])
        i, j = (row + down)[at], (column + across)[at]
        pictures[at, i, j] = 8 + (8 * noise[at, i, j]).astype(int)
    return Task(pictures, labels)


@cache
def task(data: str) -> Task:
    """What there is to learn, by its name.

    Parameters
    ----------
    data : {"digits", "strokes", "shuffled"}
        ``"shuffled"`` are the digits, but each training picture's label is drawn at random; the held-out ones keep
        their own.

    Raises
    ------
    TypeError, ValueError
        If it is none of these names.

    References
    ----------
    C. Zhang, S. Bengio, M. Hardt, B. Recht and O. Vinyals, "Understanding deep learning requires rethinking
    generalization", ICLR 2017: random labels.

    Examples
    --------
    >>> task("shuffled").labels[:10], task("shuffled").labels[-10:]
    (array([7, 3, 2, 5, 8, 6, 4, 3, 7, 1]), array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
    """
    if one_of("data", data, CLASSES) == "strokes":
        return strokes()
    given = unpacked(packed_digits())
    if data == "digits":
        return given
    drawn = (10 * mulberry32(SEEDS["labels"], LEARN)).astype(int)
    return given._replace(labels=np.concatenate([drawn, given.labels[LEARN:]]))


class Network(NamedTuple):
    """All that is learned; or the slopes of the loss along each of these numbers.

    Attributes
    ----------
    filters : numpy.ndarray, shape (8, 9)
        The filters' taps, row after row.
    biases : numpy.ndarray, shape (8,)
        What is added to each filter's feature map.
    weights : numpy.ndarray, shape (C, 128)
        Of the linear layer: eight pooled maps of 4 × 4, one after the other, for each of C classes.
    offsets : numpy.ndarray, shape (C,)
        What is added to each class's score.
    """

    filters: np.ndarray
    biases: np.ndarray
    weights: np.ndarray
    offsets: np.ndarray

    @classmethod
    def start(cls, classes: int) -> Network:
        """Before the first step: uniform between ±1/√n, where n numbers flow into one, as PyTorch starts its layers.

        Examples
        --------
        >>> Network.start(10).filters[0].round(2)
        array([ 0.08, -0.33,  0.02,  0.32,  0.31, -0.15,  0.08,  0.15, -0.05])
        """
        shapes = [(FILTERS, TAPS**2), (FILTERS,), (classes, FILTERS * POOLED**2), (classes,)]
        sizes = [int(np.prod(shape)) for shape in shapes]
        numbers = np.split(2 * mulberry32(SEEDS["weights"], sum(sizes)) - 1, np.cumsum(sizes)[:-1])
        bounds = np.repeat([1 / TAPS, 1 / np.sqrt(FILTERS * POOLED**2)], 2)
        return cls(*(bound * part.reshape(shape) for bound, part, shape in zip(bounds, numbers, shapes, strict=True)))

    @property
    def flat(self) -> np.ndarray:
        """All numbers in one row, in the order above, as the page keeps them."""
        return np.concatenate([part.ravel() for part in self])


def windows(pictures: np.ndarray) -> np.ndarray:
    """All 3 × 3 windows of pictures with a rim of zeros, those four that are pooled into one together.

    Parameters
    ----------
    pictures : numpy.ndarray of int, shape (N, 8, 8)
        Ink from 0 to 15.

    Returns
    -------
    numpy.ndarray, shape (N, 16, 4, 9)
        From 0 to 1.

    Examples
    --------
    >>> windows(np.full((1, 8, 8), 15))[0, 0].astype(int)  # in a corner
    array([[0, 0, 0, 0, 1, 1, 0, 1, 1],
           [0, 0, 0, 1, 1, 1, 1, 1, 1],
           [0, 1, 1, 0, 1, 1, 0, 1, 1],
           [1, 1, 1, 1, 1, 1, 1, 1, 1]])
    """
    padded = np.pad(pictures / INK, ((0, 0), (1, 1), (1, 1)))  # (N, 10, 10)
    all_ = np.lib.stride_tricks.sliding_window_view(padded, (TAPS, TAPS), axis=(1, 2))  # (N, 8, 8, 3, 3)
    blocks = all_.reshape(-1, POOLED, 2, POOLED, 2, TAPS**2).transpose(0, 1, 3, 2, 4, 5)  # (N, 4, 4, 2, 2, 9)
    return blocks.reshape(-1, POOLED**2, 4, TAPS**2)


@cache
def task_windows(data: str) -> np.ndarray:
    """The windows of all pictures of a task, shape (1300, 16, 4, 9); made once."""
    return windows(task(data).pictures)


def forward(network: Network, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What each layer makes of pictures.

    Parameters
    ----------
    network : Network
    x : numpy.ndarray, shape (N, 16, 4, 9)
        See :func:`windows`.

    Returns
    -------
    maps : numpy.ndarray, shape (N, 16, 4, 8)
        The feature maps before ReLU, those four that are pooled together; the last axis is the filter.
    features : numpy.ndarray, shape (N, 128)
        After ReLU and pooling.
    scores : numpy.ndarray, shape (N, C)
    """
    maps = x @ network.filters.T + network.biases  # (N, 16, 4, 9) → (N, 16, 4, 8)
    pooled = np.maximum(maps.max(axis=2), 0)  # (N, 16, 8)
    features = pooled.transpose(0, 2, 1).reshape(len(x), -1)  # (N, 128)
    return maps, features, features @ network.weights.T + network.offsets


def shares(scores: np.ndarray) -> np.ndarray:
    """Softmax: scores as positive numbers that add up to 1.

    Examples
    --------
    >>> shares(np.log([[1.0, 3.0]]))
    array([[0.25, 0.75]])
    """
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def cross_entropy(scores: np.ndarray, labels: np.ndarray) -> float:
    """Minus the logarithm of the share that each picture's own class has, on average.

    Examples
    --------
    >>> round(cross_entropy(np.zeros((3, 10)), np.array([0, 5, 9])), 3)  # guessing: ln 10
    2.303
    """
    shifted = scores - scores.max(axis=1, keepdims=True)
    own = shifted[np.arange(len(labels)), labels]
    return float(np.mean(np.log(np.exp(shifted).sum(axis=1)) - own))


def backward(network: Network, x: np.ndarray, labels: np.ndarray) -> tuple[float, Network]:
    """The loss of a batch, and its slope along every number of the network.

    A slope flows back through the largest of the four that were pooled, and only if that is above zero.

    Parameters
    ----------
    network : Network
    x : numpy.ndarray, shape (N, 16, 4, 9)
    labels : numpy.ndarray of int, shape (N,)

    Returns
    -------
    float, Network
    """
    maps, features, scores = forward(network, x)
    error = shares(scores)  # (N, C)
    error[np.arange(len(labels)), labels] -= 1
    error /= len(labels)
    back = error @ network.weights * (features > 0)  # (N, C) → (N, 128)
    pooled = back.reshape(len(x), FILTERS, POOLED**2).transpose(0, 2, 1)  # (N, 16, 8)
    spread = np.zeros_like(maps)  # (N, 16, 4, 8)
    np.put_along_axis(spread, maps.argmax(axis=2)[:, :, None], pooled[:, :, None], axis=2)
    filters = spread.reshape(-1, FILTERS).T @ x.reshape(-1, TAPS**2)  # (8, 9)
    slopes = Network(filters, pooled.sum(axis=(0, 1)), error.T @ features, error.sum(axis=0))
    return cross_entropy(scores, labels), slopes


class Run(NamedTuple):
    """A training run up to a step.

    Attributes
    ----------
    network : Network
        As it is after the last step.
    losses : numpy.ndarray, shape (steps taken,)
        Each batch's loss before the step that was made from it.
    curve : numpy.ndarray, shape (K, 5)
        Every ten steps, and at the end: the step, the loss of at most 300 training pictures and how many of them are
        right, the loss of the 300 held-out pictures and how many of them are right.
    stopped : int or None
        After how many steps the run was stopped, if it was.
    """

    network: Network
    losses: np.ndarray
    curve: np.ndarray
    stopped: int | None


@lru_cache(maxsize=16)
def train(data: str, examples: int, rate: float, momentum: bool, steps: int) -> Run:
    r"""Mini-batch gradient descent: :math:`v \leftarrow \mu v + g`, then :math:`\theta \leftarrow \theta - \eta v`.

    A run is stopped where a batch's loss is no number, or beyond a million: from there on nothing changes.

    Parameters
    ----------
    data : {"digits", "strokes", "shuffled"}
    examples : int
        How many of the training pictures are used; a batch has 32 of them, or all if they are fewer.
    rate : float
        The step size :math:`\eta`.
    momentum : bool
        Whether :math:`\mu` is 0.9 rather than 0.
    steps : int

    Returns
    -------
    Run

    Examples
    --------
    >>> run = train("digits", 1000, 0.2, False, 120)
    >>> [round(float(loss), 2) for loss in run.losses[[0, 60, 119]]], run.stopped
    ([2.35, 0.61, 0.43], None)
    """
    x, labels = task_windows(data), task(data).labels
    network = Network.start(len(CLASSES[data]))
    velocity = Network(*(np.zeros_like(part) for part in network))
    batch, kept = min(BATCH, examples), MOMENTUM if momentum else 0.0
    losses, curve, stopped = [], [evaluated(network, data, examples, 0)], None
    for n in range(steps):
        at = (n * batch + np.arange(batch)) % examples
        with np.errstate(over="ignore", invalid="ignore"):  # a run that diverges is stopped below
            loss, slopes = backward(network, x[at], labels[at])
        if not loss <= ENOUGH:
            stopped = n
            break
        velocity = Network(*(kept * v + g for v, g in zip(velocity, slopes, strict=True)))
        network = Network(*(part - rate * v for part, v in zip(network, velocity, strict=True)))
        losses.append(loss)
        if (n + 1) % EVERY == 0 or n + 1 == steps:
            curve.append(evaluated(network, data, examples, n + 1))
    if stopped is not None and curve[-1][0] != stopped:
        curve.append(evaluated(network, data, examples, stopped))
    return Run(network, np.array(losses), np.array(curve), stopped)


def evaluated(network: Network, data: str, examples: int, step: int) -> tuple[float, ...]:
    """A row of a run's ``curve``."""
    x, labels = task_windows(data), task(data).labels
    row = [float(step)]
    for part in (slice(min(examples, PROBE)), slice(LEARN, None)):
        with np.errstate(over="ignore", invalid="ignore"):
            scores = forward(network, x[part])[2]
            row += [cross_entropy(scores, labels[part]), float(np.sum(scores.argmax(axis=1) == labels[part]))]
    return tuple(row)


def dead_filters(network: Network, data: str, examples: int) -> list[int]:
    """Which filters no training picture makes positive anywhere, by number from 0.

    Nothing of them reaches the scores of a training picture, and no slope reaches them.

    Examples
    --------
    >>> start = Network.start(10)
    >>> dead_filters(start, "digits", 1000)
    []
    >>> dead_filters(start._replace(biases=start.biases - [0, 9, 0, 0, 9, 0, 0, 0]), "digits", 1000)
    [1, 4]
    """
    largest = forward(network, task_windows(data)[:examples])[0].max(axis=(0, 1, 2))
    return np.flatnonzero(~(largest > 0)).tolist()
