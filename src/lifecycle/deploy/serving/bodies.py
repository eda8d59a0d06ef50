"""Receiving what a client sends, without waiting for ever and without taking whatever comes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lifecycle.deploy.serving.refusal import RefusalError

if TYPE_CHECKING:
    from starlette.requests import Request

JSON = "application/json"


async def receive_body(request: Request, *, most: int, seconds: float) -> bytes:
    """The body, if it is called JSON, is no longer than `most` bytes and arrives in time.

    Raises
    ------
    RefusalError
        With status 415, 413 or 408; 400 when the client goes away.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON:
        raise RefusalError(415, f"the body must be sent with the content type {JSON}")
    too_long = f"the body is longer than {most:,} bytes"
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:20]) > most:
        raise RefusalError(413, too_long)
    from starlette.requests import ClientDisconnect

    parts, size = [], 0
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                size += len(part)
                if size > most:
                    raise RefusalError(413, too_long)
                parts.append(part)
    except TimeoutError:
        raise RefusalError(408, f"the body did not arrive within {seconds:g} s") from None
    except ClientDisconnect:
        raise RefusalError(400, "the client went away before the body had arrived") from None
    return b"".join(parts)
