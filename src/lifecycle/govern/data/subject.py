"""Who is to be forgotten, and how to recognise them: by columns that number people, and by words that are theirs alone."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

from lifecycle.govern.data.errors import GovernanceError

Value = str | int

SHORTEST = 5
"""Fewest characters of a word that is looked for in running text: shorter ones stand everywhere by chance."""


@dataclass(frozen=True)
class Subject:
    """A person, as data call them.

    Parameters
    ----------
    keys : mapping of str to str or int
        Columns and what the person is called in them, as ``{"customer_id": "C000123", "entity": 17}``: pseudonyms too. A
        number is this person in a column of that name, and only there.
    mentions : iterable of str, optional
        Words that are this person wherever they stand, as an e-mail address, of `SHORTEST` characters or more. Keys that
        are text of that length, and not digits alone, are taken to be such words as well.

    Raises
    ------
    GovernanceError
        When there are no keys, one is empty, or a mention is too short.
    """

    keys: Mapping[str, Value | tuple[Value, ...]]
    mentions: tuple[str, ...] = ()
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _assigned: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.keys:
            raise GovernanceError("nobody is named", where="subject", remedy='as in {"customer_id": "C17"}')
        for column, values in self.keys.items():
            if any(isinstance(value, bool) or not isinstance(value, str | int) or value == "" for value in _several(values)):
                raise GovernanceError("neither text nor a whole number", where=f"subject: column `{column}`")
        short = [text for text in self.mentions if len(text.strip()) < SHORTEST]
        if short:
            raise GovernanceError(f"too short to be looked for in text: {short[0]!r}", where="subject: mentions",
                                  remedy="give it as the value of a column, in `keys`")  # fmt: skip
        words = {text.strip() for text in self.mentions} | {str(value) for _, value in self.pairs() if is_telling(value)}
        object.__setattr__(self, "mentions", tuple(sorted(words)))
        object.__setattr__(self, "_pattern", _pattern(words))
        object.__setattr__(self, "_assigned", self._assignments())

    def pairs(self) -> list[tuple[str, Value]]:
        """Column and value, one by one."""
        return [(column, value) for column, values in self.keys.items() for value in _several(values)]

    def known_as(self, column: object, value: object) -> bool:
        """Whether `value` in a column of this name is the person; ``17``, ``"17"`` and ``17.0`` are one number."""
        if column not in self.keys or value is None:
            return False
        return any(_same(value, own) for own in _several(self.keys[str(column)]))

    def mentioned_in(self, text: str) -> bool:
        """Whether a text has one of the words, as a whole word, in any case, also as URLs, JSON and HTML write it."""
        return self._pattern.search(text) is not None

    def named_in(self, text: str) -> bool:
        """Whether a text is about the person: it mentions them, or says ``entity=17`` or ``"entity": 17``."""
        return self.mentioned_in(text) or self._assigned.search(text) is not None

    def struck_from(self, text: str) -> str:
        """The text with mentions and such assignments struck out."""
        text = self._pattern.sub(STRUCK, text)
        return self._assigned.sub(lambda found: f"{found[str(found.lastgroup)]}{STRUCK}", text)

    def also(self, pairs: Iterable[tuple[str, Value]]) -> Subject:
        """The same person, known under more."""
        keys: dict[str, tuple[Value, ...]] = {column: _several(values) for column, values in self.keys.items()}
        for column, value in pairs:
            if not any(_same(value, own) for own in keys.get(column, ())):
                keys[column] = (*keys.get(column, ()), value)
        return Subject(keys, self.mentions)

    def _assignments(self) -> re.Pattern[str]:
        """As in ``entity=17``: the column and the sign first, which stay; then the value."""
        each = [rf"(?P<c{i}>(?<!\w){re.escape(column)}[\"']?\s*[=:]\s*[\"']?){re.escape(str(value))}(?![\w-]|\.\d)"
                for i, (column, value) in enumerate(self.pairs())]  # fmt: skip
        return re.compile("|".join(each), re.IGNORECASE)


_WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,30})", re.ASCII)
STRUCK = "[erased]"
"""What stands where a mention stood."""


def is_telling(value: object) -> bool:
    """Whether this is text by which a person can be told wherever it stands: long enough, and not digits alone."""
    return isinstance(value, str) and len(value.strip()) >= SHORTEST and not value.strip().isdigit()


def _several(values: Value | tuple[Value, ...]) -> tuple[Value, ...]:
    return values if isinstance(values, tuple) else (values,)


def _same(value: object, own: Value) -> bool:
    text, wanted = str(value).strip(), str(own).strip()
    if text.casefold() == wanted.casefold():
        return True
    if not _WHOLE.fullmatch(wanted) or not _WHOLE.fullmatch(text.removesuffix(".0")):
        return False  # a code such as `017` is no number
    return int(text.removesuffix(".0")) == int(wanted)


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """All words in all the ways in which files write them; nothing matches where there are none."""
    forms = {form for word in words for form in _forms(word)}
    return re.compile("|".join(_bounded(form) for form in sorted(forms, key=len, reverse=True)) or r"(?!)", re.IGNORECASE)


def _forms(word: str) -> set[str]:
    plain = {word, unicodedata.normalize("NFC", word), unicodedata.normalize("NFD", word)}
    return plain | {write(form) for form in plain for write in (quote, quote_plus, html.escape, _escaped)}


def _escaped(word: str) -> str:
    return json.dumps(word)[1:-1]


def _bounded(form: str) -> str:
    """A whole word: `C12` is not within `C123`, and `ana@example.org` is neither within `joana@...` nor `...org.uk`."""
    if "@" in form or "%40" in form:
        return rf"(?<![\w.+-]){re.escape(form)}(?![\w-]|\.\w)"
    return rf"(?<!\w){re.escape(form)}(?!\w)"
