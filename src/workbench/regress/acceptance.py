"""Accepting new outputs: they replace the stored ones, and nothing else in the file changes."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench import files, freshness
from workbench.regress.notebook import marks

if TYPE_CHECKING:
    from workbench.regress.rerun import Checked


def accept(checked: Checked) -> str:
    """Write the new outputs into the stored notebook, under a temporary name first.

    Sources and metadata of the notebook and its cells stay. Cells that nbval ignores or skips keep their outputs.

    Parameters
    ----------
    checked : Checked
        What `check_notebooks` returned.

    Returns
    -------
    str
        Why the outputs were not accepted; empty where they were. They are refused where a cell raises, and for a notebook of
        the catalogue that its master would build otherwise, or whose artefacts changed: then the outputs belong to something
        else than the file says, and ``workbench build`` is the way.
    """
    if checked.executed is None:
        return "a cell raises: mend it first"
    if checked.target:
        why = _outdated(checked)
        if why:
            lesson = checked.target.lesson.slug
            return f"{why}; edit the master and run `workbench build {lesson}`, which writes outputs that belong to it"
    _write(checked.path, checked.executed)
    return ""


def _outdated(checked: Checked) -> str:
    assert checked.target is not None
    for fault in freshness.faults(checked.target):
        if fault.kind != "differs":
            return str(fault)
    if any(difference.kind == "artifact" for difference in checked.differences):
        return "its artefacts changed too"
    return ""


def _write(path: Path, executed: Any) -> None:
    import nbformat

    notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=nbformat.NO_CONVERT)
    done = {cell.get("id"): cell for cell in executed["cells"]}
    for number, cell in enumerate(notebook["cells"], start=1):
        new = done.get(cell.get("id", f"cell-{number}"))
        if cell["cell_type"] == "code" and new is not None and not marks(cell) & {"ignore-output", "skip"}:
            cell["outputs"] = _joined(new["outputs"])
            cell["execution_count"] = new["execution_count"]
    files.write_text(path, f"{nbformat.writes(notebook).rstrip()}\n")


def _joined(outputs: list[Any]) -> list[Any]:
    """Outputs with the pieces of a stream that follow each other put together."""
    joined: list[Any] = []
    for output in map(copy.deepcopy, outputs):
        last = joined[-1] if joined else None
        if last and output["output_type"] == last["output_type"] == "stream" and output["name"] == last["name"]:
            last["text"] += output["text"]
        else:
            joined.append(output)
    return joined
