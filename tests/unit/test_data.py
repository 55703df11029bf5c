"""The photographs: square, reduced by block means, without a network."""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import pytest
from skimage import color
from skimage import data as originals

from convlib import data


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
