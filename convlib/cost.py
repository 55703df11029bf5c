r"""What a convolution costs, and which way is cheapest: the model by which ``convolve(method="auto")`` decides.

Two ways compete.  The *direct* one slides the kernel along the input in NumPy's compiled loop: a little for every
output sample, and a little for every product.  The *transform* cuts the input into blocks, multiplies spectra, and adds
the overlapping tails (:func:`convlib.overlap_add`): for a block of n samples, a time in proportion to
:math:`n \log_2 n`, once for every n - K + 1 samples of the input.

For images three compete (:func:`plan_plane`): one shift and add for each *tap*; K + L of them for a *separable* kernel,
in place of K times L; and the *transform* of tiles, which overlap by the kernel's size less one.

The constants are seconds, fitted to times measured on one machine by ``make bench``, which shows beside them how well
they fit.  On another machine all of them change, most by a similar factor; the choice depends on their ratios only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from convlib._validate import integer

#: Up to this many taps NumPy's loop is unrolled: the taps stay in registers.
UNROLLED = 11

# Direct, few taps: a product.  Direct, many taps: an output sample, a product.
_PRODUCT_UNROLLED = 1.9e-10
_SAMPLE, _PRODUCT = 1.1e-8, 8.7e-11

# Transform: a call; a sample of a block, times log2 of the block's length; and, beyond the length at which a block no
# longer fits the processor's cache, a sample times the octaves beyond it.
_TRANSFORM_CALL, _STAGE, _UNCACHED = 3.4e-5, 7.4e-10, 3.7e-9
_CACHED_LENGTH = 2**14

#: Samples that go through the transforms together: few enough for the cache, enough to make a call worth while.
BATCH = 2**15

# Images, taps: for each tap a call for every strip, and a little for every pixel.
_TAP_CALL, _TAP_PIXEL = 2.0e-6, 3.0e-10
# Images, transforms: a call for every tile; a pixel of a tile, times log2 of their number, to and fro; and, beyond the
# number that fits the cache, a pixel times the octaves beyond it.
_TILE_CALL, _TILE_STAGE, _TILE_UNCACHED = 4.0e-5, 4.0e-10, 1.0e-9
_CACHED_TILE = 2**18

#: Pixels of a strip that goes through all taps before the next does: it stays in the cache.
STRIP = 2**15


@dataclass(frozen=True)
class Plan:
    """The way chosen for one convolution.

    Parameters
    ----------
    method : {"direct", "fft"}
        The compiled loop, or transforms of blocks.
    block : int
        Length of a block, in samples; 0 for the direct way.
    seconds : float
        What the model expects it to take.
    """

    method: str
    block: int
    seconds: float


def direct_seconds(outputs: int, taps: int) -> float:
    """Expected time of NumPy's compiled loop over ``outputs`` samples, ``taps`` products each."""
    if taps <= UNROLLED:
        return outputs * taps * _PRODUCT_UNROLLED
    return outputs * (_SAMPLE + taps * _PRODUCT)


def _cost_terms(length: int, taps: int, block: int) -> tuple[float, float, float]:
    """How often each constant counts in :func:`transform_seconds`: calls, stages, stages out of cache."""
    fresh = block - taps + 1  # input samples a block takes in
    points = math.ceil(length / fresh) * block
    octaves = math.log2(block)
    return 1.0, points * octaves, points * max(0.0, octaves - math.log2(_CACHED_LENGTH))


def transform_seconds(length: int, taps: int, block: int) -> float:
    """Expected time of convolving ``length`` samples with ``taps`` in blocks transformed at length ``block``."""
    calls, stages, uncached = _cost_terms(length, taps, block)
    return calls * _TRANSFORM_CALL + stages * _STAGE + uncached * _UNCACHED


def candidate_blocks(length: int, taps: int) -> list[int]:
    """Block lengths worth considering: powers of two above twice the kernel, and one block for everything."""
    length, taps = integer("length", length, low=1), integer("taps", taps, low=1)
    whole = fast_length(length + taps - 1)
    first = 1 << (2 * taps - 1).bit_length()
    powers = []
    while first < whole:
        powers.append(first)
        first *= 2
    return [*powers, whole]


def best_block(length: int, taps: int) -> int:
    """The candidate for which the model expects the least time."""
    return min(candidate_blocks(length, taps), key=lambda block: transform_seconds(length, taps, block))


@lru_cache(maxsize=1024, typed=True)  # typed: 3.0 must not pass because 3 has
def plan(length: int, taps: int, outputs: int | None = None) -> Plan:
    """Choose the way for a convolution of ``length`` samples with ``taps``, whichever is the longer.

    Parameters
    ----------
    length, taps : int
        N and K; at least 1.
    outputs : int, optional
        How many samples of the full result are wanted; all of them by default.  A direct sum computes no others, a
        transform always computes all.

    Raises
    ------
    TypeError, ValueError
        If one of them is not a whole number of at least 1.

    Examples
    --------
    >>> plan(10_000, 3).method, plan(10_000, 3_000).method
    ('direct', 'fft')
    """
    length, taps = integer("length", length, low=1), integer("taps", taps, low=1)
    length, taps = max(length, taps), min(length, taps)
    wanted = length + taps - 1 if outputs is None else integer("outputs", outputs, low=1)
    direct = direct_seconds(wanted, taps)
    if direct < _TRANSFORM_CALL:  # no need to look further: short calls must stay cheap
        return Plan("direct", 0, direct)
    block = best_block(length, taps)
    transform = transform_seconds(length, taps, block)
    return Plan("direct", 0, direct) if direct <= transform else Plan("fft", block, transform)


@dataclass(frozen=True)
class PlanePlan:
    """The way chosen for one convolution of an image.

    Parameters
    ----------
    method : {"taps", "separable", "fft"}
        Shift and add once for each tap; the same with a column and a row; transforms of tiles.
    tile : (int, int)
        Rows and columns of a tile; (0, 0) for the other two.
    seconds : float
        What the model expects it to take.
    """

    method: str
    tile: tuple[int, int]
    seconds: float


def strip_rows(width: int) -> int:
    """How many rows of an image of so many columns are summed together."""
    return max(1, STRIP // width)


def _taps_terms(outputs: tuple[int, int], taps: int) -> tuple[float, float]:
    """How often each constant counts in :func:`taps_seconds`: calls, pixels."""
    strips = math.ceil(outputs[0] / strip_rows(outputs[1]))
    return strips * taps, math.prod(outputs) * taps


def taps_seconds(outputs: tuple[int, int], taps: int) -> float:
    """Expected time of shifting and adding an image for each of so many taps."""
    calls, pixels = _taps_terms(outputs, taps)
    return calls * _TAP_CALL + pixels * _TAP_PIXEL


def _tile_terms(outputs: tuple[int, int], kernel: tuple[int, int], tile: tuple[int, int]) -> tuple[float, float, float]:
    """How often each constant counts in :func:`tiles_seconds`: tiles, stages, stages out of cache."""
    tiles = math.prod(math.ceil(n / (size - k + 1)) for n, k, size in zip(outputs, kernel, tile, strict=True))
    tiles += 0.5  # the kernel goes one way only
    pixels = math.prod(tile)
    octaves = math.log2(pixels)
    return tiles, tiles * pixels * octaves, tiles * pixels * max(0.0, octaves - math.log2(_CACHED_TILE))


def tiles_seconds(outputs: tuple[int, int], kernel: tuple[int, int], tile: tuple[int, int]) -> float:
    """Expected time of convolving an image in tiles transformed at the size ``tile``."""
    calls, stages, uncached = _tile_terms(outputs, kernel, tile)
    return calls * _TILE_CALL + stages * _TILE_STAGE + uncached * _TILE_UNCACHED


def candidate_tiles(outputs: tuple[int, int], kernel: tuple[int, int]) -> list[tuple[int, int]]:
    """Sizes worth considering: along each side 1, 2, 4 … tiles, as long as a tile is no shorter than two kernels."""
    sides = []
    for n, k in zip(outputs, kernel, strict=True):
        parts = [1]
        while n > 2 * parts[-1] * k:
            parts.append(2 * parts[-1])
        sides.append([fast_length(math.ceil(n / part) + k - 1) for part in parts])
    return [(rows, columns) for rows in sides[0] for columns in sides[1]]


@lru_cache(maxsize=1024)
def plan_plane(shape: tuple[int, int], kernel: tuple[int, int], *, separable: bool = False) -> PlanePlan:
    """Choose the way for an image of ``shape``, extended on all sides, with a ``kernel`` of the shape given.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the extended image, each at least those of the kernel.
    kernel : (int, int)
        Rows and columns of the kernel, K and L.
    separable : bool
        Whether the kernel is a column times a row.

    Raises
    ------
    TypeError, ValueError
        If a number of rows or columns is not a whole one, at least 1, or the image smaller than the kernel.

    Examples
    --------
    >>> plan_plane((514, 514), (3, 3)).method, plan_plane((542, 542), (31, 31)).method
    ('taps', 'fft')
    >>> plan_plane((518, 518), (7, 7), separable=True).method
    'separable'
    """
    kernel = tuple(integer("kernel", k, low=1) for k in kernel)
    shape = tuple(integer("shape", n, low=k) for n, k in zip(shape, kernel, strict=True))
    outputs = tuple(n - k + 1 for n, k in zip(shape, kernel, strict=True))
    plans = [PlanePlan("taps", (0, 0), taps_seconds(outputs, math.prod(kernel)))]
    if separable and min(kernel) > 1:
        plans.append(PlanePlan("separable", (0, 0), taps_seconds(outputs, sum(kernel))))
    tile = min(candidate_tiles(outputs, kernel), key=lambda tile: tiles_seconds(outputs, kernel, tile))
    plans.append(PlanePlan("fft", tile, tiles_seconds(outputs, kernel, tile)))
    return min(plans, key=lambda plan: plan.seconds)


def fast_length(length: int) -> int:
    """The least 2^a 3^b 5^c that is at least ``length``: a size at which the transform is fast.

    Examples
    --------
    >>> fast_length(1021), fast_length(4097)
    (1024, 4320)
    """
    length = integer("length", length, low=1)
    best = 1 << (length - 1).bit_length()
    fives = 1
    while fives < best:
        threes = fives
        while threes < best:
            twos = threes << max(0, (-(-length // threes) - 1).bit_length())
            best = min(best, twos)
            threes *= 3
        fives *= 5
    return best
