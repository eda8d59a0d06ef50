"""Python modules as text: what each defines and imports, found without importing anything."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

from workbench import syntax
from workbench.files import digest_bytes

Origin = tuple[str, str | None]  # where an imported name comes from: module and attribute, None for the module itself
_DEFINITIONS_KEPT = 1 << 14  # a definition is reached from many lessons, and its nodes are those that `read` keeps
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)


@dataclass(frozen=True)
class Uses:
    """What a piece of code refers to: dotted names (``x.f``), and the imports made inside it."""

    names: frozenset[str]
    imports: dict[str, Origin]
    stars: frozenset[str]


@dataclass
class Module:
    """One module of a source tree.

    Attributes
    ----------
    definitions : dict
        Top-level functions and classes by name, all of them where a name is defined twice.
    imports : dict
        Names that module-level imports bind, also those under an ``if`` or ``try``.
    stars : list of str
        Modules imported with ``*``.
    statements : list
        The other module-level statements, without the docstring, ``__all__`` and what only a type checker runs.
    """

    name: str
    path: Path | None
    package: str
    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, Origin] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    statements: list[ast.stmt] = field(default_factory=list)

    @cached_property
    def assigned(self) -> frozenset[str]:
        """Names that module-level statements bind."""
        return frozenset(
            node.id
            for statement in self.statements
            for node in ast.walk(statement)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        )


def read(path: Path, *, name: str) -> Module:
    """Read the module at `path`; one that is not Python has a single statement, its text."""
    status = path.stat()
    return _read(path, name, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4096)
def _read(path: Path, name: str, _changed: int, _size: int) -> Module:
    return parse(path.read_text(encoding="utf-8", errors="replace"), name=name, path=path, package=package_of(path, name))


def package_of(path: Path, name: str) -> str:
    """The package that the module `name` at `path` is in, or is."""
    return name if path.name == "__init__.py" else name.rpartition(".")[0]


def parse(source: str, *, name: str, path: Path | None = None, package: str = "") -> Module:
    """Read a module from its `source`; cells may use ``await`` outside functions."""
    module = Module(name, path, package)
    try:
        tree = syntax.tree(source, name=name, awaits=True)
    except (SyntaxError, ValueError):
        module.statements.append(ast.Expr(ast.Constant(source)))
        return module
    body = tree.body[1:] if ast.get_docstring(tree, clean=False) is not None else tree.body
    for statement in body:
        if isinstance(statement, _DEFINITIONS):
            module.definitions.setdefault(statement.name, []).append(statement)
        elif isinstance(statement, _IMPORTS) or _for_types_only(statement):
            pass
        elif not _declares_exports(statement):
            module.statements.append(statement)
    for node in _module_level(body):
        bound, star = imported(node, package=package)
        module.imports.update(bound)
        module.stars.extend(star)
    return module


def locate(name: str, sources: Sequence[Path]) -> Path | None:
    """The file of module `name` below one of the `sources`; a package's folder where it has no ``__init__.py``."""
    parts = name.split(".")
    for source in sources:
        folder = source.joinpath(*parts)
        for file in (folder / "__init__.py", folder.with_name(folder.name + ".py")):
            if file.is_file():
                return file
        if folder.is_dir() and any(folder.glob("*.py")):
            return folder
    return None


def imported(node: ast.AST, *, package: str) -> tuple[dict[str, Origin], list[str]]:
    """The names that an import statement binds, and the modules it imports with ``*``."""
    if isinstance(node, ast.Import):
        # `import a.b` binds `a`; `import a.b as x` binds `a.b`.
        return {a.asname or a.name.partition(".")[0]: (a.name if a.asname else a.name.partition(".")[0], None)
                for a in node.names}, []  # fmt: skip
    if not isinstance(node, ast.ImportFrom):
        return {}, []
    source = node.module or ""
    if node.level:
        parts = package.split(".")
        source = ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])
    if node.names[0].name == "*":
        return {}, [source]
    return {a.asname or a.name: (source, a.name) for a in node.names}, []


def uses(nodes: Iterable[ast.AST], *, package: str) -> Uses:
    """What `nodes` refer to, their own imports included."""
    return _uses(tuple(nodes), package)


@lru_cache(maxsize=_DEFINITIONS_KEPT)
def _uses(nodes: tuple[ast.AST, ...], package: str) -> Uses:
    names: set[str] = set()
    bound: dict[str, Origin] = {}
    stars: set[str] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        dotted = _dotted(node)
        if dotted:
            names.add(dotted)
            continue
        if isinstance(node, _IMPORTS):
            found, star = imported(node, package=package)
            bound.update(found)
            stars.update(star)
        waiting.extend(ast.iter_child_nodes(node))
    return Uses(frozenset(names), bound, frozenset(stars))


def digest(nodes: Iterable[ast.AST]) -> str:
    """SHA-256 of what `nodes` say: not of their place, comments or layout, and the same on every Python."""
    return _digest(tuple(nodes))


@lru_cache(maxsize=_DEFINITIONS_KEPT)
def _digest(nodes: tuple[ast.AST, ...]) -> str:
    return digest_bytes("\n".join(_text(node) for node in nodes).encode("utf-8", "surrogatepass"))


def _text(value: object) -> str:
    # Not ast.dump, whose text differs from one Python to the next.
    if isinstance(value, ast.JoinedStr):  # of which 3.12 keeps the empty pieces and others do not
        pieces = [piece for piece in value.values if not (isinstance(piece, ast.Constant) and piece.value == "")]
        return f"JoinedStr(values={_text(pieces)})" if pieces else "JoinedStr()"
    if isinstance(value, ast.AST):
        fields = (
            f"{name}={_text(inner)}"
            for name, inner in ast.iter_fields(value)
            if inner is not None and inner != [] and name not in ("ctx", "kind", "type_comment")
        )
        return f"{type(value).__name__}({','.join(fields)})"
    if isinstance(value, list):
        return f"[{','.join(map(_text, value))}]"
    return repr(value)


def _dotted(node: ast.AST) -> str:
    """``a.b.c`` for such an expression, otherwise the empty string."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _module_level(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for node in body:
        yield node
        if not isinstance(node, _DEFINITIONS):
            yield from _module_level(ast.iter_child_nodes(node))


def _for_types_only(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and _dotted(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def _declares_exports(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and [_dotted(target) for target in node.targets] == ["__all__"]
