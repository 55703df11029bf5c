"""LeNet-5 on real digits: as written today, as built in 1998, and with one part of 1998 at a time.

Each network learns 4,000 of MNIST's digits and is asked for the names of 1,000 others, and of those moved by some
pixels.  The weights of the first run of today's network are kept: :func:`convlib.experiments.weights`.
"""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from convlib import data, train
from convlib._validate import one_of
from convlib.experiments import by_seed, keep
from convlib.experiments.digits import accuracy, accuracy_moved, pictures
from convlib.models.lenet import (
    C3_TABLE,
    Bitmaps,
    LeNet5,
    LeNet5Original,
    SparseConv2d,
    Subsampling,
    grey_levels,
    map_criterion,
    squash,
)

SETTINGS = {
    "seeds": [0, 1, 2],
    "epochs": 30,
    "batch": 50,
    "rates": {"others": 2e-3, "1998": 3e-3},  # at first, of Adam; along half a cosine it falls to nothing
    "changed": {"degrees": 12, "scale": 0.12, "shift": 2},
    "far": 6,  # pixels, in place of that shift
    "most_moved": 6,
}

#: What the network of 1998 has in the place of a part of today's.
PARTS = ("table", "subsampling", "squashing", "bitmaps")


class Levels(nn.Module):
    """The levels of grey of 1998, as a layer."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Of ink, from 0 to 1."""
        return grey_levels(x)


class Squash(nn.Module):
    """The squashing function as a layer."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Of numbers of any shape."""
        return squash(x)


class Nearness(Bitmaps):
    """Minus the distances, so that the highest score wins."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Of 84 numbers, (N, 84), ten: (N, 10)."""
        return -super().forward(x)


def between(*parts: str) -> nn.Sequential:
    """Today's LeNet-5 with some of the :data:`PARTS` of 1998, for pictures of 1 × 32 × 32.

    The weights begin as PyTorch draws them, whatever the parts.

    Raises
    ------
    ValueError
        If a part is none of them.
    """
    for part in parts:
        one_of("parts", part, PARTS)
    active = Squash if "squashing" in parts else nn.ReLU

    def half(channels: int) -> list[nn.Module]:  # in 1998 what the four pixels give is squashed, too
        return [Subsampling(channels), active()] if "subsampling" in parts else [nn.MaxPool2d(2)]

    return nn.Sequential(
        nn.Conv2d(1, 6, 5),  # 6 × 28 × 28
        active(),
        *half(6),  # 6 × 14 × 14
        SparseConv2d(C3_TABLE, 5) if "table" in parts else nn.Conv2d(6, 16, 5),  # 16 × 10 × 10
        active(),
        *half(16),  # 16 × 5 × 5
        nn.Conv2d(16, 120, 5),  # 120 × 1 × 1
        active(),
        nn.Flatten(),
        nn.Linear(120, 84),
        active(),
        Nearness() if "bitmaps" in parts else nn.Linear(84, 10),
    )


NETWORKS = {
    "today": LeNet5,
    "table": lambda: between("table"),
    "subsampling": lambda: between("subsampling"),
    "squashing": lambda: between("squashing"),
    "squashing, bitmaps": lambda: between("squashing", "bitmaps"),
    "1998": lambda: nn.Sequential(Levels(), LeNet5Original()),
}


def changes(way: str) -> train.Augment | None:
    """How the digits are changed while they are learned: ``"plain"`` not at all, ``"changed"`` a little, ``"far"``."""
    shift = {"shift": SETTINGS["far"]} if way == "far" else {}
    return None if way == "plain" else train.random_affine(**SETTINGS["changed"] | shift)


def trained(task: dict) -> nn.Module:
    """One run: the network behind its last step."""
    name, epochs = task["network"], task["epochs"]
    digits = data.Split(*pictures())
    torch.manual_seed(task["seed"])
    network = NETWORKS[name]()
    optimizer = torch.optim.Adam(network.parameters())
    steps = epochs * -(-len(digits.x_train) // task["batch"])

    def slow_down(step: int) -> None:
        optimizer.param_groups[0]["lr"] = task["rate"] * (1 + math.cos(math.pi * step / steps)) / 2

    train.fit(
        network,
        digits,
        epochs=epochs,
        batch=task["batch"],
        optimizer=optimizer,
        criterion=map_criterion if name in ("squashing, bitmaps", "1998") else cross_entropy,
        augment=changes(task["way"]),
        seed=task["seed"],
        watch=slow_down,
    )
    return network


def run(task: dict) -> dict:
    """What one run has reached: per cent of its own digits named right, and of the others moved by 0, 1, … pixels."""
    network = trained(task)
    x_train, y_train, x_test, y_test = pictures()
    moved = [accuracy_moved(network, x_test, y_test, by) for by in range(SETTINGS["most_moved"] + 1)]
    if task.get("kept") and task["seed"] == SETTINGS["seeds"][0]:
        keep("lenet5", {name: weight.numpy() for name, weight in network.state_dict().items()})
    return {"own": accuracy(network, x_train, y_train), "moved": moved}


def results() -> dict:
    """Of each network and each way to learn a list with what :func:`run` gives for each seed."""
    s = SETTINGS
    settings = [(name, "changed") for name in NETWORKS]
    settings += [("today", "plain"), ("1998", "plain"), ("today", "far")]
    tasks = {
        f"{name}, {way}": {
            "network": name,
            "way": way,
            "epochs": s["epochs"],
            "batch": s["batch"],
            "rate": s["rates"].get(name, s["rates"]["others"]),
            "kept": (name, way) == ("today", "changed"),
        }
        for name, way in settings
    }
    return by_seed(run, tasks, s["seeds"])
