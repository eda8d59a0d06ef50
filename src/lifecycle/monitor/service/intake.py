"""Files that arrive in dated folders, and the check that finds the bad one before a model reads it."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lifecycle.errors import DataError
from lifecycle.monitor.service.errors import WatchError

if TYPE_CHECKING:
    import pandas as pd


def deliver_batch(frame: pd.DataFrame, lake: Path | str, *, day: str, time: str) -> Path:
    """Write a batch into ``lake/DAY/HHMM.parquet``, and beside it a note of its size, digest and number of rows.

    Parameters
    ----------
    frame : DataFrame
    lake : Path or str
        The folder that holds a folder a day.
    day : str
        As ``2026-03-02``.
    time : str
        As ``06:30``.

    Returns
    -------
    Path
        Of the batch. The note is written last, so a batch without one is still on its way.
    """
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    content = buffer.getvalue()
    folder = Path(lake) / day
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"{time.replace(':', '')}.parquet"
    note = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(), "rows": len(frame)}
    place.write_bytes(content)
    place.with_suffix(".json").write_text(json.dumps(note), encoding="utf-8")
    return place


def take_in_batch(place: Path | str, *, columns: Sequence[str], rows: int = 1) -> pd.DataFrame:
    """Read a batch that `deliver_batch` wrote, or say why not.

    Parameters
    ----------
    place : Path or str
    columns : sequence of str
        That the batch must have.
    rows : int
        At least so many.

    Returns
    -------
    DataFrame
        The `columns`, in that order.

    Raises
    ------
    DataError
        When the batch or its note is missing, when its bytes are not those of the note (cut short, damaged), when it cannot
        be read, lacks a column, or is too small.
    """
    import pandas as pd

    path = Path(place)
    where = f"{path.parent.name}/{path.name}"
    try:
        content, note = path.read_bytes(), json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        size, digest = int(note["bytes"]), str(note["sha256"])
    except FileNotFoundError as error:
        raise DataError(f"`{Path(error.filename).name}` has not arrived", where=where) from error
    except (ValueError, KeyError, TypeError) as error:
        raise DataError("its note cannot be read", where=where, tried=str(error)) from error
    if len(content) != size:
        raise DataError(f"it has {len(content):,} bytes and should have {size:,}", where=where, remedy="have it sent again")
    if hashlib.sha256(content).hexdigest() != digest:
        raise DataError("its bytes are not those that were sent", where=where, remedy="have it sent again")
    try:
        frame = pd.read_parquet(io.BytesIO(content))
    except (OSError, ValueError) as error:
        raise DataError("it is no Parquet file", where=where, tried=str(error)) from error
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise DataError(
            f"column `{missing[0]}` is missing", where=where, tried="there are: " + ", ".join(map(str, frame.columns))
        )
    if len(frame) < rows:
        raise DataError(f"{len(frame):,} rows where at least {rows:,} are expected", where=where)
    return frame[list(columns)]


def batch_arrivals(lake: Path | str, *, day: str) -> list[int]:
    """Minutes of the day whose batch has arrived, note and all, in order; empty where there is no such folder."""
    folder = Path(lake) / day
    found = sorted(path.stem for path in folder.glob("[0-9][0-9][0-9][0-9].parquet") if path.with_suffix(".json").exists())
    minutes = [60 * int(stem[:2]) + int(stem[2:]) for stem in found]
    if any(minute >= 24 * 60 for minute in minutes):
        raise WatchError("a file is named after no time of day", where=f"{folder.name}", tried=", ".join(found))
    return minutes
