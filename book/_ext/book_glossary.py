"""Show a glossary term's definition where the term is used, on hover and on keyboard focus.

sphinx-tippy does this with two libraries from a content delivery network; here the definitions stand at the end of the
page as Sphinx has rendered them, mathematics included, and ``_assets/book.js`` shows them.
"""

from __future__ import annotations

from book_lines import keep_together
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

Definition = list[nodes.Element]


def collect(app: Sphinx, doctree: nodes.document) -> None:
    """Remember the definitions of every glossary in this page."""
    definitions = _of(app.env)
    for glossary in doctree.findall(addnodes.glossary):
        for item in glossary.findall(nodes.definition_list_item):
            for term in item.findall(nodes.term):
                body = next(item.findall(nodes.definition))
                first = body.children[0].deepcopy()
                for identifier in term["ids"]:
                    definitions[identifier] = (app.env.docname, first)


def _of(env: BuildEnvironment) -> dict[str, tuple[str, nodes.Element]]:
    if not hasattr(env, "book_definitions"):
        env.book_definitions = {}
    return env.book_definitions


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop the definitions of a page that is read again or is gone."""
    definitions = _of(env)
    for identifier in [key for key, (home, _) in definitions.items() if home == docname]:
        del definitions[identifier]


def attach(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Mark the references to terms on this page, and add their definitions, once each."""
    if app.builder.format != "html":
        return
    used: dict[str, nodes.Element] = {}
    for reference in doctree.findall(nodes.reference):
        identifier = (reference.get("refid") or reference.get("refuri", "").rpartition("#")[2]).lower()
        if not identifier.startswith("term-"):
            continue
        home = _find(app.env, identifier)
        if home is None or home[0] == docname:
            continue
        reference["classes"] += ["term-reference"]
        used.setdefault(identifier, home[1].deepcopy())
    if not used:
        return
    definitions = nodes.container(classes=["term-definitions"])
    for identifier, body in used.items():
        definitions += nodes.container(
            "", _plain(app, body, docname), ids=[f"definition-{identifier}"], classes=["term-definition"]
        )
    doctree += definitions


def _find(env: BuildEnvironment, identifier: str) -> tuple[str, nodes.Element] | None:
    return next((value for key, value in _of(env).items() if key.lower() == identifier), None)


def _plain(app: Sphinx, body: nodes.Element, docname: str) -> nodes.Element:
    """The definition without links of its own: a tip that opens tips is hard to leave."""
    for pending in list(body.findall(addnodes.pending_xref)):
        pending.replace_self(pending.children)
    keep_together(body)
    return body


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.connect("env-purge-doc", forget)
    app.connect("doctree-read", collect)
    app.connect("doctree-resolved", attach, priority=900)
    app.add_js_file("book.js", defer="defer")
    return {"parallel_read_safe": False, "parallel_write_safe": True}
