"""The base class of the book's widgets.

A widget is three files side by side: ``name.py`` (its traits), ``name.js`` (an `anywidget front-end module
<https://anywidget.dev/en/afm/>`_ that draws it and does its maths) and ``name.css``.  In JupyterLab it is an ordinary
anywidget; on the static page the book's own host mounts the same module on the saved state.
"""

from __future__ import annotations

import base64
import inspect
import math
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import anywidget
import numpy as np
import traitlets
from matplotlib.figure import Figure

from convlib import plot
from convlib._validate import finite_number, one_of, real_sequence

_FOLDER = Path(__file__).parent
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(?:js/)?(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:const|let|function\*?|async function|class) (\w+))", re.MULTILINE)


def within(name: str, numbers: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return ``numbers`` if all of them lie between ``low`` and ``high``, both included.

    Raises
    ------
    ValueError
        If one does not; the message says from where to where they reach.
    """
    if numbers.min() < low or numbers.max() > high:
        raise ValueError(
            f"{name} must lie between {low:g} and {high:g}, got values from {numbers.min():g} to {numbers.max():g}"
        )
    return numbers


class Choice(traitlets.TraitType):
    """A trait that is one of several names."""

    def __init__(self, names: Sequence[str], default: str, **options: object) -> None:
        self.names = tuple(names)
        super().__init__(default_value=one_of("default", default, self.names), **options)

    def validate(self, obj: traitlets.HasTraits, value: object) -> str:
        """Refuse other names, saying which widget and trait."""
        return one_of(f"{type(obj).__name__}.{self.name}", value, self.names)


class Number(traitlets.TraitType):
    """A trait that is a number between two bounds, rounded to a multiple of ``step``; halves go up, as on the page."""

    def __init__(self, low: float, high: float, default: float, step: float, **options: object) -> None:
        self.low, self.high, self.step = low, high, step
        super().__init__(default_value=default, **options)

    def validate(self, obj: traitlets.HasTraits, value: object) -> float:
        """Refuse what is not a number or out of range, saying which widget and trait."""
        number = finite_number(f"{type(obj).__name__}.{self.name}", value, low=self.low, high=self.high)
        return round(math.floor(number / self.step + 0.5) * self.step, 10)


class _Array(traitlets.TraitType):
    """A trait that is an array, made anew by ``validate`` and read-only: a change in place would go unseen."""

    def _validate(self, obj: traitlets.HasTraits, value: object) -> np.ndarray:
        array = super()._validate(obj, value)
        array.flags.writeable = False
        return array

    def set(self, obj: traitlets.HasTraits, value: object) -> None:
        """Set without asking arrays whether they are equal: they answer sample by sample."""
        new = self._validate(obj, value)
        old = obj._trait_values.get(self.name, self.default_value)
        if not np.array_equal(new, old):
            obj._trait_values[self.name] = new
            obj._notify_trait(self.name, old, new)


class Samples(_Array):
    """A trait that is a fixed number of samples between two bounds; it travels as 32-bit floats, not as text."""

    def __init__(self, default: Sequence[float], low: float, high: float) -> None:
        self.low, self.high, self.length = low, high, len(default)
        super().__init__(default_value=np.asarray(default, dtype=np.float32))
        self.tag(sync=True, to_json=_to_bytes, from_json=_from_bytes)

    def validate(self, obj: traitlets.HasTraits, value: object) -> np.ndarray:
        """Refuse another length, complex values, NaN or what is out of range, saying which widget and trait."""
        name = f"{type(obj).__name__}.{self.name}"
        samples = real_sequence(name, value)
        if len(samples) != self.length:
            raise ValueError(f"{name} must have {self.length} samples, got {len(samples)}")
        # Judged as given: what is far out of range may not even have a 32-bit float.
        return within(name, samples, self.low, self.high).astype(np.float32)


class Pixels(_Array):
    """A trait that is a square picture of 8-bit grey values; it travels as bytes, row after row.

    ``default`` makes the picture when one is first asked for: a photograph is not read just to define a class.
    """

    def __init__(self, size: int, default: Callable[[], np.ndarray]) -> None:
        self.size, self.make_dynamic_default = size, default
        super().__init__()
        self.tag(sync=True, to_json=self.to_json, from_json=self.from_json)

    def validate(self, obj: traitlets.HasTraits, value: object) -> np.ndarray:
        """Integers from 0 to 255 as they are, fractions from 0, black, to 1, white, rounded to 8 bits."""
        name = f"{type(obj).__name__}.{self.name}"
        pixels = self.square(name, value)
        top = 1 if pixels.dtype.kind in "bf" else 255
        if not (pixels.min() >= 0 and pixels.max() <= top):  # false for NaN, too
            raise ValueError(
                f"{name} must hold integers from 0 to 255 or fractions from 0 to 1, "
                f"got {pixels.dtype} values from {pixels.min():g} to {pixels.max():g}"
            )
        return np.rint(pixels * 255).astype(np.uint8) if top == 1 else pixels.astype(np.uint8)

    def square(self, name: str, value: object) -> np.ndarray:
        """``value`` as an array of real numbers of the one shape that is allowed, or an error that says so."""
        try:
            pixels = np.asarray(value)
        except ValueError as error:  # rows of different lengths
            raise ValueError(f"{name} must be {self.size} rows of {self.size} numbers: {error}") from error
        if pixels.dtype.kind not in "biuf":
            raise TypeError(f"{name} must hold real numbers, got {type(value).__name__} of dtype {pixels.dtype}")
        if pixels.shape != (self.size, self.size):
            raise ValueError(f"{name} must have shape ({self.size}, {self.size}), got {pixels.shape}")
        return pixels

    def to_json(self, pixels: np.ndarray, _widget: object) -> memoryview:
        """Bytes for the page."""
        return memoryview(np.ascontiguousarray(pixels)).cast("B")

    def from_json(self, data: bytes | memoryview, _widget: object) -> np.ndarray:
        """The picture, from the page's bytes."""
        return np.frombuffer(data, dtype=np.uint8).reshape(self.size, self.size)


def _to_bytes(samples: np.ndarray, _widget: object) -> memoryview:
    return memoryview(np.ascontiguousarray(samples, dtype="<f4")).cast("B")


def _from_bytes(data: bytes | memoryview, _widget: object) -> np.ndarray:
    return np.frombuffer(data, dtype="<f4")


class Widget(anywidget.AnyWidget):
    """A widget whose module and style lie beside its Python file, with the same name.

    A subclass has traits and :meth:`still`; it names its module only by where it stands.

    Raises
    ------
    TypeError
        For an argument that is not one of its traits.
    ValueError
        For a trait's value out of range; the widget keeps the value it had.
    """

    def __init_subclass__(cls, **options: object) -> None:
        source = Path(inspect.getfile(cls))
        # Every instance gets a class of its own, with _esm as a trait of it; that one is finished already.
        if not isinstance(getattr(cls, "_esm", None), traitlets.TraitType) and source.with_suffix(".js").exists():
            cls._esm = module_source(source.with_suffix(".js"))
            cls._css = style_source(source.with_suffix(".css"))
        super().__init_subclass__(**options)

    def __init__(self, **traits: object) -> None:
        own = self.own_traits()
        for name in traits:
            if name not in own:
                allowed = ", ".join(own)
                raise TypeError(f"{type(self).__name__} has no argument {name!r}; allowed are {allowed}")
        super().__init__(**traits)

    @classmethod
    def own_traits(cls) -> list[str]:
        """Names of the traits that this book's classes add, in alphabetical order."""
        names = set(cls.class_trait_names(sync=True)) - set(anywidget.AnyWidget.class_trait_names())
        return sorted(name for name in names if not name.startswith("_"))

    def __repr__(self) -> str:
        """Short, and the same from run to run: arrays, lists and switches are left out."""
        values = ((name, getattr(self, name)) for name in self.own_traits())
        kept = ((name, value) for name, value in values if isinstance(value, str | int | float))
        shown = ", ".join(f"{name}={value!r}" for name, value in kept if not isinstance(value, bool))
        return f"{type(self).__name__}({shown})"

    def still(self) -> Figure:
        """Draw the widget's present state with matplotlib, for paper and for readers without JavaScript."""
        raise NotImplementedError(f"{type(self).__name__} must define still()")

    def describe(self) -> tuple[str, str]:
        """Alternative text and caption of the still picture."""
        raise NotImplementedError(f"{type(self).__name__} must define describe()")

    def room(self) -> tuple[int, int, int]:
        """Heights in CSS pixels of the live widget where it is at most 480, at most 700, and more pixels wide.

        The page keeps this room from the start, so that nothing moves when the widget arrives; 0 keeps none.
        """
        return (0, 0, 0)

    def fallback(self) -> dict[str, str]:
        """What to show where the widget cannot run, by MIME type: the still picture with its caption."""
        alt, caption = self.describe()
        with plot.style():
            picture = plot.Picture(self.still(), alt=alt, caption=caption)
        return {"text/html": picture.html(), "image/png": base64.b64encode(picture.png).decode()}

    def _repr_mimebundle_(self, **options: object) -> tuple[dict, dict]:
        data, metadata = super()._repr_mimebundle_(**options)
        return {**data, **self.fallback(), "text/plain": repr(self)}, metadata


@cache
def module_source(path: Path) -> str:
    """The JavaScript module at ``path``, after the shared ones that it imports: each once, in a scope of its own.

    A widget is one self-contained module, for an anywidget's front end is a string with nothing beside it.

    Raises
    ------
    ValueError
        If a module imports what is not one of ``js/``: it would then need a network.
    """
    shared: dict[str, str] = {}

    def join(module: Path) -> str:
        source = module.read_text(encoding="utf-8")
        for _, name in _IMPORT.findall(source):
            if name not in shared:
                body = join(_FOLDER / ("common.js" if name == "common" else f"js/{name}.js"))
                names = ", ".join(_EXPORT.findall(body))
                shared[name] = f"const {name}$ = (() => {{\n{_EXPORT.sub('', body)}return {{ {names} }};\n}})();\n"
        return _IMPORT.sub(_destructured, source)

    own = join(path)
    joined = "\n".join([*shared.values(), own])
    if re.search(r"^import\b", joined, re.MULTILINE):
        raise ValueError(f"{path.name} imports a module that is not one of js/; a widget must stand alone")
    return joined


def _destructured(statement: re.Match) -> str:
    """An import statement as the constant that stands for it where the module has been put in front."""
    names = statement[1].replace(" as ", ": ")
    return f"const {{{names}}} = {statement[2]}$;\n"


@cache
def style_source(path: Path) -> str:
    """The style sheet at ``path``, after the palette and the rules that all widgets share."""
    sheets = [_FOLDER / "palette.css", _FOLDER / "base.css", *([path] if path.exists() else [])]
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
