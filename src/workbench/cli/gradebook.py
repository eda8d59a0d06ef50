"""``workbench gradebook``: reading scores, overruling one, and giving them to other programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from workbench.cli import columns
from workbench.cli.columns import points, shown
from workbench.cli.options import GRADEBOOK, Book
from workbench.errors import CourseError, GradingError, ParameterError
from workbench.files import write_text

if TYPE_CHECKING:
    from workbench.grading.book.gradebook import Gradebook
    from workbench.grading.book.rows import AuditEntry, Enrolled, Score
    from workbench.grading.people.roster import Roster

Format = Literal["plain", "canvas", "moodle"]
Exercise = Annotated[str, typer.Option("--exercise", help="By name or number; all where none is named.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print it as JSON, and nothing else.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept in the audit.")]
Who = Annotated[str, typer.Option("--who", help="Who says so; the account's name by default.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    group = typer.Typer(help="Read and correct scores; export them for a learning platform.", no_args_is_help=True)
    group.command("show")(show)
    group.command("set", context_settings={"ignore_unknown_options": True})(set_score)  # -1 is a number here, and refused
    group.command("clear")(clear)
    group.command("audit")(audit)
    group.command("export")(export)
    app.add_typer(group, name="gradebook")


def show(
    student: Annotated[str, typer.Argument(help="A student's id, for each question of theirs; totals without one.")] = "",
    *,
    gradebook: Book = GRADEBOOK,
    exercise: Exercise = "",
    as_json: AsJson = False,
) -> None:
    """Print the total of each student and exercise, or each question of one student.

    A total with a question mark is not complete: questions without a score are counted beside it.

    Example: workbench gradebook show s001 --exercise 02
    """
    from workbench.grading.book.gradebook import Gradebook

    with Gradebook.open(gradebook, write=False) as book:
        lesson = _lesson(book, exercise)
        scores = book.scores(lesson, student) if student else []
        totals = book.totals(lesson, student or None)
        faults = book.faults()
    if student and not totals:
        raise GradingError(f"`{student}` is not in the gradebook", remedy="workbench gradebook show")
    if as_json:
        rows = [asdict(one) for one in scores] if student else [asdict(one) for one in totals]
        typer.echo(json.dumps(rows, indent=1, ensure_ascii=True))
        return
    if student:
        columns.show(
            ("exercise", "question", "points", "of", "verdict", "by"),
            [(one.lesson, one.slug, points(one.points), points(one.out_of), one.outcome, one.source) for one in scores],
        )
    else:
        columns.show(
            ("student", "exercise", "points", "of", "without a score", "late", "state"),
            [
                (
                    one.student,
                    one.lesson,
                    points(one.points) if one.points is not None else f"{points(one.earned)}?",
                    points(one.out_of),
                    str(one.open or ""),
                    f"{one.standing.late_days:g} d, x {one.standing.factor:g}" if one.standing.late_days else "",
                    "excused" if one.standing.excused else one.standing.state,
                )
                for one in totals
            ],
        )
    for place in faults:
        if not student or place[1] == student:
            typer.echo("infrastructure error: " + " ".join(map(shown, place)))


def set_score(
    student: Annotated[str, typer.Argument(help="The student's id.")],
    question: Annotated[str, typer.Argument(help="The question's name: drift.psi.")],
    score: Annotated[float, typer.Argument(help="Points, before anything is taken off for lateness.")],
    *,
    reason: Reason,
    gradebook: Book = GRADEBOOK,
    exercise: Exercise = "",
    who: Who = "",
) -> None:
    """Set the score of a question. It stays through every regrade, and the audit says who set it and why.

    Example: workbench gradebook set s001 drift.psi 2 --reason "right, though written as a loop"
    """
    from workbench.grading.book.gradebook import Gradebook

    with Gradebook.open(gradebook, make=False) as book:
        lesson = _lesson(book, exercise) or ""
        now = book.set_score(student, question, score, reason=reason, who=who or _user(), lesson=lesson)
        typer.echo(_told(book.audit(student=student, slug=question)[-1], now))


def clear(
    student: Annotated[str, typer.Argument(help="The student's id.")],
    question: Annotated[str, typer.Argument(help="The question's name: drift.psi.")],
    *,
    reason: Reason,
    gradebook: Book = GRADEBOOK,
    exercise: Exercise = "",
    who: Who = "",
) -> None:
    """Take back what `gradebook set` said: the recorded verdict counts again.

    Example: workbench gradebook clear s001 drift.psi --reason "meant for another student"
    """
    from workbench.grading.book.gradebook import Gradebook

    with Gradebook.open(gradebook, make=False) as book:
        lesson = _lesson(book, exercise) or ""
        now = book.clear_override(student, question, reason=reason, who=who or _user(), lesson=lesson)
        typer.echo(_told(book.audit(student=student, slug=question)[-1], now))


def audit(
    *,
    gradebook: Book = GRADEBOOK,
    student: Annotated[str, typer.Option("--student", help="Of this student only.")] = "",
    question: Annotated[str, typer.Option("--question", help="Of this question only.")] = "",
    as_json: AsJson = False,
) -> None:
    """Print every change of a score: who, when, from what to what, and why.

    Example: workbench gradebook audit --student s001
    """
    from workbench.grading.book.gradebook import Gradebook

    with Gradebook.open(gradebook, write=False) as book:
        entries = book.audit(student=student or None, slug=question or None)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in entries], indent=1, ensure_ascii=True))
        return
    columns.show(
        ("when", "who", "what", "student", "question", "points", "why"),
        [
            (
                one.when,
                one.who,
                one.action,
                one.student,
                one.slug,
                f"{points(one.before)} -> {points(one.after)}",
                one.reason,
            )
            for one in entries
        ],
    )


def export(
    *,
    format: Annotated[Format, typer.Option("--format", help="What reads it.")] = "plain",
    template: Annotated[
        Path | None,
        typer.Option("--template", help="The platform's own export; its ids and columns are kept.", exists=True),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; printed where none is named.")] = None,
    gradebook: Book = GRADEBOOK,
    exercise: Exercise = "",
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="EXERCISE=HEADING", help="The platform's column for an exercise; may be repeated."),
    ] = None,
    roster: Annotated[
        list[Path] | None, typer.Option("--roster", help="Rosters that say what the platform calls the students.")
    ] = None,
    missing_as_zero: Annotated[
        bool,
        typer.Option("--missing-as-zero", help="Write 0 for who handed in nothing; else the platform's own cell stays."),
    ] = False,
) -> None:
    """Write scores as CSV, safe to open in a spreadsheet: plain with every question, or totals for Canvas or Moodle.

    For Canvas and Moodle, give the file that the platform exports: it comes back with the totals filled in. A total that is
    not complete is left out and told; who handed in nothing keeps what the platform has. Each cell that had another value
    is listed with the old and the new one.

    Exit codes: 0 written; 1 something was left out; 2 no such exercise, or not an export of the platform's.

    Example: workbench gradebook export --format canvas --template grades.csv --out upload.csv
    """
    from workbench.grading.book.gradebook import Gradebook
    from workbench.grading.reports import lms

    with Gradebook.open(gradebook, write=False) as book:
        lesson = _lesson(book, exercise)
        places = {_lesson(book, name): heading for name, heading in _headings(column or ()).items()}
        scores, totals, students = book.scores(lesson), book.totals(lesson), book.students()
    if format == "plain":
        _give(lms.plain_csv(scores, totals, students), out)
        return
    if template is None:
        raise ParameterError(f"{format} needs its own export", where="--template", remedy="export the grades there first")
    if out is not None and out.resolve() == template.resolve():
        raise ParameterError("the platform's own export would be written over", where="--out", remedy="name another file")
    people = _people(students, roster or ())
    if format == "canvas":
        headings = {name: heading for name, heading in places.items() if name}
        done = lms.canvas_csv(totals, people, template, columns=headings, titles=_titles(), missing_as_zero=missing_as_zero)
    else:
        lesson = lesson or _only({total.lesson for total in totals})
        done = lms.moodle_csv(
            totals, people, template, lesson=lesson, column=places.get(lesson, ""), missing_as_zero=missing_as_zero
        )
    _give(done.text, out)
    for one in done.changes:  # what is printed must stay a CSV
        typer.echo(f"{one.student} {one.lesson}: {shown(one.before)} -> {shown(one.after)}", err=out is None)
    for student, name in done.left:
        typer.echo(f"{student} {name}: nothing was handed in, the cell stays as it is", err=out is None)
    for note in done.notes:
        typer.echo(f"note: {shown(note)}", err=True)
    typer.echo(f"{done.filled} scores", err=True)
    raise typer.Exit(1 if done.notes else 0)


def _headings(pairs: Sequence[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        exercise, equals, heading = pair.partition("=")
        if not equals:
            raise ParameterError(f"`{pair}` is not exercise=heading", where="--column")
        found[exercise] = heading
    return found


def _people(students: Sequence[Enrolled], rosters: Sequence[Path]) -> Roster:
    """The gradebook's students, with what rosters say of their other names."""
    from workbench.grading.people.roster import Roster, Student

    people = Roster(tuple(Student(one.id, one.name, one.email) for one in students))
    for path in rosters:
        people = people.joined(Roster.read(path))
    return people


def _titles() -> dict[str, str]:
    """The lessons' titles, where the course is at hand."""
    from workbench.catalog import Catalog
    from workbench.course import Course

    try:
        return {lesson.slug: lesson.title for lesson in Catalog.load(Course.find().catalog).lessons}
    except CourseError:
        return {}


def _only(lessons: set[str]) -> str:
    if len(lessons) != 1:
        raise ParameterError("Moodle takes one exercise a file", where="--exercise", remedy=", ".join(sorted(lessons)))
    return next(iter(lessons))


def _give(text: str, out: Path | None) -> None:
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_text(out, text)
        typer.echo(f"written: {out}", err=True)


def _lesson(book: Gradebook, exercise: str) -> str | None:
    """The exercise of that name or number; None for all."""
    if not exercise:
        return None
    names = list(book.questions())
    for name in names:
        if exercise in (name, name.partition("_")[0]):
            return name
    raise ParameterError(f"`{exercise}` is not in the gradebook", remedy="there are " + ", ".join(names))


def _told(entry: AuditEntry, now: Score) -> str:
    line = f"{now.student} {now.slug}: {points(entry.before)} -> {points(now.points)} of {points(now.out_of)}"
    return line + ("\nthe student is excused from this exercise: it does not count" if now.source == "excused" else "")


def _user() -> str:
    from getpass import getuser

    return getuser()
