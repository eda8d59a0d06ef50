"""A gradebook through kills, a full disk, a foreign lock and a lost server: what was acknowledged stays, nothing is half."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.checks.verdict import Outcome, Result
from workbench.grading.book import store
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.book.rows import GradebookBusyError, GradebookError, QuestionInfo
from workbench.grading.outcome import Judgement

LESSON = "02_tea"
SLUGS = [f"tea.q{number}" for number in range(4)]

WRITER = """
import sys
from workbench.checks.verdict import Outcome, Result
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.outcome import CellRun, Graded, Judgement

def graded(number):
    results = [Result(f"tea.q{k}", "", Outcome.CORRECT, 1.0, 1.0) for k in range(4)]
    return Graded(tuple(Judgement(one, basis=str(number)) for one in results), (CellRun("c", error="x" * 20000),))

with Gradebook.open(sys.argv[1]) as book:
    print("open", flush=True)
    number = 0
    while True:
        number += 1
        book.finish("02_tea", f"s{number:05d}", "a" * 64, graded(number))
        print(number, flush=True)
"""

HALF = """
import sys, time
from workbench.checks.verdict import Outcome, Result
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.outcome import Judgement

def verdicts():
    for number in range(4):
        if number == 2:
            print("half", flush=True)
            sys.stdin.read()
        yield "02_tea", "s1", "a" * 64, Judgement(Result(f"tea.q{number}", "", Outcome.CORRECT, 1.0, 1.0))

with Gradebook.open(sys.argv[1]) as book:
    book.record_all(verdicts(), reason="")
"""

FULL = """
import os, sys
from pathlib import Path
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.book.rows import GradebookError
from workbench.grading.outcome import CellRun, Graded

folder = Path(sys.argv[1])
ballast = folder / "ballast"
ballast.write_bytes(bytes(1 << 20))

def put(book, number):
    book.finish("02_tea", f"s{number:05d}", "a" * 64, Graded(cells=(CellRun("c", error=os.urandom(20000).hex()),)))

number = 0
with Gradebook.open(folder / "book.db") as book:
    try:
        while True:
            put(book, number + 1)
            number += 1
    except GradebookError as error:
        print(error)
    kept = [one.student for one in book.standings()]
assert number > 0 and kept == [f"s{k:05d}" for k in range(1, number + 1)], (number, kept)
ballast.unlink()
with Gradebook.open(folder / "book.db") as book:
    put(book, number + 1)
    assert len(book.standings()) == number + 1
print("went on")
"""


def judgement(slug: str = SLUGS[0]) -> Judgement:
    return Judgement(Result(slug, "", Outcome.CORRECT, 1.0, 1.0), basis="b")


def started(code: str, where: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, where]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def killed(process: subprocess.Popen[str]) -> list[str]:
    """What it had said before it was killed."""
    process.send_signal(signal.SIGKILL)
    said, _nothing = process.communicate()
    assert process.returncode == -signal.SIGKILL
    return said.split()


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new gradebook may be."""
    if request.param == "sqlite":
        return str(tmp_path / "book.db")
    return str(request.getfixturevalue("new_database")())


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that shares its processor may notice late that a writer has gone."""
    monkeypatch.setattr(store, "_LOCK_WAIT", 120.0)


@pytest.mark.usefixtures("_patient")
def test_all_that_was_acknowledged_survives_a_kill_at_any_moment(place: str) -> None:
    moments = random.Random(7)
    acknowledged = 0
    for _round in range(5):
        process = started(WRITER, place)
        assert process.stdout is not None
        for _line in range(moments.randrange(1, 12)):
            last = process.stdout.readline()
        said = [word for word in [last.strip(), *killed(process)] if word.isdigit()]
        acknowledged = max([acknowledged, *map(int, said)])
        with Gradebook.open(place) as book:  # the lock went with the process
            book.describe(LESSON, [QuestionInfo(slug, "", 1.0, "visible", k) for k, slug in enumerate(SLUGS)])
            kept = [one.student for one in book.standings(LESSON)]
            assert len(kept) >= acknowledged
            assert all(score.points == 1.0 for score in book.scores(LESSON)), "half a submission"
            assert all(set(book.judged(LESSON, student, "a" * 64)) == set(SLUGS) for student in kept)
    assert acknowledged > 0
    if "://" not in place:
        with sqlite3.connect(place) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        raw.close()


def test_a_kill_in_the_middle_of_a_transaction_leaves_nothing_of_it(place: str, request: pytest.FixtureRequest) -> None:
    with Gradebook.open(place) as book:
        book.record(LESSON, "s1", "a" * 64, judgement(SLUGS[3]))
    process = started(HALF, place)
    assert process.stdout is not None
    assert process.stdout.readline() == "half\n"
    with Gradebook.open(place, write=False) as reader:
        assert set(reader.judged(LESSON, "s1", "a" * 64)) == {SLUGS[3]}
    with pytest.raises(GradebookBusyError):
        Gradebook.open(place)
    killed(process)
    request.getfixturevalue("_patient")
    with Gradebook.open(place) as book:
        assert set(book.judged(LESSON, "s1", "a" * 64)) == {SLUGS[3]}


def test_a_full_disk_is_said_and_costs_nothing_that_was_acknowledged(
    tmp_path: Path, require: Callable[[object, str], None]
) -> None:
    mount = f"mount -t tmpfs -o size=4m none '{tmp_path}' && exec "
    enter = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    possible = shutil.which("unshare") and not subprocess.run([*enter, f"{mount} true"], check=False).returncode
    require(possible, "no name spaces of one's own to mount a small disk in")
    script = tmp_path.with_suffix(".py")
    script.write_text(FULL)
    command = f"{mount} '{sys.executable}' '{script}' '{tmp_path}'"
    done = subprocess.run([*enter, command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "full" in done.stdout
    assert "make room on the disk" in done.stdout
    assert done.stdout.endswith("went on\n")


def test_a_file_that_another_program_has_locked_is_said_and_can_be_written_afterwards(tmp_path: Path) -> None:
    where = tmp_path / "book.db"
    with Gradebook.open(where, patience=0.05) as book:
        other = sqlite3.connect(where, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(GradebookError, match="locked") as caught:
            book.record(LESSON, "s1", "a" * 64, judgement())
        assert "close it" in caught.value.remedy
        assert book.judged(LESSON, "s1", "a" * 64) == {}, "reading goes on"
        other.execute("ROLLBACK")
        other.close()
        book.record(LESSON, "s1", "a" * 64, judgement())
        assert set(book.judged(LESSON, "s1", "a" * 64)) == {SLUGS[0]}


@pytest.mark.usefixtures("_patient")
def test_a_writer_that_lost_its_server_does_not_go_on_without_the_lock(new_database: Callable[[], str]) -> None:
    import psycopg

    server = new_database()
    others = "WHERE pid <> pg_backend_pid() AND datname = current_database()"
    end_others = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity {others}"
    with Gradebook.open(server) as book:
        with psycopg.connect(server) as connection:
            connection.execute(end_others)
        with pytest.raises(GradebookError, match="the database says"):
            book.record(LESSON, "s1", "a" * 64, judgement())
        with Gradebook.open(server) as other:
            other.record(LESSON, "s2", "a" * 64, judgement())
            with pytest.raises(GradebookError, match="right to write"):
                book.record(LESSON, "s1", "a" * 64, judgement())
            assert other.judged(LESSON, "s1", "a" * 64) == {}


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    where = tmp_path / "book.db"
    with Gradebook.open(where) as book:
        for number in range(50):
            book.record(LESSON, f"s{number}", "a" * 64, judgement())
    raw = bytearray(where.read_bytes())
    raw[4096:] = bytes(random.Random(1).randbytes(len(raw) - 4096))
    where.write_bytes(raw)
    with pytest.raises(GradebookError, match="malformed") as caught, Gradebook.open(where) as book:
        book.judged(LESSON, "s1", "a" * 64)
    assert "copy of the gradebook" in caught.value.remedy
