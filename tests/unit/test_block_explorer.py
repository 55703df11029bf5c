"""BlockExplorer's Python side: its traits, its towers against PyTorch's, paths one by one, words, still pictures."""

from __future__ import annotations

import itertools
import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from convlib.widgets import BlockExplorer
from convlib.widgets.block_explorer import SHOWN, Places, axis_of, lesion, path_words, polynomial, ticks_of, times
from convlib.widgets.block_towers import (
    CHANNELS,
    EPSILON,
    MOST,
    PLACES,
    SIGNALS,
    Tower,
    by_length,
    change,
    draw,
    forward,
    gradients,
    majority,
    normals,
    sizes,
    slopes,
)

torch.set_num_threads(1)


@pytest.mark.parametrize(
    ("traits", "error", "message"),
    [
        ({"blocks": 0}, ValueError, r"BlockExplorer\.blocks must be at least 1, got 0"),
        ({"blocks": 28}, ValueError, r"BlockExplorer\.blocks must be at most 27, got 28"),
        ({"seed": 100}, ValueError, r"BlockExplorer\.seed must be at most 99, got 100"),
        ({"gamma": 1.5}, ValueError, r"BlockExplorer\.gamma must be between 0 and 1, got 1\.5"),
        ({"deleted": [0]}, ValueError, r"BlockExplorer\.deleted must be at least 1, got 0"),
        ({"deleted": [28]}, ValueError, r"BlockExplorer\.deleted must lie between 1 and 27, got 28"),
        ({"deleted": [2.5]}, TypeError, r"BlockExplorer\.deleted must be a whole number, got 2\.5"),
        ({"cut": "7"}, TypeError, r"BlockExplorer\.cut must be a list of whole numbers, got '7'"),
        ({"cut": 7}, TypeError, r"BlockExplorer\.cut must be a list of whole numbers, got 7"),
        (
            {"blocks": 5, "deleted": [6]},
            ValueError,
            r"BlockExplorer\.deleted must be within the tower's 5 blocks, got 6",
        ),
        ({"blocks": 5, "chosen": 6}, ValueError, r"BlockExplorer\.chosen must be within the tower's 5 blocks, got 6"),
        ({"deleted": [3, 4], "cut": [4]}, ValueError, r"must not name a block that is both deleted and cut, got 4"),
        ({"direction": "up"}, ValueError, r"BlockExplorer\.direction must be one of 'forward', 'back', got 'up'"),
        ({"passed": 28}, ValueError, r"BlockExplorer\.passed must be between 0 and 27, got 28"),
        ({"show": ["map"]}, ValueError, r"BlockExplorer\.show must be one of"),
    ],
)
def test_impossible_traits_are_refused(traits, error, message):
    """The error names widget and trait."""
    with pytest.raises(error, match=message):
        BlockExplorer(**traits)


def test_a_refused_value_changes_nothing():
    """The widget keeps what it had; what a lower tower has not is forgotten."""
    widget = BlockExplorer(deleted=[9, 3, 9], cut=[12], chosen=12)
    assert widget.deleted == (3, 9)
    with pytest.raises(ValueError, match="both deleted and cut, got 9"):
        widget.cut = [9]
    assert widget.cut == (12,)
    widget.blocks = 10
    assert (widget.deleted, widget.cut, widget.chosen) == ((3, 9), (), 0)


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        ({"blocks": 28}, "blocks must be at most 27, got 28"),
        ({"blocks": 3, "cut": (4,)}, "cut must be blocks from 1 to 3, got 4"),
        ({"deleted": (2,), "cut": (2,)}, "block 2 would let nothing pass"),
        ({"gamma": math.nan}, "gamma must be finite"),
    ],
)
def test_a_tower_refuses_what_it_cannot_be(settings_, message):
    """By the name of the setting."""
    with pytest.raises(ValueError, match=message):
        Tower(residual=True, **settings_)


# ---- against PyTorch ------------------------------------------------------------------------------------------------


@st.composite
def towers(draw_, most=7):
    """Towers of either kind, with lesions of both kinds."""
    blocks = draw_(st.integers(1, most))
    marks = draw_(st.lists(st.sampled_from("   dc"), min_size=blocks, max_size=blocks))
    deleted, cut = (tuple(i + 1 for i, mark in enumerate(marks) if mark == kind) for kind in "dc")
    gamma, seed = draw_(st.sampled_from([0.0, 0.3, 1.0])), draw_(st.integers(1, 99))
    return Tower(draw_(st.booleans()), blocks, seed, draw_(st.booleans()), gamma, deleted, cut)


class TorchTower:
    """The same tower by PyTorch's own layers; ``z`` scales what a branch sends back, not what it gives."""

    def __init__(self, tower, z=1.0):
        self.tower, self.z, self.before_relu = tower, z, []
        self.chance = [torch.tensor(part) for part in draw(tower.seed)]
        self.norms = {}

    def norm(self, a, where, running):
        if not self.tower.norm:
            return a
        own = self.norms.setdefault(where, [torch.zeros(CHANNELS).double(), torch.ones(CHANNELS).double()])
        if running:
            return functional.batch_norm(a, *own, training=False, eps=EPSILON)
        own[:] = a.mean((0, 2)).detach(), a.var((0, 2), unbiased=False).detach()
        return functional.batch_norm(a, None, None, training=True, eps=EPSILON)

    def conv(self, x, w):
        return functional.conv1d(functional.pad(x, (1, 1), mode="circular"), w)

    def __call__(self, running=False, tower=None):
        tower, (_, _, signals, stem, kernels) = tower or self.tower, self.chance
        self.before_relu = [self.norm(self.conv(signals.transpose(0, 1), stem), (0, 0), running)]
        self.before_relu[0].requires_grad_()
        x = torch.relu(self.before_relu[0])
        for i in range(1, tower.blocks + 1):
            if i not in tower.deleted:
                a = torch.relu(self.norm(self.conv(x, kernels[i - 1, 0]), (i, 1), running))
                b = tower.gamma * self.norm(self.conv(a, kernels[i - 1, 1]), (i, 2), running)
                b = self.z * b + ((1 - self.z) * b).detach()
                self.before_relu.append(b + x if tower.has_shortcut(i) else b)
                self.before_relu[-1].retain_grad() if self.before_relu[-1].requires_grad else None
                x = torch.relu(self.before_relu[-1])
            else:
                self.before_relu.append(self.before_relu[-1])
        return x

    def back(self):
        """The gradients by what each ReLU gets."""
        readout, signs, *_ = self.chance
        (signs * (self().mean(2) @ readout)).sum().backward()
        return [as_numpy(a.grad) for a in self.before_relu]


def as_numpy(x):
    """Signals first, as PyTorch has it, to channels first."""
    return x.detach().numpy().transpose(1, 0, 2)


@settings(max_examples=25, deadline=None)
@given(towers())
def test_towers_are_torchs(tower):
    """Every signal, and every gradient by autograd, through batch normalisation's mean and deviation, too."""
    own = TorchTower(tower)
    found = own.back()
    for state, before in zip(forward(tower).states, own.before_relu, strict=True):
        np.testing.assert_allclose(state, as_numpy(torch.relu(before)), rtol=1e-6, atol=1e-9)
    for gradient, expected in zip(gradients(tower), found, strict=True):
        np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-6 * max(1e-6, np.abs(expected).max()))


@settings(max_examples=15, deadline=None)
@given(towers(), st.sampled_from([-1.5, 0.0, 0.5, 2.0]))
def test_paths_by_length_are_a_polynomial(tower, z):
    """Autograd with every branch's gradient times z gives the sum of the parts times powers of z."""
    parts = by_length(tower)
    expected = TorchTower(tower, z).back()[0]
    found = np.tensordot(float(z) ** np.arange(tower.blocks + 1), parts, axes=1)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6 * max(1e-6, np.abs(parts).max()))
    np.testing.assert_allclose(parts.sum(axis=0), gradients(tower)[0], atol=1e-9 * max(1, np.abs(parts).max()))
    assert not parts[tower.counts == 0].any()


@settings(max_examples=15, deadline=None)
@given(towers())
def test_the_answers_change_is_torchs_at_test_time(tower):
    """Statistics of the intact tower, kept as running ones."""
    own = TorchTower(tower.intact)
    before = own().detach()
    after = own(running=True, tower=tower).detach()
    size = float(before.norm())
    expected = float((after - before).norm()) / size if size else 0
    assert change(tower) == pytest.approx(expected, rel=1e-6, abs=1e-9)
    assert change(tower.intact) == pytest.approx(0, abs=1e-12)


# ---- what the chapter says ------------------------------------------------------------------------------------------


@given(towers(most=10))
def test_paths_are_counted_one_by_one(tower):
    """Every way through the tower, by its length."""
    ways = [[0] if i in tower.deleted else [0, 1] if tower.has_shortcut(i) else [1] for i in range(1, tower.blocks + 1)]
    lengths = [sum(way) for way in itertools.product(*ways)]
    assert tower.counts.tolist() == np.bincount(lengths, minlength=tower.blocks + 1).tolist()


def test_most_paths_are_long_and_the_gradient_comes_by_short_ones():
    """Two to the 27th paths, by the binomial coefficients; in any draw the gradient's half is shorter."""
    widget = BlockExplorer()
    assert widget.counts.tolist() == [math.comb(27, k) for k in range(28)]
    assert majority(widget.counts) == (12, 15)
    for seed in (1, 3, 8):
        first, last = majority(BlockExplorer(seed=seed).carried)
        assert 3 <= first < last <= 11


@pytest.mark.parametrize("seed", [1, 3, 12, 99])
def test_what_shortcuts_do(seed):
    """With normalisation the plain tower's gradient explodes, and a deletion changes its answer far more."""
    widget = BlockExplorer(seed=seed)
    plain, residual = widget.ratios
    assert plain > 3000
    assert residual < 100
    widget.direction = "forward"
    assert widget.curves[0] == pytest.approx(np.ones(28), abs=0.3)
    assert 5 < widget.curves[1][-1] < 9
    alone = np.array([widget.without(i) for i in range(1, 28)])
    assert np.median(alone[:, 0]) > 1 > 0.5 > np.median(alone[:, 1])
    assert BlockExplorer(seed=seed, norm=False, direction="forward").curves[1][-1] > 300


@pytest.mark.parametrize("norm", [True, False])
def test_with_the_last_gamma_at_zero_the_residual_tower_is_the_identity(norm):
    """Signal and gradient stay what they are; the plain tower lets nothing pass."""
    tower = Tower(residual=True, gamma=0.0, norm=norm)
    states = forward(tower).states
    assert all(np.array_equal(state, states[0]) for state in states)
    assert all(np.array_equal(gradient, gradients(tower)[0]) for gradient in gradients(tower))
    assert slopes(tower).tolist() == sizes(tower).tolist() == [1] * 28
    plain = Tower(residual=False, gamma=0.0, norm=norm)
    assert not sizes(plain)[1:].any()
    assert not slopes(plain).any()


def test_a_taller_tower_begins_as_the_lower_one():
    """Depth is a dial: the first blocks stay what they were."""
    low, tall = (forward(Tower(residual=True, blocks=n)).states for n in (5, MOST))
    assert all(np.array_equal(a, b) for a, b in zip(low, tall[:6], strict=True))


def test_what_is_drawn_is_normal():
    """Mean, deviation, independence from number to number; other seeds give other numbers."""
    numbers = normals(5, 40_000)
    assert numbers.mean() == pytest.approx(0, abs=0.03)
    assert numbers.std() == pytest.approx(1, abs=0.03)
    assert np.corrcoef(numbers[::2], numbers[1::2])[0, 1] == pytest.approx(0, abs=0.03)
    assert (np.abs(numbers) < 1.96).mean() == pytest.approx(0.95, abs=0.01)
    assert not np.isin(draw(1).signals, draw(2).signals).any()
    assert draw(1).signals.shape == (CHANNELS, SIGNALS, PLACES)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12).map(np.array))
def test_majority_is_the_shortest_run(amounts):
    """No shorter run is more than half, none as short holds more."""
    ends = majority(amounts)
    runs = [(j - i, -sum(amounts[i : j + 1]), i, j) for i in range(len(amounts)) for j in range(i, len(amounts))]
    enough = [run for run in runs if -run[1] > sum(amounts) / 2]
    assert ends == (min(enough)[2:] if enough else None)


# ---- words and pictures ---------------------------------------------------------------------------------------------


def test_sentences():
    """What each state teaches, with its numbers."""
    said = {
        "At depth 56 the gradient comes back through the plain tower 43,400 times": {},
        "At depth 20 the signal leaves the plain tower": {"blocks": 9, "direction": "forward"},
        "Without batch normalisation, at depth 56 the gradient": {"norm": False},
        "Without block 7 the plain tower’s answer changes by 114\u00a0%": {"deleted": [7]},
        "Without the shortcut of block 7 the residual tower’s answer": {"cut": [7]},
        "Without blocks 3 and 9 and the shortcuts of blocks 5 and 6 the": {"deleted": [3, 9], "cut": [5, 6]},
        "Without 4 blocks the plain": {"deleted": [3, 9, 12, 13]},
        "the residual tower is the identity": {"gamma": 0, "direction": "forward"},
        "hands the gradient back as it is": {"gamma": 0},
        "Back through 12 of 27 blocks the gradient is": {"passed": 12.5},
        "After 0 of 27 blocks the signal is 1.0 times": {"passed": 0, "direction": "forward"},
    }
    for words, traits in said.items():
        assert words in BlockExplorer(**traits).sentence()
    chosen = {"is deleted, and its": {"deleted": [7]}, "has no shortcut": {"cut": [7]}, "Without it the answers": {}}
    for words, traits in chosen.items():
        assert words in BlockExplorer(chosen=7, **traits).words()
    assert BlockExplorer(blocks=1, deleted=[1]).words_of_paths() == (
        "A single path is left, 0 blocks long: all of the gradient comes by it."
    )
    assert BlockExplorer(blocks=3, gamma=0, cut=[1, 2, 3]).words_of_paths().endswith("no gradient comes by it.")
    assert lesion((1, 2, 3), (), 1, 1).startswith("Without blocks 1, 2 and 3 the plain")
    assert path_words(np.array([1, 1]), np.zeros(2)).endswith("no gradient comes by any of them.")


@given(st.integers(0, 27), st.integers(0, 27))
def test_the_polynomial_counts_the_paths(branches, single):
    """Multiplied out, it has the counts for coefficients."""
    counts = [0] * single + [math.comb(branches, k) for k in range(branches + 1)]
    written = polynomial(np.array(counts))
    assert ("(1 + z)" in written) == (branches > 0)
    assert written.endswith("z") == (single == 1)


@given(st.floats(1e-9, 1e9))
def test_times_keeps_two_digits(value):
    """Whatever way the number is written."""
    written = times(value).replace(",", "")
    front, _, power = written.partition("·10")
    raised = int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))) if power else 0
    assert float(front) * 10.0**raised == pytest.approx(value, rel=0.051)


@given(st.lists(st.floats(-15, 15), min_size=1, max_size=5))
def test_the_axis_holds_the_curves(powers):
    """At least from a tenth to ten, at most nine powers each way; few numbers, 1 among them."""
    low, high = axis_of([10.0 ** np.array(powers)])
    assert -9 <= low <= -1 < 1 <= high <= 9
    assert low <= max(min(powers), -9)
    assert high >= min(max(powers), 9)
    assert 2 <= len(ticks_of(low, high)) <= 5
    assert 0 in ticks_of(low, high)


@pytest.mark.parametrize("width", [280, 337, 620, 786])
def test_everything_has_its_place(width):
    """From left to right and from the top down; nothing over the edge."""
    g = Places(width, ["towers", "sizes"])
    assert g.x(0) > 0
    assert g.x(MOST) == pytest.approx(g.length(MOST) + g.span / 2) == pytest.approx(width - g.right)
    downwards = [g.TITLE, g.residual - g.box / 2, g.residual + g.box / 2, g.plain - g.box / 2, g.plain + g.box / 2]
    downwards += [g.depth, g.chart - g.TITLE, g.y(1e9, -9, 9), g.y(1e-9, -9, 9), g.chart + g.tall, g.height]
    assert downwards == sorted(downwards)
    assert g.y(0, -9, 9) == g.y(1e-9, -9, 9)


@pytest.mark.parametrize(
    "traits",
    [
        {},
        {"blocks": 1, "gamma": 0},
        {"deleted": [7], "cut": [9], "chosen": 12, "direction": "forward", "passed": 11.5},
        {"show": ["paths"]},
        {"show": ["words"]},
    ],
    ids=str,
)
def test_still_picture(traits):
    """Boxes, numbers and bars; and words for who cannot see them."""
    widget = BlockExplorer(**traits)
    figure = widget.still()
    written = [text.get_text() for text in figure.axes[0].texts]
    assert ("paths" in written) == (not widget.show or "paths" in widget.show)
    if not widget.show:
        assert f"{widget.blocks} blocks, depth {2 * widget.blocks + 2}" in written
        k = math.floor(widget.passed) if widget.direction == "forward" else 0
        assert f"residual {times(widget.curves[1][k])}" in written
        assert any("answer changed by" in text for text in written) == bool(widget.deleted)
    plt.close(figure)
    alt, caption = widget.describe()
    assert f"{widget.blocks} blocks" in alt
    assert widget.words() in caption
    assert len(SHOWN) == 5
