"""The page that a learner begins on: what is done is remembered, and the next step follows from it."""

from __future__ import annotations

import json

import pytest

from workbench import lab
from workbench.checks.notebook import Checker
from workbench.checks.verdict import Outcome, Result
from workbench.start import page, record, standing

POINTS = {"water.fahrenheit": 1.0}


@pytest.fixture
def learner(built_tea, tmp_path, monkeypatch):
    """A course whose copies are made; the learner is in the folder of the exercises."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    lab.copy_lessons(built_tea)
    monkeypatch.setenv("WORKBENCH_COURSE", str(built_tea.root))
    monkeypatch.chdir(built_tea.work / built_tea.relative(built_tea.exercise_notebooks))
    return built_tea


def save(course, slug):
    """Save a lesson's copy, as JupyterLab does after a cell was run."""
    path = course.work / course.relative(course.notebooks) / f"{slug}.ipynb"
    table = json.loads(path.read_text())
    table["metadata"]["touched"] = True
    path.write_text(json.dumps(table))


def result(points, slug="water.fahrenheit", out_of=1.0):
    return Result(slug, "t", Outcome.CORRECT if points == out_of else Outcome.INCORRECT, points, out_of)


def first(course):
    return standing.of(course).places[0]


def test_nothing_is_begun_before_anything_is_saved(learner):
    found = standing.of(learner)
    assert {place.state for place in found.places} == {"to come"}
    assert found.next is not None
    assert (found.next.kind, found.next.place.entry.lesson.slug) == ("lesson", "00_water")


def test_a_saved_lesson_is_begun_and_its_exercise_comes_next(learner):
    save(learner, "00_water")
    found = standing.of(learner)
    assert first(learner).state == "begun"
    assert found.next is not None
    assert (found.next.kind, found.next.why) == ("exercise", "you have read the lesson")


def test_a_check_is_remembered_and_a_worse_answer_later_takes_nothing_away(learner):
    shown = []
    for answer in (176.0, 0.0):
        Checker(names=lambda value=answer: {"room": 20.0, "fahrenheit": value}, display=shown.append)("water.fahrenheit")
    exercise = record.read(learner, "water")
    assert exercise is not None
    assert exercise.questions == {"water.fahrenheit": record.Earned(1.0, 1.0)}
    assert (exercise.points, exercise.possible) == (1.0, 3.0)
    assert len(shown) == 2


def test_a_question_that_is_gone_or_worth_less_counts_for_no_more_than_it_is(learner):
    old = {"water.fahrenheit": 1.0, "water.gone": 3.0, "water.less": 4.0}
    for slug, points in old.items():
        record.keep(learner, result(points, slug, points), points=old)
    now = {"water.fahrenheit": 1.0, "water.less": 2.0, "water.fresh": 1.0}
    record.keep(learner, result(0.0), points=now)
    exercise = record.read(learner, "water")
    assert exercise is not None
    assert {slug: earned.points for slug, earned in exercise.questions.items()} == {
        "water.fahrenheit": 1.0,
        "water.less": 2.0,
    }
    assert (exercise.points, exercise.possible, exercise.done) == (3.0, 4.0, False)


def test_everything_right_is_done(learner):
    record.keep(learner, result(1.0), points=POINTS)
    assert first(learner).state == "done"
    assert first(learner).share == 1.0


def test_when_all_is_done_there_is_no_next_step(learner):
    for place in standing.of(learner).places:
        save(learner, place.entry.lesson.slug)
        if place.entry.has_exercise:
            slug = f"{place.entry.lesson.checks}.x"
            record.keep(learner, result(1.0, slug), points={slug: 1.0})
    assert standing.of(learner).next is None
    assert "Everything is done" in page.page(standing.of(learner), open_at="/lab/tree/copies")


def test_an_author_who_tries_a_check_elsewhere_leaves_no_trace(learner, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    record.keep(learner, result(1.0), points=POINTS)
    assert record.read(learner, "water") is None


@pytest.mark.parametrize("text", ["", "[]", '{"possible": "x", "questions": {}}', '{"possible": 1}', "\x00"])
def test_a_damaged_record_counts_as_none(learner, text):
    file = learner.work / record.FOLDER / "water.json"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert record.read(learner, "water") is None
    record.keep(learner, result(1.0), points=POINTS)
    assert first(learner).state == "done"


def test_a_name_cannot_lead_out_of_the_folder(learner):
    assert record.read(learner, "../water") is None


def test_the_page_links_to_the_copies_and_escapes_what_it_shows(learner):
    copies = f"/lab/tree/{learner.relative(learner.work)}"
    shown = page.page(standing.of(learner), open_at=copies)
    assert f'href="{copies}/' in shown
    assert "<script" not in shown
    for place in standing.of(learner).places:
        assert f"{place.entry.lesson.slug}.ipynb" in shown


def test_copies_lead_back_on_and_to_the_start_page(learner):
    copy = learner.work / learner.relative(learner.notebooks) / "01_steeping.ipynb"
    text = "".join(json.loads(copy.read_text())["cells"][0]["source"])
    assert "[start page](/workbench/start)" in text
    assert "00_water.ipynb)" in text
