"""When something of ours ends: nothing stays behind, and what is said of the submission is that nothing is known."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import unprivileged
from sandboxed import LIMITS, Sandbox, sandbox
from workbench.errors import GradingError
from workbench.grading.sandbox import bubblewrap, cgroup, tiers
from workbench.grading.sandbox.forker import Forker, SandboxFault
from workbench.grading.sandbox.view import View
from workbench.warm import client

pytestmark = pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())

STAYS = """
import time
name = "workbench-stays-%s" % sys.argv[1]
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execlp("sleep", name, "1000")
    os._exit(0)
os.wait()
say(1)
time.sleep(1000)
"""
SUPERVISOR = """
import sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
from sandboxed import LIMITS, sandbox
if __name__ == "__main__":
    with sandbox({tier!r}, Path({folder!r})) as one:
        room = one.start({source!r}, LIMITS, {mark!r})
        room.channel.recv(10)
        print(one.forker._zygote.process.pid, one.forker._scratch, flush=True)
        time.sleep(1000)
"""


@pytest.fixture(params=["bubblewrap", "landlock"])
def tier(request: pytest.FixtureRequest, require: Any) -> str:
    probe = {one.tier: one for one in tiers.available()}[request.param]
    require(probe.ok, f"the tier {probe.tier} does not work here: {probe.why}")
    return probe.tier


@pytest.fixture
def one(tier: str, tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox(tier, tmp_path) as it:
        yield it


def running(mark: str) -> list[int]:
    """Processes whose command bears a mark."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"workbench-stays-{mark}".encode() in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return found


def until(ready: Callable[[], Any]) -> None:
    end = time.monotonic() + 120
    while not ready():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def zygote_of(process: int) -> int:
    """The zygote itself: the innermost of the processes between the one that was started and the monitors."""
    while True:
        name = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
        if b"workbench.grading.sandbox.zygote" in name and b"bwrap" not in name[0]:
            return process
        process = int(Path(f"/proc/{process}/task/{process}/children").read_text().split()[0])


def test_a_zygote_that_is_killed_takes_all_with_it(one):
    mark = f"zygote-{os.getpid()}"
    with one.start(STAYS, LIMITS, mark) as room:
        assert room.channel.recv(10)
        until(lambda: running(mark))
        os.kill(zygote_of(one.forker._zygote.process.pid), signal.SIGKILL)
        ending = room.wait(120)
    assert ending is not None
    assert ending.cause == "lost"
    until(lambda: not running(mark))
    assert not one.forker.alive()
    with pytest.raises(SandboxFault, match="cannot run anything"):
        one.start("say(1)")


def test_a_supervisor_that_is_killed_leaves_nothing_behind(tier, tmp_path):
    mark = f"supervisor-{os.getpid()}"
    tests = str(Path(__file__).parents[2])
    source = SUPERVISOR.format(tests=tests, tier=tier, folder=str(tmp_path), source=STAYS, mark=mark)
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True) as supervisor:
        try:
            assert supervisor.stdout is not None
            process, folder = supervisor.stdout.readline().split()
            assert Path(folder).exists() == (tier == "landlock")
            until(lambda: running(mark))
        finally:
            supervisor.kill()
    until(lambda: not running(mark) and not Path(f"/proc/{process}").exists() and not Path(folder).exists())


def test_a_forker_that_is_closed_ends_what_it_has_started(one):
    mark = f"closed-{os.getpid()}"
    room = one.start(STAYS, LIMITS, mark)
    until(lambda: running(mark))
    one.forker.close()
    ending = room.wait(120)
    room.close()
    assert ending is not None
    assert ending.cause == "lost"
    until(lambda: not running(mark))


def test_an_idle_forker_ends_and_says_so(tier):
    with Forker(View(), tier=tier, idle=0.2) as forker:
        until(lambda: not forker.alive())
        with pytest.raises(SandboxFault):
            forker.start("this", [], LIMITS)


def test_a_room_can_be_closed_before_it_ends_and_again(one):
    mark = f"room-{os.getpid()}"
    room = one.start(STAYS, LIMITS, mark)
    until(lambda: running(mark))
    room.close()
    room.close()
    until(lambda: not running(mark))
    assert one.run("say('well')")[0] == ["well"]


def test_many_rooms_leave_no_descriptor_and_no_group(one, monkeypatch):
    monkeypatch.setattr(cgroup, "_PATIENCE", 120.0)  # for the last of a room's processes, which a busy machine ends slowly

    def held() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    one.run("say(1)")
    before = held()
    for _ in range(20):
        assert one.run("say(1)")[1].cause == "finished"
    assert held() <= before
    assert not list(Path("/sys/fs/cgroup").glob(f"**/workbench-{os.getpid()}-*"))


def test_without_namespaces_a_secret_in_a_readable_folder_is_refused(tmp_path, require):
    require({one.tier: one for one in tiers.available()}["landlock"].ok, "no Landlock here")
    seen = tmp_path / "seen"
    seen.mkdir()
    (seen / "key").write_text("secret")
    with pytest.raises(GradingError, match="must not be read"):
        Forker(View(readable=(seen,), masked=(seen / "key",)), tier="landlock")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can read what others cannot")
def test_root_is_told_what_the_sandbox_will_not_be_able_to_read(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(SandboxFault, match=r"only root may read .*closed"):
        Forker(View(readable=(closed,)), tier="bubblewrap")


def test_the_systems_own_bubblewrap_will_do(tmp_path, monkeypatch, require):
    system = shutil.which("bwrap")
    require(system, "the system has no bubblewrap")
    require({one.tier: one for one in tiers.available()}["bubblewrap"].ok, "no bubblewrap here")
    monkeypatch.setattr(bubblewrap, "find_spec", lambda _: None)
    assert bubblewrap.binary() == system
    with sandbox("bubblewrap", tmp_path) as one:
        assert one.run("say(os.getpid())")[0] == [1]


@pytest.mark.skipif(os.getuid() != 0, reason="this is an unprivileged user already")
def test_all_of_this_holds_for_an_unprivileged_user():
    assert unprivileged.run_tests(__file__) == ""
