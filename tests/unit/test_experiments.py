"""What is stored is what the code would now make: the same settings, the same shape, and a little run to see it."""

from __future__ import annotations

import json
from datetime import date
from importlib import import_module

import numpy as np
import pytest
import torch

from convlib import data, experiments
from convlib.experiments import digits, lenet, training
from convlib.models import LeNet5, LeNet5Original


def shape(found: object) -> object:
    """Names and lengths, down to the numbers."""
    if isinstance(found, np.ndarray):
        return found.shape, found.dtype
    if isinstance(found, dict):
        return {name: shape(part) for name, part in found.items()}
    if isinstance(found, list):
        return [shape(part) for part in found]
    return type(found)


@pytest.mark.parametrize("name", experiments.NAMES)
def test_stored(name):
    """Settings are the module's own, and it says when, with what and how it was made."""
    found = experiments.stored(name)
    module = import_module(f"convlib.experiments.{name}")
    assert found["settings"] == json.loads(json.dumps(module.SETTINGS))
    made = found["made"]
    assert date.fromisoformat(made["on"]) <= date.today()
    assert made["by"] == f"python -m convlib.experiments {name}"
    assert made["seconds"] > 0
    assert made["processors"] >= 1
    assert "PyTorch" in made["with"]


def test_digits_run(monkeypatch, tmp_path):
    """A run on a few digits stores the shape that is stored, with fewer seeds; it is the same again."""
    few = tuple(part[:40] for part in digits.pictures())
    monkeypatch.setattr(digits, "pictures", lambda: few)
    for name, value in {"seeds": [0], "epochs": 1}.items():
        monkeypatch.setitem(digits.SETTINGS, name, value)
    monkeypatch.setattr(experiments, "_FOLDER", tmp_path)
    first, second = experiments.run("digits"), experiments.run("digits")
    assert first["results"] == second["results"]
    assert experiments.stored("digits") == second
    monkeypatch.undo()
    whole = experiments.stored("digits")["results"]
    one_seed = {
        "right": {name: percent[:1] for name, percent in whole["right"].items()},
        "moved": [percent[:1] for percent in whole["moved"]],
    }
    assert shape(second["results"]) == shape(one_seed)


def test_lenet_run(monkeypatch, tmp_path):
    """A run on a few digits stores the shape that is stored, and weights that fit; it is the same again."""
    few = tuple(part[:40] for part in digits.pictures())
    monkeypatch.setattr(lenet, "pictures", lambda: few)
    for name, value in {"seeds": [0], "epochs": 1}.items():
        monkeypatch.setitem(lenet.SETTINGS, name, value)
    monkeypatch.setattr(experiments, "_FOLDER", tmp_path)
    monkeypatch.setattr(experiments, "PROCESSES", 1)
    first = experiments.run("lenet")
    kept = experiments.weights("lenet5")
    second = experiments.run("lenet")
    assert first["results"] == second["results"]
    again = experiments.weights("lenet5")
    assert all(np.array_equal(kept[name], again[name]) for name in kept)
    monkeypatch.undo()
    whole = experiments.stored("lenet")["results"]
    assert shape(second["results"]) == shape({name: runs[:1] for name, runs in whole.items()})
    assert shape(kept) == shape(experiments.weights("lenet5"))


def test_lenet_between():
    """With all parts of 1998 there are as many parameters as in 1998; with one, as many as that part changes."""
    counts = {parts: sum(p.numel() for p in lenet.between(*parts).parameters()) for parts in ((), lenet.PARTS)}
    assert counts == {(): 61_706, lenet.PARTS: 60_000}
    single = [sum(p.numel() for p in lenet.between(part).parameters()) - 61_706 for part in lenet.PARTS]
    assert single == [1516 - 2416, 12 + 32, 0, -850]
    with pytest.raises(ValueError, match=r"parts must be one of 'table', .*, got 'rbf'"):
        lenet.between("rbf")


def test_lenet_between_is_the_original():
    """With its weights it gives its scores."""
    torch.manual_seed(0)
    original, built = LeNet5Original(), lenet.between(*lenet.PARTS)
    weights = list(original.state_dict().values())
    built.load_state_dict(dict(zip(built.state_dict(), weights, strict=True)))
    x = torch.rand(3, 1, 32, 32)
    assert torch.allclose(built(x), original(x), rtol=1e-5)
    today = LeNet5()
    built = lenet.between()
    built.load_state_dict(dict(zip(built.state_dict(), today.state_dict().values(), strict=True)))
    assert torch.allclose(built(x), today(x), atol=1e-6)


def test_kept_weights():
    """What is kept names at least 97 in 100 held-out digits; each number is the stored run's own, to half precision."""
    network = LeNet5()
    kept = experiments.weights("lenet5")
    network.load_state_dict({name: torch.from_numpy(array).float() for name, array in kept.items()})
    _, _, x, y = digits.pictures()
    stored = experiments.stored("lenet")["results"]["today, changed"][0]["moved"][0]
    assert abs(digits.accuracy(network, x, y) - stored) <= 0.1
    assert stored > 97
    with pytest.raises(ValueError, match=r"name must be one of 'lenet5', .*got 'lenet'|name must be 'lenet5'"):
        experiments.weights("lenet")


def test_unknown():
    """A name that is none is refused, with those that there are."""
    with pytest.raises(ValueError, match=r"name must be one of 'digits', 'training', .*, got 'letters'"):
        experiments.stored("letters")


def test_moved_and_shuffled():
    """Moved without coming in on the other side; shuffled alike, nothing lost."""
    x = torch.arange(2 * 32 * 32.0).reshape(2, 1, 32, 32) + 1
    found = digits.moved(x, 3, -2).numpy()
    assert np.array_equal(found[..., 3:, :-2], x[..., :-3, 2:])
    assert not found[..., :3, :].any()
    assert not found[..., -2:].any()
    assert torch.equal(digits.moved(x, 0, 0), x)
    mixed = digits.shuffled(x)
    assert mixed.shape == x.shape
    assert torch.equal(mixed[1] - mixed[0], torch.full((1, 32, 32), 1024.0))
    assert torch.equal(mixed.flatten().sort().values, x.flatten())


def test_networks_are_of_equal_size():
    """To one per cent, the count of the docstrings."""
    sizes = [sum(p.numel() for p in make().parameters()) for make in digits.NETWORKS.values()]
    assert sizes == [61_706, 61_075]


def test_training_run(monkeypatch, tmp_path):
    """A few steps of each experiment store the shape that is stored, with fewer seeds; they are the same again."""
    small = {
        "seeds": [0],
        "rates, epochs": 1,
        "steps": 1,
        "patience, steps": 45,
        "curve, examples": 32,
        "curve, epochs": 150,
        "memory, examples": 32,
        "memory, epochs": 1,
        "depth, epochs": 1,
    }
    monkeypatch.setattr(training, "data", FewDigits())
    for name, value in small.items():
        monkeypatch.setitem(training.SETTINGS, name, value)
    monkeypatch.setattr(experiments, "_FOLDER", tmp_path)
    monkeypatch.setattr(experiments, "PROCESSES", 1)
    first, second = experiments.run("training"), experiments.run("training")
    assert first["results"] == second["results"]
    monkeypatch.undo()
    whole = experiments.stored("training")["results"]
    one_seed = {
        name: part[:1] if isinstance(part, list) else {setting: runs[:1] for setting, runs in part.items()}
        for name, part in whole.items()
    }
    assert shape(second["results"]) == shape(one_seed)


class FewDigits:
    """In place of ``convlib.data``: forty digits to learn from, ten others."""

    Split = data.Split

    @staticmethod
    def digits() -> data.Split:
        """The first of each."""
        x_train, y_train, x_test, y_test = data.digits()
        return data.Split(x_train[:40], y_train[:40], x_test[:10], y_test[:10])


def test_examples_are_balanced():
    """Equally many of each digit as far as possible, none twice; names by lot are other names of the same digits."""
    for count in (20, 57, 1437):
        x, y, *_ = training.examples(count, seed=3)
        assert len({picture.tobytes() for picture in x}) == count
        each = np.bincount(y, minlength=10)
        assert each.max() - each.min() <= (1 if count < 1400 else 10)
    drawn = training.examples(200, seed=3, labels="drawn")
    true = training.examples(200, seed=3)
    assert np.array_equal(drawn.x_train, true.x_train)
    assert 0.02 < (drawn.y_train == true.y_train).mean() < 0.25
    assert np.array_equal(drawn.y_test, true.y_test)


def test_first_weights():
    """The spreads that the names promise, of many weights; and biases of zero."""
    for start, spread in (("0.01", 0.01), ("Xavier", np.sqrt(2 / (144 + 144))), ("He", np.sqrt(2 / 144))):
        torch.manual_seed(1)
        weights = torch.cat([layer.weight.flatten() for layer in training.deep_cnn(start, "tanh")[2:20:2]])
        assert float(weights.detach().std()) == pytest.approx(spread, rel=0.02)
    assert sum(p.numel() for p in training.small_cnn().parameters()) == 6090


@pytest.mark.parametrize("processes", [1, 2])
def test_several_at_once(monkeypatch, processes):
    """In the order of the tasks, in this process or in others."""
    monkeypatch.setattr(experiments, "PROCESSES", processes)
    tasks = [{"steps": n, "count": 33} for n in (6, 2, 4)]
    assert experiments.spread(double, tasks) == [12, 4, 8]


def double(task: dict) -> int:
    """At this module's own level, where another process finds it."""
    return 2 * task["steps"]
