"""nbval on runs that the build has kept: it must find what nbval finds in a kernel."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import book_cache  # noqa: E402


def printed(*pieces: str) -> list:
    return [new_output("stream", name="stdout", text=piece) for piece in pieces]


def shown(text: str, **others: str) -> list:
    return [new_output("execute_result", {"text/plain": text, **others})]


#: For each cell what is stored, what the build's run has shown, and whether the two count as the same.
CELLS = {
    "a print": (printed("one two\n"), printed("one two\n"), True),
    "a print in pieces": (printed("one two\n"), printed("one", " two\n"), True),
    "another letter": (printed("one two\n"), printed("one twa\n"), False),
    "nothing more": (printed("one two\n"), [], False),
    "something new": ([], printed("one two\n"), False),
    "a value": (shown("0.25"), shown("0.25", **{"text/html": "<b>0.25</b>", "image/svg+xml": "<svg/>"}), True),
    "another value": (shown("0.25"), shown("0.2500001"), False),
    "two values": (shown("0.25"), shown("0.25") * 2, False),
    "a time": (printed("3.1 times as fast\n"), printed("2 times as fast\n"), True),
    "an error": (shown("1"), [new_output("error", ename="ValueError", evalue="no", traceback=["no"])], False),
}


def compare(folder: Path, *, kept: bool = True) -> subprocess.CompletedProcess:
    """Let nbval look at a notebook with these cells."""
    stored, run = new_notebook(), new_notebook()
    for name, (old, new, _) in CELLS.items():
        stored.cells.append(new_code_cell(f"# {name}", outputs=old))
        run.cells.append(new_code_cell(f"# {name}", outputs=new))
    path, runs = folder / "page.ipynb", folder / "runs"
    nbformat.write(stored, path)
    key = book_cache.run_key(ROOT, folder, [cell.source for cell in stored.cells])
    book_cache.keep(run, book_cache.kept_run(runs, key if kept else "of another state"))
    options = ["--nbval", "--nbval-built", str(runs), "--nbval-sanitize-with", "tests/notebooks/sanitize.cfg"]
    command = [sys.executable, "-m", "pytest", "-p", "tests.notebooks.nbval_plugin", *options, str(path)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_differences_are_found(tmp_path):
    """A changed letter, a missing output, a new one and an error, each in its cell; pictures and times are left out."""
    done = compare(tmp_path)
    failed = {int(number) for number in re.findall(r"^FAILED .*Cell (\d+)", done.stdout, re.MULTILINE)}
    assert {name for i, name in enumerate(CELLS) if i in failed} == {n for n, (_, _, same) in CELLS.items() if not same}
    assert "one twa" in done.stdout
    assert done.returncode == 1


def test_a_site_older_than_the_notebook_is_said(tmp_path):
    """Without a run of this state there is nothing to compare."""
    done = compare(tmp_path, kept=False)
    assert done.returncode == 1
    assert "The site is older than page.ipynb or what it runs on. Run `make book` first." in done.stdout
