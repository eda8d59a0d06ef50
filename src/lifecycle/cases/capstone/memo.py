"""What happened, in one page without blame: every figure comes from what was measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from lifecycle.cases.errors import CaseError
from lifecycle.page import page

_SIGNS = 4


@dataclass(frozen=True)
class Memo:
    """Sections of a page, as text (`str`) and as HTML."""

    title: str
    sections: Mapping[str, Sequence[str]]

    def __str__(self) -> str:
        return "\n".join([self.title, *(f"\n{name}\n" + "\n".join(f"- {line}" for line in lines)
                                        for name, lines in self.sections.items())])  # fmt: skip

    @property
    def html(self) -> str:
        """A page that loads nothing."""
        parts = [
            f"<h2>{escape(name)}</h2><ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"
            for name, lines in self.sections.items()
        ]
        return page(self.title, "".join(parts), style="body{max-width:44rem;margin:2rem auto;font-family:sans-serif}")


def incident_memo(
    *,
    service: str,
    kind: str,
    since: int,
    seen: int,
    evidence: Sequence[str],
    lost: float,
    at_stake: float,
    currency: str,
    rolled_back: bool,
    because: str,
    action: str,
    next_steps: Mapping[str, str],
) -> Memo:
    """Write the memo of an incident.

    Parameters
    ----------
    service, kind : str
    since, seen : int
        First day affected, and the day on which it was known; for the kind ``none`` only the last day looked at counts.
    evidence : sequence of str
        What was seen; the first few are quoted.
    lost, at_stake : float
        Money lost until it was known, and what would have been lost unseen.
    rolled_back : bool
    because, action : str
        Why there was a rollback or none, and what was done first.
    next_steps : mapping of str to str
        What will be done so that it is seen earlier, or cannot happen: the step, and who answers for it.

    Raises
    ------
    CaseError
        Where nobody answers for a next step, nothing is to follow, there is no evidence of an incident, money is not finite,
        or the days go backwards.
    """
    if not next_steps or not all(step.strip() and who.strip() for step, who in next_steps.items()):
        raise CaseError("each next step needs somebody who answers for it, and there has to be one", where="capstone: memo")
    if not (math.isfinite(lost) and math.isfinite(at_stake)):
        raise CaseError("money that is not a number", where="capstone: memo", remedy="say 0 where nothing was lost")
    nothing = kind == "none"
    if not evidence and not nothing:
        raise CaseError("a diagnosis without evidence is an opinion", where="capstone: memo", remedy="quote what was seen")
    if not nothing and not 0 <= since <= seen:
        raise CaseError(f"seen on day {seen}, and it began on day {since}", where="capstone: memo")
    days = seen - since + 1
    saved = f", of {at_stake:,.0f} that were at stake" if at_stake > 0 else ""
    happened = f"{kind.replace('_', ' ')}, from day {since} on; known on day {seen}, its day number {days}."
    sections = {
        "What happened": [f"Nothing was found up to day {seen}." if nothing else happened],
        "How we know": list(evidence[:_SIGNS]) or ["No sign was strong enough."],
        "What it cost": [f"{lost:,.0f} {currency} until {'then' if nothing else 'it was known'}{saved}."],
        "What we did": [f"{'Rolled back' if rolled_back else 'No rollback'}: {because}.", f"First: {action}."],
        "What follows": [f"{step} ({who})" for step, who in next_steps.items()],
    }
    return Memo(f"{'No incident' if nothing else 'Incident'} of {service}", sections)
