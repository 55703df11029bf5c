"""GradientFlow: a layer in small numbers, and the way back: what each output's gradient sends to input and kernel."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convlib import plot, shapes
from convlib.widgets.base import Widget
from convlib.widgets.traits import Choice, Count, Number, OutOfRange, Square, Subset

VIEWS = ("scatter", "convolution")
SHOWN = ("forward", "dx", "dw", "words", "play", "settings")
#: Most columns of x with its padding, w and y together: more numbers a phone cannot show beside each other.
COLUMNS = 17
#: More outputs than there can be: so many gradients sent are all of them, whatever the settings.
ALL = 49
_SETTINGS = ("size", "kernel_size", "stride", "padding", "dilation")
#: Numbers to begin with, as many of them as the settings have places for.
X = (
    (1, 2, 0, 3, 1, 2, 0),
    (0, 1, 3, 1, 2, 0, 1),
    (2, 0, 1, 2, 0, 3, 2),
    (1, 3, 2, 0, 1, 1, 0),
    (0, 2, 1, 1, 3, 0, 2),
    (2, 1, 0, 2, 0, 1, 3),
    (1, 0, 2, 1, 2, 3, 1),
)
W = ((1, 2, 0), (0, 1, -1), (-1, 0, 2))
DY = ((0, 0, 0), (0, 1, 0), (0, 0, 0))


@dataclass(frozen=True)
class Sizes:
    """All sizes along one axis; rows and columns have the same."""

    reach: int  #: of one window: d(k − 1) + 1
    length: int  #: of x with its padding
    outputs: int  #: of y
    full: int  #: from the first window's start to the last one's end
    rim: int  #: zeros around dy, spread out, for the convolution that gives dx: d(k − 1) − p
    spread: int  #: of dy, spread out, with what no window reaches appended, and with that rim

    @property
    def left_over(self) -> int:
        """Samples of x, padding included, at its end that no window reaches: what the floor drops."""
        return self.length - self.full


class GradientFlow(Widget):
    r"""Input, kernel and output of a layer with one channel, and under each the gradient of the loss by it.

    The layer computes :math:`y = w \star x`, a correlation.  Given :math:`\mathrm{d}y`, the gradient by its output,

    .. math::

        \mathrm{d}w[u, v] = \sum_{i,j} \mathrm{d}y[i, j]\; x[is + ud - p,\, js + vd - p], \qquad
        \mathrm{d}x[a, b] = \sum \mathrm{d}y[i, j]\; w[u, v],

    where the second sum is over all places and taps with :math:`a = is + ud - p` and :math:`b = js + vd - p`: a
    convolution, which flips the kernel.  A dy that is touched is *scattered*; a dx or dw is *gathered*.

    Parameters
    ----------
    size, kernel_size : int
        Rows and columns of x, 4 to 7, and of w, 1 to 3.
    stride, padding, dilation : int
        s from 1 to 3, p from 0 to 2, d from 1 to 2.
    x, w, dy : array_like of int, shapes (size, size), (kernel_size, kernel_size) and (outputs, outputs)
        Whole numbers from -9 to 9; kept as tuples of rows.  When the settings change, they are cut, or go on as they
        do by default; of a dy of which nothing but zeros is left, a 1 remains.
    view : {"scatter", "convolution"}
        What the upper row shows: the layer's way forward; or dy, spread out by the stride and padded, and the kernel
        flipped, whose convolution is dx.
    done : float
        How many gradients other than 0, row after row, have been sent back, rounded to a multiple of 0.05; part of one
        is on its way.  By default 49: more than there can be stands for all.
    show : list of {"forward", "dx", "dw", "words", "play", "settings"}
        A reduced view of these parts alone, always with dy; empty for all.

    Raises
    ------
    ValueError
        For settings that do not go together: in the words of ``convlib.shapes``, or for a padding above d(k − 1), which
        no window needs, or for more than 17 columns of x, padded, w and y.  For tables of another shape.

    Examples
    --------
    >>> widget = GradientFlow(dy=[[0, 0, 0], [0, 0, -2], [0, 0, 0]])
    >>> widget.dx
    array([[ 0,  0,  0,  0,  0],
           [ 0,  0, -2, -4,  0],
           [ 0,  0,  0, -2,  2],
           [ 0,  0,  2,  0, -4],
           [ 0,  0,  0,  0,  0]])
    >>> widget.dw
    array([[-6, -2, -4],
           [-2, -4,  0],
           [-4,  0, -2]])
    >>> widget.db
    -2
    """

    #: ``fill`` puts numbers into all of dy; ``look=dy1,2`` pins a number of dy, ``dx2,3``, ``dw0,2``, ``x…``, ``w…``
    #: and ``y…`` those of the others.
    orders = ("light", "reset", "play", "pause", "fill", "look")
    parts = ("x", "w", "y", "dx", "dw", "dy")

    size = Count(4, 7, 5).tag(sync=True)
    kernel_size = Count(1, 3, 3).tag(sync=True)
    stride = Count(1, 3, 1).tag(sync=True)
    padding = Count(0, 2, 0).tag(sync=True)
    dilation = Count(1, 2, 1).tag(sync=True)
    x = Square(tuple(row[:5] for row in X[:5]), range(4, 8))
    w = Square(W, range(1, 4))
    dy = Square(DY, range(1, 8))
    view = Choice(VIEWS, "scatter").tag(sync=True)
    done = Number(0, ALL, float(ALL), 0.05).tag(sync=True)
    show = Subset(SHOWN).tag(sync=True)

    @traitlets.validate(*_SETTINGS)
    def _possible(self, proposal: dict) -> int:
        # After the traits' own checks, and once for changes that come together: all are new here.
        given = {each: getattr(self, each) for each in _SETTINGS} | {proposal["trait"].name: proposal["value"]}
        try:
            sizes_of(**given)
        except ValueError as error:
            # Of changes that come together none is the one to blame: the sentence says which setting it is about.
            about = {"x": "size"}.get(first := str(error).split()[0], first)
            raise OutOfRange(f"{type(self).__name__}.{about} does not go with the rest: {error}") from error
        return proposal["value"]

    @traitlets.validate("x", "w", "dy")
    def _fitting(self, proposal: dict) -> tuple:
        name, side = proposal["trait"].name, len(proposal["value"])
        if side != self._sides[name]:
            need, why = self._sides[name], {"x": "size", "w": "kernel_size", "dy": "the outputs"}[name]
            raise OutOfRange(
                f"{type(self).__name__}.{name} must have shape ({need}, {need}) to go with {why}, got ({side}, {side})"
            )
        return proposal["value"]

    @traitlets.observe(*_SETTINGS)
    def _resize(self, _change: object) -> None:
        sides = self._sides
        self.x, self.w = fitted(self.x, sides["x"], X), fitted(self.w, sides["w"], W)
        self.dy = fitted_gradient(self.dy, sides["dy"])

    @property
    def _sides(self) -> dict[str, int]:
        return {"x": self.size, "w": self.kernel_size, "dy": self.sizes.outputs}

    @property
    def sizes(self) -> Sizes:
        """All sizes along one axis."""
        return sizes_of(**{name: getattr(self, name) for name in _SETTINGS})

    @property
    def y(self) -> np.ndarray:
        """The layer's output, shape (outputs, outputs): the correlation of x, padded, with w."""
        links = self._links[:, :, self.padding : self.padding + self.size]
        return np.einsum("uv,uia,vjb,ab->ij", self.w, links, links, self.x)

    @property
    def dx(self) -> np.ndarray:
        """The gradient of the loss by x, shape (size, size)."""
        return self._inside(self._dx(self.dy))

    @property
    def dw(self) -> np.ndarray:
        """The gradient of the loss by w, shape (kernel_size, kernel_size)."""
        return self._dw(self.dy)

    @property
    def db(self) -> int:
        """The gradient of the loss by a bias that is added to every output: the sum of dy."""
        return int(np.sum(self.dy))

    @property
    def sent(self) -> np.ndarray:
        """As much of dy as has been sent back, shape (outputs, outputs): the others are 0."""
        sent = np.zeros_like(self.dy)
        for place in self._places[: math.floor(self.done)]:
            sent[place] = np.array(self.dy)[place]
        return sent

    @property
    def _places(self) -> list[tuple[int, int]]:
        """Where dy is not 0, row after row."""
        return [tuple(map(int, place)) for place in np.argwhere(np.array(self.dy))]

    @property
    def _links(self) -> np.ndarray:
        """For each tap which output it links with which sample, padding included; shape (taps, outputs, length)."""
        s = self.sizes
        u, i, a = np.ogrid[: self.kernel_size, : s.outputs, : s.length]
        return (i * self.stride + u * self.dilation == a).astype(int)

    def _dx(self, dy: np.ndarray) -> np.ndarray:
        """With what falls on the padding, shape (length, length)."""
        return np.einsum("ij,uv,uia,vjb->ab", dy, self.w, self._links, self._links)

    def _dw(self, dy: np.ndarray) -> np.ndarray:
        links = self._links[:, :, self.padding : self.padding + self.size]
        return np.einsum("ij,uia,vjb,ab->uv", dy, links, links, self.x)

    def _inside(self, padded: np.ndarray) -> np.ndarray:
        return padded[self.padding : self.padding + self.size, self.padding : self.padding + self.size]

    @property
    def _visits(self) -> np.ndarray:
        """How many windows each sample along one axis is in, padding included."""
        return self._links.sum(axis=(0, 1))

    @property
    def _shown(self) -> tuple[int, int] | None:
        """The place in dy whose window is framed: of the one that was sent last, unless all of several are."""
        places, sent = self._places, math.floor(self.done)
        whole = sent >= len(places)
        return places[min(sent, len(places)) - 1] if places and sent and not (whole and len(places) > 1) else None

    def sentence(self) -> str:
        """What the present state shows, in words."""
        places, sent = self._places, math.floor(self.done)
        if sent < len(places):
            if not sent:
                return "No gradient has been sent back yet: dx and dw are still 0."
            (i, j), count = places[sent - 1], f"{sent} of {len(places)} sent"
            value = signed(self.dy[i][j])
            return f"{count}: dy[{i}, {j}] = {value} has laid {value}·w on dx, and {value} times its window of x on dw."
        if self.view == "convolution":
            return _as_convolution(self)
        if lost := _lost(self):
            return lost
        if not places:
            return "All of dy is 0: nothing flows back. Change one of its numbers."
        if len(places) == 1:
            value = signed(self.dy[places[0][0]][places[0][1]])
            kernel = "the kernel itself" if value == "1" else f"{value}·w"
            kernel += ", spread out," if self.dilation > 1 < self.kernel_size else ""
            if self.padding:
                return (
                    f"A single gradient of {value} prints {kernel} into dx, upright; what falls on the padding is lost."
                )
            window = "its window of x into dw" if value == "1" else f"{value} times its window of x into dw"
            return f"A single gradient of {value} prints {kernel} into dx, upright, and {window}."
        rim = " What falls on the padding is thrown away." if self.padding else ""
        return f"Each dy lays dy·w on its window of dx, and dy·x on dw; where windows overlap, they add up.{rim}"

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget: its picture, the sentence's lines, the controls, the foot and the frame."""
        heights = []
        for width, frame in ((337, 53), (620, 59), (756, 59)):
            narrow = width < 480
            words = (68 if narrow else 47) * self._shows("words")
            play = (80 if narrow else 42) * self._shows("play")
            settings = (106 if narrow else 72) * self._shows("settings")
            heights.append(round(Places(width, self).height + words + play + settings + frame))
        return tuple(heights)

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        s = self.sizes
        sent = self.sent
        around = f", with {self.padding} of padding at each end" if self.padding else ""
        alt = (
            f"A layer in numbers. Above, the input x, {self.size} by {self.size}{around}, the kernel w, "
            f"{_listed(self.w)}, and the output y, {s.outputs} by {s.outputs}. Below, the gradients of the loss by "
            f"each: dy, {_listed(sent)}; dw, {_listed(self._dw(sent))}; dx, {_listed(self._inside(self._dx(sent)))}."
        )
        if self.view == "convolution":
            alt = alt.replace("Above,", "Above, dy spread out and padded, and the kernel flipped. The layer has")
        return alt, f"{self.sentence()} The gradient by the bias is the sum of dy, {signed(self.db)}."

    def still(self) -> Figure:
        """Draw the tables, as the live widget does on a phone."""
        places = Places(337, self)
        fig, ax = plot.sheet(places.width, places.height, inches=STILL)
        if self._shows("forward"):
            self._draw_convolution(ax, places) if self.view == "convolution" else self._draw_forward(ax, places)
        self._draw_gradients(ax, places)
        return fig

    def _draw_forward(self, ax: Axes, g: Places) -> None:
        x = np.pad(self.x, self.padding)
        _table(ax, g.boxes["x"], g.cell, x, "input", "$x$", self._kinds(x))
        _table(ax, g.boxes["w"], g.cell, np.array(self.w), "kernel", "$w$")
        _table(ax, g.boxes["y"], g.cell, self.y, "output", "$y$")
        for name, sign in (("w", "⋆"), ("y", "=")):
            middle = g.boxes["x"][1] + self.kernel_size * g.cell / 2
            plot.label(ax, g.boxes[name][0] - g.gap / 2, middle, sign, fontsize=9)
        self._draw_window(ax, g.boxes["x"], g.cell)

    def _draw_convolution(self, ax: Axes, g: Places) -> None:
        s = self.sizes
        dy, real = np.zeros((s.spread, s.spread), dtype=int), np.zeros((s.spread, s.spread), dtype=bool)
        at = np.ix_(*[s.rim + self.stride * np.arange(s.outputs)] * 2)
        dy[at], real[at] = self.dy, True
        kinds = np.where(real, "", "rim")
        _table(ax, g.boxes["x"], g.small, dy, "gradient", "$dy$, spread out", kinds)
        _table(ax, g.boxes["w"], g.small, np.array(self.w)[::-1, ::-1], "kernel", "$w$, flipped")
        middle = g.boxes["x"][1] + self.kernel_size * g.small / 2
        plot.label(ax, g.boxes["w"][0] - g.gap / 2, middle, "⋆", fontsize=9)

    def _draw_gradients(self, ax: Axes, g: Places) -> None:
        sent = self.sent
        if self._shows("dx"):
            dx = self._dx(sent)
            _table(ax, g.boxes["dx"], g.cell, dx, "gradient", "$dx$", self._kinds(dx))
            self._draw_window(ax, g.boxes["dx"], g.cell)
        if self._shows("dw"):
            _table(ax, g.boxes["dw"], g.cell, self._dw(sent), "gradient", "$dw$")
        left, top = g.boxes["dy"]
        _table(ax, (left, top), g.cell, np.array(self.dy), "gradient", "$dy$")
        if self._shown:
            _frame(ax, (left + self._shown[1] * g.cell, top + self._shown[0] * g.cell), g.cell)
        under = top + self.sizes.outputs * g.cell + 11
        plot.label(ax, left, under, f"$db$ = {signed(self.db)}", "gradient", ha="left", fontsize=8.5)

    def _draw_window(self, ax: Axes, corner: tuple[float, float], cell: float) -> None:
        if self._shown:
            i, j = (self.stride * place for place in self._shown)
            _frame(ax, (corner[0] + j * cell, corner[1] + i * cell), self.sizes.reach * cell)

    def _kinds(self, padded: np.ndarray) -> np.ndarray:
        """Of each place whether it is padding, or lies in no window."""
        kinds = np.full(padded.shape, "rim")
        self._inside(kinds)[:] = ""
        unseen = np.multiply.outer(self._visits, self._visits) == 0
        return np.where((kinds == "") & unseen, "bare", kinds)


#: Inches across the still picture: narrower than other figures, for its numbers are as large as a phone's.
STILL = 3.6


class Places:
    """Where the tables stand, in pixels: the same numbers as ``geometry`` in gradient_flow.js."""

    TITLE, UNDER = 20, 20  # the line over each table; the one under dy

    def __init__(self, width: float, widget: GradientFlow) -> None:
        s, k = widget.sizes, widget.kernel_size
        narrow = width < 480
        self.width, self.gap = width, 14 if narrow else 44
        forward, dx, dw = (widget._shows(part) for part in ("forward", "dx", "dw"))
        # Columns of which a reduced view shows neither table take no room.
        across = [s.length * (forward or dx), k * (forward or dw), s.outputs]
        gaps = self.gap * (np.count_nonzero(across) - 1)
        self.cell = int(min(27 if narrow else 34, 240 / s.length, (width - gaps) / sum(across)))
        self.small = int(min(self.cell, s.length * self.cell / s.spread))
        tall = s.length * self.cell
        x = (width - sum(across) * self.cell - gaps) / 2
        w = x + (tall + self.gap) * (forward or dx)
        y = w + (k * self.cell + self.gap) * (forward or dw)
        below = self.TITLE + (tall + 10 + self.TITLE) * forward
        self.boxes = {"x": (x, self.TITLE), "w": (w, self.TITLE), "y": (y, self.TITLE)}
        self.boxes |= {"dx": (x, below), "dw": (w, below), "dy": (y, below)}
        lower = tall if dx else k * self.cell * dw
        self.height = below + max(lower, s.outputs * self.cell + self.UNDER) + 4


def sizes_of(size: int, kernel_size: int, stride: int, padding: int, dilation: int) -> Sizes:
    """All sizes along one axis.

    Raises
    ------
    ValueError
        If the settings do not go together; the message begins with the one that it is about.

    Examples
    --------
    >>> s = sizes_of(size=6, kernel_size=3, stride=2, padding=0, dilation=1)
    >>> s.outputs, s.left_over, s.rim, s.spread
    (2, 1, 2, 8)
    >>> sizes_of(size=5, kernel_size=1, stride=1, padding=1, dilation=1)
    Traceback (most recent call last):
    ...
    ValueError: padding must be at most d(k − 1) = 0, got 1: a window would see nothing but zeros
    """
    most = dilation * (kernel_size - 1)
    if padding > most:
        raise ValueError(
            f"padding must be at most d(k − 1) = {most}, got {padding}: a window would see nothing but zeros"
        )
    outputs = shapes.output_size(size, kernel_size, stride, padding, dilation)
    length = size + 2 * padding
    columns = length + kernel_size + outputs
    if columns > COLUMNS:
        raise ValueError(f"x with its padding, w and y must have at most {COLUMNS} columns together, got {columns}")
    return Sizes(most + 1, length, outputs, (outputs - 1) * stride + most + 1, most - padding, size + most)


def fitted(table: tuple, side: int, beyond: tuple) -> tuple[tuple[int, ...], ...]:
    """A square table with other rows and columns: cut, or going on with the numbers that stand there in another one.

    Examples
    --------
    >>> fitted(((1, 2), (3, 4)), 1, W), fitted(((5,),), 2, W)
    (((1,),), ((5, 2), (0, 1)))
    """
    given = len(table)
    return tuple(
        tuple(table[i][j] if i < given and j < given else beyond[i][j] for j in range(side)) for i in range(side)
    )


def fitted_gradient(table: tuple, side: int) -> tuple[tuple[int, ...], ...]:
    """The same for dy, going on with zeros; if of its other numbers none is left, a 1 stands in the middle.

    Examples
    --------
    >>> fitted_gradient(((0, 0, 0), (0, 0, 3), (0, 0, 0)), 2), fitted_gradient(((0,),), 2)
    (((1, 0), (0, 0)), ((0, 0), (0, 0)))
    """
    fits = [list(row) for row in fitted(table, side, ((0,) * side,) * side)]
    middle = (side - 1) // 2
    if np.any(table) and not np.any(fits):
        fits[middle][middle] = 1
    return tuple(map(tuple, fits))


# ---- words: the same as in gradient_flow.js -------------------------------------------------------------------------


def signed(value: int) -> str:
    """A whole number with a true minus sign.

    Examples
    --------
    >>> signed(-2), signed(3)
    ('−2', '3')
    """
    return str(int(value)).replace("-", "−")


def _as_convolution(widget: GradientFlow) -> str:
    s = widget.sizes
    spread = f"spread out by the stride of {widget.stride}, " if widget.stride > 1 and s.outputs > 1 else ""
    rest = f"{s.left_over} more at its end, " if s.left_over else ""
    return f"dx by sliding: dy, {spread}{rest}padded by d(k − 1) − p = {s.rim}, under the kernel flipped. Touch a dx."


def _lost(widget: GradientFlow) -> str:
    """What is in no window."""
    s = widget.sizes
    unseen = min(widget.size, max(0, s.left_over - widget.padding))
    bare = np.count_nonzero(widget._visits[widget.padding : widget.padding + widget.size] == 0)
    if bare == unseen > 0:
        last = f"the last {unseen} rows and columns" if unseen > 1 else "the last row and column"
        return f"No window reaches {last} of x: what the stride leaves over has no part in y, and so dx is 0 there."
    if bare:
        return "The hatched places of x lie in no window: they have no part in y, and so dx is 0 there."
    return ""


def _listed(rows: object) -> str:
    return "; ".join(" ".join(map(signed, row)) for row in rows)


# ---- the still picture ----------------------------------------------------------------------------------------------


def _table(
    ax: Axes,
    corner: tuple[float, float],
    cell: float,
    values: np.ndarray,
    role: str,
    title: str,
    kinds: np.ndarray | None = None,
) -> None:
    """Numbers in cells, the deeper in colour the larger; dashed where they are padding, hatched if in no window."""
    largest = max(np.abs(values).max(), 1)
    for (i, j), value in np.ndenumerate(values):
        kind = kinds[i, j] if kinds is not None else ""
        box = (corner[0] + j * cell, corner[1] + i * cell), cell, cell
        if kind != "rim":
            depth = 0.05 + 0.45 * abs(value) / largest
            ax.add_patch(Rectangle(*box, facecolor=plot.COLORS[role], alpha=depth, linewidth=0))
        edge = {"edgecolor": plot.COLORS["muted" if kind == "rim" else "grid"], "linewidth": 0.6}
        ax.add_patch(Rectangle(*box, fill=False, linestyle=(0, (2, 2)) if kind == "rim" else "-", **edge))
        if kind == "bare":
            for share in (0.4, 0.8):
                ends = [box[0][0], box[0][0] + share * cell], [box[0][1] + share * cell, box[0][1]]
                ax.plot(*ends, color=plot.COLORS["muted"], alpha=0.6, linewidth=0.8)
        middle = box[0][0] + cell / 2, box[0][1] + cell / 2
        size = max(5.0, min(8.5, cell * 1.5 / max(2.6, len(str(value)) + 1.6)))
        plot.label(ax, *middle, signed(value), "muted" if kind == "rim" else "ink", fontsize=size)
    plot.label(ax, corner[0], corner[1] - 10, title, role, ha="left", fontsize=8.5)


def _frame(ax: Axes, corner: tuple[float, float], side: float) -> None:
    ax.add_patch(Rectangle(corner, side, side, fill=False, edgecolor=plot.COLORS["product"], linewidth=1.8, zorder=4))
