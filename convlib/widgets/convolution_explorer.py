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

    orders = ("light", "reset", "play", "flip", "pour", "guess")
    parts = ("f", "g", "product", "area", "output", "t", "tau")

    def output(self) -> signals.Signal:
        """The convolution or cross-correlation at times -4, -3.98, …, 4, by :func:`convlib.convolve`.

        An impulse gives back the other function; two impulses make an impulse: a sample of height 50, for the
        step is 0.02.
        """
        flip = -1 if self.operation == "convolution" else 1
        times = np.arange(-_HALF, _HALF + 1) * STEP
        if self.f == self.g == "impulse":
            values = np.where(np.abs(times) < STEP / 2, 1 / STEP, 0.0)
        elif self.f == "impulse":
            values = shape_values(self.g, -flip * times, self.g_samples)
        elif self.g == "impulse":
            values = shape_values(self.f, times, self.f_samples)
        else:
            # f beyond the axis still counts, and g must be known where t - tau can get to from there.
            f = shape_values(self.f, _middles(2 * _HALF), self.f_samples)
            g = shape_values(self.g, -flip * _middles(3 * _HALF), self.g_samples)
            values = STEP * convolve(g, f, mode="valid", method="taps")  # exact zeros where nothing overlaps
        return signals.Signal(values, -REACH, STEP)

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

    def still(self) -> Figure:
        """Draw the three panels at the present shift."""
        flip = -1 if self.operation == "convolution" else 1
        moving, sign = (r"$g(t-\tau)$", "*") if flip < 0 else (r"$g(\tau-t)$", r"\star ")
        tau = _middles(_HALF)
        output = self.output()
        fig, axes = plt.subplots(3, 1, figsize=(plot.WIDTH, 5.0), sharex=True)
        f = self._draw(axes[0], "f", tau, 0.0, r"$f(\tau)$", "input")
        g = self._draw(axes[0], "g", flip * (tau - self.t), self.t, moving, "kernel")
        if f is None or g is None:
            _draw_arrow(axes[1], 0.0 if f is None else self.t, self._shown_area, r"$f(\tau)\,$" + moving, "product")
        else:
            axes[1].fill_between(tau, f * g, color=plot.COLORS["product"], alpha=0.3, linewidth=0)
            axes[1].plot(tau, f * g, color=plot.COLORS["product"], label=r"$f(\tau)\,$" + moving)
        if f is None and g is None:
            _draw_arrow(axes[2], 0.0, 1.0, f"$(f{sign}g)(t)$", "output")
        else:
            done = output.times <= self.t + STEP / 2
            axes[2].plot(output.times, output.values, color=plot.COLORS["muted"], linewidth=1, linestyle=":")
            axes[2].plot(output.times[done], output.values[done], color=plot.COLORS["output"], label=f"$(f{sign}g)(t)$")
        axes[2].plot(self.t, self._shown_area, "o", color=plot.COLORS["output"])
        axes[2].set_xlabel(r"$\tau$ above, $t$ below")
        for ax in axes:
            plot.baseline(ax)
            ax.axvline(self.t, color=plot.COLORS["grid"], linewidth=1, zorder=0)
            ax.legend(loc="upper left", labelcolor="linecolor", handlelength=1)
        return fig

    @property
    def _shown_area(self) -> float:
        """The area, or 1 where two impulses meet: an impulse is drawn as an arrow as tall as its own area."""
        return self.area * STEP if self.f == self.g == "impulse" else self.area

    def _draw(self, ax: Axes, which: str, at: np.ndarray, place: float, name: str, color: str) -> np.ndarray | None:
        """Draw f or g, given its arguments on the tau axis; return its values, None for an impulse at ``place``."""
        shape = getattr(self, which)
        if shape == "impulse":
            return _draw_arrow(ax, place, 1.0, name, color)
        values = shape_values(shape, at, getattr(self, f"{which}_samples"))
        ax.plot(_middles(_HALF), values, color=plot.COLORS[color], label=name)
        return values


def _middles(half: int) -> np.ndarray:
    """Middles of the strips from -half to half, in units of the step."""
    return (np.arange(-half, half) + 0.5) * STEP


def _draw_arrow(ax: Axes, place: float, height: float, name: str, color: str) -> None:
    ax.plot([place, place], [0, height], color=plot.COLORS[color], label=name)
    ax.plot(place, height, "^", color=plot.COLORS[color])
