"""The inbox: every submission that ever came, by exercise and student; nothing in it is changed or overwritten.

``INBOX/<lesson>/<student>/<NNNN>-<sha12>.ipynb`` with a record of the same name in ``.json``; what could not be attributed
lies in ``INBOX/unmatched/``, what is no notebook in ``INBOX/other/<student>/``. The record is written last: a file without
one came while the machine went down, and gets its record when the same source is collected again.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from workbench import files
from workbench.grading.arrivals import counting
from workbench.grading.arrivals.entry import ending
from workbench.grading.arrivals.submission import Absent, Arrival, Counted, InboxError, Submission
from workbench.grading.manifest import ReleasedExercise
from workbench.grading.people import names
from workbench.grading.people.policy import Policy

__all__ = ["OTHER", "UNMATCHED", "Absent", "Arrival", "Counted", "Inbox", "InboxError", "Submission"]

UNMATCHED = "unmatched"
OTHER = "other"
_NOTEBOOK = ".ipynb"
_OURS = (UNMATCHED, OTHER)
_FIELDS = ("student", "lesson", "sha256", "received", "original", "source", "size", "clock", "marked", "inside", "why")


@dataclass(frozen=True)
class Inbox:
    """An inbox in `folder`, which is made when the first submission is put into it."""

    folder: Path

    @property
    def exists(self) -> bool:
        """Whether there is anything in `folder` that collecting writes."""
        return (self.folder / ".lock").is_file() or (self.folder / UNMATCHED).is_dir() or bool(self.submissions())

    def put(self, data: bytes, arrival: Arrival, *, lesson: str, student: str) -> tuple[Submission, bool]:
        """Keep a submission, and say whether it is a new one.

        The same bytes again are not, as long as the student handed in nothing else between. After something else they are:
        then the student has gone back to them.
        """
        for segment in (lesson, student):
            _check_segment(segment)
        with self._locked():
            before = sorted(self._read(self.folder / lesson / student), key=lambda one: one.order)
            digest = files.digest_bytes(data)
            earlier = [one for one in before if one.time <= arrival.received]
            known = [one for one in earlier if one.sha256 == digest and one.time == arrival.received]
            known += earlier[-1:] if earlier and earlier[-1].sha256 == digest else []
            if known:
                return known[0], False
            record = {"student": student, "lesson": lesson, "sha256": digest, "size": len(data)}
            return self._write(self.folder / lesson / student, data, record, arrival), True

    def set_aside(self, data: bytes, arrival: Arrival, *, why: str, lesson: str = "") -> tuple[Submission, bool]:
        """Keep a notebook that cannot be attributed, and say whether it is a new one."""
        return self._keep(self.folder / UNMATCHED, data, {"student": "", "lesson": lesson, "why": why}, arrival)

    def keep_other(self, data: bytes, arrival: Arrival, *, student: str, lesson: str = "") -> tuple[Submission, bool]:
        """Keep what a student handed in that is no notebook, and say whether it is new; nothing ever opens it here."""
        _check_segment(student)
        record = {"student": student, "lesson": lesson, "why": "it is no notebook", "ending": ending(arrival.original)}
        return self._keep(self.folder / OTHER / student, data, record, arrival)

    def _keep(self, folder: Path, data: bytes, record: dict[str, Any], arrival: Arrival) -> tuple[Submission, bool]:
        """Keep the same bytes from the same place in a source once."""
        with self._locked():
            digest = files.digest_bytes(data)
            for one in self._read(folder, digest):
                if (one.sha256, one.original, one.inside) == (digest, arrival.original, arrival.inside):
                    return one, False
            return self._write(folder, data, {**record, "sha256": digest, "size": len(data)}, arrival), True

    def submissions(self, lesson: str | None = None) -> list[Submission]:
        """All submissions (of one lesson), in the order of lesson, student and arrival, without `unmatched` and `others`.

        Raises
        ------
        InboxError
            When a record cannot be read.
        """
        lessons = [lesson] if lesson else [name for name in _folders(self.folder) if name not in _OURS]
        return [
            one
            for name in lessons
            for student in _folders(self.folder / name)
            for one in sorted(self._read(self.folder / name / student), key=lambda one: one.order)
        ]

    def unmatched(self) -> list[Submission]:
        """What could not be attributed, and has not been since: the same bytes from the same place in a source."""
        known = {(one.sha256, one.original, one.inside) for one in self.submissions()}
        aside = self._read(self.folder / UNMATCHED)
        return [one for one in aside if (one.sha256, one.original, one.inside) not in known]

    def others(self) -> list[Submission]:
        """What was handed in and is no notebook, by student and arrival."""
        folder = self.folder / OTHER
        return [
            one for student in _folders(folder) for one in sorted(self._read(folder / student), key=lambda one: one.order)
        ]

    def counting(
        self,
        released: ReleasedExercise,
        policy: Policy | None = None,
        *,
        readable: Callable[[Submission], bool] | None = None,
    ) -> list[Counted]:
        """The submission of each student that counts, in the order of their ids: the last in time that is accepted.

        Only students to whom the exercise was released are looked at.

        Parameters
        ----------
        readable : callable, optional
            Whether a notebook can be made of a submission. What cannot be read gives way to the last that can; where
            none can, the last in time counts all the same. Asked only where a student has a choice.
        """
        found = []
        for _, theirs in self._theirs(released):
            choice = list(counting.ranked(theirs, released, policy or Policy()))
            if readable is not None and len(choice) > 1:
                found.append(_last_readable(choice, readable))
            else:
                found += choice[:1]
        return found

    def absent(self, released: ReleasedExercise, policy: Policy | None = None) -> list[Absent]:
        """Students of whom nothing counts, in the order of their ids."""
        policy, rows = policy or Policy(), []
        for student, theirs in self._theirs(released):
            if counting.choose(theirs, released, policy) is None:
                rule = policy.of(student, released.lesson)
                late = f"came after the last day: {len(theirs)} submission(s)" if theirs else ""
                rows.append(Absent(student, rule.excused, "; ".join(filter(None, (rule.note, late)))))
        return rows

    def _theirs(self, released: ReleasedExercise) -> list[tuple[str, list[Submission]]]:
        by_student: dict[str, list[Submission]] = defaultdict(list)
        for one in self.submissions(released.lesson):
            by_student[one.student].append(one)
        return [(student, by_student[student]) for student in sorted(released.students)]

    def _read(self, folder: Path, digest: str = "") -> list[Submission]:
        if not folder.is_dir():
            return []
        return [_submission(path) for path in sorted(folder.glob(f"*-{digest[:12]}*.json"))]

    def _write(self, folder: Path, data: bytes, record: dict[str, Any], arrival: Arrival) -> Submission:
        """Write file and record under the next number; a file that lost its record gets one."""
        try:
            return self._written(folder, data, record, arrival)
        except OSError as error:
            raise InboxError(
                f"the submission cannot be kept: {error.strerror}",
                where=str(folder),
                remedy="collect the same source again when that is mended; what has been kept stays",
            ) from error

    def _written(self, folder: Path, data: bytes, record: dict[str, Any], arrival: Arrival) -> Submission:
        folder.mkdir(parents=True, exist_ok=True)
        digest = str(record["sha256"])
        kind = record.get("ending", _NOTEBOOK)
        orphans = [path for path in folder.glob(f"*-{digest[:12]}{kind}") if not path.with_suffix(".json").exists()]
        path = next((path for path in orphans if files.digest_file(path) == digest), None)
        if path is None:
            taken = [int(path.name.partition("-")[0]) for path in folder.glob("[0-9]*-*")]
            path = folder / f"{max(taken, default=0) + 1:04d}-{digest[:12]}{kind}"
            files.write_bytes(path, data)
        told = {**asdict(arrival), "received": arrival.received.isoformat()}
        files.write_json(path.with_suffix(".json"), {**record, **told, "exercise": record["lesson"]})
        return _submission(path.with_suffix(".json"))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One collector writes at a time; the lock ends with the process that holds it."""
        try:
            if not self.folder.is_dir():
                self.folder.mkdir(parents=True, exist_ok=True)
                self.folder.chmod(0o700)  # other people's work and names
            handle = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise InboxError(f"the inbox cannot be written: {error.strerror}", where=str(self.folder)) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _submission(path: Path) -> Submission:
    try:
        table = json.loads(path.read_bytes())
        known = {name: table[name] for name in _FIELDS if name in table}
        found = Submission(**known, path=path.with_suffix(table.get("ending", _NOTEBOOK)))
        if found.time.tzinfo is None or len(found.sha256) != 64:
            raise ValueError("a field has no usable value")
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InboxError(
            f"the record cannot be read: {error}", where=str(path), remedy="remove it and collect its source again"
        ) from error
    return found


def _last_readable(choice: list[Counted], readable: Callable[[Submission], bool]) -> Counted:
    """The first of `choice` that can be read, with the names of those before it."""
    for place, one in enumerate(choice):
        if readable(one.submission):
            later = tuple(skipped.submission.original or skipped.submission.path.name for skipped in choice[:place])
            if not later:
                return one
            remark = "a later file cannot be read: " + ", ".join(names.shown(name) for name in later)
            return replace(one, unread=later, note="; ".join(filter(None, (one.note, remark))))
    return choice[0]


def _folders(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []


def _check_segment(text: str) -> None:
    if not names.is_segment(text) or text in _OURS:
        raise InboxError(f"`{names.shown(text)}` cannot be the name of a folder in the inbox")
