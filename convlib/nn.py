"""Layers for PyTorch that it does not have itself."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

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
        rows, columns = x.shape[-2:]
        if min(rows, columns) < self.least:
            side = self.conv.kernel_size[0]
            raise ValueError(
                f"x must have at least {self.least} rows and columns for {type(self.pad).__name__} and a kernel of "
                f"{side} × {side}, got {rows} × {columns}"
            )
        return self.conv(self.pad(x))  # (N, in_channels, H + k - 1, W + k - 1) → (N, out_channels, H, W)


def _least_pixels(pad: nn.Module, after: int) -> int:
    """Rows and columns that a padding takes its own from: a reflection does not repeat the outermost pixel."""
    if isinstance(pad, nn.ReflectionPad2d):
        return after + 1
    return max(after, 1) if isinstance(pad, nn.CircularPad2d) else 1
