"""WagonWheel's maths and words in the page, against Python's."""

from __future__ import annotations

import itertools

import numpy as np

from convlib.widgets.wagon_wheel import (
    FASTEST,
    FRAMES,
    SPOKES,
    WagonWheel,
    arc,
    is_half,
    layout,
    moved,
    seen,
    sentence,
    teeth,
)
from tests.js.node import node_calls

CASES = [(v / 2, k) for v in range(2 * FASTEST + 1) for k in range(1, SPOKES + 1)]


def asked(name: str) -> list:
    return node_calls(WagonWheel, [(name, *case) for case in CASES])


def test_speeds_on_the_film():
    """At every speed, with every number of spokes; which are half way."""
    np.testing.assert_allclose(asked("seen"), [seen(*case) for case in CASES], atol=1e-9)
    assert asked("isHalf") == [is_half(*case) for case in CASES]


def test_words():
    """Letter by letter."""
    assert asked("sentence") == [sentence(*case) for case in CASES]
    assert asked("moved") == [moved(*case) for case in CASES]


def test_teeth_and_arcs():
    """The sawtooth of each number of spokes; arcs either way, of no way and of nearly two turns."""
    counts = range(1, SPOKES + 1)
    for found, k in zip(node_calls(WagonWheel, [("teeth", k) for k in counts]), counts, strict=True):
        np.testing.assert_allclose(found, teeth(k), atol=1e-9)
    ways = [(0, 0.3), (2.5, 2.4), (1, 1), (3, 4.97), (7.25, 7.75)]
    calls = [("arc", [10, 20], 60, *way, 0.78) for way in ways]
    for found, way in zip(node_calls(WagonWheel, calls), ways, strict=True):
        expected = arc((10, 20), 60, *way, 0.78)
        np.testing.assert_allclose(np.reshape(found, (-1, 2)) @ [1, 1j], expected, atol=1e-9)


def test_how_far_it_has_turned():
    """At every frame the sum of what each speed did while it lasted."""
    lasted = [(0, 3, 2.5), (3, 3.5, 48), (3.5, 20, 0), (20, 240, 11)]
    run, total = [], 0.0
    for start, end, speed in lasted:
        run.append({"from": start, "turned": total, "speed": speed})
        total += speed * (end - start) / FRAMES
    times = [0, 1.5, 3, 3.25, 3.5, 10, 20, 239.5]
    found = node_calls(WagonWheel, [("turnedAt", run, time) for time in times])
    expected = [sum(speed * max(0, min(time, end) - start) for start, end, speed in lasted) / FRAMES for time in times]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_layout():
    """Lanes stand where Python says, in every reduced view."""
    views = [list(view) for count in range(3) for view in itertools.combinations(("wheels", "axis"), count)]
    cases = [(width, view) for width in (254, 337, 479, 480, 620, 756) for view in views]
    for (width, view), found in zip(cases, node_calls(WagonWheel, [("layout", *c) for c in cases]), strict=True):
        boxes, height = layout(width, view)
        assert found == {"boxes": {name: list(box) for name, box in boxes.items()}, "height": height}
