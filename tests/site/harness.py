"""Mount a widget alone, on a page with nothing but the book's host: for tests of any widget.

def test_mine(mounted):
    place = mounted(MyWidget(trait=1))
    place.locator("button").click()
    assert trait(place, "trait") == 2
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from axe_playwright_python.base import AXE_SCRIPT
from ipywidgets.embed import dependency_state
from PIL import Image
from playwright.sync_api import CDPSession, Locator, Page, TimeoutError

from convlib.widgets import Widget

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import book_links  # noqa: E402, F401
import book_repository  # noqa: E402, F401  (the extensions that build the real pages; test_build asks for this one)
import book_widgets  # noqa: E402

Point = tuple[float, float]

PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<style>{style} body {{ margin: 16px; background: var(--cl-paper); color: var(--cl-ink); }}</style></head>
<body><main><h1>{title}</h1>{prose}{mounts}</main>
<script type="{kind}">{models}</script>
<script defer src="_static/widget-host.js"></script>
<script defer src="_static/widget-links.js"></script></body></html>"""


def write_page(
    folder: Path, *widgets: Widget, views: int = 1, theme: str = "light", prose: str = "", stills: bool = True
) -> Path:
    """Write a page that shows each widget ``views`` times, as the book's own build would; returns its path.

    ``prose`` is HTML that stands before the widgets.  Without ``stills`` a word stands where the still pictures would:
    to draw one takes as long as many a test.
    """
    static = folder / "_static"
    saved = {
        identifier: book_widgets.slim(model, static / "widgets")
        for widget in widgets
        for identifier, model in dependency_state([widget], drop_defaults=False).items()
        if model["model_module"] == "anywidget"
    }
    serial: Counter[str] = Counter()
    mounts = ""
    for widget in [widget for widget in widgets for _ in range(views)]:
        serial[type(widget).__name__] += 1
        mounts += book_widgets.mount_point(
            widget.model_id,
            still(widget) if stills else "<figure>still</figure>",
            type(widget),
            serial[type(widget).__name__],
        )
    static.mkdir(exist_ok=True)
    for name in ("widget-host.js", "widget-links.js"):
        shutil.copy(ROOT / "book" / "_assets" / name, static / name)
    style = "".join((ROOT / "book" / "_assets" / "mount.css").read_text(encoding="utf-8"))
    # As on the book's pages: what stands in for a widget has its style before the widget comes.
    sheets = [ROOT / "convlib" / "widgets" / name for name in ("palette.css", "base.css")]
    palette = "".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    page = PAGE.format(
        theme=theme,
        prose=prose,
        title=type(widgets[0]).__name__,
        style=palette + style,
        mounts=mounts,
        kind=book_widgets.OURS,
        models=book_widgets.script_text(saved),
    )
    path = folder / "index.html"
    path.write_text(page, encoding="utf-8")
    return path


_stills: dict[str, str] = {}


def still(widget: Widget) -> str:
    """The still picture of a widget; drawn once for each state, for drawing takes as long as all else on the page."""
    state = repr([type(widget), *(getattr(widget, name) for name in widget.own_traits())])
    if state not in _stills:
        _stills[state] = widget.fallback()["text/html"]
    return _stills[state]


def live(page: Page, name: str) -> Locator:
    """A widget of a real page, by the name of its place, when it can be operated: that is a frame or two after it has
    come, and it comes when it is near the screen."""
    place = page.locator(f"#{name}")
    place.scroll_into_view_if_needed()
    page.wait_for_function("name => document.getElementById(name).classList.contains('mounted')", arg=name)
    return place


#: JavaScript: bytes as a text.  A list of numbers costs a hundred times as much on its way here.
BASE64 = """(bytes) => {
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return btoa(text);
}"""


#: JavaScript: whether a trait is binary, and its value, a binary one as a text.
VALUE = f"""(node, name) => {{
    const value = node.model.get(name);
    return value instanceof DataView ? [true, ({BASE64})(new Uint8Array(value.buffer))] : [false, value];
}}"""


def binary(place: Locator, name: str) -> bytes:
    """Value of a binary trait of the widget mounted at ``place``."""
    return base64.b64decode(place.evaluate(VALUE, name)[1])


def trait(place: Locator, name: str) -> object:
    """Value of a trait of the widget mounted at ``place``; a binary one as a list of single-precision numbers."""
    is_binary, value = place.evaluate(VALUE, name)
    return np.frombuffer(base64.b64decode(value), dtype="<f4").tolist() if is_binary else value


def pixels(canvas: Locator) -> np.ndarray:
    """Red, green, blue and opacity of what a canvas shows, from 0 to 255, shape (rows, columns, 4)."""
    file = canvas.evaluate("canvas => canvas.toDataURL('image/png')")
    picture = Image.open(io.BytesIO(base64.b64decode(file.partition(",")[2])))
    return np.array(picture.convert("RGBA")).astype(int)


def signed(pixels: np.ndarray) -> np.ndarray:
    """Opacity where red outweighs blue, and the negative of it where blue does: how the widgets draw signed numbers."""
    return np.where(pixels[..., 0] < pixels[..., 2], -pixels[..., 3], pixels[..., 3])


def choose(radio: Locator) -> None:
    """Click the label that a radio button lies in, as a reader does: the button itself is not seen."""
    radio.locator("xpath=ancestor::label").click()


class Fingers:
    """Real touches, as the browser itself gets them: they scroll, they are taken away.

    A finger that moves when it is lifted throws the page: what it then touches stops that, and is no tap.  So it lies
    still before it leaves, for longer than the 40 ms after which Chromium takes it for resting.
    """

    REST_SECONDS = 0.06

    def __init__(self, page: Page) -> None:
        self.page = page
        self.devtools: CDPSession = page.context.new_cdp_session(page)
        self.moving = False

    def send(self, kind: str, *points: Point) -> None:
        """``touchStart``, ``touchMove``, ``touchEnd`` or ``touchCancel``, with the fingers that are down."""
        if kind == "touchEnd" and self.moving:
            time.sleep(self.REST_SECONDS)
        self.moving = kind == "touchMove"
        fingers = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        self.devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    def drag(self, x: float, y: float, across: float, down: float, steps: int = 8) -> Point:
        """Put a finger down and move it; it stays down."""
        self.send("touchStart", (x, y))
        for i in range(1, steps + 1):
            self.send("touchMove", (x + across * i / steps, y + down * i / steps))
        return x + across, y + down

    def stroke(self, *points: Point, end: str = "touchEnd") -> None:
        """Down at the first point, over the others, and up, or taken away: ``touchCancel``; then that is drawn."""
        for kind, point in zip(("touchStart", *["touchMove"] * (len(points) - 1)), points, strict=True):
            self.send(kind, point)
        self.send(end)
        settled(self.page)


def middle(part: Locator) -> Point:
    """Where the middle of a part is on the screen, once it is in view."""
    part.scroll_into_view_if_needed()
    box = part.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def press(page: Page, *points: Point, button: str = "left", steps: int = 4) -> None:
    """Press the mouse at the first point and move it over the others."""
    page.mouse.move(*points[0])
    page.mouse.down(button=button)
    for point in points[1:]:
        page.mouse.move(*point, steps=steps)


def drag(page: Page, *points: Point, button: str = "left", steps: int = 4) -> None:
    """Press at the first point, move over the others, let go; and wait until what that did is drawn."""
    press(page, *points, button=button, steps=steps)
    page.mouse.up(button=button)
    settled(page)


@contextlib.contextmanager
def held(page: Page, *points: Point, steps: int = 4) -> Iterator[None]:
    """The same, to look at what is drawn while the button is still down: at the end it is let go."""
    press(page, *points, steps=steps)
    settled(page)
    yield
    page.mouse.up()
    settled(page)


def settled(place: Locator | Page) -> None:
    """Wait until what was done so far is drawn: widgets redraw in the next frame; it is over when one more comes.

    Not where the page's clock stands still: no frame comes.
    """
    place.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))")


def height_of(place: Locator, expected: float, within: float = 6) -> float:
    """The height of a widget; where it is not what is expected, after some time for its last change to arrive."""
    node = place.locator(".cl-widget").element_handle()
    with contextlib.suppress(TimeoutError):
        place.page.wait_for_function(
            "([node, expected, within]) => Math.abs(node.getBoundingClientRect().height - expected) <= within",
            arg=[node, expected, within],
            timeout=5000,
        )
    return node.bounding_box()["height"]


def resize(place: Locator, width: float) -> None:
    """Give a widget so many pixels, up to 358 of them on a phone's screen, and wait until it has drawn itself anew."""
    place.page.set_viewport_size({"width": 390 if width <= 358 else 1280, "height": 664})
    place.evaluate("(node, width) => (node.style.width = `${width}px`)", width)
    settled(place)


def rooms(place: Locator, widget: Widget) -> Iterator[tuple[int, float]]:
    """Show a widget at the three widths that ``room()`` speaks of; gives each, and the height promised there."""
    for width, height in zip((358, 654, 790), widget.room(), strict=True):
        resize(place, width)
        yield width, height


def wait_for_trait(place: Locator, name: str, holds: str) -> None:
    """Wait until a trait is as it should be: ``holds`` is JavaScript about its ``value``.

    For what takes its own time, as Play does: the text on the page may still be that of a frame ago.
    """
    node = place.element_handle()
    place.page.wait_for_function(
        f"([node, name]) => (({{ value }}) => {holds})({{ value: node.model.get(name) }})", arg=[node, name]
    )
    settled(place)


#: A script for ``page.add_init_script``: it adds up how much the page's parts have been shifted, as Chromium counts it.
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


def shift(page: Page) -> float:
    """The cumulative layout shift so far, of a page that was opened with ``SHIFTS``; below 0.1 is called good."""
    settled(page)
    return page.evaluate("window.shifted")


def set_trait(place: Locator, name: str, value: object) -> None:
    """Set a trait of the widget mounted at ``place``, as Python would, and wait until that is drawn; a list of numbers
    as a binary one."""
    place.evaluate(
        """(node, [name, value]) => {
            if (!Array.isArray(value)) return node.model.set(name, value);
            node.model.set(name, new DataView(Float32Array.from(value).buffer));
        }""",
        [name, value],
    )
    settled(place)


def put(place: Locator, **traits: object) -> None:
    """Set traits together, as a link does, and wait until that is drawn; lists stay lists."""
    place.evaluate("(node, traits) => node.model.set(traits)", traits)
    settled(place)


def order(place: Locator, do: str, **more: object) -> None:
    """Ask for something, as a link in the prose does, and wait until it is drawn."""
    place.evaluate("(node, message) => node.model.receive(message)", {"do": do, **more})
    settled(place)


def arrow(drawn: Locator) -> complex:
    """From the foot of a drawn arrow to its tip, in pixels, up and to the right."""
    across, down = drawn.locator(".head").get_attribute("points").split()[0].split(",")
    x, y = (float(drawn.locator(".shaft").get_attribute(name)) for name in ("x1", "y1"))
    return complex(float(across) - x, y - float(down))


def call(page: Page, widget: type[Widget], function: str, *arguments: object) -> object:
    """Call a function that the widget's module exports; lists go in as typed arrays and come back as lists."""
    return page.evaluate(
        """async ([source, name, given]) => {
            const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
            const module = await import(url);
            const result = module[name](...given.map((v) => (Array.isArray(v) ? Float64Array.from(v) : v)));
            return ArrayBuffer.isView(result) ? Array.from(result) : result;
        }""",
        [widget._esm, function, json.loads(json.dumps(arguments))],
    )


#: Marks three texts of each look: colours, size, weight, what lies behind.  axe-core takes seconds to find what lies
#: behind a thousand words, and the thousandth is as easy to read as the first.
MARK_LOOKS = """() => {
  const seen = new Map();
  const behind = (node) => {
    for (let clear = ""; node; node = node.parentElement) {
      const { backgroundColor: color, backgroundImage: image, opacity } = getComputedStyle(node);
      clear += opacity === "1" ? "" : opacity;
      if (image !== "none" || !/, 0\\)$|transparent/.test(color)) return `${color} ${image} ${clear}`;
    }
    return "";
  };
  for (const node of document.querySelectorAll("body *")) {
    node.removeAttribute("data-axe");
    if (![...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim())) continue;
    if (!node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const { color, fill, fontSize, fontWeight } = getComputedStyle(node);
    const look = [color, node.ownerSVGElement ? fill : "", fontSize, fontWeight, behind(node)].join();
    seen.set(look, (seen.get(look) ?? 0) + 1);
    if (seen.get(look) <= 3) node.setAttribute("data-axe", "");
  }
}"""
#: All that is asked of a page in one run: before each, axe-core looks at every element, and that takes the time.
ASK_AXE = """async (rules) => {
  axe.configure({ rules: [{ id: "color-contrast", selector: "[data-axe], [data-axe] *" }] });
  const options = { preload: false, resultTypes: ["violations"] };
  if (rules.length) options.runOnly = rules;
  return (await axe.run(document, options)).violations;
}"""


def serious_violations(page: Page, *rules: str) -> list[str]:
    """What axe-core finds on the page that is serious or critical, with the element that it is about.

    With ``rules``, only these are asked about: what depends on colours or width need not be all asked again.  Contrast
    is asked of three texts of each look.  Without preloading: that fetches style sheets anew, and their own imports
    from the wrong place.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    if not rules or "color-contrast" in rules:
        page.evaluate(MARK_LOOKS)
    return [
        f"{rule['id']}: {node['target']} {node.get('failureSummary', '')}"
        for rule in page.evaluate(ASK_AXE, list(rules))
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
