"""convlib: the package behind *Convolution, from the integral to ResNet*.

``import convlib`` needs NumPy alone; pictures, widgets and networks are modules that you import by name.
"""

from convlib.convolution import convolution_matrix, convolve, convolve_channels, correlate
from convlib.fourier import overlap_add
from convlib.plane import separate

__all__ = ["convolution_matrix", "convolve", "convolve_channels", "correlate", "overlap_add", "separate"]
__version__ = "0.1.0"
