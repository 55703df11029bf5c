"""FrequencyFilter's maths in JavaScript, against NumPy and its Python side."""

from __future__ import annotations

import numpy as np
import pytest

from convlib.widgets.frequency_filter import PICTURES, SIZE, WAVES, FrequencyFilter, mask_values, peaks, wave_order
from convlib.widgets.traits import mirrored
from tests.js.node import node_call, node_calls

RNG = np.random.default_rng(7)
IMAGE = RNG.integers(0, 256, (SIZE, SIZE)).astype(np.uint8)


def random_mask() -> np.ndarray:
    """Any mask that is its own mirror image."""
    mask = RNG.random((SIZE, SIZE))
    return (mask + mirrored(mask)) / 2


@pytest.mark.parametrize("size", [1, 16, 128])
def test_transform_is_numpys(size):
    """The FFT of random numbers, both ways."""
    re, im = RNG.normal(size=(2, size, size))
    results = node_calls(FrequencyFilter, [("fft2", re, im, inverse) for inverse in (False, True)])
    for result, numpys in zip(results, (np.fft.fft2, np.fft.ifft2), strict=True):
        expected = numpys(re + 1j * im).ravel()
        np.testing.assert_allclose(result, [*expected.real, *expected.imag], atol=1e-9)


def test_masks_are_convlibs():
    """Each kind with each edge, at a random cutoff."""
    cases = [
        (kind, edge, float(RNG.integers(2, 129) / 2))
        for kind in ("low-pass", "high-pass", "band-pass")
        for edge in ("sharp", "smooth")
    ]
    results = node_calls(FrequencyFilter, [("maskValues", *case) for case in cases])
    for result, case in zip(results, cases, strict=True):
        np.testing.assert_allclose(result, mask_values(*case).ravel(), atol=1e-12)


def test_pictures_are_convlibs():
    """To the last grey value."""
    results = node_calls(FrequencyFilter, [("pictureOf", name, IMAGE) for name in PICTURES])
    for result, name in zip(results, PICTURES, strict=True):
        np.testing.assert_array_equal(result, FrequencyFilter(picture=name, image=IMAGE).input.ravel())


def test_filtered_picture_kernel_and_shares():
    """NumPy's, for any mask; and a painted mask travels bit by bit."""
    mask = random_mask()
    painted = mask > 0.5
    bits, packed = painted.astype(np.uint8), np.packbits(painted)
    calls = [("filtered", IMAGE, mask), ("kernelOf", mask), ("shares", IMAGE, bits)]
    filtered, kernel, shares, bytes_, unpacked = node_calls(
        FrequencyFilter, [*calls, ("packBits", bits), ("unpackBits", packed)]
    )
    spectrum = np.fft.fftshift(np.fft.fft2(IMAGE)) * mask
    np.testing.assert_allclose(filtered, np.fft.ifft2(np.fft.ifftshift(spectrum)).real.ravel(), atol=1e-9)
    expected = np.fft.fftshift(np.fft.ifft2(np.fft.ifftshift(mask)).real)
    np.testing.assert_allclose(kernel, expected.ravel(), atol=1e-12)
    widget = FrequencyFilter(image=IMAGE, filter="paint", painted=painted)
    np.testing.assert_allclose(shares, [widget.kept, widget.energy])
    np.testing.assert_array_equal(bytes_, packed)
    np.testing.assert_array_equal(unpacked, painted.ravel())


@pytest.mark.parametrize("size", [1, 7])
@pytest.mark.parametrize("center", [(20, 12), (-64, 3), (63, -64)])
def test_brush(center, size):
    """A stroke drops all that is near enough, and its mirror image, and nothing else; at the rim, too."""
    down, across = np.indices((SIZE, SIZE)) - SIZE // 2
    result = node_call(FrequencyFilter, "paintDisk", np.ones((SIZE, SIZE), np.uint8), *center, size, 0)
    near = (across - center[0]) ** 2 + (down - center[1]) ** 2 <= size**2 / 4
    np.testing.assert_array_equal(result.reshape(SIZE, SIZE) == 0, near | mirrored(near))


@pytest.mark.parametrize("picture", PICTURES)
def test_waves_come_in_pythons_order(picture):
    """The same wave at the same place, ties too; and the first n make Python's mask."""
    values = FrequencyFilter(picture=picture).input
    waves = node_call(FrequencyFilter, "wavesIn", values)
    assert len(waves) == WAVES
    strong = 300  # below that come amplitudes that are nothing but rounding, in the drawings
    ranks = wave_order(values).ravel()
    np.testing.assert_array_equal(ranks[waves[:strong]], np.arange(1, strong + 1))
    mask = node_call(FrequencyFilter, "firstWaves", waves, 40)
    np.testing.assert_array_equal(mask, FrequencyFilter(picture=picture, waves=40).mask.ravel())


@pytest.mark.parametrize("picture", PICTURES)
def test_peaks_are_pythons(picture):
    """The same ones, at the same places."""
    values = FrequencyFilter(picture=picture).input
    found = node_call(FrequencyFilter, "peaksIn", values)
    np.testing.assert_array_equal(found, np.flatnonzero(peaks(values)))


def test_the_scrubber_stops_at_ever_more_waves():
    """Each of the first waves, then steps of 6 %; the way back finds the stop."""
    stops = node_call(FrequencyFilter, "STOPS")
    assert stops[:9] == list(range(9))
    assert stops[-1] == WAVES
    growth = np.diff(stops)[20:-1] / stops[20:-2]
    assert 0.04 < growth.min() <= growth.max() < 0.09, "6 %, rounded to whole waves"
    places = node_calls(FrequencyFilter, [("stopBelow", stop) for stop in (0, 5, stops[50], stops[50] + 1, WAVES)])
    assert places == [0, 5, 50, 50, len(stops) - 1]
