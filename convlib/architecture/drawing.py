"""Draw a model's stages in one column, from the input above to the scores below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from torch import nn

from convlib import plot
from convlib.architecture._layers import times
from convlib.architecture.records import Stage, short, stages

# All lengths are points of type: the axes have them as their unit.
_WIDTH = 72 * plot.WIDTH
_AXIS, _TEXT, _BARS, _EDGE = 82, 144, 253, 3  # the arrows, the writing, the bars, and what is left free at the sides
_ROOM = _BARS - _TEXT - 7
_LINE, _GAP = 13.5, 11  # from line to line, and what an arrow needs
_LONGEST_BAR, _THICK = 40, 8
_SLANT = 0.38  # how far a block goes back, and up, for its thickness
_TOTALS = 118  # what the sums above the bars need


def diagram(model: nn.Module, input_size: Sequence[int], *, collapse: bool = True, title: str = "") -> Figure:
    """Draw a model: a block for the output of each stage, and what its weights and its work come to.

    A block is as long as it has channels and as thick as it has rows and columns, both on a logarithmic scale, which
    is the same in every picture.  Above the shape stands what is done to get it, below it what follows; a line around a
    block is its shortcut.  The bars at the right are shares of all parameters and of all MACs, on one scale.

    Parameters
    ----------
    model, input_size, collapse
        As for :func:`stages`; the shape of the sample is without the batch.
    title : str
        Stands above, at the left.

    Returns
    -------
    matplotlib.figure.Figure
        For :func:`convlib.plot.show`, with the alternative text from :func:`words`.

    Raises
    ------
    TypeError
        If ``title`` is not a string; else as :func:`stages`.
    ValueError
        As :func:`stages`.

    Examples
    --------
    >>> from matplotlib import pyplot as plt
    >>> fig = diagram(nn.Sequential(nn.Conv2d(3, 96, 11, stride=4), nn.ReLU()), (3, 227, 227), title="One layer")
    >>> [text.get_text().replace("\\u2009", " ") for text in fig.axes[0].texts][3:]
    ['input', '3 × 227 × 227', '11 × 11, stride 4', '96 × 55 × 55', 'ReLU', '34.9 k', '105 M']
    >>> plt.close(fig)
    """
    if not isinstance(title, str):
        raise TypeError(f"title must be a string, got {title!r} of type {type(title).__name__}")
    column = stages(model, input_size, collapse=collapse)
    rows, above = _rows(column), _lines(title.split(), " ", _WIDTH - _TOTALS)
    head = max(2, len(above)) * _LINE + 10
    height = head + sum(row.above + row.below for row in rows)
    with plot.style():
        fig, ax = plot.sheet(_WIDTH, height)
        _draw_head(ax, column, above)
        _draw_rows(ax, rows, head, _Shares.of(column))
    return fig


@dataclass(frozen=True)
class _Row:
    """A stage with the lines of writing beside its block, and the room above and below the block's middle."""

    stage: Stage
    before: list[str]
    shape: list[str]
    after: list[str]

    @property
    def size(self) -> tuple[float, float]:
        """Length and thickness of the block: seven points for twice the channels, four for twice the side."""
        channels, *sides = self.stage.output_shape or (0,)
        side = math.prod(sides) ** (1 / len(sides)) if sides else 1
        thick = 5 + 4 * math.log2(side)
        return min(7 * (1 + math.log2(max(channels, 1))), 96 - _SLANT * thick), thick

    @property
    def above(self) -> float:
        arrows = (self.stage.kind != "input") + (self.stage.shortcut is not None)
        block = self.size[1] * (0.5 + _SLANT / 2) + _GAP * arrows
        return max(block, _LINE * (len(self.before) + 0.5) + 3, _LINE + 3)

    @property
    def below(self) -> float:
        block = self.size[1] * (0.5 + _SLANT / 2) + (_GAP + 4 if self.stage.shortcut is not None else 2)
        return max(block, _LINE * (len(self.shape + self.after) - 0.5) + 3, _LINE + 3)


@dataclass(frozen=True)
class _Shares:
    """How long a bar is, for one parameter and for one MAC."""

    parameter: float
    mac: float

    @classmethod
    def of(cls, column: list[Stage]) -> _Shares:
        parameters = [stage.parameters for stage in column]
        macs = [stage.macs for stage in column]
        totals = [max(sum(counts), 1) for counts in (parameters, macs)]
        largest = max(max(counts) / total for counts, total in zip((parameters, macs), totals, strict=True))
        return cls(*(_LONGEST_BAR / ((largest or 1) * total) for total in totals))


def _rows(column: list[Stage]) -> list[_Row]:
    flat_next = [len(stage.output_shape) < 2 for stage in column[1:]] + [False]
    rows = []
    for stage, flat in zip(column, flat_next, strict=True):
        marks = list(stage.marks)
        if flat and stage.passed_on != stage.output_shape:  # what the weights of a linear layer are counted from
            handed_on = f"→\u00a0{times(stage.passed_on)}".replace(" × ", "\u2009×\u2009")
            joined = " ".join([*marks[-1:], handed_on])
            marks[-1:] = [joined] if _length(joined) <= _ROOM else [*marks[-1:], handed_on]
        before = _lines(stage.operation.split(", "), ", ")
        shape = [times(stage.output_shape)] if stage.output_shape else []
        rows.append(_Row(stage, before, _lines(shape, ""), _lines(marks, " · ")))
    return rows


def _lines(parts: list[str], between: str, room: float = _ROOM) -> list[str]:
    """The parts in as few lines as they fit into."""
    lines = []
    for part in parts:
        narrow = part.replace(" × ", "\u2009×\u2009")  # thin spaces
        longer = lines[-1] + between + narrow if lines else narrow
        if lines and _length(longer) <= room:
            lines[-1] = longer
        elif _length(narrow) > room and " " in part:
            lines += _lines(part.split(" "), " ", room)
        else:
            lines += _cut(narrow, room)
    return lines


def _cut(word: str, room: float) -> list[str]:
    """A word that no line holds, such as the name of a class, goes on in the next one."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and _length(pieces[-1] + letter) > room:
            pieces.append("")
        pieces[-1] += letter
    return pieces


@cache
def _length(text: str) -> float:
    return TextPath((0, 0), text, prop=FontProperties(size=plot.LETTERING)).get_extents().x1


# ---- parts of the drawing -------------------------------------------------------------------------------------------


def _draw_head(ax: Axes, column: list[Stage], title: list[str]) -> None:
    parameters, macs = sum(stage.parameters for stage in column), sum(stage.macs for stage in column)
    for number, line in enumerate(title):
        plot.label(ax, _EDGE, _LINE * (number + 0.6), line, ha="left")
    plot.label(ax, _WIDTH - _EDGE, _LINE * 0.6, f"{short(parameters)} parameters", "kernel", ha="right")
    plot.label(ax, _WIDTH - _EDGE, _LINE * 1.6, f"{short(macs)} MACs", "product", ha="right")


def _draw_rows(ax: Axes, rows: list[_Row], top: float, shares: _Shares) -> None:
    start = None  # where the arrow to the next block begins
    for row in rows:
        middle = top + row.above
        if row.stage.output_shape:
            start = _draw_block(ax, row, middle, start)
        _draw_text(ax, row, middle)
        _draw_bars(ax, row.stage, middle, shares)
        top = middle + row.below


def _draw_block(ax: Axes, row: _Row, middle: float, start: float | None) -> float:
    """The block and the arrow to it; returns where it ends."""
    long, thick = row.size
    slant = _SLANT * thick
    left, high, low = _AXIS - (long + slant) / 2, middle - thick / 2 + slant / 2, middle + thick / 2 + slant / 2
    right, up = left + long, high - slant
    color = plot.COLORS["input" if row.stage.kind == "input" else "output"]
    faces = [
        ([(left, low), (left, high), (right, high), (right, low)], 0.45),
        ([(left, high), (left + slant, up), (right + slant, up), (right, high)], 0.2),
        ([(right, low), (right, high), (right + slant, up), (right + slant, low - slant)], 0.7),
    ]
    for corners, opacity in faces:
        ax.fill(*zip(*corners, strict=True), facecolor=color, alpha=opacity, linewidth=0)
        ax.fill(*zip(*corners, strict=True), facecolor="none", edgecolor=color, linewidth=0.8)
    if start is not None:
        _arrow(ax, [(_AXIS, start + 1), (_AXIS, up - 1)])
    end = low
    if row.stage.shortcut is not None:
        end = _draw_shortcut(ax, left, up, low)
    if row.stage.repeats > 1:
        beside = left - (13 if row.stage.shortcut is not None else 4)
        plot.label(ax, beside, middle, f"×{row.stage.repeats}", ha="right")
    return end


def _draw_shortcut(ax: Axes, left: float, up: float, low: float) -> float:
    """A line around the block, from the arrow above it to a plus below it; returns where the plus ends."""
    plus, radius = low + _GAP - 2, 4
    fork = up - _GAP - 2
    style = {"color": plot.COLORS["muted"], "linewidth": 1.2}
    ax.plot([_AXIS, _AXIS], [low + 1, plus - radius], **style)
    _arrow(ax, [(_AXIS, fork), (left - 8, fork), (left - 8, plus), (_AXIS - radius, plus)])
    turn = [2 * math.pi * step / 32 for step in range(33)]
    ax.plot([_AXIS + radius * math.cos(a) for a in turn], [plus + radius * math.sin(a) for a in turn], **style)
    ax.plot([_AXIS - radius, _AXIS + radius], [plus, plus], **style)
    ax.plot([_AXIS, _AXIS], [plus - radius, plus + radius], **style)
    return plus + radius


def _arrow(ax: Axes, points: list[tuple[float, float]]) -> None:
    """A line through the points, with a head at the last one."""
    color = plot.COLORS["muted"]
    (x, y), (tip_x, tip_y) = points[-2:]
    length = math.hypot(tip_x - x, tip_y - y)
    along = (5 * (tip_x - x) / length, 5 * (tip_y - y) / length)
    across = (along[1] / 2, along[0] / 2)
    base = (tip_x - along[0], tip_y - along[1])
    ax.plot(*zip(*points[:-1], base, strict=True), color=color, linewidth=1.2)
    corners = [(tip_x, tip_y), (base[0] + across[0], base[1] + across[1]), (base[0] - across[0], base[1] - across[1])]
    ax.fill(*zip(*corners, strict=True), facecolor=color, linewidth=0)


def _draw_text(ax: Axes, row: _Row, middle: float) -> None:
    lines = [(line, "kernel" if row.stage.parts else "muted") for line in row.before]
    lines += [(line, "ink") for line in row.shape] + [(line, "muted") for line in row.after]
    first = middle - _LINE * len(row.before)
    for number, (line, color) in enumerate(lines):
        plot.label(ax, _TEXT, first + _LINE * number, line, color, ha="left")


def _draw_bars(ax: Axes, stage: Stage, middle: float, shares: _Shares) -> None:
    bars = [(stage.parameters, shares.parameter, "kernel", -0.5), (stage.macs, shares.mac, "product", 0.5)]
    if stage.parameters or stage.macs:
        ax.plot([_BARS, _BARS], [middle - _LINE, middle + _LINE], color=plot.COLORS["grid"], linewidth=1)
    for count, points, role, line in bars:
        if count:
            y, long = middle + line * _LINE, max(count * points, 1)
            ax.fill_betweenx([y - _THICK / 2, y + _THICK / 2], _BARS, _BARS + long, color=plot.COLORS[role], lw=0)
            plot.label(ax, _BARS + long + 3, y, short(count), ha="left")
