"""``workbench new-use-case``: a folder to begin a project of one's own with."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from course.commands.failures import RequestError, reported


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("new-use-case")(new_use_case)


def new_use_case(
    data: Annotated[Path | None, typer.Argument(help="A table: .csv or .parquet.", show_default=False)] = None,
    *,
    target: Annotated[str, typer.Option("--target", help="The column to predict, with two values.")] = "",
    positive: Annotated[str | None, typer.Option("--positive", help="The target's value that counts as 1.")] = None,
    name: Annotated[str, typer.Option("--name", help="Of the use case; from the file's name by default.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="A new folder; work/use-cases/NAME by default.")] = None,
    check: Annotated[
        Path | None, typer.Option("--check", help="Say what is still open in a folder that was written.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")] = False,
) -> None:
    """Begin a project on a table of your own: catalogue entry, data contract and charter, to fill in.

    What the table says by itself is written down: columns, kinds, limits, share of positives, a digest. What only you can
    say is marked TODO: meaning, purpose, terms, targets, costs, people. --check says what is left, whether the contract
    holds for the table, and whether the charter's targets can hold together.

    Exit codes: 0 written, or nothing is open any more; 1 something is open; 2 the table or the request cannot be used.

    Example: workbench new-use-case data.csv --target churned; workbench new-use-case --check work/use-cases/data
    """
    from course.own_case import open_points, plain_name, write_case
    from workbench.course import Course

    if check is not None:
        with reported():
            points = open_points(check)
        listed = [f"- {point}" for point in points]
        said = "\n".join([*listed, f"{len(points)} points are open" if points else "Nothing is open."])
        typer.echo(json.dumps({"open": points}, indent=1, ensure_ascii=False) if as_json else said)
        raise typer.Exit(1 if points else 0)
    if data is None or not target:
        raise RequestError("a table and its target are needed", remedy="workbench new-use-case data.csv --target COLUMN")
    folder = out or Course.find().work / "use-cases" / (name or plain_name(data.stem))
    with reported():
        case = write_case(data, target, folder, name=name, positive=positive)
    if as_json:
        typer.echo(json.dumps({**asdict(case), "folder": str(folder)}, indent=1, ensure_ascii=False))
        return
    table = f"{shlex.quote(str(data))} --target {shlex.quote(target)}"
    chosen = f" --positive {shlex.quote(positive)}" if positive is not None else ""
    lines = [
        f"{case.name}: {case.rows:,} rows, {case.columns} columns; `{target}` is {case.positive} in {case.prevalence:.1%}",
        *(f"note: {note}" for note in case.notes),
        f"protected, by their names: {', '.join(case.protected) or 'none found; read the columns yourself'}",
        f"written to {folder}: entry.toml, contract.yaml, charter.yaml",
        "next:",
        f"  workbench new-use-case --check {shlex.quote(str(folder))}",
        f"  workbench profile {table}{chosen} --report profile.html",
        f"  workbench train {table}{chosen} --out model",
        "  workbench bundle --help; workbench monitor --help; workbench exam --seed 1",
    ]
    typer.echo("\n".join(lines))
