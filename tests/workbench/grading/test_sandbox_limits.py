"""What one submission may take, and how its process ends, in every tier."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import unprivileged
from sandboxed import LIMITS, Sandbox, heard, sandbox
from workbench.grading.sandbox import tiers
from workbench.warm import client

pytestmark = pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())

FORKS = """
import signal, time
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
"""
# They take more than they may, and then wait: for them to be ended it does not matter when somebody looks.
LIST = """
import time
kept = [b"x" * (1 << 20) for _ in range(400)]
time.sleep(1000)
"""
MAPPING = """
import mmap, time
kept = []
for _ in range(25):
    kept.append(mmap.mmap(-1, 1 << 24))
    for at in range(0, 1 << 24, 4096):
        kept[-1][at] = 1
time.sleep(1000)
"""
CHILDREN = """
import time
for _ in range(6):
    if os.fork() == 0:
        kept = bytearray(60 << 20)
        time.sleep(1000)
time.sleep(1000)
"""
PROCESSES = (
    FORKS
    + """
while True:
    try:
        os.fork()
    except OSError:
        pass
"""
)
THREADS = """
import threading, time
while True:
    try:
        threading.Thread(target=time.sleep, args=(60,)).start()
    except RuntimeError:
        pass
"""
DAEMONS = """
import signal
ready, held = os.pipe()  # closes with the last of them that has begun another program
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if os.fork() == 0:
            os.execlp("sleep", "workbench-left-behind", "1000")
        os._exit(0)
os.close(held)
os.read(ready, 1)
say("left")
"""
LARGE = "for n in range(100): open(f'{n}', 'wb').write(os.urandom(4 << 20))"
MANY = "for n in range(100_000): open(f'{n}', 'wb').close()"
UNNAMED = """kept = []
for n in range(100):
    kept.append(open('x', 'wb'))
    kept[-1].write(os.urandom(4 << 20))
    os.unlink('x')"""
DEEP = "while True: os.mkdir('d' * 200); os.chdir('d' * 200); open('x', 'wb').write(os.urandom(1 << 16))"


@pytest.fixture(scope="module", params=["bubblewrap", "landlock"])
def room(request: pytest.FixtureRequest, require: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox of every tier that this machine offers."""
    probe = {one.tier: one for one in tiers.available()}[request.param]
    require(probe.ok, f"the tier {probe.tier} does not work here: {probe.why}")
    with sandbox(probe.tier, tmp_path_factory.mktemp("limits")) as one:
        yield one


def left() -> list[str]:
    """Daemons that are still there."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if b"workbench-left-behind" in (process / "cmdline").read_bytes():
                found.append(process.name)
    return found


def none_left() -> bool:
    end = time.monotonic() + 120
    while left() and time.monotonic() < end:
        time.sleep(0.05)
    return not left()


@pytest.mark.parametrize(
    ("source", "cause", "code"),
    [
        ("say(1)", "finished", 0),
        ("sys.exit(3)", "died", 3),
        ("os._exit(0)", "finished", 0),
        ("os._exit(7)", "died", 7),
        ("1 / 0", "died", 1),
        ("import ctypes; ctypes.string_at(0)", "died", -signal.SIGSEGV),
        ("raise KeyboardInterrupt", "died", None),
        ("os.abort()", "died", None),
        ("os.kill(os.getpid(), 9)", "died", None),
        ("import signal; signal.raise_signal(signal.SIGKILL)", "died", None),
        ("import threading, signal; signal.pthread_kill(threading.get_ident(), signal.SIGKILL)", "died", None),
    ],
)
def test_an_exit_of_every_kind_is_told_as_it_was(room, source, cause, code):
    _, ending = room.run(source)
    assert ending.cause == cause
    assert code is None or ending.code == code
    assert (ending.code == 0) == (cause == "finished")


@pytest.mark.parametrize(
    "source",
    [
        "while True: pass",
        FORKS + "time.sleep(1000)",
        FORKS + "while True:\n try: time.sleep(9)\n except BaseException: pass",
    ],
)
def test_time_ends_what_does_not_end(room, source):
    _, ending = room.run(source, replace(LIMITS, wall=1.5))
    assert (ending.cause, ending.code) == ("time", -signal.SIGKILL)
    assert 1.5 <= ending.usage.seconds < 120


def test_memory_that_is_reserved_and_not_touched_is_no_memory(room):
    reserved = 2 * LIMITS.memory
    said, ending = room.run(f"import mmap; kept = mmap.mmap(-1, {reserved}, flags=mmap.MAP_PRIVATE); say(len(kept))")
    assert (said, ending.cause) == ([reserved], "finished")


def test_processor_time_is_that_of_all_processes(room):
    _, ending = room.run(
        "for _ in range(3): os.fork() or [0 for _ in iter(int, 1)]\nimport time; time.sleep(1000)", replace(LIMITS, cpu=1.0)
    )
    assert ending.cause == "cpu"
    assert ending.usage.cpu >= 1.0


def test_processor_time_of_children_that_nobody_waits_for_counts(room):
    source = """
        import signal
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            if os.fork() == 0:
                for _ in range(3_000_000): pass
                os._exit(0)
            for _ in range(100_000): pass
            import time; time.sleep(0.05)
    """
    _, ending = room.run(source, replace(LIMITS, cpu=1.0))
    assert ending.cause in ("cpu", "processes")


@pytest.mark.parametrize("source", [LIST, MAPPING, CHILDREN], ids=["list", "shared mapping", "children"])
def test_memory_of_the_tree_is_bounded(room, source):
    _, ending = room.run(source, replace(LIMITS, memory=256 << 20))
    # A single process may meet its own bound first, and then fails by itself.
    assert ending.cause == "memory" or (ending.cause == "died" and ending.code == 1)
    assert ending.usage.memory < 600 << 20


def test_files_in_memory_count_as_memory(room):
    if room.forker.tier != "bubblewrap":
        pytest.skip("there the scratch folder is on the disk")
    source = "for n in range(100): open(f'{n}', 'wb').write(bytes(4 << 20))"
    _, ending = room.run(source + "\nimport time; time.sleep(1000)", replace(LIMITS, memory=128 << 20, scratch=1 << 30))
    assert ending.cause == "memory"


def test_shared_memory_is_counted_once(room):
    source = """
        import mmap, time
        shared = mmap.mmap(-1, 100 << 20)
        for at in range(0, len(shared), 4096): shared[at] = 1
        for _ in range(6):
            if os.fork() == 0:
                sum(shared[at] for at in range(0, len(shared), 4096))
                time.sleep(2)  # so long that somebody has looked
                os._exit(0)
        for _ in range(6): os.wait()
    """
    _, ending = room.run(source, replace(LIMITS, memory=300 << 20))
    assert ending.cause == "finished"
    assert ending.usage.memory > 90 << 20


def others(room: Sandbox) -> int:
    """Processes and threads that the kernel counts against the bound of a room already: in a namespace there are none."""
    if room.forker.tier == "bubblewrap":
        return 0
    (user,), _ = room.run("say(os.getuid())")
    count = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            count += len(list((process / "task").iterdir())) if process.stat().st_uid == user else 0
    return count


@pytest.mark.parametrize("source", [PROCESSES, THREADS], ids=["processes", "threads"])
def test_a_bomb_goes_off_in_its_own_room(room, source):
    before = others(room)
    _, ending = room.run(source)
    assert ending.cause == "processes"
    assert ending.usage.processes <= LIMITS.processes + max(before, others(room)) + 12
    assert room.run("say('well')")[0] == ["well"]


def test_daemons_do_not_outlive_their_room(room):
    assert room.run(DAEMONS)[0] == ["left"]
    assert none_left()


def test_files_are_bounded(room):
    source = """
        import errno
        try:
            with open("large", "wb") as stream:
                while True: stream.write(bytes(1 << 20))
        except OSError as error:
            say(errno.errorcode[error.errno])
        say(os.path.getsize("large"))
        kept = []
        try:
            while True: kept.append(open("/dev/null"))
        except OSError as error:
            say(errno.errorcode[error.errno])
        say(len(kept) <= 256)
    """
    said, ending = room.run(source)
    assert said == ["EFBIG", LIMITS.file, "EMFILE", True]
    assert ending.cause == "finished"


@pytest.mark.parametrize("source", [LARGE, MANY, UNNAMED, DEEP], ids=["large", "many", "without a name", "deep"])
def test_the_scratch_folder_is_bounded(room, source):
    lines = "".join(f"    {line}\n" for line in source.splitlines())
    held = room.forker.tier == "bubblewrap"  # by a size of its own; elsewhere it is looked at now and then
    wait = "" if held else "import time; time.sleep(1000)"
    said, ending = room.run(f"try:\n{lines}except OSError as error: say(error.errno)\n{wait}")
    assert ending.cause == ("finished" if held else "files")
    assert len(said) == 1 or not held
    assert room.run("say(os.listdir('.'))")[0] == [[]]


def test_a_submission_is_ended_when_it_is_told_to(room):
    with room.start("import time; say(1); time.sleep(1000)") as one:
        assert one.channel.recv(10)
        assert one.wait(0) is None
        one.kill()
        ending = one.wait(120)
    assert ending is not None
    assert (ending.cause, ending.code) == ("died", -signal.SIGKILL)


def test_what_it_says_on_its_standard_error_is_kept_in_part(room):
    with room.start("for _ in range(100_000):\n    try: os.write(2, b'words ')\n    except BlockingIOError: pass") as one:
        assert heard(one) == []
        ending = one.wait(120)
    assert ending is not None
    assert ending.cause == "finished"
    assert one.log().startswith("words words")
    assert len(one.log()) <= 1 << 16


def test_what_is_taken_is_measured(room):
    _, ending = room.run(
        """
        import time
        kept = bytearray(150 << 20)
        end = time.process_time() + 0.5
        while time.process_time() < end: pass
        time.sleep(1)
        """
    )
    assert ending.cause == "finished"
    assert 150 << 20 <= ending.usage.memory < 300 << 20
    assert 0.5 <= ending.usage.cpu < 20
    assert ending.usage.processes == 1
    assert ending.usage.measured_by in ("pss", "cgroup")


def test_limits_alone_hold_for_trusted_code_too(tmp_path):
    with sandbox("plain", tmp_path) as room:
        assert room.run("say(os.getuid() != 0)")[0] == [True]
        assert room.run("while True: pass", replace(LIMITS, wall=1.5))[1].cause == "time"
        assert room.run(PROCESSES)[1].cause == "processes"
        assert room.run(DAEMONS)[0] == ["left"]
    assert none_left()


@pytest.mark.skipif(os.getuid() != 0, reason="this is an unprivileged user already")
def test_all_of_this_holds_for_an_unprivileged_user():
    assert unprivileged.run_tests(__file__) == ""
