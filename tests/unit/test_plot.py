"""The figure style: colours that stay apart, drawings that can stand inside a page."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

import convlib.widgets.base
from convlib import plot

PALETTE = (Path(convlib.widgets.base.__file__).parent / "palette.css").read_text(encoding="utf-8")
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
    assert repr(picture) == "Figure: A parabola & its name"
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


def test_unknown_colour_is_named():
    """Labels are written in the book's colours only."""
    fig, ax = plt.subplots()
    with pytest.raises(ValueError, match="color must be one of 'input'"):
        plot.label(ax, 0, 0, "x", "blue")
    plt.close(fig)
