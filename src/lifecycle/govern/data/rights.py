"""The rights of people over their data, and the function that serves each: a right without one is a promise."""

from __future__ import annotations

from dataclasses import dataclass

from lifecycle.govern.data.errors import GovernanceError

__all__ = ["RIGHTS", "Right", "rights"]


@dataclass(frozen=True)
class Right:
    """One right.

    Attributes
    ----------
    law : {"gdpr", "ccpa"}
    name, source, meaning : str
        `source` is the article or section.
    served_by : str
        Public name in ``lifecycle.govern``, with the method after a dot.
    """

    law: str
    name: str
    source: str
    meaning: str
    served_by: str


RIGHTS = (
    Right("gdpr", "be informed", "articles 13, 14", "what, what for, how long, to whom", "Register.notice"),
    Right("gdpr", "access", "article 15", "a copy of everything held, with purpose and origin", "subject_access"),
    Right("gdpr", "rectify", "article 16", "what is wrong is corrected", "rectify"),
    Right("gdpr", "erase", "article 17", "forgotten, where no duty to keep it is left", "erase"),
    Right("gdpr", "restrict", "article 18", "kept, but not used", "ConsentLedger.record"),
    Right("gdpr", "portability", "article 20", "what I gave you, in a form that others can read", "portable_copy"),
    Right("gdpr", "object", "article 21", "not for a legitimate interest, never for advertising", "ConsentLedger.record"),
    Right("gdpr", "not solely automated decisions", "article 22", "a person decides what is grave", "solely_automated"),
    Right("ccpa", "know", "1798.100, 110, 115", "what is collected, from where, sold to whom", "subject_access"),
    Right("ccpa", "delete", "1798.105", "what was collected from me, at the service providers too", "erase"),
    Right("ccpa", "correct", "1798.106 (since 2023)", "what is wrong is corrected", "rectify"),
    Right("ccpa", "opt out of sale", "1798.120", "not sold, and since 2023 not shared", "ConsentLedger.record"),
    Right("ccpa", "limit", "1798.121 (since 2023)", "sensitive data only for what was asked for", "ConsentLedger.record"),
    Right("ccpa", "no retaliation", "1798.125", "no worse price or service for having asked", "compare_treatment"),
)
"""All of them, the GDPR's first."""


def rights(law: str = "") -> list[dict[str, str]]:
    """The rights as rows of a table: ``law``, ``right``, ``source``, ``meaning``, ``served by``.

    Parameters
    ----------
    law : str
        ``"gdpr"``, ``"ccpa"``, or empty for both.
    """
    if law not in ("", "gdpr", "ccpa"):
        raise GovernanceError(f"no rights are on record for `{law}`", where="rights", remedy="gdpr or ccpa")
    return [
        {
            "law": each.law.upper(),
            "right": each.name,
            "source": each.source,
            "meaning": each.meaning,
            "served by": each.served_by,
        }
        for each in RIGHTS
        if law in ("", each.law)
    ]
