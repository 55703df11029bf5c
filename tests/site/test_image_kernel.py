"""ImageKernel in the page: looked at, edited, turned and developed by mouse, finger and keyboard; own pictures."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from scipy import ndimage

from convlib.widgets import ImageKernel
from convlib.widgets.image_kernel import _reach, _tones
from tests.site import harness
from tests.site.conftest import Watch, serving
from tests.site.harness import Fingers, drag, middle, order, put, set_trait, settled, trait, wait_for_trait

#: What asks for the camera is counted; the tracks that were given are kept.
COUNT_CAMERA = """
window.asked = 0;
window.tracks = [];
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (what) => {
    window.asked += 1;
    const stream = await ask(what);
    window.tracks.push(...stream.getTracks());
    return stream;
};
"""


def picture(place: Locator, kind: str) -> np.ndarray:
    """Red, green and blue of the photograph, "photo", or the output, "result", when all done so far is drawn."""
    settled(place)
    return harness.pixels(place.locator(f"canvas.{kind}"))[..., :3].astype(float)


def at(place: Locator, column: float, row: float) -> tuple[float, float]:
    """Where a pixel of the photograph, of 512 × 384, lies on the screen."""
    box = place.locator(".surface").bounding_box()
    return box["x"] + (column + 0.5) * box["width"] / 512, box["y"] + (row + 0.5) * box["height"] / 384


def tile(place: Locator, k: int) -> Locator:
    return place.locator(".tile").nth(k)


def more(place: Locator) -> None:
    place.get_by_role("button", name="More").click()


BORDER = {"row": 0, "column": 511, "kernel": "emboss", "boundary": "wrap", "turn": 0, "offset": 30, "halvings": 2}


@pytest.mark.parametrize("traits", [{}, BORDER], ids=["at rest", "at the border"])
def test_what_is_shown_is_pythons(mounted, page: Page, traits):
    """The photograph as Python decodes it, and the output that SciPy computes from it, in the still's colours."""
    widget = ImageKernel(**traits)
    place = mounted(widget)
    grey = picture(place, "photo")[..., 0]
    assert np.abs(grey - widget.pixels).max() <= 3
    mode = {"edge": "nearest", "wrap": "grid-wrap"}[widget.boundary]
    act = ndimage.convolve if widget.turn == 180 else ndimage.correlate
    y = act(grey, widget.kernel / widget.divisor, mode=mode) + widget.offset
    expected = 255 * _tones(y, widget.negatives, _reach(widget.kernel, widget.divisor))
    assert np.abs(picture(place, "result") - expected).max() <= 2.5
    more(place)
    expect(place.locator(".pixels .outside")).to_have_count(5 if traits else 0)
    expect(place.locator(".tag.output")).to_be_visible(visible=not traits)  # no tag hides the window
    assert harness.serious_violations(page) == []


def test_at_rest_and_looked_at(mounted, page: Page):
    """Half filtered; an output is gathered, a pixel is scattered; the mouse looks and leaves, a press stays."""
    widget = ImageKernel()
    place = mounted(widget)
    sentence = place.locator(".sentence")
    expect(sentence).to_have_text(re.compile(r"^Row 49, column 217: 9 products add up to 6\d\d, over 8 = 8[\d.]+\.$"))
    numbers = [int(text) for text in place.locator(".pixels .cell").all_inner_texts()]
    assert np.abs(np.array(numbers) - widget.window.ravel()).max() <= 3
    weights = [float(text.replace("−", "-")) for text in place.locator(".tile").all_inner_texts()]
    assert weights == widget.laid.ravel().tolist()
    products = [float(text.replace("−", "-")) for text in place.locator(".products .cell").all_inner_texts()]
    assert products == [weight * number for weight, number in zip(weights, numbers, strict=True)]
    expect(place.locator(".answer .value")).to_have_text(f"{sum(products) / 8:.1f}".removesuffix(".0"))

    page.mouse.move(*at(place, 400, 300))
    expect(sentence).to_contain_text("Row 150, column 200: 9 products")
    page.mouse.move(*at(place, 40, 60))
    expect(sentence).to_contain_text("It goes into 9 outputs: the kernel, as it is printed, times")
    expect(place.locator(".stage")).to_have_attribute("data-view", "scatter")
    assert [text.replace("−", "-") for text in place.locator(".tile").all_inner_texts()][:3] == ["1", "0", "-1"]
    page.mouse.move(5, 5)
    expect(sentence).to_contain_text("Row 49, column 217")
    assert (trait(place, "row"), trait(place, "column")) == (99, 435)
    page.mouse.click(*at(place, 40, 60))
    page.mouse.move(5, 5)
    expect(sentence).to_contain_text("Row 30, column 20 is")
    expect(place.locator("[aria-live]")).to_contain_text("Row 30, column 20 is")
    place.locator(".surface").focus()
    for key in ("ArrowRight", "Shift+ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    assert (trait(place, "row"), trait(place, "column")) == (60 + 16 - 2, 42)
    tile(place, 5).hover()
    expect(sentence).to_contain_text(re.compile(r"Here −2 × \d+ = −\d+\.$"))
    expect(place.locator(".products .lit")).to_have_count(1)


def test_weights_by_mouse_and_keyboard(mounted, page: Page):
    """A tile dragged up; arrow keys; typed numbers, with their errors; on the tile that lies there, turned as it is."""
    place = mounted(ImageKernel(turn=0, kernel="sharpen"))
    drag(page, middle(tile(place, 0)), (middle(tile(place, 0))[0], middle(tile(place, 0))[1] - 35))
    assert trait(place, "kernel")[0] == 0.5
    expect(place.get_by_label("kernel", exact=True)).to_have_value("your own")
    tile(place, 4).focus()
    for key in ("ArrowUp", "ArrowUp", "ArrowDown", "PageUp"):
        page.keyboard.press(key)
    assert trait(place, "kernel")[4] == pytest.approx(6.1)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(tile(place, 6)).to_be_focused()
    for typed, then in (("-2.5", -2.5), ("1,5", 1.5), ("x", 1.5), ("", 1.5), ("1000", 99)):
        tile(place, 6).press("Enter")
        expect(place.locator(".typed")).to_be_focused()
        place.locator(".typed").fill(typed)
        page.keyboard.press("Enter")
        assert trait(place, "kernel")[6] == then
        expect(tile(place, 6)).to_be_focused()
    page.keyboard.press("7")
    page.keyboard.press("Escape")
    assert trait(place, "kernel")[6] == 99
    page.keyboard.press("-")
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    assert trait(place, "kernel")[6] == -3
    # Turned by half, the tile at the upper left is the kernel's last weight.
    set_trait(place, "turn", 180)
    tile(place, 0).click()
    place.locator(".typed").fill("8")
    page.keyboard.press("Enter")
    assert trait(place, "kernel")[8] == 8
    place.get_by_role("button", name="Reset").click()
    assert trait(place, "kernel") == [0, -1, 0, -1, 5, -1, 0, -1, 0]


def test_turning_by_the_corner(mounted, page: Page):
    """The corner goes round with the hand: half way round and correlation has become convolution; a click, keys."""
    place = mounted(ImageKernel(turn=0))
    board = place.locator(".tiles").bounding_box()
    x, y = board["x"] + board["width"] / 2, board["y"] + board["height"] / 2
    start = middle(place.locator(".turner"))
    reach = np.hypot(start[0] - x, start[1] - y)
    angles = np.arctan2(start[1] - y, start[0] - x) + np.deg2rad([0, 50, 100, 150, 175])
    drag(page, *[(x + reach * np.cos(angle), y + reach * np.sin(angle)) for angle in angles])
    assert trait(place, "turn") == 180
    page.wait_for_function("document.querySelector('.board').style.getPropertyValue('--twist') === '0.0deg'")
    place.locator(".turner").click()
    assert trait(place, "turn") == 0
    place.locator(".turner").focus()
    page.keyboard.press("ArrowLeft")
    assert trait(place, "turn") == 270
    expect(place.locator(".turner")).to_have_attribute("aria-valuetext", "turned by 270 degrees")
    more(place)
    expect(place.locator(".code")).to_contain_text('correlate(image, np.rot90(kernel), "same", boundary="edge")')


def test_locks_and_numbers(mounted, page: Page):
    """A lock sets the sum by the centre and keeps it; a preset that breaks it opens it; divisor and offset."""
    place = mounted(ImageKernel(kernel="Laplacian"))
    place.evaluate(
        """node => {
            node.sent = [];
            node.model.save_changes = () => {
                const [w, lock, divisor] = ["kernel", "lock", "divisor"].map((name) => node.model.get(name));
                node.sent.push([lock, w.reduce((sum, v) => sum + v, 0) / divisor]);
            };
        }"""
    )
    more(place)
    lock = place.get_by_role("group", name="sum of the weights")
    lock.get_by_label("locked: 1").check()
    assert trait(place, "kernel") == [0, 1, 0, 1, -3, 1, 0, 1, 0]
    tile(place, 0).focus()
    page.keyboard.press("ArrowUp")
    assert trait(place, "kernel")[8] == 0.1
    assert sum(trait(place, "kernel")) == pytest.approx(1)
    place.get_by_label("divided by").fill("2")
    page.keyboard.press("Enter")
    assert sum(trait(place, "kernel")) == pytest.approx(2)
    for given, then in (("500", 255), ("-3,4", -3), ("none", -3)):
        place.get_by_label("plus").fill(given)
        page.keyboard.press("Enter")
        assert trait(place, "offset") == then
    place.get_by_label("kernel", exact=True).select_option("Sobel y")
    assert (trait(place, "lock"), trait(place, "divisor"), trait(place, "negatives")) == ("none", 8, "color")
    place.get_by_label("kernel", exact=True).select_option("box")
    assert (trait(place, "divisor"), trait(place, "negatives")) == (9, "clip")
    goals = {"one": 1, "zero": 0}
    sent = [(lock, total) for lock, total in place.evaluate("node => node.sent") if lock != "none"]
    assert len(sent) > 2
    assert all(total == pytest.approx(goals[lock]) for lock, total in sent), "Python refuses one without the other"
    size = place.get_by_role("group", name="size")
    size.get_by_label("7").check()
    assert (trait(place, "kernel"), trait(place, "divisor")) == ([1] * 49, 49)
    tile(place, 24).focus()
    page.keyboard.press("ArrowUp")
    size.get_by_label("5").check()
    assert trait(place, "kernel") == [*[1] * 12, 2, *[1] * 12]
    place.get_by_label("pixels across").select_option("64")
    assert (trait(place, "halvings"), picture(place, "result").shape) == (3, (48, 64, 3))
    place.get_by_label("beyond the border").select_option("wrap")
    expect(place.locator(".code")).to_contain_text('boundary="wrap")')
    clipboard = "{ value: { writeText: (text) => (window.copied = text) } }"
    page.evaluate(f"() => Object.defineProperty(navigator, 'clipboard', {clipboard})")
    place.locator(".python button").click()
    expect(place.locator(".python button")).to_have_text("Copied")
    assert page.evaluate("window.copied") == place.locator(".code").inner_text()


def test_divider_and_developing(mounted, page: Page):
    """The bar is dragged and moved by keys; an empty output is painted under the window, and swept by Play."""
    place = mounted(ImageKernel(halvings=3))
    x, y = middle(place.locator(".divider"))
    drag(page, (x, y), (x - 60, y))
    share = 0.5 - 60 / place.locator(".surface").bounding_box()["width"]
    assert trait(place, "divider") == pytest.approx(share, abs=0.005)
    clip = place.locator(".result").evaluate("node => getComputedStyle(node).clipPath")
    assert float(re.search(r"([\d.]+)%\)", clip)[1]) == pytest.approx(100 * trait(place, "divider"), abs=0.01)
    place.locator(".divider").focus()
    page.keyboard.press("End")
    assert trait(place, "divider") == 1
    full = picture(place, "result")
    more(place)
    place.get_by_role("button", name="Start empty").click()
    settled(place)
    assert (trait(place, "swept"), trait(place, "divider")) == (0, 0)
    assert (picture(place, "result") != full).any(axis=2).mean() > 0.9
    drag(page, at(place, 100, 100), at(place, 200, 100))
    settled(place)
    now = picture(place, "result")
    np.testing.assert_array_equal(now[11:14, 11:26], full[11:14, 11:26])
    assert (now[30:] != full[30:]).any(axis=2).mean() > 0.9
    place.get_by_role("button", name="Play").click()
    expect(place.get_by_role("button", name="Pause")).to_be_visible()
    wait_for_trait(place, "swept", "value > 40")
    place.locator(".surface").click(position={"x": 5, "y": 5})
    expect(place.get_by_role("button", name="Play")).to_be_visible()
    set_trait(place, "swept", 768)
    np.testing.assert_array_equal(picture(place, "result"), full)


def test_prose_and_python_drive_it(mounted, page: Page):
    """Orders, and traits that may come from anyone's link."""
    place = mounted(ImageKernel())
    order(place, "choose", value="Gaussian 7")
    assert (len(trait(place, "kernel")), trait(place, "divisor"), trait(place, "negatives")) == (49, 1, "clip")
    order(place, "choose", value="nonsense")
    order(place, "empty")
    assert trait(place, "swept") == 0
    put(place, kernel=[1, 2])
    put(place, photo="own")
    expect(place.locator(".tile")).to_have_count(9)
    put(place, photo="coins")
    page.wait_for_function("document.querySelector('.choices select').value === 'coins'")
    coins = ImageKernel(photo="coins").pixels
    page.wait_for_function(
        """([canvas, grey]) => Math.abs(canvas.getContext("2d").getImageData(9, 9, 1, 1).data[0] - grey) <= 3""",
        arg=[place.locator("canvas.photo").element_handle(), int(coins[9, 9])],
    )
    assert np.abs(picture(place, "photo")[..., 0] - coins).max() <= 3
    # The address of this state leads back to it, kernel and painted tiles included.
    place.evaluate("node => node.model.set({ kernel: Array(25).fill(0.5), divider: 0.25, turn: 90 })")
    drag(page, at(place, 300, 200), at(place, 330, 200))
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: { writeText: (t) => (window.copied = t) } })")
    place.get_by_role("button", name="Copy link").click()
    names = ["kernel", "divider", "turn", "photo", "swept", "negatives", "divisor", "row", "column"]
    before = [trait(place, name) for name in names]
    painted = harness.binary(place, "painted")
    assert any(painted)
    address = page.evaluate("window.copied")
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(".cl-mount.mounted")
    wait_for_trait(place, "turn", "value === 90")
    assert [trait(place, name) for name in names] == before
    assert harness.binary(place, "painted") == painted
    # Zero is the page itself, dark in a dark page.
    place.evaluate("node => node.model.set({ kernel: Array(9).fill(0), negatives: 'color', swept: 768 })")
    settled(place)
    assert picture(place, "result")[0, 0].tolist() == [255, 255, 255]
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(
        "document.querySelector('canvas.result').getContext('2d').getImageData(0, 0, 1, 1).data[0] === 0x12"
    )


@pytest.fixture
def phone(chromium: Browser, tmp_path) -> Iterator[Callable[..., tuple[Page, Locator]]]:
    """A widget on a phone with a long page; everything clean at the end."""
    context = chromium.new_context(viewport={"width": 390, "height": 664}, has_touch=True, is_mobile=True)
    page, watch = context.new_page(), Watch()
    watch.start(page)
    with serving(tmp_path) as address:

        def mount(widget: ImageKernel) -> tuple[Page, Locator]:
            path = harness.write_page(tmp_path, widget)
            long = '<div style="height: 3000px"></div></main>'
            path.write_text(path.read_text(encoding="utf-8").replace("</main>", long), encoding="utf-8")
            page.goto(f"{address}/index.html")
            page.wait_for_selector(".cl-mount.mounted")
            return page, page.locator(".cl-live").first

        yield mount
    watch.assert_clean()
    context.close()


def test_on_a_phone(phone):
    """Cause and effect on one screen of 390 × 560; a finger drags tile, bar and window, and scrolls the page."""
    page, place = phone(ImageKernel(turn=0))
    top = place.locator(".stage").bounding_box()["y"]
    for part in (".strip", ".answer", ".sentence", ".choices"):
        box = place.locator(part).bounding_box()
        assert box["y"] + box["height"] - top <= 560
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    x, y = middle(tile(place, 4))
    Fingers(page).stroke((x, y), (x, y - 10), (x, y - 28), end="touchCancel")
    assert trait(place, "kernel")[4] == 0
    Fingers(page).stroke((x, y), (x, y - 10), (x, y - 28))
    assert trait(place, "kernel")[4] == 4
    assert place.locator(".typed").count() == 0
    Fingers(page).stroke((x, y))
    place.locator(".typed").fill("2")
    page.keyboard.press("Enter")
    assert trait(place, "kernel")[4] == 2
    Fingers(page).stroke(at(place, 300, 200), at(place, 350, 210), at(place, 400, 220))
    assert trait(place, "column") == pytest.approx(400, abs=2)
    x, y = middle(place.locator(".divider"))
    Fingers(page).stroke((x, y), (x + 20, y), (x + 80, y))
    assert trait(place, "divider") > 0.6
    assert page.evaluate("scrollY") == 0
    place.get_by_label("7", exact=True).check()
    boxes = [part.bounding_box() for part in place.locator(".tile").all()[:8]]
    assert min(min(box["width"], box["height"]) for box in boxes) >= 23.5
    before = trait(place, "row")
    Fingers(page).stroke(at(place, 200, 300), at(place, 200, 200), at(place, 200, 60), end="touchEnd")
    page.wait_for_function("scrollY > 0")
    assert trait(place, "row") == before, "an upward stroke over the picture scrolls the page, and changes nothing"


def png(seed: int, width: int = 90, height: int = 120) -> tuple[bytes, np.ndarray]:
    """A picture of large squares, as a file, and its largest part that is four wide and three high."""
    grey = np.kron(np.random.default_rng(seed).integers(0, 256, (height // 30, width // 30)), np.ones((30, 30)))
    file = io.BytesIO()
    Image.fromarray(grey.astype(np.uint8)).save(file, "PNG")
    high = round(width * 3 / 4)
    return file.getvalue(), grey[(height - high) // 2 :][:high]


HAND_OVER = """(node, [kind, bytes, type]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(bytes)], "mine.png", { type }));
    const given = { bubbles: true, cancelable: true };
    const events = [new ClipboardEvent("paste", { ...given, clipboardData: transfer })];
    const drags = ["dragover", "drop"].map((name) => new DragEvent(name, { ...given, dataTransfer: transfer }));
    return (kind === "paste" ? events : drags).map((event) => !node.dispatchEvent(event)).every(Boolean);
}"""


def shows(page: Page, place: Locator, part: np.ndarray) -> None:
    """Wait until the picture is this one: the middle of each square has its grey."""
    rows, columns = part.shape
    inside = [(r, c) for r in (5, 60) for c in (15, 45, 75)]
    points = [(int(256 * (c + 0.5) / columns), int(192 * (r + 0.5) / rows), part[r, c]) for r, c in inside]
    page.wait_for_function(
        """([canvas, points]) => points.every(([x, y, grey]) =>
            Math.abs(canvas.getContext("2d").getImageData(x, y, 1, 1).data[0] - grey) <= 1)""",
        arg=[place.locator("canvas.photo").element_handle(), [[x, y, float(grey)] for x, y, grey in points]],
    )


def test_own_pictures(mounted, page: Page, tmp_path):
    """Chosen, dropped and pasted; cut to the middle; never a trait, so no link and no Python has them; Reset."""
    page.add_init_script(COUNT_CAMERA)
    place = mounted(ImageKernel())
    expect(place.locator(".foot")).to_contain_text("it never leaves this browser")
    before = place.evaluate("node => Object.keys(node.model.state()).length")
    file, part = png(1)
    with page.expect_file_chooser() as chooser:
        place.get_by_role("button", name="Open…").click()
    chooser.value.set_files({"name": "mine.png", "mimeType": "image/png", "buffer": file})
    shows(page, place, part)
    assert trait(place, "photo") == "own"
    expect(place.locator(".choices select").first).to_have_value("own")
    file, part = png(2)
    assert place.locator(".surface").evaluate(HAND_OVER, ["drop", list(file), "image/png"])
    shows(page, place, part)
    place.locator(".surface").evaluate(HAND_OVER, ["drop", [1, 2, 3], "image/png"])
    expect(place.get_by_role("status")).to_have_text("That file is no picture that this browser can read.")
    file, part = png(3)
    page.mouse.move(5, 5)
    page.evaluate("document.activeElement.blur()")
    assert not page.locator("body").evaluate(HAND_OVER, ["paste", list(png(4)[0]), "image/png"]), "not meant for it"
    place.locator(".surface").focus()
    assert not page.locator("body").evaluate(HAND_OVER, ["paste", [65, 66], "text/plain"]), "a text"
    assert page.locator("body").evaluate(HAND_OVER, ["paste", list(file), "image/png"])
    shows(page, place, part)
    place.locator(".choices select").first.select_option("chelsea")
    page.wait_for_function("document.querySelector('.choices select').value === 'chelsea'")
    place.locator(".choices select").first.select_option("own")
    shows(page, place, part)
    assert place.evaluate("node => Object.keys(node.model.state()).length") == before
    held = "node => Object.values(node.model.state()).map((v) => v.byteLength).filter((size) => size !== undefined)"
    assert sorted(place.evaluate(held)) == [0, 96]
    place.get_by_role("button", name="Reset").click()
    assert trait(place, "photo") == "astronaut"
    expect(place.locator("option[value=own]")).to_be_disabled()
    assert page.evaluate("window.asked") == 0, "nobody has asked for the camera"


def test_camera(launch: Callable[..., Browser], tmp_path):
    """Asked for by its button alone; live; frozen by a tap, which lets the camera go; the end lets it go, too."""
    browser = launch("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    page, watch = browser.new_page(), Watch()
    watch.start(page)
    page.add_init_script(COUNT_CAMERA)
    harness.write_page(tmp_path, ImageKernel(halvings=2))
    with serving(tmp_path) as address:
        page.goto(f"{address}/index.html")
        page.wait_for_selector(".cl-mount.mounted")
        place = page.locator(".cl-live").first
        file = "canvas => canvas.toDataURL('image/png')"
        still = place.locator("canvas.photo").evaluate(file)
        assert page.evaluate("window.asked") == 0
        place.get_by_role("button", name="Camera").click()
        expect(place.get_by_role("status")).to_have_text("Tap to freeze.")
        for first in (
            still,
            place.locator("canvas.photo").evaluate(file),
        ):  # another picture than the photograph, and then another one again
            page.wait_for_function(
                "([canvas, first]) => canvas.toDataURL('image/png') !== first",
                arg=[place.locator("canvas.photo").element_handle(), first],
            )
        before = trait(place, "row")
        place.locator(".surface").click(position={"x": 30, "y": 30})
        expect(place.locator(".notice")).to_have_text("")
        expect(place.get_by_role("button", name="Camera")).to_be_visible()
        assert trait(place, "row") == before, "the tap that freezes does nothing else"
        assert page.evaluate("window.tracks.map((track) => track.readyState)") == ["ended"]
        frozen = picture(place, "photo")
        settled(place)
        np.testing.assert_array_equal(picture(place, "photo"), frozen)
        for leave in ("node => node.model.set('photo', 'chelsea')", "node => node.unmount()"):
            place.get_by_role("button", name="Camera").click()
            expect(place.get_by_role("button", name="Freeze")).to_be_visible()
            place.evaluate(leave)
            assert page.evaluate("window.tracks.every((track) => track.readyState === 'ended')")
        assert page.evaluate("window.asked") == 3
    watch.assert_clean()


def test_no_camera(mounted, page: Page):
    """A sentence, and no error, where the camera is not allowed."""
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); };"
    )
    place = mounted(ImageKernel())
    place.get_by_role("button", name="Camera").click()
    expect(place.get_by_role("status")).to_have_text("The camera was not allowed.")
    assert trait(place, "photo") == "astronaut"


@pytest.mark.parametrize("show", [(), ("picture", "kernel", "output"), ("picture", "kernel", "sentence")], ids=str)
def test_room_and_reduced_views(mounted, page: Page, show):
    """As high as Python says at every width, with the parts that were asked for and no others."""
    widget = ImageKernel(show=show)
    place = mounted(widget)
    parts = {"pixels": ".box.pixels", "products": ".box.products", "output": ".answer", "choices": ".choices"}
    for name, part in parts.items():
        assert place.locator(part).is_visible() == (name in (show or parts)), name
    place.evaluate("node => (node.style.minHeight = 0)")
    for width, expected in zip((358, 654, 818), widget.room(), strict=True):
        harness.resize(place, width)
        page.wait_for_function(
            "([height]) => Math.abs(document.querySelector('.cl-live').offsetHeight - height) <= 24", arg=[expected]
        )
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [360, 390, 1280])
def test_no_number_is_cut(mounted, page: Page, width):
    """Three digits with their sign have room, on a phone too."""
    page.set_viewport_size({"width": width, "height": 800})
    place = mounted(ImageKernel(kernel="sharpen"))
    numbers = place.locator(":is(.pixels, .products) .cell")
    assert max(len(number) for number in numbers.all_text_contents()) >= 4
    cut = "nodes => nodes.filter((n) => n.scrollWidth > n.clientWidth).map((n) => n.textContent)"
    assert numbers.evaluate_all(cut) == []
