"""What a service accepts: a contract made from the package's own schema, and written into the interface's description."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.serving.refusal import Problem, RefusalError, kind_of, shown

if TYPE_CHECKING:
    from lifecycle.deploy.packaging.field import Field

REQUEST_ID = r"[A-Za-z0-9._:-]{1,64}"
_REQUEST_ID = re.compile(REQUEST_ID)
_MISSING = object()
_BROKEN = "the request does not keep to the contract"


@dataclass(frozen=True)
class Asked:
    """A request that can be answered.

    Attributes
    ----------
    request_id : str or None
        What the client calls it.
    rows : list of list of float
        The features of each row, in the package's order.
    """

    request_id: str | None
    rows: list[list[float]]


class Contract:
    """Turns what came out of JSON into rows of numbers, or says what is wrong with it, field by field.

    Parameters
    ----------
    fields : sequence of Field
        The model's inputs in its order.
    batch_rows : int
        Most rows in a batch.
    problems : int
        Most problems that a refusal lists.
    """

    def __init__(self, fields: Sequence[Field], *, batch_rows: int = 1000, problems: int = 20) -> None:
        self.fields = tuple(fields)
        self.names = frozenset(field.name for field in self.fields)
        self.batch_rows = batch_rows
        self.problems = problems
        self._plan = [
            (field.name, field.kind == "integer", field.low, field.high, frozenset(field.choices)) for field in self.fields
        ]

    def one(self, content: Any) -> Asked:
        """The row of ``{"features": {...}, "request_id": "..."}``.

        Raises
        ------
        RefusalError
            With status 422 and the fields at fault.
        """
        problems: list[Problem] = []
        content = self._frame(content, "features", problems)
        row = self._row(content["features"], "features", problems) if "features" in content else []
        self._refuse(problems, content)
        return Asked(content.get("request_id"), [row])

    def batch(self, content: Any) -> Asked:
        """The rows of ``{"rows": [{...}, ...], "request_id": "..."}``.

        Raises
        ------
        RefusalError
            With status 422 and the fields at fault.
        """
        problems: list[Problem] = []
        content = self._frame(content, "rows", problems)
        found = content.get("rows", [])
        rows: list[list[float]] = []
        if type(found) is not list:
            problems.append(Problem("rows", f"must be a list of objects, not {kind_of(found)}"))
        elif len(found) > self.batch_rows:
            problems.append(Problem("rows", f"holds {len(found):,} rows, and {self.batch_rows:,} is the most"))
        elif not found and "rows" in content:
            problems.append(Problem("rows", "must hold a row or more"))
        else:
            for number, row in enumerate(found):
                rows.append(self._row(row, f"rows[{number}]", problems))
                if len(problems) >= self.problems:
                    break
        self._refuse(problems, content)
        return Asked(content.get("request_id"), rows)

    def _frame(self, content: Any, body: str, problems: list[Problem]) -> dict[str, Any]:
        """The outer object: `body` must be there, a request id may be, nothing else."""
        if type(content) is not dict:
            raise RefusalError(422, _BROKEN, (Problem("body", f"must be an object, not {kind_of(content)}"),))
        frame: dict[str, Any] = content
        if body not in content:
            problems.append(Problem(body, "is missing"))
        for name in content:
            if name == "request_id":
                if _id_of(content) is None:
                    problems.append(Problem(name, "must be 1 to 64 letters, digits, dots, colons, hyphens or underscores"))
            elif name != body:
                problems.append(Problem(shown(name), "is not known here"))
            if len(problems) >= self.problems:
                break
        return frame

    def _row(self, found: Any, path: str, problems: list[Problem]) -> list[float]:
        if type(found) is not dict:
            problems.append(Problem(path, f"must be an object, not {kind_of(found)}"))
            return []
        row = []
        for name, integer, low, high, choices in self._plan:
            value = found.get(name, _MISSING)
            kind = type(value)
            if (
                (kind is float or kind is int)
                and low <= value <= high
                and not (integer and value % 1)
                and not (choices and value not in choices)
            ):
                row.append(float(value))
            else:
                problems.append(Problem(f"{path}.{name}", _fault(value, integer, low, high, choices)))
        if len(found) != len(row):
            problems += [Problem(f"{path}.{shown(name)}", "is not known here") for name in found if name not in self.names]
        return row

    def _refuse(self, problems: list[Problem], content: dict[str, Any]) -> None:
        if problems:
            raise RefusalError(422, _BROKEN, tuple(problems[: self.problems]), request_id=_id_of(content))


def _id_of(content: dict[str, Any]) -> str | None:
    """What the client calls the request, if that may be repeated."""
    found = content.get("request_id")
    return found if type(found) is str and _REQUEST_ID.fullmatch(found) else None


def _fault(value: Any, integer: bool, low: float, high: float, choices: frozenset[float]) -> str:
    """Why a value is none for the field; never the value itself, which may be anything."""
    if value is _MISSING:
        return "is missing"
    wanted = "a whole number" if integer else "a number"
    if type(value) not in (int, float):
        return f"must be {wanted}, not {kind_of(value)}"
    if isinstance(value, float) and not math.isfinite(value):
        return f"must be {wanted}, and finite"
    if not low <= value <= high:
        return f"must lie between {low:.10g} and {high:.10g}"
    if integer and value % 1:
        return "must be a whole number"
    return f"must be one of {', '.join(f'{choice:g}' for choice in sorted(choices))}"
