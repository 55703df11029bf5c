"""ChannelsExplorer: a convolution layer as a desk, input channels as columns, feature maps as rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from convlib import plot
from convlib.data import block_means, color_photograph
from convlib.widgets.base import Widget
from convlib.widgets.traits import Choice, Count, Numbers, Pixels, Subset, within

#: Input channels, by letter; feature maps; rows and columns of every picture.
CHANNELS = ("R", "G", "B")
MAPS, SIZE = 3, 32
#: Weights lie between -WEIGHT and WEIGHT, biases between -BIAS and BIAS.
WEIGHT, BIAS = 9.0, 200.0
SHOWN = ("desk", "words", "controls", "counts")

_SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 4
_LAPLACIAN = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]) / 4
_TAP = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
_SOFT = np.array([[1, 1, 1], [1, 2, 1], [1, 1, 1]]) / 10

#: Kernels by name: for each map a kernel, and what it is multiplied by for red, green and blue.
_RECIPES = {
    "edges": ((_SOBEL, (1, 1, 1)), (_SOBEL.T, (1, 1, 1)), (_LAPLACIAN, (1, 1, 1))),
    "colors": ((_TAP, (1, -1, 0)), (_TAP, (-0.5, -0.5, 1)), (_TAP, (0.3, 0.6, 0.1))),
    "mixed": ((_SOBEL, (1, -1, 0)), (_SOFT, (0.5, 0.5, -1)), (_SOFT, (0.3, 0.6, 0.1))),
}

#: What is said of each of them.
SENTENCES = {
    "edges": "Each row has one kernel for all three channels. The sums see upright edges, level edges, detail.",
    "colors": "One weight a channel mixes colors: red minus green, blue minus yellow, brightness.",
    "mixed": "Map 0 seeks upright red–green edges. At edges of gray things its partial maps cancel.",
    "own": "Each map is a sum: of partial maps, one for each channel, and of a bias.",
}
_ONE = "1 × 1 kernels mix channels and see no neighbors. Of each kernel its middle weight is left."
_GROUPS = "Three groups: each map is made of one channel alone. Such a layer is called depthwise."


def preset_weights(name: str) -> np.ndarray:
    """Weights of a preset.

    Parameters
    ----------
    name : {"edges", "colors", "mixed"}

    Returns
    -------
    numpy.ndarray, shape (3, 3, 3, 3)
        Maps, channels, and each kernel's rows and columns.

    Examples
    --------
    >>> preset_weights("colors")[0, :, 1, 1]
    array([ 1., -1.,  0.])
    """
    rows = [np.multiply.outer(factors, kernel) for kernel, factors in _RECIPES[name]]
    return np.round(np.array(rows, dtype=float), 2)  # (3, 3, 3, 3)


@cache
def _photograph() -> np.ndarray:
    pixels = block_means(color_photograph("astronaut", 512)[:384, :384], SIZE)  # (32, 32, 3)
    planes = np.rint(255 * pixels).astype(np.uint8).transpose(2, 0, 1)  # (3, 32, 32)
    planes.flags.writeable = False  # shared by all widgets
    return planes


class Kernels(traitlets.TraitType):
    """A trait that is all weights of a layer from three channels to three maps, as a tuple of 81 numbers.

    They are rounded to multiples of ``step``.
    """

    low, high, step, most = -WEIGHT, WEIGHT, 0.01, MAPS * 3 * 9

    def __init__(self) -> None:
        super().__init__(default_value=tuple(preset_weights("mixed").ravel().tolist()))
        self.tag(sync=True, to_json=lambda weights, _widget: list(weights))

    def validate(self, obj: traitlets.HasTraits, value: object) -> tuple[float, ...]:
        """Refuse other shapes, complex values, NaN or what is out of range, saying which widget and trait."""
        name = f"{type(obj).__name__}.{self.name}"
        try:
            given = np.asarray(value)
        except ValueError as error:  # rows of different lengths
            raise ValueError(f"{name} must have the same number of weights in each kernel: {error}") from error
        if given.dtype.kind not in "biuf":
            raise TypeError(f"{name} must hold real numbers, got {type(value).__name__} of dtype {given.dtype}")
        full = _all_weights(given)
        if full is None:
            raise ValueError(
                f"{name} must have shape (3, 3, 3, 3), (3, 3, 1, 1), (3, 1, 3, 3), (3, 1, 1, 1), (3, 3) or (81,), "
                f"got {given.shape}"
            )
        if not np.isfinite(full).all():
            raise ValueError(f"{name} must hold finite numbers, got {full[~np.isfinite(full)][0]}")
        within(name, full, self.low, self.high)
        rounded = np.floor(full / self.step + 0.5) * self.step
        return tuple((np.round(rounded, 10) + 0.0).ravel().tolist())


def _all_weights(given: np.ndarray) -> np.ndarray | None:
    """Weights of whatever shape that a layer can have, as (3, 3, 3, 3); None for another shape.

    The weights of 1 × 1 kernels go into the middle, those of three groups to each map's own channel.
    """
    if given.shape in ((9,), (3, 3)):
        given = given.reshape(3, 3, 1, 1)
    if given.shape == (81,):
        given = given.reshape(3, 3, 3, 3)
    if (
        given.ndim != 4
        or given.shape[0] != MAPS
        or given.shape[1] not in (1, 3)
        or given.shape[2:] not in ((1, 1), (3, 3))
    ):
        return None
    full = np.zeros((MAPS, 3, 3, 3))
    taps = slice(None) if given.shape[3] == 3 else slice(1, 2)
    if given.shape[1] == 3:
        full[:, :, taps, taps] = given
    else:
        full[range(3), range(3), taps, taps] = given[:, 0]
    return full


def _layer_of(weights: object) -> dict[str, object]:
    """Kernel size and groups of a layer whose weights these could be; nothing where their shape does not tell."""
    try:
        shape = np.shape(weights)
    except ValueError:  # rows of different lengths: for the trait to refuse
        return {}
    if shape in ((9,), (3, 3)):
        return {"kernel": "1x1", "groups": 1}
    if len(shape) != 4:
        return {}
    return {"kernel": "1x1" if shape[3] == 1 else "3x3", "groups": 3 if shape[1] == 1 else 1}


class Biases(Numbers):
    """A trait that is one number for each feature map."""

    def validate(self, obj: traitlets.HasTraits, value: object) -> tuple[float, ...]:
        """Refuse more and fewer as well as what :class:`Numbers` refuses."""
        numbers = super().validate(obj, value)
        if len(numbers) != self.most:
            raise ValueError(f"{type(obj).__name__}.{self.name} must have {self.most} numbers, got {len(numbers)}")
        return numbers


class Groups(Count):
    """A trait that is 1 or 3: into how many groups the channels are divided."""

    def validate(self, obj: traitlets.HasTraits, value: object) -> int:
        """Refuse all other numbers: three channels and three maps cannot be halved."""
        number = super().validate(obj, value)
        if number == 2:
            raise ValueError(f"{type(obj).__name__}.{self.name} must be 1 or 3, got 2")
        return number


class Planes(Pixels):
    """A trait that is a small color picture: red, green and blue as planes of 8-bit values, one after the other."""

    def square(self, name: str, value: object) -> np.ndarray:
        """``value`` as an array of real numbers of the one shape that is allowed, or an error that says so."""
        try:
            planes = np.asarray(value)
        except ValueError as error:  # rows of different lengths
            raise ValueError(f"{name} must be 3 planes of {self.size} rows: {error}") from error
        if planes.dtype.kind not in "biuf":
            raise TypeError(f"{name} must hold real numbers, got {type(value).__name__} of dtype {planes.dtype}")
        if planes.shape != (3, self.size, self.size):
            raise ValueError(f"{name} must have shape (3, {self.size}, {self.size}), got {planes.shape}")
        return planes

    def from_json(self, data: bytes | memoryview, _widget: object) -> np.ndarray:
        """The picture, from the page's bytes."""
        return np.frombuffer(data, dtype=np.uint8).reshape(3, self.size, self.size)


class ChannelsExplorer(Widget):
    r"""A convolution layer laid out as a desk: channels as columns, maps as rows, a kernel where they cross.

    The cell in row :math:`f` and column :math:`c` holds the kernel :math:`w_{f,c}` and the partial map
    :math:`w_{f,c} \star x_c`, a correlation with zeros beyond the border, of the picture's own size.  A row's partial
    maps and its bias add up to its feature map: :math:`y_f = \mathrm{ReLU}\bigl(\sum_c w_{f,c} \star x_c + b_f\bigr)`.

    Parameters
    ----------
    preset : {"mixed", "edges", "colors", "own"}
        Which weights: Sobel's kernels and the Laplacian on all channels alike; mixtures of colors; some of each, with a
        detector of edges between red and green; or those of ``weights``.
    weights : array_like, shape (3, 3 / groups, k, k)
        The layer's own weights, between -9 and 9, rounded to multiples of 0.01; kept as all 81 that a layer of 3 × 3
        kernels without groups has.  Given without ``preset``, ``kernel`` or ``groups``, these become what its shape
        says; of no effect unless ``preset`` is ``"own"``.
    kernel : {"3x3", "1x1"}
        With 1 × 1 kernels, the weight in the middle is all that is left of each.
    groups : {1, 3}
        With three groups each map is made of one channel alone, map 0 of red: a depthwise layer.
    bias : sequence of three float
        One for each map, between -200 and 200.
    relu : bool
        Whether negative sums become 0.
    muted : list of {"R", "G", "B"}
        Channels that are taken as all zeros.
    solo : {"none", "R", "G", "B"}
        The one channel that is not, whatever ``muted`` says.
    zoom : {"desk", "cell"}
        The whole desk, or the one cell of ``map`` and ``channel``.
    map, channel : int
        Which row and column, from 0 to 2.  With three groups the channel is the map's own.
    row, column : int
        The pixel whose sum is written out, from 0 to 31.
    image : array_like, shape (3, 32, 32)
        Red, green and blue: integers from 0 to 255 or fractions from 0 to 1.
    show : list of {"desk", "words", "controls", "counts"}
        A reduced view of these parts alone; empty for all.

    Examples
    --------
    >>> layer = ChannelsExplorer(kernel="1x1", preset="colors")
    >>> layer.w.shape, layer.parameters, layer.multiply_adds
    ((3, 3, 1, 1), 12, 9216)
    >>> bool(np.isclose(layer.maps[2], np.tensordot([0.3, 0.6, 0.1], layer.x, 1)).all())
    True
    """

    #: ``look=y1,12,7`` pins the pixel of map 1 in row 12, column 7, ``look=x0,12,7`` that of the red channel;
    #: ``open=1,0`` zooms into the cell of map 1 and red, ``open=`` back; ``mute=R`` mutes red alone, ``mute=`` nothing;
    #: ``challenge=red``, ``challenge=blind``, ``challenge=``.
    orders = ("light", "reset", "look", "open", "mute", "challenge")
    parts = ("channels", "kernels", "sums", "maps", "counts")

    preset = Choice((*_RECIPES, "own"), "mixed").tag(sync=True)
    weights = Kernels()
    kernel = Choice(("3x3", "1x1"), "3x3").tag(sync=True)
    groups = Groups(1, 3, 1).tag(sync=True)
    bias = Biases((0, 0, 0), -BIAS, BIAS, MAPS)
    relu = traitlets.Bool(True).tag(sync=True)
    muted = Subset(CHANNELS).tag(sync=True)
    solo = Choice(("none", *CHANNELS), "none").tag(sync=True)
    zoom = Choice(("desk", "cell"), "desk").tag(sync=True)
    map = Count(0, MAPS - 1, 0).tag(sync=True)
    channel = Count(0, 2, 0).tag(sync=True)
    row = Count(0, SIZE - 1, 16).tag(sync=True)
    column = Count(0, SIZE - 1, 23).tag(sync=True)
    image = Planes(SIZE, _photograph)
    show = Subset(SHOWN).tag(sync=True)

    def __init__(self, **traits: object) -> None:
        if "weights" in traits:
            traits = {"preset": "own", **_layer_of(traits["weights"]), **traits}
        super().__init__(**traits)

    @property
    def w(self) -> np.ndarray:
        """The weights that are in force, shape (3, 3 / groups, k, k), as PyTorch has them."""
        full = np.reshape(self.weights, (3, 3, 3, 3)) if self.preset == "own" else preset_weights(self.preset)
        if self.groups == 3:
            full = full[range(3), range(3)][:, np.newaxis]  # (3, 1, 3, 3)
        return full if self.kernel == "3x3" else full[:, :, 1:2, 1:2]

    @property
    def x(self) -> np.ndarray:
        """The input as the layer hears it, shape (3, 32, 32): muted channels are zero."""
        return self.image * np.reshape(self.heard, (3, 1, 1)).astype(float)

    @property
    def heard(self) -> tuple[bool, bool, bool]:
        """Whether each channel is neither muted nor silent because another one is solo."""
        return tuple(c == self.solo if self.solo != "none" else c not in self.muted for c in CHANNELS)

    @property
    def partial(self) -> np.ndarray:
        """The partial maps, shape (3, 3, 32, 32); zeros where three groups leave no kernel."""
        k = self.w.shape[-1]
        padded = np.pad(self.x, ((0, 0), (k // 2, k // 2), (k // 2, k // 2)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(1, 2))  # (3, 32, 32, k, k)
        full = np.zeros((MAPS, 3, k, k))
        if self.groups == 3:
            full[range(3), range(3)] = self.w[:, 0]
        else:
            full[:] = self.w
        return np.einsum("chwkl,fckl->fchw", windows, full)

    @property
    def sums(self) -> np.ndarray:
        """The maps before ReLU, shape (3, 32, 32)."""
        return self.partial.sum(axis=1) + np.reshape(self.bias, (MAPS, 1, 1))

    @property
    def maps(self) -> np.ndarray:
        """The feature maps, shape (3, 32, 32)."""
        return np.maximum(self.sums, 0) if self.relu else self.sums

    @property
    def parameters(self) -> int:
        """How many numbers the layer has: weights and biases."""
        return self.w.size + MAPS

    @property
    def multiply_adds(self) -> int:
        """How many products all maps take."""
        return self.w.size * SIZE * SIZE

    @property
    def reach(self) -> float:
        """The number with the full color: the same in all maps, of the form 1, 2, 3 or 5 times a power of ten."""
        return round_up(max(np.abs(self.partial).max(), np.abs(self.sums).max(), 1.0))

    def sentence(self) -> str:
        """What there is to see, in words."""
        silent = [c for c, heard in zip(CHANNELS, self.heard, strict=True) if not heard]
        if len(silent) == 3:
            return "All channels are muted: only the biases are left."
        if silent:
            is_muted, its = ("is muted", "its") if len(silent) == 1 else ("are muted", "their")
            return f"{' and '.join(silent)} {is_muted}: taken as zeros, so {its} partial maps are empty."
        if self.groups == 3:
            return _GROUPS
        return _ONE if self.kernel == "1x1" and self.preset != "colors" else SENTENCES[self.preset]

    def sum_of(self, f: int, row: int, column: int) -> str:
        """The sum of one pixel of map ``f``, written out."""
        terms = [
            f"{c} {brief(self.partial[f, i, row, column])}"
            for i, c in enumerate(CHANNELS)
            if self.groups == 1 or i == f
        ]
        value = f"{' + '.join(terms)} + bias {brief(self.bias[f])} = {brief(self.sums[f, row, column])}"
        after = f" → ReLU → {brief(self.maps[f, row, column])}" if self.relu else ""
        return f"y[{f}, {row}, {column}] = {value}{after}"

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget: its desk, the sentence's lines, the controls, the counts and the frame."""
        heights = []
        for width, frame in ((337, 56), (620, 61), (756, 61)):
            narrow = Places(width).narrow
            words = 86 if narrow else 68 if width < 700 else 48
            parts = {"desk": Places(width).height, "words": words, "controls": 77 if narrow else 39}
            parts["counts"] = 71 if narrow else 50
            heights.append(round(sum(high for part, high in parts.items() if self._shows(part)) + frame))
        return tuple(heights)

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        k = self.w.shape[-1]
        cells = "one kernel and one partial map in each row" if self.groups == 3 else "nine kernels with partial maps"
        alt = (
            f"A layer as a desk: above, the channels red, green and blue of a small photograph; below, three rows for "
            f"three feature maps, {cells}, {k} by {k}; on the right of each row their sum, with bias"
            f"{' and ReLU' if self.relu else ''}. {self.sum_of(self.map, self.row, self.column)}."
        )
        caption = (
            f"{self.sentence()} At the framed pixel: {self.sum_of(self.map, self.row, self.column)}. "
            f"{self.parameters} parameters, {self.multiply_adds:,} multiply–adds. "
            "Correlation, as layers compute it, with zeros beyond the border."
        )
        return alt, caption

    def still(self) -> Figure:
        """Draw the desk: channels above, a row of kernels and partial maps for each feature map."""
        wide, side, gap, mini, head = 72 * plot.WIDTH, 64.0, 8.0, 18.0, 12.0  # points
        high = 4 * (side + gap) + head
        fig = plot.by_hand(high / 72)
        across = (wide - 4) / 4

        def place(i: int, j: int, left: float, size: float, down: float = 0.0) -> Axes:
            x, y = 2 + j * across + left, high - head - i * (side + gap) - size - down
            return fig.add_axes((x / wide, y / high, size / wide, size / high), xticks=[], yticks=[])

        partial, sums, reach = self.partial, self.maps, self.reach
        for c, letter in enumerate(CHANNELS):
            ax = place(0, c, mini + 2, side)
            plot.paint(ax, self.x[c], high=255)
            self._mark(ax, 0, c)
            fig.text((2 + c * across + mini - 2) / wide, 1 - (head + side / 2) / high, letter, ha="right", va="center")
        plot.paint(place(0, 3, mini + 2, side), self.x.transpose(1, 2, 0) / 255)
        for f in range(MAPS):
            for c in range(3):
                if self.groups == 3 and c != f:
                    continue
                kernel = self.w[f, 0 if self.groups == 3 else c]
                plot.paint(place(f + 1, c, 0, mini), kernel, signed=True, largest=np.abs(self.w).max() or 1)
                ax = place(f + 1, c, mini + 2, side)
                plot.paint(ax, partial[f, c], signed=True, largest=reach)
                self._mark(ax, f + 1, c)
            ax = place(f + 1, 3, mini + 2, side)
            plot.paint(ax, sums[f], signed=True, largest=reach)
            ax.spines[:].set(color=plot.COLORS["output"], linewidth=1.2)
            self._mark(ax, f + 1, 3)
            y = 1 - (head + (f + 1) * (side + gap) + side / 2) / high
            fig.text((2 + 3 * across + mini - 3) / wide, y, "=", ha="right", va="center")
        return fig

    def _mark(self, ax: Axes, i: int, j: int) -> None:
        """The window on a channel, the pixel of a map that is made of it."""
        color, reach = plot.COLORS["output"], self.w.shape[-1] / 2 + 0.75
        if i == 0 and (self.groups == 1 or j == self.map):
            corner = self.column - reach, self.row - reach
            for edge, width in ((plot.COLORS["paper"], 2.8), (color, 1.6)):
                ax.add_patch(Rectangle(corner, 2 * reach, 2 * reach, fill=False, edgecolor=edge, linewidth=width))
        elif i == self.map + 1:
            ax.add_patch(Circle((self.column, self.row), 2.2, fill=False, edgecolor=color, linewidth=1.6))


@dataclass(frozen=True)
class Places:
    """How large everything is, in pixels: the same numbers as ``geometry`` in channels_explorer.js."""

    width: float

    @property
    def narrow(self) -> bool:
        """Whether a kernel stands over its partial map, not beside it."""
        return self.width < 560

    @property
    def side(self) -> int:
        """Side of every picture."""
        if self.narrow:
            return min(64, math.floor((self.width - 54) / 4))
        return 96 if self.width >= 700 else 80

    @property
    def height(self) -> int:
        """Of the desk."""
        return 4 * self.side + (4 * 26 + 3 * 8 if self.narrow else 3 * 12)


def round_up(need: float) -> float:
    """The least number of the form 1, 2, 3, 5 times a power of ten that is not below ``need``, but for rounding.

    Examples
    --------
    >>> round_up(251), round_up(3.0), round_up(7)
    (300.0, 3.0, 10.0)
    """
    power = 10.0 ** math.floor(math.log10(need))
    return next(step * power for step in (1, 2, 3, 5, 10) if step * power >= need * 0.999)


def brief(value: float) -> str:
    """A number for reading, with as many as two decimals; halves go away from zero, as on the page.

    Examples
    --------
    >>> brief(-61.25), brief(58.0), brief(-0.001)
    ('−61.25', '58', '0')
    """
    # To a millionth first: sums in another order differ in their last digits, and ties would go either way.
    text = str(Decimal(round(float(value), 6)).quantize(Decimal("0.01"), ROUND_HALF_UP)).rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")
