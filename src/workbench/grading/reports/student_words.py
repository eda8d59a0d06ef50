"""What is said to the student: of what was noticed in their notebook, of how it ended, of what their cells showed."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from workbench.grading.execution import sitting
from workbench.grading.outcome import CellRun, Graded
from workbench.grading.work import Flag

REMARKS = {
    "another variant": "The notebook that you handed in was made for somebody else: its parameters are not yours. Its "
    "answers were worked out with other data than those by which yours are judged.",
    "another exercise": "Not one question of this exercise was found in your notebook. Did you hand in the right file?",
    "edited parameters": "The parameters were changed. Your notebook was run with those that were handed out to you.",
    "edited cell": "A cell that was handed out to you was changed. It was run as it was handed out.",
    "missing cell": "A cell of the notebook was missing. What was handed out was put back; your own answers cannot be.",
    "duplicate cell": "A cell was there more than once. All copies were run, in the order in which they stand.",
    "reordered": "Cells stood in another order. They were run in the one in which they were handed out.",
    "added cell": "You added cells. Each was run after the cell that it follows.",
    "retyped cell": "The type of a cell was changed. An answer in code was run as code all the same.",
    "wrong kernel": "The notebook asked for another language. It was run with Python.",
    "old format": "The notebook was in an old format and was converted.",
    "odd format": "The notebook was in a format of another version and was read as far as possible.",
    "broken cell": "Some cells could not be read as cells of a notebook and were left out.",
}
"""What a student is told of a flag, by its kind. A kind that is not here is for the instructor alone."""

_STOPPED = re.compile(r"TimeLimit: the cell was stopped after ([\d.]{1,12}) seconds")
_ENDED = "the notebook was ended in this cell: "
_FILE = re.compile(r"(?<![\w/.~-])/(?:[^\s/:'\"<>]{1,100}/){1,40}(?=[^\s/:'\"<>]{1,100}\.(?:py|pyi|pyc|so)\b)")


def remarks(flags: Sequence[Flag]) -> list[str]:
    """A sentence for each kind of flag that concerns the student, in the flags' order."""
    kinds = dict.fromkeys(flag.kind for flag in flags)
    return [REMARKS[kind] for kind in kinds if kind in REMARKS]


def unreadable(graded: Graded | None) -> str:
    """Why the file could not be read; empty where it could."""
    if graded is None or graded.ending != "unreadable":
        return ""
    return next((flag.text for flag in graded.flags if flag.kind == "unreadable"), "it is not a notebook")


def early(graded: Graded | None) -> str:
    """How the notebook ended before its last cell; empty where it came to its end, or was never run."""
    if graded is None or graded.ending in ("finished", "unreadable"):
        return ""
    return sitting.ended(graded.ending)


def stopped(runs: Sequence[CellRun]) -> str:
    """What is to be said of a cell that was not let run to its end; empty where all were."""
    for run in runs:
        if found := _STOPPED.match(run.error):
            return f"Your cell was stopped after {found[1]} seconds: what it had not made by then does not exist."
        if run.error.startswith(_ENDED):
            return f"The notebook was ended in this cell: {run.error.removeprefix(_ENDED)}."
    return ""


def without_paths(run: CellRun) -> CellRun:
    """What a cell showed, without the folders in which the grader's machine keeps Python and the course."""
    outputs = tuple(one if one["kind"] == "figure" else {**one, "content": _plain(one["content"])} for one in run.outputs)
    return replace(run, outputs=outputs, error=_plain(run.error))


def _plain(text: str) -> str:
    text = _FILE.sub("", text)
    for folder in sorted({sys.prefix, sys.base_prefix, str(Path.cwd()), str(Path.home())}, key=len, reverse=True):
        if len(folder) > len("/usr"):  # which every machine has
            text = text.replace(f"{folder}/", "").replace(folder, "")
    return text
