"""The first chapter in JupyterLab: it runs, and its widgets and Python hear each other.

Lab is started once, on a copy of the chapter in a temporary folder, with none of the user's settings.  The tests share
one page: each brings the widget into the state that it starts from, so they can run alone and in any order.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from convlib.widgets import quiz
from tests.site.conftest import ROOT, Watch
from tests.site.harness import choose

pytestmark = pytest.mark.xdist_group("lab")  # one server, one page: all tests on one worker

NOTEBOOK = ROOT / "notebooks" / "01_convolution_integral.ipynb"

#: Lab neither looks for news and updates nor for extensions to install.
OPTIONS = (
    "--no-browser",
    "--allow-root",
    "--ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)
SETTINGS = {"@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False}}

#: The last cell of the copy.  The tests write what they ask of Python into it.
SCRATCH = """\
explorer = next(value for value in Out.values() if type(value).__name__ == "ConvolutionExplorer")
quizzes = [value for value in Out.values() if type(value).__name__ == "Quiz"]"""

ERRORS = '[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]'

START_SECONDS, STOP_SECONDS = 60, 20
RUN_MILLISECONDS = 120_000
ATTEMPTS = 20


@dataclass
class Chapter:
    """The chapter, open in Lab, with all its cells run."""

    page: Page
    watch: Watch
    crashes: list[str]
    code_cells: int
    index: int

    @property
    def explorer(self) -> Locator:
        """The chapter's first ConvolutionExplorer."""
        return self.page.locator(".cl-explorer").first

    @property
    def quizzes(self) -> Locator:
        """The quizzes, each with the question that belongs where it stands."""
        return self.page.locator(".cl-quiz")

    @property
    def scratch(self) -> Locator:
        """The last cell."""
        return self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{self.index}"]')

    @property
    def errors(self) -> Locator:
        """Outputs of the chapter's own cells that are errors or warnings."""
        return self.page.locator(f'.jp-Cell:not([data-windowed-list-index="{self.index}"])').locator(ERRORS)

    @property
    def prompt(self) -> Locator:
        """What stands beside the last cell: how many cells Python has run, or an asterisk while it is busy."""
        return self.scratch.locator(".jp-InputPrompt")

    def run_all(self) -> None:
        """Choose Run All Cells in the menu; wait until the last one has run, or one has failed."""
        expect(self.page.get_by_text(re.compile(r"\| Idle$"))).to_be_visible(timeout=RUN_MILLISECONDS)
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        last = self.prompt.filter(has_text=re.compile(r"\[\d+\]"))
        self.errors.or_(last).first.wait_for(state="attached", timeout=RUN_MILLISECONDS)

    def python(self, code: str) -> str:
        """Run ``code`` in the last cell; gives what it shows."""
        before = int(re.sub(r"\D", "", self.prompt.text_content()))
        editor = self.scratch.locator(".cm-content")
        editor.fill(code)
        editor.press("Control+Enter")
        expect(self.prompt).to_have_text(f"[{before + 1}]:", timeout=RUN_MILLISECONDS)
        return "".join(self.scratch.locator(".jp-OutputArea-output").all_text_contents()).strip()

    def assert_soon(self, expression: str, value: object) -> None:
        """Assert that ``expression`` has ``value`` in Python, once what happened in the browser has got there."""
        for _ in range(ATTEMPTS):
            found = self.python(expression)
            if found == repr(value):
                return
        assert found == repr(value), f"{expression} in Python"


def environment(folder: Path) -> dict[str, str]:
    """Environment variables that keep Jupyter's files in ``folder``; kernels come from Python's own environment."""
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON"))}
    return inherited | {name: str(folder / place) for name, place in places.items()}


def copy_chapter(folder: Path) -> list[dict]:
    """Put a copy of the chapter, without outputs and with the scratch cell, into ``folder``; gives the copy's cells."""
    chapter = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    for cell in chapter["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
    scratch = {"cell_type": "code", "id": "scratch", "metadata": {}, "source": SCRATCH}
    chapter["cells"].append({**scratch, "outputs": [], "execution_count": None})
    folder.mkdir()
    (folder / NOTEBOOK.name).write_text(json.dumps(chapter), encoding="utf-8")
    return chapter["cells"]


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_it_answers(server: subprocess.Popen, port: int, log: Path) -> None:
    """Wait until ``server`` accepts connections; fail with its log if it ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')}")


def stop(server: subprocess.Popen) -> None:
    """End the server, which ends its kernels; end the whole process group the hard way if that takes too long."""
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[dict]]]:
    """A running JupyterLab: the address of the copied chapter in it, and the copy's cells."""
    folder = tmp_path_factory.mktemp("lab")
    cells = copy_chapter(folder / "notebooks")
    for name, settings in SETTINGS.items():
        path = folder / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(settings), encoding="utf-8")
    port, token, log = free_port(), secrets.token_urlsafe(), folder / "log"
    own = (f"--port={port}", f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder / 'notebooks'}")
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *OPTIONS, *own],
            cwd=folder,
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_until_it_answers(server, port, log)
            yield f"http://127.0.0.1:{port}/lab/tree/{NOTEBOOK.name}?token={token}", cells
        finally:
            stop(server)


@pytest.fixture(scope="module")
def chapter(chromium: Browser, lab: tuple[str, list[dict]]) -> Iterator[Chapter]:
    """The chapter in Lab, all its cells run."""
    address, cells = lab
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    watch, crashes = Watch(), []
    watch.start(page)
    page.on("pageerror", lambda error: crashes.append(error.stack))
    page.goto(address)
    code_cells = sum(cell["cell_type"] == "code" for cell in cells)
    chapter = Chapter(page, watch, crashes, code_cells, index=len(cells) - 1)
    chapter.run_all()
    yield chapter
    context.close()


def test_the_chapter_runs_and_its_widgets_are_alive(chapter: Chapter) -> None:
    """Every cell runs without an error, and shows widgets, not the still pictures that stand in for them."""
    assert chapter.errors.all_text_contents() == []
    expect(chapter.prompt).to_have_text(f"[{chapter.code_cells}]:")
    expect(chapter.explorer).to_be_visible()
    expect(chapter.explorer.locator(".stage path.curve.output")).to_have_attribute("d", re.compile("^M"))
    expect(chapter.quizzes.first).to_be_visible()
    expect(chapter.quizzes.locator("fieldset")).to_have_count(len(quiz.load(NOTEBOOK.stem)))


def test_the_rules_that_widgets_share_come_once_and_first(chapter: Chapter) -> None:
    """A second copy, after a widget's own style sheet, would win against it."""
    sheets = chapter.explorer.page.locator("head > style[data-convlib], head > style[id^='convlib.widgets']")
    shared = sheets.evaluate_all("sheets => sheets.map((sheet) => 'convlib' in sheet.dataset)")
    assert len(shared) > 2
    assert shared == [True] + [False] * (len(shared) - 1)
    assert ".cl-widget" in sheets.first.text_content()


def test_moving_the_slider_reaches_python(chapter: Chapter) -> None:
    """Arrow keys on the slider change the trait, by one step each."""
    chapter.python("explorer.t = 0.7")
    slider = chapter.explorer.get_by_role("slider", name="t", exact=True)
    expect(slider).to_have_value("0.7")
    slider.focus()
    for _ in range(5):
        slider.press("ArrowRight")
    expect(slider).to_have_value("0.8")
    chapter.assert_soon("explorer.t", 0.8)
    slider.press("Home")
    chapter.assert_soon("explorer.t", -3.0)


def test_keys_in_a_widget_do_nothing_to_the_notebook(chapter: Chapter) -> None:
    """Lab has shortcuts that are letters (j: go to the next cell, b: add one); in a widget they are only letters."""
    chapter.python("explorer.g = 'exponential'")
    slider = chapter.explorer.get_by_role("slider", name="t", exact=True)
    slider.focus()
    chapter.page.keyboard.press("j")
    expect(slider).to_be_focused()
    choice = chapter.explorer.locator(".thumbnails.g input")
    expect(choice.nth(2)).to_be_checked()
    choice.nth(2).focus()
    chapter.page.keyboard.press("b")
    chapter.page.keyboard.press("ArrowRight")
    expect(choice.nth(3)).to_be_checked()
    expect(chapter.page.locator(".jp-Notebook .jp-Cell")).to_have_count(chapter.index + 1)


def test_choosing_a_function_reaches_python(chapter: Chapter) -> None:
    """A choice in the browser changes the trait."""
    chapter.python("explorer.g = 'exponential'")
    choice = chapter.explorer.locator(".thumbnails.g input")
    expect(choice.nth(2)).to_be_checked()
    choose(choice.nth(3))
    chapter.assert_soon("explorer.g", "gaussian")


def test_python_moves_the_picture(chapter: Chapter) -> None:
    """Traits set in Python change the slider, the choice, the sentence and the curve."""
    chapter.python("explorer.t = 0.7; explorer.f = 'box'")
    curve = chapter.explorer.locator(".stage path.curve.f")
    choice = chapter.explorer.locator(".thumbnails.f input")
    expect(choice.nth(0)).to_be_checked()
    box = curve.get_attribute("d")
    chapter.python("explorer.t = -1.5; explorer.f = 'triangle'")
    expect(chapter.explorer.get_by_role("slider", name="t", exact=True)).to_have_value("-1.5")
    expect(choice.nth(1)).to_be_checked()
    expect(chapter.explorer.locator(".readout")).to_contain_text("At t = −1.50")
    expect(curve).not_to_have_attribute("d", box)
    chapter.python("explorer.f = 'box'")
    expect(curve).to_have_attribute("d", box)


def test_drawn_samples_travel_both_ways(chapter: Chapter) -> None:
    """Samples set in Python appear on the drawing pad; an arrow key on the pad changes the samples in Python."""
    chapter.python("explorer.f_samples = [0.5 if 18 <= i <= 22 else 0 for i in range(41)]; explorer.f = 'drawn'")
    curve = chapter.explorer.locator(".stage path.curve.f")
    chapter.explorer.get_by_role("button", name="Draw f by hand").click()
    pad = chapter.explorer.locator(".pad").first
    expect(pad).to_be_visible()
    expect(pad).to_have_attribute("aria-valuenow", "0.50")
    line = curve.get_attribute("d")
    pad.focus()
    pad.press("ArrowUp")
    expect(pad).to_have_attribute("aria-valuenow", "0.60")
    expect(curve).not_to_have_attribute("d", line)
    chapter.assert_soon("[round(float(v), 3) for v in explorer.f_samples[18:23]]", [0.5, 0.5, 0.6, 0.5, 0.5])


def test_a_bad_value_is_refused(chapter: Chapter) -> None:
    """A value out of range is an error that names the trait, and nothing else happens."""
    chapter.python("explorer.t = 1.2")
    slider = chapter.explorer.get_by_role("slider", name="t", exact=True)
    expect(slider).to_have_value("1.2")
    shown = chapter.python("explorer.t = 99")
    assert "ValueError: ConvolutionExplorer.t must be between -4 and 4, got 99" in shown
    assert chapter.python("explorer.t") == "1.2"
    expect(slider).to_have_value("1.2")


def test_the_quiz_counts_in_python(chapter: Chapter) -> None:
    """A right answer, given with the keyboard, counts in Python; a wrong one is explained and does not."""
    for place, number, right in ((0, 1, True), (1, 4, False)):
        count = f"quizzes[{place}].right_first"
        chapter.assert_soon(count, 0)
        choices = quiz.load(NOTEBOOK.stem)[number - 1]["choices"]
        index = next(i for i, choice in enumerate(choices) if choice["correct"] is right)
        question = chapter.quizzes.nth(place).locator("fieldset")
        radios = question.get_by_role("radio")
        radios.nth(index).focus()
        chapter.page.keyboard.press("Space")
        expect(radios.nth(index)).to_be_checked()
        expect(question.locator(".answer:visible")).to_contain_text("Right." if right else "Not quite.")
        chapter.assert_soon(count, int(right))
        radios.nth(index).focus()
        chapter.page.keyboard.press("ArrowDown")
        expect(radios.nth((index + 1) % len(choices))).to_be_checked()
        chapter.assert_soon(count, int(right))


def test_nothing_is_asked_of_other_machines(chapter: Chapter) -> None:
    """Lab and the widgets stay on this machine, and none of the widgets' code crashes."""
    assert chapter.watch.outside == []
    # A widget's module is a blob to the browser.
    assert [crash for crash in chapter.crashes if "blob:" in crash or "anywidget" in crash] == []


@pytest.mark.parametrize(
    ("widget", "shown", "trait", "start", "after_a_key"),
    [
        ("DiscreteConvolution", ".cl-discrete", "n", 3, 4),
        ("FrequencyFilter", ".cl-frequency", "cutoff", 16.0, 16.5),
        ("RepeatedConvolution", ".cl-repeated", "n", 3, 4),
        ("KernelLearner", ".cl-kernel-learner", "steps", 30, 31),
        ("GradientFlow", ".cl-gradient-flow", "done", 0.0, 49.0),
    ],
)
def test_the_later_widgets_and_python_hear_each_other(
    chapter: Chapter, widget, shown, trait, start, after_a_key
) -> None:
    """Each shown by the last cell: a key on its slider reaches Python, and a value set in Python its slider."""
    chapter.python(f"from convlib.widgets import {widget}\nshown = {widget}({trait}={start})\nshown")
    slider = chapter.scratch.locator(f"{shown} input[type=range]").first
    slider.focus()
    chapter.page.keyboard.press("ArrowRight")
    chapter.assert_soon(f"shown.{trait}", after_a_key)
    chapter.python(f"shown.{trait} = {start}\nshown")
    expect(chapter.scratch.locator(f"{shown} input[type=range]").first).to_have_value(f"{start:g}")
    assert chapter.errors.all_text_contents() == []
