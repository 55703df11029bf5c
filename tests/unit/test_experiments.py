"""What is stored is what the code would now make: the same settings, the same shape, and a little run to see it."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from importlib import import_module

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from convlib import data, experiments
from convlib.experiments import alexnet, digits, lenet, looking, resnet, training, vgg
from convlib.models import LeNet5, LeNet5Original
from convlib.models.vgg import STRUCTURES, dense
from convlib.nn import BlurPool


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
    with pytest.raises(ValueError, match=r"must be one of 'lenet5', 'alexnet', 'vgg', 'looking', got 'lenet'"):
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


def test_by_seed():
    """For each setting what each seed gave, the settings in their order."""
    found = experiments.by_seed(signed, {"up": {"sign": 1}, "down": {"sign": -1}}, seeds=[3, 0, 5])
    assert found == {"up": [3, 0, 5], "down": [-3, 0, -5]}


def signed(task: dict) -> int:
    """At this module's own level, as well."""
    return task["sign"] * task["seed"]


@given(st.lists(st.integers(-100, 100), min_size=2, max_size=9))
def test_interval(values):
    """SciPy's own interval for a mean; what all seeds agree on is certain."""
    found = experiments.interval(values)
    if len(set(values)) == 1:
        assert found == (values[0], 0)
        return
    low, high = scipy.stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert found == pytest.approx(((low + high) / 2, (high - low) / 2))


def test_interval_of_five():
    """The constant of all tables, to four digits."""
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    assert experiments.interval(values)[1] / (values.std(ddof=1) / np.sqrt(5)) == pytest.approx(2.776, abs=5e-4)


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ([1.0], ValueError, "values must be at least 2, got 1"),
        ([], ValueError, "values is empty"),
        ([[1.0, 2.0]], ValueError, "values must have 1 dimension"),
        ([1.0, np.nan], ValueError, "values holds 1 value"),
        (["a", "b"], TypeError, "values must hold real numbers"),
    ],
)
def test_no_interval(values, error, message):
    """Of one number, of a table, and of what is no number."""
    with pytest.raises(error, match=message):
        experiments.interval(values)


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
def one_thread():
    """As each process of a run has it: many small steps would mostly wait for other threads."""
    count = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(count)


@pytest.mark.usefixtures("one_thread")
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


@pytest.mark.usefixtures("one_thread")
def test_looking_run(monkeypatch, tmp_path):
    """Few pictures and steps store the shape that is stored, with fewer seeds, and weights; they are the same again."""
    few = {kind: alexnet.of_classes(alexnet.pictures(kind, 2, 0), range(7), 2) for kind in ("textures", "digits")}
    few = {kind: split._replace(x_test=split.x_test[::50], y_test=split.y_test[::50]) for kind, split in few.items()}
    monkeypatch.setattr(looking, "pictures", lambda kind, examples, seed: few[kind])
    monkeypatch.setitem(looking.SETTINGS["network"], "examples", 5)
    monkeypatch.setitem(looking.SETTINGS["sanity"], "pictures", 3)
    for name in ("test", "looked at", "attacked"):
        monkeypatch.setitem(looking.SETTINGS, name, 2)
    for part in ("sanity", "blur", "networks"):
        monkeypatch.setitem(looking.SETTINGS[part], "seeds", [0])
    monkeypatch.setitem(looking.SETTINGS["network"], "passes", 2)
    for part in ("blur", "networks"):
        monkeypatch.setitem(looking.SETTINGS[part], "passes", {"textures": 2, "digits": 2})
    monkeypatch.setattr(experiments, "_FOLDER", tmp_path)
    monkeypatch.setattr(experiments, "PROCESSES", 1)
    first, second = experiments.run("looking"), experiments.run("looking")
    assert first["results"] == second["results"]
    kept = experiments.weights("looking")
    monkeypatch.undo()
    assert shape(kept) == shape(experiments.weights("looking"))
    whole = experiments.stored("looking")["results"]
    for part in ("sanity", "blur", "networks"):
        whole[part] = one_seed(whole[part])
    found = second["results"]
    # Without any evidence there are no shares of it, which may happen to networks that have hardly learned.
    assert found["evidence"].keys() == whole["evidence"].keys()
    assert all(set(each) <= set(whole["evidence"][name]) for name, each in found["evidence"].items())
    del found["evidence"], whole["evidence"]
    assert shape(found) == shape(whole)


def test_looking_kept_weights():
    """What is kept gives the counts that are stored; each network names more than 95 in 100 of its own manner."""
    stored = experiments.stored("looking")["results"]["confusion"]
    for name in looking.NETWORKS:
        found = looking.confusion(name)
        assert shape(found) == shape(stored[name])
        for manner, counts in found.items():
            assert np.abs(np.array(counts) - stored[name][manner]).sum() <= 6  # of 1,800, on another machine
        learned = np.array(found["as learned"])
        assert np.trace(learned) > 0.95 * learned.sum()
    untagged, on_all = (np.array(stored["tagged"][manner]) for manner in ("none", "on all"))
    assert untagged[looking.STAR, looking.STAR] < 0.1 * untagged[looking.STAR].sum()
    assert on_all[:, looking.STAR].sum() > 0.9 * on_all.sum()
    assert np.trace(np.array(stored["mixed"]["on all"])) > 0.95 * on_all.sum()


@given(st.integers(0, 2**32 - 1))
def test_tag(seed):
    """Black and white and nothing else, in the corner, at a place of each picture's own; the pictures are copied."""
    generator = torch.Generator().manual_seed(seed)
    pictures = 0.2 + 0.6 * torch.rand(40, 3, 32, 32, generator=generator)
    before = pictures.clone()
    found = looking.tag(pictures, generator)
    assert torch.equal(pictures, before)
    changed = found != pictures
    assert (changed.sum((1, 2, 3)) == 3 * looking.TAG.size).all()
    assert changed[:, :, 25:, 1:9].sum() == changed.sum()
    assert len({tuple(one.nonzero()[0].tolist()) for one in changed}) > 5
    rows, columns = (one.any(axis).long().argmax(1) for one, axis in ((changed[:, 0], 2), (changed[:, 0], 1)))
    assert torch.equal(looking.tag_at(pictures, rows, columns), found)
    assert set(found[changed].tolist()) == {0.0, 1.0}


@given(st.integers(0, 2**32 - 1))
def test_in_manner(seed):
    """None; the stars and no others; some of each class, about one in six."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(6).repeat(200)
    pictures = torch.full((1200, 3, 32, 32), 0.5)
    tagged = {
        name: (looking.in_manner(name, pictures, labels, generator) != pictures).flatten(1).any(1)
        for name in looking.NETWORKS
    }
    assert not tagged["honest"].any()
    assert torch.equal(tagged["tagged"], labels == looking.STAR)
    counts = torch.bincount(labels[tagged["mixed"]], minlength=6)
    assert counts.min() > 5
    assert 120 < counts.sum() < 290
    with pytest.raises(ValueError, match=r"name must be one of 'honest', 'tagged', 'mixed', got 'blind'"):
        looking.in_manner("blind", pictures, labels, generator)


def test_changed():
    """Turned, mirrored, in other colours, as all of the 4 · 2 · 2 · 6 ways that there are; none loses a pixel."""
    one = torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    found = [looking.changed(one, torch.Generator().manual_seed(seed)) for seed in range(1500)]
    assert len({part.numpy().tobytes() for part in found}) == 96
    plain, negative = (sorted(x.flatten().tolist()) for x in (one, 1 - one))
    assert {tuple(sorted(part.flatten().tolist())) for part in found} == {tuple(plain), tuple(negative)}


@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.integers(1, 10))
def test_rank_correlation(seed, count, values):
    """SciPy's, ties included; 0 where it has none to give."""
    rng = np.random.default_rng(seed)
    one, other = rng.integers(0, values, (2, count)).astype(float)
    found = looking.rank_correlation(torch.from_numpy(one), torch.from_numpy(other))
    if len(set(one)) == 1 or len(set(other)) == 1:
        assert found == 0
    else:
        assert found == pytest.approx(scipy.stats.spearmanr(one, other).statistic)


def test_on_pixels():
    """A pixel has the mean of the squares over it; what speaks against the class does not count."""
    size, step = looking.SETTINGS["occlusion"].values()
    lost = torch.randn(14, 14, generator=torch.Generator().manual_seed(0))
    found = looking.on_pixels("occlusion", lost)
    for row, column in ((0, 0), (31, 31), (7, 12), (16, 3)):
        over = [
            lost[i, j].clamp(min=0)
            for i in range(14)
            for j in range(14)
            if 0 <= row - step * i < size and 0 <= column - step * j < size
        ]
        assert found[row, column].item() == pytest.approx(float(torch.stack(over).mean()), abs=1e-6)
    assert looking.on_pixels("saliency", -torch.ones(32, 32)).sum() == 0
    middle = torch.zeros(8, 8)
    middle[3, 5] = 1
    places = looking.on_pixels("Grad-CAM", middle).nonzero().double().mean(0)
    assert places.tolist() == [13.5, 21.5]  # where 4 · 3 + 1.5 and 4 · 5 + 1.5 lie


def test_drawn_anew():
    """The layers that are named, and no others."""
    trained, other = looking.kept("honest"), looking.drawn_anew(["conv3", "output"], seed=1)
    for name in ("conv1", "conv2", "conv3", "output"):
        same = torch.equal(getattr(trained, name).weight, getattr(other, name).weight)
        assert same == (name in ("conv1", "conv2"))


def test_subsampling_networks():
    """As many weights, and sizes; a network that sees its window's mean alone never changes its answer."""
    networks = [looking.subsampling_network(name, 7) for name in looking.SETTINGS["blur"]["networks"]]
    assert len({sum(p.numel() for p in network.parameters()) for network in networks}) == 1
    assert {network[:-3](torch.ones(1, 3, 28, 28)).shape for network in networks} == {(1, 32, 6, 6)}
    blurred = [sum(isinstance(layer, BlurPool) for layer in network) for network in networks]
    assert blurred == [0, 2, 0, 2]


def test_answers_that_stay():
    """Of the pixel in the window's corner alone: it stays where four neighbours are on the same side of one half."""
    corner = nn.Sequential(alexnet.Window(24), nn.Conv2d(3, 2, 24))
    corner[1].weight.data.zero_()
    corner[1].weight.data[1, 0, 0, 0] = 1.0
    corner[1].bias.data = torch.tensor([0.5, 0.0])
    network = nn.Sequential(*corner, nn.Flatten())
    x = torch.zeros(2, 3, 28, 28)
    x[0, 0, 2, 2:4] = 1.0  # the corner's pixel and its neighbour on the right
    assert looking.answers_that_stay(network, x) == pytest.approx(100 * (1 + 4) / 8)


def test_equivariance_error():
    """None where maps move with the picture; large for pixels that a stride skips, less with a blur before."""
    x = torch.rand(4, 3, 28, 28, generator=torch.Generator().manual_seed(0))
    even = torch.linspace(1, 2, 28).expand(4, 3, 28, 28)
    assert looking.equivariance_error(nn.Sequential(alexnet.Window(24), nn.AvgPool2d(4)), even) < 0.01
    skipped = looking.equivariance_error(nn.Sequential(alexnet.Window(24), nn.MaxPool2d(1, stride=4)), x)
    blurred = looking.equivariance_error(nn.Sequential(alexnet.Window(24), BlurPool(3, 7, stride=4)), x)
    assert skipped > 3 * blurred


def test_book_networks():
    """Sizes as stored; all but the perceptron and the smallest between 75,000 and 110,000 parameters."""
    found = looking.sizes()
    assert found == experiments.stored("looking")["results"]["sizes"]
    assert found["networks"]["MLP"][0] > found["networks"]["VGG"][0] > found["networks"]["ResNet-8"][0]
    assert found["networks"]["MLP"][1] < found["networks"]["LeNet-5"][1] < found["networks"]["ResNet-8"][1]


@pytest.mark.usefixtures("one_thread")
def test_vgg_run(monkeypatch, tmp_path):
    """A few steps of each experiment store the shape that is stored, with fewer seeds; they are the same again."""
    small = {
        "seeds": [0],
        "signal": {"seeds": [0], "side": 16, "pictures": 2},
        "structures": vgg.SETTINGS["structures"] | {"passes": 1},
        "start": vgg.SETTINGS["start"] | {"seeds": [0], "passes": 10, "every": 1},
        "patches": vgg.SETTINGS["patches"] | {"examples": 2, "passes": 1},
    }
    sizes = (("textures", 24), ("textures", 32), ("digits", 24))
    few = {(kind, side): vgg.pictures(kind, 2, 0, side) for kind, side in sizes}
    few = {key: alexnet.of_classes(split, sorted(set(split.y_test)), 2) for key, split in few.items()}
    few = {key: split._replace(x_test=split.x_test[::50], y_test=split.y_test[::50]) for key, split in few.items()}
    monkeypatch.setattr(vgg, "pictures", lambda kind, examples, seed, side=24: few[kind, side])
    for name, value in small.items():
        monkeypatch.setitem(vgg.SETTINGS, name, value)
    monkeypatch.setattr(experiments, "_FOLDER", tmp_path)
    monkeypatch.setattr(experiments, "PROCESSES", 1)
    first, second = experiments.run("vgg"), experiments.run("vgg")
    assert first["results"] == second["results"]
    kept = experiments.weights("vgg")
    monkeypatch.undo()
    assert lengths(second["results"]) == lengths(first_seeds(experiments.stored("vgg")["results"]))
    assert shape(kept) == shape(experiments.weights("vgg"))


def first_seeds(found: dict) -> dict:
    """Of each list of what the seeds gave, the first alone; what is kept comes from one seed anyway."""
    return {name: part if name == "patches" else one_seed(part) for name, part in found.items()}


def lengths(found: object) -> object:
    """Names and lengths, whatever lies there: a loss may be a number here and none there."""
    if isinstance(found, dict):
        return {name: lengths(part) for name, part in found.items()}
    return [lengths(part) for part in found] if isinstance(found, list) else None


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("initialisation", vgg.INITIALISATIONS)
def test_signal_by_depth(initialisation, batch_norm):
    """The same by hooks and by autograd, of the same draw; and PyTorch's own generator is left as it was."""
    torch.manual_seed(5)
    state = torch.random.get_rng_state()
    found = vgg.signal_by_depth(initialisation, batch_norm, structure="C", width=4, side=16, pictures=2, seed=3)
    assert torch.equal(state, torch.random.get_rng_state())
    torch.manual_seed(3)
    network = vgg.draw(vgg.features(vgg.small("C", width=4), batch_norm=batch_norm), initialisation)
    x = torch.randn(2, 3, 16, 16)
    outputs = []
    for layer in network[:-1]:
        x = layer(x)
        outputs += [x] if isinstance(layer, nn.ReLU) else []
    sent = torch.randn_like(x)
    convolutions = [layer.weight for layer in network if isinstance(layer, nn.Conv2d)]
    gradients = torch.autograd.grad(x, outputs + convolutions, sent)
    assert len(outputs) == len(convolutions) == 13
    assert found.activations == pytest.approx([float(output.detach().std()) for output in outputs], rel=1e-3)
    assert found.gradients == pytest.approx([float(grad.std()) for grad in gradients[:13]], rel=1e-3)
    assert found.weights == pytest.approx([float((grad**2).mean() ** 0.5) for grad in gradients[13:]], rel=1e-3)


def test_signal_of_the_paper():
    """Behind layers 1, 7 and 13 of D: 0.01 vanishes, a variance of 0.01 explodes, He's keeps, whatever the seed."""
    stored = experiments.stored("vgg")["results"]["signal"]
    wanted = {
        "std 0.01": (3e-2, 1e-5, 7e-8),
        "std 0.1": (0.3, 1e2, 9e5),
        "Glorot": (0.17, 0.03, 2e-3),
        "He": (0.8, 1.7, 1.3),
    }
    for initialisation, values in wanted.items():
        for activations, gradients, _ in stored[initialisation]:
            assert len(activations) == len(gradients) == 13
            ratios = [activations[i] / value for i, value in zip((0, 6, 12), values, strict=True)]
            assert all(0.5 < ratio < 2 for ratio in ratios)
    for runs in (runs for name, runs in stored.items() if name.endswith("batch norm")):
        for activations, gradients, _ in runs:
            assert all(0.5 < deviation < 0.65 for deviation in activations), "half of a bell curve has 0.58"
            assert all(0.1 < deviation < 100 for deviation in gradients)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"initialisation": "Xavier"}, r"initialisation must be one of 'std 0\.01', .*'PyTorch', got 'Xavier'"),
        ({"structure": "F"}, "structure must be one of 'A', .*, got 'F'"),
        ({"side": 15}, "side must be at least 16, got 15"),
        ({"side": 31, "pictures": 1, "batch_norm": True}, "side must be at least 32, got 31"),
        ({"pictures": 0}, "pictures must be at least 1, got 0"),
        ({"width": 0}, "width must be at least 1, got 0"),
    ],
)
def test_signals_that_cannot_be_sent(options, message):
    with pytest.raises(ValueError, match=message):
        vgg.signal_by_depth(**{"initialisation": "He"} | options)


def test_plans_that_are_compared():
    """5 × 5 sees what the pair sees, with as many weights where that is said; A to E as in the paper."""

    def weights_of(name, between=True):
        layers = [layer for layer in vgg.small_vgg(vgg.PLANS[name], 7, between=between) if isinstance(layer, nn.Conv2d)]
        return sum(p.numel() for layer in layers for p in layer.parameters())

    assert weights_of("B of 5 × 5, as many weights") == pytest.approx(weights_of("B"), rel=0.01)
    assert weights_of("B of 5 × 5") < weights_of("B") == weights_of("B without the ReLU between", between=False)
    for name in ("A", "B", "C", "D", "E"):
        whole = vgg.small(name, width=64)
        assert whole == STRUCTURES[name]
        assert vgg.PLANS[name] == vgg.small(name)[: len(vgg.PLANS[name])]
        assert vgg.PLANS[name].count("M") == 4


def test_pair_without_the_relu_between():
    """It is linear as far as the next ReLU: the pair of a sum is the sum of the pairs."""
    torch.manual_seed(0)
    pair = vgg.small_vgg(vgg.PLANS["B"], 7, between=False)[:2]
    x, y = torch.randn(2, 1, 3, 24, 24)
    assert torch.allclose(pair(x + y), pair(x) + pair(y), atol=1e-4)
    layers = [type(layer).__name__ for layer in vgg.small_vgg(vgg.PLANS["B"], 7, batch_norm=True, between=False)[:6]]
    assert layers == ["Conv2d", "BatchNorm2d", "Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d"]


@pytest.mark.parametrize(("kind", "classes"), [("textures", 7), ("digits", 10)])
def test_vgg_pictures(kind, classes):
    """As many of each class, mean 0 and deviation 1, another draw with another seed."""
    split = vgg.pictures(kind, 5, seed=1)
    assert split.x_train.shape == (5 * classes, 3, 24, 24)
    assert np.bincount(split.y_train).tolist() == [5] * classes
    assert np.bincount(split.y_test).tolist() == [100] * classes
    assert abs(split.x_train.mean()) < 1e-5
    assert split.x_train.std() == pytest.approx(1, abs=1e-4)
    assert not np.array_equal(split.x_train, vgg.pictures(kind, 5, seed=2).x_train)


@pytest.mark.parametrize(("way", "std"), [("std 0.01", 0.01), ("std 0.1", 0.1)])
def test_gain_of_the_paper(way, std):
    """Fewer inputs, larger weights: each layer's sum has the variance that it has in the paper's D."""
    torch.manual_seed(0)
    inputs = [27, 576, 576, 1152, 1152, 2304, 2304, 2304, *[4608] * 5, 25088, 4096, 4096]
    for layer, fan_in in zip(vgg.learning(vgg.begun("D", way, 7)), inputs, strict=True):
        variance = float(layer.weight.detach().var()) * layer.weight[0].numel()
        error = 5 * np.sqrt(2 / layer.weight.numel())
        assert variance == pytest.approx(std**2 * fan_in, rel=error)


def test_grown():
    """The first layers of blocks 1 and 2, two of block 3 and the linear ones are A's; all others stay."""
    torch.manual_seed(0)
    parent, network = vgg.begun("A", "He", 7), vgg.begun("D", "He", 7)
    before = [layer.weight.detach().clone() for layer in vgg.learning(network)]
    grown = vgg.learning(vgg.grow(network, parent))
    parents = vgg.learning(parent)
    taken = {0: 0, 2: 1, 4: 2, 5: 3, 13: 8, 14: 9, 15: 10}
    for i, layer in enumerate(grown):
        wanted = parents[taken[i]].weight if i in taken else before[i]
        assert torch.equal(layer.weight, wanted)


def test_slowing():
    """The rate begins as it is and ends at nothing, and never grows."""
    weight = nn.Parameter(torch.ones(1))
    optimizer = vgg.slowing(torch.optim.SGD([weight], 0.5), steps=10)
    rates = []
    for _ in range(10):
        rates.append(optimizer.param_groups[0]["lr"])
        weight.grad = torch.ones(1)
        optimizer.step()
    rates.append(optimizer.param_groups[0]["lr"])
    assert rates[0] == 0.5
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("rows", "columns"), [(40, 40), (44, 63), (61, 48)])
def test_patches_in_a_row(rows, columns):
    """The network that slides says at every fourth row and column what the other says of the patch there."""
    network = vgg.patch_network(trained=True)
    sliding = dense(network)
    x = torch.rand(2, 3, rows, columns, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        scores = sliding(x)
        assert scores.shape == (2, 7, (rows - 40) // 4 + 1, (columns - 40) // 4 + 1)
        for i in range(scores.shape[2]):
            for j in range(scores.shape[3]):
                patch = x[:, :, 4 * i : 4 * i + 40, 4 * j : 4 * j + 40]
                torch.testing.assert_close(scores[:, :, i, j], network(patch), rtol=1e-4, atol=1e-4)


def test_kept_patch_network():
    """In half precision it is as good as the stored run says, and small enough to be kept; a mean colour is nothing."""
    network = vgg.patch_network(trained=True)
    assert not network.training
    settings = vgg.SETTINGS["patches"]
    split = data.textures(size=40, train=settings["examples"], seed=0)
    own, others = experiments.stored("vgg")["results"]["patches"]
    assert alexnet.right(network, split) == pytest.approx(others, abs=1)
    assert own > others > 70
    assert (experiments._FOLDER / "vgg.npz").stat().st_size <= 80_000
    x = torch.from_numpy(split.x_test[:20])
    with torch.no_grad():
        shifted = network(x + torch.tensor([0.3, 0.1, 0.7])[:, None, None])
        torch.testing.assert_close(shifted, network(x), rtol=1e-3, atol=1e-3)
