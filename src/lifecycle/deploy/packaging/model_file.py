"""A model as a file: readable text whose digest says whether it is still the one that was approved."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from lifecycle.artifacts import replace_file
from lifecycle.errors import ArtifactError

if TYPE_CHECKING:
    from xgboost import XGBClassifier


def digest_of(model: XGBClassifier) -> str:
    """SHA-256 of the model written as JSON, 64 hexadecimal digits.

    Two models with the same digest give the same answers to the same rows. The reverse does not hold: an unused setting that
    differs changes the digest and no answer.

    Parameters
    ----------
    model : XGBClassifier
        A fitted model.
    """
    return hashlib.sha256(bytes_of(model)).hexdigest()


def digest_of_file(path: Path | str) -> str:
    """SHA-256 of a file's bytes, 64 hexadecimal digits.

    Raises
    ------
    ArtifactError
        When there is no such file.
    """
    place = Path(path)
    if not place.is_file():
        raise ArtifactError("there is no such file", where=place.name)
    with place.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def save_model(model: XGBClassifier, path: Path | str) -> str:
    """Write `model` as JSON and return the digest of the file.

    A reader sees the old file or the new one, never half of either.

    Parameters
    ----------
    model : XGBClassifier
        A fitted model.
    path : Path or str
        Where to write; folders that are missing are made.

    Returns
    -------
    str
        SHA-256 of the bytes written, 64 hexadecimal digits; equal to ``digest_of(model)``.
    """
    place = Path(path)
    data = bytes_of(model)
    replace_file(place, data)
    return hashlib.sha256(data).hexdigest()


def load_model(path: Path | str, *, digest: str) -> XGBClassifier:
    """Read a model back, provided that the file is the one that `digest` was taken of.

    The bytes that are verified are the bytes that are loaded: nobody can swap the file in between.

    Parameters
    ----------
    path : Path or str
        A file that `save_model` wrote.
    digest : str
        What `save_model` returned.

    Returns
    -------
    XGBClassifier
        Predicts on one thread, so that it gives the same bits on every machine with the same arithmetic.

    Raises
    ------
    ArtifactError
        When the file is missing, its digest is another, or it holds no model.
    """
    place = Path(path)
    if not place.is_file():
        raise ArtifactError("there is no such model", where=place.name, remedy="save it first with `save_model`")
    data = place.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != digest.lower():
        raise ArtifactError(
            "the file is not the model that was saved: its digest differs",
            where=place.name,
            tried="comparing the SHA-256 of its bytes with the digest given",
            remedy="restore the file from where releases are kept; never load what cannot be verified",
        )
    return model_of(data, place.name)


def bytes_of(model: XGBClassifier) -> bytes:
    """The model as the JSON that xgboost writes: the trees that it predicts with.

    After early stopping a classifier holds more of them than it uses: those after `best_iteration` are left out here, for
    other readers of the file would count them all.
    """
    booster = model.get_booster()
    best = booster.attr("best_iteration")
    if best is not None:
        booster = booster[: int(best) + 1]
    return bytes(booster.save_raw(raw_format="json"))


def model_of(data: bytes, where: str) -> XGBClassifier:
    """The classifier that `bytes_of` wrote, predicting on one thread; `ArtifactError` where the bytes hold none."""
    from xgboost import XGBClassifier

    try:
        content = json.loads(data)
    except ValueError as error:  # a JSONDecodeError or a UnicodeDecodeError
        raise ArtifactError("not a model written as JSON", where=where, tried=f"reading it: {error}") from error
    if not (isinstance(content, dict) and "learner" in content):
        raise ArtifactError("JSON, but not of an xgboost model: it has no `learner`", where=where)
    model = XGBClassifier(n_jobs=1)
    model.load_model(bytearray(data))
    return model
