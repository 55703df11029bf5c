"""What the page does with sentences that move figures, and with addresses that keep a figure's state."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.site.harness import book_links
from tests.site.test_links import Probe, probe  # noqa: F401  (the widget's module is made by that fixture)


def link(words: str, query: str = "") -> str:
    """A link as the build writes it, in a sentence of its own."""
    drive = book_links.read(f"widget:Probe{query}", ["Probe"])
    return f"<p>Please {book_links.start_tag(**drive)}{words}</a> now.</p>"


def said(page: Page, which: int = 0) -> Locator:
    """What the probe draws."""
    return page.locator(".cl-probe > p:not(.quiet)").nth(which)


def test_a_click_sets_traits_and_gives_orders(mounted, page):
    """Traits that are not named stay; what changed is read aloud, and the widget is marked for a moment."""
    place = mounted(Probe(n=7), prose=link("go", "?f=burst&data=1,0&play=1..2&flip"))
    page.get_by_role("button", name="go").click()
    expect(said(page)).to_have_text("7 burst 1")
    expect(page.locator(".cl-mount.driven")).to_have_count(1)
    output = place.locator("output")
    expect(output).to_have_attribute("data-played", "1 to 2")
    expect(output).to_have_attribute("data-flipped", "yes")
    expect(place.locator("[aria-live]")).to_have_text("now 7")
    expect(page.locator(".cl-mount.driven")).to_have_count(0)
    assert page.evaluate("scrollY") == 0
    assert not page.url.endswith("#Probe-1")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_by_keyboard(mounted, page, key):
    """Enter and the space bar act, and the focus stays on the words."""
    mounted(Probe(), prose=link("go", "?n=5"))
    words = page.get_by_role("button", name="go")
    words.focus()
    page.keyboard.press(key)
    expect(said(page)).to_have_text("5 box 0.5")
    expect(words).to_be_focused()


def test_reset_comes_first(mounted, page):
    """Then what the link sets holds."""
    mounted(Probe(n=7), prose=link("move", "?n=1&f=burst") + link("again", "?n=2&reset"))
    page.get_by_role("button", name="move").click()
    expect(said(page)).to_have_text("1 burst 0.5")
    page.get_by_role("button", name="again").click()
    expect(said(page)).to_have_text("2 box 0.5")
