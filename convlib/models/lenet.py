"""LeNet-5, which read the digits on cheques: as it is written today, and as its paper has it.

Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, Gradient-based learning applied to document recognition, Proceedings of
the IEEE 86 (1998), section II.B.  The layers have the paper's names: C for convolution, S for subsampling, F for full
connection, with a number that goes on counting.
"""

from __future__ import annotations

import torch
from torch import nn

from convlib._validate import integer
from convlib.models._images import images

SIDE = 32  #: Rows and columns of the field that LeNet-5 sees.


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
        return self.scores(x).flatten(1)  # (N, num_classes, 1, 1) → (N, num_classes)

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
        x = self.s2(self.relu(self.c1(x)))  # (N, in_channels, 32, 32) → (N, 6, 28, 28) → (N, 6, 14, 14)
        x = self.s4(self.relu(self.c3(x)))  # → (N, 16, 10, 10) → (N, 16, 5, 5)
        x = self.relu(self.c5(x))  # → (N, 120, 1, 1), or more places where the picture is larger
        x = self.relu(self.f6(x.movedim(1, -1)))  # → (N, 1, 1, 84): a linear layer is along the last axis
        return self.output(x).movedim(-1, 1)  # → (N, num_classes, 1, 1)
