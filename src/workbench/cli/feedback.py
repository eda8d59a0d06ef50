"""``workbench feedback``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.options import GRADEBOOK, Book, Exercises, Release


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("feedback")(feedback)


def feedback(
    *,
    release: Release,
    gradebook: Book = GRADEBOOK,
    exercise: Exercises = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for the pages.")] = Path("feedback"),
    inbox: Annotated[
        Path | None,
        typer.Option("--inbox", help="Also a zip an exercise, with the names that Canvas or Moodle expect at upload."),
    ] = None,
) -> None:
    """Write each student's page: what was asked, what their notebook showed, the verdicts, and a hint where one was missed.

    The pages are OUT/STUDENT/EXERCISE.html and need nothing beside them. Of hidden questions they tell title and points.

    Exit codes: 0 written; 1 there is no such release or gradebook; 2 no such exercise or course.

    Example: workbench feedback --release release --gradebook gradebook.sqlite --out feedback
    """
    from workbench.catalog import Catalog
    from workbench.checks import module
    from workbench.course import Course
    from workbench.grading.arrivals.inbox import Inbox
    from workbench.grading.book.gradebook import Gradebook
    from workbench.grading.manifest import Manifest
    from workbench.grading.reports import feedback as pages
    from workbench.grading.reports.lms_feedback import feedback_zip

    course, manifest = Course.find(), Manifest.read(release)
    catalog = Catalog.load(course.catalog)
    for released in [manifest[name] for name in exercise or manifest.exercises]:
        checks = module.load(course.checks / f"{released.checks}.py")
        with Gradebook.open(gradebook, write=False) as book:
            written = pages.write(out, book, released, checks, course=course.title, title=catalog[released.lesson].title)
            graded = {(one.student, one.sha256) for one in book.standings(released.lesson)}
        typer.echo(f"{released.lesson}: {len(written)} pages in {out}")
        if inbox is not None:
            came = Inbox(inbox).submissions(released.lesson)
            sent = {one.student: one for one in came if (one.student, one.sha256) in graded}
            packed = feedback_zip(out / f"{released.lesson}.zip", written, sent)
            typer.echo(f"{released.lesson}: {packed.pages} of them in {packed.path}, for upload")
