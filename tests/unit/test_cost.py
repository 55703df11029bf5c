"""The model by which method="auto" decides: what it chooses, and that it is what theory says."""

from __future__ import annotations

import numpy as np
import pytest

from convlib import cost


@pytest.mark.parametrize("length", [1, 2, 7, 11, 13, 17, 97, 101, 1021, 4097, 65_537])
def test_fast_length(length):
    """The least product of 2s, 3s and 5s that is at least the length."""

    def smooth(number):
        for prime in (2, 3, 5):
            while number % prime == 0:
                number //= prime
        return number == 1

    assert cost.fast_length(length) == next(n for n in range(length, 2 * length + 2) if smooth(n))


@pytest.mark.parametrize("length", [10_000, 100_000, 1_000_000])
def test_short_kernels_are_summed_and_long_ones_transformed(length):
    """There is one crossover: once the transform wins, it wins for every longer kernel."""
    methods = [cost.plan(length, taps).method for taps in (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000)]
    assert methods[:2] == ["direct", "direct"]
    assert methods[-3:] == ["fft"] * 3
    assert methods == sorted(methods)


def test_a_plan_is_the_least_of_what_was_considered():
    """The block chosen costs no more than any other candidate, and less than the direct sum."""
    plan = cost.plan(200_000, 700)
    times = [cost.transform_seconds(200_000, 700, block) for block in cost.candidate_blocks(200_000, 700)]
    assert plan.seconds == min(times) < cost.direct_seconds(200_699, 700)
    assert plan.block in cost.candidate_blocks(200_000, 700)


def test_it_makes_no_difference_which_is_the_kernel():
    """Convolution commutes, and so does its cost."""
    assert cost.plan(50, 90_000) == cost.plan(90_000, 50)


@pytest.mark.parametrize("taps", [1, 2, 100, 5_000])
def test_candidate_blocks_can_be_used(taps):
    """Each leaves room for the tail, and one block holds everything."""
    blocks = cost.candidate_blocks(20_000, taps)
    assert all(block >= 2 * taps - 1 for block in blocks[:-1])
    assert blocks[-1] >= 20_000 + taps - 1
    assert blocks == sorted(set(blocks))


def test_costs_grow_as_theory_says():
    """Direct sums in proportion to N K; transforms of one block a little faster than N."""
    assert cost.direct_seconds(10**6, 8) == pytest.approx(10 * cost.direct_seconds(10**5, 8))
    call = cost.transform_seconds(1, 1, 1)
    one, two = (cost.transform_seconds(n - 99, 100, n) - call for n in (2**12, 2**13))
    assert two / one == pytest.approx(2 * 13 / 12)
    assert np.isfinite(cost.plan(10**9, 10**8).seconds)


@pytest.mark.parametrize("function", [cost.plan, cost.best_block, cost.candidate_blocks])
def test_bad_input_is_named(function):
    """Lengths are whole numbers of at least 1; NumPy's integers are as good as Python's."""
    with pytest.raises(ValueError, match="length must be at least 1, got 0"):
        function(0, 3)
    with pytest.raises(TypeError, match=r"taps must be a whole number, got 3\.0 of type float"):
        function(10, 3.0)
    assert function(np.int64(1000), np.int32(30)) == function(1000, 30)
    with pytest.raises(TypeError, match="length must be a whole number"):
        function(1000.0, 30)  # also after 1000 has been asked for
    with pytest.raises(ValueError, match="length must be at least 1, got -1"):
        cost.fast_length(-1)
