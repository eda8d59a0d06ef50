"""A package as a web application."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lifecycle.deploy.serving.answers import Answers
from lifecycle.deploy.serving.contract import Contract
from lifecycle.deploy.serving.limits import Limits
from lifecycle.deploy.serving.request_log import RequestLog
from lifecycle.deploy.serving.schemas import batch_schema, one_schema

if TYPE_CHECKING:
    from fastapi import FastAPI

    from lifecycle.deploy.packaging.package import Package


def create_app(
    package: Package,
    *,
    log: RequestLog | Path | str | None = None,
    reasons: bool = True,
    wordings: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> FastAPI:
    """A service that answers with the package's model, and refuses what its schema does not allow.

    ======================  =============================================================================================
    ``POST /score``         ``{"features": {name: number, ...}, "request_id": "..."}``: one score; the id may be left out
    ``POST /score/batch``   ``{"rows": [{name: number, ...}, ...], "request_id": "..."}``: a score a row
    ``GET /health``         200 as long as the process answers
    ``GET /ready``          200 while requests would be answered, 503 while the log cannot be written
    ``GET /version``        name, version and digest of the model
    ``GET /metrics``        counters and histograms for Prometheus
    ``GET /openapi.json``   this description, with the schema of the requests
    ======================  =============================================================================================

    It takes model inputs, as the feature store serves them, and not raw rows. Who may ask is not its business: it checks no
    identity, so put it behind something that does.

    Parameters
    ----------
    package : Package
        Its golden rows are scored first: a model that gives other scores here than it was released with is refused.
    log : RequestLog, Path or str, optional
        Where requests are logged. An answer leaves after its entry is written; None logs nothing.
    reasons : bool
        Whether an answer says why.
    wordings : mapping of name to text, optional
        How reasons call the features; by default by their meaning in the package's schema.
    limits : Limits, optional
        Bounds of a request.

    Returns
    -------
    FastAPI
        Serve it with `serving` for the length of a block, with `run_service` until Ctrl-C, or ask it with `in_process`.

    Raises
    ------
    ModelError
        When the model does not give the golden rows their scores.

    Examples
    --------
    >>> app = create_app(open_package("package.zip", digest=digest), log="requests.sqlite")  # doctest: +SKIP
    """
    from lifecycle.deploy.serving.routes import application
    from lifecycle.deploy.serving.scoring import Scoring

    bounds = limits or Limits()
    answers = Answers(package, reasons=reasons, wordings=wordings)
    contract = Contract(package.fields, batch_rows=bounds.batch_rows, problems=bounds.problems)
    book = RequestLog(log) if isinstance(log, Path | str) else log
    schemas = one_schema(package.fields), batch_schema(package.fields, rows=bounds.batch_rows)
    return application(Scoring(answers, contract, log=book, limits=bounds), title=package.name, schemas=schemas)
