"""NetworkTrainer's maths in the page, against Python's."""

from __future__ import annotations

import math

import numpy as np
import pytest

from convlib.widgets import NetworkTrainer
from convlib.widgets import small_network as python
from convlib.widgets.network_trainer import layout, loss_words, percent
from convlib.widgets.small_network import CLASSES, HELD_OUT, LEARN, Network, dead_filters, forward, shares, task, train
from tests.js.node import node_call, node_calls

RNG = np.random.default_rng(6)
BYTES = np.frombuffer(python.packed_digits(), dtype=np.uint8)

#: What several calls need of each other, asked of the module in one process: a run, and what it is at some steps.
RUN = (
    NetworkTrainer._esm
    + """
export function ran(data, bytes, examples, rate, momentum, steps, most) {
  const run = begun(taskOf(data, bytes), examples, rate, momentum);
  for (const goal of steps) while (run.made < goal && run.stopped === null) advance(run, goal, most);
  const told = steps.map((n) => {
    const at = Math.min(n, run.made);
    const P = networkAt(run, at);
    return { P, curve: curveAt(run, at, P), dead: deadFilters(P, run.task, examples) };
  });
  return { losses: Float64Array.from(run.losses), stopped: run.stopped, told };
}
export function asked(P, data, bytes, n, count) {
  const task = taskOf(data, bytes);
  const maps = Array.from({ length: FILTERS }, (_, f) => mapOf(P, task, n, f));
  return { scores: scoresOf(P, task, n), maps, slopes: slopesOf(P, task, count, 3) };
}
"""
)


def network_of(numbers, classes):
    """The page's row of numbers, in the shapes of Python's."""
    parts = np.split(np.asarray(numbers), np.cumsum([72, 8, 128 * classes]))
    return Network(parts[0].reshape(8, 9), parts[1], parts[2].reshape(classes, 128), parts[3])


def test_constants():
    """Sizes, seeds and bounds stand on both sides."""
    names = ("SIDE", "POOLED", "TAPS", "FILTERS", "LEARN", "HELD_OUT", "INK", "BATCH")
    names += ("PROBE", "EVERY", "ENOUGH", "MOMENTUM", "SEEDS", "CLASSES")
    for name, value in zip(names, node_calls(NetworkTrainer, [(name,) for name in names]), strict=True):
        assert value == getattr(python, name), name


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 123456, 2**32 - 1])
def test_random_numbers(seed):
    """The same ones, bit by bit, however many."""
    source = NetworkTrainer._esm + "\nexport const some = (seed) => Array.from({ length: 5000 }, mulberry32(seed));"
    assert node_call(source, "some", seed) == python.mulberry32(seed, 5000).tolist()


@pytest.mark.parametrize("data", CLASSES)
def test_pictures_labels_and_start(data):
    """Every pixel and every label, and every number before the first step."""
    given = node_call(NetworkTrainer, "taskOf", data, BYTES)
    assert np.array_equal(given["pictures"].reshape(-1, 8, 8), task(data).pictures)
    assert np.array_equal(given["labels"], task(data).labels)
    inner = given["padded"].reshape(-1, 10, 10)
    assert np.array_equal(inner[:, 1:-1, 1:-1], task(data).pictures / 15)
    assert inner.sum() == pytest.approx(task(data).pictures.sum() / 15)
    start = node_call(NetworkTrainer, "startOf", len(CLASSES[data]))
    assert np.array_equal(start, Network.start(len(CLASSES[data])).flat)


@pytest.mark.parametrize("data", ["digits", "strokes"])
def test_scores_maps_and_slopes(data):
    """Of networks that are nothing but random numbers."""
    classes = len(CLASSES[data])
    for scale in (0.1, 1):
        numbers = RNG.normal(0, scale, 80 + 129 * classes)
        network, n, count = network_of(numbers, classes), int(RNG.integers(0, 1300)), int(RNG.integers(10, 1000))
        given = node_call(RUN, "asked", numbers, data, BYTES, n, count)
        maps, _, scores = forward(network, python.task_windows(data)[n : n + 1])
        np.testing.assert_allclose(given["scores"], scores[0], atol=1e-10)
        whole = maps[0].reshape(4, 4, 2, 2, 8).transpose(4, 0, 2, 1, 3).reshape(8, 64)
        np.testing.assert_allclose(np.array(given["maps"]), np.maximum(whole, 0), atol=1e-12)
        batch = (3 * min(32, count) + np.arange(min(32, count))) % count
        loss, slopes = python.backward(network, python.task_windows(data)[batch], task(data).labels[batch])
        assert given["slopes"]["loss"] == pytest.approx(loss, rel=1e-12)
        np.testing.assert_allclose(given["slopes"]["G"], slopes.flat, atol=1e-12)


@pytest.mark.parametrize("most", [1000, 7])
@pytest.mark.parametrize(
    ("data", "examples", "rate", "momentum"),
    [
        ("digits", 1000, 0.2, False),
        ("digits", 20, 0.5, False),
        ("strokes", 45, 0.1, True),
        ("shuffled", 200, 0.3, True),
        ("digits", 1000, 3.0, False),
    ],
)
def test_training(data, examples, rate, momentum, most):
    """Weights after 20 steps to nine digits, losses, curve and dead filters; forwards, back, and in small portions."""
    steps = [20, 137, 60, 64, 0]
    run = node_call(RUN, "ran", data, BYTES, examples, rate, momentum, steps, most)
    assert run["stopped"] is None
    for n, told in zip(steps, run["told"], strict=True):
        here = train(data, examples, rate, momentum, n)
        atol = 1e-9 if n <= 20 else 1e-6
        np.testing.assert_allclose(told["P"], here.network.flat, atol=atol)
        np.testing.assert_allclose(run["losses"][:n], here.losses, atol=atol)
        np.testing.assert_allclose(np.array(told["curve"]), here.curve, atol=atol)
        assert told["dead"] == dead_filters(here.network, data, examples)
    assert len(run["losses"]) == 137


def test_a_run_that_diverges():
    """It is stopped at the same step, and stays there."""
    given = node_call(RUN, "ran", "digits", BYTES, 50, 1e5, True, [100, 1], 1000)
    here = train("digits", 50, 1e5, True, 100)
    assert given["stopped"] == here.stopped < 100
    assert len(given["losses"]) == len(here.losses) == here.stopped
    assert np.isfinite(given["told"][0]["P"]).all()
    np.testing.assert_allclose(given["told"][0]["curve"][-1][0], here.stopped)


STATES = [
    {},
    {"steps": 0},
    {"steps": 1},
    {"steps": 400, "data": "strokes"},
    {"rate": 0.001, "steps": 60},
    {"rate": 1.0, "steps": 200},
    {"rate": 3.0, "steps": 60},
    {"examples": 20, "steps": 300},
    {"examples": 10, "steps": 47},
    {"data": "shuffled", "steps": 60},
    {"data": "shuffled", "examples": 50, "steps": 300},
]


def told(widget):
    """What the page's sentence is made from."""
    names = ("data", "examples", "rate", "steps", "stopped", "dead")
    return {name: getattr(widget, name) for name in names} | {"curve": widget.curve.tolist()}


def test_words():
    """The same sentence as Python's in every kind of state; no two kinds have the same."""
    widgets = [NetworkTrainer(**state) for state in STATES]
    given = node_calls(NetworkTrainer, [("sentence", told(widget)) for widget in widgets])
    assert given == [widget.sentence() for widget in widgets]
    assert len({words.translate({ord(digit): "" for digit in "0123456789"})[:24] for words in given}) >= 8


def test_a_stopped_runs_words(monkeypatch):
    """No rate that the trait takes diverges: what would be said is asked of a run that does."""
    widget = NetworkTrainer(steps=100)
    run = train("digits", 50, 1e5, True, 100)
    monkeypatch.setattr(widget, "_run", lambda: run)
    words = node_call(NetworkTrainer, "sentence", told(widget))
    assert words == widget.sentence()
    assert f"after {run.stopped} step" in words


def test_words_about_what_is_looked_at():
    """A picture's answer, right or wrong; where a filter fires hardest, a filter that does not, a dead one."""
    given = shares(np.log([[0.2, 0.7, 0.1]]))[0].tolist()
    right, wrong = node_calls(NetworkTrainer, [("pictureWords", given, 1, "012"), ("pictureWords", given, 0, "─│╱")])
    assert right.startswith("The answer is 1 with 70\u00a0%: right.")
    assert wrong.startswith(
        "The answer is upright stroke with 70\u00a0%: wrong. The lying stroke that it is gets 20\u00a0%."
    )
    maps = np.zeros((10, 64))
    maps[4, 8 * 2 + 5] = 1.5
    calls = [("filterWords", 3, [*map_], dead, list(range(10)), CLASSES["digits"]) for map_, dead in
             ((maps, False), (0 * maps, False), (0 * maps, True))]  # fmt: skip
    hardest, nowhere, dead = node_calls(NetworkTrainer, calls)
    assert hardest.endswith("hardest in picture 4, the 4, at row 2, column 5: 1.50.")
    assert nowhere == "Filter 3 fires nowhere in these ten pictures."
    assert dead.startswith("Filter 3 is dead")
    assert dead.endswith("no slope reaches it.")
    maps[7, 3] = 0.1
    still = node_call(NetworkTrainer, "filterWords", 3, [*maps], True, list(range(10)), CLASSES["digits"])
    assert still == f"{dead} It still fires in pictures 4 and 7, held out."


def test_numbers_for_reading():
    """Per cent and losses as Python writes them, halves included."""
    parts = [(part, of) for of in (10, 20, 200, HELD_OUT) for part in range(of + 1)]
    assert node_calls(NetworkTrainer, [("percent", *pair) for pair in parts]) == [percent(*pair) for pair in parts]
    losses = [0.0, 0.0042, 0.0094, 0.0096, 0.314, 2.3026, 12.7, *(10 ** RNG.uniform(-4, 1, 60)).tolist()]
    assert node_calls(NetworkTrainer, [("lossWords", loss) for loss in losses]) == [loss_words(v) for v in losses]


def test_sliders():
    """Every place is a value that Python takes as it is; there and back is the same place."""
    low, high = node_call(NetworkTrainer, "RATES")
    rates = node_calls(NetworkTrainer, [("rateAt", place) for place in range(low, high + 1)])
    assert (rates[0], rates[-1]) == (0.001, 10)
    assert np.all(np.diff(rates) > 0)
    assert [NetworkTrainer(rate=rate).rate for rate in rates] == rates
    places = node_calls(NetworkTrainer, [("placeOf", rate) for rate in rates])
    np.testing.assert_allclose(places, range(low, high + 1), atol=0.49)
    counts = node_call(NetworkTrainer, "EXAMPLES")
    assert (counts[0], counts[-1]) == (10, LEARN)
    assert [NetworkTrainer(examples=count).examples for count in counts] == counts
    places = node_calls(NetworkTrainer, [("examplesPlace", count) for count in [*counts, 300]])
    np.testing.assert_allclose(places, [*range(len(counts)), 4 + math.log(1.5) / math.log(2.5)], atol=1e-9)
    assert node_calls(NetworkTrainer, [("examplesAt", place) for place in range(len(counts))]) == counts


@pytest.mark.parametrize("width", [260, 337, 560, 620, 756, 786])
def test_layout(width):
    """Panels stand where Python reckons with them, in every reduced view."""
    parts = ("filters", "loss", "pictures")
    views = [[part for i, part in enumerate(parts) if chosen >> i & 1] for chosen in range(8)]
    for shown, given in zip(views, node_calls(NetworkTrainer, [("layout", width, v) for v in views]), strict=True):
        expected = layout(width, shown)
        boxes = {name: list(box) for name, box in expected.pop("boxes").items()}
        assert given.pop("boxes") == boxes
        assert given == expected
