"""Start-up and shut-down of an application that another one has in its keeping."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from lifecycle.errors import LifecycleError


@asynccontextmanager
async def running(app: Any) -> AsyncIterator[None]:
    """Run the start-up code of an ASGI application before the block, and its shut-down code after it.

    An application that ends, in whatever way, before it has said anything has no such code: so the ASGI specification.

    Raises
    ------
    LifecycleError
        When its start-up or its shut-down fails.
    """
    orders: asyncio.Queue[str] = asyncio.Queue()
    said: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()

    async def receive() -> dict[str, str]:
        return {"type": f"lifespan.{await orders.get()}"}

    async def tell(order: str) -> bool:
        """Whether the application knows this order."""
        orders.put_nowait(order)
        answer = await said.get()
        if answer is not None and answer["type"].endswith(".failed"):
            why = answer.get("message", "").strip()[-500:]
            raise LifecycleError(f"the {order} of an application failed", where="router", tried=why)
        return answer is not None

    task = asyncio.ensure_future(app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, said.put))
    task.add_done_callback(lambda _: said.put_nowait(None))
    try:
        started = await tell("startup")
        yield
        if started and not await tell("shutdown") and (fault := _fault(task)):
            raise LifecycleError("an application broke off its shutdown", where="router", tried=str(fault)) from fault
    finally:
        task.cancel()
        await asyncio.wait({task})
        _fault(task)


def _fault(task: asyncio.Future[None]) -> BaseException | None:
    """What ended the task; asked for also where nobody needs it, since asyncio complains of errors nobody looked at."""
    return task.exception() if task.done() and not task.cancelled() else None
