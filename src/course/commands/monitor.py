"""``workbench monitor``: whether a table has moved away from the one that a model was trained on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from course.commands.failures import reported

if TYPE_CHECKING:
    from lifecycle.monitor import DriftReport, Level


WORDS: dict[Level, str] = {"act": "to act on", "watch": "to watch", "stable": "stable"}


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("monitor")(monitor)


def monitor(
    reference: Annotated[Path, typer.Argument(help="What to compare with: a .csv file with a header, or a .parquet file.")],
    current: Annotated[Path, typer.Argument(help="The period to judge: another file with the same columns.")],
    report: Annotated[Path | None, typer.Option("--report", help="Write this HTML page; an older one is replaced.")] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--column", help="Compare this column only; may be repeated. All common ones by default."),
    ] = None,
    together: Annotated[
        bool,
        typer.Option("--together", help="Also let a classifier tell the periods apart by all columns together (seconds)."),
    ] = False,
    level: Annotated[
        float, typer.Option("--level", help="Adjusted p-value below which chance is ruled out.", min=1e-12, max=0.5)
    ] = 0.01,
    encoding: Annotated[str | None, typer.Option("--encoding", help="Of text files that are not UTF-8, as cp1252.")] = None,
    delimiter: Annotated[
        str | None, typer.Option("--delimiter", help="Between columns; found among , ; tab and | where it is not given.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything that was found as JSON.")] = False,
) -> None:
    """Compare two tables column by column: how far each has moved, whether chance could do it, what looks broken.

    Ends with what to do: nothing, wait for more rows, watch, repair the feed, or find out why the data moved.

    Exit codes: 0 compared, and nothing calls for action; 1 compared, and something does: a column to act on, or a feed to
    repair; 2 a file is not there, or the tables cannot be compared. A column that only REFERENCE has ends with 0, for it may
    be the outcome, which nobody knows yet; name the inputs with --column, and one that is gone ends with 2.

    Example: workbench monitor training.parquet march.csv --report drift.html
    """
    from lifecycle.develop.exploration.reading import read_table
    from lifecycle.monitor import drift_report

    with reported():
        separator = "\t" if delimiter == "\\t" else delimiter
        was, now = (read_table(each, encoding=encoding, delimiter=separator) for each in (reference, current))
        found = drift_report(was, now, columns=columns or None, level=level, domain=together)
        if report is not None:
            found.write(report, title=f"{current.name} against {reference.name}")
    if as_json:
        typer.echo(found.to_json())
    else:
        typer.echo(_summary(found, reference.name, current.name))
        if report is not None:
            typer.echo(f"report: {report}")
    if found.level == "act" or found.action.kind == "repair":
        raise typer.Exit(1)


def _summary(found: DriftReport, reference: str, current: str) -> str:
    sizes = f"{current}, {found.rows[1]:,} rows, against {reference}, {found.rows[0]:,} rows"
    counts = ", ".join(f"{len(found.at(level))} {word}" for level, word in WORDS.items())
    lines = [sizes, f"{len(found.columns)} columns compared: {counts}", ""]
    lines += [f"- {finding}" for finding in found.findings]
    return "\n".join([*lines, *([""] if found.findings else []), found.action.text])
