"""What all layers have in common, and how they look at what they are given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from convlib._validate import integer, real_array


class Layer:
    """One step of a network: :meth:`forward` turns x into y, :meth:`backward` turns dL/dy into dL/dx.

    L, the loss, is a number made from y by all that follows; a layer knows of it only what :meth:`backward` is given.
    On its way back a layer with parameters also notes their gradients, dL/dweight in ``weight_grad``, dL/dbias in
    ``bias_grad``.  They are *overwritten* each time, not added up as PyTorch does, and need no ``zero_grad``.

    A layer calculates in the floating type of x: of 32 bits if x has 32, with its weights rounded if they have more.
    What is no floating type becomes one of 64 bits.  NaN and infinity go through.

    Attributes
    ----------
    training : bool
        Whether the layer is learning, True at first; only batch normalisation and dropout ask.
    y : numpy.ndarray or None
        What :meth:`forward` returned last, the very array: change neither it nor x in place before :meth:`backward`.
    weight, bias, weight_grad, bias_grad : numpy.ndarray or None
        The parameters of a layer that has some, and their gradients.  Parameters can be replaced by any array of the
        same shape, gradients are None until :meth:`backward` has been called.

    Examples
    --------
    >>> from convlib.layers import Conv2d
    >>> layer = Conv2d(1, 2, 3)
    >>> layer
    Conv2d(weight (2, 1, 3, 3), bias (2,))
    >>> layer.backward(np.ones((1, 2, 6, 6)))
    Traceback (most recent call last):
    ...
    RuntimeError: Conv2d.backward needs the output of forward: call forward first
    """

    training = True
    y: np.ndarray | None = None
    weight: np.ndarray | None = None
    bias: np.ndarray | None = None
    weight_grad: np.ndarray | None = None
    bias_grad: np.ndarray | None = None

    def __call__(self, x: ArrayLike) -> np.ndarray:
        """The same as :meth:`forward`."""
        return self.forward(x)

    def forward(self, x: ArrayLike) -> np.ndarray:
        """Calculate y from x, and keep what :meth:`backward` will need."""
        raise NotImplementedError

    def backward(self, dy: ArrayLike) -> np.ndarray:
        """Calculate dL/dx from dL/dy for the x of the last :meth:`forward`."""
        raise NotImplementedError

    def parameters(self) -> list[tuple[Layer, str]]:
        """What can be learned: pairs of a layer and a name, such that ``getattr(layer, name)`` is the array."""
        return [(self, name) for name in ("weight", "bias") if getattr(self, name) is not None]

    def train(self) -> None:
        """Learn from now on: normalise by the batch's own mean, drop values."""
        self.training = True

    def eval(self) -> None:
        """Only answer from now on: normalise by the running mean, drop nothing."""
        self.training = False

    def __repr__(self) -> str:
        """Its kind, and the shapes of its parameters: no address, which would change from run to run."""
        shapes = ", ".join(f"{name} {np.shape(getattr(self, name))}" for _, name in self.parameters())
        return f"{type(self).__name__}({shapes})"

    def _parameter(self, name: str, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """A parameter in the type in which x is; whoever replaced it may have got its shape wrong."""
        array = np.asarray(getattr(self, name), dtype=dtype)
        if array.shape != shape:
            raise ValueError(f"{name} of {type(self).__name__} must have shape {shape}, got {array.shape}")
        return array

    def _gradient(self, dy: ArrayLike) -> np.ndarray:
        """``dy`` in the type of y, once it is known to have y's shape."""
        if self.y is None:
            raise RuntimeError(f"{type(self).__name__}.backward needs the output of forward: call forward first")
        dy = real_array("dy", dy)
        if dy.shape != self.y.shape:
            raise ValueError(f"dy must have the shape of forward's output, {self.y.shape}, got {dy.shape}")
        return dy.astype(self.y.dtype, copy=False)


def batch(name: str, value: ArrayLike) -> np.ndarray:
    """Return ``value`` as floating-point numbers, with at least one axis, along which the samples of a batch lie.

    Parameters
    ----------
    name : str
        What messages call it.
    value : array_like, shape (N, …)
        Real numbers.

    Returns
    -------
    numpy.ndarray, shape (N, …)
        Of its own type if that is floating with 32 bits at least; of 64 bits for integers.

    Raises
    ------
    TypeError
        If the elements are complex or not numbers, or some of them masked.
    ValueError
        If there is no axis, or nothing along one of them.

    Examples
    --------
    >>> batch("x", [[1, 2], [3, 4]])
    array([[1., 2.],
           [3., 4.]])
    """
    array = real_array(name, value)
    if array.size == 0 or array.ndim == 0:
        raise ValueError(f"{name} must be a batch of at least one sample, got shape {array.shape}")
    kind = np.result_type(array.dtype, np.float32) if array.dtype.kind == "f" else np.dtype(np.float64)
    return array.astype(kind, copy=False)


def images(name: str, value: ArrayLike, channels: int | None = None) -> np.ndarray:
    """Return ``value`` as a batch of images of so many channels, as PyTorch lays them out.

    Parameters
    ----------
    name : str
        What messages call it.
    value : array_like, shape (N, C, H, W)
        Samples, channels, rows, columns.
    channels : int, optional
        C, where it matters.

    Returns
    -------
    numpy.ndarray, shape (N, C, H, W)
        As :func:`batch` returns it.

    Raises
    ------
    TypeError, ValueError
        As for :func:`batch`; if there are other than four axes, or another number of channels.

    Examples
    --------
    >>> images("x", [[1, 2], [3, 4]])
    Traceback (most recent call last):
    ...
    ValueError: x must have 4 dimensions (samples, channels, rows, columns), got 2 with shape (2, 2)
    """
    array = batch(name, value)
    if array.ndim != 4:
        raise ValueError(
            f"{name} must have 4 dimensions (samples, channels, rows, columns), "
            f"got {array.ndim} with shape {array.shape}"
        )
    if channels not in (None, array.shape[1]):
        raise ValueError(f"{name} must have {channels} channel(s), got {array.shape[1]} with shape {array.shape}")
    return array


def pair(name: str, value: int | Sequence[int], *, low: int) -> tuple[int, int]:
    """Return ``value`` as two whole numbers, for rows and for columns; one alone stands for both.

    Raises
    ------
    TypeError
        If a number is not whole.
    ValueError
        If there are more or fewer than two, or one is below ``low``.

    Examples
    --------
    >>> pair("stride", 2, low=1), pair("padding", (0, 1), low=0)
    ((2, 2), (0, 1))
    """
    if not isinstance(value, tuple | list):
        value = (value, value)
    if len(value) != 2:
        raise ValueError(f"{name} must be a whole number or a pair (rows, columns), got {value!r}")
    rows, columns = (integer(name, number, low=low) for number in value)
    return rows, columns


def uniform(rng: np.random.Generator, fan_in: int, shape: tuple[int, ...]) -> np.ndarray:
    """Weights to begin with, in PyTorch's range: evenly between -1 and 1 over the root of ``fan_in``.

    Their mean square is 1 / (3 ``fan_in``): a sum of so many products has a third of the mean square of what came in.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where the numbers come from.
    fan_in : int
        How many products the layer adds up for one output.
    shape : tuple of int
        Of the array wanted.

    Returns
    -------
    numpy.ndarray, of that shape

    References
    ----------
    "Variables" in the documentation of ``torch.nn.Conv2d`` and ``torch.nn.Linear``.

    Examples
    --------
    >>> weights = uniform(np.random.default_rng(0), fan_in=25, shape=(1000, 25))
    >>> bool(abs(weights).max() < 0.2), round(float((weights**2).mean() * 3 * 25), 1)
    (True, 1.0)
    """
    bound = 1 / np.sqrt(fan_in)
    return rng.uniform(-bound, bound, shape)
