"""The book's widgets: ordinary anywidgets in JupyterLab, alive without a kernel on the static page."""

from convlib.widgets.base import Widget
from convlib.widgets.convolution_explorer import ConvolutionExplorer
from convlib.widgets.discrete_convolution import DiscreteConvolution
from convlib.widgets.frequency_filter import FrequencyFilter
from convlib.widgets.product_grid import ProductGrid
from convlib.widgets.quiz import Quiz
from convlib.widgets.repeated_convolution import RepeatedConvolution
from convlib.widgets.sum_of_copies import SumOfCopies

__all__ = [
    "ConvolutionExplorer",
    "DiscreteConvolution",
    "FrequencyFilter",
    "ProductGrid",
    "Quiz",
    "RepeatedConvolution",
    "SumOfCopies",
    "Widget",
]
