"""Build the book: run the notebooks, turn warnings into errors, say what to do when it fails.

Usage: python book/_tools/build.py [folder of the book]
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2]).resolve()
_SHOWN = re.compile(r"warning|error|exception|traceback", re.IGNORECASE)
_NOISE = re.compile(r"IPKernelApp|^executing|NbParserConfig|MdParserConfig")


def failed_cell(reports: Path) -> str | None:
    """What myst-nb wrote about the cell that failed, if one did."""
    found = sorted(reports.rglob("*.err.log"), key=lambda path: path.stat().st_mtime) if reports.exists() else []
    return found[-1].read_text(encoding="utf-8") if found else None


def main() -> int:
    """Build; the exit status is jupyter-book's."""
    for old in (ROOT / "_build").rglob("*.err.log"):
        old.unlink()
    program = str(Path(sys.executable).with_name("jupyter-book"))
    command = [program, "build", "-n", "-W", "--keep-going", str(ROOT)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "NO_COLOR": "1"},
    )
    log = ROOT / "_build" / "build.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text(done.stdout, encoding="utf-8")
    for line in done.stdout.splitlines():
        if "GitHub repository" in line:
            print(line)
    if done.returncode == 0:
        return 0
    # Sphinx takes a page that it has read for finished, even if its notebook failed: the next build is to read it.
    for environment in (ROOT / "_build").rglob("environment.pickle"):
        environment.unlink()
    for line in done.stdout.splitlines():
        if _SHOWN.search(line) and not _NOISE.search(line):
            print(line)
    report = failed_cell(ROOT / "_build")
    if report:
        print("A notebook failed. The cell and its error:\n" + report)
    print(f"The book was not built. The whole log: {log}", file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
