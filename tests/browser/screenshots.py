"""Pictures of what a learner sees, for a person to look at: ``python tests/browser/screenshots.py OUTDIR [LESSON ...]``.

Lesson 02 from top to bottom, exercise 02 with a right and a wrong answer, and the report of the newest run, each in a wide
and a narrow window; or the lessons that are named (``08 12``) from top to bottom, in a wide window; or, for ``readme``, the
pictures of the README (``python tests/browser/screenshots.py docs/pictures readme``). Needs the built course, a run
(``workbench run``) and Chromium.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from class_page import write

from conftest import REPOSITORY, Lab, Notebook, copy_of, running_lab

sys.path.append(str(Path(__file__).parents[1]))  # where tests find it through pytest's `pythonpath`
import chromium

WIDTHS = (800, 1280)
HEIGHT = 1000
README = (1000, 640)
NAMES = ("pyproject.toml", "src/course", "notebooks", "exercises", "datasets")
RIGHT = "prevalence = frauds / rows\nratio = (rows - frauds) / frauds\nidle_accuracy = 1 - frauds / rows"
WRONG = "prevalence = 100 * frauds / rows\nratio = rows / frauds\nidle_accuracy = 1.0"


def main(folder: Path, lessons: list[str]) -> None:
    """Take all pictures into `folder`, or those of `lessons`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, chromium.running() as browser:
        course = copy_of(REPOSITORY, Path(place) / "course", NAMES)
        with running_lab(course, Path(place), browser) as lab:
            if lessons == ["readme"]:
                readme(lab, folder)
                _of_a_class(lab, Path(place), folder)
                return
            for name in lessons:
                lesson(lab, folder, WIDTHS[-1], name)
            for width in WIDTHS if not lessons else ():
                lesson(lab, folder, width)
                exercise(lab, folder, width)
                report(lab, folder, width)


def readme(lab: Lab, folder: Path) -> None:
    """Pictures of one size: a figure in a lesson, a verdict, the start page after a few answers, a run's report."""
    notebook = opened(lab, "notebooks", README[0], "12")
    figure = notebook.page.locator(".jp-OutputArea-output img").nth(1)
    for _ in range(60):
        if figure.count() and figure.is_visible():
            break
        notebook.page.mouse.move(README[0] / 2, README[1] / 2)
        notebook.page.mouse.wheel(0, 500)
        notebook.page.wait_for_timeout(150)
    figure.scroll_into_view_if_needed()
    notebook.page.wait_for_timeout(500)
    _taken(notebook.page, folder / "lesson.png")
    notebook = opened(lab, "exercises", README[0])
    for start in ("seed", "from workbench import check", "rows, frauds"):
        notebook.run(notebook.index_of(start))
    for name, source in (("verdict", WRONG), ("right", RIGHT)):
        notebook.answer("data.rarity", source)
        if name == "verdict":
            notebook.page.set_viewport_size({"width": README[0], "height": README[1]})
            notebook.page.wait_for_timeout(300)
            notebook.cell(notebook.question("data.rarity") + 1).scroll_into_view_if_needed()
            notebook.page.wait_for_timeout(300)
            notebook.page.screenshot(path=folder / "verdict.png")
    notebook.page.close()
    _taken(lab.start(), folder / "start.png")
    found = sorted(REPOSITORY.glob("runs/*/index.html"), key=lambda path: path.stat().st_mtime)
    page = lab.page(width=README[0], height=README[1])
    page.goto(found[-1].as_uri())
    _taken(page, folder / "run.png")


def _of_a_class(lab: Lab, place: Path, folder: Path) -> None:
    """What an instructor sees of a class, of the same size: how each question went."""
    page = lab.page(width=README[0], height=README[1])
    page.goto(write(place / "class").as_uri())
    page.get_by_role("heading", name="Questions").evaluate("heading => heading.scrollIntoView()")
    _taken(page, folder / "class.png")


def _taken(page: Any, path: Path) -> None:
    page.set_viewport_size({"width": README[0], "height": README[1]})
    page.wait_for_timeout(300)
    page.screenshot(path=path)
    page.close()


def lesson(lab: Lab, folder: Path, width: int, name: str = "02") -> None:
    """A lesson, a window at a time."""
    notebook = opened(lab, "notebooks", width, name)
    panel = notebook.page.locator(".jp-WindowedPanel-outer")
    panel.hover()
    for number in range(1, 40):
        notebook.page.wait_for_timeout(500)
        notebook.page.screenshot(path=folder / f"lesson-{name}-{width}-{number:02d}.png")
        before = panel.evaluate("panel => panel.scrollTop")
        notebook.page.mouse.wheel(0, HEIGHT - 200)
        notebook.page.wait_for_timeout(200)
        if panel.evaluate("panel => panel.scrollTop") == before:
            break
    notebook.page.close()


def opened(lab: Lab, folder: str, width: int, name: str = "02") -> Notebook:
    """A lesson or exercise; in a narrow window without the list of files, as a learner would have it there."""
    (place,) = (lab.course.work / folder).glob(f"{name}*.ipynb")
    notebook = lab.open(place, width=width, height=HEIGHT)
    if width < 1000:
        notebook.page.keyboard.press("Control+b")
    return notebook


def exercise(lab: Lab, folder: Path, width: int) -> None:
    """The first question with an answer that is right, and with one that is not."""
    notebook = opened(lab, "exercises", width)
    for start in ("seed", "from workbench import check", "rows, frauds"):
        notebook.run(notebook.index_of(start))
    for name, source in (("wrong", WRONG), ("right", RIGHT)):
        notebook.answer("data.rarity", source)
        notebook.cell(notebook.question("data.rarity") + 1).scroll_into_view_if_needed()
        notebook.page.screenshot(path=folder / f"exercise-{width}-{name}.png")
    last = len(notebook.cells) - 1
    notebook.run(last)
    notebook.page.wait_for_timeout(500)
    notebook.page.screenshot(path=folder / f"exercise-{width}-progress.png")
    notebook.page.close()


def report(lab: Lab, folder: Path, width: int) -> None:
    """The report of the run that finished last."""
    found = sorted(REPOSITORY.glob("runs/*/index.html"), key=lambda path: path.stat().st_mtime)
    if not found:
        print("no run report: `workbench run` first", file=sys.stderr)
        return
    page = lab.page(width=width, height=HEIGHT)
    page.goto(found[-1].as_uri())
    page.screenshot(path=folder / f"report-{width}.png", full_page=True)
    page.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python tests/browser/screenshots.py OUTDIR [LESSON ...]")
    main(Path(sys.argv[1]), sys.argv[2:])
