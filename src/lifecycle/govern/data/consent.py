"""Who agreed to what, since when: a ledger of choices that is only ever added to.

Consent is given for a *purpose*, and can be taken back as easily. It is also only one of six lawful bases. What a choice
means depends on the basis: where a contract needs the data, nobody asks for consent; against a legitimate interest one
can object.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from lifecycle.govern.data.errors import GovernanceError
from lifecycle.govern.data.given import a_day, identity, the_person
from lifecycle.govern.data.law import law

__all__ = ["EVERYTHING", "Choice", "ConsentLedger"]

Kind = Literal["granted", "withdrawn", "objected", "restricted", "released"]
EVERYTHING = "*"
"""The purpose of a choice that concerns all purposes, as a restriction does."""


@dataclass(frozen=True)
class Choice:
    """One choice: who, for which purpose, what, on which day.

    ``granted`` and ``withdrawn`` concern consent, ``objected`` a legitimate interest (until ``granted`` takes it back);
    ``restricted`` freezes a person's rows until ``released``: they are kept and not used. The subject is told from others
    by value: ``17``, ``"17"`` and ``17.0`` are one.
    """

    subject: object
    purpose: str
    kind: Kind
    on: date
    note: str = ""


class ConsentLedger:
    """Choices in the order in which they came in. Nothing is changed or taken out: what held last year can still be told.

    Parameters
    ----------
    choices : iterable of Choice, optional
    """

    def __init__(self, choices: Iterable[Choice] = ()) -> None:
        self._choices: list[Choice] = []
        self._of: dict[str, list[Choice]] = {}
        for choice in choices:
            self.add(choice)

    def __len__(self) -> int:
        return len(self._choices)

    def record(self, subject: object, purpose: str, kind: Kind, *, on: date, note: str = "") -> Choice:
        """Write down a choice.

        Raises
        ------
        GovernanceError
            For an unknown kind, a choice of nobody, on no day, or without a purpose; all but a restriction and its end are
            for one purpose each.
        """
        choice = Choice(subject, purpose, kind, on, note)
        self.add(choice)
        return choice

    def add(self, choice: Choice) -> None:
        """Write down a choice; see `record`."""
        where = f"choice of {choice.subject} on {choice.on}"
        if choice.kind not in get_args(Kind):
            raise GovernanceError(f"no choice `{choice.kind}`", where=where, remedy=", ".join(get_args(Kind)))
        blanket = choice.kind in ("restricted", "released")
        if not choice.purpose or (choice.purpose == EVERYTHING and not blanket):
            raise GovernanceError(
                f"`{choice.kind}` without a purpose",
                where=where,
                remedy="name one purpose; consent to everything is consent to nothing",
            )
        a_day(choice.on, where=where)
        person = the_person(choice.subject, where=where)
        self._choices.append(choice)
        self._of.setdefault(person, []).append(choice)

    def choices(self, subject: object | None = None) -> tuple[Choice, ...]:
        """All choices, or those of one person, as they came in."""
        return tuple(self._choices if subject is None else self._of.get(the_person(subject, where="choices"), ()))

    def allows(self, subject: object, *, purpose: str, basis: str, on: date, exception: str = "") -> bool:
        """Whether rows of `subject` may be used for `purpose` on that day; see `refusal`."""
        return self.refusal(subject, purpose=purpose, basis=basis, on=on, exception=exception) == ""

    def refusal(self, subject: object, *, purpose: str, basis: str, on: date, exception: str = "") -> str:
        """Say why rows of `subject` may not be used for `purpose` on that day.

        Parameters
        ----------
        subject : object
        purpose, basis : str
            The basis is one of the six of ``law("gdpr.bases")``.
        on : date
            Later choices do not count; two choices of one day count in the order in which they came in.
        exception : str, optional
            One of ``law("gdpr.restriction.exceptions")`` (article 18(2)), for which restricted rows may be used all the
            same. So may they by a consent that was given after the restriction. Legal claims stand against an objection
            too (article 21(1)).

        Returns
        -------
        str
            Empty where the use is allowed, else ``"nobody named"``, ``"restricted"``, ``"no consent"``,
            ``"consent withdrawn"`` or ``"objected"``.
        """
        a_day(on, where=f"purpose `{purpose}`")
        if basis not in law("gdpr.bases"):
            raise GovernanceError(
                f"no lawful basis `{basis}`", where=f"purpose `{purpose}`", remedy=", ".join(law("gdpr.bases"))
            )
        if exception and exception not in law("gdpr.restriction.exceptions"):
            raise GovernanceError(
                f"no exception `{exception}`",
                where=f"purpose `{purpose}`",
                remedy=", ".join(law("gdpr.restriction.exceptions")),
            )
        person = identity(subject)
        if person is None:
            return "nobody named"
        past = sorted((each for each in self._of.get(person, ()) if each.on <= on), key=lambda each: each.on)
        latest = {kinds: _latest(past, kinds, purpose) for kinds in _PAIRS}
        if not exception and latest["restricted", "released"] == "restricted":
            agreed = basis == "consent" and _latest(past, ("restricted", "granted"), purpose) == "granted"
            if not agreed or latest["granted", "withdrawn"] != "granted":
                return "restricted"
        if basis == "consent":
            state = latest["granted", "withdrawn"]
            return "" if state == "granted" else "consent withdrawn" if state == "withdrawn" else "no consent"
        can_object = basis in ("legitimate interest", "public task") and exception != "legal claims"
        if can_object and latest["objected", "granted"] == "objected":
            return "objected"
        return ""


_PAIRS = (("restricted", "released"), ("granted", "withdrawn"), ("objected", "granted"))


def _latest(past: Iterable[Choice], kinds: tuple[str, str], purpose: str) -> str:
    state = ""
    for choice in past:
        if choice.kind in kinds and choice.purpose in (purpose, EVERYTHING):
            state = choice.kind
    return state
