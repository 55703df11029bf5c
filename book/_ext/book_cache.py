"""Run a notebook again when what it runs on has changed, and only then; build pages again when what builds them has.

What a notebook runs on is its own cells and the files that its imports lead to, with the data that they name.  A hash
of these is the name under which the run is kept, so an edit runs the notebooks that use the edited file, and an edit
that is taken back finds the old run again.  JavaScript and style sheets run nothing: they are not in what a run keeps;
book_widgets.py takes them from convlib.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from jupyter_core.utils import ensure_event_loop
from myst_nb.core import execute
from myst_nb.core.execute.base import NotebookClientBase
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

ALWAYS = ("requirements.txt", "constraints.txt")
DATA = ("convlib/quizzes", "convlib/answers")  # a file of these counts for the page that names it
BUILDERS = ("book/_ext/*.py",)
ASSETS = ("book/_assets/*", "convlib/widgets/palette.css", "convlib/widgets/base.css")
TOGETHER = 2  # notebooks that run at a time: each may take 1.5 GB
STATE = "application/vnd.jupyter.widget-state+json"
_CELL = re.compile(r"^```+\{code-cell\}.*?\n(.*?)^```", re.MULTILINE | re.DOTALL)


# ---- what a notebook depends on -------------------------------------------------------------------------------------


def dependencies(root: Path, folder: Path, cells: Iterable[str]) -> set[Path]:
    """Files of the project at ``root`` that the notebook in ``folder`` with these cells depends on."""
    codes = [TransformerManager().transform_cell(cell) for cell in cells]
    names = {name for code in codes for name, _ in imported(code)}
    texts = {text for code in codes for text in strings(code)}
    found = modules(root, names)
    found |= {file for path in found for file in beside(path)}
    found |= {file for data in DATA for file in (root / data).glob("*") if file.stem in texts}
    paths = [folder / text for text in texts if "/" in text and "\n" not in text and len(text) < 200]
    found |= {path.resolve() for path in paths if path.is_file() and path.resolve().is_relative_to(root.resolve())}
    return found | {root / name for name in ALWAYS}


def modules(root: Path, names: Iterable[str]) -> set[Path]:
    """Files of all modules that importing ``names`` runs, one leading to the next."""
    found: set[Path] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        parents = [".".join(name.split(".")[: i + 1]) for i in range(name.count(".") + 1)]
        for parent in parents:
            path = file_of(root, parent)
            if path is None or path in found:
                continue
            found.add(path)
            waiting += (other for other, lazy in imports_of(root, path, parent) if not lazy)
        # What a package imports when it is asked for (PEP 562): the one that is asked for, or, of a whole package, all.
        package, _, last = name.rpartition(".")
        for owner, asked in ((package, last), (name, None)):
            path = file_of(root, owner) if owner else None
            if path is not None and path.name == "__init__.py":
                lazies = [other for other, lazy in imports_of(root, path, owner) if lazy]
                targets = [other for other in lazies if asked in (None, other.rpartition(".")[2])]
                waiting += (other for other in targets if file_of(root, other.rpartition(".")[0]) not in found)
    return found


def file_of(root: Path, module: str) -> Path | None:
    """File of a module or package of this project, or None."""
    path = root.joinpath(*module.split("."))
    return next((file for file in (path / "__init__.py", path.with_suffix(".py")) if file.is_file()), None)


def imports_of(root: Path, path: Path, module: str) -> tuple[tuple[str, bool], ...]:
    """What the module in ``path`` imports; see :func:`imported`."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return imported(path.read_text(encoding="utf-8"), package)


@cache
def imported(code: str, package: str = "") -> tuple[tuple[str, bool], ...]:
    """Dotted names that code imports, and whether only when they are asked for: those under ``if TYPE_CHECKING``."""
    return tuple(_imported(parsed(code), package))


def _imported(tree: ast.AST, package: str) -> Iterator[tuple[str, bool]]:
    lazy = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for line in node.body
        for inner in ast.walk(line)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in lazy) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), package) if node.level else node.module
            yield from ((module if a.name == "*" else f"{module}.{a.name}", id(node) in lazy) for a in node.names)


@cache
def strings(code: str) -> frozenset[str]:
    """All texts in code."""
    nodes = ast.walk(parsed(code))
    return frozenset(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def beside(path: Path) -> Iterator[Path]:
    """Data beside a module that belongs to it: of the same name, or named in it."""
    names = {text for text in strings(path.read_text(encoding="utf-8")) if re.fullmatch(r"[\w.-]+\.\w+", text)}
    for other in path.parent.iterdir():
        if other.suffix not in (".js", ".css") and (other.stem == path.stem or other.name in names) and other.is_file():
            yield other


@cache
def parsed(code: str) -> ast.AST:
    """Code as a tree; nothing if it is no Python: running it will say so."""
    try:
        return ast.parse(code)
    except SyntaxError:
        return ast.Module([], [])


# ---- the keys of runs and of pages ----------------------------------------------------------------------------------


def hash_of(root: Path, files: Iterable[Path], *texts: str) -> str:
    """Hash of texts, and of the names and contents of files."""
    digest = hashlib.sha256("\0".join(texts).encode())
    for path in sorted(set(files)):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def code_of(path: Path) -> list[str] | None:
    """Code cells of a notebook or of a page that is one, or None if it runs nothing."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        return ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    if "file_format: mystnb" not in text[:400]:
        return None
    return [re.sub(r"^:.*\n", "", cell, flags=re.MULTILINE) for cell in _CELL.findall(text)]


def run_key(root: Path, folder: Path, cells: list[str]) -> str:
    """Name of the run of a notebook: another one when a cell or anything that it runs on is another."""
    return hash_of(root, dependencies(root, folder, cells), *cells)


def outdated(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Pages to be read again: those that run on what has changed; all if what builds them has."""
    root = Path(app.srcdir)
    pages = {name: Path(env.doc2path(name)) for name in env.found_docs}
    runs = {name: run_key(root, page.parent, cells) for name, page in pages.items() if (cells := code_of(page))}
    builders = _hash_of_matching(root, BUILDERS)
    old_runs, old_builders = getattr(env, "book_runs", {}), getattr(env, "book_builders", None)
    env.book_runs, env.book_builders = runs, builders
    return sorted(pages if builders != old_builders else {name for name in runs if old_runs.get(name) != runs[name]})


def rewritten(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Pages to be written again: all if a style sheet has changed, for Sphinx copies none where it writes no page."""
    assets = _hash_of_matching(Path(app.srcdir), ASSETS)
    old_assets, env.book_assets = getattr(env, "book_assets", None), assets
    return [] if assets == old_assets else sorted(env.found_docs)


def _hash_of_matching(root: Path, patterns: Iterable[str]) -> str:
    return hash_of(root, (path for pattern in patterns for path in root.glob(pattern) if path.is_file()))


# ---- running --------------------------------------------------------------------------------------------------------


class Client(NotebookClientBase):
    """Takes a notebook's outputs from the run that is kept for its present state, or runs it and keeps that."""

    root: Path

    def start_client(self) -> None:
        """Fill in the outputs."""
        cells = [cell.source for cell in self.notebook.cells if cell.cell_type == "code"]
        kept = kept_run(Path(self.nb_config.execution_cache_path), run_key(self.root, self.path.parent, cells))
        seconds = error = report = None
        if kept.exists():
            merge(nbformat.read(kept, as_version=4), self.notebook)
        else:
            self.logger.info("Executing notebook")
            seconds, error, report = self.run()
            if error is None:
                keep(self.notebook, kept)
        self.exec_metadata = {
            "mtime": datetime.now().timestamp(),
            "runtime": seconds,
            "method": self.nb_config.execution_mode,
            "succeeded": error is None,
            "error": error,
            "traceback": report,
        }

    def run(self) -> tuple[float, str | None, str | None]:
        """Run the notebook in place; gives the seconds, and the name and report of the error if there was one."""
        options = self.nb_config.execution_allow_errors, self.nb_config.execution_timeout
        result = run_in(self.path.parent, self.notebook, *options)
        if result.err is None:
            return result.time, None, None
        name = type(result.err).__name__
        self.logger.warning(f"Executing notebook failed: {name}\n{result.exc_string}", subtype="exec")
        return result.time, name, result.exc_string


def run_in(folder: Path, notebook: NotebookNode, allow_errors: bool, timeout: int) -> ExecutionResult:
    """Run a notebook in place, as one that lies in ``folder``."""
    result = single_nb_execution(
        notebook,
        cwd=str(folder.absolute()),
        allow_errors=allow_errors,
        timeout=timeout,
        coalesce_streams=True,  # a slow machine sends a print in pieces; myst-nb would put an empty line between
    )
    slim(notebook)
    return result


def run_ahead(app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
    """Run the notebooks that no run is kept of, two at a time: Sphinx reads the pages one after another.

    What fails here is not kept, and so runs again when its page is read, alone, and is reported there.
    """
    if app.config.nb_execution_mode != "cache":
        return
    folder, root = Path(app.config.nb_execution_cache_path), Path(app.srcdir)
    paths = [Path(env.doc2path(name)) for name in names]
    targets = {
        path: kept_run(folder, run_key(root, path.parent, code_of(path))) for path in paths if path.suffix == ".ipynb"
    }
    options = app.config.nb_execution_allow_errors, app.config.nb_execution_timeout

    def run(path: Path) -> None:
        notebook = nbformat.read(path, as_version=4)
        with closing(ensure_event_loop()):  # Jupyter begins one in each thread, and ends none
            result = run_in(path.parent, notebook, *options)
        if result.err is None:
            keep(notebook, targets[path])

    pool = ThreadPoolExecutor(min(TOGETHER, os.cpu_count() or 1))
    try:
        list(pool.map(run, (path for path, kept in targets.items() if not kept.exists())))
    finally:
        pool.shutdown(cancel_futures=True)  # a reader who stops the build does not wait for those that have not begun


def kept_run(folder: Path, key: str) -> Path:
    """Where a run is kept."""
    return folder / f"{key}.ipynb"


def merge(run: NotebookNode, notebook: NotebookNode) -> None:
    """Put the outputs and the widgets of ``run`` into ``notebook``, whose words may be newer."""
    notebook.metadata.update({key: run.metadata[key] for key in ("language_info", "widgets") if key in run.metadata})
    runs = (cell for cell in run.cells if cell.cell_type == "code")
    for cell in notebook.cells:
        if cell.cell_type == "code":
            done = next(runs)
            cell.outputs, cell.execution_count = done.outputs, done.execution_count


def keep(notebook: NotebookNode, path: Path) -> None:
    """Keep a run, whole or not at all: a build may be killed at any time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    part.write_text(nbformat.writes(notebook), encoding="utf-8")
    part.replace(path)


def slim(notebook: NotebookNode) -> None:
    """Leave out of the saved widgets what their class says: the module and the style sheet."""
    for model in notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {}).values():
        if "_anywidget_id" in model["state"]:
            model["state"].pop("_esm", None)
            model["state"].pop("_css", None)


def use_kept_runs(app: Sphinx, config: Config) -> None:
    """One folder beside the pages, for the runs of all states of the sources."""
    config.nb_execution_cache_path = str(Path(app.outdir).parent / ".jupyter_cache")
    Client.root = Path(app.srcdir)
    execute.NotebookClientCache = lambda notebook, path, nb_config, logger, **_: Client(
        notebook, path, nb_config, logger
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx: before myst-nb reads the cache path."""
    app.connect("config-inited", use_kept_runs, priority=100)
    app.connect("env-get-outdated", outdated)
    app.connect("env-before-read-docs", run_ahead)
    app.connect("env-get-updated", rewritten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
