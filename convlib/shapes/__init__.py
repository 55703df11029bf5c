"""Shapes: how large an output is, how far a unit sees, what a network costs.

Sizes and receptive fields of layers are whole numbers and need nothing but them; :func:`summary` and :func:`fields`
run a model of PyTorch once and look at what it does.
"""

from convlib.shapes.counts import Layer, Summary, macs, parameters, summary
from convlib.shapes.receptive import Branches, Field, closed_form, fields, receptive_field
from convlib.shapes.sizes import output_size, pooled_size, same_padding, transposed_output_size

__all__ = [
    "Branches",
    "Field",
    "Layer",
    "Summary",
    "closed_form",
    "fields",
    "macs",
    "output_size",
    "parameters",
    "pooled_size",
    "receptive_field",
    "same_padding",
    "summary",
    "transposed_output_size",
]
