"""Convolution and correlation against NumPy and SciPy, on random input; bad input by its message."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg
import scipy.signal
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import convlib
from convlib.convolution import BOUNDARIES, METHODS, MODES

floats = st.floats(-100, 100).filter(lambda value: value == 0 or abs(value) > 1e-6)
real = arrays(float, st.integers(1, 30), elements=floats)
whole = arrays(np.int64, st.integers(1, 30), elements=st.integers(-1000, 1000))
modes, methods = st.sampled_from(MODES), st.sampled_from(list(METHODS))


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
    expected = np.convolve(padded, w, mode="valid")
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


lengths = st.integers(1, 400)


@given(lengths, lengths, st.integers(0, 2**32 - 1), st.data())
def test_overlap_add_is_numpys_convolution(n, k, seed, data):
    """Any block that is long enough, shorter or longer than the input, kernels longer than the input too."""
    rng = np.random.default_rng(seed)  # four hundred samples drawn one by one would take most of the time
    x, w = rng.uniform(-100, 100, n), rng.uniform(-100, 100, k)
    block = data.draw(st.integers(2 * min(n, k) - 1, 2 * k + 600))
    scale = 1 + np.abs(x).max() * np.abs(w).sum()
    np.testing.assert_allclose(convlib.overlap_add(x, w, block), np.convolve(x, w), atol=1e-9 * scale)
    np.testing.assert_allclose(convlib.overlap_add(x, w), np.convolve(x, w), atol=1e-9 * scale)


@pytest.mark.parametrize(("n", "k"), [(70_000, 12), (70_000, 500), (70_000, 70_000), (300, 90_000), (200_000, 3)])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("method", ["auto", "fft"])
def test_long_sequences(n, k, mode, method):
    """Several blocks in a batch, several batches, one block: against SciPy's transform."""
    rng = np.random.default_rng(n + k)
    x, w = rng.normal(size=n), rng.normal(size=k)
    expected = scipy.signal.convolve(x, w, mode, method="fft")
    np.testing.assert_allclose(convlib.convolve(x, w, mode, method), expected, atol=1e-9 * np.sqrt(k))


@given(whole, st.integers(1, 30), st.sampled_from(MODES))
def test_convolution_matrix_is_the_convolution(w, size, mode):
    """Its product with any x is the convolution, exactly; full and valid as in SciPy."""
    x = np.random.default_rng(size).integers(-1000, 1000, size)
    matrix = convlib.convolution_matrix(w, size, mode)
    assert matrix.dtype == np.int64
    np.testing.assert_array_equal(matrix @ x, convlib.convolve(x, w, mode))
    if mode == "full":
        np.testing.assert_array_equal(matrix, scipy.linalg.convolution_matrix(w, size, mode))


@given(real, st.integers(1, 30))
def test_circular_matrix_is_circulant(w, size):
    """Every column is the one before, moved down by one round the corner; short kernels as in SciPy."""
    matrix = convlib.convolution_matrix(w, size, mode="circular")
    np.testing.assert_array_equal(matrix, np.roll(np.roll(matrix, 1, axis=0), 1, axis=1))
    wrapped = np.zeros(size)
    for k, weight in enumerate(w):
        wrapped[k % size] += weight
    np.testing.assert_allclose(matrix, scipy.linalg.circulant(wrapped), atol=1e-12 * (1 + np.abs(w).sum()))


@given(whole, whole)
def test_correlation_is_the_transpose(x, w):
    """The transpose of the full matrix slides the kernel unflipped over what lies wholly inside."""
    y = convlib.convolve(x, w)
    backwards = convlib.convolution_matrix(w, len(x)).T @ y
    np.testing.assert_array_equal(backwards, convlib.correlate(y, w, mode="valid"))


# --- the algebraic laws of chapter 2, for integers exactly and for floats to rounding ------------------------------

fft_too = st.sampled_from(["auto", "taps", "im2col", "fft"])


@given(whole, whole, whole, fft_too)
def test_commutative_associative_distributive(x, v, w, method):
    """x * w = w * x; (x * v) * w = x * (v * w); x * (v + w) = x * v + x * w: exactly."""

    def c(a, b):
        return convlib.convolve(a, b, method=method)

    np.testing.assert_array_equal(c(x, w), c(w, x))
    np.testing.assert_array_equal(c(c(x, v), w), c(x, c(v, w)))
    size = max(len(v), len(w))
    v, w = np.pad(v, (0, size - len(v))), np.pad(w, (0, size - len(w)))
    np.testing.assert_array_equal(c(x, v + w), c(x, v) + c(x, w))


@given(whole, whole, st.integers(-50, 50), st.integers(0, 20), fft_too)
def test_scaling_identity_shift(x, w, factor, delay, method):
    """Scaling either scales the result; the unit impulse changes nothing; a delayed one delays."""
    y = convlib.convolve(x, w, method=method)
    np.testing.assert_array_equal(convlib.convolve(factor * x, w, method=method), factor * y)
    np.testing.assert_array_equal(convlib.convolve(x, [1], method=method), x)
    impulse = np.eye(1, delay + 1, delay, dtype=int)[0]
    delayed = np.concatenate([np.zeros(delay, dtype=int), x])
    np.testing.assert_array_equal(convlib.convolve(x, impulse, method=method), delayed)
    np.testing.assert_array_equal(
        convlib.convolve(delayed, w, method=method), np.concatenate([np.zeros(delay, dtype=int), y])
    )


@given(whole, whole)
def test_sums_multiply_and_differences_move_through(x, w):
    """The sum of the result is the product of the sums; a difference of either is the difference of the result."""
    y = convlib.convolve(x, w)
    assert y.sum() == x.sum() * w.sum()
    difference = [1, -1]
    one = convlib.convolve(convlib.convolve(x, difference), w)
    np.testing.assert_array_equal(one, convlib.convolve(x, convlib.convolve(w, difference)))
    np.testing.assert_array_equal(one, np.diff(y, prepend=0, append=0))


weights = arrays(float, st.integers(1, 20), elements=st.floats(0.01, 1))


@given(weights, weights)
def test_means_and_variances_add(x, w):
    """For non-negative weights, normalised."""

    def moments(p):
        p, n = p / p.sum(), np.arange(len(p))
        mean = (n * p).sum()
        return mean, ((n - mean) ** 2 * p).sum()

    (mean, variance), (mean_x, variance_x), (mean_w, variance_w) = map(moments, (convlib.convolve(x, w), x, w))
    assert mean == pytest.approx(mean_x + mean_w, abs=1e-9)
    assert variance == pytest.approx(variance_x + variance_w, abs=1e-9)


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
        (
            ([[1.0, 2.0]], ONE),
            ValueError,
            r"x and w must have the same number of dimensions, got 2 and 1 with shapes \(1, 2\) and \(2,\)",
        ),
        ((3.0, ONE), ValueError, r"x must have 1 or 2 dimensions, got 0 with shape \(\)$"),
        ((["a"], ONE), TypeError, "x must hold real numbers"),
        (([[1], [1, 2]], ONE), ValueError, "x must be a one-dimensional sequence"),
        ((ONE, ONE, "middle"), ValueError, "mode must be one of 'full', 'same', 'valid', got 'middle'"),
        ((ONE, ONE, 3), TypeError, "mode must be one of .* got 3 of type int"),
        ((ONE, ONE, "full", "magic"), ValueError, "method must be one of"),
        ((ONE, ONE, "full", "auto", "mirror"), ValueError, "boundary must be one of .*'reflect'"),
        (
            ([2**62], [4]),
            OverflowError,
            "sums of products of x and w may not fit into 64-bit integers; convert to float first",
        ),
        (([2**30], [2**20], "full", "fft"), ValueError, "x and w are integers too large"),
        ((np.array([1.0, np.nan]), np.ones(1)), ValueError, r"x holds 1 value\(s\).*index 1"),
        ((np.ones(40_000), np.array([-np.inf])), ValueError, "w holds 1 value"),
        ((np.ones(1), np.ones((2, 2))), ValueError, "same number of dimensions, got 1 and 2"),
        ((np.ones((2, 2, 3)), ONE), ValueError, r"x must have 1 or 2 .*, got 3 .*convolve_channels takes an image"),
        ((ONE, np.ones((2, 2, 3))), ValueError, r"w must have 1 or 2 .*, got 3 .*convolve_channels takes an image"),
    ],
)
@pytest.mark.parametrize("function", [convlib.convolve, convlib.correlate])
def test_bad_input_is_named(function, arguments, error, message):
    """Every error says which argument, what was given and what is allowed."""
    with pytest.raises(error, match=message):
        function(*arguments)


@pytest.mark.parametrize("place", [0, 1, 20_000, 39_998, 39_999])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_no_bad_sample_slips_through(place, value):
    """Wherever it stands, by the short way and by the long one; infinities of both signs do not cancel."""
    x = np.ones(40_000)
    x[place] = value
    for taps in (2, 200):
        with pytest.raises(
            ValueError, match=rf"x holds 1 value\(s\) that are NaN or infinite, the first at index {place}"
        ):
            convlib.convolve(x, np.ones(taps))
    x[:2] = np.inf, -np.inf
    with pytest.raises(ValueError, match="x holds"):
        convlib.convolve(x, np.ones(2))


def test_huge_samples_are_no_error():
    """A product of them overflows the quick check, not the convolution."""
    x = np.full(30_000, 1e200)
    np.testing.assert_allclose(convlib.convolve(x, np.array([1.0, 1.0]))[:2], [1e200, 2e200])
    np.testing.assert_allclose(convlib.convolve(x, [1.0, 1.0], mode="valid"), np.full(29_999, 2e200))


finite = st.floats(allow_nan=False, allow_infinity=False)
extreme = arrays(float, st.integers(1, 12), elements=finite | st.sampled_from([1e200, -1e200, 1.7e308, 5e-324]))


@given(extreme, extreme, modes)
@example(np.array([1e200, -1e200]), np.array([1e200, 1e200]), "full")
@example(np.array([1e308, 1e308, -1e308]), np.ones(3), "valid")
@example(np.array([8.9e307]), np.ones(1), "full")
@example(np.full(2, 6.07e23), np.full(2, 5e-324), "full")
def test_an_overflow_is_one_answer(x, w, mode):
    """Whatever the samples, all methods give the same finite values, or all the same error."""
    answers = []
    for method in METHODS:
        try:
            answers.append(convlib.convolve(x, w, mode, method))
        except OverflowError as error:
            answers.append(str(error))
    if any(isinstance(answer, str) for answer in answers):
        message = "sums of products of x and w may not fit into float64; scale the samples down first"
        assert answers == [message] * len(METHODS)
        return
    bound = float(np.abs(x).max()) * float(np.abs(w).max()) * min(len(x), len(w))
    for answer in answers:
        np.testing.assert_allclose(answer, answers[0], rtol=0, atol=1e-9 * bound + 1e-300)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
def test_overflow_is_judged_by_the_type_of_the_result(kind, method):
    """What a result could reach decides, not how large a sample is; half the range is left free for rounding."""
    half = np.finfo(np.result_type(kind, "f4")).max / 2
    one, two = np.ones(1, dtype=kind), np.ones(2, dtype=kind)
    largest = np.array([min(half, np.finfo(kind).max)], dtype=kind)
    np.testing.assert_allclose(convlib.convolve(largest, one, method=method), largest, rtol=1e-6)
    if kind == "f2":
        assert convlib.convolve([*largest, *largest], two, method=method).max() == 2 * 65504
    else:
        for x, w in ((largest * 1.01, one), (np.repeat(largest, 2), two)):
            with pytest.raises(OverflowError, match=rf"may not fit into {np.dtype(kind)}; scale"):
                convlib.convolve(x, w, method=method)


def test_a_sum_is_exact_for_small_outputs_and_a_transform_is_not():
    """As the docstring says: its error is of the order of the largest output's, where the output is tiny too."""
    t = np.linspace(-20, 20, 16_000)
    x = np.exp(-(t**2))
    small = convlib.convolve(x, x, method="im2col")[:1000]
    summed, transformed = (convlib.convolve(x, x, method=method)[:1000] for method in ("taps", "fft"))
    np.testing.assert_allclose(summed, small, rtol=1e-12, atol=0)
    assert small.max() < 1e-80
    assert np.abs(transformed).max() > 1e-20


def test_what_numpy_cannot_read_is_named():
    """A tensor that requires gradients, alone or in a list, and whatever else refuses to become an array."""
    torch = pytest.importorskip("torch")
    tensor = torch.ones(3, requires_grad=True)
    with pytest.raises(TypeError, match=r"x cannot be read as an array: .*requires grad.*detach\(\)"):
        convlib.convolve(tensor, ONE)
    with pytest.raises(TypeError, match=r"w cannot be read as an array: .*requires grad.*detach\(\)"):
        convlib.correlate(ONE, tensor)
    with pytest.raises(TypeError, match="w cannot be read as an array: "):
        convlib.convolution_matrix(torch.ones(3, dtype=torch.bfloat16), 5)
    assert convlib.convolve(tensor.detach(), ONE).tolist() == [1, 3, 3, 2]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: convlib.convolution_matrix([1.0], 0), ValueError, "size must be at least 1, got 0"),
        (
            lambda: convlib.convolution_matrix([1.0], 3.0),
            TypeError,
            "size must be a whole number, got 3.0 of type float",
        ),
        (lambda: convlib.convolution_matrix([1.0], True), TypeError, "size must be a whole number, got True"),
        (lambda: convlib.convolution_matrix([], 3), ValueError, "w is empty"),
        (
            lambda: convlib.convolution_matrix([1], 3, "wrap"),
            ValueError,
            "mode must be one of .*'circular', got 'wrap'",
        ),
        (
            lambda: convlib.convolution_matrix(np.array([2**63], dtype=np.uint64), 3),
            OverflowError,
            "sums of samples of w may not fit into 64-bit integers",
        ),
        (
            lambda: convlib.convolution_matrix([2**62, 2**62], 1, "circular"),
            OverflowError,
            "sums of samples of w may not fit into 64-bit integers",
        ),
        (
            lambda: convlib.convolution_matrix([1e308, 1e308], 1, "circular"),
            OverflowError,
            "sums of samples of w may not fit into float64; scale the samples down first",
        ),
        (lambda: convlib.convolve(ONE, ONE, np.array(["full", "same"])), TypeError, "mode must be one of"),
        (lambda: convlib.convolve(np.ma.array(ONE, mask=[0, 1]), np.ones(2)), TypeError, "x is a masked array"),
        (lambda: convlib.convolve(ONE, np.ma.array(ONE, mask=[0, 1])), TypeError, "w is a masked array"),
        (lambda: convlib.overlap_add(ONE, ONE, 2), ValueError, "block must be at least 3, got 2"),
        (lambda: convlib.overlap_add(ONE, ONE, 4.0), TypeError, "block must be a whole number"),
        (lambda: convlib.overlap_add(ONE, []), ValueError, "w is empty"),
        (lambda: convlib.overlap_add([2**30], [2**20]), ValueError, "x and w are integers too large"),
    ],
)
def test_bad_input_to_the_others(call, error, message):
    """The matrix and overlap-add name their arguments as well."""
    with pytest.raises(error, match=message):
        call()


def test_the_transform_is_exact_where_it_is_allowed():
    """Integers just below the limit are rounded right, for a long input and a short kernel too."""
    rng = np.random.default_rng(3)
    for n, k, largest in ((50_000, 3, 2**17), (5_000, 5_000, 2**15), (1, 1, 2**23)):
        x, w = rng.integers(-largest, largest, n), rng.integers(-largest, largest, k)
        np.testing.assert_array_equal(convlib.overlap_add(x, w), np.convolve(x, w))


def test_a_spectrum_that_overflows():
    """Samples at the edge of their type: the transform's sums overflow, the convolution's don't."""
    y = convlib.convolve(np.full(20_000, 1e305), np.full(2_000, 1e-305))
    np.testing.assert_allclose(y[2_000:-2_000], 2_000)
    y = convlib.convolve(np.full(20_000, 3e34, dtype="f4"), np.full(2_000, 1e-34, dtype="f4"))
    assert y.dtype == np.float32
    np.testing.assert_allclose(y[2_000:-2_000], 6_000, rtol=1e-4)


def test_few_outputs_are_summed():
    """Where a window is nearly as long as the input, a transform would compute thousands of samples nobody wants."""
    from convlib import cost

    assert cost.plan(50_000, 49_951).method == "fft"
    assert cost.plan(50_000, 49_951, outputs=50).method == "direct"


@pytest.mark.parametrize("mode", MODES)
def test_subclasses_come_back_as_arrays(mode):
    """Whatever the number of products."""

    class Own(np.ndarray):
        pass

    for size in (5, 50_000):
        x = np.ones(size).view(Own)
        assert type(convlib.convolve(x, np.ones(3), mode)) is np.ndarray
        assert type(convlib.convolve(np.ones(size), np.ones(3).view(Own), mode)) is np.ndarray


def test_half_precision_is_not_enough():
    """16-bit floats are counted in 32 bits, in the matrix too."""
    w = np.full(4, 40_000, dtype="f2")
    assert convlib.convolution_matrix(w, 2, "circular").dtype == np.float32
    np.testing.assert_allclose(convlib.convolution_matrix(w, 2, "circular"), 80_000)
    assert convlib.convolve(w, w).dtype == np.float32
