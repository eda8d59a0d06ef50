"""A review: the way of one model through the gates, as a state machine whose only moves are signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from lifecycle.govern.process.errors import GateError
from lifecycle.govern.process.gates import APPROVED, PURPOSE, REFUSED, Approval, Gate, Person, approval_faults, gates
from lifecycle.govern.process.given import digest, mapping, moment, text
from lifecycle.govern.record.signatures import SigningKey


@dataclass
class Review:
    """One model before the gates: which are passed, which is next, and who has signed.

    Parameters
    ----------
    subject : str
        SHA-256 of what is reviewed, 64 hexadecimal digits.
    author : str
        Who made it; may sign nothing.
    people : sequence of Person
        Who may sign.

    Attributes
    ----------
    approvals : list of Approval
        Those that count, in order.
    history : list of Approval
        All that were ever given, refusals and those for earlier versions too.
    """

    subject: str
    author: str
    people: Sequence[Person]
    approvals: list[Approval] = field(default_factory=list)
    history: list[Approval] = field(default_factory=list)

    @property
    def next(self) -> Gate | None:
        """The gate that is open; None when all are passed."""
        series = gates()
        return series[len(self.approvals)] if len(self.approvals) < len(series) else None

    @property
    def passed(self) -> bool:
        """Whether all six gates are."""
        return self.next is None

    def approve(self, person: str, key: SigningKey, *, checks: Mapping[str, bool], at: str, gate: int | None = None,
                note: str = "") -> Approval:  # fmt: skip
        """Pass a gate.

        Parameters
        ----------
        person : str
        key : SigningKey
            Theirs.
        checks : mapping of str to bool
            Every check of the gate.
        at : str
            ISO 8601.
        gate : int, optional
            Which; the open one by default.
        note : str
            A condition, where there is one.

        Raises
        ------
        GateError
            When the rules do not allow it. Nothing has changed then.
        """
        said = self._signed(person, key, checks, at, gate, APPROVED, note)
        self._allowed(said, (APPROVED,))
        self.approvals.append(said)
        self.history.append(said)
        return said

    def refuse(self, person: str, key: SigningKey, *, checks: Mapping[str, bool], at: str, reason: str) -> Approval:
        """Turn it down at the open gate: it goes back to the first, with a new version (`resubmit`).

        Raises
        ------
        GateError
            Without a reason, or when this person could not have approved here either.
        """
        if not isinstance(reason, str) or not reason.strip():
            raise GateError("a refusal without a reason helps nobody", where="review")
        said = self._signed(person, key, checks, at, None, REFUSED, reason)
        self._allowed(said, (APPROVED, REFUSED))
        self.approvals.clear()
        self.history.append(said)
        return said

    def resubmit(self, subject: str) -> None:
        """Put another version in its place: no approval of the old one counts for it.

        Raises
        ------
        GateError
            When it is no digest, or that of a version which was refused.
        """
        digest(subject, where="review: subject", error=GateError)
        self._not_refused(subject)
        self.subject = subject
        self.approvals.clear()

    def _not_refused(self, subject: str) -> None:
        no = next((each for each in self.history if each.outcome == REFUSED and each.subject == subject), None)
        if no is not None:
            raise GateError(
                f"this version was refused by {no.person}: {no.note}", where="review",
                remedy="mend what was found, and `resubmit` the digest of the new version",
            )  # fmt: skip

    def _allowed(self, said: Approval, outcomes: tuple[str, ...]) -> None:
        faults = approval_faults(
            [*self.approvals, said], self.people, subject=self.subject, author=self.author, complete=False, outcomes=outcomes
        )
        if faults:
            raise GateError(
                faults[0],
                where="review",
                tried="; ".join([f"to sign for {self.subject[:12]}…", *faults[1:]]),
                remedy="nothing has changed; the gates, their checks and their approvers are in `gates()`",
            )

    def _signed(self, person: str, key: SigningKey, checks: Mapping[str, bool], at: str, gate: int | None, outcome: str,
                note: str) -> Approval:  # fmt: skip
        self._not_refused(self.subject)
        open_gate = self.next
        if open_gate is None:
            raise GateError("all gates are passed", where="review")
        flags = mapping(checks, where="review: checks", error=GateError)
        if not all(isinstance(flag, bool) for flag in flags.values()):
            raise GateError("a check is passed or not: True or False", where="review: checks")
        text(person, where="review: person", error=GateError)
        moment(at, where="review: at", error=GateError)
        if not isinstance(key, SigningKey):
            raise GateError("there is no key to sign with", where=f"review: {person}", remedy="give their SigningKey")
        role = next((each.role for each in self.people if each.name == person), "")
        previous = self.approvals[-1].digest if self.approvals else ""
        said = Approval(gate or open_gate.number, self.subject, person, role, outcome, dict(checks), note, at, previous)
        return replace(said, signature=key.sign(said.message(), purpose=PURPOSE))
