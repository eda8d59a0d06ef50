"""PMML: the model as an XML document that Java programs have read for decades, written and read with Java's own libraries.

Both take a Java runtime, which comes as a Python package. Nothing of Java stays in this process: writing and reading happen
in processes of their own.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.formats.errors import FormatError
from lifecycle.deploy.formats.java_home import QUICK, java_home

if TYPE_CHECKING:
    import numpy as np

_SECONDS = 300
# The converter would report a failed conversion to its maker. A model is nobody else's business: connections go nowhere.
_SILENT = ("-Dhttps.proxyHost=127.0.0.1", "-Dhttps.proxyPort=9", "-Dhttp.proxyHost=127.0.0.1", "-Dhttp.proxyPort=9")
_STAMP = re.compile(rb"\s*<Timestamp>[^<]*</Timestamp>")


def to_pmml(model: Any, *, features: Sequence[str], target: str) -> bytes:
    """Write a fitted classifier (scikit-learn or xgboost, a Pipeline too) as PMML 4.4; equal models give equal bytes.

    Parameters
    ----------
    model : estimator for classes 0 and 1
    features : sequence of str
        Names of its inputs, in order.
    target : str

    Raises
    ------
    FormatError
        When the converter refuses, with what it said.
    """
    import numpy as np
    from sklearn2pmml import sklearn2pmml
    from sklearn2pmml.pipeline import PMMLPipeline

    pipeline = PMMLPipeline([("model", model)])
    pipeline.active_fields, pipeline.target_fields = np.array(list(features)), np.array([target])
    said = io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "model.pmml"
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                sklearn2pmml(pipeline, str(place), java_home=str(java_home()), java_opts=[*QUICK, *_SILENT])
        except (RuntimeError, TypeError, ValueError) as error:
            lines = [line for line in said.getvalue().splitlines() if "Exception" in line] or [str(error)]
            raise FormatError("it cannot be written as PMML", where="model", tried=lines[0][:300]) from error
        return _STAMP.sub(b"", place.read_bytes())


def score_pmml(
    document: bytes, values: np.ndarray[Any, Any], *, features: Sequence[str], times: dict[str, float] | None = None
) -> np.ndarray[Any, Any]:
    """Score rows with a PMML document, by the Java evaluator.

    Parameters
    ----------
    document : bytes
        A classifier with the classes 0 and 1.
    values : array of shape (n, k)
    features : sequence of str, k names
    times : dict, optional
        Filled with milliseconds: ``start`` of Java and loading the document, ``all`` rows at once, ``one`` row once warm.

    Returns
    -------
    array of float64, shape (n,)
        The probability of class 1, before calibration.

    Raises
    ------
    FormatError
        When the document cannot be read, its inputs are others, or a row has no answer.
    """
    import numpy as np

    if values.ndim != 2 or values.shape[1] != len(features):
        raise FormatError(f"rows of shape {values.shape} for {len(features)} features", where="PMML")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "model.pmml").write_bytes(document)
        np.save(place / "rows.npy", np.asarray(values, dtype="float64"), allow_pickle=False)
        command = [sys.executable, "-m", "lifecycle.deploy.formats.pmml_process", folder, *features]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise FormatError(f"it took longer than {_SECONDS} s", where="PMML") from error
        if done.returncode:
            raise FormatError("the document gives no scores", where="PMML", tried=done.stderr.strip()[-300:])
        if times is not None:
            times.update(json.loads(done.stdout))
        scores: np.ndarray[Any, Any] = np.load(place / "scores.npy", allow_pickle=False)
        return scores
