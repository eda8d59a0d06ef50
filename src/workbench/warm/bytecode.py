"""Compiled libraries for environments that have none: compiling takes two thirds of the time of importing them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from workbench import user_cache


@contextmanager
def kept() -> Iterator[None]:
    """Meanwhile, keep the bytecode of what is imported in a folder of the user's own.

    Only where Python is told to write none (``PYTHONDONTWRITEBYTECODE``) and the libraries came without: elsewhere it lies
    beside them already.
    """
    folder = None if not sys.dont_write_bytecode or sys.pycache_prefix or _beside() else user_cache.folder("bytecode")
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
