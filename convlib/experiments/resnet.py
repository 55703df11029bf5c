"""Why a plain network of 56 layers learns less than one of 20, and what adding each block's input changes.

K. He, X. Zhang, S. Ren and J. Sun, Deep residual learning for image recognition, arXiv 1512.03385 (2015), small: the
:class:`~convlib.models.resnet.CifarResNet` with 8 maps in its first stage, on scikit-learn's digits of 8 × 8 pixels.
A network and its plain twin begin with the same weights and see the digits in the same order, so that they can be
compared seed by seed.  Nothing is stopped at its best: what counts is the last step.

Deep networks move so much from step to step that the running statistics of batch normalisation lag behind; what a
network has reached in the end is therefore measured with statistics taken anew from the training digits,
:func:`settled`.

A course is ``{"batches": …, "train": …, "end": …}``: the mean loss of the batches of each epoch; the loss of all
training digits before the first step and after each epoch with the running statistics, None where it is beyond
float32; and in the end, settled, ``[train loss, train error, test loss, test error]``, errors in per cent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from copy import deepcopy
from itertools import product
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from convlib import data, train
from convlib._validate import integer
from convlib.experiments import by_seed
from convlib.models.resnet import BasicBlock, CifarResNet, PlainBlock, Subsample, zero_last_gamma

SETTINGS = {
    "seeds": [0, 1, 2, 3, 4],
    "few seeds": [0, 1, 2],
    "depths": [8, 20, 56, 110],
    "width": 8,
    "batch": 64,
    "rate": 0.01,
    "momentum": 0.9,
    "epochs": 8,
    "rates": [0.003, 0.03],  # besides
    "rates, depths": [20, 56],
    "rescue, depth": 56,
    "rescue, rates": [0.003, 0.01, 0.03],
    "rescue": {"longer": {"epochs": 20}, "warm-up": {"warm": 1}},
    "shortcuts": ["B", "C"],  # besides A
    "shortcuts, depths": [20, 56],
    "zero, depths": [56, 110],
    "zero, epochs": 4,
    "zero, rates": [0.03, 0.1],  # at the first of these depths, both with and without
    "decay": 0.005,
    "decay, depths": [20, 56],
    "deleted, depths": [20, 56],
    "deleted, draws": 3,
    "deleted, at once": [1, 2, 3, 5, 7, 9, 13, 18, 27],
    "swaps": [0, 1, 2, 4, 8, 16],
    "paths, pictures": 32,
    "paths, samples": {"pictures": 8, "of each length": 4},
    "grown": [20, 56],
    "grown, epochs": 4,
    "start, depths": [8, 20, 32, 44, 56, 80, 110],
    "start, layers": 56,
    "start, pictures": 256,
    "start, segments": 4,
    "start, points": 65,
    "wide": 32,
}


# ---- training -------------------------------------------------------------------------------------------------------


def new(depth: int, seed: int, *, residual: bool = True, shortcut: str = "A", width: int = 8) -> CifarResNet:
    """A network for digits of one channel, with weights drawn from a seed; its plain twin has the same.

    Examples
    --------
    >>> plain, resnet = (new(20, seed=1, residual=residual) for residual in (False, True))
    >>> torch.equal(plain.layer3[2].conv2.weight, resnet.layer3[2].conv2.weight)
    True
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return CifarResNet(depth, residual=residual, shortcut=shortcut, in_channels=1, width=width)


def taught(net: nn.Module, *, epochs: int = 8, rate: float = 0.01, seed: int = 0, **options: float) -> train.History:
    """Teach a network the digits as all are taught here: batches of 64, gradient descent with momentum 0.9.

    Parameters
    ----------
    net : torch.nn.Module
        Trained in place.
    epochs : int
    rate : float
    seed : int
        Of the order of the digits.
    **options
        ``warm``: for so many epochs first a tenth of the rate, as the paper begins with its 110 layers; ``decay`` of
        the weights.

    Returns
    -------
    History
    """
    split, batch = data.digits(), SETTINGS["batch"]
    decay, warm = options.get("decay", 0.0), options.get("warm", 0)
    optimizer = torch.optim.SGD(net.parameters(), rate, SETTINGS["momentum"], weight_decay=decay)
    cold = warm * -(-len(split.x_train) // batch)  # steps

    def slow(step: int) -> None:
        optimizer.param_groups[0]["lr"] = rate / 10 if step < cold else rate

    return train.fit(net, split, epochs=epochs, batch=batch, optimizer=optimizer, seed=seed, device="cpu", watch=slow)


class Taught(NamedTuple):
    """A network, and what was seen while it learned."""

    net: CifarResNet
    history: train.History


def train_pair(depth: int, *, epochs: int = 8, rate: float = 0.01, seed: int = 0) -> dict[str, Taught]:
    """Teach a plain network and its residual twin the digits, from the same weights and in the same order.

    At depth 20 it takes some five seconds on one core.

    Parameters
    ----------
    depth : int
        6n + 2.
    epochs, rate, seed
        As for :func:`taught`; the seed draws the weights, too.

    Returns
    -------
    dict of str to Taught
        ``"plain"`` and ``"residual"``.

    Examples
    --------
    >>> pair = train_pair(8, epochs=2)
    >>> {name: len(run.history.epochs) for name, run in pair.items()}
    {'plain': 3, 'residual': 3}
    """
    nets = {"plain": new(depth, seed, residual=False), "residual": new(depth, seed)}
    return {name: Taught(net, taught(net, epochs=epochs, rate=rate, seed=seed)) for name, net in nets.items()}


@torch.no_grad()
def settled(net: nn.Module, x: torch.Tensor) -> nn.Module:
    """A copy in evaluation mode, its batch normalisation with the statistics of these pictures, layer by layer.

    Parameters
    ----------
    net : torch.nn.Module
        It is left as it was.
    x : torch.Tensor, shape (N, C, H, W)
        All in one batch.

    Returns
    -------
    torch.nn.Module

    Examples
    --------
    >>> x = torch.from_numpy(data.digits().x_train[:100])
    >>> net = settled(new(8, seed=0), x)
    >>> net.training, round(net.bn1(net.conv1(x)).std().item(), 2)
    (False, 1.0)
    """
    net = deepcopy(net).train()
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = 1.0
    net(x)
    return net.eval()


def course(net: nn.Module, history: train.History) -> dict[str, list]:
    """What a run has come to, as the module's first lines describe it."""
    x, y, x_test, y_test = map(torch.from_numpy, data.digits())
    epochs = max(1, len(history.epochs) - 1)
    still, end = settled(net, x), []
    for side in ((x, y), (x_test, y_test)):
        loss, right = train.evaluate(still, *side)
        end += [_short(loss), round(100 - right, 2)]
    batches = [_short(float(np.mean(part))) for part in np.split(np.array(history.losses), epochs)]
    return {"batches": batches, "train": [_short(epoch.train_loss) for epoch in history.epochs], "end": end}


def run(task: dict) -> dict[str, list]:
    """One run: a network, taught; its course."""
    return course(*_taught(task))


def _taught(task: dict) -> Taught:
    """The network that a task describes, and what was seen."""
    net = new(
        task["depth"],
        task["seed"],
        residual=task.get("residual", True),
        shortcut=task.get("shortcut", "A"),
        width=SETTINGS["width"],
    )
    if task.get("zero"):
        zero_last_gamma(net)
    options = {name: task[name] for name in ("warm", "decay") if name in task}
    history = taught(
        net,
        epochs=task.get("epochs", SETTINGS["epochs"]),
        rate=task.get("rate", SETTINGS["rate"]),
        seed=task["seed"],
        **options,
    )
    return Taught(net, history)


def _short(number: float) -> float | None:
    """Three digits; None for what is no number, or infinite."""
    return float(f"{number:.3g}") if math.isfinite(number) else None


# ---- looking into a network -----------------------------------------------------------------------------------------


def blocks(net: CifarResNet) -> list[PlainBlock]:
    """The blocks of all three stages, from the input on."""
    return [*net.layer1, *net.layer2, *net.layer3]


def stem(net: CifarResNet, x: torch.Tensor) -> torch.Tensor:
    """What the first block is given: (N, width, H, W)."""
    return net.relu(net.bn1(net.conv1(x)))


def head(net: CifarResNet, h: torch.Tensor) -> torch.Tensor:
    """The scores, (N, classes), of what the last block gives."""
    return net.fc(net.avgpool(h).flatten(1))


def gradient_norms(net: nn.Module, x: torch.Tensor, y: torch.Tensor) -> list[float]:
    """The norm of the loss's gradient with respect to the weights of each convolution, from the input on.

    In training mode, as a step would take it; convolutions on shortcuts are left out.

    Parameters
    ----------
    net : torch.nn.Module
        It is left as it was.
    x : torch.Tensor, shape (N, C, H, W)
    y : torch.Tensor, shape (N,)
        Class numbers.

    Returns
    -------
    list of float

    Examples
    --------
    Of two networks that have learned nothing yet, the first layer:

    >>> x, y = (torch.from_numpy(part[:100]) for part in data.digits()[:2])
    >>> plain, resnet = (gradient_norms(new(56, seed=0, residual=residual), x, y) for residual in (False, True))
    >>> plain[0] > 10 * resnet[0]
    True
    """
    net = deepcopy(net).train()
    layers = [
        layer for name, layer in net.named_modules() if isinstance(layer, nn.Conv2d) and ".downsample." not in name
    ]
    gradients = torch.autograd.grad(cross_entropy(net(x), y), [layer.weight for layer in layers])
    return [gradient.norm().item() for gradient in gradients]


def without_batch_norm(net: nn.Module) -> nn.Module:
    """A copy in which nothing is normalised.

    Examples
    --------
    >>> without_batch_norm(nn.Sequential(nn.BatchNorm2d(3)))
    Sequential(
      (0): Identity()
    )
    """
    net = deepcopy(net)
    for module in list(net.modules()):
        for name, layer in module.named_children():
            if isinstance(layer, nn.BatchNorm2d):
                setattr(module, name, nn.Identity())
    return net


def growth(norms: Sequence[float]) -> float:
    """By what factor numbers grow from one to the one before, as a gradient goes back: the slope of their logarithms.

    Examples
    --------
    >>> growth([8, 4, 2, 1])
    2.0
    """
    slope = np.polyfit(range(len(norms)), np.log(norms), 1)[0]
    return round(float(np.exp(-slope)), 4)


def gradient_cosines(net: nn.Module, first: torch.Tensor, last: torch.Tensor, points: int = 65) -> np.ndarray:
    """How alike the gradients at neighbouring pictures are: their mean cosine, by distance along a segment.

    The gradient is that of the first class's score with respect to the pixels, at points evenly spaced from one picture
    to another: of D. Balduzzi et al., The shattered gradients problem, arXiv 1702.08591 (2017).

    Parameters
    ----------
    net : torch.nn.Module
        In evaluation mode, so that the pictures of a batch do not depend on each other: see :func:`settled`.
    first, last : torch.Tensor, shape (C, H, W)
    points : int
        At least 2.

    Returns
    -------
    numpy.ndarray, shape (points,)
        Of points 0, 1, … steps apart; the first is 1.

    Raises
    ------
    ValueError
        If the network is in training mode, or there are fewer than 2 points.

    Examples
    --------
    A linear network has the same gradient everywhere:

    >>> linear = nn.Sequential(nn.Flatten(), nn.Linear(4, 2)).eval()
    >>> gradient_cosines(linear, torch.zeros(1, 2, 2), torch.ones(1, 2, 2), points=3).round(6)
    array([1., 1., 1.], dtype=float32)
    """
    if net.training:
        raise ValueError("net must be in evaluation mode, got one in training mode: settled(net, x) makes a copy")
    part = torch.linspace(0, 1, integer("points", points, low=2))[:, None, None, None]
    x = (torch.lerp(first, last, part)).requires_grad_()
    (gradient,) = torch.autograd.grad(net(x)[:, 0].sum(), x)
    return _cosines(gradient)


def _cosines(gradient: torch.Tensor) -> np.ndarray:
    """Mean cosine of rows 0, 1, … apart."""
    unit = nn.functional.normalize(gradient.flatten(1), eps=1e-30)
    cosines = (unit @ unit.T).numpy()
    return np.array([np.diagonal(cosines, apart).mean() for apart in range(len(cosines))])


@torch.no_grad()
def responses(net: CifarResNet, x: torch.Tensor) -> list[float]:
    """The standard deviation of what each block adds: F(x), behind its last batch normalisation, before the addition.

    Figure 7 of the paper.  A plain network's blocks add nothing; theirs are of the same place.

    Parameters
    ----------
    net : CifarResNet
        In evaluation mode, or its batch normalisation learns from these pictures.
    x : torch.Tensor, shape (N, C, H, W)

    Returns
    -------
    list of float
        For each block, from the input on.

    Examples
    --------
    >>> x = torch.from_numpy(data.digits().x_train[:100])
    >>> responses(settled(zero_last_gamma(new(8, seed=0)), x), x)
    [0.0, 0.0, 0.0]
    """
    h, found = stem(net, x), []
    for block in blocks(net):
        found.append(block.residual(h).std().item())
        h = block(h)
    return found


# ---- taking blocks out, and putting blocks in -----------------------------------------------------------------------


def without_block(net: CifarResNet, *places: int) -> CifarResNet:
    """A copy in which some blocks do nothing: only the shortcut is left of them.

    Where a plain network has a block that halves its picture, every second row and column goes on, and maps of zeros.
    Of A. Veit, M. Wilber and S. Belongie, Residual networks behave like ensembles of relatively shallow networks,
    arXiv 1605.06431 (2016).

    Parameters
    ----------
    net : CifarResNet
    *places : int
        Of the blocks, from 0.

    Returns
    -------
    CifarResNet

    Raises
    ------
    IndexError
        If there is no such block.

    Examples
    --------
    A block that adds nothing is not missed:

    >>> net, x = zero_last_gamma(new(20, seed=0)).eval(), torch.rand(5, 1, 8, 8)
    >>> torch.equal(without_block(net, 4)(x), net(x))
    True
    """
    net = deepcopy(net)
    stages = [(stage, place) for stage in (net.layer1, net.layer2, net.layer3) for place in range(len(stage))]
    for chosen in places:
        if not 0 <= integer("places", chosen, low=0) < len(stages):
            raise IndexError(f"places must be below {len(stages)}, the number of blocks, got {chosen}")
        stage, place = stages[chosen]
        stage[place] = _rest_of(stage[place])
    return net


def _rest_of(block: PlainBlock) -> nn.Module:
    """What is left of a block without its convolutions."""
    way = getattr(block, "downsample", None)
    if way is None and block.conv1.in_channels != block.conv2.out_channels:
        way = Subsample(block.conv2.out_channels, block.conv1.stride[0])
    return nn.Identity() if way is None else nn.Sequential(way, nn.ReLU())


def with_swaps(net: CifarResNet, swaps: int, rng: np.random.Generator) -> CifarResNet:
    """A copy in which blocks have changed places so many times, two of one stage that keep the shape at a time.

    Raises
    ------
    ValueError
        If no stage has two such blocks.

    Examples
    --------
    >>> net = new(20, seed=0)
    >>> other = with_swaps(net, 1, np.random.default_rng(0))
    >>> [torch.equal(a.conv1.weight, b.conv1.weight) for a, b in zip(blocks(net), blocks(other))].count(False)
    2
    """
    net = deepcopy(net)
    first, *others = net.layer1, net.layer2, net.layer3
    places = [(first, range(len(first))), *((stage, range(1, len(stage))) for stage in others)]
    places = [(stage, free) for stage, free in places if len(free) > 1]
    if not places:
        raise ValueError("net must have two blocks that can change places, got one of depth 8")
    for _ in range(swaps):
        stage, free = places[rng.integers(len(places))]
        one, other = map(int, rng.choice(free, 2, replace=False))
        stage[one], stage[other] = stage[other], stage[one]
    return net


@torch.no_grad()
def deepened(net: CifarResNet, depth: int, x: torch.Tensor, *, identity: bool = True) -> CifarResNet:
    """A deeper network that begins with the blocks of a trained one; those that it has more follow in each stage.

    A residual network's new blocks add nothing yet: the scale of their last normalisation is 0.  A plain one's pass on
    what they get, by kernels with a single 1, and normalisations that put back what they take away from these pictures.
    So both say what the shallower network says: a deeper one *can* do what it does, also a plain one.

    Parameters
    ----------
    net : CifarResNet
        It is left as it was.
    depth : int
        At least that of ``net``.
    x : torch.Tensor, shape (N, C, H, W)
        Pictures, for the statistics of a plain network's normalisations.
    identity : bool
        False: the new blocks begin at random, as usual.

    Returns
    -------
    CifarResNet
        In evaluation mode.

    Examples
    --------
    >>> shallow, x = new(8, seed=0).eval(), torch.rand(5, 1, 8, 8)
    >>> torch.equal(deepened(shallow, 20, x)(x), shallow(x))
    True
    """
    residual = isinstance(net.layer1[0], BasicBlock)
    deep = new(depth, seed=0, residual=residual, width=net.conv1.out_channels).eval()
    for part in ("conv1", "bn1", "fc"):
        getattr(deep, part).load_state_dict(getattr(net, part).state_dict())
    h = stem(deep, x)
    for name in ("layer1", "layer2", "layer3"):
        old, stage = getattr(net, name), getattr(deep, name)
        for place, block in enumerate(stage):
            if place < len(old):
                block.load_state_dict(old[place].state_dict())
            elif identity and residual:
                nn.init.zeros_(block.bn2.weight)
            elif identity:
                _pass_on(block, h)
            h = block(h)
    return deep


def _pass_on(block: PlainBlock, h: torch.Tensor) -> None:
    """Make a plain block the identity on numbers of at least 0."""
    mean, variance = h.mean((0, 2, 3)), h.var((0, 2, 3), correction=0)
    for conv, norm in ((block.conv1, block.bn1), (block.conv2, block.bn2)):
        nn.init.dirac_(conv.weight)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.bias.copy_(mean)


# ---- paths ----------------------------------------------------------------------------------------------------------


class Paths(NamedTuple):
    """The gradient at the first block, by the number of blocks that it has come *through*, from 0 to all."""

    norms: list[float]  #: Of the part that all paths of this length bring together.
    shares: list[float]  #: Of the whole: each part's component along the whole gradient, over its length; the sum is 1.


def paths(net: CifarResNet, x: torch.Tensor, y: torch.Tensor) -> Paths:
    """Take the gradient apart by the length of the paths on which it comes, exactly.

    At each block a gradient g goes two ways: by the shortcut it stays g, through the convolutions it becomes Jᵀg.  With
    a letter z for each block that it comes through, it is a polynomial in z, and each block makes of it g + z Jᵀg.
    The coefficient of z to the power k is what all paths of length k bring; at z = 1 they make up the whole gradient.
    The ReLU behind the addition is passed by both.

    Parameters
    ----------
    net : CifarResNet
        Residual; it is left as it was, and taken in evaluation mode.
    x : torch.Tensor, shape (N, C, H, W)
    y : torch.Tensor, shape (N,)
        Class numbers.

    Returns
    -------
    Paths

    Raises
    ------
    ValueError
        If the network adds nothing.

    Examples
    --------
    >>> x, y = (torch.from_numpy(part[:20]) for part in data.digits()[:2])
    >>> found = paths(settled(new(20, seed=0), x), x, y)
    >>> len(found.norms), round(sum(found.shares), 4)
    (10, 1.0)
    """
    parts = path_gradients(net, x, y).flatten(1).double()
    whole = parts.sum(0)
    return Paths(parts.norm(dim=1).tolist(), (parts @ whole / (whole @ whole)).tolist())


def path_gradients(net: CifarResNet, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The parts themselves, (blocks + 1, N, width, H, W): see :func:`paths`."""
    net, inputs, gradient = _to_the_end(net, x, y)
    parts = gradient[None]  # (K, N, C, H, W), K path lengths
    for block, h in zip(reversed(blocks(net)), reversed(inputs), strict=True):
        straight, bent = _both_ways(block, h, parts)
        nothing = torch.zeros_like(straight[:1])
        parts = torch.cat([straight, nothing]) + torch.cat([nothing, bent])  # → (K + 1, N, …)
    return parts


def path_norms(net: CifarResNet, x: torch.Tensor, y: torch.Tensor, *, samples: int = 4, seed: int = 0) -> list[float]:
    """The mean norm of the gradient that comes by a single path, by its length, over paths drawn at random.

    Times the number of paths, n over k, that is the measure of Veit et al. (2016), their figure 6; it leaves out that
    paths may cancel each other.

    Parameters
    ----------
    net, x, y
        As for :func:`paths`.
    samples : int
        Paths of each length.
    seed : int
        Of the draw.

    Returns
    -------
    list of float
        For paths through 0, 1, … blocks.
    """
    net, inputs, gradient = _to_the_end(net, x, y)
    count, rng = len(inputs), np.random.default_rng(seed)
    ranks = np.array([rng.permutation(count) for _ in range((count + 1) * samples)])  # (K samples, blocks)
    through = torch.from_numpy(ranks < np.repeat(np.arange(count + 1), samples)[:, None])
    parts = gradient.expand(len(through), *gradient.shape)
    for place in reversed(range(count)):
        straight, bent = _both_ways(blocks(net)[place], inputs[place], parts)
        parts = torch.where(through[:, place, None, None, None, None], bent, straight)
    return parts.flatten(1).norm(dim=1).reshape(count + 1, samples).mean(1).tolist()


def _to_the_end(
    net: CifarResNet, x: torch.Tensor, y: torch.Tensor
) -> tuple[CifarResNet, list[torch.Tensor], torch.Tensor]:
    """A copy that computes picture by picture, the input of each block, and the gradient behind the last."""
    if not all(isinstance(block, BasicBlock) for block in blocks(net)):
        raise ValueError("net must be residual, got one whose blocks add nothing")
    net, inputs = deepcopy(net).eval(), []
    with torch.no_grad():
        h = stem(net, x)
        for block in blocks(net):
            inputs.append(h)
            h = block(h)
    h.requires_grad_()
    (gradient,) = torch.autograd.grad(cross_entropy(head(net, h), y), h)
    return net, inputs, gradient


def _both_ways(block: BasicBlock, h: torch.Tensor, parts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What comes by the shortcut, and what through the convolutions, of gradients (K, N, …): both (K, N, C, H, W)."""
    count = len(parts)
    h = h.repeat(count, 1, 1, 1).requires_grad_()  # each picture by itself in evaluation mode: K of each do no harm
    added, kept = block.residual(h), block.shortcut(h)
    behind = parts.flatten(0, 1) * (added + kept > 0)
    (bent,) = torch.autograd.grad(added, h, behind)
    straight = behind if kept is h else torch.autograd.grad(kept, h, behind)[0]
    return straight.unflatten(0, (count, -1)), bent.unflatten(0, (count, -1))


# ---- the runs -------------------------------------------------------------------------------------------------------


def inspected(task: dict) -> dict[str, list]:
    """A run of the first comparison: its course, then what its blocks answer, and what becomes of it without them."""
    net, history = _taught(task)
    found, x, y = course(net, history), *map(torch.from_numpy, data.digits()[:2])
    still = settled(net, x)
    found["responses"] = list(map(_short, responses(still, x)))
    if task["depth"] in SETTINGS["deleted, depths"]:
        found |= deletions(still, task["seed"])
    if task["residual"]:
        found |= _by_length(still, x, y, task["seed"])
    return found


def deletions(net: CifarResNet, seed: int) -> dict[str, list[float]]:
    """Test errors in per cent: without each block, without so many of them at once, and with blocks in other places.

    The sets of blocks, and the exchanges, are drawn at random a few times, and the errors averaged.
    """
    s, rng, count = SETTINGS, np.random.default_rng(seed), len(blocks(net))
    x, y = map(torch.from_numpy, data.digits()[2:])

    def error(changed: nn.Module) -> float:
        return 100 - train.evaluate(changed, x, y)[1]

    def mean(change: Callable[[], nn.Module]) -> float:
        return round(float(np.mean([error(change()) for _ in range(s["deleted, draws"])])), 2)

    def fewer(taken: int) -> nn.Module:
        return without_block(net, *rng.choice(count, taken, replace=False))

    at_once = [taken for taken in s["deleted, at once"] if taken <= count]
    return {
        "without": [round(error(without_block(net, place)), 2) for place in range(count)],
        "without several": [mean(lambda taken=taken: fewer(taken)) for taken in at_once],
        "swapped": [mean(lambda swaps=swaps: with_swaps(net, swaps, rng)) for swaps in s["swaps"]],
    }


def _by_length(net: CifarResNet, x: torch.Tensor, y: torch.Tensor, seed: int) -> dict[str, list]:
    """:func:`paths` and :func:`path_norms` of the first pictures."""
    s = SETTINGS
    few, fewer = s["paths, pictures"], s["paths, samples"]["pictures"]
    norms, shares = paths(net, x[:few], y[:few])
    single = path_norms(net, x[:fewer], y[:fewer], samples=s["paths, samples"]["of each length"], seed=seed)
    return {
        "path norms": list(map(_short, norms)),
        "path shares": [round(share, 5) for share in shares],
        "single paths": list(map(_short, single)),
    }


def decayed(task: dict) -> dict[str, list]:
    """A course with weight decay, and the blocks' answers."""
    net, history = _taught(task)
    x = torch.from_numpy(data.digits().x_train)
    return course(net, history) | {"responses": list(map(_short, responses(settled(net, x), x)))}


def started(task: dict) -> dict[str, object]:
    """A network that has learned nothing yet: gradients of its layers, and how alike they are at different pictures."""
    s, count = SETTINGS, SETTINGS["start, pictures"]
    x, y = (torch.from_numpy(part[:count]) for part in data.digits()[:2])
    net = new(task["depth"], task["seed"], residual=task["residual"], width=task["width"])
    net = net if task["norm"] else without_batch_norm(net)
    norms = gradient_norms(net, x, y)
    stages = np.array_split(norms[1:], 3)  # of each stage the layers that keep the shape, which can be compared
    found = {"first": _short(norms[0]), "growth": [growth(stage[1:]) for stage in stages if len(stage) > 2]}
    if task["depth"] == s["start, layers"]:
        found["layers"] = list(map(_short, norms))
    if task["norm"] and task["width"] == s["width"]:
        still = settled(net, x)
        pairs = zip(x[: s["start, segments"]], x[s["start, segments"] :], strict=False)
        near = np.mean([gradient_cosines(still, *pair, s["start, points"]) for pair in pairs], axis=0)
        found["cosines"] = [_short(float(near[apart])) for apart in (1, 2, 4, 8, 16, 32, 64) if apart < len(near)]
        if task["residual"]:
            found |= _by_length(still, x, y, task["seed"])
    return found


def grown(task: dict) -> dict[str, dict]:
    """A shallow network, taught; deeper ones made of it, as they are and when they have learned on."""
    shallow, deep = SETTINGS["grown"]
    split = data.digits()
    x, y = map(torch.from_numpy, split[:2])
    net = settled(_taught(task | {"depth": shallow}).net, x)
    found = {"shallow": {"loss": _exact(net, x, y)}}
    for name in ("identity", "random"):
        deeper = deepened(net, deep, x, identity=name == "identity")
        apart = float((deeper(x) - net(x)).detach().abs().max())
        found[name] = {"loss": _exact(deeper, x, y), "apart": float(f"{apart:.1g}")}
        history = taught(deeper, epochs=SETTINGS["grown, epochs"], rate=SETTINGS["rate"], seed=task["seed"])
        found[name] |= course(deeper, history)
    return found


def _exact(net: nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    return _short(train.evaluate(net, x, y)[0])


def twins(depths: Sequence[int], **task: object) -> dict[str, dict]:
    """A task for the plain and the residual network of each depth: ``"plain, 20"``."""
    kinds = product(("plain", "residual"), depths)
    return {f"{kind}, {depth}": {"depth": depth, "residual": kind == "residual", **task} for kind, depth in kinds}


def starts() -> dict[str, list]:
    """All networks before their first step: by kind and depth; then without batch normalisation, and wider."""
    s = SETTINGS
    tasks = twins(s["start, depths"], norm=True, width=s["width"])
    bare = twins(s["start, depths"], norm=False, width=s["width"])
    tasks |= {f"{name}, no batch norm": task for name, task in bare.items()}
    wide = twins([s["start, layers"]], norm=True, width=s["wide"])
    return by_seed(started, tasks | {f"{name}, wide": task for name, task in wide.items()}, s["seeds"])


def results() -> dict:
    """Of each experiment, for each setting, the list of what the seeds gave."""
    s = SETTINGS
    rates = {
        f"{rate}, {name}": task | {"rate": rate}
        for rate in s["rates"]
        for name, task in twins(s["rates, depths"]).items()
    }
    plain = {"depth": s["rescue, depth"], "residual": False}
    rescue = {
        f"{name}, {rate}": plain | {"rate": rate} | s["rescue"][name]
        for name, rate in product(s["rescue"], s["rescue, rates"])
    }
    shortcuts = {
        f"{way}, {depth}": {"depth": depth, "shortcut": way}
        for way, depth in product(s["shortcuts"], s["shortcuts, depths"])
    }
    zero = {str(depth): {"depth": depth, "zero": True, "epochs": s["zero, epochs"]} for depth in s["zero, depths"]}
    first = {"depth": s["zero, depths"][0], "epochs": s["zero, epochs"]}
    zero_rates = {
        f"{rate}, {name}": first | {"rate": rate, "zero": name == "zero"}
        for rate, name in product(s["zero, rates"], ("usual", "zero"))
    }
    decay = {str(depth): {"depth": depth, "decay": s["decay"]} for depth in s["decay, depths"]}
    return {
        "nets": by_seed(inspected, twins(s["depths"]), s["seeds"]),
        "rates": by_seed(run, rates, s["few seeds"]),
        "rescue": by_seed(run, rescue, s["few seeds"]),
        "shortcuts": by_seed(run, shortcuts, s["seeds"]),
        "zero": by_seed(run, zero, s["seeds"]),
        "zero, rates": by_seed(run, zero_rates, s["few seeds"]),
        "decay": by_seed(decayed, decay, s["few seeds"]),
        "grown": by_seed(grown, {"plain": {"residual": False}, "residual": {"residual": True}}, s["seeds"]),
        "start": starts(),
    }
