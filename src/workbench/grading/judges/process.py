"""``python -m workbench.grading.judges.process``: checks and keys, in a process that sees values and never an object.

Descriptor 0 is its channel; requests and replies are frames. While a question is judged, it asks for the answer's values::

    {"do": "questions", "module": "checks/data.py", "hidden": false}           -> {"questions": [...]}
    {"do": "import", "modules": ["pandas"]}: ahead of time, as far as they can be  -> {}
    {"do": "key", "digest": "...", "questions": {...}}                         -> {}
    {"do": "judge", "module": ..., "hidden": ..., "slug": ..., "key": digest}  -> {"ask": [...]} ... {"result": {...}}
    {"reply": {...}}, or {"stop": true}: nobody can answer; the judging is broken off  -> {"stopped": true}

What goes wrong on our side is ``{"fault": "why"}``. It ends with its channel.
"""

from __future__ import annotations

import gc
import importlib
import os
import resource
import socket
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from workbench.checks import module
from workbench.checks.answer import Reply, Transport
from workbench.checks.judge import judge
from workbench.checks.key import Key, Recorder
from workbench.checks.module import CheckModule
from workbench.codec import Tree
from workbench.errors import CheckError, WorkbenchError
from workbench.grading import frames

MEMORY = 3 << 30  # bytes of data: a value of 32 MB in any form, and libraries
_KEYS = 64  # keys kept


class _Stopped(BaseException):
    """Not an Exception, so that no check can take it for an answer's fault."""


class _Asking:
    """A transport whose values are at the other end of the channel."""

    def __init__(self, bench: _Judging) -> None:
        self._bench = bench

    def read(self, name: str) -> Reply:
        return self._reply(["read", name, [], {}])

    def call(self, name: str, arguments: Sequence[Tree], named: Mapping[str, Tree]) -> Reply:
        return self._reply(["call", name, list(arguments), dict(named)])

    def _reply(self, ask: list[Tree]) -> Reply:
        said = self._bench.asked({"ask": ask})
        if "reply" not in said:
            raise _Stopped
        reply: Reply = said["reply"]
        return reply


class _Judging:
    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._reader = frames.Reader(channel)
        self._keys: OrderedDict[str, Key] = OrderedDict()
        self._transports: dict[tuple[str, str], Transport] = {}
        self._do = {"questions": self._questions, "import": self._import, "key": self._key, "judge": self._judge}

    def serve(self) -> None:
        """Answer until the channel closes."""
        while True:
            try:
                request = self._heard()
            except frames.Gone:
                return
            try:
                reply = self._do[request["do"]](request)
            except _Stopped:
                reply = {"stopped": True}
            except WorkbenchError as error:
                reply = {"fault": str(error)}
            frames.send(self._channel, reply)

    def asked(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """The other end's answer to a message."""
        frames.send(self._channel, message)
        return self._heard()

    def _heard(self) -> dict[str, Any]:
        self._reader.left = 2 * frames.LARGEST  # a key may hold several values
        return self._reader.read()

    def _questions(self, request: Mapping[str, Any]) -> dict[str, Any]:
        found = _module(request).questions.values()
        return {"questions": [{"slug": one.slug, "title": one.title, "points": one.points, "of": one.of} for one in found]}

    def _import(self, request: Mapping[str, Any]) -> dict[str, Any]:
        gc.disable()  # what is imported stays: to look for garbage meanwhile would take a quarter of the time
        for name in request["modules"]:
            with suppress(Exception):  # whatever it is, who needs it meets it again
                importlib.import_module(name)
        gc.freeze()
        gc.enable()
        return {}

    def _key(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self._keys[request["digest"]] = Key("", "", {}, request["questions"])
        while len(self._keys) > _KEYS:
            self._keys.popitem(last=False)
            self._transports.clear()
        return {}

    def _judge(self, request: Mapping[str, Any]) -> dict[str, Any]:
        question = _module(request).questions.get(request["slug"])
        if question is None:
            raise CheckError(f"there is no question `{request['slug']}`", where=request["module"])
        answer: Transport = _Asking(self)
        if not request["key"]:
            recorder = Recorder(answer)
            return {"result": asdict(judge(question, answer, recorder)), "entries": recorder.entries}
        if request["key"] not in self._keys:
            return {"unknown": request["key"]}
        self._keys.move_to_end(request["key"])
        place = request["key"], question.slug
        if place not in self._transports:
            self._transports[place] = self._keys[request["key"]].transport(question.slug)
        return {"result": asdict(judge(question, answer, self._transports[place]))}


def _module(request: Mapping[str, Any]) -> CheckModule:
    return module.load(Path(request["module"]), hidden=request["hidden"])


def main() -> None:
    """Serve the channel on descriptor 0."""
    channel = socket.socket(fileno=os.dup(0))
    os.set_inheritable(channel.fileno(), False)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):
        os.dup2(nothing, standard)
    os.close(nothing)
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _Judging(channel).serve()


if __name__ == "__main__":
    main()
