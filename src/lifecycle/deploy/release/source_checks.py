"""Reading the code in a package: what no test would notice, and the next reader will."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

LONGEST_LINE = 125
LONGEST_FUNCTION = 60
_PRAGMA = re.compile(r"\s*# (noqa|type: ignore)\b.*$")  # a word to a tool is not counted


def objections(name: str, source: bytes) -> list[str]:
    """What a review would object to in one Python file, as ``name:line: what``; empty where nothing is.

    The rules are few, and the same on every machine. Where ruff is installed, it is asked as well, for errors only
    (unused names and imports, syntax): code that is clean gives the same answer with and without it.
    """
    try:
        text = source.decode("utf-8")
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        return [f"{name}:{getattr(error, 'lineno', 0) or 0}: not Python"]
    found = [*_of_lines(text), *_of_tree(tree)]
    return [f"{name}:{line}: {what}" for line, what in sorted(found)] or _ruff(name, text)


def _of_lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        length = len(_PRAGMA.sub("", line))
        if length > LONGEST_LINE:
            yield number, f"a line of {length} characters"
        if line.rstrip() != line:
            yield number, "blanks at the end of the line"


def _of_tree(tree: ast.Module) -> Iterator[tuple[int, str]]:
    if not ast.get_docstring(tree):
        yield 1, "the module says nothing about itself"
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and (node.type is None or _swallows(node)):
            yield node.lineno, "an error is swallowed, whatever it is"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec"):
            yield node.lineno, f"`{node.func.id}` runs text"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            if not ast.get_docstring(node):
                yield node.lineno, f"`{node.name}` says nothing about itself"
            if not isinstance(node, ast.ClassDef):
                yield from _of_function(node)


def _of_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[int, str]]:
    if (node.end_lineno or node.lineno) - node.lineno >= LONGEST_FUNCTION:
        yield node.lineno, f"`{node.name}` is longer than {LONGEST_FUNCTION} lines"
    arguments = [each for each in (*node.args.args, *node.args.kwonlyargs) if each.arg not in ("self", "cls")]
    if node.returns is None or any(each.annotation is None for each in arguments):
        yield node.lineno, f"`{node.name}` has no types"
    if any(isinstance(each, ast.List | ast.Dict | ast.Set) for each in node.args.defaults):
        yield node.lineno, f"`{node.name}` shares a default between its calls"


def _swallows(node: ast.ExceptHandler) -> bool:
    """Whether everything is caught and nothing done."""
    every = isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")
    return every and all(isinstance(each, ast.Pass) for each in node.body)


def _ruff(name: str, text: str) -> list[str]:
    beside = Path(sys.executable).with_name("ruff")
    program = str(beside) if beside.is_file() else shutil.which("ruff")
    if program is None:
        return []
    command = [program, "check", "--isolated", "--quiet", "--no-cache", "--select", "E9,F", "--output-format", "concise"]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "source.py"
        place.write_text(text, encoding="utf-8")
        done = subprocess.run([*command, place.name], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    return [line.replace("source.py", name, 1) for line in done.stdout.splitlines() if line.startswith("source.py:")]
