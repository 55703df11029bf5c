"""DiscreteConvolution's maths and words in JavaScript against convlib's."""

from __future__ import annotations

import itertools

import numpy as np

from convlib.widgets import DiscreteConvolution
from convlib.widgets.discrete_convolution import MODES, OPERATIONS
from tests.js.node import node_calls

KINDS = list(itertools.product(MODES, OPERATIONS))


def test_maths_is_convlibs():
    """Outputs, matrix and scattered columns of random sequences, of all lengths, in all modes, are Python's."""
    rng = np.random.default_rng(5)
    calls, widgets = [], []
    for (mode, operation), (samples, taps) in itertools.product(KINDS, ((1, 1), (1, 5), (3, 5), (8, 3), (10, 4))):
        x, w = rng.uniform(-3, 3, samples).tolist(), rng.uniform(-3, 3, taps).tolist()
        widgets.append(DiscreteConvolution(x=x, w=w, n=0, mode=mode, operation=operation))
        calls += [
            ("outputs", x, w, mode, operation),
            ("matrix", w, samples, mode, operation),
            ("targets", samples // 2, samples, taps, mode, operation),
        ]
    results = iter(node_calls(DiscreteConvolution, calls))
    for widget, y, rows, goes in zip(widgets, results, results, results, strict=True):
        said = repr(widget)
        np.testing.assert_allclose(y, widget.output, atol=1e-12, err_msg=said)
        np.testing.assert_allclose(rows, widget.matrix, atol=1e-12, err_msg=said)
        assert [to["k"] for to in goes] == list(range(len(widget.w)))
        column = np.zeros(len(y))
        for to in goes:
            if to["n"] is not None:
                column[to["n"]] += widget.w[to["k"]]
        np.testing.assert_allclose(column, widget.matrix[:, len(widget.x) // 2], atol=1e-12, err_msg=said)


def test_every_cell_tells_the_truth():
    """A cell's sentence works out the tap whose value stands there, and names the output as the full result does."""
    w = [1, 2, 3]
    for mode, operation in KINDS:
        widget = DiscreteConvolution(x=[1] * 4, w=w, n=0, mode=mode, operation=operation)
        cells = list(np.ndenumerate(widget.matrix))
        calls = [("cellSentence", n, m, w, 4, mode, operation) for (n, m), _ in cells]
        for said, ((n, m), value) in zip(node_calls(DiscreteConvolution, calls), cells, strict=True):
            assert said.startswith(f"A[{widget.first + n}, {m}] = "), said
            assert said.endswith(f" into y[{widget.first + n}]."), said
            formula = said.split("w[")[1].split("]")[0].replace("−", "-").replace("mod", "%")
            k = eval(formula, {"__builtins__": {}})
            assert value == (w[k] if 0 <= k < 3 else 0), f"{mode} {operation}: {said}"
            assert ("not a tap" in said) == (not 0 <= k < 3), said


def test_words():
    """What the modes keep, in numbers; where a sample goes that reaches no output of its mode; the sum aloud."""
    valid, same, lone, nowhere, aloud = node_calls(
        DiscreteConvolution,
        [
            ("modeSentence", 8, 3, "valid"),
            ("modeSentence", 8, 3, "same"),
            ("modeSentence", 2, 2, "valid"),
            ("scatterSentence", 0, [1, 2, 3], [1] * 5, "same", "convolution"),
            ("sumSentence", 3, [1, 2, 3, 1], [2, 1, -1], "full", "convolution"),
        ],
    )
    assert valid.endswith("y[2] to y[7] of the full result; the array that valid returns starts at y[2].")
    assert same.endswith("y[1] to y[8] of the full result; the array that same returns starts at y[1].")
    assert lone.endswith("y[1] of the full result; the array that valid returns holds it alone.")
    assert nowhere == "x[0] = 1 is scattered into y[2], y[3] and y[4]: it adds 1, 1 and 1. One column of A."
    assert aloud == "y[3] = 2·1 + 1·3 + (−1)·2 = 3"
