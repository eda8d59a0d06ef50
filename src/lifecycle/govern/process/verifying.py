"""Whether a run still holds what was signed: its card, the approvals, and the trail.

Three things are compared, each with something that the one before does not have: the card's figures and digests with the
files; the signatures with the card's digest and with the list of people; the trail's chain with its head and its
keeper's key. The list of people and keys should come from somewhere else than the run: whoever can write the folder can
also write a list into it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from lifecycle.govern.process.card import CardFault, card_digest, card_faults, card_text, read_card
from lifecycle.govern.process.card_page import card_page
from lifecycle.govern.process.errors import CardError, GateError, ProcessError
from lifecycle.govern.process.gates import REFUSED, Approval, Person, approval_faults
from lifecycle.govern.process.given import moment
from lifecycle.govern.process.same import same_subject
from lifecycle.govern.process.sources import Sources
from lifecycle.govern.record import Head, SignatureError, TrailError, Verified, verify_trail_bytes
from lifecycle.govern.record.canonical import reading
from lifecycle.govern.record.entries import read_head

CARD, PAGE, TRAIL, HEAD, SIGNERS = "19/card.json", "19/card.html", "19/trail.jsonl", "19/trail.head", "19/signers.json"


@dataclass(frozen=True)
class Signers:
    """Who may sign in a run: the people of the gates, and the public keys of who keeps the trail."""

    people: tuple[Person, ...]
    keepers: tuple[str, ...]

    def to_json(self) -> str:
        """The list as JSON: public, and to be kept where the run's owner cannot change it."""
        people = [{"name": each.name, "role": each.role, "public": each.public} for each in self.people]
        return json.dumps({"people": people, "keepers": list(self.keepers)}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Signers:
        """Read what `to_json` gave.

        Raises
        ------
        ProcessError
            When it is no such list.
        """
        try:
            content = json.loads(text)
            people = tuple(Person(str(each["name"]), str(each["role"]), str(each["public"])) for each in content["people"])
            return cls(people, tuple(str(each) for each in content["keepers"]))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ProcessError(
                "not a list of signers", remedy="it has `people` (name, role, public) and `keepers`"
            ) from error


@dataclass(frozen=True)
class RunReport:
    """What `verify_run` found.

    Attributes
    ----------
    faults : tuple of CardFault
        Empty for a run that holds.
    checked : mapping of str to int
        How many files, fields, approvals and records were looked at.
    title : str
        Of the model.
    """

    faults: tuple[CardFault, ...]
    checked: Mapping[str, int]
    title: str

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def verify_run(
    folder: Path | str | Mapping[str, bytes],
    *,
    signers: Signers | None = None,
    anchor: Head | bytes | None = None,
    fallback: Path | None = None,
) -> RunReport:
    """Verify the card, the approvals and the trail of a run.

    Parameters
    ----------
    folder : Path, str, or mapping of str to bytes
        What holds the artefacts as ``NN/file``: a run folder, its ``artifacts`` folder, or the files themselves.
    signers : Signers, optional
        Who may sign. The run's own list where none is given: that shows that nothing was changed by somebody without a
        key, and not that the right people hold the keys.
    anchor : Head or bytes, optional
        The trail's head, or its file's content, that was kept elsewhere: without it, an older run whose files agree with
        each other, put back in place of this one, cannot be told from it.
    fallback : Path, optional
        Where to look for files that the run took over without a change.

    Raises
    ------
    ProcessError
        When there is nothing to verify: no card, or no list of signers; or when `anchor` is no head.
    """
    kept = anchor if anchor is None or isinstance(anchor, Head) else _head(anchor)
    sources = Sources(artefacts_of(folder) if not isinstance(folder, Mapping) else folder, fallback=fallback)
    card = read_card(_text(sources, CARD))
    allowed = signers or Signers.from_json(_text(sources, SIGNERS))
    faults = card_faults(card, sources)
    if not faults:
        faults += same_subject(sources, card["evidence"])
    if sources.bytes_of(CARD) != card_text(card).encode():
        faults.append(CardFault("card", CARD, "is not spelled as a card is kept: it was edited by hand"))
    approvals, bad = _approvals(card)
    faults += bad
    try:
        texts = approval_faults(approvals, allowed.people, subject=card_digest(card), author=card["author"])
    except SignatureError as error:
        raise ProcessError("not a list of signers: a key is none", where=SIGNERS, remedy=error.what) from error
    faults += [CardFault("approval", CARD, text) for text in texts if not bad]
    if PAGE not in sources or sources.bytes_of(PAGE) != _page(card):
        faults.append(CardFault("page", PAGE, "is not the page of this card"))
    records, bad = _trail(sources, allowed.keepers, kept)
    faults += bad
    if records is not None:
        faults += _unrecorded(records, card, approvals) + _refusals(records, card_digest(card)) + _back_in_time(records)
    checked = {
        "files": len(card["evidence"]), "fields": sum(map(len, card["sections"].values())),
        "approvals": len(approvals), "records": len(records.records) if records else 0,
    }  # fmt: skip
    return RunReport(tuple(faults), checked, card["title"])


def artefacts_of(folder: Path | str) -> Path:
    """The folder that holds ``NN/file``: `folder` itself, or ``artifacts`` in it.

    Raises
    ------
    ProcessError
        When neither has a card.
    """
    for place in (Path(folder), Path(folder) / "artifacts"):
        if (place / CARD).is_file():
            return place
    raise ProcessError(
        f"no {CARD} there",
        where=str(folder),
        remedy="name a run's folder, or one that holds NN/file: lesson 19 writes the card",
    )


def _text(sources: Sources, name: str) -> str:
    try:
        return sources.bytes_of(name).decode("utf-8")
    except UnicodeDecodeError as error:
        raise CardError("not UTF-8", where=name) from error


def _page(card: Mapping[str, Any]) -> bytes:
    try:
        return card_page(card).encode()
    except CardError:
        return b""


def _approvals(card: Mapping[str, Any]) -> tuple[list[Approval], list[CardFault]]:
    try:
        return [Approval.from_dict(each) for each in card.get("approvals", [])], []
    except (GateError, TypeError) as error:
        return [], [CardFault("approval", CARD, str(getattr(error, "what", "not a list of approvals")))]


def _head(data: Any) -> Head:
    """A head that was kept elsewhere; whoever kept it vouches for it, so that its own key is believed."""
    content = reading(data[:-1]) if isinstance(data, bytes) else None
    key = (content or {}).get("key")
    found = read_head(data, frozenset([key])) if isinstance(key, str) and len(key) == 64 else None
    if found is None:
        raise ProcessError("not the head of a trail", where="anchor", remedy=f"keep a copy of {HEAD} as it is")
    return found


def _trail(sources: Sources, keepers: Collection[str], anchor: Head | None) -> tuple[Verified | None, list[CardFault]]:
    if TRAIL not in sources:
        return None, [CardFault("trail", TRAIL, "there is no trail")]
    head = sources.bytes_of(HEAD) if HEAD in sources else b""
    try:
        return verify_trail_bytes(sources.bytes_of(TRAIL), head, keepers, anchor=anchor, name=TRAIL), []
    except TrailError as error:
        place = TRAIL if error.record is None else f"{TRAIL}, record {error.record}"
        return None, [CardFault("trail", place, error.what)]


def _unrecorded(found: Verified, card: Mapping[str, Any], approvals: list[Approval]) -> list[CardFault]:
    """What the card says and the trail does not: other digests of files, and approvals that nobody noted."""
    digests = {(name, digest) for record in found.records for name, digest in record.digests.items()}
    noted = {record.detail.get("approval") for record in found.records}
    faults = [
        CardFault("trail", TRAIL, f"{name} is not on record with the digest that the card has")
        for name, digest in card["evidence"].items()
        if (name, digest) not in digests
    ]
    return faults + [
        CardFault("trail", TRAIL, f"the approval of gate {each.gate} is not on record")
        for each in approvals
        if each.digest not in noted
    ]


def _refusals(found: Verified, subject: str) -> list[CardFault]:
    """Who refused exactly this card: what was refused comes back as another version, or not at all."""
    return [
        CardFault("approval", f"{TRAIL}, record {record.number}", f"{record.actor} refused this card")
        for record in found.records
        if record.detail.get("outcome") == REFUSED
        and (record.detail.get("subject") == subject or subject[:12] in record.subject)
    ]


def _back_in_time(found: Verified) -> list[CardFault]:
    """Records dated well before the one before them; two writers that wait for each other may be a moment apart."""
    times = [moment(record.at, where=TRAIL) for record in found.records]
    return [
        CardFault("trail", f"{TRAIL}, record {place}", "dated before the record before it")
        for place, (earlier, later) in enumerate(pairwise(times), 2)
        if later < earlier - timedelta(minutes=1)
    ]
