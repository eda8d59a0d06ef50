"""Who gets an answer from the review page: its own page on this machine, opened with the token, and nobody else."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY = 64 * 1024  # bytes of a request
HEADERS = {
    # What a student wrote can bring nothing to run or to load, whatever it is taken for.
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",  # the address holds the token
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Guard:
    """Stands before an application.

    Parameters
    ----------
    token : str
        Needed in ``?token=`` for the page itself, in ``Authorization: Bearer`` for all else.
    hosts : tuple of str
        The hosts it answers to. Another name that resolves to this machine gets nothing, so that a page elsewhere cannot
        reach this one by renaming itself.
    public : frozenset of str
        Paths that hold no secret and need no token.
    """

    def __init__(self, app: App, *, token: str, hosts: tuple[str, ...], public: frozenset[str] = frozenset()) -> None:
        self._app = app
        self._token = token.encode()
        self._hosts = hosts
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            refused = self._refused(scope)
            if refused:
                await _answer(send, *refused)
            else:
                await self._app(scope, receive, _with_headers(send))
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _refused(self, scope: Scope) -> tuple[int, str] | None:
        """Status and reason, or None for a request that may pass."""
        given = _headers(scope)
        host = given.get("host", "")
        if host not in self._hosts:
            return 421, "This page is not served under that name."
        if given.get("origin", f"http://{host}") != f"http://{host}":
            return 403, "Another page may not ask this one."
        if scope["path"] not in self._public and not self._is_known(scope, given):
            return 401, "Open the address that `workbench review` has printed: the token in it is missing or wrong."
        length = given.get("content-length", "0" if scope["method"] in ("GET", "HEAD") else "")
        if not length.isdecimal() or "transfer-encoding" in given:
            return 411, "The length of the request is missing."
        if int(length) > BODY:
            return 413, "The request is too large."
        return None

    def _is_known(self, scope: Scope, given: dict[str, str]) -> bool:
        if scope["path"] == "/":
            (offered,) = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=10).get("token", [""])[:1]
        else:
            kind, _, offered = given.get("authorization", "").partition(" ")
            if kind != "Bearer":
                return False
        return hmac.compare_digest(offered.encode("utf-8", "surrogatepass"), self._token)


def _headers(scope: Scope) -> dict[str, str]:
    """The headers by name; one that is given twice has a value that fits nothing."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        found[key] = f"{found[key]}\0" if key in found else value.decode("latin-1")
    return found


def _with_headers(send: Send) -> Send:
    async def wrapped(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *_encoded()]
        await send(message)

    return wrapped


async def _answer(send: Send, status: int, reason: str) -> None:
    body = f"{reason}\n".encode()
    kind = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*kind, *_encoded()]})
    await send({"type": "http.response.body", "body": body})


def _encoded() -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in HEADERS.items()]
