"""Trees of source, from many threads at once."""

from __future__ import annotations

import ast
from concurrent.futures import ThreadPoolExecutor

import pytest

from workbench import syntax

DEEP = "x = " + "-".join("(" * 40 + str(i) + ")" * 40 for i in range(60))


def test_a_tree_is_what_python_makes_of_it():
    assert ast.dump(syntax.tree("def f(x):\n    return x\n")) == ast.dump(ast.parse("def f(x):\n    return x\n"))


def test_a_cell_may_await_where_a_module_may_not():
    assert syntax.tree("await x", awaits=True).body
    with pytest.raises(SyntaxError):
        compile(syntax.tree("await x"), "cell", "exec")


def test_threads_do_not_disturb_one_another():
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: len(ast.dump(syntax.tree(DEEP))), range(200)))
    assert len(found) == 1


def test_a_literal_has_its_value_and_nothing_else_has_one():
    assert syntax.literal(' ["a", 1] ') == ["a", 1]
    for source in ("f()", "1; 2", "x = 1", ""):
        with pytest.raises(ValueError, match=r"literal|malformed"):
            syntax.literal(source)
