"""From finished chunks to results: one ranked table, one quarantine, and a database that a dashboard can ask."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.batch.database import files, literal, opened, working
from lifecycle.deploy.batch.errors import BatchError

if TYPE_CHECKING:
    import duckdb


def write_tables(folder: Path, job: Mapping[str, Any], *, threads: int = 1) -> None:
    """Write ``scores.parquet``, ranked, and ``quarantine.parquet`` from the parts; each whole or not at all.

    The rank goes by chance, and among equal chances by key, so that it does not depend on the order of the chunks.
    """
    scores, quarantine = (files(folder / "parts", f"*.{what}.parquet") for what in ("scores", "quarantine"))
    ranked = f"""
        SELECT key, DATE {literal(job["date"])} AS date, {literal(job["version"])} AS model_version, chance, band,
               decision, row_number() OVER (ORDER BY chance DESC, key) AS rank, row
        FROM read_parquet({scores}) ORDER BY rank
    """  # noqa: S608 - every value is written as a literal
    with working(folder, threads=threads) as connection:
        for name, query in (
            ("scores", ranked),
            ("quarantine", f"SELECT * FROM read_parquet({quarantine}) ORDER BY row"),  # noqa: S608
        ):
            part = folder / f".{name}.part"
            connection.execute(f"COPY ({query}) TO {literal(part)} (FORMAT parquet, COMPRESSION zstd)")
            part.replace(folder / f"{name}.parquet")


def upsert(database: Path, folder: Path, report: Mapping[str, Any], *, threads: int = 1) -> int:
    """Bring the ranked scores and the job's counts into a DuckDB database, in one transaction.

    A row is known by key, date and model version: one that is there and differs is replaced, one that is not is added, one
    that is equal is left alone. Doing it twice is doing it once. (A primary key would say the same; replacing a million
    rows through its index takes seven times as long as the join below.)

    Returns
    -------
    int
        How many rows were added or replaced.

    Raises
    ------
    BatchError
        When the database is open elsewhere, has keys of another type or a table `scores` of another kind, or knows the
        version as another model.
    """
    job = report["job"]
    here = f"SELECT * EXCLUDE (row) FROM read_parquet({files(folder, 'scores.parquet')})"  # noqa: S608
    with opened(database, folder, threads=threads) as connection:
        connection.execute("BEGIN")
        connection.execute(f"CREATE TABLE IF NOT EXISTS scores AS {here} LIMIT 0")
        connection.execute(_RUNS)
        _same_model(connection, job)
        _same_columns(connection, here, where=database.name)
        there = f"SELECT * FROM scores WHERE date = DATE {literal(job['date'])}"  # noqa: S608
        connection.execute(f"CREATE TEMP TABLE news AS {here} EXCEPT {there}")
        connection.execute(
            "DELETE FROM scores WHERE date = ? AND model_version = ? AND key IN (SELECT key FROM news)",
            [job["date"], job["version"]],
        )
        connection.execute("INSERT INTO scores FROM news")
        counts = [report["rows"], report["scored"], report["quarantined"], report["flagged"], report["mean_chance"]]
        bands = [report["bands"][name] for name in ("low", "medium", "high")]
        connection.execute(
            "INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [job["date"], job["model"], job["version"], job["digest"], job["table_sha256"], *counts, *bands],
        )
        changed = connection.execute("SELECT count(*) FROM news").fetchone()
        connection.execute("COMMIT")
    return int(changed[0]) if changed else 0


_RUNS = """
    CREATE TABLE IF NOT EXISTS runs (
        date DATE, model VARCHAR, model_version VARCHAR, model_digest VARCHAR, table_sha256 VARCHAR, rows BIGINT,
        scored BIGINT, quarantined BIGINT, flagged BIGINT, mean_chance DOUBLE, low BIGINT, medium BIGINT, high BIGINT,
        PRIMARY KEY (date, model_version, table_sha256))
"""


def _same_columns(connection: duckdb.DuckDBPyConnection, here: str, *, where: str) -> None:
    """Scores go into a table of scores, and keys are compared as what they are: 7 and "007" must not meet."""
    ours, theirs = (connection.execute(f"DESCRIBE {query}").fetchall() for query in (here, "scores"))
    if [each[0] for each in ours] != [each[0] for each in theirs]:
        raise BatchError(
            "the database has a table `scores` of another kind",
            where=where,
            tried="columns there: " + ", ".join(each[0] for each in theirs),
            remedy="use a database of its own",
        )
    if ours[0][1] != theirs[0][1]:
        raise BatchError(
            f"the database has keys of type {theirs[0][1]}, the table of type {ours[0][1]}",
            where=where,
            remedy="use a database of its own, or write the key as it is there",
        )


def _same_model(connection: duckdb.DuckDBPyConnection, job: Mapping[str, Any]) -> None:
    """A version that has been two models would overwrite the scores of one with those of the other."""
    found = connection.execute(
        "SELECT DISTINCT model_digest FROM runs WHERE model_version = ? AND model_digest <> ?",
        [job["version"], job["digest"]],
    ).fetchone()
    if found:
        raise BatchError(
            f"version {job['version']} is already there, with the digest of another model",
            where="model_version",
            tried=f"recorded {found[0][:12]}…, now {job['digest'][:12]}…",
            remedy="give the new model a version of its own",
        )
