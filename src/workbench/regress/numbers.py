"""Numbers inside text: where they stand, and whether two of them are near enough."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

# A number stands by itself: the 28 of `V28` is part of a name, and the hyphens of 2026-01-31 are no signs.
_NUMBER = re.compile(
    r"(?<![\w.])(?:[-+\u2212](?=[\d.i]))?"
    r"(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|inf\b)"
    r"|\b(?:nan|NaN)\b"
)


@dataclass(frozen=True)
class Tolerance:
    """How far two numbers may lie apart: ``|new - old| <= atol + rtol * |old|``.

    Both zero means exact: then even the writing of a number must be the same.
    """

    rtol: float = 1e-6
    atol: float = 1e-12

    @property
    def exact(self) -> bool:
        """Whether nothing at all may differ."""
        return self.rtol == 0 and self.atol == 0

    def same(self, old: str, new: str) -> bool:
        """Whether two numbers, as they are written, are near enough."""
        if old == new:
            return True
        if self.exact:
            return False
        a, b = value(old), value(new)
        if math.isnan(a) or math.isnan(b):
            return math.isnan(a) and math.isnan(b)
        if math.isinf(a) or math.isinf(b):  # written out, or too large for a float: only the writing can tell
            return False
        return abs(b - a) <= self.atol + self.rtol * abs(a)


@dataclass(frozen=True)
class Token:
    """A number in a text: how it is written, and from which character to which."""

    text: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """The numbers of `text` in order.

    Examples
    --------
    >>> [token.text for token in tokens("V28 fell by -1,204.5 (3e-4 %) on 2026-01-31")]
    ['-1,204.5', '3e-4', '2026', '01', '31']
    """
    return (Token(match.group(), match.start(), match.end()) for match in _NUMBER.finditer(text))


def template(text: str) -> str:
    """`text` with each number replaced by a mark: two texts with equal templates differ at most in their numbers."""
    return _NUMBER.sub("\0", text.replace("\0", "\0\0"))  # a mark that the text holds itself is doubled


def value(number: str) -> float:
    """The value of a number as `tokens` finds it."""
    return float(number.replace(",", "").replace("\u2212", "-"))


def relative_change(old: str, new: str) -> float | None:
    """``|new - old| / |old|``; infinite where `old` is zero, None where either is not finite."""
    a, b = value(old), value(new)
    if not (math.isfinite(a) and math.isfinite(b)):
        return None
    if a == 0:
        return 0.0 if b == 0 else math.inf
    return abs(b - a) / abs(a)
