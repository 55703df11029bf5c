"""DiscreteConvolution's Python side: its maths, what its traits refuse, how they keep together, its still picture."""

from __future__ import annotations

import itertools
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from convlib import plot
from convlib.widgets.discrete_convolution import MODES, OPERATIONS, DiscreteConvolution

NUMBERS = st.floats(-3, 3, allow_nan=False)
ALL_KINDS = pytest.mark.parametrize(("mode", "operation"), list(itertools.product(MODES, OPERATIONS)))


def _traits(widget):
    return {name: getattr(widget, name) for name in ("x", "w", "n", "mode", "operation")}


def around_the_ring(x, w, operation):
    """Circular convolution by Fourier transform: the kernel folded into the ring first."""
    folded = np.zeros(len(x))
    for k, tap in enumerate(w):
        folded[k % len(x)] += tap
    transform = np.fft.fft(folded)
    return np.fft.ifft(np.fft.fft(x) * (transform if operation == "convolution" else transform.conj())).real


@ALL_KINDS
@settings(max_examples=25, deadline=None)
@given(x=st.lists(NUMBERS, min_size=1, max_size=10), w=st.lists(NUMBERS, min_size=1, max_size=5))
def test_output_and_matrix_agree_with_scipy(mode, operation, x, w):
    """The outputs are SciPy's (around the ring: the Fourier transform's), and the matrix takes x to them."""
    widget = DiscreteConvolution(x=x, w=w, n=0, mode=mode, operation=operation)
    kernel = w if operation == "convolution" else w[::-1]
    if mode == "circular":
        expected = around_the_ring(x, w, operation)
    else:
        expected = scipy.signal.convolve(x, kernel, mode, method="direct")
    np.testing.assert_allclose(widget.output, expected, atol=1e-9)
    assert widget.matrix.shape == (len(expected), len(x))
    np.testing.assert_allclose(widget.matrix @ x, expected, atol=1e-9)


def test_full_matrix_is_toeplitz_and_circular_one_circulant():
    """Each row is the row above moved right by one; around the ring what falls out comes back in."""
    full = DiscreteConvolution(w=[1, 2, 3]).matrix
    np.testing.assert_array_equal(full[1:, 1:], full[:-1, :-1])
    ring = DiscreteConvolution(w=[1, 2, 3], mode="circular").matrix
    np.testing.assert_array_equal(ring[1:], np.roll(ring[:-1], 1, axis=1))
    assert ring[0].tolist() == [1, 0, 0, 0, 0, 0, 3, 2]


@pytest.mark.parametrize(
    ("trait", "value", "error", "message"),
    [
        ("x", [0.0] * 11, ValueError, r"DiscreteConvolution\.x must have 1 to 10 numbers, got 11"),
        ("x", [], ValueError, r"DiscreteConvolution\.x is empty"),
        ("x", [3.5, 0], ValueError, r"DiscreteConvolution\.x must lie between -3 and 3, got values from 0 to 3.5"),
        ("x", [np.nan], ValueError, r"DiscreteConvolution\.x holds 1 value\(s\) that are NaN"),
        ("x", [[1, 2], [3, 1]], ValueError, r"DiscreteConvolution\.x must have 1 dimension, got 2"),
        ("x", "123", TypeError, r"DiscreteConvolution\.x must hold real numbers"),
        ("w", [0.0] * 6, ValueError, r"DiscreteConvolution\.w must have 1 to 5 numbers, got 6"),
        ("w", [1j], TypeError, r"DiscreteConvolution\.w must be real, got complex"),
        ("n", 10, ValueError, r"DiscreteConvolution\.n must be between 0 and 9 in mode 'full', got 10"),
        ("n", -1, ValueError, r"DiscreteConvolution\.n must be at least 0, got -1"),
        ("n", 1.5, TypeError, r"DiscreteConvolution\.n must be a whole number, got 1.5 of type float"),
        ("n", True, TypeError, r"DiscreteConvolution\.n must be a whole number, got True"),
        ("mode", "half", ValueError, r"DiscreteConvolution\.mode must be one of 'full', .*'circular', got 'half'"),
        ("operation", "product", ValueError, r"DiscreteConvolution\.operation must be one of"),
    ],
)
def test_impossible_traits_are_refused(trait, value, error, message):
    """The error names widget and trait, and the widget keeps what it had."""
    widget = DiscreteConvolution()
    before = getattr(widget, trait)
    with pytest.raises(error, match=message):
        setattr(widget, trait, value)
    assert getattr(widget, trait) == before
    with pytest.raises(error, match=message):
        DiscreteConvolution(**{trait: value})


def test_a_lone_output_is_named():
    """With one output there is nothing between."""
    with pytest.raises(ValueError, match=r"n must be 0 in mode 'valid', got 1"):
        DiscreteConvolution(x=[1, 2], w=[1, 2], mode="valid", n=1)


def test_n_stays_within_the_outputs():
    """Fewer outputs move n to the last one; the constructor does so with its default too."""
    widget = DiscreteConvolution(n=9)
    widget.mode = "valid"
    assert widget.n == 5
    widget.w = [1, 2, 3, 1, 2]
    assert widget.n == 3
    widget.x = [1, 2, 3, 4 / 3, 1]
    assert widget.n == 0
    widget.mode = "full"
    assert widget.n == 0, "it does not jump back"
    assert DiscreteConvolution(x=[1], w=[2]).n == 0


def test_traits_that_come_together_are_judged_together():
    """A browser that sends n and a longer w in one message is believed, in either order; a bad one is taken back."""
    widget = DiscreteConvolution(x=[1, 2], w=[1], n=1)
    widget.set_state({"n": 5, "w": [1, 2, 3, 2, 1]})
    assert (widget.n, widget.w) == (5, (1.0, 2.0, 3.0, 2.0, 1.0))
    widget.set_state({"mode": "valid", "n": 3})
    assert widget.n == 3
    with pytest.raises(ValueError, match="n must be between 0 and 3 in mode 'valid', got 7"):
        widget.set_state({"n": 7})
    assert widget.n == 3


def test_lists_travel_as_json():
    """Any sequence becomes a tuple of floats, which nobody can edit unseen, and a list for the page."""
    widget = DiscreteConvolution(x=np.arange(3), w=(1, 2))
    state = widget.get_state()
    assert state["x"] == [0.0, 1.0, 2.0]
    assert state["w"] == [1.0, 2.0]
    assert (widget.x, widget.w) == ((0.0, 1.0, 2.0), (1.0, 2.0))
    seen = []
    widget.observe(lambda change: seen.append(change["new"]), "x")
    widget.x = [0, 1, 2]
    widget.x = [0, 1, 2.5]
    assert seen == [(0.0, 1.0, 2.5)]
    widget.set_state({"w": [2.0, 3.0]})
    assert widget.w == (2.0, 3.0)


@ALL_KINDS
def test_first_is_where_the_outputs_stand_in_the_full_result(mode, operation):
    """output[n] is y[first + n], as the definition has it; and so it is called in words."""
    rng = np.random.default_rng(4)
    for samples, taps in ((8, 3), (6, 4), (3, 5), (4, 1)):
        x, w = rng.uniform(-3, 3, samples), rng.uniform(-3, 3, taps)
        widget = DiscreteConvolution(x=x, w=w, n=0, mode=mode, operation=operation)
        if mode != "circular":
            full = DiscreteConvolution(x=x, w=w, n=0, operation=operation).output
            np.testing.assert_allclose(widget.output, full[widget.first :][: len(widget.output)])
        expected = {"same": (taps - 1) // 2, "valid": min(samples, taps) - 1}.get(mode, 0)
        assert widget.first == expected
        alt, caption = widget.describe()
        assert f"y[{expected}] emphasised" in alt
        assert f"<i>y</i>[{expected}] = " in caption
        assert ("of the full result" in alt) == (mode in ("same", "valid"))


def test_text_is_stable():
    """The same in every run, without the lists."""
    assert repr(DiscreteConvolution()) == "DiscreteConvolution(mode='full', n=3, operation='convolution')"


@ALL_KINDS
def test_still_picture_is_drawn(mode, operation):
    """For every mode and operation, long and short: four rows of bars and the matrix, described with the sum."""
    for x, w in (([1, 2, 3, 1], [2, 1, -1]), ([0.5], [0] * 5), ([1] * 10, [0.25, -0.5])):
        widget = DiscreteConvolution(x=x, w=w, n=0, mode=mode, operation=operation)
        alone, both = widget.still(), DiscreteConvolution(**_traits(widget), all_at_once=True).still()
        captions = [text.get_text() for text in alone.axes[0].texts[:4]]
        assert captions[0] == "$x[m]$"
        assert re.fullmatch(r"\$w\[(\d+ - m|m([+-]\d+)?)\]\$", captions[1])
        assert both.get_figheight() > alone.get_figheight() + 26 * len(widget.output) * plot.WIDTH / 620
        plt.close(alone)
        plt.close(both)
        assert "matrix" not in "".join(widget.describe())
        widget.all_at_once = True
        alt, caption = widget.describe()
        assert f"{len(widget.output)} by {len(x)} matrix" in alt
        assert f"= {widget.output[0]:g}".replace("-", "−") in caption
        assert ("Flip" in caption) == (operation == "convolution")


def test_still_picture_stands_each_thing_in_its_place():
    """The bars of the default's still: y[3] under x[3], its taps flipped under x[3] to x[1]; one unit for x and w."""
    figure = DiscreteConvolution().still()
    rows = [
        {round(bar.get_center()[0]): -bar.get_height() for bar in bars} for bars in figure.axes[0].containers
    ]  # one container a bar
    plt.close(figure)
    x, w, products, y = ({}, {}, {}, {})
    for row, count in ((x, 8), (w, 3), (products, 3), (y, 10)):
        for bar in rows[:count]:
            row |= bar
        del rows[:count]
    assert x == {m: 12 * value for m, value in enumerate([1, 2, 3, 1, -1, -2, 1, 2])}
    assert w == {3: 24, 2: 12, 1: -12}
    assert [products[at] / products[3] for at in (3, 2, 1)] == pytest.approx([1, 3 / 2, -1])
    expected = [2, 5, 7, 3, -4, -6, 1, 7, 1, -2]
    assert [y[n] / y[0] * 2 for n in range(10)] == pytest.approx(expected)


def test_reduced_views_take_less_room():
    """What is not shown takes no room and is not drawn; heights are those of the live widget (tests/site)."""
    whole = DiscreteConvolution().room()
    assert len(whole) == 3
    for kept in ("bars", "sum", "words", "controls"):
        assert all(a < b for a, b in zip(DiscreteConvolution(show=[kept]).room(), whole, strict=True))
    assert all(a > b for a, b in zip(DiscreteConvolution(all_at_once=True).room(), whole, strict=True))
    matrix = DiscreteConvolution(show=["matrix"])
    assert "matrix" in matrix.describe()[0]
    assert not matrix.still().axes[0].containers
    plt.close("all")
    assert DiscreteConvolution(show=("words", "bars")).show == ["bars", "words"]
    with pytest.raises(ValueError, match=r"DiscreteConvolution\.show must be one of"):
        DiscreteConvolution(show=["everything"])
    with pytest.raises(ValueError, match=r"DiscreteConvolution\.controls must be one of"):
        DiscreteConvolution(controls=["volume"])
