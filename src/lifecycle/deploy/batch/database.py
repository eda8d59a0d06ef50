"""DuckDB for work that must not depend on how much memory there is, and for results that somebody queries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lifecycle.deploy.batch.errors import BatchError

if TYPE_CHECKING:
    import duckdb

MEMORY = "400MB"


def literal(value: Path | str) -> str:
    """`value` as an SQL text."""
    return "'" + str(value).replace("'", "''") + "'"


def files(folder: Path, pattern: str) -> str:
    """Files of a folder as an SQL text for `read_parquet`, which takes a whole path for a pattern: `pattern` alone is."""
    return literal(re.sub(r"([\[*?])", r"[\1]", str(folder)) + f"/{pattern}")


@contextmanager
def working(folder: Path, *, threads: int = 1) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that spills to `folder` and leaves nothing there.

    Raises
    ------
    BatchError
        When memory and disk do not suffice.
    """
    import duckdb

    try:
        with _connected(":memory:", folder, threads) as connection:
            yield connection
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        remedy = "make room on the disk and start the job again: finished chunks are kept"
        raise BatchError(
            "DuckDB cannot go on", where=folder.name, tried=str(error).splitlines()[0], remedy=remedy
        ) from error


@contextmanager
def opened(path: Path, folder: Path, *, threads: int = 1) -> Iterator[duckdb.DuckDBPyConnection]:
    """The database at `path`, made where it is missing; large steps spill to `folder`.

    Raises
    ------
    BatchError
        When it is open elsewhere, is no database, has tables of other columns, or there is no memory or disk left.
    """
    import duckdb

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _connected(str(path), folder, threads) as connection:
            yield connection
    except duckdb.Error as error:
        raise BatchError(
            "the database cannot be opened or written",
            where=path.name,
            tried=str(error).splitlines()[0],
            remedy="close what has it open, or name another database, and run the job again: nothing was written to it",
        ) from error


@contextmanager
def _connected(name: str, folder: Path, threads: int) -> Iterator[duckdb.DuckDBPyConnection]:
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "threads": threads,
        "temp_directory": str(folder / ".spill"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    connection = duckdb.connect(name, config=settings)
    connection.execute("SET enable_progress_bar = false")  # it goes to standard output after two seconds
    try:
        yield connection
    except RuntimeError as error:
        if "interrupted" in str(error):  # how DuckDB passes on a Ctrl-C
            raise KeyboardInterrupt from error
        raise
    finally:
        connection.close()
