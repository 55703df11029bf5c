"""OcclusionExplorer: hide part of a picture with a patch, and watch what the network's answer hangs on."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convlib import plot
from convlib.data.drawn import SHAPES
from convlib.widgets.base import Carrying, Widget
from convlib.widgets.digit_network import percent, shares
from convlib.widgets.shape_network import (
    FILLS,
    LEAST,
    MOST,
    NETWORKS,
    PICTURES,
    SIDE,
    TAG,
    TAG_PLACE,
    carried,
    class_map,
    colour,
    extent,
    forward,
    kept,
    laid,
    pixels,
    place_of,
    swept,
)
from convlib.widgets.traits import Choice, Count, Subset

SHOWN = ("picture", "map", "scores", "words", "controls")
MAPS = ("occlusion", "cam")
#: Which share of a part must lie under the patch for it to be hidden, and to be hidden in part.
WHOLE, PART = 0.75, 0.1
#: A share that changes by less than this is said to stay.
STAYS = 0.05
#: How strongly the map is painted as the widget opens, so that readers guess before they see.
FAINT = 0.22

TITLE = 20


class OcclusionExplorer(Widget):
    """A picture with a patch on it, what a network says of it, and a map of what its answer hangs on.

    Of two networks that name shapes, the *tagged* one has only seen stars that bear a small tag in a corner: it looks
    at the tag, and not at the star.  Which of the two it is shows as soon as one of them is hidden.

    Parameters
    ----------
    network : str
        "tagged" or "mixed".
    picture : str
        "disc1", "disc2", "square1" and so on to "star2": held-out pictures, chosen to show something.
    tag : bool
        Whether the picture bears the tag.
    covered : bool
        Whether the patch lies on it.
    row, column : int
        Of the patch's middle, from 0 to 31; what hangs over the edge is cut off.  By default it hides the shape.
    size : int
        The patch's side in pixels, from 3 to 20.
    fill : str
        Its colour: "ground", the ground's own, "grey", or "mean", that of the whole picture.
    map : str
        "occlusion": for each place of the patch how much of the target's share it takes; "cam": the class activation
        map of the picture as it now is.
    target : str
        The class that the map and the marks are about, or "winner": that which the picture without the patch gets.
    show : list of str
        A reduced view of these parts alone, of "picture", "map", "scores", "words", "controls"; empty for all.

    Examples
    --------
    >>> widget = OcclusionExplorer()  # the star lies under the patch
    >>> widget.answer
    'star'
    >>> widget.row, widget.column, widget.size = place_of("star1", "tag")
    >>> widget.answer == "star", widget.heat.shape
    (False, (32, 32))
    """

    #: ``hide=shape`` and ``hide=tag`` lay the patch there, ``hide=hottest`` where it takes most; ``next`` shows the
    #: next picture; ``play`` slides the patch over the whole picture; ``look=12,20`` pins a place of the map.
    orders = ("light", "reset", "hide", "next", "play", "pause", "look")
    parts = ("picture", "patch", "map", "scores", "tag")

    network = Choice(NETWORKS, "tagged").tag(sync=True)
    picture = Choice(PICTURES, "star1").tag(sync=True)
    tag = traitlets.Bool(True).tag(sync=True)
    covered = traitlets.Bool(True).tag(sync=True)
    row = Count(0, SIDE - 1, 0).tag(sync=True)
    column = Count(0, SIDE - 1, 0).tag(sync=True)
    size = Count(LEAST, MOST, LEAST).tag(sync=True)
    fill = Choice(FILLS, "ground").tag(sync=True)
    map = Choice(MAPS, "occlusion").tag(sync=True)
    target = Choice(("winner", *SHAPES), "winner").tag(sync=True)
    show = Subset(SHOWN).tag(sync=True)

    @traitlets.default("row")
    def _row(self) -> int:
        return place_of("star1", "shape")[0]

    @traitlets.default("column")
    def _column(self) -> int:
        return place_of("star1", "shape")[1]

    @traitlets.default("size")
    def _size(self) -> int:
        return place_of("star1", "shape")[2]

    @property
    def pixels(self) -> np.ndarray:
        """What the network sees: the picture, its tag, the patch; from 0 to 1, shape (3, 32, 32)."""
        bare = pixels(self.picture, self.tag)
        if not self.covered:
            return bare
        return laid(bare, self.row, self.column, self.size, colour(pixels(self.picture, tag=False), self.fill))

    @property
    def scores(self) -> np.ndarray:
        """The six scores, in the order of ``convlib.data.drawn.SHAPES``, shape (6,)."""
        return forward(self.network, self.pixels[np.newaxis])[1][0]

    @property
    def shares(self) -> np.ndarray:
        """Their softmax, shape (6,)."""
        return shares(self.scores)

    @property
    def before(self) -> np.ndarray:
        """The shares without the patch, shape (6,)."""
        return shares(forward(self.network, pixels(self.picture, self.tag)[np.newaxis])[1][0])

    @property
    def answer(self) -> str:
        """The class with the highest score."""
        return SHAPES[int(self.scores.argmax())]

    @property
    def asked(self) -> str:
        """The class that the map is about: the target, or what the picture without the patch is called."""
        return SHAPES[int(self.before.argmax())] if self.target == "winner" else self.target

    @property
    def drop(self) -> float:
        """How much of the asked class's share the patch takes, below 0 if it adds to it."""
        return float((self.before - self.shares)[SHAPES.index(self.asked)])

    @property
    def heat(self) -> np.ndarray:
        """The map.

        With "occlusion", of shape (32, 32), :attr:`drop` for each place of the patch's middle, whether the patch lies
        on the picture or not; with "cam", of shape (8, 8), what each cell adds to the asked class's score, times 64.
        """
        asked = SHAPES.index(self.asked)
        if self.map == "cam":
            return class_map(self.network, forward(self.network, self.pixels[np.newaxis])[0][0], asked)
        return self.before[asked] - swept(self.network, self.picture, self.tag, self.size, self.fill)[..., asked]

    @property
    def opening(self) -> bool:
        """Whether everything is as the widget opens by default: the map is faint, so that readers guess first."""
        return all(getattr(self, name) == value for name, value in _opening().items())

    def hidden(self) -> tuple[float, float]:
        """Which shares of the shape and of the tag lie under the patch."""
        (top, bottom), (left, right) = extent(self.row, self.size), extent(self.column, self.size)
        under = np.zeros((SIDE, SIDE), bool)
        under[top:bottom, left:right] = self.covered
        mask = kept().masks[PICTURES.index(self.picture)]
        (row, column), (rows, columns) = TAG_PLACE, TAG.shape
        tag = under[row : row + rows, column : column + columns].mean() if self.tag else 0
        return float(under[mask].mean()), float(tag)

    def sentence(self) -> str:
        """What the present state shows, in words."""
        asked, shape = self.asked, self.picture[:-1]
        before, now = (given[SHAPES.index(asked)] for given in (self.before, self.shares))
        winner = SHAPES[int(self.before.argmax())]
        if not self.covered:
            bears = " with a tag" if self.tag else " without a tag"
            but = "" if winner == shape else "but "
            other = "" if asked == winner else f" It gives {asked} {percent(before)}."
            return (
                f"A {shape}{bears}, {but}the {self.network} network says {winner} with {percent(max(self.before))}."
                f"{other} Lay the patch on it: what does the answer hang on?"
            )
        where = f"With the patch on {covers(shape, *self.hidden())}, "
        if abs(before - now) < STAYS:
            stays = f"{asked} stays: {percent(before)} before, {percent(now)} now."
            blind = asked == winner == self.answer and self.hidden()[0] >= WHOLE > self.hidden()[1]
            return f"{where}{stays}{' What does the network look at, then?' if blind else ''}"
        verb = "falls" if now < before else "rises"
        answer = f"the answer is {'now' if self.answer != winner else 'still'} {self.answer}"
        return f"{where}{asked} {verb} from {percent(before)} to {percent(now)}: {answer}."

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget: its panels, the sentence's lines, the controls, the foot and the frame."""
        shown = [part for part in SHOWN if self._shows(part)]
        heights = []
        for width, frame, words, controls in ((337, 58, 68, 136), (654, 62, 47, 100), (756, 62, 47, 100)):
            words, controls = words * self._shows("words"), controls * self._shows("controls")
            heights.append(round(layout(width, shown)["height"] + words + controls + frame))
        return tuple(heights)

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        listed = ", ".join(f"{name}: {percent(share)}" for name, share in zip(SHAPES, self.shares, strict=True))
        patch = f"a square patch on {covers(self.picture[:-1], *self.hidden())}" if self.covered else "no patch"
        row, column = np.unravel_index(np.abs(self.heat).argmax(), self.heat.shape)
        what = (
            f"for each place of the patch how much of {self.asked}’s share it takes"
            if self.map == "occlusion"
            else f"which of 8 × 8 cells speak for {self.asked}"
        )
        alt = (
            f"On the left a picture of a {self.picture[:-1]}{' with a tag in a corner' if self.tag else ''}, and "
            f"{patch}. Beside it a map, {what}: most at row {row}, column {column}. Then what the {self.network} "
            f"network says: {listed}."
        )
        return alt, self.sentence()

    def still(self) -> Figure:
        """Draw picture, map and shares, as on a wide screen."""
        across, title, side = 72 * plot.WIDTH, 18.0, 116.0
        high = title + side + 3
        fig = plot.by_hand(high / 72)

        def axes(left: float, wide: float) -> Axes:
            return fig.add_axes((left / across, 1 - (title + side) / high, wide / across, side / high))

        self._draw_picture(axes(1, side))
        self._draw_map(axes(side + 9, side))
        self._draw_scores(axes(2 * side + 17, across - 2 * side - 19))
        return fig

    def _draw_picture(self, ax: Axes) -> None:
        ax.imshow(np.moveaxis(self.pixels, 0, -1), interpolation="none", vmin=0, vmax=1)
        self._draw_patch(ax)
        _bare(ax, f"a {self.picture[:-1]}{', tagged' if self.tag else ''}", "input")

    def _draw_map(self, ax: Axes) -> None:
        grey = self.pixels.mean(axis=0) if self.map == "cam" else pixels(self.picture, self.tag).mean(axis=0)
        ax.imshow(grey, cmap="gray", vmin=0, vmax=1, alpha=0.3, interpolation="none")
        reach = 1 if self.map == "occlusion" else kept().reach[self.network]
        strength = np.minimum(1, np.abs(self.heat) / reach) * (FAINT if self.opening else 1)
        box = (-0.5, SIDE - 0.5, SIDE - 0.5, -0.5)
        signs = {"cmap": plot.WEIGHTS, "vmin": -1e-12, "vmax": 1e-12, "extent": box, "interpolation": "none"}
        ax.imshow(np.sign(self.heat), alpha=strength, **signs)
        self._draw_patch(ax)
        title = f"loss of {self.asked}, by place" if self.map == "occlusion" else f"what speaks for {self.asked}"
        _bare(ax, title, "kernel")

    def _draw_patch(self, ax: Axes) -> None:
        if self.covered:
            corner = self.column - self.size // 2 - 0.5, self.row - self.size // 2 - 0.5
            for role, width in (("paper", 3), ("ink", 1.3)):
                edge = {"fill": False, "edgecolor": plot.COLORS[role], "linewidth": width, "clip_on": True}
                ax.add_patch(Rectangle(corner, self.size, self.size, **edge))

    def _draw_scores(self, ax: Axes) -> None:
        given = self.shares
        places = np.arange(len(SHAPES))
        colors = [plot.COLORS["output" if name == self.answer else "muted"] for name in SHAPES]
        ax.barh(places + 0.2, given, height=0.24, color=colors)
        asked = SHAPES.index(self.asked)
        if self.drop > 0:
            lost = {"left": given[asked], "height": 0.24, "color": plot.COLORS["kernel"], "alpha": 0.45}
            ax.barh(asked + 0.2, self.drop, **lost)
        for place, (name, share) in enumerate(zip(SHAPES, given, strict=True)):
            role = "output" if name == self.answer else "ink"
            plot.label(ax, 0, place - 0.18, name, role, ha="left")
            plot.label(ax, 1, place - 0.18, short(share), role, ha="right")
        ax.set(xlim=(0, 1), ylim=(len(SHAPES) - 0.5, -0.5), xticks=[], yticks=[])
        ax.spines[:].set_visible(False)


def _bare(ax: Axes, title: str, role: str) -> None:
    ax.set(xlim=(-0.5, SIDE - 0.5), ylim=(SIDE - 0.5, -0.5), xticks=[], yticks=[])
    ax.spines[:].set(visible=True, color=plot.COLORS["grid"])
    plot.label(ax, -0.5, -2.4, title, role, ha="left")


def _opening() -> dict[str, object]:
    """The traits as the widget opens; ``show`` apart, for a reduced view opens in the same way."""
    row, column, size = place_of("star1", "shape")
    at = {"row": row, "column": column, "size": size, "covered": True}
    told = {"network": "tagged", "picture": "star1", "tag": True, "fill": "ground"}
    return told | at | {"map": "occlusion", "target": "winner"}


OcclusionExplorer._esm = Carrying(OcclusionExplorer._esm, lambda: carried(_opening()))


def short(share: float) -> str:
    """A share on its bar.

    Examples
    --------
    >>> short(0.125).replace("\u00a0", " "), short(0.9999).replace("\u00a0", " ")
    ('13 %', '> 99 %')
    """
    return ">\u00a099\u00a0%" if share > 0.995 else f"{math.floor(100 * share + 0.5)}\u00a0%"


def covers(shape: str, of_shape: float, of_tag: float) -> str:
    """What a patch hides, in words, from which shares of the shape and of the tag lie under it.

    Examples
    --------
    >>> covers("star", 1, 0), covers("star", 0.8, 0.3), covers("disc", 0, 0)
    ('the star', 'the star and part of the tag', 'bare ground')
    """
    hidden = []
    for name, share in ((shape, of_shape), ("tag", of_tag)):
        if share >= PART:
            hidden.append(f"the {name}" if share >= WHOLE else f"part of the {name}")
    return " and ".join(hidden) or "bare ground"


def layout(width: float, shown: Sequence[str]) -> dict[str, object]:
    """Where the panels stand: left, top, width and height of each with its title, in pixels; the unit; the height.

    ``unit`` is the side of a pixel of the picture.  The same numbers as ``layout`` in occlusion_explorer.js.

    Examples
    --------
    >>> layout(756, SHOWN)["boxes"]["map"]
    (304, 0, 288, 308)
    >>> layout(337, SHOWN)["unit"]
    5
    """
    squares = [part for part in ("picture", "map") if part in shown]
    scored, narrow, both = "scores" in shown, width < 560, len(squares) > 1
    least, column = (10, 0) if narrow else (16, 148 + 16 if scored else 0)
    room = width - column - (least if both else 0)
    unit = max(1, min(9 if both or not narrow else 8, math.floor(room / (2 * SIDE if both else SIDE))))
    side = SIDE * unit
    gap = width - 2 * side if narrow and both else least  # on a phone the squares reach from edge to edge
    taken = len(squares) * (side + gap) - gap if squares else 0
    beside = 0 if narrow or not scored else min(220, width - taken - gap) if squares else min(width, 320)
    total = taken + (beside + (gap if squares else 0) if beside else 0)
    left = math.floor((width - total) / 2)
    boxes = {part: (left + n * (side + gap), 0, side, TITLE + side) for n, part in enumerate(squares)}
    top = TITLE + side if squares else 0
    if scored and narrow:
        boxes["scores"] = 0, top + (8 if squares else 0), width, TITLE + 102
    elif scored:
        boxes["scores"] = left + total - beside, 0, beside, TITLE + (side if squares else 240)
    height = max((box[1] + box[3] for box in boxes.values()), default=0)
    return {"boxes": boxes, "unit": unit, "narrow": narrow, "height": height}
