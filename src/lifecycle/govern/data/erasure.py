"""Forgetting a person: out of tables, features, predictions, logs and backups; and which models learnt from them.

Deleting the row is the smallest part. The same person stands in what was made of the row, under another name perhaps, in
logs, in last week's backup within an archive, in the free pages of a database, and, in a way that no tool can take out, in
models that were fitted on it: these are named, to be trained again.

What disks, snapshots and backups elsewhere keep of a file that was replaced is not reached from here.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lifecycle.artifacts import replace_file
from lifecycle.govern.data.contents import LARGEST, UnreadableError, form_of, members, name_of, rows, settle
from lifecycle.govern.data.errors import GovernanceError
from lifecycle.govern.data.lineage import Lineage
from lifecycle.govern.data.striking import strike
from lifecycle.govern.data.subject import Subject, Value, is_telling
from lifecycle.govern.data.tally import Tally
from lifecycle.govern.data.traces import Trace, files_of, find_traces, unread_files

_WORK = ".erasure"


class ErasureError(GovernanceError):
    """An erasure that may not begin, or that did not reach everything.

    Attributes
    ----------
    traces : tuple of Trace
        What is left, and where; empty where nothing was touched.
    """

    def __init__(
        self, what: str, *, traces: Collection[Trace] = (), where: str = "", tried: str = "", remedy: str = ""
    ) -> None:
        super().__init__(what, where=where, tried=tried, remedy=remedy)
        self.traces = tuple(traces)


@dataclass(frozen=True)
class Erased:
    """What was taken out of one file: rows (lines, objects, whole files of an archive), mentions within what stayed."""

    file: str
    rows: int
    mentions: int
    removed: bool = False


@dataclass(frozen=True)
class Erasure:
    """What an erasure did; it does not say whom it was about, and can be kept.

    Attributes
    ----------
    files : tuple of Erased
        By name.
    retrain : tuple of str
        Models that learnt from a file in which the person was, from the lineage: they go on knowing what they learnt.
    remake : tuple of str
        Other things that were made of such a file, and hold no rows that could be taken out: figures, reports.
    unknown : tuple of str
        Files with the person in them that the lineage does not know: nobody can say what was made of them.
    unread : tuple of str
        Files of a form that is not known here, as models are: the person's words are not among their bytes, and more cannot
        be said.
    kept : mapping of str to str
        Files that were left alone, and the duty to keep them.
    """

    files: tuple[Erased, ...]
    retrain: tuple[str, ...] = ()
    remake: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)

    def rows(self) -> list[dict[str, Any]]:
        """One row a file, for a table."""
        return [asdict(each) for each in self.files]


def erase(
    folder: Path | str,
    subject: Subject,
    *,
    linked: Collection[str] = (),
    lineage: Lineage | None = None,
    keep: Mapping[str, str] | None = None,
) -> Erasure:
    """Take a person out of every file below a folder.

    Parameters
    ----------
    folder : Path or str
        A run's folder, say. Nobody else may write in it meanwhile.
    subject : Subject
        What the person is called there.
    linked : collection of str
        Columns that name a person too, as ``email``: what stands there in the person's rows is looked for as well, and so
        on. Only columns whose values belong to one person each.
    lineage : Lineage, optional
        What was made of what: things are called ``layer:file``, with the file below the folder, and models are in the layer
        ``model``. Without it nobody can say which models learnt from the person.
    keep : mapping of str to str, optional
        Files to be left alone, with the duty that says so. The audit trail belongs here: it should name people by
        pseudonym only.

    Returns
    -------
    Erasure

    Raises
    ------
    ErasureError
        Before anything is touched: when a linked value belongs to somebody else too, or an erasure of another person was not
        finished here. Afterwards, with `traces`: when something is left that could not be taken out.

    Notes
    -----
    Each file is replaced at once or not at all, and what was found out about the person is on disk (in a folder
    ``.erasure``) before the first is. So an erasure that was stopped, however, is finished by the same call, which removes
    that folder too.
    """
    place, keep = Path(folder), dict(keep or {})
    if not place.is_dir():
        raise ErasureError("there is no such folder", where=place.name)
    missing = [name for name in keep if not (place / name).is_file()]
    if missing:
        raise ErasureError("a file to be kept is not there", where=missing[0], remedy="files are named from the folder on")
    for path in [path for path in files_of(place) if _ours(path, place, keep) and not path.is_symlink()]:
        with suppress(UnreadableError):  # then it stays as it is, and the search at the end says so
            settle(path)
    plan = _Plan.of(place, subject, linked, keep)
    for path in [path for path in files_of(place) if _ours(path, place, keep)]:
        if path.exists() or path.is_symlink():
            _erase_file(path, plan)
    _drop_empty_folders(place, plan.subject)
    left = [each for each in find_traces(place, plan.subject) if _ours(place / each.file.partition(": ")[0], place, keep)]
    if left:
        raise ErasureError(
            f"{len(left)} files could not be cleared: {left[0].what}",
            traces=left, where=", ".join(trace.file for trace in left[:3]), tried="everything else is erased",
            remedy="clear or remove these by hand, or give the duty to keep them, and call this again",
        )  # fmt: skip
    shutil.rmtree(place / _WORK)
    return _report(plan.done, lineage, unread_files(place), keep)


@dataclass
class _Plan:
    """Who is erased and what has been done, on disk while the work lasts."""

    folder: Path
    given: Subject
    subject: Subject
    done: dict[str, Erased]

    @classmethod
    def of(cls, folder: Path, subject: Subject, linked: Collection[str], keep: Mapping[str, str]) -> _Plan:
        """The plan that a stopped erasure left, or a new one."""
        there = folder / _WORK / "plan.json"
        if there.is_file():
            said = json.loads(there.read_text(encoding="utf-8"))
            if said["given"] != _said(subject):
                raise ErasureError("an erasure of somebody else was not finished here", where=folder.name,
                                   remedy="finish it first, with the same call")  # fmt: skip
            known = Subject({column: tuple(values) for column, values in said["keys"].items()}, tuple(said["mentions"]))
            return cls(folder, subject, known, {each["file"]: Erased(**each) for each in said["done"]})
        plan = cls(folder, subject, _known_as(folder, subject, linked, keep), {})
        plan.write()
        return plan

    def write(self) -> None:
        """Put it on disk."""
        known = _said(self.subject)
        said = {"given": _said(self.given), **known, "done": [asdict(each) for each in self.done.values()]}
        replace_file(self.folder / _WORK / "plan.json", json.dumps(said).encode())

    def note(self, path: Path, tally: Tally, *, removed: bool) -> None:
        """Note what is about to be done to a file."""
        name = path.relative_to(self.folder).as_posix()
        if self.subject.mentioned_in(name):
            name = "(files called after the person)"
            tally.rows += self.done[name].rows if name in self.done else 0
        self.done[name] = Erased(name, tally.rows, tally.mentions, removed)
        self.write()


def _said(subject: Subject) -> dict[str, Any]:
    keys: dict[str, list[Value]] = {}
    for column, value in subject.pairs():
        keys.setdefault(column, []).append(value)
    return {"keys": keys, "mentions": list(subject.mentions)}


def _ours(path: Path, folder: Path, keep: Mapping[str, str]) -> bool:
    name = path.relative_to(folder)
    return name.parts[0] != _WORK and name.as_posix() not in keep


def _erase_file(path: Path, plan: _Plan) -> None:
    """Replace one file by itself without the person, or remove it."""
    tally = Tally()
    if plan.subject.mentioned_in(path.relative_to(plan.folder).as_posix()):
        tally.rows = 1
        plan.note(path, tally, removed=True)
        path.unlink()
        return
    if path.is_symlink() or path.stat().st_size > LARGEST:
        return  # what is too large is found by the search that follows
    try:
        data = path.read_bytes()
        left = strike(path.name, data, plan.subject, tally)
    except UnreadableError:
        return  # it stays as it is, and the search that follows says so
    if left is data:
        return
    plan.note(path, tally, removed=left is None)
    if left is None:
        path.unlink()
        return
    staged = plan.folder / _WORK / "new"
    replace_file(staged, left)
    staged.chmod(path.stat().st_mode)
    staged.replace(path)


def _drop_empty_folders(folder: Path, subject: Subject) -> None:
    for path in sorted((each for each in folder.rglob("*") if each.is_dir() and not each.is_symlink()), reverse=True):
        if subject.mentioned_in(path.relative_to(folder).as_posix()) and not any(path.iterdir()):
            path.rmdir()


def _known_as(folder: Path, subject: Subject, linked: Collection[str], keep: Mapping[str, str]) -> Subject:
    """The person with all that stands in the linked columns of their rows, and of the rows that these lead to."""
    if not linked:
        return subject
    tables = [list(_rows_below(path)) for path in files_of(folder) if _ours(path, folder, keep) and not path.is_symlink()]
    every = [row for table in tables for row in table]
    while True:
        own = [row for row in every if any(subject.known_as(column, value) for column, value in row.items())]
        found = {(column, _plain(row[column])) for row in own for column in linked if _plain(row.get(column)) is not None}
        more = subject.also(sorted(found, key=str))  # type: ignore[arg-type]
        telling = {str(value) for _, value in found if is_telling(value)}
        more = Subject({**more.keys}, tuple({*more.mentions, *telling}))
        if (more.keys, more.mentions) == (subject.keys, subject.mentions):
            return subject
        _alone(more, subject, every)
        subject = more


def _alone(more: Subject, subject: Subject, every: list[dict[str, Any]]) -> None:
    """Refuse a linked value that stands in a row of somebody else."""
    for row in every:
        new = [name for name, value in row.items() if more.known_as(name, value) and not subject.known_as(name, value)]
        other = [name for name in subject.keys if row.get(name) not in (None, "") and not more.known_as(name, row[name])]
        if new and other:
            raise ErasureError(
                f"a value of the linked column `{new[0]}` also stands in a row of somebody else",
                where=f"column `{other[0]}` says so", tried="nothing was erased",
                remedy=f"leave `{new[0]}` out of `linked`: a household shares it, say",
            )  # fmt: skip


def _rows_below(path: Path) -> list[dict[str, Any]]:
    """The rows of a file, and of the files within it where it is an archive; none where it cannot be read."""

    def within(name: str, data: bytes) -> list[dict[str, Any]]:
        form = form_of(name, data)
        if form in ("zip", "tar", "gzip"):
            plain = name.removesuffix(".gz")
            inner = [(plain if form == "gzip" else name_of(entry), content) for entry, content in members(form, data)]
            return [row for each in inner for row in within(*each)]
        return list(rows(form, data))

    try:
        return within(path.name, path.read_bytes())
    except UnreadableError:
        return []


def _plain(value: object) -> Value | None:
    """A value as text or a whole number; None where it is missing."""
    if value is None or value == "" or value != value:  # noqa: PLR0124  # not a number
        return None
    return value if isinstance(value, int) and not isinstance(value, bool) else str(value).strip() or None


def _report(
    done: Mapping[str, Erased], lineage: Lineage | None, unread: tuple[str, ...], keep: Mapping[str, str]
) -> Erasure:
    files = tuple(done[name] for name in sorted(done))
    lineage = lineage or Lineage()
    things = {thing.partition(":")[2]: thing for thing in lineage.things}
    cleared = {things[each.file] for each in files if each.file in things}
    made = {thing for start in cleared for thing in lineage.downstream(start)}
    models = tuple(thing for thing in lineage.things if thing in made and thing.startswith("model:"))
    other = tuple(thing for thing in lineage.things if thing in made - cleared and thing not in models)
    unknown = tuple(each.file for each in files if each.file not in things)
    return Erasure(files, models, other, unknown, tuple(name for name in unread if name not in keep), keep)
