"""``workbench release`` and ``workbench import-nbgrader``: exercises out to a class, and assignments in from nbgrader."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(release)
    app.command(name="import-nbgrader")(import_nbgrader)


def release(
    exercises: Annotated[list[str], typer.Argument(help="Lessons with an exercise, by name or number.")],
    *,
    out: Annotated[Path, typer.Option("--out", help="Where to write; a release that is there is added to.")],
    roster: Annotated[
        Path | None, typer.Option("--roster", help="The class: CSV with id, name, email, or a Canvas or Moodle export.")
    ] = None,
    variants: Annotated[
        int, typer.Option("--variants", min=1, help="How many variants, dealt out by the course's secret.")
    ] = 1,
    per_student: Annotated[bool, typer.Option("--per-student", help="A variant for each student.")] = False,
    as_zip: Annotated[bool, typer.Option("--zip", help="A zip file for each student in place of a folder.")] = False,
    due: Annotated[str, typer.Option("--due", help="When it is due: 2026-12-01T23:59:00+01:00.")] = "",
    grace: Annotated[float, typer.Option("--grace", min=0, help="Minutes after that which are not late.")] = 0.0,
    late_penalty: Annotated[
        float, typer.Option("--late-penalty", min=0, max=1, help="Share of the points that each day begun costs.")
    ] = 0.0,
    accept_days: Annotated[
        float | None, typer.Option("--accept-days", min=0, help="Days after which nothing is accepted.")
    ] = None,
    secret_file: Annotated[
        Path | None, typer.Option("--secret-file", help="The course's secret; made on first use, OUT.secret if not named.")
    ] = None,
    nbgrader: Annotated[
        bool, typer.Option("--nbgrader", help="Write a source layout for nbgrader instead; it takes no roster.")
    ] = False,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="How many solutions run at once.")] = 2,
) -> None:
    """Write what each student of a class gets of some exercises, and the manifest that grading reads.

    OUT/students/ID/ is for the student: the notebook, its checks, data and a README. OUT/manifest.json stays with you, and
    so does the secret: who has it can tell every variant.

    Exit codes: 0 released; 1 it cannot be, and what stands there is as it was; 2 no such exercise, roster or course.

    Example: workbench release 02_data --roster roster.csv --out release --variants 12
    """
    from workbench.catalog import Catalog
    from workbench.course import Course
    from workbench.grading.manifest import Terms
    from workbench.grading.people.roster import Roster
    from workbench.release import release as write
    from workbench.release import secret_of

    course = Course.find()
    catalog = Catalog.load(course.catalog)
    lessons = [catalog[name] for name in exercises]
    if nbgrader and (roster or variants > 1 or per_student or as_zip):
        raise typer.BadParameter("it takes neither a roster nor variants", param_hint="--nbgrader")
    if nbgrader:
        from workbench.grading.handout.nbgrader_layout import export

        for path in export(course, lessons, out=out):
            typer.echo(f"wrote {path}")
        typer.echo(f"next: nbgrader generate_assignment {lessons[0].slug}, in {out}")
        return
    if roster is None:
        raise typer.BadParameter("name the class", param_hint="--roster")
    terms = Terms(due, grace, late_penalty, accept_days)
    manifest = write(
        course,
        lessons,
        roster=Roster.read(roster),
        out=out,
        variants=variants,
        per_student=per_student,
        secret=secret_of(out, secret_file) if variants > 1 or per_student else None,
        terms=terms if terms != Terms() else None,
        archive=as_zip,
        jobs=jobs,
    )
    for lesson in lessons:
        done = manifest[lesson.slug]
        count = len(set(done.students.values()))
        typer.echo(f"{lesson.slug}: {len(done.students)} students, {count} variant{'s' if count > 1 else ''}")
    typer.echo(f"for the students: {out / 'students'}\nkeep to yourself: {out / 'manifest.json'}")


def import_nbgrader(
    source: Annotated[Path, typer.Argument(help="The notebook with its solutions, or its folder in nbgrader's `source`.")],
    *,
    slug: Annotated[str, typer.Option("--slug", help="Two digits, an underscore and a name: 07_squares.")],
    title: Annotated[str, typer.Option("--title", help="The lesson's title.")],
    stage: Annotated[str, typer.Option("--stage", help="The stage it belongs to, by its name in the catalogue.")],
) -> None:
    """Convert an assignment made for nbgrader into a new lesson's exercise, checks and hidden questions.

    Its cells of assertions become questions whose tests run in the sandbox, but in the student's own process: they are
    labelled forgeable, and `workbench gate` names each until it is rewritten as a check.

    Exit codes: 0 written; 1 the notebook cannot be converted; 2 the name is taken or the stage does not exist. Where it is
    not 0, nothing was written.

    Example: workbench import-nbgrader source/ps1 --slug 07_squares --title Squares --stage development
    """
    from workbench.course import Course
    from workbench.grading.handout.nbgrader_import import import_assignment

    course = Course.find()
    imported = import_assignment(course, source, slug=slug, title=title, stage=stage)
    for path in imported.paths:
        typer.echo(f"wrote {course.relative(path)}")
    for note in imported.notes:
        typer.echo(f"note: {note}")
    typer.echo(f"next: edit them, and run `workbench gate {slug}`")
