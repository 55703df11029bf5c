"""Train a network, and watch it: a loop that can be read in a minute.

Examples
--------
>>> import torch
>>> from torch import nn
>>> from convlib import data, train
>>> _ = torch.manual_seed(0)
>>> network = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
>>> history = train.fit(network, data.digits(), epochs=3, rate=0.1)
>>> history.epochs[-1].test_accuracy > 85
True
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import torch
from torch import nn
from torch.nn.functional import affine_grid, cross_entropy, grid_sample
from tqdm import tqdm

from convlib._validate import finite_number, integer
from convlib.data import Split

Augment = Callable[[torch.Tensor, torch.Generator], torch.Tensor]
Criterion = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


class Epoch(NamedTuple):
    """What a network has reached when it has seen all pictures once more: mean losses, and per cent named right."""

    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float


@dataclass
class History:
    """What a run has seen."""

    losses: list[float] = field(default_factory=list)  #: of each step's batch, before the step
    epochs: list[Epoch] = field(default_factory=list)  #: before the first step, and after each epoch


class DivergedError(ArithmeticError):
    """The loss is infinite or not a number; ``history`` holds what there was before."""

    def __init__(self, history: History, rate: float) -> None:
        self.history = history
        last = ", ".join(f"{loss:.3g}" for loss in history.losses[-3:]) or "none"
        super().__init__(
            f"the loss is not a number at step {len(history.losses)}: a rate of {rate:g} is probably too large, "
            f"or the pictures hold NaN; the losses before: {last}"
        )


def fit(
    network: nn.Module,
    split: Split,
    *,
    epochs: int = 10,
    batch: int = 32,
    rate: float = 0.05,
    momentum: float = 0.9,
    weight_decay: float = 0.0,
    optimizer: torch.optim.Optimizer | None = None,
    criterion: Criterion = cross_entropy,
    augment: Augment | None = None,
    seed: int = 0,
    device: str | torch.device | None = None,
    watch: Callable[[int], None] | None = None,
) -> History:
    """Teach a network the classes of pictures, by gradient descent on the loss of random batches.

    On a terminal and in a notebook a bar shows how far it is; the environment variable ``TQDM_DISABLE=1`` hides it.

    Parameters
    ----------
    network : torch.nn.Module
        Makes scores, (N, classes), of pictures, (N, C, H, W).  It is trained in place, and moved to the device.
    split : Split
        Pictures to learn from and others to test with.
    epochs, batch : int
        How often all pictures are seen; how many at a step.
    rate, momentum, weight_decay : float
        Of :class:`torch.optim.SGD`.
    optimizer : torch.optim.Optimizer, optional
        Another one, over the network's parameters; the three numbers are then without meaning.
    criterion : callable
        The loss, a mean, of the scores of some pictures and the numbers of their classes.
    augment : callable, optional
        Changes a batch before it is learned from, with the generator that it is given: :func:`random_affine`.
    seed : int
        Of the order of the pictures, of ``augment`` and of dropout.  The weights are drawn where the network is made.
    device : str or torch.device, optional
        Where to compute; by default on a graphics card if there is one.
    watch : callable, optional
        Called before each step with its number, from 0, when the gradients are there.

    Returns
    -------
    History

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if a number is none or out of range.
    DivergedError
        If the loss is infinite or not a number.
    """
    integer("epochs", epochs, low=0)
    integer("batch", batch, low=1)
    device = torch.device(device) if device is not None else best_device()
    x, y, x_test, y_test = (torch.as_tensor(part).to(device) for part in split)
    network.to(device)
    if optimizer is None:
        rate = finite_number("rate", rate, low=0)
        optimizer = torch.optim.SGD(network.parameters(), rate, momentum, weight_decay=weight_decay)
    generator = torch.Generator().manual_seed(integer("seed", seed, low=0))
    history = History()

    def look() -> None:
        ask = partial(evaluate, network, criterion=criterion)
        history.epochs.append(Epoch(*ask(x, y), *ask(x_test, y_test)))

    with torch.random.fork_rng(), tqdm(total=epochs * -(-len(x) // batch), leave=False, unit="step") as bar:
        torch.manual_seed(seed)  # of dropout
        look()
        for _ in range(epochs):
            network.train()
            for chosen in torch.randperm(len(x), generator=generator).split(batch):
                pictures = x[chosen] if augment is None else augment(x[chosen], generator)
                loss = criterion(network(pictures), y[chosen])
                if not loss.isfinite():
                    raise DivergedError(history, optimizer.param_groups[0]["lr"])
                optimizer.zero_grad()
                loss.backward()
                if watch is not None:
                    watch(len(history.losses))
                optimizer.step()
                history.losses.append(loss.item())
                bar.update()
            look()
    return history


@torch.no_grad()
def evaluate(
    network: nn.Module, x: torch.Tensor, y: torch.Tensor, batch: int = 500, *, criterion: Criterion = cross_entropy
) -> tuple[float, float]:
    """How a network does: the mean loss, and per cent of the pictures that are named right.

    The network computes in evaluation mode, and is left in the mode that it was in.

    Parameters
    ----------
    network : torch.nn.Module
    x : torch.Tensor, shape (N, C, H, W)
    y : torch.Tensor, shape (N,)
        Class numbers.
    batch : int
        How many pictures at once.
    criterion : callable
        The loss, as for :func:`fit`.

    Returns
    -------
    loss, accuracy : float

    Examples
    --------
    >>> evaluate(nn.Flatten(), torch.eye(4)[:, None, None], torch.tensor([0, 1, 2, 0]))[1]
    75.0
    """
    mode = network.training
    network.eval()
    loss = right = 0.0
    for pictures, names in zip(x.split(batch), y.split(batch), strict=True):
        scores = network(pictures)  # (N, classes)
        loss += len(names) * criterion(scores, names).item()
        right += (scores.argmax(1) == names).sum().item()
    network.train(mode)
    return loss / len(x), 100 * right / len(x)


def best_device() -> torch.device:
    """A graphics card that PyTorch can compute on, if there is one, otherwise the processor."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def random_affine(degrees: float = 0.0, scale: float = 0.0, shift: float = 0.0) -> Augment:
    """An augmentation: each picture is turned, enlarged or reduced, and moved a little, by random amounts.

    Each amount is drawn evenly from an interval around none; zeros come in from outside; values between pixels are
    interpolated linearly.

    Parameters
    ----------
    degrees : float
        The greatest turn, either way.
    scale : float
        0.1: between 90 and 110 per cent.
    shift : float
        The greatest shift along each axis, in pixels.

    Returns
    -------
    callable
        Of pictures (N, C, H, W) and a :class:`torch.Generator`; returns new pictures of the same shape.

    Raises
    ------
    TypeError, ValueError
        If an amount is not a number of at least 0 (``scale``: below 1).

    Examples
    --------
    >>> augment = random_affine(shift=1)
    >>> augment(torch.ones(5, 1, 8, 8), torch.Generator().manual_seed(0)).shape
    torch.Size([5, 1, 8, 8])
    """
    for name, amount in (("degrees", degrees), ("scale", scale), ("shift", shift)):
        finite_number(name, amount, low=0, high=0.99 if name == "scale" else 360.0)

    def augment(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        turn, size, down, right = 2 * torch.rand(4, len(x), generator=generator) - 1  # from -1 to 1
        turn, size = torch.deg2rad(degrees * turn), 1 / (1 + scale * size)
        cos, sin = turn.cos() * size, turn.sin() * size
        rows, columns = x.shape[-2:]  # affine_grid measures each axis from -1 to 1
        across, along = columns / 2, rows / 2
        matrix = torch.stack(
            [cos, -sin * along / across, shift * right / across, sin * across / along, cos, shift * down / along], 1
        )
        grid = affine_grid(matrix.reshape(-1, 2, 3).to(x), x.shape, align_corners=False)  # (N, H, W, 2)
        return grid_sample(x, grid, align_corners=False)

    return augment
