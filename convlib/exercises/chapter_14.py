"""Checkers for chapter 14, VGG."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convlib.exercises._draw import told_apart
from convlib.exercises.checker import Case, Checker, Mistake, Verdict

Rng = np.random.Generator
Plan = tuple[int | str, ...]


# --- count a column --------------------------------------------------------------------------------------------------


def _column(rng: Rng) -> tuple[Plan, int]:
    """Blocks of one to three layers, each block with other maps, a pooling after each."""
    maps = rng.permutation([4, 6, 8, 10, 12])[:3].tolist()
    plan = tuple(step for count in maps for step in (*[count] * int(rng.integers(1, 4)), "M"))
    return plan, int(rng.choice([1, 2, 3]))


def _counted(plan: Plan, channels: int, *, side: int = 3) -> int:
    return _weights(plan, channels, side=side) + _biases(plan)


def _weights(plan: Plan, channels: int, *, side: int = 3, pooled: Callable[[int], int] = lambda maps: maps) -> int:
    """Without biases; ``pooled`` says how many maps a pooling leaves."""
    total = 0
    for step in plan:
        if step == "M":
            channels = pooled(channels)
        else:
            total, channels = total + side**2 * channels * step, step
    return total


def _biases(plan: Plan) -> int:
    return sum(maps for maps in plan if maps != "M")


def _kernels(plan: Plan, channels: int) -> int:
    return _weights(plan, channels, side=1)


counted = Checker(
    title="Count a column",
    reference=_counted,
    problem=_column,
    first_hint="Go along the plan, and remember how many maps there are now: a kernel reaches through all of them.",
    cases=(
        Case("no pooling", lambda rng: ((4, 4, 7), 3), "But there may be no pooling at all."),
        Case(
            "pooling first",
            lambda rng: (("M", "M", 5, 4), int(rng.integers(2, 5))),
            "But the plan may begin with a pooling, and there may be two in a row.",
        ),
        Case("one layer", lambda rng: ((int(rng.integers(2, 9)),), 3), "But the plan may be a single layer."),
        Case(
            "nothing to learn",
            lambda rng: (("M",), 3),
            "But the plan may be a pooling only, which has no parameters.",
        ),
        Case(
            "VGG-16",
            lambda rng: ((64, 64, "M", 128, 128, "M", *([256] * 3), "M", *([512] * 3), "M", *([512] * 3), "M"), 3),
            "But VGG-16 has 14,714,688 parameters in its convolution layers, and not as many as you count.",
        ),
    ),
    mistakes=(
        Mistake(
            "no biases",
            _weights,
            "Those are the weights. Each map that a layer makes has a bias as well.",
        ),
        Mistake(
            "one map deep",
            lambda plan, channels: 10 * _biases(plan),
            "Your kernels are one map deep. A kernel reaches through all the maps that come in: 3 × 3 for each.",
        ),
        Mistake(
            "maps of the picture",
            lambda plan, channels: (9 * channels + 1) * _biases(plan),
            "You take the channels of the picture for every layer. A layer sees the maps of the one before.",
        ),
        Mistake(
            "a bias for each slice",
            lambda plan, channels: 10 * _kernels(plan, channels),
            "You give a bias to each 3 × 3 of a kernel. A map adds up what all of them find, and then adds one bias.",
        ),
        Mistake(
            "pooling halves the maps",
            lambda plan, channels: _weights(plan, channels, pooled=lambda maps: maps // 2) + _biases(plan),
            "A pooling halves the number of maps in yours. It halves their sides; there are as many as before.",
        ),
        Mistake(
            "five by five",
            lambda plan, channels: _counted(plan, channels, side=5),
            "Your kernels are 5 × 5. All of VGG's are 3 × 3.",
        ),
        Mistake(
            "as many in as out",
            lambda plan, channels: sum(9 * maps**2 + maps for maps in plan if maps != "M"),
            "In yours each layer sees as many maps as it makes. It sees those of the one before, which may be fewer.",
        ),
    ),
)


# --- two make one ----------------------------------------------------------------------------------------------------


def _two_layers(rng: Rng, maps: tuple[int, int, int], sides: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The weights of two layers: maps that come in, between the two, and that come out."""
    inputs, between, outputs = maps
    first, second = sides
    return rng.normal(size=(between, inputs, first, first)), rng.normal(size=(outputs, between, second, second))


def _exchangeable(rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """As many maps everywhere, so that NumPy lets the layers be exchanged, added or multiplied."""
    return _two_layers(rng, (int(rng.integers(2, 4)),) * 3, (3, 3))


def _spread(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """By map out, between and in: the first layer's kernel, laid down at each tap of the second's, and added up."""
    first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    side, taps = first.shape[-1], second.shape[-1]
    made = np.zeros((*second.shape[:2], first.shape[1], side + taps - 1, side + taps - 1))
    for row, column in np.ndindex(taps, taps):
        tap = second[:, :, row, column, None, None, None]
        made[..., row : row + side, column : column + side] += tap * first
    return made


def _merged(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return _spread(first, second).sum(axis=1)


def _turned(kernels: np.ndarray) -> np.ndarray:
    return np.flip(kernels, (2, 3))


def _weight_by_weight(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The kernels at the same place of the two arrays, convolved."""
    made = _spread(first.reshape(-1, 1, 3, 3), second.reshape(-1, 1, 3, 3).swapaxes(0, 1))[0, :, 0]
    return made.reshape(*first.shape[:2], 5, 5)


merged = Checker(
    title="Two make one",
    reference=_merged,
    problem=lambda rng: told_apart(rng, _exchangeable, merged),
    first_hint="What does a pixel of y see through one tap of the second layer? A whole kernel of the first. Lay them "
    "down, each at its tap, and add up over the maps between.",
    cases=(
        Case(
            "other numbers of maps",
            lambda rng: _two_layers(rng, tuple(rng.permutation([2, 3, 4]).tolist()), (3, 3)),
            "But the maps that come in, between and out may be three different numbers.",
        ),
        Case(
            "one map between",
            lambda rng: _two_layers(rng, (3, 1, 2), (3, 3)),
            "But there may be a single map between the two.",
        ),
        Case(
            "larger first",
            lambda rng: _two_layers(rng, (2, 3, 4), (5, 2)),
            "But the kernels may be of other sizes: k × k and l × l make k + l − 1.",
        ),
        Case(
            "larger second",
            lambda rng: _two_layers(rng, (3, 2, 2), (2, 4)),
            "But the second layer's kernels may be the larger ones.",
        ),
        Case(
            "one tap first",
            lambda rng: _two_layers(rng, (2, 3, 4), (1, 3)),
            "But the first layer may be 1 × 1, which mixes maps only.",
        ),
        Case(
            "one tap each",
            lambda rng: _two_layers(rng, (3, 4, 2), (1, 1)),
            "But both may be 1 × 1: then it's a product of two matrices.",
        ),
        Case(
            "bytes",
            lambda rng: tuple(rng.integers(50, 256, (2, 2, 3, 3), dtype=np.uint8) for _ in range(2)),
            "But the weights may be bytes, and their products go beyond 255.",
        ),
    ),
    mistakes=(
        Mistake(
            "first turned",
            lambda first, second: _merged(_turned(first), second),
            "You've turned the first layer's kernels by 180°: you correlate the two. Two layers that correlate with "
            "what they're given make one whose kernels are convolved.",
        ),
        Mistake(
            "second turned",
            lambda first, second: _merged(first, _turned(second)),
            "The second layer's kernels are turned by 180° in yours. What's right of the middle there has to lead to "
            "the right here, too.",
        ),
        Mistake(
            "both turned",
            lambda first, second: _turned(_merged(first, second)),
            "The right kernels, but upside down and mirrored: turned by 180°. Neither of the two has to be turned.",
        ),
        Mistake(
            "middle only",
            lambda first, second: _merged(first, second)[..., 1:-1, 1:-1],
            "That's the middle of it. One pixel sees 3 × 3, and each of those 3 × 3: 5 × 5 together.",
        ),
        Mistake(
            "last map only",
            lambda first, second: _spread(first, second)[:, -1],
            "Only the last of the maps between counts in yours. Add up over all of them; does your loop overwrite?",
        ),
        Mistake(
            "pair by pair",
            lambda first, second: np.einsum("mmcij->mcij", _spread(first, second)),
            "Each map that comes out sees one map between in yours, the one of its own number. It sees them all.",
        ),
        Mistake(
            "weight by weight",
            _weight_by_weight,
            "You pair the kernels of the same place in both arrays. It's a product of matrices whose entries are "
            "kernels: rows meet columns, and the maps between are added up.",
        ),
        Mistake(
            "exchanged",
            lambda first, second: _merged(second, first),
            "The layers are exchanged. Kernels may change places; the maps that they lead from and to may not.",
        ),
        Mistake(
            "in and out exchanged",
            lambda first, second: _merged(first, second).swapaxes(0, 1),
            "The right kernels, but the maps that come in are on the first axis. That axis is for those that come out.",
        ),
        Mistake(
            "sum",
            lambda first, second: first + second,
            "You add the two. That would be two layers side by side; here the second sees what the first has made.",
        ),
    ),
)


# --- how loud after so many ------------------------------------------------------------------------------------------


def _stack(rng: Rng) -> tuple[tuple[int, ...], float]:
    """Other maps at each layer, and a spread that is near the one that keeps the loudness, on either side."""
    channels = tuple(rng.permutation([3, 4, 6, 8, 10, 12])[: int(rng.integers(4, 7))].tolist())
    return channels, float(np.sqrt(2 / (9 * np.mean(channels))) * rng.choice([0.8, 1.3]))


def _mean_squares(channels: tuple[int, ...], std: float, *, taps: int = 9, kept: float = 0.5) -> np.ndarray:
    return np.cumprod([taps * maps * std**2 * kept for maps in channels[:-1]])


def _grown_loud(channels: tuple[int, ...], std: float) -> np.ndarray:
    return np.sqrt(_mean_squares(channels, std))


growth = Checker(
    title="How loud after so many",
    reference=_grown_loud,
    problem=_stack,
    first_hint="Work with mean squares: 1 comes in, and each layer has its own factor. Take roots at the end.",
    cases=(
        Case("one layer", lambda rng: ((3, 64), float(rng.uniform(0.1, 0.5))), "But there may be a single layer."),
        Case(
            "as loud",
            lambda rng: ((8,) * 20, float(np.sqrt(2 / (9 * 8)))),
            "But the loudness may stay what it is, layer after layer: with He's spread all answers are 1.",
        ),
        Case(
            "many",
            lambda rng: ((3, *([64] * 2), *([128] * 2), *([256] * 3), *([512] * 6)), 0.05),
            "But the stack may be as deep as VGG's, with hundreds of maps.",
        ),
        Case("silent", lambda rng: ((3, 4, 5), 0.0), "But the weights may all be 0: then everything is quiet."),
    ),
    mistakes=(
        Mistake(
            "no half",
            lambda channels, std: np.sqrt(_mean_squares(channels, std, kept=1)),
            "Where's the ReLU? It silences half of the numbers, and so halves the mean square.",
        ),
        Mistake(
            "maps that come out",
            lambda channels, std: np.sqrt(np.cumprod([9 * maps * std**2 / 2 for maps in channels[1:]])),
            "You count the maps that a layer makes. What's added up are nine numbers from each map that comes in.",
        ),
        Mistake(
            "no nine",
            lambda channels, std: np.sqrt(_mean_squares(channels, std, taps=1)),
            "You add up one number from each map that comes in. A 3 × 3 kernel takes nine.",
        ),
        Mistake(
            "three",
            lambda channels, std: np.sqrt(_mean_squares(channels, std, taps=3)),
            "You take three numbers from each map that comes in. A 3 × 3 kernel takes nine.",
        ),
        Mistake(
            "no root",
            _mean_squares,
            "Those are the mean squares. Asked are their roots.",
        ),
        Mistake(
            "half of the root",
            lambda channels, std: np.sqrt(_mean_squares(channels, std, kept=1 / 4)),
            "Your ReLU halves the root mean square. It halves the mean square, and the root only falls to 0.71.",
        ),
        Mistake(
            "last only",
            lambda channels, std: _grown_loud(channels, std)[-1],
            "That's how loud it is at the very end. Asked is one number for each layer.",
        ),
        Mistake(
            "std not squared",
            lambda channels, std: np.sqrt(np.cumprod([9 * maps * std / 2 for maps in channels[:-1]])),
            "You multiply the mean square by the spread of the weights. It grows with the square of the spread.",
        ),
        Mistake(
            "each for itself",
            lambda channels, std: np.sqrt([9 * maps * std**2 / 2 for maps in channels[:-1]]),
            "In yours each layer is given an input as loud as 1. It's given what the one before has made of it.",
        ),
        Mistake(
            "input, too",
            lambda channels, std: np.append(1, _grown_loud(channels, std)),
            "You begin with the input itself. Begin after the first layer: as many numbers as there are layers.",
        ),
        Mistake(
            "before the ReLU",
            lambda channels, std: np.sqrt(2) * _grown_loud(channels, std),
            "That's how loud it is before each ReLU. Asked is how loud after it.",
        ),
    ),
)


# --- grown -----------------------------------------------------------------------------------------------------------

Arrays = dict[str, np.ndarray]
Shapes = dict[str, tuple[int, ...]]


def _nets(rng: Rng) -> tuple[Arrays, Shapes]:
    """A net, and a deeper one with a new layer between, a last layer of another shape, and one layer fewer."""
    maps, classes, more = rng.permutation([2, 3, 4, 5])[:3].tolist()
    shallow = {
        "conv1_1": (maps, 3, 3, 3),
        "conv2_1": (maps, maps, 3, 3),
        "bias2_1": (maps,),
        "fc6": (classes, maps),
        "norm": (maps,),
    }
    deep = {
        "conv1_1": (maps, 3, 3, 3),
        "conv1_2": (maps, maps, 3, 3),
        "conv2_1": (maps, maps, 3, 3),
        "bias1_2": (maps,),
        "bias2_1": (maps,),
        "fc6": (more, maps),
        "fc7": (classes, more),
    }
    return {name: rng.normal(size=shape) for name, shape in shallow.items()}, deep


def _taken(shallow: Arrays, deep: Shapes) -> Arrays:
    """What of the shallow net fits into the deep one."""
    return {
        name: shallow[name].copy() for name, shape in deep.items() if name in shallow and shallow[name].shape == shape
    }


def _empty(deep: Shapes) -> Arrays:
    return {name: np.zeros(shape) for name, shape in deep.items()}


def _fitted(shallow: Arrays, deep: Shapes) -> Arrays:
    return _empty(deep) | _taken(shallow, deep)


def _by_order(shallow: Arrays, deep: Shapes) -> Arrays:
    pairs = zip(deep.items(), shallow.values(), strict=False)
    return _empty(deep) | {name: array for (name, shape), array in pairs if array.shape == shape}


_grown = Checker(
    title="Grown",
    reference=_fitted,
    problem=_nets,
    first_hint="Go through the names of deep. Has shallow an array of that name, and is its shape the one asked for?",
    cases=(
        Case(
            "nothing in common",
            lambda rng: ({"a": rng.normal(size=(2, 3))}, {"b": (2, 3), "c": (4,)}),
            "But the two may have no name in common: then all are zeros.",
        ),
        Case(
            "the same net",
            lambda rng: ((nets := _nets(rng))[0], {name: array.shape for name, array in nets[0].items()}),
            "But the deep net may be the shallow one again: then all is taken over.",
        ),
        Case(
            "as many numbers",
            lambda rng: ({"fc": rng.normal(size=(3, 4))}, {"fc": (4, 3)}),
            "But an array may hold as many numbers and have another shape: (3, 4) isn't (4, 3).",
        ),
        Case(
            "could be spread",
            lambda rng: ({"bias": rng.normal(size=(1,))}, {"bias": (4,)}),
            "But a shape may be one that NumPy would spread out: (1,) isn't (4,).",
        ),
        Case(
            "a single number",
            lambda rng: ({"scale": np.array(rng.normal())}, {"scale": (), "shift": ()}),
            "But an array may be a single number, of shape ().",
        ),
        Case("no shallow net", lambda rng: ({}, {"conv1_1": (2, 3, 3, 3)}), "But shallow may be empty."),
    ),
    mistakes=(
        Mistake(
            "more names",
            lambda shallow, deep: shallow | _fitted(shallow, deep),
            "You keep layers that the deep net doesn't have. Return the names of deep, and no others.",
        ),
        Mistake(
            "other shapes",
            lambda shallow, deep: {name: shallow.get(name, empty) for name, empty in _empty(deep).items()},
            "You take over a layer whose name is the same but whose shape isn't. It doesn't fit there: take zeros.",
        ),
        Mistake(
            "all of the shallow one",
            lambda shallow, deep: _empty(deep) | shallow,
            "You take over everything from the shallow net, whether the deep one has a place of that name and shape "
            "for it or not.",
        ),
        Mistake(
            "others left out",
            _taken,
            "You return only what is taken over. The deep net's other layers need arrays as well: zeros.",
        ),
        Mistake(
            "nothing taken over",
            lambda shallow, deep: _empty(deep),
            "Everything is zeros in yours. Take over what has the same name and the same shape in the shallow net.",
        ),
        Mistake(
            "by order",
            _by_order,
            "You go through the two nets side by side. Between two old layers may be a new one: go by the names.",
        ),
    ),
)
_SHARED = Verdict(
    "wrong",
    "The right numbers, but in the very arrays of the shallow net: when the deep one learns, the shallow one changes. "
    "Copy them.",
    "no copies",
)


def _shares(answer: Callable[..., dict]) -> bool:
    """Whether an answer that is right otherwise returns arrays that it was given."""
    shallow, deep = _nets(np.random.default_rng(0))
    made = [part for part in answer(shallow, deep).values() if isinstance(part, np.ndarray)]
    return any(np.shares_memory(part, array) for part in made for array in shallow.values())


def grown(answer: Callable[..., object], *, seed: int | None = None) -> Verdict:
    """Check a dict of arrays, and whether they are copies."""
    verdict = _grown(answer, seed=seed)
    return _SHARED if verdict.passed and _shares(answer) else verdict


#: Every checker of the chapter, for the tests.
CHECKERS = (counted, merged, growth, _grown)
