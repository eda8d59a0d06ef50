"""A learner's own copies of the lessons and exercises, and JupyterLab on them.

The built notebooks are never worked in: `copy_lessons` puts each into the course's ``work`` folder, and ``.copied.json``
there remembers the bytes it wrote. A copy that still has those bytes has never been saved by anybody, so a newer lesson
replaces it. Any other copy is the learner's and stays as it is: the newer lesson is placed beside it, as
``00_name.new-2.ipynb``.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NoReturn

from workbench import files
from workbench.catalog import Catalog, Lesson
from workbench.course import Course
from workbench.errors import CourseError
from workbench.start.extension import ADDRESS
from workbench.start.extension import MODULE as START

MEMORY = ".copied.json"
What = Literal["new", "same", "updated", "beside"]
_NO_NEWS = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}


@dataclass(frozen=True)
class Copy:
    """What became of one built notebook.

    Attributes
    ----------
    source : Path
        The built notebook.
    target : Path
        The copy that holds what is in `source` today.
    what : str
        ``new``: there was none; ``same``: the lesson has not changed; ``updated``: an older copy that nobody had saved was
        replaced; ``beside``: the learner's copy stays, and the newer lesson was placed beside it.
    """

    source: Path
    target: Path
    what: What


@dataclass
class _Memory:
    """Of one notebook: the digest of the cells that were copied last, and that of each copy's bytes as it was written."""

    latest: str = ""
    written: dict[str, str] = field(default_factory=dict)


def copy_lessons(course: Course) -> tuple[Copy, ...]:
    """Copy the built lessons and exercises into ``work``, never over what a learner has saved.

    Raises
    ------
    CourseError
        When nothing has been built yet.
    """
    folders = (course.notebooks, course.exercise_notebooks)
    sources = [file for folder in folders for file in sorted(folder.glob("*.ipynb"))]
    if not sources:
        raise CourseError(
            "there are no built lessons", where=course.relative(course.notebooks), remedy="build them: workbench build"
        )
    memory = _remembered(course)
    ways = _Ways.of(course)
    copies = []
    for source in sources:
        name = course.relative(source)
        copies.append(_copy(course, source, ways, memory.setdefault(name, _Memory())))
        _remember(course, memory)  # after each, so that a killed copy is not taken for a learner's
    return tuple(copies)


def command(course: Course, *, browser: bool = True, port: int | None = None) -> list[str]:
    """The command line of a JupyterLab that opens the start page: course map, progress, next step.

    Parameters
    ----------
    browser : bool
        Whether JupyterLab opens a browser.
    port : int, optional
        Where it listens; by default at 8888 or the next free port.
    """
    options = [
        f"--ServerApp.root_dir={course.root}",
        f"--ServerApp.jpserver_extensions={{'{START}': True}}",
        f"--LabApp.default_url=/{ADDRESS}",
    ]
    if not browser:
        options.append("--no-browser")
    if port is not None:
        options.append(f"--ServerApp.port={port}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")  # in a container; it listens on this machine alone
    return [sys.executable, "-m", "jupyterlab", *options]


def environment(course: Course, variables: Mapping[str, str]) -> dict[str, str]:
    """`variables` for JupyterLab, with a settings folder in ``work`` that switches its pop-ups for news and updates off."""
    settings = course.work / ".jupyter"
    files.write_json(settings / "labconfig" / "page_config.json", _NO_NEWS)
    others = variables.get("JUPYTER_CONFIG_PATH")
    return {**variables, "JUPYTER_CONFIG_PATH": os.pathsep.join([str(settings), *([others] if others else [])])}


def start(course: Course, *, browser: bool = True, port: int | None = None) -> NoReturn:
    """Become JupyterLab: this does not return. See `command` for the parameters."""
    arguments = command(course, browser=browser, port=port)
    variables = environment(course, os.environ)
    os.chdir(course.root)
    if os.name == "nt":  # where exec leaves the shell behind with a prompt of its own
        sys.exit(subprocess.call(arguments, env=variables))
    os.execve(arguments[0], arguments, variables)  # noqa: S606 - the list is ours, no shell


def begun(course: Course) -> set[str]:
    """The lessons whose copies the learner has saved at least once, by slug."""
    memory = _remembered(course)
    found = set()
    for source in course.notebooks.glob("*.ipynb"):
        own = course.work / course.relative(source)
        written = memory.get(course.relative(source), _Memory()).written.get(course.relative(own))
        if written and own.is_file() and files.digest_file(own) != written:
            found.add(source.stem)
    return found


def _copy(course: Course, source: Path, ways: _Ways, memory: _Memory) -> Copy:
    data, cells = _for_work(course, source, ways)
    digest = files.digest_bytes(data)
    changed = memory.latest != cells
    memory.latest = cells
    own = course.work / course.relative(source)
    if not own.exists():
        return _write(course, source, own, data, memory, what="new")
    copies = {copy: files.digest_file(copy) for copy in (own, *_beside(own))}
    for copy, now in copies.items():
        if now == digest:
            memory.written[course.relative(copy)] = digest
            return Copy(source, copy, "same")
    for copy, now in copies.items():
        if memory.written.get(course.relative(copy)) == now:  # nobody has saved it; other ways on are news enough
            what: What = "same" if not changed else "updated" if copy == own else "beside"
            return _write(course, source, copy, data, memory, what=what)
    if not changed:  # the learner has worked in the copy of this very lesson
        return Copy(source, own, "same")
    number = next(n for n in range(2, 1000) if not own.with_suffix(f".new-{n}.ipynb").exists())
    return _write(course, source, own.with_suffix(f".new-{number}.ipynb"), data, memory, what="beside")


def _beside(own: Path) -> list[Path]:
    return sorted(own.parent.glob(f"{own.stem}.new-*.ipynb"))


def _write(course: Course, source: Path, target: Path, data: bytes, memory: _Memory, *, what: What) -> Copy:
    files.write_bytes(target, data)
    _trust(data)
    memory.written[course.relative(target)] = files.digest_bytes(data)
    return Copy(source, target, what)


class _Ways:
    """From each notebook to those beside it, and to the start page."""

    def __init__(self, course: Course, lessons: Sequence[Lesson]) -> None:
        self._course = course
        self._lessons = lessons

    @classmethod
    def of(cls, course: Course) -> _Ways:
        """Those of the lessons that have been built."""
        lessons = Catalog.load(course.catalog).lessons if course.catalog.is_file() else ()
        return cls(course, [lesson for lesson in lessons if (course.notebooks / f"{lesson.slug}.ipynb").is_file()])

    def line(self, source: Path) -> str:
        """Markdown that leads back and on from the notebook `source`; empty for one that the catalogue does not know."""
        slugs = [lesson.slug for lesson in self._lessons]
        if source.stem not in slugs:
            return ""
        place = slugs.index(source.stem)
        here = self._course.notebooks if source.parent == self._course.notebooks else self._course.exercise_notebooks
        before, after = self._lessons[max(0, place - 1) : place], self._lessons[place + 1 : place + 2]
        if here == self._course.notebooks:
            beside = f"[exercise {source.stem[:2]}]({self._link(here, self._course.exercise_notebooks, source.stem)})"
            has_one = (self._course.exercise_notebooks / source.name).is_file()
        else:
            beside = f"[lesson {source.stem[:2]}]({self._link(here, self._course.notebooks, source.stem)})"
            has_one = True
        back = [f"[← {one.title}]({self._link(here, self._course.notebooks, one.slug)})" for one in before]
        on = [f"[{one.title} →]({self._link(here, self._course.notebooks, one.slug)})" for one in after]
        return " · ".join([*back, f"[start page](/{ADDRESS})", *([beside] if has_one else []), *on])

    @staticmethod
    def _link(here: Path, there: Path, slug: str) -> str:
        return f"{slug}.ipynb" if here == there else f"{os.path.relpath(there, here)}/{slug}.ipynb".replace(os.sep, "/")


def _for_work(course: Course, source: Path, ways: _Ways) -> tuple[bytes, str]:
    """The notebook's bytes, its links made to lead from ``work`` to the same places, with the ways back and on.

    And the digest of its cells before those ways were added: they name other lessons, and the metadata say what it was built
    from. Neither makes it another lesson.
    """
    copied = "|".join(re.escape(course.relative(folder)) for folder in (course.notebooks, course.exercise_notebooks))
    up = "../" * len(course.work.relative_to(course.root).parts) if course.work.is_relative_to(course.root) else ""
    link = re.compile(rf"""(\]\(|(?:src|href)=["'])\.\./(?!(?:{copied})/)""")
    notebook = json.loads(source.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            text = "".join(cell["source"])
            cell["source"] = link.sub(rf"\1{up}../", text).splitlines(keepends=True)
    cells = files.digest_json(notebook["cells"])
    way = ways.line(source)
    if way and notebook["cells"] and notebook["cells"][0]["cell_type"] == "markdown":
        notebook["cells"][0]["source"] += ["\n\n", way]
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode("utf-8"), cells


def _trust(data: bytes) -> None:
    """Sign the notebook, as saving it in JupyterLab would, so that its stored tables are shown as they are meant."""
    import nbformat
    from nbformat.sign import NotebookNotary

    NotebookNotary().sign(nbformat.reads(data.decode("utf-8"), as_version=4))


def _remembered(course: Course) -> dict[str, _Memory]:
    file = course.work / MEMORY
    if not file.is_file():
        return {}
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return {name: _Memory(str(entry["latest"]), dict(entry["written"])) for name, entry in found.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}  # without it every copy counts as the learner's, and nothing is lost


def _remember(course: Course, memory: Mapping[str, _Memory]) -> None:
    files.write_json(course.work / MEMORY, {name: vars(entry) for name, entry in memory.items()})
