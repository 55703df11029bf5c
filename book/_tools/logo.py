"""Draw the book's logo and favicon: a box slides across another one, and the area they share draws a triangle.

Usage: python book/_tools/logo.py     (writes book/_assets/logo.svg and favicon.svg; a test holds them to this script)
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from convlib import signals

ASSETS = Path(__file__).parents[1] / "_assets"
# Mid-tones that stand out from a white page and from a black one.
INPUT, KERNEL, OUTPUT = "#2f8fdb", "#e8772e", "#1ea672"
ROUND = 'stroke-linecap="round" stroke-linejoin="round"'


def icon(size: int) -> str:
    """SVG of the logo: the two boxes at shift one half, and their convolution below, traced up to there."""
    shift = 0.5
    times = np.linspace(-1, shift, 4)
    heights = signals.box_with_box(times)

    def x(t: float) -> float:
        return round(32 + 21 * float(t), 2)

    def y(value: float) -> float:
        return round(56 - 22 * float(value), 2)

    trace = "L".join(f"{x(t)} {y(v)}" for t, v in zip(times, heights, strict=True))
    rest = f"M{x(shift)} {y(0.5)}L{x(1)} {y(0)}"
    boxes = "".join(
        f'<rect x="{x(middle - 0.5)}" y="7" width="21" height="20" rx="2" fill="{color}" fill-opacity="{opacity}" '
        f'stroke="{color}" stroke-width="3.5"/>'
        for middle, color, opacity in ((0, INPUT, 0.25), (shift, KERNEL, 0.25))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="{size}" height="{size}">'
        f"{boxes}"
        f'<path d="{rest}" fill="none" stroke="{OUTPUT}" stroke-width="4" stroke-dasharray="1 7" {ROUND}/>'
        f'<path d="M{trace}" fill="none" stroke="{OUTPUT}" stroke-width="5" {ROUND}/>'
        f'<circle cx="{x(shift)}" cy="{y(0.5)}" r="5" fill="{OUTPUT}"/>'
        "</svg>\n"
    )


def files() -> dict[Path, str]:
    """What this script writes, by path."""
    return {ASSETS / "logo.svg": icon(64), ASSETS / "favicon.svg": icon(32)}


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.name}")
