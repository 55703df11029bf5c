"""What nbval need not compare: pictures and HTML, whose text stands beside them as text/plain and is compared."""

from __future__ import annotations

from nbval.plugin import IPyNbFile


def pytest_collectstart(collector: object) -> None:
    """Extend nbval's list of outputs that are left out of the comparison."""
    if isinstance(collector, IPyNbFile):
        collector.skip_compare += ("text/html", "text/markdown", "image/svg+xml")
