"""What a lesson shows: numbers, tables, expected failures and figures that are the same on every machine.

Numbers have at most four significant digits, so that the last bits of a sum, which differ between processors, are never
printed. Everything works outside a notebook as well, where it prints text.
"""

from __future__ import annotations

import logging
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from lifecycle import alternative
from lifecycle.errors import LifecycleError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLOURS", "Table", "error", "figure", "number", "quiet", "table"]

COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "blue": "#0072B2",
        "orange": "#E69F00",
        "green": "#009E73",
        "vermilion": "#D55E00",
        "purple": "#CC79A7",
        "sky": "#56B4E9",
        "yellow": "#F0E442",
        "black": "#000000",
        "grey": "#9AA5B1",
    }
)
"""The palette of Okabe and Ito (2008), safe for colour-blind readers, and a grey for the background."""


def number(value: float) -> str:
    """Write `value` with four significant digits; whole numbers (``int``) in full with thousands separators.

    Parameters
    ----------
    value : int or float
        Numpy's scalars will do.

    Returns
    -------
    str
        Plain notation from 0.0001 up to a thousand million million, scientific beyond; no trailing zeros.

    Examples
    --------
    >>> number(284_807), number(0.00172749), number(12345.6), number(2.0)
    ('284,807', '0.001727', '12,350', '2')
    """
    if _is_whole(value):
        return f"{int(value):,}"
    value = float(value)
    if not math.isfinite(value):
        return str(value)
    rounded = float(f"{value:.4g}")
    if rounded == 0:
        return "0"
    size = abs(rounded)
    if not 1e-4 <= size < 1e15:
        return f"{rounded:.4g}"
    decimals = max(0, 3 - math.floor(math.log10(size)))
    text = f"{rounded:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class Table:
    """A table as text and as HTML without style of its own; `table` makes and shows one."""

    def __init__(self, header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool], caption: str) -> None:
        self.header = list(header)
        self.rows = [list(row) for row in rows]
        self.right = list(right)
        self.caption = caption

    def __repr__(self) -> str:
        lines = [self.header, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.header))]
        text = ["  ".join(self._pad(cell, i, widths[i]) for i, cell in enumerate(line)).rstrip() for line in lines]
        rule = "  ".join("-" * width for width in widths)
        return "\n".join([*([self.caption] if self.caption else []), text[0], rule, *text[1:]])

    def _repr_html_(self) -> str:
        caption = f"<caption>{escape(self.caption)}</caption>\n" if self.caption else ""
        head = "".join(self._cell("th", cell, i) for i, cell in enumerate(self.header))
        body = "\n".join(
            "<tr>" + "".join(self._cell("td", cell, i) for i, cell in enumerate(row)) + "</tr>" for row in self.rows
        )
        return f"<table>\n{caption}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"

    def _pad(self, cell: str, column: int, width: int) -> str:
        return cell.rjust(width) if self.right[column] else cell.ljust(width)

    def _cell(self, tag: str, cell: str, column: int) -> str:
        side = "right" if self.right[column] else "left"
        wrap = "; white-space: nowrap" if len(cell) <= 16 else ""  # browsers break 7.4e-149 at its hyphen
        return f'<{tag} style="text-align: {side}{wrap}">{escape(cell)}</{tag}>'


def table(
    data: pd.DataFrame | pd.Series | Sequence[Mapping[str, Any]] | Mapping[str, Any],
    caption: str | None = None,
    *,
    index: bool = False,
    formats: Mapping[str, str] | None = None,
) -> None:
    """Show `data` as a table: HTML in a notebook, aligned text elsewhere.

    Parameters
    ----------
    data : DataFrame, Series, list of dict, or dict of columns
        What to show, every row of it. A Series becomes one column with its index beside it.
    caption : str, optional
        A line above the table.
    index : bool
        Whether to show the index of a frame as the first columns.
    formats : mapping, optional
        Format specifications by column for what `number` does not suit: ``{"rate": ".1%", "year": "d"}``.

    Raises
    ------
    LifecycleError
        When `formats` names a column that is not there.
    """
    made = _made(data, caption or "", index=index, formats=formats or {})
    if _in_notebook():
        from IPython.display import display

        display(made)  # type: ignore[no-untyped-call]
    else:
        print(made)  # noqa: T201 - showing is what this does


@contextmanager
def error(*kinds: type[Exception], lines: int | None = None) -> Iterator[None]:
    """Print the error that the block is expected to raise, as ``DataError: message``, and go on.

    Parameters
    ----------
    *kinds : exception types
        What may be raised; any `Exception` where none is given.
    lines : int, optional
        Keep so many lines of a long message.

    Raises
    ------
    LifecycleError
        When nothing was raised: a lesson that promises a failure must not pass by silently.
    """
    expected = kinds or (Exception,)
    try:
        yield
    except expected as raised:
        message = str(raised).strip().splitlines()
        shown = message if lines is None else message[:lines]
        print("\n".join([f"{type(raised).__name__}: {shown[0]}" if shown else type(raised).__name__, *shown[1:]]))  # noqa: T201
        return
    raise LifecycleError("an error was expected here and none was raised", remedy="see what the block does now")


def figure(*, width: float = 7, height: float = 3.2, rows: int = 1, columns: int = 1, **options: Any) -> tuple[Any, Any]:
    """Start a figure in the course's style.

    Parameters
    ----------
    width, height : float
        Size in inches, at 100 dots an inch.
    rows, columns : int
        Panels.
    **options
        Passed to `matplotlib.pyplot.subplots`, as ``sharey=True``.

    Returns
    -------
    figure, axes
        One axes, or an array of them where there are several panels.
    """
    with quiet("matplotlib.font_manager"):  # says that it builds its cache, once a machine
        import matplotlib.pyplot as plt
        import numpy as np
        from cycler import cycler

    made, axes = plt.subplots(rows, columns, figsize=(width, height), dpi=100, layout="constrained", **options)
    order = ("blue", "orange", "green", "vermilion", "purple", "sky", "black")
    for each in np.ravel(axes):
        each.set_prop_cycle(cycler(color=[COLOURS[name] for name in order]))
        each.spines[["top", "right"]].set_visible(False)
        each.set_axisbelow(True)
        each.grid(axis="y", color="#E3E7EB", linewidth=0.8)
    made._repr_mimebundle_ = lambda **_: alternative.picture_of(made)
    return made, axes


@contextmanager
def quiet(*loggers: str) -> Iterator[list[str]]:
    """Keep what libraries log in the block off the page, and hand it over as a list of ``LEVEL name: message`` instead.

    Parameters
    ----------
    *loggers : str
        Names of loggers, as ``"optuna"``; the root logger where none is given.

    Yields
    ------
    list of str
        Fills while the block runs. Levels are left as they are: what was not logged before is not logged now.
    """
    lines: list[str] = []
    keeper = _Keeper(lines)
    chosen = [logging.getLogger(name) for name in loggers] or [logging.getLogger()]
    before = [(logger, logger.handlers, logger.propagate) for logger in chosen]
    for logger in chosen:
        logger.handlers, logger.propagate = [keeper], False
    try:
        yield lines
    finally:
        for logger, handlers, propagate in before:
            logger.handlers, logger.propagate = handlers, propagate


class _Keeper(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


def _made(data: Any, caption: str, *, index: bool, formats: Mapping[str, str]) -> Table:
    import pandas as pd

    if isinstance(data, pd.Series):
        frame = data.to_frame(name=str(data.name) if data.name is not None else "value")
        index = True
    else:
        frame = data if isinstance(data, pd.DataFrame) else pd.DataFrame(data)
    if index:
        frame = frame.rename_axis(index=[name or "" for name in frame.index.names]).reset_index(allow_duplicates=True)
    header = [" ".join(map(str, name)).strip() if isinstance(name, tuple) else str(name) for name in frame.columns]
    unknown = sorted(set(formats) - set(header))
    if unknown:
        raise LifecycleError(
            f"no column `{unknown[0]}` to format", where="show.table", tried="columns: " + ", ".join(header)
        )
    columns = [frame.iloc[:, i].tolist() for i in range(len(header))]
    right = [all(_is_number(value) or _is_missing(value) for value in column) for column in columns]
    cells = [[_cell(value, formats.get(name)) for value in column] for name, column in zip(header, columns, strict=True)]
    return Table(header, list(zip(*cells, strict=True)), right, caption)


def _cell(value: Any, form: str | None) -> str:
    if _is_missing(value):
        return "–"
    if form:
        return format(value, form)
    if _is_truth(value):
        return "yes" if value else "no"
    if _is_number(value):
        return number(value)
    if hasattr(value, "strftime"):
        midnight = type(value) is date or not any((value.hour, value.minute, value.second, value.microsecond))
        return str(value.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M:%S"))
    return str(value)


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool) or type(value).__name__ == "bool"  # numpy's, without importing it


def _is_whole(value: Any) -> bool:
    return not _is_truth(value) and hasattr(value, "__index__")


def _is_number(value: Any) -> bool:
    return not _is_truth(value) and hasattr(value, "__float__")


def _is_missing(value: Any) -> bool:
    import pandas as pd

    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _in_notebook() -> bool:
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    return get_ipython() is not None
