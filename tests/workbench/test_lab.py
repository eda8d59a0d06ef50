"""A learner's copies are made once, and nothing a learner has saved is ever written over."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.sign import NotebookNotary

from workbench import lab
from workbench.course import Course
from workbench.errors import CourseError

LESSON = "00_first"


@pytest.fixture(autouse=True)
def _own_signatures(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))


def make_course(folder):
    (folder / "pyproject.toml").parent.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text('[tool.workbench]\nexercise-notebooks = "exercises"\n')
    return Course.find(folder)


def write(course, text, *, folder="notebooks", name=LESSON):
    cells = [nbformat.v4.new_markdown_cell(text, id="a"), nbformat.v4.new_code_cell("1 + 1", id="b")]
    path = course.root / folder / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture
def course(tmp_path):
    made = make_course(tmp_path / "course")
    write(made, "first edition")
    write(made, "an exercise", folder="exercises")
    return made


def texts(course, folder="notebooks"):
    """The first cell of each copy, by file name."""
    found = sorted((course.work / folder).glob("*.ipynb"))
    return {path.name: nbformat.read(path, as_version=4).cells[0].source for path in found}


def save(course, text, name=f"{LESSON}.ipynb"):
    """What a learner does who changes a copy."""
    path = course.work / "notebooks" / name
    path.write_text(path.read_text().replace("edition", text))


def outcome(course):
    return [copy.what for copy in lab.copy_lessons(course) if copy.source.parent == course.notebooks]


def test_lessons_and_exercises_are_copied_once(course):
    assert [copy.what for copy in lab.copy_lessons(course)] == ["new", "new"]
    assert texts(course) == {"00_first.ipynb": "first edition"}
    assert texts(course, "exercises") == {"00_first.ipynb": "an exercise"}
    assert [copy.what for copy in lab.copy_lessons(course)] == ["same", "same"]


def test_a_saved_copy_stays_while_its_lesson_does(course):
    lab.copy_lessons(course)
    save(course, "and my answer")
    assert outcome(course) == ["same"]
    assert texts(course) == {"00_first.ipynb": "first and my answer"}


def test_a_changed_lesson_is_placed_beside_a_saved_copy_and_once_only(course):
    lab.copy_lessons(course)
    save(course, "and my answer")
    write(course, "second edition")
    assert outcome(course) == ["beside"]
    assert texts(course) == {"00_first.ipynb": "first and my answer", "00_first.new-2.ipynb": "second edition"}
    assert outcome(course) == ["same"]
    assert len(texts(course)) == 2


def test_a_changed_lesson_replaces_a_copy_that_nobody_saved(course):
    lab.copy_lessons(course)
    write(course, "second edition")
    assert outcome(course) == ["updated"]
    assert texts(course) == {"00_first.ipynb": "second edition"}


def test_a_third_lesson_replaces_an_unsaved_second_and_spares_a_saved_one(course):
    lab.copy_lessons(course)
    save(course, "and my answer")
    write(course, "second edition")
    lab.copy_lessons(course)
    write(course, "third edition")
    assert outcome(course) == ["beside"]
    assert texts(course)["00_first.new-2.ipynb"] == "third edition"
    save(course, "and more", "00_first.new-2.ipynb")
    write(course, "fourth edition")
    assert outcome(course) == ["beside"]
    assert texts(course) == {
        "00_first.ipynb": "first and my answer",
        "00_first.new-2.ipynb": "third and more",
        "00_first.new-3.ipynb": "fourth edition",
    }


def named(course, first, second):
    """A catalogue of two lessons with these titles."""
    titles = {LESSON: first, "01_second": second}
    lessons = "".join(f'[[lessons]]\nslug = "{slug}"\ntitle = "{title}"\nstage = "one"\n' for slug, title in titles.items())
    course.catalog.write_text(f'stages = [{{ slug = "one", title = "One" }}]\n{lessons}')


def test_another_title_of_a_neighbour_is_no_other_lesson(course):
    write(course, "second lesson", name="01_second")
    named(course, "First", "Second")
    lab.copy_lessons(course)
    save(course, "and my answer")
    named(course, "The first", "The second")
    assert outcome(course) == ["same", "same"]
    first, second = texts(course).values()
    assert first.startswith("first and my answer")
    assert "[← The first]" in second  # nobody has saved that one
    assert outcome(course) == ["same", "same"]
    write(course, "second edition")
    assert outcome(course) == ["beside", "same"]


def test_a_lesson_that_was_built_anew_with_the_same_cells_is_no_other_lesson(course):
    lab.copy_lessons(course)
    save(course, "and my answer")
    built = course.notebooks / f"{LESSON}.ipynb"
    table = json.loads(built.read_text())
    table["metadata"]["workbench"] = {"fingerprint": "another"}
    built.write_text(json.dumps(table))
    assert outcome(course) == ["same"]
    assert len(texts(course)) == 1


def test_a_copy_taken_away_comes_back(course):
    lab.copy_lessons(course)
    (course.work / "notebooks" / "00_first.ipynb").unlink()
    assert outcome(course) == ["new"]


@pytest.mark.parametrize("memory", [None, "not JSON", "[]", '{"notebooks/00_first.ipynb": 3}'])
def test_without_its_memory_every_copy_counts_as_the_learners(course, memory):
    lab.copy_lessons(course)
    file = course.work / lab.MEMORY
    file.unlink() if memory is None else file.write_text(memory)
    write(course, "second edition")
    assert outcome(course) == ["beside"]
    assert texts(course) == {"00_first.ipynb": "first edition", "00_first.new-2.ipynb": "second edition"}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["save", "lesson", "copy"]), max_size=8))
def test_nothing_that_was_saved_is_ever_lost(tmp_path_factory, steps):
    course = make_course(tmp_path_factory.mktemp("steps"))
    saved = set()
    write(course, "0 edition")
    lab.copy_lessons(course)
    for number, step in enumerate(steps, start=1):
        if step == "lesson":
            write(course, f"{number} edition")
        elif step == "copy":
            lab.copy_lessons(course)
        else:
            newest = sorted(texts(course))[-1]
            path = course.work / "notebooks" / newest
            saved.discard(texts(course)[newest])
            path.write_text(path.read_text().replace("edition", f"edition, saved {number}"))
            saved.add(texts(course)[newest])
    lab.copy_lessons(course)
    assert saved <= set(texts(course).values())
    newest = nbformat.read(course.notebooks / "00_first.ipynb", as_version=4).cells[0].source
    assert any(text.startswith(newest) for text in texts(course).values())


def test_links_lead_to_the_same_places_from_work(course):
    (course.root / "datasets").mkdir()
    for name in ("datasets/card.md", "picture.png"):
        (course.root / name).write_text("here")
    write(course, '[e](../exercises/00_first.ipynb) [d](../datasets/card.md) <img src="../picture.png"> `../as it is`')
    lab.copy_lessons(course)
    text = texts(course)["00_first.ipynb"]
    links = re.findall(r"""(?:\]\(|src=["'])([^)"']+)""", text)
    assert links == ["../exercises/00_first.ipynb", "../../datasets/card.md", "../../picture.png"]
    for link in links:
        assert (course.work / "notebooks" / link).resolve().is_file()
    assert "`../as it is`" in text


def test_a_copy_is_trusted_so_that_its_tables_show(course):
    lab.copy_lessons(course)
    copy = nbformat.read(course.work / "notebooks" / "00_first.ipynb", as_version=4)
    assert NotebookNotary().check_signature(copy)


def test_a_course_without_built_lessons_says_how_to_build(tmp_path):
    with pytest.raises(CourseError, match="workbench build"):
        lab.copy_lessons(make_course(tmp_path))


def test_the_command_opens_the_start_page(course):
    command = lab.command(course, browser=False, port=8123)
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert "--LabApp.default_url=/workbench/start" in command
    assert {"--no-browser", "--ServerApp.port=8123"} <= set(command)


def test_the_settings_of_the_person_still_count(course):
    variables = lab.environment(course, {"JUPYTER_CONFIG_PATH": "/mine"})
    first, second = variables["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert second == "/mine"
    assert (course.work / ".jupyter" / "labconfig" / "page_config.json").is_file()
    assert first.startswith(str(course.work))


def test_jupyterlab_serves_the_start_page_and_lessons_without_news(course, tmp_path):
    lesson = f'[[lessons]]\nslug = "{LESSON}"\ntitle = "First"\nstage = "one"\n'
    course.catalog.write_text(f'stages = [{{ slug = "one", title = "One" }}]\n{lesson}')
    command = [sys.executable, "-c", "from workbench.cli import main; main()", "lab", "--no-browser", "--port", "0"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=course.root, stdout=log, stderr=log, start_new_session=True)
    try:
        url = _wait_for_url(tmp_path / "log", process)
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        start = opener.open(url, timeout=180).read().decode()
        assert f"/lab/tree/{course.relative(course.work)}/notebooks/{LESSON}.ipynb" in start
        without_token = urllib.request.urlopen(url.partition("?")[0], timeout=180)
        assert "/login" in without_token.url
        page = opener.open(url.replace("/workbench/start", "/lab"), timeout=180).read().decode()
        config = json.loads(
            re.search(r'<script id="jupyter-config-data" type="application/json">(.*?)</script>', page, re.S)[1]
        )
        assert "@jupyterlab/apputils-extension:announcements" in config["disabledExtensions"]
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for_url(log, process):
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+/\S*token=\w+(?=\s)", log.read_text())
        if found:
            return found[0]
        time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start: {log.read_text()}")
