"""Reading the py:percent format, as much of it as masters use.

jupytext reads the same cells from the same text (a test holds them together), but importing it takes longer than reading
every master of a course. One thing differs: a comment such as ``# %time f()`` stays the comment that it is.
"""

from __future__ import annotations

import re
from typing import Any

from workbench import syntax
from workbench.errors import MasterError

_MARK = re.compile(r"# %%(?P<markdown> \[markdown\])?(?: tags=(?P<tags>\[[^\]]*\]))?\s*")


def cells_of(text: str, *, where: str) -> list[dict[str, Any]]:
    """The cells of a master: ``cell_type``, ``source`` and ``metadata``, which holds the tags alone.

    Raises
    ------
    MasterError
        For text before the first ``# %%``, a cell mark that is not ``# %%``, ``# %% [markdown]`` or one of them with
        ``tags=["..."]``, and a line of a markdown cell that is not a comment; `where` and the line are named.
    """
    cells: list[dict[str, Any]] = []
    lines: list[tuple[str, str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        place = f"{where}: line {number}"
        if line.startswith("# %%"):
            _close(cells, lines)
            cells.append(_opened(line, place))
            lines = []
        elif cells:
            lines.append((line, place))
        elif line.strip():
            raise MasterError("text before the first cell", where=place, remedy="open it with `# %% [markdown]`")
    _close(cells, lines)
    return cells


def _opened(line: str, place: str) -> dict[str, Any]:
    mark = _MARK.fullmatch(line)
    if mark is None:
        raise MasterError(
            f"`{line}` does not open a cell", where=place, remedy='write `# %%`, `# %% [markdown]`, `tags=["…"]`'
        )
    try:
        tags = syntax.literal(mark["tags"] or "[]")
    except (SyntaxError, ValueError) as error:
        raise MasterError(f"the tags {mark['tags']} are not a list of texts", where=place) from error
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise MasterError(f"the tags {mark['tags']} are not a list of texts", where=place)
    kind = "markdown" if mark["markdown"] else "code"
    return {"cell_type": kind, "source": "", "metadata": {"tags": tags} if tags else {}}


def _uncommented(line: str, place: str) -> str:
    if line.strip() and not line.startswith("#"):
        raise MasterError("a line of a markdown cell is not a comment", where=place, remedy="put `# ` before it")
    return line[2:] if line.startswith("# ") else line[1:]


def _close(cells: list[dict[str, Any]], lines: list[tuple[str, str]]) -> None:
    """End the open cell; blank lines after its source belong to the format, not to the cell."""
    while lines and not lines[-1][0].strip():
        lines.pop()
    if cells:
        markdown = cells[-1]["cell_type"] == "markdown"
        cells[-1]["source"] = "\n".join(_uncommented(line, place) if markdown else line for line, place in lines)
