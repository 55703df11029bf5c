"""What a page may set a widget's traits to, when a link from anyone asks for it."""

from __future__ import annotations

import traitlets

from convlib import widgets
from convlib.widgets import traits


def test_limits_of_each_trait():
    """Names, bounds and steps; whole numbers only where Python wants them; free text and objects are never set."""
    assert traits.limits(traits.Choice(("a", "b"), "a")) == {"names": ["a", "b"]}
    assert traits.limits(traits.Subset(("a", "b"))) == {"names": ["a", "b"]}
    assert traits.limits(traits.Number(0, 4, 3, 0.5)) == {"low": 0, "high": 4, "step": 0.5}
    assert traits.limits(traits.Count(1, None, 2)) == {"low": 1, "whole": True}
    assert traits.limits(traits.Numbers([1], -3, 3, 5)) == {"low": -3, "high": 3, "most": 5}
    assert traits.limits(traits.Samples([0, 0], -1, 1)) == {"low": -1, "high": 1}
    assert traits.limits(traitlets.Bool(False)) == {"whether": True}
    assert traits.limits(traitlets.Unicode()) == {}
    assert traits.limits(traitlets.List()) == {}


def test_no_link_can_ask_other_questions():
    """A quiz's words are its author's."""
    assert set(widgets.Quiz.limits()) <= {"right_first"}
