"""The independent rebuild: a score computed from the card's document alone, and held against the one in use.

Nothing here imports the code that made the card. That is the point: whoever reads the document has to be able to score,
and where the two disagree, either there is a fault, or something was never written down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from lifecycle.cases.errors import CaseError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray


def score_from_document(document: Mapping[str, Any]) -> Callable[[Mapping[str, ArrayLike]], NDArray[np.int64]]:
    """A function that scores columns by the words of `document`, the JSON of a card.

    Every value must fall on exactly one line of the table: one that falls on none, or on two, is a gap in the
    document, and the function says so in place of guessing.

    Parameters
    ----------
    document : mapping
        ``base``, and ``characteristics``, each with ``feature`` and ``lines``. A line has ``from`` and ``below``, or
        ``missing``, and ``points``.

    Raises
    ------
    CaseError
        Here when something is absent; in the function when a value has no line, or two.
    """
    import numpy as np

    try:
        base = _whole(document["base"])
        rules = [(str(each["feature"]), list(each["lines"])) for each in document["characteristics"]]
        if not rules or not all(lines for _, lines in rules):
            raise ValueError("no characteristics, or one without lines")
        tables = [(name, [(_test(line), _whole(line["points"])) for line in lines]) for name, lines in rules]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CaseError(f"nobody can score with this document: {error!r}", where="credit_risk: document") from error

    def points(columns: Mapping[str, ArrayLike]) -> NDArray[np.int64]:
        total: Any = base
        rows = {len(np.atleast_1d(columns[name])) for name, _ in tables if name in columns}
        if len(rows) > 1:
            raise CaseError(f"columns of {sorted(rows)} rows", where="credit_risk: columns")
        for name, lines in tables:
            values = _column(columns, name)
            hits = np.array([test(values) for test, _ in lines])
            if (odd := hits.sum(axis=0) != 1).any():
                raise CaseError(
                    f"{values[odd][0]:g} is on {hits[:, odd][:, 0].sum()} lines of the table",
                    where=f"credit_risk: `{name}`",
                    remedy="ask whoever wrote the document what was meant",
                )
            total = total + np.array([worth for _, worth in lines]) @ hits
        return np.asarray(total, dtype=np.int64)

    return points


def columns_from_document(document: Mapping[str, Any], raw: Mapping[str, ArrayLike], *, last: int) -> dict[str, Any]:
    """The columns that a card reads, made from those of the file by the rules in the document.

    Parameters
    ----------
    document : mapping
        ``columns``: for each characteristic ``column``, and perhaps ``less``, ``over`` (a column or a number; missing
        where it is not above 0), ``largest``, ``decimals``.
    raw : mapping
        Column of the file to its values.
    last : int
        The number in the file of the month before the outcome; the month before that is one more.

    Raises
    ------
    CaseError
        When the document has no rule, or the file no such column.
    """
    import numpy as np

    def of(name: str) -> NDArray[np.float64]:
        return _column(raw, name.replace("{last}", str(last)).replace("{before}", str(last + 1)))

    made: dict[str, Any] = {}
    try:
        for feature, rule in document["columns"].items():
            values = of(rule["column"]) - (of(rule["less"]) if "less" in rule else 0)
            if "over" in rule:
                over = of(rule["over"]) if isinstance(rule["over"], str) else np.full(len(values), float(rule["over"]))
                values = np.where(over > 0, values / np.where(over > 0, over, 1), np.nan)
            values = np.minimum(values, rule.get("largest", np.inf))
            made[str(feature)] = values.round(rule["decimals"]) if "decimals" in rule else values
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CaseError(f"the columns cannot be made from this: {error!r}", where="credit_risk: document") from error
    return made


def _column(columns: Mapping[str, ArrayLike], name: str) -> NDArray[np.float64]:
    import numpy as np

    if name not in columns:
        raise CaseError(f"no column `{name}`", where="credit_risk: columns")
    try:
        return np.asarray(columns[name], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise CaseError(f"not numbers: {error}", where=f"credit_risk: `{name}`") from error


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not float(value).is_integer():
        raise ValueError(f"{value!r} points are not whole")
    return int(value)


def _test(line: Mapping[str, Any]) -> Callable[[Any], Any]:
    import numpy as np

    if line.get("missing"):
        return np.isnan
    low = -np.inf if line["from"] is None else float(line["from"])
    high = np.inf if line["below"] is None else float(line["below"])
    return lambda values: (values >= low) & (values < high)


class Comparison(NamedTuple):
    """Two implementations of one score, row by row.

    Attributes
    ----------
    rows, differing : int
    largest : float
        Largest absolute difference where both gave a score; a row that only one could score differs as well, and is
        not in it.
    suspects : DataFrame
        Groups of rows that the differing ones could be, the likeliest first: ``group``, ``rows``, ``differ`` (share of the
        group that differs), ``covers`` (share of all differing rows that are in it).
    """

    rows: int
    differing: int
    largest: float
    suspects: pd.DataFrame


def compare_scores(
    first: ArrayLike, second: ArrayLike, frame: pd.DataFrame, *, tolerance: float = 0.0, most: int = 3
) -> Comparison:
    """Where two implementations disagree, and what the rows where they do have in common.

    Parameters
    ----------
    first, second : array_like, shape (n,)
    frame : DataFrame, n rows
        Numeric columns to look for a common ground in: single values where a column has twenty or fewer, else tenths, and
        missing values.
    tolerance : float
        Differences up to it do not count.
    most : int
        Suspects at most.

    Raises
    ------
    CaseError
        When lengths differ, or a column to look in is not numeric.
    """
    import numpy as np
    import pandas as pd

    a, b = (_column({"scores": values}, "scores") for values in (first, second))
    if not a.shape == b.shape == (len(frame),):
        raise CaseError(f"{a.shape}, {b.shape} scores of {len(frame)} rows", where="credit_risk: comparison")
    gap = np.where(np.isnan(a) & np.isnan(b), 0.0, np.abs(a - b))
    differ = ~(gap <= tolerance)
    rows = []
    if differ.any():
        for label, inside in _groups(frame):
            both = (inside & differ).sum()
            if both:
                facts = {
                    "group": label,
                    "rows": int(inside.sum()),
                    "differ": both / inside.sum(),
                    "covers": both / differ.sum(),
                }
                rows.append((-2 * both / (inside.sum() + differ.sum()), facts))
    rows.sort(key=lambda pair: pair[0])
    columns = ["group", "rows", "differ", "covers"]
    suspects = pd.DataFrame([facts for _, facts in rows[:most]], columns=columns)
    return Comparison(len(a), int(differ.sum()), float(np.nanmax(gap, initial=0.0)), suspects)


def _groups(frame: pd.DataFrame) -> list[tuple[str, NDArray[np.bool_]]]:
    import numpy as np

    found: list[tuple[str, NDArray[np.bool_]]] = []
    for name in frame.columns:
        values = _column({name: frame[name]}, str(name))
        gone = np.isnan(values)
        if gone.any():
            found.append((f"{name} missing", gone))
        distinct = np.unique(values[~gone])
        if len(distinct) <= 20:
            found += [(f"{name} = {value:g}", values == value) for value in distinct]
            continue
        edges = np.unique(np.quantile(values[~gone], np.arange(11) / 10))
        for low, high in pairwise(edges):
            last = high == edges[-1]
            inside = (values >= low) & ((values <= high) if last else (values < high))
            found.append((f"{name} {low:g} to {high:g}", inside))
    return found
