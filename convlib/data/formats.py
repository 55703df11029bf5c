"""Two plain formats in which pictures are published: IDX, of MNIST, and CIFAR-10's records.

Both are bytes in a row behind a few numbers, and nothing in them is ever run, as a pickle would be.
"""

from __future__ import annotations

import gzip
import math
import os
import tarfile
import zlib
from collections.abc import Sequence

import numpy as np

#: Errors of the standard library at a file that is cut off or is none of its kind.
_UNREADABLE = (EOFError, OSError, zlib.error, tarfile.TarError)

#: In a record of CIFAR-10, bytes of a picture: red, green and blue of 32 rows and columns.
_PICTURE = 3 * 32 * 32


def read_idx(path: str | os.PathLike[str], dimensions: int) -> np.ndarray:
    """Read a gzipped IDX file of bytes: a magic number, the length of each axis, then the bytes, row by row.

    All numbers have four bytes, the highest first.  The magic number is 2048 + ``dimensions``: its third byte, 8,
    stands for bytes, its last counts the axes.

    Parameters
    ----------
    path : str or path
        The file.
    dimensions : int
        How many axes it must have: 3 of pictures, 1 of class numbers.

    Returns
    -------
    numpy.ndarray of uint8
        With that many axes; it cannot be written to.

    Raises
    ------
    ValueError
        If the file is cut off, is not gzipped, has another magic number, or not as many bytes as its sizes say.

    References
    ----------
    Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST Database of Handwritten Digits", with the description of its
    files (1998).

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> header = bytes([0, 0, 8, 1, 0, 0, 0, 3])
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "labels.gz")
    ...     _ = path.write_bytes(gzip.compress(header + bytes([5, 0, 4])))
    ...     read_idx(path, dimensions=1)
    array([5, 0, 4], dtype=uint8)
    """
    try:
        with gzip.open(path) as file:
            content = file.read()
    except _UNREADABLE as error:
        raise ValueError(f"it cannot be unpacked ({error})") from error
    start = 4 * (1 + dimensions)
    magic, *sizes = (int.from_bytes(content[place : place + 4], "big") for place in range(0, start, 4))
    if magic != 2048 + dimensions:
        raise ValueError(f"its magic number must be {2048 + dimensions}, got {magic}")
    if len(content) < start:
        raise ValueError(f"it ends within its header, after {len(content)} bytes")
    found = len(content) - start
    if found != math.prod(sizes):
        raise ValueError(
            f"its sizes {' × '.join(map(str, sizes))} need {math.prod(sizes)} bytes, but there are {found}"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(sizes)


def read_cifar(path: str | os.PathLike[str], names: Sequence[str]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Read batches of CIFAR-10's binary version out of its archive; nothing is unpacked onto the disk.

    A batch is a row of records of 3,073 bytes: the class number, then 32 × 32 bytes of red, of green, and of blue.

    Parameters
    ----------
    path : str or path
        The archive, a gzipped tar file.
    names : sequence of str
        Which of its files to read.

    Returns
    -------
    list of (numpy.ndarray, numpy.ndarray)
        Of each file, in this order: its pictures, (N, 3, 32, 32), and class numbers, (N,), both of bytes.

    Raises
    ------
    ValueError
        If the archive is cut off or is none, a file is missing, or its length is not that of whole records.

    References
    ----------
    A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009), and the description of the files,
    https://www.cs.toronto.edu/~kriz/cifar.html.
    """
    contents = {}
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:  # in the archive's own order: going back would unpack it from the start again
                if member.name in names and member.isfile():
                    contents[member.name] = archive.extractfile(member).read()
    except _UNREADABLE as error:
        raise ValueError(f"it cannot be unpacked ({error})") from error
    missing = [name for name in names if name not in contents]
    if missing:
        raise ValueError(f"it does not hold {', '.join(missing)}")
    return [_records(name, contents[name]) for name in names]


def _records(name: str, content: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Pictures and class numbers of one batch."""
    if not content or len(content) % (1 + _PICTURE):
        raise ValueError(f"{name} must hold records of {1 + _PICTURE} bytes, got {len(content)} bytes")
    records = np.frombuffer(content, dtype=np.uint8).reshape(-1, 1 + _PICTURE)
    return records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0]
