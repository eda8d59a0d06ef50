"""What the engine raises: one base class, whose fields a caller can read and whose message a person can act on."""

from __future__ import annotations


class WorkbenchError(Exception):
    """Something the engine cannot do, and what to do about it.

    Parameters
    ----------
    what : str
        What is wrong, in one sentence.
    where : str, optional
        The path to the fault, as in ``catalog.toml: lessons[2].inputs[0]``.
    tried : str, optional
        What was attempted before giving up.
    remedy : str, optional
        What the reader can do next, a command where there is one.
    """

    exit_code = 1

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


class CourseError(WorkbenchError):
    """No course here, or its configuration or catalogue cannot be used."""

    exit_code = 2


class ParameterError(WorkbenchError):
    """A parameter that the lesson does not have, or a value of the wrong type."""

    exit_code = 2


class MasterError(WorkbenchError):
    """A master that cannot be turned into a notebook."""


class BuildError(WorkbenchError):
    """A notebook that cannot be built, or whose outputs must not be published."""


class StaleError(WorkbenchError):
    """Built files that differ from what their masters would give."""


class ExecutionError(WorkbenchError):
    """A cell that raised, or a kernel that died."""


class ClusterError(WorkbenchError):
    """A scheduler or a worker that cannot be used, or that did not bring what it was sent for."""


class CodecError(WorkbenchError):
    """A value that cannot cross between an answer and a check."""


class CheckError(WorkbenchError):
    """A check that cannot be run: unknown question, missing key, broken check module."""


class DataError(WorkbenchError):
    """A data file that is missing or is not the one the catalogue describes."""


class GradingError(WorkbenchError):
    """A release, an inbox, a submission or a gradebook that cannot be worked with."""
