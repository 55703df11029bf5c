"""What the other tests stand on: bad contrast is found though few texts are asked about; a page handed on is as new."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.site import harness
from tests.site.conftest import DESKTOP, Desk

FINE = "".join(f"<p>Paragraph {i} is easy to read.</p>" for i in range(300))
PAGE = (
    "<!doctype html><html lang='en'><head><title>Texts</title><style>body {{ background: #fff; color: #111; }}</style>"
    "</head><body><main><h1>Texts</h1>{}</main></body></html>"
)


@pytest.mark.parametrize(
    "bad",
    [
        "<p style='color: #bbb'>Pale.</p>",
        "<div style='opacity: 0.2'><p>Seen through.</p></div>",
        "<div style='background: #333'><p>On dark ground.</p></div>",
        "<p>Among others <b style='color: #ccc'>one word</b>.</p>",
        "<style>.dark p { color: #999 }</style><div class='dark'><p>One.</p></div>",
    ],
)
def test_one_bad_text_among_many(page: Page, bad):
    """Wherever it stands, in whichever way it is hard to read."""
    for html in (bad + FINE, FINE + bad):
        page.set_content(PAGE.format(html))
        assert len(harness.serious_violations(page, "color-contrast")) >= 1, html[:80]


def test_fine_texts_and_other_rules(page: Page):
    """Nothing is made up; a page without text is no error; other rules are asked of the whole page."""
    page.set_content(PAGE.format(FINE))
    assert harness.serious_violations(page) == []
    page.set_content(PAGE.format(FINE + "<img src='data:,'>"))
    assert [found.partition(":")[0] for found in harness.serious_violations(page)] == ["image-alt"]
    assert harness.serious_violations(page, "color-contrast") == []
    page.set_content("<!doctype html><html lang='en'><head><title>Empty</title></head><body></body></html>")
    assert harness.serious_violations(page, "color-contrast") == []


def test_a_page_is_handed_on_as_if_new(chromium: Browser):
    """Nothing that one test does to the desk's page is left for the next."""
    desk = Desk(chromium, **DESKTOP)
    first = desk.clear()
    first.set_viewport_size({"width": 390, "height": 844})
    first.emulate_media(media="print", color_scheme="dark", reduced_motion="reduce", forced_colors="active")
    first.context.grant_permissions(["clipboard-read"])
    first.mouse.down()
    first.evaluate("console.error('of the test before')")
    desk.put_away(spoilt=False)
    second = desk.clear()
    assert second is first
    assert second.url == "about:blank"
    assert second.evaluate("[innerWidth, innerHeight]") == [1280, 900]
    asked = "print", "prefers-color-scheme: dark", "prefers-reduced-motion: reduce", "forced-colors: active"
    assert not any(second.evaluate(f"matchMedia('({name})').matches || matchMedia('{name}').matches") for name in asked)
    second.set_content("<button style='position: fixed; inset: 0' onpointermove='held = event.buttons'></button>")
    second.mouse.move(40, 40)
    assert second.evaluate("held") == 0
    desk.watch.assert_clean()
    desk.close()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda page: page.add_init_script("window.left = true"),
        lambda page: page.clock.install(time=0),
        lambda page: page.route("**/*", lambda route: route.abort()),
        lambda page: page.context.new_cdp_session(page),
    ],
)
def test_a_page_that_cannot_be_made_new_is_not_handed_on(chromium: Browser, spoil):
    """Scripts, clocks, routes and tools that stay with a page go with it; so does a page whose test has failed."""
    desk = Desk(chromium, **DESKTOP)
    first = desk.clear()
    spoil(first)
    desk.put_away(spoilt=False)
    second = desk.clear()
    assert second is not first
    assert first.is_closed()
    desk.put_away(spoilt=True)
    assert second.is_closed()
    desk.close()
