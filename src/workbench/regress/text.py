"""Printed text: compared number by number, with the row and column named where the text is a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from workbench.regress.difference import Difference
from workbench.regress.numbers import Tolerance, relative_change, template, tokens

_GAP = re.compile(r"\s{2,}|\t")
_RULE = re.compile(r"^[\s|+]*[-=─━]{2,}[\s|+\-=─━┼]*$")
_ALIGNED = 1000  # lines beyond which a search for inserted lines would take too long


@dataclass(frozen=True)
class Field:
    """One entry of a line that is divided by gaps of two spaces or more."""

    text: str
    start: int
    end: int


def compare_text(old: str, new: str, *, tolerance: Tolerance, where: str = "") -> list[Difference]:
    """Compare two texts: numbers within the tolerance, everything around them exactly.

    Parameters
    ----------
    old, new : str
        Any text. Where lines form a table (two or more in a row with equally many fields, divided by two spaces or
        more), widths of columns may differ, unless the tolerance is exact.
    tolerance : Tolerance
        For the numbers.
    where : str
        Opens the place named in each difference.

    Returns
    -------
    list of Difference
        Empty where the texts are the same; of the kinds ``number`` and ``text``.
    """
    if old == new:
        return []
    before, after = old.splitlines(), new.splitlines()
    if before == after:
        return [Difference("text", _place(where, "ends of lines"), repr(old[-20:]), repr(new[-20:]))]
    return [
        difference
        for i, j in _pairs(before, after)
        for difference in _of_pair(before, after, i, j, tolerance=tolerance, where=where)
    ]


def compare_entries(old: str, new: str, *, tolerance: Tolerance, where: str) -> list[Difference]:
    """Compare two short texts, such as the cells of a table; all their differences are at `where`."""
    if template(old) != template(new):
        return [Difference("text", where, old, new)]
    return [
        Difference("number", where, a.text, b.text, relative=relative_change(a.text, b.text))
        for a, b in zip(tokens(old), tokens(new), strict=True)
        if not tolerance.same(a.text, b.text)
    ]


def _pairs(before: list[str], after: list[str]) -> Iterator[tuple[int | None, int | None]]:
    """Which old line belongs to which new one; None for a line that has no counterpart."""
    if max(len(before), len(after)) > _ALIGNED or _shapes(before) == _shapes(after):
        yield from zip_longest(range(len(before)), range(len(after)))
        return
    for _, i0, i1, j0, j1 in SequenceMatcher(None, _shapes(before), _shapes(after), autojunk=False).get_opcodes():
        for step in range(max(i1 - i0, j1 - j0)):
            yield (i0 + step if i0 + step < i1 else None), (j0 + step if j0 + step < j1 else None)


def _shapes(lines: list[str]) -> list[str]:
    """Lines without their numbers and widths, to find those that belong together."""
    return ["---" if _RULE.match(line) else " ".join(template(line).split()) for line in lines]


def _of_pair(
    before: list[str], after: list[str], i: int | None, j: int | None, *, tolerance: Tolerance, where: str
) -> Iterator[Difference]:
    if i is None or j is None:
        line = f"line {i + 1} is gone" if i is not None else f"line {(j or 0) + 1} is new"
        yield Difference("text", _place(where, line), "" if i is None else before[i], "" if j is None else after[j])
        return
    old, new = before[i], after[j]
    if old == new:
        return
    loose = not tolerance.exact and _header_of(before, i) is not None
    if _shapes([old]) != _shapes([new]) or (not loose and template(old) != template(new)):
        yield Difference("text", _place(where, f"line {i + 1}"), old, new)
        return
    for a, b in zip(tokens(old), tokens(new), strict=True):
        if not tolerance.same(a.text, b.text):
            place = _place(where, _entry(before, i, a.start))
            yield Difference("number", place, a.text, b.text, relative=relative_change(a.text, b.text))


def _place(where: str, inside: str) -> str:
    return f"{where}, {inside}" if where else inside


def _entry(lines: list[str], index: int, position: int) -> str:
    """Row and column of the character `position` of a line of a table; the line's number elsewhere."""
    header = _header_of(lines, index)
    if header is None or header == index:
        return f"line {index + 1}"
    fields, names = _fields(lines[index]), [field.text for field in _fields(lines[header])]
    if len(names) < len(fields):  # the index has no name
        names = ["", *names]
    number = next((k for k, field in enumerate(fields) if field.start <= position < field.end), 0)
    label = fields[0].text if number else str(index - header)
    return f"row {label!r}, column {names[number]!r} (line {index + 1})"


def _header_of(lines: list[str], index: int) -> int | None:
    """The first line of the table that line `index` belongs to; None where it belongs to none."""
    if _RULE.match(lines[index]):
        neighbours = [k for k in (index - 1, index + 1) if 0 <= k < len(lines) and not _RULE.match(lines[k])]
        return next((top for k in neighbours if (top := _header_of(lines, k)) is not None), None)
    width = len(_fields(lines[index]))
    first = index
    while first > 0 and (_RULE.match(lines[first - 1]) or _like(lines[first - 1], width)):
        first -= 1
    while _RULE.match(lines[first]):
        first += 1
    if first == index:  # the line may itself be the header, of rows with one field more for their index
        below = next((line for line in lines[index + 1 :] if not _RULE.match(line)), "")
        return index if len(_fields(below)) >= 2 and len(_fields(below)) - width in (0, 1) else None
    return first if width >= 2 else None


def _like(line: str, width: int) -> bool:
    """Whether `line` can stand above one of `width` fields in a table: its header may lack the index's name."""
    count = len(_fields(line))
    return count >= 1 and (count == width or (count == width - 1 and line.startswith("  ")))


def _fields(line: str) -> list[Field]:
    fields = []
    start = 0
    for end, following in [*((gap.start(), gap.end()) for gap in _GAP.finditer(line)), (len(line), len(line))]:
        text = line[start:end].strip(" |")
        if text:
            fields.append(Field(text, start, end))
        start = following
    return fields
