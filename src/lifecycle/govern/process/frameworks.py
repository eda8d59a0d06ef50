"""Rules and frameworks as questions to a case: what each asks for, and what of it can be shown.

A list of principles that hangs on a wall has no effect. Each item here names *facts* that a case either shows (a field
of its card, a file of its run, a trail, signatures), or that a person vouches for by name, or that are open. Being able
to show a fact is not yet doing well: the card may hold a bad figure. But what cannot even be shown has not been done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from lifecycle.govern.process.card import missing_fields
from lifecycle.govern.process.errors import CardError, ProcessError
from lifecycle.govern.process.given import mapping, moment, names
from lifecycle.govern.process.sources import Sources
from lifecycle.govern.process.tables import table
from lifecycle.govern.record import Record

_DONE_TO_FILES = frozenset({"made", "changed", "trained", "tested", "released", "deployed"})


@dataclass(frozen=True)
class Facts:
    """What a case can show.

    Attributes
    ----------
    shown : frozenset of str
        Facts that the run shows.
    said : mapping of str to str
        Facts that somebody vouches for: fact to name.
    """

    shown: frozenset[str]
    said: Mapping[str, str]

    def __contains__(self, fact: object) -> bool:
        return fact in self.shown or fact in self.said


@dataclass(frozen=True)
class Assessed:
    """One item of a framework: the facts that it asks for and the case has, and those that are open."""

    item: str
    met: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is open."""
        return not self.open


def facts_of(
    card: Mapping[str, Any],
    sources: Sources,
    *,
    trail: bool = False,
    approvals: bool = False,
    said: Mapping[str, str] | None = None,
) -> Facts:
    """The facts of a case.

    Parameters
    ----------
    card : mapping
        A model card.
    sources : Sources
        The files of the run.
    trail, approvals : bool
        Whether the trail and the approvals were verified.
    said : mapping of str to str, optional
        Facts that cannot be read from a file, and who vouches for them.

    Raises
    ------
    ProcessError
        For a fact that nobody asks for, that a file would have to show, or that nobody stands behind.
    """
    absent = set(missing_fields(card))
    vouched = mapping(said or {}, where="facts of a case: said")
    shown = set()
    kinds = table("frameworks")["facts"]
    for fact, kind in kinds.items():
        origin, _, name = kind.partition(":")
        has = {
            "card": name not in absent,
            "file": name in sources and _says_something(sources, name),
            "trail": trail,
            "approvals": approvals,
            "said": False,
        }
        if has[origin]:
            shown.add(fact)
    for fact, person in vouched.items():
        if kinds.get(fact) != "said":
            raise ProcessError(f"nobody can vouch for `{fact}`", where="facts of a case",
                               remedy="it has to be shown" if fact in kinds else "no framework asks for it")  # fmt: skip
        if not isinstance(person, str) or not person.strip():
            raise ProcessError(f"who says so: `{fact}`?", where="facts of a case")
    return Facts(frozenset(shown), dict(vouched))


def frameworks() -> dict[str, str]:
    """Key and title of every framework that `assess` knows."""
    return {key: each["title"] for key, each in table("frameworks").items() if "items" in each}


def assess(framework: str, facts: Facts) -> tuple[Assessed, ...]:
    """Ask a case what a framework asks for.

    Raises
    ------
    ProcessError
        For a framework that is not there.
    """
    if framework not in frameworks():
        raise ProcessError(f"no framework `{framework}`", remedy="one of: " + ", ".join(frameworks()))
    items = table("frameworks")[framework]["items"]
    return tuple(
        Assessed(item, tuple(fact for fact in wanted if fact in facts), tuple(fact for fact in wanted if fact not in facts))
        for item, wanted in items.items()
    )


def most_wanted(facts: Facts) -> list[tuple[str, int]]:
    """The open facts and how many items of all frameworks wait for each, most first: where an hour of work helps most."""
    waiting: dict[str, int] = {}
    for framework in frameworks():
        for item in assess(framework, facts):
            for fact in item.open:
                waiting[fact] = waiting.get(fact, 0) + 1
    return sorted(waiting.items(), key=lambda pair: (-pair[1], pair[0]))


def regions() -> tuple[date, list[dict[str, str]]]:
    """How far the regions were with rules for AI, and on which day that was so: an old picture, kept as one."""
    content = table("frameworks")["regions"]
    return content["as_of"], [dict(each) for each in content["table"]]


def alcoa_faults(
    record: Record, *, people: Iterable[str], happened: str | None = None, within_hours: float = 24
) -> list[str]:
    """What a record lacks of ALCOA: attributable, legible, contemporaneous, original, accurate.

    Parameters
    ----------
    record : Record
        One of a trail that `verify_trail` has accepted: its chain makes it *original*.
    people : iterable of str
        Names of those who exist. A team or a robot without a person behind it is no attribution.
    happened : str, optional
        When the thing itself happened, ISO 8601 with its time zone; where it is left out, ``detail["happened"]``.
    within_hours : float
        How much later a record may be written.

    Notes
    -----
    Whether it is *accurate* is asked of what can be compared: a record that speaks of files, or that something was made,
    tested, trained or deployed, has to hold digests.

    Raises
    ------
    ProcessError
        When `people` is no list of names, or the time is none.
    """
    found = []
    if record.actor not in set(names(people, where="people")):
        found.append(f"attributable: nobody is called {record.actor}")
    if not record.detail and not record.digests:
        found.append("legible: it does not say what was done")
    when = happened or record.detail.get("happened")
    if when is None:
        found.append("contemporaneous: it does not say when it happened")
    elif not 0 <= (hours := _hours(str(when), record.at)) <= within_hours:
        found.append(
            "contemporaneous: " + (f"written {hours:,.0f} hours later" if hours > 0 else "written before it happened")
        )
    if record.detail.get("files") and not record.digests:
        found.append("accurate: it names files and no digest of them")
    elif record.action in _DONE_TO_FILES and not record.digests:
        found.append(f"accurate: it says that something was {record.action} and has no digest of it")
    return found


def _says_something(sources: Sources, name: str) -> bool:
    """Whether a file holds anything: an empty file shows nothing, nor does one that cannot be read."""
    if not name.endswith((".json", ".yaml", ".yml")):
        return bool(sources.bytes_of(name))
    try:
        return bool(sources.value(name + "#"))
    except CardError:
        return False


def _hours(first: str, second: str) -> float:
    later, earlier = moment(second, where="record: at"), moment(first, where="record: happened")
    return (later - earlier).total_seconds() / 3600
