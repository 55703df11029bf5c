"""CornerCloud: the gradients in a window of a photograph as a cloud, its ellipse, and what Harris makes of it."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, Polygon, Rectangle

from convlib import plot
from convlib.data import photograph
from convlib.widgets.base import Widget
from convlib.widgets.traits import Choice, Count, Number, Pixels, Subset

#: Rows and columns of the photograph.
SIZE = 170
#: Row and column of the window for each name, in the photograph of the man with the camera.
PLACES = {"flat": (30, 106), "edge": (42, 32), "corner": (100, 69), "texture": (67, 140)}
PANELS = ("photograph", "window", "numbers", "cloud", "plane")
SHOWN = (*PANELS, "words", "controls")

#: R beyond this, in grey values per pixel to the fourth power, is called a corner; beyond its negative, an edge.
THRESHOLD = 3000.0
#: Slopes that the cloud's axes reach to, roots of eigenvalues that the plane's axes reach to; grey values per pixel.
CLOUD, PLANE = 100, 50
#: From which slope on a pixel gets an arrow.
STEEP = 5


@cache
def _photograph() -> np.ndarray:
    pixels = np.rint(255 * photograph("camera", SIZE)).astype(np.uint8)
    pixels.flags.writeable = False  # shared by all widgets
    return pixels


def gradients(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slopes of a picture by Sobel's kernels over 8: right minus left, and below minus above.

    Parameters
    ----------
    pixels : numpy.ndarray, shape (rows, columns)
        Grey values.

    Returns
    -------
    right, down : numpy.ndarray, shape (rows, columns)
        In grey values per pixel; 0 in the outermost rows and columns, which have no neighbours on one side.

    Examples
    --------
    >>> right, down = gradients(np.tile([0, 0, 8, 8], (3, 1)))
    >>> right[1], down[1]
    (array([0., 4., 4., 0.]), array([0., 0., 0., 0.]))
    """
    p = np.asarray(pixels, dtype=float)
    right, down = np.zeros_like(p), np.zeros_like(p)
    across = p[:, 2:] - p[:, :-2]  # (rows, columns - 2)
    along = p[2:] - p[:-2]  # (rows - 2, columns)
    right[1:-1, 1:-1] = (across[:-2] + 2 * across[1:-1] + across[2:]) / 8
    down[1:-1, 1:-1] = (along[:, :-2] + 2 * along[:, 1:-1] + along[:, 2:]) / 8
    return right, down


class CornerCloud(Widget):
    r"""A window on a photograph; the gradients of its pixels as a cloud of points; Harris' R and a verdict.

    The structure tensor :math:`M` holds the cloud's second moments about zero, not about its mean: the means over the
    window of :math:`I_x^2`, :math:`I_x I_y` and :math:`I_y^2`.  Its eigenvalues are
    :math:`\lambda_1 \ge \lambda_2`, and :math:`R = \det M - k\,(\operatorname{trace} M)^2`.

    Parameters
    ----------
    where : {"flat", "edge", "corner", "texture", "own"}
        Where the window stands: at a place of that kind, or at ``row`` and ``column``.
    row, column : int
        The window's middle, from 0 to 169; of no effect unless ``where`` is ``"own"``.  A window that would reach
        beyond the pixels that have a gradient is moved inwards, see :attr:`centre`.
    reach : int
        The window has 2 ``reach`` + 1 rows and columns; from 2 to 15.
    k : float
        Harris' constant, between 0.01 and 0.2, rounded to a multiple of 0.01.
    heat : bool
        Lay a map of R, for windows of this size, over the photograph.
    image : array_like, shape (170, 170)
        The photograph: integers from 0 to 255 or fractions from 0 to 1.
    show : list of {"photograph", "window", "numbers", "cloud", "plane", "words", "controls"}
        A reduced view of these parts alone; empty for all.

    Examples
    --------
    >>> [CornerCloud(where=name).verdict for name in ("flat", "edge", "corner")]
    ['flat', 'edge', 'corner']
    """

    parts = ("photograph", "window", "numbers", "cloud", "plane", "controls")

    where = Choice((*PLACES, "own"), "corner").tag(sync=True)
    row = Count(0, SIZE - 1, SIZE // 2).tag(sync=True)
    column = Count(0, SIZE - 1, SIZE // 2).tag(sync=True)
    reach = Count(2, 15, 6).tag(sync=True)
    k = Number(0.01, 0.2, 0.05, 0.01).tag(sync=True)
    heat = traitlets.Bool(False).tag(sync=True)
    image = Pixels(SIZE, _photograph)
    show = Subset(SHOWN).tag(sync=True)

    @property
    def centre(self) -> tuple[int, int]:
        """Row and column of the window's middle, where it has room."""
        row, column = PLACES.get(self.where, (self.row, self.column))
        low, high = self.reach + 1, SIZE - 2 - self.reach
        return min(max(row, low), high), min(max(column, low), high)

    @property
    def window(self) -> tuple[slice, slice]:
        """The window's rows and columns."""
        return tuple(slice(middle - self.reach, middle + self.reach + 1) for middle in self.centre)

    @property
    def points(self) -> np.ndarray:
        """The cloud: (Ix, Iy) of the window's pixels, row after row; shape (pixels, 2)."""
        return np.stack([slopes[self.window].ravel() for slopes in gradients(self.image)], axis=1)

    @property
    def tensor(self) -> np.ndarray:
        """The structure tensor M, shape (2, 2)."""
        return self.points.T @ self.points / len(self.points)

    @property
    def eigenvalues(self) -> tuple[float, float]:
        """The larger and the smaller eigenvalue of the structure tensor."""
        small, large = np.linalg.eigvalsh(self.tensor)
        return float(large), max(float(small), 0.0)

    @property
    def response(self) -> float:
        """Harris' R of the window."""
        large, small = self.eigenvalues
        return large * small - self.k * (large + small) ** 2

    @property
    def verdict(self) -> str:
        """What the window is taken for: corner, edge or flat."""
        return "corner" if self.response > THRESHOLD else "edge" if self.response < -THRESHOLD else "flat"

    @property
    def response_map(self) -> np.ndarray:
        """R of the windows about all pixels, shape (170, 170); 0 where a window would reach too far."""
        right, down = gradients(self.image)
        side, inside = 2 * self.reach + 1, slice(self.reach + 1, SIZE - 1 - self.reach)
        windows = [
            np.lib.stride_tricks.sliding_window_view(product[1:-1, 1:-1], (side, side)).mean(axis=(2, 3))
            for product in (right * right, right * down, down * down)
        ]
        xx, xy, yy = windows
        result = np.zeros((SIZE, SIZE))
        result[inside, inside] = xx * yy - xy**2 - self.k * (xx + yy) ** 2
        return result

    def sentence(self) -> str:
        """What the cloud looks like, in words."""
        return {
            "corner": "Corner, or texture: slopes in several directions, a cloud that fits no line.",
            "edge": "Edge: all slopes point across it, a cloud along one line.",
            "flat": "Flat: hardly any slope, a cloud that shrinks to the origin.",
        }[self.verdict] + " The ellipse is the structure tensor: second moments about zero."

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget: its panels, the sentence's lines, the controls, the foot and the frame."""
        shown = [panel for panel in PANELS if self._shows(panel)]
        heights = []
        for width, frame in ((337, 58), (620, 62), (756, 62)):
            narrow = width < 480
            words = (68 if narrow else 47) * self._shows("words")
            controls = (78 if narrow else 39) * self._shows("controls")
            heights.append(round(layout(width, shown)[1] + words + controls + frame))
        return tuple(heights)

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        (large, small), (row, column), side = self.eigenvalues, self.centre, 2 * self.reach + 1
        found = f"√λ₁ = {math.sqrt(large):.1f} and √λ₂ = {math.sqrt(small):.1f} grey values per pixel"
        found += f", R = {scientific(self.response)}"
        alt = (
            f"A photograph with a window of {side} by {side} pixels about row {row}, column {column}; the window "
            f"enlarged; the gradients of its pixels as a cloud of points, with its ellipse; and the plane of the "
            f"eigenvalues' roots, with the window's point in the region called {self.verdict}: {found}."
        )
        caption = (
            f"{self.sentence()} Its half axes are drawn 2√λ long. Here {found}, with <i>k</i> = {self.k:g}; "
            f"beyond ±{THRESHOLD:g} Harris calls it a corner or an edge."
        )
        return alt, caption

    def still(self) -> Figure:
        """Draw photograph, window, cloud and plane."""
        across, high, small = 72 * plot.WIDTH, SIZE + 4.0, 79.5
        fig = plot.by_hand(high / 72)
        panels = {
            "photograph": (2, 2, SIZE),
            "window": (SIZE + 6, high - 2 - small, small),
            "cloud": (across - small - 1, high - 2 - small, small),
            "plane": (SIZE + 6, 2, small),
        }
        axes = {
            name: fig.add_axes((x / across, y / high, w / across, w / high), xticks=[], yticks=[])
            for name, (x, y, w) in panels.items()
        }
        for ax in axes.values():
            ax.spines[:].set(visible=True, color=plot.COLORS["grid"])
        self._draw_pictures(axes["photograph"], axes["window"])
        self._draw_cloud(axes["cloud"])
        self._draw_plane(axes["plane"])
        roots = [math.sqrt(value) for value in self.eigenvalues]
        lines = (self.verdict, f"√λ₁ = {roots[0]:.1f}", f"√λ₂ = {roots[1]:.1f}", f"R = {scientific(self.response)}")
        role = {"corner": "output", "edge": "kernel", "flat": "ink"}[self.verdict]
        for i, line in enumerate(lines):
            fig.text(0.785, 0.4 - 0.105 * i, line, color=plot.COLORS["ink" if i else role], weight=400 if i else 700)
        return fig

    def _draw_pictures(self, whole: Axes, part: Axes) -> None:
        grey = {"cmap": "gray", "vmin": 0, "vmax": 255, "interpolation": "none"}
        whole.imshow(self.image, **grey)
        rows, columns = self.window
        side = 2 * self.reach + 1
        corner = columns.start - 0.5, rows.start - 0.5
        for color, width in (("paper", 3.2), ("input", 1.8)):
            whole.add_patch(Rectangle(corner, side, side, fill=False, edgecolor=plot.COLORS[color], linewidth=width))
        part.imshow(self.image[self.window], alpha=0.55, **grey)
        right, down = self.points.T
        y, x = (axis.ravel() for axis in np.indices((side, side)))
        ends = np.hypot(right, down) >= STEEP
        scale = 1.1 * max(1, side / 13) / 60
        heads = {"width": 0.012 * side, "headwidth": 3, "headlength": 3.5, "minlength": 0}
        part.quiver(
            x[ends],
            y[ends],
            right[ends] * scale,
            -down[ends] * scale,
            angles="uv",
            scale=1,
            units="x",
            scale_units="x",
            color=plot.COLORS["gradient"],
            **heads,
        )

    def _draw_cloud(self, ax: Axes) -> None:
        ax.set(xlim=(-CLOUD, CLOUD), ylim=(CLOUD, -CLOUD))  # downwards, as in the picture
        ax.axhline(0, color=plot.COLORS["grid"], linewidth=0.8)
        ax.axvline(0, color=plot.COLORS["grid"], linewidth=0.8)
        right, down = np.clip(self.points.T, -CLOUD, CLOUD)
        ax.plot(right, down, ".", color=plot.COLORS["gradient"], markersize=3, markeredgewidth=0)
        xx, xy, yy = self.tensor[0, 0], self.tensor[0, 1], self.tensor[1, 1]
        turn = math.degrees(0.5 * math.atan2(2 * xy, xx - yy))
        axes = [4 * math.sqrt(value) for value in self.eigenvalues]
        plot.label(ax, 0.94 * CLOUD, -0.16 * CLOUD, "$I_x$", "muted", ha="right")
        plot.label(ax, 0.08 * CLOUD, 0.8 * CLOUD, "$I_y$", "muted", ha="left")
        ax.add_patch(Ellipse((0, 0), *axes, angle=turn, fill=False, edgecolor=plot.COLORS["product"], linewidth=1.6))

    def _draw_plane(self, ax: Axes) -> None:
        ax.set(xlim=(0, PLANE), ylim=(0, PLANE))
        for region, role in (("corner", "output"), ("edge", "kernel")):
            ax.add_patch(Polygon(border(region, self.k), facecolor=plot.COLORS[role], alpha=0.22, linewidth=0))
        ax.plot([0, PLANE], [0, PLANE], color=plot.COLORS["grid"], linewidth=0.8)
        plot.label(ax, 36, 27, "corner", "output")
        plot.label(ax, 40, 4, "edge", "kernel")
        plot.label(ax, 2, 45, "√λ₂ ↑", "muted", ha="left")
        plot.label(ax, 2, 36, "√λ₁ →", "muted", ha="left")
        large, small = (min(math.sqrt(value), PLANE) for value in self.eigenvalues)
        ax.plot(large, small, "o", color=plot.COLORS["product"], markersize=6)


def scientific(value: float) -> str:
    """A number that may be large, as the page writes it.

    Examples
    --------
    >>> scientific(120941.8), scientific(-40000), scientific(45)
    ('1.2·10⁵', '−4.0·10⁴', '45')
    """
    if abs(value) < 1000:
        text = f"{value:.0f}"
        return "0" if text == "-0" else text.replace("-", "−")
    digits, power = f"{value:.1e}".split("e")
    return f"{digits}·10{'⁰¹²³⁴⁵⁶⁷⁸⁹'[int(power)]}".replace("-", "−")


def border(region: str, k: float) -> np.ndarray:
    """Corners of the region of the plane of the eigenvalues' roots in which R is beyond its threshold.

    Parameters
    ----------
    region : {"corner", "edge"}
    k : float

    Returns
    -------
    numpy.ndarray, shape (corners, 2)
        The larger root, then the smaller one, which is never above it.
    """
    large = np.linspace(0, PLANE, 101)
    bound = THRESHOLD if region == "corner" else -THRESHOLD
    low = smaller_root(large**2, k, bound)
    there = ~np.isnan(low) & (low <= large)
    across, level = large[there], low[there]
    other = across if region == "corner" else np.zeros_like(across)
    return np.concatenate([np.stack([across, level], axis=1), np.stack([across, other], axis=1)[::-1]])


def smaller_root(large: np.ndarray, k: float, bound: float) -> np.ndarray:
    """Root of the smaller eigenvalue at which R is ``bound``, for given larger ones; NaN where there is none."""
    linear = (1 - 2 * k) * large
    inside = linear**2 - 4 * k * (k * large**2 + bound)
    value = (linear - np.sqrt(np.maximum(inside, 0))) / (2 * k)
    return np.where((inside >= 0) & (value >= 0), np.sqrt(np.maximum(value, 0)), np.nan)


def layout(width: float, shown: list[str]) -> tuple[dict[str, tuple[float, float, float]], float]:
    """Where the panels stand: left, top and side of each with its title, in pixels, and the height of all.

    The same numbers as ``layout`` in corner_cloud.js.
    """
    title, gap, narrow = 19, 10 if width < 480 else 14, width < 480
    boxes: dict[str, tuple[float, float, float]] = {}
    top, rest = 0, [panel for panel in PANELS if panel in shown]
    aside = [panel for panel in rest if panel in ("window", "numbers")]
    if narrow and "photograph" in rest and aside:
        side = math.floor((width - gap) * 0.375)
        boxes["photograph"] = 0, 0, width - gap - side
        for i, panel in enumerate(aside):
            boxes[panel] = width - side, i * (title + side + 4), side
        top = title + width - gap - side + 8
        rest = [panel for panel in rest if panel not in boxes]
    elif not narrow and len(rest) > 3 and "photograph" in rest:
        side = min(180, math.floor((width - 2 * gap - title - gap) / 4))
        left = (width - 4 * side - 3 * gap - title) / 2
        boxes["photograph"] = left, 0, 2 * side + gap + title
        for i, panel in enumerate(sorted(rest[1:], key=["window", "cloud", "plane", "numbers"].index)):
            boxes[panel] = (
                left + boxes["photograph"][2] + gap + i % 2 * (side + gap),
                i // 2 * (title + side + gap),
                side,
            )
        return boxes, title + boxes["photograph"][2]
    many = 2 if narrow else 4
    for start in range(0, len(rest), many):
        line = rest[start : start + many]
        most = ((260, 220) if narrow else (340, 320, 250, 220))[len(line) - 1]
        side = min(most, math.floor((width - gap * (len(line) - 1)) / len(line)))
        left = (width - side * len(line) - gap * (len(line) - 1)) / 2
        for i, panel in enumerate(line):
            boxes[panel] = left + i * (side + gap), top, side
        top += title + side + 8
    return boxes, max(top - 8, 0)
