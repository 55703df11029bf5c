"""Measure what the book's own widget host gains, and hold the book to its budgets.

Usage: python tests/benchmarks/measure.py [--verbose]      (after ``make book``)

Prints a Markdown table: sizes, times and frame times with our host, beside those with the stock loader (see
``stock_loader.py``), from one run on one machine, on a copy of the built site.  The exit status is 1 if a budget is
exceeded.  Without npm the stock loader is not measured; the rest is.
"""

from __future__ import annotations

import argparse
import gzip
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlparse

from playwright.sync_api import Browser, Locator, Page, Response, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks import stock_loader
from tests.site.browser import ARGUMENTS, find_or_install
from tests.site.conftest import ROOT, SITE, Watch, serving

PAGES = {"front page": "book/index.html", "chapter 1": "notebooks/01_convolution_integral.html"}
LOADS = 7
IMPORTS = 9
DRAGS = 3
DRAG = 3.0  # seconds
LATE = 20.0  # milliseconds: a frame that took longer missed a refresh of a 60 Hz screen
NO_NPM = "not measured (npm not available)"
CLOSED = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
UNLIMITED = ("--disable-frame-rate-limit", "--disable-gpu-vsync")
WINDOW = {"width": 1280, "height": 900}

RANGE = '.cl-explorer input[type="range"]'
OUTPUT = ".cl-explorer output"
STAGE = ".cl-explorer .grab"

#: Notes when the first explorer has its slider, has written its value, and both have been painted.
_NOTE_START = """
(() => {
  const look = () => {
    const ready = document.querySelector('RANGE') && document.querySelector('OUTPUT')?.value;
    if (!ready) return setTimeout(look, 2);
    requestAnimationFrame(() => setTimeout(() => { window.interactiveAt = performance.now(); }));
  };
  look();
})();
""".replace("RANGE", RANGE).replace("OUTPUT", OUTPUT)

#: Collects the time from frame to frame, how often the explorer has redrawn itself, and long tasks.
_COLLECT_FRAMES = """
(output) => {
  const seen = (window.seen = { frames: [], redrawn: 0, longTasks: [] });
  const note = (list) => seen.longTasks.push(...list.getEntries().map((task) => task.duration));
  new PerformanceObserver(note).observe({ type: "longtask" });
  let before = null;
  let value = output.value;
  const look = (now) => {
    if (before !== null) seen.frames.push(now - before);
    if (output.value !== value) seen.redrawn += 1;
    before = now;
    value = output.value;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
"""

#: Moves the pressed pointer 6 pixels to and fro along the stage in every single frame.
_MOVE_EVERY_FRAME = """
(stage, milliseconds) => new Promise((finish) => {
  const { left, top, width } = stage.getBoundingClientRect();
  const start = performance.now();
  let frame = 0;
  const move = (now) => {
    if (now - start > milliseconds) return finish();
    frame += 1;
    const clientX = left + width * (0.1 + 0.8 * Math.abs(2 * (((frame * 6) / width) % 1) - 1));
    const where = { clientX, clientY: top + 5, buttons: 1, pointerType: "mouse", bubbles: true };
    stage.dispatchEvent(new PointerEvent("pointermove", where));
    requestAnimationFrame(move);
  };
  requestAnimationFrame(move);
})
"""


@dataclass
class Row:
    """One line of the table; the budget is for our figure."""

    name: str
    ours: float
    stock: float | str = "–"
    budget: float | None = None
    digits: int = 0

    @property
    def exceeded(self) -> bool:
        """Whether our figure is over its budget."""
        return self.budget is not None and self.ours > self.budget

    def cells(self) -> list[str]:
        """What the table shows."""
        stock = self.stock if isinstance(self.stock, str) else self._text(self.stock)
        budget = "" if self.budget is None else f"≤ {self.budget:,}"
        return [self.name, self._text(self.ours), stock, budget + (" (exceeded)" if self.exceeded else "")]

    def _text(self, number: float) -> str:
        return f"{number:,.{self.digits}f}"


@dataclass
class Report:
    """What was measured: the table, and the details behind it."""

    rows: list[Row] = field(default_factory=list)
    details: list[str] = field(default_factory=list)

    def add(self, name: str, found: list[float], budget: float | None = None, digits: int = 0) -> None:
        """Add a row of our figure and, if it was measured, the stock loader's."""
        ours, stock = [*found, NO_NPM][:2]
        self.rows.append(Row(name, ours, stock, budget, digits))

    def table(self) -> str:
        """The rows in Markdown."""
        head = ["", "our host", "stock loader", "budget"]
        lines = [head, ["---", "---:", "---:", "---:"], *(row.cells() for row in self.rows)]
        return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)

    def over_budget(self) -> list[str]:
        """What is over its budget, in words."""
        return [" ".join(["Over budget:", row.name, *row.cells()[1::2]]) for row in self.rows if row.exceeded]


def percentile(values: list[float], percent: float) -> float:
    """The smallest of ``values`` that ``percent`` of them do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def packed(body: bytes) -> int:
    """Bytes of ``body`` as a server that compresses would send it."""
    return min(len(body), len(gzip.compress(body, 6, mtime=0)))


def progress(what: str) -> None:
    """Say what is being measured, beside the table's way out."""
    print(f"Measuring {what} …", file=sys.stderr)


# ---- browsers and pages ---------------------------------------------------------------------------------------------


@contextmanager
def browsing(*arguments: str) -> Iterator[Browser]:
    """A browser for which every other machine's name is unknown."""
    path = find_or_install()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, CLOSED, *arguments])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def fresh_page(browser: Browser, address: str) -> Iterator[Page]:
    """A page with nothing cached, to open ``address`` on; it must stay clean, and ask no other machine for anything.

    The stock loader looks for its icon font beside the page, where no site has it, and complains of its own schema;
    on its pages only other machines and errors in scripts count.
    """
    context = browser.new_context(viewport=WINDOW)
    page = context.new_page()
    watch = Watch()
    watch.start(page)
    broken = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    try:
        yield page
        if not stock_loader.is_stock(address):
            watch.assert_clean()
        assert not watch.outside, f"requests to other machines: {watch.outside}"
        assert not broken, f"errors in scripts: {broken}"
    finally:
        context.close()


def press_and_see(page: Page) -> None:
    """Press a key on the explorer's slider and wait until the explorer shows another value."""
    shown = page.locator(OUTPUT).first.text_content()
    page.locator(RANGE).first.press("ArrowRight")
    changed = "([selector, shown]) => document.querySelector(selector).value !== shown"
    page.wait_for_function(changed, arg=[OUTPUT, shown], timeout=5000)


# ---- sizes ----------------------------------------------------------------------------------------------------------


def without_comments(script: bytes) -> bytes:
    """``script`` without comment lines and indentation: more than a minifier leaves."""
    lines = (line.strip() for line in script.splitlines())
    return b"\n".join(line for line in lines if not line.startswith(b"//"))


def sizes(scripts: Iterable[bytes], minify: Callable[[bytes], bytes]) -> list[int]:
    """Bytes of ``scripts`` as they are, minified (some come so), and that compressed."""
    scripts = list(scripts)
    small = [min(script, minify(script), key=len) for script in scripts]
    return [sum(map(len, scripts)), sum(map(len, small)), sum(map(packed, small))]


def measure_loaders(report: Report, npm: stock_loader.Npm | None) -> None:
    """Sizes of our host and of the stock loader."""
    host = [(SITE / "_static" / "widget-host.js").read_bytes()]
    ours = sizes(host, npm.minify if npm else without_comments)
    stock = [sizes(npm.scripts.values(), npm.minify)] if npm else []
    how = "minified" if npm else "without comments and indentation"
    names = ["loader: bytes as published", f"loader: bytes {how}", f"loader: bytes {how}, gzip"]
    for name, budget, *found in zip(names, [None, 4096, None], ours, *stock, strict=True):
        report.add(name, found, budget)
    for name, script in npm.scripts.items() if npm else ():
        report.details.append(f"stock loader: {name} {sizes([script], npm.minify)}")


@dataclass
class Weight:
    """Bytes of a page and of all that it asks for, by type: as served, and compressed."""

    plain: Counter[str] = field(default_factory=Counter)
    packed: Counter[str] = field(default_factory=Counter)
    files: list[tuple[int, int, str]] = field(default_factory=list)

    def add(self, kind: str, path: str, body: bytes) -> None:
        """Count one answer."""
        self.plain[kind] += len(body)
        self.packed[kind] += packed(body)
        self.files.append((len(body), packed(body), path))

    def describe(self, name: str) -> list[str]:
        """The types, and what weighs most."""
        kinds = [f"{name}: {kind} {size:,} ({self.packed[kind]:,} gzip)" for kind, size in self.plain.most_common()]
        heavy = sorted(self.files, reverse=True)[:12]
        return kinds + [f"{name}: {path} {size:,} ({small:,} gzip)" for size, small, path in heavy]


def weigh(browser: Browser, address: str) -> Weight:
    """Weigh a page that is scrolled through to its end, without fonts and MathJax."""
    answers: list[Response] = []
    weight = Weight()
    with fresh_page(browser, address) as page:
        page.on("response", lambda answer: answers.append(answer))
        page.goto(address, wait_until="networkidle")
        for y in range(0, page.evaluate("document.documentElement.scrollHeight"), WINDOW["height"] // 2):
            page.evaluate("top => scrollTo({ top, behavior: 'instant' })", y)
            page.wait_for_timeout(50)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(500)
        for answer in answers:
            kind, path = kind_of(answer), urlparse(answer.url).path
            if kind != "fonts" and "/mathjax/" not in path and answer.url.startswith("http"):
                weight.add(kind, path, answer.body())
    return weight


def kind_of(answer: Response) -> str:
    """Type of an answer: html, css, js, images, fonts or other."""
    if urlparse(answer.url).path.endswith((".woff", ".woff2", ".ttf")):
        return "fonts"
    kind = answer.headers.get("content-type", "").split(";")[0]
    known = {"text/html": "html", "text/css": "css", "text/javascript": "js", "application/javascript": "js"}
    return known.get(kind, "images" if kind.startswith("image/") else "other")


def measure_weights(report: Report, browser: Browser, ours: str, stock: str | None) -> None:
    """Weight of chapter 1, with all that a reader who scrolls through it loads."""
    progress("page weight")
    weights = {"our page": weigh(browser, ours), **({"stock page": weigh(browser, stock)} if stock else {})}
    name = "chapter 1 without fonts and MathJax: bytes"
    # What a host such as GitHub Pages sends is compressed; that is what a reader waits for.
    report.add(f"{name} sent, gzip", [weight.packed.total() for weight in weights.values()], 1_000_000)
    report.add(f"{name} unpacked", [weight.plain.total() for weight in weights.values()])
    for page, weight in weights.items():
        report.details += weight.describe(page)


# ---- times ----------------------------------------------------------------------------------------------------------


def interactive(browser: Browser, address: str) -> tuple[float, float]:
    """Milliseconds until the page's first explorer is there for the reader: from the load event, from navigation.

    It is when the slider exists, its value is written, and both have been painted; and a key press must then work.
    """
    with fresh_page(browser, address) as page:
        page.add_init_script(_NOTE_START)
        page.goto(address, wait_until="load")
        page.wait_for_function("window.interactiveAt")
        load = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
        start = page.evaluate("window.interactiveAt")
        press_and_see(page)
    return start - load, start


def measure_loads(report: Report, browser: Browser, name: str, ours: str, stock: str | None) -> None:
    """Medians over fresh loads of one page, with our host and with the stock loader by turns."""
    progress(f"{name}, {LOADS} loads")
    times = {address: [] for address in (ours, stock) if address}
    for _ in range(LOADS):
        for address, found in times.items():
            found.append(interactive(browser, address))
    for i, (since, budget) in enumerate((("load event", 300), ("navigation", None))):
        medians = [statistics.median(pair[i] for pair in found) for found in times.values()]
        report.add(f"{name}: ms from {since} to first widget interactive", medians, budget)
    for address, found in times.items():
        listed = ", ".join(f"{after_load:.0f} ({whole:.0f})" for after_load, whole in found)
        report.details.append(f"{urlparse(address).path}: interactive, ms after load (navigation): {listed}")


def measure_import(report: Report) -> None:
    """Time of ``import convlib`` in a new Python; it must not import torch."""
    progress("import convlib")
    check = "import sys, convlib; sys.exit('torch' in sys.modules and 'import convlib imports torch')"
    subprocess.run([sys.executable, "-c", check], cwd=ROOT, check=True)
    times = []
    for _ in range(IMPORTS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import convlib"], cwd=ROOT, check=True)
        times.append(time.perf_counter() - start)
    report.rows.append(Row('`python -c "import convlib"`: s', statistics.median(times), budget=0.3, digits=2))


# ---- frames ---------------------------------------------------------------------------------------------------------


@dataclass
class Frames:
    """Milliseconds from frame to frame during a drag, and what the main thread did in a frame."""

    times: list[float]
    redrawn: int
    long_tasks: list[float]
    work: dict[str, float]

    @property
    def p95(self) -> float:
        """Nineteen frames of twenty take no longer."""
        return percentile(self.times, 95)

    @property
    def late(self) -> float:
        """Share of the frames that missed a refresh of the screen, in percent."""
        return 100 * sum(time > LATE for time in self.times) / len(self.times)

    def describe(self) -> str:
        """One line of details."""
        work = ", ".join(f"{name} {value:.1f}" for name, value in self.work.items())
        p50 = percentile(self.times, 50)
        return (
            f"{len(self.times)} frames, {self.redrawn} redrawn, p50 {p50:.1f}, p95 {self.p95:.1f}, "
            f"max {max(self.times):.1f}, long tasks {len(self.long_tasks)}; main thread, ms a frame: {work}"
        )


def drag_frames(browser: Browser, address: str, drag: Callable[[Page], None]) -> Frames:
    """Open a page, let it come to rest, and watch its frames while ``drag`` moves the explorer."""
    with fresh_page(browser, address) as page:
        page.goto(address, wait_until="networkidle")
        page.evaluate("async () => { await window.MathJax?.startup?.promise; }")
        page.locator(RANGE).first.scroll_into_view_if_needed()
        press_and_see(page)
        page.wait_for_timeout(500)
        devtools = page.context.new_cdp_session(page)
        devtools.send("Performance.enable")
        before = _work(devtools.send("Performance.getMetrics"))
        page.locator(OUTPUT).first.evaluate(_COLLECT_FRAMES)
        drag(page)
        seen = page.evaluate("window.seen")
        after = _work(devtools.send("Performance.getMetrics"))
    assert seen["redrawn"] > 20, f"the drag has hardly moved the explorer: {seen['redrawn']} redraws"
    work = {name: (after[name] - before[name]) / len(seen["frames"]) for name in after}
    return Frames(seen["frames"], seen["redrawn"], seen["longTasks"], work)


def _work(answer: dict) -> dict[str, float]:
    """Milliseconds that the main thread has spent so far."""
    parts = ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration", "TaskDuration")
    return {one["name"]: 1000 * one["value"] for one in answer["metrics"] if one["name"] in parts}


def by_mouse(page: Page) -> None:
    """Drag the sliding curve and then the slider to and fro with the mouse."""
    for grip in (page.locator(STAGE).first, page.locator(RANGE).first):
        x, y, width = _press(page, grip)
        start = time.perf_counter()
        while (passed := time.perf_counter() - start) < DRAG / 2:
            page.mouse.move(x + 0.4 * width * math.sin(4 * passed), y)
        page.mouse.up()


def every_frame(page: Page) -> None:
    """Press the mouse on the sliding curve and move it once in every frame, from within the page.

    Without a frame rate limit the browser's own mouse events come too seldom, and a frame in which nothing has
    changed is still held back to some 17 ms: only frames that all have work to do show what a frame costs.
    """
    stage = page.locator(STAGE).first
    _press(page, stage)
    stage.evaluate(_MOVE_EVERY_FRAME, 1000 * DRAG)
    page.mouse.up()


def _press(page: Page, grip: Locator) -> tuple[float, float, float]:
    """Press the mouse in the middle of ``grip``; gives where that is, and the width."""
    box = grip.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    return x, y, box["width"]


def measure_frames(report: Report, ours: str, stock: str | None) -> None:
    """Frames of a drag on chapter 1: at the screen's pace by mouse, then as fast as the browser can."""
    addresses = [address for address in (ours, stock) if address]
    progress("frames at the screen's pace")
    with browsing() as browser:
        found = [drag_frames(browser, address, by_mouse) for address in addresses]
    report.add(f"drag at 60 Hz: % of frames over {LATE:g} ms", [frames.late for frames in found], digits=1)
    report.details += [f"drag at 60 Hz: {frames.describe()}" for frames in found]
    progress("frames at full speed")
    with browsing(*UNLIMITED) as browser:
        found = [_middle_drag(browser, address) for address in addresses]
    for percent, budget in ((50, None), (95, 16.7), (100, None)):
        name = "drag, no frame limit: ms a frame, " + ("max" if percent == 100 else f"p{percent}")
        report.add(name, [percentile(frames.times, percent) for frames in found], budget, digits=1)
    report.details += [f"drag, no frame limit: {frames.describe()}" for frames in found]


def _middle_drag(browser: Browser, address: str) -> Frames:
    """The drag with the middle p95 of several."""
    drags = [drag_frames(browser, address, every_frame) for _ in range(DRAGS)]
    return sorted(drags, key=lambda frames: frames.p95)[DRAGS // 2]


# ---- all together ---------------------------------------------------------------------------------------------------


def measure(folder: Path) -> Report:
    """Measure everything, on a copy of the site in ``folder``."""
    report = Report()
    site = folder / "site"
    shutil.copytree(SITE, site, ignore=shutil.ignore_patterns("*.map", "_sources", "_modules"))
    progress("sizes of the loaders")
    npm = stock_loader.fetch(folder)
    measure_loaders(report, npm)
    stock = {name: stock_loader.add_page(site, page, npm) if npm else None for name, page in PAGES.items()}
    with serving(site) as root:
        addresses = {name: (f"{root}/{page}", stock[name] and f"{root}/{stock[name]}") for name, page in PAGES.items()}
        with browsing() as browser:
            report.details.append(f"Chromium {browser.version}, {os.cpu_count()} cores")
            for name, pair in addresses.items():
                measure_loads(report, browser, name, *pair)
            measure_weights(report, browser, *addresses["chapter 1"])
        measure_frames(report, *addresses["chapter 1"])
    measure_import(report)
    report.details.append(f"load average at the end {os.getloadavg()[0]:.1f}")
    return report


def main() -> int:
    """Measure, print, and say whether the budgets hold."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("-v", "--verbose", action="store_true", help="print what the figures are made of, too")
    options = parser.parse_args()
    if not all((SITE / page).exists() for page in PAGES.values()):
        raise SystemExit("The site is not built. Run `make book` first.")
    if os.getloadavg()[0] > os.cpu_count() / 2:
        print(f"This machine is busy (load average {os.getloadavg()[0]:.1f}): times will be long.", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        report = measure(Path(folder))
    print(report.table())
    if options.verbose:
        print("", *report.details, sep="\n")
    over = report.over_budget()
    print("", *(over or ["All budgets hold."]), sep="\n")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
