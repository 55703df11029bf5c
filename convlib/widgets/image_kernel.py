"""ImageKernel: a small kernel moves over a photograph; every output is the sum of the products in its window."""

from __future__ import annotations

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convlib import kernels, plot
from convlib._validate import one_of, real_sequence
from convlib.convolution import correlate
from convlib.widgets import photographs
from convlib.widgets.base import Widget
from convlib.widgets.photographs import HEIGHT, PHOTOGRAPHS, WIDTH, Photographs, Picture
from convlib.widgets.traits import Choice, Count, Number, OutOfRange, Pixels, Subset, within

SIDES = (3, 5, 7)
#: The largest weight; and the side, in pixels of the photograph, of the tiles in which an output is developed.
REACH, TILE = 99.0, 16
TILES = (HEIGHT // TILE, WIDTH // TILE)

BOUNDARIES = ("constant", "edge", "symmetric", "reflect", "wrap")
NEGATIVES = ("clip", "color", "absolute")
LOCKS = ("none", "one", "zero")
SHOWN = ("picture", "pixels", "kernel", "products", "output", "sentence", "choices", "tools")

#: Standard deviations of the Gaussians, and of the Gaussians in Laplacians of more than 3 rows, by size.
SIGMAS, LAPLACIAN_SIGMAS = {3: 0.85, 5: 1.1, 7: 1.5}, {5: 0.9, 7: 1.1}

PRESETS = ("identity", "box", "Gaussian", "motion", "sharpen", "emboss", "Sobel x", "Sobel y", "Laplacian")
_SIZED = ("identity", "box", "Gaussian", "motion", "Laplacian")


def preset(name: str, side: int = 3) -> tuple[np.ndarray, int]:
    """Weights of a kernel with a name, as the widget's tiles have them, and what they are divided by.

    Parameters
    ----------
    name : {"identity", "box", "Gaussian", "motion", "sharpen", "emboss", "Sobel x", "Sobel y", "Laplacian"}
        Which kernel; divided, the weights are those of :mod:`convlib.kernels`.
    side : {3, 5, 7}
        Its size; sharpen, emboss and Sobel have only 3.

    Returns
    -------
    w : numpy.ndarray, shape (side, side)
        The weights as they are printed: for convolution, which turns them by half a turn.
    divisor : int
        1, or what makes whole numbers of the weights.

    Raises
    ------
    TypeError, ValueError
        If there is no such kernel or size.

    Examples
    --------
    >>> preset("Sobel x")
    (array([[ 1.,  0., -1.],
           [ 2.,  0., -2.],
           [ 1.,  0., -1.]]), 8)
    """
    one_of("name", name, PRESETS)
    if side not in SIDES:
        raise ValueError(f"side must be 3, 5 or 7, got {side!r}")
    if name not in _SIZED or (name == "Laplacian" and side == 3):
        w = {
            "sharpen": kernels.sharpen,
            "emboss": kernels.emboss,
            "Sobel x": lambda: kernels.sobel("x"),
            "Sobel y": lambda: kernels.sobel("y"),
            "Laplacian": kernels.laplacian,
        }[name]()
        divisor = 8 if name.startswith("Sobel") else 1
    elif name == "identity":
        w, divisor = kernels.box(1), 1
        w = np.pad(w, side // 2)
    elif name == "box":
        w, divisor = kernels.box(side), side**2
    elif name == "motion":
        w, divisor = kernels.motion(side), side
    else:
        make, sigmas = (kernels.gaussian, SIGMAS) if name == "Gaussian" else (kernels.log, LAPLACIAN_SIGMAS)
        w, divisor = make(sigmas[side], (side // 2) / sigmas[side]), 1
    return np.round(w * divisor, 12) + 0, divisor


def _frozen(w: np.ndarray) -> np.ndarray:
    w = np.array(w, dtype=float)
    w.flags.writeable = False
    return w


class Kernel(traitlets.TraitType):
    """A trait that is a square of 3, 5 or 7 rows of weights; it travels as a list, row after row."""

    def __init__(self, default: np.ndarray, reach: float) -> None:
        self.low, self.high, self.most = -reach, reach, max(SIDES) ** 2
        super().__init__(default_value=_frozen(default))
        self.tag(sync=True, to_json=lambda w, _widget: w.ravel().tolist())

    def validate(self, obj: traitlets.HasTraits, value: object) -> np.ndarray:
        """Refuse other shapes, complex values, NaN or what is out of range, saying which widget and trait."""
        name = f"{type(obj).__name__}.{self.name}"
        given = np.asarray(value, dtype=object)
        numbers = real_sequence(name, given.ravel().tolist()).astype(float)
        side = int(np.sqrt(len(numbers)) + 0.5)
        if side not in SIDES or given.shape not in ((side, side), (side**2,)):
            raise ValueError(f"{name} must have 3 × 3, 5 × 5 or 7 × 7 weights, got shape {given.shape}")
        return _frozen(within(name, numbers, self.low, self.high).reshape(side, side))

    def set(self, obj: traitlets.HasTraits, value: object) -> None:
        """Set without asking arrays whether they are equal: they answer weight by weight."""
        new, old = self._validate(obj, value), obj._trait_values.get(self.name, self.default_value)
        if not np.array_equal(new, old):
            obj._trait_values[self.name] = new
            obj._notify_trait(self.name, old, new)


class Tiles(Pixels):
    """A trait that says of each of 24 × 32 tiles whether it has been developed; it travels as one bit each."""

    def __init__(self) -> None:
        super().__init__(0, lambda: np.zeros(TILES, dtype=bool))

    def validate(self, obj: traitlets.HasTraits, value: object) -> np.ndarray:
        """Refuse other shapes, and what is neither 0 nor 1, saying which widget and trait."""
        name, tiles = f"{type(obj).__name__}.{self.name}", np.asarray(value)
        if tiles.shape != TILES:
            raise ValueError(f"{name} must have shape {TILES}, got {tiles.shape}")
        if tiles.dtype.kind not in "biuf" or not np.isin(tiles, (0, 1)).all():
            raise ValueError(f"{name} must hold only 0, empty, and 1, developed")
        return tiles.astype(bool)

    def to_json(self, tiles: np.ndarray, _widget: object) -> memoryview:
        """Eight tiles a byte."""
        return memoryview(np.packbits(tiles))

    def from_json(self, data: bytes | memoryview, _widget: object) -> np.ndarray:
        """The tiles, from their bits."""
        return np.unpackbits(np.frombuffer(data, dtype=np.uint8)).reshape(TILES).astype(bool)


class ImageKernel(Widget):
    r"""A photograph, a kernel of 3, 5 or 7 rows, and the photograph filtered with it.

    A bar divides the picture: the photograph on its left, the output on its right.  Touch an output and see it
    gathered from the window about it; touch a pixel and see it scattered into the outputs about it.

    Parameters
    ----------
    photo : {"astronaut", "camera", "chelsea", "coffee", "coins", "motorcycle", "page", "image", "own"}
        Which picture; ``"image"`` is the one given as ``image``, ``"own"`` the one that the reader has opened in the
        page, which never comes to Python.
    image : array_like, shape (384, 512), optional
        A picture of the author's: integers from 0 to 255 or fractions from 0 to 1.
    photographs : list of str
        Which photographs the page gets, 12 to 35 KB each: by default all, or with a reduced view only the present one.
    halvings : int
        How often the picture is halved, from 0, 512 pixels across, to 3, 64 pixels.
    kernel : array_like, shape (3, 3), (5, 5) or (7, 7)
        Weights between -99 and 99, as they are printed; or a name that ``preset``
        knows, with a size: ``"box 5"``.
        A name also sets ``divisor`` and ``negatives``.
    divisor, offset : float, int
        The sum of products is divided by ``divisor``, 0.01 to 1000, and ``offset``, -255 to 255, is added.
    turn : {180, 0, 90, 270}
        By how many degrees, clockwise, the kernel is turned before it is laid on the pixels: 180 is convolution, 0
        correlation.
    boundary : {"edge", "constant", "symmetric", "reflect", "wrap"}
        What lies beyond the border, by the names of ``numpy.pad``.
    negatives : {"clip", "color", "absolute"}
        How outputs below 0 are shown: black; blue, and those above 0 orange; or without their sign.
    lock : {"none", "one", "zero"}
        The sum of the weights, divided, that edits in the page keep.
    row, column : int
        The pixel under the cursor, counted on the photograph of 384 × 512 pixels.
    divider : float
        Where the bar stands, from 0, all output, to 1, all photograph.
    swept : int
        How many of the 768 tiles of the output are there, row by row; what is not can be painted with the window.
    painted : array_like of bool, shape (24, 32)
        Tiles that are there besides.
    show : list of {"picture", "pixels", "kernel", "products", "output", "sentence", "choices", "tools"}
        Which parts a reduced view has; an empty list stands for all.

    Notes
    -----
    In the page it understands the orders ``choose`` (a preset: ``{"do": "choose", "value": "box 5"}``), ``empty``,
    ``play``, ``pause``, ``light`` and ``reset``.

    Examples
    --------
    >>> widget = ImageKernel(kernel="box 3", photo="coffee")
    >>> float(widget.kernel.sum() / widget.divisor)
    1.0
    >>> print(widget.code)
    kernel = np.array([[1, 1, 1],
                       [1, 1, 1],
                       [1, 1, 1]]) / 9
    convolve(image, kernel, "same", boundary="edge")
    """

    orders = ("light", "reset", "play", "pause", "choose", "empty")
    parts = ("picture", "window", "pixels", "kernel", "products", "output")

    photo = Choice((*PHOTOGRAPHS, "image", "own"), "astronaut").tag(sync=True)
    image = Picture()
    photographs = Photographs()
    halvings = Count(0, 3, 1).tag(sync=True)
    kernel = Kernel(np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]]), REACH)
    turn = Number(0, 270, 180, 90).tag(sync=True)
    divisor = Number(0.01, 1000, 8, 0.01).tag(sync=True)
    offset = Count(-255, 255, 0).tag(sync=True)
    boundary = Choice(BOUNDARIES, "edge").tag(sync=True)
    negatives = Choice(NEGATIVES, "color").tag(sync=True)
    lock = Choice(LOCKS, "none").tag(sync=True)
    row = Count(0, HEIGHT - 1, 99).tag(sync=True)
    column = Count(0, WIDTH - 1, 435).tag(sync=True)
    divider = Number(0, 1, 0.5, 0.005).tag(sync=True)
    swept = Count(0, TILES[0] * TILES[1], TILES[0] * TILES[1]).tag(sync=True)
    painted = Tiles()
    show = Subset(SHOWN).tag(sync=True)

    def __init__(self, **traits: object) -> None:
        if isinstance(name := traits.get("kernel"), str):
            stem, _, side = name.rpartition(" ")
            w, divisor = preset(stem, int(side)) if side in ("3", "5", "7") else preset(name)
            negatives = "color" if abs(w.sum()) < 1e-9 else "clip"
            traits = {"divisor": divisor, "negatives": negatives, **traits, "kernel": w}
        super().__init__(**traits)

    @traitlets.default("photographs")
    def _those_that_can_be_chosen(self) -> list[str]:
        reduced = self.show and "choices" not in self.show
        return [self.photo if self.photo in PHOTOGRAPHS else next(iter(PHOTOGRAPHS))] if reduced else list(PHOTOGRAPHS)

    @traitlets.validate("photo")
    def _there_is_one(self, proposal: dict) -> str:
        photo = proposal["value"]
        if photo == "image" and self.image is None:
            raise OutOfRange(f"{type(self).__name__}.photo can be 'image' only with an image; give image=…")
        return photo

    @traitlets.validate("kernel", "lock", "divisor")
    def _locked(self, proposal: dict) -> object:
        value, name = proposal["value"], proposal["trait"].name
        w, lock, divisor = (value if name == key else getattr(self, key) for key in ("kernel", "lock", "divisor"))
        total = float(np.sum(w) / divisor)
        if lock != "none" and abs(total - (lock == "one")) > 1e-6:
            raise OutOfRange(
                f"{type(self).__name__}.kernel must sum to {int(lock == 'one')} with lock={lock!r}, got {total:g} "
                f"(after division by {divisor:g})"
            )
        return value

    @property
    def pixels(self) -> np.ndarray:
        """The picture as it is filtered, in whole grey values from 0 to 255; shape (384, 512), or halved."""
        if self.photo == "own":
            raise ValueError("the reader's own picture never leaves the page: choose another photo")
        grey = self.image if self.photo == "image" else photographs.pixels(self.photo)
        block = 2**self.halvings
        blocks = grey.reshape(HEIGHT // block, block, WIDTH // block, block)
        return np.floor(blocks.mean(axis=(1, 3)) + 0.5).astype(np.uint8)

    @property
    def laid(self) -> np.ndarray:
        """The weights as they lie on the pixels."""
        return np.rot90(self.kernel, -int(self.turn) // 90)

    @property
    def output(self) -> np.ndarray:
        """All outputs, not clipped; as many as there are :attr:`pixels`."""
        x, w = self.pixels.astype(float), self.laid / self.divisor
        return correlate(x, w, "same", boundary=self.boundary) + self.offset

    @property
    def place(self) -> tuple[int, int]:
        """Row and column of the cursor on :attr:`pixels`."""
        return self.row // 2**self.halvings, self.column // 2**self.halvings

    @property
    def window(self) -> np.ndarray:
        """The pixels about the cursor, as many as there are weights."""
        reach = len(self.kernel) // 2
        (row, column), side = self.place, len(self.kernel)
        return np.pad(self.pixels, reach, mode=self.boundary)[row : row + side, column : column + side]

    @property
    def scatters(self) -> bool:
        """Whether the cursor is on the photograph, left of the bar, rather than on the output."""
        return (self.place[1] + 0.5) * 2**self.halvings < self.divider * WIDTH

    @property
    def code(self) -> str:
        """The lines of Python that compute the output; the page shows the same."""
        rows = (",\n" + " " * 19).join(f"[{', '.join(_plain(v) for v in row)}]" for row in self.kernel)
        lies = {0: "kernel", 90: "np.rot90(kernel, -1)", 180: "kernel", 270: "np.rot90(kernel)"}[int(self.turn)]
        over = "" if self.divisor == 1 else f" / {_plain(self.divisor, 2)}"
        plus = f" {'-' if self.offset < 0 else '+'} {abs(self.offset)}" if self.offset else ""
        act = "convolve" if self.turn == 180 else "correlate"
        return f'kernel = np.array([{rows}]){over}\n{act}(image, {lies}, "same", boundary="{self.boundary}"){plus}'

    def sentence(self) -> str:
        """What there is to say about the place under the cursor."""
        (row, column), count = self.place, self.kernel.size
        at = f"Row {row}, column {column}"
        if self.scatters:
            pixel = self.pixels[row, column]
            how = {0: "turned by half", 180: "as it is printed"}.get(int(self.turn), "turned")
            return f"{at} is {pixel}. It goes into {count} outputs: the kernel, {how}, times {pixel}."
        total = float((self.laid * self.window).sum())
        value = total / self.divisor + self.offset
        over = "" if self.divisor == 1 else f", over {_brief(self.divisor)}"
        plus = f", {'minus' if self.offset < 0 else 'plus'} {abs(self.offset)}" if self.offset else ""
        said = f"{_brief(total, 1)}{over}{plus} = {_brief(value, 1)}" if over or plus else _brief(value, 1)
        beyond = ": below black, shown black" if value < 0 else ": beyond white, shown white" if value > 255 else ""
        return f"{at}: {count} products add up to {said}{beyond if self.negatives == 'clip' else ''}."

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget: the picture, the grids, the sentence, the controls, the frame."""
        shown = self.show or SHOWN
        lone, grids = not {"pixels", "products"} & {*shown}, {"pixels", "kernel", "products", "output"} & {*shown}
        heights = []
        for picture, sentence, frame, narrow in ((253, 40, 57, True), (246, 40, 57, False), (370, 40, 62, False)):
            strip = (188 if narrow else (310 if "output" in shown else 268) if lone else 449) if grids else 0
            rows = {"picture": picture, "sentence": sentence, "choices": 54, "tools": 34}
            stacked = [height for name, height in rows.items() if name in shown]
            column = sum(stacked) + 8 * (len(stacked) - 1)
            foot = 12 if narrow and "tools" in shown else 0
            both = column + strip + 8 * bool(grids) if narrow else max(column, strip)
            heights.append(both + frame + foot)
        return tuple(heights)

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        about = PHOTOGRAPHS.get(self.photo, "a picture")
        colors = {"color": "orange where positive, blue where negative", "clip": "in grey", "absolute": "without signs"}
        side = len(self.kernel)
        alt = (
            f"{about[0].upper()}{about[1:]}; right of an upright bar filtered, {colors[self.negatives]}. Below, "
            f"{side} × {side} pixels times the weights of the kernel as they lie there, {_rows(self.laid)}, and the "
            "products."
        )
        return alt, self.sentence()

    def still(self) -> Figure:
        """Draw the divided picture, and the grids under it."""
        # Placed by hand; a figure without any engine is given the style's own when it is saved.
        fig = plot.by_hand(4.9)
        ax = fig.add_axes((0, 0.281, 1, 0.719), xticks=[], yticks=[])
        self._draw_picture(ax)
        scatters, side = self.scatters, len(self.kernel)
        weights = np.rot90(self.laid, 2) if scatters else self.laid
        pixels = np.full((side, side), self.pixels[self.place]) if scatters else self.window
        grids = (pixels, weights, weights * pixels)
        titles = ("pixels", "kernel as it lies", "shares" if scatters else "products")
        for k, (values, title, role) in enumerate(zip(grids, titles, ("input", "kernel", "product"), strict=True)):
            ax = fig.add_axes((0.035 + 0.345 * k, 0.012, 0.225, 0.216), xticks=[], yticks=[])
            _draw_grid(ax, values, title, role)
        for k, sign in enumerate("×="):
            fig.text(0.32 + 0.345 * k, 0.12, sign, ha="center", va="center", color=plot.COLORS["muted"], size=14)
        return fig

    def _draw_picture(self, ax: Axes) -> None:
        block = 2**self.halvings
        edge = round(self.divider * WIDTH / block)
        grey = np.repeat(self.pixels[..., np.newaxis] / 255, 3, axis=2)
        tones = _tones(self.output, self.negatives, _reach(self.kernel, self.divisor))
        tiles = self.painted.ravel() | (np.arange(self.painted.size) < self.swept)
        done = np.kron(tiles.reshape(TILES), np.ones((TILE // block,) * 2, dtype=bool))[..., np.newaxis]
        shown = np.where(done, tones, 1 + 0.16 * (grey - 1))
        shown[:, :edge] = grey[:, :edge]
        ax.imshow(np.rint(255 * shown).astype(np.uint8), interpolation="none", extent=(0, WIDTH, HEIGHT, 0))
        ax.axis("off")
        ax.axvline(self.divider * WIDTH, color=plot.COLORS["paper"], linewidth=2.5)
        size = max(len(self.kernel) * block, 7)
        x, y = ((at + 0.5) * block for at in self.place[::-1])
        color = plot.COLORS["output" if self.scatters else "input"]
        for width, line in ((size + 18, 1.6), (size, 1.2)):
            corner = (x - width / 2, y - width / 2)
            ax.add_patch(Rectangle(corner, width, width, fill=False, edgecolor=color, linewidth=line))


def _reach(w: np.ndarray, divisor: float) -> float:
    """The number at which colours are full, as the page has it."""
    return min(100.0, max(1.0, 0.4 * 255 * max(np.maximum(w, 0).sum(), np.maximum(-w, 0).sum()) / divisor))


def _tones(y: np.ndarray, negatives: str, reach: float) -> np.ndarray:
    """Colours of outputs, from 0 to 1, shape (rows, columns, 3)."""
    if negatives != "color":
        grey = np.clip(abs(y) if negatives == "absolute" else y, 0, 255) / 255
        return np.repeat(grey[..., np.newaxis], 3, axis=2)
    strength = np.clip(abs(y) / reach, 0, 1)[..., np.newaxis] ** 0.8
    role = np.where((y < 0)[..., np.newaxis], to_rgb(plot.COLORS["input"]), to_rgb(plot.COLORS["kernel"]))
    return 1 + strength * (role - 1)


def _draw_grid(ax: Axes, values: np.ndarray, title: str, role: str) -> None:
    """Numbers in squares: pixels on their own grey, others on a tint of their colour."""
    side, largest = len(values), max(abs(values).max(), 1e-9)
    ax.set(xlim=(0, side), ylim=(side, 0))
    ax.set_title(title, color=plot.COLORS[role], pad=3)
    ax.spines[:].set(visible=True, color=plot.COLORS[role], linewidth=1.4)
    for (i, j), value in np.ndenumerate(values):
        tint = plot.COLORS["input" if role == "kernel" and value < 0 else role]
        alpha = 0.5 * abs(value) / largest
        face = str(value / 255) if role == "input" else tint
        box = Rectangle((j, i), 1, 1, facecolor=face, alpha=None if role == "input" else alpha, linewidth=0)
        ax.add_patch(box)
        if side == 3:
            color = ("#000000" if value > 117 else "#fffffe") if role == "input" else plot.COLORS["ink"]
            ax.text(j + 0.5, i + 0.5, _brief(float(value)), ha="center", va="center", color=color)


def _brief(value: float, digits: int = 2) -> str:
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text.replace("-", "−")


def _plain(value: float, digits: int = 4) -> str:
    return _brief(value, digits).replace("−", "-")


def _rows(w: np.ndarray) -> str:
    return "; ".join(", ".join(_brief(value) for value in row) for row in w)
