"""The paths of the service. Loads FastAPI, so `create_app` imports it when it is called."""

from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from lifecycle.deploy.serving.bodies import JSON
from lifecycle.deploy.serving.forms import BatchAnswer, Model, OneAnswer, RefusalAnswer, State
from lifecycle.deploy.serving.refusal import RefusalError
from lifecycle.deploy.serving.scoring import FAULT, Scoring, json_response

_log = logging.getLogger("uvicorn.scoring")
_METRICS = "text/plain; version=0.0.4; charset=utf-8"


class _Direct(APIRoute):
    """A route that hands the request to its function as it is: the function checks the body, strictly and in little time."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        function: Callable[[Request], Awaitable[Response]] = self.endpoint
        return function


def application(scoring: Scoring, *, title: str, schemas: tuple[dict[str, Any], dict[str, Any]]) -> FastAPI:
    """The application around `scoring`; see `lifecycle.deploy.create_app`."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        scoring.start()
        yield
        scoring.close()

    version = scoring.answers.model["version"]
    app = FastAPI(title=title, version=version, lifespan=lifespan, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.scoring = scoring
    app.router.route_class = _Direct
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _fault)
    _add_scoring(app, scoring, schemas)
    _add_states(app, scoring)
    return app


def _add_scoring(app: FastAPI, scoring: Scoring, schemas: tuple[dict[str, Any], dict[str, Any]]) -> None:
    refusals: dict[int | str, dict[str, Any]] = {
        400: {"model": RefusalAnswer, "description": "Not JSON."},
        408: {"model": RefusalAnswer, "description": "The body did not arrive in time."},
        413: {"model": RefusalAnswer, "description": "The body is too large."},
        415: {"model": RefusalAnswer, "description": "The body is not called application/json."},
        422: {"model": RefusalAnswer, "description": "A field is missing, unknown, of another type or out of range."},
        503: {"model": RefusalAnswer, "description": "The request could not be logged."},
    }
    for path, function, model, schema, summary in (
        ("/score", scoring.one, OneAnswer, schemas[0], "Score one row."),
        ("/score/batch", scoring.batch, BatchAnswer, schemas[1], "Score up to as many rows as the schema allows."),
    ):
        body = {"requestBody": {"required": True, "content": {JSON: {"schema": schema}}}}
        app.router.add_api_route(
            path, function, methods=["POST"], response_model=model, responses=refusals, openapi_extra=body,
            operation_id=path.strip("/").replace("/", "_"), summary=summary,
        )  # fmt: skip


def _add_states(app: FastAPI, scoring: Scoring) -> None:
    async def health(_request: Request) -> Response:
        return json_response(200, {"status": "ok"})

    async def ready(_request: Request) -> Response:
        return json_response(200, {"status": "ready"}) if scoring.ready() else json_response(503, {"status": "not ready"})

    async def version(_request: Request) -> Response:
        return json_response(200, scoring.answers.model)

    async def metrics(_request: Request) -> Response:
        return Response(scoring.metrics.text(), media_type=_METRICS)

    nothing: dict[int | str, dict[str, Any]] = {}
    unready: dict[int | str, dict[str, Any]] = {
        503: {"model": State, "description": "It has been ended, or the log cannot be written."}
    }
    for path, function, model, responses in (
        ("/health", health, State, nothing),
        ("/ready", ready, State, unready),
        ("/version", version, Model, nothing),
    ):
        app.router.add_api_route(path, function, response_model=model, responses=responses, operation_id=path[1:])
    text: dict[int | str, dict[str, Any]] = {
        200: {"description": "Prometheus's text format.", "content": {"text/plain": {"schema": {"type": "string"}}}}
    }
    app.router.add_api_route("/metrics", metrics, response_class=Response, responses=text, operation_id="metrics")


async def _http_error(_request: Request, error: Exception) -> Response:
    """No such path or method, in the form of every other refusal."""
    assert isinstance(error, HTTPException)
    refusal = RefusalError(error.status_code, str(error.detail).lower())
    response = json_response(error.status_code, refusal.body(uuid.uuid4().hex))
    response.headers.update(error.headers or {})
    return response


async def _fault(request: Request, error: Exception) -> Response:
    """A fault of ours: the client learns an id to ask by, the server's log has the rest."""
    request_id = getattr(request.state, "request_id", None) or uuid.uuid4().hex
    _log.error("request %s failed: %r", request_id, error)
    return json_response(500, RefusalError(500, FAULT).body(request_id))
