"""The key: a transcript of what the solution gave, written once by the build and read wherever an answer is judged.

A key is one JSON file an exercise and parameter set: ``keys/02_data.json`` for the defaults, and any other name beside it
for a variant. Each question has the list of its requests in the order they were first made::

    {"format": 1, "lesson": "02_data", "checks": "data", "parameters": {"seed": 0},
     "questions": {"data.psi": [{"ask": ["read", "psi", [], {}], "reply": {"value": 0.21}}]}}

No value of the solution's that no check asks for is in it, and nothing of its source. What hidden questions ask is in a
file of its own, beside the solutions, so that whoever has the one cannot read the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from workbench import codec
from workbench.catalog import Lesson
from workbench.checks.answer import Reply, Transport
from workbench.checks.module import CheckModule
from workbench.codec import Tree
from workbench.course import Course
from workbench.errors import CheckError
from workbench.parameters import Value

if TYPE_CHECKING:
    from workbench.checks.exercise import Exercise

FORMAT = 1


@dataclass(frozen=True)
class Key:
    """The transcripts of one exercise's questions under one set of parameters."""

    lesson: str
    checks: str
    parameters: Mapping[str, Value]
    questions: Mapping[str, Sequence[Mapping[str, Tree]]] = field(default_factory=dict)

    def transport(self, slug: str) -> Transport:
        """What a check of the question `slug` reads as its ``key``.

        Raises
        ------
        CheckError
            When the key has no such question.
        """
        if slug not in self.questions:
            raise CheckError(f"the key has no question `{slug}`", remedy=f"record it again: workbench build {self.lesson}")
        return _Transcript(slug, {codec.dumps(entry["ask"]): entry["reply"] for entry in self.questions[slug]})

    def table(self) -> dict[str, Tree]:
        """The file's content."""
        return {
            "format": FORMAT,
            "lesson": self.lesson,
            "checks": self.checks,
            "parameters": dict(self.parameters),
            "questions": {slug: [dict(entry) for entry in entries] for slug, entries in self.questions.items()},
        }


@dataclass(frozen=True)
class _Transcript:
    slug: str
    replies: Mapping[str, Reply]

    def read(self, name: str) -> Reply:
        return self._reply("read", name, [], {})

    def call(self, name: str, arguments: Sequence[Tree], named: Mapping[str, Tree]) -> Reply:
        return self._reply("call", name, arguments, named)

    def _reply(self, verb: str, name: str, arguments: Sequence[Tree], named: Mapping[str, Tree]) -> Reply:
        asked = codec.dumps([verb, name, list(arguments), dict(named)])
        if asked not in self.replies:
            raise CheckError(
                f"the key of `{self.slug}` does not know `{name}`" + (" with these arguments" if verb == "call" else ""),
                remedy="the check is newer than the key, or its arguments depend on the answer: build the exercise again",
            )
        return self.replies[asked]


class Recorder:
    """A transport that passes requests on and keeps what was asked and replied."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._entries: dict[str, dict[str, Tree]] = {}

    @property
    def entries(self) -> list[dict[str, Tree]]:
        """What was asked, once each, in order."""
        return list(self._entries.values())

    def read(self, name: str) -> Reply:
        """See `workbench.checks.answer.Transport`."""
        return self._keep(["read", name, [], {}], self._transport.read(name))

    def call(self, name: str, arguments: Sequence[Tree], named: Mapping[str, Tree]) -> Reply:
        """See `workbench.checks.answer.Transport`."""
        ask = ["call", name, list(arguments), dict(named)]
        return self._keep(ask, self._transport.call(name, arguments, named))

    def _keep(self, ask: Tree, reply: Reply) -> Reply:
        if "value" not in reply:
            raise CheckError(f"the solution gives no value for `{ask[1]}`: {_words(reply)}")
        self._entries.setdefault(codec.dumps(ask), {"ask": ask, "reply": dict(reply)})
        return reply


class Once:
    """A transport that makes a call once, however often it is asked for: where each call begins from the same state.

    So it is with hidden questions, each of whose calls has a fork of its own. A check that records a key asks for every
    call twice, of the answer and of the key, which are then the same.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._known: dict[str, Reply] = {}

    def read(self, name: str) -> Reply:
        """See `workbench.checks.answer.Transport`."""
        return self._transport.read(name)

    def call(self, name: str, arguments: Sequence[Tree], named: Mapping[str, Tree]) -> Reply:
        """See `workbench.checks.answer.Transport`."""
        ask = codec.dumps([name, list(arguments), dict(named)])
        if ask not in self._known:
            self._known[ask] = self._transport.call(name, arguments, named)
        return self._known[ask]


def _words(reply: Reply) -> str:
    return "; ".join(f"{kind}: {why}" for kind, why in reply.items())


_loaded: dict[Path, tuple[int, int, Key]] = {}


def available(course: Course, checks: str) -> list[Key]:
    """The keys of a check module that the course has; that of the default parameters, whose name is shortest, first."""
    keys = [_cached(path) for path in sorted(course.keys.glob("*.json"), key=lambda path: (len(path.stem), path.stem))]
    return [key for key in keys if key.checks == checks]


def _cached(path: Path) -> Key:
    status = path.stat()
    stamp = (status.st_mtime_ns, status.st_size)
    if path not in _loaded or _loaded[path][:2] != stamp:
        _loaded[path] = (*stamp, load(path))
    return _loaded[path][2]


def load(path: Path) -> Key:
    """Read a key.

    Raises
    ------
    CheckError
        When it is missing, or is not a key of this version.
    """
    try:
        table = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise CheckError(
            f"there is no key `{path.name}`", where=str(path.parent), remedy="build the exercise: workbench build"
        ) from error
    except ValueError as error:
        raise CheckError(f"not JSON: {error}", where=str(path), remedy="build it again: workbench build") from error
    if not isinstance(table, dict) or table.get("format") != FORMAT:
        raise CheckError("not a key that this version reads", where=str(path), remedy="build it again: workbench build")
    return Key(table["lesson"], table["checks"], table["parameters"], table["questions"])


class Keys(NamedTuple):
    """The keys of one exercise: of its visible questions, and of its hidden ones where it has any."""

    visible: Key
    hidden: Key | None


def record(course: Course, lesson: Lesson, parameters: Mapping[str, Value] | None = None) -> Keys:
    """Run the solution of `lesson` in a fresh process and record what its checks ask of it.

    Parameters
    ----------
    lesson : Lesson
        One with an exercise.
    parameters : mapping, optional
        Values that differ from the exercise's defaults.

    Raises
    ------
    CheckError
        When the solution does not run, or does not earn all points of its own checks.
    """
    from workbench.checks import exercise, process

    work = exercise.read(course, lesson, parameters or {})
    return parts(process.recorded(work, process.run(work, [[exercise.solution(work)]])[0]), work)


def parts(key: Key, work: Exercise) -> Keys:
    """A key of all questions, taken apart into that of the visible ones and that of the hidden ones."""
    return Keys(_part(key, work.module), _part(key, work.hidden) if work.hidden else None)


def _part(key: Key, module: CheckModule) -> Key:
    return replace(key, questions={slug: key.questions[slug] for slug in module.questions})
