"""One submission to be graded, as plain data: it can be sent to another machine that has the course."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from workbench.grading.sandbox.limits import Limits
from workbench.grading.work import Flag, Step, Work
from workbench.parameters import Value

NO_HIDDEN = "-"


@dataclass(frozen=True)
class Task:
    """One submission.

    Attributes
    ----------
    course : str
        The course's folder.
    lesson, checks : str
        The lesson's slug, and the name of its check module.
    parameters : mapping
        All of the exercise's parameters, as they were released.
    skip : tuple of str
        Questions that need no judging, having been judged before.
    hidden : str
        File of the hidden check module; empty for the course's own, if it has one; ``"-"`` for none.
    require : str
        The least tier of the sandbox; empty for the best there is.
    allow_plain : bool
        Whether resource limits alone will do: for people who are trusted.
    closed : tuple of str
        Files and folders that lie where submissions may read, and are none of theirs: an inbox, a gradebook.
    """

    course: str
    lesson: str
    checks: str
    parameters: Mapping[str, Value]
    work: Work
    skip: tuple[str, ...] = ()
    hidden: str = ""
    limits: Limits = field(default_factory=Limits)
    require: str = ""
    allow_plain: bool = False
    closed: tuple[str, ...] = ()

    def hidden_module(self, folder: Path) -> Path | None:
        """The file of the hidden questions, `folder` being the course's own for them; None for none."""
        if self.hidden == NO_HIDDEN:
            return None
        path = Path(self.hidden) if self.hidden else folder / f"{self.checks}.py"
        return path if self.hidden or path.is_file() else None

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, table: Mapping[str, Any]) -> Task:
        """Read what `to_json` wrote."""
        work = Work(
            tuple(Step(**row) for row in table["work"]["steps"]),
            dict(table["work"]["texts"]),
            tuple(Flag(**row) for row in table["work"]["flags"]),
        )
        limits = Limits(**table["limits"])
        return cls(
            **{**table, "work": work, "limits": limits, "skip": tuple(table["skip"]), "closed": tuple(table["closed"])}
        )
