"""Tables in HTML: read into rows and columns, so that a difference can name both."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from workbench.regress.difference import Difference
from workbench.regress.numbers import Tolerance
from workbench.regress.text import compare_entries, compare_text

_TABLE = re.compile(r"<table\b.*?</table\s*>", re.DOTALL | re.IGNORECASE)
_MARK = "<table/>"
_WIDEST = 1000  # columns that one cell may span: a colspan is a number anyone can write


@dataclass
class Table:
    """A table as text.

    Attributes
    ----------
    header : list of list of str
        Rows that stand above the first one with data.
    rows : list of list of str
        The others, labels included.
    labels : int
        How many columns at the left are labels (cells written as ``th``), at least 0.
    """

    header: list[list[str]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    labels: int = 0

    @property
    def shape(self) -> str:
        """``rows × columns`` of the data, as text."""
        width = max((len(row) for row in self.rows or self.header), default=0)
        return f"{len(self.rows)} × {max(width - self.labels, 0)}"

    def column(self, index: int) -> str:
        """Name of the column: its header cells from top to bottom, or its number."""
        names = dict.fromkeys(row[index] for row in self.header if index < len(row) and row[index])
        return " · ".join(names) or str(index - self.labels)

    def row(self, index: int) -> str:
        """Name of the row: its label cells, its first cell where it has none, or its number."""
        name = " · ".join(text for text in self.rows[index][: max(self.labels, 1)] if text)
        return name or str(index)


def read_tables(html: str) -> list[Table]:
    """The tables of `html` in order; one inside another belongs to the cell that holds it."""
    return [_Reader().read(match.group()) for match in _TABLE.finditer(html)]


def compare_html(old: str, new: str, *, tolerance: Tolerance, where: str = "") -> list[Difference]:
    """Compare two pieces of HTML: tables entry by entry, everything else as text.

    Returns
    -------
    list of Difference
        Of the kinds ``number``, ``text`` and, where a table changed its size, ``output``. Markup inside a table counts only
        where the entries are the same: a wider number should not be reported twice.
    """
    if old == new:
        return []
    before, after = read_tables(old), read_tables(new)
    if len(before) != len(after):
        return [Difference("output", _place(where, "tables"), str(len(before)), str(len(after)))]
    found = []
    for number, (a, b) in enumerate(zip(before, after, strict=True), start=1):
        name = _place(where, f"table {number}" if len(before) > 1 else "table")
        found += compare_tables(a, b, tolerance=tolerance, where=name)
    outside = [_TABLE.sub(_MARK, html) for html in (old, new)]
    found += compare_text(outside[0], outside[1], tolerance=tolerance, where=_place(where, "HTML"))
    return found or compare_text(old, new, tolerance=tolerance, where=_place(where, "HTML"))


def compare_tables(old: Table, new: Table, *, tolerance: Tolerance, where: str) -> list[Difference]:
    """Compare two tables, naming row and column of each entry that changed."""
    if old.shape != new.shape or old.labels != new.labels or len(old.header) != len(new.header):
        return [Difference("output", f"{where}, rows × columns", _summary(old, new), _summary(new, old))]
    found = []
    for level, (a, b) in enumerate(zip(old.header, new.header, strict=True)):
        place = f"{where}, header" if len(old.header) == 1 else f"{where}, header {level + 1}"
        found += _entries(a, b, [f"{place}, column {old.column(k)!r}" for k in range(len(a))], tolerance, place)
    for i, (a, b) in enumerate(zip(old.rows, new.rows, strict=True)):
        place = f"{where}, row {old.row(i)!r}"
        found += _entries(a, b, [f"{place}, column {old.column(k)!r}" for k in range(len(a))], tolerance, place)
    return found


def _entries(old: list[str], new: list[str], places: list[str], tolerance: Tolerance, row: str) -> list[Difference]:
    if len(old) != len(new):
        return [Difference("text", row, "  ".join(old), "  ".join(new))]
    return [
        difference
        for a, b, place in zip(old, new, places, strict=True)
        if a != b
        for difference in compare_entries(a, b, tolerance=tolerance, where=place)
    ]


def _summary(table: Table, other: Table) -> str:
    """Size of the table, and the rows and columns that only it has."""
    parts = [table.shape]
    columns = _only([table.column(k) for k in range(_width(table))], [other.column(k) for k in range(_width(other))])
    rows = _only([table.row(k) for k in range(len(table.rows))], [other.row(k) for k in range(len(other.rows))])
    parts += [f"column {name!r}" for name in columns] + [f"row {name!r}" for name in rows]
    return ", ".join(parts[:6])


def _only(names: list[str], others: list[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if name not in set(others)]


def _width(table: Table) -> int:
    return max((len(row) for row in (*table.header, *table.rows)), default=0)


def _place(where: str, inside: str) -> str:
    return f"{where}, {inside}" if where else inside


class _Reader(HTMLParser):
    """Collects the cells of one table; a cell that spans several places stands in each."""

    def __init__(self) -> None:
        super().__init__()
        self._grid: list[dict[int, tuple[str, bool]]] = []
        self._row = -1
        self._open: tuple[bool, int, int] | None = None  # is a header cell, columns, rows
        self._text: list[str] = []
        self._depth = 0

    def read(self, html: str) -> Table:
        self.feed(html)
        self.close()
        self._end_cell()
        return self._table()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._depth += tag == "table"
        if self._depth > 1:
            return
        if tag == "tr":
            self._end_cell()
            self._row += 1
            self._place_row(self._row)
        elif tag in ("td", "th") and self._row >= 0:
            self._end_cell()
            spans = dict(attrs)
            self._open = (tag == "th", _span(spans.get("colspan")), _span(spans.get("rowspan")))

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "table"
        if self._depth <= 1 and tag in ("td", "th", "tr", "table"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._open:
            self._text.append(data)

    def _place_row(self, index: int) -> dict[int, tuple[str, bool]]:
        while len(self._grid) <= index:
            self._grid.append({})
        return self._grid[index]

    def _end_cell(self) -> None:
        if self._open is None:
            return
        header, columns, rows = self._open
        entry = (" ".join("".join(self._text).split()), header)
        line = self._place_row(self._row)
        first = next(k for k in range(len(line) + 1) if k not in line)
        for i in range(self._row, self._row + rows):
            for k in range(first, first + columns):
                self._place_row(i)[k] = entry
        self._open, self._text = None, []

    def _table(self) -> Table:
        grid = [[line[k] for k in sorted(line)] for line in self._grid[: self._row + 1] if line]
        top = next((i for i, line in enumerate(grid) if not all(header for _, header in line)), len(grid))
        body = grid[top:]
        labels = min((next((k for k, (_, h) in enumerate(line) if not h), len(line)) for line in body), default=0)
        text = [[entry for entry, _ in line] for line in grid]
        return Table(text[:top], text[top:], labels)


def _span(written: str | None) -> int:
    return min(int(written), _WIDEST) if written and written.isdecimal() and int(written) > 0 else 1
