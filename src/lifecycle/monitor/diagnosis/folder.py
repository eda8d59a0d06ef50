"""A stream as files, a folder a day, as a team would find them; and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lifecycle.artifacts import replace_file
from lifecycle.errors import DataError
from lifecycle.monitor.diagnosis.seen import Seen
from lifecycle.monitor.replay.stream import Stream

if TYPE_CHECKING:
    import pandas as pd

_TABLES = ("requests", "labels", "telemetry", "log")


def write_days(stream: Stream, folder: Path, *, first: int, last: int) -> None:
    """Write what became known on each of the days `first` to `last`.

    ``day-07/`` holds ``requests.csv``, ``labels.csv`` (the outcomes that became known on this day, of whatever day they
    are), ``telemetry.csv`` and ``log.csv``. What is there already is replaced by the same.

    Raises
    ------
    DataError
        For days outside of the stream.
    """
    if not 0 <= first <= last < stream.days:
        raise DataError(f"there are no days {first} to {last}", remedy=f"the stream has days 0 to {stream.days - 1}")
    for day in range(first, last + 1):
        place = _place(folder, day)
        place.mkdir(parents=True, exist_ok=True)
        known = stream.labels[stream.labels["day_known"] == day]
        for name, table in (
            ("requests", stream.day(day)), ("labels", known),
            ("telemetry", stream.telemetry[stream.telemetry["day"] == day]), ("log", stream.log[stream.log["day"] == day]),
        ):  # fmt: skip
            write_table(table, place / f"{name}.csv")


def write_table(table: pd.DataFrame, place: Path) -> None:
    """Write a table as CSV, completely or not at all; numbers are read back as they were."""
    replace_file(place, table.to_csv(index=False, lineterminator="\n").encode("utf-8"))


def read_seen(folder: Path | str) -> Seen:
    """Read the days that `write_days` has written, from day 0 up to the last one that is there: evidence for `diagnose`.

    Raises
    ------
    DataError
        When there is no day 0, or a file cannot be read.
    """
    import pandas as pd

    days = 0
    while _place(Path(folder), days).is_dir():
        days += 1
    if days == 0:
        raise DataError("there is no day-00", where=str(folder), remedy="name the folder that holds the days")
    tables = {}
    for name in _TABLES:
        parts = [_read(_place(Path(folder), day) / f"{name}.csv") for day in range(days)]
        tables[name] = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    features = tuple(name for name in tables["requests"].columns if name not in
                     ("request_id", "day", "minute", "entity", "score"))  # fmt: skip
    return Seen(**tables, features=features, day=days - 1)


def _place(folder: Path, day: int) -> Path:
    return folder / f"day-{day:02d}"


def _read(place: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_csv(place)
    except (OSError, ValueError) as error:
        raise DataError(f"cannot be read: {error}", where=f"{place.parent.name}/{place.name}") from None
