"""AlexNet, which won the ImageNet contest of 2012: the network of the paper, and the one that is called so today.

A. Krizhevsky, I. Sutskever and G. Hinton, ImageNet classification with deep convolutional neural networks, Advances in
Neural Information Processing Systems 25 (2012).  The other is torchvision's, after the single tower of A. Krizhevsky,
One weird trick for parallelizing convolutional neural networks, arXiv 1404.5997 (2014).
"""

from __future__ import annotations

import torch
from torch import nn

from convlib._validate import integer
from convlib.models._images import images


class AlexNet(nn.Module):
    """The AlexNet that everyone loads: one tower of 64, 192, 384, 256 and 256 maps, 61,100,840 parameters.

    No paper's network: :class:`AlexNetOriginal` has 96, 256, 384, 384 and 256 maps in two towers and normalises, and
    its dropout comes behind the linear layers, not before them.  The modules have torchvision's names, so that its
    published weights fit: :func:`convlib.models.weights.pretrained`.

    Parameters
    ----------
    num_classes : int
        Scores for each picture.

    Raises
    ------
    TypeError, ValueError
        If the number is not a whole number of at least 1.

    Examples
    --------
    Without numbers, on PyTorch's meta device, it takes no memory:

    >>> with torch.device("meta"):
    ...     alexnet = AlexNet()
    >>> alexnet(torch.ones(1, 3, 224, 224, device="meta")).shape
    torch.Size([1, 1000])
    >>> sum(weight.numel() for weight in alexnet.parameters())
    61100840
    """

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        integer("num_classes", num_classes, low=1)
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, stride=4, padding=2),  # (N, 3, 224, 224) → (N, 64, 55, 55)
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),  # → (N, 64, 27, 27)
            nn.Conv2d(64, 192, 5, padding=2),  # → (N, 192, 27, 27)
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),  # → (N, 192, 13, 13)
            nn.Conv2d(192, 384, 3, padding=1),  # → (N, 384, 13, 13)
            nn.ReLU(),
            nn.Conv2d(384, 256, 3, padding=1),  # → (N, 256, 13, 13)
            nn.ReLU(),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),  # → (N, 256, 6, 6)
        )
        self.avgpool = nn.AdaptiveAvgPool2d(6)  # changes nothing at 224; makes other sizes fit
        self.classifier = nn.Sequential(
            nn.Dropout(),
            nn.Linear(256 * 6 * 6, 4096),
            nn.ReLU(),
            nn.Dropout(),
            nn.Linear(4096, 4096),
            nn.ReLU(),
            nn.Linear(4096, num_classes),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The scores of each class: the highest wins.

        Parameters
        ----------
        x : torch.Tensor, shape (N, 3, H, W)
            224 × 224 pixels are usual; at least 63 × 63 are needed for one pixel to be left.

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
        images(x, 3, 63)
        x = self.avgpool(self.features(x))  # (N, 3, 224, 224) → (N, 256, 6, 6)
        return self.classifier(x.flatten(1))  # → (N, 9216) → (N, num_classes)


class AlexNetOriginal(nn.Module):
    """AlexNet as the paper of 2012 builds it: two towers, local response normalisation, 60,965,224 parameters.

    The towers lay on two graphics cards, each with half of the maps.  Layers 2, 4 and 5 see their own tower only, which
    is a convolution with two groups; layer 3 sees both, and so do the linear layers.

    The weights are drawn from a normal distribution of standard deviation 0.01; the biases are 1 in layers 2, 4, 5 and
    the two hidden linear ones, so that their ReLUs see something positive at first, and otherwise 0.

    Parameters
    ----------
    num_classes : int
        Scores for each picture.

    Raises
    ------
    TypeError, ValueError
        If the number is not a whole number of at least 1.

    Notes
    -----
    The paper says that its pictures have 224 × 224 pixels, and draws 55 × 55 of layer 1.  Without padding that takes
    227: (227 - 11) / 4 + 1 = 55, while 224 gives 54, and in the end 5 × 5 instead of 6 × 6.

    The normalisation divides by (2 + 1e-4 Σ a²)^0.75, with the sum over five neighbouring maps;
    :class:`torch.nn.LocalResponseNorm` takes the mean, so that its alpha must be 5e-4.  Here the last map of one tower
    and the first of the other are neighbours; on two cards they may not have been, and the paper does not say.

    Examples
    --------
    >>> with torch.device("meta"):
    ...     alexnet = AlexNetOriginal()
    >>> alexnet(torch.ones(1, 3, 227, 227, device="meta")).shape
    torch.Size([1, 1000])
    >>> sum(weight.numel() for weight in alexnet.parameters())
    60965224
    """

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        integer("num_classes", num_classes, low=1)
        self.features = nn.Sequential(
            nn.Conv2d(3, 96, 11, stride=4),  # layer 1: (N, 3, 227, 227) → (N, 96, 55, 55)
            nn.ReLU(),
            nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2),
            nn.MaxPool2d(3, stride=2),  # → (N, 96, 27, 27): windows of 3 at every second pixel overlap
            nn.Conv2d(96, 256, 5, padding=2, groups=2),  # layer 2: → (N, 256, 27, 27)
            nn.ReLU(),
            nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2),
            nn.MaxPool2d(3, stride=2),  # → (N, 256, 13, 13)
            nn.Conv2d(256, 384, 3, padding=1),  # layer 3, of both towers: → (N, 384, 13, 13)
            nn.ReLU(),
            nn.Conv2d(384, 384, 3, padding=1, groups=2),  # layer 4
            nn.ReLU(),
            nn.Conv2d(384, 256, 3, padding=1, groups=2),  # layer 5: → (N, 256, 13, 13)
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),  # → (N, 256, 6, 6)
        )
        self.classifier = nn.Sequential(
            nn.Linear(256 * 6 * 6, 4096),  # layer 6
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(4096, 4096),  # layer 7
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(4096, num_classes),  # layer 8
        )
        self._draw()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The scores of each class: the highest wins.

        Parameters
        ----------
        x : torch.Tensor, shape (N, 3, 227, 227)

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
        images(x, 3, 227, exactly=True, otherwise="224, as the paper writes, gives 54 × 54 in layer 1, not its 55 × 55")
        x = self.features(x)  # (N, 3, 227, 227) → (N, 256, 6, 6)
        return self.classifier(x.flatten(1))  # → (N, 9216) → (N, num_classes)

    def _draw(self) -> None:
        """The weights and biases that training begins with (section 5 of the paper)."""
        layers = [layer for layer in self.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
        for number, layer in enumerate(layers, start=1):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.constant_(layer.bias, 1 if number in (2, 4, 5, 6, 7) else 0)
