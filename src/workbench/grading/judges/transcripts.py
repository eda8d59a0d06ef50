"""Transcripts: what a check asked of an answer and what was replied, kept while it is judged, and said again later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench import codec
from workbench.checks.answer import Reply, Transport
from workbench.codec import Tree
from workbench.errors import GradingError

KEPT = 64 * 1024  # bytes of a reply that a judgement keeps


class Insufficient(GradingError):  # noqa: N818 - an outcome, not a fault
    """What was recorded of an answer does not hold what a check asks for."""


class Replay:
    """A transport that says what was said before.

    Parameters
    ----------
    transcript : sequence
        Of a `Judgement`. Where a request was made several times, its replies come in their order, the last one for good.
    """

    def __init__(self, transcript: Sequence[Mapping[str, Tree]]) -> None:
        self._replies: dict[str, list[Reply]] = {}
        for entry in transcript:
            self._replies.setdefault(codec.dumps(entry["ask"]), []).append(entry["reply"])

    def read(self, name: str) -> Reply:
        """See `Transport`; raises `Insufficient`."""
        return self._reply(["read", name, [], {}])

    def call(self, name: str, arguments: Sequence[Tree], named: Mapping[str, Tree]) -> Reply:
        """See `Transport`; raises `Insufficient`."""
        return self._reply(["call", name, list(arguments), dict(named)])

    def _reply(self, ask: list[Tree]) -> Reply:
        waiting = self._replies.get(codec.dumps(ask), [])
        if not waiting or "dropped" in waiting[0]:
            raise Insufficient(f"`{ask[1]}` was not recorded", remedy="run the submission again")
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


class Keeping:
    """A transport that keeps what was asked and replied, so that a second judge need not ask the answer again."""

    def __init__(self, answer: Transport) -> None:
        self._answer = answer
        self.kept: list[tuple[list[Tree], Reply]] = []
        self._again = 0

    def begin(self) -> None:
        """Start again: what was replied before will be said before anything is asked anew."""
        self._again = 0

    def reply(self, ask: list[Tree]) -> Reply:
        """The reply to ``[verb, name, arguments, named arguments]``."""
        if self._again < len(self.kept) and self.kept[self._again][0] == ask:
            self._again += 1
            return self.kept[self._again - 1][1]
        verb, name, arguments, named = ask
        del self.kept[self._again :]
        reply = self._answer.read(name) if verb == "read" else self._answer.call(name, arguments, named)
        self.kept.append((ask, reply))
        self._again += 1
        return reply

    @property
    def given(self) -> str:
        """The name that a value was last given for; empty where none was."""
        return next((str(ask[1]) for ask, reply in reversed(self.kept) if "value" in reply), "")

    def transcript(self) -> tuple[dict[str, Tree], ...]:
        """All of it, without the replies that are too large to keep."""
        return tuple({"ask": ask, "reply": _kept(reply)} for ask, reply in self.kept)


def _kept(reply: Reply) -> Reply:
    size = len(codec.dumps(reply)) if "value" in reply else 0
    return reply if size <= KEPT else {"dropped": size}
