"""The front page's line of stations, from the integral to ResNet: a small drawing for each chapter of chapters.toml.

One orange thing travels through all of them: it begins as a curve, and becomes bars, a square of weights, a brick, a
block.  Chapters that the book has are links; those to come are dimmed.
"""

from __future__ import annotations

import html
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from convlib import signals

WIDTH, HEIGHT = 160, 100
MOTIFS: dict[str, Callable[[], str]] = {}


def motif(draw: Callable[[], str]) -> Callable[[], str]:
    """Enter a drawing under its own name."""
    MOTIFS[draw.__name__] = draw
    return draw


def box(x: float, y: float, width: float, height: float, role: str, opacity: float = 1.0) -> str:
    """A filled rectangle in the colour of what it is."""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="1.5" '
        f'fill="var(--cl-{role})" fill-opacity="{opacity:.2g}"/>'
    )


def line(points: Iterable[tuple[float, float]], role: str, width: float = 2.5, fill: float = 0.0) -> str:
    """A line through points, with the area under it tinted if ``fill`` says so."""
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    inside = f'fill="var(--cl-{role})" fill-opacity="{fill:g}"' if fill else 'fill="none"'
    return f'<path d="M{path}" {inside} stroke="var(--cl-{role})" stroke-width="{width:g}" stroke-linejoin="round"/>'


def graph(
    values: np.ndarray, base: float, height: float, role: str, left: float = 8, right: float = 152, **how: float
) -> str:
    """A curve whose zero lies at ``base``, ``height`` tall for the value 1."""
    x = np.linspace(left, right, len(values))
    return line(zip(x, base - height * values, strict=True), role, **how)


def cells(x: float, y: float, values: np.ndarray, role: str, size: float = 10) -> str:
    """A grid of squares, tinted by value."""
    return "".join(
        box(x + size * j, y + size * i, size - 1.5, size - 1.5, role, max(float(value), 0.08))
        for i, row in enumerate(np.atleast_2d(values))
        for j, value in enumerate(row)
    )


def planes(x: float, y: float, count: int, width: float, height: float, role: str, step: float = 4) -> str:
    """Feature maps, one behind the other."""
    behind = (box(x + step * i, y - step * i, width, height, role, 0.3) for i in reversed(range(1, count)))
    return "".join(behind) + box(x, y, width, height, role, 0.75)


def arrow(x: float, y: float, length: float, role: str = "muted") -> str:
    """An arrow to the right, or to the left for a negative length."""
    tip, back = x + length, 5 if length > 0 else -5
    return line([(x, y), (tip, y)], role, 2) + line([(tip - back, y - 4), (tip, y), (tip - back, y + 4)], role, 2)


KERNEL = np.array([[0.3, 0.6, 0.3], [0.6, 1.0, 0.6], [0.3, 0.6, 0.3]])


@motif
def integral() -> str:
    """A decay slides along a box; below, their convolution."""
    t = np.linspace(-1.6, 3, 120)
    return (
        graph(signals.box(t), 44, 32, "input")
        + graph(signals.exponential(0.4 - t), 44, 32, "kernel")
        + graph(signals.box_with_exponential(t, -0.5, 0.5), 92, 58, "output", fill=0.12)
    )


@motif
def algebra() -> str:
    """A box, convolved with itself again and again, becomes a bell."""
    t = np.linspace(-1.8, 1.8, 90)
    shapes = [signals.box(t), signals.triangle(t), signals.gaussian(t, sigma=0.5) / 0.8]
    roles = ["kernel", "output", "output"]
    return "".join(
        graph(shape, 82, 62, role, 6 + 50 * i, 54 + 50 * i, fill=0.15)
        for i, (shape, role) in enumerate(zip(shapes, roles, strict=True))
    )


@motif
def sequences() -> str:
    """Bars of the input, the kernel under them, bars of the output."""
    x, w = np.array([1, 3, 2, 4, 1, 2]) / 4, np.array([0.5, 1, 0.75])
    y = np.convolve(x, w)[1:-1]
    y = y / y.max()
    return (
        "".join(box(20 + 20 * i, 40 - 30 * v, 14, 30 * v, "input") for i, v in enumerate(x))
        + "".join(box(60 + 20 * i, 46, 14, 16 * v, "kernel") for i, v in enumerate(w[::-1]))
        + "".join(box(20 + 20 * i, 96 - 28 * v, 14, 28 * v, "output") for i, v in enumerate(y))
    )


@motif
def waves() -> str:
    """A spectrum under a frequency response."""
    nu = np.linspace(0, 3.4, 140)
    lines = [0.9, 0.5, 0.75, 0.3, 0.55, 0.2, 0.4]
    return "".join(box(14 + 20 * i, 88 - 70 * v, 6, 70 * v, "input", 0.55) for i, v in enumerate(lines)) + graph(
        np.abs(np.sinc(nu)), 88, 78, "kernel"
    )


@motif
def plane() -> str:
    """A window on a picture, and the pixel that it makes."""
    rows, columns = np.mgrid[:8, :8]
    picture = np.clip(1 - np.hypot(rows - 3.2, columns - 4.1) / 5, 0.1, 1)
    made = arrow(94, 46, 14) + box(118, 41, 11, 11, "output")
    return cells(8, 10, 0.8 * picture, "input") + cells(28, 30, KERNEL, "kernel") + made


@motif
def filtering() -> str:
    """A sharp picture and a soft one, the kernel between them."""
    radii = (8, 13, 18, 23, 28)
    soft = "".join(f'<circle cx="128" cy="50" r="{r}" fill="var(--cl-output)" fill-opacity="0.16"/>' for r in radii)
    sharp = '<circle cx="32" cy="50" r="20" fill="var(--cl-input)"/>'
    return sharp + cells(65, 35, KERNEL, "kernel") + soft


@motif
def edges() -> str:
    """An outline, and the kernel at its corner."""
    house = [(22, 90), (22, 48), (70, 14), (118, 48), (118, 90), (22, 90)]
    return line(house, "output", 3) + cells(104, 34, KERNEL, "kernel", 9)


@motif
def layer() -> str:
    """A brick of weights through three channels."""
    return (
        planes(14, 40, 3, 44, 44, "input", 9)
        + planes(34, 58, 3, 14, 14, "kernel", 9)
        + arrow(86, 50, 16)
        + planes(116, 44, 2, 32, 32, "output", 6)
    )


@motif
def shapes() -> str:
    """Windows of three, two apart."""
    windows = [(14 + 38 * i, 44 + 6 * (i % 2)) for i in range(3)]
    return (
        cells(14, 16, 0.7 * np.ones((1, 7)), "input", 19)
        + "".join(line([(x, y - 5), (x, y), (x + 55, y), (x + 55, y - 5)], "kernel", 2) for x, y in windows)
        + "".join(box(x + 19, 66, 17.5, 17.5, "output", 0.85) for x, _ in windows)
    )


@motif
def gradients() -> str:
    """The way back, through the same weights."""
    return (
        cells(10, 20, 0.5 * np.ones((6, 4)), "input")
        + arrow(74, 34, 22, "muted")
        + arrow(96, 62, -22, "gradient")
        + cells(66, 84, np.ones((1, 4)), "kernel", 9)
        + cells(112, 25, 0.8 * np.ones((5, 3)), "gradient")
    )


@motif
def training() -> str:
    """Two losses, falling, and one that rises again."""
    t = np.linspace(0, 1, 60)
    return graph(0.95 * np.exp(-4 * t) + 0.04, 92, 80, "kernel") + graph(
        0.9 * np.exp(-5 * t) + 0.22 + 0.18 * t**2, 92, 80, "gradient", width=2
    )


@motif
def lenet() -> str:
    """Maps that get smaller and more."""
    return (
        planes(8, 38, 1, 40, 40, "input")
        + box(18, 48, 12, 12, "kernel")
        + planes(58, 42, 3, 28, 28, "output")
        + planes(104, 48, 6, 12, 12, "output", 3)
        + box(142, 24, 5, 56, "output", 0.8)
    )


@motif
def alexnet() -> str:
    """Two towers that meet in the middle."""
    sizes = [(34, 20), (74, 16), (110, 12)]
    towers = "".join(planes(x, y, 3, size, size, "output", 3) for y in (22, 68) for x, size in sizes)
    crossing = line([(94, 32), (106, 66)], "muted", 1.5) + line([(94, 76), (106, 34)], "muted", 1.5)
    picture = box(6, 38, 20, 24, "input", 0.8) + box(10, 44, 8, 8, "kernel")
    return picture + towers + crossing + box(142, 20, 5, 62, "output", 0.8)


@motif
def vgg() -> str:
    """Three layers of three see seven."""
    rows = [(20, 7, "input"), (38, 5, "output"), (56, 3, "output"), (74, 1, "output")]
    cone = line([(14, 18), (80 - 8, 92), (80 + 8, 92), (146, 18)], "kernel", 2)
    return (
        "".join(cells(80 - 9.5 * count + 0.75, y, 0.75 * np.ones((1, count)), role, 19) for y, count, role in rows)
        + cone
    )


@motif
def resnet() -> str:
    """A block, and the way around it."""
    around = '<path d="M20 58C34 8 106 8 124 50" fill="none" stroke="var(--cl-kernel)" stroke-width="3.5"/>'
    plus = '<circle cx="126" cy="62" r="11" fill="none" stroke="var(--cl-ink)" stroke-width="2"/>'
    return (
        around
        + line([(8, 62), (44, 62)], "input")
        + box(44, 48, 26, 28, "output", 0.8)
        + line([(70, 62), (78, 62)], "muted", 2)
        + box(78, 48, 26, 28, "output", 0.8)
        + line([(104, 62), (115, 62)], "muted", 2)
        + plus
        + line([(126, 56), (126, 68)], "ink", 2)
        + line([(120, 62), (132, 62)], "ink", 2)
        + line([(137, 62), (154, 62)], "output")
    )


@motif
def inside() -> str:
    """Networks, by what they cost and what they get."""
    networks = [(24, 74, 5, "input"), (52, 52, 14, "muted"), (92, 44, 20, "kernel"), (124, 24, 11, "output")]
    dots = (
        f'<circle cx="{x}" cy="{y}" r="{r}" fill="var(--cl-{role})" fill-opacity="0.75"/>' for x, y, r, role in networks
    )
    return line([(10, 8), (10, 92), (152, 92)], "muted", 1.5) + "".join(dots)


class Stations(SphinxDirective):
    """``stations``: the whole course as a line, a station for each chapter."""

    def run(self) -> list[nodes.Node]:
        """Read chapters.toml, and link the chapters that there are."""
        source = Path(self.env.srcdir) / "book" / "chapters.toml"
        self.env.note_dependency(str(source))
        parts, number = [], 0
        for part in tomllib.loads(source.read_text(encoding="utf-8"))["part"]:
            stations = []
            for chapter in part["chapter"]:
                number += 1
                stations.append(self.station(number, chapter))
            parts.append(f"<li><p>{html.escape(part['title'])}</p><ol>{''.join(stations)}</ol></li>")
        return [nodes.raw("", f'<ol class="cl-stations">{"".join(parts)}</ol>', format="html")]

    def station(self, number: int, chapter: dict[str, str]) -> str:
        """One chapter: its drawing, its number, its title; a link if the book has it."""
        drawing = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">{MOTIFS[chapter["motif"]]()}</svg>'
        title = f"<b>{number}</b> <span>{html.escape(chapter['title'])}</span>"
        document = f"notebooks/{chapter['file']}"
        if document in self.env.found_docs:
            address = self.env.app.builder.get_relative_uri(self.env.docname, document)
            return f'<li><a href="{address}">{drawing}{title}</a></li>'
        return f'<li class="coming"><div>{drawing}{title}<span class="cl-away"> (to come)</span></div></li>'


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.add_directive("stations", Stations)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
