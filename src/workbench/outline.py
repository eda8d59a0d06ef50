"""What a module defines and refers to, in short: found once in its text, then kept in the user's cache folder.

A command that only asks what has changed would otherwise make trees of all modules of a course, which takes seconds.
What is kept is found by the digest of the text and of the code that reads it, so that it is never out of date.
"""

from __future__ import annotations

import ast
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from workbench import modules, syntax, user_cache
from workbench.files import digest_bytes
from workbench.modules import Module, Origin, Uses

_BY_NAME = {"import_module", "importlib.import_module", "__import__"}
_FILES = {"__file__", "importlib.resources.files", "resources.files", "files"}
_MOST = 8000  # outlines kept; beyond that the older half goes


@dataclass(frozen=True)
class Piece:
    """A definition, or a module's own statements.

    Attributes
    ----------
    digest : str
        See `modules.digest`.
    uses : Uses
        What it refers to; of names, those that its module or it itself defines or imports.
    imports_by_name, reads_files : bool
        Whether it may import any module of its package, or read any file beside it.
    decorators : frozenset of str
        First parts of the names that its decorators are called by.
    """

    digest: str
    uses: Uses
    imports_by_name: bool = False
    reads_files: bool = False
    decorators: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Outline:
    """One module of a source tree.

    Attributes
    ----------
    definitions : mapping
        Top-level functions and classes by name; one that is defined twice is one piece.
    body : Piece or None
        The other module-level statements; None where there are none.
    imports, stars
        As a `Module` has them.
    assigned : frozenset of str
        Names that module-level statements bind.
    tables : mapping
        Texts that dictionaries of a module with ``__getattr__`` give for a key: the whole value, or its first part.
    """

    name: str
    path: Path | None
    package: str
    definitions: Mapping[str, Piece] = field(default_factory=dict)
    body: Piece | None = None
    imports: Mapping[str, Origin] = field(default_factory=dict)
    stars: tuple[str, ...] = ()
    assigned: frozenset[str] = frozenset()
    tables: Mapping[str, list[str]] = field(default_factory=dict)


def of(module: Module) -> Outline:
    """The outline of a module that has been read."""
    definitions = {name: _piece(nodes, module) for name, nodes in module.definitions.items()}
    body = _piece(module.statements, module) if module.statements else None
    tables = _tables(module.statements) if "__getattr__" in definitions else {}
    stars = tuple(module.stars)
    return Outline(
        module.name, module.path, module.package, definitions, body, module.imports, stars, module.assigned, tables
    )


def read(path: Path, *, name: str) -> Outline:
    """The outline of the module at `path`; of one that is not Python, a single statement."""
    status = path.stat()
    return _read(path, name, status.st_mtime_ns, status.st_size)


def of_source(source: str, *, name: str, path: Path | None = None, package: str = "") -> Outline:
    """The outline of a module's text; cells may use ``await`` outside functions."""
    folder = _folder()
    if folder is None:
        return of(modules.parse(source, name=name, path=path, package=package))
    parts = [_readers(), name, package, source]
    kept = folder / f"{digest_bytes('|'.join(parts).encode('utf-8', 'surrogatepass'))[:40]}.json"
    table = _opened(kept)
    if table is not None:
        return _from_json(table, name, path, package)
    found = of(modules.parse(source, name=name, path=path, package=package))
    _keep(kept, _to_json(found))
    return found


@lru_cache(maxsize=4096)
def _read(path: Path, name: str, _changed: int, _size: int) -> Outline:
    text = path.read_text(encoding="utf-8", errors="replace")
    return of_source(text, name=name, path=path, package=modules.package_of(path, name))


# --- What it looks for ----------------------------------------------------------------------------------------------------


def _piece(nodes: Sequence[ast.stmt], module: Module) -> Piece:
    uses = modules.uses(nodes, package=module.package)
    known = {*module.imports, *module.definitions, *uses.imports}
    names = frozenset(dotted for dotted in uses.names if dotted.partition(".")[0] in known)
    return Piece(
        modules.digest(nodes),
        replace(uses, names=names),
        bool(uses.names & _BY_NAME),
        bool(uses.names & _FILES) or any(dotted.startswith("resources.files") for dotted in uses.names),
        _decorators(nodes, module.package),
    )


def _decorators(nodes: Iterable[ast.stmt], package: str) -> frozenset[str]:
    found: set[str] = set()
    for node in nodes:
        for decorator in getattr(node, "decorator_list", ()):
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            found |= {dotted.partition(".")[0] for dotted in modules.uses([called], package=package).names}
    return frozenset(found)


def _tables(statements: Iterable[ast.stmt]) -> dict[str, list[str]]:
    entries: dict[str, list[str]] = {}
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    first = value.elts[0] if isinstance(value, ast.Tuple | ast.List) and value.elts else value
                    if isinstance(key, ast.Constant) and isinstance(key.value, str) and isinstance(first, ast.Constant):
                        entries.setdefault(key.value, []).append(str(first.value))
    return entries


# --- What is kept ---------------------------------------------------------------------------------------------------------


@cache
def _readers() -> str:
    """What an outline depends on beside the text: this Python's grammar, and the code that reads."""
    texts = [Path(str(one)).read_bytes() for one in (__file__, modules.__file__, syntax.__file__)]
    return digest_bytes(b"".join([repr(sys.version_info[:2]).encode(), *texts]))


@cache
def _folder() -> Path | None:
    folder = user_cache.folder("outlines")
    if folder:
        with suppress(OSError):
            _tidy(folder)
    return folder


def _tidy(folder: Path) -> None:
    with os.scandir(folder) as entries:
        kept = [entry.path for entry in entries]
    if len(kept) > _MOST:
        with suppress(FileNotFoundError):  # another process tidies as well
            for path in sorted(kept, key=lambda path: Path(path).stat().st_mtime)[: len(kept) // 2]:
                Path(path).unlink(missing_ok=True)


def _opened(path: Path) -> dict[str, Any] | None:
    """What is kept at `path`; None where there is nothing, or something that was not written to its end."""
    with suppress(OSError, ValueError, KeyError):
        digest, _, text = path.read_bytes().partition(b"\n")
        if digest_bytes(text).encode() == digest:
            return dict(json.loads(text))
    return None


def _keep(path: Path, table: dict[str, Any]) -> None:
    # Not synced: there are hundreds, and what a crash leaves of one is told from its digest.
    text = json.dumps(table, separators=(",", ":")).encode()
    with suppress(OSError):  # a full disk costs time, and nothing else
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(digest_bytes(text).encode() + b"\n" + text)
        Path(temporary).replace(path)


def _to_json(outline: Outline) -> dict[str, Any]:
    return {
        "definitions": {name: _piece_to_json(piece) for name, piece in outline.definitions.items()},
        "body": outline.body and _piece_to_json(outline.body),
        "imports": outline.imports,
        "stars": outline.stars,
        "assigned": sorted(outline.assigned),
        "tables": outline.tables,
    }


def _piece_to_json(piece: Piece) -> list[Any]:
    uses = piece.uses
    facts = [piece.imports_by_name, piece.reads_files, sorted(piece.decorators)]
    return [piece.digest, sorted(uses.names), uses.imports, sorted(uses.stars), *facts]


def _from_json(table: Mapping[str, Any], name: str, path: Path | None, package: str) -> Outline:
    return Outline(
        name,
        path,
        package,
        {key: _piece_from_json(entry) for key, entry in table["definitions"].items()},
        table["body"] and _piece_from_json(table["body"]),
        _origins(table["imports"]),
        tuple(table["stars"]),
        frozenset(table["assigned"]),
        table["tables"],
    )


def _piece_from_json(entry: list[Any]) -> Piece:
    digest, names, imports, stars, by_name, files, decorators = entry
    return Piece(digest, Uses(frozenset(names), _origins(imports), frozenset(stars)), by_name, files, frozenset(decorators))


def _origins(table: Mapping[str, list[Any]]) -> dict[str, Origin]:
    return {name: (module, attribute) for name, (module, attribute) in table.items()}
