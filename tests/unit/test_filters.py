"""The filters against SciPy and scikit-image on photographs, their properties, and every bad input by its message."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import scipy.ndimage as ndi
import scipy.sparse
import scipy.sparse.linalg
import skimage.feature
import skimage.restoration
import skimage.transform
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from convlib import data, filters
from convlib import filters as f

few = settings(max_examples=25)
brightness = arrays(float, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.floats(0, 1, width=16))
BOUNDARIES = {
    "symmetric": "reflect",
    "edge": "nearest",
    "wrap": "grid-wrap",
    "reflect": "mirror",
    "constant": "constant",
}
NAMES = ["camera", "coins", "astronaut"]


@pytest.fixture(scope="module", params=NAMES)
def image(request):
    """A real photograph, 128 × 128."""
    return data.photograph(request.param)


@pytest.fixture(scope="module")
def camera():
    """One real photograph, 96 × 96, and not square: the last ten columns are cut off."""
    return data.photograph("camera", 96)[:, :86]


# --- smoothing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_blur_is_scipys_gaussian(image, boundary):
    """The same taps, the same boundaries under their other names."""
    theirs = ndi.gaussian_filter(image, 1.7, mode=BOUNDARIES[boundary])
    np.testing.assert_allclose(f.blur(image, 1.7, boundary), theirs, atol=1e-13)


@pytest.mark.parametrize("size", [1, 3, 5])
def test_median_is_scipys(image, size):
    """Exactly, at the border too."""
    np.testing.assert_array_equal(f.median(image, size), ndi.median_filter(image, size, mode="reflect"))


def test_median_at_another_boundary(camera):
    """The boundary is handed on."""
    theirs = ndi.median_filter(camera, 5, mode="constant")
    np.testing.assert_array_equal(f.median(camera, 5, boundary="constant"), theirs)


def weighted_mean(image, sigma_range, weights):
    """The bilateral filter's formula, window by window, with any weights of space."""

    def at_one_pixel(window):
        alike = np.exp(-((window - window[window.size // 2]) ** 2) / (2 * sigma_range**2)) * weights.ravel()
        return (alike * window).sum() / alike.sum()

    return ndi.generic_filter(image, at_one_pixel, size=weights.shape, mode="reflect")


def test_bilateral_is_its_formula(camera):
    """Window by window, with SciPy."""
    y, x = np.mgrid[-3:4, -3:4]
    expected = weighted_mean(camera, 0.1, np.exp(-(x**2 + y**2) / (2 * 1.3**2)))
    np.testing.assert_allclose(f.bilateral(camera, 1.3, 0.1, radius=3), expected, atol=1e-12)


def test_scikit_image_skews_the_window(camera):
    """What the docstring says of it: each row of weights is moved by one more; with the same slip the answers agree."""
    y, x = np.mgrid[-4:4, -4:4]  # the table for a window of 7 × 7
    skewed = np.exp(-(x**2 + y**2) / (2 * 1.3**2)).ravel()[:49].reshape(7, 7)
    theirs = skimage.restoration.denoise_bilateral(
        camera, win_size=7, sigma_color=0.1, sigma_spatial=1.3, bins=100_000, mode="symmetric"
    )
    np.testing.assert_allclose(weighted_mean(camera, 0.1, skewed), theirs, atol=1e-4)


def test_bilateral_without_likeness_is_a_blur(camera):
    """A very wide Gaussian of brightness is constant."""
    np.testing.assert_allclose(f.bilateral(camera, 1, 1e6, radius=4), f.blur(camera, 1), atol=1e-9)


def test_bilateral_keeps_an_edge_that_blur_does_not():
    """A step, and noise much smaller than it."""
    rng = np.random.default_rng(0)
    step = np.repeat([[0.0, 1.0]], 10, axis=1).repeat(16, axis=0)
    noisy = step + rng.normal(scale=0.03, size=step.shape)
    smooth = f.bilateral(noisy, 2, 0.2)
    assert np.abs(smooth - step).max() < 0.05
    assert np.abs(f.blur(noisy, 2) - step).max() > 0.3


# --- edges --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kernel", ["sobel", "prewitt", "scharr"])
def test_gradient_is_scikit_images(image, kernel):
    """Twice ours there, where the distance between the two neighbours counts as 1."""
    for ours, axis in zip(f.gradient(image, kernel), (1, 0), strict=True):
        theirs = getattr(skimage.filters, kernel)(image, axis=axis)
        np.testing.assert_allclose(ours, theirs / 2, atol=1e-14)


def test_gradient_points_to_the_bright_side():
    """Right and down are positive; the angle counts upwards as seen."""
    y, x = np.mgrid[:7, :9].astype(float)
    for (right, down), angle in {(1, 0): 0, (0, -1): 90, (-1, 0): 180, (1, 1): -45, (-1, -1): 135}.items():
        magnitude, measured = f.magnitude_and_angle(*f.gradient(right * x + down * y))
        assert magnitude[3, 4] == pytest.approx(np.hypot(right, down))
        assert np.cos(np.deg2rad(measured[3, 4] - angle)) == pytest.approx(1)


@pytest.mark.parametrize(("sigma", "low", "high"), [(1, 0.04, 0.1), (2, 0.01, 0.03), (1.4, 0.02, 0.02)])
def test_canny_is_scikit_images(image, sigma, low, high):
    """Pixel for pixel, with thresholds 8 times as large there."""
    theirs = skimage.feature.canny(image, sigma, 8 * low, 8 * high, mode="reflect")
    assert theirs.sum() > 50
    np.testing.assert_array_equal(f.canny(image, sigma, low, high), theirs)


def test_canny_of_nothing():
    """A flat image has no edges, nor has one that is all frame."""
    assert not f.canny(np.full((9, 9), 0.4)).any()
    assert not f.canny([[0.0, 1.0]]).any()


@few
@given(st.integers(0, 359))
def test_edges_are_thin(angle):
    """Across a blurred straight edge of any direction, one or two pixels are kept, on the edge."""
    y, x = np.mgrid[-20:21, -20:21]
    right, up = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    across = x * right - y * up
    kept = f.non_maximum_suppression(*f.gradient(1 / (1 + np.exp(-across)))) > 0
    inside = np.hypot(x, y) < 15
    assert np.abs(across[kept & inside]).max() < 1
    assert 25 < (kept & inside).sum() < 65


def test_equal_lengths_both_stay():
    """In either direction, rows as columns."""
    for sign in (1, -1):
        along = sign * np.array([[1, 3, 3, 1]] * 4)
        kept = f.non_maximum_suppression(along, 0 * along)
        assert kept[1].tolist() == [0, 3, 3, 0]
        np.testing.assert_array_equal(f.non_maximum_suppression(0 * along, along.T), kept.T)


@settings(max_examples=50)
@given(arrays(int, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, 3)))
def test_hysteresis_keeps_whole_components(strength):
    """The connected components, corners included, in which something is strong."""
    labels, _ = ndi.label(strength >= 1, structure=np.ones((3, 3)))
    expected = np.isin(labels, labels[strength >= 3]) & (strength >= 1)
    np.testing.assert_array_equal(f.hysteresis(strength, 1, 3), expected)


# --- fields -------------------------------------------------------------------------------------------------------


def test_integrate_undoes_differences(image):
    """Up to rounding, given the mean."""
    np.testing.assert_allclose(f.integrate(*f.differences(image), image.mean()), image, atol=1e-11)


@few
@given(brightness)
def test_integrate_undoes_differences_of_any_size(image):
    """Down to single rows, columns and pixels."""
    np.testing.assert_allclose(f.integrate(*f.differences(image), image.mean()), image, atol=1e-12)


def test_differences_look_to_the_right_and_down():
    """With 0 where there is no neighbour."""
    dx, dy = f.differences([[1, 5], [2, 9]])
    assert dx.tolist() == [[4, 0], [7, 0]]
    assert dy.tolist() == [[1, 4], [0, 0]]


def test_integrate_is_least_squares():
    """Of a field that no image has: the same image as a solver of the sparse least-squares problem finds."""
    rows, columns = 6, 7
    dx, dy = np.random.default_rng(3).normal(size=(2, rows, columns))
    across = scipy.sparse.diags([-np.ones(columns), np.ones(columns - 1)], [0, 1]).tocsr()[:-1]
    down = scipy.sparse.diags([-np.ones(rows), np.ones(rows - 1)], [0, 1]).tocsr()[:-1]
    equations = scipy.sparse.vstack([scipy.sparse.kron(np.eye(rows), across), scipy.sparse.kron(down, np.eye(columns))])
    wanted = np.concatenate([dx[:, :-1].ravel(), dy[:-1].ravel()])
    expected, *_ = np.linalg.lstsq(equations.toarray(), wanted, rcond=None)  # of all solutions the one with mean 0
    np.testing.assert_allclose(f.integrate(dx, dy).ravel(), expected, atol=1e-12)


# --- points -------------------------------------------------------------------------------------------------------


def test_structure_tensor_is_scikit_images(image):
    """64 times ours, for both factors are 8 times."""
    theirs = skimage.feature.structure_tensor(image, 1.5, mode="reflect", order="xy")
    for ours, other in zip(f.structure_tensor(image, 1.5), theirs, strict=True):
        np.testing.assert_allclose(ours, other / 64, atol=1e-15)


def test_harris_is_scikit_images(image):
    """Away from the border, beyond which scikit-image's has zeros."""
    theirs = skimage.feature.corner_harris(image, k=0.06, sigma=1.5) / 64**2
    inside = (slice(8, -8), slice(8, -8))
    np.testing.assert_allclose(f.harris(image, 1.5, 0.06)[inside], theirs[inside], atol=1e-17, rtol=1e-9)


def test_harris_knows_corners_from_edges():
    """Positive at the corner of a square, negative on its side, 0 inside."""
    square = np.zeros((32, 32))
    square[12:, 12:] = 1
    response = f.harris(square)
    assert response[12, 12] > 0
    assert response[12, 25] < 0
    assert response[25, 25] == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("distance", [1, 4])
def test_peaks_are_scikit_images(image, distance):
    """The same places, the highest first."""
    response = f.harris(image, 1.5)
    rows, columns = f.peaks(response, distance, 1e-6)
    theirs = skimage.feature.peak_local_max(response, distance, threshold_abs=1e-6, exclude_border=False)
    assert len(rows) > 10
    np.testing.assert_array_equal(np.column_stack([rows, columns]), theirs)


@settings(max_examples=50)
@given(arrays(int, st.tuples(st.integers(1, 10), st.integers(1, 10)), elements=st.integers(0, 4)), st.integers(1, 3))
def test_peaks_keep_their_distance(response, distance):
    """No two within the distance, none below its neighbours, and the highest of all is one."""
    rows, columns = f.peaks(response, distance)
    far = np.maximum(abs(rows[:, None] - rows), abs(columns[:, None] - columns))
    assert (far + 99 * np.eye(len(rows)) > distance).all()
    largest = ndi.maximum_filter(response, 2 * distance + 1, mode="constant")
    assert (response[rows, columns] == largest[rows, columns]).all()
    assert (np.diff(response[rows, columns]) <= 0).all()
    assert len(rows) >= (response.max() > 0)


def test_blobs_are_nearly_scikit_images(image):
    """But for the few that the two samplings of the Laplacian of Gaussian decide otherwise."""
    sigmas = np.linspace(2, 8, 7)
    ours = {tuple(blob) for blob in f.blobs(image, sigmas, 0.05).round(6)}
    found = skimage.feature.blob_log(image, 2, 8, 7, threshold=0.05, overlap=1)
    theirs = {tuple(blob) for blob in found.round(6)}
    assert len(theirs) > 15
    assert len(ours ^ theirs) <= 0.1 * len(theirs)


@pytest.mark.parametrize("radius", [4, 6, 10])
def test_a_disc_is_a_blob_of_its_size(radius):
    """Found once, in its middle, at radius over √2, and with the answer that the docstring promises."""
    y, x = np.mgrid[:64, :70]
    disc = (x - 33) ** 2 + (y - 28) ** 2 <= radius**2
    factors = np.array([0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.4])
    sigmas = radius / np.sqrt(2) * factors
    ((row, column, sigma),) = f.blobs(disc, sigmas, threshold=0.3)
    assert (row, column) == (28, 33)
    assert sigma == pytest.approx(radius / np.sqrt(2), rel=0.11)
    assert len(f.blobs(disc, sigmas, threshold=0.68)) == 1
    assert len(f.blobs(disc, sigmas, threshold=0.80)) == 0
    assert len(f.blobs(~disc, sigmas, threshold=0.3)) == 0
    assert f.blobs(~disc, sigmas, threshold=0.3).shape == (0, 3)


@pytest.mark.parametrize(("rows", "columns"), [(9, 14), (40, 31)])
def test_match_template_is_scikit_images(image, rows, columns):
    """The coefficient everywhere, and 1 where the template was cut out, though it was made darker and flatter."""
    template = 0.2 + 0.3 * image[30 : 30 + rows, 50 : 50 + columns]
    response = f.match_template(image, template)
    np.testing.assert_allclose(response, skimage.feature.match_template(image, template), atol=1e-5)
    assert response[30, 50] == pytest.approx(1)
    assert np.unravel_index(response.argmax(), response.shape) == (30, 50)


def test_match_template_where_nothing_varies():
    """A constant window resembles nothing; the negative resembles by -1."""
    picture = np.zeros((5, 12))
    picture[1:4, 1:4], picture[1:4, 8:11] = np.eye(3), -np.eye(3)
    response = f.match_template(picture + 7, np.eye(3))
    assert response[1, 1] == pytest.approx(1)
    assert response[1, 8] == pytest.approx(-1)
    assert response[1, 5] == 0
    assert f.match_template(picture, picture).tolist() == [[pytest.approx(1)]]


# --- warping ------------------------------------------------------------------------------------------------------

some_map = st.builds(
    lambda angle, size, slant, x, y: (
        f.translation(x, y) @ f.rotation(angle, (20, 30)) @ f.scaling(size, 1.2 * size) @ f.shear(slant)
    ),
    st.floats(-180, 180),
    st.floats(0.4, 2.5),
    st.floats(-0.8, 0.8),
    st.floats(-20, 20),
    st.floats(-20, 20),
)


@few
@given(some_map, st.sampled_from([0, 1]))
def test_warp_is_scipys(matrix, order):
    """SciPy counts rows before columns, and wants the inverse."""
    picture = data.photograph("coins", 60)
    swap = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]])
    theirs = ndi.affine_transform(
        picture, swap @ np.linalg.inv(matrix) @ swap, output_shape=(50, 70), order=order, mode="grid-constant", cval=0.3
    )
    ours = f.warp(picture, matrix, (50, 70), order=order, fill=0.3)
    wrong = np.abs(ours - theirs) > 1e-10
    assert wrong.sum() <= (3 if order == 0 else 0)  # halfway between two pixels, rounding decides which is nearest


def test_warp_is_scikit_images(image):
    """scikit-image's asks for the inverse, too."""
    matrix = f.rotation(25, f.middle(image)) @ f.scaling(1.4, 0.7, centre=(60, 60)) @ f.shear(0.1, -0.3)
    theirs = skimage.transform.warp(image, np.linalg.inv(matrix), order=1, mode="constant", cval=0.5)
    np.testing.assert_allclose(f.warp(image, matrix, fill=0.5), theirs, atol=1e-12)
    np.testing.assert_allclose(f.warp(image, matrix[:2], fill=0.5), theirs, atol=1e-12)


@pytest.mark.parametrize("order", [0, 1])
def test_a_quarter_turn_is_rot90(image, order):
    """Counter-clockwise as seen, as NumPy's."""
    turned = f.warp(image, f.rotation(90, f.middle(image)), order=order)
    np.testing.assert_allclose(turned, np.rot90(image), atol=1e-12)


def test_matrices_say_where_points_go():
    """A bright pixel arrives where the matrix sends it."""
    picture = np.zeros((9, 11))
    picture[3, 2] = 1
    for matrix, (row, column) in [
        (f.translation(4, -2), (1, 6)),
        (f.scaling(2, centre=(1, 3)), (3, 3)),
        (f.shear(0, 1), (5, 2)),
        (f.shear(2), (3, 8)),
        (f.rotation(-90, (2, 1)), (1, 0)),
        (f.translation(0, 1) @ f.rotation(180, (4, 4)), (6, 6)),
    ]:
        arrived = f.warp(picture, matrix)
        assert np.unravel_index(arrived.argmax(), arrived.shape) == (row, column)


def test_warp_carries_channels():
    """Each channel as by itself."""
    picture = data.color_photograph("chelsea", 50)
    matrix = f.rotation(10, f.middle(picture))
    warped = f.warp(picture, matrix, (40, 60), fill=1)
    assert warped.shape == (40, 60, 3)
    for channel in range(3):
        np.testing.assert_array_equal(warped[..., channel], f.warp(picture[..., channel], matrix, (40, 60), fill=1))


def test_interpolate_at_pixels_and_beyond(camera):
    """The pixels themselves; the mean of four between them; halfway to the fill half a pixel beyond; the fill."""
    y, x = np.indices(camera.shape)
    np.testing.assert_array_equal(f.interpolate(camera, x, y), camera)
    assert f.interpolate(camera, 4.5, 7.5) == pytest.approx(camera[7:9, 4:6].mean())
    assert f.interpolate(camera, -0.5, 7, fill=1) == pytest.approx((1 + camera[7, 0]) / 2)
    assert f.interpolate(camera, [-1e9, 1e9], [3, 3], fill=0.25).tolist() == [0.25, 0.25]
    assert f.interpolate(camera, [2.4, 2.6], [3, 3], order=0).tolist() == camera[3, 2:4].tolist()


# --- bad input ----------------------------------------------------------------------------------------------------

ONE_IMAGE = {
    "blur": (1,),
    "median": (3,),
    "bilateral": (1, 1),
    "gradient": (),
    "canny": (),
    "differences": (),
    "structure_tensor": (),
    "harris": (),
    "peaks": (),
    "blobs": ([1, 2],),
    "hysteresis": (0, 1),
    "match_template": ([[1, 2]],),
}


@pytest.mark.parametrize("name", ONE_IMAGE)
def test_images_must_be_images(name):
    """Not with channels, not with NaN, not empty, not complex, not masked, not ragged: named as in the signature."""
    function, arguments = getattr(f, name), ONE_IMAGE[name]
    first = next(iter(inspect.signature(function).parameters))
    holed = np.ones((4, 5))
    holed[1, 3] = np.nan
    for value, error, message in [
        (
            np.ones((4, 4, 3)),
            ValueError,
            r"must have 2 dimensions, rows and columns, got shape \(4, 4, 3\); take one channel at a time",
        ),
        (np.ones(4), ValueError, r"must have 2 dimensions, rows and columns, got shape \(4,\)"),
        (holed, ValueError, r"holds 1 value\(s\) that are NaN or infinite, the first at index \(1, 3\)"),
        (np.ones((0, 3)), ValueError, "is empty; give at least one pixel"),
        (np.ones((3, 3)) * 1j, TypeError, "must be real, got complex values"),
        (np.ma.masked_equal(np.ones((3, 3)), 1), TypeError, "is a masked array"),
        ([[1, 2], [3]], ValueError, "must be a one-dimensional sequence of numbers, or an image: "),
    ]:
        with pytest.raises(error, match=f"^{first} {message}"):
            function(value, *arguments)


FLAT = np.zeros((6, 6))
BAD = [
    (lambda: f.blur(FLAT, 0), ValueError, "sigma must be greater than 0, got 0"),
    (lambda: f.blur(FLAT, 1, "mirror"), ValueError, "boundary must be one of 'constant', .*, got 'mirror'"),
    (lambda: f.median(FLAT, 4), ValueError, "size must be odd, so that a window has a middle, got 4"),
    (lambda: f.median(FLAT, 0), ValueError, "size must be at least 1, got 0"),
    (lambda: f.median(FLAT, 3, "no"), ValueError, "boundary must be one of"),
    (lambda: f.bilateral(FLAT, 0, 1), ValueError, "sigma_space must be greater than 0"),
    (lambda: f.bilateral(FLAT, 1, -1), ValueError, "sigma_range must be greater than 0"),
    (lambda: f.bilateral(FLAT, 1, 1, radius=-1), ValueError, "radius must be at least 0"),
    (lambda: f.bilateral(FLAT, 1, 1, boundary="no"), ValueError, "boundary must be one of"),
    (lambda: f.gradient(FLAT, "roberts"), ValueError, "kernel must be one of 'sobel', 'prewitt', 'scharr'"),
    (lambda: f.gradient(FLAT, boundary="no"), ValueError, "boundary must be one of"),
    (lambda: f.magnitude_and_angle(FLAT, FLAT[1:]), ValueError, r"gx and gy must have the same shape, got \(6, 6\)"),
    (lambda: f.non_maximum_suppression(FLAT, FLAT[1:]), ValueError, "gx and gy must have the same shape"),
    (lambda: f.non_maximum_suppression(FLAT, FLAT * np.nan), ValueError, "gy holds 36 value"),
    (lambda: f.hysteresis(FLAT, 2, 1), ValueError, "low must not be above high = 1, got 2"),
    (lambda: f.hysteresis(FLAT, None, 1), TypeError, "low must be a real number, got None"),
    (lambda: f.canny(FLAT, low=0.2, high=0.1), ValueError, r"low must not be above high = 0\.1, got 0\.2"),
    (lambda: f.canny(FLAT, low=0), ValueError, "low must be greater than 0, got 0"),
    (lambda: f.canny(FLAT, sigma=-1), ValueError, "sigma must be greater than 0, got -1"),
    (lambda: f.structure_tensor(FLAT, 0), ValueError, "sigma must be greater than 0"),
    (lambda: f.harris(FLAT, k=0.3), ValueError, r"k must be between 0 and 0\.25, got 0\.3"),
    (lambda: f.peaks(FLAT, 0), ValueError, "distance must be at least 1, got 0"),
    (lambda: f.peaks(FLAT, 1, "high"), TypeError, "threshold must be a real number"),
    (lambda: f.blobs(FLAT, [2, 1]), ValueError, r"sigmas must be increasing and greater than 0, got \[2, 1\]"),
    (lambda: f.blobs(FLAT, [0, 1]), ValueError, "sigmas must be increasing and greater than 0"),
    (lambda: f.blobs(FLAT, []), ValueError, "sigmas is empty"),
    (lambda: f.blobs(FLAT, [1], threshold=np.nan), ValueError, "threshold must be finite"),
    (lambda: f.match_template(FLAT, np.eye(7)), ValueError, r"template must not be larger than image, got \(7, 7\)"),
    (lambda: f.match_template(FLAT, np.full((3, 3), 0.1)), ValueError, "template is constant"),
    (lambda: f.integrate(FLAT, FLAT[:, 1:]), ValueError, "dx and dy must have the same shape"),
    (lambda: f.integrate(FLAT, FLAT, np.inf), ValueError, "mean must be finite"),
    (lambda: f.warp(FLAT, np.eye(2)), ValueError, r"matrix must have shape \(3, 3\) or \(2, 3\), got \(2, 2\)"),
    (lambda: f.warp(FLAT, f.scaling(1, 0)), ValueError, "matrix is singular: it flattens the image onto a line"),
    (lambda: f.warp(FLAT, f.shear(1, 1)), ValueError, "matrix is singular"),
    (lambda: f.warp(FLAT, np.eye(3)[::-1]), ValueError, r"matrix must be affine, .* got \[1\.0, 0\.0, 0\.0\]"),
    (lambda: f.warp(FLAT, np.full((3, 3), np.nan)), ValueError, "matrix holds 9 value"),
    (lambda: f.warp(FLAT, np.eye(3), shape=(0, 3)), ValueError, "shape must be at least 1, got 0"),
    (lambda: f.warp(FLAT, np.eye(3), shape=5), ValueError, "shape must be a pair of numbers, got 5"),
    (lambda: f.warp(FLAT, np.eye(3), order=3), ValueError, r"order must be 0 \(nearest pixel\) or 1 \(linear\), got 3"),
    (lambda: f.warp(FLAT, np.eye(3), fill=None), TypeError, "fill must be a real number"),
    (lambda: f.warp(FLAT[0], np.eye(3)), ValueError, r"image must have 2 dimensions.*, got shape \(6,\)"),
    (
        lambda: f.interpolate(FLAT, [1, 2], [1]),
        ValueError,
        r"x and y must be finite and of one shape, got shapes \(2,\)",
    ),
    (lambda: f.interpolate(FLAT, [np.nan], [1]), ValueError, "x and y must be finite"),
    (lambda: f.interpolate(FLAT, ["a"], [1]), TypeError, "x must hold real numbers, got dtype <U1"),
    (lambda: f.rotation("left"), TypeError, "angle must be a real number"),
    (lambda: f.rotation(3, centre=4), ValueError, "centre must be a pair of numbers, got 4"),
    (lambda: f.scaling(np.nan), ValueError, "x must be finite"),
    (lambda: f.translation(1, "2"), TypeError, "y must be a real number"),
    (lambda: f.shear(None), TypeError, "x must be a real number"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_input_is_named(call, error, message):
    """The error says which argument, what was given and what is allowed."""
    with pytest.raises(error, match=message):
        call()


def test_nothing_is_changed_in_place(camera):
    """Every filter leaves its image as it was, and gives an array of its own."""
    before = camera.copy()
    for name, arguments in ONE_IMAGE.items():
        getattr(filters, name)(camera, *arguments)
    f.warp(camera, f.rotation(3))
    np.testing.assert_array_equal(camera, before)


def test_every_name_is_listed():
    """What the package offers is what it lists, sorted."""
    assert sorted(f.__all__) == list(f.__all__)
    assert all(callable(getattr(f, name)) for name in f.__all__)
