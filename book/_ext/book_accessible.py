"""Mend what the writers of other packages leave inaccessible in the pages' HTML."""

from __future__ import annotations

import re

from sphinx.application import Sphinx

# docutils marks a bibliography as a list, and its entries as something that is no list item.
_CITATIONS = ('role="list" class="citation-list"', 'class="citation-list"')
# sphinx-proof and sphinx-exercise give every block of theirs the same id.
_IDS = re.compile(r'(<section\b[^>]*?) id="(?:proof|exercise|solution)-content"')


def mend(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """Edit the page's body."""
    if "body" in context:
        context["body"] = _IDS.sub(r"\1", context["body"].replace(*_CITATIONS))


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("html-page-context", mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
