"""BlackBox's maths and words in the page, against Python's."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from convlib.widgets import BlackBox
from convlib.widgets.black_box import LENGTH, NEAR, REACH, SYSTEMS, Lanes
from tests.js.node import node_call, node_calls

RNG = np.random.default_rng(3)


def boxes(count=40):
    """Random inputs, half of them in steps of 0.5 as dragged, some of zeros but for a few; every box."""
    for i in range(count):
        x = RNG.uniform(-REACH, REACH, LENGTH)
        x = np.round(2 * x) / 2 if i % 2 else x
        x[RNG.random(LENGTH) < 0.4] = 0
        yield BlackBox(system=list(SYSTEMS)[i % 8], x=x, recorded=bool(i % 3))


def test_constants():
    """Boxes and bounds stand on both sides."""
    length, reach, near, systems = node_calls(BlackBox, [("LENGTH",), ("REACH",), ("NEAR",), ("SYSTEMS",)])
    assert (length, reach, near) == (LENGTH, REACH, NEAR)
    names = {letter: (system["name"], system["convolution"]) for letter, system in systems.items()}
    assert names == {letter: (system.name, system.convolution) for letter, system in SYSTEMS.items()}


def test_answers_predictions_and_words():
    """Equal state, equal numbers, equal words."""
    widgets = [*boxes(), BlackBox(x=[1], recorded=True), BlackBox(system="E", recorded=True, x=[1, 0, 1])]
    calls = []
    for box in widgets:
        calls += [
            ("answer", box.system, box.x),
            ("predict", box.x, box.impulse_answer),
            ("misses", box.output, box.prediction),
            ("sentence", box.system, box.x, box.recorded),
        ]
    results = iter(node_calls(BlackBox, calls))
    for box in widgets:
        np.testing.assert_allclose(next(results), box.output, atol=1e-12)
        np.testing.assert_allclose(next(results), box.prediction, atol=1e-12)
        gaps = np.abs(box.output - box.prediction)
        missed = next(results)
        assert missed["count"] == (gaps > NEAR).sum()
        assert missed["most"] == pytest.approx(gaps.max() if missed["count"] else 0)
        assert next(results) == box.sentence()


def test_places_and_scales():
    """The drawing is laid out, and its lanes are scaled, as the still picture's."""
    for narrow in (True, False):
        row, here = node_call(BlackBox, "lanes", narrow), asdict(Lanes.of(narrow=narrow))
        assert {name.replace("_", "").lower(): value for name, value in here.items()} == {
            name.lower(): value for name, value in row.items()
        }
    row = node_call(BlackBox, "lanes", False)
    widgets = [BlackBox(), BlackBox(system="H", x=[4, -4]), BlackBox(system="H", x=[1.5, 2]), *boxes()]
    values = [[*box.output, *(box.prediction if box.recorded else [])] for box in widgets]
    given = [("scales", row, box.x, value) for box, value in zip(widgets, values, strict=True)]
    for box, scale in zip(widgets, node_calls(BlackBox, given), strict=True):
        assert (scale["unit"], scale["zero"]) == pytest.approx(box._scale(Lanes.of(narrow=False)))


def test_no_value_leaves_its_lane():
    """Also for the largest inputs, and for twice what they give."""
    row = node_call(BlackBox, "lanes", True)
    extremes = [
        BlackBox(system=s, x=sign * np.full(LENGTH, REACH)) for s in SYSTEMS for sign in (1, (-1) ** np.arange(LENGTH))
    ]
    values = [[*box.output, *box.prediction] for box in extremes]
    for scale, box, value in zip(
        node_calls(BlackBox, [("scales", row, box.x, v) for box, v in zip(extremes, values, strict=True)]),
        extremes,
        values,
        strict=True,
    ):
        tips = scale["zero"] - scale["unit"] * np.array(value)
        assert tips.min() >= row["yTop"] - 1e-9, box
        assert tips.max() <= row["yTop"] + 5 * row["unit"] + 1e-9, box
        assert scale["unit"] * REACH <= 2 * row["unit"] + 1e-9


def test_every_refutation_is_an_experiment_that_python_repeats():
    """Convolutions have none; the others' shows what would have had to come, and what came."""
    one, next_one = np.eye(LENGTH)[:2]
    for letter, found in zip(SYSTEMS, node_calls(BlackBox, [("refutation", s) for s in SYSTEMS]), strict=True):
        answer = SYSTEMS[letter].answer
        if SYSTEMS[letter].convolution:
            assert found is None
            continue
        sent, expected = {
            "C": (next_one, np.roll(answer(one), 1)),
            "G": (next_one, np.append(0, answer(one)[:-1])),
            "B": (2 * one, 2 * answer(one)),
            "H": (2 * one, 2 * answer(one)),
            "E": (one + next_one, answer(one) + answer(next_one)),
        }[letter]
        np.testing.assert_allclose(found["got"], answer(sent), atol=1e-12)
        np.testing.assert_allclose(found["expected"], expected, atol=1e-12)
        assert np.abs(answer(sent) - expected).max() > NEAR


def test_verdicts():
    """Each names the experiment that shows it, or h; the box's name is told to who is right alone."""
    calls = [("verdict", letter, said) for letter in SYSTEMS for said in (True, False)]
    for (_, letter, said), words in zip(calls, node_calls(BlackBox, calls), strict=True):
        system = SYSTEMS[letter]
        right = said == system.convolution
        assert words.startswith("Right: " if right else "Not so")
        assert (f"{letter} is {system.name}" in words) == right
        assert ("h = " in words) == system.convolution
    words = dict(zip(calls, node_calls(BlackBox, calls), strict=True))
    assert "answered by 1 at 0, the same one later by 1.63 at 1." in words["verdict", "C", True]
    assert "h = 1, 0, 0, 0.5." in words["verdict", "A", True]
    assert "one of 2 by 4 at 0" in words["verdict", "H", False]


def test_experiments():
    """Moved and doubled inputs and what they must give; what is refused, and why."""
    box = next(boxes(1))
    later, twice = node_calls(BlackBox, [("later", box.x), ("twice", box.x)])
    assert later == [0, *box.x[:-1]]
    assert twice == [2 * value for value in box.x]
    last, large = [0.0] * 15 + [1.0], [2.5] + [0.0] * 15
    refusals = [("refusal", kind, x) for kind in ("later", "twice") for x in (last, large, [0.0] * 16)]
    said = node_calls(BlackBox, refusals)
    zero = "All that goes in is zero: drag a bar, or send an impulse."
    assert said == ["The last sample would leave the axis.", "", zero, "", "Twice as much would go beyond 4.", zero]
    moved = [
        ("moveSentence", "later", [1.0] * 16, [1.0] * 15 + [0.5]),
        ("moveSentence", "twice", [2.0] * 16, [1.0] * 16),
        ("moveSentence", "twice", [2.0] * 16, [2.0] * 16),
    ]
    assert node_calls(BlackBox, moved) == [
        "One later in, but not the old answer moved (dashed): 1 of 16 samples differs, by 0.50.",
        "Twice as much in, but not twice the old answer (dashed): 16 of 16 samples differ, by up to 1.00.",
        "Twice as much in, twice as much out: twice the old answer (dashed).",
    ]


def test_looks():
    """Gathered: the products of the prediction; scattered: a copy of h; before h is known, neither."""
    x = BlackBox().x
    looks = [("y", 5, "A"), ("y", 7, "A"), ("y", 9, "D"), ("x", 2, "A"), ("x", 0, "A")]
    said = node_calls(BlackBox, [("lookSentence", {"kind": k, "n": n}, s, x, True) for k, n, s in looks])
    value = BlackBox(system="D").output[9]
    assert said == [
        "y[5] = 1. The prediction gathers h[3]·x[2] = 0.5·2 = 1.",
        "y[7] = 0. The prediction gathers nothing here: 0.",
        f"y[9] = {value:.2f}. The prediction gathers 4 products h[k]·x[9 − k]: {value:.2f}.".replace("-", "−"),
        "x[2] = 2 is scattered: to the prediction it adds 2\u00a0·\u00a0h, from 2 on, outlined.",
        "x[0] = 0 adds nothing to the prediction.",
    ]
    unknown = node_calls(BlackBox, [("lookSentence", {"kind": k, "n": 2}, "A", x, False) for k in "xy"])
    assert unknown[0] == "x[2] = 2. Drag it: what does the box make of it?"
    assert "only the box knows" in unknown[1]
