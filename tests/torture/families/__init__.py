"""The torture set, a module a family; `CASES` of each."""

from __future__ import annotations

from torture.case import Case
from torture.families import (
    conversations,
    exits,
    forging,
    memory,
    network,
    notebooks,
    output,
    privileges,
    processes,
    reading,
    time,
    values,
    writing,
)

MODULES = (
    time,
    memory,
    processes,
    output,
    network,
    reading,
    writing,
    privileges,
    forging,
    conversations,
    exits,
    values,
    notebooks,
)
CASES: dict[str, Case] = {}
for _module in MODULES:
    for _case in _module.CASES:
        if _case.name in CASES:
            raise ValueError(f"two cases are called {_case.name}")
        CASES[_case.name] = _case
