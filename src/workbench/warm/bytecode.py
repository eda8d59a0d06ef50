"""Compiled libraries for environments that have none: compiling takes two thirds of the time of importing them."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path


@contextmanager
def kept() -> Iterator[None]:
    """Meanwhile, keep the bytecode of what is imported in a folder of the user's own.

    Only where Python is told to write none (``PYTHONDONTWRITEBYTECODE``) and the libraries came without: elsewhere it lies
    beside them already.
    """
    folder = None if not sys.dont_write_bytecode or sys.pycache_prefix or _beside() else _folder()
    if folder is None:
        yield
        return
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(folder)
    try:
        yield
    finally:
        sys.dont_write_bytecode, sys.pycache_prefix = True, None


def _beside() -> bool:
    spec = find_spec("jupyter_client")  # a library that is always there
    return bool(spec and spec.cached and Path(spec.cached).is_file())


def _folder() -> Path | None:
    """A folder that nobody else can write to, since code is loaded from it; None where there can be none."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "workbench" / "bytecode"
    with suppress(OSError, RuntimeError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
        if status.st_uid == os.getuid() and not stat.S_IMODE(status.st_mode) & 0o022:
            return folder
    return None
