"""Gates 3 to 6: it is the model that was evaluated, gives reasons, may be used, and the data fit it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.release.candidate import ROLES, Candidate
from lifecycle.deploy.release.evidence import Finding

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

LOST = 0.02
"""How much ROC AUC a new version may lose against the one that runs."""
ADDITIVE = 1e-3
"""How far the chance that contributions add up to may lie from the score: sums of float32."""
RANKED = 2e-3
"""How far a mean contribution may lie from the reviewed one, which is written with three decimals."""
DOMINANT = 0.8
"""Share of all contributions beyond which one feature *is* the model, as a leak would be."""
FOUR_FIFTHS = 0.8
LEAST_GROUP = 50
SHIFT = 0.25
"""Largest shift of a feature's mean, in standard deviations of the reference."""
STABLE = 0.2
"""Population stability index above which score distributions differ."""
OUTSIDE = 0.001
"""Share of values that may lie outside of the schema's limits."""
_CODE = re.compile(r"\.(pkl|pickle|joblib|dill|h5|pyc|so|dll|dylib|exe|sh|bat|ps1)$", re.IGNORECASE)
_SECRET = re.compile(
    rb"(?i)(password|passwd|secret|(?:api|access|private)_?key)\"?\s*[:=]\s*\"?[^\s\",}]{4,}|-----BEGIN [A-Z ]*PRIVATE KEY"
)
_STARTS = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"\x7fELF", b"MZ")


def revalidation(candidate: Candidate) -> Iterator[Finding]:
    """Gate 3: the figures of development come out again, from the package alone, on rows it did not learn from."""
    labels, scores = candidate.rows[candidate.target].to_numpy(), candidate.package.scores(candidate.inputs())
    found = _metrics(labels, scores, candidate.package.threshold)
    claimed = candidate.development["test"]
    for name, value in found.items():
        if name not in claimed:
            continue
        low, high = claimed[name]["low"], claimed[name]["high"]
        inside = low - 5e-4 <= value <= high + 5e-4
        yield Finding(name.replace("_", " "), inside, f"{value:.3g}", f"{low:.3g} to {high:.3g}")
    prevalence = float(labels.mean())
    yield Finding(
        "better than chance", found["average_precision"] > prevalence, f"average precision {found['average_precision']:.3g}",
        f"over the prevalence {prevalence:.3g}",
    )  # fmt: skip
    if candidate.previous is not None and candidate.previous.features == candidate.package.features:
        before = _metrics(labels, candidate.previous.scores(candidate.inputs()), candidate.previous.threshold)["roc_auc"]
        lost = before - found["roc_auc"]
        yield Finding(
            "no worse than what runs", lost <= LOST, f"ROC AUC {round(-lost, 2) + 0.0:+.2f}", f"at least {-LOST:+.2f}"
        )


def explainability(candidate: Candidate) -> Iterator[Finding]:
    """Gate 4: reasons add up, belong to this version, and are worded for every feature."""
    import numpy as np

    package, told = candidate.package, candidate.explanations
    values, scorer = package.guard(candidate.inputs()), package.scorer()
    parts, scores = scorer.contributions(values), scorer.scores(values)
    told_by_reasons = package.calibration(1.0 / (1.0 + np.exp(-parts.sum(axis=1))))
    residual = float(np.abs(told_by_reasons - scores).max())
    adds = residual <= ADDITIVE
    yield Finding("reasons add up", adds, "to every score" if adds else f"off by {residual:.2g}", f"within {ADDITIVE:g}")
    shipped = sha256(package.model_bytes).hexdigest()
    same = told["model_sha256"] == shipped
    yield Finding("explained model is the shipped one", same, "yes" if same else "another digest", "the same digest")
    weight = np.abs(parts[:, :-1]).mean(axis=0)
    size = dict(zip(package.features, weight.tolist(), strict=True))
    moved = [each["feature"] for each in told["ranking"] if abs(size.get(each["feature"], 0.0) - each["mean_abs"]) > RANKED]
    moved += [] if abs(float(parts[0, -1]) - told["base_value"]) <= RANKED else ["the base"]
    yield Finding("reasons weigh what they weighed", not moved, _listed(moved, "as reviewed"), "as reviewed")
    share = float(weight.max() / weight.sum()) if weight.sum() else 1.0
    first = package.features[int(weight.argmax())]
    yield Finding("no feature is the model", share <= DOMINANT, f"{first} carries {share:.0%}", f"at most {DOMINANT:.0%}")
    wordless = [name for name in package.features if not told["reasons"].get(name)]
    yield Finding("a wording for every feature", not wordless, _listed(wordless, "all"), "all")


def governance(candidate: Candidate) -> Iterator[Finding]:
    """Gate 5: approvals for this very package, groups treated alike, nothing in it that should not travel."""
    package = candidate.package
    given = {each.role: each.person for each in candidate.approvals if each.digest == package.digest}
    missing = [role for role in ROLES if role not in given]
    yield Finding(
        "approved, this very digest", not missing, _listed([f"no {role}" for role in missing], "all roles"), ", ".join(ROLES)
    )
    people = {given[role] for role in ROLES if role in given}
    yield Finding("nobody approves twice", len(people) == len(given), f"{len(people)} people", f"{len(given)} people")
    runs = [name for name, data in package.files.items() if _CODE.search(name) or data.startswith(_STARTS)]
    yield Finding("no file that runs when it is loaded", not runs, _listed(sorted(runs), "none"), "none")
    texts = {name: data for name, data in package.files.items() if not name.endswith(".onnx")}
    secret = sorted(name for name, data in texts.items() if _SECRET.search(data))
    yield Finding("no secret", not secret, _listed(secret, "none"), "none")
    used = [
        name for name in package.features if any(name == each or name.startswith(f"{each}_") for each in candidate.groups)
    ]
    yield Finding("no protected attribute as input", not used, _listed(used, "none"), "none")
    yield from _fairness(candidate)


def data_quality(candidate: Candidate) -> Iterator[Finding]:
    """Gate 6: today's rows are complete, within the schema, and like those that the package knows."""
    import numpy as np

    package, frame = candidate.package, candidate.inputs()
    missing = int(frame.isna().sum().sum())
    yield Finding("complete", missing == 0, f"{missing} values missing", "0 missing")
    faulty = {
        field.name: float(np.mean([field.fault(value) is not None for value in frame[field.name].unique()]))
        and float(frame[field.name].map(lambda value, field=field: field.fault(value) is not None).mean())
        for field in package.fields
    }
    outside = [f"{name}: {share:.1%}" for name, share in faulty.items() if share > OUTSIDE]
    yield Finding("within the schema", not outside, _listed(outside, "all features"), f"at most {OUTSIDE:.1%} outside")
    reference = package.reference["features"]
    moved = {
        name: abs(float(frame[name].mean()) - reference[name]["mean"]) / (reference[name]["sd"] or 1.0)
        for name in package.features
    }
    far = [f"{name} by {shift:.2f} sd" for name, shift in moved.items() if shift > SHIFT]
    yield Finding("distribution of the features", not far, _listed(far, "as in the reference"), f"means within {SHIFT:g} sd")
    index = stability(np.array(package.reference["score_quantiles"]), package.scores(frame))
    yield Finding(
        "distribution of the scores", index <= STABLE, f"PSI at most {STABLE:g}" if index <= STABLE else f"PSI {index:.2f}",
        f"PSI at most {STABLE:g}",
    )  # fmt: skip


def stability(quantiles: Array, scores: Array, *, bins: int = 10) -> float:
    """Population stability index between scores and the evenly spaced quantiles of earlier ones.

    Bins are cut at the quantiles; where equal quantiles leave less than `bins` of them, the share expected in each is that
    of the quantiles in it. Shares are kept from 0 by half a row.
    """
    import numpy as np

    edges = np.unique(quantiles[:: max(1, (len(quantiles) - 1) // bins)])[1:-1]
    below = np.searchsorted(quantiles, edges, side="left") / len(quantiles)
    expected = np.diff([0.0, *below, 1.0])
    counts = np.bincount(np.searchsorted(edges, scores, side="right"), minlength=len(edges) + 1)
    seen = (counts + 0.5) / (counts.sum() + 0.5 * len(counts))
    kept = expected > 0
    return float(((seen - expected) * np.log(seen / np.where(kept, expected, 1.0)))[kept].sum())


def _metrics(labels: Array, scores: Array, threshold: float) -> dict[str, float]:
    from sklearn.metrics import average_precision_score, roc_auc_score

    flagged = scores >= threshold
    hits, flags, positives = int((flagged & (labels == 1)).sum()), int(flagged.sum()), int((labels == 1).sum())
    return {
        "roc_auc": float(roc_auc_score(labels, scores)),
        "average_precision": float(average_precision_score(labels, scores)),
        "brier": float(((scores - labels) ** 2).mean()),
        "precision": hits / flags if flags else 0.0,
        "recall": hits / positives if positives else 0.0,
        "flag_rate": float(flagged.mean()),
    }


def _fairness(candidate: Candidate) -> Iterator[Finding]:
    """The four-fifths rule on the favourable decision, which is not to be flagged."""
    flagged = candidate.package.decide(candidate.package.scores(candidate.inputs()))
    for name, group in candidate.groups.items():
        by = candidate.rows.assign(_flagged=flagged, _group=group).groupby("_group")["_flagged"].agg(["mean", "size"])
        kept = 1 - by.loc[by["size"] >= LEAST_GROUP, "mean"]
        if len(kept) < 2:
            continue
        ratio = float(kept.min() / kept.max()) if kept.max() else 1.0
        finding, digest = f"four fifths by {name}", candidate.package.digest
        by_whom = next((each.person for each in candidate.waivers if each.covers(finding, digest)), None)
        found = f"{ratio:.2f} over {len(kept)} groups" + (f", accepted by {by_whom}" if by_whom else "")
        yield Finding(finding, ratio >= FOUR_FIFTHS or by_whom is not None, found, f"at least {FOUR_FIFTHS:g}")


def _listed(names: list[str], otherwise: str) -> str:
    if not names:
        return otherwise
    return names[0] + (f", and {len(names) - 1} more" if names[1:] else "")
