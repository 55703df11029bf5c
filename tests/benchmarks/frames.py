"""Time the frames of every widget while it is dragged, and ``import convlib``.

Usage: python -m tests.benchmarks.frames [Widget ...]

Every kind of handle is pressed with the mouse and moved to and fro, one move a frame, in a browser without a frame rate
limit, so that the time between two frames is what a frame costs.  Other programs can only make frames longer: of five
drags the quickest counts.  The exit status is 1 if 95 % of a drag's frames take longer than a sixtieth of a second, or
the import more than 0.3 seconds; on a busy machine both say more about the machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Locator, Page, sync_playwright

from convlib import widgets
from tests.site import harness
from tests.site.browser import ARGUMENTS, find_or_install
from tests.site.conftest import serving
from tests.site.test_contract import example

UNLIMITED = ("--disable-frame-rate-limit", "--disable-gpu-vsync")
FRAME, IMPORT = 1000 / 60, 0.3
DRAGS, COUNT = 5, 120
#: Handles; in widgets that are not on the shared layer they have no mark.
HANDLES = "[data-drag], .grab, .pick, .grip, .track, .plane"

#: A frame in which nothing changes waits for the screen: something small changes in every one.
DRAG = """async (handle, [x, y, across, down, count]) => {
    const times = [];
    let last = await new Promise(requestAnimationFrame);
    for (let i = 0; i < count; i += 1) {
        const way = Math.sin(i / 12);
        const given = { pointerId: 1, clientX: x + across * way, clientY: y + down * way, buttons: 1, bubbles: true };
        handle.dispatchEvent(new PointerEvent("pointermove", { ...given, pointerType: "mouse" }));
        document.querySelector("h1").style.color = `rgb(0 0 ${i % 99})`;
        const now = await new Promise(requestAnimationFrame);
        times.push(now - last);
        last = now;
    }
    return times;
}"""


def drag(page: Page, handle: Locator) -> float:
    """Milliseconds that 95 % of the frames of one drag take at most."""
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    axis = handle.get_attribute("data-drag") or "xy"
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    times = handle.evaluate(DRAG, [x, y, 60 if "x" in axis else 0, 40 if "y" in axis else 0, COUNT])
    page.mouse.up()
    return float(np.percentile(times, 95))


def kinds(place: Locator) -> dict[str, Locator]:
    """The first visible handle of each class."""
    found: dict[str, Locator] = {}
    for part in place.locator(HANDLES).all():
        if part.is_visible():
            found.setdefault(part.get_attribute("class") or part.evaluate("node => node.tagName"), part)
    return found


def measure(page: Page, widget: type[widgets.Widget]) -> dict[str, tuple[float, int]]:
    """For each kind of handle the 95th percentile, and how many changes of a trait a drag makes."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as address:
        harness.write_page(Path(folder), example(widget))

        def mounted() -> Locator:
            page.goto(f"{address}/index.html")
            page.wait_for_selector(".cl-mount.mounted")
            return page.locator(".cl-live").first

        return {name: _measured(page, mounted(), name) for name in kinds(mounted())}


def _measured(page: Page, place: Locator, name: str) -> tuple[float, int]:
    """For one kind of handle, on a page of its own: a press may open something that hides the others, or this one."""
    place.evaluate("node => { node.changes = 0; node.model.on('change', () => (node.changes += 1)); }")
    handle, times = kinds(place)[name], []
    while len(times) < DRAGS and handle.is_visible():
        times.append(drag(page, handle))
    return min(times), place.evaluate("node => node.changes") // len(times)


def import_seconds() -> float:
    """What ``import convlib`` adds to the start of Python, at best."""

    def best(code: str) -> float:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            times.append(time.perf_counter() - start)
        return min(times)

    return best("import convlib") - best("pass")


def main(names: list[str]) -> int:
    """Measure, print a table, and say whether the limits hold."""
    if os.getloadavg()[0] > os.cpu_count() / 2:
        print(f"This machine is busy (load average {os.getloadavg()[0]:.1f}): times will be long.", file=sys.stderr)
    slow = []
    print(f"{'ms a frame, 95 %':>18}  {'changes a drag':>14}  handle")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_or_install(), args=[*ARGUMENTS, *UNLIMITED])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        for name in names or [name for name in widgets.__all__ if name != "Widget"]:
            for handle, (time_, changes) in measure(page, getattr(widgets, name)).items():
                print(f"{time_:18.1f}  {changes:14}  {name} .{handle}")
                slow += [f"{name} .{handle}"] if time_ > FRAME else []
        browser.close()
    seconds = import_seconds()
    print(f"{seconds:18.2f}  s to import convlib")
    slow += ["import convlib"] if seconds > IMPORT else []
    print("Over the limit: " + ", ".join(slow) if slow else "All limits hold.")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
