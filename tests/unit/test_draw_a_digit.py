"""DrawADigit's Python side: drawings as MNIST has its digits, LeNet-5 against PyTorch's, words, still pictures."""

from __future__ import annotations

import base64

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from convlib.data.small import mnist
from convlib.experiments import weights
from convlib.models.lenet import LeNet5
from convlib.widgets import DrawADigit, digit_network
from convlib.widgets.base import Carrying
from convlib.widgets.digit_drawings import PEN, drawings, four_to_nine, opening
from convlib.widgets.digit_network import (
    BOX,
    PAGE,
    SIDE,
    SIZES,
    boxed,
    forward,
    learnt,
    moved,
    placed,
    rasterized,
    shares,
    slopes,
    unexplained,
)
from convlib.widgets.draw_a_digit import MARKS, MOST, MUTABLE, SHOWN, flat, layout, lifted, marks

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
points = st.tuples(st.floats(0, 1), st.floats(0, 1))
strokes = st.lists(st.lists(points, min_size=1, max_size=8), min_size=1, max_size=3)
seeds = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module")
def lenet():
    """PyTorch's network with the same weights."""
    torch.set_num_threads(1)
    net = LeNet5()
    net.load_state_dict({name: torch.tensor(values.astype(np.float32)) for name, values in weights("lenet5").items()})
    return net.eval()


@pytest.mark.parametrize(
    ("traits", "error", "message"),
    [
        ({"strokes": "ten"}, ValueError, r"DrawADigit\.strokes must be strokes or one of opening, .*, got 'ten'"),
        ({"strokes": 7}, TypeError, r"DrawADigit\.strokes must be a list of strokes"),
        ({"strokes": [[(0.1, 1.2)]]}, ValueError, r"DrawADigit\.strokes must be between 0 and 1, got 1\.2"),
        ({"strokes": [[(0.1, float("nan"))]]}, ValueError, r"DrawADigit\.strokes must be finite"),
        ({"strokes": [[(0.1, 0.2, 0.3)]]}, ValueError, r"DrawADigit\.strokes must hold points \(x, y\)"),
        ({"strokes": [[0.1, 0.2]]}, ValueError, r"DrawADigit\.strokes must hold points \(x, y\)"),
        ({"strokes": [0.1, 0.2, 0.3]}, ValueError, r"DrawADigit\.strokes must hold two numbers a point, got 3"),
        ({"strokes": [[(0.1, 0.2)] * 801]}, ValueError, r"strokes must have at most 1600 numbers, .* got 1602"),
        ({"digit": 21}, ValueError, r"DrawADigit\.digit must be at most 20, got 21"),
        ({"thickness": 0.02}, ValueError, r"DrawADigit\.thickness must be between 0\.03 and 0\.2"),
        ({"dx": -7}, ValueError, r"DrawADigit\.dx must be at least -6, got -7"),
        ({"dy": 1.5}, TypeError, r"DrawADigit\.dy must be a whole number"),
        ({"turn": 91}, ValueError, r"DrawADigit\.turn must be at most 90"),
        ({"hint": 10}, ValueError, r"DrawADigit\.hint must be at most 9, got 10"),
        ({"muted": ["c1.6"]}, ValueError, r"DrawADigit\.muted must be one of 'c1\.0', "),
        ({"show": ["map"]}, ValueError, r"DrawADigit\.show must be one of"),
    ],
)
def test_impossible_traits_are_refused(traits, error, message):
    """The error names widget and trait."""
    with pytest.raises(error, match=message):
        DrawADigit(**traits)


# ---- from the drawing to the picture --------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(strokes, st.floats(0.03, 0.2))
def test_a_drawing_becomes_a_picture_as_in_mnist(drawn, thickness):
    """In a box of 20, within the inner 28 × 28, its centre of mass within half a pixel of the middle, unless full."""
    ink = rasterized(drawn, thickness)
    assert max(ink.shape) == BOX
    assert 0 <= ink.min() <= ink.max() <= 1
    field = placed(ink)
    assert field.sum() == pytest.approx(ink.sum())
    assert not field[:2].any()
    assert not field[:, -2:].any()
    centre = np.array(ndimage.center_of_mass(field)) + 0.5
    edges = np.array(digit_network.corner(ink)), np.array(digit_network.corner(ink)) + ink.shape
    free = (edges[0] > 2) & (edges[1] < 30)
    assert np.all(np.abs(centre - SIDE / 2)[free] <= 0.5 + 1e-6)


@settings(max_examples=40, deadline=None)
@given(strokes, st.floats(0.3, 3), st.floats(-2, 2), st.floats(-2, 2))
def test_size_and_place_on_the_pad_do_not_count(drawn, scale, right, down):
    """The same drawing, larger or elsewhere, gives the same ink: that is what box and centre are for."""
    other = [[(scale * x + right, scale * y + down) for x, y in stroke] for stroke in drawn]
    one, two = rasterized(drawn, 0.1), rasterized(other, 0.1 * scale)
    if one.shape == two.shape:  # a side that is just between two pixels may be rounded either way
        np.testing.assert_allclose(one, two, atol=1e-6)
    assert np.abs(np.subtract(one.shape, two.shape)).max() <= 1


def test_ink_is_as_thick_as_the_pen():
    """Across an upright line, the ink adds up to its thickness in pixels; its ends are round."""
    for thickness in (0.1, 0.15, 0.2):
        ink = rasterized([[(0.5, 0.1), (0.5, 0.9)]], thickness)
        assert ink[10].sum() == pytest.approx(thickness * 20 / (0.8 + thickness), abs=0.03)
        assert ink[0].sum() < ink[1].sum() <= ink[10].sum()


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(4, 28), st.integers(4, 28))
def test_boxes_keep_what_they_cover(seed, rows, columns):
    """The mean of what a pixel covers: the total ink is kept, by area; a box of 20 is left as it is."""
    ink = np.random.default_rng(seed).uniform(0.1, 1, (rows, columns))
    made = boxed(np.pad(ink, 3))
    assert max(made.shape) == BOX
    assert made.mean() == pytest.approx(ink.mean())
    again = boxed(np.pad(made, 2))
    np.testing.assert_allclose(again, made, atol=1e-12)


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(-6, 6), st.integers(-6, 6))
def test_moves(seed, dx, dy):
    """A shift is a roll, quarter turns are rot90, any turn is SciPy's; a turn back brings back a smooth picture."""
    field = np.pad(np.random.default_rng(seed).uniform(size=(20, 20)), 6)
    np.testing.assert_array_equal(moved(field, dx, dy, 0), np.roll(field, (dy, dx), axis=(0, 1)))
    np.testing.assert_allclose(moved(field, 0, 0, 90), np.rot90(field, -1), atol=1e-12)
    turned = ndimage.rotate(np.pad(field, 8), -25, reshape=False, order=1)[8:-8, 8:-8]
    np.testing.assert_allclose(moved(field, 0, 0, 25), turned, atol=1e-9)
    both = moved(field, dx, dy, 25)
    shifted = moved(moved(field, 0, 0, 25), dx, dy, 0)
    np.testing.assert_allclose(both[8:-8, 8:-8], shifted[8:-8, 8:-8], atol=1e-9)


def test_held_out_digits():
    """Through the drawing's own way, pixels, box, centre, field: at least 95 % of the 1,000 are right."""
    split = mnist()
    fields = np.array([placed(boxed(picture)) for picture in np.asarray(split.x_test, dtype=float)[:, 0]])
    right = forward(fields)["scores"].argmax(axis=1) == np.asarray(split.y_test)
    assert right.mean() >= 0.95
    straight = np.pad(np.asarray(split.x_test, dtype=float)[:, 0], ((0, 0), (2, 2), (2, 2)))
    beside = [np.roll(straight, (i, j), axis=(1, 2)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    away = np.min([np.abs(fields - each).max(axis=(1, 2)) for each in beside], axis=0)
    assert np.mean(away < 1e-9) > 0.95  # MNIST's own digits are where they were, or a pixel beside


# ---- the network ----------------------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(seeds, st.lists(st.sampled_from(MUTABLE), max_size=4, unique=True))
def test_forward_is_pytorchs(lenet, seed, muted):
    """Every map and score, to 1e-5, with maps muted by hooks."""
    field = np.random.default_rng(seed).uniform(size=(SIDE, SIDE))
    found, hooks = {}, []
    for name in SIZES:
        silent = [int(each.split(".")[1]) for each in muted if each.startswith(name)]

        def hook(_module, _inputs, y, name=name, silent=silent):
            y = y.relu()
            y[:, silent] = 0
            found[name] = y
            return y

        hooks.append(getattr(lenet, name).register_forward_hook(hook))
    with torch.no_grad():
        found["scores"] = lenet(torch.tensor(field[None, None], dtype=torch.float32))
    for each in hooks:
        each.remove()
    for name, values in forward(field[None], muted).items():
        expected = found[name].reshape(values.shape)
        np.testing.assert_allclose(values, expected, atol=1e-5 * (1 + float(expected.abs().max())))


@settings(max_examples=15, deadline=None)
@given(seeds, st.permutations(range(10)))
def test_slopes_are_autograds(lenet, seed, order):
    """The gradient with respect to the ink; a small step along it gains what it promises."""
    field = np.random.default_rng(seed).uniform(size=(SIDE, SIDE))
    more, less = order[:2]
    x = torch.tensor(field[None, None], requires_grad=True)
    scores = lenet.double()(x)[0]
    (scores[more] - scores[less]).backward()
    slope = slopes(field, more, less)
    np.testing.assert_allclose(slope, x.grad[0, 0], atol=1e-9)
    lenet.float()
    step = 1e-7
    gains = [
        forward(f[None])["scores"][0] @ (np.eye(10)[more] - np.eye(10)[less]) for f in (field, field + step * slope)
    ]
    assert (gains[1] - gains[0]) / step == pytest.approx((slope**2).sum(), rel=0.02)


def test_maps_move_with_the_digit():
    """C1 is equivariant, S2 to even moves; the scores are not invariant."""
    still, right = DrawADigit(strokes="seven"), DrawADigit(strokes="seven", dx=2)
    np.testing.assert_allclose(right.maps["c1"][:, 2:-2, 4:-2], still.maps["c1"][:, 2:-2, 2:-4], atol=1e-12)
    np.testing.assert_allclose(right.maps["s2"][:, 1:-1, 2:-1], still.maps["s2"][:, 1:-1, 1:-2], atol=1e-12)
    assert np.abs(right.scores - still.scores).max() > 0.1


def test_a_muted_map_is_zero():
    """In its layer and in the pooled one; the scores respond; the others stay."""
    loudest = int(DrawADigit().maps["c1"].sum(axis=(1, 2)).argmax())
    plain, muted = DrawADigit(), DrawADigit(muted=[f"c1.{loudest}"])
    assert not muted.maps["c1"][loudest].any()
    assert not muted.maps["s2"][loudest].any()
    others = [k for k in range(6) if k != loudest]
    np.testing.assert_array_equal(muted.maps["c1"][others], plain.maps["c1"][others])
    assert np.abs(muted.scores - plain.scores).max() > 0.01


# ---- what it opens on, what is like a digit --------------------------------------------------------------------------


def test_it_opens_on_a_digit_in_doubt():
    """Both answers have a good share, and no other way from four to nine leaves more doubt."""
    second = np.sort(DrawADigit().shares)[-2]
    assert second >= 0.2
    for share in np.linspace(0, 1, 41):
        other = shares(forward(placed(rasterized(four_to_nine(share), PEN))[None])["scores"][0])
        assert np.sort(other)[-2] <= second + 1e-9
    assert DrawADigit().strokes == opening()


@pytest.mark.parametrize("name", DIGITS)
def test_drawn_digits_are_read(name):
    """Each is what it is called, and like the digits learnt."""
    widget = DrawADigit(strokes=name)
    assert widget.answer == DIGITS.index(name)
    assert widget.unlike < 1


def test_a_scribble_is_unlike_digits():
    """Though the network is sure of it; noise is unlike, too; of held-out digits one in a hundred is."""
    widget = DrawADigit(strokes="scribble")
    assert widget.unlike > 1
    assert widget.shares.max() > 0.8
    assert widget.shares.sum() == pytest.approx(1)
    assert "because it must say one of ten" in widget.sentence()
    assert unexplained(np.random.default_rng(3).uniform(size=(SIDE, SIDE))) > learnt().limit
    pictures = np.asarray(mnist().x_test, dtype=float)[:, 0]
    unlike = [unexplained(placed(boxed(picture))) > learnt().limit for picture in pictures]
    assert np.mean(unlike) == pytest.approx(0.01, abs=0.002)


def test_patterns_are_principal_components():
    """Orthonormal, to half precision, and those that leave least over, by NumPy's singular values."""
    mean, *patterns = learnt().patterns.astype(float)
    np.testing.assert_allclose(np.array(patterns) @ np.transpose(patterns), np.eye(8), atol=2e-3)
    rows = np.asarray(mnist().x_train, dtype=float).reshape(-1, PAGE**2)
    np.testing.assert_allclose(mean, rows.mean(axis=0), atol=1e-3)
    caught = (((rows - mean) @ np.transpose(patterns)) ** 2).sum()
    largest = np.linalg.eigvalsh(np.cov(rows.T))[-8:].sum() * (len(rows) - 1)
    assert caught == pytest.approx(largest, rel=1e-3)


def test_an_empty_page():
    """No ink, no box: the network says something all the same."""
    widget = DrawADigit(strokes=[])
    assert not widget.picture.any()
    assert widget.sentence().startswith(
        f"An empty page has no box to fit: the network sees zeros alone, and says {widget.answer}"
    )
    plt.close(widget.still())
    assert DrawADigit(strokes=[[]]).strokes == []


def test_real_digits_are_held_out():
    """One of each class, and ten of the hardest; none was learnt from."""
    split = mnist()
    held = {picture.tobytes() for picture in np.rint(255 * np.asarray(split.x_test)[:, 0]).astype(np.uint8)}
    assert all(picture.tobytes() in held for picture in learnt().pictures)
    assert learnt().labels[::2] == list(range(10))
    own = [DrawADigit(digit=n + 1).shares[label] for n, label in enumerate(learnt().labels)]
    assert min(own[::2]) > 0.85
    fields = np.array([placed(boxed(picture)) for picture in np.asarray(split.x_test, dtype=float)[:, 0]])
    all_own = shares(forward(fields)["scores"])[np.arange(1000), np.asarray(split.y_test)]
    np.testing.assert_allclose(np.sort(own[1::2]), np.sort(all_own)[:10], atol=1e-6)


# ---- marks, words, pictures, what travels ----------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_marks_are_the_strongest_and_apart(seed):
    """Never more ink where it is full, nor less where there is none; the first is the strongest of all."""
    random = np.random.default_rng(seed)
    slope, field = random.normal(size=(SIDE, SIDE)), random.integers(0, 2, (SIDE, SIDE)).astype(float)
    found = marks(slope, field)
    assert 1 <= len(found) <= MARKS
    gains = [gain for *_, gain in found]
    assert gains == sorted(gains, reverse=True)
    assert gains[0] == pytest.approx(np.where(slope > 0, slope * (1 - field), -slope * field).max())
    for n, (row, column, sign, _) in enumerate(found):
        assert field[row, column] == (0 if sign > 0 else 1)
        assert all(max(abs(row - i), abs(column - j)) >= 2 for i, j, _, _ in found[:n])
    assert marks(np.zeros((SIDE, SIDE)), field) == []


@settings(max_examples=40, deadline=None)
@given(strokes)
def test_strokes_travel_as_numbers(drawn):
    """There and back, by the widget's own state."""
    widget = DrawADigit(strokes=drawn)
    sent = widget.get_state(key=["strokes"])["strokes"]
    assert sent == flat(widget.strokes)
    assert len(sent) <= MOST
    assert lifted(sent) == widget.strokes
    other = DrawADigit()
    other.set_state({"strokes": sent})
    assert other.strokes == widget.strokes
    assert DrawADigit(strokes=sent).strokes == widget.strokes
    np.testing.assert_allclose(np.concatenate(drawn), np.concatenate(widget.strokes), atol=0.0005001)


def test_a_link_names_a_drawing():
    """As a name, or as the list of one name that a link makes of it."""
    assert DrawADigit(strokes=["seven"]).strokes == DrawADigit(strokes="seven").strokes == drawings()["seven"]


def test_the_weights_travel_once():
    """In the module, which all instances share; an instance is a few numbers."""
    half = b"".join(weights("lenet5")[f"{n}.{k}"].tobytes() for n in digit_network.WEIGHTED for k in ("weight", "bias"))
    assert len(half) == 2 * 61706
    assert base64.b64encode(half).decode() in DrawADigit._esm
    state = DrawADigit().get_state(key=DrawADigit.own_traits())
    assert len(repr(state)) < 2000
    with pytest.raises(ValueError, match="the module must say"):
        Carrying("export default {};", dict)


def test_sentences():
    """What each state teaches, with its numbers."""
    opened = DrawADigit()
    first, second = np.argsort(-opened.shares)[:2]
    other = int(second)
    said = {
        f"{first} or {second}?": {},
        "The network says 7 with": {"strokes": "seven"},
        f"would raise {other}’s score over {first}’s fastest: the slope here, a hint to first order": {"hint": other},
        "Without C1·2 and C3·5 the network says": {"muted": ["c1.2", "c3.5"]},
        "Moved 3 right, 2 up: the maps of C1 move along": {"dx": 3, "dy": -2},
        "Turned by −15°: the maps of C1 turn only roughly along": {"turn": -15},
        "A real 0, which the network has never seen. It says 0 with": {"digit": 1},
        f"wrong; {learnt().labels[1]} has": {"digit": 2},
    }
    for words, traits in said.items():
        assert words in DrawADigit(**traits).sentence()
    assert DrawADigit(hint=int(first)).sentence() == opened.sentence()


@pytest.mark.parametrize("width", [267, 337, 540, 620, 756, 786])
@pytest.mark.parametrize("shown", [SHOWN, ("pad", "scores"), ("pad", "c1"), ("seen", "c1", "s2"), ("c5", "f6"), ()])
def test_panels_fit(width, shown):
    """Nothing sticks out, and no two overlap; maps are at one scale."""
    found = layout(width, shown)
    for name, (left, top, wide, high) in found["boxes"].items():
        assert left >= 0
        assert left + wide <= width + 1e-9
        assert top + high <= found["height"] + 1e-9
        for other, (x, y, w, h) in found["boxes"].items():
            apart = left + wide <= x or x + w <= left or top + high <= y or y + h <= top
            assert other == name or apart, (name, other)


@pytest.mark.parametrize("traits", [{}, {"digit": 2, "hint": 1}, {"strokes": "scribble", "dx": 3}], ids=len)
def test_still_picture(traits):
    """The drawing, the picture, six layers of maps and the scores; and words for who cannot see them."""
    widget = DrawADigit(**traits)
    figure = widget.still()
    pictures = [ax.images[0].get_array() for ax in figure.axes[1:8]]
    np.testing.assert_allclose(pictures[0], widget.picture)
    for picture, (name, (count, side)) in zip(pictures[1:], SIZES.items(), strict=True):
        assert np.isfinite(np.ma.filled(picture, np.nan)).sum() == count * side**2
        assert np.nansum(np.ma.filled(picture, np.nan)) == pytest.approx(widget.maps[name].sum())
    heights = [bar.get_height() for bar in figure.axes[8].patches]
    np.testing.assert_allclose(heights, widget.shares)
    plt.close(figure)
    alt, caption = widget.describe()
    assert "sixteen of 10 × 10" in alt
    assert caption == widget.sentence()
