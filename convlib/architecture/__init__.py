"""Pictures of networks: a model's layers in one column, with their shapes, their weights and their work.

:func:`stages` counts, :func:`diagram` draws what it counted, :func:`words` says it.
"""

from convlib.architecture.drawing import diagram
from convlib.architecture.records import Stage, stages, words

__all__ = ["Stage", "diagram", "stages", "words"]
