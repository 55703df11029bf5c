"""ConvolutionExplorer's maths in JavaScript against convlib's."""

import itertools

import numpy as np

from convlib.widgets import ConvolutionExplorer
from convlib.widgets.convolution_explorer import SHAPES
from tests.js.node import node_calls


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
