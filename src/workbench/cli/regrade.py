"""``workbench regrade``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import columns
from workbench.cli.columns import points, shown
from workbench.cli.options import GRADEBOOK, AllowPlain, Book, Exercises, Hidden, MemoryMB, Release, RequireTier, Seconds

if TYPE_CHECKING:
    from workbench.grading.classwork.regrade_table import RegradeTable


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("regrade")(regrade)


def regrade(
    *,
    release: Release,
    gradebook: Book = GRADEBOOK,
    inbox: Annotated[
        Path | None, typer.Option("--inbox", help="Where submissions are that must be run again.", exists=True)
    ] = None,
    exercise: Exercises = None,
    hidden: Hidden = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Submissions run at once.")] = 2,
    require_tier: RequireTier = "",
    allow_plain: AllowPlain = False,
    seconds: Seconds = None,
    memory_mb: MemoryMB = None,
    commit: Annotated[bool, typer.Option("--commit", help="Write the new scores into the gradebook.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the table as JSON, and nothing else.")] = False,
) -> None:
    """Judge again what a changed check or key would judge otherwise, and show each score that changes.

    Recorded answers are used where they hold what the new check asks for; other submissions are run again. Scores set or
    read by a person stay. Nothing is written without --commit.

    Exit codes: 0 done; 1 some questions could not be judged again, or it cannot be done; 2 no course here.

    Example: workbench regrade --release release --inbox inbox
    """
    from workbench.course import Course
    from workbench.grading.arrivals.inbox import Inbox
    from workbench.grading.book.gradebook import Gradebook
    from workbench.grading.classwork.regrade import regrade as run
    from workbench.grading.sandbox.limits import Limits

    with Gradebook.open(gradebook, write=commit, make=False) as book:
        table = run(
            book,
            Course.find(),
            release=release,
            inbox=Inbox(inbox) if inbox else None,
            lessons=exercise or (),
            hidden=hidden,
            jobs=jobs,
            require=require_tier,
            allow_plain=allow_plain,
            limits=Limits.given(seconds=seconds, memory_mb=memory_mb),
            commit=commit,
        )
    if as_json:
        typer.echo(json.dumps(table.to_json(), indent=1, ensure_ascii=True))
    else:
        _print_regrade(table)
    raise typer.Exit(1 if table.impossible else 0)


def _print_regrade(table: RegradeTable) -> None:
    if table.changes:
        columns.show(
            ("student", "exercise", "question", "old", "new", "of", "from", ""),
            [
                (
                    *(
                        one.student,
                        one.lesson,
                        one.slug,
                        points(one.before),
                        points(one.after),
                        points(one.out_of),
                    ),
                    one.how,
                    "set by a person: it stays" if one.overridden else "",
                )
                for one in table.changes
            ],
        )
    for one in table.impossible:
        typer.echo(f"not judged again: {one.student} {one.slug}: {shown(one.text)}")
    typer.echo(
        f"{len(table.changes)} scores change; {table.judged} questions judged again, "
        f"{table.executed} submissions run again for it"
        + (f"; {table.unfinished} submissions are not graded to the end: workbench grade" if table.unfinished else "")
    )
    if table.committed:
        typer.echo("written into the gradebook")
    elif table.judged or table.changes:
        typer.echo("nothing is written yet; to write it: the same command with --commit")
