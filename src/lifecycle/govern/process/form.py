"""The form of a card: which kind each field has, what counts as empty, and what counts as a figure typed by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lifecycle.govern.process.errors import CardError
from lifecycle.govern.process.given import mapping
from lifecycle.govern.process.tables import table

REFERENCE = re.compile(r"\{([^{}]+)\}")
RESERVED = frozenset({"value", "from", "template", "text"})
_DAY = r"\b(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?(?![\w-]|\s*%)"
_YEAR = r"\b(?:[Ii]n|[Ss]ince|[Uu]ntil)\s+(?:19|20)\d\d(?=\s*(?:[,.;:)](?!\d)|$))"
_ALLOWED = re.compile(f"{_DAY}|{_YEAR}")  # a date, or a year where nothing is counted, is a name and no result
_LARGE = (
    "ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
    "|dozens?|hundreds?|thousands?|millions?|billions?"
)
_TYPED = re.compile(
    r"(?<![^\W_])[\d\u00bc-\u00be\u2150-\u215e]+(?:[.,]\d+)*\s*(?:%|percent\b)?"  # p95 and v2 are names
    r"|[^\W\d_]{4,}\d+|\w*\d\s*%"  # recall99 is none, nor is p95 %
    rf"|\b(?:{_LARGE})\b|\b\w+\s*(?:percent|per\s+cent)\b",
    re.IGNORECASE,
)


def card_fields() -> dict[str, str]:
    """What a card has to have: ``section.field`` to ``"figure"`` or ``"statement"``."""
    return {f"{section}.{name}": kind for section, rows in table("card").items() for name, kind in rows.items()}


def sections_of(card: Any) -> Mapping[str, Any]:
    """The sections of a card.

    Raises
    ------
    CardError
        When it is no mapping, or its sections are none.
    """
    return mapping(mapping(card, where="model card", error=CardError).get("sections", {}),
                   where="model card: sections", error=CardError)  # fmt: skip


def is_empty(entry: Any) -> bool:
    """Whether a field says nothing: nothing at all, blanks, or a part that says nothing. Zero and False say something."""
    if not isinstance(entry, Mapping):
        return _says_nothing(entry)
    for name in ("text", "value"):
        if name in entry:
            return _says_nothing(entry[name])
    return not entry or any(map(is_empty, entry.values()))


def _says_nothing(value: Any) -> bool:
    if isinstance(value, Mapping | list):
        return all(map(_says_nothing, value.values() if isinstance(value, Mapping) else value))
    return value is None or (isinstance(value, str) and not value.strip())


def no_figure_typed(field: str, text: str) -> None:
    """Let a text pass that holds figures by reference only.

    Raises
    ------
    CardError
        For digits that are no date and no part of a name such as p95, for large numbers in words, and for "per cent".
        A small number in words passes ("one region"): whoever signs has to read.
    """
    typed = _TYPED.search(_ALLOWED.sub("", REFERENCE.sub("{}", text)))
    if typed:
        raise CardError(
            f"`{typed[0].strip()}` is typed by hand", where=f"model card: {field}",
            remedy="refer to the file that has it, in braces: {04/metrics.json#/test/recall/value}",
        )  # fmt: skip


def check_field(field: str, entry: Any) -> None:
    """Let a field pass that has the kind which a card asks for, and no figure that was typed.

    Raises
    ------
    CardError
    """
    kind = card_fields().get(field)
    if kind is None:
        raise CardError("a card has no such field", where=field, remedy="there are: " + ", ".join(card_fields()))
    if kind == "statement":
        if not isinstance(entry, Mapping) or set(entry) != {"template", "text"}:
            raise CardError("has to be a statement, with its template and its text", where=field)
        if not all(isinstance(each, str) for each in entry.values()):
            raise CardError("a statement that is no text", where=field)
        no_figure_typed(field, entry["template"])
    else:
        _check_figure(field, entry)


def _check_figure(field: str, entry: Any) -> None:
    if not isinstance(entry, Mapping) or not entry or {"template", "text"} & set(entry):
        raise CardError("has to be a figure, with its value and where it is from", where=field)
    if "from" in entry or "value" in entry:
        if set(entry) != {"value", "from"} or not isinstance(entry["from"], str):
            raise CardError("has to be a figure, with its value and where it is from", where=field)
        return
    for name, part in entry.items():
        no_figure_typed(field, str(name))
        _check_figure(f"{field}.{name}", part)
