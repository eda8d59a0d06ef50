"""The model card: what a model is, how good, for whom, and where not to use it, made from the run's own files.

A card that is typed is wrong the day after. Here every *figure* is a reference to a place in an artefact, read when the
card is made and compared when it is checked; a *statement* is what only a person can say, and may hold a figure only by
reference, in braces. The card lists the digest of every file that it rests on, so it holds for exactly these files and
no others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lifecycle.govern.process.errors import CardError
from lifecycle.govern.process.form import (
    REFERENCE,
    RESERVED,
    card_fields,
    check_field,
    is_empty,
    no_figure_typed,
    sections_of,
)
from lifecycle.govern.process.given import mapping, names, text
from lifecycle.govern.process.sources import Sources
from lifecycle.govern.process.tables import table
from lifecycle.govern.record.canonical import canonical

_FORMAT = 1


@dataclass(frozen=True)
class CardFault:
    """One thing that is wrong: with which `kind` of thing, `place` in the card or file, and `what`."""

    kind: str
    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def build_card(
    sources: Sources,
    *,
    title: str,
    author: str,
    figures: Mapping[str, str | Mapping[str, str]],
    statements: Mapping[str, str],
    evidence: Iterable[str] = (),
) -> dict[str, Any]:
    """Make a card.

    Parameters
    ----------
    sources : Sources
        The files of the run.
    title, author : str
        Of the model, and who made it (and so may approve none of it).
    figures : mapping
        ``section.field`` to a reference, or to several by name: ``{"recall": "04/metrics.json#/test/recall/value"}``.
    statements : mapping of str to str
        ``section.field`` to what a person says; a figure in it is written as a reference in braces.
    evidence : iterable of str
        Further files that the card rests on. Those that are referred to are taken anyway.

    Raises
    ------
    CardError
        For a field that a card does not have, a reference that leads nowhere, or a number that is typed: into a
        statement, the title, or the name of a part.
    """
    kinds = card_fields()
    figures = mapping(figures, where="figures of a card", error=CardError)
    statements = mapping(statements, where="statements of a card", error=CardError)
    for place, said in (("title", title), ("author", author)):
        no_figure_typed(place, text(said, where=f"model card: {place}", error=CardError))
    content: dict[str, dict[str, Any]] = {section: {} for section in table("card")}
    files = set(names(evidence, where="evidence of a card"))
    for field, given in [*figures.items(), *statements.items()]:
        wanted = "figure" if field in figures else "statement"
        if kinds.get(field) != wanted:
            raise CardError(f"a card has no {wanted} `{field}`", where="model card",
                            remedy="there are: " + ", ".join(each for each in kinds if kinds[each] == wanted))  # fmt: skip
        section, _, name = field.partition(".")
        if wanted == "figure":
            entry = _figure(sources, given)
        else:
            if not isinstance(given, str):
                raise CardError("a statement that is no text", where=f"model card: {field}")
            entry = {"template": given, "text": _filled(sources, given)}
        check_field(field, entry)
        content[section][name] = entry
        files |= {reference.partition("#")[0].partition("!")[0] for reference in references(entry)}
    return {
        "format": _FORMAT, "title": title, "author": author, "sections": content,
        "evidence": {name: sources.digest(name) for name in sorted(files)},
    }  # fmt: skip


def card_digest(card: Mapping[str, Any]) -> str:
    """SHA-256 of what is approved: the card without the approvals themselves."""
    return hashlib.sha256(canonical({name: value for name, value in card.items() if name != "approvals"})).hexdigest()


def references(entry: Any) -> list[str]:
    """All references of one field of a card."""
    if "template" in entry:
        return REFERENCE.findall(entry["template"])
    if "from" in entry:
        return [entry["from"]]
    return [reference for part in entry.values() for reference in references(part)]


def missing_fields(card: Mapping[str, Any]) -> list[str]:
    """The fields that a card has to have and that are missing or say nothing, as ``section.field``.

    Raises
    ------
    CardError
        When it is no card.
    """
    sections = sections_of(card)
    found = []
    for field in card_fields():
        section, _, name = field.partition(".")
        rows = sections.get(section)
        if not isinstance(rows, Mapping) or is_empty(rows.get(name)):
            found.append(field)
    return found


def card_faults(card: Mapping[str, Any], sources: Sources) -> list[CardFault]:
    """Everything in which a card is not what a card is, or does not agree with the files: files first, then fields.

    Raises
    ------
    CardError
        When it has no sections with fields, or no list of evidence.
    """
    found = []
    evidence = mapping(card.get("evidence", {}), where="model card: evidence", error=CardError)
    for name, digest in sorted(evidence.items()):
        if name not in sources:
            found.append(CardFault("missing file", name, "the card rests on it, and it is not there"))
        elif sources.digest(name) != digest:
            digests = f"SHA-256 {sources.digest(name)[:12]}…, the card has {str(digest)[:12]}…"
            found.append(CardFault("changed file", name, f"changed since the card was made ({digests})"))
    changed = {each.place for each in found}
    for field, entry in _entries(card):
        try:
            check_field(field, entry)
            files = {reference.partition("#")[0].partition("!")[0] for reference in references(entry)}
            unlisted = sorted(files - set(evidence))
            if unlisted:
                found.append(CardFault("figure", field, f"rests on {unlisted[0]}, which is not among the evidence"))
            elif not files & changed:
                found += _differences(field, entry, sources)
        except CardError as error:
            found.append(CardFault("figure", field, error.what))
        except (AttributeError, TypeError, ValueError):
            found.append(CardFault("figure", field, "not the form of a field"))
    for place in ("title", "author"):
        try:
            no_figure_typed(place, str(card.get(place, "")))
        except CardError as error:
            found.append(CardFault("figure", place, error.what))
    return found + [CardFault("missing field", field, "is missing") for field in missing_fields(card)]


def card_text(card: Mapping[str, Any]) -> str:
    """The card as JSON, in the one spelling in which it is kept: equal cards give equal bytes."""
    return json.dumps(card, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def read_card(text: str) -> dict[str, Any]:
    """Read a card from JSON.

    Raises
    ------
    CardError
        When it is no JSON, or not a card.
    """
    try:
        card = json.loads(text)
        canonical(card)  # raises for what we never write: NaN, infinity, half a surrogate pair
    except (ValueError, RecursionError) as error:
        raise CardError("not JSON as a card holds it", where="model card") from error
    whole = {"format": int, "title": str, "author": str, "sections": dict, "evidence": dict}
    if not isinstance(card, dict) or not all(isinstance(card.get(name), kind) for name, kind in whole.items()):
        raise CardError("not a model card", where="model card", remedy="it has " + ", ".join(whole))
    if card["format"] != _FORMAT:
        raise CardError(f"format {card['format']}; this version reads {_FORMAT}", where="model card")
    if not all(isinstance(section, dict) for section in card["sections"].values()):
        raise CardError("a section is not a table of fields", where="model card")
    return card


def _entries(card: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [
        (f"{section}.{name}", entry)
        for section, rows in sections_of(card).items()
        for name, entry in mapping(rows, where=f"model card: {section}", error=CardError).items()
    ]


def _figure(sources: Sources, given: str | Mapping[str, str]) -> dict[str, Any]:
    if not isinstance(given, str):
        parts = mapping(given, where="figures of a card", error=CardError)
        if RESERVED & set(parts):
            raise CardError("a part of a figure cannot be called " + ", ".join(sorted(RESERVED & set(parts))),
                            where="figures of a card", remedy="give it another name")  # fmt: skip
        return {name: _figure(sources, reference) for name, reference in parts.items()}
    value = sources.value(given)
    try:
        canonical(value)
    except (ValueError, TypeError) as error:  # NaN, or a date of YAML
        raise CardError(f"a card cannot hold {value!r}", where=given, remedy="write it as text in the file") from error
    return {"value": value, "from": given}


def _differences(field: str, entry: Mapping[str, Any], sources: Sources) -> list[CardFault]:
    """Where what a field says is not what its references give today."""
    if "template" in entry:
        same = entry.get("text") == _filled(sources, entry["template"])
        return [] if same else [CardFault("figure", field, "the text is not what its references give")]
    if "from" in entry:
        change = _first_difference(entry.get("value"), sources.value(entry["from"]), entry["from"])
        return [CardFault("figure", field, change)] if change else []
    return [fault for name, part in entry.items() for fault in _differences(f"{field}.{name}", part, sources)]


def _first_difference(said: Any, real: Any, place: str) -> str:
    """Where two values part first, in words; empty where they do not."""
    if isinstance(said, dict) and isinstance(real, dict) and set(said) == set(real):
        steps = ((name, said[name], real[name]) for name in sorted(said))
    elif isinstance(said, list) and isinstance(real, list) and len(said) == len(real):
        steps = ((str(at), *pair) for at, pair in enumerate(zip(said, real, strict=True)))
    else:
        return "" if canonical(said) == canonical(real) else f"says {said}, {place} has {real}"
    found = (_first_difference(left, right, f"{place}/{name}") for name, left, right in steps)
    return next((each for each in found if each), "")


def _filled(sources: Sources, template: str) -> str:
    return REFERENCE.sub(lambda found: _plain(sources.value(found[1])), template)


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return ", ".join(map(_plain, value)) if isinstance(value, list) else str(value)
