"""Measure ``convlib.layers.Conv2d`` beside PyTorch's, forward and back together.

Usage: python -m tests.benchmarks.layers [--save] [--quick]

float32, timed in rounds, all in random order, so that whatever else the machine does meets all of them; each call runs
once untimed to fill the caches.  PyTorch runs with two threads and with one: on a machine that others use, two wait for
each other, and one may be the faster.  So do those of NumPy's matrix products: there, set ``OPENBLAS_NUM_THREADS=1``.

Printed are the ratios of our time to PyTorch's with two threads, of the shortest times and of the medians.  The exit
status is 1 if the first, for :data:`PROMISED`, is above 2.  ``--save`` writes the times, and how they were made, to
``layers.json`` beside this file.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

from convlib.layers import Conv2d
from tests.benchmarks.convolution import asked_for, how_it_was_made, stored

RESULTS = Path(__file__).with_suffix(".json")
OURS, PEER = "convlib.layers.Conv2d", "torch.nn.Conv2d, 2 threads"
#: Shape of x, output channels, and the other settings of the layer.
CASES = {
    "3 × 3": ((16, 32, 32, 32), 64, {"kernel_size": 3, "padding": 1}),
    "3 × 3, stride 2": ((16, 32, 32, 32), 64, {"kernel_size": 3, "padding": 1, "stride": 2}),
    "5 × 5, 1 channel": ((64, 1, 28, 28), 6, {"kernel_size": 5}),
    "1 × 1": ((16, 64, 32, 32), 64, {"kernel_size": 1}),
    "3 × 3, depthwise": ((16, 32, 32, 32), 32, {"kernel_size": 3, "padding": 1, "groups": 32}),
}
#: The case that the budget is about, and how many times PyTorch's time ours may be.
PROMISED, LARGEST = "3 × 3", 2.0


def calls(x: np.ndarray, channels: int, options: dict) -> dict[str, Callable[[], np.ndarray]]:
    """What is timed: a way forward and a way back, of the same x with the same weights; each returns dL/dx."""
    theirs = torch.nn.Conv2d(x.shape[1], channels, **options)
    ours = Conv2d(x.shape[1], channels, **options)
    ours.weight, ours.bias = theirs.weight.detach().numpy(), theirs.bias.detach().numpy()
    dy = np.random.default_rng(1).normal(size=ours(x).shape).astype(np.float32)
    images, gradient = torch.tensor(x, requires_grad=True), torch.tensor(dy)

    def our_turn() -> np.ndarray:
        ours.forward(x)
        return ours.backward(dy)

    def their_turn(threads: int) -> np.ndarray:
        torch.set_num_threads(threads)
        images.grad = theirs.weight.grad = theirs.bias.grad = None
        theirs(images).backward(gradient)
        return images.grad.numpy()

    return {OURS: our_turn, PEER: lambda: their_turn(2), "torch.nn.Conv2d, 1 thread": lambda: their_turn(1)}


def interleaved(functions: dict[str, Callable], seconds: float) -> dict[str, dict[str, float]]:
    """Shortest time and median of each function, called in turn for about ``seconds`` in all, 15 rounds at least."""
    times, order = {name: [] for name in functions}, list(functions)
    start = time.perf_counter()
    while len(times[OURS]) < 15 or (time.perf_counter() - start < seconds and len(times[OURS]) < 1000):
        random.shuffle(order)
        for name in order:
            functions[name]()
            begin = time.perf_counter()
            functions[name]()
            times[name].append(time.perf_counter() - begin)
    return {name: {"shortest": min(found), "median": statistics.median(found)} for name, found in times.items()}


def measure_case(name: str, seconds: float) -> dict:
    """Time both on random pixels; their answers must agree."""
    shape, channels, options = CASES[name]
    functions = calls(np.random.default_rng(0).normal(size=shape).astype(np.float32), channels, options)
    ours, theirs = functions[OURS](), functions[PEER]()
    if not np.allclose(ours, theirs, atol=1e-4 * np.abs(theirs).max()):
        raise AssertionError(f"the gradients differ for {name}")
    return {"name": name, "seconds": interleaved(functions, seconds)}


def ratio(case: dict, figure: str) -> float:
    """Our time over PyTorch's with two threads; ``figure`` is "shortest" or "median"."""
    return case["seconds"][OURS][figure] / case["seconds"][PEER][figure]


def table(cases: list[dict]) -> str:
    """Ratios and our own time as Markdown, a row for each case."""
    lines = ["| layer | ratio of shortest | ratio of medians | ours, shortest (ms) |", "|:---|---:|---:|---:|"]
    for case in cases:
        ours = 1000 * case["seconds"][OURS]["shortest"]
        lines.append(f"| {case['name']} | {ratio(case, 'shortest'):.2f} | {ratio(case, 'median'):.2f} | {ours:.1f} |")
    return "\n".join(lines)


def within_budget(cases: list[dict]) -> bool:
    """Whether the layer keeps to what this module promises."""
    return all(ratio(case, "shortest") <= LARGEST for case in cases if case["name"] == PROMISED)


def main() -> int:
    """Measure, print, compare with the budget."""
    options, seconds = asked_for(__doc__, RESULTS)
    made = how_it_was_made() | {"torch": version("torch").partition("+")[0], "load": f"{os.getloadavg()[0]:.1f}"}
    cases = [measure_case(name, 3 * seconds) for name in CASES]
    print(table(cases))
    if options.save:
        stored({"made": made, "cases": cases}, RESULTS)
    return int(not within_budget(cases))


if __name__ == "__main__":
    sys.exit(main())
