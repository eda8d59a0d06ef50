"""A submission as it came: who, what, when, and the bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workbench import files
from workbench.errors import GradingError


class InboxError(GradingError):
    """An inbox that cannot be read, or a submission in it that is no longer what it was."""


@dataclass(frozen=True)
class Arrival:
    """What is known of a notebook when it arrives, beside its bytes.

    Attributes
    ----------
    received : datetime
        When it came, with an offset.
    original : str
        Path within its source, as the learning platform or the student named it: hostile text.
    source : str
        Name of the folder or archive that it came in.
    clock : str
        What `received` is: ``given`` (said by the instructor), ``archive`` (the time stamp in the archive), ``file`` (the
        file's own), ``now`` (there was no usable one).
    marked : str
        What the platform says of its lateness: ``late``, ``on time``, or empty where it says nothing.
    inside : str
        Path within the archive that the student handed in, where it was one; hostile text.
    """

    received: datetime
    original: str = ""
    source: str = ""
    clock: str = "given"
    marked: str = ""
    inside: str = ""


@dataclass(frozen=True)
class Submission:
    """One notebook of one student, as it came.

    Attributes
    ----------
    student, lesson : str
        Ids.
    sha256 : str
        Of its bytes.
    received : str
        ISO 8601 with an offset.
    original, source, clock, marked, inside
        See `Arrival`.
    path : Path
        Where it lies.
    size : int
        Bytes.
    why : str
        In ``unmatched``: why it is there.
    """

    student: str
    lesson: str
    sha256: str
    received: str
    original: str
    path: Path
    source: str = ""
    size: int = 0
    clock: str = "given"
    marked: str = ""
    inside: str = ""
    why: str = ""

    @property
    def time(self) -> datetime:
        """`received` as a point in time."""
        return datetime.fromisoformat(self.received)

    @property
    def order(self) -> tuple[datetime, str]:
        """What "last in time" goes by: when it came, then in which order it was collected."""
        return self.time, self.path.stem

    def read(self) -> bytes:
        """Its bytes, compared with `sha256`.

        Raises
        ------
        InboxError
            When they are gone, or are others than when it came.
        """
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise InboxError(f"the submission cannot be read: {error.strerror}", where=str(self.path)) from error
        if files.digest_bytes(data) != self.sha256:
            raise InboxError("the submission has changed since it came", where=str(self.path), remedy="collect it again")
        return data


@dataclass(frozen=True)
class Counted:
    """The submission of a student that counts for an exercise.

    Attributes
    ----------
    factor : float
        The share of its points that counts, 0 to 1.
    late_days : int
        Days begun after the due date and its grace.
    excused : bool
        The exercise does not count for this student, whatever they handed in.
    note : str
        For the instructor: the policy's note, and anything odd about how it was chosen.
    unread : tuple of str
        Names of later files that would count, could they be read; hostile text.
    """

    submission: Submission
    factor: float = 1.0
    late_days: int = 0
    excused: bool = False
    note: str = ""
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class Absent:
    """A student of whom nothing counts for an exercise: nothing came, or only after the last day."""

    student: str
    excused: bool = False
    note: str = ""
