"""Packages that are wrong in one way each: for every gate one that this gate alone catches.

A gate that has never refused anything may be unable to. So each is tried on a package with a fault of its kind, sealed and
approved like any other; the other seven gates find nothing, which shows that none of them could be left out.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.packaging.building import build_package
from lifecycle.deploy.packaging.contents import MANIFEST, canonical, digest_of_bytes
from lifecycle.deploy.packaging.package import Package, package_of
from lifecycle.deploy.packaging.reference import reference_of
from lifecycle.deploy.packaging.scorer import booster_of
from lifecycle.deploy.release.candidate import Candidate, Waiver
from lifecycle.deploy.release.risk import GATES
from lifecycle.errors import LifecycleError

if TYPE_CHECKING:
    import pandas as pd

_SWALLOWS = b'''
def count_of(rows: list[dict[str, float]]) -> int:
    """How many rows there are."""
    try:
        return len(rows)
    except:
        return 0


if __name__ =='''
IDLE = 7_000
_PICKLED = b"\x80\x04}\x94."  # an empty dictionary; loading a pickle can run anything


@dataclass(frozen=True)
class WrongPackage:
    """A candidate with one fault.

    Attributes
    ----------
    gate : str
        That has to catch it.
    fault : str
        What is wrong, in words.
    candidate : Candidate
    """

    gate: str
    fault: str
    candidate: Candidate


def resealed(package: Package, changes: Mapping[str, bytes], *, version: str | None = None) -> Package:
    """The package with other files, sealed anew: it fits together, and has another digest."""
    files = {**package.files, **changes}
    manifest = json.loads(files.pop(MANIFEST))
    manifest["version"] = version or manifest["version"]
    manifest["files"] = {name: digest_of_bytes(data) for name, data in files.items()}
    files[MANIFEST] = canonical(manifest)
    return package_of(files, manifest, where=package.name)


def variant(package: Package, *, version: str, model: bytes, rows: pd.DataFrame) -> Package:
    """The package around another model with the same inputs; `rows` are those that the first one was built from."""
    config = package.config
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "model.json").write_bytes(model)
        return build_package(
            Path(folder) / "package.zip", name=package.name, version=version, model_file=Path(folder) / "model.json",
            fields=package.fields, threshold=package.threshold, calibration=config["calibration"], metrics=package.metrics,
            rows=rows, settings=config["hyperparameters"], use_case=package.use_case,
        )  # fmt: skip


def shortened(package: Package, *, version: str, rows: pd.DataFrame, share: float = 0.5) -> Package:
    """The package with the first trees alone: a plausible version before this one."""
    booster = booster_of(package.model_bytes)
    kept = booster[: max(1, round(share * booster.num_boosted_rounds()))]
    return variant(package, version=version, model=bytes(kept.save_raw(raw_format="json")), rows=rows)


def wrong_packages(candidate: Candidate, training: pd.DataFrame) -> tuple[WrongPackage, ...]:
    """One candidate for each gate, in their order.

    Parameters
    ----------
    candidate : Candidate
        That passes all gates.
    training : DataFrame
        The rows that its model learned from, with the target.
    """
    makers: tuple[tuple[str, Callable[[Candidate, pd.DataFrame], Package]], ...] = (
        ("an error is swallowed", _swallowed),
        ("needs a package that only our machines have", _tied),
        ("the library's threshold of 0.5 in place of ours", _other_threshold),
        ("trained a little longer after its explanation was reviewed", _touched_up),
        ("a pickled encoder lies in it", _pickled),
        ("its reference was taken from half of the rows", _partial_reference),
        (f"{IDLE:,} trees that do nothing", _padded),
        ("a field allows less than callers were promised", _narrowed),
    )
    made = zip(GATES, makers, strict=True)
    return tuple(
        WrongPackage(gate, fault, _reviewed(candidate, make(candidate, training), explained=gate != "explainability"))
        for gate, (fault, make) in made
    )


def _reviewed(candidate: Candidate, package: Package, *, explained: bool) -> Candidate:
    """Everybody who approved the original approves this one too: people do. So do those who review explanations."""
    waivers = tuple(Waiver(each.finding, each.person, each.reason, package.digest) for each in candidate.waivers)
    people = {each.role: each.person for each in candidate.approvals}
    told = dict(candidate.explanations)
    if explained:
        told["model_sha256"] = digest_of_bytes(package.model_bytes)
    return candidate.but(package=package, waivers=waivers, explanations=told).approved(people)


def _swallowed(candidate: Candidate, _: pd.DataFrame) -> Package:
    return _edited(candidate.package, b"\nif __name__ ==", _SWALLOWS)


def _tied(candidate: Candidate, _: pd.DataFrame) -> Package:
    package = _edited(
        candidate.package, b"\nif TYPE_CHECKING:", b"\nfrom lifecycle.errors import DataError\n\nif TYPE_CHECKING:"
    )
    return _edited(package, b"except Exception as", b"except (DataError, Exception) as")


def _edited(package: Package, old: bytes, new: bytes) -> Package:
    source = package.files["code/score.py"]
    if source.count(old) != 1:
        raise LifecycleError(f"the code has no single `{old.decode().strip()}` to change", where="code/score.py")
    return resealed(package, {"code/score.py": source.replace(old, new)})


def _other_threshold(candidate: Candidate, _: pd.DataFrame) -> Package:
    return resealed(candidate.package, {"config.json": canonical({**candidate.package.config, "threshold": 0.5})})


def _touched_up(candidate: Candidate, training: pd.DataFrame) -> Package:
    """A few more trees on the same rows: the same figures, other reasons."""
    import xgboost

    package = candidate.package
    calibration, settings = package.config["calibration"], package.config["hyperparameters"]
    weight = 1.0
    if calibration is not None:
        trained, actual = calibration["trained"], calibration["actual"]
        weight = trained / (1 - trained) * (1 - actual) / actual
    rows = xgboost.DMatrix(training[list(package.features)], training[candidate.target], nthread=1)
    order = {
        "objective": "binary:logistic", "max_depth": int(settings.get("max_depth", 5)), "eta": 0.02, "nthread": 1, "seed": 0,
        "min_child_weight": float(settings.get("min_child_weight", 1)), "scale_pos_weight": weight,
    }  # fmt: skip
    booster = xgboost.train(order, rows, num_boost_round=4, xgb_model=booster_of(package.model_bytes))
    model = bytes(booster.save_raw(raw_format="json"))
    return variant(package, version=package.version, model=model, rows=training)


def _pickled(candidate: Candidate, _: pd.DataFrame) -> Package:
    return resealed(candidate.package, {"model/encoder.pkl": _PICKLED})


def _partial_reference(candidate: Candidate, training: pd.DataFrame) -> Package:
    """The half with the larger values of the feature that varies most among its quantiles."""
    package = candidate.package
    rows = training[list(package.features)]
    spread = ((rows.quantile(0.75) - rows.quantile(0.25)) / rows.std().replace(0, 1)).sort_values()
    half = rows.sort_values(str(spread.index[-1]), kind="stable").tail(len(rows) // 2)
    scores = package.scores(half)
    return resealed(package, {"reference.json": canonical(reference_of(half, scores, threshold=package.threshold))})


def _padded(candidate: Candidate, _: pd.DataFrame) -> Package:
    """The same scores from many more trees: each is a single leaf that says 0."""
    model: dict[str, Any] = json.loads(candidate.package.model_bytes)
    trees = model["learner"]["gradient_booster"]["model"]
    blank: dict[str, Any] = {name: [] for name in trees["trees"][0] if name.startswith("categories")}
    blank |= {name: [0.0] for name in ("base_weights", "loss_changes", "split_conditions", "sum_hessian")}
    blank |= {name: [0] for name in ("default_left", "split_indices", "split_type")}
    blank |= {"left_children": [-1], "right_children": [-1], "parents": [2147483647]}
    blank["tree_param"] = {**trees["trees"][0]["tree_param"], "num_nodes": "1", "num_deleted": "0"}
    count = len(trees["trees"])
    more = range(count, count + IDLE)
    trees["trees"] += [{**blank, "id": place} for place in more]
    trees["tree_info"] += [0 for _ in more]
    trees["iteration_indptr"] += [place + 1 for place in more]
    trees["gbtree_model_param"]["num_trees"] = str(count + len(more))
    return resealed(candidate.package, {"model/model.json": json.dumps(model).encode()})


def _narrowed(candidate: Candidate, training: pd.DataFrame) -> Package:
    """The largest value seen so far becomes the largest allowed: every row of today still passes."""
    package = candidate.package
    fields = list(package.fields)
    for place, field in enumerate(fields):
        seen = max(float(training[field.name].max()), float(candidate.rows[field.name].max()))
        if not field.choices and seen < field.high:
            fields[place] = replace(field, high=seen)
            return resealed(package, {"schema.json": canonical({"fields": [each.to_dict() for each in fields]})})
    raise LifecycleError("no field leaves room beyond the rows", where="schema.json")
