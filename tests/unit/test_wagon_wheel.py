"""WagonWheel: what a film shows of a wheel, against the nearest spoke found one by one; its words and its picture."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.text import Text

from convlib import plot
from convlib.widgets import WagonWheel
from convlib.widgets.wagon_wheel import FASTEST, FRAMES, SPOKES, arc, brief, head, is_half, moved, seen, sentence, teeth

speeds = st.integers(0, 2 * FASTEST).map(lambda half: half / 2)
counts = st.integers(1, SPOKES)


@given(speeds, counts)
def test_the_nearest_spoke(speed, spokes):
    """Of all the ways from a spoke of one frame to one of the next, it is the shortest; forwards where two are."""
    ways = [speed / FRAMES - m / spokes for m in range(-2, 2 * spokes + 3)]
    shortest = min(abs(way) for way in ways)
    nearest = max(way for way in ways if abs(way) < shortest + 1e-9)
    assert seen(speed, spokes) == pytest.approx(FRAMES * nearest, abs=1e-8)
    others = [way for way in ways if abs(abs(way) - shortest) < 1e-9]
    assert is_half(speed, spokes) == (len(others) == 2 and shortest > 1e-9)


@given(speeds, counts, st.integers(0, 100))
def test_all_frames_are_the_same(speed, spokes, frame):
    """A wheel that really turned as the film shows would look the same in every frame: its speed is an alias."""
    real, alias = (np.exp(2j * np.pi * v * frame / FRAMES * spokes) for v in (speed, seen(speed, spokes)))
    assert abs(real - alias) < 1e-6
    assert abs(seen(speed, spokes)) <= FRAMES / (2 * spokes) + 1e-9


@given(speeds)
def test_the_proposition_of_chapter_4(speed):
    """With one spoke, at most half a turn a frame: nu, or nu less the nearest whole number."""
    nu = speed / FRAMES
    assert seen(speed, 1) / FRAMES == pytest.approx(nu - math.ceil(nu - 0.5), abs=1e-9)


def test_other_films():
    """The frames of a second can be others; 25 of them make 23 turns two backwards."""
    assert seen(23, 1, frames=25) == -2
    assert seen(-1, 1) == -1
    assert seen(29.97, 1, 29.97) == 0


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (("fast", 1), TypeError, "speed must be a"),
        ((math.nan, 1), ValueError, "speed must be finite"),
        ((1, 0), ValueError, "spokes must be at least 1, got 0"),
        ((1, 2.5), TypeError, "spokes must be a whole number"),
        ((1, 1, 0), ValueError, "frames must be positive, got 0"),
        ((1, 1, -24), ValueError, "frames must be"),
    ],
)
def test_impossible_films(arguments, error, says):
    """Are refused, by the name of the argument."""
    with pytest.raises(error, match=says):
        seen(*arguments)


@pytest.mark.parametrize(
    ("traits", "error", "says"),
    [
        ({"speed": 48.5}, ValueError, "WagonWheel.speed must"),
        ({"spokes": 13}, ValueError, "WagonWheel.spokes must be at most 12, got 13"),
        ({"spokes": 0}, ValueError, "WagonWheel.spokes must"),
        ({"time": -1}, ValueError, "WagonWheel.time must"),
        ({"pace": "fast"}, ValueError, "WagonWheel.pace must be one of"),
        ({"turns": 3}, TypeError, "WagonWheel has no argument 'turns'"),
    ],
)
def test_impossible_traits(traits, error, says):
    """Are refused, and the widget keeps what it had."""
    widget = WagonWheel()
    with pytest.raises(error, match=says):
        WagonWheel(**traits)
    if "turns" not in traits:
        with pytest.raises(error, match=says):
            widget.set_trait(*traits.popitem())
    assert (widget.speed, widget.spokes, widget.time, widget.pace) == (23, 1, 5, "film")


def test_the_sawtooth():
    """Its teeth give what is seen at every speed, but where it jumps; there its end is forwards."""
    for spokes in range(1, SPOKES + 1):
        found = teeth(spokes)
        assert found[0][0] == (0, 0)
        assert found[-1][1][0] == FASTEST
        for (x0, y0), (x1, y1) in found:
            for share in (0.01, 0.5, 0.99):
                assert seen(x0 + share * (x1 - x0), spokes) == pytest.approx(y0 + share * (y1 - y0), abs=1e-6)


@pytest.mark.parametrize(
    ("speed", "spokes", "says"),
    [
        (0, 3, "The wheel stands still, and so it does on film."),
        (1, 1, "1 turn a second is 15° a frame. That is what the film shows: 1 turn a second, forwards."),
        (24, 1, "24 turns a second are 360° a frame. A spoke lands on itself: on film the wheel stands still."),
        (6, 4, "6 turns a second are 90° a frame. A spoke lands on the next: on film the wheel stands still."),
        (3, 4, "A spoke lands half way between two: on film, both ways look the same."),
        (13, 4, "A spoke lands 15° past another: on film, 1 turn a second, forwards."),
        (30, 4, "are 450° a frame. A spoke lands on the next: on film the wheel stands still."),
        (6.5, 11, "are 97.5° a frame. A spoke lands 0.7° behind another: on film, 0.05 turns a second, backwards."),
        (25, 1, "A spoke lands 15° past itself: on film, 1 turn a second, forwards."),
        (47.5, 1, "are 712.5° a frame. A spoke lands 7.5° behind itself: on film, 0.5 turns a second, backwards."),
    ],
)
def test_sentences(speed, spokes, says):
    assert says in sentence(speed, spokes)


@given(speeds, counts)
def test_what_is_said_is_so(speed, spokes):
    """The way and the speed that the sentence names are those of the film."""
    said, found = sentence(speed, spokes), seen(speed, spokes)
    assert ("stands still" in said) == (abs(found) < 1e-9)
    assert ("look the same" in said) == is_half(speed, spokes)
    if "stands still" in said or "look the same" in said:
        return
    assert said.endswith("backwards." if found < 0 else "forwards.")
    number = re.search(r"([\d.]+) turns? a second, \w+\.$", said)[1]
    assert float(number) == pytest.approx(abs(found), abs=0.00501)
    assert float(number) > 0
    if "lands" in said:
        angle = re.search(r"lands ([\d.]+)°", said)[1]
        assert float(angle) == pytest.approx(15 * abs(found), abs=0.0501)


def test_numbers_for_reading():
    assert [brief(x) for x in (0, -0.04, 0.05, 3.4286, -12, 712.5)] == ["0", "0", "0.1", "3.4", "−12", "712.5"]
    assert moved(5, 4) == "15° backwards"


def test_arcs():
    """From the top clockwise, over more than a turn outwards; the head points along the way."""
    points = arc((0, 0), 100, 0, 1.5)
    assert points[0] == pytest.approx(-50j)
    assert points[-1] == pytest.approx(80j)
    assert np.all(np.diff(np.abs(points)) > 0)
    assert len(arc((0, 0), 100, 2, 2)) == 0
    for way in (0.25, -0.25):
        tip = arc((0, 0), 100, 0, way)[-1]
        corners = np.array(head(tip, 0, way, 50)) @ [1, 1j]
        along = tip - corners[1:].mean()
        assert along.real == pytest.approx(0, abs=1e-9)
        assert along.imag == pytest.approx(9)  # at three o'clock clockwise goes down; at nine, the other way does


@pytest.mark.parametrize(
    "traits",
    [
        {},
        {"speed": 0, "time": 0},
        {"speed": 46.5, "spokes": 12, "time": 30.5},
        {"speed": 12, "time": 240},
        {"show": ["axis"]},
        {"show": ["words"]},
    ],
    ids=str,
)
def test_still_picture(traits):
    """It is drawn with what is shown alone; its words name the numbers."""
    widget = WagonWheel(**traits)
    with plot.style():
        texts = [text.get_text() for text in widget.still().findobj(Text)]
    assert ("the wheel" in texts) == widget._shows("wheels")
    assert ("turns a second of the wheel" in texts) == widget._shows("axis")
    alt, caption = widget.describe()
    assert f"{brief(15 * widget.speed)} degrees" in alt
    assert caption.endswith(widget.sentence())


def test_room():
    """A reduced view needs less; without anything, the frame and the foot."""
    whole, wheels = WagonWheel().room(), WagonWheel(show=["wheels"]).room()
    assert all(a > b > 200 for a, b in zip(whole, wheels, strict=True))
    assert WagonWheel(show=["words"]).room()[0] == 68 + 57
