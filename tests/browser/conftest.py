"""What the browser's tests share: JupyterLab as a learner starts it, and a page of a real browser on it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from workbench.build import build
from workbench.course import Course

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REPOSITORY = Path(__file__).parents[2]
TEA = REPOSITORY / "tests" / "workbench" / "fixtures" / "tea_course"
TOKEN = "for-this-test-alone"
SECONDS = 180  # on a busy machine; a test that passes waits for none of it


class Notebook:
    """A notebook open in JupyterLab, used by keyboard and mouse alone."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page = page
        self.cells = nbformat.read(path, as_version=4).cells

    def index_of(self, source: str) -> int:
        """Where the first code cell stands whose source starts so."""
        return next(i for i, cell in enumerate(self.cells) if cell.cell_type == "code" and cell.source.startswith(source))

    def question(self, slug: str) -> int:
        """Where the cell for the answer to a question stands."""
        return next(i for i, cell in enumerate(self.cells) if f"question:{slug}" in cell.metadata.get("tags", ()))

    def select(self, index: int) -> None:
        """Make a cell the active one, as a reader does who walks there with the arrow keys."""
        self.page.keyboard.press("Escape")
        here = int(self.page.locator(".jp-Notebook-cell.jp-mod-active").get_attribute("data-windowed-list-index") or 0)
        step, key = (1, "ArrowDown") if here < index else (-1, "ArrowUp")
        for place in range(here + step, index + step, step) if here != index else ():
            self.page.keyboard.press(key)
            self.page.locator(f'.jp-Notebook-cell.jp-mod-active[data-windowed-list-index="{place}"]').wait_for()

    def write(self, index: int, source: str) -> None:
        """Replace the source of a cell by typing."""
        self.select(index)
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(source)

    def run(self, index: int) -> None:
        """Run a cell with Shift+Enter and wait until it has the number of its run."""
        self.select(index)
        prompt = self.cell(index).locator(".jp-InputPrompt")
        before = prompt.text_content()
        self.page.keyboard.press("Shift+Enter")
        self.page.wait_for_function(
            r"([prompt, before]) => prompt.textContent !== before && /\[\d+\]/.test(prompt.textContent)",
            arg=[prompt.element_handle(), before],
        )

    def answer(self, slug: str, source: str) -> str:
        """Type an answer, run it and its check, and read the verdict."""
        index = self.question(slug)
        self.write(index, source)
        self.run(index)
        self.run(index + 1)
        return self.output(index + 1)

    def run_all(self) -> None:
        """Run all cells, as the menu offers it; the last is active then."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()

    def cell(self, index: int) -> Any:
        """The element of a cell."""
        return self.page.locator(f'.jp-Notebook-cell[data-windowed-list-index="{index}"]')

    def output(self, index: int) -> str:
        """The text of a cell's outputs as a reader sees them."""
        outputs = self.cell(index).locator(".jp-OutputArea-output")
        outputs.filter(has_text=re.compile(r"\S")).first.wait_for()  # it is there before it is drawn
        return "\n".join(outputs.all_inner_texts())


class Lab:
    """A JupyterLab that listens on this machine."""

    def __init__(self, course: Course, address: str, browser: Browser) -> None:
        self.course, self._address, self._browser = course, address, browser

    def page(self, *, width: int = 1280, height: int = 900) -> Page:
        """A new window."""
        page = self._browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(SECONDS * 1000)
        return page

    def start(self) -> Page:
        """A window on the start page."""
        page = self.page()
        page.goto(f"{self._address}/workbench/start?token={TOKEN}")
        return page

    def open(self, path: Path, *, width: int = 1280, height: int = 900) -> Notebook:
        """Open a notebook of the course in a window of its own, and wait for its kernel."""
        page = self.page(width=width, height=height)
        page.goto(f"{self._address}/lab/tree/{self.course.relative(path)}?token={TOKEN}&reset")
        page.locator(".jp-Notebook-cell").first.click()
        self._await_kernel(self.course.relative(path))
        page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for(state="attached")
        return Notebook(page, path)

    def _await_kernel(self, path: str) -> None:
        # JupyterLab shows `idle` before it has a kernel, and what is run until then is lost: the server knows better.
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            with urllib.request.urlopen(f"{self._address}/api/sessions?token={TOKEN}", timeout=SECONDS) as answer:
                kernels = [session["kernel"] for session in json.load(answer) if session["path"] == path]
            if any(kernel["connections"] and kernel["execution_state"] == "idle" for kernel in kernels):
                return
            time.sleep(0.1)
        raise AssertionError(f"no kernel for {path} within {SECONDS} s")


@contextmanager
def running_lab(course: Course, folder: Path, browser: Browser) -> Iterator[Lab]:
    """Start ``workbench lab`` on a course; all that Jupyter keeps goes to `folder`."""
    kept = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    places = [*map(str, course.sources), *filter(None, [os.environ.get("PYTHONPATH")])]
    variables = {
        **os.environ,
        **kept,
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTER_TOKEN": TOKEN,
        "PYTHONPATH": os.pathsep.join(places),
        "WORKBENCH_COURSE": str(course.root),
    }
    log = folder / "jupyterlab.log"
    command = [sys.executable, "-c", "from workbench.cli import main; main()", "lab", "--no-browser", "--port", "0"]
    with log.open("wb") as stream:
        server = subprocess.Popen(command, cwd=course.root, env=variables, stdout=stream, stderr=subprocess.STDOUT)
        try:
            address = _address(folder / "runtime", server, log)
            yield Lab(course, address, browser)
        finally:
            server.terminate()
            server.wait(SECONDS)


def copy_of(source: Path, folder: Path, names: tuple[str, ...] = (".",)) -> Course:
    """A course of its own in `folder`: what `names` says of the one at `source`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if (source / name).is_dir():
            shutil.copytree(source / name, folder / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source / name, folder / name)
    return Course.find(folder)


def _address(notes: Path, server: subprocess.Popen[bytes], log: Path) -> str:
    """Where it answers: at the port that it found free, which nobody else can have taken meanwhile."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            for note in notes.glob("jpserver-*.json"):
                address = f"http://127.0.0.1:{json.loads(note.read_text(encoding='utf-8'))['port']}"
                with urllib.request.urlopen(f"{address}/api/status?token={TOKEN}", timeout=SECONDS):
                    return address
        except (urllib.error.URLError, ConnectionError, TimeoutError, json.JSONDecodeError):  # the note may be half written
            pass
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab does not answer\n{log.read_text(encoding='utf-8')[-3000:]}")


@pytest.fixture(scope="session")
def built_tea(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The tea course, built. Each JupyterLab has a copy: it trusts the notebooks alone that it has handed out itself."""
    course = copy_of(TEA, tmp_path_factory.mktemp("tea") / "course")
    report = build(course, ["00"])
    assert report.ok, report.problems
    return course


@pytest.fixture(scope="session")
def tea_lab(built_tea: Course, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab on the tea course."""
    folder = tmp_path_factory.mktemp("tea_lab")
    with running_lab(copy_of(built_tea.root, folder / "course"), folder, browser) as lab:
        yield lab


@pytest.fixture(scope="session")
def course_lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab on what a learner of the real course has: the built notebooks, checks, keys and data, no solutions."""
    folder = tmp_path_factory.mktemp("course_lab")
    names = ("pyproject.toml", "src/course", "notebooks", "exercises", "datasets")
    with running_lab(copy_of(REPOSITORY, folder / "course", names), folder, browser) as lab:
        yield lab


def _wait_for_its_zygote(path: Path) -> None:
    """On a busy machine it may import for longer than a person would wait, who gets a cold kernel then."""
    spec = json.loads(path.read_text(encoding="utf-8"))
    spec["metadata"]["kernel_provisioner"]["config"]["patience"] = 3.0 * SECONDS
    path.write_text(json.dumps(spec), encoding="utf-8")


@pytest.fixture(scope="module")
def warm_lab(built_tea: Course, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab on the tea course with a warm kernel to choose, whose process has ended afterwards."""
    from workbench.warm import kernelspec, status

    folder = tmp_path_factory.mktemp("warm_lab")
    private = tempfile.mkdtemp(prefix="wb-")  # a socket's path has to be short
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", private)
        spec = kernelspec.install(["wave"], prefix=str(folder))
        _wait_for_its_zygote(spec / "kernel.json")
        patch.setenv("JUPYTER_PATH", str(spec.parents[1]))
        try:
            with running_lab(copy_of(built_tea.root, folder / "course"), folder, browser) as lab:
                yield lab
        finally:
            status.stop(now=True)
            shutil.rmtree(private)
