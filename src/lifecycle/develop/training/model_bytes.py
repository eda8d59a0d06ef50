"""A fitted model as bytes that hold no code: xgboost's JSON for boosting, skops for the pipelines.

Nothing here is unpickled. A skops file names the types it wants to build; only those on the list below are built.
Equal models give equal bytes: what differs from process to process in a skops file (addresses, dates, padding) is
written out of it, and it is not compressed, since compressors differ.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from lifecycle.errors import ArtifactError

if TYPE_CHECKING:
    from zipfile import ZipFile

TRUSTED = ("numpy.dtype", "sklearn.tree._tree.Tree")
"""The types that skops is to build beside those it knows to be harmless: what a scikit-learn forest is made of."""

_STEPS = ("impute", "scale", "model")


def to_bytes(model: Any) -> bytes:
    """Write a model that `lifecycle.develop.fit` made; `suffix` says in which format."""
    if suffix(model) == "json":
        return bytes(model.get_booster().save_raw(raw_format="json"))
    import skops.io

    return _settled(skops.io.dumps(model))


def suffix(model: Any) -> str:
    """The ending of the model's file: ``json`` for boosting, ``skops`` for the others."""
    return "json" if hasattr(model, "get_booster") else "skops"


def digest_of_model(model: Any) -> str:
    """SHA-256 of `to_bytes`, 64 hexadecimal digits."""
    return sha256(to_bytes(model)).hexdigest()


def from_bytes(data: bytes, *, digest: str | None = None, where: str = "model") -> Any:
    """Read a model back.

    Parameters
    ----------
    data : bytes
        What `to_bytes` wrote.
    digest : str, optional
        SHA-256 that the bytes must have. Without it they are read, whoever wrote them: still no code in them is run.
    where : str
        Named in errors.

    Returns
    -------
    XGBClassifier or Pipeline

    Raises
    ------
    ArtifactError
        When the digest is another, the bytes are no model, or they want to build a type that is not trusted.
    """
    if digest is not None and sha256(data).hexdigest() != digest.lower():
        raise ArtifactError(
            "not the model that was saved: its digest differs",
            where=where,
            tried="comparing the SHA-256 of its bytes with the one recorded",
            remedy="restore the file; never use a model that cannot be verified",
        )
    return _pipeline_of(data, where) if data[:2] == b"PK" else _boosting_of(data, where)


def _boosting_of(data: bytes, where: str) -> Any:
    from xgboost import XGBClassifier
    from xgboost.core import XGBoostError

    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ArtifactError("neither JSON nor a skops file", where=where) from error
    if not (isinstance(content, dict) and "learner" in content):
        raise ArtifactError("JSON, but not of an xgboost model: it has no `learner`", where=where)
    model = XGBClassifier(n_jobs=1)
    try:
        model.load_model(bytearray(data))
    except XGBoostError as error:
        raise ArtifactError("xgboost cannot read it", where=where, tried=str(error).splitlines()[-1]) from error
    return model


def _pipeline_of(data: bytes, where: str) -> Any:
    from zipfile import BadZipFile

    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        model = skops.io.loads(data, trusted=list(TRUSTED))
    except UntrustedTypesFoundException as error:
        raise ArtifactError("it wants to build types that are not trusted", where=where, tried=str(error)) from error
    except (BadZipFile, KeyError, TypeError, ValueError, AttributeError, ImportError) as error:
        raise ArtifactError(f"not a readable skops file: {error}", where=where) from error
    if [name for name, _ in getattr(model, "steps", ())] != list(_STEPS):
        raise ArtifactError("a skops file, but not of a model made here", where=where)
    return model


def _settled(data: bytes) -> bytes:
    """Write the skops file `data` again: ids counted from 0 in order of appearance, no dates, zeros between fields."""
    from zipfile import ZipFile, ZipInfo

    with ZipFile(io.BytesIO(data)) as old:
        schema = json.loads(old.read("schema.json"))
        numbers: dict[int, int] = {}
        names: dict[str, str] = {}
        for node in _nodes(schema):
            if "__id__" in node:
                node["__id__"] = numbers.setdefault(node["__id__"], len(numbers))
            if "file" in node:
                node["file"] = names.setdefault(node["file"], f"{len(names)}.npy")
        members = {names[name]: _array(old, name) for name in names}
    members["schema.json"] = json.dumps(schema).encode()
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as new:
        for name, content in members.items():
            new.writestr(ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return buffer.getvalue()


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _nodes(each)


def _array(archive: ZipFile, name: str) -> bytes:
    import numpy as np

    array = np.load(io.BytesIO(archive.read(name)), allow_pickle=False)
    if array.dtype.names:  # a tree's nodes: between their fields lies whatever was in memory
        clean = np.zeros(array.shape, array.dtype)
        for field in array.dtype.names:
            clean[field] = array[field]
        array = clean
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()
