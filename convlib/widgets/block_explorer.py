"""BlockExplorer: two towers of blocks, with shortcuts and without; what reaches their ends, and by which paths."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from convlib import plot
from convlib.widgets.base import Widget
from convlib.widgets.block_towers import (
    MOST,
    Tower,
    by_length,
    change,
    majority,
    sizes,
    slopes,
)
from convlib.widgets.traits import Choice, Count, Number, OutOfRange, Picks, Subset

SHOWN = ("towers", "sizes", "paths", "words", "controls")
#: Decades that the chart reaches to at most; the rest is cut off.
DECADES = 9
#: Pixels across the still picture: as wide as a figure in points.
STILL = 72 * plot.WIDTH


class BlockExplorer(Widget):
    r"""A plain and a residual tower of the same weights: sizes of signal and gradient, block by block, and the paths.

    A branch is convolution, batch normalisation, ReLU, convolution, batch normalisation, times :math:`\gamma`.  The
    residual tower's block gives :math:`\mathrm{relu}(x + \mathrm{branch}(x))`, the plain one's
    :math:`\mathrm{relu}(\mathrm{branch}(x))`; see :mod:`convlib.widgets.block_towers`, which has all the arithmetic.
    With a convolution before the blocks and a head after them n blocks make 2n + 2 layers.

    Signals and gradients are those of the towers as they stand, in training: batch normalisation takes the batch's own
    statistics, and the gradient flows through these, too.  What a deletion does to the answer is measured as at test
    time, with the statistics of the intact tower.

    Parameters
    ----------
    blocks : int
        n, from 1 to 27.
    seed : int
        Which weights and signals are drawn, from 1 to 99.
    norm : bool
        Whether with batch normalisation.
    gamma : float
        What each branch is multiplied by at its end, the γ of its last batch normalisation; from 0 to 1, rounded to a
        multiple of 0.05.
    deleted, cut : list of int
        Blocks that are deleted, in both towers, and that have lost their shortcut; kept as tuples.  Where the tower is
        made lower, those above its end are forgotten.
    direction : {"forward", "back"}
        Whether the chart shows the signal's size after each block or the gradient's norm before it.
    passed : float
        How many blocks the pulse has passed, rounded to a multiple of 0.05.  By default 27: more than there are stands
        for all.
    chosen : int
        The block that is looked at; 0 for none.
    show : list of {"towers", "sizes", "paths", "words", "controls"}
        A reduced view of these parts alone; empty for all.

    Raises
    ------
    ValueError
        For a block that the tower does not have, or one that is both deleted and cut: nothing would pass it.

    Examples
    --------
    >>> widget = BlockExplorer()
    >>> [round(ratio) for ratio in widget.ratios]  # plain, residual
    [43448, 35]
    >>> widget.deleted = [7]
    >>> [round(part, 2) for part in widget.changes]
    [1.14, 0.61]
    """

    #: ``play=forward`` and ``play=back`` send a pulse; ``look=block7`` pins a block, ``look=length5`` the paths of a
    #: length; ``restore`` puts all blocks and shortcuts back; ``draw`` takes the next seed.
    orders = ("light", "reset", "play", "pause", "look", "restore", "draw")
    parts = ("residual", "plain", "shortcuts", "sizes", "paths", "depth")

    blocks = Count(1, MOST, MOST).tag(sync=True)
    seed = Count(1, 99, 3).tag(sync=True)
    norm = traitlets.Bool(True).tag(sync=True)
    gamma = Number(0, 1, 1.0, 0.05).tag(sync=True)
    deleted = Picks(1, MOST)
    cut = Picks(1, MOST)
    direction = Choice(("forward", "back"), "back").tag(sync=True)
    passed = Number(0, MOST, float(MOST), 0.05).tag(sync=True)
    chosen = Count(0, MOST, 0).tag(sync=True)
    show = Subset(SHOWN).tag(sync=True)

    @traitlets.validate("deleted", "cut", "chosen")
    def _in_the_tower(self, proposal: dict) -> tuple[int, ...] | int:
        name, value = proposal["trait"].name, proposal["value"]
        blocks = (value,) if name == "chosen" else value
        if beyond := [i for i in blocks if i > self.blocks]:
            raise OutOfRange(
                f"{type(self).__name__}.{name} must be within the tower's {self.blocks} blocks, got {beyond[0]}"
            )
        if name != "chosen" and (both := set(value) & set(self.cut if name == "deleted" else self.deleted)):
            raise OutOfRange(
                f"{type(self).__name__}.{name} must not name a block that is both deleted and cut, got {min(both)}: "
                "nothing would pass it"
            )
        return value

    @traitlets.observe("blocks")
    def _forget_what_is_gone(self, _change: object) -> None:
        self.deleted = tuple(i for i in self.deleted if i <= self.blocks)
        self.cut = tuple(i for i in self.cut if i <= self.blocks)
        self.chosen = self.chosen if self.chosen <= self.blocks else 0

    def _tower(self, residual: bool, deleted: tuple[int, ...] | None = None) -> Tower:
        deleted = self.deleted if deleted is None else deleted
        cut = tuple(i for i in self.cut if i not in deleted) if residual else ()
        return Tower(residual, self.blocks, self.seed, self.norm, self.gamma, deleted, cut)

    @property
    def towers(self) -> tuple[Tower, Tower]:
        """The plain tower and the residual one, as they stand."""
        return self._tower(residual=False), self._tower(residual=True)

    @property
    def curves(self) -> tuple[np.ndarray, np.ndarray]:
        """What the chart shows of the plain tower and of the residual one; shapes (blocks + 1,).

        Of what was sent, which is 1: the signal's size before the first block and after each, or the gradient's norm
        there, inside the ReLU.
        """
        measure = sizes if self.direction == "forward" else slopes
        return tuple(measure(tower) for tower in self.towers)

    @property
    def ratios(self) -> tuple[float, float]:
        """How many times the gradient at the start is what was sent, in the plain tower and in the residual one."""
        return tuple(float(slopes(tower)[0]) for tower in self.towers)

    @property
    def changes(self) -> tuple[float, float]:
        """How far the answers are from the intact towers', as parts of these: of the plain tower, of the residual one.

        The answer is what the last block gives.
        """
        return tuple(change(tower) for tower in self.towers)

    @property
    def counts(self) -> np.ndarray:
        """Number of paths of each length through the residual tower, shape (blocks + 1,)."""
        return self.towers[1].counts

    @property
    def carried(self) -> np.ndarray:
        """Norm of the gradient that the paths of each length carry back to the start, shape (blocks + 1,)."""
        return np.linalg.norm(by_length(self.towers[1]).reshape(self.blocks + 1, -1), axis=1)

    def without(self, i: int) -> tuple[float, float]:
        """What :attr:`changes` would be with block i deleted as well."""
        deleted = tuple(sorted({*self.deleted, i}))
        return tuple(change(self._tower(residual, deleted)) for residual in (False, True))

    # ---- words: the same as in block_explorer.js -------------------------------------------------------------------

    def sentence(self) -> str:
        """What the present state shows, in words."""
        n, forward = self.blocks, self.direction == "forward"
        if self.passed < n:
            return self._under_way()
        if self.deleted or self.cut:
            return lesion(self.deleted, self.cut, *self.changes)
        if not self.gamma:
            end = "is the identity, the plain one gives nothing" if forward else "hands the gradient back as it is"
            return (
                f"At γ = 0 every branch gives 0: the residual tower {end}{'' if forward else ', the plain one none'}."
            )
        plain, residual = (times(curve[-1 if forward else 0]) for curve in self.curves)
        way = "signal leaves the plain tower" if forward else "gradient comes back through the plain tower"
        end = "it came in" if forward else "it was sent"
        return (
            f"{'At' if self.norm else 'Without batch normalisation, at'} depth {2 * n + 2} the {way} {plain} times as "
            f"large as {end}, {'' if forward else 'through '}the residual one {residual} times."
        )

    def _under_way(self) -> str:
        n, done = self.blocks, math.floor(self.passed)
        forward = self.direction == "forward"
        plain, residual = (times(curve[done if forward else n - done]) for curve in self.curves)
        way = f"{'After' if forward else 'Back through'} {done} of {n} blocks the {'signal' if forward else 'gradient'}"
        return f"{way} is {plain} times what was sent in the plain tower, {residual} times in the residual one."

    def words(self) -> str:
        """What the block that is chosen does; without one, what the present state shows."""
        i = self.chosen
        if not i:
            return self.sentence()
        plain, residual = (times(curve[i]) for curve in self.curves)
        sent = "signal behind it is" if self.direction == "forward" else "gradient that comes to it is"
        size = f"the {sent} {plain} times what was sent in the plain tower, {residual} times in the residual one."
        if i in self.deleted:
            return f"Block {i} is deleted, and its neighbours are joined: {size}"
        if i in self.cut:
            return f"Block {i} has no shortcut, all must pass its branch: {size}"
        parts = " and ".join(percent(part) for part in self.without(i))
        return f"Block {i}: {size} Without it the answers change by {parts}."

    def words_of_paths(self) -> str:
        """How long most of the paths are, and those by which the gradient comes."""
        return path_words(self.counts, self.carried)

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget: its picture, the sentences, the controls, the paths, the foot and the frame."""
        heights = []
        for width, frame in ((337, 56), (620, 62), (756, 62)):
            narrow = width < 480
            g = Places(width, [part for part in ("towers", "sizes") if self._shows(part)])
            words = (89 if narrow else 68 if width < 700 else 47) * self._shows("words")
            controls = (119 if narrow else 81) * self._shows("controls")
            paths = (g.path_height + 11 + (68 if narrow else 47) * self._shows("words")) * self._shows("paths")
            heights.append(round(g.height + words + controls + paths + frame))
        return tuple(heights)

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        n, what = self.blocks, "size of the signal" if self.direction == "forward" else "norm of the gradient"
        plain, residual = self.curves
        k = -1 if self.direction == "forward" else 0
        gone = f" Deleted: {_listed(self.deleted)}." if self.deleted else ""
        gone += f" Without a shortcut: {_listed(self.cut)}." if self.cut else ""
        alt = (
            f"Two towers of {n} blocks, drawn from left to right: the residual one with an arc over each block, the "
            f"plain one without.{gone} Below, on a logarithmic axis, the {what} at each block: in the end "
            f"{times(plain[k])} times what was sent in the plain tower, {times(residual[k])} times in the residual "
            "one. At the bottom bars: how many paths there are of each length, and the gradient that they carry, each "
            "on its own scale."
        )
        return alt, f"{self.words()} {self.words_of_paths()}"

    # ---- the still picture -------------------------------------------------------------------------------------------

    def still(self) -> Figure:
        """Draw towers, chart and paths, as the live widget does on a phone."""
        g = Places(STILL, [part for part in ("towers", "sizes") if self._shows(part)])
        below = g.height + 8 if g.height else 0
        height = max(below + g.path_height * self._shows("paths"), 20)
        fig, ax = plot.sheet(STILL, height)
        if self._shows("towers"):
            self._draw_towers(ax, g)
        if self._shows("sizes"):
            self._draw_curves(ax, g)
        if self._shows("paths"):
            self._draw_paths(ax, g, below)
        return fig

    def _draw_towers(self, ax: Axes, g: Places) -> None:
        names = (("residual: relu(x + branch)", "output", g.residual), ("plain: relu(branch)", "muted", g.plain))
        lost = bool(self.deleted or self.cut)
        for (name, role, middle), part in zip(names, reversed(self.changes), strict=True):
            above = middle - g.box / 2 - (g.arc if role == "output" else 0) - 10
            plot.label(ax, 0, above, name, role, ha="left")
            if lost:
                plot.label(ax, g.width, above, f"answer changed by {percent(part)}", role, ha="right")
            self._draw_row(ax, g, middle, role)
        plot.label(ax, g.x(0), g.depth + 15, f"{self.blocks} blocks, depth {2 * self.blocks + 2}", "ink", ha="left")

    def _draw_row(self, ax: Axes, g: Places, middle: float, role: str) -> None:
        residual, color = role == "output", plot.COLORS[role]
        for i in range(1, self.blocks + 1):
            left, right, deleted = g.x(i - 1), g.x(i), i in self.deleted
            if not (residual and deleted):
                ax.plot([left, right], [middle, middle], color=color, linewidth=1.2, zorder=1)
            if residual:
                peak = middle - (g.box / 2 + g.arc) / 0.75
                codes = [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
                curve = Path([(left, middle), (left, peak), (right, peak), (right, middle)], codes)
                look = {"edgecolor": plot.COLORS["grid"], "linestyle": ":"} if i in self.cut else {"edgecolor": color}
                ax.add_patch(PathPatch(curve, facecolor="none", linewidth=1.3, **look))
            box = (left + g.unit * 0.2, middle - g.box / 2), g.unit * 0.6, g.box
            if deleted:
                edge = {"edgecolor": plot.COLORS["muted"], "linestyle": (0, (1.5, 1.5)), "linewidth": 0.7}
                ax.add_patch(Rectangle(*box, facecolor="none", zorder=3, **edge))
                continue
            ax.add_patch(Rectangle(*box, facecolor=plot.COLORS["paper"], linewidth=0, zorder=2))
            ax.add_patch(Rectangle(*box, facecolor=color, alpha=0.25, linewidth=0, zorder=3))
            edge, line = (plot.COLORS["product"], 1.8) if i == self.chosen else (color, 1)
            ax.add_patch(Rectangle(*box, fill=False, edgecolor=edge, linewidth=line, zorder=4))

    def _draw_curves(self, ax: Axes, g: Places) -> None:
        forward, done, n = self.direction == "forward", min(self.passed, self.blocks), self.blocks
        what = "size of the signal" if forward else "gradient at each block"
        plot.label(ax, 0, g.chart - 10, f"{what}, times what was sent", "input" if forward else "gradient", ha="left")
        low, high = axis_of(self.curves)
        for power in ticks_of(low, high):
            y = g.y(10.0**power, low, high)
            ax.plot([g.x(0), g.x(MOST)], [y, y], color=plot.COLORS["grid"], linewidth=0.8, zorder=0)
            plot.label(ax, g.x(0) - 5, y, f"$10^{{{power}}}$", "muted", ha="right")
        for name, role, curve in zip(("plain", "residual"), ("muted", "output"), self.curves, strict=True):
            seen = range(math.floor(done) + 1) if forward else range(n - math.floor(done), n + 1)
            ys = [g.y(curve[k], low, high) for k in seen]
            ax.plot([g.x(k) for k in seen], ys, color=plot.COLORS[role], linewidth=2, zorder=3)
            head = seen[-1 if forward else 0]
            right = forward and g.x(head) > STILL / 2
            at = g.x(head) + (-6 if right else 6), g.y(curve[head], low, high) - 9
            plot.label(ax, *at, f"{name} {times(curve[head])}", role, ha="right" if right else "left")
        for i in numbered(MOST, narrow=True):
            plot.label(ax, g.x(i - 0.5), g.chart + g.tall + 12, str(i) if i > 1 else "block 1", "muted")

    def _draw_paths(self, ax: Axes, g: Places, top: float) -> None:
        plot.label(ax, 0, top + 9, f"paths by length: {polynomial(self.counts)}", "ink", ha="left")
        shares = [values / (max(values) or 1) for values in (self.counts, self.carried)]  # each on its own scale
        foot = top + 19 + g.path_tall
        for part, role, wide in zip(shares, ("grid", "gradient"), (0.84, 0.44), strict=True):
            for k, share in enumerate(part):
                tall = share * (g.path_tall - 4)
                corner = g.length(k) - wide * g.span / 2, foot - tall
                ax.add_patch(Rectangle(corner, wide * g.span, tall, facecolor=plot.COLORS[role], linewidth=0))
        ax.plot([g.x(0), g.x(MOST)], [foot, foot], color=plot.COLORS["muted"], linewidth=0.8)
        plot.label(ax, g.width, top + 9, "gradient", "gradient", ha="right")
        plot.label(ax, g.width - 58, top + 9, "paths", "muted", ha="right")
        for k in range(0, MOST + 1, 5):
            plot.label(ax, g.length(k), foot + 10, str(k), "muted")


class Places:
    """Where things stand, in pixels: the same numbers as ``geometry`` in block_explorer.js."""

    TITLE, SLIDER, GAP = 19, 32, 6  # a line over each part; the depth's slider; between towers, and over the chart

    def __init__(self, width: float, shown: Sequence[str]) -> None:
        narrow = width < 480
        self.width = width
        self.left, self.right = (40, 14) if narrow else (48, 16)
        self.unit = (width - self.left - self.right) / MOST
        self.span = (width - self.left - self.right) / (MOST + 1)
        self.arc, self.box = (15, 14) if narrow else (24, 20)
        self.residual = self.TITLE + self.arc + self.box / 2
        self.plain = self.residual + self.box + self.GAP + self.TITLE
        self.depth = self.plain + self.box / 2 + 2
        towers = (self.depth + self.SLIDER) * ("towers" in shown)
        self.tall = 114 if narrow else 142
        self.chart = towers + self.GAP * bool(towers) + self.TITLE
        self.height = self.chart + self.tall + 38 if "sizes" in shown else towers
        self.path_tall = 72 if narrow else 96
        self.path_height = self.TITLE + self.path_tall + 20

    def x(self, k: float) -> float:
        """Behind block k."""
        return self.left + k * self.unit

    def length(self, k: int) -> float:
        """The middle of the bar for paths of k blocks."""
        return self.left + (k + 0.5) * self.span

    def y(self, value: float, low: int, high: int) -> float:
        """How far down a value stands in the chart, whose axis goes from one power of ten to another."""
        power = math.log10(value) if value > 0 else -math.inf
        share = (high - min(max(power, low), high)) / (high - low)
        return self.chart + 16 + share * (self.tall - 32)


def axis_of(curves: Sequence[np.ndarray]) -> tuple[int, int]:
    """The powers of ten from which to which the chart's axis goes: at least from a tenth to ten, at most nine each way.

    Examples
    --------
    >>> axis_of([np.array([1, 30092.3]), np.array([1, 0.004])]), axis_of([np.array([1.0, 0])])
    ((-3, 5), (-1, 1))
    """
    powers = [math.log10(value) for curve in curves for value in curve if value > 0]
    low, high = math.floor(min(powers, default=0)), math.ceil(max(powers, default=0))
    return max(min(low, -1), -DECADES), min(max(high, 1), DECADES)


def ticks_of(low: int, high: int) -> range:
    """Powers of ten with a number: at most five, 0 among them.

    Examples
    --------
    >>> list(ticks_of(-3, 5)), list(ticks_of(-1, 1))
    ([-2, 0, 2, 4], [-1, 0, 1])
    """
    step = math.ceil((high - low) / 4)
    return range(-(-low // step) * step, high + 1, step)


def numbered(blocks: int, narrow: bool) -> list[int]:
    """Blocks that have their number below them."""
    return [1, *range(9 if narrow else 5, blocks + 1, 9 if narrow else 5)]


def times(value: float) -> str:
    """How many times something is something else: two digits, three of a large number.

    Examples
    --------
    >>> [times(value) for value in (30092.3, 45.6, 7.04, 0.778, 0.0009, 2.5e7, 0)]
    ['30,100', '46', '7.0', '0.78', '9.0·10⁻⁴', '2.5·10⁷', '0']
    """
    if value == 0:
        return "0"
    front, power = f"{value:.1e}".split("e")
    power = int(power)
    if not -3 <= power < 6:
        return f"{front}·10{str(power).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
    if power >= 2:
        return f"{round(float(f'{value:.2e}')):,}"
    return f"{value:.{1 - power}f}"


def percent(part: float) -> str:
    """A part as a percentage, with a decimal below ten.

    Examples
    --------
    >>> [percent(part).replace("\u00a0", " ") for part in (1.163, 0.0871, 0, 0.0001)]
    ['116 %', '8.7 %', '0 %', 'under 0.1 %']
    """
    if part == 0:
        return "0\u00a0%"
    if part < 0.0005:
        return "under 0.1\u00a0%"
    return f"{100 * part:.1f}\u00a0%" if part < 0.0995 else f"{math.floor(100 * part + 0.5):,}\u00a0%"


def _listed(blocks: Sequence[int]) -> str:
    if len(blocks) > 3:
        return f"{len(blocks)} blocks"
    *rest, last = map(str, blocks)
    return f"blocks {', '.join(rest)} and {last}" if rest else f"block {last}"


def lesion(deleted: Sequence[int], cut: Sequence[int], plain: float, residual: float) -> str:
    """What deletions and cuts do to the answers.

    Examples
    --------
    >>> lesion((7,), (), 1.163, 0.0871).replace("\u00a0", " ")
    'Without block 7 the plain tower’s answer changes by 116 %, the residual one’s by 8.7 %.'
    """
    what = [_listed(deleted)] if deleted else []
    what += [f"the shortcut{'s' if len(cut) > 1 else ''} of {_listed(cut)}"] if cut else []
    gone = f"Without {' and '.join(what)}"
    if not deleted:
        return f"{gone} the residual tower’s answer changes by {percent(residual)}; the plain tower never had any."
    return f"{gone} the plain tower’s answer changes by {percent(plain)}, the residual one’s by {percent(residual)}."


def _run(ends: tuple[int, int]) -> str:
    return f"{ends[0]}–{ends[1]}" if ends[0] < ends[1] else str(ends[0])


def path_words(counts: np.ndarray, carried: np.ndarray) -> str:
    """How long most of the paths are, and those by which the gradient comes.

    Examples
    --------
    >>> path_words(np.array([1, 3, 3, 1]), np.array([1, 2, 0.5, 0]))
    'Of 8 paths more than half are 1–2 blocks long; more than half of the gradient comes by those of length 1.'
    """
    total, ends = int(sum(counts)), majority(carried)
    if total == 1:
        length = int(np.argmax(counts))
        rest = "all of the gradient comes by it" if ends else "no gradient comes by it"
        return f"A single path is left, {length} block{'' if length == 1 else 's'} long: {rest}."
    most = _run(majority(counts))
    rest = "no gradient comes by any of them"
    if ends:
        by = "the one that goes round all blocks" if ends == (0, 0) else f"those of length {_run(ends)}"
        rest = f"more than half of the gradient comes by {by}"
    return f"Of {total:,} paths more than half are {most} block{'' if most == '1' else 's'} long; {rest}."


def polynomial(counts: np.ndarray) -> str:
    """The polynomial whose coefficients count the paths: (1 + z) for each intact block, z for each without a shortcut.

    Examples
    --------
    >>> polynomial(np.array([1, 3, 3, 1])), polynomial(np.array([0, 1, 2, 1])), polynomial(np.array([0, 1, 0]))
    ('(1 + z)³', '(1 + z)² z', 'z')
    """
    there = np.flatnonzero(counts)
    lowest, highest = int(there[0]), int(there[-1])
    raised = [str(power).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")) for power in (highest - lowest, lowest)]
    factors = [f"(1 + z){'' if raised[0] == '¹' else raised[0]}"] if highest > lowest else []
    factors += [f"z{'' if raised[1] == '¹' else raised[1]}"] if lowest else []
    return " ".join(factors) or "1"
