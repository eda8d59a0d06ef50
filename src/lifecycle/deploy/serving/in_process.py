"""Asking an application without a network: the same requests and answers, and no socket."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx


def in_process(app: Any) -> httpx.Client:
    """An ordinary `httpx.Client` whose requests go straight to `app`.

    For tests, for exercises and for places without a network. What the server does, as limits on connections and
    time-outs, is left out: try that with `serving`. Each request runs in an event loop of its own, so this also works in a
    notebook, where a loop is running already. An error that the application does not handle becomes status 500, as a caller
    would see it.

    Parameters
    ----------
    app : ASGI application
        For example a `fastapi.FastAPI`. Its start-up and shut-down code is not run.

    Examples
    --------
    >>> in_process(app).get("/health").status_code  # doctest: +SKIP
    200
    """
    import httpx

    class Direct(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            request.read()
            with ThreadPoolExecutor(1) as thread:
                return thread.submit(asyncio.run, answer(request)).result()

    async def answer(request: httpx.Request) -> httpx.Response:
        inner = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        sent = httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
        got = await inner.handle_async_request(sent)
        headers = got.headers  # one of them may say how the content is packed: it is handed on as it came
        content = b"".join([part async for part in got.aiter_raw()])
        return httpx.Response(got.status_code, headers=headers, content=content, request=request)

    return httpx.Client(transport=Direct(), base_url="http://service")
