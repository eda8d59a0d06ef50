"""A person taken out of text: lines of a log, records of a CSV file, objects of JSON; mentions in all other text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from lifecycle.govern.data.contents import UnreadableError, columns_in, separator
from lifecycle.govern.data.subject import Subject
from lifecycle.govern.data.tally import GONE, Tally


def from_text(text: str, subject: Subject, tally: Tally) -> str:
    """Text of any sort: mentions are struck out."""
    return tally.text(subject, text)


def from_log(text: str, subject: Subject, tally: Tally) -> str:
    """A log: lines about the person go."""
    lines = text.splitlines(keepends=True)
    kept = [line for line in lines if not subject.named_in(line)]
    tally.rows += len(lines) - len(kept)
    return "".join(kept)


def from_json(text: str, subject: Subject, tally: Tally) -> str | None:
    """A JSON document; None where it was about the person as a whole."""
    before = (tally.rows, tally.mentions)
    left = from_document(json.loads(text.removeprefix("\ufeff")), subject, tally)
    if left is GONE:
        return None
    if before == (tally.rows, tally.mentions):
        return text
    indent = 1 if "\n" in text.strip() else None
    return json.dumps(left, indent=indent, ensure_ascii=False) + ("\n" if text.endswith("\n") else "")


def from_json_lines(text: str, subject: Subject, tally: Tally) -> str:
    """A JSON document a line, some of which may have broken off."""
    kept = []
    for line in text.splitlines(keepends=True):
        try:
            left = from_json(line, subject, tally)
        except (ValueError, RecursionError):
            left = from_log(line, subject, tally)  # a line that broke off
        kept.append(left or "")
    return "".join(kept)


def from_document(value: Any, subject: Subject, tally: Tally) -> Any:
    """A JSON value without the person."""
    if isinstance(value, str):
        return tally.text(subject, value)
    if isinstance(value, list):
        return [left for each in value if (left := from_document(each, subject, tally)) is not GONE]
    if not isinstance(value, dict):
        return value
    if any(subject.known_as(key, each) for key, each in value.items()):
        tally.rows += 1
        return GONE
    value = _table_of(value, subject, tally)
    kept = {}
    for key, each in value.items():
        if subject.mentioned_in(key):
            tally.rows += 1
        elif (left := from_document(each, subject, tally)) is not GONE:
            kept[key] = left
    return kept


def _table_of(value: dict[str, Any], subject: Subject, tally: Tally) -> dict[str, Any]:
    """An object without the person's places, where it is a table written column by column, or rows below their columns."""
    columns = columns_in(value)
    length = max(map(len, columns.values()), default=0)
    lists = {key: each for key, each in value.items() if isinstance(each, list)}
    if not columns:  # lists as long as one that names people are columns of the same table
        columns = lists
        length = next((len(each) for key, each in lists.items() if any(subject.known_as(key, one) for one in each)), 0)
    places = {place for key, each in columns.items() for place, one in enumerate(each) if subject.known_as(key, one)}
    if not places:
        return value
    tally.rows += len(places)

    def without(each: list[Any]) -> list[Any]:
        return [one for place, one in enumerate(each) if place not in places] if len(each) == length else each

    first = next(iter(value.values()))
    if all(isinstance(each, dict) for each in value.values()):
        labels = without(list(first))
        return {key: {label: each[label] for label in labels} for key, each in value.items()}
    return {key: without(each) if key in lists and key != "columns" else each for key, each in value.items()}


def from_csv(text: str, subject: Subject, tally: Tally) -> str:
    """Records as they stand in the file, without the person's; a column that is called after them goes as well."""
    sign = separator(text)
    records = _records(text, sign)
    header, raw = next(records, ([], ""))
    named = [column.removeprefix("\ufeff").strip() for column in header]
    own = {place for place, column in enumerate(named) if subject.mentioned_in(column)}
    tally.rows += len(own)
    kept = [_row(header, own, sign, raw) if own else raw]
    for record, raw in records:
        if any(subject.known_as(column, cell) for column, cell in zip(named, record, strict=False)):
            tally.rows += 1
            continue
        struck = [tally.text(subject, cell) for cell in record]
        kept.append(_row(struck, own, sign, raw) if own or struck != record else raw)
    return "".join(kept)


def _row(record: list[str], without: set[int], sign: str, raw: str) -> str:
    out = io.StringIO()
    end = raw[len(raw.rstrip("\r\n")) :]
    csv.writer(out, delimiter=sign, lineterminator=end).writerow(
        [cell for place, cell in enumerate(record) if place not in without]
    )
    return out.getvalue()


def _records(text: str, sign: str) -> Iterator[tuple[list[str], str]]:
    """Records of a CSV file, each with the lines that it was read from."""
    used: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            used.append(line)
            yield line

    try:
        for record in csv.reader(lines(), delimiter=sign):
            yield record, "".join(used)
            used.clear()
    except csv.Error as error:
        raise UnreadableError(f"a CSV file that cannot be read: {error}") from error
