"""Traits of widgets that refuse what is impossible, naming the widget and the trait."""

from __future__ import annotations

from collections.abc import Sequence

import traitlets

from convlib._validate import one_of


class Subset(traitlets.TraitType):
    """A trait that is some of several names, as a list in their own order; none stands for all."""

    def __init__(self, names: Sequence[str], default: Sequence[str] = (), **options: object) -> None:
        self.names = tuple(names)
        super().__init__(default_value=[name for name in self.names if name in default], **options)

    def validate(self, obj: traitlets.HasTraits, value: object) -> list[str]:
        """Refuse other names and a plain string, saying which widget and trait."""
        name = f"{type(obj).__name__}.{self.name}"
        if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset):
            raise TypeError(f"{name} must be a list of names, got {value!r}")
        given = {one_of(name, part, self.names) for part in value}
        return [part for part in self.names if part in given]
