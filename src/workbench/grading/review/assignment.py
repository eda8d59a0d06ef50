"""Sharing the reading: files with a part of the answers each, and how they come back into the gradebook.

A file holds no name: answers have the identities and pseudonyms that the gradebook's secret gives, so that only the
gradebook can say whose they are. Each answer goes to one reader, hence the files of one split never meet in an answer;
where readers have met all the same (files of two splits), the first that was merged stands and the other is reported.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from dataclasses import replace as replaced
from pathlib import Path
from types import TracebackType
from typing import Any

from workbench import files
from workbench.errors import GradingError
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.book.overrides import now
from workbench.grading.book.rows import GradebookError, Review, ReviewConflictError
from workbench.grading.review import papers
from workbench.grading.review.desk import GradebookDesk, Place
from workbench.grading.review.papers import Asked, MissingError, Paper

FORMAT = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,40}")
_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class Share:
    """What one reader is given to read."""

    reviewer: str
    questions: tuple[Asked, ...]
    papers: tuple[Paper, ...]

    @property
    def read(self) -> list[Paper]:
        """The answers that are read to the end."""
        asked = {one.name: one for one in self.questions}
        return [paper for paper in self.papers if paper.is_read(asked[paper.question])]

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def load(cls, path: Path) -> Share:
        """Read a file that `assign` wrote and `FileDesk` has changed.

        Raises
        ------
        GradingError
            When it is not one.
        """
        try:
            if path.stat().st_size > _BYTES:
                raise ValueError(f"larger than {_BYTES // 2**20} MB")
            return _share(json.loads(path.read_bytes()))
        except FileNotFoundError as error:
            raise GradingError("there is no such file", where=str(path)) from error
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise GradingError(f"not a share of answers: {error}", where=str(path)) from error


def assign(desk: GradebookDesk, shares: Mapping[str, int], folder: Path) -> list[Path]:
    """Split the answers that nobody has read among readers, a file each, question by question.

    Parameters
    ----------
    shares : mapping
        By reader, how many parts of the whole: ``{"anna": 2, "ben": 1}`` gives Anna two answers for each of Ben's.
    folder : Path
        Where the files ``review-NAME.json`` go; one that is there is not written over.

    Returns
    -------
    list of Path
        The files, in the order of `shares`.

    Raises
    ------
    GradingError
        When a name or a number cannot be used, there is nothing to read, or a file is there already; nothing was written.
    """
    for name, parts in shares.items():
        if not _NAME.fullmatch(name):
            raise GradingError(f"`{name}` cannot be a reader's name", remedy="letters, digits and . _ - alone")
        if parts < 1:
            raise GradingError(f"`{name}` must have 1 part or more, not {parts}")
    paths = [folder / f"review-{name}.json" for name in shares]
    for path in paths:
        if path.exists():
            raise GradingError("this file is there already", where=str(path), remedy="merge it and move it away first")
    questions = desk.questions()
    unread = [paper for asked in questions for paper in desk.papers(asked.name) if not paper.reviewer]
    if not unread:
        raise GradingError("there is no answer that nobody has read", where=desk.title)
    given = dealt(unread, shares)
    for path, (name, own) in zip(paths, given.items(), strict=True):
        needed = {paper.question for paper in own}
        visible = tuple(replaced(paper, text=papers.shown(paper.text)) for paper in own)
        share = Share(name, tuple(asked for asked in questions if asked.name in needed), visible)
        files.write_json(path, share.to_json())
        path.chmod(0o600)  # students' words, and the author's own answer
    return paths


@dataclass
class MergeReport:
    """What came of merging files.

    Attributes
    ----------
    merged, unchanged, unread : int
        Answers whose marks were written, were there already, or are not read to the end.
    conflicts : list of str
        Answers that somebody else has marked, or whose words are others by now: nothing was written, a person decides.
    problems : list of str
        Marks that the gradebook does not take.
    """

    merged: int = 0
    unchanged: int = 0
    unread: int = 0
    conflicts: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether a person has nothing to decide."""
        return not (self.conflicts or self.problems)


def merge(where: str, paths: Sequence[Path], *, replace: bool = False) -> MergeReport:
    """Write the marks in `paths` into the gradebook; merging a file again changes nothing.

    Parameters
    ----------
    replace : bool
        Whether marks may take the place of another reader's.

    Raises
    ------
    GradingError
        When a file cannot be read (then nothing was written), or the gradebook cannot be written.
    """
    shares = [(path, Share.load(path)) for path in paths]
    owners = GradebookDesk(where, reviewer="").owners()
    report = MergeReport()
    with Gradebook.open(where) as book:
        known = {Place(one.lesson, one.slug, one.student): one for one in book.reviews()}
        for path, share in shares:
            for paper in share.read:
                marked = f"{path.name}: {paper.pseudonym}"
                signed = replaced(paper, reviewer=share.reviewer)
                try:
                    written = _written(book, known, _place(owners, paper), signed, replace=replace)
                except ReviewConflictError as error:
                    report.conflicts.append(f"{marked}: {error}")
                except GradebookError:
                    raise  # it is the database's fault: the same file can be merged again
                except GradingError as error:
                    report.problems.append(f"{marked}: {error}")
                else:
                    report.merged += written
                    report.unchanged += not written
            report.unread += len(share.papers) - len(share.read)
    return report


def _place(owners: Mapping[str, Place], paper: Paper) -> Place:
    if paper.id not in owners:
        raise GradingError("this gradebook has no such answer")
    return owners[paper.id]


def _written(book: Gradebook, known: dict[Place, Review], place: Place, paper: Paper, *, replace: bool) -> bool:
    """Write the marks of one answer; False where they were there already."""
    old = known.get(place)
    marks = (dict(paper.points), paper.comment, paper.reviewer, paper.digest)
    if old and (dict(old.points), old.comment, old.reviewer, old.digest) == marks:
        return False
    papers.verified_comment(paper.comment)
    known[place] = book.put_review(
        place.student, place.slug, paper.points, paper.comment, paper.reviewer,
        when=paper.when, digest=paper.digest, lesson=place.lesson, replace=replace,
    )  # fmt: skip
    return True


class FileDesk:
    """Reading a share without the gradebook; a context manager, since one reader has the file at a time.

    Raises
    ------
    GradingError
        When it is not a share, or is open elsewhere.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.Lock()
        share = Share.load(path)
        self._share = share
        self._papers = {paper.id: paper for paper in share.papers}
        self._asked = {asked.name: asked for asked in share.questions}
        self._lock = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise GradingError("this file is open in another review", where=str(path), remedy="end that one") from error

    def __enter__(self) -> FileDesk:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None) -> None:
        os.close(self._lock)

    @property
    def reviewer(self) -> str:
        """See `Desk`."""
        return self._share.reviewer

    @property
    def title(self) -> str:
        """See `Desk`."""
        return self._path.name

    def questions(self) -> list[Asked]:
        """See `Desk`."""
        return list(self._share.questions)

    def papers(self, question: str) -> list[Paper]:
        """See `Desk`."""
        if question not in self._asked:
            raise MissingError(f"no question `{question}` is in this file", where=str(self._path))
        with self._turn:
            return [paper for paper in self._papers.values() if paper.question == question]

    def mark(self, paper: str, points: Mapping[str, float], comment: str, *, digest: str, replace: bool = False) -> None:
        """See `Desk`; in a file there is nobody to be in the way of."""
        with self._turn:
            if paper not in self._papers or self._papers[paper].digest != digest:
                raise MissingError("there is no such answer here", where=str(self._path), remedy="reload the page")
            old = self._papers[paper]
            papers.verified(self._asked[old.question], points, comment)
            new = old.marked(points, comment, reviewer=self.reviewer if points or comment else "", when=now())
            kept = {**self._papers, paper: new}
            share = Share(self._share.reviewer, self._share.questions, tuple(kept.values()))
            try:
                files.write_json(self._path, share.to_json())
                self._path.chmod(0o600)
            except OSError as error:
                raise GradebookError(f"cannot be written: {error.strerror}", where=str(self._path)) from error
            self._papers = kept


def dealt(unread: Iterable[Paper], shares: Mapping[str, int]) -> dict[str, list[Paper]]:
    """Deal answers in turn by weight, so that every reader has their part of each question too."""
    given: dict[str, list[Paper]] = {name: [] for name in shares}
    credit = dict.fromkeys(shares, 0)
    whole = sum(shares.values())
    for paper in unread:
        for name, parts in shares.items():
            credit[name] += parts
        name = max(credit, key=lambda one: credit[one])
        credit[name] -= whole
        given[name].append(paper)
    return given


def _share(table: Any) -> Share:
    if table["format"] != FORMAT:
        raise ValueError(f"format {table['format']!r}")
    questions = tuple(
        Asked(**{**row, "criteria": tuple((_text(name), _number(most)) for name, most in row["criteria"])})
        for row in table["questions"]
    )
    found = tuple(
        Paper(**{**row, "points": {_text(name): _number(value) for name, value in row["points"].items()}})
        for row in table["papers"]
    )
    for one in (*questions, *found):
        for name, value in vars(one).items():
            if name not in ("criteria", "points", "changed"):
                _text(value)
    known = {asked.name for asked in questions}
    if any(paper.question not in known for paper in found):
        raise ValueError("an answer to a question that is not in it")
    if not _NAME.fullmatch(table["reviewer"]):
        raise ValueError("a reader's name that cannot be one")
    return Share(table["reviewer"], questions, found)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError("a number expected")
    return value
