"""A build executes what is stale, publishes what is sound, and names what is not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pytest
import typer
from typer.testing import CliRunner

from workbench import produce, targets
from workbench.build import BuildReport, build
from workbench.catalog import Catalog
from workbench.cli import build as cli
from workbench.course import Course
from workbench.errors import BuildError, CourseError
from workbench.files import digest_file
from workbench.warm import client

BUILT = ("notebooks", "exercises", "solutions", "artifacts")


def built(course: Course) -> dict[str, bytes]:
    """Every built file's bytes, by its path in the course."""
    found = (path for folder in BUILT for path in (course.root / folder).rglob("*") if path.is_file())
    return {course.relative(path): path.read_bytes() for path in found}


def notebook(course: Course, path: str):
    return nbformat.read(course.root / path, as_version=4)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def command(*words: str):
    app = typer.Typer()
    app.callback()(lambda: None)
    cli.register(app)
    return CliRunner().invoke(app, words)


def faults(course: Course, *slugs: str) -> list[tuple[str, str]]:
    return [(fault.kind, fault.file) for fault in build(course, slugs, check=True).faults]


def test_a_build_writes_every_file_that_the_course_is_made_of(built_tea: Course):
    assert sorted(built(built_tea)) == [
        "artifacts/00/kettle.json",
        "artifacts/01/plan.json",
        "artifacts/02/table.txt",
        "exercises/00_water.ipynb",
        "exercises/01_steeping.ipynb",
        "exercises/keys/00_water.json",
        "exercises/keys/01_steeping.json",
        "notebooks/00_water.ipynb",
        "notebooks/01_steeping.ipynb",
        "notebooks/02_table.ipynb",
        "solutions/00_water.ipynb",
        "solutions/01_steeping.ipynb",
    ]


def test_building_elsewhere_by_two_processes_gives_the_same_bytes(built_tea: Course, tea_course: Course):
    assert "image/png" in (built_tea.notebooks / "00_water.ipynb").read_text(encoding="utf-8")
    assert build(tea_course, jobs=2).ok
    assert built(tea_course) == built(built_tea)


def test_a_second_build_executes_nothing(built_tea: Course):
    before = built(built_tea)
    report = build(built_tea)
    assert (report.built, len(report.fresh), report.ok) == ({}, 5, True)
    assert built(built_tea) == before


def test_built_notebooks_are_valid_and_carry_no_trace_of_their_execution(built_tea: Course):
    for path in (*built_tea.notebooks.glob("*.ipynb"), *built_tea.solutions.glob("*.ipynb")):
        text = path.read_text(encoding="utf-8")
        nbformat.validate(nbformat.reads(text, as_version=4))
        assert "papermill" not in text
        assert "iopub" not in text
        assert str(built_tea.root) not in text
        assert set(json.loads(text)["metadata"]) == {"kernelspec", "language_info", "workbench"}


def test_a_lesson_records_its_master_and_its_artefacts(built_tea: Course):
    recorded = notebook(built_tea, "notebooks/00_water.ipynb")["metadata"]["workbench"]
    assert recorded["master"] == "course/lessons/00_water.py"
    assert recorded["artifacts"] == {"00/kettle.json": digest_file(built_tea.artifacts / "00/kettle.json")}
    assert len(recorded["fingerprint"]) == 64


def test_a_stub_holds_no_solution_and_no_output(built_tea: Course):
    stub = notebook(built_tea, "exercises/00_water.ipynb")
    text = json.dumps(stub)
    assert "180" not in text
    assert "9 / 5" not in text
    assert "SOLUTION" not in text
    assert all(
        not cell["outputs"] and cell["execution_count"] is None for cell in stub["cells"] if cell["cell_type"] == "code"
    )


def test_a_solution_is_executed_without_markers(built_tea: Course):
    solution = notebook(built_tea, "solutions/00_water.ipynb")
    assert "SOLUTION" not in json.dumps(solution)
    outputs = json.dumps([cell.get("outputs", []) for cell in solution["cells"]])
    assert "orrect" in outputs
    assert "ncorrect" not in outputs


def test_exercises_carry_nbgraders_metadata(built_tea: Course):
    for path in ("exercises/00_water.ipynb", "solutions/00_water.ipynb"):
        marks = [
            cell["metadata"]["nbgrader"] for cell in notebook(built_tea, path)["cells"] if "nbgrader" in cell["metadata"]
        ]
        assert {mark["schema_version"] for mark in marks} == {3}
        assert len({mark["grade_id"] for mark in marks}) == len(marks)
        answers = [mark for mark in marks if mark["solution"]]
        assert [(m["grade_id"], m["grade"], m["locked"]) for m in answers] == [
            ("water-fahrenheit", False, False),
            ("water-cooling", False, False),
        ]
        graded = [mark for mark in marks if mark["grade"]]
        assert [(m["grade_id"], m["points"], m["locked"]) for m in graded] == [
            ("water-fahrenheit-check", 1, True),
            ("water-cooling-check", 2, True),
        ]


def test_a_changed_master_is_named_and_alone_rebuilt(built_tea: Course):
    change(built_tea.lessons / "02_table.py", "That was the last lesson.", "That was all.")
    assert faults(built_tea) == [("stale", "notebooks/02_table.ipynb")]
    report = build(built_tea)
    assert list(report.built) == ["02_table"]
    assert faults(built_tea) == []


def test_a_changed_artefact_reaches_those_who_read_it(built_tea: Course):
    change(built_tea.lessons / "00_water.py", "round(wait, 2)", "round(wait, 1)")
    report = build(built_tea)
    assert list(report.built) == ["00_water", "exercise 00_water", "01_steeping", "exercise 01_steeping", "02_table"]
    assert faults(built_tea) == []


def test_a_changed_helper_reaches_only_those_who_use_it(built_tea: Course):
    change(built_tea.root / "src/tea/leaves.py", "return 2 * cups + 1", "return 3 * cups + 1")
    (fault,) = build(built_tea, check=True).faults
    assert (
        str(fault) == "stale: notebooks/01_steeping.ipynb (master: course/lessons/01_steeping.py): code that it uses changed"
    )


def test_a_changed_check_reaches_exercise_and_solution(built_tea: Course):
    change(built_tea.checks / "water.py", "points=1,", "points=3,")
    assert [file for _, file in faults(built_tea)] == ["exercises/00_water.ipynb", "solutions/00_water.ipynb"]


def test_named_lessons_bring_those_whose_artefacts_they_read(tea_course: Course):
    report = build(tea_course, ["02"])
    assert list(report.built) == ["00_water", "exercise 00_water", "02_table"]


def test_a_source_edited_by_hand_is_told_from_a_stale_one(built_tea: Course):
    path = built_tea.notebooks / "02_table.ipynb"
    change(path, "poured in the order", "served in the order")
    (fault,) = build(built_tea, check=True).faults
    assert (fault.kind, fault.file, fault.master) == ("edited", "notebooks/02_table.ipynb", "course/lessons/02_table.py")
    assert "02-who-is-first-02" in str(fault)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"cells": [{}]}', '{"cells": [], "metadata": {"workbench": 1}}'])
def test_a_built_notebook_that_was_spoiled_is_rebuilt(built_tea: Course, text):
    path = built_tea.notebooks / "02_table.ipynb"
    before = path.read_bytes()
    path.write_text(text, encoding="utf-8")
    assert faults(built_tea) == [("edited", "notebooks/02_table.ipynb")]
    assert build(built_tea).ok
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["artifacts/01/plan.json", "exercises/keys/00_water.json"])
def test_an_artefact_or_key_that_was_changed_or_lost_is_named(built_tea: Course, name):
    path = built_tea.root / name
    path.write_text("{}", encoding="utf-8")
    assert ("differs", name) in faults(built_tea)
    path.unlink()
    assert ("missing", name) in faults(built_tea)


def test_an_orphan_is_named_and_removed_but_a_strangers_notebook_is_not(built_tea: Course):
    shutil.copy(built_tea.notebooks / "02_table.ipynb", built_tea.notebooks / "09_gone.ipynb")
    nbformat.write(nbformat.v4.new_notebook(), built_tea.notebooks / "mine.ipynb")
    assert faults(built_tea) == [("orphan", "notebooks/09_gone.ipynb"), ("orphan", "notebooks/mine.ipynb")]
    assert build(built_tea).removed == ["notebooks/09_gone.ipynb"]
    assert (built_tea.notebooks / "mine.ipynb").exists()


def test_a_master_that_the_catalogue_does_not_know_is_named(built_tea: Course):
    shutil.copy(built_tea.lessons / "02_table.py", built_tea.lessons / "03_more.py")
    assert faults(built_tea) == [("unlisted", "course/lessons/03_more.py")]


def test_check_writes_nothing(tea_course: Course):
    assert {kind for kind, _ in faults(tea_course)} == {"missing"}
    assert built(tea_course) == {}


def test_a_failing_cell_is_named_and_stops_only_what_depends_on_it(built_tea: Course):
    before = built(built_tea)
    change(built_tea.lessons / "01_steeping.py", 'print(f"{grams(cups)} g', 'print(nothing)\nprint(f"{grams(cups)} g')
    change(built_tea.lessons / "02_table.py", "That was the last lesson.", "That was all.")
    report = build(built_tea)
    assert [problem.label for problem in report.problems] == ["01_steeping", "exercise 01_steeping"]
    text = report.problems[0].text
    assert text.startswith("notebooks/01_steeping.ipynb: cell 01-leaves-and-minutes-02: NameError")
    assert ">   4  print(nothing)" in text
    assert list(report.built) == ["02_table"]
    assert {name for name, data in built(built_tea).items() if data != before[name]} == {"notebooks/02_table.ipynb"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("import sys; print('x', file=sys.stderr)", "cell 02-who-is-first-02: stderr: x"),
        ("import warnings; warnings.warn('old')", "stderr"),
        ("from pathlib import Path; print(Path.cwd())", "cell 02-who-is-first-02: path:"),
        ("print(object())", "cell 02-who-is-first-02: address: <object object at"),
        ("print(0.123456)", "cell 02-who-is-first-02: digits: 0.123456"),
        ("shelf.put('02/other.txt', 'x')", "wrote `02/other.txt`, which the catalogue does not declare"),
    ],
)
def test_what_must_not_be_published_stops_the_build(built_tea: Course, line, words):
    change(built_tea.lessons / "02_table.py", 'print("poured', f'from tea import shelf; {line}; print("poured')
    before = built(built_tea)
    (problem,) = build(built_tea).problems
    assert words in problem.text
    assert built(built_tea) == before


def test_an_artefact_that_was_not_written_stops_the_build(built_tea: Course):
    change(built_tea.lessons / "02_table.py", "shelf.put", "print")
    (problem,) = build(built_tea).problems
    assert "`02/table.txt` was not written" in problem.text


def test_progress_tells_each_target_once_it_is_settled(built_tea: Course):
    change(built_tea.lessons / "02_table.py", "That was the last lesson.", "That was all.")
    events = []
    build(built_tea, progress=events.append)
    assert [(event.label, event.state) for event in events if event.label == "02_table"] == [
        ("02_table", "started"),
        ("02_table", "built"),
    ]
    assert sum(event.state == "fresh" for event in events) == 4


def side_by_side(course: Course) -> tuple[BuildReport, list[str]]:
    """Build the first lesson and its exercise, both stale, two at a time; also what was told, in order."""
    change(course.exercises / "00_water.py", "# # Exercise 00", "# # The exercise 00")
    told: list[str] = []
    report = build(course, ["00"], jobs=2, progress=lambda event: told.append(f"{event.state} {event.label}"))
    return report, told


def test_an_exercise_is_made_beside_its_lesson_from_the_artefacts_that_are_there(built_tea: Course):
    change(built_tea.lessons / "00_water.py", "The picture shows it", "A picture shows it")
    report, told = side_by_side(built_tea)
    assert report.ok
    assert told[:2] == ["started 00_water", "started exercise 00_water"]
    assert told[2:] == ["built 00_water", "built exercise 00_water"]
    assert faults(built_tea) == []


def test_an_exercise_is_made_again_when_its_lesson_writes_another_artefact(built_tea: Course):
    change(built_tea.lessons / "00_water.py", "round(wait, 2)", "round(wait, 1)")
    report, told = side_by_side(built_tea)
    assert report.ok
    assert told == [
        "started 00_water",
        "started exercise 00_water",
        "built 00_water",
        "started exercise 00_water",
        "built exercise 00_water",
    ]
    assert faults(built_tea, "00") == []


def test_an_exercise_made_beside_a_lesson_that_fails_is_not_published(built_tea: Course):
    before = built(built_tea)
    change(built_tea.lessons / "00_water.py", "wait = waiting_time", "wait = nothing + waiting_time")
    report, told = side_by_side(built_tea)
    assert [problem.label for problem in report.problems] == ["00_water", "exercise 00_water"]
    assert told[2:] == ["failed 00_water", "skipped exercise 00_water"]
    assert built(built_tea) == before


def test_warm_and_cold_builds_give_the_same_bytes(tea_course: Course, built_tea: Course, monkeypatch):
    monkeypatch.setattr(client, "unsupported", lambda: "not today")
    assert build(tea_course).ok
    assert built(tea_course) == built(built_tea)


def test_an_unknown_lesson_and_no_jobs_are_errors(tea_course: Course):
    with pytest.raises(CourseError, match="no lesson `07`"):
        build(tea_course, ["07"])
    with pytest.raises(BuildError, match="jobs must be 1 or more"):
        build(tea_course, jobs=0)


def test_the_command_names_stale_files_and_leaves_with_one(built_tea: Course, monkeypatch):
    monkeypatch.chdir(built_tea.notebooks)
    assert command("build", "--check").exit_code == 0
    change(built_tea.lessons / "02_table.py", "That was the last lesson.", "That was all.")
    done = command("build", "--check")
    assert done.exit_code == 1
    assert "stale: notebooks/02_table.ipynb (master: course/lessons/02_table.py)" in done.output
    assert command("build", "--check", "00").exit_code == 0


def test_the_command_prints_a_line_for_each_target_and_a_sum(built_tea: Course, monkeypatch):
    monkeypatch.chdir(built_tea.root)
    change(built_tea.lessons / "02_table.py", 'print("poured', 'print(nothing, "poured')
    done = command("build", "-j", "2")
    assert done.exit_code == 1
    assert "  failed  02_table" in done.output
    assert "NameError: name 'nothing' is not defined" in done.output
    assert "0 built, 4 fresh, 1 failed" in done.output


def test_the_command_gives_json(built_tea: Course, monkeypatch):
    monkeypatch.chdir(built_tea.root)
    done = command("build", "--json")
    assert done.exit_code == 0
    report = json.loads(done.output)
    assert report["ok"]
    assert report["fresh"][0] == "00_water"


def test_pieces_of_a_stream_are_joined_however_they_were_cut():
    def cell(*texts):
        outputs = [nbformat.v4.new_output("stream", name="stdout", text=text) for text in texts]
        return nbformat.v4.new_code_cell("x", id="a", execution_count=1, outputs=outputs)

    whole, cut = (
        produce.with_outputs(
            nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", id="a")]),
            nbformat.v4.new_notebook(cells=[executed]),
        )
        for executed in (cell("one\ntwo\n"), cell("one\n", "two\n"))
    )
    assert whole == cut


def test_points_are_read_from_the_check_module_without_running_it(tea_course: Course):
    (tea_course.checks / "water.py").write_text(
        "raise SystemExit\n@question('water.a', points=2.5)\ndef a(): ...\n@question('water.b')\ndef b(): ...\n",
        encoding="utf-8",
    )
    (_, exercise, *_) = targets.of(tea_course, Catalog.load(tea_course.catalog).lessons)
    assert targets.points_of(exercise.checks) == {"water.a": 2.5, "water.b": 1}
