"""What goes wrong between one format and another."""

from __future__ import annotations

from lifecycle.errors import LifecycleError


class FormatError(LifecycleError):
    """A model that a format cannot hold, a document that is not of its format, or a runtime that is missing."""
