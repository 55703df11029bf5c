"""Sentences that move the figures: what a link may say, what a page makes of it, and what it does there."""

from __future__ import annotations

import html

import nbformat
import pytest
import traitlets
from sphinx.application import Sphinx

from convlib import widgets
from convlib.widgets import Widget, base, traits
from tests.site.harness import book_links

PROBE = """
import { viewOf } from "./js/life.js";
export default {
  render(props) {
    const view = viewOf(props, "probe", { traits: ["n", "f", "data"] });
    const said = document.createElement("div");
    view.obeys({
      play: ({ from, to }) => { said.dataset.played = `${from} to ${to}`; },
      flip: () => { said.dataset.flipped = "yes"; },
    });
    said.className = "said";
    said.innerHTML = '<i data-part="left">left</i> <i data-part="right">right</i>';
    const text = document.createElement("p");
    const draw = () => {
      if (view.get("f") === "broken") throw new Error("no such picture");
      text.textContent = `${view.get("n")} ${view.get("f")} ${view.get("data").getFloat32(0, true)}`;
      view.aloud(`now ${view.get("n")}`);
    };
    view.on(["n", "f", "data"], draw);
    draw();
    view.show(text, said);
    return view.end;
  },
};
"""


class Probe(Widget):
    """A widget of one line, one number, one name and one pair of samples."""

    orders = ("light", "reset", "play", "flip")
    parts = ("left", "right")
    n = traits.Number(0, 10, 3, 0.5).tag(sync=True)
    f = traits.Choice(("box", "burst", "broken"), "box").tag(sync=True)
    data = traits.Samples([0.5, -0.25], -1, 1)
    some = traitlets.List([]).tag(sync=True)
    loud = traitlets.Bool(False).tag(sync=True)

    def fallback(self):
        return {"text/html": '<figure class="cl-figure">at rest</figure>', "text/plain": repr(self)}


@pytest.fixture(scope="module", autouse=True)
def probe(tmp_path_factory):
    """Probe as one of the book's widgets."""
    path = tmp_path_factory.mktemp("probe") / "probe.js"
    path.write_text(PROBE)
    Probe._esm = base.module_source(path)
    Probe._css = base.style_source(path.with_suffix(".css"))
    widgets.Probe = Probe
    yield
    del widgets.Probe


# ---------------------------------------------------------------------------------------------------- what a link says


@pytest.mark.parametrize(
    ("query", "values", "orders"),
    [
        ("", {}, []),
        ("?n=2.3&f=burst", {"n": 2.5, "f": "burst"}, []),
        ("?some=1,2.5,a&loud=true", {"some": [1, 2.5, "a"], "loud": True}, []),
        ("?some=", {"some": []}, []),
        ("?some=1,2;3,-4", {"some": [[1, 2], [3, -4]]}, []),
        ("?data=1,−0.5", {"data": {"base64": "AACAPwAAAL8="}}, []),
        ("?play", {}, [{"do": "play"}]),
        ("?play=-1.5..1.5", {}, [{"do": "play", "from": -1.5, "to": 1.5}]),
        ("?play=..2&flip&reset", {}, [{"do": "play", "to": 2}, {"do": "flip"}, {"do": "reset"}]),
        ("?flip=g", {}, [{"do": "flip", "value": "g"}]),
        ("?light=left&n=1", {"n": 1}, [{"do": "light", "part": "left"}]),
    ],
)
def test_reading(query, values, orders):
    """Traits become what the page keeps, rounded by the widget; the others become messages."""
    assert book_links.read(f"widget:Probe{query}", ["Probe"]) == {"widget": "Probe", "values": values, "orders": orders}


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("widget:Nothing", "'Nothing' is no widget of convlib.widgets"),
        ("widget:plot", "'plot' is no widget"),
        ("widget:Quiz", "no Quiz stands on this page, only Probe"),
        ("widget:Probe?m=1", "Probe knows no 'm=1': its traits are data, f, loud, n, some; its orders light, reset"),
        ("widget:Probe?n", "Probe knows no 'n'"),
        ("widget:Probe?n=11", "Probe.n must be between 0 and 10"),
        ("widget:Probe?n=box", "expected a number, got 'box'"),
        ("widget:Probe?f=sawtooth", "Probe.f must be one of 'box', 'burst', 'broken'"),
        ("widget:Probe?data=1", "Probe.data must have 2 samples, got 1"),
        ("widget:Probe?loud=yes", "expected true or false, got 'yes'"),
        ("widget:Probe?light=middle", "no part 'middle' to light; its parts are left, right"),
        ("widget:Probe?jump", "knows no 'jump'"),
    ],
)
def test_what_cannot_work_is_refused(address, says):
    """Another class, one that is not on the page, another trait, value, order or part."""
    with pytest.raises(Exception, match=r".") as refused:
        book_links.read(address, ["Probe"])
    assert says in str(refused.value)


# -----------------------------------------------------------------------------------------------what a page makes of it


def build(folder, prose: str, builder: str = "html") -> tuple[str, list[str]]:
    """Build a page that shows two probes, with ``prose`` between them; returns it and the warnings."""
    source = folder / "source"
    source.mkdir(exist_ok=True)
    cell = nbformat.v4.new_code_cell("Probe()", id="probe")
    data = {book_links.VIEW: {"model_id": "a1", "version_major": 2, "version_minor": 0}, **Probe().fallback()}
    cell["outputs"] = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
    title, words = nbformat.v4.new_markdown_cell("# A page", id="t"), nbformat.v4.new_markdown_cell(prose, id="p")
    python = {"language_info": {"name": "python", "pygments_lexer": "python"}}
    notebook = nbformat.v4.new_notebook(
        metadata=python, cells=[title, cell, words, nbformat.from_dict({**cell, "id": "again"})]
    )
    (source / "index.ipynb").write_text(nbformat.writes(notebook))
    options = {
        "extensions": ["myst_nb", "book_widgets", "book_links"],
        "myst_url_schemes": ["http", "https", "mailto", "widget"],
        "nb_execution_mode": "off",
        "nb_ipywidgets_js": {},
    }
    warnings = folder / "warnings.txt"
    with warnings.open("w") as log:
        out = folder / builder
        app = Sphinx(source, None, out, folder / f"tree-{builder}", builder, options, status=None, warning=log)
        app.build()
    suffix = {"html": "index.html", "latex": "projectnamenotset.tex", "text": "index.txt"}[builder]
    # The second Sphinx of one process finds its own parts there already, and says so.
    lines = [line for line in warnings.read_text().splitlines() if line.strip() and "already registered" not in line]
    return (out / suffix).read_text(), lines


SENTENCE = "Now [choose *burst* here](widget:Probe?f=burst&play=1..2), or [go on](https://example.org)."


def test_on_the_page(tmp_path):
    """The words become a link to the last widget before them, with what it sets and asks; others stay as they are."""
    page, warnings = build(tmp_path, SENTENCE)
    assert warnings == []
    values, orders = html.escape('{"f":"burst"}'), html.escape('[{"do":"play","from":1,"to":2}]')
    start = f'<a class="cl-drive" href="#Probe-1" data-widget="Probe" data-set="{values}" data-do="{orders}">'
    assert f"Now {start}choose <em>burst</em> here</a>, or <a class=" in page
    assert '<div class="cl-mount" id="Probe-1" data-widget="Probe"' in page
    assert 'id="Probe-2"' in page
    assert page.count(f'id="{book_links.HINT}"') == 1


@pytest.mark.parametrize(
    ("prose", "leads"),
    [
        ("[go](widget:Probe)", 1),
        ("[go](widget:Probe)\n\nOne.\n\nTwo.", 1),
        ("One.\n\n[go](widget:Probe)\n\nTwo.", 1),
        ("One.\n\n$$a$$\n\n[go](widget:Probe)", 2),
        ("One.\n\n- Two.\n- Three, [go](widget:Probe)\n", 2),
    ],
)
def test_without_javascript_it_leads_to_the_nearest(tmp_path, prose, leads):
    """The widget before it or the one after it, whichever has fewer blocks between; else the one before."""
    page, warnings = build(tmp_path, prose)
    assert warnings == []
    assert f'href="#Probe-{leads}" data-widget' in page


@pytest.mark.parametrize(
    ("place", "others", "which"),
    [(5, [4, 4, 6, 6], 2), (5, [3, 6, 6], 2), (1, [2], 1), (9, [1, 2], 2), (5, [5, 5], 2)],
)
def test_the_nearest_of_several(place, others, which):
    """Of several in one cell, the one that touches the words."""
    assert book_links.nearest(place, others) == which


@pytest.mark.parametrize("builder", ["latex", "text"])
def test_on_paper(tmp_path, builder):
    """Elsewhere only the words are left."""
    page, warnings = build(tmp_path, SENTENCE, builder)
    assert [line for line in warnings if "widget" in line.lower()] == []
    assert "choose" in page
    assert "Probe?" not in page
    assert "widget:" not in page


def test_a_broken_link_is_a_warning_with_its_sentence(tmp_path):
    """Which makes the book's build fail; it names the file and the line."""
    page, warnings = build(tmp_path, "First.\n\nAnd [choose it](widget:Probe?f=sawtooth) now.")
    assert len(warnings) == 1
    assert "index.ipynb:" in warnings[0]
    assert "widget:Probe?f=sawtooth cannot work: Probe.f must be one of" in warnings[0]
    assert "It stands in: And choose it now." in warnings[0]
    assert "choose it" in page
