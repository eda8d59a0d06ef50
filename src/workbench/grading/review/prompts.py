"""What students were asked and what the author would answer, from the masters of a course."""

from __future__ import annotations

import re
from typing import NamedTuple

from workbench import master, regions
from workbench.catalog import Catalog
from workbench.course import Course

_KEPT = re.compile(r"^(?:\s*(?:[|>#]|[-*+] |\d+[.)] |```)|    )", re.MULTILINE)


class Prompt(NamedTuple):
    """The text above an answer in words, and the model answer."""

    asked: str
    model: str


def of_course(course: Course) -> dict[tuple[str, str], Prompt]:
    """The prompts of all questions that people read, by lesson and question.

    Raises
    ------
    CourseError, MasterError
        When the catalogue or a master cannot be read.
    """
    found = {}
    for lesson in Catalog.load(course.catalog).lessons:
        if not lesson.checks:
            continue
        path = course.exercises / f"{lesson.slug}.py"
        asked = ""
        for cell in master.table(path, course)["cells"]:
            if cell["cell_type"] != "markdown":
                continue
            if slug := regions.question_of(cell):
                model = regions.solution(cell["source"], where=course.relative(path))
                found[lesson.slug, slug] = Prompt(_flowing(asked), _flowing(model))
            else:
                asked = cell["source"]
    return found


def _flowing(source: str) -> str:
    """Markdown as plain text to be read: without its heading, a paragraph on one line; lists and tables as they are."""
    blocks = re.split(r"\n\s*\n", re.sub(r"\A#+ .*\n*", "", source.strip()))
    return "\n\n".join(block if _KEPT.search(block) else " ".join(block.split()) for block in blocks)
