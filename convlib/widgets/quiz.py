"""Quiz: concept questions in which every wrong choice is a misconception with an answer of its own."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import traitlets
from markdown_it import MarkdownIt

from convlib._validate import one_of
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


class Quiz(Widget):
    """A chapter's concept questions.

    Parameters
    ----------
    name : str
        Of a file in ``convlib/quizzes``, without its ending.

    Attributes
    ----------
    right_first : int
        How many questions the reader has answered correctly at the first try.
    """

    title = traitlets.Unicode().tag(sync=True)
    questions = traitlets.List().tag(sync=True)
    right_first = traitlets.Int(0).tag(sync=True)

    def __init__(self, name: str) -> None:
        self._source = load(name)
        super().__init__(title=name, questions=[_rendered(question) for question in self._source])

    def __repr__(self) -> str:
        return f"Quiz({self.title!r}: {len(self._source)} questions)"

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
