"""Forkers that benches share: to import the libraries takes seconds, so one process does it for all that need the same.

A forker belongs to those who hold it. One that is retired is given to nobody any more, and ends with its last holder: what
runs in it meanwhile runs to its end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from workbench.grading.sandbox.forker import Forker

Sort = tuple[str, ...]


@dataclass
class Shared:
    """A forker, and how many hold it."""

    sort: Sort
    forker: Forker
    holders: int = 0


class Stock:
    """The forkers of this process, by what they have loaded."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._current: dict[Sort, Shared] = {}

    def hold(self, sort: Sort, make: Callable[[], Forker]) -> Shared:
        """The forker of a sort; `make` makes one where there is none that is alive.

        Raises
        ------
        SandboxFault, GradingError
            What `make` raises.
        """
        with self._lock:
            shared = self._current.get(sort)
            if shared is None or not shared.forker.alive():
                shared = self._current[sort] = Shared(sort, make())
            shared.holders += 1
            return shared

    def let_go(self, shared: Shared, *, retire: bool = False) -> None:
        """Hold it no longer; `retire` it where nobody is to be given it any more."""
        with self._lock:
            shared.holders -= 1
            last = shared.holders == 0
            if (retire or last) and self._current.get(shared.sort) is shared:
                del self._current[shared.sort]
        if last:
            shared.forker.close()
