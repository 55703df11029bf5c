"""What every widget does, whatever it shows: one contract, for all widgets that the book has.

A widget on the shared layer (``convlib/widgets/js``) keeps all of it; one that is not yet keeps the first part.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import convlib.widgets
from convlib.widgets import Widget
from tests.site import harness
from tests.site.harness import Fingers, drag, middle, settled
from tests.site.probe import Probe

WIDGETS = [getattr(convlib.widgets, name) for name in convlib.widgets.__all__ if name != "Widget"] + [Probe]


def on_the_layer(widget: type[Widget]) -> bool:
    return '"./js/life.js"' in Path(inspect.getfile(widget)).with_suffix(".js").read_text(encoding="utf-8")


every = pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: widget.__name__)
layered = pytest.mark.parametrize("widget", [*filter(on_the_layer, WIDGETS)], ids=lambda widget: widget.__name__)


def example(widget: type[Widget]) -> Widget:
    """A widget as it is without arguments; where a name is needed, the first that its module knows."""
    module = sys.modules[widget.__module__]
    return widget(module.names()[0]) if hasattr(module, "names") else widget()


def state(place: Locator) -> dict:
    """All traits of the widget, each as a text."""
    return place.evaluate("place => contract.state(place)")


#: A page that starts with this can be asked what contract.js knows; its frames in a call are known by its name.
ASKED = (
    f"<script>{Path(__file__).with_name('contract.js').read_text(encoding='utf-8')}//# sourceURL=contract.js</script>"
)
#: The places that a pointer can do something with.
PLACES = "[data-drag], [data-look], svg, canvas, button, input, select"


@pytest.fixture
def mount(mounted: Callable[..., Locator]) -> Callable[..., Locator]:
    """Mount an example of a class; the page can be asked what contract.js knows."""

    def of(widget: type[Widget], **options: object) -> Locator:
        place = mounted(example(widget), prose=ASKED, **options)
        place.evaluate("(place, names) => { place.traits = names; }", widget.own_traits())
        return place

    return of


#: Of the places that can be seen and used, by kind (what they are called in the style sheet, and how they can be
#: dragged), so many of each, evenly spread: what holds for one cell of a matrix holds for the next.
SOME_OF_EACH = """(nodes, most) => {
  const kinds = new Map();
  nodes.forEach((node, at) => {
    const { width, height } = node.getBoundingClientRect();
    const seen = width && height && getComputedStyle(node).visibility === "visible";
    if (!seen || node.matches(":disabled, [aria-disabled=true]")) return;
    const named = [node.tagName, node.getAttribute("class"), node.type];
    const kind = [...named, node.dataset.drag, "look" in node.dataset].join();
    kinds.set(kind, [...(kinds.get(kind) ?? []), at]);
  });
  const some = (all) => all.filter((_, i) => i % Math.ceil(all.length / most) === 0);
  return [...kinds.values()].flatMap(some);
}"""


def visible(parts: Locator, most: int = 1) -> Iterator[Locator]:
    """Those parts that can be seen and used; of each kind at most so many."""
    some = [parts.nth(at) for at in parts.evaluate_all(SOME_OF_EACH, most)]
    yield from (part for part in some if part.is_visible())  # what one of them does may hide another


def use(page: Page, place: Locator) -> None:
    """Work every control: choose, move a slider, tick a box, type, press keys on a handle; Play and Reset apart."""
    for part in visible(place.locator("select"), most=12):
        part.evaluate(
            """(node) => {
                node.selectedIndex = (node.selectedIndex + 1) % node.options.length;
                node.dispatchEvent(new Event("change", { bubbles: true }));
            }"""
        )
    for part in visible(place.locator("input[type=range], [role=slider]"), most=4):
        part.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        settled(place)  # it may have put another one away
    for part in visible(place.locator("input[type=text], textarea"), most=4):
        part.fill("1")
        part.press("Enter")
    for part in place.locator("input[type=radio]:not(:checked), input[type=checkbox]").all()[:6]:
        part.dispatch_event("click")
    settled(place)


# ---- every widget ---------------------------------------------------------------------------------------------------


@every
def test_accessible(mount, page: Page, widget):
    """Nothing serious from axe-core, at rest and after use, colours in the dark included."""
    place = mount(widget)
    assert harness.serious_violations(page) == []
    assert in_the_dark(page) == []
    use(page, place)
    assert harness.serious_violations(page) == []
    assert in_the_dark(page) == []


def in_the_dark(page: Page) -> list[str]:
    """What axe-core says about colours in the dark theme; the page is light again afterwards."""
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    harness.settled(page)
    found = harness.serious_violations(page, "color-contrast")
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    harness.settled(page)
    return found


#: JavaScript: what has changed in how a widget looks since the last time it was asked: of each kind of node, by what it
#: is called, the first, the middle and the last.
CHANGED = """() => {
    const kinds = new Map();
    for (const node of document.querySelectorAll(".cl-live, .cl-live *")) {
        const kind = `${node.tagName} ${node.getAttribute("class")} ${node.dataset.drag}`;
        kinds.set(kind, [...(kinds.get(kind) ?? []), node]);
    }
    const some = (nodes) => [...new Set([nodes[0], nodes[nodes.length >> 1], nodes.at(-1)])];
    const look = [...kinds].flatMap(([kind, nodes]) => some(nodes).map((node) => {
        const style = getComputedStyle(node);
        const { x, y, width, height } = node.getBoundingClientRect();
        const own = [...style].filter((name) => !name.startsWith("--"));
        return { kind, x, y, width, height, ...Object.fromEntries(own.map((name) => [name, style[name]])) };
    }));
    const [before, count] = [window.look, look.length];
    window.look = look;
    const differs = (node, i) => Object.keys(node).filter((name) => node[name] !== before?.[i]?.[name]);
    const changes = look.map((node, i) => [node.kind, differs(node, i)]).filter(([, names]) => names.length);
    return before ? changes : count;
}"""


@every
def test_other_widgets_change_nothing(mount, page: Page, widget):
    """It looks the same on a page where all the others have been: their style sheets stay."""
    page.emulate_media(reduced_motion="reduce")
    place = mount(widget)
    settled(place)
    assert page.evaluate(CHANGED) > 2
    page.add_style_tag(content="\n".join(other._css for other in WIDGETS if other is not widget))
    settled(place)
    assert page.evaluate(CHANGED) == []


@every
def test_narrow(mount, page: Page, widget):
    """On a narrow screen nothing sticks out, and the page does not scroll sideways."""
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 664})
        place = mount(widget)
        settled(place)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert place.evaluate("place => contract.sticksOut(place)") == []


@every
def test_right_click_changes_nothing(mount, page: Page, widget):
    """Neither a press nor a drag with the other button."""
    place = mount(widget)
    before = state(place)
    for part in visible(place.locator(PLACES)):
        x, y = middle(part)
        drag(page, (x, y), (x + 24, y + 18), button="right", steps=2)
        assert state(place) == before, part.evaluate("node => node.outerHTML.slice(0, 120)")


@every
def test_no_frame_after_a_press(mount, page: Page, widget):
    """What was pressed with the mouse has no focus frame, unless the browser shows one for keys (a text field)."""
    place = mount(widget)
    for part in visible(place.locator("[tabindex], [data-drag], svg, canvas, button, input")):
        x, y = middle(part)
        drag(page, (x, y), (x + 6, y), steps=1)
        assert page.evaluate("contract.frame()") is None


@every
def test_reduced_motion(mount, page: Page, widget):
    """For a reader who has asked for less motion Play goes in steps, not frame by frame: of 180 frames a few draw."""
    drawn = {}
    for motion in ("no-preference", "reduce"):
        page.emulate_media(reduced_motion=motion)
        if drawn:
            page.clock.resume()  # the host waits for frames
        place = mount(widget)
        play = place.locator(".play:visible")
        if not play.count():
            return
        if not drawn:
            page.clock.install(time=0)
        page.clock.pause_at(60_000 if not drawn else 3_600_000)
        place.evaluate("place => contract.countRedraws(place)")
        play.first.evaluate("node => node.click()")
        page.clock.run_for(3000)
        drawn[motion] = place.evaluate("place => place.redraws")
    assert 1 <= drawn["reduce"] <= 30, drawn
    if widget is Probe:
        assert drawn["no-preference"] > 60, "frames are counted"


@every
def test_the_end(mount, page: Page, widget):
    """A view that goes away saves what waits, and leaves no listener, timer, frame or observer behind."""
    place = mount(widget)
    use(page, place)
    for play in visible(place.locator(".play"), most=1):
        play.click()
    end = place.evaluate("place => contract.unmount(place)")
    assert end["saved"] or not end["told"], "the last change was not saved"
    assert end["left"] == []
    assert place.evaluate("place => contract.disturb(place)") == {"drawn": 0, "asked": []}


@every
def test_every_control_is_reached_by_tab(mount, page: Page, widget):
    """All that a pointer can work can be worked by keys; of a group of radio buttons one is a stop."""
    place = mount(widget)
    stops = place.evaluate("place => contract.expectStops(place)")
    assert stops > 0
    for _ in range(2 * stops + 4):  # a busy browser may lose the first ones
        page.keyboard.press("Tab")
        missed = page.evaluate("contract.missedStops()")
        if not missed:
            break
    assert missed == []


@pytest.fixture(scope="module")
def still(chromium: Browser) -> Iterator[Page]:
    """A page without scripts, for all widgets."""
    context = chromium.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


@every
def test_the_still_takes_the_room(mount, still: Page, page: Page, tmp_path, widget):
    """Where a mount reserves room for the live widget, nothing below moves when it comes."""
    for width in (390, 1280):
        for each in (page, still):
            each.set_viewport_size({"width": width, "height": 900})
        place = mount(widget, stills=True)
        live = page.locator(".cl-mount").bounding_box()["height"]
        still.goto((tmp_path / "index.html").as_uri())
        waiting = still.locator(".cl-mount").bounding_box()["height"]
        if "--room" in (page.locator(".cl-mount").get_attribute("style") or ""):
            assert waiting == pytest.approx(live, abs=max(24, 0.05 * live))
        assert place.is_visible()


# ---- touch ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def phone(phone: Callable[..., tuple]) -> Callable[..., tuple]:
    """Show an example of a class on a phone; the page can be asked what contract.js knows."""

    def of(widget: type[Widget]) -> tuple[Page, Locator, Fingers]:
        page, place, fingers = phone(example(widget), prose=ASKED)
        place.evaluate("(place, names) => { place.traits = names; }", widget.own_traits())
        return page, place, fingers

    return of


def handles(place: Locator) -> Iterator[tuple[Locator, float, float]]:
    """Handles, with a way across and down that drags them: along their axis, away from the screen's edge."""
    for part in visible(place.locator("[data-drag]"), most=2):
        part.evaluate("node => node.scrollIntoView({ block: 'center', behavior: 'instant' })")
        x, y = middle(part)
        axis = part.get_attribute("data-drag")
        yield part, (40 if x < 195 else -40) if "x" in axis else 0, (40 if y < 332 else -40) if "y" in axis else 0


@layered
def test_a_touch_drags_and_the_page_stays(phone, widget):
    """A finger on a handle drags it, and the page does not scroll; a drag that is cancelled leaves no trace."""
    page, place, fingers = phone(widget)
    dragged, count = 0, 0
    for part, across, down in handles(place):
        x, y = middle(part)
        top, before = page.evaluate("scrollY"), state(place)
        only_looked_at = part.get_attribute("data-look") is not None
        fingers.drag(x, y, across, down)
        settled(place)
        assert page.evaluate("scrollY") == top, part.evaluate("node => node.outerHTML.slice(0, 120)")
        dragged += state(place) != before
        count += not only_looked_at
        fingers.send("touchCancel")
        settled(place)
        assert state(place) == before, part.evaluate("node => node.outerHTML.slice(0, 120)")
    assert dragged or not count, "no handle could be dragged"


@layered
def test_a_second_finger_changes_nothing(phone, widget):
    """While one finger drags a handle, another one beside it takes nothing over, neither moving nor leaving."""
    _page, place, fingers = phone(widget)
    for part, across, down in handles(place):
        x, y = middle(part)
        end = fingers.drag(x, y, across, down, steps=3)
        settled(place)
        held = state(place)
        for step in (0, 10):
            fingers.send("touchMove" if step else "touchStart", end, (x + step / 2, y + step / 2))
            settled(place)
            assert state(place) == held
        fingers.send("touchEnd", end)
        settled(place)
        assert state(place) == held
        fingers.send("touchEnd")
        settled(place)


@layered
def test_a_tap_elsewhere_lets_go(phone, widget):
    """What is pinned is let go by a tap anywhere else, and by the ✕ that says so."""
    page, place, _fingers = phone(widget)
    chip = place.locator(".chip")
    for part in visible(place.locator("[data-look]")):
        for let_go in (page.locator("h1"), chip):
            page.touchscreen.tap(*middle(part))  # or whatever lies over it there
            if chip.get_attribute("data-shown") == "no":
                continue  # nothing there to pin
            expect(chip).to_contain_text("✕")
            let_go.tap()
            expect(chip).to_have_attribute("data-shown", "no")


@layered
def test_reset_restores_everything(mount, page: Page, widget):
    """Reset appears when something differs from what the author set, and brings all of it back."""
    place = mount(widget)
    reset = place.locator(".foot .reset")
    expect(reset).to_have_attribute("data-shown", "no")
    before = state(place)
    use(page, place)
    assert state(place) != before
    expect(reset).to_be_visible()
    reset.click()
    settled(place)
    assert state(place) == before
    expect(reset).to_have_attribute("data-shown", "no")
