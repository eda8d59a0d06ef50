"""Twelve kinds of personal data: how columns of them are named, how they look within text, and how alone in a cell.

Each kind has one pattern for what is unmistakable wherever it stands, and a looser one for cells of a column whose name says
what they are: `10115` is a postal code in a column `zip`, and a number anywhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lifecycle.govern.data.pii_checks import is_address, is_card, is_iban, is_social_security
from lifecycle.govern.data.pii_words import GIVEN_NAMES, NOT_NAMES, STREETS


class PiiMatch(NamedTuple):
    """Personal data within a text: its kind, and where it begins and ends."""

    kind: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class PiiKind:
    """One kind of personal data.

    Attributes
    ----------
    name : str
    words : frozenset of str
        Words in the name of a column, any of which says that the column holds this kind.
    within : Pattern
        What it looks like within text; a group ``it`` is the data where the pattern says more.
    holds : callable
        Whether the text that matched really is one: check digits, ranges, lists.
    alone : Pattern or None
        What a whole cell looks like in a column whose name says this kind; None where `within` says it all.
    checked : bool
        Whether `holds` computes a check digit: a chance match is rare then.
    after : bool
        Whether a word before it, as in ``order 4111 ...``, can say that it is something else.
    """

    name: str
    words: frozenset[str]
    within: re.Pattern[str]
    holds: Callable[[str], bool]
    alone: re.Pattern[str] | None = None
    checked: bool = False
    after: bool = False

    def find(self, text: str) -> Iterator[PiiMatch]:
        """Every place in `text` where it stands unmistakably."""
        for found in self.within.finditer(text):
            start, end = found.span("it") if "it" in self.within.groupindex else found.span()
            if self.holds(text[start:end]) and not (
                self.after and _SOMETHING_ELSE.search(text[max(0, start - _BEFORE) : start])
            ):
                yield PiiMatch(self.name, start, end, text[start:end])

    def fills(self, text: str) -> bool:
        """Whether a cell, in a column whose name says this kind, is one."""
        whole = self.alone or self.within
        return whole.fullmatch(text) is not None and (self.alone is not None or self.holds(text))


def _joined(text: str) -> str:
    return re.sub(r"[\s.-]", "", text)


def _yes(_: str) -> bool:
    return True


def _phone(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return (8 if text.startswith("+") else 7) <= len(digits) <= 15 and len(set(digits)) > 2


def _named(text: str) -> bool:
    """Two or three words with capitals: the first a given name, none of them a word that people are not called."""
    words = text.replace("-", " ").split()
    return words[0].casefold() in GIVEN_NAMES and not any(word.casefold() in NOT_NAMES for word in words)


def _position(text: str) -> bool:
    latitude, longitude = (abs(float(part)) for part in re.split(r"\s*[,;]\s*", text))
    return latitude <= 90 and longitude <= 180 and (latitude, longitude) != (0, 0)


def _email(text: str) -> bool:
    return text.rsplit(".", 1)[1].casefold() not in _FILES and ".." not in text


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FILES = {"png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "py", "txt", "csv", "zip"}
_DECORATORS = {"@property", "@dataclass", "@staticmethod", "@classmethod", "@media", "@import", "@override", "@param"}
_NAME = r"[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+(?:[-'][A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+)?"
_SOMETHING_ELSE = re.compile(
    r"(?i)\b(order|invoice|ref|reference|tracking|parcel|ticket|serial|article|item|part|sku|isbn|batch|lot|version|release|build"
    r"|firmware|patch|v)\b[\s:.#-]*(no|nr|number|id|is)?[\s:.#-]*$"
)
_BEFORE = 40  # characters before a number in which a word can say what it is
_DIGIT = r"(?<![\w.+-])"
_END = r"(?![\w]|[.-]\d)"

KINDS: tuple[PiiKind, ...] = (
    PiiKind(
        "email", _words("email mail emails e_mail"),
        re.compile(r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}(?![\w-]|\.\w)"), _email,
        alone=re.compile(r"\S{2,64} ?(?:@|[(\[]at[)\]]) ?\S+\.\w{2,24}"),
    ),
    PiiKind(
        "iban", _words("iban"), re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)"),
        lambda text: is_iban(_joined(text)), alone=re.compile(r"[A-Z]{2}\d{2}[A-Z0-9 ]{11,36}"), checked=True,
    ),
    PiiKind(
        "card number", _words("card cardnumber pan creditcard ccn"), re.compile(_DIGIT + r"\d(?:[ -]?\d){12,18}" + _END),
        lambda text: is_card(_joined(text)), alone=re.compile(r"\d(?:[ -]?\d){12,18}"), checked=True, after=True,
    ),
    PiiKind(
        "phone", _words("phone telephone tel mobile cell fax msisdn phones"),
        re.compile(
            r"(?<![\w.+-])(?<!\d )(?:\+\d{1,3}[ .-]?(?:\(0?\d{1,4}\)[ .-]?)?\d{1,5}(?:[ .-]?\d{2,5}){1,4}"
            r"|\(\d{3}\) ?\d{3}[ .-]\d{4}|[2-9]\d{2}[ .-][2-9]\d{2}[ .-]\d{4}"
            r"|0\d{2,4}[ /]\d{3,4}[ -]?\d{3,5})(?! \d)" + _END
        ),
        _phone, alone=re.compile(r"\+?[\d ()./-]{7,20}"), after=True,
    ),
    PiiKind(
        "national id", _words("ssn social_security national_id identity passport taxpayer nin"),
        re.compile(_DIGIT + r"\d{3}-\d{2}-\d{4}" + _END), lambda text: is_social_security(_joined(text)),
        alone=re.compile(r"(?!000|666|9)\d{3}[ -]?(?!00)\d{2}[ -]?(?!0000)\d{4}"), after=True,
    ),
    PiiKind(
        "ip address", _words("ip ipaddress ip_address remote_addr ipv4 ipv6"),
        re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{1,4})(?![\w:]|\.\d)"),
        is_address, after=True,
    ),
    PiiKind(
        "birth date", _words("birth born dob birthday birthdate birth_date date_of_birth"),
        re.compile(r"(?i)\b(?:born|birthday|date of birth|dob)\b(?: is| was| on|:)*\s*"
                   r"(?P<it>\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{1,2} [A-Z][a-z]{2,8} \d{4})"),
        _yes,
        alone=re.compile(r"(?:19|20)\d{2}-\d{2}-\d{2}(?:[ T]00:00:00)?"
                         r"|\d{1,2}[./]\d{1,2}[./](?:19|20)?\d{2}|(?:19|20)\d{6}"),
    ),
    PiiKind(
        "postal code", _words("zip zipcode zip_code postal postcode postal_code plz"),
        re.compile(_DIGIT + r"(?:[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}|[ABCEGHJ-NPRSTVXY]\d[A-Z] \d[A-Z]\d"
                            r"|(?:(?<=[A-Z]{2} )|(?<=zip ))\d{5}(?:-\d{4})?)" + _END),
        _yes, alone=re.compile(r"\d{4,5}(?:-\d{4})?|(?i:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)"),
        after=True,
    ),
    PiiKind(
        "name", _words("name firstname lastname surname fullname first_name last_name full_name forename customer_name"),
        re.compile(
            rf"\b(?:(?:Mr|Mrs|Ms|Dr|Prof|Dear)\.? )?"
            rf"(?P<it>{_NAME}(?: [A-Z]\.)?(?: (?:van|von|de|da|di|la))?(?: {_NAME}){{1,2}})\b"
        ),
        _named, alone=re.compile(r"[^\W\d_]{2,}(?:[ ,.'-]{1,2}[^\W\d_]+\b\.?){0,4}"),
    ),
    PiiKind(
        "street address", _words("address street addr residence home_address"),
        re.compile(
            rf"(?:(?<![\w.])\d{{1,5}}[a-zA-Z]? (?:{_NAME} ){{1,3}}(?:{STREETS})\b\.?"
            rf"|\b(?:{_NAME}[ -])?[A-ZÄÖÜ][a-zäöüß]+(?:straße|strasse|str\.|weg|platz|allee|gasse) \d{{1,4}}[a-z]?\b)"
        ),
        _yes, alone=re.compile(r"(?=.*\d)(?=.*[^\W\d]{3})[\w .,'/#-]{6,80}"),
    ),
    PiiKind(
        "handle", _words("handle twitter instagram linkedin username social profile"),
        re.compile(r"(?<![\w.@/])@[A-Za-z_][A-Za-z0-9_.]{2,29}\b(?!\()"
                   r"|https?://(?:www\.)?(?:twitter|x|instagram|facebook|github|tiktok)\.com/@?[A-Za-z0-9_.-]{2,39}"
                   r"|https?://(?:www\.)?linkedin\.com/in/[\w-]{3,60}"),
        lambda text: text.casefold() not in _DECORATORS,
        alone=re.compile(r"@?[A-Za-z_][\w.-]{2,38}(?:/\S{1,60})?|https?://\S+"),
    ),
    PiiKind(
        "position", _words("position coordinates location geo gps lat latitude lon lng longitude latlon"),
        re.compile(r"(?<![\w.-])-?\d{1,2}\.\d{4,}\s*[,;]\s*-?\d{1,3}\.\d{4,}(?!\w|\.\d)"), _position,
        alone=re.compile(r"-?\d{1,3}\.\d{3,}(?:\s*[,; ]\s*-?\d{1,3}\.\d{3,})?"),
    ),
)  # fmt: skip
"""The kinds, in the order in which they take a piece of text: a card before the telephone number that it ends like."""

SOMETHING_ELSE = _words(
    "order invoice tracking parcel ticket serial article item part sku isbn batch lot version release build firmware product"
    " file host company city street_name brand"
)
"""Words in the name of a column that say that its numbers and names are of things."""
