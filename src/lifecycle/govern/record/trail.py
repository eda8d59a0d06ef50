"""The audit trail: a file that only grows, in which nothing can be changed without its being seen.

Each record holds the hash of the one before it, so that a change anywhere breaks everything after it; each is signed, so
that nobody without the key can make the chain anew; and a signed head says how many there are, so that the end cannot be
cut off. Whoever holds the key can still write a false trail, and whoever can replace both files can put an older pair back:
for the one there are separate duties, for the other a head kept elsewhere (`Verified.head`).
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from lifecycle.artifacts import replace_file
from lifecycle.govern.record.canonical import canonical, reading
from lifecycle.govern.record.entries import (
    START,
    Head,
    Record,
    is_digest,
    make_head,
    make_record,
    read_head,
    read_record,
    record_is_signed,
)
from lifecycle.govern.record.errors import TrailError
from lifecycle.govern.record.signatures import SigningKey
from lifecycle.govern.record.verification import head_of

_AS = "write it as 2026-01-31T09:30:00+00:00"
_FAR = 2**62  # Windows locks bytes, not files, and a locked byte cannot be read: one that no file has


class Trail:
    """A trail that can be appended to.

    Parameters
    ----------
    path : Path or str
        The file of records, one JSON object a line; made with the first record. Its head is kept beside it (`head_of`).
    key : SigningKey
        The key of who keeps the trail. Actors are named in the records; they need no key for that.
    earlier : collection of str
        Public keys with which the trail was kept before, where the key has changed.

    Notes
    -----
    A record is on disk (``fsync``), and sealed by the head, when `append` returns. Several processes may append to one
    trail: each waits for the other. A writer that is killed leaves a broken line, or a whole one that the head does not
    count yet: the next `append` cuts off the former, and says so in a record of its own; it seals the latter. For all
    before that end, `append` trusts the head: `verify_trail` is what reads every record.

    Examples
    --------
    >>> import tempfile
    >>> key = SigningKey.teaching("keeper")
    >>> place = Path(tempfile.mkdtemp()) / "trail.jsonl"
    >>> Trail(place, key).append("Ana", "approved", "credit model 1.2", {"gate": "technical review"}).number
    1
    """

    def __init__(self, path: Path | str, key: SigningKey, *, earlier: Collection[str] = ()) -> None:
        self.path = Path(path)
        if self.path.is_dir():
            raise TrailError("a folder is no trail", fault="input", where=self.path.name, remedy="name a file: trail.jsonl")
        if head_of(self.path) == self.path:
            raise TrailError("a trail cannot end in .head: its head does", fault="input", where=self.path.name,
                             remedy="call it trail.jsonl")  # fmt: skip
        self._key = key
        self._trusted = frozenset([key.public, *earlier])

    @property
    def public(self) -> str:
        """The public key with which anybody can verify what is appended here."""
        return self._key.public

    def append(
        self,
        actor: str,
        action: str,
        subject: str,
        detail: Mapping[str, Any] | None = None,
        digests: Mapping[str, str] | None = None,
        *,
        at: datetime | str | None = None,
    ) -> Record:
        """Record that `actor` did `action` to `subject`, and wait until that is on disk.

        Parameters
        ----------
        actor, action, subject : str
            Not empty.
        detail : mapping, optional
            What JSON can hold, with names that are text.
        digests : mapping of str to str, optional
            Names of files and the SHA-256 of their bytes, as `digest_of_file` gives it.
        at : datetime or str, optional
            When, with its time zone; now where it is left out.

        Raises
        ------
        TrailError
            With `fault` ``input`` for a record that cannot be; any other where the trail at hand is not to be continued:
            nothing is written then.
        """
        said = _said(
            {"actor": actor, "action": action, "subject": subject},
            dict(detail or {}),
            dict(digests or {}),
            at,
            self.path.name,
        )
        with _alone_with(self.path) as stream:
            head = self._mended(stream, said["at"])
            return self._write(stream, head, said)[0]

    def _write(self, stream: BinaryIO, head: Head, said: Mapping[str, Any]) -> tuple[Record, Head]:
        """Write one record after `head`, and seal it."""
        record = make_record(self._key, number=head.count + 1, previous=head.hash, **said)
        line = record.line()
        stream.seek(head.size)
        stream.write(line)
        stream.flush()
        os.fsync(stream.fileno())
        return record, self._seal(record.number, head.size + len(line), record.hash)

    def _seal(self, count: int, size: int, last: str) -> Head:
        head = make_head(self._key, count=count, size=size, last=last)
        replace_file(head_of(self.path), head.line())
        return head

    def _mended(self, stream: BinaryIO, at: str) -> Head:
        """The head from which to go on; what a killed writer left behind it is sealed, or cut off and recorded."""
        beside = head_of(self.path)
        head = read_head(beside.read_bytes(), self._trusted) if beside.is_file() else None
        size = stream.seek(0, os.SEEK_END)
        if head is None and beside.is_file():
            raise self._refusal("the head was changed, or another key keeps this trail")
        if head is None and size:
            raise self._refusal("there are records, and no head that says how many there should be")
        if head is None:
            head = self._seal(0, 0, START)  # before the first record, so that records without a head are never in order
        if size < head.size:
            raise self._refusal("the trail is shorter than its head says")
        stream.seek(head.size)
        left = stream.read()
        if not left:
            return head
        line, end, more = left.partition(b"\n")
        if end:  # whole: written, and not yet sealed
            record = read_record(line)
            follows = record is not None and (record.number, record.previous) == (head.count + 1, head.hash)
            if record is None or not follows or more or not record_is_signed(record, self._trusted):
                raise self._refusal("there are lines after the last record that the head counts")
            return self._seal(record.number, size, record.hash)
        stream.truncate(head.size)
        lost = {"bytes": len(left), "sha256": hashlib.sha256(left).hexdigest()}
        action = "cut off a line that broke off while it was written"
        said = _said({"actor": "trail", "action": action, "subject": self.path.name}, lost, {}, at, "")
        return self._write(stream, head, said)[1]

    def _refusal(self, what: str) -> TrailError:
        return TrailError(
            what, fault="head", where=self.path.name, tried="to append to it", remedy="see `verify_trail` for what happened"
        )


def digest_of_file(path: Path | str) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _said(
    texts: Mapping[str, str], detail: dict[str, Any], digests: dict[str, str], at: datetime | str | None, where: str
) -> dict[str, Any]:
    """What a record says, judged before anything is written, as it will come back from the file."""
    for name, value in texts.items():
        if not isinstance(value, str) or not value.strip():
            raise TrailError(f"`{name}` is empty, or no text", fault="input", where=where, remedy="say who did what to what")
    odd = [name for name, digest in digests.items() if not is_digest(digest)]
    if odd:
        raise TrailError(f"the digest of `{odd[0]}` is no SHA-256", fault="input", where=where,
                         remedy="`digest_of_file` gives it: 64 hexadecimal digits")  # fmt: skip
    try:
        said = reading(canonical({"at": _time(at, where), **texts, "detail": detail, "digests": digests}))
    except (ValueError, TypeError, RecursionError) as error:
        raise TrailError(f"JSON cannot hold the detail: {error}", fault="input", where=where,
                         remedy="turn it into text, finite numbers, lists and mappings first") from error  # fmt: skip
    if said is None:
        raise TrailError("JSON has no one way to write the detail", fault="input", where=where, remedy="use text for names")
    return said


def _time(at: datetime | str | None, where: str) -> str:
    try:
        when = datetime.now(UTC) if at is None else at if isinstance(at, datetime) else datetime.fromisoformat(at)
    except (ValueError, TypeError) as error:
        raise TrailError(f"`at` is no time: {at!r}", fault="input", where=where, remedy=_AS) from error
    if when.tzinfo is None:
        raise TrailError("`at` has no time zone", fault="input", where=where, remedy=_AS)
    return when.astimezone(UTC).isoformat()


@contextmanager
def _alone_with(path: Path) -> Iterator[BinaryIO]:
    """The file, open for reading and writing, and locked: the system lets go of it when the process ends, however."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
    with os.fdopen(descriptor, "r+b") as stream:
        if sys.platform == "win32":
            import msvcrt

            stream.seek(_FAR)
            msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(stream.fileno(), fcntl.LOCK_EX)
        yield stream
