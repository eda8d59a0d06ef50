"""The user's cache folder: what lies there can be made again, and is read only where nobody else can have written it."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


def place() -> Path:
    """Where it is, whether or not it is there.

    Raises
    ------
    RuntimeError
        When the user has no home.
    """
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "workbench"


def folder(name: str) -> Path | None:
    """A folder in it that nobody else can write to, made where it is not there; None where there can be none."""
    with suppress(OSError, RuntimeError):
        own = place() / name
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = own.stat()
        if not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not stat.S_IMODE(status.st_mode) & 0o022):
            return own
    return None
