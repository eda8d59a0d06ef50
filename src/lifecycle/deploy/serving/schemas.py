"""The interface's description: JSON Schemas that say exactly what `Contract` accepts and what the service answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.serving.contract import REQUEST_ID

if TYPE_CHECKING:
    from lifecycle.deploy.packaging.field import Field

_ID = {
    "type": "string", "pattern": f"^{REQUEST_ID}$", "maxLength": 64,
    "description": "What the client calls the request; the service makes one up where it is left out.",
}  # fmt: skip


def row_schema(fields: Sequence[Field]) -> dict[str, Any]:
    """JSON Schema of one row of features."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in fields],
        "properties": {field.name: _field_schema(field) for field in fields},
    }


def one_schema(fields: Sequence[Field]) -> dict[str, Any]:
    """JSON Schema of a request for one score."""
    return _object(features=row_schema(fields))


def batch_schema(fields: Sequence[Field], *, rows: int) -> dict[str, Any]:
    """JSON Schema of a request for the scores of up to `rows` rows."""
    return _object(rows={"type": "array", "minItems": 1, "maxItems": rows, "items": row_schema(fields)})


def _object(**body: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(body),
        "properties": {**body, "request_id": _ID},
    }


def _field_schema(field: Field) -> dict[str, Any]:
    unit = f" ({field.unit})" if field.unit else ""
    schema: dict[str, Any] = {"type": field.kind, "description": f"{field.meaning}{unit}".strip() or field.name}
    if field.choices:
        return {**schema, "enum": list(field.choices)}
    if math.isfinite(field.low):
        schema["minimum"] = field.low
    if math.isfinite(field.high):
        schema["maximum"] = field.high
    return schema
