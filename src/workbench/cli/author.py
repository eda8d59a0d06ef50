"""``workbench gate`` and ``workbench new-lesson``: what an author does all day."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from workbench.authoring import Step
    from workbench.course import Course


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(gate)
    app.command(name="new-lesson")(new_lesson)


def gate(
    lesson: Annotated[str, typer.Argument(help="The lesson, by name or number.")],
    *,
    watch: Annotated[
        bool, typer.Option("--watch", help="Do it again whenever one of the lesson's masters changes.")
    ] = False,
    checks_only: Annotated[bool, typer.Option("--checks-only", help="Try the checks; build and compare nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the steps as JSON.")] = False,
) -> None:
    """Build one lesson, see that it is fresh and in form, try its checks with right and wrong answers, compare its outputs.

    The checks are tried with two parameter sets: the solution must earn all points and give the same values twice, the
    untouched exercise none, and no wrong answer that the check module names may earn them all.

    Exit codes: 0 the lesson may be published; 1 something has to be mended; 2 no such lesson.

    Example: workbench gate 02 --watch
    """
    from workbench import authoring
    from workbench.course import Course

    course = Course.find()
    files = authoring.watched(course, lesson)
    while True:
        before = authoring.stamps(files)
        ok = _once(course, lesson, checks_only=checks_only, as_json=as_json)
        if not watch:
            raise typer.Exit(0 if ok else 1)
        typer.echo("waiting for a change (Ctrl-C ends)")
        _wait(files, before)


def new_lesson(
    slug: Annotated[str, typer.Argument(help="Two digits, an underscore and a name: 07_packaging.")],
    *,
    title: Annotated[str, typer.Option("--title", help="The lesson's title.")],
    stage: Annotated[str, typer.Option("--stage", help="The stage it belongs to, by its name in the catalogue.")],
    summary: Annotated[str, typer.Option("--summary", help="One line for the course map.")] = "",
) -> None:
    """Write a lesson, its exercise, checks and quiz, and its entry in the catalogue, all of which pass the gate.

    Exit codes: 0 written; 2 the name is taken or the stage does not exist, and nothing was written.

    Example: workbench new-lesson 07_packaging --title Packaging --stage deployment
    """
    from workbench.course import Course
    from workbench.scaffold import new_lesson as write

    course = Course.find()
    for path in write(course, slug, title=title, stage=stage, summary=summary):
        typer.echo(f"wrote {course.relative(path)}")
    typer.echo(f"next: edit them, and run `workbench gate {slug} --watch`")


def _once(course: Course, lesson: str, *, checks_only: bool, as_json: bool) -> bool:
    from workbench import authoring

    started = time.monotonic()
    done = []
    for step in authoring.rounds(course, lesson, checks_only=checks_only):
        done.append(step)
        if not as_json:
            _print(step)
    ok = all(step.ok for step in done)
    if as_json:
        typer.echo(json.dumps({"ok": ok, "steps": [step.to_json() for step in done]}, indent=1))
    else:
        verdict = "passed" if ok else f"{sum(len(step.faults) for step in done)} to mend"
        typer.echo(f"{verdict} in {time.monotonic() - started:.1f} s")
    return ok


def _print(step: Step) -> None:
    typer.echo(f"{'ok' if step.ok else 'FAULT':>5}  {step.name:<8} {step.seconds:6.1f} s  {step.said}")
    for fault in step.faults:
        typer.echo("       " + fault.replace("\n", "\n       "))


def _wait(files: list[Path], before: list[int]) -> None:
    from workbench import authoring

    while authoring.stamps(files) == before:
        time.sleep(0.3)
