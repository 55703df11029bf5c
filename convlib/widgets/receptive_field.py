"""ReceptiveField: a photograph, a stack of layers, and the box of pixels that one unit sees."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from convlib import plot
from convlib.data import photograph
from convlib.shapes import Field, receptive_field
from convlib.widgets.base import Widget
from convlib.widgets.traits import Choice, Count, OutOfRange, Subset

#: Rows and columns of the photograph; what no stack may see more of, along one axis; the most layers.
SIZE, LIMIT, MOST = 256, 1023, 24
KINDS = ("conv", "pool")
#: The largest kernel, stride and dilation.
KERNEL, STRIDE, DILATION = 11, 4, 8
SHOWN = ("picture", "stack", "words", "controls")

_PHOTOGRAPH = "chelsea"
_LAYER = re.compile(r"(conv|pool) (\d+)((?: (?:/\d+|d\d+))*)")
_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five"}


class Layer(NamedTuple):
    """A layer of windows: convolution, or pooling, which sees as far and has no weights.

    Examples
    --------
    >>> Layer.read("conv 3 /2")
    Layer(kind='conv', kernel_size=3, stride=2, dilation=1)
    >>> str(Layer("pool", 2, 2)), Layer("conv", 3, 1, 4).padding
    ('pool 2 /2', 4)
    """

    kind: str
    kernel_size: int
    stride: int = 1
    dilation: int = 1

    @classmethod
    def read(cls, text: str, name: str = "layer") -> Layer:
        """The layer that a text such as ``"conv 3 /2 d2"`` stands for.

        Raises
        ------
        TypeError, ValueError
            If it is no text, or none that stands for a layer; the message begins with ``name``.
        """
        if not isinstance(text, str):
            raise TypeError(f"{name} must be a text such as 'conv 3 /2', got {text!r} of type {type(text).__name__}")
        found = _LAYER.fullmatch(" ".join(text.split()))
        more = found[3].split() if found else []
        given = {word[0]: int(word[1:]) for word in more}
        if found and len(given) == len(more):
            layer = cls(found[1], int(found[2]), given.get("/", 1), given.get("d", 1))
            fits = zip(layer[1:], (KERNEL, STRIDE, DILATION), strict=True)
            if all(1 <= number <= high for number, high in fits):
                return layer
        raise ValueError(
            f"{name} must be conv or pool, a kernel from 1 to {KERNEL}, and, unless they are 1, a stride /2 to "
            f"/{STRIDE} and a dilation d2 to d{DILATION}, such as 'conv 3 /2 d2', got {text!r}"
        )

    @classmethod
    def of_code(cls, code: int) -> Layer:
        """The layer that travels as this number."""
        rest, dilation = divmod(int(code), DILATION)
        rest, stride = divmod(rest, STRIDE)
        kind, kernel = divmod(rest, KERNEL)
        return cls(KINDS[kind], kernel + 1, stride + 1, dilation + 1)

    @property
    def code(self) -> int:
        """A number for the page: from 0 to 703, each of which is a layer."""
        rest = KINDS.index(self.kind) * KERNEL + self.kernel_size - 1
        return (rest * STRIDE + self.stride - 1) * DILATION + self.dilation - 1

    @property
    def padding(self) -> int:
        """Zeros before the first sample, as PyTorch's ``padding="same"`` has them: half of the window's reach."""
        return (self.kernel_size - 1) * self.dilation // 2

    @property
    def settings(self) -> tuple[int, int, int, int]:
        """Kernel size, stride, dilation and padding, as :func:`convlib.shapes.receptive.receptive_field` takes them."""
        return (*self[1:], self.padding)

    def __str__(self) -> str:
        stride = f" /{self.stride}" if self.stride > 1 else ""
        dilation = f" d{self.dilation}" if self.dilation > 1 else ""
        return f"{self.kind} {self.kernel_size}{stride}{dilation}"


def _vgg(*counts: int) -> tuple[str, ...]:
    return tuple(layer for count in counts for layer in (*["conv 3"] * count, "pool 2 /2"))


#: Layers of each stack that has a name, from the input up; ResNet-18's are those of its main path, the longest.
PRESETS = {
    "two 3×3": ("conv 3",) * 2,
    "one 5×5": ("conv 5",),
    "LeNet-5": ("conv 5", "pool 2 /2", "conv 5", "pool 2 /2", "conv 5"),
    "AlexNet": ("conv 11 /4", "pool 3 /2", "conv 5", "pool 3 /2", *["conv 3"] * 3, "pool 3 /2"),
    "VGG-16": _vgg(2, 2, 3, 3, 3),
    "ResNet-18": ("conv 7 /2", "pool 3 /2", *["conv 3"] * 4, *["conv 3 /2", *["conv 3"] * 3] * 3),
    "dilated 1 2 4": ("conv 3", "conv 3 d2", "conv 3 d4"),
    "dilated 2 2 2": ("conv 3 d2",) * 3,
}


def name_of(layers: Sequence[str]) -> str:
    """Name of the stack that has these layers, or ``"own"``."""
    return next((name for name, known in PRESETS.items() if known == tuple(layers)), "own")


class Layers(traitlets.TraitType):
    """A trait that is a tuple of 1 to 24 layers, each a text such as ``"conv 3 /2"``; for the page, numbers."""

    low, high, step, most = 0, len(KINDS) * KERNEL * STRIDE * DILATION - 1, 1, MOST

    def __init__(self, default: tuple[str, ...]) -> None:
        super().__init__(default_value=default)
        self.tag(
            sync=True,
            to_json=lambda layers, _widget: [Layer.read(text).code for text in layers],
            from_json=lambda codes, _widget: tuple(str(Layer.of_code(code)) for code in codes),
        )

    def validate(self, obj: traitlets.HasTraits, value: object) -> tuple[str, ...]:
        """Refuse what is no layer, none at all, too many, and a field that is too large to be drawn."""
        name = f"{type(obj).__name__}.{self.name}"
        if isinstance(value, str) or not isinstance(value, list | tuple):
            raise TypeError(f"{name} must be a list of layers such as 'conv 3 /2', got {value!r}")
        if not 1 <= len(value) <= MOST:
            raise ValueError(f"{name} must be 1 to {MOST} layers, got {len(value)}")
        layers = [Layer.read(text, f"{name}[{i}]") for i, text in enumerate(value)]
        sizes = [field.size for field in fields(layers)]
        if sizes[-1] > LIMIT:
            first = next(i for i, size in enumerate(sizes) if size > LIMIT)
            raise ValueError(
                f"{name} must not see more than {LIMIT} pixels along one axis, got {sizes[first]} behind layer {first}"
            )
        return tuple(map(str, layers))


def fields(layers: Sequence[Layer]) -> list[Field]:
    """What unit 0 sees behind no layer, behind one, and so on.

    Examples
    --------
    >>> [field.size for field in fields([Layer("conv", 3), Layer("pool", 2, 2), Layer("conv", 3)])]
    [1, 3, 4, 8]
    """
    found = [Field()]
    for layer in layers:
        found.append(receptive_field([layer.settings], found[-1]))
    return found


def path_counts(layers: Sequence[Layer]) -> np.ndarray:
    r"""How many paths lead from each sample of the field, along one axis, to the unit: scattered back layer by layer.

    A path chooses one tap in each layer.  In two dimensions rows and columns are chosen apart, so that the counts of
    pixels are products of two of these numbers.

    Parameters
    ----------
    layers : sequence of Layer
        From the input up.

    Returns
    -------
    numpy.ndarray, shape (r,)
        Whole numbers as floats, exact up to 2⁵³; 0 at samples that no path reaches.

    Notes
    -----
    In a linear net whose weights are all 1 these numbers are the gradient of the unit.  With independent random
    weights of mean 0 they are its mean square, but for a factor: the gradient with respect to a sample is a sum over
    the paths :math:`p` of the products :math:`\prod_l w_l[t_l(p)]`.  Two different paths take different taps in at
    least one layer, where the mean of the product of the two weights is 0: of the squared sum only each path's own
    square is left in the mean, and that is :math:`\prod_l \sigma_l^2` for every path.  (Shared weights change nothing:
    a path uses one weight of each layer.)  Pooling is counted as a layer with such weights.  With fixed equal weights
    nothing changes as long as no two choices of taps in the pooling layers alone lead to the same shift, as in
    LeNet-5, VGG-16 and ResNet-18.

    References
    ----------
    W. Luo, Y. Li, R. Urtasun and R. Zemel, "Understanding the Effective Receptive Field in Deep Convolutional Neural
    Networks", NeurIPS 2016, arXiv:1701.04128.

    Examples
    --------
    >>> path_counts([Layer("conv", 3), Layer("conv", 3)])
    array([1., 2., 3., 2., 1.])
    """
    counts = np.ones(1)
    for _, kernel_size, stride, dilation in reversed(layers):
        ground = (len(counts) - 1) * stride + 1
        below = np.zeros(ground + (kernel_size - 1) * dilation)
        for tap in range(kernel_size):
            below[tap * dilation : tap * dilation + ground : stride] += counts
        counts = below
    return counts


def nine_tenths(counts: np.ndarray) -> int:
    """Length of the shortest interval in the middle that holds at least 90 % of the paths.

    Examples
    --------
    >>> nine_tenths(np.array([1, 2, 3, 2, 1]))
    5
    >>> nine_tenths(np.array([1, 18, 1]))
    1
    """
    enough, cut = 0.9 * counts.sum(), 0
    while 2 * (cut + 1) < len(counts) and counts[cut + 1 : len(counts) - cut - 1].sum() >= enough:
        cut += 1
    return len(counts) - 2 * cut


class ReceptiveField(Widget):
    r"""A photograph, a stack of layers, and the box of pixels that one unit sees: its receptive field.

    Behind :math:`l` layers the field is :math:`r_l` pixels across, and a unit's neighbour sees what lies :math:`j_l`
    pixels further on: :math:`r_l = r_{l-1} + (k_l - 1)\,d_l\,j_{l-1}`, :math:`j_l = s_l\,j_{l-1}`, from
    :math:`r_0 = j_0 = 1`.  Inside the box a blob shows how much each pixel counts, see ``path_counts``.

    Padding changes neither; here each layer is padded as PyTorch's ``padding="same"`` does it, so that
    the photograph's 256 pixels become :math:`\lceil 256 / j_l \rceil` units.

    Parameters
    ----------
    layers : sequence of str
        1 to 24 of them, from the input up: ``"conv"`` or ``"pool"``, the kernel's size from 1 to 11 and, unless they
        are 1, the stride from ``/2`` to ``/4`` and the dilation from ``d2`` to ``d8``: ``"conv 3"``, ``"pool 2 /2"``,
        ``"conv 3 d2"``.  Together they may see 1,023 pixels along one axis.
    stack : {"VGG-16", "own", "two 3×3", "one 5×5", "LeNet-5", "ResNet-18", "dilated 1 2 4", "dilated 2 2 2"}
        A stack by its name; it sets ``layers``, and layers of no name make it ``"own"``.  ResNet-18's is its main
        path, the longest: through the shortcuts a unit sees no more.
    depth : int
        How many layers are looked through, from 0, a pixel itself, to 24; more than there are stands for all.
    row, column : int
        The pixel, from 0 to 255, at which one looks: the unit is the one whose field has its middle nearest to it, see
        :attr:`unit`.
    effective : bool
        Show the effective field, the blob, inside the box.
    show : list of {"picture", "stack", "words", "controls"}
        A reduced view of these parts alone; empty for all.

    Raises
    ------
    ValueError
        If ``stack`` names other layers than ``layers``.

    Examples
    --------
    >>> [ReceptiveField(stack=name).field.size for name in ("LeNet-5", "VGG-16", "ResNet-18")]
    [32, 212, 435]
    >>> widget = ReceptiveField(layers=["conv 3 d2"] * 3)
    >>> widget.stack, widget.field.size, widget.reached
    ('dilated 2 2 2', 13, 7)
    """

    orders = ("light", "reset", "play", "pause")
    parts = ("box", "blob", "stack", "photograph")

    layers = Layers(PRESETS["VGG-16"])
    stack = Choice(("own", *PRESETS), "VGG-16").tag(sync=True)
    depth = Count(0, MOST, MOST).tag(sync=True)
    row = Count(0, SIZE - 1, SIZE // 2).tag(sync=True)
    column = Count(0, SIZE - 1, SIZE // 2).tag(sync=True)
    effective = traitlets.Bool(True).tag(sync=True)
    show = Subset(SHOWN).tag(sync=True)
    #: The photograph, as a file, for the page alone.
    _picture = traitlets.Bytes().tag(sync=True)

    def __init__(self, **traits: object) -> None:
        stack = traits.get("stack", "own")
        if "layers" in traits:
            name = name_of(type(self).layers.validate(self, traits["layers"]))
            if stack not in ("own", name) and stack in PRESETS:
                raise OutOfRange(f"{type(self).__name__}.stack must be {name!r} with these layers, got {stack!r}")
            traits["stack"] = stack if stack not in ("own", *PRESETS) else name
        elif isinstance(stack, str) and stack in PRESETS:
            traits["layers"] = PRESETS[stack]
        elif stack == "own":
            traits.pop("stack", None)
        super().__init__(**traits)

    @traitlets.default("_picture")
    def _photograph_file(self) -> bytes:
        return _file()

    @traitlets.observe("stack")
    def _take_its_layers(self, _change: object) -> None:
        if self.stack == "own":
            self._name_it(None)
        else:
            self.layers = PRESETS[self.stack]

    @traitlets.observe("layers")
    def _name_it(self, _change: object) -> None:
        self.stack = name_of(self.layers)

    @property
    def looked_through(self) -> list[Layer]:
        """The layers below the unit."""
        return [Layer.read(text) for text in self.layers[: self.depth]]

    @property
    def field(self) -> Field:
        """What unit 0 sees along one axis: its size is r, its jump j."""
        return receptive_field([layer.settings for layer in self.looked_through])

    @property
    def units(self) -> int:
        """How many units the layer has along each axis."""
        return -(-SIZE // self.field.jump)

    @property
    def unit(self) -> tuple[int, int]:
        """Row and column of the unit that is looked at, in the layer's grid."""
        return self._unit_at(self.row), self._unit_at(self.column)

    def _unit_at(self, pixel: int) -> int:
        field = self.field
        return min(max(math.floor((pixel - field.centre) / field.jump + 0.5), 0), self.units - 1)

    @property
    def box(self) -> tuple[slice, slice]:
        """The rows and the columns that it sees; those below 0 or above 255 are padding."""
        field = self.field
        starts = [field.start + unit * field.jump for unit in self.unit]
        return tuple(slice(start, start + field.size) for start in starts)

    @property
    def counts(self) -> np.ndarray:
        """Paths to the unit from each pixel of a row of the box, along that row; shape (r,)."""
        return path_counts(self.looked_through)

    @property
    def within(self) -> int:
        """Pixels across the shortest interval in the middle that holds nine tenths of the paths along one axis."""
        return nine_tenths(self.counts)

    @property
    def reached(self) -> int:
        """How many pixels of a row of the box a path leads from; with dilation it may be fewer than r."""
        return int(np.count_nonzero(self.counts))

    def recurrence(self) -> str:
        """The recurrence's last step, with its numbers."""
        if not self.looked_through:
            return "r = 1, j = 1"
        _, kernel_size, stride, dilation = self.looked_through[-1]
        before = receptive_field([layer.settings for layer in self.looked_through[:-1]])
        spread = f"({kernel_size} − 1){f'·{dilation}' if dilation > 1 else ''}·{before.jump}"
        return f"r = {before.size} + {spread} = {self.field.size}, j = {stride}·{before.jump} = {self.field.jump}"

    def sentence(self) -> str:
        """What the field is, in theory and in effect."""
        r = self.field.size
        if r == 1:
            return "The unit sees a single pixel." if self.looked_through else "A pixel sees itself."
        theory = f"In theory {r} pixels across; in a linear net, nine tenths of the influence along an axis "
        return f"{theory}lies within {self.within}. {self._remark()}"

    def _remark(self) -> str:
        r, layers = self.field.size, self.looked_through
        if self.reached < r:
            return f"Of {r} × {r} pixels only {self.reached**2:,} are reached: the taps leave holes."
        if all(layer.kind == "conv" and layer.stride == layer.dilation == 1 for layer in layers):
            weights = sum(layer.kernel_size**2 for layer in layers)
            if len(layers) > 1:
                return f"{weights} weights per pair of channels; one {r} × {r}, which sees as far, has {r * r}."
            if (r - 1) // 2 in _NUMBERS and r % 2:
                several = f"{_NUMBERS[(r - 1) // 2]} 3 × 3, which see as far, have {9 * (r - 1) // 2}"
                return f"{weights} weights per pair of channels; {several}."
        if self.stack == "ResNet-18":
            return "This is the main path, the longest: through the shortcuts a unit sees no more."
        return "Influence counts paths, as the mean squared gradient does for independent weights of mean 0."

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget: picture and stack, the words' lines, the controls, the foot and the frame."""
        shown = [part for part in ("picture", "stack") if self._shows(part)]
        heights = []
        for width, frame in ((337, 56), (620, 61), (756, 61)):
            narrow = width < 480
            words = (146 if narrow else 89 if width < 700 else 68) * self._shows("words")
            controls = (104 if narrow else 68 if width < 700 else 60) * self._shows("controls")
            heights.append(round(layout(width, shown, len(self.layers))["height"] + words + controls + frame))
        return tuple(heights)

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        field, (row, column), count = self.field, self.unit, len(self.looked_through)
        stack = ", ".join(self.layers[: self.depth]) or "no layer"
        effect = " with a blob in it, strong in the middle and faint towards the border" if self.effective else ""
        alt = (
            f"A photograph of a cat's face, {SIZE} by {SIZE} pixels, with a box of {field.size} by {field.size}{effect}"
            f": what unit {row}, {column} of {self.units} by {self.units} sees. Beside it {len(self.layers)} layers as "
            f"bars, as wide as their fields, of which {count} {'is' if count == 1 else 'are'} looked through: {stack}."
        )
        caption = f"{self.sentence()} The last step: {self.recurrence()}."
        return alt, caption

    def still(self) -> Figure:
        """Draw the photograph with the box, and the stack beside it."""
        side, strip, step = 170.0, 26.0, 12.6
        across, high = 72 * plot.WIDTH, max(side + strip + 4, (len(self.layers) + 2) * step + 4)
        fig = plot.by_hand(high / 72)
        panels = {
            "picture": (2, high - 2 - side, side, side),
            "profile": (2, high - 2 - side - strip, side, strip),
            "stack": (side + 10, 2, across - side - 12, high - 4),
        }
        axes = {
            name: fig.add_axes((x / across, y / high, w / across, h / high)) for name, (x, y, w, h) in panels.items()
        }
        for ax in axes.values():
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
        self._draw_picture(axes["picture"], axes["profile"])
        self._draw_stack(axes["stack"], high - 4, step)
        return fig

    def _draw_picture(self, ax: Axes, below: Axes) -> None:
        rows, columns = self.box
        half = view(rows, columns)
        for drawn in (ax, below):
            drawn.set_xlim(SIZE / 2 - half, SIZE / 2 + half)
        ax.set_ylim(SIZE / 2 + half, SIZE / 2 - half)
        ax.set_facecolor(plot.COLORS["grid"])
        grey = {"cmap": "gray", "vmin": 0, "vmax": 255, "zorder": 1}
        ax.imshow(_pixels()[::2, ::2], extent=(0, SIZE, SIZE, 0), aspect="auto", **grey)
        if self.effective:
            extent = (columns.start, columns.stop, rows.stop, rows.start)
            points = np.linspace(0, self.field.size - 1, min(self.field.size, 72))  # in a small picture none is missed
            drawn = self.counts[np.rint(points).astype(int)]
            ax.imshow(blob(drawn), extent=extent, aspect="auto", interpolation="nearest", zorder=2)
        corner, r = (columns.start, rows.start), self.field.size
        for color, width in (("paper", 3.2), ("output", 1.8)):
            box = Rectangle(corner, r, r, fill=False, edgecolor=plot.COLORS[color], linewidth=width, zorder=3)
            ax.add_patch(box)
        if not self.effective:
            return
        below.set_ylim(-0.08, 1.1)
        counts, middle = self.counts / self.counts.max(), (r - self.within) // 2
        edges = columns.start + np.arange(r + 1)
        below.stairs(counts, edges, fill=True, color=plot.COLORS["output"], alpha=0.3)
        inside = slice(middle, r - middle)
        below.stairs(counts[inside], edges[middle : r - middle + 1], fill=True, color=plot.COLORS["output"], alpha=0.75)

    def _draw_stack(self, ax: Axes, high: float, step: float) -> None:
        found, depth = fields([Layer.read(text) for text in self.layers]), len(self.looked_through)
        wide = 72 * plot.WIDTH - 170.0 - 12
        ax.set(xlim=(0, wide), ylim=(0, high))
        most, middle, room = found[-1].size, 86.0, 46.0
        plot.label(ax, wide - 24, (len(found) + 0.5) * step, "$r$", "muted", ha="right")
        plot.label(ax, wide - 1, (len(found) + 0.5) * step, "$j$", "muted", ha="right")
        for i, field in enumerate(found):
            before = found[max(i - 1, 0)]
            low, top = (max(size / most * room, 1) / 2 for size in (before.size, field.size))
            y = i * step
            role = "muted" if i > depth else "output"
            corners = [(middle - low, y), (middle + low, y), (middle + top, y + step - 1), (middle - top, y + step - 1)]
            faint = 0.35 if i > depth else 1 if i == depth else 0.6
            ax.add_patch(Polygon(corners, facecolor=plot.COLORS[role], alpha=faint, linewidth=0))
            text = "muted" if i > depth else "ink"
            plot.label(ax, 0, y + step / 2, self.layers[i - 1] if i else "pixel", text, ha="left")
            plot.label(ax, wide - 24, y + step / 2, str(field.size), text, ha="right")
            plot.label(ax, wide - 1, y + step / 2, str(field.jump), text, ha="right")


@cache
def _pixels() -> np.ndarray:
    pixels = np.rint(255 * photograph(_PHOTOGRAPH, SIZE)).astype(np.uint8)
    pixels.flags.writeable = False
    return pixels


@cache
def _file() -> bytes:
    """The photograph as the page gets it."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(_pixels()).save(file, "WEBP", quality=80, method=6)
    return file.getvalue()


def blob(counts: np.ndarray) -> np.ndarray:
    """The effective field in colours: from the kernel's, few paths, to the output's, most; clear where there is none.

    Parameters
    ----------
    counts : numpy.ndarray, shape (r,)
        Paths along one axis.

    Returns
    -------
    numpy.ndarray, shape (r, r, 4)
        Red, green, blue and opacity, each from 0 to 1.
    """
    share = np.outer(counts, counts) / counts.max() ** 2
    low, high = (np.array(to_rgb(plot.COLORS[role])) for role in ("kernel", "output"))
    opacity = np.where(share > 0, 0.12 + 0.68 * share, 0)
    return np.dstack([low + share[..., np.newaxis] * (high - low), opacity])


def view(rows: slice, columns: slice) -> float:
    """Half the side, in pixels, of the square about the photograph's middle in which the photograph and a box lie.

    Examples
    --------
    >>> view(slice(100, 150), slice(0, 50))
    128.0
    >>> view(slice(-72, 128), slice(0, 50))
    204.0
    """
    middle = SIZE / 2
    need = max(abs(end - middle) for box in (rows, columns) for end in (box.start, box.stop))
    return middle if need <= middle else 1.02 * need


def layout(width: float, shown: Sequence[str], count: int) -> dict[str, float]:
    """Where picture and stack stand, in pixels; the same numbers as ``layout`` in receptive_field.js.

    Parameters
    ----------
    width : float
        Of the widget, inside its frame.
    shown : sequence of {"picture", "stack"}
    count : int
        How many layers there are.

    Returns
    -------
    dict
        ``side`` and ``left`` of the picture, ``across``, ``from``, ``top`` and ``tall`` of the stack, the ``step`` from
        layer to layer, and the whole ``height``.
    """
    title, profile, gap, narrow = 19, 40, 22, width < 480
    picture, stack = ("picture" in shown), ("stack" in shown)
    side = min(width, 270) if narrow else 340 if width >= 700 else 300
    across = width if narrow else min(width - side - gap, 440)
    beside = side + gap + across
    left = (width - (beside if picture and stack and not narrow else side)) / 2
    start = 0 if narrow else left + side + gap if picture else (width - across) / 2
    tall = 156 if narrow else side + profile
    upper = title + side + profile if picture else 0
    top = (upper + 8 if picture else 0) if narrow else title
    step = min(52 if narrow else 44, math.floor((across if narrow else tall) / (count + 1)))
    height = max(upper, top + tall if stack else 0)
    return {
        "side": side,
        "left": left,
        "across": across,
        "from": start,
        "top": top,
        "tall": tall,
        "step": step,
        "height": height,
    }
