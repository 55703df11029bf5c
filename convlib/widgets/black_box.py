"""BlackBox: a hidden system on sequences. Is it a convolution? Then its answer to an impulse predicts all others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convlib import plot
from convlib.convolution import convolve
from convlib.widgets.base import Widget
from convlib.widgets.traits import Choice, Numbers, Subset

#: How many samples there are, and how far from 0 those of the input can be.
LENGTH, REACH = 16, 4.0
#: What differs by more is counted as missed.
NEAR = 0.005
SHOWN = ("boxes", "experiments", "verdict", "words")
_IMPULSE = (1.0,) + (0.0,) * (LENGTH - 1)
#: The greatest values that the output's lane can be made for; and for which it stays as it is.
_ROUND, _QUIET = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32), 2.5
#: The still picture is the live one at this width.
_WIDE = 460


def _before(x: np.ndarray, steps: int) -> np.ndarray:
    return np.concatenate([np.zeros(steps), x[: len(x) - steps]])


def _leaky(x: np.ndarray) -> np.ndarray:
    y, last = np.empty_like(x), 0.0
    for n, sample in enumerate(x):
        last = 0.7 * last + 0.3 * sample
        y[n] = last
    return y


def _median(x: np.ndarray) -> np.ndarray:
    padded = np.concatenate([[0.0], x, [0.0]])
    return np.median([padded[:-2], padded[1:-1], padded[2:]], axis=0)


@dataclass(frozen=True)
class System:
    """One box: what it is called, whether it is a convolution, and what it answers to 16 samples."""

    name: str
    convolution: bool
    answer: Callable[[np.ndarray], np.ndarray]


#: The boxes; each is of another kind than its neighbours.
SYSTEMS = {
    "A": System("an echo", True, lambda x: x + 0.5 * _before(x, 3)),
    "B": System("a clipper", False, lambda x: np.clip(x, -1, 1)),
    "C": System("a tremolo", False, lambda x: x * (1 + 0.8 * np.sin(0.9 * np.arange(len(x))))),
    "D": System("a leaky average", True, _leaky),
    "E": System("a median of three", False, _median),
    "F": System("a difference", True, lambda x: x - _before(x, 1)),
    "G": System("time backwards", False, lambda x: x[::-1]),
    "H": System("a square", False, lambda x: x**2),
}


class BlackBox(Widget):
    r"""A system under cover, with an input to drag and its output; and what its answer to the impulse predicts.

    A system on sequences is linear and shift-equivariant exactly if its output is :math:`x * h` for every input
    :math:`x`; then :math:`h` is its answer to the impulse.  So there is one candidate, and one kind of experiment.
    Inputs and outputs are those at :math:`n = 0, \dots, 15`; before and after, the input is zero.

    Parameters
    ----------
    system : {"A", "B", "C", "D", "E", "F", "G", "H"}
        Which box: a convolution, or not.
    x : sequence of float, 1 to 16 numbers
        The input's samples, between -4 and 4; kept as a tuple of 16, with zeros after those that are given.
    recorded : bool
        Whether the box's answer to the impulse has been recorded, and is shown with what it predicts.
    show : list of {"boxes", "experiments", "verdict", "words"}
        A reduced view: what stands beside the lanes of bars, which always stand; empty for all.

    Examples
    --------
    >>> box = BlackBox(system="A", x=[1, 2], recorded=True)
    >>> box.output[:6]
    array([1. , 2. , 0. , 0.5, 1. , 0. ])
    >>> box.sentence()
    'The impulse answer predicts all 16 samples.'
    >>> box.system = "B"
    >>> box.sentence()
    'The impulse answer misses 1 of 16 samples, by 1.00.'
    """

    #: ``impulse`` sends one at n = 0 and records the answer; ``look=x2`` and ``look=y5`` pin a sample.
    orders = ("light", "reset", "impulse", "later", "twice", "look")
    parts = ("x", "y", "h", "prediction")

    system = Choice(tuple(SYSTEMS), "A").tag(sync=True)
    x = Numbers((0, 1, 2, 1.5, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0), -REACH, REACH, LENGTH)
    recorded = traitlets.Bool(False).tag(sync=True)
    show = Subset(SHOWN).tag(sync=True)

    @traitlets.validate("x")
    def _fill_up(self, proposal: dict) -> tuple[float, ...]:
        return proposal["value"] + (0.0,) * (LENGTH - len(proposal["value"]))

    @property
    def output(self) -> np.ndarray:
        """What the box makes of the input, shape (16,)."""
        return SYSTEMS[self.system].answer(np.array(self.x))

    @property
    def impulse_answer(self) -> np.ndarray:
        """What the box makes of an impulse at n = 0: the only candidate for h; shape (16,)."""
        return SYSTEMS[self.system].answer(np.array(_IMPULSE))

    @property
    def prediction(self) -> np.ndarray:
        """What the output would be if the box were a convolution: x * h, its first 16 samples."""
        return convolve(self.x, self.impulse_answer, method="taps")[:LENGTH]

    @property
    def is_convolution(self) -> bool:
        """Whether it is one: linear and shift-equivariant."""
        return SYSTEMS[self.system].convolution

    def sentence(self) -> str:
        """What the experiment shows."""
        if not self.recorded:
            return "Nothing is known of the box yet: send it an impulse."
        gaps = np.abs(self.output - self.prediction)
        missed, h = gaps[gaps > NEAR], self.impulse_answer
        if self.x == _IMPULSE:
            return "Recorded: h, the answer to an impulse at 0. Send something else: does h predict what comes out?"
        if not h.any():
            also = "" if self.output.any() else "and so is this output."
            return f"The impulse answer is all zeros, {also or 'and predicts nothing: the output is not zero.'}"
        if not len(missed):
            return f"The impulse answer predicts all {LENGTH} samples."
        by = "by" if len(missed) == 1 else "by up to"
        # Halves go up, as on the page.
        return f"The impulse answer misses {len(missed)} of {LENGTH} samples, {by} {missed.max() + 1e-9:.2f}."

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget: its lanes, the sentence's lines, the rows of buttons, the foot and the frame."""
        heights = []
        for narrow, frame in ((True, 57.2), (False, 62)):
            buttons = self._shows("experiments") + self._shows("verdict")
            rows = buttons if narrow else min(buttons, 1)
            words = (66 if narrow else 46) * self._shows("words")
            heights.append(round(Lanes.of(narrow=narrow).end + words + 40 * rows + frame))
        return heights[0], heights[1], heights[1]

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        alt = (
            f"Lanes of bars over one axis, n = 0 to {LENGTH - 1}. First: the input x = {_listed(self.x)}. It goes into "
            f"box {self.system}, one of eight whose inside is hidden. Below: the output y = {_listed(self.output)}"
        )
        if not self.recorded:
            return f"{alt}. The answer to an impulse is not recorded yet.", self.sentence()
        alt += (
            f", with marks at the prediction x * h = {_listed(self.prediction)}. Last: the recorded answer to an "
            f"impulse, h = {_listed(self.impulse_answer)}."
        )
        return alt, self.sentence()

    def still(self) -> Figure:
        """Draw the lanes as the live widget does; across and down, one unit is a pixel of it."""
        lanes = Lanes.of(narrow=False)
        fig, ax = plot.sheet(_WIDE, lanes.end)
        self._draw_boxes(ax, lanes)
        unit, zero = self._scale(lanes)
        _lane(ax, lanes.x, "$x$ goes in", "input", self.x, lanes.x_zero, unit)
        _lane(ax, lanes.y, f"$y$ = {self.system}($x$) comes out", "output", self.output, zero, unit)
        for n in range(LENGTH):
            plot.label(ax, _middle(n), lanes.y_ticks - 4, str(n), "muted")
        h = self.impulse_answer if self.recorded else np.zeros(LENGTH)
        known = ("" if h.any() else ": all zeros") if self.recorded else ": not recorded yet"
        name = f"$h$, its answer to an impulse{known}"
        _lane(ax, lanes.h, name, "kernel" if self.recorded else "muted", h, lanes.h_zero, lanes.unit)
        if self.recorded:
            self._draw_prediction(ax, lanes, zero, unit)
        return fig

    def _draw_boxes(self, ax: Axes, lanes: Lanes) -> None:
        left, wide = _WIDE / 2 - 160, 40
        for i, letter in enumerate(SYSTEMS):
            chosen = letter == self.system
            fill = plot.COLORS["ink" if chosen else "paper"]
            box = (left + i * wide, lanes.box), wide, 32
            ax.add_patch(Rectangle(*box, facecolor=fill, edgecolor=plot.COLORS["muted"], linewidth=0.8))
            plot.label(ax, left + (i + 0.5) * wide, lanes.box + 16, letter, "paper" if chosen else "ink")

    def _draw_prediction(self, ax: Axes, lanes: Lanes, zero: float, unit: float) -> None:
        plot.label(ax, _WIDE, lanes.y + 8, "predicted: $x * h$", "kernel", ha="right")
        half = 0.4 * _WIDE / LENGTH
        for n, (value, predicted) in enumerate(zip(self.output, self.prediction, strict=True)):
            at, tip, mark = _middle(n), zero - value * unit, zero - predicted * unit
            if abs(value - predicted) > NEAR:
                ax.plot([at, at], [tip, mark], color=plot.COLORS["ink"], linewidth=1.6, zorder=3)
            ax.plot([at - half, at + half], [mark, mark], color=plot.COLORS["kernel"], linewidth=2.2, zorder=4)

    def _scale(self, lanes: Lanes) -> tuple[float, float]:
        """How high 1 is, in both lanes, and where the zero line of the output's lies; as ``scales`` in the page."""
        values = np.concatenate([self.output, self.prediction if self.recorded else []])
        ends = [_QUIET, _QUIET]
        if np.abs(values).max() > _QUIET:
            ends = [next(r for r in _ROUND if r >= end - 1e-9) for end in (values.max(), -values.min())]
        unit = min(lanes.unit / (2 if np.abs(self.x).max() > 2 else 1), 5 * lanes.unit / sum(ends))
        spare = (5 * lanes.unit - unit * sum(ends)) / 2
        return unit, lanes.y_top + spare + ends[0] * unit


@dataclass(frozen=True)
class Lanes:
    """Heights on the drawing, from its top: those that ``lanes`` in the JavaScript gives, which a test holds to it."""

    unit: float
    x: float
    x_zero: float
    x_end: float
    box: float
    y: float
    y_top: float
    y_ticks: float
    h: float
    h_zero: float
    end: float

    @classmethod
    def of(cls, *, narrow: bool) -> Lanes:
        """The lanes on a phone, or where there is more room."""
        unit = 17 if narrow else 20
        x_end = 32 + 4 * unit + 12
        y = x_end + 52
        y_ticks = y + 32 + 5 * unit + 26
        h = y_ticks + 6
        return cls(
            unit=unit, x=0, x_zero=32 + 2 * unit, x_end=x_end, box=x_end + 10, y=y, y_top=y + 32,
            y_ticks=y_ticks, h=h, h_zero=h + 32 + unit, end=h + 45 + 2 * unit,
        )  # fmt: skip


def _middle(n: int) -> float:
    return (n + 0.5) * _WIDE / LENGTH


def _brief(value: float) -> str:
    """Two decimals at most, a true minus sign, never minus zero."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def _listed(values: Sequence[float]) -> str:
    return ", ".join(_brief(value) for value in values)


def _lane(ax: Axes, top: float, name: str, color: str, values: Sequence[float], zero: float, unit: float) -> None:
    """One lane: its name, its line of zero, its bars with their values."""
    plot.label(ax, 0, top + 8, name, color, ha="left")
    ax.plot([0, _WIDE], [zero, zero], color=plot.COLORS["grid"], linewidth=0.8, zorder=0.5)
    for n, value in enumerate(values):
        if abs(value) < NEAR:
            continue
        ax.bar(_middle(n), -value * unit, 0.66 * _WIDE / LENGTH, bottom=zero, color=plot.COLORS[color], alpha=0.75)
        tip = zero - value * unit + (9 if value < 0 else -8)
        if abs(value) >= 0.1:
            plot.label(ax, _middle(n), tip, _brief(value), color, fontsize=8)
