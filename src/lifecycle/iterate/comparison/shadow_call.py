"""Asking a model over HTTP, or an application itself: what is sent, what comes back, and for how long one listens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

Headers = tuple[tuple[bytes, bytes], ...]

CONNECTION = frozenset(
    (b"connection", b"host", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"content-length")
)
"""Headers about a line and not about what is said on it."""
SECRETS = frozenset((b"authorization", b"cookie", b"proxy-authorization"))
"""Headers by which a caller proves who they are: for the champion alone."""
MARK = b"x-shadow"
_OVERHEAD = 512  # bytes that a row's reply takes in memory, roughly


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it goes to a model."""

    method: str
    target: bytes
    headers: Headers
    body: bytes

    def size(self, rows: int) -> int:
        """Bytes of memory that it takes to keep it, with a reply for each of `rows`; roughly."""
        return len(self.body) + sum(len(name) + len(value) for name, value in self.headers) + _OVERHEAD * rows


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered, as it came over the line; status 0 where it gave no answer, or none in time."""

    status: int
    ms: float
    headers: Headers = ()
    content: bytes = b""


class Model:
    """A model that is served, or the application that would serve it.

    Parameters
    ----------
    served : str or ASGI application
    timeout : float
        Seconds for a whole answer.
    largest : int or None
        Bytes of an answer beyond which nobody listens any more, and there was none; None for no bound.
    """

    def __init__(self, served: Any, *, timeout: float, largest: int | None = None) -> None:
        self._served, self._timeout, self._largest = served, timeout, largest
        self._client: httpx.AsyncClient | None = None

    def open(self) -> None:
        """Keep lines open from now on; without it, each call has a line of its own."""
        self._client = self._made()

    async def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            await self._client.aclose()
        self._client = None

    async def ask(self, call: Call) -> Answer:
        """Its answer; whatever goes wrong on its side is an answer with status 0."""
        client = self._client or self._made()
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self._timeout):
                status, headers, content = await self._read(client, call)
        except Exception:  # an application may raise or send anything, and a line may break in many ways
            status, headers, content = 0, (), b""
        finally:
            if client is not self._client:
                await client.aclose()
        return Answer(status, 1000 * (time.perf_counter() - began), headers, content)

    async def _read(self, client: httpx.AsyncClient, call: Call) -> tuple[int, Headers, bytes]:
        import httpx

        url = client.base_url.copy_with(raw_path=client.base_url.raw_path.rstrip(b"/") + call.target)
        # as it is: a client's own request would add the cookies that another caller was given
        request = httpx.Request(call.method, url, headers=list(call.headers), content=call.body)
        got = await client.send(request, stream=True)
        try:
            content = bytearray()
            async for part in got.aiter_raw():
                content += part
                if self._largest is not None and len(content) > self._largest:
                    return 0, (), b""
            return got.status_code, tuple(got.headers.raw), bytes(content)
        finally:
            await got.aclose()

    def _made(self) -> httpx.AsyncClient:
        import httpx

        if isinstance(self._served, str):
            return httpx.AsyncClient(base_url=self._served, timeout=self._timeout, trust_env=False)
        app = self._served if self._largest is None else _brief(self._served, self._largest)
        return httpx.AsyncClient(base_url="http://model", transport=httpx.ASGITransport(app, raise_app_exceptions=False))


def is_path(target: bytes) -> bool:
    """Whether a target is a path, and not an address, which could name any host."""
    import httpx

    try:
        httpx.URL("http://model").copy_with(raw_path=target)
    except (httpx.InvalidURL, UnicodeDecodeError):
        return False
    return target.startswith(b"/")


def passed_on(headers: Sequence[tuple[bytes, bytes]], *, without: frozenset[bytes]) -> Headers:
    """Headers but for those of the line, and for some."""
    return tuple((name, value) for name, value in headers if name.lower() not in CONNECTION | without)


def readable(headers: Headers) -> Headers:
    """The same headers, with no wish for an answer in a packing that we could not look into."""
    wishes = b",".join(value for name, value in headers if name.lower() == b"accept-encoding").lower()
    if not wishes:
        return headers
    gzip = any(wish.strip() == b"gzip" for wish in wishes.split(b","))
    kept = tuple((name, value) for name, value in headers if name.lower() != b"accept-encoding")
    return (*kept, (b"accept-encoding", b"gzip" if gzip else b"identity"))


def _brief(app: Any, largest: int) -> Any:
    """The application, stopped when it has said more than `largest` bytes: called directly, nothing else would stop it."""

    async def stopped(scope: dict[str, Any], receive: Any, send: Any) -> None:
        said = 0

        async def counted(message: dict[str, Any]) -> None:
            nonlocal said
            if said > largest:
                raise OverflowError("the answer is longer than anybody listens")
            said += len(message.get("body", b""))
            await send(message)

        await app(scope, receive, counted)

    return stopped
