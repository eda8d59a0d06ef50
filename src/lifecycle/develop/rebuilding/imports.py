"""Which modules of `lifecycle` do a piece of work, found by following imports, and which packages they need."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lifecycle.develop.record.manifest import BundleError

PACKAGE = "lifecycle"
BARE = frozenset({"lifecycle.develop"})
"""Packages whose `__init__` only re-exports: a copy has an empty one, so that it brings along nothing that is not used."""


class Reached(NamedTuple):
    """Modules by name with the text of each, and the top names of packages of others that they import."""

    modules: dict[str, str]
    packages: frozenset[str]


def reached(root: str) -> Reached:
    """Follow the imports of the module `root`, those inside functions too, but not those for type checkers alone.

    Parameters
    ----------
    root : str
        As ``"lifecycle.develop.rebuilding.retrain"``.

    Raises
    ------
    BundleError
        When a module imports a name from a package that only re-exports it: the copy would not find it there.
    """
    modules: dict[str, str] = {}
    packages: set[str] = set()
    waiting = [root]
    while waiting:
        name = waiting.pop()
        if name in modules:
            continue
        place = _place(name)
        if place is None:
            raise BundleError(f"no module `{name}`", where="imports")
        modules[name] = f'"""{name}: what this bundle needs of it."""\n' if name in BARE else place.read_text("utf-8")
        waiting += _parents(name)
        for target in imports_of(modules[name], name=name):
            if target.partition(".")[0] == PACKAGE:
                waiting.append(target)
            elif target.partition(".")[0] not in sys.stdlib_module_names:
                packages.add(target.partition(".")[0])
    return Reached(dict(sorted(modules.items())), frozenset(packages))


def file_of(module: str) -> str:
    """The path of a module below the folder that holds the package, with forward slashes."""
    place = _place(module)
    path = module.replace(".", "/")
    return f"{path}/__init__.py" if place is not None and place.name == "__init__.py" else f"{path}.py"


def imports_of(source: str, *, name: str) -> Iterator[str]:
    """The modules that the text of the module `name` imports, but those for type checkers alone; errors as in `reached`."""
    for node in _nodes(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            where = f"{name}, line {node.lineno}"
            if node.level or node.module is None:
                raise BundleError("a relative import, which is not followed", where=where)
            for each in node.names:
                yield _target(node.module, each.name, where)


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under ``if TYPE_CHECKING``."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            continue
        yield child
        yield from _nodes(child)


def _target(module: str, name: str, where: str) -> str:
    if module.partition(".")[0] != PACKAGE:
        return module
    if _place(f"{module}.{name}") is not None:
        return f"{module}.{name}"
    if module in BARE:
        raise BundleError(f"`{name}` is imported from `{module}`, which only re-exports it", where=where,
                          remedy="import it from the module that defines it")  # fmt: skip
    return module


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:i]) for i in range(1, len(parts))]


def _place(name: str) -> Path | None:
    import lifecycle

    base = Path(lifecycle.__file__).parent.joinpath(*name.split(".")[1:])
    candidates = (base / "__init__.py", base.parent / f"{base.name}.py")
    return next((place for place in candidates if place.is_file()), None)
