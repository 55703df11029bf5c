"""What a chapter's card says about time is what its contents take."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "_tools"))

import minutes  # noqa: E402


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_claimed_minutes_are_honest(path):
    """Within five minutes of the estimate, whose terms the house style names."""
    notebook = nbformat.read(path, as_version=4)
    assert minutes.claimed(notebook) == pytest.approx(minutes.estimate(notebook), abs=5)


def test_the_estimate_counts_each_thing():
    """120 words, 20 formulas, a displayed one and 15 lines of code are four minutes; folds count nothing."""
    cell = nbformat.v4.new_markdown_cell(
        "word " * 120 + "$x$ " * 20 + "\n$$\ny\n$$\n```{prf:proof}\n:class: fold\n" + "not " * 500 + "\n```\n"
    )
    code = nbformat.v4.new_code_cell("x = 1\n" * 15)
    hidden = nbformat.v4.new_code_cell("x = 1\n" * 150, metadata={"tags": ["hide-input"]})
    notebook = nbformat.v4.new_notebook(cells=[cell, code, hidden])
    assert minutes.reading(notebook) == pytest.approx(4)
    notebook.cells += [
        nbformat.v4.new_markdown_cell("```{exercise} Title\n```"),
        nbformat.v4.new_code_cell("Answer('a/b')"),
    ]
    notebook.cells[-1].metadata.tags = ["hide-input"]
    assert minutes.estimate(notebook) == pytest.approx(4 + 2 / 120 + 8 + 3 + 15, abs=0.05)
