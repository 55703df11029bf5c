"""Resolve requirements.txt into constraints.txt with pip-tools.

Usage: python book/_tools/constraints.py [--upgrade]

A version that stands there already stays where requirements.txt admits it, unless --upgrade asks for the newest ones.
The file names packages and versions alone: no index, no address, no local build tag (torch's CPU wheel is +cpu).
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAD = "# The whole set that requirements.txt resolves to, on Python 3.11.  Made by pip-tools: `make constraints`.\n"


def main() -> None:
    """Write constraints.txt."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "resolved.txt"
        if "--upgrade" not in sys.argv:
            shutil.copy(ROOT / "constraints.txt", out)
        options = ["--quiet", "--strip-extras", "--no-header", "--no-annotate", "--allow-unsafe"]
        options += ["--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links"]
        command = [sys.executable, "-m", "piptools", "compile", *options, "--output-file", str(out), "requirements.txt"]
        subprocess.run(command, cwd=ROOT, check=True)
        lines = [line for line in out.read_text().splitlines() if re.match(r"[\w.-]+==", line)]
    versions = [re.sub(r"\+\w+$", "", line) for line in lines]
    (ROOT / "constraints.txt").write_text(HEAD + "\n".join(versions) + "\n", encoding="utf-8")
    print(f"constraints.txt: {len(versions)} packages")


if __name__ == "__main__":
    main()
