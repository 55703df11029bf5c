"""VGG: the figures of its paper for six networks, torchvision's names, and what its layers compute."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from convlib.models import VGG, load_torchvision_weights
from convlib.models.vgg import STRUCTURES, dense, features
from convlib.models.weights import PUBLISHED
from convlib.shapes import fields, summary

#: The paper's table 1, read column by column: how many convolutions each of the five blocks has.
BLOCKS = {
    "A": [1, 1, 2, 2, 2], "A-LRN": [1, 1, 2, 2, 2], "B": [2, 2, 2, 2, 2], "C": [2, 2, 3, 3, 3],
    "D": [2, 2, 3, 3, 3], "E": [2, 2, 4, 4, 4],
}  # fmt: skip
#: Its table 2 gives them in millions: 133, 133, 134, 138, 144.
PARAMETERS = {
    "A": 132_863_336, "A-LRN": 132_863_336, "B": 133_047_848, "C": 133_638_952, "D": 138_357_544, "E": 143_667_240
}  # fmt: skip
MACS = {"A": 7_609_090_048, "B": 11_308_466_176, "D": 15_470_264_320, "E": 19_632_062_464}
#: Rows and columns that a unit behind the last pooling sees.
FIELDS = {"A": 150, "A-LRN": 150, "B": 156, "C": 156, "D": 212, "E": 268}


@pytest.fixture(autouse=True)
def _one_thread_and_one_seed():
    """The same weights in each test, and no more of the machine than one core."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(threads)


def without_numbers(*arguments, **options):
    """On the meta device a network has shapes only, and takes no time."""
    with torch.device("meta"):
        return VGG(*arguments, **options)


def kinds(layers, *wanted):
    return [layer for layer in layers if isinstance(layer, wanted)]


# ---- the figures of the paper ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("structure", STRUCTURES)
def test_parameters(structure):
    """Of the paper's networks, which know no batch normalisation; it adds two numbers for each map."""
    assert list(STRUCTURES) == list(PARAMETERS)
    plain = without_numbers(structure, batch_norm=False)
    table = summary(plain, (3, 224, 224))
    assert table.parameters == PARAMETERS[structure]
    if structure in MACS:
        assert table.macs == MACS[structure]
    normalised = sum(weight.numel() for weight in without_numbers(structure).parameters())
    maps = sum(layer.out_channels for layer in kinds(plain.features, nn.Conv2d))
    assert normalised == PARAMETERS[structure] + 2 * maps


@pytest.mark.parametrize("structure", STRUCTURES)
def test_structures(structure):
    """Five blocks of the table's lengths, 3 × 3 but for the last of C's later blocks, and a pooling behind each."""
    blocks = [[]]
    for entry in STRUCTURES[structure]:
        blocks[-1].append(entry)
        if entry == "M":
            blocks.append([])
    assert blocks.pop() == []
    convolutions = [[entry for entry in block if not isinstance(entry, str)] for block in blocks]
    assert [len(block) for block in convolutions] == BLOCKS[structure]
    small = [block[-1] for block in convolutions] if structure == "C" else []
    assert small[2:] == [(256, 1), (512, 1), (512, 1)][: len(small[2:])]
    for block, maps in zip(convolutions, (64, 128, 256, 512, 512), strict=True):
        assert set(block) - set(small[2:]) == {maps}
    layers = len(kinds(without_numbers(structure).modules(), nn.Conv2d, nn.Linear))
    assert layers == {"A": 11, "A-LRN": 11, "B": 13, "C": 16, "D": 16, "E": 19}[structure]


@pytest.mark.parametrize("structure", STRUCTURES)
def test_receptive_field(structure):
    """One unit in 32 behind the last pooling; before it, of the last convolution, one in 16, which sees 16 less."""
    *_, last, pooled = fields(without_numbers(structure).features, (3, 224, 224)).values()
    assert (pooled.size, pooled.jump) == (FIELDS[structure], 32)
    assert (last.size, last.jump) == (FIELDS[structure] - 16, 16)


def test_list_of_activations():
    """Of VGG-16: the picture, each convolution, each pooling and each linear layer, but no ReLU twice."""
    layers = summary(without_numbers("D", batch_norm=False), (3, 224, 224)).layers
    kept = [layer.output_shape for layer in layers if layer.kind in ("Conv2d", "MaxPool2d", "Linear")]
    assert len(kept) == 13 + 5 + 3
    assert 3 * 224 * 224 + sum(map(math.prod, kept)) == 15_237_608


def test_nine_tenths_are_linear():
    """As the chapter says: 123,642,856 of D's parameters, and 102,764,544 of them in one layer."""
    classifier = without_numbers("D", batch_norm=False).classifier
    assert [sum(weight.numel() for weight in classifier[i].parameters()) for i in (0, 3, 6)] == [
        102_764_544, 16_781_312, 4_097_000
    ]  # fmt: skip


# ---- torchvision's names --------------------------------------------------------------------------------------------


def published_layout(structure, batch_norm):
    """Names and shapes of torchvision's state dict: modules are counted, and ReLU and pooling have no numbers."""
    names, index, channels = {}, 0, 3
    for block, maps in zip(BLOCKS[structure], (64, 128, 256, 512, 512), strict=True):
        for _ in range(block):
            names[f"features.{index}.weight"], names[f"features.{index}.bias"] = (maps, channels, 3, 3), (maps,)
            channels = maps
            if batch_norm:
                for part in ("weight", "bias", "running_mean", "running_var"):
                    names[f"features.{index + 1}.{part}"] = (maps,)
                names[f"features.{index + 1}.num_batches_tracked"] = ()
            index += 3 if batch_norm else 2
        index += 1
    for layer, shape in {0: (4096, 25088), 3: (4096, 4096), 6: (1000, 4096)}.items():
        names[f"classifier.{layer}.weight"], names[f"classifier.{layer}.bias"] = shape, shape[:1]
    return names


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "bn"])
@pytest.mark.parametrize("structure", ["A", "B", "D", "E"])
def test_published_weights_fit(structure, batch_norm):
    """Of vgg11, vgg13, vgg16, vgg19, and those with batch normalisation: every name and shape, in their order."""
    network = without_numbers(structure, batch_norm=batch_norm)
    layout = published_layout(structure, batch_norm)
    assert [(name, tuple(value.shape)) for name, value in network.state_dict().items()] == list(layout.items())
    state = {name: torch.empty(shape, device="meta") for name, shape in layout.items()}
    assert load_torchvision_weights(network, state) is network
    with pytest.raises(ValueError, match="state_dict does not fit VGG: "):
        load_torchvision_weights(without_numbers(structure, batch_norm=not batch_norm), state)


def test_published_files():
    """Each builds the network that its file is of."""
    for name, structure in {"vgg16": "D", "vgg16_bn": "D", "vgg19": "E", "vgg19_bn": "E"}.items():
        with torch.device("meta"):
            network = PUBLISHED[name].build()
        layout = published_layout(structure, name.endswith("bn"))
        assert {key: tuple(value.shape) for key, value in network.state_dict().items()} == layout
        (file,) = PUBLISHED[name].source.files
        assert file.rpartition("-")[0] == name


@pytest.mark.parametrize("batch_norm", [False, True], ids=["plain", "bn"])
@pytest.mark.parametrize("structure", ["A", "A-LRN", "B", "C", "D", "E"])
def test_step_by_step(structure, batch_norm):
    """The same in functions, from the state dict alone: convolution, normalisation, ReLU, maxima, three products."""
    network = VGG(structure, batch_norm=batch_norm, num_classes=5, width=2, in_channels=1).eval()
    numbers = torch.Generator().manual_seed(1)
    state = {
        name: torch.rand(value.shape, generator=numbers) + 0.5
        if "running_var" in name
        else 0.3 * torch.randn(value.shape, generator=numbers)
        for name, value in network.state_dict().items()
        if "num_batches" not in name
    }
    load_torchvision_weights(network, state)
    x = torch.randn(2, 1, 70, 64, generator=numbers)
    with torch.no_grad():
        torch.testing.assert_close(network(x), forward(state, x, structure, batch_norm), rtol=1e-4, atol=1e-5)


def forward(w, x, structure, batch_norm):
    """VGG in functions."""
    index = 0
    for number, block in enumerate(BLOCKS[structure]):
        for _ in range(block):
            kernel = w[f"features.{index}.weight"]
            x = F.conv2d(x, kernel, w[f"features.{index}.bias"], padding=kernel.shape[-1] // 2)
            if batch_norm:
                gain, shift, mean, variance = (
                    w[f"features.{index + 1}.{part}"][:, None, None]
                    for part in ("weight", "bias", "running_mean", "running_var")
                )
                x = (x - mean) / torch.sqrt(variance + 1e-5) * gain + shift
            x = x.clamp(min=0)
            index += 3 if batch_norm else 2
        if structure == "A-LRN" and number == 0:
            x, index = krizhevsky(x), index + 1
        x, index = F.max_pool2d(x, 2), index + 1
    x = F.adaptive_avg_pool2d(x, 7).flatten(1)
    for layer in (0, 3, 6):
        x = x @ w[f"classifier.{layer}.weight"].T + w[f"classifier.{layer}.bias"]
        x = x if layer == 6 else x.clamp(min=0)
    return x


def krizhevsky(a):
    """Local response normalisation by the equation of AlexNet's section 3.3, which the paper takes over."""
    sums = [a[:, max(0, i - 2) : i + 3].square().sum(1) for i in range(a.shape[1])]
    return a / (2 + 1e-4 * torch.stack(sums, 1)) ** 0.75


def test_local_response_normalisation_is_alexnets():
    """With activations so large that the sum counts: PyTorch's alpha, of a mean, is five times the paper's."""
    (layer,) = kinds(without_numbers("A-LRN").features, nn.LocalResponseNorm)
    a = 100 * torch.rand(1, 9, 3, 3, dtype=torch.float64)
    torch.testing.assert_close(layer(a), krizhevsky(a))
    assert [type(part).__name__ for part in without_numbers("A-LRN", batch_norm=False).features[:4]] == [
        "Conv2d", "ReLU", "LocalResponseNorm", "MaxPool2d"
    ]  # fmt: skip


# ---- how it starts, and small ones ----------------------------------------------------------------------------------


def test_the_line_of_the_article():
    """``VGG('A')`` has batch normalisation and drops half of the hidden units."""
    network = without_numbers("A")
    assert str(network) == str(without_numbers("A", dropout=0.5, batch_norm=True))
    assert len(kinds(network.features, nn.BatchNorm2d)) == 8
    assert [layer.p for layer in kinds(network.classifier, nn.Dropout)] == [0.5, 0.5]
    assert [type(layer).__name__ for layer in network.classifier] == [*["Linear", "ReLU", "Dropout"] * 2, "Linear"]


def test_first_weights():
    """Variance 2 / (k² · maps) in convolutions, standard deviation 0.01 in linear layers, no biases."""
    network = VGG("C", width=8, batch_norm=False, num_classes=100)
    for layer in kinds(network.modules(), nn.Conv2d, nn.Linear):
        assert not layer.bias.any()
        wanted = 0.01
        if isinstance(layer, nn.Conv2d):
            wanted = math.sqrt(2 / (layer.out_channels * layer.kernel_size[0] ** 2))
        error = 4 * wanted / math.sqrt(2 * layer.weight.numel())
        assert layer.weight.std().item() == pytest.approx(wanted, abs=error)


def test_gradients_reach_every_weight():
    network = VGG("E", dropout=0.0, width=4, num_classes=4)
    F.cross_entropy(network(torch.randn(8, 3, 32, 32)), torch.arange(8) % 4).backward()
    assert all(weight.grad.abs().max() > 0 for weight in network.parameters() if weight.dim() > 1)


@settings(max_examples=20)
@given(
    structure=st.sampled_from(list(STRUCTURES)),
    width=st.integers(1, 100),
    classes=st.integers(1, 50),
    rows=st.integers(32, 300),
    columns=st.integers(32, 300),
)
def test_widths_and_sizes(structure, width, classes, rows, columns):
    """All maps and hidden units in the same proportion, whatever the picture's size."""
    network = without_numbers(structure, num_classes=classes, width=width, in_channels=1)
    paper = without_numbers(structure)
    pairs = zip(network.modules(), paper.modules(), strict=True)
    for own, papers in pairs:
        if isinstance(own, nn.Conv2d):
            assert own.out_channels * 64 == papers.out_channels * width
        elif isinstance(own, nn.Linear) and papers.out_features != 1000:
            assert own.out_features * 64 == papers.out_features * width
    assert network(torch.ones(2, 1, rows, columns, device="meta")).shape == (2, classes)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        (("F",), {}, ValueError, "structure must be one of 'A', 'A-LRN', 'B', 'C', 'D', 'E', got 'F'"),
        ((16,), {}, TypeError, "structure must be one of 'A', 'A-LRN', 'B', 'C', 'D', 'E', got 16"),
        (("A", 1.5), {}, ValueError, "dropout must be between 0 and 1, got 1.5"),
        (("A",), {"num_classes": 0}, ValueError, "num_classes must be at least 1, got 0"),
        (("A",), {"width": 0}, ValueError, "width must be at least 1, got 0"),
        (("A",), {"in_channels": 1.0}, TypeError, "in_channels must be a whole number, got 1.0"),
    ],
)
def test_impossible_networks(arguments, options, error, message):
    with pytest.raises(error, match=message):
        without_numbers(*arguments, **options)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((1, 3, 31, 224), "at least 32 rows and columns, got 31 × 224"),
        ((1, 1, 224, 224), r"shape \(N, 3, rows, columns\), got \(1, 1, 224, 224\)"),
    ],
)
def test_pictures_that_it_cannot_take(shape, message):
    with pytest.raises(ValueError, match=message):
        without_numbers("A")(torch.ones(shape, device="meta"))


# ---- structures of one's own ----------------------------------------------------------------------------------------


@given(
    st.lists(
        st.one_of(st.integers(1, 9), st.tuples(st.integers(1, 9), st.sampled_from([1, 3, 5, 7])), st.just("LRN")),
        min_size=1,
        max_size=6,
    ),
    st.booleans(),
)
def test_structures_of_ones_own(structure, batch_norm):
    """Without pooling rows and columns stay; each convolution has its ReLU."""
    network = features(structure, 2, batch_norm=batch_norm)
    given_maps = [entry if isinstance(entry, int) else entry[0] for entry in structure if entry != "LRN"]
    assert network(torch.ones(1, 2, 8, 9)).shape == (1, given_maps[-1] if given_maps else 2, 8, 9)
    convolutions = kinds(network, nn.Conv2d)
    assert [layer.out_channels for layer in convolutions] == given_maps
    assert len(kinds(network, nn.ReLU)) == len(convolutions)
    assert len(kinds(network, nn.BatchNorm2d)) == batch_norm * len(convolutions)


@pytest.mark.parametrize(
    ("structure", "error", "message"),
    [
        ((8, "P"), ValueError, "an entry of structure must be one of 'M', 'LRN', got 'P'"),
        ((8, (8, 4)), ValueError, r"the side of a kernel must be odd, got 4 in \(8, 4\)"),
        (((8, 3, 1),), ValueError, r"an entry of structure must be maps, \(maps, side\), .*, got \(8, 3, 1\)"),
        ((0,), ValueError, "an entry of structure must be at least 1, got 0"),
        ((8.0,), TypeError, "an entry of structure must be a whole number, got 8.0"),
    ],
)
def test_impossible_structures(structure, error, message):
    with pytest.raises(error, match=message):
        features(structure)


# ---- sliding over a larger picture ----------------------------------------------------------------------------------


def test_dense_vgg():
    """At 224 pixels the same scores; at more, a place for every 32 pixels, of which each sees what it should."""
    network = VGG("A", width=1, num_classes=3).eval()
    x = torch.randn(1, 3, 256, 288, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        sliding = dense(network)
        corner = x[..., :224, :224]
        torch.testing.assert_close(sliding(corner).flatten(1), network(corner))
        scores = sliding(x)
        assert scores.shape == (1, 3, 2, 3)
        maps = network.features(x)
        for i in range(2):
            for j in range(3):
                window = maps[:, :, i : i + 7, j : j + 7].flatten(1)
                torch.testing.assert_close(scores[:, :, i, j], network.classifier(window))


def test_dense_shares_weights():
    """No number is copied, the mode is kept, and the network itself is left as it was."""
    network = VGG("A", width=1, num_classes=3)
    before = str(network)
    sliding = dense(network)
    assert sliding.training
    assert str(network) == before
    assert {p.data_ptr() for p in sliding.parameters()} == {p.data_ptr() for p in network.parameters()}
    assert not dense(network.eval()).training
    assert not any(layer.training for layer in dense(network))


@given(side=st.integers(1, 4), maps=st.integers(1, 4), more=st.integers(0, 5), bias=st.booleans())
def test_dense_sequential(side, maps, more, bias):
    """A linear layer of any square, with and without biases, at each place of a larger picture."""
    network = nn.Sequential(
        nn.Conv2d(2, maps, 3), nn.ReLU(), nn.Flatten(), nn.Linear(maps * side * side, 5, bias=bias), nn.ReLU(),
        nn.Linear(5, 3),
    )  # fmt: skip
    x = torch.randn(2, 2, side + 2 + more, side + 2)
    with torch.no_grad():
        scores = dense(network)(x)
        assert scores.shape == (2, 3, more + 1, 1)
        for i in range(more + 1):
            torch.testing.assert_close(scores[:, :, i, 0], network(x[:, :, i : i + side + 2]))


@pytest.mark.parametrize(
    ("network", "error", "message"),
    [
        (nn.Linear(3, 2), TypeError, r"network must be a VGG or a torch\.nn\.Sequential, got Linear"),
        (nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(8, 2)), ValueError, "a square of 4 channels, got 8"),
        (nn.Sequential(nn.Flatten(), nn.Linear(8, 2)), ValueError, "a square of 0 channels, got 8"),
    ],
)
def test_what_cannot_slide(network, error, message):
    with pytest.raises(error, match=message):
        dense(network)
