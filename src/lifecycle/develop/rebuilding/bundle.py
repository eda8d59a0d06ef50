"""A reproducibility bundle: all that somebody else needs to make a model again, sealed by a manifest.

It holds the model and its recipe, the code that does the work, the lock of the packages, the rows or a reference to them,
the figures to expect, and pages for people. Made again from the same ingredients it is the same file, byte by byte.

What the seal proves is that the files belong together. It does not prove who made them: whoever can rewrite a file can
rewrite the manifest with it. Against that helps only a digest of the whole that came another way, from a registry, a ticket
or a signed message; `verify` takes it.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle import artifacts
from lifecycle.develop.rebuilding.archive import BUNDLES
from lifecycle.develop.rebuilding.bundle_text import dockerfile, log_page, model_card, readme, rebuild_script
from lifecycle.develop.rebuilding.imports import file_of, reached
from lifecycle.develop.rebuilding.locks import PYTHONS, lock_file, pins, subset
from lifecycle.develop.rebuilding.retrain import digest_of_inputs, measured, np_save
from lifecycle.develop.rebuilding.seal import MANIFEST, digests_of, verified
from lifecycle.develop.record.environment import FIXED, environment, portable, versions
from lifecycle.develop.record.manifest import BundleError, Manifest, as_json, digest_of_bytes, digest_of_frame
from lifecycle.develop.training.recipe import SPLIT, Recipe

if TYPE_CHECKING:
    import pandas as pd

WORK = "lifecycle.develop.rebuilding.retrain"  # the module that a bundle carries, with all that it reaches
_RANKING = ("average_precision", "roc_auc")


def bundle(
    recipe: Recipe,
    model: Any,
    *,
    metrics: Mapping[str, Any],
    out: Path | str,
    data: pd.DataFrame | None = None,
    notes: str = "",
    rows: bool = True,
    machine: bool = False,
    locks: Path | str | None = None,
) -> Path:
    """Write a bundle from which somebody else can make the model again.

    Parameters
    ----------
    recipe : Recipe
    model : what `lifecycle.develop.fit` returned, or its bytes
    metrics : mapping
        What was found in evaluation; goes in as it is. Areas under the curves that it gives for ``test`` must be the
        model's own.
    out : Path or str
        A file that ends with ``.zip``, or a new folder.
    data : DataFrame, optional
        The raw rows of a recipe for a table of one's own. A use case of the course is referred to, never copied.
    notes : str
        A line for the README.
    rows : bool
        Whether `data` goes into the bundle. Rows about people may have no business there: with
        False there is a reference with a digest.
    machine : bool
        Whether to record this machine too: system, processor, arithmetic. Then `lifecycle.develop.rebuild` knows when to
        insist on equal bits, but the bundle is no longer the same file when it is made on another machine.
    locks : Path or str, optional
        Folder with ``learn-py311.lock`` and so on; the course's own by default.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    BundleError
        When there is no lock, the rows do not survive being stored, the metrics are of another model, or it gets too large.
    DataError
        When the rows are not those of the recipe.
    """
    files = _files(recipe, model, metrics=metrics, data=data, notes=notes, rows=rows, machine=machine, locks=locks)
    place = Path(out)
    if place.suffix == ".zip":
        artifacts.replace_file(place, BUNDLES.pack(files))
        return place
    return BUNDLES.write_folder(files, place)


def verify(bundle: Path | str, *, digest: str | None = None) -> Manifest:
    """Find out whether a bundle is whole.

    Parameters
    ----------
    bundle : Path or str
        An archive or an unpacked folder.
    digest : str, optional
        SHA-256 of the archive (as ``sha256sum`` prints it) or of its ``manifest.json``, from a source that you trust more
        than the bundle. Without it you learn that the files fit each other, and not who made them.

    Returns
    -------
    Manifest

    Raises
    ------
    BundleError
        When a file was changed, added or removed (names it), when the archive is not to be trusted (a name that leads
        out of its folder, a link, a name twice, too large), or the digest is another.
    """
    return opened(Path(bundle), digest=digest)[1]


def opened(place: Path, *, digest: str | None = None) -> tuple[dict[str, bytes], Manifest]:
    """The files of a bundle and its manifest: the bytes that are verified are the bytes that are returned."""
    if place.is_file() and not place.is_symlink():
        data = BUNDLES.bytes_of(place)
        whole = digest_of_bytes(data)
        files = BUNDLES.unpack(data, where=place.name)
    else:
        files, whole = BUNDLES.read(place), ""
    if digest is not None:
        sealed = digest_of_bytes(files.get(MANIFEST, b""))
        if digest.lower() not in (whole, sealed):
            raise BundleError("not the bundle that the digest was taken of", where=place.name,
                              tried=f"SHA-256 of the archive {whole[:12] or 'none'}…, of its manifest {sealed[:12]}…; "
                              f"expected {digest[:12]}…",
                              remedy="get the bundle again from where it was published")  # fmt: skip
    return files, verified(files, where=place.name)


def _files(
    recipe: Recipe,
    model: Any,
    *,
    metrics: Mapping[str, Any],
    data: pd.DataFrame | None,
    notes: str,
    rows: bool,
    machine: bool,
    locks: Path | str | None,
) -> dict[str, bytes]:
    from lifecycle.develop.training.model_bytes import from_bytes, to_bytes
    from lifecycle.develop.training.preparation import prepared

    stored, parquet = _stored(data) if data is not None else (None, b"")
    packed = model if isinstance(model, bytes) else to_bytes(model)
    model = from_bytes(packed)
    frame = prepared(recipe, data=stored)
    found, expected = measured(recipe, model, frame)
    _same_model(metrics, expected)
    pinned = _locks(recipe, Path(locks) if locks is not None else artifacts.home() / "requirements")
    here = _surroundings(pinned, machine)
    reference = _reference(recipe, frame, included=data is not None and rows)
    name = "model.json" if packed[:1] == b"{" else "model.skops"
    described = {"file": name, "sha256": digest_of_bytes(packed), "algorithm": recipe.algorithm}
    texts = {
        **pinned,
        **_code(),
        "recipe.json": recipe.to_json(),
        "metrics.json": as_json(metrics),
        "expected.json": as_json(expected),
        "environment.json": as_json(here),
        "data.json": as_json(reference),
        "Dockerfile": dockerfile(here, list(pinned)),
        "README.md": readme(recipe, described, reference, here, list(pinned), notes),
        "MODEL_CARD.md": model_card(recipe, described, reference, expected),
        "LOG.md": log_page(recipe, described, reference, here, expected),
    }
    files = {path: text.encode("utf-8") for path, text in texts.items()}
    files |= {name: packed, "expected_scores.npy": np_save(found)}
    if reference["included"]:
        files["data.parquet"] = parquet
    seeds = {"algorithm": recipe.seed, "rows": recipe.source["seed"], "hash": FIXED["PYTHONHASHSEED"], "threads": 1}
    manifest = Manifest(digests_of(files), described, reference, here, seeds, recipe.to_dict())
    return {**files, MANIFEST: manifest.to_json().encode("utf-8")}


def _stored(data: pd.DataFrame) -> tuple[pd.DataFrame, bytes]:
    """The rows as they come back from a parquet file, and the file."""
    import pandas as pd
    import pyarrow as pa

    buffer = io.BytesIO()
    try:
        data.reset_index(drop=True).to_parquet(buffer, engine="pyarrow", compression="zstd", index=False)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise BundleError(f"the rows cannot be stored as parquet: {error}", where="data",
                          remedy="hold one kind of value in each column, and name columns by text") from error  # fmt: skip
    stored = pd.read_parquet(io.BytesIO(buffer.getvalue()))
    if digest_of_frame(stored) != digest_of_frame(data):
        odd = [str(name) for name in data.columns if digest_of_frame(data[[name]]) != digest_of_frame(stored[[name]])]
        raise BundleError("the rows come back from a parquet file as others", where=f"data: column `{odd[0]}`",
                          remedy="give the column a type that parquet has, as text or numbers")  # fmt: skip
    return stored, buffer.getvalue()


def _reference(recipe: Recipe, frame: pd.DataFrame, *, included: bool) -> dict[str, Any]:
    """Where the rows come from, and how to tell that they are the same."""
    parts = {str(name): int(count) for name, count in frame[SPLIT].value_counts().sort_index().items()}
    common = {"rows": len(frame), "parts": parts, "prepared_sha256": digest_of_inputs(frame), "included": included}
    source = recipe.source
    if "use_case" not in source:
        return {"name": source["file"], "file": source["file"], "rows_sha256": source["sha256"], **common}
    file, sha256 = _course_file(str(source["use_case"]))
    return {"name": source["use_case"], "file": file, "file_sha256": sha256, **common}


def _course_file(use_case: str) -> tuple[str | None, str | None]:
    """The file below ``datasets/`` that a use case was loaded from, and its digest; None where its rows are generated."""
    from lifecycle.develop.sources.data import LOCAL_FRAUD, catalog

    local = artifacts.home() / LOCAL_FRAUD
    if use_case == "fraud" and local.is_file():
        return LOCAL_FRAUD.removeprefix("datasets/"), digest_of_bytes(local.read_bytes())
    entry = catalog()[use_case]
    return entry.get("file"), entry.get("sha256")


def _code() -> dict[str, str]:
    """The modules that do the work, and the command that calls them."""
    texts = {f"source/{file_of(name)}": text for name, text in reached(WORK).modules.items()}
    licence = artifacts.home() / "LICENSE"
    if licence.is_file():
        texts["source/LICENSE"] = licence.read_text(encoding="utf-8")
    return {**texts, "source/rebuild.py": rebuild_script()}


def _locks(recipe: Recipe, folder: Path) -> dict[str, str]:
    """The part of each lock that the code needs for this recipe, by file name in the bundle."""
    spare = set()
    if recipe.algorithm == "boosting":
        spare |= {"skops", "imblearn"}
    else:
        spare |= {"xgboost"} | ({"imblearn"} if recipe.balance != "smote" else set())
    if "use_case" not in recipe.source:
        spare |= {"pandera"}  # checks the course's tables
    needed = reached(WORK).packages - spare | {"pyarrow", "sklearn"}
    made = {}
    for python in PYTHONS:
        place = lock_file(folder, python)
        if place.is_file():
            text = subset(place.read_text(encoding="utf-8"), needed, python=python, where=place.name)
            made[f"locks/py{python.replace('.', '')}.lock"] = text
    if not made:
        raise BundleError("no lock is at hand, so nobody could install the same packages", where=folder.name,
                          tried=", ".join(lock_file(folder, python).name for python in PYTHONS),
                          remedy="name the folder that holds the course's locks: `locks=`")  # fmt: skip
    return made


def _surroundings(pinned: Mapping[str, str], machine: bool) -> dict[str, Any]:
    """The environment to record, and where it is not what the lock says."""
    lock = pinned.get(f"locks/py{sys.version_info[0]}{sys.version_info[1]}.lock", "")
    names = pins(lock) or pins(next(iter(pinned.values())))
    found = environment(names)
    here = found if machine else portable(found)
    installed = versions(names)
    other = {
        name: f"{installed[name]}, and the lock has {names[name]}" for name in installed if installed[name] != names[name]
    }
    return {**here, "other_than_the_lock": other, "machine_recorded": machine}


def _same_model(metrics: Mapping[str, Any], expected: Mapping[str, float | None]) -> None:
    """Refuse metrics that are not of this model: what its test rows give for both areas under the curve is known."""
    tests = metrics.get("test", metrics)
    if isinstance(tests, list):
        tests = {each.get("metric"): each for each in tests if isinstance(each, dict)}
    if not isinstance(tests, Mapping):
        return
    for name in _RANKING:
        given = tests.get(name)
        if isinstance(given, Mapping):
            given = given.get("value", given.get("estimate"))
        mine = expected[name]
        if isinstance(given, int | float) and mine is not None and abs(given - mine) > 1e-4:
            raise BundleError(f"`{name}` on the test rows is {given:.6g} there, and this model has {mine:.6g}",
                              where="metrics", remedy="pass the metrics of the model that is bundled")  # fmt: skip
