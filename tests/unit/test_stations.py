"""The front page's stations: a drawing for every chapter, in the order of the table of contents."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import book_stations  # noqa: E402

PARTS = tomllib.loads((ROOT / "book" / "chapters.toml").read_text(encoding="utf-8"))["part"]
CHAPTERS = [chapter for part in PARTS for chapter in part["chapter"]]


def test_every_chapter_of_the_book_is_a_station():
    """Those that there are come first, as _toc.yml orders them; the numbers in their names count on."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    parts = [part for part in toc["parts"] if part["caption"].startswith("Part")]
    there = [Path(entry["file"]).name for part in parts for entry in part["chapters"]]
    files = [chapter["file"] for chapter in CHAPTERS]
    assert files[: len(there)] == there
    assert [int(file[:2]) for file in files] == list(range(1, 17))


def test_each_drawing_is_used_once():
    """No chapter without one, no drawing without a chapter."""
    assert sorted(chapter["motif"] for chapter in CHAPTERS) == sorted(book_stations.MOTIFS)


@pytest.mark.parametrize("name", book_stations.MOTIFS)
def test_drawings(name):
    """Well formed, within their frame, and with the orange thing that travels through them all."""
    drawing = ElementTree.fromstring(f"<svg>{book_stations.MOTIFS[name]()}</svg>")
    for box in drawing.iter("rect"):
        x, y, width, height = (float(box.get(key)) for key in ("x", "y", "width", "height"))
        assert x >= 0, name
        assert y >= 0, name
        assert x + width <= book_stations.WIDTH, name
        assert y + height <= book_stations.HEIGHT, name
    assert "--cl-kernel" in ElementTree.tostring(drawing, encoding="unicode"), name
