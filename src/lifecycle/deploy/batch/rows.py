"""Which rows of a chunk a model may score, and why not the others: many rows at once, a reason for each fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.batch.errors import BatchError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from lifecycle.deploy.packaging.field import Field

NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"  # neither "nan" nor "0x1f" nor "1_000"


@dataclass
class Faults:
    """What is wrong with which rows of a chunk of `n` rows.

    Attributes
    ----------
    n : int
        Rows of the chunk.
    reasons : dict
        Row (0 to n - 1) to its reasons, in the order in which they were found.
    counts : dict
        Reason to the number of rows that have it.
    broken : set of int
        Rows that cannot be read at all: nothing more is noted of them.
    """

    n: int
    reasons: dict[int, list[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    broken: set[int] = field(default_factory=set)

    def add(self, rows: Any, reason: str, *, detail: Sequence[str] = ()) -> None:
        """Note `reason` for each of the rows, given as a mask of shape (n,); `detail` goes to each of them in turn."""
        import numpy as np

        found = [row for row in np.flatnonzero(np.asarray(rows, dtype=bool)).tolist() if row not in self.broken]
        for row, text in zip(found, detail or [reason] * len(found), strict=True):
            self.reasons.setdefault(row, []).append(text)
        if found:
            self.counts[reason] = self.counts.get(reason, 0) + len(found)

    def good(self) -> np.ndarray[Any, Any]:
        """Mask of the rows that have no fault, shape (n,)."""
        import numpy as np

        mask: np.ndarray[Any, Any] = np.ones(self.n, dtype=bool)
        mask[list(self.reasons)] = False
        return mask


def check_rows(table: pa.Table, fields: Sequence[Field], faults: Faults) -> np.ndarray[Any, Any]:
    """Model inputs of the rows that are without fault.

    Columns are found by name, so that their order in the file and what else is in it do not matter.

    Parameters
    ----------
    table : pyarrow.Table
        A column for each field, of numbers or of text; text is read as decimal notation.
    fields : sequence of fields
        The package's, in the order of the model.
    faults : Faults
        Receives what is wrong; rows that have a fault already are left out as well.

    Returns
    -------
    array of float32, shape (rows without fault, number of fields)
    """
    import numpy as np

    values = np.empty((table.num_rows, len(fields)), dtype=np.float32)
    for position, each in enumerate(fields):
        column = _numbers(table.column(each.name), each, faults)
        with np.errstate(over="ignore"):  # what is beyond float32 is beyond the range too, and already a fault
            values[:, position] = column
    inputs: np.ndarray[Any, Any] = values[faults.good()]
    return inputs


def _numbers(column: Any, each: Field, faults: Faults) -> np.ndarray[Any, Any]:
    """One column as float64, NaN where it is no number; notes its faults."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    column = column.combine_chunks()
    missing, text = without_text(column), is_text(column.type)
    if text:
        readable = pc.fill_null(pc.match_substring_regex(column, NUMBER), False)
        faults.add(~missing & ~_mask(readable), f"{each.name}: not a number")
        column = pc.utf8_trim_whitespace(pc.if_else(readable, column, pa.scalar(None, column.type)))
        column = pc.replace_substring_regex(column, r"^\+", "")
    values = np.asarray(pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64)
    faults.add(missing, f"{each.name}: missing")
    known = ~np.isnan(values) if text else ~missing
    finite = np.isfinite(values)
    faults.add(known & ~finite, f"{each.name}: not finite")
    known &= finite
    with np.errstate(invalid="ignore"):
        if each.kind == "integer":
            broken = known & (values != np.round(values))
            faults.add(broken, f"{each.name}: not a whole number")
            known &= ~broken
        if each.choices:
            faults.add(known & ~np.isin(values, each.choices), f"{each.name}: unknown code")
        else:
            faults.add(known & ((values < each.low) | (values > each.high)), f"{each.name}: out of range")
    return values


def without_text(column: Any) -> np.ndarray[Any, Any]:
    """Mask of the entries of an Arrow array that are null or, where it holds text, blank."""
    import pyarrow.compute as pc

    if is_text(column.type):
        return _mask(pc.fill_null(pc.equal(pc.utf8_trim_whitespace(column), ""), True))
    return _mask(pc.is_null(column))


def is_text(kind: Any) -> bool:
    """Whether an Arrow type is text."""
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def check_types(schema: pa.Schema, fields: Sequence[Field], *, where: str) -> None:
    """Refuse a table that cannot be scored as a whole: a column that is missing, or neither of numbers nor of text.

    Raises
    ------
    BatchError
        It names all columns that are missing.
    """
    import pyarrow as pa

    missing = [each.name for each in fields if each.name not in schema.names]
    if missing:
        raise BatchError(
            f"{len(missing)} of {len(fields)} columns are missing: " + ", ".join(missing),
            where=where,
            tried="columns there: " + ", ".join(schema.names[:20]) + (", …" if len(schema.names) > 20 else ""),
            remedy="score the model's inputs, as the feature store serves them, and not raw rows",
        )
    for each in fields:
        kind = schema.field(each.name).type
        numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
        if not numeric and not is_text(kind):
            raise BatchError(f"the column holds {kind}, neither numbers nor text", where=f"{where}: column `{each.name}`")


def _mask(column: Any) -> np.ndarray[Any, Any]:
    import numpy as np

    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=bool)
