"""The networks of the case studies in PyTorch, as their papers built them and as people write them today.

Each module holds both: LeNet-5 of 1998 in :mod:`~convlib.models.lenet`, AlexNet of 2012 in
:mod:`~convlib.models.alexnet`, VGG of 2014 in :mod:`~convlib.models.vgg`; what has been trained elsewhere comes by
:mod:`~convlib.models.weights`.
"""

from convlib.models.alexnet import AlexNet, AlexNetOriginal
from convlib.models.lenet import LeNet5, LeNet5Original
from convlib.models.vgg import VGG
from convlib.models.weights import load_torchvision_weights, pretrained

__all__ = [
    "VGG",
    "AlexNet",
    "AlexNetOriginal",
    "LeNet5",
    "LeNet5Original",
    "load_torchvision_weights",
    "pretrained",
]
