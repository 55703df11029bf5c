"""OcclusionExplorer's mathematics on the page against Python's: the same pictures, scores, maps and words."""

from __future__ import annotations

import numpy as np
import pytest

from convlib.data.drawn import SHAPES
from convlib.widgets import OcclusionExplorer
from convlib.widgets.occlusion_explorer import SHOWN, covers, layout, short
from convlib.widgets.shape_network import (
    CELLS,
    FIELD,
    FILLS,
    LEAST,
    MOST,
    NETWORKS,
    PICTURES,
    SIDE,
    extent,
    forward,
    kept,
    pixels,
    swept,
)
from tests.js.node import node_call, node_calls

RNG = np.random.default_rng(16)
NAMES = ("network", "picture", "tag", "covered", "row", "column", "size", "fill", "map", "target")


def states(count):
    """Widgets whose traits are drawn at random, the opening among them."""
    yield OcclusionExplorer()
    for _ in range(count):
        drawn = {"network": NETWORKS, "picture": PICTURES, "fill": FILLS, "target": ("winner", *SHAPES)}
        names = {name: str(RNG.choice(values)) for name, values in drawn.items()}
        flags = {"tag": bool(RNG.random() < 0.6), "covered": bool(RNG.random() < 0.8)}
        place = {"row": int(RNG.integers(SIDE)), "column": int(RNG.integers(SIDE))}
        yield OcclusionExplorer(**names, **flags, **place, size=int(RNG.integers(LEAST, MOST + 1)), map="cam")


def traits_of(widget):
    return {name: getattr(widget, name) for name in NAMES}


def test_constants():
    """The same in both languages."""
    names = ("SIDE", "CELLS", "FIELD", "LEAST", "MOST", "SHAPES", "PICTURES")
    there = node_calls(OcclusionExplorer, [(name,) for name in names])
    assert there == [SIDE, CELLS, FIELD, LEAST, MOST, list(SHAPES), list(PICTURES)]


def test_all_that_is_shown_is_pythons():
    """Pixels, scores, shares, class map, drop, what is hidden, and the sentence, in sixty states."""
    widgets = list(states(60))
    found = node_calls(OcclusionExplorer, [("stateOf", traits_of(widget)) for widget in widgets])
    said = node_calls(OcclusionExplorer, [("sentenceOf", traits_of(widget)) for widget in widgets])
    for widget, state, sentence in zip(widgets, found, said, strict=True):
        np.testing.assert_allclose(state["pixels"], widget.pixels.ravel(), atol=1e-12)
        np.testing.assert_allclose(state["scores"], widget.scores, atol=1e-9)
        np.testing.assert_allclose(state["given"], widget.shares, atol=1e-9)
        np.testing.assert_allclose(state["before"], widget.before, atol=1e-9)
        assert state["drop"] == pytest.approx(widget.drop, abs=1e-9)
        assert (SHAPES[state["asked"]], SHAPES[state["answer"]]) == (widget.asked, widget.answer)
        assert tuple(state["hidden"]) == pytest.approx(widget.hidden())
        assert state["opening"] == widget.opening
        assert sentence == widget.sentence()
        if widget.map == "cam":
            np.testing.assert_allclose(state["cam"], widget.heat.ravel(), atol=1e-8)
    assert found[0]["opening"]
    assert not any(state["opening"] for state in found[1:])


def test_forward_takes_any_picture():
    """Noise, too, and one after another: nothing is left over from the picture before."""
    noise = RNG.uniform(size=(4, 3, SIDE, SIDE))
    for name in NETWORKS:
        there = node_calls(OcclusionExplorer, [("forward", name, picture.ravel()) for picture in noise])
        maps, scores = forward(name, noise)
        np.testing.assert_allclose([found["maps"] for found in there], maps.reshape(4, -1), atol=1e-9)
        np.testing.assert_allclose([found["scores"] for found in there], scores, atol=1e-9)


@pytest.mark.parametrize("widget", [*states(2)][1:], ids=["one", "other"])
def test_a_sweep_is_pythons(widget):
    """The shares for every place of the patch."""
    there = node_call(OcclusionExplorer, "sweptOf", traits_of(widget))
    found = swept(widget.network, widget.picture, widget.tag, widget.size, widget.fill)
    np.testing.assert_allclose(there, found.ravel(), atol=1e-9)


def test_a_sweep_goes_from_coarse_to_fine():
    """Each place once; those with the same step follow one another, and what is not reached takes a neighbour's."""
    order = node_call(OcclusionExplorer, "ORDER")
    assert sorted(order) == list(range(SIDE * SIDE))
    steps = [max(step for step in (1, 2, 4, 8) if at // SIDE % step == at % SIDE % step == 0) for at in order]
    assert steps == sorted(steps, reverse=True)
    found = np.zeros((SIDE * SIDE, len(SHAPES)))
    reached = order[:64]  # every fourth row and column
    found[reached, 2] = RNG.uniform(size=64)
    heat = node_call(OcclusionExplorer, "lost", {"found": found.ravel(), "done": 64}, 0.9, 2).reshape(SIDE, SIDE)
    np.testing.assert_allclose(heat[::4, ::4], 0.9 - found[:, 2].reshape(SIDE, SIDE)[::4, ::4])
    np.testing.assert_array_equal(heat, np.kron(heat[::4, ::4], np.ones((4, 4))))


def test_what_travels():
    """Pictures and masks as they are, tag and all; the patch's extent."""
    there = node_calls(OcclusionExplorer, [("pixelsOf", name, tag) for name in PICTURES for tag in (False, True)])
    found = [pixels(name, tag).ravel() for name in PICTURES for tag in (False, True)]
    np.testing.assert_array_equal(there, found)
    masks = node_call(OcclusionExplorer, "learnt")["masks"]
    np.testing.assert_array_equal(masks, kept().masks.reshape(len(PICTURES), -1))
    places = [(int(RNG.integers(SIDE)), int(RNG.integers(LEAST, MOST + 1))) for _ in range(40)]
    ends = node_calls(OcclusionExplorer, [("extent", *place) for place in places])
    assert [tuple(each) for each in ends] == [extent(*place) for place in places]


def test_words():
    """Of parts, of shares, of what is lost."""
    given = [("star", float(a), float(b)) for a, b in RNG.uniform(size=(20, 2))] + [("disc", 0, 0), ("disc", 1, 1)]
    assert node_calls(OcclusionExplorer, [("covers", *each) for each in given]) == [covers(*each) for each in given]
    numbers = [0, 0.004, 0.125, 0.995, 0.9951, 1]
    assert node_calls(OcclusionExplorer, [("short", share) for share in numbers]) == [short(n) for n in numbers]
    lost = node_calls(OcclusionExplorer, [("points", loss) for loss in (0.873, -0.25, 0.004, -0.004, 1)])
    assert lost == ["−87", "+25", "0", "0", "−100"]
    at = {"row": 3, "column": 4, "value": 64.0, "asked": 5, "before": 0.9, "score": 12.5}
    words = node_calls(OcclusionExplorer, [("placeWords", at | {"map": "cam"})])[0]
    assert "adds 1.0 to star’s score, which is 12.5" in words
    words = node_calls(OcclusionExplorer, [("placeWords", at | {"map": "occlusion", "value": 0.65})])[0]
    assert words.replace("\u00a0", " ").endswith("star would have 25 %, not 90 %: −65 points.")


@pytest.mark.parametrize("width", [267, 337, 358, 559, 560, 620, 756, 786])
def test_layout(width):
    """Panels stand where Python reckons with them, in every reduced view."""
    views = [[part for k, part in enumerate(SHOWN[:3]) if n >> k & 1] for n in range(8)]
    for shown, there in zip(views, node_calls(OcclusionExplorer, [("layout", width, v) for v in views]), strict=True):
        found = layout(width, shown)
        assert (there["height"], there["unit"], there["narrow"]) == (found["height"], found["unit"], found["narrow"])
        assert {name: tuple(box) for name, box in there["boxes"].items()} == found["boxes"]
