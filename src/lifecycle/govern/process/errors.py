"""What process governance refuses, in one family of errors."""

from __future__ import annotations

from lifecycle.errors import LifecycleError


class ProcessError(LifecycleError):
    """A step of the process that is unknown, incomplete, or not allowed now."""


class CardError(ProcessError):
    """A model card that cannot be made, or does not hold."""


class GateError(ProcessError):
    """An approval that may not be given: wrong order, role, person, or subject."""
