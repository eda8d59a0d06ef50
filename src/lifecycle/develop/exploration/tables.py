"""A table of one's own, made usable: what cannot be worked with is an error, what can is done and noted.

`read_table` reads a file, `usable` looks at every column and at the target, `encode` turns what is left into numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lifecycle.develop.exploration.encoding import encode
from lifecycle.develop.exploration.reading import known_column, read_table
from lifecycle.develop.exploration.recognition import Note, Recognised, recognise
from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Note", "Usable", "encode", "read_table", "usable"]

_YES = {"1", "1.0", "true", "t", "yes", "y", "on", "positive"}
_NO = {"0", "0.0", "false", "f", "no", "n", "off", "negative"}
_FEW = 20  # rows of a class below which nothing can be learned or measured
_ID_ROWS = 20  # rows from which a value of its own in each is no accident


@dataclass(frozen=True)
class Usable:
    """A table that a model can be made from.

    Attributes
    ----------
    frame : DataFrame
        Columns of numbers, dates, truth values and text, and the target as 0 and 1 (int64); the index is that of the
        table. Rows without a target are left out.
    target : str
    positive : str
        The value that became 1, as text.
    notes : tuple of Note
        What was found and done.
    left_out : tuple of str
        Columns that say nothing, or that cannot be used.
    forms : mapping
        How dates were written that were text and not as in ISO 8601, by column: ``%d.%m.%Y``.
    """

    frame: pd.DataFrame
    target: str
    positive: str
    notes: tuple[Note, ...]
    left_out: tuple[str, ...]
    forms: Mapping[str, str] = field(default_factory=dict)


def usable(frame: pd.DataFrame, target: str, *, positive: object = None) -> Usable:
    """Make a table usable for a model that predicts `target`.

    Parameters
    ----------
    frame : DataFrame
        Left as it is.
    target : str
        A column with two values: 0 and 1, truth values, yes and no, or any two.
    positive : optional
        The value that counts as 1, where the two do not say it themselves; else it is the rarer one.

    Returns
    -------
    Usable
        Its notes say, by name: ``constant``, ``all missing``, ``identifier`` and ``not usable`` columns, which are left
        out; ``dates as text``, ``numbers as text``, ``mixed types``, ``infinite``, ``durations``, which are read as what
        they are; ``target missing``, ``target coded``, ``few rows``.

    Raises
    ------
    DataError
        When there are no rows, two columns have one name, there is no such target, it has one class or more than two,
        or no other column is left.
    """
    _shape(frame)
    known_column(frame, target, where="target")
    frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
    labels, positive_text, notes = _labels(frame[target], target, positive)
    kept = labels.notna().to_numpy()
    columns: dict[str, pd.Series] = {}
    forms: dict[str, str] = {}
    for name in frame.columns:
        if name == target:
            columns[name] = labels[kept].astype("int64")
            continue
        found = recognise(frame[name])
        said = _nothing_to_learn(found) or _nothing_to_learn(found._replace(values=found.values[kept]))
        notes += [said] if said else found.notes
        if said is None and found.kind != "unusable":
            columns[name] = found.values[kept]
            if found.form:
                forms[name] = found.form
    import pandas as pd

    if len(columns) < 2:
        raise DataError(
            "no column is left beside the target", where="columns", tried="; ".join(map(str, notes)) or "there is no other"
        )
    left_out = tuple(name for name in frame.columns if name not in columns)
    made = pd.DataFrame(columns, index=frame.index[kept])
    return Usable(made, target, positive_text, tuple(notes), left_out, forms)


def _nothing_to_learn(found: Recognised) -> Note | None:
    """The note for a column from which nothing can be learned: all missing, constant, or a name for each row."""
    values, name = found.values, str(found.values.name)
    if found.kind == "unusable":
        return None
    known = values.dropna()
    if len(known) == 0:
        return Note("all missing", name, "holds no value; left out")
    distinct = known.nunique()
    if distinct == 1 and len(known) == len(values):
        return Note("constant", name, f"holds {_short(known.iloc[0])} in every row; left out")
    if len(known) < _ID_ROWS:
        return None
    if found.kind == "category" and distinct > 0.9 * len(known):
        return Note("identifier", name, "holds a text of its own in nearly every row; left out")
    if found.kind == "number" and known.dtype.kind in "iu" and known.max() - known.min() + 1 == distinct == len(values):
        return Note("identifier", name, "numbers the rows without a gap; left out")
    return None


def _shape(frame: pd.DataFrame) -> None:
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise DataError(f"a DataFrame is needed, not a {type(frame).__name__}", where="frame")
    if frame.columns.nlevels > 1:
        raise DataError(
            "the columns have names of several levels", where="frame.columns", remedy="join them to one text each"
        )
    if len(frame) == 0:
        raise DataError("the table has no rows", where="frame")
    twice = [name for name, times in Counter(map(str, frame.columns)).items() if times > 1]
    if twice:
        places = [str(i + 1) for i, name in enumerate(frame.columns) if str(name) == twice[0]]
        raise DataError(
            f"{len(places)} columns are called `{twice[0]}`: columns {', '.join(places[:-1])} and {places[-1]}",
            where="frame.columns",
            remedy="give each column a name of its own",
        )


def _labels(column: pd.Series, target: str, positive: object) -> tuple[pd.Series, str, list[Note]]:
    """The target as 0.0, 1.0 and missing, what became 1, and notes."""
    import pandas as pd

    where = f"target `{target}`"
    text = column.astype("object").where(column.notna(), None).map(_spelled, na_action="ignore")
    text = text.where(text != "", None)
    counts = text.value_counts()
    if len(counts) == 0:
        raise DataError("every value is missing", where=where, remedy="a model needs rows whose outcome is known")
    if len(counts) == 1:
        raise DataError(
            f"one class only: all {int(counts.iloc[0]):,} rows with a value hold {_short(counts.index[0])}",
            where=where,
            remedy="add rows of the other class, or choose another target",
        )
    if len(counts) > 2:
        raise _not_binary(column, counts, where)
    one = _positive(counts, positive, where)
    other = next(value for value in counts.index if value != one)
    labels = text.map({one: 1.0, other: 0.0}, na_action="ignore").astype("float64")
    notes = []
    missing = int(labels.isna().sum())
    if missing:
        first = int(labels.isna().to_numpy().argmax()) + 1
        rows = f"is missing in {missing:,} of {len(labels):,} rows (first: row {first:,}); they are left out"
        notes.append(Note("target missing", target, rows))
    if one.lower() not in ("1", "true"):
        why = "" if positive is not None or one.lower() in _YES else ", being rarer; name another as `positive`"
        notes.append(Note("target coded", target, f"counts {_short(one)} as 1 and {_short(other)} as 0{why}"))
    fewest = int(counts.min())
    if fewest < _FEW:
        few = f"has only {fewest:,} row{'s' * (fewest > 1)} of {_short(counts.idxmin())}: too few to judge a model by"
        notes.append(Note("few rows", target, few))
    return pd.Series(labels, index=column.index, name=target), one, notes


def _positive(counts: pd.Series, positive: object, where: str) -> str:
    values: list[str] = list(counts.index)
    if positive is not None:
        wanted = _spelled(positive)
        if wanted not in values:
            raise DataError(f"no row holds {_short(wanted)}", where=where, remedy="it holds " + _held(counts))
        return wanted
    said = [value for value in values if value.lower() in _YES]
    denied = [value for value in values if value.lower() in _NO]
    if len(said) == 1 and (denied or len(values) == 2):
        return said[0]
    if len(denied) == 1:
        return next(value for value in values if value != denied[0])
    return str(min(values, key=lambda value: (counts[value], value)))


def _not_binary(column: pd.Series, counts: pd.Series, where: str) -> DataError:
    from pandas.api import types

    numeric = types.is_numeric_dtype(column) and not types.is_bool_dtype(column)
    if numeric and len(counts) > 10:
        held = f"{len(counts):,} different numbers from {column.min():,.6g} to {column.max():,.6g}"
        remedy = "for a yes or no, compare it with a limit: frame[target] > limit"
    else:
        held = f"{len(counts):,} different values: {_held(counts)}"
        remedy = "turn the class you look for into 1 and all others into 0"
    return DataError(f"not binary: it holds {held}", where=where, remedy=remedy)


def _held(counts: pd.Series) -> str:
    shown = [f"{_short(value)} ({int(rows):,} rows)" for value, rows in counts.head(5).items()]
    return ", ".join(shown) + (f" and {len(counts) - 5:,} more" if len(counts) > 5 else "")


def _spelled(value: Any) -> str:
    """A value as text; 1.0 as 1."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _short(value: object) -> str:
    text = str(value)
    return f"`{text[:40]}…`" if len(text) > 40 else f"`{text}`"
