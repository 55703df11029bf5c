"""ResNet: the published counts, what the blocks compute, twins; and what looks into a trained one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from convlib import data
from convlib.architecture import stages
from convlib.experiments import resnet
from convlib.models import BasicBlock, Bottleneck, CifarResNet, ResNet, load_torchvision_weights
from convlib.models.resnet import STRUCTURES, PlainBlock, Subsample, zero_last_gamma
from convlib.shapes import fields, summary


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


def weights(net):
    return sum(weight.numel() for weight in net.parameters())


def without_numbers(build, *args, **options):
    with torch.device("meta"):
        return build(*args, **options)


def unsettled(net):
    """With other scales, shifts and statistics than those that all networks begin with."""
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.uniform_(layer.bias, -0.5, 0.5)
            nn.init.uniform_(layer.running_mean, -0.5, 0.5)
            nn.init.uniform_(layer.running_var, 0.5, 1.5)
    return net


# ---- the ImageNet networks ------------------------------------------------------------------------------------------

#: Parameters, MACs with the stride in the 3 × 3 and in the 1 × 1, and the last convolution's field with either.
PUBLISHED = {
    18: (11_689_512, 1_814_073_344, 1_814_073_344, 435, 435),
    34: (21_797_672, 3_663_761_408, 3_663_761_408, 899, 899),
    50: (25_557_032, 4_089_184_256, 3_857_973_248, 427, 483),
    101: (44_549_160, 7_801_405_440, 7_570_194_432, 971, 1027),
    152: (60_192_808, 11_513_626_624, 11_282_415_616, 1451, 1507),
}


@pytest.mark.parametrize(("num_layers", "stride_in"), list(product(PUBLISHED, ("3x3", "1x1"))))
def test_published_numbers(num_layers, stride_in):
    """Parameters, multiply-adds and fields, counted as the network runs."""
    net = without_numbers(ResNet, num_layers=num_layers, stride_in=stride_in)
    table = summary(net, (3, 224, 224))
    parameters, macs, macs_1x1, field, field_1x1 = PUBLISHED[num_layers]
    assert table.parameters == parameters
    assert table.macs == (macs if stride_in == "3x3" else macs_1x1)
    last = [found for name, found in fields(net, (3, 224, 224)).items() if name.startswith("layer4")][-1]
    assert (last.size, last.jump) == (field if stride_in == "3x3" else field_1x1, 32)


@pytest.mark.parametrize("num_layers", STRUCTURES)
def test_layers_are_counted_on_the_way(num_layers):
    """Convolutions off the shortcuts, and the linear layer, are as many as the name says; no convolution has a bias."""
    net = without_numbers(ResNet, num_layers=num_layers)
    convs = {name: layer for name, layer in net.named_modules() if isinstance(layer, nn.Conv2d)}
    assert sum("downsample" not in name for name in convs) + 1 == num_layers
    assert all(conv.bias is None for conv in convs.values())
    assert sum("downsample" in name for name in convs) == (3 if num_layers < 50 else 4)


def torchvision_shapes(num_layers):
    """torchvision's names and shapes, written out from its source and from nothing of ours."""
    deep = num_layers >= 50
    shapes = norm("bn1", 64) | {"conv1.weight": (64, 3, 7, 7)}
    before = 64
    counts = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
    for stage, count in enumerate(counts[num_layers], start=1):
        width = 32 * 2**stage
        after = 4 * width if deep else width
        for place in range(count):
            name = f"layer{stage}.{place}"
            sides, ways = ((1, 3, 1), (before, width, width, after)) if deep else ((3, 3), (before, width, after))
            for number, side in enumerate(sides, start=1):
                shapes[f"{name}.conv{number}.weight"] = (ways[number], ways[number - 1], side, side)
                shapes |= norm(f"{name}.bn{number}", ways[number])
            if place == 0 and before != after:
                shapes[f"{name}.downsample.0.weight"] = (after, before, 1, 1)
                shapes |= norm(f"{name}.downsample.1", after)
            before = after
    return shapes | {"fc.weight": (1000, before), "fc.bias": (1000,)}


def norm(name, channels):
    parts = ("weight", "bias", "running_mean", "running_var")
    return {f"{name}.{part}": (channels,) for part in parts} | {f"{name}.num_batches_tracked": ()}


@pytest.mark.parametrize("num_layers", STRUCTURES)
def test_torchvisions_names(num_layers):
    own = {
        name: tuple(value.shape) for name, value in without_numbers(ResNet, num_layers=num_layers).state_dict().items()
    }
    assert own == torchvision_shapes(num_layers)


def functional(state, x, num_layers, stride_in):
    """The network in functions, out of a state dict."""

    def conv(name, y, stride=1, padding=0):
        return F.conv2d(y, state[f"{name}.weight"], stride=stride, padding=padding)

    def bn(name, y):
        mean, var, scale, shift = (
            state[f"{name}.{part}"][:, None, None] for part in ("running_mean", "running_var", "weight", "bias")
        )
        return (y - mean) / (var + 1e-5).sqrt() * scale + shift

    y = bn("bn1", conv("conv1", x, 2, 3)).clamp(min=0)
    y = F.max_pool2d(y, 3, 2, 1)
    for stage, count in enumerate(STRUCTURES[num_layers], start=1):
        for place in range(count):
            name, stride = f"layer{stage}.{place}", 2 if stage > 1 and place == 0 else 1
            if num_layers >= 50:
                first, second = (stride, 1) if stride_in == "1x1" else (1, stride)
                z = bn(f"{name}.bn1", conv(f"{name}.conv1", y, first)).clamp(min=0)
                z = bn(f"{name}.bn2", conv(f"{name}.conv2", z, second, 1)).clamp(min=0)
                z = bn(f"{name}.bn3", conv(f"{name}.conv3", z))
            else:
                z = bn(f"{name}.bn1", conv(f"{name}.conv1", y, stride, 1)).clamp(min=0)
                z = bn(f"{name}.bn2", conv(f"{name}.conv2", z, 1, 1))
            if f"{name}.downsample.0.weight" in state:
                y = bn(f"{name}.downsample.1", conv(f"{name}.downsample.0", y, stride))
            y = (z + y).clamp(min=0)
    return y.mean((2, 3)) @ state["fc.weight"].T + state["fc.bias"]


@pytest.mark.parametrize(("num_layers", "stride_in"), [(18, "3x3"), (50, "3x3"), (50, "1x1")])
def test_the_same_in_functions(num_layers, stride_in):
    """Weights taken over from a state dict, and the scores of pictures of an odd size."""
    state = unsettled(ResNet(num_layers=num_layers)).double().state_dict()
    net = load_torchvision_weights(ResNet(num_layers=num_layers, stride_in=stride_in).double(), state).eval()
    x = randn(2, 3, 65, 49).double()
    with torch.no_grad():
        wanted = functional(state, x, num_layers, stride_in)
        torch.testing.assert_close(net(x), wanted)


def test_other_pictures_and_classes():
    net = without_numbers(ResNet, 1, 34, 7)
    assert net(torch.ones(2, 1, 96, 96, device="meta")).shape == (2, 7)
    with pytest.raises(ValueError, match=r"x must have shape \(N, 1, rows, columns\), got \(2, 3, 96, 96\)"):
        net(torch.ones(2, 3, 96, 96, device="meta"))


def test_he_start():
    """The weights' variance is 2 over the number of products that a unit's gradient is the sum of."""
    net = ResNet()
    for conv in (net.conv1, net.layer1[0].conv1, net.layer2[0].conv1, net.layer3[0].downsample[0], net.layer4[1].conv2):
        wanted = 2 / (conv.out_channels * conv.kernel_size[0] ** 2)
        assert conv.weight.detach().var().item() == pytest.approx(wanted, rel=0.05)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"num_layers": 20}, ValueError, "num_layers must be one of 18, 34, 50, 101, 152, got 20"),
        ({"num_layers": "18"}, TypeError, "num_layers must be a whole number, got '18'"),
        ({"num_layers": 50, "stride_in": "2x2"}, ValueError, "stride_in must be one of '3x3', '1x1', got '2x2'"),
        ({"in_channels": 0}, ValueError, "in_channels must be at least 1, got 0"),
        ({"num_classes": 1.0}, TypeError, r"num_classes must be a whole number, got 1\.0"),
    ],
)
def test_impossible_resnets(options, error, message):
    with pytest.raises(error, match=message):
        without_numbers(ResNet, **options)


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (
            lambda: BasicBlock(16, 32),
            "downsample must be a module where the shape changes, got None for 16 maps in, 32",
        ),
        (lambda: BasicBlock(16, 16, 2), "32 maps in|16 maps in, 16 out and stride 2"),
        (lambda: Bottleneck(64, 64), "got None for 64 maps in, 256 out and stride 1"),
        (lambda: PlainBlock(0, 16), "in_channels must be at least 1, got 0"),
        (lambda: Subsample(2)(torch.ones(1, 3, 4, 4)), "x must have at most 2 channels, got 3"),
        (lambda: zero_last_gamma(CifarResNet(8, residual=False)), "net must have residual blocks"),
    ],
)
def test_impossible_blocks(block, message):
    with pytest.raises(ValueError, match=message):
        block()


@pytest.mark.parametrize("num_layers", [18, 50])
def test_zero_last_gamma(num_layers):
    """Every block is then the ReLU of its shortcut, and nothing else."""
    net = zero_last_gamma(unsettled(ResNet(num_layers=num_layers))).eval()
    for block in [*net.layer1, *net.layer2]:
        last = block.bn3 if num_layers == 50 else block.bn2
        nn.init.zeros_(last.bias)
        x = randn(2, block.conv1.in_channels, 6, 6)
        torch.testing.assert_close(block(x), block.shortcut(x).clamp(min=0))


def test_drawn_as_blocks():
    """The pictures' stages: a block for each shape, projected where it changes."""
    found = stages(without_numbers(ResNet, num_layers=50), (3, 224, 224))
    blocks = [(stage.repeats, stage.output_shape) for stage in found if stage.kind == "Bottleneck"]
    assert blocks == [(3, (256, 56, 56)), (4, (512, 28, 28)), (6, (1024, 14, 14)), (3, (2048, 7, 7))]
    assert {stage.shortcut for stage in found if stage.kind == "Bottleneck"} == {"1 × 1"}
    found = stages(without_numbers(CifarResNet, 20), (3, 32, 32))
    assert [(stage.repeats, stage.shortcut) for stage in found if stage.kind == "BasicBlock"] == [(3, "")] * 3
    assert all(
        stage.shortcut is None for stage in stages(without_numbers(CifarResNet, 20, residual=False), (3, 32, 32))
    )


# ---- the CIFAR networks, and their twins ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("depth", "count"), [(20, 269_722), (32, 464_154), (44, 658_586), (56, 853_018), (110, 1_727_962)]
)
def test_cifar_counts(depth, count):
    """As the paper's table 6 rounds them, 0.27 to 1.7 million; the plain twin has as many."""
    for residual in (True, False):
        net = without_numbers(CifarResNet, depth, residual=residual)
        assert weights(net) == count
        assert sum(isinstance(layer, nn.Conv2d | nn.Linear) for layer in net.modules()) == depth


@given(
    n=st.integers(1, 3),
    shortcut=st.sampled_from("ABC"),
    width=st.sampled_from([3, 8]),
    side=st.integers(1, 9),
    seed=st.integers(0, 2**31),
)
@settings(deadline=None, max_examples=30)
def test_twins(n, shortcut, width, side, seed):
    """From one seed, whatever is added: the same weights; and the twin is the network whose shortcuts give nothing."""
    nets = []
    for options in ({"residual": False}, {"shortcut": "A"}, {"shortcut": shortcut}):
        torch.manual_seed(seed)
        nets.append(CifarResNet(6 * n + 2, in_channels=2, width=width, num_classes=4, **options).eval())
    plain, _, other = nets
    state = other.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in plain.state_dict().items())
    assert len(state) - len(plain.state_dict()) == 6 * {"A": 0, "B": 2, "C": 3 * n}[shortcut]
    x = randn(2, 2, side, side)
    for block in resnet.blocks(other):
        block.shortcut = lambda x: torch.zeros(())
    assert torch.equal(other(x), plain(x))


@given(channels=st.integers(1, 4), more=st.integers(0, 3), rows=st.integers(1, 7), stride=st.integers(1, 3))
def test_subsample(channels, more, rows, stride):
    """Every stride-th row and column; the new maps are zeros."""
    x = randn(2, channels, rows, rows + 1)
    y = Subsample(channels + more, stride)(x)
    assert torch.equal(y[:, :channels], x[:, :, ::stride, ::stride])
    assert y.shape[1] == channels + more
    assert not y[:, channels:].any()


def test_gradients_reach_every_weight():
    for options in ({"shortcut": "A"}, {"shortcut": "B"}, {"shortcut": "C"}, {"residual": False}):
        net = CifarResNet(14, **options)
        F.cross_entropy(net(randn(8, 3, 16, 16)), torch.arange(8)).backward()
        assert all(weight.grad.abs().max() > 0 for weight in net.parameters())


@pytest.mark.parametrize(
    ("depth", "options", "error", "message"),
    [
        (18, {}, ValueError, r"depth must be 6n \+ 2, as 8, 14, 20, 32, 44, 56 or 110 is, got 18"),
        (2, {}, ValueError, r"depth must be 6n \+ 2"),
        (20.0, {}, TypeError, r"depth must be a whole number, got 20\.0"),
        (20, {"residual": 1}, TypeError, "residual must be True or False, got 1"),
        (20, {"shortcut": "D"}, ValueError, "shortcut must be one of 'A', 'B', 'C', got 'D'"),
        (20, {"width": 0}, ValueError, "width must be at least 1, got 0"),
    ],
)
def test_impossible_cifar_networks(depth, options, error, message):
    with pytest.raises(error, match=message):
        CifarResNet(depth, **options)


# ---- what looks into them -------------------------------------------------------------------------------------------


def small(depth=20, **options):
    """A network that looks as if it had learned, and pictures."""
    return unsettled(resnet.new(depth, seed=1, **options)).eval(), randn(6, 1, 8, 8), torch.arange(6)


@pytest.mark.parametrize("shortcut", ["A", "B", "C"])
def test_paths_make_up_the_gradient(shortcut):
    """All parts together are what autograd finds; the shares sum to 1."""
    net, x, y = small(shortcut=shortcut)
    h = resnet.stem(net, x).detach().requires_grad_()
    out = h
    for block in resnet.blocks(net):
        out = block(out)
    (gradient,) = torch.autograd.grad(F.cross_entropy(resnet.head(net, out), y), h)
    parts = resnet.path_gradients(net, x, y)
    assert len(parts) == 10
    torch.testing.assert_close(parts.sum(0), gradient, rtol=1e-3, atol=1e-5)
    assert sum(resnet.paths(net, x, y).shares) == pytest.approx(1, abs=1e-4)


def test_the_shortest_and_the_longest_path():
    """Of length 0, what is left where every block is frozen; of full length, where every shortcut is cut."""
    net, x, y = small(14)
    parts = resnet.path_gradients(net, x, y)
    net_of = {0: lambda block, h: (block.residual(h).detach(), block.shortcut(h)),
              6: lambda block, h: (block.residual(h), block.shortcut(h).detach())}  # fmt: skip
    for length, ways in net_of.items():
        h = resnet.stem(net, x).detach().requires_grad_()
        out = h
        for block in resnet.blocks(net):
            added, kept = ways(block, out)
            out = (added + kept).clamp(min=0)
        (gradient,) = torch.autograd.grad(F.cross_entropy(resnet.head(net, out), y), h)
        torch.testing.assert_close(parts[length], gradient, rtol=1e-3, atol=1e-6)


def test_single_paths():
    """There is one path of length 0, and one through all blocks: their norms are exact, whatever is drawn."""
    net, x, y = small(14)
    whole = resnet.paths(net, x, y).norms
    for seed in (0, 1):
        single = resnet.path_norms(net, x, y, samples=2, seed=seed)
        assert len(single) == 7
        assert single[0] == pytest.approx(whole[0], rel=1e-4)
        assert single[-1] == pytest.approx(whole[-1], rel=1e-4)
    assert single[3] != pytest.approx(whole[3], rel=0.1)


@pytest.mark.parametrize("find", [resnet.paths, resnet.path_norms])
def test_plain_networks_have_no_paths(find):
    net, x, y = small(8, residual=False)
    with pytest.raises(ValueError, match="net must be residual, got one whose blocks add nothing"):
        find(net, x, y)


def test_networks_are_left_as_they_were():
    """Nothing that looks into a network changes it, or the mode that it is in."""
    net, x, y = small(14)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    net.train()
    resnet.gradient_norms(net, x, y)
    resnet.paths(net, x, y)
    resnet.without_block(net, 0, 3)
    resnet.with_swaps(net, 3, np.random.default_rng(0))
    resnet.settled(net, x)
    resnet.without_batch_norm(net)
    resnet.deepened(net, 20, x)
    assert net.training
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_gradient_norms():
    """Those of a step, of every convolution on the way."""
    net, x, y = small(14, shortcut="C")
    norms = resnet.gradient_norms(net, x, y)
    net.train()
    F.cross_entropy(net(x), y).backward()
    own = [layer.weight.grad.norm().item() for name, layer in net.named_modules()
           if isinstance(layer, nn.Conv2d) and "downsample" not in name]  # fmt: skip
    assert norms == pytest.approx(own, rel=1e-5)
    assert len(norms) == 13


@given(factor=st.floats(0.3, 3), first=st.floats(0.1, 10), count=st.integers(2, 9))
def test_growth(factor, first, count):
    """Of a geometric sequence, its factor, read from the end."""
    assert resnet.growth([first / factor**i for i in range(count)]) == pytest.approx(factor, abs=1e-4)


@pytest.mark.parametrize("residual", [True, False])
def test_without_a_block(residual):
    """The same as going by the block's shortcut; of several, by all of theirs."""
    net, x, _ = small(14, residual=residual)
    for places in ((0,), (1,), (2,), (5,), (1, 2, 4), tuple(range(6))):
        h = resnet.stem(net, x)
        for place, block in enumerate(resnet.blocks(net)):
            if place not in places:
                h = block(h)
            elif place in (2, 4):
                h = F.pad(h[:, :, ::2, ::2], (0, 0, 0, 0, 0, h.shape[1]))
        torch.testing.assert_close(resnet.without_block(net, *places)(x), resnet.head(net, h))
    with pytest.raises(IndexError, match="places must be below 6, the number of blocks, got 6"):
        resnet.without_block(net, 6)


def test_without_a_block_that_projects():
    """The projection is left, and the ReLU behind it."""
    net, x, _ = small(8, shortcut="B")
    h = net.layer1(resnet.stem(net, x))
    h = net.layer3(net.layer2[0].shortcut(h).clamp(min=0))
    torch.testing.assert_close(resnet.without_block(net, 1)(x), resnet.head(net, h))


@given(swaps=st.integers(0, 6), seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=20)
def test_swaps(swaps, seed):
    """The same blocks in each stage; those that change the shape stay first; the scores have their shape."""
    net = resnet.new(14, seed=0)
    other = resnet.with_swaps(net, swaps, np.random.default_rng(seed))
    for name, fixed in (("layer1", 0), ("layer2", 1), ("layer3", 1)):
        old, new = ([block.conv2.weight.sum().item() for block in getattr(n, name)] for n in (net, other))
        assert sorted(old) == sorted(new)
        assert old[:fixed] == new[:fixed]
    changed = sum(
        not torch.equal(a.conv1.weight, b.conv1.weight)
        for a, b in zip(resnet.blocks(net), resnet.blocks(other), strict=True)
    )
    assert changed == (2 if swaps % 2 else 0)  # at depth 14 only the two of the first stage can
    with pytest.raises(ValueError, match="two blocks that can change places, got one of depth 8"):
        resnet.with_swaps(resnet.new(8, seed=0), 1, np.random.default_rng(0))


@pytest.mark.parametrize("residual", [True, False])
def test_deepened(residual):
    """A deeper network that says the same, a residual one to the last bit; with random blocks it does not."""
    x, y = (torch.from_numpy(part[:200]) for part in data.digits()[:2])
    net = resnet.settled(resnet.new(14, seed=0, residual=residual), x)
    deep = resnet.deepened(net, 32, x)
    with torch.no_grad():
        assert torch.equal(deep(x), net(x)) if residual else torch.allclose(deep(x), net(x), atol=1e-4)
        assert not torch.allclose(resnet.deepened(net, 32, x, identity=False)(x), net(x), atol=0.1)
    assert weights(deep) > weights(net)
    gradients = resnet.gradient_norms(deep, x, y)
    assert len(gradients) == 31


def test_responses():
    """What is added, block by block, in any mode of the scale; of a plain network the same place."""
    net, x, _ = small(8)
    h = resnet.stem(net, x)
    wanted = []
    for block in resnet.blocks(net):
        wanted.append(block.bn2(block.conv2(block.bn1(block.conv1(h)).clamp(min=0))).std().item())
        h = block(h)
    assert resnet.responses(net, x) == pytest.approx(wanted, rel=1e-5)


def test_settled():
    """In evaluation mode it says of these pictures what it says of them in training mode, as one batch."""
    net, x = small(14)[0], randn(300, 1, 8, 8)
    still = resnet.settled(net, x)
    assert not still.training
    net.train()
    with torch.no_grad():  # all but alike: what is kept is the variance over n - 1
        torch.testing.assert_close(still(x), net(x), rtol=0.01, atol=0.01)


def test_gradient_cosines():
    """Against a loop; a network in training mode, or one point, is refused."""
    net, x, _ = small(8)
    found = resnet.gradient_cosines(net, x[0], x[1], points=5)
    gradients = []
    for part in range(5):
        point = (x[0] + part / 4 * (x[1] - x[0]))[None].requires_grad_()
        net(point)[0, 0].backward()
        gradients.append(point.grad.flatten().numpy())
    for apart in range(5):
        pairs = [(gradients[i], gradients[i + apart]) for i in range(5 - apart)]
        wanted = np.mean([a @ b / np.linalg.norm(a) / np.linalg.norm(b) for a, b in pairs])
        assert found[apart] == pytest.approx(wanted, abs=1e-4)
    with pytest.raises(ValueError, match="points must be at least 2, got 1"):
        resnet.gradient_cosines(net, x[0], x[1], points=1)
    with pytest.raises(ValueError, match="net must be in evaluation mode"):
        resnet.gradient_cosines(net.train(), x[0], x[1])


def test_pairs_begin_alike(monkeypatch):
    """The same weights, the same order of digits: only the additions tell them apart; the rate may begin at a tenth."""
    x, y, x_test, y_test = data.digits()
    monkeypatch.setattr(resnet.data, "digits", lambda: data.Split(x[:130], y[:130], x_test[:10], y_test[:10]))
    still = resnet.train_pair(8, epochs=1, rate=0.0)
    plain, residual = (run.net for run in still.values())
    assert torch.equal(plain.layer1[0].conv1.weight, residual.layer1[0].conv1.weight)
    again = resnet.train_pair(8, epochs=1, rate=0.02)
    assert again["plain"].history.losses != again["residual"].history.losses
    assert again["plain"].history.losses == resnet.train_pair(8, epochs=1, rate=0.02)["plain"].history.losses
    warm, slow = resnet.new(8, seed=0), resnet.new(8, seed=0)
    resnet.taught(warm, epochs=1, rate=0.02, warm=1)
    resnet.taught(slow, epochs=1, rate=0.002)
    assert all(torch.allclose(a, b) for a, b in zip(warm.parameters(), slow.parameters(), strict=True))
