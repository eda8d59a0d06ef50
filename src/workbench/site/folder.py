"""The whole site, written into a folder."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from workbench import files
from workbench.catalog import Catalog
from workbench.course import Course
from workbench.errors import CourseError
from workbench.site import course_map, links, notebook, search
from workbench.site.course_map import Entry
from workbench.site.links import Broken
from workbench.site.pages import Frame, Link, asset, page

MARK = ".workbench-site"  # lies in a folder that `build` has made, and may make anew
_ASSETS = ("site.css", "site.js")


@dataclass(frozen=True)
class Site:
    """What `build` has made.

    Attributes
    ----------
    folder : Path
        Open ``index.html`` in it.
    pages : int
        How many there are.
    size : int
        Bytes of all files.
    broken : tuple of Broken
        Links that lead nowhere, and formulas that are still LaTeX; none in a course that is whole.
    """

    folder: Path
    pages: int
    size: int
    broken: tuple[Broken, ...]


def build(course: Course, out: Path) -> Site:
    """Write the course as pages: a map, every built lesson with its outputs, every exercise without its solution.

    The folder is made whole beside its place and then put there, so that nobody meets half of it.

    Parameters
    ----------
    out : Path
        A folder that is not there yet, is empty, or was made by this function; or a link to one, which stays.

    Raises
    ------
    CourseError
        When `out` holds something else or cannot be written, when nothing has been built, or when a formula cannot be shown.
    """
    out = out.resolve()
    try:
        return _built(course, out)
    except OSError as error:
        raise CourseError(f"the site cannot be written: {error}", where=str(out)) from error


def _built(course: Course, out: Path) -> Site:
    if out.exists() and not (out.is_dir() and (not any(out.iterdir()) or (out / MARK).is_file())):
        raise CourseError(
            "the folder holds something that is no site", where=str(out), remedy="name a folder that is not there yet"
        )
    stages = course_map.stages(course, Catalog.load(course.catalog))
    if not stages:
        raise CourseError("there are no built lessons", where=str(course.notebooks), remedy="build them: workbench build")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as temporary:
        made = Path(temporary) / "site"
        _write(course, stages, made)
        broken = tuple(links.broken(made))
        every = [path for path in made.rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in every)
        _put(made, out, aside=Path(temporary) / "before")
    return Site(out, sum(path.suffix == ".html" for path in every), size, broken)


def _put(made: Path, out: Path, *, aside: Path) -> None:
    """Rename a whole folder to `out`, and what is there to `aside`; it comes back when that fails."""
    try:
        if out.exists():
            out.rename(aside)
        made.rename(out)
    except BaseException:
        if aside.exists() and not out.exists():
            aside.rename(out)
        raise


def _write(course: Course, stages: tuple[course_map.StageOfMap, ...], folder: Path) -> None:
    entries = [entry for stage in stages for entry in stage.entries]
    found: list[search.Entry] = []
    for place, entry in enumerate(entries):
        before = entries[place - 1] if place else None
        after = entries[place + 1] if place + 1 < len(entries) else None
        found += _lesson(course, folder, entry, before=before, after=after)
        if entry.has_exercise:
            found += _exercise(course, folder, entry, after=after)
    frame = Frame(course.title, course.title, licence=course.licence)
    files.write_text(folder / "index.html", page(frame, "site_map", stages=stages, page_of=_page_of))
    files.write_text(folder / "assets" / "index.js", search.script(found))
    for name in _ASSETS:
        files.write_text(folder / "assets" / name, asset(name))
    files.write_text(folder / MARK, "made by workbench site\n")


def _page_of(entry: Entry, kind: str) -> str:
    return f"{kind}s/{entry.lesson.slug}.html"


def _title(entry: Entry) -> str:
    return f"{entry.number} {entry.lesson.title}"


def _lesson(course: Course, folder: Path, entry: Entry, *, before: Entry | None, after: Entry | None) -> list[search.Entry]:
    on = Link(f"../exercises/{entry.lesson.slug}.html", f"Exercise {entry.number}") if entry.has_exercise else None
    if on is None and after:
        on = Link(f"{after.lesson.slug}.html", _title(after))
    back = Link(f"{before.lesson.slug}.html", _title(before)) if before else Link("../index.html", "Course map")
    return _notebook(course, course.notebooks, folder, entry, kind="lesson", back=back, on=on)


def _exercise(course: Course, folder: Path, entry: Entry, *, after: Entry | None) -> list[search.Entry]:
    on = Link(f"../lessons/{after.lesson.slug}.html", _title(after)) if after else Link("../index.html", "Course map")
    back = Link(f"../lessons/{entry.lesson.slug}.html", _title(entry))
    return _notebook(course, course.exercise_notebooks, folder, entry, kind="exercise", back=back, on=on)


def _notebook(
    course: Course, source: Path, folder: Path, entry: Entry, *, kind: str, back: Link, on: Link | None
) -> list[search.Entry]:
    name = _page_of(entry, kind)
    rendered = notebook.render(source / f"{entry.lesson.slug}.ipynb", target=lambda link: _target(course, source, link))
    title = _title(entry) if kind == "lesson" else f"Exercise {entry.number}: {entry.lesson.title}"
    inside = [Link(f"#{one.anchor}", one.title) for one in rendered.sections if one.level == 2]
    frame = Frame(course.title, title, "../", back, on, inside, kind, course.licence)
    made = page(frame, "site_notebook", entry=entry, body=Markup(rendered.html))  # noqa: S704 - the course's own notebook
    files.write_text(folder / name, made)
    return [search.Entry(name, title, section) for section in rendered.sections]


def _target(course: Course, source: Path, link: str) -> str:
    """Where a link between notebooks leads on the site."""
    target = (source / link).resolve()
    kind = {course.notebooks.resolve(): "lessons", course.exercise_notebooks.resolve(): "exercises"}.get(target.parent)
    return f"../{kind}/{target.stem}.html" if kind else link
