"""ConvArithmetic's maths and words in the page, against Python's."""

from __future__ import annotations

import re

import numpy as np
import pytest

from convlib.widgets import ConvArithmetic
from convlib.widgets.conv_arithmetic import Places
from tests.js.node import node_call, node_calls

RNG = np.random.default_rng(9)
WHOLE = {
    "size": (1, 12), "taps": (1, 5), "stride": (1, 4), "padding": (0, 4), "dilation": (1, 4), "output_padding": (0, 3),
    "channels": (1, 4), "groups": (1, 4),
}  # fmt: skip
NAMES = [*WHOLE, "pad", "transposed", "operation", "axes"]


def random_settings() -> dict:
    """Settings of any kind, possible or not."""
    given = {name: int(RNG.integers(low, high + 1)) for name, (low, high) in WHOLE.items()}
    given["axes"] = str(RNG.choice(["auto", "line", "plane"]))
    given["pad"] = str(RNG.choice(["number", "number", "same", "causal"]))
    given["transposed"] = bool(RNG.integers(2))
    given["operation"] = str(RNG.choice(["correlation", "convolution"]))
    if given["axes"] == "plane" or RNG.integers(2):
        given["channels"] = given["groups"] = 1
    return given


def made(c: dict) -> ConvArithmetic | str:
    """The widget, or why there is none."""
    try:
        return ConvArithmetic(**c)
    except ValueError as error:
        return str(error).partition("the rest: ")[2]


ALL = [(c, made(c)) for c in (random_settings() for _ in range(400))]
POSSIBLE = [(c, widget) for c, widget in ALL if not isinstance(widget, str)]


def test_refusals():
    """The same sentences; a page's list of settings that no Python would send is made possible, others are left."""
    found = node_calls(ConvArithmetic, [("refusal", c) for c, _ in ALL])
    assert found == [widget if isinstance(widget, str) else "" for _, widget in ALL]
    assert len(POSSIBLE) > 80
    assert len({re.split(r"[\d']", text)[0] for text in found}) >= 8, "each refusal is met"
    for (c, widget), repaired in zip(ALL, node_calls(ConvArithmetic, [("legal", c) for c, _ in ALL]), strict=True):
        assert not isinstance(made({name: repaired[name] for name in NAMES}), str), (c, repaired)
        assert isinstance(widget, str) or repaired == c
    wild = node_call(ConvArithmetic, "legal", {**ALL[0][0], "size": 99, "taps": -3, "channels": 1, "groups": None})
    assert (wild["taps"], wild["groups"]) == (1, 1)


def test_sizes_and_numbers():
    """Sizes, samples, weights, outputs and how many windows each sample is in."""
    calls = [
        (name, c, c["axes"] == "plane")
        for c, _ in POSSIBLE
        for name in ("sizesOf", "inputsOf", "outputsOf", "visitsOf")
    ]
    results = iter(node_calls(ConvArithmetic, calls))
    for c, widget in POSSIBLE:
        sizes, inputs, outputs, visits = (next(results) for _ in range(4))
        mine = widget.sizes
        assert [sizes[key] for key in ("reach", "lo", "hi", "m", "n", "full", "length", "out")] == [
            mine.reach, mine.low, mine.high, mine.coarse, mine.fine, mine.full, mine.length, mine.output
        ], c  # fmt: skip
        assert np.array_equal(inputs, widget.inputs), c
        assert np.array_equal(outputs, widget.outputs), c
        assert np.array_equal(visits, widget._visits), c


def test_words():
    """What is said of the sizes, of each window, the formula and the line of code are Python's."""
    calls = []
    for c, widget in POSSIBLE:
        plane = c["axes"] == "plane"
        widget.t = float(RNG.integers(widget._last + 1)) if plane or widget.axes == "line" else 0.0
        calls += [("lead", c, plane), ("windowWords", *widget.window, c, plane), ("formulaOf", c), ("codeOf", c, plane)]
    results = iter(node_calls(ConvArithmetic, calls))
    for c, widget in POSSIBLE:
        lead, window, formula, code = (next(results) for _ in range(4))
        assert lead == widget.lead(), c
        assert "".join(piece[0] for piece in window) == widget.sentence(), c
        assert "".join(piece[0] for piece in formula) == widget.formula, c
        assert code == widget.code, c


@pytest.mark.parametrize("width", [267, 337, 620, 756])
@pytest.mark.parametrize("plane", [False, True])
def test_places(width, plane):
    """Everything stands where Python's still picture has it."""
    shown = [(c, widget) for c, widget in POSSIBLE if (c["axes"] == "plane") == plane]
    for (c, widget), given in zip(
        shown, node_calls(ConvArithmetic, [("geometry", width, c, plane) for c, _ in shown]), strict=True
    ):
        places = Places(width, widget, plane)
        for name in ("cell", "high", "gap", "bend", "pitch", "entry", "height"):
            assert given[name] == pytest.approx(getattr(places, name)), (name, c)
        for name in ("fine", "strip", "coarse", "all"):
            assert given[name] == pytest.approx(getattr(places, name)), (name, c)


def test_pairs():
    """Each table's cells share out all pairs; a factor times a weight, summed over a window, is the output."""
    for c, widget in POSSIBLE[:20]:
        plane, sizes = c["axes"] == "plane", widget.sizes
        rows = {"coarse": sizes.coarse, "fine": sizes.length, "tap": c["taps"]}
        if not plane:
            rows = {"coarse": c["channels"], "fine": c["channels"], "tap": c["channels"] // c["groups"]}
        columns = {"coarse": sizes.coarse, "fine": sizes.length, "tap": c["taps"]}
        ats = [{"kind": k, "r": r, "i": i} for k in rows for r in range(rows[k]) for i in range(columns[k])]
        whole, *parts = node_calls(
            ConvArithmetic, [("pairsOf", None, c, plane), *[("pairsOf", at, c, plane) for at in ats]]
        )
        for kind in rows:
            mine = [part for at, part in zip(ats, parts, strict=True) if at["kind"] == kind]
            assert sum(map(len, mine)) == len(whole)
        counts = [len(part) for at, part in zip(ats, parts, strict=True) if at["kind"] == "fine"]
        share = np.ones(c["channels"]) * (c["channels"] // c["groups"])
        assert np.array_equal(counts, np.outer(widget._visits if plane else share, widget._visits).ravel())


def test_a_control_stops_where_it_must():
    """At the last possible value, with the reason in the words of the refusal; groups go from divisor to divisor."""
    plain = {**{name: getattr(ConvArithmetic(), name) for name in NAMES}}
    narrow = {**plain, "padding": 0}
    wide, far, groups, same = node_calls(
        ConvArithmetic,
        [
            ("towards", plain, "size", 12),
            ("towards", narrow, "dilation", 4),
            ("towards", {**plain, "channels": 4, "groups": 2}, "groups", 3),
            ("towards", plain, "stride", 9),
        ],
    )
    assert (wide["now"]["size"], wide["why"]) == (12, "")
    assert far["now"]["dilation"] == 3
    said = node_call(ConvArithmetic, "because", far["why"])
    assert said == ("PyTorch refuses this: 3 taps with dilation 4 reach over 9 samples, but there are 7 + 2 · 0 = 7.")
    assert groups["now"]["groups"] == 4
    assert (same["now"]["stride"], node_call(ConvArithmetic, "because", same["why"])) == (
        4,
        "Not here: stride is 1 to 4.",
    )


def test_turned_round_and_back():
    """The size comes back; the matrix of 0 and 1 between the rows stays the same."""
    given = [(c, widget) for c, widget in POSSIBLE if not c["transposed"]]
    results = node_calls(ConvArithmetic, [("turned", c) for c, _ in given])
    again = node_calls(ConvArithmetic, [("turned", result["now"]) for result in results])
    done = 0
    for (c, widget), there, back in zip(given, results, again, strict=True):
        if there["why"]:
            assert there["now"] == c
            assert widget.sizes.low != widget.sizes.high or max(widget.sizes.coarse - 12, widget.sizes.low - 4) > 0
            continue
        other = ConvArithmetic(**there["now"])
        assert (other.transposed, other.size, other.sizes.output) == (True, widget.sizes.coarse, widget.size)
        assert np.array_equal(other._matrices(), widget._matrices())
        assert back["why"] == ""
        assert (back["now"]["size"], back["now"]["transposed"]) == (widget.size, False)
        done += 1
    assert done > 20


def test_arrow_heads():
    """The point lies ahead of the line's share, the way it shows; turned half, it is flat."""
    forth, back, flat = node_calls(ConvArithmetic, [("headOn", [0, 0], [0, 100], 0.5, way) for way in (1, -1, 0)])
    assert forth == "M0.0 55.0L-3.5 47.0L3.5 47.0Z"
    assert back.startswith("M0.0 45.0L")
    assert re.findall(r" (\d+\.\d)", flat) == ["50.0"] * 3
