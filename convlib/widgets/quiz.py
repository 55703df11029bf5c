"""Quiz: concept questions in which every wrong choice is a misconception with an answer of its own."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib.resources import files

import traitlets
from markdown_it import MarkdownIt

from convlib._validate import integer, one_of
from convlib.widgets.base import Widget

_MARKDOWN = MarkdownIt("commonmark", {"html": False})


def names() -> list[str]:
    """Names of the quizzes that the book has: one a chapter."""
    return sorted(path.name.removesuffix(".toml") for path in files("convlib").joinpath("quizzes").iterdir())


def load(name: str) -> list[dict]:
    """Questions of the quiz ``name``, checked.

    Returns
    -------
    list of dict
        Each with ``prompt`` and ``choices``, the choices with ``text``, ``answer`` and ``correct``; Markdown.

    Raises
    ------
    ValueError
        If there is no quiz of that name, or a question has not exactly one correct choice, or a choice no answer.
    """
    one_of("name", name, names())
    text = files("convlib").joinpath("quizzes", f"{name}.toml").read_text(encoding="utf-8")
    return check_questions(tomllib.loads(text)["question"])


def check_questions(questions: list[dict]) -> list[dict]:
    """Return ``questions`` with every choice marked, or say in a ``ValueError`` what is wrong with which of them."""
    checked = []
    for number, question in enumerate(questions, start=1):
        choices = [{"correct": False, **choice} for choice in question["choices"]]
        right = sum(choice["correct"] for choice in choices)
        if right != 1:
            raise ValueError(f"questions: question {number} must have exactly one correct choice, got {right}")
        if len(choices) < 3:
            raise ValueError(f"questions: question {number} must have at least 3 choices, got {len(choices)}")
        answers = [choice.get("answer", "").strip() for choice in choices]
        if "" in answers or len(set(answers)) < len(answers):
            raise ValueError(f"questions: every choice of question {number} must have an answer of its own")
        checked.append({"prompt": question["prompt"], "choices": choices})
    return checked


def chosen(name: str, numbers: Sequence[int] | None) -> list[int]:
    """Numbers of questions of the quiz ``name``, counted from 1, checked; all of them for None."""
    count = len(load(name))
    if numbers is None:
        return list(range(1, count + 1))
    if isinstance(numbers, str) or not isinstance(numbers, list | tuple | range) or not numbers:
        raise TypeError(f"questions must be a list of numbers from 1 to {count}, got {numbers!r}")
    checked = [integer("questions", number, low=1) for number in numbers]
    if max(checked) > count or len(set(checked)) < len(checked):
        raise ValueError(f"questions must be different numbers from 1 to {count}, got {list(numbers)}")
    return checked


class Quiz(Widget):
    """A chapter's concept questions, or some of them where they belong.

    Parameters
    ----------
    name : str
        Of a file in ``convlib/quizzes``, without its ending.
    questions : sequence of int, optional
        Which of them, counted from 1; by default all.

    Attributes
    ----------
    tries : list of list of int
        For each question, which choices the reader has tried: the first one first, the latest one last.
    right_first : int
        How many questions the reader has answered correctly at the first try.

    Examples
    --------
    >>> Quiz("01_convolution_integral", questions=[2])
    Quiz('01_convolution_integral': 1 question)
    """

    title = traitlets.Unicode().tag(sync=True)
    numbers = traitlets.List().tag(sync=True)
    questions = traitlets.List().tag(sync=True)
    tries = traitlets.List().tag(sync=True)
    right_first = traitlets.Int(0).tag(sync=True)

    def __init__(self, name: str, questions: Sequence[int] | None = None) -> None:
        numbers = chosen(name, questions)
        every = load(name)
        self._source = [every[number - 1] for number in numbers]
        super().__init__(title=name, numbers=numbers, questions=[_rendered(question) for question in self._source])

    def __repr__(self) -> str:
        count = len(self._source)
        return f"Quiz({self.title!r}: {count} question{'s' if count > 1 else ''})"

    def fallback(self) -> dict[str, str]:
        """The questions as a list, with the answers below it: a quiz needs words on paper, not a picture."""
        questions = "".join(
            f"<li><div>{question['prompt']}</div><ol type='a'>"
            + "".join(f"<li>{choice['text']}</li>" for choice in question["choices"])
            + "</ol></li>"
            for question in self.questions
        )
        key = "; ".join(
            f"{number}&nbsp;{'abcdefgh'[[choice['correct'] for choice in question['choices']].index(True)]}"
            for number, question in enumerate(self._source, start=1)
        )
        answers = f"<figcaption>Answers: {key}.</figcaption>"
        html = f'<figure class="cl-figure cl-quiz-still"><ol>{questions}</ol>{answers}</figure>'
        lines = []
        for number, question in enumerate(self._source, start=1):
            lines.append(f"{number}. {question['prompt'].strip()}\n")
            lines += [f"   - {choice['text'].strip()}" for choice in question["choices"]]
            lines.append("")
        return {"text/html": html, "text/markdown": "\n".join(lines)}


def _rendered(question: dict) -> dict:
    """The question with its Markdown turned into HTML, so that the page needs no Markdown reader."""
    return {
        "prompt": _MARKDOWN.render(question["prompt"]).strip(),
        "choices": [
            {
                "text": _MARKDOWN.renderInline(choice["text"].strip()),
                "answer": _MARKDOWN.renderInline(choice["answer"].strip()),
                "correct": choice["correct"],
            }
            for choice in question["choices"]
        ],
    }
