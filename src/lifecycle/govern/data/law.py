"""What the law counts: dates, thresholds and amounts, from one data file with a date of its own.

The figures are in ``law.toml`` beside this module, and nowhere else, so that a change of law is a change of one line. The
functions here apply them. None of it is legal advice: a function decides what its docstring says, which is less than a law.
"""

from __future__ import annotations

import tomllib
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal

from lifecycle.govern.data.errors import GovernanceError
from lifecycle.govern.data.given import a_day, a_number

__all__ = [
    "Reach",
    "answer_due",
    "ccpa_applies",
    "equal_turnover",
    "gdpr_applies",
    "largest_fine",
    "law",
    "law_as_of",
    "laws",
]


def law(key: str) -> Any:
    """Look up a figure of law.

    Parameters
    ----------
    key : str
        A dotted path, as ``"gdpr.fine.share"`` or ``"four_fifths.ratio"``; ``"gdpr.fine"`` gives the whole table, read-only.

    Raises
    ------
    GovernanceError
        For a path that leads nowhere; says which names there are at the last step that does.

    Examples
    --------
    >>> law("gdpr.fine.share"), law("four_fifths.ratio")
    (0.04, 0.8)
    """
    place: Any = _content()
    for depth, name in enumerate(key.split(".")):
        if not isinstance(place, dict) or name not in place:
            known = ", ".join(sorted(place)) if isinstance(place, dict) else "nothing below it"
            raise GovernanceError(
                f"no entry `{key}`",
                where="law.toml: " + (".".join(key.split(".")[:depth]) or "top"),
                remedy=f"there is: {known}",
            )
        place = place[name]
    return MappingProxyType(place) if isinstance(place, dict) else tuple(place) if isinstance(place, list) else place


def law_as_of() -> date:
    """The day on which the figures were last compared with their sources."""
    day: date = _content()["as_of"]
    return day


def laws() -> list[dict[str, Any]]:
    """One row a rule: ``key``, ``title``, ``region``, ``status``, ``since`` (a date or ``None``), ``reach``, ``source``."""
    columns = ("title", "region", "status", "since", "reach", "source")
    return [
        {"key": key} | {name: entry.get(name) for name in columns}
        for key, entry in _content().items()
        if isinstance(entry, dict)
    ]


def largest_fine(turnover: float, *, rule: str = "gdpr", tier: Literal["fine", "fine_lower"] = "fine") -> float:
    """The largest fine that a law with a fixed amount and a share of turnover allows: whichever is higher.

    Parameters
    ----------
    turnover : float
        Worldwide turnover of the year before, in the law's currency; 0 or more.
    rule : {"gdpr", "ai_act"}
    tier : {"fine", "fine_lower"}
        The upper of the two tiers, or the lower.

    Notes
    -----
    It is a ceiling. What is really imposed depends on gravity, intent, damage and what was done about it.
    """
    a_number(turnover, where="largest_fine: turnover", least=0)
    scale = _with_share(rule, tier)
    return float(max(scale["amount"], scale["share"] * turnover))


def equal_turnover(*, rule: str = "gdpr", tier: Literal["fine", "fine_lower"] = "fine") -> float:
    """The turnover at which the fixed amount and the share of turnover give the same fine."""
    scale = _with_share(rule, tier)
    return float(scale["amount"] / scale["share"])


@dataclass(frozen=True)
class Reach:
    """Whether a law reaches a firm, and every reason for it; no reasons where it does not."""

    applies: bool
    reasons: tuple[str, ...]


def ccpa_applies(
    *,
    revenue: float,
    consumers: int,
    selling_share: float,
    in_california: bool = True,
    for_profit: bool = True,
    version: Literal["today", "original"] = "today",
) -> Reach:
    """Whether California's privacy act reaches a firm, by its thresholds.

    Parameters
    ----------
    revenue : float
        Gross revenue of the year before, USD. The threshold must be *passed*.
    consumers : int
        Californian consumers or households (originally also devices) whose data the firm buys, sells or shares. The
        threshold need only be *reached*.
    selling_share : float
        Share of the revenue from selling or sharing personal data, 0 to 1; to be reached.
    in_california, for_profit : bool
        Whether the firm does business there, and for profit. If not, no threshold matters.
    version : {"today", "original"}
        The thresholds in force on `law_as_of`, or those of 2020.
    """
    if version not in ("today", "original"):
        raise GovernanceError(f"no version `{version}` of the thresholds", remedy="today or original")
    for name, value in (("revenue", revenue), ("consumers", consumers), ("selling_share", selling_share)):
        a_number(value, where=f"ccpa_applies: {name}", least=0)
    if selling_share > 1:
        raise GovernanceError(f"a share of {selling_share}", where="ccpa_applies: selling_share", remedy="from 0 to 1")
    if not (in_california and for_profit):
        return Reach(False, ())
    limit = law(f"ccpa.{version}")
    reasons = []
    if revenue > limit["revenue_over"]:
        reasons.append(f"revenue above ${limit['revenue_over']:,}")
    if consumers >= limit["consumers"]:
        reasons.append(f"{limit['consumers']:,} or more {limit['counted']}")
    if selling_share >= limit["selling_share"]:
        reasons.append(f"{limit['selling_share']:.0%} or more of revenue from {limit['selling']}")
    return Reach(bool(reasons), tuple(reasons))


def gdpr_applies(*, established_in_eu: bool, offers_to_eu: bool, monitors_in_eu: bool) -> Reach:
    """Whether the GDPR reaches a firm (article 3): establishment, or targeting, or monitoring of people in the EU.

    That somebody in the EU can open a page, or did so once, is none of the three. Nor does citizenship count: it is where
    the person is.
    """
    facts = {
        "established in the EU": established_in_eu,
        "offers goods or services to people in the EU": offers_to_eu,
        "monitors behaviour that takes place in the EU": monitors_in_eu,
    }
    reasons = tuple(reason for reason, true in facts.items() if true)
    return Reach(bool(reasons), reasons)


def answer_due(received: date, *, rule: str = "gdpr", extended: bool = False) -> date:
    """The last day for an answer to a person's request.

    Parameters
    ----------
    received : date
        When the request came in. Not counted itself.
    rule : {"gdpr", "ccpa"}
        One calendar month, or 45 calendar days.
    extended : bool
        With the extension that the law allows for reasons given in time: two further months, or 45 further days.

    Notes
    -----
    A month ends on the day of the same number, or on the last of a shorter month. Holidays and weekends are not
    moved: the careful side, since the EU counts on to the next working day.

    Examples
    --------
    >>> str(answer_due(date(2026, 1, 31))), str(answer_due(date(2026, 1, 31), rule="ccpa"))
    ('2026-02-28', '2026-03-17')
    """
    if rule not in ("gdpr", "ccpa"):
        raise GovernanceError(f"no period for an answer is on record for `{rule}`", remedy="gdpr or ccpa")
    a_day(received, where="answer_due")
    period = law(f"{rule}.answer")
    if "days" in period:
        return received + timedelta(days=period["days"] + (period["extension_days"] if extended else 0))
    months = received.month - 1 + period["months"] + (period["extension_months"] if extended else 0)
    year, month = received.year + months // 12, months % 12 + 1
    return date(year, month, min(received.day, monthrange(year, month)[1]))


def _with_share(rule: str, tier: str) -> Any:
    scale = law(f"{rule}.{tier}")
    if "share" not in scale:
        raise GovernanceError(
            f"`{rule}` has no share of turnover", where=f"law.toml: {rule}.{tier}", remedy="gdpr or ai_act"
        )
    return scale


@cache
def _content() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("law.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
