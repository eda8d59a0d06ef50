"""What was found to be better left to the children of a zygote (see `stack`), noted so that the next need not find out.

To find out takes as long as all imports: a zygote that has met such a library begins anew without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from workbench.files import write_json
from workbench.warm.folder import noted
from workbench.warm.order import Plan

_SURE = 2  # times, after which it is taken to be so: some speak once only, matplotlib when it makes its list of fonts


def spared(plan: Plan) -> Plan:
    """The plan without what its note is sure of."""
    times = _times(plan.note)
    return plan.without([entry for entry in plan.modules if times.get(entry, 0) >= _SURE])


def note(plan: Plan, found: Sequence[str]) -> None:
    """Note, where the plan has one, what was `found` to be loud once more."""
    if plan.note:
        times = _times(plan.note)
        with suppress(OSError):  # then the next finds out by itself
            write_json(Path(plan.note), times | {entry: times.get(entry, 0) + 1 for entry in found})


def _times(path: str) -> dict[str, int]:
    """How often each entry was found loud; nothing where there is no note, or none that can be read."""
    found = noted(Path(path)) if path else {}
    return {entry: times for entry, times in found.items() if isinstance(times, int)}
