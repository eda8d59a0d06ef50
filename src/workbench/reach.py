"""Which definitions a notebook reaches through its imports, to the level of a function.

A lesson need not be executed again because some other function of the package changed. So imports are followed by name:
``from pkg import f`` leads to the module that defines ``f`` (through re-exports), from there to what ``f`` refers to, and
so on. Where a name cannot be decided (a module handed over as a value, ``from x import *``, ``import_module``), all that
it might mean is reached. Module-level statements of a reached module always count, and so do functions that a decorator
of the course's own may register somewhere. Only code under the given sources is looked at: the rest is the lock's.

Not seen: attributes reached through an object (a method counts with its class), and code made from text.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from workbench import modules, outline
from workbench.files import digest_file
from workbench.modules import Module, Origin
from workbench.outline import Outline, Piece


def of_source(source: str, sources: Sequence[Path]) -> dict[str, str]:
    """What the code in `source` (a master, a check module) reaches below `sources`.

    Returns
    -------
    dict
        Digest by name: ``"pkg.module:function"``, ``"pkg.module:"`` for a module's own statements, ``"pkg/file.json"`` for a
        file beside a module that reads files of its package.
    """
    found = _walked(source, tuple(sources), stamp(sources)).found
    return dict(sorted(found.items()))


def outside(source: str, sources: Sequence[Path]) -> set[Origin]:
    """What the code in `source`, and all that it reaches below `sources`, imports from elsewhere: module and name."""
    return set(_walked(source, tuple(sources), stamp(sources)).outside)


def of_definition(module: Module, name: str, sources: Sequence[Path]) -> dict[str, str]:
    """What one definition of `module` reaches, in the module itself and below `sources`, without its own text."""
    walk = _Walk(_Library(sources))
    walk.definition(outline.of(module), name)
    walk.found.pop(f"{module.name}:{name}", None)
    return dict(sorted(walk.found.items()))


@lru_cache(maxsize=256)
def _walked(source: str, sources: tuple[Path, ...], stamped: str) -> _Walk:
    walk = _Walk(_library(sources, stamped))
    walk.whole(outline.of_source(source, name="__main__"))
    return walk


@lru_cache(maxsize=4)
def _library(sources: tuple[Path, ...], _stamp: str) -> _Library:
    return _Library(sources)


def stamp(sources: Sequence[Path]) -> str:
    """Changes whenever a file below `sources` does."""
    return sha256("\n".join([line for source in sources for line in _lines(str(source))]).encode()).hexdigest()


def _lines(folder: str) -> Iterator[str]:
    """Name, time and size of all files below a folder: hundreds, and asked for often."""
    with suppress(OSError), os.scandir(folder) as entries:  # a folder that is gone already
        for entry in entries:
            try:
                if not entry.is_dir(follow_symlinks=False):
                    status = entry.stat()
                    yield f"{entry.path}:{status.st_mtime_ns}:{status.st_size}"
                elif entry.name != "__pycache__":
                    yield from _lines(entry.path)
            except OSError:  # an editor's, gone already
                continue


class _Library:
    """What lies below the sources, for all walks while nothing there changes."""

    def __init__(self, sources: Sequence[Path]) -> None:
        self._sources = tuple(sources)
        self._modules: dict[str, Outline | None] = {}
        self._folders: dict[Path, list[tuple[Path, Path]]] = {}

    def module(self, name: str) -> Outline | None:
        """The module or package of this name; None where it lies elsewhere."""
        if name not in self._modules:
            path = modules.locate(name, self._sources) if name else None
            if path is None:
                self._modules[name] = None
            elif path.is_dir():
                self._modules[name] = Outline(name, path / "__init__.py", name)
            else:
                self._modules[name] = outline.read(path, name=name)
        return self._modules[name]

    def put(self, module: Outline) -> None:
        """Have `module` stand for its name."""
        self._modules[module.name] = module

    def files(self, folder: Path) -> list[tuple[Path, Path]]:
        """The files below a folder, each with its path in it."""
        if folder not in self._folders:
            found = ((file, file.relative_to(folder)) for file in sorted(folder.rglob("*")) if file.is_file())
            self._folders[folder] = [(file, inside) for file, inside in found if "__pycache__" not in inside.parts]
        return self._folders[folder]


class _Walk:
    def __init__(self, library: _Library) -> None:
        self.found: dict[str, str] = {}
        self.outside: set[Origin] = set()
        self._library = library
        self._module = library.module
        self._done: set[tuple[str, str]] = set()

    def whole(self, module: Outline) -> None:
        """All that `module` defines, runs and offers from elsewhere."""
        if self._seen(module.name, "*"):
            return
        self._body(module)
        for name in module.definitions:
            self._definition(module, name)
        for origin in module.imports.values():
            self._origin(origin, (), opaque=False)
        for star in module.stars:
            self._star(star)

    def definition(self, module: Outline, name: str) -> None:
        """What the definition `name` of `module` refers to, and what importing the module runs."""
        self._library.put(module)
        self._definition(module, name)

    def _seen(self, module: str, name: str) -> bool:
        known = (module, name) in self._done
        self._done.add((module, name))
        return known

    def _body(self, module: Outline) -> None:
        """What importing `module` runs: its statements, and those of the packages it is in."""
        if self._seen(module.name, ""):
            return
        parent = self._module(module.name.rpartition(".")[0])
        if parent:
            self._body(parent)
        if module.body:
            self._piece(module, module.body, "")
        for name, piece in module.definitions.items():
            if self._registers(module, piece):
                self._definition(module, name)

    def _definition(self, module: Outline, name: str) -> None:
        if not self._seen(module.name, name):
            self._body(module)
            self._piece(module, module.definitions[name], name)

    def _piece(self, module: Outline, piece: Piece, name: str) -> None:
        if module.path:
            self.found[f"{module.name}:{name}"] = piece.digest
        uses = piece.uses
        for star in uses.stars:
            self._star(star)
        for origin in uses.imports.values():
            self._origin(origin, (), opaque=False)
        for dotted in uses.names:
            self._name(module, dotted, uses.imports)
        if piece.imports_by_name:
            self._beside(module, code=True)
        if piece.reads_files:
            self._beside(module, code=False)

    def _name(self, module: Outline, dotted: str, local: Mapping[str, Origin]) -> None:
        head, *rest = dotted.split(".")
        origin = local.get(head) or module.imports.get(head)
        if origin:
            self._origin(origin, rest, opaque=True)
        elif head in module.definitions:
            self._definition(module, head)

    def _origin(self, origin: Origin, rest: Sequence[str], *, opaque: bool) -> None:
        """Follow an imported name; `opaque` says that it is used, so that a module as such may be used for anything."""
        module = self._module(origin[0])
        if module is None:
            self.outside.add(origin)
            return
        names = [*([origin[1]] if origin[1] else []), *rest]
        while names:
            self._body(module)
            submodule = self._module(f"{module.name}.{names[0]}")
            if submodule is None or self._offers(module, names[0]):
                self._attribute(module, names[0], names[1:], opaque=opaque)
                return
            module, names = submodule, names[1:]
        self._body(module)
        if opaque:
            self.whole(module)

    def _offers(self, module: Outline, name: str) -> bool:
        own = module.imports.get(name)
        if own == (module.name, name):  # `from . import x` binds the submodule itself
            return False
        return own is not None or name in module.definitions or name in module.assigned

    def _attribute(self, module: Outline, name: str, rest: Sequence[str], *, opaque: bool) -> None:
        if name in module.definitions:
            self._definition(module, name)
        elif name in module.imports:
            if "__getattr__" in module.definitions:
                self.found[f"{module.name}:__getattr__"] = module.definitions["__getattr__"].digest
            if not self._seen(module.name, f"{name}.{'.'.join(rest)}{'!' if opaque else ''}"):
                self._origin(module.imports[name], rest, opaque=opaque)
        elif name in module.assigned or (name.startswith("__") and name.endswith("__")):
            pass  # its statements count already
        elif "__getattr__" in module.definitions:
            self._lazy(module, name, rest, opaque=opaque)
        else:
            self.whole(module)

    def _lazy(self, module: Outline, name: str, rest: Sequence[str], *, opaque: bool) -> None:
        """A name that ``__getattr__`` finds: by a table ``{"name": "module"}`` of the package where there is one."""
        self.found[f"{module.name}:__getattr__"] = module.definitions["__getattr__"].digest
        targets = [target for target in module.tables.get(name, ()) if self._resolved(module, target)]
        if not targets:
            self._definition(module, "__getattr__")
            self._beside(module, code=True)
        for target in targets:
            place = self._resolved(module, target)
            if place and not self._seen(place, f"lazy {name}.{'.'.join(rest)}"):
                self._origin((place, name), rest, opaque=opaque)

    def _resolved(self, module: Outline, target: str) -> str:
        target = target.partition(":")[0]
        for candidate in (f"{module.package}.{target.lstrip('.')}", target):
            if self._module(candidate):
                return candidate
        return ""

    def _star(self, name: str) -> None:
        module = self._module(name)
        if module:
            self.whole(module)

    def _beside(self, module: Outline, *, code: bool) -> None:
        """All modules, or all other files, of the package that `module` is in."""
        if module.path is None or self._seen(module.package, "/code" if code else "/files"):
            return
        for file, inside in self._library.files(module.path.parent):
            if code and file.suffix == ".py":
                parts = inside.with_suffix("").parts
                name = ".".join([module.package, *(part for part in parts if part != "__init__")])
                self._star(name.strip("."))
            elif not code and file.suffix not in (".py", ".pyc", ".pyi"):
                self.found[f"{module.package.replace('.', '/')}/{inside.as_posix()}"] = digest_file(file)

    def _registers(self, module: Outline, piece: Piece) -> bool:
        """Whether a decorator of the course's own may keep the function somewhere, so that it is used without its name."""
        for head in piece.decorators:
            origin = module.imports.get(head)
            if head in module.definitions or head in module.assigned or (origin and self._module(origin[0])):
                return True
        return False
