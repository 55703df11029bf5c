"""RepeatedConvolution: convolve a distribution with itself again and again and watch the bell curve appear."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from convlib import plot
from convlib.convolution import convolve
from convlib.widgets.base import Widget
from convlib.widgets.traits import Choice, Count, Number, Subset, Weights

FACES = np.arange(1, 7)
MOST = 30
SHOWN = ("bars", "die", "moments", "words", "controls")
CONTROLS = ("n", "step", "weights", "view", "bell")
_LEAST = 1e-9  # a smaller share of the whole is none: it could not be seen, but would make the skewness immense

#: Weights of the six faces that the widget's list offers.
SHAPES = {
    "fair": (1, 1, 1, 1, 1, 1),
    "coin": (1, 0, 0, 0, 0, 1),
    "sixes": (0.04, 0.04, 0.06, 0.08, 0.18, 0.6),
    "jackpot": (0.85, 0.1, 0, 0, 0, 0.05),
    "even": (0, 1, 0, 1, 0, 1),
    "certain": (0, 0, 0, 1, 0, 0),
}


class RepeatedConvolution(Widget):
    r"""The distribution of the sum of n dice, p convolved with itself; on demand, the normal curve that it comes to.

    Parameters
    ----------
    weights : array_like, shape (6,)
        Weights of the faces 1 to 6, between 0 and 1 and not all 0; divided by their sum where they are used, and less
        than a billionth of it is taken for 0.
    n : int
        How many dice, between 1 and 30.
    view : {"sum", "standardised"}
        Draw probabilities over the sum, or :math:`\sigma\sqrt{n}/d` times as high over
        :math:`(\mathrm{sum} - n\mu)/(\sigma\sqrt{n})`, where d is :attr:`span`.
    step : float
        How much of the step from n - 1 dice to n is done, between 0 and 1: below 1 the six copies of the distribution
        of n - 1 dice, one for each face of the last, are still falling.
    bell : bool
        Draw the normal curve of the sum's mean and variance, and say these, and :attr:`gap`, in words.
    show : list of {"bars", "die", "moments", "words", "controls"}
        A reduced view of these parts alone; empty for all.  Named here, mean and variance are out without ``bell``.
    controls : list of {"n", "step", "weights", "view", "bell"}
        Only the controls that set these traits; empty for all, and for none in a reduced view without "controls".

    Examples
    --------
    >>> two = RepeatedConvolution(n=2)
    >>> two.distribution.round(3)
    array([0.028, 0.056, 0.083, 0.111, 0.139, 0.167, 0.139, 0.111, 0.083,
           0.056, 0.028])
    >>> round(two.mean, 6), round(two.variance, 6)
    (7.0, 5.833333)
    """

    orders = ("light", "reset", "play", "pause")
    parts = ("bars", "bell", "die", "moments", "step", "controls", "words")

    weights = Weights([1 / 6] * 6, 0, 1)
    n = Count(1, MOST, 3).tag(sync=True)
    view = Choice(("sum", "standardised"), "sum").tag(sync=True)
    step = Number(0, 1, 1.0, 0.01).tag(sync=True)
    bell = traitlets.Bool(False).tag(sync=True)
    show = Subset(SHOWN).tag(sync=True)
    controls = Subset(CONTROLS).tag(sync=True)

    @property
    def probabilities(self) -> np.ndarray:
        """Probabilities of the faces 1 to 6 of one die: array of shape (6,)."""
        weights = self.weights.astype(float)
        weights[weights < _LEAST * weights.sum()] = 0
        return weights / weights.sum()

    @property
    def distribution(self) -> np.ndarray:
        """Probabilities of the sums n, n + 1, …, 6n: array of shape (5n + 1,), by :func:`convlib.convolve`."""
        power = np.ones(1)  # of no die: a sum that is certainly 0
        for _ in range(self.n):
            power = convolve(power, self.probabilities, method="taps")
        return power

    @property
    def mean(self) -> float:
        """Mean of the sum, n times that of one die."""
        return float(self.n * (self.probabilities @ FACES))

    @property
    def variance(self) -> float:
        """Variance of the sum, n times that of one die."""
        p = self.probabilities
        return float(self.n * (p @ (FACES - p @ FACES) ** 2))

    @property
    def span(self) -> int:
        """Distance between sums that can occur: the gcd of the differences between faces; 0 if there is but one."""
        return math.gcd(*np.diff(FACES[self.probabilities > 0]).tolist())

    @property
    def gap(self) -> float:
        r"""Largest distance between the distribution functions of sum and normal law, at the midpoints between bars.

        That is, with a continuity correction: :math:`\max_k |F_n(k) - \Phi((k + d/2 - n\mu)/(\sigma\sqrt{n}))|` over
        all numbers k of the lattice of sums, d apart; the one below the least sum, where :math:`F_n` is 0, is one of
        them.  At the sums themselves the steps of :math:`F_n` alone would leave half a bar between the two.  NaN where
        the variance is 0 and there is no normal curve.
        """
        if not self.span:
            return math.nan
        first = self.n * (FACES[self.probabilities > 0][0] - 1)
        steps = self.distribution[first :: self.span]
        below = np.concatenate([[0.0], np.cumsum(steps)])
        middles = self.n + first + self.span * (np.arange(len(below)) - 0.5)
        z = (middles - self.mean) / math.sqrt(2 * self.variance)
        return float(np.abs(below - [0.5 * math.erfc(-v) for v in z]).max())

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget, see :meth:`Widget.room`: what its style sheet gives to its parts."""
        return (self._height(narrow=True), *[self._height(narrow=False)] * 2)

    @property
    def _moments_are_out(self) -> bool:
        return "moments" in self.show or (self.bell and not self.show)

    def _height(self, *, narrow: bool) -> int:
        """The widget's parts and the space between them, in pixels."""
        height = 57.2 if narrow else 62.0  # frame, padding and foot
        if self._shows("bars"):
            height += 216 if narrow else 256
        height += 34 * self._offers("n") + 32 * self._offers("step")
        rows = [34] * self._offers("weights") + [112] * self._shows("die")
        rows += [30] * (self._offers("view") or self._offers("bell"))
        one = sum(rows) + 6 * (len(rows) - 1) if rows else 0
        words = 20 * (2 + self.bell) if self._moments_are_out else 0
        if self._shows("words"):
            words = 184 if narrow or one else 124  # the six terms of a bar in two rows, or in one
        desk = one + words + 8 * bool(one and words) if narrow else max(one, words)
        return round(height + desk + 4 * (desk > 0))

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        dice = "1 die" if self.n == 1 else f"{self.n} dice"
        axis = ", standardised" if self._standardised else ""
        faces = ", ".join(f"{100 * share:.0f} %" for share in self.probabilities)
        total = f"Bars for the sum of {dice}{axis}{self._curve_words()}."
        die = f"ars for one die, whose faces 1 to 6 have the probabilities {faces}."
        alt = total if self._draws_sum else f"B{die}"
        if self._draws_sum and self._shows("die"):
            alt += f" Below: b{die}"
        caption = f"The sum of {dice}: the distribution of one die, convolved with itself."
        if self._moments_are_out or self.bell:
            caption = f"One die convolved with itself: the sum of {dice} has the mean {self.mean:.2f} and the variance "
            caption += f"{self.variance:.2f}, <i>n</i> times those of one die."
        return alt, caption + self._match_words()

    def _curve_words(self) -> str:
        if not self.bell:
            return ""
        if not self.span:
            return ", and no normal curve, for its variance is 0"
        return f", and a dashed normal curve with the mean {self.mean:.2f} and the variance {self.variance:.2f}"

    def _match_words(self) -> str:
        """What a caption says of the distance between bars and bell, and of the sums that cannot be."""
        if not self.span:
            return " Without variance there is no bell, however many dice."
        words = ""
        if self.bell:
            words += " At the midpoints between bars its distribution function is at most "
            words += f"{100 * self.gap:.2g} % away from the normal one."
        if self.span > 1:
            words += f" Possible sums are {self.span} apart"
            words += f", and the curve is drawn {self.span} times as high." if self.bell else "."
        return words

    def still(self) -> Figure:
        """Draw the distribution of the sum, with its normal curve if it is out, and below it one die."""
        if not self._shows("die"):
            fig, total = plt.subplots(figsize=(plot.WIDTH, 2.8))
            self._draw_sum(total)
            return fig
        if not self._draws_sum:
            fig, die = plt.subplots(figsize=(0.6 * plot.WIDTH, 1.7))
            self._draw_die(die)
            return fig
        fig = plt.figure(figsize=(plot.WIDTH, 4.3))
        grid = fig.add_gridspec(2, 2, height_ratios=[1.9, 1], width_ratios=[1.1, 1])
        self._draw_die(fig.add_subplot(grid[1, 0]))
        self._draw_sum(fig.add_subplot(grid[0, :]))
        return fig

    @property
    def _draws_sum(self) -> bool:
        """Whether the still picture has the sum: always, but where only the die is to be seen."""
        return self._shows("bars") or not self._shows("die")

    def _draw_die(self, ax: Axes) -> None:
        ax.bar(FACES, self.probabilities, width=0.8, color=plot.COLORS["input"])
        for face, share in zip(FACES, self.probabilities, strict=True):
            plot.label(ax, face, share, f"{100 * share:.0f}", va="bottom", fontsize=9)
        ax.set(xticks=FACES, yticks=[], xlabel="face", title="one die: $p$, in %", ylim=(0, 1.2))
        ax.spines["left"].set_visible(False)

    def _draw_sum(self, ax: Axes) -> None:
        shift, spread = self._draw_bars(ax, color=plot.COLORS["output"], alpha=0.6, linewidth=0)
        ax.set_title("sum of 1 die" if self.n == 1 else f"sum of {self.n} dice", color=plot.COLORS["output"])
        if self.bell and self.span:
            self._draw_curve(ax, shift, spread)
            times = f" × {self.span}" if self.span > 1 and not self._standardised else ""
            ax.set_title(f"- - normal curve{times}", loc="right", color=plot.COLORS["ink"], fontsize=10)
        if self._moments_are_out:
            deviation = math.sqrt(self.variance)
            middle, reach = (self.mean - shift) / spread, deviation / spread
            ink = {"color": plot.COLORS["ink"], "clip_on": False}
            ax.plot([middle - reach, middle + reach], [0, 0], linewidth=3, solid_capstyle="butt", **ink)
            ax.plot(middle, 0, "D", markersize=6, **ink)
        ax.set_xlim((-4, 4) if self._standardised else (0, None))
        ax.set_xlabel(r"(sum $-\;n\mu$) / ($\sigma\sqrt{n}$)" if self._standardised else "sum")
        ax.set_ylabel("density" if self._standardised else "probability")
        if not self._standardised:
            ax.yaxis.set_major_formatter(lambda value, _: f"{round(100 * value, 6):g} %")

    @property
    def _standardised(self) -> bool:
        """Whether the axis is standardised; without variance there is nothing to divide by."""
        return self.view == "standardised" and self.span > 0

    def _scales(self) -> tuple[float, float, float]:
        """What to subtract from a sum, to divide it by, and to multiply its probability by."""
        if not self._standardised:
            return 0.0, 1.0, 1.0
        spread = math.sqrt(self.variance)
        return self.mean, spread, spread / self.span

    def _draw_bars(self, ax: Axes, **style: object) -> tuple[float, float]:
        """Draw a bar for every sum that can occur; return what the axis subtracts and divides by."""
        shift, spread, factor = self._scales()
        power = self.distribution
        used = np.flatnonzero(power > 1e-4 * power.max())
        ax.bar((used + self.n - shift) / spread, power[used] * factor, width=0.9 / spread, **style)
        return shift, spread

    def _draw_curve(self, ax: Axes, shift: float, spread: float) -> None:
        deviation = math.sqrt(self.variance)
        z = np.linspace(-3.5, 3.5, 141)
        density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) * self.span / deviation * self._scales()[2]
        at = (self.mean + z * deviation - shift) / spread
        ax.plot(at, density, color=plot.COLORS["ink"], linewidth=1.3, linestyle="--")
