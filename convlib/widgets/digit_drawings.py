"""Digits drawn by hand for DrawADigit, stroke by stroke, in the unit square: x to the right, y downwards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np

from convlib.widgets.digit_network import forward, learnt, placed, rasterized, shares, unexplained

#: Thickness of the pen that they are meant for.
PEN = 0.09
#: Shares of the way from a four to a nine that are tried for the opening digit.
STEPS = 41

Stroke = list[tuple[float, float]]


def arc(x: float, y: float, wide: float, high: float, start: float, end: float, points: int = 14) -> Stroke:
    """Points on an ellipse around (x, y); angles in degrees, clockwise from the right as one looks at it.

    Examples
    --------
    >>> arc(0.5, 0.5, 0.2, 0.3, 0, 90, points=2)
    [(0.7, 0.5), (0.5, 0.8)]
    """
    angles = [math.radians(start + (end - start) * k / (points - 1)) for k in range(points)]
    return [(round(x + wide * math.cos(a), 3), round(y + high * math.sin(a), 3)) for a in angles]


def four_to_nine(share: float) -> list[Stroke]:
    """A four, whose open top closes on the way from 0 to 1 until it is a nine.

    Examples
    --------
    >>> [len(stroke) for stroke in four_to_nine(0.5)]
    [33, 2]
    """
    start = np.array([(0.36, 0.16), (0.33, 0.28), (0.30, 0.40), (0.31, 0.47), (0.37, 0.50)])
    end = np.array([(0.60, 0.17), (0.44, 0.19), (0.33, 0.30), (0.32, 0.42), (0.41, 0.50)])
    arm = start + share * (end - start)
    belly = [(0.46, 0.50), (0.55, 0.48), (0.62, 0.46), (0.67, 0.45)]
    down = [(0.68, 0.14 + 0.04 * share), (0.64, 0.88)]
    return [smooth([*arm.tolist(), *belly]), [(x, round(y, 3)) for x, y in down]]


def smooth(points: Sequence[tuple[float, float]], between: int = 4) -> Stroke:
    """A rounded line through points: a Catmull-Rom spline, with so many pieces from each point to the next.

    Examples
    --------
    >>> smooth([(0, 0), (0.4, 0.24), (0.8, 0.4)], between=2)
    [(0.0, 0.0), (0.175, 0.11), (0.4, 0.24), (0.625, 0.335), (0.8, 0.4)]
    """
    p = np.array([points[0], *points, points[-1]], dtype=float)
    made = []
    for k in range(1, len(p) - 2):
        slope, then, rise = (p[k + 1] - p[k - 1]) / 2, (p[k + 2] - p[k]) / 2, p[k + 1] - p[k]
        for t in np.arange(between) / between:
            bend = t**2 * (3 * rise - 2 * slope - then) + t**3 * (slope + then - 2 * rise)
            made.append(p[k] + t * slope + bend)
    return [(x, y) for x, y in np.array([*made, p[-1]]).round(3).tolist()]


@cache
def opening() -> list[Stroke]:
    """The digit between four and nine that leaves the network most in doubt: its second answer has the largest share.

    Chosen by the weights as they are, so that others would open on another digit.
    """
    ways = [four_to_nine(k / (STEPS - 1)) for k in range(STEPS)]
    fields = np.array([placed(rasterized(strokes, PEN)) for strokes in ways])
    second = np.sort(shares(forward(fields)["scores"]), axis=1)[:, -2]
    return ways[int(second.argmax())]


@cache
def scribble() -> list[Stroke]:
    """Of many loops to and fro that are unlike the digits learnt, the one of which the network is surest."""
    ways = [_loops(across, phase) for across in (1.7, 2.3, 2.9) for phase in range(0, 12)]
    fields = np.array([placed(rasterized(strokes, PEN)) for strokes in ways])
    strange = np.array([unexplained(field) for field in fields]) > 1.05 * learnt().limit
    surest = np.where(strange, shares(forward(fields)["scores"]).max(axis=1), 0)
    return ways[int(surest.argmax())]


def _loops(across: float, phase: float) -> list[Stroke]:
    def place(k: float) -> tuple[float, float]:
        return round(0.5 + 0.38 * math.sin(across * k / 3), 3), round(0.5 + 0.38 * math.sin(1.3 * k + phase / 2), 3)

    return [[place(k / 6) for k in range(108)]]


@cache
def drawings() -> dict[str, list[Stroke]]:
    """Those that there are, by name; ``"opening"`` first.

    Examples
    --------
    >>> list(drawings())[:3], drawings()["blank"]
    (['opening', 'zero', 'one'], [])
    """
    return {
        "opening": opening(),
        "zero": [arc(0.5, 0.5, 0.22, 0.34, -70, 290, 26)],
        "one": [[(0.53, 0.14), (0.48, 0.86)]],
        "two": [[*arc(0.48, 0.32, 0.2, 0.18, -170, 40), (0.45, 0.64), (0.27, 0.84), (0.45, 0.82), (0.75, 0.83)]],
        "three": [[*arc(0.46, 0.31, 0.19, 0.16, -150, 80), *arc(0.46, 0.66, 0.22, 0.19, -80, 150)]],
        "four": [[(0.42, 0.14), (0.34, 0.32), (0.24, 0.55), (0.45, 0.54), (0.76, 0.52)], [(0.66, 0.2), (0.62, 0.88)]],
        "five": [[(0.36, 0.16), (0.33, 0.44), *arc(0.47, 0.63, 0.2, 0.21, -120, 140)], [(0.36, 0.16), (0.7, 0.15)]],
        "six": [
            [
                *smooth([(0.6, 0.13), (0.44, 0.28), (0.34, 0.48), (0.32, 0.66)]),
                *arc(0.49, 0.66, 0.17, 0.19, 180, -180, 20),
            ]
        ],
        "seven": [[(0.28, 0.17), (0.5, 0.165), (0.72, 0.16), (0.58, 0.5), (0.46, 0.87)], [(0.36, 0.52), (0.7, 0.5)]],
        "eight": [[*arc(0.5, 0.32, 0.15, 0.16, 90, -270, 18), *arc(0.5, 0.67, 0.19, 0.19, -90, 270, 20)]],
        "nine": [[*arc(0.48, 0.34, 0.17, 0.18, 10, -350, 20), (0.64, 0.5), (0.61, 0.68), (0.57, 0.87)]],
        "scribble": scribble(),
        "blank": [],
    }
