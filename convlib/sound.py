"""Sounds that one can hear in the page: a player with a name."""

from __future__ import annotations

import html

import numpy as np
from IPython.display import Audio
from numpy.typing import ArrayLike

from convlib._validate import positive_number, real_sequence


class Sound(Audio):
    """An audio player with a caption, which is also its name for those who cannot see it; made by :func:`listen`."""

    def __init__(self, samples: np.ndarray, rate: int, name: str) -> None:
        super().__init__(samples, rate=rate)
        self.name = name
        self.seconds = len(samples) / rate

    def __repr__(self) -> str:
        return f"Sound: {self.name} ({self.seconds:.1f} seconds)"

    def _repr_html_(self) -> str:
        name = html.escape(self.name)
        player = super()._repr_html_().replace("<audio", f'<audio aria-label="{name}"', 1)
        return f'<figure class="cl-figure cl-sound">{player}<figcaption>{name}</figcaption></figure>'


def listen(samples: ArrayLike, rate: int, name: str) -> Sound:
    """Make a player for ``samples``, scaled so that the loudest is as loud as can be.

    Parameters
    ----------
    samples : array_like, shape (N,)
        Air pressure, in any unit; real and finite.
    rate : int
        Samples a second.
    name : str
        What is heard.

    Raises
    ------
    TypeError, ValueError
        Naming the argument: for samples that are empty, complex or not finite, a rate that is not positive, or an
        empty name.
    """
    samples = real_sequence("samples", samples)
    rate = positive_number("rate", rate)
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"name must say what is heard, got {name!r}")
    return Sound(samples, int(rate), name)
