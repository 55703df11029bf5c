"""Keep a full stop on the line of the formula before it.

A browser may break a line on either side of a formula, for MathJax sets it as a box; so a comma or an opening bracket
could stand alone on a line.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

_AFTER = re.compile(r"[.,;:!?)\]’”…–—-]+")
_BEFORE = re.compile(r"[(\[‘“]+$")


class Together(SphinxPostTransform):
    """Put a formula and the punctuation that touches it into one unbreakable span."""

    default_priority = 700
    formats = ("html",)

    def run(self, **_: object) -> None:
        """Look at every formula in a line of text."""
        keep_together(self.document)


def keep_together(tree: nodes.Element) -> None:
    """Do so with every formula below ``tree``: what joins a page after its transforms needs it too."""
    for math in list(tree.findall(nodes.math)):
        parent = math.parent
        place = parent.index(math)
        before, after = _text(parent, place - 1), _text(parent, place + 1)
        opening, closing = _BEFORE.search(before), _AFTER.match(after)
        if not opening and not closing:
            continue
        span = nodes.inline("", "", classes=["together"])
        if closing:
            parent[place + 1] = nodes.Text(after[closing.end() :])
        if opening:
            parent[place - 1] = nodes.Text(before[: opening.start()])
        parent[place] = span
        span += [nodes.Text(opening[0])] if opening else []
        span += math
        span += [nodes.Text(closing[0])] if closing else []


def _text(parent: nodes.Element, place: int) -> str:
    inside = 0 <= place < len(parent.children) and isinstance(parent[place], nodes.Text)
    return parent[place].astext() if inside else ""


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.add_post_transform(Together)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
