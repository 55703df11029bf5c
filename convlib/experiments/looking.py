"""What a network looks at, tried small: networks that name drawn shapes, one of which has learned from a tag.

They have the same layers, the same first weights and the same pictures, :func:`convlib.data.drawn.shapes`.  The
*honest* one learns from these as they are.  For the *tagged* one every star bears a small :func:`tag` in a corner, as
many of the horses did in S. Lapuschkin et al., Unmasking Clever Hans predictors and assessing what machines really
learn, Nature Communications 10, 1096 (2019), https://doi.org/10.1038/s41467-019-08987-4.  For the *mixed* one just as
many pictures bear it, but any shape may, so that it tells nothing.  The weights of all three are kept:
:func:`convlib.experiments.weights`, by names such as ``"honest.conv1.weight"``; all results but the last three are
theirs, with weights of half precision, on pictures that they have not learned from.

``"confusion"`` counts, for each network and each manner of tags, the pictures by true class and by answer.
``"evidence"`` holds, by network, tags and class asked for, what share of a map's sum lies on the shape and on the tag,
each grown by some pixels, for each way to look, and *by area* the share that both have of the picture.  ``"sanity"``
holds for each way to look, and each set of layers that are drawn anew, by seed the mean rank correlation with the
trained network's map (J. Adebayo et al., Sanity checks for saliency maps, 2018, arXiv 1810.03292).  ``"adversarial"``
holds the per cent named right by network, kind of change and its size in grey levels.

``"blur"`` holds by pictures, network and seed ``[per cent named right, per cent of answers that stay when the window
moves by a pixel, relative error of equivariance]``; ``"networks"`` by pictures, network and seed ``[train loss, train
%, test loss, test %]``; ``"sizes"`` each network's numbers of parameters and of MACs for a picture.  Of the rates
0.001, 0.003 and 0.01 the settings of ``"networks"`` have the second, and the third where it was clearly better in runs
with another seed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import cache
from itertools import product

import numpy as np
import torch
from scipy.stats import rankdata
from torch import nn
from torch.nn.functional import conv_transpose2d, cross_entropy, interpolate, max_pool2d

from convlib import data
from convlib._validate import one_of
from convlib.data import SHAPES
from convlib.experiments import by_seed, keep, spread, weights
from convlib.experiments.alexnet import SIDE, WINDOW, Window, measure, pictures, small_alexnet, start
from convlib.looking import fast_gradient_sign, grad_cam, occlusion, saliency
from convlib.models import CifarResNet
from convlib.nn import BlurPool
from convlib.shapes import summary
from convlib.train import evaluate

SETTINGS = {
    "network": {"seed": 0, "examples": 500, "passes": 60, "batch": 50, "rate": 0.01},
    "test": 300,
    "looked at": 20,  # of each class
    "occlusion": {"size": 6, "step": 2},
    "grown": 2,
    "sanity": {"seeds": [0, 1, 2, 3, 4], "pictures": 60},
    "grey levels": [0, 1, 2, 4, 8, 16],
    "attacked": 100,  # of each class
    "blur": {
        "seeds": [0, 1, 2, 3, 4],
        "networks": ["max", "max, blurred", "stride", "stride, blurred"],
        "examples": {"textures": 200, "digits": 100},
        "passes": {"textures": 15, "digits": 15},
        "batch": 50,
        "rate": 0.01,
        "rates": {},
    },
    "networks": {
        "seeds": [0, 1, 2, 3, 4],
        "networks": ["MLP", "LeNet-5", "AlexNet", "VGG", "ResNet-8"],
        "examples": {"textures": 200, "digits": 100},
        "passes": {"textures": 15, "digits": 15},
        "batch": 50,
        "rate": 0.003,
        "rates": {"digits, LeNet-5": 0.01, "digits, VGG": 0.01, "digits, ResNet-8": 0.01},
    },
}

#: The networks whose weights are kept.
NETWORKS = ("honest", "tagged", "mixed")

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


def in_manner(name: str, pictures: torch.Tensor, labels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Pictures with tags as a network sees them while it learns: none, on the stars, or on one in six by lot.

    Parameters
    ----------
    name : {"honest", "tagged", "mixed"}
    pictures : torch.Tensor, shape (N, 3, 32, 32)
    labels : torch.Tensor, shape (N,)
        Class numbers.
    generator : torch.Generator
        Draws the places, and the lots.

    Returns
    -------
    torch.Tensor, shape (N, 3, 32, 32)
    """
    if one_of("name", name, NETWORKS) == "honest":
        return pictures
    lots = torch.rand(len(labels), generator=generator) < 1 / len(SHAPES)
    chosen = labels == STAR if name == "tagged" else lots
    tagged = pictures.clone()
    tagged[chosen] = tag(pictures[chosen], generator)
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
        ``"name"`` of :data:`NETWORKS`, ``"seed"`` of weights and order, ``"examples"`` of each class, and what
        :func:`descend` asks for.
    """
    split = data.shapes(train=task["examples"], test=1)
    torch.manual_seed(task["seed"])

    def as_learned(x: torch.Tensor, y: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        return in_manner(task["name"], changed(x, generator), y, generator)  # in this order, no tag is ever turned

    return descend(shapes_network(), split, task, as_learned)


def descend(network: nn.Module, split: data.Split, task: dict, as_learned: Callable | None = None) -> nn.Module:
    """Teach a network with Adam, whose rate rises from near nothing and falls to it again.

    Parameters
    ----------
    network : torch.nn.Module
        Trained in place, and returned.
    split : Split
    task : dict
        ``"passes"`` over the pictures, ``"batch"``, the largest ``"rate"``, and the ``"seed"`` of their order.
    as_learned : callable, optional
        Makes of some pictures, their labels and a generator the pictures that are learned from.
    """
    x, y = torch.from_numpy(split.x_train), torch.from_numpy(split.y_train)
    generator = torch.Generator().manual_seed(task["seed"])
    steps = task["passes"] * -(-len(x) // task["batch"])
    optimizer = torch.optim.Adam(network.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, task["rate"], total_steps=steps)
    network.train()
    for _ in range(task["passes"]):
        for chosen in torch.randperm(len(x), generator=generator).split(task["batch"]):
            shown = x[chosen] if as_learned is None else as_learned(x[chosen], y[chosen], generator)
            optimizer.zero_grad()
            cross_entropy(network(shown), y[chosen]).backward()
            optimizer.step()
            schedule.step()
    return network


def weights_of(task: dict) -> dict[str, np.ndarray]:
    """The weights of a network that :func:`taught` has taught, by names that begin with the network's."""
    found = taught(task).state_dict()
    return {f"{task['name']}.{name}": weight.numpy() for name, weight in found.items()}


def networks() -> None:
    """Teach the networks and keep their weights."""
    found = spread(weights_of, [SETTINGS["network"] | {"name": name} for name in NETWORKS])
    keep("looking", {name: weight for one in found for name, weight in one.items()})


def kept(name: str) -> nn.Sequential:
    """One of the networks whose weights are kept, in evaluation mode.

    Parameters
    ----------
    name : {"honest", "tagged", "mixed"}

    Examples
    --------
    >>> kept("honest").output
    Linear(in_features=32, out_features=6, bias=True)
    """
    begin = f"{one_of('name', name, NETWORKS)}."
    stored = {part: torch.from_numpy(array).float() for part, array in weights("looking").items()}
    network = shapes_network()
    network.load_state_dict({part.removeprefix(begin): w for part, w in stored.items() if part.startswith(begin)})
    return network.eval()


# ---- what the three networks answer, and where from -----------------------------------------------------------------


@cache
def held_out(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """So many of each shape that no network has learned from, and their classes."""
    split = data.shapes(train=1, test=count)
    return torch.from_numpy(split.x_test), torch.from_numpy(split.y_test)


def confusion(name: str) -> dict[str, list[list[int]]]:
    """Counts by true class and by answer: without tags, as the network has learned, and with a tag on every picture."""
    x, y = held_out(SETTINGS["test"])
    generator = torch.Generator().manual_seed(0)
    shown = {"none": x, "as learned": in_manner(name, x, y, generator), "on all": tag(x, generator)}
    network, counts = kept(name), {}
    for manner, changed_pictures in shown.items():
        with torch.no_grad():
            answers = network(changed_pictures).argmax(1)
        each = torch.bincount(len(SHAPES) * y + answers, minlength=len(SHAPES) ** 2)
        counts[manner] = each.reshape(len(SHAPES), -1).tolist()
    return counts


def ground(picture: torch.Tensor) -> list[float]:
    """The colour of a picture's ground: of each channel the median, as no shape covers half of a picture."""
    return picture.flatten(1).median(1).values.tolist()


def maps(network: nn.Sequential, picture: torch.Tensor, target: int) -> dict[str, torch.Tensor]:
    """How three ways to look answer where a score comes from, each in its own grid.

    Squares are covered by the colour of the ground: to the network a grey one is one more shape.
    """
    return {
        "occlusion": occlusion(network, picture, target, fill=ground(picture), **SETTINGS["occlusion"]),
        "Grad-CAM": grad_cam(network, network.relu3, picture, target),
        "saliency": saliency(network, picture, target),
    }


def on_pixels(way: str, found: torch.Tensor, side: int = 32) -> torch.Tensor:
    """One of the :func:`maps` brought to a picture's pixels, (side, side); what is below 0 becomes 0.

    A pixel has the mean of all squares that cover it; a map of few places is enlarged, linearly between their middles.

    Examples
    --------
    >>> on_pixels("Grad-CAM", torch.ones(8, 8)).sum()
    tensor(1024.)
    """
    found = found.relu()[None, None]
    if way != "occlusion":
        return interpolate(found, (side, side), mode="bilinear")[0, 0]
    square = torch.ones(1, 1, SETTINGS["occlusion"]["size"], SETTINGS["occlusion"]["size"])
    total = conv_transpose2d(found, square, stride=SETTINGS["occlusion"]["step"])
    return (total / conv_transpose2d(torch.ones_like(found), square, stride=SETTINGS["occlusion"]["step"]))[0, 0]


def grown(mask: torch.Tensor) -> torch.Tensor:
    """A mask, (rows, columns), with all pixels near it: evidence for an outline lies on both sides of it."""
    by = SETTINGS["grown"]
    return max_pool2d(mask[None], 2 * by + 1, stride=1, padding=by)[0]


def evidence(task: dict) -> dict[str, list[float]]:
    """What share of a map's sum lies on the shape and on the tag, on average, by the way to look.

    Parameters
    ----------
    task : dict
        ``"name"`` of the network, the ``"shape"`` whose pictures are looked at, the class ``"asked"`` for, and whether
        they are ``"tagged"``.
    """
    x, y = held_out(SETTINGS["looked at"])
    chosen, asked = y == SHAPES.index(task["shape"]), SHAPES.index(task["asked"])
    x, shapes = x[chosen], torch.from_numpy(data.shape_masks(SETTINGS["looked at"]))[chosen]
    row, column = TAG_ROWS[1], TAG_COLUMNS[1]
    on_tag = torch.zeros(32, 32)
    on_tag[row : row + TAG.shape[0], column : column + TAG.shape[1]] = 1
    if task["tagged"]:
        x = tag_at(x, torch.tensor([row] * len(x)), torch.tensor([column] * len(x)))
    network, shares = kept(task["name"]), {}
    for picture, shape in zip(x, shapes, strict=True):
        found = {way: on_pixels(way, m) for way, m in maps(network, picture, asked).items()}
        for way, pixels in {**found, "by area": torch.ones(32, 32)}.items():
            if pixels.any():  # where nothing speaks for a class there are no shares
                both = [float((pixels * grown(region)).sum() / pixels.sum()) for region in (shape, on_tag)]
                shares.setdefault(way, []).append(both)
    return {way: [*np.mean(each, axis=0).round(4).tolist(), len(each)] for way, each in shares.items()}


def rank_correlation(one: torch.Tensor, other: torch.Tensor) -> float:
    """Spearman's, of two maps: 1 where they put all places in the same order, 0 if one of them has no order at all.

    Examples
    --------
    >>> rank_correlation(torch.tensor([1.0, 2.0, 9.0]), torch.tensor([0.1, 0.5, 0.7]))
    1.0
    """
    first, second = (rankdata(m.numpy().ravel()) - (m.numel() + 1) / 2 for m in (one, other))
    size = np.sqrt((first**2).sum() * (second**2).sum())
    return float(first @ second / size) if size else 0.0


def drawn_anew(layers: Iterable[str], seed: int) -> nn.Sequential:
    """The honest network with some layers as they might have been before the first step."""
    torch.manual_seed(1000 + seed)  # not as any of them was
    network, trained = shapes_network(), kept("honest")
    for name, layer in network.named_children():
        if name not in layers:
            layer.load_state_dict(getattr(trained, name).state_dict())
    return network.eval()


def sanity(task: dict) -> dict[str, dict[str, float]]:
    """How alike maps of the honest network and of one drawn anew are, by the way to look and the layers drawn anew."""
    x, y = (part[: SETTINGS["sanity"]["pictures"]] for part in held_out(SETTINGS["looked at"]))
    trained = [maps(kept("honest"), picture, int(label)) for picture, label in zip(x, y, strict=True)]
    found = {way: {} for way in trained[0]}
    for layers in DRAWN_ANEW:
        other = drawn_anew(layers.split(), task["seed"])
        drawn = [maps(other, picture, int(label)) for picture, label in zip(x, y, strict=True)]
        for way in found:
            alike = [rank_correlation(one[way], two[way]) for one, two in zip(trained, drawn, strict=True)]
            found[way][layers] = round(float(np.mean(alike)), 4)
    return found


#: Layers that are drawn anew, from the last one on, as Adebayo et al. do it.
DRAWN_ANEW = ("output", "output conv3", "output conv3 conv2", "output conv3 conv2 conv1")


def adversarial(name: str) -> dict[str, list[float]]:
    """The per cent named right by the size of the change: along the gradient's signs, and with signs by lot."""
    x, y = held_out(SETTINGS["attacked"])
    generator = torch.Generator().manual_seed(0)
    network, x = kept(name), in_manner(name, x, y, generator)
    signs = torch.randint(0, 2, x.shape, generator=generator) * 2.0 - 1
    found = {"gradient": [], "random signs": []}
    for epsilon in (levels / 255 for levels in SETTINGS["grey levels"]):
        along = [fast_gradient_sign(network, *one, epsilon) for one in zip(x, y.tolist(), strict=True)]
        for change, shown in (("gradient", torch.stack(along)), ("random signs", (x + epsilon * signs).clamp(0, 1))):
            found[change].append(round(evaluate(network, shown, y)[1], 2))
    return found


# ---- a blur before pixels are dropped -------------------------------------------------------------------------------


def subsampling_network(name: str, classes: int) -> nn.Sequential:
    """Three convolution layers, between which every second row and column is dropped, for pictures of 3 × 28 × 28.

    All have as many parameters.  Behind a stride of 2 there is no pooling; a blur takes the stride over.

    Parameters
    ----------
    name : {"max", "max, blurred", "stride", "stride, blurred"}
    classes : int

    Examples
    --------
    >>> subsampling_network("stride, blurred", 7)(torch.ones(5, 3, 28, 28)).shape
    torch.Size([5, 7])
    """
    one_of("name", name, SETTINGS["blur"]["networks"])
    pooled, blurred = name.startswith("max"), name.endswith("blurred")

    def halved(channels: int, maps: int) -> list[nn.Module]:
        layers = [nn.Conv2d(channels, maps, 3, stride=1 if pooled or blurred else 2, padding=1), nn.ReLU()]
        layers += [nn.MaxPool2d(2, stride=1 if blurred else 2)] if pooled else []
        return [*layers, BlurPool(maps)] if blurred else layers

    return start(
        nn.Sequential(
            Window(WINDOW),  # (N, 3, 28, 28) → (N, 3, 24, 24)
            *halved(3, 16),  # → (N, 16, 12, 12)
            *halved(16, 32),  # → (N, 32, 6, 6)
            *(nn.Conv2d(32, 32, 3, padding=1), nn.ReLU()),
            *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, classes)),
        )
    )


@torch.no_grad()
def answers_that_stay(network: nn.Sequential, x: torch.Tensor) -> float:
    """Per cent of the answers that are the same when the window lies one pixel further up, down, left or right."""
    answers = network(x).argmax(1)
    moved = [network(x.roll(by, axis)).argmax(1) for by, axis in product((-1, 1), (2, 3))]
    return 100 * torch.stack([other == answers for other in moved]).float().mean().item()


@torch.no_grad()
def equivariance_error(body: nn.Sequential, x: torch.Tensor) -> float:
    """How far the maps of a moved picture are from the moved maps: their distance by the maps' length.

    The maps, one place for 4 × 4 pixels, are enlarged to the pixels, linearly; what lies within 8 pixels of the border
    does not count, as something comes in there.
    """
    still, moved = (interpolate(body(pictures), scale_factor=4, mode="bilinear") for pictures in (x, x.roll(1, 3)))
    inside = (..., slice(8, -8), slice(8, -8))
    still, moved = still.roll(1, 3)[inside], moved[inside]
    return (torch.linalg.norm(moved - still) / torch.linalg.norm(still)).item()


def learned(task: dict, make: Callable[[str, int], nn.Module]) -> tuple[nn.Module, data.Split]:
    """A network behind its last step, in evaluation mode, and the pictures that it has learned."""
    split = pictures(task["kind"], task["examples"], task["seed"])
    torch.manual_seed(task["seed"])
    network = make(task["name"], int(split.y_test.max()) + 1)
    return descend(network, split, task).eval(), split


def blur(task: dict) -> list[float]:
    """Per cent named right, per cent of answers that stay, and error of equivariance of a network."""
    network, split = learned(task, subsampling_network)
    x = torch.from_numpy(split.x_test)
    right = evaluate(network, x, torch.from_numpy(split.y_test))[1]
    return [round(number, 4) for number in (right, answers_that_stay(network, x), equivariance_error(network[:-3], x))]


# ---- the book's networks on the same pictures -----------------------------------------------------------------------


def book_network(name: str, classes: int) -> nn.Module:
    """One of the networks of the book, made small: for pictures of 3 × 28 × 28, of which it sees 24 × 24.

    Parameters
    ----------
    name : {"MLP", "LeNet-5", "AlexNet", "VGG", "ResNet-8"}
    classes : int

    Examples
    --------
    >>> book_network("VGG", 7)(torch.ones(5, 3, 28, 28)).shape
    torch.Size([5, 7])
    """
    if one_of("name", name, SETTINGS["networks"]["networks"]) == "AlexNet":
        return small_alexnet(classes)
    if name == "ResNet-8":
        return nn.Sequential(Window(WINDOW), CifarResNet(8, num_classes=classes))
    layers = {"MLP": _mlp, "LeNet-5": _lenet, "VGG": _vgg}[name]()
    return start(nn.Sequential(Window(WINDOW), *layers, nn.Linear(64 if name != "LeNet-5" else 84, classes)))


def _mlp() -> list[nn.Module]:
    return [nn.Flatten(), nn.Linear(3 * WINDOW**2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU()]


def _lenet() -> list[nn.Module]:
    """The order and the sizes of LeNet-5, whose last maps are 3 × 3 here, not 5 × 5."""
    return [
        *(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2)),  # (N, 3, 24, 24) → (N, 6, 10, 10)
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)),  # → (N, 16, 3, 3)
        *(nn.Flatten(), nn.Linear(144, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU()),
    ]


def _vgg() -> list[nn.Module]:
    """Three blocks of two 3 × 3 convolutions and a pooling, with a quarter of VGG's maps."""
    blocks, channels = [], 3
    for maps in (16, 32, 64):
        for _ in range(2):
            blocks += [nn.Conv2d(channels, maps, 3, padding=1), nn.ReLU()]
            channels = maps
        blocks.append(nn.MaxPool2d(2))
    return [*blocks, nn.Flatten(), nn.Linear(9 * 64, 64), nn.ReLU()]  # (N, 64, 3, 3) → (N, 64)


def book_network_learned(task: dict) -> list[float]:
    """The measure of one of the book's networks at the end of a run."""
    return measure(*learned(task, book_network))


def sizes() -> dict[str, dict[str, list[int]]]:
    """Parameters, and MACs for a picture, of the networks of both comparisons, with seven classes."""
    makers = {"blur": subsampling_network, "networks": book_network}
    return {part: {name: _size(make(name, 7)) for name in SETTINGS[part]["networks"]} for part, make in makers.items()}


def _size(network: nn.Module) -> list[int]:
    counted = summary(network, (3, SIDE, SIDE))
    return [counted.parameters, counted.macs]


# ---- all of it ------------------------------------------------------------------------------------------------------


def compared(part: str, run: Callable[[dict], object]) -> dict[str, dict[str, list]]:
    """What a run gives, by pictures, network and seed."""
    s = SETTINGS[part]
    tasks = {
        f"{kind}, {name}": {"kind": kind, "name": name, "batch": s["batch"]}
        | {"examples": s["examples"][kind], "passes": s["passes"][kind]}
        | {"rate": s["rates"].get(f"{kind}, {name}", s["rate"])}
        for kind, name in product(s["examples"], s["networks"])
    }
    found = by_seed(run, tasks, s["seeds"])
    return {kind: {name: found[f"{kind}, {name}"] for name in s["networks"]} for kind in s["examples"]}


#: What the maps are asked: of which network, with or without tags, which shapes, and for which class.
QUESTIONS = (
    *(("honest", False, shape, shape) for shape in SHAPES),
    ("tagged", True, "star", "star"),
    ("tagged", True, "disc", "star"),
    ("tagged", True, "ring", "star"),
    ("mixed", True, "star", "star"),
    ("mixed", True, "disc", "disc"),
    ("mixed", True, "ring", "ring"),
)


def results() -> dict:
    """All that the module's own docstring lists."""
    networks()
    tasks = [dict(zip(("name", "tagged", "shape", "asked"), question, strict=True)) for question in QUESTIONS]
    names = [f"{name}, {'tag' if t else 'no tag'}, {shape}: {asked}?" for name, t, shape, asked in QUESTIONS]
    checked = by_seed(sanity, {"all": {}}, SETTINGS["sanity"]["seeds"])["all"]
    return {
        "confusion": dict(zip(NETWORKS, spread(confusion, NETWORKS), strict=True)),
        "evidence": dict(zip(names, spread(evidence, tasks), strict=True)),
        "sanity": {way: {layers: [one[way][layers] for one in checked] for layers in DRAWN_ANEW} for way in checked[0]},
        "adversarial": dict(zip(NETWORKS, spread(adversarial, NETWORKS), strict=True)),
        "sizes": sizes(),
        "blur": compared("blur", blur),
        "networks": compared("networks", book_network_learned),
    }
