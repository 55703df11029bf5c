"""What the page does with sentences that move figures, and with addresses that keep a figure's state."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from convlib import widgets
from tests.site import harness
from tests.site.conftest import serving
from tests.site.harness import Fingers, book_links, middle
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
    ringed = page.locator(".cl-mount.driven .cl-widget")
    assert ringed.evaluate("node => getComputedStyle(node).animationName") == "cl-driven"
    output = place.locator(".said")
    expect(output).to_have_attribute("data-played", "1 to 2")
    expect(output).to_have_attribute("data-flipped", "yes")
    expect(place.locator("[aria-live]")).to_have_text("now 7")
    expect(page.locator(".cl-mount.driven")).to_have_count(0)
    assert page.evaluate("scrollY") == 0
    assert not page.url.endswith("#Probe-1")


def test_what_plays_is_stopped(mounted, page):
    """By a link that sets or asks something; one that only lights a part leaves it playing."""
    queries = {"run": "?play=0..12", "seven": "?turns=7", "here": "?light=spectrum"}
    drives = {
        words: book_links.read(f"widget:FourierWinding{query}", ["FourierWinding"]) for words, query in queries.items()
    }
    prose = "".join(f"<p>{book_links.start_tag(**drive)}{words}</a></p>" for words, drive in drives.items())
    place = mounted(widgets.FourierWinding(), prose=prose)
    play = place.locator(".play")
    page.get_by_role("button", name="run").click()
    expect(play).to_have_text("❚❚ Pause")
    page.get_by_role("button", name="here").click()
    harness.settled(page)
    expect(play).to_have_text("❚❚ Pause")
    page.get_by_role("button", name="seven").click()
    expect(play).to_have_text("▶ Play")
    harness.settled(page)
    assert harness.trait(place, "turns") == 7


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
    assert address == f"{page.url}#Probe-1?n=1.5&data=AACAPwAAAL8"
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


# ------------------------------------------------------------------------------------------------------ lights, places


def lit(page: Page) -> list[str]:
    """Texts of the parts that stand out."""
    return page.locator(".lighting [data-part].lit").all_text_contents()


def touch(page: Page, x: float, y: float, *, drag: float = 0) -> None:
    """A finger that taps, or drags up by so many pixels."""
    Fingers(page).stroke((x, y), *[(x, y - drag * step / 5) for step in range(1, 6 if drag else 0)])


def test_light_follows_the_mouse_and_the_focus(mounted, page):
    """While the words are looked at; a click keeps it, until Escape, another click or one elsewhere."""
    mounted(Probe(), prose=link("one", "?light=left") + link("two", "?light=right"))
    one, two = page.get_by_role("button", name="one"), page.get_by_role("button", name="two")
    one.hover()
    assert lit(page) == ["left"]
    page.mouse.move(5, 5)
    assert lit(page) == []
    page.keyboard.press("Tab")
    expect(one).to_be_focused()
    assert lit(page) == ["left"]
    page.keyboard.press("Tab")
    assert lit(page) == ["right"]
    page.keyboard.press("Enter")
    expect(two).to_have_attribute("aria-pressed", "true")
    one.hover()
    assert lit(page) == ["left"], "what is looked at goes before what is kept"
    page.mouse.move(5, 5)
    assert lit(page) == ["right"]
    page.keyboard.press("Escape")
    page.get_by_role("heading").click()
    assert lit(page) == []
    expect(two).to_have_attribute("aria-pressed", "false")


@pytest.fixture
def phone(chromium, tmp_path):
    """A page with fingers."""
    context = chromium.new_context(viewport={"width": 390, "height": 664}, has_touch=True, is_mobile=True)
    yield context.new_page()
    context.close()


def test_on_a_phone(phone, tmp_path):
    """A tap lights and keeps, a scroll does not let go, a tap elsewhere does; another sets; both are wide enough."""
    harness.write_page(tmp_path, Probe(), prose=link("one", "?light=left") + "<p>Between.</p>" + link("go", "?n=5"))
    with serving(tmp_path) as address:
        phone.goto(f"{address}/index.html")
        phone.wait_for_selector(".cl-mount.mounted")
        phone.evaluate("document.querySelector('main').style.minHeight = '3000px'")
        one, go = phone.get_by_role("button", name="one"), phone.get_by_role("button", name="go")
        touch(phone, *middle(one))
        expect(phone.locator(".lighting .lit")).to_have_text("left")
        rest = "new Promise((done) => addEventListener('scrollend', done, { once: true }))"
        phone.evaluate(f"() => {{ window.rest = {rest}; }}")
        touch(phone, 200, 500, drag=100)
        phone.evaluate("() => window.rest")  # a tap on a page that still rolls only stops it
        assert phone.evaluate("scrollY") > 20
        assert lit(phone) == ["left"]
        phone.evaluate("scrollTo(0, 0)")
        touch(phone, *middle(phone.get_by_role("heading")))
        expect(phone.locator(".lit")).to_have_count(0)
        touch(phone, *middle(go))
        expect(said(phone)).to_have_text("5 box 0.5")
        assert go.bounding_box()["height"] >= 24


def test_the_nearest_of_its_class_is_driven(mounted, page):
    """Nearest on the page, as it is laid out now."""
    mounted(Probe(n=1), Probe(n=2), prose=link("go", "?n=5"))
    words = page.get_by_role("button", name="go")
    words.click()
    expect(said(page, 0)).to_have_text("5 box 0.5")
    expect(said(page, 1)).to_have_text("2 box 0.5")
    words.evaluate("node => document.querySelector('main').append(node)")
    words.click()
    expect(said(page, 1)).to_have_text("5 box 0.5")


def test_far_away(page: Page, watch, tmp_path):
    """What is not on screen is mounted and scrolled to; what is on screen does not move."""
    prose = link("down", "?n=5") + '<div style="height: 3000px"></div>' + link("near", "?n=6")
    harness.write_page(tmp_path, Probe(), prose=prose)
    with serving(tmp_path) as address:
        page.goto(f"{address}/index.html")
        expect(page.locator(".cl-mount.mounted")).to_have_count(0)
        page.get_by_role("button", name="down").click()
        expect(said(page)).to_have_text("5 box 0.5")
        expect(page.locator(".cl-mount")).to_be_in_viewport(ratio=0.7)
        at = page.evaluate(
            "() => new Promise(done => { let last = -1; const look = () => { if (scrollY === last) done(last); "
            "else { last = scrollY; setTimeout(look, 150); } }; look(); })"
        )
        page.get_by_role("button", name="near").click()
        expect(said(page)).to_have_text("6 box 0.5")
        assert page.evaluate("scrollY") == at
    watch.assert_clean()


def gap(height: int) -> str:
    """So much air, in pixels."""
    return f'<div style="height: {height}px"></div>'


def test_back_leads_to_the_sentence(page: Page, watch, tmp_path):
    """The browser's own Back, if the link has left the screen; a link that stayed adds nothing to the way back."""
    page.emulate_media(reduced_motion="reduce")
    prose = gap(400) + link("down", "?n=5") + gap(3000) + link("near", "?n=6")
    harness.write_page(tmp_path, Probe(), prose=prose)
    with serving(tmp_path) as address:
        page.goto(f"{address}/index.html")
        page.evaluate("scrollTo(0, 200)")
        length = page.evaluate("history.length")
        page.get_by_role("button", name="down").evaluate("node => node.click()")
        expect(said(page)).to_have_text("5 box 0.5")
        expect(page.get_by_role("button", name="down")).not_to_be_in_viewport()
        page.get_by_role("button", name="near").evaluate("node => node.click()")
        expect(said(page)).to_have_text("6 box 0.5")
        assert page.evaluate("history.length") == length + 1
        page.go_back()
        page.wait_for_function("scrollY === 200")
        expect(said(page)).to_have_text("6 box 0.5")
    watch.assert_clean()


HEADER = '<div class="bd-header-article" style="position: sticky; top: 0; height: 60px; z-index: 9">Header</div>'


@pytest.mark.parametrize("size", [(1280, 900), (390, 664)], ids=str)
@pytest.mark.parametrize("tall", [300, 800], ids=str)
@pytest.mark.parametrize("share", [0.05, 1.5], ids=["strip", "all"])
def test_the_whole_widget_comes_on_screen(page, watch, tmp_path, size, tall, share):
    """With its link if both fit, by the least way; else link or picture go right under the header.

    The link does, if there is room under it for as much of the picture as shows what has changed, 460 pixels.

    ``share`` of its height is below the screen's edge at first, also if that is only a strip.
    """
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(reduced_motion="reduce")
    prose = HEADER + gap(500) + link("go", "?n=5")
    path = harness.write_page(tmp_path, Probe(), prose=prose)
    text = path.read_text().replace("</main>", f"{gap(3000)}</main>")
    path.write_text(text.replace("</style>", f".cl-widget {{ min-height: {tall}px; }} h1 {{ margin: 0; }}</style>", 1))
    with serving(tmp_path) as address:
        page.goto(f"{address}/index.html")
        page.locator(".cl-mount").scroll_into_view_if_needed()
        page.wait_for_selector(".cl-mount.mounted")
        words, box = page.get_by_role("button", name="go"), page.locator(".cl-mount")
        page.evaluate(
            """share => { const { top, height } = document.querySelector(".cl-mount").getBoundingClientRect();
            const link = document.querySelector(".cl-drive").getBoundingClientRect().top - 90;
            scrollTo(0, scrollY + Math.min(link, top + (1 - share) * height - innerHeight)); }""",
            share,
        )
        before = page.evaluate("scrollY")
        words.evaluate("node => node.click()")
        expect(said(page)).to_have_text("5 box 0.5")
        harness.settled(page)
        place, sentence = box.bounding_box(), words.bounding_box()
        low = place["y"] + place["height"]
        picture = page.locator(".cl-widget > p:not(.quiet)").bounding_box()["y"]
        if low - sentence["y"] <= size[1] - 76:
            assert sentence["y"] >= 68
            assert low == pytest.approx(size[1] - 8, abs=1)
        elif min(low, picture + 460) - sentence["y"] <= size[1] - 76:
            assert sentence["y"] == pytest.approx(68, abs=1)
        else:
            assert picture == pytest.approx(68, abs=1)
        assert page.evaluate("scrollY") > before
        at = page.evaluate("scrollY")
        words.evaluate("node => node.click()")
        harness.settled(page)
        assert page.evaluate("scrollY") == pytest.approx(at, abs=1)
    watch.assert_clean()


def test_links_are_accessible(mounted, page):
    """axe finds nothing in either theme; they are told from other links without colour."""
    prose = link("one", "?light=left") + link("go", "?n=5") + f'<p id="{book_links.HINT}" hidden>changes the figure</p>'
    for theme in ("light", "dark"):
        mounted(Probe(), prose=prose, theme=theme)
        assert harness.serious_violations(page) == []
    words = page.get_by_role("button", name="go")
    expect(words).to_have_accessible_description("changes the figure")
    assert "dotted" in words.evaluate("node => getComputedStyle(node).textDecoration")
    assert "▸" in words.evaluate("node => getComputedStyle(node, '::before').content")


def test_less_motion(mounted, page):
    """No ring moves, and the page jumps instead of gliding."""
    page.emulate_media(reduced_motion="reduce")
    mounted(Probe(), prose=link("go", "?n=5"))
    page.get_by_role("button", name="go").click()
    driven = page.locator(".cl-mount.driven")
    expect(driven).to_have_count(1)
    assert driven.locator(".cl-widget").evaluate("node => getComputedStyle(node).animationName") == "none"


# ------------------------------------------------------------------------------------------------------ room and paper


class Roomy(Probe):
    """A probe that says how much room it takes; taller than its still picture."""

    def room(self):
        return (140, 130, 120)

    def fallback(self):
        return {"text/html": f"<!-- room {' '.join(map(str, self.room()))} -->" + super().fallback()["text/html"]}


REAL = [getattr(widgets, name) for name in widgets.__all__ if name not in ("Widget", "Quiz", "Answer", "Probe")]


@pytest.mark.parametrize("cls", [Roomy, *REAL], ids=lambda cls: cls.__name__)
def test_room_is_kept(page, watch, tmp_path, cls):
    """Nothing on the page moves when the widget arrives, at each width: it is held up until all has been seen."""
    narrow, middle, wide = cls().room()
    Roomy._esm = Probe._esm.replace("view.show(", 'said.style.height = "5.5rem"; view.show(')
    Roomy._css = Probe._css
    harness.write_page(tmp_path, cls())
    index = tmp_path / "index.html"
    index.write_text(index.read_text().replace("</main>", "<p>What comes after.</p></main>"))
    page.add_init_script(harness.SHIFTS)
    held = []
    page.route("**/widgets/*.js", lambda route: held.append(route))
    with serving(tmp_path) as address:
        for width, room in ((390, narrow), (690, middle), (768, wide), (1280, wide)):
            page.set_viewport_size({"width": width, "height": 1400})
            with page.expect_request("**/widgets/*.js"):
                page.goto(f"{address}/index.html", wait_until="commit")
            harness.settled(page)
            assert page.locator(".cl-still").bounding_box()["height"] >= room
            held.pop().continue_()
            page.wait_for_selector(".cl-mount.mounted")
            assert harness.shift(page) < 0.1, width
    watch.assert_clean()


def test_paper_shows_what_the_reader_has_made(mounted, page):
    """The live widget without its controls where it was changed, else the still picture."""
    place = mounted(Probe(n=7))
    page.emulate_media(media="print")
    expect(page.locator(".cl-still")).to_be_visible()
    expect(place).to_be_hidden()
    page.emulate_media(media="screen")
    harness.set_trait(place, "n", 2)
    page.emulate_media(media="print")
    expect(said(page)).to_be_visible()
    expect(said(page)).to_have_text("2 box 0.5")
    expect(page.locator(".cl-still")).to_be_hidden()
    expect(page.locator(".cl-live button:visible")).to_have_count(0)
    page.emulate_media(media="screen")
    place.evaluate("node => node.model.receive({ do: 'light', part: 'left' })")
    expect(place.locator("[data-part=right]")).to_have_css("opacity", "0.22")
    page.emulate_media(media="print")
    expect(place.locator("[data-part=right]")).to_have_css("opacity", "1")


# ------------------------------------------------------------------------------------------------------ before formulas

MATHJAX = """
window.order = [];
window.MathJax = { startup: { defaultPageReady: () => order.push("formulas") } };
addEventListener("mounted", () => order.push("widget"));
"""


@pytest.mark.parametrize(
    ("arrives", "order"),
    [("at last", ["widget", "formulas"]), ("never", ["formulas"]), ("broken", ["formulas"])],
)
def test_formulas_wait_for_the_first_widget(page: Page, tmp_path, arrives, order):
    """MathJax begins when the widgets near the screen live; what fails or hangs holds it up no longer."""
    harness.write_page(tmp_path, Probe())
    held = []
    page.clock.install()
    page.add_init_script(MATHJAX)
    page.route("**/widgets/*.js", lambda route: held.append(route))
    with serving(tmp_path) as address:
        with page.expect_request("**/widgets/*.js"):
            page.goto(f"{address}/index.html", wait_until="commit")
        page.evaluate("window.ready = MathJax.startup.pageReady(), 0")
        assert page.evaluate("order") == []
        if arrives == "at last":
            held[0].continue_()
        elif arrives == "broken":
            held[0].abort()
        else:
            page.clock.fast_forward(20_000)
        page.evaluate("ready")
        assert page.evaluate("order") == order
        page.unroute_all(behavior="ignoreErrors")


def test_a_chapters_first_widget_comes_before_its_formulas(page: Page, site):
    """On the real page, with the real MathJax."""
    page.add_init_script(
        """window.order = [];
        addEventListener("mounted", () => order.push("widget"));
        new MutationObserver(() => {
            if (!order.includes("formulas") && document.querySelector("mjx-container")) order.push("formulas");
        }).observe(document, { childList: true, subtree: true });"""
    )
    page.goto(f"{site}/notebooks/01_convolution_integral.html", wait_until="commit")
    page.wait_for_function("order.includes('formulas')", timeout=120_000)
    assert page.evaluate("order")[0] == "widget"


# ----------------------------------------------------------------------------------------------of all the real widgets


@pytest.mark.parametrize("cls", [cls for cls in REAL if cls.parts], ids=lambda cls: cls.__name__)
def test_widgets_obey_what_they_declare(mounted, cls):
    """The orders and parts that links are checked by are those that the module knows; each part can be lit."""
    place = mounted(cls())
    obeyed = place.evaluate("node => Object.keys(node.querySelector('.cl-widget').orders)")
    assert set(cls.orders) <= set(obeyed)
    marked = place.evaluate(
        "node => [...node.querySelectorAll('[data-part]')].flatMap((part) => part.dataset.part.split(' '))"
    )
    assert set(cls.parts) <= set(marked)
    for part in cls.parts:
        harness.order(place, "light", part=part)
        assert place.locator(f".lit[data-part~='{part}']").count(), part
        assert place.locator("[data-part]:not(.lit) .lit[data-part]").count() == 0, f"{part} lies in what stands back"
