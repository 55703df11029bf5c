"""Two towers of blocks, with shortcuts and without, of the same weights: what BlockExplorer computes, in NumPy.

A block's branch is convolution, batch normalisation, ReLU, convolution, batch normalisation, times γ.  The residual
tower adds it to what came in, the plain one does not:

    residual: y = relu(x + branch(x))      plain: y = relu(branch(x))

Signals have 8 channels and 16 places, 8 of them in a batch; kernels have 3 taps and go round at the ends.  Arrays have
the shape (channels, signals, places); where gradients of several parts are sent together, those stand in front.

Nothing is trained: weights are He's, drawn by the generator that the page has, too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from convlib._validate import finite_number, integer
from convlib.widgets.small_network import mulberry32

#: Channels, signals in the batch, places, taps of a kernel; the most blocks.
CHANNELS, SIGNALS, PLACES, TAPS, MOST = 8, 8, 16, 3, 27
#: What batch normalisation adds to a variance; how far the numbers of two seeds are apart in the generator's row.
EPSILON, APART = 1e-5, 1000

_OVER = (-2, -1)  # a channel's signals and places


class Draw(NamedTuple):
    """All that is left to chance; the first blocks of a taller tower are those of a lower one.

    Attributes
    ----------
    readout : numpy.ndarray, shape (8,)
        What the head weighs each channel's mean over the places with.
    signs : numpy.ndarray, shape (8,)
        What the loss weighs each signal's read-out with.
    signals : numpy.ndarray, shape (8, 8, 16)
        What goes into the convolution before the first block.
    stem : numpy.ndarray, shape (8, 8, 3)
        That convolution's kernels: to, from, taps.
    kernels : numpy.ndarray, shape (27, 2, 8, 8, 3)
        Two for each block.
    """

    readout: np.ndarray
    signs: np.ndarray
    signals: np.ndarray
    stem: np.ndarray
    kernels: np.ndarray


@cache
def draw(seed: int) -> Draw:
    r"""Weights, signals and the head, by a seed.

    Kernels are normally distributed with variance :math:`2 / (3 \cdot 8)`, twice one over the numbers that flow into
    one: behind a ReLU that keeps a signal's mean square, on average.

    References
    ----------
    K. He et al., "Delving deep into rectifiers", ICCV 2015, equation 10.

    Examples
    --------
    >>> draw(1).signals[0, 0, :3].round(3)
    array([-0.338,  0.639,  0.537])
    >>> float(draw(1).kernels.var().round(3)), round(2 / 24, 3)
    (0.084, 0.083)
    """
    shapes = [(CHANNELS,), (SIGNALS,), (CHANNELS, SIGNALS, PLACES)]
    shapes += [(CHANNELS, CHANNELS, TAPS), (MOST, 2, CHANNELS, CHANNELS, TAPS)]
    sizes = [math.prod(shape) for shape in shapes]
    parts = np.split(normals(APART * seed, sum(sizes)), np.cumsum(sizes)[:-1])
    he = math.sqrt(2 / (TAPS * CHANNELS))
    return Draw(
        *((he if i > 2 else 1) * part.reshape(shape) for i, (part, shape) in enumerate(zip(parts, shapes, strict=True)))
    )


def normals(seed: int, count: int) -> np.ndarray:
    """Normally distributed random numbers, two from two uniform ones.

    Parameters
    ----------
    seed : int
    count : int
        An even number.

    Returns
    -------
    numpy.ndarray, shape (count,)

    References
    ----------
    G. E. P. Box and M. E. Muller, "A note on the generation of random normal deviates", Annals of Mathematical
    Statistics 29 (1958).

    Examples
    --------
    >>> normals(1, 4).round(3)
    array([ 1.404,  0.024,  1.216, -0.145])
    """
    uniform = mulberry32(seed, count).reshape(-1, 2)
    radius, angle = np.sqrt(-2 * np.log(1 - uniform[:, 0])), 2 * np.pi * uniform[:, 1]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).ravel()


@dataclass(frozen=True)
class Tower:
    """A tower as it stands: its blocks are counted from 1.

    Attributes
    ----------
    residual : bool
        Whether it has shortcuts.
    blocks : int
        From 1 to 27.
    seed : int
    norm : bool
        Whether with batch normalisation.
    gamma : float
        What each branch is multiplied by at its end: the γ of its last batch normalisation, or a plain factor.
    deleted : tuple of int
        Blocks that hand on what they get.
    cut : tuple of int
        Blocks of a residual tower that have lost their shortcut.

    Raises
    ------
    TypeError, ValueError
        If a setting is out of range, a block is not one of the tower's, or one is both deleted and cut.

    Examples
    --------
    >>> Tower(residual=True, blocks=3, deleted=(2,), cut=(3,)).counts
    array([0., 1., 1., 0.])
    """

    residual: bool
    blocks: int = MOST
    seed: int = 1
    norm: bool = True
    gamma: float = 1.0
    deleted: tuple[int, ...] = ()
    cut: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if integer("blocks", self.blocks, low=1) > MOST:
            raise ValueError(f"blocks must be at most {MOST}, got {self.blocks}")
        finite_number("gamma", self.gamma)
        for name, chosen in (("deleted", self.deleted), ("cut", self.cut)):
            if beyond := [i for i in chosen if not 1 <= i <= self.blocks]:
                raise ValueError(f"{name} must be blocks from 1 to {self.blocks}, got {beyond[0]}")
        if both := set(self.deleted) & set(self.cut):
            raise ValueError(f"a block cannot be both deleted and cut: block {min(both)} would let nothing pass")

    @property
    def intact(self) -> Tower:
        """The same tower with all its blocks and shortcuts."""
        return replace(self, deleted=(), cut=())

    def has_shortcut(self, i: int) -> bool:
        """Whether what block i gets is added to what its branch gives."""
        return self.residual and i not in self.cut

    @property
    def counts(self) -> np.ndarray:
        """Number of paths of each length, in blocks, through the tower; shape (blocks + 1,).

        The product of the blocks' polynomials, by repeated convolution: 1 + z for an intact block, 1 for a deleted
        one, z for one without a shortcut.
        """
        counts = np.ones(1)
        for i in range(1, self.blocks + 1):
            branch, shortcut = i not in self.deleted, i in self.deleted or self.has_shortcut(i)
            counts = np.convolve(counts, [float(shortcut), float(branch)])
        return counts


class Step(NamedTuple):
    """What a block keeps of its way forward for the way back.

    Attributes
    ----------
    standard : tuple of numpy.ndarray, shapes (8, 8, 16)
        What each of its convolutions gave, normalised if the tower does that.
    scales : tuple of numpy.ndarray or None, shapes (8,)
        One over the standard deviation of each channel; None without batch normalisation.
    """

    standard: tuple[np.ndarray, np.ndarray]
    scales: tuple[np.ndarray | None, np.ndarray | None]


class Pass(NamedTuple):
    """A batch's way through a tower.

    Attributes
    ----------
    states : list of numpy.ndarray, shapes (8, 8, 16)
        What comes to the first block, and what each one gives: one more than blocks.
    steps : list of Step or None
        One for each block; None for a deleted one.
    statistics : dict
        Mean and one over the standard deviation of each channel, by block and convolution: (0, 0) is that before the
        first block.
    """

    states: list[np.ndarray]
    steps: list[Step | None]
    statistics: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]]


def correlate(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    r"""A convolution layer along the places, which go round: :math:`y_o[i] = \sum_{c,t} w_{oc}[t]\, x_c[i + t - 1]`.

    Parameters
    ----------
    x : numpy.ndarray, shape (C, signals, places)
    w : numpy.ndarray, shape (O, C, 3)

    Returns
    -------
    numpy.ndarray, shape (O, signals, places)

    Examples
    --------
    >>> correlate(np.array([[[1.0, 2, 3, 4]]]), np.array([[[1.0, 0, -1]]]))
    array([[[ 2., -2., -2.,  2.]]])
    """
    shifted = np.stack([np.roll(x, 1, axis=-1), x, np.roll(x, -1, axis=-1)], axis=1)  # (C, 3, signals, places)
    return np.tensordot(w, shifted, axes=2)


def correlate_back(dy: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The gradient by the input of :func:`correlate`, from that by its output.

    Parameters
    ----------
    dy : numpy.ndarray, shape (..., O, signals, places)
    w : numpy.ndarray, shape (O, C, 3)

    Returns
    -------
    numpy.ndarray, shape (..., C, signals, places)

    Examples
    --------
    >>> correlate_back(np.array([[[0.0, 1, 0, 0]]]), np.array([[[1.0, 0, -1]]]))
    array([[[ 1.,  0., -1.,  0.]]])
    """
    flat = dy.reshape(*dy.shape[:-2], -1)  # (..., O, signals · places)
    before, at, after = ((w[:, :, t].T @ flat).reshape(*dy.shape[:-3], -1, *dy.shape[-2:]) for t in range(TAPS))
    return np.roll(before, -1, axis=-1) + at + np.roll(after, 1, axis=-1)


def normalise_back(dy: np.ndarray, y: np.ndarray, scale: np.ndarray | None) -> np.ndarray:
    r"""The gradient by what batch normalisation gets, from that by what it gives, mean and deviation included.

    :math:`\mathrm{d}x = s\,(\mathrm{d}y - \overline{\mathrm{d}y} - y\,\overline{y\,\mathrm{d}y})`, where means are
    taken over the batch and the places of a channel, and s is one over the standard deviation.

    Parameters
    ----------
    dy : numpy.ndarray, shape (..., 8, 8, 16)
    y : numpy.ndarray, shape (8, 8, 16)
    scale : numpy.ndarray, shape (8,), or None
        Without normalisation the gradient passes as it is.

    References
    ----------
    S. Ioffe and C. Szegedy, "Batch normalization", ICML 2015, section 3.
    """
    if scale is None:
        return dy
    means = dy.mean(axis=_OVER, keepdims=True), (y * dy).mean(axis=_OVER, keepdims=True)
    return scale[:, None, None] * (dy - means[0] - y * means[1])


@lru_cache(maxsize=256)
def forward(tower: Tower, frozen: Tower | None = None) -> Pass:
    """Send the batch through a tower.

    Parameters
    ----------
    tower : Tower
    frozen : Tower, optional
        Whose statistics normalise, as at test time; without, those of the batch itself, as in training.

    Returns
    -------
    Pass

    Examples
    --------
    >>> states = forward(Tower(residual=True)).states
    >>> [float(np.sqrt(np.mean(states[k] ** 2)).round(2)) for k in (0, 1, 27)]
    [0.71, 1.07, 4.94]
    """
    chance, known = draw(tower.seed), forward(frozen).statistics if frozen else {}
    statistics: dict = {}

    def normalised(a: np.ndarray, where: tuple[int, int]) -> tuple[np.ndarray, np.ndarray | None]:
        if not tower.norm:
            return a, None
        mean, scale = known.get(where) or (a.mean(axis=_OVER), 1 / np.sqrt(a.var(axis=_OVER) + EPSILON))
        statistics[where] = mean, scale
        return (a - mean[:, None, None]) * scale[:, None, None], scale

    x = np.maximum(normalised(correlate(chance.signals, chance.stem), (0, 0))[0], 0)
    states, steps = [x], []
    for i in range(1, tower.blocks + 1):
        step = None
        if i not in tower.deleted:
            first, second = chance.kernels[i - 1]
            a, scale_a = normalised(correlate(x, first), (i, 1))
            b, scale_b = normalised(correlate(np.maximum(a, 0), second), (i, 2))
            x = np.maximum(tower.gamma * b + (x if tower.has_shortcut(i) else 0), 0)
            step = Step((a, b), (scale_a, scale_b))
        states.append(x)
        steps.append(step)
    return Pass(states, steps, statistics)


def _branch_back(tower: Tower, i: int, step: Step, dy: np.ndarray) -> np.ndarray:
    """What the branch of block i sends back, from the gradient before the last ReLU; shapes (..., 8, 8, 16)."""
    first, second = draw(tower.seed).kernels[i - 1]
    inner = correlate_back(normalise_back(tower.gamma * dy, step.standard[1], step.scales[1]), second)
    return correlate_back(normalise_back(inner * (step.standard[0] > 0), step.standard[0], step.scales[0]), first)


def _head_gradient(seed: int) -> np.ndarray:
    """The gradient of the loss by the last block's output; shape (8, 8, 16).

    The head takes each channel's mean over the places and weighs it; the loss weighs the signals' read-outs.
    """
    chance = draw(seed)
    each = np.multiply.outer(chance.readout, chance.signs) / PLACES
    return np.repeat(each[:, :, None], PLACES, axis=2)


@lru_cache(maxsize=256)
def gradients(tower: Tower) -> list[np.ndarray]:
    """Gradient of the loss by what the ReLU before the first block gets, and by what each block's last one gets.

    A deleted block has none and hands on what it is sent; shapes (8, 8, 16).
    """
    states, steps, _ = forward(tower)
    found = [_head_gradient(tower.seed) * (states[-1] > 0)]
    for i in range(tower.blocks, 0, -1):
        step, dy = steps[i - 1], found[-1]
        if step is not None:
            branch = _branch_back(tower, i, step, dy)
            dy = (branch + dy if tower.has_shortcut(i) else branch) * (states[i - 1] > 0)
        found.append(dy)
    return found[::-1]


@lru_cache(maxsize=64)
def by_length(tower: Tower) -> np.ndarray:
    r"""The gradient that comes back to the start, by the lengths of the paths that carry it: the parts add up to it.

    It is sent back as a polynomial in z: each block makes :math:`g + z J^\top g` of g, with J its branch's Jacobian,
    that of batch normalisation included with all that depends on the batch.  A deleted block makes g, one without a
    shortcut :math:`z J^\top g`.  So the part at :math:`z^k` is what all paths through k branches carry, exactly.

    Returns
    -------
    numpy.ndarray, shape (blocks + 1, 8, 8, 16)

    References
    ----------
    A. Veit, M. Wilber and S. Belongie, "Residual networks behave like ensembles of relatively shallow networks",
    NeurIPS 2016, section 5, which samples the paths.

    Examples
    --------
    >>> tower = Tower(residual=True, blocks=4)
    >>> bool(np.allclose(by_length(tower).sum(axis=0), gradients(tower)[0]))
    True
    """
    states, steps, _ = forward(tower)
    parts = np.zeros((tower.blocks + 1, CHANNELS, SIGNALS, PLACES))
    parts[0], most = _head_gradient(tower.seed) * (states[-1] > 0), 1
    for i in range(tower.blocks, 0, -1):
        if steps[i - 1] is None:
            continue
        branch = _branch_back(tower, i, steps[i - 1], parts[:most])
        if not tower.has_shortcut(i):
            parts[:most] = 0
        parts[1 : most + 1] += branch
        parts *= states[i - 1] > 0
        most += 1
    return parts


def sizes(tower: Tower) -> np.ndarray:
    """Root mean square of the signal before the first block and after each one, over that of the first of these.

    Returns
    -------
    numpy.ndarray, shape (blocks + 1,)

    Examples
    --------
    >>> sizes(Tower(residual=True))[[0, 9, 18, 27]].round(1)
    array([1. , 3.8, 5.6, 6.9])
    """
    norms = np.array([np.linalg.norm(state) for state in forward(tower).states])
    return norms / norms[0]


def slopes(tower: Tower) -> np.ndarray:
    """Norms of the gradients at the start and at each block, over that of the last of these, which was sent.

    They are those of :func:`gradients`.  Where nothing can be sent, all are 0.

    Returns
    -------
    numpy.ndarray, shape (blocks + 1,)

    Examples
    --------
    >>> slopes(Tower(residual=True))[[0, 9, 18, 27]].round(1)
    array([36.9,  4.9,  1.9,  1. ])
    """
    norms = np.array([np.linalg.norm(gradient) for gradient in gradients(tower)])
    return norms / norms[-1] if norms[-1] else norms


def change(tower: Tower) -> float:
    r"""How far the last block's output is from the intact tower's: :math:`\lVert y' - y \rVert / \lVert y \rVert`.

    Batch normalisation uses the intact tower's statistics, as at test time: nothing is learned anew.  An intact tower
    whose output is 0 has none to change: then it is 0.

    Examples
    --------
    >>> round(change(Tower(residual=True, deleted=(9,))), 2), round(change(Tower(residual=False, deleted=(9,))), 2)
    (0.55, 4.39)
    """
    before, after = forward(tower.intact).states[-1], forward(tower, tower.intact).states[-1]
    size = float(np.linalg.norm(before))
    return float(np.linalg.norm(after - before)) / size if size else 0.0


def majority(amounts: np.ndarray) -> tuple[int, int] | None:
    """First and last of the shortest run of amounts that is more than half of all; the fullest one, if several are.

    Examples
    --------
    >>> majority(np.array([1, 4, 6, 4, 1])), majority(np.array([0, 5, 1])), majority(np.zeros(3))
    ((1, 2), (1, 1), None)
    """
    whole = float(sum(amounts))
    for length in range(1, len(amounts) + 1):
        runs = [float(sum(amounts[k : k + length])) for k in range(len(amounts) + 1 - length)]
        first = int(np.argmax(runs))
        if runs[first] > whole / 2:
            return first, first + length - 1
    return None
