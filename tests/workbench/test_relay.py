"""Kernels of notebooks that follow each other: when they start, whose they are, how they end."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.kernels import Kernel, running
from workbench.relay import Relay

MARK = """
import os
from pathlib import Path
mark = Path(os.environ["MARKS"], os.environ["NAME"])
mark.with_suffix(".new").write_text(str(os.getpid()))
mark.with_suffix(".new").rename(mark)
"""
Wanted = tuple[dict[str, str], Path]


class Marks:
    """Kernels that leave their number in a file of their name as they begin."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        startup = folder / "ipython" / "profile_default" / "startup"
        startup.mkdir(parents=True)
        (startup / "00_mark.py").write_text(MARK, encoding="utf-8")

    def wanted(self, name: str) -> Wanted:
        own = {"IPYTHONDIR": str(self.folder / "ipython"), "MARKS": str(self.folder), "NAME": name}
        return {**os.environ, **own}, self.folder

    def number(self, name: str) -> int:
        """The process of the kernel that is called so, once it has begun."""
        mark = self.folder / name
        _wait(mark.exists)
        return int(mark.read_text(encoding="utf-8"))


@pytest.fixture
def marks(tmp_path: Path) -> Marks:
    return Marks(tmp_path)


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def gone(number: int) -> bool:
    """Whether a process has ended, though nobody may have asked how."""
    try:
        return "State:\tZ" in Path(f"/proc/{number}/status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return True


def kill(number: int) -> None:
    """End a child of this process, with all of its threads; it is left to be asked how it has ended."""
    os.kill(number, signal.SIGKILL)
    os.waitid(os.P_PID, number, os.WEXITED | os.WNOWAIT)


def process_of(kernel: Kernel) -> int:
    return int(kernel.manager.provisioner.pid)


def test_the_next_kernel_starts_while_a_notebook_is_executed_and_waits_for_its_own(marks: Marks) -> None:
    with Relay() as relay:
        with relay.running(*marks.wanted("a")) as first:
            relay.meanwhile(marks.wanted("b"))
            number = marks.number("b")
            assert first.runs
        with relay.running(*marks.wanted("b")) as second:
            assert process_of(second) == number
            assert second.runs
    assert gone(marks.number("a"))
    assert gone(number)


def test_one_that_was_started_ahead_and_is_not_wanted_ends_unused(marks: Marks) -> None:
    with Relay() as relay:
        with relay.running(*marks.wanted("a")):
            relay.meanwhile(marks.wanted("b"))
            number = marks.number("b")
        with relay.running(*marks.wanted("c")) as other:
            assert process_of(other) != number
            relay.meanwhile()
            _wait(lambda: gone(number))


def test_one_that_has_died_meanwhile_is_replaced(marks: Marks) -> None:
    with Relay() as relay:
        with relay.running(*marks.wanted("a")):
            relay.meanwhile(marks.wanted("b"))
            number = marks.number("b")
            kill(number)
        with relay.running(*marks.wanted("b")) as second:
            assert process_of(second) != number
            assert second.runs


def test_what_hinders_one_that_is_started_ahead_is_told_when_it_is_wanted(marks: Marks, tmp_path: Path) -> None:
    nowhere = (marks.wanted("b")[0], tmp_path / "nowhere")
    with Relay() as relay:
        with relay.running(*marks.wanted("a")) as first:
            relay.meanwhile(nowhere)
            assert first.runs
        with pytest.raises(FileNotFoundError, match="nowhere"), relay.running(*nowhere):
            pass


def test_none_is_left_after_an_interruption(marks: Marks) -> None:
    numbers = []

    def interrupted() -> None:
        with Relay() as relay, relay.running(*marks.wanted("a")):
            relay.meanwhile(marks.wanted("b"))
            numbers.extend(marks.number(name) for name in "ab")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [gone(number) for number in numbers] == [True, True]


def test_a_kernel_that_was_killed_can_be_ended(marks: Marks) -> None:
    with running(*marks.wanted("a")) as kernel:
        number = marks.number("a")
        kill(number)
    assert not kernel.runs
