"""The kernels: sums, signs under convolution, scales, and the same taps as SciPy's and scikit-image's."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage as ndi
import scipy.signal
import skimage.filters
import skimage.morphology
from hypothesis import given
from hypothesis import strategies as st

from convlib import kernels as k

sigma = st.floats(0.3, 6)
angle = st.floats(-400, 400)

AVERAGES = {
    "box": k.box(5),
    "a box of another shape": k.box((2, 7)),
    "disc": k.disc(3.5),
    "gaussian": k.gaussian(1.3),
    "gaussian taps": k.gaussian_taps(2.1),
    "motion": k.motion(9, 33),
    "sharpen": k.sharpen(0.7),
    "emboss": k.emboss(20),
}
DERIVATIVES = {
    **{f"{kernel.__name__} {axis}": kernel(axis) for kernel in (k.sobel, k.prewitt, k.scharr) for axis in "xy"},
    "laplacian 4": k.laplacian(4),
    "laplacian 8": k.laplacian(8),
    "log": k.log(0.6),
    "wide log": k.log(5),
    "dog": k.dog(0.7),
    "gabor": k.gabor(6, 20),
    "narrow gabor": k.gabor(9, 70, sigma=1.5, phase=40, aspect=0.4),
}
y, x = np.mgrid[:15, :21].astype(float)


def middle(image, w):
    """The convolution, flipped, where the kernel lies inside the image."""
    return scipy.signal.convolve2d(image, w, mode="valid")


@pytest.mark.parametrize("w", AVERAGES.values(), ids=AVERAGES)
def test_averages_sum_to_one(w):
    """Brightness stays."""
    assert w.sum() == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize("w", DERIVATIVES.values(), ids=DERIVATIVES)
def test_derivatives_sum_to_zero(w):
    """A flat image answers 0, up to rounding."""
    assert abs(w.sum()) < 4e-16 * np.abs(w).sum()


@pytest.mark.parametrize("kernel", [k.sobel, k.prewitt, k.scharr])
@given(st.floats(-3, 3), st.floats(-3, 3))
def test_a_ramp_has_its_slope(kernel, across, down):
    """Right minus left, lower minus upper, under convolution: signs and scale, and neither hears the other."""
    ramp = across * x + down * y
    np.testing.assert_allclose(middle(ramp, kernel("x")), across, atol=1e-12)
    np.testing.assert_allclose(middle(ramp, kernel("y")), down, atol=1e-12)


@pytest.mark.parametrize("name", ["sobel", "prewitt", "scharr"])
def test_derivatives_are_those_of_scikit_image(name):
    """The same derivatives, sign included."""
    image = np.random.default_rng(0).random((12, 9))
    for axis, letter in ((1, "x"), (0, "y")):
        theirs = getattr(skimage.filters, name)(image, axis=axis, mode="reflect")
        ours = ndi.convolve(image, getattr(k, name)(letter), mode="reflect")
        np.testing.assert_allclose(ours, theirs / 2, atol=1e-14)


def test_prewitt_is_the_plane_that_fits_best():
    """The docstring's claim: the least-squares slope over nine pixels."""
    image = np.random.default_rng(1).random((3, 3))
    terms = np.stack([x[:3, :3], y[:3, :3], np.ones((3, 3))]).reshape(3, 9).T
    slopes, *_ = np.linalg.lstsq(terms, image.ravel(), rcond=None)
    assert middle(image, k.prewitt("x")).item() == pytest.approx(slopes[0])
    assert middle(image, k.prewitt("y")).item() == pytest.approx(slopes[1])


@pytest.mark.parametrize(("kernel", "degrees"), [(k.scharr, 0.3), (k.sobel, 3.2), (k.prewitt, 7.6)])
def test_direction_of_a_wave(kernel, degrees):
    """How far the gradient is off the direction of a wave of 4 pixels at worst: scharr's docstring says it."""
    errors = []
    for turned in np.deg2rad(np.arange(0, 46, 0.5)):
        wave = np.sin(np.pi / 2 * ((x[:3, :3] - 1) * np.cos(turned) + (y[:3, :3] - 1) * np.sin(turned)))
        gx, gy = (middle(wave, kernel(axis)).item() for axis in "xy")
        errors.append(np.rad2deg(np.arctan2(gy, gx) - turned))
    assert np.abs(errors).max() == pytest.approx(degrees, abs=0.05)


@pytest.mark.parametrize("w", [k.laplacian(4), k.laplacian(8)])
def test_laplacian_of_a_paraboloid(w):
    """Exactly the sum of the second derivatives, and 0 for a saddle."""
    np.testing.assert_allclose(middle(2 * x**2 + 3 * y**2 + x * y + x, w), 10, atol=1e-9)
    np.testing.assert_allclose(middle(x**2 - y**2, w), 0, atol=1e-9)


@pytest.mark.parametrize(("s", "error"), [(1, 0.002), (2, 0.005), (4, 0.008)])
def test_log_measures_the_laplacian(s, error):
    """Of (x² + y²)/4 it is 1, but for what lies beyond four standard deviations."""
    w = k.log(s)
    v, u = np.indices(w.shape) - len(w) // 2
    assert ((u**2 + v**2) / 4 * w).sum() == pytest.approx(1, abs=error)


@given(sigma, st.floats(2, 5))
def test_gaussian_is_the_one_of_scipy(s, truncate):
    """The same taps in one dimension and in two."""
    radius = int(truncate * s + 0.5)
    impulse = np.zeros(2 * radius + 1)
    impulse[radius] = 1
    theirs = ndi.gaussian_filter1d(impulse, s, truncate=truncate, mode="constant")
    np.testing.assert_allclose(k.gaussian_taps(s, truncate), theirs, atol=1e-15)
    np.testing.assert_allclose(k.gaussian(s, truncate), np.outer(theirs, theirs), atol=1e-15)


@pytest.mark.parametrize(("s", "error"), [(1, 2e-3), (1.5, 1e-3), (3, 1e-3)])
def test_log_is_nearly_the_one_of_scipy(s, error):
    """SciPy's does not sum to 0; relative to the deepest tap the difference is small."""
    w = k.log(s)
    impulse = np.zeros_like(w)
    impulse[len(w) // 2, len(w) // 2] = 1
    theirs = ndi.gaussian_laplace(impulse, s, mode="constant")
    assert np.abs(w - theirs).max() < error * np.abs(theirs).max()


@given(st.floats(1, 6), st.floats(1.1, 3))
def test_dog_is_wide_minus_narrow(s, ratio):
    """The negative of scikit-image's, which cuts the narrower one off earlier."""
    w = k.dog(s, ratio)
    impulse = np.zeros_like(w)
    impulse[len(w) // 2, len(w) // 2] = 1
    theirs = skimage.filters.difference_of_gaussians(impulse, s, ratio * s, mode="constant")
    np.testing.assert_allclose(w, -theirs, atol=1e-3 * k.gaussian(s).max())


def test_dog_tends_to_log():
    """(r - 1) σ² LoG for a ratio near 1, and the shape of it at 1.6."""
    near = k.dog(3, 1.01) / (0.01 * 3**2)
    assert near.shape == k.log(3).shape
    np.testing.assert_allclose(near, k.log(3), atol=0.02 * np.abs(k.log(3)).max())
    assert k.dog(3)[19, 19] < 0


@pytest.mark.parametrize("radius", [1, 2, 5, 8])
def test_disc_is_the_one_of_scikit_image(radius):
    """Whole radii are the footprints that it calls disks."""
    disk = skimage.morphology.disk(radius)
    np.testing.assert_array_equal(k.disc(radius), disk / disk.sum())


@given(st.integers(1, 12), angle)
def test_motion_is_a_line(length, a):
    """A sum of 1, its own mirror image, and as long as it says in the direction that it says."""
    w = k.motion(length, a)
    np.testing.assert_allclose(w, w[::-1, ::-1], atol=1e-12)
    assert w.sum() == pytest.approx(1)
    np.testing.assert_allclose(w, k.motion(length, a + 180), atol=1e-12)
    v, u = np.indices(w.shape) - len(w) // 2
    right, up = np.cos(np.deg2rad(a)), np.sin(np.deg2rad(a))
    positions = np.arange(length) - (length - 1) / 2
    assert (w * u * -v).sum() == pytest.approx((positions**2).mean() * right * up, abs=1e-9)


def test_motion_goes_up_to_the_right():
    """Counter-clockwise as seen on the screen: at 45 degrees the upper right is lit, the upper left is not."""
    w = k.motion(7, 45)
    assert w[1, -2] > 0.02
    assert w[1, 1] == 0
    np.testing.assert_allclose(k.motion(5)[2], 0.2)
    np.testing.assert_array_equal(k.motion(5, 90), k.motion(5).T)  # exactly: no tap of 1e-17 to be printed


@pytest.mark.parametrize(("a", "rows", "columns"), [(0, 0, 1), (90, -1, 0), (180, 0, -1), (135, -1, -1)])
def test_emboss_is_lit_from_the_angle(a, rows, columns):
    """A slope that rises away from the lamp faces it, and gets brighter; the mirrored one gets darker."""
    hill = -(rows * y + columns * x)  # falls towards the lamp
    assert (middle(hill, k.emboss(a)) > hill[1:-1, 1:-1]).all()
    assert (middle(-hill, k.emboss(a)) < -hill[1:-1, 1:-1]).all()


def test_sharpen_subtracts_the_laplacian():
    """And with 0 changes nothing."""
    image = np.random.default_rng(2).random((8, 8))
    sharper = image - 0.4 * ndi.laplace(image)
    np.testing.assert_allclose(middle(image, k.sharpen(0.4)), sharper[1:-1, 1:-1])
    np.testing.assert_array_equal(middle(image, k.sharpen(0)), image[1:-1, 1:-1])


@given(st.floats(4, 12), angle, st.floats(0.5, 2))
def test_gabor_is_nearly_the_one_of_scikit_image(wavelength, a, aspect):
    """Wide enough to need hardly any correction: the same wave, whose y runs downwards there."""
    s = 0.8 * wavelength
    ours = k.gabor(wavelength, a, sigma=s, aspect=aspect, truncate=4)
    theirs = skimage.filters.gabor_kernel(
        1 / wavelength, theta=-np.deg2rad(a), sigma_x=s, sigma_y=s / aspect, n_stds=4, dtype=complex
    ).real
    ours, theirs = (w[_inner(w, min(len(ours), *theirs.shape))] for w in (ours, theirs))
    np.testing.assert_allclose(ours, theirs, atol=1e-2 * np.abs(theirs).max())


def _inner(w, size):
    return tuple(slice((length - size) // 2, (length - size) // 2 + size) for length in w.shape)


def test_gabor_finds_its_stripes():
    """Of waves in twelve directions it answers most to its own: 30 degrees is up to the right."""
    v, u = np.indices((61, 61)) - 30
    answers = []
    for a in range(0, 180, 15):
        right, up = np.cos(np.deg2rad(a)), np.sin(np.deg2rad(a))
        answers.append(np.abs(middle(np.cos(2 * np.pi * (u * right - v * up) / 6), k.gabor(6, 30))).max())
    assert np.argmax(answers) == 2


def test_odd_gabor_is_a_derivative():
    """At 90 degrees of phase it is positive where the image gets brighter in the direction of its angle."""
    assert (middle(x, k.gabor(4, phase=90)) > 0).all()
    assert (middle(-y, k.gabor(4, angle=90, phase=90)) > 0).all()


BAD = [
    (lambda: k.box(0), ValueError, "size must be at least 1, got 0"),
    (lambda: k.box(3.0), TypeError, "size must be a whole number, got 3.0"),
    (lambda: k.box((3, 3, 3)), TypeError, r"size must be a whole number, got \(3, 3, 3\)"),
    (lambda: k.disc(0), ValueError, "radius must be greater than 0, got 0"),
    (lambda: k.gaussian(-1), ValueError, "sigma must be greater than 0, got -1"),
    (lambda: k.gaussian(np.nan), ValueError, "sigma must be finite, got nan"),
    (lambda: k.gaussian_taps("2"), TypeError, "sigma must be a real number, got '2'"),
    (lambda: k.gaussian(1, truncate=0), ValueError, "truncate must be greater than 0"),
    (lambda: k.motion(0), ValueError, "length must be at least 1, got 0"),
    (lambda: k.motion(3, np.inf), ValueError, "angle must be finite"),
    (lambda: k.sobel("z"), ValueError, "axis must be one of 'x', 'y', got 'z'"),
    (lambda: k.prewitt(0), TypeError, "axis must be one of 'x', 'y', got 0"),
    (lambda: k.scharr("X"), ValueError, "axis must be one of 'x', 'y', got 'X'"),
    (lambda: k.laplacian(6), ValueError, "neighbours must be 4 or 8, got 6"),
    (lambda: k.laplacian([4]), ValueError, r"neighbours must be 4 or 8, got \[4\]"),
    (lambda: k.log(0), ValueError, "sigma must be greater than 0, got 0"),
    (lambda: k.dog(1, ratio=1), ValueError, "ratio must be greater than 1, got 1"),
    (lambda: k.sharpen(None), TypeError, "amount must be a real number, got None"),
    (lambda: k.emboss("left"), TypeError, "angle must be a real number, got 'left'"),
    (lambda: k.gabor(1.5), ValueError, "wavelength must be between 2 and inf, got 1.5"),
    (lambda: k.gabor(4, sigma=0), ValueError, "sigma must be greater than 0, got 0"),
    (lambda: k.gabor(4, aspect=-1), ValueError, "aspect must be greater than 0, got -1"),
    (lambda: k.gabor(4, phase=np.nan), ValueError, "phase must be finite, got nan"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_input_is_named(call, error, message):
    """The error says which argument, what was given and what is allowed."""
    with pytest.raises(error, match=message):
        call()
