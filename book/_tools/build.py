"""Build the book: run the notebooks, turn warnings into errors, say what to do when it fails.

Usage: python book/_tools/build.py [folder of the book]
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from alone import alone

ROOT = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2]).resolve()
BUILD = ROOT / "_build"
FULL = "The disk is full: free some room and build again. It was needed in {place}."
_SHOWN = re.compile(r"warning|error|exception|traceback", re.IGNORECASE)
_NOISE = re.compile(r"IPKernelApp|^executing|NbParserConfig|MdParserConfig")
_NO_ROOM = re.compile(r"No space left on device|Disk quota exceeded|database or disk is full")


def failed_cell(reports: Path) -> str | None:
    """What myst-nb wrote about the cell that failed, if one did."""
    found = sorted(reports.rglob("*.err.log"), key=lambda path: path.stat().st_mtime) if reports.exists() else []
    return found[-1].read_text(encoding="utf-8") if found else None


def drop_half_written(cache_folder: Path) -> None:
    """Drop from a cache of executed notebooks what is listed but cannot be read: every later build would fail on it."""
    from jupyter_cache import get_cache
    from jupyter_cache.cache.db import NbCacheRecord

    try:
        cache = get_cache(cache_folder)
        for record in cache.list_cache_records():
            try:
                cache.get_cache_bundle(record.pk)
            except (KeyError, ValueError, OSError):
                shutil.rmtree(cache_folder / "executed" / record.hashkey, ignore_errors=True)
                NbCacheRecord.remove_record(record.pk, cache.db)
    except Exception:  # the list itself is damaged, in whichever way
        shutil.rmtree(cache_folder, ignore_errors=True)


def forget_unfinished() -> None:
    """Make this build read every page: Sphinx takes one that it has read for finished, even if its notebook failed."""
    for environment in BUILD.rglob("environment.pickle"):
        environment.unlink()
    for database in BUILD.rglob("global.db"):
        drop_half_written(database.parent)


def run_jupyter_book(lock: int) -> subprocess.CompletedProcess:
    """Build; everything that is said is returned."""
    program = str(Path(sys.executable).with_name("jupyter-book"))
    return subprocess.run(
        [program, "build", "-n", "-W", "--keep-going", str(ROOT)],
        cwd=ROOT,
        pass_fds=(lock,),
        text=True,
        encoding="utf-8",
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "NO_COLOR": "1", "PYTHONUTF8": "1", "TQDM_DISABLE": "1"},
    )


def explain(output: str) -> None:
    """Print why the build failed: the one cause that explains the rest, or every line that may."""
    if _NO_ROOM.search(output):
        raise OSError(errno.ENOSPC, "said by jupyter-book")
    for line in output.splitlines():
        if _SHOWN.search(line) and not _NOISE.search(line):
            print(line)
    report = failed_cell(BUILD)
    if report:
        print("A notebook failed. The cell and its error:\n" + report)


def build(lock: int) -> int:
    """Build and explain; the exit status is jupyter-book's."""
    BUILD.mkdir(exist_ok=True)
    unfinished = BUILD / "unfinished"
    if unfinished.exists():
        forget_unfinished()
    unfinished.touch()
    for old in BUILD.rglob("*.err.log"):
        old.unlink()
    done = run_jupyter_book(lock)
    for line in done.stdout.splitlines():
        if "GitHub repository" in line:
            print(line)
    if done.returncode:
        explain(done.stdout)
    log = BUILD / "build.log"
    log.write_text(done.stdout, encoding="utf-8")
    if done.returncode:
        print(f"The book was not built. The whole log: {log}", file=sys.stderr)
    else:
        unfinished.unlink()
    return done.returncode


def main() -> int:
    """Build when nobody else does."""
    try:
        with alone(ROOT, "the book is built") as (lock, _):
            return build(lock)
    except OSError as error:
        no_room = error.errno in (errno.ENOSPC, errno.EDQUOT)
        print(FULL.format(place=BUILD) if no_room else f"The book was not built: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. The next build starts over.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
