"""VGG of 2014: one kind of layer, 3 × 3, again and again, from 11 layers with weights to 19.

K. Simonyan and A. Zisserman, Very deep convolutional networks for large-scale image recognition, International
Conference on Learning Representations (2015), arXiv 1409.1556.  Their six networks are the columns of one table, and
here the lines of another, :data:`STRUCTURES`.  :func:`dense` slides a network over a picture of any size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn

from convlib._validate import finite_number, integer, one_of
from convlib.models._images import images

#: What may stand in a structure: the maps of a 3 × 3 layer, the maps and the kernel's side of another, or a name.
Entry = int | tuple[int, int] | str

#: The six columns of the paper's table 1, from the picture to the linear layers.  A number is a layer of so many maps
#: with kernels of 3 × 3; (256, 1) is one of 256 maps with kernels of 1 × 1; "M" is max pooling, "LRN" AlexNet's
#: normalisation.
STRUCTURES: dict[str, tuple[Entry, ...]] = {
    "A": (64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"),
    "A-LRN": (64, "LRN", "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"),
    "B": (64, 64, "M", 128, 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"),
    "C": (
        *(64, 64, "M", 128, 128, "M", 256, 256, (256, 1), "M"),
        *(512, 512, (512, 1), "M", 512, 512, (512, 1), "M"),
    ),
    "D": (64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"),
    "E": (64, 64, "M", 128, 128, "M", 256, 256, 256, 256, "M", 512, 512, 512, 512, "M", 512, 512, 512, 512, "M"),
}


class VGG(nn.Module):
    """VGG: blocks of 3 × 3 convolutions and a pooling, each with twice the maps of the one before; three linear layers.

    Named by letters in the paper, and by their layers with weights in torchvision: A is VGG-11, B VGG-13, D VGG-16 and
    E VGG-19.  The modules have torchvision's names, so that its published weights fit, with and without batch
    normalisation: :func:`convlib.models.weights.load_torchvision_weights`.

    Parameters
    ----------
    structure : {"A", "A-LRN", "B", "C", "D", "E"}
        A line of :data:`STRUCTURES`.
    dropout : float
        Share of the hidden units that is left out in training, from 0 to 1.
    batch_norm : bool
        Whether each convolution is normalised before its ReLU.  The paper could not yet: set False for its networks.
    num_classes : int
        Scores for each picture.
    width : int
        Maps of the first layer; all others, and the hidden units, are in proportion.  The paper's is 64.
    in_channels : int
        Of each picture.

    Raises
    ------
    TypeError, ValueError
        If the structure is none of these, the dropout no share, or a number is not a whole number of at least 1.

    Notes
    -----
    The weights of a convolution are drawn from a normal distribution of variance 2 / (k² times the maps that go out),
    those of a linear layer from one of standard deviation 0.01, the biases are 0, as in torchvision.  The paper drew
    everything with a *variance* of 0.01, and started its deeper networks from A's weights.

    Two more departures are torchvision's: pictures of any size come to 7 × 7 by a mean, which at 224 × 224 changes
    nothing, and at 32 × 32 repeats the one pixel that is left; dropout stands behind each hidden layer's ReLU.

    Examples
    --------
    Without numbers, on PyTorch's meta device, it takes no memory:

    >>> with torch.device("meta"):
    ...     vgg = VGG("D", batch_norm=False)
    >>> vgg(torch.ones(1, 3, 224, 224, device="meta")).shape
    torch.Size([1, 1000])
    >>> sum(weight.numel() for weight in vgg.parameters())
    138357544

    Nine tenths of them are linear:

    >>> sum(weight.numel() for weight in vgg.classifier.parameters())
    123642856

    A small one, for small grey pictures:

    >>> VGG("A", width=4, in_channels=1, num_classes=10)(torch.ones(2, 1, 32, 32)).shape
    torch.Size([2, 10])
    """

    def __init__(
        self,
        structure: str,
        dropout: float = 0.5,
        batch_norm: bool = True,
        num_classes: int = 1000,
        *,
        width: int = 64,
        in_channels: int = 3,
    ) -> None:
        super().__init__()
        entries = STRUCTURES[one_of("structure", structure, STRUCTURES)]
        finite_number("dropout", dropout, low=0, high=1)
        integer("num_classes", num_classes, low=1)
        maps, hidden = 8 * integer("width", width, low=1), 64 * width
        self.in_channels = integer("in_channels", in_channels, low=1)
        self.features = features(_scaled(entries, width), in_channels, batch_norm=batch_norm)
        self.avgpool = nn.AdaptiveAvgPool2d(7)
        self.classifier = nn.Sequential(
            nn.Linear(maps * 7 * 7, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, num_classes),
        )
        self._draw()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The scores of each class: the highest wins.

        Parameters
        ----------
        x : torch.Tensor, shape (N, in_channels, H, W)
            224 × 224 pixels are usual; at least 32 × 32 are needed for one pixel to be left.

        Returns
        -------
        torch.Tensor, shape (N, num_classes)

        Raises
        ------
        TypeError
            If x is not a tensor of floating-point numbers.
        ValueError
            If it has another shape.
        """
        images(x, self.in_channels, 32)
        x = self.avgpool(self.features(x))  # (N, 3, 224, 224) → (N, 512, 7, 7)
        return self.classifier(x.flatten(1))  # → (N, 25088) → (N, num_classes)

    def _draw(self) -> None:
        """The weights that training begins with."""
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
                nn.init.zeros_(layer.bias)
            elif isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight, std=0.01)
                nn.init.zeros_(layer.bias)


def features(structure: Sequence[Entry], in_channels: int = 3, *, batch_norm: bool = False) -> nn.Sequential:
    """The convolutions of a structure of one's own, each with its ReLU, and what stands between them.

    Parameters
    ----------
    structure : sequence
        Of entries as in :data:`STRUCTURES`: maps, (maps, side of the kernel), "M" or "LRN".
    in_channels : int
        Of each picture.
    batch_norm : bool
        Whether each convolution is normalised before its ReLU.

    Returns
    -------
    torch.nn.Sequential
        It keeps rows and columns, but for "M", which halves them and leaves out an odd last one.

    Raises
    ------
    TypeError, ValueError
        If an entry is none of these; a number below 1, or an even side, which no padding keeps centred.

    Examples
    --------
    Two 3 × 3 layers see what one of 5 × 5 sees, with fewer weights:

    >>> pair, one = features((8, 8, "M")), features(((8, 5), "M"))
    >>> pair(torch.ones(1, 3, 32, 32)).shape == one(torch.ones(1, 3, 32, 32)).shape
    True
    """
    layers: list[nn.Module] = []
    channels = integer("in_channels", in_channels, low=1)
    for entry in structure:
        if isinstance(entry, str):
            layers.append(_between(entry))
            continue
        maps, side = _maps_and_side(entry)
        layers.append(nn.Conv2d(channels, maps, side, padding=side // 2))
        if batch_norm:
            layers.append(nn.BatchNorm2d(maps))
        layers.append(nn.ReLU())
        channels = maps
    return nn.Sequential(*layers)


def dense(network: nn.Module) -> nn.Sequential:
    """The same network with its linear layers as convolutions, for pictures of any size: the paper's dense evaluation.

    The first linear layer reads a square of pixels, and becomes a convolution whose kernel is that square; the others
    become 1 × 1 convolutions.  On a picture of the usual size one score a class comes out, the same as before; on a
    larger one a map of scores, one for each place of a window, at all places at the cost of what they share.

    Parameters
    ----------
    network : VGG or torch.nn.Sequential
        A Sequential has layers that take windows, then :class:`torch.nn.Flatten`, then linear layers and what works
        element by element.

    Returns
    -------
    torch.nn.Sequential
        From (N, C, rows, columns) to (N, classes, places, places), in the mode, training or evaluation, that the
        network is in.  Its weights are the network's own: training the one changes the other.

    Raises
    ------
    TypeError
        If the network is neither.
    ValueError
        If a linear layer does not read a square of what the convolutions give.

    Notes
    -----
    A window in the middle of a large picture sees its neighbours where the usual one sees zeros, wherever layers have
    padding: VGG's scores for a window are then not those of the picture cut out.  Without padding they are.

    Examples
    --------
    At 224 pixels 7 × 7 are left, and the first linear layer has one place; at 384 there are 12 × 12, and 6 × 6 places:

    >>> with torch.device("meta"):
    ...     sliding = dense(VGG("D"))
    >>> [tuple(sliding(torch.ones(1, 3, side, side, device="meta")).shape) for side in (224, 384)]
    [(1, 1000, 1, 1), (1, 1000, 6, 6)]
    >>> sliding[-1]
    Conv2d(4096, 1000, kernel_size=(1, 1), stride=(1, 1))
    """
    if not isinstance(network, VGG | nn.Sequential):
        raise TypeError(f"network must be a VGG or a torch.nn.Sequential, got {type(network).__name__}")
    parts = [*network.features, *network.classifier] if isinstance(network, VGG) else list(network)
    layers: list[nn.Module] = []
    channels = 0
    for part in parts:
        if isinstance(part, nn.Linear):
            part = _as_convolution(part, channels)
        if isinstance(part, nn.Conv2d):
            channels = part.out_channels
        if not isinstance(part, nn.Flatten):
            layers.append(part)
    sliding = nn.Sequential(*layers)
    sliding.training = network.training
    return sliding


def _as_convolution(layer: nn.Linear, channels: int) -> nn.Conv2d:
    """A linear layer that reads a flattened square of so many channels."""
    side = math.isqrt(layer.in_features // channels) if channels else 0
    if side * side * channels != layer.in_features:
        raise ValueError(f"{layer} must read a square of {channels} channels, got {layer.in_features} features")
    with torch.device("meta"):  # its numbers are the other's
        convolution = nn.Conv2d(channels, layer.out_features, side, bias=layer.bias is not None)
    convolution.weight = nn.Parameter(layer.weight.detach().view(-1, channels, side, side))
    convolution.bias = layer.bias
    convolution.training = layer.training
    return convolution


def _between(name: str) -> nn.Module:
    """What stands between convolutions, by its name in a structure."""
    if one_of("an entry of structure", name, ("M", "LRN")) == "M":
        return nn.MaxPool2d(2)
    return nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2)  # AlexNet's 1e-4 of a sum: PyTorch takes the mean of 5


def _maps_and_side(entry: Entry) -> tuple[int, int]:
    """The maps of a convolution, and its kernel's rows and columns: 3 unless they are given."""
    pair = entry if isinstance(entry, tuple | list) else (entry, 3)
    if len(pair) != 2:
        raise ValueError(f"an entry of structure must be maps, (maps, side), 'M' or 'LRN', got {entry!r}")
    maps, side = (integer("an entry of structure", number, low=1) for number in pair)
    if side % 2 == 0:
        raise ValueError(f"the side of a kernel must be odd, got {side} in {entry!r}")
    return maps, side


def _scaled(structure: Sequence[Entry], width: int) -> tuple[Entry, ...]:
    """The same with ``width`` maps in the first layer instead of 64; every number of maps is a multiple of it."""
    scaled: list[Entry] = []
    for entry in structure:
        if isinstance(entry, str):
            scaled.append(entry)
        elif isinstance(entry, tuple):
            scaled.append((entry[0] // 64 * width, entry[1]))
        else:
            scaled.append(entry // 64 * width)
    return tuple(scaled)
