"""Fit nbval to how the notebooks are stored, and let it compare the run that the book's build has made.

``pytest --nbval notebooks`` runs every notebook in a kernel.  With ``--nbval-built``, nbval takes the messages that a
kernel would send from the run that the build has kept for the notebook's present state: all of nbval's rules hold, and
what is compared is what the site shows, without running it once more.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from pathlib import Path

import nbformat
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "_ext"))


class BuiltKernel:
    """Looks to nbval like a kernel in which a notebook runs, and answers with what its run in the build has shown."""

    def __init__(self, path: Path, cells: list[str], runs: Path) -> None:
        import book_cache

        kept = book_cache.kept_run(runs, book_cache.run_key(ROOT, path.parent, cells))
        if not kept.exists():
            pytest.fail(f"The site is older than {path.name} or what it runs on. Run `make book` first.", pytrace=False)
        self._cells = deque(cell for cell in nbformat.read(kept, as_version=4).cells if cell.cell_type == "code")
        self._messages: deque[dict] = deque()

    def is_alive(self) -> bool:
        """A run that is over cannot die."""
        return True

    def execute_cell_input(self, source: str, allow_stdin: bool | None = None) -> str:
        """Send the outputs of the next cell."""
        cell = self._cells.popleft()
        assert cell.source == source
        sent = [self._message(output.pop("output_type"), output) for output in cell.outputs]
        self._messages = deque([*sent, self._message("status", {"execution_state": "idle"})])
        return "built"

    def get_message(self, stream: str, timeout: float | None = None) -> dict:
        """The next message."""
        return self._messages.popleft()

    def await_reply(self, *_: object, **__: object) -> None:
        """All replies are there."""

    await_idle = stop = await_reply

    @staticmethod
    def _message(kind: str, content: dict) -> dict:
        return {"msg_type": kind, "content": content, "parent_header": {"msg_id": "built"}}


def pytest_configure() -> None:
    """No progress bars in what is compared: the kernels inherit this."""
    os.environ["TQDM_DISABLE"] = "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the build keeps its runs."""
    words = "compare the runs that the book's build has kept, instead of running the notebooks"
    parser.addoption("--nbval-built", metavar="FOLDER", type=Path, help=words)


def pytest_collectstart(collector: object) -> None:
    """Leave pictures and HTML out of the comparison: their text stands beside them as text/plain, and is compared."""
    if isinstance(collector, IPyNbFile):
        collector.skip_compare += ("text/html", "text/markdown", "image/svg+xml")
        runs = collector.config.option.nbval_built
        if runs:
            collector.setup = lambda: _set_up(collector, runs)


def _set_up(file: IPyNbFile, runs: Path) -> None:
    cells = [cell.source for cell in file.nb.cells if cell.cell_type == "code"]
    file.kernel = BuiltKernel(file.path, cells, runs)
    file.setup_sanitize_files()


def pytest_itemcollected(item: object) -> None:
    """Give every cell a count: nbval takes a cell without one for one whose outputs mean nothing."""
    if isinstance(item, IPyNbCell):
        item.cell.execution_count = 1
