"""DrawADigit: a digit drawn by hand goes through LeNet-5, whose every map is shown while the ink is wet."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convlib import plot
from convlib._validate import finite_number
from convlib.widgets.base import Carrying, Widget
from convlib.widgets.digit_drawings import drawings
from convlib.widgets.digit_network import (
    CLASSES,
    DIGITS,
    SIDE,
    SIZES,
    boxed,
    carried,
    forward,
    learnt,
    moved,
    percent,
    placed,
    rasterized,
    shares,
    slopes,
    unexplained,
)
from convlib.widgets.traits import Count, Number, Subset

#: The most numbers that a drawing can have, two a point and two between strokes; what they are rounded to.
MOST, GRAIN = 1600, 0.001
#: How far, in pixels and degrees, a finished digit can be moved and turned.
REACH, TURN = 6, 90
#: The maps that can be muted.
MUTABLE = tuple(f"{layer}.{number}" for layer in ("c1", "c3") for number in range(SIZES[layer][0]))
SHOWN = ("pad", "scores", "seen", "c1", "s2", "c3", "s4", "c5", "f6", "detail", "words", "controls")
#: How many marks a hint has, and how many pixels they keep apart.
MARKS, APART = 14, 2

_INK = LinearSegmentedColormap.from_list("ink", [plot.COLORS["input"] + "00", plot.COLORS["input"]])
_MAPS = LinearSegmentedColormap.from_list("maps", [plot.COLORS["output"] + "00", plot.COLORS["output"]])


class Strokes(traitlets.TraitType):
    """A trait that is a list of strokes, each a list of points (x, y) in the unit square; or a drawing's name.

    For the page it is one list of numbers, x and y of each point, with -1, -1 between strokes.
    """

    low, high, step, most = -1, 1, GRAIN, MOST

    def __init__(self) -> None:
        super().__init__()
        self.tag(sync=True, to_json=flat, from_json=lambda numbers, _widget: lifted(numbers))

    def make_dynamic_default(self) -> list:
        """The opening digit, which the weights choose."""
        return [list(stroke) for stroke in drawings()["opening"]]

    def validate(self, obj: traitlets.HasTraits, value: object) -> list:
        """Refuse points outside the square, and too many of them, saying which widget and trait."""
        name = f"{type(obj).__name__}.{self.name}"
        if isinstance(value, list | tuple) and len(value) == 1 and isinstance(value[0], str):
            value = value[0]  # as a link's list of one
        if isinstance(value, str):
            if value not in drawings():
                raise ValueError(f"{name} must be strokes or one of {', '.join(drawings())}, got {value!r}")
            return [list(stroke) for stroke in drawings()[value]]
        if not isinstance(value, list | tuple):
            raise TypeError(f"{name} must be a list of strokes, each a list of points (x, y), got {value!r}")
        if value and not any(isinstance(part, list | tuple | np.ndarray) for part in value):
            value = lifted(value, name)  # as the page has it, and a link
        strokes = [[_point(name, point) for point in stroke] for stroke in value if len(stroke)]
        count = len(flat(strokes))
        if count > MOST:
            raise ValueError(
                f"{name} must have at most {MOST} numbers, two a point and two between strokes, got {count}"
            )
        return strokes


def _point(name: str, point: object) -> tuple[float, float]:
    if not isinstance(point, list | tuple | np.ndarray) or len(point) != 2:
        raise ValueError(f"{name} must hold points (x, y) of two numbers, got {point!r}")
    x, y = (finite_number(name, number, low=0, high=1) for number in point)
    return tuple(round(math.floor(number / GRAIN + 0.5) * GRAIN, 10) for number in (x, y))


def flat(strokes: Sequence, _widget: object = None) -> list[float]:
    """Strokes as the page keeps them.

    Examples
    --------
    >>> flat([[(0.5, 0.1), (0.5, 0.9)], [(0.2, 0.3)]])
    [0.5, 0.1, 0.5, 0.9, -1, -1, 0.2, 0.3]
    >>> flat([])
    [-1, -1]
    """
    numbers: list[float] = []
    for stroke in strokes:
        numbers += [*([-1, -1] if numbers else []), *(number for point in stroke for number in point)]
    return numbers or [-1, -1]


def lifted(numbers: Sequence[float], name: str = "strokes") -> list[list[tuple[float, float]]]:
    """The way back from :func:`flat`.

    Raises
    ------
    ValueError
        If there is an odd number of them.

    Examples
    --------
    >>> lifted([0.5, 0.1, -1, -1, 0.2, 0.3])
    [[(0.5, 0.1)], [(0.2, 0.3)]]
    """
    if len(numbers) % 2:
        raise ValueError(f"{name} must hold two numbers a point, got {len(numbers)} of them")
    strokes: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(numbers[::2], numbers[1::2], strict=True):
        if x == -1:
            strokes.append([])
        else:
            strokes[-1].append((x, y))
    return [stroke for stroke in strokes if stroke]


def _carried() -> str:
    return carried({name: flat(strokes) for name, strokes in drawings().items()})


class DrawADigit(Widget):
    """A digit drawn by hand, the picture that LeNet-5 sees of it, every map of every layer, and the ten scores.

    The drawing becomes a picture as MNIST's own did: its box scaled so that the longer side is 20 pixels, its centre of
    mass put in the middle of 28 × 28, two empty pixels around.  The network is :class:`convlib.models.lenet.LeNet5` as
    the book has trained it on 4,000 of MNIST's digits.

    Parameters
    ----------
    strokes : list of strokes, each a list of (x, y), or str
        The drawing in the unit square, y downwards; or the name of one: "opening", "zero" to "nine", "scribble",
        "blank".  By default a digit between four and nine.
    digit : int
        0 for the strokes; 1 to 20 for a real digit that was held out, every second one among the hardest.
    thickness : float
        Of the pen, as a share of the pad: between 0.03 and 0.2, rounded to a multiple of 0.005.
    dx, dy : int
        Whole pixels, from -6 to 6, that the finished picture is moved to the right and down.
    turn : int
        Degrees, from -90 to 90, that it is turned clockwise.
    hint : int
        A class from 0 to 9: what of the ink would raise its score over the winner's; -1 for none.
    muted : list of str
        Maps that are made zero: "c1.0" to "c1.5", "c3.0" to "c3.15".
    show : list of str
        A reduced view of these parts alone, of "pad", "scores", "seen", "c1", "s2", "c3", "s4", "c5", "f6", "detail",
        "words", "controls"; empty for all.

    Examples
    --------
    >>> widget = DrawADigit(strokes="seven")
    >>> widget.answer, widget.picture.shape, widget.maps["c3"].shape
    (7, (32, 32), (16, 10, 10))
    """

    #: ``look=c3.5,4,4`` pins a unit, ``look=c1.2`` a map's strongest, ``look=score.9`` a score; ``next`` shows the next
    #: real digit; ``preset=seven`` draws one.
    orders = ("light", "reset", "look", "preset", "next", "clear", "undo")
    parts = ("pad", "scores", "seen", "c1", "s2", "c3", "s4", "c5", "f6", "detail")

    strokes = Strokes()
    digit = Count(0, DIGITS, 0).tag(sync=True)
    thickness = Number(0.03, 0.2, 0.09, 0.005).tag(sync=True)
    dx = Count(-REACH, REACH, 0).tag(sync=True)
    dy = Count(-REACH, REACH, 0).tag(sync=True)
    turn = Count(-TURN, TURN, 0).tag(sync=True)
    hint = Count(-1, CLASSES - 1, -1).tag(sync=True)
    muted = Subset(MUTABLE).tag(sync=True)
    show = Subset(SHOWN).tag(sync=True)

    @property
    def _placed(self) -> np.ndarray:
        """The digit in the field before it is moved and turned, shape (32, 32)."""
        if self.digit:
            return placed(boxed(learnt().pictures[self.digit - 1] / 255))
        return placed(rasterized(self.strokes, self.thickness))

    @property
    def picture(self) -> np.ndarray:
        """What the network sees, from 0 to 1, shape (32, 32)."""
        return moved(self._placed, self.dx, self.dy, self.turn)

    @property
    def maps(self) -> dict[str, np.ndarray]:
        """All maps after ReLU: "c1" of shape (6, 28, 28), "s2" (6, 14, 14), "c3" (16, 10, 10), "s4" (16, 5, 5), ...

        "c5" (120,), "f6" (84,), and the ten "scores".
        """
        return {name: values[0] for name, values in forward(self.picture[None], self.muted).items()}

    @property
    def scores(self) -> np.ndarray:
        """The ten scores, shape (10,)."""
        return self.maps["scores"]

    @property
    def shares(self) -> np.ndarray:
        """Their softmax, shape (10,)."""
        return shares(self.scores)

    @property
    def answer(self) -> int:
        """The class with the highest score."""
        return int(self.scores.argmax())

    @property
    def slope(self) -> np.ndarray | None:
        """The gradient of the hint's score minus the winner's, by each pixel's ink, shape (32, 32); None without."""
        if self.hint in (-1, self.answer):
            return None
        return slopes(self.picture, self.hint, self.answer, self.muted)

    @property
    def unlike(self) -> float:
        """How much of the picture the digits' commonest patterns leave over; beyond 1 of 99 in 100 held-out digits."""
        return unexplained(self.picture) / learnt().limit

    def sentence(self) -> str:
        """What the present state shows, in words."""
        given = self.shares
        first, second = (int(k) for k in np.argsort(-given, kind="stable")[:2])
        sure, next_ = percent(given[first]), percent(given[second])
        if not self.picture.any():
            return (
                f"An empty page has no box to fit: the network sees zeros alone, and says {first} with {sure} all the "
                "same. It must say one of ten."
            )
        if self.hint not in (-1, first):
            return (
                f"Ink at +, and less ink at −, would raise {self.hint}’s score over {first}’s fastest: the slope here, "
                f"a hint to first order. {self.hint} has {percent(given[self.hint])}, {first} has {sure}."
            )
        return (
            self._about_muted(first, sure) or self._about_moved(first, sure) or self._about(first, sure, second, next_)
        )

    def _about_muted(self, first: int, sure: str) -> str:
        if not self.muted:
            return ""
        whole = shares(forward(self.picture[None])["scores"][0])
        before = int(whole.argmax())
        return (
            f"Without {listed_maps(self.muted)} the network says {first} with {sure}; with all maps, {before} with "
            f"{percent(whole[before])}."
        )

    def _about_moved(self, first: int, sure: str) -> str:
        moves = moved_words(self.dx, self.dy, self.turn)
        if not moves:
            return ""
        before = shares(forward(self._placed[None], self.muted)["scores"][0])
        winner = int(before.argmax())
        maps = "The maps of C1 turn only roughly along" if self.turn else "The maps of C1 move along"
        return (
            f"{moves}: {maps[0].lower() + maps[1:]}. Before, {winner} with "
            f"{percent(before[winner])}; now {first} with {sure}."
        )

    def _about(self, first: int, sure: str, second: int, next_: str) -> str:
        if self.digit:
            label = learnt().labels[self.digit - 1]
            verdict = "right" if first == label else f"wrong; {label} has {percent(self.shares[label])}"
            return f"A real {label}, which the network has never seen. It says {first} with {sure}: {verdict}."
        if self.unlike > 1:
            return (
                f"The network says {first} with {sure}, because it must say one of ten: the picture is less like the "
                "digits it learnt than 99 in 100 that it has not seen."
            )
        if self.shares[second] >= 0.1:
            return (
                f"{first} or {second}? The network says {sure} and {next_}: draw on, or touch a map to see "
                "what it is made of."
            )
        return f"The network says {first} with {sure}. Draw another digit, or touch a map to see what it is made of."

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget: its panels, the sentence's lines, the controls, the foot and the frame."""
        shown = [part for part in SHOWN if self._shows(part)]
        heights = []
        for width, frame, words, controls in ((337, 58, 89, 121), (620, 62, 47, 81), (756, 62, 48, 41)):
            words, controls = words * self._shows("words"), controls * self._shows("controls")
            heights.append(round(layout(width, shown)["height"] + words + controls + frame))
        return tuple(heights)

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        given = self.shares
        listed = ", ".join(f"{k}: {percent(share)}" for k, share in enumerate(given))
        what = f"a real {learnt().labels[self.digit - 1]}" if self.digit else "a digit drawn by hand"
        alt = (
            f"On the left {what}, as the 32 × 32 pixels that LeNet-5 sees; then all maps of its layers, at one scale: "
            f"C1, six of 28 × 28; S2, six of 14 × 14; C3, sixteen of 10 × 10; S4, sixteen of 5 × 5; C5 and F6, 120 and "
            f"84 single units; last the ten scores as shares: {listed}."
        )
        return alt, self.sentence()

    def still(self) -> Figure:
        """Draw the digit, what the network sees of it, all maps and the scores, as on a wide screen."""
        across, unit, title, high = 72 * plot.WIDTH, 1.28, 14.0, 226.0
        fig = plot.by_hand(high / 72)

        def axes(left: float, top: float, wide: float, tall: float) -> Axes:
            return fig.add_axes((left / across, 1 - (top + tall) / high, wide / across, tall / high))

        left = across - sheet_size("c1")[0] * unit - 1
        pad, tops = left - 14, (title, 2 * title + 28 * unit + 5, 3 * title + 57 * unit + 10)
        self._draw_pad(axes(1, title, pad, pad), pad)
        self._draw_seen(axes(1, 2 * title + pad + 6, SIDE * unit * 1.2, SIDE * unit * 1.2))
        for name, x, top in (
            ("c1", left, tops[0]),
            ("s2", left, tops[1]),
            ("c3", left + 55 * unit, tops[1]),
            ("s4", across - 23 * unit - 1, tops[1]),
            ("c5", left, tops[2]),
            ("f6", left + 33 * unit, tops[2]),
        ):
            _draw_maps(axes(x, top, *(unit * size for size in sheet_size(name))), name, self.maps[name])
        start = left + 58 * unit
        self._draw_scores(axes(start, tops[2] + 4, across - start - 1, high - tops[2] - 24))
        return fig

    def _draw_pad(self, ax: Axes, side: float) -> None:
        ax.set(xlim=(0, 1), ylim=(1, 0), xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color=plot.COLORS["muted"])
        if self.digit:
            picture = learnt().pictures[self.digit - 1]
            ax.imshow(picture, cmap=_INK, vmin=0, vmax=255, extent=(0, 1, 1, 0), interpolation="none")
        pen = {"color": plot.COLORS["input"], "linewidth": self.thickness * side, "solid_joinstyle": "round"}
        for stroke in [] if self.digit else self.strokes:
            points = [*stroke, *stroke[:1]] if len(stroke) == 1 else stroke
            ax.plot(*np.transpose(points), **pen)
        name = "a real digit" if self.digit else "the drawing"
        plot.label(ax, 0, -0.07, name, "input", ha="left")

    def _draw_seen(self, ax: Axes) -> None:
        ax.imshow(self.picture, cmap=_INK, vmin=0, vmax=1, interpolation="none")
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color=plot.COLORS["grid"])
        plot.label(ax, -0.5, -4.5, "what it sees", "input", ha="left")
        if self.slope is not None:
            for row, column, sign, _ in marks(self.slope, self.picture):
                role, text = ("kernel", "+") if sign > 0 else ("product", "−")
                plot.label(ax, column, row, text, role)

    def _draw_scores(self, ax: Axes) -> None:
        given = self.shares
        colors = [plot.COLORS["output" if k == self.answer else "muted"] for k in range(CLASSES)]
        ax.bar(range(CLASSES), given, color=colors, width=0.7)
        ax.set(xlim=(-0.6, 9.6), ylim=(0, 1.2), yticks=[], xticks=range(CLASSES))
        ax.spines["left"].set_visible(False)
        for k, share in enumerate(given):
            if share >= 0.1:
                plot.label(ax, k, share + 0.09, f"{math.floor(100 * share + 0.5)}", "ink")
        ax.text(0, 1.02, "shares in %", transform=ax.transAxes, color=plot.COLORS["muted"])


DrawADigit._esm = Carrying(DrawADigit._esm, _carried)


def _draw_maps(ax: Axes, name: str, values: np.ndarray) -> None:
    wide, high = sheet_size(name)
    sheet = np.full((high, wide), np.nan)
    side = SIZES[name][1]
    for number, (row, column) in enumerate(corners(name)):
        sheet[row : row + side, column : column + side] = values[number]
        edge = {"fill": False, "edgecolor": plot.COLORS["grid"], "linewidth": 0.4, "clip_on": False}
        ax.add_patch(Rectangle((column - 0.5, row - 0.5), side, side, **edge))
    ax.imshow(sheet, cmap=_MAPS, vmin=0, vmax=learnt().reach[name], interpolation="none", aspect="auto")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    plot.label(ax, -0.5, -4.5, name.upper(), "output", ha="left")


#: How many maps stand side by side in each layer's sheet, a pixel apart; and on a narrow screen.
ACROSS = {"c1": 6, "s2": 3, "c3": 8, "s4": 4, "c5": 12, "f6": 7}
ACROSS_NARROW = ACROSS | {"c1": 3, "c3": 4}


def sheet_size(name: str, across: dict[str, int] = ACROSS) -> tuple[int, int]:
    """Columns and rows of pixels of a layer's maps, laid side by side.

    Examples
    --------
    >>> sheet_size("c1"), sheet_size("c5")
    ((173, 28), (23, 19))
    """
    (count, side), columns = SIZES[name], across[name]
    return columns * (side + 1) - 1, math.ceil(count / columns) * (side + 1) - 1


def corners(name: str) -> list[tuple[int, int]]:
    """Row and column of each map's first pixel in the layer's sheet.

    Examples
    --------
    >>> corners("s2")[4]
    (15, 15)
    """
    (count, side), columns = SIZES[name], ACROSS[name]
    return [(n // columns * (side + 1), n % columns * (side + 1)) for n in range(count)]


def marks(slope: np.ndarray, field: np.ndarray) -> list[tuple[int, int, int, float]]:
    """Where ink would help most, and where less of it: row, column, sign, and how much a whole change would bring.

    At most ``MARKS``, the strongest first, each ``APART`` pixels or more from those before it.

    Parameters
    ----------
    slope, field : numpy.ndarray, shape (32, 32)
        What a score gains with each pixel's ink; the ink.

    Examples
    --------
    >>> slope = np.zeros((32, 32))
    >>> slope[3, 4], slope[9, 9] = 2, -1
    >>> marks(slope, np.zeros((32, 32)))  # there is no ink to take away
    [(3, 4, 1, 2.0)]
    """
    gain = np.where(slope > 0, slope * (1 - field), -slope * field).ravel()
    chosen: list[tuple[int, int, int, float]] = []
    for at in np.argsort(-gain, kind="stable"):
        row, column = divmod(int(at), SIDE)
        if len(chosen) == MARKS or gain[at] <= 0.05 * gain.max():
            break
        if all(max(abs(row - i), abs(column - j)) >= APART for i, j, _, _ in chosen):
            chosen.append((row, column, 1 if slope[row, column] > 0 else -1, float(gain[at])))
    return chosen


def listed_maps(names: Sequence[str]) -> str:
    """Maps as a sentence lists them; very many are counted.

    Examples
    --------
    >>> listed_maps(["c1.2", "c3.11"]), listed_maps(list(MUTABLE))
    ('C1·2 and C3·11', '22 maps')
    """
    written = [name.upper().replace(".", "·") for name in names]
    if len(written) > 3:
        return f"{len(written)} maps"
    return " and ".join([", ".join(written[:-1]), written[-1]]) if len(written) > 1 else written[0]


def moved_words(dx: int, dy: int, turn: int) -> str:
    """Which way a picture has been moved and turned; nothing if it has not.

    Examples
    --------
    >>> moved_words(2, -1, 0), moved_words(0, 0, -15)
    ('Moved 2 right, 1 up', 'Turned by −15°')
    """
    ways = [f"{abs(by)} {names[by > 0]}" for by, names in ((dx, ("left", "right")), (dy, ("up", "down"))) if by]
    words = [f"moved {', '.join(ways)}"] if ways else []
    words += [f"turned by {turn}°".replace("-", "−")] if turn else []
    text = " and ".join(words)
    return text[:1].upper() + text[1:]


TITLE = 18


def layout(width: float, shown: Sequence[str]) -> dict[str, object]:
    """Where the panels stand: left, top, width and height of each with its title, in pixels; the unit; the height.

    ``unit`` is the side of a pixel of every map and of the picture.  The same numbers as ``layout`` in draw_a_digit.js.

    Examples
    --------
    >>> layout(756, SHOWN)["boxes"]["c1"]
    (237, 0, 519, 102)
    """
    return _narrow(width, shown) if width < 560 else _wide(width, shown)


def _wide(width: float, shown: Sequence[str]) -> dict[str, object]:
    """The pad, the picture and the detail on the left; the network beside them in three rows."""
    unit = 3 if width >= 740 else 2
    net = sheet_size("c1")[0] * unit
    rows = [[p for p in row if p in shown] for row in (("c1",), ("s2", "c3", "s4"), ("c5", "f6", "scores"))]
    rows = [row for row in rows if row]
    pad = min(224, width - net - 18)
    boxes = _beside(0 if rows else math.floor((width - pad) / 2), pad, unit, shown)
    low, y = _height(boxes), 0
    x0 = width - net if boxes else math.floor((width - net) / 2)
    for row in rows:
        sizes = [[size * unit for size in sheet_size(name)] for name in row if name != "scores"]
        tall = TITLE + max((size[1] for size in sizes), default=0)
        if "scores" in row:
            tall = max(tall, low - y, TITLE + 120)
        spread = len(row) == 3 and "scores" not in row
        gap = math.floor((net - sum(size[0] for size in sizes)) / 2) if spread else 24
        x = x0
        for name, (wide, high) in zip(row, sizes, strict=False):  # scores, the last one, have no size of their own
            boxes[name] = x, y, wide, TITLE + high
            x += wide + gap
        if "scores" in row:
            boxes["scores"] = x, y, x0 + net - x, tall
        y += tall + 8
    return {"boxes": boxes, "unit": unit, "narrow": False, "height": _height(boxes)}


def _beside(left: float, pad: float, unit: float, shown: Sequence[str]) -> dict[str, tuple]:
    """The boxes of the left column on a wide screen."""
    seen, boxes, top = SIDE * unit, {}, 0.0
    if "pad" in shown:
        boxes["pad"], top = (left, 0, pad, TITLE + pad), TITLE + pad + 10
    if "seen" in shown:
        boxes["seen"] = left, top, seen, TITLE + seen
    if "detail" in shown:
        boxes["detail"] = left + seen + 16, top, pad - seen - 16, TITLE + 96
    return boxes


def _height(boxes: dict[str, tuple]) -> float:
    return max((box[1] + box[3] for box in boxes.values()), default=0)


def _narrow(width: float, shown: Sequence[str]) -> dict[str, object]:
    """The pad beside the scores, and the network under them in two rows."""
    unit, pad, top = 2 if width >= 330 else 1.5, min(224, math.floor(0.66 * width)), 0.0
    boxes: dict[str, tuple] = {}
    if "pad" in shown:
        boxes["pad"] = (0 if "scores" in shown else math.floor((width - pad) / 2)), 0, pad, TITLE + pad
    if "scores" in shown:
        x = pad + 10 if "pad" in shown else 0
        boxes["scores"] = x, 0, width - x, TITLE + max(pad, 10 * 24)  # each a target for a finger
    if boxes:
        top = _height(boxes) + 6
    for row in (("seen", "c1", "s2"), ("c3", "s4", "c5", "f6", "detail")):
        names = [name for name in row if name in shown]
        sizes = [_narrow_size(name, unit) for name in names if name != "detail"]
        free = width - sum(size[0] for size in sizes)
        gap = 12 if "detail" in names else math.floor(min(20, free / 2))
        x = 0.0
        for name, (wide, high) in zip(names, sizes, strict=False):
            boxes[name] = x, top, wide, TITLE + high
            x += wide + gap
        if "detail" in names:
            boxes["detail"] = x, top, width - x, TITLE + 43 * unit
        top = _height(boxes) + 6 if names else top
    return {"boxes": boxes, "unit": unit, "narrow": True, "height": _height(boxes)}


def _narrow_size(name: str, unit: float) -> tuple[float, float]:
    wide, high = (SIDE, SIDE) if name == "seen" else sheet_size(name, ACROSS_NARROW)
    return wide * unit, high * unit
