"""``workbench score``: every row of a table, scored once by a package."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from course.commands.failures import RequestError, reported


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("score")(score)


def score(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A package: an archive, or its folder.", exists=True)],
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="Model inputs with a key: .parquet or .csv.")],
    *,
    out: Annotated[Path, typer.Option("--out", help="The job's folder; the same one to go on after a stop.")],
    date: Annotated[str, typer.Option("--date", help="The day that the scores are for; today, in UTC, by default.")] = "",
    key: Annotated[str, typer.Option("--key", help="Column that names a row.")] = "entity",
    digest: Annotated[str | None, typer.Option("--digest", help="Digest that the package must have.")] = None,
    chunk: Annotated[int, typer.Option("--chunk", min=1, help="Rows in memory at once, for each job.")] = 100_000,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Chunks at once on this machine.")] = 1,
    scheduler: Annotated[str, typer.Option("--scheduler", help="Use the workers of this dask scheduler: tcp://...")] = "",
    database: Annotated[Path | None, typer.Option("--database", help="DuckDB file; scores.duckdb in --out.")] = None,
    medium: Annotated[float, typer.Option("--medium", help="From this chance on, medium.")] = 0.4,
    high: Annotated[float, typer.Option("--high", help="Above this chance, high.")] = 0.7,
    tolerated: Annotated[float, typer.Option("--tolerated", min=0, max=1, help="Share that may be set aside.")] = 0.05,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON, and nothing else.")] = False,
) -> None:
    """Score a table in chunks: bands, ranks, and malformed rows set aside with their reasons.

    Writes scores.parquet, quarantine.parquet, scores.duckdb and report.json; each row of the table is in one of the first
    two, once. After a stop of any kind, start the same command again: finished chunks are kept, and what is done twice is
    done once.

    Exit codes: 0 scored; 1 too many rows were set aside, and nothing was published; 2 the package, the table or the request
    cannot be used; 130 interrupted.

    Example: workbench score package.zip customers.parquet --out 2025-11-30 --jobs 2
    """
    with reported():
        from lifecycle.deploy import Bands, run_batch, workers
        from lifecycle.deploy.batch.job import date_of

        if not table.is_file():
            raise RequestError("there is no such table", where=str(table))
        try:
            with workers(jobs, scheduler=scheduler) as executor:
                report = run_batch(
                    model,
                    table,
                    out,
                    date=date or date_of(out) or datetime.now(UTC).date().isoformat(),
                    key=key,
                    digest=digest,
                    chunk=chunk,
                    bands=Bands(medium, high),
                    executor=executor,
                    database=database,
                    tolerated=tolerated,
                    threads=jobs,
                    progress=lambda done, total: typer.echo(f"scoring: {done} of {total} chunks", err=True),
                )
        except KeyboardInterrupt:
            typer.echo("interrupted; what is finished is kept, and the same command goes on from there", err=True)
            raise typer.Exit(130) from None
    if as_json:
        typer.echo(json.dumps(report.to_dict(), indent=1))
    else:
        typer.echo(
            f"{report}\nin {out}: {report.seconds:.1f} s" + (f", {report.rate:,.0f} rows a second" if report.rate else "")
        )
    raise typer.Exit(0 if report.published else 1)
