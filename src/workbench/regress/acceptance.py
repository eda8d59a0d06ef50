"""Accepting new outputs: they replace the stored ones, and nothing else in the file changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench import files, freshness, outputs
from workbench.regress.notebook import marks

if TYPE_CHECKING:
    from workbench.regress.rerun import Checked
    from workbench.targets import Target


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
        else than the file says, and ``workbench build`` is the way. What the build would not publish is refused too.
    """
    if checked.executed is None:
        return "a cell raises: mend it first"
    why = _unfit(checked, checked.target) if checked.target else ""
    if not why:
        _write(checked.path, checked.executed)
    return why


def _unfit(checked: Checked, target: Target) -> str:
    """Why new outputs do not belong into a notebook that the engine built."""
    build = f"workbench build {target.lesson.slug}"
    for fault in freshness.faults(target):
        if fault.kind != "differs":
            return f"{fault}; edit the master and run `{build}`, which writes outputs that belong to it"
    if any(difference.kind == "artifact" for difference in checked.differences):
        return f"its artefacts changed too; remove the notebook and run `{build}`, which writes them all"
    name = target.course.relative(checked.path.resolve())
    found = outputs.findings(checked.executed, notebook=name, course=target.course, digits=target.kind == "lesson")
    return f"the build would not publish this: {found[0]}" if found else ""


def _write(path: Path, executed: Any) -> None:
    from workbench.notebooks import nbformat

    notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=nbformat.NO_CONVERT)
    done = {cell.get("id"): cell for cell in executed["cells"]}
    for number, cell in enumerate(notebook["cells"], start=1):
        new = done.get(cell.get("id", f"cell-{number}"))
        if cell["cell_type"] == "code" and new is not None and not marks(cell) & {"ignore-output", "skip"}:
            cell["outputs"] = outputs.joined(new["outputs"])
            cell["execution_count"] = new["execution_count"]
    files.write_text(path, f"{nbformat.writes(notebook).rstrip()}\n")
