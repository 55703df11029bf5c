"""The photographs: square, reduced by block means, without a network."""

from __future__ import annotations

import socket

import numpy as np
import pytest
from skimage import data as originals

from convlib import data


@pytest.mark.parametrize("name", data.PHOTOGRAPHS)
def test_every_photograph_is_in_the_package(name, monkeypatch):
    """Each is there without a network: 128 × 128 numbers from 0 to 1, and not flat."""

    def refuse(*_: object) -> None:
        raise AssertionError("a photograph asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    picture = data.photograph(name)
    assert picture.shape == (128, 128)
    assert picture.dtype == float
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert np.ptp(picture) > 0.2


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
