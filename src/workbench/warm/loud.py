"""What was found to be better left to the children of a zygote (see `stack`), noted so that the next need not find out.

To find out takes as long as all imports: a zygote that has met such a library begins anew without it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from workbench.files import write_text
from workbench.warm.order import Plan


def spared(plan: Plan) -> Plan:
    """The plan without what its note lists."""
    known = _noted(plan.note)
    return plan.without([entry for entry in plan.modules if entry in known])


def note(plan: Plan) -> None:
    """Add what the plan leaves out to its note, where it has one."""
    if plan.note:
        with suppress(OSError):  # then the next finds out by itself
            write_text(Path(plan.note), json.dumps(sorted({*_noted(plan.note), *plan.loud})))


def _noted(path: str) -> set[str]:
    """What is noted; nothing where there is no note, or none that can be read."""
    with suppress(OSError, ValueError, TypeError):
        return {str(entry) for entry in json.loads(Path(path).read_bytes())} if path else set()
    return set()
