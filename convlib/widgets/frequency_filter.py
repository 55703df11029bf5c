"""FrequencyFilter: keep some frequencies of a picture, drop the others, and see the kernel that this amounts to."""

from __future__ import annotations

from functools import cache

import matplotlib.colors
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from convlib import plot
from convlib._validate import one_of, positive_number
from convlib.data import photograph
from convlib.widgets.base import Widget
from convlib.widgets.traits import Choice, Count, Number, Painted, Pixels, Subset, mirrored

#: Rows and columns of a picture, and of the part of the kernel that is shown.
SIZE, SHOWN = 128, 33
_MIDDLE = SIZE // 2

PICTURES = {
    "photograph": "a photograph",
    "stripes": "a photograph under diagonal stripes",
    "disk": "a light disk on a dark ground",
    "edge": "a dark left half and a light right half",
}
KINDS, EDGES = ("low-pass", "high-pass", "band-pass"), ("sharp", "smooth")
FILTERS = (*KINDS, "paint")
PANES = ("picture", "filtered", "spectrum", "kernel", "wave")
PARTS = (*PANES, "words", "controls")
CONTROLS = ("picture", "filter", "edge", "cutoff", "painted", "waves")
DARK, LIGHT, DISK_RADIUS = 40, 215, 32  # not black and white: overshoot must have room to be seen
STRIPES = (20, 12)  # waves across and down: radius 23 in the spectrum, on no power of two

#: How many waves a picture has beside its mean: a frequency and its mirror image are one; four are their own.
WAVES = (SIZE**2 - 4) // 2 + 3

#: A peak of the spectrum stands so many times above all that is so near; it is drawn as a dot of this squared radius.
_PEAK_FACTOR, _PEAK_NEAR, _DOT = 5, 4, 10
_PEAK_LEAST = 2.0  # grey values


@cache
def _photograph() -> np.ndarray:
    pixels = np.rint(255 * photograph("camera", SIZE)).astype(np.uint8)
    pixels.flags.writeable = False  # shared by all widgets
    return pixels


def frequencies() -> tuple[np.ndarray, np.ndarray]:
    """Waves across (columns) and down (rows) at every point of a spectrum with zero frequency in the middle.

    Returns
    -------
    across, down : numpy.ndarray, shapes (1, 128) and (128, 1)
        In cycles per picture, from -64 to 63.

    Examples
    --------
    >>> across, down = frequencies()
    >>> int(across[0, 64]), int(down[0, 0])
    (0, -64)
    """
    counts = np.arange(SIZE) - _MIDDLE
    return counts[np.newaxis, :], counts[:, np.newaxis]


def mask_values(kind: str, edge: str, cutoff: float) -> np.ndarray:
    r"""How much of each frequency a low-, high- or band-pass keeps, zero frequency in the middle.

    With :math:`r` cycles per picture and cutoff :math:`c`, a sharp low-pass keeps :math:`r \le c` and a smooth one
    :math:`e^{-(r/c)^2/2}`; a high-pass keeps the rest.  A sharp band-pass keeps one octave, :math:`c/\sqrt2 \le r \le
    \sqrt2 c`, and a smooth one :math:`e^{-(2\log_2(r/c))^2/2}`.  So every smooth mask has fallen to 0.61 where the
    sharp one ends.

    Parameters
    ----------
    kind : {"low-pass", "high-pass", "band-pass"}
    edge : {"sharp", "smooth"}
    cutoff : float
        In cycles per picture; above 0.

    Returns
    -------
    numpy.ndarray, shape (128, 128)
        Between 0, dropped, and 1, kept.

    Raises
    ------
    TypeError
        If ``kind`` or ``edge`` is not a string or ``cutoff`` not a real number.
    ValueError
        If there is no such kind or edge, or the cutoff is not finite or not above 0.

    Examples
    --------
    >>> float(mask_values("low-pass", "sharp", 16).sum())
    797.0
    """
    one_of("kind", kind, KINDS)
    one_of("edge", edge, EDGES)
    cutoff = positive_number("cutoff", cutoff)
    across, down = frequencies()
    squared = (across**2 + down**2).astype(float)  # (128, 128)
    if kind == "band-pass":
        if edge == "sharp":
            return ((squared >= cutoff**2 / 2) & (squared <= 2 * cutoff**2)).astype(float)
        octaves = 0.5 * np.log2(np.where(squared == 0, 1e-30, squared) / cutoff**2)
        return np.exp(-2 * octaves**2)
    low = (squared <= cutoff**2).astype(float) if edge == "sharp" else np.exp(-squared / (2 * cutoff**2))
    return low if kind == "low-pass" else 1 - low


def stripes(pixels: np.ndarray) -> np.ndarray:
    """Lay a diagonal wave of 20 cycles across and 12 down over a picture, which is made fainter so that both fit.

    Parameters
    ----------
    pixels : numpy.ndarray, shape (128, 128)
        Grey values from 0 to 255.

    Returns
    -------
    numpy.ndarray, shape (128, 128)
        Whole grey values from 0 to 255.
    """
    down, across = np.indices((SIZE, SIZE))
    turn = (STRIPES[0] * across + STRIPES[1] * down) % SIZE  # whole numbers: the page computes the same
    wave = np.sin(2 * np.pi * turn / SIZE)
    return np.floor(0.7 * pixels + 38.2 * wave + 38.23 + 0.5)  # no sum at an exact half, where rounding is touchy


def _sizes(pixels: np.ndarray) -> np.ndarray:
    """How large each coefficient of a picture is, in grey values, zero frequency in the middle; a wave has two."""
    return np.abs(np.fft.fftshift(np.fft.fft2(pixels))) / SIZE**2


def wave_order(pixels: np.ndarray) -> np.ndarray:
    """Rank the waves of a picture by falling amplitude, zero frequency in the middle.

    Amplitudes that differ by less than a millionth of a grey value count as equal: then the upper, or else the left,
    one comes first.

    Parameters
    ----------
    pixels : numpy.ndarray, shape (128, 128)
        Grey values.

    Returns
    -------
    numpy.ndarray, shape (128, 128)
        1 at the two frequencies of the strongest wave, 2 at those of the next, and so on; 0 at the mean.
    """
    spectrum = _sizes(pixels)
    places = np.arange(SIZE**2).reshape(SIZE, SIZE)
    twins = mirrored(places)
    amplitude = np.where(places == twins, spectrum, 2 * spectrum)
    first = np.flatnonzero((places <= twins) & (places != twins[_MIDDLE, _MIDDLE]))
    order = first[np.argsort(-np.floor(1e6 * amplitude.ravel()[first] + 0.5), kind="stable")]
    ranks = np.zeros(SIZE**2, dtype=int)
    ranks[order] = ranks[twins.ravel()[order]] = np.arange(1, WAVES + 1)
    return ranks.reshape(SIZE, SIZE)


def peaks(pixels: np.ndarray) -> np.ndarray:
    """Find the single frequencies that stand out of a picture's spectrum, as those of a pattern laid over it do.

    Parameters
    ----------
    pixels : numpy.ndarray, shape (128, 128)
        Grey values.

    Returns
    -------
    numpy.ndarray of bool, shape (128, 128)
        Where the amplitude is above 2 grey values and 5 times as large as any other at most 4 frequencies away, across
        and down; zero frequency, which is never one, in the middle.

    Examples
    --------
    >>> found = np.argwhere(peaks(FrequencyFilter(picture="stripes").input)) - 64  # down, across
    >>> found.tolist()
    [[-12, -20], [12, 20]]
    """
    amplitude = 2 * _sizes(pixels)
    amplitude[_MIDDLE, _MIDDLE] = 0
    shifts = range(-_PEAK_NEAR, _PEAK_NEAR + 1)
    around = [np.roll(amplitude, (down, across), (0, 1)) for down in shifts for across in shifts if down or across]
    return (amplitude > _PEAK_LEAST) & (amplitude > _PEAK_FACTOR * np.max(around, axis=0))


class FrequencyFilter(Widget):
    """A picture, its spectrum with a mask over it, the filtered picture, and the kernel that does the same.

    All spectra, masks and kernels are given as one sees them, with zero in the middle: at row 64 and column 64.
    ``numpy.fft.ifftshift`` puts them in NumPy's order.

    Parameters
    ----------
    picture : {"photograph", "stripes", "disk", "edge"}
        What is filtered: ``image``; the same under diagonal stripes; or one of two drawings.
    filter : {"low-pass", "high-pass", "band-pass", "paint"}
        Which frequencies are kept: see :func:`mask_values`; ``"paint"`` keeps those in ``painted``.
    edge : {"sharp", "smooth"}
        How the mask ends; of no effect on a painted one.
    cutoff : float
        In cycles per picture, between 1 and 64, rounded to a multiple of 0.5; of no effect on a painted mask.
    image : array_like, shape (128, 128)
        The photograph: integers from 0 to 255 or fractions from 0 to 1, as
        :func:`~convlib.data.photographs.photograph` gives them.
    painted : array_like of bool, shape (128, 128)
        Frequencies to keep; must be the same at any frequency and at its mirror image about the middle.
    waves : int
        Between 0 and 8193.  0: the mask as above; otherwise, whatever the filter, the mask keeps the mean and that many
        waves, the strongest ones of the picture.
    show : list of {"picture", "filtered", "spectrum", "kernel", "wave", "words", "controls"}
        A reduced view of these parts alone; empty for all.  "wave" is the wave looked at, or the one added last; where
        all is seen, that stands in the kernel's place while there are ``waves``.
    controls : list of {"picture", "filter", "edge", "cutoff", "painted", "waves"}
        Only the controls that set these traits; empty for all, and for none in a reduced view without "controls".

    Examples
    --------
    >>> widget = FrequencyFilter(filter="low-pass", cutoff=16)
    >>> round(100 * widget.kept, 1)
    4.9
    """

    orders = ("light", "reset", "play", "pause")
    parts = (*PARTS, "cutoff", "waves")

    picture = Choice(PICTURES, "photograph").tag(sync=True)
    filter = Choice(FILTERS, "low-pass").tag(sync=True)
    edge = Choice(EDGES, "sharp").tag(sync=True)
    cutoff = Number(1, 64, 16.0, 0.5).tag(sync=True)
    image = Pixels(SIZE, _photograph)
    painted = Painted(SIZE, lambda: np.ones((SIZE, SIZE), dtype=bool))
    waves = Count(0, WAVES, 0).tag(sync=True)
    show = Subset(PARTS).tag(sync=True)
    controls = Subset(CONTROLS).tag(sync=True)

    @property
    def input(self) -> np.ndarray:
        """The present picture: grey values from 0 to 255, shape (128, 128)."""
        if self.picture == "photograph":
            return self.image.astype(float)
        if self.picture == "stripes":
            return stripes(self.image)
        across, down = frequencies()
        light = across**2 + down**2 < DISK_RADIUS**2 if self.picture == "disk" else across >= 0
        return np.where(np.broadcast_to(light, (SIZE, SIZE)), float(LIGHT), float(DARK))

    @property
    def mask(self) -> np.ndarray:
        """How much of each frequency is kept, from 0 to 1, shape (128, 128)."""
        if self.waves:
            return (wave_order(self.input) <= self.waves).astype(float)
        if self.filter == "paint":
            return self.painted.astype(float)
        return mask_values(self.filter, self.edge, self.cutoff)

    @property
    def filtered(self) -> np.ndarray:
        """The picture of the frequencies that are kept, shape (128, 128); not clipped, and about 0 without the mean."""
        return np.fft.ifft2(np.fft.fft2(self.input) * np.fft.ifftshift(self.mask)).real

    @property
    def kernel(self) -> np.ndarray:
        """What the picture is convolved with, wrapping round, to the same effect: shape (128, 128)."""
        return np.fft.fftshift(np.fft.ifft2(np.fft.ifftshift(self.mask)).real)

    @property
    def kept(self) -> float:
        """Share of the frequencies that are kept, from 0 to 1; those kept in part count in part."""
        return float(self.mask.mean())

    @property
    def energy(self) -> float:
        """Share of the picture's energy that is kept, from 0 to 1, without the mean; 1 for a flat picture."""
        power = np.abs(np.fft.fftshift(np.fft.fft2(self.input))) ** 2
        power[_MIDDLE, _MIDDLE] = 0
        total = power.sum()
        # What the transform of a flat picture leaves beside the mean is rounding dust.
        return float((power * self.mask**2).sum() / total) if total > 1e-9 else 1.0

    @property
    def last_wave(self) -> tuple[int, int] | None:
        """Cycles across and down of the wave that was added last; None where there are no ``waves``."""
        if not self.waves:
            return None
        down, across = (np.argwhere(wave_order(self.input) == self.waves)[0] - _MIDDLE).tolist()
        # Of a wave's two frequencies the one to the right, as the page names it.
        return (-across, -down) if -_MIDDLE < across < 0 and down > -_MIDDLE else (across, down)

    @property
    def _panes(self) -> list[str]:
        """The pictures to be seen, in their order: at least the filtered one."""
        if not self.show:
            return [*PANES[:3], "wave" if self.waves else "kernel"]
        return [name for name in PANES if name in self.show] or ["filtered"]

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget, see :meth:`Widget.room`: what its style sheet gives to its parts."""
        return tuple(round(self._height(width)) for width in (358, 654, 790))

    def _height(self, width: int) -> float:
        """Of panes and words, and of what stands under them or, where there is room, beside them."""
        wide = width > 480
        inside = width - (34 if wide else 21.2)
        side = self._side(wide=wide)
        share = max(196, 0.3 * inside)
        room = min(inside, 430) if not wide else min(inside, 520) if not side else inside - share - 18
        count = len([name for name in self._panes if not self.show or name in self.show])
        columns = min(count, 3 if wide and count == 3 else 2)
        height, gap = 0.0, 8 if wide else 6
        if count:
            pane = min(room, 250) if columns == 1 else (room - 10 * (columns - 1)) / columns
            rows = -(-count // columns)
            height = rows * (pane + 20) + 6 * (rows - 1)
        if self._shows("words"):
            height += 70 + gap * bool(height)
        if wide:
            return 62 + max(height, side)
        return 57.2 + height + side + gap * bool(height and side)

    def _side(self, *, wide: bool) -> float:
        """Height of the controls."""
        painting = self.filter == "paint"
        rows = [52] * self._offers("painted" if painting else "cutoff") + [72 if wide else 34] * self._offers("waves")
        rows += [89] * (painting and self._offers("painted")) + [79 if wide else 49] * self._offers("filter")
        last = [49] * (not painting and self._offers("edge")) + [55] * self._offers("picture")
        rows += last if wide or painting else last[-1:]
        return sum(rows) + (14 if wide else 6) * (len(rows) - 1) if rows else 0

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        about = "" if self._keeps_mean else ", about mid-grey since the mean is dropped"
        # No number of frequencies is kept then.
        fades = self.edge == "smooth" and self.filter != "paint" and not self.waves
        weighted = ", weighted by the mask," if fades else ""
        amounts = f"{100 * self.kept:.1f} % of the frequencies{weighted} and {100 * self.energy:.1f} % of the energy"
        wave = "none yet" if not self.waves else "{} cycles across and {} down".format(*self.last_wave)
        told = {
            "picture": f"The picture: {PICTURES[self.picture]}.",
            "filtered": f"The filtered picture{about}: {self._kept_words} kept.",
            "spectrum": f"The spectrum, with {self._kept_words} kept.",
            "kernel": f"The {SHOWN} by {SHOWN} weights in the middle of the kernel that does the same, coloured by "
            "their square root.",
            "wave": f"The wave added last: {wave}.",
        }
        panes = self._panes
        count = ("One panel", "Two panels", "Three panels", "Four panels", "Five panels")[len(panes) - 1]
        alt = f"{count}. {' '.join(told[name] for name in panes)}"
        if "spectrum" in panes:
            alt += f" The mask lets {amounts} through, the mean left out."
        caption = f"Keep some frequencies, drop the others (here {amounts}, without the mean, pass)"
        if "kernel" not in panes:
            return alt, f"{caption}."
        caption += (
            f": that is the same as convolving, wrapping round, with one kernel, and here are the middle {SHOWN} × "
            f"{SHOWN} of its {SIZE} × {SIZE} weights, coloured by their square root so that faint ripples show."
        )
        return alt, caption

    @property
    def _keeps_mean(self) -> bool:
        return bool(self.mask[_MIDDLE, _MIDDLE] >= 0.5)

    @property
    def _kept_words(self) -> str:
        if self.waves:
            return f"the {self.waves} strongest waves"
        if self.filter == "paint":
            return "the painted frequencies"
        side = {"low-pass": "below", "high-pass": "above", "band-pass": "in the octave about"}[self.filter]
        # A smooth mask has no end: it says what it keeps where the sharp one has.
        share = 39 if self.filter == "high-pass" else 61
        end = "sharp edge" if self.edge == "sharp" else f"smooth edge, {share} % of those at it"
        return f"the frequencies {side} {self.cutoff:g} cycles per picture ({end})"

    def still(self) -> Figure:
        """Draw the panels that are to be seen, two in a row."""
        # Placed by hand; a figure without any engine is given the style's own when it is saved.
        panes = self._panes
        rows = (len(panes) + 1) // 2
        fig = plot.by_hand((2 + 175.4 * rows) / 72)
        filtered = "filtered picture" if self._keeps_mean else "filtered + mid-grey"
        titles = {
            "picture": ("picture", "input"),
            "filtered": (filtered, "output"),
            "spectrum": ("spectrum × mask", "product"),
            "kernel": ("kernel", "kernel"),
            "wave": (f"+ wave {self.waves}" if self.waves else "wave", "ink"),
        }
        for place, name in enumerate(panes):
            # 1.2 points a pixel and 4.6 a weight: lengths in the drawing are rounded to a tenth of a point.
            ax = _panel(fig, place, 4.6 * SHOWN if name == "kernel" else 1.2 * SIZE)
            self._draw_pane(ax, name)
            title, color = titles[name]
            ax.set_title(title, color=plot.COLORS[color], pad=4)
        return fig

    def _draw_pane(self, ax: Axes, name: str) -> None:
        grey = {"cmap": "gray", "vmin": 0, "vmax": 255, "interpolation": "none"}
        if name == "picture":
            ax.imshow(self.input, **grey)
        elif name == "filtered":
            ax.imshow(self.filtered + (0 if self._keeps_mean else 128), **grey)
        elif name == "spectrum":
            ax.imshow(_spectrum_colors(self.input, self.mask), interpolation="none")
            self._draw_circles(ax)
        elif name == "kernel":
            ax.imshow(_kernel_colors(self.kernel), interpolation="none")
        elif self.waves:
            across, down = self.last_wave
            rows, columns = np.indices((SIZE, SIZE))
            ax.imshow(128 + 100 * np.cos(2 * np.pi * (across * columns + down * rows) / SIZE), **grey)

    def _draw_circles(self, ax: Axes) -> None:
        """Outline the mask where it ends, dashed if it does so smoothly."""
        if self.filter == "paint" or self.waves:
            return
        factors = (2**-0.5, 2**0.5) if self.filter == "band-pass" else (1,)
        style = {"fill": False, "color": plot.COLORS["kernel"], "linewidth": 1.5}
        for factor in factors:
            dash = "-" if self.edge == "sharp" else "--"
            ax.add_patch(Circle((_MIDDLE, _MIDDLE), factor * self.cutoff, linestyle=dash, **style))


def _panel(fig: Figure, place: int, side: float) -> Axes:
    """An axis without ticks, ``side`` points wide: first row 0 and 1, second row 2 and 3."""
    width, height = 72 * fig.get_size_inches()
    left, top = 9.4 + 166.0 * (place % 2), height - 19.0 - 175.4 * (place // 2)
    ax = fig.add_axes((left / width, (top - side) / height, side / width, side / height), xticks=[], yticks=[])
    ax.spines[:].set(visible=True, color=plot.COLORS["grid"])
    return ax


def _spectrum_colors(pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Amplitudes from 0.02 to 40 grey values, on a logarithmic scale: dropped frequencies in grey, others in colour."""
    amplitude = 2 * _sizes(pixels)
    source = _dotted(pixels)
    amplitude, mask = amplitude.ravel()[source], mask.ravel()[source]
    level = np.clip((np.log10(amplitude + 1e-9) + 1.7) / 3.3, 0, 1)[..., np.newaxis]  # (128, 128, 1)
    muted, product, ink = (
        np.array(matplotlib.colors.to_rgb(plot.COLORS[name])) for name in ("muted", "product", "ink")
    )
    strong = np.clip((level - 0.6) / 0.4, 0, 1)
    kept = np.dstack([product + strong * (ink - product), np.clip(level / 0.7, 0, 1)])  # (128, 128, 4)
    dropped = np.dstack([np.broadcast_to(muted, (*kept.shape[:2], 3)), 0.22 + 0.63 * level])
    return dropped + mask[..., np.newaxis] * (kept - dropped)


def _dotted(pixels: np.ndarray) -> np.ndarray:
    """Which frequency is drawn at each place of the spectrum, as a flat index: its own, but a peak's near a peak."""
    source = np.arange(SIZE**2).reshape(SIZE, SIZE)
    across, down = frequencies()
    for row, column in np.argwhere(peaks(pixels)) - _MIDDLE:
        source[(across - column) ** 2 + (down - row) ** 2 <= _DOT] = source[row + _MIDDLE, column + _MIDDLE]
    return source


def _kernel_colors(kernel: np.ndarray) -> np.ndarray:
    """Weights as opacity: orange above zero, blue below; by their square root, so that faint ripples show."""
    half = SHOWN // 2
    part = kernel[_MIDDLE - half : _MIDDLE + half + 1, _MIDDLE - half : _MIDDLE + half + 1]
    largest = np.abs(part).max()
    opacity = np.sqrt(np.abs(part) / largest) if largest > 0 else np.zeros_like(part)
    signs = [matplotlib.colors.to_rgb(plot.COLORS[name]) for name in ("kernel", "input")]
    return np.dstack([np.where((part >= 0)[..., np.newaxis], *signs), opacity])
