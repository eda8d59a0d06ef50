"""A zygote that grows: it serves with what it has, a fork of it imports more and takes its place."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from workbench.warm import client
from workbench.warm import process as processes
from workbench.warm.owned import Zygote
from workbench.warm.process import Process

pytestmark = pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())

GATE = """
import os, time
while not os.path.exists({gate!r}):
    time.sleep(0.01)
"""
WHO = "import os, sys\nprint(os.getppid(), *(name for name in ('early', 'late', 'loud') if name in sys.modules))"


class Library:
    """Modules to be imported: ``early`` and ``slow``, which waits until `let_go`, ``late`` and ``loud``, which speaks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.gate = folder / "gate"
        for name, source in [
            ("early", ""), ("slow", GATE.format(gate=str(self.gate))), ("late", ""), ("loud", "print('loud')"),
            ("dies", "import os\nos._exit(3)"), ("who", WHO), ("waits", "import time\ntime.sleep(60)"),
        ]:  # fmt: skip
            (folder / f"{name}.py").write_text(source, encoding="utf-8")
        self.variables = {**os.environ, "PYTHONPATH": str(folder)}

    def zygote(self, *modules: str, **more: Any) -> Zygote:
        return Zygote(modules, environment=self.variables, grows=True, **more)

    def let_go(self) -> None:
        self.gate.touch()

    def who(self, zygote: Zygote) -> tuple[int, set[str]]:
        """The parent of a child that is ordered now, and which of the modules it found imported."""
        done = processes.run(
            [sys.executable, "-m", "who"], environment=self.variables, folder=self.folder, seconds=60, sockets=[zygote.path]
        )
        assert done.returncode == 0, done.stderr
        parent, *names = done.stdout.split()
        return int(parent), set(names)

    def start(self, zygote: Zygote) -> Process:
        with Path(os.devnull).open("r+b") as nothing:
            return processes.start(
                [sys.executable, "-m", "waits"], environment=self.variables, folder=self.folder,
                streams=(nothing.fileno(),) * 3, session=True, sockets=[zygote.path],
            )  # fmt: skip


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    one = Library(tmp_path)
    yield one
    one.let_go()


def until(ready: Callable[[], Any], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] == "Z"


def test_it_serves_while_more_is_imported_and_with_more_when_that_is_done(library: Library) -> None:
    with library.zygote("early") as one:
        assert library.who(one) == (one.process.pid, {"early"})
        one.grow(["slow", "late"])
        assert library.who(one) == (one.process.pid, {"early"})
        assert not one.grown
        library.let_go()
        until(lambda: one.grown)
        until(lambda: library.who(one)[0] != one.process.pid)
        assert library.who(one)[1] == {"early", "late"}


def test_a_child_of_the_first_lives_on_under_the_second(library: Library) -> None:
    with library.zygote("early") as one:
        before = library.start(one)
        one.grow(["late"])
        until(lambda: library.who(one)[1] == {"early", "late"})
        after = library.start(one)
        assert (before.poll(), after.poll()) == (None, None)
        before.send_signal(signal.SIGTERM)
        assert before.wait(60) == -signal.SIGTERM
        assert after.poll() is None
    assert after.wait(60) == -signal.SIGKILL  # with the zygote


def test_what_speaks_is_left_to_the_child_in_either_half(library: Library) -> None:
    library.let_go()
    with library.zygote("loud", "early") as one:
        assert library.who(one)[1] == {"early"}
        one.grow(["loud", "late"])
        until(lambda: library.who(one)[1] == {"early", "late"})
    with library.zygote("early") as one:
        one.grow(["late", "slow", "loud"])
        until(lambda: library.who(one)[1] == {"early", "late"})
        assert library.who(one)[0] != one.process.pid


def test_what_has_spoken_twice_is_not_asked_again(library: Library) -> None:
    library.let_go()
    counts = library.folder / "counts.py"
    counts.write_text("open(__file__ + '.times', 'a').write('.')", encoding="utf-8")
    note = library.folder / "notes" / "loud.json"
    for times in (2, 4, 5):  # all is imported once more where it has to begin anew
        with library.zygote("early", note=str(note)) as one:
            one.grow(["counts", "loud", "late"])
            until(lambda one=one: one.grown)
            until(lambda one=one: library.who(one)[1] == {"early", "late"})
        assert json.loads(note.read_text()) == {"loud": min(times // 2, 2)}
        assert Path(f"{counts}.times").read_text() == times * "."


@pytest.mark.parametrize("text", ["", "[", '["early"]', '{"early": "often"}', "3"])
def test_a_note_that_cannot_be_read_is_none(library: Library, tmp_path: Path, text: str) -> None:
    note = tmp_path / "note.json"
    note.write_text(text, encoding="utf-8")
    with library.zygote("early", note=str(note)) as one:
        assert library.who(one)[1] == {"early"}


def test_where_the_second_dies_the_first_goes_on(library: Library) -> None:
    with library.zygote("early") as one:
        one.grow(["dies"])
        children = Path(f"/proc/{one.process.pid}/task/{one.process.pid}/children")
        until(lambda: not children.read_text().split())
        until(lambda: one.grown)
        assert library.who(one) == (one.process.pid, {"early"})


@pytest.mark.parametrize("grown", [False, True])
def test_both_end_with_their_owner(library: Library, grown: bool) -> None:
    with library.zygote("early") as one:
        child = library.start(one)
        one.grow(["late"] if grown else ["slow"])
        if grown:
            until(lambda: library.who(one)[1] == {"early", "late"})
        children = Path(f"/proc/{one.process.pid}/task/{one.process.pid}/children")
        below = [int(number) for number in children.read_text().split()]
        assert len(below) == 2  # the one that follows, and `child`
    assert all(gone(pid) for pid in below)
    assert child.wait(60) == -signal.SIGKILL
    assert not Path(one.path).parent.exists()


def test_one_that_is_never_told_of_more_ends_with_its_owner_too(library: Library) -> None:
    with library.zygote("early") as one:
        assert library.who(one)[1] == {"early"}
    assert one.process.returncode == 0


def test_kill_9_of_the_first_ends_the_second_and_its_children(library: Library) -> None:
    with library.zygote("early") as one:
        one.grow(["late"])
        until(lambda: library.who(one)[1] == {"early", "late"})
        second = library.who(one)[0]
        child = library.start(one)
        one.process.kill()
        assert child.wait(60) == -signal.SIGKILL
        until(lambda: gone(second))


def test_both_end_when_nobody_needs_them(library: Library) -> None:
    with library.zygote("early", idle=0.5) as one:
        one.grow(["late"])
        assert one.process.wait(60) == 0


def test_no_descriptor_is_handed_on_to_a_child(library: Library) -> None:
    source = "import os\nprint(*sorted(int(n) for n in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{n}')))"
    (library.folder / "held.py").write_text(source, encoding="utf-8")

    def held(sockets: list[str]) -> subprocess.CompletedProcess[str]:
        return processes.run(
            [sys.executable, "-m", "held"], environment=library.variables, folder=library.folder, seconds=60, sockets=sockets
        )

    with library.zygote("early") as one:
        of_the_first = held([one.path]).stdout
        one.grow(["late"])
        until(lambda: library.who(one)[1] == {"early", "late"})
        assert held([one.path]).stdout == of_the_first == held([]).stdout
