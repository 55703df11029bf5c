"""Conv2dSame: as large as its input, PyTorch's own with zero padding, a sentence where there is too little to pad.

BlurPool: a blur by hand, then every so many-th pixel.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from convlib.nn import BlurPool, Conv2dSame

SIDES = range(1, 9)
PADDINGS = [nn.ReflectionPad2d, nn.ReplicationPad2d, nn.CircularPad2d, nn.ZeroPad2d]
MODES = {nn.ReflectionPad2d: "reflect", nn.ReplicationPad2d: "replicate", nn.CircularPad2d: "circular"}

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")


def image(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(3), dtype=torch.float64)


@pytest.mark.parametrize("side", SIDES)
def test_the_size_stays(side):
    """The example of the docstring, with every kernel size; one image alone, too."""
    conv = Conv2dSame(in_channels=1, out_channels=3, kernel_size=side)
    assert conv(torch.ones(16, 1, 32, 100)).shape == (16, 3, 32, 100)
    assert conv(torch.ones(1, 32, 100)).shape == (3, 32, 100)


@pytest.mark.parametrize("side", SIDES)
def test_zero_padding_is_pytorchs_same(side):
    """The same numbers from the same weights, even kernels included."""
    conv = Conv2dSame(2, 3, side, padding_layer=nn.ZeroPad2d).double()
    theirs = nn.Conv2d(2, 3, side, padding="same").double()
    theirs.load_state_dict(conv.conv.state_dict())
    x = image(2, 2, 9, 11)
    torch.testing.assert_close(conv(x), theirs(x), rtol=0, atol=1e-13)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("side", SIDES)
def test_what_is_padded(side, padding):
    """One pixel more on the right and below where the kernel is even."""
    conv = Conv2dSame(1, 1, side, padding_layer=padding).double()
    x, before, after = image(1, 1, 9, 12), (side - 1) // 2, side // 2
    mode = MODES.get(padding, "constant")
    padded = F.pad(x, (before, after, before, after), mode=mode)
    torch.testing.assert_close(conv(x), F.conv2d(padded, conv.conv.weight, conv.conv.bias))


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("side", SIDES)
def test_the_least_image(side, padding):
    """The limit is the layer's own: one pixel fewer, and PyTorch refuses, too."""
    conv = Conv2dSame(1, 1, side, padding_layer=padding)
    least = conv.least
    assert conv(torch.ones(1, 1, least, 20)).shape == (1, 1, least, 20)
    if least == 1:
        return
    for shape in ((least - 1, 20), (20, least - 1)):
        x = torch.ones(1, 1, *shape)
        name, (rows, columns) = padding.__name__, shape
        message = (
            f"at least {least} rows and columns for {name} and a kernel of {side} × {side}, got {rows} × {columns}"
        )
        with pytest.raises(ValueError, match=message):
            conv(x)
        with pytest.raises(RuntimeError):
            conv.pad(x)


def test_parameters_and_training():
    """A bias or none; gradients reach the weights and the input."""
    conv = Conv2dSame(2, 3, 4, bias=False)
    assert [tuple(weight.shape) for weight in conv.parameters()] == [(3, 2, 4, 4)]
    x = torch.ones(1, 2, 8, 8, requires_grad=True)
    conv(x).sum().backward()
    assert torch.isfinite(conv.conv.weight.grad).all()
    assert x.grad.shape == x.shape


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0, 1, 3), ValueError, "in_channels must be at least 1, got 0"),
        ((1, 2.0, 3), TypeError, r"out_channels must be a whole number, got 2\.0"),
        ((1, 1, 0), ValueError, "kernel_size must be at least 1, got 0"),
        ((1, 1, (3, 3)), TypeError, r"kernel_size must be a whole number, got \(3, 3\) of type tuple"),
    ],
)
def test_impossible_layers(arguments, error, message):
    """The error names the argument."""
    with pytest.raises(error, match=message):
        Conv2dSame(*arguments)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("size", range(1, 8))
def test_blur_pool_is_a_reflection_a_convolution_and_a_choice(size, stride):
    """The binomial kernel by repeated 1 1, over the reflected picture; every so many-th pixel of that."""
    x, taps = image(2, 3, 9, 12), np.ones(1)
    for _ in range(size - 1):
        taps = np.convolve(taps, [0.5, 0.5])
    before, after = (size - 1) // 2, size // 2
    padded = F.pad(x, (before, after, before, after), mode="reflect")
    kernel = torch.from_numpy(np.outer(taps, taps)).expand(3, 1, size, size)
    expected = F.conv2d(padded, kernel, groups=3)[..., ::stride, ::stride]
    pool = BlurPool(3, size, stride).double()
    torch.testing.assert_close(pool(x), expected)
    torch.testing.assert_close(pool(x[0]), expected[0])


@settings(max_examples=50, deadline=None)
@given(rows=st.integers(2, 20), columns=st.integers(2, 20), stride=st.integers(1, 4), value=st.floats(-9, 9))
def test_blur_pool_keeps_the_mean_and_the_size_of_subsampling(rows, columns, stride, value):
    """An even picture stays so, at the border too; as many pixels as a slice has."""
    found = BlurPool(2, 3, stride)(torch.full((1, 2, rows, columns), value))
    assert found.shape == torch.empty(1, 2, rows, columns)[..., ::stride, ::stride].shape
    torch.testing.assert_close(found, torch.full_like(found, value))


def test_blur_pool_hides_the_finest_stripes():
    """Which of two pixels is kept makes all the difference without a blur, and none with 1 2 1."""
    stripes = torch.tensor([0.0, 1.0]).repeat(8).expand(1, 1, 16, 16)
    moved = stripes.roll(1, 3)
    plain, blurred = BlurPool(1, size=1), BlurPool(1, size=3)
    assert (plain(stripes) - plain(moved)).abs().min() == 1
    assert torch.equal(blurred(stripes), blurred(moved))


def test_blur_pool_is_not_learned():
    """No parameters and nothing in the state; the gradient is the transpose of what it does."""
    pool = BlurPool(2).double()
    assert not list(pool.parameters())
    assert not pool.state_dict()
    assert torch.autograd.gradcheck(pool, image(1, 2, 5, 6).requires_grad_())


@pytest.mark.parametrize("size", range(1, 8))
def test_blur_pool_least_image(size):
    """One pixel fewer than the layer's own limit, and PyTorch refuses, too."""
    pool = BlurPool(1, size)
    assert pool(torch.ones(1, 1, pool.least, 20)).shape == (1, 1, -(-pool.least // 2), 10)
    if pool.least > 1:
        x = torch.ones(1, 1, pool.least - 1, 20)
        with pytest.raises(
            ValueError, match=f"at least {pool.least} rows and columns for ReflectionPad2d and a kernel"
        ):
            pool(x)
        with pytest.raises(RuntimeError):
            pool.pad(x)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((0,), ValueError, "channels must be at least 1, got 0"),
        ((1, 0), ValueError, "size must be at least 1, got 0"),
        ((1, 3, 2.0), TypeError, r"stride must be a whole number, got 2\.0"),
    ],
)
def test_impossible_blur_pools(arguments, error, message):
    """The error names the argument."""
    with pytest.raises(error, match=message):
        BlurPool(*arguments)
