"""How a submission's process ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from workbench.grading.outcome import Usage

Cause = Literal["finished", "time", "cpu", "memory", "processes", "files", "died", "lost"]


@dataclass(frozen=True)
class Ending:
    """How it ended, as the monitor saw it from outside.

    Attributes
    ----------
    cause : str
        ``finished`` for exit code 0, whoever chose it; ``died`` for another code, a signal, or `Room.kill`; ``lost`` where
        our side failed before it could say; the others name the limit at which it was stopped.
    code : int
        Exit code, or the negative number of a signal.
    """

    cause: Cause
    code: int = 0
    usage: Usage = field(default_factory=Usage)

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, table: Mapping[str, Any]) -> Ending:
        """Read what `to_json` wrote."""
        return cls(table["cause"], table["code"], Usage(**table["usage"]))
