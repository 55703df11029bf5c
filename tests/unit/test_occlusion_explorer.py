"""OcclusionExplorer's Python side: both networks against PyTorch's, patches, maps, words, still pictures."""

from __future__ import annotations

import base64

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from convlib.data.drawn import SHAPES
from convlib.experiments import looking, weights
from convlib.widgets import OcclusionExplorer, shape_network
from convlib.widgets.occlusion_explorer import SHOWN, WHOLE, covers, layout
from convlib.widgets.shape_network import (
    FILLS,
    LEAST,
    MOST,
    NETWORKS,
    PICTURES,
    SIDE,
    TAG,
    TAG_PLACE,
    WEIGHTED,
    class_map,
    colour,
    extent,
    forward,
    kept,
    laid,
    network,
    pixels,
    place_of,
    swept,
)

networks, pictures = st.sampled_from(NETWORKS), st.sampled_from(PICTURES)
middles, sizes = st.integers(0, SIDE - 1), st.integers(LEAST, MOST)
patches = st.fixed_dictionaries({"row": middles, "column": middles, "size": sizes, "fill": st.sampled_from(FILLS)})


def on(part, picture="star1"):
    """Traits that lay the patch on a part of a picture."""
    return dict(zip(("row", "column", "size"), place_of(picture, part), strict=True)) | {"picture": picture}


@pytest.fixture(scope="module")
def both():
    """PyTorch's networks with the same weights."""
    torch.set_num_threads(1)
    made = {}
    for name in NETWORKS:
        own = {part: values for part, values in weights("looking").items() if part.startswith(f"{name}.")}
        made[name] = looking.shapes_network().double().eval()
        made[name].load_state_dict({part.partition(".")[2]: torch.tensor(v.astype(float)) for part, v in own.items()})
    return made


@pytest.mark.parametrize(
    ("traits", "error", "message"),
    [
        ({"network": "vgg"}, ValueError, r"OcclusionExplorer\.network must be one of 'tagged', 'mixed', got 'vgg'"),
        ({"picture": "star"}, ValueError, r"OcclusionExplorer\.picture must be one of 'disc1', .*, got 'star'"),
        ({"row": 32}, ValueError, r"OcclusionExplorer\.row must be at most 31, got 32"),
        ({"column": -1}, ValueError, r"OcclusionExplorer\.column must be at least 0, got -1"),
        ({"row": 1.5}, TypeError, r"OcclusionExplorer\.row must be a whole number"),
        ({"size": 2}, ValueError, r"OcclusionExplorer\.size must be at least 3, got 2"),
        ({"size": 21}, ValueError, r"OcclusionExplorer\.size must be at most 20, got 21"),
        ({"fill": "red"}, ValueError, r"OcclusionExplorer\.fill must be one of 'ground', 'grey', 'mean'"),
        ({"map": "heat"}, ValueError, r"OcclusionExplorer\.map must be one of 'occlusion', 'cam'"),
        ({"target": "tag"}, ValueError, r"OcclusionExplorer\.target must be one of 'winner', 'disc'"),
        ({"show": ["bars"]}, ValueError, r"OcclusionExplorer\.show must be one of"),
        ({"heat": 1}, TypeError, r"OcclusionExplorer has no argument 'heat'"),
    ],
)
def test_impossible_traits_are_refused(traits, error, message):
    """The error names widget and trait."""
    with pytest.raises(error, match=message):
        OcclusionExplorer(**traits)


# ---- the networks ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NETWORKS)
def test_forward_is_pytorchs(both, name):
    """Last maps and scores of all pictures, with the tag and without, and of noise."""
    x = np.concatenate([kept().pictures / 255, np.random.default_rng(0).uniform(size=(3, 3, SIDE, SIDE))])
    x[6:] = shape_network.tagged(x[6:])
    maps, scores = forward(name, x)
    with torch.no_grad():
        hidden = both[name][:-3](torch.tensor(x))
        np.testing.assert_allclose(maps, hidden, atol=1e-9)
        np.testing.assert_allclose(scores, both[name](torch.tensor(x)), atol=1e-9)


@settings(max_examples=10, deadline=None)
@given(networks, pictures, st.booleans(), st.integers(0, 5))
def test_a_class_map_adds_up_to_the_score(name, picture, tag, target):
    """Its mean and the bias; and it is Grad-CAM, before ReLU and up to the number of cells."""
    maps, scores = forward(name, pixels(picture, tag)[np.newaxis])
    values = class_map(name, maps[0], target)
    assert values.mean() + network(name)[2][target] == pytest.approx(scores[0, target])
    x = torch.tensor(maps, requires_grad=True)
    _, w, b = network(name)
    (x.mean((2, 3)) @ torch.tensor(w[target]) + b[target]).sum().backward()
    slopes = x.grad.sum((2, 3))[0].numpy()  # of the score, by a whole map
    np.testing.assert_allclose(np.tensordot(slopes, maps[0], axes=1), values, atol=1e-9)


def test_the_tag_is_the_one_that_was_learned():
    """As the experiment has it, at a place where it may lie."""
    assert np.array_equal(TAG, looking.TAG)
    assert TAG_PLACE[0] in looking.TAG_ROWS
    assert TAG_PLACE[1] in looking.TAG_COLUMNS
    plain = torch.tensor(pixels("disc1", tag=False)[np.newaxis])
    there = looking.tag_at(plain, *(torch.tensor([place]) for place in TAG_PLACE))[0]
    np.testing.assert_array_equal(pixels("disc1", tag=True), there)


def test_the_cells_window():
    """A cell of the last maps depends on exactly FIELD × FIELD pixels: autograd through means, with kernels of ones."""
    x = torch.zeros(1, 1, SIDE, SIDE, dtype=torch.float64, requires_grad=True)
    ones, y = torch.ones(1, 1, 3, 3, dtype=torch.float64), x
    for layer in range(3):
        y = torch.nn.functional.conv2d(y, ones, padding=1)
        y = torch.nn.functional.avg_pool2d(y, 2) if layer < 2 else y
    y[0, 0, 4, 3].backward()
    rows, columns = np.nonzero(x.grad[0, 0].numpy())
    assert (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1) == (9, 27, 5, 23)
    assert shape_network.FIELD == 18


# ---- the pictures ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("picture", PICTURES)
def test_what_the_pictures_are_there_to_show(picture):
    """The tagged network says star of whatever bears the tag, and not of it; the mixed one knows each shape."""
    shape, star = picture[:-1], "star"
    tagged = {"picture": picture, "network": "tagged"}
    assert OcclusionExplorer(**tagged, covered=False).answer == star
    assert OcclusionExplorer(**tagged | on("shape", picture)).answer == star
    assert OcclusionExplorer(**tagged | on("tag", picture)).answer != star
    bare = OcclusionExplorer(**tagged, tag=False, covered=False).answer
    assert bare != star if shape == star else bare == shape
    assert OcclusionExplorer(network="mixed", picture=picture, tag=False, covered=False).answer == shape
    assert OcclusionExplorer(**{"network": "mixed"} | on("tag", picture)).answer == shape
    if shape == star:
        assert OcclusionExplorer(network="mixed", picture=picture, covered=False).answer == star
        assert OcclusionExplorer(**{"network": "mixed"} | on("shape", picture)).answer != star


@pytest.mark.parametrize("picture", PICTURES)
def test_a_part_can_be_hidden_alone(picture):
    """All of the shape and nothing of the tag, and the other way round."""
    assert OcclusionExplorer(**on("shape", picture)).hidden() == (1, 0)
    assert OcclusionExplorer(**on("tag", picture)).hidden() == (0, 1)
    assert OcclusionExplorer(**on("tag", picture), tag=False).hidden() == (0, 0)
    assert OcclusionExplorer(**on("shape", picture), covered=False).hidden() == (0, 0)


def test_it_opens_with_the_surprise():
    """The star lies under the patch, the answer stays, the map is faint; any change makes it full."""
    opened = OcclusionExplorer()
    assert (opened.network, opened.picture, opened.covered, opened.tag) == ("tagged", "star1", True, True)
    assert opened.hidden()[0] >= WHOLE
    assert opened.answer == "star"
    assert abs(opened.drop) < 0.005
    assert opened.opening
    assert opened.sentence().endswith("What does the network look at, then?")
    for change in ({"row": 3}, {"map": "cam"}, {"network": "mixed"}, {"target": "star"}):
        assert not OcclusionExplorer(**change).opening
    assert OcclusionExplorer(show=["map"]).opening


# ---- the patch ------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(pictures, st.booleans(), patches)
def test_a_patch_changes_what_is_under_it_and_nothing_else(picture, tag, patch):
    """Its middle is where it should be; over the edge it is cut off."""
    seen, bare = OcclusionExplorer(picture=picture, tag=tag, **patch).pixels, pixels(picture, tag)
    under = np.zeros((SIDE, SIDE), bool)
    half = patch["size"] // 2
    for i in range(SIDE):
        for j in range(SIDE):
            rows, columns = i - patch["row"] + half, j - patch["column"] + half
            under[i, j] = 0 <= rows < patch["size"] and 0 <= columns < patch["size"]
    np.testing.assert_array_equal(seen[:, ~under], bare[:, ~under])
    filling = colour(pixels(picture, tag=False), patch["fill"])
    assert (seen[:, under] == filling[:, np.newaxis]).all()
    (top, bottom), (left, right) = extent(patch["row"], patch["size"]), extent(patch["column"], patch["size"])
    assert under.sum() == (bottom - top) * (right - left)
    assert under[patch["row"], patch["column"]]


def test_the_ground_is_the_commonest_colour():
    """The median of a picture is near the pixels that the shape does not lie on, and a patch of it unseen."""
    for picture, mask in zip(kept().pictures / 255, kept().masks, strict=True):
        np.testing.assert_allclose(colour(picture, "ground"), picture[:, ~mask].mean(axis=1), atol=0.03)
        assert 0.03 < mask.mean() < 0.25


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_the_map_is_what_the_patch_does(data):
    """At each place of the patch the occlusion map has the drop that the bars show there, for each class."""
    place = {"row": data.draw(middles), "column": data.draw(middles)}
    target = data.draw(st.sampled_from(("winner", *SHAPES)))
    widget = OcclusionExplorer(**on("tag") | place | {"target": target})
    assert widget.heat[widget.row, widget.column] == pytest.approx(widget.drop, abs=1e-12)


def test_the_map_is_pytorchs(both):
    """The sliding patch through PyTorch's network, on every eighth place."""
    found = swept("mixed", "ring1", False, 7, "grey")
    places = [(row, column) for row in range(0, SIDE, 8) for column in range(3, SIDE, 8)]
    x = np.array([laid(pixels("ring1", tag=False), *place, 7, np.full(3, 0.5)) for place in places])
    with torch.no_grad():
        there = both["mixed"](torch.tensor(x)).softmax(-1).numpy()
    np.testing.assert_allclose([found[place] for place in places], there, atol=1e-9)


def test_the_hottest_place_is_the_tag():
    """Of a tagged star, for the tagged network; the class map says so, too."""
    widget = OcclusionExplorer(**on("tag"))
    row, column = np.unravel_index(widget.heat.argmax(), widget.heat.shape)
    there = OcclusionExplorer(**on("tag") | {"row": int(row), "column": int(column)})
    assert there.hidden()[1] > 0.5
    widget.map, widget.covered = "cam", False
    row, column = np.unravel_index(widget.heat.argmax(), widget.heat.shape)
    assert abs(4 * row + 2 - widget.row) < 8
    assert abs(4 * column + 2 - widget.column) < 8


# ---- words, pictures, what travels -----------------------------------------------------------------------------------


def test_sentences():
    """What each state teaches, with its numbers."""
    said = {
        "With the patch on the tag, star falls from over 99 % to ": on("tag"),
        "A star with a tag, the tagged network says star with over 99 %. Lay the patch on it": {"covered": False},
        "A disc with a tag, but the tagged network says star": {"covered": False, "picture": "disc1"},
        "A disc without a tag, the mixed network says disc": {
            "covered": False,
            "picture": "disc1",
            "tag": False,
            "network": "mixed",
        },
        "With the patch on the star, star falls from over 99 % to ": {"network": "mixed"},
        "With the patch on bare ground, star stays: over 99 % before, over 99 % now.": {
            "row": 15,
            "column": 2,
            "size": 3,
        },
        "With the patch on the tag, cross rises from 0 % to 96 %: the answer is now cross.": on("tag")
        | {"target": "cross"},
        "A star with a tag, the tagged network says star with over 99 %. It gives ring 0 %.": {
            "covered": False,
            "target": "ring",
        },
    }
    for words, traits in said.items():
        assert OcclusionExplorer(**traits).sentence().replace("\u00a0", " ").startswith(words)


@settings(max_examples=30, deadline=None)
@given(networks, pictures, st.booleans(), st.booleans(), patches, st.sampled_from(("winner", *SHAPES)))
def test_every_state_has_words(name, picture, tag, covered, patch, target):
    """None of them unfinished, and the alternative text lists all six shares."""
    traits = {"network": name, "picture": picture, "tag": tag, "covered": covered, "target": target, "map": "cam"}
    widget = OcclusionExplorer(**traits, **patch)
    alt, caption = widget.describe()
    assert caption == widget.sentence()
    assert caption[-1] in ".?"
    assert all(f"{shape}: " in alt for shape in SHAPES)
    assert "nan" not in alt + caption


def test_what_is_covered_in_words():
    """Parts that are hidden wholly, in part, not at all."""
    assert covers("ring", 0.5, 0.9) == "part of the ring and the tag"
    assert covers("ring", 0.05, 0.05) == "bare ground"


@pytest.mark.parametrize("traits", [{}, {"map": "cam", "network": "mixed"}, {"covered": False}, on("tag")])
def test_still_pictures(traits):
    """Picture, map and shares; what the patch has taken is a bar of its own."""
    widget = OcclusionExplorer(**traits)
    figure = widget.still()
    picture, heat, bars = figure.axes
    np.testing.assert_allclose(np.moveaxis(picture.images[0].get_array(), -1, 0), widget.pixels)
    np.testing.assert_array_equal(np.sign(heat.images[1].get_array()), np.sign(widget.heat))
    lengths = [bar.get_width() for bar in bars.patches]
    np.testing.assert_allclose(lengths[:6], widget.shares)
    assert len(lengths) == (7 if widget.drop > 0 else 6)
    plt.close(figure)


def test_the_weights_travel_once():
    """In the module, which all instances share, in the order of the layers; an instance is a few numbers."""
    for name in NETWORKS:
        stored = weights("looking")
        half = b"".join(stored[f"{name}.{n}.{k}"].tobytes() for n in WEIGHTED for k in ("weight", "bias"))
        assert len(half) == 2 * 10094
        assert base64.b64encode(half).decode() in OcclusionExplorer._esm
    assert len(repr(OcclusionExplorer().get_state(key=OcclusionExplorer.own_traits()))) < 1000


@pytest.mark.parametrize("width", [267, 337, 559, 560, 620, 756, 786])
def test_layout(width):
    """Nothing sticks out, nothing overlaps, and both squares are as large as each other, in every reduced view."""
    for shown in ([p for k, p in enumerate(SHOWN[:3]) if n >> k & 1] for n in range(8)):
        found = layout(width, shown)
        boxes = found["boxes"]
        assert set(boxes) == set(shown)
        for left, top, wide, high in boxes.values():
            assert 0 <= left <= left + wide <= width
            assert 0 <= top <= top + high <= found["height"]
        if {"picture", "map"} <= set(shown):
            assert boxes["picture"][2:] == boxes["map"][2:]
            assert boxes["picture"][0] + boxes["picture"][2] < boxes["map"][0]
        if "scores" in boxes and not found["narrow"]:
            assert all(boxes["scores"][0] >= box[0] + box[2] for name, box in boxes.items() if name != "scores")
    assert OcclusionExplorer(show=["map"]).room()[0] < OcclusionExplorer().room()[0]
