"""Find out which repository this book is built from, and link to it: launch buttons, page addresses.

The address comes from ``GITHUB_REPOSITORY`` (set by GitHub Actions) or from the git remote ``origin``.  Where there is
neither, the buttons are left out and the log says so: no address is ever made up.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

_GITHUB = re.compile(r"github\.com[:/](?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?$")
log = logging.getLogger(__name__)


def find_repository(root: Path) -> str | None:
    """``owner/name`` on GitHub of the repository at ``root``, or None."""
    named = os.environ.get("GITHUB_REPOSITORY", "")
    if re.fullmatch(r"[\w.-]+/[\w.-]+", named):
        return named
    try:
        asked = subprocess.run(
            ["git", "-C", str(root), "remote", "get-url", "origin"], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return None
    found = _GITHUB.search(asked.stdout.strip())
    return found["name"] if found else None


def add_addresses(app: Sphinx, config: Config) -> None:
    """Set the options that need an address, or say that there is none."""
    config.notfound_urls_prefix = "/"
    name = find_repository(Path(app.srcdir))
    if name is None:
        log.info("No GitHub repository known (GITHUB_REPOSITORY, git remote origin): built without launch buttons.")
        return
    owner, repository = name.split("/")
    config.html_theme_options |= {
        "repository_url": f"https://github.com/{name}",
        "repository_provider": "github",
        "repository_branch": os.environ.get("GITHUB_REF_NAME", "main"),
        "path_to_docs": "",
        "use_repository_button": True,
        "use_issues_button": True,
        "launch_buttons": {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"},
    }
    site = f"{owner.lower()}.github.io"
    if repository.lower() != site:
        config.notfound_urls_prefix = f"/{repository}/"
        site += f"/{repository}"
    config.ogp_site_url = f"https://{site}/"
    config.html_baseurl = f"https://{site}/"


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx, before the theme and the other extensions read these options."""
    app.connect("config-inited", add_addresses, priority=50)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
