"""Scores as CSV: a plain one, and the very files that Canvas and Moodle export, with their ids and columns kept, filled in.

Every cell of text is quoted and cannot be taken for a formula (`tables.write`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workbench.errors import GradingError
from workbench.grading.book.rows import Enrollable, Score, Total
from workbench.grading.people import names, tables
from workbench.grading.people.roster import Roster, Student, of_rows
from workbench.grading.people.tables import Table

_ASSIGNMENT = re.compile(r"(.*\S)\s*\((\d+)\)", re.DOTALL)  # a column of Canvas's: "Title (4711)"
_EMPTY = ("", "-")  # a cell without a score, in Canvas and in Moodle
_EXCUSED = "EX"  # what Canvas writes and reads for excused work
_CANVAS_IDENTITY = (
    *("student", "lastname", "firstname", "id", "sis user id", "sis login id"),
    *("integration id", "root account", "section"),
)


class TemplateError(GradingError):
    """An export of a learning platform's that the scores cannot be filled into."""

    exit_code = 2


@dataclass(frozen=True)
class Overwritten:
    """A cell of the platform's that had another value."""

    student: str
    lesson: str
    before: str
    after: str


@dataclass(frozen=True)
class Export:
    """A file for a learning platform.

    Attributes
    ----------
    text : str
        CSV.
    filled : int
        Scores that were written.
    notes : tuple of str
        What the instructor should know: students without a row, points that were scaled.
    changes : tuple of Overwritten
        Cells that had a value, and now have another one.
    left : tuple of (str, str)
        Students who have handed in nothing, and the exercise: their cells are as they were.
    """

    text: str
    filled: int
    notes: tuple[str, ...] = ()
    changes: tuple[Overwritten, ...] = ()
    left: tuple[tuple[str, str], ...] = ()


@dataclass
class _Filling:
    """Scores on their way into a template."""

    people: Roster
    totals: Mapping[tuple[str, str], Total]
    rows: list[list[str]]
    decimal: str
    missing_as_zero: bool
    filled: int = 0
    changes: list[Overwritten] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    met: set[str] = field(default_factory=set)
    notes: dict[str, None] = field(default_factory=dict)

    def owner(self, student: Student | None, row: int) -> str:
        """Whose a row is; empty where it is no student's of ours, or a second one of the same."""
        person = self.people.recognise(student) if student else None
        if person is None:
            if student:
                self.notes[f"{student.name or student.id} is in the platform's file and not in the gradebook"] = None
            return ""
        if person.id in self.met:
            self.notes[f"row {row + 2} is a second one of {person.id}'s and was left as it is"] = None
            return ""
        self.met.add(person.id)
        return person.id

    def fill(self, row: int, column: int, total: Total | None, most: float | None, excused: str | None) -> None:
        """Write one total; where there is no score, or nothing was handed in, the platform's own cell stays as it is."""
        if total is None:
            return
        old = self.rows[row][column].strip()
        if total.standing.excused:
            if excused is None:
                self.notes[f"{total.student} is excused from {total.lesson}, which this platform's file cannot say"] = None
                return
            self.rows[row][column] = excused
        elif total.standing.state == "missing" and not total.earned and not self.missing_as_zero:
            self.left.append((total.student, total.lesson))
            return
        elif total.points is None:
            self.notes[f"{total.student} has no complete score for {total.lesson} yet"] = None
            return
        else:
            points = total.points
            if most is not None and total.out_of and most != total.out_of:
                points = points / total.out_of * most
                self.notes[f"{total.lesson}: scaled from {total.out_of:g} points to the platform's {most:g}"] = None
            self.rows[row][column] = number(points).replace(".", self.decimal)
        self.filled += 1
        new = self.rows[row][column]
        if old not in _EMPTY and not _same(old, new):
            self.changes.append(Overwritten(total.student, total.lesson, old, new))

    def done(self, header: Sequence[str], keep: Sequence[int], delimiter: str) -> Export:
        """The file, with what nobody's row was found for."""
        for student in sorted({student for student, _ in self.totals} - self.met):
            self.notes[f"{student} is in the gradebook and has no row in the platform's file"] = None
        rows = [[row[column] for column in keep] for row in self.rows]
        text = tables.write([[header[column] for column in keep], *rows], delimiter=delimiter)
        return Export(text, self.filled, tuple(self.notes), tuple(self.changes), tuple(self.left))


def plain_csv(scores: Sequence[Score], totals: Sequence[Total], students: Sequence[Enrollable]) -> str:
    """One line a student and question, in the order of `scores`, with the total of each exercise after its last question.

    Columns: student, name, email, exercise, question, points, out_of, counts (points after what lateness takes off),
    outcome, source, late_days, note. A score that does not exist yet is an empty cell.
    """
    known = {student.id: student for student in students}
    by_place = {(total.lesson, total.student): total for total in totals}
    rows: list[list[object]] = [
        [
            "student",
            "name",
            "email",
            "exercise",
            "question",
            "points",
            "out_of",
            "counts",
            "outcome",
            "source",
            "late_days",
            "note",
        ]
    ]
    for position, score in enumerate(scores):
        person = known.get(score.student)
        who = [score.student, person.name if person else "", person.email if person else "", score.lesson]
        counts = None if score.points is None else score.points * score.factor
        numbers = [_cell(score.points), _cell(score.out_of), _cell(counts)]
        rows.append([*who, score.slug, *numbers, score.outcome, score.source, "", ""])
        place = (score.lesson, score.student)
        following = scores[position + 1] if position + 1 < len(scores) else None
        if place in by_place and (following is None or (following.lesson, following.student) != place):
            total = by_place[place]
            standing = total.standing
            state = "excused" if standing.excused else standing.state
            numbers = [_cell(total.earned), _cell(total.out_of), _cell(total.points)]
            rows.append([*who, "", *numbers, "total", state, _cell(standing.late_days), standing.note])
    return tables.write(rows)


def canvas_csv(
    totals: Sequence[Total],
    people: Roster,
    template: Path,
    *,
    columns: Mapping[str, str] | None = None,
    titles: Mapping[str, str] | None = None,
    everything: bool = False,
    missing_as_zero: bool = False,
) -> Export:
    """Canvas's own gradebook export with the totals in it, to be imported there.

    Kept are the columns that say who a student is and those that are filled, with their headings, and the rows above the
    students: so the import changes nothing that somebody has graded in Canvas meanwhile.

    Parameters
    ----------
    people : Roster
        The students of the gradebook; with Canvas's numbers where known, else they are recognised by login or name.
    columns : mapping, optional
        Heading, title or number of the assignment, by lesson; without it, the one whose title has the lesson's slug
        or its title in it.
    titles : mapping, optional
        The lesson's title, by slug.
    everything : bool
        Keep all columns of the export.
    missing_as_zero : bool
        Write 0 for who handed in nothing; else the platform's own cell stays, which may hold what came on paper.

    Raises
    ------
    TemplateError
        When it is no gradebook of Canvas's, or the assignment of a lesson cannot be told.
    """
    table = tables.read(template)
    if table.column("ID") is None or table.column("Section", "SIS Login ID", "SIS User ID") is None:
        raise TemplateError("not a gradebook export of Canvas's", where=str(template))
    students = of_rows(table)
    possible = next((row for row in table.rows if row[0].strip().casefold() == "points possible"), ())
    lessons = sorted({total.lesson for total in totals})
    place = {lesson: _assignment(table, lesson, columns or {}, titles or {}) for lesson in lessons}
    decimal = (
        "," if table.delimiter == ";" and any("," in possible[column] for column in place.values() if possible) else "."
    )
    filling = _filling(table, people, totals, decimal, missing_as_zero)
    for row, student in enumerate(students):
        if owner := filling.owner(student, row):
            for lesson, column in place.items():
                most = _number(possible[column]) if possible else None
                filling.fill(row, column, filling.totals.get((owner, lesson)), most, _EXCUSED)
    identity = [n for n, name in enumerate(table.header) if name.casefold() in _CANVAS_IDENTITY and n not in place.values()]
    keep = range(len(table.header)) if everything else sorted({*identity, *place.values()})
    return filling.done(table.header, list(keep), table.delimiter)


def moodle_csv(
    totals: Sequence[Total],
    people: Roster,
    template: Path,
    *,
    lesson: str,
    column: str = "",
    missing_as_zero: bool = False,
) -> Export:
    """Moodle's own file with the totals of one exercise in it: a grading worksheet, or an export of the grader report.

    Parameters
    ----------
    lesson : str
        The exercise that the worksheet, or the column, is for.
    column : str, optional
        Heading of the column to fill; without it ``Grade`` of a worksheet, or the one column that has the lesson's slug in
        its heading.
    missing_as_zero : bool
        As for `canvas_csv`.

    Raises
    ------
    TemplateError
        When it is neither, or the column cannot be told.
    """
    table = tables.read(template)
    students = of_rows(table)
    worksheet = table.column("Identifier") is not None
    if not worksheet and table.column("First name", "Full name") is None:
        raise TemplateError("neither a grading worksheet nor a grader report of Moodle's", where=str(template))
    wanted = column or ("Grade" if worksheet else "")
    place = table.column(wanted) if wanted else _containing(table, lesson)
    if place is None:
        raise TemplateError(
            f"the column for {lesson} cannot be told",
            where=str(template),
            tried=f"`{names.shown(wanted)}`" if wanted else f"headings with `{lesson}` in them",
            remedy="name one of " + ", ".join(f"`{names.shown(name, length=60)}`" for name in table.header),
        )
    most = table.column("Maximum grade")
    mine = [total for total in totals if total.lesson == lesson]
    maximum = [row[most] for row in table.rows] if most is not None else []
    filling = _filling(table, people, mine, "," if any("," in text for text in maximum) else ".", missing_as_zero)
    for row, student in enumerate(students):
        if owner := filling.owner(student, row):
            limit = _number(maximum[row]) if maximum else None
            filling.fill(row, place, filling.totals.get((owner, lesson)), limit, None)
    return filling.done(table.header, range(len(table.header)), table.delimiter)


def number(points: float) -> str:
    """Points as text: four decimals at most, none that say nothing."""
    return f"{points:.4f}".rstrip("0").rstrip(".") if points else "0"


def _filling(table: Table, people: Roster, totals: Sequence[Total], decimal: str, missing_as_zero: bool) -> _Filling:
    by_place = {(total.student, total.lesson): total for total in totals}
    return _Filling(people, by_place, [list(row) for row in table.rows], decimal, missing_as_zero)


def _assignment(table: Table, lesson: str, columns: Mapping[str, str], titles: Mapping[str, str]) -> int:
    """The column of Canvas's assignment for a lesson."""
    found = {n: match for n, name in enumerate(table.header) if (match := _ASSIGNMENT.fullmatch(name))}
    if lesson in columns:
        wanted = columns[lesson].strip().casefold()
        hits = [n for n, match in found.items() if wanted in {text.casefold() for text in (match.group(0), *match.groups())}]
    else:
        words = [text for text in (_words(lesson), _words(titles.get(lesson, ""))) if text]
        hits = [n for n, match in found.items() if any(f" {word} " in f" {_words(match.group(1))} " for word in words)]
    if len(hits) != 1:
        raise TemplateError(
            f"{'no' if not hits else 'more than one'} assignment of the export is {lesson}",
            where=table.where,
            tried=f"`{names.shown(columns[lesson])}`"
            if lesson in columns
            else "the lesson's slug and title in the headings",
            remedy="name one of " + ", ".join(f"`{names.shown(match.group(0), length=60)}`" for match in found.values()),
        )
    return hits[0]


def _containing(table: Table, lesson: str) -> int | None:
    hits = [n for n, name in enumerate(table.header) if f" {_words(lesson)} " in f" {_words(name)} "]
    return hits[0] if len(hits) == 1 else None


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.replace("_", " ").casefold()))


def _number(text: str) -> float | None:
    """A number as a platform writes it, above nothing; None for anything else."""
    try:
        found = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return found if 0 < found < float("inf") else None


def _same(old: str, new: str) -> bool:
    """Whether two cells say the same: 12,00 is 12."""
    try:
        return abs(float(old.replace(",", ".")) - float(new.replace(",", "."))) < 1e-4
    except ValueError:
        return old.casefold() == new.casefold()


def _cell(value: float | None) -> object:
    return "" if value is None else round(value, 4)
