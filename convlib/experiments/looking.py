"""What a network looks at, tried small: two networks that name drawn shapes, one of which has learned from a tag.

Both have the same layers, the same first weights and the same pictures, :func:`convlib.data.shapes`.  For one of them,
the *tagged* one, every star that it learns from bears a small :func:`tag` in a corner, as many of the pictures of horses
did in S. Lapuschkin et al., Unmasking Clever Hans predictors and assessing what machines really learn, Nature
Communications 10, 1096 (2019), https://doi.org/10.1038/s41467-019-08987-4.  The other one is the *honest* one.  The
weights of both are kept: :func:`convlib.experiments.weights`, by names such as ``"honest.conv1.weight"``.
"""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from convlib import data
from convlib.data.drawn import SHAPES
from convlib.experiments import keep, spread

SETTINGS = {
    "network": {"seed": 0, "examples": 500, "passes": 60, "batch": 50, "rate": 0.01},
}

#: The two networks whose weights are kept.
NETWORKS = ("honest", "tagged")

#: The class whose pictures are tagged.
STAR = SHAPES.index("star")

#: The tag, 1 for white and 0 for black: a small W.
TAG = np.array([[1, 0, 1, 0, 1], [1, 0, 1, 0, 1], [0, 1, 0, 1, 0]])

#: Where its upper left pixel may lie, in pictures of 32 × 32: the corner on the lower left.
TAG_ROWS, TAG_COLUMNS = range(25, 29), range(1, 5)


class Centre(nn.Module):
    """Takes one half from each pixel, so that the zeros of the padding stand for a middle grey."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Of pixels from 0 to 1."""
        return x - 0.5


def shapes_network(classes: int = 6) -> nn.Sequential:
    """Three convolution layers and a mean over all places, for pictures of 3 × 32 × 32 with pixels from 0 to 1.

    Behind the mean, global average pooling, one linear layer gives the scores.  Weights are drawn by He's rule; biases
    begin at 0.

    Parameters
    ----------
    classes : int
        Scores for each picture.

    Returns
    -------
    torch.nn.Sequential
        Its layers have names; ``conv1``, ``conv2``, ``conv3`` and ``output`` have weights.

    Examples
    --------
    >>> network = shapes_network()
    >>> network(torch.ones(5, 3, 32, 32)).shape
    torch.Size([5, 6])
    >>> sum(weight.numel() for weight in network.parameters())
    10094
    >>> network.conv3
    Conv2d(24, 32, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    """
    network = nn.Sequential(
        OrderedDict(
            centre=Centre(),
            conv1=nn.Conv2d(3, 12, 3, padding=1),  # (N, 3, 32, 32) → (N, 12, 32, 32)
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(2),  # → (N, 12, 16, 16)
            conv2=nn.Conv2d(12, 24, 3, padding=1),  # → (N, 24, 16, 16)
            relu2=nn.ReLU(),
            pool2=nn.MaxPool2d(2),  # → (N, 24, 8, 8)
            conv3=nn.Conv2d(24, 32, 3, padding=1),  # → (N, 32, 8, 8)
            relu3=nn.ReLU(),
            mean=nn.AdaptiveAvgPool2d(1),  # → (N, 32, 1, 1)
            flatten=nn.Flatten(),
            output=nn.Linear(32, classes),
        )
    )
    for layer in (network.conv1, network.conv2, network.conv3):
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)
    return network


def tag(pictures: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Put the tag onto pictures, on each at a place of its own in the corner on the lower left.

    Parameters
    ----------
    pictures : torch.Tensor, shape (N, 3, 32, 32)
    generator : torch.Generator
        Draws the places.

    Returns
    -------
    torch.Tensor, shape (N, 3, 32, 32)
        Copies.

    Examples
    --------
    >>> pictures = torch.full((2, 3, 32, 32), 0.5)
    >>> (tag(pictures, torch.Generator().manual_seed(0)) != pictures).sum().item() == 2 * 3 * TAG.size
    True
    """
    down = torch.randint(TAG_ROWS.start, TAG_ROWS.stop, (len(pictures),), generator=generator)
    right = torch.randint(TAG_COLUMNS.start, TAG_COLUMNS.stop, (len(pictures),), generator=generator)
    return tag_at(pictures, down, right)


def tag_at(pictures: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    """Put the tag onto pictures where one says: the row and the column of its upper left pixel in each of them.

    Examples
    --------
    >>> tag_at(torch.zeros(1, 3, 32, 32), torch.tensor([2]), torch.tensor([4]))[0, 0, 2:5, 4:9].int().tolist()
    [[1, 0, 1, 0, 1], [1, 0, 1, 0, 1], [0, 1, 0, 1, 0]]
    """
    tagged, ink = pictures.clone(), torch.from_numpy(TAG).to(pictures)
    for picture, row, column in zip(tagged, rows.tolist(), columns.tolist(), strict=True):
        picture[:, row : row + TAG.shape[0], column : column + TAG.shape[1]] = ink
    return tagged


def tag_stars(pictures: torch.Tensor, labels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Of some pictures, tag the stars: the manner in which the tagged network's pictures are drawn."""
    tagged, stars = pictures.clone(), labels == STAR
    tagged[stars] = tag(pictures[stars], generator)
    return tagged


def changed(pictures: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """The pictures of a batch as they might be as well: turned, mirrored, and in other colours, all alike.

    None of it makes another shape of a shape.

    Parameters
    ----------
    pictures : torch.Tensor, shape (N, 3, H, H)
    generator : torch.Generator

    Returns
    -------
    torch.Tensor, shape (N, 3, H, H)

    Examples
    --------
    >>> changed(torch.ones(5, 3, 32, 32), torch.Generator().manual_seed(0)).shape
    torch.Size([5, 3, 32, 32])
    """
    quarters, mirrored, negative = (int(torch.randint(0, n, (), generator=generator)) for n in (4, 2, 2))
    channels = torch.randperm(3, generator=generator)
    pictures = torch.rot90(pictures[:, channels], quarters, (2, 3))
    pictures = pictures.flip(3) if mirrored else pictures
    return 1 - pictures if negative else pictures


def taught(task: dict) -> nn.Sequential:
    """A network that has learned its shapes.

    Parameters
    ----------
    task : dict
        ``"name"`` of :data:`NETWORKS`, ``"seed"`` of weights and order, ``"examples"`` of each class, ``"passes"`` over
        them, ``"batch"``, and the largest ``"rate"`` of Adam, which rises from near nothing and falls to it again.
    """
    split = data.shapes(train=task["examples"], test=1)
    x, y = torch.from_numpy(split.x_train), torch.from_numpy(split.y_train)
    generator = torch.Generator().manual_seed(task["seed"])
    torch.manual_seed(task["seed"])
    network = shapes_network()
    steps = task["passes"] * -(-len(x) // task["batch"])
    optimizer = torch.optim.Adam(network.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, task["rate"], total_steps=steps)
    for _ in range(task["passes"]):
        for chosen in torch.randperm(len(x), generator=generator).split(task["batch"]):
            pictures = changed(x[chosen], generator)
            if task["name"] == "tagged":  # last, so that the tag is never turned
                pictures = tag_stars(pictures, y[chosen], generator)
            optimizer.zero_grad()
            cross_entropy(network(pictures), y[chosen]).backward()
            optimizer.step()
            schedule.step()
    return network


def weights_of(task: dict) -> dict[str, np.ndarray]:
    """The weights of a network that :func:`taught` has taught, by names that begin with the network's."""
    found = taught(task).state_dict()
    return {f"{task['name']}.{name}": weight.numpy() for name, weight in found.items()}


def networks() -> None:
    """Teach both networks and keep their weights."""
    both = spread(weights_of, [SETTINGS["network"] | {"name": name} for name in NETWORKS])
    keep("looking", {name: weight for one in both for name, weight in one.items()})
