"""The build itself, on a small book: what it notices, what it refuses, what it says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.site.conftest import ROOT
from tests.site.harness import book_repository
from tests.unit.test_package import notebook_with

TOC = "format: jb-book\nroot: book/index\nchapters:\n  - file: notebooks/page\n"
CELL = "from convlib.convolution import MODES, convolve\n\nprint('first mode:', MODES[0])\n_ = convolve"
#: A page that a name in the notebook's code leads to.
INDEX = "# A small book\n\n```{py:module} convlib.convolution\n```\n\n```{py:function} convolve\n```\n"
LINK = re.compile(r'<a class="sphinx-codeautolink-a"[^>]*#convlib\.convolution\.convolve"')
PIECES = """import sys

for piece in ('one', ' two', '\\n\\n', 'three'):
    print(piece, end='')
    sys.stdout.flush()"""

# On one worker: each would make the build that they share for itself.
pytestmark = pytest.mark.xdist_group("build")


def small_project(folder: Path) -> Path:
    """A copy of the project with two small pages; its own convlib is the one that its notebook imports."""
    book = folder / "project"
    skip = shutil.ignore_patterns("__pycache__", "*.ipynb", "_build", "*.md")
    for name in ("book", "convlib", "notebooks"):
        shutil.copytree(ROOT / name, book / name, ignore=skip)
    for name in ("_config.yml", "requirements.txt", "constraints.txt"):
        shutil.copy(ROOT / name, book / name)
    (book / "_toc.yml").write_text(TOC)
    (book / "book" / "index.md").write_text(INDEX)
    (book / "notebooks" / "page.ipynb").write_text(json.dumps(page(CELL)))
    return book


@pytest.fixture
def small_book(tmp_path: Path) -> Path:
    """A small book that nobody has built."""
    return small_project(tmp_path)


@dataclass(frozen=True)
class Built:
    """A small book, what its first build said, and the notebook's page as that build left it."""

    book: Path
    done: subprocess.CompletedProcess
    html: str

    @property
    def runs(self) -> str:
        """A word for each time that the notebook ran."""
        return (self.book.parent / "runs.txt").read_text()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """One build for the tests that only look at it, and for the one test that goes on to edit the book."""
    book = small_project(tmp_path_factory.mktemp("built"))
    count = f"with open({str(book.parent / 'runs.txt')!r}, 'a') as log:\n    _ = log.write('run ')"
    cells = [count, CELL, "from convlib.widgets import Quiz\n\nQuiz('01_convolution_integral')", PIECES]
    (book / "notebooks" / "page.ipynb").write_text(json.dumps(page(*cells)))
    done = build(book)
    assert done.returncode == 0, done.stdout
    return Built(book, done, shown(book))


def page(*cells: str) -> dict:
    """A notebook with a title and these cells."""
    notebook = notebook_with(*cells)
    notebook["cells"].insert(0, {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# A page"})
    return notebook


def build(book: Path, **variables: str) -> subprocess.CompletedProcess:
    """Build the small book."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    environment |= {"PYTHONPATH": str(book), "GIT_CEILING_DIRECTORIES": str(book.parent), **variables}
    command = [sys.executable, str(book / "book" / "_tools" / "build.py"), str(book)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def shown(book: Path) -> str:
    """The notebook's page."""
    return (book / "_build" / "html" / "notebooks" / "page.html").read_text(encoding="utf-8")


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that is in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_what_an_edit_runs(built):
    """A helper that the notebook imports runs it; what it does not use, a front end, or an edit taken back, do not."""
    small_book = built.book
    assert "first mode: full" in built.html
    (first,) = (small_book / "_build" / "html" / "_static" / "widgets").iterdir()
    assert f'"source":"{first.stem}"' in built.html
    assert LINK.search(built.html)
    assert "function score" in first.read_text(encoding="utf-8")
    (kept,) = (small_book / "_build" / ".jupyter_cache").iterdir()
    assert "function score" not in kept.read_text(encoding="utf-8"), "a run keeps what its class says"

    package = small_book / "convlib"
    edit(package / "widgets" / "quiz.js", "function score", "function points")
    edit(package / "widgets" / "palette.css", ":root", "html:root")
    edit(package / "sound.py", "import html", "import html  # not used by this page")
    assert build(small_book).returncode == 0
    (second,) = (small_book / "_build" / "html" / "_static" / "widgets").iterdir()
    assert f'"source":"{second.stem}"' in shown(small_book)
    assert LINK.search(shown(small_book)), "written anew, but not read: its code keeps its links"
    assert "function points" in second.read_text(encoding="utf-8")
    assert "html:root" in (small_book / "_build" / "html" / "_static" / "palette.css").read_text(encoding="utf-8")
    assert built.runs == "run "

    edit(package / "convolution.py", 'MODES = ("full",', 'MODES = ("FULL",')
    assert build(small_book).returncode == 0
    assert "first mode: FULL" in shown(small_book)
    assert built.runs == "run run "

    edit(package / "convolution.py", 'MODES = ("FULL",', 'MODES = ("full",')
    shutil.rmtree(small_book / "_build" / "html")
    assert build(small_book).returncode == 0
    assert "first mode: full" in shown(small_book)
    assert built.runs == "run run "


def test_prints_in_pieces_are_one_text(built):
    """A slow machine sends what is printed in pieces; the page shows what a fast one does."""
    assert re.search(r"one two\n\nthree\s*</pre>", re.sub(r"</?span[^>]*>", "", built.html))


def test_a_failing_cell_breaks_the_build(small_book):
    """The message shows the cell and its error, and the exit status is not 0."""
    (small_book / "notebooks" / "page.ipynb").write_text(json.dumps(page("1 + 1", "convolution = 1 / 0")))
    done = build(small_book)
    assert done.returncode != 0
    assert "A notebook failed. The cell and its error:" in done.stdout
    assert "convolution = 1 / 0" in done.stdout
    assert "ZeroDivisionError" in done.stdout
    assert build(small_book).returncode != 0, "a second build takes the failed page for finished"


def test_a_warning_breaks_the_build(small_book):
    """A reference to nothing is an error, and the line says where."""
    (small_book / "book" / "index.md").write_text("# A small book\n\nSee {ref}`nowhere`.\n")
    done = build(small_book)
    assert done.returncode != 0
    assert "index.md" in done.stdout
    assert "nowhere" in done.stdout


def test_no_repository_no_buttons(built):
    """Without an address the launch buttons are left out, and the log says so."""
    assert "No GitHub repository known" in built.done.stdout
    assert "mybinder" not in built.html
    assert "github.com" not in built.html


@pytest.mark.parametrize("address", ["git@github.com:{}.git", "https://github.com/{}", "https://github.com/{}.git"])
def test_repository_of_a_remote(tmp_path, monkeypatch, address):
    """The git remote is read in all its spellings."""
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    name = "some-school/convolution.course"
    for command in (["init", "-q"], ["remote", "add", "origin", address.format(name)]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    assert book_repository.find_repository(tmp_path) == name


def test_other_remotes_are_no_repository(tmp_path, monkeypatch):
    """An address elsewhere, or none, or a malformed variable, gives no button."""
    monkeypatch.setenv("GITHUB_REPOSITORY", "not a name")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert book_repository.find_repository(tmp_path) is None
    for command in (["init", "-q"], ["remote", "add", "origin", "/srv/git/convolution.git"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    assert book_repository.find_repository(tmp_path) is None


def test_buttons_point_at_the_repository(small_book):
    """Launch buttons, source link, addresses for sharing and for the 404 page follow GITHUB_REPOSITORY."""
    name = "some-school/convolution.course"
    done = build(small_book, GITHUB_REPOSITORY=name)
    assert done.returncode == 0, done.stdout
    html = shown(small_book)
    assert f"https://mybinder.org/v2/gh/{name}/main?urlpath=lab/tree/notebooks/page.ipynb" in html
    assert f"https://github.com/{name}" in html
    assert 'href="/convolution.course/' in (small_book / "_build" / "html" / "404.html").read_text(encoding="utf-8")
    assert "https://some-school.github.io/convolution.course/" in html


def test_latex_has_still_pictures(small_book):
    """In LaTeX a widget and a figure are pictures with captions, and a quiz is its questions."""
    cells = [
        "from convlib.widgets import ConvolutionExplorer, Quiz\n\nConvolutionExplorer()",
        "Quiz('01_convolution_integral')",
    ]
    (small_book / "notebooks" / "page.ipynb").write_text(json.dumps(page(*cells)))
    program = Path(sys.executable).with_name("jupyter-book")
    command = [str(program), "build", "-n", "-W", "--keep-going", "--builder", "latex", str(small_book)]
    environment = {**os.environ, "PYTHONPATH": str(small_book)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout[-3000:]
    (document,) = (small_book / "_build" / "latex").glob("*.tex")
    text = document.read_text(encoding="utf-8")
    assert r"\sphinxincludegraphics{" in text
    assert "one point of" in text
    assert r"\caption" in text
    assert "how long can" in text.lower()
