"""Which course the engine works on, and where its parts are."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import CourseError

_TEXTS = {
    "title": "Course",
    "licence": "",
}
_PLACES = {
    "catalog": "catalog.toml",
    "lessons": "lessons",
    "exercises": "exercises",
    "checks": "checks",
    "hidden": "hidden",
    "quizzes": "quizzes",
    "notebooks": "notebooks",
    "exercise-notebooks": "exercises-built",
    "solutions": "solutions",
    "artifacts": "artifacts",
    "datasets": "datasets",
    "runs": "runs",
    "work": "work",
}
_OPTIONAL = {"keys", "hidden-keys", "sources", "locks"}


@dataclass(frozen=True)
class Course:
    """The folders of one course, all absolute, and what it says of itself; for the keys see ``docs/engine.md``."""

    root: Path
    title: str
    catalog: Path
    lessons: Path
    exercises: Path
    checks: Path
    hidden: Path
    quizzes: Path
    notebooks: Path
    exercise_notebooks: Path
    solutions: Path
    keys: Path
    hidden_keys: Path
    artifacts: Path
    datasets: Path
    runs: Path
    work: Path
    sources: tuple[Path, ...] = ()
    locks: Path | None = None
    licence: str = ""

    @classmethod
    def find(cls, start: Path | None = None) -> Course:
        """Find the course that holds `start` (the working directory, unless ``WORKBENCH_COURSE`` names a folder).

        Raises
        ------
        CourseError
            When no folder on the way up has a ``pyproject.toml`` with a ``[tool.workbench]`` table.
        """
        begin = (start or Path(os.environ.get("WORKBENCH_COURSE") or Path.cwd())).resolve()
        for folder in (begin, *begin.parents):
            file = folder / "pyproject.toml"
            if file.is_file():
                table = _read(file).get("tool", {}).get("workbench")
                if table is not None:
                    return cls.from_table(folder, table)
        raise CourseError(
            "no course found",
            where=str(begin),
            tried="every folder from here up, for a pyproject.toml with a [tool.workbench] table",
            remedy="go to the course's folder, or set WORKBENCH_COURSE to it",
        )

    @classmethod
    def from_table(cls, root: Path, table: Mapping[str, Any]) -> Course:
        """Make a course from its ``[tool.workbench]`` table, paths being relative to `root`.

        Raises
        ------
        CourseError
            When the table has a key that the engine does not know.
        """
        unknown = sorted(set(table) - set(_TEXTS) - set(_PLACES) - _OPTIONAL)
        if unknown:
            raise CourseError(
                f"unknown key `{unknown[0]}`",
                where=f"{root / 'pyproject.toml'}: [tool.workbench]",
                remedy="known keys: " + ", ".join(sorted({*_TEXTS, *_PLACES, *_OPTIONAL})),
            )
        text: dict[str, Any] = {**_TEXTS, **_PLACES, **table}
        place = {key: root / str(text[key]) for key in _PLACES}
        return cls(
            root=root,
            title=str(text["title"]),
            catalog=place["catalog"],
            lessons=place["lessons"],
            exercises=place["exercises"],
            checks=place["checks"],
            hidden=place["hidden"],
            quizzes=place["quizzes"],
            notebooks=place["notebooks"],
            exercise_notebooks=place["exercise-notebooks"],
            solutions=place["solutions"],
            keys=root / text["keys"] if "keys" in text else place["exercise-notebooks"] / "keys",
            hidden_keys=root / text["hidden-keys"] if "hidden-keys" in text else place["solutions"] / "keys",
            artifacts=place["artifacts"],
            datasets=place["datasets"],
            runs=place["runs"],
            work=place["work"],
            sources=tuple(root / source for source in text.get("sources", ())),
            locks=root / text["locks"] if "locks" in text else None,
            licence=str(text["licence"]),
        )

    def relative(self, path: Path) -> str:
        """`path` as written in messages and metadata: relative to the course, with forward slashes."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"not valid TOML: {error}", where=str(file)) from error
