"""A submission's process: it runs cells and answers what is asked of their names.

Descriptor 0 is its channel: a request a frame, a reply a frame, until the channel closes::

    {"id": 1, "do": "begin", "environment": {...}, "folders": {}, "links": {}, "cell": 30, ...} -> {"id": 1}
    {"id": 2, "do": "run", "cell": "02-a-03", "source": "x = 1"}  -> {"id": 2, "outputs": [...], "error": "", "line": 0}
    {"id": 3, "do": "ask", "ask": ["read", "x", [], {}]}          -> {"id": 3, "reply": {"value": 1}}
    {"id": 4, "do": "ask", "ask": [...], "apart": true}           -> the same, from a fork that is then thrown away

Nothing here is a secret, and nothing of what it says is trusted: whoever takes this process over can at most give other
values. It keeps references of its own to what it uses, so that an honest answer that patches a library is still heard.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from workbench.grading import frames
from workbench.grading.execution import apart
from workbench.grading.execution.screen import CUT
from workbench.grading.execution.shell import Shell, enter, words_of

_exit, _getpid, _limit = os._exit, os.getpid, sys.setrecursionlimit
_set_timer, _set_handler = signal.setitimer, signal.signal


class TimeLimit(KeyboardInterrupt):
    """A cell took too long."""


class _Silent:
    """Stands for ``check`` and ``quiz`` in the cells: whatever is asked of it, nothing happens."""

    def __call__(self, *_: Any, **__: Any) -> None:
        pass

    def __getattr__(self, name: str) -> _Silent:
        return self


class Student:
    """Serves one channel."""

    def __init__(self, channel: socket.socket, shell: Shell) -> None:
        self._channel = channel
        self._shell = shell
        self._reader = frames.Reader(channel)
        self._process = _getpid()
        self._base = Path.cwd()
        self._depth = sys.getrecursionlimit()
        self._seconds = 10.0  # of one call
        self._cell_seconds = 0.0
        self._room_left = 0  # bytes that cells may still show
        self._do = {"begin": self._begin, "run": self._run, "ask": self._ask}

    def serve(self) -> NoReturn:
        """Answer until the channel closes. The process ends here, whatever is still registered to run at its exit."""
        while True:
            self._reader.left = frames.LARGEST
            try:
                request = self._reader.read()
                reply = self._do[request["do"]](request)
                if _getpid() != self._process:  # a fork that a cell has made and not ended
                    _exit(0)
                data = reply if isinstance(reply, bytes) else frames.packed({**reply, "id": request["id"]})
                frames.send_packed(self._channel, data)
            except frames.Gone:
                _exit(0)

    def _begin(self, request: Mapping[str, Any]) -> dict[str, Any]:
        if request.get("nice"):
            os.nice(request["nice"])
        os.environ.update(request["environment"])
        os.environ.update({name: str(self._base / folder) for name, folder in request["folders"].items()})
        for name, target in request["links"].items():
            (self._base / name).parent.mkdir(parents=True, exist_ok=True)
            (self._base / name).symlink_to(target)
        self._seconds, self._cell_seconds, self._room_left = request["seconds"], request["cell"], request["output"]
        return {}

    def _run(self, request: Mapping[str, Any]) -> dict[str, Any]:
        shell = self._shell
        failure: BaseException | None = None
        try:
            try:
                _set_handler(signal.SIGALRM, self._too_long)
                _set_timer(signal.ITIMER_REAL, self._cell_seconds, 0.5)  # again, should a `finally` go on for ever
                shell.run(request["cell"], request["source"])
            finally:
                _set_timer(signal.ITIMER_REAL, 0)
        except BaseException as error:  # an alarm that has come just before it was turned off as well
            failure = error
        _limit(self._depth)
        failure = shell.failure or failure
        said = {"outputs": shell.screen.taken(), "error": words_of(failure), "line": shell.line}
        size = len(frames.packed(said))
        if size > self._room_left:  # who has shown too much loses what is shown, and nothing else
            return {**said, "outputs": [{"kind": "text", "content": CUT}]}
        self._room_left -= size
        return said

    def _too_long(self, _number: int, _frame: Any) -> None:
        raise TimeLimit(f"the cell was stopped after {self._cell_seconds:g} seconds")

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any] | bytes:
        names = self._shell.user_module.__dict__
        if request.get("apart"):
            return apart.answered(names, request, seconds=self._seconds, base=self._base)
        try:
            return {"reply": apart.reply(names, request["ask"], seconds=self._seconds)}
        except BaseException as error:  # a thread or a timer that a cell has left behind
            return {"reply": {"raised": words_of(error)}}


def main() -> NoReturn:
    """Take the channel off descriptor 0, so that nothing that cells start can read it, and serve."""
    import workbench

    channel = socket.socket(fileno=os.dup(0))
    os.set_inheritable(channel.fileno(), False)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):
        os.dup2(nothing, standard)
    os.close(nothing)
    os.environ["MPLBACKEND"] = "agg"
    tempfile.tempdir = None  # decided anew, in this process's folder
    workbench.check = workbench.quiz = _Silent()  # type: ignore[assignment]
    Student(channel, enter()).serve()
