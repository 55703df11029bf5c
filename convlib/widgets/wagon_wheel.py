"""WagonWheel: a wheel that turns, a film of it, and how fast it turns on the film."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Polygon

from convlib import plot
from convlib._validate import finite_number, integer
from convlib.widgets.base import Widget
from convlib.widgets.traits import Choice, Count, Number, Subset

#: Frames that the film takes in a second, the fastest wheel in turns a second, the most spokes, how long the film is.
FRAMES, FASTEST, SPOKES, LENGTH = 24, 48, 12, 240
PACES = ("film", "slow")
SHOWN = ("wheels", "axis", "controls", "words")
CONTROLS = ("speed", "time", "spokes", "pace")
#: A share of the way between two spokes that is as good as none.
NONE = 1e-9


class WagonWheel(Widget):
    r"""A wheel that makes some turns a second, filmed with 24 frames a second: what turns on the film is its alias.

    From frame to frame the wheel makes :math:`\nu = v / 24` turns.  With :math:`k` spokes it looks the same after
    :math:`1/k` of a turn, and the eye takes each spoke for the nearest one of the frame before: on the film it makes
    :math:`\nu - m/k` turns a frame, with the whole number :math:`m` that leaves least.

    Parameters
    ----------
    speed : float
        Turns a second, clockwise: 0 to 48, rounded to 0.5.
    spokes : int
        1 to 12, evenly spread, all alike.
    time : float
        How far the film has got, in frames: 0 to 240, rounded to 0.01.
    pace : {"film", "slow"}
        How Play plays it: 24 frames a second, or 2.
    show : list of {"wheels", "axis", "controls", "words"}
        A reduced view of these parts alone; empty for all.
    controls : list of {"speed", "time", "spokes", "pace"}
        Only the controls that set these traits; empty for all four.

    Examples
    --------
    >>> WagonWheel(speed=23).seen
    -1.0
    >>> WagonWheel(speed=23, spokes=4).seen, WagonWheel(speed=5, spokes=4).seen
    (-1.0, -1.0)
    """

    orders = ("light", "reset", "play", "pause")
    parts = ("wheel", "film", "seen")

    speed = Number(0, FASTEST, 23, 0.5).tag(sync=True)
    spokes = Count(1, SPOKES, 1).tag(sync=True)
    time = Number(0, LENGTH, 5, 0.01).tag(sync=True)
    pace = Choice(PACES, "film").tag(sync=True)
    show = Subset(SHOWN).tag(sync=True)
    controls = Subset(CONTROLS).tag(sync=True)

    @property
    def frame(self) -> int:
        """Number of the frame that the film shows."""
        return math.floor(self.time)

    @property
    def seen(self) -> float:
        """Turns a second on the film, negative backwards; half way between two spokes, those forwards."""
        return seen(self.speed, self.spokes)

    def sentence(self) -> str:
        """What the wheel does, and what the film shows, in words."""
        return sentence(self.speed, self.spokes)

    def _ways(self) -> tuple[float, ...]:
        """What is seen, in turns a second; at a tie both ways."""
        return (self.seen, -self.seen) if is_half(self.speed, self.spokes) else (self.seen,)

    def _parts(self) -> list[str]:
        return [part for part in ("wheels", "axis") if self._shows(part)]

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget: its lanes, the sentence's lines, the rows of controls, the foot and the frame."""
        heights = []
        sliders = self._offers("time") + self._offers("spokes")
        for width, lines, switch in ((337, 3, 60), (620, 2, 66), (756, 2, 66)):
            foot = switch if self._offers("pace") else 57
            words = (21 * lines + 5) * self._shows("words")
            rows = sliders if width < 480 else min(1, sliders)
            heights.append(round(layout(width, self._parts())[1] + words + 36 * rows + foot))
        return tuple(heights)

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        film = "the film's first frame"
        if self.frame:
            film = f"two frames of the film, the earlier one pale; between them {_moved(self.speed, self.spokes)}"
        alt = (
            f"Two wheels with {_count(self.spokes, 'spoke')}. First: the wheel itself, which turns clockwise by "
            f"{brief(15 * self.speed)} degrees a frame. Second: {film}. Below, the turns a second on the film over "
            f"those of the wheel, from 0 to {FASTEST}: a sawtooth that jumps at {brief(FRAMES / (2 * self.spokes), 2)} "
            f"and then after every {brief(FRAMES / self.spokes, 2)}."
        )
        return alt, f"A wheel, its film, and how fast it turns on the film. {self.sentence()}"

    def still(self) -> Figure:
        """Draw the parts that are shown, as the live widget does; one unit is a pixel."""
        width = 480
        boxes, height = layout(width, self._parts())
        fig, ax = plot.sheet(width, max(height, 40), margin=4)
        if "wheels" in boxes:
            self._draw_wheels(ax, boxes["wheels"])
        if "axis" in boxes:
            self._draw_axis(ax, boxes["axis"])
        return fig

    def _draw_wheels(self, ax: Axes, box: Box) -> None:
        places, radius = hubs(box)
        turned, shot = self.speed * self.time / FRAMES, self.speed * self.frame / FRAMES
        before = max(0, math.ceil(self.time) - 1)
        trail = self.speed * before / FRAMES, turned
        for (x, y), kind, name in zip(places, ("input", "output"), ("the wheel", "the film"), strict=True):
            ax.add_patch(Circle((x, y), radius, fill=False, edgecolor=plot.COLORS[kind], linewidth=2.4))
            plot.label(ax, x, box[1] + 9, name, kind)
        if self.frame:
            self._draw_spokes(ax, places[1], radius, shot - self.speed / FRAMES, "output", alpha=0.35)
        self._draw_spokes(ax, places[0], radius, turned, "input")
        self._draw_spokes(ax, places[1], radius, shot, "output")
        _arc(ax, places[0], radius, *trail, "input")
        for turns in self._ways() if self.frame else ():
            _arc(ax, places[1], radius, shot - turns / FRAMES, shot, "output", inner=FILM)
        for (x, y), kind in zip(places, ("input", "output"), strict=True):
            ax.add_patch(Circle((x, y), 5, color=plot.COLORS[kind]))
        foot = box[1] + box[3] - 8
        plot.label(ax, places[0][0], foot, f"{brief(15 * self.speed)}° a frame", "input")
        if self.frame:
            plot.label(ax, places[1][0], foot, moved(self.speed, self.spokes), "output")

    def _draw_spokes(self, ax: Axes, place: Place, radius: float, turned: float, kind: str, alpha: float = 1) -> None:
        x, y = place
        for i in range(self.spokes):
            angle = 2 * np.pi * (turned + i / self.spokes)
            ends = [x, x + radius * np.sin(angle)], [y, y - radius * np.cos(angle)]
            ax.plot(*ends, color=plot.COLORS[kind], linewidth=2.6, alpha=alpha, solid_capstyle="butt")

    def _draw_axis(self, ax: Axes, box: Box) -> None:
        place = Axis(box, self.spokes)
        ax.plot([place.left, place.right], [place.zero] * 2, color=plot.COLORS["grid"], linewidth=0.8)
        for tooth in teeth(self.spokes):
            xs, ys = zip(*tooth, strict=True)
            ax.plot(place.x(np.array(xs)), place.y(np.array(ys)), color=plot.COLORS["output"], linewidth=1.6)
        for level in (place.most, 0, -place.most):
            plot.label(ax, place.left - 8, place.y(level), brief(level), "muted", ha="right")
        for turns in self._ways():
            at = place.x(self.speed), place.y(turns)
            ax.plot([at[0]] * 2, [place.zero, at[1]], color=plot.COLORS["output"], linewidth=2.8)
            ax.plot(*at, "o", color=plot.COLORS["output"], markersize=6)
        right = self.speed > FASTEST - 8
        value = ("±" if is_half(self.speed, self.spokes) else "") + brief(self.seen, 2)
        at = place.x(self.speed) + (-9 if right else 9), place.y(self.seen) + (4 if self.seen < 0 else -3)
        plot.label(ax, *at, value, "output", ha="right" if right else "left")
        plot.label(ax, box[0], box[1] + 6, "turns a second on the film", "output", ha="left")
        ax.plot([place.left, place.right], [place.track] * 2, color=plot.COLORS["grid"], linewidth=2.5)
        ax.plot(place.x(self.speed), place.track, "o", color=plot.COLORS["input"], markersize=9)
        for tick in TICKS:
            plot.label(ax, place.x(tick), place.track + 21, str(tick), "muted")
        plot.label(ax, place.right, place.track + 43, "turns a second of the wheel", "input", ha="right")


# ---- where everything stands: the same numbers as in wagon_wheel.js -------------------------------------------------

Box = tuple[float, float, float, float]
Place = tuple[float, float]
#: Speeds whose numbers stand under the axis.
TICKS = (0, 6, 12, 18, 24, 30, 36, 42, 48)
#: How high the fastest turning that a film can show stands over the zero line, in pixels.
HIGH = 40
#: Where the arc of a wheel begins, and that of its film, in radii.
WHEEL, FILM = 0.5, 0.78


def layout(width: float, shown: list[str]) -> tuple[dict[str, Box], float]:
    """Where the lanes stand: left, top, width and height of each, in pixels, and the height of all.

    Examples
    --------
    >>> layout(337, ["wheels", "axis"])
    ({'wheels': (0, 0, 337, 172), 'axis': (0, 178, 337, 170)}, 348)
    """
    heights = {"wheels": 2 * (62 if width < 480 else 84) + 48, "axis": 2 * HIGH + 90}
    boxes, top = {}, 0
    for name, high in heights.items():
        if name in shown:
            boxes[name] = 0, top, width, high
            top += high + 6
    return boxes, max(0, top - 6)


def hubs(box: Box) -> tuple[tuple[Place, Place], float]:
    """The middles of the two wheels, and their radius."""
    left, top, width, height = box
    radius = height / 2 - 24
    away = min(width / 4, radius + 60)
    return ((left + width / 2 - away, top + 24 + radius), (left + width / 2 + away, top + 24 + radius)), radius


class Axis:
    """The axis' lane: its zero line, the slider's track below it."""

    def __init__(self, box: Box, spokes: int) -> None:
        left, top, width, _height = box
        self.most = FRAMES / (2 * spokes)
        self.left, self.right = left + 34, left + width - 14
        self.zero = top + 25 + HIGH
        self.track = self.zero + HIGH + 14

    def x(self, speed: float) -> float:
        """Where so many turns a second of the wheel stand."""
        return self.left + (self.right - self.left) * speed / FASTEST

    def y(self, seen: float) -> float:
        """Where so many turns a second on the film stand."""
        return self.zero - HIGH * seen / self.most


# ---- the maths ------------------------------------------------------------------------------------------------------


def seen(speed: float, spokes: int, frames: float = FRAMES) -> float:
    """How fast a wheel turns on a film: each spoke is taken for the nearest one of the frame before.

    Parameters
    ----------
    speed : float
        Turns of the wheel a second.
    spokes : int
        How many it has, all alike; at least 1.
    frames : float
        Frames a second; positive.

    Returns
    -------
    float
        Turns a second on the film, negative backwards; between -f/2k, left out, and f/2k, for f frames and k spokes.

    Raises
    ------
    TypeError, ValueError
        If an argument is no number, or out of range.

    Examples
    --------
    >>> seen(23, 1), seen(25, 1), seen(24, 1), seen(12, 1)
    (-1.0, 1.0, 0.0, 12.0)
    """
    k = integer("spokes", spokes, low=1)
    rate = finite_number("frames", frames, low=0)
    if rate == 0:
        raise ValueError(f"frames must be positive, got {frames!r}")
    share = finite_number("speed", speed) * k / rate
    left = share - math.ceil(share - 0.5 - NONE)
    return round(left * rate / k, 9) + 0.0


def is_half(speed: float, spokes: int) -> bool:
    """Whether a spoke stands half way between two of the frame before: both ways look the same.

    Examples
    --------
    >>> is_half(12, 1), is_half(3, 4), is_half(12, 4)
    (True, True, False)
    """
    return abs(seen(speed, spokes) - FRAMES / (2 * spokes)) < NONE


def teeth(spokes: int) -> list[list[Place]]:
    """The sawtooth of :func:`seen` from speed 0 to the fastest: for each tooth its first and last point.

    Examples
    --------
    >>> teeth(1)
    [[(0, 0), (12.0, 12.0)], [(12.0, -12.0), (36.0, 12.0)], [(36.0, -12.0), (48, 0.0)]]
    """
    fold = FRAMES / spokes
    found = [[(0, 0), (fold / 2, fold / 2)]]
    while found[-1][1][0] < FASTEST - NONE:
        start = found[-1][1][0]
        end = min(start + fold, FASTEST)
        found.append([(start, -fold / 2), (end, end - start - fold / 2)])
    return found


# ---- words ----------------------------------------------------------------------------------------------------------


def brief(value: float, digits: int = 1) -> str:
    """A number for reading as the page has it: fixed decimals without zeros at the end, a true minus sign.

    Examples
    --------
    >>> brief(345), brief(7.5), brief(-3.4285)
    ('345', '7.5', '−3.4')
    """
    text = f"{math.floor(abs(value) * 10**digits + 0.5 + NONE) / 10**digits:.{digits}f}".rstrip("0").rstrip(".")
    return "−" + text if value < 0 and float(text) else text


def moved(speed: float, spokes: int) -> str:
    """By how much a spoke moves on the film from one frame to the next.

    Examples
    --------
    >>> moved(23, 1), moved(25, 1), moved(24, 1), moved(12, 1)
    ('15° backwards', '15° forwards', 'stands still', '180° either way')
    """
    turns = seen(speed, spokes)
    if abs(turns) < NONE:
        return "stands still"
    way = "either way" if is_half(speed, spokes) else "forwards" if turns > 0 else "backwards"
    return f"{brief(15 * abs(turns))}° {way}"


def sentence(speed: float, spokes: int) -> str:
    r"""What the wheel does, and what the film shows.

    Examples
    --------
    >>> print(sentence(23, 1).replace(". ", ".\n"))
    At 24 frames a second, 23 turns a second are 345° a frame.
    A spoke lands 15° behind itself: on film, 1 turn a second, backwards.
    >>> print(sentence(12, 1).replace(". ", ".\n"))
    At 24 frames a second, 12 turns a second are 180° a frame.
    A spoke lands half way round: on film, both ways look the same.
    >>> print(sentence(5, 4).replace(". ", ".\n"))
    At 24 frames a second, 5 turns a second are 75° a frame.
    A spoke lands 15° behind the next: on film, 1 turn a second, backwards.
    """
    if speed == 0:
        return "The wheel stands still, and so it does on film."
    are = "is" if speed == 1 else "are"
    start = f"At {FRAMES} frames a second, {_count(speed, 'turn')} a second {are} {brief(15 * speed)}° a frame."
    turns = seen(speed, spokes)
    steps = round((speed - turns) * spokes / FRAMES)  # how many spokes on it lands
    other = "itself" if steps % spokes == 0 else "the next" if steps % spokes == 1 else "another"
    if abs(turns) < NONE:
        return f"{start} A spoke lands on {other}: on film the wheel stands still."
    if is_half(speed, spokes):
        half = "half way round" if spokes == 1 else "half way between two"
        return f"{start} A spoke lands {half}: on film, both ways look the same."
    way = "behind" if turns < 0 else "past"
    on_film = f"{_count(abs(turns), 'turn', 2)} a second, {'backwards' if turns < 0 else 'forwards'}"
    if steps == 0:
        return f"{start} That is what the film shows: {on_film}."
    return f"{start} A spoke lands {brief(15 * abs(turns))}° {way} {other}: on film, {on_film}."


def _count(number: float, name: str, digits: int = 1) -> str:
    text = brief(number, digits)
    return f"{text} {name}{'' if text == '1' else 's'}"


def _moved(speed: float, spokes: int) -> str:
    said = moved(speed, spokes)
    return "nothing moves" if said == "stands still" else f"a spoke moves {said.replace('°', ' degrees')}"


def _arc(ax: Axes, place: Place, radius: float, start: float, end: float, kind: str, inner: float = WHEEL) -> None:
    """From one direction to another, in turns clockwise from the top, with a head; more than a turn winds outwards."""
    points = arc(place, radius, start, end, inner)
    if len(points) < 2:
        return
    color = plot.COLORS[kind]
    ax.plot(points.real, points.imag, color=color, linewidth=1.9)
    ax.add_patch(
        Polygon(head(points[-1], start, end, radius * inner), facecolor=color, edgecolor=color, linewidth=1, zorder=3)
    )


def arc(place: Place, radius: float, start: float, end: float, inner: float = WHEEL) -> np.ndarray:
    """The points of an arc from one direction to another, as complex numbers: x, and y downwards; none for no way.

    It begins at ``inner`` radii from the middle, and winds outwards.

    Examples
    --------
    >>> arc((0, 0), 100, 0, 0.25)[[0, -1]].round(1) + 0
    array([ 0.-50.j, 55. +0.j])
    """
    way = abs(end - start)
    if way < 1e-6:
        return np.empty(0, complex)
    share = np.linspace(0, 1, math.ceil(48 * way) + 1)
    turned = start + share * (end - start)
    return complex(*place) + radius * (inner + 0.2 * share * way) * -1j * np.exp(2j * np.pi * turned)


def head(tip: complex, start: float, end: float, radius: float) -> list[Place]:
    """The corners of an arc's head: its tip, and two behind it; no longer than an arc of that radius is."""
    way = end - start
    size = min(9.0, 2 * math.pi * radius * abs(way))
    along = np.sign(way) * np.exp(2j * np.pi * end)
    neck = tip - size * along
    side = 0.5j * size * along
    return [(z.real, z.imag) for z in (tip, neck + side, neck - side)]
