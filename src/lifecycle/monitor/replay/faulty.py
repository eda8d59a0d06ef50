"""A service in front of which something goes wrong."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from lifecycle.monitor.replay.incident import Incident

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_SECONDS = 0.15


def faulty(app: Application, incident: Incident, clock: Callable[[], int]) -> Application:
    """The same application, which really delays and fails as the incident says.

    From the day of a ``latency`` incident on, each POST waits ``0.15 * strength`` seconds before the application gets it,
    and about ``2 % * strength`` of them get status 503 in its place: every so manyth, so that it is repeatable. What the
    application counts and times itself (its own ``/metrics``) does not see this wait, as it would not see a queue in front
    of it: measure where the caller stands as well. Incidents of other kinds are in the requests; they pass through.

    Parameters
    ----------
    app : ASGI application
        As `lifecycle.deploy.create_app` makes it.
    incident : Incident
    clock : callable
        Gives the present day.

    Returns
    -------
    ASGI application
    """
    numbers = itertools.count(1)
    every = round(1 / (0.02 * incident.strength))

    async def faulty_app(scope: Scope, receive: Receive, send: Send) -> None:
        ill = incident.kind == "latency" and scope["type"] == "http" and scope["method"] == "POST"
        if not ill or not incident.active(clock()):
            await app(scope, receive, send)
            return
        await asyncio.sleep(_SECONDS * incident.strength)
        if next(numbers) % every:
            await app(scope, receive, send)
            return
        body = b'{"error": "service unavailable"}'
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return faulty_app
