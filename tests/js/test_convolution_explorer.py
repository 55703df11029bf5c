"""ConvolutionExplorer's maths in JavaScript against convlib's, NumPy's and SciPy's."""

import itertools

import numpy as np
import pytest
from scipy.integrate import quad

from convlib.widgets import ConvolutionExplorer
from convlib.widgets.convolution_explorer import SHAPES, shape_values
from tests.js.node import node_call, node_calls

#: Makes a page's function out of a name: functions cannot be handed to another process.
AREA = """
export function areas(name, nodes, from, to, count) {
  return slices(shapeOf(name, nodes).at, from, to, count).map(({ area }) => area);
}
export function support(name, nodes) {
  const { from, to } = shapeOf(name, nodes);
  return [from, to];
}
"""


def test_curve_is_convlibs():
    """All pairs of shapes, the drawn ones random, both operations: the page's curve is convlib's to rounding."""
    rng = np.random.default_rng(17)
    calls, expected = [], []
    for operation, f, g in itertools.product(("convolution", "correlation"), SHAPES, SHAPES):
        f_nodes, g_nodes = rng.uniform(-1, 1, (2, 41)).astype(np.float32)
        widget = ConvolutionExplorer(f=f, g=g, operation=operation, f_samples=f_nodes, g_samples=g_nodes)
        calls.append(("slide", f, g, f_nodes, g_nodes, operation))
        expected.append(widget.output().values)
    for call, curve, values in zip(calls, node_calls(ConvolutionExplorer, calls), expected, strict=True):
        np.testing.assert_allclose(curve, values, atol=1e-9, err_msg=f"{call[1]}, {call[2]}, {call[-1]}")


@pytest.mark.parametrize("name", [name for name in SHAPES if name != "impulse"])
def test_slices_add_up_to_the_area(name):
    """Twenty-four signed slices of a shape are what SciPy integrates, and the support leaves nothing out."""
    nodes = np.random.default_rng(3).uniform(-1, 1, 41).astype(np.float32)
    source = ConvolutionExplorer._esm + AREA
    low, high = node_call(source, "support", name, nodes)
    areas = node_call(source, "areas", name, nodes, low, high, 24)
    breaks = np.arange(-20, 21) / 10
    inside = breaks[(breaks > low) & (breaks < high)]
    whole, _ = quad(lambda t: float(shape_values(name, t, nodes)), low, high, points=inside, limit=200)
    assert len(areas) == 24
    assert sum(areas) == pytest.approx(whole, abs=4e-3)
    outside = np.concatenate([np.linspace(-4, low - 1e-6, 50), np.linspace(high + 1e-6, 9.5, 50)])
    assert np.abs(shape_values(name, outside, nodes)).max() < 1e-3


def test_score_is_numpys():
    """The mean distance where either is not zero, in units of the true peak; and where both peak."""
    rng = np.random.default_rng(5)
    truth, guess = rng.uniform(-1, 1, (2, 301))
    truth[:40] = guess[:60] = 0
    peak = np.abs(truth).max()
    counted = np.maximum(np.abs(truth), np.abs(guess)) >= 0.02 * peak
    found = node_call(ConvolutionExplorer, "score", guess, truth)
    assert found["gap"] == pytest.approx(np.abs(truth - guess)[counted].mean() / peak, rel=1e-12)
    assert found["peak"] == np.abs(truth).argmax()
    assert found["guessed"] == np.abs(guess).argmax()
    assert node_call(ConvolutionExplorer, "score", truth, truth)["gap"] == 0
    assert node_call(ConvolutionExplorer, "score", guess, np.zeros(301)) is None


def test_lines_through_nodes_are_numpys():
    """Between nodes linear, beyond them zero."""
    nodes = np.random.default_rng(7).uniform(-1, 1, 61)
    times = np.linspace(-3.5, 3.5, 50)
    values = node_calls(ConvolutionExplorer, [("throughNodes", nodes, 3, t) for t in times])
    np.testing.assert_allclose(values, np.interp(times, np.linspace(-3, 3, 61), nodes, left=0, right=0), atol=1e-12)
