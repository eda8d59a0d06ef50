"""An experiment before two services: each user is answered by the version of their group, and it is on record."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError
from lifecycle.iterate.experiment.assignment import Splitter
from lifecycle.iterate.experiment.kill_switch import KillSwitch
from lifecycle.iterate.experiment.watch import Watch

if TYPE_CHECKING:
    import httpx
    import pandas as pd
    from starlette.requests import Request

_CONNECTION = frozenset(
    {b"connection", b"host", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"content-length"}
)
USER = "x-user-id"


@dataclass(frozen=True)
class Exposure:
    """One request, as the experiment saw it.

    Attributes
    ----------
    user : str
        Empty where the caller did not say.
    group : str or None
        Which group the user belongs to; None where they take no part.
    served : str
        Whose answer went out: another one than `group` after a failure, or once the kill switch was pulled.
    status : int
        Of the group's own version, which failed where it is 500 or more; of the answer that went out otherwise.
    ms : float
        Until that answer was there.
    """

    user: str
    group: str | None
    served: str
    status: int
    ms: float


@dataclass(frozen=True)
class _Answer:
    """What a version said, its body as it came: packed, where its headers say so."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class ExperimentFront:
    """An ASGI application: asks the version of the user's group, and keeps a log of exposures.

    The user is named by the header ``x-user-id``; whoever is not named, is left out or lies beyond the exposure is answered
    by the first group's version, and not counted. When a challenger fails (status 500 or more, or no answer), the first
    group's version answers in its place: so put this before services that change nothing by answering twice. A failure is
    the challenger's all the same, and its user stays in its group: comparing those who were *served* would compare the
    lucky ones.

    With a `kill_switch`, what the challenger answers is watched, under the names ``errors`` (a rate) and ``p95_ms`` (a
    value); see `Watch` for when. Once it is pulled, everybody is answered by the first group's version. After the owner has
    put it back the challenger is judged by what it answers from then on.

    Parameters
    ----------
    services : mapping of group to str or ASGI application
        Where a version is served, as ``http://127.0.0.1:8001``, or the application itself, whose start-up and shut-down
        code is not run then. The groups of `splitter`, two of them where there is a kill switch.
    splitter : Splitter
    kill_switch : KillSwitch, optional
    window : int
        Answers of the challenger over which its errors are counted.
    timeout : float
        Seconds that a version may take for all of its answer.
    largest : int
        Bytes of a request's body, beyond which it is refused with 413.
    clock : callable
        Seconds, for the answer times.

    Attributes
    ----------
    exposures : list of Exposure
        In the order of the answers. It grows with each request: whoever serves for long calls `drain` now and then.

    Raises
    ------
    DataError
        When services and groups do not match, the kill switch asks for figures that are not measured here, or the window
        is smaller than what it waits for.
    """

    def __init__(
        self,
        services: Mapping[str, Any],
        splitter: Splitter,
        *,
        kill_switch: KillSwitch | None = None,
        window: int = 2000,
        timeout: float = 5.0,
        largest: int = 1_000_000,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        if set(services) != set(splitter.shares):
            raise DataError(f"services {sorted(services)} for groups {sorted(splitter.shares)}", where="ExperimentFront")
        if kill_switch and len(services) != 2:
            raise DataError(f"one switch, and {len(services)} groups", where="ExperimentFront: kill_switch")
        self.exposures: list[Exposure] = []
        self._services, self._splitter, self._switch = dict(services), splitter, kill_switch
        self._timeout, self._largest, self._clock = timeout, largest, clock
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._watch = Watch(kill_switch, window=window) if kill_switch else None
        self._asked = 0

    def ramp_to(self, exposure: float) -> None:
        """Let this share of the users take part; who took part before still does, in the same group."""
        self._splitter = self._splitter.ramped(exposure)

    def drain(self) -> list[Exposure]:
        """Hand over the log so far, and begin an empty one."""
        taken, self.exposures = self.exposures, []
        return taken

    def frame(self) -> pd.DataFrame:
        """The log of exposures, a row a request."""
        import pandas as pd

        return pd.DataFrame([asdict(each) for each in self.exposures], columns=list(Exposure.__dataclass_fields__))

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer one request, or follow the server's start and end."""
        from starlette.requests import ClientDisconnect, Request

        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            try:
                answer = await self._answer(Request(scope, receive))
            except ClientDisconnect:
                return
            await answer(scope, receive, send)

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        self._clients = {name: self._client(name) for name in self._services}
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for client in self._clients.values():
            await client.aclose()
        self._clients = {}
        await send({"type": "lifespan.shutdown.complete"})

    def _client(self, name: str) -> httpx.AsyncClient:
        import httpx

        service = self._services[name]
        if isinstance(service, str):
            return httpx.AsyncClient(base_url=service, trust_env=False)
        transport = httpx.ASGITransport(service, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://service")

    async def _answer(self, request: Request) -> Any:
        from starlette.responses import JSONResponse, Response

        target = request.scope.get("raw_path") or request.url.path.encode()
        if not target.startswith(b"/"):  # an address could name any host
            return JSONResponse({"detail": "the target of a request is a path, such as /score"}, 400)
        if request.url.query:
            target += b"?" + request.url.query.encode()
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > self._largest:
                return JSONResponse({"detail": f"over {self._largest:,} bytes"}, 413)
        user = request.headers.get(USER, "")
        group = self._splitter.group(user) if user else None
        got, served = await self._ask_for(group, request, target, body, user)
        if got is None:
            return JSONResponse({"detail": "the service gave no answer"}, 502)
        answer = Response(got.body, got.status, headers={"x-served-by": served})
        answer.raw_headers += _passed_on(got.headers)
        return answer

    async def _ask_for(
        self, group: str | None, request: Request, target: bytes, body: bytes, user: str
    ) -> tuple[_Answer | None, str]:
        """The answer that goes out, and whose it is; failures of a challenger are counted and stood in for."""
        first = self._splitter.first
        served = first if group is None or (self._switch and self._switch.pulled) else group
        got, ms = await self._ask(served, request, target, body)
        status = got.status if got is not None else 502
        if served != first:
            self._note(status, ms)
            if status >= 500:
                served = first
                got, _ = await self._ask(first, request, target, body)
        self.exposures.append(Exposure(user, group, served, status, ms))
        return got, served

    async def _ask(self, name: str, request: Request, target: bytes, body: bytes) -> tuple[_Answer | None, float]:
        import httpx

        started = self._clock()
        client = self._clients.get(name) or self._client(name)
        try:
            url = client.base_url.copy_with(raw_path=client.base_url.raw_path.rstrip(b"/") + target)
            # made by hand: a client's own requests carry its cookies, and so one user's to the next
            sent = httpx.Request(request.method, url, headers=_passed_on(request.headers.raw), content=body)
            async with asyncio.timeout(self._timeout):  # httpx has none for an application in this process
                try:
                    got: _Answer | None = await _send(client, sent)
                except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                    got = await _send(client, sent)  # a kept connection that the server had just closed
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            got = None
        finally:
            if name not in self._clients:
                await client.aclose()
        return got, 1000 * (self._clock() - started)

    def _note(self, status: int, ms: float) -> None:
        self._asked += 1
        if self._watch:
            self._watch.answered(failed=status >= 500, ms=ms, when=f"request {self._asked:,} of the challenger")


async def _send(client: httpx.AsyncClient, request: httpx.Request) -> _Answer:
    reply = await client.send(request, stream=True)
    try:
        body = b"".join([part async for part in reply.aiter_raw()])
    finally:
        await reply.aclose()
    return _Answer(reply.status_code, reply.headers.raw, body)


def _passed_on(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """What belongs to the message, and not to the connection that it came by."""
    return [(name.lower(), value) for name, value in headers if name.lower() not in _CONNECTION]
