"""The check on pictures that all the networks share."""

from __future__ import annotations

import torch


def images(x: object, channels: int, least: int, *, exactly: bool = False, otherwise: str = "") -> torch.Tensor:
    """Return ``x`` if it is a batch of pictures that a network can take.

    Parameters
    ----------
    x : object
        Should be a tensor of floating-point numbers, (N, channels, H, W).
    channels : int
        Of each picture.
    least : int
        Rows and columns that there must be at least, or ``exactly``.
    otherwise : str
        What to do with pictures of another size, as the end of the error's sentence.

    Raises
    ------
    TypeError
        If ``x`` is not a tensor of floating-point numbers.
    ValueError
        If it has another shape.

    Examples
    --------
    >>> images(torch.ones(2, 3, 20, 40), channels=3, least=32)
    Traceback (most recent call last):
    ...
    ValueError: x must have at least 32 rows and columns, got 20 × 40
    """
    if not isinstance(x, torch.Tensor):
        raise TypeError(f"x must be a torch.Tensor, got {type(x).__name__}")
    if not x.is_floating_point():
        raise TypeError(f"x must hold floating-point numbers, got {x.dtype}")
    if x.dim() != 4 or x.shape[1] != channels:
        raise ValueError(f"x must have shape (N, {channels}, rows, columns), got {tuple(x.shape)}")
    rows, columns = x.shape[2:]
    if rows < least or columns < least or (exactly and (rows > least or columns > least)):
        allowed = f"{least} × {least} pixels" if exactly else f"at least {least} rows and columns"
        raise ValueError(f"x must have {allowed}, got {rows} × {columns}" + (f"; {otherwise}" if otherwise else ""))
    return x
