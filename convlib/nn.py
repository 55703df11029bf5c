"""Layers for PyTorch that it does not have itself."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import nn
from torch.nn.functional import conv2d

from convlib._validate import integer
from convlib.shapes import same_padding


class Conv2dSame(nn.Module):
    """A convolution layer whose output has as many rows and columns as its input; the padding may be a reflection.

    Square kernels only, stride 1, dilation 1, no groups.  A kernel of k taps needs k - 1 pixels more in each direction.
    Where that is odd, for an even kernel, the right and the lower side get one more than the left and the upper, as in
    PyTorch's own ``padding="same"``, which this equals when ``padding_layer`` is :class:`torch.nn.ZeroPad2d`.

    Parameters
    ----------
    in_channels, out_channels : int
        Channels that come in and go out.
    kernel_size : int
        Rows and columns of the kernel, odd or even.
    bias : bool
        Whether each output channel has a bias.
    padding_layer : callable
        Makes the layer that pads from (left, right, above, below): :class:`torch.nn.ReflectionPad2d`,
        :class:`~torch.nn.ReplicationPad2d`, :class:`~torch.nn.CircularPad2d`, :class:`~torch.nn.ZeroPad2d`.

    Raises
    ------
    TypeError, ValueError
        If a number is not a whole number of at least 1.

    Examples
    --------
    >>> conv = Conv2dSame(in_channels=1, out_channels=3, kernel_size=4)
    >>> conv(torch.ones(16, 1, 32, 100)).shape
    torch.Size([16, 3, 32, 100])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        bias: bool = True,
        padding_layer: Callable[[tuple[int, int, int, int]], nn.Module] = nn.ReflectionPad2d,
    ) -> None:
        super().__init__()
        integer("in_channels", in_channels, low=1)
        integer("out_channels", out_channels, low=1)
        before, after = same_padding(integer("kernel_size", kernel_size, low=1))
        self.pad = padding_layer((before, after, before, after))
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, bias=bias)
        self.least = _least_pixels(self.pad, after)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pad, then convolve.

        Parameters
        ----------
        x : torch.Tensor, shape (N, in_channels, H, W) or (in_channels, H, W)

        Returns
        -------
        torch.Tensor, shape (N, out_channels, H, W) or (out_channels, H, W)

        Raises
        ------
        ValueError
            If there are fewer rows or columns than the padding has to take its pixels from.
        """
        _enough(x, self.least, self.pad, self.conv.kernel_size[0])
        return self.conv(self.pad(x))  # (N, in_channels, H + k - 1, W + k - 1) → (N, out_channels, H, W)


class BlurPool(nn.Module):
    """Every second pixel of each channel, or every so many-th, behind a blur that leaves less between them to miss.

    What comes out depends less on which pixels are kept, so that a network answers more alike to a picture that is
    moved by one.  Max pooling becomes ``nn.MaxPool2d(2, stride=1)`` and this; a convolution with stride 2 and its ReLU
    become both with stride 1, and this.

    Parameters
    ----------
    channels : int
        That come in, and go out.
    size : int
        Rows and columns of the kernel: the binomial coefficients in both directions, divided by their sum.  1 2 1 for
        size 3; size 1 does not blur.
    stride : int
        From one pixel that is kept to the next.

    Raises
    ------
    TypeError, ValueError
        If a number is not a whole number of at least 1.

    References
    ----------
    R. Zhang, "Making Convolutional Networks Shift-Invariant Again", International Conference on Machine Learning
    (2019), arXiv 1904.11486.

    Notes
    -----
    Beyond the border the picture is reflected.  The kernel is not learned, and is no part of the ``state_dict``.

    Examples
    --------
    >>> BlurPool(channels=3)(torch.ones(16, 3, 32, 101)).shape
    torch.Size([16, 3, 16, 51])
    >>> BlurPool(1).kernel[0, 0] * 16
    tensor([[1., 2., 1.],
            [2., 4., 2.],
            [1., 2., 1.]])
    """

    def __init__(self, channels: int, size: int = 3, stride: int = 2) -> None:
        super().__init__()
        integer("channels", channels, low=1)
        before, after = same_padding(integer("size", size, low=1))
        self.stride = integer("stride", stride, low=1)
        self.pad = nn.ReflectionPad2d((before, after, before, after))
        self.least = _least_pixels(self.pad, after)
        taps = torch.tensor([math.comb(size - 1, k) / 2 ** (size - 1) for k in range(size)])
        self.register_buffer("kernel", torch.outer(taps, taps).repeat(channels, 1, 1, 1), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pad, then blur, only where a pixel is kept.

        Parameters
        ----------
        x : torch.Tensor, shape (N, channels, H, W) or (channels, H, W)

        Returns
        -------
        torch.Tensor, shape (N, channels, ⌈H / stride⌉, ⌈W / stride⌉) or (channels, ⌈H / stride⌉, ⌈W / stride⌉)

        Raises
        ------
        ValueError
            If there are fewer rows or columns than the padding has to take its pixels from.
        """
        channels, side = self.kernel.shape[0], self.kernel.shape[-1]
        _enough(x, self.least, self.pad, side)
        return conv2d(self.pad(x), self.kernel, stride=self.stride, groups=channels)


def _enough(x: torch.Tensor, least: int, pad: nn.Module, side: int) -> None:
    """Raise a ValueError if a picture has fewer rows or columns than its padding needs."""
    rows, columns = x.shape[-2:]
    if min(rows, columns) < least:
        raise ValueError(
            f"x must have at least {least} rows and columns for {type(pad).__name__} and a kernel of "
            f"{side} × {side}, got {rows} × {columns}"
        )


def _least_pixels(pad: nn.Module, after: int) -> int:
    """Rows and columns that a padding takes its own from: a reflection does not repeat the outermost pixel."""
    if isinstance(pad, nn.ReflectionPad2d):
        return after + 1
    return max(after, 1) if isinstance(pad, nn.CircularPad2d) else 1
