"""What the browser tests share: the built site on a local server, a browser with no way out, and a watch on both."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from convlib.widgets import Widget
from tests.site import harness
from tests.site.browser import ARGUMENTS, find_or_install

expect.set_options(timeout=30_000)  # a busy machine is slow, not wrong

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build" / "html"
#: JavaScript: a promise that the formulas of a page are set.
SETTLED = "window.MathJax?.startup?.promise"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve ``folder`` on a free port of this machine; gives the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Watch:
    """Everything on a page that should not be there."""

    outside: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def start(self, page: Page) -> None:
        """Listen to ``page``."""
        page.on("request", self._request)
        page.on("websocket", self._request)
        page.on("requestfailed", lambda request: self.failed.append(f"{request.url}: {request.failure}"))
        page.on("response", lambda answer: answer.status >= 400 and self.failed.append(f"{answer.status} {answer.url}"))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: said.type in ("error", "warning") and self.errors.append(said.text))

    def _request(self, request: object) -> None:
        address = urlparse(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname != "127.0.0.1":
            self.outside.append(request.url)

    def forget(self) -> None:
        """Begin anew, for the next document on the same page."""
        for found in (self.outside, self.failed, self.errors):
            found.clear()

    def assert_clean(self) -> None:
        """Assert that nothing was asked of another machine, nothing failed and the console is silent."""
        assert self.outside == [], "requests to other machines"
        assert self.failed == [], "failed requests"
        assert self.errors == [], "errors in the console"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the built site; ``make book`` must have run.

    If the site was built for a folder of its host, as GitHub Pages has it, it can be reached in that folder too.
    """
    if not (SITE / "index.html").exists():
        pytest.fail("The site is not built. Run `make book` first, or `make test`, which does.")
    root = tmp_path_factory.mktemp("host")
    for entry in SITE.iterdir():
        (root / entry.name).symlink_to(entry)
    folder = re.search(r'href="/([^"]*)_static/', (SITE / "404.html").read_text(encoding="utf-8"))[1].strip("/")
    if folder:
        (root / folder).symlink_to(SITE)
    with serving(root) as address:
        yield address


def browser_or_end() -> str:
    """Path of a browser; where there is none, one sentence instead of an error for each test."""
    try:
        return find_or_install()
    except SystemExit as nothing:
        pytest.exit(str(nothing), returncode=1)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """With workers, find the browser before they start: none of them can end the others."""
    if getattr(session.config.option, "numprocesses", None):
        browser_or_end()


@pytest.fixture(scope="session")
def launch() -> Iterator[Callable[..., Browser]]:
    """Start browsers for which every other machine's name is unknown; without one, a sentence ends the tests."""
    path = browser_or_end()
    with sync_playwright() as playwright:
        browsers = []

        def start(*arguments: str) -> Browser:
            closed = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
            browsers.append(playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, closed, *arguments]))
            return browsers[-1]

        yield start
        for browser in browsers:
            browser.close()


@pytest.fixture(scope="session")
def chromium(launch: Callable[..., Browser]) -> Browser:
    """The browser of most tests."""
    return launch()


@pytest.fixture(scope="module")
def reading(chromium: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """A page of the book as a reader has it, with its formulas: loaded once, and shown to each test as it asks."""
    context, pages = chromium.new_context(), {}

    def show(name: str, width: int = 1280, **media: str) -> Page:
        if name not in pages:
            pages[name] = context.new_page()
            pages[name].goto(f"{site}/{name}", timeout=120_000)
            pages[name].wait_for_function(f"{SETTLED} !== undefined")
            pages[name].evaluate(SETTLED)
        page = pages[name]
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(**({"media": "screen", "color_scheme": "light", "forced_colors": "none"} | media))
        page.wait_for_function(
            "theme => document.documentElement.dataset.theme === theme", arg=media.get("color_scheme", "light")
        )
        return page

    yield show
    context.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh profile at desktop size."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page."""
    return context.new_page()


@pytest.fixture
def watch(page: Page) -> Watch:
    """Watches ``page`` from the start; call ``assert_clean`` at the end."""
    watch = Watch()
    watch.start(page)
    return watch


@pytest.fixture
def mounted(page: Page, watch: Watch, tmp_path: Path) -> Iterator[Callable[..., Locator]]:
    """Mount widgets alone on a page; gives the place of the first view.  The page must stay clean."""
    with serving(tmp_path) as address:
        # A page written anew within a second would be the old one to a browser that asks whether it has changed.
        times = itertools.count()

        def mount(*widgets: Widget, **options: object) -> Locator:
            harness.write_page(tmp_path, *widgets, **options)
            page.goto(f"{address}/index.html?{next(times)}")
            page.wait_for_selector(".cl-mount.mounted")
            return page.locator(".cl-live").first

        yield mount
        watch.assert_clean()
