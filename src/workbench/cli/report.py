"""``workbench report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.options import GRADEBOOK, Book


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("report")(report)


def report(
    *,
    gradebook: Book = GRADEBOOK,
    release: Annotated[
        Path | None, typer.Option("--release", help="The release's folder: with --inbox, to compare submissions.")
    ] = None,
    inbox: Annotated[Path | None, typer.Option("--inbox", help="The inbox that was graded.")] = None,
    out: Annotated[Path, typer.Option("--out", help="The page to write.")] = Path("class-report.html"),
) -> None:
    """Write the instructor's report on a class: distribution, difficulty, common mistakes, similarity, time, flags.

    One page that needs nothing beside it. Students are named in it: keep it to yourself.

    Exit codes: 0 written; 1 the gradebook holds no exercise, or something cannot be read.

    Example: workbench report --gradebook gradebook.sqlite --release release --inbox inbox --out report.html
    """
    from workbench import files
    from workbench.course import Course
    from workbench.errors import GradingError
    from workbench.grading.arrivals.inbox import Inbox
    from workbench.grading.book.gradebook import Gradebook
    from workbench.grading.manifest import Manifest
    from workbench.grading.reports import class_reading, class_report

    manifest = Manifest.read(release) if release else None
    with Gradebook.open(gradebook, write=False) as book:
        found = class_reading.summaries(book, release=manifest, inbox=Inbox(inbox) if inbox else None)
    if not found:
        raise GradingError(
            "the gradebook holds no exercise yet", where=gradebook, remedy="workbench grade INBOX --release DIR"
        )
    files.write_text(out, class_report.page(Course.find().title, found))
    typer.echo(f"wrote {out}")
