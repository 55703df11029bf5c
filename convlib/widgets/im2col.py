"""Im2col: the windows of a small image, written out as the rows of a matrix, times the kernel as one column."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convlib import plot
from convlib.widgets.base import Widget
from convlib.widgets.traits import Choice, Number, OutOfRange, Square, Subset

OPERATIONS = ("convolution", "correlation")
SHOWN = ("image", "matrix", "words", "controls")

#: There are 2 × 2 to MOST × MOST windows.
MOST = 4

#: Inches across the still picture: narrower than other figures, for it is tall.
STILL = 3.1


class Im2col(Widget):
    r"""A small image, a kernel, the outputs; and the same as one product: windows as rows, the kernel as a column.

    Only windows that lie wholly inside the image count (mode ``"valid"``), so that the matrix has :math:`(N-K+1)^2`
    rows and :math:`K^2` columns for N × N pixels and K × K taps.

    Parameters
    ----------
    x : array_like of int, shape (N, N)
        The image, whole numbers from -9 to 9; kept as a tuple of rows.  There must be 2 × 2 to 4 × 4 windows:
        N from K + 1 to K + 3.
    w : array_like of int, shape (2, 2) or (3, 3)
        The kernel's taps, whole numbers from -9 to 9; kept as a tuple of rows.
    operation : {"convolution", "correlation"}
        The column of weights is the kernel read backwards, or as it stands.
    t : float
        How many rows are written, rounded to a multiple of 0.05; half a row is one whose numbers are on their way.  By
        default all of them.  It is moved into range when ``x`` or ``w`` leave fewer rows.
    show : list of {"image", "matrix", "words", "controls"}
        A reduced view of these parts alone; empty for all.

    Examples
    --------
    >>> widget = Im2col(x=[[1, 2, 3], [4, 5, 6], [7, 8, 9]], w=[[1, 0], [0, 0]])
    >>> widget.matrix
    array([[1, 2, 4, 5],
           [2, 3, 5, 6],
           [4, 5, 7, 8],
           [5, 6, 8, 9]])
    >>> widget.weights
    array([0, 0, 0, 1])
    >>> widget.output
    array([[5, 6],
           [8, 9]])
    """

    #: ``look=x2,2`` pins a pixel, ``look=w0,1`` a tap, ``look=y1,0`` an output.
    orders = ("light", "reset", "play", "pause", "look")
    parts = ("image", "kernel", "output", "matrix", "weights")

    x = Square(((4, 8, 9, 9, 8), (1, 5, 8, 9, 8), (1, 2, 6, 8, 9), (1, 1, 2, 7, 8), (0, 1, 1, 2, 6)), range(3, 7))
    w = Square(((1, 0, -1), (2, 0, -2), (1, 0, -1)), range(2, 4))
    operation = Choice(OPERATIONS, "convolution").tag(sync=True)
    t = Number(0, MOST**2, 9.0, 0.05).tag(sync=True)
    show = Subset(SHOWN).tag(sync=True)

    @traitlets.default("t")
    def _all_rows(self) -> float:
        return float(self.count)

    @traitlets.validate("x", "w")
    def _fitting(self, proposal: dict) -> tuple:
        # After the traits' own checks, and once for changes that come together: both are new here.
        given = {"x": self.x, "w": self.w, proposal["trait"].name: proposal["value"]}
        pixels, taps = len(given["x"]), len(given["w"])
        if not taps < pixels < taps + MOST:
            allowed = f"{taps + 1} to {taps + MOST - 1} rows for a kernel of {taps} × {taps}"
            raise OutOfRange(f"{type(self).__name__}.x must have {allowed}, got {pixels}")
        return proposal["value"]

    @traitlets.validate("t")
    def _written(self, proposal: dict) -> float:
        if proposal["value"] > self.count:
            raise OutOfRange(f"{type(self).__name__}.t must be between 0 and {self.count}, got {proposal['value']:g}")
        return proposal["value"]

    @traitlets.observe("x", "w")
    def _keep_t_in_range(self, _change: object) -> None:
        self.t = min(self.t, self.count)

    @property
    def count(self) -> int:
        """How many windows there are."""
        return (len(self.x) - len(self.w) + 1) ** 2

    @property
    def matrix(self) -> np.ndarray:
        """The windows as rows, shape (windows, K²): ``matrix @ weights`` is the output, row after row."""
        taps = len(self.w)
        windows = np.lib.stride_tricks.sliding_window_view(np.array(self.x), (taps, taps))
        return windows.reshape(-1, taps * taps)

    @property
    def weights(self) -> np.ndarray:
        """The kernel as a column, shape (K²,): read backwards for a convolution."""
        column = np.array(self.w).ravel()
        return column[::-1] if self.operation == "convolution" else column

    @property
    def output(self) -> np.ndarray:
        """The outputs in their places, shape (N - K + 1, N - K + 1)."""
        side = math.isqrt(self.count)
        return (self.matrix @ self.weights).reshape(side, side)

    @property
    def row(self) -> int:
        """The row that was written last, or is being written, counted from 0."""
        return max(math.ceil(self.t) - 1, 0)

    def sentence(self) -> str:
        """What the present row adds up to."""
        terms = " + ".join(
            f"{_factor(pixel)}·{_factor(tap)}".replace("-", "−")
            for pixel, tap in zip(self.matrix[self.row], self.weights, strict=True)
        )
        i, j = divmod(self.row, math.isqrt(self.count))
        value = str(self.output[i, j]).replace("-", "−")
        return f"y[{i}, {j}] = {terms} = {value}"

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget: its picture, the sentence's lines, the controls, the foot and the frame."""
        heights = []
        for width, frame in ((337, 56), (620, 61), (756, 61)):
            places = Places(width, len(self.x), len(self.w), *(self._shows(part) for part in ("image", "matrix")))
            narrow = width < 480
            words = (85 if narrow else 49) * self._shows("words")
            controls = (80 if narrow else 42) * self._shows("controls")
            heights.append(round(places.height + words + controls + frame))
        return tuple(heights)

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        pixels, taps = len(self.x), len(self.w)
        written, size = math.floor(self.t), f"{self.count} × {taps * taps} = {self.matrix.size}"
        order = "read backwards" if self.operation == "convolution" else "read as it stands"
        if not self._shows("matrix"):
            alt = (
                f"An image of {pixels} by {pixels} pixels, {_listed(self.x)}; a kernel of {taps} by {taps} taps, "
                f"{order}, {_listed(self.w)}; and the outputs {_listed(self.output)}. Window and output {self.row} "
                "are framed."
            )
            return alt, f"Each output is made of one window of the image. The framed one: {self.sentence()}."
        alt = (
            f"An image of {pixels} by {pixels} pixels, a kernel of {taps} by {taps} taps, and the outputs "
            f"{_listed(self.output)}. Below, the same as a product: a matrix of {self.count} rows and {taps * taps} "
            f"columns, with {written} rows written, each one window of the image: {_listed(self.matrix[:written])}; "
            f"times the kernel as a column, {order}: {', '.join(map(str, self.weights))}. "
            f"Window, row and output {self.row} are framed."
        )
        caption = (
            f"Each window of the image is written out as a row: {pixels * pixels} pixels become {size} numbers, "
            f"and one product gives all outputs. The framed row: {self.sentence()}."
        )
        return alt, caption

    def still(self) -> Figure:
        """Draw image, kernel and outputs over the matrix product, as the live widget does on a phone."""
        places = Places(337, len(self.x), len(self.w), *(self._shows(part) for part in ("image", "matrix")))
        height = max(places.height, 60)
        fig, ax = plot.sheet(places.width, height, inches=STILL)
        if places.image:
            self._draw_image(ax, places)
        if places.matrix:
            self._draw_matrix(ax, places)
        return fig

    def _draw_image(self, ax: Axes, places: Places) -> None:
        side, taps = places.side, len(self.w)
        cell = places.cell, places.cell
        i, j = divmod(self.row, side)
        written = np.arange(side * side).reshape(side, side) < math.floor(self.t)
        boxes = places.boxes
        _table(ax, boxes["x"], cell, np.array(self.x), "input", "image $x$")
        _table(ax, boxes["w"], cell, np.array(self.w), "kernel", "kernel $w$")
        _table(ax, boxes["y"], cell, self.output, "output", "output $y$", written)
        star = "∗" if self.operation == "convolution" else "⋆"
        for name, sign in (("w", star), ("y", "=")):
            plot.label(ax, boxes[name][0] - places.sign / 2, boxes["x"][1] + places.cell * taps / 2, sign)
        _frame(ax, boxes["x"], cell, (i, j), (taps, taps))
        _frame(ax, boxes["y"], cell, (i, j), (1, 1))

    def _draw_matrix(self, ax: Axes, places: Places) -> None:
        boxes, (wide, high) = places.boxes, places.entry
        written = (np.arange(self.count) < math.floor(self.t))[:, np.newaxis]
        matrix, weights, output = self.matrix, self.weights[:, np.newaxis], self.output.reshape(-1, 1)
        _table(ax, boxes["rows"], (wide, high), matrix, "input", "its windows, as rows", written + 0 * matrix > 0)
        _table(ax, boxes["column"], (places.weight, high), weights, "kernel", "")
        _table(ax, boxes["result"], (places.result, high), output, "output", "", written)
        middle = boxes["rows"][1] + min(places.side, places.taps) ** 2 * high / 2
        name = "$w$, flipped" if self.operation == "convolution" else "$w$"
        plot.label(ax, boxes["column"][0] + places.weight, boxes["column"][1] - 10, name, "kernel", ha="right")
        plot.label(ax, boxes["result"][0] + places.result, boxes["result"][1] - 10, "$y$", "output", ha="right")
        plot.label(ax, boxes["column"][0] - places.sign / 2, middle, "·")
        plot.label(ax, boxes["result"][0] - places.sign / 2, middle, "=")
        _frame(ax, boxes["rows"], (wide, high), (self.row, 0), (1, matrix.shape[1]))
        _frame(ax, boxes["result"], (places.result, high), (self.row, 0), (1, 1))


@dataclass(frozen=True)
class Places:
    """Where everything stands, in pixels: the same numbers as ``geometry`` in im2col.js."""

    width: float
    pixels: int
    taps: int
    image: bool = True
    matrix: bool = True

    TITLE = 19  # the line over each table

    @property
    def narrow(self) -> bool:
        """Whether the matrix stands under the image, not beside it."""
        return self.width < 480

    @property
    def side(self) -> int:
        """Rows and columns of the outputs."""
        return self.pixels - self.taps + 1

    @property
    def sign(self) -> int:
        """Room of a sign between two tables."""
        return 22 if self.narrow else 26

    @property
    def cell(self) -> int:
        """Side of a pixel."""
        if not self.narrow:
            return 30
        return int(min(27, (self.width - 2 * self.sign) // (self.pixels + self.taps + self.side)))

    @property
    def weight(self) -> int:
        """Width of the column of weights."""
        return 26 if self.narrow else 34

    @property
    def result(self) -> int:
        """Width of the column of outputs."""
        return 36 if self.narrow else 44

    @property
    def left(self) -> int:
        """Width of the tables beside the matrix, and of the space between; 0 where they stand above it."""
        if self.narrow or not self.image:
            return 0
        return max(self.pixels * self.cell, (self.taps + self.side) * self.cell + self.sign) + 40

    @property
    def entry(self) -> tuple[int, int]:
        """Width and height of a number in the matrix."""
        spare = self.width - self.left - self.weight - self.result - 2 * self.sign
        many = self.side > 3
        most, high = (26, 16 if many else 22) if self.narrow else (34, 20 if many else 30)
        return int(min(most, spare // self.taps**2)), high

    @property
    def product(self) -> float:
        """Width of the matrix, the weights and the outputs."""
        return self.taps**2 * self.entry[0] + self.weight + self.result + 2 * self.sign

    @property
    def start(self) -> tuple[float, float]:
        """Left upper corner of the image: everything stands in the middle."""
        used = (self.pixels + self.taps + self.side) * self.cell + 2 * self.sign
        if self.left:
            used = self.left + self.product if self.matrix else self.left - 40
        return (self.width - used) / 2, self.TITLE

    @property
    def boxes(self) -> dict[str, tuple[float, float]]:
        """Left upper corners of the tables."""
        x, cell = self.start, self.cell
        under = self.TITLE + self.pixels * cell + 12  # where the next table's title begins
        w = (x[0], under + self.TITLE) if self.left else (x[0] + self.pixels * cell + self.sign, x[1])
        y = w[0] + self.taps * cell + self.sign, w[1]
        left = x[0] + self.left if self.left else (self.width - self.product) / 2
        top = self.TITLE + (under if self.image and not self.left else 0)
        column = left + self.taps**2 * self.entry[0] + self.sign
        result = column + self.weight + self.sign
        return {"x": x, "w": w, "y": y, "rows": (left, top), "column": (column, top), "result": (result, top)}

    @property
    def height(self) -> float:
        """Of the whole picture."""
        boxes, cell = self.boxes, self.cell
        image = max(boxes["x"][1] + self.pixels * cell, boxes["w"][1] + max(self.taps, self.side) * cell) + 3
        product = boxes["rows"][1] + max(self.side, self.taps) ** 2 * self.entry[1] + 3
        return max(image * self.image, product * self.matrix)


def _factor(value: int) -> str:
    return f"({value})" if value < 0 else str(value)


def _listed(rows: np.ndarray) -> str:
    return "; ".join(" ".join(map(str, row)) for row in rows)


def _table(
    ax: Axes,
    corner: tuple[float, float],
    cell: tuple[float, float],
    values: np.ndarray,
    role: str,
    title: str,
    written: np.ndarray | None = None,
) -> None:
    """Numbers in cells, the deeper in colour the larger they are; only those that are ``written``."""
    largest = max(np.abs(values).max(), 1)
    for (i, j), value in np.ndenumerate(values):
        box = (corner[0] + j * cell[0], corner[1] + i * cell[1]), *cell
        there = written is None or written[i, j]
        ax.add_patch(Rectangle(*box, facecolor=plot.COLORS["paper"], edgecolor=plot.COLORS["grid"], linewidth=0.6))
        if not there:
            continue
        ax.add_patch(Rectangle(*box, facecolor=plot.COLORS[role], alpha=0.45 * abs(value) / largest, linewidth=0))
        text = str(value).replace("-", "−")
        small = {"fontsize": 7 if len(text) > 2 and cell[0] < 30 else 8.5} if cell[1] < 20 or len(text) > 2 else {}
        plot.label(ax, box[0][0] + cell[0] / 2, box[0][1] + cell[1] / 2, text, **small)
    plot.label(ax, corner[0], corner[1] - 10, title, role, ha="left")


def _frame(ax: Axes, corner: tuple, cell: tuple, place: tuple[int, int], size: tuple[int, int]) -> None:
    """A frame about ``size`` cells (rows, columns), at row and column ``place``."""
    at = corner[0] + place[1] * cell[0], corner[1] + place[0] * cell[1]
    color = plot.COLORS["output"]
    ax.add_patch(
        Rectangle(at, size[1] * cell[0], size[0] * cell[1], fill=False, edgecolor=color, linewidth=1.8, zorder=3)
    )
