"""Tables in printed text: lines in a row whose entries are divided by gaps of two spaces or more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_GAP = re.compile(r"\s{2,}|\t")
_RULE = re.compile(r"^[\s|+]*[-=─━]{2,}[\s|+\-=─━┼]*$")


@dataclass(frozen=True)
class Field:
    """One entry of a line, and from which character to which it stands."""

    text: str
    start: int
    end: int


def is_rule(line: str) -> bool:
    """Whether the line only underlines: ``-----  ---``."""
    return bool(_RULE.match(line))


def fields(line: str) -> list[Field]:
    """The entries of a line."""
    found = []
    start = 0
    for end, following in [*((gap.start(), gap.end()) for gap in _GAP.finditer(line)), (len(line), len(line))]:
        text = line[start:end].strip(" |")
        if text:
            found.append(Field(text, start, end))
        start = following
    return found


def headers(lines: Sequence[str]) -> list[int | None]:
    """For each line the number of the header of the table that it belongs to; None where it belongs to none.

    A table is a header and one or more lines of two or more entries, all with equally many; the header may have one entry
    fewer where it is indented, for an index without a name. Rules belong to the table around them.
    """
    found: list[int | None] = [None] * len(lines)
    header, width = -1, 0
    for number, line in enumerate(lines):
        if is_rule(line):
            continue
        count = len(fields(line))
        if header >= 0 and count >= 2 and _continues(lines[header], count, width):
            found[header] = found[number] = header
            width = count
        else:
            header, width = (number, 0) if count else (-1, 0)
    for number, line in enumerate(lines):
        if is_rule(line):
            found[number] = found[number - 1] if number else _below(lines, found, number)
    return found


def entry(lines: Sequence[str], number: int, position: int, header: int | None) -> str:
    """Row and column of the character at `position` of line `number`; the line alone where it is no entry of a table."""
    if header is None or header == number:
        return f"line {number + 1}"
    entries, names = fields(lines[number]), [field.text for field in fields(lines[header])]
    if len(names) < len(entries):
        names = ["", *names]
    column = next((k for k, field in enumerate(entries) if field.start <= position < field.end), 0)
    row = entries[0].text if column else str(number - header)
    return f"row {row!r}, column {names[column]!r} (line {number + 1})"


def _continues(header: str, count: int, width: int) -> bool:
    """Whether a line of `count` entries goes on with a table whose rows have `width`, 0 as long as there is none."""
    if width:
        return count == width
    above = len(fields(header))
    return count == above or (count == above + 1 and header.startswith("  "))


def _below(lines: Sequence[str], found: Sequence[int | None], number: int) -> int | None:
    return next((found[k] for k in range(number, len(lines)) if not is_rule(lines[k])), None)
