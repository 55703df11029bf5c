"""Let sphinx-codeautolink stand on one page with sphinx-proof, and survive incremental builds.

sphinx-proof wraps the text of a theorem in a section that has no title; sphinx-codeautolink 0.19 takes one title off
its stack at the end of every section, and stops with "pop from empty list".  And it puts links only into pages that
were *read* anew, while Sphinx also *writes* pages anew whose neighbours or widgets have changed: those would lose their
links.  What it needs for them it keeps from build to build, but takes up again only for sources that end in ``.rst``.
"""

from __future__ import annotations

import json
from pathlib import Path

import sphinx_codeautolink.extension as codeautolink
from docutils import nodes
from sphinx.application import Sphinx
from sphinx_codeautolink.extension.block import CodeBlockAnalyser, CodeExample, Name, SourceTransform
from sphinx_codeautolink.extension.cache import DataCache


class TolerantAnalyser(CodeBlockAnalyser):
    """Counts only sections that have a title."""

    def visit_section(self, node: nodes.section) -> None:
        """Remember where we are, if the section can be linked to."""
        if _titled(node):
            super().visit_section(node)

    def depart_section(self, node: nodes.section) -> None:
        """Forget the title of this section, if it had one."""
        if _titled(node):
            super().depart_section(node)


def _titled(node: nodes.section) -> bool:
    return any(isinstance(child, nodes.title) for child in node.children)


class WholeCache(DataCache):
    """Takes up all pages, whatever their sources are called; those that are gone are not written."""

    def read(self) -> None:
        """Read what the last build has kept, if there is anything."""
        kept = self.cache_dir / self.cache_filename
        pages = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
        for page, transforms in pages.items():
            for transform in transforms:
                transform["example"] = CodeExample(**transform["example"])
                transform["names"] = [Name(**name) for name in transform["names"]]
            self.transforms[page] = [SourceTransform(**transform) for transform in transforms]


def remember_written(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """Note that this page is written in this run."""
    app.book_written.add(str(Path(pagename)))


def link_what_was_written(app: Sphinx, error: Exception | None) -> None:
    """Tell sphinx-codeautolink which pages need their links: just before it puts them in."""
    for listener in app.events.listeners["build-finished"]:
        owner = getattr(listener.handler, "__self__", None)
        if isinstance(owner, codeautolink.SphinxCodeAutoLink):
            owner.outdated_docs = app.book_written


def setup(app: Sphinx) -> dict[str, bool]:
    """Replace the classes that sphinx-codeautolink has imported by name, and connect to Sphinx."""
    codeautolink.CodeBlockAnalyser = TolerantAnalyser
    codeautolink.DataCache = WholeCache
    app.book_written = set()
    app.connect("html-page-context", remember_written)
    app.connect("build-finished", link_what_was_written, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
