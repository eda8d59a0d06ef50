"""Keys for any parameters: recorded from the solution once, kept on disk, and never believed without a look.

A key is kept under the digest of all that it depends on, with a digest of its own content: a file that was changed, cut or
is another's is recorded anew.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench import files, fingerprint, master, targets
from workbench.catalog import Lesson
from workbench.checks import exercise, module
from workbench.checks.exercise import Exercise
from workbench.checks.key import Key, Keys
from workbench.course import Course
from workbench.grading.execution.task import NO_HIDDEN
from workbench.grading.judges import reached
from workbench.parameters import Value
from workbench.warm.client import unsupported

FOLDER = "keys"
_FORMAT = 1
_HELD = 256  # keys in memory
_Stamp = tuple[reached.Stamp, ...]
_held: OrderedDict[str, tuple[_Stamp, Keys]] = OrderedDict()
_guard = threading.Lock()
_busy: dict[str, threading.Lock] = {}


def record_keys(course: Course, lesson: Lesson, parameters: Mapping[str, Value], *, hidden: str = "") -> Keys:
    """The keys of an exercise for `parameters`, recorded in the sandbox where they are not known yet.

    Parameters
    ----------
    hidden : str
        File of the hidden check module; empty for the course's own, ``"-"`` for none.

    Raises
    ------
    CheckError
        When the solution does not run, or does not earn all points of its own checks.
    GradingError
        When there is no sandbox to run it in.
    """
    name = files.digest_json([str(course.root), lesson.slug, dict(parameters), hidden])
    stamp = _stamp(course, lesson, hidden)
    with _guard:
        busy = _busy.setdefault(name, threading.Lock())
    with busy:  # two threads that need the same key make it once
        known = _held.get(name)
        if known and known[0] == stamp:
            return known[1]
        keys = _kept_or_made(course, lesson, parameters, hidden)
        with _guard:
            _held[name] = stamp, keys
            while len(_held) > _HELD:
                _held.popitem(last=False)
        return keys


def forget() -> None:
    """Read keys from the disk again."""
    with _guard:
        _held.clear()


def close() -> None:
    """End the processes that recording has started, once nothing in this process grades or records any more."""
    if not unsupported():
        from workbench.grading.execution import bench

        bench.close()


def _stamp(course: Course, lesson: Lesson, hidden: str) -> _Stamp:
    """Changes when the exercise, its checks or what they reach is edited, so that a long run of grading notices."""
    paths = [course.exercises / f"{lesson.slug}.py", course.checks / f"{lesson.checks}.py"]
    if hidden != NO_HIDDEN:
        paths.append(Path(hidden) if hidden else course.hidden / f"{lesson.checks}.py")
    return tuple(reached.stamp(path, course.sources) for path in paths)


def _kept_or_made(course: Course, lesson: Lesson, parameters: Mapping[str, Value], hidden: str) -> Keys:
    work = exercise.read(course, lesson, parameters)
    if hidden:
        work = replace(work, hidden=None if hidden == NO_HIDDEN else module.load(Path(hidden), hidden=True))
    wanted = _fingerprint(work)
    path = course.runs / FOLDER / f"{lesson.slug}-{wanted[:32]}.json"
    keys = _read(path, wanted, work)
    if keys is None:
        keys = _recorded(work)
        content = {"visible": keys.visible.table(), "hidden": keys.hidden.table() if keys.hidden else None}
        table = {"format": _FORMAT, "for": wanted, "digest": files.digest_json(content), **content}
        files.write_json(path, table)
    return keys


def _fingerprint(work: Exercise) -> str:
    """The digest of all that the keys depend on: as for the built exercise, with its own parameters and hidden checks."""
    target = targets.Target(work.course, work.lesson, "exercise")
    lesson_values = master.parameters_of(master.table(work.course.lessons / target.master.name, work.course))
    values = {**{one.name: one.default for one in lesson_values}, **work.parameters}
    base = fingerprint.of_lesson(
        work.course,
        work.lesson,
        target.master,
        values,
        inputs=targets.inputs(target),
        python=fingerprint.this_python(),
    )
    hidden = files.digest_file(work.hidden.path) if work.hidden else ""
    return files.digest_json([_FORMAT, base, dict(work.parameters), hidden])


def _read(path: Path, wanted: str, work: Exercise) -> Keys | None:
    """The keys in a file; None where there are none that can be trusted."""
    try:
        table: dict[str, Any] = json.loads(path.read_bytes())
        content = {"visible": table["visible"], "hidden": table["hidden"]}
        if [table["format"], table["for"], table["digest"]] != [_FORMAT, wanted, files.digest_json(content)]:
            return None
        visible, hidden = _key(content["visible"]), _key(content["hidden"]) if content["hidden"] else None
        if set(visible.questions) != set(work.module.questions) or (hidden is None) != (work.hidden is None):
            return None
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    return Keys(visible, hidden)


def _key(table: Mapping[str, Any]) -> Key:
    return Key(table["lesson"], table["checks"], table["parameters"], table["questions"])


def _recorded(work: Exercise) -> Keys:
    from workbench.checks import key, process

    recorded = process.recorded(work, process.run(work, [[exercise.solution(work)]])[0])
    return key.parts(recorded, work)
