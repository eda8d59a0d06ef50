"""``from workbench.notebooks import nbformat``: nbformat, imported in a tenth of the time.

nbformat imports jsonschema, and that a parser of internationalised addresses which builds its grammar as it is imported: 1.8
of 2 seconds, for a format that no notebook's schema has. It is imported as if that parser were not installed; who wants it
later still gets it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["nbformat"]

_PARSER = "rfc3987_syntax"


@contextmanager
def _without(module: str) -> Iterator[None]:
    """Have the import of a module that is not there yet fail, as jsonschema expects where it is not installed."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]  # what an import takes for "not found"
    try:
        yield
    finally:
        del sys.modules[module]


with _without(_PARSER):
    import nbformat
