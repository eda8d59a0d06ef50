"""What a package consists of, and what is missing from a folder that claims to be one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lifecycle.deploy.packaging.errors import PackageError

MANIFEST = "manifest.json"
PIECES: Mapping[str, str] = {
    MANIFEST: "the seal: name, version, and the SHA-256 of every other file",
    "code/score.py": "code: from rows to scores, standing alone",
    "model/model.json": "data: the trees, as xgboost writes them",
    "model/model.onnx": "data: the same trees for onnxruntime",
    "config.json": "configuration: features in order, threshold, calibration, hyperparameters",
    "schema.json": "configuration: what a request may hold, field by field",
    "environment.json": "dependencies: the versions that matter",
    "requirements.lock": "dependencies: exact files to install, by hash",
    "golden.json": "evidence: rows with the score that each must get",
    "reference.json": "evidence: the training rows in figures",
    "README.md": "for people",
}
"""The files of a package, each with what it is for."""


def missing_pieces(folder: Path | str) -> list[str]:
    """Names of the pieces that a folder lacks, or holds empty, in the order of `PIECES`."""
    place = Path(folder)
    return [name for name in PIECES if not (place / name).is_file() or (place / name).stat().st_size == 0]


def digest_of_bytes(data: bytes) -> str:
    """SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def canonical(value: Any) -> bytes:
    """JSON with sorted keys, one way to write each value, and no NaN."""
    try:
        return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()
    except (TypeError, ValueError) as error:
        raise PackageError(f"cannot be written as JSON: {error}", remedy="give plain, finite values") from error


def verified(files: Mapping[str, bytes], *, where: str) -> dict[str, Any]:
    """The manifest of files that are exactly those it lists.

    Raises
    ------
    PackageError
        That names the file which is missing, changed or not listed.
    """
    if MANIFEST not in files:
        raise PackageError("there is no manifest.json, so it is no package", where=where)
    manifest = read_json(files, MANIFEST, where)
    listed = manifest.get("files") if isinstance(manifest, dict) else None
    if not isinstance(listed, dict) or manifest.get("format") != 1 or canonical(manifest) != files[MANIFEST]:
        raise PackageError("not a manifest as `build_package` writes it", where=f"{where}: {MANIFEST}")
    for name, digest in listed.items():
        if name not in files:
            raise PackageError("this file is missing", where=f"{where}: {name}")
        found = digest_of_bytes(files[name])
        if found != digest:
            raise PackageError("not the file that was packed: its digest differs", where=f"{where}: {name}",
                               tried=f"SHA-256 {found[:12]}…, the manifest has {str(digest)[:12]}…",
                               remedy="get the package again from where releases are kept")  # fmt: skip
    for name in sorted(set(files) - set(listed) - {MANIFEST}):
        raise PackageError("this file is not in the manifest", where=f"{where}: {name}", remedy="remove it, or pack anew")
    for name in PIECES:
        if name not in files:
            raise PackageError("this piece is missing", where=f"{where}: {name}", tried=PIECES[name])
    return dict(manifest)


def read_json(files: Mapping[str, bytes], name: str, where: str) -> Any:
    """The content of a JSON file; `PackageError` where it is none, or holds NaN or Infinity, which JSON does not know."""
    try:
        return json.loads(files[name], parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise PackageError(f"not JSON: {error}", where=f"{where}: {name}") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"it holds {name}")
