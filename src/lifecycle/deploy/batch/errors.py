"""What a batch job raises."""

from __future__ import annotations

from lifecycle.errors import LifecycleError


class BatchError(LifecycleError):
    """A batch job that cannot start, cannot go on, or must not be published."""
