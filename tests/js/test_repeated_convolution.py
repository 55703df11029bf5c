"""RepeatedConvolution's maths in JavaScript, against its Python side and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from convlib.widgets.repeated_convolution import RepeatedConvolution
from tests.js.node import node_call, node_calls

RNG = np.random.default_rng(11)
LOADED = [0.1, 0.2, 0, 0.3, 0.2, 0.2]


def test_normalise():
    """No weights at all are even, and dust is none."""
    dust = RepeatedConvolution(weights=[1, 1e-30, 0, 0, 0, 0], n=4)
    given = [np.zeros(6), np.full(6, np.nan), dust.weights.astype(float)]
    nothing, unknown, one = node_calls(RepeatedConvolution, [("normalise", weights) for weights in given])
    np.testing.assert_allclose([nothing, unknown], 1 / 6)
    assert one.tolist() == dust.probabilities.tolist() == [1, 0, 0, 0, 0, 0]
    assert node_call(RepeatedConvolution, "moments", one)["skewness"] == 0


@pytest.mark.parametrize("trial", range(8))
def test_maths_is_convlibs(trial):
    """Powers, moments, span and gap of random dice, with faces that never come and without."""
    weights = (RNG.uniform(0.05, 1, 6) * (RNG.uniform(size=6) < (1 if trial < 3 else 0.5))).astype(np.float32)
    weights[trial % 6] = 0.5
    n = int(RNG.integers(1, 31))
    python = RepeatedConvolution(weights=weights, n=n)
    p = python.probabilities
    calls = [("normalise", weights.astype(float)), ("convolvePower", p, n), ("moments", p), ("gap", p, n), ("span", p)]
    shares, power, moments, gap, span = node_calls(RepeatedConvolution, calls)
    np.testing.assert_allclose(shares, p, rtol=1e-14)
    np.testing.assert_allclose(power, python.distribution, atol=1e-15)
    assert n * moments["mean"] == pytest.approx(python.mean)
    assert n * moments["variance"] == pytest.approx(python.variance, abs=1e-12)
    assert span == python.span
    if span:
        sums = np.arange(n, 6 * n + 1)
        third = python.distribution @ (sums - python.mean) ** 3 / python.variance**1.5
        assert moments["skewness"] / np.sqrt(n) == pytest.approx(third, abs=1e-9)
        assert gap == pytest.approx(python.gap, abs=1e-13)


def test_normal_law_is_scipys():
    """Twelve digits and more, in the tails too."""
    at = [-30, -9, -6.3, -5, -4.99, -2, -0.3, 0, 0.01, 1.96, 4.7, 5.2, 8]
    below = node_calls(RepeatedConvolution, [("normalCdf", z) for z in at])
    np.testing.assert_allclose(below, stats.norm.cdf(at), rtol=1e-9, atol=1e-15)
    density = node_calls(RepeatedConvolution, [("normalDensity", z) for z in at])
    np.testing.assert_allclose(density, stats.norm.pdf(at), rtol=1e-12)


def test_sharing():
    """One face gets what is asked; the others keep their proportions, or share evenly if they had nothing."""
    p = np.array([1, 2, 3, 0, 5, 6]) / 17
    given, alone = node_calls(
        RepeatedConvolution, [("share", p, 2, 0.5), ("share", np.array([0.0, 0, 1, 0, 0, 0]), 2, 0.6)]
    )
    others = [0, 1, 3, 4, 5]
    assert given[2] == 0.5
    np.testing.assert_allclose(given[others], p[others] / p[others].sum() / 2)
    np.testing.assert_allclose(alone, [0.08, 0.08, 0.6, 0.08, 0.08, 0.08])


def test_small_chances_in_words():
    """Three figures or so, however small."""
    cases = {0: "0\u00a0%", 0.5: "50.0\u00a0%", 0.00123: "0.12\u00a0%", 2e-5: "0.0020\u00a0%"}
    cases[1e-9] = "less than 0.0001\u00a0%"
    assert node_calls(RepeatedConvolution, [("percent", value) for value in cases]) == list(cases.values())


def test_copies_fall_from_the_old_bars_to_the_new():
    """At first all lie on the old bars; in the end shifted by their faces, scaled, and piled up to the convolution."""
    die = RepeatedConvolution(weights=LOADED, n=4)
    p, old = die.probabilities, np.concatenate([np.zeros(4), die.distribution])  # over the sums 0, 1, …, 24
    start, half, end = (node_call(RepeatedConvolution, "copiesAt", p, u) for u in (0, 0.5, 1))
    assert all(copy == {"landed": 0, "across": 0, "scale": 1, "lift": 0} for copy in start)
    landed = [copy["landed"] for copy in half]
    assert landed[0] == 1, "one after the other"
    assert landed[-1] == 0
    assert sorted(landed, reverse=True) == landed
    assert [copy["across"] for copy in end] == [1, 2, 3, 4, 5, 6]
    np.testing.assert_allclose([copy["scale"] for copy in end], p)
    np.testing.assert_allclose([copy["lift"] for copy in end], 0, atol=1e-12)
    below = node_calls(RepeatedConvolution, [("pile", p, old, i) for i in range(6)])
    for i in range(5):
        step = np.zeros(31)
        step[i + 1 : i + 1 + len(old)] = p[i] * old
        np.testing.assert_allclose(below[i + 1], below[i] + step, atol=1e-15)
    top = below[5].copy()
    top[6 : 6 + len(old)] += p[5] * old
    five = RepeatedConvolution(weights=LOADED, n=5).distribution
    np.testing.assert_allclose(top[5:], five, atol=1e-12)
