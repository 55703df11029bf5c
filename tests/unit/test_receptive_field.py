"""ReceptiveField's Python side: traits, fields and path counts against convlib, NumPy and PyTorch, words, pictures."""

from __future__ import annotations

import functools
import itertools
import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from convlib import plot, shapes
from convlib.shapes import closed_form
from convlib.widgets import ReceptiveField
from convlib.widgets.receptive_field import (
    LIMIT,
    MOST,
    PRESETS,
    SIZE,
    Layer,
    blob,
    fields,
    layout,
    name_of,
    nine_tenths,
    path_counts,
    view,
)

layer = st.builds(
    Layer, st.sampled_from(["conv", "pool"]), st.integers(1, 11), st.integers(1, 4), st.integers(1, 8)
)  # fmt: skip
small = st.builds(Layer, st.sampled_from(["conv", "pool"]), st.integers(1, 4), st.integers(1, 3), st.integers(1, 3))
stacks = st.lists(small, min_size=1, max_size=5).filter(lambda layers: fields(layers)[-1].size <= LIMIT)


@pytest.mark.parametrize(
    ("traits", "error", "message"),
    [
        ({"layers": "conv 3"}, TypeError, r"ReceptiveField\.layers must be a list of layers such as 'conv 3 /2', got"),
        ({"layers": []}, ValueError, r"ReceptiveField\.layers must be 1 to 24 layers, got 0"),
        ({"layers": ["conv 1"] * 25}, ValueError, r"ReceptiveField\.layers must be 1 to 24 layers, got 25"),
        ({"layers": ["conv 3", 3]}, TypeError, r"ReceptiveField\.layers\[1\] must be a text .*, got 3 of type int"),
        ({"layers": ["conv 12"]}, ValueError, r"ReceptiveField\.layers\[0\] must be conv or pool, .*, got 'conv 12'"),
        ({"layers": ["conv 0"]}, ValueError, r"got 'conv 0'"),
        ({"layers": ["conv 3 /5"]}, ValueError, r"got 'conv 3 /5'"),
        ({"layers": ["conv 3 d9"]}, ValueError, r"got 'conv 3 d9'"),
        ({"layers": ["conv 3 /2 /2"]}, ValueError, r"got 'conv 3 /2 /2'"),
        ({"layers": ["dense 3"]}, ValueError, r"got 'dense 3'"),
        ({"layers": ["conv 3 /4"] * 6}, ValueError,
         r"ReceptiveField\.layers must not see more than 1023 pixels along one axis, got 2731 behind layer 6"),
        ({"stack": "AlexNeXt"}, ValueError, r"ReceptiveField\.stack must be one of 'own', .*, got 'AlexNeXt'"),
        ({"stack": "AlexNeXt", "layers": ["conv 3"]}, ValueError, r"ReceptiveField\.stack must be one of 'own'"),
        ({"stack": "VGG-16", "layers": ["conv 3"]}, ValueError,
         r"ReceptiveField\.stack must be 'own' with these layers, got 'VGG-16'"),
        ({"depth": 25}, ValueError, r"ReceptiveField\.depth must be at most 24, got 25"),
        ({"row": 256}, ValueError, r"ReceptiveField\.row must be at most 255, got 256"),
        ({"column": -1}, ValueError, r"ReceptiveField\.column must be at least 0, got -1"),
        ({"show": ["blob"]}, ValueError, r"ReceptiveField\.show must be one of"),
    ],
)  # fmt: skip
def test_impossible_traits_are_refused(traits, error, message):
    """The error names widget and trait; a widget that is there keeps what it had."""
    with pytest.raises(error, match=message):
        ReceptiveField(**traits)
    if len(traits) == 1:
        widget = ReceptiveField(stack="LeNet-5", depth=2)
        before = {name: getattr(widget, name) for name in widget.own_traits()}
        name, value = next(iter(traits.items()))
        with pytest.raises(error, match=message):
            setattr(widget, name, value)
        assert {name: getattr(widget, name) for name in widget.own_traits()} == before


def test_stack_and_layers_go_together():
    """A name sets the layers, other layers change the name; the depth stays what was asked for."""
    widget = ReceptiveField(depth=3)
    assert (widget.stack, widget.layers) == ("VGG-16", PRESETS["VGG-16"])
    widget.stack = "two 3×3"
    assert (widget.layers, widget.depth, len(widget.looked_through)) == (("conv 3", "conv 3"), 3, 2)
    widget.layers = ["conv  3", "conv 3 /1 d1", "pool 2 d1 /2"]
    assert (widget.stack, widget.layers) == ("own", ("conv 3", "conv 3", "pool 2 /2"))
    widget.layers = ["conv 5"]
    assert widget.stack == "one 5×5"
    assert ReceptiveField(layers=PRESETS["LeNet-5"], stack="LeNet-5").stack == "LeNet-5"
    widget.stack = "own"  # that they are not
    assert (widget.stack, ReceptiveField(stack="own").stack) == ("one 5×5", "VGG-16")
    assert all(name_of(layers) == name for name, layers in PRESETS.items())


@given(st.lists(layer, min_size=1, max_size=3))
def test_layers_travel_as_numbers(layers):
    """Each number from 0 to 703 is a layer, and each layer one of them; so a page's link can be judged."""
    trait = ReceptiveField.layers
    assert [Layer.of_code(one.code) for one in layers] == layers
    assert [Layer.read(str(one)) for one in layers] == layers
    assert all(trait.low <= one.code <= trait.high for one in layers)
    codes = trait.metadata["to_json"](tuple(map(str, layers)), None)
    assert trait.metadata["from_json"](codes, None) == tuple(map(str, layers))


def test_every_number_is_a_layer():
    """And the page knows how many there are."""
    assert len({str(Layer.of_code(code)) for code in range(704)}) == 704
    assert ReceptiveField.limits()["layers"] == {"low": 0, "high": 703, "step": 1, "most": MOST}
    widget = ReceptiveField()
    widget.set_state({"layers": [Layer("conv", 5).code], "stack": "one 5×5"})
    assert (widget.layers, widget.stack) == (("conv 5",), "one 5×5")


def test_published_fields():
    """LeNet's C5 sees 32 pixels, the last pools of AlexNet and VGG-16 195 and 212, ResNet-18's last layer 435."""
    found = {name: ReceptiveField(stack=name).field for name in PRESETS}
    assert {name: field.size for name, field in found.items()} == {
        "two 3×3": 5, "one 5×5": 5, "LeNet-5": 32, "AlexNet": 195, "VGG-16": 212, "ResNet-18": 435,
        "dilated 1 2 4": 15, "dilated 2 2 2": 13,
    }  # fmt: skip
    assert [found[name].jump for name in ("LeNet-5", "AlexNet", "VGG-16", "ResNet-18")] == [4, 32, 32, 32]
    net = nn.Sequential(nn.Conv2d(1, 1, 5), nn.AvgPool2d(2), nn.Conv2d(1, 1, 5), nn.AvgPool2d(2), nn.Conv2d(1, 1, 5))
    sizes = [field.size for field in shapes.fields(net, (1, 32, 32)).values()]
    assert sizes == [field.size for field in fields([Layer.read(text) for text in PRESETS["LeNet-5"]])[1:]]


@given(stacks)
def test_fields_are_the_closed_forms(layers):
    """At every depth, with PyTorch's own padding."""
    for count, field in enumerate(fields(layers)):
        assert field == closed_form([one.settings for one in layers[:count]])
        assert len(path_counts(layers[:count])) == field.size


@given(stacks)
def test_path_counts(layers):
    """They are the convolution of the layers' combs; symmetric; as many as there are choices of taps."""
    counts, jump, combs = path_counts(layers), 1, []
    for _, kernel, stride, dilation in layers:
        comb = np.zeros((kernel - 1) * dilation * jump + 1)
        comb[:: dilation * jump] = 1
        combs.append(comb)
        jump *= stride
    np.testing.assert_array_equal(counts, functools.reduce(np.convolve, combs))
    np.testing.assert_array_equal(counts, counts[::-1])
    assert counts.sum() == math.prod(one.kernel_size for one in layers)
    places = [np.flatnonzero(comb).tolist() for comb in combs[:3]]
    reached = {sum(taps) for taps in itertools.product(*places)}
    assert reached == set(np.flatnonzero(path_counts(layers[:3])).tolist())


@settings(max_examples=25)
@given(stacks.filter(lambda layers: fields(layers)[-1].size <= 60))
def test_path_counts_are_the_gradient_of_ones(layers):
    """Of a unit of PyTorch's layers, all weights 1, in two dimensions: products of the counts of row and column."""
    counts = path_counts(layers)
    steps = []
    for _, kernel, stride, dilation in layers:
        steps.append(nn.Conv2d(1, 1, kernel, stride, dilation=dilation, bias=False, dtype=torch.float64))
        nn.init.ones_(steps[-1].weight)
    x = torch.zeros(1, 1, len(counts), len(counts), dtype=torch.float64, requires_grad=True)
    y = nn.Sequential(*steps)(x)
    assert y.shape[2:] == (1, 1)
    y.sum().backward()
    np.testing.assert_allclose(x.grad[0, 0], np.outer(counts, counts), rtol=1e-12)


@pytest.mark.parametrize("name", ["two 3×3", "dilated 2 2 2", "LeNet-5"])
def test_mean_square_of_the_gradient(name):
    """With independent random weights of mean 0 it is proportional to the counts; pooling, with its own equal ones."""
    layers = [Layer.read(text) for text in PRESETS[name]]
    counts = path_counts(layers)
    rng = np.random.default_rng(4)
    total = np.zeros(len(counts))
    draws = 20_000
    gradient = np.ones((draws, 1))
    for kind, kernel, stride, dilation in reversed(layers):
        w = rng.choice([-1.0, 1.0], (draws, kernel)) if kind == "conv" else np.ones((draws, kernel))
        ground = (gradient.shape[1] - 1) * stride + 1
        below = np.zeros((draws, ground + (kernel - 1) * dilation))
        for tap in range(kernel):
            below[:, tap * dilation : tap * dilation + ground : stride] += w[:, tap, np.newaxis] * gradient
        gradient = below
    total = (gradient**2).mean(axis=0)
    np.testing.assert_allclose(total, counts, rtol=0.1, atol=0.02 * counts.max())


@given(stacks)
def test_nine_tenths(layers):
    """The shortest interval in the middle: it holds them, and two pixels less do not."""
    counts = path_counts(layers)
    length, total = nine_tenths(counts), int(counts.sum())
    cut = (len(counts) - length) // 2
    held, less = (int(counts[by : len(counts) - by].sum()) for by in (cut, cut + 1))
    assert (len(counts) - length) % 2 == 0
    assert 10 * held >= 9 * total
    assert length <= 2 or 10 * less < 9 * total


def test_just_nine_tenths_is_enough():
    """It need not be more."""
    assert nine_tenths(np.array([1.0, 18.0, 1.0])) == 1
    assert nine_tenths(np.array([1.0, 17.99, 1.0])) == 3


@pytest.mark.parametrize("name", PRESETS)
def test_the_unit_and_its_box(name):
    """The unit whose middle is nearest; its box is where convlib says, and every unit of the grid can be had."""
    widget = ReceptiveField(stack=name)
    for depth in range(len(widget.layers) + 1):
        widget.depth = depth
        field, count = widget.field, widget.units
        assert count == -(-SIZE // field.jump)
        seen = set()
        for pixel in range(SIZE):
            widget.row = pixel
            unit = widget.unit[0]
            seen.add(unit)
            middles = field.centre + field.jump * np.arange(count)
            assert abs(middles[unit] - pixel) == np.abs(middles - pixel).min()
        assert seen == set(range(count))
        rows, _ = widget.box
        assert (rows.start, rows.stop - 1) == (
            field.start + unit * field.jump,
            field.end + unit * field.jump,
        )


def test_view_holds_photograph_and_box():
    """No more than both need, but for a margin of one in fifty."""
    assert view(slice(0, 256), slice(3, 9)) == 128
    for start in (-300, -5, 200):
        half = view(slice(start, start + 100), slice(0, 10))
        assert 128 - half <= start
        assert start + 100 <= 128 + half
        assert half <= 1.02 * max(128, abs(start - 128), abs(start - 28))


def test_sentences():
    """Field, effective field, and what is remarkable about each stack."""
    said = {name: ReceptiveField(stack=name).sentence() for name in PRESETS}
    assert "18 weights per pair of channels; one 5 × 5, which sees as far, has 25." in said["two 3×3"]
    assert "25 weights per pair of channels; two 3 × 3, which see as far, have 18." in said["one 5×5"]
    assert "Of 13 × 13 pixels only 49 are reached: the taps leave holes." in said["dilated 2 2 2"]
    assert "main path, the longest" in said["ResNet-18"]
    assert said["VGG-16"].startswith("In theory 212 pixels across; in a linear net, nine tenths of the influence along")
    assert "lies within 92." in said["VGG-16"]
    assert ReceptiveField(depth=0).sentence() == "A pixel sees itself."
    assert "three 3 × 3, which see as far, have 27" in ReceptiveField(layers=["conv 7"]).sentence()
    assert ReceptiveField(stack="dilated 1 2 4").reached == 15
    assert ReceptiveField(layers=["conv 3", "conv 3 /2", "conv 3"]).recurrence() == "r = 5 + (3 − 1)·2 = 9, j = 1·2 = 2"
    assert ReceptiveField(stack="dilated 2 2 2").recurrence() == "r = 9 + (3 − 1)·2·1 = 13, j = 1·1 = 1"


@pytest.mark.parametrize("width", [300, 337, 620, 756])
def test_layout(width):
    """Picture and stack do not overlap, nothing sticks out, and all layers have room."""
    for count, shown in itertools.product((1, 5, 24), (["picture", "stack"], ["picture"], ["stack"], [])):
        p = layout(width, shown, count)
        assert p["step"] * (count + 1) <= (p["across"] if width < 480 else p["tall"])
        assert p["left"] >= 0
        assert "picture" not in shown or p["left"] + p["side"] <= width
        assert p["from"] >= 0
        assert "stack" not in shown or p["from"] + p["across"] <= width + 1e-9
        if len(shown) == 2:
            apart = p["left"] + p["side"] <= p["from"] or p["top"] >= 19 + p["side"] + 40
            assert apart
        assert p["height"] == 0 or shown


@pytest.mark.parametrize("traits", [{}, {"stack": "ResNet-18", "row": 20}, {"layers": ["conv 1"] * 24}, {"depth": 0}])
def test_still_picture(traits):
    """Photograph, box, blob and stack with all numbers; legible on a phone; and words for who cannot see them."""
    widget = ReceptiveField(**traits)
    with plot.style():
        figure = widget.still()
    text, pixels = plot.smallest_lettering(figure)
    assert pixels >= 11, text
    picture, _, stack = figure.axes
    box = picture.patches[-1].get_bbox()
    rows, columns = widget.box
    assert (box.x0, box.x1, box.y0, box.y1) == (columns.start, columns.stop, rows.start, rows.stop)
    low, high = picture.get_xlim()
    assert low <= min(0, columns.start)
    assert high >= max(SIZE, columns.stop)
    assert len(stack.patches) == len(widget.layers) + 1
    written = [text.get_text() for text in stack.texts]
    assert {str(field.size) for field in fields([Layer.read(text) for text in widget.layers])} <= set(written)
    plt.close(figure)
    alt, caption = widget.describe()
    assert f"a box of {widget.field.size} by {widget.field.size}" in alt
    assert widget.sentence() in caption
    assert widget.recurrence() in caption


def test_blob():
    """Clear where no path leads, fullest in the middle."""
    picture = blob(ReceptiveField(stack="dilated 2 2 2").counts)
    opacity = picture[..., 3]
    assert np.count_nonzero(opacity) == 49
    assert opacity.argmax() == opacity.size // 2
    assert opacity.max() == pytest.approx(0.8)
