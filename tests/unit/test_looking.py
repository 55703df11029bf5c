"""What a network looks at: each map against a plain computation, in place or not; the model stays as it was."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from convlib.looking import fast_gradient_sign, grad_cam, hidden, occlusion, saliency

SEEDS = st.integers(0, 2**32 - 1)
ASKED = {
    "occlusion": lambda model, layer, x: occlusion(model, x, 1, size=3, step=2, fill=0.0),
    "saliency": lambda model, layer, x: saliency(model, x, 1),
    "grad_cam": lambda model, layer, x: grad_cam(model, layer, x, 1),
    "fast_gradient_sign": lambda model, layer, x: fast_gradient_sign(model, x, 1, 0.1),
}


class Residual(nn.Module):
    """A block that ends as torchvision's do: added in place, and an in-place ReLU that is called twice."""

    def __init__(self, maps: int, inplace: bool) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(maps, maps, 3, padding=1), nn.Conv2d(maps, maps, 3, padding=1)
        self.relu, self.inplace = nn.ReLU(inplace=inplace), inplace

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        residual = self.conv2(self.relu(self.conv1(x)))
        if self.inplace:
            residual += x
            return self.relu(residual)
        return self.relu(residual + x)


def network(seed: int, *, inplace: bool = False) -> nn.Sequential:
    """With negative maps, residual blocks and a head that is not linear; the same weights, in place or not."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1),
        nn.ReLU(inplace=inplace),
        nn.MaxPool2d(2),
        Residual(4, inplace),
        Residual(4, inplace),
        nn.Conv2d(4, 5, 3, padding=1),
        nn.BatchNorm2d(5),
        nn.ReLU(inplace=inplace),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(5 * 4 * 5, 6),
        nn.Tanh(),
        nn.Linear(6, 3),
    ).double()


def image(seed: int) -> torch.Tensor:
    return torch.rand(3, 8, 10, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def plain_grad_cam(model: nn.Sequential, until: int, x: torch.Tensor, target: int) -> torch.Tensor:
    """By the paper's equations, of a model that does nothing in place, cut behind the layer."""
    maps = model[: until + 1](x[None]).detach().requires_grad_()
    (gradient,) = torch.autograd.grad(model[until + 1 :](maps)[0, target], maps)
    total = torch.zeros(maps.shape[2:], dtype=torch.float64)
    for k in range(maps.shape[1]):
        total += gradient[0, k].sum() / gradient[0, k].numel() * maps[0, k].detach()
    return total.clamp(min=0)


@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("until", range(9))
@settings(max_examples=8, deadline=None)
@given(seed=SEEDS, target=st.integers(0, 2))
def test_grad_cam(until, frozen, inplace, seed, target):
    """At every layer: before an in-place one, that layer itself, a residual block, the block behind it."""
    model, x = network(seed, inplace=inplace).requires_grad_(not frozen), image(seed)
    found = grad_cam(model, model[until], x, target)
    torch.testing.assert_close(found, plain_grad_cam(network(seed).eval(), until, x, target))


def test_grad_cam_can_be_zero_or_not():
    """So the test above compares more than zeros."""
    found = [plain_grad_cam(network(seed).eval(), 5, image(seed), 0).max() > 0 for seed in range(20)]
    assert sum(found) > 10


@pytest.mark.parametrize("inplace", [False, True])
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_grad_cam_inside_a_block(inplace, seed):
    """The last convolution of a block: what it is added to, and the ReLU, lie behind it."""
    model, x = network(seed, inplace=inplace), image(seed)
    plain = network(seed).eval()
    block, inner = plain[4], plain[:4](x[None])
    maps = block.conv2(block.relu(block.conv1(inner))).detach().requires_grad_()
    (gradient,) = torch.autograd.grad(plain[5:](F.relu(maps + inner))[0, 2], maps)
    expected = (gradient.mean((2, 3), keepdim=True) * maps).sum(1).relu()[0].detach()
    torch.testing.assert_close(grad_cam(model, model[4].conv2, x, 2), expected)


def test_grad_cam_of_a_layer_called_twice():
    """The last call counts: the block's end, as if the block were asked."""
    model, x = network(3, inplace=True), image(3)
    assert torch.equal(grad_cam(model, model[4].relu, x, 0), grad_cam(model, model[4], x, 0))


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, target=st.integers(0, 3))
def test_grad_cam_is_cam(seed, target):
    """With a mean and a linear layer behind the maps: the maps weighted by the linear layer's row, but for H·W."""
    torch.manual_seed(seed)
    body = nn.Sequential(nn.Conv2d(3, 6, 3), nn.Tanh())
    model = nn.Sequential(*body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4)).double()
    x = image(seed)
    maps, weight = body(x[None])[0], model[4].weight[target]
    cam = torch.einsum("k,kij->ij", weight, maps).detach()
    found = grad_cam(model, model[1], x, target)
    torch.testing.assert_close(found * maps[0].numel(), cam.relu())
    score = cam.mean() + model[4].bias[target].detach()
    torch.testing.assert_close(model(x[None])[0, target].detach(), score)


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, target=st.integers(0, 2))
def test_saliency(seed, target):
    """Against difference quotients of the score, pixel by pixel and channel by channel."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Tanh(), nn.Flatten(), nn.Linear(4 * 6 * 8, 3)).double()
    x, small = image(seed), 1e-6
    steps = small * torch.eye(x.numel(), dtype=torch.float64).reshape(-1, *x.shape)
    quotients = (model(x + steps) - model(x - steps))[:, target] / (2 * small)
    expected = quotients.reshape(x.shape).abs().amax(0)
    torch.testing.assert_close(saliency(model, x, target), expected.detach(), rtol=1e-5, atol=1e-8)


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, size=st.integers(1, 8), step=st.integers(1, 4), target=st.integers(0, 2))
def test_occlusion(seed, size, step, target):
    """One covered picture at a time; every place that the square can take, a step apart."""
    model, x = network(seed, inplace=True), image(seed)
    fill = (0.2, 0.4, 0.9)
    found = occlusion(model, x, target, size=size, step=step, fill=fill)
    assert found.shape == ((8 - size) // step + 1, (10 - size) // step + 1)
    model.eval()
    for (i, j), lost in zip(torch.cartesian_prod(*map(torch.arange, found.shape)), found.flatten(), strict=True):
        covered = x.clone()
        for channel, value in enumerate(fill):
            covered[channel, i * step : i * step + size, j * step : j * step + size] = value
        expected = model(x[None].clone())[0, target] - model(covered[None])[0, target]
        assert lost.item() == pytest.approx(expected.item(), abs=1e-12)


@given(seed=SEEDS, size=st.integers(1, 8), data=st.data())
def test_hidden(seed, size, data):
    """A square and no more is covered; the picture itself is not touched."""
    row, column = data.draw(st.integers(0, 8 - size)), data.draw(st.integers(0, 10 - size))
    x = image(seed)
    found = hidden(x, row, column, size, -1.0)
    assert torch.equal(x, image(seed))
    covered = found != x
    assert covered.sum() == 3 * size**2
    assert covered[:, row : row + size, column : column + size].all()
    assert set(found[covered].tolist()) == {-1.0}


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, label=st.integers(0, 2), epsilon=st.floats(0, 0.3))
def test_fast_gradient_sign(seed, label, epsilon):
    """A step by ε along the sign of the loss's gradient, cut at 0 and 1."""
    model, x = network(seed, inplace=True), image(seed)
    y = x[None].clone().requires_grad_()
    loss = F.cross_entropy(network(seed).eval()(y), torch.tensor([label]))
    (gradient,) = torch.autograd.grad(loss, y)
    found = fast_gradient_sign(model, x, label, epsilon)
    torch.testing.assert_close(found, (x + epsilon * gradient[0].sign()).clamp(0, 1), rtol=0, atol=1e-15)


def test_fast_gradient_sign_of_a_linear_model():
    """Of all changes of that size it costs most: the loss grows, and no other signs make it grow more."""
    torch.manual_seed(0)
    model, x = nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), torch.full((1, 2, 2), 0.5)

    def loss(pictures: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(model(pictures), torch.ones(len(pictures), dtype=int), reduction="none")

    signs = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0])] * 4).reshape(16, 1, 2, 2)
    found = fast_gradient_sign(model, x, 1, 0.1)
    assert loss(found[None]).item() == pytest.approx(loss(x + 0.1 * signs).max().item())
    assert loss(found[None]) > loss(x[None])


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("grad", [True, False])
def test_the_model_stays_as_it_was(name, grad):
    """Modes, one frozen layer's too, gradients, statistics, hooks, picture; the same where gradients are turned off."""
    model, x = network(1, inplace=True), image(1)
    model.train()
    model[6].eval()
    model(x.repeat(2, 1, 1, 1)).sum().backward()
    modes = [module.training for module in model.modules()]
    gradients = [weight.grad.clone() for weight in model.parameters()]
    state = {key: value.clone() for key, value in model.state_dict().items()}
    with torch.set_grad_enabled(grad):
        found = ASKED[name](model, model[5], x)
    assert not found.requires_grad
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(weight.grad, old) for weight, old in zip(model.parameters(), gradients, strict=True))
    assert all(torch.equal(value, state[key]) for key, value in model.state_dict().items())
    assert not any(module._forward_hooks for module in model.modules())
    assert torch.equal(x, image(1))
    assert x.grad is None


@pytest.mark.parametrize("name", ASKED)
def test_the_picture_of_a_model_that_begins_in_place(name):
    """It is not written to."""
    torch.manual_seed(0)
    model, x = nn.Sequential(nn.Hardtanh(0.3, 0.6, inplace=True), network(0)), image(1)
    ASKED[name](model, model[1][5], x)
    assert torch.equal(x, image(1))


class Failing(nn.Module):
    """Behind the layer that is looked at, it fails."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise ArithmeticError("on purpose")


@pytest.mark.parametrize("name", ASKED)
def test_after_an_error(name):
    """No hook stays, and the modes are as they were."""
    model = nn.Sequential(nn.Conv2d(3, 3, 3), Failing()).double().train()
    with pytest.raises(ArithmeticError, match="on purpose"):
        ASKED[name](model, model[0], image(0))
    assert all(module.training for module in model.modules())
    assert not model[0]._forward_hooks


class Beside(nn.Module):
    """A layer that is never called, one whose maps nobody uses, one that gives two things."""

    def __init__(self) -> None:
        super().__init__()
        self.never, self.unused, self.two = nn.Conv2d(3, 2, 1), nn.Conv2d(3, 2, 1), nn.MaxPool2d(2, return_indices=True)
        self.linear = nn.Linear(3, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.unused(x)
        self.two(x)
        return self.linear(x.mean((2, 3)))


MODEL = Beside()
PICTURE = torch.full((3, 6, 8), 0.5)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: hidden([1.0], 0, 0, 1, 0.0), TypeError, "picture must be a torch.Tensor, got list"),
        (lambda: hidden(PICTURE.int(), 0, 0, 1, 0.0), TypeError, "picture must hold floating-point numbers, got torch"),
        (lambda: hidden(PICTURE[0], 0, 0, 1, 0.0), ValueError, r"picture must have shape .*, got \(6, 8\)"),
        (lambda: hidden(PICTURE, -1, 0, 1, 0.0), ValueError, "row must be at least 0, got -1"),
        (lambda: hidden(PICTURE, 4, 0, 3, 0.0), ValueError, "row must be at most 3 for a square of 3 × 3, got 4"),
        (lambda: hidden(PICTURE, 0, 6, 3, 0.0), ValueError, "column must be at most 5 .*, got 6"),
        (lambda: hidden(PICTURE, 0, 0, 7, 0.0), ValueError, "size must be at most 6 for 6 × 8 pixels, got 7"),
        (lambda: hidden(PICTURE, 0, 0, 2.0, 0.0), TypeError, r"size must be a whole number, got 2\.0"),
        (lambda: hidden(PICTURE, 0, 0, 1, [0.0, 1.0]), ValueError, r"fill must be one number or .* 3 channels, got"),
        (lambda: hidden(PICTURE, 0, 0, 1, float("nan")), ValueError, "fill must be finite, got nan"),
        (
            lambda: occlusion(MODEL, PICTURE, 0, size=2, step=0, fill=0.0),
            ValueError,
            "step must be at least 1, got 0",
        ),
        (
            lambda: occlusion(MODEL, PICTURE, 2, size=2, step=1, fill=0.0),
            ValueError,
            "target must be less than the number of classes, 2, got 2",
        ),
        (lambda: saliency(len, PICTURE, 0), TypeError, "model must be a torch.nn.Module, got builtin_function"),
        (lambda: saliency(MODEL, PICTURE, "disc"), TypeError, "target must be a whole number, got 'disc'"),
        (lambda: saliency(MODEL, PICTURE, -1), ValueError, "target must be at least 0, got -1"),
        (
            lambda: saliency(MODEL.never, PICTURE, 0),
            ValueError,
            r"model must give scores of shape \(N, classes\), got shape \(1, 2, 6, 8\)",
        ),
        (lambda: saliency(MODEL.two, PICTURE, 0), ValueError, r"model must give scores .*, got tuple"),
        (lambda: grad_cam(MODEL, "never", PICTURE, 0), TypeError, "layer must be a torch.nn.Module, got str"),
        (lambda: grad_cam(MODEL, nn.ReLU(), PICTURE, 0), ValueError, "layer must be a module of the model, but this"),
        (lambda: grad_cam(MODEL, MODEL.never, PICTURE, 0), ValueError, "layer must be called when the model is"),
        (lambda: grad_cam(MODEL, MODEL.unused, PICTURE, 0), ValueError, "layer must be one that the scores depend on"),
        (
            lambda: grad_cam(MODEL, MODEL.linear, PICTURE, 0),
            ValueError,
            r"layer must give maps of shape .*, got shape \(1, 2\)",
        ),
        (lambda: grad_cam(MODEL, MODEL.two, PICTURE, 0), ValueError, "layer must give maps of shape .*, got tuple"),
        (lambda: fast_gradient_sign(MODEL, 2 * PICTURE + 1, 0, 0.1), ValueError, "pixels from 0 to 1, got some from 2"),
        (lambda: fast_gradient_sign(MODEL, PICTURE, 5, 0.1), ValueError, "label must be less than .*, 2, got 5"),
        (lambda: fast_gradient_sign(MODEL, PICTURE, 0, 8), ValueError, "epsilon must be between 0 and 1, got 8"),
        (lambda: fast_gradient_sign(MODEL, PICTURE, 0, "1"), TypeError, "epsilon must be a real number, got '1'"),
    ],
)
def test_bad_input(call, error, message):
    """The error names the argument, what was given and what is allowed."""
    with pytest.raises(error, match=message):
        call()
    assert not any(module._forward_hooks for module in MODEL.modules())
    assert MODEL.training
