"""What data governance refuses, in one family of errors."""

from __future__ import annotations

from lifecycle.errors import LifecycleError


class GovernanceError(LifecycleError):
    """A rule of data governance that is unknown, contradictory, or would be broken."""


class RefusedError(GovernanceError):
    """A use of data that is not permitted; nothing has been done."""
