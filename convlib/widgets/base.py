"""The base class of the book's widgets.

A widget is three files side by side: ``name.py`` (its traits), ``name.js`` (an `anywidget front-end module
<https://anywidget.dev/en/afm/>`_ that draws it and does its maths) and ``name.css``.  In JupyterLab it is an ordinary
anywidget; on the static page the book's own host mounts the same module on the saved state.
"""

from __future__ import annotations

import base64
import inspect
import json
import re
from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from typing import ClassVar

import anywidget
import traitlets
from matplotlib.figure import Figure

from convlib import plot
from convlib.widgets.traits import limits

_FOLDER = Path(__file__).parent
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(?:js/)?(\w+)\.js";\n', re.MULTILINE)
_NO_SHEETS = 'const SHEETS = "";'
_EXPORT = re.compile(r"^export (?=(?:const|let|function\*?|async function|class) (\w+))", re.MULTILINE)


class Widget(anywidget.AnyWidget):
    """A widget whose module and style lie beside its Python file, with the same name.

    A subclass has traits and :meth:`still`; it names its module only by where it stands.

    Attributes
    ----------
    orders : tuple of str
        What prose can ask of it beside setting its traits, as its module tells ``view.obeys``.
    parts : tuple of str
        What the order ``light`` can make stand out: the names in its module's ``data-part``.

    Raises
    ------
    TypeError
        For an argument that is not one of its traits.
    ValueError
        For a trait's value out of range; the widget keeps the value it had.
    """

    orders: ClassVar[tuple[str, ...]] = ("light", "reset")
    parts: ClassVar[tuple[str, ...]] = ()

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

    @classmethod
    def limits(cls) -> dict[str, dict]:
        """What the page must know to judge values of traits that come from anyone's link; traits left out take none.

        Names that a trait can be or list, the least and the greatest number and their step, whether they are whole, how
        many there can be.
        """
        traits = {name: trait for name, trait in cls.class_traits().items() if name in cls.own_traits()}
        return {name: known for name, trait in traits.items() if (known := limits(trait))}

    def __repr__(self) -> str:
        """Short, and the same from run to run: arrays, lists, switches and empty texts are left out."""
        values = ((name, getattr(self, name)) for name in self.own_traits())
        told = ((name, value) for name, value in values if isinstance(value, str | int | float))
        shown = ", ".join(f"{name}={value!r}" for name, value in told if value != "" and not isinstance(value, bool))
        return f"{type(self).__name__}({shown})"

    def _shows(self, part: str) -> bool:
        """Whether a part is to be seen, by the trait ``show`` of widgets with reduced views: all if it is empty."""
        return not self.show or part in self.show

    def _offers(self, trait: str) -> bool:
        """Whether there is a control for a trait: named in ``controls``, or none is and all are seen."""
        return trait in self.controls if self.controls else self._shows("controls")

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
        # The page's build reads the room there: it must know it before the widget lives.
        room = "<!-- room {} {} {} -->".format(*self.room())
        return {"text/html": room + picture.html(), "image/png": base64.b64encode(picture.png).decode()}

    def _repr_mimebundle_(self, **options: object) -> tuple[dict, dict]:
        data, metadata = super()._repr_mimebundle_(**options)
        return {**data, **self.fallback(), "text/plain": repr(self)}, metadata


class Carrying:
    """A module's source with what it carries put in, made when it is first asked for.

    So a network's weights travel once, in the file that all pages share, however many instances there are.

    Parameters
    ----------
    source : str
        Of the module; it says :data:`MARK` once.
    carried : callable
        Gives what stands there instead of nothing, as JSON.

    Raises
    ------
    ValueError
        If the module has no such place, or several.

    Examples
    --------
    >>> class Page:
    ...     source = Carrying(Carrying.MARK, lambda: '{"answer": 42}')
    >>> Page.source
    'export const CARRIED = {"answer": 42};'
    """

    MARK = "export const CARRIED = {};"

    def __init__(self, source: str, carried: Callable[[], str]) -> None:
        if source.count(self.MARK) != 1:
            raise ValueError(f"the module must say {self.MARK!r} once, got it {source.count(self.MARK)} times")
        self.source, self.carried = source, carried

    @cached_property
    def filled(self) -> str:
        """The source with what it carries."""
        return self.source.replace(self.MARK, f"export const CARRIED = {self.carried()};")

    def __get__(self, obj: object, owner: type) -> str:
        return self.filled


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
                body = join(_FOLDER / "js" / f"{name}.js")
                names = ", ".join(_EXPORT.findall(body))
                shared[name] = f"const {name}$ = (() => {{\n{_EXPORT.sub('', body)}return {{ {names} }};\n}})();\n"
        return _IMPORT.sub(_destructured, source)

    own = join(path)
    joined = "\n".join([*shared.values(), own]).replace(_NO_SHEETS, shared_sheets())
    if re.search(r"^import\b", joined, re.MULTILINE):
        raise ValueError(f"{path.name} imports a module that is not one of js/; a widget must stand alone")
    return joined


def _destructured(statement: re.Match) -> str:
    """An import statement as the constant that stands for it where the module has been put in front."""
    names = statement[1].replace(" as ", ": ")
    return f"const {{{names}}} = {statement[2]}$;\n"


@cache
def style_source(path: Path) -> str:
    """The style sheet at ``path``, or nothing: the rules that all widgets share come with the module."""
    return path.read_text(encoding="utf-8") if path.exists() else ""


@cache
def shared_sheets() -> str:
    """The palette and the rules that all widgets share, as the module js/sheets.js says them."""
    sheets = (_FOLDER / name for name in ("palette.css", "base.css"))
    text = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    return f"const SHEETS = {json.dumps(text, ensure_ascii=False)};"


def without_sheets(module: str) -> str:
    """A widget's module without the shared rules, for a page that has them."""
    return module.replace(shared_sheets(), _NO_SHEETS)
