"""One submission from its cells to its judgements, whatever becomes of the processes that it takes."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from workbench.catalog import Catalog
from workbench.checks import exercise, key, process
from workbench.checks.verdict import Outcome
from workbench.course import Course
from workbench.errors import CheckError, GradingError
from workbench.grading.execution import bench, key_cache
from workbench.grading.execution.task import Task
from workbench.grading.outcome import Graded
from workbench.grading.sandbox.limits import Limits
from workbench.grading.work import Flag, Step, Work

TEA = Path(__file__).parents[1] / "fixtures" / "tea_course"
HIDDEN = """
from workbench.checks import close, question

@question("water.elsewhere", of="water.cooling", title="Cooling elsewhere", points=3)
def elsewhere(answer, key):
    for start in (77.5, 3.0):
        close(answer.call("cooler", start), key.call("cooler", start))
"""
GOOD = {
    "room": "room: float = 20.0",
    "water.fahrenheit": "fahrenheit = 80 * 9 / 5 + 32",
    "water.cooling": "def cooler(start):\n    return start - 0.1 * (start - room)\n\nlater = 100.0\n"
    "for _ in range(5):\n    later = cooler(later)",
}
FULL = {"water.fahrenheit": 1, "water.cooling": 2, "water.elsewhere": 3}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """The tea course, nothing built, with a hidden question; its benches are closed at the end."""
    folder = tmp_path_factory.mktemp("bench") / "tea"
    shutil.copytree(TEA, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "hidden").mkdir()
    (folder / "hidden" / "water.py").write_text(HIDDEN, encoding="utf-8")
    yield Course.find(folder)
    bench.close()


def task_of(course: Course, cells: Mapping[str, str], **named: Any) -> Task:
    """A submission whose cells are run in order; those named after a question are followed by its check."""
    steps: list[Step] = []
    for name, source in cells.items():
        steps.append(Step("run", name, source, name if "." in name else ""))
        if "." in name:
            steps.append(Step("ask", f"{name}-check", slug=name))
    return Task(str(course.root), "00_water", "water", {"room": 20.0}, Work(tuple(steps)), allow_plain=True, **named)


def points(graded: Graded) -> dict[str, float]:
    return {one.result.slug: one.result.points for one in graded.judgements}


def test_a_right_submission_earns_all_points(course):
    told: list[Any] = []
    graded = bench.grade_task(task_of(course, GOOD), on_question=told.append)
    assert (points(graded), graded.ending, graded.fault) == (FULL, "finished", "")
    assert told == list(graded.judgements)
    assert [one.hidden for one in told] == [False, False, True]
    assert [cell.cell for cell in graded.cells] == list(GOOD)
    assert graded.usage.seconds > 0
    assert graded.tier


def test_an_empty_submission_earns_none(course):
    graded = bench.grade_task(task_of(course, dict.fromkeys(GOOD, "")))
    assert points(graded) == dict.fromkeys(FULL, 0)
    assert {one.result.outcome for one in graded.judgements} == {Outcome.NOT_ATTEMPTED}


def test_a_question_is_judged_where_its_check_stands(course):
    cells = {**GOOD, "after": "fahrenheit = 0\ncooler = None"}
    assert points(bench.grade_task(task_of(course, cells))) == {**FULL, "water.elsewhere": 0}


def test_an_error_costs_its_own_question_alone(course):
    graded = bench.grade_task(task_of(course, {**GOOD, "water.fahrenheit": "fahrenheit = 1 / 0"}))
    assert points(graded) == {**FULL, "water.fahrenheit": 0}
    assert [cell.error for cell in graded.cells if cell.error] == ["ZeroDivisionError: division by zero"]


ENDS = {
    "died": "import os\nos._exit(0)",
    "memory": """
import os, time
for _ in range(3):
    if not os.fork():
        x = b"x" * (200 << 20)
        time.sleep(1000)
time.sleep(1000)
""",
    "time": "import signal, time\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\ntime.sleep(1000)",
}


@pytest.mark.parametrize("ending", ENDS)
def test_what_was_earned_before_the_process_ended_stays(course, ending):
    cells = {**GOOD, "water.cooling": ENDS[ending]}
    graded = bench.grade_task(task_of(course, cells, limits=Limits(wall=8 if ending == "time" else 120, memory=400 << 20)))
    assert points(graded) == {"water.fahrenheit": 1, "water.cooling": 0, "water.elsewhere": 0}
    assert graded.ending == ending
    assert graded.judgements[1].result.outcome is Outcome.NOT_ATTEMPTED
    assert "ended" in graded.judgements[1].result.messages[0]


def test_a_function_that_ends_the_process_is_incorrect(course):
    cells = {**GOOD, "water.cooling": "import os\ndef cooler(start): os._exit(0)\nlater = 67.2392"}
    graded = bench.grade_task(task_of(course, cells))
    assert points(graded) == {"water.fahrenheit": 1, "water.cooling": 0, "water.elsewhere": 0}
    assert graded.judgements[1].result.outcome is Outcome.INCORRECT
    assert "`cooler(100.0)` ended the whole process" in graded.judgements[1].result.messages[0]


def test_questions_judged_before_are_skipped(course):
    graded = bench.grade_task(task_of(course, GOOD, skip=("water.fahrenheit", "water.elsewhere")))
    assert points(graded) == {"water.cooling": 2}


def test_hidden_questions_may_be_left_out_or_come_from_elsewhere(course, tmp_path):
    assert "water.elsewhere" not in points(bench.grade_task(task_of(course, GOOD, hidden="-")))
    other = tmp_path / "water.py"
    other.write_text(HIDDEN.replace("water.elsewhere", "water.again"), encoding="utf-8")
    assert points(bench.grade_task(task_of(course, GOOD, hidden=str(other))))["water.again"] == 3


def test_parameters_decide_what_is_right(course):
    cells = {**GOOD, "room": "room: float = 5.0"}
    task = task_of(course, cells)
    assert points(bench.grade_task(replace(task, parameters={"room": 5.0}))) == FULL
    assert points(bench.grade_task(task))["water.cooling"] < 2


def test_flags_and_words_are_passed_on(course):
    task = task_of(course, GOOD)
    work = replace(task.work, texts={"water.words": "So it is."}, flags=(Flag("reordered", "It was."),))
    graded = bench.grade_task(replace(task, work=work))
    assert (graded.texts, graded.flags) == ({"water.words": "So it is."}, work.flags)


def test_a_task_and_what_came_of_it_cross_as_json(course):
    task = task_of(course, GOOD, skip=("water.cooling",), limits=Limits(wall=9))
    assert Task.from_json(json.loads(json.dumps(task.to_json()))) == task
    graded = bench.grade_task(task)
    assert Graded.from_json(json.loads(json.dumps(graded.to_json()))).judgements[0].result == graded.judgements[0].result


def test_what_the_listener_raises_ends_the_grading_and_nothing_else(course):
    def full(_judgement):
        raise OverflowError("the disk is full")

    with pytest.raises(OverflowError, match="the disk is full"):
        bench.grade_task(task_of(course, GOOD), on_question=full)
    assert points(bench.grade_task(task_of(course, GOOD))) == FULL


# --- Faults of ours ----------------------------------------------------------------------------------------------------


def zygotes() -> list[int]:
    """The processes that submissions are forked from, by their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"workbench.grading.sandbox.zygote" in words and int(path.parent.name) in descendants(os.getpid()):
            found.append(int(path.parent.name))
    return found


def kill_zygotes() -> None:
    for number in zygotes():
        with suppress(ProcessLookupError):  # one that has just gone with the one that it had started
            os.kill(number, signal.SIGKILL)


def descendants(process: int) -> set[int]:
    found = {process}
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        for child in path.read_text().split():
            found |= descendants(int(child))
    return found


def test_a_zygote_that_is_killed_between_two_submissions_is_started_again(course):
    bench.grade_task(task_of(course, GOOD))
    kill_zygotes()
    assert points(bench.grade_task(task_of(course, GOOD))) == FULL


def test_a_zygote_that_is_killed_amid_a_submission_costs_nothing(course):
    told: list[str] = []

    def listen(judgement):
        told.append(judgement.result.slug)
        if len(told) == 1:
            kill_zygotes()

    graded = bench.grade_task(task_of(course, GOOD), on_question=listen)
    assert (points(graded), graded.fault) == (FULL, "")
    assert told == list(FULL)  # each once


def test_what_dies_every_time_is_our_fault_and_no_zero(course):
    def listen(_judgement):
        kill_zygotes()

    graded = bench.grade_task(task_of(course, GOOD), on_question=listen)
    assert graded.fault
    assert points(graded) == {"water.fahrenheit": 1, "water.cooling": 2}


def test_a_broken_check_module_is_our_fault(course, tmp_path):
    broken = tmp_path / "water.py"
    broken.write_text("1 / 0", encoding="utf-8")
    graded = bench.grade_task(task_of(course, GOOD, hidden=str(broken)))
    assert "ZeroDivisionError" in graded.fault
    assert graded.judgements == ()


def test_after_leaving_nothing_is_started_until_the_benches_are_closed(course):
    bench.abandon()
    assert "broken off" in bench.grade_task(task_of(course, GOOD)).fault
    bench.close()
    assert points(bench.grade_task(task_of(course, GOOD))) == FULL


# --- Keys ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def recorded(course) -> tuple[Any, Path]:
    """The keys of one parameter set, and the file in which they are kept; forgotten by this process."""
    lesson = Catalog.load(course.catalog)["00_water"]
    shutil.rmtree(course.runs / key_cache.FOLDER, ignore_errors=True)
    key_cache.forget()
    keys = key_cache.record_keys(course, lesson, {"room": 11.0})
    key_cache.forget()
    (path,) = (course.runs / key_cache.FOLDER).glob("*.json")
    return keys, path


def again(course: Course, **named: Any) -> Any:
    return key_cache.record_keys(course, Catalog.load(course.catalog)["00_water"], {"room": 11.0}, **named)


def test_a_key_is_recorded_as_the_build_would(course, recorded):
    keys, _ = recorded
    assert keys == key.record(course, Catalog.load(course.catalog)["00_water"], {"room": 11.0})
    assert set(keys.hidden.questions) == {"water.elsewhere"}


def test_a_kept_key_is_read_and_not_made_again(course, recorded, monkeypatch):
    monkeypatch.setattr(process, "run", None)
    assert again(course) == recorded[0]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: data[:-20],
        lambda data: data.replace(b"water.cooling", b"water.coolinG"),
        lambda data: data.replace(b'"value"', b'"missing"', 1),
        lambda data: b"[" * 100_000,
        lambda data: b'{"format": 1}',
    ],
    ids=["empty", "cut", "renamed", "changed", "deep", "another"],
)
def test_a_spoilt_key_is_made_anew(course, recorded, spoil):
    keys, path = recorded
    good = path.read_bytes()
    path.write_bytes(spoil(good))
    assert again(course) == keys
    assert path.read_bytes() == good


def test_an_edited_check_makes_another_key(course, recorded):
    checks = course.checks / "water.py"
    before = checks.read_text(encoding="utf-8")
    try:
        checks.write_text(before.replace("(100.0, 50.0, 10.0)", "(100.0, 50.0, 10.0, 5.0)"), encoding="utf-8")
        assert (
            len(again(course).visible.questions["water.cooling"]) == len(recorded[0].visible.questions["water.cooling"]) + 1
        )
    finally:
        checks.write_text(before, encoding="utf-8")


def test_a_solution_that_fails_its_checks_makes_no_key(course, tmp_path):
    wrong = tmp_path / "water.py"
    wrong.write_text(HIDDEN.replace('key.call("cooler", start)', "1000.0"), encoding="utf-8")
    with pytest.raises(CheckError, match=r"water\.elsewhere"):
        again(course, hidden=str(wrong))


# --- The author's runs -------------------------------------------------------------------------------------------------


def test_the_author_s_scenarios_give_the_same_report_in_the_sandbox_and_here(course):
    for slug in ("00_water", "01_steeping"):
        work = exercise.read(course, Catalog.load(course.catalog)[slug], {})
        scenarios = [exercise.solution(work), exercise.stub(work)]
        scenarios += [exercise.alone(work, name) for name in work.questions]
        scenarios += [exercise.mutant(work, name, one) for name, found in work.questions.items() for one in found.mutants]
        assert process.run(work, [scenarios]) == process.run_here(work, [scenarios])


def test_a_scenario_that_takes_its_process_down_is_an_error(course):
    work = exercise.read(course, Catalog.load(course.catalog)["00_water"], {})
    scenario = exercise.Scenario("dies", [("cell", "import os; os._exit(1)")], [], record=True)
    with pytest.raises((CheckError, GradingError), match="ended"):
        process.run(work, [[scenario]])
