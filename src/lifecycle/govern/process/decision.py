"""A decision on record: what was decided, why, on which evidence, who proposed it and who answers for it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from lifecycle.errors import LifecycleError


class DecisionError(LifecycleError):
    """A decision that must not stand as it is recorded."""


@dataclass(frozen=True)
class Decision:
    """One decision about a model.

    Attributes
    ----------
    subject : str
        What was decided on.
    outcome : str
        What was decided, as ``"replace"`` or ``"keep"``.
    reasons : tuple of str
        Why; at least one.
    evidence : mapping of str to float
        The figures it rests on, by name; finite, at least one.
    proposed_by, approved_by : str
        A role or a person, or a rule for the first. They must differ: nobody signs off their own proposal.

    Raises
    ------
    DecisionError
        When a field is empty, a figure is not finite, or proposer and approver are the same.
    """

    subject: str
    outcome: str
    reasons: tuple[str, ...]
    evidence: Mapping[str, float]
    proposed_by: str
    approved_by: str

    def __post_init__(self) -> None:
        for name in ("subject", "outcome", "reasons", "evidence", "proposed_by", "approved_by"):
            if not getattr(self, name):
                raise DecisionError(
                    f"`{name}` is empty",
                    where=f"decision on `{self.subject}`",
                    remedy="say it now; nobody will know it later",
                )
        loose = [name for name, value in self.evidence.items() if not math.isfinite(value)]
        if loose:
            raise DecisionError(f"`{loose[0]}` is not a finite number", where=f"decision on `{self.subject}`: evidence")
        if self.proposed_by.strip().casefold() == self.approved_by.strip().casefold():
            raise DecisionError(
                f"{self.proposed_by} proposed it and may not approve it too",
                where=f"decision on `{self.subject}`",
                remedy="let a second person approve it",
            )

    def to_json(self) -> str:
        """The record as indented JSON with sorted keys: equal decisions give equal text."""
        return json.dumps(asdict(self), indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Decision:
        """Read a record back.

        Raises
        ------
        DecisionError
            When the text is no JSON object, or has other fields than a decision.
        """
        try:
            content: Any = json.loads(text)
        except json.JSONDecodeError as error:
            raise DecisionError(f"not JSON: {error.msg}", where=f"line {error.lineno}") from error
        wanted = {field.name for field in fields(cls)}
        given = set(content) if isinstance(content, dict) else set()
        if given != wanted:
            odd = ", ".join(sorted(given ^ wanted))
            raise DecisionError(f"not the fields of a decision: {odd}", remedy="fields: " + ", ".join(sorted(wanted)))
        return cls(**{**content, "reasons": tuple(content["reasons"])})
