"""The networks of the case studies in PyTorch, as their papers built them and as people write them today.

Each module holds both: LeNet-5 of 1998 in :mod:`~convlib.models.lenet`, AlexNet of 2012 in
:mod:`~convlib.models.alexnet`, ResNet of 2015 in :mod:`~convlib.models.resnet`; what has been trained elsewhere comes
by :mod:`~convlib.models.weights`.
"""

from convlib.models.alexnet import AlexNet, AlexNetOriginal
from convlib.models.lenet import LeNet5, LeNet5Original
from convlib.models.resnet import BasicBlock, Bottleneck, CifarResNet, ResNet
from convlib.models.weights import load_torchvision_weights, pretrained

__all__ = [
    "AlexNet",
    "AlexNetOriginal",
    "BasicBlock",
    "Bottleneck",
    "CifarResNet",
    "LeNet5",
    "LeNet5Original",
    "ResNet",
    "load_torchvision_weights",
    "pretrained",
]
