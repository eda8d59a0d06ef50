"""All files of a project, bound by their digests into one document that can be signed, sent and checked."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lifecycle.archives import Archives
from lifecycle.cases.capstone.dossier_page import dossier_page
from lifecycle.cases.capstone.project import Finding
from lifecycle.cases.errors import CaseError

Content = dict[str, Any]
_WHERE = "capstone: dossier"
CONTENTS, PAGE = "dossier.json", "dossier.html"
PURPOSE = "dossier"
"""What a signature is for: one given for something else does not count here."""

ARCHIVES = Archives("dossier", CaseError, most_files=500, largest_file=64 * 1024**2, largest=256 * 1024**2,
                    remedy="leave out what a digest can stand for", missing="name the file that was sent")  # fmt: skip
_DIGEST = re.compile(r"(sha256:)?[0-9a-f]{64}")
_DEEPEST = 50
"""How deep contents may be nested: what has to be read by recursion must not be limited by the stack of whoever reads."""


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def links(files: Mapping[str, bytes], *, known_as: Mapping[str, str] | None = None) -> dict[str, tuple[str, ...]]:
    """Which files of a project name which others by digest: the chain, as the files themselves tell it.

    Parameters
    ----------
    files : mapping of str to bytes
        Archives (zip) are searched inside; one that holds more, or other names, than a dossier could (a spreadsheet) is
        searched as the bytes that it is.
    known_as : mapping of str to str, optional
        A digest by which a file is known besides that of its bytes (a package, by its manifest).

    Returns
    -------
    dict of str to tuple of str
        For each file, those whose digest stands in it.

    Raises
    ------
    CaseError
        When `known_as` is about a file that is not there, or holds what is no digest (a short text stands in many files).
    """
    for name, known in (known_as or {}).items():
        if name not in files or not isinstance(known, str) or not _DIGEST.fullmatch(known):
            raise CaseError(f"`{name}` cannot be known as `{known}`", where=_WHERE,
                            remedy="give a file of the project, and 64 hexadecimal digits")  # fmt: skip
    marks = {name: {digest(data).encode()} for name, data in files.items()}
    for name, known in (known_as or {}).items():
        marks[name].add(known.encode())
    texts = {name: _searched(data) for name, data in files.items()}
    return {
        name: tuple(other for other, signs in marks.items() if other != name and any(sign in text for sign in signs))
        for name, text in texts.items()
    }


def _searched(data: bytes) -> bytes:
    """What is looked through: the bytes, and those of what a zip archive holds."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return data
    try:
        return b"\n".join(ARCHIVES.unpack(data, where="archive").values())
    except CaseError:
        return data


def build_dossier(
    files: Mapping[str, bytes],
    *,
    title: str,
    author: str,
    on: str,
    gates: Mapping[str, Sequence[Finding]],
    statements: Mapping[str, str],
    plans: Mapping[str, Any] | None = None,
    known_as: Mapping[str, str] | None = None,
) -> Content:
    """Bind the files of a project together.

    Parameters
    ----------
    files : mapping of str to bytes
        Every file that belongs to it.
    title, author, on : str
        What, by whom, and the day.
    gates : mapping of str to sequence of Finding
        What was asked and found; what did not pass stays in it.
    statements : mapping of str to str
        What a person says: summary, open points, who answers.
    plans : mapping, optional
        Plans as data (shadow, experiment, monitoring).
    known_as : mapping of str to str, optional
        As in `links`.

    Raises
    ------
    CaseError
        Without files, gates, author or statements, or when a gate did not pass and no statement is called after it: what
        fails is decided by somebody, or it does not leave the house. When it could be neither packed nor read again: for the
        name, number or size of files, or for text and plans that cannot be written down.
    """
    if not files or not gates or not statements or not author.strip():
        raise CaseError("a dossier has files, gates, statements and an author", where=_WHERE)
    check_names(files)
    _checked_plans(plans or {})
    failed = [gate for gate, found in gates.items() if not found or not all(each.passed for each in found)]
    unsaid = [gate for gate in failed if not statements.get(gate, "").strip()]
    if unsaid:
        raise CaseError(f"the gate `{unsaid[0]}` did not pass, and nobody says what follows", where=_WHERE,
                        remedy=f"add a statement called `{unsaid[0]}`: what was decided, and by whom")  # fmt: skip
    chain = links(files, known_as=known_as)
    content: Content = {
        "title": title,
        "author": author,
        "date": on,
        "statements": dict(statements),
        "plans": dict(plans or {}),
        "gates": [
            {"gate": gate, "name": each.name, "found": each.found, "wanted": each.wanted, "passed": each.passed}
            for gate, found in gates.items()
            for each in found
        ],
        "files": {
            name: {"bytes": len(files[name]), "sha256": digest(files[name]), "names": list(chain[name])}
            for name in sorted(files)
        },
        "signatures": [],
    }
    check_content(content)
    pack_dossier(content, files)  # whatever could not be sent is refused before anybody signs it
    return content


def signed_bytes(content: Content, *, name: str, role: str, public: str) -> bytes:
    """What a signature is over: all of the dossier but its signatures, and who signs it as what, with which key."""
    signed = {key: value for key, value in content.items() if key != "signatures"}
    return _text({**signed, "signed by": {"name": name, "role": role, "public": public}}).encode()


def sign_dossier(content: Content, *, name: str, role: str, public: str, key: Callable[[bytes], str]) -> Content:
    """The dossier with one more signature.

    Parameters
    ----------
    content : dict
    name, role, public : str
        Who signs, and the public half of their key.
    key : callable
        Signs bytes, as ``lambda data: signing_key.sign(data, purpose=capstone.PURPOSE)``.

    Raises
    ------
    CaseError
        When the name or the role is empty or cannot be written down, or this person or key has signed already: one person
        is one signature.
    """
    if not name.strip() or not role.strip():
        raise CaseError("a signature has a name and a role", where=_WHERE)
    if any(name == each["name"] or public == each["public"] for each in content["signatures"]):
        raise CaseError(f"{name} has signed already, or somebody with this key has", where=_WHERE,
                        remedy="one person, one key, one signature")  # fmt: skip
    entry = {"name": name, "role": role, "public": public, "signature": ""}
    check_content({**content, "signatures": [*content["signatures"], entry]})
    entry["signature"] = key(signed_bytes(content, name=name, role=role, public=public))
    return {**content, "signatures": [*content["signatures"], entry]}


def pack_dossier(content: Content, files: Mapping[str, bytes]) -> bytes:
    """The dossier as one zip archive: contents, page, and every file under its name. Equal dossiers give equal bytes."""
    return ARCHIVES.pack({**files, **written(content)})


def written(content: Content) -> dict[str, bytes]:
    """The two files that a dossier adds to those of the project."""
    return {CONTENTS: (_text(content) + "\n").encode(), PAGE: dossier_page(content).encode()}


def check_names(names: Iterable[str]) -> None:
    """Refuse names that a file of a dossier cannot have, or that its own two files have.

    Raises
    ------
    CaseError
    """
    for name in names:
        ARCHIVES.check_name(name, _WHERE)
        if name.lower() in (CONTENTS, PAGE):
            raise CaseError(f"`{name}` is what the dossier itself is written as", where=_WHERE,
                            remedy="give the file another name, or a folder")  # fmt: skip


def check_content(content: Any) -> None:
    """Refuse contents that cannot be written down as JSON and as a page.

    Raises
    ------
    CaseError
    """
    try:
        if not _is_shallow(content):
            raise ValueError(f"nested more than {_DEEPEST} deep")
        written(content)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise CaseError(f"the dossier cannot be written down: {error!r}"[:200], where=_WHERE,
                        remedy="texts and finite numbers only") from error  # fmt: skip


def _is_shallow(content: Any) -> bool:
    level = [content]
    for _ in range(_DEEPEST):
        nested = [each for each in level if isinstance(each, dict | list | tuple)]
        if not nested:
            return True
        level = [inner for each in nested for inner in (each.values() if isinstance(each, dict) else each)]
    return False


def _checked_plans(plans: Mapping[str, Any]) -> None:
    for name, plan in plans.items():
        if not isinstance(plan, Mapping) or not all(isinstance(point, str) for point in plan):
            raise CaseError(f"the plan `{name}` is no table of points", where=_WHERE,
                            remedy='as in {"cases": "979", "stops": "when it gets slower"}')  # fmt: skip
        try:
            _text(plan).encode()
        except (ValueError, TypeError, RecursionError) as error:
            raise CaseError(f"the plan `{name}` cannot be written down: {error}", where=_WHERE,
                            remedy="texts and finite numbers only") from error  # fmt: skip


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
