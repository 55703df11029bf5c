"""ReceptiveField's maths in the page, against Python's."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from convlib.widgets import ReceptiveField
from convlib.widgets.receptive_field import (
    DILATION,
    KERNEL,
    LIMIT,
    MOST,
    PRESETS,
    SIZE,
    STRIDE,
    Layer,
    fields,
    layout,
    nine_tenths,
    path_counts,
    view,
)
from tests.js.node import node_call, node_calls

RNG = np.random.default_rng(9)


def drawn() -> list[Layer]:
    """A random stack that Python admits."""
    while True:
        highs = ((2, 12), (3, 8), (3, 4))[RNG.integers(3)]
        kernel, count = highs[0] + 1, int(RNG.integers(1, highs[1] + 1))
        layers = [
            Layer(
                ("conv", "pool")[RNG.integers(2)],
                int(RNG.integers(1, min(kernel * 3, KERNEL) + 1)),
                int(RNG.choice([1, 1, 1, 2, STRIDE])),
                int(RNG.choice([1, 1, 2, 3, DILATION])),
            )
            for _ in range(count)
        ]
        if fields(layers)[-1].size <= LIMIT:
            return layers


STACKS = [[Layer.read(text) for text in layers] for layers in PRESETS.values()] + [drawn() for _ in range(60)]
STACKS += [[Layer("conv", 1)], [Layer("conv", 11)] * MOST]


def page(layers: list[Layer]) -> list[dict]:
    """The same layers as the page has them."""
    names = ("kind", "kernel", "stride", "dilation")
    return [dict(zip(names, layer, strict=True)) for layer in layers]


def test_constants_and_layers():
    """Constants, names, texts and numbers are the same on both sides; what no Python would send is cut."""
    size, limit, most, presets = node_calls(ReceptiveField, [("SIZE",), ("LIMIT",), ("MOST",), ("PRESETS",)])
    assert (size, limit, most) == (SIZE, LIMIT, MOST)
    assert {name: tuple(layers) for name, layers in presets.items()} == PRESETS
    codes = list(range(704))
    layers = node_calls(ReceptiveField, [("decode", code) for code in codes])
    assert layers == page([Layer.of_code(code) for code in codes])
    assert node_calls(ReceptiveField, [("codeOf", layer) for layer in layers]) == codes
    texts = node_calls(ReceptiveField, [("textOf", layer) for layer in layers])
    assert texts == [str(Layer.of_code(code)) for code in codes]
    assert node_calls(ReceptiveField, [("layerOf", text) for text in texts]) == layers
    known = [("presetOf", page(stack)) for stack in STACKS[: len(PRESETS) + 1]]
    assert node_calls(ReceptiveField, known) == [*PRESETS, "own"]
    given = [[], [9999, -3, 64.5], [codes[-1]] * 30, [Layer("conv", 3).code] * 30]
    cut = node_calls(ReceptiveField, [("stackOf", some) for some in given])
    assert [len(some) for some in cut] == [1, 3, 2, MOST]
    assert all(node_calls(ReceptiveField, [("fits", some) for some in cut]))


def test_fields_counts_and_the_effective_field():
    """Fields with their starts and jumps, path counts, nine tenths, and what is said of them, at every depth."""
    parts = [stack[:depth] for stack in STACKS for depth in range(len(stack) + 1)]
    for given, stack in zip(node_calls(ReceptiveField, [("fieldsOf", page(s)) for s in STACKS]), STACKS, strict=True):
        found = [(field["start"], field["r"], field["j"]) for field in given]
        assert found == [(field.start, field.size, field.jump) for field in fields(stack)]
    counts = node_calls(ReceptiveField, [("pathCounts", page(part)) for part in parts])
    lengths = node_calls(ReceptiveField, [("nineTenths", count) for count in counts])
    for part, count, length in zip(parts, counts, lengths, strict=True):
        np.testing.assert_allclose(count, path_counts(part), rtol=1e-12)
        assert length == nine_tenths(path_counts(part)), part
    assert node_call(ReceptiveField, "nineTenths", np.array([1.0, 18.0, 1.0])) == 1


def test_words():
    """The sentence and the recurrence are Python's, for stacks with a name at every depth, and for others."""
    widgets = [ReceptiveField(stack=name, depth=d) for name, layers in PRESETS.items() for d in range(len(layers) + 1)]
    widgets += [ReceptiveField(layers=list(map(str, stack))) for stack in STACKS]
    stacks = [page(widget.looked_through) for widget in widgets]
    said = node_calls(ReceptiveField, [("sentence", s, w.stack) for s, w in zip(stacks, widgets, strict=True)])
    assert said == [widget.sentence() for widget in widgets]
    steps = node_calls(ReceptiveField, [("recurrence", stack) for stack in stacks])
    assert [", ".join(step) for step in steps] == [widget.recurrence() for widget in widgets]


def test_units_and_view():
    """Which unit a pixel is nearest to, and how much of the plane is seen."""
    widgets = [ReceptiveField(layers=list(map(str, stack)), row=int(RNG.integers(SIZE))) for stack in STACKS]
    states = [{"start": w.field.start, "r": w.field.size, "j": w.field.jump} for w in widgets]
    units = node_calls(ReceptiveField, [("unitAt", w.row, s) for w, s in zip(widgets, states, strict=True)])
    assert units == [widget.unit[0] for widget in widgets]
    corners = [[edge.start for edge in widget.box] for widget in widgets]
    given = [("reachOf", corner, widget.field.size) for corner, widget in zip(corners, widgets, strict=True)]
    np.testing.assert_allclose(node_calls(ReceptiveField, given), [view(*widget.box) for widget in widgets])


@pytest.mark.parametrize("width", [300, 337, 620, 756])
def test_layout(width):
    """Picture and stack stand where Python reckons with them, in every reduced view."""
    views = (["picture", "stack"], ["picture"], ["stack"], [])
    for shown, count in itertools.product(views, (1, 3, 18, 24)):
        given, expected = node_call(ReceptiveField, "layout", width, shown, count), layout(width, shown, count)
        assert given == pytest.approx(expected), (shown, count)


def test_blocks():
    """Means of blocks, with zeros beyond the end."""
    assert node_call(ReceptiveField, "blocks", np.array([4.0, 2, 0, 6, 8]), 2) == [3, 3, 4]
    assert node_call(ReceptiveField, "blocks", np.array([4.0, 2]), 1) == [4, 2]


def test_bars():
    """As wide as the fields, each beginning where the one before it ends."""
    given = [{"start": 0, "r": r, "j": 1} for r in (1, 3, 7, 21)]
    for narrow in (False, True):
        places = {"step": 20, "room": 210, "narrow": narrow, "origin": 10, "middle": 100}
        bars = np.array(node_call(ReceptiveField, "barsOf", given, places))
        across = bars[:, :, 1 if narrow else 0]
        np.testing.assert_allclose(across[:, 2] - across[:, 3], [10, 30, 70, 210])
        np.testing.assert_allclose(across[1:, 1] - across[1:, 0], [10, 30, 70])
        np.testing.assert_allclose(across.mean(axis=1), 100)
