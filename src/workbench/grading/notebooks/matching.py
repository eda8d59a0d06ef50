"""Which cell of a submission is which of those that were handed out: never by guessing, always in bounded time.

A cell is recognised by its id, then by nbgrader's name, then by a source that only one released cell has (the parameters
cell by the names that it sets), and an answer at last by its place: between two neighbours that were recognised. What is not
recognised was added by the student.
"""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from workbench.grading.manifest import ReleasedCell
from workbench.grading.notebooks.submitted import SubmittedCell

_CHECK = re.compile(r"""\s*check\(\s*(["'])([a-z0-9_.]{1,200})\1\s*\)\s*""")

_PARAMETERS = re.compile(r"(?:\w{1,100}: (?:bool|int|float|str) = [^\n]{0,500}\n)+")


@dataclass
class Matching:
    """What was recognised.

    Attributes
    ----------
    claimed : dict
        Place in the submission, by place in the release: the cell that counts as the released one.
    place : dict
        Place in the release, by place in the submission: for claimed cells and for their duplicates.
    """

    claimed: dict[int, int] = field(default_factory=dict)
    place: dict[int, int] = field(default_factory=dict)
    _copies: dict[int, list[int]] = field(default_factory=dict)

    def claim(self, released: int, submitted: int) -> None:
        """Let the submitted cell count as the released one; where another does already, as its duplicate."""
        self.claimed.setdefault(released, submitted)
        self.place[submitted] = released
        insort(self._copies.setdefault(released, []), submitted)

    def copies_of(self, released: int) -> list[int]:
        """The places in the submission of a released cell and its duplicates, in order."""
        return self._copies.get(released, [])

    @property
    def reordered(self) -> bool:
        """Whether the claimed cells stand in another order than they were released in."""
        order = [self.claimed[released] for released in sorted(self.claimed)]
        return any(one > other for one, other in pairwise(order))


def asks(cell: SubmittedCell) -> str:
    """The slug of the question that a submitted cell asks for, where it does nothing else; empty for any other cell."""
    asked = _CHECK.fullmatch(cell.source) if cell.kind == "code" and len(cell.source) < 300 else None
    return asked[2] if asked else ""


def match(released: Sequence[ReleasedCell], submitted: Sequence[SubmittedCell]) -> Matching:
    """Recognise the cells of a submission."""
    found = Matching()
    _by(found, released, submitted, lambda cell: cell.id, lambda cell: cell.id)
    _by(found, released, submitted, lambda cell: cell.grade_id, lambda cell: cell.grade_id)
    _by(found, released, submitted, _released_source, _submitted_source, twice=False)
    _by_neighbours(found, released, submitted)
    return found


def _by(
    found: Matching,
    released: Sequence[ReleasedCell],
    submitted: Sequence[SubmittedCell],
    ours: Callable[[ReleasedCell], str],
    theirs: Callable[[SubmittedCell], str],
    *,
    twice: bool = True,
) -> None:
    """Recognise cells by a name that only one released cell has; `twice`: a second cell of that name is a duplicate."""
    places: dict[str, list[int]] = {}
    for place, cell in enumerate(released):
        places.setdefault(ours(cell), []).append(place)
    for number, handed_in in enumerate(submitted):
        name = theirs(handed_in)
        own = places.get(name, ()) if name and number not in found.place else ()
        if len(own) == 1 and (twice or own[0] not in found.claimed):
            found.claim(own[0], number)


def _released_source(cell: ReleasedCell) -> str:
    if cell.kind == "check":
        return f"check {cell.slug}"
    if cell.parameters:
        return _parameters(cell.source)
    return f"{'prose' if cell.kind in ('text', 'words') else 'code'} {cell.source.strip()}"


def _submitted_source(cell: SubmittedCell) -> str:
    if slug := asks(cell):
        return f"check {slug}"
    if cell.kind == "code" and (names := _parameters(cell.source)):
        return names
    source = cell.source.strip()
    return f"{'code' if cell.kind == 'code' else 'prose'} {source}" if source else ""


def _parameters(source: str) -> str:
    """The names that a cell sets where it looks like a parameters cell; empty for any other."""
    text = f"{source.strip()}\n"
    if len(text) > 10_000 or not _PARAMETERS.fullmatch(text):
        return ""
    return "parameters " + " ".join(sorted(line.partition(":")[0] for line in text.splitlines()))


def _by_neighbours(found: Matching, released: Sequence[ReleasedCell], submitted: Sequence[SubmittedCell]) -> None:
    """Recognise answers by their place: next to one that stood next to it, with nothing that was recognised in between."""
    for place, cell in enumerate(released):
        if cell.kind not in ("answer", "words") or place in found.claimed:
            continue
        if place - 1 not in found.claimed and place + 1 not in found.claimed:
            continue
        before = max((one for one in found.claimed if one < place), default=None)
        after = min((one for one in found.claimed if one > place), default=None)
        start = found.claimed[before] + 1 if before is not None else 0
        end = found.claimed[after] if after is not None else len(submitted)
        between = range(start, end)
        if any(number in found.place for number in between):
            continue
        wanted = "code" if cell.kind == "answer" else "markdown"
        fitting = [number for number in between if submitted[number].kind == wanted and submitted[number].source.strip()]
        if fitting:
            found.claim(place, fitting[0])
