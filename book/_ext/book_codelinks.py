"""Let sphinx-codeautolink and sphinx-proof stand on one page.

sphinx-proof wraps the text of a theorem in a section that has no title; sphinx-codeautolink 0.19 takes one title off
its stack at the end of every section, and stops with "pop from empty list".
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx_codeautolink.extension.block import CodeBlockAnalyser


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


def setup(app: Sphinx) -> dict[str, bool]:
    """Replace the analyser that sphinx-codeautolink has imported by name."""
    import sphinx_codeautolink.extension as extension

    extension.CodeBlockAnalyser = TolerantAnalyser
    return {"parallel_read_safe": True, "parallel_write_safe": True}
