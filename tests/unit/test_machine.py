"""Any machine: pins, Makefile, and the tools that install and build, where something is missing or in the way."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.site import browser

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "book" / "_tools"
sys.path.insert(0, str(TOOLS))

import build  # noqa: E402
import install  # noqa: E402

NO_PACKAGES = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_FIND_LINKS": "",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_RETRIES": "1",
    "PIP_NO_CACHE_DIR": "1",
}


def run(*command, cwd=ROOT, env=None, **options):
    """Run a command with more environment variables; gives what it says."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    }
    options = {"capture_output": True, "text": True, "check": False, **options}
    return subprocess.run([str(word) for word in command], cwd=cwd, env=environment | (env or {}), **options)


@pytest.fixture
def project(tmp_path) -> Path:
    """As much of the project as its installation looks at, in a folder with a space and an umlaut."""
    folder = tmp_path / "ein böser Ordner"
    folder.mkdir()
    for name in ("Makefile", "requirements.txt", "constraints.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(TOOLS, folder / "book" / "_tools", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("notebooks", "convlib", "tests/benchmarks"):
        (folder / name).mkdir(parents=True)
    for name in ("_config.yml", "_toc.yml"):
        (folder / name).touch()
    return folder


@pytest.fixture
def environment(project) -> Path:
    """An empty environment in that project, marked as installed."""
    folder = project / ".venv"
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    run(folder / "bin" / "python", project / "book" / "_tools" / "install.py", "--mark", folder)
    return folder


# pins


def refusing(pins: list[str], python: str, distributions) -> list[str]:
    """Pins whose own metadata refuse a version of Python, and pins that are not what is installed."""
    found = {canonicalize_name(each.metadata["Name"]): each for each in distributions}
    wrong = []
    for pin in pins:
        name, version = pin.split("==")
        here = found.get(canonicalize_name(name))
        if here is None or here.version.split("+")[0] != version:
            wrong.append(f"{pin} is not what is installed: run `make book`, then this test again")
        elif not SpecifierSet(here.metadata.get("Requires-Python") or "").contains(python):
            wrong.append(f"{pin} refuses Python {python}: it requires {here.metadata['Requires-Python']}")
    return wrong


def test_every_pin_admits_the_oldest_python():
    """Who has the oldest Python that the README names can install every pinned version."""
    oldest = re.search(r"Python (3\.\d+) or newer", (ROOT / "README.md").read_text(encoding="utf-8"))[1] + ".0"
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()[1:]
    assert len(pins) > 100
    assert refusing(pins, oldest, metadata.distributions()) == []


def test_a_pin_that_refuses_is_found(tmp_path):
    """The check above can fail: for a version that wants a newer patch release, and for one that is not installed."""
    for name, version, python in (("soupsieve", "4.1.2", ">=3.11.5"), ("numpy", "2.4.6", ">=3.11")):
        folder = tmp_path / f"{name}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: {python}\n"
        )
    here = list(metadata.distributions(path=[str(tmp_path)]))
    wrong = refusing(["soupsieve==4.1.2", "numpy==2.4.6", "scipy==1.0"], "3.11.0", here)
    assert wrong[0] == "soupsieve==4.1.2 refuses Python 3.11.0: it requires >=3.11.5"
    assert wrong[1].startswith("scipy==1.0 is not what is installed")
    assert len(wrong) == 2
    assert refusing(["soupsieve==4.1.2"], "3.11.5", here) == []


# installing

RETRYING = (
    "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(\"<urllib3.connection object>: "
    "Failed to establish a new connection: [Errno 111] Connection refused\")': /simple/numpy/\n"
)
NOT_FOUND = (
    "ERROR: Could not find a version that satisfies the requirement numpy==2.4.6 (from versions: none)\n"
    "ERROR: No matching distribution found for numpy==2.4.6\n"
)
NETWORK = "Is there a network?"


@pytest.mark.parametrize(
    ("output", "shown", "network"),
    [
        (RETRYING + NOT_FOUND, "ERROR: No matching distribution found for numpy==2.4.6", True),
        (NOT_FOUND, "ERROR: No matching distribution found for numpy==2.4.6", False),
        (
            RETRYING + "ERROR: Cannot install a and b because these package versions have conflicting dependencies.\n"
            "\nThe conflict is caused by:\n    a depends on c\n\nERROR: ResolutionImpossible: for help visit a page\n",
            "ERROR: Cannot install a and b because these package versions have conflicting dependencies.",
            False,
        ),
        (
            "ERROR: Ignored the following versions that require a different python: 4.1.2 Requires-Python >=3.11.5\n"
            + NOT_FOUND,
            "4.1.2 Requires-Python >=3.11.5",
            False,
        ),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n\n",
            "[Errno 28] No space left on device",
            False,
        ),
        (
            "ERROR: Can not perform a '--user' install. User site-packages are not visible in this virtualenv.\n",
            "'--user' install",
            False,
        ),
        (
            "Could not fetch URL https://x/: There was a problem: SSLError(CERTIFICATE_VERIFY_FAILED) - skipping\n"
            + NOT_FOUND,
            "CERTIFICATE_VERIFY_FAILED",
            False,
        ),
        ("Traceback (most recent call last):\n  File x\nMemoryError\n", "MemoryError", False),
        ("", "nothing", False),
    ],
)
def test_a_failure_is_told_in_pips_words(output, shown, network):
    """The message shows pip's own errors, and asks for a network only where pip could not reach one."""
    assert shown in install.reason(output)
    assert (NETWORK in install.reason(output)) == network


def test_no_network_is_a_sentence(project):
    """`make book` on a machine without a network says so.

    The project's folder and the Python's have a space in their names, the locale is no UTF-8 one, and pip is set up to
    install into the user's folder, which is of no consequence: the environment is meant.
    """
    python = project / "my python"
    python.symlink_to(sys.executable)
    nowhere = "http://127.0.0.1:9"
    blocked = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), nowhere)
    blocked |= NO_PACKAGES | {"PIP_INDEX_URL": f"{nowhere}/simple", "PIP_USER": "1"}
    blocked |= {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = run("make", "book", f"PYTHON={python}", cwd=project, env=blocked, encoding="utf-8")
    assert done.returncode != 0
    assert "Could not install the packages. pip says:" in done.stderr
    assert "ERROR: No matching distribution found for numpy==" in done.stderr
    assert NETWORK in done.stderr
    assert f"The whole log: {project}/.venv/install.log" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (project / ".venv" / "installed").exists()


def test_an_old_python_is_a_sentence(project):
    """`make book` names the version that it was given and the one that it needs."""
    old = project / "old-python"
    old.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c "import sys; sys.version_info = (3, 9); exec(sys.argv[1])" "$2"\n'
    )
    old.chmod(0o755)
    done = run("make", "book", f"PYTHON={old}", cwd=project)
    assert done.returncode != 0
    assert "This needs Python 3.11 or newer" in done.stderr
    assert "is 3.9" in done.stderr


def test_no_python_is_a_sentence(project):
    """So is a name that is no program."""
    done = run("make", "book", "PYTHON=python3.99", cwd=project)
    assert done.returncode != 0
    assert "There is no python3.99 here. Install Python 3.11 or newer" in done.stdout


def installs(project: Path) -> bool:
    """Whether `make lab` would install first."""
    done = run("make", "-n", "lab", cwd=project)
    assert done.returncode == 0, done.stderr
    return "install.py" in done.stdout


def test_a_moved_folder_gets_a_new_environment(project, environment):
    """Moved, copied, or with its Python gone, an environment is made anew; through a link it is used as it is."""
    assert not installs(project)
    link = project.with_name("link")
    link.symlink_to(project)
    assert not installs(link)
    copy = project.with_name("a copy")
    shutil.copytree(project, copy, symlinks=True)
    assert installs(copy)
    moved = project.rename(project.with_name("moved"))
    assert installs(moved)
    moved.rename(project)
    assert not installs(project)
    python = environment / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    assert installs(project)


def test_a_killed_installation_is_made_anew(project, environment, monkeypatch, capsys):
    """What a killed installation left is removed; what a failed one left is whole, and stays."""
    monkeypatch.setattr(install, "ROOT", project)
    left = environment / "half"
    left.touch()

    def fails(self):
        raise install.Failed("no")

    monkeypatch.setattr(install.Installer, "everything", fails)
    with pytest.raises(install.Failed):
        install.install(environment, 0)
    assert left.exists()

    def killed(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(install.Installer, "everything", killed)
    with pytest.raises(KeyboardInterrupt):
        install.install(environment, 0)
    monkeypatch.setattr(install.Installer, "everything", lambda self: None)
    install.install(environment, 0)
    assert "An earlier installation into .venv did not end" in capsys.readouterr().out
    assert not left.exists()
    assert not (environment / "installing").exists()


def test_a_borrowed_environment_is_not_emptied(tmp_path):
    """Where .venv is a link, the link goes, and what it leads to stays."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (tmp_path / ".venv").symlink_to(kept)
    install.remove(tmp_path / ".venv")
    assert kept.exists()
    assert not (tmp_path / ".venv").is_symlink()


# make


def test_a_notebook_of_ones_own(project, environment):
    """A file with a space in its name, as a reader may save one, is a source like the others."""
    (project / "notebooks" / "my own notes.ipynb").write_text("{}")
    done = run("make", "-n", "book", cwd=project)
    assert done.returncode == 0, done.stderr
    assert "build.py" in done.stdout


@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_lab_as_root(project, environment, user, allowed):
    """In a container one is root: JupyterLab, which refuses, is told that this is meant."""
    programs = project / "programs"
    programs.mkdir()
    (programs / "id").write_text(f"#!/bin/sh\necho {user}\n")
    (programs / "id").chmod(0o755)
    done = run("make", "-n", "lab", cwd=project, env={"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"})
    assert ("--allow-root" in done.stdout) == allowed


# one at a time

HOLD = """
import subprocess, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from alone import alone
with alone(Path(sys.argv[2]), "this goes on") as (lock, waited):
    child = f"print('held', {waited}, flush=True); input()"
    subprocess.run([sys.executable, "-c", child], stdin=int(sys.argv[3]), pass_fds=(lock,))
"""


@pytest.fixture
def holders(tmp_path):
    """Start processes that hold a folder's lock while a child of theirs waits for a line."""
    end, feed = os.pipe()
    folder = tmp_path / "folder"
    folder.mkdir()
    started = []

    def start() -> subprocess.Popen:
        command = [sys.executable, "-c", HOLD, str(TOOLS), str(folder), str(end)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, pass_fds=(end,)))
        return started[-1]

    start.feed = lambda: os.write(feed, b"\n")
    yield start
    os.close(feed)
    os.close(end)
    for process in started:
        process.wait()
        process.stdout.close()
    assert list(folder.iterdir()) == []


def test_two_at_once(holders):
    """The second says that it waits, and goes on when the first is told to end: that one takes its child with it."""
    first = holders()
    assert first.stdout.readline() == "held False\n"
    second = holders()
    assert re.match(r"Another process installs or builds in .*: this goes on when it ends", second.stdout.readline())
    first.send_signal(signal.SIGTERM)
    assert second.stdout.readline() == "held True\n"
    assert first.wait() == 143
    holders.feed()
    assert second.wait() == 0


def test_a_killed_process_leaves_no_lock(holders):
    """Killed outright, its child holds the lock as long as it runs, and no longer."""
    first = holders()
    assert first.stdout.readline() == "held False\n"
    first.kill()
    first.wait()
    second = holders()
    assert second.stdout.readline().startswith("Another process")
    holders.feed()
    assert second.stdout.readline() == "held True\n"
    holders.feed()
    assert second.wait() == 0


# building


@pytest.fixture
def fake_build(tmp_path, monkeypatch):
    """Build in an empty folder with a jupyter-book that says and returns what it is told, and notes what it found."""
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(build, "BUILD", tmp_path / "_build")
    pickled = tmp_path / "_build" / ".doctrees" / "environment.pickle"
    found = []

    def start(status=0, output="", error=None):
        def jupyter_book(lock):
            found.append(pickled.exists())
            pickled.parent.mkdir(parents=True, exist_ok=True)
            pickled.touch()
            if error:
                raise error
            return subprocess.CompletedProcess([], status, output)

        monkeypatch.setattr(build, "run_jupyter_book", jupyter_book)
        return build.main()

    start.found = found
    start.folder = tmp_path / "_build"
    return start


def test_the_next_build_trusts_nothing_unfinished(fake_build):
    """Sphinx's notes stay after a build that went well, and are forgotten after one that failed or was stopped."""
    assert fake_build() == 0
    assert fake_build(status=1) == 1
    assert fake_build(error=KeyboardInterrupt()) == 130
    assert fake_build() == 0
    fake_build()
    assert fake_build.found == [False, True, False, False, True]


def test_half_written_notebooks_are_run_again(tmp_path):
    """Of a cache, what cannot be read is dropped, for a build fails on it; the rest stays; with its list all goes."""
    import nbformat
    from jupyter_cache import get_cache
    from jupyter_cache.base import CacheBundleIn

    folder = tmp_path / "cache"
    cache = get_cache(folder)
    for number in range(3):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"x = {number}", execution_count=1)])
        cache.cache_notebook_bundle(CacheBundleIn(notebook, f"{number}.ipynb", data={}), check_validity=False)
    records = {record.uri: record for record in cache.list_cache_records()}
    cut, gone = (folder / "executed" / records[name].hashkey / "base.ipynb" for name in ("0.ipynb", "1.ipynb"))
    cut.write_text(cut.read_text()[:40])
    gone.unlink()
    build.drop_half_written(folder)
    assert [record.uri for record in get_cache(folder).list_cache_records()] == ["2.ipynb"]
    assert get_cache(folder).get_cache_bundle(records["2.ipynb"].pk).nb.cells[0].source == "x = 2"
    assert not cut.parent.exists()
    (folder / "global.db").write_text("no database")
    build.drop_half_written(folder)
    assert not folder.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_a_sentence(fake_build, capfd):
    """Whoever notices it, the build's own tool or a program that it runs, the reader hears the one cause."""
    fake_build.folder.mkdir()
    log = fake_build.folder / "build.log"
    log.symlink_to("/dev/full")
    assert fake_build(output="reading sources") == 1
    said = capfd.readouterr()
    assert said.err == build.FULL.format(place=fake_build.folder) + "\n"
    log.unlink()
    trace = "Traceback (most recent call last):\n" * 5 + "OSError: [Errno 28] No space left on device\n"
    assert fake_build(status=2, output=trace) == 1
    assert capfd.readouterr() == ("", build.FULL.format(place=fake_build.folder) + "\n")
    assert fake_build() == 0


def test_a_folder_that_cannot_be_written_is_a_sentence(fake_build, capfd):
    """The same for any other refusal of the file system."""
    fake_build.folder.touch()
    assert fake_build() == 1
    assert capfd.readouterr().err.startswith("The book was not built: [Errno 17]")


# the browser


def program(path: Path, *lines: str) -> Path:
    """Write a shell script."""
    path.write_text("\n".join(["#!/bin/sh", *lines]) + "\n")
    path.chmod(0o755)
    return path


def test_a_wrong_browser_is_named(tmp_path):
    """CHROMIUM set to nothing, or to a browser that lacks a library, is answered by a sentence."""
    done = run(sys.executable, "-m", "tests.site.browser", env={"CHROMIUM": "/nowhere/chromium"})
    assert done.returncode == 1
    assert done.stderr == (
        "CHROMIUM is set to '/nowhere/chromium', which is no program. Set it to a browser's path or unset it.\n"
    )
    broken = program(tmp_path / "chromium", "echo 'libnss3.so: cannot open shared object file' >&2", "exit 127")
    done = run(sys.executable, "-m", "tests.site.browser", env={"CHROMIUM": str(broken)})
    assert done.returncode == 1
    assert "does not start: libnss3.so: cannot open shared object file" in done.stderr


def test_no_browser_anywhere(tmp_path, monkeypatch):
    """With none that starts and none to install, the tests stop with advice, also where a Playwright is open."""
    from playwright.sync_api import sync_playwright

    program(tmp_path / "chromium", "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    for name in ("_install_playwrights", "_install_debians_browser"):
        monkeypatch.setattr(browser, name, lambda *_: "no network")
    with sync_playwright(), pytest.raises(SystemExit) as stopped:
        browser.find_or_install()
    assert "No browser found that starts, and none could be installed (no network)." in str(stopped.value)
    assert "apt-get install chromium" in str(stopped.value)


@pytest.mark.parametrize("known", ["chromium-headless-shell", "chromium"])
def test_debians_browser(tmp_path, monkeypatch, known):
    """As root on Debian it is installed: the one without windows, or, where there is no such package, the whole."""
    program(tmp_path / known, "echo 156")
    (tmp_path / known).rename(tmp_path / "packed")
    asked, path = tmp_path / "asked", tmp_path / known
    program(
        tmp_path / "apt-get",
        f'echo "$@" >> {asked}',
        f'case "$@" in *update) ;; *" {known} "*) /bin/mv {tmp_path}/packed {path} ;; *) exit 100;; esac',
    )
    (tmp_path / "env").symlink_to("/usr/bin/env")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(browser.os, "geteuid", lambda: 0)
    monkeypatch.setattr(browser, "node", str)
    assert browser.find_or_install() == str(path)
    installs = [line.split()[-3] for line in asked.read_text().splitlines() if "install" in line]
    assert installs == ["chromium-headless-shell", "chromium"][: 1 if known == "chromium-headless-shell" else 2]
    assert browser.find_or_install() == str(path)
    assert len(asked.read_text().splitlines()) == 2 * len(installs), "what is there is not installed again"


def test_a_missing_library_of_playwrights(tmp_path, monkeypatch):
    """Playwright's own node is tried first: as root on Debian what it lacks is installed, elsewhere advice is given."""
    lacks = "node: error while loading shared libraries: libatomic.so.1: cannot open shared object file"
    node = program(tmp_path / "node", f"echo '{lacks}' >&2", "exit 127")
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", str(node))
    asked = []
    monkeypatch.setattr(browser, "_install_debians", asked.append)
    with pytest.raises(SystemExit) as stopped:
        browser.find_or_install()
    assert lacks in str(stopped.value)
    assert "apt-get install libatomic1" in str(stopped.value)
    assert asked == ["libatomic1"]
    monkeypatch.setattr(browser, "_install_debians", lambda package: program(node, "echo v26"))
    assert browser.node() == str(node)


@pytest.mark.parametrize("workers", [0, 2])
def test_without_a_browser_the_tests_end_in_a_sentence(workers):
    """One sentence, not an error for each test."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        str(workers),
        "-p",
        "no:cacheprovider",
        "tests/site/test_host.py",
    ]
    done = run(*command, env={"CHROMIUM": "/nowhere/chromium"})
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert "which is no program. Set it to a browser's path or unset it." in said
    assert " error" not in said.lower()
    assert "Traceback" not in said


# what is committed


def project_files(root: Path) -> list[Path]:
    """The project's own files: what git lists, or where git knows nothing of them, all that it would not ignore."""
    asked = run("git", "ls-files", "-z", cwd=root) if shutil.which("git") else None
    if asked and asked.returncode == 0 and asked.stdout:
        return [root / name for name in asked.stdout.split("\0") if name]
    made = {line.strip("/").lstrip("*") for line in (root / ".gitignore").read_text().split()} | {".git"}
    paths = sorted(root.rglob("*"))
    return [path for path in paths if not any(part.endswith(tuple(made)) for part in path.relative_to(root).parts)]


def test_files_are_found_without_git(tmp_path):
    """In an unpacked archive, also in one that lies inside another repository, the files are walked."""
    archive = tmp_path / "archive"
    for name in ("notebooks/ö.ipynb", ".venv/lib/x.py", "convlib.egg-info/PKG-INFO", "a/__pycache__/x.pyc"):
        (archive / name).parent.mkdir(parents=True)
        (archive / name).write_text("")
    shutil.copy(ROOT / ".gitignore", archive / ".gitignore")
    if shutil.which("git"):
        run("git", "init", "-q", cwd=tmp_path)
    found = [path.relative_to(archive).as_posix() for path in project_files(archive) if path.is_file()]
    assert found == [".gitignore", "notebooks/ö.ipynb"]


def test_nothing_names_this_machine():
    """No committed text holds a path of the machine that it is tested on, and no list of packages an address."""
    seen = 0
    for path in project_files(ROOT):
        name = path.relative_to(ROOT).as_posix()
        if not path.is_file() or path.suffix in (".png", ".npz"):
            continue
        text = path.read_text(encoding="utf-8")
        seen += 1
        for place in (ROOT, Path.home()):
            assert len(place.parts) < 2 or f"{place}/" not in text, f"{name} names {place}"
        if path.suffix == ".txt":
            assert "://" not in text, name
            assert not re.search(r"^--|==\S*\+", text, re.MULTILINE), name
    assert seen > 50
