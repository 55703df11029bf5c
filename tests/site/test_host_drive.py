"""What the page does with sentences that move figures, and with addresses that keep a figure's state."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.site import harness
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
    output = place.locator(".said")
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


# ---------------------------------------------------------------------------------------- addresses that keep a state


def at_address(page: Page, fragment: str) -> None:
    """Open the page that is open, with this fragment, as from a message."""
    address = page.url.split("#")[0]
    page.goto("about:blank")
    page.goto(f"{address}#{fragment}")
    page.wait_for_selector(".cl-mount.mounted")


def test_an_address_restores_a_state(mounted, page):
    """It sets what it names, in the second widget too; Reset goes back to the author's state, not to the link's."""
    mounted(Probe(n=7), Probe(n=8))
    at_address(page, "Probe-2?n=2.5&f=burst&data=AACAPwAAAL8")
    expect(said(page, 1)).to_have_text("2.5 burst 1")
    expect(said(page, 0)).to_have_text("7 box 0.5")
    page.get_by_role("button", name="Reset").nth(0).click()
    expect(said(page, 1)).to_have_text("8 box 0.5")


def test_an_address_that_changes(mounted, page):
    """Pasted into the page that is open, it acts too; traits that it does not name are the author's."""
    mounted(Probe(n=7), prose=link("go", "?f=burst"))
    page.get_by_role("button", name="go").click()
    page.evaluate("location.hash = 'Probe-1?n=2'")
    expect(said(page)).to_have_text("2 box 0.5")


GARBAGE = [
    "n=NaN",
    "n=",
    "n=1e999",
    "n=-1",
    "n=[1]",
    "f=sawtooth",
    "f=__proto__",
    "__proto__=1",
    "constructor=1",
    "data=AAAA",
    "data=%00%ff",
    "data=AADAfwAAwH8",
    "some=[[1]]",
    'some=["<img src=x onerror=alert(1)>"]',
    "loud=maybe",
    "nothing=1",
    "n=%zz",
    "%E0%A4%A",
    "<script>=1",
]


def test_impossible_values_are_ignored(mounted, page):
    """What the widget cannot be is left out with a word; the rest holds, and the console stays silent."""
    mounted(Probe(n=7))
    at_address(page, f"Probe-1?{GARBAGE[0]}&f=burst")
    expect(said(page)).to_have_text("7 burst 0.5")
    for garbage in GARBAGE:
        rest, text = ("n=5", "5 box 0.5") if garbage.startswith("f=") else ("f=burst", "7 burst 0.5")
        page.evaluate("hash => { location.hash = hash; }", "Probe-1?n=2")
        expect(said(page)).to_have_text("2 box 0.5")
        expect(page.locator(".cl-note")).to_have_count(0)
        page.evaluate("hash => { location.hash = hash; }", f"Probe-1?{garbage}&{rest}")
        expect(said(page)).to_have_text(text)
        expect(page.locator(".cl-note")).to_contain_text("Part of the link could not be read")


def test_a_state_that_cannot_be_drawn(mounted, page):
    """A widget that throws goes back to the author's state and says so."""
    mounted(Probe(n=7))
    at_address(page, "Probe-1?n=2&f=broken")
    expect(page.locator(".cl-note")).to_have_text("The widget cannot show what the link asks for.")
    expect(said(page)).to_have_text("7 box 0.5")


def test_copying_an_address(mounted, page, context):
    """Only what differs is in it, and only then there is a button; the address brings the state back."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    place = mounted(Probe(n=7))
    copy = place.locator(".copy")
    expect(copy).to_be_hidden()
    harness.set_trait(place, "n", 1.5)
    harness.set_trait(place, "data", [1, -0.5])
    copy.click()
    expect(copy).to_have_text("Copied")
    address = page.evaluate("navigator.clipboard.readText()")
    assert address == f"{page.url}#Probe-1?data=AACAPwAAAL8&n=1.5"
    page.goto("about:blank")
    page.goto(address)
    expect(said(page)).to_have_text("1.5 box 1")
    page.get_by_role("button", name="Reset").click()
    expect(place.locator(".copy")).to_be_hidden()


def test_copying_without_a_clipboard(mounted, page):
    """The address is shown, selected, to be copied by hand; it goes when the reader goes on."""
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('denied'))")
    place = mounted(Probe(n=7))
    harness.set_trait(place, "n", 1)
    place.locator(".copy").click()
    field = page.get_by_label("Address of this state")
    expect(field).to_be_focused()
    assert page.evaluate("getSelection().toString()") == f"{page.url}#Probe-1?n=1"
    page.keyboard.press("Tab")
    expect(field).to_have_count(0)
    expect(place.locator(".copy")).to_be_visible()
