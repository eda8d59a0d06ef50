"""How far a learner has come: each lesson begun or not, each exercise by its points, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench import lab
from workbench.catalog import Catalog
from workbench.course import Course
from workbench.site import course_map
from workbench.site.course_map import Entry
from workbench.start import record
from workbench.start.record import Exercise


@dataclass(frozen=True)
class Place:
    """One lesson and its exercise, as the learner has left them.

    Attributes
    ----------
    begun : bool
        Whether the lesson's copy has been saved by the learner.
    exercise : Exercise or None
        None where nothing was checked yet.
    """

    entry: Entry
    begun: bool
    exercise: Exercise | None

    @property
    def share(self) -> float:
        """How much of the lesson is done, 0 to 1: by its exercise where it has one."""
        if not self.entry.has_exercise:
            return float(self.begun)
        return min(1.0, self.exercise.points / self.exercise.possible) if self.exercise and self.exercise.possible else 0.0

    @property
    def state(self) -> str:
        """In a word."""
        return "done" if self.share >= 1 else "begun" if self.begun or self.exercise else "to come"


@dataclass(frozen=True)
class StageOfLearner:
    """A stage and the places in it."""

    slug: str
    title: str
    places: tuple[Place, ...]

    @property
    def share(self) -> float:
        """The mean of its lessons'."""
        return sum(place.share for place in self.places) / len(self.places)


@dataclass(frozen=True)
class Step:
    """What to do next.

    Attributes
    ----------
    kind : str
        ``lesson`` or ``exercise``.
    why : str
        In words.
    """

    place: Place
    kind: str
    why: str


@dataclass(frozen=True)
class Standing:
    """All of it; ``next`` is None when everything is done."""

    title: str
    stages: tuple[StageOfLearner, ...]
    next: Step | None

    @property
    def places(self) -> tuple[Place, ...]:
        """Those of all stages, in order."""
        return tuple(place for stage in self.stages for place in stage.places)


def of(course: Course) -> Standing:
    """How far the learner whose copies lie in the course's ``work`` folder has come."""
    begun = lab.begun(course)
    stages = tuple(
        StageOfLearner(
            stage.slug,
            stage.title,
            tuple(
                Place(
                    entry,
                    entry.lesson.slug in begun,
                    record.read(course, entry.lesson.checks) if entry.has_exercise else None,
                )
                for entry in stage.entries
            ),
        )
        for stage in course_map.stages(course, Catalog.load(course.catalog))
    )
    return Standing(course.title, stages, _next([place for stage in stages for place in stage.places]))


def _next(places: Sequence[Place]) -> Step | None:
    """The step after the last lesson that anything was done of.

    While its exercise is open, that; then the lesson after it; where there is none, the first one that is not done, or its
    exercise where it was begun.
    """
    reached = max((number for number, place in enumerate(places) if place.state != "to come"), default=-1)
    if reached >= 0 and places[reached].state == "begun" and places[reached].entry.has_exercise:
        return _exercise(places[reached])
    later = [place for place in places[reached + 1 :] if place.state == "to come"]
    if later:
        return Step(later[0], "lesson", "you have not opened it yet")
    earlier = [place for place in places if place.state != "done"]
    if not earlier:
        return None
    place = earlier[0]
    return _exercise(place) if place.entry.has_exercise and place.begun else Step(place, "lesson", "you passed it over")


def _exercise(place: Place) -> Step:
    if place.exercise is None:
        return Step(place, "exercise", "you have read the lesson")
    return Step(place, "exercise", f"{place.exercise.points:g} of {place.exercise.possible:g} points so far")
