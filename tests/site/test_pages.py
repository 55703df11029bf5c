"""Every page of the built site, in a browser that cannot reach any other machine."""

from __future__ import annotations

import collections
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Page, expect

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

#: Takes away what has neither a text of its own, nor a target, nor a colour that nothing else has: the strokes of
#: drawings, the insides of formulas, the words of code.  axe-core lays every element on a grid before it asks anything,
#: and these are four of five in a chapter.  What is marked for it stays.
SLIM = """() => {
  const kept = "[role], [tabindex], a, button, text, foreignObject, [data-axe], [data-dark]";
  const has = (node) => node.matches(kept) || node.querySelector(kept);
  const strokes = ":is(path, use, line, rect, circle, polyline, g)";
  for (const node of document.querySelectorAll(`svg[role="img"]:not(.cl-live *) ${strokes}`)) {
    if (!has(node)) node.remove();
  }
  const formulas = [...document.querySelectorAll("mjx-container")].filter((node) => !node.querySelector(kept));
  const sizes = formulas.map((node) => node.getBoundingClientRect());
  formulas.forEach((node, i) => {
    const room = document.createElement("span");
    const { width, height } = sizes[i];
    room.style.cssText = `display: inline-block; width: ${width}px; max-width: 100%; height: ${height}px`;
    node.replaceChildren(room);
  });
  for (const node of document.querySelectorAll("pre span")) if (!has(node)) node.replaceWith(node.textContent);
  for (const node of document.querySelectorAll("pre")) node.normalize();
}"""
#: What is marked for axe-core in the dark is still there when it has been marked anew.
KEEP = "() => document.querySelectorAll('[data-axe]').forEach((node) => node.setAttribute('data-dark', ''))"


def show(page: Page, theme: str, width: int) -> None:
    """In a theme, at a width, when all of it has arrived."""
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 844})
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    harness.settled(page)
    page.wait_for_function(SCROLLERS_READY)


@pytest.mark.parametrize("name", [name for name in PAGES if name not in LISTINGS])
def test_page(page: Page, watch: Watch, site, name):
    """Over HTTP: no request to another machine, none that fails, a silent console; no sideways scroll at 390 pixels;
    nothing serious from axe-core: all that it knows in the light, colours and what has to do with width on a phone in
    the dark.  It gets a page of each kind whole, the others slim."""
    page.emulate_media(color_scheme="light")
    page.goto(address_of(name, site))
    walk(page)
    watch.assert_clean()
    page.add_style_tag(content="* { transition: none !important; }")  # colours as they end up, not on their way
    show(page, "dark", 390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.evaluate(harness.MARK_LOOKS)
    page.evaluate(KEEP)
    show(page, "light", 1280)
    if name not in KINDS:
        page.evaluate(harness.MARK_LOOKS)
        page.evaluate(SLIM)
    assert harness.serious_violations(page) == []
    show(page, "dark", 390)
    assert harness.serious_violations(page, "color-contrast", "scrollable-region-focusable", "target-size") == []
    watch.assert_clean()


@pytest.mark.parametrize("name", [CHAPTER, "search.html"])
def test_dark_on_a_desk(page: Page, site, name):
    """Colours of what only a wide page has: the bars at its sides and its head, which are every page's."""
    page.emulate_media(color_scheme="dark")
    page.goto(address_of(name, site))
    walk(page)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert harness.serious_violations(page, "color-contrast") == []


def test_source_listings_differ_in_their_text_alone():
    """What a listing loads, and which elements it has, is as in the one that the browser has seen."""

    def made_of(name: str) -> tuple[list[str], set[str]]:
        html = (SITE / name).read_text(encoding="utf-8").replace("../" * name.count("/"), "/")
        loads = re.findall(r"<(?:script|link|style|iframe|img|audio|video)\b[^>]*>", html)
        version = re.compile(r"\?v=\w+")  # the last build's that wrote a page
        return [version.sub("", tag) for tag in loads if 'rel="canonical"' not in tag], set(re.findall(r"<(\w+)", html))

    loads, tags = made_of(LISTING)
    assert len(loads) > 5
    for name in LISTINGS:
        assert made_of(name)[0] == loads, name
        assert made_of(name)[1] <= tags, name


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
