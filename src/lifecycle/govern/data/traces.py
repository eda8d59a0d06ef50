"""Is anything of a person left? Every file of a folder is read, within archives and tables too; nothing is changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lifecycle.govern.data.contents import DEEPEST, UnreadableError, cells, form_of, members, name_of
from lifecycle.govern.data.subject import Subject


@dataclass(frozen=True)
class Trace:
    """A place where something of the person stands, or where nobody can see.

    Attributes
    ----------
    file : str
        Below the folder that was searched; within archives, ``backup.zip: day/clients.csv``.
    what : str
        ``"cell"`` of one of their columns, ``"mention"``, ``"name of the file"``, or why it could not be read.
    count : int
    """

    file: str
    what: str
    count: int = 1


def find_traces(folder: Path | str, subject: Subject) -> list[Trace]:
    """Search every file below `folder` for `subject`.

    Parameters
    ----------
    folder : Path or str
        Links are not followed.
    subject : Subject

    Returns
    -------
    list of Trace
        Empty when nothing was found in any form that is known here: text in any of its usual encodings, CSV, JSON, Parquet,
        SQLite, DuckDB, zip, tar and gzip, one within another; and raw bytes. Not: pictures, encrypted or packed files of
        another form (`unread_files` lists these).
    """
    place = Path(folder)
    found: list[Trace] = []
    for path in files_of(place):
        name = path.relative_to(place).as_posix()
        if subject.mentioned_in(name):
            found.append(Trace(name, "name of the file"))
        if not path.is_symlink():
            found += traces_in(name, path.read_bytes(), subject)
    return found


def unread_files(folder: Path | str) -> tuple[str, ...]:
    """Files, also within archives, in a form that is not known here: only their raw bytes are searched."""

    def within(name: str, data: bytes, depth: int) -> Iterator[str]:
        form = form_of(name, data)
        if form == "unknown":
            yield name
        elif form in ("zip", "tar", "gzip") and depth < DEEPEST:
            with suppress(UnreadableError):
                for entry, content in members(form, data):
                    inner = name if form == "gzip" else f"{name}: {name_of(entry)}"
                    yield from within(inner.removesuffix(".gz"), content, depth + 1)

    place = Path(folder)
    files = [path for path in files_of(place) if not path.is_symlink()]
    return tuple(found for path in files for found in within(path.relative_to(place).as_posix(), path.read_bytes(), 0))


def files_of(folder: Path) -> Iterator[Path]:
    """Every file below a folder, in order of name, hidden ones too."""
    for base, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(base, name) for name in sorted(names))
        yield from (Path(base, name) for name in folders if Path(base, name).is_symlink())


def traces_in(name: str, data: bytes, subject: Subject, *, depth: int = 0) -> list[Trace]:
    """`find_traces`, of one file's bytes."""
    form = form_of(name, data)
    try:
        if form in ("zip", "tar", "gzip"):
            if depth >= DEEPEST:
                return [Trace(name, f"not opened: within {DEEPEST} archives")]
            return [*_raw(name, data, subject), *_inside(name, form, data, subject, depth)]
        counts = {"cell": 0, "mention": 0}
        for column, value in cells(form, data):
            counts["cell"] += subject.known_as(column, value)
            text = value if isinstance(value, str) else value.decode("utf-8", "replace") if isinstance(value, bytes) else ""
            counts["mention"] += bool(text) and subject.named_in(text)
        found = [Trace(name, what, count) for what, count in counts.items() if count]
    except UnreadableError as error:
        found = [Trace(name, str(error))]
    return found or _raw(name, data, subject)


def _inside(name: str, form: str, data: bytes, subject: Subject, depth: int) -> list[Trace]:
    found = []
    for entry, content in members(form, data):  # type: ignore[arg-type]
        inner = name.removesuffix(".gz") if form == "gzip" else name_of(entry)
        place = name if form == "gzip" else f"{name}: {inner}"
        if form != "gzip" and subject.mentioned_in(inner):
            found.append(Trace(place, "name of the file"))
        for trace in traces_in(inner, content, subject, depth=depth + 1):
            found.append(Trace(trace.file.replace(inner, place, 1), trace.what, trace.count))
    return found


def _raw(name: str, data: bytes, subject: Subject) -> list[Trace]:
    """Words of the person among the bytes as they are: in free pages, dictionaries and forms that are not known here."""
    for encoding in ("latin-1", "utf-16-le", "utf-16-be"):
        text = data.decode(encoding, "replace")
        if subject.mentioned_in(text) or (encoding == "latin-1" and subject.mentioned_in(data.decode("utf-8", "replace"))):
            return [Trace(name, "mention among its bytes")]
    return []
