"""ConvolutionExplorer's Python side: reduced views, what prose may ask, the still picture in the live style."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from convlib import plot
from convlib.widgets import ConvolutionExplorer


@pytest.mark.parametrize(
    ("trait", "value", "error", "message"),
    [
        ("show", ["area"], ValueError, r"ConvolutionExplorer\.show must be one of 'curves', 'product', 'output'"),
        ("show", "curves", TypeError, r"ConvolutionExplorer\.show must be a list of names, got 'curves'"),
        ("controls", ["play"], ValueError, r"ConvolutionExplorer\.controls must be one of 'shapes', 'flip', 'slide'"),
        (
            "controls",
            ["none", "flip"],
            ValueError,
            r"controls must be \['none'\] or other names, got \['flip', 'none'\]",
        ),
    ],
)
def test_impossible_views_are_refused(trait, value, error, message):
    """The error names widget and trait, and the widget keeps what it had."""
    widget = ConvolutionExplorer()
    with pytest.raises(error, match=message):
        setattr(widget, trait, value)
    assert getattr(widget, trait) == []


def test_the_first_frame_is_a_worked_example():
    """A box and a decay, in the middle of the slide; an empty reward is not part of its text."""
    assert repr(ConvolutionExplorer()) == (
        "ConvolutionExplorer(f='box', g='exponential', operation='convolution', t=0.7)"
    )
    assert "reward='Well done.'" in repr(ConvolutionExplorer(reward="Well done."))


@pytest.mark.parametrize("show", [["curves"], ["curves", "product"], ["output"], []])
def test_still_has_the_panels_of_the_live_view(show):
    """As many panels as are shown, over the same times, one unit of the same height in each."""
    widget = ConvolutionExplorer(f="burst", g="drawn", t=0.4, show=show)
    with plot.style():
        figure = widget.still()
        figure.canvas.draw()
    assert len(figure.axes) == (len(show) or 3)
    units = [ax.get_window_extent().height / np.ptp(ax.get_ylim()) for ax in figure.axes]
    np.testing.assert_allclose(units, units[0], rtol=0.005)
    assert {ax.get_xlim() for ax in figure.axes} == {(-3.0, 3.0)}
    plt.close(figure)


def test_still_stands_upright_at_jumps():
    """A box in the still picture has no feet, and sides that do not lean."""
    figure = ConvolutionExplorer(f="box", g="impulse").still()
    x, y = figure.axes[0].lines[1].get_data()
    assert x[0] == x[1]
    assert y[0] == 0 < y[1]
    assert min(y) == 0
    plt.close(figure)


def test_the_time_axis_is_wider_where_it_must_be():
    """Two drawn functions, or a shift beyond 3, show times up to 4."""
    for traits, reach in (({}, 3), ({"t": 3.2}, 4), ({"f": "drawn", "g": "drawn"}, 4), ({"f": "drawn"}, 3)):
        figure = ConvolutionExplorer(**traits).still()
        assert figure.axes[0].get_xlim() == (-reach, reach)
        plt.close(figure)


def test_reduced_views_take_less_room():
    """Two panels without controls are a strip of a picture."""
    whole, reduced = (
        ConvolutionExplorer().room(),
        ConvolutionExplorer(show=["curves", "product"], controls=["none"]).room(),
    )
    assert max(reduced) <= 280
    assert all(b < a / 2 for a, b in zip(whole, reduced, strict=True))
