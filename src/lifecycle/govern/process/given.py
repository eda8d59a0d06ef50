"""What is given to the functions of this room, judged once: each says what was wrong, where, and what is wanted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from lifecycle.govern.process.errors import ProcessError

_DIGEST = re.compile(r"[0-9a-f]{64}")


def text(value: Any, *, where: str, error: type[ProcessError] = ProcessError) -> str:
    """A text that is more than blanks."""
    if not isinstance(value, str) or not value.strip():
        raise error("empty, or no text", where=where, tried=_shown(value), remedy="give a text")
    return value


def names(values: Any, *, where: str) -> list[str]:
    """Several texts. One text alone is none of them: it would be taken letter by letter."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ProcessError("not a list of names", where=where, tried=_shown(values), remedy="give a list, also for one name")
    found = list(values)
    if not all(isinstance(each, str) for each in found):
        raise ProcessError("a name that is no text", where=where, tried=_shown(found))
    return found


def mapping(value: Any, *, where: str, error: type[ProcessError] = ProcessError) -> Mapping[str, Any]:
    """A mapping whose keys are texts."""
    if not isinstance(value, Mapping):
        raise error("not a mapping", where=where, tried=_shown(value), remedy="give names and their values")
    odd = [key for key in value if not isinstance(key, str)]
    if odd:
        raise error(f"the name {odd[0]!r} is no text", where=where)
    return value


def digest(value: Any, *, where: str, error: type[ProcessError] = ProcessError) -> str:
    """A SHA-256 in hexadecimal."""
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise error(
            "not a SHA-256", where=where, tried=_shown(value), remedy="64 hexadecimal digits, as `card_digest` gives"
        )
    return value


def moment(value: Any, *, where: str, error: type[ProcessError] = ProcessError) -> datetime:
    """A time with its zone, from ISO 8601."""
    remedy = "write it as 2026-01-31T09:30:00+00:00"
    try:
        when = datetime.fromisoformat(value)
    except (ValueError, TypeError) as cause:
        raise error(f"`{_shown(value)}` is no time", where=where, remedy=remedy) from cause
    if when.utcoffset() is None:
        raise error(f"`{value}` has no time zone", where=where, remedy=remedy)
    return when


def day(value: Any, *, where: str) -> date:
    """A day of the calendar."""
    if not isinstance(value, date):
        raise ProcessError("not a date", where=where, tried=_shown(value), remedy="give a datetime.date")
    return value


def within(value: Any, low: float, high: float, *, where: str) -> float:
    """A number from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ProcessError(f"not a number from {low:g} to {high:g}", where=where, tried=_shown(value))
    return value


def _shown(value: Any) -> str:
    return repr(value)[:60]
