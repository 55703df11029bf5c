"""Find a Chromium for the tests, or install one.

Usage: python tests/site/browser.py      (prints the path of a browser that starts)

Looked for, in this order: what CHROMIUM names; Chromium or Chrome on the path; Playwright's own.  If there is none,
Playwright's is downloaded; where that cannot be and we are root on Debian, Debian's package is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

#: Without the background-networking switches a browser asks its maker's servers, which a closed network refuses.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--autoplay-policy=user-gesture-required",
)

ADVICE = (
    "No browser found, and none could be installed. Install Chromium or Chrome (on Debian or Ubuntu: "
    "apt-get install chromium; elsewhere: python -m playwright install chromium), or set CHROMIUM to its path."
)


def installed() -> str | None:
    """Path of a browser that is already here, or None.

    Raises
    ------
    SystemExit
        If CHROMIUM is set but is no program.
    """
    named = os.environ.get("CHROMIUM")
    if named:
        if not shutil.which(named):
            raise SystemExit(
                f"CHROMIUM is set to {named!r}, which is no program. Set it to a browser's path or unset it."
            )
        return shutil.which(named)
    on_path = next((path for name in NAMES if (path := shutil.which(name))), None)
    return on_path or _playwrights_own()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _install_playwrights() -> None:
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run(command, check=False, timeout=600, stdout=sys.stderr)


def _install_debians() -> None:
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
        subprocess.run(command, check=False, env=environment, stdout=sys.stderr)


def find_or_install() -> str:
    """Path of a browser.

    Raises
    ------
    SystemExit
        With advice, if there is none and none can be installed.
    """
    for install in (None, _install_debians, _install_playwrights):
        if install:
            install()
        path = installed()
        if path:
            return path
    raise SystemExit(ADVICE)


if __name__ == "__main__":
    print(find_or_install())
