"""A question: its check function with what a reader and the author gate need to know about it."""

from __future__ import annotations

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
    """

    slug: str
    title: str
    points: float
    check: Check
    hints: tuple[str, ...] = ()
    mutants: tuple[Mutant, ...] = ()
    of: str = ""

    def __call__(self, answer: Source, key: Source) -> None:
        """Run the check; it returns, or raises what `workbench.checks.verdict` defines."""
        self.check(answer, key)


def question(
    slug: str,
    *,
    title: str,
    points: float = 1,
    hints: Sequence[str] = (),
    mutants: Sequence[Mutant] = (),
    of: str = "",
) -> Callable[[Check], Question]:
    """Turn a function of ``(answer, key)`` into a `Question`.

    Raises
    ------
    CheckError
        When a slug is not ``module.name`` in lower case, or the points are not more than 0.
    """
    for name in (slug, of) if of else (slug,):
        if not _SLUG.fullmatch(name):
            raise CheckError(f"`{name}` is not a question's name", remedy="write it as `module.name` in lower case")
    if not points > 0:
        raise CheckError(f"`{slug}` must be worth more than 0 points, not {points!r}")
    if isinstance(hints, str):
        raise CheckError(f"the hints of `{slug}` must be a list of texts")

    def decorate(check: Check) -> Question:
        return Question(slug, title, points, check, tuple(hints), tuple(mutants), of)

    return decorate
