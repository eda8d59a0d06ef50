"""Going through what was handed in: every notebook with whose it is, those in the students' own archives too.

What is no notebook is gone through once more where a student handed in nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from workbench.grading.arrivals import archive, layouts, zipped
from workbench.grading.arrivals.entry import ArchiveError, Entry, RefusedError
from workbench.grading.arrivals.inbox import Submission
from workbench.grading.arrivals.layouts import Place
from workbench.grading.people import names
from workbench.grading.people.roster import Roster

MOST_EACH = 100
"""Notebooks that one collection takes from one student; no honest one has more."""

OTHERS_EACH = 20
"""Files that are no notebook which one collection keeps of one student."""

BYTES_EACH = 128 << 20
"""Bytes that one collection reads of one student's, archives and what is in them."""

_LISTED = 1_000  # refusals kept by name; beyond that they are counted
_TWO_PEOPLE = "two people of the platform have this name: give a roster with its numbers"
_RUBBISH = ("__MACOSX", ".ipynb_checkpoints")


@dataclass(frozen=True)
class Refused:
    """A file that was not taken. Both fields are fit for one line of a terminal."""

    path: str
    why: str


@dataclass
class CollectReport:
    """What came of one collection.

    Attributes
    ----------
    added, duplicates : list of Submission
        New in the inbox; there before.
    unmatched : list of Submission
        Kept aside, with the reason in `Submission.why`.
    other : list of Submission
        No notebooks, of students who handed in none: kept for a person to read, whether they were there before or not.
    refused : list of Refused
        Not taken: too large, damaged, and so on; the first thousand.
    ignored : int
        Files beside notebooks: data, checkpoints, figures.
    notes : list of str
        What the instructor should know before grading.
    """

    added: list[Submission] = field(default_factory=list)
    duplicates: list[Submission] = field(default_factory=list)
    unmatched: list[Submission] = field(default_factory=list)
    other: list[Submission] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    ignored: int = 0
    notes: list[str] = field(default_factory=list)
    unlisted: int = 0

    @property
    def ok(self) -> bool:
        """Whether everything found its place."""
        return not self.unmatched and not self.other and not self.refused

    def refuse(self, path: str, why: str) -> None:
        """List one refusal."""
        if len(self.refused) < _LISTED:
            self.refused.append(Refused(names.shown(path), names.shown(why)))
        else:
            self.unlisted += 1


@dataclass(frozen=True)
class Found:
    """A notebook in a source, or what there is in place of one, not read yet.

    Attributes
    ----------
    original : str
        Path within the source.
    inside : str
        Path within the student's own archive, where it lies in one; `original` is then the archive's.
    stamp : datetime or None
        When it came, as far as the source tells.
    """

    entry: Entry
    place: Place
    original: str
    stamp: datetime | None
    inside: str = ""


@dataclass
class Walk:
    """One walk through a source."""

    source: Path
    roster: Roster
    lessons: Sequence[str]
    student: str
    report: CollectReport
    taken: Counter[str] = field(default_factory=Counter)
    spent: Counter[str] = field(default_factory=Counter)
    beside: dict[str, str] = field(default_factory=dict)

    def notebooks(self) -> Iterator[tuple[Found, bytes]]:
        """Each notebook with its bytes; what cannot be read goes to the report."""
        for found in self._found():
            owner = found.place.student or found.original
            self.taken[owner] += 1
            if self.taken[owner] > MOST_EACH:
                self.report.refuse(_full_path(found), f"{owner} has more than {MOST_EACH} notebooks here")
                continue
            try:
                data = self._read(found.entry, owner)
            except RefusedError as error:
                self.report.refuse(_full_path(found), error.what)
                continue
            yield found, data

    def without(self) -> dict[str, str]:
        """Students who handed in something, and no notebook among it, each with a path of theirs; after `notebooks`."""
        return {student: path for student, path in self.beside.items() if not self.taken[student]}

    def others(self, students: Collection[str]) -> Iterator[tuple[Found, bytes]]:
        """What is no notebook of those `students`, as it came: archives whole; what cannot be read was refused before."""
        for entry, place in self._entries():
            student = place.student
            if student not in students or entry.refused or _is_rubbish(entry.path):
                continue
            self.taken[student] += 1
            if self.taken[student] > OTHERS_EACH:
                self.report.refuse(entry.path, f"{student} has more than {OTHERS_EACH} files here that are no notebook")
                continue
            try:
                yield Found(entry, place, entry.path, entry.stamp), self._read(entry, student)
            except RefusedError as error:
                self.report.refuse(entry.path, error.what)

    def _read(self, entry: Entry, owner: str) -> bytes:
        """The bytes of an entry, counted for its owner: one person's archives may not keep everybody waiting."""
        if self.spent[owner] > BYTES_EACH:
            raise RefusedError(f"{owner} has handed in more than {BYTES_EACH >> 20} MB here")
        data = entry.read()
        self.spent[owner] += len(data)
        return data

    def _entries(self) -> Iterator[tuple[Entry, Place]]:
        """Each file with whose it is."""
        paths = [entry.path for entry in archive.entries(self.source) if not _is_rubbish(entry.path)]
        level = layouts.student_level(paths, self.roster, self.lessons)
        namesakes = self._namesakes(paths, level)
        for entry in archive.entries(self.source):
            place = self._place(entry.path, level)
            if place.number and (place.student, _upper(entry.path, level)) in namesakes:
                place = replace(place, student="", why=_TWO_PEOPLE)
            yield entry, place

    def _found(self) -> Iterator[Found]:
        for entry, place in self._entries():
            if _is_rubbish(entry.path):
                self.report.ignored += 1
            elif entry.is_archive and not entry.refused:
                yield from self._within(entry, place)
            elif entry.is_notebook:
                yield Found(entry, place, entry.path, entry.stamp)
            else:
                self._pass_over(entry, place)

    def _namesakes(self, paths: Sequence[str], level: int | None) -> set[tuple[str, str]]:
        """Students by whose name alone two people of the platform are called, each with the folder where that is so."""
        numbers: dict[tuple[str, str], set[str]] = {}
        for path in paths:
            place = self._place(path, level)
            if place.student and place.number:
                numbers.setdefault((place.student, _upper(path, level)), set()).add(place.number)
        return {whose for whose, found in numbers.items() if len(found) > 1}

    def _within(self, entry: Entry, place: Place) -> Iterator[Found]:
        """The notebooks of an archive that a student handed in: whatever it says within, they are the student's."""
        if place.student:
            self.beside.setdefault(place.student, entry.path)
        try:
            inner = zipped.of_bytes(self._read(entry, place.student or entry.path))
            for one in inner:
                if _is_rubbish(one.path):
                    self.report.ignored += 1
                elif one.is_archive:
                    self.report.refuse(f"{entry.path}/{one.path}", "an archive within an archive within the source")
                elif one.is_notebook:
                    own = replace(place, name=PurePosixPath(one.path).name)
                    # Time stamps within are the student's to write: what counts is when the archive came.
                    yield Found(one, own, entry.path, entry.stamp, one.path)
                else:
                    self._pass_over(one, place)
        except (ArchiveError, RefusedError) as error:
            self.report.refuse(entry.path, error.what)

    def _pass_over(self, entry: Entry, place: Place) -> None:
        if entry.refused:
            self.report.refuse(entry.path, entry.refused)
        else:
            self.report.ignored += 1
        if place.student:
            self.beside.setdefault(place.student, entry.path)

    def _place(self, path: str, level: int | None) -> Place:
        if self.student:
            return Place(self.student, name=PurePosixPath(path).name)
        return layouts.place(path, self.roster, self.lessons, level=level)


def _full_path(found: Found) -> str:
    return f"{found.original}/{found.inside}" if found.inside else found.original


def _upper(path: str, level: int | None) -> str:
    """The folder in which students' folders or files lie: Moodle numbers people anew in each assignment."""
    folders = path.split("/")[:-1]
    return "/".join(folders if level is None else folders[:level])


def _is_rubbish(path: str) -> bool:
    """Whether a path is one of those that programs leave beside files."""
    parts = path.split("/")
    return any(part in _RUBBISH for part in parts) or parts[-1].startswith("._")
