"""The work of a bundle: rows, features, training, evaluation. It travels in the bundle and runs there on its own.

``python source/rebuild.py`` in an unpacked bundle calls `main`. Nothing here knows where it is run.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from lifecycle.develop.rebuilding.agreement import agreement, rounded
from lifecycle.develop.rebuilding.archive import BUNDLES
from lifecycle.develop.rebuilding.seal import verified
from lifecycle.develop.record.manifest import BundleError, as_json, digest_of_bytes, digest_of_frame
from lifecycle.develop.training.recipe import SPLIT, Recipe
from lifecycle.errors import LifecycleError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

METRICS = ("accuracy", "precision", "recall", "f1", "flag_rate", "prevalence")
"""Of decisions; beside them the areas under both curves, log loss and Brier score."""


def main(root: Path, arguments: list[str] | None = None) -> int:
    """Rebuild the model of the unpacked bundle in `root` and compare it; the exit code.

    0 the model agrees, 1 it does not, 2 it cannot be rebuilt here.
    """
    parser = argparse.ArgumentParser(prog="rebuild.py", description="Rebuild the model of this bundle and compare it.")
    parser.add_argument(
        "--out", type=Path, required=True, help="where to write; a new or empty folder outside of the bundle"
    )
    parser.add_argument("--data", type=Path, help="the file with the rows, or the folder that it is in")
    parsed = parser.parse_args(arguments)
    try:
        result = retrain(root, data=parsed.data, out=parsed.out)
    except ImportError as error:
        lock = f"locks/py{sys.version_info[0]}{sys.version_info[1]}.lock"
        print(f"{error}\n  next:  install the lock: pip install --require-hashes -r {lock}", file=sys.stderr)  # noqa: T201
        return 2
    except LifecycleError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    print(as_json({name: result[name] for name in ("model_sha256", "bit_equal", "largest_difference", "within")}), end="")  # noqa: T201
    return 0 if result["bit_equal"] or result["within"] else 1


def retrain(root: Path, *, data: Path | None, out: Path) -> dict[str, Any]:
    """Verify the bundle, do its work again and write ``model``, ``scores.npy`` and ``result.json`` to `out`.

    Raises
    ------
    LifecycleError
        When the bundle is not whole, the rows are missing or others, or `out` holds something.
    """
    from lifecycle.develop.record.environment import environment
    from lifecycle.develop.training.model_bytes import to_bytes
    from lifecycle.develop.training.models import fit
    from lifecycle.develop.training.preparation import prepared

    files = BUNDLES.read(root)
    manifest = verified(files, where=root.name)
    if out.exists() and any(out.iterdir()):
        raise LifecycleError("the folder is not empty", where=out.name, remedy="name a new one: nothing is overwritten")
    recipe = Recipe.from_json(files["recipe.json"].decode("utf-8"))
    with rows_of(recipe, manifest.data, files, data) as rows:
        frame = prepared(recipe, data=rows)
    model = fit(recipe, frame[frame[SPLIT] == "train"])
    found, metrics = measured(recipe, model, frame)
    made = to_bytes(model)
    expected = np_load(files["expected_scores.npy"])
    agreed = agreement(expected, found, json.loads(files["expected.json"]), metrics)
    result = {
        "model": manifest.model["file"],
        "model_sha256": digest_of_bytes(made),
        "bit_equal": digest_of_bytes(made) == manifest.model["sha256"],
        "prepared_equal": digest_of_inputs(frame) == manifest.data["prepared_sha256"],
        "largest_difference": agreed.largest_difference if agreed.largest_difference < float("inf") else None,
        "within": agreed.within,
        "metrics": metrics,
        "environment": environment({*manifest.environment["packages"]}),
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / result["model"]).write_bytes(made)
    (out / "scores.npy").write_bytes(np_save(found))
    (out / "result.json").write_text(as_json(result), encoding="utf-8")
    return result


def measured(recipe: Recipe, model: Any, frame: pd.DataFrame) -> tuple[np.ndarray, dict[str, float | None]]:
    """Score the test rows and compute the metrics of these scores, rounded as they are recorded."""
    from lifecycle.develop.evaluation.metrics import average_precision, brier, confusion, log_loss, roc_auc
    from lifecycle.develop.training.models import scores, target_of

    test = frame[frame[SPLIT] == "test"]
    found, labels = scores(model, test, recipe), target_of(recipe, test)
    counts = confusion(labels, found >= recipe.threshold)
    values = {name: float(getattr(counts, name)) for name in METRICS}
    for measure in (roc_auc, average_precision, log_loss, brier):
        values[measure.__name__] = float(measure(labels, found))
    return found, {name: rounded(value) for name, value in values.items()}


def digest_of_inputs(frame: pd.DataFrame) -> str:
    """Digest of prepared rows in single precision: what a tree sees, and the same where only last bits differ."""
    doubles = frame.select_dtypes("float64").columns
    return digest_of_frame(frame.astype(dict.fromkeys(doubles, "float32")))


@contextmanager
def rows_of(
    recipe: Recipe, reference: Mapping[str, Any], files: Mapping[str, bytes], data: Path | None
) -> Iterator[pd.DataFrame | None]:
    """The raw rows of a table of one's own; for a use case None, and its file where `prepared` looks for it."""
    import pandas as pd

    if "use_case" in recipe.source:
        with _course(str(recipe.source["use_case"]), reference, data):
            yield None
    elif reference["included"]:
        yield pd.read_parquet(io.BytesIO(files["data.parquet"]))
    else:
        from lifecycle.develop.exploration.reading import read_table

        yield read_table(_found(reference["file"], data))


def np_save(array: np.ndarray) -> bytes:
    """An array as the bytes of an ``.npy`` file."""
    import numpy as np

    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def np_load(data: bytes) -> np.ndarray:
    """Read the bytes of an ``.npy`` file, never unpickling.

    Raises
    ------
    BundleError
        When they are not one array of numbers.
    """
    import numpy as np

    try:
        array: np.ndarray = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError, OSError, OverflowError, MemoryError, BadZipFile) as error:
        raise BundleError(f"not an array of scores: {error}", where="scores") from error
    if not isinstance(array, np.ndarray) or array.ndim != 1 or array.dtype.kind != "f":
        raise BundleError("not one array of scores", where="scores")
    return array


@contextmanager
def _course(use_case: str, reference: Mapping[str, Any], data: Path | None) -> Iterator[None]:
    """A folder with the one data file of the use case and a catalogue that names its digest; the loader is sent there."""
    before = os.environ.get("WORKBENCH_COURSE")
    with tempfile.TemporaryDirectory() as folder:
        datasets = Path(folder, "datasets")
        datasets.mkdir()
        lines = [f"[datasets.{use_case}]"]
        if reference["file"]:
            content = _found(reference["file"], data).read_bytes()
            if digest_of_bytes(content) != reference["file_sha256"]:
                raise LifecycleError("not the file that the model was trained on: its SHA-256 is another",
                                     where=reference["file"], tried=f"expected {reference['file_sha256']}")  # fmt: skip
            place = datasets / reference["file"]
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(content)
            lines += [f'file = "{reference["file"]}"', f'sha256 = "{reference["file_sha256"]}"']
        (datasets / "catalog.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        os.environ["WORKBENCH_COURSE"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["WORKBENCH_COURSE"]
            else:
                os.environ["WORKBENCH_COURSE"] = before


def _found(name: str, data: Path | None) -> Path:
    """The data file: `data` itself, or `name` in the folder `data`."""
    if data is None:
        raise LifecycleError(f"the bundle refers to `{name}` and does not hold it", where="data",
                             remedy="name the file, or the folder that it is in")  # fmt: skip
    place = data / name if data.is_dir() else data
    if not place.is_file():
        raise LifecycleError("there is no such file", where=f"data: {name}", remedy="name the file that holds the rows")
    return place
