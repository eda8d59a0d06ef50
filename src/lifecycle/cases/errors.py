"""What the stage raises."""

from __future__ import annotations

from lifecycle.errors import LifecycleError


class CaseError(LifecycleError):
    """Something that a case study cannot do with what it was given.

    `where` begins with the room, as ``hybrid: shares``; for what is wrong with a tenant's export it is the tenant's name.
    """
