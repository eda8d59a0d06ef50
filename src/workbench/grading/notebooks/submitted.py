"""A submitted notebook as cells of text: parsed under caps, and made clean enough to be handed on. Nothing of it is run.

All of it is hostile. What could exhaust the parser is counted before it parses. Python's own compiler, which deep nesting
can crash, never sees a submission here. Outputs and attachments are not even looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from workbench.errors import GradingError

MAX_BYTES = 20_000_000
MAX_BRACKETS = 400_000  # objects and lists: some hundred bytes of memory each
MAX_COMMAS = 2_000_000  # other values
MAX_CELLS = 2_000
MAX_SOURCE = 1_000_000  # characters of one cell

Kind = Literal[
    "too large", "too complex", "too deep", "too many cells", "not UTF-8", "not JSON", "not a notebook", "no cells"
]
_KINDS = {"code": "code", "markdown": "markdown", "heading": "markdown"}  # `heading` before version 4
_UNSAFE = re.compile("[\x00\ud800-\udfff]")  # what neither UTF-8 nor every database takes


class IntakeError(GradingError):
    """A submission that cannot be read as a notebook; `kind` tells the cases apart.

    Attributes
    ----------
    kind : str
        ``too large``, ``too complex``, ``too deep``, ``too many cells``, ``not UTF-8``, ``not JSON``, ``not a notebook``,
        ``no cells``.
    """

    def __init__(self, what: str, *, kind: Kind, where: str = "", remedy: str = "") -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.kind = kind


@dataclass(frozen=True)
class SubmittedCell:
    """One cell as it was handed in.

    Attributes
    ----------
    kind : str
        ``code``, ``markdown`` or ``raw``; anything else is ``raw``.
    id, grade_id : str
        Empty where it has none.
    """

    kind: str
    source: str
    id: str = ""
    grade_id: str = ""


@dataclass(frozen=True)
class Submitted:
    """A notebook as it was handed in.

    Attributes
    ----------
    language : str
        The kernel's, as the notebook says; empty where it does not say.
    version : int
        Of the format that it was written in; 0 where it does not say.
    broken : int
        How many cells were left out because they are not cells.
    """

    cells: tuple[SubmittedCell, ...]
    language: str = ""
    version: int = 0
    broken: int = 0


def parse(data: bytes, *, where: str = "") -> Submitted:
    """Read a submitted file.

    Parameters
    ----------
    data : bytes
        Its content.
    where : str
        Named in errors.

    Raises
    ------
    IntakeError
        When it is not a notebook, or larger than is ever read.
    """
    table = _table(data, where)
    cells, version = _cells(table, where)
    if len(cells) > MAX_CELLS:
        raise IntakeError(f"{len(cells):,} cells; {MAX_CELLS:,} are read at most", kind="too many cells", where=where)
    made = [one for one in (_cell(cell) for cell in cells) if one]
    if not made:
        raise IntakeError("the notebook has no cells", kind="no cells", where=where)
    largest = max(len(cell.source) for cell in made)
    if largest > MAX_SOURCE:
        raise IntakeError(
            f"a cell of {largest:,} characters; {MAX_SOURCE:,} are read at most", kind="too large", where=where
        )
    return Submitted(tuple(made), _language(table), version, len(cells) - len(made))


def clean(text: str) -> str:
    """`text` with NUL characters and lone surrogates replaced, and lines ended by newlines alone."""
    return _UNSAFE.sub("\ufffd", text.replace("\r\n", "\n"))


def _table(data: bytes, where: str) -> Mapping[str, Any]:
    if len(data) > MAX_BYTES:
        raise IntakeError(f"{len(data):,} bytes; {MAX_BYTES:,} are read at most", kind="too large", where=where)
    if data.count(b"{") + data.count(b"[") > MAX_BRACKETS or data.count(b",") > MAX_COMMAS:
        raise IntakeError(
            "more values than a notebook has", kind="too complex", where=where, remedy="clear the outputs and hand in again"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise IntakeError(f"not UTF-8 at byte {error.start:,}", kind="not UTF-8", where=where) from error
    try:
        table = json.loads(text)
    except RecursionError as error:
        raise IntakeError("nested too deeply", kind="too deep", where=where) from error
    except ValueError as error:  # a number of thousands of digits too
        raise IntakeError(f"not JSON: {error!s:.100}", kind="not JSON", where=where) from error
    if not isinstance(table, dict):
        raise IntakeError("JSON, but not a notebook", kind="not a notebook", where=where)
    return table


def _cells(table: Mapping[str, Any], where: str) -> tuple[list[Any], int]:
    """The cells of a notebook of any version of the format: before 4 they are on worksheets."""
    version = table.get("nbformat")
    number = version if isinstance(version, int) and not isinstance(version, bool) and 0 < version < 100 else 0
    cells = table.get("cells")
    if isinstance(cells, list):
        return cells, number
    sheets = table.get("worksheets")
    if isinstance(sheets, list):
        found = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        return [cell for part in found if isinstance(part, list) for cell in part], number
    raise IntakeError("JSON, but without a list of cells", kind="not a notebook", where=where)


def _cell(cell: Any) -> SubmittedCell | None:
    if not isinstance(cell, dict):
        return None
    source = _text(cell.get("source", cell.get("input")))  # `input` before version 4
    if source is None:
        return None
    kind = _KINDS.get(_name(cell.get("cell_type")), "raw")
    metadata = _mapping(cell.get("metadata"))
    name = _name(cell.get("id")) or _name(metadata.get("id"))  # where Colab moves it
    return SubmittedCell(kind, clean(source), name, _name(_mapping(metadata.get("nbgrader")).get("grade_id")))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return None


def _name(value: Any) -> str:
    return value if isinstance(value, str) and len(value) <= 200 else ""


def _language(table: Mapping[str, Any]) -> str:
    """What the notebook says of its kernel: the language, else the kernel's name."""
    for named in _said(table.get("metadata")):
        if isinstance(named, str) and named:
            return clean(named)[:100].lower()
    return ""


def _said(metadata: Any) -> Iterator[Any]:
    for part, key in (("kernelspec", "language"), ("language_info", "name"), ("kernelspec", "name")):
        yield _mapping(_mapping(metadata).get(part)).get(key)
