"""Answering a request: read, check, score, log, count, in this order. Loads Starlette, as `routes` loads FastAPI."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette.requests import Request  # at run time: FastAPI reads the signatures
from starlette.responses import Response

from lifecycle.deploy.serving.answers import Answer, Answers
from lifecycle.deploy.serving.bodies import JSON, receive_body
from lifecycle.deploy.serving.contract import Asked, Contract
from lifecycle.deploy.serving.limits import Limits
from lifecycle.deploy.serving.metrics import Metrics
from lifecycle.deploy.serving.refusal import RefusalError
from lifecycle.deploy.serving.request_log import Entry, LogError, RequestLog
from lifecycle.deploy.serving.strict_json import read_json

_WRITER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
FAULT = "the service failed"
Scored = tuple[Asked, list[Answer]]

_log = logging.getLogger("uvicorn.scoring")  # kept or shown with what the server itself has to say


class Scoring:
    """Takes requests for scores to their answers.

    Parameters
    ----------
    answers : Answers
    contract : Contract
    log : RequestLog or None
    limits : Limits
    """

    def __init__(self, answers: Answers, contract: Contract, *, log: RequestLog | None, limits: Limits) -> None:
        self.answers = answers
        self.contract = contract
        self.log = log
        self.limits = limits
        self.metrics = Metrics(answers.model)
        self._stopped = self._log_fails = False
        self._batches: ThreadPoolExecutor | None = None

    def start(self) -> None:
        """Take requests; also again, after `close`. `LogError` where they could not be logged."""
        if self.log is not None:
            self.log.check()
        self._stopped = self._log_fails = False

    def close(self) -> None:
        """Let go of thread and file; what was asked has been answered by now."""
        self._stopped = True
        if self._batches is not None:
            self._batches.shutdown()
            self._batches = None
        if self.log is not None:
            self.log.close()

    def ready(self) -> bool:
        """Whether a request would be answered: not after the end, and not while the log cannot be written.

        Before the start it would: a server takes nothing by then, and `in_process` starts nothing.
        """
        if self._stopped:
            return False
        if self.log is not None:
            try:
                self.log.check()
            except LogError:
                self._log_fails = True
                return False
            self._log_fails = False
        return True

    async def one(self, request: Request) -> Response:
        """The row of the request gets its score."""

        async def scored(body: bytes) -> Scored:  # in the event loop: that takes less than handing it to a thread would
            asked = self.contract.one(read_json(body))
            return asked, self.answers.of(asked.rows)

        return await self._answered(request, "/score", self.limits.body_bytes, scored)

    async def batch(self, request: Request) -> Response:
        """Each row of the request gets its score, in the order of the rows."""

        def work(body: bytes) -> Scored:  # in a thread, so that single requests go on meanwhile; one batch after the other
            asked = self.contract.batch(read_json(body))
            return asked, self.answers.of(asked.rows)

        async def scored(body: bytes) -> Scored:
            self._batches = self._batches or ThreadPoolExecutor(1, thread_name_prefix="batch")
            return await asyncio.get_running_loop().run_in_executor(self._batches, work, body)

        return await self._answered(request, "/score/batch", self.limits.batch_bytes, scored)

    async def _answered(
        self, request: Request, path: str, most: int, scored: Callable[[bytes], Awaitable[Scored]]
    ) -> Response:
        made_up = uuid.uuid4().hex
        began, clock = time.time(), time.perf_counter()
        try:
            body = await receive_body(request, most=most, seconds=self.limits.body_seconds)
            clock = time.perf_counter()
            asked, found = await scored(body)
            request_id = asked.request_id or made_up
            await self._record(request_id, began, asked, found)
        except RefusalError as refusal:
            request_id = refusal.request_id or made_up
            await self._record_refusal(request_id, began, refusal)
            status, content = refusal.status, refusal.body(request_id)
        except Exception:  # a fault of ours; `routes` answers it, with this id
            request.state.request_id = made_up
            await self._record_refusal(made_up, began, RefusalError(500, FAULT))
            self.metrics.request(path, 500, time.perf_counter() - clock)
            raise
        else:
            self.metrics.scored([each["prediction"] for each in found], [each["probability"] for each in found])
            results = found[0] if path == "/score" else {"results": found}
            status, content = 200, {**results, "model": self.answers.model, "request_id": request_id}
        self.metrics.request(path, status, time.perf_counter() - clock)
        return json_response(status, content)

    async def _record(self, request_id: str, began: float, asked: Asked, found: list[Answer]) -> None:
        if self.log is None:
            return
        entries = [
            self._entry(request_id, began, 200, row=place, features=tuple(row), prediction=each["prediction"],
                        probability=each["probability"])
            for place, (row, each) in enumerate(zip(asked.rows, found, strict=True))
        ]  # fmt: skip
        try:
            await self.log.record(*entries)
        except LogError as error:  # a decision that cannot be accounted for is not given
            self._log_fails = True
            _log.error("%s", error)
            said = "the request could not be logged, so it is not answered"
            raise RefusalError(503, said, request_id=request_id) from error
        self._log_fails = False

    async def _record_refusal(self, request_id: str, began: float, refusal: RefusalError) -> None:
        if self.log is None or self._log_fails:
            return
        fields = "; ".join(f"{each.field} {each.problem}" for each in refusal.problems)
        text = f"{refusal.error}: {fields}" if fields else refusal.error
        try:
            await self.log.record(self._entry(request_id, began, refusal.status, error=text))
        except LogError as error:
            self._log_fails = True
            _log.error("%s", error)

    def _entry(self, request_id: str, began: float, status: int, *, row: int = 0, **result: Any) -> Entry:
        model = self.answers.model
        return Entry(request_id, row, began, status, model["version"], model["digest"], **result)


def json_response(status: int, content: dict[str, Any]) -> Response:
    """An answer in JSON; not a number is no number there either."""
    return Response(_WRITER.encode(content), status, media_type=JSON)
