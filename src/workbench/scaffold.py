"""A new lesson with its exercise, checks and quiz, which passes the gate before its author has written a word."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from importlib.resources import files as resources
from pathlib import Path
from string import Template

from workbench import files
from workbench.catalog import Catalog
from workbench.course import Course
from workbench.errors import CourseError

_SLUG = re.compile(r"\d\d_[a-z][a-z0-9_]*")


def new_lesson(course: Course, slug: str, *, title: str, stage: str, summary: str = "") -> list[Path]:
    """Write the masters of a new lesson and its entry in the catalogue; nothing that exists is touched.

    Parameters
    ----------
    slug : str
        Two digits, an underscore and a name in lower case; the name is also that of the check module.
    title, summary : str
        For the catalogue and the headings.
    stage : str
        Slug of a stage that the catalogue has.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    CourseError
        When the name is taken or not a name, or the stage does not exist. Nothing is written then.
    """
    if not _SLUG.fullmatch(slug):
        raise CourseError(
            f"`{slug}` is not two digits, an underscore and a name in lower case", remedy="such as 07_packaging"
        )
    if not title.strip() or "\n" in title + summary:
        raise CourseError("the title must be one line that says something")
    number, name = slug.split("_", 1)
    _check_catalog(course, slug, stage)
    words = {
        "slug": slug,
        "number": number,
        "name": name,
        "title": title.strip(),
        "exercise": _link(course.notebooks, course.exercise_notebooks / f"{slug}.ipynb"),
        "lesson": _link(course.exercise_notebooks, course.notebooks / f"{slug}.ipynb"),
    }
    places = {
        course.lessons / f"{slug}.py": "lesson",
        course.exercises / f"{slug}.py": "exercise",
        course.checks / f"{name}.py": "checks",
        course.hidden / f"{name}.py": "hidden",
        course.quizzes / f"{slug}.toml": "quiz",
    }
    taken = [path for path in places if path.exists()]
    if taken:
        raise CourseError(f"{course.relative(taken[0])} exists already", remedy="choose another name, or edit that file")
    written = [files.write_text(path, _filled(template, words)) for path, template in places.items()]
    written.append(_entered(course, slug, words["title"], stage, summary.strip()))
    return written


def _check_catalog(course: Course, slug: str, stage: str) -> None:
    catalog = Catalog.load(course.catalog)
    taken = [lesson.slug for lesson in catalog.lessons if lesson.number == slug[:2] or lesson.checks == slug[3:]]
    if taken:
        raise CourseError(f"the number or name of `{slug}` is taken by `{taken[0]}`", where=course.relative(course.catalog))
    stages = [known.slug for known in catalog.stages]
    if stage not in stages:
        raise CourseError(
            f"no stage `{stage}`", where=course.relative(course.catalog), remedy=f"stages: {', '.join(stages)}"
        )


def _entered(course: Course, slug: str, title: str, stage: str, summary: str) -> Path:
    """The catalogue with the new entry at its end; its other text, comments included, stays as it is."""
    before = course.catalog.read_text(encoding="utf-8").rstrip("\n")
    words = {"slug": slug, "title": title, "stage": stage, "summary": summary or title, "checks": slug[3:]}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in words.items()]
    lines += ["minutes = 30", "exercise_minutes = 15", "parameters.seed.min = 0", "trial = { seed = 7 }"]
    return files.write_text(course.catalog, "\n".join([before, "", "[[lessons]]", *lines, ""]))


def _filled(template: str, words: Mapping[str, str]) -> str:
    source = (resources("workbench") / "templates" / f"new_{template}.txt").read_text(encoding="utf-8")
    return Template(source).substitute(words)


def _link(folder: Path, target: Path) -> str:
    return Path(os.path.relpath(target, folder)).as_posix()
