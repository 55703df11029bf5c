"""LeNet-5 and AlexNet: the figures of their papers, layer by layer, and what each layer computes."""

from __future__ import annotations

import hashlib
import io
import math
import pickle
import socket
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from convlib import data
from convlib.data import DownloadError
from convlib.data.downloads import Source
from convlib.models import (
    AlexNet,
    AlexNetOriginal,
    LeNet5,
    LeNet5Original,
    lenet,
    load_torchvision_weights,
    pretrained,
)
from convlib.models.weights import PUBLISHED, Published
from convlib.shapes import summary
from tests.unit.test_downloads import Site, another, not_found


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


def test_lenet_today_step_by_step():
    """The same written in functions: maxima, ReLU behind all but the last."""
    net, x = LeNet5(), randn(3, 1, 32, 32)
    w = net.state_dict()
    y = F.max_pool2d(F.conv2d(x, w["c1.weight"], w["c1.bias"]).clamp(min=0), 2)
    y = F.max_pool2d(F.conv2d(y, w["c3.weight"], w["c3.bias"]).clamp(min=0), 2).flatten(1)
    y = (y @ w["c5.weight"].flatten(1).T + w["c5.bias"]).clamp(min=0)
    y = (y @ w["f6.weight"].T + w["f6.bias"]).clamp(min=0)
    torch.testing.assert_close(net(x), y @ w["output.weight"].T + w["output.bias"], rtol=0, atol=1e-5)


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


def test_lenet_of_1998_step_by_step():
    """Every layer is squashed, the subsampling too, and the digits' bitmaps come last."""
    net, x = LeNet5Original().double(), randn(3, 1, 32, 32).double()
    y = lenet.squash(net.s2(lenet.squash(net.c1(x))))
    y = lenet.squash(net.s4(lenet.squash(net.c3(y)))).flatten(1)
    y = lenet.squash(y @ net.c5.weight.flatten(1).T + net.c5.bias)
    y = lenet.squash(y @ net.f6.weight.T + net.f6.bias)
    torch.testing.assert_close(net(x), -(torch.cdist(y, net.output.bitmaps) ** 2))


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


# ---- AlexNet as everyone loads it, and of 2012 ----------------------------------------------------------------------

#: torchvision's names and shapes, written down, for torchvision need not be here.
TORCHVISION_ALEXNET = {
    "features.0.weight": (64, 3, 11, 11),
    "features.0.bias": (64,),
    "features.3.weight": (192, 64, 5, 5),
    "features.3.bias": (192,),
    "features.6.weight": (384, 192, 3, 3),
    "features.6.bias": (384,),
    "features.8.weight": (256, 384, 3, 3),
    "features.8.bias": (256,),
    "features.10.weight": (256, 256, 3, 3),
    "features.10.bias": (256,),
    "classifier.1.weight": (4096, 9216),
    "classifier.1.bias": (4096,),
    "classifier.4.weight": (4096, 4096),
    "classifier.4.bias": (4096,),
    "classifier.6.weight": (1000, 4096),
    "classifier.6.bias": (1000,),
}


def without_numbers(network, *arguments):
    """On the meta device a network has shapes only, and takes no time."""
    with torch.device("meta"):
        return network(*arguments)


def test_alexnet_today():
    """61,100,840 parameters, 714,188,480 MACs at 224, torchvision's names and shapes."""
    net = without_numbers(AlexNet)
    assert {key: tuple(value.shape) for key, value in net.state_dict().items()} == TORCHVISION_ALEXNET
    table = summary(net, (3, 224, 224))
    assert (table.parameters, table.macs) == (61_100_840, 714_188_480)
    kinds = [(layer.kind, layer.output_shape) for layer in table.layers if layer.kind in ("MaxPool2d", "Dropout")]
    pools = [("MaxPool2d", (64, 27, 27)), ("MaxPool2d", (192, 13, 13)), ("MaxPool2d", (256, 6, 6))]
    assert kinds == [*pools, ("Dropout", (9216,)), ("Dropout", (4096,))], "dropout before the linear layers"
    assert not any(getattr(layer, "inplace", False) for layer in net.modules()), "a hook would see what is gone"


@pytest.mark.parametrize("side", [63, 100, 224, 256])
def test_alexnet_takes_other_sizes(side):
    net = without_numbers(AlexNet, 7)
    assert net(torch.ones(2, 3, side, side + 1, device="meta")).shape == (2, 7)


def test_alexnet_of_2012():
    """60,965,224 parameters, 724,406,816 MACs at 227, and the neurons of each layer."""
    table = summary(without_numbers(AlexNetOriginal), (3, 227, 227))
    assert (table.parameters, table.macs) == (60_965_224, 724_406_816)
    learning = [layer for layer in table.layers if layer.parameters]
    neurons = [math.prod(layer.output_shape) for layer in learning]
    assert neurons == [290_400, 186_624, 64_896, 64_896, 43_264, 4096, 4096, 1000]
    assert sum(neurons) == 659_272
    assert [layer.parameters for layer in learning] == [
        *(34_944, 307_456, 885_120, 663_936, 442_624),
        *(37_752_832, 16_781_312, 4_097_000),
    ]


def test_kernels_of_2012():
    """As the paper lists them: layers 2, 4 and 5 see the 48 or 192 maps of their own tower."""
    net = without_numbers(AlexNetOriginal)
    kernels = [tuple(layer.weight.shape) for layer in net.modules() if isinstance(layer, nn.Conv2d)]
    assert kernels == [(96, 3, 11, 11), (256, 48, 5, 5), (384, 256, 3, 3), (384, 192, 3, 3), (256, 192, 3, 3)]
    order = [type(layer).__name__ for layer in net.features]
    normalised = ["Conv2d", "ReLU", "LocalResponseNorm", "MaxPool2d"]
    assert order == [*normalised, *normalised, *["Conv2d", "ReLU"] * 3, "MaxPool2d"]
    assert [type(layer).__name__ for layer in net.classifier] == [*["Linear", "ReLU", "Dropout"] * 2, "Linear"]
    assert all(layer.p == 0.5 for layer in net.modules() if isinstance(layer, nn.Dropout))


def test_local_response_normalisation_is_the_papers():
    """Equation of section 3.3: k = 2, n = 5, α = 1e-4 over a sum, β = 0.75."""
    net, a = without_numbers(AlexNetOriginal), 30 * randn(1, 8, 2, 2).double()
    for layer in (net.features[2], net.features[6]):
        b = layer(a)
        for i in range(8):
            around = a[:, max(0, i - 2) : i + 3].square().sum(1)
            torch.testing.assert_close(b[:, i], a[:, i] / (2 + 1e-4 * around) ** 0.75)


def test_alexnet_of_2012_at_the_start():
    """Weights of standard deviation 0.01; biases 1 where the paper has them so; a gradient reaches them all."""
    net = AlexNetOriginal(num_classes=3)
    layers = [layer for layer in net.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    assert [layer.bias.unique().tolist() for layer in layers] == [[0], [1], [0], [1], [1], [1], [1], [0]]
    for layer in layers:
        some = layer.weight.detach().flatten()[:30_000]
        assert abs(some.std().item() / 0.01 - 1) < 0.05
        assert abs(some.mean().item()) < 5e-4
    F.cross_entropy(net(randn(1, 3, 227, 227)), torch.tensor([2])).backward()
    assert all(layer.weight.grad.abs().max() > 0 for layer in layers)


@pytest.mark.parametrize(
    ("network", "shape", "message"),
    [
        (AlexNetOriginal, (1, 3, 224, 224), "227 × 227 pixels, got 224 × 224; 224, as the paper writes, gives 54 × 54"),
        (AlexNetOriginal, (1, 1, 227, 227), r"shape \(N, 3, rows, columns\), got \(1, 1, 227, 227\)"),
        (AlexNet, (1, 3, 62, 224), "at least 63 rows and columns, got 62 × 224"),
        (AlexNet, (3, 224, 224), r"shape \(N, 3, rows, columns\), got \(3, 224, 224\)"),
    ],
)
def test_pictures_that_alexnet_cannot_take(network, shape, message):
    with pytest.raises(ValueError, match=message):
        without_numbers(network)(torch.ones(shape, device="meta"))


@pytest.mark.parametrize("network", [AlexNet, AlexNetOriginal])
def test_impossible_alexnets(network):
    with pytest.raises(ValueError, match="num_classes must be at least 1, got 0"):
        network(0)


# ---- weights that others have trained -------------------------------------------------------------------------------


def tiny():
    """A network with everything that a state dict may hold, and few numbers."""
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 2))


def test_weights_are_taken_over():
    """Every number; the same from a plain dict, and from one without the counts of batches."""
    ours, theirs = tiny(), tiny()
    theirs(randn(4, 1, 4, 4))  # moves the running means
    state = theirs.state_dict()
    assert load_torchvision_weights(ours, state) is ours
    assert all(torch.equal(value, state[key]) for key, value in ours.state_dict().items())
    older = {key: value for key, value in state.items() if not key.endswith("num_batches_tracked")}
    ours = load_torchvision_weights(tiny(), older)
    assert all(torch.equal(ours.state_dict()[key], value) for key, value in older.items())


def test_every_mismatch_in_one_error():
    """Missing, unexpected, another shape; and not one number of the model is changed."""
    model = tiny()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    state = {key: torch.full_like(value, 9) for key, value in before.items()}
    del state["0.bias"], state["1.running_var"]
    state |= {"fc.weight": torch.ones(1), "3.weight": torch.ones(2, 9), "1.bias": torch.ones(3)}
    with pytest.raises(ValueError, match="state_dict does not fit Sequential: ") as caught:
        load_torchvision_weights(model, state)
    assert str(caught.value).partition(": ")[2].split("; ") == [
        "0.bias is missing",
        "1.running_var is missing",
        "fc.weight is not of the model",
        "1.bias must have shape (2,), got (3,)",
        "3.weight must have shape (2, 8), got (2, 9)",
    ]
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())


def test_alexnets_of_two_kinds_do_not_fit():
    state = {key: torch.empty(shape, device="meta") for key, shape in TORCHVISION_ALEXNET.items()}
    with pytest.raises(ValueError, match=r"features\.4\.weight is missing; .*features\.3\.weight is not of the model"):
        load_torchvision_weights(without_numbers(AlexNetOriginal), state)
    with pytest.raises(ValueError, match=r"AlexNet: classifier\.6\.weight must have shape \(10, 4096\), got \(1000, 4"):
        load_torchvision_weights(without_numbers(AlexNet, 10), state)


@pytest.mark.parametrize(
    ("model", "state", "message"),
    [
        (nn.Linear(1, 1), [1], "state_dict must be a mapping of names to tensors, got list"),
        (nn.Linear(1, 1), {"weight": 3}, r"state_dict\['weight'\] must be a tensor, got int"),
        ({}, {}, r"model must be a torch\.nn\.Module, got dict"),
    ],
)
def test_what_is_no_state_dict(model, state, message):
    with pytest.raises(TypeError, match=message):
        load_torchvision_weights(model, state)


def packed(state, **options):
    file = io.BytesIO()
    torch.save(state, file, **options)
    return file.getvalue()


@pytest.fixture
def publish(monkeypatch):
    """A network of the name "tiny", whose file a server on this machine has; a proxy stays out of it."""
    monkeypatch.setenv("NO_PROXY", "*")
    sites = []

    def publish(content):
        sites.append(Site({"tiny.pth": content}))
        files = {"tiny.pth": hashlib.sha256(content).hexdigest()}
        source = Source("Tiny", [sites[0].url], files, "without a network there is none")
        monkeypatch.setitem(PUBLISHED, "tiny", Published(tiny, source))
        return sites[0]

    yield publish
    for site in sites:
        site.server.shutdown()
        site.server.server_close()


@pytest.mark.parametrize("zipped", [True, False], ids=["as it is stored today", "as AlexNet's is"])
def test_published_weights(publish, tmp_path, zipped):
    """Fetched once, loaded, and ready to be asked."""
    state = tiny().state_dict()
    site = publish(packed(state, _use_new_zipfile_serialization=zipped))
    for _ in range(2):
        model = pretrained("tiny", tmp_path)
        assert not model.training
        assert all(torch.equal(value, state[key]) for key, value in model.state_dict().items())
    assert site.asked == ["tiny.pth"]
    assert (tmp_path / "Tiny" / "tiny.pth").exists()


class Code:
    """What a pickle may do when it is read."""

    def __reduce__(self):
        return print, ("the code of a file has run",)


def test_no_code_of_a_file_is_run(publish, tmp_path, capsys):
    publish(packed({"0.bias": Code()}))
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        pretrained("tiny", tmp_path)
    assert "has run" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(another, "does not have the published checksum"), (not_found, "answers 404 Not Found")],
    ids=["another file", "no file"],
)
def test_a_file_that_is_not_the_published_one(publish, tmp_path, answer, reason):
    publish(packed(tiny().state_dict())).answer = answer
    with pytest.raises(DownloadError, match=rf"^Tiny cannot be downloaded, for .*{reason}; without a network there is"):
        pretrained("tiny", tmp_path)
    assert not list((tmp_path / "Tiny").iterdir())


def test_without_a_network(monkeypatch, tmp_path):
    """One sentence for AlexNet: what cannot be had, why, and what there is."""
    monkeypatch.setenv("NO_PROXY", "*")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        source = replace(PUBLISHED["alexnet"].source, urls=[f"http://127.0.0.1:{nobody.getsockname()[1]}"])
        monkeypatch.setitem(PUBLISHED, "alexnet", Published(AlexNet, source))
        with pytest.raises(DownloadError) as caught:
            pretrained("alexnet", tmp_path)
    assert str(caught.value).endswith("cannot be reached; without a network there is AlexNet(), with random weights")
    assert "\n" not in str(caught.value)


def test_the_published_file_bears_its_checksum():
    """torch.hub checks the eight digits of the name; here the whole sum is checked, and begins with them."""
    for _, source in PUBLISHED.values():
        ((name, checksum),) = source.files.items()
        assert len(bytes.fromhex(checksum)) == 32
        assert checksum.startswith(name.rpartition("-")[2].removesuffix(".pth"))


@pytest.mark.parametrize(
    ("name", "error"), [("alexnett", ValueError), (None, TypeError)], ids=["of no network", "no name"]
)
def test_names_that_are_not_published(name, error):
    with pytest.raises(error, match=r"name must be one of 'alexnet', 'vgg16', .*'vgg19_bn', got "):
        pretrained(name)
