"""Find the length from which convolving by transforms is faster than the direct sum, kernel as long as the input.

Usage: python -m tests.benchmarks.crossover [--save]

At each of a row of lengths, a quarter of an octave apart, NumPy's direct sum and three of its transforms are timed in
turn, each keeping its shortest time; they cross where the ratio passes 1 for the last time, between two lengths by a
straight line on logarithmic axes.  That is done nine times.  ``--save`` writes the crossings, and how they were made,
to ``crossover.json`` beside this file; chapter 4 tells them.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
from pathlib import Path

import numpy as np

from convlib import cost
from tests.benchmarks.convolution import how_it_was_made, shortest_times

RESULTS = Path(__file__).with_suffix(".json")
LENGTHS = [round(2 ** (octave / 4)) for octave in range(6 * 4, 12 * 4 + 1)]
REPEATS = 9


def by_transforms(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The chapter's own: both padded to a good length, multiplied, transformed back; arrays in, full result out."""
    length = len(x) + len(w) - 1
    size = cost.fast_length(length)
    return np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(w, size), size)[:length]


def crossing(lengths: list[int], ratios: list[float]) -> float:
    """Where direct time over transform time passes 1 for the last time, by straight lines on logarithmic axes.

    >>> crossing([100, 200, 400], [0.5, 0.5, 2.0])
    282.8...
    """
    last = max(i for i, ratio in enumerate(ratios) if ratio < 1)
    (a, b), (below, above) = np.log(lengths[last : last + 2]), np.log(ratios[last : last + 2])
    return float(math.exp(a - below * (b - a) / (above - below)))


def measure(seed: int) -> float:
    """One crossing, in samples."""
    rng, ratios = np.random.default_rng(seed), []
    for length in LENGTHS:
        x, w = rng.normal(size=(2, length))
        assert np.allclose(by_transforms(x, w), np.convolve(x, w))
        times = shortest_times(
            {"direct": lambda x=x, w=w: np.convolve(x, w), "transforms": lambda x=x, w=w: by_transforms(x, w)}, 0.05
        )
        ratios.append(times["direct"] / times["transforms"])
    return crossing(LENGTHS, ratios)


def main() -> None:
    """Measure, print, and store if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true")
    save = parser.parse_args().save
    crossings = [round(measure(seed)) for seed in range(REPEATS)]
    print(f"median {statistics.median(crossings):.0f}, from {min(crossings)} to {max(crossings)} samples")
    if save:
        RESULTS.write_text(json.dumps({"made": how_it_was_made(), "crossings": crossings}, indent=1) + "\n")


if __name__ == "__main__":
    main()
