"""FrequencyFilter's Python side: masks, kernels and pictures against NumPy and SciPy; traits; still pictures."""

from __future__ import annotations

import itertools
import json

import matplotlib.pyplot as plt
import numpy as np
import pytest
import scipy.ndimage
from ipywidgets.embed import dependency_state

from convlib import plot
from convlib.data import photograph
from convlib.widgets.frequency_filter import (
    FILTERS,
    PICTURES,
    SIZE,
    WAVES,
    FrequencyFilter,
    mask_values,
    peaks,
    stripes,
    wave_order,
)
from convlib.widgets.traits import mirrored

ALL = list(itertools.product(PICTURES, FILTERS, ("sharp", "smooth")))

LOPSIDED = np.zeros((SIZE, SIZE), dtype=bool)
LOPSIDED[52, 84] = True


def random_painted(seed=5):
    """A mask with about a third of the frequencies dropped, each with its mirror image."""
    kept = np.random.default_rng(seed).random((SIZE, SIZE)) < 0.8
    return kept & mirrored(kept)


@pytest.mark.parametrize(("picture", "filter", "edge"), ALL)
def test_kernel_does_what_the_mask_does(picture, filter, edge):
    """Convolving with the kernel, wrapping round, by SciPy's sliding window gives the filtered picture."""
    widget = FrequencyFilter(picture=picture, filter=filter, edge=edge, cutoff=9.5, painted=random_painted())
    rows, columns = [0, 31, 127], [5, 64]
    # A few pixels suffice, and each is 128 × 128 products: w[i] sits at shift i - 64, so that it is flipped first.
    flipped = mirrored(widget.kernel)
    for row, column in itertools.product(rows, columns):
        around = np.roll(widget.input, (SIZE // 2 - row, SIZE // 2 - column), axis=(0, 1))
        assert (around * flipped).sum() == pytest.approx(widget.filtered[row, column], abs=1e-8)


def test_convolution_is_scipys():
    """The whole filtered picture, against scipy.ndimage.convolve with mode="wrap", where the kernel is short."""
    widget = FrequencyFilter(picture="disk", edge="smooth", cutoff=10)
    short = widget.kernel[64 - 16 : 64 + 17, 64 - 16 : 64 + 17]
    assert abs(widget.kernel).sum() - abs(short).sum() < 1e-6, "or the kernel is not short"
    np.testing.assert_allclose(scipy.ndimage.convolve(widget.input, short, mode="wrap"), widget.filtered, atol=3e-4)


@pytest.mark.parametrize("edge", ["sharp", "smooth"])
@pytest.mark.parametrize("cutoff", [1, 7.5, 64])
def test_masks(edge, cutoff):
    """Low and high make one; every mask lies between 0 and 1 and is its own mirror image."""
    masks = {kind: mask_values(kind, edge, cutoff) for kind in ("low-pass", "high-pass", "band-pass")}
    np.testing.assert_allclose(masks["low-pass"] + masks["high-pass"], 1, atol=1e-15)
    assert masks["low-pass"][64, 64] == 1
    assert masks["band-pass"][64, 64] == 0
    for mask in masks.values():
        assert mask.min() >= 0
        assert mask.max() <= 1
        assert mask.max() > 0.6, "something is kept"
        np.testing.assert_array_equal(mask, mirrored(mask))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            ("lowpass", "sharp", 9),
            ValueError,
            "kind must be one of 'low-pass', 'high-pass', 'band-pass', got 'lowpass'",
        ),
        (("paint", "sharp", 9), ValueError, "kind must be one of .*, got 'paint'"),
        (("low-pass", "soft", 9), ValueError, "edge must be one of 'sharp', 'smooth', got 'soft'"),
        (("low-pass", "sharp", 0), ValueError, "cutoff must be greater than 0, got 0"),
        (("low-pass", "sharp", np.inf), ValueError, "cutoff must be finite, got inf"),
        (("low-pass", "sharp", "9"), TypeError, "cutoff must be a real number, got '9' of type str"),
    ],
)
def test_impossible_masks_are_refused(arguments, error, message):
    """A misspelt filter is not silently another one."""
    with pytest.raises(error, match=message):
        mask_values(*arguments)


def test_masks_end_where_they_should():
    """A sharp one keeps the frequency at the cutoff itself, and a smooth one 0.61 of it."""
    for kind, at in (("low-pass", 20), ("band-pass", 20 * np.sqrt(2))):
        mask = mask_values(kind, "sharp", 20)[64, 64:]
        assert mask[int(at)] == 1
        assert mask[int(at) + 1] == 0
    assert mask_values("low-pass", "smooth", 20)[64, 64 - 20] == pytest.approx(np.exp(-0.5))
    assert mask_values("band-pass", "smooth", 30)[64, 64 + 60] == pytest.approx(np.exp(-2))
    assert mask_values("band-pass", "smooth", 30)[64 + 30, 64] == 1


def test_sharp_rings_and_smooth_does_not():
    """What the widget is there to show: a smooth low-pass stays within the picture's range, a sharp one leaves it."""
    sharp = FrequencyFilter(picture="disk", edge="sharp", cutoff=16)
    smooth = FrequencyFilter(picture="disk", edge="smooth", cutoff=16)
    assert sharp.filtered.max() > 215 + 10
    assert sharp.kernel.min() < -0.1 * sharp.kernel.max()
    # What a Gaussian still has at the highest frequency, e^-8 of its peak, is cut off.
    assert smooth.filtered.max() < 215 + 0.01
    assert smooth.kernel.min() > -1e-3 * smooth.kernel.max()


def test_stripes_can_be_painted_away():
    """The interference is two points of the spectrum, and without them what is left is nearly the photograph."""
    widget = FrequencyFilter(picture="stripes", filter="paint")
    power = np.abs(np.fft.fftshift(np.fft.fft2(stripes(np.zeros((SIZE, SIZE)))))) ** 2
    power[64, 64] = 0
    assert {tuple(map(int, place)) for place in np.argwhere(power > 1e-3 * power.max())} == {(76, 84), (52, 44)}
    painted = np.ones((SIZE, SIZE), dtype=bool)
    painted[76, 84] = painted[52, 44] = False
    before = np.abs(widget.filtered - (0.7 * widget.image + 38.2)).mean()
    widget.painted = painted
    after = np.abs(widget.filtered - (0.7 * widget.image + 38.2)).mean()
    assert before > 20
    assert after < 1


def test_waves_one_by_one():
    """Each is a frequency with its mirror image; the strongest hold the most energy; all of them are the picture."""
    every = FrequencyFilter(waves=WAVES, filter="high-pass")
    np.testing.assert_allclose(every.filtered, every.input, atol=1e-9)
    ranks = wave_order(every.input)
    np.testing.assert_array_equal(ranks, mirrored(ranks))
    counts = np.bincount(ranks.ravel())
    assert counts[0] == 1
    assert ranks[64, 64] == 0
    assert np.sum(counts == 1) == 1 + 3
    assert set(counts) == {1, 2}
    energies = [FrequencyFilter(waves=n).energy for n in (1, 2, 3, 10, 100, 1000)]
    assert energies == sorted(energies)
    assert energies[3] > 0.5
    gains = np.diff([0, *(FrequencyFilter(waves=n).energy for n in range(1, 9))])
    assert (np.diff(gains) <= 1e-12).all()
    # The stripes are one wave, and stronger than any of the photograph's at their length.
    striped = wave_order(FrequencyFilter(picture="stripes").input)
    assert striped[64 + 12, 64 + 20] == striped[64 - 12, 64 - 20] <= 4
    assert "the 40 strongest waves kept" in FrequencyFilter(waves=40).describe()[0]


def test_a_smooth_mask_says_what_it_keeps():
    """It has no end: in words, its share where a sharp one ends."""
    for kind, across in (("low-pass", 10), ("high-pass", 10), ("band-pass", 10 * 2**0.5)):
        words = FrequencyFilter(filter=kind, edge="smooth", cutoff=10).describe()[0]
        shares = mask_values(kind, "smooth", 10.0)[64, 64:]
        share = np.interp(across, np.arange(len(shares)), shares)
        assert f"(smooth edge, {100 * share:.0f} % of those at it)" in words


def test_pictures():
    """All are whole grey values; the drawings have the shapes that they are named for."""
    for picture in PICTURES:
        values = FrequencyFilter(picture=picture).input
        np.testing.assert_array_equal(values, np.clip(np.rint(values), 0, 255))
    disk = FrequencyFilter(picture="disk").input
    assert (disk == 215).sum() == pytest.approx(np.pi * 32**2, rel=0.01)
    assert (disk == 40).sum() + (disk == 215).sum() == SIZE**2
    edge = FrequencyFilter(picture="edge").input
    assert (edge[:, :64] == 40).all()
    assert (edge[:, 64:] == 215).all()
    np.testing.assert_array_equal(FrequencyFilter().input, np.rint(255 * photograph()))


def test_shares():
    """The energy is Parseval's sum, without the mean; a flat picture loses none."""
    widget = FrequencyFilter(filter="high-pass", edge="smooth", cutoff=5)
    deviation = widget.input - widget.input.mean()
    assert widget.energy == pytest.approx((widget.filtered**2).sum() / (deviation**2).sum())
    assert widget.kept == widget.mask.mean()
    assert FrequencyFilter(image=np.full((SIZE, SIZE), 0.3), cutoff=1).energy == 1


@pytest.mark.parametrize(
    ("trait", "value", "error", "message"),
    [
        ("picture", "own", ValueError, r"FrequencyFilter\.picture must be one of 'photograph', .*, got 'own'"),
        ("show", ["cutoff"], ValueError, r"FrequencyFilter\.show must be one of 'picture', 'filtered', 'spectrum'"),
        ("controls", ["brush"], ValueError, r"FrequencyFilter\.controls must be one of 'picture', 'filter', 'edge'"),
        ("filter", "notch", ValueError, r"FrequencyFilter\.filter must be one of 'low-pass', .*, got 'notch'"),
        ("edge", None, TypeError, r"FrequencyFilter\.edge must be one of 'sharp', 'smooth', got None"),
        ("cutoff", 0.5, ValueError, r"FrequencyFilter\.cutoff must be between 1 and 64, got 0\.5"),
        ("waves", -1, ValueError, r"FrequencyFilter\.waves must be at least 0, got -1"),
        ("waves", 8194, ValueError, r"FrequencyFilter\.waves must be at most 8193, got 8194"),
        ("cutoff", np.nan, ValueError, r"FrequencyFilter\.cutoff must be finite"),
        (
            "image",
            np.zeros((64, 64)),
            ValueError,
            r"FrequencyFilter\.image must have shape \(128, 128\), got \(64, 64\)",
        ),
        (
            "image",
            np.full((128, 128), 2.0),
            ValueError,
            r"image must hold integers from 0 to 255 or fractions from 0 to",
        ),
        ("image", np.full((128, 128), np.nan), ValueError, r"image must hold .*, got float64 values from nan to nan"),
        ("image", np.full((128, 128), 256), ValueError, r"got int64 values from 256 to 256"),
        ("image", np.full((128, 128), -1), ValueError, r"got int64 values from -1 to -1"),
        ("image", np.zeros((128, 128), complex), TypeError, r"image must hold real numbers, got .* complex128"),
        ("image", "camera", TypeError, r"FrequencyFilter\.image must hold real numbers, got str of dtype <U6"),
        ("image", [[1, 2], [3]], ValueError, r"image must be 128 rows of 128 numbers: "),
        ("painted", np.full((128, 128), 2), ValueError, r"painted must hold only 0, dropped, and 1, kept, got 2"),
        ("painted", np.ones(128), ValueError, r"FrequencyFilter\.painted must have shape"),
        (
            "painted",
            LOPSIDED,
            ValueError,
            r"must treat a frequency and its mirror image alike, .* at row 52, column 84",
        ),
    ],
)
def test_impossible_traits_are_refused(trait, value, error, message):
    """The error names widget and trait, and the widget keeps what it had."""
    widget = FrequencyFilter()
    before = getattr(widget, trait)
    with pytest.raises(error, match=message):
        setattr(widget, trait, value)
    assert np.array_equal(getattr(widget, trait), before)
    with pytest.raises(error, match=message):
        FrequencyFilter(**{trait: value})


def test_images_of_both_kinds():
    """Fractions are rounded to 8 bits, integers stay, booleans are black and white."""
    ramp = np.tile(np.arange(128), (128, 1))
    np.testing.assert_array_equal(FrequencyFilter(image=ramp).image, ramp)
    np.testing.assert_array_equal(FrequencyFilter(image=ramp / 255).image, ramp)
    assert set(np.unique(FrequencyFilter(image=ramp > 60).image)) == {0, 255}
    assert FrequencyFilter(image=ramp).image.dtype == np.uint8
    np.testing.assert_array_equal(FrequencyFilter(image=photograph("moon")).input, np.rint(255 * photograph("moon")))


def test_arrays_travel_as_bytes():
    """The image as bytes and the mask as bits, both ways; a change is told to observers once."""
    widget = FrequencyFilter()
    seen = []
    widget.observe(lambda change: seen.append(change["name"]), ["image", "painted"])
    painted = random_painted()
    widget.painted = painted
    widget.painted = painted.astype(int)
    assert seen == ["painted"]
    state = widget.get_state()
    assert state["image"].nbytes == SIZE**2
    assert bytes(state["painted"]) == np.packbits(painted).tobytes()
    other = FrequencyFilter(image=np.zeros((SIZE, SIZE)))
    other.set_state({"painted": state["painted"], "image": memoryview(bytes(state["image"]))})
    np.testing.assert_array_equal(other.painted, painted)
    np.testing.assert_array_equal(other.image, widget.image)


def test_painted_is_changed_only_by_assignment():
    """Neither the trait's array, however it came, nor the one that was given reaches into the widget."""
    mine = random_painted()
    widget, given, sent = FrequencyFilter(), FrequencyFilter(painted=mine), FrequencyFilter()
    sent.set_state({"painted": given.get_state()["painted"]})
    for each in (widget, given, sent):
        with pytest.raises(ValueError, match="read-only"):
            each.painted[64, 64] = False
    mine[64, 64] = not mine[64, 64]
    assert given.painted[64, 64] != mine[64, 64]


def test_saved_state_is_small():
    """What a page stores for one widget, its module and style aside, is less than 60 kB."""
    state = dependency_state([FrequencyFilter(painted=random_painted())], drop_defaults=False)
    model = next(m for m in state.values() if m["model_module"] == "anywidget")
    own = {key: value for key, value in model["state"].items() if not key.startswith("_")}
    assert 20_000 < len(json.dumps([own, model["buffers"]])) < 60_000


def test_text_is_stable():
    """The arrays are left out of it."""
    assert repr(FrequencyFilter(cutoff=7.3)) == (
        "FrequencyFilter(cutoff=7.5, edge='sharp', filter='low-pass', picture='photograph', waves=0)"
    )


@pytest.mark.parametrize(("picture", "filter", "edge"), ALL)
def test_every_still_picture_is_drawn(picture, filter, edge):
    """All 32; described by what is filtered and how much is kept, and when mid-grey stands for zero."""
    widget = FrequencyFilter(picture=picture, filter=filter, edge=edge, painted=random_painted())
    with plot.style():
        figure = widget.still()
    assert len(figure.axes) == 4
    shown = figure.axes[1].images[0].get_array()
    keeps_mean = {"low-pass": True, "paint": widget.painted[64, 64]}.get(filter, False)
    grey = 0 if keeps_mean else 128
    np.testing.assert_allclose(shown, widget.filtered + grey)
    assert ("mid-grey" in figure.axes[1].get_title("left")) == bool(grey)
    plt.close(figure)
    alt, caption = widget.describe()
    assert PICTURES[picture] in alt
    assert ("mid-grey" in alt) == bool(grey)
    assert f"{100 * widget.kept:.1f} % of the frequencies" in caption
    assert ("weighted by the mask" in caption) == (edge == "smooth" and filter != "paint")
    assert "33 × 33 of its 128 × 128 weights" in caption


def test_peaks_are_what_was_laid_over():
    """The wave of the stripes and no other; none in the other pictures, nor in noise; several if there are several."""
    for picture in PICTURES:
        found = np.argwhere(peaks(FrequencyFilter(picture=picture).input)) - 64
        assert found.tolist() == ([[-12, -20], [12, 20]] if picture == "stripes" else [])
    noise = np.random.default_rng(3).uniform(0, 255, (SIZE, SIZE))
    assert not peaks(noise).any()
    down, across = np.indices((SIZE, SIZE))
    waves = [(3, 9), (64, 0), (40, 63)]  # down and across; the second is its own mirror image
    both = sum(20 * np.cos(2 * np.pi * (a * down + b * across) / SIZE) for a, b in waves)
    places = {((a + 64) % SIZE, (b + 64) % SIZE) for a, b in waves} | {
        ((64 - a) % SIZE, (64 - b) % SIZE) for a, b in waves
    }
    assert set(map(tuple, np.argwhere(peaks(noise / 50 + both)).tolist())) == places


def test_peaks_are_drawn_as_dots():
    """A peak is seen seven frequencies wide, in the colour of whether it is kept, though it is but one."""
    for cutoff, kept in ((8, False), (64, True)):
        figure = FrequencyFilter(picture="stripes", cutoff=cutoff).still()
        colors = np.asarray(figure.axes[2].images[0].get_array())
        plt.close(figure)
        dot = colors[76 - 3 : 76 + 4, 84].reshape(-1, 4)
        np.testing.assert_allclose(dot, np.broadcast_to(colors[76, 84], dot.shape))
        assert (colors[76, 84, 3] == 1) == kept
        assert not np.allclose(colors[76 + 4, 84], colors[76, 84])


@pytest.mark.parametrize(
    ("options", "count", "said", "unsaid"),
    [
        ({}, 4, "kernel", "wave added"),
        ({"waves": 3}, 4, "The wave added last: ", "kernel that does the same"),
        ({"show": ["picture", "filtered"]}, 2, "The picture: ", "spectrum"),
        ({"show": ["filtered", "wave"]}, 2, "The wave added last: none yet.", "The picture: "),
        ({"show": ["spectrum"]}, 1, "The mask lets", "filtered picture"),
        ({"show": ["words"]}, 1, "filtered picture", "spectrum"),
    ],
)
def test_stills_follow_the_view(options, count, said, unsaid):
    """As many panels as there are to see, each described, and no other."""
    widget = FrequencyFilter(**options)
    figure = widget.still()
    assert len(figure.axes) == count
    plt.close(figure)
    alt, caption = widget.describe()
    assert said in alt
    assert unsaid not in alt
    assert ("33 × 33" in caption) == ("kernel" in alt)


@pytest.mark.parametrize("picture", PICTURES)
def test_the_last_wave_completes_the_mask(picture):
    """It is the one by which the mask of n waves differs from that of n - 1."""
    for n in (2, 7, 40):
        now, before = (FrequencyFilter(picture=picture, waves=m).mask for m in (n, n - 1))
        across, down = FrequencyFilter(picture=picture, waves=n).last_wave
        assert (now - before)[64 + down, 64 + across] == 1
        assert (now - before).sum() in (1, 2)
    assert FrequencyFilter().last_wave is None


def test_room_follows_the_view():
    """Fewer parts are less high; on a phone each control takes its row, beside the panes none does."""
    whole = np.array(FrequencyFilter().room())
    two = np.array(FrequencyFilter(show=["picture", "filtered"]).room())
    ringing = np.array(FrequencyFilter(show=["picture", "filtered"], controls=["edge", "cutoff"]).room())
    assert (ringing < whole).all()
    assert ringing[0] - two[0] == pytest.approx(52 + 6 + 49 + 6, abs=1)
    assert ringing[2] <= two[2]  # the panes are a little smaller beside it


def test_still_picture_embeds_its_rasters():
    """Four images of few pixels, each placed on its frame to the tenth of a point, in less than 150 kB."""
    html = FrequencyFilter(picture="stripes", filter="paint").fallback()["text/html"]
    assert html.count("<image") == 4
    assert html.count("matrix(1.2 0 0 1.2 ") == 3
    assert html.count("matrix(4.6 0 0 4.6 ") == 1
    assert len(html) < 150_000


def test_nothing_kept_is_drawn():
    """A mask without any frequency: no energy, no weights, no warning."""
    widget = FrequencyFilter(filter="paint", painted=np.zeros((SIZE, SIZE)))
    assert widget.energy == widget.kept == 0
    assert "0.0 % of the energy" in widget.describe()[1]
    plt.close(widget.still())
