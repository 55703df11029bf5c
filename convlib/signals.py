"""Sampled continuous signals, the shapes that the book draws, and convolutions of them in closed form.

A :class:`Signal` is a list of samples with a start and a step, so that sums become integrals:
``f.convolve(g)`` approximates the convolution integral by its Riemann sum.
The functions below it are the shapes themselves (``box``, ``triangle``, …), evaluated at any times, and the
convolutions of pairs of them as pencil and paper give them.

:func:`sample` cuts the time axis into strips and takes the value at the *middle* of each.  The Riemann sum is then the
midpoint rule, whose error falls with the square of the step as long as jumps lie on the edges between strips; samples
elsewhere leave an error that in general is of first order.  (At a jump itself every shape returns the mean of its two
sides.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from convlib._validate import finite_number, positive_number, real_sequence
from convlib.convolution import convolve

#: Two times closer than this count as the same: sample times carry rounding errors.
_SAME_TIME = 1e-9


@dataclass(frozen=True, eq=False)
class Signal:
    """Samples of a real function, a constant step apart; zero before the first and after the last.

    Parameters
    ----------
    values : array_like, shape (N,)
        ``values[n]`` is the function at time ``start + n * step``.
    start : float
        Time of the first sample, in seconds.
    step : float
        Time from sample to sample, in seconds; greater than 0.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, if the values are empty, complex, NaN or infinite, or a number is out of range.

    Examples
    --------
    >>> pulse = sample(box, -1, 1, 0.25)
    >>> pulse
    Signal(8 samples from -0.875 to 0.875, step 0.25)
    >>> pulse.area()
    1.0
    >>> pulse.convolve(pulse).at(0.25)
    0.75
    """

    values: np.ndarray
    start: float = 0.0
    step: float = 1.0

    def __post_init__(self) -> None:
        values = real_sequence("values", self.values).astype(float)  # a copy: nobody else can change it
        values.flags.writeable = False
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "start", finite_number("start", self.start))
        object.__setattr__(self, "step", positive_number("step", self.step))

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"Signal({len(self)} samples from {self.start:g} to {self.stop:g}, step {self.step:g})"

    @property
    def stop(self) -> float:
        """Time of the last sample."""
        return self.start + (len(self) - 1) * self.step

    @property
    def times(self) -> np.ndarray:
        """Time of every sample, shape (N,)."""
        return self.start + self.step * np.arange(len(self))

    def at(self, t: ArrayLike) -> np.ndarray | float:
        """Value at any time ``t``: linear between samples, zero outside."""
        value = np.interp(t, self.times, self.values, left=0.0, right=0.0)
        return float(value) if np.ndim(t) == 0 else value

    def area(self) -> float:
        """Riemann sum: the step times the sum of the samples."""
        return float(self.step * self.values.sum())

    def shifted(self, by: float) -> Signal:
        """The signal ``by`` seconds later."""
        return Signal(self.values, self.start + finite_number("by", by), self.step)

    def reversed(self) -> Signal:
        """The signal played backwards about time 0."""
        return Signal(self.values[::-1], -self.stop, self.step)

    def convolve(self, other: Signal, method: str = "auto") -> Signal:
        r"""Riemann sum of :math:`\int f(\tau)\, g(t - \tau)\, d\tau` at every time where it can differ from 0.

        Times of the first samples add, times of the last samples add, and the N + K - 1 values are the step times
        the discrete convolution.
        """
        self._must_share_step(other)
        values = self.step * convolve(self.values, other.values, method=method)
        return Signal(values, self.start + other.start, self.step)

    def correlate(self, other: Signal, method: str = "auto") -> Signal:
        r"""Riemann sum of :math:`\int f(\tau)\, g(\tau - t)\, d\tau`: :meth:`convolve` with ``other`` reversed."""
        self._must_share_step(other)
        return self.convolve(other.reversed(), method)

    def __add__(self, other: Signal) -> Signal:
        self._must_share_grid(other)
        return Signal(self.values + other.values, self.start, self.step)

    def __mul__(self, other: Signal | float) -> Signal:
        if not isinstance(other, Signal):
            return Signal(self.values * finite_number("factor", other), self.start, self.step)
        self._must_share_grid(other)
        return Signal(self.values * other.values, self.start, self.step)

    __rmul__ = __mul__

    def _must_share_step(self, other: Signal) -> None:
        if not isinstance(other, Signal):
            raise TypeError(f"other must be a Signal, got {type(other).__name__}")
        if not np.isclose(self.step, other.step, rtol=1e-9, atol=0):
            raise ValueError(f"other has step {other.step:g}, but this signal has step {self.step:g}; resample one")

    def _must_share_grid(self, other: Signal) -> None:
        self._must_share_step(other)
        if len(self) != len(other):
            raise ValueError(f"other has {len(other)} samples, but this signal has {len(self)}; they must match")
        if abs(self.start - other.start) > _SAME_TIME * max(1, abs(self.start)):
            raise ValueError(f"other starts at {other.start:g}, but this signal at {self.start:g}; they must match")


def sample(function: Callable[[np.ndarray], ArrayLike], start: float, stop: float, step: float) -> Signal:
    """Cut the time from ``start`` to ``stop`` into strips of width ``step``, and take ``function`` at their middles.

    Raises
    ------
    ValueError
        If ``stop`` is not after ``start``, the strips do not fill the time between them, or the function does not
        return one value a time.

    Examples
    --------
    >>> sample(triangle, -1, 1, 0.5).values
    array([0.25, 0.75, 0.75, 0.25])
    """
    start, stop, step = finite_number("start", start), finite_number("stop", stop), positive_number("step", step)
    if stop <= start:
        raise ValueError(f"stop must be greater than start = {start:g}, got {stop:g}")
    strips = (stop - start) / step
    if abs(strips - round(strips)) > 1e-6:
        raise ValueError(f"step must divide stop - start = {stop - start:g} evenly, got {step:g}")
    first = start + step / 2
    times = first + step * np.arange(round(strips))
    values = np.asarray(function(times))
    if values.shape != times.shape:
        raise ValueError(f"function must return {len(times)} values for {len(times)} times, got shape {values.shape}")
    return Signal(values, first, step)


# --- shapes -------------------------------------------------------------------------------------------------------


def unit_step(t: ArrayLike) -> np.ndarray:
    """Unit step: 0 before time 0, 1 after it, one half at it."""
    t = np.asarray(t, dtype=float)
    return np.where(np.abs(t) <= _SAME_TIME, 0.5, (t > 0).astype(float))


def box(t: ArrayLike, start: float = -0.5, stop: float = 0.5) -> np.ndarray:
    """Height 1 between ``start`` and ``stop``, 0 outside, one half at both ends."""
    t = np.asarray(t, dtype=float)
    _must_follow(start, stop)
    return unit_step(t - start) - unit_step(t - stop)


def triangle(t: ArrayLike, half_width: float = 1.0) -> np.ndarray:
    """Height 1 at time 0, falling linearly to 0 at ``half_width`` on either side."""
    half_width = positive_number("half_width", half_width)
    return np.maximum(0.0, 1.0 - np.abs(np.asarray(t, dtype=float)) / half_width)


def exponential(t: ArrayLike, rate: float = 1.0) -> np.ndarray:
    """One-sided decay: ``exp(-rate t)`` after time 0, 0 before it."""
    rate = positive_number("rate", rate)
    t = np.asarray(t, dtype=float)
    return unit_step(t) * np.exp(-rate * np.maximum(t, 0.0))


def gaussian(t: ArrayLike, mean: float = 0.0, sigma: float = 1.0) -> np.ndarray:
    """Normal density: area 1, standard deviation ``sigma`` seconds."""
    sigma = positive_number("sigma", sigma)
    z = (np.asarray(t, dtype=float) - mean) / sigma
    return np.exp(-0.5 * z**2) / (sigma * np.sqrt(2 * np.pi))


def sine_burst(t: ArrayLike, frequency: float = 2.0, half_width: float = 1.0) -> np.ndarray:
    """A sine of ``frequency`` hertz under a raised cosine that is 0 beyond ``half_width`` seconds."""
    frequency, half_width = positive_number("frequency", frequency), positive_number("half_width", half_width)
    t = np.asarray(t, dtype=float)
    window = np.where(np.abs(t) < half_width, np.cos(0.5 * np.pi * t / half_width) ** 2, 0.0)
    return np.sin(2 * np.pi * frequency * t) * window


def pluck(t: ArrayLike, frequency: float = 220.0, partials: int = 8, decay: float = 6.0) -> np.ndarray:
    """A plucked string: partial k at k times ``frequency`` hertz, 1/k as loud, dying at k times ``decay`` a second."""
    t = np.asarray(t, dtype=float)
    sound = sum(exponential(t, decay * k) * np.sin(2 * np.pi * k * frequency * t) / k for k in range(1, partials + 1))
    return 0.5 * sound


# --- convolutions in closed form ----------------------------------------------------------------------------------


def box_with_box(
    t: ArrayLike, first: tuple[float, float] = (-0.5, 0.5), second: tuple[float, float] = (-0.5, 0.5)
) -> np.ndarray:
    """Convolution of two boxes, each given by its (start, stop): a trapezoid, a triangle where the widths agree.

    Examples
    --------
    >>> box_with_box([-1, -0.5, 0, 0.5, 1])
    array([0. , 0.5, 1. , 0.5, 0. ])
    """
    t = np.asarray(t, dtype=float)
    (a, b), (c, d) = first, second
    _must_follow(a, b), _must_follow(c, d)

    def ramp(corner: float) -> np.ndarray:
        return np.maximum(0.0, t - corner)

    return ramp(a + c) - ramp(a + d) - ramp(b + c) + ramp(b + d)


def box_with_exponential(t: ArrayLike, start: float = 0.0, stop: float = 1.0, rate: float = 1.0) -> np.ndarray:
    """Convolution of a box with a one-sided exponential: a capacitor charges from ``start``, discharges from ``stop``.

    Examples
    --------
    >>> box_with_exponential([0, 1, 2]).round(4)
    array([0.    , 0.6321, 0.2325])
    """
    rate = positive_number("rate", rate)
    t = np.asarray(t, dtype=float)
    _must_follow(start, stop)

    def charge(since: np.ndarray) -> np.ndarray:
        return -np.expm1(-rate * np.maximum(0.0, since)) / rate

    return charge(t - start) - charge(t - stop)


def gaussian_with_gaussian(
    t: ArrayLike, first: tuple[float, float] = (0.0, 1.0), second: tuple[float, float] = (0.0, 1.0)
) -> np.ndarray:
    """Convolution of two normal densities, each given by its (mean, sigma): means add, variances add."""
    (mean_1, sigma_1), (mean_2, sigma_2) = first, second
    sigma_1, sigma_2 = positive_number("first sigma", sigma_1), positive_number("second sigma", sigma_2)
    return gaussian(t, mean_1 + mean_2, np.hypot(sigma_1, sigma_2))


def _must_follow(start: float, stop: float) -> None:
    if not finite_number("start", start) < finite_number("stop", stop):
        raise ValueError(f"stop must be greater than start = {start:g}, got {stop:g}")
