"""Run the notebooks again when what they run on has changed.

The execution cache knows the notebooks' own cells only.  Its folder is therefore named by a hash of ``convlib``'s
sources and the requirements, and pages that Sphinx has read with another hash count as outdated.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

KEYED = (
    "convlib/**/*.py",
    "convlib/**/*.js",
    "convlib/**/*.css",
    "convlib/**/*.toml",
    "requirements.txt",
    "constraints.txt",
)


def source_hash(root: Path) -> str:
    """Hash of the names and contents of every file that can change what a notebook prints."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in KEYED for path in root.glob(pattern)):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def name_cache(app: Sphinx, config: Config) -> None:
    """Point myst-nb at the cache of this state of the sources."""
    key = source_hash(Path(app.srcdir))
    config.nb_execution_cache_path = str(Path(app.outdir).parent / ".jupyter_cache" / key)
    app.book_source_hash = key


def outdated(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Every page that was executed with another state of the sources."""
    if getattr(env, "book_source_hash", None) == app.book_source_hash:
        return []
    executed = getattr(env, "nb_metadata", {})
    env.book_source_hash = app.book_source_hash
    return [name for name in executed if name in env.found_docs]


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx: before myst-nb reads the cache path."""
    app.connect("config-inited", name_cache, priority=100)
    app.connect("env-get-outdated", outdated)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
