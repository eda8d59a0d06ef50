"""Names of people and files as others gave them: made safe to show, and comparable. Every one of them is hostile text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

NAME_LENGTH = 200  # characters of a person's name that are kept
_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,62}[A-Za-z0-9_+-]|[A-Za-z0-9]")
_WRAPPED = re.compile(r'\s*="(.*)"\s*')  # what a gradebook makes of a name that begins with "="
_FORMULA = "=+-@\uff0b\uff0d\uff1d\uff20"  # what a spreadsheet may take for the beginning of a formula
_JOINERS = "\u200c\u200d"  # invisible, and yet part of names in several scripts


def clean(text: str) -> str:
    """A person's name for reports and files: one line of 200 characters at most, nothing invisible, no formula.

    Cleaning what is clean changes nothing.
    """
    wrapped = _WRAPPED.fullmatch(text)
    visible = "".join(_spaced(character) for character in (wrapped.group(1) if wrapped else text))
    line = " ".join(unicodedata.normalize("NFC", visible).split())
    return line.lstrip(_FORMULA + " ")[:NAME_LENGTH].rstrip()


def shown(text: str, *, length: int = 200) -> str:
    """`text` for a message on one line: what cannot be seen is written as an escape, what is long is shortened."""
    parts = [c if _spaced(c) == c else c.encode("unicode_escape", "backslashreplace").decode("ascii") for c in text[:length]]
    return "".join(parts) + ("..." if len(text) > length else "")


def nearest(text: str, known: Iterable[str]) -> str:
    """A question that names what in `known` is spelt most like `text`, three at most; empty where nothing is."""
    forms = {one.casefold(): one for one in known if one}
    near = get_close_matches(text.casefold(), forms, n=3)
    return "did you mean " + " or ".join(f"`{shown(forms[one])}`" for one in near) + "?" if near else ""


def compact(text: str) -> str:
    """What two spellings of a name have in common: its letters and digits, in one case, without spaces and marks between.

    Nothing is guessed: accents stay, and a look-alike letter of another script stays another letter.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(character for character in folded if unicodedata.category(character)[0] in "LMN")
    return unicodedata.normalize("NFC", kept)


def spellings(name: str) -> frozenset[str]:
    """The compact forms that a person's name may have in a file name: its words in order, starting with any of them.

    "Jane van Doe", "Doe, Jane van" and "van Doe, Jane" share one.
    """
    words = [part for part in map(compact, name.replace(",", " ").split()) if part][:20]
    return frozenset("".join(words[start:] + words[:start]) for start in range(len(words)))


def is_segment(text: str) -> bool:
    """Whether `text` is safe as the name of a folder.

    That is: ASCII letters, digits and ``. _ @ + -``, 64 at most, beginning with a letter or digit, not ending with a dot.
    """
    return _SEGMENT.fullmatch(text) is not None


def _spaced(character: str) -> str:
    """The character, a space for any kind of blank, nothing for what cannot be seen."""
    if character.isspace():
        return " "
    return "" if unicodedata.category(character)[0] in "CZ" and character not in _JOINERS else character
