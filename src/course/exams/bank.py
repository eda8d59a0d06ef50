"""All questions that can be asked, by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from course.commands.failures import RequestError
from workbench.catalog import Catalog
from workbench.course import Course
from workbench.quizzes import Item, load

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Asked:
    """A question of the bank.

    Attributes
    ----------
    lesson : str
        The lesson that teaches it, as in ``03_features``.
    stage : str
    item : Item
        The question itself.
    """

    lesson: str
    stage: str
    item: Item

    @property
    def name(self) -> str:
        """``LESSON:ID``, unlike any other."""
        return f"{self.lesson}:{self.item.id}"


def bank(course: Course | None = None) -> dict[str, Asked]:
    """Every question by name, in the order of lessons: of their quizzes first, then of the exam bank.

    Raises
    ------
    RequestError
        When a quiz and the bank use one name for two questions.
    """
    found: dict[str, Asked] = {}
    course = course or Course.find()
    for lesson in Catalog.load(course.catalog).lessons:
        for place in (course.quizzes / f"{lesson.slug}.toml", HERE / f"{lesson.slug}.toml"):
            if not place.is_file():
                continue
            for item in load(place).items:
                asked = Asked(lesson.slug, lesson.stage, item)
                if asked.name in found:
                    raise RequestError(
                        f"`{asked.name}` is used twice", where=place.name, remedy="give one of them another id"
                    )
                found[asked.name] = asked
    return found
