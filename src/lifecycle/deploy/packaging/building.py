"""Building a package: everything is made from the model and its training rows, and sealed by a manifest."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle import artifacts
from lifecycle.deploy.packaging.archive import PACKAGES
from lifecycle.deploy.packaging.calibration import Calibration
from lifecycle.deploy.packaging.contents import MANIFEST, PIECES, canonical, digest_of_bytes
from lifecycle.deploy.packaging.errors import PackageError
from lifecycle.deploy.packaging.field import Field, names_of
from lifecycle.deploy.packaging.guard import guarded
from lifecycle.deploy.packaging.lock import pinned, scoring_lock
from lifecycle.deploy.packaging.model_file import bytes_of, model_of
from lifecycle.deploy.packaging.onnx_model import to_onnx
from lifecycle.deploy.packaging.package import Package, package_of
from lifecycle.deploy.packaging.reference import golden_of, reference_of
from lifecycle.deploy.packaging.scorer import scorer_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from xgboost import XGBClassifier

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_VERSION = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})(-[0-9A-Za-z.-]{1,40})?")
_API = {"request": "an object of feature to number", "response": ["prediction", "probability", "risk_score", "reasons"]}


def build_package(
    path: Path | str,
    *,
    name: str,
    version: str,
    model: XGBClassifier | None = None,
    model_file: Path | str | None = None,
    fields: Sequence[Field],
    threshold: float,
    calibration: Mapping[str, Any] | None,
    metrics: Mapping[str, Any],
    rows: pd.DataFrame,
    settings: Mapping[str, Any],
    use_case: str,
    lock: Path | str | None = None,
) -> Package:
    """Write a package and open it. Made again from the same ingredients it is the same file, byte by byte.

    Parameters
    ----------
    path : Path or str
        A file that ends with ``.zip``, or a new folder.
    name, version : str
        Lower-case letters, digits, ``-`` and ``_``; a semantic version as ``"1.0.0"``.
    model : XGBClassifier, optional
        A fitted binary classifier. Or else
    model_file : Path or str, optional
        its JSON file.
    fields : sequence of Field
        The inputs in the order of the model: `schema_of` makes them from training rows.
    threshold : float
        In (0, 1), on the scale of calibrated chances.
    calibration : mapping or None
        See `Calibration`.
    metrics, settings : mapping
        The evaluation, and the hyperparameters; plain values, kept as they are.
    rows : DataFrame
        Training rows with the fields as columns. What goes into the package: statistics of each feature, the
        quantiles of the scores, and 64 rows without identifier and target to test with.
    use_case : str
    lock : Path or str, optional
        A hash-pinned requirements file to take the scoring packages from; by default the course's lock for this Python.

    Returns
    -------
    Package

    Raises
    ------
    PackageError
        When the model and the fields do not belong together, and for anything that could not be opened again.
    """
    if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
        raise PackageError(
            f"`{name}` `{version}` is no name and version", remedy='as in name="credit-risk", version="1.0.0"'
        )
    if not 0 < threshold < 1:
        raise PackageError(f"{threshold!r} is no threshold for chances", where="threshold", remedy="give one in (0, 1)")
    features = names_of(fields)
    trees = _bytes(model, model_file)
    classifier = model_of(trees, "model")
    _same_features(classifier, features)
    graph = to_onnx(classifier, name=name)
    chances, values = Calibration(calibration), guarded(rows.loc[:, list(features)], features)
    scores = scorer_of("xgboost", model=trees, graph=graph, calibration=chances).scores(values)
    pins = scoring_lock(Path(lock) if lock is not None else _course_lock())
    config = {
        "name": name, "version": version, "use_case": use_case, "features": list(features), "threshold": float(threshold),
        "calibration": chances.settings, "hyperparameters": dict(settings), "metrics": dict(metrics), "api": _API,
        "format": {"onnx": "inputs -> label, probabilities", "score": "before calibration"},
    }  # fmt: skip
    files = {
        "code/score.py": resources("lifecycle.deploy.packaging").joinpath("score.py").read_bytes(),
        "model/model.json": trees,
        "model/model.onnx": graph,
        "config.json": canonical(config),
        "schema.json": canonical({"fields": [field.to_dict() for field in fields]}),
        "environment.json": canonical(_environment(pins)),
        "requirements.lock": pins.encode(),
        "golden.json": canonical(golden_of(rows.loc[:, list(features)], scores)),
        "reference.json": canonical(reference_of(rows.loc[:, list(features)], scores, threshold=threshold)),
        "README.md": _readme(config, fields).encode(),
    }
    manifest = {
        "format": 1, "name": name, "version": version, "use_case": use_case,
        "files": {each: digest_of_bytes(data) for each, data in files.items()},
    }  # fmt: skip
    files[MANIFEST] = canonical(manifest)
    package = package_of(files, manifest, where=name)
    _engines_agree(package, values, scores)
    place = Path(path)
    if place.suffix == ".zip":
        artifacts.replace_file(place, PACKAGES.pack(files))
    else:
        PACKAGES.write_folder(files, place)
    return package


def _bytes(model: XGBClassifier | None, file: Path | str | None) -> bytes:
    if (model is None) == (file is None) or (file is not None and not Path(file).is_file()):
        raise PackageError("give the model or its file, one of them, and a file that is there", where="model")
    if model is not None:
        return bytes_of(model)
    data = Path(str(file)).read_bytes()
    read = model_of(data, "model_file")
    return data if read.get_booster().attr("best_iteration") is None else bytes_of(read)


def _same_features(model: XGBClassifier, features: tuple[str, ...]) -> None:
    booster = model.get_booster()
    known = tuple(booster.feature_names or ())
    if known and known != features:
        raise PackageError("the model was trained on other features, or in another order", where="fields",
                           tried=f"model: {', '.join(known[:8])}; fields: {', '.join(features[:8])}",
                           remedy="make the fields from the training rows, in the model's column order")  # fmt: skip
    if booster.num_features() != len(features):
        raise PackageError(f"the model has {booster.num_features()} inputs, and there are {len(features)} fields")


def _engines_agree(package: Package, values: np.ndarray[Any, Any], scores: np.ndarray[Any, Any]) -> None:
    """Refuse to pack a graph that gives other scores than the model."""
    import numpy as np

    difference = float(np.abs(package.scorer("onnx").scores(values) - scores).max())
    if not difference <= 1e-5:  # so that no number at all is refused too
        raise PackageError(f"ONNX and xgboost differ by up to {difference:.2g}", where="model/model.onnx")


def _course_lock() -> Path:
    return artifacts.home() / "requirements" / f"learn-py{sys.version_info[0]}{sys.version_info[1]}.lock"


def _environment(lock: str) -> dict[str, Any]:
    """The versions that the scores depend on: what the lock pins for scoring, and what made the files."""
    from importlib import metadata

    import xgboost

    made_with = {"xgboost": xgboost.__version__} | {name: metadata.version(name) for name in ("onnx", "onnxmltools")}
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return {"python": python, "scoring": pinned(lock), "made_with": made_with, "gpu": False, "system_packages": []}


def _readme(config: Mapping[str, Any], fields: Sequence[Field]) -> str:
    pieces = "\n".join(f"| `{name}` | {text} |" for name, text in PIECES.items())
    inputs = "\n".join(
        f"| `{field.name}` | {field.kind} | {field.low:g} to {field.high:g} {field.unit} | {field.meaning} |"
        for field in fields
    )
    return f"""# {config["name"]} {config["version"]}

A model for use case `{config["use_case"]}`. Row in, chance out; a row is flagged from {config["threshold"]:.4g} on.

    pip install --no-deps --require-hashes -r requirements.lock
    python code/score.py --golden
    python code/score.py < rows.json

The second line scores the golden rows and compares; start nothing that fails it. Every file is verified first. The manifest
shows that the files belong together, not who wrote them: compare its SHA-256 with one that reached you another way.

| file | holds |
|---|---|
{pieces}

| input | kind | limits | meaning |
|---|---|---|---|
{inputs}
"""
