"""What is stored is what the code would now make: the same settings, the same shape, and a little run to see it."""

from __future__ import annotations

import json
from datetime import date
from importlib import import_module

import numpy as np
import pytest
import torch

from convlib import experiments
from convlib.experiments import digits


def shape(found: object) -> object:
    """Names and lengths, down to the numbers."""
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


def test_unknown():
    """A name that is none is refused, with those that there are."""
    with pytest.raises(ValueError, match=r"name must be one of 'digits', got 'letters'"):
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
