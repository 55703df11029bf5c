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


#: JavaScript: each frame that a page asks for, and word of each new size, come so many milliseconds later than they
#: would.
LATE = """
(() => {
    window.ResizeObserver = class extends ResizeObserver {
        constructor(act) {
            super((...given) => setTimeout(() => act(...given), %(late)d / 2));
        }
    };
    const [ask, drop, waiting] = [requestAnimationFrame.bind(window), cancelAnimationFrame.bind(window), new Map()];
    let last = 0;
    window.requestAnimationFrame = (act) => {
        const id = ++last;
        const frame = (time) => waiting.delete(id) && act(time);
        waiting.set(id, () => clearTimeout(timer));
        const timer = setTimeout(() => {
            const asked = ask(frame);
            waiting.set(id, () => drop(asked));
        }, %(late)d);
        return id;
    };
    window.cancelAnimationFrame = (id) => {
        waiting.get(id)?.();
        waiting.delete(id);
    };
})();
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--frames-late``: what is looked at before it is drawn is then seen as it was."""
    parser.addoption("--frames-late", type=int, default=0, metavar="MS", help="frames come so much later")


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


def slowed(browser: Browser, late: int) -> Browser:
    """The browser, in whose pages frames come late."""
    new = browser.new_context

    def new_context(**options: object) -> BrowserContext:
        context = new(**options)
        if options.get("java_script_enabled", True):
            context.add_init_script(LATE % {"late": late})
        return context

    browser.new_context = new_context
    return browser


@pytest.fixture(scope="session")
def launch(pytestconfig: pytest.Config) -> Iterator[Callable[..., Browser]]:
    """Start browsers for which every other machine's name is unknown; without one, a sentence ends the tests."""
    path, late = browser_or_end(), pytestconfig.getoption("--frames-late")
    with sync_playwright() as playwright:
        browsers = []

        def start(*arguments: str) -> Browser:
            closed = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
            browsers.append(playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, closed, *arguments]))
            return slowed(browsers[-1], late) if late else browsers[-1]

        yield start
        for browser in browsers:
            browser.close()


@pytest.fixture(scope="session")
def chromium(launch: Callable[..., Browser]) -> Browser:
    """The browser of most tests."""
    return launch()


def visit(page: Page, address: str) -> None:
    """Open a chapter, and wait until its formulas are set: until then what stands below them moves."""
    page.goto(address, timeout=120_000)
    page.wait_for_function(f"{SETTLED} !== undefined")
    page.evaluate(SETTLED)


@pytest.fixture(scope="module")
def reading(chromium: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """A page of the book as a reader has it, with its formulas: loaded once, and shown to each test as it asks."""
    context, pages = chromium.new_context(), {}

    def show(name: str, width: int = 1280, **media: str) -> Page:
        if name not in pages:
            pages[name] = context.new_page()
            visit(pages[name], f"{site}/{name}")
        page = pages[name]
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(**({"media": "screen", "color_scheme": "light", "forced_colors": "none"} | media))
        page.wait_for_function(
            "theme => document.documentElement.dataset.theme === theme", arg=media.get("color_scheme", "light")
        )
        return page

    yield show
    context.close()


DESKTOP = {"viewport": {"width": 1280, "height": 900}}
#: What no new document undoes; of a page, its clock and its profile.
LASTING = {
    "page": ("add_init_script", "expose_binding", "expose_function", "on", "once", "route", "set_extra_http_headers"),
    "clock": ("install", "set_fixed_time", "set_system_time"),
    "context": ("add_init_script", "add_cookies", "new_cdp_session", "new_page", "route", "set_offline"),
}


class Desk:
    """A page that is handed from test to test, each time as if it were new.

    Half of what it takes to mount a widget on a new page goes into the page's profile and process.  Where a test has
    failed, or has done to the page what no new document undoes (``LASTING``), the next one does get a new page.
    Storage is kept apart by address, and every ``serving`` has its own.
    """

    def __init__(self, chromium: Browser, **options: object) -> None:
        self.chromium, self.options = chromium, options
        self.page: Page | None = None
        self.spoilt = False

    def clear(self) -> Page:
        """The page, empty: of the first size, nothing emulated, no permission given, the mouse in the corner."""
        if self.page is None:
            self._open()
        self.page.set_viewport_size(self.options["viewport"])
        self.page.emulate_media(
            media="null", color_scheme="light", reduced_motion="no-preference", forced_colors="none"
        )
        self.page.mouse.move(0, 0)
        self.watch.forget()
        return self.page

    def put_away(self, spoilt: bool) -> None:
        """Leave the document, or close a page that cannot be shown to another test."""
        if spoilt or self.spoilt:
            self.close()
            return
        self.page.mouse.up()
        self.page.goto("about:blank")
        self.page.context.clear_permissions()

    def close(self) -> None:
        """Close the page, if there is one, with its profile."""
        if self.page:
            self.page.context.close()
        self.page = None

    def _open(self) -> None:
        context = self.chromium.new_context(**self.options)
        context.set_default_timeout(60_000)
        self.page, self.watch = context.new_page(), Watch()
        self.watch.start(self.page)
        self.fingers = harness.Fingers(self.page)
        self.spoilt = False
        for owner, names in zip((self.page, self.page.clock, context), LASTING.values(), strict=True):
            for name in names:
                setattr(owner, name, self._spoiling(getattr(owner, name)))

    def _spoiling(self, act: Callable) -> Callable:
        def noted(*given: object, **options: object) -> object:
            self.spoilt = True
            return act(*given, **options)

        return noted


@contextmanager
def lent(desk: Desk, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """A desk for one test: cleared before, and put away afterwards."""
    failed = request.session.testsfailed
    desk.clear()
    try:
        yield desk
    except BaseException:
        desk.close()
        raise
    desk.put_away(spoilt=request.session.testsfailed > failed)


@pytest.fixture(scope="session")
def handed_on(chromium: Browser) -> Iterator[Desk]:
    """The desk of all tests that mount widgets alone."""
    desk = Desk(chromium, **DESKTOP)
    yield desk
    desk.close()


@pytest.fixture
def desk(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Desk]:
    """A desk of desktop size: for widgets that are mounted alone the one that is handed on, else one of its own."""
    if "mounted" in request.fixturenames:
        with lent(request.getfixturevalue("handed_on"), request) as desk:
            yield desk
    else:
        desk = Desk(chromium, **DESKTOP)
        desk.clear()
        yield desk
        desk.close()


@pytest.fixture
def page(desk: Desk) -> Page:
    """An empty page at desktop size."""
    return desk.page


@pytest.fixture
def context(desk: Desk) -> BrowserContext:
    """The page's profile."""
    return desk.page.context


@pytest.fixture
def watch(desk: Desk) -> Watch:
    """Watches ``page`` from the start; call ``assert_clean`` at the end."""
    return desk.watch


@pytest.fixture
def mounted(page: Page, watch: Watch, tmp_path: Path) -> Iterator[Callable[..., Locator]]:
    """Mount widgets alone on a page; gives the place of the first view.  The page must stay clean.

    Options are those of ``harness.write_page``; no still picture is drawn unless it is asked for.
    """
    with serving(tmp_path) as address:
        # A page written anew within a second would be the old one to a browser that asks whether it has changed.
        times = itertools.count()

        def mount(*widgets: Widget, **options: object) -> Locator:
            harness.write_page(tmp_path, *widgets, **{"stills": False, **options})
            page.goto(f"{address}/index.html?{next(times)}")
            page.wait_for_selector(".cl-mount.mounted")
            return page.locator(".cl-live").first

        yield mount
        watch.assert_clean()


@pytest.fixture(scope="session")
def handset(chromium: Browser) -> Iterator[Desk]:
    """A phone that is handed on."""
    desk = Desk(chromium, viewport={"width": 390, "height": 664}, has_touch=True, is_mobile=True)
    yield desk
    desk.close()


@pytest.fixture
def phone(request: pytest.FixtureRequest, handset: Desk, tmp_path: Path) -> Iterator[Callable[..., tuple]]:
    """Show a widget on a phone, with a long page below it: gives the page, the widget's place and fingers."""
    with serving(tmp_path) as address, lent(handset, request) as desk:

        def show(widget: Widget, **options: object) -> tuple[Page, Locator, harness.Fingers]:
            path = harness.write_page(tmp_path, widget, **{"stills": False, **options})
            long = '<div style="height: 3000px"></div></main>'
            path.write_text(path.read_text(encoding="utf-8").replace("</main>", long), encoding="utf-8")
            desk.page.goto(f"{address}/index.html")
            desk.page.wait_for_selector(".cl-mount.mounted")
            return desk.page, desk.page.locator(".cl-live").first, desk.fingers

        yield show
        desk.watch.assert_clean()
