"""The part of the course's lock that scoring needs: exact files, by hash."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from lifecycle.deploy.packaging.errors import PackageError

SCORING = ("numpy", "onnxruntime")
"""What ``code/score.py`` imports."""
_ON_A_MAC = ("coloredlogs", "humanfriendly", "mpmath", "sympy")  # what the onnxruntime there requires in addition
_PINNED = re.compile(r"^([a-z0-9][a-z0-9.-]*)==([^\s;\\]+)")


def scoring_lock(lock: Path) -> str:
    """The lines of a hash-pinned lock that `SCORING` needs, with what those packages require in their turn.

    Raises
    ------
    PackageError
        When there is no such lock, it pins nothing by hash, or a package is not in it.
    """
    if not lock.is_file():
        raise PackageError(
            "there is no such lock", where=lock.name, remedy="name one that was compiled with hashes: `lock=`"
        )
    blocks = _blocks(lock.read_text(encoding="utf-8"), lock.name)
    for name in SCORING:
        if name not in blocks:
            raise PackageError(f"`{name}` is needed, and the lock does not have it", where=lock.name)
    needed = {name for name in (*_closure(SCORING), *_ON_A_MAC) if name in blocks}
    head = "# What code/score.py needs. Install: pip install --no-deps --require-hashes -r requirements.lock\n"
    return head + "".join(blocks[name] for name in sorted(needed))


def pinned(lock: str) -> dict[str, str]:
    """The versions that a lock pins on Linux, by name."""
    lines = (line for line in lock.splitlines() if "darwin'" not in line or "!= 'darwin'" in line)
    return {found[1]: found[2] for found in map(_PINNED.match, lines) if found}


def _blocks(lock: str, where: str) -> dict[str, str]:
    blocks: dict[str, str] = {}
    for block in re.findall(r"^[^\s#].*(?:\n[ \t]+.*)*\n?", lock, re.MULTILINE):
        name = _PINNED.match(block)
        if name is None or "--hash=sha256:" not in block:
            raise PackageError(f"not pinned by hash: {block[:60].strip()}", where=where)
        blocks[name[1]] = blocks.get(name[1], "") + block
    return blocks


def _closure(names: Iterable[str]) -> set[str]:
    """The packages and all that they require, by what is installed here; one that is not installed requires nothing."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    waiting, found = set(names), set[str]()
    while waiting:
        name = waiting.pop()
        found.add(name)
        try:
            required = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            required = []
        each = (Requirement(text) for text in required)
        without_extras = {str(canonicalize_name(one.name)) for one in each if "extra" not in str(one.marker)}
        waiting |= without_extras - found
    return found
