"""BlockExplorer's maths and words in the page, against Python's."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from convlib.widgets import BlockExplorer
from convlib.widgets.block_explorer import (
    DECADES,
    Places,
    axis_of,
    path_words,
    percent,
    polynomial,
    ticks_of,
    times,
)
from convlib.widgets.block_towers import (
    APART,
    CHANNELS,
    EPSILON,
    MOST,
    PLACES,
    SIGNALS,
    TAPS,
    Tower,
    by_length,
    change,
    correlate,
    correlate_back,
    draw,
    forward,
    gradients,
    majority,
    normalise_back,
    normals,
    sizes,
    slopes,
)
from tests.js.node import node_call, node_calls

RNG = np.random.default_rng(15)


def towers(count=10):
    """Random ones, in pairs of all kinds, with lesions; the first is the tallest."""
    yield Tower(residual=True)
    for i in range(count):
        blocks = int(RNG.integers(1, 13))
        gone = RNG.permutation(blocks)[: int(RNG.integers(0, blocks + 1))] + 1
        deleted, cut = (tuple(map(int, part)) for part in np.array_split(gone, 2))
        gamma = float(RNG.choice([0, 0.35, 1]))
        yield Tower(bool(i % 2), blocks, int(RNG.integers(1, 99)), bool(i % 4 < 2), gamma, deleted, cut)


def as_dict(tower):
    return {**asdict(tower), "deleted": list(tower.deleted), "cut": list(tower.cut)}


def flat(arrays):
    return np.array([np.ravel(array) for array in arrays])


def test_constants():
    """They stand on both sides."""
    names = ("CHANNELS", "SIGNALS", "PLACES", "TAPS", "MOST", "EPSILON", "APART", "DECADES")
    found = node_calls(BlockExplorer, [(name,) for name in names])
    assert found == [CHANNELS, SIGNALS, PLACES, TAPS, MOST, EPSILON, APART, DECADES]


@pytest.mark.parametrize("seed", [1, 3, 99])
def test_what_is_drawn(seed):
    """The same numbers from the same seed, in the same order."""
    found, own = node_calls(BlockExplorer, [("chance", seed), ("normals", 7 * seed, 20)])
    np.testing.assert_allclose(own, normals(7 * seed, 20), rtol=1e-12)
    expected = draw(seed)
    for name in ("readout", "signs", "signals", "stem"):
        np.testing.assert_allclose(found[name], getattr(expected, name).ravel(), rtol=1e-12)
    kernels = np.array([np.concatenate(pair) for pair in found["kernels"]])
    np.testing.assert_allclose(kernels, expected.kernels.reshape(MOST, -1), rtol=1e-12)


def test_layers():
    """A convolution layer and its way back, and that of batch normalisation."""
    x, dy = RNG.normal(size=(2, CHANNELS, SIGNALS, PLACES))
    w, scale = RNG.normal(size=(CHANNELS, CHANNELS, TAPS)), RNG.uniform(0.5, 2, CHANNELS)
    calls = [("correlate", x, w), ("correlateBack", dy, w), ("normaliseBack", dy, x, scale)]
    expected = [correlate(x, w), correlate_back(dy, w), normalise_back(dy, x, scale)]
    for found, array in zip(node_calls(BlockExplorer, calls), expected, strict=True):
        np.testing.assert_allclose(found, array.ravel(), atol=1e-12)


def test_towers():
    """Signals, gradients, the paths' parts of them, their counts, and what lesions do to the answers."""
    names = ("forward", "gradients", "byLength", "sizes", "slopes", "change", "countsOf")
    given = list(towers())
    found = iter(node_calls(BlockExplorer, [(name, as_dict(tower)) for tower in given for name in names]))
    for tower in given:
        np.testing.assert_allclose(flat(next(found)["states"]), flat(forward(tower).states), rtol=1e-9, atol=1e-9)
        for expected in (gradients(tower), by_length(tower)):
            np.testing.assert_allclose(flat(next(found)), flat(expected), rtol=1e-7, atol=1e-9)
        for measure in (sizes, slopes, change):
            np.testing.assert_allclose(next(found), measure(tower), rtol=1e-7, atol=1e-12)
        assert next(found) == tower.counts.tolist()


def test_sentences_and_places():
    """Every word of a widget, in random states, and where everything stands."""
    widgets = [BlockExplorer(), BlockExplorer(gamma=0), BlockExplorer(gamma=0, direction="forward")]
    for tower in towers(24):
        lists = {"deleted": tower.deleted, "cut": tower.cut} if RNG.random() < 0.6 else {}
        passed = float(RNG.choice([MOST, tower.blocks / 2]))
        chosen, direction = int(RNG.integers(0, tower.blocks + 1)), str(RNG.choice(["forward", "back"]))
        given = {"blocks": tower.blocks, "seed": tower.seed, "norm": tower.norm, "gamma": tower.gamma}
        widgets.append(BlockExplorer(**given, **lists, passed=passed, chosen=chosen, direction=direction))
    calls = []
    for widget in widgets:
        state = {name: getattr(widget, name) for name in ("blocks", "norm", "gamma", "direction")}
        state |= {"deleted": list(widget.deleted), "cut": list(widget.cut), "passed": min(widget.passed, widget.blocks)}
        state |= {"curves": [curve.tolist() for curve in widget.curves], "changes": widget.changes}
        i = widget.chosen
        calls.append(("blockWords", i, state, widget.without(i)) if i else ("sentence", state))
        calls.append(("pathWords", widget.counts.tolist(), widget.carried.tolist()))
        calls.append(("polynomial", widget.counts.tolist()))
    found = node_calls(BlockExplorer, calls)
    expected = [(widget.words(), widget.words_of_paths(), polynomial(widget.counts)) for widget in widgets]
    assert found == [words for each in expected for words in each]
    assert len(set(found[::3])) > 20


def test_numbers():
    """Counts, percentages, axes, majorities."""
    values = [0, *(10.0 ** RNG.uniform(-9, 9, 60)).tolist(), 9.96, 99.6, 999.6, 0.0996, 999_600, 1e6]
    assert node_calls(BlockExplorer, [("times", v) for v in values]) == [times(v) for v in values]
    parts = [0, *(10.0 ** RNG.uniform(-5, 1.5, 60)).tolist(), 0.0995, 0.0004]
    assert node_calls(BlockExplorer, [("percent", v) for v in parts]) == [percent(v) for v in parts]
    curves = [[(10.0 ** RNG.uniform(-12, 12, 5)).tolist() for _ in range(2)] for _ in range(20)] + [[[0, 0], [1, 1]]]
    axes = node_calls(BlockExplorer, [("axisOf", pair) for pair in curves])
    assert [tuple(axis) for axis in axes] == [axis_of(pair) for pair in curves]
    ticks = node_calls(BlockExplorer, [("ticksOf", *axis) for axis in axes])
    assert ticks == [list(ticks_of(*axis)) for axis in axes]
    amounts = [RNG.integers(0, 9, RNG.integers(1, 9)).tolist() for _ in range(40)]
    found = node_calls(BlockExplorer, [("majority", each) for each in amounts])
    assert [ends and tuple(ends) for ends in found] == [majority(np.array(each)) for each in amounts]
    few = [([0, 1, 0], [0, 2, 0]), ([1, 0], [0, 0]), ([1, 1], [0, 0]), ([1, 1], [3, 1])]
    for counts, carried in few:
        expected = path_words(np.array(counts), np.array(carried))
        assert node_call(BlockExplorer, "pathWords", counts, carried) == expected


@pytest.mark.parametrize("shown", [["towers", "sizes"], ["towers"], ["sizes"], []], ids=len)
def test_places(shown):
    """The same pixels on both sides."""
    for width in (280, 337, 620, 786):
        found, places = node_call(BlockExplorer, "geometry", width, shown), Places(width, shown)
        for name in ("left", "unit", "span", "arc", "box", "residual", "plain", "depth", "tall", "chart", "height"):
            assert found[name] == pytest.approx(getattr(places, name)), name
        assert found["pathHeight"] == places.path_height


def test_what_a_link_asks_for_is_made_possible():
    """Blocks that the tower has not are left out; one that is deleted has no shortcut to cut."""
    asked = {"blocks": 5, "deleted": [9, 3, 3], "cut": [3, 4, 0, 2.5], "chosen": 7, "passed": 27, "seed": 4}
    assert node_call(BlockExplorer, "legal", asked) == {
        **asked, "deleted": [3], "cut": [4], "chosen": 0, "passed": 5
    }  # fmt: skip
