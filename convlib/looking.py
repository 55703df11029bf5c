"""What in a picture a network's answer comes from, and how little of it need change for another answer.

Every function asks a model in evaluation mode about one picture, and leaves model and picture as they were: modes,
parameters, gradients, hooks.  A *score* is what the model gives for a class; for most networks that is the number
before the softmax.  Where a probability is wanted, ask ``nn.Sequential(model, nn.Softmax(1))``.

Examples
--------
>>> mean_of_channels = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
>>> picture = torch.zeros(3, 4, 4)
>>> picture[1, 0, 0] = 1.0
>>> occlusion(mean_of_channels, picture, 1, size=2, step=2, fill=0.0)
tensor([[0.0625, 0.0000],
        [0.0000, 0.0000]])
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from convlib._validate import finite_number, integer

#: What covers a part of a picture: one number, or one for each channel.
Fill = float | Sequence[float]


def hidden(picture: torch.Tensor, row: int, column: int, size: int, fill: Fill) -> torch.Tensor:
    """A copy of a picture in which a square is covered.

    Parameters
    ----------
    picture : torch.Tensor, shape (C, H, W)
    row, column : int
        Of the square's upper left pixel.
    size : int
        Rows and columns of the square, which must lie inside the picture.
    fill : float or sequence of float
        What covers it; of a sequence, each channel gets its own number.

    Returns
    -------
    torch.Tensor, shape (C, H, W)

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if it is not of that kind, or the square does not lie inside.

    Examples
    --------
    >>> hidden(torch.ones(1, 3, 4), row=1, column=2, size=2, fill=0.0)
    tensor([[[1., 1., 1., 1.],
             [1., 1., 0., 0.],
             [1., 1., 0., 0.]]])
    """
    picture = _picture(picture)
    rows, columns = _places(picture, size)
    for name, place, count in (("row", row, rows), ("column", column, columns)):
        if integer(name, place, low=0) >= count:
            raise ValueError(f"{name} must be at most {count - 1} for a square of {size} × {size}, got {place}")
    copy = picture.clone()
    copy[:, row : row + size, column : column + size] = _fill(picture, fill)
    return copy


def occlusion(
    model: nn.Module, picture: torch.Tensor, target: int, *, size: int, step: int, fill: Fill
) -> torch.Tensor:
    """How much of a class's score is lost where a square of the picture is covered.

    Parameters
    ----------
    model : torch.nn.Module
        Makes scores, (N, classes), of pictures, (N, C, H, W).
    picture : torch.Tensor, shape (C, H, W)
    target : int
        Number of the class.
    size, step : int
        Rows and columns of the square; pixels from one place of it to the next.
    fill : float or sequence of float
        What covers the square, as for :func:`hidden`.  It should not be a thing that the model knows: a grey square on
        a blue ground is one.

    Returns
    -------
    torch.Tensor, shape ((H - size) // step + 1, (W - size) // step + 1)
        The score of the picture less that of the covered picture, by the place of the square; below 0 where the model
        is surer without what is covered.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if it is not of that kind, or the square is larger than the picture.

    References
    ----------
    M. D. Zeiler and R. Fergus, "Visualizing and Understanding Convolutional Networks", European Conference on Computer
    Vision (2014), section 4.2, arXiv 1311.2901.

    Examples
    --------
    >>> network = nn.Sequential(nn.Conv2d(3, 5, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    >>> occlusion(network, torch.rand(3, 32, 32), target=4, size=6, step=2, fill=0.5).shape
    torch.Size([14, 14])
    """
    picture = _picture(picture)
    rows, columns = _places(picture, size)
    integer("step", step, low=1)
    with _as_it_was(model), torch.no_grad():
        whole = _scores(model, picture[None].clone(), target)  # (1,)
        lost = []
        for row in range(0, rows, step):
            covered = [hidden(picture, row, column, size, fill) for column in range(0, columns, step)]
            lost.append(whole - _scores(model, torch.stack(covered), target))
    return torch.stack(lost)


def saliency(model: nn.Module, picture: torch.Tensor, target: int) -> torch.Tensor:
    """How fast a class's score changes with each pixel: the gradient's magnitude, the largest of the channels.

    Parameters
    ----------
    model : torch.nn.Module
        Makes scores, (N, classes), of pictures, (N, C, H, W).
    picture : torch.Tensor, shape (C, H, W)
    target : int
        Number of the class.

    Returns
    -------
    torch.Tensor, shape (H, W)

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if it is not of that kind.

    References
    ----------
    K. Simonyan, A. Vedaldi and A. Zisserman, "Deep Inside Convolutional Networks: Visualising Image Classification
    Models and Saliency Maps" (2013), section 3.1, arXiv 1312.6034.

    Examples
    --------
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2, bias=False))
    >>> _ = model[1].weight.data.copy_(torch.tensor([[1.0, -2.0, 0.0, 3.0], [0.0, 0.0, 0.0, 0.0]]))
    >>> saliency(model, torch.zeros(1, 2, 2), target=0)
    tensor([[1., 2.],
            [0., 3.]])
    """
    x = _picture(picture).detach().clone().requires_grad_()
    with _as_it_was(model), torch.enable_grad():
        score = _scores(model, x[None].clone(), target).sum()
        (gradient,) = torch.autograd.grad(score, x)
    return gradient.abs().amax(0)


def grad_cam(model: nn.Module, layer: nn.Module, picture: torch.Tensor, target: int) -> torch.Tensor:
    r"""Where a layer's maps speak for a class: their sum, each weighted by the mean gradient of the score.

    With the maps :math:`A_k` of a layer and the score :math:`y` of a class,

    .. math:: L = \operatorname{ReLU}\Bigl(\sum_k \alpha_k A_k\Bigr), \qquad
        \alpha_k = \frac1{HW} \sum_{i,j} \frac{\partial y}{\partial A_{k,ij}}.

    The ReLU is of the sum: neither the gradients nor the maps lose their sign before.

    Parameters
    ----------
    model : torch.nn.Module
        Makes scores, (N, classes), of pictures, (N, C, H, W).
    layer : torch.nn.Module
        One of its modules that gives maps, usually the last one.  If it is called several times, the last call counts.
    picture : torch.Tensor, shape (C, H, W)
    target : int
        Number of the class.

    Returns
    -------
    torch.Tensor, shape (rows, columns) of the layer's maps
        At least 0 everywhere.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if it is not of that kind; if ``layer`` is not a part of the model, gives no maps, or the
        scores do not depend on it.

    References
    ----------
    R. R. Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization",
    International Conference on Computer Vision (2017), equations 1 and 2, arXiv 1610.02391.

    Notes
    -----
    Where a mean over all places and one linear layer follow the maps, this is class activation mapping, but for the
    number of places, the constant and the ReLU: B. Zhou et al., "Learning Deep Features for Discriminative
    Localization", Conference on Computer Vision and Pattern Recognition (2016), arXiv 1512.04150.

    Examples
    --------
    >>> network = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5))
    >>> grad_cam(network, network[1], torch.rand(3, 32, 32), target=4).shape
    torch.Size([30, 30])
    """
    picture = _picture(picture)
    with _as_it_was(model), torch.enable_grad():
        with _maps_of(model, layer) as maps:
            score = _scores(model, picture[None].clone(), target).sum()
        if not maps:
            raise ValueError("layer must be called when the model is, but it is not")
        gradient = torch.autograd.grad(score, maps[-1], allow_unused=True)[0] if score.requires_grad else None
        if gradient is None:
            raise ValueError("layer must be one that the scores depend on, but they do not")
    weights = gradient.mean((2, 3), keepdim=True)  # (1, maps, 1, 1)
    return (weights * maps[-1].detach()).sum(1).relu()[0]


def fast_gradient_sign(model: nn.Module, picture: torch.Tensor, label: int, epsilon: float) -> torch.Tensor:
    r"""A picture changed by at most ε at each pixel, in the direction in which the loss grows fastest.

    :math:`x + \varepsilon \operatorname{sign} \nabla_x L`, where L is the cross-entropy of the scores and the picture's
    true class; then what is below 0 or above 1 is set to that.

    Parameters
    ----------
    model : torch.nn.Module
        Makes scores, (N, classes), of pictures, (N, C, H, W).
    picture : torch.Tensor, shape (C, H, W)
        Pixels from 0 to 1: if the model was trained on others, the conversion must be its first layer.
    label : int
        Number of the true class.
    epsilon : float
        From 0 to 1; 1/255 is one grey level.

    Returns
    -------
    torch.Tensor, shape (C, H, W)
        Pixels from 0 to 1.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if it is not of that kind.

    References
    ----------
    I. J. Goodfellow, J. Shlens and C. Szegedy, "Explaining and Harnessing Adversarial Examples", International
    Conference on Learning Representations (2015), section 4, arXiv 1412.6572.

    Examples
    --------
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(2, 2, bias=False))
    >>> _ = model[1].weight.data.copy_(torch.tensor([[1.0, -1.0], [0.0, 0.0]]))
    >>> fast_gradient_sign(model, torch.tensor([[[0.5, 0.95]]]), label=0, epsilon=0.1)
    tensor([[[0.4000, 1.0000]]])
    """
    picture = _picture(picture)
    if not ((picture >= 0) & (picture <= 1)).all():
        low, high = picture.min().item(), picture.max().item()
        raise ValueError(f"picture must hold pixels from 0 to 1, got some from {low:g} to {high:g}")
    epsilon = finite_number("epsilon", epsilon, low=0, high=1)
    x = picture.detach().clone().requires_grad_()
    with _as_it_was(model), torch.enable_grad():
        scores = _all_scores(model, x[None].clone(), "label", label)
        loss = cross_entropy(scores, torch.tensor([label], device=scores.device))
        (gradient,) = torch.autograd.grad(loss, x)
    return (x.detach() + epsilon * gradient.sign()).clamp(0, 1)


# ---- the model, asked and left as it was ----------------------------------------------------------------------------


@contextmanager
def _as_it_was(model: nn.Module) -> Iterator[None]:
    """In evaluation mode; each module goes back to the mode that it was in."""
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch.nn.Module, got {type(model).__name__}")
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes:  # one by one: a layer that is frozen in another mode stays so
            module.training = mode


@contextmanager
def _maps_of(model: nn.Module, layer: nn.Module) -> Iterator[list[torch.Tensor]]:
    """A list that gets what the layer gives at each call; the model goes on with copies.

    What is kept can neither be overwritten by an in-place layer that follows, nor does it need parameters that ask for
    gradients: it is a leaf of its own.
    """
    if not isinstance(layer, nn.Module):
        raise TypeError(f"layer must be a torch.nn.Module, got {type(layer).__name__}")
    if not any(layer is module for module in model.modules()):
        raise ValueError(f"layer must be a module of the model, but this {type(layer).__name__} is none of them")
    maps: list[torch.Tensor] = []

    def keep(_module: nn.Module, _inputs: object, output: object) -> torch.Tensor:
        if not isinstance(output, torch.Tensor) or output.dim() != 4:
            given = f"shape {tuple(output.shape)}" if isinstance(output, torch.Tensor) else type(output).__name__
            raise ValueError(f"layer must give maps of shape (N, maps, rows, columns), got {given}")
        maps.append(output.detach().clone().requires_grad_())
        return maps[-1].clone()

    hook = layer.register_forward_hook(keep)
    try:
        yield maps
    finally:
        hook.remove()


def _scores(model: nn.Module, pictures: torch.Tensor, target: int) -> torch.Tensor:
    """Of one class, (N,)."""
    return _all_scores(model, pictures, "target", target)[:, target]


def _all_scores(model: nn.Module, pictures: torch.Tensor, name: str, number: int) -> torch.Tensor:
    """Of all classes, (N, classes), among which a number of that name must be.

    The pictures must be copies: a model may begin with an in-place layer.
    """
    integer(name, number, low=0)
    scores = model(pictures)
    if not isinstance(scores, torch.Tensor) or scores.dim() != 2:
        given = f"shape {tuple(scores.shape)}" if isinstance(scores, torch.Tensor) else type(scores).__name__
        raise ValueError(f"model must give scores of shape (N, classes), got {given}")
    if number >= scores.shape[1]:
        raise ValueError(f"{name} must be less than the number of classes, {scores.shape[1]}, got {number}")
    return scores


# ---- what is given --------------------------------------------------------------------------------------------------


def _picture(picture: object) -> torch.Tensor:
    if not isinstance(picture, torch.Tensor):
        raise TypeError(f"picture must be a torch.Tensor, got {type(picture).__name__}")
    if not picture.is_floating_point():
        raise TypeError(f"picture must hold floating-point numbers, got {picture.dtype}")
    if picture.dim() != 3:
        raise ValueError(f"picture must have shape (channels, rows, columns), got {tuple(picture.shape)}")
    return picture


def _places(picture: torch.Tensor, size: int) -> tuple[int, int]:
    """How many places a square has, down and across."""
    integer("size", size, low=1)
    rows, columns = picture.shape[1:]
    if size > min(rows, columns):
        raise ValueError(f"size must be at most {min(rows, columns)} for {rows} × {columns} pixels, got {size}")
    return rows - size + 1, columns - size + 1


def _fill(picture: torch.Tensor, fill: Fill) -> torch.Tensor:
    """For each channel of the picture, as (C, 1, 1)."""
    values = torch.as_tensor(fill, dtype=picture.dtype, device=picture.device)
    if values.dim() > 1 or (values.dim() == 1 and len(values) != len(picture)):
        raise ValueError(
            f"fill must be one number or one for each of {len(picture)} channels, got shape {tuple(values.shape)}"
        )
    if not values.isfinite().all():
        raise ValueError(f"fill must be finite, got {fill}")
    return values.expand(len(picture))[:, None, None]
