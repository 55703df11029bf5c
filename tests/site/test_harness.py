"""What the other tests stand on: that bad contrast is found though axe-core is asked about few texts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.site import harness

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
