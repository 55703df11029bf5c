"""What a notebook depends on: an edit runs the notebooks that use the edited file, and no other."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.unit.test_package import notebook_with

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import book_cache  # noqa: E402

PAGES = {path.stem: path for path in [*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("book/*.md")]}
CODE = {name: cells for name, path in PAGES.items() if (cells := book_cache.code_of(path))}
USED = {name: book_cache.dependencies(ROOT, PAGES[name].parent, cells) for name, cells in CODE.items()}


def pages_that_say(word: str) -> set[str]:
    return {name for name, cells in CODE.items() if word in "\n".join(cells)}


def pages_that_import(name: str) -> set[str]:
    names = {page: {n for cell in cells for n, _ in book_cache.imported(cell)} for page, cells in CODE.items()}
    return {page for page in CODE if any(n.rpartition(".")[2] == name for n in names[page])}


def pages_that_run_on(file: str) -> set[str]:
    assert (ROOT / file).exists()
    return {name for name, files in USED.items() if ROOT / file in files}


def test_there_are_pages_that_run():
    """Every notebook does, and some of the pages around them."""
    assert {path.stem for path in ROOT.glob("notebooks/*.ipynb")} | {"benchmarks", "index"} <= CODE.keys()


def test_everything_runs_on_the_mathematics_and_the_pins():
    """``import convlib`` alone loads convolution.py."""
    for file in ("convlib/convolution.py", "convlib/_validate.py", "constraints.txt"):
        assert pages_that_run_on(file) == CODE.keys()


@pytest.mark.parametrize("path", sorted(ROOT.glob("convlib/quizzes/*")) + sorted(ROOT.glob("convlib/answers/*")))
def test_a_quiz_runs_the_page_that_names_it(path):
    """Not those with other quizzes."""
    assert pages_that_run_on(path.relative_to(ROOT).as_posix()) == pages_that_say(f'"{path.stem}"')


@pytest.mark.parametrize("path", sorted(ROOT.glob("convlib/exercises/chapter_*.py")), ids=lambda path: path.stem)
def test_a_checker_runs_its_chapter(path):
    """Not the other chapters."""
    assert pages_that_run_on(path.relative_to(ROOT).as_posix()) == pages_that_say(path.stem) != set()


@pytest.mark.parametrize("path", sorted(ROOT.glob("convlib/widgets/*.js")), ids=lambda path: path.stem)
def test_a_widget_runs_the_pages_that_show_it(path):
    """Its Python; its JavaScript and style run nothing."""
    if path.with_suffix(".py").exists():
        name = "".join(word.capitalize() for word in path.stem.split("_"))
        assert pages_that_run_on(path.with_suffix(".py").relative_to(ROOT).as_posix()) == pages_that_import(name)


def test_no_page_runs_on_a_front_end():
    """An edit of any script or style sheet runs nothing."""
    assert {path.suffix for files in USED.values() for path in files} <= {".py", ".toml", ".json", ".npz", ".txt"}


def test_helpers_and_results_run_who_uses_them():
    """A helper module; the stored benchmarks, named by a path in one page and by the module beside in another."""
    assert pages_that_run_on("convlib/sound.py") == pages_that_say("convlib.sound")
    assert pages_that_run_on("tests/benchmarks/convolution.json") == pages_that_say("tests.benchmarks")
    by_path, by_module = pages_that_say("tests/benchmarks/crossover"), pages_that_say("import crossover")
    assert pages_that_run_on("tests/benchmarks/crossover.json") == by_path | by_module


#: For each page in turn: run its imports in a process that has none of this project's modules yet, but those of others
#: that take the time; say which of this project's are loaded then.
LOAD = """
import json, os, sys
import matplotlib.pyplot, anywidget, scipy.signal, torch
for page, lines in json.load(sys.stdin).items():
    if (child := os.fork()) == 0:
        exec(lines, {})
        ours = [m.__file__ for name, m in sys.modules.items() if name.partition(".")[0] in ("convlib", "tests")]
        print(json.dumps([page, ours]), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


@cache
def loaded_by_pages() -> dict[str, set[Path]]:
    """Modules of this project that each page's own imports load."""
    imports = {}
    for page, cells in CODE.items():
        nodes = [node for cell in cells for node in ast.walk(book_cache.parsed(cell))]
        lines = [ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
        imports[page] = "\n".join(line for line in lines if "convlib" in line or "tests." in line)
    command, given = [sys.executable, "-c", LOAD], json.dumps(imports)
    done = subprocess.run(command, input=given, cwd=ROOT, capture_output=True, text=True, check=True)
    return {page: set(map(Path, ours)) for page, ours in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("name", CODE)
def test_what_python_loads_is_found(name):
    """The modules of this project that the page's own imports load are among those found: all of them."""
    loaded = loaded_by_pages()[name]
    assert loaded == {path for path in USED[name] if path.suffix == ".py" and path in loaded}
    assert loaded


# ---- a project made for the purpose ---------------------------------------------------------------------------------

FILES = {
    "requirements.txt": "",
    "constraints.txt": "",
    "kit/__init__.py": "from kit.base import root",
    "kit/base.py": "root = 1",
    "kit/lazy/__init__.py": "if TYPE_CHECKING:\n    from kit.lazy.one import One\n    from kit.lazy.two import Two",
    "kit/lazy/one.py": "from ..helper import help",
    "kit/lazy/two.py": "def f():\n    import kit.late",
    "kit/helper.py": "TABLE = open('table.csv')",
    "kit/late.py": "",
    "kit/table.csv": "",
    "kit/helper.json": "",
    "kit/helper.js": "",
    "kit/other.csv": "",
    "kit/one.toml": "",
    "convlib/quizzes/first.toml": "",
    "convlib/quizzes/second.toml": "",
    "data/stored.json": "",
    "notebooks/page.ipynb": "",
}
BASE = {"kit/__init__.py", "kit/base.py"}
LAZY = BASE | {"kit/lazy/__init__.py"}
ONE = LAZY | {"kit/lazy/one.py", "kit/helper.py", "kit/table.csv", "kit/helper.json"}
TWO = LAZY | {"kit/lazy/two.py", "kit/late.py"}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1 + 1", set()),
        ("import numpy, json", set()),
        ("import kit", BASE),
        ("import kit.base as b", BASE),
        ("from kit.lazy import One", ONE),
        ("from kit.lazy import Two as T", TWO),
        ("from kit.lazy.two import Two", TWO),
        ("from kit import lazy\nlazy.Two", ONE | TWO),
        ("import kit.lazy", ONE | TWO),
        ("from kit.lazy import *", ONE | TWO),
        ("def later():\n    from kit.lazy import Two", TWO),
        ("%timeit sum([])\n!ls\nimport kit", BASE),
        ("not python (\nimport kit", set()),
        ("ask('first')", {"convlib/quizzes/first.toml"}),
        ("print('first or second')", set()),
        ("open('../data/stored.json')", {"data/stored.json"}),
        ("open('/etc/hostname'), open('../../outside.txt'), open('../data/none.json')", set()),
    ],
)
def test_rules(tmp_path, cell, expected):
    """Imports of all kinds, lazy packages, data beside modules and data named by a page."""
    root = tmp_path / "root"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "outside.txt").write_text("")
    found = book_cache.dependencies(root, root / "notebooks", [cell])
    names = {path.relative_to(root).as_posix() for path in found}
    assert names == expected | {"requirements.txt", "constraints.txt"}


def test_the_key_is_of_contents(tmp_path):
    """Another cell, another text in a file, and another file are other keys; what is taken back is the old key."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    cell, folder = "from kit.lazy import One", tmp_path / "notebooks"
    first = book_cache.run_key(tmp_path, folder, [cell])
    assert book_cache.run_key(tmp_path, folder, [cell, "1"]) != first
    (tmp_path / "kit/late.py").write_text("unused = 1")
    (tmp_path / "kit/helper.js").write_text("unused = 1")
    assert book_cache.run_key(tmp_path, folder, [cell]) == first
    (tmp_path / "kit/table.csv").write_text("1")
    assert book_cache.run_key(tmp_path, folder, [cell]) != first
    (tmp_path / "kit/table.csv").write_text("")
    assert book_cache.run_key(tmp_path, folder, [cell]) == first


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_run_is_kept_whole_or_not_at_all(tmp_path, monkeypatch, interrupted):
    """A build killed while it writes leaves nothing that the next one takes for a run."""
    notebook = book_cache.nbformat.v4.new_notebook()
    path = book_cache.kept_run(tmp_path / "runs", "key")
    if interrupted:
        monkeypatch.setattr(Path, "replace", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            book_cache.keep(notebook, path)
    else:
        book_cache.keep(notebook, path)
    assert path.exists() != interrupted


WAIT = """
import pathlib, time
pathlib.Path("{mine}.here").touch()
while not pathlib.Path("{other}.here").exists():
    time.sleep(0.05)
print("met")
"""


def ahead(folder: Path, timeout: int, **cells: str) -> dict[str, Path]:
    """Run notebooks, each of one cell, before they are read; where each run is kept if it succeeded."""
    paths = {name: folder / f"{name}.ipynb" for name in cells}
    for name, cell in cells.items():
        paths[name].write_text(json.dumps(notebook_with(cell)))
    for name in book_cache.ALWAYS:
        (folder / name).touch()
    runs = folder / "runs"
    config = SimpleNamespace(
        nb_execution_mode="cache",
        nb_execution_cache_path=str(runs),
        nb_execution_allow_errors=False,
        nb_execution_timeout=timeout,
    )
    app, env = SimpleNamespace(config=config, srcdir=str(folder)), SimpleNamespace(doc2path=paths.get)
    book_cache.run_ahead(app, env, list(paths))
    return {name: book_cache.kept_run(runs, book_cache.run_key(folder, folder, [cell])) for name, cell in cells.items()}


def test_notebooks_run_two_at_a_time(tmp_path, monkeypatch):
    """Two that wait for each other end, and each is kept as its page's own run would be; a second time nothing runs."""
    monkeypatch.setattr(book_cache.os, "cpu_count", lambda: 2)
    cells = {"one": WAIT.format(mine="one", other="two"), "two": WAIT.format(mine="two", other="one")}
    for kept in ahead(tmp_path, 300, **cells).values():
        (cell,) = book_cache.nbformat.read(kept, as_version=4).cells
        assert cell.outputs[0].text == "met\n"
    monkeypatch.setattr(book_cache, "run_in", lambda *_: pytest.fail("it runs again"))
    ahead(tmp_path, 300, **cells)


def test_a_failed_run_is_not_kept(tmp_path):
    """Its page runs it again, and says what was wrong; the others are kept."""
    kept = ahead(tmp_path, 300, wrong="1 / 0", right="1 + 1")
    assert not kept["wrong"].exists()
    assert kept["right"].exists()
