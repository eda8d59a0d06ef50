"""The parameters of a notebook: read from its `parameters` cell, and strict about what they are given."""

from __future__ import annotations

import ast
import io
import json
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench import syntax
from workbench.errors import MasterError, ParameterError

Value = bool | int | float | str
_TYPES: dict[str, type] = {"bool": bool, "int": int, "float": float, "str": str}


@dataclass(frozen=True)
class Parameter:
    """One line ``name: type = default  # help`` of a parameters cell."""

    name: str
    type: str
    default: Value
    help: str

    def __str__(self) -> str:
        return f"{self.name}: {self.type} = {self.default!r}  # {self.help}"


@dataclass(frozen=True)
class Rule:
    """What the catalogue allows a parameter to be; ``None`` and the empty tuple mean no limit."""

    choices: tuple[Value, ...] = ()
    min: float | None = None
    max: float | None = None

    def fault(self, value: Value) -> str:
        """Why `value` is not allowed, or the empty string."""
        if self.choices and value not in self.choices:
            return "must be one of " + ", ".join(repr(choice) for choice in self.choices)
        if isinstance(value, str | bool):
            return ""
        if self.min is not None and value < self.min:
            return f"must be at least {self.min:g}"
        if self.max is not None and value > self.max:
            return f"must be at most {self.max:g}"
        return ""


def parse_cell(source: str, *, where: str = "parameters") -> list[Parameter]:
    """Read a parameters cell.

    Parameters
    ----------
    source : str
        Python source: one annotated assignment of a literal a line, each with a comment that explains it.
    where : str
        Named in errors.

    Raises
    ------
    MasterError
        When a line is anything else, or its type is not ``bool``, ``int``, ``float`` or ``str``.
    """
    try:
        tree = syntax.tree(source)
    except SyntaxError as error:
        raise MasterError(f"not Python: {error.msg}", where=f"{where}: line {error.lineno}") from error
    help_at = {
        token.start[0]: token.string.lstrip("# ").strip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    found = []
    for node in tree.body:
        place = f"{where}: line {node.lineno}"
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name) or node.value is None:
            raise MasterError("expected `name: type = value  # help`", where=place)
        kind = ast.unparse(node.annotation)
        if kind not in _TYPES:
            raise MasterError(f"type `{kind}` is not one of {', '.join(_TYPES)}", where=place)
        try:
            default = ast.literal_eval(node.value)
        except ValueError as error:
            raise MasterError("the default must be a literal", where=place) from error
        if not _is(default, kind):
            raise MasterError(f"the default {default!r} is not of type `{kind}`", where=place)
        if not help_at.get(node.lineno):
            raise MasterError(f"`{node.target.id}` has no comment that says what it is", where=place)
        found.append(Parameter(node.target.id, kind, default, help_at[node.lineno]))
    return found


def resolve(
    given: Mapping[str, object],
    parameters: Iterable[Parameter],
    *,
    rules: Mapping[str, Rule] | None = None,
    where: str = "",
) -> dict[str, Value]:
    """Complete `given` with the defaults, refusing what the notebook does not know.

    Text is converted to the declared type (``"5000"`` for an ``int``), so that a shell's values can be passed as they are.

    Raises
    ------
    ParameterError
        For an unknown name, a value of another type, or one outside the rule; the message lists what is valid.
    """
    known = {parameter.name: parameter for parameter in parameters}
    valid = "valid parameters:\n" + "\n".join(f"           {parameter}" for parameter in known.values())
    resolved: dict[str, Value] = {name: parameter.default for name, parameter in known.items()}
    for name, value in given.items():
        if name not in known:
            raise ParameterError(f"no parameter `{name}`", where=where, remedy=valid)
        kind = known[name].type
        try:
            converted = _convert(value, kind)
        except ValueError as error:
            raise ParameterError(f"`{name}` must be of type {kind}, not {value!r}", where=where, remedy=valid) from error
        fault = (rules or {}).get(name, Rule()).fault(converted)
        if fault:
            raise ParameterError(f"`{name}` {fault}, not {converted!r}", where=where, remedy=valid)
        resolved[name] = converted
    return resolved


def source_of(parameters: Iterable[Parameter], values: Mapping[str, Value]) -> str:
    """The parameters cell with `values` written into its literals."""
    return "\n".join(f"{p.name}: {p.type} = {values.get(p.name, p.default)!r}  # {p.help}" for p in parameters)


def _is(value: Any, kind: str) -> bool:
    return type(value) is _TYPES[kind] or (kind == "float" and type(value) is int)


def _convert(value: object, kind: str) -> Value:
    if kind == "str" and isinstance(value, str):
        return value
    if isinstance(value, str):
        text = {"True": "true", "False": "false"}.get(value, value)
        value = json.loads(text)  # a JSONDecodeError is a ValueError
    if not _is(value, kind):
        raise ValueError(kind)
    return float(value) if kind == "float" else value  # type: ignore[arg-type, return-value]
