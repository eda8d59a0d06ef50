"""When work was handed in, where the archive does not say: a CSV of one's own, or Moodle's grading worksheet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from workbench.grading.manifest import Manifest
from workbench.grading.people import names, tables
from workbench.grading.people.policy import EVERY, PolicyError, exercise_of, moment
from workbench.grading.people.roster import Roster

_WORKSHEET = ("Last modified (submission)", "Last modified (Submission)")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_ENGLISH = re.compile(r"(?:[A-Za-z]+, )?(\d{1,2}) ([A-Za-z]+) (\d{4}), (\d{1,2}):(\d{2}) ([AP])M", re.IGNORECASE)


def read_times(path: Path, roster: Roster, exercises: Manifest) -> dict[tuple[str, str], datetime]:
    """When each student's work came, by student and exercise.

    Parameters
    ----------
    path : Path
        A CSV with the columns ``student``, ``received`` (ISO 8601 with an offset) and, where it tells several, ``exercise``;
        or a grading worksheet of Moodle in English, whose times are taken as local time of this machine.
    exercises : Manifest
        What they were handed in for.

    Returns
    -------
    dict
        The exercise is ``*`` where the file does not name one.

    Raises
    ------
    PolicyError
        When it is neither, a time cannot be read, a student is not on the roster, or an exercise was not released.
    TableError
        When it cannot be read.
    """
    table = tables.read(path)
    if table.column(*_WORKSHEET) is not None:
        return _worksheet(table, roster)
    if table.column("student") is None or table.column("received") is None:
        raise PolicyError("no times of submission", where=str(path), remedy="the columns are student, received, exercise")
    times: dict[tuple[str, str], datetime] = {}
    for line, record in table.records():
        where = f"{path}:{line}"
        found = roster.match(record["student"])
        if found is None:
            what = f"`{names.shown(record['student'])}` is nobody on the roster, or more than one"
            raise PolicyError(what, where=where, remedy=roster.nearest(record["student"]))
        lesson = exercise_of(record.get("exercise", "") or EVERY, exercises.exercises, where=where)
        times[found.id, lesson] = moment(record["received"], where=where)
    return times


def _worksheet(table: tables.Table, roster: Roster) -> dict[tuple[str, str], datetime]:
    """Students who handed in nothing have ``-`` there; those who are not on the roster are nobody's."""
    times: dict[tuple[str, str], datetime] = {}
    for line, record in table.records():
        text = record[_WORKSHEET[0].casefold()]
        found = _who(record, roster)
        if found and text not in ("", "-"):
            times[found, EVERY] = _english(text, f"{table.where}:{line}")
    return times


def _who(record: Mapping[str, str], roster: Roster) -> str:
    number = re.sub(r"\D", "", record.get("identifier", ""))
    found = (
        roster.by_key("moodle", number)
        or roster.match(record.get("email address", ""))
        or roster.match(record.get("full name", ""))
    )
    return found.id if found else ""


def _english(text: str, where: str) -> datetime:
    match = _ENGLISH.fullmatch(text.replace("\u202f", " "))
    if match is None or match.group(2).lower() not in _MONTHS:
        raise PolicyError(f"`{names.shown(text, length=60)}` is not a time in Moodle's English form", where=where)
    month = _MONTHS.index(match.group(2).lower()) + 1
    day, year, hour, minute = (int(match.group(group)) for group in (1, 3, 4, 5))
    try:
        return datetime(year, month, day, hour % 12 + (12 if match.group(6) in "pP" else 0), minute).astimezone()
    except ValueError as error:
        raise PolicyError(f"`{names.shown(text, length=60)}` is not a time", where=where) from error
