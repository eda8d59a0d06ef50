"""PFA: a scorecard or a tree as a JSON document that says what to compute, with an evaluator for the part that these need.

The Portable Format for Analytics (Data Mining Group, 0.8.1) is a small language: typed input and output, cells that hold the
model, and an action, which is a list of function calls. Only what is listed in `PfaEngine` is read here, and strictly: an
unknown function is an error when the document is loaded, not a wrong score later.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

from lifecycle.deploy.formats.errors import FormatError
from lifecycle.deploy.formats.formula import Formula
from lifecycle.deploy.formats.trees import Tree

_DOUBLES = {"type": "array", "items": "double"}
_OPERATORS = ("<", "<=")


def scorecard_to_pfa(formula: Formula, *, name: str) -> str:
    """Write a logistic formula as a PFA document: ``model.reg.linear``, then ``m.link.logit``."""
    model = {
        "type": "record", "name": "Regression",
        "fields": [{"name": "coeff", "type": _DOUBLES}, {"name": "const", "type": "double"}],
    }  # fmt: skip
    inputs = {"type": _DOUBLES, "new": [f"input.{feature}" for feature in formula.features]}
    action = {"m.link.logit": [{"model.reg.linear": [inputs, {"cell": "model"}]}]}
    init = {"coeff": list(formula.weights), "const": formula.intercept}
    return _document(name, formula.features, {"model": {"type": model, "init": init}}, action)


def tree_to_pfa(tree: Tree, *, features: Sequence[str], name: str) -> str:
    """Write a tree as a PFA document with ``model.tree.simpleTree``; inputs are floats, as the tree compares them."""
    node_type = {
        "type": "record", "name": "TreeNode",
        "fields": [
            {"name": "field", "type": {"type": "enum", "name": "TreeFields", "symbols": list(features)}},
            {"name": "operator", "type": "string"},
            {"name": "value", "type": "double"},
            {"name": "pass", "type": ["TreeNode", "double"]},
            {"name": "fail", "type": ["TreeNode", "double"]},
        ],
    }  # fmt: skip
    root = _node(tree, 0, features)
    if "TreeNode" not in root:
        raise FormatError("the tree has one leaf and asks nothing", where=name)
    action = {"model.tree.simpleTree": ["input", {"cell": "tree"}]}
    cells = {"tree": {"type": node_type, "init": root["TreeNode"]}}
    return _document(name, features, cells, action, kind="float")


class PfaEngine:
    """An evaluator for PFA documents of the method ``map`` from a record of numbers to a double.

    It knows numbers, ``input.FIELD``, ``cell``, ``new`` for arrays, ``+ - * /``, ``m.exp``, ``m.link.logit``,
    ``model.reg.linear`` and ``model.tree.simpleTree``. Types of cells are not read; their content is looked at instead.

    Parameters
    ----------
    document : str
        JSON.

    Raises
    ------
    FormatError
        For anything else, with the path to it.
    """

    def __init__(self, document: str) -> None:
        try:
            read = json.loads(document)
        except (ValueError, RecursionError) as error:
            raise FormatError(f"not JSON: {error}", where="PFA") from error
        if not isinstance(read, dict) or read.get("method", "map") != "map" or read.get("output") != "double":
            raise FormatError("not a document with method map and output double", where="PFA")
        unknown = set(read) - {"name", "method", "input", "output", "cells", "action", "doc", "version"}
        if unknown:
            raise FormatError(f"`{min(unknown)}` is not understood here", where="PFA")
        self.fields = _input_fields(read.get("input"))
        self.cells = {name: cell["init"] for name, cell in _mapping(read.get("cells", {}), "cells").items()}
        action = read.get("action")
        self._action = action[-1] if isinstance(action, list) and len(action) == 1 else action
        _check(self._action, "action", self)

    def score(self, row: Mapping[str, float]) -> float:
        """The answer for one row; its fields must be exactly the document's, holding finite numbers."""
        if set(row) != set(self.fields):
            odd = sorted(set(row) ^ set(self.fields))[0]
            raise FormatError(f"`{odd}` is {'unknown' if odd in row else 'missing'}", where="PFA: input")
        values = {}
        for name, kind in self.fields.items():
            value = row[name]
            if not _finite(value):
                raise FormatError(f"`{name}` must be a finite number", where="PFA: input")
            values[name] = _float32(value) if kind == "float" else float(value)
            if math.isinf(values[name]):
                raise FormatError(f"`{name}` is too large for the document's type `{kind}`", where="PFA: input")
        try:
            return float(_value(self._action, values, self.cells))
        except (OverflowError, ZeroDivisionError) as error:
            raise FormatError(f"the document cannot be computed for this row: {error}", where="PFA: action") from error


def _document(name: str, features: Sequence[str], cells: Any, action: Any, *, kind: str = "double") -> str:
    fields = [{"name": feature, "type": kind} for feature in features]
    whole = {
        "name": name, "method": "map", "input": {"type": "record", "name": "Input", "fields": fields},
        "output": "double", "cells": cells, "action": [action],
    }  # fmt: skip
    return json.dumps(whole, indent=1)


def _node(tree: Tree, node: int, features: Sequence[str]) -> dict[str, Any]:
    """A node as a tagged union, as Avro writes them."""
    if tree.leaf(node):
        return {"double": tree.value[node]}
    return {
        "TreeNode": {
            "field": features[tree.feature[node]],
            "operator": tree.operator,
            "value": tree.threshold[node],
            "pass": _node(tree, tree.left[node], features),
            "fail": _node(tree, tree.right[node], features),
        }
    }


def _mapping(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(each, dict) and "init" in each for each in value.values()):
        raise FormatError("cells are objects with a type and an init", where=f"PFA: {where}")
    return dict(value)


def _input_fields(read: Any) -> dict[str, str]:
    try:
        fields = {str(each["name"]): str(each["type"]) for each in read["fields"]}
    except (TypeError, KeyError) as error:
        raise FormatError("the input is no record with fields", where="PFA: input") from error
    odd = [name for name, kind in fields.items() if kind not in ("double", "float", "int")]
    if odd or not fields or read.get("type") != "record":
        raise FormatError("the input must be a record of numbers", where="PFA: input", tried=", ".join(odd))
    return fields


def _check(expression: Any, where: str, engine: PfaEngine) -> None:
    """Refuse what `_value` could not compute, before the first row comes."""
    if isinstance(expression, int | float) and not isinstance(expression, bool):
        return
    if isinstance(expression, str):
        if expression != "input" and expression.removeprefix("input.") not in engine.fields:
            raise FormatError(f"{expression!r} is no field of the input", where=f"PFA: {where}")
        return
    if not isinstance(expression, dict):
        raise FormatError(f"{expression!r} is no expression", where=f"PFA: {where}")
    if set(expression) == {"cell"}:
        if expression["cell"] not in engine.cells:
            raise FormatError(f"no cell {expression['cell']!r}", where=f"PFA: {where}")
        return
    if set(expression) == {"new", "type"} and isinstance(expression["new"], list):
        arguments: Any = expression["new"]
    elif len(expression) == 1 and (name := next(iter(expression))) in _FUNCTIONS:
        arguments, where = expression[name], f"{where}/{name}"
        if not isinstance(arguments, list) or len(arguments) != _FUNCTIONS[name][0]:
            raise FormatError(f"`{name}` takes {_FUNCTIONS[name][0]} arguments", where=f"PFA: {where}")
        if name == "model.reg.linear":
            _check_linear(arguments[0], _cell(arguments[1], engine), where)
        if name == "model.tree.simpleTree":
            _check_tree(_cell(arguments[1], engine), where, engine)
    else:
        raise FormatError(f"`{', '.join(expression)}` is not a function that is known here", where=f"PFA: {where}")
    for number, each in enumerate(arguments):
        _check(each, f"{where}[{number}]", engine)


def _cell(expression: Any, engine: PfaEngine) -> Any:
    """The content of the cell that an expression names; None where it names none."""
    return engine.cells.get(str(expression.get("cell"))) if isinstance(expression, dict) else None


def _check_linear(inputs: Any, model: Any, where: str) -> None:
    coefficients = model.get("coeff") if isinstance(model, dict) else None
    if not isinstance(coefficients, list) or not all(map(_finite, (model.get("const"), *coefficients))):
        raise FormatError("the cell holds no numbers `coeff` and `const`", where=f"PFA: {where}")
    if not isinstance(inputs, dict) or not isinstance(inputs.get("new"), list) or len(inputs["new"]) != len(coefficients):
        raise FormatError("as many inputs as coefficients are needed", where=f"PFA: {where}")


def _finite(value: Any) -> bool:
    """Whether it is a number that a double holds; a whole number may be too large for that."""
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) <= sys.float_info.max
    return isinstance(value, Real) and math.isfinite(value)


def _check_tree(node: Any, where: str, engine: PfaEngine) -> None:
    if not isinstance(node, dict) or set(node) != {"field", "operator", "value", "pass", "fail"}:
        raise FormatError("a node of the tree lacks a part, or has one too many", where=f"PFA: {where}")
    if node["field"] not in engine.fields or node["operator"] not in _OPERATORS:
        raise FormatError(f"a node asks {node['field']!r} {node['operator']!r}", where=f"PFA: {where}")
    if not _finite(node["value"]):
        raise FormatError("a node compares with no number", where=f"PFA: {where}")
    for side in ("pass", "fail"):
        kind, content = next(iter(node[side].items())) if isinstance(node[side], dict) and node[side] else ("", None)
        if kind == "TreeNode":
            _check_tree(content, f"{where}/{side}", engine)
        elif kind != "double" or not _finite(content):
            raise FormatError("a branch leads to neither a node nor a number", where=f"PFA: {where}/{side}")


def _value(expression: Any, row: Mapping[str, float], cells: Mapping[str, Any]) -> Any:
    if isinstance(expression, int | float):
        return expression
    if isinstance(expression, str):
        return row if expression == "input" else row[expression.removeprefix("input.")]
    if "cell" in expression:
        return cells[expression["cell"]]
    if "new" in expression:
        return [_value(each, row, cells) for each in expression["new"]]
    ((name, arguments),) = expression.items()
    return _FUNCTIONS[name][1](*(_value(each, row, cells) for each in arguments))


def _linear(values: Sequence[float], model: Mapping[str, Any]) -> float:
    return float(model["const"] + sum(a * b for a, b in zip(values, model["coeff"], strict=True)))


def _walk(row: Mapping[str, float], node: Mapping[str, Any]) -> float:
    while True:
        at = row[node["field"]]
        passes = at < node["value"] if node["operator"] == "<" else at <= node["value"]
        ((kind, content),) = node["pass" if passes else "fail"].items()
        if kind == "double":
            return float(content)
        node = content


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _float32(value: float) -> float:
    import struct

    return float(struct.unpack("f", struct.pack("f", value))[0])


_FUNCTIONS: Mapping[str, tuple[int, Any]] = {
    "+": (2, lambda a, b: a + b),
    "-": (2, lambda a, b: a - b),
    "*": (2, lambda a, b: a * b),
    "/": (2, lambda a, b: a / b),
    "m.exp": (1, math.exp),
    "m.link.logit": (1, _logistic),
    "model.reg.linear": (2, _linear),
    "model.tree.simpleTree": (2, _walk),
}
"""How many arguments each takes, and what it does."""
