"""What a run leaves behind as data: ``run.json``."""

from __future__ import annotations

import platform
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from workbench import files, fingerprint
from workbench.catalog import Catalog
from workbench.course import Course
from workbench.errors import CourseError
from workbench.execute import CellFailure
from workbench.parameters import Value
from workbench.plan import Step

GOOD = ("run", "cached")
SETTLED = (*GOOD, "failed", "skipped")


@dataclass
class LessonReport:
    """One lesson of a run.

    Attributes
    ----------
    status : str
        ``waiting`` and ``running``; then ``run`` (executed now), ``cached`` (the stored result of an equal execution),
        ``failed`` or ``skipped`` (a lesson whose artefacts it reads failed).
    seconds : float
        What the execution took, also when that was in an earlier run.
    reason : str
        Why it failed or was skipped.
    note : str
        What the reader should know although it went well.
    notebook : str
        The executed notebook, relative to the run's folder.
    artifacts : dict
        SHA-256 by name.
    worker : str
        Address of the worker that executed it; empty for this machine.
    """

    slug: str
    title: str
    stage: str
    parameters: Mapping[str, Value]
    reads: tuple[str, ...]
    notebook: str
    status: str = "waiting"
    seconds: float = 0.0
    fingerprint: str = ""
    artifacts: dict[str, str] = field(default_factory=dict)
    error: CellFailure | None = None
    reason: str = ""
    note: str = ""
    worker: str = ""

    @classmethod
    def of(cls, step: Step, catalog: Catalog) -> LessonReport:
        """The report of a step that has not begun."""
        lesson = step.lesson
        stage = next(stage.title for stage in catalog.stages if stage.slug == lesson.stage)
        reads = tuple(parent.slug for parent in catalog.parents(lesson))
        return cls(lesson.slug, lesson.title, stage, dict(step.parameters), reads, f"notebooks/{lesson.slug}.ipynb")

    @property
    def ok(self) -> bool:
        """Whether its artefacts are there."""
        return self.status in GOOD

    @property
    def settled(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in SETTLED


@dataclass
class RunReport:
    """A run: ``ok`` when every lesson was executed or taken from the store."""

    id: str
    folder: Path
    title: str
    started: datetime
    fresh: bool
    given: Mapping[str, str]
    versions: Mapping[str, str]
    lessons: list[LessonReport]
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether no lesson failed or was skipped."""
        return all(lesson.ok for lesson in self.lessons)

    @property
    def page(self) -> Path:
        """The report for a person."""
        return self.folder / "index.html"

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON has it; ``artifacts`` gathers the digests of all lessons."""
        return {
            "id": self.id,
            "folder": str(self.folder),
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 3),
            "fresh": self.fresh,
            "given": dict(self.given),
            "versions": dict(self.versions),
            "ok": self.ok,
            "seeds": {lesson.slug: lesson.parameters["seed"] for lesson in self.lessons if "seed" in lesson.parameters},
            "artifacts": {name: digest for lesson in self.lessons for name, digest in lesson.artifacts.items()},
            "lessons": [{**asdict(lesson), "seconds": round(lesson.seconds, 3)} for lesson in self.lessons],
        }

    def write(self) -> None:
        """Write ``run.json``, as far as the run has come."""
        files.write_json(self.folder / "run.json", self.to_dict())


def new_folder(course: Course, out: Path | None) -> tuple[Path, str]:
    """Make the folder of a run, `out` or one among the course's runs, and its name.

    Raises
    ------
    CourseError
        When the folder `out` is not empty.
    """
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    folder = (out or course.runs / name).absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CourseError("the run's folder is not empty", where=str(folder), remedy="name a folder that is not there yet")
    folder.mkdir(parents=True, exist_ok=True)
    return folder, name


def versions(course: Course) -> dict[str, str]:
    """Python, the machine's kind, the lock, and the installed version of each package that the course asks for."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "lock": fingerprint.lock_of(course, python=fingerprint.this_python()),
        **packages(course),
    }


def packages(course: Course) -> dict[str, str]:
    """Python, and the installed version of each package that the course asks for."""
    found = {"python": platform.python_version()}
    project = tomllib.loads((course.root / "pyproject.toml").read_text(encoding="utf-8")).get("project", {})
    for requirement in project.get("dependencies", ()):
        name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue  # for another platform
    return found
