"""The smallest widget that has everything: a list, a slider that plays, a handle to drag, something to look at."""

from __future__ import annotations

import traitlets

from convlib.widgets import Widget
from convlib.widgets.traits import Choice, Number


class Probe(Widget):
    """A bar of a height, at a time."""

    color = Choice(("red", "blue"), "red").tag(sync=True)
    t = Number(0, 10, default=2, step=0.1).tag(sync=True)
    height = Number(0, 4, default=1, step=0.1).tag(sync=True)
    show = traitlets.List().tag(sync=True)

    def fallback(self) -> dict[str, str]:
        """A figure of the live widget's height."""
        figure = '<figure class="cl-figure" style="margin: 0">A bar<figcaption>At rest</figcaption></figure>'
        return {"text/html": f"<!-- room 410 410 419 -->{figure}"}
