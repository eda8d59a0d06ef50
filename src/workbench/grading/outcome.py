"""What came of grading one submission: plain data that can cross to another machine and into the gradebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from workbench.checks.verdict import Outcome, Result
from workbench.codec import Tree
from workbench.grading.work import Flag

INFRA_ERROR = "infrastructure error"


@dataclass(frozen=True)
class Judgement:
    """The verdict on one question, with what it rests on.

    Attributes
    ----------
    result : Result
        Outcome, points and messages for the student.
    transcript : sequence
        What the check asked of the answer and what was replied, in order: ``{"ask": [...], "reply": {...}}``. A changed
        check is judged again from these where they suffice. Replies too large to keep are ``{"dropped": bytes}``.
    basis : str
        Digest of the check's definition and of the question's key: what this judgement would be made by again.
    hidden : bool
        Whether the question is a hidden one.
    seconds : float
        Time taken by asking and judging.
    fault : str
        Empty, or why our side could not judge (`INFRA_ERROR`); then the result's outcome is ``NOT_JUDGED`` and no score
        is to be drawn from it.
    """

    result: Result
    transcript: Sequence[Mapping[str, Tree]] = ()
    basis: str = ""
    hidden: bool = False
    seconds: float = 0.0
    fault: str = ""


@dataclass(frozen=True)
class CellRun:
    """What came of one cell.

    Attributes
    ----------
    outputs : sequence of mapping
        ``{"kind": "text" | "error" | "figure" | "html", "content": str}``; a figure is base64 PNG. Capped; hostile text.
    error : str
        ``TypeError: ...`` when it raised; the cells after it were run all the same.
    """

    cell: str
    outputs: Sequence[Mapping[str, str]] = ()
    error: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Usage:
    """What a submission took, measured outside of its process.

    Attributes
    ----------
    seconds, cpu : float
        From the first cell to the end; processor seconds of the whole tree.
    memory : int
        Peak bytes of the tree; 0 where it ended before it was looked at.
    measured_by : str
        ``cgroup`` or ``pss``.
    processes : int
        The most processes and threads seen at once.
    """

    seconds: float = 0.0
    cpu: float = 0.0
    memory: int = 0
    measured_by: str = ""
    processes: int = 0


@dataclass(frozen=True)
class Graded:
    """All that came of one submission.

    Attributes
    ----------
    judgements : tuple of Judgement
        Visible questions in order, then hidden ones. A question that was never reached, because the process had died, is
        judged like one whose answer is missing.
    ending : str
        How its process ended: ``finished``, ``time``, ``cpu``, ``memory``, ``processes``, ``output``, ``files``, ``died``
        (with a signal or exit of its own).
    tier : str
        What the sandbox consisted of: ``bubblewrap``, ``landlock``, ``plain``.
    fault : str
        Empty, or what of ours failed; then nothing here is a score.
    """

    judgements: tuple[Judgement, ...] = ()
    cells: tuple[CellRun, ...] = ()
    flags: tuple[Flag, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    ending: str = "finished"
    tier: str = ""
    fault: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, table: Mapping[str, Any]) -> Graded:
        """Read what `to_json` wrote."""
        return cls(
            tuple(judgement_from(row) for row in table["judgements"]),
            tuple(CellRun(**row) for row in table["cells"]),
            tuple(Flag(**row) for row in table["flags"]),
            dict(table["texts"]),
            Usage(**table["usage"]),
            table["ending"],
            table["tier"],
            table["fault"],
        )


def judgement_from(row: Mapping[str, Any]) -> Judgement:
    """A judgement from what ``dataclasses.asdict`` made of it."""
    result = {**row["result"], "outcome": Outcome(row["result"]["outcome"]), "messages": tuple(row["result"]["messages"])}
    return Judgement(**{**row, "result": Result(**result), "transcript": tuple(row["transcript"])})
