"""The files that code reaches, and whether one of them has changed: what is known of the code holds until then.

To find out which they are takes a while, and to ask whether they are as they were, a few microseconds each. So a long run
notices what is edited meanwhile, in a check as in any module that it imports from the course.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from workbench import modules, reach

Stamp = tuple[tuple[str, int, int], ...]
"""For each file its path, time of change and size; two zeros for one that is not there."""

_known: dict[tuple[str, tuple[Path, ...]], Stamp] = {}


def stamp(path: Path, sources: Sequence[Path]) -> Stamp:
    """Of the file at `path`, and of all files below `sources` that the code in it reaches.

    Not noticed: a file that is new, as long as none of those that are known has changed.
    """
    place = str(path), tuple(sources)
    known: Stamp | None = _known.get(place)
    while known is None or not holds(known):
        names = _names(path, sources)
        known = tuple((name, *_facts(name)) for name in names)
        if _names(path, sources) != names:  # edited between the two
            known = None
    _known[place] = known
    return known


def holds(stamp: Stamp) -> bool:
    """Whether all files are as they were."""
    return all(_facts(name) == (changed, size) for name, changed, size in stamp)


def _names(path: Path, sources: Sequence[Path]) -> list[str]:
    found = {str(path)}
    with suppress(OSError):  # nothing can be reached from what cannot be read
        for name in reach.of_source(path.read_text(encoding="utf-8", errors="replace"), sources):
            module, colon, _ = name.partition(":")
            if colon:
                place = modules.locate(module, sources)
                found |= {str(place)} if place else set()
            else:
                found |= {str(source / name) for source in sources}
    return sorted(found)


def _facts(name: str) -> tuple[int, int]:
    try:
        status = os.stat(name)  # noqa: PTH116 - asked for at every question
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
