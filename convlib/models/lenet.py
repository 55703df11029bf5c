"""LeNet-5, which read the digits on cheques: as it is written today, and as its paper has it.

Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, Gradient-based learning applied to document recognition, Proceedings of
the IEEE 86 (1998), section II.B.  The layers have the paper's names: C for convolution, S for subsampling, F for full
connection, with a number that goes on counting.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

import torch
from torch import nn
from torch.nn import functional as F

from convlib._validate import finite_number, integer
from convlib.models._bitmaps import bitmaps
from convlib.models._images import images
from convlib.shapes import summary

SIDE = 32  #: Rows and columns of the field that LeNet-5 sees.

#: The maps of S2, 0 to 5, that each of the sixteen maps of C3 sees: the columns of the paper's table I.
C3_TABLE = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),  # three neighbours; 5 is next to 0
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),  # four neighbours
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),  # four with a gap
    (0, 1, 2, 3, 4, 5),
)


class LeNet5(nn.Module):
    """LeNet-5 as people write it today: ReLU, the maximum of each 2 × 2, a linear layer at the end.

    That is not the network of 1998, :class:`LeNet5Original`: C3 sees all six maps, the subsampling has no weights, and
    the output layer learns.  It has 61,706 parameters.

    C5 is a convolution that just covers the 5 × 5 pixels of S4, and F6 and the output are linear at each place: so the
    network may be slid over a larger picture, all in one pass, by :meth:`scores`.

    Parameters
    ----------
    num_classes : int
        Scores for each picture.
    in_channels : int
        Channels of a picture: 1 for grey, 3 for colour.

    Raises
    ------
    TypeError, ValueError
        If a number is not a whole number of at least 1.

    Examples
    --------
    >>> lenet = LeNet5()
    >>> lenet(torch.ones(16, 1, 32, 32)).shape
    torch.Size([16, 10])
    >>> sum(weight.numel() for weight in lenet.parameters())
    61706
    """

    def __init__(self, num_classes: int = 10, in_channels: int = 1) -> None:
        super().__init__()
        integer("num_classes", num_classes, low=1)
        integer("in_channels", in_channels, low=1)
        self.c1 = nn.Conv2d(in_channels, 6, 5)
        self.s2 = nn.MaxPool2d(2)
        self.c3 = nn.Conv2d(6, 16, 5)
        self.s4 = nn.MaxPool2d(2)
        self.c5 = nn.Conv2d(16, 120, 5)
        self.f6 = nn.Linear(120, 84)
        self.output = nn.Linear(84, num_classes)
        self.relu = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The scores of each class: the highest wins.

        Parameters
        ----------
        x : torch.Tensor, shape (N, in_channels, 32, 32)

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
        images(x, self.c1.in_channels, SIDE, exactly=True, otherwise="scores(x) takes larger ones")
        x = self.s2(self.relu(self.c1(x)))  # (N, in_channels, 32, 32) → (N, 6, 28, 28) → (N, 6, 14, 14)
        x = self.s4(self.relu(self.c3(x)))  # → (N, 16, 10, 10) → (N, 16, 5, 5)
        x = self.relu(self.c5(x))  # → (N, 120, 1, 1)
        x = self.relu(self.f6(x.flatten(1)))  # → (N, 84)
        return self.output(x)  # → (N, num_classes)

    def scores(self, x: torch.Tensor) -> torch.Tensor:
        """The scores at each place of a picture of any size, a strip of digits for instance.

        Place (i, j) sees the 32 × 32 pixels that begin in row 4i and column 4j, for the two poolings leave every fourth
        place: what stands there is what :meth:`forward` says of that piece.  The paper calls it a space displacement
        network (section VII.A).

        Parameters
        ----------
        x : torch.Tensor, shape (N, in_channels, H, W)
            With at least 32 rows and columns.

        Returns
        -------
        torch.Tensor, shape (N, num_classes, (H - 32) // 4 + 1, (W - 32) // 4 + 1)

        Raises
        ------
        TypeError, ValueError
            As for :meth:`forward`.

        Examples
        --------
        >>> strip = torch.ones(1, 1, 32, 60)
        >>> LeNet5().scores(strip).shape
        torch.Size([1, 10, 1, 8])
        """
        images(x, self.c1.in_channels, SIDE)
        x = self.s2(self.relu(self.c1(x)))
        x = self.s4(self.relu(self.c3(x)))
        x = self.relu(self.c5(x))  # (N, 120, rows, columns): so many places
        x = self.relu(self.f6(x.movedim(1, -1)))  # → (N, rows, columns, 84): a linear layer is along the last axis
        return self.output(x).movedim(-1, 1)  # → (N, num_classes, rows, columns)


class LeNet5Original(nn.Module):
    """LeNet-5 as the paper of 1998 builds it: 60,000 trainable parameters, 340,908 connections.

    What it has that :class:`LeNet5` has not: subsampling that learns (:class:`Subsampling`), maps of C3 that see some
    of the maps of S2 only (:data:`C3_TABLE`), a scaled hyperbolic tangent behind every layer (:func:`squash`), and an
    output layer that does not learn, but compares with pictures of the digits (:class:`Bitmaps`).

    The weights and biases are drawn evenly between -2.4 / n and 2.4 / n, where n is the number of inputs of a unit
    (appendix A); the pictures should come in :func:`grey_levels`.

    Examples
    --------
    >>> lenet = LeNet5Original()
    >>> lenet(torch.ones(16, 1, 32, 32)).shape
    torch.Size([16, 10])
    >>> sum(weight.numel() for weight in lenet.parameters()), sum(connections(lenet).values())
    (60000, 340908)
    """

    def __init__(self) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, 5)
        self.s2 = Subsampling(6)
        self.c3 = SparseConv2d(C3_TABLE, 5)
        self.s4 = Subsampling(16)
        self.c5 = nn.Conv2d(16, 120, 5)
        self.f6 = nn.Linear(120, 84)
        self.output = Bitmaps()
        self.apply(_draw_evenly)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The scores of the ten digits: minus the distances of :class:`Bitmaps`, so that the highest wins.

        Parameters
        ----------
        x : torch.Tensor, shape (N, 1, 32, 32)

        Returns
        -------
        torch.Tensor, shape (N, 10)
            None is above 0.

        Raises
        ------
        TypeError
            If x is not a tensor of floating-point numbers.
        ValueError
            If it has another shape.
        """
        images(x, 1, SIDE, exactly=True)
        x = squash(self.c1(x))  # (N, 1, 32, 32) → (N, 6, 28, 28)
        x = squash(self.s2(x))  # → (N, 6, 14, 14)
        x = squash(self.c3(x))  # → (N, 16, 10, 10)
        x = squash(self.s4(x))  # → (N, 16, 5, 5)
        x = squash(self.c5(x))  # → (N, 120, 1, 1)
        x = squash(self.f6(x.flatten(1)))  # → (N, 84)
        return -self.output(x)  # → (N, 10)


class SparseConv2d(nn.Module):
    """A convolution layer whose maps each see some of the channels only, as a table says.

    Neighbours in the table that see equally many are one grouped convolution, of the channels that they see laid side
    by side: nothing is multiplied by a zero, and only the kernels that there are count as parameters.

    Parameters
    ----------
    table : sequence of sequences of int
        The input channels that each output channel sees.
    kernel_size : int
        Rows and columns of a kernel.

    Raises
    ------
    TypeError, ValueError
        If a number is not whole, or too low, or ``table`` is empty or has an empty row.

    Examples
    --------
    >>> sum(weight.numel() for weight in SparseConv2d([(0, 1), (1, 2), (0, 1, 2)], 5).parameters())
    178
    """

    def __init__(self, table: Sequence[Sequence[int]], kernel_size: int) -> None:
        super().__init__()
        integer("kernel_size", kernel_size, low=1)
        if not table or not all(table):
            raise ValueError(f"table must name at least one input channel for each output channel, got {table!r}")
        runs = [list(run) for _, run in groupby(table, key=len)]
        self.inputs = [[integer("table", channel, low=0) for row in run for channel in row] for run in runs]
        self.convs = nn.ModuleList(
            nn.Conv2d(len(seen), len(run), kernel_size, groups=len(run))
            for run, seen in zip(runs, self.inputs, strict=True)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Convolve.

        Parameters
        ----------
        x : torch.Tensor, shape (N, channels, H, W)
            With all the channels that the table names.

        Returns
        -------
        torch.Tensor, shape (N, rows of the table, H - kernel_size + 1, W - kernel_size + 1)
        """
        parts = [conv(x[:, seen]) for seen, conv in zip(self.inputs, self.convs, strict=True)]
        return torch.cat(parts, dim=1)


class Subsampling(nn.Module):
    """Four pixels become one: their sum, times a coefficient, plus a bias, which each map learns for itself.

    Parameters
    ----------
    channels : int
        Maps that come in, and go out with half as many rows and columns.

    Raises
    ------
    TypeError, ValueError
        If the number is not a whole number of at least 1.

    Examples
    --------
    >>> layer = Subsampling(1)
    >>> with torch.no_grad():
    ...     _ = layer.weight.fill_(0.5), layer.bias.fill_(100)
    >>> layer(torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])).item()
    105.0
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(integer("channels", channels, low=1)))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Subsample.

        Parameters
        ----------
        x : torch.Tensor, shape (N, channels, H, W)

        Returns
        -------
        torch.Tensor, shape (N, channels, H // 2, W // 2)
        """
        sums = F.avg_pool2d(x, 2, divisor_override=1)
        return self.weight[:, None, None] * sums + self.bias[:, None, None]


class Bitmaps(nn.Module):
    """The squared distance of 84 numbers from each of ten pictures of 7 × 12 pixels: radial basis functions.

    The smallest distance names the digit.  The pictures, 1 for ink and -1 for none, are fixed and no parameters.

    Notes
    -----
    The paper shows such pictures of all printable characters in its figure 3, but publishes no list of their pixels:
    these ten are drawn after the figure, not copied from it.

    Examples
    --------
    >>> layer = Bitmaps()
    >>> layer(layer.bitmaps[3:4]).argmin().item()
    3
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("bitmaps", torch.tensor(bitmaps(), dtype=torch.get_default_dtype()), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The distances, equation 7 of the paper.

        Parameters
        ----------
        x : torch.Tensor, shape (N, 84)

        Returns
        -------
        torch.Tensor, shape (N, 10)
        """
        return (x[:, None] - self.bitmaps).square().sum(-1)  # (N, 1, 84) - (10, 84) → (N, 10, 84) → (N, 10)


def squash(a: torch.Tensor) -> torch.Tensor:
    """1.7159 tanh(2a / 3), the paper's squashing function: 1 of 1, -1 of -1, and most strongly curved there.

    A unit that should answer ±1 is so not driven to where the curve is flat (appendix A).

    Parameters
    ----------
    a : torch.Tensor
        Sums, of any shape.

    Returns
    -------
    torch.Tensor, of the same shape

    Examples
    --------
    >>> squash(torch.tensor([-1.0, 0.0, 1.0, 100.0]))
    tensor([-1.0000,  0.0000,  1.0000,  1.7159])
    """
    return 1.7159 * torch.tanh(2 / 3 * a)


def grey_levels(ink: torch.Tensor) -> torch.Tensor:
    """The levels that LeNet-5 was given in 1998: -0.1 for white, 1.175 for black.

    So that the mean is about 0 and the variance about 1, which makes learning faster, says the paper (section II.B).
    Over MNIST's digits in a field of 32 × 32 the mean is indeed 0.03, but the variance 0.12.

    Parameters
    ----------
    ink : torch.Tensor
        From 0, none, to 1, as :func:`convlib.data.small.mnist` has it.

    Returns
    -------
    torch.Tensor, of the same shape

    Examples
    --------
    >>> grey_levels(torch.tensor([0.0, 1.0]))
    tensor([-0.1000,  1.1750])
    """
    return 1.275 * ink - 0.1


def mse_criterion(scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The mean distance from the right digit's picture, equation 8 of the paper: what the answers should make small.

    Parameters
    ----------
    scores : torch.Tensor, shape (N, classes)
        Minus the distances, as :class:`LeNet5Original` gives them.
    labels : torch.Tensor, shape (N,)
        The right classes.

    Returns
    -------
    torch.Tensor, one number

    Examples
    --------
    >>> mse_criterion(torch.tensor([[-1.0, -9.0], [-2.0, -3.0]]), torch.tensor([0, 1])).item()
    2.0
    """
    return F.nll_loss(scores, labels)


def map_criterion(scores: torch.Tensor, labels: torch.Tensor, *, j: float = 0.1) -> torch.Tensor:
    """Equation 9: the distance from the right digit small, and those from all the others large, if they are not yet.

    The mean of y_D + log(exp(-j) + Σ exp(-y_i)), where y are the distances and y_D that of the right digit.  It is the
    cross-entropy with one class more, for pictures that are no digit at all, always at the distance j: where all the
    others are much farther away than j they are pushed no farther.  Maximum a posteriori is what MAP stands for.

    Parameters
    ----------
    scores : torch.Tensor, shape (N, classes)
        Minus the distances.
    labels : torch.Tensor, shape (N,)
        The right classes.
    j : float
        The distance of what is no digit, at least 0.  The paper gives no value.

    Returns
    -------
    torch.Tensor, one number

    Raises
    ------
    TypeError, ValueError
        If ``j`` is not a number of at least 0.

    Examples
    --------
    >>> scores, labels = torch.tensor([[-1.0, -9.0], [-2.0, -3.0]]), torch.tensor([0, 1])
    >>> round(map_criterion(scores, labels, j=5.0).item(), 3)
    0.684
    """
    rubbish = scores.new_full((len(scores), 1), -finite_number("j", j, low=0))
    return F.cross_entropy(torch.cat([scores, rubbish], dim=1), labels)


def connections(lenet: LeNet5Original) -> dict[str, int]:
    """How many connections each layer has, as the paper counts them: a weight is one at each place where it is used.

    Parameters
    ----------
    lenet : LeNet5Original

    Returns
    -------
    dict of str to int
        By the layers' names.  Biases count; so do the 84 × 10 fixed weights of the output, without which there are
        340,068.

    Examples
    --------
    >>> connections(LeNet5Original())
    {'c1': 122304, 's2': 5880, 'c3': 151600, 's4': 2000, 'c5': 48120, 'f6': 10164, 'output': 840}
    """
    counts = dict.fromkeys((name for name, _ in lenet.named_children()), 0)
    for layer in summary(lenet, (1, SIDE, SIDE)).layers:
        name, places = layer.name.partition(".")[0], math.prod(layer.output_shape[1:])
        module = getattr(lenet, name)
        if isinstance(module, Subsampling):
            counts[name] += 5 * math.prod(layer.output_shape)  # four inputs share a coefficient; and the bias
        elif isinstance(module, Bitmaps):
            counts[name] += module.bitmaps.numel()
        else:
            counts[name] += places * layer.parameters
    return counts


def _draw_evenly(module: nn.Module) -> None:
    """Between -2.4 / n and 2.4 / n, where n is the number of inputs of a unit."""
    if isinstance(module, nn.Conv2d | nn.Linear | Subsampling):
        inputs = 4 if isinstance(module, Subsampling) else module.weight[0].numel()
        for weight in (module.weight, module.bias):
            nn.init.uniform_(weight, -2.4 / inputs, 2.4 / inputs)
