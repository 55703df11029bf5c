"""Traits of widgets that refuse what is impossible, naming the widget and the trait."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import traitlets

from convlib._validate import finite_number, integer, one_of, real_sequence

#: How far from 0 the whole numbers of a :class:`Square` can be.
REACH = 9


class OutOfRange(ValueError, traitlets.TraitError):
    """A value that does not go with the others; as a TraitError it makes traitlets take back the whole change."""


class Choice(traitlets.TraitType):
    """A trait that is one of several names."""

    def __init__(self, names: Sequence[str], default: str, **options: object) -> None:
        self.names = tuple(names)
        super().__init__(default_value=one_of("default", default, self.names), **options)

    def validate(self, obj: traitlets.HasTraits, value: object) -> str:
        """Refuse other names, saying which widget and trait."""
        return one_of(f"{type(obj).__name__}.{self.name}", value, self.names)


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


class Number(traitlets.TraitType):
    """A trait that is a number between two bounds, rounded to a multiple of ``step``; halves go up, as on the page."""

    def __init__(self, low: float, high: float, default: float, step: float, **options: object) -> None:
        self.low, self.high, self.step = low, high, step
        super().__init__(default_value=default, **options)

    def validate(self, obj: traitlets.HasTraits, value: object) -> float:
        """Refuse what is not a number or out of range, saying which widget and trait."""
        number = finite_number(f"{type(obj).__name__}.{self.name}", value, low=self.low, high=self.high)
        return round(math.floor(number / self.step + 0.5) * self.step, 10)


class Count(traitlets.TraitType):
    """A trait that is a whole number of at least ``low`` and, where there is a ``high``, at most that."""

    def __init__(self, low: int, high: int | None, default: int, **options: object) -> None:
        self.low, self.high = low, high
        super().__init__(default_value=default, **options)

    def validate(self, obj: traitlets.HasTraits, value: object) -> int:
        """Refuse fractions instead of rounding them: nobody throws one and a half dice."""
        name = f"{type(obj).__name__}.{self.name}"
        number = integer(name, value, low=self.low)
        if self.high is not None and number > self.high:
            raise ValueError(f"{name} must be at most {self.high}, got {number}")
        return number


class Numbers(traitlets.TraitType):
    """A trait that is a tuple of ``least`` to ``most`` numbers between two bounds; a list for the page."""

    def __init__(self, default: Sequence[float], low: float, high: float, most: int, least: int = 1) -> None:
        self.low, self.high, self.most, self.least = low, high, most, least
        super().__init__(default_value=tuple(map(float, default)))
        self.tag(sync=True, to_json=lambda numbers, _widget: list(numbers))

    def validate(self, obj: traitlets.HasTraits, value: object) -> tuple[float, ...]:
        """Refuse other lengths, complex values, NaN or what is out of range, saying which widget and trait."""
        name = f"{type(obj).__name__}.{self.name}"
        numbers = real_sequence(name, value).astype(float)
        if not self.least <= len(numbers) <= self.most:
            allowed = f"{self.least} to {self.most}" if self.least < self.most else self.most
            raise ValueError(f"{name} must have {allowed} numbers, got {len(numbers)}")
        return tuple(within(name, numbers, self.low, self.high).tolist())


class Picks(traitlets.TraitType):
    """A trait that is some of the whole numbers between two bounds, or none; a tuple, and a list for the page.

    They are kept in ascending order, each once.
    """

    step = 1

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high
        super().__init__(default_value=())
        self.tag(sync=True, to_json=lambda numbers, _widget: list(numbers))

    def validate(self, obj: traitlets.HasTraits, value: object) -> tuple[int, ...]:
        """Refuse fractions, numbers out of range, and what is no list, saying which widget and trait."""
        name = f"{type(obj).__name__}.{self.name}"
        if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset | range):
            raise TypeError(f"{name} must be a list of whole numbers, got {value!r}")
        numbers = sorted({integer(name, number, low=self.low) for number in value})
        if numbers and numbers[-1] > self.high:
            raise ValueError(f"{name} must lie between {self.low} and {self.high}, got {numbers[-1]}")
        return tuple(numbers)


class Square(traitlets.TraitType):
    """A trait that is a square table of whole numbers, kept as a tuple of rows; for the page, one row after the other.

    Its sides are those in ``sides``.
    """

    step = 1

    def __init__(self, default: tuple, sides: range, reach: int = REACH) -> None:
        self.low, self.high, self.sides, self.most = -reach, reach, sides, sides[-1] ** 2
        super().__init__(default_value=default)
        self.tag(sync=True, to_json=lambda rows, _widget: [number for row in rows for number in row])

    def validate(self, obj: traitlets.HasTraits, value: object) -> tuple[tuple[int, ...], ...]:
        """Refuse other shapes, fractions and numbers out of range, saying which widget and trait."""
        name = f"{type(obj).__name__}.{self.name}"
        low, high = self.sides[0], self.sides[-1]
        try:
            table = np.asarray(value)
        except ValueError as error:  # rows of different lengths
            raise ValueError(f"{name} must be {low} to {high} rows, each with as many numbers: {error}") from error
        if table.dtype.kind not in "biuf":
            raise TypeError(f"{name} must hold whole numbers, got {type(value).__name__} of dtype {table.dtype}")
        side = math.isqrt(table.size)
        if table.shape not in ((side, side), (side * side,)) or side not in self.sides:
            raise ValueError(f"{name} must have shape ({low}, {low}) to ({high}, {high}), got {table.shape}")
        if not np.array_equal(table, np.rint(table)) or np.abs(table).max() > self.high:  # true for NaN, too
            raise ValueError(f"{name} must hold whole numbers from {self.low} to {self.high}, got {table.tolist()}")
        return tuple(tuple(int(number) for number in row) for row in table.reshape(side, side))


class _Array(traitlets.TraitType):
    """A trait that is an array, made anew by ``validate`` and read-only: a change in place would go unseen."""

    def _validate(self, obj: traitlets.HasTraits, value: object) -> np.ndarray:
        array = super()._validate(obj, value)
        array.flags.writeable = False
        return array

    def set(self, obj: traitlets.HasTraits, value: object) -> None:
        """Set without asking arrays whether they are equal: they answer sample by sample."""
        new = self._validate(obj, value)
        old = obj._trait_values.get(self.name, self.default_value)
        if not np.array_equal(new, old):
            obj._trait_values[self.name] = new
            obj._notify_trait(self.name, old, new)


class Samples(_Array):
    """A trait that is a fixed number of samples between two bounds; it travels as 32-bit floats, not as text."""

    def __init__(self, default: Sequence[float], low: float, high: float) -> None:
        self.low, self.high, self.length = low, high, len(default)
        super().__init__(default_value=np.asarray(default, dtype=np.float32))
        self.tag(sync=True, to_json=_to_bytes, from_json=_from_bytes)

    def validate(self, obj: traitlets.HasTraits, value: object) -> np.ndarray:
        """Refuse another length, complex values, NaN or what is out of range, saying which widget and trait."""
        name = f"{type(obj).__name__}.{self.name}"
        samples = real_sequence(name, value)
        if len(samples) != self.length:
            raise ValueError(f"{name} must have {self.length} samples, got {len(samples)}")
        # Judged as given: what is far out of range may not even have a 32-bit float.
        return within(name, samples, self.low, self.high).astype(np.float32)


class Weights(Samples):
    """Samples of which at least one is above zero, so that they can be made to add up to one."""

    def validate(self, obj: traitlets.HasTraits, value: object) -> np.ndarray:
        """Refuse zeros alone as well as what :class:`Samples` refuses."""
        weights = super().validate(obj, value)
        if not weights.any():
            raise ValueError(
                f"{type(obj).__name__}.{self.name} must have a weight above 0, got {len(weights)} that are all 0"
            )
        return weights


class Pixels(_Array):
    """A trait that is a square picture of 8-bit grey values; it travels as bytes, row after row.

    ``default`` makes the picture when one is first asked for: a photograph is not read just to define a class.
    """

    def __init__(self, size: int, default: Callable[[], np.ndarray]) -> None:
        self.size, self.make_dynamic_default = size, default
        super().__init__()
        self.tag(sync=True, to_json=self.to_json, from_json=self.from_json)

    def validate(self, obj: traitlets.HasTraits, value: object) -> np.ndarray:
        """Integers from 0 to 255 as they are, fractions from 0, black, to 1, white, rounded to 8 bits."""
        name = f"{type(obj).__name__}.{self.name}"
        pixels = self.square(name, value)
        top = 1 if pixels.dtype.kind in "bf" else 255
        if not (pixels.min() >= 0 and pixels.max() <= top):  # false for NaN, too
            raise ValueError(
                f"{name} must hold integers from 0 to 255 or fractions from 0 to 1, "
                f"got {pixels.dtype} values from {pixels.min():g} to {pixels.max():g}"
            )
        return np.rint(pixels * 255).astype(np.uint8) if top == 1 else pixels.astype(np.uint8)

    def square(self, name: str, value: object) -> np.ndarray:
        """``value`` as an array of real numbers of the one shape that is allowed, or an error that says so."""
        try:
            pixels = np.asarray(value)
        except ValueError as error:  # rows of different lengths
            raise ValueError(f"{name} must be {self.size} rows of {self.size} numbers: {error}") from error
        if pixels.dtype.kind not in "biuf":
            raise TypeError(f"{name} must hold real numbers, got {type(value).__name__} of dtype {pixels.dtype}")
        if pixels.shape != (self.size, self.size):
            raise ValueError(f"{name} must have shape ({self.size}, {self.size}), got {pixels.shape}")
        return pixels

    def to_json(self, pixels: np.ndarray, _widget: object) -> memoryview:
        """Bytes for the page."""
        return memoryview(np.ascontiguousarray(pixels)).cast("B")

    def from_json(self, data: bytes | memoryview, _widget: object) -> np.ndarray:
        """The picture, from the page's bytes."""
        return np.frombuffer(data, dtype=np.uint8).reshape(self.size, self.size)


class Painted(Pixels):
    """A trait that is a mask of kept (true) and dropped frequencies; it travels as one bit each."""

    def validate(self, obj: traitlets.HasTraits, value: object) -> np.ndarray:
        """Refuse what is neither kept nor dropped, and what would make the filtered picture complex."""
        name = f"{type(obj).__name__}.{self.name}"
        kept = self.square(name, value)
        if not np.isin(kept, (0, 1)).all():
            raise ValueError(f"{name} must hold only 0, dropped, and 1, kept, got {kept[~np.isin(kept, (0, 1))][0]}")
        kept = kept.astype(bool)
        if (kept != mirrored(kept)).any():
            (row, column), middle = np.argwhere(kept != mirrored(kept))[0], self.size // 2
            raise ValueError(
                f"{name} must treat a frequency and its mirror image alike, or the picture would become complex; "
                f"it does not at row {row}, column {column} (zero frequency is at row {middle}, column {middle})"
            )
        return kept

    def to_json(self, pixels: np.ndarray, _widget: object) -> memoryview:
        """Eight frequencies a byte."""
        return memoryview(np.packbits(pixels))

    def from_json(self, data: bytes | memoryview, _widget: object) -> np.ndarray:
        """The mask, from its bits."""
        return np.unpackbits(np.frombuffer(data, dtype=np.uint8)).reshape(self.size, self.size).astype(bool)


def within(name: str, numbers: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return ``numbers`` if all of them lie between ``low`` and ``high``, both included.

    Raises
    ------
    ValueError
        If one does not; the message says from where to where they reach.
    """
    if numbers.min() < low or numbers.max() > high:
        raise ValueError(
            f"{name} must lie between {low:g} and {high:g}, got values from {numbers.min():g} to {numbers.max():g}"
        )
    return numbers


def mirrored(values: np.ndarray) -> np.ndarray:
    """Turn a spectrum with zero frequency in the middle by half a turn about that middle, wrapping round.

    Examples
    --------
    >>> spectrum = np.zeros((128, 128))
    >>> spectrum[64 - 3, 64 + 8] = 1
    >>> float(mirrored(spectrum)[64 + 3, 64 - 8])
    1.0
    """
    return np.roll(values[::-1, ::-1], (1, 1), axis=(0, 1))


def _to_bytes(samples: np.ndarray, _widget: object) -> memoryview:
    return memoryview(np.ascontiguousarray(samples, dtype="<f4")).cast("B")


def _from_bytes(data: bytes | memoryview, _widget: object) -> np.ndarray:
    return np.frombuffer(data, dtype="<f4")


def limits(trait: traitlets.TraitType) -> dict[str, object]:
    """What a trait admits, for the page to judge a value from anyone's link by; empty for one that no link may set."""
    known = {key: getattr(trait, key) for key in ("low", "high", "step", "most") if hasattr(trait, key)}
    if hasattr(trait, "names"):
        known["names"] = list(trait.names)
    if isinstance(trait, Count | Picks | traitlets.Int):
        known["whole"] = True
    if isinstance(trait, traitlets.Bool):
        known["whether"] = True
    if isinstance(trait, Pixels):
        known["bytes"] = True
    return {key: value for key, value in known.items() if value is not None}
