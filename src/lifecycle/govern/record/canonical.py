"""JSON in one spelling: equal contents give equal bytes, so that a digest of the bytes is a digest of the contents."""

from __future__ import annotations

import json
from typing import Any


def canonical(content: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spare blanks.

    Raises
    ------
    ValueError, TypeError
        For what JSON cannot hold: not a number, infinities, half a surrogate pair, other types.
    """
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def reading(line: bytes) -> dict[str, Any] | None:
    """The object that `line` holds; None unless the line is exactly how `canonical` would write it."""
    try:
        content = json.loads(line)
        return content if isinstance(content, dict) and canonical(content) == line else None
    except (ValueError, RecursionError):  # not JSON, not UTF-8, NaN, digits without end, brackets without end
        return None
