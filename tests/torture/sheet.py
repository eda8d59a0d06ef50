"""A submission under construction: the exercise as it was handed out, and what somebody did to it."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

POINTS = {"safe.code": 2.0, "safe.mix": 3.0, "safe.table": 2.0, "safe.mix_elsewhere": 3.0}
"""The questions of the exercise in ``tests/torture/course``, in the order in which they are judged; the last is hidden."""

VISIBLE = ("safe.code", "safe.mix", "safe.table")

HONEST = {
    "safe.code": "code = sum(number * number for number in dial)",
    "safe.mix": "def mix(numbers):\n"
    "    return (sum(place * number for place, number in enumerate(numbers, 1)) + seed) % 1009\n",
    "safe.table": 'tried = log.groupby("door", as_index=False)["tries"].sum()',
}


class Sheet:
    """A notebook that can be answered, added to and spoilt.

    Parameters
    ----------
    notebook : mapping
        The stub as it was released, as JSON.
    """

    def __init__(self, notebook: Mapping[str, Any]) -> None:
        self.notebook: Any = copy.deepcopy(dict(notebook))
        for cell in self.cells:
            cell["source"] = "".join(cell["source"])  # files have it as a list of lines

    @property
    def cells(self) -> list[Any]:
        """Its cells, to be changed in place."""
        return self.notebook["cells"]

    def place(self, slug: str) -> int:
        """Where the cell stands that answers `slug`."""
        return next(i for i, cell in enumerate(self.cells) if f"question:{slug}" in cell["metadata"].get("tags", ()))

    def answer(self, slug: str, source: str | None = None) -> Sheet:
        """Put `source`, or the honest answer, into the cell of `slug`."""
        self.cells[self.place(slug)]["source"] = HONEST[slug] if source is None else source
        return self

    def honest(self, *without: str) -> Sheet:
        """Answer all questions, but for those named."""
        for slug in VISIBLE:
            if slug not in without:
                self.answer(slug)
        return self

    def add(self, source: str, at: int | None = None, *, kind: str = "code") -> Sheet:
        """Add a cell, at the end or before the cell number `at`."""
        cell: dict[str, Any] = {"cell_type": kind, "id": f"new-{len(self.cells)}", "metadata": {}, "source": source}
        if kind == "code":
            cell |= {"outputs": [], "execution_count": None}
        self.cells.insert(len(self.cells) if at is None else at, cell)
        return self

    def first(self, source: str) -> Sheet:
        """Add a code cell before all others."""
        return self.add(source, 0)

    def bytes(self) -> bytes:
        """The file."""
        return json.dumps(self.notebook).encode("utf-8", "surrogatepass")
