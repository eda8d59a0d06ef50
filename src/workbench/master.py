"""From a master, a text in the py:percent format, to the notebook that a person opens.

Two readings of one master are equal to the byte: identifiers come from the headings, and nothing says when or where
it was read.
"""

from __future__ import annotations

import copy
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

from workbench import regions
from workbench.course import Course
from workbench.errors import MasterError
from workbench.parameters import Parameter, parse_cell
from workbench.percent import cells_of

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)
_DECORATION = re.compile(r"^(\w+ )?\d+\s*·\s*|\s*\(\d+ points?\)$")
_SLUG_LENGTH = 40  # of the 64 characters that a cell id may have


def read(path: Path, course: Course) -> Any:
    """Turn the master at `path` into a ``nbformat.NotebookNode``; see `table`."""
    from nbformat import from_dict

    return from_dict(table(path, course))


def table(path: Path, course: Course) -> dict[str, Any]:
    """Turn the master at `path` into a notebook without outputs; solution regions stay as they are written.

    Returns
    -------
    dict
        A notebook of format 4.5. Cell ids are ``NN-section-KK``: the lesson's number, the heading above, a number within
        the section.

    Raises
    ------
    MasterError
        When the file is missing, is not UTF-8, has no cells, or its solution regions are not in order.
    """
    where = course.relative(path)
    cells = _cells(_text(path, where), where)
    if cells[0]["cell_type"] != "markdown":
        cells.insert(0, {"cell_type": "markdown", "metadata": {}, "source": ""})
    cells[0]["source"] = _origin(cells[0]["source"], where)
    for cell, name in zip(cells, _ids(cells, path.stem.split("_", 1)[0]), strict=True):
        cell["id"] = name
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": copy.deepcopy(METADATA), "cells": cells}


def parameters_of(nb: Any, *, where: str = "parameters") -> list[Parameter]:
    """The parameters that the notebook's ``parameters`` cell declares; none where it has no such cell.

    Raises
    ------
    MasterError
        When there are two such cells, or a line is not ``name: type = value  # help``; `where` is named.
    """
    cells = [cell for cell in nb["cells"] if "parameters" in cell["metadata"].get("tags", ())]
    if len(cells) > 1:
        raise MasterError(f"{len(cells)} cells are tagged `parameters`", where=where, remedy="keep one")
    return [parameter for cell in cells for parameter in parse_cell(cell["source"], where=where)]


def slug_of(heading: str) -> str:
    """`heading` in lower-case ASCII words joined by hyphens, at most 40 characters.

    A number that opens it (``Question 2 · ``) and points that close it (`` (2 points)``) are left out: they change while
    the section stays the same.
    """
    plain = unicodedata.normalize("NFKD", _DECORATION.sub("", heading)).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain.lower().replace("'", ""))
    slug = ""
    for word in words:
        if len(slug) + len(word) + 1 > _SLUG_LENGTH:
            break
        slug = f"{slug}-{word}" if slug else word
    return slug or "section"


def _text(path: Path, where: str) -> str:
    try:
        return path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except FileNotFoundError as error:
        raise MasterError("there is no such master", where=where) from error
    except UnicodeDecodeError as error:
        raise MasterError(f"not UTF-8 at byte {error.start}", where=where) from error


def _cells(text: str, where: str) -> list[dict[str, Any]]:
    regions.verify(text, where=where)
    cells = cells_of(text, where=where)
    if not cells:
        raise MasterError("has no cells", where=where, remedy="open it with a `# %% [markdown]` cell")
    for cell in cells:
        if cell["cell_type"] == "code":
            cell |= {"execution_count": None, "outputs": []}
    return cells


def _origin(source: str, where: str) -> str:
    comment = f"<!-- Built from {where} by `workbench build`: edit that file, not this one. -->"
    head = f"{comment}\n{source}\n" if source else comment
    return f"{head}\n<small>Built from `{where}`.</small>"


def _ids(cells: list[dict[str, Any]], number: str) -> list[str]:
    section = "start"
    seen: Counter[str] = Counter()
    ids: list[str] = []
    for cell in cells:
        prose = cell["cell_type"] == "markdown" and not regions.question_of(cell)  # an answer in words opens no section
        headings = _HEADING.findall(cell["source"]) if prose else []
        own = section
        if headings and (cell["source"].lstrip().startswith("#") or not ids):
            own = slug_of(headings[0])
        seen[own] += 1
        ids.append(f"{number}-{own}-{seen[own]:02d}")
        section = slug_of(headings[-1]) if headings else section
    return ids
