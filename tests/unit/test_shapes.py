"""Sizes, refusals included, against PyTorch; receptive fields against gradients; the counts of published networks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from convlib import shapes
from convlib.shapes import Branches, Field, closed_form, fields, receptive_field, summary

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")

SETTINGS = {
    "kernel_size": st.integers(1, 6),
    "stride": st.integers(0, 5),
    "padding": st.integers(-1, 4),
    "dilation": st.integers(0, 4),
}
sizes = st.integers(1, 12)


def theirs(layer, n, channels=1):
    """PyTorch's size for columns, or None where it refuses."""
    try:
        with torch.no_grad():
            return layer()(torch.zeros(1, channels, 4, n)).shape[-1]
    except (RuntimeError, ValueError):
        return None


def ours(rule, *arguments, **options):
    """Ours, or None where it is refused with a sentence that names an argument."""
    try:
        return rule(*arguments, **options)
    except ValueError as error:
        message = str(error)
    assert message.split()[0] in {*SETTINGS, "input_size", "output_padding", "in_channels", "out_channels"}
    return None


def wide(k, s, p, d):
    """The same settings for PyTorch, along the columns alone."""
    return {"kernel_size": (1, k), "stride": (1, s), "padding": (0, p), "dilation": (1, d)}


# ---- sizes ----------------------------------------------------------------------------------------------------------


@given(sizes, *SETTINGS.values())
@settings(max_examples=400)
def test_a_convolution(n, k, s, p, d):
    """The same size, or both refuse."""
    assert ours(shapes.output_size, n, k, s, p, d) == theirs(lambda: nn.Conv2d(1, 1, **wide(k, s, p, d)), n)


@given(sizes, *SETTINGS.values(), st.booleans())
@settings(max_examples=400)
def test_a_pool(n, k, s, p, d, ceil_mode):
    """Maximum and, without dilation, mean; the last window rounded up or down."""
    found = ours(shapes.pooled_size, n, k, s, p, d, ceil_mode=ceil_mode)
    assert found == theirs(lambda: nn.MaxPool2d(**wide(k, s, p, d), ceil_mode=ceil_mode), n)
    if d == 1:
        options = {name: value for name, value in wide(k, s, p, d).items() if name != "dilation"}
        assert found == theirs(lambda: nn.AvgPool2d(**options, ceil_mode=ceil_mode), n)
    if ceil_mode:
        assert found == ours(shapes.output_size, n, k, s, p, d, ceil_mode=True)


@given(sizes, *SETTINGS.values(), st.integers(-1, 5))
@settings(max_examples=400)
def test_a_transposed_convolution(n, k, s, p, d, more):
    """Which output padding is possible, too."""
    layer = lambda: nn.ConvTranspose2d(1, 1, **wide(k, s, p, d), output_padding=(0, more))  # noqa: E731
    assert ours(shapes.transposed_output_size, n, k, s, p, d, output_padding=more) == theirs(layer, n)


@given(sizes, st.integers(1, 6), st.integers(1, 5), st.integers(0, 4), st.integers(1, 4))
def test_transposed_undoes_the_size(n, k, s, p, d):
    """The sizes that ``output_padding`` chooses from are those that the convolution makes equal."""
    if n + 2 * p < d * (k - 1) + 1:
        return
    smaller = shapes.output_size(n, k, s, p, d)
    lost = (n + 2 * p - d * (k - 1) - 1) % s
    assert shapes.transposed_output_size(smaller, k, s, p, d, output_padding=lost) == n


def test_a_pool_moves_by_its_own_size():
    """PyTorch's default, for which output_size would move by 1."""
    assert shapes.pooled_size(7, 3) == nn.MaxPool1d(3)(torch.zeros(1, 1, 7)).shape[-1] == 2
    assert shapes.output_size(7, 3) == 5


def test_each_axis_by_itself():
    """Pairs and triples beside whole numbers; lists as tuples."""
    assert shapes.output_size((32, 100), (4, 5), (1, 2), 1, [1, 3]) == (31, 45)
    assert shapes.output_size(8, (3, 2, 1)) == (6, 7, 8)
    assert shapes.pooled_size((6, 7), (2, 3), padding=(1, 0), ceil_mode=True) == (4, 3)
    assert shapes.transposed_output_size((4, 5), 3, 2, output_padding=(0, 1)) == (9, 12)
    assert shapes.output_size(np.int64(8), 3) == 6


# ---- same padding ---------------------------------------------------------------------------------------------------


@given(st.integers(1, 12), st.integers(1, 6), st.integers(1, 3), st.integers(0, 9))
def test_same_is_pytorchs(n, k, d, seed):
    """Padding by hand gives PyTorch's very numbers, odd total included."""
    x, w = (torch.randn(1, 1, length, generator=torch.Generator().manual_seed(seed)) for length in (n, k))
    by_hand = F.conv1d(F.pad(x, shapes.same_padding(k, dilation=d)), w, dilation=d)
    torch.testing.assert_close(by_hand, F.conv1d(x, w, dilation=d, padding="same"))
    assert shapes.output_size(n, k, padding="same", dilation=d) == n
    assert shapes.same_padding(k, dilation=d, rule="tensorflow") == shapes.same_padding(k, dilation=d)


@given(st.integers(1, 40), st.integers(1, 6), st.integers(1, 5), st.integers(1, 3))
def test_tensorflows_same_is_the_least(n, k, s, d):
    """⌈n / s⌉ outputs, from as little padding as possible, the odd one on the right."""
    left, right = shapes.same_padding(k, s, d, n, rule="tensorflow")
    assert 0 <= right - left <= 1
    assert shapes.output_size(n + left + right, k, s, 0, d) == -(-n // s) or left + right == 0
    fewer = n + left + right - 1
    if left + right:
        assert fewer < d * (k - 1) + 1 or shapes.output_size(fewer, k, s, 0, d) < -(-n // s)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [((3, 2, 1, 224), (0, 1)), ((3, 2, 1, 225), (1, 1)), ((7, 2, 1, 224), (2, 3)), ((2, 3, 1, 9), (0, 0))],
)
def test_tensorflows_known_cases(arguments, expected):
    """ResNet's first layers in TensorFlow; no padding where the stride jumps over."""
    assert shapes.same_padding(*arguments, rule="tensorflow") == expected


# ---- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: shapes.output_size(3, 2, dilation=3), ValueError,
         "kernel_size must fit into the padded input: 2 taps with dilation 3 reach over 4 samples, but there are 3"),
        (lambda: shapes.output_size(5, 3, 0), ValueError, "stride must be at least 1, got 0"),
        (lambda: shapes.output_size(5, 3, padding=-1), ValueError, "padding must be at least 0, got -1"),
        (lambda: shapes.output_size(5.0, 3), TypeError, r"input_size must be a whole number, got 5\.0"),
        (lambda: shapes.output_size(5, 3, True), TypeError, "stride must be a whole number, got True"),
        (lambda: shapes.output_size("55", 3), TypeError, "input_size must be a whole number, got '55'"),
        (lambda: shapes.output_size((5, 5), (3, 3, 3)), ValueError,
         "sizes must be whole numbers, or tuples .*, but input_size has 2, kernel_size has 3"),
        (lambda: shapes.output_size(5, ()), ValueError, "kernel_size is empty; give a size for each axis"),
        (lambda: shapes.output_size(5, 3, 2, "same"), ValueError, "stride must be 1 with same padding, .*, got 2"),
        (lambda: shapes.output_size(5, 3, 1, "full"), ValueError, "padding must be one of 'same', 'valid', got 'full'"),
        (lambda: shapes.output_size(5, 3, 1, "same", ceil_mode=True), ValueError, "padding must be a number with ceil"),
        (lambda: shapes.pooled_size(5, 3, padding=2), ValueError,
         "padding must be at most half of the kernel, 1 for kernel_size 3, got 2"),
        (lambda: shapes.pooled_size(1, 4, 1, ceil_mode=True), ValueError, "kernel_size must leave a window"),
        (lambda: shapes.transposed_output_size(3, 3, 2, dilation=3, output_padding=3), ValueError,
         "output_padding must be less than the larger of stride 2 and dilation 3, got 3"),
        (lambda: shapes.transposed_output_size(1, 3, padding=2), ValueError,
         "padding must leave something: cutting 2 off each end leaves -1 of 3"),
        (lambda: shapes.same_padding(3, 2), ValueError, "stride must be 1 with same padding, as PyTorch has it, got 2"),
        (lambda: shapes.same_padding(3, 2, rule="tensorflow"), ValueError, "input_size must be given for TensorFlow's"),
        (lambda: shapes.same_padding(3, rule="keras"), ValueError, "rule must be one of 'pytorch', 'tensorflow'"),
        (lambda: shapes.parameters(6, 8, 3, groups=4), ValueError,
         "in_channels must be a multiple of groups, got 6 for 4 groups"),
        (lambda: shapes.macs(6, 8, 3, 5, groups=3), ValueError,
         "out_channels must be a multiple of groups, got 8 for 3 groups"),
        (lambda: shapes.parameters(6, 8, 3, groups=0), ValueError, "groups must be at least 1, got 0"),
        (lambda: shapes.macs(6, 8, 3, 0), ValueError, "output_size must be at least 1, got 0"),
        (lambda: receptive_field([(3, 0, 1)]), ValueError, "stride must be at least 1, got 0"),
        (lambda: receptive_field([(3, 1)]), ValueError, r"a layer is \(kernel_size, .*, got \(3, 1\)"),
        (lambda: receptive_field([3]), TypeError, "layers must be tuples of numbers, or Branches, got 3 of type int"),
        (lambda: receptive_field([Branches([(3, 2, 1)], [])]), ValueError,
         "branches must have equal strides to join, got jumps of 2 and 1"),
        (lambda: closed_form([Branches([])]), ValueError, "layers must stand in a row for the closed form"),
        (lambda: Branches(), ValueError, "paths must be at least one"),
        (lambda: summary("net", (1, 8, 8)), TypeError, r"model must be a torch\.nn\.Module, got str"),
        (lambda: summary(nn.ReLU(), 8), TypeError, "input_size must be the shape of one sample, .*, got 8"),
        (lambda: summary(nn.ReLU(), (1, 0)), ValueError, "input_size must be at least 1, got 0"),
        (lambda: fields(nn.ReLU(), (1, 8, 8), axis=-3), ValueError, "axis must be -1, the columns, .*, got -3"),
        (lambda: fields(nn.ReLU(), (1, 8, 8), axis=0), ValueError, "axis must be -1, the columns, .*, got 0"),
    ],
)  # fmt: skip
def test_what_is_refused(call, error, message):
    """A sentence that names the argument."""
    with pytest.raises(error, match=message):
        call()


def test_a_pool_in_ceil_mode_may_be_larger_than_its_input():
    """Not so without; PyTorch agrees on both."""
    assert shapes.pooled_size(2, 3, 2, ceil_mode=True) == 1
    with pytest.raises(ValueError, match="must fit into the padded input"):
        shapes.pooled_size(2, 3, 2)


# ---- receptive fields -----------------------------------------------------------------------------------------------

layer = st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2))
smooth_layer = st.tuples(st.integers(1, 4), st.just(1), st.integers(1, 2), st.integers(0, 2))
branched = st.lists(st.one_of(layer, st.builds(Branches, st.lists(smooth_layer, max_size=2), st.just([]))), max_size=4)


@given(st.lists(layer, max_size=6))
def test_recurrence_and_closed_form(layers):
    """The same field."""
    assert receptive_field(layers) == closed_form(layers)


def chains(layers):
    """Every path through the branches."""
    ways = [[[step]] if isinstance(step, tuple) else list(step.paths) for step in layers]
    return [list(itertools.chain(*choice)) for choice in itertools.product(*ways)]


@given(branched)
def test_branches_join_all_paths(layers):
    """From the first sample that any path reaches to the last."""
    ends = [closed_form(chain) for chain in chains(layers)]
    union = Field(min(end.start for end in ends), max(end.end for end in ends), ends[0].jump)
    assert receptive_field(layers) == union


class Parallel(nn.Module):
    """Paths of one-dimensional layers, added where their outputs overlap."""

    def __init__(self, *paths):
        super().__init__()
        self.paths = nn.ModuleList(paths)

    def forward(self, x):
        outputs = [path(x) for path in self.paths]
        length = min(output.shape[-1] for output in outputs)
        return sum(output[..., :length] for output in outputs)


def network(layers):
    """The same layers for PyTorch, every weight positive, so that nothing can cancel."""
    modules = []
    for step in layers:
        if isinstance(step, Branches):
            modules.append(Parallel(*map(network, step.paths)))
        else:
            k, s, d, p = step
            conv = nn.Conv1d(1, 1, k, s, p, d, bias=False).double()
            nn.init.constant_(conv.weight, 1 / k)
            modules.append(conv)
    return nn.Sequential(*modules)


def seen(net, length, unit):
    """The samples that have a gradient."""
    x = torch.zeros(1, 1, length, dtype=torch.float64, requires_grad=True)
    output = net(x)
    output[0, 0, unit].backward()
    return x.grad[0, 0].nonzero().flatten()


@given(branched)
@settings(max_examples=60, deadline=None)
def test_gradients_reach_as_far(layers):
    """First and last sample with a gradient, for a unit far from both ends."""
    field = receptive_field(layers)
    unit = -(field.start // field.jump) + 40
    found = seen(network(layers), field.end + (unit + 60) * field.jump, unit)
    start, end = field.start + unit * field.jump, field.end + unit * field.jump
    assert (found.min().item(), found.max().item()) == (start, end)


def inception():
    """Three paths side by side, as in the chapter: 1×1, 3×3 and two 3×3."""

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.three = nn.Conv2d(2, 2, 1), nn.Conv2d(2, 2, 3, padding=1)
            self.twice = nn.Sequential(nn.Conv2d(2, 2, 3, padding=1), nn.Conv2d(2, 2, 3, padding=1))

        def forward(self, x):
            return torch.cat([self.one(x), self.three(x), self.twice(x)], dim=1)

    return nn.Sequential(nn.Conv2d(1, 2, 3, stride=2), Block(), nn.Identity())


@pytest.mark.parametrize(
    ("net", "layers"),
    [
        (nn.Sequential(nn.Conv2d(1, 1, (2, 5), (1, 2), (0, 1), (1, 3))), [(5, 2, 3, 1)]),
        (nn.Sequential(nn.MaxPool2d((1, 3))), [(3, 3, 1)]),
        (nn.Sequential(nn.MaxPool2d(3, 1, 1, dilation=2)), [(3, 1, 2, 1)]),
        (nn.Sequential(nn.AvgPool2d(3, 2, 1)), [(3, 2, 1, 1)]),
        (nn.Sequential(nn.AvgPool2d(2)), [(2, 2, 1)]),
        (nn.Sequential(nn.Conv2d(1, 1, 3), nn.BatchNorm2d(1), nn.ReLU(), nn.Dropout(), nn.GELU()), [(3, 1, 1)]),
        (nn.Sequential(nn.ReflectionPad2d((2, 1, 0, 0)), nn.Conv2d(1, 1, 4)), [(4, 1, 1, 2)]),
        (nn.Sequential(nn.ZeroPad2d((0, 0, 2, 1)), nn.Conv2d(1, 1, 4)), [(4, 1, 1, 0)]),
        (nn.Sequential(nn.Conv2d(1, 1, 4, padding="same")), [(4, 1, 1, 1)]),
        (nn.Sequential(nn.Conv2d(1, 4, 3), nn.LocalResponseNorm(3), nn.Conv2d(4, 4, 3)), [(3, 1, 1)] * 2),
        (nn.Sequential(*[nn.Conv2d(1, 1, 3)] * 3), [(3, 1, 1)] * 3),
        (inception(), [(3, 2, 1), Branches([(3, 1, 1, 1)] * 2, [])]),
    ],
)
def test_a_model_is_followed(net, layers):
    """Along the columns; the last layer's field is that of the same layers as numbers."""
    assert list(fields(net, (1, 24, 30)).values())[-1] == receptive_field(layers)


def test_rows_have_their_own_field():
    """Other kernels, strides and pads than the columns; and signals of one dimension."""
    net = nn.Sequential(nn.ZeroPad2d((5, 5, 2, 1)), nn.Conv2d(1, 1, (4, 1), (3, 1)))
    assert fields(net, (1, 20, 20), axis=-2)["1"] == Field(-2, 1, 3)
    assert fields(net, (1, 20, 20))["1"] == Field(-5, -5, 1)
    signal = nn.Sequential(nn.Conv1d(1, 1, 3, padding=1), nn.MaxPool1d(2), nn.AvgPool1d(2))
    assert fields(signal, (1, 16))["2"] == receptive_field([(3, 1, 1, 1), (2, 2, 1), (2, 2, 1)])


def test_every_second_unit_from_a_start_on():
    """A slice is a window of one; the other axis and the channels may be sliced, too."""

    class Every(nn.Module):
        def forward(self, x):
            return x[:, :1, 3:, 2::3]

    net = nn.Sequential(nn.Conv2d(1, 2, 5, padding=1), Every(), nn.Identity())
    assert fields(net, (1, 20, 20))["2"] == Field(2 - 1, 2 + 3, 3)
    assert fields(net, (1, 20, 20), axis=-2)["2"] == Field(3 - 1, 3 + 3, 1)
    x = torch.zeros(1, 1, 20, 20, requires_grad=True)
    nn.init.ones_(net[0].weight)
    net(x)[0, 0, 2, 1].backward()
    columns = x.grad[0, 0].sum(0).nonzero().flatten()
    assert (columns[0], columns[-1]) == (4, 8)


@pytest.mark.parametrize(
    "last",
    [
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.ConvTranspose2d(1, 1, 2),
        nn.Conv2d(1, 1, 3, padding=1, padding_mode="circular"),
    ],
)
def test_who_sees_everything(last):
    """No window: all of the input counts as seen, whatever follows."""
    net = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), last, nn.ReLU())
    assert fields(net, (1, 12, 12))["2"] == Field(0, 11, 12)


# ---- networks that were published -----------------------------------------------------------------------------------


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(16, 120, 5), nn.Tanh(), nn.Flatten(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),
    )  # fmt: skip


def alexnet():
    """The single tower that everyone loads."""
    layers = []
    for before, after, k, s, p, pool in (
        (3, 64, 11, 4, 2, True), (64, 192, 5, 1, 2, True), (192, 384, 3, 1, 1, False), (384, 256, 3, 1, 1, False),
        (256, 256, 3, 1, 1, True),
    ):  # fmt: skip
        layers += [nn.Conv2d(before, after, k, s, p), nn.ReLU(inplace=True)] + [nn.MaxPool2d(3, 2)] * pool
    head = [nn.Dropout(), nn.Linear(256 * 36, 4096), nn.ReLU(True), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(True)]
    return nn.Sequential(*layers, nn.Flatten(), *head, nn.Linear(4096, 1000))


def vgg(*blocks):
    layers, before = [], 3
    for convs, channels in zip(blocks, (64, 128, 256, 512, 512), strict=True):
        for _ in range(convs):
            layers += [nn.Conv2d(before, channels, 3, padding=1), nn.ReLU(inplace=True)]
            before = channels
        layers.append(nn.MaxPool2d(2))
    head = [nn.Linear(512 * 49, 4096), nn.ReLU(True), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(True), nn.Dropout()]
    return nn.Sequential(*layers, nn.Flatten(), *head, nn.Linear(4096, 1000))


class Residual(nn.Module):
    """A block of ResNet: two 3×3, or 1×1, 3×3, 1×1 with the stride in one of the first two."""

    def __init__(self, before, width, stride, deep, stride_in):
        super().__init__()
        after = width * (4 if deep else 1)
        first, second = (stride, 1) if stride_in == "first" else (1, stride)
        kernels = [(before, width, 1, first), (width, width, 3, second), (width, after, 1, 1)]
        if not deep:
            kernels = [(before, width, 3, stride), (width, width, 3, 1)]
        steps = []
        for a, b, k, s in kernels:
            steps += [nn.Conv2d(a, b, k, s, k // 2, bias=False), nn.BatchNorm2d(b), nn.ReLU(inplace=True)]
        self.body, self.relu = nn.Sequential(*steps[:-1]), nn.ReLU(inplace=True)
        shortcut = [nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after)]
        self.shortcut = nn.Sequential(*shortcut if stride > 1 or before != after else [])

    def forward(self, x):
        return self.relu(self.body(x) + self.shortcut(x))


def resnet(*blocks, deep=False, stride_in="second"):
    layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    before = 64
    for stage, count in enumerate(blocks):
        for block in range(count):
            width, stride = 64 << stage, 2 if stage and not block else 1
            layers.append(Residual(before, width, stride, deep, stride_in))
            before = width * (4 if deep else 1)
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, 1000))


def deep(*blocks):
    return lambda: resnet(*blocks, deep=True)


def first(*blocks):
    return lambda: resnet(*blocks, deep=True, stride_in="first")


PUBLISHED = {  # parameters, MACs, field and jump of the last unit that has one
    "alexnet": (alexnet, 61_100_840, 714_188_480, 195, 32),
    "vgg A": (lambda: vgg(1, 1, 2, 2, 2), 132_863_336, 7_609_090_048, 150, 32),
    "vgg B": (lambda: vgg(2, 2, 2, 2, 2), 133_047_848, 11_308_466_176, 156, 32),
    "vgg D": (lambda: vgg(2, 2, 3, 3, 3), 138_357_544, 15_470_264_320, 212, 32),
    "vgg E": (lambda: vgg(2, 2, 4, 4, 4), 143_667_240, 19_632_062_464, 268, 32),
    "resnet 18": (lambda: resnet(2, 2, 2, 2), 11_689_512, 1_814_073_344, 435, 32),
    "resnet 34": (lambda: resnet(3, 4, 6, 3), 21_797_672, 3_663_761_408, 899, 32),
    "resnet 50": (deep(3, 4, 6, 3), 25_557_032, 4_089_184_256, 427, 32),
    "resnet 101": (deep(3, 4, 23, 3), 44_549_160, 7_801_405_440, 971, 32),
    "resnet 152": (deep(3, 8, 36, 3), 60_192_808, 11_513_626_624, 1451, 32),
    "resnet 50 v1": (first(3, 4, 6, 3), 25_557_032, 3_857_973_248, 483, 32),
    "resnet 101 v1": (first(3, 4, 23, 3), 44_549_160, 7_570_194_432, 1027, 32),
    "resnet 152 v1": (first(3, 8, 36, 3), 60_192_808, 11_282_415_616, 1507, 32),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_figures(name):
    """On no device, so that the large ones take no time."""
    build, parameters, macs, size, jump = PUBLISHED[name]
    with torch.device("meta"):
        net = build()
    table = summary(net, (3, 224, 224))
    assert (table.parameters, table.macs, table.flops) == (parameters, macs, 2 * macs)
    last = [field for field in fields(net, (3, 224, 224)).values() if field != Field(0, 223, 224)][-1]
    assert (last.size, last.jump) == (size, jump)


def test_lenet():
    """61,706 parameters; C5 sees 32 pixels, its neighbour would see them 4 further on."""
    net = lenet()
    assert summary(net, (1, 32, 32)).parameters == 61_706
    field = fields(net, (1, 32, 32))["6"]
    assert (field.size, field.jump) == (32, 4)


def test_vggs_memory():
    """The list that a well-known course adds up wrongly: 15,237,608 numbers, 58.1 MiB, with the input."""
    with torch.device("meta"):
        net = vgg(2, 2, 3, 3, 3)
    table = summary(net, (3, 224, 224))
    assert table.activation_bytes == 4 * 15_237_608
    assert table.activation_bytes / 2**20 == pytest.approx(58.1, abs=0.05)


# ---- counting -------------------------------------------------------------------------------------------------------


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.booleans())
@settings(deadline=None)
def test_a_layer_is_what_the_formula_says(a, b, groups, k, other, bias):
    """Parameters and MACs of one convolution, grouped or not; both refuse groups that do not divide the channels."""
    found = ours(shapes.parameters, a, b, (k, other), groups, bias)
    assert found == parameters_of(a, b, (k, other), groups, bias)
    if found:
        with torch.device("meta"):
            net = nn.Conv2d(a, b, (k, other), stride=2, groups=groups, bias=bias)
        (line,) = summary(net, (a, 7, 6)).layers
        places = shapes.output_size((7, 6), (k, other), 2)
        assert (line.parameters, line.output_shape) == (found, (b, *places))
        assert line.macs == shapes.macs(a, b, (k, other), places, groups)


def parameters_of(a, b, kernel_size, groups, bias):
    try:
        return sum(weight.numel() for weight in nn.Conv2d(a, b, kernel_size, groups=groups, bias=bias).parameters())
    except ValueError:
        return None


def test_depthwise_and_pointwise():
    """9 + 1 against 9 per pair of channels: the counts of chapter 8; a whole number means a square."""
    assert shapes.macs(32, 64, 3, 10) == 100 * 64 * 32 * 9
    assert shapes.macs(32, 32, 3, 10, groups=32) + shapes.macs(32, 64, 1, 10) == 100 * 32 * (9 + 64)


def test_a_transposed_convolution_multiplies_once_for_every_input():
    """Each input sample times the whole kernel."""
    (line,) = summary(nn.ConvTranspose2d(2, 3, 4, stride=2), (2, 5, 6)).layers
    assert line.macs == 5 * 6 * 2 * 3 * 16


class Odd(nn.Module):
    """All that is easily miscounted: a layer called twice, weights shared, one unused, work without a module."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3, padding=1)
        self.tied = nn.Conv2d(2, 2, 3, padding=1)
        self.tied.weight = self.conv.weight
        self.scale = nn.Parameter(torch.ones(2, 5))
        self.unused = nn.Linear(3, 4)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        x = self.relu(self.conv(x))
        x = self.relu(self.tied(self.conv(x)))
        return x.mean(dim=(2, 3)) @ self.scale


def test_nothing_is_counted_twice_and_nothing_missed():
    """Line by line."""
    net = Odd()
    table = summary(net, (2, 4, 4))
    once = 16 * 2 * 2 * 9
    found = [(line.name, line.parameters, line.macs, line.activation_bytes) for line in table.layers]
    assert found == [
        ("", 10, 10, 20),
        ("conv", 38, once, 128),
        ("relu", 0, 0, 0),
        ("conv", 0, once, 128),
        ("tied", 2, once, 128),
        ("relu", 0, 0, 0),
        ("unused", 16, 0, 0),
    ]
    assert table.parameters == sum(weight.numel() for weight in net.parameters())
    assert table.macs == 3 * once + 10
    assert table.activation_bytes == 4 * (32 + 3 * 32 + 5)
    assert [line.output_shape for line in table.layers][-2:] == [(2, 4, 4), None]


def test_types_count_by_their_bytes():
    """Doubles take twice the memory."""
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten())
    single, double = summary(net, (1, 5, 5)), summary(net.double(), (1, 5, 5))
    assert double.activation_bytes == 2 * single.activation_bytes == 8 * (25 + 18)


@pytest.mark.parametrize("look", [summary, fields])
def test_a_model_is_left_as_it_was(look):
    """Modes, statistics, gradients and hooks; after an error, too."""
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout(), nn.Sequential(nn.ReLU()))
    net[3].eval()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    look(net, (1, 6, 6))
    with pytest.raises(RuntimeError):
        look(net, (3, 6, 6))
    assert [module.training for module in net.modules()] == [True, True, True, True, False, False]
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in net.modules())
    assert all(weight.grad is None for weight in net.parameters())


def test_the_table_prints_its_totals():
    """Thousands apart; a layer's name and class; no line for a container."""
    with torch.device("meta"):
        text = str(summary(nn.Sequential(nn.Sequential(nn.Conv2d(3, 64, 7, 2, 3))), (3, 224, 224)))
    assert [line.split()[:2] for line in text.splitlines()][2] == ["0.0", "Conv2d"]
    assert "118,013,952" in text.splitlines()[-1]
    assert len(text.splitlines()) == 4
    assert len(set(map(len, text.splitlines()))) == 1
