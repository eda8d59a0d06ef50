"""A class of honest students: a real exercise released to them, and what they hand in."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench import regions
from workbench.catalog import Catalog, Lesson
from workbench.checks import exercise
from workbench.course import Course
from workbench.grading.arrivals.inbox import Arrival, Inbox
from workbench.grading.manifest import Manifest
from workbench.grading.people.roster import Roster
from workbench.release import release

Notebook = dict[str, Any]


@dataclass(frozen=True)
class HonestClass:
    """A release, and an inbox with one submission of everybody."""

    course: Course
    lesson: Lesson
    manifest: Manifest
    inbox: Inbox
    students: tuple[str, ...]


def make(
    folder: Path, *, lesson: str, students: int, variants: int = 1, spoil: Callable[[int, Notebook], bytes] | None = None
) -> HonestClass:
    """Release `lesson` to a class and hand in the solution for each of them, with a remark that differs.

    Parameters
    ----------
    variants : int
        1 for the same data for all; as many as students for one each.
    spoil : callable, optional
        Given a student's number and notebook, the bytes that are handed in.
    """
    course = Course.find(Path(__file__))
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"s{number:04d}" for number in range(students)]
    (folder / "roster.csv").write_text("id,name,email\n" + "".join(f"{name},Student {name},\n" for name in names))
    one = Catalog.load(course.catalog)[lesson]
    manifest = release(
        course,
        [one],
        roster=Roster.read(folder / "roster.csv"),
        out=folder / "release",
        variants=1,
        per_student=variants > 1,
        secret=b"a secret of the benchmark",
    )
    answers = solutions(course, one)
    inbox = Inbox(folder / "inbox")
    for number, name in enumerate(names):
        handed_out = folder / "release" / "students" / name / one.slug
        (path,) = handed_out.rglob(f"{one.slug}.ipynb")
        notebook = answered(json.loads(path.read_bytes()), answers, remark=name)
        data = spoil(number, notebook) if spoil else json.dumps(notebook).encode()
        arrival = Arrival(dt.datetime(2026, 3, 1, tzinfo=dt.UTC), original=path.name)
        inbox.put(data, arrival, lesson=one.slug, student=name)
    return HonestClass(course, one, manifest, inbox, tuple(names))


def solutions(course: Course, lesson: Lesson) -> dict[str, str]:
    """The author's answer to each question, by slug."""
    work = exercise.read(course, lesson, {})
    return {cell.question: regions.solution(cell.source) for cell in work.cells if cell.question}


def answered(notebook: Notebook, answers: dict[str, str], *, remark: str) -> Notebook:
    """`notebook` with every question answered."""
    for cell in notebook["cells"]:
        slug = next((tag.partition(":")[2] for tag in cell["metadata"].get("tags", ()) if tag.startswith("question:")), "")
        if slug in answers:
            cell["source"] = f"# {remark}\n{answers[slug]}"
    return notebook
