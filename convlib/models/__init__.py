"""The networks of the case studies in PyTorch, as their papers built them and as people write them today."""

from convlib.models.lenet import LeNet5, LeNet5Original

__all__ = ["LeNet5", "LeNet5Original"]
