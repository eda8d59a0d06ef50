"""``workbench profile``: what a table of one's own holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from course.commands.failures import reported

if TYPE_CHECKING:
    from lifecycle.develop.exploration.survey import Survey


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("profile")(profile)


def profile(
    data: Annotated[Path, typer.Argument(help="A .csv file with a header, or a .parquet file.")],
    target: Annotated[str, typer.Option("--target", help="The column to predict; it must hold two values.")],
    report: Annotated[Path | None, typer.Option("--report", help="Write this HTML page; an older one is replaced.")] = None,
    positive: Annotated[
        str | None,
        typer.Option("--positive", help="The target's value that counts as 1, where it is neither 1, true nor yes."),
    ] = None,
    encoding: Annotated[str | None, typer.Option("--encoding", help="Of a text file that is not UTF-8, as cp1252.")] = None,
    delimiter: Annotated[
        str | None, typer.Option("--delimiter", help="Between columns; found among , ; tab and | where it is not given.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything that was found as JSON.")] = False,
) -> None:
    """Look at every column of a table, alone and beside the target: facts, missing values, association, leaks, duplicates.

    What the table needs (dates as text, constant columns and the like) is done and noted; what cannot be worked with is
    an error that names column and row.

    Exit codes: 0 profiled; 2 no such file or target, or a table that cannot be used.

    Example: workbench profile clients.csv --target default --report report.html
    """
    from lifecycle.develop.exploration.profile_report import write
    from lifecycle.develop.exploration.reading import read_table
    from lifecycle.develop.exploration.survey import survey

    with reported():
        frame = read_table(data, target=target, encoding=encoding, delimiter="\t" if delimiter == "\\t" else delimiter)
        found = survey(frame, target=target, positive=positive, source=data.name)
        if report is not None:
            write(found, report)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), indent=1, ensure_ascii=False, allow_nan=False))
        return
    typer.echo(_summary(found))
    if report is not None:
        typer.echo(f"report: {report}")


def _summary(found: Survey) -> str:
    from lifecycle.develop.exploration.drawing import percent
    from lifecycle.develop.exploration.profile_report import findings

    size = f"{found.source}: {found.rows:,} rows, {found.columns:,} columns"
    lines = [f"{size}; `{found.target}` is positive in {percent(found.prevalence)}", ""]
    lines += [f"{'!' if finding.weight == 'stop' else '-'} {finding.text}" for finding in findings(found)]
    if found.notes:
        lines += ["", "notes:", *(f"  {note}" for note in found.notes)]
    return "\n".join(lines)
