"""``workbench lab``, ``workbench doctor`` and ``workbench data``: a course on this machine."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from workbench.course import Course


def register(app: typer.Typer) -> None:
    """Register commands."""
    app.command("lab")(lab)
    app.command("doctor")(doctor)
    data = typer.Typer(help="The data files of the course.", no_args_is_help=True)
    data.command("verify")(data_verify)
    data.command("list")(data_list)
    app.add_typer(data, name="data")


def lab(
    *,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Where JupyterLab listens.")] = None,
    copy_only: Annotated[bool, typer.Option("--copy-only", help="Copy the lessons and stop.")] = False,
) -> None:
    """Copy lessons and exercises to work/, never over what you saved, and open JupyterLab there.

    A lesson that is newer than a copy you have saved is placed beside it, as NAME.new-2.ipynb.

    Example: workbench lab --no-browser --port 8890
    """
    from workbench.lab import copy_lessons, start

    course = Course.find()
    copies = copy_lessons(course)
    for copy in copies:
        target = course.relative(copy.target)
        if copy.what == "beside":
            typer.echo(f"{course.relative(copy.source)} has changed; yours stays as it is, the new one is {target}")
        elif copy.what == "updated":
            typer.echo(f"{target}: updated, you had not saved anything in it")
    fresh = sum(copy.what == "new" for copy in copies)
    if fresh:
        typer.echo(f"{fresh} lessons and exercises copied to {course.relative(course.work)}/; work in those")
    if not copy_only:
        start(course, browser=browser, port=port)


def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Say what this machine has, what is missing, what that disables, and the command that mends it.

    Exit codes: 0 the course works, though optional parts may be missing; 1 something that it needs is wrong.

    Example: workbench doctor --json
    """
    from workbench.doctor import examine, healthy

    findings = examine(Course.find())
    if as_json:
        typer.echo(json.dumps([finding.to_dict() for finding in findings], indent=1, ensure_ascii=False))
    else:
        for finding in findings:
            typer.echo(f"{finding.state:<8} {finding.name:<11} {finding.found}")
            if finding.state != "ok":
                typer.echo(f"{'':<20} disables: {finding.disables}\n{'':<20} mend it:  {finding.remedy}")
    raise typer.Exit(0 if healthy(findings) else 1)


def data_verify(
    names: Annotated[list[str] | None, typer.Argument(help="Data sets; all where none is named.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdicts as JSON.")] = False,
) -> None:
    """Compare the data files with the digests in the catalogue.

    Exit codes: 0 every file is the right one; 1 a file is missing or differs.

    Example: workbench data verify credit
    """
    from workbench.data import verify

    verdicts = verify(Course.find(), names or ())
    if as_json:
        typer.echo(json.dumps([{**vars(verdict), "ok": verdict.ok} for verdict in verdicts], indent=1))
    else:
        for verdict in verdicts:
            state = "differs" if verdict.problem else "ok"
            typer.echo(f"{state:<8} {verdict.name:<12} {verdict.file or 'no file: generated'}")
            if verdict.problem:
                typer.echo(f"{'':<8} {verdict.problem}; to get it back: git checkout -- {verdict.file}")
    raise typer.Exit(0 if all(verdict.ok for verdict in verdicts) else 1)


def data_list(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the entries as JSON.")] = False,
) -> None:
    """List the data sets: size, licence and source.

    Example: workbench data list
    """
    from workbench.data import data_sets

    found = data_sets(Course.find())
    if as_json:
        typer.echo(json.dumps([data_set.to_dict() for data_set in found], indent=1, ensure_ascii=False))
        return
    for data_set in found:
        typer.echo(f"{data_set.name:<12} {data_set.title}")
        typer.echo(f"{'':<12} {data_set.rows:,} rows, {data_set.columns} columns; {data_set.source}; {data_set.licence}")
