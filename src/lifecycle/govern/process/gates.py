"""Stage gates: what has to be true before a model may go on, who says so, and in which order.

A gate is passed by a signature over four things: which gate, which exact model (by digest), what was checked, and the
approval before it. So nobody can move a signature to another model, skip a gate, or take an approval out afterwards. The
rules are the same when an approval is given and when somebody verifies it years later: `approval_faults` is both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from lifecycle.govern.process.errors import GateError
from lifecycle.govern.process.given import moment
from lifecycle.govern.process.tables import table
from lifecycle.govern.record.canonical import canonical
from lifecycle.govern.record.signatures import is_signed

PURPOSE = "stage gate"
APPROVED, REFUSED = "approved", "refused"


@dataclass(frozen=True)
class Gate:
    """One gate: its place from 1, its name, what is checked, and the role that approves."""

    number: int
    name: str
    checks: tuple[str, ...]
    role: str


@dataclass(frozen=True)
class Person:
    """Somebody who may sign: name, role, and the public key that checks their signatures."""

    name: str
    role: str
    public: str


@dataclass(frozen=True)
class Approval:
    """One signed word at one gate.

    Attributes
    ----------
    gate : int
    subject : str
        SHA-256 of what was judged.
    person, role : str
    outcome : {"approved", "refused"}
    checks : mapping of str to bool
        Every check of the gate, and whether it passed.
    note : str
        A condition, or the reason of a refusal.
    at : str
        When, ISO 8601.
    previous : str
        Digest of the approval before this one; empty for the first.
    signature : str
    """

    gate: int
    subject: str
    person: str
    role: str
    outcome: str
    checks: Mapping[str, bool]
    note: str
    at: str
    previous: str
    signature: str = ""

    def message(self) -> bytes:
        """The bytes that are signed: everything but the signature."""
        return canonical({name: value for name, value in asdict(self).items() if name != "signature"})

    @property
    def digest(self) -> str:
        """SHA-256 of the approval with its signature: what the next one builds on."""
        return hashlib.sha256(canonical(asdict(self))).hexdigest()

    @classmethod
    def from_dict(cls, content: Any) -> Approval:
        """Read what ``asdict`` gave.

        Raises
        ------
        GateError
            When the fields are not those of an approval.
        """
        wanted = {each.name for each in fields(cls)}
        if not isinstance(content, dict) or set(content) != wanted:
            raise GateError("not the fields of an approval", remedy="fields: " + ", ".join(sorted(wanted)))
        texts = all(isinstance(content[name], str) for name in wanted - {"gate", "checks"})
        checks = content["checks"]
        flags = isinstance(checks, dict) and all(isinstance(flag, bool) for flag in checks.values())
        if not texts or not flags or type(content["gate"]) is not int:
            raise GateError("an approval whose fields are of another kind", remedy="checks by name, and texts")
        return cls(**content)


def gates() -> tuple[Gate, ...]:
    """The six gates, in order."""
    return tuple(
        Gate(number, each["name"], tuple(each["checks"]), each["role"])
        for number, each in enumerate(table("gates")["gates"], 1)
    )


def approval_faults(
    approvals: Sequence[Approval],
    people: Iterable[Person],
    *,
    subject: str,
    author: str,
    complete: bool = True,
    outcomes: Collection[str] = (APPROVED,),
) -> list[str]:
    """Everything that is wrong with a series of approvals, first things first; empty for a sound one.

    Parameters
    ----------
    approvals : sequence of Approval
        In the order in which they were given.
    people : iterable of Person
        Who may sign, with which role and key: from somewhere else than the approvals.
    subject : str
        SHA-256 of what is to be approved.
    author : str
        Who made it, and may approve none of it.
    complete : bool
        Whether all six gates have to be there.
    outcomes : collection of str
        Which outcomes are no fault.
    """
    known = {person.name: person for person in people}
    series = gates()
    found: list[str] = []
    previous, passed, signed_by = "", 0, set[str]()
    latest: datetime | None = None
    for place, each in enumerate(approvals, 1):
        where = f"approval {place}"
        if type(each.gate) is not int or not 1 <= each.gate <= len(series):
            return [*found, f"{where}: there is no gate {each.gate}"]
        gate = series[each.gate - 1]
        where += f" (gate {gate.number}, {gate.name})"
        if gate.number != passed + 1:
            missing = series[passed].name if passed < len(series) else "none"
            found.append(f"{where}: out of order, the next gate is {missing}")
        found += [f"{where}: {text}" for text in _faults_of(each, gate, known, subject=subject, previous=previous)]
        if each.outcome not in outcomes:
            found.append(f"{where}: {each.outcome}: {each.note}")
        if _same(each.person, author):
            found.append(f"{where}: {author} made it and may not approve it")
        key = known[each.person].public if each.person in known else each.person
        if key in signed_by:
            found.append(f"{where}: {each.person} has approved another gate already, by name or by key")
        try:
            when = moment(each.at, where=where, error=GateError)
            if latest is not None and when < latest:
                found.append(f"{where}: dated {each.at}, before the approval that it builds on")
            latest = when
        except GateError as error:
            found.append(f"{where}: {error.what}")
        passed, previous = gate.number, each.digest
        signed_by |= {key, each.person}
    if complete and not found and passed < len(series):
        found.append(f"gate {passed + 1} ({series[passed].name}) has not been passed")
    return found


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _faults_of(each: Approval, gate: Gate, known: Mapping[str, Person], *, subject: str, previous: str) -> list[str]:
    """What is wrong with one approval, whatever stands around it."""
    found = []
    person = known.get(each.person)
    if person is None:
        return [f"{each.person} is not on the list of those who may sign"]
    if not is_signed(each.message(), each.signature, person.public, purpose=PURPOSE):
        found.append(f"not signed by {each.person}, or changed after it was signed")
    if each.role != person.role or person.role != gate.role:
        found.append(f"{each.person} is {person.role}; this gate is the {gate.role}'s")
    if each.subject != subject:
        found.append(f"given for {each.subject[:12]}…, not for {subject[:12]}…")
    if each.previous != previous:
        found.append("does not build on the approval before it")
    open_checks = [check for check in gate.checks if each.checks.get(check) is not True]
    if open_checks and each.outcome == APPROVED:
        found.append("approved although not shown: " + ", ".join(open_checks))
    odd = sorted(set(each.checks) - set(gate.checks))
    if odd:
        found.append(f"`{odd[0]}` is no check of this gate")
    return found
