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
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NoReturn

from workbench import files
from workbench.course import Course
from workbench.errors import CourseError

MEMORY = ".copied.json"
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
        ``new``: there was none; ``same``: nothing changed; ``updated``: an older copy that nobody had saved was replaced;
        ``beside``: the learner's copy stays, and the newer lesson was placed beside it.
    """

    source: Path
    target: Path
    what: Literal["new", "same", "updated", "beside"]


@dataclass
class _Memory:
    """Of one notebook: the digest that was copied last, and the digest of each copy as it was written."""

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
    copies = []
    for source in sources:
        name = course.relative(source)
        copies.append(_copy(course, source, memory.setdefault(name, _Memory())))
        _remember(course, memory)  # after each, so that a killed copy is not taken for a learner's
    return tuple(copies)


def command(course: Course, *, browser: bool = True, port: int | None = None) -> list[str]:
    """The command line of a JupyterLab that opens the course's first lesson.

    Parameters
    ----------
    browser : bool
        Whether JupyterLab opens a browser.
    port : int, optional
        Where it listens; by default at 8888 or the next free port.
    """
    first = course.work / course.relative(course.notebooks) / f"{course.first}.ipynb"
    page = f"/lab/tree/{course.relative(first)}" if first.is_file() else "/lab"
    options = [f"--ServerApp.root_dir={course.root}", f"--LabApp.default_url={page}"]
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


def _copy(course: Course, source: Path, memory: _Memory) -> Copy:
    data = _for_work(course, source)
    digest = files.digest_bytes(data)
    own = course.work / course.relative(source)
    if not own.exists():
        return _write(course, source, own, data, memory, what="new")
    for copy in (own, *_beside(own)):
        now = files.digest_file(copy)
        if now == digest:
            memory.latest = digest
            memory.written[course.relative(copy)] = digest
            return Copy(source, copy, "same")
    if memory.latest == digest:  # the learner has worked in the copy of this very lesson
        return Copy(source, own, "same")
    for copy in (own, *_beside(own)):
        if memory.written.get(course.relative(copy)) == files.digest_file(copy):
            return _write(course, source, copy, data, memory, what="updated" if copy == own else "beside")
    number = next(n for n in range(2, 1000) if not own.with_suffix(f".new-{n}.ipynb").exists())
    return _write(course, source, own.with_suffix(f".new-{number}.ipynb"), data, memory, what="beside")


def _beside(own: Path) -> list[Path]:
    return sorted(own.parent.glob(f"{own.stem}.new-*.ipynb"))


def _write(
    course: Course, source: Path, target: Path, data: bytes, memory: _Memory, *, what: Literal["new", "updated", "beside"]
) -> Copy:
    files.write_bytes(target, data)
    _trust(data)
    memory.latest = files.digest_bytes(data)
    memory.written[course.relative(target)] = memory.latest
    return Copy(source, target, what)


def _for_work(course: Course, source: Path) -> bytes:
    """The notebook's bytes with its links made to lead from ``work`` to the same places."""
    copied = "|".join(re.escape(course.relative(folder)) for folder in (course.notebooks, course.exercise_notebooks))
    up = "../" * len(course.work.relative_to(course.root).parts) if course.work.is_relative_to(course.root) else ""
    link = re.compile(rf"""(\]\(|(?:src|href)=["'])\.\./(?!(?:{copied})/)""")
    notebook = json.loads(source.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            text = "".join(cell["source"])
            cell["source"] = link.sub(rf"\1{up}../", text).splitlines(keepends=True)
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


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
