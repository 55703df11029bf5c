"""DiscreteConvolution: slide the flipped kernel along the samples, multiply, add; and the same as a matrix product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convlib import plot
from convlib.convolution import convolve, correlate
from convlib.widgets.base import Widget
from convlib.widgets.traits import Choice, Count, Numbers, OutOfRange, Subset

MODES = ("full", "same", "valid", "circular")
OPERATIONS = ("convolution", "correlation")
SHOWN = ("bars", "sum", "matrix", "controls", "words")
CONTROLS = ("x", "w", "n", "mode", "operation", "all_at_once")

#: Samples and taps lie between -REACH and REACH: what the bars can be dragged to.
REACH = 3.0
MOST_SAMPLES, MOST_TAPS = 10, 5

#: The still picture is the live one at this width, with this margin for the captions.
_WIDE, _MARGIN = 620, 118


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
    all_at_once : bool
        Slide out the matrix under the bars, all outputs at once: each column stands under its sample.
    show : list of {"bars", "sum", "matrix", "controls", "words"}
        A reduced view of these parts alone; empty for all.  Named here, the matrix is out without ``all_at_once``.
    controls : list of {"x", "w", "n", "mode", "operation", "all_at_once"}
        Only the controls that set these traits; empty for all.

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
    all_at_once = traitlets.Bool(False).tag(sync=True)
    show = Subset(SHOWN).tag(sync=True)
    controls = Subset(CONTROLS).tag(sync=True)

    #: ``look=x2`` pins a sample, ``look=y3`` an output by its place in the full result, ``look=w1`` a tap.
    orders = ("light", "reset", "play", "pause", "look")
    parts = ("x", "w", "products", "y", "sum", "matrix", "controls", "words")

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
            f"Fourth: {kept} of mode {self.mode}, y[{self.first}]{last}{whole}: {_listed(y)}; y[{place}] emphasised."
        )
        verb = "Flip <i>w</i>, slide it" if self.operation == "convolution" else "Slide <i>w</i>, not flipped,"
        caption = f"{verb} to <i>n</i> = {place}, multiply, add: <i>y</i>[{place}] = {self._sum()}."
        if self._matrix_is_out:
            size = f"{len(y)} by {len(self.x)}"
            alt += f" Under them: the {size} matrix that takes x to y, the row of y[{place}] framed."
            caption += " The framed row of the matrix does the same."
        return alt, caption

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget, see :meth:`Widget.room`: what its style sheet gives to its parts."""
        return (self._height(narrow=True), *[self._height(narrow=False)] * 2)

    @property
    def _matrix_is_out(self) -> bool:
        return "matrix" in self.show or (self.all_at_once and not self.show)

    def _height(self, *, narrow: bool) -> int:
        """The widget's parts and the space between them, in pixels."""
        picks = set(self.controls or CONTROLS)
        height = 57.2 if narrow else 62.0  # frame, padding and foot
        if self._shows("bars"):
            height += Lanes.of(narrow=narrow).end + 34 * ("n" in picks)
        if self._matrix_is_out:
            height += (39 + 23 * self._count) if narrow else (39 + 26 * self._count)
        if self._shows("sum"):
            lines, short_lines = 3 if len(self.w) > 4 else 2, len(self.w) if len(self.w) > 3 else 2
            height += 4.8 + (21 * short_lines if narrow else 22 * lines + 1)
        if self._shows("controls"):
            rows = bool(picks & {"mode", "all_at_once"}) + ("operation" in picks)
            height += 35.3 * rows if narrow else 38.4 * (rows > 0)
        if self._shows("words"):
            height += 68.9 if narrow else 48.6
        return round(height)

    def still(self) -> Figure:
        """Draw what the live widget shows at rest: four rows of bars over one axis, the matrix under them if it is out.

        Across, one unit is one place on the index axis; down, one is a pixel of the live widget, from its top.
        """
        lanes = Lanes.of(narrow=False)
        bars = lanes.end if self._shows("bars") else 0
        height = bars + (39 + 26 * self._count if self._matrix_is_out else 0)
        size = plot.WIDTH, plot.WIDTH * (max(height, 60) + 8) / _WIDE
        fig, ax = plt.subplots(figsize=size, layout="constrained")
        fig.get_layout_engine().set(w_pad=0, h_pad=0)
        columns = len(self.x) + 2 * (len(self.w) - 1)
        margin = columns * _MARGIN / (_WIDE - _MARGIN)  # in places
        left = 0.5 - len(self.w)
        ax.set(xlim=(left - 1.03 * margin, left + columns), ylim=(max(height, 60), -8))
        ax.axis("off")
        if bars:
            self._draw_bars(ax, lanes, left - margin)
        if self._matrix_is_out:
            self._draw_matrix(ax, bars + 30, left - margin, margin)
        return fig

    def _draw_bars(self, ax: Axes, lanes: Lanes, margin: float) -> None:
        y, start, terms = self.output, self.first, self._terms(self.n)
        under = [at for _, at, _ in terms]
        met = [0.0 if m is None else self.x[m] for _, _, m in terms]
        products = [tap * sample for tap, sample in zip(self.w, met, strict=True)]
        whole = y if self.mode == "circular" else self._full()
        place = start + self.n
        window = (min(under) - 0.5, 0), len(self.w), lanes.p_end
        ax.add_patch(Rectangle(*window, facecolor=plot.COLORS["kernel"], alpha=0.09, linewidth=0, zorder=0))
        index = f"{place} - m" if self.operation == "convolution" else f"m{-under[0]:+d}".replace("+0", "")
        rows = (
            (lanes.x, "$x[m]$", "input", _Scale(lanes.x_zero, lanes.unit)),
            (lanes.w, f"$w[{index}]$", "kernel", _Scale(lanes.w_zero, lanes.unit)),
            (lanes.p, "products", "product", _Scale.fit(np.outer(self.x, self.w), lanes.p + 15, lanes.p_bottom)),
            (lanes.y, "$y[n]$", "output", _Scale.fit(whole, lanes.y + 20, lanes.y_bottom - 4)),
        )
        for top, name, color, scale in rows:
            plot.label(ax, margin, top + 10, name, color, ha="left")
            ax.plot(
                [1 - len(self.w) - 0.5, ax.get_xlim()[1]],
                [scale.zero] * 2,
                color=plot.COLORS["grid"],
                linewidth=0.8,
                zorder=0.5,
            )
        scales = [scale for *_, scale in rows]
        _bars(ax, scales[0], range(len(self.x)), self.x, "input")
        _bars(ax, scales[1], under, self.w, "kernel")
        _bars(ax, scales[2], under, products, "product")
        _bars(ax, scales[3], np.arange(len(y)) + start, y, "output", strong=place)
        for at in (at for _, at, m in terms if m is None):
            ax.plot(at, lanes.x_zero, "o", markersize=4, mfc=plot.COLORS["paper"], mec=plot.COLORS["input"])
        beyond = [(at, self.x[m]) for _, at, m in terms if m is not None and m != at]
        _bars(ax, scales[0], [at for at, _ in beyond], [value for _, value in beyond], "input", hollow=True)
        for at in under:
            ax.plot([at, place], [lanes.p_end, lanes.sum], color=plot.COLORS["product"], linewidth=1)
        plot.label(
            ax, place, lanes.sum, "Σ", "product", bbox={"boxstyle": "circle,pad=0.15", "fc": plot.COLORS["paper"]}
        )
        roomy = len(self.x) + 2 * len(self.w) <= 14
        for k, at in enumerate(under):
            plot.label(ax, at, lanes.w_ticks - 4, f"$w[{k}]$" if roomy else str(k), "kernel")
        for m in range(len(self.x)):
            plot.label(ax, m, lanes.x_ticks - 4, str(m), "muted")
        for n in range(start, start + len(y)):
            if roomy or n < 10 or n % 2 == place % 2:
                plot.label(ax, n, lanes.y_ticks - 4, str(n), "ink" if n == place else "muted")

    def _full(self) -> np.ndarray:
        return (convolve if self.operation == "convolution" else correlate)(self.x, self.w, method="taps")

    def _draw_matrix(self, ax: Axes, top: float, left: float, margin: float) -> None:
        """Cells of A, each column under its sample; in the margin the vector y."""
        matrix, y = self.matrix, self.output
        largest = max(np.abs(matrix).max(), 1e-9)
        roomy = matrix.shape[1] + 2 * len(self.w) <= 14
        for at, name, color in (
            (0, "$y$", "output"),
            (0.13, "=", "ink"),
            (0.3, "$A$", "kernel"),
            (0.44, "$x$", "input"),
        ):
            plot.label(ax, left + at * margin, top - 14, name, color, ha="left")
        for (n, m), value in np.ndenumerate(matrix):
            text = _short(value) if value and (roomy or len(_short(value)) < 3) else ""
            _cell(ax, m - 0.5, top + 26 * n, text, "kernel", 0.45 * abs(value) / largest)
        for n, value in enumerate(y):
            plot.label(ax, left + 0.12 * margin, top + 26 * n + 13, str(n + self.first), "muted")
            _cell(ax, left + 0.25 * margin, top + 26 * n, _short(value), "output", 0.12, width=0.65 * margin)
        for start, width in ((left + 0.25 * margin, 0.65 * margin), (-0.5, matrix.shape[1])):
            frame = (start, top + 26 * self.n), width, 26
            ax.add_patch(Rectangle(*frame, fill=False, edgecolor=plot.COLORS["output"], linewidth=1.6, zorder=3))


@dataclass(frozen=True)
class Lanes:
    """Heights on the drawing, from its top: those that ``lanes`` in the JavaScript gives, which a test holds to it."""

    unit: float
    x: float
    x_zero: float
    x_ticks: float
    w: float
    w_zero: float
    w_ticks: float
    p: float
    p_bottom: float
    p_end: float
    sum: float
    y: float
    y_bottom: float
    y_ticks: float
    end: float

    @classmethod
    def of(cls, *, narrow: bool) -> Lanes:
        """The lanes on a phone, or where there is more room."""
        unit = 9.5 if narrow else 12
        x_ticks = 14 + 2 * REACH * unit + 25
        w = x_ticks + 20
        w_ticks = w + 13 + 2 * REACH * unit + 25
        p_bottom = w_ticks + (52 if narrow else 63)
        p_end = p_bottom + 17
        y_bottom = p_end + (95 if narrow else 110)
        y_ticks = y_bottom + 28
        zeros = {"x_zero": 14 + REACH * unit, "w_zero": w + 13 + REACH * unit}
        return cls(
            unit=unit, x=0, x_ticks=x_ticks, w=w, w_ticks=w_ticks, p=w_ticks + 4, p_bottom=p_bottom, p_end=p_end,
            sum=p_end + 22, y=p_end + 38, y_bottom=y_bottom, y_ticks=y_ticks, end=y_ticks + 4, **zeros,
        )  # fmt: skip


@dataclass(frozen=True)
class _Scale:
    zero: float
    unit: float

    @classmethod
    def fit(cls, values: np.ndarray, top: float, bottom: float) -> _Scale:
        """Fit values, zero among them, between two heights."""
        low, high = min(0.0, np.min(values)), max(0.0, np.max(values))
        unit = (bottom - top) / max(high - low, 0.5)
        return cls(top + max(high, 0.5 if not low else 0) * unit, unit)


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
    scale: _Scale,
    places: Sequence[float],
    values: Sequence[float],
    color: str,
    *,
    hollow: bool = False,
    strong: int | None = None,
) -> None:
    """Bars with their values; ``strong`` is the place of the one that the others stand back for."""
    roomy = ax.get_xlim()[1] - ax.get_xlim()[0] < 20
    for place, value in zip(places, values, strict=True):
        fill = {"facecolor": "none", "edgecolor": plot.COLORS[color], "linestyle": ":"} if hollow else {}
        fill = {"color": plot.COLORS[color], "alpha": 1.0 if strong in (None, place) else 0.45, "linewidth": 0} | fill
        if hollow:
            del fill["color"], fill["linewidth"]
        ax.bar(place, -value * scale.unit, 0.7, bottom=scale.zero, **fill)
        tip = scale.zero - value * scale.unit + (11 if value < 0 else -10)
        if roomy or len(_short(value)) < 3 or strong == place:
            plot.label(ax, place, tip, _short(value), color)


def _cell(ax: Axes, left: float, top: float, text: str, color: str, tint: float, *, width: float = 1.0) -> None:
    box = (left, top), width, 26
    ax.add_patch(Rectangle(*box, facecolor=plot.COLORS[color], alpha=tint, linewidth=0))
    ax.add_patch(Rectangle(*box, facecolor="none", edgecolor=plot.COLORS["grid"], linewidth=0.6))
    plot.label(ax, left + width / 2, top + 13, text, "ink" if color == "kernel" else color)
