"""Which submissions are more alike than the exercise makes them: fingerprints of code, with what all share taken away.

Each answer becomes a sequence of tokens in which names that the student chose, numbers and texts are all alike, so that
renaming hides nothing; hashes of its runs of tokens are thinned by winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003).
What the release handed out is subtracted, and so is what more than a share of the class wrote: the natural answer to a
small question is no sign of anything. Submissions that are the same from the first token to the last are told however
many there are, in one line a group. A high score is a reason to look, never a verdict.
"""

from __future__ import annotations

import hashlib
import io
import keyword
import tokenize
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

RUN = 9  # tokens hashed together
WINDOW = 4  # of these hashes one is kept; a shared run of RUN + WINDOW - 1 tokens is always found
COMMON = 0.1  # share of the class above which a fingerprint is common property
LEAST = 12  # rare fingerprints of the smaller submission below which nothing is said
LARGEST = 400_000  # characters of a submission that are looked at
_SKIPPED = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


@dataclass(frozen=True)
class Pair:
    """Two submissions, and how alike they are.

    Attributes
    ----------
    score : float
        Share of the smaller one's rare fingerprints that the other has too, 0 to 1.
    shared : int
        How many these are.
    """

    one: str
    other: str
    score: float
    shared: int


@dataclass(frozen=True)
class Group:
    """Two or more submissions that are the same.

    Attributes
    ----------
    students : tuple of str
        In the order of their ids.
    kind : str
        ``same file`` (every byte) or ``same answers`` (but for names, numbers, texts, blanks and comments).
    blank : bool
        Whether there is too little of their own in them to mean anything: the notebook as it was handed out, say.
    """

    students: tuple[str, ...]
    kind: str
    blank: bool = False


def identical(digests: Mapping[str, str], submissions: Mapping[str, str], template: str) -> list[Group]:
    """The groups of submissions that are the same, the largest first.

    Parameters
    ----------
    digests : mapping of student to text
        Of the bytes of each submission.
    submissions, template
        As of `pairs`. A student of whom there is no code is compared by the digest alone.
    """
    words = {student: tuple(_tokens(code[:LARGEST])) for student, code in submissions.items()}
    given = fingerprints(template)
    own = {student for student, code in submissions.items() if len(words[student]) >= LEAST and fingerprints(code) - given}
    files = _alike(digests)
    equal = _alike({student: words[student] for student in own})
    answers = [group for group in equal if not any(set(group) <= set(known) for known in files)]
    found = [Group(group, "same file", all(one in words and one not in own for one in group)) for group in files]
    found += [Group(group, "same answers") for group in answers]
    return sorted(found, key=lambda group: (group.blank, -len(group.students), group.kind, group.students))


def _alike(values: Mapping[str, object]) -> list[tuple[str, ...]]:
    """The students who have the same value, where there are two or more."""
    holders: dict[object, list[str]] = {}
    for student in sorted(values):
        holders.setdefault(values[student], []).append(student)
    return [tuple(students) for students in holders.values() if len(students) > 1]


def pairs(submissions: Mapping[str, str], template: str, *, least: float = 0.5) -> list[Pair]:
    """The pairs of submissions that share at least `least` of what is theirs alone, most alike first.

    Parameters
    ----------
    submissions : mapping of student to code
        The answers of one exercise, as one text a student. It need not be valid Python.
    template : str
        What was handed out.
    least : float
        0 to 1.
    """
    given = fingerprints(template)
    own = {student: fingerprints(code) - given for student, code in submissions.items()}
    count = Counter(mark for marks in own.values() for mark in marks)
    most = max(2, int(COMMON * len(own)))
    rare = {student: {mark for mark in marks if count[mark] <= most} for student, marks in own.items()}
    found = []
    for one, other in _meeting(rare):
        smaller = min(len(rare[one]), len(rare[other]))
        shared = len(rare[one] & rare[other])
        if smaller >= LEAST and shared >= least * smaller:
            found.append(Pair(one, other, shared / smaller, shared))
    return sorted(found, key=lambda pair: (-pair.score, -pair.shared, pair.one, pair.other))


def fingerprints(code: str) -> set[int]:
    """The winnowed hashes of `code`; empty where it is shorter than one run of tokens."""
    words = _tokens(code[:LARGEST])
    hashes = [_hash(words[i : i + RUN]) for i in range(len(words) - RUN + 1)]
    if len(hashes) < WINDOW:
        return set(hashes[:1])
    return {min(hashes[i : i + WINDOW]) for i in range(len(hashes) - WINDOW + 1)}


def _meeting(rare: Mapping[str, set[int]]) -> Iterable[tuple[str, str]]:
    """The pairs that share at least one rare fingerprint, so that a large class need not be compared with itself."""
    holders: dict[int, list[str]] = {}
    for student in sorted(rare):
        for mark in rare[student]:
            holders.setdefault(mark, []).append(student)
    return sorted({pair for students in holders.values() for pair in combinations(students, 2)})


def _tokens(code: str) -> list[str]:
    """The words of `code`, as far as it can be read: names, numbers and texts each stand for one another."""
    words = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type in _SKIPPED:
                continue
            if token.type == tokenize.NAME:
                words.append(token.string if keyword.iskeyword(token.string) else "name")
            elif token.type in (tokenize.NUMBER, tokenize.STRING):
                words.append(tokenize.tok_name[token.type])
            else:
                words.append(token.string)
    except (tokenize.TokenError, SyntaxError):  # what is left is not Python; what came before still counts
        pass
    return words


def _hash(words: list[str]) -> int:
    return int.from_bytes(hashlib.blake2b("\0".join(words).encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
