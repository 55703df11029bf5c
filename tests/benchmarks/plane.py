"""Measure ``convlib.convolve`` on images beside SciPy's functions and PyTorch's, and fit the model by which it decides.

Usage: python -m tests.benchmarks.plane [--save] [--fit] [--quick]

Square images and kernels in float32, mode ``"same"``, timed as :mod:`tests.benchmarks.convolution` times sequences, all
functions in turn in one run.  PyTorch works on tensors made beforehand, with two threads and with one: on a machine
that others use, two threads wait for each other, and one may be the faster.  The kernels are random, so that none is
separable; separable ones are measured apart.  The exit status is 1 if the geometric mean of the ratios of ours to the
fastest of the others is above 1.0, or one of them above 1.3.  ``--save`` writes the times to ``plane.json`` beside this
file, which the book's page *Benchmarks* shows.  ``--fit`` prints constants for ``convlib/cost.py``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import scipy.ndimage
import scipy.signal

import convlib
from convlib import cost, plane
from tests.benchmarks.convolution import (
    OURS,
    _relative_fit,
    asked_for,
    geometric_mean,
    how_it_was_made,
    shortest_times,
    stored,
    told,
)

RESULTS = Path(__file__).with_suffix(".json")
SIZES = (128, 256, 512, 1024, 2048)
KERNELS = (3, 5, 7, 15, 31, 63)
SEPARABLE_SIZE = 512
#: Ours may take so many times as long as the fastest of the others.
LARGEST = 1.3
#: Direct sums of larger kernels than this with more products than that take seconds, and are never the fastest.
FEW_TAPS, MOST_PRODUCTS = 49, 3e7
PEERS = (
    "scipy.signal.convolve",
    "scipy.signal.oaconvolve",
    "scipy.ndimage.convolve",
    "torch.nn.functional.conv2d, 1 thread",
    "torch.nn.functional.conv2d, 2 threads",
)


def calls(x: np.ndarray, w: np.ndarray) -> dict[str, Callable[[], np.ndarray]]:
    """What is timed: every function on the same image and kernel."""
    import torch  # here, and not above: the page that shows the times needs none

    def conv2d(threads: int) -> torch.Tensor:
        torch.set_num_threads(threads)
        return torch.nn.functional.conv2d(image, weight, padding=len(w) // 2)[0, 0]

    image = torch.from_numpy(x)[None, None]
    weight = torch.from_numpy(w[::-1, ::-1].copy())[None, None]  # conv2d does not flip
    found = {
        OURS: lambda: convlib.convolve(x, w, "same"),
        "scipy.signal.convolve": lambda: scipy.signal.convolve(x, w, "same"),
        "scipy.signal.oaconvolve": lambda: scipy.signal.oaconvolve(x, w, "same"),
    }
    if w.size > FEW_TAPS and x.size * w.size > MOST_PRODUCTS:
        return found
    return found | {
        "scipy.ndimage.convolve": lambda: scipy.ndimage.convolve(x, w, mode="constant"),
        "torch.nn.functional.conv2d, 1 thread": lambda: conv2d(1),
        "torch.nn.functional.conv2d, 2 threads": lambda: conv2d(2),
    }


def measure_case(size: int, taps: int, seconds: float, separable: bool = False) -> dict:
    """Time ours and the others on random pixels; their answers must agree."""
    rng = np.random.default_rng(size + taps)
    x, w = rng.normal(size=(size, size)), rng.normal(size=(taps, taps))
    if separable:
        w = np.outer(w[0], w[1])
    expected = scipy.signal.fftconvolve(x, w, "same")
    functions = calls(x.astype(np.float32), w.astype(np.float32))
    for name, function in functions.items():
        if not np.allclose(np.asarray(function()), expected, atol=1e-5 * np.abs(expected).max()):
            raise AssertionError(f"{name} gives another answer for {size}² pixels and {taps}² taps")
    return {"size": size, "taps": taps, "seconds": shortest_times(functions, seconds)}


def fastest_other(case: dict) -> str:
    """Which of the others took least time."""
    return min((name for name in PEERS if name in case["seconds"]), key=case["seconds"].get)


def ratio(case: dict) -> float:
    """Our time over the shortest of the others'."""
    return case["seconds"][OURS] / case["seconds"][fastest_other(case)]


def summary(results: dict) -> dict[str, float]:
    """The figures that the budgets are about, and that for separable kernels."""
    ratios = [ratio(case) for case in results["cases"]]
    return {
        "geometric mean": geometric_mean(ratios),
        "largest": max(ratios),
        "separable": geometric_mean([ratio(case) for case in results["separable"]]),
    }


def within_budget(figures: dict[str, float]) -> bool:
    """Whether a summary keeps to what this module promises."""
    return figures["geometric mean"] <= 1.0 and figures["largest"] <= LARGEST


def table(cases: list[dict], cell: Callable[[dict], str] = lambda case: f"{ratio(case):.2f}") -> str:
    """Ratios as Markdown: a row for each kernel, a column for each image size."""
    sizes = sorted({case["size"] for case in cases})
    lines = ["| taps | " + " | ".join(f"{n} × {n}" for n in sizes) + " |", "|---:|" + "---:|" * len(sizes)]
    for taps in sorted({case["taps"] for case in cases}):
        found = {case["size"]: cell(case) for case in cases if case["taps"] == taps}
        lines.append(f"| {taps} × {taps} | " + " | ".join(found.get(n, "") for n in sizes) + " |")
    return "\n".join(lines)


def fit(seconds: float) -> dict[str, float]:
    """Constants of ``convlib/cost.py`` for images, by least squares of the relative error, none negative."""
    rng = np.random.default_rng(0)
    terms, times = ([], []), ([], [])
    for n, k in [(n, k) for n in (128, 400, 1000) for k in (3, 7, 31)]:
        x, w = (rng.normal(size=(m, m)).astype(np.float32) for m in (n + k - 1, k))
        if k <= 7:
            times[0].append(_shortest(lambda x=x, w=w: plane.in_strips(x, w), seconds))
            terms[0].append(cost._taps_terms(x.shape, k * k))
        for tile in cost.candidate_tiles((n, n), (k, k)):
            if max(tile) < 2.2 * min(tile):
                times[1].append(_shortest(lambda x=x, w=w, tile=tile: plane.in_tiles(x, w, tile), seconds))
                terms[1].append(cost._tile_terms((n, n), (k, k), tile))
    constants = {}
    for names, design, measured in zip(
        (("_TAP_CALL", "_TAP_PIXEL"), ("_TILE_CALL", "_TILE_STAGE", "_TILE_UNCACHED")), terms, times, strict=True
    ):
        constants |= dict(zip(names, _relative_fit(design, np.array(measured)), strict=True))
    return constants


def _shortest(function: Callable, seconds: float) -> float:
    return shortest_times({"": function}, seconds)[""]


def main() -> int:
    """Measure, print, compare with the budgets."""
    options, seconds = asked_for(__doc__, RESULTS)
    if options.fit:
        for name, value in fit(seconds / 10).items():
            print(f"{name} = {value:.2g}")
        return 0
    made = how_it_was_made() | {"torch": version("torch").partition("+")[0], "load": f"{os.getloadavg()[0]:.1f}"}
    results = {
        "made": made,
        "cases": [measure_case(n, k, seconds) for n in SIZES for k in KERNELS],
        "separable": [measure_case(SEPARABLE_SIZE, k, seconds, separable=True) for k in KERNELS],
    }
    figures = summary(results)
    told(table(results["cases"]), figures)
    if options.save:
        stored(results, RESULTS)
    return int(not within_budget(figures))


if __name__ == "__main__":
    sys.exit(main())
