"""A small reverse proxy in front of two versions: it shares out traffic, watches the new one, and takes it back."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.release.lifespan import running
from lifecycle.deploy.release.messages import decision_of, passed_on, reply, target_of
from lifecycle.deploy.release.ramp import Observed, RampLimits, Verdict, judge
from lifecycle.deploy.serving.capacity import percentile
from lifecycle.errors import LifecycleError

if TYPE_CHECKING:
    import httpx

_REMEMBERED = 2000


@dataclass
class _Tally:
    """What one version did since the last step began."""

    requests: int = 0
    errors: int = 0
    flagged: int = 0
    answered: int = 0
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def observed(self) -> Observed:
        p95 = 1000 * percentile(self.seconds, 0.95) if self.seconds else 0.0
        return Observed(self.requests, self.errors, self.flagged, self.answered, p95)


@dataclass(frozen=True)
class Event:
    """Something the router did on its own or on order.

    Attributes
    ----------
    what : str
        ``"ramp"``, ``"switch"`` or ``"roll back"``.
    share : float
        Share of the candidate from then on.
    reason : str
    """

    what: str
    share: float
    reason: str = ""


class Router:
    """An ASGI application that sends each request to the stable version or to the candidate.

    Who carries a key (header ``x-client-id``) meets the same version each time, and keeps the candidate as its share grows;
    requests without a key are dealt out evenly. When the candidate fails (an answer of 500 or more, or none in time), the
    stable version answers the same request in its place, so the caller notices nothing; the failure is counted, and when
    the limits are broken the candidate gets no traffic any more. Scoring changes nothing but a log on the server, so asking
    twice is safe; do not put this in front of requests that do change something.

    The switch is a method and not an address of the service: whoever can reach the service cannot switch it.

    Parameters
    ----------
    stable, candidate : str or ASGI application
        Where a version is served, as ``http://127.0.0.1:8001``, or the application itself, which is started and ended with
        the router. No candidate: all goes to stable.
    limits : RampLimits
        What the candidate may do and stay.
    timeout : float
        Seconds that a version may take for an answer.
    largest : int
        Bytes of a request's body, beyond which it is refused with 413.
    clock : callable
        Seconds, for the answer times.

    Attributes
    ----------
    share : float
        Of the traffic that the candidate gets, 0 to 1.
    events : list of Event
        What was done, in order.
    """

    def __init__(
        self,
        stable: Any,
        candidate: Any = None,
        *,
        limits: RampLimits | None = None,
        timeout: float = 5.0,
        largest: int = 4_000_000,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.limits = limits or RampLimits()
        self.share = 0.0
        self.events: list[Event] = []
        self._targets: dict[str, Any] = {"stable": stable, "candidate": candidate}
        self._before: Any = None
        self._timeout = timeout
        self._largest = largest
        self._clock = clock
        self._clients: dict[
            Any, dict[int, httpx.AsyncClient]
        ] = {}  # by event loop: connections belong to the one that made them
        self._dealt = 0.5
        self._tallies = {name: _Tally() for name in self._targets}

    def ramp_to(self, share: float) -> None:
        """Give the candidate this share of the traffic, and start to count anew.

        Raises
        ------
        LifecycleError
            When there is no candidate, or the share is none.
        """
        if self._targets["candidate"] is None:
            raise LifecycleError("there is no candidate to give traffic to", where="router")
        if not 0 <= share <= 1:
            raise LifecycleError(f"a share lies between 0 and 1, {share!r} does not", where="router")
        self.share = share
        self._tallies = {name: _Tally() for name in self._targets}
        self.events.append(Event("ramp", share))

    def switch(self) -> None:
        """Blue-green: make the candidate the stable version, all at once; the one before stays at hand for `roll_back`."""
        if self._targets["candidate"] is None:
            raise LifecycleError("there is no candidate to switch to", where="router")
        self._before = self._targets["stable"]
        self._targets = {"stable": self._targets["candidate"], "candidate": None}
        self.share = 0.0
        self._tallies = {name: _Tally() for name in self._targets}
        self.events.append(Event("switch", 0.0))

    def roll_back(self, reason: str) -> None:
        """Take the candidate out of traffic; after a `switch`, put the version before back into its place.

        Raises
        ------
        LifecycleError
            When there is nothing to go back to.
        """
        if self._targets["candidate"] is None:
            if self._before is None:
                raise LifecycleError("there is no version to go back to", where="router")
            self._targets = {"stable": self._before, "candidate": None}
            self._before = None
        self.share = 0.0
        self.events.append(Event("roll back", 0.0, reason))

    def observed(self, name: str = "candidate") -> Observed:
        """What ``"candidate"`` or ``"stable"`` did since the last step began."""
        return self._tallies[name].observed()

    def verdict(self) -> Verdict:
        """What the limits say about the candidate, as of now."""
        return judge(self.observed(), self.limits)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer one request, or follow the server's start and end."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        applications = {
            id(each): each for each in (*self._targets.values(), self._before) if not isinstance(each, str | None)
        }
        async with AsyncExitStack() as stack:
            try:
                for each in applications.values():
                    await stack.enter_async_context(running(each))
            except LifecycleError as error:
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            self._clients[asyncio.get_running_loop()] = {}
            stack.push_async_callback(self._close)
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _close(self) -> None:
        for client in self._clients.pop(asyncio.get_running_loop()).values():
            await client.aclose()

    async def _http(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        target = target_of(scope)
        if target is None:
            await reply(send, 400, [], b'{"detail": "the target of a request is a path, such as /score"}')
            return
        body = await self._body(receive)
        if body is None:
            await reply(send, 413, [], json.dumps({"detail": f"over {self._largest:,} bytes"}).encode())
            return
        name = "candidate" if self._to_candidate(scope) else "stable"
        status, headers, content = await self._ask(name, scope, target, body)
        if name == "candidate":
            self._watch()
            if status >= 500:
                name = "stable"
                status, headers, content = await self._ask(name, scope, target, body)
        await reply(send, status, [*headers, (b"x-served-by", name.encode())], content)

    async def _body(self, receive: Any) -> bytes | None:
        """The request's body; None where it is too large (what comes then is read no further)."""
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return b"".join(parts)
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._largest:
                return None
            if not message.get("more_body"):
                return b"".join(parts)

    def _to_candidate(self, scope: dict[str, Any]) -> bool:
        if self.share <= 0:
            return False
        key = next((value for name, value in scope["headers"] if name == b"x-client-id"), None)
        if key is not None:
            place = int.from_bytes(sha256(key).digest()[:8], "big") / 2**64
        else:
            self._dealt = (self._dealt + 0.6180339887498949) % 1.0  # the golden ratio deals evenly at any share
            place = self._dealt
        return place < self.share

    async def _ask(
        self, name: str, scope: dict[str, Any], target: bytes, body: bytes
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        import httpx

        version = self._targets[name] if self._targets[name] is not None else self._targets["stable"]
        base = httpx.URL(version if isinstance(version, str) else "http://version")
        url = base.copy_with(raw_path=base.raw_path.rstrip(b"/") + target)
        request = httpx.Request(scope["method"], url, headers=passed_on(scope["headers"]), content=body)
        tally, started = self._tallies[name], self._clock()
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._client(version) as client,
                aclosing(await client.send(request, stream=True)) as answer,  # as it is: no cookies of the client's own
            ):
                content = b"".join([part async for part in answer.aiter_raw()])
            status, decision = answer.status_code, decision_of(answer.status_code, answer.headers, content)
            kept = passed_on(answer.headers.raw)
        except (httpx.HTTPError, TimeoutError) as error:
            status, kept, decision = 502, [(b"content-type", b"application/json")], None
            content = json.dumps({"detail": f"the service gave no answer: {type(error).__name__}"}).encode()
        tally.requests += 1
        tally.errors += status >= 500
        tally.seconds.append(self._clock() - started)
        if decision is not None:
            tally.answered += 1
            tally.flagged += decision
        return status, kept, content

    def _watch(self) -> None:
        if self.share > 0 and self._targets["candidate"] is not None:
            verdict = self.verdict()
            if verdict.action == "roll back":
                self.roll_back(verdict.reason)

    @asynccontextmanager
    async def _client(self, version: Any) -> AsyncIterator[httpx.AsyncClient]:
        """A client that stays open while a server runs this router; without one, it is for one request."""
        import httpx

        transport = None if isinstance(version, str) else httpx.ASGITransport(version, raise_app_exceptions=False)
        kept = self._clients.get(asyncio.get_running_loop())
        if kept is None:
            async with httpx.AsyncClient(transport=transport, timeout=self._timeout, trust_env=False) as client:
                yield client
            return
        if id(version) not in kept:
            kept[id(version)] = httpx.AsyncClient(transport=transport, timeout=self._timeout, trust_env=False)
        yield kept[id(version)]
