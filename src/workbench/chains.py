"""Which lesson begins first where several may: the one that the longest chain of others waits for."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from workbench.catalog import Catalog
from workbench.course import Course
from workbench.plan import Step


def longest_first(steps: Sequence[Step], catalog: Catalog, seconds: Mapping[str, float]) -> list[Step]:
    """Steps by how long the rest of a run takes at least once they begin; those that are alike stay in their order.

    Parameters
    ----------
    seconds : mapping
        What lessons are known to take, by slug; one that is not there is taken to need the median of the others.
    """
    left = remaining(steps, catalog, seconds)
    return sorted(steps, key=lambda step: -left[step.lesson.slug])


def remaining(steps: Sequence[Step], catalog: Catalog, seconds: Mapping[str, float]) -> dict[str, float]:
    """Seconds from the beginning of each lesson to the end of the longest chain of `steps` that reads from it, by slug."""
    readers: dict[str, list[str]] = {step.lesson.slug: [] for step in steps}
    for step in steps:
        for parent in catalog.parents(step.lesson):
            readers.get(parent.slug, []).append(step.lesson.slug)
    usual = statistics.median([seconds[slug] for slug in readers if slug in seconds] or [1.0])
    left: dict[str, float] = {}

    def measure(slug: str) -> float:
        if slug not in left:
            left[slug] = seconds.get(slug, usual) + max(map(measure, readers[slug]), default=0.0)
        return left[slug]

    for slug in readers:
        measure(slug)
    return left


def recorded(course: Course) -> dict[str, float]:
    """Seconds that the lessons of the latest run took, by slug; empty where there was none that can be read."""
    with suppress(OSError, ValueError, LookupError, TypeError):
        folder = Path((course.runs / "latest").read_text(encoding="utf-8").strip())
        entries = json.loads((folder / "run.json").read_bytes())["lessons"]
        return {str(entry["slug"]): float(entry["seconds"]) for entry in entries if entry["status"] in ("run", "cached")}
    return {}
