"""What a rebuild takes from a bundle at its word, checked before any of the bundle's code runs.

A seal says that nothing was changed since; whoever sealed it may still have left a field out, or put a path where a name
belongs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lifecycle.develop.rebuilding.retrain import np_load
from lifecycle.develop.rebuilding.seal import MANIFEST
from lifecycle.develop.record.manifest import BundleError, Manifest, parsed_json

MODELS = ("model.json", "model.skops")
NEEDED = ("recipe.json", "expected.json", "expected_scores.npy", "source/rebuild.py")
_REMEDY = "get the bundle again from where it was published, or from whoever made it"


def check_claims(manifest: Manifest, files: Mapping[str, bytes]) -> None:
    """Raise `BundleError`, naming the field or the file, unless a bundle has all that a rebuild uses of it."""
    model, data = manifest.model, manifest.data
    if model.get("file") not in MODELS:
        raise _fault("must be one of " + ", ".join(MODELS), f"{MANIFEST}: model.file")
    _in(data, "included", bool, f"{MANIFEST}: data")
    _in(data, "file", str | None, f"{MANIFEST}: data")
    for name in (model["file"], *NEEDED, *(["data.parquet"] if data["included"] else [])):
        if name not in files:
            raise _fault(f"`{name}` is missing, and a rebuild needs it", f"{MANIFEST}: files")
    if model.get("sha256") != manifest.files.get(model["file"]):
        raise _fault(f"is not the digest of `{model['file']}`", f"{MANIFEST}: model.sha256")
    where = f"{MANIFEST}: environment"
    _in(manifest.environment, "machine_recorded", bool, where)
    _check_environment(manifest.environment, machine=manifest.environment["machine_recorded"], where=where)
    if "variables" in manifest.environment:
        _texts(manifest.environment, "variables", where)
    metrics_of(files["expected.json"], "expected.json")
    np_load(files["expected_scores.npy"])


def metrics_of(data: bytes, where: str) -> dict[str, float | None]:
    """Read metrics by name, numbers or null; `BundleError` for anything else."""
    return _metrics(_object(data, where), where)


def result_of(data: bytes, recorded: Mapping[str, Any]) -> dict[str, Any]:
    """Read the ``result.json`` that the bundle's code wrote, as far as it is used.

    Parameters
    ----------
    data : bytes
    recorded : mapping
        The environment of the manifest; where the machine is on record, the result must have it too.

    Raises
    ------
    BundleError
        When a field is missing or not what it should be.
    """
    where = "result.json"
    result = _object(data, where)
    for name in ("metrics", "environment"):
        _in(result, name, dict, where)
    _metrics(result["metrics"], f"{where}: metrics")
    _check_environment(result["environment"], machine=recorded["machine_recorded"], where=f"{where}: environment")
    return result


def _object(data: bytes, where: str) -> dict[str, Any]:
    try:
        content = parsed_json(data)
    except ValueError as error:
        raise _fault(f"not JSON that can be read: {error}", where) from error
    if not isinstance(content, dict):
        raise _fault("must be an object", where)
    return content


def _metrics(values: Mapping[str, Any], where: str) -> dict[str, float | None]:
    for name, value in values.items():
        number = isinstance(value, float) or (type(value) is int and abs(value) < 2**63)
        if value is not None and not number:
            raise _fault("must be a number or null", f"{where}: {name}")
    return dict(values)


def _check_environment(found: Mapping[str, Any], *, machine: bool, where: str) -> None:
    for name in ("python", "packages", *(["system"] if machine else [])):
        _texts(found, name, where)
    for name in ("version", "implementation"):
        _in(found["python"], name, str, f"{where}.python")
    if machine:
        _in(found, "cpu", dict, where)
        _in(found["cpu"], "features", list, f"{where}.cpu")
        _in(found["cpu"], "arithmetic", str, f"{where}.cpu")


def _texts(found: Mapping[str, Any], name: str, where: str) -> None:
    """An object whose values are text, without the character that ends a variable."""
    _in(found, name, dict, where)
    for key, value in found[name].items():
        if not isinstance(value, str) or "\0" in value:
            raise _fault("must be text", f"{where}.{name}.{key}")


def _in(found: Mapping[str, Any], name: str, kind: Any, where: str) -> None:
    if name not in found:
        raise _fault(f"`{name}` is missing", where)
    if not isinstance(found[name], kind):
        kinds = {bool: "true or false", dict: "an object", list: "a list", str: "text"}
        raise _fault(f"must be {kinds.get(kind, 'text or null')}", f"{where}.{name}")


def _fault(what: str, where: str) -> BundleError:
    return BundleError(what, where=where, remedy=_REMEDY)
