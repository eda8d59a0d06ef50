"""``workbench collect``: from what a learning platform hands out into the inbox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.options import Release

if TYPE_CHECKING:
    from workbench.grading.arrivals.walk import CollectReport
    from workbench.grading.people.roster import Roster


def register(app: typer.Typer) -> None:
    """Register commands."""
    app.command("collect")(collect)


def collect(
    source: Annotated[Path, typer.Argument(help="A folder, a zip or a notebook.", exists=True)],
    *,
    release: Release,
    roster: Annotated[list[Path], typer.Option("--roster", help="Who is in the class; again for what others call them.")],
    inbox: Annotated[Path, typer.Option("--inbox", help="Where submissions are kept.")],
    exercise: Annotated[str, typer.Option("--exercise", help="The exercise, where notebooks do not say.")] = "",
    student: Annotated[str, typer.Option("--student", help="The student whose all of it is.")] = "",
    received: Annotated[str, typer.Option("--received", help="When all of it came: 2026-11-30T23:59:00+01:00.")] = "",
    times: Annotated[Path | None, typer.Option("--times", help="A CSV that says when each came.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
) -> None:
    """Put submissions into the inbox: folders, zips, what Canvas and Moodle hand out.

    Nothing in the inbox is overwritten, and the same bytes are kept once. What cannot be attributed is kept aside and
    listed; give it to its student with --student and the path that is printed. What somebody handed in in place of a
    notebook is kept for you to read, and never opened.

    Exit codes: 0 everything found its place; 1 something is unmatched, refused or no notebook; 2 no such roster or student.

    Example: workbench collect submissions.zip --release release --roster roster.csv --inbox inbox
    """
    from workbench.grading.arrivals import collect as collecting
    from workbench.grading.arrivals.inbox import UNMATCHED, Inbox
    from workbench.grading.arrivals.times import read_times
    from workbench.grading.manifest import Manifest
    from workbench.grading.people.policy import moment

    people, manifest, box = _roster(roster), Manifest.read(release), Inbox(inbox)
    if student and source.is_file() and source.parent.resolve() == (inbox / UNMATCHED).resolve():
        done = collecting.assign(box, source, roster=people, exercises=manifest, student=student, exercise=exercise)
    else:
        done = collecting.collect(
            source,
            box,
            roster=people,
            exercises=manifest,
            received=moment(received, where="--received") if received else None,
            times=read_times(times, people, manifest) if times else None,
            exercise=exercise,
            student=student,
        )
    _print_json(done) if as_json else _print(done)
    raise typer.Exit(0 if done.ok else 1)


def _roster(paths: list[Path]) -> Roster:
    """The first roster gives the students and their ids, the others what other systems call them."""
    from workbench.grading.people.roster import Roster

    people = Roster.read(paths[0])
    for path in paths[1:]:
        people = people.joined(Roster.read(path))
    return people


def _print(done: CollectReport) -> None:
    from workbench.grading.people.names import shown

    typer.echo(
        f"{len(done.added)} new, {len(done.duplicates)} there before, {len(done.unmatched)} unmatched, "
        f"{len(done.other)} no notebook, {len(done.refused) + done.unlisted} refused, {done.ignored} other files"
    )
    for one in done.unmatched:
        typer.echo(f"unmatched  {one.path}  {shown(one.original)}: {one.why}")
    for one in done.other:
        typer.echo(f"no notebook  {one.path}  {shown(one.original)}")
    if done.other:
        typer.echo(
            "  ask for a notebook; or read what came, and `workbench gradebook set STUDENT QUESTION POINTS --reason TEXT`"
        )
    for refused in done.refused:
        typer.echo(f"refused    {refused.path}: {refused.why}")
    if done.unlisted:
        typer.echo(f"           and {done.unlisted} more")
    for note in done.notes:
        typer.echo(f"note: {note}")


def _print_json(done: CollectReport) -> None:
    rows = {
        name: [
            {"student": one.student, "exercise": one.lesson, "path": str(one.path), "original": one.original, "why": one.why}
            for one in getattr(done, name)
        ]
        for name in ("added", "duplicates", "unmatched", "other")
    }
    refused = [vars(one) for one in done.refused]
    typer.echo(json.dumps({**rows, "refused": refused, "ignored": done.ignored, "notes": done.notes}, indent=1))
