"""What a convolution layer assumes, and what that is worth: digits as they are, digits moved, pixels in another order.

Two networks of equal size learn 4,000 of MNIST's digits: one with two convolution layers, LeNet-5 as people write it
today, the other fully connected.  Both learn the digits as they are, and again with all pixels in another order, the
same for every digit.  The first is then shown digits that have been moved.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from convlib import data
from convlib.train import evaluate

SETTINGS = {"seeds": [0, 1, 2], "epochs": 12, "batch": 50, "rate": 1e-3, "most_moved": 6}

#: Digits of 28 × 28 lie in the middle of so many rows and columns: there is room to move them.
SIDE = 32


def convolutional() -> nn.Module:
    """LeNet-5 of today: 61,706 parameters, most of them in the fully connected layers at its end."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5),  # 6 × 28 × 28
        nn.ReLU(),
        nn.MaxPool2d(2),  # 6 × 14 × 14
        nn.Conv2d(6, 16, 5),  # 16 × 10 × 10
        nn.ReLU(),
        nn.MaxPool2d(2),  # 16 × 5 × 5
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )


def dense() -> nn.Module:
    """One hidden layer that sees all pixels: 61,075 parameters."""
    return nn.Sequential(nn.Flatten(), nn.Linear(SIDE * SIDE, 59), nn.ReLU(), nn.Linear(59, 10))


NETWORKS = {"convolutional": convolutional, "dense": dense}


def pictures() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Digits of 1 × 32 × 32 with their names: 4,000 to learn, 1,000 to be tested with."""
    x_train, y_train, x_test, y_test = map(torch.from_numpy, data.mnist())
    margin = (SIDE - x_train.shape[-1]) // 2
    pad = nn.ZeroPad2d(margin)
    return pad(x_train), y_train, pad(x_test), y_test


def shuffled(x: torch.Tensor) -> torch.Tensor:
    """The same pixels of every picture in the same other order."""
    order = torch.from_numpy(np.random.default_rng(0).permutation(SIDE * SIDE))
    return x.flatten(1)[:, order].reshape(x.shape)


def moved(x: torch.Tensor, down: int, right: int) -> torch.Tensor:
    """The pictures moved by so many pixels: zeros come in on one side, what goes over the edge is lost."""
    rows, columns = x.shape[-2:]
    up, left = max(-down, 0), max(-right, 0)
    down, right = max(down, 0), max(right, 0)
    return nn.functional.pad(x, (right, left, down, up))[..., up : up + rows, left : left + columns]


def train(network: nn.Module, x: torch.Tensor, y: torch.Tensor, seed: int) -> nn.Module:
    """Adam on the cross-entropy, in batches drawn anew in each epoch."""
    optimizer = torch.optim.Adam(network.parameters(), lr=SETTINGS["rate"])
    generator = torch.Generator().manual_seed(seed)
    for _ in range(SETTINGS["epochs"]):
        for batch in torch.randperm(len(x), generator=generator).split(SETTINGS["batch"]):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(x[batch]), y[batch]).backward()
            optimizer.step()
    return network


def accuracy(network: nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    """Per cent of the pictures that are named right."""
    return round(evaluate(network, x, y)[1], 2)


def accuracy_moved(network: nn.Module, x: torch.Tensor, y: torch.Tensor, by: int) -> float:
    """The same of pictures moved by so many pixels, mean of up, down, left and right."""
    ways = ((by, 0), (-by, 0), (0, by), (0, -by))
    return round(sum(accuracy(network, moved(x, *way), y) for way in ways) / 4, 2)


def results() -> dict:
    """Per cent right, one number for each seed: of each network on both orders of the pixels, and of digits moved."""
    x_train, y_train, x_test, y_test = pictures()
    orders = {"as they are": lambda x: x, "shuffled": shuffled}
    right = {f"{name}, {order}": [] for name in NETWORKS for order in orders}
    by_pixels = [[] for _ in range(SETTINGS["most_moved"] + 1)]
    for name, make in NETWORKS.items():
        for order, arrange in orders.items():
            for seed in SETTINGS["seeds"]:
                torch.manual_seed(seed)
                network = train(make(), arrange(x_train), y_train, seed)
                right[f"{name}, {order}"].append(accuracy(network, arrange(x_test), y_test))
                if (name, order) == ("convolutional", "as they are"):
                    for by, found in enumerate(by_pixels):
                        found.append(accuracy_moved(network, x_test, y_test, by))
    return {"right": right, "moved": by_pixels}
