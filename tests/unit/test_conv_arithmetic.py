"""ConvArithmetic's Python side: its refusals, its sizes and numbers against PyTorch, its words and still pictures."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from convlib import shapes
from convlib.widgets import ConvArithmetic
from convlib.widgets.conv_arithmetic import LONGEST, Places

WHOLE = {
    "size": (1, 12), "taps": (1, 5), "stride": (1, 4), "padding": (0, 4), "dilation": (1, 4), "output_padding": (0, 3),
    "channels": (1, 4), "groups": (1, 4),
}  # fmt: skip


@st.composite
def settings(draw):
    """Settings of any kind; most of them go together."""
    given = {name: draw(st.integers(*ends)) for name, ends in WHOLE.items()}
    given["operation"] = draw(st.sampled_from(["correlation", "convolution"]))
    kind = draw(st.sampled_from(["number", "same", "causal", "transposed", "wild"]))
    wild = {
        "axes": draw(st.sampled_from(["auto", "line", "plane"])),
        "pad": draw(st.sampled_from(["number", "same", "causal"])),
        "transposed": draw(st.booleans()),
    }
    if kind == "wild":
        return given | wild
    given |= {"axes": "line" if kind == "causal" else wild["axes"], "transposed": kind == "transposed"}
    given["pad"] = "number" if kind == "transposed" else kind
    given["groups"] = draw(st.sampled_from([g for g in range(1, 5) if given["channels"] % g == 0]))
    if kind == "same":
        given["stride"] = 1
    if kind == "transposed":
        given["size"] = draw(st.integers(1, 5))
        given["output_padding"] = draw(st.integers(0, max(given["stride"], given["dilation"]) - 1))
    if given["axes"] == "plane":
        given["channels"] = given["groups"] = 1
    return given


def torchs(c: dict) -> np.ndarray:
    """What PyTorch makes of the widget's own numbers; its error if it refuses."""
    numbers = ConvArithmetic(
        **{**c, "size": 1, "stride": 1, "padding": 0, "taps": 1, "dilation": 1, "transposed": False}
    )
    numbers.set_trait("size", c["size"])
    plane = c["axes"] == "plane"
    x = torch.tensor(numbers.inputs, dtype=torch.float64)
    numbers.set_trait("padding", 4)
    numbers.set_trait("taps", c["taps"])
    w = torch.tensor(numbers.weights, dtype=torch.float64)
    x, w = (x[None, None], w[None, None]) if plane else (x[None], w)
    if c["operation"] == "convolution":
        w = w.flip((-2, -1)) if plane else w.flip(-1)
    steps = {"stride": c["stride"], "dilation": c["dilation"], "groups": c["groups"]}
    if c["transposed"]:
        if c["pad"] != "number":
            raise RuntimeError("PyTorch's transposed layers take padding as a number alone")
        rule = F.conv_transpose2d if plane else F.conv_transpose1d
        y = rule(x, w, padding=c["padding"], output_padding=c["output_padding"], **steps)
    else:
        if c["pad"] == "causal":
            x = F.pad(x, (c["dilation"] * (c["taps"] - 1), 0))
        padding = {"same": "same", "causal": 0}.get(c["pad"], c["padding"])
        y = (F.conv2d if plane else F.conv1d)(x, w, padding=padding, **steps)
    return y[0, 0].numpy() if plane else y[0].numpy()


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@given(settings())
def test_sizes_numbers_and_refusals_are_pytorchs(c):
    """One axis and two, transposed or not: the same outputs, and refused where PyTorch refuses, too."""
    plane_only = c["axes"] == "plane" and (c["pad"] == "causal" or c["channels"] > 1)
    try:
        widget = ConvArithmetic(**c)
    except ValueError as error:
        if plane_only or c["channels"] % c["groups"] or f"at most {LONGEST} samples" in str(error):
            return
        with pytest.raises((RuntimeError, ValueError)):  # NumPy's or PyTorch's own
            torchs(c)
        return
    assert np.array_equal(widget.outputs, torchs(c))
    assert widget.outputs.shape[-1] == widget.sizes.output
    assert widget.visits.sum() <= widget.sizes.coarse * widget.taps


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@given(settings())
def test_the_line_of_code_runs(c):
    """It makes a layer whose output has the widget's size."""
    try:
        widget = ConvArithmetic(**c)
    except ValueError:
        return
    shape = (c["channels"], *[c["size"]] * (2 if c["axes"] == "plane" else 1))
    names = {"nn": nn, "F": F, "x": torch.zeros(shape)}
    made = eval(widget.code, names)
    y = made if isinstance(made, torch.Tensor) else made(names["x"])
    assert tuple(y.shape[1:]) == (widget.sizes.output,) * (len(shape) - 1)
    assert ("flip" in widget.code) == (c["operation"] == "convolution")


@pytest.mark.parametrize(
    ("traits", "sentence"),
    [
        (
            {"dilation": 4, "padding": 0},
            "taps does not go .* 3 taps with dilation 4 reach over 9 samples, but there are 7",
        ),
        ({"pad": "same"}, r"stride does not go with the rest: stride must be 1 with same padding"),
        (
            {"transposed": True, "output_padding": 2},
            "output_padding must be less than the larger of stride 2 and dilation 1",
        ),
        (
            {"transposed": True, "padding": 4, "size": 1},
            r"padding must leave something: cutting 4 off each end leaves -5",
        ),
        ({"transposed": True, "pad": "same", "stride": 1}, "pad must be 'number' if transposed"),
        (
            {"transposed": True, "size": 12, "stride": 4},
            "size does not .* at most 28 samples, padding included, got 47",
        ),
        (
            {"channels": 3, "groups": 2},
            "channels does not .* in_channels must be a multiple of groups, got 3 for 2 groups",
        ),
        ({"axes": "plane", "pad": "causal"}, "pad must not be 'causal' in the plane"),
        ({"axes": "plane", "channels": 2}, "channels must be 1 in the plane, got 2"),
        ({"t": 16}, r"ConvArithmetic\.t must be between 0 and 15, got 16"),
        ({"t": 4, "axes": "line"}, r"ConvArithmetic\.t must be between 0 and 3, got 4"),
        ({"size": 13}, r"ConvArithmetic\.size must be at most 12, got 13"),
        ({"stride": 0}, r"ConvArithmetic\.stride must be at least 1, got 0"),
        ({"pad": "valid"}, r"ConvArithmetic\.pad must be one of 'number', 'same', 'causal', got 'valid'"),
        ({"show": ["lines"]}, r"ConvArithmetic\.show must be one of"),
    ],
)
def test_impossible_settings_are_refused(traits, sentence):
    """With widget and trait, in the words of convlib.shapes."""
    with pytest.raises(ValueError, match=sentence) as caught:
        ConvArithmetic(**traits)
    assert "ConvArithmetic." in str(caught.value)


def test_the_words_of_a_refusal_are_those_of_shapes():
    """Literally, and the widget stays as it was; changes that are possible together are taken together."""
    widget = ConvArithmetic(size=5)
    with pytest.raises(ValueError, match="reach over 9") as mine:
        widget.dilation = 4
    with pytest.raises(ValueError, match="reach over 9") as theirs:
        shapes.output_size(5, 3, 2, 1, 4)
    assert str(mine.value).endswith(str(theirs.value))
    assert widget.dilation == 1
    widget.set_state({"dilation": 4, "size": 12})
    assert (widget.dilation, widget.size, widget.sizes.output) == (4, 12, 3)


def test_t_is_a_window_and_stays_one():
    """The second by default, where there is one; it follows when windows go."""
    assert ConvArithmetic().t == 1
    assert ConvArithmetic(size=3, padding=0).t == 0
    widget = ConvArithmetic(axes="line", t=3)
    widget.stride = 4
    assert (widget.sizes.output, widget.t) == (2, 1)
    assert ConvArithmetic(axes="plane", t=6.5).window == (1, 3)


def test_turned_round_the_lines_are_the_same():
    """A transposed convolution is the transpose: its matrix is that of the convolution, columns for rows."""
    forth = ConvArithmetic(size=8, axes="line")
    back = ConvArithmetic(size=4, axes="line", transposed=True, output_padding=1)
    assert (forth.sizes.output, back.sizes.output) == (4, 8)
    assert np.array_equal(forth._matrices(), back._matrices())
    assert np.array_equal(forth.visits, back.visits)


@pytest.mark.parametrize(
    ("traits", "lead", "sentence"),
    [
        (
            {},
            "7 samples give 4 outputs, and 8 would, too: the floor would drop a zero of the padding.",
            "y[1] = 3·1 + 2·2 + 2·3 = 13",
        ),
        (
            {"padding": 0},
            "7 samples give 3 outputs, and 8 would, too: no window would reach the last.",
            "y[1] = 2·1 + 2·2 + 3·3 = 15",
        ),
        (
            {"size": 6, "taps": 2, "dilation": 4, "stride": 1, "padding": 0},
            "Between the taps 2 samples lie in no window.",
            "y[1] = 3·1 + 1·2 = 5",
        ),
        (
            {"transposed": True, "size": 1, "padding": 0},
            "Each input puts a stamp on the output: where stamps overlap, they add.",
            "x[0] = 1 stamps 1·1, 1·2, 1·3 onto 3 outputs.",
        ),
        (
            {"size": 8, "padding": 0},
            "No window reaches x[7]: the floor drops it, and 7 samples would give the same 3.",
            "y[1] = 2·1 + 2·2 + 3·3 = 15",
        ),
        (
            {"size": 8},
            "No window reaches the last zero of the padding: the floor drops it.",
            "y[1] = 3·1 + 2·2 + 2·3 = 13",
        ),
        (
            {"taps": 2, "stride": 4, "padding": 0, "size": 10},
            "The windows step over 4 samples: stride 4 is more than the kernel covers.",
            "y[1] = 3·1 + 1·2 = 5",
        ),
        (
            {"stride": 1},
            "As many outputs as inputs: a kernel over 3 costs 2, and the padding adds them.",
            "y[1] = 1·1 + 3·2 + 2·3 = 13",
        ),
        (
            {"transposed": True, "size": 4},
            "Where stamps overlap, they add: along the row outputs get 1 or 2 by turns, a checkerboard.",
            "x[1] = 3 stamps 3·1, 3·2, 3·3 onto 3 outputs.",
        ),
        (
            {"transposed": True, "size": 4, "taps": 4},
            "Where stamps overlap, they add: away from the ends every output gets 2 stamps.",
            "x[1] = 3 stamps 3·1, 3·2, 3·3, 3·1 onto 4 outputs.",
        ),
        (
            {"channels": 4, "groups": 2, "stride": 1, "operation": "convolution"},
            "As many outputs as inputs: a kernel over 3 costs 2, and the padding adds them.",
            "y[0, 1] from rows 0 and 1 = 1·3 + 3·2 + 2·1 + 3·2 + 2·1 + 2·3 = 25",
        ),
    ],
)
def test_words(traits, lead, sentence):
    """What is said is what is so: the words of some telling states."""
    widget = ConvArithmetic(**traits)
    assert widget.lead() == lead
    assert widget.sentence() == sentence


@pytest.mark.parametrize(
    "traits",
    [
        {},
        {"axes": "plane", "size": 5},
        {"axes": "plane", "size": 3, "transposed": True},
        {"show": ["words"]},
        {"channels": 2, "stride": 1},
        {"size": 8, "padding": 0, "heat": True},
        {"size": 3, "transposed": True, "heat": True},
    ],
)
def test_still_picture(traits):
    """Every number stands there once; words for who cannot see them."""
    widget = ConvArithmetic(**traits)
    figure = widget.still()
    texts = [text.get_text() for text in figure.axes[0].texts]
    plt.close(figure)
    alt, caption = widget.describe()
    assert widget.lead() in caption
    assert widget.formula in caption
    assert f"{widget.size} inputs" in alt
    if widget.show:
        assert texts == []
        return
    numbers = sorted(int(text) for text in texts if text.isdigit())
    every = [] if widget.channels == 1 else widget.weights.ravel()
    coarse, fine = (widget.inputs, widget.outputs) if widget.transposed else (widget.outputs, widget.inputs)
    if widget.heat:
        fine = widget._visits if not widget.transposed else widget.visits
        assert numbers == sorted([*coarse.ravel(), *fine])
    else:
        length = widget.sizes.length
        zeros = 0 if widget.transposed else (length**2 if widget._plane else length * widget.channels) - fine.size
        assert numbers == sorted([*coarse.ravel(), *fine.ravel(), *[0] * zeros, *every])
    weights = [text for text in texts if text.startswith("$")]
    assert len(weights) == widget.weights[0].size if not widget._plane else widget.weights.size


@given(settings(), st.sampled_from([267, 337, 620, 756]))
def test_all_tables_fit(c, width):
    """Nothing sticks out, in any state and at any width."""
    try:
        widget = ConvArithmetic(**c)
    except ValueError:
        return
    plane = c["axes"] == "plane"
    places, sizes = Places(width, widget, plane), widget.sizes
    assert places.cell >= (4 if plane else 8)
    counts = {"fine": sizes.length, "coarse": sizes.coarse}
    for table, count in counts.items():
        left, top = places.corner(table, 0, 0)
        right = places.corner(table, 0, count - 1)[0] + places.cell
        bottom = places.corner(table, (count if plane else widget.channels) - 1, 0)[1] + places.high
        assert 0 <= left <= right <= width
        assert places.LANE <= top <= bottom <= places.height
