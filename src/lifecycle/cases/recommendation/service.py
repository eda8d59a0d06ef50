"""Pull: the desk behind an HTTP address, for a seller whose customer is on the telephone."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Annotated, Any

from lifecycle.cases.errors import CaseError
from lifecycle.cases.recommendation.offering import Desk


def recommendation_app(desk: Desk, *, keys: Mapping[str, str] | None = None) -> Any:
    """An ASGI application with ``POST /recommend`` and ``GET /health``.

    The switch is not part of it: a person turns it at the desk, where it is recorded who did. A request that breaks the
    contract gets 422 and is told which fields, never what it had sent; an unknown tenant 404.

    Parameters
    ----------
    desk : Desk
    keys : mapping of tenant to str, optional
        What a caller must send as ``X-Tenant-Key`` to be answered for a tenant; anything else is told 401, whether there is
        such a tenant or not. Without keys the request's own word for the tenant is believed: for one firm behind its own
        door, and for lessons.

    Returns
    -------
    fastapi.FastAPI
    """
    from fastapi import FastAPI, Request
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import JSONResponse
    from pydantic import BaseModel, ConfigDict, Field

    class Call(BaseModel):
        """What the seller's screen sends."""

        model_config = ConfigDict(extra="forbid", strict=True)
        tenant: Annotated[str, Field(max_length=80)]
        basket: Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=50)] = []
        customer: Annotated[str, Field(max_length=80)] = ""
        region: Annotated[str, Field(max_length=80)] = ""
        n: Annotated[int, Field(ge=1, le=20)] | None = None  # as many as the tenant's rules allow, as in a list

    app = FastAPI(title="recommendations", docs_url=None, redoc_url=None)

    async def refused(_request: Any, error: Exception) -> JSONResponse:
        found = error.errors() if isinstance(error, RequestValidationError) else []
        told = [{"field": str(each["loc"][-1]), "problem": each["msg"]} for each in found]
        return JSONResponse({"fields": told}, status_code=422)

    async def recommend(call: Call, request: Request) -> JSONResponse:
        sent, right = request.headers.get("x-tenant-key", ""), (keys or {}).get(call.tenant, "")
        if keys is not None and not (right and hmac.compare_digest(sent.encode(), right.encode())):
            return JSONResponse({"error": "this key does not open this tenant"}, status_code=401)
        try:
            made = desk.answer(call.tenant, call.basket, customer=call.customer, region=call.region, n=call.n)
        except CaseError:
            return JSONResponse({"error": "no such tenant"}, status_code=404)
        items = [{"product": name, "score": round(score, 4)} for name, score in made.items]
        return JSONResponse({"items": items, "reason": made.reason})

    async def health() -> dict[str, str]:
        return {"status": "alive"}

    recommend.__annotations__ |= {
        "call": Call,
        "request": Request,
    }  # names of this function, which FastAPI could not look up as text
    app.add_exception_handler(RequestValidationError, refused)
    app.post("/recommend")(recommend)
    app.get("/health")(health)
    return app
