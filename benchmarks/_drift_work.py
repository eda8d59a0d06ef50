"""One side of a comparison: reads two tables, then makes a drift report of them for each line on standard input.

Started by monitoring.py, with our lock or in the peer's environment: the same file, so that both do the same around it.
Prints a JSON object a report: seconds, seconds of processor, and the most memory that the process ever held.
"""

from __future__ import annotations

import json
import resource
import sys
import time

import pandas as pd


def ours(reference: pd.DataFrame, current: pd.DataFrame) -> str:
    """Everything the report says, as JSON."""
    from lifecycle.monitor import drift_report

    return drift_report(reference, current).to_json()


def evidently(reference: pd.DataFrame, current: pd.DataFrame) -> str:
    """Its drift preset with the tests that it chooses by itself, as JSON."""
    from evidently import Report
    from evidently.presets import DataDriftPreset

    return str(Report([DataDriftPreset()]).run(current, reference).json())


if __name__ == "__main__":
    work = {"ours": ours, "evidently": evidently}[sys.argv[1]]
    frames = [pd.read_parquet(path) for path in sys.argv[2:4]]
    work(frames[0].head(500), frames[1].head(500))  # imports
    for _ in sys.stdin:
        started, spent = time.perf_counter(), time.process_time()
        said = work(frames[0], frames[1])
        seconds, processor = time.perf_counter() - started, time.process_time() - spent
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(json.dumps({"seconds": seconds, "processor": processor, "gib": peak, "letters": len(said)}), flush=True)
