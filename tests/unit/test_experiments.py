"""What is stored is what the code would now make: the same settings, the same shape, and a little run to see it."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from importlib import import_module

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from convlib import data, experiments
from convlib.experiments import alexnet, digits, lenet, resnet, training
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
    with pytest.raises(ValueError, match=r"name must be one of 'lenet5', 'alexnet', got 'lenet'"):
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


def test_alexnet_run(monkeypatch, tmp_path):
    """A few steps of each experiment store the shape that is stored, with fewer seeds; they are the same again."""
    small = {
        "seeds": [0],
        "batch": 14,  # all of two of each texture: a pass is a step
        "every": 1,
        "examples": {"textures": 2, "digits": 1},
        "known, examples": {"textures": 2, "digits": 1},
        "ways": {way: {"rate": 0.001, "steps": 1} for way in alexnet.SETTINGS["ways"]},
        "filters, examples": 2,
        "filters, passes": 1,
    }
    few = {kind: alexnet.pictures(kind, 2, 0) for kind in ("textures", "digits")}
    few = {kind: alexnet.of_classes(split, sorted(set(split.y_test)), 2) for kind, split in few.items()}
    few = {kind: split._replace(x_test=split.x_test[::50], y_test=split.y_test[::50]) for kind, split in few.items()}
    monkeypatch.setattr(alexnet, "pictures", lambda kind, examples, seed: few[kind])
    for name, value in small.items():
        monkeypatch.setitem(alexnet.SETTINGS, name, value)
    monkeypatch.setattr(experiments, "_FOLDER", tmp_path)
    monkeypatch.setattr(experiments, "PROCESSES", 1)
    first, second = experiments.run("alexnet"), experiments.run("alexnet")
    assert first["results"] == second["results"]
    kept = experiments.weights("alexnet")
    monkeypatch.undo()
    assert shape(second["results"]) == shape(one_seed(experiments.stored("alexnet")["results"]))
    assert {name: part.shape for name, part in kept.items()} == {"first.weight": (24, 3, 7, 7)}


def one_seed(found: dict) -> dict:
    """Of each list of what the seeds gave, the first alone."""
    return {name: part[:1] if isinstance(part, list) else one_seed(part) for name, part in found.items()}


@pytest.fixture
def _one_thread():
    """As the experiments' own processes have it: many small layers only make threads wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("_one_thread")
def test_resnet_run(monkeypatch, tmp_path):
    """Small networks on a few digits store the shape that is stored, with fewer seeds; they are the same again."""
    small = {
        "seeds": [0],
        "few seeds": [0],
        "depths": [20],
        "rates": [0.03],
        "rates, depths": [20],
        "rescue, rates": [0.01],
        "rescue, depth": 8,
        "shortcuts, depths": [20],
        "zero, depths": [56],
        "zero, rates": [0.1],
        "decay, depths": [20],
        "deleted, depths": [20],
        "deleted, draws": 1,
        "paths, pictures": 4,
        "grown": [8, 14],
        "start, depths": [20],
        "start, pictures": 20,
        "start, segments": 1,
    }
    monkeypatch.setattr(resnet, "data", FewDigits())
    for name, value in small.items():
        monkeypatch.setitem(resnet.SETTINGS, name, value)
    monkeypatch.setattr(experiments, "_FOLDER", tmp_path)
    monkeypatch.setattr(experiments, "PROCESSES", 1)
    first, second = experiments.run("resnet"), experiments.run("resnet")
    assert first["results"] == second["results"]
    monkeypatch.undo()
    whole = one_seed(experiments.stored("resnet")["results"])
    assert second["results"].keys() == whole.keys()
    for name, part in second["results"].items():
        assert part.keys() <= whole[name].keys()
        assert shape(part) == shape({setting: whole[name][setting] for setting in part})


def test_alexnet_filters():
    """What is kept is the first seed's, with the share of colour that is stored; it is not the noise that it was."""
    filters = experiments.weights("alexnet")["first.weight"]
    assert filters.dtype == np.float16
    shares = experiments.stored("alexnet")["results"]["colour"][0]
    assert alexnet.colour_share(filters.astype(float)) == pytest.approx(np.ravel(shares), abs=0.005)
    assert neighbours_alike(filters.astype(float)) > 0.5


def neighbours_alike(filters: np.ndarray) -> float:
    """Correlation of each weight with the one on its right: 0 for noise."""
    return float(np.corrcoef(filters[..., 1:].ravel(), filters[..., :-1].ravel())[0, 1])


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100))
def test_colour_share(seed, scale):
    """Nothing of grey, all of what sums to zero over the channels, the same of a multiple; the two parts add up."""
    rng = np.random.default_rng(seed)
    grey = np.repeat(rng.normal(size=(4, 1, 5, 5)), 3, axis=1)
    colour = rng.normal(size=(4, 3, 5, 5))
    colour -= colour.mean(axis=1, keepdims=True)
    assert alexnet.colour_share(grey) == pytest.approx(np.zeros(4), abs=1e-12)
    assert alexnet.colour_share(colour) == pytest.approx(np.ones(4))
    energy_of_grey, energy_of_colour = ((part**2).sum(axis=(1, 2, 3)) for part in (grey, colour))
    share = energy_of_colour / (energy_of_grey + energy_of_colour)
    assert alexnet.colour_share(scale * (grey + colour)) == pytest.approx(share)


def test_colour_share_of_noise():
    """Two of three directions are colour."""
    noise = np.random.default_rng(0).normal(size=(500, 3, 7, 7))
    assert alexnet.colour_share(noise).mean() == pytest.approx(2 / 3, abs=0.01)


@pytest.mark.parametrize(("crop", "mirror"), [(False, False), (True, False), (False, True), (True, True)])
def test_window(crop, mirror):
    """Outside training the middle; in training every place in each direction, if so chosen, and no others."""
    torch.manual_seed(0)
    one = torch.arange(3 * 6 * 6.0).reshape(1, 3, 6, 6)
    window = alexnet.Window(4, crop=crop, mirror=mirror)
    pictures = window(one.expand(400, -1, -1, -1))
    places = {part.numpy().tobytes() for part in pictures}
    rows = range(3) if crop else [1]
    wanted = [one[0, :, down : down + 4, right : right + 4] for down in rows for right in rows]
    wanted += [part.flip(-1) for part in wanted] if mirror else []
    assert places == {part.contiguous().numpy().tobytes() for part in wanted}
    window.eval()
    assert torch.equal(window(one), one[..., 1:5, 1:5])


def test_small_alexnet():
    """In the paper's order; with two towers and more maps as many weights, to half a per cent."""
    layers = [type(layer).__name__ for layer in alexnet.small_alexnet(norm="LRN", dropout=0.5)]
    block = ["Conv2d", "ReLU", "LocalResponseNorm", "MaxPool2d"]
    hidden = ["Linear", "ReLU", "Dropout"]
    assert layers == ["Window", *block * 2, *["Conv2d", "ReLU"] * 2, "Flatten", *hidden * 2, "Linear"]
    parts = alexnet.SETTINGS["parts"]
    sizes = {name: sum(p.numel() for p in alexnet.small_alexnet(**part).parameters()) for name, part in parts.items()}
    assert sizes["two towers, as many weights"] == pytest.approx(sizes["plain"], rel=0.005)
    assert sizes["half the maps"] < sizes["two towers"] < sizes["plain"]
    assert sizes["plain"] == sizes["pooling 2/2"]


def test_pooling_leaves_the_same_sizes():
    """Windows of 3 and of 2, both 2 apart: from 12 to 6, from 6 to 3."""
    for pool in (2, 3):
        x, sides = torch.ones(1, 3, 28, 28), []
        for layer in alexnet.small_alexnet(pool=pool):
            x = layer(x)
            sides += [x.shape[-1]] if isinstance(layer, nn.MaxPool2d) else []
        assert sides == [6, 3]


def test_towers_meet_in_layer_3():
    """What the second half of layer 1 says reaches the second half of layer 2 alone, and all of layer 3."""
    torch.manual_seed(0)
    network = alexnet.small_alexnet(groups=2)
    x = torch.rand(1, 24, 12, 12)
    other = torch.cat([x[:, :12], 2 * x[:, 12:]], 1)
    second, third = network[3:6], network[3:8]
    changed = (second(x) != second(other)).flatten(2).any(2)[0]
    assert not changed[:16].any()
    assert changed[16:].any()
    assert (third(x) != third(other)).flatten(2).any(2).all()


def test_weights_suit_the_activation():
    """He's standard deviation for ReLU, Glorot's for tanh."""
    torch.manual_seed(0)
    for activation, variance in (("ReLU", 2 / 288), ("tanh", 2 / (288 + 128))):
        weight = alexnet.small_alexnet(activation=activation)[12].weight
        assert weight.shape == (128, 288)
        assert float(weight.detach().var()) == pytest.approx(variance, rel=0.05)


def test_small_alexnet_refuses():
    """A name that is none, with those that there are."""
    with pytest.raises(ValueError, match=r"activation must be one of 'ReLU', 'tanh', got 'relu'"):
        alexnet.small_alexnet(activation="relu")
    with pytest.raises(ValueError, match=r"norm must be one of 'none', 'LRN', 'batch norm', got 'layer'"):
        alexnet.small_alexnet(norm="layer")
    with pytest.raises(ValueError, match=r"kind must be one of 'textures', 'digits', got 'faces'"):
        alexnet.pictures("faces", 1, 0)


@pytest.mark.parametrize(("kind", "classes"), [("textures", 7), ("digits", 10)])
def test_alexnet_pictures(kind, classes):
    """As many of each class, mean 0 and deviation 1, drawn anew with each seed, none of them on both sides."""
    split = alexnet.pictures(kind, 5, seed=1)
    assert np.bincount(split.y_train).tolist() == [5] * classes
    assert split.x_train.dtype == np.float32
    assert abs(split.x_train.mean()) < 1e-5
    assert split.x_train.std() == pytest.approx(1, abs=1e-4)
    assert split.x_test.std() == pytest.approx(1, abs=0.5)  # by the same two numbers, which are not quite its own
    assert not np.array_equal(np.sort(split.x_train.sum((1, 2, 3))), np.sort(other_sums(kind)))
    train, test = ({picture.tobytes() for picture in side} for side in (split.x_train, split.x_test))
    assert not train & test
    assert (kind == "digits") == np.array_equal(split.x_train[:, 0], split.x_train[:, 2])


def other_sums(kind: str) -> np.ndarray:
    """Of the pictures of another seed."""
    return alexnet.pictures(kind, 5, seed=2).x_train.sum((1, 2, 3))


@given(count=st.integers(1, 30), batch=st.integers(1, 12), seed=st.integers(0, 1000))
def test_batches(count, batch, seed):
    """Each pass over the pictures has every one once."""
    found = alexnet.batches(count, batch, torch.Generator().manual_seed(seed))
    for _ in range(2):
        chosen = [next(found) for _ in range(-(-count // batch))]
        assert max(map(len, chosen)) <= batch
        assert sorted(torch.cat(chosen).tolist()) == list(range(count))


def test_teach():
    """It learns what can be learned, looks when it is told to, and takes the optimizer that it is given."""
    small = data.digits()
    flat = data.Split(*(part[:200] for part in small))
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    optimizer = torch.optim.AdamW(network.parameters(), 0.001)
    untaught = alexnet.measure(network, flat)
    found = alexnet.teach(network, flat, optimizer, alexnet.measure, steps=60, seed=0, every=20)
    assert len(found) == 4
    assert found[0] == untaught
    losses = [measure[0] for measure in found]
    assert losses == sorted(losses, reverse=True)
    assert found[-1][1] == alexnet.training_right(network, flat)
    assert found[-1][3] == alexnet.right(network, flat)
    still = torch.optim.SGD(network.parameters(), 0.0)
    again = alexnet.teach(network, flat, still, alexnet.measure, steps=5, seed=0)
    assert again == found[-1:]


def test_few_labels(monkeypatch):
    """The last layer learns from the numbers that it will be given; what is known stays as it was for every count."""
    torch.manual_seed(0)
    network = alexnet.small_alexnet(4, dropout=0.5)
    x = alexnet.pictures("textures", 1, 0).x_train
    x_features = alexnet.features(network, x)
    assert x_features.shape == (7, 128)
    with torch.no_grad():
        assert torch.allclose(network[-1](torch.from_numpy(x_features)), network(torch.from_numpy(x)))
    before = deepcopy(network.state_dict())
    monkeypatch.setattr(alexnet, "trained", lambda task: (network, []))
    ways = {way: {"rate": 0.1, "steps": 2} for way in alexnet.SETTINGS["ways"]}
    task = {"kind": "textures", "examples": 2, "seed": 0, "classes": [0, 2, 4, 6], "labels": [1, 2]}
    found = alexnet.transferred(task | {"ways": ways, "few": 5})
    assert {way: len(right) for way, right in found.items()} == dict.fromkeys(ways, 2)
    assert all(torch.equal(before[name], weight) for name, weight in network.state_dict().items())


@given(alpha=st.sampled_from([1e-4, 1e-2, 1.0]), scale=st.sampled_from([0.1, 1.0, 30.0]), seed=st.integers(0, 1000))
def test_lrn_strength(alpha, scale, seed):
    """What PyTorch's layer divides by, but for its constant; the same of pictures ten times and alpha a hundredth."""
    x = scale * torch.rand(2, 7, 3, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + 0.01
    layer = nn.LocalResponseNorm(5, alpha=5 * alpha, beta=0.75, k=2)
    strength = alexnet.lrn_strength(layer, x)
    assert strength == pytest.approx(float((x / layer(x)).mean()) / 2**0.75)
    tenfold = nn.LocalResponseNorm(5, alpha=5 * alpha / 100, beta=0.75, k=2)
    assert alexnet.lrn_strength(tenfold, 10 * x) == pytest.approx(strength)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=20), st.floats(1, 100))
def test_passes_until(course, per_cent):
    """Between the last look below and the first that is not; None if there is none."""
    passes = alexnet.passes_until(course, per_cent)
    if passes is None:
        assert max(course) < per_cent
    else:
        assert course[int(np.ceil(passes))] >= per_cent
        assert all(right < per_cent for right in course[: int(np.ceil(passes))])
        assert np.interp(passes, range(len(course)), course) == pytest.approx(per_cent) or passes == 0
