"""Batch scoring: a million rows from file to file, against a loop over rows and against one prediction of the whole table.

The table is made of the credit use case's model inputs, the package is the one of lesson 07. "End to end" is what
`workbench score` does with a Parquet file: verify, read, check each row, score, rank, write Parquet and DuckDB.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil
from _measure import Figure, main, median_ratio, seconds

from lifecycle import artifacts
from lifecycle.deploy import Package, open_package

ROWS = 1_000_000
LOOP = 10_000
CODE = """
import json, sys
from lifecycle.deploy import run_batch, workers

if __name__ == "__main__":
    package, table, out, jobs = sys.argv[1:]
    with workers(int(jobs)) as executor:
        report = run_batch(package, table, out, date="2025-11-30", executor=executor, threads=int(jobs))
    print(json.dumps(report.facts()))
"""


def measure(quick: bool) -> list[Figure]:
    repeat, loop = (1, 1_000) if quick else (3, LOOP)
    place = artifacts.path("07/package.zip")
    package = open_package(place)
    with tempfile.TemporaryDirectory(prefix="batch-") as folder:
        table, home = _table(package, Path(folder)), Path(folder)
        one, two, loops, whole = [], [], [], []
        for number in range(repeat):
            one.append(_end_to_end(place, table, home / f"one-{number}", 1))
            two.append(_end_to_end(place, table, home / f"two-{number}", 2))
            loops.append(seconds(lambda: _loop(package, table, loop)) * ROWS / loop)
            whole.append(seconds(lambda: _whole(package, table)))
            print(f"row loop: {loops[-1]:.0f} s (extrapolated); whole table: {whole[-1]:.2f} s", file=sys.stderr)
    times = [taken for taken, _ in one]
    return [
        Figure("batch-million-rows", float(np.median(times)), "s", "<=", 30.0),
        Figure("batch-million-rows-two-jobs", float(np.median([taken for taken, _ in two])), "s", "<=", 30.0),
        Figure("batch-memory", max(memory for _, memory in one), "MiB", "<=", 1024.0),
        Figure("batch-memory-two-jobs", max(memory for _, memory in two), "MiB", "<=", 1024.0),
        Figure("row-loop-over-batch", median_ratio(loops, times), "ratio", ">=", 10.0),
        Figure("batch-over-whole-predict", median_ratio(times, whole), "ratio", "<=", 5.0),
    ]


def _table(package: Package, folder: Path) -> Path:
    """Rows drawn from lesson 03's, with keys of their own and one in a thousand that cannot be scored."""
    rng = np.random.default_rng(9)
    handed = artifacts.read_frame("03/features.parquet")[list(package.features)]
    drawn = handed.iloc[rng.integers(0, len(handed), ROWS)].reset_index(drop=True)
    drawn.iloc[::1000, 0] = np.nan
    drawn.insert(0, "entity", rng.permutation(ROWS))
    drawn.to_parquet(folder / "table.parquet")
    return folder / "table.parquet"


def _end_to_end(package: Path, table: Path, out: Path, jobs: int) -> tuple[float, float]:
    """Seconds of a process that scores the table, and the most memory (MiB) of it and its children together."""
    command = [sys.executable, "-c", CODE, str(package), str(table), str(out), str(jobs)]
    started, before = time.perf_counter(), _processor()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    peak = _Peak(process.pid)
    said, _ = process.communicate()
    taken = time.perf_counter() - started
    if process.returncode or not json.loads(said)["published"]:
        raise SystemExit(f"the job failed with exit code {process.returncode}")
    print(f"{jobs} jobs: {taken:.2f} s, {_processor() - before:.2f} s of processor, {peak.end():.0f} MiB", file=sys.stderr)
    return taken, peak.end()


def _processor() -> float:
    """Processor seconds of all children that have ended."""
    used = os.times()
    return used.children_user + used.children_system


class _Peak(threading.Thread):
    """Looks at the memory of a process and its children every 20 ms: proportional set size, so that nothing counts twice."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._process, self._most, self._over = psutil.Process(pid), 0, threading.Event()
        self.start()

    def run(self) -> None:
        while not self._over.wait(0.02):
            try:
                family = [self._process, *self._process.children(recursive=True)]
                self._most = max(self._most, sum(each.memory_full_info().pss for each in family))
            except psutil.Error:
                continue

    def end(self) -> float:
        self._over.set()
        return self._most / 2**20


def _loop(package: Package, table: Path, rows: int) -> None:
    """What a first version often is: each row by itself, through the guard and the scorer."""
    import pandas as pd

    frame = pd.read_parquet(table, columns=list(package.features)).dropna().head(rows)
    scorer = package.scorer()
    for position in range(rows):
        scorer.scores(package.guard(frame.iloc[position : position + 1]))


def _whole(package: Package, table: Path) -> None:
    """One frame, one prediction, one file: nothing checked, nothing ranked, everything in memory."""
    import pandas as pd

    frame = pd.read_parquet(table)
    chances = package.scorer().scores(frame[list(package.features)].to_numpy("float32"))
    frame[["entity"]].assign(chance=chances).to_parquet(table.with_name("whole.parquet"))


if __name__ == "__main__":
    main(measure, about=__doc__ or "")
