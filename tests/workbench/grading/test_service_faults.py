"""Whatever dies while a class is graded, the gradebook comes out as if nothing had, or says that we failed. No zero."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from school import JUDGE, WRONG, ZYGOTE, School, below, wait_gone
from workbench.catalog import Catalog
from workbench.errors import GradingError
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.classwork import run
from workbench.grading.classwork.progress import Step
from workbench.grading.execution.bench import Bench
from workbench.grading.execution.session import Session
from workbench.grading.sandbox import tiers
from workbench.grading.sandbox.forker import SandboxFault
from workbench.grading.sandbox.limits import Limits

NAMES = ("s001", "s002", "s003")
SLOW = {"water.fahrenheit": "import time\ntime.sleep(0.7)\nfahrenheit = 176", "water.cooling": WRONG["water.cooling"]}
GRADER = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever started the tests may ignore Ctrl-C
from pathlib import Path
from workbench.course import Course
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.arrivals.inbox import Inbox
from workbench.grading.classwork.run import grade
course, inbox, release, gradebook = sys.argv[1:]
with Gradebook.open(gradebook) as book:
    grade(Course.find(Path(course)), Inbox(Path(inbox)), release=Path(release), gradebook=book, jobs=2,
          on_progress=lambda step: (print(step.happened, flush=True), step.happened == "graded" and sys.stdin.readline()))
"""

# When these die the submission under way is executed again; `judge` keeps what it was told and asks another process.
VICTIMS = {"zygote": ZYGOTE, "judge": JUDGE}


@pytest.fixture
def slow(school: School) -> School:
    """Three submissions that take their time, so that something can happen to the second while it runs."""
    for student in NAMES:
        school.hand_in(student, "00_water", school.released.answered(student, "00_water", SLOW))
    return school


@pytest.fixture(scope="module")
def expected() -> dict[str, list[object]]:
    """Filled by `_expected`: what an uninterrupted run says is the same for all tests here."""
    return {}


def _expected(school: School, known: dict[str, list[object]]) -> list[object]:
    """What an uninterrupted run of `slow` says."""
    if not known:
        other = school.file.with_name("expected.sqlite")
        assert school.grade(file=other).faults == ()
        known["all"] = school.settled(other)
    return known["all"]


def _kill(like: str) -> Callable[[Step], None]:
    """What kills all processes of ours of one kind, once, while the second submission runs."""

    def act(step: Step) -> None:
        if step.happened == "graded" and step.done == 1:
            found = below(os.getpid(), like=like)
            assert found
            for one in found:
                with suppress(ProcessLookupError):  # ended with the one before it
                    signal.pidfd_send_signal(one.handle, signal.SIGKILL)
                os.close(one.handle)

    return act


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_process_of_ours_that_is_killed_changes_nothing(
    slow: School, expected: dict[str, list[object]], victim: str
) -> None:
    summary = slow.grade(on_progress=_kill(VICTIMS[victim]))
    assert (summary.graded, summary.faults) == (3, ())
    assert slow.settled() == _expected(slow, expected)


@pytest.fixture
def grader(slow: School) -> Iterator[subprocess.Popen[str]]:
    """A process that grades, from which each step can be read as it is done; once it has graded one it waits for a line."""
    released = slow.released
    place = [released.course.root, slow.inbox.folder, released.folder, slow.file]
    command = [sys.executable, "-c", GRADER, *map(str, place)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        yield process
        process.kill()


def _until_graded(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == "graded":
            return
    raise AssertionError("nothing was graded")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["kill", "Ctrl-C"])
def test_the_next_run_goes_on_where_the_grader_was_stopped(
    slow: School, grader: subprocess.Popen[str], expected: dict[str, list[object]], number: signal.Signals
) -> None:
    _until_graded(grader)
    started = below(grader.pid)
    assert any(ZYGOTE in one.command for one in started)
    os.killpg(grader.pid, number)
    grader.wait(120)
    assert not wait_gone(started)
    with slow.reader() as book:
        assert any(total.open for total in book.totals("00_water"))
    summary = slow.grade()
    assert summary.recorded >= 1
    assert (summary.graded + summary.recorded, summary.faults) == (3, ())
    assert slow.settled() == _expected(slow, expected)


def test_a_second_grader_is_refused_while_the_first_one_writes(slow: School, grader: subprocess.Popen[str]) -> None:
    _until_graded(grader)
    with pytest.raises(GradingError, match="writes in this gradebook"):
        slow.grade()
    assert grader.stdin is not None
    grader.stdin.close()  # it waits no more
    assert grader.wait(300) == 0
    assert slow.grade().recorded == 3


def test_a_damaged_key_is_not_believed(school: School, tmp_path: Path) -> None:
    school.hand_in("s001", "00_water")
    school.grade(file=tmp_path / "first.sqlite")
    (path,) = (school.released.course.runs / "keys").glob("00_water*.json")
    before = path.read_bytes()
    path.write_bytes(before.replace(b"176.0", b"144.0"))
    assert path.read_bytes() != before
    # What is held in memory belongs to a process: another one has to read the file.
    released = school.released
    command = [sys.executable, "-c", GRADER, released.course.root, school.inbox.folder, released.folder, school.file]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=600)
    assert school.points()["s001"]["water.fahrenheit"] == 1
    assert path.read_bytes() == before


def test_a_check_that_takes_its_process_down_gives_no_score_until_it_is_mended(school: School) -> None:
    answers = {"water.fahrenheit": "fahrenheit = 666.0"}
    school.hand_in("s001", "00_water", school.released.answered("s001", "00_water", answers))
    school.hand_in("s002", "00_water")
    checks = school.released.course.checks / "water.py"
    sound = checks.read_text()
    checks.write_text(
        sound.replace(
            "    mistake(value == 144", "    import os\n    value == 666 and os._exit(3)\n    mistake(value == 144"
        )
    )
    summary = school.grade(lessons=["00"])
    assert [(one.student, "water.fahrenheit" in one.text) for one in summary.faults] == [("s001", True)]
    assert school.points()["s001"] == {"water.fahrenheit": None, "water.cooling": 0}
    assert school.points()["s002"] == {"water.fahrenheit": 1, "water.cooling": 2}
    checks.write_text(sound)
    assert school.grade(lessons=["00"]).faults == ()
    assert school.points()["s001"] == {"water.fahrenheit": 0, "water.cooling": 0}


def test_an_exercise_without_a_key_gives_no_score_and_the_others_are_graded(school: School) -> None:
    school.hand_in("s001", "00_water")
    school.hand_in("s001", "01_steeping")
    master = school.released.course.exercises / "00_water.py"
    master.write_text(master.read_text().replace("80 * 9 / 5 + 32", "80 * 9 / 5"))
    summary = school.grade()
    assert [(one.lesson, "no key" in one.text) for one in summary.faults] == [("00_water", True)]
    points = school.points()["s001"]
    assert (points["water.fahrenheit"], points["water.cooling"], points["steeping.leaves"]) == (None, None, 1)


def test_a_gradebook_that_cannot_be_written_stops_the_run_and_keeps_what_it_has(slow: School, tmp_path: Path) -> None:
    book = Gradebook.open(slow.file)
    with pytest.raises(GradingError, match="closed"):
        slow.grade(
            gradebook=book, file=tmp_path / "unused", on_progress=lambda step: step.happened == "graded" and book.close()
        )
    assert not below(os.getpid(), like=ZYGOTE)
    assert slow.grade().recorded == 1


def test_a_machine_on_which_nothing_works_is_not_tried_with_every_submission(
    school: School, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    checks, flag = school.released.course.checks / "water.py", tmp_path / "broken"
    guard = f"if 'judges' in getattr(__main__, '__file__', ''):\n    assert not pathlib.Path({str(flag)!r}).exists()\n"
    checks.write_text(f"{checks.read_text()}import __main__, pathlib\n{guard}")
    school.hand_in("s001", "00_water")
    assert school.grade().faults == ()
    flag.touch()
    for student in NAMES[1:]:
        school.hand_in(student, "00_water")
    monkeypatch.setattr(run, "_HOPELESS", 2)
    with pytest.raises(GradingError, match="2 submissions in a row"):
        school.grade()
    assert {student: school.points()[student]["water.cooling"] for student in NAMES} == {
        "s001": 2,
        "s002": None,
        "s003": None,
    }
    flag.unlink()
    assert school.grade().faults == ()
    assert school.points()["s003"]["water.cooling"] == 2


def test_a_process_that_ends_before_its_first_cell_is_our_fault_and_no_zero(school: School) -> None:
    course = school.released.course
    one = Bench(course, Catalog.load(course.catalog)["00_water"], tier=tiers.choose(allow_plain=True))
    impossible = {**one.setting, "links": {"": "a link in the place of its own folder"}}
    try:
        with one.start(Limits()) as room, pytest.raises(SandboxFault, match="before its first cell"):
            Session(room, limits=Limits(), setting=impossible).begin()
    finally:
        one.close()
