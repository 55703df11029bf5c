"""Search that opens at the section: an index of the pages' sections, as a script, and a page that asks it.

Sphinx's own index knows pages, not places in them, quotes LaTeX and hidden code, and lists a package's methods before
a chapter.  (Of the ready-made ones, Pagefind fetches its index, which no page opened from a file may do, and Lunr's
Python package carries only the half that makes the index.)  Here the finished pages are cut into sections, numbered
statements, glossary entries and names of the package; ``_assets/search.js`` ranks them.  A glossary entry lends its
terms to every place that it links to: so "Parseval" finds a proposition that does not name him.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from sphinx.application import Sphinx

SEARCH = """<section id="search"><h1>Search</h1>
<form class="book-search" action="" method="get" role="search">
<input type="search" name="q" aria-label="Search this book" autocomplete="off" autocapitalize="off" spellcheck="false">
<button>Search</button></form>
<noscript><p>The search runs in the page and needs JavaScript.</p></noscript>
<p id="search-summary" role="status"></p><div id="search-results"></div></section>"""

_HEAVY = re.compile(r"<(svg|script|style|pre|audio)\b.*?</\1>", re.DOTALL)  # pictures, code, sounds: most of a page
_SKIPPED = {
    "headerlink",
    "cl-mount",
    "cl-verdict",
    "cl-quiz-still",
    "term-definitions",
    "toctree-wrapper",
    "field-list",
}
_STATEMENTS = {"proof", "exercise"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


class Places(HTMLParser):
    """The places in one page that a search can lead to, in ``found``."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.found = page, []
        self._roles: list[tuple[str, str]] = []  # open elements, and what each is to us
        self._inside: list[dict] = []  # open places, the innermost last

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        if tag in _VOID:
            return
        given = {name: value or "" for name, value in attrs}
        role = self._role(tag, given, set(given.get("class", "").split()))
        self._roles.append((tag, role))
        if role in ("section", "statement", "term", "api"):
            self._open(role, given["id"], lends="exercise" not in given.get("class", ""))
        if tag == "a" and self._inside and "#" in given.get("href", ""):
            self._inside[-1]["links"].append(given["href"])

    def handle_endtag(self, tag: str) -> None:
        """Close an element, and the place that ends with it."""
        while self._roles:
            name, role = self._roles.pop()
            if role in ("section", "statement", "body"):
                self._inside.pop()
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        """Text: of a title, of a place, or of nothing that is looked for."""
        roles = {role for _, role in self._roles}
        if not self._inside or roles & {"skip", "api"}:
            return
        if "math" in roles:
            data = readable(data)
        if roles & {"title", "term"}:
            self._inside[-1]["title"] += data
            return
        self._inside[-1]["text"] += data
        if self._inside[-1]["kind"] == "statement" and len(self._inside) > 1:
            self._inside[-2]["text"] += data

    def _role(self, tag: str, given: dict[str, str], classes: set[str]) -> str:
        identifier = given.get("id", "")
        if classes & _SKIPPED or tag == "summary":
            return "skip"
        if "math" in classes:
            return "skip" if tag == "div" else "math"
        if tag == "section" and identifier and not identifier.endswith("-content"):
            return "section"
        if tag == "div" and identifier and classes & _STATEMENTS:
            return "statement"
        if tag in _HEADINGS or "admonition-title" in classes:
            return "title"
        if tag == "dt" and identifier:
            return "term" if identifier.startswith("term-") else "api" if "sig" in classes else ""
        waiting = self._inside and self._inside[-1]["kind"] in ("term", "api") and not self._inside[-1]["bodied"]
        if tag == "dd" and waiting:
            self._inside[-1]["bodied"] = True
            return "body"
        return ""

    def _open(self, kind: str, identifier: str, lends: bool) -> None:
        if kind == "term" and self._inside and self._inside[-1]["kind"] == "term":  # two terms, one definition
            self._inside[-1]["title"] += " · "
            return
        within = self._inside[-1]["id"] if self._inside and kind == "statement" and lends else ""
        place = {"page": self.page, "id": identifier, "kind": kind, "within": within, "bodied": False}
        place |= {"title": "", "text": "", "links": [], "also": []}
        self._inside.append(place)
        self.found.append(place)


_NAMES = (
    "alpha beta gamma delta varepsilon epsilon theta kappa lambda mu nu xi pi rho sigma tau varphi phi omega "
    "Delta Lambda Pi Sigma Omega int sum prod infty cdot times star le ge ne to in approx sqrt vee"
)
_LETTERS = dict(zip(_NAMES.split(), "αβγδεεθκλμνξπρστφφωΔΛΠΣΩ∫Σ∏∞·×⋆≤≥≠→∈≈√∨", strict=True))


def readable(tex: str) -> str:
    """A short formula as plain text; an ellipsis for what is more than letters and signs."""
    text = re.sub(r"\\[()\[\],;:! ]|\\q?quad|\\(left|right|[bB]igg?|mathrm|mathsf|text|operatorname)\b", "", tex)
    text = re.sub(r"\\([A-Za-z]+)", lambda match: _LETTERS.get(match[1], match[0]), text)
    text = re.sub(r"\s+", " ", text.replace("{", "").replace("}", "").replace("*", "∗")).strip()
    return "…" if "\\" in text or len(text) > 60 else text


def places_of(html: str, page: str) -> list[dict]:
    """Cut a finished page into places."""
    article = re.search(r'<article class="bd-article">(.*?)</article>', html, re.DOTALL)
    reader = Places(page)
    reader.feed(_HEAVY.sub("", article[1] if article else ""))
    for place in reader.found:
        for key in ("title", "text"):
            place[key] = re.sub(r"\s+", " ", place[key]).strip()
        if place["kind"] == "api":
            place["title"] = place["id"]
    return [place for place in reader.found if place["title"]]


def lend_terms(places: list[dict]) -> None:
    """Give the terms of each glossary entry to the places that it links to, and to the sections around those."""
    by_address = {(place["page"], place["id"]): place for place in places}
    for entry in places:
        if entry["kind"] != "term":
            continue
        for link in entry["links"]:
            path, _, identifier = link.partition("#")
            page = (Path("/", entry["page"]).parent / path).as_posix() if path else ""
            target = by_address.get((re.sub(r"[^/]+/\.\./", "", page).lstrip("/"), identifier))
            if target is None or target["kind"] == "term":
                continue
            for place in (target, by_address.get((target["page"], target["within"]))):
                if place is not None:
                    place["also"].append(entry["title"])


def docnames(app: Sphinx) -> Iterator[str]:
    """Pages in the order of the book."""
    seen, waiting = set(), [app.config.root_doc]
    while waiting:
        name = waiting.pop(0)
        if name not in seen:
            seen.add(name)
            yield name
            waiting = [*app.env.toctree_includes.get(name, []), *waiting]


def write_index(app: Sphinx, error: Exception | None) -> None:
    """Write the index of all finished pages: a script, because a page opened from a file may fetch nothing."""
    if error is not None or app.builder.format != "html":
        return
    pages, places = [], []
    for name in docnames(app):
        page = app.builder.get_target_uri(name)
        found = places_of((Path(app.outdir) / page).read_text(encoding="utf-8"), page)
        chapter = name.startswith("notebooks/")
        pages.append([page, found[0]["title"] if found else name, chapter])
        places += found
    lend_terms(places)
    numbers = {page: i for i, (page, _, _) in enumerate(pages)}
    rows = [
        [numbers[p["page"]], p["id"], p["kind"], p["title"], p["text"], " · ".join(p.get("also", []))] for p in places
    ]
    text = json.dumps({"pages": pages, "places": rows}, ensure_ascii=False, separators=(",", ":"))
    (Path(app.outdir) / "_static" / "search-index.js").write_text(f"bookIndex = {text};\n", encoding="utf-8")


def collect_page(app: Sphinx) -> Iterator[tuple[str, dict, str]]:
    """Make the page ``search.html``."""
    yield "search", {"title": "Search", "body": SEARCH, "meta": None}, "page.html"


def switch_off(app: Sphinx) -> None:
    """Keep Sphinx from making an index that nobody asks."""
    app.builder.search = False


_SPHINXS = re.compile(
    r'\s*<script src="[^"]*(?:searchtools|language_data|searchindex|sphinx_highlight)\.js[^"]*"></script>'
)


def drop_scripts(app: Sphinx, error: Exception | None) -> None:
    """Take Sphinx's search off the pages: the theme's templates load it everywhere."""
    if error is not None or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        if _SPHINXS.search(page):
            path.write_text(_SPHINXS.sub("", page), encoding="utf-8")


def add_index(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """Load the index on the search page alone."""
    if pagename == "search":
        app.add_js_file("search-index.js", defer="defer", priority=490)
        context["script_files"] = app.builder._js_files


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx: the index after all that edits the written pages."""
    app.add_js_file("search.js", defer="defer")
    app.connect("builder-inited", switch_off)
    app.connect("html-collect-pages", collect_page)
    app.connect("html-page-context", add_index, priority=940)
    app.connect("build-finished", drop_scripts, priority=910)
    app.connect("build-finished", write_index, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
