"""Convolution and correlation against NumPy and SciPy, on random input; bad input by its message."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import convlib
from convlib.convolution import BOUNDARIES, METHODS, MODES

floats = st.floats(-100, 100).filter(lambda value: value == 0 or abs(value) > 1e-6)
real = arrays(float, st.integers(1, 30), elements=floats)
whole = arrays(np.int64, st.integers(1, 30), elements=st.integers(-1000, 1000))
modes, methods = st.sampled_from(MODES), st.sampled_from(METHODS)


@given(real, real, modes, methods)
def test_convolve_is_scipys(x, w, mode, method):
    """Values, sizes and centring, in every mode and by every method."""
    ours, theirs = convlib.convolve(x, w, mode, method), scipy.signal.convolve(x, w, mode, method="direct")
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=1e-9 * (1 + np.abs(x).max() * np.abs(w).sum()))


@given(real, real, modes, methods)
def test_correlate_is_scipys(x, w, mode, method):
    """As for convolution; also where the second sequence is the longer one."""
    ours, theirs = convlib.correlate(x, w, mode, method), scipy.signal.correlate(x, w, mode, method="direct")
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=1e-9 * (1 + np.abs(x).max() * np.abs(w).sum()))


@given(whole, whole, modes, methods)
def test_integers_stay_exact(x, w, mode, method):
    """Every method gives the same integers, the Fourier transform too."""
    ours = convlib.convolve(x, w, mode, method)
    assert ours.dtype == np.int64
    np.testing.assert_array_equal(ours, scipy.signal.convolve(x, w, mode, method="direct"))


@given(real, real, methods, st.sampled_from(BOUNDARIES), st.sampled_from(["full", "same"]))
def test_boundary_is_numpys_padding(x, w, method, boundary, mode):
    """A boundary is what numpy.pad puts beyond the ends."""
    k = len(w)
    padded = np.pad(x, k - 1, mode=boundary)
    expected = np.convolve(padded, w, mode="valid") if len(padded) >= k else None
    if mode == "same":
        expected = expected[(k - 1) // 2 : (k - 1) // 2 + len(x)]
    ours = convlib.convolve(x, w, mode, method, boundary)
    np.testing.assert_allclose(ours, expected, atol=1e-9 * (1 + np.abs(x).max() * np.abs(w).sum()))


@given(real, real)
def test_convolution_commutes_and_correlation_does_not(x, w):
    """Swapping the arguments changes nothing for one and reverses the other."""
    np.testing.assert_allclose(convlib.convolve(x, w), convlib.convolve(w, x), atol=1e-6)
    np.testing.assert_allclose(convlib.correlate(x, w), convlib.correlate(w, x)[::-1], atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_types(method):
    """Booleans and small integers are counted in 64 bits; the wider float type wins; inputs are left alone."""
    eight = np.array([100, 100], dtype=np.int8)
    assert convlib.convolve(eight, eight, method=method).tolist() == [10000, 20000, 10000]
    assert convlib.convolve(np.array([True, True]), [1], method=method).dtype == np.int64
    single = np.ones(3, dtype=np.float32)
    assert convlib.convolve(single, single, method=method).dtype == np.float32
    assert convlib.convolve(single, np.ones(2), method=method).dtype == np.float64
    x = np.array([1.0, 2.0, 3.0])
    convlib.convolve(x, [1.0, 1.0], method=method)
    assert x.tolist() == [1, 2, 3]


def test_auto_uses_the_transform_for_long_kernels():
    """The choice follows the number of operations."""
    from convlib.convolution import _cheapest

    assert _cheapest(length=10_000, taps=3) == "taps"
    assert _cheapest(length=200_000, taps=100_000) == "fft"


@pytest.mark.parametrize("length", [1, 2, 7, 11, 13, 17, 97, 101, 1021, 4097, 65_537])
def test_fast_length(length):
    """The least product of 2s, 3s and 5s that is at least the length."""
    from convlib.convolution import _fast_length

    def smooth(number):
        for prime in (2, 3, 5):
            while number % prime == 0:
                number //= prime
        return number == 1

    expected = next(number for number in range(length, 2 * length + 2) if smooth(number))
    assert _fast_length(length) == expected


ONE = [1.0, 2.0]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([], ONE), ValueError, "x is empty"),
        ((ONE, []), ValueError, "w is empty"),
        (([1j, 2], ONE), TypeError, "x must be real, got complex"),
        ((ONE, np.array([1, 2j])), TypeError, "w must be real, got complex"),
        (([1.0, np.nan], ONE), ValueError, r"x holds 1 value\(s\) that are NaN or infinite, the first at index 1"),
        ((ONE, [np.inf, 0.0, np.nan]), ValueError, r"w holds 2 value\(s\).*index 0"),
        (([[1.0, 2.0]], ONE), ValueError, r"x must have 1 dimension, got 2 with shape \(1, 2\)"),
        ((3.0, ONE), ValueError, "x must have 1 dimension, got 0"),
        ((["a"], ONE), TypeError, "x must hold real numbers"),
        (([[1], [1, 2]], ONE), ValueError, "x must be a one-dimensional sequence"),
        ((ONE, ONE, "middle"), ValueError, "mode must be one of 'full', 'same', 'valid', got 'middle'"),
        ((ONE, ONE, 3), TypeError, "mode must be one of .* got 3 of type int"),
        ((ONE, ONE, "full", "magic"), ValueError, "method must be one of"),
        ((ONE, ONE, "full", "auto", "mirror"), ValueError, "boundary must be one of .*'reflect'"),
        (([2**62], [4]), OverflowError, "x and w are integers whose convolution may not fit into 64 bits"),
        (([2**30], [2**20], "full", "fft"), ValueError, "method='fft' works in floating point"),
    ],
)
@pytest.mark.parametrize("function", [convlib.convolve, convlib.correlate])
def test_bad_input_is_named(function, arguments, error, message):
    """Every error says which argument, what was given and what is allowed."""
    with pytest.raises(error, match=message):
        function(*arguments)
