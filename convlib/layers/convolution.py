"""The convolution layer, forward and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from convlib._validate import integer
from convlib.layers.base import Layer, images, pair, uniform
from convlib.shapes.sizes import output_size


class Conv2d(Layer):
    r"""A convolution layer, :class:`torch.nn.Conv2d` in NumPy: like every such layer it correlates, and flips nothing.

    Output channel o at row r, column c is a bias and what a window of x, weighted, comes to.  With stride s, padding p
    and dilation d

    .. math:: y[n, o, r, c] = b[o] + \sum_{i, k, l} w[o, i, k, l]\, x[n, i, sr + dk - p, sc + dl - p],

    where x is 0 outside.  With groups, i runs only over the input channels in the group of o.

    Parameters
    ----------
    in_channels, out_channels : int
        C and O, channels that come in and go out.
    kernel_size : int or (int, int)
        kh and kw, rows and columns of taps; a number stands for both, here and below.
    stride : int or (int, int)
        s, from one place of the window to the next.
    padding : int or (int, int)
        p, the zeros added at *each* end.
    dilation : int or (int, int)
        d, from one tap to the next.
    groups : int
        G: the channels are dealt into so many groups, each of which is convolved by itself.
    bias : bool
        Whether each output channel has a bias.
    seed : int
        Of ``numpy.random.default_rng``, from which weights, then biases are drawn, evenly between ±1/√fan_in, PyTorch's
        range; fan_in = C/G · kh · kw.  Give each layer of a network another.

    Attributes
    ----------
    weight, weight_grad : numpy.ndarray, shape (O, C/G, kh, kw)
    bias, bias_grad : numpy.ndarray, shape (O,)
        None without bias.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if a number is not whole or below 1 (padding, seed: below 0), a pair has other than two, or
        the groups do not divide both numbers of channels.

    Examples
    --------
    >>> conv = Conv2d(in_channels=3, out_channels=8, kernel_size=5, stride=2)
    >>> conv
    Conv2d(weight (8, 3, 5, 5), bias (8,))
    >>> conv(np.ones((16, 3, 32, 32))).shape
    (16, 8, 14, 14)

    Going back, dL/dx is the *convolution* of dL/dy with the weights: what was only laid on on the way there is flipped
    on the way back.

    >>> from convlib import convolve, correlate
    >>> edge = Conv2d(1, 1, (1, 3), bias=False)
    >>> edge.weight = np.array([[[[1, 2, 3]]]])
    >>> edge([[[[0, 1, 0, 0, 4]]]])
    array([[[[ 2.,  1., 12.]]]])
    >>> edge.backward([[[[1, 0, 10]]]]), convolve([1, 0, 10], [1, 2, 3])
    (array([[[[ 1.,  2., 13., 20., 30.]]]]), array([ 1,  2, 13, 20, 30]))

    And dL/dweight is x correlated with dL/dy.

    >>> edge.weight_grad, correlate([0, 1, 0, 0, 4], [1, 0, 10], "valid")
    (array([[[[ 0.,  1., 40.]]]]), array([ 0,  1, 40]))
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        seed: int = 0,
    ) -> None:
        self.in_channels = integer("in_channels", in_channels, low=1)
        self.out_channels = integer("out_channels", out_channels, low=1)
        self.kernel_size = pair("kernel_size", kernel_size, low=1)
        self.stride = pair("stride", stride, low=1)
        self.padding = pair("padding", padding, low=0)
        self.dilation = pair("dilation", dilation, low=1)
        self.groups = integer("groups", groups, low=1)
        _divides(self.groups, in_channels=self.in_channels, out_channels=self.out_channels)
        self.shape = (self.out_channels, self.in_channels // self.groups, *self.kernel_size)  # (O, C/G, kh, kw)
        rng, fan_in = np.random.default_rng(integer("seed", seed, low=0)), int(np.prod(self.shape[1:]))
        self.weight = uniform(rng, fan_in, self.shape)
        self.bias = uniform(rng, fan_in, self.shape[:1]) if bias else None

    def forward(self, x: ArrayLike) -> np.ndarray:
        """Every window of an image becomes a column of a matrix (*im2col*), which the weights multiply.

        Image by image: the columns of one fit into the processor's cache, those of a whole batch would not.  They are
        kept for :meth:`backward`, which takes kh kw times the memory of x.

        Parameters
        ----------
        x : array_like, shape (N, C, H, W)

        Returns
        -------
        numpy.ndarray, shape (N, O, H', W')
            As :func:`convlib.shapes.sizes.output_size` has it.

        Raises
        ------
        TypeError, ValueError
            If x has other axes or channels, nothing or complex numbers in it, or is smaller than the kernel; if a
            parameter was replaced by one of another shape.
        """
        x = images("x", x, self.in_channels)
        size = output_size(x.shape[2:], self.kernel_size, self.stride, self.padding, self.dilation)
        weight = self._weight_rows(x.dtype)  # (G, O/G, C/G kh kw)
        self.padded = padded(x, self.padding)  # (N, C, H + 2p, W + 2p)
        self.y = np.empty((len(x), self.out_channels, *size), x.dtype)  # (N, O, H', W')
        self.columns = []  # of each image, (G, C/G kh kw, H' W')
        for y, seen in zip(self.y, self._windows(self.padded), strict=True):
            self.columns.append(self._columns(seen))
            y = y.reshape(*weight.shape[:2], -1)  # (O, H', W') → (G, O/G, H' W'), a view
            np.matmul(weight, self.columns[-1], out=y)
        if self.bias is not None:
            self.y += self._parameter("bias", self.shape[:1], x.dtype)[:, np.newaxis, np.newaxis]
        return self.y

    def backward(self, dy: ArrayLike) -> np.ndarray:
        """The transposed matrices, in reverse order; each window then gives back to the pixels that it was made of.

        Pixels in several windows add up what they get, pixels in none, which the stride left over at the end, get 0.

        Parameters
        ----------
        dy : array_like, shape (N, O, H', W')
            dL/dy.

        Returns
        -------
        numpy.ndarray, shape (N, C, H, W)
            dL/dx; ``weight_grad`` and ``bias_grad`` are set.

        Raises
        ------
        RuntimeError
            If there was no :meth:`forward`.
        TypeError, ValueError
            If dy has not the shape of its output, or holds no real numbers.
        """
        dy = self._gradient(dy)
        weight = self._weight_rows(dy.dtype)  # (G, O/G, C/G kh kw)
        dweight = np.zeros(weight.mT.shape, dy.dtype)  # transposed: faster
        dpadded = np.empty_like(self.padded)  # (N, C, H + 2p, W + 2p)
        shape = self._windows(self.padded).shape[1:]  # (C, kh, kw, H', W')
        for n, dy_n in enumerate(dy):  # of one image
            dy_n = dy_n.reshape(*weight.shape[:2], -1)  # (G, O/G, H' W')
            dweight += self.columns[n] @ dy_n.mT
            dcolumns = weight.mT @ dy_n  # (G, C/G kh kw, H' W')
            dpadded[n] = self._fold(dcolumns.reshape(shape))
        self.weight_grad = dweight.mT.reshape(self.shape)
        if self.bias is not None:
            self.bias_grad = dy.sum(axis=(0, 2, 3))  # (O,)
        return unpadded(dpadded, self.padding)  # (N, C, H, W)

    def _weight_rows(self, dtype: np.dtype) -> np.ndarray:
        """The weights of each output channel as a row of its group's matrix: (O, C/G, kh, kw) → (G, O/G, C/G kh kw)."""
        weight = self._parameter("weight", self.shape, dtype)
        return weight.reshape(self.groups, self.out_channels // self.groups, -1)

    def _windows(self, padded: np.ndarray) -> np.ndarray:
        """(N, C, H + 2p, W + 2p) → (N, C, kh, kw, H', W')."""
        return windows(padded, self.kernel_size, self.stride, self.dilation)

    def _columns(self, seen: np.ndarray) -> np.ndarray:
        """Each window of an image as a column: (C, kh, kw, H', W') → (G, C/G kh kw, H' W')."""
        return seen.reshape(self.groups, -1, seen[0, 0, 0].size)

    def _fold(self, terms: np.ndarray) -> np.ndarray:
        """What one image gets from its windows: (C, kh, kw, H', W') → (C, H + 2p, W + 2p)."""
        return fold(terms, self.padded.shape[2:], self.stride, self.dilation)


def padded(x: np.ndarray, padding: tuple[int, int], value: float = 0) -> np.ndarray:
    """A copy with rows of ``value`` above and below, and columns of it left and right.

    Parameters
    ----------
    x : numpy.ndarray, shape (N, C, H, W)
    padding : (int, int)
        p, for rows and for columns.
    value : float
        What stands there.

    Returns
    -------
    numpy.ndarray, shape (N, C, H + 2p, W + 2p)

    Examples
    --------
    >>> padded(np.ones((1, 1, 1, 2)), (1, 0))
    array([[[[0., 0.],
             [1., 1.],
             [0., 0.]]]])
    """
    rows, columns = padding
    return np.pad(x, ((0, 0), (0, 0), (rows, rows), (columns, columns)), constant_values=value)


def unpadded(x: np.ndarray, padding: tuple[int, int]) -> np.ndarray:
    """What is left when that is cut off again, a view: (N, C, H + 2p, W + 2p) → (N, C, H, W).

    Examples
    --------
    >>> unpadded(np.arange(6.0).reshape(1, 1, 3, 2), (1, 0))
    array([[[[2., 3.]]]])
    """
    rows, columns = padding
    return x[:, :, rows : x.shape[2] - rows, columns : x.shape[3] - columns]


def windows(
    x: np.ndarray, kernel_size: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int] = (1, 1)
) -> np.ndarray:
    """What each tap sees at each place of the window: a view, which repeats no pixel.

    Parameters
    ----------
    x : numpy.ndarray, shape (N, C, H, W)
        Padded already.
    kernel_size, stride, dilation : (int, int)
        For rows and for columns.

    Returns
    -------
    numpy.ndarray, shape (N, C, kh, kw, H', W')
        ``windows(x, …)[n, c, k, l]`` is the image that tap (k, l) sees; ``[n, c, :, :, r, c]`` is the window at (r, c).

    Examples
    --------
    >>> windows(np.arange(5)[np.newaxis, np.newaxis, np.newaxis], (1, 3), stride=(1, 2))[0, 0, 0, :, 0]
    array([[0, 2],
           [1, 3],
           [2, 4]])
    """
    reach = [d * (k - 1) + 1 for k, d in zip(kernel_size, dilation, strict=True)]
    view = np.lib.stride_tricks.sliding_window_view(x, reach, axis=(2, 3))
    (down, right), (below, beside) = stride, dilation
    view = view[:, :, ::down, ::right, ::below, ::beside]  # (N, C, H', W', kh, kw)
    return view.transpose(0, 1, 4, 5, 2, 3)  # (N, C, kh, kw, H', W')


def fold(
    terms: np.ndarray, size: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int] = (1, 1)
) -> np.ndarray:
    """What each pixel gets from all windows that it lies in, added up: the transpose of :func:`windows`.

    Tap after tap: a pixel lies in several windows, but under one tap only once.  All that a tap gives is spread out as
    the windows stand, and added as far behind as the tap lies behind the first.

    Parameters
    ----------
    terms : numpy.ndarray, shape (…, kh, kw, H', W')
        What tap (k, l) of the window at (r, c) gives to its pixel.
    size : (int, int)
        Rows and columns of the padded image.
    stride, dilation : (int, int)
        As for :func:`windows`.

    Returns
    -------
    numpy.ndarray, shape (…, H + 2p, W + 2p)
        0 where no window reaches.

    Examples
    --------
    >>> fold(np.ones((1, 3, 1, 2)), (1, 5), stride=(1, 2))
    array([[1., 1., 2., 1., 1.]])
    """
    *batch, high, wide, rows, columns = terms.shape
    (down, right), (below, beside) = stride, dilation
    x, spread = np.zeros((2, *batch, *size), terms.dtype)
    places = spread[..., : rows * down : down, : columns * right : right]  # (…, H', W')
    for k, l in np.ndindex(high, wide):
        places[:] = terms[..., k, l, :, :]
        # All as one long row, faster than row by row: what is carried over the end of a row or an image is 0.
        behind = k * below * size[1] + l * beside
        x.reshape(-1)[behind:] += spread.reshape(-1)[: x.size - behind]
    return x


def _divides(groups: int, **channels: int) -> None:
    for name, count in channels.items():
        if count % groups:
            raise ValueError(f"groups must divide {name}, but {count} is no multiple of {groups}")
