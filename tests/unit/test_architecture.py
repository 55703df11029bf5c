"""Pictures of networks: nothing lost or counted twice, nothing written over anything else."""

from __future__ import annotations

import itertools
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from torch import nn
from torch.nn import functional as F

from convlib import plot
from convlib.architecture import diagram, stages, words
from convlib.architecture.records import short
from convlib.shapes import summary

# ---- the networks of the case studies -------------------------------------------------------------------------------


def lenet():
    layers = [nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)]
    layers += [nn.Conv2d(16, 120, 5), nn.ReLU(), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def head(features):
    layers = [nn.Flatten(), nn.Dropout(), nn.Linear(features, 4096), nn.ReLU()]
    return [*layers, nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 1000)]


def alexnet():
    layers, channels = [nn.Conv2d(3, 96, 11, stride=4), nn.ReLU(True), nn.LocalResponseNorm(5), nn.MaxPool2d(3, 2)], 96
    layers += [nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(True), nn.LocalResponseNorm(5), nn.MaxPool2d(3, 2)]
    for before, channels, groups in ((256, 384, 1), (384, 384, 2), (384, 256, 2)):
        layers += [nn.Conv2d(before, channels, 3, padding=1, groups=groups), nn.ReLU(True)]
    return nn.Sequential(*layers, nn.MaxPool2d(3, 2), *head(channels * 36))


def vgg():
    layers, before = [], 3
    for channels, times in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(times):
            layers += [nn.Conv2d(before, channels, 3, padding=1), nn.ReLU(True)]
            before = channels
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, *head(512 * 49))


class Block(nn.Module):
    """Basic, or with a bottleneck of a quarter of the channels."""

    def __init__(self, before, channels, stride=1, deep=False):
        super().__init__()
        inner = channels // 4 if deep else channels
        sizes = [(before, inner, 1), (inner, inner, 3), (inner, channels, 1)] if deep else []
        sizes = sizes or [(before, channels, 3), (channels, channels, 3)]
        strides = (1, stride, 1) if deep else (stride, 1)
        layers = []
        for (a, b, k), s in zip(sizes, strides, strict=True):
            layers += [nn.Conv2d(a, b, k, s, k // 2, bias=False), nn.BatchNorm2d(b), nn.ReLU(True)]
        self.way = nn.Sequential(*layers[:-1])
        self.other = nn.Identity()
        if before != channels or stride > 1:
            self.other = nn.Sequential(nn.Conv2d(before, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))
        self.relu = nn.ReLU(True)

    def forward(self, x):
        return self.relu(self.way(x) + self.other(x))


def resnet(counts, deep):
    layers, before = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)], 64
    for group, count in enumerate(counts):
        channels = 2**group * (256 if deep else 64)
        for place in range(count):
            layers.append(Block(before, channels, 2 if group and not place else 1, deep))
            before = channels
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, 1000))


NETWORKS = {
    "LeNet": (lenet, (1, 32, 32)),
    "AlexNet": (alexnet, (3, 227, 227)),
    "VGG-16": (vgg, (3, 224, 224)),
    "ResNet-18": (lambda: resnet((2, 2, 2, 2), deep=False), (3, 224, 224)),
    "ResNet-50": (lambda: resnet((3, 4, 6, 3), deep=True), (3, 224, 224)),
}


@pytest.fixture(params=NETWORKS)
def network(request):
    build, size = NETWORKS[request.param]
    with torch.device("meta"):
        return build(), size


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def totals(column):
    return sum(stage.parameters for stage in column), sum(stage.macs for stage in column)


# ---- counting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("collapse", [True, False])
def test_the_sums_are_the_summarys(network, collapse):
    """No layer lost, none counted twice."""
    table = summary(*network)
    assert totals(stages(*network, collapse=collapse)) == (table.parameters, table.macs)


piece = st.sampled_from(
    [
        lambda c: [nn.Conv2d(c, c, 3, padding=1)],
        lambda c: [nn.Conv2d(c, c, 1, groups=2), nn.PReLU(c)],
        lambda c: [nn.ReLU()],
        lambda c: [nn.BatchNorm2d(c), nn.ReLU(), nn.Dropout2d()],
        lambda c: [nn.MaxPool2d(2, ceil_mode=True)],
        lambda c: [Block(c, c), Block(c, c)],
        lambda c: [Block(c, c, stride=2, deep=True)],
        lambda c: [nn.ConvTranspose2d(c, c, 2)],
    ]
)


@given(st.lists(piece, max_size=7), st.booleans())
@settings(max_examples=40)
def test_any_network_keeps_its_sums(pieces, linear):
    """Whatever follows whatever; taking equal neighbours together changes neither the sums nor how many there are."""
    with torch.device("meta"):
        net = nn.Sequential(*itertools.chain.from_iterable(make(4) for make in pieces))
        if linear:
            net.extend([nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(16, 16), nn.Linear(16, 16)])
    table, together, apart = summary(net, (4, 9, 8)), stages(net, (4, 9, 8)), stages(net, (4, 9, 8), collapse=False)
    assert totals(together) == totals(apart) == (table.parameters, table.macs)
    assert sum(stage.repeats for stage in together) == len(apart)
    assert all(stage.repeats == 1 for stage in apart)
    shape = net.eval()(torch.zeros(1, 4, 9, 8, device="meta")).shape[1:]
    assert together[-1].passed_on == apart[-1].passed_on == tuple(shape)
    blocks = sum(stage.repeats for stage in together if stage.shortcut is not None)
    assert blocks == sum(isinstance(module, Block) for module in net)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("LeNet", ["5 × 5", "5 × 5", "5 × 5", "linear", "linear"]),
        (
            "AlexNet",
            ["11 × 11, stride 4", "5 × 5, 2 groups", "3 × 3", *["3 × 3, 2 groups"] * 2, *["linear"] * 3],
        ),
        ("VGG-16", ["2: 3 × 3", "2: 3 × 3", "3: 3 × 3", "3: 3 × 3", "3: 3 × 3", *["linear"] * 3]),
        (
            "ResNet-18",
            [
                "7 × 7, stride 2",
                "2: 3 × 3, 3 × 3",
                *["2: 3 × 3, 3 × 3, first stride 2, first shortcut 1 × 1"] * 3,
                "linear",
            ],
        ),
        (
            "ResNet-50",
            [
                "7 × 7, stride 2",
                "3: 1 × 1, 3 × 3, 1 × 1, first shortcut 1 × 1",
                *[f"{n}: 1 × 1, 3 × 3, 1 × 1, first stride 2, first shortcut 1 × 1" for n in (4, 6, 3)],
                "linear",
            ],
        ),
    ],
)  # fmt: skip
def test_columns_of_the_case_studies(name, column):
    """As the papers' own tables have them."""
    build, size = NETWORKS[name]
    with torch.device("meta"):
        found = stages(build(), size)
    assert found[0].kind == "input"
    assert [f"{stage.repeats}: {stage.operation}".removeprefix("1: ") for stage in found[1:]] == column


def test_marks_and_shapes():
    """What belongs to AlexNet's first and fifth layer, and what the sixth gets."""
    with torch.device("meta"):
        found = stages(alexnet(), (3, 227, 227))
    assert (found[1].marks, found[1].output_shape) == (("ReLU", "LRN", "pool 3/2"), (96, 55, 55))
    assert found[1].passed_on == (96, 27, 27)
    assert (found[5].marks, found[5].passed_on) == (("ReLU", "pool 3/2", "dropout"), (9216,))


@pytest.mark.parametrize(
    ("layer", "mark"),
    [
        (nn.MaxPool2d(2), ("pool 2/2",)),
        (nn.MaxPool2d((2, 1), 1), ("pool 2 × 1/1",)),
        (nn.MaxPool2d([3, 3], [1, 1], 1), ("pool 3/1",)),
        (nn.AvgPool2d(3, 2), ("mean pool 3/2",)),
        (nn.AdaptiveAvgPool2d(1), ("global mean pool",)),
        (nn.AdaptiveMaxPool2d((1, 1)), ("global pool",)),
        (nn.AdaptiveAvgPool2d((None, 2)), ("mean pool to any × 2",)),
        (nn.BatchNorm2d(4), ("batch norm",)),
        (nn.GroupNorm(2, 4), ("group norm",)),
        (nn.Dropout2d(), ("dropout",)),
        (nn.PReLU(4), ("PReLU",)),
        (nn.Upsample(scale_factor=2), ("Upsample",)),
        (nn.Flatten(), ()),
        (nn.Identity(), ()),
    ],
)
def test_small_layers_are_marks(layer, mark):
    """Their parameters count where they stand, and the shape that they make is passed on."""
    net = nn.Sequential(nn.Conv2d(4, 4, 3), layer)
    _, stage = stages(net, (4, 8, 8))
    assert (stage.marks, stage.output_shape) == (mark, (4, 6, 6))
    assert stage.passed_on == tuple(net(torch.zeros(1, 4, 8, 8)).shape[1:])
    assert stage.parameters == 148 + sum(weight.numel() for weight in layer.parameters())


def test_what_comes_before_the_first_weights_belongs_to_the_input():
    """Normalisation of the sample has parameters, too."""
    first, second = stages(nn.Sequential(nn.BatchNorm1d(3), nn.Conv1d(3, 2, 5, stride=2)), (3, 20))
    assert (first.marks, first.parameters) == (("batch norm",), 6)
    assert second.operation == "5 taps, stride 2"


def test_weights_that_are_not_called_come_last():
    """They count among the model's."""
    net = nn.Sequential(nn.Linear(4, 2))
    net[0].aside = nn.Linear(3, 3)
    found = stages(net, (4,))
    assert [(stage.kind, stage.parameters) for stage in found] == [("input", 0), ("Linear", 10), ("not called", 12)]
    assert words(net, (4,)).endswith("Not called: 12 parameters, 0 MACs.")


@pytest.mark.parametrize(
    ("before", "repeats"),
    [
        ([nn.Linear(8, 8), nn.Linear(8, 8)], [2]),
        ([nn.Linear(8, 8), nn.Linear(8, 8, bias=False)], [1, 1]),
        ([nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8)], [1, 1]),
        ([nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU()], [3]),
    ],
)
def test_linear_layers_together_are_equal_in_everything(before, repeats):
    """Where the weights sit must not be hidden."""
    assert [stage.repeats for stage in stages(nn.Sequential(*before), (8,))[1:]] == repeats


@pytest.mark.parametrize(
    "second",
    [
        [nn.Conv2d(4, 4, 5, padding=2), nn.ReLU()],
        [nn.Conv2d(4, 4, 3, padding=1, groups=2), nn.ReLU()],
        [nn.Conv2d(4, 4, 3), nn.ReLU()],
        [nn.Conv2d(4, 4, 3, padding=1), nn.Tanh()],
        [nn.Conv2d(4, 4, 3, padding=1)],
        [nn.ConvTranspose2d(4, 4, 3, padding=1), nn.ReLU()],
        [nn.Conv2d(4, 4, 3, stride=2, padding=5), nn.ReLU()],
        [nn.MaxPool2d(2), nn.Conv2d(4, 4, 3, padding=3), nn.ReLU(), nn.MaxPool2d(2)],
        [Block(4, 4)],
    ],
)
def test_different_convolutions_stay_apart(second):
    """Another kernel, groups, shape, activation, direction, stride, or an input made smaller in between."""
    net = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU(), *second)
    assert [stage.repeats for stage in stages(net, (4, 8, 8))[1:]] == [1, 1]


# ---- residual blocks ------------------------------------------------------------------------------------------------


class Joined(nn.Module):
    """Two tensors brought together in some way."""

    def __init__(self, join, *, projected=False):
        super().__init__()
        self.join, self.first, self.second = join, nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.third = nn.Conv2d(4, 4, 1) if projected else None
        self.weight = nn.Parameter(torch.zeros(1, 4, 8, 8))

    def forward(self, x):
        return self.join(self.second(F.relu(self.first(x))), x if self.third is None else self.third(x), self.weight)


@pytest.mark.parametrize(
    ("join", "shortcuts"),
    [
        (lambda y, x, w: y + x, [""]),
        (lambda y, x, w: x + y, [""]),
        (lambda y, x, w: y.add_(x), [""]),
        (lambda y, x, w: torch.relu(torch.add(y, x)), [""]),
        (lambda y, x, w: y, [None, None]),
        (lambda y, x, w: y + w, [None, None]),
        (lambda y, x, w: y + y, [None, None]),
        (lambda y, x, w: y + 1, [None, None]),
        (lambda y, x, w: torch.cat([y, x], 1), [None, None]),
    ],
)
def test_a_block_is_what_adds(join, shortcuts):
    """Two tensors of the model, one of which has come a shorter way: not weights, not numbers, not a tensor twice."""
    net = nn.Sequential(Joined(join))
    found = [stage for stage in stages(net, (4, 8, 8), collapse=False)[1:] if stage.stride]
    assert [stage.shortcut for stage in found] == shortcuts
    assert totals(stages(net, (4, 8, 8)))[0] == summary(net, (4, 8, 8)).parameters


def test_a_layer_on_the_shortcut_is_named():
    """It counts in the block and is not one of its parts."""
    _, stage = stages(nn.Sequential(Joined(lambda y, x, w: x + y, projected=True)), (4, 8, 8))[-2:]
    assert (stage.shortcut, stage.parts) == ("1 × 1", ("Joined", "3 × 3", "3 × 3"))


def test_the_model_itself_is_no_block():
    """Else all of it would be one box."""
    found = stages(Joined(lambda y, x, w: x + y), (4, 8, 8), collapse=False)
    assert [stage.shortcut for stage in found] == [None] * 4


def test_the_model_is_left_as_it_was():
    """Mode, hooks, running means, and what it gives."""
    net = nn.Sequential(Block(4, 4), nn.Dropout()).train()
    net[0].eval()
    modes, before = [module.training for module in net.modules()], {k: v.clone() for k, v in net.state_dict().items()}
    diagram(net, (4, 8, 8))
    assert [module.training for module in net.modules()] == modes
    assert all(not module._forward_hooks and not module._forward_pre_hooks for module in net.modules())
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())


# ---- the picture ----------------------------------------------------------------------------------------------------


def boxes(fig):
    """Each text with its bounding box, in pixels."""
    renderer = fig.canvas.get_renderer()
    return [(text.get_text(), text.get_window_extent(renderer)) for text in fig.axes[0].texts if text.get_text()]


def areas(fig, color):
    """Bounding boxes of the faces and bars of one colour."""
    ax = fig.axes[0]
    shapes = [shape for shape in ax.patches if to_hex(shape.get_facecolor()) == plot.COLORS[color]]
    bars = [bar for bar in ax.collections if to_hex(bar.get_facecolor()[0]) == plot.COLORS[color]]
    return [shape.get_window_extent() for shape in shapes] + [bar.get_window_extent() for bar in bars]


def check(fig):
    """No text over another one, a block, a bar, or the edge; finely, as letters are not fitted to dots in vectors."""
    fig.set_dpi(600)
    written = boxes(fig)
    for (one, first), (two, second) in itertools.combinations(written, 2):
        assert not first.overlaps(second), (one, two)
    drawn = [area for color in ("input", "output", "kernel", "product") for area in areas(fig, color)]
    for text, box in written:
        assert not any(box.overlaps(area) for area in drawn), text
    lines = [line.get_window_extent() for line in fig.axes[0].lines]
    for text, box in [*written, *(("a shape", area) for area in drawn), *(("a line", line) for line in lines)]:
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= fig.bbox.x1, text
        assert box.y1 <= fig.bbox.y1, text


@pytest.mark.parametrize("collapse", [True, False])
def test_nothing_lies_over_anything(network, collapse):
    """Of all the case studies, collapsed or not; and lettering can be read on a phone."""
    fig = diagram(*network, collapse=collapse, title="A network of the nineties, or a later one, with a long name")
    check(fig)
    assert plot.smallest_lettering(fig)[1] >= 11


class TheWeightedMeanOfSomethingThatNeedsALongNameIndeed(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(64, 1, 1, 1))

    def forward(self, x):
        return x * self.weight


def test_odd_networks_fit_too():
    """Long names, long shapes, many repeats, a block at the end, weights that are not called."""
    with torch.device("meta"):
        net = nn.Sequential(nn.Conv3d(1, 1024, 3, padding=1), nn.Conv3d(1024, 64, (1, 3, 5), (1, 2, 1), (0, 1, 2)))
        net.extend([TheWeightedMeanOfSomethingThatNeedsALongNameIndeed(), nn.Flatten(2), nn.MaxPool1d(100)])
        check(diagram(net, (1, 128, 112, 112)))
        check(diagram(nn.Sequential(Joined(lambda y, x, w: y + x)), (4, 8, 8)))
        check(diagram(nn.Sequential(*[Block(2048, 2048) for _ in range(23)]), (2048, 8, 8)))
        net = nn.Sequential(nn.Linear(70_000, 100_000))
        net[0].aside = nn.Linear(30, 30)
        check(diagram(net, (70_000,)))


def test_bars_are_shares(network):
    """Of all parameters and all MACs, on one scale, the longest as long as there is room for."""
    column = [stage for stage in stages(*network) if stage.parameters]
    fig = diagram(*network)
    scale = fig.dpi / 72
    shares = []
    for color, of in (("kernel", "parameters"), ("product", "macs")):
        long = np.array([area.width for area in areas(fig, color)]) / scale
        counts = np.array([getattr(stage, of) for stage in column])
        shares.append((long, counts / counts.sum()))
    longest, largest = (max(values.max() for values in pair) for pair in zip(*shares, strict=True))
    assert longest == pytest.approx(40)
    for long, share in shares:
        assert long == pytest.approx(np.maximum(share * 40 / largest, 1))


@given(st.integers(1, 500), st.integers(1, 500), st.integers(1, 300), st.integers(1, 300))
@settings(max_examples=20)
def test_blocks_tell_channels_and_sides(few, many, small, large):
    """Longer for more channels, thicker for larger images."""
    sizes = []
    for channels, side in ((few, small), (many, large)):
        with torch.device("meta"):
            fig = diagram(nn.Conv2d(1, channels, 1), (1, side, side))
        front = areas(fig, "output")[0]
        sizes.append((front.width, front.height))
        plt.close(fig)
    assert np.sign(round(sizes[1][0] - sizes[0][0], 6)) == np.sign(many - few)
    assert np.sign(round(sizes[1][1] - sizes[0][1], 6)) == np.sign(large - small)


def test_a_picture_follows_the_theme(network):
    """Every colour has a name, and the picture goes through the book's own gate."""
    picture = plot.Picture(diagram(*network), alt=words(*network))
    assert re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", picture.svg) == []


def test_words_mention_every_stage(network):
    """One sentence each, with what is done, the shape and the counts."""
    column = stages(*network)
    said = words(*network).removesuffix(".").split(". ")
    assert len(said) == len(column) + 1
    for stage, sentence in zip(column, said[1:], strict=True):
        assert stage.operation.lower() in sentence.lower()
        assert " × ".join(map(str, stage.output_shape)) in sentence
        assert all(mark in sentence for mark in stage.marks)
        if stage.parameters:
            assert sentence.endswith(f"{short(stage.parameters)} parameters, {short(stage.macs)} MACs")
        if stage.repeats > 1:
            assert sentence.startswith(f"{stage.repeats} ")
    parameters, macs = totals(column)
    assert f"{short(parameters)} parameters and {short(macs)} MACs in all" in said[0]


@given(st.integers(0, 10**20))
def test_three_digits_and_a_unit(count):
    """Right to half of the third digit; never four figures before the unit."""
    number, _, unit = short(count).partition(" ")
    value = float(number) * 1000 ** ("kMGTPE".index(unit) + 1 if unit else 0)
    assert value == pytest.approx(count, rel=0.5e-2, abs=0)
    assert float(number) < 1000
    assert unit or number == str(count)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (("net", (1, 8, 8)), {}, TypeError, r"model must be a torch\.nn\.Module, got str"),
        ((nn.Conv2d(3, 4, 3), 8), {}, TypeError, "input_size must be the shape of one sample, .*, got 8"),
        ((nn.Conv2d(3, 4, 3), (3, 0, 8)), {}, ValueError, "input_size must be at least 1, got 0"),
        ((nn.Conv2d(3, 4, 3), (1, 8, 8)), {}, ValueError, "input_size must be a shape .*; with 1 × 8 × 8 it stops: "),
        ((nn.Conv2d(3, 4, 3), (3, 8, 8)), {"collapse": 1}, TypeError, "collapse must be True or False, got 1"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("function", [stages, diagram, words])
def test_what_is_refused(function, arguments, options, error, message):
    """A sentence that names the argument."""
    with pytest.raises(error, match=message):
        function(*arguments, **options)


def test_a_title_is_a_string():
    """Nothing else."""
    with pytest.raises(TypeError, match="title must be a string, got 5 of type int"):
        diagram(nn.ReLU(), (1, 2, 2), title=5)


@pytest.mark.filterwarnings("error")
def test_drawn_twice():
    """A page keeps it as SVG and as dots: the second drawing is like the first, and nothing warns."""
    with plot.style():
        picture = plot.Picture(diagram(lenet(), (1, 32, 32)), alt="LeNet-5, its layers")
        svg = picture.svg
        assert picture.png
        again = plot.Picture(picture.figure, alt="LeNet-5, its layers").svg
    assert svg.count("<path") == again.count("<path")
    assert re.findall(r'viewBox="[^"]*"', svg) == re.findall(r'viewBox="[^"]*"', again)
