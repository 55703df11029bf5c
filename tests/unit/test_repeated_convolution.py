"""RepeatedConvolution's Python side: its traits, its distribution against NumPy and SciPy, its still pictures."""

from __future__ import annotations

import itertools
import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from convlib.widgets.repeated_convolution import FACES, SHAPES, RepeatedConvolution

WEIGHTS = st.lists(st.sampled_from([0.0, 0.0, 0.1, 0.25, 0.7, 1.0]), min_size=6, max_size=6).filter(any)


@pytest.mark.parametrize(
    ("trait", "value", "error", "message"),
    [
        ("weights", [0.0] * 6, ValueError, r"RepeatedConvolution\.weights must have a weight above 0, got 6 that are"),
        ("weights", [1.0] * 5, ValueError, r"RepeatedConvolution\.weights must have 6 samples, got 5"),
        ("weights", [-0.1, 1, 1, 1, 1, 1], ValueError, r"RepeatedConvolution\.weights must lie between 0 and 1"),
        ("weights", [np.nan] * 6, ValueError, r"RepeatedConvolution\.weights holds 6 value"),
        ("weights", [1j] * 6, TypeError, r"RepeatedConvolution\.weights must be real"),
        ("n", 0, ValueError, r"RepeatedConvolution\.n must be at least 1, got 0"),
        ("n", 31, ValueError, r"RepeatedConvolution\.n must be at most 30, got 31"),
        ("n", 1.5, TypeError, r"RepeatedConvolution\.n must be a whole number, got 1\.5 of type float"),
        ("n", "3", TypeError, r"RepeatedConvolution\.n must be a whole number"),
        ("step", 1.1, ValueError, r"RepeatedConvolution\.step must be between 0 and 1, got 1\.1"),
        (
            "show",
            ["bell"],
            ValueError,
            r"RepeatedConvolution\.show must be one of 'bars', 'die', 'moments', 'words', 'con",
        ),
        ("controls", ["die"], ValueError, r"RepeatedConvolution\.controls must be one of 'n', 'step', 'weights'"),
        ("controls", "n", TypeError, r"RepeatedConvolution\.controls must be a list of names, got 'n'"),
        ("view", "bell", ValueError, r"RepeatedConvolution\.view must be one of 'sum', 'standardised', got 'bell'"),
    ],
)
def test_impossible_traits_are_refused(trait, value, error, message):
    """The error names widget and trait, and the widget keeps what it had."""
    widget = RepeatedConvolution()
    before = getattr(widget, trait)
    with pytest.raises(error, match=message):
        setattr(widget, trait, value)
    assert np.array_equal(getattr(widget, trait), before)
    with pytest.raises(error, match=message):
        RepeatedConvolution(**{trait: value})


def test_traits_travel():
    """Weights go as bytes, both ways; n stays an integer; the text is short and stable."""
    widget = RepeatedConvolution(weights=SHAPES["coin"], n=4)
    assert bytes(widget.get_state()["weights"]) == np.array(SHAPES["coin"], dtype="<f4").tobytes()
    widget.set_state({"weights": memoryview(np.array(SHAPES["even"], dtype="<f4")).cast("B"), "n": 7})
    assert widget.weights.tolist() == list(SHAPES["even"])
    assert isinstance(widget.n, int)
    assert repr(widget) == "RepeatedConvolution(n=7, step=1.0, view='sum')"


@settings(deadline=None)
@given(WEIGHTS, st.integers(1, 30))
def test_distribution_is_numpys(weights, n):
    """Repeated convolution against polynomial powers; mean and variance against the distribution itself."""
    widget = RepeatedConvolution(weights=weights, n=n)
    p = np.float32(weights).astype(float) / np.float32(weights).astype(float).sum()
    power = np.polynomial.polynomial.polypow(p, n)
    np.testing.assert_allclose(widget.distribution, np.pad(power, (0, 5 * n + 1 - len(power))), atol=1e-14)
    sums = np.arange(n, 6 * n + 1)
    assert widget.mean == pytest.approx(widget.distribution @ sums)
    assert widget.variance == pytest.approx(widget.distribution @ (sums - widget.mean) ** 2, abs=1e-9)


@settings(deadline=None)
@given(WEIGHTS, st.integers(1, 30))
def test_span_and_gap(weights, n):
    """The gap is the largest over the whole lattice, far beyond the sums too; none where there is no variance."""
    widget = RepeatedConvolution(weights=weights, n=n)
    faces = [face for face, weight in zip(FACES.tolist(), weights, strict=True) if weight]
    assert widget.span == math.gcd(*[a - b for a, b in itertools.combinations(faces, 2)])
    if len(faces) == 1:
        assert math.isnan(widget.gap)
        return
    lattice = np.arange(n * faces[0] - 50 * widget.span, 6 * n + 50 * widget.span, widget.span)
    below = np.concatenate([[0.0], np.cumsum(widget.distribution)])
    exact = below[np.clip(lattice - n + 1, 0, len(below) - 1)]
    normal = stats.norm.cdf(lattice + widget.span / 2, widget.mean, math.sqrt(widget.variance))
    assert widget.gap == pytest.approx(np.abs(exact - normal).max(), abs=1e-12)


def test_dust_is_no_probability():
    """A share that nobody could see leaves neither an immense skewness nor a span; one that is only rare counts."""
    dust = RepeatedConvolution(weights=[1, 1e-30, 0, 0, 0, 0], n=5)
    assert dust.probabilities.tolist() == [1, 0, 0, 0, 0, 0]
    assert dust.span == dust.variance == 0
    assert math.isnan(dust.gap)
    assert RepeatedConvolution(weights=[1, 1e-8, 0, 0, 0, 0]).span == 1
    np.testing.assert_allclose(RepeatedConvolution(weights=[1e-30] * 6).probabilities, 1 / 6)


def test_the_bell_appears():
    """For every shape with variance the gap shrinks about like 1/√n in the end; for the lopsided it starts large."""
    for name in set(SHAPES) - {"certain"}:
        gaps = [RepeatedConvolution(weights=SHAPES[name], n=n).gap for n in (1, 10, 30)]
        assert gaps[0] > gaps[1] > gaps[2]
    assert RepeatedConvolution(n=30).gap < 0.001
    assert RepeatedConvolution(weights=SHAPES["jackpot"], n=30).gap > 0.05


@pytest.mark.parametrize("view", ["sum", "standardised"])
@pytest.mark.parametrize("n", [1, 4, 30])
def test_every_still_picture_is_drawn(view, n):
    """All shapes in both views: a bar for each sum, and a curve where there is variance; described in words."""
    for name, weights in SHAPES.items():
        widget = RepeatedConvolution(weights=weights, n=n, view=view, bell=True)
        figure = widget.still()
        right = figure.axes[1]
        drawn = sum(bar.get_alpha() == 0.6 for bar in right.patches)
        assert drawn == np.sum(widget.distribution > 1e-4 * widget.distribution.max())
        assert len(right.lines) == 2 + (name != "certain")
        standardised = view == "standardised" and name != "certain"
        assert ("sigma" in right.get_xlabel()) == standardised
        plt.close(figure)
        alt, caption = widget.describe()
        assert ("no normal curve" in alt) == (name == "certain")
        assert ("standardised" in alt) == standardised
        assert f"mean {widget.mean:.2f}" in caption
        assert ("At the midpoints between bars" in caption) == (name != "certain")
        assert right.get_ylabel() == ("density" if standardised else "probability")
        assert ("times as high" in caption) == (name in ("coin", "even"))


def test_quiet_until_it_is_asked_for():
    """At rest no curve, no moments, no gap, in the picture or in words; the bell brings all, "moments" two."""
    for widget, drawn, moments, gap in (
        (RepeatedConvolution(), 0, False, False),
        (RepeatedConvolution(bell=True), 3, True, True),
        (RepeatedConvolution(show=["bars", "moments"]), 2, True, False),
        (RepeatedConvolution(show=["bars"], bell=True), 1, True, True),
    ):
        figure = widget.still()
        assert len(figure.axes[-1].lines) == drawn
        plt.close(figure)
        alt, caption = widget.describe()
        assert ("mean" in caption) == ("variance" in caption) == moments
        assert ("At the midpoints between bars" in caption) == gap
        assert ("normal curve" in alt) == widget.bell


@pytest.mark.parametrize(
    ("show", "axes", "words"), [(["bars"], 1, "sum"), (["die"], 1, "one die"), ([], 2, "Below: b")]
)
def test_stills_of_reduced_views(show, axes, words):
    """Only what is shown is drawn and described; the room shrinks with it."""
    widget = RepeatedConvolution(show=show)
    figure = widget.still()
    assert len(figure.axes) == axes
    plt.close(figure)
    alt, _ = widget.describe()
    assert words in alt
    assert ("one die" in alt) == ("die" in show or not show)
    assert alt.startswith("Bars for ")
    assert all(np.less(widget.room(), RepeatedConvolution().room())) == bool(show)


def test_controls_take_room():
    """A control that is named is offered in any view; without names a reduced view offers none."""
    bare = np.array(RepeatedConvolution(show=["bars"]).room())
    two = np.array(RepeatedConvolution(show=["bars"], controls=["n", "step"]).room())
    assert (two - bare).tolist() == [34 + 32] * 3
    for show in (["bars", "controls"], ["bars"]):
        assert RepeatedConvolution(show=show, controls=["n", "step"]).room() == tuple(two)
    every = RepeatedConvolution(show=["bars", "controls"]).room()
    assert every == RepeatedConvolution(show=["bars"], controls=["n", "step", "weights", "view", "bell"]).room()


def test_standardised_bars_follow_the_bell():
    """Heights are divided so that bars and curve meet: also where only every fifth number can be a sum."""
    widget = RepeatedConvolution(weights=SHAPES["coin"], n=30, view="standardised")
    figure = widget.still()
    bars = [bar for bar in figure.axes[1].patches if bar.get_alpha() == 0.6]
    for bar in bars:
        middle = bar.get_x() + bar.get_width() / 2
        assert bar.get_height() == pytest.approx(stats.norm.pdf(middle), abs=0.01)
    plt.close(figure)


def test_output_in_a_notebook():
    """The live view, what stands in for it, and a module that stands alone."""
    data, _ = RepeatedConvolution()._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert "<figcaption>" in data["text/html"]
    with pytest.raises(
        TypeError,
        match="RepeatedConvolution has no argument 'dice'; allowed are bell, controls, n, show, step, view, weights",
    ):
        RepeatedConvolution(dice=3)
