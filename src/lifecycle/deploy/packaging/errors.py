"""What goes wrong with a package."""

from __future__ import annotations

from lifecycle.errors import LifecycleError


class PackageError(LifecycleError):
    """A package that is not whole, or rows that do not fit its model."""


class FeatureOrderError(PackageError):
    """Rows that have every column of the model, in another order."""
