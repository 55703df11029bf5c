"""What the paper of AlexNet says of its parts, tried small: each claim on real pictures, and with several seeds.

A. Krizhevsky, I. Sutskever and G. Hinton, ImageNet classification with deep convolutional neural networks, Advances in
Neural Information Processing Systems 25 (2012).  :func:`small_alexnet` has the paper's order of layers and about
100,000 parameters instead of 60 million.  It tells seven photographs apart by patches of 24 × 24 pixels,
:func:`convlib.data.small.textures`, or handwritten digits, :func:`convlib.data.small.mnist`.  A seed draws the
weights, the order of the pictures and the pictures themselves; settings that are compared share all of these, so that
they can be compared seed by seed.  Nothing is stopped at its best: what counts is the last step.

A measure is ``[train loss, train %, test loss, test %]``, the mean cross-entropy and the per cent named right.
``"parts"`` and ``"digits"`` hold one for each seed; ``"LRN"``, by its constant alpha, one with two numbers more,
:func:`lrn_strength` of its two layers: on pixels of standard deviation 1 the paper's alpha does next to nothing.
``"dropout"`` holds measures before the first step and after each pass over the pictures, ``"activations"`` only the per
cent of the training pictures named right.  ``"transfer"`` holds for each seed a per cent of test pictures by the number
of labels of each new class, ``"colour"`` for each seed and tower the share of colour in each filter of layer 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from itertools import islice, product

import numpy as np
import torch
from torch import nn

from convlib import data
from convlib._validate import one_of
from convlib.experiments import by_seed, keep
from convlib.train import evaluate

SETTINGS = {
    "seeds": [0, 1, 2, 3, 4],
    "batch": 50,
    "rate": 0.001,
    "examples": {"textures": 200, "digits": 50},
    "passes": {"textures": 15, "digits": 20},
    "parts": {
        "plain": {},
        "pooling 2/2": {"pool": 2},
        "batch norm": {"norm": "batch norm"},
        "two towers": {"groups": 2},
        "two towers, as many weights": {"groups": 2, "maps": [30, 38, 54, 36]},
        "half the maps": {"maps": [12, 16, 24, 32]},
        "mirrored": {"mirror": True},
        "cropped": {"crop": True},
        "mirrored, cropped": {"mirror": True, "crop": True},
    },
    "LRN, alpha": [1e-4, 1.0],
    "digits": ["plain", "mirrored", "cropped", "mirrored, cropped"],
    "every": 28,
    "rates": [0.001, 0.003, 0.01, 0.03],
    "rates, momentum": 0.9,
    "dropout": [0.0, 0.5],
    "dropout, passes": 30,
    "known": {"textures": [0, 2, 4, 6], "digits": [0, 1, 2, 3, 4]},
    "known, examples": {"textures": 200, "digits": 200},
    "labels": [1, 2, 5, 10, 20, 50],
    "labels, batch": 25,
    "ways": {
        "from scratch": {"rate": 0.001, "steps": 200},
        "last layer": {"rate": 0.01, "steps": 300},  # one layer alone takes larger steps, and needs more of them
        "all layers": {"rate": 0.001, "steps": 200},
    },
    "filters, examples": 300,
    "filters, passes": 30,
    "filters, first": 0.01,
    "filters, decay": 1.0,
}

#: Rows and columns of the pictures, and of the part of each that the network sees.
SIDE, WINDOW = 28, 24


class Window(nn.Module):
    """The part of each picture that a network is shown: its middle, or in training another part each time.

    The paper cuts 224 × 224 pixels out of 256 × 256 in the same manner (section 4.1).

    Parameters
    ----------
    side : int
        Rows and columns of the part.
    crop : bool
        Whether in training it lies anywhere, for each picture elsewhere.
    mirror : bool
        Whether in training each picture is turned left to right with probability one half.

    Examples
    --------
    >>> Window(24)(torch.ones(5, 3, 28, 28)).shape
    torch.Size([5, 3, 24, 24])
    """

    def __init__(self, side: int, *, crop: bool = False, mirror: bool = False) -> None:
        super().__init__()
        self.side, self.crop, self.mirror = side, crop, mirror

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Cut the parts out.

        Parameters
        ----------
        x : torch.Tensor, shape (N, C, H, H)
            At least ``side`` rows and columns.

        Returns
        -------
        torch.Tensor, shape (N, C, side, side)
        """
        room = x.shape[-1] - self.side + 1  # places along each axis
        parts = x.unfold(2, self.side, 1).unfold(3, self.side, 1)  # a view: (N, C, room, room, side, side)
        down = right = torch.full((len(x),), (room - 1) // 2)
        if self.training and self.crop:
            down, right = torch.randint(0, room, (2, len(x)))
        x = parts[torch.arange(len(x)), :, down, right]  # (N, C, side, side)
        if self.training and self.mirror:
            x = torch.where(torch.rand(len(x), 1, 1, 1) < 0.5, x.flip(-1), x)
        return x


def small_alexnet(
    classes: int = 7,
    *,
    activation: str = "ReLU",
    norm: str = "none",
    alpha: float = 1e-4,
    pool: int = 3,
    groups: int = 1,
    maps: tuple[int, int, int, int] = (24, 32, 48, 32),
    dropout: float = 0.0,
    crop: bool = False,
    mirror: bool = False,
) -> nn.Sequential:
    """Four convolution layers and three linear ones in AlexNet's order, for pictures of 3 × 28 × 28.

    The first two convolution layers are each followed by their activation, the normalisation and the pooling; the last
    linear layer stands alone.  Weights are drawn as :func:`start` says.

    Parameters
    ----------
    classes : int
        Scores for each picture.
    activation : {"ReLU", "tanh"}
    norm : {"none", "LRN", "batch norm"}
        Behind the first two activations.
    alpha : float
        What LRN multiplies a sum of squares by; its other constants, 5 maps, k = 2 and β = 0.75, are the paper's.
    pool : int
        Rows and columns of a window, 3 or 2; they lie 2 apart, so that those of 3 overlap.  Sizes are the same.
    groups : int
        Towers: 2 let layers 2 and 4 see their own half of the maps only, as the paper has it.
    maps : (int, int, int, int)
        Of the convolution layers.
    dropout : float
        Probability with which each number behind a hidden linear layer is dropped.
    crop, mirror : bool
        Of the :class:`Window` that the network looks through.

    Returns
    -------
    torch.nn.Sequential

    Raises
    ------
    TypeError, ValueError
        If there is no such activation or normalisation; from PyTorch, if a number of maps is not one of ``groups``.

    Examples
    --------
    >>> sum(weight.numel() for weight in small_alexnet().parameters())
    104919
    >>> small_alexnet(pool=2)(torch.ones(5, 3, 28, 28)).shape
    torch.Size([5, 7])
    """
    act = {"ReLU": nn.ReLU, "tanh": nn.Tanh}[one_of("activation", activation, ("ReLU", "tanh"))]
    one, two, three, four = maps
    network = nn.Sequential(
        Window(WINDOW, crop=crop, mirror=mirror),  # (N, 3, 28, 28) → (N, 3, 24, 24)
        nn.Conv2d(3, one, 7, stride=2, padding=3),  # layer 1: → (N, one, 12, 12)
        *(act(), *_normalisation(norm, one, alpha)),
        nn.MaxPool2d(pool, stride=2, ceil_mode=True),  # → (N, one, 6, 6)
        nn.Conv2d(one, two, 5, padding=2, groups=groups),  # layer 2: → (N, two, 6, 6)
        *(act(), *_normalisation(norm, two, alpha)),
        nn.MaxPool2d(pool, stride=2, ceil_mode=True),  # → (N, two, 3, 3)
        *(nn.Conv2d(two, three, 3, padding=1), act()),  # layer 3, of both towers
        *(nn.Conv2d(three, four, 3, padding=1, groups=groups), act()),  # layer 4: → (N, four, 3, 3)
        nn.Flatten(),
        *(nn.Linear(9 * four, 128), act(), nn.Dropout(dropout)),  # layer 5
        *(nn.Linear(128, 128), act(), nn.Dropout(dropout)),  # layer 6
        nn.Linear(128, classes),  # layer 7
    )
    return start(network, activation)


def _normalisation(norm: str, maps: int, alpha: float) -> list[nn.Module]:
    """The layers that a name stands for; PyTorch's LRN takes the mean of 5 squares where the paper takes the sum."""
    if one_of("norm", norm, ("none", "LRN", "batch norm")) == "none":
        return []
    return [nn.LocalResponseNorm(5, alpha=5 * alpha, beta=0.75, k=2) if norm == "LRN" else nn.BatchNorm2d(maps)]


def start(network: nn.Sequential, activation: str = "ReLU") -> nn.Sequential:
    """Draw a network's weights as suits its activation: He's for ReLU, Glorot's for tanh; biases begin at 0.

    Not the paper's standard deviation of 0.01 with biases of 1, which suits its own size.

    Examples
    --------
    >>> start(nn.Sequential(nn.Linear(3, 2)))[0].bias.tolist()
    [0.0, 0.0]
    """
    for layer in network:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            if activation == "ReLU":
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            else:
                nn.init.xavier_normal_(layer.weight)
            nn.init.zeros_(layer.bias)
    return network


def pictures(kind: str, examples: int, seed: int) -> data.Split:
    """Colour patches or digits to learn from, so many of each class, and all others that there are to test with.

    They are drawn anew with each seed, and shifted and scaled so that the pixels to learn from have mean 0 and standard
    deviation 1.  Digits get three equal channels.

    Parameters
    ----------
    kind : {"textures", "digits"}
    examples : int
        Of each class.
    seed : int

    Returns
    -------
    Split
        Pictures of 3 × 28 × 28.

    Examples
    --------
    >>> pictures("textures", 10, seed=0).x_train.shape
    (70, 3, 28, 28)
    """
    if one_of("kind", kind, ("textures", "digits")) == "textures":
        split = data.textures(size=SIDE, train=examples, seed=seed)
    else:
        digits = of_classes(data.mnist(seed), range(10), examples)
        split = digits._replace(x_train=digits.x_train.repeat(3, axis=1), x_test=digits.x_test.repeat(3, axis=1))
    mean, deviation = split.x_train.mean(), split.x_train.std()
    return split._replace(x_train=(split.x_train - mean) / deviation, x_test=(split.x_test - mean) / deviation)


def of_classes(split: data.Split, classes: Sequence[int], examples: int) -> data.Split:
    """Of some classes alone, numbered from 0 in their order, the first so many to learn from, and all to test with.

    Examples
    --------
    >>> few = of_classes(data.digits(), [7, 3], 2)
    >>> few.y_train, len(few.x_test)
    (array([0, 0, 1, 1]), 73)
    """
    train = [np.flatnonzero(split.y_train == name)[:examples] for name in classes]
    test = [np.flatnonzero(split.y_test == name) for name in classes]
    y_train, y_test = (np.repeat(np.arange(len(classes)), [len(part) for part in side]) for side in (train, test))
    train, test = np.concatenate(train), np.concatenate(test)
    return data.Split(split.x_train[train], y_train, split.x_test[test], y_test)


def batches(count: int, batch: int, generator: torch.Generator) -> Iterator[torch.Tensor]:
    """Indices of batches without end: all pictures in one order, then in another.

    Examples
    --------
    >>> [len(chosen) for chosen in islice(batches(5, 3, torch.Generator().manual_seed(0)), 4)]
    [3, 2, 3, 2]
    """
    while True:
        yield from torch.randperm(count, generator=generator).split(batch)


def teach(
    network: nn.Module,
    split: data.Split,
    optimizer: torch.optim.Optimizer,
    look: Callable[[nn.Module, data.Split], object],
    *,
    steps: int,
    seed: int,
    batch: int = 50,
    every: int | None = None,
) -> list:
    """Descend on the cross-entropy of random batches, and look at the network on the way.

    Parameters
    ----------
    network : torch.nn.Module
        Trained in place.
    split : Split
    optimizer : torch.optim.Optimizer
        Over the network's parameters.
    look : callable
        What it makes of the network and the pictures is returned.
    steps, batch : int
        How often the weights change; pictures at a step.
    seed : int
        Of the order of the pictures.  Dropout and :class:`Window` draw from PyTorch's own generator.
    every : int, optional
        Steps from one look to the next, the first before any step; if not given there is only the one at the end.

    Returns
    -------
    list
        What each look gave, the last one after the last step.
    """
    x, y = torch.from_numpy(split.x_train), torch.from_numpy(split.y_train)
    found = []
    network.train()
    order = batches(len(x), batch, torch.Generator().manual_seed(seed))
    for step, chosen in enumerate(islice(order, steps)):
        if every and step % every == 0:
            found.append(look(network, split))
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(x[chosen]), y[chosen]).backward()
        optimizer.step()
    return [*found, look(network, split)]


def measure(network: nn.Module, split: data.Split) -> list[float]:
    """Mean loss and per cent named right, of the pictures to learn from, then of those to test with."""
    x, y, x_test, y_test = map(torch.from_numpy, split)
    return [round(number, 4) for side in ((x, y), (x_test, y_test)) for number in evaluate(network, *side)]


def training_right(network: nn.Module, split: data.Split) -> float:
    """The per cent named right of the pictures to learn from; a network that diverged names them all alike."""
    return round(evaluate(network, *map(torch.from_numpy, split[:2]))[1], 2)


def right(network: nn.Module, split: data.Split) -> float:
    """The per cent named right of the pictures to test with."""
    return round(evaluate(network, *map(torch.from_numpy, split[2:]))[1], 2)


def nothing(network: nn.Module, split: data.Split) -> None:
    """No look at all."""


def trained(task: dict, look: Callable = nothing) -> tuple[nn.Sequential, list]:
    """A new network, and what :func:`teach` has seen on its way.

    Parameters
    ----------
    task : dict
        ``"kind"`` and ``"examples"`` of the pictures, ``"passes"`` over them, ``"batch"``, ``"seed"``, ``"part"`` with
        the options of :func:`small_alexnet`; where they are not the usual ones, ``"classes"`` known, ``"every"``,
        ``"rate"`` and ``"momentum"`` of gradient descent, the ``"decay"`` of the weights, and ``"first"``, the standard
        deviation with which those of layer 1 are drawn.
    look : callable
        As for :func:`teach`.
    """
    split = pictures(task["kind"], task["examples"], task["seed"])
    if "classes" in task:
        split = of_classes(split, task["classes"], task["examples"])
    torch.manual_seed(task["seed"])
    network = small_alexnet(int(split.y_test.max()) + 1, **task["part"])
    if "first" in task:
        nn.init.normal_(network[1].weight, std=task["first"])
    setting = {
        "steps": task["passes"] * -(-len(split.x_train) // task["batch"]),
        "every": task.get("every"),
    }
    return network, teach(
        network, split, _optimizer(network, task), look, batch=task["batch"], seed=task["seed"], **setting
    )


def _optimizer(network: nn.Module, task: dict) -> torch.optim.Optimizer:
    """Gradient descent with momentum where a task says so, otherwise AdamW."""
    if "momentum" in task:
        return torch.optim.SGD(network.parameters(), task["rate"], task["momentum"])
    return torch.optim.AdamW(network.parameters(), SETTINGS["rate"], weight_decay=task.get("decay", 0.01))


def last(task: dict) -> list[float]:
    """The measure at the end of a run."""
    return trained(task, measure)[1][-1]


def last_and_strength(task: dict) -> list[float]:
    """The measure at the end of a run, and how strongly each of its two LRN layers acts on pictures to test with."""
    network, found = trained(task, measure)
    x, strengths = torch.from_numpy(pictures(task["kind"], task["examples"], task["seed"]).x_test), []
    network.eval()
    with torch.no_grad():
        for layer in network:
            if isinstance(layer, nn.LocalResponseNorm):
                strengths.append(float(f"{lrn_strength(layer, x):.4g}"))
            x = layer(x)
    return [*found[-1], *strengths]


def lrn_strength(layer: nn.LocalResponseNorm, x: torch.Tensor) -> float:
    r"""By how much a layer of 5 maps divides, on average, beyond the constant that it divides everything by.

    The mean of :math:`(1 + \alpha\sum a^2 / k)^\beta`: 1 where the squares are too small to matter.

    Parameters
    ----------
    layer : torch.nn.LocalResponseNorm
    x : torch.Tensor, shape (N, C, H, W)
        What it is given.

    Examples
    --------
    >>> lrn_strength(nn.LocalResponseNorm(5, alpha=5.0, beta=1.0, k=2.0), 2 * torch.ones(1, 1, 3, 3))
    3.0
    """
    squares = nn.functional.pad(x**2, (0, 0, 0, 0, 2, 2)).unfold(1, 5, 1).sum(-1)  # (N, C, H, W), of neighbours
    return float(((1 + layer.alpha / 5 * squares / layer.k) ** layer.beta).mean())


def course(task: dict) -> list[list[float]]:
    """All measures of a run."""
    return trained(task, measure)[1]


def course_of_training(task: dict) -> list[float]:
    """The per cent of the training pictures named right, all along a run."""
    return trained(task, training_right)[1]


def first_layer(task: dict) -> np.ndarray:
    """The filters of layer 1, (maps, 3, 7, 7), of a trained network."""
    return trained(task)[0][1].weight.detach().numpy()


def colour_share(filters: np.ndarray) -> np.ndarray:
    r"""The share of each filter's energy that lies off the grey axis: 0 for one that sees brightness only.

    A filter's part on the grey axis is the mean of its three channels, in each of them.  Numbers drawn at random have a
    share of 2/3: two of three directions are colour.

    Parameters
    ----------
    filters : numpy.ndarray, shape (maps, 3, rows, columns)

    Returns
    -------
    numpy.ndarray, shape (maps,)

    Examples
    --------
    >>> colour_share(np.array([[1.0, 1.0, 1.0], [1.0, -1.0, 0.0]]).reshape(2, 3, 1, 1))
    array([0., 1.])
    """
    colour = filters - filters.mean(axis=1, keepdims=True)
    return (colour**2).sum(axis=(1, 2, 3)) / (filters**2).sum(axis=(1, 2, 3))


def transferred(task: dict) -> dict[str, list[float]]:
    """Learn the known classes, then the others from few labels in three ways: per cent of test pictures named right.

    From scratch; the last layer alone, of a network that knows other classes, on its fixed features; all of that
    network's layers, the last one drawn anew.
    """
    known, _ = trained(task)
    split = pictures(task["kind"], task["examples"], task["seed"])
    others = [name for name in range(int(split.y_train.max()) + 1) if name not in task["classes"]]
    found = {way: [] for way in task["ways"]}
    for labels, (way, setting) in product(task["labels"], task["ways"].items()):
        torch.manual_seed(task["seed"])
        few = of_classes(split, others, labels)
        network = start(nn.Sequential(nn.Linear(128, len(others))))
        if way == "last layer":
            few = few._replace(x_train=features(known, few.x_train), x_test=features(known, few.x_test))
        elif way == "all layers":
            network = nn.Sequential(*deepcopy(known[:-1]), *network)
        else:
            network = small_alexnet(len(others))
        optimizer = torch.optim.AdamW(network.parameters(), setting["rate"])
        found[way] += teach(
            network, few, optimizer, right, steps=setting["steps"], batch=task["few"], seed=task["seed"]
        )
    return found


def features(network: nn.Sequential, x: np.ndarray) -> np.ndarray:
    """What a network's last layer is given, (N, 128)."""
    network.eval()
    with torch.no_grad():
        return network[:-1](torch.from_numpy(x)).numpy()


def over_seeds(function: Callable[[dict], object], tasks: dict[str, dict]) -> dict[str, list]:
    """:func:`~convlib.experiments.by_seed`, with the seeds of the settings, and what is the same in all tasks."""
    common = {"part": {}, "batch": SETTINGS["batch"]}
    return by_seed(function, {name: common | task for name, task in tasks.items()}, SETTINGS["seeds"])


def learning(kind: str) -> dict:
    """The pictures of a kind, so many and so often as the settings say."""
    return {"kind": kind, "examples": SETTINGS["examples"][kind], "passes": SETTINGS["passes"][kind]}


def lrn(alpha: float) -> dict:
    """The part of a task that says LRN."""
    return {"part": {"norm": "LRN", "alpha": alpha}}


def activations() -> dict[str, list]:
    """Figure 1 of the paper: plain gradient descent with momentum, each activation at each rate."""
    s = SETTINGS
    setting = learning("textures") | {"momentum": s["rates, momentum"], "every": s["every"]}
    names = {f"{rate}, {name}": (rate, name) for name, rate in product(("ReLU", "tanh"), s["rates"])}
    tasks = {key: setting | {"rate": rate, "part": {"activation": name}} for key, (rate, name) in names.items()}
    return over_seeds(course_of_training, tasks)


def passes_until(course: Sequence[float], per_cent: float) -> float | None:
    """After how many passes a course first reaches a per cent, between two looks by a straight line; None if never.

    Examples
    --------
    >>> passes_until([10, 50, 70, 60, 90], 65), passes_until([10, 50], 65)
    (1.75, None)
    """
    reached = [i for i, right in enumerate(course) if right >= per_cent]
    if not reached:
        return None
    i = reached[0]
    return float(i) if i == 0 else i - (course[i] - per_cent) / (course[i] - course[i - 1])


def transfer() -> dict[str, list]:
    """Other classes from few labels, of both kinds of pictures."""
    s = SETTINGS
    tasks = {
        kind: learning(kind)
        | {"examples": s["known, examples"][kind], "classes": classes}
        | {"labels": s["labels"], "ways": s["ways"], "few": s["labels, batch"]}
        for kind, classes in s["known"].items()
    }
    return over_seeds(transferred, tasks)


def filters() -> list[list[list[float]]]:
    """Share of colour in the filters of each of two towers, by seed; the first seed's filters are kept."""
    s = SETTINGS
    part = {"groups": 2, "crop": True, "mirror": True}
    task = {"kind": "textures", "examples": s["filters, examples"], "passes": s["filters, passes"], "part": part}
    task |= {"first": s["filters, first"], "decay": s["filters, decay"]}
    found = over_seeds(first_layer, {"": task})[""]
    keep("alexnet", {"first.weight": found[0]})
    return [
        [np.round(colour_share(tower).astype(float), 3).tolist() for tower in np.split(layer, 2)] for layer in found
    ]


def results() -> dict:
    """Of each experiment, for each setting, the list of what the seeds gave."""
    s = SETTINGS
    longer = learning("textures") | {"passes": s["dropout, passes"], "every": s["every"]}
    return {
        "parts": over_seeds(last, {name: learning("textures") | {"part": part} for name, part in s["parts"].items()}),
        "LRN": over_seeds(last_and_strength, {str(a): learning("textures") | lrn(a) for a in s["LRN, alpha"]}),
        "digits": over_seeds(last, {name: learning("digits") | {"part": s["parts"][name]} for name in s["digits"]}),
        "activations": activations(),
        "dropout": over_seeds(course, {str(p): longer | {"part": {"dropout": p}} for p in s["dropout"]}),
        "transfer": transfer(),
        "colour": filters(),
    }
