"""A class to grade: a release, an inbox, a gradebook, and the processes that grading starts. Used by tests of grading."""

from __future__ import annotations

import os
import select
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.grading.arrivals.inbox import Arrival, Inbox
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.classwork.run import grade
from workbench.grading.classwork.summary import Summary
from workbench.grading.reports import lms

EARLY = datetime.fromisoformat("2026-11-28T12:00:00+01:00")
WRONG = {"water.fahrenheit": "fahrenheit = 144", "water.cooling": "raise SystemExit", "steeping.leaves": "leaves = [0] * 5"}
ZYGOTE, JUDGE = "workbench.grading.sandbox.zygote", "workbench.grading.judges.process"


class School:
    """A released class, its inbox and its gradebook.

    Parameters
    ----------
    released : Released
        Of the fixture ``released_tea``.
    """

    def __init__(self, released: Any, folder: Path) -> None:
        self.released = released
        self.inbox = Inbox(folder / "inbox")
        self.file = folder / "gradebook.sqlite"

    def hand_in(self, student: str, lesson: str, data: bytes | None = None, *, when: datetime = EARLY) -> None:
        """Put a submission into the inbox; solved where no bytes are given."""
        given = self.released.answered(student, lesson) if data is None else data
        self.inbox.put(given, Arrival(when), lesson=lesson, student=student)

    def grade(self, *, file: Path | None = None, **options: Any) -> Summary:
        """Grade everything into the gradebook."""
        with Gradebook.open(file or self.file) as book:
            place = {"release": self.released.folder, "gradebook": book}
            return grade(self.released.course, self.inbox, **{"jobs": 1, **place, **options})

    def reader(self) -> Gradebook:
        """The gradebook, to look at."""
        return Gradebook.open(self.file, write=False)

    def points(self) -> dict[str, dict[str, float | None]]:
        """The points of every student, by question."""
        found: dict[str, dict[str, float | None]] = {}
        with self.reader() as book:
            for score in book.scores():
                found.setdefault(score.student, {})[score.slug] = score.points
        return found

    def settled(self, file: Path | None = None) -> list[Any]:
        """All that a gradebook says, without what differs from run to run: times and memory."""
        with Gradebook.open(file or self.file, write=False) as book:
            found: list[Any] = [*book.scores(), *book.totals(), *book.faults(), *book.audit()]
            for one in book.standings():
                graded = book.submission(one.lesson, one.student)
                if graded is not None:
                    found += [(judged.result, judged.basis, judged.transcript) for judged in graded.judgements]
                    found += [(cell.cell, cell.outputs, cell.error) for cell in graded.cells]
                    found += [graded.flags, graded.texts, graded.ending]
        return found

    def export(self, file: Path | None = None) -> str:
        """The scores as plain CSV."""
        with Gradebook.open(file or self.file, write=False) as book:
            return lms.plain_csv(book.scores(), book.totals(), book.students())


@dataclass(frozen=True)
class Process:
    """A process that was seen; `wait_gone` waits for its end without asking anybody."""

    pid: int
    command: str
    handle: int


def below(pid: int, *, like: str = "") -> list[Process]:
    """The processes that `pid` started, and those that these started, whose command line contains `like`."""
    parents = dict(_parents())
    found = []
    for one in parents:
        if one != pid and pid in _line(one, parents):
            try:
                command = Path(f"/proc/{one}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                found.append(Process(one, command, os.pidfd_open(one)))
            except OSError:  # it has ended meanwhile
                continue
    return [one for one in found if like in one.command]


def wait_gone(processes: Iterable[Process], *, seconds: float = 120.0) -> list[Process]:
    """Wait until all have ended, and return those that have not after `seconds`."""
    left = []
    for one in processes:
        ready, _, _ = select.select([one.handle], [], [], seconds)
        left += [] if ready else [one]
        os.close(one.handle)
    return left


def _parents() -> Iterator[tuple[int, int]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        yield int(folder.name), int(status.rpartition(")")[2].split()[1])


def _line(pid: int, parents: dict[int, int]) -> list[int]:
    line = []
    while pid in parents and pid not in line:
        line.append(pid)
        pid = parents[pid]
    return line
