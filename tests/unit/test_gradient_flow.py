"""GradientFlow's Python side: its traits, its gradients against PyTorch's, its sizes, words and still pictures."""

from __future__ import annotations

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from convlib.widgets import GradientFlow
from convlib.widgets.gradient_flow import ALL, COLUMNS, DY, SHOWN, VIEWS, Places, W, X, sizes_of
from convlib.widgets.traits import REACH

torch.set_num_threads(1)
NAMES = ("size", "kernel_size", "stride", "padding", "dilation")
EVERY = [
    dict(zip(NAMES, values, strict=True))
    for values in itertools.product(range(4, 8), range(1, 4), range(1, 4), range(3), range(1, 3))
]


def fits(settings: dict) -> bool:
    """Whether the settings go together."""
    try:
        sizes_of(**settings)
    except ValueError:
        return False
    return True


POSSIBLE = [settings for settings in EVERY if fits(settings)]


def squares(side: int) -> st.SearchStrategy:
    """Tables of whole numbers that the widget takes."""
    return arrays(int, (side, side), elements=st.integers(-REACH, REACH))


@st.composite
def layers(draw) -> GradientFlow:
    """A widget with any settings and any numbers."""
    settings = draw(st.sampled_from(POSSIBLE))
    sides = settings["size"], settings["kernel_size"], sizes_of(**settings).outputs
    x, w, dy = (draw(squares(side)) for side in sides)
    return GradientFlow(**settings, x=x, w=w, dy=dy)


@pytest.mark.parametrize(
    ("traits", "error", "message"),
    [
        ({"size": 3}, ValueError, r"GradientFlow\.size must be at least 4, got 3"),
        ({"kernel_size": 4}, ValueError, r"GradientFlow\.kernel_size must be at most 3, got 4"),
        ({"stride": 0}, ValueError, r"GradientFlow\.stride must be at least 1, got 0"),
        ({"padding": 1.5}, TypeError, r"GradientFlow\.padding must be a whole number"),
        ({"dilation": 3}, ValueError, r"GradientFlow\.dilation must be at most 2, got 3"),
        (
            {"kernel_size": 1, "padding": 1},
            ValueError,
            r"\.padding does not go with the rest: .* = 0, got 1",
        ),
        ({"size": 4, "dilation": 2}, ValueError, r"\.kernel_size does not go with the rest: kernel_size must fit into"),
        ({"size": 7, "padding": 1}, ValueError, r"\.size does not go with the rest: x .* at most 17 columns .* got 19"),
        ({"x": np.ones((6, 6))}, ValueError, r"GradientFlow\.x must have shape \(5, 5\) to go with size, got \(6, 6\)"),
        ({"w": [[1, 2], [3, 4]]}, ValueError, r"GradientFlow\.w must have shape \(3, 3\) to go with kernel_size"),
        ({"stride": 2, "dy": DY}, ValueError, r"GradientFlow\.dy must have shape \(2, 2\) to go with the outputs"),
        (
            {"dy": [[1, 0, 0], [0, 10, 0], [0, 0, 0]]},
            ValueError,
            r"GradientFlow\.dy must hold whole numbers from -9",
        ),
        ({"w": [[1, 0.5, 0]] * 3}, ValueError, r"GradientFlow\.w must hold whole numbers from -9 to 9"),
        ({"x": np.ones((5, 4))}, ValueError, r"GradientFlow\.x must have shape \(4, 4\) to \(7, 7\), got \(5, 4\)"),
        ({"view": "flipped"}, ValueError, r"GradientFlow\.view must be one of 'scatter', 'convolution'"),
        ({"done": 50}, ValueError, r"GradientFlow\.done must be between 0 and 49, got 50"),
        ({"show": ["loss"]}, ValueError, r"GradientFlow\.show must be one of 'forward', "),
    ],
)
def test_impossible_traits_are_refused(traits, error, message):
    """The error names widget and trait."""
    with pytest.raises(error, match=message):
        GradientFlow(**traits)


def test_a_refused_change_leaves_all_as_it_was():
    """Neither the setting nor a table has changed."""
    widget = GradientFlow(size=6)
    with pytest.raises(ValueError, match="at most 17 columns"):
        widget.padding = 2
    with pytest.raises(ValueError, match=r"shape \(6, 6\)"):
        widget.x = np.ones((5, 5))
    assert (widget.padding, len(widget.x), len(widget.dy)) == (0, 6, 4)


@given(layers())
def test_gradients_are_torchs(widget):
    """Output, dx, dw and db by conv2d and autograd, for all settings and all numbers."""
    x, w = (torch.tensor(table, dtype=torch.float64)[None, None].requires_grad_() for table in (widget.x, widget.w))
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    options = {"stride": widget.stride, "padding": widget.padding, "dilation": widget.dilation}
    y = torch.nn.functional.conv2d(x, w, b, **options)
    y.backward(torch.tensor(widget.dy, dtype=torch.float64)[None, None])
    assert np.array_equal(widget.y, y[0, 0].detach())
    assert np.array_equal(widget.dx, x.grad[0, 0])
    assert np.array_equal(widget.dw, w.grad[0, 0])
    assert widget.db == b.grad.item()


@given(layers())
def test_dx_is_a_convolution_of_dy_spread_out(widget):
    """Spread out by the stride, what is left over appended, padded by d(k − 1) − p; under the flipped kernel."""
    s = widget.sizes
    spread = np.zeros((1, 1, s.spread, s.spread))
    at = s.rim + widget.stride * np.arange(s.outputs)
    spread[np.ix_([0], [0], at, at)] = widget.dy
    flipped = np.array(widget.w)[::-1, ::-1].copy()[None, None].astype(float)
    slid = torch.nn.functional.conv2d(torch.tensor(spread), torch.tensor(flipped), dilation=widget.dilation)
    assert np.array_equal(widget.dx, slid[0, 0])


@given(layers(), st.floats(0, 1))
def test_what_has_been_sent_adds_up(widget, share):
    """One gradient after the other, zeros left out: each step adds one, and in the end all have been sent."""
    count = np.count_nonzero(widget.dy)
    widget.done = share * count
    assert np.count_nonzero(widget.sent) == int(widget.done)
    before = widget.sent
    widget.done = min(int(widget.done) + 1, ALL)
    assert np.count_nonzero(widget.sent - before) == (np.count_nonzero(before) < count)
    widget.done = ALL
    assert np.array_equal(widget.sent, widget.dy)


def test_a_single_gradient_prints_the_kernel():
    """The surprise at rest: upright, and the window of x."""
    widget = GradientFlow()
    assert np.array_equal(widget.dx[1:4, 1:4], W)
    assert np.count_nonzero(widget.dx) == np.count_nonzero(W)
    assert np.array_equal(widget.dw, np.array(widget.x)[1:4, 1:4])
    assert not np.array_equal(W, np.array(W)[::-1, ::-1])
    assert not np.array_equal(W, np.transpose(W))


def test_tables_follow_the_settings():
    """Cut, or going on as at the beginning; a gradient is never lost altogether."""
    widget = GradientFlow(x=np.full((5, 5), 7))
    widget.size = 6
    assert np.array_equal(np.array(widget.x)[:5, :5], np.full((5, 5), 7))
    assert np.array_equal(np.array(widget.x)[5], X[5][:6])
    assert widget.dy == ((0, 0, 0, 0), (0, 1, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0))
    widget.set_trait("dilation", 2)
    widget.kernel_size = 2
    assert widget.w == ((1, 2), (0, 1))
    corner = GradientFlow(dy=[[0, 0, 0], [0, 0, 0], [0, 0, 5]])
    corner.stride = 2
    assert corner.dy == ((1, 0), (0, 0))
    nothing = GradientFlow(dy=np.zeros((3, 3)))
    nothing.stride = 2
    assert not np.any(nothing.dy)
    assert GradientFlow(size=6, x=np.ones((6, 6)), dy=np.ones((4, 4))).db == 16


@pytest.mark.parametrize("settings", POSSIBLE, ids=lambda settings: "".join(map(str, settings.values())))
def test_what_no_window_reaches_has_no_gradient(settings):
    """Rows that the stride leaves over, and those between the taps: dx is 0 there, whatever comes back."""
    s = sizes_of(**settings)
    widget = GradientFlow(**settings, w=np.ones((settings["kernel_size"],) * 2), dy=np.ones((s.outputs, s.outputs)))
    inside = slice(settings["padding"], settings["padding"] + settings["size"])
    visits = widget._visits
    assert np.array_equal(widget.dx > 0, np.multiply.outer(visits[inside], visits[inside]) > 0)
    assert np.all(visits[s.full :] == 0)
    assert s.left_over == (s.length - s.reach) % settings["stride"]
    assert s.length + settings["kernel_size"] + s.outputs <= COLUMNS
    assert s.spread - s.reach + 1 == settings["size"]
    assert s.outputs**2 <= ALL
    assert ("dx is 0 there" in widget.sentence()) == (np.count_nonzero(widget.dx) < widget.size**2)


def test_remainders_strides_paddings_and_dilations_can_be_had():
    """Every value of every setting goes with some of the others, and there is a remainder of each kind."""
    for name in NAMES:
        assert {each[name] for each in POSSIBLE} == {each[name] for each in EVERY}
    left = {(each["stride"], sizes_of(**each).left_over) for each in POSSIBLE}
    assert left == {(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)}
    assert sizes_of(size=6, kernel_size=3, stride=2, padding=0, dilation=1).left_over == 1


MANY = [[1, -2, 0], [2, 1, -1], [0, -1, 3]]


def test_sentences():
    """What each state teaches, with its numbers."""
    said = {
        "A single gradient of 1 prints the kernel itself into dx, upright": {},
        "A single gradient of −2 prints −2·w into dx": {"dy": [[0, 0, 0], [0, 0, 0], [0, -2, 0]]},
        "where windows overlap, they add up.": {"dy": MANY},
        "What falls on the padding is thrown away.": {"dy": MANY, "padding": 1, "stride": 2},
        "All of dy is 0": {"dy": np.zeros((3, 3))},
        "No gradient has been sent back yet": {"dy": MANY, "done": 0.5},
        "3 of 7 sent: dy[1, 0] = 2 has laid 2·w on dx": {"dy": MANY, "done": 3.95},
        "No window reaches the last row and column of x": {"size": 6, "stride": 2},
        "No window reaches the last 2 rows and columns of x": {"stride": 3},
        "The hatched places of x lie in no window": {"kernel_size": 1, "stride": 2},
        "dx by sliding: dy, padded by d(k − 1) − p = 2, under the kernel flipped": {"view": "convolution"},
        "spread out by the stride of 2, 1 more at its end, padded by": {"view": "convolution", "size": 6, "stride": 2},
    }
    for words, traits in said.items():
        assert words in GradientFlow(**traits).sentence()


@pytest.mark.parametrize("width", [267, 337, 620, 756])
def test_tables_fit(width):
    """In every possible setting nothing sticks out or overlaps, in either view, and a phone's cells hold two digits."""
    for settings in POSSIBLE:
        widget = GradientFlow(**settings)
        places, s = Places(width, widget), widget.sizes
        sides = {"x": s.length, "w": widget.kernel_size, "y": s.outputs}
        for above, below in (("x", "dx"), ("w", "dw"), ("y", "dy")):
            left, top = places.boxes[above]
            side = sides[above] * places.cell
            assert left >= 0
            assert left + side <= width + 1e-9
            assert places.boxes[below] == (left, places.boxes["dx"][1])
            assert top + side + places.TITLE <= places.boxes[below][1]
            assert places.boxes[below][1] + side <= places.height
        assert places.boxes["x"][0] + s.length * places.cell < places.boxes["w"][0]
        assert places.boxes["w"][0] + widget.kernel_size * places.cell < places.boxes["y"][0]
        assert s.spread * places.small <= s.length * places.cell
        assert places.cell >= (18 if width >= 337 else 14)
        assert places.small >= (14 if width >= 337 else 10)


@pytest.mark.parametrize("view", VIEWS)
def test_every_still_picture_is_drawn(view):
    """As many numbers as there are cells; described with all of them; reduced views draw less."""
    for traits in ({}, {"size": 6, "stride": 2}, {"padding": 1, "stride": 2}, {"kernel_size": 1, "done": 0}):
        widget = GradientFlow(view=view, **traits)
        s, k = widget.sizes, widget.kernel_size
        figure = widget.still()
        numbers = [text for text in figure.axes[0].texts if text.get_text().lstrip("−").isdigit()]
        upper = s.spread**2 + k**2 if view == "convolution" else s.length**2 + k**2 + s.outputs**2
        assert len(numbers) == upper + s.length**2 + k**2 + s.outputs**2
        plt.close(figure)
    alt, caption = GradientFlow(view=view).describe()
    assert "dx, 0 0 0 0 0; 0 1 2 0 0; 0 0 1 −1 0; 0 −1 0 2 0; 0 0 0 0 0." in alt
    assert caption.endswith("The gradient by the bias is the sum of dy, 1.")
    counts = []
    for show in ([], ["forward", "dx"], ["dw"], ["words"]):
        figure = GradientFlow(view=view, show=show).still()
        counts.append(len(figure.axes[0].texts))
        plt.close(figure)
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) == len(counts)


def test_the_reduced_views_take_less_room():
    """Each part that is left out lowers it, on a phone and on a wide screen."""
    whole = GradientFlow().room()
    for part in ("forward", "words", "play", "settings"):
        rest = GradientFlow(show=[each for each in SHOWN if each != part]).room()
        assert all(less < more for less, more in zip(rest, whole, strict=True))
