"""Take the picture of a page that the README and shared links show.

Usage: python book/_tools/screenshot.py      (after `make book`; writes book/_assets/page.png)
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.site.browser import ARGUMENTS, find_or_install  # noqa: E402

TARGET = ROOT / "book" / "_assets" / "page.png"


def main() -> None:
    """Open the front page and store what one sees."""
    path = find_or_install()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        page.goto((ROOT / "_build" / "html" / "book" / "index.html").as_uri())
        page.wait_for_selector(".cl-mount.mounted")
        page.screenshot(path=TARGET)
        browser.close()
    print(f"wrote {TARGET.name}: {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
