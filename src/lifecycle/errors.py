"""What `lifecycle` raises: one base class, whose fields a caller can read and whose message a person can act on."""

from __future__ import annotations


class LifecycleError(Exception):
    """Something that cannot be done, and what to do about it.

    Parameters
    ----------
    what : str
        What is wrong, in one sentence.
    where : str, optional
        The path to the fault, as in ``datasets/credit.parquet: column `age`, row 17``.
    tried : str, optional
        What was attempted before giving up.
    remedy : str, optional
        What the reader can do next, a command where there is one.
    """

    def __init__(self, what: str, *, where: str = "", tried: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.tried = tried
        self.remedy = remedy

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.tried:
            lines.append(f"  tried: {self.tried}")
        if self.remedy:
            lines.append(f"  next:  {self.remedy}")
        return "\n".join(lines)


class DataError(LifecycleError):
    """Data that are missing, damaged, or not what their description says."""


class ArtifactError(LifecycleError):
    """An artefact that is missing, badly named, or read or written by a lesson that does not declare it."""
