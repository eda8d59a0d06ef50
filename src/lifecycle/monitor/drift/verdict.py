"""From numbers to words: which level a column has, what to look at first, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from lifecycle.monitor.drift.classifier import USED, DomainClassifier
from lifecycle.monitor.drift.compare import Measured
from lifecycle.monitor.drift.planning import adjust, least_n_for_ks
from lifecycle.monitor.drift.stability import Level, stability_level
from lifecycle.monitor.drift.statistics import ks_level

MISSING_WATCH, MISSING_ACT = 0.05, 0.20
"""By how much the share of missing values may rise or fall before it is watched, and acted upon."""

ORDER: dict[Level, int] = {"stable": 0, "watch": 1, "act": 2}

Advice = Literal["nothing", "wait", "watch", "repair", "investigate"]


class Action(NamedTuple):
    """What to do: in one word, and in plain words."""

    kind: Advice
    text: str


@dataclass(frozen=True)
class ColumnDrift:
    """What the report says of one column.

    Attributes
    ----------
    column, kind : str
        ``kind``: number, category, truth, time, text, identifier, nothing, or other.
    level : {"stable", "watch", "act"}
        By the size of the effect, where chance alone is ruled out.
    reasons : tuple of str
        Why, as sentences about the column.
    p_adjusted : float or None
        For the number of tests in the report; of two tests of the values (the largest gap and the bins of the index) the
        smaller one. Both count in that number.
    broken : bool
        Whether it looks like a fault of the feed: a sign of one, or another share of missing values.
    measured : Measured
        All numbers behind it.
    """

    column: str
    level: Level
    reasons: tuple[str, ...]
    p_adjusted: float | None
    broken: bool
    measured: Measured

    @property
    def kind(self) -> str:
        """What the column holds."""
        return self.measured.kind

    @property
    def psi(self) -> float | None:
        """Population stability index."""
        return self.measured.psi

    @property
    def ks(self) -> float | None:
        """Largest gap between the cumulative curves."""
        return self.measured.ks

    @property
    def wasserstein(self) -> float | None:
        """Distance in standard deviations of the reference."""
        return self.measured.wasserstein

    @property
    def jensen_shannon(self) -> float | None:
        """Distance of the shares, 0 to 1."""
        return self.measured.jensen_shannon

    @property
    def p_value(self) -> float | None:
        """Of `measured.test`, before it is adjusted."""
        return self.measured.test.p_value if self.measured.test else None

    @property
    def faults(self) -> tuple[str, ...]:
        """Signs that the feed has changed and not the world."""
        return self.measured.faults

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data, floats with nine digits: the last ones of a sum differ between processors."""
        found = self.measured
        data = {
            "column": self.column,
            "kind": found.kind,
            "level": self.level,
            "broken": self.broken,
            "reasons": list(self.reasons),
            "faults": list(found.faults),
            "notes": list(found.notes),
            "test": found.test.test if found.test else None,
            "statistic": found.test.statistic if found.test else None,
            "p_value": self.p_value,
            "p_value_of_bins": found.bins_p,
            "p_adjusted": self.p_adjusted,
            "ks": found.ks,
            "psi": found.psi,
            "wasserstein": found.wasserstein,
            "jensen_shannon": found.jensen_shannon,
            "missing": {"reference": found.missing[0], "current": found.missing[1]},
            "facts": {name: {"reference": a, "current": b} for name, (a, b) in found.summary.items()},
        }
        return {name: _nine_digits(value) for name, value in data.items()}


def _nine_digits(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _nine_digits(inner) for name, inner in value.items()}
    return float(f"{value:.9g}") if isinstance(value, float) else value


def judge(
    names: list[str], found: list[Measured], *, level: float, method: Literal["holm", "bh", "bonferroni"]
) -> tuple[ColumnDrift, ...]:
    """Adjust all p-values together, then give each column its level."""
    raw = {(i, kind): p for i, each in enumerate(found) for kind, p in each.p_values.items()}
    adjusted = dict(zip(raw, adjust(list(raw.values()), method=method).tolist(), strict=True)) if raw else {}
    judged = []
    for i, (name, each) in enumerate(zip(names, found, strict=True)):
        of_values = [adjusted[i, kind] for kind in ("test", "bins") if (i, kind) in adjusted]
        judged.append(_verdict(name, each, min(of_values, default=None), adjusted.get((i, "missing")), level=level))
    return tuple(sorted(judged, key=lambda each: (-ORDER[each.level], not each.faults, -(each.psi or 0.0))))


def _verdict(name: str, found: Measured, p: float | None, p_missing: float | None, *, level: float) -> ColumnDrift:
    from lifecycle.show import number

    verdict: Level = "act" if found.faults else "stable"
    reasons, broken = list(found.faults), bool(found.faults)
    if found.psi is not None and p is not None:
        levels: list[Level] = [stability_level(found.psi)]
        sizes = [f"PSI {number(found.psi)}"]
        if found.ks is not None:
            levels.append(ks_level(found.ks))
            sizes.append(f"largest gap {number(found.ks)}")
        effect: Level = max(levels, key=lambda each: ORDER[each])
        if found.later:
            reasons.append("is later than in the reference: time moves on, and that is not judged")
        elif effect != "stable" and p < level:
            verdict = max(verdict, effect, key=lambda each: ORDER[each])
            reasons.append(f"has moved: {', '.join(sizes)}")
        elif effect != "stable":
            reasons.append(f"has {' and '.join(sizes)}, and with so few rows no test rules out chance")
        elif p < level:
            reasons.append(f"differs beyond chance, and too little to matter: {', '.join(sizes)}")
    change = found.missing[1] - found.missing[0]
    if p_missing is not None and p_missing < level and abs(change) >= MISSING_WATCH:
        verdict = max(verdict, "act" if abs(change) >= MISSING_ACT else "watch", key=lambda each: ORDER[each])
        broken = True
        shares = [f"{100 * share:.1f} %" for share in found.missing]
        reasons.append(f"is missing in {shares[1]} of the rows ({shares[0]} before)")
    return ColumnDrift(name, verdict, tuple(reasons), p, broken, found)


def tells(found: Measured) -> bool:
    """Whether a column may tell the periods apart: not one that always does."""
    return found.kind in USED and found.test is not None and not found.later


def findings_of(
    judged: tuple[ColumnDrift, ...],
    gone: tuple[str, ...],
    new: tuple[str, ...],
    rows: tuple[int, int],
    *,
    level: float,
    least: int,
    domain: DomainClassifier | None,
    untold: str = "",
) -> tuple[str, ...]:
    """What to look at first, the gravest first, and what the numbers cannot tell."""
    found = []
    if gone:
        names = ", ".join(f"`{name}`" for name in gone)
        found = [f"gone, in the reference only: {names}; usual for outcomes that are not known yet, a fault for an input"]
    for each in judged:
        if each.level != "stable":
            found += [f"`{each.column}` {reason}" for reason in each.reasons]
    if domain is not None:
        found.append(domain.sentence)
    if untold:
        found.append(f"all columns together: not looked at, {untold}")
    if new:
        found.append(f"new columns, which were not compared: {', '.join(f'`{name}`' for name in new)}")
    calm = [each for each in judged if each.level == "stable" and not each.measured.later]
    slight = [each.column for each in calm if each.p_adjusted is not None and each.p_adjusted < level]
    if slight:
        shown = ", ".join(f"`{name}`" for name in slight[:5]) + (f" and {len(slight) - 5} more" if slight[5:] else "")
        found.append(f"significant and too small to matter ({len(slight)}): {shown}")
    if min(rows) < least:
        found.append(f"with fewer than {least:,} rows a side, as here, a gap of 0.2 can be missed: stable may mean unknown")
    return tuple(found)


def rows_needed(tests: int, *, level: float) -> int:
    """Rows a side that a gap of 0.2 needs to be significant beside so many tests."""
    return least_n_for_ks(0.2, level=level / max(1, tests))


def action_of(
    judged: tuple[ColumnDrift, ...], gone: tuple[str, ...], worst: Level, *, rows: tuple[int, int], least: int
) -> Action:
    """What to do: repair before all else, then by the level of the table."""
    faulty = [each.column for each in judged if each.broken]
    moved = [each.column for each in judged if each.level == "act"]
    if faulty:
        return Action(
            "repair",
            f"Look at the feed of {_some(faulty)} first: what changed there looks like a fault of collection, not of the "
            "world. Repair it, then compare again. A model trained again on broken data learns the fault.",
        )
    if worst == "act":
        what = f"{_some(moved)} moved" if moved else "Columns moved together"
        return Action(
            "investigate",
            f"{what} far enough to matter. Find out why, then collect the outcomes of recent rows: only they tell whether "
            "the model still decides well. If it does, keep it and take the new rows as the reference. If it does not, and "
            "like rows still come to like outcomes (only the mix has changed), reweight or train again on the new mix; if "
            "the rule itself has changed, train on recent rows alone.",
        )
    if worst == "watch":
        watched = [each.column for each in judged if each.level == "watch"]
        what = _some(watched) if watched else "what is gone" if gone else "the columns together"
        return Action("watch", f"Keep an eye on {what}: compare again with the next rows before anything is changed.")
    if min(rows) < least:
        few = f"Nothing can be told yet: in so few rows a large move could be chance. Compare again with {least:,} a side."
        return Action("wait", few)
    return Action("nothing", "Nothing to do: no column has moved far enough to matter. Drift is an early warning only; "
                  "the outcomes are still to be watched.")  # fmt: skip


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:3])
    return shown + (f" and {len(names) - 3} more" if len(names) > 3 else "")
