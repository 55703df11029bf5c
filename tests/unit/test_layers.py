"""The layers in NumPy against PyTorch's, forward and back; gradients against differences; every refusal."""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

import convlib
from convlib.layers import (
    SGD,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Sequential,
    Tanh,
    softmax_cross_entropy,
)
from convlib.layers.base import uniform
from convlib.layers.convolution import fold, padded, windows

seeds = st.integers(0, 2**32 - 1)


@pytest.fixture(autouse=True)
def one_thread():
    """Small problems: two threads would wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def numbers(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def close(ours, theirs, rtol=1e-10):
    """As near as ``rtol`` of the largest number."""
    theirs = theirs.detach().numpy()
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol * max(1, np.abs(theirs).max()))


def give_parameters(layer, other):
    """PyTorch's to ours."""
    for (holder, name), parameter in zip(layer.parameters(), other.parameters(), strict=True):
        setattr(holder, name, parameter.detach().numpy().copy())


def compare(layer, other, x, seed, rtol=1e-10):
    """Forward, and back from a random dL/dy: y, dx and the gradients of all parameters."""
    theirs = torch.tensor(x, requires_grad=True)
    y, expected = layer(x), other(theirs)
    close(y, expected, rtol)
    dy = numbers(seed + 1, *y.shape).astype(x.dtype)
    dx = layer.backward(dy)
    expected.backward(torch.tensor(dy))
    close(dx, theirs.grad, rtol)
    for (holder, name), parameter in zip(layer.parameters(), other.parameters(), strict=True):
        close(getattr(holder, f"{name}_grad"), parameter.grad, rtol)
    return y, dx


# ---- the convolution ------------------------------------------------------------------------------------------------


@st.composite
def convolutions(draw):
    """Arguments of a Conv2d, and an x that it takes: all settings, each axis with its own."""
    pairs = lambda low, high: st.tuples(st.integers(low, high), st.integers(low, high))  # noqa: E731
    groups = draw(st.integers(1, 3))
    channels = [groups * draw(st.integers(1, 3)) for _ in range(2)]
    kernel, stride, padding, dilation = draw(pairs(1, 4)), draw(pairs(1, 4)), draw(pairs(0, 3)), draw(pairs(1, 3))
    size = draw(pairs(1, 10))
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    assume(all(n + 2 * p >= r for n, p, r in zip(size, padding, reach, strict=True)))
    x = numbers(draw(seeds), draw(st.integers(1, 3)), channels[0], *size)
    return (*channels, kernel, stride, padding, dilation, groups, draw(st.booleans())), x


def left_over(arguments, x):
    """Rows and columns at the end that no window reaches."""
    _, _, kernel, stride, padding, dilation, _, _ = arguments
    axes = zip(x.shape[2:], kernel, stride, padding, dilation, strict=True)
    return [(n + 2 * p - d * (k - 1) - 1) % s for n, k, s, p, d in axes]


def test_conv2d_is_pytorchs():
    """y, dL/dx, dL/dweight and dL/dbias for all settings; some leave rows over, and these get no gradient."""
    seen = {"left over": 0, "dead": 0, "none": 0, "groups": 0}

    @given(convolutions(), seeds)
    @settings(max_examples=250)
    def check(problem, seed):
        arguments, x = problem
        other = nn.Conv2d(*arguments, dtype=torch.float64)
        layer = Conv2d(*arguments)
        give_parameters(layer, other)
        _, dx = compare(layer, other, x, seed)
        rest = left_over(arguments, x)
        for axis, (over, padding) in enumerate(zip(rest, arguments[4], strict=True)):
            dead = max(over - padding, 0)
            seen["dead"] += dead > 0
            assert np.all(np.moveaxis(dx, 2 + axis, 0)[x.shape[2 + axis] - dead :] == 0)
        seen["left over" if any(rest) else "none"] += 1
        seen["groups"] += arguments[6] > 1

    check()
    assert min(seen.values()) >= 5, seen


def test_conv2d_with_whole_numbers():
    """One number for both axes, as pairs of it."""
    x = numbers(1, 2, 4, 9, 8)
    ours, pairs = Conv2d(4, 6, 3, 2, 1, 2, 2, seed=5), Conv2d(4, 6, (3, 3), [2, 2], (1, 1), (2, 2), 2, seed=5)
    np.testing.assert_array_equal(ours(x), pairs(x))
    assert ours.stride == pairs.stride == (2, 2)


@given(st.integers(1, 8), st.integers(1, 8), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), seeds)
def test_back_is_a_convolution(rows, columns, high, wide, stride, seed):
    """dL/dx is dL/dy, with stride - 1 zeros between, convolved with the kernel; dL/dw is x correlated with dL/dy."""
    assume(high <= rows and wide <= columns)
    layer = Conv2d(1, 1, (high, wide), stride, bias=False, seed=seed)
    x = numbers(seed, 1, 1, rows, columns)
    dy = numbers(seed + 1, *layer(x).shape)
    dx = layer.backward(dy)[0, 0]
    apart = np.zeros((rows - high + 1, columns - wide + 1))  # as many as with stride 1: at the end the zeros left over
    apart[::stride, ::stride] = dy
    np.testing.assert_allclose(dx, convlib.convolve(apart, layer.weight[0, 0], "full", "taps"), atol=1e-12)
    dw = convlib.correlate(x[0, 0], apart, "valid", method="taps")
    np.testing.assert_allclose(layer.weight_grad[0, 0], dw, atol=1e-12)


def test_windows_are_views():
    """Nothing is copied until they are multiplied; padding is a copy even where there is none."""
    x = np.zeros((2, 3, 7, 8))
    seen = windows(x, (3, 2), (2, 1), (2, 3))
    assert seen.shape == (2, 3, 3, 2, 2, 5)
    assert np.shares_memory(seen, x)
    assert padded(x, (0, 0)) is not x
    assert not np.shares_memory(padded(x, (0, 0)), x)


@given(convolutions(), seeds)
def test_fold_is_pytorchs(problem, seed):
    """Of a batch and of one image; what one tap gives reaches one pixel only, even if it is NaN."""
    (_, _, kernel, stride, padding, dilation, _, _), x = problem
    x = padded(x, padding)
    shape, size = windows(x, kernel, stride, dilation).shape, x.shape[2:]
    terms = numbers(seed, *shape)  # (N, C, kh, kw, H', W')
    found = fold(terms, size, stride, dilation)
    columns = torch.tensor(terms).reshape(len(x), -1, shape[-2] * shape[-1])
    close(found, nn.functional.fold(columns, size, kernel, dilation, stride=stride))
    np.testing.assert_array_equal(fold(terms[-1], size, stride, dilation), found[-1])
    terms[0, 0, -1, -1, -1, -1] = np.nan
    assert np.isnan(fold(terms, size, stride, dilation)).sum() == 1


def test_weights_to_begin_with():
    """The seed decides; the range is PyTorch's; another fan-in, another range."""
    first, again, other = Conv2d(3, 8, 5, seed=1), Conv2d(3, 8, 5, seed=1), Conv2d(3, 8, 5, seed=2)
    np.testing.assert_array_equal(first.weight, again.weight)
    np.testing.assert_array_equal(first.bias, again.bias)
    assert not np.any(first.weight == other.weight)
    torch.manual_seed(0)
    for ours, theirs in [
        (Conv2d(6, 300, (3, 5), groups=2), nn.Conv2d(6, 300, (3, 5), groups=2)),
        (Linear(45, 300), nn.Linear(45, 300)),
    ]:
        for name, parameter in theirs.named_parameters():
            mine, parameter = getattr(ours, name), parameter.detach().numpy()
            assert mine.shape == parameter.shape
            assert np.abs(mine).max() <= 1 / np.sqrt(45)
            np.testing.assert_allclose(np.abs(mine).max(), np.abs(parameter).max(), rtol=0.02)
            np.testing.assert_allclose(mine.std(), parameter.std(), rtol=0.15)
    assert uniform(np.random.default_rng(0), 100, (2, 3)).shape == (2, 3)


# ---- every layer ----------------------------------------------------------------------------------------------------

IMAGES = (3, 4, 6, 7)
#: Ours, PyTorch's, the shape of x.
PAIRS = {
    "Conv2d": (lambda: Conv2d(4, 6, 3, 2, 1, groups=2, seed=7), lambda: nn.Conv2d(4, 6, 3, 2, 1, groups=2), IMAGES),
    "MaxPool2d": (lambda: MaxPool2d(3, 2, 1), lambda: nn.MaxPool2d(3, 2, 1), IMAGES),
    "AvgPool2d": (lambda: AvgPool2d(3, 2, 1), lambda: nn.AvgPool2d(3, 2, 1), IMAGES),
    "Linear": (lambda: Linear(4, 3, seed=7), lambda: nn.Linear(4, 3), (5, 4)),
    "Linear without bias": (lambda: Linear(4, 3, bias=False), lambda: nn.Linear(4, 3, bias=False), (5, 4)),
    "Flatten": (Flatten, nn.Flatten, IMAGES),
    "ReLU": (ReLU, nn.ReLU, IMAGES),
    "Tanh": (Tanh, nn.Tanh, IMAGES),
    "BatchNorm2d": (lambda: BatchNorm2d(4), lambda: nn.BatchNorm2d(4), IMAGES),
    "BatchNorm2d, eval": (lambda: answering(BatchNorm2d(4)), lambda: nn.BatchNorm2d(4).eval(), IMAGES),
    "Dropout, eval": (lambda: answering(Dropout(0.3)), lambda: nn.Dropout(0.3).eval(), IMAGES),
    "Sequential": (
        lambda: Sequential(Conv2d(4, 2, 3), Tanh(), Flatten(), Linear(40, 3)),
        lambda: nn.Sequential(nn.Conv2d(4, 2, 3), nn.Tanh(), nn.Flatten(), nn.Linear(40, 3)),
        IMAGES,
    ),
}


def answering(layer):
    layer.eval()
    return layer


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-10), (np.float32, 1e-4)])
def test_every_layer_is_pytorchs(name, dtype, rtol):
    """Both precisions; y, dx and gradients stay in that of x, even if the weights have more digits."""
    ours, theirs, shape = PAIRS[name]
    layer, other = ours(), theirs().to(torch.float32 if dtype is np.float32 else torch.float64)
    x = numbers(3, *shape).astype(dtype)
    found = layer(x)
    assert found.dtype == layer.backward(np.ones(found.shape)).dtype == dtype
    for holder, parameter in layer.parameters():
        assert getattr(holder, parameter).dtype == np.float64
        assert getattr(holder, f"{parameter}_grad").dtype == dtype
    give_parameters(layer, other)
    compare(layer, other, x, 5, rtol)


def differences(function, x, step=1e-6):
    """The gradient of a number, by central differences; ``x`` is changed in place, and changed back."""
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + step
        above = function()
        x[index] = kept - step
        gradient[index] = (above - function()) / (2 * step)
        x[index] = kept
    return gradient


@pytest.mark.parametrize("name", PAIRS)
def test_gradients_are_differences(name):
    """L = Σ c y for random c: its slope along every pixel and every parameter, without PyTorch."""
    layer, shape = PAIRS[name][0](), PAIRS[name][2]
    x = numbers(11, *shape)
    x += 0.1 * np.sign(x)  # no pixel as near to a kink as the step is long
    c = numbers(12, *layer(x).shape)
    loss = lambda: float((c * layer(x)).sum())  # noqa: E731
    layer(x)
    dx = layer.backward(c)
    gradients = [getattr(holder, f"{parameter}_grad") for holder, parameter in layer.parameters()]
    np.testing.assert_allclose(dx, differences(loss, x), rtol=1e-6, atol=1e-6)
    for (holder, parameter), gradient in zip(layer.parameters(), gradients, strict=True):
        expected = differences(loss, getattr(holder, parameter))
        np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-6)


def test_gradients_are_overwritten():
    """A second way back does not add to the first."""
    layer, x = Conv2d(2, 3, 3), numbers(1, 2, 2, 6, 6)
    dy = np.ones(layer(x).shape)
    layer.backward(dy)
    once = layer.weight_grad.copy(), layer.bias_grad.copy()
    layer.backward(dy)
    np.testing.assert_array_equal(layer.weight_grad, once[0])
    np.testing.assert_array_equal(layer.bias_grad, once[1])


@pytest.mark.parametrize("name", PAIRS)
def test_nothing_given_is_changed(name):
    """Neither x nor dL/dy."""
    layer, shape = PAIRS[name][0](), PAIRS[name][2]
    x = numbers(1, *shape)
    x.setflags(write=False)
    dy = numbers(2, *layer(x).shape)
    dy.setflags(write=False)
    np.testing.assert_array_equal(layer.backward(dy), layer.backward(dy))


def test_whole_numbers_and_lists():
    """As 64-bit floats; half precision as single, for 16 bits do not hold the sums."""
    assert ReLU()([-1, 2]).dtype == np.float64
    assert Conv2d(1, 1, 2)(np.ones((1, 1, 3, 3), dtype=np.uint8)).dtype == np.float64
    assert Tanh()(np.ones(3, dtype=np.float16)).dtype == np.float32
    x = torch.ones(2, 3)
    assert Linear(3, 1)(x).dtype == np.float32


def test_nan_goes_through():
    """To the outputs whose window it lies in, and to no other."""
    x = np.ones((1, 1, 3, 4))
    x[0, 0, 0, 0] = np.nan
    expected = np.isnan(nn.Conv2d(1, 1, 2, dtype=torch.float64)(torch.tensor(x)).detach().numpy())
    np.testing.assert_array_equal(np.isnan(Conv2d(1, 1, 2)(x)), expected)
    assert np.isnan(MaxPool2d(3)(x)).all()
    assert np.isnan(ReLU()(x)[0, 0, 0, 0])


# ---- pooling --------------------------------------------------------------------------------------------------------


@st.composite
def pools(draw):
    """Arguments of a pooling layer and the shape of an x that it takes."""
    kernel = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    stride = draw(st.none() | st.tuples(st.integers(1, 3), st.integers(1, 3)))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    size = [draw(st.integers(max(1, k - 2 * p), 9)) for k, p in zip(kernel, padding, strict=True)]
    return (kernel, stride, padding), (draw(st.integers(1, 2)), draw(st.integers(1, 3)), *size)


def test_pools_are_pytorchs():
    """Padding, rows left over, and values from so few that most windows have ties, most of them below the padding's."""
    seen = {"ties": 0, "padding": 0, "left over": 0, "overlap": 0}

    @given(pools(), seeds)
    @settings(max_examples=150)
    def check(problem, seed):
        arguments, shape = problem
        x = np.random.default_rng(seed).integers(-3, 1, shape).astype(float)
        compare(AvgPool2d(*arguments), nn.AvgPool2d(*arguments), x, seed)
        layer = MaxPool2d(*arguments)
        y, _ = compare(layer, nn.MaxPool2d(*arguments), x, seed)
        kernel, stride, padding = layer.kernel_size, layer.stride, layer.padding
        inside = windows(padded(x, padding, -np.inf), kernel, stride)
        seen["ties"] += bool(((inside == y[:, :, np.newaxis, np.newaxis]).sum(axis=(2, 3)) > 1).any())
        seen["padding"] += any(padding)
        axes = zip(shape[2:], kernel, stride, padding, strict=True)
        seen["left over"] += any((n + 2 * p - k) % s for n, k, s, p in axes)
        seen["overlap"] += any(s < k for k, s in zip(kernel, stride, strict=True))

    check()
    assert min(seen.values()) >= 5, seen


def test_of_equals_the_first_gets_the_gradient():
    """In row order, at every window."""
    pool = MaxPool2d(2)
    pool(np.ones((1, 1, 4, 4)))
    np.testing.assert_array_equal(
        pool.backward([[[[1, 2], [3, 4]]]])[0, 0], [[1, 0, 2, 0], [0] * 4, [3, 0, 4, 0], [0] * 4]
    )


# ---- batch normalisation and dropout --------------------------------------------------------------------------------


@given(st.integers(2, 4), st.integers(1, 3), st.floats(0, 1), seeds)
@settings(max_examples=40)
def test_batch_norm_is_pytorchs(samples, channels, momentum, seed):
    """Three batches to learn from, then one to answer for; weights, running mean and variance like PyTorch's."""
    rng = np.random.default_rng(seed)
    layer = BatchNorm2d(channels, eps=1e-3, momentum=momentum)
    other = nn.BatchNorm2d(channels, eps=1e-3, momentum=momentum, dtype=torch.float64)
    with torch.no_grad():
        other.weight.copy_(torch.tensor(rng.normal(size=channels)))
        other.bias.copy_(torch.tensor(rng.normal(size=channels)))
    give_parameters(layer, other)
    for learning in (True, True, True, False):
        (layer.train if learning else layer.eval)()
        other.train(learning)
        other.zero_grad()
        compare(layer, other, rng.normal(2, 3, size=(samples, channels, 2, 3)), seed)
        close(layer.running_mean, other.running_mean)
        close(layer.running_var, other.running_var)


def test_batch_norm_normalises():
    """Mean 0 and variance 1 while learning, whatever comes in; a flat channel becomes 0."""
    layer = BatchNorm2d(3)
    x = 5 + 100 * numbers(1, 8, 3, 4, 4)
    x[:, 2] = 7
    y = layer(x)
    np.testing.assert_allclose(y.mean(axis=(0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(y[:, :2].var(axis=(0, 2, 3)), 1, rtol=1e-6)
    assert np.all(y[:, 2] == 0)


def test_batch_norm_goes_back_the_way_it_came():
    """eval() between forward and backward changes nothing."""
    layer, x = BatchNorm2d(2), numbers(1, 2, 2, 3, 3)
    dy = numbers(2, *layer(x).shape)
    before = layer.backward(dy)
    layer.eval()
    np.testing.assert_array_equal(layer.backward(dy), before)


@pytest.mark.parametrize("p", [0.0, 0.2, 0.5, 0.9])
def test_dropout(p):
    """The share dropped, the mean kept, the same mask on the way back, another the next time; in eval, nothing."""
    layer, count = Dropout(p, seed=3), 100_000
    x = np.ones((count, 1))
    y = layer(x)
    error = 5 / np.sqrt(count)  # five times the deviation of a share, at the most
    assert abs((y == 0).mean() - p) <= error
    np.testing.assert_allclose(y[y != 0], 1 / (1 - p))
    assert abs(y.mean() - 1) <= error / (1 - p)
    np.testing.assert_array_equal(layer.backward(np.full(y.shape, 3.0)), 3 * y)
    assert np.any(layer(x) != y) == (p > 0)
    layer.eval()
    assert np.all(layer(x) == x)
    assert np.all(layer.backward(x) == x)


def test_dropout_draws_only_while_it_learns():
    """To look at the network in between does not change what it learns."""
    x = np.ones((5, 20))
    straight, watched = Dropout(seed=1), Dropout(seed=1)
    straight(x)
    watched(x)
    watched.eval()
    watched(x)
    watched.train()
    np.testing.assert_array_equal(straight(x), watched(x))


# ---- the loss -------------------------------------------------------------------------------------------------------


@given(st.integers(1, 6), st.integers(1, 5), st.sampled_from([0.1, 10, 1000]), seeds)
def test_cross_entropy_is_pytorchs(samples, classes, size, seed):
    """Its value and its gradient, scores of thousands included."""
    rng = np.random.default_rng(seed)
    scores, labels = size * rng.normal(size=(samples, classes)), rng.integers(0, classes, samples)
    theirs = torch.tensor(scores, requires_grad=True)
    expected = nn.functional.cross_entropy(theirs, torch.tensor(labels))
    expected.backward()
    loss, dscores = softmax_cross_entropy(scores, labels)
    assert isinstance(loss, float)
    assert loss == pytest.approx(expected.item(), rel=1e-10, abs=1e-12)
    close(dscores, theirs.grad)


def test_cross_entropy_of_large_scores():
    """Where e^1000 would overflow, right and wrong; a gradient in the scores' own precision."""
    for dtype in (np.float32, np.float64):
        scores = np.array([[1000, -1000], [-1000, 1000], [1000, 1000]], dtype=dtype)
        loss, dscores = softmax_cross_entropy(scores, [0, 0, 1])
        assert loss == pytest.approx((0 + 2000 + np.log(2)) / 3, rel=1e-6)
        np.testing.assert_allclose(dscores, [[0, 0], [-1 / 3, 1 / 3], [1 / 6, -1 / 6]], atol=1e-7)
        assert dscores.dtype == dtype


def test_cross_entropy_gradient_is_its_difference():
    """Of every score."""
    scores, labels = numbers(1, 4, 3), [0, 2, 1, 1]
    expected = differences(lambda: softmax_cross_entropy(scores, labels)[0], scores)
    np.testing.assert_allclose(softmax_cross_entropy(scores, labels)[1], expected, atol=1e-8)


# ---- networks that learn --------------------------------------------------------------------------------------------


def small(seed=0):
    """The same network twice, with the same weights: ours and PyTorch's."""
    torch.manual_seed(seed)
    other = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 3)
    ).double()
    ours = Sequential(Conv2d(1, 4, 3, padding=1), ReLU(), MaxPool2d(2), Flatten(), Linear(64, 3))
    give_parameters(ours, other)
    return ours, other


@pytest.mark.parametrize(
    "options", [{}, {"momentum": 0.9}, {"weight_decay": 0.1}, {"momentum": 0.5, "weight_decay": 0.02}]
)
def test_sgd_is_pytorchs(options):
    """Twenty steps on the same batches: losses and weights stay together."""
    ours, other = small()
    mine, theirs = SGD(ours, rate=0.1, **options), torch.optim.SGD(other.parameters(), lr=0.1, **options)
    rng, losses = np.random.default_rng(4), []
    for _ in range(20):
        x, labels = rng.normal(size=(8, 1, 8, 8)), rng.integers(0, 3, 8)
        x[np.arange(8), 0, labels] += 2  # something to learn: the bright row
        loss, dscores = softmax_cross_entropy(ours(x), labels)
        ours.backward(dscores)
        mine.step()
        expected = nn.functional.cross_entropy(other(torch.tensor(x)), torch.tensor(labels))
        theirs.zero_grad()
        expected.backward()
        theirs.step()
        assert loss == pytest.approx(expected.item(), rel=1e-10)
        losses.append(loss)
    assert losses[-1] < losses[0] / 2
    for (layer, name), parameter in zip(ours.parameters(), other.parameters(), strict=True):
        close(getattr(layer, name), parameter)


def test_sgd_shares_nothing():
    """Arrays of PyTorch's that were lent as weights stay as they are; a rate can change; 32 bits stay 32."""
    theirs = nn.Linear(3, 2)
    layer = Linear(3, 2)
    layer.weight, layer.bias = theirs.weight.detach().numpy(), theirs.bias.detach()
    lent = layer.weight
    kept = lent.copy()
    sgd = SGD(layer, rate=1.0, momentum=0.5)
    sgd.rate = 0.25
    layer(np.ones((1, 3), dtype=np.float32))
    layer.backward([[1, 2]])
    sgd.step()
    np.testing.assert_array_equal(lent, kept)
    np.testing.assert_allclose(layer.weight, kept - [[0.25], [0.5]], rtol=1e-6)
    assert layer.weight.dtype == layer.bias.dtype == np.float32


def test_a_network_of_networks():
    """Parameters in order, modes all the way down, a repr without addresses."""
    inner = Sequential(Conv2d(1, 2, 3), BatchNorm2d(2), Dropout())
    network = Sequential(inner, Flatten(), Linear(8, 2, bias=False))
    assert [(type(layer).__name__, name) for layer, name in network.parameters()] == [
        ("Conv2d", "weight"),
        ("Conv2d", "bias"),
        ("BatchNorm2d", "weight"),
        ("BatchNorm2d", "bias"),
        ("Linear", "weight"),
    ]
    network.eval()
    assert not any(layer.training for layer in (network, *network, *inner))
    network.train()
    assert all(layer.training for layer in (network, *network, *inner))
    assert len(network) == 3
    assert repr(network) == (
        "Sequential(\n  Sequential(\n    Conv2d(weight (2, 1, 3, 3), bias (2,)),\n"
        "    BatchNorm2d(weight (2,), bias (2,)),\n    Dropout(0.5),\n  ),\n  Flatten(),\n  Linear(weight (2, 8)),\n)"
    )


# ---- refusals -------------------------------------------------------------------------------------------------------

REFUSED_LAYERS = [
    (lambda: Conv2d(0, 1, 3), ValueError, "in_channels must be at least 1, got 0"),
    (lambda: Conv2d(1, 2.0, 3), TypeError, "out_channels must be a whole number, got 2.0 of type float"),
    (
        lambda: Conv2d(1, 1, (3, 3, 3)),
        ValueError,
        "kernel_size must be a whole number or a pair (rows, columns), got (3, 3, 3)",
    ),
    (lambda: Conv2d(1, 1, (3, 0)), ValueError, "kernel_size must be at least 1, got 0"),
    (lambda: Conv2d(1, 1, 3, 0), ValueError, "stride must be at least 1, got 0"),
    (lambda: Conv2d(1, 1, 3, 1, -1), ValueError, "padding must be at least 0, got -1"),
    (lambda: Conv2d(1, 1, 3, padding="same"), TypeError, "padding must be a whole number, got 'same' of type str"),
    (lambda: Conv2d(1, 1, 3, dilation=0), ValueError, "dilation must be at least 1, got 0"),
    (lambda: Conv2d(1, 1, 3, groups=0), ValueError, "groups must be at least 1, got 0"),
    (lambda: Conv2d(3, 4, 3, groups=2), ValueError, "groups must divide in_channels, but 3 is no multiple of 2"),
    (lambda: Conv2d(4, 3, 3, groups=2), ValueError, "groups must divide out_channels, but 3 is no multiple of 2"),
    (
        lambda: MaxPool2d(2, padding=2),
        ValueError,
        "padding must be at most half of the kernel, 1 for kernel_size 2, got 2",
    ),
    (lambda: AvgPool2d(2, stride=0), ValueError, "stride must be at least 1, got 0"),
    (lambda: Conv2d(1, 1, 3, seed=-1), ValueError, "seed must be at least 0, got -1"),
    (lambda: Linear(1, 1, seed=0.5), TypeError, "seed must be a whole number, got 0.5 of type float"),
    (lambda: Dropout(seed="a"), TypeError, "seed must be a whole number, got 'a' of type str"),
    (lambda: Linear(0, 3), ValueError, "in_features must be at least 1, got 0"),
    (lambda: Linear(3, 0), ValueError, "out_features must be at least 1, got 0"),
    (lambda: BatchNorm2d(0), ValueError, "channels must be at least 1, got 0"),
    (lambda: BatchNorm2d(1, eps=0), ValueError, "eps must be greater than 0, got 0"),
    (lambda: BatchNorm2d(1, momentum=1.5), ValueError, "momentum must be between 0 and 1, got 1.5"),
    (lambda: Dropout(-0.1), ValueError, "p must be between 0 and 1, got -0.1"),
    (lambda: Dropout(1), ValueError, "p must be less than 1: if everything is dropped, nothing is left to learn from"),
    (lambda: Sequential(), ValueError, "layers must be given, one at least"),
    (lambda: Sequential([ReLU()]), TypeError, "layers must be layers of convlib.layers, got list"),
    (
        lambda: Sequential(*[ReLU()] * 2),
        ValueError,
        "layers must each stand there once, got ReLU() twice: make a second one",
    ),
    (lambda: SGD([ReLU()], 1), TypeError, "network must be a layer of convlib.layers, got list"),
    (lambda: SGD(ReLU(), 0), ValueError, "rate must be greater than 0, got 0"),
    (lambda: SGD(ReLU(), 1, -1), ValueError, "momentum must be between 0 and inf, got -1"),
    (lambda: SGD(ReLU(), 1, weight_decay=-1), ValueError, "weight_decay must be between 0 and inf, got -1"),
]


@pytest.mark.parametrize(("make", "error", "message"), REFUSED_LAYERS)
def test_impossible_layers(make, error, message):
    """The error names the argument."""
    with pytest.raises(error, match=re.escape(message)):
        make()


REFUSED_INPUTS = [
    (
        Conv2d(1, 1, 3),
        np.ones((3, 3)),
        ValueError,
        "x must have 4 dimensions (samples, channels, rows, columns), got 2",
    ),
    (Conv2d(2, 1, 3), np.ones((1, 3, 9, 9)), ValueError, "x must have 2 channel(s), got 3 with shape (1, 3, 9, 9)"),
    (
        Conv2d(1, 1, 3, padding=1, dilation=3),
        np.ones((1, 1, 9, 4)),
        ValueError,
        "kernel_size must fit into the padded input: 3 taps with dilation 3 reach over 7 samples, but there are 4 + 2",
    ),
    (
        Conv2d(1, 1, 3),
        np.ones((0, 1, 9, 9)),
        ValueError,
        "x must be a batch of at least one sample, got shape (0, 1, 9, 9)",
    ),
    (Conv2d(1, 1, 3), 1j * np.ones((1, 1, 9, 9)), TypeError, "x must be real, got complex values"),
    (MaxPool2d(3), np.ones((3, 3)), ValueError, "x must have 4 dimensions"),
    (MaxPool2d(3), np.ones((1, 1, 3, 2)), ValueError, "kernel_size must fit into the padded input"),
    (AvgPool2d(3), np.ones((1, 1, 3, 2)), ValueError, "kernel_size must fit into the padded input"),
    (BatchNorm2d(2), np.ones((1, 3, 9, 9)), ValueError, "x must have 2 channel(s), got 3"),
    (
        BatchNorm2d(2),
        np.ones((1, 2, 1, 1)),
        ValueError,
        "x must have more than one value in each channel to learn from",
    ),
    (Linear(3, 2), np.ones((1, 4)), ValueError, "x must have shape (N, 3), got (1, 4)"),
    (Linear(3, 2), np.ones(3), ValueError, "x must have shape (N, 3), got (3,)"),
    (ReLU(), 3.0, ValueError, "x must be a batch of at least one sample, got shape ()"),
    (Tanh(), ["a"], TypeError, "x must hold real numbers, got dtype <U1"),
    (Flatten(), torch.ones(2, requires_grad=True), TypeError, "x cannot be read as an array"),
    (Dropout(), [], ValueError, "x must be a batch of at least one sample, got shape (0,)"),
]


@pytest.mark.parametrize(("layer", "x", "error", "message"), REFUSED_INPUTS)
def test_impossible_inputs(layer, x, error, message):
    """What was given, and what is allowed."""
    with pytest.raises(error, match=re.escape(message)):
        layer(x)


@pytest.mark.parametrize("name", PAIRS)
def test_no_way_back(name):
    """Before forward, and from a gradient of another shape."""
    layer, shape = PAIRS[name][0](), PAIRS[name][2]
    last = type(layer.layers[-1] if isinstance(layer, Sequential) else layer).__name__
    with pytest.raises(RuntimeError, match=f"{last}.backward needs the output of forward: call forward first"):
        layer.backward(np.ones(shape))
    y = layer(np.ones(shape))
    message = re.escape(f"dy must have the shape of forward's output, {y.shape}, got (1, 2)")
    with pytest.raises(ValueError, match=message):
        layer.backward([[1, 2]])
    with pytest.raises(TypeError, match="dy must be real, got complex values"):
        layer.backward(1j * y)


@pytest.mark.parametrize(
    ("layer", "name", "shape"),
    [
        (Conv2d(1, 2, 3), "weight", "(2, 1, 3, 3)"),
        (Conv2d(1, 2, 3), "bias", "(2,)"),
        (Linear(9, 2), "weight", "(2, 9)"),
        (Linear(9, 2), "bias", "(2,)"),
        (BatchNorm2d(1), "weight", "(1,)"),
        (BatchNorm2d(1), "bias", "(1,)"),
    ],
)
def test_replaced_by_another_shape(layer, name, shape):
    """Whoever sets a parameter may be wrong, and NumPy would repeat a number silently."""
    setattr(layer, name, np.ones(5))
    x = np.ones((4, 9)) if isinstance(layer, Linear) else np.ones((4, 1, 9, 9))
    with pytest.raises(
        ValueError, match=re.escape(f"{name} of {type(layer).__name__} must have shape {shape}, got (5,)")
    ):
        layer(x)


@pytest.mark.parametrize(
    ("scores", "labels", "error", "message"),
    [
        ([1, 2], [0], ValueError, "scores must have shape (N, K), a row for each sample, got (2,)"),
        ([[1, 2]], [2], ValueError, "labels must be between 0 and 1, got 2 at index 0"),
        ([[1, 2], [1, 2]], [1, -1], ValueError, "labels must be between 0 and 1, got -1 at index 1"),
        ([[1, 2]], [0.0], TypeError, "labels must be whole numbers, the indices of classes, got dtype float64"),
        ([[1, 2]], [True], TypeError, "labels must be whole numbers, the indices of classes, got dtype bool"),
        ([[1, 2]], [[0, 1]], ValueError, "labels must have shape (1,), one for each row of scores, got (1, 2)"),
        (np.ones((0, 2)), [], ValueError, "scores must be a batch of at least one sample, got shape (0, 2)"),
    ],
)
def test_impossible_losses(scores, labels, error, message):
    """Labels that are no classes."""
    with pytest.raises(error, match=re.escape(message)):
        softmax_cross_entropy(scores, labels)


def test_a_step_without_a_gradient():
    """Says what to call first."""
    layer = Linear(2, 2)
    message = "Linear has no gradient for its weight: call backward before step"
    with pytest.raises(RuntimeError, match=message):
        SGD(layer, 1).step()


def test_a_layer_of_ones_own():
    """The base class says what is missing; a subclass without parameters needs two methods."""
    with pytest.raises(NotImplementedError):
        Layer()([1])
    with pytest.raises(NotImplementedError):
        Layer().backward([1])
    assert Layer().parameters() == []
