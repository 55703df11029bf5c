"""Find a Chromium for the tests, or install one; the same for what Playwright's own program needs.

Usage: python tests/site/browser.py      (prints the path of a browser that starts)

Looked for, in this order: what CHROMIUM names; Chromium or Chrome on the path; Playwright's own.  If there is none, and
we are root on Debian, Debian's package is installed; elsewhere, or where that fails, Playwright's is downloaded.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

#: Where there are several, the first: the one that has no windows to keep takes a tenth less time for the tests.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

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

#: What a new window loads for its own address bar: two pages, that cost a test more than its own does.
_WINDOWS = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "PreloadTopChromeWebUI")
#: What Playwright switches off.  The browser heeds the last list alone, so ours names these again.
_PLAYWRIGHTS = (
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
ARGUMENTS += ("--disable-features=" + ",".join((*_PLAYWRIGHTS, *_WINDOWS)),)

ADVICE = (
    "No browser found that starts, and none could be installed{why}. Install Chromium or Chrome (on Debian or Ubuntu: "
    "apt-get install chromium; elsewhere: python -m playwright install --with-deps chromium), or set CHROMIUM to its "
    "path."
)
ADVICE_NODE = (
    "Playwright, which drives the browser, does not start: {reason}\n"
    "On Debian or Ubuntu: apt-get install libatomic1 (as root, the tests do that themselves)."
)
_OWN_PATH = (
    "from playwright.sync_api import sync_playwright\n"
    "with sync_playwright() as playwright: print(playwright.chromium.executable_path)"
)


def complaint(*command: str, timeout: float = 120) -> str | None:
    """The last line that a program says when it fails, or None if it does not."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, timeout=timeout)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = (done.stderr + done.stdout).strip().splitlines() or [f"exit status {done.returncode}"]
    return said[-1] if done.returncode else None


def starts(path: str) -> bool:
    """Whether there is a program at ``path`` that finds all its libraries."""
    return complaint(path, "--version") is None


def installed() -> str | None:
    """Path of a browser that is already here and starts, or None.

    Raises
    ------
    SystemExit
        If CHROMIUM is set but is no program, or one that does not start.
    """
    named = os.environ.get("CHROMIUM")
    if named:
        path = shutil.which(named)
        if not path:
            raise SystemExit(
                f"CHROMIUM is set to {named!r}, which is no program. Set it to a browser's path or unset it."
            )
        wrong = complaint(path, "--version")
        if wrong:
            raise SystemExit(f"CHROMIUM is set to {named!r}, which does not start: {wrong}")
        return path
    found = filter(None, (shutil.which(name) for name in NAMES))
    return next((path for path in found if starts(path)), None) or _playwrights_own()


def _playwrights_own() -> str | None:
    # In a process of its own: two Playwrights cannot be open in one.
    asked = subprocess.run([sys.executable, "-c", _OWN_PATH], capture_output=True, text=True, check=False)
    path = asked.stdout.strip()
    return path if asked.returncode == 0 and Path(path).exists() and starts(path) else None


def _install_playwrights() -> str | None:
    print("No browser here: downloading Playwright's Chromium.", file=sys.stderr)
    return complaint(sys.executable, "-m", "playwright", "install", "chromium", timeout=900)


def _install_debians(*packages: str) -> str | None:
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return None
    print(f"Installing Debian's {' and '.join(packages)}.", file=sys.stderr)
    quiet = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq")
    complaint(*quiet, "update", timeout=300)
    return complaint(*quiet, "install", "--yes", "--no-install-recommends", *packages, timeout=900)


#: What the whole Chromium brings along with what it recommends: letters, and signs such as ▶ and ✕.
_FONTS = ("fonts-liberation", "fonts-dejavu-core")


def _install_debians_browser() -> str | None:
    # Without windows it needs far fewer packages; a Debian or an Ubuntu that does not have it yet has the whole.
    return _install_debians(NAMES[0], *_FONTS) and _install_debians("chromium", *_FONTS)


def node() -> str:
    """Path of Playwright's node, which starts: every test in the browser needs it.

    Raises
    ------
    SystemExit
        With what it says and with advice, if it does not start and nothing could be done about it.
    """
    from playwright._impl._driver import compute_driver_executable

    path = str(compute_driver_executable()[0])
    reason = complaint(path, "--version")
    if reason and "libatomic" in reason:
        _install_debians("libatomic1")
        reason = complaint(path, "--version")
    if reason:
        raise SystemExit(ADVICE_NODE.format(reason=reason))
    return path


def find_or_install() -> str:
    """Path of a browser; one process at a time looks, for another one may be installing it.

    Raises
    ------
    SystemExit
        With advice, if there is none and none can be installed.
    """
    with Path(__file__).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        node()
        path, why = installed(), ""
        for install in (_install_debians_browser, _install_playwrights):
            if not path:
                why = install() or why
                path = installed()
    if not path:
        raise SystemExit(ADVICE.format(why=why and f" ({why})"))
    return path


if __name__ == "__main__":
    print(find_or_install())
