"""The package and the project's own tools: import time, arrows between modules, sources of the built files."""

from __future__ import annotations

import ast
import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "book" / "_tools"
sys.path.insert(0, str(TOOLS))


def run(*arguments, cwd=ROOT, **options):
    return subprocess.run([sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, check=False, **options)


@pytest.mark.parametrize(
    ("module", "light"),
    [
        ("convlib", ("torch", "matplotlib", "scipy", "anywidget", "skimage")),
        ("convlib.kernels", ("torch", "matplotlib", "scipy", "anywidget", "skimage")),
        ("convlib.filters", ("torch", "matplotlib", "scipy", "anywidget", "skimage")),
        ("convlib.data", ("torch", "matplotlib", "scipy", "anywidget", "skimage", "mlxtend", "pooch", "requests")),
        ("convlib.shapes", ("torch", "matplotlib", "scipy", "anywidget")),
        ("convlib.layers", ("torch", "matplotlib", "scipy", "anywidget", "skimage")),
        ("convlib.models", ("matplotlib", "scipy", "anywidget", "skimage", "mlxtend", "pooch", "requests")),
        ("convlib.cost", ("torch", "matplotlib", "scipy", "anywidget")),
        ("convlib.widgets", ("torch", "matplotlib", "scipy", "anywidget")),
        ("convlib.widgets.quiz", ("torch", "scipy", "convlib.widgets.frequency_filter")),
        ("convlib.widgets.frequency_filter", ("torch", "skimage")),
    ],
)
def test_import_is_light(module, light):
    """A module loads what it needs and nothing heavier."""
    done = run("-c", f"import sys, {module}; print([name for name in {light} if name in sys.modules])")
    assert done.stdout.strip() == "[]", done.stderr


def test_widgets_come_when_asked_for():
    """Every name of the package is there, another one is an error, and they are listed."""
    from convlib import widgets

    assert all(issubclass(getattr(widgets, name), widgets.Widget) for name in widgets.__all__)
    assert set(widgets.__all__) <= set(dir(widgets))
    with pytest.raises(AttributeError, match="has no attribute 'Slideshow'"):
        _ = widgets.Slideshow
    listed = set(re.findall(r"import (\w+)$", Path(widgets.__file__).read_text(encoding="utf-8"), re.MULTILINE))
    assert set(widgets.__all__) <= listed, "book/_ext/book_cache.py reads the list under TYPE_CHECKING"


def test_binder_has_what_readers_run():
    """All that the notebooks and convlib import, at whatever depth of a function, but torch, which postBuild adds."""
    lines = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    listed = {line.strip() for line in lines if line and line[0] not in "#-"}
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "convlib").rglob("*.py")]
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources += ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    asked = set()
    for node in (node for source in sources for node in ast.walk(ast.parse(source))):
        if isinstance(node, ast.Import):
            asked |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            asked.add(node.module.partition(".")[0])
    comes_with = {"IPython": "ipykernel", "traitlets": "ipywidgets", "PIL": "matplotlib", "requests": "pooch"}
    comes_with |= {"skimage": "scikit-image", "sklearn": "scikit-learn"}
    own = {"convlib", "tests", "torch", *sys.stdlib_module_names}
    assert {comes_with.get(name, name) for name in asked - own} - {"markdown_it"} <= listed


def imports(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


MATHS = ["_validate.py", "convolution.py", "signals.py", "kernels.py"]
for folder in ("filters", "layers"):
    MATHS += sorted(path.relative_to(ROOT / "convlib").as_posix() for path in (ROOT / "convlib" / folder).glob("*.py"))


@pytest.mark.parametrize("module", MATHS)
def test_maths_imports_no_pictures(module):
    """Arrows run one way: the maths knows nothing of plots, widgets or networks."""
    used = set(imports(ROOT / "convlib" / module))
    assert not {
        name for name in used if re.match(r"(matplotlib|IPython|anywidget|torch|convlib\.(plot|widgets))", name)
    }


def test_requirements_and_constraints_agree():
    """Every direct dependency is pinned, explained, and the same in the resolved set; no address slips in."""
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and not line.startswith("#")]
    resolved = (ROOT / "constraints.txt").read_text().splitlines()
    for line in lines:
        assert re.match(r"[\w-]+==[\w.]+ +# \w", line), line
        assert line.split()[0].lower() in resolved, line
    for line in resolved[1:]:
        assert re.fullmatch(r"[\w.-]+==[\w.]+", line), line


def test_logo_is_drawn_by_code():
    """The committed logo and favicon are what logo.py draws."""
    import logo

    for path, text in logo.files().items():
        assert path.read_text(encoding="utf-8") == text, f"run {TOOLS / 'logo.py'}"


def notebook_with(*cells):
    return {
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{i}",
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": source,
            }
            for i, source in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def test_unclean_notebooks_are_found_and_cleaned(tmp_path):
    """Counts, images, HTML and machine metadata are dropped; text stays; a second run changes nothing."""
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps(notebook_with("from IPython.display import HTML\nHTML('<b>x</b>')", "print('hello')")))
    check = run(TOOLS / "notebooks.py", "check", path)
    assert check.returncode == 1
    assert "not stored clean: run `make outputs`" in check.stderr
    assert run(TOOLS / "notebooks.py", "refresh", path).returncode == 0
    stored = path.read_text()
    assert "hello" in stored
    assert "<b>" not in stored.replace("HTML('<b>x</b>')", "")
    assert run(TOOLS / "notebooks.py", "check", path).returncode == 0
    run(TOOLS / "notebooks.py", "refresh", path)
    assert path.read_text() == stored


def test_a_failing_notebook_is_left_as_it_was(tmp_path):
    """Nothing is lost when a cell fails, and the message shows the cell."""
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps(notebook_with("1 / 0")))
    before = path.read_text()
    done = run(TOOLS / "notebooks.py", "refresh", path)
    assert done.returncode == 1
    assert "n.ipynb failed and is left as it was" in done.stderr
    assert "ZeroDivisionError" in done.stderr
    assert path.read_text() == before


def test_a_port_in_use_is_a_sentence(tmp_path):
    """`make serve` says which port to try instead."""
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        done = run(TOOLS / "serve.py", tmp_path, str(port))
    assert done.returncode == 1
    assert f"Port {port} is in use. Choose another: make serve PORT=" in done.stderr
    assert "Traceback" not in done.stderr
    assert "PORT must be a number" in run(TOOLS / "serve.py", tmp_path, "web").stderr
