"""Captions for figures outside HTML, and the style sheets that pages and widgets share."""

from __future__ import annotations

import re
from pathlib import Path

from book_widgets import _is_bundle
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms.post_transforms import SphinxPostTransform

_CAPTION = re.compile(r"<figcaption>(.*?)</figcaption>", re.DOTALL)


class PaperFigures(SphinxPostTransform):
    """Outside HTML, put the caption that stands in an output's HTML under its picture."""

    default_priority = 3

    def run(self, **_: object) -> None:
        """Replace every output that has both a picture and a caption."""
        if self.app.builder.format == "html":
            return
        for bundle in list(self.document.findall(_is_bundle)):
            outputs = {child["mime_type"]: child for child in bundle.children}
            if "image/png" not in outputs or "text/html" not in outputs:
                continue
            caption = _CAPTION.search(outputs["text/html"].astext())
            figure = nodes.figure("", *outputs["image/png"].children)
            if caption:
                text = re.sub(r"<[^>]+>", "", caption[1])
                figure += nodes.caption(text, text)
            bundle.replace_self(figure)


def share_style_sheets(app: Sphinx, config: Config) -> None:
    """Serve the widgets' palette and common rules to the pages too: figures use the same."""
    config.html_static_path += [
        str(Path(app.srcdir) / "convlib" / "widgets" / name) for name in ("palette.css", "base.css")
    ]


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx."""
    app.add_post_transform(PaperFigures)
    app.connect("config-inited", share_style_sheets, priority=60)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
