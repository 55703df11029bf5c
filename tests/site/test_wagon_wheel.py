"""WagonWheel in a browser: the thumb, the film and the spokes, by mouse, by finger and by keyboard; its size."""

from __future__ import annotations

import cmath
import itertools
import math
import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from convlib.widgets import WagonWheel
from convlib.widgets.wagon_wheel import FRAMES, layout, moved
from tests.site import harness
from tests.site.harness import drag, middle, order, put, trait

DEFAULT = WagonWheel()


def spokes(place: Locator, wheel: str, kind: str = "spokes") -> list[float]:
    """Directions of a wheel's spokes, in turns clockwise from the top, below 1."""
    ways = re.findall(r"l(-?[\d.]+) (-?[\d.]+)", place.locator(f".{wheel} .{kind}").get_attribute("d"))
    return [cmath.phase(complex(-float(y), float(x))) / (2 * math.pi) % 1 for x, y in ways]


def apart(found: list[float], expected: np.ndarray) -> float:
    """How far directions differ at most, in turns."""
    return np.abs((np.array(found) - expected + 0.5) % 1 - 0.5).max()


def thumb(place: Locator) -> Locator:
    return place.get_by_role("slider", name="turns a second of the wheel")


def seen(place: Locator) -> Locator:
    return place.locator("text.value")


@pytest.mark.parametrize("width", [390, 1280])
def test_what_is_drawn_is_pythons(mounted, page: Page, width):
    """The wheel at its time, the film at its frame, the frame before pale; the sawtooth, the point on it, the words."""
    page.set_viewport_size({"width": width, "height": 800})
    for widget in (
        DEFAULT,
        WagonWheel(speed=5, spokes=4, time=7.4),
        WagonWheel(speed=46.5, spokes=12, time=30, pace="slow"),
        WagonWheel(speed=12, time=0.25),
    ):
        place = mounted(widget)
        each = np.arange(widget.spokes) / widget.spokes
        turned, shot = (widget.speed * t / FRAMES for t in (widget.time, widget.frame))
        assert apart(spokes(place, "wheel"), turned + each) < 1e-3
        assert apart(spokes(place, "film"), shot + each) < 1e-3
        old = place.locator(".film .old")
        expect(old).to_be_visible(visible=widget.frame > 0)
        if widget.frame:
            assert apart(spokes(place, "film", "old"), shot - widget.speed / FRAMES + each) < 1e-3
        said = moved(widget.speed, widget.spokes) if widget.frame else ""
        expect(place.locator(".film .foot-words")).to_have_text(said)
        expect(place.locator(".sentence")).to_have_text(widget.sentence())
        most = FRAMES / (2 * widget.spokes)
        dots = place.locator("circle.dot")
        zero = float(re.match(r"M[\d.]+ ([\d.]+)", place.locator(".rule").get_attribute("d"))[1])
        levels = [(zero - float(dot.get_attribute("cy"))) / 40 * most for dot in dots.all()]
        assert levels == pytest.approx(list(widget._ways()), abs=most / 300)


def test_the_thumb_stands_on_the_axis(mounted, page: Page):
    """Under the point of the sawtooth; dragged, the film turns another way."""
    place = mounted(DEFAULT)
    box = thumb(place).bounding_box()
    marks = {int(mark.text_content()): middle(mark)[0] for mark in place.locator(".marks text").all()}

    def at(speed: float) -> tuple[float, float]:
        return marks[0] + (marks[48] - marks[0]) * speed / 48, box["y"] + box["height"] / 2

    assert middle(place.locator("circle.dot"))[0] == pytest.approx(at(23)[0], abs=1)
    drag(page, at(23), at(25))
    assert trait(place, "speed") == 25
    expect(seen(place)).to_have_text("1")
    expect(place.locator(".film .foot-words")).to_have_text("15° forwards")
    expect(place.locator(".sentence")).to_contain_text("A spoke lands 15° past itself")
    drag(page, at(25), at(12))
    expect(seen(place)).to_have_text("±12")
    expect(place.locator(".sentence")).to_contain_text("both ways look the same")


def test_a_press_on_the_sawtooth(mounted, page: Page):
    """Goes there, in half turns; a drag goes along."""
    place = mounted(DEFAULT)
    marks = [middle(mark) for mark in place.locator(".marks text").all()]
    (x0, _), (x6, _) = marks[:2]
    y = middle(place.locator("circle.dot"))[1] - 12
    page.mouse.click(x6 + 2, y)
    harness.settled(place)
    assert trait(place, "speed") == 6
    drag(page, (x0, y), (x0 + (x6 - x0) * 0.5, y))
    assert trait(place, "speed") == 3
    drag(page, (x6, y), (x6 + 4000, y))
    assert trait(place, "speed") == 48


def test_keyboard(mounted, page: Page):
    """Everything is done by keys alone: speed, frames, spokes, pace, Play, Reset."""
    place = mounted(DEFAULT)
    thumb(place).focus()
    keys = {"ArrowRight": 23.5, "ArrowLeft": 23, "PageUp": 24, "Shift+ArrowLeft": 23, "End": 48, "Home": 0}
    for key, value in keys.items():
        page.keyboard.press(key)
        assert trait(place, "speed") == value, key
    put(place, speed=23)
    harness.settled(place)
    expect(thumb(place)).to_have_attribute("aria-valuetext", "23 turns a second; on the film, 15° backwards a frame")
    page.keyboard.press("PageUp")
    expect(thumb(place)).to_have_attribute("aria-valuetext", "24 turns a second; on the film, it stands still")
    put(place, speed=23)
    place.get_by_role("slider", name="spokes").focus()
    page.keyboard.press("ArrowRight")
    assert trait(place, "spokes") == 2
    harness.settled(place)
    assert apart(spokes(place, "wheel"), np.array([0, 0.5]) + 5 * 23 / 24) < 1e-3
    film = place.get_by_role("slider", name="frame")
    film.focus()
    for key, value in {"ArrowRight": 6, "ArrowUp": 7, "ArrowLeft": 6, "PageDown": 5, "End": 240, "Home": 0}.items():
        page.keyboard.press(key)
        assert trait(place, "time") == value, key
    place.get_by_role("radio", name="real time").focus()
    page.keyboard.press("ArrowRight")
    assert trait(place, "pace") == "slow"
    place.get_by_role("button", name="Reset").click()
    assert [trait(place, name) for name in ("speed", "spokes", "time", "pace")] == [23, 1, 5, "film"]


def test_the_film_goes_by_frames(mounted):
    """Between two frames the wheel turns and the film does not."""
    place = mounted(WagonWheel(time=5))
    wheel, film = spokes(place, "wheel"), spokes(place, "film")
    assert apart(wheel, np.array(film)) < 1e-3
    put(place, time=5.9)
    assert apart(spokes(place, "film"), np.array(film)) < 1e-6
    assert apart(spokes(place, "wheel"), np.array(wheel) + 0.9 * 23 / 24) < 1e-3
    put(place, time=6)
    assert apart(spokes(place, "film"), np.array(film) - 1 / 24) < 1e-3


@pytest.mark.parametrize(("pace", "rate"), [("film", 24), ("slow", 2)])
def test_play(mounted, page: Page, pace, rate):
    """In real time 24 frames a second, slowly two; a fast wheel is a blur, and drawn again when it stands."""
    page.clock.install(time=0)
    place = mounted(WagonWheel(pace=pace))
    page.clock.pause_at(60_000)
    place.evaluate("node => { node.seen = []; node.model.on('change:time', (_, t) => node.seen.push(t)); }")
    blur, trail = place.locator(".wheel .blur"), place.locator(".film .trail").first
    expect(blur).to_be_hidden()
    place.get_by_role("button", name="Play").evaluate("node => node.click()")
    page.clock.run_for(4000)
    times = place.evaluate("node => node.seen")
    assert times[0] == 0
    assert times == sorted(times)
    assert times[-1] == pytest.approx(4 * rate, abs=0.1 * rate)
    expect(blur).to_be_visible(visible=pace == "film")
    expect(trail).to_be_visible(visible=pace == "slow")
    page.clock.run_for(120_000 if pace == "slow" else 7000)
    assert place.evaluate("node => node.seen.at(-1)") == 240
    expect(place.get_by_role("button", name="Play")).to_be_visible()
    expect(blur).to_be_hidden()
    expect(trail).to_be_visible()


@pytest.mark.parametrize(
    ("traits", "blurred"),
    [
        ({"speed": 2, "spokes": 4}, False),
        ({"speed": 12.5}, True),
        ({"speed": 12, "spokes": 12, "pace": "slow"}, False),
        ({"speed": 12.5, "spokes": 12, "pace": "slow"}, True),
    ],
    ids=str,
)
def test_what_the_screen_can_show_is_shown(mounted, page: Page, traits, blurred):
    """A screen is a film, too: twelve spokes a second are drawn, more are not; in real time there is no arrow."""
    page.clock.install(time=0)
    place = mounted(WagonWheel(**traits))
    page.clock.pause_at(60_000)
    play = place.get_by_role("button", name="Play")
    play.evaluate("node => node.click()")
    page.clock.run_for(700)
    expect(place.locator(".wheel .blur")).to_be_visible(visible=blurred)
    expect(place.locator(".wheel .foot-words")).to_have_text(
        "too fast to see" if blurred else f"{15 * traits['speed']}° a frame"
    )
    in_real_time = "pace" not in traits
    expect(place.locator(".wheel .trail").first).to_be_visible(visible=not (blurred or in_real_time))
    place.locator(".play").evaluate("node => node.click()")
    page.clock.run_for(100)
    assert (trait(place, "time") % 1 == 0) == in_real_time, "in real time it stops at a frame"
    expect(place.locator(".wheel .blur")).to_be_hidden()


@pytest.mark.parametrize("ended", ["paused", "played to its end"])
def test_a_new_speed_goes_on_from_where_the_wheel_is(mounted, page: Page, ended):
    """Who drags the thumb while it plays sees no leap, nor when it stops; a frame chosen by hand is as Python says."""
    page.clock.install(time=0)
    place = mounted(WagonWheel(speed=2, spokes=1, pace="slow"))
    page.clock.pause_at(60_000)
    place.get_by_role("button", name="Play").evaluate("node => node.click()")
    turned = before = 0.0
    for speed in (2, 5, 0, 9.5):
        place.evaluate("(node, speed) => node.model.set('speed', speed)", speed)
        page.clock.run_for(1300)
        time = trait(place, "time")
        assert time > before + 2
        turned, before = turned + speed * (time - before) / FRAMES, time
        late = 0.04 * speed / FRAMES  # the picture may be a frame of the screen behind, 0.04 of one of the film
        assert apart(spokes(place, "wheel"), np.array([turned])) < late + 1e-3
    shot = turned - 9.5 * (time % 1) / FRAMES
    assert apart(spokes(place, "film"), np.array([shot])) < 2e-3
    assert apart(spokes(place, "film", "old"), np.array([shot - 9.5 / FRAMES])) < 2e-3
    if ended == "paused":
        place.locator(".play").evaluate("node => node.click()")
        page.clock.run_for(100)
    else:
        page.clock.run_for(120_000)
    expect(place.get_by_role("button", name="Play")).to_be_visible()
    turned += 9.5 * (trait(place, "time") - time) / FRAMES
    assert apart(spokes(place, "wheel"), np.array([turned])) < 2e-3
    place.evaluate("node => node.model.set('time', 6)")
    page.clock.run_for(100)
    assert apart(spokes(place, "wheel"), np.array([9.5 * 6 / FRAMES])) < 1e-3


def test_a_tie_shows_both_ways(mounted):
    """Two arrows of half a turn, two points of the sawtooth; elsewhere one of each."""
    place = mounted(WagonWheel(speed=12, time=6))
    expect(place.locator(".film .trail:visible")).to_have_count(2)
    expect(place.locator("circle.dot")).to_have_count(2)
    put(place, speed=11.5)
    expect(place.locator(".film .trail:visible")).to_have_count(1)
    expect(place.locator("circle.dot")).to_have_count(1)


def test_without_motion(mounted, page: Page):
    """For a reader who asked for less motion Play goes from frame to frame, and there is no pace to choose."""
    page.emulate_media(reduced_motion="reduce")
    place = mounted(DEFAULT)
    expect(place.locator(".segments")).to_be_hidden()
    order(place, "play", **{"from": 10, "to": 12})
    harness.wait_for_trait(place, "time", "value === 12")
    expect(place.locator(".film .trail").first).to_be_visible()


def test_on_paper(mounted, page: Page):
    """What the reader has made, without its controls, but with the names of its axes."""
    place = mounted(DEFAULT)
    put(place, speed=25)
    page.emulate_media(media="print")
    for part in (".rows", ".segments", "input"):
        expect(place.locator(part).first).to_be_hidden()
    expect(place.locator(".of-wheel")).to_be_visible()


def test_prose_can_play(mounted, page: Page):
    """From a frame to another, and stop."""
    place = mounted(DEFAULT)
    order(place, "play", **{"from": 10, "to": 12})
    harness.wait_for_trait(place, "time", "value === 12")
    expect(place.get_by_role("button", name="Play")).to_be_visible()


def test_by_finger(phone: Callable[..., tuple]):
    """A finger drags the sawtooth and the thumb, and the page stays; taken away, the speed is what it was."""
    page, place, fingers = phone(DEFAULT)
    x, y = middle(place.locator("circle.dot"))
    marks = [middle(mark)[0] for mark in place.locator(".marks text").all() if mark.text_content() in ("0", "48")]
    step = (marks[1] - marks[0]) / 48
    fingers.drag(x, y, 2 * step, 0)
    harness.settled(place)
    assert trait(place, "speed") == 25
    fingers.send("touchCancel")
    harness.settled(place)
    assert trait(place, "speed") == 23
    fingers.drag(x, y, -11 * step, 0)
    fingers.send("touchEnd")
    harness.wait_for_trait(place, "speed", "value === 12")
    x, y = middle(thumb(place))
    fingers.drag(marks[0] + 12 * step, y, 12 * step, 0)
    fingers.send("touchEnd")
    harness.wait_for_trait(place, "speed", "Math.abs(value - 24) <= 0.5")
    assert page.evaluate("scrollY") == 0


def test_cause_and_effect_share_a_screen(phone: Callable[..., tuple]):
    """On a phone wheels, sawtooth, thumb, sentence and film stand within 560 pixels."""
    _page, place, _fingers = phone(DEFAULT)
    top = place.locator(".cl-widget").bounding_box()["y"]
    for part in (".wheel", ".saws", ".sentence", ".transport", ".amount", ".segments"):
        box = place.locator(part).bounding_box()
        assert box["y"] + box["height"] - top <= 560, part


@pytest.mark.parametrize(
    "traits",
    [{}, {"show": ["wheels"]}, {"show": ["axis", "words"]}, {"show": ["wheels", "controls"], "controls": ["time"]}],
    ids=str,
)
def test_room(mounted, page: Page, traits):
    """As high as Python says at each width, in reduced views too; nothing sticks out."""
    widget = WagonWheel(**traits)
    place = mounted(widget)
    for _, expected in harness.rooms(place, widget):
        assert harness.height_of(place, expected) == pytest.approx(expected, abs=6)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [390, 654, 1280])
def test_nothing_moves_while_the_thumb_does(mounted, page: Page, width):
    """The sentence keeps its room, however long it is; lettering is never small; marks do not touch."""
    page.set_viewport_size({"width": width, "height": 800})
    place = mounted(DEFAULT)
    widget, heights = place.locator(".cl-widget"), set()
    for speed, count in ((0, 1), (12, 1), (46.5, 12), (47.5, 7), (46.5, 4), (45, 4), (33, 11), (23, 1)):
        put(place, speed=speed, spokes=count, time=7 + speed)
        heights.add(widget.evaluate("node => node.offsetHeight"))
    assert len(heights) == 1
    sizes = place.locator("text, p, label, button").evaluate_all(
        "nodes => nodes.map((node) => parseFloat(getComputedStyle(node).fontSize))"
    )
    assert min(sizes) >= 11
    boxes = [mark.bounding_box() for mark in place.locator(".marks text").all() if mark.text_content()]
    assert all(a["x"] + a["width"] + 4 < b["x"] for a, b in itertools.pairwise(boxes))


@pytest.mark.parametrize("controls", [[], ["speed"], ["time"], ["spokes", "pace"]], ids=str)
def test_controls(mounted, controls):
    """Only those that are asked for."""
    place = mounted(WagonWheel(controls=controls))
    offered = {
        "speed": thumb(place),
        "time": place.get_by_role("button", name="Play"),
        "spokes": place.get_by_role("slider", name="spokes"),
        "pace": place.locator(".segments"),
    }
    for name, control in offered.items():
        expect(control).to_be_visible(visible=name in controls or not controls)


def test_wheels_stand_apart(mounted, page: Page):
    """At every width the two rims do not touch, and lie in their lane."""
    for width in (320, 390, 800):
        page.set_viewport_size({"width": width, "height": 800})
        place = mounted(DEFAULT)
        left, right = (place.locator(f".{name} .rim").bounding_box() for name in ("wheel", "film"))
        assert left["x"] + left["width"] + 4 < right["x"]
        high = layout(width - 32, ["wheels"])[1]
        assert left["height"] < high


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessibility(mounted, page: Page, theme):
    """axe-core finds nothing serious in another state."""
    mounted(WagonWheel(speed=46.5, spokes=5, time=7.5), theme=theme)
    assert harness.serious_violations(page) == []
