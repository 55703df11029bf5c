"""Weights that others have trained: torchvision's, which are published one file for each network.

They were trained on ImageNet's 1,000 classes.  Of the pictures of its validation set AlexNet names 56.5 per cent right
at the first guess, VGG-16 71.6 and VGG-19 72.4, with batch normalisation 73.4 and 74.2.  Each file lies on PyTorch's
server, and its name bears the first eight digits of its SHA-256 checksum; the whole of it is what several public
projects have found, each for itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import torch
from torch import nn

from convlib._validate import one_of
from convlib.data.downloads import Source, fetch
from convlib.models.alexnet import AlexNet
from convlib.models.vgg import VGG

#: What is subtracted from the red, green and blue of a picture, from 0 to 1, for torchvision's networks.
IMAGENET_MEAN = (0.485, 0.456, 0.406)

#: What the difference is then divided by.
IMAGENET_STD = (0.229, 0.224, 0.225)


class Published(NamedTuple):
    """A network with published weights: what builds it, and where they lie, in one file."""

    build: Callable[[], nn.Module]
    source: Source


def _source(name: str, build: str, file: str, checksum: str) -> Source:
    """One file on PyTorch's server, and what to build where it cannot be had."""
    instead = f"without a network there is {build}, with random weights"
    return Source(name, ["https://download.pytorch.org/models"], {file: checksum}, instead)


def _vgg(name: str, structure: str, batch_norm: bool, file: str, checksum: str) -> Published:
    """A VGG of a file."""
    build = f"VGG({structure!r}, batch_norm={batch_norm})"
    return Published(partial(VGG, structure, batch_norm=batch_norm), _source(name, build, file, checksum))


#: The networks that :func:`pretrained` knows.
PUBLISHED = {
    "alexnet": Published(
        AlexNet,
        _source(
            *("AlexNet", "AlexNet()", "alexnet-owt-7be5be79.pth"),
            "7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02",
        ),
    ),
    "vgg16": _vgg(
        *("VGG-16", "D", False, "vgg16-397923af.pth"),
        "397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
    ),
    "vgg16_bn": _vgg(
        *("VGG-16 BN", "D", True, "vgg16_bn-6c64b313.pth"),
        "6c64b3138f2f4fcb3bcc4cafde11619c4f440eb1631787e93a682fd88305888a",
    ),
    "vgg19": _vgg(
        *("VGG-19", "E", False, "vgg19-dcbb9e9d.pth"),
        "dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",
    ),
    "vgg19_bn": _vgg(
        *("VGG-19 BN", "E", True, "vgg19_bn-c79401a0.pth"),
        "c79401a0cf3cb42714e4182f5868c7a6f4f4534f5df9e956e2bb2098de41cbb6",
    ),
}


def pretrained(name: str, folder: str | os.PathLike[str] | None = None) -> nn.Module:
    """A network with the weights that torchvision publishes, downloaded once: AlexNet's have 244 MB, VGG's over 550.

    It expects colour pictures from 0 to 1, minus :data:`IMAGENET_MEAN`, divided by :data:`IMAGENET_STD`, for each
    channel.

    Parameters
    ----------
    name : str
        ``"alexnet"``, ``"vgg16"``, ``"vgg16_bn"``, ``"vgg19"`` or ``"vgg19_bn"``: VGG's networks D and E, and the same
        with batch normalisation.
    folder : str or path, optional
        Where downloads are kept; see :func:`convlib.data.downloads.fetch`.  A file that lies there already, in
        a folder of the source's name, as ``AlexNet`` or ``VGG-16``, is not fetched again.

    Returns
    -------
    torch.nn.Module
        In evaluation mode.

    Raises
    ------
    TypeError, ValueError
        If ``name`` is none of these, or ``folder`` neither a string nor a path.
    DownloadError
        If there is no network, or the file cannot be had or kept; the message says which.

    Examples
    --------
    ``alexnet = pretrained("alexnet")`` is all there is to it.  The file's name begins its own checksum:

    >>> PUBLISHED["alexnet"].source.files
    {'alexnet-owt-7be5be79.pth': '7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02'}
    """
    build, source = PUBLISHED[one_of("name", name, PUBLISHED)]
    (path,) = fetch(source, folder)
    state_dict = torch.load(path, map_location="cpu", weights_only=True)  # numbers only: no code of the file is run
    return load_torchvision_weights(build(), state_dict).eval()


def load_torchvision_weights(model: nn.Module, state_dict: Mapping[str, torch.Tensor]) -> nn.Module:
    """Give a network the weights of a state dict, or say all that does not fit, and leave it as it was.

    The networks of :mod:`convlib.models` name their modules as torchvision does.  Counts of batches, which older files
    lack, may be missing.

    Parameters
    ----------
    model : torch.nn.Module
        Changed in place.
    state_dict : mapping of str to torch.Tensor
        As ``model.state_dict()`` of torchvision's network gives it, or :func:`torch.load`.

    Returns
    -------
    torch.nn.Module
        The model.

    Raises
    ------
    TypeError
        If ``state_dict`` is not a mapping of names to tensors, or ``model`` not a module.
    ValueError
        If there are names too few or too many, or shapes that differ; the message names every one.

    Examples
    --------
    >>> layer = nn.Linear(3, 2)
    >>> load_torchvision_weights(layer, {"weight": torch.ones(3, 2), "bais": torch.ones(2)})
    Traceback (most recent call last):
    ...
    ValueError: state_dict does not fit Linear: bias is missing; bais is not of the model; weight must have shape \
(2, 3), got (3, 2)
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch.nn.Module, got {type(model).__name__}")
    if not isinstance(state_dict, Mapping):
        raise TypeError(f"state_dict must be a mapping of names to tensors, got {type(state_dict).__name__}")
    for key, value in state_dict.items():
        if not isinstance(value, torch.Tensor):
            raise TypeError(f"state_dict[{key!r}] must be a tensor, got {type(value).__name__}")
    if wrong := _mismatches(model.state_dict(), state_dict):
        raise ValueError(f"state_dict does not fit {type(model).__name__}: {'; '.join(wrong)}")
    model.load_state_dict(state_dict, strict=False)  # what may be missing is known
    return model


def _mismatches(own: Mapping[str, torch.Tensor], given: Mapping[str, torch.Tensor]) -> list[str]:
    """What is missing, what is too much, and what has another shape, each in a few words."""
    wrong = [f"{key} is missing" for key in own if key not in given and not key.endswith("num_batches_tracked")]
    wrong += [f"{key} is not of the model" for key in given if key not in own]
    return wrong + [
        f"{key} must have shape {tuple(own[key].shape)}, got {tuple(given[key].shape)}"
        for key in own
        if key in given and own[key].shape != given[key].shape
    ]
