"""A dossier that was sent, compared with what was signed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from lifecycle.cases.capstone.dossier import (
    ARCHIVES,
    CONTENTS,
    PAGE,
    Content,
    check_content,
    check_names,
    digest,
    signed_bytes,
)
from lifecycle.cases.capstone.dossier_page import dossier_page
from lifecycle.cases.errors import CaseError

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Fault:
    """Something in a dossier that is not what was signed. `kind`: file, page, content or signature."""

    kind: str
    name: str
    what: str

    def __str__(self) -> str:
        return f"{self.name}: {self.what}"


def verify_dossier(
    sent: bytes | Mapping[str, bytes],
    *,
    trusted: Mapping[str, str],
    is_signed: Callable[[bytes, str, str], bool],
    required: Collection[str] = (),
) -> list[Fault]:
    """Compare a dossier with what was signed.

    Parameters
    ----------
    sent : bytes or mapping of str to bytes
        The archive, or its files.
    trusted : mapping of str to str
        Public key by name, from a place of your own: a list within the dossier proves nothing.
    required : collection of str
        Who has to have signed: without it nobody notices that a signature was taken away.
    is_signed : callable
        Takes bytes, signature and public key.

    Returns
    -------
    list of Fault
        Empty where everything holds: who signed is trusted, and each file, the page and the contents are as signed.

    Raises
    ------
    CaseError
        For something that is no dossier.
    """
    files = dict(ARCHIVES.unpack(sent, where="the dossier") if isinstance(sent, bytes) else sent)
    content = _read(files)
    faults = [
        Fault("signature", each["name"], reason)
        for each in content["signatures"]
        if (reason := _distrusted(each, content, trusted, is_signed))
    ]
    names = [each["name"] for each in content["signatures"]]
    keys = [each["public"] for each in content["signatures"]]
    twice = [name for place, name in enumerate(names) if name in names[:place] or keys[place] in keys[:place]]
    faults += [Fault("signature", name, "signs twice, or with the key of another signature") for name in twice]
    faults += [Fault("signature", name, "has to sign, and did not") for name in required if name not in names]
    if not content["signatures"]:
        faults.append(Fault("signature", CONTENTS, "nobody has signed it"))
    there = files.keys() - {CONTENTS, PAGE}
    for name in sorted(there | content["files"].keys()):
        if name not in there:
            faults.append(Fault("file", name, "was signed and is missing"))
        elif name not in content["files"]:
            faults.append(Fault("file", name, "was added after the signing"))
        elif digest(files[name]) != content["files"][name]["sha256"]:
            citing = [other for other, entry in content["files"].items() if name in entry["names"]]
            also = f"; named by {', '.join(citing)}" if citing else ""
            faults.append(Fault("file", name, f"was changed after the signing{also}"))
    if files.get(PAGE) != dossier_page(content).encode():
        faults.append(Fault("page", PAGE, "does not say what the contents say"))
    return faults


def _distrusted(
    entry: Mapping[str, str], content: Content, trusted: Mapping[str, str], is_signed: Callable[[bytes, str, str], bool]
) -> str:
    if entry["name"] not in trusted or trusted[entry["name"]] != entry["public"]:
        return "signed with a key that is not on your list"
    who = {key: entry[key] for key in ("name", "role", "public")}
    if not is_signed(signed_bytes(content, **who), entry["signature"], who["public"]):
        return "the signature is not over these contents, or not given in this name and role"
    return ""


def _read(files: Mapping[str, bytes]) -> Content:
    try:
        content = json.loads(files[CONTENTS])
        check_content(content)
        check_names(content["files"])
        if not _is_as_written(content):
            raise ValueError("a value of another kind")
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError, CaseError) as error:
        raise CaseError(
            "no dossier: its table of contents is missing or not as written", where=f"capstone: {CONTENTS}"
        ) from error
    return dict(content)


def _is_as_written(content: Content) -> bool:
    """Whether the values on which a judgement rests are of the kind that `build_dossier` and `sign_dossier` write."""
    texts = [each[key] for each in content["signatures"] for key in ("name", "role", "public", "signature")]
    rows = list(content["files"].values())
    return (
        isinstance(content["signatures"], list)
        and all(isinstance(each, str) for each in texts)
        and all(isinstance(row["passed"], bool) for row in content["gates"])
        and all(isinstance(row["names"], list) and isinstance(row["bytes"], int) for row in rows)
        and all(_DIGEST.fullmatch(row["sha256"]) for row in rows)
    )
