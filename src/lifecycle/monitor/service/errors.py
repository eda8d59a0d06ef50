"""What this room raises."""

from __future__ import annotations

from lifecycle.errors import LifecycleError


class WatchError(LifecycleError):
    """A rule, a measurement or a schedule that cannot be watched as it is given."""
