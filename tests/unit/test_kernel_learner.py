"""KernelLearner's Python side: its traits, its descent against PyTorch's, its numbers, words and still pictures."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from convlib import kernels
from convlib.widgets import KernelLearner
from convlib.widgets.kernel_learner import (
    ENOUGH,
    HIDDEN,
    MOST,
    SIDE,
    SIZE,
    STARTS,
    decimals,
    descend,
    layout,
    number,
    rounded,
    windows,
)

RNG = np.random.default_rng(11)
NOISE = RNG.integers(0, 256, (SIZE, SIZE)).astype(np.uint8)
PANELS = ("pictures", "weights", "loss")


@pytest.mark.parametrize(
    ("traits", "error", "message"),
    [
        ({"hidden": "prewitt"}, ValueError, r"KernelLearner\.hidden must be one of 'sobel', .*, got 'prewitt'"),
        ({"start": "ones"}, ValueError, r"KernelLearner\.start must be one of 'zeros', 'random', got 'ones'"),
        ({"rate": 0}, ValueError, r"KernelLearner\.rate must be between 0\.01 and 20, got 0"),
        ({"rate": 21}, ValueError, r"KernelLearner\.rate must be between 0\.01 and 20, got 21"),
        ({"rate": float("nan")}, ValueError, r"KernelLearner\.rate must be"),
        ({"steps": 501}, ValueError, r"KernelLearner\.steps must be at most 500, got 501"),
        ({"steps": -1}, ValueError, r"KernelLearner\.steps must be at least 0, got -1"),
        ({"steps": 2.5}, TypeError, r"KernelLearner\.steps must be a whole number"),
        ({"image": np.zeros((62, 62))}, ValueError, r"KernelLearner\.image must have shape \(64, 64\)"),
        ({"show": ["map"]}, ValueError, r"KernelLearner\.show must be one of"),
    ],
)
def test_impossible_traits_are_refused(traits, error, message):
    """The error names widget and trait."""
    with pytest.raises(error, match=message):
        KernelLearner(**traits)


def torch_descent(x, kernel, start, rate, steps):
    """Weights before and after each step, and losses, by conv2d, backward and SGD."""
    given = torch.tensor(x)[None, None]
    target = torch.nn.functional.conv2d(given, torch.tensor(kernel.reshape(1, 1, 3, 3)))
    w = torch.tensor(np.reshape(start, (1, 1, 3, 3)), requires_grad=True)
    sgd = torch.optim.SGD([w], lr=rate)
    history, losses = [], []
    for _ in range(steps + 1):
        history.append(w.detach().numpy().ravel().copy())
        loss = torch.nn.functional.mse_loss(torch.nn.functional.conv2d(given, w), target)
        losses.append(loss.item())
        sgd.zero_grad()
        loss.backward()
        gradient = w.grad.numpy().copy()
        sgd.step()
    return np.array(history), np.array(losses), gradient[0, 0]


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from(list(HIDDEN)),
    st.sampled_from(list(STARTS)),
    st.floats(0.01, 8),
    st.booleans(),
    st.integers(0, 40),
    st.booleans(),
)
def test_descent_is_torchs(hidden, start, rate, centered, steps, noise):
    """Every weight after every step, every loss and the last gradient: autograd and SGD; diverging or not."""
    image = {"image": NOISE} if noise else {}
    widget = KernelLearner(hidden=hidden, start=start, rate=rate, centered=centered, steps=steps, **image)
    stopped = widget.stopped
    history, losses, gradient = torch_descent(widget.input, widget.kernel, STARTS[start], widget.rate, steps)
    upto = steps + 1 if stopped is None else min(steps, stopped) + 1
    np.testing.assert_allclose(widget.history[:upto], history[:upto], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(widget.losses[:upto], losses[:upto], rtol=1e-6, atol=1e-9)
    assert widget.history.shape == (steps + 1, 9)
    if upto == steps + 1:
        np.testing.assert_allclose(widget.gradient, gradient, rtol=1e-6, atol=1e-9)


def test_the_pictures_are_correlations():
    """Target and prediction by SciPy; the gradient is the error correlated with the input, without a flip."""
    widget = KernelLearner(hidden="emboss", start="random", steps=3)
    for picture, w in ((widget.target, widget.kernel), (widget.prediction, widget.weights)):
        np.testing.assert_allclose(picture, signal.correlate2d(widget.input, w, "valid"), atol=1e-12)
    np.testing.assert_allclose(widget.error, widget.prediction - widget.target)
    gradient = 2 / SIDE**2 * signal.correlate2d(widget.input, widget.error, "valid")
    np.testing.assert_allclose(widget.gradient, gradient, atol=1e-12)
    assert widget.loss == pytest.approx(np.mean(widget.error**2))


def test_a_link_sets_what_any_state_is():
    """The state is a function of the traits alone: straight to step 30, or by way of 7."""
    widget = KernelLearner(start="random", steps=7)
    widget.steps = 30
    assert np.array_equal(widget.weights, KernelLearner(start="random", steps=30).weights)
    assert np.array_equal(widget.history[0], STARTS["random"])
    assert np.array_equal(STARTS["random"], np.random.default_rng(5).normal(size=9).round(2))


def test_the_kernels_are_what_they_are_called():
    """As in convlib.kernels, for a correlation: turned by half, and larger by a factor."""
    by_name = {name: KernelLearner(hidden=name).kernel for name in HIDDEN}
    np.testing.assert_allclose(by_name["sobel"], 8 * kernels.sobel("x")[::-1, ::-1])
    np.testing.assert_allclose(by_name["laplacian"], kernels.laplacian(4) * 4 / -kernels.laplacian(4)[1, 1])
    np.testing.assert_allclose(by_name["blur"], np.outer([1, 2, 1], [1, 2, 1]) / 16)
    sums = {name: float(w.sum()) for name, w in by_name.items()}
    assert sums == {"sobel": 0, "laplacian": 0, "blur": 1, "emboss": 1}


def test_the_limit_is_where_it_diverges():
    """Eigenvalues are the Hessian's; just below 2/λ the loss falls, just above it grows, for every kernel."""
    for centered in (True, False):
        widget = KernelLearner(centered=centered)
        H = widget.hessian
        np.testing.assert_allclose(np.prod(widget.eigenvalues), np.linalg.det(H), rtol=1e-6)
        bump = np.eye(9)[4]  # second differences of a quadratic are exact
        rows = windows(widget.input)
        loss = [np.mean((rows @ (STARTS["random"] + s * bump)) ** 2) for s in (-1, 0, 1)]
        assert H[4, 4] == pytest.approx(loss[0] - 2 * loss[1] + loss[2])
        for name in HIDDEN:
            runs = [
                descend(widget.input, KernelLearner(hidden=name).kernel.ravel(), np.zeros(9), rate * widget.limit, MOST)
                for rate in (0.99, 1.05)
            ]
            assert runs[0][1][-1] < runs[0][1][0]
            assert runs[1][1][-1] > 1e6 * runs[1][1][0], (name, centered)


def test_a_run_that_diverges_is_stopped():
    """At the first loss beyond 10¹²; nothing is ever infinite."""
    widget = KernelLearner(rate=20, steps=500)
    assert widget.stopped == 15
    assert widget.losses[14] <= ENOUGH < widget.losses[15] == widget.losses[-1]
    assert np.isfinite(widget.history).all()
    assert np.array_equal(widget.history[15], widget.weights.ravel())
    assert KernelLearner(rate=4).stopped is None
    far = KernelLearner(rate=20, centered=False, start="random", hidden="emboss", steps=500)
    assert np.isfinite(far.history).all()
    assert far.losses[-1] < 1e20


def test_the_mean_is_what_makes_it_slow():
    """The default learns each kernel within 200 steps; with the mean left in, none is learned at any stable rate."""
    for name in HIDDEN:
        assert 30 < KernelLearner(hidden=name).learned <= 200
        assert KernelLearner(hidden=name, centered=False).stopped is not None
        for share in (0.5, 0.97):
            rate = share * KernelLearner(centered=False).limit
            assert KernelLearner(hidden=name, centered=False, rate=rate).learned is None
    centered, plain = (KernelLearner(centered=whether).eigenvalues for whether in (True, False))
    assert plain[0] / centered[0] > 30
    np.testing.assert_allclose(plain[1:], centered[1:], rtol=0.02)  # one direction alone


def test_learned_is_the_first_step_that_stays_right():
    """One step before, a weight still differs in its second decimal."""
    widget = KernelLearner()
    at = widget.learned
    history = KernelLearner(steps=MOST).history
    away = np.abs(history - widget.kernel.ravel()).max(axis=1)
    assert away[at - 1] >= 0.005 > away[at:].max()


def test_a_photograph_without_contrast():
    """Nothing can be learned from it, and nothing diverges."""
    widget = KernelLearner(image=np.full((SIZE, SIZE), 0.5), steps=20)
    assert (widget.limit, widget.loss, widget.stopped) == (np.inf, 0, None)
    assert "∞" in widget.describe()[1]
    plt.close(widget.still())


def test_sentences():
    """What each state teaches, with its numbers."""
    said = {
        "kernel under cover": {"steps": 0},
        "Nine random numbers": {"steps": 0, "start": "random"},
        "Touch a weight": {},
        f"From step {KernelLearner().learned} on": {"steps": 200},
        "Beyond 2/λ = 8.11 each step overshoots, along one direction": {"rate": 9},
        "Past 10¹², at step 15, the run is stopped": {"rate": 20, "steps": 15},
        "2/λ falls from 8.11 to 0.229": {"centered": False, "rate": 0.2},
    }
    for words, traits in said.items():
        assert words in KernelLearner(**traits).sentence()


@pytest.mark.parametrize("width", [280, 337, 620, 756, 786])
@pytest.mark.parametrize("shown", [PANELS, ("pictures",), ("weights",), ("loss",), ("weights", "loss"), ()])
def test_panels_fit(width, shown):
    """Nothing sticks out, and no two overlap."""
    boxes, height = layout(width, list(shown))
    for name, (left, top, wide, high) in boxes.items():
        assert left >= 0
        assert left + wide <= width + 1e-9
        assert top + high <= height + 1e-9
        for other, (x, y, w, h) in boxes.items():
            apart = left + wide <= x or x + w <= left or top + high <= y or y + h <= top
            assert other == name or apart, (name, other)


def test_numbers_for_reading():
    """Powers of ten, true minus signs, no minus zero."""
    values = (0, 0.0004, -0.5, 99.96, 999.97, 1000, -1e12, 0.001)
    texts = ["0", "4.0·10⁻⁴", "−0.500", "100.0", "1000.0", "1.0·10³", "−1.0·10¹²", "0.001"]
    assert [number(value) for value in values] == texts
    assert [decimals(v) for v in (-0.004, 1.005, -123.4, -99999.0)] == ["0.00", "1.00", "−123", "−1·10⁵"]
    assert [rounded(v) for v in (0.01, 0.0216, 4, 12.34, np.inf)] == ["0.01", "0.022", "4", "12.3", "∞"]


@pytest.mark.parametrize("traits", [{}, {"hidden": "blur", "steps": 0}, {"rate": 20, "steps": 500}], ids=len)
def test_still_picture(traits):
    """Pictures, weights, cover and loss; and words for who cannot see them."""
    widget = KernelLearner(**traits)
    figure = widget.still()
    assert [ax.images[0].get_array().shape for ax in figure.axes[:4]] == [(64, 64)] + 3 * [(SIDE, SIDE)]
    written = [text.get_text() for text in figure.axes[4].texts]
    assert all(decimals(value) in written for value in widget.weights.ravel())
    assert [text.get_text() for text in figure.axes[5].texts].count("?") == 9
    plt.close(figure)
    alt, caption = widget.describe()
    assert number(widget.loss) in alt
    assert widget.sentence() in caption
    assert "Sobel" not in alt + caption  # it is to be guessed
