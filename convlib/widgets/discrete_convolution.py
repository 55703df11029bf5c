"""DiscreteConvolution: slide the flipped kernel along the samples, multiply, add; and the same as a matrix product."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convlib import plot
from convlib.convolution import convolve, correlate
from convlib.widgets.base import Widget
from convlib.widgets.traits import Choice, Count, Numbers

MODES = ("full", "same", "valid", "circular")
OPERATIONS = ("convolution", "correlation")

#: Samples and taps lie between -REACH and REACH: what the bars can be dragged to.
REACH = 3.0
MOST_SAMPLES, MOST_TAPS = 10, 5


class OutOfRange(ValueError, traitlets.TraitError):
    """An index that the present mode does not have; as a TraitError it makes traitlets take back the whole change."""


def output_range(samples: int, taps: int, mode: str) -> tuple[int, int]:
    """Where the outputs of ``mode`` begin in the full result, and how many there are."""
    if mode == "same":
        return (taps - 1) // 2, samples
    if mode == "valid":
        return min(samples, taps) - 1, abs(samples - taps) + 1
    return 0, samples if mode == "circular" else samples + taps - 1


class DiscreteConvolution(Widget):
    r"""Samples, a kernel that slides under them, their products, the sums, and the matrix that does it all at once.

    Parameters
    ----------
    x : sequence of float, 1 to 10 numbers
        The input's samples, between -3 and 3; kept as a tuple.
    w : sequence of float, 1 to 5 numbers
        The kernel's taps, between -3 and 3; kept as a tuple.
    n : int
        Which output is being formed: the index into :attr:`output`, counted from 0 in every mode.  The widget's words
        and labels give its index in the full result instead, as :math:`y[n] = \sum_k w[k]\,x[n-k]` has it; that is
        larger by :attr:`first`.  It is moved into range when ``x``, ``w`` or ``mode`` leave fewer outputs.
    mode : {"full", "same", "valid", "circular"}
        Which outputs there are: as in :func:`convlib.convolve`, or N of them with ``x`` bent into a ring.
    operation : {"convolution", "correlation"}
        Slide ``w`` flipped, or as it is.

    Examples
    --------
    >>> DiscreteConvolution(x=[1, 2, 3], w=[1, -1]).output
    array([ 1.,  1.,  1., -3.])
    >>> DiscreteConvolution(x=[1, 2, 3], w=[1, -1], mode="circular").matrix
    array([[ 1.,  0., -1.],
           [-1.,  1.,  0.],
           [ 0., -1.,  1.]])
    >>> valid = DiscreteConvolution(x=[1, 2, 3, 1], w=[2, 1, -1], mode="valid", n=0)
    >>> valid.output  # y[2] and y[3]
    array([7., 3.])
    >>> valid.first + valid.n
    2
    """

    x = Numbers((1, 2, 3, 1, -1, -2, 1, 2), -REACH, REACH, MOST_SAMPLES)
    w = Numbers((2, 1, -1), -REACH, REACH, MOST_TAPS)
    n = Count(0, None, 3).tag(sync=True)
    mode = Choice(MODES, "full").tag(sync=True)
    operation = Choice(OPERATIONS, "convolution").tag(sync=True)

    @traitlets.validate("n")
    def _within_mode(self, proposal: dict) -> int:
        # After the traits' own checks, and once for changes that come together: n is judged with the new x, w, mode.
        count, n = self._count, proposal["value"]
        if not 0 <= n < count:
            allowed = f"between 0 and {count - 1}" if count > 1 else "0"
            raise OutOfRange(f"{type(self).__name__}.n must be {allowed} in mode {self.mode!r}, got {n}")
        return n

    @traitlets.observe("x", "w", "mode")
    def _keep_n_in_range(self, _change: object) -> None:
        self.n = min(self.n, self._count - 1)

    @property
    def _count(self) -> int:
        return output_range(len(self.x), len(self.w), self.mode)[1]

    @property
    def first(self) -> int:
        """Where the outputs begin in the full result: ``output[n]`` is y[first + n]; 0 in modes full and circular."""
        return output_range(len(self.x), len(self.w), self.mode)[0]

    @property
    def output(self) -> np.ndarray:
        """The outputs: by :func:`convlib.convolve` or :func:`convlib.correlate`; around the ring by shifted copies."""
        flip = 1 if self.operation == "convolution" else -1
        if self.mode == "circular":
            return np.sum([tap * np.roll(self.x, flip * k) for k, tap in enumerate(self.w)], axis=0)
        operate = convolve if flip > 0 else correlate
        return operate(self.x, self.w, self.mode, method="taps")

    @property
    def matrix(self) -> np.ndarray:
        """The matrix A, one row for each of :attr:`output` and one column a sample: ``A @ x`` is the output."""
        matrix = np.zeros((self._count, len(self.x)))
        for n in range(self._count):
            for k, _, m in self._terms(n):
                if m is not None:
                    matrix[n, m] += self.w[k]  # around a short ring several taps meet the same sample
        return matrix

    def _terms(self, n: int) -> list[tuple[int, int, int | None]]:
        """For each tap k: k, its place on the index axis, and the sample that it meets there (None beyond the ends)."""
        samples, taps = len(self.x), len(self.w)
        place = n + self.first
        terms = []
        for k in range(taps):
            if self.operation == "convolution":
                at = place - k
            else:
                at = place + k - (0 if self.mode == "circular" else taps - 1)
            m = at % samples if self.mode == "circular" else at if 0 <= at < samples else None
            terms.append((k, at, m))
        return terms

    def _sum(self) -> str:
        """The present sum in numbers: ``2·1 + 1·3 + (−1)·2 = 3``."""
        factors = [(self.w[k], 0.0 if m is None else self.x[m]) for k, _, m in self._terms(self.n)]
        products = " + ".join(f"{_factor(tap)}·{_factor(sample)}" for tap, sample in factors)
        return f"{products} = {_short(self.output[self.n])}"

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        flipped = "flipped" if self.operation == "convolution" else "not flipped"
        y, place = self.output, self.first + self.n
        kept = f"the {len(y)} outputs" if len(y) > 1 else "the one output"
        last = f" to y[{self.first + len(y) - 1}]" if len(y) > 1 else ""
        whole = " of the full result" if self.mode in ("same", "valid") else ""
        meets = ", ".join(f"w[{k}] under x[{_short(at if m is None else m)}]" for k, at, m in self._terms(self.n))
        alt = (
            f"Four rows of bars over one index axis. First: the input x = {_listed(self.x)}. "
            f"Second: the kernel w = {_listed(self.w)}, {flipped}, with {meets}. Third: their products. "
            f"Fourth: {kept} of mode {self.mode}, y[{self.first}]{last}{whole}: {_listed(y)}; y[{place}] emphasised. "
            f"Beside them: the {len(y)} by {len(self.x)} matrix that takes x to y, the row of y[{place}] framed."
        )
        verb = "Flip <i>w</i>, slide it" if self.operation == "convolution" else "Slide <i>w</i>, not flipped,"
        caption = (
            f"{verb} to <i>n</i> = {place}, multiply, add: <i>y</i>[{place}] = {self._sum()}. "
            f"The framed row of the matrix does the same."
        )
        return alt, caption

    def still(self) -> Figure:
        """Draw the four rows of bars and the matrix, at the present output."""
        fig = plt.figure(figsize=(plot.WIDTH, 4.4))
        left, right = fig.add_gridspec(1, 2, width_ratios=(1.3, 1), wspace=0.02)
        grid = left.subgridspec(4, 1, hspace=0.02)
        rows = [fig.add_subplot(grid[0])]
        rows += [fig.add_subplot(grid[i], sharex=rows[0]) for i in range(1, 4)]
        self._draw_rows(rows)
        self._draw_matrix(fig.add_subplot(right))
        return fig

    def _draw_rows(self, axes: Sequence[Axes]) -> None:
        taps, start = len(self.w), self.first
        terms = self._terms(self.n)
        met = [0.0 if m is None else self.x[m] for _, _, m in terms]
        under = [at for _, at, _ in terms]
        y, here = self.output, self.n + start
        window = f"w[{here}-m]" if self.operation == "convolution" else f"w[m{-terms[0][1]:+d}]".replace("+0", "")
        beyond = [(at, self.x[m]) for _, at, m in terms if m is not None and m != at]
        _bars(axes[0], range(len(self.x)), self.x, "input", "$x[m]$")
        _bars(axes[0], [at for at, _ in beyond], [value for _, value in beyond], "input", hollow=True)
        _bars(axes[1], under, self.w, "kernel", f"${window}$")
        _bars(axes[2], under, [tap * value for tap, value in zip(self.w, met, strict=True)], "product", "products")
        _bars(axes[3], np.arange(len(y)) + start, y, "output", "$y[n]$", strong=here)
        bottom, top = axes[1].get_ylim()
        axes[1].set_ylim(bottom - 0.3 * (top - bottom), top)  # room for the taps' names
        for k, at in enumerate(under):
            name = f"$w[{k}]$" if len(self.x) + 2 * taps <= 14 else str(k)  # no room for more where columns are many
            plot.label(axes[1], at, 0.08, name, "kernel", fontsize=7, transform=axes[1].get_xaxis_transform())
        shade = {"color": plot.COLORS["kernel"], "alpha": 0.08, "linewidth": 0, "zorder": 0}
        for ax in axes[:3]:
            ax.axvspan(min(under) - 0.5, max(under) + 0.5, **shade)
        axes[0].set_xlim(-taps + 0.4, len(self.x) + taps - 1.4)
        places = max(len(self.x), start + len(y))
        axes[0].set_xticks(range(0, places, 1 if places <= 10 else 2))
        for ax in axes[:3]:
            ax.tick_params(bottom=False, labelbottom=False)
        axes[3].tick_params(bottom=False)
        axes[3].set_xlabel("$m$, and $n$")

    def _draw_matrix(self, ax: Axes) -> None:
        """Cells of y, A and x in units of one cell, the first row on top."""
        matrix, y = self.matrix, self.output
        rows, columns = matrix.shape
        largest = max(np.abs(matrix).max(), 1e-9)
        fits = all(len(_short(value)) <= 3 for value in matrix.flat)  # "0.5" does, "−0.5" would stick out
        for (n, m), value in np.ndenumerate(matrix):
            _cell(ax, m, n, _short(value) if value and fits else "", "kernel", 0.5 * abs(value) / largest)
        x_top = (rows - columns) / 2
        for n in range(rows):
            _cell(ax, -2.6, n, _short(y[n]), "output", 0.15, width=1.8)
        for m in range(columns):
            _cell(ax, columns + 0.5, m + x_top, _short(self.x[m]), "input", 0.15, width=1.3)
        for left, width in ((-2.6, 1.8), (0, columns)):
            frame = Rectangle((left, self.n), width, 1, fill=False, edgecolor=plot.COLORS["output"], linewidth=1.6)
            ax.add_patch(frame)
        top = min(0.0, x_top)
        for at, name, color in (
            (-1.7, "$y$", "output"),
            (columns / 2, "$A$", "kernel"),
            (columns + 1.15, "$x$", "input"),
        ):
            plot.label(ax, at, top - 0.7, name, color)
        plot.label(ax, -0.4, rows / 2, "=")
        ax.set(xlim=(-2.9, columns + 2), ylim=(max(rows, columns + x_top) + 0.3, top - 1.3), aspect="equal")
        ax.axis("off")


def _short(value: float) -> str:
    """Two decimals at most, a true minus sign, never minus zero."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def _factor(value: float) -> str:
    text = _short(value)
    return f"({text})" if text.startswith("−") else text


def _listed(values: Sequence[float]) -> str:
    return ", ".join(_short(value) for value in values)


def _bars(
    ax: Axes,
    places: Sequence[float],
    values: Sequence[float],
    color: str,
    name: str = "",
    *,
    hollow: bool = False,
    strong: int | None = None,
) -> None:
    """Bars with their values; ``strong`` is the place of the one that the others stand back for."""
    fill = {"facecolor": "none", "edgecolor": plot.COLORS[color], "linestyle": ":"} if hollow else {}
    for place, value in zip(places, values, strict=True):
        alpha = 1.0 if strong in (None, place) else 0.45
        ax.bar(place, value, 0.7, **({"color": plot.COLORS[color], "alpha": alpha} | fill))
        offset = (0, -2) if value < 0 else (0, 2)
        align = {"ha": "center", "va": "top" if value < 0 else "bottom", "fontsize": 8, "color": plot.COLORS[color]}
        ax.annotate(_short(value), (place, value), offset, textcoords="offset points", **align)
    plot.baseline(ax)
    ax.margins(y=0.3)
    ax.set_yticks([])
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    if name:
        ax.set_title(name, color=plot.COLORS[color], pad=2)


def _cell(ax: Axes, left: float, top: float, text: str, color: str, tint: float, *, width: float = 1.0) -> None:
    frame = Rectangle((left, top), width, 1, facecolor="none", edgecolor=plot.COLORS["grid"], linewidth=0.6)
    ax.add_patch(Rectangle((left, top), width, 1, facecolor=plot.COLORS[color], alpha=tint, linewidth=0))
    ax.add_patch(frame)
    plot.label(ax, left + width / 2, top + 0.52, text, "ink" if color == "kernel" else color, fontsize=7.5)
