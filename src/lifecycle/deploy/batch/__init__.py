"""Batch scoring: every row of a table once, on a schedule, whatever happens in between.

A live service answers one request at a time and forgets it. A batch job answers a million at once, at two in the morning,
and somebody acts on the list at eight. Nobody waits, so speed matters less than four promises:

Every row once
    A row is scored or set aside with its reasons (`rows`), never both, never twice, never dropped: the report adds up.
Stopped anywhere, finished later
    Chunks write files of their own (`chunk`) and are entered in a `journal` afterwards. A job that was killed does what is
    left when it is started again, and its result is that of a job that was not.
Done twice is done once
    Results are known by key, date and model version, and replaced, not appended (`publish`).
Memory that has a bound
    A chunk is all that is in memory; sorting and searching for repeated keys are left to DuckDB, which goes to disk.

`bands` turns chances into tiers by a rule that says where the edges belong, `executors` lets the same job run in this
process, in processes beside it or on a cluster.
"""

from __future__ import annotations

from lifecycle.deploy.batch.bands import BANDS, Bands, rank
from lifecycle.deploy.batch.errors import BatchError
from lifecycle.deploy.batch.executors import workers
from lifecycle.deploy.batch.job import run_batch
from lifecycle.deploy.batch.journal import Journal
from lifecycle.deploy.batch.pace import minutes_for, rows_a_second, rows_in_window
from lifecycle.deploy.batch.report import BatchReport

__all__ = [
    "BANDS", "Bands", "BatchError", "BatchReport", "Journal", "minutes_for", "rank", "rows_a_second", "rows_in_window",
    "run_batch", "workers",
]  # fmt: skip
