"""What a batch job did, for the person who is on duty in the morning and for the program that checks it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class BatchReport:
    """Counts of a finished job; `rows` is always `scored` and `quarantined` together.

    Attributes
    ----------
    job : mapping
        What the job is: table and package with their digests, date, key, chunk size, edges of the bands.
    rows, scored, quarantined : int
        Rows of the table, and what became of them.
    bands : mapping of str to int
        Scored rows a band.
    flagged : int
        Scored rows from the package's threshold on.
    mean_chance : float
        Mean over the scored rows; NaN where there is none.
    reasons : mapping of str to int
        Reason of the quarantine to rows; a row with two reasons counts in both.
    published : bool
        Whether the results were handed on; not so where too much was quarantined.
    chunks, kept : int
        Chunks in all, and those that an earlier run had finished.
    seconds : float
        Wall time of this run.
    """

    job: Mapping[str, Any]
    rows: int
    scored: int
    quarantined: int
    bands: Mapping[str, int]
    flagged: int
    mean_chance: float
    reasons: Mapping[str, int]
    published: bool
    chunks: int
    kept: int = field(default=0, compare=False)
    seconds: float = field(default=0.0, compare=False)

    def shares(self) -> dict[str, float]:
        """Share of the scored rows in each band; NaN where there is none."""
        return {name: count / self.scored if self.scored else math.nan for name, count in self.bands.items()}

    def facts(self) -> dict[str, Any]:
        """What is the same however often the job is run, for JSON."""
        mean = None if math.isnan(self.mean_chance) else float(f"{self.mean_chance:.4g}")
        return {
            "job": dict(self.job),
            "rows": self.rows,
            "scored": self.scored,
            "quarantined": self.quarantined,
            "bands": dict(self.bands),
            "flagged": self.flagged,
            "mean_chance": mean,
            "reasons": dict(self.reasons),
            "published": self.published,
            "chunks": self.chunks,
        }

    def to_dict(self) -> dict[str, Any]:
        """All of it, for JSON: the facts, and how this run went."""
        run = {"chunks_kept": self.kept, "seconds": round(self.seconds, 3), "rows_a_second": self.rate}
        return {**self.facts(), "run": run}

    def __str__(self) -> str:
        """The facts as lines of text."""
        bands = ", ".join(f"{name} {count:,} ({self.shares()[name]:.1%})" for name, count in [*self.bands.items()][::-1])
        lines = [
            f"{self.rows:,} rows: {self.scored:,} scored, {self.quarantined:,} set aside",
            *(f"  {count:,} {'row' if count == 1 else 'rows'}: {reason}" for reason, count in self.reasons.items()),
            *([f"bands: {bands}", f"flagged: {self.flagged:,}, mean chance {self.mean_chance:.4f}"] if self.scored else []),
            f"{self.job['model']} {self.job['version']}, scores for {self.job['date']}, "
            f"{self.chunks} {'chunk' if self.chunks == 1 else 'chunks'}",
            "published" if self.published else "NOT published: too many rows were set aside",
        ]
        return "\n".join(lines)

    @property
    def rate(self) -> float | None:
        """Rows a second of this run, chunks that were kept left out; None where nothing was left to do."""
        done = self.rows * (self.chunks - self.kept) / self.chunks if self.chunks else 0
        return round(done / self.seconds, 1) if done and self.seconds else None


def summed(
    receipts: Sequence[Mapping[str, Any]], job: Mapping[str, Any], *, published: bool, kept: int, seconds: float
) -> BatchReport:
    """The report over the receipts of all chunks, the same in whatever order they came."""
    ordered = sorted(receipts, key=lambda receipt: int(receipt["number"]))
    rows, scored = (sum(receipt[name] for receipt in ordered) for name in ("rows", "scored"))
    total = math.fsum(receipt["sum"] for receipt in ordered)
    return BatchReport(
        job=job,
        rows=rows,
        scored=scored,
        quarantined=rows - scored,
        bands=_added(ordered, "bands", start=("low", "medium", "high")),
        flagged=sum(receipt["flagged"] for receipt in ordered),
        mean_chance=total / scored if scored else math.nan,
        reasons=_added(ordered, "reasons"),
        published=published,
        chunks=len(ordered),
        kept=kept,
        seconds=seconds,
    )


def _added(receipts: Sequence[Mapping[str, Any]], name: str, *, start: Sequence[str] = ()) -> dict[str, int]:
    counts = dict.fromkeys(start, 0)
    for receipt in receipts:
        for each, count in receipt[name].items():
            counts[each] = counts.get(each, 0) + count
    return counts if start else dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
