"""FourierWinding: a short signal wound round a circle; its arrows add up where it holds the wave that is asked for."""

from __future__ import annotations

import cmath
import math
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Polygon
from numpy.typing import ArrayLike

from convlib import plot
from convlib._validate import real_array
from convlib.widgets.base import Widget
from convlib.widgets.traits import Choice, Number, Numbers, Subset

#: How many samples the signal has, and the most turns that are asked for: beyond half of N, waves come back.
N, MOST = 24, 12
SIGNALS = ("one wave", "two waves", "pulse", "average", "alternating", "drawn")
SHOWN = ("signal", "winding", "spectrum", "controls", "words")
CONTROLS = ("signal", "turns")
#: How long the sum can be whose arrow reaches the circle; an arrow may go a little beyond it.
SCALES, BEYOND = (1, 3, 6, 12, 24), 1.05
#: From which share of the longest sum that the arrows could have they are said to lean to one side, and all of them.
SOME, ALL = 0.3, 0.65
#: A sample that is no larger has no arrow.
NONE = 1e-9
#: Turns at which the curve of the spectrum is drawn.
GRID = np.arange(20 * MOST + 1) / 20
#: Steps from one sample to the next, along which the wound line is drawn.
FINE = 16
#: What "drawn" begins with: a wave of five turns that dies away.
DYING = (
    1, 0.23, -0.72, -0.58, 0.33, 0.58, 0, -0.45, -0.2, 0.33, 0.27, -0.15, -0.26, 0, 0.21, 0.09, -0.15, -0.12, 0.07,
    0.12, 0, -0.1, -0.04, 0.07,
)  # fmt: skip


class FourierWinding(Widget):
    r"""Twenty-four samples, a wave that is asked for, and what the Fourier transform answers.

    Sample :math:`n` becomes an arrow :math:`x[n]\, e^{-2\pi i k n / N}`: as long as the sample, turned clockwise by
    :math:`n` of :math:`N` parts of :math:`k` turns.  The sum of all arrows is :math:`\hat x(k)`.  At whole numbers of
    turns that is the discrete Fourier transform.

    Parameters
    ----------
    signal : {"one wave", "two waves", "pulse", "average", "alternating", "drawn"}
        A cosine of 3 turns; 0.6 of one of 2 turns and 0.4 of one of 7; 1 at n = 6; nine ones; 1 and -1 in turn; ``x``.
    x : sequence of float, 24 numbers
        The samples of ``signal="drawn"``, between -1 and 1; kept as a tuple.
    turns : float
        How often the wave that is asked for goes round while n goes over all samples: 0 to 12, rounded to 0.01.
    show : list of {"signal", "winding", "spectrum", "controls", "words"}
        A reduced view of these parts alone; empty for all.
    controls : list of {"signal", "turns"}
        Only the controls that set these traits; empty for both.

    Examples
    --------
    >>> widget = FourierWinding(signal="one wave", turns=3)
    >>> round(abs(widget.arrow), 9)
    12.0
    >>> abs(widget.spectrum([2, 3, 4])).round(9)
    array([ 0., 12.,  0.])
    """

    #: ``look=n5`` pins a sample.
    orders = ("light", "reset", "play", "pause", "look")
    parts = ("signal", "wave", "winding", "arrow", "spectrum")

    signal = Choice(SIGNALS, "two waves").tag(sync=True)
    x = Numbers(DYING, -1, 1, N, least=N)
    turns = Number(0, MOST, 4.5, 0.01).tag(sync=True)
    show = Subset(SHOWN).tag(sync=True)
    controls = Subset(CONTROLS).tag(sync=True)

    @property
    def samples(self) -> np.ndarray:
        """The signal, shape (24,)."""
        n = np.arange(N)
        if self.signal == "one wave":
            return _wave(3)
        if self.signal == "two waves":
            return 0.6 * _wave(2) + 0.4 * _wave(7)
        if self.signal == "pulse":
            return 1.0 * (n == 6)
        if self.signal == "average":
            return 1.0 * (n < 9)
        return 1.0 - 2 * (n % 2) if self.signal == "alternating" else np.array(self.x)

    def spectrum(self, turns: ArrayLike) -> np.ndarray:
        r"""The sum of all arrows, :math:`\hat x(k) = \sum_n x[n]\, e^{-2\pi i k n / N}`, for any numbers of turns.

        Parameters
        ----------
        turns : array_like
            The numbers of turns :math:`k`, of any shape.

        Returns
        -------
        numpy.ndarray of complex, in the shape of ``turns``

        Raises
        ------
        TypeError
            If ``turns`` are complex or no numbers.
        ValueError
            If one of them is NaN or infinite.

        Examples
        --------
        >>> widget = FourierWinding(signal="average")
        >>> complex(widget.spectrum(0))
        (9+0j)
        >>> np.allclose(widget.spectrum(range(24)), np.fft.fft(widget.samples))
        True
        """
        k = real_array("turns", turns)
        if not np.isfinite(k).all():
            raise ValueError(f"turns must be finite, got {turns!r}")
        return np.exp(-2j * np.pi * np.multiply.outer(k, np.arange(N)) / N) @ self.samples

    @property
    def arrow(self) -> complex:
        """The sum of all arrows at the present number of turns."""
        return complex(self.spectrum(self.turns))

    @property
    def scale(self) -> int:
        """How long the sum is whose arrow reaches the circle: the least of 1, 3, 6, 12, 24 that leaves room for all."""
        return scale_of(np.abs(self.spectrum(GRID)).max())

    def winding(self, fine: int = 1) -> np.ndarray:
        """The wound signal: its samples laid round the circle, and between two of them ``fine`` - 1 points of a line.

        Parameters
        ----------
        fine : int
            Steps from one sample to the next.

        Returns
        -------
        numpy.ndarray of complex, shape (23 * fine + 1,)

        Examples
        --------
        >>> FourierWinding(signal="average", turns=6).winding()[:4].round(9) + 0
        array([ 1.+0.j,  0.-1.j, -1.+0.j,  0.+1.j])
        """
        n = np.arange((N - 1) * fine + 1) / fine
        return np.interp(n, np.arange(N), self.samples) * np.exp(-2j * np.pi * self.turns * n / N)

    def sentence(self) -> str:
        """What the arrows add up to, in words."""
        size = np.abs(self.samples)
        length = abs(self.arrow)
        total = "the sum" if np.count_nonzero(size > NONE) < 2 else f"the sum of its {N} arrows"
        at = f", at {angle_text(self.arrow)}" if length > 0.05 else ""
        return f"{turns_text(self.turns)}: {how(size, length)}; {total} is {fixed(length, 1)} long{at}."

    def _parts(self) -> list[str]:
        return [part for part in ("signal", "winding", "spectrum") if self._shows(part)]

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget: its lanes, the sentence's lines, the controls, the foot and the frame."""
        heights = []
        for width, frame, row, lines in ((337, 64, 34, 2), (620, 64, 6, 2), (756, 64, 6, 1)):
            words = (21 * lines + 5) * self._shows("words")
            controls = row * self._shows("controls")
            heights.append(round(layout(width, self._parts())[1] + words + controls + frame))
        return tuple(heights)

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        peaks = np.abs(self.spectrum(np.arange(MOST + 1)))
        alt = (
            f"Three pictures. First: {N} samples, {_listed(self.samples)}, and behind them a wave of "
            f"{turns_text(self.turns)}. Second: the samples wound round a circle as often, and from its centre an "
            f"arrow, their sum divided by {self.scale}. Third: the length of the sum over 0 to {MOST} turns; at the "
            f"whole numbers it is {', '.join(fixed(peak, 1) for peak in peaks)}."
        )
        caption = f"A sample is an arrow; the wave that is asked for says how far it is turned. {self.sentence()}"
        return alt, caption

    def still(self) -> Figure:
        """Draw the parts that are shown, as the live widget does; one unit is a pixel."""
        width = 480
        boxes, height = layout(width, self._parts())
        fig, ax = plot.sheet(width, max(height, 40), margin=4)
        for part, box in boxes.items():
            getattr(self, f"_draw_{part}")(ax, box)
        return fig

    def _draw_signal(self, ax: Axes, box: Box) -> None:
        place = Lane(box)
        n = np.arange((N - 1) * FINE + 1) / FINE
        wave = np.cos(2 * np.pi * self.turns * n / N)
        ax.plot([place.x(0), place.x(N - 1)], [place.zero] * 2, color=plot.COLORS["grid"], linewidth=0.8)
        ax.plot(place.x(n), place.zero - place.unit * wave, color=plot.COLORS["kernel"], linewidth=1.4, alpha=0.55)
        tips = place.zero - place.unit * self.samples
        ax.vlines(place.x(np.arange(N)), place.zero, tips, color=plot.COLORS["input"], linewidth=1.6)
        ax.plot(place.x(np.arange(N)), tips, "o", color=plot.COLORS["input"], markersize=4)
        plot.label(ax, box[0], box[1] + 9, "$x[n]$", "input", ha="left")
        plot.label(ax, place.x(N - 1) + 4, box[1] + 9, f"the wave of {turns_text(self.turns)}", "kernel", ha="right")
        for tick in TICKS:
            plot.label(ax, place.x(tick), place.bottom + 14, str(tick), "muted")

    def _draw_winding(self, ax: Axes, box: Box) -> None:
        place = Plane(box)
        ax.add_patch(Circle((place.x, place.y), place.radius, fill=False, edgecolor=plot.COLORS["grid"]))
        line, points = self.winding(FINE), self.winding()
        x, y = place.x + place.radius * line.real, place.y - place.radius * line.imag
        ax.plot(x, y, color=plot.COLORS["input"], linewidth=0.8, alpha=0.55)
        x, y = place.x + place.radius * points.real, place.y - place.radius * points.imag
        spokes = [[(place.x, place.y), end] for end in zip(x, y, strict=True)]
        ax.add_collection(LineCollection(spokes, colors=plot.COLORS["input"], linewidths=0.7, alpha=0.28))
        ax.plot(x, y, "o", color=plot.COLORS["input"], markersize=3)
        tip = self.arrow * place.radius / self.scale
        _arrow(ax, (place.x, place.y), (place.x + tip.real, place.y - tip.imag))
        plot.label(ax, place.x, box[1] + 9, "the signal, wound up", "input")
        plot.label(ax, place.x, box[1] + box[3] - 8, sum_text(self.scale), "output")

    def _draw_spectrum(self, ax: Axes, box: Box) -> None:
        place = Axis(box)
        lengths = np.abs(self.spectrum(GRID)) * place.radius / self.scale
        whole = np.arange(MOST + 1)
        for level, text in ((0, "0"), (1, str(self.scale))):
            y = place.zero - level * place.radius
            ax.plot([place.left, place.right], [y] * 2, color=plot.COLORS["grid"], linewidth=0.8)
            plot.label(ax, place.left - 10, y, text, "muted", ha="right")
        ax.plot(place.x(GRID), place.zero - lengths, color=plot.COLORS["output"], linewidth=1.4)
        ax.plot(place.x(whole), place.zero - lengths[::20], "o", color=plot.COLORS["output"], markersize=4)
        tip = place.zero - abs(self.arrow) * place.radius / self.scale
        _arrow(ax, (place.x(self.turns), place.zero), (place.x(self.turns), tip))
        plot.label(ax, box[0], box[1] + 6, "length of the sum", "output", ha="left")
        ax.plot(place.x(self.turns), place.track, "o", color=plot.COLORS["kernel"], markersize=9)
        for tick in whole:
            plot.label(ax, place.x(tick), place.zero + 32, str(tick), "muted")
        plot.label(ax, box[0], place.zero + 32, "turns", "kernel", ha="left")


# ---- where everything stands: the same numbers as in fourier_winding.js ---------------------------------------------

Box = tuple[float, float, float, float]
#: Samples whose numbers stand under the signal.
TICKS = (0, 6, 12, 18, 23)


def layout(width: float, shown: list[str]) -> tuple[dict[str, Box], float]:
    """Where the lanes stand: left, top, width and height of each, in pixels, and the height of all.

    On a phone they stand below each other; elsewhere the signal stands beside its winding.

    Examples
    --------
    >>> layout(337, ["signal", "winding", "spectrum"])
    ({'signal': (0, 0, 337, 108), 'winding': (0, 114, 337, 176), 'spectrum': (0, 296, 337, 142)}, 438)
    """
    narrow = width < 480
    radius = 78 if narrow else 92
    plane = 2 * radius + 20
    boxes, top = {}, 0
    if narrow:
        for name, high in (("signal", 108), ("winding", plane)):
            if name in shown:
                boxes[name] = 0, top, width, high
                top += high + 6
    else:
        beside = {"signal", "winding"} <= set(shown)
        if "signal" in shown:
            boxes["signal"] = 0, 0, width - (plane + 28) * beside, plane + 38
        if "winding" in shown:
            boxes["winding"] = (width - plane) * (1 if beside else 0.5), 0, plane, plane + 38
        top = (plane + 46) * bool(boxes)
    if "spectrum" in shown:
        boxes["spectrum"] = 0, top, width, radius + 64
    return boxes, max((box[1] + box[3] for box in boxes.values()), default=0)


class Lane:
    """The signal's lane: a column for each sample, and where samples of 1 stand."""

    def __init__(self, box: Box) -> None:
        left, top, width, height = box
        self.left, self.step = left + 8, (width - 16) / (N - 1)
        # Elsewhere than on a phone a sample is as high as its arrow is long.
        self.unit = 32 if height < 120 else 92
        self.zero = top + (54 if height < 120 else 120)
        self.bottom = self.zero + self.unit + 6

    def x(self, n: ArrayLike) -> ArrayLike:
        """Where sample ``n`` stands."""
        return self.left + n * self.step


class Plane:
    """The plane's lane: middle and radius of the circle."""

    def __init__(self, box: Box) -> None:
        left, top, width, height = box
        narrow = height < 200
        self.x, self.radius = left + width / 2, 78 if narrow else 92
        self.y = top + self.radius + (10 if narrow else 28)


class Axis:
    """The spectrum's lane: its zero line, the slider's track below it, how high the circle's radius is."""

    def __init__(self, box: Box) -> None:
        left, top, width, height = box
        self.left, self.right = left + 50, left + width - 14
        self.radius = height - 64
        self.zero = top + 24 + self.radius
        self.track = self.zero + 13

    def x(self, turns: ArrayLike) -> ArrayLike:
        """Where so many turns stand."""
        return self.left + (self.right - self.left) * turns / MOST


# ---- numbers and words ----------------------------------------------------------------------------------------------


def scale_of(longest: float) -> int:
    """The least of the scales that leaves room for a sum of that length.

    Examples
    --------
    >>> scale_of(7.2), scale_of(12.3), scale_of(24), scale_of(0)
    (12, 12, 24, 1)
    """
    return next(scale for scale in SCALES if longest <= BEYOND * scale or scale == SCALES[-1])


def fixed(value: float, digits: int) -> str:
    """Fixed decimals as the page has them: halves, but for noise, away from zero, a true minus sign, never minus zero.

    Examples
    --------
    >>> fixed(0.25, 1), fixed(0.25 - 1e-15, 1), fixed(-0.01, 1)
    ('0.3', '0.3', '0.0')
    """
    text = str(Decimal(round(value, 9)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
    return text.lstrip("-") if not float(text) else text.replace("-", "−")


def turns_text(turns: float) -> str:
    """A number of turns in words.

    Examples
    --------
    >>> turns_text(3.0), turns_text(1.0), turns_text(4.5)
    ('3 turns', '1 turn', '4.50 turns')
    """
    return "1 turn" if turns == 1 else f"{fixed(turns, 0 if turns == int(turns) else 2)} turns"


def angle_text(arrow: complex) -> str:
    """The direction of an arrow in whole degrees, counter-clockwise from the right, above -180.

    Examples
    --------
    >>> angle_text(1 - 1j), angle_text(-1 - 1e-17j)
    ('−45°', '180°')
    """
    text = fixed(math.degrees(cmath.phase(arrow)), 0)
    return "180°" if text == "−180" else f"{text}°"


def sum_text(scale: int) -> str:
    """How the arrow is drawn."""
    return "arrow = sum" if scale == 1 else f"arrow = sum ÷ {scale}"


def how(size: np.ndarray, length: float) -> str:
    """How arrows of the given sizes lie, whose sum has a length, in words.

    Examples
    --------
    >>> how(np.ones(24), 24), how(np.ones(24), 1), how(np.ones(24), 1e-15)
    ('it leans all to one side', 'it winds nearly evenly round', 'it cancels')
    """
    count, share = np.count_nonzero(size > NONE), length / max(size.sum(), 1e-12)
    if count < 2:
        return "one arrow alone, wherever it points" if count else "there is nothing to wind"
    if fixed(length, 1) == "0.0":
        return "it cancels"
    if share < SOME:
        return "it winds nearly evenly round"
    return "it leans all to one side" if share >= ALL else "it leans to one side"


def _wave(turns: int) -> np.ndarray:
    return np.cos(2 * np.pi * turns * np.arange(N) / N)


def _listed(values: np.ndarray) -> str:
    return ", ".join(fixed(value, 2) for value in values)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Between two points; a short one is all head, and one without length a dot."""
    foot, tip = complex(*start), complex(*end)
    size = min(11.0, abs(tip - foot))
    along = (tip - foot) / max(abs(tip - foot), 1e-9)
    neck = tip - size * along
    side = 0.55j * size * along
    ax.plot([foot.real, neck.real], [foot.imag, neck.imag], color=plot.COLORS["output"], linewidth=2.8)
    corners = [(z.real, z.imag) for z in (tip, neck + side, neck - side)]
    head = {"facecolor": plot.COLORS["output"], "edgecolor": plot.COLORS["output"], "joinstyle": "round"}
    ax.add_patch(Polygon(corners, linewidth=1.6, zorder=3, **head))
