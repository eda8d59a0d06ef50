"""What is to be run of one submission: cells in order, and where a question is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Step:
    """One cell to run, or one question to judge at this place.

    Attributes
    ----------
    kind : str
        ``run``: execute `source` as a notebook would. ``ask``: judge the question `slug` on the names that exist now.
    cell : str
        The cell's id in the release; for a cell that the student added, ``"added-N"``.
    source : str
        Python as in a notebook cell (magics and top-level ``await`` included); empty for ``ask``.
    slug : str
        The question that this cell answers or asks for; empty for a supplied or added cell.
    """

    kind: Literal["run", "ask"]
    cell: str
    source: str = ""
    slug: str = ""


@dataclass(frozen=True)
class Flag:
    """Something about a submission that a person should know; it never changes a score by itself.

    Attributes
    ----------
    kind : str
        One word or two, the same for the same thing: ``edited cell``, ``missing cell``, ``duplicate cell``,
        ``reordered``, ``added cell``, ``edited parameters``, ``another variant``, ``wrong kernel``, ``retyped cell``,
        ``shell``.
    text : str
        One sentence for the instructor.
    cell : str
        The id of the cell, where one is meant.
    """

    kind: str
    text: str
    cell: str = ""


@dataclass(frozen=True)
class Work:
    """A submission as it will be run.

    Attributes
    ----------
    steps : tuple of Step
        In order. Hidden questions are not among them: they are judged after the last.
    texts : mapping
        The student's words for each question that a person reads, by slug.
    flags : tuple of Flag
        What the intake noticed.
    """

    steps: tuple[Step, ...]
    texts: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
