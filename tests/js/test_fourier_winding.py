"""FourierWinding's maths and words in the page, against Python's."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from convlib.widgets.fourier_winding import MOST, SIGNALS, FourierWinding, N, layout, scale_of
from tests.js.node import node_calls

RNG = np.random.default_rng(24)
DRAWN = [np.round(RNG.uniform(-1, 1, N), 2).tolist() for _ in range(12)]
WIDGETS = [FourierWinding(signal=name, turns=k) for name in SIGNALS for k in (0, 0.5, 2, 4.5, 6.95, 7, 12)] + [
    FourierWinding(signal="drawn", x=x, turns=k) for x in DRAWN for k in np.round(RNG.uniform(0, MOST, 4), 2)
]


def asked(name: str, *more: object) -> list:
    """What a function of the module gives for each of the widgets' samples."""
    return node_calls(FourierWinding, [(name, w.samples.tolist(), *(getattr(w, m) for m in more)) for w in WIDGETS])


def test_samples():
    """Of each signal."""
    found = node_calls(FourierWinding, [("samplesOf", w.signal, list(w.x)) for w in WIDGETS])
    np.testing.assert_allclose(found, [w.samples for w in WIDGETS], atol=1e-12)


def test_sums():
    """At each number of turns, and over all of them; their scale."""
    sums = np.array(asked("spectrumAt", "turns")) @ [1, 1j]
    np.testing.assert_allclose(sums, [w.arrow for w in WIDGETS], atol=1e-12)
    k = RNG.uniform(0, MOST, 40)
    lengths = node_calls(FourierWinding, [("lengthsOf", w.samples.tolist(), k) for w in WIDGETS])
    np.testing.assert_allclose(lengths, [np.abs(w.spectrum(k)) for w in WIDGETS], atol=1e-12)
    longest = [0, 0.5, 1.04, 1.06, 3.1, 3.2, 6, 12.5, 12.7, 24]
    found = node_calls(FourierWinding, [("scaleOf", length) for length in longest])
    assert found == [scale_of(length) for length in longest]


@pytest.mark.parametrize("fine", [1, 16])
def test_winding(fine):
    """The wound samples, and the line between them."""
    calls = [("windingOf", w.samples.tolist(), w.turns, fine) for w in WIDGETS]
    wound = np.array(node_calls(FourierWinding, calls)) @ [1, 1j]
    np.testing.assert_allclose(wound, [w.winding(fine) for w in WIDGETS], atol=1e-12)


def test_words():
    """The sentence, letter by letter; where an angle is half a degree, too."""
    assert asked("sentence", "turns") == [w.sentence() for w in WIDGETS]
    halves = [FourierWinding(signal="pulse", turns=k / 20) for k in range(1, 20 * MOST, 2)]
    calls = [("sentence", w.samples.tolist(), w.turns) for w in halves]
    assert node_calls(FourierWinding, calls) == [w.sentence() for w in halves]


def test_one_sample_in_words():
    """Its angle; backwards below zero; nothing where it is zero."""
    x = [0.5, -0.25, 0, *[1.0] * 21]
    calls = [("sampleWords", n, x, k) for n, k in ((0, 2), (1, 4.5), (2, 3), (7, 2))]
    assert [said.replace("\u00a0", " ") for said in node_calls(FourierWinding, calls)] == [
        "x[0] = 0.50: an arrow turned clockwise by 0 × 2/24 = 0.00 turns.",
        "x[1] = −0.25: an arrow turned clockwise by 1 × 4.50/24 = 0.19 turns, and reversed.",
        "x[2] = 0.00: its arrow has no length.",
        "x[7] = 1.00: an arrow turned clockwise by 7 × 2/24 = 0.58 turns.",
    ]


def test_layout():
    """Lanes stand where Python says, in every reduced view."""
    parts = ("signal", "winding", "spectrum")
    views = [list(view) for count in range(4) for view in itertools.combinations(parts, count)]
    cases = [(width, view) for width in (254, 337, 479, 480, 620, 756) for view in views]
    for (width, view), found in zip(cases, node_calls(FourierWinding, [("layout", *c) for c in cases]), strict=True):
        boxes, height = layout(width, view)
        assert found == {"boxes": {name: list(box) for name, box in boxes.items()}, "height": height}
