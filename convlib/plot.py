"""The book's figure style: one colour for one thing, labels on the curves, legible in print, on a phone and at night.

A figure is drawn with matplotlib and handed to :func:`show`, which turns it into a vector drawing whose colours are
CSS variables (so that it follows the page's light or dark theme), with alternative text and a caption.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import math
import re
from collections.abc import Sequence
from functools import cached_property

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.layout_engine import PlaceHolderLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.text import Text
from numpy.typing import ArrayLike
from PIL import Image

from convlib._validate import one_of

#: The same colour for the same thing in every figure and widget; the dark-theme values stand in widgets/palette.css.
#: Chosen to stay apart under the common forms of colour blindness (tests/unit/test_plot.py simulates them).
COLORS = {
    "input": "#0067b1",
    "kernel": "#bb4a06",
    "output": "#007a4d",
    "product": "#a3338c",
    "gradient": "#8a6a00",
    "ink": "#1f2328",
    "muted": "#656d76",
    "grid": "#d9dee4",
    "paper": "#ffffff",
}

#: Weights as a picture: blue where negative, orange where positive, nothing (the page itself) where zero.
WEIGHTS = LinearSegmentedColormap.from_list(
    "weights",
    [(0, COLORS["input"]), (0.5, COLORS["input"] + "00"), (0.5, COLORS["kernel"] + "00"), (1, COLORS["kernel"])],
)

#: What a notebook shows where palette.css is not loaded: JupyterLab's own text and page colours.
_LAB = {
    "ink": "var(--jp-content-font-color1, #1f2328)",
    "muted": "var(--jp-content-font-color2, #656d76)",
    "grid": "var(--jp-border-color2, #d9dee4)",
    "paper": "var(--jp-layout-color0, #ffffff)",
}

#: Lettering in points, and width of a figure in inches; on the narrowest of today's phones a figure is 358 pixels wide.
#: Together they keep all lettering at 11 pixels or more there, and at the size of the text on a wide screen.
LETTERING, WIDTH = 10.5, 4.7
_PHONE, _LEAST = 358, 11

#: Steps right and up from a point to the name that stands on each side of it.
_SIDES = {
    "right": (1, 0), "left": (-1, 0), "above": (0, 1), "below": (0, -1), "center": (0, 0),
    "above right": (1, 1), "above left": (-1, 1), "below right": (1, -1), "below left": (-1, -1),
}  # fmt: skip

_STYLE = {
    "figure.figsize": (WIDTH, 2.7),
    "figure.constrained_layout.use": True,
    "figure.facecolor": COLORS["paper"],
    "savefig.facecolor": COLORS["paper"],
    "font.size": LETTERING,
    "axes.titlesize": LETTERING,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": COLORS["muted"],
    "axes.labelcolor": COLORS["ink"],
    "axes.facecolor": "none",
    "axes.grid": False,
    "grid.color": COLORS["grid"],
    "text.color": COLORS["ink"],
    "xtick.color": COLORS["muted"],
    "ytick.color": COLORS["muted"],
    "xtick.labelsize": LETTERING,
    "ytick.labelsize": LETTERING,
    "legend.fontsize": LETTERING,
    "figure.labelsize": LETTERING,
    "lines.linewidth": 2.0,
    "lines.solid_capstyle": "round",
    "axes.prop_cycle": mpl.cycler(color=[COLORS[c] for c in ("input", "kernel", "output", "product", "gradient")]),
    "legend.frameon": False,
    "path.simplify_threshold": 0.3,
    "svg.fonttype": "path",
    "svg.hashsalt": "convlib",
}


def use_style() -> None:
    """Set matplotlib's defaults to the book's style, for the rest of the session."""
    mpl.rcParams.update(_STYLE)


def style() -> object:
    """Context in which matplotlib's defaults are the book's."""
    return mpl.rc_context(_STYLE)


def label(ax: Axes, x: float, y: float, text: str, color: str = "ink", **options: object) -> None:
    """Write ``text`` on the figure at data point (x, y), in the colour of what it names."""
    one_of("color", color, COLORS)
    defaults = {"color": COLORS[color], "ha": "center", "va": "center"}
    ax.text(x, y, text, **(defaults | options))


def baseline(ax: Axes) -> None:
    """Draw the horizontal axis where the value is zero, behind everything else."""
    ax.axhline(0, color=COLORS["grid"], linewidth=1, zorder=0)


def panels(
    rows: int = 1,
    columns: int = 1,
    *,
    height: float = 2.4,
    titles: Sequence[str | tuple[str, str]] = (),
    share: str = "",
    **grid: object,
) -> tuple[Figure, np.ndarray]:
    """Start a figure as wide as the book's: axes with their zero line and their titles.

    Parameters
    ----------
    rows, columns : int
        How many axes below and beside each other.
    height : float
        Of the whole figure, in inches.
    titles : sequence of str or (str, role)
        One for each of the axes, in reading order, or none at all; in the colour of what it names, if that is said.
    share : {"", "x", "y", "xy"}
        Which scales the axes have in common.
    **grid
        Further options of :func:`matplotlib.pyplot.subplots`, such as ``width_ratios``.

    Returns
    -------
    matplotlib.figure.Figure, numpy.ndarray of matplotlib.axes.Axes, shape (rows * columns,)
        The axes in reading order; always an array, even of one.

    Raises
    ------
    ValueError
        If there are titles, but not one for each of the axes, or for an unknown name.

    Examples
    --------
    >>> fig, (left, right) = panels(1, 2, titles=["before", ("after", "output")], share="y")
    >>> right.get_title(loc="left")
    'after'
    >>> plt.close(fig)
    """
    one_of("share", share, ["", "x", "y", "xy"])
    size, common = (WIDTH, height), {"sharex": "x" in share, "sharey": "y" in share}
    if titles and len(titles) != rows * columns:
        raise ValueError(f"titles must be {rows * columns}, one for each of the axes, got {len(titles)}")
    named = [(title, "ink") if isinstance(title, str) else title for title in titles]
    for _, role in named:
        one_of("the role of a title", role, COLORS)
    fig, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, **common, **grid)
    for ax in axes.flat:
        baseline(ax)
    for ax, (title, role) in zip(axes.flat, named, strict=False):
        ax.set_title(title, color=COLORS[role], loc="left")
    return fig, axes.ravel()


def by_hand(height: float, width: float = WIDTH) -> Figure:
    """Start a figure, so many inches high and wide, in which all stays where it is put: no layout engine moves it.

    Not by ``layout="none"``: ``savefig`` forgets that, and the second drawing would be laid out by the style's engine.
    """
    return plt.figure(figsize=(width, height), layout=PlaceHolderLayoutEngine(True, True))


def sheet(width: float, height: float, *, margin: float = 0, inches: float = WIDTH) -> tuple[Figure, Axes]:
    """Start a drawing on a plain sheet, measured as a screen is: from the upper left corner, to the right and down.

    Parameters
    ----------
    width, height : float
        Of the sheet, in units of the drawing; a unit is as long down as across.
    margin : float
        How much of the paper around the sheet is shown, in the same units.
    inches : float
        How wide the figure is, margins and all.

    Returns
    -------
    matplotlib.figure.Figure, matplotlib.axes.Axes
        The axes fill the figure and are not drawn themselves.

    Examples
    --------
    >>> fig, ax = sheet(480, 240)
    >>> ax.get_xlim(), ax.get_ylim()
    ((np.float64(0.0), np.float64(480.0)), (np.float64(240.0), np.float64(0.0)))
    >>> plt.close(fig)
    """
    across, down = width + 2 * margin, height + 2 * margin
    fig = by_hand(inches * down / across, inches)
    ax = fig.add_axes((0, 0, 1, 1), xlim=(-margin, width + margin), ylim=(height + margin, -margin))
    ax.axis("off")
    return fig, ax


def pictures(
    images: Sequence[ArrayLike],
    *,
    titles: Sequence[str | tuple[str, str]] = (),
    columns: int = 0,
    high: float = 1.0,
    signed: bool | Sequence[bool] = False,
    largest: float | None = None,
    height: float | None = None,
) -> tuple[Figure, np.ndarray]:
    """Start a figure of images beside and below each other, every pixel a sharp square.

    Parameters
    ----------
    images : sequence of array_like, shape (R, C) or (R, C, 3)
        Grey from 0, black, to ``high``, white; colours from 0 to 1.
    titles
        One for each image, or none, as in :func:`panels`.
    columns : int
        How many stand side by side; by default all of them.
    high : float
        The value that is white; what lies above is white too.
    signed : bool or sequence of bool
        Whether an image, or each of them, is shown as weights are: blue below zero, orange above, nothing at zero.
    largest : float, optional
        The value with the full colour in signed images; by default the largest that each one holds.
    height : float, optional
        Of the figure, in inches; by default as the first image's proportions want it.

    Returns
    -------
    matplotlib.figure.Figure, numpy.ndarray of matplotlib.axes.Axes
        One for each image, without ticks.

    Raises
    ------
    ValueError
        If there are no images, one is not an image, or ``signed`` or ``titles`` has not one entry for each.

    Examples
    --------
    >>> fig, axes = pictures([np.eye(3), -np.eye(3)], titles=["one", "two"], signed=[False, True])
    >>> len(axes), axes[1].get_title(loc="left")
    (2, 'two')
    >>> plt.close(fig)
    """
    images = [np.asarray(image) for image in images]
    if not images:
        raise ValueError("images must hold at least one image, got none")
    for image in images:
        if not (image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)):
            raise ValueError(f"every image must have the shape (R, C) or (R, C, 3), got {image.shape}")
    signs = [signed] * len(images) if isinstance(signed, bool) else list(signed)
    if len(signs) != len(images):
        raise ValueError(f"signed must have one entry for each of the {len(images)} images, got {len(signs)}")
    columns = min(columns or len(images), len(images))
    rows = -(-len(images) // columns)
    tall, wide = images[0].shape[:2]
    if height is None:
        height = rows * (WIDTH / columns * tall / wide + (0.27 if titles else 0.08))
    spare = [""] * (rows * columns - len(images))
    fig, axes = panels(rows, columns, height=height, titles=[*titles, *spare] if titles else ())
    for ax, image, sign in zip(axes, images, signs, strict=False):
        paint(ax, image, high=high, signed=sign, largest=largest)
    for ax in axes[len(images) :]:
        ax.remove()
    return fig, axes[: len(images)]


def paint(
    ax: Axes, image: ArrayLike, *, high: float = 1.0, signed: bool = False, largest: float | None = None
) -> AxesImage:
    """Draw one image into ``ax``, as :func:`pictures` does."""
    image = np.asarray(image)
    top = (largest or float(np.abs(image).max()) or 1.0) if signed else high
    scale = {"cmap": WEIGHTS, "vmin": -top, "vmax": top} if signed else {"cmap": "gray", "vmin": 0, "vmax": top}
    for line in ax.lines[:]:
        line.remove()  # the zero line of a plot
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(signed)
    ax.spines[:].set(color=COLORS["grid"])
    return ax.imshow(image, interpolation="none", **scale)


def curve(
    ax: Axes,
    x: ArrayLike,
    y: ArrayLike,
    role: str,
    *,
    name: str = "",
    at: float | tuple[float, float] | None = None,
    side: str = "right",
    fill: float = 0,
    **style: object,
) -> Line2D:
    """Draw a line in the colour of what it is, with its name written beside it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    x, y : array_like, shape (N,)
        Points of the line.
    role : str
        What the line is, by its colour in :data:`COLORS`: ``"input"``, ``"kernel"``, ``"output"``, …
    name : str
        What is written, TeX between dollars; nothing by default.
    at : float or (float, float), optional
        Where: at this ``x``, on the line, or at any point; by default at the line's last point.
    side : {"right", "left", "above", "below", "above right", …, "center"}
        On which side of that point the name stands.
    fill : float
        Opacity of the area between the line and zero; none by default.
    **style
        Further options of :meth:`matplotlib.axes.Axes.plot`, such as ``linestyle``.

    Raises
    ------
    ValueError
        For an unknown role or side, or if ``at`` is beyond the ends of the line.

    Examples
    --------
    >>> fig, (ax,) = panels()
    >>> line = curve(ax, [0, 1, 2], [0, 4, 0], "output", name="$f*g$", at=0.5, side="above left")
    >>> line.get_color() == COLORS["output"], ax.texts[0].xy
    (True, (0.5, 2.0))
    >>> plt.close(fig)
    """
    color = COLORS[one_of("role", role, COLORS)]
    (line,) = ax.plot(x, y, **({"color": color} | style))
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if fill:
        ax.fill_between(x, y, color=color, alpha=fill, linewidth=0)
    _write(ax, name, role, _point_of(x, y, at), side)
    return line


def bars(
    ax: Axes,
    n: ArrayLike,
    values: ArrayLike,
    role: str,
    *,
    name: str = "",
    at: float | tuple[float, float] | None = None,
    side: str = "above",
    width: float = 0.7,
    **style: object,
) -> BarContainer:
    """Draw samples as bars in the colour of what they are, with their name written beside them.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    n, values : array_like, shape (N,)
        Where each bar stands, and its height.
    role, name, at, side
        As in :func:`curve`; ``at`` is by default the end of the last bar.
    width : float
        Of a bar, in units of ``n``.
    **style
        Further options of :meth:`matplotlib.axes.Axes.bar`, such as ``alpha``.

    Raises
    ------
    ValueError
        As for :func:`curve`.

    Examples
    --------
    >>> fig, (ax,) = panels()
    >>> drawn = bars(ax, [0, 1, 2], [1, 3, 2], "input", name="$x$", at=1)
    >>> len(drawn), ax.texts[0].xy
    (3, (1.0, 3.0))
    >>> plt.close(fig)
    """
    color = COLORS[one_of("role", role, COLORS)]
    drawn = ax.bar(n, values, width, **({"color": color} | style))
    _write(ax, name, role, _point_of(np.asarray(n, dtype=float), np.asarray(values, dtype=float), at), side)
    return drawn


def _point_of(x: np.ndarray, y: np.ndarray, at: float | tuple[float, float] | None) -> tuple[float, float]:
    """The point that ``at`` means: itself, the one of the line above it, or the line's last."""
    if at is None:
        return float(x[-1]), float(y[-1])
    if np.ndim(at):
        return float(at[0]), float(at[1])
    if not x.min() <= at <= x.max():
        raise ValueError(f"at must be between {x.min():g} and {x.max():g}, where the line is, or a point, got {at:g}")
    order = np.argsort(x, kind="stable")
    return float(at), float(np.interp(at, x[order], y[order]))


def _write(ax: Axes, name: str, role: str, point: tuple[float, float], side: str) -> None:
    """Write ``name`` beside ``point``, four points of type away from it."""
    right, up = _SIDES[one_of("side", side, _SIDES)]
    place = {"ha": ("center", "left", "right")[right], "va": ("center", "bottom", "top")[up]}
    if name:
        offset = {"xytext": (4 * right, 4 * up), "textcoords": "offset points"}
        ax.annotate(name, point, color=COLORS[role], annotation_clip=False, **offset, **place)


class Picture:
    """A finished figure as a notebook shows it; made by :func:`show`.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Drawn, and closed here: the notebook must not show it a second time.
    alt : str
        What one sees, for a reader who cannot.
    caption : str
        What to notice; simple HTML is allowed.
    """

    def __init__(self, figure: Figure, *, alt: str, caption: str = "") -> None:
        if not isinstance(figure, Figure):
            raise TypeError(f"figure must be a matplotlib Figure, got {type(figure).__name__}")
        if not isinstance(alt, str) or len(alt.strip()) < 10:
            raise ValueError(f"alt must describe the figure in words, got {alt!r}")
        self.figure, self.alt, self.caption = figure, " ".join(alt.split()), " ".join(caption.split())
        plt.close(figure)

    def __repr__(self) -> str:
        return f"Picture: {self.alt}"

    @cached_property
    def svg(self) -> str:
        """The drawing, see-through and in the page's colours; drawn when first asked for."""
        buffer = io.StringIO()
        with style():
            self.figure.savefig(buffer, format="svg", facecolor="none", metadata={"Date": None, "Creator": None})
        return _themed(buffer.getvalue(), self.alt)

    @cached_property
    def png(self) -> bytes:
        """The drawing on white, as dots, for where there is no HTML; drawn when first asked for."""
        buffer = io.BytesIO()
        with style():
            self.figure.savefig(buffer, format="png", dpi=160, metadata={"Software": None})
        return buffer.getvalue()

    def html(self) -> str:
        """The drawing in a ``<figure>``, with its caption."""
        caption = f"<figcaption>{self.caption}</figcaption>" if self.caption else ""
        return f'<figure class="cl-figure">{self.svg}{caption}</figure>'

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        png = base64.b64encode(self.png).decode()
        return {"text/html": self.html(), "image/png": png, "text/plain": repr(self)}


def show(figure: Figure, *, alt: str, caption: str = "") -> None:
    """Show ``figure`` in the notebook with alternative text and a caption, and close it.

    Raises
    ------
    TypeError
        If ``figure`` is not a matplotlib figure.
    ValueError
        If ``alt`` says nothing, or some lettering would be too small to read on a phone.
    """
    picture = Picture(figure, alt=alt, caption=caption)
    text, pixels = smallest_lettering(figure)
    if pixels < _LEAST:
        raise ValueError(f"{text!r} would be {pixels:.1f} px tall on a phone; draw it larger, or the figure narrower")
    display(picture)


def smallest_lettering(figure: Figure) -> tuple[str, float]:
    """The smallest text of a figure, and its size in pixels on a phone 390 pixels wide.

    Sub- and superscripts are not looked at: they are smaller than their text, as everywhere.

    Examples
    --------
    >>> with style():
    ...     fig, (ax,) = panels()
    >>> label(ax, 0.5, 0.5, "too small", fontsize=8)
    >>> text, pixels = smallest_lettering(fig)
    >>> text, round(pixels, 1)
    ('too small', 8.5)
    >>> plt.close(fig)
    """
    shown = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    if not shown:
        return "", math.inf
    least = min(shown, key=Text.get_fontsize)
    return least.get_text(), float(least.get_fontsize() * _PHONE / (72 * figure.get_figwidth()))


def _themed(svg: str, alt: str) -> str:
    """Make the drawing one that can stand inside a page: small, unique ids, colours by name, readable aloud."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)  # its selector is *: the whole page
    svg = re.sub(r"(\d\.\d)\d+", r"\1", _keep_scales(svg))
    svg = svg.replace("\x00", ".")
    svg = re.sub(r">\s+<", "><", svg)
    svg = re.sub(r"data:image/png;base64,([^\"]+)", _smaller, svg)
    svg = re.sub(r'(<image\b[^>]*?) id="[^"]*"', r"\1", svg)  # the same for the same dots; nothing refers to it
    prefix = "c" + hashlib.sha256(svg.encode()).hexdigest()[:8]
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}\1"', svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}\1)", svg)
    for name, color in COLORS.items():
        svg = svg.replace(color, f"var(--cl-{name}, {_LAB.get(name, color)})")
    width, height = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg).groups()
    head = (
        f'<svg xmlns:xlink="http://www.w3.org/1999/xlink" xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-label="{html.escape(alt)}" viewBox="0 0 {width} {height}" '
        f'style="display:block;width:100%;max-width:{float(width) * 1.55:.0f}px;height:auto;margin:auto;'
        f'stroke-linejoin:round;stroke-linecap:butt">'
    )
    return head + svg[svg.index(">") + 1 :]


def _smaller(match: re.Match[str]) -> str:
    """The same dots in less than half the bytes: without opacity and colours where there are none, and as WebP."""
    image = Image.open(io.BytesIO(base64.b64decode(match[1])))
    if image.mode == "RGBA" and image.getextrema()[3] == (255, 255):
        image = image.convert("RGB")
    if image.mode == "RGB" and len({band.tobytes() for band in image.split()}) == 1:
        image = image.getchannel(0)
    buffer = io.BytesIO()
    # Effort 6 would make the widgets' pictures 4 % smaller, and take 25 times as long.
    image.save(buffer, "WEBP", lossless=True, quality=100, method=4, exact=True)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _keep_scales(svg: str) -> str:
    """Hide the decimal points of scale(…) and matrix(…), which need all their digits, from the rounding of coordinates:
    an image is as wide as its number of pixels times one of them."""
    return re.sub(r"(scale|matrix)\([^)]*\)", lambda match: match[0].replace(".", "\x00"), svg)
