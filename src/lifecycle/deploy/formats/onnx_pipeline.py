"""Whole scikit-learn pipelines as ONNX, and any ONNX classifier scored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lifecycle.deploy.formats.errors import FormatError

if TYPE_CHECKING:
    import numpy as np

_OPSET = 15


def pipeline_to_onnx(model: Any, *, width: int, name: str = "model") -> bytes:
    """Write a fitted pipeline (scikit-learn's steps, xgboost as the last) as an ONNX graph on float32 inputs.

    Parameters
    ----------
    model : estimator or Pipeline
        A classifier for classes 0 and 1.
    width : int
        How many inputs it takes.
    name : str

    Raises
    ------
    FormatError
        For a step that has no counterpart.
    """
    from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
    from skl2onnx import convert_sklearn, update_registered_converter
    from skl2onnx.common.data_types import FloatTensorType
    from skl2onnx.common.exceptions import MissingShapeCalculator
    from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes
    from xgboost import XGBClassifier

    options = {"nocl": [True, False], "zipmap": [True, False, "columns"]}
    update_registered_converter(
        XGBClassifier, "XGBClassifier", calculate_linear_classifier_output_shapes, convert_xgboost, options=options
    )
    try:
        made = convert_sklearn(
            model, name, [("inputs", FloatTensorType([None, width]))], target_opset={"": _OPSET, "ai.onnx.ml": 3},
            options={"zipmap": False},
        )  # fmt: skip
    except (MissingShapeCalculator, RuntimeError, ValueError, TypeError) as error:
        raise FormatError("it cannot be written as ONNX", where="model", tried=str(error).splitlines()[0][:300]) from error
    return bytes(made.SerializeToString(deterministic=True))


def score_onnx(graph: bytes, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Score rows with an ONNX classifier: the probability of class 1, float64 of shape (n,); one thread."""
    import numpy as np
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    settings.log_severity_level = 3
    session = onnxruntime.InferenceSession(graph, settings, providers=["CPUExecutionProvider"])
    answers = session.run(["probabilities"], {"inputs": np.asarray(values, dtype="float32")})[0]
    scores: np.ndarray[Any, Any] = answers[:, 1].astype("float64")
    return scores
