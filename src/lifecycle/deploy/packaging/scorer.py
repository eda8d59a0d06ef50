"""Rows in, chances out, by one of two engines that must agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

from lifecycle.deploy.packaging.calibration import Calibration
from lifecycle.deploy.packaging.errors import PackageError
from lifecycle.deploy.packaging.onnx_model import INPUT, OUTPUT

if TYPE_CHECKING:
    import numpy as np
    from xgboost import Booster

    Array = np.ndarray[Any, Any]

Engine = Literal["onnx", "xgboost"]


class Scorer(Protocol):
    """What scores rows that the guard has let through. One thread; may be called from several threads at once."""

    def scores(self, values: Array) -> Array:
        """Calibrated chances, float64 of shape (n,), of inputs of float32 of shape (n, k)."""

    def contributions(self, values: Array) -> Array:
        """What each input adds to the log-odds before calibration, shape (n, k + 1); the last column is the base.

        These are the SHAP values of the trees (TreeSHAP, path-dependent); a row of them sums to the row's log-odds.
        """


class XgboostScorer:
    """Scores by the library that the model was trained with."""

    def __init__(self, model: bytes, calibration: Calibration) -> None:
        self._booster = booster_of(model)
        self._calibration = calibration

    def scores(self, values: Array) -> Array:
        """See `Scorer`."""
        return self._calibration(self._booster.inplace_predict(values, validate_features=False))

    def contributions(self, values: Array) -> Array:
        """See `Scorer`."""
        return contributions_of(self._booster, values)


class OnnxScorer:
    """Scores by onnxruntime: light, and fastest for one row. Contributions come from xgboost, loaded at the first call."""

    def __init__(self, graph: bytes, model: bytes, calibration: Calibration) -> None:
        import onnxruntime

        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = settings.inter_op_num_threads = 1
        settings.log_severity_level = 3  # errors
        self._run = onnxruntime.InferenceSession(graph, settings, providers=["CPUExecutionProvider"]).run
        self._outputs = [OUTPUT]
        self._calibration = calibration
        self._model = model
        self._booster: Booster | None = None

    def scores(self, values: Array) -> Array:
        """See `Scorer`."""
        return self._calibration(self._run(self._outputs, {INPUT: values})[0][:, 1])

    def contributions(self, values: Array) -> Array:
        """See `Scorer`."""
        if self._booster is None:
            self._booster = booster_of(self._model)
        return contributions_of(self._booster, values)


def scorer_of(engine: Engine, *, model: bytes, graph: bytes, calibration: Calibration) -> Scorer:
    """The scorer for an engine; `PackageError` for one that there is not."""
    if engine == "onnx":
        return OnnxScorer(graph, model, calibration)
    if engine == "xgboost":
        return XgboostScorer(model, calibration)
    raise PackageError(f"no engine {engine!r}", where="engine", remedy="engines: onnx, xgboost")


def booster_of(model: bytes) -> Booster:
    """The trees of a model written as JSON, predicting on one thread."""
    from xgboost import Booster

    booster = Booster({"nthread": 1})
    booster.load_model(bytearray(model))
    booster.set_param({"nthread": 1})  # the file may name another number
    return booster


def contributions_of(booster: Booster, values: Array) -> Array:
    """See `Scorer.contributions`; float64."""
    from xgboost import DMatrix

    rows = DMatrix(values, nthread=1, feature_names=booster.feature_names)
    parts: Array = booster.predict(rows, pred_contribs=True, validate_features=False).astype("float64")
    return parts
