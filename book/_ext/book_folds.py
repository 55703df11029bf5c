"""Fold what a reader may skip into one quiet line: checks, proofs, solutions, the code of a figure.

A fold is the browser's own ``<details>``: it works without JavaScript, find-in-page opens it, and ``_assets/book.js``
opens it for print and for links that lead into it.  Folded are

- cells tagged ``hide-cell`` and ``check``: the line is the cell's ``mystnb.code_prompt_show``, what was checked;
- other cells that myst-nb would hide (``hide-cell``, ``hide-input``); a figure's code stands under its figure;
- proofs with the class ``fold`` or ``dropdown``: ``{prf:proof}`` may carry a title.
"""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx_proof.directive import ProofDirective
from sphinx_proof.nodes import proof_node

FOLDED_PROOF = {"fold", "dropdown"}
log = logging.getLogger(__name__)


class Fold(nodes.General, nodes.Element):
    """A ``<details>``; its first child is a :class:`FoldLine`."""


class FoldLine(nodes.Part, nodes.TextElement):
    """What one sees of a fold that is closed; ``opened`` is what it says then, if that differs."""


class Proof(ProofDirective):
    """A proof with an optional title, folded if it has the class ``fold`` or ``dropdown``."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Parse; the words "Proof" and the title stand before the text, or on the fold's line."""
        given = self.options.get("class", [])
        heading, messages = [nodes.Text("Proof")], []
        if self.arguments:
            title, messages = self.state.inline_text(self.arguments[0], self.lineno)
            heading += [nodes.Text(" ("), *title, nodes.Text(")")]
        classes = ["proof", *(name for name in given if name not in FOLDED_PROOF)]
        if FOLDED_PROOF.intersection(given):
            body: nodes.Element = Fold("", FoldLine("", "", *heading), classes=[*classes, "fold-proof"])
            self.state.nested_parse(self.content, self.content_offset, body)
        else:
            body = nodes.admonition(classes=classes)
            self.state.nested_parse(self.content, self.content_offset, body)
            lead = nodes.emphasis("", "", *heading, nodes.Text("."), classes=["proof-lead"])
            if body.children and isinstance(body[0], nodes.paragraph):
                body[0].insert(0, [lead, nodes.Text(" ")])
            else:
                body.insert(0, nodes.paragraph("", "", lead))
        return [proof_node("", body), *messages]


class FoldCells(SphinxPostTransform):
    """Fold the cells that are to be hidden, before myst-nb does."""

    default_priority = 198
    formats = ("html",)

    def run(self, **_: object) -> None:
        """Fold every cell that has a mode of hiding."""
        for cell in list(self.document.findall(nodes.container)):
            if cell.get("nb_element") != "cell_code":
                continue
            checks = "check" in cell["cell_metadata"].get("tags", [])
            if checks and not _says_what(cell):
                log.warning(
                    "A cell tagged 'check' needs the tag 'hide-cell' and, in its metadata, mystnb.code_prompt_show: "
                    "the line that says what was checked.",
                    location=cell,
                )
            elif cell.get("hide_mode") in ("all", "input") and _is(cell, 0, "source"):
                _fold(cell, checks)


def _says_what(cell: nodes.Element) -> bool:
    line = cell["cell_metadata"].get("mystnb", {}).get("code_prompt_show", "")
    return cell.get("hide_mode") == "all" and bool(line.strip())


def _is(cell: nodes.Element, place: int, part: str) -> bool:
    return bool(cell.children) and cell.children[place].get("nb_element") == f"cell_code_{part}"


def _fold(cell: nodes.Element, checks: bool) -> None:
    """Put the cell, or its code alone, into a fold; a figure's code goes under its figure."""
    mode = cell.attributes.pop("hide_mode")
    show, hide = cell["prompt_show"].replace("{type}", "code"), cell["prompt_hide"].replace("{type}", "code")
    kind = "fold-check" if checks else "fold-solution" if mode == "all" else "fold-code"
    line = FoldLine("", show, opened="" if checks else hide)
    inside = cell.children if mode == "all" else cell.children[:1]
    outside = [] if mode == "all" else cell.children[1:]
    cell.children = []
    cell += [*outside, Fold("", line, *inside, classes=[kind])]


def open_fold(translator: nodes.NodeVisitor, node: Fold) -> None:
    """Write the start of a fold."""
    classes = " ".join(["fold", *node["classes"]])
    identifier = f' id="{node["ids"][0]}"' if node["ids"] else ""
    translator.body.append(f'<details class="{classes}"{identifier}>\n')


def close_fold(translator: nodes.NodeVisitor, node: Fold) -> None:
    """Write the end of a fold."""
    translator.body.append("</details>\n")


def open_line(translator: nodes.NodeVisitor, node: FoldLine) -> None:
    """Write the start of a fold's line."""
    translator.body.append("<summary>" + ('<span class="closed">' if node.get("opened") else ""))


def close_line(translator: nodes.NodeVisitor, node: FoldLine) -> None:
    """Write the end of a fold's line: what it says when the fold is open."""
    if node.get("opened"):
        translator.body.append(f'</span><span class="opened">{escape(node["opened"])}</span>')
    translator.body.append("</summary>\n")


def _nothing(translator: nodes.NodeVisitor, node: nodes.Element) -> None:
    """Paper folds nothing."""


def _open_italic(translator: nodes.NodeVisitor, node: FoldLine) -> None:
    translator.body.append(r"\textit{")


def _close_italic(translator: nodes.NodeVisitor, node: FoldLine) -> None:
    translator.body.append(".} ")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx; sphinx-proof has been set up before."""
    app.setup_extension("sphinx_proof")
    app.add_node(Fold, html=(open_fold, close_fold), latex=(_nothing, _nothing), text=(_nothing, _nothing))
    app.add_node(FoldLine, html=(open_line, close_line), latex=(_open_italic, _close_italic), text=(_nothing, _nothing))
    app.add_directive_to_domain("prf", "proof", Proof, override=True)
    app.add_post_transform(FoldCells)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
