"""Tables described once: the loader validates by the description, and the cards in ``datasets/`` list the same columns.

`validate` is the door of the course's data: what comes through it has every column, each of its type, each value within
its limits. What does not is an error that names file, column and row.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    from pandera.pandas import DataFrameSchema

Type = Literal["int64", "float64", "datetime64[us]", "str"]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name, type
        Its name and its type in memory.
    meaning, unit : str
        What it says, and in which unit; empty for a code or a count.
    low, high : float, optional
        Limits that a value must keep, both included.
    values : tuple of int or of str
        The only values allowed, where they can be listed.
    missing : bool
        Whether a number may be missing (NaN in memory).
    """

    name: str
    type: Type
    meaning: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    values: tuple[int, ...] | tuple[str, ...] = ()
    missing: bool = False


@dataclass(frozen=True)
class Table:
    """A table: its columns, and the column that tells rows apart where there is one. Only a column that says so has gaps."""

    columns: tuple[Column, ...]
    key: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def describe(self) -> list[dict[str, str]]:
        """One entry a column, as the cards and a lesson show them: name, type, meaning, unit, values."""
        return [
            {"name": c.name, "type": c.type, "meaning": c.meaning, "unit": c.unit or "–", "values": _limits(c) or "any"}
            for c in self.columns
        ]

    def schema(self) -> DataFrameSchema:
        """The pandera schema of this table."""
        import pandera.pandas as pa

        columns = {}
        for column in self.columns:
            checks = []
            if column.low is not None:
                checks.append(pa.Check.ge(column.low))
            if column.high is not None:
                checks.append(pa.Check.le(column.high))
            if column.values:
                checks.append(pa.Check.isin(column.values))
            columns[column.name] = pa.Column(column.type, checks, nullable=column.missing, unique=column.name == self.key)
        return pa.DataFrameSchema(columns, strict=True, ordered=True)


def validate(frame: pd.DataFrame, table: Table, *, where: str) -> pd.DataFrame:
    """Give `frame` the types of `table` and hold every value against it.

    Parameters
    ----------
    frame : DataFrame
        Numbers may be text, as a CSV file gives them. Columns that the table does not have are left out.
    table : Table
        What the frame must be.
    where : str
        The file's name, for messages. Rows are counted from 1, without the header.

    Returns
    -------
    DataFrame
        The columns of the table in its order, with a fresh index.

    Raises
    ------
    DataError
        For the first missing column, value of the wrong type, missing value or value outside its limits.
    """
    import pandas as pd
    import pandera.errors

    missing = [name for name in table.names if name not in frame.columns]
    if missing:
        near = get_close_matches(missing[0], [str(name) for name in frame.columns], n=1)
        raise DataError(
            f"column `{missing[0]}` is missing" + (f" (and {len(missing) - 1} more)" if missing[1:] else ""),
            where=where,
            tried="its columns: " + ", ".join(map(str, list(frame.columns)[:40])),
            remedy=f"is it called `{near[0]}` there? Rename it" if near else "columns needed: " + ", ".join(table.names),
        )
    typed = pd.DataFrame({c.name: _typed(frame[c.name].reset_index(drop=True), c, where) for c in table.columns})
    try:
        table.schema().validate(typed, lazy=True, inplace=True)
    except pandera.errors.SchemaErrors as error:
        raise _first(error.failure_cases, table, where) from error
    return typed


def _typed(values: pd.Series, column: Column, where: str) -> pd.Series:
    """Convert a column to its type, or name the first row that cannot be converted."""
    import pandas as pd

    if column.type == "str":
        converted = values.astype("str")
    elif column.type == "datetime64[us]":
        converted = pd.to_datetime(values, errors="coerce", format=None if values.dtype.kind == "M" else "ISO8601")
    elif values.dtype.kind in "iuf":
        converted = values
    else:
        converted = pd.to_numeric(values.astype("object"), errors="coerce")
    bad = converted.isna() & values.notna() if column.missing else converted.isna()
    if column.type == "int64" and not bad.any():
        bad = converted % 1 != 0
    if bad.any():
        position = int(bad.to_numpy().argmax())
        raise DataError(
            _wrong(values.iloc[position], column),
            where=_place(where, column.name, position),
            remedy="restore the file, or correct this value",
        )
    return converted.astype(column.type)


def _wrong(value: Any, column: Column) -> str:
    import pandas as pd

    kinds = {"int64": "a whole number", "float64": "a number", "datetime64[us]": "a date", "str": "a text"}
    if pd.isna(value) or value == "":
        return f"empty, where {kinds[column.type]} is needed"
    return f"{value!r} is not {kinds[column.type]}"


def _first(failures: pd.DataFrame, table: Table, where: str) -> DataError:
    """Turn pandera's list of failure cases into one error for the first row that fails."""
    failure = failures.sort_values("index", kind="stable").iloc[0]
    column = next(c for c in table.columns if c.name == failure["column"])
    if failure["check"] == "field_uniqueness":
        what = f"{failure['failure_case']} stands in another row as well, and must not"
    else:
        what = f"{failure['failure_case']} is not allowed: {_limits(column)} is needed"
    more = len(failures) - 1
    return DataError(
        what + (f" ({more:,} more such value{'s' if more > 1 else ''})" if more else ""),
        where=_place(where, column.name, int(failure["index"])),
        remedy="restore the file, or correct this value",
    )


def _limits(column: Column) -> str:
    if column.values:
        return "one of " + ", ".join(map(str, column.values))
    low = [] if column.low is None else [f"at least {column.low:,g}"]
    high = [] if column.high is None else [f"at most {column.high:,g}"]
    return " and ".join([*low, *high]) + (" (or missing)" if column.missing else "")


def _place(where: str, column: str, position: int) -> str:
    line = f" (line {position + 2:,})" if where.endswith((".csv", ".csv.gz")) else ""
    return f"{where}: column `{column}`, row {position + 1:,}{line}"
