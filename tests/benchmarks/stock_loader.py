"""The loader that myst-nb puts on pages by default, served from this machine, to measure our own host against.

That is require.js and html-manager's ``embed-amd.js``, in the versions that myst-nb names, and anywidget's front end
as an AMD module.  The first two come from npm into a temporary folder, together with esbuild, which minifies.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from ipywidgets.embed import dependency_state, embed_data, escape_script
from myst_nb.core.config import ipywidgets_js_factory

from convlib.widgets import ConvolutionExplorer, Quiz, Widget

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
OURS = "application/vnd.convlib.widgets+json"

_VERSION = re.compile(r"(?:require\.js/|html-manager@)([\d.]+)/")
_PATIENCE = 180  # seconds
_ENDING = ".stock.html"


@dataclass
class Npm:
    """What was fetched from npm: a minifier and the two scripts, by the names under which pages load them."""

    esbuild: Path
    scripts: dict[str, bytes]

    def minify(self, script: bytes) -> bytes:
        """``script`` without what only people read."""
        command = [self.esbuild, "--minify", "--charset=utf8", "--loader=js", "--log-level=error"]
        return subprocess.run(command, input=script, capture_output=True, check=True).stdout


def versions() -> tuple[str, str]:
    """Versions of require.js and html-manager that myst-nb puts on pages."""
    require, manager = (_VERSION.search(address)[1] for address in ipywidgets_js_factory())
    return require, manager


def fetch(folder: Path) -> Npm | None:
    """Fetch the minifier and the scripts into ``folder``; None, if npm is missing or does not answer."""
    if not shutil.which("npm") or not shutil.which("node"):
        return None
    require, manager = versions()
    try:
        _npm(folder, "install", "--no-save", "--no-audit", "--no-fund", "--prefix", ".", "esbuild")
        npm = Npm(folder / "node_modules" / ".bin" / "esbuild", {})
        loader = _from_package(folder, f"requirejs@{require}", "require.js")
        embed = _from_package(folder, f"@jupyter-widgets/html-manager@{manager}", "dist/embed-amd.js")
    except (subprocess.SubprocessError, OSError, KeyError, tarfile.TarError):
        return None
    anywidget = files("anywidget").joinpath("nbextension", "index.js").read_bytes()
    # Pages load require.js minified; the package has it only as written.  The other two are taken as they come.
    npm.scripts = {"require.min.js": npm.minify(loader), "embed-amd.js": embed, "anywidget.js": anywidget}
    return npm


def _npm(folder: Path, *arguments: str) -> str:
    """Run npm in ``folder``; what it printed."""
    command = ["npm", *arguments, "--silent", "--fetch-retries=1"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=_PATIENCE)
    return done.stdout


def _from_package(folder: Path, package: str, path: str) -> bytes:
    """One file of a package, without its dependencies."""
    archive = folder / _npm(folder, "pack", package).strip().splitlines()[-1]
    with tarfile.open(archive) as packed:
        return packed.extractfile(f"package/{path}").read()


def add_page(site: Path, page: str, npm: Npm) -> str:
    """Put beside ``page`` of ``site`` the same page with the stock loader; gives its path."""
    soup = BeautifulSoup((site / page).read_text(encoding="utf-8"), "html.parser")
    root = soup.html["data-content_root"]
    folder = site / "_static" / "stock"
    folder.mkdir(exist_ok=True)
    for name, script in npm.scripts.items():
        (folder / name).write_bytes(script)
    _replace_mounts(soup, f"{root}_static/stock/")
    path = Path(page).with_suffix(_ENDING)
    (site / path).write_text(str(soup), encoding="utf-8")
    return path.as_posix()


def is_stock(address: str) -> bool:
    """Whether ``address`` is of a page that :func:`add_page` has made."""
    return address.endswith(_ENDING)


def _replace_mounts(soup: BeautifulSoup, stock: str) -> None:
    """Take our host, its state and its mount points off the page, and put on what myst-nb would have."""
    saved = soup.find("script", type=OURS)
    host = soup.find("script", src=re.compile(r"/widget-host\.js"))
    models = json.loads(saved.string)
    mounts = soup.select(".cl-mount")
    widgets = [_like(models[mount.select_one(".cl-live")["data-model"]]["state"]) for mount in mounts]
    # All traits, sources included, and the layouts: what a notebook saves.
    data = embed_data(widgets, state=dependency_state(widgets, drop_defaults=False))
    for mount, view in zip(mounts, data["view_specs"], strict=True):
        mount.replace_with(_script(soup, json.dumps(view), type=VIEW))
    saved.replace_with(_script(soup, json.dumps(data["manager_state"]), type=STATE))
    # myst-nb's scripts come after the theme's; ours comes first.
    last = host.find_next_siblings("script", src=True)[-1]
    host.extract()
    last.insert_after(
        _script(soup, src=f"{stock}require.min.js"),
        _script(soup, f'require.config({{paths: {{anywidget: "{stock}anywidget"}}}});'),
        _script(soup, src=f"{stock}embed-amd.js"),
    )


def _like(state: dict) -> Widget:
    """A new widget in the state that a page has saved."""
    if "questions" in state:
        return Quiz(state["title"])
    return ConvolutionExplorer(**{name: state[name] for name in ("f", "g", "operation", "t")})


def _script(soup: BeautifulSoup, body: str = "", **attributes: str) -> Tag:
    tag = soup.new_tag("script", attrs=attributes)
    tag.string = escape_script(body)
    return tag
