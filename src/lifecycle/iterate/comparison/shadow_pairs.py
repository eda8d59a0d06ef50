"""Pairs for the log, out of the answers of two models."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, replace
from typing import Any

from lifecycle.iterate.comparison.shadow_call import Answer, Call
from lifecycle.iterate.comparison.shadow_log import Pair, Reply

_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Copy:
    """A request that the champion has dealt with, for the challenger."""

    call: Call
    arrived: float
    replies: tuple[Reply, ...]
    request_id: str

    @property
    def size(self) -> int:
        """Bytes of memory that it takes, roughly."""
        return self.call.size(len(self.replies))


def replies_of(answer: Answer, *, largest: int) -> tuple[tuple[Reply, ...], str]:
    """An answer row by row, and the id under which it was given; up to `largest` bytes of it, unpacked, are looked at."""
    content = _content(answer, largest)
    if not isinstance(content, dict):
        return (Reply(answer.status, answer.ms),), ""
    results = content.get("results", [content])
    rows = results if isinstance(results, list) and results else [content]
    named = content.get("request_id", "")
    name = str(named) if isinstance(named, str | int) else ""
    # an id may hold what is no text in any encoding, as "\ud800", and it goes into a file
    clean = name[:_LONGEST_ID].encode("utf-8", "replace").decode()
    return tuple(Reply(answer.status, answer.ms, *_scored(row)) for row in rows), clean


def pairs_of(copy: Copy, fate: str, replies: tuple[Reply, ...]) -> list[Pair]:
    """A pair a row; a challenger that did not answer row by row, as the champion did, has the same status on all of them."""
    theirs: tuple[Reply | None, ...] = replies
    if len(replies) != len(copy.replies):
        whole = replace(replies[0], prediction=None, probability=None) if replies else None
        theirs = (whole,) * len(copy.replies)
    both = zip(copy.replies, theirs, strict=True)
    return [
        Pair(copy.request_id, row, copy.arrived, fate, champion, challenger)
        for row, (champion, challenger) in enumerate(both)
    ]


def _content(answer: Answer, largest: int) -> Any:
    packed = {name.lower(): value.lower() for name, value in answer.headers}.get(b"content-encoding", b"identity")
    content = answer.content
    try:
        if packed == b"gzip":
            content = zlib.decompressobj(wbits=31).decompress(content, largest + 1)
        return json.loads(content) if len(content) <= largest else None
    except (ValueError, RecursionError, zlib.error):
        return None


def _scored(row: Any) -> tuple[int | None, float | None]:
    said = row if isinstance(row, dict) else {}
    prediction, probability = said.get("prediction"), said.get("probability")
    return (
        int(prediction) if prediction in (0, 1) else None,
        float(probability) if isinstance(probability, float) or probability in (0, 1) else None,
    )
