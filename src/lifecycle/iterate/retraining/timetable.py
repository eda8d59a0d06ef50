"""A day's timetable: how old the data are when the model goes live, and which step is late."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lifecycle.errors import DataError

_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_DAY = 24 * 60


@dataclass(frozen=True)
class Timetable:
    """Steps and when each starts, once a day.

    Parameters
    ----------
    steps : sequence of (str, str)
        Time as ``"HH:MM"`` and name, in the order in which they follow each other; a time that is not after the one before
        is on the next day.

    Raises
    ------
    DataError
        For a time that no clock shows, or a name that occurs twice.
    """

    steps: Sequence[tuple[str, str]]

    def __post_init__(self) -> None:
        names = [name for _, name in self.steps]
        if not names or len(set(names)) < len(names):
            raise DataError("needs steps with names of their own", where="timetable", tried=", ".join(names))
        for time, name in self.steps:
            if not _CLOCK.fullmatch(time):
                raise DataError(f"{time!r} is no time of the day", where=f"timetable: {name}", remedy='write "07:00"')

    def minutes(self) -> dict[str, int]:
        """Start of each step, in minutes after midnight of the day of the first one."""
        found: dict[str, int] = {}
        before = -1
        for time, name in self.steps:
            at = int(time[:2]) * 60 + int(time[3:])
            while at <= before:
                at += _DAY
            found[name] = before = at
        return found

    def hours(self, start: str, end: str) -> float:
        """Hours from the start of one step to the start of a later one.

        Raises
        ------
        DataError
            When there is no such step, or `end` comes before `start`.
        """
        at = self.minutes()
        for name in (start, end):
            if name not in at:
                raise DataError(f"there is no step `{name}`", where="timetable", remedy="steps: " + ", ".join(at))
        if at[end] < at[start]:
            raise DataError(f"`{end}` comes before `{start}`", where="timetable")
        return (at[end] - at[start]) / 60

    def ages(self, collected: str, live: str) -> tuple[float, float]:
        """Age of the newest rows in hours: when the model goes live, and a day later, just before the next one does."""
        youngest = self.hours(collected, live)
        return youngest, youngest + 24

    def late(self, durations: Mapping[str, float]) -> list[str]:
        """Steps that are not finished when the next one starts.

        Parameters
        ----------
        durations : mapping
            Minutes that each step takes; a step that is not named takes none.
        """
        at = list(self.minutes().items())
        return [name for (name, start), (_, after) in pairwise(at) if start + durations.get(name, 0.0) > after]
