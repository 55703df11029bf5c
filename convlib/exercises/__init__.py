"""Checkers for the exercises: one module a chapter, each checker a function that takes the reader's answer."""

from convlib.exercises.checker import Case, Checker, Mistake, Verdict

__all__ = ["Case", "Checker", "Mistake", "Verdict"]
