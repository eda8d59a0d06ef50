"""The record of which definition of fairness was chosen, why, by whom, and what was given up for it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from numbers import Real
from typing import Any

from lifecycle.errors import LifecycleError
from lifecycle.govern.fairness.theorem import NAMED

VOICES = ("domain expert", "affected people", "lawyer", "ethicist")
"""Whom a choice has to have heard."""


class FairnessError(LifecycleError):
    """A choice of a criterion that must not stand as it is recorded."""


@dataclass(frozen=True)
class CriterionChoice:
    """Which definition of fairness holds for a use, and why.

    Attributes
    ----------
    use : str
        The decision that is made with the model.
    groups : tuple of str
        The attributes by which people were compared, as ``"sex"``; at least one.
    criterion : str
        One of demographic parity, equal opportunity, equalised odds, predictive parity, equal accuracy.
    because : str
        Why this one.
    given_up : mapping of str to str
        The criteria that were considered and not chosen, each with the reason; at least one.
    measured : mapping of str to float
        The figures it rests on; finite, at least one.
    heard : mapping of str to str
        Who was asked, by voice; all of `VOICES`.
    proposed_by, approved_by : str
        Different persons or roles.
    review_on : str
        The day on which it is looked at again, ISO 8601; the choice does not outlive it.

    Raises
    ------
    FairnessError
        When something is empty, unknown, not finite or contradicts itself; the message names it.
    """

    use: str
    groups: tuple[str, ...]
    criterion: str
    because: str
    given_up: Mapping[str, str]
    measured: Mapping[str, float]
    heard: Mapping[str, str]
    proposed_by: str
    approved_by: str
    review_on: str

    def __post_init__(self) -> None:
        where = f"choice for `{self.use}`"
        for field in fields(self):
            _whole(field.name, getattr(self, field.name), where)
        for name in (self.criterion, *self.given_up):
            if name not in NAMED:
                raise FairnessError(f"no criterion `{name}`", where=where, remedy="criteria: " + ", ".join(NAMED))
        if self.criterion in self.given_up:
            raise FairnessError(f"`{self.criterion}` is chosen and given up", where=where, remedy="it is one or the other")
        loose = [name for name, value in self.measured.items() if not _figure(value)]
        if loose:
            raise FairnessError(f"`{loose[0]}` is not a finite number", where=f"{where}: measured", remedy="leave it out")
        unheard = [voice for voice in dict.fromkeys((*VOICES, *self.heard)) if not _text(self.heard.get(voice))]
        if unheard:
            raise FairnessError(
                f"nobody heard: {', '.join(unheard)}",
                where=where,
                remedy="ask them before the figures decide; the choice is an ethical one",
            )
        if self.proposed_by.strip().casefold() == self.approved_by.strip().casefold():
            raise FairnessError(
                f"{self.proposed_by} proposed it and may not approve it too", where=where, remedy="ask another person"
            )
        _day(self.review_on, f"{where}: review_on")

    def stands_on(self, day: str) -> bool:
        """Whether the choice still holds on a day (ISO 8601): until its review, and not after it.

        A record is read long after it was made, so no clock is asked when one is built; ask here with the day at hand.
        """
        return _day(day, "day") <= _day(self.review_on, "review_on")

    def to_dict(self) -> dict[str, Any]:
        """The record as plain values, for JSON."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        plain |= {name: dict(value) for name, value in plain.items() if isinstance(value, Mapping)}
        plain["measured"] = {name: float(value) for name, value in self.measured.items()}
        return json.loads(json.dumps(plain))  # type: ignore[no-any-return]

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> CriterionChoice:
        """Read back what `to_dict` gave.

        Raises
        ------
        FairnessError
            When it has other fields than a choice, or they do not make one.
        """
        if not isinstance(content, Mapping):
            raise FairnessError(f"{type(content).__name__} is no record of a choice", remedy="pass what `to_dict` gave")
        wrong = {field.name for field in fields(cls)} ^ set(content)
        if wrong:
            raise FairnessError(
                "not the fields of a choice: " + ", ".join(sorted(map(str, wrong))), remedy="pass what `to_dict` gave"
            )
        groups = content["groups"]
        return cls(**{**content, "groups": tuple(groups) if isinstance(groups, list) else groups})


def _whole(name: str, value: object, where: str) -> None:
    """Refuse a field that is empty or of another kind than its name says; texts in it are not blank."""
    if name == "groups":
        fits, kind = isinstance(value, tuple), "a tuple of names"
    elif name in ("given_up", "measured", "heard"):
        fits, kind = isinstance(value, Mapping), "a mapping"
    else:
        fits, kind = isinstance(value, str), "text"
    if not fits:
        raise FairnessError(f"`{name}` should be {kind}", where=where, remedy=f"it is {value!r}")
    if not value or (isinstance(value, str) and not _text(value)):
        raise FairnessError(f"`{name}` is empty", where=where, remedy="say it now; nobody will know it later")
    if isinstance(value, tuple) and not all(_text(each) for each in value):
        raise FairnessError(f"`{name}` has a name that is empty or no text", where=where, remedy="name each attribute")
    if isinstance(value, Mapping) and not all(_text(key) for key in value):
        raise FairnessError(f"`{name}` has a name that is empty or no text", where=where, remedy="name each entry")
    for key, text in value.items() if isinstance(value, Mapping) and name == "given_up" else ():
        if not _text(text):
            raise FairnessError(
                f"`{key}` in `{name}` is empty or no text", where=where, remedy="write a sentence, or leave it out"
            )


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _figure(value: object) -> bool:
    return not isinstance(value, bool) and isinstance(value, Real) and math.isfinite(value)


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise FairnessError(f"`{text}` is no day", where=where, remedy="as 2027-06-30") from error
