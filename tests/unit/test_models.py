"""LeNet-5 and AlexNet: the figures of their papers, layer by layer, and what each layer computes."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from convlib import data
from convlib.models import LeNet5, LeNet5Original, lenet
from convlib.shapes import summary


@pytest.fixture(autouse=True)
def _one_thread_and_one_seed():
    """The same weights in each test, and no more of the machine than one core."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(threads)


def randn(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def weights(model):
    return sum(weight.numel() for weight in model.parameters())


# ---- LeNet-5 as it is written today ---------------------------------------------------------------------------------


def test_lenet_today():
    """Sixteen pictures, ten scores each, and 61,706 parameters, layer by layer."""
    net = LeNet5()
    assert net(torch.ones(16, 1, 32, 32)).shape == (16, 10)
    layers = {layer.name: layer for layer in summary(net, (1, 32, 32)).layers if layer.name != "relu"}
    assert {name: layer.parameters for name, layer in layers.items()} == {
        "c1": 156, "s2": 0, "c3": 2416, "s4": 0, "c5": 48120, "f6": 10164, "output": 850
    }  # fmt: skip
    assert weights(net) == 61_706
    shapes = [layers[name].output_shape for name in ("c1", "s2", "c3", "s4", "c5")]
    assert shapes == [(6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (120, 1, 1)]
    assert net.c5.weight.shape == (120, 16, 5, 5)


def test_lenet_of_another_kind():
    """Colour, and another number of classes."""
    assert LeNet5(num_classes=3, in_channels=3)(torch.ones(2, 3, 32, 32)).shape == (2, 3)


def test_gradients_reach_every_weight_of_lenet():
    net = LeNet5()
    F.cross_entropy(net(randn(8, 1, 32, 32)), torch.arange(8)).backward()
    assert all(weight.grad.abs().max() > 0 for weight in net.parameters())


@pytest.mark.parametrize(("rows", "columns"), [(32, 60), (32, 63), (41, 36)])
def test_sliding_is_cropping(rows, columns):
    """Each place of the map is what the network says of the 32 × 32 pixels there, at every fourth row and column."""
    net, strip = LeNet5(), randn(2, 1, rows, columns)
    with torch.no_grad():
        scores = net.scores(strip)
        assert scores.shape == (2, 10, (rows - 32) // 4 + 1, (columns - 32) // 4 + 1)
        for i in range(scores.shape[2]):
            for j in range(scores.shape[3]):
                crop = strip[:, :, 4 * i : 4 * i + 32, 4 * j : 4 * j + 32]
                torch.testing.assert_close(scores[:, :, i, j], net(crop), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (torch.ones(1, 1, 28, 28), ValueError, r"x must have 32 × 32 pixels, got 28 × 28"),
        (torch.ones(1, 1, 32, 60), ValueError, r"32 × 32 pixels, got 32 × 60; scores\(x\) takes larger ones"),
        (torch.ones(1, 3, 32, 32), ValueError, r"x must have shape \(N, 1, rows, columns\), got \(1, 3, 32, 32\)"),
        (torch.ones(1, 32, 32), ValueError, r"x must have shape \(N, 1, rows, columns\), got \(1, 32, 32\)"),
        (torch.ones(1, 1, 32, 32, dtype=torch.uint8), TypeError, r"floating-point numbers, got torch\.uint8"),
        ([[0.0]], TypeError, r"x must be a torch\.Tensor, got list"),
    ],
)
def test_pictures_that_lenet_cannot_take(x, error, message):
    with pytest.raises(error, match=message):
        LeNet5()(x)


def test_a_strip_that_is_too_low():
    with pytest.raises(ValueError, match="x must have at least 32 rows and columns, got 31 × 60"):
        LeNet5().scores(torch.ones(1, 1, 31, 60))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"num_classes": 0}, ValueError, "num_classes must be at least 1, got 0"),
        ({"in_channels": 1.0}, TypeError, "in_channels must be a whole number, got 1.0"),
    ],
)
def test_impossible_lenets(options, error, message):
    with pytest.raises(error, match=message):
        LeNet5(**options)


# ---- LeNet-5 of 1998 ------------------------------------------------------------------------------------------------


def test_the_papers_table_1():
    """Row by row as it is printed: a cross where a map of C3 sees the map of S2 of that row."""
    rows = ["".join("X" if row in seen else " " for seen in lenet.C3_TABLE) for row in range(6)]
    assert rows == [
        "X   XXX  XXXX XX",
        "XX   XXX  XXXX X",
        "XXX   XXX  X XXX",
        " XXX  XXXX  X XX",
        "  XXX  XXXX XX X",
        "   XXX  XXXX XXX",
    ]


def test_the_structure_of_c3():
    """Six of three neighbours, six of four, three of four with a gap, one of all: 60 kernels, none of them twice."""

    def neighbours(seen):
        return any({(start + i) % 6 for i in range(len(seen))} == set(seen) for start in range(6))

    kinds = [(len(seen), neighbours(seen)) for seen in lenet.C3_TABLE]
    assert kinds == [(3, True)] * 6 + [(4, True)] * 6 + [(4, False)] * 3 + [(6, True)]
    assert len(set(lenet.C3_TABLE)) == 16
    assert sum(map(len, lenet.C3_TABLE)) == 60


def test_trainable_parameters_of_1998():
    net = LeNet5Original()
    assert {name: weights(layer) for name, layer in net.named_children()} == {
        "c1": 156, "s2": 12, "c3": 1516, "s4": 32, "c5": 48_120, "f6": 10_164, "output": 0
    }  # fmt: skip
    assert weights(net) == 60_000
    assert not {name for name in net.state_dict() if name.startswith("output")}, "what is fixed is not stored"


def test_connections_of_1998():
    counts = lenet.connections(LeNet5Original())
    assert counts == {
        "c1": 122_304, "s2": 5_880, "c3": 151_600, "s4": 2_000, "c5": 48_120, "f6": 10_164, "output": 840
    }  # fmt: skip
    assert sum(counts.values()) == 340_908
    assert sum(counts.values()) - counts["output"] == 340_068


def test_sparse_convolution_is_one_for_each_map():
    """Sixteen convolutions, each over the maps of its column of the table."""
    layer, x = LeNet5Original().c3, randn(2, 6, 14, 14)
    kernels = [kernel for conv in layer.convs for kernel in conv.weight]
    biases = torch.cat([conv.bias for conv in layer.convs])
    each = [
        F.conv2d(x[:, list(seen)], kernel[None], bias[None])
        for seen, kernel, bias in zip(lenet.C3_TABLE, kernels, biases, strict=True)
    ]
    torch.testing.assert_close(layer(x), torch.cat(each, dim=1), rtol=0, atol=1e-5)


def test_subsampling_by_the_formula():
    """The sum, no mean, of four, times a coefficient, plus a bias; a last odd row and column are left out."""
    layer, x = lenet.Subsampling(3), randn(2, 3, 5, 7)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([1.0, -2.0, 0.5]))
        layer.bias.copy_(torch.tensor([0.0, 1.0, -1.0]))
    y = layer(x)
    assert y.shape == (2, 3, 2, 3)
    for channel, (weight, bias) in enumerate([(1.0, 0.0), (-2.0, 1.0), (0.5, -1.0)]):
        for i in range(2):
            for j in range(3):
                four = x[:, channel, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].sum((1, 2))
                torch.testing.assert_close(y[:, channel, i, j], weight * four + bias)


def test_squashing():
    """1 of 1, -1 of -1, odd, at most 1.7159 in size, and most strongly curved at ±1."""
    a = torch.linspace(-3, 3, 6001, dtype=torch.float64)
    y = lenet.squash(a)
    torch.testing.assert_close(y, 1.7159 * torch.tanh(2 * a / 3))
    torch.testing.assert_close(lenet.squash(torch.tensor([1.0, -1.0])), torch.tensor([1.0, -1.0]), rtol=0, atol=1e-4)
    curved = a[1:-1][y.diff(n=2).abs().argmax()]
    assert abs(abs(curved.item()) - 1) < 0.02


def test_outputs_are_distances():
    """By the formula; the answer that is a digit's bitmap wins with 0; the bitmaps are ±1 and do not learn."""
    layer, x = lenet.Bitmaps(), randn(3, 84)
    assert layer.bitmaps.shape == (10, 84)
    assert set(layer.bitmaps.unique().tolist()) == {-1.0, 1.0}
    for n in range(3):
        for digit in range(10):
            distance = sum((x[n, k] - layer.bitmaps[digit, k]) ** 2 for k in range(84))
            torch.testing.assert_close(layer(x)[n, digit], distance)
    distances = layer(layer.bitmaps)
    assert (distances.argmin(1) == torch.arange(10)).all()
    assert (distances.fill_diagonal_(99) >= 4 * 8).all(), "any two digits differ in at least 8 pixels"


def test_scores_of_1998_and_their_gradients():
    """Minus the distances; a gradient reaches every weight from either criterion."""
    net, x, labels = LeNet5Original(), randn(20, 1, 32, 32), torch.arange(20) % 10
    assert net(x).shape == (20, 10)
    assert (net(x) <= 0).all()
    for criterion in (lenet.mse_criterion, lenet.map_criterion):
        net.zero_grad()
        criterion(net(x), labels).backward()
        assert all(weight.grad.abs().max() > 0 for weight in net.parameters())


@pytest.mark.parametrize("j", [0.1, 5, 100])
def test_criteria_by_the_formulas(j):
    """Equations 8 and 9, with distances of the size that they have."""
    y, labels = 40 * torch.rand(6, 10, generator=torch.Generator().manual_seed(2)), torch.tensor([0, 3, 9, 1, 1, 5])
    right = y[torch.arange(6), labels]
    torch.testing.assert_close(lenet.mse_criterion(-y, labels), right.mean())
    others = torch.log(torch.exp(torch.tensor(-float(j))) + torch.exp(-y).sum(1))
    torch.testing.assert_close(lenet.map_criterion(-y, labels, j=j), (right + others).mean())


def test_weights_of_1998_at_the_start():
    """Even between -2.4 and 2.4 over the inputs of a unit: 25, 4, 75 to 150, 4, 400, 120."""
    torch.manual_seed(3)
    net = LeNet5Original()
    parts = [(net.c1, 25), (net.s2, 4), (net.s4, 4), (net.c5, 400), (net.f6, 120)]
    parts += list(zip(net.c3.convs, (75, 100, 150), strict=True))
    for layer, inputs in parts:
        bound = 2.4 / inputs
        for weight in (layer.weight, layer.bias):
            assert weight.abs().max() <= bound
        if layer.weight.numel() > 100:
            assert layer.weight.max() > 0.95 * bound
            assert layer.weight.min() < -0.95 * bound
            assert abs(layer.weight.std().item() / (bound / 3**0.5) - 1) < 0.1


def test_grey_levels():
    """White is -0.1, black 1.175; over MNIST's digits the mean is almost 0, but the variance is not the paper's 1."""
    torch.testing.assert_close(lenet.grey_levels(torch.tensor([0.0, 1.0])), torch.tensor([-0.1, 1.175]))
    levels = lenet.grey_levels(F.pad(torch.as_tensor(data.mnist().x_train), (2, 2, 2, 2)))
    assert round(levels.mean().item(), 2) == 0.03
    assert round(levels.var().item(), 2) == 0.12


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: LeNet5Original()(torch.ones(1, 1, 28, 28)), ValueError, "32 × 32 pixels, got 28 × 28$"),
        (lambda: lenet.Subsampling(0), ValueError, "channels must be at least 1, got 0"),
        (lambda: lenet.SparseConv2d([], 5), ValueError, r"table must name at least one input .*, got \[\]"),
        (lambda: lenet.SparseConv2d([(0,), ()], 5), ValueError, r"at least one input .*, got \[\(0,\), \(\)\]"),
        (lambda: lenet.SparseConv2d([(0, -1)], 5), ValueError, "table must be at least 0, got -1"),
        (lambda: lenet.SparseConv2d([(0, 1)], 0), ValueError, "kernel_size must be at least 1, got 0"),
        (lambda: lenet.map_criterion(randn(1, 10), torch.tensor([0]), j=-1), ValueError, "j must be between 0 and inf"),
    ],
)
def test_impossible_parts_of_1998(call, error, message):
    with pytest.raises(error, match=message):
        call()
