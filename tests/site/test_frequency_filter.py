"""FrequencyFilter in the page: what it shows, circles and brush by mouse, finger and keyboard, waves one by one."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from convlib import plot
from convlib.widgets.frequency_filter import FILTERS, SIZE, FrequencyFilter
from convlib.widgets.traits import mirrored
from tests.site.harness import (
    Fingers,
    binary,
    drag,
    height_of,
    middle,
    pixels,
    rooms,
    set_trait,
    settled,
    trait,
    wait_for_trait,
)


def kept(place: Locator) -> np.ndarray:
    """The painted mask in the browser."""
    bits = np.frombuffer(binary(place, "painted"), dtype=np.uint8)
    return np.unpackbits(bits).reshape(SIZE, SIZE).astype(bool)


def send(place: Locator, name: str, data: bytes) -> None:
    """Set a binary trait, as Python would."""
    code = "(node, [name, data]) => node.model.set(name, new DataView(Uint8Array.from(data).buffer))"
    place.evaluate(code, [name, list(data)])
    settled(place)


def at(place: Locator, across: float, down: float) -> tuple[float, float]:
    """Where a frequency lies on the screen."""
    box = place.locator(".pad").bounding_box()
    step = box["width"] / SIZE
    return box["x"] + (across + SIZE / 2 + 0.5) * step, box["y"] + (down + SIZE / 2 + 0.5) * step


@pytest.mark.parametrize("filter", FILTERS)
def test_what_is_shown_is_pythons(mounted, filter):
    """The numbers in the sentence, the grey values of the pictures and the signs of the kernel."""
    painted = np.random.default_rng(2).random((SIZE, SIZE)) > 0.3
    painted = painted & mirrored(painted)
    painted[64, 64] = False
    widget = FrequencyFilter(filter=filter, cutoff=9, picture="stripes", painted=painted)
    place = mounted(widget)
    for edge in ("sharp", "smooth"):
        widget.edge = edge
        set_trait(place, "edge", edge)
        for share in (widget.kept, widget.energy):
            expect(place.locator(".stats")).to_contain_text(f"{100 * share:.1f}\u00a0%")
        fades = edge == "smooth" and filter != "paint"
        expect(place.locator(".stats")).to_contain_text("Weighted: " if fades else "Kept: ")
        np.testing.assert_array_equal(pixels(place.locator(".pane.input canvas"))[..., 0], widget.input)
        grey = 0 if filter == "low-pass" else 128
        shown = pixels(place.locator(".pane.output canvas"))[..., 0]
        # The canvas rounds; where a value is nearly a half it may do so either way.
        np.testing.assert_allclose(shown, np.clip(widget.filtered + grey, 0, 255), atol=0.5 + 1e-6)
        title = "filtered + mid-grey" if grey else "filtered picture"
        expect(place.locator(".title.output")).to_have_text(title)
        part = widget.kernel[48:81, 48:81]
        shown = pixels(place.locator(".pane.kernel canvas"))
        strong = shown[..., 3] > 20
        np.testing.assert_array_equal((shown[..., 0] > shown[..., 2])[strong], (part > 0)[strong])
        np.testing.assert_allclose(shown[..., 3], 255 * np.sqrt(np.abs(part) / np.abs(part).max()), atol=0.51)


def test_circles_by_mouse(mounted, page: Page):
    """The knob, the line, and the outer line of a band all follow the pointer."""
    place = mounted(FrequencyFilter(waves=5))
    drag(page, at(place, -16, 0), at(place, -30, 0))
    assert trait(place, "cutoff") == pytest.approx(30, abs=0.5)
    assert trait(place, "waves") == 0, "who moves the circle wants the mask"
    drag(page, middle(place.locator(".knob")), at(place, 0, 0))
    assert trait(place, "cutoff") == 1
    place.get_by_label("band-pass").check()
    set_trait(place, "cutoff", 20)
    drag(page, at(place, 0, 20 * np.sqrt(2)), at(place, 0, 40 * np.sqrt(2)))
    assert trait(place, "cutoff") == pytest.approx(40, abs=0.5)


def test_looking_at_a_wave(mounted, page: Page):
    """It has a place of its own, beside its sentence; a click pins it, a click anywhere else lets go."""
    place = mounted(FrequencyFilter())
    wave, stats = place.locator(".strip canvas"), place.locator(".stats")
    expect(wave).to_be_hidden()
    page.mouse.move(*at(place, 25, -10))
    expect(stats).to_contain_text("25 across, −10 down: period 4.8 pixels, ±")
    down, across = np.indices((SIZE, SIZE))
    expected = 128 + 100 * np.cos(2 * np.pi * (25 * across - 10 * down) / SIZE)
    np.testing.assert_allclose(pixels(wave)[..., 0], expected, atol=0.51)
    expect(place.locator(".pane.kernel canvas")).to_be_visible()
    page.mouse.click(*at(place, 25, -10))
    page.mouse.move(5, 5)
    expect(stats).to_contain_text("; dropped.")
    expect(place.locator(".chip")).to_have_text("✕ wave")
    place.locator(".title.input").click()
    expect(stats).to_contain_text("Kept: ")
    expect(wave).to_be_hidden()


def test_waves_one_by_one(mounted, page: Page):
    """Play adds them, the last one beside the picture; the scrubber, too; a control of the mask ends it."""
    widget = FrequencyFilter(filter="paint")
    place = mounted(widget)
    place.get_by_role("button", name="Play").click()
    wait_for_trait(place, "waves", "value >= 3")
    place.get_by_role("button", name="Pause").click()
    for widget.waves in (1, 40):
        set_trait(place, "waves", widget.waves)
        shown = pixels(place.locator(".pane.output canvas"))[..., 0]
        np.testing.assert_allclose(shown, np.clip(widget.filtered, 0, 255), atol=0.5 + 1e-6)
    stats = place.locator(".stats")
    expect(stats).to_contain_text(f"40 of 8193 waves: {100 * widget.energy:.1f}\u00a0% of the energy")
    across, down = widget.last_wave
    expect(stats).to_contain_text(f"Last: {across} across, {down} down.".replace("-", "−"))
    # The wave that was added stands beside the picture, where the kernel was, and as large.
    rows, columns = np.indices((SIZE, SIZE))
    expected = 128 + 100 * np.cos(2 * np.pi * (across * columns + down * rows) / SIZE)
    np.testing.assert_allclose(pixels(place.locator(".pane.wave canvas"))[..., 0], expected, atol=0.51)
    expect(place.locator(".title.wave")).to_have_text("+ wave 40")
    expect(place.locator(".pane.kernel")).to_be_hidden()
    place.get_by_label("waves", exact=True).press("End")
    assert trait(place, "waves") == 8193
    place.get_by_label("low-pass").check()
    assert trait(place, "waves") == 0
    expect(place.locator(".pane.kernel")).to_be_visible()
    expect(place.locator(".pane.wave")).to_be_hidden()


def test_a_new_wave_lights_up(mounted, page: Page):
    """Not what was there from the start, and not for a reader who wants less motion; nor twice within half a second."""
    place = mounted(FrequencyFilter(waves=4))
    lights = "() => document.querySelector('.pane.wave .frame').getAnimations().length"
    assert page.evaluate(lights) == 0
    for waves in (5, 6, 7):
        set_trait(place, "waves", waves)
        assert page.evaluate(lights) <= 1
    page.wait_for_function(f"({lights})() === 0")
    place.evaluate("node => { node.model.set('waves', 8); }")
    page.wait_for_function(f"({lights})() === 1")
    page.emulate_media(reduced_motion="reduce")
    page.wait_for_function(f"({lights})() === 0")
    set_trait(place, "waves", 9)
    assert page.evaluate(lights) == 0


def test_peaks_can_be_found(mounted, page: Page):
    """The dots of the stripes are drawn as Python draws them, seven frequencies wide; to touch one says its wave."""
    place = mounted(FrequencyFilter(picture="stripes", cutoff=8))
    shown = pixels(place.locator(".pane.product canvas"))
    dot = shown[76 - 3 : 76 + 4, 84]
    assert (dot == shown[76, 84]).all()
    set_trait(place, "cutoff", 24)  # the mask ends within the dot, but behind the peak
    kept = pixels(place.locator(".pane.product canvas"))[76 - 3 : 76 + 4, 84]
    assert (kept == kept[3]).all()
    assert (kept != dot).any()
    set_trait(place, "cutoff", 8)
    assert shown[76, 84, 3] > 1.2 * np.median(shown[..., 3])
    page.mouse.move(*at(place, 20, 12))
    expect(place.locator(".stats")).to_contain_text("20 across, 12 down: period 5.5 pixels, ±37.7 grey; dropped.")


VIEWS = {
    ".pane.input": {"picture:pane"},
    ".pane.output": {"filtered"},
    ".pane.product": {"spectrum"},
    ".pane.kernel": {"kernel"},
    ".pane.wave": {"wave"},
    ".strip": {"words"},
    ".slide.cutoff": {"cutoff"},
    ".edge": {"edge"},
    ".transport": {"waves"},
    ".four": {"filter"},
    ".choice": {"picture"},
}


@pytest.mark.parametrize(
    ("show", "controls"),
    [
        (["picture", "filtered"], ["edge", "cutoff"]),
        (["filtered", "wave"], ["waves"]),
        (["picture", "filtered", "spectrum", "words"], ["cutoff"]),
        (["spectrum", "wave"], []),
        (["filtered"], ["picture", "filter"]),
        (["spectrum", "kernel", "words"], ["filter", "edge", "cutoff"]),
    ],
)
def test_reduced_views(mounted, page: Page, show, controls):
    """What is named is there and nothing else, as high as Python says, at every width."""
    widget = FrequencyFilter(show=show, controls=controls)
    place = mounted(widget)
    named = {"picture:pane" if name == "picture" else name for name in show} | set(controls)
    for width, room in zip((358, 654, 790), widget.room(), strict=True):
        page.set_viewport_size({"width": width + 32, "height": 800})
        settled(place)
        for part, names in VIEWS.items():
            assert place.locator(part).is_visible() == bool(names & named), part
        assert height_of(place, room, within=2) == pytest.approx(room, abs=2)
    if "spectrum" in show:
        page.mouse.click(*at(place, 30, -12))
        expect(place.locator(".chip")).to_be_visible()
        where = ".pane.wave canvas" if "wave" in show else ".strip canvas"
        expect(place.locator(where)).to_be_visible()
        assert height_of(place, room, within=2) == pytest.approx(room, abs=2)
        page.mouse.click(3, 3)
        expect(place.locator(where)).to_be_hidden()


@pytest.mark.parametrize("width", [358, 654, 790])
def test_notes_take_two_lines(mounted, page: Page, width):
    """Whatever there is to say under the panes."""
    page.set_viewport_size({"width": width + 32, "height": 800})
    place = mounted(FrequencyFilter(picture="stripes", filter="band-pass", edge="smooth", cutoff=30))
    stats = place.locator(".stats")

    def lines() -> float:
        settled(place)
        return stats.bounding_box()["height"] / 17.5

    said = [lines()]
    page.mouse.move(*at(place, 9, -4))
    expect(stats).to_contain_text("9 across")
    said.append(lines())
    page.mouse.move(*at(place, -64, -64))
    said.append(lines())
    page.mouse.move(3, 3)
    for name, value in (("waves", 8193), ("waves", 0), ("filter", "high-pass"), ("filter", "paint")):
        set_trait(place, name, value)
        said.append(lines())
    assert max(said) <= 2.1


def test_keyboard(mounted, page: Page):
    """A point goes about the spectrum, is pinned, let go, painted, and taken back."""
    place = mounted(FrequencyFilter(picture="stripes"))
    pad, stats = place.locator(".pad"), place.locator(".stats")
    pad.focus()
    for key in ("ArrowRight", "Shift+ArrowRight", "ArrowLeft", *["ArrowUp"] * 3):
        page.keyboard.press(key)
    expect(stats).to_contain_text("8 across, −3 down: period 15 pixels, ±")
    expect(place.locator("[aria-live]")).to_contain_text("8 cycles across and −3 down")
    page.keyboard.press("Enter")
    place.get_by_label("high-pass").check()
    pad.focus()
    page.keyboard.press("Home")
    expect(stats).to_contain_text("0 across, 0 down: no wave, but the mean, grey")
    page.keyboard.press("Escape")
    expect(stats).to_contain_text("Kept: ")
    cutoff = place.get_by_label("cutoff")
    cutoff.press("End")
    expect(cutoff).to_have_attribute("aria-valuetext", "64 cycles per picture, a wave every 2 pixels")
    place.get_by_label("paint").check()
    pad.focus()
    for key in (*["Shift+ArrowRight"] * 2, *["ArrowRight"] * 4, "Shift+ArrowDown", *["ArrowDown"] * 4, "Enter"):
        page.keyboard.press(key)
    mask = kept(place)
    assert not mask[64 + 12, 64 + 20]
    assert not mask[64 - 12, 64 - 20]
    assert (~mask).sum() == 2 * 37, "two disks of diameter 7"
    expect(stats).to_contain_text("dropped")
    page.keyboard.press("Control+z")
    assert kept(place).all()
    place.get_by_label("size").press("Home")
    expect(place.get_by_label("size")).to_have_attribute("aria-valuetext", "1 frequencies across")


def test_painting_by_mouse(mounted, page: Page):
    """A stroke is one step of undo, mirrored, and takes the stripes away; a mask from elsewhere can't be undone."""
    widget = FrequencyFilter(filter="paint", picture="stripes")
    place = mounted(widget)
    undo = place.get_by_role("button", name="Undo")
    expect(undo).to_have_attribute("aria-disabled", "true")
    expect(place.locator(".strip .frame")).to_contain_text("wipe the spectrum")
    drag(page, at(place, 17, 12), at(place, 23, 12))
    mask = kept(place)
    np.testing.assert_array_equal(mask, mirrored(mask))
    assert not mask[64 + 12, 64 + 17 : 64 + 24].any()
    widget.painted = mask
    expect(place.locator(".stats")).to_contain_text(f"{100 * widget.energy:.1f}\u00a0% of the energy")
    place.get_by_role("button", name="Invert").click()
    place.get_by_role("button", name="Keep all").click()
    for expected in (~mask, mask, np.ones_like(mask), np.ones_like(mask)):
        undo.click(force=True)
        np.testing.assert_array_equal(kept(place), expected)
    expect(undo).to_be_focused()  # though there is nothing left to undo
    drag(page, at(place, 17, 12), at(place, 23, 12))
    expect(undo).to_have_attribute("aria-disabled", "false")
    send(place, "painted", np.packbits(~mask).tobytes())
    expect(undo).to_have_attribute("aria-disabled", "true")


def test_a_stroke_taken_away_leaves_no_trace(mounted, page: Page):
    """The browser cancels the finger: the mask is what it was, and so is what can be undone."""
    place = mounted(FrequencyFilter(filter="paint"))
    fingers = Fingers(page)
    fingers.send("touchStart", at(place, 20, 9))
    fingers.send("touchMove", at(place, 26, 9))
    assert not kept(place).all()
    fingers.send("touchCancel")
    assert kept(place).all()
    expect(place.get_by_role("button", name="Undo")).to_have_attribute("aria-disabled", "true")


def test_colors_follow_the_theme(mounted, page: Page):
    """The kernel's orange is the theme's, also after the reader has changed it."""
    place = mounted(FrequencyFilter())
    canvas = place.locator(".pane.kernel canvas")
    assert "#" + bytes(pixels(canvas)[16, 16, :3].tolist()).hex() == plot.COLORS["kernel"]
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(
        """() => {
            const canvas = document.querySelector(".pane.kernel canvas");
            return canvas.getContext("2d").getImageData(16, 16, 1, 1).data[1] === 0x9d;
        }"""
    )


@pytest.mark.parametrize("filter", ["low-pass", "paint"])
def test_room(mounted, page: Page, filter):
    """As high as Python says; the filtered picture and what changes it are on one screen."""
    widget = FrequencyFilter(filter=filter)
    place = mounted(widget)
    for _, room in rooms(place, widget):
        assert height_of(place, room) == pytest.approx(room, abs=6)
        top = place.locator(".pane.output").bounding_box()["y"]
        for part in (".slide:visible", ".transport"):
            box = place.locator(part).bounding_box()
            assert box["y"] + box["height"] - top <= 560
        assert place.evaluate("node => node.scrollWidth <= node.clientWidth")
