"""NetworkTrainer: a small convolutional network that learns in the page, and the filters that form as it does."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convlib import plot
from convlib.widgets.base import Widget
from convlib.widgets.small_network import (
    CLASSES,
    FILTERS,
    HELD_OUT,
    INK,
    LEARN,
    PROBE,
    TAPS,
    Network,
    Run,
    dead_filters,
    forward,
    packed_digits,
    shares,
    task,
    task_windows,
    train,
)
from convlib.widgets.traits import Choice, Count, Number, Subset

#: The most steps; how many held-out pictures are shown; where the axis of the loss ends.
MOST, PICTURES, TOP = 1000, 10, 3
SHOWN = ("filters", "loss", "pictures", "words", "controls")

_NAMES = {"─": "lying stroke", "│": "upright stroke", "╱": "rising stroke", "╲": "falling stroke"}


class PackedDigits(traitlets.TraitType):
    """A trait that is always the same: the digits, which travel to the page as bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.tag(sync=True)

    def make_dynamic_default(self) -> bytes:
        """Read when they are first asked for: a class that is only defined reads no pictures."""
        return packed_digits()

    def validate(self, obj: traitlets.HasTraits, value: object) -> bytes:
        """Refuse other pictures; the page gives its own back."""
        if not isinstance(value, bytes | memoryview) or bytes(value) != packed_digits():
            raise ValueError(
                f"{type(obj).__name__}.{self.name} must be the digits that packed_digits() gives, got others; "
                "what there is to learn is set by data"
            )
        return bytes(value)


class NetworkTrainer(Widget):
    r"""A network of one convolution layer that learns to read, step by step, and what it learns from how many pictures.

    Pictures of 8 × 8 pixels go through eight filters of 3 × 3 (padding 1), ReLU, max pooling over 2 × 2, and a linear
    layer to a score for each class; the loss is the cross-entropy of their softmax.  A step is one of mini-batch
    gradient descent on 32 pictures; see :mod:`convlib.widgets.small_network`, which has all the arithmetic.

    Parameters
    ----------
    data : {"digits", "strokes", "shuffled"}
        What there is to learn: handwritten digits, noisy strokes in four directions, or the digits with labels that
        were drawn at random.
    examples : int
        How many training pictures are used, from 10 to 1,000.
    rate : float
        The step size :math:`\eta`, between 0.001 and 10, rounded to a multiple of 0.0001.
    momentum : bool
        Whether nine tenths of each step's way are kept for the next.
    steps : int
        How many steps have been taken, from 0 to 1,000.
    pictures : bytes
        The digits as the page gets them; they cannot be others.
    show : list of {"filters", "loss", "pictures", "words", "controls"}
        A reduced view of these parts alone; empty for all.

    Examples
    --------
    >>> widget = NetworkTrainer(steps=400)
    >>> widget.filters.shape, widget.dead
    ((8, 3, 3), [])
    >>> training, held_out = widget.accuracy
    >>> training > 0.95, held_out > 0.9
    (True, True)
    """

    #: ``look=digit3`` pins a held-out picture, ``look=filter2`` a filter; ``step`` takes one step.
    orders = ("light", "reset", "play", "pause", "step", "look")
    parts = ("filters", "loss", "pictures")

    data = Choice(tuple(CLASSES), "digits").tag(sync=True)
    examples = Count(10, LEARN, LEARN).tag(sync=True)
    rate = Number(0.001, 10, 0.2, 0.0001).tag(sync=True)
    momentum = traitlets.Bool(False).tag(sync=True)
    steps = Count(0, MOST, 120).tag(sync=True)
    pictures = PackedDigits()
    show = Subset(SHOWN).tag(sync=True)

    def _run(self) -> Run:
        return train(self.data, self.examples, self.rate, self.momentum, self.steps)

    @property
    def network(self) -> Network:
        """All that is learned, as it is now."""
        return self._run().network

    @property
    def filters(self) -> np.ndarray:
        """The present filters, shape (8, 3, 3)."""
        return self.network.filters.reshape(FILTERS, TAPS, TAPS)

    @property
    def losses(self) -> np.ndarray:
        """The loss of each batch before the step that was made from it, shape (steps taken,)."""
        return self._run().losses

    @property
    def curve(self) -> np.ndarray:
        """A row every ten steps, and now: step, training loss, right ones, held-out loss, right ones; shape (K, 5).

        The training loss is that of the first 300 examples, or of all, if they are fewer.
        """
        return self._run().curve

    @property
    def accuracy(self) -> tuple[float, float]:
        """Which share of the training pictures (the first 300 of them) and of the held-out ones is right."""
        row = self.curve[-1]
        return float(row[2] / min(self.examples, PROBE)), float(row[4] / HELD_OUT)

    @property
    def dead(self) -> list[int]:
        """Numbers of the filters that no training picture makes positive anywhere."""
        return dead_filters(self.network, self.data, self.examples)

    @property
    def stopped(self) -> int | None:
        """After how many steps the run was stopped because its loss was beyond all bounds; None if it was not."""
        return self._run().stopped

    @property
    def answers(self) -> np.ndarray:
        """Shares of the classes for the ten pictures shown, shape (10, C)."""
        part = slice(LEARN, LEARN + PICTURES)
        return shares(forward(self.network, task_windows(self.data)[part])[2])

    def sentence(self) -> str:
        """What the present state shows, in words."""
        rate, steps = rounded(self.rate), counted(self.steps, "step")
        if self.stopped is not None:
            return (
                f"At rate {rate} each step overshoots by more than it corrects: after {counted(self.stopped, 'step')} "
                "the loss is beyond all bounds, and the run is stopped."
            )
        if self.steps == 0:
            return f"Eight filters of random numbers: the network guesses, and {self._held_out_right()} Press Play."
        if len(self.dead) == FILTERS:
            return (
                f"All eight filters are dead: steps at rate {rate} threw them so far that no training picture makes "
                "any of them positive. No slope reaches them."
            )
        ordinary = (
            f"After {steps} {self._held_out_right()} Nobody wrote these filters: they formed. Touch one, or a "
            f"{self._things[:-1]}."
        )
        return self._about_memory() or self._about_death() or self._about_crawling() or ordinary

    @property
    def _things(self) -> str:
        return "strokes" if self.data == "strokes" else "digits"

    def _held_out_right(self) -> str:
        return f"{percent(self.curve[-1][4], HELD_OUT)} of the held-out {self._things} are right."

    def _about_death(self) -> str:
        """Of filters that are dead; nothing if none is."""
        dead = self.dead
        if not dead:
            return ""
        if len(dead) > 1:
            which = (
                f"Filters {listed(dead)} are dead: no training picture makes them positive, so no slope reaches them."
            )
        else:
            which = f"Filter {dead[0]} is dead: no training picture makes it positive, so no slope reaches it."
        return f"{which} {self._held_out_right()}"

    def _about_memory(self) -> str:
        """Of labels that were drawn at random, and of a held-out loss that grows; nothing if neither is so."""
        now, probe = self.curve[-1], min(self.examples, PROBE)
        if self.data == "shuffled":
            known, held = percent(now[2], probe), percent(now[4], HELD_OUT)
            if now[2] > 0.2 * probe:
                return (
                    f"The labels were drawn at random: {known} of {probe} training pictures are right, learned by "
                    f"heart. Of the held-out digits {held} are; chance is 10\u00a0%."
                )
            return (
                f"The labels were drawn at random: {known} of {probe} training pictures and {held} of the held-out "
                "digits are right; chance is 10\u00a0%. Fewer pictures are soon learned by heart."
            )
        least = turned_up(self.curve)
        if least is None:
            return ""
        return (
            f"Since step {least[0]:.0f} the held-out loss has grown from {loss_words(least[3])} to "
            f"{loss_words(now[3])}, while the training loss fell to {loss_words(now[1])}: the network learns its "
            f"{self.examples} pictures by heart."
        )

    def _about_crawling(self) -> str:
        first, now = self.curve[0][1], self.curve[-1][1]
        if self.rate > 0.05 or self.steps < 20 or now <= 0.9 * first:
            return ""
        return (
            f"At rate {rounded(self.rate)} the steps are so small that {self.steps} of them took the training loss "
            f"only from {loss_words(first)} to {loss_words(now)}."
        )

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget: its panels, the sentence's lines, the controls, the foot and the frame."""
        shown = [part for part in ("filters", "loss", "pictures") if self._shows(part)]
        heights = []
        for width, frame, words, controls in ((337, 58, 89, 186), (620, 62, 47, 110), (756, 62, 47, 81)):
            words, controls = words * self._shows("words"), controls * self._shows("controls")
            heights.append(round(layout(width, shown)["height"] + words + controls + frame))
        return tuple(heights)

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        training, held = (percent(share) for share in self.accuracy)
        labels, given = task(self.data).labels[LEARN : LEARN + PICTURES], self.answers.argmax(axis=1)
        dead = f", {len(self.dead)} of them dead and hatched" if self.dead else ""
        alt = (
            f"Eight filters of 3 × 3 weights after {counted(self.steps, 'step')}{dead}; the training loss and the "
            f"held-out loss over {MOST} steps, now {loss_words(self.curve[-1][1])} and "
            f"{loss_words(self.curve[-1][3])}; and ten held-out pictures with the network's answers, of which "
            f"{int((labels == given).sum())} are right."
        )
        caption = (
            f"{self.sentence()} Rate {rounded(self.rate)}, {self.examples} training pictures; right are {training} of "
            f"those that the training loss is taken of, {held} of those held out."
        )
        return alt, caption

    def still(self) -> Figure:
        """Draw filters, losses and pictures, as the live widget does on a wide screen."""
        across, tile, gap, title = 72 * plot.WIDTH, 32.0, 6.0, 15.0
        left, tall = 4 * tile + 3 * gap + 28, 2 * tile + 20
        small = (across - 2 - 9 * 5) / PICTURES
        high = title + tall + 34 + title + small + 17
        fig = plot.by_hand(high / 72)

        def axes(x: float, y: float, wide: float, tall: float) -> Axes:
            return fig.add_axes((x / across, 1 - (y + tall) / high, wide / across, tall / high))

        for f in range(FILTERS):
            x, y = 1 + f % 4 * (tile + gap), title + f // 4 * (tile + 20)
            self._draw_filter(axes(x, y, tile, tile), f)
        self._draw_loss(axes(left, title, across - left - 14, tall))
        for n in range(PICTURES):
            self._draw_picture(axes(1 + n * (small + 5), 2 * title + tall + 34, small, small), n)
        return fig

    def _draw_filter(self, ax: Axes, f: int) -> None:
        plot.paint(ax, self.filters[f], signed=True, largest=max(0.3, float(np.abs(self.filters).max())))
        dead = f in self.dead
        if dead:
            hatch = {"hatch": "////", "edgecolor": plot.COLORS["muted"], "linewidth": 0}
            ax.add_patch(Rectangle((-0.5, -0.5), TAPS, TAPS, fill=False, **hatch))
        plot.label(ax, 1, 3, "dead" if dead else str(f), "muted")
        if f == 0:
            plot.label(ax, -0.5, -0.95, "the 8 filters", "kernel", ha="left")

    def _draw_loss(self, ax: Axes) -> None:
        ax.set(xlim=(0, MOST), ylim=(0, TOP), xticks=(0, 500, 1000), yticks=range(TOP + 1))
        ax.axhline(math.log(len(CLASSES[self.data])), color=plot.COLORS["muted"], linewidth=0.8, linestyle=":")
        for column, role, line, marker in ((1, "gradient", "--", "o"), (3, "output", "-", "s")):
            color, rows = plot.COLORS[role], np.minimum(self.curve[:, [0, column]], [MOST, TOP])
            ax.plot(*rows.T, color=color, linestyle=line)
            ax.plot(*rows[-1], marker, color=color, markersize=5, clip_on=False)
        training, held = (percent(share) for share in self.accuracy)
        for x, role, words, ha in (
            (-0.06, "gradient", f"training {training}", "left"),
            (1.08, "output", f"held out {held}", "right"),
        ):
            ax.text(x, 1.05, words, color=plot.COLORS[role], transform=ax.transAxes, ha=ha)
        ax.set_xlabel(f"step {self.steps} of {MOST}", labelpad=1)

    def _draw_picture(self, ax: Axes, n: int) -> None:
        given, labels = self.answers[n].argmax(), task(self.data).labels
        right, written = given == labels[LEARN + n], CLASSES[self.data][given]
        ax.imshow(INK - task(self.data).pictures[LEARN + n], cmap="gray", vmin=0, vmax=INK, interpolation="none")
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color=plot.COLORS["grid"])
        role, style = ("output", "-") if right else ("gradient", "--")
        plot.label(ax, 3.5, 9.6, f"{written}" if right else f"✗ {written}", role)
        if not right:
            ax.spines[:].set(color=plot.COLORS["gradient"], linewidth=1.6, linestyle=style)
        if n == 0:
            plot.label(
                ax, -0.5, -1.9, f"ten of {HELD_OUT} held-out pictures, and the network's answers", "muted", ha="left"
            )


def percent(part: float, of: float = 1) -> str:
    """A share in whole per cent; halves go up, as on the page.

    Examples
    --------
    >>> percent(1, 8).replace("\u00a0", " "), percent(0.914).replace("\u00a0", " ")
    ('13 %', '91 %')
    """
    return f"{math.floor(100 * part / of + 0.5)}\u00a0%"


def loss_words(loss: float) -> str:
    """A loss with two digits after the point or, if it is small, three.

    Examples
    --------
    >>> loss_words(2.3026), loss_words(0.0042)
    ('2.30', '0.004')
    """
    return f"{loss:.{3 if loss < 0.0095 else 2}f}"


def rounded(rate: float) -> str:
    """A rate without zeros at its end.

    Examples
    --------
    >>> rounded(0.2), rounded(10.0), rounded(0.0011)
    ('0.2', '10', '0.0011')
    """
    return f"{rate:.4f}".rstrip("0").rstrip(".")


def counted(count: int, what: str) -> str:
    """A number with its noun.

    Examples
    --------
    >>> counted(1, "step"), counted(20, "step")
    ('1 step', '20 steps')
    """
    return f"{count} {what}{'' if count == 1 else 's'}"


def listed(numbers: Sequence[int]) -> str:
    """Numbers as a sentence lists them.

    Examples
    --------
    >>> listed([0, 3, 5]), listed([4])
    ('0, 3 and 5', '4')
    """
    words = [str(number) for number in numbers]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def turned_up(curve: np.ndarray) -> np.ndarray | None:
    """The row where the held-out loss was least, if it has grown by a tenth since while the training loss fell.

    Examples
    --------
    >>> curve = np.array([[0, 2.3, 1, 2.3, 1], [10, 0.6, 8, 0.9, 7], [20, 0.1, 10, 1.2, 7]])
    >>> turned_up(curve)[0], turned_up(curve[:2])
    (np.float64(10.0), None)
    """
    least, now = curve[curve[:, 3].argmin()], curve[-1]
    grown = now[3] >= 1.1 * least[3] and now[3] >= least[3] + 0.03
    return least if grown and now[1] < least[1] else None


def layout(width: float, shown: Sequence[str]) -> dict[str, object]:
    """Where the panels stand: left, top, width and height of each with its title, in pixels; the height of all; tiles.

    The same numbers as ``layout`` in network_trainer.js.

    Examples
    --------
    >>> layout(756, ["filters", "loss"])["boxes"]["loss"]
    (326, 0, 430, 185)
    """
    title, narrow = 19, width < 560
    boxes: dict[str, tuple[float, float, float, float]] = {}
    gap = 20 if narrow else 12
    tile = min(56, math.floor((width - 3 * gap) / 4)) if narrow else 64
    across, top = 4 * (tile + gap) - gap, 0
    beside = not narrow and {"filters", "loss"} <= set(shown)
    if "filters" in shown:
        left = 0 if beside else math.floor((width - across) / 2)
        boxes["filters"] = left, top, across, title + 2 * (tile + 19)
        top += 0 if beside else boxes["filters"][3] + 6
    if "loss" in shown:
        left = across + 34 if beside else 0
        boxes["loss"] = left, top, width - left, title + (112 if narrow else 128) + 38
        top += boxes["loss"][3] + 6
    apart = 4 if narrow else 10
    small = min(68, math.floor((width - 9 * apart) / PICTURES))
    if "pictures" in shown:
        wide = PICTURES * small + 9 * apart
        boxes["pictures"] = math.floor((width - wide) / 2), top, wide, title + small + 22
    height = max((box[1] + box[3] for box in boxes.values()), default=0)
    return {"boxes": boxes, "tile": tile, "gap": gap, "small": small, "apart": apart, "height": height}
