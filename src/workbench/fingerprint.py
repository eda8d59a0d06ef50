"""The digest of everything that the outputs of a notebook depend on."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench import reach
from workbench.catalog import Lesson
from workbench.course import Course
from workbench.errors import DataError, MasterError
from workbench.files import digest_bytes, digest_file, digest_json
from workbench.parameters import Value

VERSION = 1  # raised when a fingerprint means something else than before, so that older results are not taken for today's


def this_python() -> str:
    """The name of this Python in the file names of locks, such as ``311``."""
    return f"{sys.version_info.major}{sys.version_info.minor}"


def of_lesson(
    course: Course,
    lesson: Lesson,
    master: Path,
    parameters: Mapping[str, Value],
    *,
    inputs: Mapping[str, str],
    python: str,
) -> str:
    """The fingerprint of a lesson, or of its exercise.

    Parameters
    ----------
    master : Path
        The lesson's or the exercise's master.
    parameters : mapping
        All of them, defaults included.
    inputs : mapping
        Digest of each artefact that is read, by name.
    python : str
        Whose lock counts, such as ``"311"``.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    MasterError
        When the master cannot be read.
    DataError
        When a data set of the lesson is not in the catalogue of data sets.
    """
    return digest_json(parts(course, lesson, master, parameters, inputs=inputs, python=python))


def parts(
    course: Course,
    lesson: Lesson,
    master: Path,
    parameters: Mapping[str, Value],
    *,
    inputs: Mapping[str, str],
    python: str,
) -> dict[str, Any]:
    """What `of_lesson` digests, by kind, so that two of them can be compared to say why a lesson is executed again."""
    try:
        text = master.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MasterError(f"cannot be read: {error}", where=course.relative(master)) from error
    code = reach.of_source(text, course.sources)
    asked = {course.quizzes / f"{lesson.slug}.toml"}
    if master.is_relative_to(course.exercises) and lesson.checks:
        for checks in (course.checks / f"{lesson.checks}.py", course.hidden / f"{lesson.checks}.py"):
            asked.add(checks)
            if checks.is_file():
                code |= reach.of_source(checks.read_text(encoding="utf-8"), course.sources)
    return {
        "version": VERSION,
        "master": digest_bytes(text.encode("utf-8")),
        "parameters": dict(parameters),
        "inputs": dict(inputs),
        "code": code,
        "questions": {course.relative(file): digest_file(file) for file in sorted(asked) if file.is_file()},
        "data": {name: _data_set(course, name) for name in lesson.data_sets(parameters)},
        "lock": lock_of(course, python=python),
    }


def lock_of(course: Course, *, python: str) -> str:
    """The lock's digest; without a lock for that Python, the Python's name alone."""
    lock = course.locks / f"learn-py{python}.lock" if course.locks else None
    return _digest(lock) if lock and lock.is_file() else f"python {python}"


def _data_set(course: Course, name: str) -> dict[str, str]:
    catalog = course.datasets / "catalog.toml"
    entry = _data_sets(catalog.read_text(encoding="utf-8") if catalog.is_file() else "").get(name)
    if entry is None:
        raise DataError(
            f"no data set `{name}`", where=course.relative(catalog), remedy="add a table [datasets." + name + "]"
        )
    found = {key: course.datasets / entry[key] for key in ("file", "local") if key in entry}
    return {key: _digest(path) for key, path in found.items() if path.is_file()}


@lru_cache(maxsize=4)
def _data_sets(catalog: str) -> Mapping[str, Mapping[str, Any]]:
    return dict(tomllib.loads(catalog).get("datasets", {}))


def _digest(path: Path) -> str:
    status = path.stat()
    return _digest_of(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=256)
def _digest_of(path: Path, _changed: int, _size: int) -> str:
    return digest_file(path)
