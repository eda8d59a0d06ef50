"""What one submission may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Limits:
    """Bounds on one submission: the process that runs it and all that it starts.

    Attributes
    ----------
    wall, cpu : float
        Seconds, by the clock and of processor time.
    memory : int
        Bytes of the tree, files in the scratch folder included. A process can reserve 2 GB more, and not use them.
    processes : int
        Processes and threads at once.
    file, scratch : int
        Bytes of one file, and of all in the scratch folder.
    files : int
        Open descriptors a process.
    output : int
        Bytes that are read from the channel; who reads counts them.
    """

    wall: float = 120.0
    cpu: float = 60.0
    memory: int = 2 << 30
    processes: int = 64
    file: int = 64 << 20
    scratch: int = 256 << 20
    files: int = 256
    output: int = 4 << 20

    @classmethod
    def given(cls, *, seconds: float | None = None, memory_mb: int | None = None) -> Limits:
        """The usual bounds, with others for time and memory where a person names them.

        Parameters
        ----------
        seconds : float, optional
            By the clock, and of processor time as well.
        memory_mb : int, optional
            Mebibytes of memory.
        """
        found = cls() if seconds is None else cls(wall=seconds, cpu=seconds)
        return found if memory_mb is None else replace(found, memory=memory_mb << 20)

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, table: Mapping[str, Any]) -> Limits:
        """Read what `to_json` wrote."""
        return cls(**table)
