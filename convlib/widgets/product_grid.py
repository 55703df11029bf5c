"""ProductGrid: all products of two short sequences in a table, and their sums along its diagonals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convlib import plot
from convlib.convolution import convolve
from convlib.widgets.base import Widget
from convlib.widgets.traits import Choice, Count, Numbers, OutOfRange

MODES = ("dice", "numbers")

#: Numbers lie between -REACH and REACH; each sequence has at most MOST of them.
REACH, MOST = 9.0, 8


@dataclass(frozen=True)
class Places:
    """Where everything stands, in pixels: the same numbers as ``geometry`` in product_grid.js."""

    width: float
    rows: int
    columns: int

    HEADER = 40  # how long the longest bar beside the table is
    LABEL = 17  # the room of a label between bar and table
    TIP = 15  # the room of a number at a bar's tip
    TICKS = 19

    @property
    def cell(self) -> tuple[int, int]:
        """Width and height of a cell; a brick of the outputs' bars is as wide."""
        wide = int(min(46, max(12, self.width // (self.rows + self.columns - 0.5))))
        return wide, max(24, round(wide * 0.7))

    @property
    def left(self) -> float:
        """Where the table begins: the outputs reach half a cell less far right, and all of it stands in the middle."""
        wide = self.cell[0]
        spare = (self.width - (self.rows + self.columns - 0.5) * wide) / 2
        return spare + (self.rows - 0.5) * wide

    @property
    def top(self) -> int:
        """Upper edge of the table."""
        return self.TIP + self.HEADER + self.LABEL

    @property
    def bottom(self) -> int:
        """Lower edge of the table."""
        return self.top + self.rows * self.cell[1]

    @property
    def bars(self) -> int:
        """Greatest height of the outputs' bars, both signs together."""
        return max(3, min(self.rows, self.columns)) * self.cell[1]

    @property
    def zone(self) -> int:
        """Where the outputs' bars may begin, under the table."""
        return self.bottom + 6 + self.TIP

    @property
    def height(self) -> int:
        """Of the whole picture."""
        return self.zone + self.bars + self.TICKS

    def slot(self, m: int) -> float:
        """Left edge of the bar of output ``m``: where its diagonal comes out of the table."""
        return self.left + (m + 0.5 - self.rows) * self.cell[0]


class ProductGrid(Widget):
    r"""Two short sequences along the sides of a table of their products, and the sums along its diagonals.

    Parameters
    ----------
    a, b : sequence of float, 1 to 8 numbers
        One number a row, and one a column, between -9 and 9; kept as tuples.  In mode ``"dice"`` they are weights, and
        their shares of the sum are the chances of the faces.
    start : int
        Index of the first number of both: 1 for dice, 0 for the coefficients of polynomials.
    mode : {"dice", "numbers"}
        Whether the products are chances or just numbers.
    n : int
        Which diagonal is lit: all pairs whose indices add up to ``n``; by default the first, twice ``start``.  It is
        moved into range when the other traits leave no such diagonal.

    Examples
    --------
    >>> 36 * ProductGrid().output
    array([1., 2., 3., 4., 5., 6., 5., 4., 3., 2., 1.])
    >>> ProductGrid(a=[1, 2, 3], b=[4, 5], start=0, mode="numbers").output
    array([ 4., 13., 22., 15.])
    """

    orders = ("light", "reset", "play", "pause")
    parts = ("a", "b", "diagonal", "output")

    a = Numbers((1,) * 6, -REACH, REACH, MOST)
    b = Numbers((1,) * 6, -REACH, REACH, MOST)
    start = Count(-9, 99, 1).tag(sync=True)
    mode = Choice(MODES, "dice").tag(sync=True)
    n = Count(-18, 212, 2).tag(sync=True)

    @traitlets.default("n")
    def _first_diagonal(self) -> int:
        return self.first

    @traitlets.validate("a", "b", "mode")
    def _weights_of_dice(self, proposal: dict) -> object:
        # After the traits' own checks, and once for changes that come together: all three are new here.
        value, name = proposal["value"], proposal["trait"].name
        mode = value if name == "mode" else self.mode
        for side in ("a", "b") if name == "mode" else (name,):
            weights = value if name == side else getattr(self, side)
            if mode == "dice" and (min(weights) < 0 or sum(weights) <= 0):
                raise OutOfRange(
                    f"{type(self).__name__}.{side} must hold weights of at least 0, not all 0, in mode 'dice', "
                    f"got {list(weights)}"
                )
        return value

    @traitlets.validate("n")
    def _within_table(self, proposal: dict) -> int:
        n = proposal["value"]
        if not self.first <= n <= self.last:
            raise OutOfRange(f"{type(self).__name__}.n must be between {self.first} and {self.last}, got {n}")
        return n

    @traitlets.observe("a", "b", "start")
    def _keep_n_in_range(self, _change: object) -> None:
        self.n = min(max(self.n, self.first), self.last)

    @property
    def first(self) -> int:
        """The least ``n``."""
        return 2 * self.start

    @property
    def last(self) -> int:
        """The greatest ``n``."""
        return 2 * self.start + len(self.a) + len(self.b) - 2

    @property
    def factors(self) -> tuple[np.ndarray, np.ndarray]:
        """What is multiplied: the numbers themselves, or the chances of the faces."""
        a, b = np.array(self.a), np.array(self.b)
        return (a / a.sum(), b / b.sum()) if self.mode == "dice" else (a, b)

    @property
    def products(self) -> np.ndarray:
        """The table, shape (len(a), len(b))."""
        return np.outer(*self.factors)

    @property
    def output(self) -> np.ndarray:
        """The sums along the diagonals, by :func:`convlib.convolve`: for n = first, first + 1, …, last."""
        return convolve(*self.factors, method="taps")

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Rows and columns of the cells on the lit diagonal, counted from 0."""
        m = self.n - self.first
        return [(i, m - i) for i in range(len(self.a)) if 0 <= m - i < len(self.b)]

    def sentence(self) -> str:
        """What the lit diagonal adds up to."""
        a, b = self.factors
        value = self.output[self.n - self.first]
        if self.mode == "numbers":
            terms = " + ".join(f"{_factor(a[i])} · {_factor(b[j])}" for i, j in self.pairs)
            return f"n = {self.n}: {terms} = {_brief(value)}."
        pairs = ", ".join(f"({i + self.start}, {j + self.start})" for i, j in self.pairs)
        wholes = [_wholes(self.a), _wholes(self.b)]
        if None not in wholes:
            whole = sum(wholes[0]) * sum(wholes[1])
            return f"Total {self.n}: {pairs}: {round(value * whole)} of {whole}."
        return f"Total {self.n}: {pairs}: {_brief(100 * value, 1)} %."

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget: the picture, the slider, the sentence's lines, the foot and the frame."""
        longest = min(len(self.a), len(self.b)) * 8 + 24
        heights = []
        for width, frame in ((337, 73), (620, 77), (756, 77)):
            lines = -(-longest * 7.6 // width)
            heights.append(round(Places(width, len(self.a), len(self.b)).height + 32 + lines * 21 + frame))
        return tuple(heights)

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        rows, columns = len(self.a), len(self.b)
        what = "chances of one die" if self.mode == "dice" else "numbers"
        alt = (
            f"A table of {rows} rows and {columns} columns. Along its left side the {what} {_listed(self.factors[0])}, "
            f"along its top {_listed(self.factors[1])}; in each cell the product. Below, one bar for each diagonal: "
            f"{_listed(self.output)}. The diagonal of {self.n} is lit, and its {len(self.pairs)} cells are the bricks "
            f"of the bar of {self.n}."
        )
        return alt, f"Pairs with the same sum lie on one diagonal, and stack up to one bar. {self.sentence()}"

    def still(self) -> Figure:
        """Draw the table and the outputs, as the live widget does at rest."""
        places = Places(460, len(self.a), len(self.b))
        fig, ax = plot.sheet(places.width, places.height)
        self._draw_sides(ax, places)
        unit, zero = self._scale(places)
        self._draw_table(ax, places, unit)
        self._draw_outputs(ax, places, unit, zero)
        return fig

    def _scale(self, places: Places) -> tuple[float, float]:
        """How high a product of 1 is, and where the outputs' zero line lies."""
        up, down = np.zeros(len(self.output)), np.zeros(len(self.output))
        for (i, j), product in np.ndenumerate(self.products):
            up[i + j] += max(product, 0)
            down[i + j] += max(-product, 0)
        tallest = max(np.abs(self.products).max(), 1e-12)
        unit = min((places.cell[1] - 2) / tallest, places.bars / max(up.max() + down.max(), 1e-12))
        reach = max(up.max() + down.max(), 1e-12)
        return unit, places.zone + places.bars * up.max() / reach

    def _side_scale(self, values: np.ndarray) -> float:
        most = np.abs(values).max()
        if self.mode == "dice":
            return 0.5 if most <= 0.5 and len(values) > 2 else 1.0
        return float(max(3, np.ceil(most)))

    def _draw_sides(self, ax: Axes, places: Places) -> None:
        wide, high = places.cell
        a, b = self.factors
        for i, value in enumerate(a):
            length = abs(value) / self._side_scale(a) * places.HEADER
            at = (places.left - places.LABEL - length, places.top + i * high + 3)
            _brick(ax, at, length, high - 6, "input", value)
            text = str(i + self.start) if self.mode == "dice" else _brief(value)
            plot.label(ax, places.left - places.LABEL / 2, places.top + (i + 0.5) * high, text, "muted")
        for j, value in enumerate(b):
            length = abs(value) / self._side_scale(b) * places.HEADER
            at = (places.left + j * wide + 4, places.top - places.LABEL - length)
            _brick(ax, at, wide - 8, length, "kernel", value)
            text = str(j + self.start) if self.mode == "dice" else _brief(value)
            plot.label(ax, places.left + (j + 0.5) * wide, places.top - places.LABEL / 2, text, "muted")
        names = ("first die", "second die") if self.mode == "dice" else ("$a$", "$b$")
        plot.label(ax, places.left - places.LABEL - 2, places.top - 9, names[0], "input", ha="right")
        plot.label(ax, places.left - 8, places.TIP + places.HEADER / 2, names[1], "kernel", ha="right")

    def _draw_table(self, ax: Axes, places: Places, unit: float) -> None:
        wide, high = places.cell
        for (i, j), product in np.ndenumerate(self.products):
            x, y = places.left + j * wide, places.top + i * high
            ax.add_patch(Rectangle((x, y), wide, high, fill=False, edgecolor=plot.COLORS["grid"], linewidth=0.8))
            tall = abs(product) * unit
            alpha = 1.0 if (i, j) in self.pairs else 0.28
            _brick(ax, (x + 1.5, y + high - 1 - tall), wide - 3, tall, "product", product, alpha)

    def _draw_outputs(self, ax: Axes, places: Places, unit: float, zero: float) -> None:
        wide = places.cell[0]
        for m, value in enumerate(self.output):
            x, lit = places.slot(m), m == self.n - self.first
            if not lit:
                _brick(ax, (x + 1.5, zero - max(value, 0) * unit), wide - 3, abs(value) * unit, "output", 1)
            plot.label(
                ax, x + wide / 2, places.height - places.TICKS / 2, str(m + self.first), "ink" if lit else "muted"
            )
        up = down = zero
        for i, j in self.pairs:
            tall = self.products[i, j] * unit
            up, down = (up - tall, down) if tall >= 0 else (up, down - tall)
            at = up if tall >= 0 else down + tall
            _brick(ax, (places.slot(i + j) + 1.5, at + 0.5), wide - 3, max(abs(tall) - 1, 0), "product", tall)
        ax.axhline(zero, color=plot.COLORS["muted"], linewidth=0.8)
        m = self.n - self.first
        value = self.output[m]
        said = self.sentence().split(": ")[-1].rstrip(".").split("= ")[-1]
        plot.label(ax, places.slot(m) + wide / 2, min(up, zero - value * unit) - 8, said, "output")


def _brick(ax: Axes, at: tuple, width: float, height: float, role: str, sign: float, alpha: float = 1.0) -> None:
    """A rectangle from its upper left corner; hollow where it stands for a negative number."""
    color = plot.COLORS[role]
    fill = {"facecolor": color, "linewidth": 0} if sign >= 0 else {"fill": False, "edgecolor": color, "linewidth": 1.5}
    ax.add_patch(Rectangle(at, width, height, alpha=alpha, **fill))


def _wholes(weights: tuple[float, ...]) -> list[int] | None:
    """The weights as small whole numbers in the same proportion, or None; halves and the like stay what they are."""
    least = min(weight for weight in weights if weight > 0)
    for unit in (least, 1.0):
        scaled = [weight / unit for weight in weights]
        if all(abs(s - round(s)) < 1e-6 for s in scaled) and sum(scaled) <= 20:
            return [round(s) for s in scaled]
    return None


def _brief(value: float, digits: int = 2) -> str:
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"
    return "0" if text in ("-0", "") else text.replace("-", "−")


def _factor(value: float) -> str:
    return f"({_brief(value)})" if value < 0 else _brief(value)


def _listed(values: np.ndarray) -> str:
    return ", ".join(_brief(value, 3) for value in values)
