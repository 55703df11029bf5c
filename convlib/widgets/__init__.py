"""The book's widgets: ordinary anywidgets in JupyterLab, alive without a kernel on the static page.

Each is imported when it is first asked for: a notebook pays for, and depends on, what it uses.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the list that editors read, and book/_ext/book_cache.py, which tells what a notebook depends on
    from convlib.widgets.answer import Answer
    from convlib.widgets.base import Widget
    from convlib.widgets.black_box import BlackBox
    from convlib.widgets.block_explorer import BlockExplorer
    from convlib.widgets.channels_explorer import ChannelsExplorer
    from convlib.widgets.conv_arithmetic import ConvArithmetic
    from convlib.widgets.convolution_explorer import ConvolutionExplorer
    from convlib.widgets.corner_cloud import CornerCloud
    from convlib.widgets.discrete_convolution import DiscreteConvolution
    from convlib.widgets.draw_a_digit import DrawADigit
    from convlib.widgets.fast_fourier import FastFourier
    from convlib.widgets.fourier_winding import FourierWinding
    from convlib.widgets.frequency_filter import FrequencyFilter
    from convlib.widgets.gradient_flow import GradientFlow
    from convlib.widgets.im2col import Im2col
    from convlib.widgets.image_kernel import ImageKernel
    from convlib.widgets.kernel_learner import KernelLearner
    from convlib.widgets.network_trainer import NetworkTrainer
    from convlib.widgets.occlusion_explorer import OcclusionExplorer
    from convlib.widgets.product_grid import ProductGrid
    from convlib.widgets.quiz import Quiz
    from convlib.widgets.receptive_field import ReceptiveField
    from convlib.widgets.repeated_convolution import RepeatedConvolution
    from convlib.widgets.sum_of_copies import SumOfCopies
    from convlib.widgets.wagon_wheel import WagonWheel

__all__ = [
    "Answer",
    "BlackBox",
    "BlockExplorer",
    "ChannelsExplorer",
    "ConvArithmetic",
    "ConvolutionExplorer",
    "CornerCloud",
    "DiscreteConvolution",
    "DrawADigit",
    "FastFourier",
    "FourierWinding",
    "FrequencyFilter",
    "GradientFlow",
    "Im2col",
    "ImageKernel",
    "KernelLearner",
    "NetworkTrainer",
    "OcclusionExplorer",
    "ProductGrid",
    "Quiz",
    "ReceptiveField",
    "RepeatedConvolution",
    "SumOfCopies",
    "WagonWheel",
    "Widget",
]


def __getattr__(name: str) -> type[Widget]:
    """A class of the module that has its name: ``FrequencyFilter`` of ``frequency_filter``."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "base" if name == "Widget" else re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted(globals().keys() | set(__all__))
