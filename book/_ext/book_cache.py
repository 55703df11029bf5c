"""Run the notebooks again when what they run on has changed, and build the pages again when what builds them has.

The execution cache knows the notebooks' own cells only.  Its folder is therefore named by a hash of ``convlib``'s
sources, the requirements and the stored benchmarks, and pages that Sphinx has read with another hash count as outdated.
So do pages built with other extensions or assets: Sphinx copies no style sheet where no page is outdated.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

EXECUTION = (
    *(f"convlib/**/*.{ending}" for ending in ("py", "js", "css", "toml")),
    "requirements.txt",
    "constraints.txt",
    "tests/benchmarks/convolution.*",  # shown by a page and by chapter 4
)
SITE = ("book/_ext/*.py", "book/_assets/*")


def source_hash(root: Path, patterns: tuple[str, ...]) -> str:
    """Hash of the names and contents of every file that matches."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in patterns for path in root.glob(pattern)):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def name_cache(app: Sphinx, config: Config) -> None:
    """Point myst-nb at the cache of this state of the sources."""
    root = Path(app.srcdir)
    key = source_hash(root, EXECUTION)
    config.nb_execution_cache_path = str(Path(app.outdir).parent / ".jupyter_cache" / key)
    app.book_hashes = (key, source_hash(root, SITE))


def outdated(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Pages read with other sources: the executed ones if convlib has changed, all if what builds them has."""
    old_execution, old_site = getattr(env, "book_hashes", (None, None))
    execution, site = env.book_hashes = app.book_hashes
    if site != old_site:
        return sorted(env.found_docs)
    if execution != old_execution:
        return sorted(set(getattr(env, "nb_metadata", {})) & env.found_docs)
    return []


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx: before myst-nb reads the cache path."""
    app.connect("config-inited", name_cache, priority=100)
    app.connect("env-get-outdated", outdated)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
