"""GradientFlow's maths in the page, against Python's."""

from __future__ import annotations

import dataclasses
import itertools
import re

import numpy as np
import pytest

from convlib.widgets import GradientFlow
from convlib.widgets.gradient_flow import ALL, COLUMNS, SHOWN, VIEWS, Places, W, X, fitted, fitted_gradient, sizes_of
from convlib.widgets.traits import REACH
from tests.js.node import node_call, node_calls

RNG = np.random.default_rng(10)
NAMES = ("size", "kernel_size", "stride", "padding", "dilation")
EVERY = [
    dict(zip(NAMES, values, strict=True))
    for values in itertools.product(range(4, 8), range(1, 4), range(1, 4), range(3), range(1, 3))
]


def refused(settings: dict) -> str:
    """Why Python refuses these settings."""
    try:
        sizes_of(**settings)
    except ValueError as error:
        return str(error)
    return ""


POSSIBLE = [settings for settings in EVERY if not refused(settings)]


def whole(side: int) -> list:
    """Random whole numbers, a third of them zeros."""
    return (RNG.integers(-REACH, REACH + 1, (side, side)) * (RNG.random((side, side)) > 0.3)).tolist()


def layers(every: int = 3) -> list[tuple[dict, GradientFlow]]:
    """Widgets with random numbers, with every third of all possible settings."""
    made = []
    for settings in POSSIBLE[RNG.integers(every) :: every]:
        tables = {"x": settings["size"], "w": settings["kernel_size"], "dy": sizes_of(**settings).outputs}
        widget = GradientFlow(**settings, **{name: whole(side) for name, side in tables.items()})
        made.append((settings, widget))
    return made


def number(text: str) -> int:
    """The last number of a sentence."""
    return int(re.findall(r"−?\d+", text)[-1].replace("−", "-"))


def test_constants():
    """Bounds and numbers to begin with stand on both sides."""
    assert node_calls(GradientFlow, [(name,) for name in ("REACH", "COLUMNS", "ALL")]) == [REACH, COLUMNS, ALL]
    x, w, many = node_calls(GradientFlow, [("X",), ("W",), ("MANY",)])
    assert (np.array_equal(x, X), np.array_equal(w, W)) == (True, True)
    for side in range(1, 8):
        dy = np.array(many)[:side, :side]
        assert np.abs(dy).max() <= REACH
        assert side == 1 or np.count_nonzero(dy) > 1


def test_sizes_and_refusals():
    """For every combination of settings, possible or not, with Python's words."""
    assert node_calls(GradientFlow, [("refusal", c) for c in EVERY]) == [refused(c) for c in EVERY]
    for c, sizes in zip(POSSIBLE, node_calls(GradientFlow, [("sizesOf", c) for c in POSSIBLE]), strict=True):
        python = sizes_of(**c)
        assert sizes == {**dataclasses.asdict(python), "leftOver": python.left_over}


def test_impossible_settings_become_possible():
    """What a link asks for is kept where it can be; else the nearest that can be, which Python takes."""
    wild = [{**c, "size": c["size"] + 9, "padding": -c["padding"], "stride": c["stride"] + 0.4} for c in EVERY[::7]]
    for c, legal in zip(EVERY + wild, node_calls(GradientFlow, [("legal", c) for c in EVERY + wild]), strict=True):
        assert not refused(legal)
        assert legal == c or c not in POSSIBLE


def test_no_control_reaches_what_cannot_be():
    """From every possible setting one step of each control leads to another one, or says why it does not."""
    steps = [(c, name, c[name] + by) for c in POSSIBLE for name in NAMES for by in (-1, 1)]
    results = node_calls(GradientFlow, [("towards", *step) for step in steps])
    bounds = {name: {c[name] for c in EVERY} for name in NAMES}
    for (c, name, to), result in zip(steps, results, strict=True):
        wanted = {**c, name: to}
        if wanted in POSSIBLE:
            assert result == {"now": wanted, "why": ""}
        else:
            assert result["now"] == c
            assert result["why"] == (
                refused(wanted) if to in bounds[name] else f"{name} is {min(bounds[name])} to {max(bounds[name])}"
            )
    said = [node_call(GradientFlow, "because", why) for why in {result["why"] for result in results if result["why"]}]
    assert all(text.startswith("Not here: ") and text.endswith(".") for text in said)


def test_output_and_gradients():
    """The layer, dw, and dx with what falls on the padding; part of the gradients; tables cut and continued."""
    made = layers()
    calls = []
    for c, widget in made:
        widget.done = done = int(RNG.integers(0, np.count_nonzero(widget.dy) + 1)) + 0.4
        dy = [list(row) for row in widget.dy]
        calls += [("flow", c, widget.x, widget.w, dy), ("sentOf", dy, done), ("placesOf", dy)]
        calls += [("fitted", np.ravel(widget.x).tolist(), side, X) for side in (4, 7)]
        calls += [("fittedGradient", np.ravel(widget.dy).tolist(), side) for side in (1, 2, 5)]
    results = iter(node_calls(GradientFlow, calls))
    for _, widget in made:
        flow, sent, places = next(results), next(results), next(results)
        assert np.array_equal(flow["y"], widget.y)
        assert np.array_equal(flow["dw"], widget.dw)
        assert np.array_equal(flow["dx"], widget._dx(widget.dy))
        assert np.array_equal(sent, widget.sent)
        assert [tuple(place) for place in places] == widget._places
        for side in (4, 7):
            assert np.array_equal(next(results), fitted(widget.x, side, X))
        for side in (1, 2, 5):
            assert np.array_equal(next(results), fitted_gradient(widget.dy, side))


def test_the_flipped_kernel_slides_over_dy_spread_out():
    """Each dx is the sum over a window of dy, spread out; its real places are those that scatter to it, backwards."""
    for c, widget in layers(6):
        s = widget.sizes
        inside = range(c["padding"], c["padding"] + c["size"])
        ats = list(itertools.product(inside, inside))
        windows = node_calls(GradientFlow, [("slidingAt", at, c) for at in ats])
        parts = node_calls(GradientFlow, [("partsOf", {"kind": "dx", "r": a, "i": b}, c) for a, b in ats])
        for (a, b), window, links in zip(ats, windows, parts, strict=True):
            assert len(window) == c["kernel_size"] ** 2
            assert np.min([each["spread"] for each in window]) >= 0
            assert np.max([each["spread"] for each in window]) < s.spread
            real = [each for each in window if each["y"]]
            assert [(each["y"], each["w"]) for each in real] == [(link["y"], link["w"]) for link in links]
            total = sum(widget.dy[i][j] * widget.w[u][v] for (i, j), (u, v) in ((e["y"], e["w"]) for e in real))
            assert total == widget.dx[a - c["padding"], b - c["padding"]]
            taps = [u * c["kernel_size"] + v for u, v in (each["w"] for each in window)]
            assert taps == sorted(taps, reverse=True)


def test_each_formula_gives_its_number():
    """What is said of a touched number ends with it: y and dw in the kernel's order, dx backwards."""
    for c, widget in layers(10):
        p, n = c["padding"], c["size"]
        state = {"c": c, **{name: [list(row) for row in getattr(widget, name)] for name in ("x", "w", "dy")}}
        state["y"] = widget.y.tolist()
        for kind, shift in (("y", 0), ("dw", 0), ("dx", p)):
            values = getattr(widget, kind)
            ats = [{"kind": kind, "r": i + shift, "i": j + shift} for i, j in np.ndindex(values.shape)]
            said = node_calls(GradientFlow, [("words", at, state) for at in ats])
            assert [number(text) for text in said] == values.ravel().tolist()
            assert all(text.startswith((f"{kind}[", "x[")) for text in said)
        thrown = widget._dx(widget.dy)
        for a, b in itertools.product(range(n + 2 * p), repeat=2):
            if not (p <= a < p + n and p <= b < p + n) and (widget._visits[a] and widget._visits[b]):
                text = node_call(GradientFlow, "words", {"kind": "dx", "r": a, "i": b}, state)
                assert text.endswith(f"= {str(thrown[a, b]).replace('-', '−')}: it is thrown away.")
                break


def test_what_a_number_sends():
    """Words of the way out: to how many places, and by what."""
    dy = [[0, 0, 0], [0, 0, -2], [0, 0, 0]]
    plain = GradientFlow(dy=dy)
    state = {"c": {name: getattr(plain, name) for name in NAMES}, "x": plain.x, "w": plain.w, "dy": plain.dy}
    state["y"] = plain.y.tolist()
    ats = [{"kind": kind, "r": r, "i": i} for kind, r, i in (("dy", 1, 2), ("x", 0, 1), ("w", 0, 1), ("dx", 2, 3))]
    sent, sample, weight, gathered = node_calls(GradientFlow, [("words", at, state) for at in ats])
    assert sent == "dy[1, 2] = −2 sends −2·w to nine places of dx, and −2·x to the nine of dw."
    assert sample == "x[0, 1] = 2 is scattered into two outputs: y[0, 0] by 2, y[0, 1] by 1."
    assert weight == "w[0, 1] = 2 meets nine places of x, one for each y."
    terms = "0·2 + 0·0 + 0·(−1) + (−2)·1 + 0·0 + 0·2"
    assert gathered == f"dx[2, 3] gathers dy·w, the kernel backwards: {terms} = −2."
    state["c"] = {**state["c"], "padding": 1, "stride": 2}
    at = {"kind": "dy", "r": 0, "i": 0}
    assert node_call(GradientFlow, "words", at, state).endswith(
        "What falls on the padding, five of them, is thrown away."
    )


def test_words_at_rest():
    """The same sentence as Python's, in every kind of state."""
    widgets = [GradientFlow(**c, view=view) for c in POSSIBLE[::5] for view in VIEWS]
    for (_, widget), view in zip(layers(9), itertools.cycle(VIEWS), strict=False):
        widget.view = view
        widget.done = float(RNG.integers(0, 2 * np.count_nonzero(widget.dy) + 1)) / 2
        widgets.append(widget)
    widgets += [GradientFlow(dy=np.zeros((3, 3))), GradientFlow(dy=np.eye(3, dtype=int) * [0, -3, 0])]
    calls = [("sentence", {n: getattr(w, n) for n in NAMES}, w.dy, w.done, w.view) for w in widgets]
    assert node_calls(GradientFlow, calls) == [w.sentence() for w in widgets]


@pytest.mark.parametrize("width", [267, 337, 620, 756])
def test_layout(width):
    """Tables stand where Python reckons with them, in every setting and reduced view."""
    widgets = [GradientFlow(**c, show=[p for p in SHOWN if RNG.random() < 0.7]) for c in POSSIBLE[::2]]
    calls = []
    for widget in widgets:
        shows = {part: widget._shows(part) for part in ("forward", "dx", "dw")}
        calls.append(("geometry", width, {name: getattr(widget, name) for name in NAMES}, shows))
    for widget, given in zip(widgets, node_calls(GradientFlow, calls), strict=True):
        places = Places(width, widget)
        assert (given["cell"], given["small"], given["height"]) == (places.cell, places.small, places.height)
        for name, box in places.boxes.items():
            assert given["boxes"][name] == pytest.approx(box)
