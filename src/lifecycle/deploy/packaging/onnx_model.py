"""A boosted classifier as an ONNX graph: the same trees for a runtime that knows nothing of xgboost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.deploy.packaging.errors import PackageError

if TYPE_CHECKING:
    from xgboost import XGBClassifier

INPUT = "inputs"
"""The graph's input: float32 of shape (rows, features)."""
OUTPUT = "probabilities"
"""The output to read: float32 of shape (rows, 2), the second column being the score. The other one is ``label``."""
_OPSET = 15  # the first opset of the runtimes of 2021: old enough for any that is still in use


def to_onnx(model: XGBClassifier, *, name: str = "model") -> bytes:
    """Write a fitted binary classifier as ONNX; equal models give equal bytes.

    Parameters
    ----------
    model : XGBClassifier
        With trees as its booster.
    name : str
        The graph's name.

    Returns
    -------
    bytes
        A ``.onnx`` file.

    Raises
    ------
    PackageError
        When the model is not fitted, is no binary classifier, or the converter gives up.
    """
    from onnxmltools import convert_xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType
    from sklearn.exceptions import NotFittedError
    from xgboost import XGBClassifier

    if not isinstance(model, XGBClassifier):
        raise PackageError(f"a package takes an XGBClassifier, not {type(model).__name__}", where="model")
    try:
        booster = model.get_booster()
    except NotFittedError as error:
        raise PackageError("the model is not fitted", where="model") from error
    width = int(booster.num_features())
    names, types = booster.feature_names, booster.feature_types
    booster.feature_names = booster.feature_types = None  # the converter knows only f0, f1, ...
    try:
        made = convert_xgboost(model, initial_types=[(INPUT, FloatTensorType([None, width]))], target_opset=_OPSET)
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PackageError(f"it cannot be written as ONNX: {error}", where="model",
                           remedy="take booster gbtree and objective binary:logistic") from error  # fmt: skip
    finally:
        booster.feature_names, booster.feature_types = names, types
    made.graph.name = name  # a random one otherwise
    outputs = [output.name for output in made.graph.output]
    if outputs != ["label", OUTPUT]:
        raise PackageError(f"a graph with the outputs {outputs}, not label and {OUTPUT}", where="model")
    return bytes(made.SerializeToString(deterministic=True))
