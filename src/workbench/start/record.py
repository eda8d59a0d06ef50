"""What a learner has answered rightly so far, an exercise a file in ``work/.progress``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from workbench import files
from workbench.checks.verdict import Result
from workbench.course import Course

FOLDER = ".progress"
_NAME = re.compile(r"[A-Za-z0-9_]+")


@dataclass(frozen=True)
class Earned:
    """The best verdict on one question.

    Attributes
    ----------
    points, possible : float
        Those of the best verdict so far, and those that there are.
    """

    points: float
    possible: float


@dataclass(frozen=True)
class Exercise:
    """What is known of one exercise.

    Attributes
    ----------
    possible : float
        Points of all its questions that a machine can judge.
    questions : mapping
        By slug; those that were checked at least once.
    """

    possible: float
    questions: Mapping[str, Earned]

    @property
    def points(self) -> float:
        """Of all questions together."""
        return sum(earned.points for earned in self.questions.values())

    @property
    def done(self) -> bool:
        """Whether everything is right."""
        return self.possible > 0 and self.points >= self.possible


def keep(course: Course, result: Result, *, points: Mapping[str, float]) -> None:
    """Remember a verdict, where it was given to a learner in a copy of theirs; a better one stays.

    Parameters
    ----------
    points : mapping
        Of each question of the exercise that a machine can judge, by slug. What was remembered of any other is dropped, and
        nothing counts for more than its question is worth now.
    """
    if not Path.cwd().is_relative_to(course.work):
        return
    name = result.slug.partition(".")[0]
    known = read(course, name)
    earned = {slug: one.points for slug, one in known.questions.items()} if known else {}
    earned[result.slug] = max(float(result.points), earned.get(result.slug, 0.0))
    questions = {slug: Earned(min(earned[slug], worth), worth) for slug, worth in points.items() if slug in earned}
    table = {"possible": sum(points.values()), "questions": {slug: asdict(one) for slug, one in questions.items()}}
    with suppress(OSError):  # a full disk must not keep anybody from an answer
        files.write_json(course.work / FOLDER / f"{name}.json", table)


def read(course: Course, name: str) -> Exercise | None:
    """What is remembered of the exercise `name`; None where there is nothing, or nothing that can be read."""
    file = course.work / FOLDER / f"{name}.json"
    if not _NAME.fullmatch(name) or not file.is_file():
        return None
    try:
        table = json.loads(file.read_text(encoding="utf-8"))
        questions = {
            str(slug): Earned(float(one["points"]), float(one["possible"])) for slug, one in table["questions"].items()
        }
        return Exercise(float(table["possible"]), questions)
    except (ValueError, KeyError, TypeError, AttributeError, OSError):
        return None
