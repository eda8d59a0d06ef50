"""A package that was opened: verified, and ready to score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.packaging.archive import PACKAGES
from lifecycle.deploy.packaging.calibration import Calibration
from lifecycle.deploy.packaging.contents import MANIFEST, digest_of_bytes, read_json, verified
from lifecycle.deploy.packaging.errors import PackageError
from lifecycle.deploy.packaging.field import Field, names_of
from lifecycle.deploy.packaging.guard import guarded
from lifecycle.deploy.packaging.scorer import Engine, Scorer, scorer_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Package:
    """One released model with all that it needs; made by `build_package` or `open_package`.

    Attributes
    ----------
    name, version : str
    digest : str
        SHA-256 of the manifest, 64 hexadecimal digits. The manifest lists the digest of every other file, so this one stands
        for all of them.
    fields : tuple of Field
        The inputs in the order of the model.
    threshold : float
        On the scale of calibrated chances: a row is flagged from it on.
    metrics : mapping
        The evaluation as it was handed over.
    config, reference : mapping
        ``config.json`` and ``reference.json``.
    golden : DataFrame
        Rows to test with: the features, and the column ``score`` with the chance that each must get.
    model_bytes, onnx_bytes : bytes
        The trees, twice.
    files : mapping of name to bytes
        Everything, as verified.
    calibration : Calibration
        From the model's scores to chances; the scorers have it built in.
    """

    name: str
    version: str
    digest: str
    fields: tuple[Field, ...] = field(repr=False)
    threshold: float
    metrics: Mapping[str, Any] = field(repr=False)
    config: Mapping[str, Any] = field(repr=False)
    reference: Mapping[str, Any] = field(repr=False)
    golden: pd.DataFrame = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)
    calibration: Calibration = field(repr=False)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the inputs, in order."""
        return tuple(each.name for each in self.fields)

    @property
    def use_case(self) -> str:
        """What it was made for, as ``"credit"``."""
        return str(self.config["use_case"])

    @property
    def model_bytes(self) -> bytes:
        """The trees as xgboost's JSON."""
        return self.files["model/model.json"]

    @property
    def onnx_bytes(self) -> bytes:
        """The trees as an ONNX graph, which gives the score before calibration."""
        return self.files["model/model.onnx"]

    def guard(self, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        """Rows as the model takes them, float32 of shape (n, k); refuses columns that are missing, unknown or swapped.

        Raises
        ------
        FeatureOrderError
            When the names are right and their order is not.
        PackageError
            For any other columns, and values that are not finite numbers.
        """
        return guarded(frame, self.features)

    def scorer(self, engine: Engine = "onnx") -> Scorer:
        """Load the model, once for many calls; see `Scorer`."""
        return scorer_of(engine, model=self.model_bytes, graph=self.onnx_bytes, calibration=self.calibration)

    def scores(self, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        """Calibrated chances, float64 of shape (n,), of guarded rows."""
        return self.scorer().scores(self.guard(frame))

    def decide(self, scores: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """1 where a chance reaches the threshold and 0 below it; int64 of the same shape."""
        decisions: np.ndarray[Any, Any] = (scores >= self.threshold).astype("int64")
        return decisions


def open_package(path: Path | str, *, digest: str | None = None) -> Package:
    """Open an archive or an unpacked folder; whatever is not as it was packed is refused, and nothing is unpickled.

    Parameters
    ----------
    path : Path or str
    digest : str, optional
        The package's digest, from a source that you trust more than the file. Without it you learn that the files fit each
        other, and not who made them.

    Raises
    ------
    PackageError
        That names the file at fault.
    """
    place = Path(path)
    files = PACKAGES.read(place)
    manifest = verified(files, where=place.name)
    found = digest_of_bytes(files[MANIFEST])
    if digest is not None and found != digest.lower():
        raise PackageError("not the package that the digest was taken of", where=place.name,
                           tried=f"its digest is {found[:12]}…, expected {digest[:12]}…",
                           remedy="get it again from where releases are kept; serve nothing unverified")  # fmt: skip
    return package_of(files, manifest, where=place.name)


def package_of(files: Mapping[str, bytes], manifest: Mapping[str, Any], *, where: str) -> Package:
    """The package that verified files make up."""
    import pandas as pd

    config, golden = (read_json(files, name, where) for name in ("config.json", "golden.json"))
    try:
        fields = tuple(Field.from_dict(each) for each in read_json(files, "schema.json", where)["fields"])
        names, threshold = names_of(fields), float(config["threshold"])
        if list(names) != config["features"] or not 0 < threshold < 1:
            raise PackageError("schema.json and config.json do not belong together", where=where)
        rows = pd.DataFrame(golden["rows"], columns=golden["columns"], dtype="float64").assign(score=golden["scores"])
        return Package(
            str(manifest["name"]), str(manifest["version"]), digest_of_bytes(files[MANIFEST]), fields, threshold,
            config["metrics"], config, read_json(files, "reference.json", where), rows, files,
            Calibration(config["calibration"], where=f"{where}: config.json"),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise PackageError(f"its files are not those of a package: {error!r}", where=where) from error
