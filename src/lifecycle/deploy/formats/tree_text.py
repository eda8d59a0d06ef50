"""A tree as nested questions, in SQL and in Python.

Libraries compare in float32: an input is rounded first. A database that compares doubles sends the rows between a number
and its rounding to the other side, so the rounding is part of the export.
"""

from __future__ import annotations

from collections.abc import Sequence

from lifecycle.deploy.formats.sql import quoted
from lifecycle.deploy.formats.trees import Tree


def tree_to_sql(tree: Tree, *, features: Sequence[str], table: str, key: str) -> str:
    """A query that gives ``key`` and ``score`` for each row of a table, by nested CASE expressions."""
    return f"SELECT {quoted(key)},\n{_case(tree, 0, features, 1)} AS score\nFROM {quoted(table)}"


def tree_to_python(tree: Tree, *, features: Sequence[str]) -> str:
    """A module with one function ``score(row)``, from a dictionary to the tree's answer."""
    return "from ctypes import c_float\n\n\ndef score(row):\n" + _if(tree, 0, features, 1)


def _case(tree: Tree, node: int, features: Sequence[str], depth: int) -> str:
    indent = "  " * depth
    if tree.leaf(node):
        return f"{indent}{tree.value[node]!r}"
    question = (
        f"CAST({quoted(features[tree.feature[node]])} AS REAL) {tree.operator} CAST({tree.threshold[node]!r} AS DOUBLE)"
    )
    left, right = (_case(tree, at, features, depth + 1) for at in (tree.left[node], tree.right[node]))
    return f"{indent}CASE WHEN {question} THEN\n{left}\n{indent}ELSE\n{right}\n{indent}END"


def _if(tree: Tree, node: int, features: Sequence[str], depth: int) -> str:
    indent = "    " * depth
    if tree.leaf(node):
        return f"{indent}return {tree.value[node]!r}\n"
    question = f"c_float(row[{features[tree.feature[node]]!r}]).value {tree.operator} {tree.threshold[node]!r}"
    return f"{indent}if {question}:\n{_if(tree, tree.left[node], features, depth + 1)}" + _if(
        tree, tree.right[node], features, depth
    )
