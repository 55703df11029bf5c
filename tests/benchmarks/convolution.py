"""Measure ``convlib.convolve(method="auto")`` beside NumPy and SciPy, and fit the model by which it decides.

Usage: python -m tests.benchmarks.convolution [--save] [--fit] [--quick]

Every case is timed in rounds, all functions in random order, so that a change of the processor's clock meets all of
them; each runs once untimed to fill the caches, and keeps its shortest time.  Prints the ratio of ours to the fastest
of the others, as a Markdown table.  The exit status is 1 if their geometric mean is above 1.0, if one of them is above
1.3 where there are 10 million products or more, or if a call on 100 samples takes 10 microseconds longer than SciPy's:
for fewer products, reading the input to see that nothing in it is NaN, infinite or too large costs as much as the sum.
``--save`` writes the times, and how they were made, to ``convolution.json`` beside this file; the book's page
*Benchmarks* shows that file.  ``--fit`` prints constants for ``convlib/cost.py``.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import os
import platform
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy
import scipy.signal
from scipy.optimize import nnls

import convlib
from convlib import cost

RESULTS = Path(__file__).with_suffix(".json")
LENGTHS = (10_000, 100_000, 1_000_000)
TAPS = (3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 100_000)
SHORT = ((100, 3), (100, 10), (100, 30), (100, 100))
#: From so many products on, ours may take 1.3 times as long as the fastest of the others; a short call may take so much
#: longer than SciPy's.
MANY_PRODUCTS, EXTRA_SECONDS = 1e7, 1e-5
#: Direct sums of more products than this take seconds, and are never the fastest: left out.
MOST_PRODUCTS = 1e9
OURS = "convlib.convolve"
PEERS: dict[str, Callable] = {
    "numpy.convolve": np.convolve,
    "scipy.signal.convolve": scipy.signal.convolve,
    "scipy.signal.fftconvolve": scipy.signal.fftconvolve,
    "scipy.signal.oaconvolve": scipy.signal.oaconvolve,
}


def shortest_times(functions: dict[str, Callable], seconds: float) -> dict[str, float]:
    """Shortest time of a call of each function, timed in turn for about ``seconds`` in all, 5 rounds at least."""
    repeats = {name: max(1, round(2e-4 / _time(function, 2))) for name, function in functions.items()}
    times = dict.fromkeys(functions, math.inf)
    start, rounds, order = time.perf_counter(), 0, list(functions)
    while rounds < 5 or (time.perf_counter() - start < seconds and rounds < 1000):
        random.shuffle(order)  # or one function would always follow the heaviest, on a processor slowed down by it
        for name in order:
            times[name] = min(times[name], _time(functions[name], repeats[name]))
        rounds += 1
        if rounds == 5:  # who takes three times the least needs no more rounds: they belong to the others
            order = [name for name in order if times[name] < 3 * min(times.values())]
    return times


def _time(function: Callable, repeats: int) -> float:
    function()  # not timed: whoever comes first would find the caches cold
    start = time.perf_counter()
    for _ in range(repeats):
        function()
    return (time.perf_counter() - start) / repeats


def measure_case(length: int, taps: int, seconds: float) -> dict:
    """Time ours and the others on random samples; their answers must agree."""
    rng = np.random.default_rng(length + taps)
    x, w = rng.normal(size=length), rng.normal(size=taps)
    left_out = {"numpy.convolve"} if length * taps > MOST_PRODUCTS else set()
    functions = {OURS: convlib.convolve} | {n: f for n, f in PEERS.items() if n not in left_out}
    expected = scipy.signal.fftconvolve(x, w)
    for name, function in functions.items():
        if not np.allclose(function(x, w), expected, atol=1e-7 * math.sqrt(taps)):
            raise AssertionError(f"{name} gives another answer for {length} samples and {taps} taps")
    calls = {name: (lambda function=function: function(x, w)) for name, function in functions.items()}
    return {"length": length, "taps": taps, "seconds": shortest_times(calls, seconds)}


def fastest_other(case: dict) -> str:
    """Which of the others took least time."""
    return min((name for name in PEERS if name in case["seconds"]), key=case["seconds"].get)


def ratio(case: dict) -> float:
    """Our time over the shortest of the others'."""
    return case["seconds"][OURS] / case["seconds"][fastest_other(case)]


def geometric_mean(ratios: list[float]) -> float:
    """Of positive numbers."""
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def summary(results: dict) -> dict[str, float]:
    """The figures that the budgets are about."""
    cases, short = results["cases"], [case["seconds"] for case in results["short"]]
    return {
        "geometric mean": geometric_mean([ratio(case) for case in cases]),
        "largest": max(ratio(case) for case in cases if case["length"] * case["taps"] >= MANY_PRODUCTS),
        "seconds above SciPy": max(times[OURS] - times["scipy.signal.convolve"] for times in short),
    }


def within_budget(figures: dict[str, float]) -> bool:
    """Whether a summary keeps to what this module promises."""
    return (
        figures["geometric mean"] <= 1.0
        and figures["largest"] <= 1.3
        and figures["seconds above SciPy"] <= EXTRA_SECONDS
    )


def table(cases: list[dict]) -> str:
    """Ratios as Markdown: a row for each kernel length, a column for each input length."""
    lengths = sorted({case["length"] for case in cases})
    rows = ["| taps | " + " | ".join(f"{n:,} samples" for n in lengths) + " |", "|---:|" + "---:|" * len(lengths)]
    for taps in sorted({case["taps"] for case in cases}):
        found = {case["length"]: ratio(case) for case in cases if case["taps"] == taps}
        rows.append(f"| {taps:,} | " + " | ".join(f"{found[n]:.2f}" if n in found else "" for n in lengths) + " |")
    return "\n".join(rows)


def how_it_was_made() -> dict[str, str]:
    """Machine and versions, for whoever wants to compare."""
    model = next(
        (line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or "unknown",
    )
    return {
        "date": datetime.date.today().isoformat(),
        "processor": f"{model}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
    }


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []


# --- fitting the model --------------------------------------------------------------------------------------------


def fit(seconds: float) -> dict[str, float]:
    """Constants of ``convlib/cost.py``, by least squares of the relative error, none negative."""
    rng = np.random.default_rng(0)
    few = [(n, k) for n in (10_000, 100_000, 1_000_000) for k in (3, 5, 8, 11)]
    many = [(n, k) for n in (10_000, 100_000, 1_000_000) for k in (14, 30, 60, 120, 250)]
    constants = {}
    for names, cases in ((("_PRODUCT_UNROLLED",), few), (("_PRODUCT", "_SAMPLE"), many)):
        times = []
        for n, k in cases:
            x, w = rng.normal(size=n), rng.normal(size=k)
            times.append(shortest_times({"direct": lambda x=x, w=w: np.convolve(x, w)}, seconds)["direct"])
        terms = [[(n + k - 1) * k, n + k - 1][: len(names)] for n, k in cases]
        constants |= dict(zip(names, _relative_fit(terms, np.array(times)), strict=True))
    terms, times = [], []
    for n, k in ((3_000, 30), (10_000, 100), (100_000, 100), (100_000, 3_000), (1_000_000, 100), (1_000_000, 30_000)):
        x, w = rng.normal(size=n), rng.normal(size=k)
        for block in cost.candidate_blocks(n, k):
            if block - k + 1 > 2 * n:
                continue
            call = {"fft": lambda x=x, w=w, block=block: convlib.overlap_add(x, w, block)}
            times.append(shortest_times(call, seconds)["fft"])
            terms.append(cost._cost_terms(n, k, block))
    names = ("_TRANSFORM_CALL", "_STAGE", "_UNCACHED")
    constants |= dict(zip(names, _relative_fit(terms, np.array(times)), strict=True))
    return constants


def _relative_fit(terms: list[list[float]], times: np.ndarray) -> np.ndarray:
    design = np.array(terms, dtype=float) / times[:, None]
    scale = design.max(axis=0)
    constants = nnls(design / scale, np.ones(len(times)))[0] / scale
    error = np.abs(design @ constants - 1)
    print(f"  relative error of the fit: median {np.median(error):.0%}, largest {error.max():.0%}", file=sys.stderr)
    return constants


# --- the command line, which the benchmark of images shares --------------------------------------------------------


def asked_for(description: str, results: Path) -> tuple[argparse.Namespace, float]:
    """The options of a benchmark, and how many seconds a case may take."""
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    parser.add_argument("--save", action="store_true", help=f"write {results.name}, which the book shows")
    parser.add_argument("--fit", action="store_true", help="print constants for convlib/cost.py, nothing else")
    parser.add_argument("--quick", action="store_true", help="a tenth of the time for every case")
    options = parser.parse_args()
    return options, 0.2 if options.quick else 2.0


def told(ratios: str, figures: dict[str, float]) -> None:
    """Print the table and what it comes to."""
    print(ratios, end="\n\n")
    for name, figure in figures.items():
        print(f"{name}: {figure:.3g}")


def stored(results: dict, path: Path) -> None:
    """Write what the book shows."""
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    """Measure, print, compare with the budgets."""
    options, seconds = asked_for(__doc__, RESULTS)
    if options.fit:
        for name, value in fit(seconds / 4).items():
            print(f"{name} = {value:.2g}")
        return 0
    # Short kernels are decided by a microsecond or a memory access: more rounds.
    cases = [measure_case(n, k, seconds * (4 if k <= cost.UNROLLED else 1)) for n in LENGTHS for k in TAPS]
    results = {"made": how_it_was_made(), "cases": cases, "short": [measure_case(*case, seconds) for case in SHORT]}
    figures = summary(results)
    told(table(results["cases"]), figures)
    if options.save:
        stored(results, RESULTS)
    return int(not within_budget(figures))


if __name__ == "__main__":
    sys.exit(main())
