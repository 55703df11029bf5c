"""The widgets' host: anywidget's front-end contract, on a page without Jupyter."""

from __future__ import annotations

import traitlets
from playwright.sync_api import Page, expect

from convlib.widgets import Widget
from convlib.widgets.traits import Samples
from tests.site import harness
from tests.site.conftest import serving

PROBE = """
export default () => ({
  initialize({ model }) {
    window.told = [];
    model.set("starts", model.get("starts") + 1);
    model.on("change:number", (sender, value) => told.push(["change:number", sender === model, value]));
    model.on("change", () => told.push(["change"]));
  },
  render({ model, el, signal }) {
    const view = document.createElement("button");
    const draw = () => { view.textContent = `${model.get("number")} of ${model.get("starts")}`; };
    view.onclick = () => { model.set("number", model.get("number") + 1); model.save_changes(); };
    model.on("change:number", draw);
    el.append(view);
    draw();
    signal.addEventListener("abort", () => told.push(["aborted"]));
    return () => { model.off("change:number", draw); told.push(["cleaned"]); };
  },
});
"""
BROKEN = "export default { render() { throw new Error('no canvas today'); } };"


class Plain(Widget):
    """A widget whose picture is a line of text."""

    def fallback(self):
        return {"text/html": '<figure class="cl-figure">at rest<figcaption>still</figcaption></figure>'}


class Probe(Plain):
    _esm = PROBE
    number = traitlets.Int(7).tag(sync=True)
    starts = traitlets.Int(0).tag(sync=True)
    data = Samples([0.5, -0.25], -1, 1)


class Broken(Plain):
    _esm = BROKEN


def test_contract(mounted, page):
    """initialize once for a model, render once for a view; get, set, on, off; both views follow one model."""
    place = mounted(Probe(), views=2)
    first, second = page.locator(".cl-live button").all()
    expect(second).to_have_text("7 of 1")
    first.click()
    expect(first).to_have_text("8 of 1")
    expect(second).to_have_text("8 of 1")
    assert page.evaluate("told") == [["change:number", True, 8], ["change"]]
    harness.set_trait(place, "number", 8)
    assert len(page.evaluate("told")) == 2, "setting the same value is no change"


def test_binary_traits(mounted):
    """Buffers arrive as DataViews, value for value."""
    assert harness.trait(mounted(Probe()), "data") == [0.5, -0.25]


def test_clean_up(mounted, page):
    """Unmounting ends the view, brings the still picture back and leaves the other view alone."""
    place = mounted(Probe(), views=2)
    place.evaluate("node => node.unmount()")
    assert page.evaluate("told") == [["aborted"], ["cleaned"]]
    expect(page.locator(".cl-still").first).to_be_visible()
    page.locator(".cl-live button").click()
    expect(page.locator(".cl-live button")).to_have_text("8 of 1")


def test_one_file_for_a_class(mounted, page, tmp_path):
    """Two widgets of one class share one source file, loaded once."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    mounted(Probe(number=1), Probe(number=2))
    expect(page.locator(".cl-live button").nth(1)).to_have_text("2 of 1")
    assert len(list((tmp_path / "_static" / "widgets").iterdir())) == 1
    assert len([url for url in asked if "/widgets/" in url]) == 1


def test_loaded_only_near_the_screen(page: Page, tmp_path):
    """A widget far below is neither loaded nor mounted until the reader comes near."""
    path = harness.write_page(tmp_path, Probe())
    path.write_text(path.read_text().replace("<h1>", '<div style="height: 5000px"></div><h1>'))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    with serving(tmp_path) as address:
        page.goto(f"{address}/index.html", wait_until="networkidle")
        assert not any("/widgets/" in url for url in asked)
        page.locator(".cl-still").scroll_into_view_if_needed()
        expect(page.locator(".cl-live button")).to_be_visible()


def test_a_broken_widget_says_so_in_place(page: Page, tmp_path):
    """The message stands where the widget would, the still picture stays, and the next widget works."""
    harness.write_page(tmp_path, Broken(), Probe())
    with serving(tmp_path) as address:
        page.goto(f"{address}/index.html")
        expect(page.get_by_role("alert")).to_have_text(
            "This widget could not start: no canvas today. The picture shows it at rest."
        )
        expect(page.locator(".cl-still").first).to_be_visible()
        expect(page.locator(".cl-live button")).to_have_text("7 of 1")


def test_a_missing_file_says_so_in_place(page: Page, tmp_path):
    """So does a widget whose source cannot be loaded."""
    harness.write_page(tmp_path, Probe())
    for source in (tmp_path / "_static" / "widgets").iterdir():
        source.unlink()
    with serving(tmp_path) as address:
        page.goto(f"{address}/index.html")
        expect(page.get_by_role("alert")).to_contain_text("could not be loaded")


def test_from_a_file(page: Page, tmp_path):
    """The same page works when it is opened as a file."""
    page.goto(harness.write_page(tmp_path, Probe()).as_uri())
    expect(page.locator(".cl-live button")).to_have_text("7 of 1")
