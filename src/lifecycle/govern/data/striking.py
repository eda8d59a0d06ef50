"""A person taken out of one file's contents: their rows go, and mentions of them elsewhere are struck out.

What is not about the person stays as it was: other rows of text files keep every byte, other rows of tables every value.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from typing import Any

from lifecycle.govern.data.contents import DEEPEST, UnreadableError, bytes_of, form_of, members, name_of, text_of
from lifecycle.govern.data.striking_tables import from_duckdb, from_parquet, from_sqlite
from lifecycle.govern.data.striking_text import from_csv, from_json, from_json_lines, from_log, from_text
from lifecycle.govern.data.subject import Subject
from lifecycle.govern.data.tally import Tally

_TEXTS = {"json": from_json, "lines of json": from_json_lines, "csv": from_csv, "log": from_log}
_TABLES = {"parquet": from_parquet, "sqlite": from_sqlite, "duckdb": from_duckdb}


def strike(name: str, data: bytes, subject: Subject, tally: Tally, *, depth: int = 0) -> bytes | None:
    """The contents of a file without the person; None where nothing of it is left, the same where they are not in it.

    Raises
    ------
    UnreadableError
        For an archive or a table that cannot be looked into.
    """
    form = form_of(name, data)
    before = (tally.rows, tally.mentions)
    new: bytes | None
    if form in ("zip", "tar", "gzip"):
        new = _archive(form, data, subject, tally, name, depth)
    elif form in _TABLES:
        new = _TABLES[form](data, subject, tally)
    elif form == "unknown":
        return data
    else:
        left = _TEXTS.get(form, from_text)(text_of(data) or "", subject, tally)
        new = None if left is None else bytes_of(left, data)
    return data if before == (tally.rows, tally.mentions) else new


def _archive(form: Any, data: bytes, subject: Subject, tally: Tally, name: str, depth: int) -> bytes | None:
    """Archives are written anew, file by file; a file that is called after the person goes as a whole."""
    if depth >= DEEPEST:
        raise UnreadableError(f"an archive within {DEEPEST} others")
    kept: list[tuple[Any, bytes]] = []
    for entry, content in members(form, data):
        inner = name_of(entry) if form != "gzip" else name.removesuffix(".gz")
        if form != "gzip" and subject.mentioned_in(inner):
            tally.rows += 1
            continue
        left = strike(inner, content, subject, tally, depth=depth + 1)
        if left is not None:
            kept.append((entry, left))
    if form == "gzip":
        return gzip.compress(kept[0][1], mtime=0) if kept else None
    out = io.BytesIO()
    if form == "tar":
        with tarfile.open(fileobj=out, mode="w") as tar:
            for entry, content in kept:
                entry.size = len(content) if entry.isreg() else 0
                entry.pax_headers = {}
                tar.addfile(entry, io.BytesIO(content) if entry.isreg() else None)
        return out.getvalue()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        new.comment = tally.text(subject, old.comment.decode("utf-8", "replace")).encode()
        for entry, content in kept:
            fresh = zipfile.ZipInfo(entry.filename, entry.date_time)
            fresh.compress_type, fresh.external_attr = entry.compress_type, entry.external_attr
            fresh.create_system = entry.create_system
            new.writestr(fresh, content)
    return out.getvalue()
