"""ResNet, in which every block learns what is to be added to its input: the ImageNet networks, and the CIFAR ones.

K. He, X. Zhang, S. Ren and J. Sun, Deep residual learning for image recognition, IEEE Conference on Computer Vision and
Pattern Recognition (2016), arXiv 1512.03385.  The modules of :class:`ResNet` have torchvision's names, so that its
published weights fit; :class:`CifarResNet` is the small network of the paper's section 4.2, with a plain twin that
lacks nothing but the additions.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from convlib._validate import integer, one_of
from convlib.models._images import images

#: How many blocks the four stages of each ImageNet network have (table 1 of the paper).
STRUCTURES = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}

#: From this number of layers on, the blocks are bottlenecks.
_DEEP = 50


class PlainBlock(nn.Module):
    """Two 3 × 3 convolutions, each with batch normalisation and ReLU: a block of a plain network, which adds nothing.

    The normalisation's shift makes biases needless.

    Parameters
    ----------
    in_channels, channels : int
        Maps that come in, and that go out.
    stride : int
        Of the first convolution.

    Raises
    ------
    TypeError, ValueError
        If a number is not a whole number of at least 1.

    Examples
    --------
    >>> PlainBlock(16, 32, stride=2)(torch.ones(1, 16, 8, 8)).shape
    torch.Size([1, 32, 4, 4])
    """

    #: How many times ``channels`` maps go out.
    expansion = 1

    def __init__(self, in_channels: int, channels: int, stride: int = 1) -> None:
        super().__init__()
        _check_block(in_channels, channels, stride)
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def residual(self, x: torch.Tensor) -> torch.Tensor:
        """The way through the convolutions, before the last ReLU: F(x) of the paper.

        Parameters
        ----------
        x : torch.Tensor, shape (N, in_channels, H, W)

        Returns
        -------
        torch.Tensor, shape (N, channels, H / stride, W / stride), rounded up
        """
        x = self.relu(self.bn1(self.conv1(x)))  # (N, in_channels, H, W) → (N, channels, H / stride, W / stride)
        return self.bn2(self.conv2(x))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """ReLU of F(x); shapes as of :meth:`residual`."""
        return self.relu(self.residual(x))


class BasicBlock(PlainBlock):
    """The same two convolutions, and the block's input added to what they give (figure 5 of the paper, left).

    Parameters
    ----------
    in_channels, channels, stride
        As for :class:`PlainBlock`.
    downsample : torch.nn.Module, optional
        What the input goes through before it is added, where its shape is not that of the sum.

    Raises
    ------
    TypeError, ValueError
        If a number is not a whole number of at least 1; if the shapes differ and there is no ``downsample``.

    Examples
    --------
    >>> block = BasicBlock(64, 64)
    >>> block(torch.ones(1, 64, 56, 56)).shape
    torch.Size([1, 64, 56, 56])

    Where the convolutions have nothing to add, what comes in goes out:

    >>> _ = nn.init.zeros_(block.bn2.weight)
    >>> block(torch.ones(1, 64, 2, 2)).detach().unique()
    tensor([1.])
    """

    def __init__(self, in_channels: int, channels: int, stride: int = 1, downsample: nn.Module | None = None) -> None:
        super().__init__(in_channels, channels, stride)
        _check_shortcut(in_channels, channels, stride, downsample)
        self.downsample = downsample

    def shortcut(self, x: torch.Tensor) -> torch.Tensor:
        """What F(x) is added to: the input, or what ``downsample`` makes of it; shapes as of :meth:`residual`."""
        return x if self.downsample is None else self.downsample(x)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """ReLU of F(x) + x, equation 1 of the paper; shapes as of :meth:`residual`."""
        y = self.residual(x)
        y += self.shortcut(x)
        return self.relu(y)


class Bottleneck(nn.Module):
    """1 × 1 to few maps, 3 × 3 among them, 1 × 1 to four times as many; the input added (figure 5, right).

    Parameters
    ----------
    in_channels : int
        Maps that come in.
    channels : int
        Maps in the middle; four times as many go out.
    stride : int
        Of the block.
    downsample : torch.nn.Module, optional
        As for :class:`BasicBlock`.
    stride_in : {"3x3", "1x1"}
        The convolution that has the stride.  The paper has it in the first 1 × 1, which so passes over three of four
        pixels; in torchvision's networks, sometimes called version 1.5, it is in the 3 × 3.

    Raises
    ------
    TypeError, ValueError
        As for :class:`BasicBlock`; if ``stride_in`` is neither.

    Examples
    --------
    >>> Bottleneck(256, 64)(torch.ones(1, 256, 56, 56)).shape
    torch.Size([1, 256, 56, 56])
    """

    #: How many times ``channels`` maps go out.
    expansion = 4

    def __init__(
        self,
        in_channels: int,
        channels: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        *,
        stride_in: str = "3x3",
    ) -> None:
        super().__init__()
        _check_block(in_channels, channels, stride)
        _check_shortcut(in_channels, self.expansion * channels, stride, downsample)
        first, second = (stride, 1) if one_of("stride_in", stride_in, ("3x3", "1x1")) == "1x1" else (1, stride)
        self.conv1 = nn.Conv2d(in_channels, channels, 1, first, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, second, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3 = nn.Conv2d(channels, self.expansion * channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(self.expansion * channels)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def residual(self, x: torch.Tensor) -> torch.Tensor:
        """F(x), what the block adds.

        Parameters
        ----------
        x : torch.Tensor, shape (N, in_channels, H, W)

        Returns
        -------
        torch.Tensor, shape (N, 4 channels, H / stride, W / stride), rounded up
        """
        x = self.relu(self.bn1(self.conv1(x)))  # → (N, channels, …)
        x = self.relu(self.bn2(self.conv2(x)))
        return self.bn3(self.conv3(x))  # → (N, 4 channels, …)

    def shortcut(self, x: torch.Tensor) -> torch.Tensor:
        """What F(x) is added to: the input, or what ``downsample`` makes of it; shapes as of :meth:`residual`."""
        return x if self.downsample is None else self.downsample(x)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """ReLU of F(x) + x; shapes as of :meth:`residual`."""
        y = self.residual(x)
        y += self.shortcut(x)
        return self.relu(y)


class ResNet(nn.Module):
    """The ImageNet networks of 18, 34, 50, 101 and 152 layers, with torchvision's names and its numbers.

    From 50 layers on the blocks are bottlenecks.  Layers are counted with weights on the way through the blocks: the
    first convolution, those in the blocks, the linear layer at the end; those on the shortcuts are not.  Where the
    shape changes, a 1 × 1 convolution projects the input (the paper's option B).

    Parameters
    ----------
    in_channels : int
        Channels of a picture.
    num_layers : {18, 34, 50, 101, 152}
    num_classes : int
        Scores for each picture.
    stride_in : {"3x3", "1x1"}
        The convolution of a :class:`Bottleneck` that has the stride: as torchvision has it, or as the paper.  The
        weights are the same in number.  Networks of 18 and 34 layers have no bottlenecks, and are the same either way.

    Raises
    ------
    TypeError, ValueError
        If a number is not a whole number of at least 1, or there is no network of so many layers.

    Examples
    --------
    Without numbers, on PyTorch's meta device, it takes no memory:

    >>> with torch.device("meta"):
    ...     resnet = ResNet(num_layers=50)
    >>> resnet(torch.ones(1, 3, 224, 224, device="meta")).shape
    torch.Size([1, 1000])
    >>> sum(weight.numel() for weight in resnet.parameters())
    25557032
    """

    def __init__(
        self, in_channels: int = 3, num_layers: int = 18, num_classes: int = 1000, *, stride_in: str = "3x3"
    ) -> None:
        super().__init__()
        integer("in_channels", in_channels, low=1)
        integer("num_classes", num_classes, low=1)
        one_of("stride_in", stride_in, ("3x3", "1x1"))
        if integer("num_layers", num_layers, low=1) not in STRUCTURES:
            raise ValueError(f"num_layers must be one of {', '.join(map(str, STRUCTURES))}, got {num_layers}")
        self.in_channels, self.stride_in = in_channels, stride_in
        self.conv1 = nn.Conv2d(in_channels, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        block, counts = BasicBlock if num_layers < _DEEP else Bottleneck, STRUCTURES[num_layers]
        self.layer1 = self._stage(block, 64, 64, counts[0], stride=1)
        self.layer2 = self._stage(block, 64 * block.expansion, 128, counts[1], stride=2)
        self.layer3 = self._stage(block, 128 * block.expansion, 256, counts[2], stride=2)
        self.layer4 = self._stage(block, 256 * block.expansion, 512, counts[3], stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512 * block.expansion, num_classes)
        _he_start(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The scores of each class: the highest wins.

        Parameters
        ----------
        x : torch.Tensor, shape (N, in_channels, H, W)
            224 × 224 pixels are usual; the shapes beside the lines are those of 18 and 34 layers.

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
        x = images(x, self.in_channels, 1)
        x = self.relu(self.bn1(self.conv1(x)))  # (N, 3, 224, 224) → (N, 64, 112, 112)
        x = self.maxpool(x)  # → (N, 64, 56, 56)
        x = self.layer1(x)
        x = self.layer2(x)  # → (N, 128, 28, 28)
        x = self.layer3(x)  # → (N, 256, 14, 14)
        x = self.layer4(x)  # → (N, 512, 7, 7)
        x = self.avgpool(x).flatten(1)  # → (N, 512)
        return self.fc(x)  # → (N, num_classes)

    def _stage(
        self, block: type[BasicBlock | Bottleneck], in_channels: int, channels: int, count: int, stride: int
    ) -> nn.Sequential:
        """Blocks of one shape, the first of which comes from another one."""
        options = {"stride_in": self.stride_in} if block is Bottleneck else {}
        out_channels = block.expansion * channels
        changes = stride > 1 or in_channels != out_channels
        downsample = _projection(in_channels, out_channels, stride) if changes else None
        first = block(in_channels, channels, stride, downsample, **options)
        return nn.Sequential(first, *(block(out_channels, channels, **options) for _ in range(count - 1)))


class CifarResNet(nn.Module):
    """The networks that the paper trains on CIFAR-10: a convolution, three stages of equal blocks, a linear layer.

    With n :class:`BasicBlock` in a stage there are 6n + 2 layers: 20, 32, 44, 56, 110.  The stages have 16, 32 and 64
    maps, on 32 × 32, 16 × 16 and 8 × 8 pixels.

    Parameters
    ----------
    depth : int
        Layers with weights: 6n + 2.
    residual : bool
        False for the plain twin: the same layers, and from the same seed the same weights, but nothing is added.
    shortcut : {"A", "B", "C"}
        What the input goes through where it is added: ``"A"``, nothing, but every second row and column, and maps of
        zeros, where the shape changes (the paper's choice here); ``"B"``, a 1 × 1 convolution with batch normalisation
        where the shape changes; ``"C"``, one everywhere.  Whatever is chosen, the other weights begin the same.
    in_channels : int
        Channels of a picture.
    width : int
        Maps of the first stage, 16 in the paper.
    num_classes : int
        Scores for each picture.

    Raises
    ------
    TypeError
        If a number is not whole, or ``residual`` not a bool.
    ValueError
        If ``depth`` is not 6n + 2, another number is below 1, or there is no such shortcut.

    Examples
    --------
    >>> resnet = CifarResNet(20)
    >>> resnet(torch.ones(1, 3, 32, 32)).shape
    torch.Size([1, 10])
    >>> sum(weight.numel() for weight in resnet.parameters())
    269722
    >>> plain = CifarResNet(20, residual=False)
    >>> sum(weight.numel() for weight in plain.parameters())
    269722
    """

    def __init__(
        self,
        depth: int,
        *,
        residual: bool = True,
        shortcut: str = "A",
        in_channels: int = 3,
        width: int = 16,
        num_classes: int = 10,
    ) -> None:
        super().__init__()
        count = _blocks_in_a_stage(depth)
        if not isinstance(residual, bool):
            raise TypeError(f"residual must be True or False, got {residual!r}")
        one_of("shortcut", shortcut, ("A", "B", "C"))
        self.in_channels = integer("in_channels", in_channels, low=1)
        integer("num_classes", num_classes, low=1)
        self.conv1 = nn.Conv2d(in_channels, integer("width", width, low=1), 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.shortcut = shortcut if residual else None
        self.layer1 = self._stage(width, width, count, stride=1)
        self.layer2 = self._stage(width, 2 * width, count, stride=2)
        self.layer3 = self._stage(2 * width, 4 * width, count, stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(4 * width, num_classes)
        _he_start(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The scores of each class: the highest wins.

        Parameters
        ----------
        x : torch.Tensor, shape (N, in_channels, H, W)
            The shapes beside the lines are those of CIFAR-10's pictures, with the paper's 16 maps.

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
        x = images(x, self.in_channels, 1)
        x = self.relu(self.bn1(self.conv1(x)))  # (N, 3, 32, 32) → (N, 16, 32, 32)
        x = self.layer1(x)
        x = self.layer2(x)  # → (N, 32, 16, 16)
        x = self.layer3(x)  # → (N, 64, 8, 8)
        x = self.avgpool(x).flatten(1)  # → (N, 64)
        return self.fc(x)  # → (N, num_classes)

    def _stage(self, in_channels: int, channels: int, count: int, stride: int) -> nn.Sequential:
        """Blocks of one shape, the first of which comes from another one."""
        first = self._block(in_channels, channels, stride)
        return nn.Sequential(first, *(self._block(channels, channels, 1) for _ in range(count - 1)))

    def _block(self, in_channels: int, channels: int, stride: int) -> PlainBlock:
        if self.shortcut is None:
            return PlainBlock(in_channels, channels, stride)
        changes = stride > 1 or in_channels != channels
        downsample = None
        if self.shortcut == "C" or (self.shortcut == "B" and changes):
            downsample = _projection(in_channels, channels, stride)
        elif changes:
            downsample = Subsample(channels, stride)
        return BasicBlock(in_channels, channels, stride, downsample)


class Subsample(nn.Module):
    """A shortcut without weights, the paper's option A: every second row and column, and new maps of zeros.

    Parameters
    ----------
    channels : int
        Maps that go out, at least as many as come in; those that are new are the last.
    stride : int
        From one row or column that is kept to the next.

    Raises
    ------
    TypeError, ValueError
        If a number is not a whole number of at least 1.

    Examples
    --------
    >>> Subsample(2)(torch.arange(9.0).reshape(1, 1, 3, 3))
    tensor([[[[0., 2.],
              [6., 8.]],
    <BLANKLINE>
             [[0., 0.],
              [0., 0.]]]])
    """

    def __init__(self, channels: int, stride: int = 2) -> None:
        super().__init__()
        self.channels, self.stride = integer("channels", channels, low=1), integer("stride", stride, low=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Subsample.

        Parameters
        ----------
        x : torch.Tensor, shape (N, C, H, W)
            With C at most ``channels``.

        Returns
        -------
        torch.Tensor, shape (N, channels, H / stride, W / stride), rounded up

        Raises
        ------
        ValueError
            If there are more maps than ``channels``.
        """
        if x.shape[1] > self.channels:
            raise ValueError(f"x must have at most {self.channels} channels, got {x.shape[1]}")
        x = x[:, :, :: self.stride, :: self.stride]  # (N, C, H, W) → (N, C, H / stride, W / stride)
        return F.pad(x, (0, 0, 0, 0, 0, self.channels - x.shape[1]))  # → (N, channels, …)


def zero_last_gamma(net: nn.Module) -> nn.Module:
    """Set the scale of the last normalisation in each residual block to 0: at first each block adds nothing.

    Each block then passes on its input as it is, or as the shortcut makes it, and the whole network begins as a shallow
    one: of P. Goyal et al., Accurate, large minibatch SGD, arXiv 1706.02677 (2017), section 5.1.

    Parameters
    ----------
    net : torch.nn.Module
        Changed in place.

    Returns
    -------
    torch.nn.Module
        The network.

    Raises
    ------
    ValueError
        If it has no residual blocks.

    Examples
    --------
    >>> zero_last_gamma(CifarResNet(8)).layer3[0].bn2.weight.abs().max().item()
    0.0
    """
    blocks = [module for module in net.modules() if isinstance(module, BasicBlock | Bottleneck)]
    if not blocks:
        raise ValueError("net must have residual blocks, got one that adds nothing")
    for block in blocks:
        nn.init.zeros_((block.bn3 if isinstance(block, Bottleneck) else block.bn2).weight)
    return net


def _projection(in_channels: int, channels: int, stride: int) -> nn.Sequential:
    """A shortcut that learns: 1 × 1, and batch normalisation."""
    # Drawn only by _he_start, behind all others: so the other weights do not depend on whether it is there.
    device = torch.get_default_device()
    conv = nn.utils.skip_init(nn.Conv2d, in_channels, channels, 1, stride=stride, bias=False, device=device)
    return nn.Sequential(conv, nn.BatchNorm2d(channels))


def _he_start(net: nn.Module) -> None:
    """The convolutions' weights by the outputs' number: He's rule, so that the gradient keeps its variance."""
    layers = [(name, module) for name, module in net.named_modules() if isinstance(module, nn.Conv2d)]
    for _, layer in sorted(layers, key=lambda pair: ".downsample." in pair[0]):
        nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")


def _blocks_in_a_stage(depth: int) -> int:
    """n of 6n + 2."""
    if integer("depth", depth, low=1) % 6 != 2 or depth < 8:
        raise ValueError(f"depth must be 6n + 2, as 8, 14, 20, 32, 44, 56 or 110 is, got {depth}")
    return (depth - 2) // 6


def _check_block(in_channels: int, channels: int, stride: int) -> None:
    for name, number in (("in_channels", in_channels), ("channels", channels), ("stride", stride)):
        integer(name, number, low=1)


def _check_shortcut(in_channels: int, out_channels: int, stride: int, downsample: nn.Module | None) -> None:
    """Whether what is added has the shape of what it is added to."""
    if downsample is None and (stride > 1 or in_channels != out_channels):
        raise ValueError(
            f"downsample must be a module where the shape changes, got None for {in_channels} maps in, "
            f"{out_channels} out and stride {stride}"
        )
