"""Sampled signals against closed forms and quadrature; bad input by its message."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.integrate
from hypothesis import given
from hypothesis import strategies as st

from convlib import signals as s

width = st.floats(0.1, 3.0)
time = st.floats(-6, 6)


def integral(f, g, t, jumps):
    """The convolution integral at t, by adaptive quadrature that is told where the jumps are."""
    points = sorted({float(p) for p in (*jumps, *(t - j for j in jumps)) if -12 < p < 12})
    value, _ = scipy.integrate.quad(lambda tau: f(tau) * g(t - tau), -12, 12, points=points or None, limit=400)
    return value


@given(time, st.floats(-2, 2), width, st.floats(-2, 2), width)
def test_box_with_box(t, a, a_width, c, c_width):
    """The trapezoid is the overlap of two intervals."""
    b, d = a + a_width, c + c_width
    overlap = max(0.0, min(b, t - c) - max(a, t - d))
    assert s.box_with_box(t, (a, b), (c, d)) == pytest.approx(overlap, abs=1e-9)


@given(st.floats(-2, 6), width, st.floats(0.3, 3))
def test_box_with_exponential(t, stop, rate):
    """Charging and discharging, against quadrature."""
    expected = integral(lambda x: s.box(x, 0, stop), lambda x: s.exponential(x, rate), t, (0, stop))
    assert s.box_with_exponential(t, 0, stop, rate) == pytest.approx(expected, abs=1e-6)


@given(time, st.floats(-1, 1), st.floats(0.2, 1.5), st.floats(-1, 1), st.floats(0.2, 1.5))
def test_gaussian_with_gaussian(t, mean_1, sigma_1, mean_2, sigma_2):
    """Means and variances add, against a fine Riemann sum."""
    tau = np.arange(-14, 14, 0.02)
    expected = 0.02 * np.sum(s.gaussian(tau, mean_1, sigma_1) * s.gaussian(t - tau, mean_2, sigma_2))
    assert s.gaussian_with_gaussian(t, (mean_1, sigma_1), (mean_2, sigma_2)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("step", [0.5, 0.1, 0.02])
def test_sampled_boxes_are_exact(step):
    """The midpoint rule makes no error on pieces that are constant between grid edges."""
    f, g = s.sample(s.box, -1, 1, step / 2), s.sample(lambda t: s.box(t, -1, 0), -2, 1, step / 2)
    y = f.convolve(g)
    np.testing.assert_allclose(y.values, s.box_with_box(y.times, (-0.5, 0.5), (-1, 0)), atol=1e-12)


def test_convolution_of_signals_is_of_second_order():
    """Halving the step divides the error by four, for jumps on strip edges."""
    errors = []
    for step in (0.1, 0.05):
        x, g = s.sample(lambda t: s.box(t, 0, 1), 0, 3, step), s.sample(s.exponential, 0, 3, step)
        y = x.convolve(g)
        early = y.times < 3 + step / 2
        errors.append(np.abs(y.values - s.box_with_exponential(y.times))[early].max())
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.05)


def test_times_of_a_convolution():
    """First times add, last times add."""
    f, g = s.Signal([1, 2, 3], start=1, step=0.5), s.Signal([1, 1], start=-2, step=0.5)
    y = f.convolve(g)
    assert (len(y), y.start, y.stop, y.step) == (4, -1, 0.5, 0.5)
    assert y.values.tolist() == [0.5, 1.5, 2.5, 1.5]


def test_correlation_is_convolution_with_the_mirror_image():
    """And is largest where a copy hides."""
    rng = np.random.default_rng(0)
    pattern = s.Signal(rng.normal(size=9))
    f = s.Signal(np.concatenate([np.zeros(5), pattern.values, np.zeros(7)]))
    y = f.correlate(pattern)
    np.testing.assert_allclose(y.values, np.correlate(f.values, pattern.values, mode="full"))
    assert y.times[y.values.argmax()] == 5


def test_arithmetic():
    """Sum, product, scaling, shift, reversal, interpolation, area."""
    f = s.Signal([0, 2, 4], start=1, step=0.5)
    assert (f + f).values.tolist() == [0, 4, 8]
    assert (f * f).values.tolist() == [0, 4, 16]
    assert (3 * f).values.tolist() == (f * 3).values.tolist() == [0, 6, 12]
    assert f.shifted(2).start == 3
    assert (f.reversed().start, f.reversed().values.tolist()) == (-2, [4, 2, 0])
    assert f.at(1.25) == 1.0
    assert f.at([0.0, 2.0, 9.0]).tolist() == [0, 4, 0]
    assert f.area() == 3.0


def test_a_signal_cannot_be_changed_from_outside():
    """Its values are a read-only copy."""
    source = np.ones(3)
    f = s.Signal(source)
    source[0] = 5
    assert f.values.tolist() == [1, 1, 1]
    with pytest.raises(ValueError, match="read-only"):
        f.values[0] = 2


@pytest.mark.parametrize(
    ("shape", "jumps"),
    [(s.unit_step, {0: 0.5}), (s.box, {-0.5: 0.5, 0.5: 0.5}), (s.exponential, {0: 0.5})],
)
def test_jumps_take_the_mean(shape, jumps):
    """At a jump a shape is the mean of its two sides."""
    for t, value in jumps.items():
        assert shape(t) == value
        assert (shape(t - 1e-6) + shape(t + 1e-6)) / 2 == pytest.approx(value, abs=1e-5)


def test_pluck_is_short_and_not_too_loud():
    """Silent before it starts, faded after a second, never clipped."""
    t = np.arange(-1000, 20_000) / 11_025
    sound = s.pluck(t)
    assert np.abs(sound[t < 0]).max() == 0
    assert np.abs(sound).max() <= 1
    assert np.abs(sound[t > 1.5]).max() < 1e-3


F = s.Signal([1, 2, 3], step=0.1)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.convolve(s.Signal([1], step=0.2)), ValueError, "other has step 0.2, but this signal has step 0.1"),
        (lambda: F.correlate([1, 2]), TypeError, "other must be a Signal, got list"),
        (lambda: F + s.Signal([1, 2], step=0.1), ValueError, "other has 2 samples, but this signal has 3"),
        (lambda: F * s.Signal([1, 2, 3], start=1, step=0.1), ValueError, "other starts at 1, but this signal at 0"),
        (lambda: F * "a", TypeError, "factor must be a real number"),
        (lambda: s.Signal([]), ValueError, "values is empty"),
        (lambda: s.Signal([1j]), TypeError, "values must be real"),
        (lambda: s.Signal([np.nan]), ValueError, "values holds 1"),
        (lambda: s.Signal([1], step=0), ValueError, "step must be greater than 0, got 0"),
        (lambda: s.Signal([1], start=np.inf), ValueError, "start must be finite"),
        (lambda: s.Signal([1], step="1"), TypeError, "step must be a real number"),
        (lambda: s.sample(s.box, 1, 1, 0.1), ValueError, "stop must be greater than start = 1, got 1"),
        (lambda: s.sample(s.box, 0, 1, 0.3), ValueError, "step must divide stop - start = 1 evenly, got 0.3"),
        (lambda: s.sample(lambda t: 1.0, 0, 1, 0.5), ValueError, r"function must return 2 values .* got shape \(\)"),
        (lambda: s.gaussian(0, sigma=0), ValueError, "sigma must be greater than 0"),
        (lambda: s.exponential(0, rate=-1), ValueError, "rate must be greater than 0, got -1"),
        (lambda: s.triangle(0, half_width=True), TypeError, "half_width must be a real number, got True"),
        (lambda: s.box(0, 1, 0), ValueError, "stop must be greater than start = 1, got 0"),
        (lambda: s.box_with_box(0, (0, 0)), ValueError, "stop must be greater than start"),
    ],
)
def test_bad_input_is_named(call, error, message):
    """Every error says which argument, what was given and what is allowed."""
    with pytest.raises(error, match=message):
        call()
