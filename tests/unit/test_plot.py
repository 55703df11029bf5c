"""The figure style: colours that stay apart, drawings that can stand inside a page."""

from __future__ import annotations

import base64
import io
import itertools
import json
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

import convlib.widgets.base
from convlib import plot

PALETTE = (Path(convlib.widgets.base.__file__).parent / "palette.css").read_text(encoding="utf-8")
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
CURVES = ("input", "kernel", "output", "product")

# Machado, Oliveira and Fernandes (2009), A physiologically-based model for simulation of color vision deficiency,
# IEEE TVCG 15(6): matrices for severity 1, on linear RGB.
DEFICIENCIES = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def palette(block):
    """Colours of one block of palette.css, by name."""
    return dict(re.findall(r"--cl-(\w+): (#\w{6});", block))


LIGHT, DARK = (palette(part) for part in PALETTE.split("@media screen"))


def linear(color):
    """Linear RGB of #rrggbb."""
    srgb = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIELAB of linear RGB, white D65."""
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ np.clip(rgb, 0, 1)
    f = np.cbrt(xyz / np.array([0.9505, 1.0, 1.089]))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(first, second):
    """WCAG contrast ratio."""
    one, two = (linear(color) @ [0.2126, 0.7152, 0.0722] + 0.05 for color in (first, second))
    return max(one, two) / min(one, two)


def test_palette_css_has_the_same_light_colours():
    """Figures and widgets show one thing in one colour."""
    assert {name: LIGHT[name] for name in plot.COLORS} == plot.COLORS
    assert DARK.keys() == LIGHT.keys()


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_text_contrast(colors):
    """Every colour that labels are written in has a contrast of at least 4.5 with page and panels."""
    for name in (*CURVES, "gradient", "ink", "muted", "right", "wrong"):
        for ground in ("paper", "raised"):
            assert contrast(colors[name], colors[ground]) >= 4.5, (name, ground)


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_curves_stay_apart_for_colour_blind_readers(colors, deficiency):
    """Curves that share a panel differ by more than 10 in CIELAB under simulated colour blindness."""
    seen = {name: lab(np.array(DEFICIENCIES[deficiency]) @ linear(colors[name])) for name in CURVES}
    for one, two in itertools.combinations(CURVES, 2):
        assert np.linalg.norm(seen[one] - seen[two]) > 10, (one, two)


@pytest.fixture
def picture():
    with plot.style():
        fig, ax = plt.subplots()
        ax.plot(np.linspace(0, 1, 50), np.linspace(0, 1, 50) ** 2, color=plot.COLORS["input"])
        plot.label(ax, 0.5, 0.5, r"$f(\tau)$", "kernel")
        plot.baseline(ax)
        return plot.Picture(fig, alt="A parabola & its name", caption="Notice <i>f</i>.")


def test_picture_is_accessible_and_themed(picture):
    """Alternative text, caption, colours by variable, no rule that leaks into the page."""
    html = picture.html()
    assert 'role="img" aria-label="A parabola &amp; its name"' in html
    assert "<figcaption>Notice <i>f</i>.</figcaption>" in html
    assert f"var(--cl-input, {plot.COLORS['input']})" in html
    assert "<style" not in html
    assert repr(picture) == "Picture: A parabola & its name"
    assert "--cl-paper" not in html, "a ground of its own, which no page has in quite the same colour"
    bare = re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", html)
    assert bare == [], "colours that no theme can change"


def test_pictures_do_not_share_ids(picture):
    """Ids are unique to a drawing, and every reference to one is kept."""
    ids = set(re.findall(r'id="([^"]+)"', picture.svg))
    references = set(re.findall(r'href="#([^"]+)"', picture.svg)) | set(re.findall(r"url\(#([^)]+)\)", picture.svg))
    assert references <= ids
    with plot.style():
        fig, ax = plt.subplots()
        ax.plot([1, 2])
        other = plot.Picture(fig, alt="A straight line")
    assert not ids & set(re.findall(r'id="([^"]+)"', other.svg))


def test_picture_closes_its_figure(picture):
    """Nothing is left open for the notebook to show a second time."""
    assert plt.get_fignums() == []


def test_a_picture_is_drawn_when_it_is_asked_for(monkeypatch):
    """Not before, and once: a page that shows the vectors does not pay for the dots."""
    drawn = []

    def save(figure, to, format, **options):
        drawn.append(format)
        to.write(b"dots" if format == "png" else '<svg width="1pt" height="1pt"></svg>')

    monkeypatch.setattr(plt.Figure, "savefig", save)
    picture = plot.Picture(plt.figure(), alt="Nothing at all yet")
    assert drawn == []
    assert picture.svg is picture.svg
    assert drawn == ["svg"]
    assert picture.png == picture.png == b"dots"
    assert drawn == ["svg", "png"]


@pytest.fixture
def shown(monkeypatch):
    """What show() would have put into a notebook."""
    pictures = []
    monkeypatch.setattr(plot, "display", pictures.append)
    with plot.style():
        yield pictures
    plt.close("all")


def test_lettering_is_legible_on_a_phone(shown):
    """All text of the style is at least 11 px tall where a figure is 358 px wide; smaller text is refused."""
    fig, (left, right) = plot.panels(1, 2, titles=["left", "right"])
    plot.curve(left, [0, 1], [0, 1], "input", name="$f$")
    plot.bars(right, [0, 1], [0, 1], "output", name="$y$")
    left.set(xlabel="$t$", ylabel="volts")
    right.legend(["y"])
    text, pixels = plot.smallest_lettering(fig)
    assert pixels >= 11, text
    plot.show(fig, alt="A line and two bars")
    assert [repr(picture) for picture in shown] == ["Picture: A line and two bars"]

    fig, (ax,) = plot.panels()
    plot.label(ax, 0.5, 0.5, "small print", fontsize=9)
    with pytest.raises(ValueError, match=r"'small print' would be 9\.5 px tall on a phone"):
        plot.show(fig, alt="A line and two bars")
    assert len(shown) == 1


def test_the_drawing_is_as_wide_as_it_says(shown):
    """Pixels on a phone are reckoned from the figure's width: saving must not trim it."""
    fig, (ax,) = plot.panels()
    plot.curve(ax, [0, 1], [0, 1], "input", name="a name that sticks out")
    plot.show(fig, alt="A line with a long name")
    width = float(re.search(r'viewBox="0 0 ([\d.]+)', shown[0].svg)[1])
    assert width == pytest.approx(72 * plot.WIDTH)


def test_panels_in_reading_order():
    """A flat array, even of one; titles, zero lines and scales as asked for."""
    fig, axes = plot.panels(2, 2, height=3, titles=["a", "b", ("c", "kernel"), "d"], share="y", width_ratios=[1, 2])
    assert [ax.get_title(loc="left") for ax in axes] == ["a", "b", "c", "d"]
    assert fig.get_size_inches().tolist() == [plot.WIDTH, 3]
    assert axes[2].title.get_text() == ""
    assert axes[2]._left_title.get_color() == plot.COLORS["kernel"]
    assert all(ax.lines[0].get_ydata() == [0, 0] for ax in axes)
    axes[0].set(xlim=(0, 7), ylim=(0, 9))
    assert axes[3].get_ylim() == (0, 9)
    assert axes[3].get_xlim() != (0, 7)
    assert plot.panels()[1].shape == (1,)
    plt.close("all")


def test_pictures_stand_in_a_grid():
    """Grey to white, signed symmetrically about zero, colours as they are; sharp pixels, no ticks, no empty axes."""
    grey, weights = np.linspace(0, 2, 12).reshape(3, 4), np.array([[-3.0, 0, 1], [0, 0, 0]])
    fig, axes = plot.pictures(
        [grey, weights, np.zeros((3, 4, 3))], titles=["a", ("b", "kernel"), "c"], columns=2, high=2, signed=[0, 1, 0]
    )
    assert len(axes) == len(fig.axes) == 3
    assert [ax.images[0].get_clim() for ax in axes[:2]] == [(0, 2), (-3, 3)]
    assert all(ax.images[0].get_interpolation() == "none" for ax in axes)
    assert all(len(ax.get_xticks()) == len(ax.lines) == 0 for ax in axes)
    assert axes[1].get_title(loc="left") == "b"
    tall, wide = fig.get_size_inches()[::-1]
    assert tall == pytest.approx(2 * (wide / 2 * 3 / 4 + 0.27))
    plt.close("all")


def test_images_travel_small_and_whole():
    """Dots of a figure are WebP, and after it the same as before; grey ones and opaque ones too."""
    rng = np.random.default_rng(0)
    grey, colours = rng.integers(0, 256, (9, 12)) / 255, rng.integers(0, 256, (9, 12, 3)) / 255
    fig, _ = plot.pictures([grey, colours, grey - 0.5], signed=[False, False, True])
    svg = plot.Picture(fig, alt="Three pictures of noise.").svg
    found = re.findall(r"data:image/(\w+);base64,([^\"]+)", svg)
    assert [kind for kind, _ in found] == ["webp"] * 3
    first, second, third = (np.asarray(Image.open(io.BytesIO(base64.b64decode(dots)))) for _, dots in found)
    assert np.abs((first if first.ndim == 2 else first[..., 0]) - 255 * grey).max() <= 1
    assert np.abs(second - 255 * colours).max() <= 1  # matplotlib's own rounding
    assert third.shape == (9, 12, 4)
    plt.close("all")


@pytest.mark.parametrize(
    ("images", "options", "message"),
    [
        ([], {}, "images must hold at least one image"),
        ([np.zeros(3)], {}, r"shape \(R, C\) or \(R, C, 3\), got \(3,\)"),
        ([np.zeros((2, 2))], {"signed": [True, False]}, "signed must have one entry for each of the 1 images, got 2"),
        ([np.zeros((2, 2))] * 2, {"titles": ["one"]}, "titles must be 2"),
    ],
)
def test_pictures_refused(images, options, message):
    """With a sentence that names the argument."""
    with pytest.raises(ValueError, match=message):
        plot.pictures(images, **options)


@pytest.mark.parametrize(
    ("at", "point"),
    [(None, (2, 0)), (0.5, (0.5, 1)), (2, (2, 0)), ((5, 7), (5, 7)), ([5.0, 7.0], (5, 7))],
)
@pytest.mark.parametrize("draw", [plot.curve, plot.bars])
def test_names_stand_where_they_are_asked_to(draw, at, point):
    """On the line above an x, at a point, or at the end; also for points that run backwards."""
    for order in (slice(None), slice(None, None, -1)):
        fig, (ax,) = plot.panels()
        draw(ax, np.array([0, 1, 2])[order], np.array([0, 2, 0])[order], "product", name="here", at=at)
        expected = (0, 0) if at is None and order.step else point
        assert ax.texts[0].xy == expected
        assert ax.texts[0].get_color() == plot.COLORS["product"]
        plt.close(fig)


@pytest.mark.parametrize("side", ["right", "left", "above", "below", "above left", "below right", "center"])
def test_names_stand_on_the_side_asked_for(side):
    """To be read as said: the whole name is right of the point, above it, …; or around it."""
    fig, (ax,) = plot.panels()
    plot.curve(ax, [0, 1], [1, 1], "input", name="name", at=0.5, side=side)
    fig.draw_without_rendering()
    box, (x, y) = ax.texts[0].get_window_extent(), ax.transData.transform((0.5, 1))
    assert ("right" in side) == (box.x0 > x)
    assert ("left" in side) == (box.x1 < x)
    assert ("above" in side) == (box.y0 > y)
    assert ("below" in side) == (box.y1 < y)
    plt.close(fig)


def test_curves_and_bars_take_options():
    """Style, fill and width are matplotlib's; no name, no text."""
    fig, (ax,) = plot.panels()
    line = plot.curve(ax, [0, 1], [1, 2], "muted", fill=0.25, linestyle=":", linewidth=1)
    assert (line.get_linestyle(), line.get_linewidth(), line.get_color()) == (":", 1, plot.COLORS["muted"])
    assert ax.collections[0].get_alpha() == 0.25
    drawn = plot.bars(ax, [0, 1], [1, 2], "kernel", width=0.5, alpha=0.3)
    assert [bar.get_width() for bar in drawn] == [0.5, 0.5]
    assert drawn[0].get_alpha() == 0.3
    assert len(ax.texts) == 0
    plt.close(fig)


def test_use_style_sets_the_defaults():
    """After use_style, new figures have the book's size and colours."""
    with plt.rc_context():
        plot.use_style()
        assert plt.rcParams["axes.prop_cycle"].by_key()["color"][0] == plot.COLORS["input"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("figure", "A line of text"), TypeError, "figure must be a matplotlib Figure, got str"),
        ((None, "short"), ValueError, "alt must describe the figure in words, got 'short'"),
        ((None, None), ValueError, "alt must describe"),
    ],
)
def test_bad_input_is_named(arguments, error, message):
    """A figure without alternative text is refused."""
    figure, alt = arguments
    figure = figure or plt.figure()
    with pytest.raises(error, match=message):
        plot.Picture(figure, alt=alt)
    plt.close("all")


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_cells_that_only_draw_are_short(path):
    """At most 40 lines: what repeats from figure to figure belongs into convlib.plot."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    hidden = [cell for cell in cells if "hide-input" in cell["metadata"].get("tags", [])]
    assert hidden
    for cell in hidden:
        assert len("".join(cell["source"]).splitlines()) <= 40, cell["id"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda ax: plot.label(ax, 0, 0, "x", "blue"), "color must be one of 'input'"),
        (lambda ax: plot.curve(ax, [0, 1], [0, 1], "blue"), "role must be one of 'input'"),
        (lambda ax: plot.bars(ax, [0, 1], [0, 1], "blue"), "role must be one of 'input'"),
        (lambda ax: plot.curve(ax, [0, 1], [0, 1], "input", name="f", at=2), "at must be between 0 and 1, .* got 2"),
        (lambda ax: plot.curve(ax, [0, 1], [0, 1], "input", side="top"), "side must be one of 'right'"),
        (lambda _: plot.panels(share="z"), "share must be one of '', 'x', 'y', 'xy', got 'z'"),
        (lambda _: plot.panels(1, 2, titles=["one"]), "titles must be 2, one for each of the axes, got 1"),
        (lambda _: plot.panels(titles=[("one", "blue")]), "the role of a title must be one of 'input'"),
    ],
)
def test_what_cannot_be_drawn_is_named(call, message):
    """Names of colours, sides and scales are the book's own; labels stand on their line."""
    fig, ax = plt.subplots()
    with pytest.raises(ValueError, match=message):
        call(ax)
    plt.close(fig)


def test_alike_pictures_share_no_id():
    """Two rasters with the same dots in one figure: matplotlib calls both the same, a page may not."""
    fig, _ = plot.pictures([np.eye(5), np.eye(5)])
    svg = plot.Picture(fig, alt="Two pictures of the same diagonal.").svg
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert svg.count("<image") == 2
    assert len(ids) == len(set(ids)) > 0


@pytest.mark.parametrize("margin", [0, 4])
def test_a_sheet_stays_as_it_is_laid(margin):
    """The axes fill the figure and a unit is as long down as across, whatever the style's layout engine would do;
    in a second drawing too."""
    with plot.style():
        fig, ax = plot.sheet(480, 130, margin=margin, inches=3.1)
        plot.label(ax, 240, 100, "far below")
        for _ in range(2):
            fig.savefig(io.BytesIO(), format="svg")
            assert ax.get_position().bounds == (0, 0, 1, 1)
            corners = ax.transData.transform([(0, 0), (100, 0), (0, 100)])
            across, down = corners[1, 0] - corners[0, 0], corners[0, 1] - corners[2, 1]
            assert across == pytest.approx(down)
            assert fig.get_figwidth() == 3.1
            assert ax.transData.transform((-margin, -margin)) == pytest.approx([0, fig.bbox.height])
    plt.close(fig)


def test_images_stand_where_their_axes_do():
    """What is drawn over an image lies over the pixel that it is about: its edges are those of the axes."""
    with plot.style():
        fig, axes = plot.pictures([np.eye(256), np.eye(17, 23), np.eye(170) - 0.5], signed=[False, False, True])
        svg = plot.Picture(fig, alt="three images, each of another size").svg
    found = re.findall(r'<image[^>]*? width="(\d+)" height="(\d+)" transform="matrix\(([^)]*)\)"', svg)
    assert len(found) == 3
    for ax, (columns, rows, matrix) in zip(axes, found, strict=True):
        right, _, _, down, x, y = (float(number) for number in matrix.split())
        box = ax.get_window_extent().transformed(fig.dpi_scale_trans.inverted())
        top = 72 * (fig.get_figheight() - box.y1)
        assert [x, x + right * int(columns)] == pytest.approx([72 * box.x0, 72 * box.x1], abs=0.3)
        assert sorted([y, y + down * int(rows)]) == pytest.approx([top, top + 72 * box.height], abs=0.3)
