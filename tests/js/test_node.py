"""The bridge to JavaScript itself."""

import math

import numpy as np
import pytest

from tests.js.node import TYPED, node_call, node_calls

MODULE = """
export const REACH = 4;
export const same = (value) => value;
export const kind = (value) => value.constructor.name;
export const poles = () => ({ up: 1 / 0, down: -1 / 0, none: [0 / 0] });
export function wrong() { throw new Error("no such luck"); }
"""


@pytest.mark.parametrize("dtype", TYPED)
def test_arrays_keep_type_and_digits(dtype):
    """There and back nothing is lost, and JavaScript sees the array of the same type."""
    given = np.array([0, 1, 100 / 3, 77], dtype=dtype)
    kind, back = node_calls(MODULE, [("kind", given), ("same", given)])
    assert kind == TYPED[dtype]
    assert back.dtype == dtype
    np.testing.assert_array_equal(back, given)


def test_other_values():
    """NaN inside arrays, what JSON has, NumPy's scalars, constants, and numbers that JSON lacks."""
    nan, plain, scalar, reach, poles = node_calls(
        MODULE,
        [
            ("same", np.array([np.nan])),
            ("same", {"a": [1, "x", None]}),
            ("same", np.float64(0.1)),
            ("REACH",),
            ("poles",),
        ],
    )
    assert np.isnan(nan).all()
    assert plain == {"a": [1, "x", None]}
    assert scalar == 0.1
    assert reach == 4
    assert (poles["up"], poles["down"]) == (math.inf, -math.inf)
    assert math.isnan(poles["none"][0])


@pytest.mark.parametrize(("call", "message"), [(("wrong",), "no such luck"), (("absent",), "exports no absent, but")])
def test_javascripts_errors_are_told(call, message):
    """In its own words."""
    with pytest.raises(RuntimeError, match=message):
        node_call(MODULE, *call)


@pytest.mark.parametrize(("value", "message"), [(object(), "object cannot be"), (np.zeros(2, complex), "complex128")])
def test_what_cannot_travel_is_refused(value, message):
    """Before anything runs."""
    with pytest.raises(TypeError, match=message):
        node_call(MODULE, "same", value)
