"""Days as a firm wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.cases.errors import CaseError

if TYPE_CHECKING:
    import pandas as pd

_ZONE = r"(:\d{2}(?:[.,]\d+)?)\s?(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$"  # behind the minutes or the seconds


def days_of(values: pd.Series, form: str | None = None) -> pd.Series:
    """Days and times; what is none becomes missing.

    A time zone is dropped and not converted: what counts is the calendar by which the firm booked the purchase. So an export
    in local time, whose zone changes with the season, keeps its days.

    Parameters
    ----------
    values : Series
        Texts, dates or times.
    form : str, optional
        As ``"%d.%m.%Y"`` or ``"ISO8601"``; guessed from the first value where none is given.

    Raises
    ------
    CaseError
        When the form is none, or days of that form carry several time zones.
    """
    import pandas as pd

    known = form is None or values.dtype.kind == "M" or values.dtype == "str"
    text = values if known else values.astype(str)

    def read(given: pd.Series) -> pd.Series:
        return pd.to_datetime(given, format=form, errors="coerce").dt.tz_localize(None)

    try:
        try:
            return read(text)
        except ValueError:
            if form not in (None, "ISO8601"):
                raise
            return read(text.astype(str).str.replace(_ZONE, r"\1", regex=True))  # of several zones, or some without
    except ValueError as error:
        raise CaseError("days cannot be read in one way", where="recommendation: days", tried=str(error),
                        remedy="see whether the format is right, and all carry one time zone") from error  # fmt: skip
