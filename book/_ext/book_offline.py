"""Serve everything from the site itself, and nothing that no page needs.

MathJax comes from its package.  Dropped are: sphinx-thebe's files, whose configuration is declared twice on a page and
is then an error in the console; the theme's 1.5 MB fontawesome.js, which draws the dozen icons that its web font
has drawn already; sphinx-design's files on pages without cards; and of ``_static`` what no page loads: source maps,
fonts for browsers without woff2, translations of the theme.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

_PARTS = ("tex-chtml.js", "output/chtml/fonts/woff-v2")


def mathjax_folder() -> Path:
    """Where the package sphinx-mathjax-offline keeps MathJax."""
    spec = importlib.util.find_spec("sphinx-mathjax-offline")
    if spec is None or spec.origin is None:
        raise ExtensionError("MathJax is missing: install the package sphinx-mathjax-offline (see requirements.txt)")
    return Path(spec.origin).parent / "static" / "mathjax"


def copy_mathjax(app: Sphinx, error: Exception | None) -> None:
    """Copy the one script that the pages load, and its fonts: 2 MB of the package's 20."""
    if error is not None or app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "mathjax"
    if target.exists():
        return
    for part in _PARTS:
        source, copy = mathjax_folder() / part, target / part
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy)
        else:
            shutil.copy2(source, copy)


def drop_thebe(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """Take sphinx-thebe's files off the page: live code runs in JupyterLab or on Binder, not in the page."""
    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context.get(kind, []) if not _is_thebe(file)]


def _is_thebe(file: object) -> bool:
    body = getattr(file, "attributes", {}).get("body") or ""
    return "thebe" in str(getattr(file, "filename", file)) or "thebe_selector" in body


_ICON_SCRIPT = re.compile(r'<script[^>]*src="[^"]*fontawesome\.js[^"]*"[^>]*></script>')
_DESIGN = re.compile(
    r'<link[^>]*href="[^"]*sphinx-design[^"]*"[^>]*/?>|<script[^>]*src="[^"]*design-tabs\.js[^"]*"[^>]*></script>'
)


_SOURCE_MAP = re.compile(rb"(//|/\*)# sourceMappingURL=\S+( \*/)?\s*$")
_UNUSED = ("**/*.map", "scripts/fontawesome.js*", "vendor/fontawesome/webfonts/*.ttf", "sphinx-thebe.*", "locales")


def drop_unused_files(app: Sphinx, error: Exception | None) -> None:
    """Delete what no page loads: 5 MB of 12."""
    if error is not None or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    for path in {path for pattern in _UNUSED for path in static.glob(pattern)}:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    for path in (path for ending in ("js", "css") for path in static.rglob(f"*.{ending}")):
        text = path.read_bytes()
        if _SOURCE_MAP.search(text[-200:]):
            path.write_bytes(_SOURCE_MAP.sub(b"", text))


def drop_unused_tags(app: Sphinx, error: Exception | None) -> None:
    """Take out of the written pages what the theme's templates put there, out of reach of their context."""
    if error is not None or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        if "_static" in path.relative_to(app.outdir).parts:
            continue
        page = path.read_text(encoding="utf-8")
        slim = _ICON_SCRIPT.sub("", page)
        if 'class="sd-' not in slim:
            slim = _DESIGN.sub("", slim)
        if slim != page:
            path.write_text(slim, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("html-page-context", drop_thebe, priority=950)
    app.connect("build-finished", copy_mathjax)
    app.connect("build-finished", drop_unused_tags, priority=900)
    app.connect("build-finished", drop_unused_files, priority=901)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
