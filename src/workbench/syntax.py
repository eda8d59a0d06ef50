"""Reading Python source as a tree."""

from __future__ import annotations

import ast
import threading

# CPython 3.11 counts the depth of every tree that is being made in one place: two threads at it end in a SystemError.
_one_at_a_time = threading.Lock()


def tree(source: str | bytes, *, name: str = "<cell>", awaits: bool = False) -> ast.Module:
    """The tree of `source`; any thread may ask.

    Parameters
    ----------
    name : str
        Of the source, for errors.
    awaits : bool
        Whether ``await`` may stand outside of functions, as in a notebook's cell.

    Raises
    ------
    SyntaxError, ValueError
        When it is not Python.
    """
    flags = ast.PyCF_ONLY_AST | (ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if awaits else 0)
    with _one_at_a_time:
        parsed = compile(source, name, "exec", flags, dont_inherit=True)
    assert isinstance(parsed, ast.Module)
    return parsed


def literal(source: str) -> object:
    """The value of a literal, as ``["parameters"]``; any thread may ask.

    Raises
    ------
    SyntaxError, ValueError
        When it is not a literal.
    """
    expression = tree(source.strip()).body
    if len(expression) != 1 or not isinstance(expression[0], ast.Expr):
        raise ValueError(f"not a literal: {source}")
    value: object = ast.literal_eval(expression[0].value)  # of a tree: nothing is parsed here
    return value
