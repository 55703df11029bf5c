"""The book's figure style: one colour for one thing, labels on the curves, legible in print, on a phone and at night.

A figure is drawn with matplotlib and handed to :func:`show`, which turns it into a vector drawing whose colours are
CSS variables (so that it follows the page's light or dark theme), with alternative text and a caption.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import re

import matplotlib as mpl
import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

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

#: Width in inches of a figure; it is shown a little larger in the text column, and its labels stay legible on a phone.
WIDTH = 5.4

_STYLE = {
    "figure.figsize": (WIDTH, 2.7),
    "figure.constrained_layout.use": True,
    "figure.facecolor": COLORS["paper"],
    "savefig.facecolor": COLORS["paper"],
    "font.size": 10.5,
    "axes.titlesize": 10.5,
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
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
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


class Picture:
    """A finished figure as a notebook shows it; made by :func:`show`.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Drawn, and closed here.
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
        self.alt, self.caption = " ".join(alt.split()), " ".join(caption.split())
        self.svg = _themed(_svg(figure), self.alt)
        self.png = _png(figure)
        plt.close(figure)

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"

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
        If ``alt`` says nothing.
    """
    display(Picture(figure, alt=alt, caption=caption))


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    with style():
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=160, metadata={"Software": None})
    return buffer.getvalue()


def _themed(svg: str, alt: str) -> str:
    """Make the drawing one that can stand inside a page: small, unique ids, colours by name, readable aloud."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)  # its selector is *: the whole page
    svg = re.sub(r"(\d\.\d)\d+", r"\1", _keep_scales(svg))
    svg = svg.replace("\x00", ".")
    svg = re.sub(r">\s+<", "><", svg)
    prefix = "c" + hashlib.sha256(svg.encode()).hexdigest()[:8]
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}\1"', svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}\1)", svg)
    for name, color in COLORS.items():
        svg = svg.replace(color, f"var(--cl-{name}, {_LAB.get(name, color)})", -1)
    width, height = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg).groups()
    head = (
        f'<svg xmlns:xlink="http://www.w3.org/1999/xlink" xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-label="{html.escape(alt)}" viewBox="0 0 {width} {height}" '
        f'style="display:block;width:100%;max-width:{float(width) * 1.55:.0f}px;height:auto;margin:auto;'
        f'stroke-linejoin:round;stroke-linecap:butt">'
    )
    return head + svg[svg.index(">") + 1 :]


def _keep_scales(svg: str) -> str:
    """Hide the decimal points of scale(…), which need all their digits, from the rounding of coordinates."""
    return re.sub(r"scale\([^)]*\)", lambda match: match[0].replace(".", "\x00"), svg)
