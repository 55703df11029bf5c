"""The training loop: each step is the one written out here; seeds, modes, errors; augmentations against SciPy."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import nn
from torch.nn.functional import cross_entropy

from convlib import data, train

RNG = np.random.default_rng(7)
FEW = data.Split(
    RNG.normal(size=(50, 1, 4, 4)).astype(np.float32),
    RNG.integers(0, 3, 50),
    RNG.normal(size=(20, 1, 4, 4)).astype(np.float32),
    RNG.integers(0, 3, 20),
)


def network(*, dropout: float = 0.0, norm: bool = False) -> nn.Module:
    torch.manual_seed(3)
    layers = [nn.Conv2d(1, 4, 3), *([nn.BatchNorm2d(4)] if norm else []), nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(16, 3))


def test_each_step():
    """The same losses as by hand: v = momentum · v + gradient, weights less rate · v, batches of one permutation."""
    ours, theirs = network(), network()
    history = train.fit(ours, FEW, epochs=2, batch=16, rate=0.1, momentum=0.5, seed=4, device="cpu")
    generator, losses = torch.Generator().manual_seed(4), []
    velocities = [torch.zeros_like(weight) for weight in theirs.parameters()]
    for _ in range(2):
        for chosen in torch.randperm(50, generator=generator).split(16):
            loss = cross_entropy(theirs(torch.tensor(FEW.x_train)[chosen]), torch.tensor(FEW.y_train)[chosen])
            theirs.zero_grad()
            loss.backward()
            losses.append(loss.item())
            with torch.no_grad():
                for weight, velocity in zip(theirs.parameters(), velocities, strict=True):
                    velocity.mul_(0.5).add_(weight.grad)
                    weight.sub_(0.1 * velocity)
    assert len(losses) == 2 * 4  # the last batch of each epoch has two pictures
    np.testing.assert_allclose(history.losses, losses, rtol=1e-5)
    assert len(history.epochs) == 3
    assert history.epochs[0].train_loss > history.epochs[-1].train_loss


def test_seeds():
    """With one seed twice the same, dropout included, whatever was drawn before; with another, other batches."""
    found = []
    for seed, drawn in ((0, 0), (0, 5), (1, 0)):
        torch.manual_seed(drawn)
        found.append(train.fit(network(dropout=0.5), FEW, epochs=1, seed=seed, device="cpu").losses)
    assert found[0] == found[1]
    assert found[0] != found[2]
    torch.manual_seed(8)
    expected = torch.rand(3)
    torch.manual_seed(8)
    train.fit(nn.Sequential(nn.Flatten(), _linear(), nn.Dropout(0.5)), FEW)
    assert torch.equal(torch.rand(3), expected), "the loop uses up other people's random numbers"


def _linear() -> nn.Linear:
    with torch.random.fork_rng():
        return nn.Linear(16, 3)


def test_a_network_is_judged_as_it_is():
    """Mean over all pictures, also where the last batch is smaller; dropout off; the mode is left as it was."""
    judged = network(dropout=0.5, norm=True)
    x, y = torch.tensor(FEW.x_train), torch.tensor(FEW.y_train)
    judged(x)  # running means that are not those of the start
    loss, accuracy = train.evaluate(judged, x, y, batch=16)
    assert judged.training
    judged.eval()
    scores = judged(x)
    assert loss == pytest.approx(cross_entropy(scores, y).item(), rel=1e-5)
    assert accuracy == pytest.approx(100 * (scores.argmax(1) == y).double().mean().item())
    train.evaluate(judged, x, y)
    assert not judged.training


def test_an_optimizer_and_an_eye():
    """Another optimizer is used; who watches sees the gradients before the step, and every step."""
    watched, seen = network(), []
    before = [weight.clone() for weight in watched.parameters()]

    def watch(step: int) -> None:
        first = next(watched.parameters())
        seen.append((step, first.grad is not None and bool(first.grad.any()), torch.equal(first, before[0])))

    adam = torch.optim.Adam(watched.parameters(), lr=0.01)
    history = train.fit(watched, FEW, epochs=2, batch=25, optimizer=adam, watch=watch, device="cpu")
    assert [step for step, _, _ in seen] == [0, 1, 2, 3]
    assert all(graded for _, graded, _ in seen)
    assert seen[0][2]
    assert not seen[1][2]
    assert adam.state[next(watched.parameters())]["step"] == len(history.losses) == 4


def test_a_loss_that_is_no_number():
    """Says at which step and what may be the reason, and keeps what there was before."""
    with pytest.raises(
        train.DivergedError, match=r"not a number at step \d+: a rate of 1e\+20 is probably too"
    ) as told:
        train.fit(network(), FEW, epochs=50, rate=1e20, device="cpu")
    assert told.value.history.losses[0] == pytest.approx(np.log(3), rel=0.5)
    spoilt = FEW._replace(x_train=FEW.x_train * np.nan)
    with pytest.raises(train.DivergedError, match=r"at step 0: .* or the pictures hold NaN; the losses before: none"):
        train.fit(network(), spoilt, device="cpu")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"epochs": -1}, ValueError, "epochs must be at least 0, got -1"),
        ({"epochs": 1.5}, TypeError, "epochs must be a whole number"),
        ({"batch": 0}, ValueError, "batch must be at least 1, got 0"),
        ({"rate": -0.1}, ValueError, "rate must be"),
        ({"rate": "fast"}, TypeError, "rate must be"),
        ({"seed": -1}, ValueError, "seed must be"),
    ],
)
def test_impossible_settings(options, error, message):
    """Named, with what was given."""
    with pytest.raises(error, match=message):
        train.fit(network(), FEW, **options)


@pytest.mark.parametrize("shape", [(9, 9), (8, 13)])
def test_random_affine(shape):
    """What SciPy makes of the same turn, size and shift, to single precision, away from the border; bounds are kept."""
    x = torch.tensor(ndimage.gaussian_filter(RNG.normal(size=shape), 1))[None, None].float()
    augment = train.random_affine(degrees=20, scale=0.2, shift=1.5)
    draws = 2 * torch.rand(4, 1, generator=torch.Generator().manual_seed(5)) - 1
    turn, size, down, right = draws[:, 0].tolist()
    found = augment(x, torch.Generator().manual_seed(5))[0, 0].numpy()
    angle, size = np.deg2rad(20 * turn), 1 / (1 + 0.2 * size)
    matrix = size * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])  # rows, columns
    middle = (np.array(shape) - 1) / 2
    offset = middle - matrix @ middle + 1.5 * np.array([down, right])
    expected = ndimage.affine_transform(x[0, 0].numpy(), matrix, offset, order=1, mode="grid-constant")
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_affine_bounds():
    """Nothing asked for, nothing done; of many shifts by up to one pixel none is larger, and they fill the interval."""
    x = torch.rand(6, 2, 7, 7)
    torch.testing.assert_close(train.random_affine()(x, torch.Generator()), x)
    dot = torch.zeros(500, 1, 9, 9)
    dot[:, :, 4, 4] = 1
    moved = train.random_affine(shift=1)(dot, torch.Generator().manual_seed(0))[:, 0]
    places = torch.arange(9.0)
    for axis in (1, 2):
        middle = (moved.sum(axis) * places).sum(1) / moved.sum((1, 2))
        assert 4 - 1.001 <= middle.min() < 3.1
        assert 4.9 < middle.max() <= 5.001
    for options in ({"degrees": -1}, {"scale": 1.0}, {"shift": float("nan")}):
        with pytest.raises(ValueError, match=f"{next(iter(options))} must be"):
            train.random_affine(**options)


@pytest.mark.parametrize("quiet", ["", "1"])
def test_a_bar_unless_it_is_not_wanted(quiet):
    """TQDM_DISABLE, which the book's build sets, hides it; otherwise it counts steps."""
    code = "from tests.unit.test_train import *; train.fit(network(), FEW, epochs=2, device='cpu')"
    environment = {**os.environ, "TQDM_DISABLE": quiet}
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert said.stdout == ""
    assert ("step" in said.stderr) == (not quiet), said.stderr


def test_the_device_is_chosen():
    """A graphics card where there is one; the network goes there."""
    assert train.best_device().type == ("cuda" if torch.cuda.is_available() else "cpu" if not _mps() else "mps")
    moved = network()
    train.fit(moved, FEW, epochs=0)
    assert next(moved.parameters()).device.type == train.best_device().type


def _mps() -> bool:
    return torch.backends.mps.is_available()
