"""Measure what a newcomer waits for: from a fresh clone to a page that can be opened.

Usage: python book/_tools/fresh.py      (the last commit is cloned into a temporary folder)
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]


def timed(*command: str, cwd: Path) -> float:
    """Seconds that a command takes; stops with its output if it fails."""
    start = time.perf_counter()
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, "PIP_NO_CACHE_DIR": "1"}
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return time.perf_counter() - start


def megabytes(folder: Path) -> float:
    """Size of everything below ``folder``, in units of 10^6 bytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6


def main() -> None:
    """Clone, build twice, print a table."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        fetch = timed("git", "clone", "--quiet", str(ROOT), str(clone), cwd=ROOT)
        source = megabytes(clone) - megabytes(clone / ".git")
        first = timed("make", "book", f"PYTHON={sys.executable}", cwd=clone)
        again = timed("make", "book", f"PYTHON={sys.executable}", cwd=clone)
        print("| what | measured |\n|---|---|")
        print(f"| from a fresh clone to a page to open, pip's cache empty | {(fetch + first) / 60:.1f} minutes |")
        print(f"| `make book` again, nothing changed | {again:.1f} seconds |")
        print(f"| the repository's files | {source:.1f} MB |")
        print(f"| `.venv` | {megabytes(clone / '.venv'):.0f} MB |")
        print(f"| the built site | {megabytes(clone / '_build' / 'html'):.1f} MB |")


if __name__ == "__main__":
    main()
