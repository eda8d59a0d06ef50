"""What is given to this room is looked at once, here: who a person is, which day, which numbers, which columns.

A person is told from another by *value*, whatever the type of the column: a client number is ``17`` in one table, ``"17"``
in the next, and ``17.0`` where a number beside it is missing. Upper and lower case are told apart: to take two people for
one would give one's rows to the other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date, datetime
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from lifecycle.govern.data.errors import GovernanceError

if TYPE_CHECKING:
    import pandas as pd

_WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,30})(?:\.0)?", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?", re.ASCII)
_EXACT = 2**53  # above, floats skip whole numbers


def written(value: object) -> str:
    """A value as text, whole floats without their point: ``7`` for ``7.0``."""
    if isinstance(value, Real) and not isinstance(value, Integral) and float(value).is_integer():
        return str(int(float(value)))
    return str(value)


def identity(value: object) -> str | None:
    """The same text for each way to write one person's name or number; ``None`` where nobody is named."""
    if value is None or str(value) in ("nan", "<NA>", "NaT"):
        return None
    text = written(value).strip()
    return (str(int(text.removesuffix(".0"))) if _WHOLE.fullmatch(text) else text) or None


def identities(values: pd.Series) -> pd.Series:
    """`identity` of a column."""
    names = {value: identity(value) for value in values.dropna().unique()}
    return values.map(names).astype(object).where(values.notna(), None)


def the_person(value: object, *, where: str) -> str:
    """`identity` of somebody who must be named."""
    name = identity(value)
    if name is None:
        raise GovernanceError("nobody is named", where=where, tried=repr(value), remedy="a name or a number")
    return name


def need_columns(frame: Any, names: Iterable[object], *, where: str) -> None:
    """Refuse what is no table, or has not these columns."""
    if not hasattr(frame, "columns"):
        raise GovernanceError(f"a {type(frame).__name__} is no table", where=where, remedy="give a DataFrame")
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise GovernanceError(f"no column `{missing[0]}`", where=where, tried=", ".join(map(str, frame.columns)))


def a_day(value: object, *, where: str) -> date:
    """Refuse what is no plain day: a text, or a moment, which is another day elsewhere."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise GovernanceError(f"{value!r} is no day", where=where, remedy="give a datetime.date, as date(2026, 4, 1)")
    return value


def a_number(value: object, *, where: str, whole: bool = False, least: float = -math.inf) -> None:
    """Refuse what is no finite number (or no whole one), or is below `least`."""
    kind = Integral if whole else Real
    good = type(value) is not bool and isinstance(value, kind) and math.isfinite(value) and float(value) >= least
    if not good:
        wanted = "a whole number" if whole else "a number"
        raise GovernanceError(
            f"{value!r} will not do", where=where, remedy=wanted if least == -math.inf else f"{wanted}, {least:g} or more"
        )


def numbers(frame: pd.DataFrame, name: str, *, where: str, finite: bool = False) -> pd.Series:
    """A column of numbers, none endless where `finite`; missing ones are left to the caller unless `finite`."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    values = frame[name]
    if not is_numeric_dtype(values) or is_bool_dtype(values):
        raise GovernanceError(f"`{name}` holds no numbers", where=where, tried=f"type {values.dtype}", remedy="convert it")
    if finite:
        import numpy as np

        bad = ~np.isfinite(values.to_numpy(dtype=float, na_value=np.nan))
        if bad.any():
            raise GovernanceError(
                f"{bad.sum()} values of `{name}` are missing or endless",
                where=f"{where}: row {values.index[bad][0]}",
                remedy="fill them, or leave their rows out",
            )
    return values


def exact(values: pd.Series, *, where: str) -> None:
    """Refuse whole numbers that were rounded when they became floats beside a missing one."""
    from pandas.api.types import is_float_dtype

    if is_float_dtype(values) and (values.abs() >= _EXACT).any():
        raise GovernanceError(
            "numbers this long were rounded when they became floats", where=where, remedy="read the column as text or Int64"
        )


def days(frame: pd.DataFrame, name: str, *, where: str) -> pd.Series:
    """A column of dates as timestamps: dates, timestamps (by the clock of their own zone), or text as ``2026-04-01``."""
    import pandas as pd
    from pandas.api.types import is_datetime64_any_dtype

    values = frame[name]
    if not is_datetime64_any_dtype(values):
        there = values.dropna()
        odd = [(row, value) for row, value in there.items() if not _tells_a_day(value)]
        try:
            if odd:
                raise ValueError(odd[0])
            values = pd.to_datetime(values.map(_plain, na_action="ignore"), format="ISO8601")
        except ValueError as error:
            row, value = odd[0] if odd else ("", str(error))
            raise GovernanceError(
                f"{value!r} is no date", where=f"{where}: column `{name}`, row {row}",
                remedy="dates, or text as 2026-04-01: whether 01/04 is in January or April, nobody can tell",
            ) from error  # fmt: skip
    return values.dt.tz_localize(None) if values.dt.tz is not None else values


def _tells_a_day(value: object) -> bool:
    return isinstance(value, date) or (isinstance(value, str) and _ISO_DAY.fullmatch(value) is not None)


def _plain(value: Any) -> Any:
    """A moment without its zone, so that one column may hold several."""
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value
