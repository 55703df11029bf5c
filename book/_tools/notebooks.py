"""Refresh the notebooks' stored text outputs, or check that they are stored clean.

Usage: python book/_tools/notebooks.py refresh|check [notebook …]

Stored are sources, text outputs and stable cell ids; not images, HTML, widget state, execution counts or anything
about the machine.  nbval compares what is stored; myst-nb runs the notebooks anew for the pages.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).parents[2]
KEPT_TYPES = ("text/plain",)
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def clean(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Drop everything that differs between machines or is no text; in place."""
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        cell.execution_count = None
        cell.outputs = joined(cell.outputs)
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = None
            if "data" in output:
                output.data = {key: value for key, value in output.data.items() if key in KEPT_TYPES}
                output.metadata = {}
    return notebook


def joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Outputs with what was printed in pieces, as on a slow machine, in one piece."""
    kept: list[nbformat.NotebookNode] = []
    for output in outputs:
        before = kept[-1] if kept else None
        if before and output.output_type == before.output_type == "stream" and output.name == before.name:
            before.text += output.text
        else:
            kept.append(output)
    return kept


def text_of(notebook: nbformat.NotebookNode) -> str:
    """The notebook as it stands in its file."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n"


def refresh(path: Path) -> None:
    """Run the notebook from a clean kernel and store its text outputs."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    os.environ["TQDM_DISABLE"] = "1"  # no progress bars in what is stored
    NotebookClient(notebook, timeout=180, resources={"metadata": {"path": str(path.parent)}}).execute()
    path.write_text(text_of(clean(notebook)), encoding="utf-8")


def is_clean(path: Path) -> bool:
    """Whether the file holds nothing that :func:`clean` would drop."""
    return path.read_text(encoding="utf-8") == text_of(clean(nbformat.read(path, as_version=4)))


def main(arguments: list[str]) -> int:
    """Do what the command line says; the exit status is the number of notebooks that are not as they should be."""
    action, *names = arguments or ["help"]
    if action not in ("refresh", "check"):
        print(__doc__)
        return 2
    wrong = 0
    for path in [Path(name) for name in names] or sorted((ROOT / "notebooks").glob("*.ipynb")):
        if action == "refresh":
            try:
                refresh(path)
                print(f"refreshed {path.name}")
            except CellExecutionError as error:
                wrong += 1
                print(f"{path.name} failed and is left as it was:\n{error}", file=sys.stderr)
        elif not is_clean(path):
            wrong += 1
            print(f"{path.name} is not stored clean: run `make outputs`", file=sys.stderr)
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
