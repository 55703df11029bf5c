"""ChannelsExplorer's maths in the page, against Python's."""

from __future__ import annotations

import numpy as np
import pytest

from convlib.widgets import ChannelsExplorer
from convlib.widgets.channels_explorer import CHANNELS, SIZE, Places, preset_weights
from tests.js.node import node_call, node_calls

RNG = np.random.default_rng(23)
SIDES = [(kernel, groups) for kernel in ("3x3", "1x1") for groups in (1, 3)]


def problem(kernel: str, groups: int) -> ChannelsExplorer:
    """A random layer and picture."""
    return ChannelsExplorer(
        weights=RNG.uniform(-2, 2, 81),
        kernel=kernel,
        groups=groups,
        image=RNG.integers(0, 256, (3, SIZE, SIZE)),
        bias=RNG.integers(-200, 201, 3).tolist(),
        relu=bool(RNG.integers(2)),
        muted=[c for c in CHANNELS if RNG.random() < 0.25],
        solo=str(RNG.choice(["none", "none", "none", "G"])),
    )


@pytest.mark.parametrize(("kernel", "groups"), SIDES)
def test_from_pixels_to_maps(kernel, groups):
    """Weights in force, partial maps, sums, maps, the colors' scale and the counts, step by step."""
    for _ in range(4):
        layer = problem(kernel, groups)
        planes = list(layer.image)
        heard, weights, counts = node_calls(
            ChannelsExplorer,
            [
                ("heardOf", layer.muted, layer.solo),
                ("weightsIn", "own", list(layer.weights)),
                ("countsOf", kernel, groups),
            ],
        )
        assert tuple(heard) == layer.heard
        assert weights == list(layer.weights)
        parts = node_call(ChannelsExplorer, "partialsOf", planes, heard, weights, kernel, groups)
        full = [[np.zeros(SIZE**2) if part is None else part for part in line] for line in parts]
        assert [[part is not None for part in line] for line in parts] == [
            [groups == 1 or f == c for c in range(3)] for f in range(3)
        ]
        np.testing.assert_allclose(np.reshape(full, (3, 3, SIZE, SIZE)), layer.partial, atol=2e-3)
        sums = node_call(ChannelsExplorer, "sumsOf", [[np.float32(p) for p in line] for line in full], list(layer.bias))
        np.testing.assert_allclose(np.reshape(sums, (3, SIZE, SIZE)), layer.sums, atol=2e-3)
        maps, reach = node_calls(
            ChannelsExplorer,
            [("mapsOf", sums, layer.relu), ("fullColor", [[np.float32(p) for p in line] for line in full], sums)],
        )
        np.testing.assert_allclose(np.reshape(maps, (3, SIZE, SIZE)), layer.maps, atol=2e-3)
        assert reach == pytest.approx(layer.reach)
        kernels = [("kernelAt", weights, f, c, kernel) for f in range(3) for c in ([f] if groups == 3 else range(3))]
        assert np.allclose(np.ravel(node_calls(ChannelsExplorer, kernels)), layer.w.ravel())
        factors = counts["parameters"]["factors"]
        assert factors == list(layer.w.shape)
        assert counts["parameters"]["value"] == layer.parameters == np.prod(factors) + counts["parameters"]["biases"]
        assert counts["products"]["value"] == layer.multiply_adds == np.prod(counts["products"]["factors"])


def test_presets():
    """The same weights on both sides; what is not 81 numbers is still a layer."""
    names = ("edges", "colors", "mixed")
    for name, given in zip(
        names, node_calls(ChannelsExplorer, [("presetWeights", name) for name in names]), strict=True
    ):
        assert np.array_equal(given, preset_weights(name).ravel())
    nine, few, many = node_calls(
        ChannelsExplorer, [("weightsOf", list(range(9))), ("weightsOf", [1, 2]), ("weightsOf", [1] * 90)]
    )
    assert nine == list(ChannelsExplorer(weights=np.arange(9)).weights)
    assert few == [1, 2, *[0] * 79]
    assert many == [1] * 81


@pytest.mark.parametrize(("kernel", "groups"), SIDES)
def test_one_sum(kernel, groups):
    """Windows, products and words of single outputs, at the corners too, are Python's."""
    layer = problem(kernel, groups)
    planes, heard, weights = list(layer.image), list(layer.heard), list(layer.weights)
    places = [(0, 0), (SIZE - 1, 0), (SIZE - 1, SIZE - 1), *map(tuple, RNG.integers(0, SIZE, (12, 2)).tolist())]
    spots = [
        {"f": i % 3, "row": row, "column": column, "kernel": kernel, "groups": groups}
        for i, (row, column) in enumerate(places)
    ]
    found = node_calls(ChannelsExplorer, [("partsOf", planes, heard, weights, spot) for spot in spots])
    more = [{**spot, "bias": layer.bias[spot["f"]], "relu": layer.relu} for spot in spots]
    words = node_calls(ChannelsExplorer, [("sumWords", p, spot) for p, spot in zip(found, more, strict=True)])
    for spot, parts, said in zip(spots, found, words, strict=True):
        f, row, column = spot["f"], spot["row"], spot["column"]
        for part in parts:
            assert part["value"] == pytest.approx(layer.partial[f, part["c"], row, column], abs=1e-5)
            products = sum(one["weight"] * one["pixel"] for one in part["window"])
            assert products == pytest.approx(part["value"], abs=1e-5)
        after = "" if said["after"] is None else f" → ReLU → {said['after']}"
        whole = f"{said['name']} = {' + '.join([*said['terms'], said['bias']])} = {said['value']}{after}"
        assert whole == layer.sum_of(f, row, column)
    for (row, column), box in zip(
        places, node_calls(ChannelsExplorer, [("spread", r, c, kernel) for r, c in places]), strict=True
    ):
        # An impulse's answer to a kernel of ones is where a pixel goes.
        impulse = np.zeros((3, SIZE, SIZE), int)
        impulse[0, row, column] = 1
        ones = ChannelsExplorer(weights=np.ones(81), kernel=kernel, image=impulse).partial[0, 0]
        reached = np.argwhere(ones)
        assert [box["top"], box["left"]] == reached.min(axis=0).tolist()
        assert [box["bottom"], box["right"]] == reached.max(axis=0).tolist()
        assert box["count"] == len(reached)


def test_words():
    """The sentence is Python's in every state; a scattered pixel's and the challenges' have their numbers."""
    states = [
        {"preset": preset, "kernel": kernel, "groups": groups, "muted": muted, "solo": solo}
        for preset in ("edges", "colors", "mixed", "own")
        for kernel, groups in SIDES
        for muted, solo in (([], "none"), (["G"], "none"), (["R"], "B"), (["R", "G", "B"], "none"))
    ]
    widgets = [ChannelsExplorer(**state) for state in states]
    calls = [("sentence", {**s, "heard": list(w.heard)}) for s, w in zip(states, widgets, strict=True)]
    assert node_calls(ChannelsExplorer, calls) == [widget.sentence() for widget in widgets]
    layer = ChannelsExplorer()
    state = {"planes": list(layer.image), "heard": [True, False, True], "kernel": "3x3", "groups": 1}
    inside, corner, one = node_calls(
        ChannelsExplorer,
        [
            ("scatterWords", {"c": 0, "row": 12, "column": 7}, state),
            ("scatterWords", {"c": 1, "row": 0, "column": 0}, {**state, "groups": 3}),
            ("scatterWords", {"c": 2, "row": 0, "column": 0}, {**state, "kernel": "1x1"}),
        ],
    )
    assert inside == (
        f"x[R, 12, 7] = {layer.image[0, 12, 7]} is scattered into 9 places of each of its three partial maps, "
        "and so of every map."
    )
    assert "into 4 places of its one partial map, and so of map 1. Muted, it counts as 0." in corner
    assert "into one place of each" in one


def test_challenges():
    """Neither is solved by any preset; red minus green, less a bias, and a mixture without brightness solve them."""
    photo = ChannelsExplorer()
    red = node_call(ChannelsExplorer, "redPixels", list(photo.image))
    r, g, b = photo.image.astype(int)
    assert np.array_equal(np.reshape(red, (SIZE, SIZE)), (r >= 120) & (r >= 1.5 * np.maximum(g, b)))
    assert 200 < sum(red) < 400

    def told(name: str, layer: ChannelsExplorer) -> dict:
        state = {
            "maps": [m.ravel() for m in layer.maps], "red": red, "all": node_call(
                ChannelsExplorer, "weightsIn", layer.preset, list(layer.weights)
            ), "kernel": layer.kernel, "groups": layer.groups,
        }  # fmt: skip
        return node_call(ChannelsExplorer, "challengeWords", name, state)

    for preset in ("mixed", "colors", "edges"):
        for kernel, groups in SIDES:
            layer = ChannelsExplorer(preset=preset, kernel=kernel, groups=groups)
            assert not told("red", layer)["solved"]
            if preset != "edges":
                assert not told("blind", layer)["solved"]
    solved = ChannelsExplorer(preset="colors", bias=[-40, 0, 0])
    on, off = (solved.maps[0][np.reshape(red, (SIZE, SIZE)) == which].mean() for which in (True, False))
    said = told("red", solved)
    assert said["solved"]
    assert said["text"].endswith(f"Map 0: {on:.1f} and {off:.1f} ✓")
    weights = np.array([[1, 1, 1], [1, 1, 1], [0.5, 0.25, -0.75]])
    assert told("blind", ChannelsExplorer(weights=weights))["solved"]
    assert not told("blind", ChannelsExplorer(weights=0 * weights))["solved"]
    weights[2, 0] += 0.01
    assert told("blind", ChannelsExplorer(weights=weights))["text"].endswith("Now they add up to 0.01.")


@pytest.mark.parametrize("width", [267, 337, 470, 620, 756])
def test_geometry(width):
    """As large as Python reckons; the close-up fits into the desk's room."""
    given = node_call(ChannelsExplorer, "geometry", width)
    places = Places(width)
    assert (given["narrow"], given["side"], given["height"]) == (places.narrow, places.side, places.height)
    below = 26 if places.narrow else 0
    assert 32 + 18 + given["large"] + 18 + given["small"] + 10 + below <= given["height"]
    assert 2 * given["large"] + (12 if places.narrow else 24) <= width
