"""Is the trail what was written? If not, the first record that is wrong is named, and what was done to it."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lifecycle.govern.record.entries import START, Head, Record, read_head, read_record, record_is_signed
from lifecycle.govern.record.errors import Fault, TrailError

_EVIDENCE = "keep this file as it is: it is evidence; go back to a copy whose head you have"


@dataclass(frozen=True)
class Verified:
    """A trail that is whole, up to its head.

    Attributes
    ----------
    records : tuple of Record
    head : Head
        Keep it (or its `count` and `hash`) where the trail's keeper cannot reach it: with it, `verify_trail` notices an
        older trail put back in place of this one, which nothing within the files can reveal.
    unsealed : int
        1 where the last record is whole and signed, and its writer was stopped before the head said so; else 0.
    """

    records: tuple[Record, ...]
    head: Head
    unsealed: int = 0

    def rows(self) -> list[dict[str, Any]]:
        """Number, time, actor, action and subject of each record, for a table."""
        names = ("number", "at", "actor", "action", "subject")
        return [{name: getattr(record, name) for name in names} for record in self.records]


def head_of(path: Path | str) -> Path:
    """Where the head of the trail `path` is kept: beside it, as ``trail.head`` of ``trail.jsonl``."""
    return Path(path).with_suffix(".head")


def verify_trail(path: Path | str, public: str | Collection[str], *, anchor: Head | None = None) -> Verified:
    """Read a trail, and believe nothing of it that is not chained and signed.

    Parameters
    ----------
    path : Path or str
        The file of records; its head is beside it.
    public : str or collection of str
        The public key of who keeps the trail, or several, where keys have changed. From somewhere else than the trail.
    anchor : Head, optional
        A head of this trail that was kept elsewhere: the trail must go at least as far, through the same record.

    Returns
    -------
    Verified

    Raises
    ------
    TrailError
        With `record`, the first that is wrong, and `fault`, how.
    """
    place, beside = Path(path), head_of(path)
    if not place.is_file():
        raise TrailError("there is no such trail", fault="head", where=place.name, remedy="give the path of its .jsonl file")
    head = beside.read_bytes() if beside.is_file() else b""
    return verify_trail_bytes(place.read_bytes(), head, public, anchor=anchor, name=place.name)


def verify_trail_bytes(
    records: bytes, head: bytes, public: str | Collection[str], *, anchor: Head | None = None, name: str = "trail"
) -> Verified:
    """`verify_trail`, of the contents of both files; `name` is for messages."""
    trusted = frozenset([public] if isinstance(public, str) else public)
    sealed = read_head(head, trusted)
    lines = _Lines(records, trusted, sealed.count if sealed else None, name)
    good = lines.check()
    if sealed is None:
        raise TrailError(
            "the head is missing" if not head else "the head was changed, or no trusted key signed it",
            fault="head", where=head_of(name).name,
            tried=f"{len(good):,} records of {name} are in order; whether there were more, nobody can say", remedy=_EVIDENCE,
        )  # fmt: skip
    if len(good) - sealed.count > 1 or (sealed.count and good[sealed.count - 1].hash != sealed.hash):
        raise TrailError(
            f"the head speaks of {sealed.count:,} records, the last with another hash, or of an older trail than this",
            fault="head", where=head_of(name).name, tried=f"{name} has {len(good):,} records, in order", remedy=_EVIDENCE,
        )  # fmt: skip
    if anchor is not None and (len(good) < anchor.count or (anchor.count and good[anchor.count - 1].hash != anchor.hash)):
        said = f"the head kept elsewhere speaks of {anchor.count:,} records, the trail has {len(good):,}"
        raise TrailError(
            "an older trail, or another one, was put in place of this one",
            fault="truncated",
            record=min(len(good) + 1, anchor.count),
            where=name,
            tried=said,
            remedy=_EVIDENCE,
        )
    return Verified(tuple(good), sealed, len(good) - sealed.count)


class _Lines:
    """The lines of a trail, and what can be said of each."""

    def __init__(self, data: bytes, trusted: frozenset[str], count: int | None, name: str) -> None:
        *whole, rest = data.split(b"\n")
        self.lines = [*whole, rest] if rest else whole
        self.cut = bool(rest)  # the last line has no end
        self.count = count
        self.name = name
        self.trusted = trusted
        self._known: dict[int, Record | None] = {}

    def check(self) -> list[Record]:
        """The records, each in its place; TrailError at the first that is not."""
        good: list[Record] = []
        previous = START
        for index in range(len(self.lines)):
            record = self._authentic(index)
            if record is None:
                raise self._strange(index, len(good) + 1)
            if record.number != len(good) + 1:
                raise self._misplaced(index, record.number, len(good) + 1)
            if record.previous != previous:
                text = "signed by a trusted key, but it continues another trail"
                raise self._error("foreign", text, index, record.number)
            good.append(record)
            previous = record.hash
        if self.count is not None and len(good) < self.count:
            text = f"the file ends before it; the head speaks of {self.count:,} records"
            raise self._error("truncated", text, None, len(good) + 1)
        return good

    def _authentic(self, index: int) -> Record | None:
        """The record of a line, where it is whole and signed."""
        if index not in self._known:
            last = self.cut and index == len(self.lines) - 1
            record = None if last else read_record(self.lines[index])
            self._known[index] = record if record and record_is_signed(record, self.trusted) else None
        return self._known[index]

    def _misplaced(self, index: int, number: int, wanted: int) -> TrailError:
        """An authentic record where another one should stand."""
        if number < wanted:
            return self._error("inserted", f"a copy of record {number} stands here", index, wanted)
        for later in range(index + 1, len(self.lines)):
            record = self._authentic(later)
            if record and record.number == wanted:
                text = f"record {number} stands in its place, and it stands on line {later + 1}"
                return self._error("reordered", text, index, wanted)
        return self._error("removed", f"record {number} stands in its place, and it is nowhere", index, wanted)

    def _strange(self, index: int, wanted: int) -> TrailError:
        """A line that is no record, or one that nobody trusted signed: what comes after it tells what it is."""
        end = index + 1
        while end < len(self.lines) and self._authentic(end) is None:
            end += 1
        after = self._authentic(end) if end < len(self.lines) else None
        following = after.number if after else None if self.count is None else self.count + 1
        if self.cut and index == len(self.lines) - 1 and _broken_off(self.lines[index]):
            if following is not None and wanted < following:
                return self._error("truncated", "the file ends within this record", index, wanted)
            text = "the last line broke off while it was written, or was added without a key"
            return self._error(
                "unfinished", text, index, wanted, remedy="append with the trail's key: it sets the piece aside and says so"
            )
        if following is not None and following <= wanted:
            return self._error("inserted", "a line that no trusted key signed, between records that follow each other",
                               index, wanted)  # fmt: skip
        record = read_record(self.lines[index])
        if record is None:
            return self._error("altered", "its contents and its hash do not fit each other", index, wanted)
        if record.key not in self.trusted:
            return self._error("signature", f"signed with the key {record.key[:16]}…, which is not trusted", index, wanted)
        return self._error("signature", "the signature is not that of its hash by its key", index, wanted)

    def _error(self, fault: Fault, text: str, index: int | None, wanted: int, *, remedy: str = _EVIDENCE) -> TrailError:
        place = f"{self.name}, record {wanted}" + ("" if index is None else f" (line {index + 1})")
        return TrailError(f"{fault}: {text}", fault=fault, record=wanted, where=place, remedy=remedy)


def _broken_off(line: bytes) -> bool:
    """Whether a line without an end is the beginning of a record, and not a whole one with something after it."""
    try:
        json.JSONDecoder().raw_decode(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return True
    return False
