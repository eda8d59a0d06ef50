"""What does a column hold? Numbers, dates or categories, also where they are written as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Kind = Literal["number", "date", "category", "unusable"]

MOSTLY = 0.9
"""The share of values that must be numbers (or dates) for the others to count as missing."""
WORDS = 5
"""The largest number of different words among them."""

_DATE = re.compile(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_ISO = "ISO8601"
_FORMATS = (_ISO, "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d")
_TIMES = ("", " %H:%M", " %H:%M:%S")
FORMS = frozenset({"", *(form + time for form in _FORMATS if form != _ISO for time in _TIMES)})
"""How dates may be written; the empty one is ISO 8601."""


class Note(NamedTuple):
    """Something about a table that can be worked with, and that one should know.

    Attributes
    ----------
    name : str
        What kind of thing: ``constant``, ``dates as text``, ``mixed types`` …
    column : str
        The column that it is about; empty for the table as a whole.
    text : str
        What was found, where, and what was done about it.
    """

    name: str
    column: str
    text: str

    def __str__(self) -> str:
        return f"{self.name}: " + (f"`{self.column}` " if self.column else "") + self.text


class Recognised(NamedTuple):
    """A column as what it holds: float64, datetime64 without zone, bool, or text; missing values are missing.

    The form is that of dates as text, as ``%d.%m.%Y``; empty for those of ISO 8601 and for all other columns.
    """

    kind: Kind
    values: pd.Series
    notes: list[Note]
    form: str = ""


def recognise(column: pd.Series) -> Recognised:
    """Find out what a column holds, and give its values in that form.

    Parameters
    ----------
    column : Series
        Its name is used in notes; rows are counted from 1 there.

    Returns
    -------
    Recognised
        ``number``: numbers, durations (in days), and text that is numbers throughout or, to nine tenths with no more than
        five different words between them, which count as missing. ``date``: dates, and text that is dates in the same
        sense. ``category``: truth values and any other text. ``unusable``: lists, mappings and the like.
    """
    import numpy as np
    import pandas as pd
    from pandas.api import types

    name = str(column.name)
    if types.is_bool_dtype(column) and not column.isna().any():
        return Recognised("category", column.astype(bool), [])
    if types.is_complex_dtype(column):
        return Recognised("unusable", column, [Note("not usable", name, "holds complex numbers; left out")])
    if types.is_numeric_dtype(column) and not types.is_bool_dtype(column):
        return _finite(name, column)
    if types.is_datetime64_any_dtype(column) or isinstance(column.dtype, pd.PeriodDtype):
        return Recognised("date", _naive(column), [])
    if types.is_timedelta64_dtype(column):
        days = column / np.timedelta64(1, "D")
        return Recognised("number", days, [Note("durations", name, "holds durations; counted in days")])
    return _from_objects(name, column)


def days_of(dates: pd.Series) -> pd.Series:
    """Days since 1970, with fractions; missing dates are nan."""
    whole = dates.astype("datetime64[us]")  # its range, unlike that of nanoseconds, holds every date that people write
    return (whole.astype("int64") / 86_400_000_000).mask(whole.isna())


def numbers_of(column: pd.Series) -> pd.Series:
    """A column that holds numbers, value by value: what is none, as a word, is nan whatever the other rows hold."""
    import numpy as np
    import pandas as pd
    from pandas.api import types

    if types.is_timedelta64_dtype(column):
        return column / np.timedelta64(1, "D")
    if types.is_numeric_dtype(column) and not types.is_bool_dtype(column):
        numbers = column.astype("float64")
    else:
        numbers = pd.to_numeric(text_of(column), errors="coerce").astype("float64")
    return numbers.mask(np.isinf(numbers.to_numpy()))


def dates_of(column: pd.Series, form: str = "") -> pd.Series:
    """A column that holds dates, value by value: text of another form than `form` (ISO 8601) is missing."""
    import pandas as pd
    from pandas.api import types

    if types.is_datetime64_any_dtype(column) or isinstance(column.dtype, pd.PeriodDtype):
        return _naive(column)
    return _naive(pd.to_datetime(text_of(column), format=form or _ISO, errors="coerce", utc=True))


def text_of(column: pd.Series) -> pd.Series:
    """Values as text without blanks around it; nothing but blanks is missing."""
    text = column.astype("object").where(column.notna(), None).map(lambda value: str(value).strip(), na_action="ignore")
    return text.where(text != "", None)


def _finite(name: str, column: pd.Series) -> Recognised:
    import numpy as np

    if column.dtype.kind in "iu" and isinstance(column.dtype, np.dtype):
        return Recognised("number", column, [])
    values = column.astype("float64")
    infinite = np.isinf(values.to_numpy())
    if not infinite.any():
        return Recognised("number", values, [])
    text = f"holds {_values(infinite)} that {_be(infinite)} infinite (first: row {_first(infinite):,}); counted as missing"
    return Recognised("number", values.mask(infinite), [Note("infinite", name, text)])


def strange_in(column: pd.Series) -> np.ndarray[Any, Any]:
    """Where a column holds lists, mappings and the like."""
    import numpy as np

    odd = (list, tuple, dict, set, bytes)
    return np.array([isinstance(value, odd) for value in column.astype("object")], dtype=bool)


def _from_objects(name: str, column: pd.Series) -> Recognised:
    values = column.astype("object")
    strange = strange_in(values)
    if strange.any():
        kind = type(values.iloc[_first(strange) - 1]).__name__
        said = f"holds values of type {kind} (first: row {_first(strange):,}); left out"
        return Recognised("unusable", column, [Note("not usable", name, said)])
    text = text_of(values)
    known = text.notna().to_numpy()
    if not known.any():
        return Recognised("category", text, [])
    # Python's True and False among missing values are truth values, not words.
    return _numbers(name, text, known) or _dates(name, text, known) or _words(name, text, known)


def _numbers(name: str, text: pd.Series, known: np.ndarray[Any, Any]) -> Recognised | None:
    import numpy as np
    import pandas as pd

    numbers = pd.to_numeric(text, errors="coerce").astype("float64")
    if not _accepted(text, known & numbers.isna().to_numpy(), known):
        return None
    bad = known & ~np.isfinite(numbers.to_numpy())
    return Recognised("number", numbers.mask(bad), [_note("numbers as text", name, "numbers", text, bad)])


def _dates(name: str, text: pd.Series, known: np.ndarray[Any, Any]) -> Recognised | None:
    import pandas as pd

    sample = text[known].iloc[:: max(1, int(known.sum()) // 50)]
    if sample.map(lambda value: bool(_DATE.match(value))).mean() < MOSTLY:
        return None
    readings: dict[str, pd.Series] = {}
    for form in _FORMATS:
        for time in _TIMES if form != _ISO else ("",):
            if pd.to_datetime(sample, format=form + time, errors="coerce", utc=True).notna().mean() < MOSTLY - 0.1:
                continue
            read = pd.to_datetime(text, format=form + time, errors="coerce", utc=True)
            if _accepted(text, known & read.isna().to_numpy(), known):
                readings[form + time] = _naive(read)
    if not readings:
        return None
    form = min(readings, key=lambda one: int(readings[one].isna().sum()))  # of equals the first
    bad = known & readings[form].isna().to_numpy()
    note = _note("dates as text", name, "dates", text, bad)
    rivals = [one for one in readings if one != form and readings[one].isna().sum() == readings[form].isna().sum()]
    if rivals:
        note = note._replace(text=note.text + f"; read as {_plain(form)}, though {_plain(rivals[0])} is as possible")
    return Recognised("date", readings[form], [note], "" if form == _ISO else form)


def _words(name: str, text: pd.Series, known: np.ndarray[Any, Any]) -> Recognised:
    import pandas as pd

    numbers = pd.to_numeric(text, errors="coerce").notna().to_numpy()
    words = known & ~numbers
    notes = []
    if numbers.sum() >= 0.05 * known.sum():
        rarer = numbers if numbers.sum() <= words.sum() else words
        other = "numbers" if rarer is numbers else "words"
        row = _first(rarer)
        found = f"mixes numbers and words: {int(rarer.sum()):,} {other} (first: {_quote(text.iloc[row - 1])}, row {row:,})"
        notes = [Note("mixed types", name, found + "; kept as a category")]
    return Recognised("category", text, notes)


def _accepted(text: pd.Series, bad: np.ndarray[Any, Any], known: np.ndarray[Any, Any]) -> bool:
    return bool(known.sum() - bad.sum() >= MOSTLY * known.sum()) and text[bad].nunique() <= WORDS


def _note(note: str, name: str, kind: str, text: pd.Series, bad: np.ndarray[Any, Any]) -> Note:
    if not bad.any():
        return Note(note, name, f"holds {kind} as text; read as {kind}")
    row = _first(bad)
    found = f"holds {kind}, and {_values(bad)} that {_be(bad)} none (first: {_quote(text.iloc[row - 1])}, row {row:,})"
    return Note("mixed types", name, f"{found}; read as {kind}, the rest counted as missing")


def _naive(column: pd.Series) -> pd.Series:
    """Dates without a time zone, those with one in UTC."""
    import pandas as pd

    if isinstance(column.dtype, pd.PeriodDtype):
        return column.dt.to_timestamp()
    return column.dt.tz_convert("UTC").dt.tz_localize(None) if column.dt.tz is not None else column


def _plain(form: str) -> str:
    spelled = {"%d": "day", "%m": "month", "%Y": "year", "%H": "hour", "%M": "minute", "%S": "second"}
    return re.sub("%[dmYHMS]", lambda found: spelled[found.group()], form)


def _first(mask: np.ndarray[Any, Any]) -> int:
    return int(mask.argmax()) + 1


def _values(mask: np.ndarray[Any, Any]) -> str:
    return "1 value" if mask.sum() == 1 else f"{int(mask.sum()):,} values"


def _be(mask: np.ndarray[Any, Any]) -> str:
    return "is" if mask.sum() == 1 else "are"


def _quote(value: str) -> str:
    return f"`{value[:40]}…`" if len(value) > 40 else f"`{value}`"
