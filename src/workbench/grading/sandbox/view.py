"""What a student's process may read, and what the process that it is forked from has imported."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import workbench
from workbench.catalog import Lesson
from workbench.course import Course
from workbench.errors import GradingError

# What programs of the system need; nothing in there is secret on a machine as it is set up.
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SETTINGS = (
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/ssl/certs",
    "/etc/timezone",
)
ENGINE = ("workbench.grading.execution.submission",)
LOCAL = "local"  # in the folder of data sets: what the user has put there
_KEPT = ("LANG", "LC_ALL", "LC_CTYPE", "PATH", "TZ", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class View:
    """What can be seen from within.

    Attributes
    ----------
    readable : tuple of Path
        Files and folders, with all beneath; absolute. What the system's programs need is added to them.
    masked : tuple of Path
        Files and folders that must not be seen whatever else is readable.
    environment : mapping
        All variables, but for those that the sandbox sets: ``HOME``, ``TMPDIR``.
    modules : tuple of str
        What is imported ahead of time, as in a `workbench.warm.order.Plan`.
    """

    readable: tuple[Path, ...] = ()
    masked: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    modules: tuple[str, ...] = ()

    def all_readable(self) -> list[Path]:
        """Those of `readable` that exist, with the interpreter's and the engine's own; outer ones before inner ones."""
        own: list[str] = [sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), *_libraries()]
        paths = {Path(one).absolute() for one in (*own, *workbench.__path__, *map(str, self.readable))}
        paths |= {path.resolve() for path in paths}
        system = [Path(one) for one in SYSTEM]
        return sorted(path for path in paths if path.exists() and not any(path.is_relative_to(one) for one in system))

    def conflicts(self) -> list[Path]:
        """Those of `masked` that lie in something readable: only a mount can hide them."""
        readable = self.all_readable()
        return [
            path for path in self.masked if path.exists() and any(path.resolve().is_relative_to(one) for one in readable)
        ]


def view_of(course: Course, lessons: Sequence[Lesson], *, closed: Iterable[Path] = ()) -> View:
    """What the exercises of `lessons` need: the course's own code and data, and nothing that says what is right.

    Masters, checks, hidden checks, keys, solutions, quizzes, runs, built notebooks and data of the user's own are left out,
    also where they lie in a package of the course's code.

    Parameters
    ----------
    closed : iterable of Path
        What else is left out, such as an inbox; as `exposed` gives it.
    """
    from workbench.warm import preload

    readable = [course.root / "pyproject.toml", course.catalog]
    secret = [path for path in (*_secrets(course), *_installed_secrets(course), *closed) if path.exists()]
    for folder in (course.datasets, course.artifacts):
        readable += _beside(folder, secret)
    for source in course.sources:
        readable += _without(source, secret)
    path = os.pathsep.join(str(source) for source in course.sources)
    environment = {name: os.environ[name] for name in (*_KEPT, *_THREADS) if name in os.environ}
    environment |= {"PYTHONPATH": path, "PYTHONHASHSEED": "0", "WORKBENCH_COURSE": str(course.root)}
    modules = [*ENGINE, *preload.modules(course, lessons)]
    return View(tuple(readable), tuple(secret), environment, tuple(modules))


def exposed(course: Course, paths: Iterable[Path]) -> list[Path]:
    """Those of `paths`, in full, that lie in a folder which submissions may read.

    Raises
    ------
    GradingError
        When one is itself a folder that they need.
    """
    needed = (course.datasets, course.artifacts, *course.sources)
    readable = View(needed).all_readable()
    places = {one for path in paths for one in (path.absolute(), path.resolve())}
    if both := places.intersection(needed):
        raise GradingError(
            f"`{both.pop()}` must not be read by submissions, and holds what they need",
            remedy="keep inbox, gradebook and hidden questions of your own elsewhere",
        )
    return sorted(path for path in places if any(path.is_relative_to(one) for one in readable))


def _secrets(course: Course) -> list[Path]:
    return [
        course.lessons,
        course.exercises,
        course.checks,
        course.hidden,
        course.quizzes,
        course.notebooks,
        course.exercise_notebooks,
        course.solutions,
        course.keys,
        course.hidden_keys,
        course.runs,
        course.work,
        course.datasets / LOCAL,
    ]


def _installed_secrets(course: Course) -> Iterator[Path]:
    """The same where the course's code is installed beside other libraries, secrets included."""
    for source in course.sources:
        for path in _secrets(course):
            if path.is_relative_to(source):
                yield from (Path(folder) / path.relative_to(source) for folder in _libraries())


def _without(folder: Path, secret: Iterable[Path]) -> Iterator[Path]:
    """What can be imported from a folder but for what is secret: all of it, or where it holds any, the code beside that."""
    inside = [path for path in secret if path.is_relative_to(folder)]
    if folder in inside:
        return
    if not inside:
        yield folder
        return
    for part in sorted(folder.iterdir()):
        if part.suffix == ".py" or (part / "__init__.py").is_file():
            yield from _without(part, inside)


def _beside(folder: Path, secret: Iterable[Path]) -> Iterator[Path]:
    """All of a folder but for what is secret; where it holds any, links are left out too, for they may lead there."""
    inside = [path for path in secret if path.is_relative_to(folder) and path.exists()]
    if not inside:
        yield folder
    elif folder not in inside:
        for part in sorted(folder.iterdir()):
            if not part.is_symlink():
                yield from _beside(part, inside)


def _libraries() -> list[str]:
    """Folders from which this process imports libraries that are not installed beneath the interpreter."""
    return [path for path in sys.path if path and Path(path).name in ("site-packages", "dist-packages")]
