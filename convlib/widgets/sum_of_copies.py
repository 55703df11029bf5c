"""SumOfCopies: a function cut into strips, each launching a scaled and shifted copy of the other; their sum."""

from __future__ import annotations

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from convlib import plot, signals
from convlib.widgets.base import Widget
from convlib.widgets.convolution_explorer import SHAPES as EXPLORERS
from convlib.widgets.convolution_explorer import STEP, shape_values
from convlib.widgets.traits import Choice, Count, OutOfRange

#: Each shape in words, and between which times it is not zero, or not taken to be: tails below 0.7 % are cut off.
SHAPES = {name: words for name, words in EXPLORERS.items() if name not in ("impulse", "drawn")}
SUPPORT = {
    "box": (-0.5, 0.5),
    "triangle": (-1.0, 1.0),
    "exponential": (0.0, 5.0),
    "gaussian": (-1.6, 1.6),
    "burst": (-1.0, 1.0),
}
MOST = 64


class SumOfCopies(Widget):
    r"""An integral as a sum: every strip of ``f`` adds a copy of ``g``, scaled by its area and shifted to its place.

    Parameters
    ----------
    f, g : {"box", "triangle", "exponential", "gaussian", "burst"}
        The function that is cut into strips, and the one that is copied; as in :class:`ConvolutionExplorer`.  As ``f``,
        the exponential ends at 5 and the Gaussian at 1.6 on either side.
    strips : int
        Into how many strips of equal width ``f`` is cut, 1 to 64; each is as high as ``f`` at its middle.
    upto : int
        How many copies are added, from the left; -1 for all.

    Examples
    --------
    >>> copies = SumOfCopies(f="box", g="exponential", strips=8)
    >>> copies.areas
    array([0.125, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125])
    >>> float(copies.places[5]), round(copies.gap, 4)
    (0.1875, 0.0616)
    """

    orders = ("light", "reset", "play", "pause")
    parts = ("f", "g", "copies", "output")

    f = Choice(SHAPES, "box").tag(sync=True)
    g = Choice(SHAPES, "exponential").tag(sync=True)
    strips = Count(1, MOST, 8).tag(sync=True)
    upto = Count(-1, MOST, -1).tag(sync=True)

    @traitlets.validate("upto")
    def _not_more_than_strips(self, proposal: dict) -> int:
        if proposal["value"] > self.strips:
            raise OutOfRange(
                f"{type(self).__name__}.upto must be at most strips = {self.strips}, or -1 for all, "
                f"got {proposal['value']}"
            )
        return proposal["value"]

    @traitlets.observe("strips")
    def _keep_upto_in_range(self, _change: object) -> None:
        self.upto = min(self.upto, self.strips)

    @property
    def added(self) -> int:
        """How many copies are added: ``upto``, or all."""
        return self.strips if self.upto < 0 else self.upto

    @property
    def width(self) -> float:
        """Of a strip."""
        start, stop = SUPPORT[self.f]
        return (stop - start) / self.strips

    @property
    def places(self) -> np.ndarray:
        """Middles of the strips, shape (strips,)."""
        return SUPPORT[self.f][0] + (np.arange(self.strips) + 0.5) * self.width

    @property
    def areas(self) -> np.ndarray:
        """Of the strips, shape (strips,): how much of ``g`` each of them adds."""
        return self.width * shape_values(self.f, self.places, None)

    @property
    def times(self) -> np.ndarray:
        """Multiples of 0.02 from a little before all begins to a little after, or to where little is left."""
        (a, b), (c, d) = SUPPORT[self.f], SUPPORT[self.g]
        low, high = min(a, a + c) - 0.25, min(b + d, max(b, 4.0)) + 0.25
        return STEP * np.arange(np.ceil(low / STEP - 1e-9), np.floor(high / STEP + 1e-9) + 1)

    @property
    def copies(self) -> np.ndarray:
        """All copies at :attr:`times`, shape (strips, times)."""
        return self.areas[:, None] * shape_values(self.g, self.times - self.places[:, None], None)

    @property
    def output(self) -> signals.Signal:
        """The sum of the copies that are added."""
        return signals.Signal(self.copies[: self.added].sum(axis=0), self.times[0], STEP)

    @property
    def exact(self) -> signals.Signal:
        """The convolution itself: the same sum with strips 0.02 wide, right to four digits."""
        start, stop = SUPPORT[self.f]
        f = signals.sample(lambda tau: shape_values(self.f, tau, None), start, stop, STEP)
        g = shape_values(self.g, self.times[:, None] - f.times, None)
        return signals.Signal(STEP * g @ f.values, self.times[0], STEP)

    @property
    def gap(self) -> float:
        """The largest distance between the sum of *all* copies and the convolution."""
        return float(np.abs(self.copies.sum(axis=0) - self.exact.values).max())

    def sentence(self) -> str:
        """How far the sum has got."""
        if self.added < self.strips:
            return f"{self.added} of {self.strips} copies are added."
        copies = "1 strip, 1 copy" if self.strips == 1 else f"{self.strips} strips, {self.strips} copies"
        return f"{copies} of g. Largest gap between their sum and f ∗ g: {gap_text(self.gap)}."

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget: it is the same whatever it shows."""
        return (541, 488, 488)

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        alt = (
            f"Two panels over one time axis. Above, f, {SHAPES[self.f]}, cut into {self.strips} strips "
            f"{_brief(self.width)} wide. Below, for each strip a copy of g, {SHAPES[self.g]}, scaled by the strip's "
            f"area and shifted to its place; the sum of {self.added} of them, and dashed the convolution f ∗ g."
        )
        caption = f"Each strip of <i>f</i> adds a copy of <i>g</i>, as large as the strip's area. {self.sentence()}"
        return alt, caption.replace("copies of g.", "copies of <i>g</i>.").replace("f ∗ g", "<i>f</i> ∗ <i>g</i>")

    def still(self) -> Figure:
        """Draw both panels at rest."""
        fig, (above, below) = plot.panels(2, height=3.9, share="xy")
        self._draw_strips(above)
        self._draw_copies(below)
        signed = "burst" in (self.f, self.g)
        above.set(xlim=(self.times[0], self.times[-1]), ylim=(-0.95 if signed else -0.05, 1.15))
        above.set_xlabel(r"$\tau$")
        below.set_xlabel(r"$t$")
        return fig

    def _draw_strips(self, ax: Axes) -> None:
        heights = self.areas / self.width
        for k, (place, height) in enumerate(zip(self.places, heights, strict=True)):
            fill = 0.4 if k < self.added else 0.1
            ax.bar(place, height, self.width, color=plot.COLORS["input"], alpha=fill, edgecolor=plot.COLORS["paper"])
        f = shape_values(self.f, self.times, None)
        plot.curve(ax, self.times, f, "input")
        name = f"$f$ in {self.strips} strips" if self.strips > 1 else "$f$ in one strip"
        ax.set_title(f"{name}, {_brief(self.width)} wide", color=plot.COLORS["input"])

    def _draw_copies(self, ax: Axes) -> None:
        for copy in self.copies[: self.added]:
            ax.plot(self.times, copy, color=plot.COLORS["kernel"], linewidth=0.9, alpha=0.7)
        ax.plot(self.times, self.exact.values, color=plot.COLORS["muted"], linewidth=1.2, linestyle="--")
        plot.curve(ax, self.times, self.output.values, "output")
        ax.set_title("their copies of $g$", color=plot.COLORS["kernel"])
        ax.set_title("the sum", color=plot.COLORS["output"], loc="center")
        ax.set_title("$f*g$, dashed", color=plot.COLORS["muted"], loc="right")


def gap_text(gap: float) -> str:
    """Two digits that count: 0.031, and nothing smaller than a millionth."""
    if gap < 1e-6:
        return "less than 0.000001"
    digits = max(0, 1 - int(np.floor(np.log10(gap))))
    return f"{gap:.{digits}f}"


def _brief(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
