"""Follow Binder's steps in a clean virtual environment, as far as that goes without Docker.

Usage: python binder/check.py      (five minutes; needs the network that an installation needs)

Checked: that the versions resolve, postBuild runs, torch is a CPU build, convlib and its widgets import, a session
opens at chapter 1, and chapter 1 runs.  Not checked: the image that Binder makes (its Linux packages, its user),
Binder's limits on memory and time, and the launch button's address.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
CHAPTER = "notebooks/01_convolution_integral.ipynb"


def run(*command: str, env: dict[str, str]) -> str:
    """Run a command in the repository's root; stop with its output if it fails."""
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"FAILED: {' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout


def clean_environment(folder: Path) -> dict[str, str]:
    """A new virtual environment with a home of its own, first on the path."""
    wanted = (ROOT / "binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    if here != wanted:
        print(f"NOTE   Binder uses Python {wanted}; this check runs on {here}")
    run(sys.executable, "-m", "venv", str(folder / "env"), env=dict(os.environ))
    home = folder / "home"
    home.mkdir()
    path = f"{folder / 'env' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    dropped = ("JUPYTER", "PYTHON", "IPYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, "PATH": path, "HOME": str(home), "VIRTUAL_ENV": str(folder / "env")}


def check_imports(env: dict[str, str]) -> None:
    """torch without CUDA, convlib from this repository, the widgets."""
    code = (
        "import json, torch, convlib, convlib.widgets; print(json.dumps([torch.__version__, torch.version.cuda, "
        "convlib.__file__, float(torch.ones(3).sum())]))"
    )
    version, cuda, place, total = json.loads(run("python", "-c", code, env=env))
    assert total == 3.0
    assert Path(place).is_relative_to(ROOT), place
    print(f"OK     torch {version} ({'CPU build' if cuda is None else 'CUDA ' + cuda}), convlib, widgets")


def check_session(env: dict[str, str]) -> None:
    """Start the server as Binder does, and ask where it sends a reader who names no page."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--no-browser", f"--port={port}", "--ip=127.0.0.1", "--IdentityProvider.token=", "--allow-root"]
    server = subprocess.Popen(
        ["jupyter", "lab", *options], cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(120):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                    assert answer.url.endswith(f"/lab/tree/{CHAPTER}"), answer.url
                    break
            except OSError:
                time.sleep(0.5)
        else:
            sys.exit("FAILED: JupyterLab did not start within a minute")
    finally:
        server.terminate()
        server.wait(timeout=20)
    print("OK     a session opens at chapter 1")


def main() -> None:
    """Do the steps in Binder's order."""
    with tempfile.TemporaryDirectory() as folder:
        env = clean_environment(Path(folder))
        run("python", "-m", "pip", "install", "--quiet", "-r", "binder/requirements.txt", env=env)
        print("OK     binder/requirements.txt")
        run("bash", "binder/postBuild", env=env)
        print("OK     binder/postBuild")
        check_imports(env)
        check_session(env)
        execute = ["jupyter", "execute", "--timeout=180", CHAPTER]
        before = (ROOT / CHAPTER).read_bytes()
        run(*execute, env=env)
        assert (ROOT / CHAPTER).read_bytes() == before, "running the chapter changed its file"
        print("OK     chapter 1 runs")
    print("Not checked: Binder's image and user, its limits on memory and time, the launch button's address.")


if __name__ == "__main__":
    main()
