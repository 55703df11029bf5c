"""ConvArithmetic: how many samples go in and come out, which window makes which output, and all of it turned round."""

from __future__ import annotations

import math
from dataclasses import dataclass
from textwrap import wrap

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convlib import plot, shapes
from convlib.widgets.base import Widget
from convlib.widgets.traits import Choice, Count, Number, OutOfRange, Subset

AXES = ("auto", "line", "plane")
PADS = ("number", "same", "causal")
OPERATIONS = ("correlation", "convolution")
SHOWN = ("picture", "words", "controls", "formula", "code")

#: Most samples in a row, padding included: what a phone can show.
LONGEST = 28
#: Up to this width in CSS pixels, inside its frame, the widget shows a line unless told otherwise.
NARROW = 447
_NUMBERS = ("size", "taps", "stride", "padding", "dilation", "output_padding", "channels", "groups")
_SETTINGS = (*_NUMBERS, "pad", "transposed", "operation", "axes")
#: Names that lines pass behind.
_ON_PAPER = {"zorder": 7, "bbox": {"facecolor": plot.COLORS["paper"], "edgecolor": "none", "pad": 0.5}}
_LETTERS = "abcdefghijklmnopqrstuvwxy"


@dataclass(frozen=True)
class Sizes:
    """All sizes along one axis.

    The *fine* row is the one that windows move on, padding included: the input, or the output if transposed.  The
    *coarse* row has one sample for each window.
    """

    reach: int  #: of one window: d(k − 1) + 1
    low: int  #: padding at the left of the fine row, or what is cut off there
    high: int  #: the same at the right
    coarse: int  #: samples of the coarse row: windows
    fine: int  #: samples of the fine row, without its padding
    full: int  #: from the first window's start to the last one's end
    length: int  #: of the fine row with its padding, or before its ends are cut off
    output: int  #: samples of the output


class ConvArithmetic(Widget):
    r"""A row or an image of small numbers, a kernel and its outputs: who sees whom, and how many there are.

    A convolution makes :math:`\lfloor (n + 2p - d(k-1) - 1)/s \rfloor + 1` outputs; a transposed one leads back,
    :math:`(n-1)s - 2p + d(k-1) + 1` and ``output_padding`` more.  In the plane rows and columns have the same settings.

    Parameters
    ----------
    axes : {"auto", "line", "plane"}
        One axis or two; ``"auto"`` shows a line where the widget is narrow, and where only a line is possible.
    size : int
        n: samples of the input, 1 to 12.
    taps, stride, padding, dilation : int
        k from 1 to 5, s from 1 to 4, p from 0 to 4, d from 1 to 4.
    output_padding : int
        0 to 3; of effect only if transposed.
    pad : {"number", "same", "causal"}
        ``padding`` at both ends; what keeps the size, as PyTorch has it (stride 1 only); d(k − 1) on the left alone.
    transposed : bool
        Whether each input *stamps* the kernel onto the output instead.
    operation : {"correlation", "convolution"}
        What layers compute, or the kernel turned round.
    channels, groups : int
        In a line: input and output have ``channels`` rows, 1 to 4, in ``groups`` groups that do not see each other.
    t : float
        Which window the picture shows, counted from 0 row by row, rounded to a multiple of 0.05; between whole numbers
        it is on its way.  By default 1 where there is one; it is moved into range when the settings leave fewer.
    heat : bool
        Count in each cell how many windows enter (if transposed: how many stamps), instead of its value.
    show : list of {"picture", "words", "controls", "formula", "code"}
        A reduced view of these parts alone; empty for all.

    Raises
    ------
    ValueError
        For settings that do not go together, in the words of ``convlib.shapes``; also for a row of more than 28
        samples, padding included.

    Examples
    --------
    >>> widget = ConvArithmetic(size=7, taps=3, stride=2, padding=1)
    >>> widget.formula
    '⌊(7 + 2·1 − 1·(3 − 1) − 1)/2⌋ + 1 = ⌊3⌋ + 1 = 4'
    >>> widget.inputs, widget.weights, widget.outputs
    (array([[1, 3, 2, 2, 3, 1, 4]]), array([[[1, 2, 3]]]), array([[11, 13, 11,  9]]))
    >>> widget.visits
    array([1, 2, 1, 2, 1, 2, 1])
    """

    #: ``look=y2`` pins an output, ``look=x3`` an input, ``look=w1`` a weight; in the plane ``look=y1,2``, and in a line
    #: with channels the same with the channel first; ``turn`` turns the arrows round.
    orders = ("light", "reset", "play", "pause", "look", "turn")
    parts = ("input", "kernel", "output", "formula", "code")

    axes = Choice(AXES, "auto").tag(sync=True)
    size = Count(1, 12, 7).tag(sync=True)
    taps = Count(1, 5, 3).tag(sync=True)
    stride = Count(1, 4, 2).tag(sync=True)
    padding = Count(0, 4, 1).tag(sync=True)
    dilation = Count(1, 4, 1).tag(sync=True)
    output_padding = Count(0, 3, 0).tag(sync=True)
    pad = Choice(PADS, "number").tag(sync=True)
    transposed = traitlets.Bool(False).tag(sync=True)
    operation = Choice(OPERATIONS, "correlation").tag(sync=True)
    channels = Count(1, 4, 1).tag(sync=True)
    groups = Count(1, 4, 1).tag(sync=True)
    t = Number(0, LONGEST**2 - 1, 1.0, 0.05).tag(sync=True)
    heat = traitlets.Bool(False).tag(sync=True)
    show = Subset(SHOWN).tag(sync=True)

    @traitlets.default("t")
    def _telling(self) -> float:
        return float(min(1, self._last))

    @traitlets.validate(*_SETTINGS)
    def _possible(self, proposal: dict) -> object:
        # After the traits' own checks, and once for changes that come together: all are new here.
        name, value = proposal["trait"].name, proposal["value"]
        try:
            _check({each: getattr(self, each) for each in _SETTINGS} | {name: value})
        except ValueError as error:
            # Of changes that come together none is the one to blame: the sentence says which setting it is about.
            about = str(error).split()[0]
            about = {"kernel_size": "taps", "in_channels": "channels", "a": "size"}.get(about, about)
            raise OutOfRange(f"{type(self).__name__}.{about} does not go with the rest: {error}") from error
        return value

    @traitlets.validate("t")
    def _a_window(self, proposal: dict) -> float:
        if proposal["value"] > self._last:
            name = f"{type(self).__name__}.t"
            raise OutOfRange(f"{name} must be between 0 and {self._last}, got {proposal['value']:g}")
        return proposal["value"]

    @traitlets.observe(*_SETTINGS)
    def _keep_t_in_range(self, _change: object) -> None:
        self.t = min(self.t, self._last)

    @property
    def _last(self) -> int:
        """The last window there can be: the page may show a line or the plane where the axes are "auto"."""
        count = self.sizes.coarse
        line = self.axes == "line" or (self.axes == "auto" and (self.channels > 1 or self.pad == "causal"))
        return count - 1 if line else count**2 - 1

    @property
    def _plane(self) -> bool:
        return self.axes == "plane"

    @property
    def sizes(self) -> Sizes:
        """All sizes along one axis, by ``convlib.shapes``."""
        return _sizes({name: getattr(self, name) for name in _SETTINGS})

    @property
    def inputs(self) -> np.ndarray:
        """The input, shape (channels, size), in the plane (size, size)."""
        rows, columns = np.indices((self.size if self._plane else self.channels, self.size))
        return 1 + (rows * (rows + 3) // 2 + columns * (columns + 3) // 2 + rows * columns) % 4

    @property
    def weights(self) -> np.ndarray:
        """The weights, shape (channels, channels / groups, taps), in the plane (taps, taps)."""
        if self._plane:
            rows, columns = np.indices((self.taps, self.taps))
            return 1 + (rows + columns) % 3
        outer, inner, taps = np.indices((self.channels, self.channels // self.groups, self.taps))
        return 1 + (outer + 2 * inner + taps) % 3

    @property
    def visits(self) -> np.ndarray:
        """How many windows each sample along one axis is in, or how many stamps it gets; padding left out."""
        sizes = self.sizes
        return self._visits[sizes.low : sizes.low + sizes.fine]

    @property
    def _visits(self) -> np.ndarray:
        places = np.add.outer(np.arange(self.sizes.coarse) * self.stride, np.arange(self.taps) * self.dilation)
        return np.bincount(places.ravel(), minlength=self.sizes.length)

    @property
    def outputs(self) -> np.ndarray:
        """The output, shape (channels, output size), in the plane (output size, output size)."""
        sizes, weights = self.sizes, self.weights
        if self._plane:
            weights = weights[::-1, ::-1] if self.operation == "convolution" else weights
            a = self._matrices()  # (taps, coarse, fine)
            if self.transposed:
                return np.einsum("jk,jpa,kqb,pq->ab", weights, a, a, self.inputs)
            return np.einsum("jk,jpa,kqb,ab->pq", weights, a, a, self.inputs)
        weights = weights[..., ::-1] if self.operation == "convolution" else weights
        a = self._matrices()
        share = self.channels // self.groups
        inner, outer = self.inputs, np.zeros((self.channels, sizes.output), dtype=int)
        for group in range(self.groups):
            rows = slice(group * share, (group + 1) * share)
            rule = "oij,jpa,op->ia" if self.transposed else "oij,jpa,ia->op"
            outer[rows] = np.einsum(rule, weights[rows], a, inner[rows])
        return outer

    def _matrices(self) -> np.ndarray:
        """For each tap which coarse sample it links with which fine one, shape (taps, coarse, fine), of 0 and 1."""
        sizes = self.sizes
        j, p, q = np.ogrid[: self.taps, : sizes.coarse, : sizes.length]
        linked = (p * self.stride + j * self.dilation == q).astype(int)
        return linked[:, :, sizes.low : sizes.low + sizes.fine]

    @property
    def formula(self) -> str:
        """The output's size along an axis, with its numbers."""
        s, reach = self.sizes, f"{self.dilation}·({self.taps} − 1)"
        if self.transposed:
            return (
                f"({self.size} − 1)·{self.stride} − 2·{self.padding} + {reach} + 1 + {self.output_padding} = {s.output}"
            )
        fraction = (self.size + s.low + s.high - s.reach) / self.stride
        added = f"2·{self.padding}" if self.pad == "number" else f"{s.low} + {s.high}"
        text = f"{fraction:.2f}".rstrip("0").rstrip(".")
        return f"⌊({self.size} + {added} − {reach} − 1)/{self.stride}⌋ + 1 = ⌊{text}⌋ + 1 = {s.output}"

    @property
    def code(self) -> str:
        """The layer in PyTorch; a causal one with the padding that goes before it."""
        padding = {"same": '"same"', "causal": 0}.get(self.pad, self.padding)
        options = {
            "stride": (self.stride, 1),
            "padding": (padding, 0),
            "output_padding": (self.output_padding if self.transposed else 0, 0),
            "groups": (self.groups, 1),
            "dilation": (self.dilation, 1),
        }
        given = [f"{name}={value}" for name, (value, usual) in options.items() if value != usual]
        name = f"nn.Conv{'Transpose' if self.transposed else ''}{2 if self._plane else 1}d"
        layer = f"{name}({', '.join([str(self.channels), str(self.channels), str(self.taps), *given])})"
        if self.pad == "causal":
            layer += f"(F.pad(x, ({self.sizes.low}, 0)))"
        axes = "-2, -1" if self._plane else "-1"
        return layer + f"  # with its weight turned: .flip({axes})" * (self.operation == "convolution")

    def lead(self) -> str:
        """What there is to say about the sizes."""
        return _lead(self)

    def sentence(self) -> str:
        """What the present window adds up to, or, if transposed, which products its input stamps."""
        return _window_words(self, *self.window)

    @property
    def window(self) -> tuple[int, int]:
        """Row (in a line: channel 0) and place of the window that is shown, a half rounded up."""
        place = min(math.floor(self.t + 0.5), self._last)
        count = self.sizes.coarse
        return divmod(place, count) if self._plane else (0, min(place, count - 1))

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget: its picture, the sentence's lines, formula, controls, code, foot and frame."""
        heights = []
        for width, frame in ((337, 56), (620, 61), (756, 61)):
            line = self.axes == "line" or self.channels > 1 or self.pad == "causal"
            narrow = width <= NARROW
            plane = self._plane or not (line or narrow)
            parts = {
                "picture": Places(width, self, plane).height,
                "words": 68 + 21 * plane if narrow else 47,
                "formula": 25,
                "controls": self._controls(width),
                "code": (50 + 19 * max(0, len(wrap(self.code, 33)) - 2)) if narrow else 40,
            }
            heights.append(round(sum(height for part, height in parts.items() if self._shows(part)) + frame))
        return tuple(heights)

    def _controls(self, width: int) -> int:
        count = 5 + self.transposed + 2 * (self.channels > 1)
        rows = math.ceil(count / (2 if width <= NARROW else 3))
        return 39 + 34 * rows + (2 if width <= NARROW else 1 if width > 700 else 2) * 38

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        sizes = self.sizes
        kind = "transposed convolution" if self.transposed else "convolution"
        axes = "square images, of which one axis has these sizes" if self._plane else "rows of cells"
        rim = sizes.low + sizes.high
        around = f" and {rim} {'cut off' if self.transposed else 'of padding'}" if rim else ""
        cut, added = (around, "") if self.transposed else ("", around)
        alt = (
            f"A {kind} as {axes}: {self.size} inputs{added}, a kernel of {self.taps} taps over {sizes.reach}, "
            f"stride {self.stride}, and {sizes.output} outputs{cut}, with a line for each weight from the inputs that "
            f"it meets to the outputs. Inputs {_listed(self.inputs)}; weights {_listed(self.weights)}; outputs "
            f"{_listed(self.outputs)}."
        )
        return alt, f"{self.lead()} The framed window: {self.sentence().removesuffix('.')}. Size: {self.formula}."

    def still(self) -> Figure:
        """Draw the cells and the lines between them, one axis or both, as the live widget does."""
        places = Places(337 if not self._plane else 620, self, self._plane)
        fig, ax = plot.sheet(places.width, places.height, inches=3.6 if not self._plane else plot.WIDTH)
        roles = ("output", "input") if self.transposed else ("input", "output")
        if self._shows("picture"):
            self._draw_wires(ax, places)
            self._draw_fine(ax, places, roles[0])
            self._draw_kernel(ax, places)
            self._draw_coarse(ax, places, roles[1])
            if places.entry:
                self._draw_all(ax, places)
        return fig

    def _tap_at(self, j: int) -> int:
        return self.taps - 1 - j if self.operation == "convolution" else j

    def _hue(self, *tap: int) -> str:
        return hue_of(tap[0] * self.taps + tap[1] if self._plane else tap[-1])

    def _draw_wires(self, ax: Axes, g: Places) -> None:
        """Faint lines for all windows of a row, strong ones for the window that is shown."""
        sizes, (row, place) = self.sizes, self.window
        for j in range(self.taps):
            for p in range(0 if self._plane else sizes.coarse):
                x, y = g.spot("fine", 0, p * self.stride + j * self.dilation), g.spot("coarse", 0, p)
                points = [x[0], x[0], y[0]], [g.fine[1] + g.high, g.bend, g.coarse[1]]
                strong = p == place
                ax.plot(*points, color=self._hue(self._tap_at(j)), linewidth=1.8 if strong else 0.7, zorder=1 + strong)
        if self._plane:  # the window narrows to its one sample
            (right, top), side = g.corner("fine", row * self.stride, place * self.stride), sizes.reach * g.cell
            left, upper = g.corner("coarse", row, place)
            for down, below in ((0, 0), (side, g.cell)):
                ax.plot([right + side, left], [top + down, upper + below], color=plot.COLORS["kernel"], lw=1, zorder=6)

    def _draw_fine(self, ax: Axes, g: Places, role: str) -> None:
        sizes, visits, (row, place) = self.sizes, self._visits, self.window
        values = self.outputs if self.transposed else self.inputs
        share = self.channels // self.groups
        most = visits.max() ** 2 if self._plane else visits.max() * share
        for r in range(sizes.length if self._plane else self.channels):
            for q in range(sizes.length):
                i, j = (r - sizes.low if self._plane else r), q - sizes.low
                real = 0 <= j < sizes.fine and (not self._plane or 0 <= i < sizes.fine)
                count = int(visits[q] * (visits[r] if self._plane else share))
                text = "" if self.transposed else "0"
                if real:
                    text = str(values[i, j])
                if self.heat and text:
                    text = str(count)
                tint = 0.6 * count / most if self.heat else 0.12
                hatch = not count and (real or not self.transposed)
                _cell(ax, g.corner("fine", r, q), g, text, role if real else "muted", tint if real else 0, hatch, real)
        start, down = place * self.stride, row * self.stride if self._plane else 0
        side = sizes.reach * g.cell
        tall = side if self._plane else share * (g.high + g.gap) - g.gap
        frame = {"fill": False, "edgecolor": plot.COLORS["kernel"], "linewidth": 1.8, "zorder": 5}
        ax.add_patch(Rectangle(g.corner("fine", down, start), side, tall, **frame))
        name = "$y$" if self.transposed else "$x$"
        plot.label(ax, g.fine[0], g.fine[1] - 11, f"{role} {name}: {sizes.fine}", role, ha="left")

    def _draw_kernel(self, ax: Axes, g: Places) -> None:
        rows = self.taps if self._plane else self.channels // self.groups
        start = 0 if self._plane else self.window[1] * self.stride
        for r in range(rows):
            for j in range(self.taps):
                tap = (self._tap_at(r), self._tap_at(j)) if self._plane else (r, self._tap_at(j))
                weight = self.weights[tap] if self._plane else self.weights[(0, *tap)]
                left, top = g.strip
                across = j if self._plane else start + j * self.dilation
                corner = left + across * g.cell, top + r * (g.high if self._plane else g.high - 2)
                height = g.high if self._plane else g.high - 4
                letter = _LETTERS[tap[0] * self.taps + tap[1] if self._plane else tap[1]]
                box = {"facecolor": _mixed(self._hue(*tap), 0.45), "edgecolor": self._hue(*tap), "linewidth": 0.9}
                ax.add_patch(Rectangle(corner, g.cell, height, **box, zorder=7))
                middle = corner[0] + g.cell / 2, corner[1] + height / 2
                text = f"${letter}$ {weight}" if g.cell >= 20 else str(weight)
                plot.label(ax, *middle, text, fontsize=_size(text, g.cell), zorder=8)
        if self._plane:
            plot.label(ax, g.strip[0], g.strip[1] - 14, "kernel $w$", "kernel", ha="left", **_ON_PAPER)

    def _draw_all(self, ax: Axes, g: Places) -> None:
        """All weights: a block for each pair of rows that is linked; the row of the shown window's kernel is framed."""
        share, (left, top) = self.channels // self.groups, g.all
        for (o, i, j), weight in np.ndenumerate(self.weights):
            column = (o // share * share + i) * self.taps + j
            corner = left + column * g.entry + 2 * (j == 0), top + 20 * o
            edge = plot.COLORS["kernel"] if o == 0 else self._hue(j)
            box = {"facecolor": _mixed(self._hue(j), 0.3), "edgecolor": edge, "linewidth": 1.3 if o == 0 else 0.6}
            ax.add_patch(Rectangle(corner, g.entry - 2 * (j == 0), 18, **box))
            middle = left + (column + 0.5) * g.entry, top + 20 * o + 9
            plot.label(ax, *middle, str(weight), fontsize=_size("1", g.entry))
        size = f"{self.channels} × {share} × {self.taps} = {self.weights.size}"
        plot.label(ax, left, top - 10, f"all weights: {size}", "kernel", ha="left")

    def _draw_coarse(self, ax: Axes, g: Places, role: str) -> None:
        values = self.inputs if self.transposed else self.outputs
        for (r, p), value in np.ndenumerate(values):
            own = (r, p) == self.window
            _cell(ax, g.corner("coarse", r, p), g, str(value), role, 0.4 if own else 0.12, False, True)
        name, count = ("$x$" if self.transposed else "$y$"), self.sizes.coarse
        spot = (
            (g.coarse[0], g.coarse[1] - 10)
            if self._plane
            else (g.coarse[0], g.coarse[1] + self.channels * (g.high + g.gap) + 9)
        )
        plot.label(ax, *spot, f"{role} {name}: {count}", role, ha="left", **_ON_PAPER)


# ---- sizes ----------------------------------------------------------------------------------------------------------


def _check(c: dict) -> None:
    """Raise a ValueError, with a sentence of convlib.shapes where it has one, if the settings do not go together."""
    if c["axes"] == "plane" and c["pad"] == "causal":
        raise ValueError("pad must not be 'causal' in the plane: an image has no past")
    if c["axes"] == "plane" and c["channels"] > 1:
        raise ValueError(f"channels must be 1 in the plane, got {c['channels']}")
    shapes.parameters(c["channels"], c["channels"], c["taps"], c["groups"])
    if c["transposed"] and c["pad"] != "number":
        raise ValueError(f"pad must be 'number' if transposed, as PyTorch has it, got '{c['pad']}'")
    if (length := _sizes(c).length) > LONGEST:
        raise ValueError(f"a row must have at most {LONGEST} samples, padding included, got {length}")


def _sizes(c: dict) -> Sizes:
    """All sizes; raises what convlib.shapes does."""
    n, k, s, d = (c[name] for name in ("size", "taps", "stride", "dilation"))
    reach = d * (k - 1) + 1
    if c["transposed"]:
        low = high = c["padding"]
        extra = c["output_padding"]
        fine = shapes.transposed_output_size(n, k, s, low, d, output_padding=extra)
        full = (n - 1) * s + reach
        return Sizes(reach, low, high, n, fine, full, full + extra, fine)
    if c["pad"] == "same":
        low, high = shapes.same_padding(k, s, d)
        coarse = shapes.output_size(n, k, s, "same", d)
    elif c["pad"] == "causal":
        low, high = reach - 1, 0
        coarse = shapes.output_size(n + low, k, s, 0, d)
    else:
        low = high = c["padding"]
        coarse = shapes.output_size(n, k, s, low, d)
    return Sizes(reach, low, high, coarse, n, (coarse - 1) * s + reach, low + n + high, coarse)


# ---- words: the same as in conv_arithmetic.js -----------------------------------------------------------------------


def _many(count: int, one: str, more: str = "") -> str:
    return f"{count} {one if count == 1 else more or one + 's'}"


def _and(items: list) -> str:
    return f"{', '.join(map(str, items[:-1]))} and {items[-1]}" if len(items) > 1 else str(items[0])


def _lead(widget: ConvArithmetic) -> str:
    s, plane, stride = widget.sizes, widget._plane, widget.stride
    units, each = ("rows and columns", "row and column") if plane else ("samples", "sample")
    if widget.transposed:
        if widget.size * stride < s.reach:  # too few inputs for as many stamps on one another as there can be
            return "Each input puts a stamp on the output: where stamps overlap, they add."
        rests = [[j * widget.dilation % stride for j in range(widget.taps)].count(rest) for rest in range(stride)]
        stamps = sorted(set(rests))
        if len(stamps) > 1:
            turns, along = " or ".join(map(str, stamps)), "each axis" if plane else "the row"
            return f"Where stamps overlap, they add: along {along} outputs get {turns} by turns, a checkerboard."
        return (
            "Where stamps overlap, they add: away from the ends every output gets "
            f"{_many(stamps[0] ** (2 if plane else 1), 'stamp')}."
        )
    dropped, unseen = s.length - s.full, min(s.fine, max(0, s.low + s.fine - s.full))
    if unseen:
        single = "the last row and column" if plane else f"x[{s.fine - 1}]"
        last = f"the last {unseen} {units}" if unseen > 1 else single
        it = "them" if unseen > 1 or plane else "it"
        less = s.fine - dropped
        same = f", and {_many(less, each, units)} would give the same {s.coarse}" if less > 0 else ""
        return f"No window reaches {last}: the floor drops {it}{same}."
    if dropped and plane:
        last = f"the last {dropped} {units}" if dropped > 1 else "the last row and column"
        return f"No window reaches {last} of the padding: the floor drops them."
    if dropped:
        zeros, them = (f"{dropped} zeros", "them") if dropped > 1 else ("zero", "it")
        return f"No window reaches the last {zeros} of the padding: the floor drops {them}."
    if skipped := int(np.sum(widget.visits == 0)):
        some = _many(skipped, each, units)
        if stride > s.reach:
            return f"The windows step over {some}: stride {stride} is more than the kernel covers."
        return f"Between the taps {some} {'lie' if skipped > 1 else 'lies'} in no window."
    counted = _many(s.fine, each, units)
    if stride > 1:
        more = s.fine + 1
        given = str(s.coarse) if plane else _many(s.coarse, "output")
        rest = "the floor would drop a zero of the padding" if s.high else "no window would reach the last"
        return f"{counted} {'give' if s.fine > 1 or plane else 'gives'} {given}, and {more} would, too: {rest}."
    if s.coarse == s.fine:
        costs = f"a kernel over {s.reach} costs {s.reach - 1}, and the padding adds them"
        return f"As many outputs as inputs: {costs if s.reach > 1 else 'a kernel of 1 costs none'}."
    padded = f" and {_many(s.low + s.high, 'zero')}" if s.low + s.high else ""
    axis = " along each axis" if plane else ""
    have = "have" if s.length > 1 or plane else "has"
    return f"{counted}{padded} {have} room for {_many(s.coarse, 'window')} of {s.reach}{axis}."


def _window_words(widget: ConvArithmetic, row: int, place: int) -> str:
    """What window ``place`` (in the plane: of a row) gathers, or its input stamps."""
    s, plane, share = widget.sizes, widget._plane, widget.channels // widget.groups
    rows = [row // share * share + i for i in range(share)]
    index = f"[{row}, {place}]" if plane or widget.channels > 1 else f"[{place}]"
    seen = f"{'rows' if share > 1 else 'row'} {_and(rows)}" if share > 1 or widget.groups > 1 else ""
    pairs = []  # (place in the fine rows, weight)
    for a in range(widget.taps if plane else share):
        for j in range(widget.taps):
            down = row * widget.stride + a * widget.dilation - s.low if plane else rows[a]
            tap = widget._tap_at(a) if plane else a
            weight = widget.weights[tap, widget._tap_at(j)] if plane else widget.weights[row, tap, widget._tap_at(j)]
            at = down, place * widget.stride + j * widget.dilation - s.low
            real = 0 <= at[1] < s.fine and (not plane or 0 <= down < s.fine)
            pairs.append((at if real else None, int(weight)))
    if not widget.transposed:
        terms = [(int(widget.inputs[at]) if at else 0, weight) for at, weight in pairs]
        texts = [f"{x}·{w}" for x, w in terms]
        texts = [*texts[:3], "…", texts[-1]] if len(texts) > 9 else texts
        return f"y{index}{' from ' + seen if seen else ''} = {' + '.join(texts)} = {sum(x * w for x, w in terms)}"
    x = int(widget.inputs[row, place])
    there = [weight for at, weight in pairs if at]
    if not there:
        return f"x{index} = {x} stamps only what is cut off."
    shown = there[:3] if len(there) > 5 else there
    products = ", ".join(f"{x}·{weight}" for weight in shown) + (", …" if len(there) > 5 else "")
    onto = "one output" if len(there) == 1 else f"{len(there)} outputs"
    return f"x{index} = {x} stamps {products} onto {onto}{', in ' + seen if seen else ''}."


def _listed(numbers: np.ndarray) -> str:
    return "; ".join(" ".join(map(str, row)) for row in numbers.reshape(-1, numbers.shape[-1]))


# ---- places ---------------------------------------------------------------------------------------------------------


class Places:
    """Where everything stands, in pixels: the same numbers as ``geometry`` in conv_arithmetic.js."""

    RIM, LANE = 14, 24

    def __init__(self, width: float, widget: ConvArithmetic, plane: bool) -> None:
        self.width, self.plane = width, plane
        (self._plane if plane else self._line)(widget, widget.sizes, width <= NARROW)

    def _line(self, widget: ConvArithmetic, s: Sizes, narrow: bool) -> None:
        self.cell = int(min(30 if narrow else 36, (self.width - 2 * self.RIM) // s.length))
        self.high, self.gap = min(max(self.cell, 22), 30), 4
        rows = widget.channels * (self.high + self.gap) - self.gap
        left = (self.width - s.length * self.cell) / 2
        strip = self.LANE + rows + 5
        self.bend = strip + widget.channels // widget.groups * (self.high - 2)
        coarse = self.bend + (72 if narrow else 92)
        self.fine, self.strip = (left, self.LANE), (left, strip)
        self.coarse, self.pitch = (left + (s.reach - 1) / 2 * self.cell, coarse), widget.stride * self.cell
        self.height, self.all, self.entry = coarse + rows + 22, (0, 0), 0
        if widget.channels > 1:  # below, the table of all weights
            columns = widget.channels * widget.taps
            self.entry = int(min(20, (self.width - 2 * self.RIM) // columns))
            self.all = (self.width - columns * self.entry) / 2, self.height + 20
            self.height += 24 + 20 * widget.channels

    def _plane(self, widget: ConvArithmetic, s: Sizes, narrow: bool) -> None:
        sign, beside = 22 if narrow else 30, widget.taps + s.coarse
        room = self.width - 2 * self.RIM
        beyond = room - 2 * sign
        across = min(room / s.length, (room - sign) / beside) if narrow else beyond / (s.length + beside)
        self.cell = self.high = self.pitch = int(min(26 if narrow else 30, across, 330 / s.length))
        self.gap = self.bend = self.entry = 0
        self.all = 0, 0
        cell, fine, small = self.cell, s.length * self.cell, max(widget.taps, s.coarse) * self.cell
        used = max(fine, beside * cell + sign) if narrow else fine + beside * cell + 2 * sign
        left = (self.width - used) / 2
        top = self.LANE + (fine + self.LANE + 6 if narrow else 0)
        strip = left if narrow else left + fine + sign

        def middle(count: int) -> float:
            return top + (0 if narrow else max(0, (fine - count * cell) / 2))

        self.fine, self.strip = (left, self.LANE), (strip, middle(widget.taps))
        self.coarse = strip + widget.taps * cell + sign, middle(s.coarse)
        self.height = (top + small if narrow else self.LANE + max(fine, small)) + 8

    def corner(self, table: str, row: int, column: int) -> tuple[float, float]:
        """Left upper corner of a cell."""
        left, top = getattr(self, table)
        return left + column * (self.pitch if table == "coarse" else self.cell), top + row * (self.high + self.gap)

    def spot(self, table: str, row: int, column: int) -> tuple[float, float]:
        """Middle of a cell."""
        x, y = self.corner(table, row, column)
        return x + self.cell / 2, y + self.high / 2


def hue_of(index: int) -> str:
    """Colour of a tap: hues a golden angle apart, all as light and as strong, as ``oklch(0.6 0.16 hue)`` has them.

    Examples
    --------
    >>> hue_of(0), hue_of(1)
    ('#ce5342', '#009d6d')
    """
    hue = math.radians(round((30 + 137.508 * index) % 360))
    a, b = 0.16 * math.cos(hue), 0.16 * math.sin(hue)
    # Björn Ottosson, "A perceptual color space for image processing", 2020.
    to_cones = np.array(
        [[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728], [1, -0.0894841775, -1.291485548]]
    )
    to_rgb = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.707614701],
        ]
    )
    linear = np.clip(to_rgb @ (to_cones @ [0.6, a, b]) ** 3, 0, 1)
    rgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * value):02x}" for value in rgb)


def _mixed(color: str, share: float) -> str:
    """A colour mixed with the paper's."""
    parts = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(share * part + (1 - share) * 255):02x}" for part in parts)


def _size(text: str, cell: float) -> float:
    """Lettering that fits into a cell."""
    return max(5.0, min(8.5, 1.1 * cell / max(2, len(text.replace("$", "")))))


def _cell(
    ax: Axes, corner: tuple[float, float], g: Places, text: str, role: str, tint: float, hatch: bool, solid: bool
) -> None:
    """A number in its box; hatched where no window comes, dashed where it is no sample."""
    box = corner, g.cell, g.high
    edge = {"edgecolor": plot.COLORS[role], "linewidth": 0.6, "linestyle": "-" if solid else (0, (2, 2))}
    ax.add_patch(Rectangle(*box, facecolor=plot.COLORS["paper"], **edge, zorder=3))
    if tint:
        ax.add_patch(Rectangle(*box, facecolor=plot.COLORS[role], alpha=tint, linewidth=0, zorder=3.5))
    if hatch:
        x, y = corner
        for share in (0.35, 0.7, 1.0):
            ends = [x, x + share * g.cell], [y + share * g.high, y]
            ax.plot(*ends, color=plot.COLORS["muted"], alpha=0.6, linewidth=0.8, zorder=3.6)
    color = "ink" if solid else "muted"
    plot.label(ax, corner[0] + g.cell / 2, corner[1] + g.high / 2, text, color, fontsize=_size(text, g.cell), zorder=4)
