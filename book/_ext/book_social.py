"""What a shared link shows: the page's own sentence and a picture of what it is about.

sphinxext-opengraph writes the title and the name of the site.  Here its description becomes the page's first sentences,
formulas in letters; a card of 1200 × 630 pixels is drawn for every page; and the page's address is left out where
nobody knows it yet (see book_repository).
"""

from __future__ import annotations

import hashlib
import posixpath
import re
import textwrap
from collections.abc import Callable
from html import escape
from pathlib import Path

import matplotlib as mpl
import numpy as np
from book_search import readable
from docutils import nodes
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from sphinx.application import Sphinx

from convlib import plot, signals

COLORS = plot.COLORS


def _curves(ax: Axes, *curves: tuple[np.ndarray, np.ndarray, str]) -> None:
    for x, y, color in curves:
        ax.fill_between(x, y, color=COLORS[color], alpha=0.10, linewidth=0)
        ax.plot(x, y, color=COLORS[color], linewidth=5, solid_joinstyle="round")


def integral(ax: Axes) -> None:
    """A box, a decay, and their convolution."""
    t = np.linspace(-1.2, 4.2, 1081)
    step = t[1] - t[0]
    f, g = signals.box(t, 0.0, 1.0), signals.exponential(t)
    y = np.convolve(f, g)[: 2 * len(t)] * step
    _curves(ax, (t, f, "input"), (t, g, "kernel"), (2 * t[0] + step * np.arange(len(y)), y, "output"))
    ax.set_xlim(-0.8, 4.2)


def powers(ax: Axes) -> None:
    """A box again and again: the bell."""
    step = 1 / 200
    one = np.full(200, 1.0)
    y, colors = one, ("input", "kernel", "product", "output")
    for n, color in enumerate(colors, start=1):
        y = one if n == 1 else np.convolve(y, one) * step
        t = step * (np.arange(len(y)) - len(y) / 2)
        _curves(ax, (np.r_[t[0], t, t[-1]], np.r_[0, y, 0], color))


def sequence(ax: Axes) -> None:
    """Two sequences and their convolution, as bars."""
    x, w = np.array([1, 2, 0, 3, 1, 1]), np.array([2, 1, 1])
    for place, (values, color) in enumerate(((x, "input"), (w, "kernel"), (np.convolve(x, w), "output"))):
        left = (0, 7.2, 11.4)[place]
        ax.bar(left + np.arange(len(values)), values, width=0.72, color=COLORS[color])
    ax.axhline(0, color=COLORS["muted"], linewidth=2)


def waves(ax: Axes) -> None:
    """What a moving average leaves of each wave."""
    nu = np.linspace(-0.5, 0.5, 1201)
    gain = np.abs(np.exp(-2j * np.pi * np.outer(nu, np.arange(9))).mean(axis=1))
    _curves(ax, (nu, gain, "output"))
    ax.plot(nu, np.cos(40 * np.pi * nu) * 0.12 + 1.25, color=COLORS["input"], linewidth=4)


MOTIFS: dict[str, Callable[[Axes], None]] = {"01": integral, "02": powers, "03": sequence, "04": waves}


def draw_card(path: Path, title: str, book: str, motif: Callable[[Axes], None]) -> None:
    """Draw a page's card, 1200 × 630 pixels."""
    lines = textwrap.wrap(title, 30)
    with mpl.rc_context({"font.family": ["STIXGeneral", "DejaVu Serif"], "text.color": COLORS["ink"]}):
        figure = Figure(figsize=(12, 6.3), dpi=100, facecolor=COLORS["paper"])
        FigureCanvasAgg(figure)
        figure.text(0.06, 0.90, "\n".join(lines[:2]), size=50, va="top", linespacing=1.05, parse_math=False)
        figure.text(0.06, 0.055, book, size=23, color=COLORS["muted"], parse_math=False)
        ax = figure.add_axes((0.06, 0.16, 0.88, 0.40 if len(lines) > 1 else 0.52))
        ax.set_axis_off()
        motif(ax)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Software": None})


def card_of(app: Sphinx, pagename: str, title: str) -> str:
    """Address inside the site of a page's card, drawn if it is not there; its name says what it was drawn from."""
    motif = MOTIFS.get(posixpath.basename(pagename)[:2], integral)
    made_of = "\0".join((title, app.config.project, motif.__name__, Path(__file__).read_text(encoding="utf-8")))
    name = f"_static/cards/{hashlib.sha256(made_of.encode()).hexdigest()[:12]}.png"
    path = Path(app.outdir) / name
    if not path.exists():
        draw_card(path, title, app.config.project, motif)
    return name


def describe(doctree: nodes.document, most: int = 200) -> str:
    """The page's first sentences: what is a paragraph and no list, table or code."""
    said = ""
    for paragraph in doctree.findall(nodes.paragraph):
        if not isinstance(paragraph.parent, nodes.section) or any(paragraph.findall(nodes.raw)):
            continue
        parts = (
            readable(node.astext()) if isinstance(node.parent, nodes.math) else node.astext()
            for node in paragraph.findall(nodes.Text)
        )
        said = f"{said} {''.join(parts)}".strip()
        if len(said) > 80:
            break
    said = re.sub(r"\s+", " ", said)
    return said if len(said) <= most else said[:most].rsplit(" ", 1)[0].rstrip(" ,;:(") + " …"


def add_tags(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """Mend the tags that sphinxext-opengraph has written, and add the card's."""
    if context.get("title") == context.get("docstitle"):
        context["docstitle"] = ""  # the front page is called like the book
    if doctree is None:
        return
    title = re.sub(r"<[^>]+>", "", context["title"])
    tags, site = context["metatags"], app.config.ogp_site_url
    description = escape(describe(doctree) or title)
    for name in ('property="og:description"', 'name="description"'):
        tags = re.sub(rf"<meta {name} [^>]*>\n?", "", tags) + f'<meta {name} content="{description}" />\n'
    card = card_of(app, pagename, title)
    address = site + card if site else posixpath.relpath(card, posixpath.dirname(pagename) or ".")
    if not site:
        tags = re.sub(r'<meta property="og:url"[^>]*>\n?', "", tags)
    pairs = {"og:image": address, "og:image:width": "1200", "og:image:height": "630", "og:image:alt": escape(title)}
    tags += "".join(f'<meta property="{name}" content="{value}" />\n' for name, value in pairs.items())
    context["metatags"] = tags + '<meta name="twitter:card" content="summary_large_image" />\n'


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx, after sphinxext-opengraph."""
    app.connect("html-page-context", add_tags, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
