"""A record of the trail and its head: what they hold, how they are written, and what makes them authentic."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lifecycle.govern.record.canonical import canonical, reading
from lifecycle.govern.record.signatures import SigningKey, is_signed

START = "0" * 64
"""What the first record of a trail names as the one before it."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Record:
    """One thing that happened.

    Attributes
    ----------
    number : int
        Its place in the trail, from 1.
    at : str
        When it was recorded: ISO 8601 in UTC.
    actor, action, subject : str
        Who did what to what.
    detail : mapping
        Whatever else there is to say: what JSON can hold.
    digests : mapping of str to str
        Names of files and their SHA-256, which tie the record to exact bytes.
    key : str
        The public key of who kept the trail then.
    previous : str
        The hash of the record before it.
    hash : str
        SHA-256 of all of the above.
    signature : str
        Of the hash, by that key.
    """

    number: int
    at: str
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    digests: Mapping[str, str]
    key: str
    previous: str
    hash: str
    signature: str

    def line(self) -> bytes:
        """How the record stands in the file, with the end of the line."""
        return canonical(asdict(self)) + b"\n"


@dataclass(frozen=True)
class Head:
    """How far a trail goes: what reveals that its end was cut off. A copy kept elsewhere reveals an older trail put back.

    Attributes
    ----------
    count : int
        Number of records.
    size : int
        Their length in bytes.
    hash : str
        Of the last one.
    key, signature : str
        Whose, over all of the above.
    """

    count: int
    size: int
    hash: str
    key: str
    signature: str

    def line(self) -> bytes:
        """How the head stands in its file."""
        return canonical(asdict(self)) + b"\n"


def make_record(key: SigningKey, *, number: int, previous: str, **said: Any) -> Record:
    """Chain and sign what is said.

    Raises
    ------
    ValueError, TypeError
        For what JSON cannot hold.
    """
    content = {"number": number, "previous": previous, "key": key.public, **said}
    digest = hashlib.sha256(canonical(content)).hexdigest()
    return Record(**content, hash=digest, signature=key.sign(digest.encode(), purpose="trail record"))


def make_head(key: SigningKey, *, count: int, size: int, last: str) -> Head:
    """Sign how far the trail goes."""
    content = {"count": count, "size": size, "hash": last, "key": key.public}
    return Head(**content, signature=key.sign(canonical(content), purpose="trail head"))  # type: ignore[arg-type]


def read_record(line: bytes) -> Record | None:
    """A line of the file without its end as a record with the right hash; None for anything else. Signed or not."""
    content = reading(line)
    if content is None or set(content) != set(Record.__dataclass_fields__):
        return None
    record = Record(**content)
    if type(record.number) is not int or not _texts(record.key, record.previous, record.hash, record.signature):
        return None
    body = {name: value for name, value in content.items() if name not in ("hash", "signature")}
    return record if record.hash == hashlib.sha256(canonical(body)).hexdigest() else None


def read_head(data: bytes, trusted: frozenset[str]) -> Head | None:
    """A head that a trusted key signed; None for anything else."""
    content = reading(data[:-1]) if data.endswith(b"\n") else None
    if content is None or set(content) != set(Head.__dataclass_fields__):
        return None
    head = Head(**content)
    if type(head.count) is not int or type(head.size) is not int or not _texts(head.key, head.hash, head.signature):
        return None
    body = {name: value for name, value in content.items() if name != "signature"}
    genuine = head.key in trusted and is_signed(canonical(body), head.signature, head.key, purpose="trail head")
    return head if genuine else None


def record_is_signed(record: Record, trusted: frozenset[str]) -> bool:
    """Whether a trusted key signed the record's hash."""
    return record.key in trusted and is_signed(record.hash.encode(), record.signature, record.key, purpose="trail record")


def _texts(*values: object) -> bool:
    return all(isinstance(value, str) for value in values)


def is_digest(text: object) -> bool:
    """Whether this is a SHA-256 in hexadecimal."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None
