"""FastFourier: eight samples, the tree of half transforms above them, and the twelve multiplications that climb it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Polygon
from numpy.typing import ArrayLike

from convlib import plot
from convlib._validate import integer, real_sequence
from convlib.widgets.base import Widget
from convlib.widgets.fourier_winding import fixed
from convlib.widgets.traits import Choice, Count, Numbers

#: How many samples there are, how many rows the tree has, how many multiplications lie between its ends.
N, ROWS, MULTIPLICATIONS = 8, 4, 12
#: Cosine and sine of an eighth of a turn.
HALF = 0.5**0.5
SIGNALS = ("wave and step", "one wave", "impulse", "late impulse", "alternating", "drawn")
#: The signals that are not drawn.  In the first, half a wave of two turns stands on half a step.
SAMPLES = {
    "wave and step": (1, 0.5, 0, 0.5, 0.5, 0, -0.5, 0),
    "one wave": (1, HALF, 0, -HALF, -1, -HALF, 0, HALF),
    "impulse": (1, 0, 0, 0, 0, 0, 0, 0),
    "late impulse": (0, 1, 0, 0, 0, 0, 0, 0),
    "alternating": (1, -1, 1, -1, 1, -1, 1, -1),
}
#: What "drawn" begins with.
DRAWN = (0.2, 0.6, 1, 0.7, 0.3, -0.2, -0.6, -0.3)
#: What is worth seeing in each spectrum.
SURPRISES = {
    "wave and step": "The wave is in x̂[2] and x̂[6], the step in x̂[0] and the odd ones.",
    "one wave": "Only x̂[1] and x̂[7] are left: one wave, half of it turning each way.",
    "impulse": "All eight arrows are equal: an impulse holds every wave.",
    "late impulse": "Eight arrows, each 1/8 turn further clockwise than the one before.",
    "alternating": "Only x̂[4] is left: the fastest wave that eight samples can hold.",
    "drawn": "x̂[5], x̂[6], x̂[7] mirror x̂[3], x̂[2], x̂[1], as for any real signal.",
}
#: The tree's groups, from the top; E are the even samples, O the odd ones, OE the even ones of the odd ones.
GROUPS = (("x̂",), ("E", "O"), ("EE", "EO", "OE", "OO"))
#: How an arrow turned clockwise by so many eighths of a turn is written, and its number.
FACTORS = ("1", "ω", "ω²", "ω³")
TWIDDLES = np.array([1, HALF - HALF * 1j, -1j, -HALF - HALF * 1j])
#: Lengths of values whose arrow can reach the circle.
SCALES = (1, 2, 4, 8)


class Product(NamedTuple):
    """One multiplication and what it serves: two slots of a row, made of two slots of the row below.

    The value at ``column`` is the one at ``even`` plus ``TWIDDLES[eighths]`` times the one at ``odd``; the value at
    ``partner`` is the same with minus.
    """

    row: int
    column: int
    partner: int
    even: int
    odd: int
    eighths: int


class FastFourier(Widget):
    r"""The fast Fourier transform of eight samples, multiplication by multiplication.

    The discrete Fourier transform of :math:`N` samples is made of that of its even ones, :math:`E`, and that of its odd
    ones, :math:`O`: with :math:`\omega = e^{-2\pi i/N}`, :math:`\hat x[j] = E[j] + \omega^j O[j]` and
    :math:`\hat x[j + N/2] = E[j] - \omega^j O[j]`, so that one multiplication serves two values (Cooley and Tukey,
    1965).  The halves are split in the same way, down to single samples.  The tree has the spectrum on top; an arrow is
    a complex number, its real part to the right.  All arrows share one scale, on which a value four times as large has
    an arrow twice as long.

    Parameters
    ----------
    signal : {"wave and step", "one wave", "impulse", "late impulse", "alternating", "drawn"}
        Half a wave of 2 turns on half a step; a cosine of 1 turn; 1 at n = 0; 1 at n = 1; 1 and -1 in turn; ``x``.
    x : sequence of float, 8 numbers
        The samples of ``signal="drawn"``, between -1 and 1; kept as a tuple.
    done : int
        How many of the 12 multiplications are done: 0 to 12, those of the lowest row first, from left to right.

    Raises
    ------
    TypeError, ValueError
        For an impossible value; the widget keeps the one that it had.

    Examples
    --------
    >>> widget = FastFourier(signal="late impulse", done=4)
    >>> np.allclose(widget.stages[0], np.fft.fft(widget.samples))
    True
    >>> widget.sentence()
    'Multiplication 4 of 12: 1·x[7] = 0; added to x[3], it gives OO[0]; subtracted from it, OO[1].'
    """

    #: ``look=r0,5`` pins slot 5 of row 0, ``look=x3`` a sample, ``look=g1,0`` a group; ``step`` does one more.
    orders = ("light", "reset", "play", "pause", "step", "look")
    parts = ("samples", "tree", "spectrum", "detail")

    signal = Choice(SIGNALS, "wave and step").tag(sync=True)
    x = Numbers(DRAWN, -1, 1, N, least=N)
    done = Count(0, MULTIPLICATIONS, MULTIPLICATIONS).tag(sync=True)

    @property
    def samples(self) -> np.ndarray:
        """The signal, shape (8,)."""
        return np.array(SAMPLES.get(self.signal, self.x), dtype=float)

    @property
    def sample_order(self) -> tuple[int, ...]:
        """The samples' numbers as they stand below the tree, from left to right: 0 4 2 6 1 5 3 7."""
        return tuple(members(ROWS - 1, group)[0] for group in range(N))

    @property
    def stages(self) -> np.ndarray:
        """All values of the tree, complex, shape (4, 8): the spectrum in row 0, the samples in row 3."""
        return stages(self.samples)

    @property
    def filled(self) -> np.ndarray:
        """Which values are computed, bool, shape (4, 8): the samples, and what ``done`` multiplications give."""
        return filled(self.done)

    @property
    def scale(self) -> int:
        """How large the value is whose arrow reaches its circle: the least of 1, 2, 4, 8 that leaves room for all."""
        return scale_of(self.stages)

    def sentence(self) -> str:
        """What the last multiplication did; at the end what it took, and what there is to see."""
        if self.done == 0:
            return "No multiplication yet: single samples, in the order 0 4 2 6 1 5 3 7, are their own transforms."
        if self.done < MULTIPLICATIONS:
            return product_words(self.done - 1, self.stages)
        return f"12 multiplications, three levels of four, instead of 64. {SURPRISES[self.signal]}"

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget: the tree, the sentence's lines, the controls and the frame."""
        rest = (103, 116, 116)
        return tuple(layout(width).height + more for width, more in zip((337, 620, 756), rest, strict=True))

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        spectrum = ", ".join(complex_text(value) for value in self.stages[0])
        alt = (
            f"A tree of four rows. At the bottom the samples, in the order 0 4 2 6 1 5 3 7: "
            f"{', '.join(fixed(self.samples[n], 2) for n in self.sample_order)}. Above them their transforms, two by "
            f"two, then four by four, then all eight, as arrows; {self.done} of 12 multiplications are done. "
            + (f"The spectrum is {spectrum}." if self.done == MULTIPLICATIONS else "The rest is empty.")
        )
        caption = (
            "Each value is made of one below it in the even half and one in the odd half. An arrow is a complex "
            f"number, 1 to the right, i upward; four times the value is twice as long. {self.sentence()}"
        )
        return alt, caption

    def still(self) -> Figure:
        """Draw the tree, as the live widget does on a phone; one unit is a pixel."""
        place = layout(STILL)
        fig, ax = plot.sheet(STILL, place.tree_height, margin=4)
        for row in range(ROWS - 1):
            for group in range(2**row):
                _draw_fork(ax, place, row, group)
        for row in range(ROWS):
            for group in range(2**row):
                _draw_tile(ax, place, row, group, self.scale)
        self._draw_values(ax, place)
        return fig

    def _draw_values(self, ax: Axes, place: Layout) -> None:
        values, known, scale = self.stages, self.filled, self.scale
        for row in range(ROWS - 1):
            for column in range(N):
                x, y = place.middle(row, column)
                edge = plot.COLORS["grid"]
                line = "-" if known[row, column] else (0, (3, 3))
                ax.add_patch(Circle((x, y), place.radius, fill=False, edgecolor=edge, linestyle=line))
                number = str(column % (N >> row))
                plot.label(ax, place.left(column) + 5, place.top(row) + HEAD + 11, number, "muted", ha="left")
                if known[row, column]:
                    _draw_arrow(ax, (x, y), arrow_of(values[row, column], scale) * place.radius, role(row, column))
        for column, value in enumerate(values[ROWS - 1].real):
            x, color = place.left(column + 0.5), plot.COLORS[role(ROWS - 1, column)]
            ax.plot([place.left(column) + 6, place.left(column + 1) - 6], [place.zero] * 2, color=plot.COLORS["grid"])
            ax.plot([x, x], [place.zero, place.zero - value * place.unit], color=color, linewidth=2)
            ax.plot(x, place.zero - value * place.unit, "o", color=color, markersize=6)


# ---- the algorithm: the same in fast_fourier.js ---------------------------------------------------------------------


def members(row: int, group: int) -> tuple[int, ...]:
    """Numbers of the samples whose transform a group of the tree is, in their own order.

    The halves of a group are its even and its odd samples; so the group's number, in binary and from right to left, is
    the number of its first sample.

    Parameters
    ----------
    row : int
        0 for all eight samples, 3 for single ones.
    group : int
        Counted from the left, below ``2**row``.

    Raises
    ------
    TypeError, ValueError
        If there is no such row or group.

    Examples
    --------
    >>> members(1, 1), members(2, 2)
    ((1, 3, 5, 7), (1, 5))
    >>> [members(3, group)[0] for group in range(8)]
    [0, 4, 2, 6, 1, 5, 3, 7]
    """
    _below("row", row, ROWS)
    _below("group", group, 2**row)
    first = sum(((group >> bit) & 1) << (row - 1 - bit) for bit in range(row))
    return tuple(range(first, N, 2**row))


def product(index: int) -> Product:
    """The multiplication with a number from 0 to 11, in the order in which they are done.

    Parameters
    ----------
    index : int
        0 to 3 make pairs of samples, 4 to 7 the transforms of four, 8 to 11 the spectrum.

    Returns
    -------
    Product

    Raises
    ------
    TypeError, ValueError
        If there is no such multiplication.

    Examples
    --------
    >>> product(9)
    Product(row=0, column=1, partner=5, even=1, odd=5, eighths=1)
    """
    _below("index", index, MULTIPLICATIONS)
    row = ROWS - 2 - index // 4
    half = N >> (row + 1)
    group, k = divmod(index % 4, half)
    column = 2 * half * group + k
    return Product(row, column, column + half, column, column + half, k << row)


def product_at(row: int, column: int) -> int:
    """Number of the multiplication that gives a slot, 0 to 11.

    Parameters
    ----------
    row, column : int
        Of the slot; row 3 has samples, which nothing gives.

    Raises
    ------
    TypeError, ValueError
        If there is no such slot.

    Examples
    --------
    >>> product_at(0, 1), product_at(0, 5)
    (9, 9)
    """
    _below("row", row, ROWS - 1)
    _below("column", column, N)
    half = N >> (row + 1)
    return 4 * (ROWS - 2 - row) + half * (column // (2 * half)) + column % half


def stages(x: ArrayLike) -> np.ndarray:
    """All values of the tree, by the twelve multiplications.

    Parameters
    ----------
    x : array_like, shape (8,)
        The samples.

    Returns
    -------
    numpy.ndarray of complex, shape (4, 8)
        Row 0 is the spectrum; row 1 the transforms of the even and of the odd samples; row 3 the samples in the order
        0 4 2 6 1 5 3 7.

    Raises
    ------
    TypeError, ValueError
        If ``x`` is not 8 finite real numbers.

    Examples
    --------
    >>> x = [3, 1, 4, 1, 5, 9, 2, 6]
    >>> np.allclose(stages(x)[1], [*np.fft.fft(x[::2]), *np.fft.fft(x[1::2])])
    True
    """
    samples = real_sequence("x", x)
    if len(samples) != N:
        raise ValueError(f"x must have {N} numbers, got {len(samples)}")
    values = np.zeros((ROWS, N), dtype=complex)
    values[ROWS - 1] = samples[[members(ROWS - 1, group)[0] for group in range(N)]]
    for index in range(MULTIPLICATIONS):
        row, column, partner, even, odd, eighths = product(index)
        turned = TWIDDLES[eighths] * values[row + 1, odd]
        values[row, column] = values[row + 1, even] + turned
        values[row, partner] = values[row + 1, even] - turned
    return values


def filled(done: int) -> np.ndarray:
    """Which values are known after so many multiplications, bool, shape (4, 8).

    Raises
    ------
    TypeError, ValueError
        If ``done`` is not a whole number from 0 to 12.

    Examples
    --------
    >>> filled(5).sum(axis=1).tolist()
    [0, 2, 8, 8]
    """
    _below("done", done, MULTIPLICATIONS + 1)
    known = np.zeros((ROWS, N), dtype=bool)
    known[ROWS - 1] = True
    for index in range(done):
        made = product(index)
        known[made.row, [made.column, made.partner]] = True
    return known


def _below(name: str, value: object, end: int) -> None:
    if integer(name, value, low=0) >= end:
        raise ValueError(f"{name} must be between 0 and {end - 1}, got {value}")


# ---- where everything stands: the same numbers as in fast_fourier.js ------------------------------------------------

#: Height of a tile's head, and width of the still picture, drawn as on a phone.
HEAD, STILL = 16, 479


class Layout(NamedTuple):
    """Where the tree and the detail stand, in pixels; row 0 is the top one."""

    tree: int
    slot: int
    pitch: int
    stem: int
    radius: float
    detail: tuple[int, int, int, int]
    height: int

    @property
    def tree_height(self) -> int:
        """From the top of the spectrum to the foot of the samples."""
        return (ROWS - 1) * self.pitch + HEAD + self.stem

    @property
    def unit(self) -> float:
        """How high a sample of 1 is."""
        return self.stem / 2 - 8

    @property
    def zero(self) -> float:
        """Where samples of 0 stand."""
        return self.tree_height - self.stem / 2

    def top(self, row: int) -> int:
        """Top of a row's tiles."""
        return row * self.pitch

    def left(self, column: int) -> float:
        """Left edge of a slot."""
        return column * self.tree / N

    def middle(self, row: int, column: int) -> tuple[float, float]:
        """Middle of a slot's circle: a little aside, so that the number in the corner stays clear."""
        return self.left(column + 0.5) + 1, self.top(row) + HEAD + self.slot / 2 + 2

    def tile(self, row: int, group: int) -> tuple[float, float, float, float]:
        """Left, top, width and height of a group's tile."""
        high = HEAD + (self.stem if row == ROWS - 1 else self.slot)
        return self.left(group * (N >> row)) + 2, self.top(row), (N >> row) * self.tree / N - 4, high


def layout(width: int) -> Layout:
    """Where everything stands in a picture of a width: the detail below the tree on a phone, beside it elsewhere.

    Examples
    --------
    >>> layout(337).detail, layout(337).height
    ((0, 336, 92, 104), 440)
    >>> layout(620).tree
    445
    """
    narrow = width < 480
    side = 0 if narrow else min(190, max(155, width // 4))
    tree = width if narrow else width - side - 20
    slot, gap, stem = (46, 16, 78) if narrow else (44, 14, 66)
    pitch = HEAD + slot + gap
    radius = min(slot / 2 - 4, tree / N / 2 - 4.5)
    high = (ROWS - 1) * pitch + HEAD + stem
    foot = 144 if width < 300 else 124 if width < 330 else 104
    detail = (0, high + 8, 92, foot) if narrow else (tree + 20, 0, side, high)
    return Layout(tree, slot, pitch, stem, radius, detail, high + 8 + foot if narrow else high)


def scale_of(values: ArrayLike) -> int:
    """The least of 1, 2, 4, 8 that no value of the tree exceeds.

    Examples
    --------
    >>> scale_of(stages([1, 0, 0, 0, 0, 0, 0, 0])), scale_of(stages([1, -1] * 4))
    (1, 8)
    """
    longest = np.abs(values).max()
    return next(scale for scale in SCALES if longest <= scale + 1e-9 or scale == SCALES[-1])


def arrow_of(value: complex, scale: float) -> complex:
    """The arrow of a value, as a share of the circle's radius: its length grows with the value's square root.

    Examples
    --------
    >>> arrow_of(-0.25, 1), arrow_of(4j, 4), arrow_of(1e-17, 1)
    ((-0.5+0j), 1j, 0j)
    """
    length = abs(value)
    return complex(value / length * np.sqrt(length / scale)) if length > 1e-9 else 0j


def role(row: int, column: int) -> str:
    """The colour of a slot: the spectrum's, or that of the even and the odd half of each pair.

    Examples
    --------
    >>> role(0, 3), role(1, 3), role(1, 4), role(3, 7)
    ('output', 'input', 'kernel', 'kernel')
    """
    if row == 0:
        return "output"
    return "kernel" if column // (N >> row) % 2 else "input"


# ---- numbers and words ----------------------------------------------------------------------------------------------


def name_of(row: int, column: int) -> str:
    """What a value of the tree is called.

    Examples
    --------
    >>> name_of(0, 5), name_of(1, 5), name_of(3, 5)
    ('x̂[5]', 'O[1]', 'x[5]')
    """
    if row == ROWS - 1:
        return f"x[{members(row, column)[0]}]"
    group, j = divmod(column, N >> row)
    return f"{GROUPS[row][group]}[{j}]"


def complex_text(value: complex) -> str:
    """A complex number for reading: at most two decimals, parts that are zero left out.

    Examples
    --------
    >>> [complex_text(value) for value in (2, -0.5j, 1j, 0.5 - 1.207j, 1e-17)]
    ['2', '−0.5i', 'i', '0.5 − 1.21i', '0']
    """
    re, im = _brief(value.real), _brief(value.imag)
    if im == "0":
        return re
    size = "" if im.lstrip("−") == "1" else im.lstrip("−")
    if re == "0":
        return f"{'−' if im[0] == '−' else ''}{size}i"
    return f"{re} {'−' if im[0] == '−' else '+'} {size}i"


def product_words(index: int, values: np.ndarray) -> str:
    """What one multiplication does, with its value.

    Examples
    --------
    >>> product_words(9, stages([1, 0.5, 0, 0.5, 0.5, 0, -0.5, 0]))
    'Multiplication 10 of 12: ω·O[1] = −0.71i; added to E[1], it gives x̂[1]; subtracted from it, x̂[5].'
    """
    row, column, partner, even, odd, eighths = product(index)
    turned = complex_text(TWIDDLES[eighths] * values[row + 1, odd])
    return (
        f"Multiplication {index + 1} of 12: {FACTORS[eighths]}·{name_of(row + 1, odd)} = {turned}; "
        f"added to {name_of(row + 1, even)}, it gives {name_of(row, column)}; subtracted from it, "
        f"{name_of(row, partner)}."
    )


def head_of(row: int, group: int, width: float, scale: int = N) -> str:
    """What stands over a group in so many pixels: its name and its samples, shorter where there is no room.

    Over the top group stands also how large a value is whose arrow reaches its circle, ``scale``.

    Examples
    --------
    >>> head_of(1, 1, 220), head_of(2, 1, 80), head_of(2, 1, 60), head_of(3, 1, 40)
    ('O, odd: x[1] x[3] x[5] x[7]', 'EO: x[2] x[6]', 'EO: 2 6', 'x[4]')
    """
    numbers = members(row, group)
    if row == ROWS - 1:
        return f"x[{numbers[0]}]"
    name = GROUPS[row][group]
    if row == 0:
        return f"{name}: all eight{' samples transformed' if width > 400 else ''}; circle: {scale}"
    listed = " ".join(f"x[{n}]" for n in numbers)
    half = "odd" if group % 2 else "even"
    longer = [f"{name}, {half}: {listed}", f"{name}: {listed}", f"{name}: {' '.join(map(str, numbers))}"]
    room = (width - 24, width - 8, np.inf)
    return next(text for text, most in zip(longer, room, strict=True) if _width(text) <= most)


def _width(text: str) -> float:
    """About how wide a text is at 12 pixels."""
    return sum(4 if sign in "[] :," else 7.2 for sign in text)


def _brief(value: float) -> str:
    text = fixed(value, 2)
    return text.rstrip("0").rstrip(".")


# ---- drawing --------------------------------------------------------------------------------------------------------


def _draw_fork(ax: Axes, place: Layout, row: int, group: int) -> None:
    """The lines from a group down to its two halves."""
    left, top, wide, high = place.tile(row, group)
    for half in range(2):
        x, y, across, _ = place.tile(row + 1, 2 * group + half)
        middle, turn = top + high + (y - top - high) / 2, left + wide / 2
        corners = np.array([(turn, top + high), (turn, middle), (x + across / 2, middle), (x + across / 2, y)])
        ax.plot(*corners.T, color=plot.COLORS["kernel" if half else "input"], linewidth=1, alpha=0.6)


def _draw_tile(ax: Axes, place: Layout, row: int, group: int, scale: int) -> None:
    left, top, wide, high = place.tile(row, group)
    shape = FancyBboxPatch((left, top), wide, high, boxstyle="round,pad=0,rounding_size=6")
    shape.set(facecolor=plot.COLORS["paper"], edgecolor=plot.COLORS["grid"], linewidth=0.8)
    ax.add_patch(shape)
    color = role(row, group * (N >> row))
    plot.label(ax, left + wide / 2, top + HEAD / 2 + 1, head_of(row, group, 0.8 * wide, scale), color)


def _draw_arrow(ax: Axes, foot: tuple[float, float], along: complex, color: str) -> None:
    """From a point, up for imaginary; a short one is all head, and one without length a dot."""
    if not along:
        ax.plot(*foot, "o", color=plot.COLORS[color], markersize=4)
        return
    start = complex(foot[0], -foot[1])
    unit = along / abs(along)
    size = min(8.0, 0.62 * abs(along))
    tip, neck = start + along, start + along - size * unit
    ax.plot([start.real, neck.real], [-start.imag, -neck.imag], color=plot.COLORS[color], linewidth=2)
    corners = [(z.real, -z.imag) for z in (tip, neck + 0.5j * size * unit, neck - 0.5j * size * unit)]
    ax.add_patch(Polygon(corners, facecolor=plot.COLORS[color], edgecolor=plot.COLORS[color], zorder=3))
