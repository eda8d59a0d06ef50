"""A batch job: survey, score in chunks, publish; stopped at any point, it goes on from there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from datetime import date as calendar_date
from pathlib import Path
from typing import Any

from lifecycle.artifacts import replace_file
from lifecycle.deploy.batch.alone import alone_in
from lifecycle.deploy.batch.bands import Bands
from lifecycle.deploy.batch.chunk import Order, score_chunk, stands
from lifecycle.deploy.batch.errors import BatchError
from lifecycle.deploy.batch.executors import carried_out
from lifecycle.deploy.batch.journal import Journal
from lifecycle.deploy.batch.publish import upsert, write_tables
from lifecycle.deploy.batch.records import stage_csv
from lifecycle.deploy.batch.report import BatchReport, summed
from lifecycle.deploy.batch.table import Survey, digest_of_table, find_repeats, survey
from lifecycle.deploy.packaging.package import Package, open_package

CHUNK = 100_000
TOLERATED = 0.05

Told = Callable[[int, int], None]


def run_batch(
    package: Path | str,
    table: Path | str,
    out: Path | str,
    *,
    date: str,
    key: str = "entity",
    digest: str | None = None,
    chunk: int = CHUNK,
    bands: Bands | None = None,
    executor: Executor | None = None,
    database: Path | str | None = None,
    tolerated: float = TOLERATED,
    threads: int = 1,
    progress: Told | None = None,
) -> BatchReport:
    """Score every row of a table once: in chunks, with rows that are malformed set aside, and again where it was stopped.

    Started again with the same arguments, it does what is left; finished, it changes nothing. The folder then holds

    ``scores.parquet``
        key, date, model_version, chance, band, decision, rank (1 the highest chance) and row, by rank
    ``quarantine.parquet``
        row, key, reasons and the values of each row that was not scored
    ``report.json``, ``scores.duckdb``
        the counts, and the tables `scores` and `runs` for queries
    ``job.json``, ``journal.jsonl``, ``parts/``
        what the job is, what is finished, and the files of each chunk

    Every row of the table is in one of the first two, and in it once.

    Parameters
    ----------
    package : Path or str
        What `build_package` wrote.
    table : Path or str
        Model inputs and a key, as ``.parquet`` or ``.csv``; columns are found by name, others are left alone.
    out : Path or str
        The job's folder.
    date : str
        The day that the scores are for, ``YYYY-MM-DD``: not when the job happens to run.
    key : str
        Column that names a row: whole numbers or text. The first row of a key is scored, later ones are set aside.
    digest : str, optional
        What the package's digest must be.
    chunk : int
        Rows of a chunk, 1 or more.
    bands : Bands, optional
        Where the bands begin; `Bands()` by default.
    executor : Executor, optional
        Any of `concurrent.futures`' kind; this process where there is none. Its workers see the same paths.
    database : Path or str, optional
        A DuckDB file that collects jobs; ``scores.duckdb`` in `out` by default.
    tolerated : float
        Share of rows that may be set aside; with more, nothing is published.
    threads : int
        For the sort at the end.
    progress : callable, optional
        Told how many chunks are done, and how many there are.

    Returns
    -------
    BatchReport

    Raises
    ------
    BatchError
        When the job cannot start, a chunk fails, or `out` belongs to another job. What is finished is kept.
    PackageError
        When the package is not whole, or not the one of `digest`.
    """
    started = time.perf_counter()
    if chunk < 1:
        raise BatchError(f"a chunk of {chunk} rows", where="chunk", remedy="give 1 or more")
    if not 0 <= tolerated <= 1:
        raise BatchError(f"`tolerated` is {tolerated}", where="tolerated", remedy="give a share, 0 to 1")
    source, folder = Path(table).resolve(), Path(out).resolve()
    if not source.is_file():
        raise BatchError("there is no such table", where=source.name)
    results = Path(database) if database else folder / "scores.duckdb"
    if "?" in str(results):  # DuckDB takes what follows for the query of a URL and writes its log elsewhere
        raise BatchError("DuckDB keeps no database under a path with `?`", where=str(results), remedy="name another path")
    place = Path(package).resolve()
    model = open_package(place, digest=digest)
    with _on_disk(source):
        job = _job(model, source, date=date, key=key, chunk=chunk, bands=bands or Bands())
    with _on_disk(folder), alone_in(folder):
        _claim(folder, job)
        found = _look(source, folder, model, job)
        with Journal(folder / "journal.jsonl") as journal:
            for number in [number for number, receipt in journal.entries.items() if not stands(folder, receipt)]:
                journal.forget(number)
            kept = len(journal.entries)
            _score(journal, found, folder, place, job, executor, progress)
            receipts = list(journal.entries.values())
        _unchanged(source, job)
        report = summed(receipts, job, published=False, kept=kept, seconds=time.perf_counter() - started)
        _all_there(report, found)
        if report.quarantined > tolerated * report.rows:
            _write_report(folder, report)
            return report
        write_tables(folder, job, threads=threads)
        facts = {**report.facts(), "published": True}
        upsert(results, folder, facts, threads=threads)
        report = summed(receipts, job, published=True, kept=kept, seconds=time.perf_counter() - started)
        _write_report(folder, report)
    return report


@contextmanager
def _on_disk(place: Path) -> Iterator[None]:
    """A disk that is full or gone, or a place where nothing may be written, is no fault of the program."""
    try:
        yield
    except OSError as error:
        raise BatchError(
            "the job's files could not be written or read",
            where=place.name,
            tried=error.strerror or str(error),
            remedy="make room, or name another place, and start the job again: finished chunks are kept",
        ) from error


def date_of(out: Path | str) -> str | None:
    """The day that the job in a folder is for; None where there is no job yet.

    A job that is started again after midnight is still yesterday's.
    """
    note = Path(out) / "job.json"
    with _on_disk(Path(out)):
        return str(json.loads(note.read_text(encoding="utf-8"))["date"]) if note.is_file() else None


def _job(model: Package, source: Path, *, date: str, key: str, chunk: int, bands: Bands) -> dict[str, Any]:
    """What makes this job this job: two runs that agree on it have the same result."""
    try:
        day = calendar_date.fromisoformat(date)
    except ValueError as error:
        raise BatchError(f"`{date}` is no date", where="date", remedy="write it as in 2025-11-30") from error
    return {
        "table": source.name,
        "table_sha256": digest_of_table(source),
        "model": model.name,
        "version": model.version,
        "digest": model.digest,
        "date": day.isoformat(),  # `20251130` and `2025-W48-7` are the same day
        "key": key,
        "chunk": chunk,
        "medium": bands.medium,
        "high": bands.high,
    }


def _claim(folder: Path, job: Mapping[str, Any]) -> None:
    """Make the folder this job's, or find that it is."""
    note = folder / "job.json"
    if note.is_file():
        theirs = json.loads(note.read_text(encoding="utf-8"))
        differing = [name for name in job if theirs.get(name) != job[name]]
        if differing:
            raise BatchError(
                "the folder belongs to another job: "
                + ", ".join(differing)
                + (" differs" if len(differing) == 1 else " differ"),
                where=folder.name,
                tried=", ".join(f"{name}: {theirs.get(name)!s:.12} there, {job[name]!s:.12} here" for name in differing),
                remedy="use a new folder for each date, table and model",
            )
    elif any(each.name != ".lock" and not each.name.startswith(f".{note.name}.") for each in folder.iterdir()):
        raise BatchError("the folder holds something else", where=folder.name, remedy="name a new or empty folder")
    else:
        replace_file(note, (json.dumps(job, indent=1) + "\n").encode())
    for left in (each for name in (note.name, "report.json") for each in folder.glob(f".{name}.*")):
        left.unlink(missing_ok=True)  # what a process that was killed had begun to write


def _look(source: Path, folder: Path, model: Package, job: Mapping[str, Any]) -> Survey:
    """Survey the table; one of text is staged first. Repeated keys are found for the whole table at once."""
    table, staged = source, source.suffix.lower() == ".csv"
    if staged:
        table = folder / "staged.parquet"
        if not table.is_file():
            stage_csv(source, table, name=source.name, plain=(job["key"], *(each.name for each in model.fields)))
    found = survey(table, key=job["key"], fields=model.fields, chunk=job["chunk"], name=source.name, staged=staged)
    for left in (folder / "parts").glob(".*"):  # halves of files that a process that was killed had begun
        left.unlink(missing_ok=True)
    if not (folder / "repeats.parquet").is_file():
        find_repeats(table, key=job["key"], target=folder / "repeats.parquet")
    return found


def _score(
    journal: Journal,
    found: Survey,
    folder: Path,
    package: Path,
    job: Mapping[str, Any],
    executor: Executor | None,
    progress: Told | None,
) -> None:
    """Have each chunk scored that the journal does not know, and enter it."""
    orders = [
        Order(piece, str(found.path), str(folder / "repeats.parquet"), str(folder), job["key"], found.columns,
              str(package), job["digest"], job["medium"], job["high"]).to_json()
        for piece in found.pieces
        if piece.number not in journal.entries
    ]  # fmt: skip
    for receipt in carried_out(executor, score_chunk, orders):
        journal.add(json.loads(receipt))
        if progress:
            progress(len(journal.entries), len(found.pieces))


def _unchanged(source: Path, job: Mapping[str, Any]) -> None:
    if digest_of_table(source) != job["table_sha256"]:
        raise BatchError(
            "the table changed while it was read: some chunks hold old rows, some new ones",
            where=source.name,
            remedy="start again in a new folder, from a table that nobody writes",
        )


def _all_there(report: BatchReport, found: Survey) -> None:
    """The sum that must hold before anything leaves the folder."""
    if report.rows != found.rows or report.chunks != len(found.pieces):
        raise BatchError(
            f"{report.rows:,} rows in {report.chunks} chunks are accounted for, and the table has {found.rows:,} in "
            f"{len(found.pieces)}",
            where="journal.jsonl",
            remedy="start again in a new folder",
        )


def _write_report(folder: Path, report: BatchReport) -> None:
    replace_file(folder / "report.json", (json.dumps(report.to_dict(), indent=1) + "\n").encode())
