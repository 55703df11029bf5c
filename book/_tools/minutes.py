"""How long a chapter takes, by what is in it: what its card promises is held to this by a test.

Usage: python book/_tools/minutes.py

A minute for 120 words, 20 formulas in a line, one displayed formula or 15 lines of visible code; 8 for an exercise with
a checker, 3 for one by hand; 15 for the quiz and the widgets.  What is folded is not counted.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import nbformat

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
EXERCISE, BY_HAND, PLAY = 8, 3, 15
_FOLDED = re.compile(r"```\{prf:proof\}[^\n]*\n:class: fold\n.*?\n```|:::\{dropdown\}.*?\n:::", re.DOTALL)


def reading(notebook: nbformat.NotebookNode) -> float:
    """Minutes to read the chapter's visible text and code."""
    minutes = 0.0
    for cell in notebook.cells:
        text = cell.source
        if cell.cell_type == "code":
            visible = not {"hide-input", "hide-cell", "remove-input"} & set(cell.metadata.get("tags", []))
            minutes += visible * sum(bool(line.strip()) for line in text.splitlines()) / 15
            continue
        text = re.sub(r"\]\([^)]*\)|<[^>]*>", " ", _FOLDED.sub("", text))
        text, displayed = re.subn(r"\$\$.*?\$\$", " ", text, flags=re.DOTALL)
        text, inline = re.subn(r"\$[^$]+\$", " ", text)
        minutes += displayed + inline / 20 + len(re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text)) / 120
    return minutes


def estimate(notebook: nbformat.NotebookNode) -> float:
    """Minutes for the whole chapter, exercises and all."""
    exercises = sum(cell.source.count("```{exercise}") for cell in notebook.cells if cell.cell_type == "markdown")
    by_hand = sum(cell.source.startswith("Answer(") for cell in notebook.cells if cell.cell_type == "code")
    return reading(notebook) + EXERCISE * exercises + BY_HAND * by_hand + PLAY


def claimed(notebook: nbformat.NotebookNode) -> int:
    """The minutes that the chapter's card names."""
    return int(re.search(r"\*\*It takes\*\* about (\d+) minutes", notebook.cells[0].source)[1])


def main() -> int:
    """Print each chapter's minutes, estimated and claimed."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        said = claimed(notebook)
        print(f"{path.stem}: {reading(notebook):.0f} to read, {estimate(notebook):.0f} in all, {said} claimed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
