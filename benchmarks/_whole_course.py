"""The whole course, one lesson at a time and two at a time, and the bound that its graph and the cores set."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from workbench import chains, plan
from workbench.catalog import Catalog
from workbench.course import Course

COMMAND = [sys.executable, "-c", "from workbench.cli import main; main()", "run", "--fresh"]


@dataclass(frozen=True)
class Spent:
    """Seconds of a run.

    Attributes
    ----------
    wall : float
        By the clock, from the command to its end.
    compute : dict
        What the cells of each lesson took, by its slug.
    """

    wall: float
    compute: dict[str, float]

    @property
    def overhead(self) -> float:
        """Seconds a lesson that are not its cells'."""
        return (self.wall - sum(self.compute.values())) / len(self.compute)


def run(course: Course, out: Path, *words: str, threads: int = 0) -> Spent:
    """Run a course by the command, in `threads` OpenMP and BLAS threads where it is not 0."""
    limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads)) if threads else {}
    started = time.perf_counter()
    done = subprocess.run(
        [*COMMAND, "--out", str(out), *words], cwd=course.root, env={**os.environ, **limits}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    wall = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"workbench run failed:\n{done.stdout}\n{done.stderr}")
    return Spent(wall, {path.stem: _cells(path) for path in sorted((out / "notebooks").glob("*.ipynb"))})


def critical_path(course: Course, compute: dict[str, float]) -> float:
    """Seconds of the longest chain of lessons of which each reads what the one before it writes."""
    catalog = Catalog.load(course.catalog)
    return max(chains.remaining(plan.of_run(course, catalog, given={}), catalog, compute).values())


def _cells(path: Path) -> float:
    book = json.loads(path.read_bytes())
    return sum(cell["metadata"].get("papermill", {}).get("duration") or 0.0 for cell in book["cells"])
