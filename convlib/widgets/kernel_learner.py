"""KernelLearner: the nine weights of a hidden kernel, learned back from a picture by gradient descent, step by step."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convlib import plot
from convlib.data import photograph
from convlib.widgets.base import Widget
from convlib.widgets.traits import Choice, Count, Number, Pixels, Subset

#: Rows and columns of the photograph, of the kernels, and of the pictures that a kernel makes of it.
SIZE, TAPS = 64, 3
SIDE = SIZE - TAPS + 1
#: The kernels, as they stand in a correlation: row after row, what each is multiplied by, and what it is called.
HIDDEN = {
    "sobel": ((-1, 0, 1, -2, 0, 2, -1, 0, 1), 1, "Sobel"),
    "laplacian": ((0, 1, 0, 1, -4, 1, 0, 1, 0), 1, "Laplacian"),
    "blur": ((1, 2, 1, 2, 4, 2, 1, 2, 1), 1 / 16, "blur"),
    "emboss": ((-2, -1, 0, -1, 1, 1, 0, 1, 2), 1, "emboss"),
}
#: Where the weights start: numpy.random.default_rng(5).normal(size=9), rounded to two decimals.
STARTS = {"zeros": (0.0,) * 9, "random": (-0.8, -1.32, -0.25, 0.42, 1.14, 0.11, -0.55, -0.78, 0.75)}
#: The most steps; the loss at which a run that diverges is stopped; how near a weight counts as right.
MOST, ENOUGH, NEAR = 500, 1e12, 0.005
#: Decades that the axis of the loss reaches to.
LOW, HIGH = -12, 2
SHOWN = ("pictures", "weights", "loss", "words", "controls")


@cache
def _photograph() -> np.ndarray:
    pixels = np.rint(255 * photograph("page", SIZE)).astype(np.uint8)
    pixels.flags.writeable = False  # shared by all widgets
    return pixels


def windows(x: np.ndarray) -> np.ndarray:
    """All 3 × 3 windows of a picture, each as a row: times nine weights, they are the correlation.

    Parameters
    ----------
    x : numpy.ndarray, shape (rows, columns)

    Returns
    -------
    numpy.ndarray, shape ((rows - 2) (columns - 2), 9)

    Examples
    --------
    >>> windows(np.arange(12).reshape(3, 4))
    array([[ 0,  1,  2,  4,  5,  6,  8,  9, 10],
           [ 1,  2,  3,  5,  6,  7,  9, 10, 11]])
    """
    return np.lib.stride_tricks.sliding_window_view(x, (TAPS, TAPS)).reshape(-1, TAPS * TAPS)


def descend(
    x: np.ndarray, kernel: np.ndarray, start: np.ndarray, rate: float, steps: int
) -> tuple[np.ndarray, np.ndarray, int | None]:
    r"""Gradient descent on the mean squared error between the picture that weights make and the one a kernel made.

    One step is :math:`w \leftarrow w - \eta\, g` with :math:`g = \frac{2}{M} \sum e\,x`: the error, correlated with the
    input.  A run is stopped where the loss is beyond ``ENOUGH``: from there on the weights stay as they are.

    Parameters
    ----------
    x : numpy.ndarray, shape (rows, columns)
        The input.
    kernel, start : numpy.ndarray, shape (9,)
        The weights that made the target, and those to start from; row after row.
    rate : float
        The step size :math:`\eta`.
    steps : int

    Returns
    -------
    history : numpy.ndarray, shape (steps + 1, 9)
        The weights before the first step and after each.
    losses : numpy.ndarray, shape (steps + 1,)
        Their mean squared errors.
    stopped : int or None
        After how many steps the run was stopped, if it was.

    Examples
    --------
    >>> x = np.eye(4)
    >>> history, losses, stopped = descend(x, np.arange(9.0), np.zeros(9), 0.5, 2)
    >>> losses
    array([106.   ,  26.5  ,   6.625])
    """
    rows = windows(x)  # (M, 9)
    target, w, stopped = rows @ kernel, np.array(start, dtype=float), None
    history, losses = np.empty((steps + 1, TAPS * TAPS)), np.empty(steps + 1)
    for k in range(steps + 1):
        error = rows @ w - target  # (M,)
        history[k], losses[k] = w, np.mean(error**2)
        if losses[k] > ENOUGH:
            history[k:], losses[k:], stopped = w, losses[k], k
            break
        w = w - rate * 2 / len(rows) * (error @ rows)
    return history, losses, stopped


class KernelLearner(Widget):
    r"""A photograph, the picture that a hidden 3 × 3 kernel made of it, and nine weights that learn the kernel back.

    The prediction is the correlation :math:`\hat y = w \star x` where the kernel lies wholly inside (mode
    ``"valid"``), the loss :math:`L` is the mean of :math:`(\hat y - y)^2` over its :math:`M = 62 \cdot 62` pixels.
    The loss is a quadratic function of the weights.  Its Hessian :math:`H = \frac{2}{M} X^\top X` depends on the
    photograph alone; with the largest eigenvalue :math:`\lambda`, descent converges for rates below
    :math:`2 / \lambda` and, in general, diverges above.

    Parameters
    ----------
    hidden : {"sobel", "laplacian", "blur", "emboss"}
        The kernel that made the target.
    start : {"zeros", "random"}
        The weights before the first step; ``"random"`` are always the same.
    rate : float
        The step size :math:`\eta`, between 0.01 and 20, rounded to a multiple of 0.001.
    centered : bool
        Subtract the photograph's mean from it first.
    steps : int
        How many steps have been taken, from 0 to 500.
    image : array_like, shape (64, 64)
        The photograph: integers from 0 to 255 or fractions from 0 to 1.
    show : list of {"pictures", "weights", "loss", "words", "controls"}
        A reduced view of these parts alone; empty for all.

    Examples
    --------
    >>> widget = KernelLearner(steps=150)
    >>> widget.weights.round(2) + 0.0
    array([[-1.,  0.,  1.],
           [-2.,  0.,  2.],
           [-1.,  0.,  1.]])
    >>> round(widget.limit, 2), widget.learned
    (8.11, 106)
    """

    #: ``look=w0,2`` pins a weight; ``step`` takes one step; ``reveal`` lifts the cover off the hidden kernel.
    orders = ("light", "reset", "play", "pause", "step", "reveal", "look")
    parts = ("input", "target", "prediction", "error", "weights", "gradient", "loss", "hidden")

    hidden = Choice(tuple(HIDDEN), "sobel").tag(sync=True)
    start = Choice(tuple(STARTS), "zeros").tag(sync=True)
    rate = Number(0.01, 20, 4.0, 0.001).tag(sync=True)
    centered = traitlets.Bool(True).tag(sync=True)
    steps = Count(0, MOST, 6).tag(sync=True)
    image = Pixels(SIZE, _photograph)
    show = Subset(SHOWN).tag(sync=True)

    @property
    def input(self) -> np.ndarray:
        """The photograph x as the weights see it, from 0 to 1 or less its mean, shape (64, 64)."""
        x = self.image / 255
        return x - x.mean() if self.centered else x

    @property
    def kernel(self) -> np.ndarray:
        """The hidden kernel, shape (3, 3)."""
        taps, scale, _ = HIDDEN[self.hidden]
        return np.reshape(taps, (TAPS, TAPS)) * float(scale)

    def _run(self, steps: int | None = None) -> tuple[np.ndarray, np.ndarray, int | None]:
        start = np.array(STARTS[self.start])
        return descend(self.input, self.kernel.ravel(), start, self.rate, self.steps if steps is None else steps)

    @property
    def history(self) -> np.ndarray:
        """The weights before the first step and after each one taken, row after row; shape (steps + 1, 9)."""
        return self._run()[0]

    @property
    def losses(self) -> np.ndarray:
        """The loss before the first step and after each one taken, shape (steps + 1,)."""
        return self._run()[1]

    @property
    def weights(self) -> np.ndarray:
        """The present weights, shape (3, 3)."""
        return self.history[-1].reshape(TAPS, TAPS)

    @property
    def loss(self) -> float:
        """The present loss: the mean of the squared error."""
        return float(self.losses[-1])

    @property
    def target(self) -> np.ndarray:
        """The picture y that the hidden kernel made, shape (62, 62)."""
        return (windows(self.input) @ self.kernel.ravel()).reshape(SIDE, SIDE)

    @property
    def prediction(self) -> np.ndarray:
        """The picture that the present weights make, shape (62, 62)."""
        return (windows(self.input) @ self.weights.ravel()).reshape(SIDE, SIDE)

    @property
    def error(self) -> np.ndarray:
        """Prediction minus target, shape (62, 62)."""
        return self.prediction - self.target

    @property
    def gradient(self) -> np.ndarray:
        """Slopes of the loss along the present weights, shape (3, 3): twice the mean of error times shifted input."""
        return (2 / SIDE**2 * (self.error.ravel() @ windows(self.input))).reshape(TAPS, TAPS)

    @property
    def hessian(self) -> np.ndarray:
        """Second derivatives of the loss, the same for all weights; shape (9, 9)."""
        rows = windows(self.input)
        return 2 / len(rows) * rows.T @ rows

    @property
    def eigenvalues(self) -> np.ndarray:
        """The Hessian's eigenvalues, the largest first, shape (9,)."""
        return np.maximum(np.linalg.eigvalsh(self.hessian)[::-1], 0)

    @property
    def limit(self) -> float:
        """The largest stable rate, 2 over the largest eigenvalue; infinite for a photograph without any contrast."""
        return _limit(self.hessian)

    @property
    def stopped(self) -> int | None:
        """After how many steps the run stops because the loss is beyond 10¹²; None if it does not within 500."""
        return self._run(MOST)[2]

    @property
    def learned(self) -> int | None:
        """From which step on all weights stay right to two decimals; None if they do not within 500 steps."""
        away = np.abs(self._run(MOST)[0] - self.kernel.ravel()).max(axis=1) >= NEAR
        first = 0 if not away.any() else int(np.flatnonzero(away)[-1]) + 1
        return first if first <= MOST else None

    def sentence(self) -> str:
        """What the present state shows, in words."""
        limit, stopped, learned = self.limit, self.stopped, self.learned
        if stopped is not None and self.steps >= stopped:
            return (
                f"Beyond 2/λ = {rounded(limit)} each step overshoots by more than it corrects: the loss grows. "
                f"Past 10¹², at step {stopped}, the run is stopped."
            )
        if self.rate > limit:
            return (
                f"Beyond 2/λ = {rounded(limit)} each step overshoots, along one direction, by more than it corrects: "
                "in the end the loss grows."
            )
        if learned is not None and self.steps >= learned:
            return f"From step {learned} on, all nine weights are right to two decimals. Look behind the cover."
        if not self.centered:
            x = self.image / 255
            rows = windows(x - x.mean())
            without = _limit(2 / len(rows) * rows.T @ rows)
            return (
                "The mean brightness makes one direction of the nine far steeper: "
                f"2/λ falls from {rounded(without)} to {rounded(limit)}, and the others crawl."
            )
        if self.steps == 0:
            first = "Nine zeros" if self.start == "zeros" else "Nine random numbers"
            made = "and a picture y made by a kernel under cover"
            return f"{first}, {made}. Each arrow: where a step will take a weight."
        return (
            "Each arrow is a weight’s next step: −η times its slope of the loss, found from error and input alone. "
            "Touch a weight."
        )

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget: its panels, the sentence's lines, the controls, the foot and the frame."""
        shown = [part for part in ("pictures", "weights", "loss") if self._shows(part)]
        heights = []
        for width, frame in ((337, 58), (620, 62), (756, 62)):
            narrow = width < 480
            words = (68 if narrow else 47) * self._shows("words")
            controls = (168 if narrow else 91) * self._shows("controls")
            heights.append(round(layout(width, shown)[1] + words + controls + frame))
        return tuple(heights)

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        state = f"after {self.steps} steps at rate {rounded(self.rate)}" if self.steps else "before the first step"
        alt = (
            f"Four pictures: the input x, the target y, the prediction of the nine weights, and its error. Below, the "
            f"nine weights {state}: {_listed(self.weights)}, each with an arrow where its next step leads; the hidden "
            f"kernel, covered; and the loss on a logarithmic axis over {MOST} steps, now {number(self.loss)}."
        )
        caption = (
            f"{self.sentence()} The loss is {number(self.loss)}, {state}; the largest stable rate is "
            f"2/<i>λ</i> = {rounded(self.limit)}."
        )
        return alt, caption

    def still(self) -> Figure:
        """Draw pictures, weights and the loss, as the live widget does on a wide screen."""
        across, gap, title = 72 * plot.WIDTH, 8.0, 15.0
        side = math.floor((across - 3 * gap - 2) / 4)
        tiles = 90.0
        high = 2 * title + side + tiles + 40
        fig = plot.by_hand(high / 72)

        def axes(left: float, top: float, wide: float, tall: float) -> Axes:
            return fig.add_axes((left / across, 1 - (top + tall) / high, wide / across, tall / high))

        self._draw_pictures([axes(1 + i * (side + gap), title, side, side) for i in range(4)])
        below = 2 * title + side + 8
        self._draw_weights(axes(1, below, tiles, tiles))
        self._draw_cover(axes(1 + tiles + 12, below, tiles, tiles))
        left = 2 * tiles + 50
        self._draw_loss(axes(left, below, across - left - 12, tiles))
        return fig

    def _draw_pictures(self, axes: list[Axes]) -> None:
        reach = max(np.abs(self.target).max(), 1e-12) / 2  # beyond it colors are full
        frames = (
            ("input $x$", "input", self.image),
            ("target $y$", "output", self.target),
            ("prediction", "output", self.prediction),
            ("error", "ink", self.error),
        )
        for ax, (name, role, pixels) in zip(axes, frames, strict=True):
            grey = {"cmap": "gray", "vmin": 0, "vmax": 255}
            signed = {"cmap": plot.WEIGHTS, "vmin": -reach, "vmax": reach}
            ax.imshow(pixels, interpolation="none", **(grey if role == "input" else signed))
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set(visible=True, color=plot.COLORS["grid"])
            plot.label(ax, -0.5, -4.5, name, role, ha="left")

    def _draw_weights(self, ax: Axes) -> None:
        _tiles(ax, "weights $w$", "kernel")
        largest, moves = np.abs(self.kernel).max(), -self.rate * self.gradient
        for (i, j), value in np.ndenumerate(self.weights):
            shade = plot.COLORS["kernel" if value > 0 else "input"]
            strength = 0.45 * min(1, abs(value) / largest)
            ax.add_patch(Rectangle((j, i), 1, 1, facecolor=shade, alpha=strength, linewidth=0))
            plot.label(ax, j + 0.83, i + 0.5, decimals(value), ha="right", fontsize=8)
            length = arrow_length(moves[i, j], largest)
            if length > 0.04:
                tip = -math.copysign(0.42 * length, moves[i, j])
                style = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, "mutation_scale": 6}
                style |= {"color": plot.COLORS["gradient"], "linewidth": 1.4}
                ax.annotate("", (j + 0.92, i + 0.5 + tip), (j + 0.92, i + 0.5), arrowprops=style)

    def _draw_cover(self, ax: Axes) -> None:
        _tiles(ax, "hidden kernel", "kernel")
        for i in range(TAPS * TAPS):
            plot.label(ax, i % TAPS + 0.5, i // TAPS + 0.5, "?", "muted")

    def _draw_loss(self, ax: Axes) -> None:
        losses = self._run(MOST)[1]
        ax.set(xlim=(0, MOST), ylim=(10.0**LOW, 10.0**HIGH), yscale="log", xticks=(0, 250, 500))
        ax.set_yticks([10.0**power for power in (-9, -6, -3, 0)])
        ax.minorticks_off()
        shown = np.clip(losses, 10.0 ** (LOW - 1), 10.0 ** (HIGH + 1))
        ax.plot(shown, color=plot.COLORS["grid"], linewidth=1.6)
        ax.plot(shown[: self.steps + 1], color=plot.COLORS["ink"], linewidth=2)
        now = np.clip(losses[self.steps], 10.0**LOW, 10.0**HIGH)
        ax.plot(self.steps, now, "o", color=plot.COLORS["ink"], markersize=5, clip_on=False)
        ax.text(1, 1.08, f"loss {number(self.loss)}", color=plot.COLORS["ink"], transform=ax.transAxes, ha="right")
        ax.set_xlabel(f"step {self.steps} of {MOST}")


def _limit(hessian: np.ndarray) -> float:
    largest = float(np.linalg.eigvalsh(hessian)[-1])
    return 2 / largest if largest > 1e-12 else math.inf


def _tiles(ax: Axes, name: str, role: str) -> None:
    ax.set(xlim=(0, TAPS), ylim=(TAPS, 0), xticks=[], yticks=[])
    for i in range(TAPS * TAPS):
        color = plot.COLORS["grid"]
        ax.add_patch(Rectangle((i % TAPS, i // TAPS), 1, 1, fill=False, edgecolor=color, linewidth=0.8))
    ax.spines[:].set(visible=True, color=plot.COLORS["grid"])
    plot.label(ax, 0, -0.24, name, role, ha="left")


def _listed(weights: np.ndarray) -> str:
    return "; ".join(" ".join(decimals(value) for value in row) for row in weights)


def arrow_length(move: float, largest: float) -> float:
    """How long a weight's arrow is, from 0 to 1: the root of the step, so that small ones are still seen.

    Examples
    --------
    >>> arrow_length(-0.5, 2), arrow_length(0.005, 2), arrow_length(80, 2)
    (0.5, 0.05, 1.0)
    """
    return round(math.sqrt(min(1, abs(move) / largest)), 12)


def number(value: float) -> str:
    """A number of any size, as the page writes it.

    Examples
    --------
    >>> number(0.0123), number(-4.5e-7), number(12.34), number(2.5e11), number(0)
    ('0.012', '−4.5·10⁻⁷', '12.3', '2.5·10¹¹', '0')
    """
    size = abs(value)
    if size == 0:
        return "0"
    if 0.001 <= size < 1000:
        return f"{value:.{3 if size < 10 else 1}f}".replace("-", "−")
    digits, power = f"{value:.1e}".split("e")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digits}·10{raised}".replace("-", "−")


def decimals(value: float) -> str:
    """A weight with two decimals, or, if it is very large, as a power of ten.

    Examples
    --------
    >>> decimals(-1.999), decimals(-0.001), decimals(31250.0)
    ('−2.00', '0.00', '3·10⁴')
    """
    if abs(value) >= 1000:
        digits, power = f"{value:.0e}".split("e")
        return f"{digits}·10{str(int(power)).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}".replace("-", "−")
    text = f"{value:.{2 if abs(value) < 100 else 0}f}"
    return "0.00" if text == "-0.00" else text.replace("-", "−")


def rounded(rate: float) -> str:
    """A rate with three digits.

    Examples
    --------
    >>> rounded(8.1055), rounded(0.22904), rounded(20.0), rounded(0.01)
    ('8.11', '0.229', '20', '0.01')
    """
    if math.isinf(rate):
        return "∞"
    text = f"{rate:.{3 if rate < 1 else 2 if rate < 10 else 1}f}"
    return text.rstrip("0").rstrip(".")


def layout(width: float, shown: list[str]) -> tuple[dict[str, tuple[float, float, float, float]], float]:
    """Where the panels stand: left, top, width and height of each with its title, in pixels, and the height of all.

    The same numbers as ``layout`` in kernel_learner.js.
    """
    title, narrow = 19, width < 480
    gap = 8 if narrow else 14
    boxes: dict[str, tuple[float, float, float, float]] = {}
    top = 0.0
    if "pictures" in shown:
        side = min(186, math.floor((width - 3 * gap) / 4))
        left = (width - 4 * side - 3 * gap) / 2
        for i, name in enumerate(("input", "target", "prediction", "error")):
            boxes[name] = left + i * (side + gap), top, side, title + side
        top += title + side + 10
    tile = min(52, math.floor((width - 28) / 6)) if narrow else 56
    tiles, apart = 3 * tile, 20 if narrow else 28
    beside = not narrow and {"weights", "loss"} <= set(shown)
    if "weights" in shown:
        left = 0 if beside else (width - 2 * tiles - apart) / 2
        boxes["weights"] = left, top, tiles, title + tiles
        boxes["hidden"] = left + tiles + apart, top, tiles, title + tiles
        if not beside:
            top += title + tiles + 10
    if "loss" in shown:
        left = 2 * tiles + 2 * apart if beside else 0
        boxes["loss"] = left, top, width - left, title + (100 if narrow else 130) + 38
    height = max((box[1] + box[3] for box in boxes.values()), default=0)
    return boxes, height
