"""Who is in the class: a CSV of one's own, or what Canvas and Moodle export. Names are matched exactly or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from workbench.errors import GradingError
from workbench.grading.people import names, tables

# What a column of a roster of one's own tells, beside id, name and email: the kind of key that it holds.
_OWN_KEYS = {"canvas_id": "canvas", "sis_id": "sis", "login": "login", "moodle_id": "moodle", "participant": "moodle"}
_PARTICIPANT = re.compile(r"\D*(\d+)")  # "Participant 4711", in any language


class RosterError(GradingError):
    """A roster that cannot be used, or a student who is not on it."""

    exit_code = 2


@dataclass(frozen=True)
class Student:
    """One student.

    Attributes
    ----------
    id : str
        Permanent, and safe as the name of a folder (`names.is_segment`).
    name : str
        As shown to people: cleaned (`names.clean`), but still somebody else's text; escape it in HTML.
    email : str
        Empty where it is not known.
    keys : tuple of str
        What other systems call them, ``kind:value`` with the kinds ``canvas``, ``login``, ``sis``, ``moodle``.
    """

    id: str
    name: str = ""
    email: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Roster:
    """The students of a class, in the order of their file."""

    students: tuple[Student, ...]
    source: str = ""

    def __post_init__(self) -> None:
        seen: dict[str, Student] = {}
        for student in self.students:
            if not names.is_segment(student.id):
                raise RosterError(
                    f"the id `{names.shown(student.id)}` cannot be used: letters, digits and `. _ @ + -` only, 64 at most",
                    where=self.source,
                    remedy="give this student another id",
                )
            if student.id.casefold() in seen:
                raise RosterError(f"two students have the id `{student.id}`", where=self.source)
            seen[student.id.casefold()] = student

    def __iter__(self) -> Iterator[Student]:
        return iter(self.students)

    def __len__(self) -> int:
        return len(self.students)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._by_id

    def __getitem__(self, id_: str) -> Student:
        """The student with this id.

        Raises
        ------
        RosterError
            When there is none.
        """
        try:
            return self._by_id[id_]
        except KeyError:
            raise RosterError(f"`{names.shown(id_)}` is not on the roster", where=self.source) from None

    @classmethod
    def read(cls, path: Path) -> Roster:
        """Read a roster: our CSV, a Canvas gradebook, a Moodle grading worksheet, grader report or list of participants.

        Our CSV has the columns ``id``, ``name`` and ``email``, and may have ``canvas_id``, ``sis_id``, ``login`` and
        ``moodle_id``. From Canvas the id is the login, else the SIS id, else Canvas's number; from Moodle the username,
        else the ID number, else the email address, else the participant's number: in each row the first that can be used.

        Raises
        ------
        RosterError
            When it is none of these, or has nobody in it, or two students with the same id.
        TableError
            When it cannot be read.
        """
        students = tuple(student for student in of_rows(tables.read(path)) if student)
        if not students:
            raise RosterError("nobody is on this roster", where=str(path))
        return cls(students, str(path))

    def match(self, text: str) -> Student | None:
        """The one student whom `text` names: by id, key, email or name; None where it names nobody, or more than one."""
        folded = text.strip().casefold()
        found = {student.id for student in self._by_word.get(folded, ())}
        compact = names.compact(text)
        found |= {student.id for student in self._by_name.get(compact, ())} if compact else set()
        return self._by_id[found.pop()] if len(found) == 1 else None

    def nearest(self, text: str) -> str:
        """A question that names the students whom `text` may have been meant for; empty where it is like nobody's."""
        return names.nearest(text, (word for student in self for word in (student.id, student.name)))

    def named(self, text: str) -> tuple[Student, ...]:
        """All students whose name is `text`, in any order of its words."""
        return self._by_name.get(names.compact(text), ())

    def by_key(self, kind: str, value: str) -> Student | None:
        """The student with this key of another system, ``by_key("canvas", "4711")``; None where none or several have it."""
        found = self._by_key.get(f"{kind}:{value.strip().casefold()}", ())
        return found[0] if len(found) == 1 else None

    def recognise(self, student: Student) -> Student | None:
        """The one student here who is `student` of another roster; None where that is not certain.

        They are known by the same key of the same system or the same address; failing that by a word that both rosters have
        for them, where the names do not speak against it (a mere number may mean two things); failing that by their name,
        unless another system knows the two by different keys.
        """
        certain = {one.id for key in student.keys for one in self._by_key.get(key.casefold(), ())}
        certain |= {one.id for one in self._by_email.get(student.email.casefold(), ())}
        if certain:
            return self._by_id[certain.pop()] if len(certain) == 1 else None
        namesakes = {one.id for one in self.named(student.name)}
        words = {student.id, *(key.partition(":")[2] for key in student.keys)}
        shared = {one.id: word for word in words for one in self._by_word.get(word.casefold(), ())}
        if len(shared) == 1:
            ((found, word),) = shared.items()
            one = self._by_id[found]
            doubtful = bool(namesakes) or (word.isdigit() and bool(student.name) and bool(one.name))
            return one if found in namesakes or not doubtful else None
        if shared or len(namesakes) != 1:
            return None
        one = self._by_id[namesakes.pop()]
        return None if _contradict(one, student) else one

    def joined(self, other: Roster) -> Roster:
        """Return a roster of the same students, with the keys and addresses that `other` knows for them.

        Students are the same as `recognise` finds them; those who are only in `other` are left out.
        """
        gained: dict[str, Student] = {}
        for student in other:
            if same := self.recognise(student):
                same = gained.get(same.id, same)
                keys = tuple(dict.fromkeys((*same.keys, *student.keys)))
                gained[same.id] = replace(same, keys=keys, email=same.email or student.email)
        return Roster(tuple(gained.get(student.id, student) for student in self), self.source)

    @cached_property
    def _by_id(self) -> Mapping[str, Student]:
        return {student.id: student for student in self.students}

    @cached_property
    def _by_word(self) -> Mapping[str, tuple[Student, ...]]:
        """By id, address and the value of any key."""
        return _grouped((word, s) for s in self for word in {s.id, s.email, *(k.partition(":")[2] for k in s.keys)})

    @cached_property
    def _by_email(self) -> Mapping[str, tuple[Student, ...]]:
        return _grouped((student.email, student) for student in self)

    @cached_property
    def _by_key(self) -> Mapping[str, tuple[Student, ...]]:
        return _grouped((key, student) for student in self for key in set(student.keys))

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[Student, ...]]:
        return _grouped((form, student) for student in self for form in names.spellings(student.name))


def _grouped(pairs: Iterator[tuple[str, Student]]) -> dict[str, tuple[Student, ...]]:
    groups: dict[str, dict[str, Student]] = {}
    for word, student in pairs:
        if word:
            groups.setdefault(word.casefold(), {})[student.id] = student
    return {word: tuple(group.values()) for word, group in groups.items()}


def _contradict(one: Student, other: Student) -> bool:
    """Whether one system has different keys for the two. Moodle's numbers differ between assignments, and say nothing."""
    mine, theirs = (dict(key.partition(":")[::2] for key in student.keys) for student in (one, other))
    return any(mine[kind] != theirs[kind] for kind in mine.keys() & theirs.keys() - {"moodle"})


def of_rows(table: tables.Table) -> list[Student | None]:
    """The student of each row of a roster, in whichever form it is; None for rows that are no student's.

    Raises
    ------
    RosterError
        When its columns are no roster's, or a student has no id that can be used.
    """
    reader = next((r for needed, r in _FORMATS if all(table.column(*options) is not None for options in needed)), None)
    if reader is None:
        raise RosterError(
            "not a roster: its columns are " + ", ".join(f"`{names.shown(name, length=40)}`" for name in table.header[:12]),
            where=table.where,
            remedy="a CSV with the columns id, name, email, or the gradebook that Canvas or Moodle exports",
        )
    found = []
    for line, record in table.records():
        student = reader(record)
        if student is not None and not student.id:
            raise RosterError("this student has no id that can be used", where=f"{table.where}:{line}")
        found.append(student)
    return found


def _own(record: Mapping[str, str]) -> Student:
    keys = [f"{kind}:{record[column]}" for column, kind in _OWN_KEYS.items() if record.get(column)]
    return Student(record["id"], names.clean(record["name"]), names.clean(record.get("email", "")), tuple(keys))


def _canvas(record: Mapping[str, str]) -> Student | None:
    """A row of Canvas's gradebook; None for the rows of points possible and of manual posting, and the test student's."""
    number, login, sis = record["id"], record.get("sis login id", ""), record.get("sis user id", "")
    name = _flipped(record["student"]) if "student" in record else f"{record['firstname']} {record['lastname']}"
    if not number.isdigit() or record.get("student") == "Student, Test":
        return None
    keys = [f"canvas:{number}", *(f"{k}:{v}" for k, v in (("login", login), ("sis", sis)) if v)]
    return Student(_first_usable(login, sis, number), names.clean(name), login if "@" in login else "", tuple(keys))


def _moodle(record: Mapping[str, str]) -> Student | None:
    participant = _PARTICIPANT.fullmatch(record.get("identifier", ""))
    number = participant.group(1) if participant else ""
    login, own = record.get("username", ""), record.get("id number", "") or record.get("idnumber", "")
    email = record.get("email address", "") or record.get("email", "")
    surname = record.get("last name", "") or record.get("surname", "")
    name = record.get("full name", "") or f"{record.get('first name', '')} {surname}"
    if not (number or login or own or email):
        return None
    keys = [f"{k}:{v}" for k, v in (("moodle", number), ("login", login), ("sis", own)) if v]
    return Student(_first_usable(login, own, email, number), names.clean(name), names.clean(email), tuple(keys))


def _first_usable(*candidates: str) -> str:
    return next((text for text in candidates if names.is_segment(text)), "")


def _flipped(name: str) -> str:
    """The name in the order in which people write it, from "Doe, Jane"."""
    last, comma, first = names.clean(name).partition(", ")
    return f"{first} {last}" if comma else last


# The columns by which each form is known, each in any of its spellings, and how its rows are read.
_FORMATS: tuple[tuple[tuple[tuple[str, ...], ...], Callable[[Mapping[str, str]], Student | None]], ...] = (
    ((("ID",), ("Student", "LastName"), ("Section", "SIS Login ID", "SIS User ID")), _canvas),
    ((("id",), ("name",)), _own),
    ((("Identifier",), ("Status", "Grade", "Full name", "Email address")), _moodle),
    ((("First name", "Full name"), ("Username", "ID number", "Email address", "Email")), _moodle),
)
