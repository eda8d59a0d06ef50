"""Importing assignments made for nbgrader: an exercise master, its checks, and what became of each cell.

nbgrader judges by cells of assertions that run beside the answer. They become questions whose tests run in the sandbox, in
the student's own process, and are labelled so (``forgeable``): a start, to be rewritten as checks one by one.

- An autograded answer becomes a tagged cell; the cells of tests up to the next answer become its question, one part each.
- Hidden tests become a hidden question with half of their cell's points, or nine tenths where the cell shows no test at all.
- What a person grades becomes a question that a person reads, answered in words.
- An answer that no test follows belongs to the next one that has tests.
"""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench import files, scaffold
from workbench.course import Course
from workbench.errors import GradingError
from workbench.grading.handout import nbgrader_masters as masters
from workbench.grading.handout.nbgrader_masters import Item, Tests

_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)
_POINTS = re.compile(r"\s*\(\d+ points?\)$")
_PIECES = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Imported:
    """The files written, and what the author should look at."""

    paths: tuple[Path, ...]
    notes: tuple[str, ...]


def import_assignment(course: Course, source: Path, *, slug: str, title: str, stage: str, summary: str = "") -> Imported:
    """Convert one notebook of nbgrader's ``source`` layout into a new lesson's exercise and checks.

    Parameters
    ----------
    source : Path
        The notebook with its solutions, or the folder of an assignment with one notebook.
    slug, title, stage, summary : str
        As for `workbench.scaffold.new_lesson`, which writes the lesson itself: a draft.

    Raises
    ------
    GradingError
        When the notebook cannot be read, is not in Python, or has nothing that is graded.
    CourseError
        When the name is taken or the stage does not exist. Nothing is written then.
    """
    path = _notebook(source)
    module = slug.partition("_")[2]
    notes = [f"`{other.name}` lies beside the notebook: bring it along if the exercise reads it" for other in _others(path)]
    items = list(_items(_table(path), module, notes))
    if not any(item.slug for item in items):
        raise GradingError("no cell of it is graded", where=str(path), remedy="give nbgrader's source version")
    texts = {
        course.exercises / f"{slug}.py": masters.exercise(items, module, title=title, number=slug[:2]),
        course.checks / f"{module}.py": masters.checks(items, module, number=slug[:2]),
    }
    hidden = masters.hidden(items, module, number=slug[:2])
    written = scaffold.new_lesson(course, slug, title=title, stage=stage, summary=summary)
    (course.hidden / f"{module}.py").unlink()
    if hidden:
        texts[course.hidden / f"{module}.py"] = hidden
    for place, text in texts.items():
        files.write_text(place, text)
    return Imported(tuple(one for one in written if one.exists()), tuple(notes))


def _notebook(source: Path) -> Path:
    if not source.is_dir():
        return source
    found = sorted(source.glob("*.ipynb"))
    if len(found) != 1:
        raise GradingError(f"{len(found)} notebooks, not one", where=str(source), remedy="name the notebook")
    return found[0]


def _others(path: Path) -> list[Path]:
    return sorted(one for one in path.parent.iterdir() if one != path and not one.name.startswith("."))


def _table(path: Path) -> dict[str, Any]:
    import nbformat

    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    except (OSError, ValueError, json.JSONDecodeError, nbformat.ValidationError) as error:
        raise GradingError(f"not a notebook: {type(error).__name__}: {error}", where=str(path)) from error
    language = str(notebook["metadata"].get("kernelspec", {}).get("language", "python"))
    if language != "python":
        raise GradingError(f"it is in {language}, not in Python", where=str(path))
    return dict(notebook)


def _items(table: Mapping[str, Any], module: str, notes: list[str]) -> Iterator[Item]:
    """The cells of the exercise, in order."""
    state = _State(module, notes)
    for cell in table["cells"]:
        yield from state.taken(cell)
    yield from state.closed()


class _State:
    """The answer whose tests are being collected, and what waits for its place behind them."""

    def __init__(self, module: str, notes: list[str]) -> None:
        self.module = module
        self.notes = notes
        self.heading = ""
        self.slugs: set[str] = set()
        self.answer: Item | None = None
        self.waiting: list[Item] = []  # what stands after the last cell of tests of the answer

    def taken(self, cell: Mapping[str, Any]) -> Iterator[Item]:
        mark = cell["metadata"].get("nbgrader", {})
        graded, solution = bool(mark.get("grade")), bool(mark.get("solution"))
        name = str(mark.get("grade_id", ""))
        if cell["cell_type"] == "markdown" and (headings := _HEADING.findall(cell["source"])):
            self.heading = _POINTS.sub("", headings[-1].strip("# "))
        if mark.get("task") or (graded and solution):
            yield from self.closed()
            yield from self._by_hand(cell, name, float(mark.get("points", 0)))
        elif solution and cell["cell_type"] == "code":
            yield from self._answered(self._plain(cell), name)
        elif graded:
            self._tested(cell["source"], name, float(mark.get("points", 0)))
        elif cell["cell_type"] == "raw":
            self.notes.append("a raw cell was left out")
        else:
            item = Item("code" if cell["cell_type"] == "code" else "text", self._plain(cell))
            if self.answer is None:
                yield item
            else:
                self.waiting.append(item)

    def closed(self) -> Iterator[Item]:
        """End the answer: it, its check, and what stood after it."""
        if self.answer is None:
            return
        answer, self.answer = self.answer, None
        if not any(one.points for one in answer.tests):
            self.notes.append(f"no test judges `{answer.slug}`: it has 1 point for being there at all")
            answer.tests, answer.points = [], 1.0
        yield answer
        yield Item("check", "", answer.slug)
        waiting, self.waiting = self.waiting, []
        yield from waiting

    def _answered(self, source: str, name: str) -> Iterator[Item]:
        if self.answer and not self.answer.tests:
            # No test so far: both cells are one answer, and what stood between them comes before it.
            waiting, self.waiting = self.waiting, []
            yield from waiting
            self.notes.append(f"`{name}` was joined with the answer before it, which no test judges")
            self.answer.source = f"{self.answer.source}\n\n\n{masters.in_region(source)}"
            return
        yield from self.closed()
        self.answer = Item("answer", masters.in_region(source), self._slug(name), self.heading or name)

    def _tested(self, source: str, name: str, points: float) -> None:
        shown, hidden = masters.without_hidden(source)
        if "AUTOTEST" in source:
            self.notes.append(f"`{name}` has AUTOTEST lines, which only nbgrader expands: write the tests")
        if self.answer is None:
            self.notes.append(f"the tests of `{name}` follow no answer and were left out")
        elif not points or not (masters.does_something(shown) or masters.does_something(hidden)):
            self.notes.append(f"`{name}` gives no points or tests nothing, and was left out")
        elif not (masters.is_python(shown) and masters.is_python(hidden)):
            self.notes.append(f"`{name}` is not plain Python and was left out")
        else:
            self.answer.tests.append(Tests(name, points, shown, hidden))

    def _by_hand(self, cell: Mapping[str, Any], name: str, points: float) -> Iterator[Item]:
        text, scheme = masters.without_scheme(str(cell["source"]))
        slug = self._slug(name)
        if not points:
            self.notes.append(f"`{name}` is read by a person for 0 points: it has 1 now")
        if cell["metadata"]["nbgrader"].get("task"):
            yield Item("text", text)
            text = scheme or "(no model answer was given)"
        elif cell["cell_type"] == "code":
            self.notes.append(f"`{name}` is code that a person reads: students write it into a text cell")
            text = f"```python\n{text}\n```"
        yield Item("words", masters.in_region(text), slug, self.heading or name, points or 1.0)
        yield Item("check", "", slug)

    def _plain(self, cell: Mapping[str, Any]) -> str:
        if cell["cell_type"] != "code":
            return str(cell["source"])
        source, left_out = masters.without_magics(cell["source"])
        self.notes.extend(f"`{line}` was made a comment" for line in left_out)
        return source

    def _slug(self, name: str) -> str:
        """A name for a question from nbgrader's: lower case, not used yet."""
        base = _PIECES.sub("_", name.lower()).strip("_").removeprefix(f"{self.module}_") or "question"
        if base in masters.TAKEN or keyword.iskeyword(base) or not base[0].isalpha():
            base = f"q_{base}"
        slug, number = base, 2
        while slug in self.slugs:
            slug, number = f"{base}_{number}", number + 1
        self.slugs.add(slug)
        return slug
