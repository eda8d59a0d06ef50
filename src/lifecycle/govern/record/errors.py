"""What the trail raises: which record is the first that is wrong, and how."""

from __future__ import annotations

from typing import Literal

from lifecycle.errors import LifecycleError

Fault = Literal[
    "altered", "inserted", "removed", "reordered", "truncated", "signature", "foreign", "head", "unfinished", "input"
]


class TrailError(LifecycleError):
    """A trail that is not what was written, or something that cannot become a record of it.

    Attributes
    ----------
    fault : str
        ``altered``: the record was changed. ``inserted``: a line that does not belong there. ``removed``: the record is
        missing. ``reordered``: it stands elsewhere. ``truncated``: the file ends before it. ``signature``: no trusted key
        signed it. ``foreign``: signed by a trusted key, but as part of another trail. ``head``: the records are in order,
        and the file beside them that says how many there are is not. ``unfinished``: the last line broke off while it was
        written. ``input``: what should be appended cannot be.
    record : int or None
        Number of the first record that is wrong, from 1: in an untouched trail, this number would stand there.
    """

    def __init__(
        self, what: str, *, fault: Fault, record: int | None = None, where: str = "", tried: str = "", remedy: str = ""
    ) -> None:
        super().__init__(what, where=where, tried=tried, remedy=remedy)
        self.fault = fault
        self.record = record
