"""``workbench grade``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.options import GRADEBOOK, AllowPlain, Book, Exercises, Hidden, MemoryMB, Release, RequireTier, Seconds

if TYPE_CHECKING:
    from workbench.grading.book.gradebook import Gradebook
    from workbench.grading.classwork.progress import OnProgress
    from workbench.grading.classwork.summary import Summary
    from workbench.grading.reports.raised_checks import RaisedCheck


_NAMED = 12  # students who are named in one line


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("grade")(grade)


def grade(
    inbox: Annotated[Path, typer.Argument(help="Folder that `workbench collect` filled.")],
    *,
    release: Release,
    gradebook: Book = GRADEBOOK,
    exercise: Exercises = None,
    hidden: Hidden = None,
    roster: Annotated[Path | None, typer.Option("--roster", help="Names for the gradebook, and for the policy.")] = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", help="policy.csv: extensions and excused work; without it, those of the last run."),
    ] = None,
    no_policy: Annotated[bool, typer.Option("--no-policy", help="Drop the extensions and excuses of the last run.")] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Submissions at once on this machine.")] = 2,
    scheduler: Annotated[str, typer.Option("--scheduler", help="Use the workers of this dask scheduler: tcp://...")] = "",
    require_tier: RequireTier = "",
    allow_plain: AllowPlain = False,
    seconds: Seconds = None,
    memory_mb: MemoryMB = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON, and nothing else.")] = False,
) -> None:
    """Grade what counts of an inbox: each notebook is run in a sandbox, and judged from outside of it.

    Verdicts are recorded one by one. After an interruption of any kind, start the same command again: what is recorded is
    not done again, and what failed on our side is tried again.

    What was graded to its end is not judged again, even where checks have changed since: that is said, and is for `workbench
    regrade`. A student whose submission is recorded and no longer in the inbox keeps what is recorded.

    Exit codes: 0 everything is graded; 1 our side failed with a submission, which has no score for that, or nothing could be
    graded: no inbox, no release, another class's; 2 no such option, or a line of the policy that cannot be meant; 130
    interrupted.

    Example: workbench grade inbox --release release --jobs 4
    """
    from workbench.catalog import Catalog
    from workbench.course import Course
    from workbench.errors import ParameterError
    from workbench.grading.arrivals.inbox import Inbox
    from workbench.grading.book.gradebook import Gradebook
    from workbench.grading.classwork.attendance import expected
    from workbench.grading.classwork.run import grade as run
    from workbench.grading.manifest import Manifest
    from workbench.grading.people.policy import Policy
    from workbench.grading.people.roster import Roster
    from workbench.grading.sandbox.limits import Limits

    if policy and no_policy:
        raise ParameterError("a policy and none", where="--no-policy", remedy="leave one of them out")
    course, manifest, came = Course.find(), Manifest.read(release), Inbox(inbox)
    expected(manifest, exercise or (), came)  # before there is a gradebook: a mistyped name leaves nothing behind
    names = Roster.read(roster) if roster else None
    rules = Policy() if no_policy else None
    if policy:
        lessons = [one.slug for one in Catalog.load(course.catalog).lessons if one.checks]
        rules = Policy.read(policy, roster=names, release=manifest, lessons=lessons)
    remarks = rules.remarks if rules else ()
    try:
        with Gradebook.open(gradebook) as book, _display(quiet=as_json) as progress:
            if names is not None:
                book.enrol(names)
            summary = run(
                course,
                came,
                release=manifest,
                gradebook=book,
                lessons=exercise or (),
                hidden=hidden,
                jobs=jobs,
                scheduler=scheduler,
                require=require_tier,
                allow_plain=allow_plain,
                policy=rules,
                limits=Limits.given(seconds=seconds, memory_mb=memory_mb),
                on_progress=progress,
            )
            broken = _raised(book)
    except KeyboardInterrupt:
        typer.echo("interrupted; what is recorded is kept, and the same command goes on from there", err=True)
        raise typer.Exit(130) from None
    table = {**summary.to_json(), "raised": [asdict(one) for one in broken], "notes": remarks}
    typer.echo(json.dumps(table, indent=1) if as_json else _told(summary, broken, remarks, gradebook))
    raise typer.Exit(1 if summary.faults else 0)


@contextmanager
def _display(*, quiet: bool) -> Iterator[OnProgress | None]:
    """A bar on a terminal, a line now and then elsewhere."""
    from workbench.grading.classwork.progress import bar, lines

    if quiet:
        yield None
    elif sys.stdout.isatty():
        with bar() as show:
            yield show
    else:
        yield lines(typer.echo)


def _raised(book: Gradebook) -> list[RaisedCheck]:
    """The checks that raised, over all that the gradebook holds."""
    from workbench.grading.reports.raised_checks import raised

    return raised((student, result) for _, student, result in book.raised())


def _told(summary: Summary, broken: Sequence[RaisedCheck], remarks: Sequence[str], gradebook: str) -> str:
    from workbench.grading.people.names import shown

    counts = [f"{summary.graded} graded", f"{summary.recorded} recorded before", f"{summary.absent} absent"]
    counts += [f"{len(summary.unreadable)} unreadable"] if summary.unreadable else []
    counts += [f"{len(summary.faults)} infrastructure errors: no score, start again to retry"] if summary.faults else []
    lines = [", ".join(counts)]
    if summary.graded:
        pace = f"{summary.seconds:.1f} s, {summary.key_seconds:.1f} s of it for answer keys"
        sandbox = ", ".join(f"{tier} {count}" for tier, count in summary.tiers.items())
        lines.append(f"{pace}; sandbox: {sandbox}")
    lines += [f"absent: {_listed(who)} ({lesson})" for lesson, who in summary.missing.items()]
    lines += [f"recorded before, not in this inbox: {_listed(who)} ({lesson})" for lesson, who in summary.gone.items()]
    later = [f"{one.student} {one.lesson}: {shown(one.text)}" for one in summary.unread]
    lines += [f"a later file cannot be read, an earlier one counts: {text}" for text in later]
    lines += [" ".join(filter(None, ("no notebook:", one.student, one.lesson, one.text))) for one in summary.other]
    if summary.other:
        lines.append(
            "  ask for a notebook; or read what came, and `workbench gradebook set STUDENT QUESTION POINTS --reason TEXT`"
        )
    if summary.outdated:
        lines.append(f"checks have changed since for {summary.outdated} recorded verdicts: workbench regrade")
    if summary.rules:
        lines.append(
            f"extensions and excuses of the last run are used again ({summary.rules} lines); --no-policy drops them"
        )
    lines += [f"note: {remark}" for remark in remarks]
    for one in broken:
        lines.append(f"check raised: {one.slug}, {one.count} answer{'s' if one.count > 1 else ''}: {shown(one.example)}")
    if broken:
        lines.append("  these answers count as wrong; where the check is at fault, mend it and run workbench regrade")
    return "\n".join([*lines, f"scores: workbench gradebook show --gradebook {gradebook}"])


def _listed(students: Sequence[str]) -> str:
    more = len(students) - _NAMED
    return ", ".join(students[:_NAMED]) + (f" and {more} more" if more > 0 else "")
