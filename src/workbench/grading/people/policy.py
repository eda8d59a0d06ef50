"""Extensions and excused work: ``policy.csv``, and what the terms of a release make of a time of arrival.

``policy.csv`` has the columns ``student, exercise, until, excused, note``::

    s001,02_data,2026-11-30T23:59:00+01:00,,illness
    s002,*,,yes,transferred credit

A line that names nobody, or no exercise, is refused: it would have no effect, and nobody would know.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from workbench.errors import GradingError
from workbench.grading.manifest import Manifest, Terms
from workbench.grading.people import names, tables
from workbench.grading.people.roster import Roster

EVERY = "*"
_YES, _NO = {"yes", "true", "1", "x"}, {"", "no", "false", "0"}
_COLUMNS = ("student", "exercise", "until", "excused", "note")


class PolicyError(GradingError):
    """A policy, or a date, that cannot be used."""

    exit_code = 2


@dataclass(frozen=True)
class Rule:
    """What is allowed to one student for one exercise.

    Attributes
    ----------
    until : datetime or None
        Takes the place of the due date.
    excused : bool
        The exercise does not count for them.
    note : str
        The reason; shown to the instructor only.
    """

    until: datetime | None = None
    excused: bool = False
    note: str = ""


@dataclass(frozen=True)
class Lateness:
    """What the terms make of one time of arrival.

    Attributes
    ----------
    accepted : bool
        False after the last day on which work is taken.
    days : int
        Days begun after the due date and its grace; 0 for work that is not late.
    factor : float
        The share of the points that is left, 0 to 1.
    """

    accepted: bool = True
    days: int = 0
    factor: float = 1.0


@dataclass(frozen=True)
class Policy:
    """All rules, by student and exercise; ``*`` stands for every exercise.

    Attributes
    ----------
    remarks : tuple of str
        Lines of the file that have no effect on this release, though they may on another.
    """

    rules: Mapping[tuple[str, str], Rule] = field(default_factory=dict)
    remarks: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def read(
        cls,
        path: Path,
        *,
        roster: Roster | None = None,
        release: Manifest | None = None,
        lessons: Sequence[str] = (),
    ) -> Policy:
        """Read ``policy.csv``.

        Parameters
        ----------
        roster : Roster, optional
            Where students are looked up, so that the file may use names and other identifiers; without it the file has ids.
        release : Manifest, optional
            What the policy is for. Without it, students and exercises are taken as they stand.
        lessons : sequence of str
            Exercises that the course has beside those of the release: a line for one of them is remarked, not refused.

        Raises
        ------
        PolicyError
            When a column is missing, a student is neither on the roster nor in the release, there is no such exercise, a
            date has no offset, or two lines contradict.
        TableError
            When it cannot be read.
        """
        table = tables.read(path)
        missing = [name for name in ("student", "exercise") if table.column(name) is None]
        if missing:
            raise PolicyError(
                f"there is no column `{missing[0]}`", where=str(path), remedy="the columns are " + ", ".join(_COLUMNS)
            )
        rules: dict[tuple[str, str], Rule] = {}
        remarks = []
        for line, record in table.records():
            where = f"{path}:{line}"
            key = (_student(record["student"], roster, where), record["exercise"] or EVERY)
            if release is not None:
                key, remark = _of_release(key, release, lessons, where=where, certain=roster is not None)
                remarks += [f"{where}: {remark}: the line has no effect"] if remark else []
            rule = _rule(record, where)
            if rules.setdefault(key, rule) != rule:
                raise PolicyError(f"`{key[0]}` has two different rules for `{key[1]}`", where=where)
        return cls(rules, tuple(remarks))

    def to_json(self) -> list[list[str]]:
        """As plain rows, in the order of the columns of ``policy.csv``."""
        return [
            [student, lesson, rule.until.isoformat() if rule.until else "", "yes" if rule.excused else "", rule.note]
            for (student, lesson), rule in sorted(self.rules.items())
        ]

    @classmethod
    def from_json(cls, rows: Sequence[Sequence[str]]) -> Policy:
        """Read what `to_json` wrote."""
        return cls({(row[0], row[1]): _rule(dict(zip(_COLUMNS, row, strict=True)), "policy") for row in rows})

    def of(self, student: str, lesson: str) -> Rule:
        """What is allowed to `student` for `lesson`; the rule for this very exercise comes before one for every exercise."""
        number = lesson.partition("_")[0]
        for exercise in (lesson, number, EVERY):
            if (student, exercise) in self.rules:
                return self.rules[student, exercise]
        return Rule()


def lateness(received: datetime, terms: Terms, rule: Rule) -> Lateness:
    """What `terms` make of work that came at `received`, with the student's own `rule` in place of the due date.

    Raises
    ------
    PolicyError
        When the due date is not ISO 8601 with an offset.
    """
    due = rule.until or (moment(terms.due, where="due date") if terms.due else None)
    if due is None:
        return Lateness()
    free_until = due + timedelta(minutes=terms.grace_minutes)
    days = max(0, math.ceil((received - free_until) / timedelta(days=1)))
    if days and terms.accept_days is not None and received > due + timedelta(days=terms.accept_days):
        return Lateness(accepted=False, days=days, factor=0.0)
    return Lateness(days=days, factor=after(days, terms))


def after(days: int, terms: Terms) -> float:
    """The share of the points that is left when `days` were begun, 0 to 1."""
    return min(1.0, max(0.0, 1.0 - days * terms.penalty_per_day))


def moment(text: str, *, where: str) -> datetime:
    """A point in time from ISO 8601 with an offset.

    Raises
    ------
    PolicyError
        When it is not one, or has no offset.
    """
    remedy = "write it as 2026-11-30T23:59:00+01:00"
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise PolicyError(f"`{names.shown(text, length=60)}` is not a date and time", where=where, remedy=remedy) from error
    if found.tzinfo is None:
        raise PolicyError(f"`{names.shown(text, length=60)}` has no offset from UTC", where=where, remedy=remedy)
    return found


def _student(text: str, roster: Roster | None, where: str) -> str:
    if roster is None:
        return text
    if text in roster:
        return text
    found = roster.match(text)
    if found is None:
        what = f"`{names.shown(text)}` is nobody on the roster, or more than one"
        raise PolicyError(what, where=where, remedy=roster.nearest(text))
    return found.id


def exercise_of(text: str, lessons: Iterable[str], *, where: str) -> str:
    """The one of `lessons` that `text` names, in full or by its number; ``*`` stays.

    Raises
    ------
    PolicyError
        When it names none.
    """
    if text == EVERY:
        return EVERY
    known = list(lessons)
    for one in known:
        if text in (one, one.partition("_")[0]):
            return one
    remedy = names.nearest(text, known) or "there are " + ", ".join(known)
    raise PolicyError(f"there is no exercise `{names.shown(text)}`", where=where, remedy=remedy)


def _of_release(
    key: tuple[str, str], release: Manifest, lessons: Sequence[str], *, where: str, certain: bool
) -> tuple[tuple[str, str], str]:
    """Student and exercise by their full names, and why a rule for them has no effect here; empty where it has one.

    `certain` says that there is such a student: they are on the roster.
    """
    student, lesson = key[0], exercise_of(key[1], dict.fromkeys((*release.exercises, *lessons)), where=where)
    given = {one for exercise in release.exercises.values() for one in exercise.students}
    if student not in given and not certain:
        what = f"`{names.shown(student)}` is no student of this release"
        raise PolicyError(
            what, where=where, remedy=names.nearest(student, given) or "name students by their ids, or add --roster"
        )
    remark = ""
    if lesson != EVERY and lesson not in release.exercises:
        remark = f"`{lesson}` is not in this release"
    elif student not in (given if lesson == EVERY else release.exercises[lesson].students):
        remark = f"`{student}` was not given {'any exercise' if lesson == EVERY else f'`{lesson}`'} of this release"
    return (student, lesson), remark


def _rule(record: Mapping[str, str], where: str) -> Rule:
    until, excused = record.get("until", ""), record.get("excused", "").casefold()
    if excused not in _YES | _NO:
        raise PolicyError(f"`excused` is `{names.shown(excused, length=40)}`", where=where, remedy="write yes or no")
    return Rule(
        until=moment(until, where=where) if until else None,
        excused=excused in _YES,
        note=names.clean(record.get("note", "")),
    )
