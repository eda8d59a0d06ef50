"""Printed text: compared number by number, with the row and column named where the text is a table."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest

from workbench.regress import aligned
from workbench.regress.difference import Difference
from workbench.regress.numbers import Tolerance, relative_change, template, tokens

_ALIGNED = 1000  # lines beyond which a search for inserted lines would take too long


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
    headers = aligned.headers(before)
    found: list[Difference] = []
    for i, j in _pairs(before, after):
        if i is None or j is None:
            found.append(_single(before, after, i, j, where))
        elif before[i] != after[j]:
            found += _of_lines(before, i, after[j], headers[i], tolerance=tolerance, where=where)
    return found


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
    return ["---" if aligned.is_rule(line) else " ".join(template(line).split()) for line in lines]


def _single(before: list[str], after: list[str], i: int | None, j: int | None, where: str) -> Difference:
    if i is not None:
        return Difference("text", _place(where, f"line {i + 1} is gone"), before[i], "")
    assert j is not None
    return Difference("text", _place(where, f"line {j + 1} is new"), "", after[j])


def _of_lines(
    before: list[str], i: int, new: str, header: int | None, *, tolerance: Tolerance, where: str
) -> Iterator[Difference]:
    old = before[i]
    loose = header is not None and not tolerance.exact
    same_form = _shapes([old]) == _shapes([new]) if loose else template(old) == template(new)
    if not same_form:
        yield Difference("text", _place(where, f"line {i + 1}"), old, new)
        return
    for a, b in zip(tokens(old), tokens(new), strict=True):
        if not tolerance.same(a.text, b.text):
            place = _place(where, aligned.entry(before, i, a.start, header))
            yield Difference("number", place, a.text, b.text, relative=relative_change(a.text, b.text))


def _place(where: str, inside: str) -> str:
    return f"{where}, {inside}" if where else inside
