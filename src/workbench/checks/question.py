"""A question: its check function, or the rubric of the person who reads the answer, with what there is to know about it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from workbench.errors import CheckError

_SLUG = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


class Source(Protocol):
    """Where a check reads values from: the answer, or the key."""

    def read(self, name: str) -> Any:
        """The value of a name, which may be dotted."""

    def call(self, name: str, /, *arguments: Any, **named: Any) -> Any:
        """The result of calling a name."""


Check = Callable[[Any, Any], None]


@dataclass(frozen=True)
class Mutant:
    """A plausible wrong answer, which must not earn all the points.

    Parameters
    ----------
    name : str
        The mistake, in a few words.
    replace : (str, str), optional
        A piece of the solution's source, which must occur in it, and what stands in its place.
    code : str, optional
        The whole source of the question's cell, in place of `replace`.
    raises : bool
        Whether running the cell itself raises. A mutant that cannot run is broken unless it says so here.
    """

    name: str
    replace: tuple[str, str] | None = None
    code: str | None = None
    raises: bool = False

    def __post_init__(self) -> None:
        if (self.replace is None) == (self.code is None):
            raise CheckError(f"mutant `{self.name}` needs either `replace` or `code`")

    def source(self, solution: str) -> str:
        """The cell of this wrong answer, given the solution's.

        Raises
        ------
        CheckError
            When the piece to replace is not in the solution.
        """
        if self.replace is None:
            return self.code or ""
        old, new = self.replace
        if old not in solution:
            raise CheckError(f"mutant `{self.name}` replaces {old!r}, which is not in the solution")
        return solution.replace(old, new)


@dataclass(frozen=True)
class Question:
    """A check function, callable as it was written, and its description.

    Attributes
    ----------
    slug : str
        Permanent name, ``module.name``.
    points : float
        What a full answer earns, greater than 0.
    hints : tuple of str
        From a nudge to nearly the way, shown one after the other.
    of : str
        The question whose answer a hidden question judges too; empty for a visible one. See `workbench.checks.module`.
    forgeable : bool
        Whether it is judged by code that runs in the student's own process. See `workbench.checks.inherited`.
    """

    slug: str
    title: str
    points: float
    check: Check
    hints: tuple[str, ...] = ()
    mutants: tuple[Mutant, ...] = ()
    of: str = ""
    forgeable: bool = False

    def __call__(self, answer: Source, key: Source) -> None:
        """Run the check; it returns, or raises what `workbench.checks.verdict` defines."""
        self.check(answer, key)


@dataclass(frozen=True)
class Criterion:
    """One thing that the reader of a written answer looks for, and the points it is worth (more than 0)."""

    text: str
    points: float


@dataclass(frozen=True)
class Manual:
    """A question that is answered in words and read by a person; see `manual`.

    Attributes
    ----------
    criteria : tuple of Criterion
        The rubric: each is given in whole or in part.
    hints : tuple of str
        As for `Question`.
    """

    slug: str
    title: str
    criteria: tuple[Criterion, ...]
    hints: tuple[str, ...] = ()

    @property
    def points(self) -> float:
        """What a full answer earns."""
        return sum(criterion.points for criterion in self.criteria)


def manual(slug: str, *, title: str, criteria: Sequence[tuple[str, float]], hints: Sequence[str] = ()) -> Manual:
    """Describe a question that a person reads: no function judges it.

    Parameters
    ----------
    criteria : sequence of (str, number)
        What the reader looks for, and the points for each, more than 0. They are written down as literals, since the build
        reads them without running the module. Whoever has the check module can read them too: name what is looked for
        ("names the cause"), not the answer.

    Raises
    ------
    CheckError
        When the slug is not ``module.name`` in lower case, or there is no criterion that can be used.

    Examples
    --------
    >>> manual("rates.why", title="Why?", criteria=[("names the cause", 1), ("says what to do about it", 2)]).points
    3
    """
    _verify_slug(slug)
    _verify_hints(slug, hints)
    rubric = tuple(Criterion(text.strip(), points) for text, points in criteria)
    if not rubric or any(not (one.text and 0 < one.points < math.inf) for one in rubric):
        raise CheckError(f"`{slug}` needs criteria, each a text and more than 0 points")
    if len({one.text for one in rubric}) < len(rubric):
        raise CheckError(f"two criteria of `{slug}` have the same text")
    return Manual(slug, title, rubric, tuple(hints))


def question(
    slug: str,
    *,
    title: str,
    points: float = 1,
    hints: Sequence[str] = (),
    mutants: Sequence[Mutant] = (),
    of: str = "",
    forgeable: bool = False,
) -> Callable[[Check], Question]:
    """Turn a function of ``(answer, key)`` into a `Question`.

    Raises
    ------
    CheckError
        When a slug is not ``module.name`` in lower case, or the points are not more than 0.
    """
    for name in (slug, of) if of else (slug,):
        _verify_slug(name)
    if not points > 0:
        raise CheckError(f"`{slug}` must be worth more than 0 points, not {points!r}")
    _verify_hints(slug, hints)

    def decorate(check: Check) -> Question:
        return Question(slug, title, points, check, tuple(hints), tuple(mutants), of, forgeable)

    return decorate


def _verify_slug(slug: str) -> None:
    if not _SLUG.fullmatch(slug):
        raise CheckError(f"`{slug}` is not a question's name", remedy="write it as `module.name` in lower case")


def _verify_hints(slug: str, hints: Sequence[str]) -> None:
    if isinstance(hints, str):
        raise CheckError(f"the hints of `{slug}` must be a list of texts")
