"""KernelLearner's maths in the page, against Python's."""

from __future__ import annotations

import numpy as np
import pytest

from convlib.widgets import KernelLearner
from convlib.widgets.kernel_learner import (
    HIDDEN,
    MOST,
    SIDE,
    SIZE,
    STARTS,
    arrow_length,
    decimals,
    layout,
    number,
    rounded,
)
from tests.js.node import node_call, node_calls

RNG = np.random.default_rng(4)
PICTURES = [KernelLearner().image, RNG.integers(0, 256, (SIZE, SIZE)).astype(np.uint8)]


def states(count=6):
    """Random settings; the later ones diverge."""
    for i in range(count):
        yield KernelLearner(
            hidden=str(RNG.choice(list(HIDDEN))),
            start=str(RNG.choice(list(STARTS))),
            rate=float(10 ** RNG.uniform(-2, 1.3)),
            centered=bool(i % 2),
            image=PICTURES[i // 2 % 2],
            steps=int(RNG.integers(0, MOST + 1)),
        )


def test_constants():
    """Kernels, starts and bounds stand on both sides."""
    names = ("SIZE", "SIDE", "HIDDEN", "STARTS", "MOST", "ENOUGH", "NEAR")
    size, side, hidden, starts, *bounds = node_calls(KernelLearner, [(name,) for name in names])
    assert (size, side) == (SIZE, SIDE)
    assert {name: (tuple(taps), scale, word) for name, (taps, scale, word) in hidden.items()} == HIDDEN
    assert {name: tuple(start) for name, start in starts.items()} == STARTS
    assert bounds == [500, 1e12, 0.005]


@pytest.mark.parametrize("centered", [True, False])
@pytest.mark.parametrize("picture", PICTURES, ids=["photograph", "noise"])
def test_pictures_gradient_and_hessian(picture, centered):
    """Input, correlation, slopes from the error, second derivatives, eigenvalues, limit."""
    widget = KernelLearner(image=picture, centered=centered, hidden="emboss", start="random", rate=0.1, steps=3)
    x = node_call(KernelLearner, "inputOf", picture, centered)
    np.testing.assert_allclose(x, widget.input.ravel(), atol=1e-12)
    y, H = node_calls(KernelLearner, [("correlate", x, widget.weights.ravel().tolist()), ("hessianOf", x)])
    np.testing.assert_allclose(y, widget.prediction.ravel(), atol=1e-12)
    np.testing.assert_allclose(H, widget.hessian, atol=1e-12)
    error = widget.error.ravel()
    calls = [("gradientOf", error, x), ("eigenvalues", H), ("limitOf", H), ("productOf", error, x, 5)]
    gradient, eigenvalues, limit, product = node_calls(KernelLearner, calls)
    np.testing.assert_allclose(gradient, widget.gradient.ravel(), atol=1e-12)
    np.testing.assert_allclose(eigenvalues, widget.eigenvalues, rtol=1e-9)
    assert limit == pytest.approx(widget.limit, rel=1e-9)
    shifted = widget.input[1 : 1 + SIDE, 2 : 2 + SIDE]
    np.testing.assert_allclose(product, (widget.error * shifted).ravel(), atol=1e-12)
    assert 2 * product.mean() == pytest.approx(widget.gradient[1, 2])
    random = RNG.normal(size=(9, 9))
    found = node_call(KernelLearner, "eigenvalues", (random @ random.T).tolist())
    np.testing.assert_allclose(found, np.linalg.eigvalsh(random @ random.T)[::-1], atol=1e-9)


def test_descent():
    """By the Hessian, as in the page, and by the pictures, as in Python: the same weights, losses, end and words."""
    widgets = [*states(), KernelLearner(rate=9), KernelLearner(rate=20, start="random"), KernelLearner(steps=300)]
    given = [(w.hessian.tolist(), w.kernel.ravel().tolist(), STARTS[w.start], w.rate, MOST) for w in widgets]
    runs = node_calls(KernelLearner, [("descend", *arguments) for arguments in given])
    learned = node_calls(
        KernelLearner,
        [("learnedAt", run["history"], w.kernel.ravel().tolist()) for run, w in zip(runs, widgets, strict=True)],
    )
    for widget, run, first in zip(widgets, runs, learned, strict=True):
        assert (run["stopped"], first) == (widget.stopped, widget.learned)
        history, losses = np.array(run["history"]), np.array(run["losses"])
        assert history.shape == (MOST + 1, 9)
        widget.steps, steps = MOST, widget.steps
        np.testing.assert_allclose(history, widget.history, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(losses, widget.losses, rtol=1e-6, atol=1e-15)
        widget.steps = steps


def test_words():
    """The same sentence as Python's, in every kind of state."""
    widgets = [
        *(KernelLearner(steps=0, start=start) for start in STARTS),
        KernelLearner(),
        KernelLearner(steps=200),
        KernelLearner(rate=9),
        KernelLearner(rate=20, steps=400),
        KernelLearner(rate=0.2, centered=False),
        *states(8),
    ]
    given = []
    for widget in widgets:
        without = KernelLearner(image=widget.image).limit
        traits = {name: getattr(widget, name) for name in ("steps", "rate", "start", "centered")}
        given.append({**traits, "limit": widget.limit, "without": without})
        given[-1] |= {"stopped": widget.stopped, "learned": widget.learned}
    assert node_calls(KernelLearner, [("sentence", state) for state in given]) == [w.sentence() for w in widgets]
    open_ = node_call(KernelLearner, "sentence", given[3] | {"open": True})
    assert open_.endswith("They are the hidden kernel.")
    words = node_call(KernelLearner, "weightWords", 5, -0.25, 2)
    assert words.startswith("∂L/∂w[1, 2] = 2 · mean of error × input shifted by (1, 2) = −0.250.")
    assert words.endswith("+0.500.")


def test_numbers_for_reading():
    """The same text as Python's, of any size."""
    values = [0.0, *(sign * 10 ** float(power) for power in RNG.uniform(-14, 14, 40) for sign in (-1, 1))]
    for name, python in (("number", number), ("decimals", decimals)):
        assert node_calls(KernelLearner, [(name, value) for value in values]) == [python(value) for value in values]
    rates = [0.01, 0.05, 0.229, 1.0, 8.11, 12.3, 20.0]
    assert node_calls(KernelLearner, [("rounded", rate) for rate in rates]) == [rounded(rate) for rate in rates]
    lengths = node_calls(KernelLearner, [("arrowLength", value, 2) for value in values])
    np.testing.assert_allclose(lengths, [arrow_length(value, 2) for value in values], atol=1e-9)


def test_rates_on_the_slider():
    """Every place is a rate that Python takes as it is; there and back is the same place."""
    low, high = node_call(KernelLearner, "RATES")
    rates = node_calls(KernelLearner, [("rateAt", place) for place in range(low, high + 1)])
    assert (rates[0], rates[-1]) == (0.01, 20)
    assert np.all(np.diff(rates) > 0)
    assert [KernelLearner(rate=rate).rate for rate in rates] == rates
    places = node_calls(KernelLearner, [("placeOf", rate) for rate in rates])
    np.testing.assert_allclose(places, range(low, high + 1), atol=0.49)


@pytest.mark.parametrize("width", [280, 337, 620, 756, 786])
def test_layout(width):
    """Panels stand where Python reckons with them, in every reduced view."""
    parts = ("pictures", "weights", "loss")
    views = [[part for i, part in enumerate(parts) if chosen >> i & 1] for chosen in range(8)]
    for shown, given in zip(views, node_calls(KernelLearner, [("layout", width, v) for v in views]), strict=True):
        boxes, height = layout(width, shown)
        assert given["height"] == pytest.approx(height)
        assert given["boxes"].keys() == boxes.keys()
        for name, box in boxes.items():
            assert given["boxes"][name] == pytest.approx(box), (shown, name)
