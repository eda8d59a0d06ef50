"""A service in one file: what is enough for a demonstration among colleagues, and no more.

It loads a model, takes a request, parses it, predicts and returns JSON. There is no contract to speak of, no log, no limit,
no readiness, no identity: see `create_app` for what that takes. It also keeps, on request, the fault that services of this
kind have most often: the model's whole number is numpy's, and Python's JSON writer does not know it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from lifecycle.deploy.packaging.package import Package


def light_app(package: Package, *, mended: bool = True) -> Starlette:
    """A service with one path: ``POST /predict`` with ``{"features": {name: number, ...}}``.

    Parameters
    ----------
    package : Package
    mended : bool
        False hands numpy's own numbers to the JSON writer, which fails: status 500 for every request that is right.

    Returns
    -------
    Starlette
        Answers 200 with ``prediction`` and ``probability``, or 400 with ``error``.
    """
    import numpy as np
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    scorer = package.scorer()

    async def predict(request: Request) -> Response:
        try:
            content = await request.json()
            row = [float(content["features"][name]) for name in package.features]
        except (ValueError, TypeError, LookupError, RecursionError) as error:
            return JSONResponse({"error": f"not a request: {type(error).__name__}"}, 400)
        scores = scorer.scores(np.array([row], dtype=np.float32))
        prediction, probability = package.decide(scores)[0], scores[0]
        answer: dict[str, Any] = {"prediction": prediction, "probability": probability}  # numpy.int64, numpy.float64
        if mended:
            answer = {"prediction": int(prediction), "probability": float(probability)}
        return JSONResponse(answer)

    return Starlette(routes=[Route("/predict", predict, methods=["POST"])])
