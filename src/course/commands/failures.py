"""Errors of `lifecycle` at the command line: printed like the engine's, without a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lifecycle.errors import LifecycleError
from workbench.errors import WorkbenchError


class RequestError(WorkbenchError):
    """The request cannot be carried out with the data or the files that were named."""

    exit_code = 2


@contextmanager
def reported() -> Iterator[None]:
    """Turn what `lifecycle` raises in the block into an error that the command line prints; exit code 2."""
    try:
        yield
    except LifecycleError as error:
        raise RequestError(error.what, where=error.where, tried=error.tried, remedy=error.remedy) from error


@contextmanager
def written(folder: Path) -> Iterator[None]:
    """Turn what the system refuses while files are written to `folder` into an error like the others; exit code 2."""
    try:
        yield
    except OSError as error:
        raise RequestError(
            f"cannot be written: {error.strerror}", where=str(folder), remedy="name another folder with --out"
        ) from error
