"""The web application: a page, its script and style, and the few requests that they make.

Imported only where it is served, because it brings a web framework with it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files as resources
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from workbench.errors import GradingError
from workbench.grading.book.rows import GradebookError, ReviewConflictError
from workbench.grading.review import papers
from workbench.grading.review.desk import Desk
from workbench.grading.review.guard import Guard
from workbench.grading.review.papers import Asked, MissingError, Paper

_ASSETS = {
    "/review.js": ("review.js", "text/javascript; charset=utf-8"),
    "/review.css": ("review.css", "text/css; charset=utf-8"),
}


class Marks(BaseModel):
    """What the page sends for one answer."""

    model_config = ConfigDict(extra="forbid", strict=True)

    points: Annotated[dict[Annotated[str, Field(max_length=1000)], float], Field(max_length=100)]
    comment: Annotated[str, Field(max_length=papers.COMMENT)]
    digest: Annotated[str, Field(max_length=100)]
    replace: bool = False


def application(desk: Desk, *, token: str, hosts: tuple[str, ...]) -> Any:
    """The application on a desk.

    Parameters
    ----------
    token : str
        What opens it; in the page's address, and in a header of every request that the page makes.
    hosts : tuple of str
        The values of the header ``Host`` that it answers to: ``127.0.0.1:PORT``.

    Returns
    -------
    ASGI application
        It answers nobody without the token.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/")
    def page() -> Response:
        return Response(_asset("review.html"), media_type="text/html; charset=utf-8")

    for path, (name, kind) in _ASSETS.items():
        app.get(path)(_serving(name, kind))

    @app.get("/api/questions")
    def questions() -> dict[str, Any]:
        asked = [_described(desk, one) for one in desk.questions()]
        return {"reviewer": desk.reviewer, "title": desk.title, "questions": asked}

    @app.get("/api/papers")
    def answers(question: Annotated[str, Query(max_length=300)]) -> list[dict[str, Any]]:
        return [_shown(paper) for paper in desk.papers(question)]

    @app.put("/api/papers/{paper}")
    def mark(paper: str, marks: Marks) -> dict[str, str]:
        desk.mark(paper, marks.points, marks.comment, digest=marks.digest, replace=marks.replace)
        return {"reviewer": desk.reviewer}

    for error, status in ((MissingError, 404), (ReviewConflictError, 409), (GradebookError, 503), (GradingError, 422)):
        app.add_exception_handler(error, _telling(status))
    app.add_exception_handler(RequestValidationError, _invalid)
    return Guard(app, token=token, hosts=hosts, public=frozenset(_ASSETS))


def _serving(name: str, kind: str) -> Callable[[], Response]:
    def serve() -> Response:
        return Response(_asset(name), media_type=kind)

    return serve


@cache
def _asset(name: str) -> bytes:
    return (resources("workbench") / "assets" / name).read_bytes()


def _described(desk: Desk, asked: Asked) -> dict[str, Any]:
    found = desk.papers(asked.name)
    return {
        "name": asked.name,
        "title": asked.title,
        "criteria": [{"text": text, "points": points} for text, points in asked.criteria],
        "prompt": asked.prompt,
        "model": asked.model,
        "count": len(found),
        "read": sum(paper.is_read(asked) for paper in found),
    }


def _shown(paper: Paper) -> dict[str, Any]:
    return {**vars(paper), "text": papers.shown(paper.text), "points": dict(paper.points)}


def _telling(status: int) -> Callable[[Request, Exception], Response]:
    def tell(_request: Request, error: Exception) -> Response:
        what, remedy = (error.what, error.remedy) if isinstance(error, GradingError) else (str(error), "")
        return JSONResponse({"what": what, "remedy": remedy}, status)

    return tell


def _invalid(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"what": "these marks cannot be read", "remedy": "reload the page"}, 422)
