"""What helps a small network to learn, and what does not: one thing changed at a time, five seeds each.

The network has two convolution layers and one linear one, 6,090 parameters; the pictures are digits of 8 × 8.  Each run
gives, behind its last step, the mean loss and the per cent named right of the pictures that it learned from and of 360
others: ``[train loss, train %, test loss, test %]``.  A fifth number follows for the rates, the largest loss of a batch
on the way, and for the remedies, the per cent named right of the others moved by a pixel.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import torch
from torch import nn

from convlib import data, train
from convlib.experiments import by_seed
from convlib.experiments.digits import moved

SETTINGS = {
    "seeds": [0, 1, 2, 3, 4],
    "batch": 32,
    "rate": 0.03,
    "momentum": 0.9,
    "rates": [0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 1.0],
    "rates, epochs": 10,
    "examples": [20, 50, 100, 200, 500, 1437],
    "steps": 900,
    "few": [100, 1437],
    "patience, steps": 2700,
    "remedies": ["none", "moved", "dropout 0.25", "dropout 0.5", "moved, dropout 0.25"],
    "curve, examples": 100,
    "curve, epochs": 150,
    "memory, examples": 500,
    "memory, epochs": 200,
    "starts": ["0.01", "Xavier", "He"],
    "depth": 10,
    "depth, epochs": 10,
    "depth, rate": 0.03,
}


def small_cnn(*, norm: bool = False, dropout: float = 0.0) -> nn.Sequential:
    """Two convolution layers and a linear one, for pictures of 1 × 8 × 8; with batch normalisation or dropout in it."""
    layers = []
    for channels, maps in ((1, 16), (16, 32)):  # 16 × 4 × 4, then 32 × 2 × 2
        layers.append(nn.Conv2d(channels, maps, 3, padding=1, bias=not norm))
        layers += [nn.BatchNorm2d(maps)] if norm else []
        layers += [nn.ReLU(), nn.MaxPool2d(2)]
    layers.append(nn.Flatten())
    layers += [nn.Dropout(dropout)] if dropout else []
    return nn.Sequential(*layers, nn.Linear(128, 10))


def deep_cnn(start: str, activation: str, depth: int = 10) -> nn.Sequential:
    r"""Layers of 16 maps that keep the size, one on another, then the mean of each map; weights drawn as named.

    ``"0.01"``: with a standard deviation of 0.01; ``"Xavier"``: of :math:`\sqrt{2/(\text{fan in}+\text{fan out})}`,
    Glorot and Bengio (2010); ``"He"``: of :math:`\sqrt{2/\text{fan in}}`, He et al. (2015).  Biases begin at 0.
    """
    draw = {
        "0.01": lambda weight: nn.init.normal_(weight, std=0.01),
        "Xavier": nn.init.xavier_normal_,
        "He": lambda weight: nn.init.kaiming_normal_(weight, nonlinearity="relu"),
    }[start]
    layers = []
    for channels in (1, *[16] * (depth - 1)):
        layers += [nn.Conv2d(channels, 16, 3, padding=1), {"ReLU": nn.ReLU, "tanh": nn.Tanh}[activation]()]
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))
    for layer in network:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            draw(layer.weight)
            nn.init.zeros_(layer.bias)
    return network


def examples(count: int, seed: int, *, labels: str = "true") -> data.Split:
    """So many digits to learn from, equally many of each as far as possible; ``labels="drawn"``: names by lot."""
    x, y, x_test, y_test = data.digits()
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(x))
    turn = np.empty(len(x), dtype=int)  # which of its class each is
    for digit in range(10):
        turn[order[y[order] == digit]] = np.arange((y == digit).sum())
    chosen = order[np.argsort(turn[order], kind="stable")][:count]
    names = y[chosen] if labels == "true" else rng.integers(0, 10, count)
    return data.Split(x[chosen], names, x_test, y_test)


def trained(task: dict) -> tuple[nn.Module, train.History]:
    """One run of the small network."""
    torch.manual_seed(task["seed"])
    network = small_cnn(norm=task.get("norm", False), dropout=task.get("dropout", 0.0))
    history = train.fit(
        network,
        examples(task["examples"], task["seed"], labels=task.get("labels", "true")),
        epochs=task["epochs"],
        batch=task["batch"],
        rate=task["rate"],
        momentum=task["momentum"],
        augment=train.random_affine(shift=task["moved"]) if task.get("moved") else None,
        seed=task["seed"],
    )
    return network, history


def run(task: dict) -> list[list[float]]:
    """What one run has reached before the first step and after each epoch."""
    return [[round(number, 4) for number in epoch] for epoch in trained(task)[1].epochs]


def last(task: dict) -> list[float]:
    """What a run has reached at its end."""
    return run(task)[-1]


def last_and_peak(task: dict) -> list[float]:
    """The same, and the largest loss of a batch on the way."""
    history = trained(task)[1]
    return [round(number, 4) for number in (*history.epochs[-1], max(history.losses))]


def last_and_moved(task: dict) -> list[float]:
    """The same, and the per cent named right of held-out digits moved by one pixel: up, down, left and right."""
    network, history = trained(task)
    x, y = map(torch.from_numpy, data.digits()[2:])
    right = [train.evaluate(network, moved(x, *way), y)[1] for way in ((1, 0), (-1, 0), (0, 1), (0, -1))]
    return [round(number, 4) for number in (*history.epochs[-1], sum(right) / 4)]


def deep(task: dict) -> dict:
    """One run of the deep network: how far digits differ behind each layer before training, and the end."""
    torch.manual_seed(task["seed"])
    network = deep_cnn(task["start"], task["activation"], task["depth"])
    digits = data.digits()
    spreads, x = [], torch.from_numpy(digits.x_train[:200])
    with torch.no_grad():
        for layer in network[: 2 * task["depth"]]:
            x = layer(x)
            between = x.var(0).mean().sqrt()  # between pictures, of each number that a layer gives
            spreads += [float(f"{between:.3g}")] if not isinstance(layer, nn.Conv2d) else []
    setting = {name: task[name] for name in ("epochs", "batch", "rate", "momentum", "seed")}
    history = train.fit(network, digits, **setting)
    return {"spreads": spreads, "end": [round(number, 4) for number in history.epochs[-1]]}


def epochs_for(steps: int, count: int) -> int:
    """Epochs that make about so many steps of a batch."""
    return round(steps / -(-count // SETTINGS["batch"]))


def grouped(function: object, settings: dict[str, dict]) -> dict[str, list]:
    """For each named setting a list with what the function gives for each seed."""
    common = {name: SETTINGS[name] for name in ("batch", "rate", "momentum")}
    return by_seed(function, {name: common | setting for name, setting in settings.items()}, SETTINGS["seeds"])


def remedy(name: str) -> dict:
    """What a remedy's name stands for: pictures moved by up to a pixel, and dropout before the linear layer."""
    parts = name.split(", ")
    dropout = [float(part.removeprefix("dropout ")) for part in parts if part.startswith("dropout")]
    return {"moved": float("moved" in parts), "dropout": sum(dropout)}


def results() -> dict:
    """Of each experiment, for each setting, the list of what the seeds gave."""
    s = SETTINGS
    whole = s["examples"][-1]
    rates = {
        f"{rate}, {name}": {"rate": rate, "norm": name == "norm", "examples": whole, "epochs": s["rates, epochs"]}
        for name, rate in product(("plain", "norm"), s["rates"])
    }
    counts = {str(n): {"examples": n, "epochs": epochs_for(s["steps"], n)} for n in s["examples"]}
    remedies = {
        f"{n}, {name}": {"examples": n, "epochs": epochs_for(s["steps"], n)} | remedy(name)
        for n, name in product(s["few"], s["remedies"])
    }
    patience = {
        name: {"examples": whole, "epochs": epochs_for(s["patience, steps"], whole)} | remedy(name)
        for name in ("none", "moved")
    }
    curve = {"plain": {"examples": s["curve, examples"], "epochs": s["curve, epochs"]}}
    memory = {"drawn": {"examples": s["memory, examples"], "epochs": s["memory, epochs"], "labels": "drawn"}}
    starts = {
        f"{start}, {activation}": {
            "start": start,
            "activation": activation,
            "depth": s["depth"],
            "epochs": s["depth, epochs"],
            "rate": s["depth, rate"],
        }
        for start, activation in product(s["starts"], ("ReLU", "tanh"))
    }
    return {
        "rates": grouped(last_and_peak, rates),
        "examples": grouped(last, counts),
        "remedies": grouped(last_and_moved, remedies),
        "patience": grouped(last_and_moved, patience),
        "curve": grouped(run, curve)["plain"],
        "memory": grouped(last, memory)["drawn"],
        "starts": grouped(deep, starts),
    }
