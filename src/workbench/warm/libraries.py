"""What the notebooks of any project import: the libraries that a zygote for them should have."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.warm.identity import site_folders

_TIMED = ("%%time", "%%timeit", "%%capture", "%%prun")  # magics above a cell of Python
_OWN = "workbench"  # the zygote's own package: parts of it are loaded


class NotebookError(WorkbenchError):
    """A file that is not a notebook."""

    exit_code = 2


def of_notebooks(paths: Iterable[Path]) -> list[str]:
    """The installed libraries that notebooks and scripts import; not Python's own, and nothing that is edited in place.

    Parameters
    ----------
    paths : iterable of Path
        Notebooks, Python files, or folders with notebooks.

    Returns
    -------
    list of str
        Entries of an `order.Plan`, sorted.

    Raises
    ------
    NotebookError
        When a file cannot be read as what its name says.
    """
    found: set[str] = set()
    for path in paths:
        for file in _files(path):
            for source in _sources(file):
                found |= set(_imports(source))
    tops = {entry.partition(":")[0].partition(".")[0] for entry in found}
    installed = {top for top in tops if _installed(top)}
    return sorted(entry for entry in found if entry.partition(":")[0].partition(".")[0] in installed)


def unknown(entries: Iterable[str]) -> list[str]:
    """Those entries of a plan whose module cannot be found; the packages above a module are imported to look for it."""
    return [entry for entry in entries if _spec(entry.partition(":")[0]) is None]


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*.ipynb") if ".ipynb_checkpoints" not in file.parts)
    return [path]


def _sources(file: Path) -> Iterator[str]:
    """The pieces of Python in a file."""
    try:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".py":
            yield text
            return
        for cell in json.loads(text)["cells"]:
            if cell["cell_type"] == "code":
                source = "".join(cell["source"])
                first, _, rest = source.partition("\n")
                if first.startswith(_TIMED):
                    yield rest
                elif not first.startswith("%%"):
                    yield source
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise NotebookError(
            f"not a notebook: {error}", where=str(file), remedy="name notebooks, Python files, or folders with notebooks"
        ) from error


def _imports(source: str) -> Iterator[str]:
    """What `source` imports, as entries of a plan; line by line where it is not Python as a whole, as with magics."""
    try:
        trees = [ast.parse(source)]
    except (SyntaxError, ValueError):
        trees = [tree for line in source.splitlines() if (tree := _line(line.strip()))]
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield from (node.module if a.name == "*" else f"{node.module}:{a.name}" for a in node.names)


def _line(line: str) -> ast.Module | None:
    if line.startswith(("import ", "from ")):
        try:
            return ast.parse(line)
        except (SyntaxError, ValueError):
            pass  # its other lines are tried
    return None


def _installed(name: str) -> bool:
    """Whether a top-level module lies where packages are installed."""
    if name in sys.stdlib_module_names or name == _OWN:
        return False
    spec = _spec(name)
    places = [*(spec.submodule_search_locations or ()), spec.origin or ""] if spec else []
    folders = [Path(folder) for folder in site_folders()]
    return any(Path(place).is_relative_to(folder) for place in places if place for folder in folders)


def _spec(name: str) -> ModuleSpec | None:
    with suppress(Exception):  # a package above it may fail in any way
        return find_spec(name)
    return None
