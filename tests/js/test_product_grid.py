"""ProductGrid's maths in the page, against Python's."""

from __future__ import annotations

import numpy as np
import pytest

from convlib.widgets.product_grid import Places, ProductGrid, _wholes
from tests.js.node import node_calls

RNG = np.random.default_rng(11)
SHAPES = [(6, 6), (1, 1), (8, 8), (3, 2), (1, 8), (8, 3)]


def test_sums_and_sentences():
    """The same sums and the same words as Python's, for random numbers and weights."""
    widgets, calls = [], []
    for rows, columns in SHAPES:
        for mode in ("dice", "numbers"):
            low = 0 if mode == "dice" else -9
            a, b = (np.round(RNG.uniform(low, 9, size), 1).tolist() for size in (rows, columns))
            widget = ProductGrid(a=a, b=b, mode=mode, start=int(RNG.integers(-2, 3)))
            widget.n = int(RNG.integers(widget.first, widget.last + 1))
            widgets.append(widget)
    widgets += [ProductGrid(n=n) for n in range(2, 13)]
    for widget in widgets:
        factors = [factor.tolist() for factor in widget.factors]
        state = {"start": widget.start, "mode": widget.mode, "n": widget.n, "a": list(widget.a), "b": list(widget.b)}
        calls += [
            ("sums", *factors),
            ("words", state),
            ("pairsOn", widget.n - widget.first, len(widget.a), len(widget.b)),
        ]
    results = iter(node_calls(ProductGrid, calls))
    for widget in widgets:
        np.testing.assert_allclose(next(results), np.convolve(*widget.factors), atol=1e-12)
        assert next(results)["sentence"] == widget.sentence()
        assert [tuple(pair) for pair in next(results)] == widget.pairs


@pytest.mark.parametrize("width", [286, 339, 620, 758])
def test_places(width):
    """Everything stands where Python's still picture has it."""
    names = {"left": "left", "top": "top", "bottom": "bottom", "bars": "bars", "zone": "zone", "height": "height"}
    for (rows, columns), given in zip(
        SHAPES, node_calls(ProductGrid, [("geometry", width, *shape) for shape in SHAPES]), strict=True
    ):
        places = Places(width, rows, columns)
        assert (given["wide"], given["high"]) == places.cell
        assert {key: given[key] for key in names} == pytest.approx({key: getattr(places, key) for key in names})
        assert given["left"] + columns * given["wide"] <= width + 1e-9
        assert places.slot(0) >= -1e-9


def test_loading_a_die():
    """One chance is set, the others keep their proportions, and the sum stays 1."""
    weights = [1, 2, 3, 0]
    some, all_, back, none = node_calls(
        ProductGrid,
        [
            ("loaded", weights, 2, 0.4),
            ("loaded", weights, 0, 1),
            ("loaded", [0, 5, 0], 1, 0.5),
            ("loaded", weights, 3, 0),
        ],
    )
    np.testing.assert_allclose(some, [0.2, 0.4, 0.4, 0])
    np.testing.assert_allclose(all_, [1, 0, 0, 0])
    np.testing.assert_allclose(back, [0.25, 0.5, 0.25])
    np.testing.assert_allclose(none, [1 / 6, 2 / 6, 3 / 6, 0])


def test_impossible_weights_draw_something():
    """A link may say anything."""
    assert node_calls(
        ProductGrid, [("shares", [-1, 1, 3]), ("shares", [0, 0]), ("wholes", [0, 0]), ("wholes", [-1, 2])]
    ) == [
        [0, 0.25, 0.75],
        [0.5, 0.5],
        None,
        None,
    ]


def test_whole_weights():
    """Recognised in the same cases as in Python."""
    cases = [[1] * 6, [0.5, 1], [2, 3], [0.3, 0.7], [1 / 6] * 6, [0, 0.2, 0.4], [30, 1]]
    assert node_calls(ProductGrid, [("wholes", case) for case in cases]) == [_wholes(case) for case in cases]


@pytest.mark.parametrize(("a", "b"), [([1 / 6] * 6, [1 / 6] * 6), ([1, -2, 3], [4, 5]), ([0], [0]), ([-1, -1], [1, 1])])
def test_one_scale_for_cells_and_bars(a, b):
    """The largest product fits its cell, and the stacks of both signs fit their room, with the zero line between."""
    scale = node_calls(ProductGrid, [("scaleOf", a, b, {"high": 21, "bars": 126})])[0]
    products = np.outer(a, b)
    rows, columns = np.indices(products.shape)
    sums = [
        np.maximum(sign * products, 0)[rows + columns == m].sum()
        for sign in (1, -1)
        for m in range(rows.max() + columns.max() + 1)
    ]
    up, down = max(sums[: len(sums) // 2]), max(sums[len(sums) // 2 :])
    assert np.abs(products).max() * scale["unit"] <= 19 + 1e-9
    assert (up + down) * scale["unit"] <= 126 + 1e-9
    if up + down:
        assert scale["zero"] == pytest.approx(126 * up / (up + down))
