"""ImageKernel's Python side: traits and their errors, outputs against SciPy, words, pictures, what travels."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

import convlib
from convlib import kernels
from convlib.widgets import ImageKernel, photographs
from convlib.widgets.image_kernel import BOUNDARIES, PRESETS, SHOWN, preset
from convlib.widgets.photographs import PHOTOGRAPHS

MODES = {"constant": "constant", "edge": "nearest", "symmetric": "reflect", "reflect": "mirror", "wrap": "grid-wrap"}


@pytest.mark.parametrize(
    ("traits", "error", "message"),
    [
        ({"kernel": [1, 2, 3]}, ValueError, r"ImageKernel\.kernel must have 3 × 3, 5 × 5 or 7 × 7 weights, got shape"),
        ({"kernel": np.ones((4, 4))}, ValueError, r"ImageKernel\.kernel must have 3 × 3, .*got shape \(4, 4\)"),
        ({"kernel": np.ones((1, 9, 1))}, ValueError, r"ImageKernel\.kernel must have 3 × 3"),
        ({"kernel": [[1, 2], [3]]}, (ValueError, TypeError), r"ImageKernel\.kernel"),
        ({"kernel": [100] * 9}, ValueError, r"ImageKernel\.kernel must lie between -99 and 99, got .* 100 to 100"),
        ({"kernel": [np.nan] * 9}, ValueError, r"ImageKernel\.kernel holds 9"),
        ({"kernel": [1j] * 9}, TypeError, r"ImageKernel\.kernel must be real"),
        ({"kernel": "blur"}, ValueError, r"name must be one of 'identity', .*got 'blur'"),
        ({"turn": 360}, ValueError, r"ImageKernel\.turn must be between 0 and 270, got 360"),
        ({"divisor": 0}, ValueError, r"ImageKernel\.divisor must be between 0.01 and 1000, got 0"),
        ({"offset": 256}, ValueError, r"ImageKernel\.offset must be at most 255, got 256"),
        ({"offset": 0.5}, TypeError, r"ImageKernel\.offset must be a whole number"),
        ({"boundary": "zeros"}, ValueError, r"ImageKernel\.boundary must be one of 'constant', .*got 'zeros'"),
        ({"halvings": 4}, ValueError, r"ImageKernel\.halvings must be at most 3, got 4"),
        ({"row": 384}, ValueError, r"ImageKernel\.row must be at most 383, got 384"),
        ({"lock": "one"}, ValueError, r"ImageKernel\.kernel must sum to 1 with lock='one', got 0 \(after"),
        ({"photo": "image"}, ValueError, r"ImageKernel\.photo can be 'image' only with an image"),
        ({"photo": "dog"}, ValueError, r"ImageKernel\.photo must be one of 'astronaut'"),
        ({"photographs": []}, ValueError, r"ImageKernel\.photographs must name at least one photograph"),
        ({"photographs": "chelsea"}, TypeError, r"ImageKernel\.photographs must be a list of names, got 'chelsea'"),
        ({"image": np.zeros((9, 9))}, ValueError, r"ImageKernel\.image must have shape \(384, 512\), got \(9, 9\)"),
        ({"image": np.full((384, 512), 300)}, ValueError, r"ImageKernel\.image must hold integers from 0 to 255"),
        ({"image": np.full((384, 512), np.nan)}, ValueError, r"ImageKernel\.image must hold"),
        ({"image": np.full((384, 512), "x")}, TypeError, r"ImageKernel\.image must hold real numbers"),
        ({"painted": np.ones((2, 2))}, ValueError, r"ImageKernel\.painted must have shape \(24, 32\), got \(2, 2\)"),
        ({"painted": np.full((24, 32), 2)}, ValueError, r"ImageKernel\.painted must hold only 0, empty, and 1"),
        ({"show": ["photo"]}, ValueError, r"ImageKernel\.show must be one of 'picture'"),
        ({"size": 3}, TypeError, r"ImageKernel has no argument 'size'; allowed are"),
    ],
)
def test_impossible_traits_are_refused(traits, error, message):
    """The error names widget and trait."""
    with pytest.raises(error, match=message):
        ImageKernel(**traits)


def test_a_refused_change_leaves_all_as_it_was():
    """With a lock, a kernel with another sum; and the lock itself."""
    widget = ImageKernel(kernel="box 3", lock="one")
    with pytest.raises(ValueError, match=r"must sum to 1 with lock='one', got 1\.11"):
        widget.kernel = [2, *[1] * 8]
    with pytest.raises(ValueError, match="must sum to 0"):
        widget.lock = "zero"
    assert (widget.kernel.sum(), widget.lock) == (9, "one")
    with widget.hold_trait_notifications():
        widget.kernel, widget.divisor = [2, *[1] * 8], 10
    assert widget.divisor == 10
    with pytest.raises(ValueError, match="read-only"):
        widget.kernel[0, 0] = 1


#: What each name stands for among the kernels of the book.
NAMED = {
    ("box", 5): kernels.box(5),
    ("motion", 7): kernels.motion(7),
    ("Gaussian", 3): kernels.gaussian(0.85, truncate=1),
    ("sharpen", 3): kernels.sharpen(),
    ("emboss", 3): kernels.emboss(),
    ("Sobel x", 3): kernels.sobel("x"),
    ("Sobel y", 3): kernels.sobel("y"),
    ("Laplacian", 3): kernels.laplacian(),
    ("Laplacian", 7): kernels.log(1.1, truncate=2.5),
    ("identity", 7): np.pad([[1.0]], 3),
}


@pytest.mark.parametrize("name", NAMED, ids=lambda name: f"{name[0]} {name[1]}")
def test_presets_are_the_books_kernels(name):
    """Divided, the same numbers; and the sums are 1 or 0."""
    w, divisor = preset(*name)
    np.testing.assert_allclose(w / divisor, NAMED[name], atol=1e-12)
    averages = name[0] not in ("Sobel x", "Sobel y", "Laplacian")
    assert w.sum() / divisor == pytest.approx(float(averages), abs=1e-9)


def test_a_name_sets_what_belongs_to_it():
    """Weights, divisor, and colours for kernels with negative outputs; what is said besides counts more."""
    for name in PRESETS:
        widget = ImageKernel(kernel=name)
        w, divisor = preset(name)
        np.testing.assert_array_equal(widget.kernel, w)
        assert widget.divisor == divisor
        assert (widget.negatives == "color") == (abs(w.sum()) < 1e-9)
    assert ImageKernel(kernel="box 7").kernel.shape == (7, 7)
    assert ImageKernel(kernel="Sobel x", divisor=4).divisor == 4


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from([3, 5, 7]).flatmap(lambda n: st.lists(st.floats(-9, 9), min_size=n * n, max_size=n * n)),
    st.sampled_from(BOUNDARIES),
    st.integers(-255, 255),
    st.integers(2, 3),
)
def test_output_is_scipys(w, boundary, offset, halvings):
    """Convolution with half a turn, correlation without, quarters between; and the window's sum is the output."""
    given = {"kernel": w, "boundary": boundary, "offset": offset, "halvings": halvings, "divisor": 2}
    widget = ImageKernel(photo="coins", row=1, column=509, **given)
    x = widget.pixels.astype(float)
    for turn, act in ((180, ndimage.convolve), (0, ndimage.correlate)):
        widget.turn = turn
        expected = act(x, widget.kernel / 2, mode=MODES[boundary]) + offset
        np.testing.assert_allclose(widget.output, expected, atol=1e-7)
        row, column = widget.place
        total = (widget.window * widget.laid).sum() / 2 + offset
        assert total == pytest.approx(widget.output[row, column], abs=1e-7)
    widget.turn = 90
    expected = ndimage.correlate(x, np.rot90(widget.kernel, -1) / 2, mode=MODES[boundary]) + offset
    np.testing.assert_allclose(widget.output, expected, atol=1e-7)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_code_computes_the_output(turn):
    """The lines to copy, run as they are, with what they name."""
    widget = ImageKernel(kernel="emboss", turn=turn, halvings=3, boundary="symmetric", offset=7)
    names = {
        "np": np,
        "image": widget.pixels.astype(float),
        "convolve": convlib.convolve,
        "correlate": convlib.correlate,
    }
    *first, last = widget.code.split("\n")
    exec("\n".join(first), names)
    np.testing.assert_allclose(eval(last, names), widget.output, atol=1e-9)


def test_the_code_is_python():
    """Decimals with their points; no true minus signs."""
    code = ImageKernel(kernel=[0.25, -0.5, 0, 0, 1e-5, 0, 0, 0, 2], divisor=0.5, negatives="clip").code
    assert "[[0.25, -0.5, 0]" in code
    assert ") / 0.5" in code
    assert "−" not in code


@pytest.mark.parametrize(
    ("traits", "sentence"),
    [
        ({"divider": 1}, "Row 49, column 217 is 136. It goes into 9 outputs: the kernel, as it is printed, times 136."),
        ({"kernel": "identity"}, "Row 49, column 217: 9 products add up to 136."),
        ({"kernel": "identity", "offset": 120}, "Row 49, column 217: 9 products add up to 136, plus 120 = 256: beyond"),
        ({"negatives": "clip", "turn": 0}, ": 9 products add up to −653, over 8 = −81.6: below black, shown black."),
        ({"turn": 0}, ": 9 products add up to −653, over 8 = −81.6."),
    ],
)
def test_sentence(traits, sentence):
    """Which numbers add up to which, and what is done to them then."""
    assert sentence in ImageKernel(**traits).sentence()


def test_an_own_image_and_what_it_travels_as():
    """Every grey value arrives; a change is told once; the reader's own picture is not known here."""
    image = np.random.default_rng(3).integers(0, 256, (384, 512))
    widget = ImageKernel(image=image, photo="image", halvings=0)
    seen = []
    widget.observe(lambda change: seen.append(change["new"]), "image")
    widget.image = image.copy()
    assert seen == []
    np.testing.assert_array_equal(widget.pixels, image)
    sent = widget.get_state(["image"])["image"]
    np.testing.assert_array_equal(photographs.decoded(sent), image)
    widget.set_state({"image": memoryview(photographs.lossless(np.zeros((384, 512), np.uint8)))})
    assert widget.image.max() == 0
    widget.image = image / 255
    np.testing.assert_array_equal(widget.image, image)
    widget.image = None
    assert widget.get_state(["image"])["image"] == b""
    with pytest.raises(ValueError, match="never leaves the page"):
        _ = ImageKernel(photo="own").output


def test_photographs_are_small_and_true():
    """All together under 200 KB; each of the size that is filtered, and close to the original."""
    sizes = [len(photographs.encoded(name)) for name in PHOTOGRAPHS]
    assert sum(sizes) < 200_000
    for name in PHOTOGRAPHS:
        assert photographs.pixels(name).shape == (384, 512)
        assert photographs.pixels(name).std() > 25
    with pytest.raises(ValueError, match="name must be one of 'astronaut'"):
        photographs.encoded("dog")


def test_a_reduced_view_brings_one_photograph():
    """Unless it offers the others, or is told to bring them."""
    few = {"show": ["picture", "kernel"]}
    assert ImageKernel(photo="chelsea", **few).photographs == ["chelsea"]
    assert ImageKernel(photo="chelsea", photographs=["page", "chelsea"], **few).photographs == ["chelsea", "page"]
    assert ImageKernel(show=["picture", "choices"]).photographs == list(PHOTOGRAPHS)
    assert list(ImageKernel(**few).get_state(["photographs"])["photographs"]) == ["astronaut"]
    assert ImageKernel(**few).room()[0] < ImageKernel().room()[0]


def test_kernel_and_tiles_travel():
    """As a list, row after row; as bits; and back."""
    widget = ImageKernel(kernel="box 5")
    widget.set_state({"kernel": list(range(9))})
    np.testing.assert_array_equal(widget.kernel, np.arange(9).reshape(3, 3))
    assert widget.get_state(["kernel"])["kernel"] == list(range(9))
    painted = np.random.default_rng(4).random((24, 32)) < 0.3
    widget.painted = painted
    sent = widget.get_state(["painted"])["painted"]
    assert sent.nbytes == 96
    widget.painted = np.zeros((24, 32))
    widget.set_state({"painted": sent})
    np.testing.assert_array_equal(widget.painted, painted)


def test_a_link_may_set_all_but_the_pictures():
    """The page knows what each trait can be."""
    limits = ImageKernel.limits()
    assert set(ImageKernel.own_traits()) - set(limits) == {"image", "photographs"}
    assert limits["kernel"] == {"low": -99, "high": 99, "most": 49}
    assert limits["painted"] == {"bytes": True}


@pytest.mark.parametrize(
    "traits",
    [
        {},
        {"kernel": "Gaussian 7", "divider": 0.9, "photo": "coffee"},
        {"kernel": "box 5", "turn": 0, "halvings": 3, "swept": 100, "negatives": "absolute"},
    ],
)
def test_still_picture(traits):
    """The divided picture and three grids, and words for who cannot see them."""
    widget = ImageKernel(**traits)
    figure = widget.still()
    assert len(figure.axes) == 4
    (shown,) = figure.axes[0].images
    edge = int(widget.divider * shown.get_array().shape[1])
    np.testing.assert_array_equal(shown.get_array()[:, : edge - 1, 0], widget.pixels[:, : edge - 1])
    assert len(figure.axes[1].patches) == widget.kernel.size
    plt.close(figure)
    alt, caption = widget.describe()
    assert PHOTOGRAPHS[widget.photo][1:] in alt
    assert caption == widget.sentence()
    assert set(widget.parts) <= {*SHOWN, "window"}
