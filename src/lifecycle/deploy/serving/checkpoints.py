"""Copying a SQLite log's newest part into its main file, beside the service and not in its way."""

from __future__ import annotations

import logging
import sqlite3
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

COMMITS = 4000
"""Between two copies: about 50 MB of log where each holds one row."""

_log = logging.getLogger("uvicorn.scoring")


class Checkpoints:
    """Copies now and then, in a thread and over a connection of its own.

    SQLite would do so within a commit, and wait for the disk there: all requests that are being answered would wait with
    it. In WAL mode others may write meanwhile.

    Parameters
    ----------
    path : Path
        The main file, in WAL mode; the connection that writes to it must leave the copying to this (`wal_autocheckpoint` 0).
    commits : int
        After so many commits a copy is due.
    """

    def __init__(self, path: Path, *, commits: int = COMMITS) -> None:
        self._path = path
        self._commits = commits
        self._since = 0
        self._thread: ThreadPoolExecutor | None = None
        self._copy: Future[None] | None = None

    def committed(self) -> None:
        """Count a commit, and start a copy where one is due and none is under way."""
        self._since += 1
        if self._since < self._commits or (self._copy is not None and not self._copy.done()):
            return
        self._since = 0
        self._thread = self._thread or ThreadPoolExecutor(1, thread_name_prefix="checkpoint")
        self._copy = self._thread.submit(_copied, self._path)

    def close(self) -> None:
        """Wait for a copy that is under way. It can be used again."""
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = self._copy = None


def _copied(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path, timeout=1)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")  # most of it, while others write
            connection.execute("PRAGMA wal_checkpoint(FULL)")  # what came meanwhile, so that the log can begin anew
    except sqlite3.Error as error:  # nothing is lost: the log only grows until the next copy
        _log.warning("the request log could not be copied into its main file: %s", error)
