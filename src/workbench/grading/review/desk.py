"""Where a reader sits: at the gradebook itself, or (`assignment.FileDesk`) at a file with a share of its answers."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from workbench.errors import GradingError
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.book.rows import GradebookError, QuestionInfo, Review, ReviewConflictError, Words
from workbench.grading.review import papers
from workbench.grading.review.papers import Asked, MissingError, Paper
from workbench.grading.review.prompts import Prompt

PURPOSE = "review"  # of the secret that pseudonyms are made from
_GONE = "there is no such answer any more"
_CONFLICT = "since you opened it, this answer was marked by somebody else, or handed in again"


class Place(NamedTuple):
    """Whose answer it is, and to what."""

    lesson: str
    slug: str
    student: str


class Desk(Protocol):
    """Gives out answers to be read and takes marks. Used from several threads."""

    @property
    def reviewer(self) -> str:
        """Who reads."""

    @property
    def title(self) -> str:
        """Where the marks go, in words."""

    def questions(self) -> list[Asked]:
        """The questions that have answers here."""

    def papers(self, question: str) -> list[Paper]:
        """The answers to a question (`Asked.name`), in an order of their own that stays the same.

        Raises
        ------
        MissingError
            When there is no such question.
        """

    def mark(self, paper: str, points: Mapping[str, float], comment: str, *, digest: str, replace: bool = False) -> None:
        """Save marks; when this returns, they are on disk.

        Parameters
        ----------
        paper : str
            `Paper.id`.
        digest : str
            `Paper.digest` of the words that were read.
        replace : bool
            Whether they may take the place of another reader's.

        Raises
        ------
        ReviewConflictError
            When somebody else has marked it, or it holds other words by now.
        MissingError
            When there is no such answer.
        GradebookError
            When nothing can be written now: the same marks can be sent again.
        GradingError
            When the marks cannot be given.
        """


class GradebookDesk:
    """Reading at the gradebook. It is opened for each request, so that grading can go on in between.

    Parameters
    ----------
    where : str
        The gradebook's path or URL.
    lessons : sequence of str
        Exercises to read; all where none is named.
    prompts : mapping
        What was asked, where the course is at hand; see `prompts.of_course`.

    Raises
    ------
    GradebookError
        When there is no gradebook, or another program writes in it as this one comes for the first time.
    """

    def __init__(
        self,
        where: str,
        *,
        reviewer: str,
        lessons: Sequence[str] = (),
        prompts: Mapping[tuple[str, str], Prompt] | None = None,
    ) -> None:
        self._where = where
        self._reviewer = reviewer
        self._lessons = tuple(lessons)
        self._prompts = prompts or {}
        self._turn = threading.Lock()  # one writer at a time, this process's own requests included
        with Gradebook.open(where, write=False) as book:
            self._title = book.name
            kept = book.secret(PURPOSE)
        if kept is None:
            with Gradebook.open(where) as book:
                kept = book.make_secret(PURPOSE)
        self._secret = kept
        self._owners: dict[str, Place] = {}

    @property
    def reviewer(self) -> str:
        """See `Desk`."""
        return self._reviewer

    @property
    def title(self) -> str:
        """See `Desk`."""
        return self._title

    def questions(self) -> list[Asked]:
        """See `Desk`."""
        with Gradebook.open(self._where, write=False) as book:
            return list(self._asked(book).values())

    def papers(self, question: str) -> list[Paper]:
        """See `Desk`."""
        with Gradebook.open(self._where, write=False) as book:
            return self._found(book, self._question(book, question))

    def mark(self, paper: str, points: Mapping[str, float], comment: str, *, digest: str, replace: bool = False) -> None:
        """See `Desk`."""
        with self._turn, Gradebook.open(self._where) as book:
            if paper not in self._owners:
                self._owners = self._looked_up(book)
            if paper not in self._owners:
                raise MissingError(_GONE, remedy="reload the page")
            lesson, slug, student = self._owners[paper]
            papers.verified(self._question(book, f"{lesson}/{slug}"), points, comment)
            try:
                book.put_review(
                    student, slug, points, comment, self._reviewer, digest=digest, lesson=lesson, replace=replace
                )
            except GradebookError:
                raise
            except ReviewConflictError as error:  # its own words say whose answer it is
                raise ReviewConflictError(_CONFLICT, remedy="reload the page") from error
            except GradingError as error:
                raise MissingError(_GONE, remedy="reload the page") from error

    def owners(self) -> dict[str, Place]:
        """Whose answer each paper is, by its id: for merging, never for the page."""
        with Gradebook.open(self._where, write=False) as book:
            return self._looked_up(book)

    def _looked_up(self, book: Gradebook) -> dict[str, Place]:
        return {
            self._id(words): Place(words.lesson, words.slug, words.student)
            for asked in self._asked(book).values()
            for words in book.words(asked.lesson, asked.slug)
        }

    def _asked(self, book: Gradebook) -> dict[str, Asked]:
        found = {}
        for lesson, infos in book.questions().items():
            if self._lessons and lesson not in self._lessons and lesson.partition("_")[0] not in self._lessons:
                continue
            for info in infos:
                if info.kind == "manual":
                    asked = self._described(lesson, info)
                    found[asked.name] = asked
        return found

    def _described(self, lesson: str, info: QuestionInfo) -> Asked:
        prompt = self._prompts.get((lesson, info.slug), Prompt("", ""))
        return Asked(lesson, info.slug, info.title, info.criteria, *prompt)

    def _question(self, book: Gradebook, name: str) -> Asked:
        asked = self._asked(book).get(name)
        if asked is None:
            raise MissingError(f"no question `{name}` is read by people", where=book.name)
        return asked

    def _found(self, book: Gradebook, asked: Asked) -> list[Paper]:
        reviews = {one.student: one for one in book.reviews(asked.lesson) if one.slug == asked.slug}
        words = [one for one in book.words(asked.lesson, asked.slug) if one.text.strip()]
        found = [self._paper(one, reviews.get(one.student)) for one in words]
        return sorted(found, key=lambda paper: paper.id)  # as good as shuffled, and the same each time

    def _paper(self, words: Words, review: Review | None) -> Paper:
        own = self._id(words)
        blank = Paper(own, f"{words.lesson}/{words.slug}", papers.pseudonym(own), words.text, words.digest, {})
        if review is None or not (review.points or review.comment):
            return blank
        if review.digest != words.digest:
            return replace(blank, changed=True)
        return blank.marked(review.points, review.comment, reviewer=review.reviewer, when=review.when)

    def _id(self, words: Words) -> str:
        return papers.identity(self._secret, words.lesson, words.slug, words.student)
