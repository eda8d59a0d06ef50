"""What a reader gets to see: questions with their rubric, and answers under a pseudonym, in an order that tells nothing."""

from __future__ import annotations

import hmac
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace

from workbench.errors import GradingError

SHOWN = 20_000  # characters of an answer
COMMENT = 10_000  # characters of a comment
_LETTERS = "ACDEFGHJKLMNPQRTUVWXY34679"  # none that is easily taken for another
_PLAIN = "\n\t\u200c\u200d"  # line ends, and the joiners that some scripts need


class MissingError(GradingError):
    """There is no such question or answer here, or not any more."""


@dataclass(frozen=True)
class Asked:
    """A question that people read the answers to.

    Attributes
    ----------
    criteria : tuple of (str, float)
        What to look for, and the most points for each.
    prompt, model : str
        What students were asked, and the author's own answer; empty where the course is not at hand.
    """

    lesson: str
    slug: str
    title: str
    criteria: tuple[tuple[str, float], ...]
    prompt: str = ""
    model: str = ""

    @property
    def name(self) -> str:
        """What it is called in addresses: ``01_steeping/steeping.bitter``."""
        return f"{self.lesson}/{self.slug}"

    @property
    def points(self) -> float:
        """What a full answer earns."""
        return math.fsum(points for _text, points in self.criteria)


@dataclass(frozen=True)
class Paper:
    """One answer, and what was made of it.

    Attributes
    ----------
    id : str
        Tells nothing of who wrote it, and is the same each time; see `identity`.
    pseudonym : str
        What a reader calls it: ``K7Q-3MD``.
    text : str
        The student's words, hostile; see `shown`.
    digest : str
        Of the words as they were when they were handed to the reader.
    points : mapping
        By criterion; one that is not in it is undecided.
    comment : str
        For the student.
    reviewer : str
        Who gave the points; empty while nobody has.
    when : str
        ISO 8601, of the last change.
    changed : bool
        Whether other words were read before, which the points no longer hold for.
    """

    id: str
    question: str
    pseudonym: str
    text: str
    digest: str
    points: Mapping[str, float]
    comment: str = ""
    reviewer: str = ""
    when: str = ""
    changed: bool = False

    def is_read(self, asked: Asked) -> bool:
        """Whether every criterion has its points."""
        return all(text in self.points for text, _most in asked.criteria)

    def marked(self, points: Mapping[str, float], comment: str, *, reviewer: str, when: str) -> Paper:
        """The same answer with these marks."""
        return replace(self, points=dict(points), comment=comment, reviewer=reviewer, when=when, changed=False)


def identity(secret: bytes, lesson: str, slug: str, student: str) -> str:
    """24 hexadecimal digits that stand for an answer; without the secret, nobody can tell whose it is.

    The same student has another identity in each question, so that one answer does not colour the reading of the next.
    """
    return hmac.digest(secret, "\0".join((lesson, slug, student)).encode("utf-8", "surrogatepass"), "sha256").hex()[:24]


def pseudonym(identity: str) -> str:
    """The six letters and digits that a reader sees in place of a name."""
    number = int(identity[:12], 16)
    letters = []
    for _ in range(6):
        number, rest = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[rest])
    return f"{''.join(letters[:3])}-{''.join(letters[3:])}"


def shown(text: str) -> str:
    """An answer as it is put on the screen: what is invisible, or turns text round, is written as its number.

    It ends after 20,000 characters, and says so.
    """
    parts = [character if _harmless(character) else f"⟨{ord(character):04X}⟩" for character in text[:SHOWN]]
    cut = f"\n⟨cut here: {len(text):,} characters in all; the rest is in the notebook⟩" if len(text) > SHOWN else ""
    return "".join(parts) + cut


def verified(asked: Asked, points: Mapping[str, float], comment: str) -> None:
    """Look whether marks can be given.

    Raises
    ------
    GradingError
        For a criterion that the question does not have, points beyond what it is worth, or a comment that is too long.
    """
    most = dict(asked.criteria)
    for name, value in points.items():
        if name not in most:
            raise GradingError(f"`{asked.slug}` has no criterion `{name}`", remedy="reload the page: the rubric has changed")
        if not math.isfinite(value) or not 0 <= value <= most[name]:
            raise GradingError(f"`{name}` has 0 to {most[name]:g} points, not {value:g}")
    verified_comment(comment)


def verified_comment(comment: str) -> None:
    """Look whether a comment can be given.

    Raises
    ------
    GradingError
        When it is too long.
    """
    if len(comment) > COMMENT:
        raise GradingError(f"a comment has {COMMENT:,} characters at most, not {len(comment):,}")


def _harmless(character: str) -> bool:
    return character in _PLAIN or (unicodedata.category(character)[0] != "C" and character not in "\u2028\u2029")
