"""One zygote serves all tools of a user: it starts on demand, is the user's alone, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from workbench.warm import client, folder, keeper, status, wire
from workbench.warm import process as processes
from workbench.warm.client import NotWarm
from workbench.warm.process import Process

pytestmark = pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())

ASK = "from workbench.warm import keeper\nkeeper._STARTING = 300.0\nprint(keeper.ask(['json']), flush=True)\n"


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An own folder for the sockets, whose path is short; what is started there has ended afterwards."""
    runtime = tempfile.mkdtemp(prefix="wb-")
    monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
    # A zygote that has no processor for a while is to be waited for, not to be taken for one that imports; and so is a tool.
    monkeypatch.setitem(folder.Kept.request.__kwdefaults__, "seconds", 120.0)
    monkeypatch.setattr(status, "_ENDING", 120.0)
    monkeypatch.setattr(keeper, "_STARTING", 300.0)
    yield Path(runtime) / "workbench-warm"
    if (made := Path(runtime, "workbench-warm")).exists():
        made.chmod(0o700)
    assert status.stop(now=True)[1] == 0
    shutil.rmtree(runtime)


def begin(path: str, *, code: str = "import time; time.sleep(600)", folder: str = "/") -> Process:
    """A child that runs `code`."""
    nothing = os.open(os.devnull, os.O_RDWR)
    variables = {**os.environ, "WORKBENCH_CODE": code}
    command = [sys.executable, "-m", "workbench_probe"]
    try:
        return processes.start(
            command, environment=variables, folder=folder, streams=(nothing, nothing, nothing), session=True, sockets=[path]
        )
    finally:
        os.close(nothing)


@pytest.fixture
def probe(tmp_path: Path) -> str:
    """A folder with a module that runs the code it is given."""
    (tmp_path / "workbench_probe.py").write_text("import os\nexec(os.environ['WORKBENCH_CODE'])")
    return str(tmp_path)


def until(ready: Callable[[], Any], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # it may end while it is looked at
        return False


def ready() -> bool:
    """Whether all that there is has been imported: the files that are open for that are closed, and its note is gone."""
    return {one.state for one in status.statuses()} == {"ready"}


def opened(pid: int) -> set[str]:
    """What a process has open; what is closed while it is looked at is left out."""
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            found.add(os.readlink(entry))  # noqa: PTH115 - not all are files
    return found


def sockets(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir() if path.suffix in (".socket", ".retired"))


def test_tools_that_ask_at_the_same_time_get_the_same(place):
    tools = [subprocess.Popen([sys.executable, "-c", ASK], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    found = {tool.communicate()[0].strip() for tool in tools}
    assert len(found) == 1
    assert sockets(place) == [Path(*found).name]
    assert len(folder.running()) == 1


def test_it_is_the_users_alone_and_belongs_to_nobody(place):
    path = Path(keeper.ask(["json"]))
    until(ready)
    (one,) = folder.running()
    assert path.parent == place
    assert [entry.stat().st_mode & 0o077 for entry in (place, *place.iterdir())] == [0] * len([place, *place.iterdir()])
    facts = Path(f"/proc/{one.pid}/stat").read_text().rsplit(")", 1)[1].split()
    assert facts[1] != str(os.getpid())
    assert facts[3] == str(one.pid)  # its session is its own
    held = opened(one.pid)
    assert {entry for entry in held if entry.startswith("/")} == {os.devnull, str(path.with_suffix(".log"))}
    assert not any(entry.startswith("pipe:") for entry in held)


def test_a_pipeline_ends_although_it_runs_on(place):
    command = f'{sys.executable} -c "{ASK}" 2>&1 | cat'.replace("\n", ";").replace(";;", ";")
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=300, check=True)
    assert done.stdout.strip().endswith(".socket")
    assert len(folder.running()) == 1


def test_a_zygote_of_somebody_else_is_not_asked(place, monkeypatch):
    path = keeper.ask(["json"])
    user = os.getuid()
    with monkeypatch.context() as patch:
        patch.setattr(os, "getuid", lambda: user + 1)
        with pytest.raises(PermissionError):
            client.connected(path)


def test_a_change_of_packages_makes_a_new_one_and_the_old_one_retires(place, probe, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", probe)
    paths = [keeper.ask(["json"])]
    child = begin(paths[0], folder=probe)
    Path(probe, "thing-1.dist-info").mkdir()
    paths.append(keeper.ask(["json"]))
    until(lambda: not Path(paths[0]).exists())
    assert alive(child.pid)  # what it serves is left in peace
    with pytest.raises(NotWarm):
        begin(paths[0], folder=probe)
    assert [one.state for one in status.statuses()] == ["ready", "retiring"]
    child.kill()
    child.wait(120)
    until(lambda: sockets(place) == [Path(paths[1]).name])


@pytest.mark.parametrize("other", [{"modules": ["json", "csv"]}, {"memory": 1 << 29}, {"environment": {"PYTHONPATH": "/"}}])
def test_another_list_or_path_makes_another_and_the_first_stays(place, other):
    first = keeper.ask(["json"])
    wish: Any = {"modules": ["json"], **other}
    if "environment" in wish:
        wish["environment"] = {**os.environ, **wish["environment"]}
    second = keeper.ask(**wish)
    until(lambda: [one.state for one in status.statuses()] == ["ready", "ready"])
    assert sockets(place) == sorted([Path(first).name, Path(second).name])
    assert keeper.ask(["json"]) == first


def test_other_variables_make_another_and_the_first_stays(place):
    first = keeper.ask(["json"])
    other = keeper.ask(["json"], environment={**os.environ, "OMP_NUM_THREADS": "1"})
    assert sockets(place) == sorted([Path(first).name, Path(other).name])
    assert keeper.ask(["json"], environment={**os.environ, "SHLVL": "9"}) == first


def test_no_more_than_three_and_the_one_not_asked_for_retires(place):
    def ask(threads: int) -> str:
        return Path(keeper.ask(["json"], environment={**os.environ, "OMP_NUM_THREADS": str(threads)})).name

    found = [ask(number) for number in (1, 2, 3)]
    ask(1)
    found.append(ask(4))
    until(lambda: sockets(place) == sorted([found[0], found[2], found[3]]))


def test_a_path_that_is_relative_to_the_tools_folder_is_refused(place):
    for path in ("tests", "/a:", "/a::/b"):
        with pytest.raises(NotWarm, match="relative or empty"):
            keeper.ask(["json"], environment={**os.environ, "PYTHONPATH": path})


STARTS = """
import pathlib, sys
from workbench.warm import client
path = pathlib.Path(sys.argv[1])
with client.listening(path):
    print(flush=True)
    sys.stdin.readline()
path.unlink()
print("finished")
"""


def test_ending_what_imports_spares_the_tool_that_is_just_starting_it(place, monkeypatch):
    path = folder.find() / "x.socket"
    looked, look = threading.Event(), status._is_zygote

    def noted(pid: int) -> bool:
        found = look(pid)
        looked.set()
        return found

    monkeypatch.setattr(status, "_is_zygote", noted)
    monkeypatch.setitem(folder.Kept.request.__kwdefaults__, "seconds", 0.5)  # it answers nobody
    command = [sys.executable, "-c", STARTS, path]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as tool,
        ThreadPoolExecutor(1) as pool,
    ):
        assert tool.stdout is not None
        tool.stdout.readline()
        assert [one.pid for one in folder.running()] == [tool.pid]
        stopped = pool.submit(status.stop, now=True)
        assert looked.wait(120)  # what it is has been seen while it still listens
        assert tool.communicate("go on\n")[0] == "finished\n"
        assert stopped.result(120) == (1, 0)
    assert tool.returncode == 0


def test_ending_now_also_ends_what_imports(place, tmp_path, monkeypatch):
    (tmp_path / "slow.py").write_text("import time\ntime.sleep(600)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setitem(folder.Kept.request.__kwdefaults__, "seconds", 2.0)  # it answers nobody
    path = Path(keeper.ask(["slow"]))
    assert path.with_suffix(".importing").exists()
    assert status.stop(now=True) == (1, 0)
    assert not path.with_suffix(".importing").exists()  # it is not one that has ended by itself


def test_it_ends_when_it_was_idle_and_serves_who_comes_then(place, probe, monkeypatch):
    """Its time begins when it has imported a module that waits for the first order: nobody is late for that one."""
    monkeypatch.setenv("PYTHONPATH", probe)
    Path(probe, "waits.py").write_text("import os, time\nwhile not os.path.exists(__file__ + '.go'):\n    time.sleep(0.01)")
    answers = wire.answers

    def sent(*given: Any) -> bool:
        Path(probe, "waits.py.go").touch()
        return answers(*given)

    path = keeper.ask(["waits"], idle=1)
    (one,) = folder.running()
    with monkeypatch.context() as patch:
        patch.setattr(wire, "answers", sent)
        child = begin(path, code="import time; time.sleep(2)", folder=probe)
    assert child.wait(120) == 0  # it is not idle as long as it has a child
    until(lambda: not alive(one.pid))
    assert sockets(place) == []
    assert keeper.ask(["waits"], idle=60) == path
    assert folder.running()[0].pid != one.pid


def test_after_kill_9_the_next_that_asks_starts_another_and_no_child_is_left(place, probe, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", probe)
    path = keeper.ask(["json"])
    child = begin(path, folder=probe)
    (one,) = folder.running()
    os.kill(one.pid, signal.SIGKILL)
    until(lambda: not alive(child.pid))
    assert child.wait(120) == -signal.SIGKILL
    until(lambda: not alive(one.pid))
    assert keeper.ask(["json"]) == path
    assert folder.running()[0].pid != one.pid


def test_a_crashing_child_is_its_own_affair(place, probe, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", probe)
    path = keeper.ask(["json"])
    assert begin(path, code="import ctypes; ctypes.string_at(0)", folder=probe).wait(120) == -signal.SIGSEGV
    assert begin(path, code="pass", folder=probe).wait(120) == 0
    assert begin(path, code="import os; os.kill(os.getppid(), 0)", folder=probe).wait(120) == 0


LIMITS = "import os, resource; print(resource.getrlimit(resource.RLIMIT_NOFILE), os.umask(0), file=open('limits', 'w'))"


def test_a_child_has_the_limits_of_its_tool_not_of_the_one_that_started_the_zygote(place, probe, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", probe)
    path = keeper.ask(["json"])
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    mask = os.umask(0o027)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft - 1, hard))
        assert keeper.ask(["json"]) == path
        assert begin(path, code=LIMITS, folder=probe).wait(120) == 0
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        os.umask(mask)
    assert Path(probe, "limits").read_text() == f"{(soft - 1, hard)} {0o027}\n"


TOOL = """
import os, time
from workbench.warm import keeper, process as processes
import sys
nothing = os.open(os.devnull, os.O_RDWR)
process = processes.start([sys.executable, "-m", "workbench_probe"], environment=os.environ, folder=sys.argv[1],
                       streams=(nothing,) * 3, session=True, sockets=[keeper.ask(["json"])])
print(process.pid, flush=True)
time.sleep(600)
"""


def test_kill_9_of_a_tool_ends_its_kernel_and_not_the_zygote(place, probe, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", probe)
    monkeypatch.setenv("WORKBENCH_CODE", "import time; time.sleep(600)")
    with subprocess.Popen([sys.executable, "-c", TOOL, probe], stdout=subprocess.PIPE, text=True) as tool:
        assert tool.stdout is not None
        child = int(tool.stdout.readline())
        assert alive(child)
        tool.kill()
    until(lambda: not alive(child))
    assert [one.state for one in status.statuses()] == ["ready"]


def test_ctrl_c_in_the_tool_that_started_it_does_not_reach_it(place):
    # As a terminal would start it: these tests may themselves run where Ctrl-C is ignored, in the background of a script.
    code = f"import os, signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n{ASK}os.killpg(0, signal.SIGINT)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, process_group=0, check=False)
    assert done.returncode == -signal.SIGINT
    assert len(folder.running()) == 1


def test_another_interpreter_is_not_served(place):
    with pytest.raises(NotWarm, match="is not the one that asks"):
        keeper.ask(["json"], executable="/usr/bin/env")
    with pytest.raises(NotWarm, match="is not the one that asks"):
        keeper.ask(["json"], executable=str(Path(sys.executable).with_name("pytest")))


def test_one_that_cannot_start_says_why(place):
    with pytest.raises(NotWarm, match="could not be started"):
        keeper.ask(["json"], environment={**os.environ, "PYTHONHOME": "/nowhere"})
    assert sockets(place) == []


def test_one_that_ends_again_and_again_while_it_imports_is_left_alone(place, tmp_path, monkeypatch):
    (tmp_path / "deadly.py").write_text("import os\nos._exit(1)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for _ in range(3):
        path = keeper.ask(["deadly"])
        until(lambda path=path: not folder.listens(Path(path)))
    with pytest.raises(NotWarm, match="ended 3 times while it imported"):
        keeper.ask(["deadly"])
    os.utime(Path(path).with_suffix(".importing"), (1, 1))
    assert keeper.ask(["deadly"]) == path


def test_what_is_loud_is_noted_for_the_next_of_its_kind(place, tmp_path, monkeypatch):
    (tmp_path / "loud.py").write_text("open(__file__ + '.times', 'a').write('.')\nprint('imported')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for times in (1, 2, 2):  # whoever has spoken twice is not asked again
        path = keeper.ask(["json", "loud"])
        until(lambda: status.statuses()[0].state == "ready")
        assert status.statuses()[0].left_to_kernels == ["loud"]
        assert status.stop() == (1, 0)
        assert json.loads(Path(path).with_suffix(".loud").read_text()) == {"loud": times}
        assert (tmp_path / "loud.py.times").read_text() == times * "."


def test_status_tells_what_was_imported_and_what_was_not_and_why(place):
    keeper.ask(["json", "panads", "json:lods"])
    until(lambda: status.statuses()[0].state == "ready")
    (one,) = status.statuses()
    assert one.modules == ["json"]
    assert one.not_imported == {
        "panads": "ModuleNotFoundError: No module named 'panads'",
        "json:lods": "AttributeError: module 'json' has no attribute 'lods'",
    }
    keeper.ask(["json", "csv"], memory=1)
    until(lambda: status.statuses()[0].state == "ready")
    assert (status.statuses()[0].modules, [*status.statuses()[0].not_imported]) == ([], ["json", "csv"])


def test_status_tells_of_kernels_and_their_memory(place, probe, monkeypatch):
    assert status.statuses() == []
    monkeypatch.setenv("PYTHONPATH", probe)
    path = keeper.ask(["json", "decimal"], name="mine", idle=6000)
    until(lambda: status.statuses()[0].state == "ready")
    (idle,) = status.statuses()
    assert (idle.name, idle.modules, idle.kernels) == ("mine", ["json", "decimal"], [])
    assert idle.seconds_left is not None
    assert 5000 < idle.seconds_left <= 6000
    time.sleep(0.2)
    later = status.statuses()[0].seconds_left
    assert later is not None
    assert later < idle.seconds_left - 0.1  # to be looked at keeps it from nothing
    child = begin(path, code="x = b'x' * (30 << 20); import time; time.sleep(600)", folder=probe)
    until(lambda: status.statuses()[0].kernels[0].memory.unique > 30 << 20)
    (busy,) = status.statuses()
    (kernel,) = busy.kernels
    assert (kernel.pid, kernel.folder, busy.seconds_left) == (child.pid, probe, None)
    assert 30 << 20 < kernel.memory.unique < kernel.memory.resident
    assert status.stop() == (0, 1)
    assert [one.state for one in status.statuses()] == ["retiring"]
    assert status.stop(now=True) == (1, 0)
    assert child.wait(120) == -signal.SIGKILL
    assert sockets(place) == []
