"""``workbench build``: masters to notebooks, artefacts and answer keys."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from textwrap import indent
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from workbench.build import BuildReport, Event, Progress


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(build)


def build(
    lessons: Annotated[list[str] | None, typer.Argument(help="Lessons by name or number; all where none is named.")] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Execute nothing; name what is stale, edited or orphaned.")] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Notebooks executed at the same time.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Build the notebooks, artefacts and answer keys that are stale.

    The lessons whose artefacts a named lesson reads are built too where they are stale. A build of the whole course removes
    notebooks whose master is gone.

    Exit codes: 0 everything is fresh now; 1 something could not be built, or --check found a fault; 2 no such lesson.

    Example: workbench build 02 --jobs 2
    """
    from workbench.build import build as run
    from workbench.course import Course

    with _display(silent=check or as_json) as progress:
        report = run(Course.find(), lessons or (), check=check, jobs=jobs, progress=progress)
    if as_json:
        typer.echo(json.dumps(report.to_json(), indent=1))
    else:
        _print(report, check=check)
    raise typer.Exit(0 if report.ok else 1)


def _print(report: BuildReport, *, check: bool) -> None:
    for fault in report.faults:
        typer.echo(str(fault))
    for file in report.removed:
        typer.echo(f"removed {file}: nothing builds it any more")
    for label, problems in groupby(report.problems, key=lambda problem: problem.label):
        typer.echo(f"\n{label}", err=True)
        for problem in problems:
            typer.echo(indent(problem.text, "  "), err=True)
    if check and report.ok:
        typer.echo(f"{len(report.fresh)} masters, everything built from them is fresh")
    elif check:
        typer.echo(
            f"{len(report.faults)} faults; `workbench build` mends what is stale, missing, edited or an orphan", err=True
        )
    else:
        failed = len({problem.label for problem in report.problems})
        typer.echo(f"{len(report.built)} built, {len(report.fresh)} fresh, {failed} failed")


@contextmanager
def _display(*, silent: bool) -> Iterator[Progress | None]:
    """A bar with the running targets on a terminal, a line for each target elsewhere."""
    if silent:
        yield None
    elif sys.stdout.isatty():
        with _bar() as progress:
            yield progress
    else:
        yield _line


def _line(event: Event) -> None:
    if event.state != "started":
        seconds = f" {event.seconds:.1f} s" if event.seconds else ""
        typer.echo(f"{event.state:>8}  {event.label}{seconds}")


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    running: list[str] = []
    columns = (BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns) as bar:
        task = bar.add_task("", total=None)

        def progress(event: Event) -> None:
            if event.state == "started":
                running.append(event.label)
            elif event.label in running:
                running.remove(event.label)
            if event.state in ("built", "failed", "skipped"):
                bar.console.print(f"{event.state:>8}  {event.label} {event.seconds:.1f} s", highlight=False)
            bar.update(task, total=event.total, advance=event.state != "started", description=", ".join(running))

        yield progress
