"""How much a service takes at once: what has no bound can be used to stop it."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of a request; whatever exceeds one is refused before it costs anything.

    Parameters
    ----------
    body_bytes : int
        Largest body of a request for one score.
    batch_bytes : int
        Largest body of a request for a batch.
    batch_rows : int
        Most rows in a batch. More belong in batch scoring, which can be resumed.
    body_seconds : float
        How long a client may take to send its body. Connections wait side by side: a slow one holds up nobody else.
    problems : int
        Most problems that a refusal lists.
    """

    body_bytes: int = 1 << 16
    batch_bytes: int = 1 << 21
    batch_rows: int = 1000
    body_seconds: float = 10.0
    problems: int = 20

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if not value > 0:
                raise ValueError(f"`{each.name}` must be greater than 0, not {value}")
