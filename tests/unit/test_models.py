"""LeNet-5 and AlexNet: the figures of their papers, layer by layer, and what each layer computes."""

from __future__ import annotations

import pytest
import torch

from convlib.models import LeNet5
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
    lenet = LeNet5()
    assert lenet(torch.ones(16, 1, 32, 32)).shape == (16, 10)
    layers = {layer.name: layer for layer in summary(lenet, (1, 32, 32)).layers if layer.name != "relu"}
    assert {name: layer.parameters for name, layer in layers.items()} == {
        "c1": 156, "s2": 0, "c3": 2416, "s4": 0, "c5": 48120, "f6": 10164, "output": 850
    }  # fmt: skip
    assert weights(lenet) == 61_706
    shapes = [layers[name].output_shape for name in ("c1", "s2", "c3", "s4", "c5")]
    assert shapes == [(6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (120, 1, 1)]
    assert lenet.c5.weight.shape == (120, 16, 5, 5)


def test_lenet_of_another_kind():
    """Colour, and another number of classes."""
    assert LeNet5(num_classes=3, in_channels=3)(torch.ones(2, 3, 32, 32)).shape == (2, 3)


def test_gradients_reach_every_weight_of_lenet():
    lenet = LeNet5()
    torch.nn.functional.cross_entropy(lenet(randn(8, 1, 32, 32)), torch.arange(8)).backward()
    assert all(weight.grad.abs().max() > 0 for weight in lenet.parameters())


@pytest.mark.parametrize(("rows", "columns"), [(32, 60), (32, 63), (41, 36)])
def test_sliding_is_cropping(rows, columns):
    """Each place of the map is what the network says of the 32 × 32 pixels there, at every fourth row and column."""
    lenet, strip = LeNet5().eval(), randn(2, 1, rows, columns)
    with torch.no_grad():
        scores = lenet.scores(strip)
        assert scores.shape == (2, 10, (rows - 32) // 4 + 1, (columns - 32) // 4 + 1)
        for i in range(scores.shape[2]):
            for j in range(scores.shape[3]):
                crop = strip[:, :, 4 * i : 4 * i + 32, 4 * j : 4 * j + 32]
                torch.testing.assert_close(scores[:, :, i, j], lenet(crop), rtol=0, atol=1e-5)


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
