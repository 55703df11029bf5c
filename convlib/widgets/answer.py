"""Answer: an exercise by hand, checked in the page, in which each known wrong answer is called by its name."""

from __future__ import annotations

import re
import tomllib
from fractions import Fraction
from functools import cache
from importlib.resources import files

import numpy as np
import traitlets
from markdown_it import MarkdownIt

from convlib._validate import one_of
from convlib.widgets.base import Widget
from convlib.widgets.traits import Count

KINDS = {"number": 0, "sequence": 1, "matrix": 2}  # how many dimensions each has

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_OPTIONAL = {"tolerance", "unit", "placeholder", "hint", "wrong"}
_NEEDED = {"name", "kind", "prompt", "answer", "solution"}


@cache
def _chapters() -> dict[str, list[dict]]:
    folder = files("convlib").joinpath("answers")
    paths = sorted(path for path in folder.iterdir() if path.name.endswith(".toml"))
    texts = {path.name.removesuffix(".toml"): path.read_text(encoding="utf-8") for path in paths}
    return {chapter: tomllib.loads(text)["answer"] for chapter, text in texts.items()}


def names() -> list[str]:
    """Names of all exercises: of a chapter's file, a slash, of the exercise."""
    return [f"{chapter}/{entry.get('name')}" for chapter, entries in _chapters().items() for entry in entries]


def load(name: str) -> dict:
    """The exercise ``name``, checked, as :func:`check_entry` returns it.

    Raises
    ------
    ValueError
        If there is no exercise of that name, or something is wrong with it.
    """
    chapter, entry = one_of("name", name, names()).split("/")
    return check_entry(next(known for known in _chapters()[chapter] if known["name"] == entry))


def check_entry(entry: dict) -> dict:
    """Return an exercise with its numbers as floats and its tolerance, or say in a ``ValueError`` what is wrong.

    Returns
    -------
    dict
        As in the file; ``answer`` and the ``value`` of each of ``wrong`` are lists of rows for a matrix, lists for a
        sequence, and lists of one number for a number.
    """
    name = entry.get("name", "without a name")
    missing, unknown = _NEEDED - entry.keys(), entry.keys() - _NEEDED - _OPTIONAL
    if missing or unknown:
        raise ValueError(f"answer {name!r}: missing are {sorted(missing)}, unknown are {sorted(unknown)}")
    kind = one_of(f"kind of answer {name!r}", entry["kind"], KINDS)
    answer = _numbers(name, "answer", kind, entry["answer"])
    tolerance = _tolerance(name, answer, entry.get("tolerance"))
    wrong = [
        {"value": _numbers(name, "a wrong one", kind, slip["value"]), "says": slip["says"]}
        for slip in entry.get("wrong", [])
    ]
    # A coarse tolerance lets a rounded answer count; two mistakes need only differ when they are written exactly.
    seen = [("the answer", answer, 2 * tolerance)]
    fine = 2 * min(tolerance, 0.005 * float(np.abs(answer).max()))
    for slip in wrong:
        for what, other, apart in seen:
            if slip["value"].shape == other.shape and np.all(np.abs(slip["value"] - other) <= apart):
                raise ValueError(f"answer {name!r}: the wrong {slip['value'].tolist()} cannot be told from {what}")
        seen.append((f"the wrong {slip['value'].tolist()}", slip["value"], fine))
    said = [slip["says"].strip() for slip in wrong]
    if "" in said or len(set(said)) < len(said):
        raise ValueError(f"answer {name!r}: every wrong answer must have a sentence of its own")
    plain = [{"value": slip["value"].tolist(), "says": slip["says"]} for slip in wrong]
    return {**entry, "answer": answer.tolist(), "tolerance": tolerance, "wrong": plain}


def _numbers(name: str, what: str, kind: str, value: object) -> np.ndarray:
    """The numbers of an answer, of the dimensions that the kind asks for; of one for a single number."""
    as_float = np.vectorize(lambda number: float(Fraction(number)), otypes=[float])
    try:
        array = as_float(np.array(value, dtype=object))
    except (TypeError, ValueError) as error:
        raise ValueError(f"answer {name!r}: {what} must be numbers, got {value!r}: {error}") from error
    if array.ndim != KINDS[kind] or array.size == 0:
        raise ValueError(f"answer {name!r}: {what} must be a {kind}, got {value!r}")
    return np.atleast_1d(array)


def _tolerance(name: str, answer: np.ndarray, given: float | None) -> float:
    if given is None:
        given = 0.0 if np.array_equal(answer, np.rint(answer)) else 0.005 * np.abs(answer).max()
    if not given >= 0:
        raise ValueError(f"answer {name!r}: tolerance must be at least 0, got {given}")
    return max(float(given), 1e-9 * max(1.0, float(np.abs(answer).max())))


class Answer(Widget):
    """An exercise by hand: a number, a sequence or a small matrix.

    Parameters
    ----------
    name : str
        Of a chapter's file in ``convlib/answers``, without its ending, a slash, and the name of the exercise.

    Attributes
    ----------
    text : str
        What stands in the field.
    tries : int
        How many answers the reader has given that could be read, one that is repeated at once counted once.
    solved : bool
        Whether the last of them was right.

    Examples
    --------
    >>> Answer("01_convolution_integral/two-dice")
    Answer('01_convolution_integral/two-dice')
    """

    title = traitlets.Unicode().tag(sync=True)
    question = traitlets.Dict().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    tries = Count(0, None, 0).tag(sync=True)
    solved = traitlets.Bool(False).tag(sync=True)

    def __init__(self, name: str) -> None:
        self._source = load(name)
        super().__init__(title=name, question=_rendered(self._source))

    def __repr__(self) -> str:
        return f"Answer({self.title!r})"

    def room(self) -> tuple[int, int, int]:
        """Heights of the live widget at rest, by how many lines the exercise takes, at 7.6 pixels a letter."""
        words, *tables = re.split(r"<pre>(.*?)</pre>", self.question["prompt"], flags=re.DOTALL)
        tables, words = tables[::2], "".join([words, *tables[1::2]])
        letters = len(re.sub(r"<[^>]*>|\n", "", words))
        rows = len(self.question["answer"]) if self.question["kind"] == "matrix" else 0
        field = max(0, 24 * rows - 24)
        field += sum(16 + 22 * table.count("\n") for table in tables)
        return tuple(round(125 + field + 22 * -(-letters * 7.6 // width)) for width in (333, 602, 602))

    def fallback(self) -> dict[str, str]:
        """The exercise and a line to write on."""
        rule = "display:inline-block;width:12em;border-bottom:1px solid currentcolor"
        unit = f" {self.question['unit']}" if self.question["unit"] else ""
        line = f'<figcaption style="text-align:left">Answer: <span style="{rule}">&nbsp;</span>{unit}</figcaption>'
        room = "<!-- room {} {} {} -->".format(*self.room())  # which the page's build reads
        html = f'{room}<figure class="cl-figure cl-answer-still"><div>{self.question["prompt"]}</div>{line}</figure>'
        return {"text/html": html, "text/markdown": f"{self._source['prompt'].strip()}\n\nAnswer: ________{unit}\n"}


def _rendered(entry: dict) -> dict:
    """The exercise with its Markdown turned into HTML, so that the page needs no Markdown reader."""

    def powers(text: str) -> str:
        return re.sub(r"\^\{([^}]*)\}", r"<sup>\1</sup>", text)

    def inline(text: str) -> str:
        return powers(_MARKDOWN.renderInline(text.strip()))

    return {
        "kind": entry["kind"],
        "prompt": powers(_MARKDOWN.render(entry["prompt"]).strip()),
        "answer": entry["answer"],
        "tolerance": entry["tolerance"],
        "unit": entry.get("unit", ""),
        "placeholder": entry.get("placeholder", ""),
        "hint": inline(entry.get("hint", "")),
        "solution": inline(entry["solution"]),
        "wrong": [{"value": slip["value"], "says": inline(slip["says"])} for slip in entry["wrong"]],
    }
