"""Requests and answers as a proxy sees them: what is passed on, and what an answer says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    import httpx

Headers = list[tuple[bytes, bytes]]
_SKIPPED = frozenset(
    {b"connection", b"host", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"content-length"}
)


def passed_on(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The headers that belong to the message, and not to the connection that it came by."""
    return [(key, value) for key, value in headers if key.lower() not in _SKIPPED]


def target_of(scope: dict[str, Any]) -> bytes | None:
    """Path and query as they were written; None where that is no path, as an address, which could name any host."""
    import httpx

    target: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    if not target.startswith(b"/"):
        return None
    if scope["query_string"]:
        target += b"?" + scope["query_string"]
    try:
        httpx.URL("http://version").copy_with(raw_path=target)
    except (httpx.InvalidURL, UnicodeDecodeError):
        return None
    return target


def decision_of(status: int, headers: httpx.Headers, content: bytes) -> int | None:
    """The decision in an answer to one row, 0 or 1; None where there is none. `content` may be compressed."""
    import httpx

    if status != 200:
        return None
    try:
        made = httpx.Response(status, headers=headers, content=content).json()
    except (ValueError, httpx.DecodingError):
        return None
    found = made.get("prediction") if isinstance(made, dict) else None
    return int(found) if found in (0, 1) else None


async def reply(send: Any, status: int, headers: Headers, content: bytes) -> None:
    """Send an answer as an ASGI application does; JSON where no header says otherwise."""
    if not any(name.lower() == b"content-type" for name, _ in headers):
        headers = [*headers, (b"content-type", b"application/json")]
    length = (b"content-length", str(len(content)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": content})
