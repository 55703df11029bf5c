"""ChannelsExplorer's Python side: its traits, its maps against PyTorch, its words and its still pictures."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from convlib.widgets import ChannelsExplorer
from convlib.widgets.channels_explorer import CHANNELS, SENTENCES, SIZE, Places, brief, preset_weights, round_up

RNG = np.random.default_rng(11)


@st.composite
def layers(draw):
    """A widget of any size and grouping, with random weights, biases and picture, and some channels muted."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    k, groups = draw(st.sampled_from([1, 3])), draw(st.sampled_from([1, 3]))
    return ChannelsExplorer(
        weights=rng.uniform(-9, 9, (3, 3 // groups, k, k)),
        image=rng.integers(0, 256, (3, SIZE, SIZE)),
        bias=rng.uniform(-200, 200, 3).tolist(),
        relu=draw(st.booleans()),
        muted=draw(st.lists(st.sampled_from(CHANNELS))),
        solo=draw(st.sampled_from(["none", "none", *CHANNELS])),
    )


@settings(max_examples=40)
@given(layers())
def test_the_maps_are_pytorchs(layer):
    """A layer with as many groups, "same" padding with zeros; partial maps are those of each channel alone."""
    k = layer.w.shape[-1]
    heard = [c == layer.solo if layer.solo != "none" else c not in layer.muted for c in CHANNELS]
    x = torch.tensor(layer.image * np.reshape(heard, (3, 1, 1)).astype(float))[np.newaxis]
    w, bias = torch.tensor(layer.w), torch.tensor(layer.bias, dtype=torch.float64)
    y = functional.conv2d(x, w, bias, padding=k // 2, groups=layer.groups)[0]
    np.testing.assert_allclose(layer.sums, y, atol=1e-8)
    np.testing.assert_allclose(layer.maps, functional.relu(y) if layer.relu else y, atol=1e-8)
    np.testing.assert_allclose(layer.partial.sum(axis=1) + np.reshape(layer.bias, (3, 1, 1)), layer.sums)
    alone = functional.conv2d(x[:, :1], w[:1, :1], padding=k // 2)[0, 0]
    np.testing.assert_allclose(layer.partial[0, 0], alone, atol=1e-8)
    if layer.groups == 3:
        assert not layer.partial[~np.eye(3, dtype=bool)].any()
    module = torch.nn.Conv2d(3, 3, k, groups=layer.groups)
    assert layer.parameters == sum(p.numel() for p in module.parameters())
    assert layer.multiply_adds == module.weight.numel() * SIZE * SIZE


@pytest.mark.parametrize(
    ("traits", "error", "message"),
    [
        ({"preset": "blur"}, ValueError, r"ChannelsExplorer\.preset must be one of 'edges', .*, got 'blur'"),
        ({"weights": np.zeros((3, 2, 3, 3))}, ValueError, r"\.weights must have shape .*, got \(3, 2, 3, 3\)"),
        ({"weights": np.full((3, 3), 10)}, ValueError, r"\.weights must lie between -9 and 9, got values from 0 to 10"),
        ({"weights": np.full((3, 3), np.nan)}, ValueError, r"\.weights must hold finite numbers, got nan"),
        ({"weights": [[1], [2, 3]]}, ValueError, r"\.weights must have the same number of weights in each kernel"),
        ({"weights": np.ones((3, 3)) * 1j}, TypeError, r"\.weights must hold real numbers, got ndarray of .*complex"),
        ({"groups": 2}, ValueError, r"ChannelsExplorer\.groups must be 1 or 3, got 2"),
        ({"groups": 4}, ValueError, r"ChannelsExplorer\.groups must be at most 3, got 4"),
        ({"kernel": "5x5"}, ValueError, r"ChannelsExplorer\.kernel must be one of"),
        ({"bias": [1, 2]}, ValueError, r"ChannelsExplorer\.bias must have 3 numbers, got 2"),
        ({"bias": [0, 0, 201]}, ValueError, r"\.bias must lie between -200 and 200"),
        ({"muted": ["Y"]}, ValueError, r"ChannelsExplorer\.muted must be one of 'R', 'G', 'B', got 'Y'"),
        ({"solo": "RG"}, ValueError, r"ChannelsExplorer\.solo must be one of"),
        ({"map": 3}, ValueError, r"ChannelsExplorer\.map must be at most 2, got 3"),
        ({"row": 32}, ValueError, r"ChannelsExplorer\.row must be at most 31, got 32"),
        ({"image": np.zeros((32, 32, 3))}, ValueError, r"\.image must have shape \(3, 32, 32\), got \(32, 32, 3\)"),
        ({"image": np.full((3, 32, 32), 1.5)}, ValueError, r"\.image must hold integers from 0 to 255 or fractions"),
        ({"show": ["maps"]}, ValueError, r"ChannelsExplorer\.show must be one of"),
    ],
)  # fmt: skip
def test_impossible_traits_are_refused(traits, error, message):
    """The error names widget and trait."""
    with pytest.raises(error, match=message):
        ChannelsExplorer(**traits)


def test_a_shape_says_what_layer_it_is():
    """Unless the other traits say something else; all 81 weights are kept, whatever is in force."""
    for shape in ((3, 3, 3, 3), (3, 3, 1, 1), (3, 1, 3, 3), (3, 1, 1, 1)):
        weights = np.round(RNG.uniform(-1, 1, shape), 2)
        layer = ChannelsExplorer(weights=weights)
        assert layer.preset == "own"
        assert np.allclose(layer.w, weights)
    mixing = ChannelsExplorer(weights=[[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    assert mixing.w[:, :, 0, 0].tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    mixing.kernel = "3x3"
    assert np.count_nonzero(mixing.w) == 9
    weights = np.round(RNG.uniform(-1, 1, (3, 3, 3, 3)), 2)
    layer = ChannelsExplorer(weights=weights, groups=3, kernel="1x1")
    assert layer.w.ravel().tolist() == [weights[f, f, 1, 1] for f in range(3)]
    layer.groups, layer.kernel = 1, "3x3"
    assert np.allclose(layer.w, weights)
    layer.set_state({"weights": weights.ravel().tolist(), "muted": ["G"]})
    assert len(layer.get_state()["weights"]) == 81
    assert ChannelsExplorer(weights=np.full((3, 3), 0.126)).weights[4] == 0.13


def test_presets():
    """Red–green edges cancel where the three channels are alike; so does all but brightness where colors are mixed."""
    gray = np.repeat(RNG.integers(0, 256, (1, SIZE, SIZE)), 3, axis=0)
    mixed = ChannelsExplorer(image=gray)
    assert np.abs(mixed.partial[0, 0]).max() > 100
    assert np.allclose(mixed.sums[:2], 0)
    colors = ChannelsExplorer(image=gray, preset="colors", kernel="1x1", relu=False)
    assert np.allclose(colors.maps[:2], 0)
    assert np.allclose(colors.maps[2], gray[0])
    edges = preset_weights("edges")
    assert np.allclose(edges.sum(axis=(2, 3)), 0)
    assert np.allclose(edges[:, 0], edges[:, 2])
    assert np.allclose(edges[0], edges[1].swapaxes(1, 2))
    # Correlation: where a picture gets brighter to the right, the first map is above zero.
    ramp = np.broadcast_to(np.arange(SIZE), (3, SIZE, SIZE))
    assert (ChannelsExplorer(image=ramp, preset="edges").sums[0, 1:-1, 1:-1] > 0).all()
    # At the pixel that is written out at first, two large partial maps nearly cancel.
    first = ChannelsExplorer()
    red, green, blue = first.partial[0, :, first.row, first.column]
    assert red > 100
    assert abs(red + green + blue) < 10


def test_sentences():
    """True of what is there, in this order: silence, groups, 1 × 1 kernels, the preset."""
    assert ChannelsExplorer().sentence() == SENTENCES["mixed"]
    assert ChannelsExplorer(kernel="1x1").sentence().startswith("1 × 1 kernels")
    assert ChannelsExplorer(kernel="1x1", preset="colors").sentence() == SENTENCES["colors"]
    assert "depthwise" in ChannelsExplorer(groups=3, kernel="1x1").sentence()
    assert ChannelsExplorer(muted=["B"]).sentence().startswith("B is muted: taken as zeros, so its")
    assert ChannelsExplorer(solo="B", groups=3).sentence().startswith("R and G are muted: taken as zeros, so their")
    assert ChannelsExplorer(muted=["R", "G", "B"]).sentence().startswith("All channels are muted")
    layer = ChannelsExplorer(preset="colors", image=np.full((3, 32, 32), 100), bias=[-40, 0, 5])
    assert layer.sum_of(0, 3, 4) == "y[0, 3, 4] = R 100 + G −100 + B 0 + bias −40 = −40 → ReLU → 0"
    layer.groups, layer.relu = 3, False
    assert layer.sum_of(2, 3, 4) == "y[2, 3, 4] = B 10 + bias 5 = 15"


def test_numbers_for_reading():
    """Two decimals at most, ties away from zero, a true minus sign, no minus zero; and the scale of the colors."""
    assert [brief(v) for v in (7.125, -7.125, -0.004, 1200.0)] == ["7.13", "−7.13", "0", "1200"]
    assert [round_up(v) for v in (1.0, 2.5, 299, 300, 301, 700)] == [1, 3, 300, 300, 500, 1000]


@pytest.mark.parametrize("width", [267, 337, 470, 620, 756])
def test_the_desk_fits(width):
    """Four pictures, the signs between them and the names of the rows."""
    places = Places(width)
    beside = 0 if places.narrow else 54
    assert 18 + 4 * (places.side + beside) + 3 * (12 if places.narrow else 20) <= width


@pytest.mark.parametrize("traits", [{}, {"groups": 3, "map": 2, "kernel": "1x1", "relu": False}, {"solo": "R"}])
def test_still_picture(traits):
    """Channels, kernels, partial maps and maps as they are; words for who cannot see them."""
    layer = ChannelsExplorer(**traits)
    figure = layer.still()
    images = [np.asarray(ax.images[0].get_array()) for ax in figure.axes if ax.images]
    cells = 3 if layer.groups == 3 else 9
    assert len(images) == 4 + 2 * cells + 3
    assert sum(np.array_equal(image, layer.maps[layer.map]) for image in images) >= 1
    assert sum(image.shape == layer.w.shape[2:] for image in images) == cells
    plt.close(figure)
    alt, caption = layer.describe()
    assert layer.sum_of(layer.map, layer.row, layer.column) in alt
    assert layer.sentence() in caption
    assert f"{layer.parameters} parameters" in caption
