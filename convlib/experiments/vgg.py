"""What the paper of VGG says of depth, tried small: how signals fare, what small kernels give, what depth gives.

K. Simonyan and A. Zisserman, Very deep convolutional networks for large-scale image recognition, International
Conference on Learning Representations (2015), arXiv 1409.1556.

:func:`signal_by_depth` sends noise through the convolutions of the paper's own networks, untrained, and noise back; it
takes a second, and the chapter calls it.  Everything that is trained is an eighth as wide: :func:`small_vgg`.  It tells
apart seven photographs by small patches, :func:`convlib.data.small.textures`, or handwritten digits,
:func:`convlib.data.small.mnist`.  A seed draws the pictures, the weights and the order of the pictures; settings that
are compared share the pictures and their order, so that they can be compared seed by seed.  Nothing is stopped at its
best: what counts is the last step.

``"signal"`` holds for each initialisation, without and with batch normalisation, and each seed the three lists of a
:class:`Signal`.  ``"structures"`` holds for each kind of pictures and each plan, without and with batch normalisation,
for each seed ``[train loss, train %, test loss, test %]``.  ``"start"`` holds for each way to begin, likewise, the
training losses on the way, None where one is no number, those of the network that it was grown from, and the per cent
of the test pictures named right; ``"pixels"`` is their standard deviation: the paper's pixels go from 0 to 255, and
only the mean is taken off.  ``"patches"`` holds the per cent of patches named right by the network that is kept, those
to learn from and those to test with.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from convlib import data
from convlib._validate import integer, one_of
from convlib.experiments import by_seed, keep, weights
from convlib.experiments.alexnet import measure, of_classes, right, teach
from convlib.models.vgg import STRUCTURES, VGG, Entry, features
from convlib.train import evaluate

SETTINGS = {
    "seeds": [0, 1, 2, 3, 4],
    "batch": 50,
    "signal": {"seeds": [0, 1, 2], "side": 112, "pictures": 1},
    "structures": {
        "rate": 0.002,
        "examples": {"textures": 100, "digits": 50},
        "passes": 8,
    },
    "start": {
        "seeds": [0, 1, 2],
        "examples": 30,
        "batch": 20,
        "rate": 0.01,
        "passes": 40,
        "every": 4,
        "ways": {
            "std 0.01": {"draw": "std 0.01", "pixels": 60},
            "std 0.1": {"draw": "std 0.1", "pixels": 60},
            "Glorot": {"draw": "Glorot", "pixels": 1},
            "He": {"draw": "He", "pixels": 1},
            "PyTorch": {"draw": "PyTorch", "pixels": 1},
            "grown from A": {"draw": "std 0.01", "pixels": 60, "parent": "A"},
        },
    },
    "patches": {"rate": 0.003, "examples": 300, "passes": 20},
}

#: How the weights of a layer may be drawn at first; the biases begin at 0.
INITIALISATIONS: dict[str, Callable[[torch.Tensor], object]] = {
    "std 0.01": partial(nn.init.normal_, std=0.01),  # AlexNet's
    "std 0.1": partial(nn.init.normal_, std=0.1),  # VGG's: a *variance* of 0.01
    "Glorot": nn.init.xavier_normal_,
    "He": partial(nn.init.kaiming_normal_, nonlinearity="relu"),
    "PyTorch": partial(nn.init.kaiming_uniform_, a=math.sqrt(5)),  # what a layer of PyTorch draws for itself
}

#: Rows and columns of the pictures: for four blocks of layers, for all five, and of the patches of the network kept.
SIDE, WHOLE_SIDE, PATCH = 24, 32, 40


# ---- how a signal fares ---------------------------------------------------------------------------------------------


class Signal(NamedTuple):
    """What is left of a signal of deviation 1 behind each convolution, forwards and backwards, from the first on."""

    activations: list[float]  #: standard deviation behind each ReLU
    gradients: list[float]  #: of the gradient there, when that behind the last ReLU is noise of deviation 1
    weights: list[float]  #: root mean square of the gradient of each convolution's weights


def signal_by_depth(
    initialisation: str,
    batch_norm: bool = False,
    *,
    structure: str = "D",
    width: int = 64,
    side: int = 64,
    pictures: int = 2,
    seed: int = 0,
) -> Signal:
    """Send noise through a VGG's convolutions with fresh weights, and noise back: how strong is it at each layer?

    Parameters
    ----------
    initialisation : {"std 0.01", "std 0.1", "Glorot", "He", "PyTorch"}
        As :data:`INITIALISATIONS` draws the weights.
    batch_norm : bool
        Whether each convolution is normalised, in training mode, before its ReLU.
    structure : str
        A line of :data:`convlib.models.vgg.STRUCTURES`.
    width : int
        Maps of the first layer; the paper's is 64.
    side, pictures : int
        Rows and columns of each picture, at least 16, and 32 if one picture is to be normalised; how many pictures.
    seed : int
        Of pictures, weights and what is sent back; PyTorch's own generator is left as it was.

    Returns
    -------
    Signal

    Raises
    ------
    TypeError, ValueError
        If there is no such initialisation or structure, or a number is too small.

    Examples
    --------
    Behind layer 13 of 13 less than a millionth is left with weights of standard deviation 0.01; with He's it is there:

    >>> [signal_by_depth(name, side=32).activations[-1] > 1e-6 for name in ("std 0.01", "He")]
    [False, True]
    """
    one_of("initialisation", initialisation, INITIALISATIONS)
    integer("pictures", pictures, low=1)
    integer("side", side, low=32 if batch_norm and pictures == 1 else 16)  # one pixel alone has no deviation
    plan = small(one_of("structure", structure, STRUCTURES), width=width)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(integer("seed", seed, low=0))
        layers = draw(features(plan, batch_norm=batch_norm), initialisation)
        x = torch.randn(pictures, 3, side, side)
        kept = []
        for layer in layers[:-1]:  # without the last pooling
            x = layer(x)
            if isinstance(layer, nn.ReLU):
                x.retain_grad()
                kept.append(x)
        x.backward(torch.randn_like(x))
    convolutions = [layer for layer in layers if isinstance(layer, nn.Conv2d)]
    return Signal(
        [_rounded(x.detach().std()) for x in kept],
        [_rounded(x.grad.std()) for x in kept],
        [_rounded(layer.weight.grad.square().mean().sqrt()) for layer in convolutions],
    )


def draw(network: nn.Module, initialisation: str) -> nn.Module:
    """Draw the weights of all convolutions and linear layers anew; biases begin at 0.

    Examples
    --------
    >>> draw(nn.Sequential(nn.Linear(3, 2)), "He")[0].bias.tolist()
    [0.0, 0.0]
    """
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            INITIALISATIONS[initialisation](layer.weight)
            nn.init.zeros_(layer.bias)
    return network


def _rounded(number: torch.Tensor | float) -> float | None:
    """To four digits; None for what is no number, which JSON does not know."""
    number = float(number)
    return float(f"{number:.4g}") if math.isfinite(number) else None


# ---- small networks -------------------------------------------------------------------------------------------------


def small(structure: str, *, width: int = 8, blocks: int = 5) -> tuple[Entry, ...]:
    """A structure of the paper with fewer maps, and without its last blocks.

    Parameters
    ----------
    structure : str
        A line of :data:`convlib.models.vgg.STRUCTURES`.
    width : int
        Maps of the first layer, at least 1; the others are in proportion.
    blocks : int
        How many of the five are kept.

    Examples
    --------
    >>> small("C", blocks=3)
    (8, 8, 'M', 16, 16, 'M', 32, 32, (32, 1), 'M')
    """
    integer("width", width, low=1)
    entries = list(STRUCTURES[structure])
    last = [i for i, entry in enumerate(entries) if entry == "M"][blocks - 1]
    return tuple(_narrow(entry, width) for entry in entries[: last + 1])


def _narrow(entry: Entry, width: int) -> Entry:
    if isinstance(entry, str):
        return entry
    return (entry[0] // 64 * width, entry[1]) if isinstance(entry, tuple) else entry // 64 * width


#: The plans that are compared: the paper's, of four blocks; and B with each pair of 3 × 3 layers as one of 5 × 5, with
#: nearly the same number of weights, with a few maps more to make it the same, and as a pair without the ReLU between.
PLANS = {
    **{name: small(name, blocks=4) for name in ("A", "B", "C", "D", "E")},
    "B of 5 × 5": ((8, 5), "M", (16, 5), "M", (32, 5), "M", (64, 5), "M"),
    "B of 5 × 5, as many weights": ((8, 5), "M", (17, 5), "M", (33, 5), "M", (67, 5), "M"),
    "B without the ReLU between": small("B", blocks=4),
}


def small_vgg(
    plan: Sequence[Entry], classes: int, *, side: int = SIDE, batch_norm: bool = False, between: bool = True
) -> nn.Sequential:
    """The convolutions of a plan, and three linear layers, two of them with 64 hidden units; He's weights.

    Parameters
    ----------
    plan : sequence
        As :func:`convlib.models.vgg.features` takes it.
    classes : int
        Scores for each picture.
    side : int
        Rows and columns of the pictures.
    batch_norm : bool
        Whether each convolution is normalised before its ReLU.
    between : bool
        Whether there is a ReLU before another convolution; otherwise only before a pooling.

    Examples
    --------
    >>> sum(weight.numel() for weight in small_vgg(PLANS["B"], 7).parameters())
    82383
    """
    layers = list(features(plan, batch_norm=batch_norm))
    if not between:
        before = [*layers[1:], nn.Identity()]
        layers = [
            layer
            for layer, after in zip(layers, before, strict=True)
            if not (isinstance(layer, nn.ReLU) and isinstance(after, nn.Conv2d))
        ]
    halvings = sum(entry == "M" for entry in plan)
    maps = next(layer.out_channels for layer in reversed(layers) if isinstance(layer, nn.Conv2d))
    inputs = maps * (side // 2**halvings) ** 2
    network = nn.Sequential(
        *layers,
        nn.Flatten(),
        *(nn.Linear(inputs, 64), nn.ReLU()),
        *(nn.Linear(64, 64), nn.ReLU()),
        nn.Linear(64, classes),
    )
    return draw(network, "He")


def pictures(kind: str, examples: int, seed: int, side: int = SIDE) -> data.Split:
    """Colour patches or digits to learn from, so many of each class, and 100 of each to test with.

    They are drawn anew with each seed, and shifted and scaled so that the pixels to learn from have mean 0 and standard
    deviation 1.  Digits lose their empty border, and get three equal channels.

    Parameters
    ----------
    kind : {"textures", "digits"}
    examples : int
        Of each class.
    seed : int
    side : int
        Rows and columns; digits have 20 and at most 28.

    Examples
    --------
    >>> pictures("digits", 10, seed=0).x_train.shape
    (100, 3, 24, 24)
    """
    if one_of("kind", kind, ("textures", "digits")) == "textures":
        split = data.textures(size=side, train=examples, seed=seed)
    else:
        split = of_classes(data.mnist(seed), range(10), examples)
        border = (28 - side) // 2
        middle = np.s_[..., border : border + side, border : border + side]
        split = split._replace(x_train=split.x_train.repeat(3, 1)[middle], x_test=split.x_test.repeat(3, 1)[middle])
    mean, deviation = split.x_train.mean(), split.x_train.std()
    return split._replace(x_train=(split.x_train - mean) / deviation, x_test=(split.x_test - mean) / deviation)


def slowing(optimizer: torch.optim.Optimizer, steps: int) -> torch.optim.Optimizer:
    """Let the rate of an optimizer fall to nothing along half a cosine."""
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    optimizer.register_step_post_hook(lambda *_: schedule.step())
    return optimizer


def compared(task: dict) -> list[float]:
    """One run of a plan, and the measure behind its last step."""
    split = pictures(task["kind"], task["examples"], task["seed"])
    torch.manual_seed(task["seed"])
    network = small_vgg(
        PLANS[task["plan"]],
        int(split.y_test.max()) + 1,
        batch_norm=task["batch norm"],
        between=not task["plan"].endswith("without the ReLU between"),
    )
    steps = task["passes"] * -(-len(split.x_train) // task["batch"])
    optimizer = slowing(torch.optim.AdamW(network.parameters(), task["rate"]), steps)
    return teach(network, split, optimizer, measure, steps=steps, seed=task["seed"], batch=task["batch"])[-1]


# ---- can the deep one be trained? -----------------------------------------------------------------------------------

#: The paper's two readings, drawn for fewer maps so that each layer multiplies its signal as it does in the paper's.
READINGS = {"std 0.01": 0.01, "std 0.1": 0.1}


def begun(structure: str, way: str, classes: int, *, batch_norm: bool = False) -> nn.Sequential:
    """A whole structure, an eighth as wide, for pictures of 32 × 32, with fresh weights.

    A layer of fewer inputs gives a weaker signal with the same weights; so the two standard deviations are raised for
    each layer by √(inputs in the paper / inputs here).  The other initialisations know the number of inputs themselves.

    Parameters
    ----------
    structure : str
        A line of :data:`convlib.models.vgg.STRUCTURES`.
    way : {"std 0.01", "std 0.1", "Glorot", "He", "PyTorch"}
    classes : int
        Scores for each picture.
    batch_norm : bool
        Whether each convolution is normalised before its ReLU.

    Examples
    --------
    The last convolution reads 9 · 64 numbers, in the paper 9 · 512: 0.01 becomes 0.028.

    >>> _ = torch.manual_seed(0)
    >>> round(begun("A", "std 0.01", 7)[18].weight.std().item(), 3)
    0.028
    """
    network = small_vgg(small(structure), classes, side=WHOLE_SIDE, batch_norm=batch_norm)
    if way not in READINGS:
        return draw(network, way)
    with torch.device("meta"):
        papers = VGG(structure, batch_norm=batch_norm)
    for layer, paper in zip(learning(network), learning(papers), strict=True):
        ratio = paper.weight[0].numel() / layer.weight[0].numel()
        nn.init.normal_(layer.weight, std=READINGS[way] * math.sqrt(ratio))
    return network


def learning(network: nn.Module) -> list[nn.Conv2d | nn.Linear]:
    """The layers with weights, batch normalisation aside, in their order."""
    return [layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]


def grow(network: nn.Sequential, parent: nn.Sequential) -> nn.Sequential:
    """Give a network the first four convolutions and the three linear layers of one that is less deep (section 3.1).

    A layer of the parent goes to the first one of the same shape that is still to come: A's 64, 128, 256 and 256 maps
    become the first layer of D's first and second block, and the first two of its third.

    Parameters
    ----------
    network, parent : torch.nn.Sequential
        As :func:`begun` makes them.

    Returns
    -------
    torch.nn.Sequential
        The network.
    """
    own, parents = learning(network), learning(parent)
    remaining = iter(own[:-3])
    for layer in parents[:4]:
        target = next(other for other in remaining if other.weight.shape == layer.weight.shape)
        target.load_state_dict(layer.state_dict())
    for layer, target in zip(parents[-3:], own[-3:], strict=True):
        target.load_state_dict(layer.state_dict())
    return network


def started(task: dict) -> dict:
    """One run of D from one way to begin, by plain gradient descent: training losses, and what it names right.

    The losses of the parent, which learns as long, are empty where there is none.
    """
    split = pictures("textures", task["examples"], task["seed"], WHOLE_SIDE)
    split = split._replace(x_train=task["pixels"] * split.x_train, x_test=task["pixels"] * split.x_test)
    classes = int(split.y_test.max()) + 1
    torch.manual_seed(task["seed"])
    network = begun("D", task["draw"], classes, batch_norm=task["batch norm"])
    parents = []
    if "parent" in task:
        parent = begun(task["parent"], task["draw"], classes, batch_norm=task["batch norm"])
        parents = descended(parent, split, task)
        grow(network, parent)
    losses = descended(network, split, task)
    return {"losses": losses, "parent": parents, "right": right(network, split)}


def descended(network: nn.Sequential, split: data.Split, task: dict) -> list[float | None]:
    """Train with the paper's momentum of 0.9 and weight decay of 5e-4; the training losses on the way."""
    optimizer = torch.optim.SGD(network.parameters(), task["rate"], momentum=0.9, weight_decay=5e-4)
    a_pass = -(-len(split.x_train) // task["batch"])
    setting = {"steps": task["passes"] * a_pass, "every": task["every"] * a_pass, "batch": task["batch"]}
    return teach(network, split, optimizer, training_loss, seed=task["seed"], **setting)


def training_loss(network: nn.Module, split: data.Split) -> float | None:
    """The mean cross-entropy of the pictures to learn from."""
    return _rounded(evaluate(network, *map(torch.from_numpy, split[:2]))[0])


# ---- a network that slides ------------------------------------------------------------------------------------------


class LocalContrast(nn.Module):
    """What differs from the surroundings: each pixel minus the mean of the 9 × 9 around it; four fewer at each border.

    A colour that is added everywhere changes nothing, so that a patch without its mean and the same part of a whole
    photograph look alike.

    Examples
    --------
    >>> LocalContrast()(torch.ones(1, 3, 40, 40)).shape
    torch.Size([1, 3, 32, 32])
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Of pictures (N, C, H, W), (N, C, H - 8, W - 8)."""
        return x[..., 4:-4, 4:-4] - nn.functional.avg_pool2d(x, 9, stride=1)


def patch_network(*, trained: bool = False) -> nn.Sequential:
    """A small network in VGG's manner that tells seven photographs apart by patches of 40 × 40 pixels.

    No layer has padding: :func:`convlib.models.vgg.dense` makes of it one that says at every fourth row and column of
    a whole photograph exactly what it says of the patch there.

    Parameters
    ----------
    trained : bool
        Whether it has the weights that :func:`convlib.experiments.weights` keeps, and is in evaluation mode; otherwise
        its weights are fresh.

    Returns
    -------
    torch.nn.Sequential
        From (N, 3, 40, 40), red, green and blue from 0 to 1, to a score for each of
        :data:`convlib.data.photographs.COLOR_PHOTOGRAPHS`, (N, 7).

    Examples
    --------
    >>> from convlib.models.vgg import dense
    >>> dense(patch_network(trained=True))(torch.zeros(1, 3, 200, 300)).shape
    torch.Size([1, 7, 41, 66])
    """
    network = nn.Sequential(
        LocalContrast(),  # (N, 3, 40, 40) → (N, 3, 32, 32)
        *_pair(3, 8),
        nn.MaxPool2d(2),  # 30, 28 → (N, 8, 14, 14)
        *_pair(8, 16),
        nn.MaxPool2d(2),  # 12, 10 → (N, 16, 5, 5)
        *_unpadded(16, 32),  # → (N, 32, 3, 3)
        nn.Flatten(),
        *(nn.Linear(288, 48), nn.ReLU()),
        nn.Linear(48, 7),
    )
    if not trained:
        return draw(network, "He")
    kept = {name: torch.from_numpy(array).float() for name, array in weights("vgg").items()}
    network.load_state_dict(kept)
    return network.eval()


def _pair(channels: int, maps: int) -> list[nn.Module]:
    return [*_unpadded(channels, maps), *_unpadded(maps, maps)]


def _unpadded(channels: int, maps: int) -> list[nn.Module]:
    return [nn.Conv2d(channels, maps, 3), nn.BatchNorm2d(maps), nn.ReLU()]


def taught_patches(task: dict) -> list[float]:
    """Train the network that is kept, keep it, and say what it names right: of its own patches, and of the others."""
    split = data.textures(size=PATCH, train=task["examples"], seed=task["seed"])
    torch.manual_seed(task["seed"])
    network = patch_network()
    steps = task["passes"] * -(-len(split.x_train) // task["batch"])
    optimizer = slowing(torch.optim.AdamW(network.parameters(), task["rate"]), steps)
    (found,) = teach(network, split, optimizer, measure, steps=steps, seed=task["seed"], batch=task["batch"])
    keep("vgg", {name: array.numpy() for name, array in network.state_dict().items()})
    return [found[1], found[3]]


# ---- all of it ------------------------------------------------------------------------------------------------------


def sent(task: dict) -> list[list[float | None]]:
    """One :class:`Signal`, as lists."""
    options = {name: task[name] for name in ("side", "pictures", "seed")}
    return list(signal_by_depth(task["initialisation"], task["batch norm"], **options))


def with_and_without(
    function: Callable[[dict], object], tasks: dict[str, dict], seeds: Sequence[int]
) -> dict[str, list]:
    """For each named task, without and with batch normalisation, the list of what a function makes of each seed."""
    tasks = {
        name + suffix: {"batch": SETTINGS["batch"], "batch norm": norm} | task
        for name, task in tasks.items()
        for suffix, norm in (("", False), (", batch norm", True))
    }
    return by_seed(function, tasks, seeds)


def structures(kind: str) -> dict[str, list]:
    """All plans on the pictures of one kind."""
    s = SETTINGS["structures"]
    task = {"kind": kind, "rate": s["rate"], "examples": s["examples"][kind], "passes": s["passes"]}
    return with_and_without(compared, {plan: task | {"plan": plan} for plan in PLANS}, SETTINGS["seeds"])


def starts() -> dict[str, list]:
    """All ways to begin."""
    s = SETTINGS["start"]
    task = {name: s[name] for name in ("examples", "batch", "rate", "passes", "every")}
    return with_and_without(started, {name: task | way for name, way in s["ways"].items()}, s["seeds"])


def results() -> dict:
    """Of each experiment, for each setting, the list of what the seeds gave."""
    s = SETTINGS
    signal = {"side": s["signal"]["side"], "pictures": s["signal"]["pictures"]}
    sendings = {name: signal | {"initialisation": name} for name in INITIALISATIONS}
    return {
        "signal": with_and_without(sent, sendings, s["signal"]["seeds"]),
        "structures": {kind: structures(kind) for kind in s["structures"]["examples"]},
        "start": starts(),
        "patches": taught_patches(s["patches"] | {"batch": s["batch"], "seed": s["seeds"][0]}),
    }
