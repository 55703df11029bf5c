"""Photographs that travel with a page: small, grey, compressed, from what scikit-image carries in its package."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import traitlets

from convlib._validate import one_of

#: Columns and rows of every picture that a widget filters.
WIDTH, HEIGHT = 512, 384

#: Names, those of scikit-image's pictures, and what they show.
PHOTOGRAPHS = {
    "astronaut": "an astronaut before a space shuttle",
    "camera": "a man with a camera on a tripod",
    "chelsea": "a cat's face",
    "coffee": "a cup of coffee on a wooden table",
    "coins": "coins on a table",
    "motorcycle": "a motorcycle in a garage",
    "page": "a printed page",
}
#: Where the part that is shown begins, from 0, the top, to 1: as low as it can; elsewhere it is the middle.
_TOP = {"astronaut": 0.0, "page": 0.0}
_QUALITY = 80


@cache
def encoded(name: str) -> bytes:
    """A photograph's largest part that is four wide and three high, reduced to 512 × 384 pixels, as a WebP file.

    Parameters
    ----------
    name : str
        One of ``PHOTOGRAPHS``.

    Returns
    -------
    bytes
        Of 12 to 35 KB.

    Raises
    ------
    TypeError, ValueError
        If there is no such photograph.

    Examples
    --------
    >>> encoded("coffee")[8:12]
    b'WEBP'
    """
    one_of("name", name, PHOTOGRAPHS)
    from PIL import Image  # here, for a widget that is only imported reads no picture
    from skimage import color, data

    pixels = data.stereo_motorcycle()[0] if name == "motorcycle" else getattr(data, name)()
    if pixels.ndim == 3:
        pixels = np.rint(255 * color.rgb2gray(pixels[..., :3])).astype(np.uint8)
    rows, columns = pixels.shape
    wide, high = min(columns, rows * WIDTH / HEIGHT), min(rows, columns * HEIGHT / WIDTH)
    left, top = (columns - wide) / 2, (rows - high) * _TOP.get(name, 0.5)
    part = (left, top, left + wide, top + high)
    picture = Image.fromarray(pixels).resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS, box=part)
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=_QUALITY, method=6)
    return file.getvalue()


@cache
def pixels(name: str) -> np.ndarray:
    """The same photograph as the page decodes it.

    Returns
    -------
    numpy.ndarray of uint8, shape (384, 512)
        Read-only, for all widgets share it.
    """
    return decoded(encoded(name))


def decoded(file: bytes) -> np.ndarray:
    """Grey values of an encoded picture, read-only."""
    from PIL import Image

    grey = np.array(Image.open(io.BytesIO(file)).convert("L"))
    grey.flags.writeable = False
    return grey


def lossless(grey: np.ndarray) -> bytes:
    """8-bit grey values as a PNG file, which keeps each of them."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG", optimize=True)
    return file.getvalue()


class Photographs(traitlets.TraitType):
    """A trait that is a list of photographs' names; on the page, their files by name."""

    def __init__(self) -> None:
        super().__init__(default_value=list(PHOTOGRAPHS))
        self.tag(sync=True, to_json=self.to_json, from_json=self.from_json)

    def validate(self, obj: traitlets.HasTraits, value: object) -> list[str]:
        """Refuse other names, and none at all, saying which widget and trait."""
        name = f"{type(obj).__name__}.{self.name}"
        if isinstance(value, str) or not isinstance(value, list | tuple):
            raise TypeError(f"{name} must be a list of names, got {value!r}")
        given = {one_of(name, photo, PHOTOGRAPHS) for photo in value}
        if not given:
            raise ValueError(f"{name} must name at least one photograph; there are {', '.join(PHOTOGRAPHS)}")
        return [photo for photo in PHOTOGRAPHS if photo in given]

    def to_json(self, names: list[str], _widget: object) -> dict[str, bytes]:
        """The files."""
        return {name: encoded(name) for name in names}

    def from_json(self, files: dict[str, object], _widget: object) -> list[str]:
        """The names alone."""
        return list(files)


class Picture(traitlets.TraitType):
    """A trait that is a picture of 384 rows and 512 columns of 8-bit grey values, or None; on the page, a file."""

    def __init__(self) -> None:
        super().__init__(default_value=None, allow_none=True)
        self.tag(sync=True, to_json=self.to_json, from_json=self.from_json)

    def validate(self, obj: traitlets.HasTraits, value: object) -> np.ndarray | None:
        """Integers from 0 to 255 as they are, fractions from 0, black, to 1, white, rounded to 8 bits."""
        if value is None:
            return None
        name = f"{type(obj).__name__}.{self.name}"
        given = np.asarray(value)
        if given.dtype.kind not in "biuf":
            raise TypeError(f"{name} must hold real numbers, got {type(value).__name__} of dtype {given.dtype}")
        if given.shape != (HEIGHT, WIDTH):
            raise ValueError(
                f"{name} must have shape ({HEIGHT}, {WIDTH}), got {given.shape}; repeat the pixels of a smaller "
                "picture with np.kron"
            )
        top = 1 if given.dtype.kind in "bf" else 255
        if not (given.min() >= 0 and given.max() <= top):  # false for NaN, too
            raise ValueError(
                f"{name} must hold integers from 0 to 255 or fractions from 0 to 1, "
                f"got {given.dtype} values from {given.min():g} to {given.max():g}"
            )
        grey = np.rint(given * 255).astype(np.uint8) if top == 1 else given.astype(np.uint8)
        grey.flags.writeable = False
        return grey

    def set(self, obj: traitlets.HasTraits, value: object) -> None:
        """Set without asking arrays whether they are equal: they answer pixel by pixel."""
        new, old = self._validate(obj, value), obj._trait_values.get(self.name)
        if new is old or (new is not None and old is not None and np.array_equal(new, old)):
            return
        obj._trait_values[self.name] = new
        obj._notify_trait(self.name, old, new)

    def to_json(self, grey: np.ndarray | None, _widget: object) -> bytes:
        """A file; an empty one for None."""
        return b"" if grey is None else lossless(grey)

    def from_json(self, file: bytes | memoryview, _widget: object) -> np.ndarray | None:
        """The pixels of that file."""
        return decoded(bytes(file)) if len(file) else None
