"""Let one process at a time install or build in a folder."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(folder: Path, doing: str) -> Iterator[tuple[int, bool]]:
    """Hold the folder's lock; gives its file descriptor, and whether another process held it first.

    The folder itself is locked: nothing is left behind by a crash, and nothing can be removed while it is held.  A
    process that inherits the descriptor keeps the lock, should this one be killed.  Where the file system has no
    locks (some network folders), there is none.  Told to end, a process stops what it has started before it goes.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    handle = os.open(folder, os.O_RDONLY)
    waited = False
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = True
            print(f"Another process installs or builds in {folder}: {doing} when it ends.", flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:
            pass
        yield handle, waited
    finally:
        os.close(handle)
