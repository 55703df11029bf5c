"""Files from the network: each is checked against its published checksum, and is there whole or not at all.

pooch writes a download under another name beside the file, compares the checksum and renames it, in one step: a
connection that breaks, a process that is killed and two that fetch at once leave nothing half-written under the file's
own name.  What lies there already is checked as well, and fetched anew if it is not what it should be.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

#: Names the folder for downloads, where no argument does.
FOLDER_VARIABLE = "CONVLIB_DATA"

#: Bytes taken from the network at a time; pooch's own 1,024 are slow for 170 MB.
_CHUNK = 1 << 16


class DownloadError(RuntimeError):
    """A set that lies on the network cannot be had; the message says why, and what there is without a network."""


@dataclass(frozen=True)
class Source:
    """Where the files of a data set lie, and how to know that they are whole.

    Parameters
    ----------
    name : str
        Name of the set; also that of its folder, inside the one for all downloads.
    urls : sequence of str
        Addresses under which the files lie, without the file's name; tried in this order.
    files : mapping of str to str
        The name of each file, and its SHA-256 checksum in hexadecimal digits.
    instead : str
        What there is without a network, as the end of an error's sentence.

    Examples
    --------
    A copy within one's own walls is asked before the public ones:

    >>> from dataclasses import replace
    >>> from convlib.data.whole import MNIST
    >>> nearby = replace(MNIST, urls=["http://files.school.example/mnist", *MNIST.urls])
    >>> nearby, nearby.urls[0]
    (Source(name='MNIST'), 'http://files.school.example/mnist')
    """

    name: str
    urls: Sequence[str] = field(repr=False)
    files: Mapping[str, str] = field(repr=False)
    instead: str = field(repr=False)


def fetch(source: Source, folder: str | os.PathLike[str] | None = None) -> list[Path]:
    """The files of a source on this machine, downloaded unless they are here already.

    Parameters
    ----------
    source : Source
        What to fetch.
    folder : str or path, optional
        Where downloads are kept, in a folder for each source.  If it is not given, the environment variable
        ``CONVLIB_DATA`` names it, or else it is where the system keeps such things, ``~/.cache/convlib`` on Linux.

    Returns
    -------
    list of pathlib.Path
        In the order of ``source.files``; each has the checksum that it should have.

    Raises
    ------
    TypeError
        If ``folder`` is neither a string nor a path.
    DownloadError
        If none of the addresses gives a file with its checksum, or the folder cannot be used.

    Notes
    -----
    The progress is shown where the error stream is a terminal; otherwise nothing is.
    """
    place = downloads_folder(folder) / source.name
    return [_fetched(source, name, place) for name in source.files]


def downloads_folder(folder: str | os.PathLike[str] | None = None) -> Path:
    """The folder for downloads: the one given, or the environment's, or the system's; see :func:`fetch`.

    Examples
    --------
    >>> downloads_folder("data").as_posix()
    'data'
    """
    if folder is None:
        import pooch

        return Path(os.environ.get(FOLDER_VARIABLE) or pooch.os_cache("convlib")).expanduser()
    if not isinstance(folder, str | os.PathLike):
        raise TypeError(f"folder must be a string or a path, got {folder!r} of type {type(folder).__name__}")
    return Path(folder).expanduser()


def _fetched(source: Source, name: str, place: Path) -> Path:
    """One file, from the first address that gives it whole."""
    from requests import RequestException

    reasons = []
    for url in source.urls:
        host = urlsplit(url).netloc
        try:
            return _retrieved(f"{url}/{name}", source.files[name], place / name)
        except RequestException as error:  # first, for it is an OSError, too
            reasons.append(_what_happened(host, error))
        except ValueError:
            reasons.append(f"what {host} sends does not have the published checksum")
        except OSError as error:
            why = (error.__cause__ or error).strerror  # pooch words some of them anew
            raise DownloadError(
                f"{source.name} cannot be kept in {place} ({why}): name another folder by folder= or the environment "
                f"variable {FOLDER_VARIABLE}; {source.instead}"
            ) from error
    raise DownloadError(f"{source.name} cannot be downloaded, for {' and '.join(reasons)}; {source.instead}")


def _retrieved(url: str, checksum: str, path: Path) -> Path:
    """Let pooch look for the file, and download it if it must."""
    import pooch

    with _without_notes():
        pooch.retrieve(url, known_hash=f"sha256:{checksum}", fname=path.name, path=path.parent, downloader=_download)
    return path


def _download(url: str, file: str, keeper: object) -> None:
    """Write what lies at the address into a file, which pooch then compares and renames."""
    import pooch

    pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), chunk_size=_CHUNK)(url, file, keeper)
    os.chmod(file, 0o644)  # a temporary file is its owner's alone, but the folder may be a whole class's


@contextmanager
def _without_notes() -> Iterator[None]:
    """Keep pooch from writing lines to the error stream: in a notebook they would be a cell's output."""
    import pooch

    logger = pooch.get_logger()
    before, logger.disabled = logger.disabled, True  # its level would do nothing once it has written a line
    try:
        yield
    finally:
        logger.disabled = before


def _what_happened(host: str, error: Exception) -> str:
    """A failure of the network, in a few words."""
    from requests import ConnectionError, HTTPError, Timeout
    from requests.exceptions import ChunkedEncodingError

    if isinstance(error, HTTPError):
        return f"{host} answers {error.response.status_code} {error.response.reason}"
    if isinstance(error, Timeout):
        return f"{host} does not answer"
    if isinstance(error, ChunkedEncodingError):
        return f"the connection to {host} broke off"
    if isinstance(error, ConnectionError):
        return f"{host} cannot be reached"
    return f"{host} gives no file ({error})"
