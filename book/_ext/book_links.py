"""Sentences that move the figures: links of the scheme ``widget:`` drive a widget that stands on the same page.

``[choose *box* for both](widget:ConvolutionExplorer?f=box&g=box)`` names a class of :mod:`convlib.widgets`, its traits
(numbers, names; lists with commas, their rows with semicolons), and orders that the class lists in ``orders``:
``reset``, ``light=part``, ``play``, ``play=-1.5..1.5``.  What a link says is tried in Python when the page is read, so
that one which cannot work fails the build.  JupyterLab knows no such scheme and shows the words; so does paper.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable
from urllib.parse import unquote

import numpy as np
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from convlib import widgets

SCHEME = "widget:"
VIEW = "application/vnd.jupyter.widget-view+json"
HINT = "cl-drive-hint"  # the element, one a page, that tells a screen reader what such a link does

_logger = logging.getLogger(__name__)
_NUMBER = r"[-\u2212]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"({_NUMBER})?\.\.({_NUMBER})?")


class Links(SphinxTransform):
    """Turn each link of the scheme ``widget:`` into its words, marked with what they do; say which cannot work."""

    default_priority = 850

    def apply(self, **_: object) -> None:
        """Without JavaScript a link leads to the nearest widget of its class: before it, or right after."""
        links = [node for node in self.document.findall(nodes.reference) if node.get("refuri", "").startswith(SCHEME)]
        if not links:
            return
        places = blocks(self.document)
        shown: dict[str, list[int]] = {}
        for bundle in self.document.findall(is_view):
            if name := class_of(bundle):
                shown.setdefault(name, []).append(places[bundle])
        for node in links:
            words = nodes.inline("", "", *node.children)
            try:
                drive = read(html.unescape(node["refuri"]), shown)  # MyST has escaped it for HTML
                words["drive"] = {**drive, "at": nearest(places[node], shown[drive["widget"]])}
            except Exception as error:  # whatever a widget refuses a value with
                sentence = " ".join(node.parent.astext().split())
                said = f"the link {node['refuri']} cannot work: {error}. It stands in: {sentence}"
                _logger.warning(said, location=node, type="widget", subtype="link")
            node.replace_self(words)


class Drives(SphinxPostTransform):
    """Write the marked words as links that ``_assets/widget-links.js`` acts on."""

    default_priority = 5
    formats = ("html",)

    def run(self, **_: object) -> None:
        """Put the tags around the words."""
        for words in list(self.document.findall(lambda node: isinstance(node, nodes.inline) and "drive" in node)):
            start = nodes.raw("", start_tag(**words["drive"]), format="html")
            words.parent.replace(words, [start, *words.children, nodes.raw("", "</a>", format="html")])


def blocks(document: nodes.document) -> dict[nodes.Node, int]:
    """How many blocks stand before each node: paragraphs, titles, formulas; a cell of code counts as one."""
    places: dict[nodes.Node, int] = {}
    count, cell = 0, None
    for node in document.findall():
        inside = cell is not None and _holds(cell, node)
        if not inside:
            cell = node if isinstance(node, nodes.container) and node.get("nb_element") == "cell_code" else None
            block = isinstance(node, nodes.TextElement) and not isinstance(node, nodes.Inline)
            count += bool(cell is not None or block or is_view(node))
        places[node] = count
    return places


def _holds(outer: nodes.Node, node: nodes.Node | None) -> bool:
    while node is not None and node is not outer:
        node = node.parent
    return node is outer


def nearest(place: int, others: list[int]) -> int:
    """Which of ``others``, counted from 1, is nearest to ``place``; if two are, the one before it."""

    def rank(i: int) -> tuple[int, bool, int]:
        after = others[i] > place
        return abs(others[i] - place), after, i if after else -i

    return 1 + min(range(len(others)), key=rank)


def is_view(node: nodes.Node) -> bool:
    """Whether a node is a notebook's output that shows a widget."""
    if not (isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"):
        return False
    return any(child.get("mime_type") == VIEW for child in node.children)


def class_of(bundle: nodes.container) -> str:
    """Name of the class of the widget that an output shows: its text begins with it."""
    text = next((child.astext() for child in bundle.children if child.get("mime_type") == "text/plain"), "")
    found = re.match(r"\s*(\w+)\(", text)
    return found[1] if found else ""


def start_tag(widget: str, values: dict, orders: list[dict], at: int = 1) -> str:
    """The start tag of a link: without JavaScript it leads to the widget."""
    data = {"data-widget": widget}
    if values:
        data["data-set"] = json.dumps(values, separators=(",", ":"))
    if orders:
        data["data-do"] = json.dumps(orders, separators=(",", ":"))
    written = " ".join(f'{name}="{html.escape(value)}"' for name, value in data.items())
    return f'<a class="cl-drive" href="#{widget}-{at}" {written}>'


def read(address: str, shown: Iterable[str]) -> dict:
    """What a link asks for: the widget's class, its traits' values as the page keeps them, and the orders.

    Raises
    ------
    ValueError
        If the class is no widget or shows none on this page, or the widget has no such trait, order or part.
    Exception
        The widget's own, for a value that it refuses.
    """
    name, _, query = unquote(address).removeprefix(SCHEME).partition("?")
    cls = getattr(widgets, name, None)
    if not (isinstance(cls, type) and issubclass(cls, widgets.Widget)):
        raise ValueError(f"{name!r} is no widget of convlib.widgets")
    if name not in shown:
        raise ValueError(f"no {name} stands on this page, only {', '.join(sorted(set(shown))) or 'no widget'}")
    given: dict[str, str] = {}
    orders = []
    for part in filter(None, query.split("&")):
        key, equals, text = part.partition("=")
        if key in cls.own_traits() and equals:
            given[key] = text
        elif key in cls.orders:
            orders.append(order(cls, key, text if equals else None))
        else:
            allowed = f"its traits are {', '.join(cls.own_traits())}; its orders {', '.join(cls.orders)}"
            raise ValueError(f"{name} knows no {part!r}: {allowed}")
    return {"widget": name, "values": state(cls, given), "orders": orders}


def order(cls: type[widgets.Widget], name: str, text: str | None) -> dict:
    """The message that a widget is sent for ``name=text``."""
    if name == "light":
        if text not in cls.parts:
            raise ValueError(f"{cls.__name__} has no part {text!r} to light; its parts are {', '.join(cls.parts)}")
        return {"do": name, "part": text}
    if text is None:
        return {"do": name}
    ends = _RANGE.fullmatch(text)
    if not ends:
        return {"do": name, "value": typed(None, text)}
    named = zip(("from", "to"), ends.groups(), strict=True)
    return {"do": name, **{key: typed(0.0, end) for key, end in named if end is not None}}


def state(cls: type[widgets.Widget], given: dict[str, str]) -> dict:
    """Values of traits as the page keeps them, binary ones in base 64, after the widget itself has accepted them."""
    if not given:
        return {}
    plain = cls()
    widget = cls(**{name: typed(getattr(plain, name), text) for name, text in given.items()})
    values = widget.get_state(key=list(given))
    plain.close()
    widget.close()
    return {name: _as_json(values[name]) for name in given}


def _as_json(value: object) -> object:
    if isinstance(value, memoryview | bytes | bytearray):
        return {"base64": base64.b64encode(bytes(value)).decode()}
    return value


def typed(like: object, text: str) -> object:
    """Read ``text`` as what ``like`` is: a truth value, a name, a number, or a list; if it is None, a number or a name.

    Raises
    ------
    ValueError
        If it is none.
    """
    if isinstance(like, bool):
        if text not in ("true", "false"):
            raise ValueError(f"expected true or false, got {text!r}")
        return text == "true"
    if isinstance(like, str):
        return text
    if isinstance(like, np.ndarray | list | tuple):
        rows = [[typed(None, item.strip()) for item in row.split(",") if item.strip()] for row in text.split(";")]
        return rows if ";" in text else rows[0]
    if re.fullmatch(_NUMBER, text):
        number = float(text.replace("\u2212", "-"))
        return int(number) if number.is_integer() else number
    if like is None:
        return text
    raise ValueError(f"expected a number, got {text!r}")


def add_script(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """Say once on the page what such links do."""
    if 'class="cl-drive"' in context.get("body", ""):
        context["body"] += f'<p id="{HINT}" hidden>changes the figure on this page</p>'


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.add_transform(Links)
    app.add_post_transform(Drives)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
