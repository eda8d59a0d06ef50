"""Driving one submission's process from outside: what it runs, what it is asked, and what it may say.

All that comes back is hostile: it is counted while it is read, must answer the request that was made, and is passed on as
plain data. A process that dies, says too much, or says what no process of ours would, has ended, and nothing more is asked
of it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.checks.answer import Reply
from workbench.codec import Tree
from workbench.grading import frames
from workbench.grading.outcome import CellRun
from workbench.grading.sandbox.ending import Ending
from workbench.grading.sandbox.forker import Room, SandboxFault
from workbench.grading.sandbox.limits import Limits

SECONDS_A_CALL = 10.0
REPLIES = 96 << 20  # bytes of all replies to requests; each is a value of 32 MB at most
_SLACK = 10.0  # seconds for which a process may be about to end by itself
_CLEARING = 60.0  # seconds after which the sandbox itself has failed: a slow disk forgets many files slowly
_LONGEST = 4000  # characters of an error's words
_KINDS = {"value", "missing", "lacking", "unfinished", "uncallable", "raised", "refused", "late", "ended"}
_OUTPUTS = {"text", "error", "figure", "html"}


class Over(Exception):  # noqa: N818 - what ends a session, not a fault of ours
    """The process has ended, or was ended; `Session.ending` says how."""


@dataclass(frozen=True)
class Ran:
    """What came of a cell, and on which of its lines it failed (0 where that is not known)."""

    run: CellRun
    line: int = 0


class Session:
    """One submission's process.

    Parameters
    ----------
    room : Room
        Where it runs; closed by `close`.
    limits : Limits
        ``output`` bounds the bytes that its cells may show, together.
    setting : mapping
        What its process is told of the exercise: ``environment`` (variables), ``folders`` (variables that name folders of
        its own), ``links`` (files of the course that it finds below its working folder).
    seconds : float
        Limit on one call of a function.
    """

    def __init__(self, room: Room, *, limits: Limits, setting: Mapping[str, Any], seconds: float = SECONDS_A_CALL) -> None:
        self._room = room
        self._reader = frames.Reader(room.channel)
        self._deadline = time.monotonic() + limits.wall + _SLACK
        self._shown, self._replied = limits.output, REPLIES
        self._number = 0
        self.cause = ""
        self.ending: Ending | None = None
        cell = max(1.0, min(limits.wall, limits.cpu) / 2)  # one that does not end leaves the others their time
        shown = limits.output * 3 // 4  # the process itself stops there; one that does not is ended
        self._begin = {**setting, "do": "begin", "seconds": seconds, "cell": cell, "output": shown}

    def begin(self) -> None:
        """Tell the process what it is.

        Raises
        ------
        SandboxFault
            When it has ended: nothing of the student's has run yet, so that it is ours that failed.
        """
        try:
            self._request(self._begin, frames.LARGEST)
        except Over as over:
            raise SandboxFault(
                f"a submission's process ended before its first cell: {over}", tried=self._room.log()
            ) from over

    @property
    def over(self) -> bool:
        """Whether nothing more can be asked."""
        return self.ending is not None

    def run(self, cell: str, source: str) -> Ran:
        """Run a cell.

        Raises
        ------
        Over
            When it has not come to its end, with the process.
        """
        started = time.monotonic()
        said = self._request({"do": "run", "cell": cell, "source": source}, self._shown)
        self._shown -= self._reader.size
        try:
            return _ran(cell, said, time.monotonic() - started)
        except (LookupError, TypeError, ValueError) as error:
            raise self._end("died") from error

    def ask(self, request: Sequence[Tree], *, apart: bool) -> Reply:
        """Ask for a value, ``[verb, name, arguments, named arguments]``; `apart` in a fork that is then thrown away.

        Raises
        ------
        Over
            When there is nobody to ask.
        """
        said = self._request({"do": "ask", "ask": list(request), "apart": apart}, self._replied)
        self._replied -= self._reader.size
        reply = said.get("reply")
        if not isinstance(reply, dict) or len(reply) != 1 or not _KINDS.issuperset(reply):
            raise self._end("died")
        if "value" not in reply:
            if not all(isinstance(why, str) and len(why) <= _LONGEST for why in reply.values()):
                raise self._end("died")
            reply = {kind: frames.clean(why) for kind, why in reply.items()}
        return reply

    def close(self) -> Ending:
        """End the process, if it has not ended, with all that it has started.

        Raises
        ------
        SandboxFault
            When the sandbox does not say how it ended.
        """
        if self.ending is None:
            self._room.channel.close()  # its cue to leave
            ending = self._room.wait(_SLACK)
            if ending is None:
                self._room.kill()
                ending = self._room.wait(_CLEARING)
            self.ending = _known(ending)
        return self.ending

    def _request(self, message: Mapping[str, Any], allowed: int) -> dict[str, Any]:
        if self.ending is not None:
            raise Over
        self._number += 1
        try:
            frames.send(self._room.channel, {"id": self._number, **message}, deadline=self._deadline)
            self._reader.left = max(0, allowed)
            said = self._reader.read(deadline=self._deadline)
        except frames.TooMuch as error:
            raise self._end("output") from error
        except frames.Gone as error:
            raise self._end("") from error
        except frames.TooSlow as error:
            raise self._end("time") from error
        except frames.FrameError as error:
            raise self._end("died") from error
        if said.get("id") != self._number:
            raise self._end("died")
        return said

    def _end(self, cause: str) -> Over:
        """End the process for `cause`; the empty string where it has ended by itself."""
        ending = None
        if not cause:
            ending = self._room.wait(_SLACK)
        if ending is None:
            self._room.kill()
            ending = self._room.wait(_CLEARING)
        self.ending = _known(ending)
        # A process that closed its channel and left in peace has not finished: it was not told to.
        told = {"finished": "died"}.get(self.ending.cause, self.ending.cause)
        self.cause = cause if cause and told == "died" else told
        return Over(self.cause)


def _known(ending: Ending | None) -> Ending:
    if ending is None:
        raise SandboxFault("a submission's process could not be ended")
    if ending.cause == "lost":
        raise SandboxFault("the sandbox lost sight of a submission's process")
    return ending


def _ran(cell: str, said: Mapping[str, Any], seconds: float) -> Ran:
    outputs = []
    for item in said["outputs"]:
        kind, content = item["kind"], item["content"]
        if kind not in _OUTPUTS or not isinstance(content, str):
            raise ValueError("not an output")
        outputs.append({"kind": kind, "content": frames.clean(content)})
    error, line = said["error"], said["line"]
    if not isinstance(error, str) or not isinstance(line, int):
        raise TypeError("not what a cell gives")
    return Ran(CellRun(cell, outputs, frames.clean(error[:_LONGEST]), seconds), line)
