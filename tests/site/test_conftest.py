"""The browser tests' own ground: a profile that goes from test to test brings nothing along."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.site.conftest import PHONE, SITE, Lend

CLIPBOARD = "navigator.permissions.query({ name: 'clipboard-read' }).then(({ state }) => state)"


def test_a_profile_goes_on(profile: Lend):
    """The next one to ask has the same; who asks for another kind, or at the same time, has another."""
    with profile() as first:
        first.new_page()
        with profile() as other, profile(**PHONE) as phone:
            assert len({first, other, phone}) == 3
    with profile() as again:
        assert again is first
        assert again.pages == []


def test_nothing_is_allowed_in_it(profile: Lend, site):
    """What a test was allowed goes with it, and its cookies; a page that was only read changes nothing."""
    with profile() as context:
        page = context.new_page()
        page.emulate_media(color_scheme="light")
        page.goto(f"{site}/book/notation.html")
        context.grant_permissions(["clipboard-read"])
        assert page.evaluate(CLIPBOARD) == "granted"
        context.add_cookies([{"name": "left", "value": "here", "url": site}])
    with profile() as again:
        assert again is context
        assert again.cookies() == []
        page = again.new_page()
        page.goto(f"{site}/book/notation.html")
        assert page.evaluate(CLIPBOARD) != "granted"


def note(page: Page) -> None:
    """Store something for the next page."""
    page.goto((SITE / "book" / "notation.html").as_uri())
    page.evaluate("localStorage.setItem('left', 'here')")


def darken(page: Page) -> None:
    """Read a page in the dark, which it notes."""
    page.emulate_media(color_scheme="dark")
    page.goto((SITE / "book" / "notation.html").as_uri())
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def set_clock(page: Page) -> None:
    """Install a clock, which stays for every page to come."""
    page.clock.install(time=0)


@pytest.mark.parametrize("spoil", [note, darken, set_clock, Page.close])
def test_a_spoilt_profile_is_thrown_away(chromium: Browser, profile: Lend, spoil):
    """One in which a page has stored something, one whose clock is a test's, and one with nobody left to say so."""
    with profile(locale="de-DE") as context:
        spoil(context.new_page())
    assert context not in chromium.contexts
    with profile(locale="de-DE") as again:
        assert again is not context
        assert again.new_page().evaluate("Date.now()") > 1e12
