"""Comparing a value of the answer with the key's: types first, then shape, then content; never a crash, never the value."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from workbench.checks import verdict
from workbench.checks.verdict import Incorrect

_WORDS = {
    "truth value": "True or False",
    "number": "a number",
    "text": "text",
    "sequence": "a sequence",
    "mapping": "a dictionary",
    "set": "a set",
    "table": "a table (`DataFrame`)",
    "array": "an array of two or more dimensions",
}
_EXACT = 1e-9  # relative: 0.1 + 0.2 is 0.3, and nothing that a person would call different is equal


class _Different(Exception):  # noqa: N818 - carries what is different to the caller in this module
    """The reason, or the empty string for plainly another value."""


def close(
    value: Any, expected: Any, message: str = "", *, rtol: float = 0.01, atol: float = 0.0, missing: bool = False
) -> None:
    """Require numbers near the key's: ``abs(value - expected) <= atol + rtol * abs(expected)``.

    Sequences are compared element by element, mappings by key, tables by column; text and truth values inside them
    must be equal. NaN never passes, unless `missing` is set and the key has NaN (or None) at the same place.

    Parameters
    ----------
    value, expected : any
        From ``answer`` and from ``key``.
    message : str, optional
        What was asked for, naming the variable in backticks. The reason for a wrong type or length is told after it.
    rtol, atol : float
        Relative tolerance (default 1 %) and absolute tolerance (default 0), both 0 or more.
    missing : bool
        Whether gaps are part of the right answer.

    Raises
    ------
    Incorrect
        When they differ.
    """
    _require(lambda: _same(value, expected, rtol, atol, missing, ""), message)


def equal(value: Any, expected: Any, message: str = "") -> None:
    """Require the key's value exactly; whole and decimal numbers compare as numbers, lists and tuples as sequences.

    A truth value is never equal to a number, nor text to a number. A gap (NaN, None) equals a gap only
    inside a table or array.

    Raises
    ------
    Incorrect
        When they differ.
    """
    _require(lambda: _same(value, expected, _EXACT, 0.0, _has_gaps(expected), ""), message)


def _require(compare: Callable[[], None], message: str) -> None:
    try:
        compare()
    except _Different as difference:
        name = verdict.seen()
        reason = str(difference).replace("{name}", name)
        if not message:
            raise Incorrect(reason or f"`{name}` is not right") from None
        call = f" (seen with `{name}`)" if name.endswith(")") and name not in message else ""
        raise Incorrect(f"{message.rstrip('.:')}: {reason}" if reason else message + call) from None


def _same(value: Any, expected: Any, rtol: float, atol: float, missing: bool, place: str) -> None:
    wanted, given = form_of(expected), form_of(value)
    where = f"`{{name}}{place}`"
    if expected is None or value is None:
        if value is not expected and not (missing and _is_gap(value) and _is_gap(expected)):
            raise _Different(f"{where} is None" if value is None else "")
        return
    if wanted != given:
        raise _Different(f"{where} is {_described(given, value)}, where {_WORDS.get(wanted, wanted)} was asked for")
    if wanted == "number":
        _same_number(value, expected, rtol, atol, missing, where)
    elif wanted == "sequence":
        if type(value).__name__ == type(expected).__name__ == "Series" and type(expected.index).__name__ != "RangeIndex":
            _same_sequence(list(value.index), list(expected.index), _EXACT, 0.0, True, f"{place}.index")
        _same_sequence(elements(value), elements(expected), rtol, atol, missing, place)
    elif wanted == "mapping":
        _same_mapping(value, expected, rtol, atol, missing, place)
    elif wanted == "table":
        _same_table(value, expected, rtol, atol, missing)
    elif wanted == "text":
        _same_text(value, expected, where)
    elif wanted == "array":
        _same_array(value, expected, rtol, atol, missing, where)
    elif value != expected:
        raise _Different("")


def _same_number(value: Any, expected: Any, rtol: float, atol: float, missing: bool, where: str) -> None:
    if isinstance(value, int) and isinstance(expected, int) and rtol == _EXACT and atol == 0:
        if value != expected:
            raise _Different("")
        return
    if math.isnan(value) or math.isnan(expected):
        if not (missing and math.isnan(value) and math.isnan(expected)):
            raise _Different(f"{where} is not a number (NaN)" if math.isnan(value) else "")
        return
    if value == expected or (math.isfinite(value) and abs(value - expected) <= atol + rtol * abs(expected)):
        return
    raise _Different(_likely(value, expected, rtol, where))


def _likely(value: float, expected: float, rtol: float, where: str) -> str:
    if not math.isfinite(value):
        return f"{where} is infinite"
    if expected == 0 or not math.isfinite(expected):
        return ""
    ratio, slack = value / expected, max(rtol, 1e-6)
    if abs(ratio + 1) <= slack:
        return f"{where} has the wrong sign"
    if abs(ratio / 100 - 1) <= slack:
        return f"{where} is 100 times too large: a percentage where a fraction was asked for?"
    if abs(ratio * 100 - 1) <= slack:
        return f"{where} is 100 times too small: a fraction where a percentage was asked for?"
    return ""


def _same_sequence(
    value: Sequence[Any], expected: Sequence[Any], rtol: float, atol: float, missing: bool, place: str
) -> None:
    if len(value) != len(expected):
        raise _Different(f"`{{name}}{place}` has {_count(len(value), 'element')}, where {len(expected)} were asked for")
    for i, (one, other) in enumerate(zip(value, expected, strict=True)):
        _same(one, other, rtol, atol, missing, f"{place}[{i}]")


def _same_mapping(
    value: dict[Any, Any], expected: dict[Any, Any], rtol: float, atol: float, missing: bool, place: str
) -> None:
    unknown = [key for key in value if key not in expected]
    if unknown:
        raise _Different(f"`{{name}}{place}` has the key {_named(unknown[0])}, which was not asked for")
    lacking = len(expected) - len(value)
    if lacking:
        raise _Different(f"`{{name}}{place}` lacks {_count(lacking, 'key')}")
    for key, other in expected.items():
        try:
            _same(value[key], other, rtol, atol, missing, f"{place}[{key!r}]")
        except _Different as difference:
            raise _Different(str(difference) or f"`{{name}}{place}[{key!r}]` is not right") from None


def _same_table(value: Any, expected: Any, rtol: float, atol: float, missing: bool) -> None:
    columns, wanted = list(value.columns), list(expected.columns)
    unknown = [name for name in columns if name not in wanted]
    lacking = [name for name in wanted if name not in columns]
    if unknown or lacking:
        words = [f"has the column {_named(unknown[0])}, which was not asked for"] if unknown else []
        words += [f"lacks {_count(len(lacking), 'column')}"] if lacking else []
        raise _Different("`{name}` " + " and ".join(words))
    if len(value) != len(expected):
        raise _Different(f"`{{name}}` has {_count(len(value), 'row')}, where {len(expected)} were asked for")
    _same_sequence(list(value.index), list(expected.index), _EXACT, 0.0, True, ".index")
    for i, name in enumerate(wanted):
        position = columns.index(name) if columns.count(name) == 1 else i
        try:
            given, asked = elements(value.iloc[:, position]), elements(expected.iloc[:, i])
            _same_sequence(given, asked, rtol, atol, missing, f"[{name!r}]")
        except _Different as difference:
            raise _Different(str(difference) or f"`{{name}}`: the column {name!r} is not right") from None


def _same_array(value: Any, expected: Any, rtol: float, atol: float, missing: bool, where: str) -> None:
    if value.shape != expected.shape:
        raise _Different(f"{where} has the shape {value.shape}, where {expected.shape} was asked for")
    _same_sequence(value.ravel().tolist(), expected.ravel().tolist(), rtol, atol, missing, "")


def _same_text(value: str, expected: str, where: str) -> None:
    if value == expected:
        return
    if "".join(value.split()).casefold() == "".join(expected.split()).casefold():
        raise _Different(f"{where} differs from what was asked for only in capitals or spaces")
    raise _Different("")


def form_of(value: Any) -> str:
    """What a value is to a comparison: a key of ``_WORDS``, or the name of its type."""
    if isinstance(value, bool):
        return "truth value"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, list | tuple):
        return "sequence"
    if isinstance(value, dict):
        return "mapping"
    if isinstance(value, set | frozenset):
        return "set"
    module, name = type(value).__module__.partition(".")[0], type(value).__name__
    if module == "numpy":
        return "sequence" if getattr(value, "ndim", 0) == 1 else "array"
    if module == "pandas":
        if name == "DataFrame":
            return "table"
        if hasattr(value, "tolist"):
            return "sequence"
    return name


def _described(form: str, value: Any) -> str:
    """What was given, for a message. What was asked for is told by `_WORDS` alone: its content is the answer."""
    if form == "text":
        return f"text ({_short(value)})"
    if form == "truth value":
        return f"the truth value {value}"
    if form == "sequence":
        return f"a sequence (`{type(value).__name__}`)"
    return _WORDS.get(form, f"of type `{form}`")


def _short(value: str) -> str:
    return repr(value if len(value) <= 24 else value[:21] + "...")


def _named(value: Any) -> str:
    """A key or column's name, which the student has chosen, as a message has room for it."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def elements(value: Any) -> Sequence[Any]:
    """What a value of the form ``sequence`` holds."""
    return value if isinstance(value, list | tuple) else value.tolist()


def _is_gap(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value)) or type(value).__name__ in ("NaTType", "NAType")


def _has_gaps(expected: Any) -> bool:
    return form_of(expected) in ("table", "array") or type(expected).__module__.partition(".")[0] in ("numpy", "pandas")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
