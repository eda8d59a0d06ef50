"""May this data be used for this purpose? The questions a data set must answer before anyone opens it.

Three groups of questions decide: privacy (is it personal, is there a lawful basis, do sector rules apply, how long may it be
kept), access (does it cross a border, under what safeguards) and lineage (do we know where it came from).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["proceed", "ask", "stop"]


@dataclass(frozen=True)
class DataSource:
    """What is known about a data set before it is used.

    Attributes
    ----------
    name : str
        How people call it.
    personal : bool
        Whether rows describe identifiable people.
    consent : bool or None
        Whether consent, or another lawful basis, covers *this* purpose; ``None`` when nobody knows.
    crosses_border : bool
        Whether using it moves rows to another jurisdiction.
    safeguards : bool
        Whether a transfer agreement or an adequacy decision covers that move.
    sector_rules : tuple of str
        Rules of the sector that apply, such as ``("PCI-DSS",)`` or ``("HIPAA",)``.
    sector_approval : bool
        Whether the owner of those rules has approved this use.
    age_days, retention_days : int or None
        Age of the oldest row, and the longest it may be kept; ``None`` when there is no limit or it is not known.
    lineage : bool
        Whether source and transformations are documented.
    """

    name: str
    personal: bool = True
    consent: bool | None = None
    crosses_border: bool = False
    safeguards: bool = False
    sector_rules: tuple[str, ...] = ()
    sector_approval: bool = False
    age_days: int | None = None
    retention_days: int | None = None
    lineage: bool = True


@dataclass(frozen=True)
class Decision:
    """The gate's answer: ``proceed``, ``ask`` (somebody can permit it) or ``stop`` (nobody may), and every reason for it."""

    verdict: Verdict
    reasons: tuple[str, ...]


def _kept_too_long(source: DataSource) -> bool:
    return source.age_days is not None and source.retention_days is not None and source.age_days > source.retention_days


_RULES: tuple[tuple[Verdict, str, Callable[[DataSource], bool]], ...] = (
    ("stop", "personal data, and the people said no", lambda s: s.personal and s.consent is False),
    ("stop", "older than its retention period: it should have been deleted", _kept_too_long),
    ("ask", "personal data, and no lawful basis is on record", lambda s: s.personal and s.consent is None),
    ("ask", "crosses a border without safeguards", lambda s: s.personal and s.crosses_border and not s.safeguards),
    ("ask", "sector rules apply and nobody has approved this use", lambda s: bool(s.sector_rules) and not s.sector_approval),
    ("ask", "source or transformations are not documented", lambda s: not s.lineage),
)


def compliance_gate(source: DataSource) -> Decision:
    """Decide whether `source` may be used.

    Every rule that applies contributes its reason; the strictest one gives the verdict, so no good answer outweighs a
    refusal. The gate records a decision that people have taken; it does not replace a lawyer.

    Returns
    -------
    Decision
        ``proceed`` has no reasons.
    """
    hits = [(verdict, reason) for verdict, reason, applies in _RULES if applies(source)]
    verdicts = {verdict for verdict, _ in hits}
    verdict: Verdict = "stop" if "stop" in verdicts else "ask" if "ask" in verdicts else "proceed"
    return Decision(verdict, tuple(reason for _, reason in hits))
