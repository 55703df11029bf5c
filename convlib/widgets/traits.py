"""Traits of widgets that refuse what is impossible, naming the widget and the trait."""

from __future__ import annotations

from collections.abc import Sequence

import traitlets

from convlib._validate import finite_number, integer, one_of, real_sequence
from convlib.widgets.base import within


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


class Numbers(traitlets.TraitType):
    """A trait that is a tuple of at least one and at most ``most`` numbers between two bounds; a list for the page."""

    def __init__(self, default: Sequence[float], low: float, high: float, most: int) -> None:
        self.low, self.high, self.most = low, high, most
        super().__init__(default_value=tuple(map(float, default)))
        self.tag(sync=True, to_json=lambda numbers, _widget: list(numbers))

    def validate(self, obj: traitlets.HasTraits, value: object) -> tuple[float, ...]:
        """Refuse other lengths, complex values, NaN or what is out of range, saying which widget and trait."""
        name = f"{type(obj).__name__}.{self.name}"
        numbers = real_sequence(name, value).astype(float)
        if len(numbers) > self.most:
            raise ValueError(f"{name} must have 1 to {self.most} numbers, got {len(numbers)}")
        return tuple(within(name, numbers, self.low, self.high).tolist())


class Whole(traitlets.TraitType):
    """A trait that is a whole number between two bounds."""

    def __init__(self, low: int, high: int, default: int, **options: object) -> None:
        self.low, self.high = low, high
        super().__init__(default_value=default, **options)

    def validate(self, obj: traitlets.HasTraits, value: object) -> int:
        """Refuse other numbers, saying which widget and trait."""
        name = f"{type(obj).__name__}.{self.name}"
        number = integer(name, value, low=-(10**9))
        return int(finite_number(name, number, low=self.low, high=self.high))
