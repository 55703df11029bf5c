"""The page around the widgets: its measure and order, folds, search, paper, focus, and what a shared link shows."""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site.conftest import ROOT, SETTLED, SITE, serving
from tests.site.test_pages import CHAPTER, CHAPTERS

# On one worker: each would load all chapters, and set the small page, for itself.
pytestmark = pytest.mark.xdist_group("reading")

# The measure and the order


@pytest.mark.parametrize("name", CHAPTERS)
def test_text_keeps_to_the_measure(reading, name):
    """On a wide screen no paragraph, list, heading or formula is wider than 38 rem; code may be."""
    page = reading(name, 1680)
    text = "article section > :is(p, ul, ol, h1, h2, h3, div.math, div.proof, div.exercise)"
    widths = page.locator(text).evaluate_all("nodes => nodes.map((node) => node.getBoundingClientRect().width)")
    assert len(widths) > 50
    assert max(widths) <= 38 * 16 + 1
    assert page.locator("div.cell_input").first.bounding_box()["width"] > 38 * 16


@pytest.mark.parametrize("width", [1280, 390])
def test_headings_have_one_order(reading, width):
    """Each heading is larger than the next lower one, and all are larger than the text; none is bolder."""
    page = reading(CHAPTER, width)
    size, weight = (
        [
            float(page.locator(f"article {name}").first.evaluate(f"node => parseFloat(getComputedStyle(node).{what})"))
            for name in ("h1", "h2", "h3", "section > p")
        ]
        for what in ("fontSize", "fontWeight")
    )
    assert size == sorted(set(size), reverse=True)
    assert len(size) == 4
    assert weight[0] == weight[1] == weight[2] > weight[3]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_statements_have_one_order(reading, theme):
    """A theorem has the heaviest rule; then what carries it, definitions, exercises; then proofs. No shadows."""
    page = reading(CHAPTERS[2], color_scheme=theme)
    style = """node => { const style = getComputedStyle(node);
        return [parseFloat(style.borderLeftWidth), style.boxShadow, style.borderLeftColor]; }"""
    kinds = ("theorem", "proposition", "definition", "proof:not([id])")
    rules = [page.locator(f"article div.proof.{kind}, article details.{kind}").first.evaluate(style) for kind in kinds]
    widths = [width for width, _, _ in rules]
    assert widths == sorted(set(widths), reverse=True)
    assert {shadow for _, shadow, _ in rules} == {"none"}
    exercise = page.locator("div.exercise").first.evaluate(style)
    assert exercise[0] <= widths[2]
    assert exercise[1] == "none"
    assert exercise[2] == rules[2][2], "an exercise has the colour of a definition, not the theme's blue"


def test_code_has_neither_bar_nor_shadow(reading):
    """A cell's code is one tinted block."""
    page = reading(CHAPTER)
    sides = """node => { const style = getComputedStyle(node);
        return [style.borderLeftWidth, style.boxShadow, style.borderBottomLeftRadius, style.borderTopLeftRadius]; }"""
    seen = page.locator("div.cell_input").evaluate_all(f"nodes => nodes.map({sides})")
    assert {(left, shadow) for left, shadow, _, _ in seen} == {("0px", "none")}
    assert all(bottom == top for _, _, bottom, top in seen)


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_phone_hides_nothing_at_the_right(reading, name):
    """At 390 pixels code and sentences wrap; what still scrolls shows that it does, and can be reached by keyboard."""
    page = reading(name, 390)
    scrolling = page.evaluate(
        """async () => {
            await document.fonts.ready;
            dispatchEvent(new Event("resize"));
            return [...document.querySelectorAll("article :is(pre, div.math, mjx-container[display])")]
                .filter((node) => node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0)
                .map((node) => [node.className || node.tagName, getComputedStyle(node).backgroundImage,
                    node.getAttribute("tabindex"), Boolean(node.closest(".cell_input"))]);
        }"""
    )
    for what, ground, tabindex, code in scrolling:
        assert "gradient" in ground, what
        assert tabindex == "0", what
        assert not code, what


def test_set_out_formulas_are_as_large_as_those_in_the_line(reading):
    """On a phone too."""
    page = reading(CHAPTER, 390)
    size = "node => parseFloat(getComputedStyle(node).fontSize)"
    inline = page.locator("article section > p mjx-container").first.evaluate(size)
    set_out = page.locator("article section > div.math mjx-container").first.evaluate(size)
    assert set_out >= inline
    assert inline < 1.12 * page.locator("article section > p").first.evaluate(size)


def test_no_line_begins_with_a_full_stop(reading):
    """A formula and the punctuation after it stay on one line."""
    page = reading(CHAPTER, 390)
    spans = page.locator("article .together")
    assert spans.count() > 50
    assert set(spans.evaluate_all("nodes => nodes.map((node) => node.getClientRects().length)")) <= {0, 1}
    loose = """nodes => nodes.filter((node) => !node.closest(".together") && /^[.,;:!?)]/.test(node.nextSibling?.data))
        .map((node) => node.parentElement.textContent)"""
    assert page.locator("article span.math").evaluate_all(loose) == []


def test_dark_figures_stand_on_the_page(reading):
    """A figure has no ground, or the page's own."""
    page = reading(CHAPTER, color_scheme="dark")
    figure = page.locator(".cl-figure:not(.cl-mount *) svg path").first
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert figure.evaluate("node => getComputedStyle(node).fill") in ("none", ground)


def test_nothing_lies_on_the_widgets(reading):
    """No button to the top: it covers controls on a phone."""
    page = reading(CHAPTER)
    expect(page.locator("#pst-back-to-top")).to_have_count(0)


# Exercises and folds


def test_an_exercise_on_the_page_neither_scolds_nor_spoils(reading):
    """Nobody can write here: only a hint for those who ask, and a solution."""
    page = reading(CHAPTER)
    verdicts = page.locator("article > section .cl-verdict.not-written-yet")
    assert verdicts.count() >= 5
    for verdict in verdicts.all():
        assert verdict.inner_text().strip() == "Hint"
    first = verdicts.first.locator("details")
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    assert len(verdicts.first.inner_text()) > 30
    expect(first).to_have_attribute("open", "")


def test_the_code_of_a_figure_is_a_line_under_it(reading):
    """In small print, after the caption, closed."""
    page = reading(CHAPTER)
    folds = page.locator("div.cell:has(figure.cl-figure) > details.fold-code")
    assert folds.count() > 5
    for fold in folds.all():
        assert fold.get_attribute("open") is None
        # At once: what comes late may move both.
        caption, top, height = fold.evaluate(
            """(fold) => {
                const caption = [...fold.previousElementSibling.querySelectorAll("figcaption")].at(-1);
                const { top, height } = fold.getBoundingClientRect();
                return [caption.getBoundingClientRect().top, top, height];
            }"""
        )
        assert caption < top
        assert height < 32


NOTEBOOK = [
    ("markdown", {}, "# A page\n\n[into the proof](#inside)"),
    (
        "code",
        {"tags": ["hide-cell", "check"], "mystnb": {"code_prompt_show": "Checked: gather & scatter agree to 1e-12"}},
        "assert True",
    ),
    ("code", {"tags": ["check"]}, "assert 2 > 1"),
    ("code", {"tags": ["hide-cell"], "mystnb": {"code_prompt_show": "Show the solution"}}, "answer = 42"),
    ("markdown", {}, "```{prf:proof} of $a^2$\n:class: fold\nA quaint step.\n\n(inside)=\n### Inside\n\nDone.\n```"),
    ("markdown", {}, "```{prf:proof}\nA plain step.\n```\n\n```{prf:proof} in short\n:class: dropdown\nAt once.\n```"),
]
CONF = """
extensions = ["myst_nb", "sphinx_proof", "book_folds"]
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath"]
html_theme = "basic"
html_static_path = [{assets!r}]
html_css_files = ["palette.css", "base.css", "book.css"]
html_js_files = [("book.js", {{"defer": "defer"}})]
suppress_warnings = ["myst.header", "toc"]
"""


@pytest.fixture(scope="module")
def small_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address of a page with every kind of fold, and what Sphinx said while it was made."""
    source, target = tmp_path_factory.mktemp("folds"), tmp_path_factory.mktemp("site")
    cells = [
        {"cell_type": kind, "metadata": metadata, "source": text, "id": f"cell-{i}"}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for i, (kind, metadata, text) in enumerate(NOTEBOOK)
    ]
    notebook = {"cells": cells, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    (source / "index.ipynb").write_text(json.dumps(notebook))
    assets = str(ROOT / "book" / "_assets")
    (source / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(ROOT / 'book' / '_ext')!r})\n{CONF}".format(assets=assets)
    )
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(source), str(target)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    with serving(target) as address:
        yield f"{address}/index.html", done.stderr


def test_a_check_is_a_line_that_says_what(small_page, page: Page):
    """Its code is one key away; a check that does not say what it checks is a warning, and so ends the build."""
    address, said = small_page
    page.goto(address)
    check = page.locator("details.fold-check")
    expect(check).to_have_count(1)
    expect(check.locator("summary")).to_have_text("Checked: gather & scatter agree to 1e-12")
    expect(check.locator("pre")).to_be_hidden()
    check.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(check.locator("pre")).to_have_text("assert True")
    assert said.count("A cell tagged 'check' needs the tag 'hide-cell'") == 1


def test_a_proof_can_be_folded_and_titled(small_page, page: Page):
    """By either class; without one it stands open, and begins with its word."""
    page.goto(small_page[0])
    folded = page.locator("details.fold-proof")
    expect(folded).to_have_count(2)
    expect(folded.first.locator("summary")).to_have_text(re.compile(r"^Proof \(of .*a\^2.*\)$"))
    expect(folded.first.get_by_text("A quaint step.")).to_be_hidden()
    expect(folded.last.locator("summary")).to_have_text("Proof (in short)")
    expect(page.locator("div.proof")).to_have_text("Proof. A plain step.")


def test_folds_work_without_javascript(small_page, chromium: Browser):
    """They are the browser's own."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(small_page[0])
    page.locator("details.fold-proof summary").first.click()
    expect(page.get_by_text("A quaint step.")).to_be_visible()
    context.close()


def test_folds_open_for_a_link_and_for_paper(small_page, page: Page):
    """A link that leads into a fold opens it; printing opens all but the code of figures, and closes them again."""
    page.goto(small_page[0])
    page.get_by_role("link", name="into the proof").click()
    expect(page.get_by_text("A quaint step.")).to_be_visible()
    page.goto("about:blank")
    page.goto(f"{small_page[0]}#inside")
    expect(page.get_by_text("A quaint step.")).to_be_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.fold:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details.fold:not([open])").count() == 3


def test_asides_are_on_paper(reading):
    """What a chapter folds away for those who want it is printed, by the style sheet alone as well as by the script."""
    page = reading(CHAPTERS[3], media="print")
    aside = page.locator("details.sd-dropdown > .sd-summary-content")
    assert aside.first.bounding_box()["height"] > 60
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.sd-dropdown:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details.sd-dropdown[open]").count() == 0


# Search


def found(page: Page, query: str) -> list[tuple[str, str, str, str]]:
    """Page, anchor, kind and title of the places that the search page ranks first."""
    return page.evaluate(
        """(query) => bookSearch.find(bookIndex, query).slice(0, 8)
            .map((place) => [bookIndex.pages[place.page][0], place.id, place.kind, place.title])""",
        query,
    )


@pytest.fixture
def search(page: Page) -> Page:
    """The search page, from a file."""
    page.goto((SITE / "search.html").as_uri())
    page.wait_for_function("window.bookSearch && window.bookIndex")
    return page


# What students look for, and a place that answers: an anchor, or a part of a section's title.  By anchors where there
# are any, for titles change.
QUESTIONS = {
    "why flip": ("01_", "flip"),
    "support": ("01_", "prop-support"),
    "two boxes": ("01_", "boxes"),
    "trapezoid": ("01_", "ex-trapezoid"),
    "RC circuit": ("01_", "RC"),
    "Riemann sum": ("01_", "thm-midpoint"),
    "midpoint rule": ("01_", "thm-midpoint"),
    "order of error": ("01_", "wrong"),
    "causal": ("01_", "prop-support"),
    "dice": ("01_", "dice"),
    "skewness": ("glossary", "term-skewness"),
    "black box": ("02_", "Linear and shift-equivariant"),
    "tame": ("02_", "def-tame"),
    "associativity fails": ("02_", "prop-fail"),
    "derivative rule": ("02_", "thm-derivative"),
    "variance": ("02_", "variances"),
    "blur": ("02_", "ex-blur"),
    "time-invariant": ("01_", "time-invariant"),
    "LTI": ("02_", "thm-lti"),
    "Dirac": ("02_", "prop-no-identity"),
    "delta function": ("02_", "prop-no-identity"),
    "sifting": ("02_", "prop-no-identity"),
    "separable": ("05_", "Separable kernels"),
    "feature map": ("08_", "def-layer"),
    "fully connected": ("08_", "everything"),
    "weight sharing": ("08_", "everything"),
    "invariant": ("08_", "prop-invariant"),
    "learning rate": ("glossary", "term-learning-rate"),
    "LeNet": ("12_", ""),
    "AlexNet": ("13_", ""),
    "subsampling": ("glossary", "term-subsampling"),
    "transfer learning": ("glossary", "term-transfer-learning"),
    "local response normalization": ("glossary", "term-local-response-normalization"),
    "backpropagation": ("glossary", "term-backpropagation"),
    "softmax": ("glossary", "term-softmax"),
    "cross-entropy": ("glossary", "term-cross-entropy"),
    "momentum": ("glossary", "term-momentum"),
    "batch normalization": ("glossary", "term-batch-normalization"),
    "dropout": ("glossary", "term-dropout"),
    "overfitting": ("11_", "Few examples"),
    "output size": ("09_", "prop-size"),
    "transposed convolution": ("09_", "prop-transposed"),
    "checkerboard": ("09_", "prop-checkerboard"),
    "dilation": ("glossary", "term-dilation"),
    "receptive field": ("09_", "What it uses"),
    "valid": ("03_", "prop-lengths"),
    "even kernel": ("03_", "ends"),
    "long multiplication": ("03_", "multiplication"),
    "correlate": ("03_", "thm-transpose"),
    "circular": ("03_", "def-circular"),
    "padding": ("glossary", "term-padding"),
    "z-transform": ("03_", "prop-polynomials"),
    "deconvolution": ("03_", "ex-undo"),
    "cost": ("04_", "cost"),
    "crossover": ("04_", "cost"),
    "aliasing": ("04_", "prop-aliasing"),
    "Nyquist": ("04_", "prop-aliasing"),
    "overlap-add": ("04_", "Overlap"),
    "overlap add": ("04_", "Overlap"),
    "Parseval": ("04_", "prop-inversion"),
    "transfer function": ("04_", "wave"),
    "sidelobes": ("04_", "response"),
    "side lobe": ("04_", "response"),
    "impulse": ("glossary", "term-impulse"),
    "kernel": ("glossary", "term-kernel"),
    "VGG": ("14_", "VGG"),
    "initialization": ("glossary", "term-initialization"),
    "degradation": ("glossary", "term-degradation"),
    "skip connection": ("glossary", "term-shortcut"),
    "bottleneck": ("glossary", "term-bottleneck"),
    "vanishing gradient": ("glossary", "term-vanishing-gradient"),
    "Grad-CAM": ("16_", "ex-cam"),
    "adversarial": ("glossary", "term-adversarial-example"),
    "FLOPs": ("16_", "table"),
}


def test_search_finds_the_place(search: Page):
    """For every question, the place that answers is among the first four."""
    missed = {}
    for query, (chapter, place) in QUESTIONS.items():
        results = found(search, query)[:4]
        if not any(chapter in page and (place == anchor or place in title) for page, anchor, _, title in results):
            missed[query] = results
    assert missed == {}


def test_search_lists_the_package_last(search: Page):
    """No name of the package comes before a place in the text."""
    for query in ("valid", "correlate", "convolution", "padding", "cost", "variance"):
        kinds = [kind for _, _, kind, _ in found(search, query)]
        assert set(kinds[:3]) <= {"section", "statement", "term"}, query
        assert kinds == sorted(kinds, key="api".__eq__), query
    assert found(search, "overlap_add")[0][1] == "convlib.overlap_add"


def test_search_quotes_no_source(search: Page):
    """Neither LaTeX nor code is in what is searched and quoted."""
    texts = search.evaluate("bookIndex.places.map((place) => place[4])")
    assert len(texts) > 150
    for text in texts:
        assert not re.search(r"\\[a-zA-Z]|\$|plt\.|np\.allclose|subplots|aria-label", text), text


def test_search_says_when_there_is_nothing(search: Page):
    """And an empty question asks nothing."""
    search.get_by_label("Search this book").fill("xylophone")
    expect(search.get_by_role("status")).to_contain_text("Nothing found for “xylophone”")
    search.get_by_label("Search this book").fill("")
    expect(search.get_by_role("status")).to_be_empty()
    expect(search.locator("#search-results")).to_be_empty()


@pytest.mark.parametrize("place", ["http", "file"])
def test_search_opens_at_the_section(page: Page, site, place):
    """From any page by keyboard: the result leads to its section, the words are marked there, Escape unmarks them."""
    page.goto(f"{site}/book/notation.html" if place == "http" else (SITE / "book" / "notation.html").as_uri())
    page.keyboard.press("Control+k")
    page.keyboard.type("sidelobes")
    page.keyboard.press("Enter")
    result = page.locator("#search-results li a").first
    expect(page.locator("#search-results h2").first).to_contain_text("The convolution theorem")
    result.click()
    page.wait_for_url("**/04_convolution_theorem.html?q=sidelobes#*")
    page.evaluate(SETTLED)
    marks = "[...(CSS.highlights.get('book-search') ?? [])].map((range) => range.toString())"
    page.wait_for_function(f"{marks}.length > 0")
    assert set(page.evaluate(marks)) <= {"side lobes", "side lobe", "sidelobe", "sidelobes"}
    target = page.locator(f"[id='{page.url.partition('#')[2]}']")
    page.wait_for_function("node => Math.abs(node.getBoundingClientRect().top) < 200", arg=target.element_handle())
    page.keyboard.press("Escape")
    page.wait_for_function(f"{marks}.length === 0")
    assert "?q=" not in page.url


# Links shared elsewhere


def png_size(path: Path) -> tuple[int, int]:
    """Width and height of a PNG file."""
    return struct.unpack(">II", path.read_bytes()[16:24])


@pytest.mark.parametrize("name", ["book/index.html", "book/glossary.html", *CHAPTERS])
def test_a_shared_link(name):
    """A title said once, the name of the site, a sentence of the page, and a card; an address only if it is known."""
    page = (SITE / name).read_text(encoding="utf-8")
    tags = {}
    for element in re.findall(r"<meta [^>]*>", page):
        pairs = dict(re.findall(r'(property|name|content)="([^"]*)"', element))
        key = pairs.get("property") or pairs.get("name", "")
        if not re.match("og:|twitter:|description", key):
            continue
        assert key not in tags, f"{key} stands twice"
        tags[key] = unescape(pairs.get("content", ""))
    book = "Convolution, from the integral to ResNet"
    assert tags["og:site_name"] == book
    assert re.search("<title>(.*?)</title>", page)[1].count(book) == 1
    assert book not in tags["og:title"] or tags["og:title"] == book
    assert 40 < len(tags["og:description"]) <= 202
    assert tags["og:description"] == tags["description"]
    assert not re.search(r"[\\$]|,,|\.\.\.$", tags["og:description"])
    assert tags["twitter:card"] == "summary_large_image"
    assert tags.get("og:url", "https://").startswith("https://")
    path = SITE / "_static" / "cards" / tags["og:image"].rpartition("/")[2]
    assert png_size(path) == (1200, 630) == (int(tags["og:image:width"]), int(tags["og:image:height"]))
    if "og:url" not in tags:
        assert ((SITE / name).parent / tags["og:image"]).resolve() == path.resolve()


def test_every_page_has_a_card_of_its_own():
    """No two chapters share one."""
    cards = [re.search(r"cards/(\w+)\.png", (SITE / name).read_text(encoding="utf-8"))[1] for name in CHAPTERS]
    assert len(set(cards)) == len(CHAPTERS)


# Keyboard, forced colours, paper


def tab_through(page: Page, most: int) -> Iterator[tuple[str, bytes, bytes]]:
    """Name of each element that Tab reaches, and its surroundings with and without the focus."""
    seen = set()
    for _ in range(most):
        page.keyboard.press("Tab")
        active = page.evaluate_handle("document.activeElement").as_element()
        name = active.evaluate("node => node.outerHTML.slice(0, 90) + node.getBoundingClientRect().top")
        if name in seen or active.evaluate("node => node === document.body"):
            return
        seen.add(name)
        box = active.evaluate(
            """(node) => {
                const { x, y, width, height } = (node.closest(".bd-search") ?? node).getBoundingClientRect();
                return { x: Math.max(0, x - 6), y: Math.max(0, y - 6), width: width + 12, height: height + 12 };
            }"""
        )
        if box["width"] <= 12 or box["y"] >= page.viewport_size["height"]:
            continue
        focused = page.screenshot(clip=box, animations="disabled", caret="hide")
        active.evaluate("node => node.blur()")
        plain = page.screenshot(clip=box, animations="disabled", caret="hide")
        active.evaluate("node => node.focus({ focusVisible: true })")
        yield name, focused, plain


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["book/glossary.html", "search.html?q=variance"])
def test_focus_is_seen(page: Page, site, name, theme):
    """On every control that Tab reaches, the theme's own included."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.goto(f"{site}/{name}")
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    stops = list(tab_through(page, 26))
    assert len(stops) >= 15
    assert [stop for stop, focused, plain in stops if focused == plain] == []


def test_folds_show_their_focus(reading):
    """A fold's line too, in the dark."""
    page = reading(CHAPTER, color_scheme="dark")
    page.locator("details.fold > summary").first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    style = page.evaluate(
        "(({ outlineStyle, outlineWidth }) => [outlineStyle, outlineWidth])(getComputedStyle(document.activeElement))"
    )
    assert style == ["solid", "3px"]


LUMINANCE = """(node) => {
    const style = getComputedStyle(node);
    const [r, g, b] = (node === document.body ? style.backgroundColor : style.fill).match(/[\\d.]+/g).map((v) => {
        const part = v / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_in_forced_colours(reading, theme):
    """Their curves and letters stand out from the system's own ground."""
    page = reading(CHAPTER, color_scheme=theme, forced_colors="active")
    figure = page.locator(".cl-figure:not(.cl-mount *) svg").first
    ground = page.locator("body").evaluate(LUMINANCE)  # figures have none of their own
    letters = figure.locator("[id*='text_'] [style*='fill'], [id*='text_'][style*='fill']")
    assert letters.count() > 5
    for letter in letters.all()[:12]:
        light, dark = sorted((ground, letter.evaluate(LUMINANCE)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_paper_keeps_the_number_of_the_chapter(reading):
    """The heading with its number, and no title page or contents of the theme's before it."""
    page = reading(CHAPTER, media="print")
    expect(page.locator("article h1")).to_be_visible()
    expect(page.locator("article h1")).to_contain_text("1. ")
    expect(page.locator("#jb-print-docs-body")).to_be_hidden()
    expect(page.locator("details.fold-code summary").first).to_be_hidden()
    for solution in page.locator("details.fold-solution").all()[:2]:
        expect(solution.locator(".cell_input").first).to_be_visible()
        expect(solution.locator("summary span").first).to_be_hidden()


def test_no_page_of_paper_is_left_nearly_empty(reading):
    """No figure is taller than a third of a sheet, so that none can leave most of one empty."""
    page = reading(CHAPTER, 720, media="print")
    heights = page.locator("article .cl-figure svg").evaluate_all(
        "nodes => nodes.map((n) => n.getBoundingClientRect().height)"
    )
    assert max(heights) <= 8.6 / 2.54 * 96
