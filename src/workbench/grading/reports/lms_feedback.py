"""Feedback for upload: a zip in which each page lies under the name that the platform gave to the student's submission.

Canvas finds the student by the two numbers in a file's name, Moodle by the name of the folder: both are kept, and only the
ending changes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from workbench import files
from workbench.grading.arrivals.entry import Caps, bad_path
from workbench.grading.arrivals.inbox import Submission
from workbench.grading.people import names

_WHEN = (1980, 1, 1, 0, 0, 0)  # no time stamp, so that equal feedback gives equal bytes


@dataclass(frozen=True)
class FeedbackZip:
    """A zip that was written, its members, and the students whose page is not in it as nothing of theirs was collected."""

    path: Path
    members: tuple[str, ...]
    without: tuple[str, ...]

    @property
    def pages(self) -> int:
        """How many pages are in it."""
        return len(self.members)


def feedback_zip(out: Path, pages: Mapping[str, Path], submissions: Mapping[str, Submission]) -> FeedbackZip:
    """Write the pages of one exercise into `out`.

    Parameters
    ----------
    pages : mapping
        Each student's page, by id.
    submissions : mapping
        The submission that counts, by student.

    Notes
    -----
    The same pages give the same bytes.
    """
    named = {student: member(submissions[student]) for student in sorted(pages) if student in submissions}
    stream, taken = io.BytesIO(), dict[str, str]()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for student, name in sorted(named.items(), key=lambda pair: (pair[1], pair[0])):
            unique = name if name.casefold() not in taken else f"{student}/{PurePosixPath(name).name}"
            taken[unique.casefold()] = unique
            info = zipfile.ZipInfo(unique, _WHEN)
            info.external_attr = 0o100644 << 16
            made.writestr(info, pages[student].read_bytes(), compress_type=zipfile.ZIP_DEFLATED)
    files.write_bytes(out, stream.getvalue())
    return FeedbackZip(out, tuple(taken.values()), tuple(student for student in sorted(pages) if student not in named))


def member(submission: Submission) -> str:
    """The name of a student's page within the zip.

    It is the original name with another ending; what a name cannot hold in safety is left out of it.
    """
    visible = "".join(character for character in submission.original if names.shown(character) == character)
    name = str(PurePosixPath(visible).with_suffix(".html")) if PurePosixPath(visible).name else ""
    if not name or bad_path(name, Caps()):
        return f"{submission.student}/{submission.lesson}.html"
    return name
