"""Runs that take longer than a page may: each a module, its results in a small JSON beside it, with how they were made.

``make experiments`` runs all of them anew; the notebooks draw what is stored, and say so.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from importlib import import_module
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from convlib._validate import one_of, real_sequence

#: The experiments, by the names of their modules.
NAMES = ("digits", "training", "lenet", "alexnet", "vgg", "resnet", "looking")

#: Networks whose weights are kept, and their files: named in full, so that pages that use them are built anew.
WEIGHTS = {"lenet5": "lenet5.npz", "alexnet": "alexnet.npz", "vgg": "vgg.npz", "looking": "looking.npz"}

#: How many runs go on at once: one a processor.
PROCESSES = os.cpu_count() or 1

_FOLDER = Path(__file__).parent


def stored(name: str) -> dict:
    """What the last run of an experiment has found.

    Parameters
    ----------
    name : str
        One of :data:`NAMES`.

    Returns
    -------
    dict
        ``"made"``: when, with what, in how many seconds; ``"settings"``: the module's own; ``"results"``.

    Raises
    ------
    ValueError
        If there is no such experiment.

    Examples
    --------
    >>> sorted(stored("digits"))
    ['made', 'results', 'settings']
    """
    path = _FOLDER / f"{one_of('name', name, NAMES)}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def weights(name: str) -> dict[str, np.ndarray]:
    """The weights that an experiment has trained and kept, in half precision.

    Parameters
    ----------
    name : str
        One of :data:`WEIGHTS`.

    Returns
    -------
    dict of str to numpy.ndarray
        Arrays of float16, by the names that the network's ``state_dict`` gives them.

    Raises
    ------
    ValueError
        If there are none of that name.

    Examples
    --------
    >>> weights("lenet5")["c1.weight"].shape
    (6, 1, 5, 5)
    """
    with np.load(_FOLDER / WEIGHTS[one_of("name", name, WEIGHTS)]) as stored_weights:
        return dict(stored_weights)


def keep(name: str, arrays: dict[str, np.ndarray]) -> None:
    """Store weights, in half precision, for :func:`weights` to read."""
    halves = {part: np.float16(array) for part, array in arrays.items()}
    np.savez_compressed(_FOLDER / WEIGHTS[one_of("name", name, WEIGHTS)], **halves)


def run(name: str) -> dict:
    """Run an experiment and store what it finds; returns that."""
    import torch

    from convlib.train import best_device

    module = import_module(f"{__name__}.{one_of('name', name, NAMES)}")
    begun = time.perf_counter()
    results = module.results()
    made = {
        "on": date.today().isoformat(),
        "by": f"python -m convlib.experiments {name}",
        "with": f"Python {platform.python_version()}, PyTorch {torch.__version__.partition('+')[0]}",
        "processors": os.cpu_count(),
        "device": best_device().type,
        "seconds": round(time.perf_counter() - begun),
    }
    found = {"made": made, "settings": module.SETTINGS, "results": results}
    (_FOLDER / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


def spread(function: Callable[[dict], object], tasks: Iterable[dict]) -> list:
    """What a function makes of each task, in their order; where there are several processors, several at once.

    Parameters
    ----------
    function : callable
        Of a module's own level, so that another process finds it; everything that it depends on is in its task.
    tasks : iterable of dict

    Examples
    --------
    >>> spread(dict, [{"seed": 0}])
    [{'seed': 0}]
    """
    tasks = list(tasks)
    if min(PROCESSES, len(tasks)) == 1:
        return [function(task) for task in tasks]
    with ProcessPoolExecutor(PROCESSES, get_context("spawn"), initializer=_alone) as pool:
        return list(pool.map(function, tasks))


def by_seed(function: Callable[[dict], object], tasks: dict[str, dict], seeds: Sequence[int]) -> dict[str, list]:
    """For each named task, the list of what a function makes of it with each seed; several at once, as :func:`spread`.

    Examples
    --------
    >>> by_seed(dict, {"plain": {"depth": 20}}, seeds=[0])
    {'plain': [{'depth': 20, 'seed': 0}]}
    """
    found = spread(function, [task | {"seed": seed} for task, seed in product(tasks.values(), seeds)])
    return {name: found[i * len(seeds) : (i + 1) * len(seeds)] for i, name in enumerate(tasks)}


def interval(values: object) -> tuple[float, float]:
    """The mean of what some seeds gave, and how far it is uncertain: half of the 95 % interval of Student's t.

    Parameters
    ----------
    values : array_like
        One number for each seed, two at least.  For two settings with the same seeds give their *differences*: what
        a seed does to both is then no part of the uncertainty.

    Returns
    -------
    tuple of float
        Mean and half of the interval: the sample's standard deviation, over the root of the count, times the
        quantile of Student's t, 2.776 for five seeds.

    Raises
    ------
    TypeError
        If ``values`` are not real numbers.
    ValueError
        If they are fewer than two, not one-dimensional, or not finite.

    References
    ----------
    Student, The probable error of a mean, Biometrika 6, 1908, https://doi.org/10.1093/biomet/6.1.1

    Examples
    --------
    >>> mean, half = interval([90.0, 91.0, 92.0, 93.0, 94.0])
    >>> print(f"{mean:.1f} ± {half:.2f}")
    92.0 ± 1.96
    """
    from scipy.stats import t  # here, and not above: it takes longer than all the rest

    array = real_sequence("values", values)
    if len(array) < 2:
        raise ValueError(f"values must be at least 2, got {len(array)}: one number has no spread")
    error = array.std(ddof=1) / np.sqrt(len(array))
    return float(array.mean()), float(t.ppf(0.975, len(array) - 1) * error)


def _alone() -> None:
    """One thread a process: more would only wait for each other."""
    import torch

    torch.set_num_threads(1)
