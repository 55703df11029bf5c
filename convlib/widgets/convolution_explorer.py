"""ConvolutionExplorer: slide one function along another and watch the area become the convolution."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from convlib import plot, signals
from convlib.convolution import convolve
from convlib.widgets.base import Widget
from convlib.widgets.traits import Choice, Number, Samples, Subset

#: The time axis runs from -REACH to REACH in steps of STEP; drawn functions live on -DRAWN_REACH to DRAWN_REACH.
REACH, STEP, DRAWN_REACH, DRAWN_NODES = 4.0, 0.02, 2.0, 41
_HALF = round(REACH / STEP)
_AIR = 0.03  # units above and below what a still panel shows

SHAPES = {
    "box": "a box",
    "triangle": "a triangle",
    "exponential": "a decaying exponential",
    "gaussian": "a Gaussian",
    "burst": "a sine burst",
    "impulse": "an impulse",
    "drawn": "a hand-drawn function",
}

_NODES = np.linspace(-DRAWN_REACH, DRAWN_REACH, DRAWN_NODES)
_DEFAULT_F = np.round(
    np.clip(1.1 * np.exp(-((_NODES + 0.6) ** 2) * 4) - 0.5 * np.exp(-((_NODES - 0.7) ** 2) * 6), -1, 1), 3
)
_DEFAULT_G = np.round(np.where((_NODES >= 0) & (_NODES < 1.25), 1 - 0.8 * _NODES, 0.0), 3)


def shape_values(name: str, t: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """The function called ``name``, but for the impulse, at times ``t``; ``drawn`` holds a hand-drawn one's nodes."""
    if name == "box":
        return signals.box(t)
    if name == "triangle":
        return signals.triangle(t)
    if name == "exponential":
        return signals.exponential(t)
    if name == "gaussian":
        return signals.gaussian(t, sigma=0.4)
    if name == "burst":
        return signals.sine_burst(t, frequency=2.0, half_width=1.0)
    return np.interp(t, _NODES, drawn, left=0.0, right=0.0)


class ConvolutionExplorer(Widget):
    r"""Two functions, one of them flipped and shifted, their product, and the area under it as a function of the shift.

    Parameters
    ----------
    f, g : {"box", "triangle", "exponential", "gaussian", "burst", "impulse", "drawn"}
        The function that stands still, and the one that slides.
    t : float
        The shift, between -4 and 4, rounded to a multiple of 0.02.
    operation : {"convolution", "correlation"}
        Slide ``g`` flipped, :math:`g(t - \tau)`, or as it is, :math:`g(\tau - t)`.
    f_samples, g_samples : array_like, shape (41,)
        What ``"drawn"`` stands for: values between -1 and 1 at times -2, -1.9, …, 2; linear between, 0 beyond.
    show : list of {"curves", "product", "output"}
        Panels of a reduced view; an empty list stands for all of them.
    controls : list of {"shapes", "flip", "slide", "guess"}, or ["none"]
        What the reader is offered: thumbnails of the functions, the grip that turns g over, the handle of t and Play,
        the button that lets the reader draw the output first. An empty list stands for all of them.
    reward : str
        What appears once the reader has moved t for the first time.

    Notes
    -----
    Prose can ask for ``{"do": "play", "from": -2, "to": 3}``, ``{"do": "flip"}`` (or, with ``"to"``, an operation),
    ``{"do": "pour"}``, ``{"do": "guess"}``, ``{"do": "draw", "value": "f"}`` (or ``"g"``: the reader draws it),
    ``{"do": "look", "value": 0.2}`` (the values at that :math:`\tau` stay on show until the reader lets go),
    ``{"do": "light", "part": name}`` and ``{"do": "reset"}``.
    One unit is as high in each panel, and the cup beside the output is one unit wide: what is poured into it, the area
    under the product, stands as high as the output.

    Examples
    --------
    >>> ConvolutionExplorer(f="box", g="box", t=0.5).area
    0.5
    """

    f = Choice(SHAPES, "box").tag(sync=True)
    g = Choice(SHAPES, "exponential").tag(sync=True)
    t = Number(-REACH, REACH, 0.7, STEP).tag(sync=True)
    operation = Choice(("convolution", "correlation"), "convolution").tag(sync=True)
    f_samples = Samples(_DEFAULT_F, -1, 1)
    g_samples = Samples(_DEFAULT_G, -1, 1)
    show = Subset(("curves", "product", "output")).tag(sync=True)
    controls = Subset(("shapes", "flip", "slide", "guess", "none")).tag(sync=True)
    reward = traitlets.Unicode("").tag(sync=True)

    orders = ("light", "reset", "play", "flip", "pour", "guess", "look", "draw")
    parts = ("f", "g", "product", "area", "output", "t", "tau")

    @traitlets.validate("controls")
    def _none_stands_alone(self, proposal: dict) -> list[str]:
        if "none" in proposal["value"] and len(proposal["value"]) > 1:
            raise ValueError(f"ConvolutionExplorer.controls must be ['none'] or other names, got {proposal['value']}")
        return proposal["value"]

    def output(self) -> signals.Signal:
        """The convolution or cross-correlation at times -4, -3.98, …, 4, by :func:`convlib.convolve`.

        An impulse gives back the other function; two impulses make an impulse: a sample of height 50, for the
        step is 0.02.
        """
        return signals.Signal(self._values(self.operation), -REACH, STEP)

    def _values(self, operation: str) -> np.ndarray:
        """Values of the output of either operation."""
        flip = -1 if operation == "convolution" else 1
        times = np.arange(-_HALF, _HALF + 1) * STEP
        if self.f == self.g == "impulse":
            return np.where(np.abs(times) < STEP / 2, 1 / STEP, 0.0)
        if self.f == "impulse":
            return shape_values(self.g, -flip * times, self.g_samples)
        if self.g == "impulse":
            return shape_values(self.f, times, self.f_samples)
        # f beyond the axis still counts, and g must be known where t - tau can get to from there.
        f = shape_values(self.f, _middles(2 * _HALF), self.f_samples)
        g = shape_values(self.g, -flip * _middles(3 * _HALF), self.g_samples)
        return STEP * convolve(g, f, mode="valid", method="taps")  # exact zeros where nothing overlaps

    @property
    def area(self) -> float:
        """Area under the product at the present shift."""
        return round(float(self.output().at(self.t)), 10) + 0.0  # never minus zero

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        sign, moving = ("∗", "g(t − τ)") if self.operation == "convolution" else ("⋆", "g(τ − t)")
        area = f"{self._shown_area:.3f}".replace("-", "−")
        at = f"{self.t:.2f}".replace("-", "−")
        alt = (
            f"Three panels over one time axis. First: f, {SHAPES[self.f]}, standing still, and {moving}, "
            f"{SHAPES[self.g]} moved to t = {at}. Second: their product, its area {area} filled. "
            f"Third: that area as a function of t, traced up to t = {at}."
        )
        caption = (
            f"Slide <i>g</i> along <i>f</i>, multiply, and measure the area. "
            f"At <i>t</i> = {at} it is {area}: one point of <i>f</i> {sign} <i>g</i>."
        )
        return alt, caption

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget: a lane of names, a plot and an axis for each panel, and what is under them."""
        shown, offers = self.show or self._trait("show").names, self.controls or self._trait("controls").names
        panels, reduced = len(shown), "output" not in shown
        axes = {"curves": 30 if "slide" in offers else 20, "product": 4, "output": 22}
        scene = 26 * panels + sum(axes[name] for name in shown)
        if "curves" in shown:
            scene += 28 if "flip" in offers else 4
        row = 39 if not reduced and {"slide", "guess"} & set(offers) else 0
        thumbnails = (78, 42, 42) if "shapes" in offers else (0, 0, 0)
        unit, rest = ((62, 62, 62), (84, 69, 69)) if reduced else ((86, 106, 106), (94, 84, 66))
        if reduced and not {"slide", "guess"} & set(offers):
            rest = (56, 61, 61)
        return tuple(
            round(scene + row + panels * each + thumbs + under)
            for each, thumbs, under in zip(unit, thumbnails, rest, strict=True)
        )

    def _trait(self, name: str) -> traitlets.TraitType:
        return self.traits()[name]

    def still(self) -> Figure:
        """Draw what the live widget shows at rest: the same panels, one unit of the same height in each."""
        shown = self.show or ["curves", "product", "output"]
        ranges = {name: self._ranges()[name] for name in shown}
        heights = [high - low + 2 * _AIR for low, high in ranges.values()]
        size = (plot.WIDTH, 0.5 + 1.02 * len(shown))
        fig, axes = plt.subplots(len(shown), 1, figsize=size, height_ratios=heights, sharex=True, squeeze=False)
        pencil = _Pencil(self, dict(zip(shown, axes[:, 0], strict=True)))
        for name, ax in pencil.axes.items():
            low, high = ranges[name]
            ax.set(xlim=(-self._reach, self._reach), ylim=(low - _AIR, high + _AIR), yticks=[1] if high >= 1 else [])
            ax.set_xticks(range(1 - round(self._reach), round(self._reach)))
            ax.tick_params(length=3, labelbottom=name != "product", bottom=name != "product")
            ax.spines["left"].set_visible(False)
            plot.baseline(ax)
            getattr(pencil, name)(ax)
        return fig

    @property
    def _reach(self) -> float:
        """How far the picture's time axis reaches."""
        return REACH if self.f == self.g == "drawn" or abs(self.t) > 3 else 3.0

    def _ranges(self) -> dict[str, tuple[float, float]]:
        """Lowest and highest value of each panel, in coarse steps, as on the page."""
        grid = np.linspace(-2, 2, 161)
        drawn = [(self.f, self.f_samples), (self.g, self.g_samples)]
        lowest = [shape_values(shape, grid, nodes).min() for shape, nodes in drawn if shape != "impulse"]
        low = _coarse(-min(lowest, default=0), (0, 0.5, 1))
        # Of both operations: the scale stays when g is turned over.
        both = [self._values(operation) for operation in ("convolution", "correlation")]
        values = np.array([1.0]) if self.f == self.g == "impulse" else np.concatenate(both)
        steps = (0, 0.25, 0.5, 1, 1.5, 2, 3, 4)
        high = max(0.5 if low else 1, _coarse(values.max(), steps))
        return {
            "curves": (-low, 1),
            "product": (-1 if low else 0, 1),
            "output": (-_coarse(-min(values.min(), 0), steps), high),
        }

    @property
    def _shown_area(self) -> float:
        """The area, or 1 where two impulses meet: an impulse is drawn as an arrow as tall as its own area."""
        return self.area * STEP if self.f == self.g == "impulse" else self.area


class _Pencil:
    """Draws one still picture of ``widget``, panel by panel."""

    def __init__(self, widget: ConvolutionExplorer, axes: dict[str, Axes]) -> None:
        self.widget, self.axes = widget, axes
        self.flip = -1 if widget.operation == "convolution" else 1
        self.moving, self.sign = (r"$g(t-\tau)$", "*") if self.flip < 0 else (r"$g(\tau-t)$", r"\star ")
        tau = _middles(_HALF)
        self.tau = tau
        self.f = self._values("f", tau)
        self.g = self._values("g", self.flip * (tau - widget.t))

    def _values(self, which: str, at: np.ndarray) -> np.ndarray | None:
        shape = getattr(self.widget, which)
        return None if shape == "impulse" else shape_values(shape, at, getattr(self.widget, f"{which}_samples"))

    def curves(self, ax: Axes) -> None:
        """f and g over tau, with t where the origin of g stands."""
        t, place = self.widget.t, 0.0
        for values, at, color in ((self.f, place, "input"), (self.g, t, "kernel")):
            if values is None:
                _draw_arrow(ax, at, 1.0, color)
            else:
                _draw_curve(ax, self.tau, values, color)
        ax.axvline(t, color=plot.COLORS["kernel"], linewidth=1)
        bottom = ax.get_ylim()[0]
        ax.plot(t, bottom, "o", markersize=11, color=plot.COLORS["output"], clip_on=False, zorder=5)
        ax.annotate("$t$", (t, bottom), color="white", ha="center", va="center", fontsize=9, zorder=6)
        _names(ax, (r"$f(\tau)$", "input"), (self.moving, "kernel"))
        _axis_name(ax, r"$\tau$")

    def product(self, ax: Axes) -> None:
        """The product, its area filled."""
        widget = self.widget
        if self.f is None or self.g is None:
            _draw_arrow(ax, 0.0 if self.f is None else widget.t, widget._shown_area, "product")
        else:
            ax.fill_between(self.tau, self.f * self.g, color=plot.COLORS["product"], alpha=0.25, linewidth=0)
            _draw_curve(ax, self.tau, self.f * self.g, "product")
        self._marker(ax)
        _names(ax, (rf"$f(\tau)\,${self.moving}", "product"))
        amount = "1, an impulse" if widget._shown_area != widget.area else f"{widget.area:.3f}".replace("-", "−")
        ax.annotate(f"area {amount}", (1, 1), (-2, 3), "axes fraction", "offset points", **_text("product", "right"))

    def output(self, ax: Axes) -> None:
        """The output up to t, and the cup that the area fills to the same height."""
        widget, output, level = self.widget, self.widget.output(), self.widget._shown_area
        left, (bottom, top) = -widget._reach, ax.get_ylim()
        color = plot.COLORS["product"]
        ax.fill_between([left, left + 1], [level, level], color=color, alpha=0.25, linewidth=0)
        ax.plot([left, left + 1], [level, level], color=color, linewidth=1)
        ax.plot([left + 1, widget.t], [level, level], color=color, linewidth=0.8, linestyle="--")
        walls = [left, left, left + 1, left + 1]
        ax.plot(walls, [top, bottom, bottom, top], color=plot.COLORS["muted"], linewidth=1)
        if self.f is None and self.g is None:
            if widget.t >= 0:
                _draw_arrow(ax, 0.0, 1.0, "output")
        else:
            done = output.times <= widget.t + STEP / 2
            _draw_curve(ax, output.times[done], output.values[done], "output")
        ax.plot([widget.t, widget.t], [0, level], color=plot.COLORS["output"], linewidth=1.8)
        ax.plot(widget.t, level, "o", color=plot.COLORS["output"], clip_on=False, zorder=5)
        self._marker(ax)
        _names(ax, (f"$(f{self.sign}g)(t)$", "output"))
        _axis_name(ax, "$t$")

    def _marker(self, ax: Axes) -> None:
        ax.axvline(self.widget.t, color=plot.COLORS["muted"], linewidth=0.8, linestyle=":", zorder=0)


def _coarse(need: float, steps: tuple[float, ...]) -> float:
    """The first of ``steps`` that is enough."""
    return next((step for step in steps if step >= need - 1e-3), float(need))


def _middles(half: int) -> np.ndarray:
    """Middles of the strips from -half to half, in units of the step."""
    return (np.arange(-half, half) + 0.5) * STEP


def _draw_curve(ax: Axes, x: np.ndarray, values: np.ndarray, color: str) -> None:
    """Draw a curve where it is not zero, down to the zero line at both ends: a jump there is upright."""
    used = np.flatnonzero(np.abs(values) > 1e-4)
    if used.size:
        part = slice(used[0], used[-1] + 1)
        xs, ys = x[part], values[part]
        ax.plot([xs[0], *xs, xs[-1]], [0, *ys, 0], color=plot.COLORS[color], solid_capstyle="butt")


def _draw_arrow(ax: Axes, place: float, height: float, color: str) -> None:
    ax.plot([place, place], [0, height], color=plot.COLORS[color])
    ax.plot(place, height, "^", color=plot.COLORS[color], clip_on=False)


def _text(color: str, side: str) -> dict[str, object]:
    return {"color": plot.COLORS[color], "ha": side, "va": "bottom", "annotation_clip": False}


def _names(ax: Axes, *names: tuple[str, str]) -> None:
    """Names above the panel, one after the other, each in its colour."""
    for place, (name, color) in enumerate(names):
        ax.annotate(name, (0, 1), (2 + 38 * place, 3), "axes fraction", "offset points", **_text(color, "left"))


def _axis_name(ax: Axes, name: str) -> None:
    ax.annotate(name, (1, 0), (0, -5), "axes fraction", "offset points", **(_text("muted", "right") | {"va": "top"}))
