"""Time what ImageKernel does for one change of a weight: filter 512 × 512 pixels, and colour them.

Usage: python -m tests.benchmarks.image_kernel

In the page's own engine, the best of several runs: other programs can only make them longer.  The exit status is 1 if
3 × 3 weights take longer than a sixtieth of a second, or 7 × 7 longer than 50 milliseconds; on a busy machine that
says more about the machine.
"""

from __future__ import annotations

import os
import sys

from playwright.sync_api import sync_playwright

from convlib.widgets import ImageKernel
from convlib.widgets.image_kernel import preset
from tests.site.browser import ARGUMENTS, find_or_install

SIDE, RUNS = 512, 60
LIMITS = {3: 1000 / 60, 5: 50, 7: 50}

TIME = """async ([source, side, w, runs]) => {
    const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
    const x = Uint8Array.from({ length: side * side }, (_, i) => (i * 2654435761) >>> 24);
    const colors = { kernel: [187, 74, 6], input: [0, 103, 177], paper: [255, 255, 255] };
    const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const image = new ImageData(side, side);
    const pixels = new Uint32Array(image.data.buffer);
    const times = [];
    for (let run = 0; run < runs; run += 1) {
        const start = performance.now();
        const y = module.correlate(x, side, side, w, "edge");
        const { shades, scale } = module.tones("color", 64, colors);
        for (let i = 0; i < y.length; i += 1) {
            pixels[i] = shades[Math.max(-255, Math.min(255, Math.round(y[i] * scale))) + 255];
        }
        context.putImageData(image, 0, 0);
        times.push(performance.now() - start);
    }
    return Math.min(...times);
}"""


def main() -> int:
    """Measure, print a table, and say whether the limits hold."""
    if os.getloadavg()[0] > os.cpu_count() / 2:
        print(f"This machine is busy (load average {os.getloadavg()[0]:.1f}): times will be long.", file=sys.stderr)
    slow = []
    print(f"{'ms':>6}  {'limit':>6}  kernel, {SIDE} × {SIDE} pixels")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_or_install(), args=[*ARGUMENTS])
        page = browser.new_page()
        for side, limit in LIMITS.items():
            kernels = {"separable": preset("Gaussian", side)[0].ravel().tolist()}
            kernels["not separable"] = [((k * 7919) % 31) / 31 - 0.5 for k in range(side * side)]
            for name, w in kernels.items():
                time = page.evaluate(TIME, [ImageKernel._esm, SIDE, w, RUNS])
                print(f"{time:6.1f}  {limit:6.1f}  {side} × {side}, {name}")
                slow += [f"{side} × {side}, {name}"] if time > limit else []
        browser.close()
    print("Over the limit: " + ", ".join(slow) if slow else "All limits hold.")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
