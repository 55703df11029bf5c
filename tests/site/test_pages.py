"""Every page of the built site, in a browser that cannot reach any other machine."""

from __future__ import annotations

import collections
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site import harness
from tests.site.conftest import ROOT, SITE, Watch

CHAPTERS = [f"notebooks/{path.stem}.html" for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
CHAPTER = CHAPTERS[0]
FIRST = "index.html"  # sends the reader on to the front page
PAGES = sorted(
    path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html") if "_static" not in path.relative_to(SITE).parts
)
PAGES = [name for name in PAGES if name != FIRST]
LISTING = "_modules/convlib/signals.html"  # source listings differ in their text alone: one stands for all
LISTINGS = [name for name in PAGES if name.startswith("_modules/") and name != LISTING]
KINDS = ["book/index.html", CHAPTER, "book/reference/maths.html", "search.html", "genindex.html", LISTING, "404.html"]
WALK = """async () => {
    for (let y = 0; y < document.body.scrollHeight; y += 600) {
        scrollTo({ top: y, behavior: "instant" });
        await new Promise((resolve) => setTimeout(resolve, 30));
    }
}"""

#: On a busy machine a widget may be passed by between two looks of its observer: what waits is brought into view.
MOUNTED = """() => {
    const waiting = document.querySelector(".cl-mount:not(.mounted)");
    waiting?.scrollIntoView({ block: "center", behavior: "instant" });
    return waiting === null;
}"""


def walk(page: Page) -> None:
    """Scroll through the page, so that everything lazy is loaded, and wait until it is."""
    page.evaluate(WALK)
    page.wait_for_function(MOUNTED)
    page.evaluate("window.MathJax?.startup?.promise")
    harness.settled(page)


def test_there_are_pages():
    """The list of pages is not empty, and names what a reader is promised."""
    promised = {"book/index.html", "book/notation.html", "book/reference.html", "book/benchmarks.html", "404.html"}
    assert promised | set(CHAPTERS) | set(KINDS) <= set(PAGES)


def test_the_address_alone_leads_to_the_front_page(page: Page, site):
    """A reader who opens the site's own address is sent to the front page."""
    page.goto(f"{site}/")
    page.wait_for_url("**/book/index.html")


def address_of(name: str, site: str) -> str:
    """Address of a page; the 404 page expects the site where it will be published, perhaps in a folder."""
    if name != "404.html":
        return f"{site}/{name}"
    prefix = re.search(r'href="(/[^"]*)_static/', (SITE / name).read_text(encoding="utf-8"))[1]
    return f"{site}{prefix}{name}"


#: The theme makes what scrolls focusable a while after the last change of width; axe would be there before it.
SCROLLERS_READY = """() => [...document.querySelectorAll(".pst-scrollable-table-container, .bd-article pre")].every(
    (node) => node.scrollWidth <= node.clientWidth || node.tabIndex === 0 || node.querySelector("[tabindex='0']"))"""

#: Takes the strokes out of drawings, but not their letters, nor what can be operated: axe-core lays every element on a
#: grid before it asks anything, and strokes, a third of a chapter's elements, have neither text nor target.
DROP_STROKES = """() => {
  const kept = "[role], [tabindex], a, button, text, foreignObject, [data-axe]";
  const strokes = ":is(path, use, line, rect, circle, polyline, g)";
  for (const node of document.querySelectorAll(`svg[role="img"]:not(.cl-live *) ${strokes}`)) {
    if (!node.matches(kept) && !node.querySelector(kept)) node.remove();
  }
}"""


@pytest.mark.parametrize("name", [name for name in PAGES if name not in LISTINGS])
def test_page(page: Page, watch: Watch, site, name):
    """Over HTTP: no request to another machine, none that fails, a silent console; nothing serious from axe-core,
    colours in the dark and what has to do with width on a phone included; no sideways scroll at 390 pixels."""
    page.emulate_media(color_scheme="light")
    page.goto(address_of(name, site))
    walk(page)
    watch.assert_clean()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert harness.serious_violations(page) == []
    page.evaluate(DROP_STROKES)
    page.add_style_tag(content="* { transition: none !important; }")  # colours as they end up, not on their way
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    harness.settled(page)
    assert harness.serious_violations(page, "color-contrast") == []
    page.set_viewport_size({"width": 390, "height": 844})
    harness.settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.wait_for_function(SCROLLERS_READY)
    assert harness.serious_violations(page, "scrollable-region-focusable", "target-size") == []
    watch.assert_clean()


@pytest.fixture(scope="module")
def shelf(chromium: Browser) -> Iterator[tuple[Page, Watch]]:
    """One page for all source listings, and its watch: most of the time for each would go into a profile of its own."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    page, watch = context.new_page(), Watch()
    watch.start(page)
    yield page, watch
    context.close()


@pytest.mark.parametrize("name", LISTINGS)
def test_source_listing(shelf, site, name):
    """No request to another machine, none that fails, a silent console."""
    page, watch = shelf
    watch.forget()
    assert page.goto(f"{site}/{name}").status == 200
    walk(page)
    watch.assert_clean()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


@pytest.mark.parametrize("name", KINDS)
def test_page_works_from_a_file(page: Page, watch: Watch, name):
    """The same from the file system, for a page of each kind; the 404 page alone is made for a server."""
    if name == "404.html":
        assert re.search(r'href="/[^"]*_static/', (SITE / name).read_text(encoding="utf-8"))
        return
    page.goto((SITE / name).as_uri())
    walk(page)
    watch.assert_clean()


def test_every_figure_has_words():
    """Every drawing and picture has alternative text that says something."""
    for name in PAGES:
        html = (SITE / name).read_text(encoding="utf-8")
        for drawing in re.findall(r'<svg [^>]*role="img"[^>]*>', html):
            assert len(re.search(r'aria-label="([^"]*)"', drawing)[1]) > 40, name
        for picture in re.findall(r"<img [^>]*>", html):
            assert re.search(r'alt="[^"]+"', picture), f"{name}: {picture}"


@pytest.mark.parametrize("name", CHAPTERS)
def test_formulas_are_formulas(name):
    """No dollar sign or command is left in the text of a page: a formula that was not recognised as one."""
    html = (SITE / name).read_text(encoding="utf-8")
    text = re.sub(
        r"<(script|style|pre|svg)\b.*?</\1>|<span class=\"math.*?</span>|<div class=\"math.*?</div>",
        "",
        html,
        flags=re.DOTALL,
    )
    text = re.sub(r"<code\b.*?</code>|<[^>]+>", "", text, flags=re.DOTALL)
    assert re.findall(r".{0,30}(?:\$|\\(?:frac|int|sum|widehat|delta)).{0,30}", text) == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_ids_are_unique(name):
    """No two elements of a page share an id, in drawings or outside."""
    html = (SITE / name).read_text(encoding="utf-8")
    html = re.sub(r"<script\b.*?</script>", "", html, flags=re.DOTALL)
    counts = collections.Counter(re.findall(r'<[^<>]*? id="([^"]+)"', html))
    assert [name for name, count in counts.items() if count > 1] == []


def test_pages_name_no_other_machine():
    """No page loads anything by an absolute address."""
    for name in PAGES:
        html = (SITE / name).read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:script|img|iframe|audio|source)[^>]* src="(https?:[^"]+)"', html)
        loaded += re.findall(r'<link[^>]*rel="(?:stylesheet|preload|icon)"[^>]*href="(https?:[^"]+)"', html)
        assert loaded == [], name


def test_what_no_page_loads_is_not_there():
    """No source maps, no theme's translations, no second drawing of its icons; all that the pages name is there."""
    static = SITE / "_static"
    for pattern in ("**/*.map", "scripts/fontawesome.js", "locales/*", "**/*.ttf", "sphinx-thebe*"):
        assert list(static.glob(pattern)) == [], pattern
    for name in PAGES:
        named = re.findall(
            r'<(?:script|link|img)\b[^>]* (?:src|href)="([^":]*_static/[^"?]*)', (SITE / name).read_text("utf-8")
        )
        root = SITE if name == "404.html" else (SITE / name).parent
        missing = [file for file in named if not (root / re.sub(r"^/(.*?)(?=_static)", "", file)).exists()]
        assert missing == [], name


def test_every_link_leads_somewhere():
    """Every link inside the site has a target, and its anchor exists."""
    anchors = {
        name: set(re.findall(r'\b(?:id|name)="([^"]+)"', (SITE / name).read_text(encoding="utf-8"))) for name in PAGES
    }
    missing = []
    for name in PAGES:
        if name == "404.html":
            continue
        for href in set(re.findall(r'<a [^>]*href="([^"]+)"', (SITE / name).read_text(encoding="utf-8"))):
            parts = urlsplit(href.replace("&amp;", "&"))
            if parts.scheme or href in ("#", "#pst-content-header"):
                continue
            target = ((SITE / name).parent / unquote(parts.path)).resolve() if parts.path else SITE / name
            if not target.exists():
                missing.append(f"{name}: {href}")
                continue
            key = Path(target).relative_to(SITE.resolve()).as_posix()
            if parts.fragment and key in anchors and unquote(parts.fragment) not in anchors[key]:
                missing.append(f"{name}: {href}")
    assert missing == []


def test_no_class_of_a_widget_is_styled_by_the_theme():
    """The theme's sheet gives names such as ``mark`` a colour of its own, wherever they stand."""
    sheet = "".join(path.read_text(encoding="utf-8") for path in (SITE / "_static" / "styles").glob("*.css"))
    styled = set(re.findall(r"(?:^|[},])\s*\.([a-z][\w-]*)(?=\s*[,{])", sheet))
    assert {"mark", "card", "btn"} <= styled
    used = collections.defaultdict(set)
    for path in (ROOT / "convlib" / "widgets").rglob("*.js"):
        for classes in re.findall(r"class: [\"`]([^\"`]*)[\"`]", path.read_text(encoding="utf-8")):
            for name in re.sub(r"\$\{.*?\}", " ", classes).split():
                used[name].add(path.name)
    assert {name: files for name, files in used.items() if name in styled} == {}
