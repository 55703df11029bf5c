"""What the book does as a whole: search, glossary, print, no JavaScript, dark mode, the chapter's own parts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site.conftest import SITE, Watch, visit
from tests.site.harness import choose, live
from tests.site.test_pages import CHAPTER, CHAPTERS, walk


def test_search(page: Page, watch: Watch, site):
    """The search page finds a word of the chapter, offline."""
    page.goto(f"{site}/search.html?q=capacitor")
    expect(page.locator("#search-results")).to_contain_text("The convolution integral", timeout=15_000)
    watch.assert_clean()


def test_search_from_a_file(page: Page):
    """Also from the file system."""
    page.goto((SITE / "search.html").as_uri() + "?q=capacitor")
    expect(page.locator("#search-results")).to_contain_text("The convolution integral", timeout=15_000)


def test_glossary_tips(page: Page, site):
    """A term explains itself on hover and on keyboard focus, and Escape closes the tip."""
    visit(page, f"{site}/{CHAPTER}")
    term = page.locator("a.term-reference", has_text="densities")
    tip = page.get_by_role("tooltip")
    term.hover()
    expect(tip).to_contain_text("whose area over an interval is the probability")
    page.mouse.move(2, 2)
    expect(tip).to_be_hidden()
    term.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(tip).to_be_visible()
    box = tip.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_front_page_has_a_live_widget_on_the_first_screen(page: Page, site):
    """Before any scrolling, the explorer is there and answers."""
    page.goto(f"{site}/book/index.html")
    play = page.locator(".cl-explorer .play")
    live(page, "ConvolutionExplorer-1")
    expect(play).to_be_visible()
    assert page.locator(".cl-explorer .stage").bounding_box()["y"] < 600
    slider = page.locator(".cl-explorer input[type=range]")
    slider.focus()
    before = page.locator(".cl-explorer .readout").inner_text()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".cl-explorer .readout")).not_to_have_text(before)


def test_widgets_of_the_chapter(page: Page, watch: Watch, site):
    """The explorer and the quiz of the built chapter answer to mouse and keyboard."""
    visit(page, f"{site}/{CHAPTER}")
    live(page, "ConvolutionExplorer-1")
    choose(page.locator(".thumbnails.g input").first)
    page.locator(".cl-explorer .play").first.click()
    expect(page.locator(".cl-explorer .play").first).to_have_text("❚❚ Pause")
    second = live(page, "ConvolutionExplorer-4").locator(".cl-explorer")
    expect(second.locator(".note")).to_contain_text("Here the flip matters:")
    choose(second.locator(".thumbnails.g input").nth(3))
    expect(second.locator(".note")).to_contain_text("Here the flip makes no difference:")
    quiz = live(page, "Quiz-1")
    quiz.locator(".cl-quiz input").first.focus()
    page.keyboard.press("Space")
    expect(quiz.locator(".answer:visible")).to_contain_text("Not quite.")
    watch.assert_clean()


def test_dice_of_chapter_2(page: Page, watch: Watch, site):
    """The dice can be added and loaded in the built page."""
    visit(page, f"{site}/{CHAPTERS[1]}")
    widget = live(page, "RepeatedConvolution-1")
    expect(widget.locator(".count")).to_have_text("2")
    widget.get_by_role("button", name="one die more").click()
    expect(widget.locator(".count")).to_have_text("3")
    widget.get_by_role("combobox").select_option(label="even faces only")
    expect(widget.locator(".notice")).to_contain_text("every 2nd number")
    watch.assert_clean()


def test_sequences_of_chapter_3(page: Page, watch: Watch, site):
    """The window slides by keyboard, and the sum in words follows."""
    visit(page, f"{site}/{CHAPTERS[2]}")
    widget = live(page, "DiscreteConvolution-1")
    expect(widget.locator(".sum")).to_contain_text("= 2·3 + 1·0 + (−1)·2 = 4")
    widget.locator("input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    expect(widget.locator(".sum")).to_contain_text("= w[0]·x[4] + w[1]·x[3] + w[2]·x[2]")
    widget.get_by_label("circular").check()
    expect(widget).to_contain_text("around the ring")
    widget.get_by_label("all n at once").check()
    expect(widget).to_contain_text("A is 6 × 6")
    watch.assert_clean()


def test_frequencies_of_chapter_4(page: Page, watch: Watch, site):
    """The cutoff moves by keyboard, and the shares follow."""
    visit(page, f"{site}/{CHAPTERS[3]}")
    widget = live(page, "FrequencyFilter-1")
    expect(widget).to_contain_text("12 cycles per picture")
    before = widget.locator(".stats").inner_text()
    widget.locator("input[type=range]").first.focus()
    page.keyboard.press("ArrowRight")
    expect(widget).to_contain_text("12.5 cycles per picture")
    expect(widget.locator(".stats")).not_to_have_text(before)
    watch.assert_clean()


@pytest.mark.parametrize(("chapter", "count"), [(CHAPTERS[0], 2), (CHAPTERS[3], 4)])
def test_sounds_play(reading, chapter, count):
    """All sounds are in the page, have a name and a length."""
    page = reading(chapter)
    sounds = page.locator("audio")
    expect(sounds).to_have_count(count)
    for i in range(count):
        page.wait_for_function(f"document.querySelectorAll('audio')[{i}].duration > 1")
        assert sounds.nth(i).get_attribute("aria-label")


def test_without_javascript(chromium: Browser, site):
    """The still picture and its caption stand where the widget would, and the quiz is a list with its answers."""
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{site}/{CHAPTER}")
    still = page.locator(".cl-still").first
    expect(still.locator("svg")).to_be_visible()
    expect(still.locator("figcaption")).to_contain_text("one point of f ∗ g")
    expect(page.locator(".cl-quiz-still").first).to_contain_text("Answers: 1")
    context.close()


def test_print(page: Page, site, tmp_path):
    """On paper: still pictures, dark colours on white, no navigation; also when the reader's theme is dark."""
    page.emulate_media(color_scheme="dark")
    page.goto(f"{site}/{CHAPTER}")
    walk(page)
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator(".cl-live").first).to_be_hidden()
    expect(page.locator(".cl-still svg").first).to_be_visible()
    for part in (".bd-sidebar-primary", ".bd-header-article", ".prev-next-footer"):
        expect(page.locator(part).first).to_be_hidden()
    color = page.locator("article p").first.evaluate("node => getComputedStyle(node).color")
    assert max(map(int, re.findall(r"\d+", color)[:3])) < 110, color
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert min(map(int, re.findall(r"\d+", ground)[:3])) > 240 or ground.endswith(", 0)"), ground
    pdf = page.pdf(path=str(tmp_path / "chapter.pdf"), format="A4")
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 8 <= pages <= 40


def test_theme_switch_reaches_figures_and_widgets(page: Page, site):
    """The same curve changes colour with the theme, in a figure and in a widget."""
    page.goto(f"{site}/{CHAPTER}")
    walk(page)
    probe = """selector => getComputedStyle(document.querySelector(selector)).stroke"""
    figure, widget = ".cl-figure:not(.cl-still *) svg path[style*='--cl-input']", ".cl-explorer .stage .curve.f"
    seen = []
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        seen.append((page.evaluate(probe, figure), page.evaluate(probe, widget)))
        assert seen[-1][0] == seen[-1][1]
    assert seen[0] != seen[1]


def test_solutions_are_folded(reading):
    """Six exercises, each with its solution out of sight until asked for; opened by keyboard it says that it passes."""
    page = reading(CHAPTER)
    folded = page.locator("details", has_text="Show the solution")
    expect(folded).to_have_count(6)
    expect(folded.first.locator(".cl-verdict")).to_be_hidden()
    folded.first.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(folded.first.locator(".cl-verdict")).to_contain_text("✓ Right.")


def test_code_links_to_the_reference(reading):
    """Names from convlib in the chapter's code lead to the package's page."""
    page = reading(CHAPTER)
    links = page.locator("a.sphinx-codeautolink-a[href$='reference/maths.html#convlib.signals.sample']")
    assert links.count() >= 3


def test_opengraph(reading):
    """A shared link shows the chapter's title and a description."""
    page = reading(CHAPTER)
    title = page.locator("meta[property='og:title']").get_attribute("content")
    assert "convolution integral" in title
    assert len(page.locator("meta[property='og:description']").get_attribute("content")) > 40


def test_mathematics_is_set(reading):
    """No formula is left as TeX, and none has an error."""
    page = reading(CHAPTER)
    assert page.evaluate("window.MathJax?.startup?.document?.math?.list?.data !== undefined")
    text = page.locator("article").inner_text()
    assert "\\tau" not in text
    assert "\\dd" not in text
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0
