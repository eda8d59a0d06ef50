"""What is finished, written so that it is still known after the power went: a line a chunk, each with a check sum."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any


class Journal:
    """A file that only grows. A line that is torn or damaged counts as not written: its chunk is done again.

    Parameters
    ----------
    path : Path
        Where it is kept; made with the first entry.

    Notes
    -----
    An entry is on disk (``fsync``) when `add` returns. A chunk is entered after its files are in place, never before: a
    journal may know too little, which costs a chunk's time, and never too much, which would cost its rows.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries = _read(path)
        torn = path.is_file() and not path.read_bytes().endswith(b"\n") and path.stat().st_size > 0
        self._stream = path.open("ab")
        if torn:
            self._stream.write(b"\n")  # what comes next starts on a line of its own

    def add(self, entry: Mapping[str, Any]) -> None:
        """Write an entry, a mapping of what JSON can hold with a `number`, and wait until it is on disk."""
        text = json.dumps(entry, sort_keys=True, ensure_ascii=False)
        self._stream.write(f"{_sum(text)} {text}\n".encode())
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self.entries[int(entry["number"])] = dict(entry)

    def forget(self, number: int) -> None:
        """Take a chunk as not done, for its files are not what the entry says; the next entry of that number counts."""
        self.entries.pop(number, None)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _read(path: Path) -> dict[int, dict[str, Any]]:
    """Entries by number, the last of each; what cannot be believed is left out."""
    entries: dict[int, dict[str, Any]] = {}
    for line in path.read_bytes().split(b"\n") if path.is_file() else ():
        check, _, raw = line.partition(b" ")
        text = raw.decode("utf-8", "replace")
        if raw and check.decode("ascii", "replace") == _sum(text):
            entry = json.loads(text)
            entries[int(entry["number"])] = entry
    return entries


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
