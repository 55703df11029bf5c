"""The book's widgets: ordinary anywidgets in JupyterLab, alive without a kernel on the static page."""

from convlib.widgets.base import Widget
from convlib.widgets.convolution_explorer import ConvolutionExplorer
from convlib.widgets.quiz import Quiz

__all__ = ["ConvolutionExplorer", "Quiz", "Widget"]
