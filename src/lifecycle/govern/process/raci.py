"""Who does what: a table of tasks and roles, in which every task has exactly one person who answers for it.

R does the work, A answers for it, C is asked before, I is told after. A row without A belongs to nobody; a row with two
has two people who each think of the other. C and I may be missing: not every task needs advice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lifecycle.govern.process.errors import ProcessError
from lifecycle.govern.process.given import mapping
from lifecycle.govern.process.tables import table

LETTERS = frozenset("RACI")


@dataclass(frozen=True)
class Raci:
    """A responsibility matrix.

    Attributes
    ----------
    tasks : mapping of str to mapping of str to str
        Task, then role, to letters such as ``"A/R"``; ``"-"`` or nothing where the role has no part.
    roles : mapping of str to str
        Short name to full name.
    """

    tasks: Mapping[str, Mapping[str, str]]
    roles: Mapping[str, str]

    def letters(self, task: str, role: str) -> frozenset[str]:
        """The letters of one cell, as a set.

        Raises
        ------
        ProcessError
            For a task or a role that is not in the table.
        """
        if task not in self.tasks:
            raise ProcessError(f"no task `{task}`", where="RACI table", remedy="tasks: " + ", ".join(self.tasks))
        if role not in self.roles:
            raise ProcessError(f"no role `{role}`", where="RACI table", remedy="roles: " + ", ".join(self.roles))
        cell = mapping(self.tasks[task], where=f"RACI table: {task}").get(role, "")
        if not isinstance(cell, str):
            raise ProcessError("a cell that is no text", where=f"RACI table: {task}, {role}",
                               remedy='write "-" where the role has no part')  # fmt: skip
        return frozenset(each.strip() for each in cell.split("/")) - {"", "-"}

    def who(self, task: str, letter: str) -> tuple[str, ...]:
        """The roles that have `letter` in `task`, in the table's order.

        Raises
        ------
        ProcessError
            For a task that is not in the table, or a letter that is none of R, A, C, I.
        """
        _known(letter)
        return tuple(role for role in self.roles if letter in self.letters(task, role))

    def tasks_of(self, role: str, letter: str) -> tuple[str, ...]:
        """The tasks in which `role` has `letter`; for what is none of R, A, C, I a ProcessError."""
        _known(letter)
        return tuple(task for task in self.tasks if letter in self.letters(task, role))

    def load(self) -> list[dict[str, Any]]:
        """How often each role has each letter: one row a role."""
        return [{"role": role} | {each: len(self.tasks_of(role, each)) for each in "RACI"} for role in self.roles]

    def faults(self) -> list[str]:
        """Every rule that a row breaks, by the task's name; empty for a sound table.

        Rules: known roles and letters only; exactly one A; at least one R.
        """
        found = [] if self.tasks else ["the table has no tasks"]
        for task, row in self.tasks.items():
            found += [f"{task}: no role `{role}`" for role in row if role not in self.roles]
            for role in self.roles:
                odd = sorted(self.letters(task, role) - LETTERS)
                found += [f"{task}: `{each}` of {role} is none of R, A, C, I" for each in odd]
            answering = self.who(task, "A")
            if len(answering) != 1:
                found.append(f"{task}: {len(answering)} A ({', '.join(answering) or 'nobody answers for it'})")
            if not self.who(task, "R"):
                found.append(f"{task}: no R (nobody does it)")
        return found


def _known(letter: str) -> None:
    if letter not in sorted(LETTERS):
        raise ProcessError(f"no letter `{letter}`", where="RACI table", remedy="one of: R, A, C, I")


def raci() -> Raci:
    """The table of eleven tasks and seven roles that the course teaches."""
    content = table("raci")
    return Raci(content["tasks"], content["roles"])
