"""Fit nbval to how the notebooks are stored: text outputs only, and no execution counts."""

from __future__ import annotations

from nbval.plugin import IPyNbCell, IPyNbFile


def pytest_collectstart(collector: object) -> None:
    """Leave pictures and HTML out of the comparison: their text stands beside them as text/plain, and is compared."""
    if isinstance(collector, IPyNbFile):
        collector.skip_compare += ("text/html", "text/markdown", "image/svg+xml")


def pytest_itemcollected(item: object) -> None:
    """Give every cell a count: nbval takes a cell without one for one whose outputs mean nothing."""
    if isinstance(item, IPyNbCell):
        item.cell.execution_count = 1
