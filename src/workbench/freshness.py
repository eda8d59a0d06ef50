"""Whether what is built is what the masters would give, found out without executing anything."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench import files, targets
from workbench.course import Course
from workbench.errors import WorkbenchError
from workbench.targets import Target

_WORDS = {
    "version": "the way of telling",
    "master": "the master",
    "parameters": "the parameters",
    "inputs": "an artefact that it reads",
    "code": "code that it uses",
    "questions": "its checks or quiz",
    "data": "its data",
    "lock": "the lock",
}


@dataclass(frozen=True)
class Fault:
    """One built file that is not as it should be.

    Attributes
    ----------
    kind : str
        ``missing``, ``stale`` (the master or something it depends on has changed), ``edited`` (changed by hand),
        ``differs`` (an artefact or key that is not the one recorded), ``orphan`` (nothing builds it any more),
        ``unlisted`` (a master that is not in the catalogue) or ``broken`` (unusable master).
    file, master : str
        The file and what it is built from (empty for an orphan without one), relative to the course.
    detail : str
        More about it, in words.
    """

    kind: str
    file: str
    master: str
    detail: str = ""

    def __str__(self) -> str:
        source = f" (master: {self.master})" if self.master and self.master != self.file else ""
        return f"{self.kind}: {self.file}{source}" + (f": {self.detail}" if self.detail else "")

    def to_json(self) -> dict[str, str]:
        """The fault as plain data."""
        return asdict(self)


def faults(target: Target) -> list[Fault]:
    """What is wrong with the files built from `target`; empty when they are fresh."""
    course = target.course
    origin = course.relative(target.master)
    try:
        expected, fingerprint = targets.skeletons(target), targets.fingerprint(target)
    except WorkbenchError as error:
        return [Fault("broken", origin, origin, str(error).removeprefix(f"{origin}: "))]
    found = []
    for path, skeleton in expected.items():
        for kind, why in _notebook(path, skeleton, fingerprint, target):
            found.append(Fault(kind, course.relative(path), origin, why))
    recorded = _recorded(_load(target.executed))
    digests = {path: recorded.get("artifacts", {}).get(name) for name, path in target.artifacts.items()}
    for name, key in (("key", target.key), ("hidden_key", target.hidden_key)):
        if key:
            digests[key] = recorded.get(name)
    for path, digest in digests.items():
        if not path.is_file():
            found.append(Fault("missing", course.relative(path), origin))
        elif recorded and files.digest_file(path) != digest:  # without a record, the notebook's own fault is named above
            found.append(Fault("differs", course.relative(path), origin, "it is not the one that the notebook records"))
    return found


def strays(course: Course, wanted: Iterable[Target]) -> list[Fault]:
    """Built files whose master is gone, and masters that the catalogue does not list; `wanted` are all targets there are."""
    wanted = list(wanted)
    built = {
        path for target in wanted for path in (*target.notebooks, target.key, target.hidden_key, *target.artifacts.values())
    }
    masters = {target.master for target in wanted}
    found = []
    for path in _built_files(course):
        if path not in built:
            origin = str(_recorded(_load(path)).get("master", "")) if path.suffix == ".ipynb" else ""
            found.append(Fault("orphan", course.relative(path), origin, "nothing builds it any more"))
    for folder in (course.lessons, course.exercises):
        for path in sorted(folder.glob("*.py")):
            if path not in masters:
                place = course.relative(path)
                found.append(Fault("unlisted", place, place, f"{course.catalog.name} has no entry for it"))
    return found


def is_ours(path: Path) -> bool:
    """Whether the engine built this file, so that it may also remove it."""
    return path.suffix != ".ipynb" or "master" in _recorded(_load(path))


def _built_files(course: Course) -> Iterator[Path]:
    for folder in dict.fromkeys((course.notebooks, course.exercise_notebooks, course.solutions)):
        yield from sorted(folder.glob("*.ipynb"))
    for folder in dict.fromkeys((course.keys, course.hidden_keys)):
        yield from sorted(path for path in folder.glob("*.json") if "-" not in path.stem)  # those are of other parameters
    yield from sorted(path for path in course.artifacts.glob("[0-9][0-9]/*") if path.is_file())


def _notebook(path: Path, skeleton: Any, fingerprint: str, target: Target) -> Iterator[tuple[str, str]]:
    built = _load(path)
    if built is None:
        yield ("edited", "it is not a notebook any more") if path.exists() else ("missing", "")
        return
    recorded, source = _recorded(built), targets.source_digest(built)
    if not recorded:
        yield "edited", "it does not say what it was built from"
    elif source != recorded.get("source"):
        yield "edited", _first_difference(built, skeleton)
    elif fingerprint != recorded.get("fingerprint") or source != targets.source_digest(skeleton):
        yield "stale", _what_changed(target, recorded)


def _what_changed(target: Target, recorded: Mapping[str, Any]) -> str:
    before = recorded.get("depends", {})
    changed = [_WORDS.get(kind, kind) for kind, digest in targets.depends(target).items() if before.get(kind) != digest]
    return f"{' and '.join(changed) or 'the form of built notebooks'} changed"


def _first_difference(built: Mapping[str, Any], skeleton: Any) -> str:
    expected = {cell["id"]: targets.described(cell) for cell in skeleton["cells"]}
    for cell in built["cells"]:
        if expected.get(cell.get("id", "")) != targets.described(cell):
            return f"cell {cell.get('id', '')!r} is not what the master gives"
    return "cells were removed"


def _load(path: Path) -> dict[str, Any] | None:
    try:
        notebook = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    sound = isinstance(notebook, dict) and isinstance(notebook.get("cells"), list)
    return (
        notebook if sound and all({"cell_type", "source", "metadata"} <= set(cell) for cell in notebook["cells"]) else None
    )


def _recorded(notebook: Mapping[str, Any] | None) -> dict[str, Any]:
    recorded = (notebook or {}).get("metadata", {}).get("workbench", {})
    return recorded if isinstance(recorded, dict) else {}
