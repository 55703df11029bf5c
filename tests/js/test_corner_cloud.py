"""CornerCloud's maths in the page, against Python's."""

from __future__ import annotations

import numpy as np
import pytest

from convlib.widgets import CornerCloud
from convlib.widgets.corner_cloud import PANELS, PLACES, SIZE, THRESHOLD, border, gradients, layout, scientific
from tests.js.node import node_call, node_calls

RNG = np.random.default_rng(3)
PICTURES = [CornerCloud().image, RNG.integers(0, 256, (SIZE, SIZE)).astype(np.uint8)]


def test_constants():
    """The places and the threshold stand on both sides."""
    size, places, threshold = node_calls(CornerCloud, [("SIZE",), ("PLACES",), ("THRESHOLD",)])
    assert (size, threshold) == (SIZE, THRESHOLD)
    assert {name: tuple(place) for name, place in places.items()} == PLACES


@pytest.mark.parametrize("picture", PICTURES, ids=["photograph", "noise"])
def test_from_pixels_to_verdict(picture):
    """Slopes, window, tensor, eigenvalues, R and verdict, step by step."""
    right, down = gradients(picture)
    slopes = node_call(CornerCloud, "gradients", picture)
    np.testing.assert_allclose(np.reshape(slopes["right"], (SIZE, SIZE)), right)
    np.testing.assert_allclose(np.reshape(slopes["down"], (SIZE, SIZE)), down)
    widgets = [CornerCloud(image=picture, where=name) for name in PLACES]
    for _ in range(12):
        row, column = (int(place) for place in RNG.integers(0, SIZE, 2))
        options = {"reach": int(RNG.integers(2, 16)), "k": float(RNG.uniform(0.01, 0.2))}
        widgets.append(CornerCloud(image=picture, where="own", row=row, column=column, **options))
    names = ("where", "row", "column", "reach", "k")
    states = [{name: getattr(widget, name) for name in names} for widget in widgets]
    centres = node_calls(CornerCloud, [("centreOf", state) for state in states])
    assert [tuple(centre) for centre in centres] == [widget.centre for widget in widgets]
    pixels = node_calls(CornerCloud, [("pixelsOf", c, s["reach"]) for c, s in zip(centres, states, strict=True)])
    for found, widget in zip(pixels, widgets, strict=True):
        np.testing.assert_allclose(np.stack([right.ravel()[found], down.ravel()[found]], axis=1), widget.points)
    given = {"right": right.ravel(), "down": down.ravel()}
    tensors = node_calls(CornerCloud, [("tensorOf", given, found) for found in pixels])
    results = node_calls(CornerCloud, [("eigen", tensor) for tensor in tensors])
    responses = node_calls(CornerCloud, [("harris", t, s["k"]) for t, s in zip(tensors, states, strict=True)])
    verdicts = node_calls(CornerCloud, [("verdictOf", response) for response in responses])
    for widget, tensor, result, response in zip(widgets, tensors, results, responses, strict=True):
        np.testing.assert_allclose([tensor[key] for key in ("xx", "xy", "xy", "yy")], widget.tensor.ravel(), atol=1e-9)
        assert (result["large"], result["small"]) == pytest.approx(widget.eigenvalues, abs=1e-9)
        direction = np.array([np.cos(result["turn"]), np.sin(result["turn"])])
        np.testing.assert_allclose(widget.tensor @ direction, result["large"] * direction, atol=1e-9)
        assert response == pytest.approx(widget.response, abs=1e-6)
    assert verdicts == [widget.verdict for widget in widgets]
    said = node_calls(CornerCloud, [("sentence", verdict) for verdict in verdicts])
    assert said == [widget.sentence() for widget in widgets]


@pytest.mark.parametrize(("reach", "k"), [(2, 0.05), (15, 0.2)])
def test_map(reach, k):
    """R of every window, by sums over rectangles."""
    right, down = gradients(PICTURES[0])
    given = node_call(CornerCloud, "responseMap", {"right": right.ravel(), "down": down.ravel()}, reach, k)
    expected = CornerCloud(reach=reach, k=k).response_map
    np.testing.assert_allclose(np.reshape(given, (SIZE, SIZE)), expected, atol=1e-5 * np.abs(expected).max())


def test_regions():
    """The plane's regions have the corners that Python's picture has."""
    for k in (0.01, 0.05, 0.2):
        for region, corners in zip(
            ("corner", "edge"), node_calls(CornerCloud, [("border", "corner", k), ("border", "edge", k)]), strict=True
        ):
            np.testing.assert_allclose(corners, border(region, k), rtol=1e-9)


@pytest.mark.parametrize("width", [280, 337, 620, 756])
def test_layout(width):
    """Panels stand where Python reckons with them, in every reduced view."""
    views = [[panel for i, panel in enumerate(PANELS) if chosen >> i & 1] for chosen in range(32)]
    for shown, given in zip(views, node_calls(CornerCloud, [("layout", width, shown) for shown in views]), strict=True):
        boxes, height = layout(width, shown)
        assert given["height"] == pytest.approx(height)
        assert given["boxes"].keys() == boxes.keys()
        for name, box in boxes.items():
            assert given["boxes"][name] == pytest.approx(box), (shown, name)


def test_numbers_for_reading():
    """The same text as Python's, from no R at all to a large one."""
    values = [0.0, -0.3, 45.2, 999.4, 1000.0, -3999.0, 99499.0, 120941.8, 999960.0, -1e7]
    assert node_calls(CornerCloud, [("scientific", value) for value in values]) == [
        scientific(value) for value in values
    ]
    words = node_call(CornerCloud, "pixelWords", 12.04, -0.04)
    assert words.startswith("This pixel: slope 12.0 to the right, 0.0 downwards")
