"""Judging answers in another process: it holds the checks and the keys, and is started again when it dies or is too slow.

>>> with Judge(sources=course.sources, root=course.root) as judge:  # doctest: +SKIP
...     for question in judge.questions(course.checks / "data.py"):
...         judgement = judge.judge(question, Replay(recorded[question.slug]), keys.visible)

The answer is any `Transport`: a running submission, or a recorded transcript.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from workbench import files
from workbench.checks.answer import Transport
from workbench.checks.key import Key
from workbench.checks.verdict import Outcome, Result
from workbench.codec import Tree
from workbench.errors import GradingError, WorkbenchError
from workbench.grading import frames
from workbench.grading.judges import basis, reached
from workbench.grading.judges.transcripts import Keeping
from workbench.grading.outcome import Judgement
from workbench.warm.client import VARIABLE as WARM

SECONDS = 30.0  # between two words of the process while it judges
MESSAGE = 2_000  # characters of one message
LOADING = 120.0  # while it imports what check modules need
_DIGESTS, _BASES = 256, 4096


@dataclass(frozen=True)
class QuestionRef:
    """A question, by where its check is.

    Attributes
    ----------
    module : Path
        The check module's file.
    of : str
        For a hidden question, the visible one whose answer it judges; empty for a visible one.
    """

    module: Path
    slug: str
    title: str = ""
    points: float = 0.0
    of: str = ""

    @property
    def hidden(self) -> bool:
        """Whether it is a hidden question."""
        return bool(self.of)


class _FailedTwiceError(GradingError):
    """Two processes, one after the other, have died or been too slow at the same thing."""


class _DiedError(Exception):
    """The process is gone, or of no use any more."""


class _UnansweredError(Exception):
    """The answer's side raised, with what; it is not the judge's affair."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


class Judge:
    """A process that judges.

    Parameters
    ----------
    root : Path
        The course's folder.
    sources : sequence of Path
        Where the code lies that check modules import.
    seconds : float
        Longest silence of the process.
    loading : float
        The same while a new process imports what check modules need.
    """

    def __init__(
        self, *, root: Path, sources: Sequence[Path] = (), seconds: float = SECONDS, loading: float = LOADING
    ) -> None:
        self._root, self._sources, self._seconds, self._loading = root, tuple(sources), seconds, loading
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._reader: frames.Reader | None = None
        self._errors: IO[bytes] | None = None
        self._left = False
        self._digests: dict[int, tuple[Key, str]] = {}
        self._bases: dict[tuple[str, Path, str], str] = {}
        self._loaded: dict[Path, reached.Stamp] = {}  # what check modules reach, as it was when they were first used
        self._together: reached.Stamp = ()  # the same of all of them

    @property
    def pid(self) -> int:
        """The process's number; 0 where there is none at the moment."""
        return self._process.pid if self._process else 0

    def questions(self, path: Path, *, hidden: bool = False) -> tuple[QuestionRef, ...]:
        """The questions of a check module, in order.

        Raises
        ------
        GradingError
            When the module cannot be loaded.
        """
        self._look(path)
        reply = self._twice(lambda: self._asked({"do": "questions", "module": str(path), "hidden": hidden}, LOADING))
        return tuple(QuestionRef(path, **row) for row in reply["questions"])

    def imports(self, modules: Sequence[str]) -> None:
        """Have the process import libraries that answers' values will need, so that no question waits for them."""
        with suppress(GradingError):  # the first question finds out why there is no process
            self._twice(lambda: self._asked({"do": "import", "modules": list(modules)}, LOADING))

    def judge(self, question: QuestionRef, answer: Transport, key: Key) -> Judgement:
        """Judge one question.

        Returns
        -------
        Judgement
            Whose ``fault`` says so where it could not be judged, after a second process has been tried.

        Raises
        ------
        Exception
            What `answer` raises, such as `Insufficient`; the judging is broken off.
        """
        return self._judged(question, answer, key)[0]

    def record(self, question: QuestionRef, answer: Transport) -> tuple[Judgement, list[dict[str, Tree]]]:
        """Judge an answer that is the key, and record what its check asks of the key."""
        self._look(question.module)
        return self._judged(question, answer, None)

    def _judged(self, question: QuestionRef, answer: Transport, key: Key | None) -> tuple[Judgement, list[dict[str, Tree]]]:
        started = time.monotonic()
        before = self.basis(question, key) if key else ""
        keeping = Keeping(answer)
        try:
            reply = self._twice(lambda: self._dialogue(question, keeping, key))
            result, entries, fault = _result(reply["result"]), reply.get("entries", []), ""
            if result.outcome is Outcome.NOT_JUDGED:
                fault = result.detail or " ".join(result.messages) or "the check could not be run"
        except _UnansweredError as unanswered:
            raise unanswered.error from None
        except _FailedTwiceError as error:
            fault, entries = self._unjudgeable(question, keeping, key, str(error)), []
            result = Result(question.slug, question.title, Outcome.NOT_JUDGED, 0, question.points, (), fault)
        except GradingError as error:
            fault, entries = str(error), []
            result = Result(question.slug, question.title, Outcome.NOT_JUDGED, 0, question.points, (), fault)
        ground = self.basis(question, key) if key else ""
        if ground != before:  # edited meanwhile: which of the two has judged cannot be said, so it will be judged again
            ground = ""
        seconds = time.monotonic() - started
        return Judgement(result, keeping.transcript(), ground, question.hidden, seconds, fault), entries

    def _unjudgeable(self, question: QuestionRef, answer: Keeping, key: Key | None, why: str) -> str:
        """Our fault in an answer that two processes could not judge, with where to look for the reason.

        It is never a zero: a check that breaks and a value that is too odd cannot be told apart from here. But the check is
        given the key's own values, and where it finds them right, a person had better look at the answer's.
        """
        if key is not None and answer.given and self._finds_right(question, key):
            return f"{why}\n  next:  the key's own values are judged without trouble: look at what `{answer.given}` gives"
        return why

    def _finds_right(self, question: QuestionRef, key: Key) -> bool:
        try:
            reply = self._dialogue(question, Keeping(key.transport(question.slug)), key)
        except (_DiedError, _UnansweredError, WorkbenchError):
            return False
        return "result" in reply and _result(reply["result"]).outcome is Outcome.CORRECT

    def basis(self, question: QuestionRef, key: Key) -> str:
        """The digest of what the question would be judged by; empty where the course has no such question any more."""
        self._look(question.module)
        place = self._digest(key), question.module, question.slug
        try:
            while place not in self._bases:
                found, loaded = basis.of(question.module, question.slug, key, sources=self._sources), self._loaded
                self._look(question.module)
                if self._loaded is loaded:  # not edited while it was made
                    if len(self._bases) >= _BASES:
                        self._bases.clear()
                    self._bases[place] = found
            return self._bases[place]
        except (GradingError, OSError):
            return ""

    def _look(self, module: Path) -> None:
        """Do without a process that has imported what was edited since; it reads a check module itself again."""
        if module in self._loaded and reached.holds(self._together):
            return
        now = {path: reached.stamp(path, self._sources) for path in {*self._loaded, module}}
        changed = {facts[0] for path, known in self._loaded.items() for facts in {*now[path]} ^ {*known}}
        self._loaded, self._together = now, tuple({facts for stamp in now.values() for facts in stamp})
        if changed:
            self._bases.clear()
        if changed - {str(path) for path in now}:
            self.close()

    def _dialogue(self, question: QuestionRef, answer: Keeping, key: Key | None) -> dict[str, Any]:
        answer.begin()
        digest = self._digest(key) if key else ""
        order = {
            "do": "judge",
            "module": str(question.module),
            "hidden": question.hidden,
            "slug": question.slug,
            "key": digest,
        }
        said = self._asked(order)
        if key and "unknown" in said:
            self._asked({"do": "key", "digest": digest, "questions": key.table()["questions"]})
            said = self._asked(order)
        while "ask" in said:
            try:
                reply = answer.reply(said["ask"])
            except BaseException as error:
                self._asked({"stop": True})
                raise _UnansweredError(error) from error
            said = self._asked({"reply": reply})
        return said

    def _digest(self, key: Key) -> str:
        if id(key) not in self._digests:
            if len(self._digests) >= _DIGESTS:
                self._digests.clear()
            self._digests[id(key)] = key, files.digest_json(key.table())
        return self._digests[id(key)][1]

    # --- The process --------------------------------------------------------------------------------------------------

    def _twice(self, do: Any) -> dict[str, Any]:
        why = ""
        for _ in range(2):
            try:
                said: dict[str, Any] = do()
            except _DiedError as error:
                why = str(error)
                continue
            if "fault" in said:
                raise GradingError(str(said["fault"]))
            return said
        raise _FailedTwiceError("the process that judges has failed twice", tried=why)

    def _asked(self, message: Mapping[str, Any], seconds: float = 0.0) -> dict[str, Any]:
        # A new process has the check module's libraries to import first.
        deadline = time.monotonic() + max(seconds, self._seconds, 0.0 if self._channel else self._loading)
        try:
            channel = self._opened()
            frames.send(channel, message, deadline=deadline)
            assert self._reader is not None
            self._reader.left = 2 * frames.LARGEST
            return self._reader.read(deadline=deadline)
        except frames.FrameError as error:
            raise _DiedError(f"{error}: {self._last_words()}") from error

    def _opened(self) -> socket.socket:
        if self._left:
            raise GradingError("judging was broken off")
        if self._channel is None:
            ours, theirs = socket.socketpair()
            self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
            path = os.pathsep.join(filter(None, (*map(str, self._sources), os.environ.get("PYTHONPATH"))))
            environment = {**os.environ, "PYTHONPATH": path, "WORKBENCH_COURSE": str(self._root)}
            environment.pop(WARM, None)
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "workbench.grading.judges.process"],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=self._errors,
                    env=environment,
                    start_new_session=True,  # Ctrl-C is for those who can do something about it
                )
            self._channel, self._reader = ours, frames.Reader(ours)
        return self._channel

    def _last_words(self) -> str:
        """End the process and say what it said last."""
        errors = self._errors
        said = ""
        if errors is not None and self._process is not None:
            self._process.kill()
            self._process.wait()
            errors.seek(max(0, errors.seek(0, os.SEEK_END) - 2000))
            said = errors.read().decode("utf-8", "replace").strip()
        self.close()
        return said

    def abandon(self) -> None:
        """From another thread: end the process, and start no other."""
        self._left = True
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """End the process; the next question starts another."""
        if self._channel is not None:
            self._channel.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._errors is not None:
            self._errors.close()
        self._channel = self._process = self._errors = None

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _result(row: Mapping[str, Any]) -> Result:
    messages = tuple(frames.clean(message)[:MESSAGE] for message in row["messages"])  # they may quote the answer
    detail = frames.clean(row["detail"])
    return Result(**{**row, "outcome": Outcome(row["outcome"]), "messages": messages, "detail": detail})
