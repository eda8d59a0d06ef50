"""Collecting: from what a platform hands out, or from folders, into the inbox. Nothing is lost in silence.

Every notebook ends in the inbox: with its student, or among the unmatched with the reason. So does what a student handed
in in place of one. What is not even read is listed as refused. Limits on sizes and numbers hold before anything is parsed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from workbench.errors import GradingError
from workbench.grading.arrivals import layouts
from workbench.grading.arrivals.inbox import Arrival, Inbox
from workbench.grading.arrivals.walk import CollectReport, Found, Walk
from workbench.grading.manifest import Manifest
from workbench.grading.people.policy import EVERY, Rule, lateness
from workbench.grading.people.roster import Roster


class CollectError(GradingError):
    """A collection that cannot be done as asked."""

    exit_code = 2


@dataclass
class _Collection:
    """One collection under way."""

    source: str
    inbox: Inbox
    exercises: Manifest
    cells: Mapping[str, frozenset[bytes]]
    asked: str
    received: datetime | None
    times: Mapping[tuple[str, str], datetime]
    now: datetime
    report: CollectReport
    named: set[str] = field(default_factory=set)

    def take_named(self, walk: Walk) -> bool:
        """Keep every notebook that says which exercise it is; whether there are others that may be the one asked for."""
        waiting = False
        for found, data in walk.notebooks():
            lesson = self._lesson(found, data)
            if not found.place.student:
                self._aside(found, data, found.place.why, lesson)
            elif lesson:
                self.named.add(found.place.student)
                self._keep(found, data, lesson)
            elif self.asked:
                waiting = True
            else:
                self._aside(found, data, "which exercise it is cannot be told: neither its cells nor its name says")
        return waiting

    def take_asked(self, walk: Walk) -> None:
        """Keep the notebooks that do not say: each is the exercise asked for, unless its student has one that says."""
        for found, data in walk.notebooks():
            if not found.place.student or self._lesson(found, data):
                continue
            if found.place.student in self.named:
                why = f"another notebook of {found.place.student}'s says which exercise it is; this one does not"
                self._aside(found, data, why)
            else:
                self._keep(found, data, self.asked)

    def take_others(self, walk: Walk, without: Mapping[str, str]) -> None:
        """Keep what students handed in who handed in no notebook."""
        kept = set()
        for found, data in walk.others(without):
            student = found.place.student
            lesson = layouts.lesson_named(found.place.name or found.original, list(self.cells)) or self.asked
            submission, _ = self.inbox.keep_other(data, self._arrival(found, lesson), student=student, lesson=lesson)
            self.report.other.append(submission)
            self.report.ignored -= not found.entry.is_archive
            kept.add(student)
        for student, path in without.items():
            if student not in kept:
                self.report.refuse(path, f"{student} handed in no notebook, and nothing that can be kept: ask for one")

    def _lesson(self, found: Found, data: bytes) -> str:
        return layouts.lesson_of(found.place.name or found.original, data, self.cells)

    def _keep(self, found: Found, data: bytes, lesson: str) -> None:
        student = found.place.student
        if self.asked and lesson != self.asked:
            self._aside(found, data, f"it is {lesson}, and {self.asked} was asked for", lesson)
        elif student not in self.exercises[lesson].students:
            self._aside(found, data, f"{lesson} was not released to {student}", lesson)
        else:
            submission, new = self.inbox.put(data, self._arrival(found, lesson), lesson=lesson, student=student)
            (self.report.added if new else self.report.duplicates).append(submission)

    def _aside(self, found: Found, data: bytes, why: str, lesson: str = "") -> None:
        submission, _ = self.inbox.set_aside(data, self._arrival(found, lesson), why=why, lesson=lesson)
        self.report.unmatched.append(submission)

    def _arrival(self, found: Found, lesson: str) -> Arrival:
        student = found.place.student
        told = self.received or self.times.get((student, lesson)) or self.times.get((student, EVERY))
        stamp = found.stamp if found.stamp and found.stamp <= self.now else None
        clock = "given" if told else ("file" if found.entry.file else "archive") if stamp else "now"
        return Arrival(
            received=told or stamp or self.now,
            original=found.original,
            source=self.source,
            clock=clock,
            marked=found.place.marked,
            inside=found.inside,
        )

    def remark(self) -> None:
        """Say where time stamps that may be those of a download make work late."""
        doubtful = [one for one in self.report.added if one.clock != "given" and not one.marked]
        late = [one for one in doubtful if lateness(one.time, self.exercises[one.lesson].terms, Rule()).days]
        if late:
            self.report.notes.append(
                f"{len(late)} of them are late by their time stamps, which most platforms set when you download them: "
                "say when they came with --times or --received"
            )


def collect(
    source: Path,
    inbox: Inbox,
    *,
    roster: Roster,
    exercises: Manifest,
    received: datetime | None = None,
    times: Mapping[tuple[str, str], datetime] | None = None,
    exercise: str = "",
    student: str = "",
    now: datetime | None = None,
) -> CollectReport:
    """Put the notebooks of `source` into the inbox, and what students handed in in place of one.

    Parameters
    ----------
    source : Path
        A folder of notebooks or of folders a student, a zip of either, what Canvas or Moodle hands out (unpacked or not,
        archives of the students' within), or a single notebook.
    received : datetime, optional
        When all of it came. Without it: `times`, else time stamps, which are no later than `now`.
    times : mapping, optional
        When each student's work came, by student and lesson (``*`` for any); see `workbench.grading.arrivals.times`.
    exercise : str, optional
        The exercise that notebooks are which do not say; known without it where only one was released.
    student : str, optional
        Id of the student whose all of it is.

    Raises
    ------
    ArchiveError
        When `source` cannot be read at all. What was taken before stays.
    InboxError
        When the inbox cannot be written.
    CollectError, RosterError, GradingError
        When `received` has no offset, `student` or `exercise` does not exist, or source and inbox lie in one another.
    """
    if received is not None and received.tzinfo is None:
        raise CollectError("the time of arrival has no offset from UTC", remedy="write it as 2026-11-30T23:59:00+01:00")
    here, there = source.resolve(), inbox.folder.resolve()
    if here.is_relative_to(there) or there.is_relative_to(here):
        raise CollectError("an inbox cannot be collected into itself", where=str(source))
    lessons = tuple(exercises.exercises)
    asked = exercises[exercise].lesson if exercise else (lessons[0] if len(lessons) == 1 else "")
    owner = roster[student].id if student else ""
    report = CollectReport()
    collection = _Collection(
        source.name,
        inbox,
        exercises,
        layouts.released_cells(exercises),
        asked,
        received,
        times or {},
        now or datetime.now(UTC),
        report,
    )
    walk = Walk(source, roster, lessons, owner, report)
    if collection.take_named(walk):
        collection.take_asked(Walk(source, roster, lessons, owner, CollectReport()))
    if without := walk.without():
        collection.take_others(Walk(source, roster, lessons, owner, report), without)
    collection.remark()
    return report


def assign(
    inbox: Inbox, path: Path, *, roster: Roster, exercises: Manifest, student: str, exercise: str = ""
) -> CollectReport:
    """Give a notebook that lies among the unmatched to a student, with the time at which it came.

    Raises
    ------
    CollectError
        When it does not lie there, or which exercise it is can neither be told nor was said.
    """
    one = next((one for one in inbox.unmatched() if one.path.resolve() == path.resolve()), None)
    if one is None:
        raise CollectError("this is not one of the inbox's unmatched notebooks", where=str(path))
    data = one.read()
    lesson = exercise or one.lesson or layouts.lesson_of(one.inside or one.original, data, layouts.released_cells(exercises))
    if not lesson:
        raise CollectError("which exercise it is cannot be told", where=str(path), remedy="say it with --exercise")
    owner = roster[student].id
    exercises[lesson].variant_of(owner)
    arrival = Arrival(one.time, one.original, one.source, one.clock, one.marked, one.inside)
    submission, new = inbox.put(data, arrival, lesson=exercises[lesson].lesson, student=owner)
    return CollectReport(added=[submission] if new else [], duplicates=[] if new else [submission])
