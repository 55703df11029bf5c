"""Mount widgets on static pages: our own host instead of require.js, html-manager and a content delivery network.

A notebook saves, for every widget, its class and its traits.  Here the class's module and style sheet go into one file
named by its hash, shared by all pages, and the page keeps the traits.  ``_assets/widget-host.js`` reads
them and mounts a widget when it comes near the screen.  Until then, in print, without JavaScript and in LaTeX, the
reader sees the still picture that the widget's Python class draws.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections import Counter
from importlib import import_module
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from convlib import widgets
from convlib.widgets.base import without_sheets

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
OURS = "application/vnd.convlib.widgets+json"
_SOURCE = re.compile(r'("source":"|/widgets/)(convlib\.[\w.]+)-[0-9a-f]{16}')
JUPYTERS_OWN = ("layout", "tabbable", "tooltip")  # traits of every Jupyter widget that mean nothing on a page


class MountPoints(SphinxPostTransform):
    """Put a mount point and the still picture where a notebook shows a widget."""

    default_priority = 3  # before myst-nb keeps only one of an output's MIME types
    formats = ("html",)

    def run(self, **_: object) -> None:
        """Replace every output that has a widget view; the second Quiz of a page is called Quiz-2."""
        serial: Counter[str] = Counter()
        for bundle in list(self.document.findall(_is_bundle)):
            outputs = {child["mime_type"]: child for child in bundle.children}
            if VIEW not in outputs:
                continue
            view = json.loads(outputs[VIEW].astext().split(">", 1)[1].rsplit("<", 1)[0])
            still = outputs["text/html"].astext() if "text/html" in outputs else ""
            text = outputs["text/plain"].astext() if "text/plain" in outputs else ""
            name = re.match(r"\s*(\w*)", text)[1]
            serial[name] += 1
            place = mount_point(view["model_id"], still, getattr(widgets, name, None), serial[name])
            bundle.replace_self(nodes.raw("", place, format="html"))


def mount_point(model_id: str, still: str, cls: type[widgets.Widget] | None = None, serial: int = 1) -> str:
    """HTML of the place where the host mounts a view of a model, and of what stands there until then.

    It has the room that the live widget will need, and says what a link from anywhere may set the traits to.
    """
    about = ""
    if isinstance(cls, type):
        limits = html.escape(json.dumps(cls.limits(), separators=(",", ":"))).replace("&quot;", '"')
        about = f' id="{cls.__name__}-{serial}" data-widget="{cls.__name__}" data-limits=\'{limits}\''
    heights = re.search(r"<!-- room (\d+) (\d+) (\d+) -->", still)
    if heights:
        sizes = zip(("narrow", "middle", "wide"), heights.groups(), strict=True)
        about += f' style="{"; ".join(f"--room-{name}: {height}px" for name, height in sizes)}"'
    live = f'<div class="cl-live" data-model="{model_id}"></div>'
    return f'<div class="cl-mount"{about}>{live}<div class="cl-still">{still}</div></div>'


def _is_bundle(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"


def move_sources(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """Take the sources out of the page's saved state and add the host."""
    scripts = context.get("script_files", [])
    states = [script for script in scripts if getattr(script, "attributes", {}).get("type") == STATE]
    if not states:
        return
    folder = Path(app.outdir) / "_static" / "widgets"
    models = {}
    for script in states:
        for identifier, model in json.loads(script.attributes["body"])["state"].items():
            if model["model_module"] == "anywidget":
                models[identifier] = slim(model, folder)
    # Deferred scripts run in the order of their priority: the host before MathJax, which is long at work.
    app.add_js_file(None, type=OURS, body=script_text(models), priority=100)
    app.add_js_file("widget-host.js", defer="defer", priority=101)
    app.add_js_file("widget-links.js", defer="defer", priority=102)
    first = re.search(r'data-model="(\w+)"', context.get("body", ""))
    if first and first[1] in models:  # the browser fetches it while it still reads the page
        app.add_js_file(f"widgets/{models[first[1]]['source']}.js", defer="defer", priority=103)
    context["script_files"] = [script for script in app.builder._js_files if script not in states]


def script_text(models: dict[str, dict]) -> str:
    """JSON of the page's models, safe inside a script element."""
    text = json.dumps(models, separators=(",", ":"), ensure_ascii=False)
    return text.replace("</", "<\\/").replace("<!--", "<\\u0021--")


def slim(model: dict, folder: Path) -> dict:
    """The model's own traits and buffers, and the name of the file that has its module and style."""
    state = dict(model["state"])
    if "_esm" in state:  # of a widget that lives; this book's build saves none
        name = write_source(folder, state["_anywidget_id"], state["_esm"], state.get("_css", ""))
    else:
        name = place_source(folder, state["_anywidget_id"])
    own = {key: value for key, value in state.items() if not key.startswith("_") and key not in JUPYTERS_OWN}
    return {"source": name, "state": own, "buffers": model.get("buffers", [])}


def place_source(folder: Path, identifier: str) -> str:
    """Write the file of the class with this full name, as it is now; gives the file's name."""
    module, _, name = identifier.rpartition(".")
    widget = getattr(import_module(module), name)
    return write_source(folder, identifier, widget._esm, getattr(widget, "_css", ""))


def write_source(folder: Path, identifier: str, module: str, style: str) -> str:
    """Write the file of one widget class: a classic script, for browsers import no module from ``file://``.

    The pages have the rules that all widgets share already (book_figures.py).
    """
    module = without_sheets(module)
    name = f"{identifier}-{hashlib.sha256((module + chr(0) + style).encode()).hexdigest()[:16]}"
    path = folder / f"{name}.js"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        arguments = ",\n".join(json.dumps(text, ensure_ascii=False) for text in (name, module, style))
        path.write_text(f"convlibWidget({arguments});\n", encoding="utf-8")
    return name


def renew_sources(app: Sphinx, error: Exception | None) -> None:
    """Give all pages, those of former builds too, the widgets' present sources; drop the files that no page names."""
    if error is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static" / "widgets"
    used = set()

    def present(named: re.Match) -> str:
        name = place_source(folder, named[2])
        used.add(f"{name}.js")
        return named[1] + name

    for path in Path(app.outdir).rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        if OURS in page and (fresh := _SOURCE.sub(present, page)) != page:
            path.write_text(fresh, encoding="utf-8")
    for old in folder.glob("*.js"):
        if old.name not in used:
            old.unlink()


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx: after myst-nb has put the saved state on the page."""
    app.add_post_transform(MountPoints)
    app.connect("html-page-context", move_sources, priority=900)
    app.connect("build-finished", renew_sources)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
