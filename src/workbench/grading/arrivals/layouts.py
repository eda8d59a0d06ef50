"""Whose is a file, and of which exercise: read from its path in what Canvas and Moodle hand out, or in folders of one's own.

Paths are hostile: a student chooses their file names, and on some platforms their own name. So a path that can be read in
two ways is read in none, and a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from workbench.grading.arrivals.entry import NOTEBOOK
from workbench.grading.manifest import Manifest
from workbench.grading.people.roster import Roster

_MOODLE = re.compile(r"([^_/]*)_(\d{1,18})_assign[a-z]+_(?:file|onlinetext)(?:_|$)", re.DOTALL)
_CANVAS = re.compile(r"_(?=([1-9]\d{0,17})_([1-9]\d{0,17})(?:_|$))")  # the ids of the user and of the file
_LATE = re.compile(r"_LATE$")  # in capitals: names are in lower case there
_COPY = re.compile(r"([ _-]*\(\d{1,3}\)|-\d{1,3}|[ _-]+copy ?\d{0,3}|\.new-\d+)+$", re.IGNORECASE)
_CELL = re.compile(rb'"id"[ \t\r\n]{0,4}:[ \t\r\n]{0,4}"([A-Za-z0-9_-]{1,64})"')
_ENDING = re.compile(r"(\.ipynb)?\.[A-Za-z0-9]{1,8}$", re.IGNORECASE)
_LONG = 200  # characters of a file name after which nothing of it is looked for at its end
_WORDS = re.compile(r"[\s_.-]+")
NOBODY = "nobody on the roster is named by its path"


@dataclass(frozen=True)
class Place:
    """Whose a file is.

    Attributes
    ----------
    student : str
        Their id; empty where that is not certain.
    why : str
        Why it is not.
    layout : str
        ``canvas``, ``moodle``, ``folder`` or ``file``.
    name : str
        What the student called the file, as far as the platform has kept it.
    marked : str
        ``late`` or ``on time`` where the platform says so.
    number : str
        The platform's number of somebody who was found by their name alone: two numbers are two people.
    """

    student: str
    why: str = ""
    layout: str = "file"
    name: str = ""
    marked: str = ""
    number: str = ""


def place(path: str, roster: Roster, lessons: Sequence[str], *, level: int | None = None) -> Place:
    """Whose the file at `path` is, in the layout that the path shows.

    Parameters
    ----------
    level : int, optional
        Which of the folders on the way is the student's, see `student_level`; none where files lie flat.
    """
    *folders, file = path.split("/")
    if level is not None and level < len(folders):
        if found := _MOODLE.match(folders[level]):
            return _moodle(found, file, roster)
        student = roster.match(folders[level])
        return Place(student.id if student else "", "" if student else _stranger(folders[level:], roster), "folder", file)
    old_moodle, canvas = _MOODLE.match(file), _CANVAS.search(_stem(file))
    if old_moodle and canvas:
        return Place("", "its name can be read as one of Canvas's and as one of Moodle's", name=file)
    if old_moodle:
        return _moodle(old_moodle, file, roster)
    if canvas:
        return _canvas(file, roster, lessons)
    found_here = {student.id for rest in _without_lesson(_stem(file), lessons) if (student := roster.match(rest))}
    if len(found_here) == 1:
        return Place(found_here.pop(), name=file)
    return Place("", NOBODY if not found_here else "its name names more than one student", name=file)


def student_level(paths: Iterable[str], roster: Roster, lessons: Sequence[str] = ()) -> int | None:
    """How deep the folders lie that are students'; None where all files lie in one folder, and their names tell.

    That is the first depth at which any folder is named after a student, or as Moodle names them; failing that, the first at
    which there are several. It is one depth for a whole source: what a student made below their own folder, and called like
    somebody else's, counts for nothing. For the same reason the folders above must be known for what they are: the only one,
    one named after an exercise, or one of a group of students. Where they may be students' themselves, their depth it is.
    """
    parts = [tuple(path.split("/")) for path in paths]
    folders = {path[:-1] for path in parts}
    levels = [
        {folder[depth] for folder in folders if len(folder) > depth} for depth in range(max(map(len, folders), default=0))
    ]
    for depth, here in enumerate(levels):
        if any(_is_students(name, roster) for name in here):
            known = (_holds_students(parts, above, depth, roster, lessons) for above in range(depth))
            return next((above for above, good in enumerate(known) if not good), depth)
    return next((depth for depth, here in enumerate(levels) if len(here) > 1), None)


def _holds_students(
    parts: Iterable[tuple[str, ...]], depth: int, level: int, roster: Roster, lessons: Sequence[str]
) -> bool:
    """Whether the folders at `depth` are none of students, so that those of students may be at `level` below them."""
    below: dict[tuple[str, ...], set[str]] = {}
    beside = False
    for path in parts:
        if len(path) > depth + 1:
            inner = path[level] if len(path) > level + 1 else ""
            below.setdefault(path[: depth + 1], set()).add(inner)
        elif len(path) == depth + 1:
            beside = beside or path[-1].lower().endswith((*NOTEBOOK, ".zip"))
    if len(below) == 1 and not beside:
        return True
    return all(
        lesson_named(folder[-1], lessons) or (len(inner) > 1 and all(_is_students(name, roster) for name in inner))
        for folder, inner in below.items()
    )


def _is_students(folder: str, roster: Roster) -> bool:
    return _MOODLE.match(folder) is not None or roster.match(folder) is not None


def _stranger(folders: Sequence[str], roster: Roster) -> str:
    """Why a folder that is nobody's is nobody's, whatever those in it are called."""
    named = next((student for name in folders[1:] if (student := roster.match(name))), None)
    return f"it is in a folder called like {named.id}, within one that is nobody's: see whose it is" if named else NOBODY


def lesson_of(name: str, data: bytes, cells: Mapping[str, frozenset[bytes]]) -> str:
    """Which exercise a notebook is, by the ids of its cells, else by its file name; empty where neither says.

    Parameters
    ----------
    cells : mapping
        The ids of the cells that were handed out, by lesson; see `released_cells`.
    """
    known = frozenset().union(*cells.values())
    present = {found for match in _CELL.finditer(data) if (found := match.group(1)) in known}  # a notebook may have millions
    shares = {lesson: len(ids & present) / len(ids) for lesson, ids in cells.items() if ids}
    best = max(shares.values(), default=0.0)
    leading = [lesson for lesson, share in shares.items() if share == best and share >= 0.5]
    return leading[0] if len(leading) == 1 else lesson_named(name, list(cells))


def lesson_named(name: str, lessons: Sequence[str]) -> str:
    """The one lesson whose slug stands in a file name; empty where none does, or two."""
    words = "_" + "_".join(filter(None, _WORDS.split(_stem(name).casefold()))) + "_"
    found = [lesson for lesson in lessons if f"_{lesson.casefold()}_" in words.replace("-", "_")]
    longest = [lesson for lesson in found if not any(lesson != other and lesson in other for other in found)]
    return longest[0] if len(longest) == 1 else ""


def released_cells(exercises: Manifest) -> dict[str, frozenset[bytes]]:
    """The ids of all cells that were handed out, by lesson."""
    return {
        lesson: frozenset(cell.id.encode() for variant in released.variants for cell in variant.cells)
        for lesson, released in exercises.exercises.items()
    }


def _moodle(found: re.Match[str], file: str, roster: Roster) -> Place:
    """A folder of Moodle's, ``Full Name_4711_assignsubmission_file``: the number and the name, and they must agree."""
    name, number = found.groups()
    own = file[found.end() :].lstrip("_") if _MOODLE.match(file) else file
    known = roster.by_key("moodle", number)
    namesakes = roster.named(name)
    if known and known.name and known not in namesakes:
        why = f"its number is {known.id}'s and its name is {namesakes[0].id if namesakes else 'nobody'}'s"
        return Place("", why, "moodle", own)
    if known:
        return Place(known.id, "", "moodle", own)
    if len(namesakes) == 1:
        return Place(namesakes[0].id, "", "moodle", own, number=number)
    why = "several students have this name: give a roster with the platform's numbers" if namesakes else NOBODY
    return Place("", why, "moodle", own)


def _canvas(file: str, roster: Roster, lessons: Sequence[str]) -> Place:
    """A file of Canvas's, ``doejane_LATE_4711_100234_02_data-1.ipynb``.

    Both the name before the two numbers and the one behind them are the student's choice. Where one of them has numbers of
    its own, so that another reading is possible, the file is nobody's: even if only one of the readings leads to a student,
    for the other may lead to somebody who is not on the roster. The number of an exercise is none of them where its whole
    name stands right behind the two.
    """
    stem = _stem(file)
    readings = [(stem[: found.start()], *found.groups()) for found in _CANVAS.finditer(stem)]
    if len(readings) == 2 and any(_uncopied(stem) == "_".join((*readings[0], lesson)) for lesson in lessons):
        readings.pop()
    if not readings:
        return Place("", NOBODY, "canvas", file)
    prefix, user, attachment = readings[0]
    own = file[len(prefix) + len(user) + len(attachment) + 3 :]
    marked = "late" if _LATE.search(prefix) else "on time"
    if len(readings) > 1:
        return Place("", "its name has more numbers in it than the platform's two: see whose it is", "canvas", own, marked)
    known = roster.by_key("canvas", user)
    namesakes = (known,) if known else roster.named(_LATE.sub("", prefix))
    sole = namesakes[0].id if len(namesakes) == 1 else ""
    if sole and not known and any(key.startswith("canvas:") for key in namesakes[0].keys):
        return Place("", f"it has {sole}'s name and not their number", "canvas", own, marked)
    return Place(sole, "" if sole else NOBODY, "canvas", own, marked, "" if known else user)


def _without_lesson(stem: str, lessons: Sequence[str]) -> Iterator[str]:
    """What may name a student in a stem such as ``s001_02_data``, ``02_data-s001`` or ``s001``."""
    yield stem
    for bare in {stem, _uncopied(stem)}:
        for lesson in lessons:
            low, slug = bare.casefold(), lesson.casefold()
            if low.startswith(slug):
                yield bare[len(slug) :].strip(" _-.")
            if low.endswith(slug):
                yield bare[: -len(slug)].strip(" _-.")


def _uncopied(stem: str) -> str:
    """A stem without what a browser or a file manager puts behind the name of a copy: ``-1``, `` (2)``, ``-Copy1``."""
    return _COPY.sub("", stem) if len(stem) <= _LONG else stem


def _stem(file: str) -> str:
    return _ENDING.sub("", file)
