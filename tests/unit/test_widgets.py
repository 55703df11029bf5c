"""The widgets' Python side: traits that refuse what is impossible, sources that stand alone, still pictures."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

from convlib import signals
from convlib.widgets import (
    ConvolutionExplorer,
    DiscreteConvolution,
    FrequencyFilter,
    Quiz,
    RepeatedConvolution,
    Widget,
    base,
    quiz,
)
from convlib.widgets.convolution_explorer import SHAPES
from convlib.widgets.traits import Subset

CHAPTERS = [path.stem for path in sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))]
DRAWN = [ConvolutionExplorer, DiscreteConvolution, FrequencyFilter, RepeatedConvolution]
WIDGETS = {kind.__name__: kind for kind in DRAWN} | {"Quiz": lambda: Quiz(CHAPTERS[0])}


@pytest.mark.parametrize("make", WIDGETS.values(), ids=WIDGETS)
def test_module_stands_alone(make):
    """The module has its default export, imports nothing and names no address to load from."""
    widget = make()
    assert "export default" in widget._esm
    assert not re.search(r"^import\b|import\(|https?://(?!www\.w3\.org)", widget._esm, re.MULTILINE)
    assert "http" not in widget._css
    assert "@import" not in widget._css


@pytest.mark.parametrize("make", WIDGETS.values(), ids=WIDGETS)
def test_output_has_view_fallback_and_stable_text(make):
    """A notebook gets the live view, what stands in for it, and a text that is the same in every run."""
    one, two = make()._repr_mimebundle_()[0], make()._repr_mimebundle_()[0]
    assert one["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert "<figcaption>" in one["text/html"]
    assert one["text/plain"] == two["text/plain"]
    assert "0x" not in one["text/plain"]


@pytest.mark.parametrize("make", WIDGETS.values(), ids=WIDGETS)
def test_unknown_argument_is_named(make):
    """A misspelt trait is an error, not a silence."""
    with pytest.raises(TypeError, match=r"has no argument 'shift'; allowed are|unexpected keyword argument 'shift'"):
        make(shift=1) if make in DRAWN else Quiz(CHAPTERS[0], shift=1)


@pytest.mark.parametrize(
    ("trait", "value", "error", "message"),
    [
        ("f", "circle", ValueError, r"ConvolutionExplorer\.f must be one of 'box', .*, got 'circle'"),
        ("g", 3, TypeError, r"ConvolutionExplorer\.g must be one of"),
        ("operation", "product", ValueError, r"ConvolutionExplorer\.operation must be one of"),
        ("t", 4.1, ValueError, r"ConvolutionExplorer\.t must be between -4 and 4, got 4.1"),
        ("t", np.nan, ValueError, r"ConvolutionExplorer\.t must be finite"),
        ("t", "0", TypeError, r"ConvolutionExplorer\.t must be a real number"),
        ("f_samples", [0.0] * 40, ValueError, r"ConvolutionExplorer\.f_samples must have 41 samples, got 40"),
        ("f_samples", [2.0] * 41, ValueError, r"f_samples must lie between -1 and 1, got values from 2 to 2"),
        ("g_samples", [np.nan] * 41, ValueError, r"ConvolutionExplorer\.g_samples holds 41"),
        ("g_samples", [1j] * 41, TypeError, r"ConvolutionExplorer\.g_samples must be real"),
        ("g_samples", [], ValueError, r"ConvolutionExplorer\.g_samples is empty"),
    ],
)
def test_impossible_traits_are_refused(trait, value, error, message):
    """The error names widget and trait, and the widget keeps what it had."""
    widget = ConvolutionExplorer()
    before = getattr(widget, trait)
    with pytest.raises(error, match=message):
        setattr(widget, trait, value)
    assert np.array_equal(getattr(widget, trait), before)
    with pytest.raises(error, match=message):
        ConvolutionExplorer(**{trait: value})


def test_t_is_rounded_to_the_grid():
    """Shifts are multiples of 0.02, without rounding dust."""
    assert ConvolutionExplorer(t=0.31).t == 0.32
    assert ConvolutionExplorer(t=-0.7).t == -0.7


def test_halves_are_rounded_as_the_page_does():
    """Up, as Math.round has it, not to the even one."""
    assert [ConvolutionExplorer(t=t).t for t in (0.01, 0.05, -0.05, 4)] == [0.02, 0.06, -0.04, 4]


def test_arrays_are_read_only():
    """A change in place, which nobody would be told, is refused; what was given stays its owner's to change."""
    given = np.full(41, 0.5, dtype=np.float32)
    for array in (
        ConvolutionExplorer().f_samples,
        ConvolutionExplorer(f_samples=given).f_samples,
        FrequencyFilter().image,
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    given[0] = 1


@pytest.mark.filterwarnings("error")
def test_range_is_judged_before_rounding_to_32_bits():
    """What no 32-bit float can hold gets the ordinary message; and nothing slips in by being rounded."""
    with pytest.raises(ValueError, match=r"weights must lie between 0 and 1, got values from 1e\+300 to 1e\+300"):
        RepeatedConvolution(weights=[1e300] * 6)
    with pytest.raises(ValueError, match=r"f_samples must lie between -1 and 1"):
        ConvolutionExplorer(f_samples=[1 + 1e-9] * 41)


def test_samples_travel_as_bytes():
    """A drawn function is a binary trait, both ways, and a change is told to observers once."""
    widget = ConvolutionExplorer()
    seen = []
    widget.observe(lambda change: seen.append(change["new"]), "f_samples")
    values = np.linspace(-1, 1, 41).astype(np.float32)
    widget.f_samples = values
    widget.f_samples = values.copy()
    assert len(seen) == 1
    sent = widget.get_state()["f_samples"]
    assert isinstance(sent, memoryview)
    assert sent.nbytes == 4 * 41
    widget.set_state({"f_samples": memoryview(np.zeros(41, dtype="<f4")).cast("B")})
    assert widget.f_samples.tolist() == [0.0] * 41


CLOSED = {
    ("box", "box"): lambda t: signals.box_with_box(t),
    ("box", "exponential"): lambda t: signals.box_with_exponential(t, -0.5, 0.5),
    ("gaussian", "gaussian"): lambda t: signals.gaussian_with_gaussian(t, (0, 0.4), (0, 0.4)),
    ("impulse", "triangle"): signals.triangle,
    ("burst", "impulse"): signals.sine_burst,
}


@pytest.mark.parametrize("pair", CLOSED, ids=" * ".join)
def test_output_is_the_closed_form(pair):
    """The explorer's curve against pencil and paper."""
    output = ConvolutionExplorer(f=pair[0], g=pair[1]).output()
    np.testing.assert_allclose(output.values, CLOSED[pair](output.times), atol=2e-4)


def test_correlation_mirrors_the_sliding_function():
    """Correlation of box and decay is the convolution of box and decay, mirrored: the box is even."""
    convolution = ConvolutionExplorer(f="box", g="exponential").output()
    correlation = ConvolutionExplorer(f="box", g="exponential", operation="correlation").output()
    np.testing.assert_allclose(correlation.values, convolution.values[::-1], atol=1e-12)


@pytest.mark.parametrize("operation", ["convolution", "correlation"])
def test_every_still_picture_is_drawn(operation):
    """All 49 pairs of shapes; described with the area and the operation's own sign."""
    for f, g in itertools.product(SHAPES, SHAPES):
        widget = ConvolutionExplorer(f=f, g=g, operation=operation, t=0.0)
        figure = widget.still()
        assert len(figure.axes) == 3
        plt.close(figure)
        alt, caption = widget.describe()
        assert SHAPES[f] in alt
        assert ("∗" if operation == "convolution" else "⋆") in caption


def test_a_widget_must_draw_itself():
    """The base class says which method is missing."""

    class Bare(Widget):
        _esm = "export default {}"

    with pytest.raises(NotImplementedError, match=r"Bare must define describe\(\)"):
        Bare()._repr_mimebundle_()
    with pytest.raises(NotImplementedError, match=r"Bare must define still\(\)"):
        Bare().still()


def test_a_module_may_import_shared_ones_alone(tmp_path):
    """Any other import would need a network, and is refused by name."""
    module = tmp_path / "greedy.js"
    module.write_text('import { element } from "./js/dom.js";\nimport d3 from "d3";\nexport default {};\n')
    with pytest.raises(ValueError, match=r"greedy\.js imports a module that is not one of js/"):
        base.module_source(module)


def test_shared_modules_are_joined_once_each_in_its_own_scope(tmp_path):
    """Names of a widget's own may be those of a shared module, and what a shared module imports comes before it."""
    module = tmp_path / "own.js"
    module.write_text(
        'import {\n  slider,\n  choice as pick,\n} from "./js/controls.js";\nimport { say } from "./js/dom.js";\n'
        "const clamp = 1;\nexport default { slider, pick, say };\n"
    )
    source = base.module_source(module)
    assert source.count("const dom$ =") == source.count("const numbers$ =") == source.count("const controls$ =") == 1
    assert source.index("const dom$ =") < source.index("const controls$ =")
    assert "choice: pick" in source
    assert "import " not in source.replace("// ", "")


def test_a_subset_is_some_of_the_names():
    """In their own order; none stands for all; other names and a plain string are refused by name."""

    class Partial(Widget):
        _esm = "export default {}"
        show = Subset(("curves", "product", "output")).tag(sync=True)

    assert Partial().show == []
    assert Partial(show=("output", "curves")).show == ["curves", "output"]
    with pytest.raises(ValueError, match=r"Partial\.show must be one of 'curves', 'product', 'output', got 'area'"):
        Partial(show=["area"])
    with pytest.raises(TypeError, match=r"Partial\.show must be a list of names, got 'curves'"):
        Partial(show="curves")


def test_quiz_sources():
    """Every quiz of the book can be loaded; an unknown one is named with those there are."""
    assert quiz.names() == CHAPTERS
    for name in quiz.names():
        questions = quiz.load(name)
        assert 3 <= len(questions) <= 5
    with pytest.raises(ValueError, match=r"name must be one of '01_convolution_integral', .*, got 'nothing'"):
        Quiz("nothing")


def choices(*corrects, answers=None):
    answers = answers or [f"answer {i}" for i in range(len(corrects))]
    return [{"text": "t", "answer": a, "correct": c} for c, a in zip(corrects, answers, strict=True)]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (choices(True, True, False), "question 1 must have exactly one correct choice, got 2"),
        (choices(False, False, False), "exactly one correct choice, got 0"),
        (choices(True, False), "at least 3 choices, got 2"),
        (choices(True, False, False, answers=["a", "b", " "]), "must have an answer of its own"),
        (choices(True, False, False, answers=["a", "b", "b"]), "must have an answer of its own"),
    ],
)
def test_poor_questions_are_refused(given, message):
    """One right choice, at least three in all, and an answer of its own for each."""
    with pytest.raises(ValueError, match=message):
        quiz.check_questions([{"prompt": "?", "choices": given}])


@pytest.mark.parametrize("path", sorted(Path(base.__file__).parent.rglob("*.js")), ids=lambda path: path.name)
def test_no_class_is_one_of_the_themes(path):
    """The theme's own layout classes would lay out a widget's parts as a page's."""
    themes = {"row", "col", "container", "btn", "card", "badge", "nav", "table", "alert", "toast", "modal"}
    used = {name for given in re.findall(r'class: [`"]([\w -]+)[`"]', path.read_text()) for name in given.split()}
    assert not used & themes
