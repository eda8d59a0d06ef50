"""A mirror in front of two services: the champion answers, the challenger gets a copy, and nobody waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle.iterate.comparison.shadow_call import CONNECTION, MARK, SECRETS, Call, Model, is_path, passed_on, readable
from lifecycle.iterate.comparison.shadow_log import Pair, ShadowError, ShadowLog
from lifecycle.iterate.comparison.shadow_pairs import Copy, pairs_of, replies_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_AT_ONCE = 64  # requests whose pairs share a commit
_MOST_PAIRS = 100_000  # that may wait for the disk
_DISK = 30.0  # seconds that the end waits for the disk, and no longer


@dataclass(frozen=True)
class Mirrored:
    """What a shadow did with the requests, so far.

    Attributes
    ----------
    requests : int
        That were to be scored, whether the champion could or not.
    copied : int
        Of these, handed on to the challenger.
    dropped : int
        Not handed on, because the queue was full, or given up at the end.
    failed : int
        Handed on, and not answered with status 200 in time, although the champion did.
    unlogged : int
        Whose pair could not be written.
    """

    requests: int = 0
    copied: int = 0
    dropped: int = 0
    failed: int = 0
    unlogged: int = 0


class Shadow:
    """An ASGI application: requests go to the champion, whose answer is the answer; a copy goes to the challenger.

    The copy is put into a bounded queue after the champion has answered, and workers send it when they come to it. So a
    challenger that is slow, broken or gone costs its own pairs and nothing else: when the queue is full, copies are dropped
    and counted. What a shadow cannot give is a second machine: where both models share processors, the challenger's
    work slows the champion down, so serve it elsewhere and measure.

    Only scoring is copied, because a copy must change nothing. It carries the header ``x-shadow: 1``, by which a service
    behind the challenger can tell that nobody waits for its answer, and that no letter is to be sent. A caller's own
    ``x-shadow`` is taken away, or anybody could switch the letters off. By what callers prove who they are
    (``authorization``, ``cookie``, ``proxy-authorization``) is not for the challenger: the copy goes without.

    Served (as by an ASGI server), copies are sent in the background, and those that are waiting at the end get `drain`
    seconds. Without a server (as called in process, where each request has an event loop of its own), and mounted in an
    application that keeps the server's start to itself, the copy is sent before the request is over: the same log, no
    isolation.

    Parameters
    ----------
    champion, challenger : str or ASGI application
        Where a model is served, as ``http://127.0.0.1:8001``, or the application itself; its start-up and shut-down code
        is not run then.
    log : Path, str or None
        A SQLite file for the pairs; see `read_pairs`.
    share : float
        Share of the scoring requests that is copied, evenly spread; in [0, 1]. Less than 1 where load is shared.
    waiting : int
        Copies that may wait in the queue, 1 or more.
    memory : int
        Bytes that waiting copies may take together, roughly.
    workers : int
        Copies that are with the challenger at one time, 1 or more.
    timeout : float
        Seconds that either model may take.
    drain : float
        Seconds for the copies that wait at the end.
    paths : tuple of str
        What is copied, when it is posted.
    largest : int
        Bytes of a request's body, beyond which it is refused with 413, and of a challenger's answer, beyond which it is
        given up and counts as none.
    credentials : mapping of str to str, optional
        Headers for the challenger alone, such as a key of its own.

    Raises
    ------
    ShadowError
        When a setting is out of range.
    """

    def __init__(
        self,
        champion: Any,
        challenger: Any,
        *,
        log: Path | str | None = None,
        share: float = 1.0,
        waiting: int = 1000,
        memory: int = 64_000_000,
        workers: int = 4,
        timeout: float = 5.0,
        drain: float = 10.0,
        paths: tuple[str, ...] = ("/score", "/score/batch"),
        largest: int = 4_000_000,
        credentials: Mapping[str, str] | None = None,
    ) -> None:
        if not 0 <= share <= 1 or waiting < 1 or workers < 1:
            raise ShadowError(
                "a setting is out of range", where="Shadow", tried=f"{share=}, {waiting=}, {workers=}",
                remedy="a share lies in [0, 1], and at least one copy waits and one worker works",
            )  # fmt: skip
        self.counts = Mirrored()
        self._champion = Model(champion, timeout=timeout)
        self._challenger = Model(challenger, timeout=timeout, largest=largest)
        own = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (credentials or {}).items()]
        self._own = (*own, (MARK, b"1"))
        self._log = ShadowLog(log) if log is not None else None
        self._share, self._due = share, 0.0
        self._waiting, self._memory, self._workers, self._drain = waiting, memory, workers, drain
        self._paths, self._largest = paths, largest
        self._queue: asyncio.Queue[Copy] | None = None
        self._pairs: asyncio.Queue[list[Pair]] | None = None
        self._held = self._unwritten = 0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer one request, or follow the server's start and end."""
        from starlette.requests import ClientDisconnect, Request

        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            try:
                answer, copy = await self._answered(Request(scope, receive))
            except ClientDisconnect:
                return
            await answer(scope, receive, send)
            if copy is not None:
                await self._hand_on(copy)

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        self._queue, self._pairs, self._held, self._unwritten = asyncio.Queue(self._waiting), asyncio.Queue(), 0, 0
        self._champion.open()
        self._challenger.open()
        workers = [asyncio.create_task(self._work()) for _ in range(self._workers)]
        writer = asyncio.create_task(self._write())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if not await _ended(self._queue, within=self._drain):
            while not self._queue.empty():
                self._drop(self._queue.get_nowait())
        await _cancelled(workers)
        if not await _ended(self._pairs, within=_DISK):
            self._count(unlogged=self._unwritten)
        await _cancelled([writer])
        await self._champion.close()
        await self._challenger.close()
        self._queue = self._pairs = None
        await send({"type": "lifespan.shutdown.complete"})

    async def _answered(self, request: Request) -> tuple[Response, Copy | None]:
        """The champion's answer, and the copy of a request that is to be mirrored."""
        from starlette.responses import JSONResponse, Response

        target = request.scope.get("raw_path") or request.url.path.encode()
        if request.scope["query_string"]:
            target += b"?" + request.scope["query_string"]
        if not is_path(target):
            return JSONResponse({"detail": "the target of a request is a path, such as /score"}, 400), None
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > self._largest:
                return JSONResponse({"detail": f"over {self._largest:,} bytes"}, 413), None
        scoring = request.method == "POST" and request.url.path in self._paths
        headers = passed_on(request.scope["headers"], without=frozenset((MARK,)))
        call = Call(request.method, target, readable(headers) if scoring else headers, bytes(body))
        arrived, got = time.time(), await self._champion.ask(call)
        answer: Response = Response(got.content, got.status or 502)
        answer.raw_headers.extend((name.lower(), value) for name, value in got.headers if name.lower() not in CONNECTION)
        if not got.status:
            answer = JSONResponse({"detail": "the service gave no answer"}, 502)
        if not scoring:
            return answer, None
        self._count(requests=1)
        self._due += self._share
        if self._due < 1 - 1e-9:
            return answer, None
        self._due -= 1
        return answer, Copy(call, arrived, *replies_of(got, largest=self._largest))

    async def _hand_on(self, copy: Copy) -> None:
        """Put a copy where a worker finds it, without ever waiting; or send it at once where there are no workers."""
        if self._queue is None:
            self._count(unlogged=self._keep(await self._paired(copy)))
        elif self._queue.full() or self._held + copy.size > self._memory:
            self._drop(copy)
        else:
            self._held += copy.size
            self._queue.put_nowait(copy)

    def _drop(self, copy: Copy) -> None:
        self._count(dropped=1)
        self._note(pairs_of(copy, "dropped", ()))

    def _note(self, pairs: list[Pair]) -> None:
        """Put pairs where they are written, without ever waiting for the disk."""
        assert self._pairs is not None
        if self._unwritten + len(pairs) > _MOST_PAIRS:
            self._count(unlogged=len(pairs))
            return
        self._unwritten += len(pairs)
        self._pairs.put_nowait(pairs)

    async def _work(self) -> None:
        assert self._queue is not None
        while True:
            copy = await self._queue.get()
            try:
                self._note(await self._paired(copy))
            except asyncio.CancelledError:  # the end came, and the challenger has not answered
                self._drop(copy)
                raise
            finally:
                self._held -= copy.size
                self._queue.task_done()

    async def _write(self) -> None:
        """Write pairs in a thread, many in one commit: the champion's answers do not wait for a disk."""
        assert self._pairs is not None
        while True:
            batch = [await self._pairs.get()]
            while not self._pairs.empty() and len(batch) < _AT_ONCE:
                batch.append(self._pairs.get_nowait())
            together = [pair for pairs in batch for pair in pairs]
            self._count(unlogged=await asyncio.to_thread(self._keep, together))
            self._unwritten -= len(together)
            for _ in batch:
                self._pairs.task_done()

    def _keep(self, pairs: list[Pair]) -> int:
        """Write pairs; how many could not be, which is no reason to leave a caller without an answer."""
        if self._log is None:
            return 0
        try:
            self._log.write(pairs)
        except ShadowError:
            return len(pairs)
        return 0

    async def _paired(self, copy: Copy) -> list[Pair]:
        """Ask the challenger."""
        replaced = SECRETS | {name.lower() for name, _ in self._own}
        marked = replace(copy.call, headers=(*passed_on(copy.call.headers, without=replaced), *self._own))
        replies, _ = replies_of(await self._challenger.ask(marked), largest=self._largest)
        failed = replies[0].status != 200 == copy.replies[0].status
        self._count(copied=1, failed=int(failed))
        return pairs_of(copy, "failed" if failed else "paired", replies)

    def _count(self, **more: int) -> None:
        self.counts = replace(self.counts, **{name: getattr(self.counts, name) + n for name, n in more.items()})


async def _ended(queue: asyncio.Queue[Any], *, within: float) -> bool:
    """Whether all that waits in a queue was dealt with in time."""
    try:
        async with asyncio.timeout(within):
            await queue.join()
    except TimeoutError:
        return False
    return True


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
